"""Whom a round expects: families like its own, as many a week as have been coming, and what each is worth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from math import ceil

import numpy as np

from matcher.ahead.fitted import DECIMALS, Lasting, Refusals, of_count
from matcher.ahead.futures import Drawn, Kinds, future
from matcher.ahead.known import known
from matcher.ahead.scene import SPAN, Scene, weeks_of
from matcher.intake.edits import AnyEdit, Edit, Vacated, Withdrawn, apply
from matcher.intake.inputs import Inputs
from matcher.model import Indices, Mask, Numbers
from matcher.pins import Pin
from matcher.policy.aims import POINT, aim_of
from matcher.policy.pairs import DAYS_PER_WEEK, Pairs
from matcher.policy.settings import Policy
from matcher.shipped import shipped_table
from matcher.solve.problem import Integers, Problem

FROM_POLICY, FROM_HISTORY, FROM_ROUND = "policy", "history", "round"
FROM_PLACEMENTS = "placements"


@dataclass(frozen=True, slots=True)
class Rates:
    """How many families come a week, between which bounds it may be, and what says so.

    `low` and `high` are the 95 % interval, None where nobody can say; `weeks` and `families` are what
    was counted, None where the policy says the number.
    """

    per_week: float
    low: float | None
    high: float | None
    weeks: float | None
    families: int | None
    source: str

    @classmethod
    def counted(cls, families: int, weeks: float, source: str) -> Rates:
        """The rates of so many families in so many weeks, to 4 decimals as a file has them; none in no time."""
        weeks = round(weeks, DECIMALS)
        if not weeks:
            return cls(0.0, None, None, weeks, families, source)
        counts = (families, *of_count(families))
        per_week, low, high = (round(number / weeks, DECIMALS) for number in counts)
        return cls(per_week, low, high, weeks, families, source)


@dataclass(frozen=True, slots=True)
class Counted:
    """What a service's history says of families that come; None where it says nothing."""

    rates: Rates | None = None
    leads: Lasting | None = None
    stays: Lasting | None = None
    refusals: Refusals | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """From what futures are drawn: how many of them, how many weeks of each, the seed, and what was counted.

    Leads and stays that are the round's own are each family's; `refusals` are told, and not drawn.
    """

    seed: int
    futures: int
    weeks: int
    rates: Rates
    leads: Lasting
    stays: Lasting
    refusals: Refusals


@cache
def points() -> dict[str, float]:
    """The settings of simulated years by name: a look ahead values as they do."""
    return {name: each["value"] for name, each in shipped_table("simulation.toml").items()}


@cache
def least() -> dict[str, float]:
    """How much has to be recorded before futures are drawn from it, by name."""
    return {name: each["value"] for name, each in shipped_table("ahead.toml").items()}


def outlook(sight: Sight, inputs: Inputs, policy: Policy, counted: Counted | None) -> Outlook:
    """What a round looks ahead by: what the policy says, else its history, else its own data."""
    shipped, of_history, of_data = points(), counted or Counted(), known(inputs)
    refusals = of_history.refusals
    return Outlook(
        0,
        int(shipped["room_futures"]),
        int(shipped["horizon"]),
        arrival_rates(inputs, policy, of_history.rates),
        _first_enough(of_history.leads) or sight.leads,
        _first_enough(of_history.stays, of_data.lengths(FROM_PLACEMENTS)) or sight.stays,
        of_data.refusals(FROM_ROUND) if refusals is None else refusals,
    )


def arrival_rates(inputs: Inputs, policy: Policy, recorded: Rates | None) -> Rates:
    """How many families come: the policy's rate, else the recorded one, else that of the data."""
    if not policy.is_off("families_per_week"):
        return Rates(policy.number("families_per_week"), None, None, None, None, FROM_POLICY)
    if recorded is None or (recorded.weeks or 0) < least()["least_weeks"]:
        return own_rates(inputs)
    return recorded


def _first_enough(*found: Lasting | None) -> Lasting | None:
    """The first of which enough have ended to be drawn from."""
    enough = least()["least_ended"]
    return next((each for each in found if each is not None and each.number >= enough), None)


def own_rates(inputs: Inputs) -> Rates:
    """As many a week as the families that the data have, from the first that was received to the round's day.

    Families that live in a household or are closed count: they came too, as did those of whom only a
    placement is left that began since. Of others nothing is known.
    """
    requests = (*inputs.families, *inputs.closed)
    if not requests:
        return Rates.counted(0, 0.0, FROM_ROUND)
    first = min(request.received_on for request in requests)
    since = (
        row.request_id
        for row in inputs.placement_rows
        if row.started_on is not None and first <= row.started_on <= inputs.as_of
    )
    came = len({*since} | {request.request_id for request in requests})
    weeks = max(1.0, (inputs.as_of - first).days / DAYS_PER_WEEK)
    return Rates.counted(came, weeks, FROM_ROUND)


