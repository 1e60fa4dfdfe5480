"""Every gate in each of its states: met, open, not needed, or nothing to say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from builders import AS_OF, Cells, a_carer, a_household, a_request, one_pair, prepared

from matcher.codes import RISK_AREAS
from matcher.policy.gates import PAIR_GATES, REQUEST_GATES, of_pair, of_request

LOOKED_AFTER: Cells = {"parent_age": "17", "parent_looked_after": "yes"}
S17: Cells = {"child_legal_status": "not_looked_after"}
ORDER: Cells = {"child_legal_status": "care_order"}
INTERIM: Cells = {"child_legal_status": "interim_care_order"}
UNBORN: Cells = {"child_born_or_due_on": "2026-11-24"}
BORN_TODAY: Cells = {"child_born_or_due_on": "2026-11-23"}
RISKS: Cells = {f"risk_{area}": "low" for area in RISK_AREAS}
NO_CONSENT_NEEDED = ("not_needed", "The arrangement does not rest on consent alone.")
NOT_SAID: tuple[str, str] | None = None

Table = list[tuple[Cells, tuple[str, str] | None]]

REQUEST_TABLES: dict[str, Table] = {
    "consent": [
        ({}, ("open", "The parent agrees. A signed agreement is not recorded.")),
        ({"parent_agrees": None}, ("open", "It is not known whether the parent agrees.")),
        ({"parent_agrees": "no"}, ("open", "The parent does not agree.")),
        ({**S17, "parent_agrees": None}, ("open", "It is not known whether the parent agrees.")),
        (INTERIM, NO_CONSENT_NEEDED),
        ({**INTERIM, "parent_agrees": "no"}, NO_CONSENT_NEEDED),
        (ORDER, NO_CONSENT_NEEDED),
        ({**ORDER, **LOOKED_AFTER}, NO_CONSENT_NEEDED),
    ],
    "legal_advice": [
        ({"legal_advice_on": "2026-11-23"}, ("met", "Legal advice on 23 November 2026.")),
        (
            {"legal_advice_on": "2026-11-24"},
            ("open", "Legal advice is planned for 24 November 2026."),
        ),
        ({}, ("open", "No day of legal advice is recorded.")),
    ],
    "pre_birth_assessment": [
        (
            {**UNBORN, "pre_birth_assessment": "done"},
            ("met", "The pre-birth assessment is done."),
        ),
        ({"pre_birth_assessment": "done"}, ("met", "The pre-birth assessment is done.")),
        *(
            (
                {**UNBORN, "pre_birth_assessment": state},
                (
                    "open",
                    f"The pre-birth assessment is {said}. Birth is planned for 24 November 2026.",
                ),
            )
            for state, said in (
                (None, "not recorded"),
                ("booked", "booked"),
                ("not_done", "not done"),
            )
        ),
        *(
            (
                {**BORN_TODAY, "pre_birth_assessment": state},
                ("open", f"The pre-birth assessment is {said}, and the child is born."),
            )
            for state, said in (("booked", "booked"), ("not_done", "not done"))
        ),
        *(
            (
                {**birth, "pre_birth_assessment": state},
                ("not_needed", "The child is born, or no assessment is needed."),
            )
            for birth, state in (
                (BORN_TODAY, None),
                (UNBORN, "not_needed"),
                (BORN_TODAY, "not_needed"),
            )
        ),
    ],
    "fostering_concerns": [
        ({}, NOT_SAID),
        (
            {"fostering_concerns": "supervision;child_needs"},
            ("open", "Recorded: child needs and supervision."),
        ),
        (
            {"fostering_concerns": "parenting", "resource_team_decision": "residential"},
            ("open", "Recorded: parenting."),
        ),
        (
            {"fostering_concerns": "parenting", "resource_team_decision": "foster"},
            (
                "met",
                "Recorded: parenting. The Resource team has decided for a fostering household.",
            ),
        ),
    ],
    "engagement": [
        ({}, ("open", "The parent's engagement is not recorded.")),
        ({"engagement": "refusing"}, ("open", "Engagement is recorded as refusing.")),
        ({"engagement": "partial"}, ("open", "Engagement is recorded as partial.")),
        ({"engagement": "committed"}, ("met", "Engagement is recorded as committed.")),
    ],
    "risks_known": [
        (RISKS, ("met", "All nine areas are assessed.")),
        ({**RISKS, "risk_arson": None}, ("open", "Not assessed: arson.")),
        (
            {**RISKS, "risk_arson": None, "risk_self_harm": None},
            ("open", "Not assessed: arson and self harm."),
        ),
        (
            {},
            (
                "open",
                "Not assessed: offending, violence, arson, sexualised behaviour, substance misuse, "
                "self harm, absconding, medical and mental health.",
            ),
        ),
    ],
    "address": [
        ({}, ("open", "It is not known whether the address must be withheld.")),
        ({"withhold_address": "yes"}, ("met", "The address is withheld.")),
        ({"withhold_address": "no"}, ("met", "It need not be withheld.")),
    ],
    "head_of_service": [
        ({}, NOT_SAID),
        (INTERIM, NOT_SAID),
        (ORDER, ("open", "The placement with parents assessment is not approved.")),
        (
            {**ORDER, "placement_with_parents": "interim"},
            ("open", "No day of the Head of Service's agreement is recorded."),
        ),
        (
            {
                **ORDER,
                "head_of_service_on": "2026-11-24",
                "placement_with_parents": "approved",
            },
            ("open", "The Head of Service's agreement is planned for 24 November 2026."),
        ),
        (
            {
                **ORDER,
                "head_of_service_on": "2026-11-23",
                "placement_with_parents": "approved",
            },
            ("met", "The Head of Service's agreement on 23 November 2026."),
        ),
    ],
}


def cases(tables: dict[str, Any]) -> list[Any]:
    """Each row of each table, named by its gate and what it says."""
    return [
        pytest.param(gate, *row, id=f"{gate}: {' | '.join(row[-1]) if row[-1] else 'nothing'}")
        for gate, rows in tables.items()
        for row in rows
    ]


def standing(records: list[dict[str, str | None]], gate: str) -> tuple[str, str] | None:
    found = [(r["status"] or "", r["evidence"] or "") for r in records if r["gate"] == gate]
    assert len(found) <= 1
    return found[0] if found else NOT_SAID


@pytest.mark.parametrize(("gate", "cells", "expected"), cases(REQUEST_TABLES))
def test_a_gate_of_the_request(
    tmp_path: Path, gate: str, cells: Cells, expected: tuple[str, str] | None
) -> None:
    made = prepared(tmp_path, one_pair(a_request(**cells)))
    assert standing(of_request(made.inputs.requests[0], AS_OF), gate) == expected


@pytest.mark.parametrize("status", ["not_looked_after", "s20"])
def test_consent_is_asked_of_a_looked_after_parent_too(tmp_path: Path, status: str) -> None:
    """The contract: 'child_legal_status not_looked_after or s20, and parent_agrees = no (blank is
    a gate, not a stop)', and of the regime 'no rule derives anything from it'."""
    cells = {**LOOKED_AFTER, "child_legal_status": status, "parent_agrees": None}
    made = prepared(tmp_path, one_pair(a_request(**cells)))
    expected = ("open", "It is not known whether the parent agrees.")
    assert standing(of_request(made.inputs.requests[0], AS_OF), "consent") == expected


