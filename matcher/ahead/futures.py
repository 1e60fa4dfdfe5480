"""Families that may come: drawn from those that are known, the same for a seed on every machine."""

from __future__ import annotations

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
    `leads` and `stays` are counted ones that all kinds are drawn with in place of their own.
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
    drawn = []
    for week in range(first, end):
        for _ in range(number(kinds.per_week, generator)):
            kind = int(generator.random() * len(kinds.lead))
            lead, stay = (
                int(own[kind]) if counted is None else counted.drawn(generator.random())
                for own, counted in ((kinds.lead, kinds.leads), (kinds.stay, kinds.stays))
            )
            needed = week + lead
            drawn.append(Drawn(kind, week, needed, needed + int(kinds.grace[kind]), stay))
    return drawn


def future(kinds: Kinds, seeds: tuple[int, ...], weeks: int) -> list[Drawn]:
    """The families of one future, from next week on."""
    return arrivals(kinds, np.random.Generator(np.random.PCG64(list(seeds))), 1, weeks)
