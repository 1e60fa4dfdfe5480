"""Screen requests: may each go to a fostering household at all.

Every check says where it applies and where it holds a request back. All that apply are listed;
the outcome is the first of OUTCOMES that any of them gives. What a check comes to is a setting of
the policy, and so is whether it is asked at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from matcher.codes import (
    BEFORE_FOSTERING,
    CONCERNS,
    LEGAL_ADVICE,
    RISK_AREAS,
    SCREENING_OUTCOMES,
    SKILLS,
)
from matcher.model import Columns, Mask, Requests, bits, has_any, says
from matcher.policy.facts import Facts, HasFacts, Wording
from matcher.policy.provisional import asked_first, missing_first, to_do_first
from matcher.policy.settings import Policy
from matcher.words import and_list, coded, label, long_date, upper_first

if TYPE_CHECKING:
    from matcher.policy.case import RequestCase

OUTCOMES = SCREENING_OUTCOMES
PASS = "pass"
ADULT = 18
CAN_CONSENT = 16  # below, only who is found able to understand it
ADVICE_NEEDS = ("domestic_abuse", "mental_health", "substance_misuse")
ADVICE_RISKS = RISK_AREAS
CONCERNS_OF_RISKS = {  # the concerns to which a high risk belongs (PC-3.1b, PC-3.1d to h)
    "absconding": ("absconding",),
    "mental_health": ("serious_mental_ill_health",),
    "substance_misuse": ("rehabilitation",),
    "offending": ("specified_offence",),
    "violence": ("external_risk", "supervision"),
}
MEDIUM, HIGH = 2, 3
LAWYER = "the council's lawyer"


@dataclass(frozen=True)
class Asking:
    """What a screening check reads: the requests as columns, the day and the policy."""

    r: Requests
    as_of: float
    policy: Policy


@dataclass
class Check:
    """A screening check: where it `applies`, and where it holds the request back."""

    key: str
    clause: str
    sentence: str
    next_step: str
    find: Callable[[Asking], tuple[Mask, Mask]]
    wording: Wording[str] | None = None
    step: Wording[str] | None = field(default=None)

    def because(self, say: Callable[..., str]) -> Callable[..., str]:
        """Add the words for one request to which the check applies: a function of its facts."""
        self.wording = Wording.of(say)
        return say

    def then(self, say: Callable[..., str]) -> Callable[..., str]:
        """Add the next step for one request, where it depends on its facts."""
        self.step = Wording.of(say)
        return say

    @property
    def wordings(self) -> tuple[Wording[str], ...]:
        """What it has to say that depends on facts."""
        return tuple(each for each in (self.wording, self.step) if each is not None)

    def outcome(self, policy: Policy) -> str | None:
        """What it comes to where it holds a request back; None where it is switched off."""
        setting = f"screening.checks.{self.key}"
        return None if policy.is_off(setting) else policy.code(setting)

    def facts(self, case: HasFacts) -> Facts:
        """The facts of one request that its words rest on."""
        return {name: value for each in self.wordings for name, value in each.read(case).items()}

    def reason(self, facts: Facts) -> str:
        """What the check found, in words; its sentence where it has no others."""
        return self.sentence if self.wording is None else self.wording.say(facts)

    def next_for(self, facts: Facts) -> str:
        """What is to be done where it holds the request back."""
        return self.next_step if self.step is None else self.step.say(facts)


@dataclass(frozen=True)
class Finding:
    """What a check found for one request: its outcome, or 'pass', and the facts."""

    check: str
    clause: str
    outcome: str
    facts: Facts

    @property
    def reason(self) -> str:
        """What was found, in words."""
        return _by_key(self.check).reason(self.facts)

    @property
    def next_step(self) -> str:
        """What is to be done where it holds the request back."""
        return _by_key(self.check).next_for(self.facts)


def check(
    clause: str, *, next_step: str
) -> Callable[[Callable[[Asking], tuple[Mask, Mask]]], Check]:
    """Write a function down as a screening check."""

    def write(find: Callable[[Asking], tuple[Mask, Mask]]) -> Check:
        sentence = (find.__doc__ or "").strip().splitlines()[0]
        return Check(find.__name__, clause, sentence, next_step, find)

    return write


def _assessment_undecided(x: Asking) -> Mask:
    """Where an assessment is asked for and the Resource team has not decided for fostering."""
    return says(x.r.purpose, "assessment") & ~says(x.r.resource_team_decision, "foster")


def _decided(resource_team_decision: str | None, purpose: str) -> str:
    """What the Resource team decided of what was found, or what is still to come."""
    if resource_team_decision == "foster":
        return "The Resource team has decided for a fostering household."
    if resource_team_decision == "residential":
        return "The Resource team has decided for a residential placement."
    if purpose == "support":
        return "It has to be settled before a support placement is confirmed."
    return "The Resource team has not yet decided whether a fostering household is suitable."


@check(
    "PC-3.1k",
    next_step="Search for a residential placement, if a parenting assessment is still viable.",
)
def residential(x: Asking) -> tuple[Mask, Mask]:
    """The Resource team has decided on a residential placement."""
    decided = says(x.r.resource_team_decision, "residential")
    return decided, decided


TEAM = "Discuss it with the Resource team, or look for a residential placement."
_LETTER = dict(zip(CONCERNS, "abcdefgh", strict=True))


def _concern(code: str) -> Check:
    flag = np.uint64(bits([code], CONCERNS))

    def find(x: Asking) -> tuple[Mask, Mask]:
        recorded = (x.r.concerns & flag) != 0
        return recorded, recorded & _assessment_undecided(x)

    sentence = f"A recorded concern ({label(code)}) needs the Resource team's decision first."
    made = Check(f"concern_{code}", f"PC-3.1{_LETTER[code]}", sentence, TEAM, find)

    @made.because
    def _(resource_team_decision: str | None, purpose: str) -> str:
        return f"Recorded concern: {label(code)}. {_decided(resource_team_decision, purpose)}"

    return made


CONCERN_CHECKS = tuple(map(_concern, CONCERNS))


def _high_risk(area: str, concerns: tuple[str, ...]) -> Check:
    flags, place = np.uint64(bits(concerns, CONCERNS)), RISK_AREAS.index(area)
    named = coded(concerns, "or")

    def find(x: Asking) -> tuple[Mask, Mask]:
        ruled_out = x.r.concerns_considered & (x.r.concerns == 0)
        open_still = ~ruled_out & ((x.r.concerns & flags) == 0)
        found = (x.r.risks[:, place] >= HIGH) & open_still
        return found, found & _assessment_undecided(x)

    clause = ", ".join(sorted(f"PC-3.1{_LETTER[each]}" for each in concerns))
    sentence = f"A high risk ({label(area)}) is held against the concern it belongs to: {named}."
    step = f"Consider with the Resource team whether there is this concern: {named}. Record the answer."
    made = Check(f"high_{area}", clause, sentence, step, find)

    @made.because
    def _(
        fostering_concerns: tuple[str, ...] | None, resource_team_decision: str | None, purpose: str
    ) -> str:
        recorded = "not considered" if fostering_concerns is None else "not among those recorded"
        return (
            f"{upper_first(label(area))}: the risk is high, and the concern it belongs to ({named}) "
            f"is {recorded}. {_decided(resource_team_decision, purpose)}"
        )

    return made


HIGH_RISK_CHECKS = tuple(_high_risk(*each) for each in CONCERNS_OF_RISKS.items())


@check("PC-3.1i", next_step=TEAM)
def engagement(x: Asking) -> tuple[Mask, Mask]:
    """A parent who refuses to work with an assessment needs the Resource team's decision first."""
    refusing = says(x.r.engagement, "refusing")
    return refusing, refusing & _assessment_undecided(x)


