"""Duties before fostering is decided on: what must be known and agreed of the request itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from matcher.codes import CONCERNS, RISK_AREAS
from matcher.policy.duties.form import (
    PARENT_NOT_KNOWN,
    PARENTS,
    RESOURCE_TEAM,
    Standing,
    ask,
    by_day,
    done,
    duty,
    no_parent,
    not_needed,
    not_recorded,
    to_do,
)
from matcher.policy.request_record import WORDS
from matcher.policy.screening import ADULT
from matcher.words import and_list, coded, count, label, long_date

CONSIDER = "Consider the eight circumstances, and record those that apply, or none."
VOLUNTARY = ("not_looked_after", "s20")
NOT_PREGNANT = not_needed("No looked-after parent expects a child.")


def _not_pregnant(pregnant: bool | None) -> Standing | None:
    """What to say of a looked-after parent's pregnancy where there is none, or nobody knows."""
    if pregnant is None:
        return PARENT_NOT_KNOWN
    return None if pregnant else NOT_PREGNANT


@duty("PC-3.3b", "Complete the record, and talk it through with the Resource team.", holds=True)
def request_record(blank_columns: tuple[str, ...]) -> Standing:
    """The request record is complete and was discussed by telephone."""
    risks = [f"risk_{area}" for area in RISK_AREAS]
    areas = [column for column in blank_columns if column in risks]
    named = [WORDS[column] for column in blank_columns if column not in risks]
    if areas:
        named.append(f"the assessed risk in {count(len(areas), 'area')}")
    said = f"It does not yet say: {and_list(named)}." if named else "The record is complete."
    return not_recorded(f"{said} A discussion by telephone")


@duty("PC-3.1j", "Assess the risk of the case before a fostering household is decided on.", holds=True)  # fmt: skip
def case_risk_assessment() -> Standing:
    """The case is risk assessed: parenting capacity, child protection and legal status."""
    return not_recorded("A risk assessment of the case")


@duty("PC-3.1a", "Settle the recorded concern with the Resource team.", holds=True)
def fostering_concerns(
    fostering_concerns: tuple[str, ...] | None, resource_team_decision: str | None
) -> Standing:
    """What may not suit fostering was considered, and a concern is settled with the Resource team."""
    if fostering_concerns is None:
        return ask("Nobody has recorded whether any of the eight circumstances applies.", CONSIDER)
    if not fostering_concerns:
        return not_needed("No concern about fostering is recorded.")
    letters = ["abcdefgh"[CONCERNS.index(each)] for each in fostering_concerns]
    clause = ", ".join(f"PC-3.1{letter}" for letter in sorted(letters))
    said = f"Recorded: {coded(fostering_concerns)}."
    if resource_team_decision == "foster":
        return done(f"{said} The Resource team has decided for a fostering household.", clause)
    return to_do(said, clause=clause)


@duty("PC-3.1i", "Talk with the parent about what would help them engage.", holds=True)
def engagement(engagement: str | None, resource_team_decision: str | None) -> Standing:
    """The parent's engagement is known, and does not stand in the way."""
    if engagement is None:
        return not_recorded("The parent's engagement")
    recorded = f"Engagement is recorded as {engagement}."
    if engagement == "refusing" and resource_team_decision != "foster":
        return to_do(recorded)
    return done(recorded)


@duty("PC-2.1, PC-2.2", "Ask the parent whether they agree, and record the answer.", holds=True)
def consent(child_legal_status: str, parent_agrees: bool | None) -> Standing:
    """A voluntary arrangement has the parent's consent."""
    if child_legal_status not in VOLUNTARY:
        return not_needed("The arrangement does not rest on consent.")
    if parent_agrees is None:
        return to_do("It is not known whether the parent agrees.")
    if not parent_agrees:
        return to_do("The parent does not agree.", firm=True)
    return done("The parent agrees.")


def _before_proceedings(purpose: str, child_legal_status: str) -> bool:
    """Whether the placement is for an assessment before care proceedings."""
    return purpose == "assessment" and child_legal_status in VOLUNTARY


@duty("PC-3.2b", "Ask for legal advice and record the day.", holds=True)
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
        return not_needed("The placement is not part of pre-proceedings.")
    standing = by_day(legal_advice_on, legal_advice_given, "legal advice")
    return replace(standing, clause=", ".join(clauses) or None)


