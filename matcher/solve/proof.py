"""Prove an optimum without a solver: duals, their check, and the one choice among equals."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np

from matcher.solve.problem import UNPLACED, Duals, Indices, Integers, Problem


class NotOptimal(ValueError):
    """The choice can be improved, so that no duals prove it."""


def recover(problem: Problem, household: Indices) -> Duals:
    """The duals of an optimal choice in which households are worth least, by Bellman-Ford.

    Raises NotOptimal where the choice can be improved. The least duals are the same for every
    optimal choice.
    """
    worth = problem.worth
    matched = problem.edges(household)
    placed = household != UNPLACED
    value = np.zeros(problem.requests, np.int64)
    value[placed] = worth[matched]
    taken = np.zeros(problem.households, bool)
    taken[household[placed]] = True
    inside = taken[problem.household]
    request, at, gain = problem.request[inside], problem.household[inside], worth[inside]
    v = np.zeros(problem.households, np.int64)
    for _ in range(problem.requests + 2):
        u = _request_duals(value, v, household)
        needed = v.copy()
        np.maximum.at(needed, at, gain - u[request])
        if (needed == v).all():
            duals = Duals(u, v)
            if wrong := check(problem, household, duals):
                raise NotOptimal(wrong[0])
            return duals
        v = needed
    raise NotOptimal("the duals do not settle: some exchange improves the round")


def _request_duals(value: Integers, v: Integers, household: Indices) -> Integers:
    placed = household != UNPLACED
    u = np.zeros(len(value), np.int64)
    u[placed] = value[placed] - v[household[placed]]
    return u


def slack(problem: Problem, duals: Duals) -> Integers:
    """What each edge loses against the duals; never negative where they are right."""
    left = duals.requests[problem.request]
    left += duals.households[problem.household]
    left -= problem.worth
    return left


def check(problem: Problem, household: Indices, duals: Duals) -> list[str]:
    """Why the duals don't prove the choice optimal; [] where they do."""
    wrong = []
    u, v = duals.requests, duals.households
    if (u < 0).any() or (v < 0).any():
        wrong.append("a dual is negative")
    left = slack(problem, duals)
    if (left < 0).any():
        wrong.append("a pair is worth more than its duals")
    if (left[problem.edges(household)] != 0).any():
        wrong.append("a proposed pair is worth less than its duals")
    if (u[household == UNPLACED] != 0).any():
        wrong.append("a request without a household has a dual")
    taken = np.zeros(problem.households, bool)
    taken[household[household != UNPLACED]] = True
    if (v[~taken] != 0).any():
        wrong.append("a household without a request has a dual")
    return wrong


def canonical(problem: Problem, household: Indices, duals: Duals, left: Integers) -> Indices:
    """Of all optimal choices: in order of requests, the smallest household that keeps the optimum.

    An exchange along pairs without slack (`left`) costs nothing, and every optimal choice is reached by
    such exchanges.
    """
    return _Exchange(problem, household, duals, left).settle()


class _Exchange:
    """Exchanges that cost nothing, request by request; those that have settled stay."""

    def __init__(self, problem: Problem, household: Indices, duals: Duals, left: Integers) -> None:
        self.outside = problem.requests
        self.at = household.tolist()
        self.u, self.v = duals.requests.tolist(), duals.households.tolist()
        self.holder = [UNPLACED] * problem.households
        for request, household_index in enumerate(self.at):
            if household_index != UNPLACED:
                self.holder[household_index] = request
        self.tight: list[list[int]] = [[] for _ in range(problem.requests)]
        free = np.flatnonzero(left == 0)
        pairs = zip(problem.request[free].tolist(), problem.household[free].tolist(), strict=True)
        for request, household_index in pairs:
            self.tight[request].append(household_index)
        self.settled = [False] * problem.requests

    def settle(self) -> Indices:
        for request, homes in enumerate(self.tight):
            for household_index in homes:
                if household_index == self.at[request] or self._give(request, household_index):
                    break
            self.settled[request] = True
        return np.array(self.at, np.intp)

    def _give(self, request: int, household_index: int) -> bool:
        """Give `household_index` to `request` if an exchange that costs nothing allows it."""
        holder = self.holder[household_index]
        start = self.outside if holder == UNPLACED else holder
        if start != self.outside and self.settled[start]:
            return False
        came_from: dict[int, tuple[int, int]] = {}
        queue = deque([start])
        seen = {start, request}
        while queue:
            who = queue.popleft()
            for then, takes in self._steps(who, request, household_index):
                if then == request:
                    self._carry_out(request, household_index, start, (who, takes), came_from)
                    return True
                if then not in seen:
                    seen.add(then)
                    came_from[then] = (who, takes)
                    queue.append(then)
        return False

    def _steps(self, who: int, request: int, household_index: int) -> Iterator[tuple[int, int]]:
        """Whom an exchange can reach from `who`, and the household that `who` takes for it."""
        vacated = self.at[request]
        if who == self.outside:
            if vacated == UNPLACED or self.v[vacated] == 0:
                yield request, UNPLACED
            for other, at in enumerate(self.at):
                may_leave = at == UNPLACED or self.v[at] == 0
                if may_leave and other != request and not self.settled[other]:
                    yield other, UNPLACED
            return
        for takes in self.tight[who]:
            if takes == vacated:
                yield request, takes
            elif takes != household_index:
                holder = self.holder[takes]
                if holder == UNPLACED:
                    yield self.outside, takes
                elif not self.settled[holder]:
                    yield holder, takes
        if self.u[who] == 0 and self.at[who] != UNPLACED:
            yield self.outside, UNPLACED

    def _carry_out(
        self,
        request: int,
        household_index: int,
        start: int,
        last: tuple[int, int],
        came_from: dict[int, tuple[int, int]],
    ) -> None:
        moves = [(request, household_index)]
        who, takes = last
        while True:
            if who != self.outside:
                moves.append((who, takes))
            if who == start:
                break
            who, takes = came_from[who]
        for mover, _ in moves:
            if self.at[mover] != UNPLACED:
                self.holder[self.at[mover]] = UNPLACED
        for mover, to in moves:
            self.at[mover] = to
            if to != UNPLACED:
                self.holder[to] = mover
