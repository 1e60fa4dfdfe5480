"""A week as looking ahead sees it, and what each pair would leave for the families of each future.

A future is packed one family after another, those with the fewest households first, each where it is
worth most among what is left. That is no optimum; it takes no solver, and comes out alike everywhere.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np

from matcher.ahead.futures import Drawn, Kinds
from matcher.model import Indices, Mask
from matcher.solve.problem import UNPLACED, Integers

SPAN = 62  # weeks that a whole number of 64 bits holds, a bit a week
PLACES = 2 * SPAN  # of a household: a stay that begins within SPAN is cut off after as many weeks
AT_ONCE = 256  # costs that are summed at once, so that their choices take little memory


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
    def edge(self) -> dict[tuple[int, int], int]:
        """The place of each pair of a request and a household."""
        pairs = zip(self.request.tolist(), self.household.tolist(), strict=True)
        return {pair: at for at, pair in enumerate(pairs)}

    def left_by(self, choice: Indices) -> Integers:
        """The weeks in which each household is taken after a choice; KeyError for a pair that is none."""
        busy = self.busy.copy()
        for row in np.flatnonzero(choice != UNPLACED).tolist():
            home = int(choice[row])
            busy[home] |= self.weeks_of_pairs[self.edge[row, home]]
        return busy

    @cached_property
    def weeks_of_pairs(self) -> Integers:
        """The weeks that each pair would take, as a bit mask."""
        stay = self.waiting.stay[self.request]
        weeks = zip(self.start.tolist(), stay.tolist(), strict=True)
        return np.array([weeks_of(*each) for each in weeks], np.int64)

    def places(self, edge: int) -> range:
        """The places that a pair takes of those of its household; none where it begins after SPAN."""
        start = int(self.start[edge])
        first = int(self.household[edge]) * PLACES + start
        stay = min(int(self.waiting.stay[self.request[edge]]), SPAN)
        return range(first, first + stay if start < SPAN else first)


def weeks_of(start: int, stay: int) -> int:
    """The weeks of a stay as a bit mask, as far as it reaches."""
    end = min(start + stay, SPAN)
    return 0 if end <= start else ((1 << (end - start)) - 1) << start


def as_weeks(weeks: Mask) -> Integers:
    """Which weeks are so, (households, weeks), as a bit mask each."""
    bits = weeks[:, :SPAN] @ (np.int64(1) << np.arange(min(SPAN, weeks.shape[1])))
    return np.asarray(bits, np.int64)


PLACE_BITS = 32
PLACE = (1 << PLACE_BITS) - 1
# A start as one whole number, so that the best is the least: what it costs in hundredths of a point, below
# 0 as it is worth something, shifted by PLACE_BITS, and its place, household * PLACES + week.
Way: TypeAlias = int


@dataclass(frozen=True)
class Stay:
    """How many weeks a family stays, and which of them have to be looked at after the first.

    No stay is shorter than the shortest, so one that takes any week between two that lie as far apart
    takes one of these too.
    """

    weeks: int
    others: tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """A family of a future with the ways in which it could begin, the best first.

    Who has the least `turn` comes first: households, and week of need. `waiting` is its row where it is
    a family of the round, UNPLACED where it is drawn; `arrives` the week in which it comes, 0 for one that is
    here.
    """

    turn: tuple[int, int]
    ways: list[Way]
    stay: Stay
    waiting: int
    arrives: int


class _Steps:
    """Makes the steps of families; what several of them share is worked out once."""

    def __init__(self, scene: Scene, futures: Sequence[Sequence[Drawn]]) -> None:
        self._scene = scene
        stays = [*scene.waiting.stay.tolist(), *(each.stay for some in futures for each in some)]
        self._shortest = max(1, min(stays, default=1))
        self._offers: dict[tuple[bool, int], list[tuple[Way, int]]] = {}
        self._free: dict[tuple[int, int], bytes] = {}
        self._drawn: dict[Drawn, Step] = {}

    def waiting(self, row: int) -> Step:
        """The step of a family of the round."""
        scene = self._scene
        needed, last = int(scene.needed[row]), int(scene.last[row])
        return self._step(row, Drawn(row, 0, needed, last, int(scene.waiting.stay[row])))

    def drawn(self, drawn: Drawn) -> Step:
        """The step of a family that may come."""
        found = self._drawn.get(drawn)
        if found is None:
            found = self._drawn[drawn] = self._step(UNPLACED, drawn)
        return found

    def _step(self, waiting: int, drawn: Drawn) -> Step:
        scene, kind, waits = self._scene, drawn.kind, waiting != UNPLACED
        of = scene.waiting if waits else scene.kinds
        if (waits, kind) not in self._offers:
            self._offers[waits, kind] = _offers(of, kind)
        offers, stay = self._offers[waits, kind], min(drawn.stay, SPAN)
        ways = list[Way]()
        for start in range(max(drawn.needed, 1), min(drawn.last + 1, scene.end, SPAN)):
            free = self._free_for(start, stay)
            late = scene.week_waited * (start - drawn.needed)
            later = (late << PLACE_BITS) + start
            ways += [way + later for way, home in offers if free[home]]
        ways.sort()
        del ways[bisect_left(ways, 0) :]  # those that are worth nothing
        homes = len({(way & PLACE) // PLACES for way in ways})
        others = {*range(self._shortest, stay, self._shortest), stay - 1} - {0}
        turn = homes, max(drawn.needed, 1)
        return Step(turn, ways, Stay(stay, tuple(sorted(others))), waiting, drawn.arrives)

    def _free_for(self, start: int, stay: int) -> bytes:
        """For each household whether a stay could begin."""
        if (start, stay) not in self._free:
            scene = self._scene
            opens = (scene.opens >> start) & 1 == 1
            self._free[start, stay] = (opens & (scene.busy & weeks_of(start, stay) == 0)).tobytes()
        return self._free[start, stay]


def _offers(of: Kinds, kind: int) -> list[tuple[Way, int]]:
    """Each household that could take a family, as the way to begin there in week 0."""
    homes = np.flatnonzero(of.eligible[kind])
    ways = (-of.worth[kind, homes] << PLACE_BITS) + homes * PLACES
    return list(zip(ways.tolist(), homes.tolist(), strict=True))


@dataclass(frozen=True)
class Choices:
    """Many choices for a week; a set of them is a whole number with a bit for each.

    `waits` has for each request the choices that leave it waiting, `taken` for each pair those that
    choose it.
    """

    many: int
    waits: list[int]
    taken: dict[int, int]


class Packer:
    """Packs futures into what a choice leaves; the same futures for every choice."""

    def __init__(self, scene: Scene, futures: Sequence[Sequence[Drawn]]) -> None:
        self.scene = scene
        steps = _Steps(scene, futures)
        waiting = [steps.waiting(row) for row in range(scene.requests)]
        self.queues: list[list[Step]] = []
        for drawn in futures:
            families = (*waiting, *map(steps.drawn, drawn))
            some = [step for step in families if step.ways]
            self.queues.append(sorted(some, key=lambda step: step.turn))

    @property
    def futures(self) -> int:
        """How many futures there are."""
        return len(self.queues)

    def worth(self, choice: Indices) -> int:
        """What a choice is worth now and in the futures together, summed over these."""
        return self.with_now(choice, self.pack(changed(self.scene, choice, ())))

    def with_now(self, choice: Indices, later: Integers) -> int:
        """What a choice is worth with now, where `later` has what the futures hold after it first."""
        placed = np.flatnonzero(choice != UNPLACED).tolist()
        edges = [self.scene.edge[row, int(choice[row])] for row in placed]
        return self.futures * int(self.scene.worth[edges].sum()) + int(later[0])

    def pack(self, choices: Choices) -> Integers:
        """What the futures are worth after each choice, in all: (choices,)."""
        every = (1 << choices.many) - 1
        free = [every] * (PLACES * len(self.scene.busy))
        for edge, some in choices.taken.items():
            for place in self.scene.places(edge):
                free[place] &= ~some
        worth = np.zeros(choices.many, np.int64)
        for queue in self.queues:
            worth -= _sums(_begun(queue, free.copy(), choices.waits, every), choices.many)
        return worth


def _begun(
    queue: list[Step], free: list[int], waits: list[int], every: int
) -> list[tuple[int, int]]:
    """Who begins in one future, for every choice at once: what it costs, and after which choices.

    `free`, (households * PLACES,), has the choices after which a household is free in a week; it changes.
    """
    begun = []
    for step in queue:
        left = every if step.waiting == UNPLACED else waits[step.waiting]
        if not left:
            continue
        stay, others = step.stay.weeks, step.stay.others
        for way in step.ways:
            place = way & PLACE
            here = left & free[place]
            if not here:
                continue
            for other in others:
                here &= free[place + other]
            if here:
                begun.append((way >> PLACE_BITS, here))
                elsewhere = ~here
                for week in range(place, place + stay):
                    free[week] &= elsewhere
                left &= elsewhere
                if not left:
                    break
    return begun


def _sums(costs: list[tuple[int, int]], many: int) -> Integers:
    """The sum of the costs of each choice, from costs with the choices that have them: (choices,)."""
    size = -(-many // 8)
    total = np.zeros(many, np.int64)
    for first in range(0, len(costs), AT_ONCE):
        some = costs[first : first + AT_ONCE]
        packed = b"".join(bits.to_bytes(size, "little") for _, bits in some)
        rows = np.frombuffer(packed, np.uint8).reshape(len(some), size)
        has = np.unpackbits(rows, axis=1, count=many, bitorder="little")
        each = np.array([cost for cost, _ in some], np.int64)
        total += np.einsum("i,ij->j", each, has)  # several times as fast as @ for whole numbers
    return total


@dataclass(frozen=True, slots=True)
class Placed:
    """A family that finds a household in a future: which, when it came, and what that is worth.

    `waiting` and `arrives` are those of its step.
    """

    household: int
    waiting: int
    arrives: int
    worth: int


def placed_in(queue: list[Step], busy: Integers, waits: Mask) -> list[Placed]:
    """The families of one future that find a household after one choice."""
    left, found = busy.tolist(), []
    for step in queue:
        if step.waiting != UNPLACED and not waits[step.waiting]:
            continue
        weeks = (1 << step.stay.weeks) - 1
        for way in step.ways:
            home, start = divmod(way & PLACE, PLACES)
            if left[home] >> start & weeks == 0:
                left[home] |= weeks << start
                found.append(Placed(home, step.waiting, step.arrives, -(way >> PLACE_BITS)))
                break
    return found


# A request, its household or UNPLACED, and the request that is gone from there, neither placed nor waiting.
Change: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True)
class Around:
    """What each pair is worth about a choice, (pairs,), and what the choice is worth itself.

    Now and ahead together, summed over the futures.
    """

    pairs: Integers
    choice: int


def around(packer: Packer, choice: Indices) -> Around:
    """What each pair is worth where all else is as in a choice, (requests,).

    A pair is held against its family waiting, and in both nobody else has its household.
    """
    scene = packer.scene
    holder = {int(h): r for r, h in enumerate(choice.tolist()) if h != UNPLACED}
    changes: dict[Change, int] = {}

    def place(change: Change) -> int:
        return changes.setdefault(change, 1 + len(changes))

    with_it, without = [], []
    for row, home in scene.edge:
        leaves = holder.get(home, UNPLACED)
        leaves = UNPLACED if leaves == row else leaves
        with_it.append(place((row, home, leaves)))
        without.append(place((row, UNPLACED, leaves)))
    later = packer.pack(changed(scene, choice, tuple(changes)))
    both: Integers = packer.futures * scene.worth + later[with_it] - later[without]
    return Around(both, packer.with_now(choice, later))


def changed(scene: Scene, choice: Indices, changes: tuple[Change, ...]) -> Choices:
    """A choice as it is, and then with each change."""
    many = 1 + len(changes)
    every = (1 << many) - 1
    waits = [every if home == UNPLACED else 0 for home in choice.tolist()]
    keeps = [every - each for each in waits]
    taken: dict[int, int] = defaultdict(int)
    for at, (row, home, leaves) in enumerate(changes, 1):
        bit = 1 << at
        keeps[row] &= ~bit
        waits[row] |= bit
        if leaves != UNPLACED:
            keeps[leaves] &= ~bit
        if home != UNPLACED:
            waits[row] ^= bit
            taken[scene.edge[row, home]] |= bit
    for row, home in enumerate(choice.tolist()):
        if home != UNPLACED:
            taken[scene.edge[row, home]] |= keeps[row]
    return Choices(many, waits, taken)