@duty("PC-3.2b", "Hold the legal planning meeting.", holds=True)
def legal_planning_meeting(
    purpose: str,
    child_legal_status: str,
    pregnant: bool | None,
    unborn_child_worries: bool,
    received_on: date,
) -> Standing:
    """Before proceedings, and on concerns for a looked-after parent's child, lawyers and workers met."""
    if _before_proceedings(purpose, child_legal_status):
        return not_recorded("A legal planning meeting")
    if not unborn_child_worries or pregnant is False:
        return not_needed("The placement is not part of pre-proceedings.")
    if pregnant is None:
        return PARENT_NOT_KNOWN
    standing = not_recorded("A legal planning meeting", received_on, "PC-4.3a")
    return replace(standing, action="Hold the legal planning meeting, if it is required.", holds=False)  # fmt: skip


@duty("PC-2.4b, PC-4.1e, PC-4.3a", "Complete the pre-birth assessment.", holds=True)
def pre_birth_assessment(
    pre_birth_assessment: str | None,
    any_parent_looked_after: bool | None,
    unborn: bool,
    child_born_or_due_on: date,
    pre_birth_days: int,
    before_start: date | None,
) -> Standing:
    """A pre-birth assessment that is expected is done."""
    state = pre_birth_assessment
    if state == "done":
        return done("The pre-birth assessment is done.")
    if state == "not_needed":
        return not_needed("It is recorded that no pre-birth assessment is needed.")
    if state is None and not unborn:
        if any_parent_looked_after is False:
            return not_needed("The child is born, and no parent is looked after.")
        evidence = "The child is born; whether a pre-birth assessment was done is not recorded."
        return ask(evidence, "Say whether a pre-birth assessment was done.")
    said = "not recorded" if state is None else label(state)
    day = child_born_or_due_on - timedelta(days=pre_birth_days)
    due = min(day, before_start or day)
    if not unborn:
        return to_do(f"The pre-birth assessment is {said}, and the child is born.", due)
    planned = f"Birth is planned for {long_date(child_born_or_due_on)}."
    return to_do(f"The pre-birth assessment is {said}. {planned}", due)


@duty("PC-4.3a", "Support the parent to use antenatal services, with the carer.", PARENTS)
def antenatal_care(pregnant: bool | None, received_on: date) -> Standing:
    """A pregnant looked-after parent is supported to use antenatal services.

    As soon as the pregnancy is known: due on the day of the request.
    """
    return _not_pregnant(pregnant) or not_recorded("Support with antenatal services", received_on)


@duty(
    "PC-4.3a",
    "Discuss the concern with a child protection IRO, and whether a strategy meeting is required.",
)
def child_protection(
    pregnant: bool | None,
    fostering_concerns: tuple[str, ...] | None,
    advice_needs: tuple[str, ...],
    advice_risks: tuple[str, ...],
    order_planned: bool,
    received_on: date,
) -> Standing:
    """Concerns about the unborn child of a looked-after parent go to a child protection IRO.

    Where something is recorded that raises one: a concern, a need or a risk for which the policy
    asks for legal advice, or an order that is planned at birth. Due on the day of the request.
    """
    if (other := _not_pregnant(pregnant)) is not None:
        return other
    raised = [coded(each) for each in (fostering_concerns, advice_needs) if each]
    if advice_risks:
        raised.append(f"a risk of {coded(advice_risks)}")
    if order_planned:
        raised.append("an order that is planned at birth")
    if not raised:
        return not_needed("Nothing is recorded that raises a concern about the unborn child.")
    return not_recorded(f"Recorded: {'; '.join(raised)}. A discussion with the IRO", received_on)


@duty("PC-4.3a", "Ask the IRO to bring the parent's next review forward.", PARENTS)
def review_brought_forward(pregnant: bool | None, received_on: date) -> Standing:
    """On a looked-after parent's pregnancy the IRO is asked to bring the next review forward.

    As soon as the pregnancy is known: due on the day of the request.
    """
    return _not_pregnant(pregnant) or not_recorded("That the IRO was asked", received_on)


