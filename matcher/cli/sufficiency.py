"""The command that says where the homes fall short of the families."""

from __future__ import annotations

from matcher.cli.common import AsJson, AsOf, Data, Out, PolicyFile, Quiet, answer, app, load, solve


@app.command(epilog="Example: matcher sufficiency data/samples/camden --out gap")
def sufficiency(
    data: Data,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say which families share too few homes, which rules bind, and what the households lack."""
    from matcher.report.sufficiency import gap_of, gap_record, gap_text

    inputs, in_force = load(data, as_of, policy, quiet)
    gap = gap_of(solve(inputs, in_force, 0))
    # 'What would close the gap' joins here: its lines after these, its record beside this one.
    answer("sufficiency", [*gap_text(gap)], {"gap": gap_record(gap)}, out, as_json)
