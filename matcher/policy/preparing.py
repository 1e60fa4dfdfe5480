"""Dated tasks before a placement: of every request, and of a household that is found for it.

What a step or a column says was done is left out.
"""

from __future__ import annotations

from datetime import date, timedelta

from matcher.intake.rows import Request
from matcher.policy import agenda
from matcher.policy.agenda import (
    BEFORE,
    INTERIM_ORDER,
    REQUEST,
    Days,
    Due,
    Subject,
    earliest,
    task,
)
from matcher.policy.forms import SUPERVISING
from matcher.policy.gate import REVIEWING_OFFICER as IRO
from matcher.policy.gate import SOCIAL_WORKER as CHILDS
from matcher.policy.reviews import PARENTS, reviewed
from matcher.policy.screening import ADVICE_NEEDS, ADVICE_RISKS
from matcher.words import count, long_date

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
    note = f"Birth is planned for {long_date(x.request.child_born_or_due_on)}."
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
    if not x.care_order or reviewed(x):
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
    return x.before_start if both and not reviewed(x) else None


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
    return Due(x.before_start, f"Planned end: {long_date(x.end)}." if x.end else "")
