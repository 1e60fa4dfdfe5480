"""Gates: what stands between a proposal and its confirmation, as far as the tables say.

A gate of the request holds whatever the household; a gate of the pair comes with each ranked one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

from matcher.codes import RISK_AREAS, words
from matcher.intake.rows import Request
from matcher.policy.case import Case
from matcher.policy.words import and_list, capital, coded, written

Subject = TypeVar("Subject")
SOCIAL_WORKER = "child's social worker"
BOTH = "child's and supervising social workers"
MET, OPEN, NOT_NEEDED = "met", "open", "not_needed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a gate stands: met, open or not needed, and on what evidence."""

    status: str
    evidence: str


@dataclass(frozen=True)
class Gate(Generic[Subject]):
    """A gate: what must be done before confirmation, by whom, and how it stands."""

    key: str
    clause: str
    sentence: str
    action: str
    who: str
    stands: Callable[[Subject, date], Standing | None]

    def record(self, subject: Subject, as_of: date) -> dict[str, str | None] | None:
        """The gate as the contract writes it, None where it has nothing to say."""
        standing = self.stands(subject, as_of)
        if standing is None:
            return None
        return {
            "clause": self.clause,
            "gate": self.key,
            "status": standing.status,
            "evidence": standing.evidence,
            "action": self.action if standing.status == OPEN else "",
            "who": self.who,
            "by": None,
        }


def _write(
    clause: str, action: str, who: str
) -> Callable[[Callable[[Subject, date], Standing | None]], Gate[Subject]]:
    def write(stands: Callable[[Subject, date], Standing | None]) -> Gate[Subject]:
        sentence = (stands.__doc__ or "").strip().splitlines()[0]
        return Gate(stands.__name__, clause, sentence, action, who, stands)

    return write


def _done(day: date | None, as_of: date, what: str) -> Standing:
    if day is None:
        return Standing(OPEN, f"No day of {what} is recorded.")
    if day > as_of:
        return Standing(OPEN, f"{capital(what)} is planned for {written(day)}.")
    return Standing(MET, f"{capital(what)} on {written(day)}.")


@_write("PC-2.1", "Get the parent's consent and sign the written agreement.", SOCIAL_WORKER)
def consent(request: Request, as_of: date) -> Standing | None:
    """A voluntary arrangement has the parent's consent and a written agreement."""
    if request.child_legal_status not in ("not_looked_after", "s20"):
        return Standing(NOT_NEEDED, "The arrangement does not rest on consent alone.")
    if request.parent_agrees is None:
        return Standing(OPEN, "It is not known whether the parent agrees.")
    if not request.parent_agrees:
        return Standing(OPEN, "The parent does not agree.")
    return Standing(OPEN, "The parent agrees. A signed agreement is not recorded.")


@_write("PC-3.2b", "Ask for legal advice and record the day.", SOCIAL_WORKER)
def legal_advice(request: Request, as_of: date) -> Standing | None:
    """Legal advice is taken before arrangements are agreed."""
    return _done(request.legal_advice_on, as_of, "legal advice")


@_write("PC-2.4b, PC-4.1e", "Complete the pre-birth assessment.", SOCIAL_WORKER)
def pre_birth_assessment(request: Request, as_of: date) -> Standing | None:
    """A pre-birth assessment that is expected is done."""
    unborn = request.child_born_or_due_on > as_of
    state = request.pre_birth_assessment
    if state == "not_needed" or (state is None and not unborn):
        return Standing(NOT_NEEDED, "The child is born, or no assessment is needed.")
    if state == "done":
        return Standing(MET, "The pre-birth assessment is done.")
    said = "not recorded" if state is None else words(state)
    if not unborn:
        return Standing(OPEN, f"The pre-birth assessment is {said}, and the child is born.")
    due = written(request.child_born_or_due_on)
    return Standing(OPEN, f"The pre-birth assessment is {said}. Birth is planned for {due}.")


@_write("PC-3.1a", "Settle the recorded concern with the Resource team.", SOCIAL_WORKER)
def fostering_concerns(request: Request, as_of: date) -> Standing | None:
    """A recorded concern is settled with the Resource team."""
    if not request.fostering_concerns:
        return None
    said = f"Recorded: {coded(request.fostering_concerns)}."
    if request.resource_team_decision == "foster":
        return Standing(MET, f"{said} The Resource team has decided for a fostering household.")
    return Standing(OPEN, said)


@_write("PC-3.1i", "Talk with the parent about what would help them engage.", SOCIAL_WORKER)
def engagement(request: Request, as_of: date) -> Standing | None:
    """The parent engages with the placement."""
    if request.engagement is None:
        return Standing(OPEN, "The parent's engagement is not recorded.")
    status = MET if request.engagement == "committed" else OPEN
    return Standing(status, f"Engagement is recorded as {request.engagement}.")


@_write("PC-5.3a", "Assess the areas of risk that are not yet assessed.", SOCIAL_WORKER)
def risks_known(request: Request, as_of: date) -> Standing | None:
    """What the parents may present is assessed in all nine areas."""
    blank = [area for area, level in request.risks.items() if level is None]
    if not blank:
        return Standing(MET, "All nine areas are assessed.")
    return Standing(OPEN, f"Not assessed: {coded(blank)}.")


