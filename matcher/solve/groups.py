"""Limits that only cap how many households of a group are taken: an assignment in another form.

Of a group of m households at most k may be taken. That is m - k requests more, each for any household of
the group and worth more than everything else: what they hold, nobody else can. The problem then has
no limit, one exact weight proves it, and its duals price every pair.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.solve.prices import Moves, Price, Prices
from matcher.solve.problem import UNPLACED, Aim, Duals, Indices, Integers, Problem
from matcher.solve.proof import slack

MOST_EDGES = 4_000_000  # that the further requests may have


class Grouped:
    """A problem whose limits cap groups of households, and the problem without limits that it is."""

    def __init__(self, problem: Problem, groups: list[Indices]) -> None:
        self.problem, self.groups = problem, groups
        self.spare = [
            max(0, len(homes) - limit.at_most)
            for homes, limit in zip(groups, problem.limits, strict=True)
        ]
        self.whole = self._whole()

    def _whole(self) -> Problem:
        mine, further = self.problem, sum(self.spare)
        sizes = np.repeat([len(homes) for homes in self.groups], self.spare)
        homes = [homes for homes, spare in zip(self.groups, self.spare, strict=True) for _ in range(spare)]  # fmt: skip
        ids = np.repeat(np.arange(mine.requests, mine.requests + further), sizes)
        none, edges = np.zeros(further, np.int64), np.zeros(len(ids), np.int64)

        def widened(aim: Aim) -> Aim:
            more = none if aim.of_request else edges
            return replace(aim, values=np.concatenate([aim.values, more]))

        first = np.concatenate([np.zeros(mine.requests, np.int64), none + 1])
        return Problem(
            mine.requests + further,
            mine.households,
            np.concatenate([mine.request, ids]),
            np.concatenate([mine.household, *homes]),
            (Aim("held back", first, of_request=True), *map(widened, mine.aims)),
        )

    def choice(self, household: Indices) -> Indices:
        """The choice of the whole problem in which the further requests hold what is left over."""
        taken = np.zeros(self.problem.households, bool)
        taken[household[household != UNPLACED]] = True
        held = [
            homes[~taken[homes]][:spare]
            for homes, spare in zip(self.groups, self.spare, strict=True)
        ]
        return np.concatenate([household, *held]).astype(np.intp)

    def duals(self, whole: Duals) -> Duals:
        """The duals of a problem with groups: what a place in a full group is worth stands apart."""
        households = whole.households.copy()
        places = [
            int(households[homes].min()) if spare else 0
            for homes, spare in zip(self.groups, self.spare, strict=True)
        ]
        for homes, place in zip(self.groups, places, strict=True):
            households[homes] -= place
        return Duals(
            whole.requests[: self.problem.requests], households, np.array(places, np.int64)
        )

    def whole_duals(self, duals: Duals) -> Duals:
        """The duals of the whole problem that those of the groups stand for."""
        assert duals.groups is not None
        households = duals.households.copy()
        for homes, place in zip(self.groups, duals.groups.tolist(), strict=True):
            households[homes] += place
        further = self.whole.weights[0] - np.repeat(duals.groups, self.spare)
        return Duals(np.concatenate([duals.requests, further]), households)


class GroupPrices:
    """The price of every edge of a problem with groups, from its optimal choice and duals."""

    def __init__(self, grouped: Grouped, household: Indices, duals: Duals) -> None:
        whole = grouped.whole_duals(duals)
        left: Integers = slack(grouped.whole, whole)
        self.requests = grouped.problem.requests
        self.prices = Prices(grouped.whole, grouped.choice(household), whole, left)

    def price(self, edge: int) -> Price | None:
        """The price of an edge; None where its group may take no household at all."""
        found = self.prices.price(edge)
        over, *losses = found.losses
        moves: Moves = tuple(move for move in found.moves if move[0] < self.requests)
        return None if over else Price(tuple(losses), moves)


def grouped(problem: Problem) -> Grouped | None:
    """A problem as one with groups; None where it has no limit, or one that caps no group."""
    limits = problem.limits
    if not limits or problem.conflicts or any(limit.group is None for limit in limits):
        return None
    groups = [np.unique(problem.household[limit.values == 1]) for limit in limits]
    edges = sum(
        len(homes) * max(0, len(homes) - limit.at_most)
        for homes, limit in zip(groups, limits, strict=True)
    )
    if edges > MOST_EDGES or any(limit.at_most < 0 for limit in limits):
        return None
    made = Grouped(problem, groups)
    return made if made.whole.exact else None