@engagement.because
def _(resource_team_decision: str | None, purpose: str) -> str:
    said = _decided(resource_team_decision, purpose)
    return f"Engagement is recorded as refusing. {said}"


@check(
    "PC-1a",
    next_step="Check the purpose: support is for a looked-after parent. "
    "If it stands, discuss it with the Resource team.",
)
def support_purpose(x: Asking) -> tuple[Mask, Mask]:
    """A support placement is for a parent who is looked after, or lives with carers of their own."""
    nobody = ~(x.r.parent_looked_after | x.r.second_parent_looked_after | x.r.current_carer)
    asks = says(x.r.purpose, "support") & nobody
    return asks, asks & ~says(x.r.resource_team_decision, "foster")


@support_purpose.because
def _(resource_team_decision: str | None) -> str:
    start = "The purpose is support, no parent is looked after and no current carer is recorded."
    if resource_team_decision == "foster":
        return f"{start} The Resource team has decided for a fostering household."
    return start


@check("PC-3.1j", next_step=TEAM)
def not_considered(x: Asking) -> tuple[Mask, Mask]:
    """Where the policy holds what is provisional: concerns and the case are considered first."""
    asked = np.uint64(bits(asked_first(BEFORE_FOSTERING, x.policy), BEFORE_FOSTERING))
    found = has_any(x.r.provisional, asked) & (x.policy.code("screening.not_considered") == "hold")
    return found, found


