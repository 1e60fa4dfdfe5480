"""What the law and the policy in use ask of a placement: visits and reviews, with their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.documents.marks import to_complete
from matcher.intake.rows import Request
from matcher.policy.case import RequestCase, calendar_number
from matcher.policy.duties import OVERDUE, DutyWords, in_force
from matcher.policy.duties.reviews import INTERIM_ORDER
from matcher.words import count, every_weeks, long_date

APPLIES = "applies"


def visits(case: RequestCase) -> Iterator[str]:
    """How often the child and a looked-after parent are visited, as the policy in use says."""
    asked = {duty.key for duty in in_force(case.policy)}
    of_child = case.request.child_looked_after and "child_visit" in asked
    if of_child and (often := _child_visits(case)):
        yield f"The child's social worker visits {often}"
    if of_child and case.family_time_on is not None and case.with_parents == APPLIES:
        since = long_date(case.family_time_on)
        at_home = "visits are when the child is at the family home (PWP-3d)."
        yield f"Family time is part-time since {since}: {at_home}"
    of_parent = case.request.a_parent_is_looked_after and "parent_visit" in asked
    if of_parent and (often := _usual(case)):
        yield f"{looked_after_parents(case.request)} visited by their social worker {often}"


def looked_after_parents(request: Request) -> str:
    """Which of the parents are looked after, with the verb: 'The parent is'; '' where none is."""
    if request.second_parent_comes and request.second_parent_looked_after is True:
        return "Both parents are" if request.parent_looked_after else "The second parent is"
    return "The parent is" if request.parent_looked_after else ""


def _usual(case: RequestCase) -> str:
    days, weeks = (calendar_number(case.policy, key) for key in ("first_visit_days", "visit_weeks"))
    said = [f"within {count(days, 'day')} of the start"] if days else []
    said += [f"at least {every_weeks(weeks)}"] if weeks else []
    return f"{', then '.join(said)} (LAW-visit)." if said else ""


def _child_visits(case: RequestCase) -> str:
    interim = case.request.child_legal_status == INTERIM_ORDER
    later = calendar_number(case.policy, "interim_later_weeks" if interim else "visit_weeks")
    at_least = f"at least {every_weeks(later)}" if later else ""
    if case.with_parents == APPLIES:
        weeks = int(case.policy.number("calendar.return_visit_weeks"))
        then = f", {at_least} (PWP-3b, LAW-visit)." if at_least else " (PWP-3b)."
        return f"{every_weeks(weeks)} until the child's review, then as agreed there{then}"
    if not interim:
        return _usual(case)
    weeks_before = calendar_number(case.policy, "interim_visit_weeks")
    before = f"{every_weeks(weeks_before)} until a review is held" if weeks_before else ""
    said = ", then ".join(each for each in (before, at_least) if each)
    return f"{said} (LAW-visit)." if said else ""


def reviews(case: RequestCase, duties: dict[str, DutyWords]) -> Iterator[str]:
    """When the child's and the parent's looked-after reviews are next, by the register of duties."""
    parents = "The parent's"
    if not case.request.parent_looked_after and case.request.a_parent_is_looked_after:
        parents = "The second parent's"
    for key, whose in (("child_review", "The child's"), ("parent_review", parents)):
        review = duties.get(key)
        if review is None or not review.still:
            continue
        due = f"by {long_date(review.due)}" if review.due else to_complete("day")
        late = ", and overdue" if review.status == OVERDUE else ""
        yield f"{whose} next review: {due}{late}. {review.evidence} ({review.clause})"
