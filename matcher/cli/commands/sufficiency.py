"""Say where homes fall short, and what would close the gap."""

from __future__ import annotations

from typing import Annotated

import typer

from matcher.cli.given import Data, Given, History, PassOn, command
from matcher.cli.loading import recorded, solve
from matcher.errors import WrongInput, wrong_option
from matcher.solve.shortage import NotProven
from matcher.sufficiency import brief
from matcher.sufficiency.pass_on import outside_paper, outside_record
from matcher.sufficiency.remedies import (
    BUDGET,
    CHANGES,
    LimitInPlay,
    marginal_values,
    portfolios,
)
from matcher.sufficiency.remedies_words import closing_record
from matcher.sufficiency.weeks import over_weeks
from matcher.sufficiency.words import gap_of, gap_record
from matcher.whatif import each
from matcher.whatif.openings import single_changes


@command("matcher sufficiency {sample} --budget 40000 --out gap")
def sufficiency(
    given: Given,
    data: Data,
    budget: Annotated[
        int, typer.Option(metavar="£", help="The most that closing the gap may cost.", min=0)
    ] = BUDGET,
    pass_on: PassOn = False,
    history: History = None,
) -> None:
    """Say which families share too few homes, which rules bind, and what would close the gap."""
    if pass_on and history is not None:
        problem, fix = "What may be passed on is of one round.", "Leave one of the two out."
        raise WrongInput([wrong_option("--history", problem, fix, value=history[:60])])
    now = solve(given, data)
    inputs = now.prepared.inputs
    found = None if history is None else recorded(history, inputs)
    weeks = None if found is None else over_weeks(found.rounds, found.unread)
    gap = gap_of(now)
    try:
        frontier = portfolios(now, budget)
    except (LimitInPlay, NotProven):
        frontier = None
    if pass_on:
        record = outside_record(gap, frontier)
        given.answer_paper("sufficiency", outside_paper(gap, record), record, list)
        return
    single = {kind: each(now, kind) for kind in CHANGES}
    closing = closing_record(now, single, marginal_values(now), frontier, budget)
    answer = brief.answer_of(gap, closing, single_changes(now), weeks)
    record = {"gap": gap_record(gap), "closing": closing, **brief.record_of(answer)}
    given.answer_paper("sufficiency", brief.paper(answer), record, lambda: brief.figures(answer))
