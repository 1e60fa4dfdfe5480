"""Choose for a week what is worth most with what it leaves: values about a choice, then the optimum of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.ahead.scene import Packer
from matcher.model import Indices, Mask
from matcher.policy.aims import POINTS_AHEAD, place_of, placed_soon, room_ahead
from matcher.solve import solve
from matcher.solve.problem import Aim, Integers, Problem

PASSES = 3
POINT = 100  # worth is in hundredths of a point


@dataclass(frozen=True)
class Looked:
    """A problem that looks ahead: its values are those about the choice `around`, (requests,)."""

    problem: Problem
    around: Indices


def values(packer: Packer, choice: Indices) -> Integers:
    """The value of each pair about a choice, in steps of `POINTS_AHEAD` points, rounded half up."""
    both, _ = packer.around(choice)
    step = packer.futures * POINT * POINTS_AHEAD
    rounded: Integers = (2 * both + step) // (2 * step)
    return rounded


def with_values(problem: Problem, soon: Mask, of_pairs: Integers, form: str) -> Problem:
    """A plain problem with the two aims of looking ahead; `soon` is whom it has to place, (requests,)."""
    at = place_of(form, [aim.name for aim in problem.aims])
    two = (
        Aim(placed_soon.key, soon.astype(np.int64), of_request=True),
        Aim(room_ahead.key, of_pairs, of_request=False),
    )
    return replace(problem, aims=(*problem.aims[:at], *two, *problem.aims[at:]))


def look(problem: Problem, plain: Indices, soon: Mask, packer: Packer, form: str) -> Looked:
    """A problem whose values are about its own best choice, or about the last of `PASSES` choices.

    It begins about the plain choice. Where a choice comes back that was there before, values and
    choice fit each other as well as they ever will.
    """
    choice, before = plain, list[bytes]()
    while True:
        found = with_values(problem, soon, values(packer, choice), form)
        before.append(choice.tobytes())
        if len(before) == PASSES:
            return Looked(found, choice)
        then = solve(found).household
        if then.tobytes() in before:
            return Looked(found, choice)
        choice = then
