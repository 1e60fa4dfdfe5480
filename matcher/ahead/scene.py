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


@dataclass(frozen=True, slots=True)
class Span:
    """The weeks of a stay as a bit mask, how many, and which have to be looked at after the first.

    No stay is shorter than the shortest, so one that takes any week between two that lie as far apart
    takes one of them too: of a stay so many need looking at, its first and its last.
    """

    weeks: int
    long: int
    others: tuple[int, ...]  # from the first week


# What a start costs in hundredths of a point, below 0 as it is worth something; household * SPAN +
# week; how long it is.
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

    def __init__(self, scene: Scene, futures: Sequence[Sequence[Drawn]]) -> None:
        self._scene = scene
        stays = [*scene.waiting.stay.tolist(), *(each.stay for some in futures for each in some)]
        self._shortest = max(1, min(stays, default=1))
        self._offers: dict[tuple[bool, int], list[tuple[int, int]]] = {}
        self._spans: dict[tuple[int, int], tuple[Span, bytes]] = {}

    def of(self, waits: bool, kind: int, needed: int, last: int, stay: int) -> list[Way]:
        """The ways of one family, the best first: of the round where it `waits`, else of those that may come."""
        scene, of = self._scene, self._scene.waiting if waits else self._scene.kinds
        if (waits, kind) not in self._offers:
            self._offers[waits, kind] = _offers(of, kind)
        offers, ways = self._offers[waits, kind], list[Way]()
        for start in range(max(needed, 1), min(last + 1, scene.end, SPAN)):
            late = scene.week_waited * (start - needed)
            span, free = self._span(start, stay)
            worth_it = offers[: bisect_left(offers, (-late, 0))]
            ways += [(late + cost, home * SPAN + start, span) for cost, home in worth_it if free[home]]  # fmt: skip
        ways.sort()
        return ways

    def _span(self, start: int, stay: int) -> tuple[Span, bytes]:
        """A stay, and for each household whether it could begin."""
        if (start, stay) not in self._spans:
            scene, weeks = self._scene, weeks_of(start, stay)
            long = weeks.bit_length() - start
            others = {*range(self._shortest, long, self._shortest), long - 1} - {0}
            free = ((scene.opens >> start) & 1 == 1) & (scene.busy & weeks == 0)
            self._spans[start, stay] = Span(weeks, long, tuple(sorted(others))), free.tobytes()
        return self._spans[start, stay]


def _offers(of: Kinds, kind: int) -> list[tuple[int, int]]:
    """What a family costs in each household that could take it, and the household, in order."""
    homes = np.flatnonzero(of.eligible[kind])
    return sorted(zip((-of.worth[kind, homes]).tolist(), homes.tolist(), strict=True))


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
        found = _Ways(scene, futures)
        known: dict[tuple[bool, int, int, int, int], tuple[list[Way], int]] = {}
        self.queues: list[list[Step]] = []
        each = (scene.needed.tolist(), scene.last.tolist(), scene.waiting.stay.tolist())
        rows = zip(range(scene.requests), *each, strict=True)
        waiting = [(True, row, needed, last, stay, row, 0) for row, needed, last, stay in rows]
        for drawn in futures:
            queue = []
            some = [(False, d.kind, d.needed, d.last, d.stay, UNPLACED, d.arrives) for d in drawn]
            for at, (waits, kind, needed, last, stay, row, arrives) in enumerate([*waiting, *some]):
                key = waits, kind, needed, last, stay
                if key not in known:
                    ways = found.of(*key)
                    known[key] = ways, len({at // SPAN for _, at, _ in ways})
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
        return self.with_now(choice, self.pack(changed(self.scene, choice, ())))

    def with_now(self, choice: Indices, later: Integers) -> int:
        """What a choice is worth with now, where `later` has what the futures hold after it first."""
        placed = np.flatnonzero(choice != UNPLACED).tolist()
        edges = [self.scene.edge[row, int(choice[row])] for row in placed]
        return self.futures * int(self.scene.worth[edges].sum()) + int(later[0])

    def pack(self, choices: Choices) -> Integers:
        """What the futures are worth after each choice, in all: (choices,)."""
        every = (1 << choices.many) - 1
        free = [every] * (SPAN * len(self.scene.busy))
        for (home, weeks), some in choices.taken.items():
            for week in range(SPAN):
                if weeks >> week & 1:
                    free[home * SPAN + week] &= ~some
        worth = np.zeros(choices.many, np.int64)
        for queue in self.queues:
            worth -= _sums(_begun(queue, free.copy(), choices.waits, every), choices.many)
        return worth


def _begun(
    queue: list[Step], free: list[int], waits: list[int], every: int
) -> list[tuple[int, int]]:
    """Who begins in one future, for every choice at once: what it costs, and after which choices.

    `free`, (households * SPAN,), has the choices after which a household is free in a week; it changes.
    """
    begun = []
    for step in queue:
        left = every if step.waiting == UNPLACED else waits[step.waiting]
        if not left:
            continue
        for cost, at, span in step.ways:
            here = left & free[at]
            if not here:
                continue
            for other in span.others:
                here &= free[at + other]
            if here:
                begun.append((cost, here))
                elsewhere = ~here
                for week in range(at, at + span.long):
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
        for cost, at, span in step.ways:
            home = at // SPAN
            if left[home] & span.weeks == 0:
                left[home] |= span.weeks
                found.append(Placed(home, step.waiting, step.arrives, -cost))
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

    def place(*change: int) -> int:
        return changes.setdefault(change, 1 + len(changes))

    with_it, without = [], []
    for row, home in scene.edge:
        leaves = holder.get(home, UNPLACED)
        leaves = UNPLACED if leaves == row else leaves
        with_it.append(place(row, home, leaves))
        without.append(place(row, UNPLACED, leaves))
    later = packer.pack(changed(scene, choice, tuple(changes)))
    both: Integers = packer.futures * scene.worth + later[with_it] - later[without]
    return Around(both, packer.with_now(choice, later))


def changed(scene: Scene, choice: Indices, changes: tuple[Change, ...]) -> Choices:
    """A choice as it is, and then with each change."""
    many, weeks = 1 + len(changes), scene.weeks_of_pairs.tolist()
    every = (1 << many) - 1
    waits = [every if home == UNPLACED else 0 for home in choice.tolist()]
    keeps = [every - each for each in waits]
    taken: dict[tuple[int, int], int] = defaultdict(int)
    for at, (row, home, leaves) in enumerate(changes, 1):
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
    return Choices(many, waits, taken)
