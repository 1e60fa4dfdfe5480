"""Duties before fostering is decided on: what must be known and agreed of the request itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from matcher.codes import CONCERNS, LEGAL_ADVICE, RISK_AREAS
from matcher.policy.days import england
from matcher.policy.duties.form import (
    PARENT_NOT_KNOWN,
    PARENTS,
    RESOURCE_TEAM,
    Standing,
    ask,
    done,
    duty,
    no_parent,
    not_needed,
    not_recorded,
    to_do,
)
from matcher.policy.request_record import WORDS
from matcher.policy.screening import (
    APPLIES,
    CONCERNS_OF_RISKS,
    DOES_NOT,
    LAWYER,
    WHO,
    answers_to,
    said_of_advice,
    undirected,
)
from matcher.words import and_list, coded, count, label, long_date, upper_first

CARRY_OUT_ADVICE = (
    "Do what the advice says: accommodate the child under s20, or apply for the order; then change "
    "child_legal_status."
)
CONSIDER = "Consider the eight circumstances, and record those that apply, or none."
VOLUNTARY = ("not_looked_after", "s20")
INTERIM = ("interim_care_order", "emergency_protection")
COURT = f"Ask {LAWYER} whether the court's direction runs, and until when."
WITHOUT_ONE = "Say whether a pre-birth assessment was done; if not, decide what takes its place."
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
    if not named:
        discussion = not_recorded("The record is complete. A discussion by telephone")
        return replace(discussion, action="Talk the record through with the Resource team.")
    return not_recorded(f"It does not yet say: {and_list(named)}. A discussion by telephone")


def _comes_first(standing: Standing, purpose: str, decision: str | None) -> Standing:
    """What comes before fostering is decided on, and how far that decision is."""
    if purpose != "assessment" or decision == "residential":
        return standing
    said = standing.evidence.rstrip(".")
    if decision is None:
        evidence = f"{said}; it comes before fostering is decided on."
        return replace(standing, evidence=evidence)
    evidence = f"{said}; the Resource team has decided for fostering without it."
    return replace(standing, evidence=evidence, unrecorded=False)


@duty("PC-3.1j", "Assess the risk of the case before a fostering household is decided on.", holds=True)  # fmt: skip
def case_risk_assessment(purpose: str, resource_team_decision: str | None) -> Standing:
    """The case is risk assessed: parenting capacity, child protection and legal status."""
    standing = not_recorded("A risk assessment of the case")
    return _comes_first(standing, purpose, resource_team_decision)


def _clauses_of(concerns: Iterable[str]) -> str:
    letters = sorted({"abcdefgh"[CONCERNS.index(each)] for each in concerns})
    return ", ".join(f"PC-3.1{letter}" for letter in letters)


@duty("PC-3.1a", "Settle the recorded concern with the Resource team.", holds=True)
def fostering_concerns(
    fostering_concerns: tuple[str, ...] | None, purpose: str, resource_team_decision: str | None
) -> Standing:
    """What may not suit fostering was considered, and a concern is settled with the Resource team."""
    if fostering_concerns is None:
        evidence = "Nobody has recorded whether any of the eight circumstances applies."
        return _comes_first(ask(evidence, CONSIDER), purpose, resource_team_decision)
    if not fostering_concerns:
        return not_needed("No concern about fostering is recorded.")
    clause = _clauses_of(fostering_concerns)
    said = f"Recorded: {coded(fostering_concerns)}."
    if resource_team_decision == "foster":
        return done(f"{said} The Resource team has decided for a fostering household.", clause)
    return to_do(said, clause=clause)


@duty(
    "PC-3.1b, PC-3.1d, PC-3.1e, PC-3.1f, PC-3.1g, PC-3.1h",
    "Consider with the Resource team whether there is this concern, and record the answer.",
    holds=True,
)
def risk_concerns(risks_without_concern: tuple[str, ...]) -> Standing:
    """Each high risk is held against the concern about fostering that it belongs to."""
    if not risks_without_concern:
        return not_needed("No high risk is without an answer on the concern it belongs to.")
    theirs = {area: CONCERNS_OF_RISKS[area] for area in risks_without_concern}
    said = [f"{label(area)} ({coded(concerns, 'or')})" for area, concerns in theirs.items()]
    clause = _clauses_of(each for concerns in theirs.values() for each in concerns)
    evidence = f"High, and the concern neither recorded nor ruled out: {and_list(said)}."
    return to_do(evidence, clause=clause)


@duty("PC-3.1i", "Talk with the parent about what would help them engage.", holds=True)
def engagement(engagement: str | None, resource_team_decision: str | None) -> Standing:
    """The parent's engagement is known, and does not stand in the way."""
    if engagement is None:
        return not_recorded("The parent's engagement")
    recorded = f"Engagement is recorded as {engagement}."
    if engagement == "refusing" and resource_team_decision != "foster":
        return to_do(recorded)
    return done(recorded)


