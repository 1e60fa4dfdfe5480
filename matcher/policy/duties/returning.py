"""Duties of a placement with parents: a child under a care order who goes to live with a parent."""

from __future__ import annotations

from datetime import date, timedelta

from matcher.policy.duties.form import (
    HEAD_OF_SERVICE,
    REVIEWING_OFFICER,
    TEAM_MANAGER,
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
from matcher.words import long_date

NO_CARE_ORDER = not_needed("The child is not under a care order.")
APPROVED = not_needed("The placement with parents assessment is approved.")
CARE_ORDER, INTERIM, AGREED = "care_order", "interim", ("approved", "interim")


@duty(
    "PWP-2b",
    "Consult, and ask for the agency checks: the time for the assessment counts from then.",
)
def checks_requested(
    child_legal_status: str,
    placement_with_parents: str | None,
    checks_requested_on: date | None,
    checks_requested: bool,
    received_on: date,
) -> Standing:
    """The placement with parents assessment begins with the consultation and request for checks.

    As soon as it is known: due on the day of the request.
    """
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    if checks_requested:
        return done("The checks were requested.")
    if placement_with_parents == "approved":
        return APPROVED
    if checks_requested_on is None:
        return not_recorded("A day on which checks were requested", received_on)
    evidence = f"Checks are to be requested on {long_date(checks_requested_on)}."
    return to_do(evidence, checks_requested_on)


@duty("PWP-2e", "Attach the agency checks and consultations to the assessment.", holds=True)
def checks_attached(
    child_legal_status: str, checks_requested_on: date | None, checks_requested: bool
) -> Standing:
    """Under a care order, agency checks and consultations are attached to the assessment."""
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    if checks_requested_on is None:
        return not_recorded("A day on which checks were requested")
    day = long_date(checks_requested_on)
    if not checks_requested:
        return to_do(f"Checks are to be requested on {day}.")
    return to_do(f"Checks were requested on {day}; none is recorded as attached.")


@duty("PWP-1e, PWP-2d, PWP-2f", "Complete the placement with parents assessment.", holds=True)
def placement_with_parents_assessment(
    child_legal_status: str,
    placement_with_parents: str | None,
    checks_requested_on: date | None,
    head_of_service_agreed: bool,
    head_of_service_on: date | None,
    started_on: date | None,
    before_start: date | None,
    assessment_days: int,
    unplanned_return_days: int,
) -> Standing:
    """Under a care order, the placement with parents assessment is complete and approved.

    It is due before the start, and within so many days of the request for checks; after an
    unplanned return, within so many of the return, or of the agreement where that was earlier.
    """
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    if placement_with_parents == "approved":
        return done("The placement with parents assessment is approved.")
    checks = checks_requested_on and checks_requested_on + timedelta(days=assessment_days)
    if placement_with_parents != INTERIM:
        due, clause = earliest(("PWP-1e", before_start), ("PWP-2b", checks))
        return to_do("The placement with parents assessment is not approved.", due, clause=clause)
    agreed_on = head_of_service_on if head_of_service_agreed else None
    returned = min((day for day in (started_on, agreed_on) if day), default=None)
    ten = returned and returned + timedelta(days=unplanned_return_days)
    due, clause = earliest(("PWP-2c", ten), ("PWP-2b", checks))
    evidence = "The agreement is interim, for an unplanned return: the assessment follows."
    if due is None:  # then before the start, as all that holds
        return to_do(f"{evidence} The day of the return is not recorded.", clause="PWP-2c")
    return to_do(evidence, due, clause=clause)


def _view(child_legal_status: str, whose: str) -> Standing:
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    return not_recorded(f"The {whose}'s view")


@duty("PWP-2a", "Give a view for the placement with parents assessment.", TEAM_MANAGER, holds=True)
def team_manager_view(child_legal_status: str) -> Standing:
    """Under a care order, the assessment has the team manager's view."""
    return _view(child_legal_status, TEAM_MANAGER)


@duty("PWP-2a", "Give a view for the placement with parents assessment.", REVIEWING_OFFICER, holds=True)  # fmt: skip
def reviewing_officer_view(child_legal_status: str) -> Standing:
    """Under a care order, the assessment has the independent reviewing officer's view."""
    return _view(child_legal_status, REVIEWING_OFFICER)


@duty("PWP-1e, PWP-2a", "Ask the Head of Service to agree.", HEAD_OF_SERVICE, holds=True)
def head_of_service(
    child_legal_status: str,
    placement_with_parents: str | None,
    head_of_service_on: date | None,
    head_of_service_agreed: bool,
    received_on: date,
) -> Standing:
    """Under a care order, the Head of Service has agreed.

    After an unplanned return in the interim: at once, so due on the day of the request.
    """
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    if placement_with_parents not in AGREED:
        return to_do("The placement with parents assessment is not approved.", firm=True)
    standing = by_day(head_of_service_on, head_of_service_agreed, "the Head of Service's agreement")
    if placement_with_parents == INTERIM and not head_of_service_agreed:
        action = "Agree the return in the interim, or end it."
        return to_do(standing.evidence, received_on, clause="PWP-1e, PWP-2c", action=action)
    return standing


@duty(
    "PWP-1f",
    "Take the plan to the child's review, and discuss the change with the IRO.",
    settled_by=("reviewing_officer_view",),
)
def plan_with_the_iro(child_legal_status: str, before_start: date | None) -> Standing:
    """Under a care order the return is part of the child's review, and discussed with the IRO."""
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    return not_recorded("A discussion with the IRO", before_start)


@duty("PWP-2g", "Explain the decision to the child; offer an advocate where it helps.")
def explained_to_the_child(child_legal_status: str, before_start: date | None) -> Standing:
    """The decision on a placement with parents is explained to the child, with an advocate's help."""
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    return not_recorded("That it was explained to the child", before_start)


@duty("PWP-3e", "Bring the assessment up to date for the second parent, with checks.", holds=True)
def adult_joins(
    child_legal_status: str, second_parent_comes: bool, has_placement: bool
) -> Standing:
    """Under a care order, the assessment covers every adult who joins the family, with checks."""
    if child_legal_status != CARE_ORDER:
        return NO_CARE_ORDER
    if second_parent_comes:
        return not_recorded("That the assessment covers the second parent, with checks,")
    if not has_placement:
        return not_needed("No second parent comes.")
    return ask(
        "Whether an adult has joined the family is not recorded.",
        "Ask at each review whether an adult has joined the family; if so, update the assessment, "
        "with checks.",
        holds=False,
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
)
