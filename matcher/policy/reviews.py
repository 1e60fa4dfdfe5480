"""Dated tasks of a confirmed placement: its reviews and visits.

No table records that one was held: of a series the next day is given, and a first or second review
whose day is past is overdue until the review after it is due.
"""

from __future__ import annotations

from datetime import date, timedelta

from matcher.policy.agenda import (
    DAYS_PER_WEEK,
    INTERIM_ORDER,
    RUNNING,
    Days,
    Due,
    Subject,
    earliest,
    task,
)
from matcher.policy.days import months_after, next_by_days, next_by_months
from matcher.policy.gate import REVIEWING_OFFICER as IRO
from matcher.policy.gate import SOCIAL_WORKER as CHILDS
from matcher.words import count

PARENTS = "parent's social worker"

# --- Reviews and visits -------------------------------------------------------------------------


def child_first(x: Subject) -> Due | None:
    """The child's first review: the earlier of what the law and the policy on returns ask."""
    weekdays = x.law("first_review_working_days")
    home = timedelta(days=x.number("return_review_days"))
    return earliest(
        ("PWP-3c", x.child_from + home if x.care_order else None),
        ("LAW-review", x.days.after(x.child_from, weekdays) if weekdays else None),
    )


def parent_first(x: Subject) -> Due | None:
    """A looked-after parent's first review in this placement."""
    weekdays = x.law("first_review_working_days")
    return Due(x.days.after(x.start, weekdays), clause="LAW-review") if weekdays else None


def series(x: Subject, first: Due | None) -> list[Due]:
    """The last review that was due before today, where it is the first or second, and the next."""
    if first is None:
        return []
    second_in, later_in = x.law("second_review_months"), x.law("later_review_months")
    reviews = [Due(first.day, "The first one.", first.clause)]
    if second_in:
        note = f"The second one, within {count(second_in, 'month')} of the first."
        reviews.append(Due(months_after(first.day, second_in), note, "LAW-review"))
    missed = [each for each in reviews if each.day < x.as_of]
    ahead = [each for each in reviews if each.day >= x.as_of]
    last = reviews[-1].day
    if not ahead and second_in and later_in:
        note = f"At least every {count(later_in, 'month')}."
        day = next_by_months(months_after(last, later_in), later_in, x.as_of)
        over = day > months_after(last, later_in)
        return [*([] if over else missed[-1:]), Due(day, note, "LAW-review")]
    return [*missed[-1:], *ahead[:1]]


def reviewed(x: Subject) -> bool:
    """Whether the day of the child's first review, or of the parent's, is past."""
    found = [each.day for each in (child_first(x), parent_first(x)) if each is not None]
    return x.started and bool(found) and min(found) < x.as_of


@task("LAW-review, PWP-3c", RUNNING, "Hold the child's looked-after review.", IRO)
def child_review(x: Subject) -> Days:
    """A looked-after child is reviewed within 20 working days, then in 3, then every 6 months.

    After a return under a care order the first one is due within 20 days. All count from the start
    of the placement, or from the birth; the second and later ones from the last day for the first.
    """
    if not x.request.child_looked_after:
        return None
    reviews = series(x, child_first(x))
    return tuple(Due(each.day, x.from_birth(each.note), each.clause) for each in reviews)


@task("LAW-review, PC-6.4d", RUNNING, "Hold the parent's looked-after review; look at the parent's own needs.", IRO)  # fmt: skip
def parent_review(x: Subject) -> Days:
    """A looked-after parent has reviews that look at the parent's own needs.

    They count from the start of the placement: when the last one was held is in no table.
    """
    if not x.request.a_parent_is_looked_after:
        return None
    reviews = series(x, parent_first(x))
    return tuple(Due(each.day, each.note, f"{each.clause}, PC-6.4d") for each in reviews)


