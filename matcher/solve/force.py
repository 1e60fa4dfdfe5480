"""The best choice that holds one pair, found by solving again: for rounds with limits in play."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from matcher.solve import solve
from matcher.solve.prices import Price, Prices, difference
from matcher.solve.problem import Indices, Problem, Solution
from matcher.solve.program import Unsure
from matcher.solve.sums import ForcedSums

if TYPE_CHECKING:
    from matcher.solve.cpsat import Forced


def force(problem: Problem, edge: int) -> Solution | None:
    """The optimum among all choices with an edge; None where the limits allow none of them.

    The pair is taken as given, with its share of each limit and all that it excludes; the rest is
    solved. It has no duals.
    """
    who, household_index = problem.request[edge], problem.household[edge]
    keep = (problem.request != who) & (problem.household != household_index)
    for conflict in problem.conflicts:
        if conflict.edge == edge:
            keep[conflict.others] = False
        elif edge in conflict.others:
            keep[conflict.edge] = False
    limits = tuple(
        replace(each, at_most=each.at_most - int(each.values[edge])) for each in problem.limits
    )
    groups = problem.groups and problem.groups.less(np.array([household_index]))
    if any(each.at_most < 0 for each in limits) or (groups and (groups.at_most < 0).any()):
        return None
    found = solve(replace(problem, limits=limits, groups=groups).only(keep))
    household = found.household.copy()
    household[who] = household_index
    adds = [int(problem.of_edges(aim)[edge]) for aim in problem.aims]
    values = tuple(map(sum, zip(found.values, adds, strict=True)))
    bounds = tuple(map(sum, zip(found.bounds, adds, strict=True)))
    return Solution(household, values, bounds, None)


class ForcedPrices:
    """The price of one edge and another where limits are in play that duals don't price.

    Without these limits, duals price every pair; where what comes of it is within them, nothing is cheaper.
    Else the rest is solved again with the pair.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.solution = problem, solution
        self._known: dict[int, Price | None] = {}

    def price(self, edge: int) -> Price | None:
        """What a forced edge costs; None where the limits don't allow it."""
        if edge not in self._known:
            self._known[edge] = self._price(edge)
        return self._known[edge]

    def without_solving(self, edge: int) -> Price | None:
        """What a forced edge costs where duals tell it; None where they don't, or it is not allowed."""
        prices = self._prices
        if prices is None or not prices.allowed[edge]:
            return None
        then = prices.price(edge).after(prices.household)
        return None if self.problem.broken(then) else self._difference(then)

    def _price(self, edge: int) -> Price | None:
        known = self.without_solving(edge)
        if known is not None:
            return known
        then = self._forced(edge)
        return None if then is None else self._difference(then)

    def _difference(self, then: Indices) -> Price:
        mine = self.solution
        return difference(mine.values, mine.household, self.problem.totals(then), then)

    @cached_property
    def _prices(self) -> Prices | None:
        free = replace(self.problem, limits=(), conflicts=())
        if not free.exact:
            return None
        from matcher.solve.assignment import assign

        return Prices(free, *assign(free))

    def _forced(self, edge: int) -> Indices | None:
        if self.problem.limits or not self.problem.exact:
            try:
                return self._sums.household(edge)
            except Unsure:
                return self._search.household(edge)
        found = force(self.problem, edge)
        return None if found is None else found.household

    @cached_property
    def _sums(self) -> ForcedSums:
        return ForcedSums(self.problem, self.solution)

    @cached_property
    def _search(self) -> Forced:
        from matcher.solve.cpsat import Forced

        return Forced(self.problem, self.solution)
