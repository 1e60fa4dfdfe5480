"""A week as looking ahead sees it, and what each pair would leave for the families of each future.

A future is packed one family after another, those with the fewest households first, each where it is
worth most among what is left. That is no optimum; it takes no solver, and comes out alike everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matcher.ahead.futures import Drawn, Kinds
from matcher.model import Indices, Mask
from matcher.solve.problem import UNPLACED, Integers

SPAN = 62  # weeks that a whole number of 64 bits holds, a bit a week
NEVER = -1  # every bit: an option that is none
AT_ONCE = 256  # choices that are packed together, so that memory stays small


@dataclass(frozen=True)
class Scene:
    """The families and households of a week; weeks count from it, and a set of weeks is a bit mask.

    `waiting` has the families of the round as kinds of their own, a row each, with their weeks of need
    and of last start in `needed` and `last`. `busy` (households,) are the weeks in which each household
    is taken, `opens` those in which a stay could begin. The pairs, (pairs,), are sorted by request:
    `start` is a pair's first week and `worth` what it is worth now, in hundredths of a point.
    """

    kinds: Kinds
    waiting: Kinds
    needed: Indices
    last: Indices
    busy: Integers
    opens: Integers
    request: Indices
    household: Indices
    start: Indices
    worth: Integers
    week_waited: int
    end: int = SPAN

    @property
    def requests(self) -> int:
        """How many families the week has."""
        return len(self.needed)

    @cached_property
    def weeks_of_pairs(self) -> Integers:
        """The weeks that each pair would take, as a bit mask."""
        stay = self.waiting.stay[self.request]
        weeks = zip(self.start.tolist(), stay.tolist(), strict=True)
        return np.array([weeks_of(*each) for each in weeks], np.int64)


def weeks_of(start: int, stay: int) -> int:
    """The weeks of a stay as a bit mask, as far as it reaches."""
    end = min(start + stay, SPAN)
    return 0 if end <= start else ((1 << (end - start)) - 1) << start


def as_weeks(weeks: Mask) -> Integers:
    """Which weeks are so, (households, weeks), as a bit mask each."""
    bits = weeks[:, :SPAN] @ (np.int64(1) << np.arange(min(SPAN, weeks.shape[1])))
    return np.asarray(bits, np.int64)


@dataclass(frozen=True)
class _Step:
    """The next family of every future: its options, best first, (futures, options).

    `waiting` is its row where it is a family of the round, UNPLACED where it is drawn or none.
    """

    households: Indices
    weeks: Integers
    worth: Integers
    waiting: Indices


class Packer:
    """Packs futures into what a choice leaves; the same futures for every choice."""

    def __init__(self, scene: Scene, futures: Sequence[Sequence[Drawn]]) -> None:
        self.scene, self.futures = scene, len(futures)
        known: dict[tuple[bool, int, int, int], list[tuple[int, int, int]]] = {}
        queues = []
        for drawn in futures:
            queue = []
            for row in range(scene.requests):
                needed, last = int(scene.needed[row]), int(scene.last[row])
                queue.append((True, row, needed, last, row))
            queue += [(False, d.kind, d.needed, d.last, UNPLACED) for d in drawn]
            ordered = []
            for at, (waits, kind, needed, last, row) in enumerate(queue):
                key = waits, kind, needed, last
                if key not in known:
                    known[key] = self._options(*key)
                if options := known[key]:
                    homes = len({home for home, _, _ in options})
                    ordered.append((homes, max(needed, 1), at, row, options))
            queues.append(sorted(ordered, key=lambda each: each[:3]))
        self.steps = self._steps(queues)

    def _options(
        self, waits: bool, kind: int, needed: int, last: int
    ) -> list[tuple[int, int, int]]:
        """Household, weeks and worth of each way in which a family could begin, the best first."""
        scene = self.scene
        of = scene.waiting if waits else scene.kinds
        found = []
        for start in range(max(needed, 1), min(last + 1, scene.end, SPAN)):
            weeks = weeks_of(start, int(of.stay[kind]))
            open_ = of.eligible[kind] & ((scene.opens >> start) & 1 == 1)
            open_ &= (scene.busy & weeks) == 0
            late = scene.week_waited * (start - needed)
            for home in np.flatnonzero(open_).tolist():
                found.append((-(int(of.worth[kind, home]) - late), home, weeks))
        return [(home, weeks, -worth) for worth, home, weeks in sorted(found) if worth < 0]

    def _steps(
        self, queues: list[list[tuple[int, int, int, int, list[tuple[int, int, int]]]]]
    ) -> list[_Step]:
        """The queues of all futures side by side, the first of each first."""
        nowhere = len(self.scene.busy)  # a household that is always taken
        steps = []
        for at in range(max(map(len, queues), default=0)):
            row = [queue[at] if at < len(queue) else None for queue in queues]
            most = max(len(each[4]) for each in row if each is not None)
            shape = len(queues), most
            households, weeks = np.full(shape, nowhere), np.full(shape, NEVER, np.int64)
            worth, waiting = np.zeros(shape, np.int64), np.full(len(queues), UNPLACED)
            for place, each in enumerate(row):
                if each is not None:
                    homes, masks, values = zip(*each[4], strict=True)
                    households[place, : len(homes)] = homes
                    weeks[place, : len(homes)] = masks
                    worth[place, : len(homes)] = values
                    waiting[place] = each[3]
            steps.append(_Step(households, weeks, worth, waiting))
        return steps

    def pack(self, busy: Integers, waits: NDArray[np.bool_]) -> tuple[Integers, Integers]:
        """What each future is worth after each choice, and how many it places: (choices, futures).

        `busy` (choices, households) are the weeks that each choice leaves taken, and `waits` (choices,
        requests) says which families it leaves waiting.
        """
        parts = range(0, len(busy), AT_ONCE)
        found = [self._pack(busy[at : at + AT_ONCE], waits[at : at + AT_ONCE]) for at in parts]
        worth, placed = (np.concatenate(each) for each in zip(*found, strict=True))
        return worth, placed

    def _pack(self, busy: Integers, waits: NDArray[np.bool_]) -> tuple[Integers, Integers]:
        choices, futures = len(busy), self.futures
        state = np.full((futures, choices, busy.shape[1] + 1), NEVER, np.int64)
        state[:, :, :-1] = busy
        worth = np.zeros((futures, choices), np.int64)
        placed = np.zeros((futures, choices), np.int64)
        future, choice = np.arange(futures)[:, None], np.arange(choices)[None, :]
        drawn = np.ones((choices, 1), bool)
        active = np.concatenate([waits, drawn], axis=1).T  # the last row is that of UNPLACED
        for step in self.steps:
            taken = state[future[:, :, None], choice[:, :, None], step.households[:, None, :]]
            free = (taken & step.weeks[:, None, :]) == 0
            at = free.argmax(2)
            goes = free[future, choice, at] & active[step.waiting]
            worth += np.where(goes, step.worth[future, at], 0)
            placed += goes
            state[future, choice, step.households[future, at]] |= np.where(
                goes, step.weeks[future, at], 0
            )
        return worth.T, placed.T

    # Choices that differ in one pair

    def around(self, choice: Indices) -> tuple[Integers, Integers]:
        """What each pair is worth now and ahead together, and what it costs ahead, in families.

        Both are (pairs,), summed over the futures. All else is as in a choice, (requests,). A pair is
        held against its family waiting, and in both nobody else has its household.
        """
        scene = self.scene
        edge = {
            (r, h): at
            for at, (r, h) in enumerate(
                zip(scene.request.tolist(), scene.household.tolist(), strict=True)
            )
        }
        weeks = scene.weeks_of_pairs
        holder = {int(h): r for r, h in enumerate(choice.tolist()) if h != UNPLACED}
        base, waits = scene.busy.copy(), choice == UNPLACED
        for home, row in holder.items():
            base[home] |= weeks[edge[row, home]]
        places: dict[tuple[int, int, int], int] = {}
        busy_of, waits_of = [], []

        def place(row: int, home: int, leaves: int) -> int:
            """The place of a choice: a family has a household or waits, who held it is gone."""
            key = row, home, leaves
            if key not in places:
                busy, waiting = base.copy(), waits.copy()
                for gone in (row, leaves):
                    if gone != UNPLACED and choice[gone] != UNPLACED:
                        busy[choice[gone]] = scene.busy[choice[gone]]
                waiting[row] = home == UNPLACED
                if leaves != UNPLACED:
                    waiting[leaves] = False
                if home != UNPLACED:
                    busy[home] |= weeks[edge[row, home]]
                places[key] = len(busy_of)
                busy_of.append(busy)
                waits_of.append(waiting)
            return places[key]

        with_it, without = [], []
        for row, home in edge:
            leaves = holder.get(home, UNPLACED)
            leaves = UNPLACED if leaves == row else leaves
            with_it.append(place(row, home, leaves))
            without.append(place(row, UNPLACED, leaves))
        if not places:
            nothing = np.zeros(0, np.int64)
            return nothing, nothing
        worth, placed = (
            each.sum(axis=1) for each in self.pack(np.array(busy_of), np.array(waits_of))
        )
        both = self.futures * scene.worth + worth[with_it] - worth[without]
        return both, placed[without] - placed[with_it]
