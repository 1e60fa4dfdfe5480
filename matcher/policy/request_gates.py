"""The gates of a request: what must be settled before a match is confirmed, whatever the home."""

from __future__ import annotations

from matcher.codes import CONCERNS, RISK_AREAS
from matcher.intake.rows import Request
from matcher.policy.gate import (
    MET,
    NOT_NEEDED,
    OPEN,
    REVIEWING_OFFICER,
    TEAM_MANAGER,
    Gate,
    RequestCase,
    Standing,
    done,
    not_recorded,
    request_gate,
)
from matcher.policy.request_record import missing
from matcher.policy.screening import ADULT
from matcher.words import and_list, coded, count, label, long_date

VOLUNTARY = ("not_looked_after", "s20")
NO_CARE_ORDER = Standing(NOT_NEEDED, "The child is not under a care order.")
NOBODY_LOOKED_AFTER = Standing(NOT_NEEDED, "No parent is looked after.")
AGREED = ("approved", "interim")


@request_gate("PC-3.3b", "Complete the record, and talk it through with the Resource team.")
def request_record(asked: RequestCase) -> Standing:
    """The request record is complete and was discussed by telephone."""
    lacks = missing(asked.request, asked.inputs.as_of)
    risks = [f"the assessed risk of {label(area)}" for area in RISK_AREAS]
    areas = [label for label in lacks if label in risks]
    named = [label for label in lacks if label not in risks]
    if areas:
        named.append(f"the assessed risk in {count(len(areas), 'area')}")
    said = f"It does not yet say: {and_list(named)}." if named else "The record is complete."
    return Standing(OPEN, f"{said} A discussion by telephone is not recorded.")


@request_gate("PC-3.1j", "Assess the risk of the case before a fostering household is decided on.")
def case_risk_assessment(asked: RequestCase) -> Standing:
    """The case is risk assessed: parenting capacity, child protection and legal status."""
    return not_recorded("A risk assessment of the case")


@request_gate("PC-3.1a", "Settle the recorded concern with the Resource team.")
def fostering_concerns(asked: RequestCase) -> Standing:
    """A recorded concern about fostering is settled with the Resource team."""
    request = asked.request
    if not request.fostering_concerns:
        return Standing(NOT_NEEDED, "No concern about fostering is recorded.")
    letters = ["abcdefgh"[CONCERNS.index(each)] for each in request.fostering_concerns]
    clause = ", ".join(f"PC-3.1{letter}" for letter in sorted(letters))
    said = f"Recorded: {coded(request.fostering_concerns)}."
    if request.resource_team_decision == "foster":
        decided = f"{said} The Resource team has decided for a fostering household."
        return Standing(MET, decided, clause)
    return Standing(OPEN, said, clause)


@request_gate("PC-3.1i", "Talk with the parent about what would help them engage.")
def engagement(asked: RequestCase) -> Standing:
    """The parent's engagement is known, and does not stand in the way."""
    said = asked.request.engagement
    if said is None:
        return Standing(OPEN, "The parent's engagement is not recorded.")
    recorded = f"Engagement is recorded as {said}."
    if said == "refusing" and asked.request.resource_team_decision != "foster":
        return Standing(OPEN, recorded)
    return Standing(MET, recorded)


@request_gate("PC-2.1, PC-2.2", "Ask the parent whether they agree, and record the answer.")
def consent(asked: RequestCase) -> Standing:
    """A voluntary arrangement has the parent's consent."""
    request = asked.request
    if request.child_legal_status not in VOLUNTARY:
        return Standing(NOT_NEEDED, "The arrangement does not rest on consent.")
    if request.parent_agrees is None:
        return Standing(OPEN, "It is not known whether the parent agrees.")
    if not request.parent_agrees:
        return Standing(OPEN, "The parent does not agree.", firm=True)
    return Standing(MET, "The parent agrees.")


