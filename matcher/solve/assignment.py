"""Solve by duals: SciPy's sparse assignment on one exact whole-number weight, then brought within groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from matcher.solve.groups import Network
from matcher.solve.problem import UNPLACED, Duals, Indices, Integers, Problem
from matcher.solve.proof import recover, slack

FEW = 16  # edges a request to begin with


def assign(problem: Problem) -> tuple[Indices, Duals, Integers]:
    """An optimal household for each request, UNPLACED where none, its duals and their slack.

    Of limits only groups are looked at. It begins with the few best edges of each request. The duals of that
    smaller problem price all other edges, and those worth more come in, until there are none: then
    the same duals prove the whole problem, and are its least, as those of a part are never more.
    """
    few = FEW
    kept = _best_of_each(problem, few)
    part = problem.weighed(kept)
    household = _full_matching(part)
    network = None
    if problem.groups is not None:
        duals = recover(replace(part, groups=None), household)
        network = Network(part, household, duals)
        household = network.household
    while True:
        duals = recover(part, household)
        left = slack(problem, duals)
        if not (left < 0).any():
            return household, duals, left
        few *= 2
        new = _best_of_each(problem, few, left)
        kept = np.union1d(kept, new)
        part = problem.weighed(kept)
        if network is None:
            household = _full_matching(part)
        else:
            network.take_in(problem, new)
            household = network.household


def _best_of_each(problem: Problem, few: int, left: Integers | None = None) -> Indices:
    """The few edges of each request that are worth most, in order.

    With the slack of the duals of a part, those worth most beyond what these duals say.
    """
    found = [np.zeros(0, np.intp)]
    for request in range(problem.requests):
        edges = problem.edges_of(request)
        value = problem.worth_of(edges) if left is None else -left[edges]
        mine = np.arange(len(value)) if left is None else np.flatnonzero(value > 0)
        if len(mine) > few:
            mine = mine[np.argpartition(value[mine], -few)[-few:]]
        found.append(edges.start + mine)
    return np.sort(np.concatenate(found))


def _full_matching(problem: Problem) -> Indices:
    household = np.full(problem.requests, UNPLACED)
    if not len(problem.request):
        return household
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    # Every request also has a place of its own, worth nothing, so that a full matching exists.
    # Costs must not be 0, which a sparse matrix can't tell from no edge.
    highest = int(problem.worth.max()) + 1
    everyone = np.arange(problem.requests)
    rows = np.concatenate([problem.request, everyone])
    columns = np.concatenate([problem.household, problem.households + everyone])
    own = np.zeros(problem.requests, np.int64)
    costs = (highest - np.concatenate([problem.worth, own])).astype(float)
    shape = (problem.requests, problem.households + problem.requests)
    found, at = min_weight_full_bipartite_matching(csr_array((costs, (rows, columns)), shape))
    inside = at < problem.households
    household[found[inside]] = at[inside]
    return household
