"""Solve with limited sums: aim by aim, where earlier aims are held, over the few edges that can matter.

What multipliers bound, in whole numbers, leaves out all edges that would cost an aim more than the best
choice known. Where the bound is what a choice reaches, the aim is proven; else a solver decides among
the edges left.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from matcher.solve.problem import UNPLACED, Impossible, Indices, Integers, Problem, Solution
from matcher.solve.program import Bound, Program, Unsure

SMALL = 3  # values that count placements, or a relationship
FEW_EDGES = 400  # that are tried first
MOST_DIGITS = 2**16  # of the places of several requests as one number


def solve_sums(problem: Problem) -> Solution:
    """The optimum of every aim in order under all limits; equal choices fall as `proof.canonical` makes them.

    Raises Unsure where the solver proves none, and Impossible where no choice is within the limits.
    """
    program = Program.of(problem)
    if not program.keeps(np.full(problem.requests, UNPLACED)):
        raise Impossible("no choice is within the limits")
    household = _first_of_equals(*_aim_by_aim(program))
    totals = problem.totals(household)
    return Solution(household, totals, totals, None)


def _aim_by_aim(program: Program) -> tuple[Program, Indices]:
    """A choice that is best in every aim, and the program that holds them, with the edges of all such.

    An aim of small values nearly always reaches its bound: it is held at that, unasked, until no choice
    reaches all that is held. Then the last aim that was not asked is.
    """
    last, household = len(program.problem.aims) - 1, np.full(program.problem.requests, UNPLACED)
    before, asked, aim = [program], {last}, 0
    while aim <= last:
        program = before[aim]
        values = program.values(aim)
        bound = program.bound(values)
        if int(np.abs(values).max(initial=0)) > SMALL or aim in asked:
            asked.add(aim)
            best = _best(program, values, bound)
            if best is None:
                aim = max(set(range(aim)) - asked)
                asked.add(aim)
                del before[aim + 1 :]
                continue
            program, household, edges = best
            values = program.values(aim)
            reached = program.total(values, household)
        else:
            reached, edges = bound.at_most, bound.of_edges
        before.append(program.holding(values, reached).only(edges >= reached))
        aim += 1
    return before[-1], household


def _best(
    program: Program, values: Integers, bound: Bound
) -> tuple[Program, Indices, Integers] | None:
    """A choice of the greatest sum, over the edges that can matter, with the bound of each of these."""
    many, order = FEW_EDGES, np.sort(bound.of_edges)[::-1]
    while many < len(order):
        least = int(order[many])
        few = bound.of_edges >= least
        best = program.only(few).best(values[few])
        if best is not None and best[0].total(values[few], best[1]) >= least:
            return *best, bound.of_edges[few]
        many *= 4
    best = program.best(values)
    return None if best is None else (*best, bound.of_edges)


def _first_of_equals(program: Program, household: Indices) -> Indices:
    """Of all choices that keep the rows, the one that the tie rule names; `household` is one of them."""
    if _is_only(program, household):
        return household
    for digits in tie_rule(program.problem, MOST_DIGITS):
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
    return program.holding(unlike, 1 - len(mine)).best(unlike) is None


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
