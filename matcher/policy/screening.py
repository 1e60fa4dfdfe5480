"""Screen requests: may each go to a fostering household at all.

Every check says where it applies and where it holds a request back. All that apply are listed;
the outcome is the first of OUTCOMES that any of them gives.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from matcher.codes import CONCERNS, RISK_AREAS, SKILLS
from matcher.intake.rows import Request
from matcher.model import Columns, Mask, Requests, bits, says
from matcher.policy.facts import Facts, HasFacts, Wording
from matcher.words import and_list, label, long_date

OUTCOMES = ("residential", "resource_team", "head_of_service", "legal_advice", "no_consent")
PASS = "pass"
ADULT = 18
ADVICE_NEEDS = ("domestic_abuse", "mental_health", "substance_misuse")
ADVICE_RISKS = ("violence", "substance_misuse", "mental_health", "absconding")
_ADVICE_RISK_PLACES = [RISK_AREAS.index(area) for area in ADVICE_RISKS]
MEDIUM = 2


@dataclass(frozen=True)
class Asking:
    """What a screening check reads: the requests as columns, and the day."""

    r: Requests
    as_of: float


@dataclass
class Check:
    """A screening check: where it `applies`, and where it holds the request back."""

    key: str
    clause: str
    outcome: str
    sentence: str
    next_step: str
    find: Callable[[Asking], tuple[Mask, Mask]]
    wording: Wording[str] | None = None

    def because(self, say: Callable[..., str]) -> Callable[..., str]:
        """Add the words for one request to which the check applies: a function of its facts."""
        self.wording = Wording.of(say)
        return say

    def facts(self, case: HasFacts) -> Facts:
        """The facts of one request that its words rest on."""
        return {} if self.wording is None else self.wording.read(case)

    def reason(self, facts: Facts) -> str:
        """What the check found, in words; its sentence where it has no others."""
        return self.sentence if self.wording is None else self.wording.say(facts)


@dataclass(frozen=True, slots=True)
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
        return _by_key(self.check).next_step


def check(
    clause: str, outcome: str, *, next_step: str
) -> Callable[[Callable[[Asking], tuple[Mask, Mask]]], Check]:
    """Write a function down as a screening check."""

    def write(find: Callable[[Asking], tuple[Mask, Mask]]) -> Check:
        sentence = (find.__doc__ or "").strip().splitlines()[0]
        return Check(find.__name__, clause, outcome, sentence, next_step, find)

    return write


def _open_to_the_team(x: Asking) -> Mask:
    """Where the Resource team has not decided for a fostering household."""
    return ~says(x.r.resource_team_decision, "foster")


@check(
    "PC-3.1k",
    "residential",
    next_step="Search for a residential placement, if a parenting assessment is still viable.",
)
def residential(x: Asking) -> tuple[Mask, Mask]:
    """The Resource team has decided on a residential placement."""
    decided = says(x.r.resource_team_decision, "residential")
    return decided, decided


TEAM = "Discuss it with the Resource team, or look for a residential placement."


def _concern(code: str, clause: str) -> Check:
    flag = np.uint64(bits([code], CONCERNS))

    def find(x: Asking) -> tuple[Mask, Mask]:
        recorded = (x.r.concerns & flag) != 0
        return recorded, recorded & says(x.r.purpose, "assessment") & _open_to_the_team(x)

    sentence = f"A recorded concern ({label(code)}) needs the Resource team's decision first."
    made = Check(f"concern_{code}", clause, "resource_team", sentence, TEAM, find)

    @made.because
    def _(resource_team_decision: str | None, purpose: str) -> str:
        start = f"Recorded concern: {label(code)}."
        if resource_team_decision == "foster":
            return f"{start} The Resource team has decided for a fostering household."
        if resource_team_decision == "residential":
            return f"{start} The Resource team has decided for a residential placement."
        if purpose == "support":
            return f"{start} It has to be settled before a support placement is confirmed."
        return (
            f"{start} The Resource team has not yet decided whether a fostering household "
            "is suitable."
        )

    return made


CONCERN_CHECKS = tuple(
    _concern(code, f"PC-3.1{letter}") for code, letter in zip(CONCERNS, "abcdefgh", strict=True)
)


@check("PC-3.1i", "resource_team", next_step=TEAM)
def engagement(x: Asking) -> tuple[Mask, Mask]:
    """A parent who refuses to work with an assessment needs the Resource team's decision first."""
    refusing = says(x.r.engagement, "refusing")
    return refusing, refusing & says(x.r.purpose, "assessment") & _open_to_the_team(x)


