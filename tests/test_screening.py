"""Screening: every check applies or not, holds or passes; which outcome comes first; the regimes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from builders import Cells, a_policy, a_request, one_pair, prepared, proves, read_tables, solved
from matcher.codes import CONCERNS, LEGAL_ADVICE, NEEDS, RISK_AREAS
from matcher.explain import Explainer
from matcher.policy.case import request_cases
from matcher.policy.screening import CONCERNS_OF_RISKS, OUTCOMES, SCREENING, Finding
from matcher.policy.settings import default
from matcher.recorder import record_of


def of(cells: Cells, **others: list[Cells]) -> dict[str, list[Cells]]:
    return one_pair(a_request(**cells), **{name: rows for name, rows in others.items() if rows})


def findings(folder: Path, cells: Cells, **others: list[Cells]) -> list[Finding]:
    return prepared(folder, of(cells, **others)).findings[0]


def listed(found: list[Finding]) -> str:
    return ", ".join(f"{each.clause} {each.outcome}" for each in found)


def current_carer(request_id: str = "R1") -> Cells:
    return {"request_id": request_id, "household_id": "H1", "kind": "current_carer"}


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
NONE_FOUND: Cells = {"fostering_concerns": "none"}
APPLIES, DOES_NOT = LEGAL_ADVICE[3:]
REFUSES: Cells = {"parent_agrees": "no"}
BLANK: Cells = {"parent_agrees": None}
YOUNG: Cells = {"parent_age": "17"}
ADVICE_NEEDS = ("domestic_abuse", "mental_health", "substance_misuse")
DIRECTED: Cells = {"court_directed": "yes"}
BOTH: Cells = {"second_parent_age": "30"}


def advised(*answers: str, on: str | None = "2026-11-23") -> Cells:
    return {"legal_advice_on": on, "legal_advice": ";".join(answers) or None}


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
    # resource_team: a high risk whose concern is neither recorded nor ruled out
    *(
        Row(f"{level} {area}, {considered}", found, {f"risk_{area}": level, **cells})
        for area, clause in (
            ("absconding", "PC-3.1g"),
            ("mental_health", "PC-3.1f"),
            ("substance_misuse", "PC-3.1e"),
            ("offending", "PC-3.1h"),
            ("violence", "PC-3.1b, PC-3.1d"),
        )
        for level, considered, cells, found in (
            ("medium", "not considered", {}, ""),
            ("high", "not considered", {}, f"{clause} resource_team"),
            ("high", "ruled out", NONE_FOUND, ""),
            ("high", "not considered, foster", FOSTER, f"{clause} pass"),
            (
                "high",
                "another recorded",
                concern("parenting"),
                f"PC-3.1a resource_team, {clause} resource_team",
            ),
            ("high", "support", {**SUPPORT, **LOOKED_AFTER}, f"{clause} pass"),
        )
    ),
    *(
        Row(f"high {area}, {code} recorded", found, {f"risk_{area}": "high", **concern(code)})
        for area, code, found in (
            ("absconding", "absconding", "PC-3.1g resource_team"),
            ("mental_health", "serious_mental_ill_health", "PC-3.1f resource_team"),
            ("substance_misuse", "rehabilitation", "PC-3.1e resource_team"),
            ("offending", "specified_offence", "PC-3.1h resource_team"),
            ("violence", "external_risk", "PC-3.1d resource_team"),
            ("violence", "supervision", "PC-3.1b resource_team"),
        )
    ),
    *(
        Row(f"high {area} belongs to no concern", "", {f"risk_{area}": "high"})
        for area in ("arson", "sexualised_behaviour", "self_harm", "medical")
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
    # head_of_service: an interim order to which placement with parents applies by advice
    *(
        Row(f"{status}, the advice is {answer}, {rest}", found, {**cells, **advised(answer, on=on)})
        for status, answer, rest, cells, on, found in (
            (
                "interim",
                APPLIES,
                "not agreed",
                INTERIM,
                "2026-11-23",
                "PWP-1e head_of_service, PWP-1d pass",
            ),
            (
                "interim",
                APPLIES,
                "agreed",
                {**INTERIM, **AGREED},
                "2026-11-23",
                "PWP-1e pass, PWP-1d pass",
            ),
            (
                "interim",
                APPLIES,
                "directed, agreed",
                {**INTERIM, **AGREED, **DIRECTED},
                "2026-11-23",
                "PWP-1e pass",
            ),
            ("interim", APPLIES, "of tomorrow", INTERIM, "2026-11-24", "PWP-1d legal_advice"),
            (
                "interim",
                APPLIES,
                "without a day",
                {**INTERIM, **AGREED},
                None,
                "PWP-1e pass, PWP-1d legal_advice",
            ),
            ("interim", DOES_NOT, "not agreed", INTERIM, "2026-11-23", "PWP-1d pass"),
            (
                "emergency protection",
                APPLIES,
                "never placement with parents",
                {"child_legal_status": "emergency_protection"},
                "2026-11-23",
                "PWP-1d pass",
            ),
        )
    ),
    # legal_advice: an order under which no direction of the court is known to run
    *(
        Row(
            f"{status}, directed {directed}, until {until}, hearing {hearing}, {who}",
            found,
            {
                "child_legal_status": status,
                **parent,
                "court_directed": directed,
                "court_direction_until": until,
                "court_on": hearing,
            },
        )
        for status in ("interim_care_order", "emergency_protection")
        for directed, until, hearing, who, parent, found in (
            ("no", None, None, "parent not looked after", {}, "PWP-1d legal_advice"),
            (None, None, None, "parent not looked after", {}, "PWP-1d legal_advice"),
            ("no", None, None, "parent looked after", LOOKED_AFTER, "PWP-1d legal_advice"),
            ("yes", None, None, "parent not looked after", {}, ""),
            ("yes", "2026-11-23", "2026-11-01", "its last day", {}, ""),
            ("yes", "2026-11-22", "2027-01-20", "run out", {}, "PWP-1d legal_advice"),
            ("yes", None, "2026-11-23", "the day of the hearing", {}, ""),
            ("yes", None, "2026-11-22", "end not known", {}, "PWP-1d legal_advice"),
        )
    ),
    *(
        Row(
            f"interim, the advice is {answers} of {on}",
            found,
            {**INTERIM, **advised(*answers, on=on)},
        )
        for answers, on, found in (
            ((), "2026-11-23", "PWP-1d legal_advice"),
            (("section_20",), "2026-11-23", "PWP-1d legal_advice"),
            ((DOES_NOT,), "2026-11-23", "PWP-1d pass"),
            ((DOES_NOT,), "2026-11-24", "PWP-1d legal_advice"),
            ((DOES_NOT,), None, "PWP-1d legal_advice"),
            ((APPLIES, DOES_NOT), "2026-11-23", "PWP-1e head_of_service, PWP-1d legal_advice"),
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
            "" if level == "low" else "PC-3.2a legal_advice",
            {**S17, **NONE_FOUND, f"risk_{area}": level},
        )
        for area in RISK_AREAS
        for level in ("low", "medium", "high")
    ),
    *(
        Row(f"s17, engagement {level}", found, {**S17, **FOSTER, "engagement": level})
        for level, found in (
            ("committed", ""),
            ("partial", "PC-3.2a legal_advice"),
            ("refusing", "PC-3.1i pass, PC-3.2a legal_advice"),
        )
    ),
    Row(
        "s17, a concern about fostering",
        "PC-3.1g pass, PC-3.2a legal_advice",
        {**S17, **FOSTER, **concern("absconding")},
    ),
    Row("s17, no concern", "", S17),
    *(
        Row(
            f"s17, the advice is {answers} of {on}",
            f"PC-3.2a {outcome}",
            {**S17, **advised(*answers, on=on), "needs": "mental_health"},
        )
        for answers, on, outcome in (
            (("section_17",), "2026-11-23", "pass"),
            (("section_17",), "2026-11-24", "legal_advice"),
            (("section_17",), None, "legal_advice"),
            ((), "2026-11-23", "legal_advice"),
            (("section_20",), "2026-11-23", "legal_advice"),
            (("interim_order",), "2026-11-23", "legal_advice"),
            (("section_17", "section_20"), "2026-11-23", "legal_advice"),
            ((DOES_NOT,), "2026-11-23", "legal_advice"),
        )
    ),
    *(
        Row(
            f"s17 with a need, directed {directed} until {until}",
            found,
            {
                **S17,
                "needs": "mental_health",
                "court_directed": directed,
                "court_direction_until": until,
            },
        )
        for directed, until, found in (
            ("yes", "2026-11-23", ""),
            ("yes", "2026-11-22", "PC-3.2a legal_advice"),
            ("no", None, "PC-3.2a legal_advice"),
            (None, None, "PC-3.2a legal_advice"),
        )
    ),
    Row("s20 with a need", "", {"needs": "mental_health"}),
    Row("parent looked after, with a need", "", {**S17, **LOOKED_AFTER, "needs": "mental_health"}),
    Row("second parent looked after, with a need", "", {**S17, **FATHER, "needs": "mental_health"}),
    # legal_advice: a parent under 18 who is not looked after
    Row("parent of 17", "PC-2.1 legal_advice", YOUNG),
    Row("parent of 18", "", {"parent_age": "18"}),
    Row("parent of 17, looked after", "", LOOKED_AFTER),
    *(
        Row(f"parent of 17, any answer: {answer}", "PC-2.1 pass", {**YOUNG, **advised(answer)})
        for answer in LEGAL_ADVICE
    ),
    Row("parent of 17, a day without an answer", "PC-2.1 legal_advice", {**YOUNG, **advised()}),
    Row(
        "parent of 17, to be advised",
        "PC-2.1 legal_advice",
        {**YOUNG, **advised("section_20", on="2026-11-24")},
    ),
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
    # no_consent: everybody who must agree
    *(
        Row(f"{status}, {column} {says}, {who}", found, {**cells, **comes, column: says})
        for status, cells, clause in (("s20", {}, "PC-2.2"), ("s17", S17, "PC-2.1"))
        for column, says, who, comes, found in (
            ("parent_agrees", "no", "one parent", {}, f"{clause} no_consent"),
            ("parent_agrees", None, "one parent", {}, ""),
            ("second_parent_agrees", "no", "both come", BOTH, f"{clause} no_consent"),
            ("second_parent_agrees", "no", "one parent", {}, ""),
            ("second_parent_agrees", None, "both come", BOTH, ""),
            ("others_agree", "no", "one parent", {}, f"{clause} no_consent"),
            ("others_agree", "yes", "one parent", {}, ""),
            ("others_agree", None, "one parent", {}, ""),
        )
    ),
    Row("s20, parent looked after, refused", "PC-2.2 no_consent", {**LOOKED_AFTER, **REFUSES}),
    Row("s17, directed, refused", "PC-2.1 no_consent", {**S17, **DIRECTED, **REFUSES}),
    Row("interim care order, refused", "", {**INTERIM, **REFUSES, **DIRECTED}),
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
    assert listed(findings(tmp_path, row.cells)) == row.found


@pytest.mark.parametrize(
    ("says", "own_carers", "cells", "decisions", "found"),
    [
        ("support with own carers", True, {"parent_age": "21"}, [], ""),
        ("support without", False, {"parent_age": "21"}, [], "PC-1a resource_team"),
        ("18 with own carers", True, {"parent_age": "18"}, [], "PC-6.5c staying_put"),
        ("20 with own carers", True, {"parent_age": "20"}, [], "PC-6.5c staying_put"),
        ("20 without", False, {"parent_age": "20"}, [], "PC-1a resource_team"),
        ("looked after", True, {**LOOKED_AFTER, **S17}, [], ""),
        (
            "nothing else is asked",
            True,
            {"parent_age": "19", **RESIDENTIAL, **REFUSES, **REFUSING},
            [],
            "PC-6.5c staying_put",
        ),
        ("the carers declined", True, {"parent_age": "19"}, ["declined_by_carer"], ""),
        ("an assessment", True, {"parent_age": "19", "purpose": "assessment"}, [], ""),
    ],
)
@pytest.mark.clause("PC-1a", "PC-6.5c")
def test_a_parent_who_lives_with_the_current_carers(
    tmp_path: Path, says: str, own_carers: bool, cells: Cells, decisions: list[str], found: str
) -> None:
    rows = [
        {"request_id": "R1", "household_id": "H1", "decision": each, "decided_on": "2026-11-20"}
        for each in decisions
    ]
    kinds = [current_carer()] if own_carers else []
    weeks = {"expected_weeks": "12"}
    of_it = findings(tmp_path, {**SUPPORT, **weeks, **cells}, relationships=kinds, decisions=rows)
    assert listed(of_it) == found


@pytest.mark.clause("PC-3.1j")
@pytest.mark.parametrize(
    ("cells", "event", "first"),
    [
        ({}, None, ("fostering_concerns", "case_risk_assessment")),
        (NONE_FOUND, None, ("case_risk_assessment",)),
        ({}, "done", ("fostering_concerns",)),
        (NONE_FOUND, "done", ()),
        (NONE_FOUND, "planned", ("case_risk_assessment",)),
        (NONE_FOUND, "accepted", ("case_risk_assessment",)),
        (FOSTER, None, ()),
        ({**SUPPORT, **LOOKED_AFTER}, None, ()),
    ],
)
def test_a_family_is_provisional_until_what_comes_first_is_done(
    tmp_path: Path, cells: Cells, event: str | None, first: tuple[str, ...]
) -> None:
    planned = event == "planned"
    row = {
        "request_id": "R1",
        "event": "case_risk_assessment",
        "status": event,
        "on": "2026-11-30" if planned else "2026-11-20",
        "until": "2026-12-01" if event == "accepted" else None,
        "by": "Head of Service",
    }
    tables = of(cells, events=[row] if event else [])
    record = record_of(solved(tmp_path, tables))
    (request,) = record.requests
    assert request.provisional == first
    assert record.counts.provisional == bool(first)
    held = prepared(tmp_path, tables, a_policy(screening__not_considered="hold"))
    assert held.outcomes == ["resource_team" if first else None]
    assert listed(held.findings[0]) == ("PC-3.1j resource_team" if first else "")


@pytest.mark.clause("PC-3.1j")
@pytest.mark.parametrize(
    ("requests", "said"),
    [
        (
            [{}, {"fostering_concerns": "none"}],
            "2 families are matched provisionally: nobody has decided yet whether a fostering household "
            "is suitable. First: consider the eight circumstances in which fostering may not suit (R1); "
            "assess the risk of the case (R1 and R2). (PC-3.1j)",
        ),
        (
            [FOSTER],
            "The Resource team has decided for fostering, though the eight circumstances in which "
            "fostering may not suit are not considered (R1); the case is not risk assessed (R1). It must "
            "be done first. (PC-3.1j)",
        ),
        ([YOUNG], ""),
        ([RESIDENTIAL], ""),
    ],
)
def test_the_first_page_says_once_what_must_come_first(
    tmp_path: Path, requests: list[Cells], said: str
) -> None:
    tables = one_pair()
    tables["requests"] = [a_request(f"R{n}", **cells) for n, cells in enumerate(requests, start=1)]
    explainer = Explainer(record_of(solved(tmp_path, tables)))
    assert " ".join(line.sentence for line in explainer.before_fostering()) == said
    lines = [line.kind for r in explainer.round.requests for line in explainer.lines(r)]
    marks = {"provisional", "decided_early"} & {*lines}
    assert bool(marks) == bool(said)
    count = sum(bool(r.provisional) for r in explainer.round.requests)
    assert explainer.round.counts.provisional == count


@pytest.mark.parametrize("key", [each.key for each in SCREENING])
def test_each_check_has_its_setting_with_its_own_clause(key: str) -> None:
    setting = default().settings[f"screening.checks.{key}"]
    check = next(each for each in SCREENING if each.key == key)
    assert setting.source == check.clause
    assert setting.problem("off") is None
    assert setting.problem("matched") is not None
    keys = {each.key for each in SCREENING}
    assert keys == {*default().group("screening.checks")}


@pytest.mark.parametrize(
    ("value", "outcome"),
    [("no_consent", "no_consent"), ("off", None), ("residential", "residential")],
)
@pytest.mark.parametrize(
    ("key", "cells"),
    [
        ("concern_parenting", concern("parenting")),
        ("high_absconding", {"risk_absconding": "high"}),
        ("engagement", REFUSING),
        ("support_purpose", SUPPORT),
        ("head_of_service", ORDER),
        ("court_direction", INTERIM),
        ("section_17", {**S17, "needs": "mental_health"}),
        ("young_parent", YOUNG),
        ("consent_section_20", REFUSES),
    ],
)
def test_a_check_is_switched_off_or_comes_to_something_else(
    tmp_path: Path, key: str, cells: Cells, value: str, outcome: str | None
) -> None:
    policy = a_policy(**{f"screening__checks__{key}": value})
    made = prepared(tmp_path, one_pair(a_request(**cells)), policy)
    assert made.outcomes == [outcome]
    assert (key in [each.check for each in made.findings[0]]) == (outcome is not None)


def test_staying_put_that_is_switched_off_is_screened_as_any_other(tmp_path: Path) -> None:
    cells = {**SUPPORT, "parent_age": "19", **S17, **REFUSES}
    tables = of(cells, relationships=[current_carer()])
    made = prepared(tmp_path, tables, a_policy(screening__checks__staying_put="off"))
    assert made.outcomes == ["no_consent"]
    (case,) = request_cases(made.inputs, made.policy)
    assert case.regime == "s17"


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
        pytest.param(
            {**YOUNG, **advised("section_20"), **REFUSES}, "no_consent", id="consent alone"
        ),
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
    contract = "residential resource_team head_of_service legal_advice no_consent staying_put"
    assert " ".join(OUTCOMES) == contract
    given = [each.outcome(default()) for each in SCREENING]
    assert list(dict.fromkeys(given)) == list(OUTCOMES)


def test_findings_belong_to_their_own_request(tmp_path: Path) -> None:
    tables: dict[str, Any] = one_pair()
    tables["requests"] = [a_request("R1"), a_request("R2", **REFUSES), a_request("R3", **YOUNG)]
    assert prepared(tmp_path, tables).outcomes == [None, "no_consent", "legal_advice"]


def test_each_high_risk_belongs_to_concerns_of_the_list() -> None:
    assert set(CONCERNS_OF_RISKS) <= set(RISK_AREAS)
    assert {each for concerns in CONCERNS_OF_RISKS.values() for each in concerns} <= set(CONCERNS)


CLAUSE_OF_REGIME = {
    "placement_with_parents": "PWP-1a",
    "looked_after_parent": "PC-2.4a",
    "looked_after_parent_and_child": "PC-2.4a",
    "s17": "PC-2.1",
    "s20": "PC-2.2",
    "interim_care_order": "PC-2.3",
    "staying_put": "PC-6.5c",
}
STAYS: Cells = {**SUPPORT, "parent_age": "19"}


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
            ("interim_care_order", "emergency", {"child_legal_status": "emergency_protection"}),
            ("placement_with_parents", "by advice", {**INTERIM, **advised(APPLIES)}),
            (
                "placement_with_parents",
                "by advice, directed",
                {**INTERIM, **DIRECTED, **advised(APPLIES)},
            ),
            ("interim_care_order", "ahead", {**INTERIM, **advised(APPLIES, on="2026-11-24")}),
            ("interim_care_order", "it does not", {**INTERIM, **advised(DOES_NOT)}),
            (
                "interim_care_order",
                "never in an emergency",
                {"child_legal_status": "emergency_protection", **advised(APPLIES)},
            ),
            ("s17", "directed by the court", {**S17, **DIRECTED}),
            ("s20", "accommodated before Staying Put", STAYS),
            ("staying_put", "not looked after", {**STAYS, **S17}),
        )
    ],
)
def test_the_first_regime_that_fits(tmp_path: Path, label: str, cells: Cells) -> None:
    kinds = [current_carer()] if cells.get("purpose") == "support" else []
    inputs = read_tables(tmp_path, of(cells, relationships=kinds))
    (case,) = request_cases(inputs, a_policy())
    assert case.regime == label


UNDECIDED = "The Resource team has not yet decided whether a fostering household is suitable."
LAWYER = "Ask the council's lawyer, at the legal planning meeting,"
RECORD = "Record the day and the answer."
WORDS: dict[str, list[tuple[Cells, str, str]]] = {
    "residential": [
        (
            RESIDENTIAL,
            "The Resource team has decided on a residential placement.",
            "Search for a residential placement, if a parenting assessment is still viable.",
        )
    ],
    **{
        f"concern_{code}": [
            (
                concern(code),
                f"Recorded concern: {code.replace('_', ' ')}. {UNDECIDED}",
                "Discuss it with the Resource team, or look for a residential placement.",
            )
        ]
        for code in CONCERNS
    },
    **{
        f"high_{area}": [
            (
                {f"risk_{area}": "high"},
                f"{area.replace('_', ' ').capitalize()}: the risk is high, and the concern it belongs "
                f"to ({named}) is not considered. {UNDECIDED}",
                f"Consider with the Resource team whether there is this concern: {named}. Record the "
                "answer.",
            )
        ]
        for area, named in (
            ("absconding", "absconding"),
            ("mental_health", "serious mental ill health"),
            ("substance_misuse", "rehabilitation"),
            ("offending", "specified offence"),
        )
    },
    "high_violence": [
        (
            {"risk_violence": "high", **concern("parenting"), **FOSTER},
            "Violence: the risk is high, and the concern it belongs to (external risk or supervision) "
            "is not among those recorded. The Resource team has decided for a fostering household.",
            "Consider with the Resource team whether there is this concern: external risk or "
            "supervision. Record the answer.",
        )
    ],
    "engagement": [
        (
            REFUSING,
            f"Engagement is recorded as refusing. {UNDECIDED}",
            "Discuss it with the Resource team, or look for a residential placement.",
        )
    ],
    "support_purpose": [
        (
            {**SUPPORT, **decided},
            "The purpose is support, no parent is looked after and no current carer is recorded."
            + said,
            "Check the purpose: support is for a looked-after parent. If it stands, discuss it with "
            "the Resource team.",
        )
        for decided, said in (
            ({}, ""),
            (FOSTER, " The Resource team has decided for a fostering household."),
        )
    ],
    "head_of_service": [
        (
            {**ORDER, "placement_with_parents": "not_done"},
            "The child is under a care order; the Head of Service has not yet agreed and "
            "the placement with parents assessment is not approved.",
            "Complete the placement with parents assessment and ask the Head of Service to agree.",
        ),
        (
            {**ORDER, "placement_with_parents": "interim"},
            "The child is under a care order; the Head of Service has not yet agreed.",
            "Ask the Head of Service for the interim agreement now. The full assessment follows soon "
            "after the return (PWP-2c).",
        ),
        (
            {**INTERIM, **advised(APPLIES), "placement_with_parents": "approved"},
            "Placement with parents applies, by legal advice, to the interim care order; the Head of "
            "Service has not yet agreed.",
            "Ask the Head of Service to agree, and record the day.",
        ),
        (
            {**ORDER, **AGREED},
            "The child is under a care order; the Head of Service agreed on 23 November 2026 "
            "(approved assessment).",
            "Ask the Head of Service to agree, and record the day.",
        ),
    ],
    "court_direction": [
        (
            {**INTERIM, **cells},
            f"The child is under an interim care order and {said}",
            f"{LAWYER} whether placement with parents applies. {RECORD}",
        )
        for cells, said in (
            (
                {},
                "it is not known whether the court directed the placement. No legal advice is "
                "recorded.",
            ),
            (
                {"court_directed": "no", **advised(on="2026-11-24")},
                "the court has not directed the placement. Legal advice is planned for 24 November "
                "2026.",
            ),
            (
                {**DIRECTED, "court_direction_until": "2026-11-22", **advised()},
                "the court's direction ran out on 22 November 2026. Legal advice was given on 23 "
                "November 2026, and its answer is not recorded: whether placement with parents "
                "applies.",
            ),
            (
                {**DIRECTED, "court_on": "2026-11-22", **advised(DOES_NOT)},
                "it is not known whether the court's direction runs on after the hearing of 22 "
                "November 2026. Legal advice of 23 November 2026: placement with parents does not "
                "apply.",
            ),
            (
                {"court_directed": "no", **advised(DOES_NOT, on=None)},
                "the court has not directed the placement. The legal advice is placement with parents "
                "does not apply; its day is not recorded.",
            ),
        )
    ],
    "section_17": [
        (
            {
                **S17,
                **FOSTER,
                "needs": "mental_health;trauma",
                "risk_self_harm": "high",
                "risk_absconding": "low",
                **concern("parenting"),
                "engagement": "partial",
            },
            "Neither the child nor a parent is looked after, and there is a concern: mental health, "
            "high risk of self harm, parenting and engagement recorded as partial. No legal advice is "
            "recorded.",
            f"{LAWYER} whether s17 will do, or whether to consider voluntary accommodation (s20) or an "
            f"interim care order. {RECORD}",
        ),
        (
            {**S17, "needs": "mental_health", **advised("section_20")},
            "Neither the child nor a parent is looked after, and there is a concern: mental health. "
            "Legal advice of 23 November 2026: voluntary accommodation (s20) comes first.",
            "Agree voluntary accommodation (s20) with everybody who has parental responsibility; "
            "record the child's legal status once it is so.",
        ),
        (
            {**S17, "needs": "mental_health", **advised("interim_order")},
            "Neither the child nor a parent is looked after, and there is a concern: mental health. "
            "Legal advice of 23 November 2026: an interim care order comes first.",
            "Seek an interim care order with the council's lawyer; record the child's legal status "
            "once it is so.",
        ),
    ],
    "young_parent": [
        (
            {**S17, "parent_age": "16", "second_parent_age": "17"},
            "A parent of 16 and 17 is not recorded as looked after. Accommodating a parent under 18 may "
            "make them looked after too. No legal advice is recorded.",
            f"{LAWYER} on what legal footing the parent can come. {RECORD}",
        ),
        (
            {"parent_age": "15", **advised("section_20")},
            "A parent of 15 is not recorded as looked after. Accommodating a parent under 18 may make "
            "them looked after too. Somebody under 16 can agree to s20 only if found able to "
            "understand it. Others with parental responsibility must be asked. Legal advice of 23 "
            "November 2026: voluntary accommodation (s20) comes first.",
            f"{LAWYER} on what legal footing the parent can come, whether they can agree to s20, and "
            f"who else has parental responsibility. {RECORD}",
        ),
        (
            {"parent_age": "16"},
            "A parent of 16 is not recorded as looked after. Accommodating a parent under 18 may make "
            "them looked after too. Others with parental responsibility must be asked. No legal advice "
            "is recorded.",
            f"{LAWYER} on what legal footing the parent can come, whether they can agree to s20, and "
            f"who else has parental responsibility. {RECORD}",
        ),
    ],
    "consent_section_17": [
        (
            {**S17, **REFUSES},
            "The child is not looked after, so the arrangement rests on consent; the parent does not "
            "agree.",
            "Ask again, with advice; without consent there is no voluntary arrangement.",
        ),
        (
            {**S17, **DIRECTED, **REFUSES},
            "The court directed the placement, and the child is not looked after; the parent does not "
            "agree.",
            "Tell the council's lawyer: the court that directed the placement has to know.",
        ),
    ],
    "consent_section_20": [
        (
            {**BOTH, "second_parent_agrees": "no", "others_agree": "no"},
            "The child would be voluntarily accommodated; the second parent does not agree and somebody "
            "else with parental responsibility does not agree.",
            "Ask again, with advice; without consent there is no voluntary arrangement.",
        )
    ],
    "staying_put": [
        (
            STAYS,
            "A parent of 18 to 20 who is not looked after lives with H1: this is Staying Put, not a "
            "fostering placement. H1 is kept for the family.",
            "Agree with parent and carers what Staying Put needs. Where one of them declines, record "
            "it: it is then a request as any other.",
        )
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
    (
        {**cells, **concern("parenting")},
        f"Recorded concern: parenting. {said}",
        "Discuss it with the Resource team, or look for a residential placement.",
    )
    for cells, said in MORE_OF_A_CONCERN
]
HELD_ONLY = {  # by the policy
    "not_considered": (
        {},
        "The eight circumstances in which fostering may not suit are not considered and the case is "
        "not risk assessed.",
        "Consider the eight circumstances in which fostering may not suit and assess the risk of the "
        "case; the Resource team then decides whether a fostering household is suitable.",
    )
}
BY_KEY = {each.key: each for each in SCREENING}


@pytest.mark.parametrize(
    ("key", "cells", "reason", "step"),
    [
        pytest.param(key, *row, id=f"{key}: {row[1]}", marks=proves(BY_KEY[key].clause))
        for key, rows in {**WORDS, **{key: [row] for key, row in HELD_ONLY.items()}}.items()
        for row in rows
    ],
)
def test_what_a_check_found_and_what_comes_next(
    tmp_path: Path, key: str, cells: Cells, reason: str, step: str
) -> None:
    kinds = [current_carer()] if key == "staying_put" else []
    held = "hold" if key in HELD_ONLY else "provisional"
    tables = of(cells, relationships=kinds)
    made = prepared(tmp_path, tables, a_policy(screening__not_considered=held))
    found = [(each.reason, each.next_step) for each in made.findings[0] if each.check == key]
    assert found == [(reason, step)]


def test_every_check_has_its_words_tested() -> None:
    assert {*WORDS, *HELD_ONLY} == set(BY_KEY)
