"""Bring a choice within the limits of its groups at the least loss: shortest ways, one after another.

The choice that is best without groups takes too many households of some. Each household too many goes on
the cheapest way to where there is room: its request takes another household, whoever had that one another
again, until one goes to a group that is not full, or unplaced. Each step costs no less than nothing
against the duals, and the duals that follow each way keep that true.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator
from operator import itemgetter

import numpy as np

from matcher.solve.problem import UNPLACED, Duals, Indices, Problem
from matcher.solve.proof import slack
from matcher.solve.residual import Residual

BETWEEN_SURVEYS = 16  # households that are handed on before the ways are measured anew


class Network:
    """An optimal choice within groups that takes in further edges as they come.

    Its nodes and steps are those of `residual`. `u` is what a request is worth, `price` what a household is
    together with its group, and `place` what a place in each group is; the last place is outside, and all
    are worth so much beside it.
    """

    def __init__(self, problem: Problem, household: Indices, duals: Duals) -> None:
        self.problem = problem
        self.first_group, self.outside = problem.requests, problem.requests + problem.many_groups
        self.back = self.outside + 1  # where a request began that takes in more edges
        self.at: list[int] = household.tolist()
        self.group: list[int] = problem.group.tolist()
        self.u: list[int] = duals.requests.tolist()
        self.price: list[int] = duals.households.tolist()
        self.place = [0] * (problem.many_groups + 1)
        self.holder = [UNPLACED] * problem.households
        self.members: list[set[int]] = [set() for _ in self.place]
        for request, home in enumerate(self.at):
            if home != UNPLACED:
                self._take(request, home)
        self.most: list[int] = problem.groups.at_most.tolist() if problem.groups else []
        self.edges: list[list[tuple[int, int]]] = [[] for _ in range(problem.requests)]
        for request, home, worth in _triples(problem, np.arange(len(problem.request))):
            self.edges[request].append((home, worth))
        self._bring_within()

    @property
    def household(self) -> Indices:
        """The household of each request."""
        return np.array(self.at, np.intp)

    def _bring_within(self) -> None:
        handed_on = 0
        for at, most in enumerate(self.most):
            while len(self.members[at]) > most:
                if handed_on % BETWEEN_SURVEYS == 0:
                    self._survey()
                self._hand_on(self.first_group + at, self.outside)
                handed_on += 1

    def take_in(self, problem: Problem, edges: Indices) -> None:
        """Let the choice have more edges, sorted by request, of a problem of the same sides and weights."""
        for request, mine in itertools.groupby(_triples(problem, edges), key=itemgetter(0)):
            known = dict(self.edges[request])
            self.edges[request] += [(home, w) for _, home, w in mine if home not in known]
            best = max(worth - self._price(home) for home, worth in self.edges[request])
            if best > self.u[request]:
                self.u[request] = best
                self._hand_on(request, self.back)

    def _price(self, home: int) -> int:
        held = self.holder[home] != UNPLACED
        return self.price[home] if held else self.place[self.group[home]]

    def _survey(self) -> None:
        """Measure how far outside is from everywhere; then each step on the way there costs nothing."""
        homes, groups = np.array(self.price), np.array(self.place)
        apart = homes - groups[self.problem.group]
        taken = np.array(self.holder) != UNPLACED
        duals = Duals(np.array(self.u), np.where(taken, apart, 0), groups[:-1])
        left = slack(self.problem, duals)
        far, _ = Residual(self.problem, self.household, duals, left).to_outside
        reached = np.isfinite(far)
        far = np.where(reached, far, far[reached].max()).astype(np.int64)
        self._follow(enumerate(far.tolist()))

    def _hand_on(self, source: int, end: int) -> None:
        """Go the cheapest way from one node to another, and let the duals follow."""
        request = source if end == self.back else None
        far, done = {source: 0}, dict[int, int]()
        before: dict[int, tuple[int, int]] = {}  # who comes before, and the household that it takes
        queue, turn = [(0, 0, source)], 0  # of equals the latest first
        while (nearest := heapq.heappop(queue))[2] != end:
            cost, _, who = nearest
            if who in done:
                continue
            done[who] = cost
            for then, takes, more in self._steps(who, request):
                there, least = cost + more, far.get(end)
                if (least is None or there < least) and (then not in far or there < far[then]):
                    far[then], before[then] = there, (who, takes)
                    turn -= 1
                    heapq.heappush(queue, (there, turn, then))
        least = nearest[0]
        if request is not None:  # the household that it had is `back`, which stays as it is
            self.u[request] -= least
            del done[request]
        self._follow((who, least - gone) for who, gone in done.items())
        moves, who = [], end
        while who != source:
            who, takes = before[who]
            if who < self.first_group:
                moves.append((who, takes))
        self._carry_out(moves)

    def _follow(self, nearer: Iterable[tuple[int, int]]) -> None:
        """Let the duals follow, by how much nearer each node is to the source of a way than its end."""
        for who, less in nearer:
            if who >= self.first_group:
                self.place[who - self.first_group] += less
            else:
                self.u[who] -= less
                if self.at[who] != UNPLACED:
                    self.price[self.at[who]] += less

    def _steps(self, who: int, source: int | None) -> list[tuple[int, int, int]]:
        """Who may come after, the household that `who` takes of it, and what that costs."""
        if who >= self.first_group:
            return self._let_go(who - self.first_group, source)
        u, mine, holder, group, price = (
            self.u[who],
            self.at[who],
            self.holder,
            self.group,
            self.price,
        )
        leaves = self.back if who == source and mine == UNPLACED else self.outside
        steps = [(leaves, UNPLACED, u + self.place[-1])]
        for home, worth in self.edges[who]:
            if (then := holder[home]) == UNPLACED:
                at = group[home]
                steps.append((self.first_group + at, home, u + self.place[at] - worth))
            elif then == source:
                steps.append((self.back, home, u + price[home] - worth))
            elif home != mine:
                steps.append((then, home, u + price[home] - worth))
        return steps

    def _let_go(self, group: int, source: int | None) -> list[tuple[int, int, int]]:
        """Whom a group, or outside, may let go, and what that costs."""
        own, price, at = self.place[group], self.price, self.at
        steps = [
            (self.back if one == source else one, UNPLACED, price[at[one]] - own)
            for one in self.members[group]
        ]
        if group < len(self.most):
            if len(self.members[group]) < self.most[group]:
                steps.append((self.outside, UNPLACED, self.place[-1] - own))
            return steps
        for one, home in enumerate(at):
            if home == UNPLACED:
                steps.append((self.back if one == source else one, UNPLACED, 0))
        for other, members in enumerate(self.members[:-1]):
            if members:
                steps.append((self.first_group + other, UNPLACED, self.place[other] - own))
        return steps

    def _take(self, request: int, home: int) -> None:
        self.at[request], self.holder[home] = home, request
        self.members[self.group[home]].add(request)

    def _carry_out(self, moves: list[tuple[int, int]]) -> None:
        for _, home in moves:
            if home != UNPLACED and self.holder[home] == UNPLACED:
                self.price[home] = self.place[self.group[home]]
        for request, _ in moves:
            if (home := self.at[request]) != UNPLACED:
                self.members[self.group[home]].remove(request)
                self.holder[home], self.at[request] = UNPLACED, UNPLACED
        for request, home in moves:
            if home != UNPLACED:
                self._take(request, home)


def _triples(problem: Problem, edges: Indices) -> Iterator[tuple[int, int, int]]:
    """The request, household and summed weight of some edges."""
    sides = (problem.request, problem.household, problem.worth)
    return zip(*(side[edges].tolist() for side in sides), strict=True)
