"""Dated tasks of a confirmed placement: its planned end, and what leads up to it."""

from __future__ import annotations

from datetime import date, timedelta

from matcher.policy.agenda import (
    RUNNING,
    Days,
    Subject,
    task,
)
from matcher.policy.gate import SOCIAL_WORKER as CHILDS
from matcher.policy.reviews import PARENTS, parent_first, series
from matcher.policy.screening import ADULT

# --- The end of a placement ---------------------------------------------------------------------


@task("PC-1b", RUNNING, "End the placement as planned, or agree and record another end.", CHILDS)
def planned_end(x: Subject) -> Days:
    """An assessment ends when its time is over; support may go on until the parent can live alone.

    The end is the recorded one, else the start and the expected weeks; without both there is none.
    """
    return x.end


def _ahead(x: Subject, end: date, key: str) -> date:
    """So many days before an end, but not before the start."""
    return max(end - timedelta(days=x.number(key)), x.start)


@task("PC-6.5a", RUNNING, "Decide the outcome of the assessment, and tell the parent.", CHILDS)
def outcome_decided(x: Subject) -> Days:
    """How an assessment ends is decided, and the parent told, before it is over.

    How long before the end is a setting.
    """
    if x.request.purpose != "assessment" or x.end is None:
        return None
    return _ahead(x, x.end, "outcome_days")


@task(
    "PC-6.5b",
    RUNNING,
    "Plan the transition: a child in need plan if the child stays with the parent; if not, who "
    "takes over the care, and what the parent is told.",
    CHILDS,
)
def transition(x: Subject) -> Days:
    """What follows an assessment is planned before it ends, whether or not the child stays.

    How long before the end is a setting.
    """
    if x.request.purpose != "assessment" or x.end is None:
        return None
    return _ahead(x, x.end, "transition_days")


def _moving_on(x: Subject) -> Days:
    """When a looked-after parent's next step is due: before the end, or before they are 18.

    Where neither day is known, at the parent's next review.
    """
    if x.request.purpose != "support" or not x.request.a_parent_is_looked_after:
        return None
    adult = x.request.birthday(ADULT) if x.request.parent_looked_after else None
    dated = [day for day in (x.end, adult) if day is not None]
    if dated:
        return _ahead(x, min(dated), "moving_on_days")
    return next((d.day for d in series(x, parent_first(x)) if d.day >= x.as_of), None)


@task("PC-6.5c", RUNNING, "Bring the pathway plan up to date with the carers: the parent's move and what they do in it.", PARENTS)  # fmt: skip
def pathway_plan(x: Subject) -> Days:
    """The pathway plan covers the parent's move, and the carers take part in it.

    How long before the planned end, or the parent's 18th birthday, is a setting; where neither is
    known it is due at the parent's next review.
    """
    return _moving_on(x)


@task("PC-6.5c", RUNNING, "Consider Staying Put, if parent and carers ask for it.", PARENTS)
def staying_put(x: Subject) -> Days:
    """It is considered whether parent and child can stay with the carers under Staying Put.

    Due when the pathway plan is.
    """
    return _moving_on(x)
