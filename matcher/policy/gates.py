"""Gates: what stands between a proposal and its confirmation, one by one.

Those of the request hold whatever the household; those of the pair come with each ranked one. One
of the pair that stands the same for every household is said once, with the request.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from matcher.policy.case import Case
from matcher.policy.gate import (
    ACCEPTED,
    MET,
    NOT_NEEDED,
    NOT_RECORDED,
    OPEN,
    PLACE_WITHHELD,
    Gate,
    Record,
    RequestCase,
    Standing,
)
from matcher.policy.pair_gates import DIRECTOR, OFFICER, PAIR_GATES
from matcher.policy.request_gates import REQUEST_GATES
from matcher.words import label, lower_first

__all__ = (
    "ACCEPTED",
    "MET",
    "NOT_NEEDED",
    "OPEN",
    "PAIR_GATES",
    "PLACE_WITHHELD",
    "REQUEST_GATES",
    "Gate",
    "RequestCase",
)
GATES: tuple[Gate[Any], ...] = (*REQUEST_GATES, *PAIR_GATES)


def of_request(asked: RequestCase) -> list[Record]:
    """The gates that hold whatever the household, in reading order."""
    as_of, found = asked.inputs.as_of, []
    for gate in GATES:
        standing = gate.whatever(asked)
        if standing is not None:
            found.append(gate.record(standing, asked.step(gate.key), as_of, asked.by))
    return found


def depending(asked: RequestCase) -> list[Gate[Case]]:
    """The gates that depend on which household it is."""
    return [gate for gate in PAIR_GATES if gate.whatever(asked) is None]


def of_pair(case: Case, gates: list[Gate[Case]], *, hide: bool = False) -> list[Record]:
    """Gates of `depending` for one household; `hide` where nothing may say where it is."""
    as_of, start = case.inputs.as_of, case.day("start")
    steps = case.inputs.steps.get(case.ids, {})
    found = []
    for gate in gates:
        standing = gate.stands(case)
        if hide and standing.tells_place:
            standing = _without_place(standing)
        found.append(gate.record(standing, steps.get(gate.key), as_of, start))
    return found


def _without_place(standing: Standing) -> Standing:
    """A gate that doesn't say whether the household is out of area: somebody has to look."""
    action = "Look up whether the placement is out of area, and do what that asks for."
    who = f"{OFFICER}, or the {DIRECTOR}"
    return replace(standing, status=OPEN, evidence=PLACE_WITHHELD, action=action, who=who)


def of_match(case: Case, *, hide: bool = False) -> list[Record]:
    """All gates between a pair and its confirmation: those of the request, then of the pair."""
    asked = RequestCase(case.inputs, case.request, case.policy)
    return [*of_request(asked), *of_pair(case, depending(asked), hide=hide)]


def unsaid(evidence: str) -> bool:
    """Whether the evidence of an open gate says no more than that nothing is recorded."""
    return evidence.endswith(NOT_RECORDED) or evidence.startswith("No ")


def said(gates: list[Record]) -> str:
    """Gates as a list in words; in brackets how far one is, where more than nothing is recorded."""
    shown = []
    for gate in gates:
        evidence = str(gate["evidence"])
        how_far = "" if unsaid(evidence) else f" ({lower_first(evidence).rstrip('.')})"
        shown.append(f"{label(str(gate['gate']))}{how_far}")
    clauses = [c for gate in gates for c in str(gate["clause"]).split(", ")]
    return f"{'; '.join(shown)}. ({', '.join(dict.fromkeys(clauses))})"


def still_open(records: list[Record]) -> list[Record]:
    """The gates that are neither met nor accepted, and are needed."""
    return [record for record in records if record["status"] == OPEN]
