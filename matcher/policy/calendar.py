"""The dated tasks of the policy: what is due of a request, before a start, and of a placement.

Each function says in its first line what the policy asks; where the clause gives no number, the
lines below say how it is read here. What a step or a column says was done is left out. No table
records that a visit or a review was held: of a series the next day is given, and a first or
second review whose day is past is overdue until the review after it is due.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from matcher.intake.inputs import Inputs
from matcher.intake.rows import Request
from matcher.policy import agenda
from matcher.policy.agenda import (
    BEFORE,
    DAYS_PER_WEEK,
    INTERIM_ORDER,
    REQUEST,
    RUNNING,
    Days,
    Due,
    Entry,
    Planned,
    Subject,
    Task,
    earliest,
    task,
)
from matcher.policy.days import months_after, next_by_days, next_by_months
from matcher.policy.gate import REVIEWING_OFFICER as IRO
from matcher.policy.gate import SOCIAL_WORKER as CHILDS
from matcher.policy.gate import SUPERVISING
from matcher.policy.screening import ADULT, ADVICE_NEEDS, ADVICE_RISKS
from matcher.policy.settings import Policy
from matcher.policy.words import count, written

PARENTS = "parent's social worker"
TEAM, HEAD = "Resource team", "Head of Service"

# --- Requests: what is due before any placement -----------------------------------------------


@task("PC-3.3a", REQUEST, "Find and confirm a placement.", TEAM)
def placement_found(x: Subject) -> Days:
    """A request comes as early as possible, before the birth if possible.

    It is due on the day from which the family needs a home; the note says how much notice it gave.
    """
    if x.confirmed:
        return None
    came, needed = x.request.received_on, x.request.needed_from
    notice = (needed - came).days
    said = (
        f"The request came {count(notice, 'day')} before" if notice > 0 else "It came on or after"
    )
    note = f"{said} the day from which the family needs a home."
    return Due(needed, note)


def _pregnant(x: Subject) -> bool:
    """Whether a looked-after parent expects a child."""
    return x.unborn and x.request.a_parent_is_looked_after


def _worries(request: Request) -> bool:
    """Whether something is recorded that raises a concern about an unborn child's welfare."""
    risks = (request.risks[area] for area in ADVICE_RISKS)
    order = request.child_legal_status in (INTERIM_ORDER, agenda.CARE_ORDER)
    needs = bool(set(request.needs) & set(ADVICE_NEEDS))
    return order or needs or bool(request.fostering_concerns) or bool({*risks} & {"medium", "high"})


@task("PC-4.3a, PC-2.4b", REQUEST, "Complete the pre-birth assessment.", CHILDS)
def pre_birth_assessment(x: Subject) -> Days:
    """A pre-birth assessment that is expected is complete before the birth.

    It is expected where a looked-after parent is pregnant, and where the request says that one is
    booked or not done. How long before the birth is a setting.
    """
    state = x.request.pre_birth_assessment
    expected = state in ("booked", "not_done") or (state is None and _pregnant(x))
    if not expected or x.done("pre_birth_assessment"):
        return None
    day = x.request.child_born_or_due_on - timedelta(days=x.number("pre_birth_days"))
    if not x.unborn:
        return Due(day, "The child is born.")
    note = f"Birth is planned for {written(x.request.child_born_or_due_on)}."
    return Due(max(day, x.as_of), note, "" if _pregnant(x) else "PC-2.4b")


@task("PC-4.3a", REQUEST, "Support the parent to use antenatal services, with the carer.", PARENTS)
def antenatal_care(x: Subject) -> Days:
    """A pregnant looked-after parent is supported to use antenatal services.

    As soon as the pregnancy is known: due today, until the birth.
    """
    return x.as_of if _pregnant(x) else None


