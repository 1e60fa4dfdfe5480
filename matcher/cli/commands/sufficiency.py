"""Say where homes fall short, and what would close the gap."""

from __future__ import annotations

from typing import Annotated

import typer

from matcher.cli.given import Data, Given, PassOn, command
from matcher.cli.loading import solve
from matcher.show.text import wrapped
from matcher.solve.shortage import NotProven
from matcher.sufficiency.figures import gap_figures
from matcher.sufficiency.pass_on import outside_record, outside_text
from matcher.sufficiency.remedies import CHANGES, LimitInPlay, marginal_values, portfolios
from matcher.sufficiency.remedies_words import closing_record, closing_text, frontier_figure
from matcher.sufficiency.words import gap_of, gap_record, gap_tables, gap_text
from matcher.whatif import each

BUDGET = 50_000


@command("matcher sufficiency data/samples/camden --budget 40000 --out gap")
def sufficiency(
    given: Given,
    data: Data,
    budget: Annotated[
        int, typer.Option(metavar="£", help="The most that closing the gap may cost.", min=0)
    ] = BUDGET,
    pass_on: PassOn = False,
) -> None:
    """Say which families share too few homes, which rules bind, and what would close the gap."""
    now = solve(given, data)
    gap = gap_of(now)
    try:
        frontier = portfolios(now, budget)
    except (LimitInPlay, NotProven):
        frontier = None
    if pass_on:
        record = outside_record(gap, frontier)
        given.answer("sufficiency", wrapped(outside_text(record)), record)
        return
    single = {kind: each(now, kind) for kind in CHANGES}
    closing = closing_record(now, single, marginal_values(now), frontier, budget)
    lines = [*gap_text(gap), "", *closing_text(now, closing), *gap_tables(gap)]
    given.answer("sufficiency", wrapped(lines), {"gap": gap_record(gap), "closing": closing})
    given.draw("sufficiency", lambda: [*gap_figures(gap), frontier_figure(closing)])
