"""What a year is drawn from: the families and pairs of a round, each rule run once, and settings."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matcher.codes import shipped_table
from matcher.eligibility import rules_of
from matcher.intake.edits import AnyEdit, Withdrawn, apply
from matcher.model import Indices, Mask
from matcher.policy.groups import traits
from matcher.policy.pairs import DAYS_PER_WEEK
from matcher.policy.rules import RULES
from matcher.rounds import Prepared, prepare_again
from matcher.sample.draws import Setting
from matcher.scenario.acts import ACTS
from matcher.solve.problem import Integers

WEEKS = 52
POINT = 100  # values are in hundredths of a point, as fit is


@cache
def settings() -> dict[str, Setting]:
    """Every setting of simulations by name."""
    return {name: Setting(**found) for name, found in shipped_table("simulation.toml").items()}


class NoFamilies(ValueError):
    """No family of the data passes screening, so that there is none to draw."""


@dataclass(frozen=True)
class Model:
    """Families to draw from (families,) and their pairs (families, households).

    `lead`, `grace` and `stay` are in weeks: from arrival to need, from need to the last start, and
    in the household with the turnaround. `worth` is in hundredths of a point and, like `fit`, counts
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
    relationship: Integers
    worth: Integers
    miles: NDArray[np.float64]
    free_from: Indices
    lacks_training: Mask
    rates: dict[str, float]  # the settings of simulations, and `horizon_days` of the policy
    groups: tuple[tuple[tuple[str, str], ...], ...] = ()  # of each family: kinds and names

    @property
    def week_waited(self) -> int:
        """What a week of waiting takes away, in hundredths of a point."""
        return round(POINT * self.rates["week_waited"])


def a_model(base: Prepared, weeks: int = WEEKS, per_week: float | None = None) -> Model:
    """A model of the round's own families and households, with every household free.

    Families are those that pass screening. Households are those approved or being assessed; one
    that fails training or assessment for parent and child is taken as it would be once trained.
    `per_week` is how many families come; if not given, as many a week as the data's own requests
    from the earliest `received_on` to the round. Decisions on single pairs are left out. Raises
    NoFamilies.
    """
    inputs = base.inputs
    names = {rule.key: place for place, rule in enumerate(RULES)}
    training = {names["trained"], names["assessed"]}
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
    relationship, miles = np.zeros(shape, np.int64), np.full(shape, np.nan)
    for at, row in enumerate(rows):
        edges = free.screened.edges_of(row)
        homes = free.screened.household[edges]
        eligible[at, homes] = True
        fit[at, homes] = free.ranked.fit[edges]
        relationship[at, homes] = free.ranked.relationship[edges]
        miles[at] = free.everyone.of(np.array([row])).miles[0]
    eligible[:, gone] = False
    everyone, asked = free.everyone, [inputs.requests[row] for row in rows]
    turnaround = base.policy.number("turnaround_days")
    days = everyone.days[rows, 0]
    grace = everyone.latest[rows, 0] - everyone.needed[rows, 0]
    rates = {name: each.value for name, each in settings().items()}
    rates["horizon_days"] = base.policy.number("horizon_days")
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
        relationship,
        _worth(fit, relationship, rates),
        miles,
        _free_from(base, lacks),
        np.array(lacks, bool),
        rates,
        tuple(tuple(traits(request)) for request in asked),
    )


def _worth(fit: Integers, relationship: Integers, rates: dict[str, float]) -> Integers:
    placed, tie = round(POINT * rates["placed"]), round(POINT * rates["relationship"])
    worth: Integers = placed + fit + tie * relationship
    return worth


def _free_from(base: Prepared, lacks: list[bool]) -> Indices:
    """The week from which each household is free: its arrangement has ended, it is available."""
    opens = base.everyone.opens
    weeks = np.ceil((np.broadcast_to(opens, len(lacks)) - base.everyone.as_of) / DAYS_PER_WEEK)
    later = np.nan_to_num(np.maximum(weeks, 0), nan=10 * WEEKS, posinf=10 * WEEKS)
    return np.asarray(later, np.intp)
