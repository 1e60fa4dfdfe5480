"""The best choice that holds one pair, found by solving again: for rounds with limits in play."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.solve import solve
from matcher.solve.prices import Price
from matcher.solve.problem import Aim, Problem, Solution


def force(problem: Problem, edge: int) -> Solution | None:
    """The optimum among all choices with an edge; None where the limits allow none of them."""
    who, home = problem.request[edge], problem.household[edge]
    keep = (problem.request != who) & (problem.household != home)
    keep[edge] = True
    rest = problem.only(keep)
    held = (rest.request == who).astype(np.int64)
    first = Aim("held", held, of_request=False)
    found = solve(replace(rest, aims=(first, *rest.aims)))
    if found.household[who] != home:
        return None
    return replace(found, values=found.values[1:], bounds=found.bounds[1:])


def price_by_force(problem: Problem, solution: Solution, edge: int) -> Price | None:
    """What a forced edge costs, by solving again; None where the limits don't allow it."""
    found = force(problem, edge)
    if found is None:
        return None
    losses = np.subtract(solution.values, found.values)
    moved = np.flatnonzero(found.household != solution.household).tolist()
    return Price(
        tuple(losses.tolist()),
        tuple((r, int(solution.household[r]), int(found.household[r])) for r in moved),
    )
