"""Families that may come: drawn from those that are known, the same for a seed on every machine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from matcher.ahead.fitted import Lasting
from matcher.model import Indices, Mask
from matcher.solve.problem import Integers

Generator = np.random.Generator
MOST_AT_ONCE = 500  # e to the minus of it is a number still


@dataclass(frozen=True)
class Kinds:
    """Families to draw from, (kinds,), and their pairs with households, (kinds, households).

    `lead`, `grace` and `stay` are in weeks: from arrival to need, from need to the last start, and
    in the household with the turnaround. `worth` is in hundredths of a point, where `eligible`.
    `leads` and `stays` are counted ones: all kinds together are drawn with them, and each with those that
    stand among them where its own stand among those of the kinds.
    """

    per_week: float
    lead: Indices
    grace: Indices
    stay: Indices
    eligible: Mask
    worth: Integers
    leads: Lasting | None = None
    stays: Lasting | None = None


@dataclass(frozen=True)
class Drawn:
    """A family that comes in a future: its kind, the weeks of its need and of its last start, its stay."""

    kind: int
    arrives: int
    needed: int
    last: int
    stay: int


def number(mean: float, generator: Generator) -> int:
    """A Poisson number by multiplying uniforms (Knuth): `random` gives one stream everywhere."""
    if mean > MOST_AT_ONCE:
        return number(MOST_AT_ONCE, generator) + number(mean - MOST_AT_ONCE, generator)
    limit, product, found = np.exp(-mean), generator.random(), 0
    while product > limit:
        product *= generator.random()
        found += 1
    return found


def arrivals(kinds: Kinds, generator: Generator, first: int, end: int) -> list[Drawn]:
    """The families that come in some weeks: each week a whole number whose mean is the rate."""
    lead = _weeks_of(kinds.lead, kinds.leads, generator)
    stay = _weeks_of(kinds.stay, kinds.stays, generator)
    drawn = []
    for week in range(first, end):
        for _ in range(number(kinds.per_week, generator)):
            kind = int(generator.random() * len(kinds.lead))
            needed = week + lead(kind)
            last = needed + int(kinds.grace[kind])
            drawn.append(Drawn(kind, week, needed, last, stay(kind)))
    return drawn


def _weeks_of(own: Indices, counted: Lasting | None, generator: Generator) -> Callable[[int], int]:
    """The weeks of a kind: its own, or counted ones of its rank; equal ones share theirs at random."""
    if counted is None:
        return lambda kind: int(own[kind])
    in_order = np.sort(own)
    fewer, up_to = (np.searchsorted(in_order, own, side).tolist() for side in ("left", "right"))

    def drawn(kind: int) -> int:
        below, equal = fewer[kind], up_to[kind] - fewer[kind]
        return counted.drawn((below + generator.random() * equal) / len(own))

    return drawn


def future(kinds: Kinds, seeds: tuple[int, ...], weeks: int) -> list[Drawn]:
    """The families of one future, from next week on."""
    return arrivals(kinds, np.random.Generator(np.random.PCG64(list(seeds))), 1, weeks)
