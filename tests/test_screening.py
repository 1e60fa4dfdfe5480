"""Screening: every check applies or not, holds or passes; which outcome comes first; the regimes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from builders import Cells, a_request, one_pair, prepared, proves, read_tables
from matcher.codes import CONCERNS, NEEDS, RISK_AREAS
from matcher.policy.screening import OUTCOMES, SCREENING, Finding, regime


def findings(folder: Path, cells: Cells) -> list[Finding]:
    return prepared(folder, one_pair(a_request(**cells))).findings[0]


class Row(NamedTuple):
    """One row of a table: what is tested, every finding as 'clause outcome', and the cells."""

    says: str
    found: str
    cells: Cells

    @property
    def clauses(self) -> str:
        """The clauses of what is found."""
        return ", ".join(each.split()[0] for each in self.found.split(", ") if each)


LOOKED_AFTER: Cells = {"parent_age": "17", "parent_looked_after": "yes"}
SUPPORT: Cells = {"purpose": "support", "expected_weeks": None}
FATHER: Cells = {"second_parent_age": "17", "second_parent_looked_after": "yes"}
S17: Cells = {"child_legal_status": "not_looked_after"}
ORDER: Cells = {"child_legal_status": "care_order"}
INTERIM: Cells = {"child_legal_status": "interim_care_order"}
FOSTER: Cells = {"resource_team_decision": "foster"}
RESIDENTIAL: Cells = {"resource_team_decision": "residential"}
REFUSING: Cells = {"engagement": "refusing"}
AGREED: Cells = {"head_of_service_on": "2026-11-23", "placement_with_parents": "approved"}
ADVISED: Cells = {"legal_advice_on": "2026-11-23"}
TO_BE_ADVISED: Cells = {"legal_advice_on": "2026-11-24"}
REFUSES: Cells = {"parent_agrees": "no"}
BLANK: Cells = {"parent_agrees": None}
YOUNG: Cells = {"parent_age": "17"}
ADVICE_NEEDS = ("domestic_abuse", "mental_health", "substance_misuse")
ADVICE_RISKS = ("violence", "substance_misuse", "mental_health", "absconding")


def concern(code: str) -> Cells:
    return {"fostering_concerns": code}


ROWS = [
    Row("an ordinary request", "", {}),
    # residential
    Row("the team says residential", "PC-3.1k residential", RESIDENTIAL),
    Row("the team says foster", "", FOSTER),
    # resource_team: fostering concerns, PC-3.1a to h
    *(
        Row(f"concern {code}", f"PC-3.1{letter} resource_team", concern(code))
        for code, letter in zip(CONCERNS, "abcdefgh", strict=True)
    ),
    *(
        Row(f"concern {code}, foster", f"PC-3.1{letter} pass", {**concern(code), **FOSTER})
        for code, letter in zip(CONCERNS, "abcdefgh", strict=True)
    ),
    Row(
        "a concern, residential",
        "PC-3.1k residential, PC-3.1a resource_team",
        {**concern("parenting"), **RESIDENTIAL},
    ),
    Row(
        "a concern in support is a gate",
        "PC-3.1a pass",
        {**concern("parenting"), **SUPPORT, **LOOKED_AFTER},
    ),
    # resource_team: engagement
    Row("refusing", "PC-3.1i resource_team", REFUSING),
    Row("refusing, foster", "PC-3.1i pass", {**REFUSING, **FOSTER}),
    Row("refusing in support is a gate", "PC-3.1i pass", {**REFUSING, **SUPPORT, **LOOKED_AFTER}),
    Row("partial", "", {"engagement": "partial"}),
    Row("committed", "", {"engagement": "committed"}),
    # resource_team: support where no parent is looked after
    Row("support, nobody looked after", "PC-1a resource_team", SUPPORT),
    Row("support, foster", "PC-1a pass", {**SUPPORT, **FOSTER}),
    Row("support, parent looked after", "", {**SUPPORT, **LOOKED_AFTER}),
    Row("support, second parent looked after", "", {**SUPPORT, **FATHER}),
    Row(
        "support, a second parent who does not come",
        "PC-1a resource_team",
        {**SUPPORT, "second_parent_looked_after": "yes"},
    ),
    # head_of_service
    *(
        Row(
            f"care order, agreed {day}, assessment {state}",
            f"PWP-1e {found}",
            {**ORDER, "head_of_service_on": day, "placement_with_parents": state},
        )
        for day, state, found in (
            ("2026-11-23", "approved", "pass"),
            ("2026-11-23", "interim", "pass"),
            ("2026-11-23", "not_done", "head_of_service"),
            ("2026-11-23", None, "head_of_service"),
            ("2026-11-24", "approved", "head_of_service"),
            (None, "approved", "head_of_service"),
            (None, None, "head_of_service"),
        )
    ),
    # legal_advice: an interim care order that the court did not direct, whatever the regime
    *(
        Row(
            f"interim care order, directed {directed}, advised {advised}, {who}",
            found,
            {**INTERIM, **parent, "court_directed": directed, "legal_advice_on": advised},
        )
        for directed, advised, who, parent, found in (
            ("no", None, "parent not looked after", {}, "PWP-1d legal_advice"),
            (None, None, "parent not looked after", {}, "PWP-1d legal_advice"),
            ("no", None, "parent looked after", LOOKED_AFTER, "PWP-1d legal_advice"),
            ("no", "2026-11-24", "parent not looked after", {}, "PWP-1d legal_advice"),
            ("no", "2026-11-23", "parent not looked after", {}, "PWP-1d pass"),
            (None, "2026-11-23", "parent looked after", LOOKED_AFTER, "PWP-1d pass"),
            ("yes", None, "parent not looked after", {}, ""),
        )
    ),
    Row("not directed, voluntary", "", {"court_directed": "no"}),
    # legal_advice: nobody looked after, and a concern
    *(
        Row(
            f"s17, need {need}",
            "PC-3.2a legal_advice" if need in ADVICE_NEEDS else "",
            {**S17, "needs": need},
        )
        for need in NEEDS
    ),
    *(
        Row(
            f"s17, {level} {area}",
            "PC-3.2a legal_advice" if area in ADVICE_RISKS and level != "low" else "",
            {**S17, f"risk_{area}": level},
        )
        for area in RISK_AREAS
        for level in ("low", "medium", "high")
    ),
    Row(
        "s17, a concern about fostering",
        "PC-3.1g pass, PC-3.2a legal_advice",
        {**S17, **FOSTER, **concern("absconding")},
    ),
    Row("s17, no concern", "", S17),
    Row("s17, advised", "PC-3.2a pass", {**S17, **ADVISED, "needs": "mental_health"}),
    Row(
        "s17, to be advised",
        "PC-3.2a legal_advice",
        {**S17, **TO_BE_ADVISED, "needs": "mental_health"},
    ),
    Row("s20 with a need", "", {"needs": "mental_health"}),
    Row("parent looked after, with a need", "", {**S17, **LOOKED_AFTER, "needs": "mental_health"}),
    Row("second parent looked after, with a need", "", {**S17, **FATHER, "needs": "mental_health"}),
    # legal_advice: a parent under 18 who is not looked after
    Row("parent of 17", "PC-2.1 legal_advice", YOUNG),
    Row("parent of 18", "", {"parent_age": "18"}),
    Row("parent of 17, looked after", "", LOOKED_AFTER),
    Row("parent of 17, advised", "PC-2.1 pass", {**YOUNG, **ADVISED}),
    Row("parent of 17, to be advised", "PC-2.1 legal_advice", {**YOUNG, **TO_BE_ADVISED}),
    *(
        Row(
            f"second parent of {age}, looked after {looked_after}",
            found,
            {"second_parent_age": age, "second_parent_looked_after": looked_after},
        )
        for age, looked_after, found in (
            ("17", None, "PC-2.1 legal_advice"),
            ("17", "no", "PC-2.1 legal_advice"),
            ("17", "yes", ""),
            ("18", None, ""),
        )
    ),
    # no_consent
    Row("s20, refused", "PC-2.2 no_consent", REFUSES),
    Row("s20, not known whether the parent agrees", "", BLANK),
    Row("s17, refused", "PC-2.1 no_consent", {**S17, **REFUSES}),
    Row("s17, not known whether the parent agrees", "", {**S17, **BLANK}),
    Row("s20, parent looked after, refused", "PC-2.2 no_consent", {**LOOKED_AFTER, **REFUSES}),
    Row("interim care order, refused", "", {**INTERIM, **REFUSES, "court_directed": "yes"}),
    Row("care order, refused", "PWP-1e pass", {**ORDER, **AGREED, **REFUSES}),
    # blanks of a request find nothing
    Row("nothing said", "", {**BLANK, "engagement": None, "needs": None, "risk_violence": None}),
    # every finding is listed
    Row(
        "everything at once, with an order",
        "PC-3.1k residential, PC-3.1a resource_team, PC-3.1b resource_team, PC-3.1i resource_team, "
        "PWP-1e head_of_service, PC-2.1 legal_advice",
        {**RESIDENTIAL, **REFUSING, **ORDER, **YOUNG, **concern("supervision;parenting")},
    ),
    Row(
        "everything at once, s17",
        "PC-3.1d pass, PC-1a resource_team, PC-3.2a legal_advice, PC-2.1 legal_advice, "
        "PC-2.1 no_consent",
        {**SUPPORT, **S17, **YOUNG, **REFUSES, **concern("external_risk")},
    ),
]


@pytest.mark.parametrize("row", [pytest.param(r, id=r.says, marks=proves(r.clauses)) for r in ROWS])
def test_every_finding_of_a_request(tmp_path: Path, row: Row) -> None:
    found = [f"{each.clause} {each.outcome}" for each in findings(tmp_path, row.cells)]
    assert ", ".join(found) == row.found


@pytest.mark.parametrize(
    ("cells", "outcome"),
    [
        pytest.param(
            {**RESIDENTIAL, **REFUSING, **ORDER, **YOUNG}, "residential", id="residential"
        ),
        pytest.param({**REFUSING, **ORDER, **YOUNG}, "resource_team", id="team before head"),
        pytest.param({**REFUSING, **YOUNG, **REFUSES}, "resource_team", id="team before advice"),
        pytest.param({**ORDER, **YOUNG}, "head_of_service", id="head before advice"),
        pytest.param({**YOUNG, **REFUSES}, "legal_advice", id="advice before consent"),
        pytest.param({**YOUNG, **ADVISED, **REFUSES}, "no_consent", id="consent alone"),
        pytest.param({**REFUSING, **FOSTER}, None, id="a finding that passes holds nothing"),
        pytest.param({}, None, id="nothing found"),
    ],
)
def test_the_first_outcome_holds_a_request(
    tmp_path: Path, cells: Cells, outcome: str | None
) -> None:
    made = prepared(tmp_path, one_pair(a_request(**cells)))
    assert made.outcomes == [outcome]
    assert made.matchable(0) is (outcome is None)


def test_outcomes_stand_in_the_contract_s_order() -> None:
    contract = "residential resource_team head_of_service legal_advice no_consent"
    assert " ".join(OUTCOMES) == contract
    assert list(dict.fromkeys(each.outcome for each in SCREENING)) == list(OUTCOMES)


def test_findings_belong_to_their_own_request(tmp_path: Path) -> None:
    tables: dict[str, Any] = one_pair()
    tables["requests"] = [a_request("R1"), a_request("R2", **REFUSES), a_request("R3", **YOUNG)]
    assert prepared(tmp_path, tables).outcomes == [None, "no_consent", "legal_advice"]


CLAUSE_OF_REGIME = {
    "placement_with_parents": "PWP-1a",
    "looked_after_parent": "PC-2.4a",
    "looked_after_parent_and_child": "PC-2.4a",
    "s17": "PC-2.1",
    "s20": "PC-2.2",
    "interim_care_order": "PC-2.3",
}


@pytest.mark.parametrize(
    ("label", "cells"),
    [
        pytest.param(
            label, cells, id=f"{label}: {says}", marks=pytest.mark.clause(CLAUSE_OF_REGIME[label])
        )
        for label, says, cells in (
            ("placement_with_parents", "care order", ORDER),
            ("placement_with_parents", "parent too", {**ORDER, **LOOKED_AFTER}),
            ("looked_after_parent", "child not", {**LOOKED_AFTER, **S17}),
            ("looked_after_parent", "second parent, child not", {**FATHER, **S17}),
            ("looked_after_parent_and_child", "s20", LOOKED_AFTER),
            ("looked_after_parent_and_child", "second parent", FATHER),
            ("looked_after_parent_and_child", "interim", {**LOOKED_AFTER, **INTERIM}),
            ("s17", "nobody", S17),
            ("s17", "no second parent comes", {**S17, "second_parent_looked_after": "yes"}),
            ("s20", "voluntary", {}),
            ("interim_care_order", "directed or not", INTERIM),
        )
    ],
)
def test_the_first_regime_that_fits(tmp_path: Path, label: str, cells: Cells) -> None:
    inputs = read_tables(tmp_path, one_pair(a_request(**cells)))
    assert regime(inputs.requests[0]) == label


TEAM_STEP = "Discuss it with the Resource team, or look for a residential placement."
ADVICE_STEP = "Ask for legal advice at the legal planning meeting, and record the day."
WORDS: dict[str, list[tuple[Cells, str]]] = {
    "residential": [(RESIDENTIAL, "The Resource team has decided on a residential placement.")],
    **{
        f"concern_{code}": [
            (
                concern(code),
                f"Recorded concern: {code.replace('_', ' ')}. The Resource team has not yet "
                "decided whether a fostering household is suitable.",
            )
        ]
        for code in CONCERNS
    },
    "engagement": [
        (REFUSING, "Engagement is recorded as refusing."),
        (
            {**REFUSING, **FOSTER},
            "Engagement is recorded as refusing. The Resource team has decided for fostering.",
        ),
    ],
    "support_purpose": [
        (SUPPORT, "The purpose is support, and no parent is looked after."),
        (
            {**SUPPORT, **FOSTER},
            "The purpose is support, and no parent is looked after. "
            "The Resource team has decided for a fostering household.",
        ),
    ],
    "head_of_service": [
        (
            {**ORDER, "placement_with_parents": "not_done"},
            "The child is under a care order; the Head of Service has not yet agreed and "
            "the placement with parents assessment is not approved.",
        ),
        (
            {**ORDER, **AGREED, "placement_with_parents": "interim"},
            "The child is under a care order; the Head of Service agreed on 23 November 2026 "
            "(interim assessment).",
        ),
    ],
    "court_direction": [
        (
            INTERIM,
            "The child is under an interim care order and it is not known whether the court "
            "directed the placement. No legal advice is recorded.",
        ),
        (
            {**INTERIM, **TO_BE_ADVISED, "court_directed": "no"},
            "The child is under an interim care order and the court has not directed the "
            "placement. Legal advice is planned for 24 November 2026.",
        ),
        (
            {**INTERIM, **ADVISED, "court_directed": "no"},
            "The child is under an interim care order and the court has not directed the "
            "placement. Legal advice was given on 23 November 2026.",
        ),
    ],
    "section_17": [
        (
            {
                **S17,
                **FOSTER,
                "needs": "mental_health;trauma",
                "risk_violence": "high",
                "risk_absconding": "low",
                **concern("parenting"),
            },
            "Neither the child nor a parent is looked after, and there is a concern: "
            "mental health, high risk of violence and parenting. No legal advice is recorded.",
        )
    ],
    "young_parent": [
        (
            {"parent_age": "16", "second_parent_age": "17"},
            "A parent of 16 and 17 is not recorded as looked after. No legal advice is recorded.",
        ),
        (
            {"second_parent_age": "17"},
            "A parent of 17 is not recorded as looked after. No legal advice is recorded.",
        ),
    ],
    "consent_section_17": [
        (
            {**S17, **REFUSES},
            "The arrangement is voluntary, and the parent does not agree.",
        )
    ],
    "consent_section_20": [
        (REFUSES, "The child would be voluntarily accommodated, and the parent does not agree.")
    ],
}
MORE_OF_A_CONCERN = [
    (FOSTER, "The Resource team has decided for a fostering household."),
    (RESIDENTIAL, "The Resource team has decided for a residential placement."),
    (
        {**SUPPORT, **LOOKED_AFTER},
        "It has to be settled before a support placement is confirmed.",
    ),
]
WORDS["concern_parenting"] += [
    ({**cells, **concern("parenting")}, f"Recorded concern: parenting. {said}")
    for cells, said in MORE_OF_A_CONCERN
]
BY_KEY = {each.key: each for each in SCREENING}


@pytest.mark.parametrize(
    ("key", "cells", "reason"),
    [
        pytest.param(key, cells, reason, id=f"{key}: {reason}", marks=proves(BY_KEY[key].clause))
        for key, rows in WORDS.items()
        for cells, reason in rows
    ],
)
def test_what_a_check_found(tmp_path: Path, key: str, cells: Cells, reason: str) -> None:
    check = BY_KEY[key]
    found = [
        each
        for each in findings(tmp_path, cells)
        if each.clause == check.clause and each.reason == reason
    ]
    assert [each.next_step for each in found] == [check.next_step]


def test_every_check_has_its_words_tested_and_a_next_step() -> None:
    assert set(WORDS) == set(BY_KEY)
    steps = {each.outcome: each.next_step for each in reversed(SCREENING)}
    assert BY_KEY["support_purpose"].next_step.startswith("Check the purpose")
    assert steps == {
        "residential": "Search for a residential placement, "
        "if a parenting assessment is still viable.",
        "resource_team": TEAM_STEP,
        "head_of_service": "Complete the placement with parents assessment "
        "and ask the Head of Service to agree.",
        "legal_advice": ADVICE_STEP,
        "no_consent": "Ask the parent again, with advice; "
        "without consent there is no voluntary arrangement.",
    }