NINE = ";".join(RISK_AREAS)
SIGNED: Cells = {
    "child_social_worker_on": "2026-11-20",
    "supervising_social_worker_on": "2026-11-23",
}


def an_assessment(outcome: str = "containable", areas: str = NINE, **cells: str | None) -> Cells:
    ids = {"request_id": "R1", "household_id": "H1"}
    return {**ids, "outcome": outcome, "areas": areas, **SIGNED, **cells}


def assessed(*rows: Cells) -> dict[str, Any]:
    return {"risk_assessments": list(rows)}


def limited(
    level: str | None, limits: str | None = None, area: str = "self_harm"
) -> dict[str, Any]:
    return {
        "request": a_request(**{f"risk_{area}": level}),
        "household": a_household(risk_limits=limits),
    }


def known(kind: str, withheld: str | None) -> dict[str, Any]:
    link = {"request_id": "R1", "household_id": "H1", "kind": kind}
    return {"request": a_request(withhold_address=withheld), "relationships": [link]}


ASKED = ("open", "High risk: self harm. The carers have not said what they manage.")
NEITHER: Cells = {"child_social_worker_on": None, "supervising_social_worker_on": None}
PAIR_TABLES: dict[str, list[tuple[dict[str, Any], tuple[str, str] | None]]] = {
    "joint_risk_assessment": [
        ({}, ("open", "No joint risk assessment of this match is recorded.")),
        (assessed(an_assessment()), ("met", "9 of 9 areas considered.")),
        (
            assessed(an_assessment(areas=NINE.removesuffix(";mental_health"))),
            ("open", "8 of 9 areas considered; mental health is open."),
        ),
        (
            assessed(an_assessment(areas=";".join(RISK_AREAS[2:]))),
            ("open", "7 of 9 areas considered; offending and violence are open."),
        ),
        (
            assessed(an_assessment(child_social_worker_on=None)),
            ("open", "9 of 9 areas considered; not signed by the child's social worker."),
        ),
        (
            assessed(an_assessment(supervising_social_worker_on=None)),
            ("open", "9 of 9 areas considered; not signed by the supervising social worker."),
        ),
        (
            assessed(an_assessment(**NEITHER)),
            (
                "open",
                "9 of 9 areas considered; "
                "not signed by the child's social worker and the supervising social worker.",
            ),
        ),
        (
            assessed(an_assessment("in_progress")),
            ("open", "9 of 9 areas considered; no outcome yet."),
        ),
        (
            assessed(
                an_assessment("in_progress", RISK_AREAS[0], **NEITHER),
                an_assessment(areas=";".join(RISK_AREAS[1:])),
            ),
            ("met", "9 of 9 areas considered."),
        ),
    ],
    "safe_caring": [
        ({}, ("open", "No day of a safe caring review is recorded.")),
        (assessed(an_assessment()), ("open", "No day of a safe caring review is recorded.")),
        (
            assessed(an_assessment(safe_caring_on="2026-11-23")),
            ("met", "Reviewed on 23 November 2026."),
        ),
        (
            assessed(
                an_assessment(safe_caring_on="2026-11-01"),
                an_assessment(safe_caring_on="2026-11-20", conditions="none"),
            ),
            ("met", "Reviewed on 20 November 2026."),
        ),
    ],
    "high_risk": [
        (limited(None), NOT_SAID),
        (limited("medium"), NOT_SAID),
        (limited("high"), ASKED),
        (limited("high", "violence:high"), ASKED),
        (limited("high", "self_harm:high"), NOT_SAID),
    ],
    "known_to_family": [
        ({}, NOT_SAID),
        (known("known_to_family", None), NOT_SAID),
        (known("known_to_family", "no"), NOT_SAID),
        (known("former_carer", "yes"), NOT_SAID),
        (
            known("known_to_family", "yes"),
            ("open", "The family knows this household, and the address must be withheld."),
        ),
    ],
    "placement_plan": [({}, ("open", "No signed plan is recorded."))],
}


