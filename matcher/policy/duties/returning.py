"""Duties of a placement with parents: under a care order, or an interim one to which it applies."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from matcher.policy.duties.form import (
    HEAD_OF_SERVICE,
    REVIEWING_OFFICER,
    SOCIAL_WORKER,
    TEAM_MANAGER,
    UNKNOWN,
    Standing,
    ask,
    by_day,
    done,
    duty,
    earliest,
    not_needed,
    not_recorded,
    to_do,
)
from matcher.words import count, long_date

APPLIES, INTERIM, AGREED = "applies", "interim", ("approved", "interim")
DOES_NOT_APPLY = {
    "no_order": not_needed("The child is not under a care order."),
    "emergency_protection": not_needed(
        "The child is under emergency protection, which is never placement with parents."
    ),
    "directed": not_needed(
        "The court directed the placement, s38(6): placement with parents does not apply."
    ),
    "by_advice": not_needed("By legal advice placement with parents does not apply."),
    "not_known": ask(
        "It is not known whether placement with parents applies to the interim care order.",
        "Ask the council's lawyer whether placement with parents applies, and whether the court "
        "directs the placement.",
        SOCIAL_WORKER,
    ),
}
APPROVED = not_needed("The placement with parents assessment is approved.")
INTERIM_FIRST = "Ask the Head of Service for the interim agreement now"
RECORD_THE_RETURN = "record the day of the return (returned_home in events)"


def without_return(with_parents: str) -> Standing | None:
    """What to say where placement with parents does not apply or nobody knows; None where it does."""
    return DOES_NOT_APPLY.get(with_parents)


def _returned(placement_with_parents: str | None, returned_home_on: date | None) -> bool:
    """Whether the child returned, or may have, before the assessment: unplanned (PWP-2c)."""
    interim = placement_with_parents == INTERIM
    return interim or (returned_home_on is not None and placement_with_parents != "approved")


@duty(
    "PWP-2b",
    "Consult, and ask for the agency checks: the time for the assessment counts from then.",
    in_staying_put=True,
)
def checks_requested(
    with_parents: str,
    placement_with_parents: str | None,
    checks_requested_on: date | None,
    checks_requested: bool,
    received_on: date,
) -> Standing:
    """The placement with parents assessment begins with the consultation and request for checks.

    As soon as it is known: due on the day of the request.
    """
    if (other := without_return(with_parents)) is not None:
        return other
    if checks_requested:
        return done("The checks were requested.")
    if placement_with_parents == "approved":
        return APPROVED
    if checks_requested_on is None:
        return not_recorded("A day on which checks were requested", received_on)
    evidence = f"Checks are to be requested on {long_date(checks_requested_on)}."
    return to_do(evidence, checks_requested_on)


@duty(
    "PWP-2e",
    "Attach the agency checks and consultations to the assessment.",
    holds=True,
    in_staying_put=True,
)
def checks_attached(
    with_parents: str,
    checks_requested_on: date | None,
    checks_requested: bool,
    unplanned_return_by: date | None,
) -> Standing:
    """Agency checks and consultations are attached to the placement with parents assessment.

    After an unplanned return they are due with the assessment.
    """
    if (other := without_return(with_parents)) is not None:
        return other
    due = unplanned_return_by
    if checks_requested_on is None:
        return not_recorded("A day on which checks were requested", due)
    day = long_date(checks_requested_on)
    if not checks_requested:
        return to_do(f"Checks are to be requested on {day}.", due)
    return to_do(f"Checks were requested on {day}; none is recorded as attached.", due)


@duty(
    "PWP-1e, PWP-2d, PWP-2f",
    "Complete the placement with parents assessment.",
    holds=True,
    in_staying_put=True,
)
def placement_with_parents_assessment(
    with_parents: str,
    placement_with_parents: str | None,
    checks_requested_on: date | None,
    head_of_service_agreed: bool,
    returned_home_on: date | None,
    return_counts_from: date | None,
    returned_until: date | None,
    recorded_start: date | None,
    before_start: date | None,
    assessment_days: int,
    unplanned_return_days: int,
) -> Standing:
    """The placement with parents assessment is complete and approved.

    It is due before a planned start, and within so many days of the request for checks; after an
    unplanned return, within so many of the return, which is the recorded one, else the start.
    """
    if (other := without_return(with_parents)) is not None:
        return other
    if placement_with_parents == "approved":
        return done("The placement with parents assessment is approved.")
    checks = checks_requested_on and checks_requested_on + timedelta(days=assessment_days)
    interim = placement_with_parents == INTERIM
    if not _returned(placement_with_parents, returned_home_on):
        due, clause = earliest(("PWP-1e", before_start), ("PWP-2b", checks))
        return to_do("The placement with parents assessment is not approved.", due, clause=clause)
    ten = return_counts_from and return_counts_from + timedelta(days=unplanned_return_days)
    planned = None if interim or recorded_start is None else before_start
    due, clause = earliest(("PWP-1e", planned), ("PWP-2c", ten), ("PWP-2b", checks))
    if interim:
        still = ", if the child still lives with the parent" if returned_until else ""
        days = count(unplanned_return_days, "day")
        evidence = (
            f"The agreement is interim; its assessment is due {days} after the return{still}."
        )
    else:
        evidence = "The child is recorded as returned, and the assessment is not approved."
    if return_counts_from is not None:
        stay = f", the start of a placement that ended on {long_date(returned_until)}" if returned_until else ""  # fmt: skip
        counts = f"The return counts from {long_date(return_counts_from)}{stay}."
        return to_do(f"{evidence} {counts}", due, clause=clause)
    asks = f"{INTERIM_FIRST}, and {RECORD_THE_RETURN}"
    if head_of_service_agreed:
        asks = f"{RECORD_THE_RETURN[0].upper()}{RECORD_THE_RETURN[1:]}"
    asks = f"{asks}: the time for the assessment counts from then."
    # Without any day it is due before the start, as all that holds.
    standing = ask(f"{evidence} The day of the return is not recorded.", asks, SOCIAL_WORKER, due)
    return replace(standing, clause=clause or "PWP-2c")


def _view(with_parents: str, whose: str, due: date | None) -> Standing:
    """A view in the assessment; after an unplanned return it is due with that."""
    return without_return(with_parents) or not_recorded(f"The {whose}'s view", due)


@duty(
    "PWP-2a",
    "Give a view for the placement with parents assessment.",
    TEAM_MANAGER,
    holds=True,
    in_staying_put=True,
)
def team_manager_view(with_parents: str, unplanned_return_by: date | None) -> Standing:
    """The placement with parents assessment has the team manager's view."""
    return _view(with_parents, TEAM_MANAGER, unplanned_return_by)