@duty(
    "PC-4.3a",
    "Look with the fostering service at where parent and child can live: first whether the parent "
    "can stay with their current carers, and what training those need.",
    PARENTS,
)
def current_carer(
    pregnant: bool | None, match_confirmed: bool, own_carers: tuple[str, ...], received_on: date
) -> Standing:
    """On a looked-after parent's pregnancy the current carers, and the training they need, come first.

    As soon as the pregnancy is known, until a placement is confirmed: due on the day of the request.
    """
    if (other := _not_pregnant(pregnant)) is not None:
        return other
    if match_confirmed:
        return not_needed("A placement is confirmed.")
    named = f"Current carers: {and_list(own_carers)}. " if own_carers else ""
    return not_recorded(f"{named}A discussion of where they can live", received_on)


@duty("PC-4.1d", "Give advice on services and benefits, with midwife or health visitor.", PARENTS)
def services_and_benefits(
    any_parent_looked_after: bool | None, before_start: date | None
) -> Standing:
    """A looked-after parent gets advice on services and benefits, and support from the network.

    No day is set: due before the start.
    """
    advice = not_recorded("Advice on services and benefits", before_start)
    return no_parent(any_parent_looked_after) or advice


@duty("PC-4.1e", "Decide, on the pre-birth assessment, whether the child can be placed too.", holds=True)  # fmt: skip
def placing_child_with_parent(any_parent_looked_after: bool | None) -> Standing:
    """It is decided that the child can be placed with a parent who is looked after."""
    decision = not_recorded("The decision that parent and child can be placed together")
    return no_parent(any_parent_looked_after) or decision


@duty("PC-5.3a", "Assess the areas of risk that are not yet assessed.", holds=True)
def risks_known(risks_not_assessed: tuple[str, ...]) -> Standing:
    """What the parents may present is assessed in all nine areas."""
    if not risks_not_assessed:
        return done("All nine areas are assessed.")
    return to_do(f"Not assessed: {coded(risks_not_assessed)}.")


@duty("PC-5.3d", "Assess the risk from the partner and the wider family.", holds=True)
def partner_and_family_risk() -> Standing:
    """The risk from the parent's partner and wider family is assessed."""
    return not_recorded("An assessment of the partner and the wider family")


@duty("PC-5.3d", "Decide whether the address is to be withheld, and from whom.", holds=True)
def address(withhold_address: bool | None) -> Standing:
    """It is decided whether the placement's address is withheld."""
    if withhold_address is None:
        return to_do("It is not known whether the address must be withheld.")
    return done("The address is withheld." if withhold_address else "It need not be withheld.")


@duty("LAW-dbs", "Check the adult parents, who count as members of the household.", holds=True)
def adult_checks(adult_checks_required: bool, adult_parents: int) -> Standing:
    """Parents of 18 and over who come are checked as members of the household."""
    if not adult_checks_required:
        return not_needed("The policy in use asks for no checks on adult parents.")
    if not adult_parents:
        return not_needed("No parent who comes is 18 or over.")
    come = "comes" if adult_parents == 1 else "come"
    return to_do(f"{count(adult_parents, 'adult parent')} {come}. No checks are recorded.")


@duty("PC-3.3a", "Find and confirm a placement.", RESOURCE_TEAM)
def placement_found(match_confirmed: bool, needed_from: date, received_on: date) -> Standing:
    """A request comes as early as possible, before the birth if possible.

    It is due on the day from which the family needs a home; the evidence says how much notice it gave.
    """
    if match_confirmed:
        return done("A placement is confirmed.")
    notice = (needed_from - received_on).days
    said = (
        f"The request came {count(notice, 'day')} before" if notice > 0 else "It came on or after"
    )
    return to_do(f"{said} the day from which the family needs a home.", needed_from)


DECIDING = (
    request_record,
    case_risk_assessment,
    fostering_concerns,
    engagement,
    consent,
    legal_advice,
    legal_planning_meeting,
    pre_birth_assessment,
    antenatal_care,
    child_protection,
    review_brought_forward,
    current_carer,
    services_and_benefits,
    placing_child_with_parent,
    risks_known,
    partner_and_family_risk,
    address,
    adult_checks,
    placement_found,
)
