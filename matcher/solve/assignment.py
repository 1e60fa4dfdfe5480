"""Solve without limits: SciPy's sparse assignment on one exact whole-number weight."""

from __future__ import annotations

import numpy as np

from matcher.solve.problem import UNPLACED, Indices, Problem


def assign(problem: Problem) -> Indices:
    """An optimal household for each request, UNPLACED where none; limits are not looked at."""
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
