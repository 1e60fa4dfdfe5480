"""Solve with limited sums: aim by aim, where earlier aims are held, over the few edges that can matter.

What multipliers bound, in whole numbers, leaves out all edges that would cost an aim more than the best
choice known. Where the bound is what a choice reaches, the aim is proven; else a solver decides among
the edges left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from matcher.model import Mask
from matcher.solve.problem import UNPLACED, Impossible, Indices, Integers, Problem, Solution
from matcher.solve.program import Bound, Program, Unsure

SMALL = 3  # values that count placements, or a relationship
FEW_EDGES = 400  # that are tried first
MOST_TOGETHER = 2**16  # the greatest number that holds the places of several requests


def solve_sums(problem: Problem) -> Solution:
    """The optimum of every aim in order under all limits; equal choices fall as `proof.canonical` makes them.

    Raises Unsure where the solver proves none, and Impossible where no choice is within the limits.
    """
    program = Program.of(problem)
    if not _is_possible(program, np.full(problem.requests, UNPLACED)):
        raise Impossible("no choice is within the limits")
    best = _aim_by_aim(program, lambda stage: stage.program.bound(stage.values))
    household = _first_of_equals(best.program, best.household)
    totals = problem.totals(household)
    return Solution(household, totals, totals, None)


class ForcedSums:
    """The best choices with one edge and another of a problem, from its optimum. Raises Unsure.

    Bounds of the whole hold with any edge; those of the same values of earlier aims are worked out once.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem, self.whole = problem, Program.of(problem)
        # Of equals first one in which many stay, then one with the first households.
        stays = np.zeros(len(problem.request), np.int64)
        stays[problem.edges(solution.household)] = problem.requests * problem.households + 1
        self.nearest = stays - problem.household
        self._bounds: dict[tuple[int, ...], Bound] = {}

    def household(self, edge: int) -> Indices | None:
        """The best choice with an edge, of equals one that moves few; None where limits allow none."""
        problem, is_edge = self.problem, np.zeros(len(self.problem.request), np.int64)
        alone = np.full(problem.requests, UNPLACED)
        alone[problem.request[edge]] = problem.household[edge]
        is_edge[edge] = 1
        beside = (problem.request != problem.request[edge]) & (
            problem.household != problem.household[edge]
        )
        beside[edge] = True
        program = self.whole.holding(is_edge, 1).only(beside)
        if not _is_possible(program, alone):
            return None
        best = _aim_by_aim(program, lambda stage: self._bound(stage, edge), np.flatnonzero(beside))
        if _is_only(best.program, best.household):
            return best.household
        found = best.program.best(self.nearest[best.edges])
        if found is None:
            raise Unsure("no choice reaches what one reached")
        return found[1]

    def _bound(self, stage: Stage, edge: int) -> Bound | None:
        """The bound of a stage where an edge is held: of counts what the whole tells, as it is rarely less.

        None where few edges are left, over which the solver is as soon done as a bound.
        """
        if stage.is_asked or int(np.abs(stage.values).max(initial=0)) > 1:
            few = len(stage.edges) <= FEW_EDGES
            return None if few else stage.program.bound(stage.values)
        if stage.reached not in self._bounds:
            program = self.whole
            for aim, reached in enumerate(stage.reached):
                program = program.holding(program.values(aim), reached)
            self._bounds[stage.reached] = program.bound(program.values(len(stage.reached)))
        of_edges = self._bounds[stage.reached].of_edges
        return Bound(int(of_edges[edge]), of_edges[stage.edges])