def _visits(
    x: Subject, begins: date, weeks: int | None, later: int | None, until: date | None
) -> Due | None:
    """The next visit: every so many weeks until a day, from then on at the later number."""
    if not weeks:
        return _later_visits(x, begins, later)
    often = DAYS_PER_WEEK * weeks
    first = begins + timedelta(days=often)
    day = next_by_days(first, often, x.as_of)
    if until is None or day <= until:
        rule = "Every week" if weeks == 1 else f"Every {count(weeks, 'week')}"
        return Due(day, f"{rule} until the first review.")
    steps = max((until - begins).days // often, 0)
    return _later_visits(x, begins + timedelta(days=often * steps), later)


def _later_visits(x: Subject, last: date, weeks: int | None) -> Due | None:
    if not weeks:
        return None
    often = DAYS_PER_WEEK * weeks
    day = next_by_days(last + timedelta(days=often), often, x.as_of)
    return Due(day, f"At least every {count(weeks, 'week')}.")


def _usual_visits(x: Subject, begins: date) -> Due | None:
    """The visits that the law asks for: the first within a week, then every six weeks."""
    within, later = x.law("first_visit_days"), x.law("visit_weeks")
    if within and (first := begins + timedelta(days=within)) >= x.as_of:
        return Due(first, f"The first one, within {count(within, 'day')}.")
    return _later_visits(x, begins + timedelta(days=within or 0), later)


@task("LAW-visit, PWP-3b, PWP-3d", RUNNING, "Visit the child.", CHILDS)
def child_visit(x: Subject) -> Days:
    """A looked-after child is visited within a week, then at least every six weeks.

    Under a care order with a parent: weekly until the first review, then as agreed there, at the
    family home where family time is part-time. Under an interim care order: weekly until the first
    review, then at least every four weeks. The earliest day counts.
    """
    if not x.request.child_looked_after:
        return None
    begins, first = x.child_from, child_first(x)
    until = first.day if first else None
    home = None
    if x.request.child_legal_status == INTERIM_ORDER:
        law = _visits(x, begins, x.law("interim_visit_weeks"), x.law("interim_later_weeks"), until)
    else:
        law = _usual_visits(x, begins)
    if x.care_order and (until is None or until >= x.as_of):
        home = _visits(x, begins, x.number("return_visit_weeks"), None, until)
    found = earliest(
        ("PWP-3b", home.day if home else None), ("LAW-visit", law.day if law else None)
    )
    if found is None:
        return None
    said = [each.note for each in (home, law) if each and each.day == found.day][:1]
    clause = found.clause
    if x.care_order:
        said.append("Where family time is part-time, go when the child is at the family home.")
        clause = f"{clause}, PWP-3d"
    return Due(found.day, x.from_birth(" ".join(said)), clause)


@task("LAW-visit", RUNNING, "Visit the parent.", PARENTS)
def parent_visit(x: Subject) -> Days:
    """A looked-after parent is visited within a week of the start, then at least every six weeks."""
    return _usual_visits(x, x.start) if x.request.a_parent_is_looked_after else None


@task(
    "PWP-3e",
    RUNNING,
    "Ask whether an adult has joined the family; if so, update the assessment, with checks.",
    CHILDS,
)
def adult_joins(x: Subject) -> Days:
    """An adult who joins the family after the assessment makes an update of it necessary.

    No day is set and nothing says who joins: due at each next review of the child. A step says
    that an update was made.
    """
    if not x.care_order or x.done("adult_joins"):
        return None
    return next((d.day for d in series(x, child_first(x)) if d.day >= x.as_of), None)


@task("PWP-3f", RUNNING, "Review the arrangement at Legal Gateway or Permanence Panel.", CHILDS)
def panel_review(x: Subject) -> Days:
    """Legal Gateway or Permanence Panel reviews a placement with parents at least once a year."""
    if not x.care_order:
        return None
    months = x.number("panel_months")
    day = next_by_months(months_after(x.child_from, months), months, x.as_of)
    return Due(day, x.from_birth(f"At least every {count(months, 'month')}."))
