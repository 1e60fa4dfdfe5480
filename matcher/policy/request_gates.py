"""The gates of a request: what must be settled before a match is confirmed, whatever the home."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from matcher.codes import CONCERNS, RISK_AREAS
from matcher.policy.gate import (
    MET,
    NOT_NEEDED,
    OPEN,
    REVIEWING_OFFICER,
    TEAM_MANAGER,
    Gate,
    Standing,
    done,
    not_recorded,
    request_gate,
)
from matcher.policy.request_record import WORDS
from matcher.policy.screening import ADULT
from matcher.words import and_list, coded, count, label, long_date

VOLUNTARY = ("not_looked_after", "s20")
NO_CARE_ORDER = Standing(NOT_NEEDED, "The child is not under a care order.")
NOBODY_LOOKED_AFTER = Standing(NOT_NEEDED, "No parent is looked after.")
AGREED = ("approved", "interim")


@request_gate("PC-3.3b", "Complete the record, and talk it through with the Resource team.")
def request_record(blank_columns: tuple[str, ...]) -> Standing:
    """The request record is complete and was discussed by telephone."""
    risks = [f"risk_{area}" for area in RISK_AREAS]
    areas = [column for column in blank_columns if column in risks]
    named = [WORDS[column] for column in blank_columns if column not in risks]
    if areas:
        named.append(f"the assessed risk in {count(len(areas), 'area')}")
    said = f"It does not yet say: {and_list(named)}." if named else "The record is complete."
    return not_recorded(f"{said} A discussion by telephone")


@request_gate("PC-3.1j", "Assess the risk of the case before a fostering household is decided on.")
def case_risk_assessment() -> Standing:
    """The case is risk assessed: parenting capacity, child protection and legal status."""
    return not_recorded("A risk assessment of the case")


@request_gate("PC-3.1a", "Settle the recorded concern with the Resource team.")
def fostering_concerns(
    fostering_concerns: tuple[str, ...], resource_team_decision: str | None
) -> Standing:
    """A recorded concern about fostering is settled with the Resource team."""
    if not fostering_concerns:
        return Standing(NOT_NEEDED, "No concern about fostering is recorded.")
    letters = ["abcdefgh"[CONCERNS.index(each)] for each in fostering_concerns]
    clause = ", ".join(f"PC-3.1{letter}" for letter in sorted(letters))
    said = f"Recorded: {coded(fostering_concerns)}."
    if resource_team_decision == "foster":
        decided = f"{said} The Resource team has decided for a fostering household."
        return Standing(MET, decided, clause)
    return Standing(OPEN, said, clause)


@request_gate("PC-3.1i", "Talk with the parent about what would help them engage.")
def engagement(engagement: str | None, resource_team_decision: str | None) -> Standing:
    """The parent's engagement is known, and does not stand in the way."""
    if engagement is None:
        return not_recorded("The parent's engagement")
    recorded = f"Engagement is recorded as {engagement}."
    if engagement == "refusing" and resource_team_decision != "foster":
        return Standing(OPEN, recorded)
    return Standing(MET, recorded)


@request_gate("PC-2.1, PC-2.2", "Ask the parent whether they agree, and record the answer.")
def consent(child_legal_status: str, parent_agrees: bool | None) -> Standing:
    """A voluntary arrangement has the parent's consent."""
    if child_legal_status not in VOLUNTARY:
        return Standing(NOT_NEEDED, "The arrangement does not rest on consent.")
    if parent_agrees is None:
        return Standing(OPEN, "It is not known whether the parent agrees.")
    if not parent_agrees:
        return Standing(OPEN, "The parent does not agree.", firm=True)
    return Standing(MET, "The parent agrees.")


def _before_proceedings(purpose: str, child_legal_status: str) -> bool:
    """Whether the placement is for an assessment before care proceedings."""
    return purpose == "assessment" and child_legal_status in VOLUNTARY


