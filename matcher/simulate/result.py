"""What a year came to under each way to choose, and what many years say of the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.simulate.choosing import best_pair, first_come, look_ahead, weekly_optimum
from matcher.simulate.hindsight import hindsight
from matcher.simulate.model import POINT, Model
from matcher.simulate.world import World, draw
from matcher.simulate.year import Lived, live
from matcher.solve.problem import UNPLACED

WEEKLY = "weekly optimum"
HINDSIGHT = "hindsight"
WAYS = {
    "first come, first served": first_come,
    "best pair first": best_pair,
    WEEKLY: weekly_optimum,
    "look-ahead": look_ahead(),
}
NAMES = (*WAYS, HINDSIGHT)
TENTH = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a year came to. Values are in points; NaN stands for a mean of nobody.

    `waited` is weeks past the day of need, of those placed; `worst_waited` of the tenth of them who
    waited longest, `worst_fit` of the tenth whose fit is lowest. `carer_weeks` and
    `residential_weeks` are planned weeks of stay of those placed and of those not.
    """

    value: float
    families: int
    placed: int
    waited: float
    worst_waited: float
    fit: float
    worst_fit: float
    miles: float
    carer_weeks: float
    residential_weeks: float
    waiting: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Year:
    """One seed: the outcome of each way in the order of `NAMES`, and the bound that none can pass."""

    seed: int
    outcomes: tuple[Outcome, ...]
    bound: float


def one_year(model: Model, seed: int) -> Year:
    """The year of a seed under every way; it depends on its arguments alone, to the bit."""
    world = draw(model, seed)
    lived = [live(world, choose) for choose in WAYS.values()]
    best, bound = hindsight(world)
    return Year(seed, tuple(outcome(world, each) for each in (*lived, best)), bound / POINT)


def outcome(world: World, lived: Lived) -> Outcome:
    """What was lived, in numbers."""
    model, families = world.model, world.families
    placed = np.flatnonzero(lived.home != UNPLACED)
    left = np.flatnonzero(lived.home == UNPLACED)
    kind, homes = families.kind[placed], world.copy_of[lived.home[placed]]
    waited = np.sort(lived.start[placed] - families.needed[placed]).astype(float)
    fit = np.sort(model.fit[kind, homes]) / POINT
    tenth = -(-len(placed) // TENTH)
    return Outcome(
        float(lived.values.sum()) / POINT,
        len(families.kind),
        len(placed),
        _mean(waited),
        _mean(waited[len(waited) - tenth :]),
        _mean(fit),
        _mean(fit[:tenth]),
        _mean(model.miles[kind, homes]),
        float(model.care_weeks[kind].sum()),
        float(model.care_weeks[families.kind[left]].sum()),
        tuple(lived.waiting.tolist()),
    )


def _mean(numbers: NDArray[np.float64]) -> float:
    known = numbers[~np.isnan(numbers)]
    return float(known.mean()) if len(known) else float("nan")


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean over seeds with its 95 % interval; NaN where fewer than two seeds say anything."""

    mean: float
    low: float
    high: float

    @property
    def holds_nothing(self) -> bool:
        """Whether 0 is inside, so that the years show no difference."""
        return not (self.low > 0 or self.high < 0)


def interval(numbers: Sequence[float]) -> Interval:
    """The mean of independent numbers and its 95 % interval by Student's t."""
    from scipy.special import stdtrit

    known = np.array([n for n in numbers if not np.isnan(n)], float)
    if not len(known):
        return Interval(float("nan"), float("nan"), float("nan"))
    mean = float(known.mean())
    if len(known) < 2:
        return Interval(mean, float("nan"), float("nan"))
    half = float(stdtrit(len(known) - 1, 0.975) * known.std(ddof=1) / np.sqrt(len(known)))
    return Interval(mean, mean - half, mean + half)


def over_years(years: Sequence[Year], name: str, measure: str) -> Interval:
    """A measure of `Outcome` for one way over all years."""
    at = NAMES.index(name)
    return interval([float(getattr(year.outcomes[at], measure)) for year in years])


def against(years: Sequence[Year], name: str, other: str, measure: str) -> Interval:
    """How much more of a measure one way has than another in the same year, over all years."""
    one, two = NAMES.index(name), NAMES.index(other)
    return interval(
        [
            float(getattr(year.outcomes[one], measure) - getattr(year.outcomes[two], measure))
            for year in years
        ]
    )


def of_hindsight(years: Sequence[Year], name: str) -> Interval:
    """The share of the bound of hindsight that a way reaches, by value."""
    at = NAMES.index(name)
    return interval([y.outcomes[at].value / y.bound if y.bound else float("nan") for y in years])