@not_considered.because
def _(before_fostering: tuple[str, ...]) -> str:
    return f"{upper_first(missing_first(before_fostering))}."


@not_considered.then
def _(before_fostering: tuple[str, ...]) -> str:
    first = upper_first(to_do_first(before_fostering))
    return f"{first}; the Resource team then decides whether a fostering household is suitable."


@check(
    "PWP-1e",
    next_step="Complete the placement with parents assessment and ask the Head of Service to agree.",
)
def head_of_service(x: Asking) -> tuple[Mask, Mask]:
    """Where a child is placed with parents the Head of Service agrees first, on an assessment."""
    agreed = (x.r.head_of_service_on <= x.as_of) & (
        says(x.r.placement_with_parents, "approved") | says(x.r.placement_with_parents, "interim")
    )
    return x.r.placed_with_parents, x.r.placed_with_parents & ~agreed


@head_of_service.because
def _(
    child_legal_status: str,
    head_of_service_on: date | None,
    head_of_service_agreed: bool,
    placement_with_parents: str | None,
) -> str:
    start = (
        "The child is under a care order"
        if child_legal_status == "care_order"
        else "Placement with parents applies, by legal advice, to the interim care order"
    )
    missing = []
    if not head_of_service_agreed:
        missing.append("the Head of Service has not yet agreed")
    if placement_with_parents not in ("approved", "interim"):
        missing.append("the placement with parents assessment is not approved")
    if missing:
        return f"{start}; {and_list(missing)}."
    agreed = long_date(head_of_service_on) if head_of_service_on else ""
    return f"{start}; the Head of Service agreed on {agreed} ({placement_with_parents} assessment)."


@head_of_service.then
def _(placement_with_parents: str | None) -> str:
    if placement_with_parents == "interim":
        return (
            "Ask the Head of Service for the interim agreement now. "
            "The full assessment follows soon after the return (PWP-2c)."
        )
    if placement_with_parents == "approved":
        return "Ask the Head of Service to agree, and record the day."
    return head_of_service.next_step


def _gave(x: Asking, *answers: str) -> Mask:
    """Where the advice that was given is one of these answers."""
    given = has_any(x.r.legal_advice, np.uint64(bits(answers, LEGAL_ADVICE)))
    return given & (x.r.legal_advice_on <= x.as_of)


