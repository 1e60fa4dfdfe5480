"""Every gate in each of its states: met, open, accepted or not needed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders import (
    Cells,
    a_carer,
    a_household,
    a_policy,
    a_request,
    as_read,
    one_pair,
    prepared,
    read_tables,
    solved,
)
from matcher import codes
from matcher.codes import RISK_AREAS
from matcher.explain import Explainer
from matcher.policy import duties as register
from matcher.policy.duties import DUTIES, DutyWords
from matcher.policy.duties.form import MATCH, PLACEMENT
from matcher.policy.request_record import missing
from matcher.policy.settings import default
from matcher.recorder import record_of
from matcher.rounds import Prepared, SolvedRound, prepare

LOOKED_AFTER: Cells = {"parent_age": "17", "parent_looked_after": "yes"}
S17: Cells = {"child_legal_status": "not_looked_after"}
ORDER: Cells = {"child_legal_status": "care_order"}
INTERIM: Cells = {"child_legal_status": "interim_care_order"}
UNBORN: Cells = {"child_born_or_due_on": "2026-11-24"}
BORN_TODAY: Cells = {"child_born_or_due_on": "2026-11-23"}
RISKS: Cells = {f"risk_{area}": "low" for area in RISK_AREAS}
NO_CONSENT_NEEDED = ("not_needed", "The arrangement does not rest on consent.")
NOT_BEFORE = ("not_needed", "The placement is not part of pre-proceedings.")
NO_DIRECTION = ("not_needed", "No direction of the court is recorded.")
NO_ADVICE = ("not_needed", "Nothing is recorded for which legal advice comes first.")
NO_HIGH_RISK = (
    "not_needed",
    "No high risk is without an answer on the concern it belongs to.",
)
HELD_AGAINST = "High, and the concern neither recorded nor ruled out:"
NOBODY_CONSIDERED = "Nobody has recorded whether any of the eight circumstances applies"
BEFORE = "it comes before fostering is decided on."
WITHOUT = "the Resource team has decided for fostering without it."
NEVER_TOO_HIGH = (
    "not_needed",
    "No joint risk assessment that counts says that the risk is too high.",
)
ALL_AGREE: Cells = {"parent_agrees": "yes", "others_agree": "yes"}
DIRECTED: Cells = {**INTERIM, "court_directed": "yes"}
ADVISED: Cells = {"legal_advice_on": "2026-11-20"}
NO_ORDER = ("not_needed", "The child is not under a care order.")
NOT_ANSWERED = (
    "unknown",
    "It is not known whether placement with parents applies to the interim care order.",
)
BY_DIRECTION = (
    "not_needed",
    "The court directed the placement, s38(6): placement with parents does not apply.",
)
NO_PARENT = ("not_needed", "No parent is looked after.")
FULL: Cells = {
    "ethnicity": "WBRI", "religion": "none", "languages": "English", "english": "fluent",
    "home_postcode": "NW5", "engagement": "committed", "withhold_address": "no",
    "fostering_concerns": "none", "others_agree": "yes", **RISKS,
}  # fmt: skip

HELD = [duty for duty in DUTIES if duty.holds]  # what stands before a confirmation

Table = list[tuple[Cells, tuple[str, str]]]


SUPPORT: Cells = {"purpose": "support"}
ADVICE = ("open", "No legal advice is recorded.")
SOCIAL_WORKER, SUPERVISING = "child's social worker", "supervising social worker"
BOTH = "child's and supervising social workers"
BY_TELEPHONE = "A discussion by telephone is not recorded."


def unrecorded(what: str) -> tuple[str, str]:
    return "open", f"{what} is not recorded."


REQUEST_TABLES: dict[str, Table] = {
    "consent": [
        (ALL_AGREE, ("done", "Everybody agrees whose consent it needs.")),
        (
            {},
            ("open", "It is not known whether everybody else with parental responsibility agrees."),
        ),
        (
            {**ALL_AGREE, "parent_agrees": None},
            ("open", "It is not known whether the parent agrees."),
        ),
        ({**ALL_AGREE, "parent_agrees": "no"}, ("open", "The parent does not agree.")),
        (
            {**ALL_AGREE, "second_parent_age": "30"},
            ("open", "It is not known whether the second parent agrees."),
        ),
        (
            {**ALL_AGREE, "second_parent_age": "30", "second_parent_agrees": "no"},
            ("open", "The second parent does not agree."),
        ),
        (
            {**ALL_AGREE, "second_parent_age": "30", "second_parent_agrees": "yes"},
            ("done", "Everybody agrees whose consent it needs."),
        ),
        (
            {"others_agree": "no"},
            ("open", "Somebody else with parental responsibility does not agree."),
        ),
        (
            {"parent_agrees": "no"},
            (
                "open",
                "The parent does not agree. It is not known whether everybody else with parental "
                "responsibility agrees.",
            ),
        ),
        (
            {**S17, **ALL_AGREE, "parent_agrees": None},
            ("open", "It is not known whether the parent agrees."),
        ),
        (
            {**ALL_AGREE, "parent_age": "15"},
            ("open", "That a parent of 15 can understand what they agree to is not recorded."),
        ),
        ({**ALL_AGREE, "parent_age": "16"}, ("done", "Everybody agrees whose consent it needs.")),
        (INTERIM, NO_CONSENT_NEEDED),
        ({**INTERIM, "parent_agrees": "no"}, NO_CONSENT_NEEDED),
        ({**UNBORN, **INTERIM, "parent_agrees": "no"}, NO_CONSENT_NEEDED),
        ({"child_legal_status": "emergency_protection", "others_agree": "no"}, NO_CONSENT_NEEDED),
        (ORDER, NO_CONSENT_NEEDED),
        ({**ORDER, **LOOKED_AFTER}, NO_CONSENT_NEEDED),
    ],
    "court_direction": [
        ({}, NO_DIRECTION),
        (S17, NO_DIRECTION),
        ({**INTERIM, "court_directed": "no"}, NO_DIRECTION),
        (INTERIM, ("unknown", "It is not known whether the court directed the placement.")),
        (
            {**DIRECTED, "court_direction_until": "2026-11-23"},
            ("done", "The court's direction runs until 23 November 2026."),
        ),
        (
            {**DIRECTED, "court_direction_until": "2026-11-22"},
            ("unknown", "The court's direction ran out on 22 November 2026."),
        ),
        (
            {**DIRECTED, "court_on": "2026-11-23"},
            ("done", "The court directed the placement; it hears the case on 23 November 2026."),
        ),
        (
            {**DIRECTED, "court_on": "2026-11-22"},
            (
                "unknown",
                "It is not known whether the court's direction runs on after the hearing of 22 "
                "November 2026.",
            ),
        ),
        (
            DIRECTED,
            (
                "unknown",
                "Neither the end of the court's direction nor the next hearing is recorded.",
            ),
        ),
        (
            {**DIRECTED, **UNBORN, "court_on": "2026-12-23"},
            ("unknown", "The child is not yet born: a court's direction can only be planned."),
        ),
        (
            {**S17, "court_directed": "yes", "court_on": "2026-11-22"},
            (
                "unknown",
                "It is not known whether the court's direction runs on after the hearing of 22 "
                "November 2026.",
            ),
        ),
    ],
    "legal_advice": [
        (
            {"legal_advice_on": "2026-11-23", "legal_advice": "section_20"},
            (
                "done",
                "Legal advice of 23 November 2026: voluntary accommodation (s20) comes first.",
            ),
        ),
        (
            {"legal_advice_on": "2026-11-23"},
            (
                "open",
                "Legal advice was given on 23 November 2026, and its answer is not recorded: what "
                "the legal planning meeting advised.",
            ),
        ),
        (
            {"legal_advice_on": "2026-11-24", "legal_advice": "section_20"},
            ("open", "Legal advice is planned for 24 November 2026."),
        ),
        (
            {"legal_advice_on": "2026-11-23", "legal_advice": "interim_order"},
            (
                "open",
                "Legal advice of 23 November 2026: an interim care order comes first. It waits until "
                "that is so.",
            ),
        ),
        ({}, ADVICE),
        (S17, ADVICE),
        ({**S17, "needs": "domestic_abuse"}, ADVICE),
        (
            {**S17, "needs": "domestic_abuse", **ADVISED, "legal_advice": "section_17"},
            ("done", "Legal advice of 20 November 2026: the arrangement may go on under s17."),
        ),
        (
            {**S17, "needs": "domestic_abuse", **ADVISED, "legal_advice": "section_20"},
            (
                "open",
                "Legal advice of 20 November 2026: voluntary accommodation (s20) comes first. It "
                "waits until that is so.",
            ),
        ),
        (INTERIM, ADVICE),
        ({**INTERIM, "court_directed": "no"}, ADVICE),
        (
            {**INTERIM, **ADVISED, "legal_advice": "section_20"},
            (
                "open",
                "Legal advice of 20 November 2026: voluntary accommodation (s20) comes first. It "
                "does not say whether placement with parents applies.",
            ),
        ),
        (
            {**INTERIM, **ADVISED, "legal_advice": "placement_with_parents_does_not_apply"},
            ("done", "Legal advice of 20 November 2026: placement with parents does not apply."),
        ),
        (DIRECTED, NO_ADVICE),
        ({**DIRECTED, "court_on": "2026-11-22"}, ADVICE),
        ({**S17, "court_directed": "yes", "needs": "domestic_abuse"}, NO_ADVICE),
        (ORDER, NO_ADVICE),
        ({**SUPPORT, **LOOKED_AFTER, **S17}, NO_ADVICE),
        ({**DIRECTED, "parent_age": "17"}, ADVICE),
        ({**DIRECTED, "parent_age": "18"}, NO_ADVICE),
        ({**DIRECTED, "second_parent_age": "17"}, ADVICE),
        ({**DIRECTED, "second_parent_age": "17", "second_parent_looked_after": "yes"}, NO_ADVICE),
    ],
    "legal_planning_meeting": [
        ({}, unrecorded("A legal planning meeting")),
        (S17, unrecorded("A legal planning meeting")),
        ({**S17, "court_directed": "yes"}, NOT_BEFORE),
        (
            {**S17, "court_directed": "yes", "court_direction_until": "2026-11-22"},
            unrecorded("A legal planning meeting"),
        ),
        (INTERIM, NOT_BEFORE),
        (ORDER, NOT_BEFORE),
        ({**SUPPORT, **LOOKED_AFTER}, NOT_BEFORE),
    ],
    "placing_child_with_parent": [
        ({}, NO_PARENT),
        (LOOKED_AFTER, unrecorded("The decision that parent and child can be placed together")),
    ],
    "request_record": [
        (FULL, ("open", f"The record is complete. {BY_TELEPHONE}")),
        (
            {**FULL, "english": None, "risk_arson": None, "risk_medical": None},
            (
                "open",
                "It does not yet say: how much English the parent speaks and the assessed risk in "
                f"2 areas. {BY_TELEPHONE}",
            ),
        ),
    ],
    "case_risk_assessment": [
        ({}, ("open", f"A risk assessment of the case is not recorded; {BEFORE}")),
        (
            {"resource_team_decision": "foster"},
            ("open", f"A risk assessment of the case is not recorded; {WITHOUT}"),
        ),
        (SUPPORT, unrecorded("A risk assessment of the case")),
    ],
    "older_children_needs": [
        ({}, ("not_needed", "No older child comes.")),
        ({"older_children": "1"}, ("open", "1 older child comes. What they need is not recorded.")),
        (
            {"older_children": "2"},
            ("open", "2 older children come. What they need is not recorded."),
        ),
    ],
    "handed_back": [({}, NEVER_TOO_HIGH)],
    "risk_concerns": [
        ({}, NO_HIGH_RISK),
        ({"risk_absconding": "medium"}, NO_HIGH_RISK),
        ({"risk_absconding": "high", "fostering_concerns": "none"}, NO_HIGH_RISK),
        ({"risk_absconding": "high", "fostering_concerns": "absconding"}, NO_HIGH_RISK),
        ({"risk_arson": "high"}, NO_HIGH_RISK),
        ({"risk_absconding": "high"}, ("open", f"{HELD_AGAINST} absconding (absconding).")),
        (
            {"risk_absconding": "high", "fostering_concerns": "parenting"},
            ("open", f"{HELD_AGAINST} absconding (absconding)."),
        ),
        (
            {**SUPPORT, "risk_violence": "high", "fostering_concerns": "parenting"},
            ("open", f"{HELD_AGAINST} violence (external risk or supervision)."),
        ),
        (
            {"risk_violence": "high", "fostering_concerns": "supervision"},
            NO_HIGH_RISK,
        ),
    ],
    "partner_and_family_risk": [
        ({}, unrecorded("An assessment of the partner and the wider family"))
    ],
    "adult_checks": [
        ({"parent_age": "18"}, ("open", "1 adult parent comes. No checks are recorded.")),
        (
            {"second_parent_age": "30"},
            ("open", "2 adult parents come. No checks are recorded."),
        ),
        (
            {"parent_age": "16"},
            ("not_needed", "No parent who comes is 18 or over, or will be soon."),
        ),
        (
            {**LOOKED_AFTER, "second_parent_age": "18"},
            ("open", "1 adult parent comes. No checks are recorded."),
        ),
    ],
    "placement_with_parents_assessment": [
        (INTERIM, NOT_ANSWERED),
        (DIRECTED, BY_DIRECTION),
        (ORDER, ("open", "The placement with parents assessment is not approved.")),
        (
            {**ORDER, "placement_with_parents": "interim"},
            (
                "unknown",
                "The agreement is interim; its assessment is due 10 days after the return. The day of "
                "the return is not recorded.",
            ),
        ),
        (
            {**ORDER, "placement_with_parents": "approved"},
            ("done", "The placement with parents assessment is approved."),
        ),
    ],
    "team_manager_view": [({}, NO_ORDER), (ORDER, unrecorded("The team manager's view"))],
    "reviewing_officer_view": [
        ({}, NO_ORDER),
        (ORDER, unrecorded("The independent reviewing officer's view")),
    ],
    "checks_attached": [
        ({}, NO_ORDER),
        (ORDER, ("open", "A day on which checks were requested is not recorded.")),
        (
            {**ORDER, "checks_requested_on": "2026-11-23"},
            (
                "open",
                "Checks were requested on 23 November 2026; none is recorded as attached.",
            ),
        ),
        (
            {**ORDER, "checks_requested_on": "2026-11-24"},
            ("open", "Checks are to be requested on 24 November 2026."),
        ),
    ],
    "adult_joins": [
        ({"second_parent_age": "30"}, NO_ORDER),
        (ORDER, ("not_needed", "No second parent comes.")),
        (
            {**ORDER, "second_parent_age": "30"},
            unrecorded("That the assessment covers the second parent, with checks,"),
        ),
    ],
    "pre_birth_assessment": [
        (
            {**UNBORN, "pre_birth_assessment": "done"},
            ("done", "The pre-birth assessment is done."),
        ),
        ({"pre_birth_assessment": "done"}, ("done", "The pre-birth assessment is done.")),
        *(
            (
                {**UNBORN, "pre_birth_assessment": state},
                (
                    # Of adults it is preferred, before the start; of those who are looked after asked.
                    "overdue" if state is None else "open",
                    f"The pre-birth assessment is {said}. Birth is planned for 24 November 2026.",
                ),
            )
            for state, said in (
                (None, "not recorded"),
                ("booked", "recorded as booked"),
                ("not_done", "recorded as not done"),
            )
        ),
        *(
            (
                {**BORN_TODAY, "pre_birth_assessment": state},
                ("overdue", f"The child is born; the pre-birth assessment is {said}."),
            )
            for state, said in (
                ("booked", "recorded as booked"),
                ("not_done", "recorded as not done"),
            )
        ),
        (BORN_TODAY, ("not_needed", "The child is born, and no parent is looked after.")),
        *(
            (
                {**BORN_TODAY, **LOOKED_AFTER, "pre_birth_assessment": state},
                ("overdue", f"The child is born; the pre-birth assessment is {said}."),
            )
            for state, said in ((None, "not recorded"), ("not_needed", "recorded as not needed"))
        ),
        *(
            (
                {**birth, "pre_birth_assessment": "not_needed"},
                ("not_needed", "It is recorded that no pre-birth assessment is needed."),
            )
            for birth in (UNBORN, BORN_TODAY)
        ),
        (
            {**UNBORN, **LOOKED_AFTER, "pre_birth_assessment": "not_needed"},
            (
                "overdue",
                "The pre-birth assessment is recorded as not needed. Every looked-after parent who "
                "expects a child has one. Birth is planned for 24 November 2026.",
            ),
        ),
    ],
    "fostering_concerns": [
        (
            {},
            ("unknown", f"{NOBODY_CONSIDERED}; {BEFORE}"),
        ),
        ({"resource_team_decision": "foster"}, ("unknown", f"{NOBODY_CONSIDERED}; {WITHOUT}")),
        (SUPPORT, ("unknown", f"{NOBODY_CONSIDERED}.")),
        (
            {"fostering_concerns": "none"},
            ("not_needed", "No concern about fostering is recorded."),
        ),
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
                "done",
                "Recorded: parenting. The Resource team has decided for a fostering household.",
            ),
        ),
    ],
    "engagement": [
        ({}, ("open", "The parent's engagement is not recorded.")),
        ({"engagement": "refusing"}, ("open", "Engagement is recorded as refusing.")),
        (
            {"engagement": "refusing", "resource_team_decision": "foster"},
            ("done", "Engagement is recorded as refusing."),
        ),
        ({"engagement": "partial"}, ("done", "Engagement is recorded as partial.")),
        ({"engagement": "committed"}, ("done", "Engagement is recorded as committed.")),
    ],
    "risks_known": [
        (RISKS, ("done", "All nine areas are assessed.")),
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
        ({"withhold_address": "yes"}, ("done", "The address is withheld.")),
        ({"withhold_address": "no"}, ("done", "It need not be withheld.")),
    ],
    "head_of_service": [
        ({}, NO_ORDER),
        (INTERIM, NOT_ANSWERED),
        (DIRECTED, BY_DIRECTION),
        (ORDER, ("open", "The placement with parents assessment is not approved.")),
        (
            {**ORDER, "placement_with_parents": "interim"},  # at once: on the day of the request
            ("overdue", "No day of the Head of Service's agreement is recorded."),
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
            ("done", "The Head of Service's agreement on 23 November 2026."),
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


def standing(duties: list[DutyWords], gate: str) -> tuple[str, str]:
    (found,) = [(duty.status, duty.evidence) for duty in duties if duty.duty == gate]
    return found


def of_request(made: Prepared) -> list[DutyWords]:
    return of_pair(made)


def of_pair(made: Prepared, household: int = 0) -> list[DutyWords]:
    return register.words(register.of_match(made.pair(0, household)), default())


def clauses(tables: dict[str, Any]) -> list[Any]:
    """The cases of a table, each marked with the clauses of its gate."""
    of_gate = {gate.key: gate.clause.split(", ") for gate in DUTIES}
    return [
        pytest.param(*case.values, id=case.id, marks=pytest.mark.clause(*of_gate[case.values[0]]))
        for case in cases(tables)
    ]


@pytest.mark.parametrize(("gate", "cells", "expected"), clauses(REQUEST_TABLES))
def test_a_gate_of_the_request(
    tmp_path: Path, gate: str, cells: Cells, expected: tuple[str, str]
) -> None:
    made = prepared(tmp_path, one_pair(a_request(**cells)))
    assert standing(of_request(made), gate) == expected


@pytest.mark.clause("PC-2.1", "PC-2.2")
@pytest.mark.parametrize("status", ["not_looked_after", "s20"])
def test_consent_is_asked_of_a_looked_after_parent_too(tmp_path: Path, status: str) -> None:
    cells = {**LOOKED_AFTER, **ALL_AGREE, "child_legal_status": status, "parent_agrees": None}
    made = prepared(tmp_path, one_pair(a_request(**cells)))
    expected = ("open", "It is not known whether the parent agrees.")
    assert standing(of_request(made), "consent") == expected


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


def known(kind: str, withheld: str | None, *more: str) -> dict[str, Any]:
    ids = {"request_id": "R1", "household_id": "H1"}
    links = [{**ids, "kind": each} for each in (kind, *more)]
    return {"request": a_request(withhold_address=withheld), "relationships": links}


def at_home(children: int, **cells: str | None) -> dict[str, Any]:
    """A household with looked-after children and two approved carers."""
    home = a_household(looked_after_children=str(children), **cells)
    return {"household": home, "carers": [a_carer(), a_carer(number=2)]}


def own_carer() -> dict[str, Any]:
    link = {"request_id": "R1", "household_id": "H1", "kind": "current_carer"}
    return {"request": a_request(**LOOKED_AFTER), "relationships": [link]}


def smoke(smokes: str | None, **cells: str | None) -> dict[str, Any]:
    """A looked-after parent's own carers, of whom it is known or not whether they smoke."""
    home = {"household": a_household(smokes=smokes, features=None, dogs="no")}
    return {**own_carer(), "request": a_request(**LOOKED_AFTER, **cells), **home}