@engagement.because
def _(resource_team_decision: str | None) -> str:
    if resource_team_decision == "foster":
        return "Engagement is recorded as refusing. The Resource team has decided for fostering."
    return "Engagement is recorded as refusing."


@check(
    "PC-1a",
    "resource_team",
    next_step="Check the purpose: support is for a looked-after parent. "
    "If it stands, discuss it with the Resource team.",
)
def support_purpose(x: Asking) -> tuple[Mask, Mask]:
    """A support placement is for a parent who is looked after."""
    nobody = ~(x.r.parent_looked_after | x.r.second_parent_looked_after)
    asks = says(x.r.purpose, "support") & nobody
    return asks, asks & _open_to_the_team(x)


@support_purpose.because
def _(resource_team_decision: str | None) -> str:
    start = "The purpose is support, and no parent is looked after."
    if resource_team_decision == "foster":
        return f"{start} The Resource team has decided for a fostering household."
    return start


@check(
    "PWP-1e",
    "head_of_service",
    next_step="Complete the placement with parents assessment and ask the Head of Service to agree.",
)
def head_of_service(x: Asking) -> tuple[Mask, Mask]:
    """Under a care order the Head of Service agrees first, on a placement with parents assessment."""
    order = says(x.r.child_legal_status, "care_order")
    agreed = (x.r.head_of_service_on <= x.as_of) & (
        says(x.r.placement_with_parents, "approved") | says(x.r.placement_with_parents, "interim")
    )
    return order, order & ~agreed


@head_of_service.because
def _(
    head_of_service_on: date | None,
    head_of_service_agreed: bool,
    placement_with_parents: str | None,
) -> str:
    missing = []
    if not head_of_service_agreed:
        missing.append("the Head of Service has not yet agreed")
    if placement_with_parents not in ("approved", "interim"):
        missing.append("the placement with parents assessment is not approved")
    if missing:
        return f"The child is under a care order; {and_list(missing)}."
    agreed = long_date(head_of_service_on) if head_of_service_on else ""
    return (
        f"The child is under a care order; the Head of Service agreed on {agreed} "
        f"({placement_with_parents} assessment)."
    )


ADVICE = "Ask for legal advice at the legal planning meeting, and record the day."


def _no_advice(x: Asking) -> Mask:
    return ~(x.r.legal_advice_on <= x.as_of)


def _advice(legal_advice_on: date | None, legal_advice_given: bool) -> str:
    if legal_advice_on is None:
        return "No legal advice is recorded."
    if legal_advice_given:
        return f"Legal advice was given on {long_date(legal_advice_on)}."
    return f"Legal advice is planned for {long_date(legal_advice_on)}."


@check("PWP-1d", "legal_advice", next_step=ADVICE)
def court_direction(x: Asking) -> tuple[Mask, Mask]:
    """Under an interim care order that the court did not direct, legal advice comes first."""
    undirected = says(x.r.child_legal_status, "interim_care_order") & (x.r.court_directed != "yes")
    return undirected, undirected & _no_advice(x)


@court_direction.because
def _(court_directed: bool | None, legal_advice_on: date | None, legal_advice_given: bool) -> str:
    directed = (
        "the court has not directed the placement"
        if court_directed is False
        else "it is not known whether the court directed the placement"
    )
    advice = _advice(legal_advice_on, legal_advice_given)
    return f"The child is under an interim care order and {directed}. {advice}"


@check("PC-3.2a", "legal_advice", next_step=ADVICE)
def section_17(x: Asking) -> tuple[Mask, Mask]:
    """Where nobody is looked after and there is a concern, legal advice comes first."""
    nobody = says(x.r.child_legal_status, "not_looked_after") & ~(
        x.r.parent_looked_after | x.r.second_parent_looked_after
    )
    needs = (x.r.needs & np.uint64(bits(ADVICE_NEEDS, SKILLS))) != 0
    risky = (x.r.risks[:, _ADVICE_RISK_PLACES] >= MEDIUM).any(axis=1)
    concerned = nobody & (needs | risky | (x.r.concerns != 0))
    return concerned, concerned & _no_advice(x)


