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
    kept = _best_of_each(problem, problem.worth, np.arange(len(problem.request)), few)
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
        more = np.flatnonzero(left < 0)
        if not len(more):
            return household, duals, left
        few *= 2
        new = _best_of_each(problem, -left, more, few)
        kept = np.union1d(kept, new)
        part = problem.weighed(kept)
        if network is None:
            household = _full_matching(part)
        else:
            network.take_in(problem, new)
            household = network.household


def _best_of_each(problem: Problem, value: Integers, edges: Indices, few: int) -> Indices:
    """Of some edges, sorted by request, the few of the greatest value of each request."""
    starts = np.searchsorted(edges, problem.starts)
    found = [np.zeros(0, np.intp)]
    for request in range(problem.requests):
        mine = edges[starts[request] : starts[request + 1]]
        if len(mine) > few:
            mine = mine[np.argpartition(value[mine], -few)[-few:]]
        found.append(mine)
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
