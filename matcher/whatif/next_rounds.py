"""The next-best whole rounds: what else people could choose, and what it would lose."""

from __future__ import annotations

from itertools import islice

from matcher.rounds import SolvedRound
from matcher.solve.next_best import next_best
from matcher.solve.prices import Price, difference

FIVE = 5


def next_rounds(now: SolvedRound, many: int = FIVE, least: int = 1) -> list[Price]:
    """What the best whole rounds after the proposal lose, the best first; fewer where no more are.

    Each differs from the proposal, and from those before it, in at least so many families.
    """
    problem, chosen = now.prepared.problem, now.solution.household
    return [
        difference(now.solution.values, chosen, problem.totals(other), other)
        for other in islice(next_best(problem, chosen, least), many)
    ]