ASKED = {
    "parent": "the parent agrees",
    "second_parent": "the second parent agrees",
    "others": "everybody else with parental responsibility agrees",
}


@duty(
    "PC-2.1, PC-2.2",
    "Ask each parent who comes and everybody else with parental responsibility whether they agree, "
    "and record each answer; where nobody else has it, record a yes.",
    holds=True,
)
def consent(
    child_legal_status: str,
    directed_without_order: bool,
    refuses: tuple[str, ...],
    not_answered: tuple[str, ...],
    parents_under_16: tuple[int, ...],
) -> Standing:
    """A voluntary arrangement has the consent of everybody who must give it.

    The yes of a parent under 16 counts once they were found able to understand what they agree to.
    """
    if child_legal_status not in VOLUNTARY:
        return not_needed("The arrangement does not rest on consent.")
    if directed_without_order and not refuses:
        return not_needed("The court directed the arrangement: it does not rest on consent.")
    said = [f"{upper_first(and_list(f'{WHO[each]} not agree' for each in refuses))}."] if refuses else []  # fmt: skip
    if not_answered:
        said.append(f"It is not known whether {and_list((ASKED[each] for each in not_answered), 'or whether')}.")  # fmt: skip
    if parents_under_16:
        age = and_list(map(str, parents_under_16))
        said.append(f"That a parent of {age} can understand what they agree to is not recorded.")
    if not said:
        return done("Everybody agrees whose consent it needs.")
    return to_do(" ".join(said), firm=bool(refuses))


@duty("PWP-1c, PWP-1d", COURT, holds=True)
def court_direction(
    child_legal_status: str,
    court_directed: bool | None,
    court_direction_until: date | None,
    court_on: date | None,
    direction_runs: bool,
    unborn: bool,
) -> Standing:
    """Where the court is said to have directed the placement, it is known until when."""
    if court_directed is None and child_legal_status in INTERIM:
        return ask("It is not known whether the court directed the placement.", COURT)
    if not court_directed:
        return not_needed("No direction of the court is recorded.")
    if unborn:
        return ask("The child is not yet born: a court's direction can only be planned.", COURT)
    if not direction_runs:
        found = undirected(court_directed, court_direction_until, court_on)
        return ask(f"{upper_first(found)}.", COURT)
    if court_direction_until is not None:
        return done(f"The court's direction runs until {long_date(court_direction_until)}.")
    if court_on is not None:
        return done(f"The court directed the placement; it hears the case on {long_date(court_on)}.")  # fmt: skip
    evidence = "Neither the end of the court's direction nor the next hearing is recorded."
    return ask(evidence, COURT)


ADVICE = {  # by question: its clause, the answers that settle it, and those that say what comes first
    "court_direction": ("PWP-1d", (APPLIES, DOES_NOT), ()),
    "section_17": ("PC-3.2a", ("section_17",), ("section_20", "interim_order")),
    "young_parent": ("PC-2.1", LEGAL_ADVICE, ()),
    "before_proceedings": ("PC-3.2b", LEGAL_ADVICE, ("interim_order",)),
}
QUESTIONS = {
    "court_direction": "whether placement with parents applies",
    "section_17": "whether s17 will do",
    "young_parent": "on what legal footing the parent can come",
    "before_proceedings": "what the legal planning meeting advised",
}


