"""Choose what to buy by the groups that are short of homes: a program without the pairs.

Of any requests no more can be placed than there are homes that could take one of them; and where no
group is short, all can be (Hall). A group for every set of requests would be too many, so only those
are written down that an answer overlooked, until one overlooks none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.model import Indices, Mask, Numbers
from matcher.solve.problem import Integers
from matcher.solve.silence import silenced

MOST_OFF = 0.1  # of a value, which is a whole number


class NotProven(RuntimeError):
    """The solver could not prove an answer."""


@dataclass(frozen=True)
class Ways:
    """What there is and what can be bought, (ways,): a household, what it costs, how many there may be.

    `fits` (ways, requests) says whom it could take. Of the ways of a household that can be there only
    once, at most one counts.
    """

    household: Indices
    cost: Integers
    copies: Integers
    fits: Mask


def cheapest(aims: Sequence[Integers], ways: Ways, budget: int) -> tuple[Indices, int, list[int]]:
    """How many of each way take a request, what that costs, and the value of each aim.

    The aims, each (requests,), are the greatest for the budget, one after another, and the cost is
    the least that reaches them. Raises NotProven.
    """
    program = _Program(ways, budget)
    values = [program.held(np.concatenate([np.zeros(len(ways.cost)), aim])) for aim in aims]
    cost = -program.held(np.concatenate([-ways.cost, np.zeros(ways.fits.shape[1])]))
    return program.used, cost, values


class _Program:
    """How many of each way, and which requests are placed; every row holds at most its limit."""

    def __init__(self, ways: Ways, budget: int) -> None:
        from scipy.sparse import csr_array

        many, asking = ways.fits.shape
        self.ways = ways
        self.most = np.concatenate([ways.copies, np.ones(asking)])
        single = np.flatnonzero(ways.copies == 1)
        _, at = np.unique(ways.household[single], return_inverse=True)
        shape = (int(at.max(initial=-1)) + 1, many + asking)
        self.rows: list[Any] = [csr_array((np.ones(len(at)), (at, single)), shape=shape)]
        self.limits = [1.0] * shape[0]
        self._held(np.concatenate([ways.cost, np.zeros(asking)]), budget)
        for group in np.eye(asking, dtype=bool):
            self._told(group)
        self.used = np.zeros(many, np.intp)

    def _told(self, group: Mask) -> None:
        """Of a group no more are placed than there are homes that could take one of it."""
        homes = self.ways.fits[:, group].any(axis=1)
        self._held(np.concatenate([-homes.astype(float), group]), 0)

    def _held(self, row: Numbers, limit: float) -> None:
        from scipy.sparse import csr_array

        self.rows.append(csr_array(row[None]))
        self.limits.append(float(limit))

    def held(self, worth: Numbers) -> int:
        """The greatest sum by this worth, held from then on; raises NotProven."""
        while True:
            found = self._answer(worth)
            short = self._short(found)
            if not short:
                break
            for group in short:
                self._told(group)
        value = round(float(worth @ found))
        self._held(-worth, -value)
        return value

    def _answer(self, worth: Numbers) -> Integers:
        from scipy.optimize import Bounds, LinearConstraint, milp
        from scipy.sparse import vstack

        rows = vstack(self.rows, format="csr")
        with silenced():
            found = milp(
                -worth,
                constraints=LinearConstraint(rows, ub=self.limits),
                bounds=Bounds(0, self.most),
                integrality=np.ones(len(worth), np.int8),
                options={"mip_rel_gap": 0},
            )
        if found.status != 0:
            raise NotProven("the solver did not prove a portfolio")
        chosen: Integers = np.rint(found.x).astype(np.int64)
        if (rows @ chosen > self.limits).any() or abs(worth @ chosen + found.fun) > MOST_OFF:
            raise NotProven("the solver's portfolio is not whole")
        return chosen

    def _short(self, chosen: Integers) -> list[Mask]:
        """The groups that an answer overlooked: it places more of them than it has homes for."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import maximum_bipartite_matching

        many = len(self.ways.cost)
        homes = np.repeat(np.arange(many), chosen[:many])
        placed = np.flatnonzero(chosen[many:])
        fits = self.ways.fits[homes]
        some = csr_array(fits[:, placed].T.astype(np.int8))
        given: Any = maximum_bipartite_matching(some, "column")
        self.used = np.bincount(homes[given[given >= 0]], minlength=many)
        holder = np.full(len(homes), -1)
        holder[given[given >= 0]] = np.flatnonzero(given >= 0)
        groups: list[Mask] = []
        for left_out in np.flatnonzero(given < 0).tolist():
            if not any(group[placed[left_out]] for group in groups):
                groups.append(_who_share(fits, placed, holder, left_out))
        return groups


def _who_share(fits: Mask, placed: Indices, holder: Indices, first: int) -> Mask:
    """The requests whose homes are all among those that the first and its rivals share."""
    homes = np.zeros(len(fits), bool)
    asking = [first]
    while asking:
        new = fits[:, placed[asking]].any(axis=1) & ~homes
        homes |= new
        asking = holder[new].tolist()
    return np.asarray(~fits[~homes].any(axis=0), bool)
