"""Solve with limits and conflicts: CP-SAT, aim by aim, each proven before the next is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from matcher.solve.problem import UNPLACED, Impossible, Indices, Problem, Solution

if TYPE_CHECKING:
    from ortools.sat.python import cp_model

# In the solver's own steps, not seconds, so that a busy machine gives the same answer.
STEPS = 120.0


def solve_with_limits(problem: Problem, start: Indices) -> Solution:
    """The optimum of every aim in order, under all limits and conflicts.

    `start` is a choice to begin from; it may break limits. Equal choices fall as `proof.canonical`
    makes them fall. Raises Impossible where the limits allow no choice at all.
    """
    from ortools.sat.python import cp_model

    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in range(len(problem.request))]
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
        model.add(_sum(chosen, limit.values) <= limit.at_most)
    for conflict in problem.conflicts:
        # The others belong to one request, so at most one of them is chosen anyway.
        model.add_at_most_one([chosen[conflict.edge], *(chosen[e] for e in conflict.others)])
    started = np.zeros(len(chosen), bool)
    started[problem.edges(start)] = True
    for variable, is_chosen in zip(chosen, started.tolist(), strict=True):
        model.add_hint(variable, is_chosen)

    values, bounds = [], []
    for aim in problem.aims:
        value, bound = _best(model, chosen, problem.of_edges(aim))
        values.append(value)
        bounds.append(bound)
    for request in range(problem.requests):
        mine = problem.request == request
        if mine.sum() > 0:
            nearer = np.where(mine, problem.households - problem.household, 0)
            _best(model, chosen, nearer)
    solver = a_solver()
    solver.solve(model)
    household = np.full(problem.requests, UNPLACED)
    for edge, variable in enumerate(chosen):
        if solver.boolean_value(variable):
            household[problem.request[edge]] = problem.household[edge]
    return Solution(household, tuple(values), tuple(bounds), None)


def _sum(chosen: list[cp_model.IntVar], values: np.ndarray) -> cp_model.LinearExpr:
    from ortools.sat.python import cp_model

    return cp_model.LinearExpr.weighted_sum(chosen, values.tolist())


def a_solver() -> cp_model.CpSolver:
    """One worker and a fixed seed, so that the same model has the same answer everywhere."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 1
    solver.parameters.max_deterministic_time = STEPS
    return solver


def _best(
    model: cp_model.CpModel, chosen: list[cp_model.IntVar], values: np.ndarray
) -> tuple[int, int]:
    """The greatest sum and its proven bound; the model then holds it and starts from there."""
    from ortools.sat.python import cp_model

    solver = a_solver()
    total = _sum(chosen, values)
    model.maximize(total)
    status = solver.solve(model)
    if status == cp_model.INFEASIBLE:
        raise Impossible("no choice is within the limits")
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise RuntimeError(f"CP-SAT found nothing: {solver.status_name(status)}")
    value = round(solver.objective_value)
    model.clear_objective()  # type: ignore[no-untyped-call]
    model.add(total >= value)
    model.clear_hints()  # type: ignore[no-untyped-call]
    for variable in chosen:
        model.add_hint(variable, solver.boolean_value(variable))
    return value, round(solver.best_objective_bound)
