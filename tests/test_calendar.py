"""Every dated task at its edges: bank holidays, births, care orders, ends; and the files they go into."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import HealthCheck, given, settings
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
    one_pair,
    read_tables,
    write_tables,
)
from matcher import cli
from matcher.calendar import diary as dated
from matcher.calendar.ics import ics, uid
from matcher.policy.agenda import NOT_RECORDED, Entry, Planned
from matcher.policy.days import (
    england,
    months_after,
    next_by_days,
    next_by_months,
)
from matcher.policy.settings import Policy
from matcher.policy.tasks import TASKS, entries
from matcher.show.text import printable

LOOKED_AFTER: Cells = {"parent_age": "17", "parent_looked_after": "yes"}
S17: Cells = {"child_legal_status": "not_looked_after"}
INTERIM: Cells = {"child_legal_status": "interim_care_order", "court_directed": "yes"}
ORDER: Cells = {
    "child_legal_status": "care_order",
    "head_of_service_on": "2026-11-02",
    "placement_with_parents": "approved",
    "checks_requested_on": "2026-10-01",
}
SUPPORT: Cells = {**LOOKED_AFTER, **S17, "purpose": "support", "expected_weeks": None}
UNBORN: Cells = {"child_born_or_due_on": "2027-01-29"}
CONFIRMED: Cells = {
    "request_id": "R1",
    "household_id": "H1",
    "decision": "confirmed",
    "decided_on": "2026-03-01",
}
NONE_DUE: list[tuple[str, str]] = []


def a_step(gate: str, household: str | None = None, **cells: str | None) -> Cells:
    """A gate that was met a week ago."""
    of = {"request_id": "R1", "household_id": household, "gate": gate}
    return {**of, "status": "met", "on": "2026-11-16", **cells}


def dues(
    folder: Path,
    request: Cells | None = None,
    *,
    proposed: str | None = None,
    started: str | None = None,
    ended: str | None = None,
    as_of: date = AS_OF,
    policy: Policy | None = None,
    **tables: list[Cells],
) -> list[Entry]:
    """The calendar of one family: proposed from a day, or confirmed and started on one."""
    made = one_pair(a_request(**(request or {})), **tables)
    if started is not None:
        made["decisions"] = [{**CONFIRMED, "started_on": started, "ended_on": ended}]
    planned = {} if proposed is None else {"R1": Planned("H1", date.fromisoformat(proposed))}
    # A folder of its own, so that no table of an earlier call stays.
    inputs = read_tables(Path(mkdtemp(dir=folder)), made, as_of)
    return entries(inputs, policy or a_policy(), planned)


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


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 90), st.integers(-50, 900))
def test_the_next_day_of_a_series_is_the_first_that_is_not_past(
    first: date, every: int, on: int
) -> None:
    as_of = first + timedelta(days=on)
    day = next_by_days(first, every, as_of)
    assert day >= as_of
    assert (day - first).days % every == 0
    assert day == first or day - timedelta(days=every) < as_of
    month = next_by_months(first, 1 + every % 12, as_of)
    assert month >= as_of
    assert month == first or (month - as_of).days <= 31 * (1 + every % 12)


# --- Requests -----------------------------------------------------------------------------------


@pytest.mark.clause("PC-3.3a")
def test_a_placement_is_due_when_the_family_needs_one(tmp_path: Path) -> None:
    found = the(dues(tmp_path), "placement_found")
    assert (found.date, found.overdue, found.household_id) == (date(2026, 12, 7), False, None)
    assert (found.stage, found.who) == ("request", "Resource team")
    assert "came 21 days before" in found.what
    late = the(dues(tmp_path, {"needed_from": "2026-11-22"}), "placement_found")
    assert (late.overdue, late.what.endswith(NOT_RECORDED)) == (True, True)
    today = the(dues(tmp_path, {"needed_from": "2026-11-23"}), "placement_found")
    assert not today.overdue
    short = the(dues(tmp_path, {"received_on": "2026-11-20", "needed_from": "2026-11-20"}), "placement_found")  # fmt: skip
    assert "came on or after" in short.what
    assert of_task(dues(tmp_path, started="2026-11-02"), "placement_found") == NONE_DUE


PREGNANT: Cells = {**SUPPORT, **UNBORN, "needed_from": "2027-01-29"}
AT_ONCE = [("2026-11-23", "PC-4.3a")]


@pytest.mark.parametrize(
    ("request_cells", "task", "expected"),
    [
        # expected, and complete the day before the birth
        (PREGNANT, "pre_birth_assessment", [("2027-01-28", "PC-4.3a, PC-2.4b")]),
        (UNBORN, "pre_birth_assessment", NONE_DUE),
        (
            {**UNBORN, "pre_birth_assessment": "booked"},
            "pre_birth_assessment",
            [("2027-01-28", "PC-2.4b")],
        ),
        ({**PREGNANT, "pre_birth_assessment": "done"}, "pre_birth_assessment", NONE_DUE),
        ({**PREGNANT, "pre_birth_assessment": "not_needed"}, "pre_birth_assessment", NONE_DUE),
        (
            {"pre_birth_assessment": "not_done"},
            "pre_birth_assessment",
            [("2026-09-30", "PC-4.3a, PC-2.4b")],
        ),
        # born tomorrow: today
        (
            {**PREGNANT, "child_born_or_due_on": "2026-11-24"},
            "pre_birth_assessment",
            [("2026-11-23", "PC-4.3a, PC-2.4b")],
        ),
        (PREGNANT, "antenatal_care", AT_ONCE),
        (UNBORN, "antenatal_care", NONE_DUE),
        ({**PREGNANT, "child_born_or_due_on": "2026-11-23"}, "antenatal_care", NONE_DUE),
        (PREGNANT, "review_brought_forward", AT_ONCE),
        (PREGNANT, "current_carer", AT_ONCE),
        (SUPPORT, "current_carer", NONE_DUE),
        (
            {**UNBORN, "second_parent_age": "16", "second_parent_looked_after": "yes"},
            "antenatal_care",
            AT_ONCE,
        ),
        (PREGNANT, "child_protection", NONE_DUE),
        ({**PREGNANT, "needs": "substance_misuse"}, "child_protection", AT_ONCE),
        ({**PREGNANT, "risk_violence": "medium"}, "child_protection", AT_ONCE),
        ({**PREGNANT, "risk_violence": "low"}, "child_protection", NONE_DUE),
        ({**PREGNANT, "fostering_concerns": "absconding"}, "child_protection", AT_ONCE),
        ({**PREGNANT, **INTERIM}, "child_protection", AT_ONCE),
        ({**PREGNANT, **INTERIM}, "legal_planning_meeting", AT_ONCE),
        (
            {**PREGNANT, **INTERIM, "legal_advice_on": "2026-11-30"},
            "legal_planning_meeting",
            [("2026-11-30", "PC-4.3a")],
        ),
        (
            {**PREGNANT, **INTERIM, "legal_advice_on": "2026-11-23"},
            "legal_planning_meeting",
            NONE_DUE,
        ),
    ],
)
@pytest.mark.clause("PC-4.3a", "PC-2.4b")
def test_what_a_looked_after_parents_pregnancy_makes_due(
    tmp_path: Path, request_cells: Cells, task: str, expected: list[tuple[str, str]]
) -> None:
    assert of_task(dues(tmp_path, request_cells), task) == expected


@pytest.mark.clause("PC-4.3a", "PC-2.4b")
def test_a_step_says_that_it_was_done_until_it_runs_out(tmp_path: Path) -> None:
    for gate in ("pre_birth_assessment", "legal_planning_meeting"):
        needs: Cells = {**PREGNANT, "needs": "domestic_abuse"}
        assert of_task(dues(tmp_path, needs), gate) != NONE_DUE
        assert of_task(dues(tmp_path, needs, steps=[a_step(gate)]), gate) == NONE_DUE
        until = a_step(gate, until="2026-11-22")
        assert of_task(dues(tmp_path, needs, steps=[until]), gate) != NONE_DUE
        until = a_step(gate, until="2026-11-23", status="accepted", by="team manager")
        assert of_task(dues(tmp_path, needs, steps=[until]), gate) == NONE_DUE


@pytest.mark.clause("PC-4.3a", "PC-4.2b")
def test_the_current_carers_are_named(tmp_path: Path) -> None:
    known = [{"request_id": "R1", "household_id": "H1", "kind": "current_carer"}]
    found = the(dues(tmp_path, PREGNANT, relationships=known), "current_carer")
    assert found.what.endswith("Current carers: H1.")
    confirmed = dues(tmp_path, PREGNANT, started="2026-11-02", relationships=known)
    assert of_task(confirmed, "current_carer") == NONE_DUE


@pytest.mark.clause("PC-4.1d")
def test_advice_on_services_and_benefits(tmp_path: Path) -> None:
    task = "services_and_benefits"
    assert of_task(dues(tmp_path), task) == NONE_DUE
    assert of_task(dues(tmp_path, PREGNANT), task) == [("2026-11-23", "PC-4.1d")]
    assert of_task(dues(tmp_path, SUPPORT, proposed="2026-12-08"), task) == [
        ("2026-12-07", "PC-4.1d")
    ]
    assert of_task(dues(tmp_path, SUPPORT, started="2026-11-20"), task) == NONE_DUE


# --- Placement with parents ---------------------------------------------------------------------

UNPLANNED: Cells = {**ORDER, "placement_with_parents": "interim", "checks_requested_on": None}
NOT_DONE: Cells = {**ORDER, "placement_with_parents": "not_done", "head_of_service_on": None}


@pytest.mark.parametrize(
    ("request_cells", "more", "task", "expected"),
    [
        (ORDER, {"proposed": "2026-12-07"}, "plan_with_the_iro", [("2026-12-04", "PWP-1f")]),
        (INTERIM, {"proposed": "2026-12-07"}, "plan_with_the_iro", NONE_DUE),
        (ORDER, {"steps": [a_step("reviewing_officer_view")]}, "plan_with_the_iro", NONE_DUE),
        # 45 days from the request for checks, none once it is approved
        (NOT_DONE, {}, "with_parents_assessment", [("2026-11-15", "PWP-2b")]),
        (ORDER, {}, "with_parents_assessment", NONE_DUE),
        (
            NOT_DONE,
            {"steps": [a_step("placement_with_parents_assessment")]},
            "with_parents_assessment",
            NONE_DUE,
        ),
        ({**NOT_DONE, "checks_requested_on": None}, {}, "with_parents_assessment", NONE_DUE),
        (
            {**NOT_DONE, "checks_requested_on": None},
            {},
            "checks_requested",
            [("2026-11-23", "PWP-2b")],
        ),
        (NOT_DONE, {}, "checks_requested", NONE_DUE),
        ({**INTERIM, "checks_requested_on": "2026-11-16"}, {}, "with_parents_assessment", NONE_DUE),
        # an unplanned return: ten days from the interim agreement, the return, or today
        (UNPLANNED, {}, "with_parents_assessment", [("2026-11-12", "PWP-2c")]),
        (
            UNPLANNED,
            {"started": "2026-10-30"},
            "with_parents_assessment",
            [("2026-11-09", "PWP-2c")],
        ),
        (
            {**UNPLANNED, "head_of_service_on": None},
            {},
            "with_parents_assessment",
            [("2026-12-03", "PWP-2c")],
        ),
        # two clauses date one task: the earlier counts, both are cited
        (
            {**UNPLANNED, "checks_requested_on": "2026-11-10"},
            {},
            "with_parents_assessment",
            [("2026-11-12", "PWP-2c, PWP-2b")],
        ),
        (
            {**UNPLANNED, "checks_requested_on": "2026-09-20"},
            {},
            "with_parents_assessment",
            [("2026-11-04", "PWP-2b, PWP-2c")],
        ),
        (UNPLANNED, {}, "interim_agreement", NONE_DUE),
        (
            {**UNPLANNED, "head_of_service_on": None},
            {},
            "interim_agreement",
            [("2026-11-23", "PWP-2c")],
        ),
        (ORDER, {"proposed": "2026-12-07"}, "explained_to_the_child", [("2026-12-04", "PWP-2g")]),
        (ORDER, {"started": "2026-11-04"}, "explained_to_the_child", [("2026-11-03", "PWP-2g")]),
        (ORDER, {"started": "2026-11-02"}, "explained_to_the_child", NONE_DUE),
        (INTERIM, {"proposed": "2026-12-07"}, "explained_to_the_child", NONE_DUE),
    ],
)
@pytest.mark.clause("PWP-1f", "PWP-2b", "PWP-2c", "PWP-2g")
def test_what_a_placement_with_parents_makes_due(
    tmp_path: Path, request_cells: Cells, more: dict, task: str, expected: list[tuple[str, str]]
) -> None:
    assert of_task(dues(tmp_path, request_cells, **more), task) == expected


# --- Before it starts ---------------------------------------------------------------------------

BEFORE = {
    "visit_before": "PC-6.2b",
    "carers_meet": "PC-6.2b",
    "agreement_meeting": "PC-6.3c",
    "review_frequency": "PC-6.4a",
    "reviews_on_request": "PC-6.4c",
    "ending_agreed": "PC-6.5a",
}


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-12-08", "2026-12-07"),
        ("2026-12-07", "2026-12-04"),
        ("2027-03-30", "2027-03-25"),  # after Easter: the Thursday before
        ("2026-12-29", "2026-12-24"),
        ("2026-11-24", "2026-11-23"),
        ("2026-11-23", "2026-11-23"),  # starts today: today
    ],
)
@pytest.mark.clause("PC-6.2b", "PC-6.3c", "PC-6.4a", "PC-6.4c", "PC-6.5a")
def test_what_is_due_before_a_start(tmp_path: Path, start: str, due: str) -> None:
    found = [each for each in dues(tmp_path, proposed=start) if each.stage == "proposal"]
    assert {each.task: each.clause for each in found} == BEFORE
    assert {each.date.isoformat() for each in found} == {due}
    assert {(each.household_id, each.overdue) for each in found} == {("H1", False)}


@pytest.mark.clause("PC-6.2b", "PC-6.3c")
def test_nothing_of_a_household_is_due_without_one(tmp_path: Path) -> None:
    assert {each.stage for each in dues(tmp_path)} == {"request"}


@pytest.mark.parametrize(
    ("gate", "settles"),
    [
        ("carers_briefed", {"carers_meet"}),
        ("placement_meeting", {"agreement_meeting", "review_frequency", "reviews_on_request"}),
        (
            "placement_plan",
            {"agreement_meeting", "review_frequency", "reviews_on_request", "ending_agreed"},
        ),
        ("shared_care", set()),
    ],
)
@pytest.mark.clause("PC-6.2b", "PC-6.3c", "PC-6.4a", "PC-6.4c", "PC-6.5a")
def test_what_steps_settle_before_a_start(tmp_path: Path, gate: str, settles: set[str]) -> None:
    found = dues(tmp_path, proposed="2026-12-08", steps=[a_step(gate, "H1")])
    assert {each.task for each in found if each.stage == "proposal"} == BEFORE.keys() - settles
    other = [*one_pair(household=a_household("H2"))["households"], a_household("H1")]
    found = dues(tmp_path, proposed="2026-12-08", households=other, steps=[a_step(gate, "H2")])
    assert {each.task for each in found if each.stage == "proposal"} == BEFORE.keys()


@pytest.mark.clause("PC-6.2b", "PC-6.3c")
def test_after_the_start_what_nobody_recorded_is_overdue(tmp_path: Path) -> None:
    found = dues(tmp_path, started="2026-11-16")
    assert of_task(found, "agreement_meeting") == [("2026-11-13", "PC-6.3c")]
    meeting = the(found, "agreement_meeting")
    assert (meeting.overdue, meeting.stage) == (True, "placement")
    assert meeting.what.endswith(NOT_RECORDED)
    assert of_task(found, "visit_before") == NONE_DUE
    assert of_task(dues(tmp_path, started="2026-11-23"), "visit_before") != NONE_DUE
    assert [each.overdue for each in found] == sorted((e.overdue for e in found), reverse=True)


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
    found = of_task(dues(tmp_path, request_cells, proposed="2026-12-08"), "combined_reviews")
    assert found == ([("2026-12-07", "PC-6.4d")] if applies else NONE_DUE)


@pytest.mark.clause("PC-6.5a")
def test_a_support_placement_has_no_ending_to_agree(tmp_path: Path) -> None:
    assert of_task(dues(tmp_path, SUPPORT, proposed="2026-12-08"), "ending_agreed") == NONE_DUE


# --- Reviews ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_cells", "started", "as_of", "expected"),
    [
        # 20 working days from Monday 2 November; over Christmas; over Easter
        ({}, "2026-11-02", "2026-11-23", [("2026-11-30", "LAW-review")]),
        ({}, "2026-12-07", "2026-12-07", [("2027-01-07", "LAW-review")]),
        ({}, "2026-03-17", "2026-03-17", [("2026-04-16", "LAW-review")]),
        ({}, "2026-11-02", "2026-11-30", [("2026-11-30", "LAW-review")]),
        # past, and nothing recorded: overdue until the second one is
        (
            {},
            "2026-11-02",
            "2026-12-01",
            [("2026-11-30", "LAW-review"), ("2027-02-28", "LAW-review")],
        ),
        (
            {},
            "2026-11-02",
            "2027-02-28",
            [("2026-11-30", "LAW-review"), ("2027-02-28", "LAW-review")],
        ),
        (
            {"expected_weeks": "100"},
            "2026-11-02",
            "2027-03-01",
            [("2027-02-28", "LAW-review"), ("2027-08-28", "LAW-review")],
        ),
        (
            {"expected_weeks": "100"},
            "2026-11-02",
            "2027-08-29",
            [("2028-02-28", "LAW-review")],
        ),
        # nothing after the planned end
        ({"expected_weeks": "4"}, "2026-11-02", "2026-11-23", [("2026-11-30", "LAW-review")]),
        ({"expected_weeks": "3"}, "2026-11-02", "2026-11-23", NONE_DUE),
        # from the birth, where that is later
        (
            {"child_born_or_due_on": "2026-12-01"},
            "2026-11-02",
            "2026-11-23",
            [("2026-12-31", "LAW-review")],
        ),
        (S17, "2026-11-02", "2026-11-23", NONE_DUE),
        # 20 days after a return are before 20 working days; both clauses are cited
        (ORDER, "2026-11-10", "2026-11-23", [("2026-11-30", "PWP-3c, LAW-review")]),
        (
            ORDER,
            "2026-11-02",
            "2026-11-23",
            [("2026-11-22", "PWP-3c, LAW-review"), ("2027-02-22", "LAW-review")],
        ),
    ],
)
@pytest.mark.clause("LAW-review", "PWP-3c", "PC-6.4a")
def test_the_childs_reviews(
    tmp_path: Path,
    request_cells: Cells,
    started: str,
    as_of: str,
    expected: list[tuple[str, str]],
) -> None:
    base: Cells = {"expected_weeks": "40", "received_on": "2026-03-01"}
    cells: Cells = {**base, "child_born_or_due_on": "2026-01-01", **request_cells}
    day = date.fromisoformat(as_of)
    found = dues(tmp_path, cells, started=started, as_of=day)
    assert of_task(found, "child_review") == expected
    late = [each.overdue for each in found if each.task == "child_review"]
    assert late == [due < as_of for due, _ in expected]


@pytest.mark.clause("LAW-review")
def test_reviews_of_a_child_who_is_not_born_are_planned(tmp_path: Path) -> None:
    found = the(
        dues(tmp_path, {**UNBORN, "expected_weeks": "40"}, started="2026-11-02"), "child_review"
    )
    assert found.date == date(2027, 2, 26)
    assert "Planned: it counts from the birth, planned for 29 January 2027." in found.what


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({**LOOKED_AFTER, "purpose": "support"}, {"child_review", "parent_review"}),
        (SUPPORT, {"parent_review"}),
        ({**S17, "expected_weeks": "40"}, set()),
        ({}, {"child_review"}),
        (
            {**S17, "second_parent_age": "16", "second_parent_looked_after": "yes"},
            {"parent_review"},
        ),
    ],
)
@pytest.mark.clause("LAW-review", "LAW-visit", "PC-6.4a", "PC-6.4d")
def test_who_is_looked_after_decides_on_reviews_and_visits(
    tmp_path: Path, cells: Cells, expected: set[str]
) -> None:
    found = dues(tmp_path, cells, started="2026-11-02")
    reviews = {"child_review", "parent_review"}
    assert {each.task for each in found} & reviews == expected
    visits = {each.replace("review", "visit") for each in expected}
    assert {each.task for each in found} & {"child_visit", "parent_visit"} == visits


@pytest.mark.clause("LAW-review", "PC-6.4d")
def test_the_parents_reviews_count_from_the_start(tmp_path: Path) -> None:
    cells: Cells = {**SUPPORT, **UNBORN}
    found = the(dues(tmp_path, cells, started="2026-11-02"), "parent_review")
    assert (found.date, found.clause) == (date(2026, 11, 30), "LAW-review, PC-6.4d")
    assert "the parent's own needs" in found.what
    assert "Planned" not in found.what


@pytest.mark.clause("LAW-review", "LAW-visit", "PWP-3b", "PWP-3c")
def test_what_the_law_asks_can_be_switched_off(tmp_path: Path) -> None:
    off = a_policy(
        calendar__first_review_working_days="off",
        calendar__first_visit_days="off",
        calendar__visit_weeks="off",
        calendar__interim_visit_weeks="off",
        calendar__interim_later_weeks="off",
    )
    for cells in ({}, INTERIM, SUPPORT, {**LOOKED_AFTER, "purpose": "support"}):
        found = dues(tmp_path, cells, started="2026-11-16", policy=off)
        assert not [each for each in found if "LAW" in each.clause]
        assert not {each.task for each in found} & {"child_review", "child_visit", "parent_visit"}
    found = dues(tmp_path, ORDER, started="2026-11-16", policy=off)
    assert of_task(found, "child_review") == [("2026-12-06", "PWP-3c")]
    assert of_task(found, "child_visit") == [("2026-11-23", "PWP-3b, PWP-3d")]
    later = a_policy(calendar__second_review_months="off")
    found = dues(tmp_path, {}, started="2026-10-01", policy=later)
    assert of_task(found, "child_review") == [("2026-10-29", "LAW-review")]


# --- Visits -------------------------------------------------------------------------------------

FAR: Cells = {"expected_weeks": "60"}
MOST_WEEKS = 6


@pytest.mark.parametrize(
    ("request_cells", "started", "as_of", "expected"),
    [
        # within a week, then every six weeks
        ({}, "2026-11-23", "2026-11-23", [("2026-11-30", "LAW-visit")]),
        ({}, "2026-11-16", "2026-11-23", [("2026-11-23", "LAW-visit")]),
        ({}, "2026-11-15", "2026-11-23", [("2027-01-03", "LAW-visit")]),
        ({}, "2026-11-15", "2027-01-03", [("2027-01-03", "LAW-visit")]),
        ({}, "2026-11-15", "2027-01-04", [("2027-02-14", "LAW-visit")]),
        # an interim care order: weekly until the first review (30 November), then every four weeks
        (INTERIM, "2026-11-02", "2026-11-23", [("2026-11-23", "LAW-visit")]),
        (INTERIM, "2026-11-02", "2026-11-24", [("2026-11-30", "LAW-visit")]),
        (INTERIM, "2026-11-02", "2026-12-01", [("2026-12-28", "LAW-visit")]),
        (INTERIM, "2026-11-02", "2026-12-29", [("2027-01-25", "LAW-visit")]),
        # a care order: weekly until the review (22 November), then as the law asks
        (ORDER, "2026-11-10", "2026-11-23", [("2026-11-24", "PWP-3b, LAW-visit, PWP-3d")]),
        (ORDER, "2026-11-16", "2026-11-23", [("2026-11-23", "PWP-3b, LAW-visit, PWP-3d")]),
        (ORDER, "2026-11-02", "2026-11-23", [("2026-12-21", "LAW-visit, PWP-3d")]),
        (S17, "2026-11-02", "2026-11-23", NONE_DUE),
        # a leap year
        ({}, "2028-01-11", "2028-01-20", [("2028-02-29", "LAW-visit")]),
    ],
)
@pytest.mark.clause("LAW-visit", "PWP-3b", "PWP-3d")
def test_visits_to_the_child(
    tmp_path: Path,
    request_cells: Cells,
    started: str,
    as_of: str,
    expected: list[tuple[str, str]],
) -> None:
    found = dues(
        tmp_path, {**FAR, **request_cells}, started=started, as_of=date.fromisoformat(as_of)
    )
    assert of_task(found, "child_visit") == expected
    assert not [each for each in found if each.task == "child_visit" and each.overdue]


@pytest.mark.clause("LAW-visit", "PWP-3b", "PWP-3d")
def test_a_visit_says_how_often(tmp_path: Path) -> None:
    said = the(dues(tmp_path, {**FAR, **INTERIM}, started="2026-11-02"), "child_visit").what
    assert said == "Visit the child. Every week until the first review."
    said = the(dues(tmp_path, {**FAR, **ORDER}, started="2026-11-16"), "child_visit").what
    assert "Every week until the first review. Where family time is part-time" in said
    said = the(dues(tmp_path, FAR, started="2026-11-02"), "child_visit").what
    assert said == "Visit the child. At least every 6 weeks."
    said = the(dues(tmp_path, {**FAR, **UNBORN}, started="2026-11-16"), "child_visit")
    assert said.date == date(2027, 2, 5)
    assert said.what.endswith("Planned: it counts from the birth, planned for 29 January 2027.")


@pytest.mark.clause("LAW-visit")
def test_visits_to_a_looked_after_parent_count_from_the_start(tmp_path: Path) -> None:
    found = dues(tmp_path, {**SUPPORT, **UNBORN}, started="2026-11-20")
    assert of_task(found, "parent_visit") == [("2026-11-27", "LAW-visit")]


@given(st.sampled_from([{}, INTERIM, ORDER]), st.integers(0, 300))
@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@pytest.mark.clause("LAW-visit", "LAW-review")
def test_there_is_always_a_visit_ahead_and_never_too_far(
    tmp_path: Path, cells: Cells, on: int
) -> None:
    """Whatever the day, the next visit is at most the longest interval of its rule away."""
    as_of = date(2026, 11, 23) + timedelta(days=on)
    found = dues(
        tmp_path, {**FAR, "expected_weeks": "90", **cells}, started="2026-11-23", as_of=as_of
    )
    visit = the(found, "child_visit")
    assert as_of <= visit.date <= as_of + timedelta(weeks=MOST_WEEKS)
    ahead = [each for each in found if each.task == "child_review" and not each.overdue]
    assert len(ahead) == 1
    assert ahead[0].date <= months_after(as_of, 6)


# --- With parents, while it runs ----------------------------------------------------------------


@pytest.mark.clause("PWP-3e")
def test_an_adult_who_joins_is_asked_about_at_each_review(tmp_path: Path) -> None:
    found = dues(tmp_path, {**FAR, **ORDER}, started="2026-11-10")
    assert of_task(found, "adult_joins") == [("2026-11-30", "PWP-3e")]
    found = dues(tmp_path, {**FAR, **ORDER}, started="2026-11-02")
    assert of_task(found, "adult_joins") == [("2027-02-22", "PWP-3e")]
    done = [a_step("adult_joins")]
    assert of_task(dues(tmp_path, {**FAR, **ORDER}, started="2026-11-10", steps=done), "adult_joins") == NONE_DUE  # fmt: skip
    assert of_task(dues(tmp_path, FAR, started="2026-11-10"), "adult_joins") == NONE_DUE


@pytest.mark.parametrize(
    ("started", "as_of", "due"),
    [
        ("2026-11-02", "2026-11-23", "2027-11-02"),
        ("2026-11-02", "2027-11-02", "2027-11-02"),
        ("2026-11-02", "2027-11-03", "2028-11-02"),
        ("2028-02-29", "2028-03-06", "2029-02-28"),  # a leap day
    ],
)
@pytest.mark.clause("PWP-3f")
def test_a_panel_reviews_the_arrangement_every_year(
    tmp_path: Path, started: str, as_of: str, due: str
) -> None:
    cells: Cells = {**ORDER, "expected_weeks": "200"}
    found = dues(tmp_path, cells, started=started, as_of=date.fromisoformat(as_of))
    assert of_task(found, "panel_review") == [(due, "PWP-3f")]
    found = dues(tmp_path, {**FAR, **INTERIM}, started=started, as_of=date.fromisoformat(as_of))
    assert of_task(found, "panel_review") == NONE_DUE


# --- The end ------------------------------------------------------------------------------------


@pytest.mark.clause("PC-1b", "PC-6.5a", "PC-6.5b")
def test_the_end_of_an_assessment_is_planned_for(tmp_path: Path) -> None:
    found = dues(tmp_path, started="2026-11-02")  # twelve weeks
    assert of_task(found, "planned_end") == [("2027-01-25", "PC-1b")]
    assert of_task(found, "outcome_decided") == [("2026-12-28", "PC-6.5a")]
    assert of_task(found, "transition") == [("2027-01-04", "PC-6.5b")]
    assert of_task(found, "pathway_plan") == of_task(found, "staying_put") == NONE_DUE
    late = the(dues(tmp_path, started="2026-08-24"), "planned_end")  # ended a week ago, it seems
    assert (late.overdue, late.date) == (True, date(2026, 11, 16))
    short = dues(tmp_path, {"expected_weeks": "2"}, started="2026-11-16")
    assert of_task(short, "outcome_decided") == [("2026-11-16", "PC-6.5a")]
    proposal = dues(tmp_path, proposed="2026-12-07")
    assert of_task(proposal, "planned_end") == NONE_DUE
    assert "Planned end: 1 March 2027." in the(proposal, "ending_agreed").what


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"expected_weeks": "30"}, "2027-03-02"),  # 90 days before 31 May 2027
        ({"parent_born_on": "2009-06-15"}, "2027-03-17"),  # 90 days before they are 18
        (
            {"expected_weeks": "30", "parent_born_on": "2009-01-20"},
            "2026-11-02",
        ),  # not before the start
        ({}, "2026-11-30"),  # nothing known: the parent's next review
    ],
)
@pytest.mark.clause("PC-6.5c", "PC-1b")
def test_a_looked_after_parents_move_is_planned_for(
    tmp_path: Path, cells: Cells, expected: str
) -> None:
    found = dues(tmp_path, {**SUPPORT, **cells}, started="2026-11-02")
    assert of_task(found, "pathway_plan") == [(expected, "PC-6.5c")]
    assert of_task(found, "staying_put") == [(expected, "PC-6.5c")]
    assert bool(of_task(found, "planned_end")) == ("expected_weeks" in cells)
    assert of_task(found, "outcome_decided") == of_task(found, "transition") == NONE_DUE


@pytest.mark.clause("PC-1b")
def test_an_ended_placement_takes_nothing(tmp_path: Path) -> None:
    assert {e.stage for e in dues(tmp_path, started="2026-11-02", ended="2026-11-22")} == {
        "request"
    }
    running = dues(tmp_path, started="2026-11-02", ended="2026-11-23")
    assert of_task(running, "planned_end") == [("2026-11-23", "PC-1b")]
    assert of_task(running, "child_review") == NONE_DUE
    later = dues(tmp_path, started="2026-11-02", ended="2026-11-30")
    assert of_task(later, "planned_end") == [("2026-11-30", "PC-1b")]


@pytest.mark.clause("PC-1b")
def test_a_confirmed_placement_without_a_day_of_start_begins_as_planned(tmp_path: Path) -> None:
    tables = one_pair(decisions=[CONFIRMED])
    planned = {"R1": Planned("H1", date(2026, 12, 8))}
    found = entries(read_tables(tmp_path, tables), a_policy(), planned)
    assert of_task(found, "child_visit") == [("2026-12-15", "LAW-visit")]
    found = entries(read_tables(tmp_path, tables), a_policy(), {})
    assert of_task(found, "child_visit") == [("2026-12-14", "LAW-visit")]


# --- As a whole ---------------------------------------------------------------------------------


def test_every_task_that_is_written_is_listed_once() -> None:
    from matcher.policy import tasks
    from matcher.policy.agenda import Task

    written = {name for name, each in vars(tasks).items() if isinstance(each, Task)}
    assert [each.key for each in TASKS] == list(dict.fromkeys(each.key for each in TASKS))
    assert {each.key for each in TASKS} == written
    assert all(each.sentence.endswith(".") and each.action.endswith(".") for each in TASKS)


def test_every_clause_of_the_calendar_has_a_task() -> None:
    clauses = {clause for each in TASKS for clause in each.clause.split(", ")}
    asked = [
        "PC-1b",
        "PC-2.4b",
        "PC-3.3a",
        "PC-4.1d",
        "PC-4.3a",
        "PC-6.2b",
        "PC-6.3c",
        "PC-6.4a",
        "PC-6.4c",
        "PC-6.4d",
        "PC-6.5a",
        "PC-6.5b",
        "PC-6.5c",
        "PWP-1f",
        "PWP-2b",
        "PWP-2c",
        "PWP-2g",
        "PWP-3b",
        "PWP-3c",
        "PWP-3d",
        "PWP-3e",
        "PWP-3f",
        "LAW-review",
        "LAW-visit",
    ]
    assert set(asked) == clauses


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A placement that runs, one that is proposed, and a parent who expects a child."""
    tables = {
        "requests": [
            a_request("R1", **INTERIM, needed_from="2026-11-02"),
            a_request("R2", withhold_address="yes"),
            a_request("R3", **PREGNANT, needs="trauma;education"),
        ],
        "households": [a_household(name, postcode="NW5") for name in ("H1", "H2", "H3")],
        "carers": [a_carer(name) for name in ("H1", "H2", "H3")],
        "decisions": [{**CONFIRMED, "started_on": "2026-11-02"}],
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
    assert (status, err.splitlines()[-1]) == (
        0,
        f"Written: {out / 'calendar.ics'} and {out / 'calendar.xlsx'}",
    )
    tasks = json.loads(said)["tasks"]
    assert list(tasks[0]) == [
        "date", "overdue", "request_id", "household_id", "task", "what", "who", "clause", "stage",
    ]  # fmt: skip
    assert {each["stage"] for each in tasks} == {"request", "proposal", "placement"}
    order = [(not each["overdue"], each["date"], each["request_id"]) for each in tasks]
    assert order == sorted(order)
    assert sorted(p.name for p in out.iterdir()) == [
        "calendar.ics", "calendar.json", "calendar.xlsx", "manifest.json",
    ]  # fmt: skip
    status, text, _ = run(capsys, "calendar", folder, "--quiet")
    assert text.splitlines()[1] == (
        f"{len(tasks)} dated tasks, {sum(each['overdue'] for each in tasks)} of them overdue."
    )
    flat = " ".join(text.split())
    assert all(each["what"] in flat for each in tasks)
    assert text.index("OVERDUE") < text.index("DUE\n  Monday 23 November 2026")
    (rows,) = [
        CalamineWorkbook.from_path(out / "calendar.xlsx").get_sheet_by_name(name).to_python()
        for name in ["Calendar"]
    ]
    assert [(str(r[0]), r[1] == "overdue", r[2], r[3] or None, r[4]) for r in rows[1:]] == [
        (t["date"], t["overdue"], t["request_id"], t["household_id"], t["what"]) for t in tasks
    ]
    assert not any("NW5" in word for word in (said, text, str(rows)))


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
        "task": "agreement_meeting",
        "what": what,
        "who": "child's social worker",
        "clause": "PC-6.3c",
        "stage": "proposal",
    }
    return Entry(**{**made, **more})  # type: ignore[arg-type]


