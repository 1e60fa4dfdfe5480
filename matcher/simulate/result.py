"""What a year came to under each way to choose, and what many years say of the difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.policy.aims import POINT
from matcher.simulate.choosing import best_pair, first_come, look_ahead, room_ahead, weekly_optimum
from matcher.simulate.hindsight import hindsight
from matcher.simulate.model import Model
from matcher.simulate.world import World, draw
from matcher.simulate.year import Lived, live
from matcher.solve.problem import UNPLACED

WEEKLY = "weekly optimum"
ROOM_ALL, ROOM_SOON = "room ahead, all first", "room ahead, soon first"
LOOK_AHEAD = "look-ahead"
HINDSIGHT = "hindsight"
WAYS = {
    "first come, first served": first_come,
    "best pair first": best_pair,
    WEEKLY: weekly_optimum,
    ROOM_ALL: room_ahead("after_more_than_5_days"),
    ROOM_SOON: room_ahead("after_within_5_days"),
    LOOK_AHEAD: look_ahead(),
}
NAMES = (*WAYS, HINDSIGHT)
TENTH = 10
PARTS = ("came", "placed", "waited", "fit", "located", "miles")  # counts, and sums of those counted
SHARES = {  # a measure of a group of families: its sum, and over how many
    "placed": ("placed", "came"),
    "waited": ("waited", "came"),
    "fit": ("fit", "placed"),
    "miles": ("miles", "located"),
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a year came to. Values are in points; NaN stands for a mean of nobody.

    `waited` is weeks from the day of need to the start, or where nobody was placed to the end of
    the last week in which one was possible; `worst_waited` of the tenth of all families who waited longest.
    `asked` is how often a household was asked. `fit` and `miles` are of those placed, `worst_fit` of the tenth of them whose fit is lowest. `carer_weeks` and `residential_weeks` are planned weeks of stay of those placed
    and of those not. `of_families` is, for each family of the model, what `PARTS` says.
    """

    value: float
    families: int
    placed: int
    waited: float
    worst_waited: float
    fit: float
    worst_fit: float
    miles: float
    asked: int
    carer_weeks: float
    residential_weeks: float
    waiting: tuple[int, ...]
    of_families: tuple[tuple[float, ...], ...]

    @property
    def unplaced(self) -> int:
        """How many families were never placed."""
        return self.families - self.placed


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
    until = np.where(lived.home == UNPLACED, families.last + 1, lived.start)
    waited = (until - families.needed).astype(float)
    fit, miles = model.fit[kind, homes] / POINT, model.miles[kind, homes]
    worst = np.sort(fit)[: -(-len(placed) // TENTH)]
    tenth = -(-len(families.kind) // TENTH)
    many = len(model.lead)
    known = ~np.isnan(miles)
    parts = (
        np.bincount(families.kind, minlength=many),
        np.bincount(kind, minlength=many),
        np.bincount(families.kind, waited, many),
        np.bincount(kind, fit, many),
        np.bincount(kind[known], minlength=many),
        np.bincount(kind[known], miles[known], many),
    )
    return Outcome(
        float(lived.values.sum()) / POINT,
        len(families.kind),
        len(placed),
        _mean(waited),
        _mean(np.sort(waited)[len(waited) - tenth :]),
        _mean(fit),
        _mean(worst),
        _mean(miles),
        lived.asked,
        float(model.care_weeks[kind].sum()),
        float(model.care_weeks[families.kind[left]].sum()),
        tuple(lived.waiting.tolist()),
        tuple(map(tuple, np.array(parts, float).T.tolist())),
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


def in_group(
    years: Sequence[Year], name: str, measure: str, rows: Sequence[int]
) -> tuple[Interval, Interval]:
    """A measure of `SHARES` for some families of the model, and how much more than for all others."""
    at = NAMES.index(name)
    here = np.zeros(len(years[0].outcomes[at].of_families), bool)
    here[list(rows)] = True
    above, below = (PARTS.index(each) for each in SHARES[measure])
    ours, apart = [], []
    for year in years:
        parts = np.array(year.outcomes[at].of_families)
        one, other = (_share(parts[side], above, below) for side in (here, ~here))
        ours.append(one)
        apart.append(one - other)
    return interval(ours), interval(apart)


def _share(parts: NDArray[np.float64], above: int, below: int) -> float:
    number = float(parts[:, below].sum())
    return float(parts[:, above].sum()) / number if number else float("nan")


def of_hindsight(years: Sequence[Year], name: str) -> Interval:
    """The share of the bound of hindsight that a way reaches, by value."""
    at = NAMES.index(name)
    return interval([y.outcomes[at].value / y.bound if y.bound else float("nan") for y in years])
