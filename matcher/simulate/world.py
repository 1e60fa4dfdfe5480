"""One year as it happens, whatever is chosen: who comes and when, who says no, which homes are there."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.ahead import futures
from matcher.ahead.futures import Generator, number
from matcher.model import Indices, Mask
from matcher.simulate.model import WEEKS, Model
from matcher.solve.problem import Integers


@dataclass(frozen=True)
class Families:
    """Families that come: week of arrival, of need, of the last start; all arrays (families,)."""

    kind: Indices  # the row of the model
    arrives: Indices
    needed: Indices
    last: Indices


@dataclass(frozen=True)
class World:
    """A drawn year. `present` is (households, weeks): whether a stay could begin then.

    `copy_of` is each household's column in the model, and `comes` the week in which it is first
    known; `declines` is (families, households).
    """

    model: Model
    seed: int
    families: Families
    copy_of: Indices
    comes: Indices
    present: Mask
    declines: Mask
    weeks: int = field(default=0)  # to the end of the last stay that could begin

    def eligible(self) -> Mask:
        """Whether a family could go to a household, (families, households)."""
        found: Mask = self.model.eligible[self.families.kind][:, self.copy_of]
        return found

    def worth(self) -> Integers:
        """What each pair is worth without waiting, in hundredths of a point."""
        found: Integers = self.model.worth[self.families.kind][:, self.copy_of]
        return found


def running(numbers: NDArray[Any]) -> NDArray[Any]:
    """The sums of each row (n, weeks) up to each week, from none to all: (n, weeks + 1)."""
    return np.pad(np.cumsum(numbers, axis=1), ((0, 0), (1, 0)))


def arrivals(model: Model, generator: Generator, first: int, end: int) -> Families:
    """The families that come in some weeks, as they are drawn from the model."""
    came = futures.arrivals(model.kinds, generator, first, end)
    names = [each.name for each in fields(Families)]
    return Families(*(np.array([getattr(each, of) for each in came], np.intp) for of in names))


def draw(model: Model, seed: int) -> World:
    """The year of a seed. Families whose last start is after the year are left out."""
    generator = np.random.Generator(np.random.PCG64(seed))
    came = arrivals(model, generator, 0, model.weeks)
    inside = came.last < model.weeks
    families = Families(*(each[inside] for each in vars(came).values()))
    year, homes = model.weeks / WEEKS, len(model.free_from)
    new = number(model.rates["come"] * homes * year, generator)
    copies = (generator.random(new) * homes).astype(np.intp) if homes else np.zeros(0, np.intp)
    copy_of = np.concatenate([np.arange(homes), copies])
    comes = np.concatenate([np.zeros(homes, np.intp), _weeks(generator, new, model.weeks)])
    lacks = model.lacks_training[copy_of] & (np.arange(len(copy_of)) < homes)
    trained = generator.random(len(copy_of)) < model.rates["train"] * year
    when = _weeks(generator, len(copy_of), model.weeks)
    never = model.weeks + 1
    comes = np.where(lacks, np.where(trained, when, never), comes)
    free = np.where(np.arange(len(copy_of)) < homes, model.free_from[copy_of], 0)
    leaves = np.where(
        generator.random(len(copy_of)) < model.rates["leave"] * year,
        _weeks(generator, len(copy_of), model.weeks),
        never,
    )
    week = np.arange(model.weeks)
    present = (week >= np.maximum(comes, free)[:, None]) & (week < leaves[:, None])
    for home in range(len(copy_of)):
        for _ in range(number(model.rates["breaks"] * year, generator)):
            at = int(generator.random() * model.weeks)
            present[home, at : at + int(model.rates["break_weeks"])] = False
    shape = (len(families.kind), len(copy_of))
    declines = generator.random(shape) < model.rates["decline"]
    weeks = model.weeks + int(model.stay.max(initial=0))
    return World(model, seed, families, copy_of, comes, present, declines, weeks)


def _weeks(generator: Generator, number: int, weeks: int) -> Indices:
    drawn: NDArray[np.float64] = generator.random(number)
    return (drawn * weeks).astype(np.intp)
