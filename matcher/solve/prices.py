"""What the whole round loses if one pair is forced and all else is free, for every pair at once.

Forcing a pair sends the request that holds the household on an exchange that ends where the forced
request was. The cheapest exchange is a shortest path between requests and 'outside' (going
unplaced, or to a household that nobody holds), so shortest paths between all price every pair.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

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
        self.outside = outside = problem.requests
        placed = np.flatnonzero(household != UNPLACED)
        self.holder = np.full(problem.households, outside, np.int32)
        self.holder[household[placed]] = placed
        to = self.holder[problem.household]
        leaving = self._refuges(np.flatnonzero(to == outside), duals)
        vacated = np.zeros(outside, np.int64)
        vacated[placed] = duals.households[household[placed]]

        swaps = np.flatnonzero((to != outside) & (to != problem.request))
        tails, heads, costs = problem.request[swaps], to[swaps], self.slack[swaps]
        everyone, out = np.arange(outside), np.full(outside, outside)
        from_all, to_all = np.append(tails, out), np.append(heads, everyone)
        self.from_outside, self.came_from = self._shortest(
            from_all, to_all, np.append(costs, vacated), outside
        )
        # On reversed arcs shortest paths lead to outside, and a node's predecessor is its successor.
        from_all, to_all = np.append(heads, out), np.append(tails, everyone)
        self.to_outside, self.goes_to = self._shortest(
            from_all, to_all, np.append(costs, leaving), outside
        )
        # An arc that costs no less than the way through outside is on no shortest path: leave it out.
        busy = costs < self.to_outside[tails] + self.from_outside[heads]
        starts = np.unique(tails[busy])
        self.row = np.full(outside + 1, len(starts))
        self.row[starts] = np.arange(len(starts))
        inside, self.before = self._shortest(tails[busy], heads[busy], costs[busy], starts)
        self.inside = np.vstack([inside, np.full((1, outside + 1), np.inf)])

    def _refuges(self, free: Indices, duals: Duals) -> Integers:
        """What it costs each request to go outside; where it would go is kept in `refuge`."""
        self.refuge = np.full(self.problem.requests, UNPLACED)
        leaving = duals.requests.copy()
        of, left = self.problem.request[free], self.slack[free]
        np.minimum.at(leaving, of, left)
        cheapest = free[left == leaving[of]][::-1]  # the last that is written is the smallest id
        self.refuge[self.problem.request[cheapest]] = self.problem.household[cheapest]
        return leaving

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
        """The price of an edge in summed weight."""
        who, start = int(self.problem.request[edge]), self._start(edge)
        if start == who:
            return 0
        way = min(self._through_outside(start, who), self._inside(start, who))
        return int(self.slack[edge]) + int(way)

    @cached_property
    def totals(self) -> Integers:
        """The price of every edge in summed weight, (edges,)."""
        who = self.problem.request
        start = self.holder[self.problem.household]
        there = np.append(self.to_outside[: self.outside], 0.0)[start]
        way = np.minimum(there + self.from_outside[who], self.inside[self.row[start], who])
        totals: Integers = np.asarray(self.slack + way, np.int64)
        totals[start == who] = 0
        return totals

    @cached_property
    def leaving(self) -> Integers:
        """What the round loses, in summed weight, if a request is left unplaced: (requests,)."""
        costs: Integers = self.worth + self.from_outside[: self.outside].astype(np.int64)
        return costs

    def _inside(self, start: int, who: int) -> float:
        return float(self.inside[self.row[start], who])

    def _through_outside(self, start: int, who: int) -> float:
        there = 0.0 if start == self.outside else float(self.to_outside[start])
        return there + float(self.from_outside[who])

    def price(self, edge: int) -> Price:
        """The price of an edge in each aim, and who moves."""
        losses = digits(self.total(edge), self.problem.weights)
        return Price(losses, self._moves(edge))

    def leave(self, request: int) -> Price:
        """What leaving a request unplaced costs in each aim, and who moves."""
        losses = digits(int(self.leaving[request]), self.problem.weights)
        to = {request: UNPLACED}
        for who, then in itertools.pairwise(self._way(self.outside, request)):
            if who != self.outside:
                to[who] = int(self.household[then])
        return Price(losses, self._changed(to))

    def _start(self, edge: int) -> int:
        return int(self.holder[self.problem.household[edge]])

    def _moves(self, edge: int) -> Moves:
        forced, start = int(self.problem.request[edge]), self._start(edge)
        if start == forced:
            return ()
        to: dict[int, int] = {forced: int(self.problem.household[edge])}
        way = self._way(start, forced)
        for who, then in itertools.pairwise(way):
            if who != self.outside:
                free = then == self.outside
                to[who] = int(self.refuge[who] if free else self.household[then])
        return self._changed(to)

    def _changed(self, to: dict[int, int]) -> Moves:
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
