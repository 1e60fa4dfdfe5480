"""A week as looking ahead sees it, and what each pair would leave for the families of each future.

A future is packed one family after another, those with the fewest households first, each where it is
worth most among what is left. That is no optimum; it takes no solver, and comes out alike everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.ahead.futures import Drawn, Kinds
from matcher.model import Indices, Mask
from matcher.solve.problem import UNPLACED, Integers

SPAN = 62  # weeks that a whole number of 64 bits holds, a bit a week


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


Words: TypeAlias = NDArray[np.uint64]  # households as bits, 64 a word
WORD = 64


def weeks_of(start: int, stay: int) -> int:
    """The weeks of a stay as a bit mask, as far as it reaches."""
    end = min(start + stay, SPAN)
    return 0 if end <= start else ((1 << (end - start)) - 1) << start


def as_weeks(weeks: Mask) -> Integers:
    """Which weeks are so, (households, weeks), as a bit mask each."""
    bits = weeks[:, :SPAN] @ (np.int64(1) << np.arange(min(SPAN, weeks.shape[1])))
    return np.asarray(bits, np.int64)


@dataclass(frozen=True)
class _Ways:
    """In which households and weeks a family could begin, the best first, and what each is worth: (ways,).

    `words` are the households up to each way as bits, (ways, words).
    """

    households: Indices
    weeks: Integers
    worth: Integers
    words: Words


@dataclass(frozen=True)
class Step:
    """A family of a future with the ways in which it could begin.

    `waiting` is its row where it is a family of the round, UNPLACED where it is drawn; `arrives` the
    week in which it comes, 0 for one that is here.
    """

    ways: _Ways
    waiting: int
    arrives: int


class Packer:
    """Packs futures into what a choice leaves; the same futures for every choice."""

    def __init__(self, scene: Scene, futures: Sequence[Sequence[Drawn]]) -> None:
        self.scene = scene
        known: dict[tuple[bool, int, int, int, int], _Ways | None] = {}
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
                    known[key] = self._ways(*key)
                if (ways := known[key]) is not None:
                    homes = len(np.unique(ways.households))
                    queue.append(((homes, max(needed, 1), at), Step(ways, row, arrives)))
            queue.sort(key=lambda each: each[0])
            self.queues.append([step for _, step in queue])

    @property
    def futures(self) -> int:
        """How many futures there are."""
        return len(self.queues)

    def _ways(self, waits: bool, kind: int, needed: int, last: int, stay: int) -> _Ways | None:
        """The ways in which a family could begin, the best first; None where there is none."""
        scene = self.scene
        of = scene.waiting if waits else scene.kinds
        found = []
        for start in range(max(needed, 1), min(last + 1, scene.end, SPAN)):
            weeks = weeks_of(start, stay)
            open_ = of.eligible[kind] & ((scene.opens >> start) & 1 == 1)
            open_ &= (scene.busy & weeks) == 0
            late = scene.week_waited * (start - needed)
            for home in np.flatnonzero(open_).tolist():
                found.append((late - int(of.worth[kind, home]), home, weeks))
        options = [each for each in sorted(found) if each[0] < 0]
        if not options:
            return None
        worth, households, masks = (np.array(each, np.int64) for each in zip(*options, strict=True))
        many = -(-len(scene.busy) // WORD)
        return _Ways(households, masks, -worth, _words_up_to(households, many))

    def worth(self, choice: Indices) -> int:
        """What a choice is worth now and in the futures together, summed over these."""
        placed = np.flatnonzero(choice != UNPLACED).tolist()
        edges = [self.scene.edge[row, int(choice[row])] for row in placed]
        now = int(self.scene.worth[edges].sum())
        left, waits = self.scene.left_by(choice), choice == UNPLACED
        later = (placed_in(queue, left, waits) for queue in self.queues)
        return self.futures * now + sum(each.worth for some in later for each in some)

    def pack(self, busy: Integers, waits: Mask) -> Integers:
        """What the futures are worth after each choice, in all: (choices,).

        `busy` (choices, households) are the weeks that each choice leaves taken, and `waits` (choices,
        requests) says which families it leaves waiting.
        """
        worth = np.zeros(len(busy), np.int64)
        differ = busy != busy[0]
        for queue in self.queues:
            packed = _Packed(busy.T.copy(), waits, _words(differ), worth)
            for step in queue:
                packed.add(step)
        return worth


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
        ways = zip(step.ways.households.tolist(), step.ways.weeks.tolist(), strict=True)
        for at, (home, weeks) in enumerate(ways):
            if left[home] & weeks == 0:
                left[home] |= weeks
                worth = int(step.ways.worth[at])
                found.append(Placed(home, step.waiting, step.arrives, worth))
                break
    return found


class _Packed:
    """One future after many choices: where it goes as after the first of them, that is done at once."""

    def __init__(self, state: Integers, waits: Mask, differ: Words, worth: Integers) -> None:
        self.state, self.waits, self.differ = state, waits, differ  # households first
        self.worth = worth

    def add(self, step: Step) -> None:
        """The next family goes to the best household that each choice has left."""
        ways = step.ways
        homes, weeks = ways.households, ways.weeks
        drawn = step.waiting == UNPLACED
        goes: Mask = np.ones(len(self.worth), bool) if drawn else self.waits[:, step.waiting]
        free = np.flatnonzero((self.state[homes, 0] & weeks) == 0)
        best = int(free[0]) if len(free) else UNPLACED
        first = best if goes[0] else UNPLACED
        # Where no household up to the best differs, all goes as after the first choice.
        other = np.zeros(len(goes), bool)
        for word, bits in enumerate(ways.words[best].tolist()):
            if bits:
                other |= (self.differ[word] & np.uint64(bits)) != 0
        if best != UNPLACED:
            alike = goes & ~other
            self.state[homes[best]][alike] |= weeks[best]
            self.worth[alike] += ways.worth[best]
        apart = np.flatnonzero((other & goes) | (goes != goes[0]))
        if not len(apart):
            return
        mine = apart[other[apart] & goes[apart]]
        if len(mine):
            left = (self.state[np.ix_(homes, mine)] & weeks[:, None]) == 0
            at = left.argmax(axis=0)
            inside = left[at, np.arange(len(mine))]
            mine, at = mine[inside], at[inside]
            self.state[homes[at], mine] |= weeks[at]
            self.worth[mine] += ways.worth[at]
            moved = at != first
            self._differ(homes[at[moved]], mine[moved])
        if first != UNPLACED:
            self._differ(np.full(len(apart), homes[first]), apart)
        elif best != UNPLACED:
            self._differ(np.full(len(apart), homes[best]), apart)

    def _differ(self, homes: Indices, choices: Indices) -> None:
        self.differ[homes // WORD, choices] |= np.left_shift(
            np.uint64(1), (homes % WORD).astype(np.uint64)
        )


def _words(differ: Mask) -> Words:
    """Which households differ, (choices, households), as bits."""
    many, homes = differ.shape
    words = np.zeros((-(-homes // WORD) or 1, many), np.uint64)
    choices, at = np.nonzero(differ)
    np.bitwise_or.at(
        words, (at // WORD, choices), np.left_shift(np.uint64(1), (at % WORD).astype(np.uint64))
    )
    return words


def _words_up_to(homes: Indices, words: int) -> Words:
    """Some households, up to each of them, as bits: (households, words)."""
    found = np.zeros((len(homes), words), np.uint64)
    bits = np.left_shift(np.uint64(1), (homes % WORD).astype(np.uint64))
    found[np.arange(len(homes)), homes // WORD] = bits
    up_to: Words = np.bitwise_or.accumulate(found)
    return up_to


def around(packer: Packer, choice: Indices) -> Integers:
    """What each pair is worth now and ahead together, summed over the futures: (pairs,).

    All else is as in a choice, (requests,). A pair is
    held against its family waiting, and in both nobody else has its household.
    """
    scene = packer.scene
    edge, weeks = scene.edge, scene.weeks_of_pairs
    holder = {int(h): r for r, h in enumerate(choice.tolist()) if h != UNPLACED}
    base, waits = scene.left_by(choice), choice == UNPLACED
    places: dict[tuple[int, int, int], int] = {}
    busy_of, waits_of = list[Integers](), list[Mask]()

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
        return np.zeros(0, np.int64)
    worth = packer.pack(np.array(busy_of), np.array(waits_of))
    both: Integers = packer.futures * scene.worth + worth[with_it] - worth[without]
    return both