def _before_proceedings(request: Request) -> bool:
    """Whether the placement is for an assessment before care proceedings."""
    return request.purpose == "assessment" and request.child_legal_status in VOLUNTARY


@request_gate("PC-3.2b", "Ask for legal advice and record the day.")
def legal_advice(asked: RequestCase) -> Standing:
    """Legal advice is taken before arrangements are agreed."""
    request = asked.request
    undirected = (
        request.child_legal_status == "interim_care_order" and request.court_directed is not True
    )
    young = request.parent_age < ADULT and not request.parent_looked_after
    clauses = [
        clause
        for clause, applies in (
            ("PC-3.2b", _before_proceedings(request)),
            ("PC-3.2a", request.nobody_looked_after),
            ("PWP-1d", undirected),
            ("PC-2.1", young),
        )
        if applies
    ]
    if request.legal_advice_on is None and not clauses:
        return Standing(NOT_NEEDED, "The placement is not part of pre-proceedings.")
    found = done(request.legal_advice_on, asked.inputs.as_of, "legal advice")
    return Standing(found.status, found.evidence, ", ".join(clauses) or None)


@request_gate("PC-3.2b", "Hold the legal planning meeting.")
def legal_planning_meeting(asked: RequestCase) -> Standing:
    """Before proceedings, a legal planning meeting was held."""
    if not _before_proceedings(asked.request):
        return Standing(NOT_NEEDED, "The placement is not part of pre-proceedings.")
    return not_recorded("A legal planning meeting")


@request_gate("PC-2.4b, PC-4.1e", "Complete the pre-birth assessment.")
def pre_birth_assessment(asked: RequestCase) -> Standing:
    """A pre-birth assessment that is expected is done."""
    request = asked.request
    unborn = request.child_born_or_due_on > asked.inputs.as_of
    state = request.pre_birth_assessment
    if state == "not_needed" or (state is None and not unborn):
        return Standing(NOT_NEEDED, "The child is born, or no assessment is needed.")
    if state == "done":
        return Standing(MET, "The pre-birth assessment is done.")
    said = "not recorded" if state is None else label(state)
    if not unborn:
        return Standing(OPEN, f"The pre-birth assessment is {said}, and the child is born.")
    due = request.child_born_or_due_on
    evidence = f"The pre-birth assessment is {said}. Birth is planned for {long_date(due)}."
    return Standing(OPEN, evidence, by=min(due, asked.by))


@request_gate(
    "PC-4.1e", "Decide, on the pre-birth assessment, whether the child can be placed too."
)
def placing_child_with_parent(asked: RequestCase) -> Standing:
    """It is decided that the child can be placed with a parent who is looked after."""
    if not asked.request.a_parent_is_looked_after:
        return NOBODY_LOOKED_AFTER
    return not_recorded("The decision that parent and child can be placed together")


@request_gate("PC-5.3a", "Assess the areas of risk that are not yet assessed.")
def risks_known(asked: RequestCase) -> Standing:
    """What the parents may present is assessed in all nine areas."""
    blank = [area for area, level in asked.request.risks.items() if level is None]
    if not blank:
        return Standing(MET, "All nine areas are assessed.")
    return Standing(OPEN, f"Not assessed: {coded(blank)}.")


@request_gate("PC-5.3d", "Assess the risk from the partner and the wider family.")
def partner_and_family_risk(asked: RequestCase) -> Standing:
    """The risk from the parent's partner and wider family is assessed."""
    return not_recorded("An assessment of the partner and the wider family")


@request_gate("PC-5.3d", "Decide whether the address is to be withheld, and from whom.")
def address(asked: RequestCase) -> Standing:
    """It is decided whether the placement's address is withheld."""
    withheld = asked.request.withhold_address
    if withheld is None:
        return Standing(OPEN, "It is not known whether the address must be withheld.")
    return Standing(MET, "The address is withheld." if withheld else "It need not be withheld.")