@dataclass(frozen=True)
class Stage:
    """A program that holds what the first aims have `reached`; `edges` are its edges in the whole.

    `household` reaches that once some aim was asked of the solver.
    """

    program: Program
    edges: Indices
    reached: tuple[int, ...]
    household: Indices
    is_asked: bool

    @cached_property
    def values(self) -> Integers:
        """The value of each edge in the next aim."""
        return self.program.values(len(self.reached))

    @property
    def is_small(self) -> bool:
        """Whether the next aim is of small values."""
        return int(np.abs(self.values).max(initial=0)) <= SMALL

    def then(self, reached: int, bound: Bound | None) -> Stage:
        """The stage of the aim after, without the edges that would cost this one."""
        held = self.program.holding(self.values, reached)
        keep = np.ones(len(self.edges), bool) if bound is None else bound.of_edges >= reached
        after = *self.reached, reached
        return Stage(held.only(keep), self.edges[keep], after, self.household, self.is_asked)

    def best(self, bound: Bound | None) -> Stage | None:
        """The stage of the aim after, as the solver says; None where no choice reaches what is held."""
        if bound is not None:
            many, order = FEW_EDGES, np.sort(bound.of_edges)[::-1]
            while many < len(order):
                least = int(order[many])
                few = bound.of_edges >= least
                found = self._best(few)
                if found is not None and found[1] >= least:
                    return found[0].then(found[1], Bound(bound.at_most, bound.of_edges[few]))
                many *= 4
        found = self._best(np.ones(len(self.edges), bool))
        return None if found is None else found[0].then(found[1], bound)

    def _best(self, few: Mask) -> tuple[Stage, int] | None:
        """The stage with the best choice over a few edges, and what that reaches."""
        best = self.program.only(few).best(self.values[few])
        if best is None:
            return None
        stage = replace(
            self, program=best[0], edges=self.edges[few], household=best[1], is_asked=True
        )
        return stage, stage.program.total(stage.values, stage.household)


def _aim_by_aim(
    program: Program,
    bound_of: Callable[[Stage], Bound | None],
    edges: Indices | None = None,
) -> Stage:
    """The stage after the last aim: a choice that is best in all, and the edges of all such.

    An aim of small values nearly always reaches its bound: it is held at that, unasked, until no choice
    reaches all that is held. Then the last aim that was not asked is.
    """
    last, nobody = len(program.problem.aims), np.full(program.problem.requests, UNPLACED)
    edges = np.arange(len(program.problem.request)) if edges is None else edges
    stages, asked = [Stage(program, edges, (), nobody, is_asked=False)], {last - 1}
    while len(stages) <= last:
        stage, aim = stages[-1], len(stages) - 1
        bound = bound_of(stage)
        after: Stage | None
        if bound is None or aim in asked or not stage.is_small:
            asked.add(aim)
            after = stage.best(bound)
        else:
            after = stage.then(bound.at_most, bound)
        if after is not None:
            stages.append(after)
            continue
        unasked = set(range(aim)) - asked
        if not unasked:
            raise Unsure("no choice reaches what one reached")
        asked.add(max(unasked))
        del stages[max(unasked) + 1 :]
    return stages[-1]


def _is_possible(program: Program, likely: Indices) -> bool:
    """Whether some choice keeps the rows: a likely one, or, where a row asks for pairs, another."""
    nothing = np.zeros(len(program.problem.request), np.int64)
    return program.keeps(likely) or program.best(nothing) is not None


def _first_of_equals(program: Program, household: Indices) -> Indices:
    """Of all choices that keep the rows, the one that the tie rule names; `household` is one of them."""
    if _is_only(program, household):
        return household
    for digits in tie_rule(program.problem, MOST_TOGETHER):
        best = program.best(digits)
        if best is None:
            raise Unsure("no choice reaches what one reached")
        program, household = best
        program = program.holding(digits, program.total(digits, household))
    return household


def _is_only(program: Program, household: Indices) -> bool:
    """Whether no other choice keeps the rows."""
    mine = program.problem.edges(household)
    unlike = (household == UNPLACED).astype(np.int64)[program.problem.request]
    unlike[mine] = -1
    values = program.values(len(program.problem.aims) - 1)
    return program.holding(unlike, 1 - len(mine)).best(values) is None


def tie_rule(problem: Problem, most: int) -> Iterator[Integers]:
    """What prefers, in order of requests, the smallest household: as many requests at once as `most` holds."""
    many = np.diff(problem.starts)
    place = np.arange(len(problem.request)) - problem.starts[problem.request]
    rank = many[problem.request] - place  # the smallest counts most, going without nothing
    last, scales = 0, np.zeros(problem.requests, np.int64)
    while last < problem.requests:
        first, size = last, 1
        while last < problem.requests and (last == first or size * (many[last] + 1) <= most):
            size *= int(many[last]) + 1
            last += 1
        scales[:] = 0
        scale = 1
        for request in reversed(range(first, last)):
            scales[request] = scale
            scale *= int(many[request]) + 1
        if scale > 1:
            yield rank * scales[problem.request]