def _unanswered(question: str, legal_advice: tuple[str, ...]) -> bool:
    _, answers, first = ADVICE[question]
    given = [each for each in legal_advice if each in answers]
    contradicts = question == "court_direction" and len(given) > 1
    return not given or contradicts or any(each in legal_advice for each in first)


@duty(
    "PC-3.2b",
    f"Ask {LAWYER}, at the legal planning meeting; record the day and the answer.",
    holds=True,
)
def legal_advice(
    advice_questions: tuple[str, ...],
    legal_advice: tuple[str, ...],
    legal_advice_on: date | None,
    legal_advice_given: bool,
) -> Standing:
    """Legal advice that is asked for has answered the question, before arrangements are agreed.

    It is the answer that counts, not the day alone. Advice that voluntary accommodation or an order
    comes first leaves it open until the child's legal status is that.
    """
    if not advice_questions:
        return not_needed("Nothing is recorded for which legal advice comes first.")
    left = [
        each
        for each in advice_questions
        if not legal_advice_given or _unanswered(each, legal_advice)
    ]
    clause = ", ".join(ADVICE[each][0] for each in left or advice_questions)
    asked = and_list((QUESTIONS[each] for each in left or advice_questions), "and")
    said = said_of_advice(
        answers_to(legal_advice, *LEGAL_ADVICE), legal_advice_on, legal_advice_given, asked
    )
    if not left:
        return done(said, clause)
    if legal_advice and legal_advice_given:
        first = {each for question in left for each in ADVICE[question][2]}
        waits = any(each in first for each in legal_advice)
        said += " It waits until that is so." if waits else f" It does not say {asked}."
        if waits:
            return to_do(said, clause=clause, action=CARRY_OUT_ADVICE)
    elif legal_advice_on is None:
        return replace(to_do(said, clause=clause), unrecorded=not legal_advice)
    return to_do(said, clause=clause)


@duty("PC-3.2b", "Hold the legal planning meeting.", holds=True)
def legal_planning_meeting(
    before_proceedings: bool,
    pregnant: bool | None,
    unborn_child_worries: bool,
    received_on: date,
) -> Standing:
    """Before proceedings, and on concerns for a looked-after parent's child, the council's lawyer and the workers met."""
    if before_proceedings:
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
    pre_birth_weeks: int,
    before_start: date | None,
) -> Standing:
    """A pre-birth assessment is done for every looked-after parent who expects a child.

    Due so many weeks before the birth, and before a start. That none is needed is not theirs to say.
    """
    state = pre_birth_assessment
    if state == "done":
        return done("The pre-birth assessment is done.")
    said = "not recorded" if state is None else f"recorded as {label(state)}"
    if any_parent_looked_after is not True and state == "not_needed":
        if any_parent_looked_after is None:
            return PARENT_NOT_KNOWN
        return not_needed("It is recorded that no pre-birth assessment is needed.")
    day = child_born_or_due_on - timedelta(weeks=pre_birth_weeks)
    due = min(day, before_start or day)
    if not unborn:
        if any_parent_looked_after is False and state is None:
            return not_needed("The child is born, and no parent is looked after.")
        return ask(f"The child is born; the pre-birth assessment is {said}.", WITHOUT_ONE, due=due)
    planned = f"Birth is planned for {long_date(child_born_or_due_on)}."
    every = " Every looked-after parent who expects a child has one." if state == "not_needed" else ""  # fmt: skip
    evidence = f"The pre-birth assessment is {said}.{every} {planned}"
    if any_parent_looked_after is False and state is not None:  # preferred, of adults not required
        return to_do(evidence, before_start, clause="PC-6.2a", holds=False)
    return to_do(evidence, due)


@duty("PC-4.3a", "Support the parent to use antenatal services, with the carer.", PARENTS)
def antenatal_care(pregnant: bool | None, received_on: date) -> Standing:
    """A pregnant looked-after parent is supported to use antenatal services.

    As soon as the pregnancy is known: due on the day of the request.
    """
    return _not_pregnant(pregnant) or not_recorded("Support with antenatal services", received_on)


