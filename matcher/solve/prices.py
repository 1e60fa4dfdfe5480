"""What the whole round loses if one pair is forced and all else is free, for every pair at once.

Forcing a pair sends the request that holds the household on an exchange that ends where the forced
request was. The cheapest exchange is a shortest path between requests and 'outside' (going
unplaced, or to a household that nobody holds), so shortest paths between all price every pair.
Where groups of households may take only so many, it goes through groups too: one that takes a free
household lets another go, if it is full.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.solve.problem import UNPLACED, Duals, Indices, Integers, Problem

Moves: TypeAlias = tuple[tuple[int, int, int], ...]  # (request, from, to), by request


@dataclass(frozen=True)
class Price:
    """What a change costs: the loss of each aim, and who moves."""

    losses: tuple[int, ...]
    moves: Moves

    def after(self, household: Indices) -> Indices:
        """A choice once everybody has moved."""
        moved = household.copy()
        for request, _, to in self.moves:
            moved[request] = to
        return moved


def difference(
    values: tuple[int, ...], household: Indices, then_values: tuple[int, ...], then: Indices
) -> Price:
    """What another choice costs against a first one, from the value of each aim in both."""
    losses = tuple(was - left for was, left in zip(values, then_values, strict=True))
    moved = np.flatnonzero(household != then).tolist()
    return Price(losses, tuple((row, int(household[row]), int(then[row])) for row in moved))


class Prices:
    """The price of every edge of a problem, given its optimal choice and duals."""

    def __init__(self, problem: Problem, household: Indices, duals: Duals, left: Integers) -> None:
        self.problem, self.household, self.slack = problem, household, left
        self.worth = duals.requests  # what each request is worth to the round
        self.first_group, self.outside = problem.requests, problem.requests + problem.many_groups
        first, outside = self.first_group, self.outside
        placed = np.flatnonzero(household != UNPLACED)
        # Who has one too many where a household is taken: its request, else its group, or outside.
        self.holder = (problem.group + np.int32(first)).astype(np.int32)
        self.holder[household[placed]] = placed
        to = self.holder[problem.household]
        swaps = np.flatnonzero((to < first) & (to != problem.request))
        from_free, to_free, free_costs = self._refuges(np.flatnonzero(to >= first))
        tails = np.concatenate([problem.request[swaps], from_free])
        heads = np.concatenate([to[swaps], to_free])
        costs = np.concatenate([self.slack[swaps], free_costs])
        from_group, to_member, apart = self._let_go(placed, duals)
        grouped = from_group < outside
        tails = np.append(tails, from_group[grouped])
        heads = np.append(heads, to_member[grouped])
        costs = np.append(costs, apart[grouped])

        # What is left: into outside, and out of it.
        everyone, groups = np.arange(first), np.arange(problem.many_groups)
        taken = np.zeros(0, np.int64)
        room = groups
        if problem.groups is not None:
            taken = problem.groups.taken(household)
            room = groups[taken < problem.groups.at_most]
        some = groups[taken > 0]
        unplaced = np.flatnonzero(household == UNPLACED)
        ends = np.concatenate([everyone, first + room])
        leaving = np.concatenate([self.leaving_to_outside, np.zeros(len(room), np.int64)])
        begins = np.concatenate([to_member[~grouped], unplaced, first + some])
        entering = np.concatenate(
            [apart[~grouped], np.zeros(len(unplaced), np.int64), duals.groups[some]]
        )
        self.from_outside, self.came_from = self._shortest(
            np.append(tails, np.full(len(begins), outside)),
            np.append(heads, begins),
            np.append(costs, entering),
            outside,
        )
        # On reversed arcs shortest paths lead to outside, and a node's predecessor is its successor.
        self.to_outside, self.goes_to = self._shortest(
            np.append(heads, np.full(len(ends), outside)),
            np.append(tails, ends),
            np.append(costs, leaving),
            outside,
        )
        # An arc that costs no less than the way through outside is on no shortest path: leave it out.
        busy = costs < self.to_outside[tails] + self.from_outside[heads]
        starts = np.unique(tails[busy])
        self.row = np.full(outside + 1, len(starts))
        self.row[starts] = np.arange(len(starts))
        inside, self.before = self._shortest(tails[busy], heads[busy], costs[busy], starts)
        self.inside = np.vstack([inside, np.full((1, outside + 1), np.inf)])

    def _refuges(self, free: Indices) -> tuple[Indices, Indices, Integers]:
        """The cheapest free household of each request in each group: request, group, cost.

        Where each request would go is kept in `refuge`, by request and group; where it goes outside, to a
        free household in no group or unplaced, what that costs in `leaving_to_outside`.
        """
        problem, kinds = self.problem, self.problem.many_groups + 1
        self.refuge = np.full(problem.requests * kinds, UNPLACED)
        far = np.iinfo(np.int64).max
        least = np.full(problem.requests * kinds, far)
        least[kinds - 1 :: kinds] = self.worth
        kind = self.holder[problem.household[free]] - self.first_group
        at = problem.request[free].astype(np.int64) * kinds + kind
        left = self.slack[free]
        np.minimum.at(least, at, left)
        cheapest = np.flatnonzero(left == least[at])[
            ::-1
        ]  # the last that is written is the smallest id
        self.refuge[at[cheapest]] = problem.household[free[cheapest]]
        self.leaving_to_outside = least[kinds - 1 :: kinds].copy()
        least[kinds - 1 :: kinds] = far
        some = np.flatnonzero(least < far)
        return some // kinds, self.first_group + some % kinds, least[some]

    def _let_go(self, placed: Indices, duals: Duals) -> tuple[Indices, Indices, Integers]:
        """What each group, or outside, loses where a household of it goes empty: group, request, cost."""
        homes = self.household[placed]
        return self.first_group + self.problem.group[homes], placed, duals.households[homes]

    def _shortest(self, tails: Any, heads: Any, costs: Integers, starts: Any) -> Any:
        """How far each node is from each start, and the node before it on the way."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        nodes = self.outside + 1
        if not np.size(starts):
            return np.zeros((0, nodes)), np.zeros((0, nodes), np.int32)
        graph = csr_array((costs.astype(float), (tails, heads)), (nodes, nodes))
        return dijkstra(graph, indices=starts, return_predecessors=True)

    def total(self, edge: int) -> int:
        """The price of an allowed edge in summed weight."""
        who, start = int(self.problem.request[edge]), self._start(edge)
        if start == who:
            return 0
        way = min(self._through_outside(start, who), self._inside(start, who))
        return int(self.slack[edge]) + int(way)

    @cached_property
    def totals(self) -> Integers:
        """The price of every allowed edge in summed weight, 0 for others: (edges,)."""
        who = self.problem.request
        start = self.holder[self.problem.household]
        there = self.to_outside[start]
        way = np.minimum(there + self.from_outside[who], self.inside[self.row[start], who])
        way[~self.allowed] = 0
        totals: Integers = np.asarray(self.slack + way, np.int64)
        totals[~self.allowed] = 0
        totals[start == who] = 0
        return totals

    @cached_property
    def leaving(self) -> Integers:
        """What the round loses, in summed weight, if a request is left unplaced: (requests,)."""
        costs: Integers = self.worth + self.from_outside[: self.first_group].astype(np.int64)
        return costs

    def _inside(self, start: int, who: int) -> float:
        return float(self.inside[self.row[start], who])

    def _through_outside(self, start: int, who: int) -> float:
        return float(self.to_outside[start]) + float(self.from_outside[who])

    @cached_property
    def allowed(self) -> NDArray[np.bool_]:
        """Whether each edge has a price: the group of its household may take some, (edges,)."""
        groups = self.problem.groups
        most = np.append(groups.at_most if groups else np.zeros(0, np.int64), 1)
        return (most > 0)[self.problem.group][self.problem.household]

    def price(self, edge: int) -> Price:
        """The price of an allowed edge in each aim, and who moves."""
        losses = digits(self.total(edge), self.problem.weights)
        return Price(losses, self._moves(edge))

    def leave(self, request: int) -> Price:
        """What leaving a request unplaced costs in each aim, and who moves."""
        losses = digits(int(self.leaving[request]), self.problem.weights)
        return Price(losses, self._changed({request: UNPLACED}, self._way(self.outside, request)))

    def _start(self, edge: int) -> int:
        return int(self.holder[self.problem.household[edge]])

    def _moves(self, edge: int) -> Moves:
        forced, start = int(self.problem.request[edge]), self._start(edge)
        if start == forced:
            return ()
        to = {forced: int(self.problem.household[edge])}
        return self._changed(to, self._way(start, forced))

    def _changed(self, to: dict[int, int], way: list[int]) -> Moves:
        """Who moves, once those on a way have each taken what the next one had."""
        kinds = self.problem.many_groups + 1
        for who, then in itertools.pairwise(way):
            if who < self.first_group:
                free = then >= self.first_group
                place = who * kinds + then - self.first_group
                to[who] = int(self.refuge[place] if free else self.household[then])
        return tuple(
            (request, int(self.household[request]), household_index)
            for request, household_index in sorted(to.items())
            if household_index != int(self.household[request])
        )

    def _way(self, start: int, end: int) -> list[int]:
        """The requests, and outside, of a cheapest exchange in their order, each once."""
        way = [end]
        if self._inside(start, end) < self._through_outside(start, end):
            before = self.before[self.row[start]]
            while way[-1] != start:
                way.append(int(before[way[-1]]))
            return way[::-1]
        while way[-1] != self.outside:
            way.append(int(self.came_from[way[-1]]))
        there = [start]
        while there[-1] != self.outside:
            there.append(int(self.goes_to[there[-1]]))
        once: list[int] = []
        for node in [*there, *way[-2::-1]]:
            if node in once:
                del once[once.index(node) :]  # a detour that costs nothing
            once.append(node)
        return once


def digits(total: int, weights: tuple[int, ...]) -> tuple[int, ...]:
    """A summed weight as the aims that it stands for, each digit positive or negative."""
    found = []
    for weight in weights:
        digit, rest = divmod(total, weight)
        if 2 * rest > weight:
            digit += 1
        found.append(digit)
        total -= digit * weight
    return tuple(found)