def test_the_diary_file_reads_back(folder: Path) -> None:
    inputs = read_tables(folder, one_pair(decisions=[{**CONFIRMED, "started_on": "2026-11-02"}]))
    found = entries(inputs, a_policy(), {})
    made = b"".join(ics(found, AS_OF, "Weekly, round"))
    assert made == b"".join(ics(found, AS_OF, "Weekly, round"))
    assert made.count(b"\r\n") == made.count(b"\n") == made.count(b"\r")
    assert max(map(len, made.split(b"\r\n"))) <= 75
    read = Calendar.from_ical(made)
    assert (read["METHOD"], read["VERSION"]) == ("PUBLISH", "2.0")
    assert "carer-matcher" in read["PRODID"]
    events = read.walk("VEVENT")
    assert len(events) == len(found) == 10
    assert len({str(each["UID"]) for each in events}) == len(events)
    for entry, event in zip(found, events, strict=True):
        assert event.decoded("DTSTART") == entry.date
        assert event.decoded("DTEND") == entry.date + timedelta(days=1)
        assert f"{event.decoded('DTSTAMP'):%Y-%m-%d %H:%M}" == "2026-11-23 00:00"
        late = "Overdue: " if entry.overdue else ""
        home = f" → {entry.household_id}" if entry.household_id else ""
        assert str(event["SUMMARY"]) == f"{late}{entry.request_id}{home}: {entry.what}"
        assert str(event["DESCRIPTION"]).startswith(f"{entry.what}\n")
        assert str(event["UID"]) == uid(entry)
        assert not event.walk("VALARM")


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


def test_an_event_keeps_its_id_while_its_task_and_day_stay() -> None:
    one = some("R1", "Meet.")
    assert uid(one) == uid(some("R1", "Said otherwise.", overdue=True))
    others = [some("R2", "Meet."), some("R1", "Meet.", task="x"), some("R1", "Meet.", date=AS_OF)]
    assert len({uid(each) for each in (one, *others)}) == 4


# --- The report ---------------------------------------------------------------------------------


def test_the_page_shows_what_is_near_and_counts_the_rest() -> None:
    days = (-3, 0, 28, 29, 100)
    found = [
        some(f"R{at}", "Meet.", date=AS_OF + timedelta(days=day), overdue=day < 0)
        for at, day in enumerate(days)
    ]
    section = dated.section(found, AS_OF, a_policy())
    assert (section.overdue, section.soon, section.later, section.left_out) == (1, 2, 2, 0)
    assert [block.request_id for block in section.blocks] == ["R0", "R1", "R2"]
    short = dated.section(found, AS_OF, a_policy(), most=1)
    assert (len(short.blocks), short.left_out) == (1, 2)
    wide = dated.section(found, AS_OF, a_policy(calendar__shown_days=29))
    assert (wide.soon, wide.later) == (3, 1)
