"""What the round loses if one household withdraws: one shortest path, not a solve."""

from __future__ import annotations

import heapq

import numpy as np

from matcher.solve.prices import Price, digits
from matcher.solve.problem import UNPLACED, Problem, Small, Solution


def withdraw(problem: Problem, solution: Solution, holder: Small, household_index: int) -> Price:
    """What each aim loses without a household that is proposed, and who moves.

    `holder` is the request of each household, and one past the last where none: (households,). The request that
    loses its household takes another's, and so on, until one goes to a free household or unplaced;
    each step costs the slack of its pair. Raises ValueError where no duals prove the solution.
    """
    duals, left = solution.duals, solution.slack
    if duals is None or left is None:
        raise ValueError("without duals a round must be solved again")
    first, outside = int(holder[household_index]), problem.requests
    far: dict[int, int] = {first: 0}
    before: dict[int, tuple[int, int]] = {}  # the request before, and the household it takes
    queue, done = [(0, first)], set[int]()

    def go(who: int, then: int, takes: int, cost: int) -> None:
        if then not in done and (then not in far or cost < far[then]):
            far[then], before[then] = cost, (who, takes)
            heapq.heappush(queue, (cost, then))

    while (at := heapq.heappop(queue))[1] != outside:
        gone, who = at
        if who in done:
            continue
        done.add(who)
        edges = problem.edges_of(who)
        homes, costs = problem.household[edges], left[edges] + gone
        holders = holder[homes]
        go(who, outside, UNPLACED, gone + int(duals.requests[who]))
        free = np.flatnonzero(holders == outside)
        if len(free):
            cheapest = free[costs[free].argmin()]
            go(who, outside, int(homes[cheapest]), int(costs[cheapest]))
        for place in np.flatnonzero((costs < far[outside]) & (holders != outside)).tolist():
            go(who, int(holders[place]), int(homes[place]), int(costs[place]))
    moves, mover = [], outside
    while mover != first:
        mover, takes = before[mover]
        moves.append((mover, int(solution.household[mover]), takes))
    total = int(duals.households[household_index]) + far[outside]
    return Price(digits(total, problem.weights), tuple(sorted(moves)))