@task(
    "PC-4.3a",
    REQUEST,
    "Discuss the recorded concern with a child protection IRO, and whether a strategy meeting is "
    "required.",
    CHILDS,
)
def child_protection(x: Subject) -> Days:
    """Concerns about the unborn child of a looked-after parent go to a child protection IRO.

    Due today where something is recorded that raises one: a concern, a need or a risk for which
    the policy asks for legal advice, or an order that is planned at birth.
    """
    return x.as_of if _pregnant(x) and _worries(x.request) else None


@task("PC-4.3a", REQUEST, "Hold the legal planning meeting, if it is required.", CHILDS)
def legal_planning_meeting(x: Subject) -> Days:
    """A legal planning meeting is held on concerns about a looked-after parent's unborn child.

    Due today, or on the day of legal advice where one is planned; legal advice that was given, or
    a step, says that it was held.
    """
    advice = x.request.legal_advice_on
    if not (_pregnant(x) and _worries(x.request)) or x.done("legal_planning_meeting"):
        return None
    return None if advice is not None and advice <= x.as_of else advice or x.as_of


@task("PC-4.3a", REQUEST, "Ask the IRO to bring the parent's next review forward.", PARENTS)
def review_brought_forward(x: Subject) -> Days:
    """On a looked-after parent's pregnancy the IRO is asked to bring the next review forward.

    As soon as the pregnancy is known: due today, until the birth.
    """
    return x.as_of if _pregnant(x) else None


@task(
    "PC-4.3a",
    REQUEST,
    "Look with the fostering service at where parent and child can live: first whether the parent "
    "can stay with their current carers, and what training those need.",
    PARENTS,
)
def current_carer(x: Subject) -> Days:
    """On a looked-after parent's pregnancy the current carers, and the training they need, come first.

    As soon as the pregnancy is known: due today, until a placement is confirmed.
    """
    if x.confirmed or not _pregnant(x):
        return None
    return Due(x.as_of, f"Current carers: {x.own_carers}." if x.own_carers else "")


@task("PC-4.1d", REQUEST, "Give advice on services and benefits, with midwife or health visitor.", PARENTS)  # fmt: skip
def services_and_benefits(x: Subject) -> Days:
    """A looked-after parent gets advice on services and benefits, and support from the network.

    No day is set: due today while the child is not born, else by the start of the placement; after
    that it is part of the parent's reviews.
    """
    if not x.request.a_parent_is_looked_after or x.started:
        return None
    return x.as_of if x.unborn else x.before_start


# --- Placement with parents: what is due before it ----------------------------------------------


@task("PWP-1f", REQUEST, "Take the plan to the child's review, and discuss the change with the IRO.", CHILDS)  # fmt: skip
def plan_with_the_iro(x: Subject) -> Days:
    """Under a care order the return is part of the child's review, and discussed with the IRO.

    Due by the last working day before the start; the IRO's recorded view says that it was done.
    """
    return x.before_start if x.care_order and not x.done("reviewing_officer_view") else None


def _to_be_assessed(x: Subject) -> bool:
    approved = x.request.placement_with_parents == "approved"
    return x.care_order and not approved and not x.done("placement_with_parents_assessment")


@task("PWP-2b", REQUEST, "Consult, and ask for the agency checks: 45 days count from then.", CHILDS)
def checks_requested(x: Subject) -> Days:
    """The placement with parents assessment begins with the consultation and request for checks.

    Due today, until the day of the request is recorded.
    """
    asked = x.request.checks_requested_on is not None or x.done("checks_attached")
    return x.as_of if _to_be_assessed(x) and not asked else None


@task("PWP-2c", REQUEST, "Agree the return in the interim, or end it.", HEAD)
def interim_agreement(x: Subject) -> Days:
    """After an unplanned return the Head of Service is asked to agree in the interim.

    Due today, until the agreement is recorded.
    """
    unplanned = x.care_order and x.request.placement_with_parents == "interim"
    return x.as_of if unplanned and not _agreed(x) and not x.done("head_of_service") else None


def _agreed(x: Subject) -> date | None:
    day = x.request.head_of_service_on
    return day if day is not None and day <= x.as_of else None


