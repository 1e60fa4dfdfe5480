"""The form in which a gate is written down, and how what people recorded changes it.

A gate says how a family, or a family in one household, stands between proposal and confirmation.
Its name is its key, the first line of its docstring what must be true before a match is confirmed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Generic, TypeAlias, TypeVar

from matcher.intake.inputs import Inputs
from matcher.intake.rows import Request, RiskAssessment, Step
from matcher.policy.case import Case
from matcher.policy.settings import Policy
from matcher.words import long_date, upper_first

Subject = TypeVar("Subject")
Record: TypeAlias = dict[str, str | None]

SOCIAL_WORKER = "child's social worker"
BOTH = "child's and supervising social workers"
TEAM_MANAGER = "team manager"
REVIEWING_OFFICER = "independent reviewing officer"
MET, OPEN, ACCEPTED, NOT_NEEDED = "met", "open", "accepted", "not_needed"
NOT_RECORDED = "is not recorded."
PLACE_WITHHELD = "Its place is not shown, as an address is withheld."


@dataclass(frozen=True, slots=True)
class Standing:
    """How a gate stands, and on what evidence.

    `clause`, `action`, `who` and `by` are this one's own, where they differ from the gate's.
    `firm`: a fact speaks against it that no step outweighs. `tells_place`: it says where a
    household is.
    """

    status: str
    evidence: str
    clause: str | None = None
    action: str | None = None
    who: str | None = None
    by: date | None = None
    firm: bool = False
    tells_place: bool = False


@dataclass(frozen=True)
class RequestCase:
    """A request as its gates see it, before any household is looked at."""

    inputs: Inputs
    request: Request
    policy: Policy

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self.inputs.as_of

    def fact(self, name: str) -> object:
        """A fact by its name: one worked out here, else a column of the request."""
        return getattr(self if hasattr(type(self), name) else self.request, name)

    @property
    def risk_assessments(self) -> tuple[RiskAssessment, ...]:
        """None: they belong to a household."""
        return ()

    @property
    def by(self) -> date:
        """The day by which an open gate of the request has to be met: when the family needs it."""
        return max(self.request.needed_from, self.inputs.as_of)

    def step(self, gate: str, household: str | None = None) -> Step | None:
        """What people recorded of a gate, None where nothing."""
        return self.inputs.steps.get((self.request.request_id, household), {}).get(gate)


Match: TypeAlias = (
    RequestCase | Case
)  # what a gate sees that belongs to a pair but not to its household


@dataclass(frozen=True)
class Gate(Generic[Subject]):
    """A gate: its clause, what must be true, what to do where it is open, and who does it.

    `whatever` says how it stands for every household alike, None where that depends on which one.
    """

    key: str
    clause: str
    sentence: str
    action: str
    who: str
    stands: Callable[[Subject], Standing]
    whatever: Callable[[RequestCase], Standing | None]

    def record(self, standing: Standing, step: Step | None, as_of: date, by: date | None) -> Record:
        """The gate as the contract writes it, with what people recorded."""
        standing = _with_step(standing, step, as_of)
        still = standing.status == OPEN
        day = standing.by or by
        return {
            "clause": standing.clause or self.clause,
            "gate": self.key,
            "status": standing.status,
            "evidence": standing.evidence,
            "action": (standing.action or self.action) if still else "",
            "who": standing.who or self.who,
            "by": day.isoformat() if still and day is not None else None,
        }


def _with_step(standing: Standing, step: Step | None, as_of: date) -> Standing:
    """A standing with what people recorded: a step settles what is open, until it runs out."""
    if step is None or standing.status != OPEN or standing.firm:
        return standing
    by = f" by {step.by}" if step.by else ""
    if step.until is not None and not step.counts(as_of):
        ran_out = f"{upper_first(step.status)} on {long_date(step.on)}{by}, until {long_date(step.until)}."
        return replace(standing, evidence=f"{ran_out} {standing.evidence}")
    until = f", until {long_date(step.until)}" if step.until else ""
    what = "Recorded as met" if step.status == MET else "Accepted"
    return Standing(step.status, f"{what} on {long_date(step.on)}{by}{until}.")


def request_gate(
    clause: str, action: str, who: str = SOCIAL_WORKER
) -> Callable[[Callable[[RequestCase], Standing]], Gate[RequestCase]]:
    """Write down a gate that holds whatever the household."""

    def write(stands: Callable[[RequestCase], Standing]) -> Gate[RequestCase]:
        return Gate(stands.__name__, clause, _sentence(stands), action, who, stands, stands)

    return write


def match_gate(
    clause: str, action: str, who: str
) -> Callable[[Callable[[Match], Standing]], Gate[Any]]:
    """Write down a gate that belongs to a pair, though the household itself does not matter.

    Where nothing is recorded of the request with any household, it stands the same for all.
    """

    def write(stands: Callable[[Match], Standing]) -> Gate[Any]:
        def whatever(asked: RequestCase) -> Standing | None:
            recorded = asked.request.request_id in asked.inputs.recorded
            return None if recorded else stands(asked)

        return Gate(stands.__name__, clause, _sentence(stands), action, who, stands, whatever)

    return write


def pair_gate(
    clause: str, action: str, who: str, whatever: Callable[[RequestCase], Standing | None]
) -> Callable[[Callable[[Case], Standing]], Gate[Case]]:
    """Write down a gate that depends on the household, unless `whatever` settles it for all."""

    def write(stands: Callable[[Case], Standing]) -> Gate[Case]:
        return Gate(stands.__name__, clause, _sentence(stands), action, who, stands, whatever)

    return write


def _sentence(stands: Callable[..., Standing]) -> str:
    return (stands.__doc__ or "").strip().splitlines()[0]


def done(day: date | None, as_of: date, what: str) -> Standing:
    """Met once a day has come, open before it and where there is none."""
    if day is None:
        return Standing(OPEN, f"No day of {what} is recorded.")
    if day > as_of:
        return Standing(OPEN, f"{upper_first(what)} is planned for {long_date(day)}.")
    return Standing(MET, f"{upper_first(what)} on {long_date(day)}.")


def not_recorded(what: str) -> Standing:
    """Open until people record it as a step: no column of the tables holds it."""
    return Standing(OPEN, f"{what} {NOT_RECORDED}")
