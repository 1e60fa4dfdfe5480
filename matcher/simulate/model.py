"""What a year is drawn from: the families and pairs of a round, each rule run once, and settings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cache, cached_property
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from matcher.ahead.futures import Kinds
from matcher.eligibility import rules_of
from matcher.intake.edits import AnyEdit, Withdrawn, apply
from matcher.model import Indices, Mask, Requests
from matcher.policy import aims
from matcher.policy.aims import POINT, PairAim
from matcher.policy.groups import traits
from matcher.policy.in_force import rules_in_force
from matcher.policy.pairs import DAYS_PER_WEEK, Pairs
from matcher.policy.rules import assessed, trained
from matcher.rounds import Prepared, prepare_again
from matcher.shipped import shipped_table
from matcher.solve.problem import Integers
from matcher.synthetic.draws import Setting
from matcher.whatif.acts import ACTS

WEEKS = 52
AT_LEAST_ONE = ("asks", "futures", "room_futures")
MOST = 1_000  # of a setting that is no share


@cache
def settings() -> dict[str, Setting]:
    """Every setting of simulations by name."""
    return {name: Setting(**found) for name, found in shipped_table("simulation.toml").items()}


def own_setting(name: str, value: str) -> Setting:
    """A service's own value of a setting; ValueError says what is wrong and what it must be."""
    shipped = settings()[name]
    whole, share = isinstance(shipped.value, int), shipped.unit.startswith("share")
    try:
        number = int(value) if whole else float(value)
    except ValueError:
        number = -1
    if not (int(name in AT_LEAST_ONE) <= number <= (1 if share else MOST)):
        least = "from 1" if name in AT_LEAST_ONE else "from 0"
        kind = "whole number" if whole else "number"
        problem = "The setting can't have this value."
        raise ValueError(problem, f"Give a {kind} {least} to {1 if share else MOST:,}.")
    return replace(shipped, value=abs(number), source="given")


class NoFamilies(ValueError):
    """No family of the data passes screening, so that there is none to draw."""


@dataclass(frozen=True)
class Model:
    """Families to draw from (families,) and their pairs (families, households).

    `lead`, `grace` and `stay` are in weeks: from arrival to need, from need to the last start, and
    in the household with the turnaround. `families` are the families as columns, `of_pairs` the
    aims of pairs by their keys. `worth` is in hundredths of a point and, like `fit`, counts
    where `eligible`. A household is free from week `free_from`, `WEEKS` times 10 where nobody can
    say; one that `lacks_training` is not there until it is trained.
    """

    weeks: int
    per_week: float
    lead: Indices
    grace: Indices
    stay: Indices
    care_weeks: NDArray[np.float64]
    eligible: Mask
    fit: Integers
    of_pairs: Mapping[str, Integers]
    worth: Integers
    miles: NDArray[np.float64]
    free_from: Indices
    lacks_training: Mask
    settings: dict[str, Setting]  # by name: given or as shipped
    families: Pairs
    groups: tuple[tuple[tuple[str, str], ...], ...] = ()  # of each family: kinds and names

    @cached_property
    def rates(self) -> dict[str, float]:
        """The value of each setting."""
        return {name: each.value for name, each in self.settings.items()}

    def asked(self, kind: Indices, weeks_ahead: Indices) -> Pairs:
        """Some families as a round sees them whose need comes in so many weeks: no households."""
        columns, rows = self.families.columns, self.families.request_rows[kind]
        taken = columns.requests.take(rows)
        cells = {each.name: getattr(taken, each.name) for each in fields(Requests)}
        needed_from = columns.as_of + DAYS_PER_WEEK * weeks_ahead
        requests = Requests(**(cells | {"needed_from": needed_from.astype(float)}))
        everyone = np.arange(len(rows))
        nobody = np.zeros(0, np.intp)
        return Pairs(replace(columns, requests=requests), self.families.policy, everyone, nobody)

    @property
    def kinds(self) -> Kinds:
        """The families to draw from, as looking ahead draws them."""
        return Kinds(self.per_week, self.lead, self.grace, self.stay, self.eligible, self.worth)

    @property
    def week_waited(self) -> int:
        """What a week of waiting takes away, in hundredths of a point."""
        return round(POINT * self.rates["week_waited"])