def support_until(last_day: str | None) -> dict[str, Any]:
    """Support without an end, in a household that has a last day, or none."""
    cells = {**SUPPORT, **LOOKED_AFTER, "expected_weeks": None}
    return {"request": a_request(**cells), "household": a_household(available_until=last_day)}


def placed(authority: str, provider: str = "agency") -> dict[str, Any]:
    """A looked-after child with carers whom another approved, in an authority."""
    return {"household": a_household(local_authority=authority, provider=provider)}


CAMDEN = "E09000007"
NO_CHILDREN = (
    "not_needed",
    "No looked-after children and no children of the carers live there.",
)
CONSIDERED = "That they were considered is not recorded."
RISKS_NOT_KNOWN = ("unknown", "Whether a risk is high is not known: 9 areas not assessed.")
NO_HIGH = ("not_needed", "No risk is assessed as high.")
NOT_WITHHELD = ("not_needed", "The address need not be withheld.")
NOT_KNOWN_TO_FAMILY = ("not_needed", "The family is not recorded as knowing this household.")
OWN = ("not_needed", "The council approved these carers itself.")
IN_AREA = ("not_needed", "The carers live in the council's own area.")
ASKED = ("open", "High risk: self harm. The carers have not said whether they manage it.")
NEITHER: Cells = {"child_social_worker_on": None, "supervising_social_worker_on": None}
PAIR_TABLES: dict[str, list[tuple[dict[str, Any], tuple[str, str]]]] = {
    "joint_risk_assessment": [
        ({}, ("open", "No joint risk assessment of this match is recorded.")),
        (assessed(an_assessment()), ("done", "9 of 9 areas considered.")),
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
        (  # areas and signatures count only in the row that decides, the latest
            assessed(
                an_assessment("in_progress", RISK_AREAS[0], assessed_on="2026-11-02", **NEITHER),
                an_assessment(areas=";".join(RISK_AREAS[1:]), assessed_on="2026-11-20"),
            ),
            ("open", "8 of 9 areas considered; offending is open."),
        ),
    ],
    "safe_caring": [
        ({}, ("open", "A day of a safe caring review is not recorded.")),
        (assessed(an_assessment()), ("open", "A day of a safe caring review is not recorded.")),
        (
            assessed(an_assessment(safe_caring_on="2026-11-23")),
            ("done", "Reviewed on 23 November 2026."),
        ),
        (
            assessed(
                an_assessment(safe_caring_on="2026-11-01"),
                an_assessment(safe_caring_on="2026-11-20", conditions="none"),
            ),
            ("done", "Reviewed on 20 November 2026."),
        ),
    ],
    "high_risk": [
        (limited(None), RISKS_NOT_KNOWN),
        ({"request": a_request(**{**RISKS, "risk_arson": "medium"})}, NO_HIGH),
        ({"request": a_request(**RISKS)}, NO_HIGH),
        (limited("high"), ASKED),
        (limited("high", "violence:high"), ASKED),
        (
            limited("high", "self_harm:high"),
            ("done", "High risk: self harm. The carers have said what they manage."),
        ),
    ],
    "known_to_family": [
        ({}, NOT_KNOWN_TO_FAMILY),
        (
            known("known_to_family", None),
            (
                "unknown",
                "The family knows this household; whether the address must be withheld is not known.",
            ),
        ),
        (known("known_to_family", "no"), NOT_WITHHELD),
        (
            known("former_carer", "yes"),
            NOT_KNOWN_TO_FAMILY,
        ),
        (
            known("known_to_family", "yes"),
            ("open", "The family knows this household, and the address must be withheld."),
        ),
        (
            known("known_to_family", "yes", "respite_carer"),
            ("open", "The family knows this household, and the address must be withheld."),
        ),
    ],
    "children_considered": [
        (at_home(0), NO_CHILDREN),
        (at_home(1), ("open", f"1 looked-after child lives there. {CONSIDERED}")),
        (at_home(2), ("open", f"2 looked-after children live there. {CONSIDERED}")),
        (
            {**at_home(1), **own_carer()},  # the parent is the one child there
            (
                "not_needed",
                "No other looked-after children and no children of the carers live there. The parent "
                "who lives there is not counted.",
            ),
        ),
        (
            {**at_home(2), **own_carer()},
            (
                "open",
                "1 other looked-after child lives there. The parent who lives there is not counted. "
                f"{CONSIDERED}",
            ),
        ),
        (
            {"household": a_household(own_children="yes", features=None)},
            ("open", f"Children of the carers live there. {CONSIDERED}"),
        ),
        (
            at_home(1, own_children="yes", features=None),
            (
                "open",
                "1 looked-after child lives there and children of the carers live there. "
                f"{CONSIDERED}",
            ),
        ),
        ({"household": a_household(own_children="no", features=None)}, NO_CHILDREN),
        (
            {"household": a_household(features=None)},
            ("unknown", "Nobody has asked whether children of the carers live there."),
        ),
        (  # a list of an older table: what it leaves out isn't there, and nobody has asked
            {"household": a_household(features="garden")},
            ("unknown", "Nobody has asked whether children of the carers live there."),
        ),
    ],
    "features_asked": [
        ({}, ("not_needed", "The table of households has a column for each.")),
        (
            {"household": a_household(features="garden")},
            (
                "open",
                "Their list of features is read as before: nobody has asked about what it leaves "
                "out.",
            ),
        ),
    ],
    "smoke_free_own_carers": [
        ({}, ("not_needed", "No parent lives with carers of their own.")),
        (smoke("no"), ("done", "The carers have said that nobody smokes.")),
        (smoke("yes"), ("open", "Somebody smokes there, and a young child comes.")),
        (smoke(None), ("unknown", "Nobody has asked whether anybody smokes there.")),
        (
            smoke(None, child_born_or_due_on="2021-11-23"),
            ("not_needed", "No young child comes, or the rule alone decides."),
        ),
        (
            smoke(None, child_born_or_due_on="2021-11-24"),
            ("unknown", "Nobody has asked whether anybody smokes there."),
        ),
    ],
    "what_follows": [
        ({}, ("not_needed", "It is not for support.")),
        (
            {"request": a_request(**SUPPORT, **LOOKED_AFTER)},
            ("not_needed", "How long it lasts is recorded."),
        ),
        (support_until(None), ("not_needed", "The household has no last day.")),
        (
            support_until("2027-04-30"),
            (
                "open",
                "How long support lasts is open, and the household is available until 30 April 2027.",
            ),
        ),
    ],
    "carers_briefed": [({}, unrecorded("That the carers were told what they need to know"))],
    "shared_care": [
        ({}, NO_PARENT),
        ({"request": a_request(**LOOKED_AFTER)}, unrecorded("An agreement on shared care")),
    ],
    "written_agreement": [
        ({}, ("not_needed", "The fostering and care planning regulations apply.")),
        ({"request": a_request(**S17)}, unrecorded("A signed agreement")),
        (
            {"request": a_request(**S17, **LOOKED_AFTER)},
            ("not_needed", "The fostering and care planning regulations apply."),
        ),
    ],
    "terms": [
        ({}, ("done", "The carers are approved for assessment.")),
        (
            {"household": a_household(terms="assessment;support")},
            ("done", "The carers are approved for assessment and support."),
        ),
        (
            {"household": a_household(terms="support")},
            ("open", "The carers are approved for support; this one is for assessment."),
        ),
    ],
    "limit_exemption": [
        (at_home(2), ("not_needed", "With this family the limit of 3 holds.")),
        (
            at_home(3),
            (
                "open",
                "4 looked-after people, over the usual limit of 3. No written exemption names "
                "this request.",
            ),
        ),
        (
            at_home(3, limit_exemption="R1"),
            (
                "done",
                "4 looked-after people, over the usual limit of 3. A written exemption names "
                "this request.",
            ),
        ),
        (
            {"request": a_request(babies="4")},
            ("not_needed", "All who are looked after are brothers and sisters."),
        ),
        (
            {"request": a_request(babies="3", **LOOKED_AFTER)},
            (
                "open",
                "4 looked-after people, over the usual limit of 3. No written exemption names "
                "this request.",
            ),
        ),
    ],
    "area_approval": [
        ({}, OWN),
        (placed("E09000007"), IN_AREA),
        (placed("E09000033"), ("open", "The carers live in an adjoining authority.")),
        (
            placed("E09000006"),
            ("open", "The carers live in an authority that does not adjoin the council's."),
        ),
        (
            {**placed("E09000006"), "request": a_request(**S17)},
            ("not_needed", "Nobody who comes is looked after."),
        ),
    ],
    "area_authority": [
        ({}, OWN),
        (placed("E09000007"), IN_AREA),
        (
            placed("E09000033"),
            (
                "not_needed",
                "The carers live in an adjoining authority. One that adjoins is not consulted.",
            ),
        ),
        (placed("E09000006"), unrecorded("That their authority was consulted")),
        (
            {**placed("E09000006"), "request": a_request(**S17)},
            ("not_needed", "Nobody who comes is looked after."),
        ),
    ],
    "area_notice": [
        (
            {"household": a_household(postcode="N1")},
            ("open", "It is not known in which authority the carers live: ask."),
        ),
        (placed("E09000007"), IN_AREA),
        (placed("E09000007", "own"), IN_AREA),
        *(
            (placed(authority, provider), unrecorded("Written notice to their authority"))
            for authority in ("E09000033", "E09000006")
            for provider in ("own", "agency", "other_authority")
        ),
        (
            {**placed("E09000006"), "request": a_request(**S17)},
            ("not_needed", "Nobody who comes is looked after."),
        ),
        (
            {**placed("E09000006"), "request": a_request(**S17, second_parent_age="17")},
            ("unknown", "It is not known whether the second parent is looked after."),
        ),
        (
            {**placed("E09000006"), "request": a_request(**S17, **LOOKED_AFTER)},
            unrecorded("Written notice to their authority"),
        ),
    ],
    "placement_meeting": [({}, unrecorded("A placement agreement meeting"))],
    "placement_plan": [({}, unrecorded("A signed plan"))],
}