@task("PWP-2b, PWP-2c", REQUEST, "Complete the placement with parents assessment.", CHILDS)
def with_parents_assessment(x: Subject) -> Days:
    """It is complete within 45 days of the request for checks, within ten of an unplanned return.

    The ten days count from the return, or from the interim agreement where that was earlier; where
    neither is recorded, from today.
    """
    if not _to_be_assessed(x):
        return None
    asked, ten = x.request.checks_requested_on, None
    if x.request.placement_with_parents == "interim":
        returned = [day for day in (x.start if x.started else None, _agreed(x)) if day]
        ten = min(returned, default=x.as_of) + timedelta(days=x.number("unplanned_return_days"))
    by_checks = None if asked is None else asked + timedelta(days=x.number("assessment_days"))
    return earliest(("PWP-2c", ten), ("PWP-2b", by_checks))


@task("PWP-2g", REQUEST, "Explain the decision to the child; offer an advocate where it helps.", CHILDS)  # fmt: skip
def explained_to_the_child(x: Subject) -> Days:
    """The decision on a placement with parents is explained to the child, with an advocate's help.

    Due by the last working day before the start. No table records it: it stays in the list until
    the child's first review, which sees to it from then on.
    """
    if not x.care_order or _reviewed(x):
        return None
    return x.before_start


# --- Before a placement starts ------------------------------------------------------------------


@task("PC-6.2b", BEFORE, "Let the parent visit the household and meet the carers.", CHILDS)
def visit_before(x: Subject) -> Days:
    """Where possible the parent visits the placement and meets the carers before it starts.

    Due by the last working day before the start; after it there is nothing left to visit.
    """
    return None if x.started else x.before_start


@task(
    "PC-6.2b",
    BEFORE,
    "Bring the carers together with both social workers, on the purpose and the carers' role.",
    SUPERVISING,
)
def carers_meet(x: Subject) -> Days:
    """The carers meet the child's and their own social worker before the placement starts.

    Due by the last working day before; a step that the carers were told says that it was done.
    """
    return None if x.done("carers_briefed") else x.before_start


@task(
    "PC-6.3c",
    BEFORE,
    "Hold the placement agreement meeting, record it, and give the record to all who attended.",
    CHILDS,
)
def agreement_meeting(x: Subject) -> Days:
    """A placement agreement meeting is held and recorded, in a voluntary arrangement too.

    Due by the last working day before the start. A signed plan says that it was held.
    """
    return None if _agreement(x) else x.before_start


def _agreement(x: Subject) -> bool:
    return x.done("placement_meeting", "placement_plan")


def _reviewed(x: Subject) -> bool:
    """Whether the day of the child's first review, or of the parent's, is past."""
    found = [each.day for each in (_child_first(x), _parent_first(x)) if each is not None]
    return x.started and bool(found) and min(found) < x.as_of


@task("PC-6.4a", BEFORE, "Agree how often the arrangement is reviewed.", CHILDS)
def review_frequency(x: Subject) -> Days:
    """How often the arrangement is reviewed is decided at the outset.

    Due with the placement agreement meeting: that, or the signed plan, says that it was done.
    """
    return None if _agreement(x) else x.before_start


@task("PC-6.4c", BEFORE, "Agree how the parent and the carers can bring a review forward.", CHILDS)
def reviews_on_request(x: Subject) -> Days:
    """The parent and the carers can bring a review forward.

    Due with the placement agreement meeting: that, or the signed plan, says that it was done.
    """
    return None if _agreement(x) else x.before_start


@task("PC-6.4d", BEFORE, "Decide whether parent and child have one review or two.", IRO)
def combined_reviews(x: Subject) -> Days:
    """Where parent and child are both looked after, the IRO decides on combined or separate reviews.

    Due by the last working day before the start. No table records it: it stays in the list until
    the first of the reviews.
    """
    both = x.request.child_looked_after and x.request.a_parent_is_looked_after
    return x.before_start if both and not _reviewed(x) else None


