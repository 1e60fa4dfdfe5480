"""Choose edges under rows of any kind: what no choice can exceed, in whole numbers, and the best one.

A multiplier of each row turns what is left into an assignment, or a flow, whose duals bound every choice.
A linear program guesses the multipliers; whatever they are, the bound is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.model import Mask
from matcher.solve.assignment import assign
from matcher.solve.branching import first_broken
from matcher.solve.prices import Prices
from matcher.solve.problem import UNPLACED, Aim, Conflict, Indices, Integers, Limit, Problem
from matcher.solve.silence import silenced

BITS = 44  # of an edge's value with its share of all rows, so that sums of many stay within 64
GREATEST = 2**20  # value of an edge that the solver in floating point is asked about
FEW_CONFLICTS = 64  # that are rows from the start; of more, each once a choice breaks it
MOST_OFF = 0.1  # of a sum, which is a whole number
NEVER = np.iinfo(np.int64).min


class Unsure(RuntimeError):
    """The solver in floating point did not prove a whole choice."""


@dataclass(frozen=True)
class Bound:
    """What no choice exceeds, and no choice with each edge: (edges,)."""

    at_most: int
    of_edges: Integers


@dataclass(frozen=True)
class Program:
    """Edges with the rows that a choice keeps.

    `problem` has groups and conflicts, and no other limits. Rows have these, and the conflicts that some
    choice broke, as most bind nothing.
    """

    problem: Problem
    rows: tuple[Limit, ...]

    @staticmethod
    def of(problem: Problem) -> Program:
        """The program of a problem, with its limits in the smallest whole numbers.

        Raises Unsure where a value is too great.
        """
        rows = tuple(_smallest(limit) for limit in problem.limits)
        every = (*(aim.values for aim in problem.aims), *(row.values for row in rows))
        if any(int(np.abs(values).max(initial=0)) > GREATEST for values in every):
            raise Unsure("values are too great")
        program = Program(replace(problem, limits=()), rows)
        few = problem.conflicts if len(problem.conflicts) <= FEW_CONFLICTS else ()
        return program.apart(few)

    def apart(self, conflicts: Sequence[Conflict]) -> Program:
        """The same program with a row of some of its conflicts."""
        rows = np.zeros((len(conflicts), len(self.problem.request)), np.int64)
        for row, conflict in zip(rows, conflicts, strict=True):
            row[[conflict.edge, *conflict.others]] = 1
        added = (Limit(c.name, row, 1) for c, row in zip(conflicts, rows, strict=True))
        return replace(self, rows=(*self.rows, *added))

    def only(self, keep: Mask) -> Program:
        """The same program with some of its edges alone."""
        rows = tuple(replace(row, values=row.values[keep]) for row in self.rows)
        return Program(self.problem.only(keep), rows)

    def holding(self, values: Integers, at_least: int) -> Program:
        """The same program where a sum is at least so much."""
        return replace(self, rows=(*self.rows, Limit("held", -values, -at_least)))

    def values(self, aim: int) -> Integers:
        """The value of each edge in an aim."""
        return self.problem.of_edges(self.problem.aims[aim]).astype(np.int64)

    def total(self, values: Integers, household: Indices) -> int:
        """The sum of a choice."""
        return int(values[self.problem.edges(household)].sum())

    def keeps(self, household: Indices) -> bool:
        """Whether a choice keeps every row and limit, conflicts too."""
        return self._keeps_rows(household) and not self.problem.broken(household)

    def _keeps_rows(self, household: Indices) -> bool:
        return all(self.total(row.values, household) <= row.at_most for row in self.rows)

    def bound(self, values: Integers) -> Bound:
        """The bound of a sum by the multipliers that a linear program guesses."""
        problem, multipliers = self.problem, self._multipliers(values)
        scale = 1 << (BITS - int(self._size(values, multipliers)).bit_length())
        combined, most = values * scale, 0
        for multiplier, row in zip(multipliers, self.rows, strict=True):
            whole = round(multiplier * scale)
            combined -= whole * row.values
            most += whole * row.at_most
        aim = Aim("combined", combined, of_request=False)
        relaxed = replace(problem, aims=(aim,), conflicts=())
        household, duals, left = assign(relaxed)
        most += int(duals.requests.sum()) + int(duals.households.sum())
        if problem.groups is not None:
            most += int((duals.groups * problem.groups.at_most).sum())
        prices = Prices(relaxed, household, duals, left)
        of_edges = np.where(prices.allowed, (most - prices.totals) // scale, NEVER)
        return Bound(most // scale, of_edges)

    def _multipliers(self, values: Integers) -> list[float]:
        """What a unit of each row is worth; nothing where a linear program does not tell."""
        nothing = [0.0] * len(self.rows)
        if not len(values) or not self.rows:
            return nothing
        from scipy.optimize import linprog

        matrix, most = self._system
        with silenced():
            found = linprog(-values.astype(float), A_ub=matrix, b_ub=most, method="highs")
        if found.status != 0:
            return nothing
        multipliers = [max(-worth, 0.0) for worth in found.ineqlin.marginals.tolist()][
            -len(nothing) :
        ]
        return multipliers if self._size(values, multipliers) < 1 << BITS else nothing

    def _size(self, values: Integers, multipliers: Sequence[float]) -> float:
        """What no edge exceeds with its share of all rows."""
        greatest = [int(np.abs(row.values).max(initial=0)) for row in self.rows]
        shares: float = sum(map(mul, multipliers, greatest))
        return float(np.abs(values).max(initial=0)) + shares + 1

    def best(self, values: Integers) -> tuple[Program, Indices] | None:
        """A choice of the greatest sum, and the program with each conflict that was in its way.

        None where the rows allow no choice. Raises Unsure.
        """
        program = self
        while (household := program._best(values)) is not None:
            conflict = first_broken(self.problem, household)
            if conflict is None:
                return program, household
            program = program.apart([conflict])
        return None

    def _best(self, values: Integers) -> Indices | None:
        household = np.full(self.problem.requests, UNPLACED)
        if not len(values):
            return household if all(row.at_most >= 0 for row in self.rows) else None
        from scipy.optimize import Bounds, LinearConstraint, milp

        matrix, most = self._system
        with silenced():
            found = milp(
                -values.astype(float),
                constraints=LinearConstraint(matrix, ub=most),
                bounds=Bounds(0, 1),
                integrality=np.ones(len(values), np.int8),
                options={"mip_rel_gap": 0, "presolve": False},
            )
        if found.status == 2:
            return None
        if found.status != 0:
            raise Unsure(found.message)
        chosen = found.x > 0.5
        household[self.problem.request[chosen]] = self.problem.household[chosen]
        off = abs(int(values[chosen].sum()) + found.mip_dual_bound)
        if off > MOST_OFF or not self._keeps_rows(household):
            raise Unsure("the solver's choice is not whole")
        return household

    @property
    def _system(self) -> tuple[Any, NDArray[np.float64]]:
        """A row of each request, household and group, and every other row, with their most."""
        from scipy.sparse import csr_array, vstack

        problem, many = self.problem, len(self.problem.request)
        nodes = [problem.request, problem.requests + problem.household.astype(np.int64)]
        most = [1] * (problem.requests + problem.households)
        if problem.groups is not None:  # a household in none is in a last one that takes everybody
            first = problem.requests + problem.households
            nodes.append(first + problem.group[problem.household])
            most += [*problem.groups.at_most.tolist(), problem.requests]
        at = np.tile(np.arange(many), len(nodes))
        sides = csr_array((np.ones(len(at)), (np.concatenate(nodes), at)), (len(most), many))
        rows = csr_array(np.array([row.values for row in self.rows], float).reshape(-1, many))
        ends = np.array([*most, *(row.at_most for row in self.rows)], float)
        return vstack([sides, rows], format="csr"), ends


def _smallest(limit: Limit) -> Limit:
    """The same limit in units of the greatest common divisor of what is added."""
    unit = int(np.gcd.reduce(limit.values)) or 1
    return replace(limit, values=limit.values // unit, at_most=limit.at_most // unit)
