"""Duties that recur while a placement runs: reviews, visits and panels.

Each counts from when it was last recorded as held, the first from the start or the birth. What was
due and is not recorded stays overdue.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

from matcher.policy.days import england, months_after
from matcher.policy.duties.form import (
    PARENTS,
    PLACEMENT,
    REVIEWING_OFFICER,
    SOCIAL_WORKER,
    Standing,
    duty,
    earliest,
    no_parent,
    not_needed,
    to_do,
)
from matcher.policy.duties.returning import CARE_ORDER, NO_CARE_ORDER
from matcher.words import count, long_date

INTERIM_ORDER = "interim_care_order"
CHILD_NOT_LOOKED_AFTER = not_needed("The child is not looked after.")
SWITCHED_OFF = not_needed("The policy in use asks for none.")


def _last(held: tuple[date, ...], since: date) -> date | None:
    """The last day on which one was held since a day."""
    return max((day for day in held if day >= since), default=None)


def _said(often: str, last: date | None, *more: str) -> str:
    before = f"The last was held on {long_date(last)}." if last else "None is recorded as held."
    return " ".join([often, before, *(each for each in more if each)])


def _from_birth(unborn: bool, born_on: date) -> str:
    """That a day counts from the birth, while that is only planned."""
    return f"Planned: it counts from the birth, planned for {long_date(born_on)}." if unborn else ""


def _review(
    first: tuple[date | None, str | None],
    held: tuple[date, ...],
    since: date,
    second_in: int | None,
    later_in: int | None,
    *more: str,
) -> Standing:
    """The next review: the first by its day, the second and the later ones from the last held."""
    many, last = sum(day >= since for day in held), _last(held, since)
    if last is None:
        due, clause = first
        if due is None:
            return SWITCHED_OFF
        return to_do(_said("The first one.", None, *more), due, clause=clause)
    months = (second_in if many == 1 else None) or later_in
    if not months:
        return SWITCHED_OFF
    often = f"The {'second' if many == 1 else 'next'} one, within {count(months, 'month')}."
    return to_do(_said(often, last, *more), months_after(last, months), clause="LAW-review")


@duty("LAW-review, PWP-3c", "Hold the child's looked-after review.", REVIEWING_OFFICER, of=PLACEMENT, recurs=True)  # fmt: skip
def child_review(
    child_looked_after: bool,
    child_legal_status: str,
    child_from: date,
    unborn: bool,
    child_born_or_due_on: date,
    held: tuple[date, ...],
    first_review_working_days: int | None,
    return_review_days: int,
    second_review_months: int | None,
    later_review_months: int | None,
) -> Standing:
    """A looked-after child is reviewed within 20 working days, then in 3, then every 6 months.

    After a return under a care order the first one is due within 20 days. The first counts from the
    start of the placement, or from the birth.
    """
    if not child_looked_after:
        return CHILD_NOT_LOOKED_AFTER
    home = child_from + timedelta(days=return_review_days)
    within = first_review_working_days
    first = earliest(
        ("PWP-3c", home if child_legal_status == CARE_ORDER else None),
        ("LAW-review", england().after(child_from, within) if within else None),
    )
    planned = _from_birth(unborn, child_born_or_due_on)
    return _review(first, held, child_from, second_review_months, later_review_months, planned)


@duty(
    "LAW-review, PC-6.4d",
    "Hold the parent's looked-after review; look at the parent's own needs.",
    REVIEWING_OFFICER,
    of=PLACEMENT,
    recurs=True,
)
def parent_review(
    any_parent_looked_after: bool | None,
    placement_start: date,
    held: tuple[date, ...],
    first_review_working_days: int | None,
    second_review_months: int | None,
    later_review_months: int | None,
) -> Standing:
    """A looked-after parent has reviews that look at the parent's own needs."""
    if (other := no_parent(any_parent_looked_after)) is not None:
        return other
    within = first_review_working_days
    first = (england().after(placement_start, within) if within else None), "LAW-review, PC-6.4d"
    return _review(first, held, placement_start, second_review_months, later_review_months)


