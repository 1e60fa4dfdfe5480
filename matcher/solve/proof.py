"""Prove an optimum without a solver: duals, their check, and the one choice among equals."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from matcher.solve.problem import UNPLACED, Duals, Indices, Integers, Problem


class NotOptimal(ValueError):
    """The choice can be improved, so that no duals prove it."""


def recover(problem: Problem, household: Indices) -> Duals:
    """The duals of an optimal choice in which households and groups are worth least, by Bellman-Ford.

    Raises NotOptimal where the choice can be improved. The least duals are the same for every
    optimal choice.
    """
    worth, none = problem.worth, problem.many_groups
    placed = household != UNPLACED
    value = np.zeros(problem.requests, np.int64)
    value[placed] = worth[problem.edges(household)]
    taken = np.zeros(problem.households, bool)
    taken[household[placed]] = True
    # A household that nobody has is worth what its group is; a group that is not full nothing.
    full = np.append(_full(problem, household), False)
    place = np.where(taken, np.arange(problem.households), problem.households + problem.group)
    inside = (taken | full[problem.group])[problem.household]
    request, at, gain = problem.request[inside], place[problem.household[inside]], worth[inside]
    held = np.flatnonzero(taken)
    v = np.zeros(problem.households + none + 1, np.int64)
    for _ in range(problem.requests + none + 2):
        u = _request_duals(value, v, household)
        needed = v.copy()
        np.maximum.at(needed, at, gain - u[request])
        needed[held] = np.maximum(needed[held], needed[problem.households + problem.group[held]])
        if (needed == v).all():
            groups = v[problem.households : -1]
            of_group = np.append(groups, 0)[problem.group]
            duals = Duals(u, np.where(taken, v[: problem.households] - of_group, 0), groups)
            if wrong := check(problem, household, duals):
                raise NotOptimal(wrong[0])
            return duals
        v = needed
    raise NotOptimal("the duals do not settle: some exchange improves the round")


def _full(problem: Problem, household: Indices) -> NDArray[np.bool_]:
    """The groups of which a choice takes as many households as it may."""
    groups = problem.groups
    return groups.taken(household) >= groups.at_most if groups else np.zeros(0, bool)


def _request_duals(value: Integers, v: Integers, household: Indices) -> Integers:
    placed = household != UNPLACED
    u = np.zeros(len(value), np.int64)
    u[placed] = value[placed] - v[household[placed]]
    return u


def slack(problem: Problem, duals: Duals) -> Integers:
    """What each edge loses against the duals; never negative where they are right."""
    left, of_households = np.empty(len(problem.request), np.int64), duals.of_households(problem)
    for edges in problem.blocks():
        mine = duals.requests[problem.request[edges]]
        mine += of_households[problem.household[edges]]
        left[edges] = mine - problem.worth_of(edges)
    return left


def are_least(problem: Problem, household: Indices, duals: Duals, left: Integers) -> bool:
    """Whether duals that prove a choice are its least, which the edges without slack alone show.

    The least duals are held up by chains of such edges; and of a part they are never more.
    """
    least = recover(problem.weighed(left == 0), household)
    return all(
        (one == other).all()
        for one, other in (
            (least.requests, duals.requests),
            (least.households, duals.households),
            (least.groups, duals.groups),
        )
    )


def check(problem: Problem, household: Indices, duals: Duals) -> list[str]:
    """Why the duals don't prove the choice optimal; [] where they do."""
    wrong = []
    u, v = duals.requests, duals.households
    if any((each < 0).any() for each in (u, v, duals.groups)):
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
    if (duals.groups[~_full(problem, household)] != 0).any():
        wrong.append("a group that is not full has a dual")
    return wrong


def canonical(problem: Problem, household: Indices, duals: Duals, left: Integers) -> Indices:
    """Of all optimal choices: in order of requests, the smallest household that keeps the optimum.

    An exchange along pairs without slack (`left`) costs nothing, and every optimal choice is reached by
    such exchanges.
    """
    return _Exchange(problem, household, duals, left).settle()


class _Exchange:
    """Exchanges that cost nothing, request by request; those that have settled stay.

    An exchange goes through requests, which lose their household and take another, through groups, which
    take one household too many and let another go, and through 'outside', where a request is left.
    """

    def __init__(self, problem: Problem, household: Indices, duals: Duals, left: Integers) -> None:
        self.first_group = problem.requests
        self.outside = problem.requests + problem.many_groups
        self.at = household.tolist()
        self.group = (problem.group + problem.requests).tolist()  # a household in none: outside
        self.u, self.v, self.t = (each.tolist() for each in (duals.requests, duals.households, duals.groups))  # fmt: skip
        self.holder = [UNPLACED] * problem.households
        self.members: list[set[int]] = [set() for _ in range(problem.many_groups + 1)]
        for request, household_index in enumerate(self.at):
            if household_index != UNPLACED:
                self.holder[household_index] = request
                self.members[self.group[household_index] - self.first_group].add(request)
        most = problem.groups.at_most.tolist() if problem.groups else []
        self.room = [most[at] - len(self.members[at]) for at in range(problem.many_groups)]
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
        start = self._loses(household_index)
        if start < self.first_group and self.settled[start]:
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
        if who >= self.first_group:
            yield from self._let_go(who)
            return
        for takes in self.tight[who]:
            if takes == vacated:
                yield request, takes
            elif takes != household_index:
                then = self._loses(takes)
                if then >= self.first_group or not self.settled[then]:
                    yield then, takes
        if self.u[who] == 0 and self.at[who] != UNPLACED:
            yield self.outside, UNPLACED

    def _loses(self, household_index: int) -> int:
        """Who has one too many once a household is taken: its request, or its group where it is free."""
        holder = self.holder[household_index]
        return self.group[household_index] if holder == UNPLACED else holder

    def _let_go(self, group: int) -> Iterator[tuple[int, int]]:
        """Whom a group, or outside, can let go: those whose household is worth nothing beside it."""
        for other in self.members[group - self.first_group]:
            if self.v[self.at[other]] == 0 and not self.settled[other]:
                yield other, UNPLACED
        if group != self.outside:
            if self.room[group - self.first_group] > 0:
                yield self.outside, UNPLACED
            return
        for other, at in enumerate(self.at):
            if at == UNPLACED and not self.settled[other]:
                yield other, UNPLACED
        for at, worth in enumerate(self.t):
            if worth == 0 and self.members[at]:
                yield self.first_group + at, UNPLACED

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
            if who < self.first_group:
                moves.append((who, takes))
            if who == start:
                break
            who, takes = came_from[who]
        for mover, _ in moves:
            if self.at[mover] != UNPLACED:
                self.holder[self.at[mover]] = UNPLACED
                self._count(mover, -1)
        for mover, to in moves:
            self.at[mover] = to
            if to != UNPLACED:
                self.holder[to] = mover
                self._count(mover, 1)

    def _count(self, request: int, more: int) -> None:
        """Count a request in the group of its household, or no longer."""
        group = self.group[self.at[request]] - self.first_group
        if more > 0:
            self.members[group].add(request)
        else:
            self.members[group].remove(request)
        if group < len(self.room):
            self.room[group] -= more
