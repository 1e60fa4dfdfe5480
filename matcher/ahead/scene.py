"""A week as looking ahead sees it, and what each pair would leave for the families of each future.

A future is packed one family after another, those with the fewest households first, each where it is
worth most among what is left. That is no optimum; it takes no solver, and comes out alike everywhere.
"""

from __future__ import annotations

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


def weeks_of(start: int, stay: int) -> int:
    """The weeks of a stay as a bit mask, as far as it reaches."""
    end = min(start + stay, SPAN)
    return 0 if end <= start else ((1 << (end - start)) - 1) << start


def as_weeks(weeks: Mask) -> Integers:
    """Which weeks are so, (households, weeks), as a bit mask each."""
    bits = weeks[:, :SPAN] @ (np.int64(1) << np.arange(min(SPAN, weeks.shape[1])))
    return np.asarray(bits, np.int64)


# The weeks of a stay as a bit mask, its first week, the week after its last, and which others to look at.
Span: TypeAlias = tuple[int, int, int, tuple[int, ...]]
# What a start costs in hundredths of a point, below 0 as it is worth something; the household; the stay.
Way: TypeAlias = tuple[int, int, Span]


@dataclass(frozen=True)
class Step:
    """A family of a future with the ways in which it could begin, the best first.

    `waiting` is its row where it is a family of the round, UNPLACED where it is drawn; `arrives` the
    week in which it comes, 0 for one that is here.
    """

    ways: list[Way]
    waiting: int
    arrives: int


