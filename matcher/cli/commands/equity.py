"""The command that says how groups of families fared in a round."""

from __future__ import annotations

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
    load,
    solve,
)


@app.command(epilog="Example: matcher equity data/samples/camden --pass-on")
def equity(
    data: Data,
    pass_on: PassOn = False,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say how groups of families fared: placed, late, fit, miles, with intervals; and justified envy."""
    from matcher.equity.words import equity_record, equity_text
    from matcher.explain import Explainer
    from matcher.show.text import wrapped

    inputs, in_force = load(data, as_of, policy, quiet)
    record = equity_record(Explainer(solve(inputs, in_force, 0)), inside=not pass_on)
    answer("equity", wrapped(equity_text(record)), record, out, as_json)