def in_camden(tmp_path: Path, tables: dict[str, Any], **settings: object) -> Prepared:
    """A round of the London Borough of Camden."""
    inputs = replace(read_tables(tmp_path, tables), authority=CAMDEN)
    return prepare(inputs, a_policy(**settings), 0)


@pytest.mark.parametrize(("gate", "tables", "expected"), clauses(PAIR_TABLES))
def test_a_gate_of_the_pair(
    tmp_path: Path, gate: str, tables: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert standing(of_pair(in_camden(tmp_path, one_pair(**tables))), gate) == expected


@pytest.mark.clause("LAW-area")
@pytest.mark.parametrize(
    ("authority", "who", "action"),
    [
        ("E09000033", "nominated officer", ""),
        (
            "E09000006",
            "Director of children's services",
            "Consult the authority where the carers live, before the Director approves.",
        ),
    ],
    ids=["adjoining", "beyond"],
)
def test_who_approves_out_of_area(tmp_path: Path, authority: str, who: str, action: str) -> None:
    records = {
        duty.duty: duty for duty in of_pair(in_camden(tmp_path, one_pair(**placed(authority))))
    }
    assert records["area_approval"].who == who
    assert records["area_authority"].action == action


@pytest.mark.clause("LAW-area")
def test_what_is_not_known_of_an_area_is_open(tmp_path: Path) -> None:
    nowhere = one_pair(household=a_household(provider="agency", postcode="N1"))
    found = standing(of_pair(in_camden(tmp_path / "a", nowhere)), "area_approval")
    assert found == ("open", "It is not known in which authority the carers live: ask.")
    of_nobody = prepared(tmp_path / "b", one_pair(**placed("E09000033")))
    status, evidence = standing(of_pair(of_nobody), "area_approval")
    assert (status, evidence.split(":")[0]) == (
        "open",
        "It is not known which council this round is for",
    )


@pytest.mark.clause("LAW-area", "LAW-notice", "LAW-dbs", "LAW-terms", "LAW-limit")
@pytest.mark.parametrize(
    ("gate", "setting", "off"),
    [
        ("area_approval", "area__approvals", False),
        ("area_authority", "area__approvals", False),
        ("area_notice", "area__notices", False),
        ("adult_checks", "adult_checks", False),
        ("terms", "terms_of_approval", False),
        ("limit_exemption", "usual_fostering_limit", "off"),
    ],
)
def test_a_gate_of_law_can_be_switched_off(
    tmp_path: Path, gate: str, setting: str, off: object
) -> None:
    tables = one_pair(**placed("E09000006"))
    tables["households"][0] |= {"terms": "support", "looked_after_children": "3"}
    assert standing(of_pair(in_camden(tmp_path, tables)), gate)[0] == "open"
    made = in_camden(tmp_path, tables, **{setting: off})
    assert standing(of_pair(made), gate)[0] == "not_needed"


@pytest.mark.clause("LAW-area")
def test_a_neighbour_that_the_table_misses_is_a_setting(tmp_path: Path) -> None:
    tables = one_pair(**placed("E09000006"))
    made = in_camden(tmp_path, tables, area__also_adjoining="E09000033 E09000006")
    assert (
        standing(of_pair(made), "area_approval")[1] == "The carers live in an adjoining authority."
    )


@pytest.mark.clause("PC-5.3d", "LAW-area")
@pytest.mark.parametrize("authority", [CAMDEN, "E09000033", "E09000006"])
def test_a_gate_does_not_tell_where_a_withheld_household_is(tmp_path: Path, authority: str) -> None:
    made = in_camden(tmp_path, one_pair(**placed(authority)))
    told = [
        duty
        for duty in register.words(register.of_match(made.pair(0, 0)), default(), hide=True)
        if duty.clause in ("LAW-area", "LAW-notice")
    ]
    look_up = "Look up whether it is out of area; if so, "
    assert {duty.action.removeprefix(look_up)[:7] for duty in told} == {
        "approve",
        "consult",
        "give th",
    }
    duties = [replace(duty, duty="", sentence="", clause="LAW-area", action="") for duty in told]
    assert len(duties) == 3
    assert set(duties) == {
        DutyWords(
            duty="",
            clause="LAW-area",
            sentence="",
            status="open",
            holds=True,
            evidence="Its place is not shown, as an address is withheld.",
            unrecorded=False,
            action="",
            who="nominated officer, or the Director of children's services",
            workers=(),
            due=date(2026, 12, 4),
        )
    }


def test_a_gate_is_of_its_own_pair(tmp_path: Path) -> None:
    tables = one_pair(**assessed(an_assessment()))
    tables["households"].append(a_household("H2"))
    tables["carers"].append(a_carer("H2"))
    made = prepared(tmp_path, tables)
    found = [standing(of_pair(made, at), "joint_risk_assessment") for at in (0, 1)]
    assert found == [
        ("done", "9 of 9 areas considered."),
        ("open", "No joint risk assessment of this match is recorded."),
    ]


def a_step(gate: str, status: str = "done", on: str = "2026-11-20", **cells: str | None) -> Cells:
    household = "H1" if gate in codes.DUTIES_OF_A_PAIR else None
    row = {"request_id": "R1", "household_id": household, "event": gate, "status": status, "on": on}
    return {**row, **cells}


def after(tmp_path: Path, *steps: Cells, **tables: Any) -> list[DutyWords]:
    """The gates of a pair once steps are recorded."""
    recorded = {"events": list(steps)} if steps else {}
    return of_pair(in_camden(tmp_path, one_pair(**tables, **recorded)))


OPEN_EVERYWHERE: dict[str, Any] = {
    "request": a_request(
        **{**ORDER, "fostering_concerns": "parenting", "second_parent_age": "17"},
        second_parent_looked_after="yes", risk_arson="high", withhold_address="yes",
        placement_with_parents="interim", pre_birth_assessment="booked", engagement="refusing",
        older_children="1", risk_absconding="high",
    ),
    "household": a_household(
        provider="agency", local_authority="E09000006", looked_after_children="3", terms="support",
        features="garden", available_until="2027-04-30",
    ),
    "relationships": [{"request_id": "R1", "household_id": "H1", "kind": "known_to_family"}],
}  # fmt: skip
VOLUNTARY = {"request": a_request(**S17, parent_agrees=None)}
OTHERWISE: dict[str, dict[str, Any]] = {  # where what is open everywhere leaves one settled
    "consent": VOLUNTARY,
    "legal_advice": VOLUNTARY,
    "legal_planning_meeting": VOLUNTARY,
    "address": VOLUNTARY,
    "written_agreement": VOLUNTARY,
    "court_direction": {"request": a_request(**INTERIM)},
    "handed_back": {
        "risk_assessments": [{"request_id": "R1", "household_id": "H1", "outcome": "too_high"}]
    },
    "smoke_free_own_carers": {
        "request": a_request(**LOOKED_AFTER),
        "relationships": [{"request_id": "R1", "household_id": "H1", "kind": "current_carer"}],
    },
    "what_follows": {"request": a_request(**SUPPORT, **LOOKED_AFTER, expected_weeks=None)},
}


@pytest.mark.parametrize("gate", [duty.key for duty in HELD])
def test_a_step_settles_every_gate_that_is_open(tmp_path: Path, gate: str) -> None:
    tables = OPEN_EVERYWHERE | OTHERWISE.get(gate, {})
    before = {duty.duty: duty for duty in after(tmp_path / "before", **tables)}
    assert before[gate].still
    assert before[gate].action
    other_days = {
        "head_of_service": date(2026, 11, 16),
        "pre_birth_assessment": date(2026, 7, 9),
    }
    assert before[gate].due == other_days.get(gate, date(2026, 12, 4))
    found = {duty.duty: duty for duty in after(tmp_path / "after", a_step(gate), **tables)}
    assert replace(found.pop(gate), clause="", sentence="", who="", after=None) == DutyWords(
        duty=gate,
        clause="",
        sentence="",
        status="done",
        holds=True,
        evidence="Recorded as done on 20 November 2026.",
        unrecorded=False,
        action="",
        who="",
        workers=(),
        due=None,
    )
    settled = {duty.key for duty in DUTIES if gate in duty.settled_by}
    changed = {key for key, value in found.items() if value != before[key]}
    assert changed <= settled


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (
            {"until": "2026-11-23"},
            (
                "accepted",
                "Accepted on 20 November 2026 by Head of Service, until 23 November 2026.",
            ),
        ),
        (
            {"until": "2026-11-22"},
            (
                "open",
                "Accepted on 20 November 2026 by Head of Service, until 22 November 2026. A risk "
                f"assessment of the case is not recorded; {BEFORE}",
            ),
        ),
    ],
    ids=["its last day", "run out"],
)
def test_an_acceptance_says_who_when_and_until(
    tmp_path: Path, cells: Cells, expected: tuple[str, str]
) -> None:
    step = a_step("case_risk_assessment", "accepted", by="Head of Service", **cells)
    assert standing(after(tmp_path, step), "case_risk_assessment") == expected


