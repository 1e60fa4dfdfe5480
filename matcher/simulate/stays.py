"""Every stay that could begin: what a year is packed with, in a sampled future and in hindsight."""

from __future__ import annotations

import numpy as np

from matcher.model import Indices, Mask
from matcher.simulate.model import Model
from matcher.simulate.world import Families, running
from matcher.solve.packing import Packing
from matcher.solve.problem import Integers


def stays(
    model: Model,
    copy_of: Indices,
    families: Families,
    eligible: Mask,
    present: Mask,
    busy: Mask,
    first: int,
) -> Packing:
    """Every way in which each family could begin a stay in a household from some week on.

    `eligible` is (families, households), `present` (households, weeks) says when a stay could
    begin, and `busy` (households, weeks) which weeks are taken.
    """
    taken = running(busy)
    parts: list[tuple[int, Indices, int, int, Integers]] = []
    for who, kind in enumerate(families.kind.tolist()):
        stay, needed = int(model.stay[kind]), int(families.needed[who])
        begin = max(needed, int(families.arrives[who]), first)
        for start in range(begin, int(families.last[who]) + 1):
            free = taken[:, start + stay] == taken[:, start]
            homes = np.flatnonzero(eligible[who] & present[:, start] & free)
            value = model.worth[kind, copy_of[homes]] - model.week_waited * (start - needed)
            parts.append((who, homes, start, stay, value))
    nothing = np.zeros(0, np.intp)
    each = [len(homes) for _, homes, _, _, _ in parts]
    return Packing(
        len(families.kind),
        len(copy_of),
        busy.shape[1],
        np.repeat(np.array([p[0] for p in parts], np.intp), each),
        np.concatenate([nothing, *(p[1] for p in parts)]),
        np.repeat(np.array([p[2] for p in parts], np.intp), each),
        np.repeat(np.array([p[3] for p in parts], np.intp), each),
        np.concatenate([np.zeros(0, np.int64), *(p[4] for p in parts)]),
    )