@task(
    "PC-6.5a",
    BEFORE,
    "Agree how, by whom and when the outcome is decided, and who tells the parent.",
    CHILDS,
)
def ending_agreed(x: Subject) -> Days:
    """An assessment has a planned ending that is agreed in advance.

    Due with the placement agreement meeting: a signed plan says that it was done.
    """
    if x.request.purpose != "assessment" or x.done("placement_plan"):
        return None
    return Due(x.before_start, f"Planned end: {written(x.end)}." if x.end else "")


# --- Reviews and visits -------------------------------------------------------------------------


def _child_first(x: Subject) -> Due | None:
    """The child's first review: the earlier of what the law and the policy on returns ask."""
    weekdays = x.law("first_review_working_days")
    home = timedelta(days=x.number("return_review_days"))
    return earliest(
        ("PWP-3c", x.child_from + home if x.care_order else None),
        ("LAW-review", x.days.after(x.child_from, weekdays) if weekdays else None),
    )


def _parent_first(x: Subject) -> Due | None:
    weekdays = x.law("first_review_working_days")
    return Due(x.days.after(x.start, weekdays), clause="LAW-review") if weekdays else None


def _series(x: Subject, first: Due | None) -> list[Due]:
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


@task("LAW-review, PWP-3c", RUNNING, "Hold the child's looked-after review.", IRO)
def child_review(x: Subject) -> Days:
    """A looked-after child is reviewed within 20 working days, then in 3, then every 6 months.

    After a return under a care order the first one is due within 20 days. All count from the start
    of the placement, or from the birth; the second and later ones from the last day for the first.
    """
    if not x.request.child_looked_after:
        return None
    reviews = _series(x, _child_first(x))
    return tuple(Due(each.day, x.from_birth(each.note), each.clause) for each in reviews)


@task("LAW-review, PC-6.4d", RUNNING, "Hold the parent's looked-after review; look at the parent's own needs.", IRO)  # fmt: skip
def parent_review(x: Subject) -> Days:
    """A looked-after parent has reviews that look at the parent's own needs.

    They count from the start of the placement: when the last one was held is in no table.
    """
    if not x.request.a_parent_is_looked_after:
        return None
    reviews = _series(x, _parent_first(x))
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
    begins, first = x.child_from, _child_first(x)
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
    return next((d.day for d in _series(x, _child_first(x)) if d.day >= x.as_of), None)


@task("PWP-3f", RUNNING, "Review the arrangement at Legal Gateway or Permanence Panel.", CHILDS)
def panel_review(x: Subject) -> Days:
    """Legal Gateway or Permanence Panel reviews a placement with parents at least once a year."""
    if not x.care_order:
        return None
    months = x.number("panel_months")
    day = next_by_months(months_after(x.child_from, months), months, x.as_of)
    return Due(day, x.from_birth(f"At least every {count(months, 'month')}."))


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
    return next((d.day for d in _series(x, _parent_first(x)) if d.day >= x.as_of), None)


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


TASKS: tuple[Task, ...] = (
    placement_found,
    pre_birth_assessment,
    antenatal_care,
    child_protection,
    legal_planning_meeting,
    review_brought_forward,
    current_carer,
    services_and_benefits,
    plan_with_the_iro,
    checks_requested,
    interim_agreement,
    with_parents_assessment,
    explained_to_the_child,
    visit_before,
    carers_meet,
    agreement_meeting,
    review_frequency,
    reviews_on_request,
    combined_reviews,
    ending_agreed,
    child_review,
    parent_review,
    child_visit,
    parent_visit,
    adult_joins,
    panel_review,
    outcome_decided,
    transition,
    pathway_plan,
    staying_put,
    planned_end,
)


def entries(inputs: Inputs, policy: Policy, planned: Mapping[str, Planned]) -> list[Entry]:
    """The calendar of a round: every dated task, what is overdue first, then by day."""
    return agenda.entries(TASKS, inputs, policy, planned)