def test_of_several_steps_the_latest_counts(tmp_path: Path) -> None:
    steps = [a_step("risks_known", on=f"2026-11-{day}") for day in ("05", "20", "10")]
    steps[1] |= {"status": "accepted", "by": "Head of Service", "until": "2026-12-01"}
    assert standing(after(tmp_path, *steps), "risks_known")[0] == "accepted"


@pytest.mark.clause("PC-2.2", "PWP-1e", "PC-5.1e")
def test_no_step_outweighs_a_fact_that_speaks_against_it(tmp_path: Path) -> None:
    refused = after(
        tmp_path / "a", a_step("consent"), request=a_request(**ALL_AGREE | {"parent_agrees": "no"})
    )
    assert standing(refused, "consent") == ("open", "The parent does not agree.")
    order = after(tmp_path / "b", a_step("head_of_service"), request=a_request(**ORDER))
    assert standing(order, "head_of_service")[0] == "open"
    too_high = assessed(an_assessment("too_high"))
    found = after(tmp_path / "c", a_step("joint_risk_assessment"), **too_high)
    assert standing(found, "joint_risk_assessment")[0] == "open"


def test_a_gate_is_said_once_with_the_request_until_something_is_recorded(tmp_path: Path) -> None:
    """round.json stays small: only what depends on the household comes with each ranked pair."""
    tables = one_pair()
    tables["households"].append(a_household("H2"))
    tables["carers"].append(a_carer("H2"))

    def keys(record: dict[str, Any]) -> tuple[set[str], list[set[str]]]:
        (request,) = record["requests"]
        ranked = [{duty["duty"] for duty in each["duties"]} for each in request["ranked"]]
        return {duty["duty"] for duty in request["duties"]}, ranked

    of_match = {duty.key for duty in DUTIES if duty.of == MATCH}
    every = {duty.key for duty in DUTIES if duty.of != PLACEMENT}
    alone, ranked = keys(as_read(solved(tmp_path / "a", tables)))
    assert alone >= of_match
    assert ranked == [every - alone] * 2
    recorded, ranked = keys(
        as_read(solved(tmp_path / "b", tables | {"events": [a_step("safe_caring")]}))
    )
    assert recorded == alone - of_match
    assert ranked == [every - recorded] * 2


