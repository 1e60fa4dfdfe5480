"""Duties of a placement that runs or is agreed: its planned end, and what leads up to it."""

from __future__ import annotations

from datetime import date, timedelta

from matcher.policy.duties.form import (
    PARENTS,
    PLACEMENT,
    Standing,
    ask,
    duty,
    no_parent,
    not_needed,
    not_recorded,
    to_do,
)
from matcher.words import long_date

NOT_AN_ASSESSMENT = not_needed("It is not for an assessment.")
END_NOT_KNOWN = ask(
    "No planned end is recorded.", "Say when the placement is planned to end, or is reviewed."
)


def _ahead(end: date, days: int, start: date) -> date:
    """So many days before an end, but not before the start."""
    return max(end - timedelta(days=days), start)


@duty("PC-6.5a", "Decide the outcome of the assessment, and tell the parent.", of=PLACEMENT)
def outcome_decided(
    purpose: str, planned_end: date | None, placement_start: date, outcome_days: int
) -> Standing:
    """How an assessment ends is decided, and the parent told, before it is over.

    How long before the end is a setting.
    """
    if purpose != "assessment":
        return NOT_AN_ASSESSMENT
    if planned_end is None:
        return END_NOT_KNOWN
    due = _ahead(planned_end, outcome_days, placement_start)
    return not_recorded(f"Planned end: {long_date(planned_end)}. A decision", due)


@duty(
    "PC-6.5b",
    "Plan the transition: a child in need plan if the child stays with the parent; if not, who "
    "takes over the care, and what the parent is told.",
    of=PLACEMENT,
)
def transition(
    purpose: str, planned_end: date | None, placement_start: date, transition_days: int
) -> Standing:
    """What follows an assessment is planned before it ends, whether or not the child stays.

    How long before the end is a setting.
    """
    if purpose != "assessment":
        return NOT_AN_ASSESSMENT
    if planned_end is None:
        return END_NOT_KNOWN
    due = _ahead(planned_end, transition_days, placement_start)
    return not_recorded(f"Planned end: {long_date(planned_end)}. A plan", due)


def _moving_on(
    what: str,
    purpose: str,
    any_parent_looked_after: bool | None,
    days: tuple[date | None, ...],
    placement_start: date,
    ahead: int,
) -> Standing:
    """When a looked-after parent's next step is due: before the end, or before they are 18."""
    if purpose != "support":
        return not_needed("It is not for support.")
    if (other := no_parent(any_parent_looked_after)) is not None:
        return other
    day = min((day for day in days if day is not None), default=None)
    if day is None:
        return END_NOT_KNOWN
    return not_recorded(what, _ahead(day, ahead, placement_start))


@duty("PC-6.5c", "Bring the pathway plan up to date with the carers: the parent's move and what they do in it.", PARENTS, of=PLACEMENT)  # fmt: skip
def pathway_plan(
    purpose: str,
    any_parent_looked_after: bool | None,
    planned_end: date | None,
    parent_18_on: date | None,
    placement_start: date,
    moving_on_days: int,
) -> Standing:
    """The pathway plan covers the parent's move, and the carers take part in it.

    How long before the planned end, or the parent's 18th birthday, is a setting.
    """
    days = planned_end, parent_18_on
    what = "That the pathway plan is up to date"
    return _moving_on(what, purpose, any_parent_looked_after, days, placement_start, moving_on_days)


@duty("PC-6.5c", "Consider Staying Put, if parent and carers ask for it.", PARENTS, of=PLACEMENT)
def staying_put(
    purpose: str,
    any_parent_looked_after: bool | None,
    planned_end: date | None,
    parent_18_on: date | None,
    placement_start: date,
    moving_on_days: int,
) -> Standing:
    """It is considered whether parent and child can stay with the carers under Staying Put.

    Due when the pathway plan is.
    """
    days = planned_end, parent_18_on
    what = "That Staying Put was considered"
    return _moving_on(what, purpose, any_parent_looked_after, days, placement_start, moving_on_days)


@duty("PC-1b", "End the placement as planned, or agree and record another end.", of=PLACEMENT)
def planned_end(planned_end: date | None) -> Standing:
    """An assessment ends when its time is over; support may go on until the parent can live alone.

    The end is the recorded one, else the start and the expected weeks.
    """
    if planned_end is None:
        return END_NOT_KNOWN
    return to_do(f"Planned end: {long_date(planned_end)}.", planned_end)


ENDING = (outcome_decided, transition, pathway_plan, staying_put, planned_end)
