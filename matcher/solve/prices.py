"""What the whole round loses if one pair is forced and all else is free, for every pair at once.

Forcing a pair sends the request that holds the household on an exchange that ends where the forced
request was. The cheapest exchange is a shortest path between requests and 'outside' (going
unplaced, or to a household that nobody holds), so one all-pairs shortest path prices every pair.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.solve.problem import UNPLACED, Duals, Indices, Integers, Problem
from matcher.solve.proof import slack

_FAR = 2**60  # no arc; two of them still fit in 64 bits


@dataclass(frozen=True)
class Price:
    """What a forced pair costs: the loss of each aim, and who moves (request, from, to)."""

    losses: tuple[int, ...]
    moves: tuple[tuple[int, int, int], ...]


class Prices:
    """The price of every edge of a problem, given its optimal choice and duals."""

    def __init__(self, problem: Problem, household: Indices, duals: Duals) -> None:
        self.problem, self.household = problem, household
        self.slack = slack(problem, duals)
        self.outside = problem.requests
        self.holder = np.full(problem.households, self.outside)
        placed = np.flatnonzero(household != UNPLACED)
        self.holder[household[placed]] = placed
        arcs = np.full((problem.requests + 1, problem.requests + 1), _FAR, np.int64)
        self.refuge = np.full(problem.requests, UNPLACED)
        to = self.holder[problem.household]
        np.minimum.at(arcs, (problem.request, to), self.slack)
        unplaced_at = duals.requests
        to_free = arcs[:-1, self.outside].copy()
        arcs[:-1, self.outside] = np.minimum(to_free, unplaced_at)
        for edge in np.flatnonzero(to == self.outside)[::-1]:
            who = problem.request[edge]
            if self.slack[edge] == to_free[who] <= unplaced_at[who]:
                self.refuge[who] = problem.household[edge]  # the smallest id among the cheapest
        vacated = np.zeros(problem.requests, np.int64)
        vacated[placed] = duals.households[household[placed]]
        arcs[self.outside, :-1] = vacated
        np.fill_diagonal(arcs, 0)
        self.far, self.then = _shortest(arcs)

    def total(self, edge: int) -> int:
        """The price of an edge in summed weight."""
        who, start = int(self.problem.request[edge]), self._start(edge)
        if start == who:
            return 0
        return int(self.slack[edge] + self.far[start, who])

    def price(self, edge: int) -> Price:
        """The price of an edge in each aim, and who moves."""
        losses = digits(self.total(edge), self.problem.weights)
        return Price(losses, tuple(sorted(self._moves(edge))))

    def _start(self, edge: int) -> int:
        return int(self.holder[self.problem.household[edge]])

    def _moves(self, edge: int) -> list[tuple[int, int, int]]:
        forced, who = int(self.problem.request[edge]), self._start(edge)
        if who == forced:
            return []
        to: dict[int, int] = {forced: int(self.problem.household[edge])}
        while who != forced:
            then = int(self.then[who, forced])
            if who != self.outside:
                free = then == self.outside
                to[who] = int(self.refuge[who] if free else self.household[then])
            elif then != forced and then not in to:
                to[then] = UNPLACED  # it leaves its household; where to, the next step says
            who = then
        return [
            (request, int(self.household[request]), home)
            for request, home in to.items()
            if home != int(self.household[request])
        ]


def _shortest(arcs: Integers) -> tuple[Integers, Indices]:
    """All-pairs shortest paths (Floyd and Warshall), and the next step on each."""
    far = arcs.copy()
    then = np.broadcast_to(np.arange(len(arcs)), arcs.shape).copy()
    for via in range(len(arcs)):
        through = far[:, via, None] + far[None, via, :]
        shorter = through < far
        far = np.where(shorter, through, far)
        then = np.where(shorter, then[:, via, None], then)
    return far, then


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