def said_of_advice(
    answers: Sequence[str],
    legal_advice_on: date | None,
    legal_advice_given: bool,
    question: str,
) -> str:
    """What the lawyer said to a question, or what is missing of the answer."""
    if legal_advice_on is None:
        if answers:
            return f"The legal advice is {and_list(answers)}; its day is not recorded."
        return "No legal advice is recorded."
    day = long_date(legal_advice_on)
    if not legal_advice_given:
        return f"Legal advice is planned for {day}."
    if answers:
        return f"Legal advice of {day}: {and_list(answers)}."
    return f"Legal advice was given on {day}, and its answer is not recorded: {question}."


APPLIES, DOES_NOT = "placement_with_parents_applies", "placement_with_parents_does_not_apply"
ANSWERS = {
    "section_17": "the arrangement may go on under s17",
    "section_20": "voluntary accommodation (s20) comes first",
    "interim_order": "an interim care order comes first",
    APPLIES: "placement with parents applies",
    DOES_NOT: "placement with parents does not apply",
}


def answers_to(legal_advice: tuple[str, ...], *to: str) -> list[str]:
    """The answers among some that legal advice gave, in words."""
    return [ANSWERS[each] for each in to if each in legal_advice]


@check(
    "PWP-1d",
    next_step=f"Ask {LAWYER}, at the legal planning meeting, whether placement with parents "
    "applies. Record the day and the answer.",
)
def court_direction(x: Asking) -> tuple[Mask, Mask]:
    """Under an order that the court directs no placement under, legal advice comes first."""
    status = x.r.child_legal_status
    order = says(status, "interim_care_order") | says(status, "emergency_protection")
    undirected = order & ~x.r.direction_runs
    answered = _gave(x, APPLIES) ^ _gave(x, DOES_NOT)  # both contradict each other: no answer
    return undirected, undirected & ~answered


@court_direction.because
def _(
    child_legal_status: str,
    court_directed: bool | None,
    court_direction_until: date | None,
    court_on: date | None,
    legal_advice: tuple[str, ...],
    legal_advice_on: date | None,
    legal_advice_given: bool,
) -> str:
    order = (
        "emergency protection"
        if child_legal_status == "emergency_protection"
        else "an interim care order"
    )
    advice = said_of_advice(
        answers_to(legal_advice, APPLIES, DOES_NOT),
        legal_advice_on,
        legal_advice_given,
        "whether placement with parents applies",
    )
    directed = undirected(court_directed, court_direction_until, court_on)
    return f"The child is under {order} and {directed}. {advice}"


def undirected(
    court_directed: bool | None, court_direction_until: date | None, court_on: date | None
) -> str:
    """Why no direction of the court is known to run, in words."""
    if court_directed is False:
        return "the court has not directed the placement"
    if court_directed is None:
        return "it is not known whether the court directed the placement"
    if court_direction_until is not None:
        return f"the court's direction ran out on {long_date(court_direction_until)}"
    hearing = f" of {long_date(court_on)}" if court_on else ""
    return f"it is not known whether the court's direction runs on after the hearing{hearing}"


@check(
    "PC-3.2a",
    next_step=f"Ask {LAWYER}, at the legal planning meeting, whether s17 will do, or whether to "
    "consider voluntary accommodation (s20) or an interim care order. Record the day and the answer.",
)
def section_17(x: Asking) -> tuple[Mask, Mask]:
    """Where nobody is looked after and there is a concern, legal advice comes first."""
    nobody = says(x.r.child_legal_status, "not_looked_after") & ~(
        x.r.parent_looked_after | x.r.second_parent_looked_after
    )
    needs = (x.r.needs & np.uint64(bits(ADVICE_NEEDS, SKILLS))) != 0
    risky = (x.r.risks >= MEDIUM).any(axis=1)
    unlikely = says(x.r.engagement, "partial") | says(x.r.engagement, "refusing")
    concerned = nobody & ~x.r.direction_runs & (needs | risky | unlikely | (x.r.concerns != 0))
    will_do = _gave(x, "section_17") & ~_gave(x, "section_20", "interim_order")
    return concerned, concerned & ~will_do


