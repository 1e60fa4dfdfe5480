"""The command that says where the homes fall short of the families, and what would close the gap."""

from __future__ import annotations

from typing import Annotated

import typer

from matcher.cli.common import (
    AsJson,
    AsOf,
    Data,
    Out,
    PassOn,
    PolicyFile,
    Quiet,
    answer,
    app,
    draw,
    load,
    solve,
)

BUDGET = 50_000


@app.command(epilog="Example: matcher sufficiency data/samples/camden --budget 40000 --out gap")
def sufficiency(
    data: Data,
    budget: Annotated[
        int, typer.Option(metavar="£", help="The most that closing the gap may cost.", min=0)
    ] = BUDGET,
    pass_on: PassOn = False,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say which families share too few homes, which rules bind, and what would close the gap."""
    from matcher.show.text import wrapped
    from matcher.solve.shortage import NotProven
    from matcher.sufficiency.remedies import CHANGES, LimitInPlay, marginal_values, portfolios
    from matcher.sufficiency.remedies_words import closing_record, closing_text, frontier_figure
    from matcher.sufficiency.words import gap_of, gap_record, gap_tables, gap_text
    from matcher.whatif import each

    inputs, in_force = load(data, as_of, policy, quiet)
    now = solve(inputs, in_force, 0)
    gap = gap_of(now)
    try:
        frontier = portfolios(now, budget)
    except (LimitInPlay, NotProven):
        frontier = None
    if pass_on:
        from matcher.sufficiency.pass_on import outside_record, outside_text

        record = outside_record(gap, frontier)
        answer("sufficiency", wrapped(outside_text(record)), record, out, as_json)
        return
    single = {kind: each(now, kind) for kind in CHANGES}
    closing = closing_record(now, single, marginal_values(now), frontier, budget)
    lines = [*gap_text(gap), "", *closing_text(now, closing), *gap_tables(gap)]
    answer(
        "sufficiency",
        wrapped(lines),
        {"gap": gap_record(gap), "closing": closing},
        out,
        as_json,
    )
    if out is not None:
        from matcher.sufficiency.figures import gap_figures

        draw([*gap_figures(gap), frontier_figure(closing)], out, quiet)