@section_17.because
def _(
    needs: tuple[str, ...],
    raised_risks: tuple[tuple[str, str], ...],
    fostering_concerns: tuple[str, ...],
    legal_advice_on: date | None,
    legal_advice_given: bool,
) -> str:
    levels = dict(raised_risks)
    raised = [label(need) for need in needs if need in ADVICE_NEEDS]
    raised += [f"{levels[a]} risk of {label(a)}" for a in ADVICE_RISKS if a in levels]
    raised += [label(concern) for concern in fostering_concerns]
    return (
        f"Neither the child nor a parent is looked after, and there is a concern: "
        f"{and_list(dict.fromkeys(raised))}. {_advice(legal_advice_on, legal_advice_given)}"
    )


@check("PC-2.1", "legal_advice", next_step=ADVICE)
def young_parent(x: Asking) -> tuple[Mask, Mask]:
    """A parent under 18 who is not looked after needs legal advice first."""
    first = (x.r.parent_age < ADULT) & ~x.r.parent_looked_after
    second = (x.r.second_parent_age < ADULT) & ~x.r.second_parent_looked_after
    return first | second, (first | second) & _no_advice(x)


@young_parent.because
def _(
    young_parents: tuple[int, ...], legal_advice_on: date | None, legal_advice_given: bool
) -> str:
    return (
        f"A parent of {and_list(map(str, young_parents))} is not recorded as looked after. "
        f"{_advice(legal_advice_on, legal_advice_given)}"
    )


CONSENT = "Ask the parent again, with advice; without consent there is no voluntary arrangement."


def _refused(x: Asking, status: str) -> tuple[Mask, Mask]:
    voluntary = (x.r.child_legal_status == status) & says(x.r.parent_agrees, "no")
    return voluntary, voluntary


@check("PC-2.1", "no_consent", next_step=CONSENT)
def consent_section_17(x: Asking) -> tuple[Mask, Mask]:
    """A voluntary arrangement for a child who is not looked after needs the parent's consent."""
    return _refused(x, "not_looked_after")


@consent_section_17.because
def _() -> str:
    return "The arrangement is voluntary, and the parent does not agree."


@check("PC-2.2", "no_consent", next_step=CONSENT)
def consent_section_20(x: Asking) -> tuple[Mask, Mask]:
    """A child is voluntarily accommodated only with the parent's consent."""
    return _refused(x, "s20")


@consent_section_20.because
def _() -> str:
    return "The child would be voluntarily accommodated, and the parent does not agree."


SCREENING: tuple[Check, ...] = (
    residential,
    *CONCERN_CHECKS,
    engagement,
    support_purpose,
    head_of_service,
    court_direction,
    section_17,
    young_parent,
    consent_section_17,
    consent_section_20,
)

REGIMES: tuple[tuple[str, Callable[[Request], bool]], ...] = (
    ("placement_with_parents", lambda r: r.child_legal_status == "care_order"),
    (
        "looked_after_parent",
        lambda r: r.a_parent_is_looked_after and not r.child_looked_after,
    ),
    ("looked_after_parent_and_child", lambda r: r.a_parent_is_looked_after),
    ("s17", lambda r: not r.child_looked_after),
    ("s20", lambda r: r.child_legal_status == "s20"),
    ("interim_care_order", lambda r: True),
)


def regime(request: Request) -> str:
    """The label under which people know the legal position; no rule derives anything from it."""
    return next(name for name, fits in REGIMES if fits(request))


def _by_key(key: str) -> Check:
    return next(each for each in SCREENING if each.key == key)


def screen(columns: Columns, cases: Sequence[HasFacts]) -> list[list[Finding]]:
    """Every finding of each request, in the order of SCREENING.

    `cases` are the requests of the columns, in their order.
    """
    asking = Asking(columns.requests, columns.as_of)
    findings: list[list[Finding]] = [[] for _ in cases]
    for each in SCREENING:
        applies, holds = each.find(asking)
        for row in np.flatnonzero(applies).tolist():
            outcome = each.outcome if holds[row] else PASS
            facts = each.facts(cases[row])
            findings[row].append(Finding(each.key, each.clause, outcome, facts))
    return findings


def outcome(findings: list[Finding]) -> str | None:
    """What holds a request back, the first of OUTCOMES; None where nothing does."""
    given = {finding.outcome for finding in findings}
    return next((name for name in OUTCOMES if name in given), None)
