"""The steps of an exchange, as a graph: who hands a household on to whom, and what that costs.

Its nodes are the requests, then the groups, then 'outside', by number. A step from a request is that it takes
the household of another, or a free one of a group, or goes outside, to a free one in no group or unplaced.
A group that has one household too many lets a request go, or goes outside where it is not full;
outside takes up a request that is unplaced, or whose household is in no group, or one household of a group.
A step costs the slack of its pair, or the dual that is lost; so none costs less than nothing.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from matcher.solve.problem import UNPLACED, Duals, Indices, Integers, Problem, Small

NODE = np.int32  # as SciPy's graphs have them
Steps: TypeAlias = tuple[Small, Small, Integers]  # from which node, to which, at what cost
Distances = (
    Any  # floats, infinite where there is no way; and of each node the one before, from SciPy
)


class Residual:
    """The graph of all exchanges of a choice.

    `holder` is who has one too many where a household is taken: its request, else its group, or outside.
    `refuge` is the cheapest free household of each request in each group, or outside; UNPLACED where that is
    to go unplaced.
    """

    def __init__(self, problem: Problem, household: Indices, duals: Duals, left: Integers) -> None:
        self.problem, self.household, self.duals, self.slack = problem, household, duals, left
        self.first_group, self.outside = problem.requests, problem.requests + problem.many_groups
        placed = np.flatnonzero(household != UNPLACED)
        self.holder = (problem.group + self.first_group).astype(np.int32)
        self.holder[household[placed]] = placed
        swaps, free = self._swaps_and_refuges()
        homes = household[placed]
        self.let_go = self.first_group + problem.group[homes], placed, duals.households[homes]
        grouped = self.let_go[0] < self.outside
        apart = (side[grouped] for side in self.let_go)
        sides = (np.concatenate(sides) for sides in zip(*swaps, free, apart, strict=True))
        self.tails, self.heads, self.costs = (
            each.astype(kind) for each, kind in zip(sides, (NODE, NODE, np.int64), strict=True)
        )

    def _swaps_and_refuges(self) -> tuple[list[Steps], Steps]:
        """The steps of requests to others', and the cheapest of each to each group.

        `refuge` and `leaving` are made on the way.
        """
        problem, kinds = self.problem, self.problem.many_groups + 1
        self.refuge = np.full(problem.requests * kinds, UNPLACED)
        far = np.iinfo(np.int64).max
        least = np.full(problem.requests * kinds, far)
        least[kinds - 1 :: kinds] = self.duals.requests
        swaps = list[Steps]()
        for edges in problem.blocks():
            who, homes, slack = problem.request[edges], problem.household[edges], self.slack[edges]
            to = self.holder[homes]
            swap = np.flatnonzero((to < self.first_group) & (to != who))
            swaps.append((who[swap], to[swap], slack[swap]))
            free = np.flatnonzero(to >= self.first_group)
            at = who[free].astype(np.int64) * kinds + (to[free] - self.first_group)
            left = slack[free]
            np.minimum.at(least, at, left)
            # The last that is written is the smallest id.
            cheapest = np.flatnonzero(left == least[at])[::-1]
            self.refuge[at[cheapest]] = homes[free[cheapest]]
        self.leaving = least[kinds - 1 :: kinds].copy()
        least[kinds - 1 :: kinds] = far
        some = np.flatnonzero(least < far)
        return swaps, (some // kinds, self.first_group + some % kinds, least[some])

    def takes(self, request: int, then: int) -> int:
        """The household that a request takes on a step."""
        if then < self.first_group:
            return int(self.household[then])
        return int(self.refuge[request * (self.problem.many_groups + 1) + then - self.first_group])

    @cached_property
    def _taken(self) -> Integers:
        groups = self.problem.groups
        return groups.taken(self.household) if groups else np.zeros(0, np.int64)

    @cached_property
    def to_outside(self) -> Distances:
        """How far outside is from each node, and the node after it on the way."""
        groups = self.problem.groups
        room = np.flatnonzero(self._taken < groups.at_most) if groups else np.zeros(0, np.intp)
        ends = np.concatenate([np.arange(self.first_group), self.first_group + room]).astype(NODE)
        costs = np.concatenate([self.costs, self.leaving, np.zeros(len(room), np.int64)])
        out = np.full(len(ends), self.outside, NODE)
        # On reversed steps shortest paths lead to outside, and a node's predecessor is its successor.
        return self.shortest(np.append(self.heads, out), np.append(self.tails, ends), costs, self.outside)  # fmt: skip

    @cached_property
    def from_outside(self) -> Distances:
        """How far each node is from outside, and the node before it on the way."""
        free = self.let_go[0] == self.outside
        unplaced, some = np.flatnonzero(self.household == UNPLACED), np.flatnonzero(self._taken)
        begins = np.concatenate([self.let_go[1][free], unplaced, self.first_group + some]).astype(
            NODE
        )
        costs = np.concatenate([
            self.costs, self.let_go[2][free], np.zeros(len(unplaced), np.int64), self.duals.groups[some]
        ])  # fmt: skip
        out = np.full(len(begins), self.outside, NODE)
        return self.shortest(np.append(self.tails, out), np.append(self.heads, begins), costs, self.outside)  # fmt: skip

    def shortest(self, tails: Any, heads: Any, costs: Integers, starts: Any) -> Distances:
        """How far each node is from each start, and the node before it on the way."""
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra

        nodes = self.outside + 1
        tails, heads = (np.asarray(each, NODE) for each in (tails, heads))
        if not np.size(starts):
            return np.zeros((0, nodes)), np.zeros((0, nodes), np.int32)
        graph = csr_array((costs.astype(float), (tails, heads)), (nodes, nodes))
        return dijkstra(graph, indices=starts, return_predecessors=True)
