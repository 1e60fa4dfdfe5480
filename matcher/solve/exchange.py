"""Better choices within limits, found by exchanges, and the best of all where they are few enough.

No duals prove a choice under limits of every kind, and whoever checks one has no solver. An exchange
sends a request to another household, whoever holds that one elsewhere, and so on; what no exchange
and no two of them better may still not be the best.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from operator import add, sub
from typing import TypeAlias

import numpy as np

from matcher.solve.problem import UNPLACED, Indices, Problem

Values: TypeAlias = tuple[int, ...]  # one an aim

MOST_EXCHANGES = 20_000  # that are tried on a choice, the shortest first
MOST_PAIRS = 200_000  # of exchanges that are tried together
MOST_CHOICES = 60_000  # that are few enough to try them all


@dataclass(frozen=True)
class Exchange:
    """Who goes where instead, as (request, household), and what it gains in each aim."""

    moves: tuple[tuple[int, int], ...]
    gain: Values

    @cached_property
    def touches(self) -> frozenset[tuple[str, int]]:
        """The requests that move, and the households that they take."""
        taken = {("household", at) for _, at in self.moves if at != UNPLACED}
        return frozenset({("request", who) for who, _ in self.moves} | taken)

    def after(self, household: Indices) -> Indices:
        """A choice once everybody has moved."""
        moved = household.copy()
        for who, to in self.moves:
            moved[who] = to
        return moved


def better(
    problem: Problem, household: Indices, held: int | None = None, most: int = MOST_EXCHANGES
) -> Indices | None:
    """A choice within all limits that is better, aim by aim; None where no exchange leads to one.

    The request `held` stays where it is.
    """
    nothing = (0,) * len(problem.aims)
    over, others = list[Exchange](), list[Exchange]()
    for each in _exchanges(problem, household, held, most):
        if each.gain > nothing:
            if not problem.broken(after := each.after(household)):
                return after
            over.append(each)
        else:
            others.append(each)
    tried = 0
    for one in over:  # what it gains may pay for another that makes room for it
        for other in (*over, *others):
            if (tried := tried + 1) > min(MOST_PAIRS, 10 * most):
                return None
            if tuple(map(add, one.gain, other.gain)) > nothing and one.touches.isdisjoint(
                other.touches
            ):
                after = other.after(one.after(household))
                if not problem.broken(after):
                    return after
    return None


def _exchanges(
    problem: Problem, household: Indices, held: int | None, most: int
) -> Iterator[Exchange]:
    """The exchanges of a choice, the shortest first, whether they keep the limits or not."""
    at, nothing = household.tolist(), (0,) * len(problem.aims)
    homes = _homes(problem)
    now = [nothing if h == UNPLACED else homes[who][h] for who, h in enumerate(at)]
    holder = {h: who for who, h in enumerate(at) if h != UNPLACED}
    waiting = deque[tuple[int, tuple[tuple[int, int], ...], Values]](
        (who, (), nothing) for who in range(problem.requests) if who != held
    )
    made = 0
    while waiting and made < most:
        who, moves, gain = waiting.popleft()
        first, taken = moves[0][0] if moves else who, {to for _, to in moves}
        left = tuple(map(sub, gain, now[who]))
        if at[who] != UNPLACED:
            made += 1
            yield Exchange((*moves, (who, UNPLACED)), left)
        for to, values in homes[who].items():
            if to == at[who] or to in taken:
                continue
            then, total = (*moves, (who, to)), tuple(map(add, left, values))
            displaced = holder.get(to)
            if displaced is None or displaced == first:
                made += 1
                yield Exchange(then, total)
            elif displaced != held and all(displaced != mover for mover, _ in moves):
                waiting.append((displaced, then, total))


def _homes(problem: Problem) -> list[dict[int, Values]]:
    """The households of each request, each with its value in every aim."""
    values = np.array([problem.of_edges(aim) for aim in problem.aims]).T.tolist()
    homes: list[dict[int, Values]] = [{} for _ in range(problem.requests)]
    pairs = zip(problem.request.tolist(), problem.household.tolist(), values, strict=True)
    for who, to, of_edge in pairs:
        homes[who][to] = tuple(of_edge)
    return homes


@dataclass(frozen=True)
class Best:
    """The best of all choices within the limits, and the best values with each edge that has some."""

    household: Indices
    values: Values
    with_edge: dict[int, Values]


def best_of_all(problem: Problem) -> Best | None:
    """The best of all choices by trying every one; None where they are too many."""
    edges_of = [range(*problem.edges_of(who).indices(len(problem.request))) for who in range(problem.requests)]  # fmt: skip
    if prod(len(edges) + 1 for edges in edges_of) > MOST_CHOICES:
        return None
    homes, values = problem.household.tolist(), list[Values]()
    for of_request in _homes(problem):
        values.extend(of_request.values())
    rows = [*problem.rows]
    adds = [row.values.tolist() for row in rows]
    excluded: dict[int, set[int]] = {}
    for conflict in problem.conflicts:
        for other in conflict.others.tolist():
            excluded.setdefault(conflict.edge, set()).add(other)
            excluded.setdefault(other, set()).add(conflict.edge)
    best: tuple[Values, tuple[int, ...]] | None = None
    with_edge: dict[int, Values] = {}
    left = [row.at_most for row in rows]
    chosen, taken = list[int](), set[int]()

    def choose(who: int, total: Values) -> None:
        nonlocal best
        if who == problem.requests:
            if best is None or total > best[0]:
                best = total, tuple(chosen)
            for edge in chosen:
                if total > with_edge.get(edge, ()):
                    with_edge[edge] = total
            return
        for edge in edges_of[who]:
            over = any(adds[at][edge] > room for at, room in enumerate(left))
            if over or homes[edge] in taken or not excluded.get(edge, set()).isdisjoint(chosen):
                continue
            chosen.append(edge)
            taken.add(homes[edge])
            for at, of_limit in enumerate(adds):
                left[at] -= of_limit[edge]
            choose(who + 1, tuple(map(add, total, values[edge])))
            for at, of_limit in enumerate(adds):
                left[at] += of_limit[edge]
            taken.remove(homes[edge])
            chosen.pop()
        choose(who + 1, total)

    choose(0, (0,) * len(problem.aims))
    if best is None:
        return None
    household = np.full(problem.requests, UNPLACED)
    for edge in best[1]:
        household[problem.request[edge]] = homes[edge]
    return Best(household, best[0], with_edge)
