"""The best choice that holds one pair, found by solving again: for rounds with limits in play."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.solve import solve
from matcher.solve.prices import Price, difference
from matcher.solve.problem import Problem, Solution


def force(problem: Problem, edge: int) -> Solution | None:
    """The optimum among all choices with an edge; None where the limits allow none of them.

    The pair is taken as given, with its share of each limit and all that it excludes; the rest is
    solved. It has no duals.
    """
    who, household_index = problem.request[edge], problem.household[edge]
    keep = (problem.request != who) & (problem.household != household_index)
    for conflict in problem.conflicts:
        if conflict.edge == edge:
            keep[conflict.others] = False
        elif edge in conflict.others:
            keep[conflict.edge] = False
    limits = tuple(
        replace(each, at_most=each.at_most - int(each.values[edge])) for each in problem.limits
    )
    groups = problem.groups and problem.groups.less(np.array([household_index]))
    if any(each.at_most < 0 for each in limits) or (groups and (groups.at_most < 0).any()):
        return None
    found = solve(replace(problem, limits=limits, groups=groups).only(keep))
    household = found.household.copy()
    household[who] = household_index
    adds = [int(problem.of_edges(aim)[edge]) for aim in problem.aims]
    values = tuple(map(sum, zip(found.values, adds, strict=True)))
    bounds = tuple(map(sum, zip(found.bounds, adds, strict=True)))
    return Solution(household, values, bounds, None)


def price_by_force(problem: Problem, solution: Solution, edge: int) -> Price | None:
    """What a forced edge costs, by solving again; None where the limits don't allow it."""
    found = force(problem, edge)
    if found is None:
        return None
    return difference(solution.values, solution.household, found.values, found.household)
