"""Live through a drawn year, one round a week, with one way to choose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from matcher.model import Indices, Mask
from matcher.simulate.world import World, running
from matcher.solve.problem import UNPLACED, Integers


@dataclass(frozen=True)
class Week:
    """What a round sees: the families that are open, and the pairs that could be proposed.

    `family`, `home`, `start` and `value` are arrays (pairs,), sorted by family and then household;
    a value is in hundredths of a point, less what waiting has cost.
    """

    world: World
    week: int
    open: Indices
    family: Indices
    home: Indices
    start: Indices
    value: Integers
    busy: Mask  # (households, weeks)
    said_no: Mask  # (families, households), as far as it is known


Choose: TypeAlias = Callable[[Week], list[int]]  # the places of the pairs that are proposed


@dataclass(frozen=True)
class Lived:
    """What came of each family, (families,): its household or UNPLACED, and the week it began.

    `waiting` is, for each week, how many families whose need had come were without a home, and
    `asked` how often a household was asked in all.
    """

    world: World
    home: Indices
    start: Indices
    waiting: Indices
    asked: int

    @property
    def values(self) -> Integers:
        """What each family's placement is worth, in hundredths of a point; 0 where there is none."""
        world, placed = self.world, np.flatnonzero(self.home != UNPLACED)
        found = np.zeros(len(self.home), np.int64)
        late = self.start[placed] - world.families.needed[placed]
        found[placed] = world.worth()[placed, self.home[placed]] - world.model.week_waited * late
        return found


def live(world: World, choose: Choose) -> Lived:
    """A year of weekly rounds, until the last start of each family is past.

    After a refusal the round is made again without that pair, as often as a week allows; then who
    is without a home waits for the next week. A household that is given a family before its need is
    kept for it: until then only somebody whose stay ends before could go there.
    """
    families, model = world.families, world.model
    home = np.full(len(families.kind), UNPLACED)
    start = np.full(len(families.kind), UNPLACED)
    busy = np.zeros((len(world.copy_of), world.weeks + 1), bool)
    said_no = np.zeros((len(families.kind), len(world.copy_of)), bool)
    eligible, worth = world.eligible(), world.worth()
    waiting = np.zeros(model.weeks, np.intp)
    asked = 0
    for week in range(model.weeks):
        for _ in range(int(model.rates["asks"])):
            here = (families.arrives <= week) & (families.last >= week) & (home == UNPLACED)
            view = _week(world, week, np.flatnonzero(here), busy, said_no, eligible, worth)
            refused = False
            for pair in choose(view):
                who, where = int(view.family[pair]), int(view.home[pair])
                asked += 1
                if world.declines[who, where]:
                    said_no[who, where] = refused = True
                    continue
                home[who], start[who] = where, view.start[pair]
                busy[where, start[who] : start[who] + model.stay[families.kind[who]]] = True
            if not refused:
                break
        due = (families.needed <= week) & (families.last >= week)
        waiting[week] = np.count_nonzero(due & (home == UNPLACED))
    return Lived(world, home, start, waiting, asked)


def _week(
    world: World,
    week: int,
    open_: Indices,
    busy: Mask,
    said_no: Mask,
    eligible: Mask,
    worth: Integers,
) -> Week:
    families, model = world.families, world.model
    taken = running(busy)
    known = world.comes <= week
    parts: list[tuple[Indices, Indices, int]] = []
    for who in open_.tolist():
        begins = max(week, int(families.needed[who]))
        ends = begins + int(model.stay[families.kind[who]])
        free = taken[:, ends] == taken[:, begins]
        may = free & known & world.present[:, begins] & eligible[who] & ~said_no[who]
        homes = np.flatnonzero(may)
        parts.append((np.full(len(homes), who), homes, begins))
    nothing = np.zeros(0, np.intp)
    family = np.concatenate([nothing, *(each for each, _, _ in parts)])
    home = np.concatenate([nothing, *(each for _, each, _ in parts)])
    start = np.concatenate([nothing, *(np.full(len(each), at) for each, _, at in parts)])
    late = np.maximum(start - families.needed[family], 0)
    value = worth[family, home] - model.week_waited * late
    return Week(world, week, open_, family, home, start, value, busy, said_no)
