"""What the frontier of a budget costs, with and without leaving out who finds a home anyway."""

from __future__ import annotations

from collections.abc import Callable

from matcher.rounds import Round
from matcher.solve import portfolio
from matcher.sufficiency.closing import options, portfolios

BUDGET = 50_000
OPTIONS = "all options"
FRONTIER = "the frontier, by what is short of homes"
WHOLE = "the frontier, by every pair"


def works(now: Round) -> dict[str, Callable[[], Callable[[], object]]]:
    """Each piece of work on a solved round; the options of a frontier are not timed with it."""

    def frontier() -> Callable[[], object]:
        choices = options(now)
        return lambda: [each.placed for each in portfolios(now, BUDGET, choices)]

    def whole() -> Callable[[], object]:
        portfolio.FEW_TAKES = 10**9  # in a process of its own
        return frontier()

    return {FRONTIER: frontier, WHOLE: whole, OPTIONS: lambda: lambda: len(options(now))}
