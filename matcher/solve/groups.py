"""The best choice where groups of households may take only so many: a flow of least cost.

Each request sends one unit to a household, that on to its group, and the group on to 'outside', as much
as it may; or straight outside, unplaced. OR-Tools solves that exactly in 64 bits. Where weights are too
great for it, it solves them without their last bits. The duals of that leave little to choose, and
what is left is solved against them to the last bit.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.solve.problem import UNPLACED, Aim, Indices, Integers, Problem
from matcher.solve.proof import recover, slack

BITS = 8  # that are left off at a time


def best_within_groups(problem: Problem, left_off: int = 0) -> Indices:
    """An optimal household for each request within the groups, UNPLACED where none.

    `left_off` is how many bits of the weights are left off to begin with.
    """
    network = _Network(problem)
    for bits in itertools.count(left_off, BITS):
        household = network.solved(_Costs.of(network, problem.worth >> bits))
        if household is not None:
            return household if not bits else network.to_the_last_bit(household, bits)
    raise AssertionError("weights without bits are small enough")


@dataclass(frozen=True)
class _Costs:
    """What each arc costs: of edges, of requests to outside, of households to groups, of these to outside."""

    edges: Integers
    requests: Integers
    households: Integers
    groups: Integers

    @staticmethod
    def of(network: _Network, worth: Integers) -> _Costs:
        problem = network.problem
        none = np.zeros(problem.requests, np.int64), np.zeros(problem.many_groups, np.int64)
        return _Costs(-worth, none[0], np.zeros(len(network.shared), np.int64), none[1])


class _Network:
    """The arcs of a problem: a household that only one edge leads to needs no node of its own."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        homes, at, edges = np.unique(problem.household, return_inverse=True, return_counts=True)
        self.shared = homes[edges > 1]
        first_group = problem.requests + len(self.shared)
        self.outside = first_group + problem.many_groups
        group = first_group + problem.group  # a household in none: outside
        place = np.cumsum(edges > 1) - 1
        self.is_shared = (edges > 1)[at]
        to = np.where(self.is_shared, problem.requests + place[at], group[problem.household])
        everyone, groups = np.arange(problem.requests), np.arange(problem.many_groups)
        households = np.arange(len(self.shared))
        self.tails = np.concatenate(
            [problem.request, everyone, problem.requests + households, first_group + groups]
        )
        outside = np.full(problem.requests, self.outside), np.full(len(groups), self.outside)
        self.heads = np.concatenate([to, outside[0], group[self.shared], outside[1]])
        most = problem.groups.at_most if problem.groups else groups
        self.capacities = np.append(np.ones(len(self.tails) - len(groups), np.int64), most)

    @cached_property
    def supplies(self) -> Integers:
        supplies = np.zeros(self.outside + 1, np.int64)
        supplies[: self.problem.requests] = 1
        supplies[-1] = -self.problem.requests
        return supplies

    def solved(self, costs: _Costs) -> Indices | None:
        """The choice of least cost; None where the costs are too great for 64 bits."""
        from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

        flow, problem = SimpleMinCostFlow(), self.problem
        each = np.concatenate([costs.edges, costs.requests, costs.households, costs.groups])
        arcs = flow.add_arcs_with_capacity_and_unit_cost(
            self.tails, self.heads, self.capacities, each
        )
        flow.set_nodes_supplies(np.arange(self.outside + 1), self.supplies)
        status = flow.solve()
        if status == SimpleMinCostFlow.Status.BAD_COST_RANGE:
            return None
        if status != SimpleMinCostFlow.Status.OPTIMAL:
            raise RuntimeError(f"OR-Tools found no flow: {status.name}")
        chosen = flow.flows(arcs[: len(problem.request)]) > 0
        household = np.full(problem.requests, UNPLACED)
        household[problem.request[chosen]] = problem.household[chosen]
        return household

    def to_the_last_bit(self, household: Indices, bits: int) -> Indices:
        """The best choice, from one that is best without the last bits of the weights.

        Against the duals of that, times 2^bits, no edge is worth more than 2^bits too much, and so all
        that is best leaves nowhere more than that for each request: what costs more is cut to it.
        """
        problem = self.problem
        short = Problem(
            problem.requests,
            problem.households,
            problem.request,
            problem.household,
            (Aim("worth", problem.worth >> bits, of_request=False),),
            groups=problem.groups,
        )
        duals = recover(short, household)
        u, v, t = (each << bits for each in (duals.requests, duals.households, duals.groups))
        left = (slack(short, duals) << bits) - (problem.worth - (short.worth << bits))
        most = (problem.requests + 1) << bits
        alone = np.where(self.is_shared, 0, v[problem.household])
        cut = (np.clip(each, -most, most) for each in (left - alone, u, -v[self.shared], -t))
        found = self.solved(_Costs(*cut))
        if found is None:
            raise RuntimeError("the weights are too great for OR-Tools")
        return found