class _Ways:
    """The ways in which families could begin; what several of them share is worked out once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        stays = [*scene.waiting.stay.tolist(), *scene.kinds.stay.tolist()]
        self._shortest = max(1, min(stays, default=1))
        self._offers: dict[tuple[bool, int], list[tuple[int, int]]] = {}
        self._spans: dict[tuple[int, int], tuple[Span, bytes]] = {}

    def of(self, waits: bool, kind: int, needed: int, last: int) -> list[Way]:
        """The ways of one family: of the round where it `waits`, else of those that may come."""
        scene, of = self._scene, self._scene.waiting if waits else self._scene.kinds
        if (waits, kind) not in self._offers:
            homes = np.flatnonzero(of.eligible[kind])
            cost = -of.worth[kind, homes]
            order = np.lexsort((homes, cost))
            offers = zip(cost[order].tolist(), homes[order].tolist(), strict=True)
            self._offers[waits, kind] = list(offers)
        ways = list[Way]()
        for start in range(max(needed, 1), min(last + 1, scene.end, SPAN)):
            late = scene.week_waited * (start - needed)
            span, free = self._span(start, int(of.stay[kind]))
            offers = self._offers[waits, kind]
            ways += [(late + cost, home, span) for cost, home in offers if free[home] and late + cost < 0]  # fmt: skip
        ways.sort()
        return ways

    def _span(self, start: int, stay: int) -> tuple[Span, bytes]:
        """The weeks of a stay, and for each household whether one could begin.

        No stay is shorter than the shortest, so one that takes any week between two that are as far
        apart takes one of them: of a stay so many need looking at, its first and its last.
        """
        if (start, stay) not in self._spans:
            scene, weeks = self._scene, weeks_of(start, stay)
            end = weeks.bit_length()
            others = {*range(start + self._shortest, end, self._shortest), end - 1} - {start}
            free = ((scene.opens >> start) & 1 == 1) & (scene.busy & weeks == 0)
            span = weeks, start, end, tuple(sorted(others))
            self._spans[start, stay] = span, free.tobytes()
        return self._spans[start, stay]


@dataclass(frozen=True)
class Choices:
    """Many choices for a week; a set of them is a whole number with a bit for each.

    `waits` has for each request the choices that leave it waiting, `taken` for each household and
    the weeks of a stay, as a bit mask, the choices that take it so.
    """

    many: int
    waits: list[int]
    taken: dict[tuple[int, int], int]


class Packer:
    """Packs futures into what a choice leaves; the same futures for every choice."""

    def __init__(self, scene: Scene, futures: Sequence[Sequence[Drawn]]) -> None:
        self.scene = scene
        found = _Ways(scene)
        known: dict[tuple[bool, int, int, int], tuple[list[Way], int]] = {}
        self.queues: list[list[Step]] = []
        rows = zip(range(scene.requests), scene.needed.tolist(), scene.last.tolist(), strict=True)
        waiting = [(True, row, needed, last, row, 0) for row, needed, last in rows]
        for drawn in futures:
            queue = []
            some = [(False, d.kind, d.needed, d.last, UNPLACED, d.arrives) for d in drawn]
            for at, (waits, kind, needed, last, row, arrives) in enumerate([*waiting, *some]):
                key = waits, kind, needed, last
                if key not in known:
                    ways = found.of(*key)
                    known[key] = ways, len({home for _, home, _ in ways})
                ways, homes = known[key]
                if ways:
                    queue.append(((homes, max(needed, 1), at), Step(ways, row, arrives)))
            queue.sort(key=lambda each: each[0])
            self.queues.append([step for _, step in queue])

    @property
    def futures(self) -> int:
        """How many futures there are."""
        return len(self.queues)

    def worth(self, choice: Indices) -> int:
        """What a choice is worth now and in the futures together, summed over these."""
        placed = np.flatnonzero(choice != UNPLACED).tolist()
        edges = [self.scene.edge[row, int(choice[row])] for row in placed]
        now = int(self.scene.worth[edges].sum())
        left, waits = self.scene.left_by(choice), choice == UNPLACED
        later = (placed_in(queue, left, waits) for queue in self.queues)
        return self.futures * now + sum(each.worth for some in later for each in some)

    def pack(self, choices: Choices) -> Integers:
        """What the futures are worth after each choice, in all: (choices,)."""
        every = (1 << choices.many) - 1
        free = [[every] * SPAN for _ in self.scene.busy]  # by household and week: after which
        for (home, weeks), some in choices.taken.items():
            for week in range(SPAN):
                if weeks >> week & 1:
                    free[home][week] &= ~some
        worth = np.zeros(choices.many, np.int64)
        for queue in self.queues:
            begun = _begun(queue, [weeks.copy() for weeks in free], choices.waits, every)
            worth -= _sums(begun, choices.many)
        return worth


def _begun(
    queue: list[Step], free: list[list[int]], waits: list[int], every: int
) -> list[tuple[int, int]]:
    """Who begins in one future, for all choices at once: what it costs, and after which choices.

    `free` (households, weeks) has the choices after which a household is free; it changes.
    """
    begun = []
    for step in queue:
        left = every if step.waiting == UNPLACED else waits[step.waiting]
        if not left:
            continue
        for cost, home, (_, start, end, others) in step.ways:
            mine = free[home]
            here = left & mine[start]
            if not here:
                continue
            for week in others:
                here &= mine[week]
            if here:
                begun.append((cost, here))
                elsewhere = ~here
                for week in range(start, end):
                    mine[week] &= elsewhere
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
        total += np.array([cost for cost, _ in some], np.int64) @ has
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
        for cost, home, span in step.ways:
            if left[home] & span[0] == 0:
                left[home] |= span[0]
                found.append(Placed(home, step.waiting, step.arrives, -cost))
                break
    return found


def around(packer: Packer, choice: Indices) -> Integers:
    """What each pair is worth now and ahead together, summed over the futures: (pairs,).

    All else is as in a choice, (requests,). A pair is
    held against its family waiting, and in both nobody else has its household.
    """
    scene = packer.scene
    holder = {int(h): r for r, h in enumerate(choice.tolist()) if h != UNPLACED}
    places: dict[tuple[int, int, int], int] = {}

    def place(row: int, home: int, leaves: int) -> int:
        """The place of a choice: a family has a household or waits, who held it is gone."""
        return places.setdefault((row, home, leaves), len(places))

    with_it, without = [], []
    for row, home in scene.edge:
        leaves = holder.get(home, UNPLACED)
        leaves = UNPLACED if leaves == row else leaves
        with_it.append(place(row, home, leaves))
        without.append(place(row, UNPLACED, leaves))
    if not places:
        return np.zeros(0, np.int64)
    worth = packer.pack(_changed(scene, choice, list(places)))
    both: Integers = packer.futures * scene.worth + worth[with_it] - worth[without]
    return both


def _changed(scene: Scene, choice: Indices, changes: list[tuple[int, int, int]]) -> Choices:
    """A choice changed in many ways: a request has a household or UNPLACED, another has none and is gone."""
    every, weeks = (1 << len(changes)) - 1, scene.weeks_of_pairs.tolist()
    waits = [every if home == UNPLACED else 0 for home in choice.tolist()]
    keeps = [every - each for each in waits]
    taken: dict[tuple[int, int], int] = defaultdict(int)
    for at, (row, home, leaves) in enumerate(changes):
        bit = 1 << at
        keeps[row] &= ~bit
        waits[row] |= bit
        if leaves != UNPLACED:
            keeps[leaves] &= ~bit
        if home != UNPLACED:
            waits[row] ^= bit
            taken[home, weeks[scene.edge[row, home]]] |= bit
    for row, home in enumerate(choice.tolist()):
        if home != UNPLACED:
            taken[home, weeks[scene.edge[row, home]]] |= keeps[row]
    return Choices(len(changes), waits, taken)
