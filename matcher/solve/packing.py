"""Pack stays into machines: each item at most one option, each machine at most one item a week.

The machines are households and the items families, but nothing here knows it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.solve.problem import Indices, Integers
from matcher.solve.silence import silenced


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

    def _matrix(self) -> Any:
        """The constraints, (rows, options): the items first, then each week in which a machine is asked.

        Of a machine only weeks in which some option begins have a row: whatever options share a
        later week, they share the last of their first weeks too.
        """
        from scipy.sparse import csr_array

        options = np.arange(len(self.item))
        at = np.repeat(options, self.length)
        first = np.cumsum(self.length) - self.length
        week = self.machine[at] * self.weeks + self.start[at] + np.arange(len(at)) - first[at]
        begun = np.unique(self.machine * self.weeks + self.start)
        kept = np.isin(week, begun)
        rows = np.concatenate([self.item, self.items + np.searchsorted(begun, week[kept])])
        columns = np.concatenate([options, at[kept]])
        shape = (self.items + len(begun), len(options))
        return csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)

    def optimum(self) -> tuple[Indices, int]:
        """The options of a best packing, and the value that none can exceed; NotSolved."""
        if not len(self.item):
            return np.zeros(0, np.intp), 0
        whole = np.ones(len(self.item), np.int8)
        found = _best(self.value.astype(float), self._matrix(), whole)
        chosen = np.flatnonzero(np.rint(found.x))
        value = int(self.value[chosen].sum())
        # The objective is an integer, so the solver's dual bound may be rounded down.
        return chosen, max(value, int(np.floor(-found.mip_dual_bound + 1e-6)))

    def first_of(self, futures: Sequence[Packing]) -> Indices:
        """The options that are worth most together with what each future can add, in the mean.

        The items of a future are these and, after them, its own; it is packed into what these
        options leave, by itself and with fractions allowed. Of these no machine gets two. There is at
        least one future. Raises NotSolved.
        """
        from scipy.sparse import block_diag, csr_array, hstack, vstack

        here = len(self.item)
        of_machines = (np.ones(here), (self.machine, np.arange(here)))
        one_each = csr_array(of_machines, shape=(self.machines, here))
        matrices = [self._with(future)._matrix() for future in futures]
        later = block_diag([each[:, here:] for each in matrices])
        nothing = csr_array((self.machines, later.shape[1]))
        now = vstack([one_each, *(each[:, :here] for each in matrices)])
        both = hstack([now, vstack([nothing, later])], format="csr")
        value = np.concatenate([self.value, *(each.value / len(futures) for each in futures)])
        whole = (np.arange(len(value)) < here).astype(np.int8)
        found = _best(value, both, whole)
        return np.flatnonzero(np.rint(found.x[:here]))

    def _with(self, other: Packing) -> Packing:
        """These options, then those of another with the same machines and weeks."""
        names = ("item", "machine", "start", "length", "value")
        both = (np.concatenate([getattr(self, name), getattr(other, name)]) for name in names)
        return Packing(other.items, self.machines, self.weeks, *both)


def _best(value: Any, matrix: Any, whole: Any) -> Any:
    """What HiGHS finds where each row holds at most one; raises NotSolved."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    with silenced():
        found = milp(
            -value,
            constraints=LinearConstraint(matrix, ub=np.ones(matrix.shape[0])),
            bounds=Bounds(0, 1),
            integrality=whole,
            options={"mip_rel_gap": 0},
        )
    if found.status != 0:
        raise NotSolved(found.message)
    return found
