"""The best whole rounds after the best one.

Without limits they come by partition (Lawler; Chegireddy and Hamacher): the second best of a space
of rounds is one cheapest exchange away from its best, and an edge in which the two differ splits
the space, so that each half holds one of them. With limits, or where each must differ in several
families, CP-SAT finds one after another, held away from all before.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from matcher.solve import solve
from matcher.solve.prices import Prices
from matcher.solve.problem import UNPLACED, Impossible, Indices, Limit, Problem
from matcher.solve.proof import recover, slack


def next_best(problem: Problem, best: Indices, least: int = 1) -> Iterator[Indices]:
    """Whole rounds after the best one, each at least as good as the next, none twice.

    Each differs from `best`, and from every one before it, in the household (or in going unplaced)
    of at least so many requests. It ends where there is no other round.
    """
    free = problem.duals_prove
    return _by_partition(problem, best) if free and least == 1 else _by_limits(problem, best, least)


@dataclass(frozen=True)
class _Space:
    """All rounds that hold some edges and leave out others, with the best of them."""

    best: Indices
    held: tuple[int, ...] = ()
    out: tuple[int, ...] = ()


def _by_partition(problem: Problem, best: Indices) -> Iterator[Indices]:
    waiting: list[tuple[tuple[int, ...], int, Indices, _Space]] = []
    made = 0

    def look_at(space: _Space) -> None:
        nonlocal made
        second = _second(problem, space)
        if second is not None:
            losses = tuple(-value for value in problem.totals(second))
            heapq.heappush(waiting, (losses, made, second, space))
            made += 1

    look_at(_Space(best))
    while waiting:
        _, _, second, space = heapq.heappop(waiting)
        yield second
        ours, theirs = problem.edges(space.best), problem.edges(second)
        new = np.setdiff1d(theirs, ours)
        # Split on an edge that the second best adds; if it adds none, on one that it drops.
        edge = int(new[0]) if len(new) else int(np.setdiff1d(ours, theirs)[0])
        keeps, loses = (second, space.best) if len(new) else (space.best, second)
        look_at(replace(space, best=keeps, held=(*space.held, edge)))
        look_at(replace(space, best=loses, out=(*space.out, edge)))


def _second(problem: Problem, space: _Space) -> Indices | None:
    """The best round of a space but one; None where it holds only one."""
    held = np.array(space.held, np.intp)
    fixed, homes = problem.request[held], problem.household[held]
    keep = ~(np.isin(problem.request, fixed) | np.isin(problem.household, homes))
    keep[list(space.out)] = False
    groups = problem.groups and problem.groups.less(homes)
    rest, at = replace(problem.only(keep), groups=groups), space.best.copy()
    at[fixed] = UNPLACED
    duals = recover(rest, at)
    prices = Prices(rest, at, duals, slack(rest, duals))
    others = np.flatnonzero((at[rest.request] != rest.household) & prices.allowed)
    placed = np.flatnonzero(at != UNPLACED)
    costs = np.concatenate([prices.totals[others], prices.leaving[placed]])
    if not len(costs):
        return None
    cheapest = int(costs.argmin())
    gives_up = cheapest >= len(others)
    price = (
        prices.leave(int(placed[cheapest - len(others)]))
        if gives_up
        else prices.price(int(others[cheapest]))
    )
    second = price.after(at)
    second[fixed] = homes
    return second


def _by_limits(problem: Problem, best: Indices, least: int) -> Iterator[Indices]:
    while True:
        problem = replace(problem, limits=(*problem.limits, _unlike(problem, best, least)))
        try:
            best = solve(problem).household
        except Impossible:
            return
        yield best


def _unlike(problem: Problem, round_: Indices, least: int) -> Limit:
    """A limit that keeps a choice from being like another: so many requests must differ.

    A request that stays with its household counts 1, and one that is placed though the other left
    it unplaced counts -1: together at most the requests placed there, less those that must differ.
    """
    values = -(round_ == UNPLACED).astype(np.int64)[problem.request]
    edges = problem.edges(round_)
    values[edges] = 1
    return Limit("unlike", values, len(edges) - least)
