"""What questions about a solved round cost, against solving it once."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import numpy as np

from matcher.solve import solve
from matcher.solve.force import force
from matcher.solve.next_best import next_best
from matcher.solve.prices import Prices
from matcher.solve.problem import UNPLACED, Problem
from matcher.solve.withdraw import withdraw

SOLVE = "the round itself"
SOME = 50  # households that withdraw, one after another; the time of one is told
FIVE = 5


def works(problem: Problem) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Each question of a problem; it is solved once before, and that is not timed."""
    solution = solve(problem)
    if solution.duals is None or solution.slack is None:
        raise ValueError("a round with limits has no duals")
    homes = solution.household[solution.household != UNPLACED][:SOME]

    def prices() -> Prices:
        return Prices(problem, solution.household, solution.duals, solution.slack)

    def one_says_no() -> Callable[[], int]:
        holder = prices().holder
        return lambda: len([withdraw(problem, solution, holder, int(h)) for h in homes])

    some = np.random.default_rng(1).integers(0, len(problem.request), 3).tolist()
    return {
        SOLVE: lambda: lambda: solve(problem).values,
        "the price of every eligible pair": lambda: lambda: int(prices().totals.sum()),
        f"{len(homes)} households withdraw, one by one": one_says_no,
        "the five next-best rounds": lambda: (
            lambda: len(list(islice(next_best(problem, solution.household), FIVE)))
        ),
        f"{len(some)} pairs forced, by solving again": lambda: (
            lambda: len([force(problem, edge) for edge in some])
        ),
    }
