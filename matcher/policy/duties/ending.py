"""Duties of a placement that runs or is agreed: its planned end, and what leads up to it."""

from __future__ import annotations

from datetime import date, timedelta

from matcher.policy.duties.eighteen import BORN
from matcher.policy.duties.form import (
    PARENTS,
    PLACEMENT,
    START_NOT_KNOWN,
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


def _end(planned_end: date, end_by_weeks: date | None, start: date | None) -> str:
    """The planned end, or that the expected weeks alone say it, and from when they count."""
    if end_by_weeks is None or start is None:
        return f"Planned end: {long_date(planned_end)}."
    return (
        f"By the expected weeks, counted from {long_date(start)}, it ends on "
        f"{long_date(planned_end)}; no planned end is recorded."
    )


def _of_an_assessment(
    what: str,
    planned_end: date | None,
    end_by_weeks: date | None,
    born_on: date,
    start: date | None,
    days: int,
) -> Standing:
    """What is settled so many days before an assessment ends, which needs a child that is born."""
    if start is None:
        return START_NOT_KNOWN
    if planned_end is None:
        return END_NOT_KNOWN
    said = _end(planned_end, end_by_weeks, start)
    if _ahead(planned_end, days, start) <= born_on:
        evidence = (
            f"{said} The birth is planned for {long_date(born_on)}: too late for an assessment."
        )
        return ask(evidence, "Agree another planned end, counted from the birth.")
    return not_recorded(what, _ahead(planned_end, days, start), known=said)


def _ahead(end: date, days: int, start: date) -> date:
    """So many days before an end, but not before the start."""
    return max(end - timedelta(days=days), start)


@duty("PC-6.5a", "Decide the outcome of the assessment, and tell the parent.", of=PLACEMENT)
def outcome_decided(
    purpose: str,
    planned_end: date | None,
    end_by_weeks: date | None,
    child_born_or_due_on: date,
    placement_start: date | None,
    outcome_days: int,
) -> Standing:
    """How an assessment ends is decided, and the parent told, before it is over.

    How long before the end is a setting.
    """
    if purpose != "assessment":
        return NOT_AN_ASSESSMENT
    born, start = child_born_or_due_on, placement_start
    return _of_an_assessment("A decision", planned_end, end_by_weeks, born, start, outcome_days)


@duty(
    "PC-6.5b",
    "Plan the transition: a child in need plan if the child stays with the parent; if not, who "
    "takes over the care, and what the parent is told.",
    of=PLACEMENT,
)
def transition(
    purpose: str,
    planned_end: date | None,
    end_by_weeks: date | None,
    child_born_or_due_on: date,
    placement_start: date | None,
    transition_days: int,
) -> Standing:
    """What follows an assessment is planned before it ends, whether or not the child stays.

    How long before the end is a setting.
    """
    if purpose != "assessment":
        return NOT_AN_ASSESSMENT
    born, start = child_born_or_due_on, placement_start
    return _of_an_assessment("A plan", planned_end, end_by_weeks, born, start, transition_days)


def _moving_on(
    what: str,
    any_parent_looked_after: bool | None,
    leaving_care: tuple[date, ...],
    leaving_care_not_known: bool,
    planned_end: date | None,
    placement_start: date | None,
    ahead: int,
) -> Standing:
    """When a next step is due of a parent in care: before the end, or before they are 18.

    After the birthday it stays: it was due before.
    """
    if leaving_care_not_known:
        evidence = "A parent may be 18 any day: the day of birth is not recorded."
        return ask(f"{what} is not recorded. {evidence}", BORN)
    if not leaving_care and (other := no_parent(any_parent_looked_after)) is not None:
        return other
    if placement_start is None:
        return START_NOT_KNOWN
    day = min((day for day in (planned_end, *leaving_care) if day is not None), default=None)
    if day is None:
        return END_NOT_KNOWN
    return not_recorded(what, _ahead(day, ahead, placement_start))


@duty("PC-6.5c", "Bring the pathway plan up to date with the carers: the parent's move and what they do in it.", PARENTS, of=PLACEMENT)  # fmt: skip
def pathway_plan(
    any_parent_looked_after: bool | None,
    leaving_care: tuple[date, ...],
    leaving_care_not_known: bool,
    planned_end: date | None,
    placement_start: date | None,
    moving_on_days: int,
) -> Standing:
    """The pathway plan covers a parent's move, and the carers take part in it.

    How long before the planned end, or a parent's 18th birthday, is a setting. For whom it was due
    before the birthday, it stays so after it.
    """
    return _moving_on(
        "That the pathway plan is up to date",
        any_parent_looked_after,
        leaving_care,
        leaving_care_not_known,
        planned_end,
        placement_start,
        moving_on_days,
    )


@duty("PC-6.5c", "Consider Staying Put, if parent and carers ask for it.", PARENTS, of=PLACEMENT)
def staying_put(
    any_parent_looked_after: bool | None,
    leaving_care: tuple[date, ...],
    leaving_care_not_known: bool,
    planned_end: date | None,
    placement_start: date | None,
    moving_on_days: int,
) -> Standing:
    """It is considered whether parent and child can stay with the carers under Staying Put.

    Due when the pathway plan is.
    """
    return _moving_on(
        "That Staying Put was considered",
        any_parent_looked_after,
        leaving_care,
        leaving_care_not_known,
        planned_end,
        placement_start,
        moving_on_days,
    )


@duty("PC-1b", "End the placement as planned, or agree and record another end.", of=PLACEMENT)
def planned_end(
    planned_end: date | None, end_by_weeks: date | None, placement_start: date | None
) -> Standing:
    """An assessment ends when its time is over; support may go on until the parent can live alone.

    The end is the recorded one, else the start and the expected weeks.
    """
    if planned_end is None:
        return END_NOT_KNOWN
    return to_do(_end(planned_end, end_by_weeks, placement_start), planned_end)


ENDING = (outcome_decided, transition, pathway_plan, staying_put, planned_end)
