"""The best choice where some pairs exclude each other: branch on what is broken.

Conflicts are few, and most bind nothing: the best choice without them is solved by duals, and where it breaks
one, two problems take its place, one without the edge of the conflict, one without those that it excludes.
Looked at in order, the better before the worse and of equals as the tie rule prefers them, the first
choice that breaks no conflict is the best of all, and the one that the tie rule names.
"""

from __future__ import annotations

import heapq
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.solve.assignment import assign, assign_from
from matcher.solve.problem import UNPLACED, Conflict, Indices, Problem, Solution
from matcher.solve.proof import canonical

MOST_NODES = 400  # problems that are solved before another solver is asked

Order: TypeAlias = tuple[tuple[int, ...], tuple[int, ...]]


def solve_apart(problem: Problem, begin: Indices | None = None) -> Solution | None:
    """The optimum under groups and conflicts, sums left aside; None where it takes too many problems.

    Where no conflict binds, it has duals.
    """
    household, duals, left, part = assign_from(problem, begin)
    household = canonical(problem, household, duals, left)
    values = problem.totals(household)
    if first_broken(problem, household) is None:
        return Solution(household, values, values, duals, left, part)
    whole = np.ones(len(problem.request), bool)
    waiting = [(_order(problem, household), 0, household, whole)]
    made = 1
    while waiting:
        _, _, household, keep = heapq.heappop(waiting)
        conflict = first_broken(problem, household)
        if conflict is None:
            values = problem.totals(household)
            return Solution(household, values, values, None)
        for without in (np.array([conflict.edge]), conflict.others):
            if made >= MOST_NODES:
                return None
            rest = keep.copy()
            rest[without] = False
            found = _solved(problem, rest)
            heapq.heappush(waiting, (_order(problem, found), made, found, rest))
            made += 1
    raise AssertionError("a choice in which nobody is placed breaks no conflict")


def _solved(problem: Problem, keep: NDArray[np.bool_]) -> Indices:
    """The choice that the tie rule names of the best with some edges alone."""
    part = problem.weighed(keep)
    return canonical(part, *assign(part))


def first_broken(problem: Problem, household: Indices) -> Conflict | None:
    """A conflict that a choice breaks; None where it breaks none."""
    chosen = np.zeros(len(problem.request), bool)
    chosen[problem.edges(household)] = True
    for conflict in problem.conflicts:
        if chosen[conflict.edge] and chosen[conflict.others].any():
            return conflict
    return None


def _order(problem: Problem, household: Indices) -> Order:
    """Less is better: by the aims, then by households in order of requests, going without last."""
    homes = np.where(household == UNPLACED, problem.households, household)
    return tuple(-value for value in problem.totals(household)), tuple(homes.tolist())