def alerts(made: SolvedRound) -> list[str]:
    return [line.sentence for line in Explainer(record_of(made)).alerts()]


@pytest.mark.clause("PC-6.3b", "PC-5.1e")
def test_a_confirmed_match_with_an_open_gate_is_a_finding_and_no_error(tmp_path: Path) -> None:
    decision = {"request_id": "R1", "household_id": "H1", "decision": "confirmed"}
    tables = one_pair(decisions=[{**decision, "decided_on": "2026-11-20"}])
    steps = [a_step(gate.key) for gate in HELD if gate.key != "placement_plan"]
    made = solved(tmp_path / "a", tables | {"events": steps})
    assert alerts(made) == [
        "R1 is confirmed with H1 while these are open: placement plan. (PC-6.3b)"
    ]
    steps.append(a_step("placement_plan"))
    assert alerts(solved(tmp_path / "b", tables | {"events": steps})) == []


@pytest.mark.clause("PC-3.3b")
@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({}, []),
        ({"parent_agrees": None}, ["whether the parent agrees"]),
        (
            {**INTERIM, "parent_agrees": None},
            ["whether the court directed the placement", "the day of the next hearing"],
        ),
        ({**ORDER}, ["the placement with parents assessment"]),
        (UNBORN, ["the pre-birth assessment"]),
        (
            {"second_parent_age": "17", "second_parent_agrees": "yes"},
            ["whether the second parent is looked after"],
        ),
        ({"second_parent_age": "18"}, ["whether the second parent agrees"]),
        (
            {
                **INTERIM,
                "second_parent_age": "18",
                "court_directed": "no",
                "court_on": "2026-12-01",
            },
            [],
        ),
        ({"others_agree": None}, ["whether everybody else with parental responsibility agrees"]),
        ({"fostering_concerns": None}, ["whether any of the eight circumstances applies"]),
        (
            {**SUPPORT, "expected_weeks": None, "risk_arson": None},  # support may be open-ended
            ["the assessed risk of arson"],
        ),
    ],
    ids=str,
)
def test_what_a_request_record_still_has_to_say(
    tmp_path: Path, cells: Cells, said: list[str]
) -> None:
    inputs = read_tables(tmp_path, one_pair(a_request(**FULL | cells)))
    assert missing(inputs.requests[0], inputs.as_of) == said


