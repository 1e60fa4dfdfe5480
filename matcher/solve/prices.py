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
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.solve.problem import UNPLACED, Duals, Indices, Integers, Problem
from matcher.solve.residual import Residual

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
        self.steps = steps = Residual(problem, household, duals, left)
        self.holder, self.first_group, self.outside = steps.holder, steps.first_group, steps.outside
        self.to_outside, self.goes_to = steps.to_outside
        self.from_outside, self.came_from = steps.from_outside
        tails, heads, costs = steps.tails, steps.heads, steps.costs
        # A step that costs no less than the way through outside is on no shortest path: leave it out.
        busy = costs < self.to_outside[tails] + self.from_outside[heads]
        starts = np.unique(tails[busy])
        self.row = np.full(self.outside + 1, len(starts))
        self.row[starts] = np.arange(len(starts))
        inside, self.before = steps.shortest(tails[busy], heads[busy], costs[busy], starts)
        self.inside = np.vstack([inside, np.full((1, self.outside + 1), np.inf)])

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
        for who, then in itertools.pairwise(way):
            if who < self.first_group:
                to[who] = self.steps.takes(who, then)
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
