"""Duties that recur: reviews, visits and panels.

Each counts from when it was last recorded as held, the first from the day on which somebody became
looked after, from the return or from the start. What was due and is not recorded stays overdue.
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
    START_NOT_KNOWN,
    Standing,
    ask,
    duty,
    earliest,
    no_parent,
    not_needed,
    to_do,
)
from matcher.policy.duties.returning import APPLIES, without_return
from matcher.policy.names import usual_name
from matcher.words import count, every_weeks, long_date, upper_first

INTERIM_ORDER = "interim_care_order"
CHILD_NOT_LOOKED_AFTER = not_needed("The child is not looked after.")
SWITCHED_OFF = not_needed("The policy in use asks for none.")


def _last(held: tuple[date, ...], since: date) -> date | None:
    """The last day on which one was held since a day."""
    return max((day for day in held if day >= since), default=None)


def _reviewed(reviews: tuple[date, ...], since: date) -> date:
    """The first review that was held since a day, the end of time without one."""
    return min((day for day in reviews if day >= since), default=date.max)


def _said(often: str, last: date | None, *more: str) -> str:
    before = f"The last was held on {long_date(last)}." if last else "None is recorded as held."
    return " ".join([often, before, *(each for each in more if each)])


def _from_birth(unborn: bool, born_on: date) -> str:
    """That a day counts from the birth, while that is only planned."""
    return f"Planned: it counts from the birth, planned for {long_date(born_on)}." if unborn else ""


class Clock(NamedTuple):
    """When looked-after reviews are held: the first in working days, the second, the later ones."""

    first_in: int | None
    second_in: int | None
    later_in: int | None

    def first(self, since: date) -> date | None:
        """The day of the first review of somebody looked after since a day."""
        return england().after(since, self.first_in) if self.first_in else None

    def later(self, many: int, last: date) -> date | None:
        """The day of the review after so many, the last of them on a day."""
        months = (self.second_in if many == 1 else None) or self.later_in
        return months_after(last, months) if months else None

    def often(self, many: int) -> str:
        """How soon, in words, after so many."""
        if many == 0:
            within = f", within {count(self.first_in, 'working day')}" if self.first_in else ""
            return f"The first one{within}."
        months = (self.second_in if many == 1 else None) or self.later_in or 0
        return f"The {'second' if many == 1 else 'next'} one, within {count(months, 'month')}."


@duty(
    "LAW-review, PWP-3c",
    "Hold the child's looked-after review.",
    REVIEWING_OFFICER,
    recurs=True,
    in_staying_put=True,
)
def child_review(
    child_looked_after: bool,
    looked_after_since: date | None,
    unborn: bool,
    child_born_or_due_on: date,
    received_on: date,
    with_parents: str,
    return_counts_from: date | None,
    assessed_before_return: bool,
    held: tuple[date, ...],
    first_review_working_days: int | None,
    second_review_months: int | None,
    later_review_months: int | None,
    return_review_days: int,
    return_review_working_days: int | None,
) -> Standing:
    """A looked-after child is reviewed as soon, and then as often, as the policy asks.

    Reviews count from the day on which the child became looked after, whatever the household, and go
    on after a planned end. After a return one is due too, sooner where the assessment was not
    complete by then. The earliest day counts.
    """
    if not child_looked_after:
        return CHILD_NOT_LOOKED_AFTER
    clock = Clock(first_review_working_days, second_review_months, later_review_months)
    planned = _from_birth(unborn, child_born_or_due_on)
    since = child_born_or_due_on if unborn else looked_after_since
    counted = tuple(day for day in held if day >= (since or child_born_or_due_on))
    last = max(counted, default=None)
    if last is not None:
        by_law = clock.later(len(counted), last)
    else:
        # Of a child who was expected when the request came, the birth is the earliest that it can be.
        known = since or (child_born_or_due_on if received_on <= child_born_or_due_on else None)
        by_law = clock.first(known) if known else None
    days: list[tuple[str, date | None]] = [("LAW-review", by_law)]
    returned = return_counts_from if with_parents == APPLIES else None
    after = ""
    if returned is not None and _last(held, returned) is None:
        days.insert(0, ("PWP-3c", returned + timedelta(days=return_review_days)))
        after = f"The child's return counts from {long_date(returned)}."
        if not assessed_before_return and return_review_working_days:
            days.append(("LAW-review", england().after(returned, return_review_working_days)))
            after = f"{after} The assessment was not complete by then."
    due, clause = earliest(*days)
    often = clock.often(len(counted)) if by_law is not None and by_law == due else ""
    said = _said(often or "One after the return.", last, after, planned)
    if due is None and clock.first_in is None:
        return SWITCHED_OFF
    if since is None:
        not_known = "Since when the child is looked after is not recorded."
        asks = "Say since which day the child is looked after; reviews count from it."
        who = SOCIAL_WORKER
        if due is not None:
            not_known, who = f"{not_known} {said}", REVIEWING_OFFICER
            asks = f"Hold the child's looked-after review. {asks}"
        return replace(ask(not_known, asks, who, due), clause=clause)
    return to_do(said, due, clause=clause) if due else SWITCHED_OFF


def _until_18(
    standing: Standing, parents_18_on: date | None, parent_of_17_not_dated: bool
) -> Standing:
    """What is due to looked-after parents, but for what would be after their 18th birthday."""
    if standing.due is not None and parents_18_on is not None and standing.due > parents_18_on:
        return not_needed(
            f"The next would be due on {long_date(standing.due)}, after the parent's 18th birthday "
            f"on {long_date(parents_18_on)}."
        )
    if standing.due is None or not parent_of_17_not_dated:
        return standing
    asks = (
        "None is due from a parent's 18th birthday; the day of birth of one of 17 is not recorded: "
        "it can be tomorrow."
    )
    return replace(standing, evidence=f"{standing.evidence} {asks}")


@duty("LAW-review, PC-6.4d", "Hold the parent's looked-after review; look at the parent's own needs.", REVIEWING_OFFICER, recurs=True)  # fmt: skip
def parent_review(
    any_parent_looked_after: bool | None,
    looked_after_parents: int,
    parent_looked_after_since: date | None,
    parents_18_on: date | None,
    parent_of_17_not_dated: bool,
    held: tuple[date, ...],
    first_review_working_days: int | None,
    second_review_months: int | None,
    later_review_months: int | None,
) -> Standing:
    """A looked-after parent has reviews that look at the parent's own needs.

    They count from the day on which the parent became looked after, and end at 18.
    """
    if (other := no_parent(any_parent_looked_after)) is not None:
        return other
    clock = Clock(first_review_working_days, second_review_months, later_review_months)
    since = parent_looked_after_since
    counted = tuple(day for day in held if since is None or day >= since)
    last = max(counted, default=None)
    first = clock.first(since) if since else None
    due = clock.later(len(counted), last) if last else first
    both = ""
    if looked_after_parents > 1:
        both = "Both parents are looked after, and each is reviewed; one day is recorded for both."
    clause = "LAW-review" if last else "LAW-review, PC-6.4d"
    said = _said(clock.often(len(counted)), last, both)
    if due is None and clock.first_in is None:
        return SWITCHED_OFF
    if since is None:
        not_known = "Since when the parent is looked after is not recorded."
        asks = "Say since which day the parent is looked after; reviews count from it."
        who = PARENTS
        if due is not None:
            not_known, who = f"{not_known} {said}", REVIEWING_OFFICER
            asks = f"Hold the parent's looked-after review. {asks}"
        standing = replace(ask(not_known, asks, who, due), clause=clause)
    else:
        standing = to_do(said, due, clause=clause) if due else SWITCHED_OFF
    return _until_18(standing, parents_18_on, parent_of_17_not_dated)


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
        often = every_weeks(self.weeks or 0)
        return f"{upper_first(often)} until a review is held." if self.until_review else f"At least {often}."  # fmt: skip


def _visit(held: tuple[date, ...], *ways: tuple[Interval, date], also: str = "") -> Standing:
    """The next visit: the earliest day that any of several clauses asks for, each from its own day."""
    found = [(way.next(last := _last(held, begins), begins), way, last) for way, begins in ways]
    dated = [(day, way, last) for day, way, last in found if day is not None]
    due, clause = earliest(*((way.clause, day) for day, way, _ in dated))
    if due is None:
        return SWITCHED_OFF
    _, way, last = next(each for each in dated if each[0] == due)
    return to_do(_said(way.often(last), last, also), due, clause=clause)


@duty("LAW-visit, PWP-3b, PWP-3d", "Visit the child.", SOCIAL_WORKER, of=PLACEMENT, after_return=True, recurs=True, in_staying_put=True)  # fmt: skip
def child_visit(
    child_looked_after: bool,
    child_legal_status: str,
    with_parents: str,
    has_placement: bool,
    child_from: date | None,
    with_parent_from: date | None,
    with_parent_on: date | None,
    family_time_on: date | None,
    unborn: bool,
    child_born_or_due_on: date,
    held: tuple[date, ...],
    child_reviews: tuple[date, ...],
    first_visit_days: int | None,
    visit_weeks: int | None,
    interim_visit_weeks: int | None,
    interim_later_weeks: int | None,
    return_visit_weeks: int,
) -> Standing:
    """A looked-after child is visited as soon, and then as often, as the policy asks.

    Under placement with parents, and under an interim care order with a parent: more often until a
    review is held on or after the return or the start. A review does not do a visit that was due
    before it. Where family time is part-time, at the family home. The earliest day counts.
    """
    if not child_looked_after:
        return CHILD_NOT_LOOKED_AFTER
    interim, applies = child_legal_status == INTERIM_ORDER, with_parents == APPLIES
    also = _from_birth(unborn, child_born_or_due_on)
    begins = child_from if has_placement else with_parent_from
    if applies and begins is not None and with_parent_from is not None:
        begins = max(begins, with_parent_from)
    weekly_from = sorted({day for day in (with_parent_from, with_parent_on) if day is not None})

    def weekly(clause: str, weeks: int | None) -> list[tuple[Interval, date]]:
        """Visits until a review is held, and what was due before it and is not recorded."""
        way = Interval(clause, None, weeks, until_review=True)
        dues = ((since, way.next(_last(held, since), since)) for since in weekly_from)
        return [
            (way, since) for since, due in dues if due and due < _reviewed(child_reviews, since)
        ]

    ways = weekly("PWP-3b", return_visit_weeks) if applies else []
    if interim:
        later = Interval("LAW-visit", None, interim_later_weeks)
        until_review = weekly("LAW-visit", interim_visit_weeks)
        ways += until_review or ([] if begins is None else [(later, begins)])
    elif begins is not None:
        ways.append((Interval("LAW-visit", first_visit_days, visit_weeks), begins))
    if not ways and begins is None:
        return START_NOT_KNOWN
    until = [_reviewed(child_reviews, since) for way, since in ways if way.until_review]
    if until and min(until) < date.max:
        missed = f"A review was held on {long_date(min(until))}"
        also = f"{missed}; a visit that was due before it is not recorded. {also}".rstrip()
    if not applies or family_time_on is None:
        return _visit(held, *ways, also=also)
    part_time = (
        f"Family time is part-time since {long_date(family_time_on)}: go when the child is at the "
        "family home."
    )
    standing = _visit(held, *ways, also=f"{part_time} {also}".rstrip())
    return replace(standing, clause=", ".join(filter(None, [standing.clause, "PWP-3d"])))


@duty("LAW-visit", "Visit the parent.", PARENTS, of=PLACEMENT, recurs=True)
def parent_visit(
    any_parent_looked_after: bool | None,
    placement_start: date | None,
    parents_18_on: date | None,
    parent_of_17_not_dated: bool,
    held: tuple[date, ...],
    first_visit_days: int | None,
    visit_weeks: int | None,
) -> Standing:
    """A looked-after parent is visited as soon, and then as often, as the policy asks.

    None is due after the 18th birthday.
    """
    if (other := no_parent(any_parent_looked_after)) is not None:
        return other
    if placement_start is None:
        return START_NOT_KNOWN
    usual = Interval("LAW-visit", first_visit_days, visit_weeks)
    visit = _visit(held, (usual, placement_start))
    return _until_18(visit, parents_18_on, parent_of_17_not_dated)


@duty(
    "PWP-3f",
    f"Review the arrangement at {usual_name('legal_gateway')} (to end the order) or "
    f"{usual_name('permanence_panel')} (to go on); "
    "consider whether to ask the court to revoke the care order.",
    of=PLACEMENT,
    after_return=True,
    recurs=True,
    in_staying_put=True,
)
def panel_review(
    with_parents: str,
    returned_home_on: date | None,
    child_from: date | None,
    has_placement: bool,
    with_parent_from: date | None,
    unborn: bool,
    child_born_or_due_on: date,
    held: tuple[date, ...],
    panel_months: int,
) -> Standing:
    """A panel of the council reviews a placement with parents, at least as often as the policy says.

    It considers whether to seek revocation of the care order.
    """
    if (other := without_return(with_parents)) is not None:
        return other
    begins = returned_home_on or (child_from if has_placement else with_parent_from)
    if begins is None:
        return START_NOT_KNOWN
    last = _last(held, begins)
    often = f"At least every {count(panel_months, 'month')}, with revocation considered."
    said = _said(often, last, _from_birth(unborn, child_born_or_due_on))
    return to_do(said, months_after(last or begins, panel_months))


@duty("PC-6.4f", "Review the arrangement.", of=PLACEMENT, recurs=True, in_staying_put=True)
def arrangement_review(
    child_looked_after: bool,
    any_parent_looked_after: bool | None,
    review_every_weeks: int | None,
    placement_start: date | None,
    held: tuple[date, ...],
) -> Standing:
    """An arrangement is reviewed as often as was agreed at the outset.

    Where somebody has looked-after reviews, it is so if more was agreed.
    """
    if (child_looked_after or any_parent_looked_after) and review_every_weeks is None:
        return not_needed("The child or a parent is looked after, and has looked-after reviews.")
    last = None if placement_start is None else _last(held, placement_start)
    if review_every_weeks is None:
        return ask(
            _said("How often it is reviewed is not recorded.", last),
            "Agree how often the arrangement is reviewed, and write it in review_every_weeks.",
        )
    if placement_start is None:
        return START_NOT_KNOWN
    often = f"{upper_first(every_weeks(review_every_weeks))}, as agreed."
    due = (last or placement_start) + timedelta(weeks=review_every_weeks)
    return to_do(_said(often, last), due)


RUNNING_ON = (child_review, parent_review)  # whatever the household, and after a planned end
REVIEWS = (child_visit, parent_visit, panel_review, arrangement_review)
