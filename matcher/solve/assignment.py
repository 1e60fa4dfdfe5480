"""Solve what duals prove, on one exact whole-number weight: an assignment, or with groups a flow."""

from __future__ import annotations

import numpy as np

from matcher.solve.groups import best_within_groups
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
    solved = _full_matching
    if problem.groups is not None:
        solved = best_within_groups
        kept = np.union1d(
            kept, _best_of_each(problem, problem.worth, _best_of_groups(problem), few)
        )
    while True:
        part = problem.weighed(kept)
        household = solved(part)
        duals = recover(part, household)
        left = slack(problem, duals)
        more = np.flatnonzero(left < 0)
        if not len(more):
            return household, duals, left
        few *= 2
        kept = np.union1d(kept, _best_of_each(problem, -left, more, few))


def _best_of_groups(problem: Problem) -> Indices:
    """The edges of the greatest worth of each request in each group, sorted by request."""
    kinds = problem.many_groups + 1
    pair = problem.request.astype(np.int64) * kinds + problem.group[problem.household]
    best = np.zeros(problem.requests * kinds, np.int64)
    np.maximum.at(best, pair, problem.worth)
    return np.flatnonzero(problem.worth == best[pair])


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
