"""What the frontier of a budget costs, and what more if all pairs are told apart among equals."""

from __future__ import annotations

from collections.abc import Callable

from matcher.rounds import SolvedRound
from matcher.solve import portfolio
from matcher.sufficiency.remedies import options, portfolios

BUDGET = 50_000
OPTIONS = "all options"
FRONTIER = "the frontier"
EVERY = "the frontier, later aims among all pairs"


def works(now: SolvedRound) -> dict[str, Callable[[], Callable[[], object]]]:
    """Each piece of work on a solved round; the options of a frontier are not timed with it."""

    def frontier() -> Callable[[], object]:
        choices = options(now)
        return lambda: [(each.placed, each.cost) for each in portfolios(now, BUDGET, choices)]

    def every() -> Callable[[], object]:
        portfolio.FEW_PAIRS = 10**9  # in a process of its own
        return frontier()

    return {FRONTIER: frontier, EVERY: every, OPTIONS: lambda: lambda: len(options(now))}
