"""The next-best whole rounds: what else people could choose, and what it would lose."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

import numpy as np

from matcher.rounds import Round
from matcher.solve.next_best import next_best
from matcher.solve.prices import Moves

FIVE = 5


@dataclass(frozen=True, slots=True)
class Alternative:
    """A whole round: what each aim loses against the proposal, and who goes elsewhere."""

    losses: tuple[int, ...]
    moves: Moves


def next_rounds(now: Round, many: int = FIVE, least: int = 1) -> list[Alternative]:
    """The best whole rounds after the proposal, the best first; fewer where there are no more.

    Each differs from the proposal, and from those before it, in at least so many families.
    """
    problem, chosen = now.prepared.problem, now.solution.household
    found = []
    for other in islice(next_best(problem, chosen, least), many):
        losses = np.subtract(now.solution.values, problem.totals(other))
        moved = np.flatnonzero(other != chosen).tolist()
        moves = tuple((row, int(chosen[row]), int(other[row])) for row in moved)
        found.append(Alternative(tuple(losses.tolist()), moves))
    return found