def opened(inputs: Inputs) -> Inputs:
    """The data with nobody in any household, free from today, and no decision on a pair."""
    edits: list[AnyEdit] = [Withdrawn("decisions", pair) for pair in inputs.decisions]
    for household in inputs.households:
        edits += [
            Edit("households", household.household_id, "available_from", None),
            Vacated(household.household_id),
        ]
    return apply(inputs, edits)


def worth_of(problem: Problem) -> Integers:
    """What each edge of a problem is worth in hundredths of a point: so much for each aim, by its `worth`."""
    shipped, worth = points(), np.zeros(len(problem.request), np.int64)
    for each in problem.aims:
        aim = aim_of(each.name)
        worth += np.multiply(problem.of_edges(each), aim.points(shipped), dtype=np.int64)
    return worth


@dataclass(frozen=True)
class Sight:
    """A round, and the same with every household free, as looking ahead needs them."""

    problem: Problem
    everyone: Pairs
    eligible: Mask
    free: Problem  # in which no household is taken
    held_back: Mask  # (requests,): by screening
    pins: Mapping[int, Pin]
    held: Indices  # households that people hold for a family that is not open
    received: Numbers  # the day on which each request came, (requests,)

    @cached_property
    def likely(self) -> Indices:
        """The families like which others may come: screening passes them, and some household could take them."""
        eligible = np.zeros(self.everyone.shape[0], bool)
        eligible[self.free.request] = True
        return np.flatnonzero(~self.held_back & eligible)

    @cached_property
    def lead(self) -> Indices:
        """The weeks from the receipt of each request to its need."""
        return _weeks(np.maximum(self.everyone.r.needed_from[:, 0] - self.received, 0))

    @property
    def leads(self) -> Lasting:
        """Those weeks of the likely families."""
        return Lasting.of(self.lead[self.likely].tolist(), (), FROM_ROUND)

    @property
    def stays(self) -> Lasting:
        """The weeks for which the likely families are planned to stay."""
        weeks = np.ceil(self.everyone.days[self.likely, 0] / DAYS_PER_WEEK)
        return Lasting.of(weeks.astype(np.intp).tolist(), (), FROM_ROUND)

    def scene(self, look: Outlook) -> Scene:
        """The week as looking ahead sees it; a family like each of the round may come."""
        base, shipped, some, lead = self.everyone, points(), self.likely, self.lead
        as_of, many = base.as_of, base.shape[1]
        needed = _weeks(base.needed[:, 0] - as_of)
        last = _weeks(base.latest[:, 0] - as_of)
        turnaround = base.policy.number("turnaround_days")
        stay = np.ceil((base.days[:, 0] + turnaround) / DAYS_PER_WEEK).astype(np.intp)
        eligible = np.zeros(base.shape, bool)
        eligible[self.free.request, self.free.household] = True
        worth = np.zeros(base.shape, np.int64)
        worth[self.free.request, self.free.household] = worth_of(self.free)
        with_turnaround = ceil(turnaround / DAYS_PER_WEEK)
        kinds = Kinds(
            look.rates.per_week,
            lead[some],
            np.maximum(last - needed, 0)[some],
            stay[some],
            eligible[some],
            worth[some],
            None if look.leads.source == FROM_ROUND else look.leads,
            None if look.stays.source == FROM_ROUND else look.stays.longer(with_turnaround),
        )
        opens = np.broadcast_to(base.opens, many) - as_of
        starts = np.nan_to_num(np.ceil(np.maximum(opens, 0) / DAYS_PER_WEEK), nan=SPAN, posinf=SPAN)
        busy = np.zeros(many, np.int64)
        busy[self.held] = weeks_of(0, SPAN)
        for pin in self.pins.values():
            busy[pin.household] |= weeks_of(int(needed[pin.request]), int(stay[pin.request]))
        # A household that is free now and is not eligible for a family now won't be next week.
        later = eligible & ((starts > 0) | self.eligible)
        later[self.held_back] = False
        later[[*self.pins]] = False
        waiting = Kinds(0.0, lead, last - needed, stay, later, worth)
        pairs = self.problem.request, self.problem.household
        start = _weeks(np.broadcast_to(base.start, base.shape)[pairs] - as_of)
        late = np.maximum(start - needed[pairs[0]], 0)
        week_waited = round(POINT * shipped["week_waited"])
        return Scene(
            kinds,
            waiting,
            needed,
            last,
            busy,
            np.array([weeks_of(int(each), SPAN) for each in starts], np.int64),
            np.asarray(pairs[0], np.intp),
            np.asarray(pairs[1], np.intp),
            start,
            worth_of(self.problem) - week_waited * late,
            week_waited,
        )


def futures(scene: Scene, look: Outlook) -> list[list[Drawn]]:
    """The families of each future, the same for the same outlook and data."""
    if not len(scene.kinds.lead):
        return [[] for _ in range(look.futures)]
    return [future(scene.kinds, (look.seed, at), 1 + look.weeks) for at in range(look.futures)]


def _weeks(days: Numbers) -> Indices:
    return np.floor(days / DAYS_PER_WEEK).astype(np.intp)
