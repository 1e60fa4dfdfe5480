"""The aims of a round in order of precedence: what each counts, and how people read it.

An aim is a whole number from 0, summed over the families that are placed, to be as great as can
be; an earlier aim outweighs all later ones. It belongs to the request, whichever household it goes
to, or to the pair.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.codes import URGENCIES
from matcher.model import Indices, Mask, says
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy
from matcher.sizes import POINTS_AHEAD
from matcher.words import count, label, long_date, needed, needed_briefly

Integers: TypeAlias = NDArray[np.signedinteger[Any]]
Counts: TypeAlias = Integers | Mask
STEPS_A_PLACEMENT = 100 // POINTS_AHEAD  # as a placement is worth 100 points
POINT = 100  # what placements are worth is in hundredths of a point, as fit is
WEIGHTS = "weights."  # where the keys of the criteria's weights begin


@dataclass(frozen=True)
class Candidates:
    """One request against households that it may go to, with what ranking made of each.

    `fit` is in hundredths and `relationship` in points, both (households,); `earlier` is the
    household of the request in the round that is kept to, None where there is none; `ahead` the value
    of each household in `room_ahead`, None where the round does not look ahead.
    """

    everyone: Pairs
    request: int
    households: Indices
    fit: Integers
    relationship: Integers
    earlier: int | None = None
    ahead: Integers | None = None

    @cached_property
    def pairs(self) -> Pairs:
        """The request and these households as a rule sees them: (1, households)."""
        return self.everyone.of(np.array([self.request]), self.households)


@dataclass(frozen=True, kw_only=True)
class Aim:
    """One aim: its name in words, the unit in which people read it, what a loss is called.

    A loss of 2 is `{number}` 2 points, `{amount}` 2 points of existing relationships, in the words
    of `unit` and `of`; with no unit the number stands alone. One in words is `scale` in the aim.
    `settings` are the beginnings of the keys of the policy that say how it is counted. `worth` is
    what one is worth to a simulated year, in points: a number, or a setting of simulations; the
    weekly optimum of a year has every aim, whatever it is worth.
    """

    key: str
    name: str
    unit: str
    of: str
    loses: str = "lose {amount}"
    scale: int = 1
    settings: tuple[str, ...] = ()
    worth: float | str = 0.0

    def points(self, settings: Mapping[str, float]) -> int:
        """What one of it is worth, in hundredths of a point, by the settings of simulations."""
        of_one = settings[self.worth] if isinstance(self.worth, str) else self.worth
        return round(POINT * of_one / self.scale)

    def written(self, value: int) -> str:
        """A value of the aim as people read it."""
        return f"{value:,}" if self.scale == 1 else f"{value / self.scale:,.2f}"

    def gain(self, value: int) -> str:
        """How far the aim rises (+) or falls (-) in a scenario, as people read it."""
        return f"{'+' if value >= 0 else '-'}{self.written(abs(value))}"

    @property
    def not_shown(self) -> str:
        """A loss of which nobody may say how much."""
        return f"the {label(self.key)} of the whole round, by how much is not shown"

    def number(self, value: int) -> str:
        """So many of its unit: '2 points'."""
        return count(value, self.unit) if self.unit else self.written(value)

    def amount(self, value: int) -> str:
        """So much of the aim: '2 points of existing relationships'."""
        return f"{self.number(value)} {self.of}"

    def loss(self, value: int) -> str:
        """What losing so much is called, to follow 'would': 'lose 2 points of …'."""
        return self.loses.format(number=self.number(value), amount=self.amount(value))


@dataclass(frozen=True, kw_only=True)
class RequestAim(Aim):
    """An aim whose value is the request's own, whichever household it goes to.

    `speaks_for` says what speaks for a family that it would cost its placement: {needed} and {day}
    stand for how soon it is needed, and from which day.
    """

    value: Callable[[Pairs], Counts]
    speaks_for: str = "{needed}"

    def values(self, requests: Pairs) -> Integers:
        """The value of each request of a block: (requests,)."""
        found = np.broadcast_to(self.value(requests), (requests.shape[0], 1))[:, 0]
        return found.astype(np.int64)

    def why(self, urgency: str, needed_from: date) -> str:
        """What speaks for a family that this aim would have placed."""
        return self.speaks_for.format(needed=needed(urgency), day=long_date(needed_from))


@dataclass(frozen=True, kw_only=True)
class PairAim(Aim):
    """An aim whose value belongs to the pair of request and household."""

    value: Callable[[Candidates], Counts]

    @property
    def is_weighed(self) -> bool:
        """Whether the weights of the criteria count in it, so that other weights change it."""
        return WEIGHTS in self.settings

    def values(self, candidates: Candidates) -> Integers:
        """The value of each household for the request: (households,)."""
        found: NDArray[Any] = self.value(candidates)
        if found.dtype.kind != "i":
            found = found.astype(np.int8 if found.dtype.kind == "b" else np.int64)
        values: Integers = np.broadcast_to(found, (1, len(candidates.households)))[0]
        return values


AnyAim: TypeAlias = RequestAim | PairAim


def request_aim(
    name: str,
    *,
    unit: str,
    of: str,
    loses: str = Aim.loses,
    settings: tuple[str, ...] = (),
    speaks_for: str = RequestAim.speaks_for,
    worth: float | str = Aim.worth,
) -> Callable[[Callable[[Pairs], Counts]], RequestAim]:
    """Write a function of requests, (n, 1), down as an aim: the function's name is its key."""

    def write(value: Callable[[Pairs], Counts]) -> RequestAim:
        return RequestAim(
            key=value.__name__,
            name=name,
            unit=unit,
            of=of,
            loses=loses,
            settings=settings,
            speaks_for=speaks_for,
            worth=worth,
            value=value,
        )

    return write