@duty(
    "PC-4.3a",
    "Discuss the concern with a child protection independent reviewing officer (IRO), and whether a "
    "strategy meeting is required.",
)
def child_protection(
    pregnant: bool | None,
    fostering_concerns: tuple[str, ...] | None,
    advice_needs: tuple[str, ...],
    advice_risks: tuple[str, ...],
    order_planned: bool,
    received_on: date,
) -> Standing:
    """Concerns about the unborn child of a looked-after parent go to a child protection reviewing officer.

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
    recorded = f"Recorded: {'; '.join(raised)}."
    return not_recorded(
        "A discussion with the independent reviewing officer (IRO)", received_on, known=recorded
    )


@duty(
    "PC-4.3a",
    "Ask the independent reviewing officer (IRO) to bring the parent's next review forward.",
    PARENTS,
)
def review_brought_forward(pregnant: bool | None, received_on: date) -> Standing:
    """On a looked-after parent's pregnancy the reviewing officer is asked to bring the next review forward.

    As soon as the pregnancy is known: due on the day of the request.
    """
    return _not_pregnant(pregnant) or not_recorded(
        "That the independent reviewing officer (IRO) was asked", received_on
    )


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
    named = f"Current carers: {and_list(own_carers)}." if own_carers else ""
    return not_recorded("A discussion of where they can live", received_on, known=named)


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
def placing_child_with_parent(
    any_parent_looked_after: bool | None,
    child_born_or_due_on: date,
    received_on: date,
    before_start: date | None,
) -> Standing:
    """It is decided that the child can be placed with a parent who is looked after.

    Due before the birth where the request came before it, whenever the placement starts.
    """
    before_birth = england().last_before(child_born_or_due_on)
    days = [day for day in (before_start, before_birth) if day is not None and day >= received_on]
    due = min(days, default=None)
    decision = not_recorded("The decision that parent and child can be placed together", due)
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


@duty(
    "PC-5.1i",
    "Ask of each older child: age, needs, wishes, school, legal status, and whether they can share "
    "a room; consider it in the match.",
    holds=True,
)
def older_children_needs(older_children: int) -> Standing:
    """What the older children who come need is known, and counts in the match."""
    if not older_children:
        return not_needed("No older child comes.")
    comes = "comes" if older_children == 1 else "come"
    said = not_recorded("What they need")
    return replace(said, evidence=f"{upper_first(count(older_children, 'older child'))} {comes}. {said.evidence}")  # fmt: skip


@duty(
    "PC-5.1e",
    "Decide whether another household can manage the risk, or a residential placement comes next.",
    RESOURCE_TEAM,
    holds=True,
)
def handed_back(
    too_high_at: tuple[str, ...], too_high_on: date | None, too_high_since: bool
) -> Standing:
    """A family whose risk is too high for a household is handed back to the Resource team.

    Due on the day of the assessment. A later joint assessment that finds the risk containable ends it.
    """
    if not too_high_at:
        return not_needed("No joint risk assessment that counts says that the risk is too high.")
    on = f" on {long_date(too_high_on)}" if too_high_on else ""
    evidence = f"The risk was found too high for {and_list(too_high_at)}{on}."
    return to_do(evidence, too_high_on, firm=too_high_since)


@duty("PC-3.3a", "Find and confirm a placement.", RESOURCE_TEAM)
def placement_found(
    match_confirmed: bool, returned_home_on: date | None, needed_from: date, received_on: date
) -> Standing:
    """A request comes as early as possible, before the birth if possible.

    It is due on the day from which the family needs a home; the evidence says how much notice it gave.
    """
    if match_confirmed:
        return done("A placement is confirmed.")
    if returned_home_on is not None:
        return ask(
            f"The child is recorded as returned home on {long_date(returned_home_on)}.",
            "Say whether a placement is still needed; if not, close the request.",
        )
    notice = (needed_from - received_on).days
    said = (
        f"The request came {count(notice, 'day')} before" if notice > 0 else "It came on or after"
    )
    return to_do(f"{said} the day from which the family needs a home.", needed_from)


DECIDING = (
    request_record,
    case_risk_assessment,
    fostering_concerns,
    risk_concerns,
    engagement,
    consent,
    court_direction,
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
    older_children_needs,
    handed_back,
    placement_found,
)
