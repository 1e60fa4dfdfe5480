"""Solve with limits on sums: CP-SAT, some aims at a time, each proven before the next are asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from ortools.sat.python import cp_model

from matcher.solve.problem import UNPLACED, Impossible, Indices, Integers, Problem, Solution
from matcher.solve.sums import tie_rule

# In the solver's own steps, not seconds, so that a busy machine gives the same answer.
STEPS = 120.0
MOST_AT_ONCE = 2**31  # a sum of aims that are asked for together: it proves greater ones slowly


def solve_with_limits(problem: Problem, start: Indices) -> Solution:
    """The optimum of every aim in order, under all limits and conflicts.

    `start` is a choice to begin from; it may break limits. Equal choices fall as `proof.canonical`
    makes them fall. Raises Impossible where the limits allow no choice at all.
    """
    search = _Search(problem, start)
    bounds = list[int]()
    for block in _blocks(problem):
        reached, bound = search.best(block.values)
        bounds.extend(block.bounds(problem, search.household, bound - reached))
    if search.has_equals():
        for digits in tie_rule(problem, MOST_AT_ONCE):
            search.best(digits)
    return Solution(search.household, problem.totals(search.household), tuple(bounds), None)


class Forced:
    """The best choices with one edge and another of a problem, from its optimum."""

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.search = _Search(problem, solution.household)
        self.blocks = _blocks(problem)
        self.stays = np.zeros(len(problem.request), np.int64)
        self.stays[problem.edges(solution.household)] = 1

    def household(self, edge: int) -> Indices | None:
        """The best choice with an edge, of equals one that moves few; None where limits allow none."""
        search = self.search.holding(edge)
        try:
            for block in self.blocks:
                search.best(block.values)
            search.best(self.stays)
        except Impossible:
            return None
        return search.household


@dataclass(frozen=True)
class _Block:
    """Aims that are asked for together: one number of each edge, in which each outweighs all later ones.

    `greatest` is the most that a choice could reach of each, and `outweighs` what one of the first is worth.
    """

    aims: tuple[int, ...]
    values: Integers
    greatest: tuple[int, ...]
    outweighs: int

    def bounds(self, problem: Problem, household: Indices, short: int) -> Iterator[int]:
        """The proven bound of each aim, where the number of all may be short by so much of its bound."""
        totals = problem.totals(household)
        for at, most in zip(self.aims, self.greatest, strict=True):
            if not short:
                yield totals[at]
            elif at == self.aims[0]:
                # The later ones can lose at most what one of the first outweighs.
                yield min(most, totals[at] + short // self.outweighs + 1)
            else:
                yield max(most, totals[at])


def _blocks(problem: Problem) -> list[_Block]:
    """The aims in their order, as many together as one number may hold."""
    blocks, together, size = list[_Block](), list[int](), 1
    ranges = [_range(problem, problem.of_edges(aim)) for aim in problem.aims]
    for at, (least, most) in enumerate(ranges):
        span = most - least + 1
        if together and size * span > MOST_AT_ONCE:
            blocks.append(_block(problem, together, ranges))
            together, size = [], 1
        together.append(at)
        size *= span
    return [*blocks, _block(problem, together, ranges)] if together else blocks


def _block(problem: Problem, aims: list[int], ranges: list[tuple[int, int]]) -> _Block:
    values, scale = np.zeros(len(problem.request), np.int64), 1
    for at in reversed(aims):
        outweighs = scale
        values += problem.of_edges(problem.aims[at]).astype(np.int64) * scale
        scale *= ranges[at][1] - ranges[at][0] + 1
    return _Block(tuple(aims), values, tuple(ranges[at][1] for at in aims), outweighs)


def _range(problem: Problem, values: Integers) -> tuple[int, int]:
    """The least and the most that any choice could reach of an aim."""
    if not len(values):
        return 0, 0
    starts = problem.starts[np.flatnonzero(np.diff(problem.starts))]
    least = np.minimum(np.minimum.reduceat(values, starts), 0)
    most = np.maximum(np.maximum.reduceat(values, starts), 0)
    return int(least.sum(dtype=np.int64)), int(most.sum(dtype=np.int64))


class _Search:
    """A model whose objectives are held once they are reached, and the best choice so far."""

    def __init__(self, problem: Problem, start: Indices) -> None:
        self.problem, self.household = problem, start
        self.is_possible = False  # until some choice within the limits is found
        self.model = model = cp_model.CpModel()
        self.chosen = chosen = [model.new_bool_var("") for _ in range(len(problem.request))]
        for side, size in (
            (problem.request, problem.requests),
            (problem.household, problem.households),
        ):
            groups: list[list[int]] = [[] for _ in range(size)]
            for edge, node in enumerate(side.tolist()):
                groups[node].append(edge)
            for group in groups:
                if len(group) > 1:
                    model.add_at_most_one(chosen[edge] for edge in group)
        for limit in problem.rows:
            model.add(self._sum(limit.values) <= limit.at_most)
        for conflict in problem.conflicts:
            # The others belong to one request, so at most one of them is chosen anyway.
            model.add_at_most_one([chosen[conflict.edge], *(chosen[e] for e in conflict.others)])
        self._begin_from(start)

    def holding(self, edge: int) -> _Search:
        """The same search as it began, that must hold an edge."""
        made = object.__new__(_Search)
        made.problem, made.household, made.model = self.problem, self.household, self.model.clone()
        made.is_possible = False
        made.chosen = [made.model.get_bool_var_from_proto_index(v.index) for v in self.chosen]
        made.model.add(made.chosen[edge] == 1)
        return made

    def best(self, values: Integers) -> tuple[int, int]:
        """The greatest sum and its proven bound; the model then holds it."""
        if self.is_possible and not values.any():
            return 0, 0
        total = self._sum(values)
        self.model.maximize(total)
        solver = a_solver()
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            raise Impossible("no choice is within the limits")
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            raise RuntimeError(f"CP-SAT found nothing: {solver.status_name(status)}")
        self.model.clear_objective()  # type: ignore[no-untyped-call]
        self.household, self.is_possible = self._read(solver), True
        self._begin_from(self.household)
        value = round(solver.objective_value)
        self.model.add(total >= value)
        return value, value if status == cp_model.OPTIMAL else round(solver.best_objective_bound)

    def has_equals(self) -> bool:
        """Whether another choice reaches all that is held, or may, as far as was proven."""
        problem, mine = self.problem, self.problem.edges(self.household)
        if not len(problem.request):
            return False
        unlike = -(self.household == UNPLACED).astype(np.int64)[problem.request]
        unlike[mine] = 1
        other = self.model.clone()
        chosen = [other.get_bool_var_from_proto_index(v.index) for v in self.chosen]
        other.add(cp_model.LinearExpr.weighted_sum(chosen, unlike.tolist()) <= len(mine) - 1)
        return bool(a_solver().solve(other) != cp_model.INFEASIBLE)

    def _sum(self, values: Integers) -> cp_model.LinearExpr:
        return cp_model.LinearExpr.weighted_sum(self.chosen, values.tolist())

    def _begin_from(self, household: Indices) -> None:
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        hinted = np.zeros(len(self.chosen), bool)
        hinted[self.problem.edges(household)] = True
        for variable, is_chosen in zip(self.chosen, hinted.tolist(), strict=True):
            self.model.add_hint(variable, is_chosen)

    def _read(self, solver: cp_model.CpSolver) -> Indices:
        household = np.full(self.problem.requests, UNPLACED)
        for edge, variable in enumerate(self.chosen):
            if solver.boolean_value(variable):
                household[self.problem.request[edge]] = self.problem.household[edge]
        return household


def a_solver() -> cp_model.CpSolver:
    """One worker and a fixed seed, so that the same model has the same answer everywhere."""
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = STEPS
    # Assignments are nearly linear: presolving takes longer than solving, and more linear rows pay.
    solver.parameters.cp_model_presolve = False
    solver.parameters.linearization_level = 2
    return solver