WHO = {
    "request_record": ("PC-3.3b", SOCIAL_WORKER),
    "case_risk_assessment": ("PC-3.1j", SOCIAL_WORKER),
    "fostering_concerns": ("PC-3.1a", SOCIAL_WORKER),
    "risk_concerns": ("PC-3.1b, PC-3.1d, PC-3.1e, PC-3.1f, PC-3.1g, PC-3.1h", SOCIAL_WORKER),
    "engagement": ("PC-3.1i", SOCIAL_WORKER),
    "consent": ("PC-2.1, PC-2.2", SOCIAL_WORKER),
    "court_direction": ("PWP-1c, PWP-1d", SOCIAL_WORKER),
    "legal_advice": ("PC-3.2b", SOCIAL_WORKER),
    "legal_planning_meeting": ("PC-3.2b", SOCIAL_WORKER),
    "pre_birth_assessment": ("PC-2.4b, PC-4.1e, PC-4.3a", SOCIAL_WORKER),
    "placing_child_with_parent": ("PC-4.1e", SOCIAL_WORKER),
    "risks_known": ("PC-5.3a", SOCIAL_WORKER),
    "partner_and_family_risk": ("PC-5.3d", SOCIAL_WORKER),
    "address": ("PC-5.3d", SOCIAL_WORKER),
    "older_children_needs": ("PC-5.1i", SOCIAL_WORKER),
    "handed_back": ("PC-5.1e", "Resource team"),
    "adult_checks": ("LAW-dbs", SOCIAL_WORKER),
    "placement_with_parents_assessment": ("PWP-1e, PWP-2d, PWP-2f", SOCIAL_WORKER),
    "head_of_service": ("PWP-1e, PWP-2a", "Head of Service"),
    "team_manager_view": ("PWP-2a", "team manager"),
    "reviewing_officer_view": ("PWP-2a", "independent reviewing officer"),
    "checks_attached": ("PWP-2e", SOCIAL_WORKER),
    "adult_joins": ("PWP-3e", SOCIAL_WORKER),
    "joint_risk_assessment": ("PC-5.1e, PC-5.3a", BOTH),
    "children_considered": ("PC-5.1c", BOTH),
    "high_risk": ("PC-5.3b", SUPERVISING),
    "known_to_family": ("PC-5.3d", SOCIAL_WORKER),
    "features_asked": ("NMS-15", SUPERVISING),
    "smoke_free_own_carers": ("LAW-smoking", SUPERVISING),
    "what_follows": ("PC-1b", SUPERVISING),
    "safe_caring": ("PC-5.3c", SUPERVISING),
    "carers_briefed": ("PC-5.3e, PC-6.2b, PC-6.2c", BOTH),
    "shared_care": ("PC-4.2c", BOTH),
    "written_agreement": ("PC-2.1", "all parties"),
    "terms": ("LAW-terms", "fostering panel"),
    "limit_exemption": ("LAW-limit", "the authority where the carers live"),
    "area_approval": ("LAW-area", "nominated officer"),
    "area_authority": ("LAW-area", "nominated officer"),
    "area_notice": ("LAW-notice", "nominated officer"),
    "placement_meeting": ("PC-6.3c", SOCIAL_WORKER),
    "placement_plan": ("PC-6.3b", "all parties"),
}