@request_gate("LAW-dbs", "Check the adult parents, who count as members of the household.")
def adult_checks(asked: RequestCase) -> Standing:
    """Parents of 18 and over who come are checked as members of the household."""
    if asked.policy.is_off("adult_checks"):
        return Standing(NOT_NEEDED, "The policy in use asks for no checks on adult parents.")
    request = asked.request
    ages = [request.parent_age, request.second_parent_age or 0]
    adults = sum(age >= ADULT for age in ages)
    if not adults:
        return Standing(NOT_NEEDED, "No parent who comes is 18 or over.")
    comes = "comes" if adults == 1 else "come"
    return Standing(
        OPEN, f"{count(adults, 'adult parent').capitalize()} {comes}. No checks are recorded."
    )


@request_gate("PWP-1e, PWP-2d, PWP-2f", "Complete the placement with parents assessment.")
def placement_with_parents_assessment(asked: RequestCase) -> Standing:
    """Under a care order, the placement with parents assessment is complete and approved."""
    request = asked.request
    if request.child_legal_status != "care_order":
        return NO_CARE_ORDER
    if request.placement_with_parents == "approved":
        return Standing(MET, "The placement with parents assessment is approved.")
    if request.placement_with_parents == "interim":
        evidence = "The agreement is interim, for an unplanned return: the assessment follows."
        return Standing(OPEN, evidence, "PWP-2c")
    return Standing(OPEN, "The placement with parents assessment is not approved.")


@request_gate("PWP-1e, PWP-2a", "Ask the Head of Service to agree.", "Head of Service")
def head_of_service(asked: RequestCase) -> Standing:
    """Under a care order, the Head of Service has agreed."""
    request = asked.request
    if request.child_legal_status != "care_order":
        return NO_CARE_ORDER
    if request.placement_with_parents not in AGREED:
        evidence = "The placement with parents assessment is not approved."
        return Standing(OPEN, evidence, firm=True)
    return done(request.head_of_service_on, asked.inputs.as_of, "the Head of Service's agreement")


def _view(asked: RequestCase, whose: str) -> Standing:
    if asked.request.child_legal_status != "care_order":
        return NO_CARE_ORDER
    return not_recorded(f"The {whose}'s view")


@request_gate("PWP-2a", "Give a view for the placement with parents assessment.", TEAM_MANAGER)
def team_manager_view(asked: RequestCase) -> Standing:
    """Under a care order, the assessment has the team manager's view."""
    return _view(asked, TEAM_MANAGER)


@request_gate("PWP-2a", "Give a view for the placement with parents assessment.", REVIEWING_OFFICER)
def reviewing_officer_view(asked: RequestCase) -> Standing:
    """Under a care order, the assessment has the independent reviewing officer's view."""
    return _view(asked, REVIEWING_OFFICER)


@request_gate("PWP-2e", "Attach the agency checks and consultations to the assessment.")
def checks_attached(asked: RequestCase) -> Standing:
    """Under a care order, agency checks and consultations are attached to the assessment."""
    request = asked.request
    if request.child_legal_status != "care_order":
        return NO_CARE_ORDER
    day = request.checks_requested_on
    if day is None:
        return Standing(OPEN, "No day is recorded on which checks were requested.")
    if day > asked.inputs.as_of:
        return Standing(OPEN, f"Checks are to be requested on {long_date(day)}.")
    return Standing(
        OPEN, f"Checks were requested on {long_date(day)}; none is recorded as attached."
    )


@request_gate("PWP-3e", "Bring the assessment up to date for the second parent, with checks.")
def adult_joins(asked: RequestCase) -> Standing:
    """Under a care order, the assessment covers every adult who joins the family, with checks."""
    request = asked.request
    if request.child_legal_status != "care_order":
        return NO_CARE_ORDER
    if not request.second_parent_comes:
        return Standing(NOT_NEEDED, "No second parent comes.")
    return not_recorded("That the assessment covers the second parent, with checks,")


REQUEST_GATES: tuple[Gate[RequestCase], ...] = (
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