def pair_aim(
    name: str,
    *,
    unit: str,
    of: str,
    loses: str = Aim.loses,
    scale: int = Aim.scale,
    settings: tuple[str, ...] = (),
    worth: float | str = Aim.worth,
) -> Callable[[Callable[[Candidates], Counts]], PairAim]:
    """Write a function of one request's candidates down as an aim: its name is the aim's key."""

    def write(value: Callable[[Candidates], Counts]) -> PairAim:
        return PairAim(
            key=value.__name__,
            name=name,
            unit=unit,
            of=of,
            loses=loses,
            scale=scale,
            settings=settings,
            worth=worth,
            value=value,
        )

    return write


def _tier(urgency: str) -> RequestAim:
    """The families placed that are needed so soon."""

    def placed(x: Pairs) -> Mask:
        return says(x.urgency, urgency)

    return RequestAim(
        key=urgency,
        name=f"placed, {needed_briefly(urgency)}",
        unit="family",
        of=needed_briefly(urgency),
        value=placed,
        worth="placed",
    )


TIERS = tuple(map(_tier, URGENCIES))
# The tiers of which each form of looking ahead places everybody whom the round places without it.
AHEAD = {f"after_{key}": URGENCIES[: at + 1] for at, key in enumerate(URGENCIES) if at}


@pair_aim(
    "existing relationships (points)",
    unit="point",
    of="of existing relationships",
    settings=("relationship.",),
    worth="relationship",
)
def relationship(x: Candidates) -> Integers:
    """What a relationship that exists already counts for."""
    return x.relationship


@request_aim(
    "how soon the needs come (days)",
    unit="day",
    of="of how soon the needs come",
    settings=("horizon_days",),
    speaks_for="needed sooner, from {day}",
)
def needed_soonest(x: Pairs) -> Integers:
    """The days from the day of need to the policy's horizon, none where it is later."""
    horizon = x.as_of + x.policy.number("horizon_days")
    return np.maximum(horizon - x.r.needed_from, 0).astype(np.int64)


@pair_aim(
    "placements kept of the earlier round",
    unit="placement",
    of="of the earlier round",
    loses="keep {number} fewer of the earlier round",
)
def kept(x: Candidates) -> Mask:
    """Whether a round that keeps to an earlier one had the pair proposed there."""
    if x.earlier is None:
        return np.zeros(len(x.households), bool)
    return np.asarray(x.households == x.earlier, bool)


@request_aim(
    "placed, of those whom the round places without looking ahead",
    unit="family",
    of="whom the round places without looking ahead",
)
def placed_anyway(x: Pairs) -> Mask:
    """Whether a round that looks ahead has to place the family, as it is placed without looking."""
    return np.zeros((x.shape[0], 1), bool)  # only such a round knows whom


@pair_aim(
    "worth now and for families likely to come (as if so many were placed)",
    unit="",
    of="of what is placed now and left for families likely to come",
    loses="lose {number} of a placement, now and for families likely to come",
    scale=STEPS_A_PLACEMENT,
    settings=("room_ahead", "families_per_week"),
)
def room_ahead(x: Candidates) -> Integers:
    """What placing the family there is worth, less what it takes from families likely to come."""
    return np.zeros(len(x.households), np.int64) if x.ahead is None else x.ahead


@pair_aim(
    "fit in all",
    unit="",
    of="of fit",
    loses="lower the fit of the whole round by {number}",
    scale=100,
    settings=(
        WEIGHTS,
        "language.",
        "ethnicity.",
        "religion.",
        "impact.",
        "far_",
        "young_parent_under",
    ),
    worth=1.0,
)
def fit(x: Candidates) -> Integers:
    """The fit of each pair, in hundredths of a point."""
    return x.fit


AIMS: tuple[AnyAim, ...] = (*TIERS, relationship, needed_soonest, fit)


def in_force(policy: Policy, *, keeps: bool = False, ahead: bool = False) -> tuple[AnyAim, ...]:
    """The aims of a round in the policy's order; one that keeps to an earlier round has one more.

    That one comes before fit, last where fit does not count. One that looks ahead has two more, after
    the families that it places before it looks: see `AHEAD`.
    """
    known = {aim.key: aim for aim in AIMS}
    # A round of another release may name an aim that this one doesn't have.
    ordered = [known[key] for key in policy.in_order([*known]) if key in known]
    if keeps:
        ordered.insert(ordered.index(fit) if fit in ordered else len(ordered), kept)
    if ahead:
        at = place_of(policy.code("room_ahead"), [aim.key for aim in ordered])
        ordered[at:at] = [placed_anyway, room_ahead]
    return tuple(ordered)


def place_of(ahead: str, keys: Sequence[str]) -> int:
    """Where the aims of looking ahead come in among others, given by their keys in order."""
    return max((1 + at for at, key in enumerate(keys) if key in AHEAD[ahead]), default=0)


def fit_comes_first(policy: Policy) -> bool:
    """Whether fit outweighs existing relationships in the policy's order of the aims."""
    counts = [aim for aim in in_force(policy) if aim in (relationship, fit)]
    return bool(counts) and counts[0] is fit


def every() -> tuple[AnyAim, ...]:
    """Every aim that a round may have, whatever the order of its policy."""
    return (*AIMS, kept, placed_anyway, room_ahead)


def aim_of(key: str) -> Aim:
    """The aim of a key; one that only another release has is a plain number under its key."""
    known: dict[str, Aim] = {aim.key: aim for aim in every()}
    return known.get(key) or Aim(key=key, name=label(key), unit="point", of=f"of {label(key)}")
