"""What the round loses if one household withdraws: one shortest path, not a solve."""

from __future__ import annotations

import heapq

import numpy as np

from matcher.solve.prices import Price, digits
from matcher.solve.problem import UNPLACED, Indices, Problem, Solution


def withdraw(problem: Problem, solution: Solution, holder: Indices, home: int) -> Price:
    """What each aim loses without a household that is proposed, and who moves.

    `holder` is the request of each household, UNPLACED where none: (households,). The request that
    loses its household takes another's, and so on, until one goes to a free household or unplaced;
    each step costs the slack of its pair. Raises ValueError where no duals prove the solution.
    """
    duals, left = solution.duals, solution.slack
    if duals is None or left is None:
        raise ValueError("without duals a round must be solved again")
    first, outside = int(holder[home]), problem.requests
    far: dict[int, int] = {first: 0}
    before: dict[int, tuple[int, int]] = {}  # the request before, and the household it takes
    queue, done = [(0, first)], set[int]()
    nearest_end = np.iinfo(np.int64).max
    while True:
        gone, who = heapq.heappop(queue)
        if who == outside:
            break
        if who in done:
            continue
        done.add(who)
        edges = problem.edges_of(who)
        homes, costs = problem.household[edges], left[edges]
        held = holder[homes]
        ways = [(int(duals.requests[who]), outside, UNPLACED)]
        near = np.flatnonzero((gone + costs < nearest_end) & (homes != home))
        for at in near.tolist():
            then = outside if held[at] == UNPLACED else int(held[at])
            ways.append((int(costs[at]), then, int(homes[at])))
        for cost, then, takes in ways:
            if gone + cost < far.get(then, np.iinfo(np.int64).max) and then not in done:
                far[then], before[then] = gone + cost, (who, takes)
                heapq.heappush(queue, (gone + cost, then))
                if then == outside:
                    nearest_end = gone + cost
    moves, at_node = [], outside
    while at_node != first:
        at_node, takes = before[at_node]
        moves.append((at_node, int(solution.household[at_node]), takes))
    total = int(duals.households[home]) + far[outside]
    return Price(digits(total, problem.weights), tuple(sorted(moves)))
