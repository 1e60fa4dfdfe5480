"""Say how groups of families fared in a round."""

from __future__ import annotations

from matcher.cli.given import Data, Given, PassOn, command
from matcher.cli.loading import solve
from matcher.equity.words import equity_record, equity_text
from matcher.recorder import Recorder
from matcher.show.text import wrapped


@command("matcher equity data/samples/camden --pass-on")
def equity(given: Given, data: Data, pass_on: PassOn = False) -> None:
    """Say how groups of families fared: placed, late, fit, miles, with intervals; and justified envy."""
    record = equity_record(Recorder(solve(given, data)), inside=not pass_on)
    given.answer("equity", wrapped(equity_text(record)), record)