@request_gate("PC-3.2b", "Ask for legal advice and record the day.")
def legal_advice(
    purpose: str,
    child_legal_status: str,
    nobody_looked_after: bool,
    court_directed: bool | None,
    parent_age: int,
    parent_looked_after: bool,
    legal_advice_on: date | None,
    legal_advice_given: bool,
) -> Standing:
    """Legal advice is taken before arrangements are agreed."""
    undirected = child_legal_status == "interim_care_order" and court_directed is not True
    clauses = [
        clause
        for clause, applies in (
            ("PC-3.2b", _before_proceedings(purpose, child_legal_status)),
            ("PC-3.2a", nobody_looked_after),
            ("PWP-1d", undirected),
            ("PC-2.1", parent_age < ADULT and not parent_looked_after),
        )
        if applies
    ]
    if legal_advice_on is None and not clauses:
        return Standing(NOT_NEEDED, "The placement is not part of pre-proceedings.")
    standing = done(legal_advice_on, legal_advice_given, "legal advice")
    return replace(standing, clause=", ".join(clauses) or None)


@request_gate("PC-3.2b", "Hold the legal planning meeting.")
def legal_planning_meeting(purpose: str, child_legal_status: str) -> Standing:
    """Before proceedings, a legal planning meeting was held."""
    if not _before_proceedings(purpose, child_legal_status):
        return Standing(NOT_NEEDED, "The placement is not part of pre-proceedings.")
    return not_recorded("A legal planning meeting")


@request_gate("PC-2.4b, PC-4.1e", "Complete the pre-birth assessment.")
def pre_birth_assessment(
    pre_birth_assessment: str | None, unborn: bool, child_born_or_due_on: date
) -> Standing:
    """A pre-birth assessment that is expected is done."""
    state = pre_birth_assessment
    if state == "not_needed" or (state is None and not unborn):
        return Standing(NOT_NEEDED, "The child is born, or no assessment is needed.")
    if state == "done":
        return Standing(MET, "The pre-birth assessment is done.")
    said = "not recorded" if state is None else label(state)
    if not unborn:
        return Standing(OPEN, f"The pre-birth assessment is {said}, and the child is born.")
    planned = f"Birth is planned for {long_date(child_born_or_due_on)}."
    evidence = f"The pre-birth assessment is {said}. {planned}"
    return Standing(OPEN, evidence, no_later_than=child_born_or_due_on)


@request_gate(
    "PC-4.1e", "Decide, on the pre-birth assessment, whether the child can be placed too."
)
def placing_child_with_parent(a_parent_is_looked_after: bool) -> Standing:
    """It is decided that the child can be placed with a parent who is looked after."""
    if not a_parent_is_looked_after:
        return NOBODY_LOOKED_AFTER
    return not_recorded("The decision that parent and child can be placed together")


@request_gate("PC-5.3a", "Assess the areas of risk that are not yet assessed.")
def risks_known(risks_not_assessed: tuple[str, ...]) -> Standing:
    """What the parents may present is assessed in all nine areas."""
    if not risks_not_assessed:
        return Standing(MET, "All nine areas are assessed.")
    return Standing(OPEN, f"Not assessed: {coded(risks_not_assessed)}.")


@request_gate("PC-5.3d", "Assess the risk from the partner and the wider family.")
def partner_and_family_risk() -> Standing:
    """The risk from the parent's partner and wider family is assessed."""
    return not_recorded("An assessment of the partner and the wider family")


@request_gate("PC-5.3d", "Decide whether the address is to be withheld, and from whom.")
def address(withhold_address: bool | None) -> Standing:
    """It is decided whether the placement's address is withheld."""
    if withhold_address is None:
        return Standing(OPEN, "It is not known whether the address must be withheld.")
    return Standing(
        MET, "The address is withheld." if withhold_address else "It need not be withheld."
    )


@request_gate("LAW-dbs", "Check the adult parents, who count as members of the household.")
def adult_checks(adult_checks_required: bool, adult_parents: int) -> Standing:
    """Parents of 18 and over who come are checked as members of the household."""
    if not adult_checks_required:
        return Standing(NOT_NEEDED, "The policy in use asks for no checks on adult parents.")
    if not adult_parents:
        return Standing(NOT_NEEDED, "No parent who comes is 18 or over.")
    come = "comes" if adult_parents == 1 else "come"
    who = count(adult_parents, "adult parent")
    return Standing(OPEN, f"{who} {come}. No checks are recorded.")


