"""Say how groups of families fared, in a round or over weeks."""

from __future__ import annotations

from matcher.cli.given import Data, Given, History, PassOn, command
from matcher.cli.loading import load, recorded
from matcher.equity.brief import difference_figure, paper
from matcher.equity.weeks import over_weeks, weeks_record
from matcher.equity.words import equity_record
from matcher.explain import NOT_SHOWN
from matcher.recorder import Recorder
from matcher.rounds import match, prepare
from matcher.show.paper import Source


@command("matcher equity {sample} --pass-on")
def equity(given: Given, data: Data, pass_on: PassOn = False, history: History = None) -> None:
    """Say how groups of families fared: placed, late, fit, miles, with intervals; and justified envy."""
    inputs, policy = load(given, data)
    fingerprint = NOT_SHOWN if pass_on else inputs.sha256
    source = Source(inputs.as_of, fingerprint, policy.sha256)
    weeks = None
    if history is None:
        solved = match(prepare(inputs, policy, top=0))
        record = equity_record(Recorder(solved), inside=not pass_on)
    else:
        found = recorded(history, inputs)
        weeks = over_weeks(found.rounds, inputs, found.unread)
        record = weeks_record(inputs.as_of, weeks, inside=not pass_on)
    page = paper(record, source, weeks)
    given.answer_paper("equity", page, record, lambda: [difference_figure(record)])
