"""What comes before fostering is decided on, and what papers say where it is not done (PC-3.1j)."""

from __future__ import annotations

from collections.abc import Sequence

from matcher.policy.facts import Facts, HasFacts, Wording
from matcher.policy.settings import DUTY_SWITCH, Policy
from matcher.words import and_list

CLAUSE = "PC-3.1j"
FIRST = {  # by duty: what is missing, and what to do
    "fostering_concerns": (
        "the eight circumstances in which fostering may not suit are not considered",
        "consider the eight circumstances in which fostering may not suit",
    ),
    "case_risk_assessment": ("the case is not risk assessed", "assess the risk of the case"),
}


def asked_first(duties: Sequence[str], policy: Policy) -> tuple[str, ...]:
    """Those of some duties that the policy asks for."""
    return tuple(duty for duty in duties if policy.is_on(f"{DUTY_SWITCH}{duty}"))


def missing_first(duties: Sequence[str]) -> str:
    """What is missing before fostering is decided on, in words."""
    return and_list(FIRST[duty][0] for duty in duties)


def to_do_first(duties: Sequence[str]) -> str:
    """What is to be done before fostering is decided on, in words."""
    return and_list(FIRST[duty][1] for duty in duties)


def provisional_facts(case: HasFacts) -> Facts:
    """What it rests on that a family is matched provisionally, or was decided on too early."""
    return _DECIDED_WITHOUT.read(case)


def decided_without(facts: Facts) -> tuple[str, ...]:
    """The duties that were to come before the Resource team decided for fostering."""
    return _DECIDED_WITHOUT.say(facts)


def _decided_without(
    before_fostering: tuple[str, ...], resource_team_decision: str | None
) -> tuple[str, ...]:
    return before_fostering if resource_team_decision == "foster" else ()


_DECIDED_WITHOUT = Wording.of(_decided_without)
