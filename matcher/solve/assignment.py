"""Solve what duals prove, on one exact whole-number weight: an assignment, or with groups a flow."""

from __future__ import annotations

import numpy as np

from matcher.model import Mask
from matcher.solve.groups import best_within_groups
from matcher.solve.problem import UNPLACED, Duals, Indices, Integers, Problem
from matcher.solve.proof import recover, slack

FEW = 16  # edges a request to begin with


def assign(problem: Problem) -> tuple[Indices, Duals, Integers]:
    """An optimal household for each request, UNPLACED where none, its duals and their slack.

    Of limits only groups are looked at.
    """
    household, duals, left, _ = assign_from(problem, None)
    return household, duals, left


def assign_from(
    problem: Problem, begin: Indices | None
) -> tuple[Indices, Duals, Integers, Indices]:
    """The same, with the edges among which it was found.

    It begins with some edges, else with the few best of each request. The duals of that
    smaller problem price all other edges, and those worth more come in, until there are none: then
    the same duals prove the whole problem, and are its least, as those of a part are never more.
    """
    few = FEW
    kept = _best_of_each(problem, few) if begin is None else begin
    solved = _full_matching
    if problem.groups is not None:
        solved = best_within_groups
        kept = np.union1d(kept, _best_of_each(problem, few, among=_best_of_groups(problem)))
    while True:
        part = problem.weighed(kept)
        household = solved(part)
        duals = recover(part, household)
        left = slack(problem, duals)
        if not (left < 0).any():
            return household, duals, left, kept
        few *= 2
        kept = np.union1d(kept, _best_of_each(problem, few, left))


def _best_of_groups(problem: Problem) -> Mask:
    """Which edges are of the greatest worth of their request in their group: (edges,)."""
    kinds = problem.many_groups + 1
    pair = problem.request.astype(np.int64) * kinds + problem.group[problem.household]
    best = np.zeros(problem.requests * kinds, np.int64)
    np.maximum.at(best, pair, problem.worth)
    found: Mask = problem.worth == best[pair]
    return found


def _best_of_each(
    problem: Problem, few: int, left: Integers | None = None, among: Mask | None = None
) -> Indices:
    """The few edges of each request that are worth most, in order; of some, (edges,), if they are given.

    With the slack of the duals of a part, those worth most beyond what these duals say.
    """
    found = [np.zeros(0, np.intp)]
    for request in range(problem.requests):
        edges = problem.edges_of(request)
        value = problem.worth_of(edges) if left is None else -left[edges]
        mine = np.arange(len(value)) if left is None else np.flatnonzero(value > 0)
        if among is not None:
            mine = mine[among[edges][mine]]
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
    highest = int(problem.worth.max(initial=0)) + 1
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