@section_17.because
def _(
    needs: tuple[str, ...],
    raised_risks: tuple[tuple[str, str], ...],
    fostering_concerns: tuple[str, ...] | None,
    engagement: str | None,
    legal_advice: tuple[str, ...],
    legal_advice_on: date | None,
    legal_advice_given: bool,
) -> str:
    raised = [label(need) for need in needs if need in ADVICE_NEEDS]
    raised += [f"{level} risk of {label(area)}" for area, level in raised_risks]
    raised += [label(concern) for concern in fostering_concerns or ()]
    if engagement in ("partial", "refusing"):
        raised.append(f"engagement recorded as {engagement}")
    advice = said_of_advice(
        answers_to(legal_advice, "section_17", "section_20", "interim_order"),
        legal_advice_on,
        legal_advice_given,
        "whether s17 will do",
    )
    return (
        f"Neither the child nor a parent is looked after, and there is a concern: "
        f"{and_list(dict.fromkeys(raised))}. {advice}"
    )


@section_17.then
def _(legal_advice: tuple[str, ...], legal_advice_given: bool) -> str:
    steps = []
    if legal_advice_given and "section_20" in legal_advice:
        steps.append(
            "agree voluntary accommodation (s20) with everybody who has parental responsibility"
        )
    if legal_advice_given and "interim_order" in legal_advice:
        steps.append(f"seek an interim care order with {LAWYER}")
    if not steps:
        return section_17.next_step
    return f"{upper_first(and_list(steps, 'or'))}; record the child's legal status once it is so."


FOOTING = f"Ask {LAWYER}, at the legal planning meeting, on what legal footing the parent can come"


@check("PC-2.1", next_step=f"{FOOTING}. Record the day and the answer.")
def young_parent(x: Asking) -> tuple[Mask, Mask]:
    """A parent under 18 who is not looked after needs legal advice first."""
    first = (x.r.parent_age < ADULT) & ~x.r.parent_looked_after
    second = (x.r.second_parent_age < ADULT) & ~x.r.second_parent_looked_after
    return first | second, (first | second) & ~_gave(x, *LEGAL_ADVICE)


@young_parent.because
def _(
    young_parents: tuple[int, ...],
    child_legal_status: str,
    legal_advice: tuple[str, ...],
    legal_advice_on: date | None,
    legal_advice_given: bool,
) -> str:
    said = (
        f"A parent of {and_list(map(str, young_parents))} is not recorded as looked after. "
        "Accommodating a parent under 18 may make them looked after too. "
    )
    if child_legal_status == "s20":
        who = (
            "Somebody under 16 can agree to s20 only if found able to understand it. "
            if min(young_parents) < CAN_CONSENT
            else ""
        )
        said += f"{who}Others with parental responsibility must be asked. "
    advice = said_of_advice(
        answers_to(legal_advice, *LEGAL_ADVICE),
        legal_advice_on,
        legal_advice_given,
        "on what legal footing the parent can come",
    )
    return f"{said}{advice}"


@young_parent.then
def _(child_legal_status: str) -> str:
    if child_legal_status != "s20":
        return young_parent.next_step
    return (
        f"{FOOTING}, whether they can agree to s20, and who else has parental responsibility. "
        "Record the day and the answer."
    )


def _refused(x: Asking, status: str) -> tuple[Mask, Mask]:
    second = x.r.second_parent_comes & says(x.r.second_parent_agrees, "no")
    anybody = says(x.r.parent_agrees, "no") | second | says(x.r.others_agree, "no")
    refused = (x.r.child_legal_status == status) & anybody
    return refused, refused


CONSENT = "Ask again, with advice; without consent there is no voluntary arrangement."
WHO = {
    "parent": "the parent does",
    "second_parent": "the second parent does",
    "others": "somebody else with parental responsibility does",
}


def _who_refuses(refuses: tuple[str, ...]) -> str:
    return and_list(f"{WHO[each]} not agree" for each in refuses)


@check("PC-2.1", next_step=CONSENT)
def consent_section_17(x: Asking) -> tuple[Mask, Mask]:
    """A child who is not looked after comes only with the consent of all who must give it."""
    return _refused(x, "not_looked_after")