@duty("PWP-2a", "Give a view for the placement with parents assessment.", REVIEWING_OFFICER, holds=True, in_staying_put=True)  # fmt: skip
def reviewing_officer_view(with_parents: str, unplanned_return_by: date | None) -> Standing:
    """The placement with parents assessment has the independent reviewing officer's view."""
    return _view(with_parents, REVIEWING_OFFICER, unplanned_return_by)


@duty(
    "PWP-1e, PWP-2a",
    "Ask the Head of Service to agree.",
    HEAD_OF_SERVICE,
    holds=True,
    in_staying_put=True,
)
def head_of_service(
    with_parents: str,
    placement_with_parents: str | None,
    head_of_service_on: date | None,
    head_of_service_agreed: bool,
    returned_home_on: date | None,
    return_counts_from: date | None,
    received_on: date,
) -> Standing:
    """The Head of Service has agreed to a placement with parents.

    After an unplanned return in the interim: due at the return; where its day is not recorded, at
    once, on the day of the request.
    """
    if (other := without_return(with_parents)) is not None:
        return other
    agreed = placement_with_parents in AGREED
    standing = by_day(head_of_service_on, head_of_service_agreed, "the Head of Service's agreement")
    if _returned(placement_with_parents, returned_home_on) and not head_of_service_agreed:
        action = "Agree the return in the interim, or end it"
        if return_counts_from is None:
            action = f"{action}; {RECORD_THE_RETURN}"
        return to_do(
            standing.evidence,
            return_counts_from or received_on,
            clause="PWP-1e, PWP-2c",
            action=f"{action}.",
            firm=not agreed,
        )
    if not agreed:
        return to_do("The placement with parents assessment is not approved.", firm=True)
    return standing


