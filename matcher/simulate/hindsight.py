"""The best that could have been done with the year, had all of it been known: nobody can beat it."""

from __future__ import annotations

import numpy as np

from matcher.simulate.stays import stays
from matcher.simulate.world import World
from matcher.simulate.year import Lived
from matcher.solve.problem import UNPLACED


def hindsight(world: World) -> tuple[Lived, int]:
    """A best year, by the sum of what placements are worth, and the bound that proves it.

    It knows who will come, who would say no, and when households are there. Whatever a weekly round
    can choose is among its choices. The bound is in hundredths of a point. Raises NotSolved.
    """
    families, model = world.families, world.model
    busy = np.zeros((len(world.copy_of), world.weeks + 1), bool)
    eligible = world.eligible() & ~world.declines
    packing = stays(model, world.copy_of, families, eligible, world.present, busy, 0)
    chosen, bound = packing.optimum()
    home = np.full(len(families.kind), UNPLACED)
    start = np.full(len(families.kind), UNPLACED)
    home[packing.item[chosen]] = packing.machine[chosen]
    start[packing.item[chosen]] = packing.start[chosen]
    week = np.arange(model.weeks)[:, None]
    due = (families.needed <= week) & (families.last >= week)
    without = (home == UNPLACED) | (start > week)
    return Lived(world, home, start, (due & without).sum(axis=1), len(chosen)), bound