def test_every_duty_that_holds_is_tested() -> None:
    assert {each.key: (each.clause, each.who) for each in HELD} == WHO
    assert {**REQUEST_TABLES, **PAIR_TABLES}.keys() == WHO.keys()


def test_a_record_has_the_contract_s_keys(tmp_path: Path) -> None:
    tables = one_pair(a_request(engagement="committed", **INTERIM))
    (request,) = as_read(solved(tmp_path, tables))["requests"]
    by_duty = {duty["duty"]: duty for duty in request["duties"]}
    assert list(by_duty["engagement"].items()) == [
        ("duty", "engagement"),
        ("clause", "PC-3.1i"),
        ("status", "done"),
        ("holds", True),
        ("due", None),
        ("who", "child's social worker"),
        ("facts", {"engagement": "committed", "resource_team_decision": None}),
    ]
    told = {duty.duty: duty for duty in of_request(prepared(tmp_path / "told", tables))}
    assert told["engagement"].evidence == "Engagement is recorded as committed."
    # A gate cites the clause by which it is asked here.
    assert by_duty["legal_advice"]["clause"] == "PWP-1d"
    assert told["legal_advice"].action.startswith("Ask the council's lawyer")


@pytest.mark.clause("PC-3.1a", "PC-3.1b", "PC-3.1h")
def test_a_concern_cites_its_own_clause(tmp_path: Path) -> None:
    request = a_request(fostering_concerns="specified_offence;supervision")
    by_gate = {duty.duty: duty for duty in of_request(prepared(tmp_path, one_pair(request)))}
    assert by_gate["fostering_concerns"].clause == "PC-3.1b, PC-3.1h"


@pytest.mark.parametrize(
    ("placements", "due"),
    [([], date(2026, 11, 9)), (["2026-11-10"], date(2026, 11, 18)), (["2026-11-19"], date(2026, 11, 18))],
    ids=["nobody lives there", "it began before the birthday", "it began after"],
)  # fmt: skip
def test_a_birthday_moves_the_day_of_a_written_agreement_of_who_lives_there_alone(
    tmp_path: Path, placements: list[str], due: date
) -> None:
    was_looked_after = {"parent_age": "18", "parent_born_on": "2008-11-18", "parent_looked_after_since": "2025-01-10"}  # fmt: skip
    request = a_request(**S17, **was_looked_after, received_on="2026-11-02", needed_from="2026-11-10")  # fmt: skip
    rows = [{"request_id": "R1", "household_id": "H1", "started_on": day, "planned_end_on": "2027-03-01"} for day in placements]  # fmt: skip
    made = prepared(tmp_path, one_pair(request, **({"placements": rows} if rows else {})))
    case = made.living["R1"] if rows else made.pair(0, 0)
    (found,) = [d.due for d in register.words(register.of_match(case), default()) if d.duty == "written_agreement"]  # fmt: skip
    assert found == due
