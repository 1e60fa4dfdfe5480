"""Bring a choice within the limits of its groups at the least loss: shortest paths, one after another.

The choice that is best without groups takes too many households of some. Each household too many goes on
the cheapest way to where there is room: its request takes another household, whoever had that one another
again, until one goes to a group that is not full, or unplaced. Each way costs no less than nothing
against the duals, and the duals that follow it make that true of the next one again.
"""

from __future__ import annotations

import heapq
import itertools

import numpy as np

from matcher.solve.problem import UNPLACED, Duals, Indices, Problem


def within_groups(problem: Problem, household: Indices, duals: Duals) -> Indices:
    """An optimal choice within the groups, from one that is optimal without them, and its duals."""
    groups = problem.groups
    if groups is None or (groups.taken(household) <= groups.at_most).all():
        return household
    return _Network(problem, household, duals).settle()


class _Network:
    """Requests, then groups, then outside, by number: who hands a household on to whom, and for how much."""

    def __init__(self, problem: Problem, household: Indices, duals: Duals) -> None:
        assert problem.groups is not None
        self.first_group = problem.requests
        self.outside = problem.requests + problem.many_groups
        self.at: list[int] = household.tolist()
        self.group: list[int] = (problem.group + problem.requests).tolist()
        # What each request, household and group is worth, a household with its group.
        self.u: list[int] = duals.requests.tolist()
        self.price: list[int] = duals.households.tolist()
        self.of_group = [0] * (problem.many_groups + 1)
        self.holder = [UNPLACED] * problem.households
        self.members: list[set[int]] = [set() for _ in range(problem.many_groups + 1)]
        for request, home in enumerate(self.at):
            if home != UNPLACED:
                self._take(request, home)
        self.most: list[int] = problem.groups.at_most.tolist()
        worth, homes = problem.worth.tolist(), problem.household.tolist()
        starts = problem.starts.tolist()
        self.edges = [
            list(zip(homes[start:end], worth[start:end], strict=True))
            for start, end in itertools.pairwise(starts)
        ]

    def settle(self) -> Indices:
        for at, most in enumerate(self.most):
            while len(self.members[at]) > most:
                self._hand_on(self.first_group + at)
        return np.array(self.at, np.intp)

    def _hand_on(self, source: int) -> None:
        """Take the cheapest way from a group to outside, and let the duals follow."""
        far = {source: 0}
        before: dict[int, tuple[int, int]] = {}  # who comes before, and the household that it takes
        queue, done = [(0, source)], dict[int, int]()
        end = self.outside
        while True:
            cost, who = heapq.heappop(queue)
            if who == end:
                break
            if who in done:
                continue
            done[who] = cost
            least = far.get(end)
            for then, takes, more in self._steps(who):
                there = cost + more
                if (least is None or there < least) and there < far.get(then, there + 1):
                    far[then], before[then] = there, (who, takes)
                    heapq.heappush(queue, (there, then))
                    if then == end:
                        least = there
        for who, gone in done.items():
            less = cost - gone
            if who >= self.first_group:
                self.of_group[who - self.first_group] += less
            else:
                self.u[who] -= less
                if self.at[who] != UNPLACED:
                    self.price[self.at[who]] += less
        moves, who = [], end
        while who != source:
            who, takes = before[who]
            if who < self.first_group:
                moves.append((who, takes))
        self._carry_out(moves)

    def _steps(self, who: int) -> list[tuple[int, int, int]]:
        """Who may come after, the household that `who` takes of it, and what that costs."""
        if who >= self.first_group:
            at = who - self.first_group
            own, price, home = self.of_group[at], self.price, self.at
            steps = [(one, UNPLACED, price[home[one]] - own) for one in self.members[at]]
            if len(self.members[at]) < self.most[at]:
                steps.append((self.outside, UNPLACED, 0))
            return steps
        steps = [(self.outside, UNPLACED, self.u[who])]
        u, mine, holder, group = self.u[who], self.at[who], self.holder, self.group
        for home, worth in self.edges[who]:
            if (then := holder[home]) != UNPLACED:
                if home != mine:
                    steps.append((then, home, u + self.price[home] - worth))
            else:
                then = group[home]
                steps.append((then, home, u + self.of_group[then - self.first_group] - worth))
        return steps

    def _take(self, request: int, home: int) -> None:
        self.at[request], self.holder[home] = home, request
        self.members[self.group[home] - self.first_group].add(request)

    def _carry_out(self, moves: list[tuple[int, int]]) -> None:
        for request, _ in moves:
            if (home := self.at[request]) != UNPLACED:
                self.members[self.group[home] - self.first_group].remove(request)
                self.holder[home], self.at[request] = UNPLACED, UNPLACED
        for request, home in moves:
            if home != UNPLACED:
                self._take(request, home)
                group = self.group[home] - self.first_group
                self.price[home] = max(self.price[home], self.of_group[group])