class Interval(NamedTuple):
    """How often somebody is visited: the first within so many days, then every so many weeks."""

    clause: str
    first_days: int | None
    weeks: int | None
    until_review: bool = False

    def next(self, last: date | None, begins: date) -> date | None:
        """The day of the next visit, None where the policy in use asks for none."""
        if last is None and self.first_days:
            return begins + timedelta(days=self.first_days)
        return (last or begins) + timedelta(weeks=self.weeks) if self.weeks else None

    def often(self, last: date | None) -> str:
        """How often, in words."""
        if last is None and self.first_days:
            return f"The first one, within {count(self.first_days, 'day')}."
        weeks = "week" if self.weeks == 1 else count(self.weeks or 0, "week")
        return f"Every {weeks} until a review is held." if self.until_review else f"At least every {weeks}."  # fmt: skip


def _visit(held: tuple[date, ...], begins: date, *ways: Interval, also: str = "") -> Standing:
    """The next visit: the earliest day that any of several clauses asks for."""
    last = _last(held, begins)
    dated = [(day, way) for way in ways if (day := way.next(last, begins)) is not None]
    due, clause = earliest(*((way.clause, day) for day, way in dated))
    if due is None:
        return SWITCHED_OFF
    often = next(way.often(last) for day, way in dated if day == due)
    return to_do(_said(often, last, also), due, clause=clause)


@duty("LAW-visit, PWP-3b, PWP-3d", "Visit the child.", SOCIAL_WORKER, of=PLACEMENT, recurs=True)
def child_visit(
    child_looked_after: bool,
    child_legal_status: str,
    child_from: date,
    unborn: bool,
    child_born_or_due_on: date,
    held: tuple[date, ...],
    child_reviewed_on: date | None,
    first_visit_days: int | None,
    visit_weeks: int | None,
    interim_visit_weeks: int | None,
    interim_later_weeks: int | None,
    return_visit_weeks: int,
) -> Standing:
    """A looked-after child is visited within a week, then at least every six weeks.

    Under a care order with a parent: weekly until a review is held, at the family home where family
    time is part-time. Under an interim care order: weekly until a review is held, then at least
    every four weeks. The earliest day counts.
    """
    if not child_looked_after:
        return CHILD_NOT_LOOKED_AFTER
    reviewed = child_reviewed_on is not None and child_reviewed_on >= child_from
    planned = _from_birth(unborn, child_born_or_due_on)
    usual = Interval("LAW-visit", first_visit_days, visit_weeks)
    if child_legal_status == INTERIM_ORDER:
        later = Interval("LAW-visit", None, interim_later_weeks)
        weekly = Interval("LAW-visit", None, interim_visit_weeks, until_review=True)
        way = weekly if weekly.weeks and not reviewed else later
        return _visit(held, child_from, way, also=planned)
    if child_legal_status != CARE_ORDER:
        return _visit(held, child_from, usual, also=planned)
    weekly = Interval("PWP-3b", None, return_visit_weeks, until_review=True)
    part_time = "Where family time is part-time, go when the child is at the family home."
    ways = (usual,) if reviewed else (weekly, usual)
    standing = _visit(held, child_from, *ways, also=f"{part_time} {planned}".rstrip())
    return replace(standing, clause=f"{standing.clause}, PWP-3d")


@duty("LAW-visit", "Visit the parent.", PARENTS, of=PLACEMENT, recurs=True)
def parent_visit(
    any_parent_looked_after: bool | None,
    placement_start: date,
    held: tuple[date, ...],
    first_visit_days: int | None,
    visit_weeks: int | None,
) -> Standing:
    """A looked-after parent is visited within a week of the start, then at least every six weeks."""
    usual = Interval("LAW-visit", first_visit_days, visit_weeks)
    return no_parent(any_parent_looked_after) or _visit(held, placement_start, usual)


@duty("PWP-3f", "Review the arrangement at Legal Gateway or Permanence Panel.", of=PLACEMENT, recurs=True)  # fmt: skip
def panel_review(
    child_legal_status: str,
    child_from: date,
    unborn: bool,
    child_born_or_due_on: date,
    held: tuple[date, ...],
    panel_months: int,
) -> Standing:
    """Legal Gateway or Permanence Panel reviews a placement with parents at least once a year."""
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    last = _last(held, child_from)
    often = f"At least every {count(panel_months, 'month')}."
    said = _said(often, last, _from_birth(unborn, child_born_or_due_on))
    return to_do(said, months_after(last or child_from, panel_months))


REVIEWS = (child_review, parent_review, child_visit, parent_visit, panel_review)
