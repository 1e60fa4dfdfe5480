"""Choose at most one household a request, aims in strict order; knows shapes, never a clause."""

from __future__ import annotations

import numpy as np

from matcher.solve.problem import UNPLACED, Impossible, Indices, Problem, Solution

__all__ = ["solve"]


def solve(problem: Problem, begin: Indices | None = None) -> Solution:
    """The proven optimum of a problem, the same one whatever the order of its rows.

    It may `begin` with some edges, sorted: what it comes to is the same, but sooner if they hold the optimum.

    Under limits of groups alone, and where others turn out to bind nothing, the duals of one assignment or
    flow prove all aims at once; conflicts that bind are branched on. Otherwise, where a sum is limited, the
    aims are proven one after another over the edges that bounds leave; where values are too great for
    that, by CP-SAT.
    """
    from matcher.solve.branching import solve_apart

    if problem.groups is not None and (problem.groups.at_most < 0).any():
        raise Impossible("no choice is within the limits")
    found = solve_apart(problem, begin) if problem.exact else None
    if found is not None and not problem.broken(found.household):
        return found
    from matcher.solve.program import Unsure
    from matcher.solve.sums import solve_sums

    try:
        return solve_sums(problem)
    except Unsure:
        from matcher.solve.cpsat import solve_with_limits

        return solve_with_limits(problem, _nobody(problem) if found is None else found.household)


def _nobody(problem: Problem) -> Indices:
    return np.full(problem.requests, UNPLACED)
