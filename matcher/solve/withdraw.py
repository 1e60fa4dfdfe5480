"""What the round loses if one household withdraws: one shortest path, not a solve."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

import numpy as np

from matcher.solve.prices import Price, digits
from matcher.solve.problem import UNPLACED, Duals, Indices, Problem, Small, Solution


def withdraw(problem: Problem, solution: Solution, holder: Small, household_index: int) -> Price:
    """What each aim loses without a household that is proposed, and who moves.

    `holder` is the request of each household; where none, the number of requests and its group more, as
    in `Prices`: (households,). The request that loses its household takes another's, and so on, until one
    goes to a free household, or unplaced, and the group of the first household is as full as it was; each
    step costs the slack of its pair. Raises ValueError where no duals prove the solution.
    """
    duals, left = solution.duals, solution.slack
    if duals is None or left is None:
        raise ValueError("without duals a round must be solved again")
    first, first_group = int(holder[household_index]), problem.requests
    outside = first_group + problem.many_groups
    end = first_group + int(problem.group[household_index])
    far: dict[int, int] = {first: 0}
    before: dict[int, tuple[int, int]] = {}  # who comes before, and the household that it takes
    queue, done = [(0, first)], set[int]()

    def go(who: int, then: int, takes: int, cost: int) -> None:
        if then not in done and (then not in far or cost < far[then]):
            far[then], before[then] = cost, (who, takes)
            heapq.heappush(queue, (cost, then))

    while (at := heapq.heappop(queue))[1] != end:
        gone, who = at
        if who in done:
            continue
        done.add(who)
        if who >= first_group:
            for then, cost in _let_go(problem, solution.household, duals, who):
                go(who, then, UNPLACED, gone + cost)
            continue
        edges = problem.edges_of(who)
        homes, costs = problem.household[edges], left[edges] + gone
        holders = holder[homes]
        go(who, outside, UNPLACED, gone + int(duals.requests[who]))
        least = far.get(end, int(costs.max(initial=0)) + 1)
        near = np.flatnonzero((costs < least) & (holders != who))
        near = near[np.argsort(costs[near], kind="stable")]
        _, cheapest = np.unique(holders[near], return_index=True)
        for place in near[cheapest].tolist():
            go(who, int(holders[place]), int(homes[place]), int(costs[place]))
    moves, mover = [], end
    while mover != first:
        mover, takes = before[mover]
        if mover < first_group:
            moves.append((mover, int(solution.household[mover]), takes))
    total = int(duals.households[household_index]) + far[end]
    return Price(digits(total, problem.weights), tuple(sorted(moves)))


def _let_go(
    problem: Problem, household: Indices, duals: Duals, group: int
) -> Iterator[tuple[int, int]]:
    """Whom a group, or outside, can let go of, and what that costs."""
    many, place = problem.many_groups, group - problem.requests
    group_of = np.append(problem.group, many + 1)[household]  # UNPLACED is the last
    for other in np.flatnonzero(group_of == place).tolist():
        yield other, int(duals.households[household[other]])
    taken = np.bincount(group_of, minlength=many)[:many]
    if place == many:
        for other in np.flatnonzero(household == UNPLACED).tolist():
            yield other, 0
        for other in np.flatnonzero(taken).tolist():
            yield problem.requests + other, int(duals.groups[other])
    elif problem.groups is not None and taken[place] < problem.groups.at_most[place]:
        yield problem.requests + many, 0