@duty(
    "PWP-1f",
    "Take the plan to the child's review, and discuss the change with the independent "
    "reviewing officer (IRO).",
    settled_by=("reviewing_officer_view",),
    in_staying_put=True,
)
def plan_with_the_iro(
    with_parents: str, before_start: date | None, unplanned_return_by: date | None
) -> Standing:
    """A return to a parent is part of the child's review, and discussed with the reviewing officer."""
    discussed = not_recorded(
        "A discussion with the independent reviewing officer (IRO)",
        unplanned_return_by or before_start,
    )
    return without_return(with_parents) or discussed


@duty(
    "PWP-2g",
    "Explain the decision to the child; offer an advocate where it helps.",
    in_staying_put=True,
)
def explained_to_the_child(
    with_parents: str, before_start: date | None, unplanned_return_by: date | None
) -> Standing:
    """The decision on a placement with parents is explained to the child, with an advocate's help."""
    due = unplanned_return_by or before_start
    explained = not_recorded("That it was explained to the child", due)
    return without_return(with_parents) or explained


@duty("PWP-3e", "Bring the assessment up to date for the adult who joins, with checks.", holds=True, recurs=True, in_staying_put=True)  # fmt: skip
def adult_joins(
    with_parents: str,
    second_parent_comes: bool,
    has_placement: bool,
    adult_joined_on: date | None,
    child_reviewed_on: date | None,
    held_on: date | None,
) -> Standing:
    """The placement with parents assessment covers every adult who joins the family, with checks.

    Due on the day on which an adult is recorded to have joined; asked again at each review.
    """
    if (other := without_return(with_parents)) is not None:
        return other
    if adult_joined_on is not None and (held_on is None or held_on < adult_joined_on):
        joined = f"An adult joined the family on {long_date(adult_joined_on)}."
        return to_do(f"{joined} That the assessment covers them is not recorded.", adult_joined_on)
    if held_on is not None and (child_reviewed_on is None or held_on >= child_reviewed_on):
        return done(f"Recorded as done on {long_date(held_on)}.")
    if second_parent_comes and held_on is None:
        return not_recorded("That the assessment covers the second parent, with checks,")
    if not has_placement:
        return not_needed("No second parent comes.")
    return ask(
        "Whether an adult has joined the family is not recorded.",
        "Ask at each review whether an adult has joined the family; if so, record it (adult_joined in "
        "events) and bring the assessment up to date, with checks.",
        holds=False,
    )


@duty(
    "PWP-3f",
    "Consider in the assessment and the care plan whether to ask the court to revoke the care order.",
    settled_by=("panel_review",),
    in_staying_put=True,
)
def revocation_considered(
    with_parents: str,
    child_legal_status: str,
    before_start: date | None,
    unplanned_return_by: date | None,
) -> Standing:
    """Care planning and the assessment consider whether to seek revocation of the care order.

    A panel review that was held considered it.
    """
    if (other := without_return(with_parents)) is not None:
        return other
    if child_legal_status != "care_order":
        return not_needed(
            "The child is under an interim care order, which ends with the proceedings."
        )
    return not_recorded("That revocation was considered", unplanned_return_by or before_start)


EACH_ORDER = "under which order each of the children is"


@duty(
    "PWP-1a",
    "Record to whom the child goes (a parent, somebody with parental responsibility, or who held a "
    f"child arrangements or special guardianship order before the care order), and {EACH_ORDER}.",
    in_staying_put=True,
)
def adult_and_orders(with_parents: str, older_children: int) -> Standing:
    """It is known to whom a child under an order goes, and under which order each child is.

    No column asks: the status of the child is taken for all the children, and the adult for a parent.
    """
    siblings = "child_legal_status is one for all the children who come"
    other = without_return(with_parents)
    if other is None:
        said = f"No column asks who the adult is, taken to be a parent; {siblings}."
        return Standing(UNKNOWN, said)
    if not older_children:
        return other
    return ask(
        f"No column asks under which order the other children are; {siblings}.",
        f"Record {EACH_ORDER}: under a care order placement with parents applies to that child.",
    )


RETURNING = (
    checks_requested,
    checks_attached,
    placement_with_parents_assessment,
    team_manager_view,
    reviewing_officer_view,
    head_of_service,
    plan_with_the_iro,
    explained_to_the_child,
    adult_joins,
    revocation_considered,
    adult_and_orders,
)
