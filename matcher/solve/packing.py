"""Pack stays into machines: each item at most one option, each machine at most one item a week.

The machines are households and the items families, but nothing here knows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.solve.problem import Indices, Integers
from matcher.solve.silence import silenced

A_LITTLE = 0.01


class NotSolved(RuntimeError):
    """The solver did not prove an answer."""


@dataclass(frozen=True)
class Packing:
    """Options, all arrays (options,): an item in a machine from a week, for so many weeks."""

    items: int
    machines: int
    weeks: int
    item: Indices
    machine: Indices
    start: Indices
    length: Indices
    value: Integers

    @cached_property
    def _rows(self) -> tuple[Any, Indices]:
        """The constraints as a sparse matrix (rows, options), and what each row stands for."""
        from scipy.sparse import csr_array

        options = np.arange(len(self.item))
        at = np.repeat(options, self.length)
        first = np.cumsum(self.length) - self.length
        week = self.start[at] + np.arange(len(at)) - first[at]
        rows = np.concatenate([self.item, self.items + self.machine[at] * self.weeks + week])
        used, place = np.unique(rows, return_inverse=True)
        ones = np.ones(len(rows))
        columns = np.concatenate([options, at])
        matrix = csr_array((ones, (place, columns)), shape=(len(used), len(options)))
        return matrix, used

    def optimum(self) -> tuple[Indices, int]:
        """The options of a best packing, and the value that none can exceed; NotSolved."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        if not len(self.item):
            return np.zeros(0, np.intp), 0
        matrix, _ = self._rows
        with silenced():
            found = milp(
                -self.value.astype(float),
                constraints=LinearConstraint(matrix, ub=np.ones(matrix.shape[0])),
                bounds=Bounds(0, 1),
                integrality=np.ones(len(self.item), np.int8),
                options={"mip_rel_gap": 0},
            )
        if found.status != 0:
            raise NotSolved(found.message)
        chosen = np.flatnonzero(np.rint(found.x))
        value = int(self.value[chosen].sum())
        # Values are whole, so that a bound less than one above is the value.
        return chosen, max(value, int(np.floor(-found.mip_dual_bound + 1e-6)))

    def prices(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each item (items,) and each week of a machine (machines, weeks) is worth.

        They are the duals of the packing in which fractions are allowed; what is not used is worth
        0. Where many duals are right they are those of the loss: what it costs that a machine has a
        little less room, for which all machines have 1 % less. Raises NotSolved.
        """
        from scipy.optimize import linprog

        worth = np.zeros(self.items + self.machines * self.weeks)
        if len(self.item):
            matrix, used = self._rows
            room = np.where(used < self.items, 1.0, 1.0 - A_LITTLE)
            with silenced():
                found = linprog(-self.value.astype(float), A_ub=matrix, b_ub=room, bounds=(0, 1))
            if found.status != 0:
                raise NotSolved(found.message)
            # The bound of 1 on an option is implied by its item, so its dual goes to the item.
            worth[used] = -found.ineqlin.marginals
            extra = -found.upper.marginals
            np.add.at(worth, self.item, extra)
        return worth[: self.items], worth[self.items :].reshape(self.machines, self.weeks)
