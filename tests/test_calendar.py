"""The calendar: working days, the duties that have a day, in order; and the files they go into."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from python_calamine import CalamineWorkbook

from builders import (
    AS_OF,
    Cells,
    a_carer,
    a_household,
    a_policy,
    a_request,
    write_tables,
)
from matcher import cli
from matcher.calendar import diary
from matcher.calendar.diary import Entry
from matcher.calendar.ics import ics, uid
from matcher.policy.days import england, from_library, months_after, years_after
from matcher.policy.duties import DUTIES
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.rounds import match
from matcher.show.text import printable
from test_duties import INTERIM, LOOKED_AFTER, ORDER, S17, event, lives, made, stand

SUPPORT: Cells = {**LOOKED_AFTER, **S17, "purpose": "support", "expected_weeks": None}
UNBORN: Cells = {"child_born_or_due_on": "2027-01-29"}
PREGNANT: Cells = {**SUPPORT, **UNBORN, "needed_from": "2027-01-29"}
CONFIRMED: Cells = {
    "request_id": "R1",
    "household_id": "H1",
    "decision": "confirmed",
    "decided_on": "2026-11-16",
}
KNOWN: Cells = {"request_id": "R1", "household_id": "H1", "kind": "current_carer"}
NONE_DUE: list[tuple[str, str]] = []


def dues(folder: Path, request: Cells | None = None, **given: Any) -> list[Entry]:
    """The calendar of a round: of one family and one household, or more."""
    return diary.of_record(for_people(record_of(match(made(folder, request, **given)))))


def of_task(found: list[Entry], task: str) -> list[tuple[str, str]]:
    """The days and clauses of one task."""
    return [(each.date.isoformat(), each.clause) for each in found if each.task == task]


def the(found: list[Entry], task: str) -> Entry:
    (only,) = [each for each in found if each.task == task]
    return only


# --- Days ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "many", "then"),
    [
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-27", 1, "2026-11-30"),  # over a weekend
        ("2026-11-28", 1, "2026-11-30"),  # from a Saturday
        ("2026-08-28", 1, "2026-09-01"),  # Friday before the late summer bank holiday
        ("2026-12-24", 1, "2026-12-29"),  # Boxing Day is a Saturday: the Monday is closed for it
        ("2027-12-24", 1, "2027-12-29"),  # Christmas Day is a Saturday
        ("2027-03-25", 1, "2027-03-30"),  # Good Friday to Easter Monday
        ("2026-12-07", 20, "2027-01-07"),  # over Christmas and New Year
        ("2026-03-17", 20, "2026-04-16"),  # over Easter
        ("2027-03-16", 1, "2027-03-17"),  # St Patrick's Day is a working day in England
        ("2027-01-01", 1, "2027-01-04"),  # and so is the day after New Year
        ("2028-02-28", 1, "2028-02-29"),  # a leap day is a day
    ],
)
@pytest.mark.clause("LAW-review")
def test_working_days_go_by_the_bank_holidays_of_england(day: str, many: int, then: str) -> None:
    assert england().after(date.fromisoformat(day), many) == date.fromisoformat(then)


@pytest.mark.parametrize(
    ("day", "before"),
    [
        ("2026-11-24", "2026-11-23"),
        ("2026-11-23", "2026-11-20"),
        ("2026-09-01", "2026-08-28"),  # Tuesday after a bank holiday Monday: the Friday
        ("2026-12-25", "2026-12-24"),
        ("2026-12-29", "2026-12-24"),
        ("2027-03-29", "2027-03-25"),
        ("2027-01-02", "2026-12-31"),
    ],
)
def test_the_last_working_day_before(day: str, before: str) -> None:
    assert england().last_before(date.fromisoformat(day)) == date.fromisoformat(before)


def test_the_bank_holidays_that_ship_are_those_of_the_library() -> None:
    closed, library = england().closed, from_library()
    day, found = date(2010, 1, 1), []
    while day < date(2050, 1, 1):
        if (day in closed) != (day in library):
            found.append(day)
        day += timedelta(days=1)
    assert found == []


def test_a_small_round_of_our_days_does_without_the_library() -> None:
    code = (
        "import sys; from datetime import date; from matcher.policy.days import england; "
        "england().after(date(2026, 11, 24), 60); sys.exit('holidays' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@given(st.dates(date(2020, 1, 1), date(2035, 12, 31)), st.integers(1, 60))
def test_working_days_are_counted_one_by_one(day: date, many: int) -> None:
    then = england().after(day, many)
    between = [day + timedelta(days=at + 1) for at in range((then - day).days)]
    assert england().open(then)
    assert sum(england().open(each) for each in between) == many
    assert all(each.weekday() < 5 for each in between if england().open(each))


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        ("2026-11-30", 3, "2027-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2026-12-31", 6, "2027-06-30"),
        ("2026-11-23", 12, "2027-11-23"),
    ],
)
def test_months(day: str, months: int, then: str) -> None:
    assert months_after(date.fromisoformat(day), months) == date.fromisoformat(then)


@pytest.mark.parametrize(
    ("day", "years", "then"),
    [("2008-11-30", 18, "2026-11-30"), ("2008-02-29", 18, "2026-03-01"), ("2008-02-29", 20, "2028-02-29")],
)  # fmt: skip
def test_birthdays(day: str, years: int, then: str) -> None:
    assert years_after(date.fromisoformat(day), years) == date.fromisoformat(then)


# --- Of a request -------------------------------------------------------------------------------


@pytest.mark.clause("PC-3.3a")
def test_a_placement_is_due_when_the_family_needs_one(tmp_path: Path) -> None:
    found = the(dues(tmp_path), "placement_found")
    assert (found.date, found.overdue, found.household_id) == (date(2026, 12, 7), False, None)
    assert (found.stage, found.who) == ("request", "Resource team")
    assert "came 21 days before" in found.what
    assert the(dues(tmp_path, {"needed_from": "2026-11-22"}), "placement_found").overdue
    assert not the(dues(tmp_path, {"needed_from": "2026-11-23"}), "placement_found").overdue
    short = dues(tmp_path, {"received_on": "2026-11-20", "needed_from": "2026-11-20"})
    assert "came on or after" in the(short, "placement_found").what
    assert of_task(dues(tmp_path, placements=[lives("2026-11-16")]), "placement_found") == NONE_DUE


AT_ONCE = [("2026-11-16", "PC-4.3a")]  # on the day of the request


@pytest.mark.parametrize(
    ("request_cells", "task", "expected"),
    [
        (PREGNANT, "antenatal_care", AT_ONCE),
        (UNBORN, "antenatal_care", NONE_DUE),
        ({**PREGNANT, "child_born_or_due_on": "2026-11-23"}, "antenatal_care", NONE_DUE),
        ({**PREGNANT, "child_born_or_due_on": "2026-11-24"}, "antenatal_care", AT_ONCE),
        (
            {**UNBORN, "second_parent_age": "16", "second_parent_looked_after": "yes"},
            "antenatal_care",
            AT_ONCE,
        ),
        (PREGNANT, "review_brought_forward", AT_ONCE),
        (PREGNANT, "current_carer", AT_ONCE),
        (SUPPORT, "current_carer", NONE_DUE),
        (PREGNANT, "child_protection", NONE_DUE),
        ({**PREGNANT, "needs": "substance_misuse"}, "child_protection", AT_ONCE),
        ({**PREGNANT, "risk_violence": "medium"}, "child_protection", AT_ONCE),
        ({**PREGNANT, "risk_violence": "low"}, "child_protection", NONE_DUE),
        ({**PREGNANT, "fostering_concerns": "absconding"}, "child_protection", AT_ONCE),
        ({**PREGNANT, **INTERIM}, "child_protection", AT_ONCE),
        (PREGNANT, "legal_planning_meeting", NONE_DUE),
        ({**PREGNANT, **INTERIM}, "legal_planning_meeting", AT_ONCE),
        # advice is no meeting
        (
            {**PREGNANT, **INTERIM, "legal_advice_on": "2026-11-23"},
            "legal_planning_meeting",
            AT_ONCE,
        ),
    ],
)
@pytest.mark.clause("PC-4.3a")
def test_what_a_looked_after_parents_pregnancy_makes_due(
    tmp_path: Path, request_cells: Cells, task: str, expected: list[tuple[str, str]]
) -> None:
    found = dues(tmp_path, request_cells)
    assert of_task(found, task) == expected
    assert all(each.overdue for each in found if each.task == task)


@pytest.mark.clause("PC-4.3a", "PC-4.2b")
def test_the_current_carers_are_named(tmp_path: Path) -> None:
    found = the(dues(tmp_path, PREGNANT, relationships=[KNOWN]), "current_carer")
    assert "Current carers: H1." in found.what
    confirmed = dues(tmp_path, PREGNANT, decisions=[CONFIRMED], relationships=[KNOWN])
    assert of_task(confirmed, "current_carer") == NONE_DUE


@pytest.mark.clause("PC-4.1d")
def test_advice_on_services_and_benefits(tmp_path: Path) -> None:
    task = "services_and_benefits"
    assert of_task(dues(tmp_path), task) == NONE_DUE
    assert of_task(dues(tmp_path, SUPPORT), task) == [("2026-12-04", "PC-4.1d")]
    held = {**PREGNANT, "resource_team_decision": "residential"}
    assert of_task(dues(tmp_path, held), task) == [("2027-01-28", "PC-4.1d")]
    done = [event(task, "2026-11-20")]
    assert of_task(dues(tmp_path, SUPPORT, events=done), task) == NONE_DUE


NOT_DONE: Cells = {**ORDER, "placement_with_parents": "not_done", "head_of_service_on": None}


@pytest.mark.parametrize(
    ("cells", "events", "task", "expected"),
    [
        (ORDER, [], "plan_with_the_iro", [("2026-12-04", "PWP-1f")]),
        (ORDER, ["reviewing_officer_view"], "plan_with_the_iro", NONE_DUE),
        (INTERIM, [], "plan_with_the_iro", NONE_DUE),
        (ORDER, [], "explained_to_the_child", [("2026-12-04", "PWP-2g")]),
        (ORDER, ["explained_to_the_child"], "explained_to_the_child", NONE_DUE),
        (INTERIM, [], "explained_to_the_child", NONE_DUE),
        # on the day of the request, or on the day for which they are planned
        ({**NOT_DONE, "checks_requested_on": None}, [], "checks_requested", [("2026-11-16", "PWP-2b")]),
        ({**NOT_DONE, "checks_requested_on": "2026-11-30"}, [], "checks_requested", [("2026-11-30", "PWP-2b")]),
        ({**NOT_DONE, "checks_requested_on": "2026-11-23"}, [], "checks_requested", NONE_DUE),
    ],
)  # fmt: skip
@pytest.mark.clause("PWP-1f", "PWP-2b", "PWP-2g")
def test_what_a_placement_with_parents_makes_due(
    tmp_path: Path,
    cells: Cells,
    events: list[str],
    task: str,
    expected: list[tuple[str, str]],
) -> None:
    found = dues(tmp_path, cells, events=[event(each, "2026-11-20") for each in events])
    assert of_task(found, task) == expected


# --- Before it starts ---------------------------------------------------------------------------

BEFORE = {
    "visit_before": "PC-6.2b",
    "carers_briefed": "PC-5.3e, PC-6.2b, PC-6.2c",
    "placement_meeting": "PC-6.3c",
    "placement_plan": "PC-6.3b",
    "review_frequency": "PC-6.4a",
    "reviews_on_request": "PC-6.4c",
    "ending_agreed": "PC-6.5a",
}


@pytest.mark.clause("PC-6.2b", "PC-6.3b", "PC-6.3c", "PC-6.4a", "PC-6.4c", "PC-6.5a")
def test_what_a_proposal_makes_due_names_its_household(tmp_path: Path) -> None:
    found = [each for each in dues(tmp_path) if each.stage == "proposal"]
    assert {e.task: e.clause for e in found if e.task in BEFORE} == BEFORE
    assert {(e.household_id, e.date.isoformat(), e.overdue) for e in found} == {
        ("H1", "2026-12-04", False)
    }
    waits = dues(tmp_path, household=a_household(bedrooms="0"))
    assert {(each.stage, each.household_id) for each in waits} == {("request", None)}


@pytest.mark.parametrize(
    ("request_cells", "applies"),
    [
        ({**LOOKED_AFTER, "purpose": "support"}, True),
        (SUPPORT, False),
        ({}, False),
        ({"second_parent_age": "16", "second_parent_looked_after": "yes"}, True),
    ],
)
@pytest.mark.clause("PC-6.4d")
def test_where_both_are_looked_after_the_iro_decides_on_reviews(
    tmp_path: Path, request_cells: Cells, applies: bool
) -> None:
    home = a_household(takes_second_parent="yes")
    found = of_task(dues(tmp_path, request_cells, household=home), "combined_reviews")
    assert found == ([("2026-12-04", "PC-6.4d")] if applies else NONE_DUE)


@pytest.mark.clause("PC-6.5a")
def test_what_ends_is_agreed_of_an_assessment_alone(tmp_path: Path) -> None:
    assert "Expected to last 12 weeks from its start." in the(dues(tmp_path), "ending_agreed").what
    assert of_task(dues(tmp_path, SUPPORT), "ending_agreed") == NONE_DUE


# --- While it runs, and its end -----------------------------------------------------------------


@pytest.mark.clause("PC-6.2b", "PC-6.3c")
def test_after_the_start_what_nobody_recorded_is_overdue_and_says_so(tmp_path: Path) -> None:
    cells: Cells = {"received_on": "2026-10-12", "needed_from": "2026-11-16"}
    found = dues(tmp_path, cells, placements=[lives("2026-11-16")])
    meeting = the(found, "placement_meeting")
    assert (meeting.date, meeting.overdue) == (date(2026, 11, 13), True)
    assert (meeting.stage, meeting.household_id) == ("placement", "H1")
    assert meeting.what.endswith("A placement agreement meeting is not recorded.")
    assert [each.overdue for each in found] == sorted((e.overdue for e in found), reverse=True)
    # what is still ahead, of which nothing is recorded, is said without that
    assert not the(dues(tmp_path), "placement_meeting").what.endswith("recorded.")


@pytest.mark.clause("LAW-visit", "LAW-review")
def test_a_line_says_how_often_and_since_when(tmp_path: Path) -> None:
    home = [lives("2026-11-20")]
    said = the(dues(tmp_path, INTERIM, placements=home), "child_visit").what
    assert said == ("Visit the child. Every week until a review is held. None is recorded as held.")
    held = [event("child_visit", "2026-11-20")]
    said = the(dues(tmp_path, placements=home, events=held), "child_visit").what
    assert said == (
        "Visit the child. At least every 6 weeks. The last was held on 20 November 2026."
    )
    said = the(dues(tmp_path, UNBORN, placements=home), "child_review").what
    assert said.endswith("Planned: it counts from the birth, planned for 29 January 2027.")


@pytest.mark.parametrize(
    ("cells", "placement", "expected"),
    [
        # twelve weeks from 2 November: 28 days, 21 days before, and the day itself
        ({}, {}, ("2026-12-28", "2027-01-04", "2027-01-25")),
        ({}, {"planned_end_on": "2027-03-01"}, ("2027-02-01", "2027-02-08", "2027-03-01")),
        # not before the start
        ({"expected_weeks": "2"}, {}, ("2026-11-02", "2026-11-02", "2026-11-16")),
    ],
)
@pytest.mark.clause("PC-1b", "PC-6.5a", "PC-6.5b")
def test_the_end_of_an_assessment_is_planned_for(
    tmp_path: Path, cells: Cells, placement: Cells, expected: tuple[str, str, str]
) -> None:
    cells = {"received_on": "2026-10-12", **cells}
    found = dues(tmp_path, cells, placements=[lives("2026-11-02", **placement)])
    tasks = {"outcome_decided": "PC-6.5a", "transition": "PC-6.5b", "planned_end": "PC-1b"}
    for (task, clause), due in zip(tasks.items(), expected, strict=True):
        assert of_task(found, task) == [(due, clause)]
        assert the(found, task).overdue == (due < AS_OF.isoformat())
    counted = "counted from 2 November 2026" in the(found, "planned_end").what
    assert counted != ("planned_end_on" in placement)
    assert of_task(dues(tmp_path), "planned_end") == NONE_DUE


@pytest.mark.clause("PC-1b")
def test_a_placement_that_has_ended_makes_nothing_due(tmp_path: Path) -> None:
    cells: Cells = {"received_on": "2026-10-12"}
    gone = lives("2026-11-02", ended_on="2026-11-22", ended_because="moved_on")
    assert not {each.stage for each in dues(tmp_path, cells, placements=[gone])} & {"placement"}
    last = lives("2026-11-02", ended_on="2026-11-24", planned_end_on="2026-11-24")
    found = dues(tmp_path, cells, placements=[last])
    assert of_task(found, "planned_end") == [("2026-11-24", "PC-1b")]


@pytest.mark.clause("PC-1b", "LAW-visit")
def test_a_confirmed_placement_without_a_day_of_start_begins_as_planned(tmp_path: Path) -> None:
    """The later of the day from which it is needed, and that on which the household is free."""
    for home, due in (({}, "2026-12-14"), ({"available_from": "2026-12-08"}, "2026-12-15")):
        found = dues(tmp_path, decisions=[CONFIRMED], household=a_household(**home))
        assert of_task(found, "child_visit") == [(due, "LAW-visit")]


@pytest.mark.clause("PC-1b", "PC-6.5a", "PC-6.5b", "PC-6.5c", "LAW-visit")
def test_where_nobody_can_say_when_it_starts_the_start_is_asked_for(tmp_path: Path) -> None:
    """The home is not free, so needed_from is no start; once one is recorded, days count from it."""
    home = a_household(arrangement_until="open")
    cells: Cells = {**LOOKED_AFTER, "parent_born_on": "2009-01-20", "review_every_weeks": "6"}
    for day, asked in ((None, True), ("2026-12-14", False)):
        decision = {**CONFIRMED, "started_on": day}
        found = stand(tmp_path, cells, household=home, decisions=[decision])
        for duty in (
            "child_visit", "parent_visit", "arrangement_review", "outcome_decided", "transition",
            "planned_end", "pathway_plan", "staying_put",
        ):  # fmt: skip
            each = found[duty]
            assert (each.status == "unknown") == asked == (each.due is None), duty
            asks = "planned to end" if duty == "planned_end" else "write it in started_on"
            assert (asks in each.action) == asked, duty


@pytest.mark.clause("PC-6.3c")
def test_a_move_that_is_asked_for_is_no_task_of_the_household_they_live_with(
    tmp_path: Path,
) -> None:
    """On one day each line stands with the household that it is for."""
    homes = {"households": [a_household(), a_household("H2")], "carers": [a_carer(), a_carer("H2")]}
    cells: Cells = {"status": "open", "received_on": "2026-11-21", "expected_weeks": "60"}
    found = dues(
        tmp_path,
        {**cells, "needed_from": "2026-11-28"},
        placements=[lives("2026-11-20", planned_end_on="2026-12-30")],
        decisions=[{**CONFIRMED, "household_id": "H1", "decision": "rule_out"}],
        **homes,
    )
    assert {e.household_id for e in found if e.task == "placement_meeting"} == {"H2"}
    assert {e.household_id for e in found if e.task == "child_visit"} == {"H1"}
    same = [each for each in found if each.date == date(2026, 11, 27)]
    assert {each.household_id for each in same} == {None, "H1", "H2"}
    for block in diary.section(found, AS_OF, a_policy()).blocks:
        assert {each.household_id for each in block.tasks} <= {None, block.household_id}


# --- As a whole ---------------------------------------------------------------------------------


def test_every_clause_of_the_calendar_has_a_duty() -> None:
    clauses = {clause for each in DUTIES for clause in each.clause.split(", ")}
    asked = {
        "PC-1b", "PC-2.4b", "PC-3.3a", "PC-4.1d", "PC-4.3a", "PC-6.2b", "PC-6.3c", "PC-6.4a", "PC-6.4c",
        "PC-6.4d", "PC-6.5a", "PC-6.5b", "PC-6.5c", "PWP-1f", "PWP-2b", "PWP-2g", "PWP-3b", "PWP-3e",
        "PWP-3f", "LAW-review", "LAW-visit", "LAW-notice", "LAW-18",
    }  # fmt: skip
    assert asked - clauses == set()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A placement that runs, one that is proposed, and a parent who expects a child."""
    tables = {
        "requests": [
            a_request("R1", **INTERIM, needed_from="2026-11-02", looked_after_since="2026-10-01"),
            a_request("R2", withhold_address="yes"),
            a_request("R3", **PREGNANT, needs="trauma;education"),
        ],
        "households": [a_household(name, postcode="NW5") for name in ("H1", "H2", "H3")],
        "carers": [a_carer(name) for name in ("H1", "H2", "H3")],
        "placements": [lives("2026-11-16")],
    }
    return write_tables(tmp_path / "data", tables)


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    capsys.readouterr()
    status = cli.run([str(each) for each in arguments])
    return status, *capsys.readouterr()