@consent_section_17.because
def _(refuses: tuple[str, ...], direction_runs: bool) -> str:
    start = (
        "The court directed the placement, and the child is not looked after"
        if direction_runs
        else "The child is not looked after, so the arrangement rests on consent"
    )
    return f"{start}; {_who_refuses(refuses)}."


@consent_section_17.then
def _(direction_runs: bool) -> str:
    if direction_runs:
        return f"Tell {LAWYER}: the court that directed the placement has to know."
    return CONSENT


@check("PC-2.2", next_step=CONSENT)
def consent_section_20(x: Asking) -> tuple[Mask, Mask]:
    """A child is voluntarily accommodated only with the consent of all who must give it."""
    return _refused(x, "s20")


@consent_section_20.because
def _(refuses: tuple[str, ...]) -> str:
    return f"The child would be voluntarily accommodated; {_who_refuses(refuses)}."


@check(
    "PC-6.5c",
    next_step="Agree with parent and carers what Staying Put needs. Where one of them declines, "
    "record it: it is then a request as any other.",
)
def staying_put(x: Asking) -> tuple[Mask, Mask]:
    """A parent of 18 to 20 who lives with the current carers asks for Staying Put."""
    return x.r.stays_put, x.r.stays_put


@staying_put.because
def _(stays_put_with: str) -> str:
    return (
        f"A parent of 18 to 20 who is not looked after lives with {stays_put_with}: this is Staying "
        f"Put, not a fostering placement. {stays_put_with} is kept for the family."
    )


SCREENING: tuple[Check, ...] = (
    residential,
    *CONCERN_CHECKS,
    *HIGH_RISK_CHECKS,
    engagement,
    support_purpose,
    not_considered,
    head_of_service,
    court_direction,
    section_17,
    young_parent,
    consent_section_17,
    consent_section_20,
    staying_put,
)

REGIMES: tuple[tuple[str, Callable[[RequestCase], bool]], ...] = (
    ("placement_with_parents", lambda c: c.placed_with_parents),
    (
        "looked_after_parent",
        lambda c: c.request.a_parent_is_looked_after and not c.request.child_looked_after,
    ),
    ("looked_after_parent_and_child", lambda c: c.request.a_parent_is_looked_after),
    (
        "interim_care_order",
        lambda c: c.request.child_legal_status in ("interim_care_order", "emergency_protection"),
    ),
    ("s20", lambda c: c.request.child_legal_status == "s20"),
    ("staying_put", lambda c: c.stays_put_with is not None),
    ("s17", lambda c: True),
)


def regime(case: RequestCase) -> str:
    """The label under which people know the legal position; no rule derives anything from it."""
    return next(name for name, fits in REGIMES if fits(case))


def _by_key(key: str) -> Check:
    return next(each for each in SCREENING if each.key == key)


def screen(columns: Columns, cases: Sequence[HasFacts], policy: Policy) -> list[list[Finding]]:
    """Every finding of each request, in the order of SCREENING; of Staying Put no other.

    `cases` are the requests of the columns, in their order.
    """
    asking = Asking(columns.requests, columns.as_of, policy)
    others = ~asking.r.stays_put if staying_put.outcome(policy) else np.True_
    findings: list[list[Finding]] = [[] for _ in cases]
    for each in SCREENING:
        if (outcome := each.outcome(policy)) is None:
            continue
        applies, holds = each.find(asking)
        asked = applies if each is staying_put else applies & others
        for row in np.flatnonzero(asked).tolist():
            facts = each.facts(cases[row])
            finding = Finding(each.key, each.clause, outcome if holds[row] else PASS, facts)
            findings[row].append(finding)
    return findings


def outcome(findings: list[Finding]) -> str | None:
    """What holds a request back, the first of OUTCOMES; None where nothing does."""
    given = {finding.outcome for finding in findings}
    return next((name for name in OUTCOMES if name in given), None)
