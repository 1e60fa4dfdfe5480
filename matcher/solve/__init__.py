"""Choose at most one household a request, aims in strict order; knows shapes, never a clause."""

from __future__ import annotations

import numpy as np

from matcher.solve.problem import UNPLACED, Impossible, Indices, Problem, Solution
from matcher.solve.proof import canonical

__all__ = ["solve"]


def solve(problem: Problem) -> Solution:
    """The proven optimum of a problem, the same one whatever the order of its rows.

    Without limits but those of groups, and where others turn out to bind nothing, the duals of one assignment prove all aims at once; otherwise CP-SAT proves them one after another.
    """
    from matcher.solve.assignment import assign

    if problem.groups is not None and (problem.groups.at_most < 0).any():
        raise Impossible("no choice is within the limits")
    if problem.exact:
        household, duals, left = assign(problem)
        household = canonical(problem, household, duals, left)
        if not problem.broken(household):
            values = problem.totals(household)
            return Solution(household, values, values, duals, left)
    else:
        household = _nobody(problem)
    from matcher.solve.cpsat import solve_with_limits

    return solve_with_limits(problem, household)


def _nobody(problem: Problem) -> Indices:
    return np.full(problem.requests, UNPLACED)
