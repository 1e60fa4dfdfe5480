"""Choose for a week what is worth most with what it leaves: values about a choice, then the optimum of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from matcher.ahead.outlook import Outlook
from matcher.ahead.scene import Around, Packer, around, placed_in
from matcher.errors import WrongInput, wrong_setting
from matcher.model import Indices, Mask
from matcher.policy.aims import POINT, place_of, placed_anyway, room_ahead
from matcher.sizes import MOST_PAIRS_AHEAD, PASSES_AHEAD, POINTS_AHEAD
from matcher.solve import solve
from matcher.solve.problem import UNPLACED, Aim, Integers, Problem, Solution


@dataclass(frozen=True)
class Taken:
    """What a file says of looking ahead, as it takes a solver: the plain round, and the choice of `Ahead`."""

    plain: Solution
    around: Indices


@dataclass(frozen=True)
class Ahead:
    """How a round looks ahead: the plain round, whom it has to place, and about which choice it values."""

    form: str
    outlook: Outlook
    problem: Problem
    plain: Solution
    anyway: Mask
    around: Indices
    packer: Packer


def too_large(problem: Problem) -> None:
    """WrongInput for a round with so many pairs that looking ahead would take too long."""
    if len(problem.request) > MOST_PAIRS_AHEAD:
        pairs = (
            f"{len(problem.request):,} eligible pairs; up to {MOST_PAIRS_AHEAD:,} can look ahead"
        )
        raise _too_large(f"This round has {pairs}.")


def _too_large(problem: str) -> WrongInput:
    fix = 'Write room_ahead = "off" for a round of this size.'
    return WrongInput([wrong_setting("policy", "room_ahead", problem, fix)])


@dataclass(frozen=True)
class Looked:
    """A problem that looks ahead: its values are those about the choice `around`, (requests,)."""

    problem: Problem
    around: Indices


def values(packer: Packer, choice: Indices) -> Integers:
    """The value of each pair about a choice, in steps of `POINTS_AHEAD` points, rounded half up."""
    return _in_steps(packer, around(packer, choice))


def _in_steps(packer: Packer, counted: Around) -> Integers:
    step = packer.futures * POINT * POINTS_AHEAD
    rounded: Integers = (2 * counted.pairs + step) // (2 * step)
    return rounded


def with_values(problem: Problem, anyway: Mask, of_pairs: Integers, form: str) -> Problem:
    """A plain problem with the two aims of looking ahead; `anyway` is whom it has to place, (requests,)."""
    at = place_of(form, [aim.name for aim in problem.aims])
    two = (
        Aim(placed_anyway.key, anyway.astype(np.int64), of_request=True),
        Aim(room_ahead.key, of_pairs, of_request=False),
    )
    return replace(problem, aims=(*problem.aims[:at], *two, *problem.aims[at:]))


def look(problem: Problem, plain: Indices, anyway: Mask, packer: Packer, form: str) -> Looked:
    """The problem of the best choice that values lead to, about the plain choice and those that follow.

    Values add up what each pair takes alone, so what a whole choice leaves is counted once more; of
    choices that are worth the same the first counts. WrongInput where duals no longer prove it.
    """
    choice, worth = plain, dict[bytes, int]()
    looked, led_to = list[Looked](), list[Indices]()
    while choice.tobytes() not in worth and len(worth) < PASSES_AHEAD:
        counted = around(packer, choice)
        worth[choice.tobytes()] = counted.choice
        of_pairs = _in_steps(packer, counted)
        found = Looked(with_values(problem, anyway, of_pairs, form), choice)
        if problem.exact and not found.problem.exact:
            raise _too_large(
                "With it the aims are too great for one exact weight, so no duals prove it."
            )
        choice = solve(found.problem).household
        looked.append(found)
        led_to.append(choice)
    if choice.tobytes() not in worth:
        worth[choice.tobytes()] = packer.worth(choice)
    in_all = [worth[each.tobytes()] for each in led_to]
    return looked[in_all.index(max(in_all))]


@dataclass(frozen=True)
class Open:
    """A household that looking ahead leaves open: in how many futures its being taken loses a family.

    The family that would take it is not the one that the plain round sends there. In `waiting` of these it
    is only one that waits today; `before` is the week by which, in each of the others, one that then
    goes there has come, None where that is none.
    """

    household: int
    futures: int
    waiting: int
    before: int | None


def left_open(ahead: Ahead, choice: Indices) -> list[Open]:
    """What waits for the households that the plain round proposes and a choice leaves to nobody."""
    packer, plain = ahead.packer, ahead.plain.household
    scene, waits = packer.scene, choice == UNPLACED
    left = scene.left_by(choice)
    taken = {int(home) for home in choice.tolist()}
    futures = [(queue, placed_in(queue, left, waits)) for queue in packer.queues]
    found = []
    for row in np.flatnonzero(plain != UNPLACED).tolist():
        home = int(plain[row])
        if home in taken:
            continue
        as_plain, wait_then = left.copy(), waits.copy()
        as_plain[home] |= scene.weeks_of_pairs[scene.edge[row, home]]
        wait_then[row] = False
        comes, waiting = list[int](), 0
        for queue, placed in futures:
            with_it = [each for each in placed if each.waiting != row]
            there = [each for each in with_it if each.household == home]
            if not there or len(placed_in(queue, as_plain, wait_then)) >= len(with_it):
                continue
            if drawn := [each.arrives for each in there if each.waiting == UNPLACED]:
                comes.append(min(drawn))
            else:
                waiting += 1
        before = max(comes) + 1 if comes else None
        found.append(Open(home, len(comes) + waiting, waiting, before))
    return sorted(found, key=lambda each: each.household)