@_write("PC-5.3d", "Decide whether the address is to be withheld, and from whom.", SOCIAL_WORKER)
def address(request: Request, as_of: date) -> Standing | None:
    """It is decided whether the placement's address is withheld."""
    if request.withhold_address is None:
        return Standing(OPEN, "It is not known whether the address must be withheld.")
    said = "The address is withheld." if request.withhold_address else "It need not be withheld."
    return Standing(MET, said)


@_write("PWP-1e", "Ask the Head of Service to agree.", "Head of Service")
def head_of_service(request: Request, as_of: date) -> Standing | None:
    """Under a care order, the Head of Service has agreed."""
    if request.child_legal_status != "care_order":
        return None
    if request.placement_with_parents not in ("approved", "interim"):
        return Standing(OPEN, "The placement with parents assessment is not approved.")
    return _done(request.head_of_service_on, as_of, "the Head of Service's agreement")


@_write("PC-5.3a", "Complete the joint risk assessment, signed by both.", BOTH)
def joint_risk_assessment(case: Case, as_of: date) -> Standing | None:
    """Both social workers have considered all nine areas of risk for this household and signed."""
    rows = case.risk_assessments
    if not rows:
        return Standing(OPEN, "No joint risk assessment of this match is recorded.")
    # Once there is an outcome, only who signed it counts.
    counting = [row for row in rows if row.outcome == "containable"] or rows
    areas = {area for row in rows for area in row.areas}
    open_areas = [area for area in RISK_AREAS if area not in areas]
    outcomes = {row.outcome for row in rows}
    contained = "containable" in outcomes and "too_high" not in outcomes
    signed = [
        who
        for who, column in (
            ("the child's social worker", "child_social_worker_on"),
            ("the supervising social worker", "supervising_social_worker_on"),
        )
        if not any(getattr(row, column) for row in counting)
    ]
    said = [f"{len(areas)} of 9 areas considered"]
    if open_areas:
        said.append(f"{coded(open_areas)} {'is' if len(open_areas) == 1 else 'are'} open")
    if signed:
        said.append(f"not signed by {and_list(signed)}")
    if not contained:
        said.append("the outcome is too high" if "too_high" in outcomes else "no outcome yet")
    met = contained and not open_areas and not signed
    return Standing(MET if met else OPEN, f"{'; '.join(said)}.")


@_write("PC-5.3c", "Review the safe caring policy with the carers.", "supervising social worker")
def safe_caring(case: Case, as_of: date) -> Standing | None:
    """The household's safe caring policy is reviewed for this family."""
    days = [row.safe_caring_on for row in case.risk_assessments if row.safe_caring_on]
    if days:
        return Standing(MET, f"Reviewed on {written(max(days))}.")
    return Standing(OPEN, "No day of a safe caring review is recorded.")


@_write("PC-5.3b", "Ask the carers whether they can manage this risk.", "supervising social worker")
def high_risk(case: Case, as_of: date) -> Standing | None:
    """The carers have said that they can manage a high risk."""
    own = dict(case.household.risk_limits)
    asked = [
        area for area, level in case.request.risks.items() if level == "high" and area not in own
    ]
    if not asked:
        return None
    return Standing(OPEN, f"High risk: {coded(asked)}. The carers have not said what they manage.")


@_write(
    "PC-5.3d", "Decide whether a family that knows the household can be kept away.", SOCIAL_WORKER
)
def known_to_family(case: Case, as_of: date) -> Standing | None:
    """Where the address is withheld, the family does not know the household."""
    if case.relationship != "known_to_family" or not case.request.withhold_address:
        return None
    return Standing(OPEN, "The family knows this household, and the address must be withheld.")


@_write("PC-6.3b", "Sign the placement plan at the placement agreement meeting.", "all parties")
def placement_plan(case: Case, as_of: date) -> Standing | None:
    """The placement plan is signed by all parties."""
    return Standing(OPEN, "No signed plan is recorded.")


REQUEST_GATES: tuple[Gate[Request], ...] = (
    consent,
    legal_advice,
    pre_birth_assessment,
    fostering_concerns,
    engagement,
    risks_known,
    address,
    head_of_service,
)
PAIR_GATES: tuple[Gate[Case], ...] = (
    joint_risk_assessment,
    safe_caring,
    high_risk,
    known_to_family,
    placement_plan,
)


def of_request(request: Request, as_of: date) -> list[dict[str, str | None]]:
    """The gates that hold whatever the household."""
    found = (gate.record(request, as_of) for gate in REQUEST_GATES)
    return [record for record in found if record is not None]


def of_pair(case: Case) -> list[dict[str, str | None]]:
    """The gates that depend on the household."""
    found = (gate.record(case, case.inputs.as_of) for gate in PAIR_GATES)
    return [record for record in found if record is not None]


def of_match(case: Case) -> list[dict[str, str | None]]:
    """All gates between a pair and its confirmation: those of the request, then of the pair."""
    return [*of_request(case.request, case.inputs.as_of), *of_pair(case)]