@pytest.mark.parametrize(("gate", "tables", "expected"), cases(PAIR_TABLES))
def test_a_gate_of_the_pair(
    tmp_path: Path, gate: str, tables: dict[str, Any], expected: tuple[str, str] | None
) -> None:
    case = prepared(tmp_path, one_pair(**tables)).pair(0, 0)
    assert standing(of_pair(case), gate) == expected


def test_a_gate_is_of_its_own_pair(tmp_path: Path) -> None:
    tables = one_pair(**assessed(an_assessment()))
    tables["households"].append(a_household("H2"))
    tables["carers"].append(a_carer("H2"))
    made = prepared(tmp_path, tables)
    found = [standing(of_pair(made.pair(0, at)), "joint_risk_assessment") for at in (0, 1)]
    assert found == [
        ("met", "9 of 9 areas considered."),
        ("open", "No joint risk assessment of this match is recorded."),
    ]


WHO = {
    "consent": ("PC-2.1", "child's social worker"),
    "legal_advice": ("PC-3.2b", "child's social worker"),
    "pre_birth_assessment": ("PC-2.4b, PC-4.1e", "child's social worker"),
    "fostering_concerns": ("PC-3.1a", "child's social worker"),
    "engagement": ("PC-3.1i", "child's social worker"),
    "risks_known": ("PC-5.3a", "child's social worker"),
    "address": ("PC-5.3d", "child's social worker"),
    "head_of_service": ("PWP-1e", "Head of Service"),
    "joint_risk_assessment": ("PC-5.3a", "child's and supervising social workers"),
    "safe_caring": ("PC-5.3c", "supervising social worker"),
    "high_risk": ("PC-5.3b", "supervising social worker"),
    "known_to_family": ("PC-5.3d", "child's social worker"),
    "placement_plan": ("PC-6.3b", "all parties"),
}


def test_every_gate_is_tested_and_stands_in_reading_order() -> None:
    gates = [(each.key, (each.clause, each.who)) for each in (*REQUEST_GATES, *PAIR_GATES)]
    assert gates == list(WHO.items())
    assert {**REQUEST_TABLES, **PAIR_TABLES}.keys() == WHO.keys()


def test_a_record_has_the_contract_s_keys_and_an_action_only_while_open(tmp_path: Path) -> None:
    request = a_request(engagement="committed", **INTERIM)
    records = of_request(prepared(tmp_path, one_pair(request)).inputs.requests[0], AS_OF)
    by_gate = {record["gate"]: record for record in records}
    assert list(by_gate["engagement"].items()) == [
        ("clause", "PC-3.1i"),
        ("gate", "engagement"),
        ("status", "met"),
        ("evidence", "Engagement is recorded as committed."),
        ("action", ""),
        ("who", "child's social worker"),
        ("by", None),
    ]
    assert by_gate["consent"]["action"] == ""
    assert by_gate["legal_advice"]["action"] == "Ask for legal advice and record the day."
