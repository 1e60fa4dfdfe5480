"""Duties of deciding, of the household and of the end, as the life of a family changes them."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import pytest

from builders import (
    AS_OF,
    Cells,
    a_carer,
    a_household,
    a_policy,
    a_request,
    one_pair,
    prepared,
    read_tables,
)
from matcher.documents.drafts import drafts
from matcher.explain import Explainer
from matcher.loading import load
from matcher.policy import duties
from matcher.policy.duties import DUTIES, DutyWords
from matcher.policy.duties.form import PAIR, PLACE_WITHHELD
from matcher.policy.settings import default
from matcher.recorder import record_of
from matcher.report.view import View
from matcher.rounds import Prepared, match, prepare
from random_rounds import write_round
from test_duties import event, lives, made, stand, told

CAMDEN, WESTMINSTER, BROMLEY = "E09000007", "E09000033", "E09000006"  # own, adjoining, beyond
MOTHER: Cells = {
    "purpose": "support", "parent_age": "17", "parent_looked_after": "yes",
    "child_legal_status": "not_looked_after", "expected_weeks": None,
}  # fmt: skip
BORN_IN_JANUARY: Cells = {**MOTHER, "parent_born_on": "2009-01-20"}  # 18 on 20 January 2027
GROWN_UP: Cells = {**BORN_IN_JANUARY, "parent_age": "18", "parent_looked_after": "no"}
A_DAY_LATER = date(2027, 1, 21)


# --- The 18th birthday --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "as_of", "expected"),
    [
        # known six months ahead: 18 on 20 January 2027, a Wednesday
        (BORN_IN_JANUARY, date(2026, 11, 23), ("open", "2027-01-19")),
        (BORN_IN_JANUARY, date(2027, 1, 19), ("open", "2027-01-19")),
        (GROWN_UP, date(2027, 1, 20), ("overdue", "2027-01-19")),
        (GROWN_UP, date(2027, 6, 1), ("overdue", "2027-01-19")),  # what was open is not gone
        ({**MOTHER, "parent_born_on": "2009-05-23"}, AS_OF, ("open", "2027-05-21")),
        ({**MOTHER, "parent_born_on": "2009-05-24"}, AS_OF, ("not_needed", None)),
        (MOTHER, AS_OF, ("unknown", None)),  # 17 and no day of birth: it can be tomorrow
        ({**MOTHER, "parent_age": "16"}, AS_OF, ("not_needed", None)),
        ({}, AS_OF, ("not_needed", None)),  # 24
        # 18 before the request came, and since
        ({"parent_age": "18", "parent_born_on": "2008-11-16"}, AS_OF, ("not_needed", None)),
        ({"parent_age": "18", "parent_born_on": "2008-11-17"}, AS_OF, ("overdue", "2026-11-16")),
    ],
)
@pytest.mark.clause("LAW-18")
def test_what_changes_at_18_is_known_six_months_ahead(
    tmp_path: Path, cells: Cells, as_of: date, expected: tuple[str, str | None]
) -> None:
    found = stand(tmp_path, cells, as_of=as_of)
    assert told(found["parent_turns_18"]) == expected
    assert told(found["second_parent_turns_18"]) == ("not_needed", None)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"second_parent_born_on": "2009-01-20"}, ("open", "2027-01-19")),
        ({}, ("unknown", None)),
        ({"second_parent_age": "16"}, ("not_needed", None)),
        ({"second_parent_age": "30"}, ("not_needed", None)),
    ],
)
@pytest.mark.clause("LAW-18")
def test_so_is_the_second_parents(
    tmp_path: Path, cells: Cells, expected: tuple[str, str | None]
) -> None:
    both: Cells = {"second_parent_age": "17", "second_parent_looked_after": "yes", **cells}
    found = stand(tmp_path, both)
    assert told(found["second_parent_turns_18"]) == expected
    assert told(found["parent_turns_18"]) == ("not_needed", None)


@pytest.mark.clause("LAW-18")
def test_what_changes_at_18_is_recorded_and_can_be_switched_off(tmp_path: Path) -> None:
    assert "no longer looked after" in stand(tmp_path, BORN_IN_JANUARY)["parent_turns_18"].evidence
    settled = stand(tmp_path, BORN_IN_JANUARY, events=[event("parent_turns_18", "2026-11-20")])
    assert settled["parent_turns_18"].status == "done"
    off = a_policy(calendar__turning_18_months="off")
    assert stand(tmp_path, BORN_IN_JANUARY, policy=off)["parent_turns_18"].status == "not_needed"
    adult = {**BORN_IN_JANUARY, "parent_looked_after": "no", "purpose": "assessment", "expected_weeks": "12"}  # fmt: skip
    assert "looked after" not in stand(tmp_path, adult)["parent_turns_18"].evidence


@pytest.mark.parametrize(
    ("cells", "as_of", "expected", "holds"),
    [
        (BORN_IN_JANUARY, AS_OF, ("open", "2027-01-19"), False),  # 18 while the placement runs
        (GROWN_UP, A_DAY_LATER, ("overdue", "2027-01-19"), True),  # and lives nowhere yet
        (  # 18 before the start
            {**BORN_IN_JANUARY, "parent_born_on": "2008-12-01"},
            AS_OF,
            ("open", "2026-11-30"),
            True,
        ),
        (MOTHER, AS_OF, ("unknown", "2026-12-04"), True),  # she may be 18 before the start
        (  # as the second parent may, though the parent is 18 after it
            {**BORN_IN_JANUARY, "second_parent_age": "17"},
            AS_OF,
            ("open", "2027-01-19"),
            True,
        ),
        ({**MOTHER, "second_parent_age": "22"}, AS_OF, ("open", "2026-12-04"), True),
        # a second parent who is 18 by the day of birth alone, as nobody mended the age: both are checked
        (
            {"second_parent_age": "17", "second_parent_born_on": "2008-11-24"},
            AS_OF,
            ("open", "2026-12-04"),
            True,
        ),
        (
            {"second_parent_age": "17", "second_parent_born_on": "2008-11-23"},
            AS_OF,
            ("open", "2026-12-04"),
            True,
        ),
        ({**MOTHER, "parent_born_on": "2009-06-01"}, AS_OF, ("not_needed", None), True),
    ],
)
@pytest.mark.clause("LAW-dbs", "LAW-18")
def test_a_parent_is_checked_before_they_are_18(
    tmp_path: Path, cells: Cells, as_of: date, expected: tuple[str, str | None], holds: bool
) -> None:
    found = stand(tmp_path, cells, as_of=as_of)["adult_checks"]
    assert (told(found), found.holds) == (expected, holds)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (MOTHER, ("unknown", None)),  # she was 17 on the day of the start
        (BORN_IN_JANUARY, ("open", "2027-01-19")),
    ],
)
@pytest.mark.clause("LAW-dbs", "LAW-18")
def test_checks_before_a_birthday_hold_nothing_once_the_family_lives_there(
    tmp_path: Path, cells: Cells, expected: tuple[str, str | None]
) -> None:
    found = stand(tmp_path, cells, placements=[lives("2026-11-09")])["adult_checks"]
    assert (told(found), found.holds) == (expected, False)


@pytest.mark.clause("LAW-dbs", "LAW-18")
def test_checks_before_a_birthday_hold_the_next_match_of_a_family_that_lives_elsewhere(
    tmp_path: Path,
) -> None:
    cells: Cells = {**BORN_IN_JANUARY, "status": "open", "needed_from": "2027-02-01"}
    case = made(tmp_path, cells, placements=[lives("2026-11-23")]).pair(0, 0).of_request
    found = duties.written("adult_checks").record(case)
    assert (found.status, found.holds) == ("open", True)


@pytest.mark.clause("LAW-dbs", "LAW-18")
def test_what_stands_before_a_confirmation_names_a_birthday_that_is_not_known(
    tmp_path: Path,
) -> None:
    """On the page of the family, in `explain` and on the match record alike."""
    day = "they may be 18 from 24 November 2026"
    solved_round = match(made(tmp_path, MOTHER))
    record = record_of(solved_round)
    lines = Explainer(record).lines(record.requests[0])
    assert [line for line in lines if line.kind == "before" and day in line.text]
    papers = {each.document.key: each for each in drafts(solved_round, "R1", "H1")}
    word = docx.Document(io.BytesIO(papers["match-record"].content))
    assert any(day in cell.text for t in word.tables for row in t.rows for cell in row.cells)


@pytest.mark.parametrize(
    ("cells", "as_of", "expected"),
    [
        # 90 days before 20 January 2027, and not before the start
        (BORN_IN_JANUARY, AS_OF, ("overdue", "2026-11-02")),
        (GROWN_UP, A_DAY_LATER, ("overdue", "2026-11-02")),  # the day after the birthday
        ({**BORN_IN_JANUARY, "parent_born_on": "2009-06-15"}, AS_OF, ("open", "2027-03-17")),
        (  # under assessment she is still a looked-after child
            {**BORN_IN_JANUARY, "purpose": "assessment", "expected_weeks": "30"},
            AS_OF,
            ("overdue", "2026-11-02"),
        ),
        (
            {**MOTHER, "parent_age": "16", "expected_weeks": "30"},
            AS_OF,
            ("open", "2027-03-02"),  # 90 days before the planned end
        ),
        (  # after the birthday the data say it of an assessment by the day she became looked after
            {
                **GROWN_UP, "purpose": "assessment", "expected_weeks": "30",
                "parent_looked_after_since": "2020-01-06",
            },
            A_DAY_LATER,
            ("overdue", "2026-11-02"),
        ),
        ({**MOTHER, "expected_weeks": "30"}, AS_OF, ("unknown", None)),  # 17: it can be tomorrow
        ({**GROWN_UP, "parent_born_on": None}, AS_OF, ("unknown", None)),  # 18: was it just now?
        ({**MOTHER, "parent_age": "16"}, AS_OF, ("unknown", None)),  # no end, no birthday
        ({}, AS_OF, ("not_needed", None)),
        (
            {
                "parent_age": "24", "second_parent_age": "17", "second_parent_looked_after": "yes",
                "second_parent_born_on": "2009-03-01", "expected_weeks": "60",
            },
            AS_OF,
            ("open", "2026-12-01"),
        ),
        ({"second_parent_age": "17"}, AS_OF, ("unknown", None)),
    ],
)  # fmt: skip
@pytest.mark.clause("PC-6.5c", "LAW-18")
def test_pathway_and_staying_put_are_settled_before_care_ends(
    tmp_path: Path, cells: Cells, as_of: date, expected: tuple[str, str | None]
) -> None:
    cells = {"received_on": "2026-10-12", **cells}
    found = stand(tmp_path, cells, as_of=as_of, placements=[lives("2026-11-02")])
    assert told(found["pathway_plan"]) == expected
    assert told(found["staying_put"]) == expected


@pytest.mark.clause("PC-6.5c")
def test_of_staying_put_no_rule_of_a_fostering_placement_is_asked(tmp_path: Path) -> None:
    cells: Cells = {**GROWN_UP, "parent_born_on": "2008-06-01", "needs": "domestic_abuse"}
    own: Cells = {"request_id": "R1", "household_id": "H1", "kind": "current_carer"}
    tables: dict[str, list[Cells]] = one_pair(a_request(**cells), relationships=[own])
    (request,) = record_of(match(prepared(tmp_path / "a", tables))).requests
    assert request.outcome == "staying_put"
    found = {each.duty: each for each in duties.words(request.duties, default())}
    of_the_request = {duty.key for duty in DUTIES if duty.of != duties.PLACEMENT}
    assert found.keys() == of_the_request
    assert {key for key, duty in found.items() if duty.still} == {"staying_put_agreed", "adult_checks"}  # fmt: skip
    assert told(found["staying_put_agreed"]) == ("open", "2026-12-04")
    assert found["consent"].evidence == "Staying Put with H1 is no fostering placement."
    done = tables | {"events": [event("staying_put_agreed", "2026-11-20")]}
    (request,) = record_of(match(prepared(tmp_path / "b", done))).requests
    assert {each.duty for each in request.duties if each.still} == {"adult_checks"}
    # where the carers declined it is a request as any other
    no: Cells = {"request_id": "R1", "household_id": "H1", "decision": "declined_by_carer", "decided_on": "2026-11-20"}  # fmt: skip
    (request,) = record_of(match(prepared(tmp_path / "c", tables | {"decisions": [no]}))).requests
    found = {each.duty: each for each in duties.words(request.duties, default())}
    assert found["staying_put_agreed"].status == "not_needed"
    assert found["consent"].still
    assert found["legal_advice"].still


# --- Before the birth ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("birth", "needed", "expected"),
    [
        ("2027-02-15", "2027-02-01", ("open", "2026-11-23")),  # twelve weeks before
        ("2027-02-14", "2027-02-01", ("overdue", "2026-11-22")),
        ("2027-06-07", "2027-05-10", ("open", "2027-03-15")),
        ("2027-06-07", "2026-12-07", ("open", "2026-12-04")),  # and before a start
    ],
)
@pytest.mark.clause("PC-2.4b", "PC-4.1e", "PC-4.3a")
def test_a_pre_birth_assessment_is_due_weeks_before_the_birth(
    tmp_path: Path, birth: str, needed: str, expected: tuple[str, str]
) -> None:
    cells: Cells = {**MOTHER, "child_born_or_due_on": birth, "needed_from": needed}
    for state in (None, "not_done", "booked", "not_needed"):  # what is typed makes none not needed
        made = stand(tmp_path, {**cells, "pre_birth_assessment": state})
        assert told(made["pre_birth_assessment"]) == expected
    events = [event("pre_birth_assessment", "2026-11-20")]
    found = stand(tmp_path, {**cells, "pre_birth_assessment": "not_needed"}, events=events)
    assert found["pre_birth_assessment"].status == "done"


@pytest.mark.clause("PC-2.4b")
def test_whose_child_is_expected_may_not_be_known(tmp_path: Path) -> None:
    cells: Cells = {"second_parent_age": "17", "child_born_or_due_on": "2027-02-15", "pre_birth_assessment": "not_needed"}  # fmt: skip
    assert stand(tmp_path, cells)["pre_birth_assessment"].status == "unknown"
    cells["second_parent_looked_after"] = "no"
    assert stand(tmp_path, cells)["pre_birth_assessment"].status == "not_needed"


@pytest.mark.clause("PC-6.5a", "PC-6.5b", "PC-1b")
def test_no_assessment_ends_before_the_birth(tmp_path: Path) -> None:
    """Twelve weeks from 2 November end on 25 January; the outcome is due 28 days before that."""
    for birth, status in (("2026-12-27", "open"), ("2026-12-28", "unknown")):
        cells: Cells = {"child_born_or_due_on": birth, "received_on": "2026-10-12"}
        found = stand(tmp_path, cells, placements=[lives("2026-11-02")])
        assert found["outcome_decided"].status == status


@pytest.mark.clause("PC-4.3a", "PC-4.1d")
@pytest.mark.parametrize(
    "key",
    ["antenatal_care", "review_brought_forward", "current_carer", "services_and_benefits"],
)
def test_what_a_pregnancy_asks_for_is_recorded_and_does_not_move(tmp_path: Path, key: str) -> None:
    cells: Cells = {**MOTHER, "child_born_or_due_on": "2027-06-07", "needed_from": "2026-11-25"}
    due = {each: stand(tmp_path, cells, as_of=each)[key].due for each in (AS_OF, date(2026, 12, 14))}  # fmt: skip
    assert len(set(due.values())) == 1
    assert stand(tmp_path, cells, as_of=date(2026, 12, 14))[key].status == "overdue"
    found = stand(tmp_path, cells, events=[event(key, "2026-11-20")])
    assert found[key].status == "done"


# --- Too high -----------------------------------------------------------------------------------


def assessment(outcome: str, on: str | None, household: str = "H1") -> Cells:
    return {"request_id": "R1", "household_id": household, "outcome": outcome, "assessed_on": on}


@pytest.mark.parametrize(
    ("assessments", "handed_back", "expected"),
    [
        ([], None, ("not_needed", None)),
        ([assessment("in_progress", "2026-11-20")], None, ("not_needed", None)),
        ([assessment("too_high", "2026-11-20")], None, ("overdue", "2026-11-20")),
        ([assessment("too_high", "2026-11-23")], None, ("open", "2026-11-23")),
        ([assessment("too_high", None)], None, ("open", "2026-12-04")),
        (  # the latest decides
            [assessment("too_high", "2026-11-10"), assessment("containable", "2026-11-20")],
            None,
            ("not_needed", None),
        ),
        (
            [assessment("containable", "2026-11-10"), assessment("too_high", "2026-11-20")],
            None,
            ("overdue", "2026-11-20"),
        ),
        ([assessment("too_high", "2026-11-10")], "2026-11-10", ("done", None)),
        (  # handed back, and then too high once more
            [assessment("too_high", "2026-11-10"), assessment("too_high", "2026-11-20")],
            "2026-11-12",
            ("overdue", "2026-11-20"),
        ),
    ],
)
@pytest.mark.clause("PC-5.1e")
def test_too_high_is_handed_back_to_the_resource_team(
    tmp_path: Path,
    assessments: list[Cells],
    handed_back: str | None,
    expected: tuple[str, str | None],
) -> None:
    events = [event("handed_back", handed_back)] if handed_back else []
    found = stand(tmp_path, risk_assessments=assessments, events=events)["handed_back"]
    assert told(found) == expected
    assert found.who == "Resource team"
    assert not found.still or "H1" in found.evidence


@pytest.mark.parametrize("homes", [1, 2], ids=["waits", "proposed elsewhere"])
@pytest.mark.clause("PC-5.1e")
def test_it_stands_in_the_familys_lines_and_in_what_the_resource_team_has_to_do(
    tmp_path: Path, homes: int
) -> None:
    tables = one_pair(risk_assessments=[assessment("too_high", "2026-11-20")])
    if homes == 2:
        tables["households"].append(a_household("H2"))
        tables["carers"].append(a_carer("H2"))
    solved = match(prepared(tmp_path, tables))
    whole = record_of(solved)
    (request,) = whole.requests
    said = " ".join(line.sentence for line in Explainer(whole).lines(request))
    assert "isk was found too high for H1 on 20 November 2026" in said
    assert said.count("PC-5.1e") >= 1
    tasks = dict(View(solved).tasks)["Resource team"]
    (back,) = [task for task in tasks if task.clause == "PC-5.1e"]
    assert back.by == date(2026, 11, 20)


# --- Notice to the area authority ---------------------------------------------------------------


def away(authority: str, provider: str, folder: Path, **cells: str | None) -> list[Prepared]:
    home = a_household(local_authority=authority, provider=provider)
    tables = one_pair(a_request(**cells), household=home)
    inputs = replace(read_tables(folder, tables), authority=CAMDEN)
    return [prepare(inputs, a_policy(), 0)]


def notice(made: list[Prepared], *, hide: bool = False) -> DutyWords:
    every = duties.words(duties.of_match(made[0].pair(0, 0)), default(), hide=hide)
    return next(each for each in every if each.duty == "area_notice")


@pytest.mark.parametrize("provider", ["own", "agency", "other_authority"])
@pytest.mark.parametrize(
    ("received", "needed", "expected", "holds"),
    [
        ("2026-11-16", "2026-12-07", ("open", "2026-12-04"), True),
        ("2026-11-23", "2026-11-24", ("open", "2026-11-23"), True),
        # an emergency: needed on the day of the request, five working days from the start
        ("2026-11-23", "2026-11-23", ("open", "2026-11-30"), False),
        ("2026-11-16", "2026-11-16", ("open", "2026-11-23"), False),
        ("2026-11-13", "2026-11-13", ("overdue", "2026-11-20"), False),
    ],
)
@pytest.mark.clause("LAW-notice")
def test_notice_is_given_before_the_start_or_in_an_emergency_soon_after(
    tmp_path: Path,
    provider: str,
    received: str,
    needed: str,
    expected: tuple[str, str],
    holds: bool,
) -> None:
    days: Cells = {"received_on": received, "needed_from": needed}
    for authority in (WESTMINSTER, BROMLEY):
        found = notice(away(authority, provider, tmp_path / authority, **days))
        assert (told(found), found.holds) == (expected, holds)
    near = notice(away(CAMDEN, provider, tmp_path / "near", **days))
    assert near.status == "not_needed"


@pytest.mark.clause("LAW-notice")
def test_notice_comes_before_the_start_whenever_the_birth_is(tmp_path: Path) -> None:
    days: Cells = {"child_born_or_due_on": "2027-01-12", "needed_from": "2027-01-14"}
    assert told(notice(away(BROMLEY, "own", tmp_path, **days))) == ("open", "2027-01-13")


@pytest.mark.parametrize("needed", ["2026-12-07", "2026-11-16"], ids=["planned", "emergency"])
@pytest.mark.clause("LAW-notice", "PC-5.3d")
def test_a_notice_does_not_tell_where_a_withheld_household_is(tmp_path: Path, needed: str) -> None:
    found = [
        notice(away(where, "own", tmp_path / where, needed_from=needed), hide=True)
        for where in (CAMDEN, WESTMINSTER, BROMLEY)
    ]
    assert found[0].evidence == PLACE_WITHHELD
    assert found == [found[0]] * 3


# --- Legal advice, as screening reads it --------------------------------------------------------

QUESTIONS = {"court_direction", "section_17", "young_parent"}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.clause("PC-3.2a", "PWP-1d", "PC-2.1")
def test_screening_and_the_duty_of_legal_advice_never_contradict_each_other(
    tmp_path: Path, seed: int
) -> None:
    write_round(tmp_path, seed, 40, 3, dense=seed % 2 == 0)
    inputs, policy = load(tmp_path, None, None)
    made = prepare(replace(inputs, events={}), policy, 0)
    for row, findings in enumerate(made.findings):
        if any(finding.outcome == "staying_put" for finding in findings):
            continue
        case = made.pair(row, 0).of_request
        asked = {finding.check for finding in findings if finding.check in QUESTIONS}
        assert asked == QUESTIONS & {*case.advice_questions}, case.request.request_id
        held = any(finding.outcome == "legal_advice" for finding in findings)
        duty = duties.written("legal_advice").record(case)
        assert duty.still if held else True
        if asked and not held:
            assert not duty.still or "PC-3.2b" in duty.clause


# --- A blank of the second parent ---------------------------------------------------------------


@pytest.mark.clause("LAW-area", "LAW-notice")
@pytest.mark.parametrize("key", ["area_approval", "area_authority", "area_notice"])
def test_who_may_be_looked_after_is_a_question_before_an_area_is(tmp_path: Path, key: str) -> None:
    cells: Cells = {"child_legal_status": "not_looked_after", "second_parent_age": "17"}
    assert stand(tmp_path, cells)[key].status == "unknown"
    cells["second_parent_looked_after"] = "no"
    assert stand(tmp_path, cells)[key].status == "not_needed"


def test_every_new_duty_is_held_for_all_households_or_comes_with_each(tmp_path: Path) -> None:
    """What the household does not change is said once with the request."""
    case = prepared(tmp_path, one_pair()).pair(0, 0).of_request
    of_pair: dict[str, Any] = {duty.key: duty.for_all(case) for duty in DUTIES if duty.of == PAIR}
    assert of_pair["features_asked"] is True
    assert of_pair["smoke_free_own_carers"] is True
    assert of_pair["what_follows"] is True
    assert of_pair["area_notice"] is False
