"""The same choice by other solvers: each takes a problem and gives back the worth it reached.

Solvers that are exact take all six aims as one weight. HiGHS and CBC work to a tolerance that
such a weight is beyond, so for six aims they are asked six times, each aim held before the next.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import networkx
import numpy as np
import pulp
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow
from ortools.sat.python import cp_model
from scipy.optimize import linear_sum_assignment, linprog
from scipy.sparse import coo_array, csr_array, vstack

from matcher.solve import solve
from matcher.solve.assignment import _full_matching
from matcher.solve.problem import Aim, Problem


def one_aim(problem: Problem) -> Problem:
    """The same pairs with fit alone."""
    fit = next(aim for aim in problem.aims if aim.name == "fit")
    some = Aim("fit", fit.values + 1, of_request=False)  # a placement is worth something
    return Problem(
        problem.requests, problem.households, problem.request, problem.household, (some,)
    )


def ours(problem: Problem) -> int:
    """All aims, their duals, and the one choice among equals."""
    return _worth(problem, solve(problem).household)


def scipy_sparse(problem: Problem) -> int:
    """SciPy's sparse assignment on all edges, with a place of its own for each request."""
    return _worth(problem, _full_matching(problem))


def scipy_dense(problem: Problem) -> int:
    """SciPy's dense assignment, over the households that some request can have."""
    homes, at = np.unique(problem.household, return_inverse=True)
    gain = np.zeros((problem.requests, max(len(homes), problem.requests)))
    gain[problem.request, at] = problem.worth
    rows, columns = linear_sum_assignment(gain, maximize=True)
    return int(gain[rows, columns].astype(np.int64).sum())


def min_cost_flow(problem: Problem) -> int:
    """OR-Tools' min-cost flow."""
    requests, households = problem.requests, problem.households
    sink = requests + households
    flow = SimpleMinCostFlow()
    everyone, homes = np.arange(requests), np.arange(households)
    tails = np.concatenate([problem.request, requests + homes, everyone])
    heads = np.concatenate(
        [requests + problem.household, np.full(households, sink), np.full(requests, sink)]
    )
    costs = np.concatenate([-problem.worth, np.zeros(households + requests, np.int64)])
    flow.add_arcs_with_capacity_and_unit_cost(
        tails.astype(np.int32), heads.astype(np.int32), np.ones(len(tails), np.int64), costs
    )
    supplies = np.concatenate([np.ones(requests), np.zeros(households), [-requests]])
    flow.set_nodes_supplies(np.arange(sink + 1, dtype=np.int32), supplies.astype(np.int64))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise ValueError(str(status).rpartition(".")[2])
    return -int(flow.optimal_cost())


def networkx_matching(problem: Problem) -> int:
    """Networkx full bipartite matching."""
    graph = networkx.Graph()
    graph.add_nodes_from(range(problem.requests))
    highest = int(problem.worth.max()) + 1
    pairs = zip(
        problem.request.tolist(),
        (problem.requests + problem.household).tolist(),
        (highest - problem.worth).tolist(),
        strict=True,
    )
    graph.add_weighted_edges_from(pairs)
    after = problem.requests + problem.households
    graph.add_weighted_edges_from((r, after + r, highest) for r in range(problem.requests))
    matching = networkx.bipartite.minimum_weight_full_matching(graph, range(problem.requests))
    return sum(highest - graph[r][matching[r]]["weight"] for r in range(problem.requests))


def highs(problem: Problem) -> int:
    """HiGHS' dual simplex on the linear programme, which is whole at its corners."""
    sides = _at_most_one_a_side(problem)
    limits = np.ones(sides.shape[0])
    for aim in problem.aims:
        values = problem.of_edges(aim).astype(float)
        found = linprog(-values, A_ub=sides, b_ub=limits, bounds=(0, 1), method="highs-ds")
        if found.x is None:
            raise ValueError(found.message)
        sides = vstack([sides, csr_array(-values[None])]).tocsr()
        limits = np.append(limits, found.fun + 0.5)
    return int(problem.worth[found.x > 0.5].sum())


def cbc(problem: Problem) -> int:
    """CBC through PuLP."""
    model = pulp.LpProblem("round", pulp.LpMaximize)
    chosen = [pulp.LpVariable(f"x{at}", 0, 1, "Integer") for at in range(len(problem.request))]
    sides = _at_most_one_a_side(problem).tocsr()
    for row in range(sides.shape[0]):
        within = sides.indices[sides.indptr[row] : sides.indptr[row + 1]]
        if len(within):
            model += pulp.lpSum(chosen[at] for at in within) <= 1
    for aim in problem.aims:
        total = pulp.lpDot(problem.of_edges(aim).tolist(), chosen)
        model.setObjective(total)
        model.solve(pulp.PULP_CBC_CMD(msg=False))
        model += total >= round(pulp.value(total))
    return int(problem.worth[[x.value() > 0.5 for x in chosen]].sum())


def cp_sat(problem: Problem) -> int:
    """CP-SAT, all aims as one weight, one worker."""
    model = cp_model.CpModel()
    chosen = [model.new_bool_var("") for _ in range(len(problem.request))]
    sides = _at_most_one_a_side(problem).tocsr()
    for row in range(sides.shape[0]):
        within = sides.indices[sides.indptr[row] : sides.indptr[row + 1]]
        if len(within) > 1:
            model.add_at_most_one(chosen[at] for at in within)
    model.maximize(cp_model.LinearExpr.weighted_sum(chosen, problem.worth.tolist()))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    if solver.solve(model) != cp_model.OPTIMAL:
        raise ValueError("not proved")
    return sum(w for x, w in zip(chosen, problem.worth.tolist(), strict=True) if solver.value(x))


def _worth(problem: Problem, household: np.ndarray) -> int:
    return int(problem.worth[problem.edges(household)].sum())


def _at_most_one_a_side(problem: Problem) -> csr_array:
    edges = np.arange(len(problem.request))
    rows = np.concatenate([problem.request, problem.requests + problem.household])
    columns = np.concatenate([edges, edges])
    shape = (problem.requests + problem.households, len(edges))
    return coo_array((np.ones(len(rows)), (rows, columns)), shape).tocsr()


@dataclass(frozen=True)
class Peer:
    """A solver; `exact` says that it holds the weight of six aims to the last digit."""

    name: str
    solve: Callable[[Problem], int]
    exact: bool = True


PEERS = (
    Peer("SciPy sparse, one solve", scipy_sparse),
    Peer("matcher, with duals", ours),
    Peer("SciPy dense", scipy_dense),
    Peer("OR-Tools min-cost flow", min_cost_flow),
    Peer("networkx", networkx_matching),
    Peer("HiGHS simplex", highs, exact=False),
    Peer("CBC (PuLP)", cbc, exact=False),
    Peer("CP-SAT", cp_sat),
)