def a_model(
    base: Prepared,
    weeks: int = WEEKS,
    per_week: float | None = None,
    own: Mapping[str, Setting] = MappingProxyType({}),
) -> Model:
    """A model of the round's own families and households, with every household free.

    Families are those that pass screening. Households are those approved or being assessed; one
    that fails training or assessment for parent and child is taken as it would be once trained.
    `per_week` is how many families come; if not given, as many a week as the data's own requests
    from the earliest `received_on` to the round. `own` are settings of the service's own.
    Decisions on single pairs are left out, and say nothing of how often somebody says no: a request
    that was taken leaves the data with its yes, and one that collects refusals stays. Raises
    NoFamilies.
    """
    inputs = base.inputs
    training = {
        place
        for place, rule in enumerate(rules_in_force(base.policy))
        if rule in (trained, assessed)
    }
    lacks, gone = [], []
    edits: list[AnyEdit] = [Withdrawn("decisions", pair) for pair in inputs.decisions]
    for at, household in enumerate(inputs.households):
        closed = set(rules_of(int(base.screened.closed[at])))
        lacks.append(bool(closed & training))
        gone.append(household.status not in ("approved", "assessing"))
        if not gone[-1]:
            edits += ACTS["open"].edits(inputs, household.household_id)
            if lacks[-1]:
                edits += ACTS["train"].edits(inputs, household.household_id)
    free = prepare_again(base, apply(inputs, edits))
    rows = free.matchable_rows
    if not rows:
        raise NoFamilies("no family passes screening")
    shape = (len(rows), len(inputs.households))
    eligible, fit = np.zeros(shape, bool), np.zeros(shape, np.int64)
    miles = np.full(shape, np.nan)
    of_pairs = {aim.key: np.zeros(shape, np.int64) for aim in aims.AIMS if isinstance(aim, PairAim)}
    for at, row in enumerate(rows):
        candidates = free.candidates(row)
        homes = candidates.households
        eligible[at, homes] = True
        fit[at, homes] = candidates.fit
        for aim in aims.AIMS:
            if isinstance(aim, PairAim):
                of_pairs[aim.key][at, homes] = aim.values(candidates)
        miles[at] = free.everyone.of(np.array([row])).miles[0]
    eligible[:, gone] = False
    everyone, asked = free.everyone, [inputs.requests[row] for row in rows]
    turnaround = base.policy.number("turnaround_days")
    days = everyone.days[rows, 0]
    grace = everyone.latest[rows, 0] - everyone.needed[rows, 0]
    in_use = {**settings(), **own}
    first = min(request.received_on for request in inputs.requests)
    spanned = max(1.0, (inputs.as_of - first).days / DAYS_PER_WEEK)
    return Model(
        weeks,
        len(rows) / spanned if per_week is None else per_week,
        np.array([max(0, (r.needed_from - r.received_on).days // DAYS_PER_WEEK) for r in asked]),
        (grace // DAYS_PER_WEEK).astype(np.intp),
        np.array([math.ceil((d + turnaround) / DAYS_PER_WEEK) for d in days], np.intp),
        days / DAYS_PER_WEEK,
        eligible,
        fit,
        of_pairs,
        _worth(free.everyone, rows, of_pairs, shape, in_use),
        miles,
        _free_from(base, lacks),
        np.array(lacks, bool),
        in_use,
        Pairs(free.columns, free.policy, np.array(rows), np.zeros(0, np.intp)),
        tuple(tuple(traits(request)) for request in asked),
    )


def _worth(
    everyone: Pairs,
    rows: list[int],
    of_pairs: Mapping[str, Integers],
    shape: tuple[int, int],
    in_use: Mapping[str, Setting],
) -> Integers:
    """What each pair is worth in hundredths of a point: so much for each aim, by its `worth`.

    It measures every year alike, whatever counts in the policy's rounds, and in which order.
    """
    worth: Integers = np.zeros(shape, np.int64)
    rates = {name: each.value for name, each in in_use.items()}
    for aim in aims.AIMS:
        values = of_pairs[aim.key] if isinstance(aim, PairAim) else aim.values(everyone)[rows][:, None]  # fmt: skip
        worth += aim.points(rates) * values
    return worth


def _free_from(base: Prepared, lacks: list[bool]) -> Indices:
    """The week from which each household is free: its arrangement has ended, it is available."""
    opens = base.everyone.opens
    weeks = np.ceil((np.broadcast_to(opens, len(lacks)) - base.everyone.as_of) / DAYS_PER_WEEK)
    later = np.nan_to_num(np.maximum(weeks, 0), nan=10 * WEEKS, posinf=10 * WEEKS)
    return np.asarray(later, np.intp)