@request_gate("PWP-1e, PWP-2d, PWP-2f", "Complete the placement with parents assessment.")
def placement_with_parents_assessment(
    child_legal_status: str, placement_with_parents: str | None
) -> Standing:
    """Under a care order, the placement with parents assessment is complete and approved."""
    if child_legal_status != "care_order":
        return NO_CARE_ORDER
    if placement_with_parents == "approved":
        return Standing(MET, "The placement with parents assessment is approved.")
    if placement_with_parents == "interim":
        evidence = "The agreement is interim, for an unplanned return: the assessment follows."
        return Standing(OPEN, evidence, "PWP-2c")
    return Standing(OPEN, "The placement with parents assessment is not approved.")


@request_gate("PWP-1e, PWP-2a", "Ask the Head of Service to agree.", "Head of Service")
def head_of_service(
    child_legal_status: str,
    placement_with_parents: str | None,
    head_of_service_on: date | None,
    head_of_service_agreed: bool,
) -> Standing:
    """Under a care order, the Head of Service has agreed."""
    if child_legal_status != "care_order":
        return NO_CARE_ORDER
    if placement_with_parents not in AGREED:
        evidence = "The placement with parents assessment is not approved."
        return Standing(OPEN, evidence, firm=True)
    return done(head_of_service_on, head_of_service_agreed, "the Head of Service's agreement")


def _view(child_legal_status: str, whose: str) -> Standing:
    if child_legal_status != "care_order":
        return NO_CARE_ORDER
    return not_recorded(f"The {whose}'s view")


@request_gate("PWP-2a", "Give a view for the placement with parents assessment.", TEAM_MANAGER)
def team_manager_view(child_legal_status: str) -> Standing:
    """Under a care order, the assessment has the team manager's view."""
    return _view(child_legal_status, TEAM_MANAGER)


@request_gate("PWP-2a", "Give a view for the placement with parents assessment.", REVIEWING_OFFICER)
def reviewing_officer_view(child_legal_status: str) -> Standing:
    """Under a care order, the assessment has the independent reviewing officer's view."""
    return _view(child_legal_status, REVIEWING_OFFICER)


@request_gate("PWP-2e", "Attach the agency checks and consultations to the assessment.")
def checks_attached(
    child_legal_status: str, checks_requested_on: date | None, checks_requested: bool
) -> Standing:
    """Under a care order, agency checks and consultations are attached to the assessment."""
    if child_legal_status != "care_order":
        return NO_CARE_ORDER
    if checks_requested_on is None:
        evidence = "No day is recorded on which checks were requested."
        return Standing(OPEN, evidence, unrecorded=True)
    day = long_date(checks_requested_on)
    if not checks_requested:
        return Standing(OPEN, f"Checks are to be requested on {day}.")
    return Standing(OPEN, f"Checks were requested on {day}; none is recorded as attached.")


@request_gate("PWP-3e", "Bring the assessment up to date for the second parent, with checks.")
def adult_joins(child_legal_status: str, second_parent_comes: bool) -> Standing:
    """Under a care order, the assessment covers every adult who joins the family, with checks."""
    if child_legal_status != "care_order":
        return NO_CARE_ORDER
    if not second_parent_comes:
        return Standing(NOT_NEEDED, "No second parent comes.")
    return not_recorded("That the assessment covers the second parent, with checks,")


REQUEST_GATES: tuple[Gate, ...] = (
    request_record,
    case_risk_assessment,
    fostering_concerns,
    engagement,
    consent,
    legal_advice,
    legal_planning_meeting,
    pre_birth_assessment,
    placing_child_with_parent,
    risks_known,
    partner_and_family_risk,
    address,
    adult_checks,
    placement_with_parents_assessment,
    head_of_service,
    team_manager_view,
    reviewing_officer_view,
    checks_attached,
    adult_joins,
)