def test_the_command_says_the_same_in_every_form(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    status, said, err = run(capsys, "calendar", folder, "--out", out, "--json")
    assert (status, err.splitlines()[-2]) == (
        0,
        f"Written: {out / 'calendar.ics'} and {out / 'calendar.xlsx'}",
    )
    told = json.loads(said)
    tasks, asked = told["tasks"], told["questions"]
    assert list(tasks[0]) == [
        "date", "overdue", "request_id", "household_id", "task", "what", "who", "clause", "stage", "key",
        "action", "why", "people",
    ]  # fmt: skip
    assert list(asked[0]) == ["request_id", "task", "why", "ask", "who", "clause"]
    assert {each["stage"] for each in tasks} == {"request", "proposal", "placement"}
    order = [(not each["overdue"], each["date"], each["request_id"]) for each in tasks]
    assert order == sorted(order)
    assert sorted(p.name for p in out.iterdir()) == [
        "calendar.ics", "calendar.json", "calendar.xlsx", "manifest.json", "people",
    ]  # fmt: skip
    status, text, _ = run(capsys, "calendar", folder, "--quiet")
    assert text.splitlines()[1] == (
        f"{len(tasks)} dated tasks, {sum(each['overdue'] for each in tasks)} of them overdue."
    )
    flat = " ".join(text.split())
    assert all(each["what"] in flat for each in tasks)
    assert all(f"{each['why']} {each['ask']}" in flat for each in asked)
    heads = ("NO DAY UNTIL SOMEBODY ANSWERS", "OVERDUE\n", "DUE\n  Monday 23 November 2026")
    assert [text.index(head) for head in heads] == sorted(text.index(head) for head in heads)
    book = CalamineWorkbook.from_path(out / "calendar.xlsx")
    assert book.sheet_names == ["Calendar", "No day yet"]
    rows, waits = (book.get_sheet_by_name(name).to_python()[1:] for name in book.sheet_names)
    assert [(str(r[0]), r[1] == "overdue", r[2], r[3] or None, r[4]) for r in rows] == [
        (t["date"], t["overdue"], t["request_id"], t["household_id"], t["what"]) for t in tasks
    ]
    assert [r[:3] for r in waits] == [[q["request_id"], q["why"], q["ask"]] for q in asked]
    assert not any("NW5" in word for word in (said, text, str(rows), str(waits)))


def test_a_question_has_no_day_and_a_day_is_no_question(tmp_path: Path) -> None:
    """Since when a child is looked after: asked, until it is recorded."""
    for cells, asked in (({}, True), ({"looked_after_since": "2026-11-02"}, False)):
        record = for_people(record_of(match(made(tmp_path, cells))))
        found, questions = diary.of_record(record), diary.questions(record)
        assert ("child_review" in {each.task for each in questions}) == asked
        assert ("child_review" in {each.task for each in found}) != asked
        assert not {each.task for each in questions} & {each.task for each in found}


def test_the_calendar_of_a_written_round_is_that_of_its_data(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "made"
    assert run(capsys, "round", folder, "--out", out, "--no-report", "--quiet")[0] == 0
    solved = run(capsys, "calendar", folder, "--json", "--quiet")
    for named in (out, out / "round.json"):
        found = run(capsys, "calendar", folder, "--round", named, "--json", "--quiet")
        assert json.loads(found[1])["tasks"] == json.loads(solved[1])["tasks"]


# --- The diary file -----------------------------------------------------------------------------


def some(request: str, what: str, **more: object) -> Entry:
    made = {
        "date": date(2026, 12, 4),
        "overdue": False,
        "request_id": request,
        "household_id": "H1",
        "task": "placement_meeting",
        "what": what,
        "who": "child's social worker",
        "clause": "PC-6.3c",
        "stage": "proposal",
        "key": "placement_meeting",
        "action": what,
        "why": "None is recorded.",
        "people": ("child's social worker",),
    }
    return Entry(**{**made, **more})  # type: ignore[arg-type]


def test_the_diary_file_reads_back(tmp_path: Path) -> None:
    found = dues(tmp_path, placements=[lives("2026-11-16")])
    made = b"".join(ics(found, AS_OF, "Weekly, round"))
    assert made == b"".join(ics(found, AS_OF, "Weekly, round"))
    assert made.count(b"\r\n") == made.count(b"\n") == made.count(b"\r")
    assert max(map(len, made.split(b"\r\n"))) <= 75
    read = Calendar.from_ical(made)
    assert (read["METHOD"], read["VERSION"]) == ("PUBLISH", "2.0")
    assert "carer-matcher" in read["PRODID"]
    events = read.walk("VEVENT")
    assert len(events) == len(found) > 10
    assert len({str(each["UID"]) for each in events}) == len(events)
    for entry, read_back in zip(found, events, strict=True):
        assert read_back.decoded("DTSTART") == entry.date
        assert read_back.decoded("DTEND") == entry.date + timedelta(days=1)
        assert f"{read_back.decoded('DTSTAMP'):%Y-%m-%d %H:%M}" == "2026-11-23 00:00"
        late = "Overdue: " if entry.overdue else ""
        home = f" → {entry.household_id}" if entry.household_id else ""
        assert str(read_back["SUMMARY"]) == f"{late}{entry.request_id}{home}: {entry.action}"
        told = str(read_back["DESCRIPTION"])
        assert told.startswith(f"{entry.action}\n")
        assert all(said in told for said in (entry.why, entry.clause, entry.key))
        assert str(read_back["UID"]) == uid(entry)
        assert not read_back.walk("VALARM")


TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=120)


@given(TEXTS, TEXTS)
def test_whatever_the_words_the_diary_file_holds_them(name: str, what: str) -> None:
    made = b"".join(ics([some(name, what)], AS_OF, what))
    assert max(map(len, made.split(b"\r\n"))) <= 75
    made.decode("utf-8")
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    assert str(event["SUMMARY"]) == printable(f"{name} → H1: {what}")


@pytest.mark.parametrize("words", ["a;b,c\\n", "two\nlines", "ö" * 60, "a\x0bb\u2028c", "x" * 63])
def test_odd_words_do_not_break_the_diary_file(words: str) -> None:
    made = b"".join(ics([some("R1", words)], AS_OF, "t"))
    assert made.count(b"BEGIN:VEVENT") == 1
    (event,) = Calendar.from_ical(made).walk("VEVENT")
    clean = printable(words)
    assert str(event["SUMMARY"]) == f"R1 → H1: {clean}"


# --- The report ---------------------------------------------------------------------------------


def test_the_page_shows_what_is_near_and_counts_the_rest() -> None:
    days = (-3, 0, 28, 29, 100)
    found = [
        some(f"R{at}", "Meet.", date=AS_OF + timedelta(days=day), overdue=day < 0)
        for at, day in enumerate(days)
    ]
    section = diary.section(found, AS_OF, a_policy())
    assert (section.overdue, section.soon, section.later, section.left_out) == (1, 2, 2, 0)
    assert [block.request_id for block in section.blocks] == ["R0", "R1", "R2"]
    short = diary.section(found, AS_OF, a_policy(), most=1)
    assert (len(short.blocks), short.left_out) == (1, 2)
    wide = diary.section(found, AS_OF, a_policy(calendar__shown_days=29))
    assert (wide.soon, wide.later) == (3, 1)
