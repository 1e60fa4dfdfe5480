"""Where families live: placements, the decisions that tell of one, events, and what stands for whom."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders import (
    AS_OF,
    Cells,
    Tables,
    a_carer,
    a_household,
    a_policy,
    a_request,
    as_read,
    one_pair,
    read_tables,
    write_tables,
)
from matcher import loading
from matcher.errors import Fault, WrongInput
from matcher.explain import Explainer
from matcher.intake import edits
from matcher.intake.inputs import Inputs, is_confirmed
from matcher.policy import duties
from matcher.policy.settings import default
from matcher.recorder import record_of
from matcher.report import meeting, terminal
from matcher.report.tables import proposals
from matcher.report.view import View
from matcher.rounds import SolvedRound, match, prepare
from matcher.verification import verify

YESTERDAY, NOW, TOMORROW = "2026-11-22", "2026-11-23", "2026-11-24"
EARLIER = "2026-09-07"
Where = tuple[str, int | None, str | None]


def lived(
    request_id: str = "R9", household_id: str = "H1", started_on: str = EARLIER, **cells: str | None
) -> Cells:
    """A placement; R9 is a family that is in no table any more."""
    pair = {"request_id": request_id, "household_id": household_id}
    return {**pair, "started_on": started_on, **cells}


def decided(
    decision: str,
    request_id: str = "R1",
    household_id: str = "H1",
    decided_on: str = "2026-09-01",
    **cells: str | None,
) -> Cells:
    pair = {"request_id": request_id, "household_id": household_id}
    return {**pair, "decision": decision, "decided_on": decided_on, **cells}


def homes(*household_ids: str, **cells: str | None) -> dict[str, list[Cells]]:
    """Ordinary households with a carer each."""
    return {
        "households": [a_household(name, **cells) for name in household_ids],
        "carers": [a_carer(name) for name in household_ids],
    }


def families(*request_ids: str, **cells: str | None) -> list[Cells]:
    return [a_request(name, **cells) for name in request_ids]


def made(folder: Path, tables: Tables, **policy: object) -> SolvedRound:
    """A solved round, which must also verify."""
    inputs, in_force = read_tables(folder, tables), a_policy(**policy)
    solved = match(prepare(inputs, in_force, 0))
    assert verify(as_read(solved), inputs, in_force) == []
    return solved


def proposed(solved: SolvedRound) -> dict[str, str | None]:
    """The household of each open request, and its first day."""
    return {
        each.request_id: None if each.proposal is None else each.proposal.household_id
        for each in record_of(solved).requests
        if each.state == "open"
    }


def alerts(solved: SolvedRound, *kinds: str) -> list[str]:
    """The alerts of some kinds in words."""
    return [each.text for each in Explainer(record_of(solved)).alerts() if each.kind in kinds]


def said(solved: SolvedRound, request_id: str) -> str:
    """All that is said of a request."""
    explainer = Explainer(record_of(solved))
    return "\n".join(line.text for line in explainer.lines(explainer.requests[request_id]))


def faults(folder: Path, tables: Tables) -> list[Fault]:
    try:
        inputs, policy = loading.load(write_tables(folder, tables), None, None)
        prepare(inputs, policy)
    except WrongInput as error:
        return list(error.faults)
    return []


def warnings(folder: Path, tables: Tables) -> list[Fault]:
    return list(loading.load(write_tables(folder, tables), None, None)[0].warnings)


def places(found: list[Fault]) -> list[Where]:
    return [(fault.table, fault.row, fault.column) for fault in found]


# --- Whether a family is open, placed or closed ------------------------------------------------


@pytest.mark.parametrize(
    ("status", "rows", "state"),
    [
        (None, {}, "open"),
        (None, {"placements": [lived("R1")]}, "placed"),
        (None, {"placements": [lived("R1", started_on=NOW)]}, "placed"),
        (None, {"placements": [lived("R1", started_on=TOMORROW)]}, "open"),
        (None, {"placements": [lived("R1", ended_on=NOW)]}, "open"),
        (None, {"placements": [lived("R1", ended_on=TOMORROW)]}, "placed"),
        (None, {"placements": [lived("R1", planned_end_on=YESTERDAY)]}, "placed"),  # overdue
        (None, {"decisions": [decided("confirmed", started_on=NOW)]}, "placed"),
        (None, {"decisions": [decided("confirmed", started_on=TOMORROW)]}, "open"),
        (None, {"decisions": [decided("confirmed")]}, "open"),
        (None, {"decisions": [decided("choose", started_on=EARLIER)]}, "open"),
        ("open", {"placements": [lived("R1")]}, "open"),
        ("placed", {"placements": [lived("R1")]}, "placed"),
        ("placed", {"decisions": [decided("confirmed")]}, "placed"),
        ("placed", {"decisions": [decided("confirmed", started_on=TOMORROW)]}, "placed"),
        ("closed", {"placements": [lived("R1")]}, "closed"),
    ],
)
def test_the_state_of_a_request(tmp_path, status, rows, state):
    inputs = read_tables(tmp_path, one_pair(a_request(status=status), **rows))
    states = {"open": inputs.requests, "placed": inputs.placed}
    assert [name for name, found in states.items() if found] == [state] * (state != "closed")
    assert [row.status for row in inputs.families] == [state] * (state != "closed")


@pytest.mark.parametrize(
    "rows",
    [
        {},
        {"placements": [lived("R1", ended_on=NOW)]},
        {"placements": [lived("R1", started_on=TOMORROW)]},
        {"placements": [lived("R2")]},
        {"decisions": [decided("choose")]},
        {"decisions": [decided("confirmed", started_on=EARLIER, ended_on=NOW)]},
    ],
)
def test_placed_without_a_placement_is_an_error(tmp_path, rows):
    (fault,) = faults(tmp_path, one_pair(a_request(status="placed"), **rows))
    assert (fault.table, fault.row, fault.column) == ("requests", 2, "status")
    assert "No placement of it runs, and none is confirmed" in fault.problem


def test_open_while_a_placement_runs_asks_for_a_move(tmp_path):
    tables = {
        "requests": families("R1", status="open"),
        **homes("H1", "H2"),
        "placements": [lived("R1", planned_end_on="2027-03-01")],
    }
    (warning,) = warnings(tmp_path / "a", tables)
    assert (warning.table, warning.row, warning.column) == ("requests", 2, "status")
    assert "in H1: a move was taken to be asked for" in warning.problem
    solved = made(tmp_path / "b", tables)
    assert "R1 lives with H1 since 7 September 2026; planned until" in said(solved, "R1")
    assert "A move is asked for." in said(solved, "R1")
    assert record_of(solved).requests[0].late_days is None


@pytest.mark.parametrize("other", [None, "declined_by_parent"])
def test_a_family_that_asks_for_a_move_is_never_proposed_as_new_where_it_lives(tmp_path, other):
    """Its home is no obstacle to it; that it lives there, and would not move, is said everywhere."""
    tables = {
        "requests": families("R1", status="open", needed_from="2026-11-25"),
        **homes("H1", "H2"),
        "placements": [lived("R1", planned_end_on="2027-03-01")],
    }
    if other:
        tables["decisions"] = [decided(other, decided_on=YESTERDAY)]
    solved = made(tmp_path, tables)
    stays, home = other is None, "H2" if other else "H1"
    told = "R1 → H1, fit 100.00. The family lives there today: no move."
    assert proposed(solved) == {"R1": home}
    assert (told in said(solved, "R1")) == stays
    view = View(solved)
    (row,) = proposals(view).rows
    began = date(2026, 9, 7) if stays else date(2026, 11, 25)
    assert began in row
    text = "\n".join(terminal.round_text(view.explainer, None, (), ()))
    assert ("lives there today, no move" in text) == stays
    ((decision,),) = meeting.decisions(view)
    assert ("where it lives today: no move" in decision.where) == stays
    visits = [
        duty.status
        for duty in duties.words(
            duties.of_match(solved.prepared.pair(0, 1 if other else 0)), default()
        )
        if duty.duty == "visit_before"
    ]
    assert visits == ["not_needed" if stays else "open"]


def test_a_placed_family_is_not_matched_and_stands_in_the_record(tmp_path):
    tables = {
        "requests": families("R1", "R2", needed_from=NOW),
        **homes("H1", "H2"),
        "placements": [lived("R1", planned_end_on="2027-03-01")],
    }
    solved = made(tmp_path, tables)
    found = record_of(solved)
    assert proposed(solved) == {"R2": "H2"}
    (placed,) = [each for each in found.requests if each.state == "placed"]
    assert (placed.request_id, placed.outcome, placed.proposal) == ("R1", "placed", None)
    assert (placed.late_days, placed.ranked, placed.ineligible) == (None, (), ())
    assert placed.duties
    counts = found.counts
    assert (counts.requests, counts.placed, counts.matchable, counts.proposed) == (2, 1, 1, 1)
    assert said(solved, "R1").startswith(
        "R1 lives with H1 since 7 September 2026; planned until 1 March 2027.\nOverdue: "
    )


# --- What a placement holds --------------------------------------------------------------------

FREE, OCCUPIED, CLOSED = "free", "occupied", "closed"


@pytest.mark.parametrize(
    ("rows", "outcome", "free_from", "who", "asks"),
    [
        ([lived(planned_end_on="2026-12-01")], OCCUPIED, "2026-12-08", "R9", None),
        ([lived(planned_end_on=NOW)], OCCUPIED, "2026-11-30", "R9", None),
        ([lived(planned_end_on=YESTERDAY)], OCCUPIED, None, "R9", "end_not_known"),
        ([lived()], OCCUPIED, None, "R9", "end_not_known"),
        ([lived(started_on=NOW)], OCCUPIED, None, "R9", "end_not_known"),
        ([lived(ended_on=TOMORROW)], OCCUPIED, None, "R9", "end_not_known"),
        (
            [lived(ended_on=TOMORROW, planned_end_on="2026-12-01")],
            OCCUPIED,
            "2026-12-08",
            "R9",
            None,
        ),
        ([lived(ended_on=NOW, ended_because="planned")], FREE, "2026-11-30", None, None),
        ([lived(ended_on=YESTERDAY, ended_because="risk")], FREE, "2026-11-29", None, None),
        ([lived(ended_on="2026-11-16")], FREE, "2026-11-23", None, None),
        ([lived(ended_on="2026-11-15")], FREE, "2026-11-23", None, None),
        (
            [lived(ended_on="2026-11-01", ended_because="separated")],
            OCCUPIED,
            None,
            "R9",
            "who_lives_there",
        ),
        (
            [lived(ended_on="2026-11-01", ended_because="staying_put")],
            OCCUPIED,
            None,
            "R9",
            "who_lives_there",
        ),
        # The last one counts: whoever came later was there when it ended.
        (
            [
                lived("R8", started_on="2026-01-05", ended_on="2026-05-01", ended_because="other"),
                lived(ended_on=YESTERDAY, ended_because="moved_on"),
            ],
            FREE,
            "2026-11-29",
            None,
            None,
        ),
        (
            [
                lived("R8", started_on="2026-01-05", ended_on=EARLIER),
                lived(planned_end_on="2026-12-01"),
            ],
            OCCUPIED,
            "2026-12-08",
            "R9",
            None,
        ),
    ],
)
def test_what_a_placement_holds(tmp_path, rows, outcome, free_from, who, asks):
    tables = {"requests": families("R1", parent_agrees="no"), **homes("H1"), "placements": rows}
    found = record_of(made(tmp_path, tables))
    (home,) = found.households
    day = None if free_from is None else date.fromisoformat(free_from)
    assert (home.outcome, home.free_from, home.request_id) == (outcome, day, who)
    assert [alert.kind for alert in found.alerts] == [asks] * (asks is not None)


@pytest.mark.parametrize(
    ("reviewed_on", "free_from"),
    [("2026-11-01", "2026-11-23"), ("2026-10-31", None), (None, None)],
)
def test_who_lives_there_is_asked_after_staying_put_and_a_separation(
    tmp_path, reviewed_on, free_from
):
    tables = {
        "requests": families("R1"),
        **homes("H1", reviewed_on=reviewed_on),
        "placements": [lived(ended_on="2026-11-01", ended_because="separated")],
    }
    solved = made(tmp_path, tables)
    (home,) = record_of(solved).households
    assert home.free_from == (None if free_from is None else date.fromisoformat(free_from))
    assert proposed(solved) == {"R1": "H1" if free_from else None}
    assert alerts(solved, "who_lives_there") == [
        "The placement of R9 with H1 is over. Ask who lives there now, and write reviewed_on: until "
        "then nobody else can be placed there."
    ] * (free_from is None)


def test_an_end_that_nobody_can_say_is_asked_for(tmp_path):
    tables = {"requests": families("R1"), **homes("H1"), "placements": [lived()]}
    assert alerts(made(tmp_path, tables), "end_not_known") == [
        "No planned end ahead is recorded for the placement of R9 with H1: until one is, nobody "
        "else can be placed there. Ask for a day."
    ]


@pytest.mark.parametrize(
    ("needed_from", "latest_start", "rows", "starts_on"),
    [
        # It is known to be free on 8 December.
        ("2026-12-21", "2027-01-04", {"placements": [lived(planned_end_on="2026-12-01")]}, "2026-12-21"),
        ("2026-12-01", "2026-12-08", {"placements": [lived(planned_end_on="2026-12-01")]}, "2026-12-08"),
        ("2026-12-01", "2026-12-07", {"placements": [lived(planned_end_on="2026-12-01")]}, None),
        ("2026-12-21", None, {"placements": [lived()]}, None),
        ("2026-11-23", "2026-11-29", {"placements": [lived(ended_on=NOW)]}, None),
        ("2026-11-23", "2026-11-30", {"placements": [lived(ended_on=NOW)]}, "2026-11-30"),
        # The same of a family in no table: the household's own arrangement_until.
        ("2026-12-07", "2026-12-21", {"until": "2026-12-07"}, "2026-12-14"),
        ("2026-12-07", "2026-12-21", {"until": "open"}, None),
        # And of an older confirmed match.
        (
            "2026-12-21",
            "2027-01-04",
            {
                "until": "2026-12-01",
                "decisions": [decided("confirmed", "R0", started_on=EARLIER)],
                "more": [a_request("R0", status="closed")],
            },
            "2026-12-21",
        ),
        (
            "2026-12-21",
            "2027-01-04",
            {
                "decisions": [decided("confirmed", "R0", started_on=EARLIER, ended_on="2026-12-01")],
                "more": [a_request("R0")],
            },
            "2026-12-21",
        ),
    ],
)  # fmt: skip
def test_later_families_are_matched_to_the_next_free_day(
    tmp_path, needed_from, latest_start, rows, starts_on
):
    rows = dict(rows)
    tables = {
        **homes("H1", arrangement_until=rows.pop("until", None)),
        "requests": [
            a_request("R1", needed_from=needed_from, latest_start=latest_start),
            *rows.pop("more", []),
        ],
        **rows,
    }
    solved = made(tmp_path, tables)
    (mine,) = [each for each in record_of(solved).requests if each.request_id == "R1"]
    if starts_on is None:
        assert mine.proposal is None
    else:
        assert mine.proposal is not None
        assert mine.proposal.starts_on == date.fromisoformat(starts_on)


def test_a_family_s_own_placement_is_no_obstacle_and_no_alert_to_itself(tmp_path):
    rows = [lived("R1", planned_end_on="2027-03-01")]
    tables = {"requests": families("R1", status="open"), **homes("H1"), "placements": rows}
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R1": "H1"}
    assert {each.kind for each in record_of(solved).alerts} <= {"overdue_by_law"}
    # To be placed there again after it ended as planned is none either.
    again = [lived("R1", ended_on=YESTERDAY, ended_because="planned")]
    tables = {"requests": families("R1", needed_from=NOW), **homes("H1"), "placements": again}
    assert proposed(made(tmp_path / "again", tables)) == {"R1": "H1"}


@pytest.mark.parametrize("request_id", ["R1", "R9"])
def test_a_household_that_is_suspended_while_a_family_lives_there(tmp_path, request_id):
    tables = one_pair(
        household=a_household(status="suspended"),
        placements=[lived(request_id, planned_end_on="2027-03-01")],
    )
    solved = made(tmp_path, tables)
    (home,) = record_of(solved).households
    assert (home.outcome, home.request_id, home.closed_by) == (OCCUPIED, request_id, ("approved",))
    # Of a family that the tables no longer have, nothing can be said to break.
    told = ["R1 lives with H1. The household is suspended."] if request_id == "R1" else []
    assert alerts(solved, "placement_breaks") == told


@pytest.mark.parametrize(
    ("household", "told"),
    [
        ({"status": "suspended"}, ["The household is suspended."]),
        ({"bedrooms": "0"}, ["The family needs 1 bedroom; no bedrooms are free."]),
        ({"smokes": "yes", "features": None}, ["Somebody smokes there, and a young child comes."]),
        # What a start needs is no matter once it runs.
        ({"available_from": "2027-06-01"}, []),
        ({"available_until": "2026-12-01"}, []),
    ],
)
def test_what_a_running_placement_breaks_is_an_alert(tmp_path, household, told):
    rows = {"decisions": [decided("confirmed", started_on="2026-11-09")]}
    tables = one_pair(
        household=a_household(arrangement_until="2027-02-01", **household),
        **rows,
    )
    assert alerts(made(tmp_path, tables), "placement_breaks") == [
        f"R1 lives with H1. {text}" for text in told
    ]


# --- Ends before their time ----------------------------------------------------------------------


def test_what_ended_early_is_not_proposed_again_and_is_told(tmp_path):
    confirmed = decided("confirmed", started_on="2026-11-09", ended_on="2026-11-13")
    tables = {"requests": families("R1"), **homes("H1", "H2"), "decisions": [confirmed]}
    solved = made(tmp_path / "two", tables)
    assert proposed(solved) == {"R1": "H2"}
    left = "R1 lived with H1 until 13 November 2026; it ended early (no reason is recorded)."
    assert left in said(solved, "R1")
    alone = {"requests": families("R1"), **homes("H1"), "decisions": [confirmed]}
    waits = made(tmp_path / "one", alone)
    assert proposed(waits) == {"R1": None}
    assert left in said(waits, "R1")
    assert "1 left by this family before its time" in said(waits, "R1")


@pytest.mark.parametrize(
    ("because", "kept"), [("carers_asked", False), (None, False), ("planned", True)]
)
def test_what_ended_early_is_never_kept(tmp_path, because, kept):
    tables = {
        "requests": families("R1"),
        **homes("H1", "H2"),
        "placements": [lived("R1", ended_on="2026-11-13", ended_because=because)],
    }
    inputs = read_tables(tmp_path, tables)
    solved = match(prepare(inputs, a_policy(), 0, {"R1": "H1"}))
    assert proposed(solved) == {"R1": "H1" if kept else "H2"}


def test_people_may_choose_it_again(tmp_path):
    tables = {
        "requests": families("R1"),
        **homes("H1", "H2"),
        "placements": [lived("R1", ended_on="2026-11-13", ended_because="carers_asked")],
        "decisions": [decided("choose", decided_on=NOW)],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R1": "H1"}
    assert "R1 lived with H1 until 13 November 2026; it ended early (carers asked)." in said(
        solved, "R1"
    )


# --- Confirmed matches as placements -----------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "cells", "until", "planned_end"),
    [
        (None, {"started_on": NOW}, "2027-03-01", "2027-03-01"),
        (None, {"started_on": NOW}, "open", None),
        (None, {"started_on": NOW}, None, None),
        (None, {"started_on": EARLIER, "ended_on": TOMORROW}, None, "2026-11-24"),
        (None, {"started_on": EARLIER, "ended_on": "2027-02-01"}, "2027-03-01", "2027-02-01"),
        ("closed", {"started_on": EARLIER}, "2027-03-01", "2027-03-01"),
        ("closed", {}, "2027-03-01", "2027-03-01"),  # also without a start
        ("placed", {}, None, None),
    ],
)
def test_a_confirmed_match_is_read_as_a_placement(tmp_path, status, cells, until, planned_end):
    tables = one_pair(
        a_request(status=status),
        a_household(arrangement_until=until),
        decisions=[decided("confirmed", **cells)],
    )
    inputs = read_tables(tmp_path, tables)
    runs = inputs.running["H1"]
    day = None if planned_end is None else date.fromisoformat(planned_end)
    assert (runs.request_id, runs.planned_end_on, runs.ended_on) == ("R1", day, None)
    assert inputs.pins == {}


@pytest.mark.parametrize(
    ("cells", "rows", "pins"),
    [
        ({}, [], True),
        ({"started_on": TOMORROW}, [], True),
        ({"ended_on": TOMORROW}, [], True),
        ({"ended_on": NOW}, [], False),
        ({"started_on": EARLIER, "ended_on": NOW}, [], False),
        # It takes nothing once the placement of the pair has ended, whichever table says so.
        ({}, [lived("R1", ended_on=NOW)], False),
        ({"started_on": EARLIER}, [lived("R1", ended_on=YESTERDAY)], False),
    ],
)
def test_when_a_confirmed_match_takes_its_household(tmp_path, cells, rows, pins):
    tables = one_pair(decisions=[decided("confirmed", **cells)])
    tables |= {"placements": rows} if rows else {}
    inputs = read_tables(tmp_path, tables)
    assert [*inputs.pins] == [("R1", "H1")] * pins
    assert [*inputs.running] == []


@pytest.mark.parametrize(
    ("cells", "row", "odd"),
    [
        ({"started_on": EARLIER}, {"planned_end_on": "2027-03-01"}, []),
        ({}, {}, []),
        ({"ended_on": "2027-03-01"}, {"planned_end_on": "2027-03-01"}, []),
        ({"started_on": "2026-09-08"}, {}, ["started_on"]),
        ({"started_on": EARLIER, "ended_on": YESTERDAY}, {}, ["ended_on"]),
        ({"ended_on": "2026-11-01"}, {"ended_on": "2026-11-02"}, ["ended_on"]),
        ({"started_on": "2026-09-08", "ended_on": YESTERDAY}, {}, ["started_on", "ended_on"]),
    ],
)
def test_where_both_tables_have_the_pair_the_placement_counts(tmp_path, cells, row, odd):
    tables = one_pair(decisions=[decided("confirmed", **cells)], placements=[lived("R1", **row)])
    inputs = read_tables(tmp_path, tables)
    (placement,) = inputs.placements
    assert placement.started_on == date.fromisoformat(EARLIER)
    found = [w for w in inputs.warnings if w.table == "decisions"]
    assert sorted(places(found)) == sorted(("decisions", 2, column) for column in odd)


@pytest.mark.parametrize(
    ("until", "odd"), [(None, 0), ("2027-03-01", 0), ("2027-03-02", 1), ("open", 1)]
)
def test_another_end_in_the_household_s_row_is_a_warning(tmp_path, until, odd):
    tables = one_pair(
        household=a_household(arrangement_until=until),
        placements=[lived(planned_end_on="2027-03-01")],
    )
    inputs = read_tables(tmp_path, tables)
    assert places(list(inputs.warnings)) == [("households", 2, "arrangement_until")] * odd
    assert inputs.occupancy["H1"].ends_for(None, inputs.as_of) == date(2027, 3, 1).toordinal()


@pytest.mark.parametrize(("status", "odd"), [(None, 1), ("open", 0)])
def test_a_choice_for_a_family_that_is_placed_says_that_it_takes_nothing(tmp_path, status, odd):
    tables = {
        "requests": [a_request("R9", status=status)],
        **homes("H1", "H2"),
        "placements": [lived(planned_end_on="2027-03-01")],
        "decisions": [decided("choose", request_id="R9", household_id="H2")],
    }
    inputs = read_tables(tmp_path, tables)
    told = [each for each in inputs.warnings if "takes nothing" in each.problem]
    assert len(told) == odd


@pytest.mark.parametrize("status", ["closed", "placed", None])
def test_whatever_the_request_says_its_placement_holds_the_home(tmp_path, status):
    tables = {
        "requests": [a_request("R1", status=status), a_request("R2", needed_from=NOW)],
        **homes("H1"),
        "decisions": [decided("confirmed", started_on="2026-11-20", decided_on="2026-11-19")],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R2": None}
    (home,) = record_of(solved).households
    assert (home.outcome, home.request_id) == (OCCUPIED, "R1")


def test_a_closed_family_s_confirmed_match_holds_the_home_without_a_start(tmp_path):
    """Two families are confirmed in one home; one is closed, and lives there all the same."""
    tables = {
        "requests": [a_request("R1", status="closed"), a_request("R2", needed_from=NOW)],
        **homes("H1", "H2"),
        "decisions": [decided("confirmed"), decided("confirmed", "R2", decided_on="2026-11-20")],
    }
    solved = made(tmp_path, tables)
    (first, _) = record_of(solved).households
    # R2's is a fact too: it is held, and what it breaks is said.
    assert (first.outcome, first.request_id) == ("proposed", "R2")
    assert any("nobody can say when it ends" in text for text in alerts(solved, "confirmed_breaks"))


def test_a_placed_family_that_is_confirmed_elsewhere_holds_its_next_home_too(tmp_path):
    tables = {
        "requests": [a_request("R1"), a_request("R2", needed_from=NOW)],
        **homes("H1", "H2"),
        "placements": [lived("R1", planned_end_on="2027-03-01")],
        "decisions": [decided("confirmed", household_id="H2", decided_on="2026-11-20")],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R2": None}
    assert [(h.outcome, h.request_id) for h in record_of(solved).households] == [
        (OCCUPIED, "R1"),
        (OCCUPIED, "R1"),
    ]


@pytest.mark.parametrize(
    ("started_on", "confirmed_on", "decided_on", "outcome", "aside"),
    [
        ("2026-11-02", "2026-11-18", "2026-11-20", OCCUPIED, 0),
        ("2026-11-02", "2026-11-18", "2026-11-17", "proposed", 1),  # that it moved was said later
        ("2026-11-18", "2026-11-02", "2026-11-17", "proposed", 1),  # it moved later
    ],
)
@pytest.mark.parametrize("in_table", [False, True])
def test_of_two_homes_of_a_placed_family_the_later_counts(
    tmp_path, started_on, confirmed_on, decided_on, outcome, aside, in_table
):
    tables = {
        "requests": [a_request("R1"), a_request("R2", needed_from=NOW)],
        **homes("H1", "H2"),
        **({"placements": [lived("R1", started_on=started_on)]} if in_table else {}),
        "decisions": [
            decided("confirmed", started_on=started_on, decided_on=confirmed_on),
            decided("confirmed", household_id="H2", decided_on=decided_on),
        ],
    }
    solved = made(tmp_path, tables)
    assert [h.outcome for h in record_of(solved).households] == [OCCUPIED, outcome]
    assert len(alerts(solved, "decision_set_aside")) == aside


def test_a_family_that_asks_for_a_move_is_held_where_it_is_confirmed_to_have_gone(tmp_path):
    tables = {
        "requests": [a_request("R1", status="open"), a_request("R2", needed_from=NOW)],
        **homes("H1", "H2"),
        "placements": [lived("R1", planned_end_on="2027-03-01")],
        "decisions": [
            decided(
                "confirmed", household_id="H2", decided_on="2026-11-16", started_on="2026-11-20"
            )
        ],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R1": "H2", "R2": None}
    assert not alerts(solved, "decision_set_aside")


def test_a_match_that_is_set_aside_for_who_lives_there_holds_nothing(tmp_path):
    tables = {
        "requests": [a_request("R1"), a_request("R2", status="closed")],
        **homes("H1", "H2"),
        "placements": [lived("R2", planned_end_on="2026-11-20")],
        "decisions": [decided("confirmed", decided_on="2026-11-16", started_on="2026-11-20")],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R1": "H2"}
    assert len(alerts(solved, "decision_set_aside")) == 1


def test_a_match_that_is_set_aside_makes_nobody_placed(tmp_path):
    rows = {
        "placements": [lived("R2", planned_end_on="2027-03-01")],
        "decisions": [decided("confirmed", started_on="2026-05-04")],
    }
    tables = {"requests": families("R1", "R2"), **homes("H1"), **rows}
    inputs = read_tables(tmp_path / "blank", tables)
    assert [row.request_id for row in inputs.requests] == ["R1"]
    tables["requests"][0]["status"] = "placed"
    assert places(faults(tmp_path / "typed", tables)) == [("requests", 2, "status")]


def test_a_placed_family_that_has_not_moved_in_yet(tmp_path):
    tables = one_pair(
        a_request(status="placed"),
        decisions=[decided("confirmed", started_on="2026-12-04", decided_on="2026-11-20")],
    )
    solved = made(tmp_path, tables)
    assert said(solved, "R1").startswith("R1 is agreed with H1 from 4 December 2026;")
    (home,) = record_of(solved).households
    assert (home.outcome, home.request_id) == (OCCUPIED, "R1")


# --- Agreed placements ---------------------------------------------------------------------------


def test_an_agreed_placement_pins_as_a_confirmed_match_does(tmp_path):
    tables = {
        "requests": families("R1", "R2", needed_from="2026-12-01"),
        **homes("H1", "H2"),
        "placements": [lived("R2", started_on="2026-12-04", planned_end_on="2027-03-01")],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R1": "H2", "R2": "H1"}
    (pin,) = solved.prepared.inputs.pins.values()
    assert is_confirmed(pin)
    (_, mine) = record_of(solved).requests
    assert mine.proposal is not None
    assert (mine.proposal.pinned, mine.proposal.starts_on) == (True, date(2026, 12, 4))


def test_two_placements_agreed_in_one_home_one_after_the_other_both_pin(tmp_path):
    tables = {
        "requests": families("R1", "R2", "R3", needed_from="2026-12-01"),
        **homes("H1", "H2"),
        "placements": [
            lived("R1", started_on="2026-12-14", planned_end_on="2027-03-01"),
            lived("R2", started_on="2026-12-01", planned_end_on="2026-12-07"),
        ],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R1": "H1", "R2": "H1", "R3": "H2"}
    record = record_of(solved)
    starts = {each.request_id: each.proposal for each in record.requests}
    assert {name: p.pinned and p.starts_on for name, p in starts.items() if p} == {
        "R1": date(2026, 12, 14),
        "R2": date(2026, 12, 1),
        "R3": False,
    }
    # The home is told as that of who comes first.
    assert [(h.outcome, h.request_id) for h in record.households] == [
        ("proposed", "R2"),
        ("proposed", "R3"),
    ]


def test_a_home_that_is_agreed_for_a_closed_family_later_is_still_agreed_for_who_comes_first(
    tmp_path,
):
    tables = {
        "requests": [*families("R1", needed_from="2026-12-01"), a_request("R3", status="closed")],
        **homes("H1", "H2"),
        "placements": [
            lived("R1", started_on="2026-12-01", planned_end_on="2026-12-07"),
            lived("R3", started_on="2026-12-14"),
        ],
    }
    assert proposed(made(tmp_path, tables)) == {"R1": "H1"}


def test_the_home_after_the_next_is_held_too(tmp_path):
    tables = {
        "requests": families("R1", "R2", needed_from="2026-12-01"),
        **homes("H1", "H2"),
        "placements": [
            lived("R1", started_on="2026-12-01", planned_end_on="2026-12-07"),
            lived("R1", "H2", started_on="2026-12-08"),
        ],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R1": "H1", "R2": None}
    assert [(h.outcome, h.request_id) for h in record_of(solved).households] == [
        ("proposed", "R1"),
        (OCCUPIED, "R1"),
    ]


def test_a_home_with_two_confirmed_matches_is_free_once_it_is_taken_to_be(tmp_path):
    tables = {
        "requests": [
            a_request("R1"),
            a_request("R2", status="closed"),
            a_request("R3", status="closed"),
        ],
        **homes("H1"),
        "decisions": [
            decided("confirmed", "R2", started_on="2026-05-04"),
            decided("confirmed", "R3", started_on=EARLIER, decided_on="2026-09-02"),
        ],
    }
    inputs = read_tables(tmp_path, tables)
    assert len(inputs.set_aside) == 1
    free = edits.apply(inputs, [edits.Vacated("H1")])
    assert (free.running, free.occupancy, free.set_aside) == ({}, {}, ())
    assert proposed(match(prepare(free, a_policy(), 0))) == {"R1": "H1"}


@pytest.mark.parametrize("request_id", ["R9", "R3"])  # in no table any more; closed
def test_an_agreed_placement_of_a_family_that_is_not_open_holds_its_home(tmp_path, request_id):
    tables = {
        "requests": [*families("R1", needed_from=NOW), a_request("R3", status="closed")],
        **homes("H1"),
        "placements": [lived(request_id, started_on="2026-12-04")],
    }
    solved = made(tmp_path, tables)
    assert proposed(solved) == {"R1": None}
    (home,) = record_of(solved).households
    assert (home.outcome, home.request_id) == (OCCUPIED, request_id)


# --- Errors in placements --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "where", "problem"),
    [
        ([lived(), lived("R8")], [(3, "household_id")], "runs for this household"),
        ([lived(), lived(household_id="H2")], [(3, "request_id")], "runs for this family"),
        ([lived(), lived(started_on="2026-09-08")], [(3, "household_id"), (3, "request_id")], "Row 2"),
        ([lived(ended_on=TOMORROW), lived("R8")], [(3, "household_id")], "Row 2"),
        ([lived(ended_on=NOW), lived("R8", started_on=NOW)], [], ""),  # one moved out, one in
        ([lived(ended_on=NOW), lived(household_id="H2", started_on=NOW)], [], ""),
        ([lived(), lived("R8", started_on=TOMORROW)], [], ""),  # agreed for when it is over
        (
            [
                lived("R7", started_on=TOMORROW, planned_end_on="2026-12-24"),
                lived("R8", started_on="2026-12-24"),
            ],
            [],
            "",
        ),
        (
            [
                lived("R7", started_on=TOMORROW, planned_end_on="2026-12-25"),
                lived("R8", started_on="2026-12-24"),
            ],
            [(3, "household_id")],
            "not over by then",
        ),
        ([lived("R7", started_on=TOMORROW), lived("R8", started_on="2026-12-24")], [(3, "household_id")], "Row 2"),
        ([lived(ended_on="2026-09-06")], [(2, "ended_on")], "before started_on, 2026-09-07"),
        ([lived(ended_on=EARLIER)], [], ""),
        ([lived(planned_end_on="2026-09-06")], [(2, "planned_end_on")], "before started_on"),
        ([lived(ended_because="risk")], [(2, "ended_because")], "no day on which it did"),
        ([lived(ended_on=NOW)], [], ""),
        ([lived(ended_on=NOW, ended_because="ended")], [(2, "ended_because")], "not a code"),
        ([lived("R9", "H9")], [(2, "household_id")], "no such id"),
        ([lived("nobody")], [], ""),
        ([lived(started_on="")], [(2, "started_on")], "blank"),
        ([{**lived(), "request_id": ""}], [(2, "request_id")], "blank"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("fault_elsewhere", [False, True])
def test_placements_that_contradict_themselves(tmp_path, rows, where, problem, fault_elsewhere):
    tables = {"requests": families("R1"), **homes("H1", "H2"), "placements": rows}
    if fault_elsewhere:  # hides none of them
        tables["requests"][0]["english"] = "?"
    found = [f for f in faults(tmp_path, tables) if f.table == "placements"]
    assert sorted((f.row, f.column) for f in found) == sorted(where)
    assert all(problem in fault.problem for fault in found)
    assert all(fault.fix for fault in found)


# --- Pins: of two on one side one stands -------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "stands", "aside"),
    [
        # Of two on a household the later decided.
        (
            {"decisions": [decided("choose", decided_on="2026-11-19"), decided("choose", "R2", decided_on="2026-11-20")]},
            ["R2 H1"],
            ["R1 with H1, chosen on 19 November 2026, is set aside: R2 with H1 stands. Ask which it is."],
        ),
        # Of two of a family likewise.
        (
            {"decisions": [decided("choose", decided_on="2026-11-20"), decided("choose", household_id="H2", decided_on="2026-11-19")]},
            ["R1 H1"],
            ["R1 with H2, chosen on 19 November 2026, is set aside: R1 with H1 stands. Ask which it is."],
        ),
        # A confirmed one before a choice, whenever that was.
        (
            {"decisions": [decided("confirmed", decided_on="2026-11-19"), decided("choose", "R2", decided_on="2026-11-20")]},
            ["R1 H1"],
            ["R2 with H1, chosen on 20 November 2026, is set aside: R1 with H1 stands. Ask which it is."],
        ),
        (
            {"decisions": [decided("confirmed", decided_on="2026-11-19"), decided("confirmed", "R2", decided_on="2026-11-20")]},
            ["R2 H1"],
            ["R1 with H1, confirmed on 19 November 2026, is set aside: R2 with H1 stands. Ask which it is."],
        ),
        # An agreed placement before both.
        (
            {"placements": [lived(started_on=TOMORROW, request_id="R2")], "decisions": [decided("confirmed", decided_on="2026-11-20")]},
            ["R2 H1"],
            ["R1 with H1, confirmed on 20 November 2026, is set aside: R2 with H1 stands. Ask which it is."],
        ),
        (
            {"placements": [lived(started_on=TOMORROW)], "decisions": [decided("choose", decided_on="2026-11-20")]},
            [],
            ["R1 with H1, chosen on 20 November 2026, is set aside: R9 with H1 stands. Ask which it is."],
        ),
        # What ended takes nothing.
        (
            {"decisions": [decided("confirmed", "R2", ended_on=NOW), decided("choose", decided_on="2026-08-01")]},
            ["R1 H1"],
            [],
        ),
        # A choice that is carried out is no pin beside its placement.
        (
            {"placements": [lived("R1", planned_end_on="2027-03-01")], "decisions": [decided("choose")]},
            [],
            [],
        ),
        # Nor one that was carried out and is over; a later one is a new choice.
        (
            {"placements": [lived("R1", ended_on="2026-10-01", ended_because="planned")], "decisions": [decided("choose")]},
            [],
            [],
        ),
        (
            {"placements": [lived("R1", ended_on="2026-10-01", ended_because="planned")], "decisions": [decided("choose", decided_on="2026-10-02")]},
            ["R1 H1"],
            [],
        ),
    ],
)  # fmt: skip
def test_of_two_pins_on_a_side_one_stands(tmp_path, rows, stands, aside):
    tables = {"requests": families("R1", "R2"), **homes("H1", "H2"), **rows}
    solved = made(tmp_path, tables)
    assert [f"{request} {household}" for request, household in solved.prepared.inputs.pins] == (
        stands
    )
    assert alerts(solved, "decision_set_aside") == aside


@pytest.mark.parametrize("kinds", [("choose", "choose"), ("confirmed", "confirmed"), ("choose", "confirmed")])  # fmt: skip
@pytest.mark.parametrize(
    ("other", "where", "value"),
    [(("R2", "H1"), "request_id", "R2"), (("R1", "H2"), "household_id", "H2")],
)
@pytest.mark.parametrize("days", [("2026-11-20", "2026-11-20"), ("2026-11-19", "2026-11-20")])
def test_two_pins_of_one_day_are_an_error(tmp_path, kinds, other, where, value, days):
    rows = [
        decided(kinds[0], decided_on=days[0]),
        decided(kinds[1], *other, decided_on=days[1]),
    ]
    tables = {"requests": families("R1", "R2"), **homes("H1", "H2"), "decisions": rows}
    found = [(f.row, f.column, f.value) for f in faults(tmp_path, tables)]
    assert found == ([(3, where, value)] if days[0] == days[1] else [])


def test_two_confirmed_matches_that_both_began_are_no_double_placement(tmp_path):
    """Older tables seldom say when one ended: the later confirmed stands, the other is asked about."""
    rows = [
        decided("confirmed", started_on="2026-05-04", decided_on="2026-05-01"),
        decided("confirmed", household_id="H2", started_on=EARLIER, decided_on="2026-09-01"),
    ]
    tables = {"requests": families("R1"), **homes("H1", "H2"), "decisions": rows}
    solved = made(tmp_path, tables)
    assert [*solved.prepared.inputs.running] == ["H2"]
    assert alerts(solved, "decision_set_aside") == [
        "R1 with H1, confirmed on 1 May 2026, is set aside: R1 with H2 stands. Ask which it is."
    ]


def test_a_placement_stands_before_a_confirmed_match_of_the_same_side(tmp_path):
    tables = {
        "requests": families("R1", "R2"),
        **homes("H1"),
        "placements": [lived("R2", planned_end_on="2027-03-01")],
        "decisions": [decided("confirmed", started_on="2026-05-04")],
    }
    solved = made(tmp_path, tables)
    assert solved.prepared.inputs.running["H1"].request_id == "R2"
    assert len(alerts(solved, "decision_set_aside")) == 1


# --- Choices that no longer stand ----------------------------------------------------------------

BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"household": {"status": "suspended"}}, "The household is suspended.", "approved"),
    ({"household": {"bedrooms": None}}, "It is not known how many bedrooms are free for the family.", "room"),
    ({"placements": [lived()]}, "A parent and child arrangement is running, and nobody can say when it ends.", "one_arrangement"),
    ({"request": {"parent_agrees": "no"}}, "Screening holds it back (no consent).", "no_consent"),
    ({"policy": {"limits__new_per_team": 0}, "household": {"team": "North"}}, "It would go over the limit new_per_team (North).", "new_per_team"),
]  # fmt: skip


def chosen(
    decided_on: str,
    request: Cells | None = None,
    household: Cells | None = None,
    policy: dict[str, object] | None = None,
    **rows: list[Cells],
) -> dict[str, list[Cells]]:
    """People chose R1 for H1, which breaks something, and H2 is there too; `policy` is read apart."""
    tables = {
        "requests": [a_request("R1", **request or {}), a_request("R2", parent_agrees="no")],
        **homes("H1", "H2"),
        "decisions": [decided("choose", decided_on=decided_on)],
        **rows,
    }
    tables["households"][0] |= household or {}
    return tables


@pytest.mark.parametrize(("cells", "text", "key"), BROKEN, ids=[key for *_, key in BROKEN])
def test_a_choice_that_the_world_overtook_is_set_aside(tmp_path, cells, text, key):
    solved = made(tmp_path, chosen("2026-11-19", **cells), **cells.get("policy", {}))
    instead = "R1 is proposed H2" if key != "no_consent" else "R1 has no consent"
    assert alerts(solved, "choice_set_aside") == [
        "People chose R1 → H1 on 19 November 2026. Today it does not stand. "
        f"{text} Unless they choose again, {instead}; H1 is offered to nobody."
    ]
    assert solved.prepared.pins == {}


@pytest.mark.parametrize(("cells", "text", "key"), BROKEN, ids=[key for *_, key in BROKEN])
def test_a_choice_of_this_day_that_breaks_something_is_an_error(tmp_path, cells, text, key):
    inputs = read_tables(tmp_path, chosen(NOW, **cells))
    with pytest.raises(WrongInput) as caught:
        prepare(inputs, a_policy(**cells.get("policy", {})), 0)
    (fault,) = caught.value.faults
    assert (fault.table, fault.row, fault.column) == ("decisions", 2, "decision")
    assert key in fault.problem


def test_where_another_family_gets_it_the_alert_says_so(tmp_path):
    tables = chosen("2026-11-19", {"older_children": "1"})
    tables["requests"][1] |= {"parent_agrees": "yes", "needed_from": NOW}
    tables["households"][1]["bedrooms"] = "0"
    (told,) = alerts(made(tmp_path, tables), "choice_set_aside")
    assert told.endswith("Unless they choose again, R1 waits; H1 goes to R2.")


def test_families_chosen_too_near_each_other(tmp_path):
    rows = {
        "requests": families("R1", "R2"),
        **homes("H1", "H2"),
        "decisions": [
            decided("choose", decided_on="2026-11-18"),
            decided("choose", "R2", "H2", decided_on="2026-11-19"),
        ],
        "keep_apart": [{"request_id": "R1", "other_request_id": "R2", "min_miles": "1"}],
    }
    (told,) = alerts(made(tmp_path, rows), "choice_set_aside")
    assert "It would be too near R1, from whom it is kept apart." in told


@pytest.mark.parametrize("decided_on", ["2026-11-19", NOW])
@pytest.mark.parametrize(
    "rows",
    [
        {"placements": [lived("R1", ended_on="2026-11-02", ended_because="risk")]},
        {
            "request": {"withhold_address": "yes"},
            "relationships": [
                {"request_id": "R1", "household_id": "H1", "kind": "known_to_family"}
            ],
        },
        {
            "requests": [
                a_request("R1"),
                a_request(
                    "R2",
                    parent_age="16",
                    parent_looked_after="yes",
                    child_legal_status="not_looked_after",
                ),
            ],
            "relationships": [{"request_id": "R2", "household_id": "H1", "kind": "current_carer"}],
        },
    ],
    ids=["ended_before", "known_to_family", "own_home"],
)
def test_what_a_choice_passes(tmp_path, decided_on, rows):
    solved = made(tmp_path, chosen(decided_on, **rows))
    assert proposed(solved)["R1"] == "H1"
    assert alerts(solved, "choice_set_aside") == []


def test_a_confirmed_match_that_breaks_something_is_an_alert_whatever_its_day(tmp_path):
    for decided_on in ("2026-11-19", NOW):
        tables = chosen(decided_on, household={"status": "suspended"})
        tables["decisions"][0]["decision"] = "confirmed"
        solved = made(tmp_path / decided_on, tables)
        assert proposed(solved)["R1"] == "H1"
        assert alerts(solved, "confirmed_breaks") == [
            "R1 is confirmed with H1: The household is suspended."
        ]


# --- A home that is kept -----------------------------------------------------------------------


def test_her_own_home_is_kept_while_another_family_waits(tmp_path):
    tables = {
        "requests": [
            a_request(
                "R1",
                purpose="support",
                expected_weeks=None,
                parent_age="16",
                parent_looked_after="yes",
                child_born_or_due_on="2027-01-18",
                child_legal_status="not_looked_after",
                needed_from="2027-01-20",
            ),
            a_request("R2", needed_from=NOW, must_have="step_free"),
        ],
        **homes("H1", "H2"),
        "relationships": [{"request_id": "R1", "household_id": "H1", "kind": "current_carer"}],
    }
    tables["households"][0] |= {"bedrooms": "1", "looked_after_children": "1"}
    tables["households"][0]["features"] = "step_free"
    tables["carers"].append(a_carer("H1", 2))
    solved = made(tmp_path / "kept", tables)
    assert proposed(solved) == {"R1": "H1", "R2": None}
    (told,) = alerts(solved, "home_kept")
    assert told.startswith("H1 is kept for R1, where a parent lives now; R2 waits because of it.")
    assert "chooses R2 there" in told
    tables["decisions"] = [decided("choose", "R2", decided_on=NOW)]
    assert proposed(made(tmp_path / "chosen", tables))["R2"] == "H1"
    del tables["decisions"]
    # Where the rule is switched off, it is kept for nobody.
    assert proposed(made(tmp_path / "off", tables, rules__own_home=False))["R2"] == "H1"
    tables["households"][0]["accommodation_suitable"] = "no"
    for name, rules, outcome in (
        ("on", {}, "kept_for"),
        ("none", {"rules__own_home": False}, "closed"),
    ):
        home = record_of(made(tmp_path / name, tables, **rules)).households[0]
        assert (home.household_id, home.outcome) == ("H1", outcome)
    tables["households"][0]["accommodation_suitable"] = "yes"
    # So far ahead of her need it is not kept yet.
    tables["requests"][0]["needed_from"] = "2027-02-22"
    assert proposed(made(tmp_path / "far", tables))["R2"] == "H1"


# --- Events --------------------------------------------------------------------------------------


def event(key: str, request_id: str = "R1", on: str = "2026-11-20", **cells: str | None) -> Cells:
    return {"request_id": request_id, "event": key, "on": on, **cells}


@pytest.mark.parametrize(
    ("row", "where", "problem"),
    [
        (event("consent"), None, ""),
        (event("consent", status="done", on=NOW), None, ""),
        (event("consent", on=TOMORROW), "on", "not happened yet"),
        (event("placement_meeting", household_id="H1", status="planned", on=TOMORROW), None, ""),
        (event("child_born", on=TOMORROW), "on", "not happened yet"),
        (event("child_born", status="accepted"), "status", "Only what has to be done"),
        (event("with_parents_assessment"), None, ""),  # its former key
        (event("nonsense"), "event", "not a code"),
        (event("consent", status="overdue"), "status", "not a code"),
        (event("consent", request_id="R9"), "request_id", "no such id"),
        (event("visit_before", household_id="H9"), "household_id", "no such id"),
        (event("consent", on="2026-11-20", until="2026-11-19"), "until", "before the day"),
        (event(""), "event", "blank"),
        (event("consent", on=""), "on", "blank"),
    ],
)
def test_an_event_by_itself(tmp_path, row, where, problem):
    found = faults(tmp_path, one_pair(events=[row]))
    assert places(found) == [("events", 2, where)] * (where is not None)
    assert all(problem in fault.problem for fault in found)


def test_steps_are_events_under_their_old_name(tmp_path):
    step = {"request_id": "R1", "gate": "interim_agreement", "status": "met", "on": "2026-11-02"}
    tables = one_pair(steps=[step], events=[event("consent")])
    inputs = read_tables(tmp_path, tables)
    recorded = inputs.events["R1", None]
    assert {key: rows[-1].status for key, rows in recorded.items()} == {
        "consent": "done",
        "head_of_service": "done",
    }
    # Either heading is read, whichever name the file has.
    plain = read_tables(tmp_path / "new", one_pair(events=[event("head_of_service", on="2026-11-02"), event("consent")]))  # fmt: skip
    assert plain.events == inputs.events
    assert plain.sha256 == inputs.sha256


@pytest.mark.parametrize(
    ("column", "value", "key", "on", "known", "odd"),
    [
        ("looked_after_since", None, "became_looked_after", "2026-11-02", "2026-11-02", 0),
        ("looked_after_since", "2026-11-02", "became_looked_after", "2026-11-02", "2026-11-02", 0),
        ("looked_after_since", "2026-11-01", "became_looked_after", "2026-11-02", "2026-11-01", 1),
        ("looked_after_since", None, "consent", "2026-11-02", None, 0),
        (
            "parent_looked_after_since",
            None,
            "parent_became_looked_after",
            "2026-10-02",
            "2026-10-02",
            0,
        ),
        ("child_born_or_due_on", "2026-10-01", "child_born", "2026-10-01", "2026-10-01", 0),
        ("child_born_or_due_on", "2026-10-01", "child_born", "2026-10-03", "2026-10-01", 1),
    ],
)
def test_a_day_that_a_column_and_an_event_both_say(tmp_path, column, value, key, on, known, odd):
    tables = one_pair(a_request(**({column: value} if value else {})), events=[event(key, on=on)])
    inputs = read_tables(tmp_path, tables)
    day = None if known is None else date.fromisoformat(known)
    assert getattr(inputs.requests[0], column) == day
    assert places(list(inputs.warnings)) == [("requests", 2, column)] * odd


def test_what_is_only_planned_fills_no_blank(tmp_path):
    ahead = event("became_looked_after", status="planned", on=TOMORROW)
    inputs = read_tables(tmp_path, one_pair(events=[ahead]))
    assert inputs.requests[0].looked_after_since is None


@pytest.mark.parametrize(
    ("due", "events", "assessment", "odd"),
    [
        ("2026-11-23", [], "booked", 1),
        ("2026-11-20", [], "booked", 1),
        ("2026-11-20", [], "not_done", 1),
        ("2026-11-02", [], "booked", 1),
        ("2026-11-01", [], "booked", 0),  # 22 days: nobody is so late
        ("2026-11-24", [], "booked", 0),  # due tomorrow
        ("2026-11-20", [event("child_born")], "booked", 0),
        ("2026-11-20", [], "done", 1),  # the request came before that day: it was the day expected
        ("2026-11-20", [], None, 1),
        ("2026-11-16", [], None, 0),  # the request came on it, and says a birth
    ],
)
def test_a_due_day_that_is_just_past_reads_as_born_with_a_question(
    tmp_path, due, events, assessment, odd
):
    request = a_request(child_born_or_due_on=due, pre_birth_assessment=assessment)
    found = warnings(tmp_path, one_pair(request, **({"events": events} if events else {})))
    assert places(found) == [("requests", 2, "child_born_or_due_on")] * odd
    assert all("counted as born" in warning.problem for warning in found)


@pytest.mark.parametrize(
    ("told", "counts", "said"),
    [
        ("2026-12-18", "2026-11-20", "that day was counted"),  # a due day that is ahead
        ("2026-11-21", "2026-11-20", "that day was counted"),  # and one that is past by now
        ("2026-11-20", "2026-11-20", None),
        ("2026-11-19", "2026-11-19", "this day was counted"),
    ],
)
def test_a_birth_that_is_recorded_before_it_was_expected_is_believed(tmp_path, told, counts, said):
    """Also once the due day is past: what counts from the birth stays where it was."""
    born = event("child_born", on="2026-11-20")
    tables = one_pair(a_request(child_born_or_due_on=told), events=[born])
    inputs = read_tables(tmp_path, tables)
    assert inputs.requests[0].child_born_or_due_on == date.fromisoformat(counts)
    odd = [each.problem for each in inputs.warnings if each.column == "child_born_or_due_on"]
    assert [said in each for each in odd] == ([] if said is None else [True])


# --- The four columns that are asked by themselves -----------------------------------------------


@pytest.mark.parametrize(
    ("features", "dogs", "has", "fault"),
    [
        (None, "yes", True, False),
        (None, "no", False, False),
        (None, None, None, False),
        ("garden", None, None, False),  # the list says nothing of a column that the table has
        ("none", None, False, False),
        ("dog", "yes", True, False),
        ("garden", "yes", True, False),
        ("garden", "no", False, False),
        ("dog", "no", None, True),
        ("none", "yes", None, True),
    ],
)
@pytest.mark.parametrize(
    ("feature", "column"),
    [("dog", "dogs"), ("cat", "cats"), ("smoker", "smokes"), ("birth_children", "own_children")],
)
def test_a_column_and_the_list_of_features(tmp_path, features, dogs, has, fault, feature, column):
    listed = feature if features == "dog" else features
    tables = one_pair(household=a_household(features=listed, **{column: dogs}))
    found = faults(tmp_path, tables)
    assert places(found) == [("households", 2, column)] * fault
    if not fault:
        (home,) = read_tables(tmp_path / "again", tables).households
        assert home.has(feature) is has


@pytest.mark.parametrize(
    ("features", "has", "told"),
    [("dog;garden", True, 1), ("garden", False, 1), ("none", False, 0), (None, None, 0)],
)
def test_an_older_table_s_list_is_read_as_before(tmp_path, features, has, told):
    inputs = read_tables(tmp_path, one_pair(household=a_household(features=features)))
    assert inputs.households[0].has("dog") is has
    assert inputs.features_as_read_before == frozenset(["H1"] * told)
    assert places(list(inputs.warnings)) == [("households", 1, "features")] * told
    assert all("H1" in warning.problem for warning in inputs.warnings)


# --- The same from Excel and from Python ---------------------------------------------------------


def everything() -> dict[str, list[Cells]]:
    """A round in which families live somewhere, and something happened."""
    return {
        "requests": families("R1", "R2", "R3"),
        **homes("H1", "H2", "H3", dogs="no"),
        "placements": [
            lived("R1", planned_end_on="2027-03-01"),
            lived("R9", "H2", ended_on="2026-11-20", ended_because="moved_on", note="see file"),
        ],
        "events": [
            event("consent"),
            event("carers_briefed", household_id="H1", by="supervising social worker"),
        ],
        "decisions": [decided("rule_out", "R2", "H3", until="2027-01-01")],
    }


def test_the_same_round_from_a_workbook(tmp_path):
    from matcher.report.template import template

    tables = everything()
    plain = read_tables(tmp_path / "folder", tables)
    book = tmp_path / "round.xlsx"
    book.write_bytes(template({name: list(rows) for name, rows in tables.items()}))
    found, _ = loading.load(book, NOW, None)
    assert found.sha256 == plain.sha256
    assert found.placements == plain.placements
    assert found.events == plain.events


def test_the_same_round_from_python(tmp_path):
    import pandas as pd

    import matcher

    tables = everything()
    folder = write_tables(tmp_path, tables)
    data = matcher.read(folder)
    assert [*data.requests.status] == ["placed", "open", "open"]
    assert [*data.placements.household_id] == ["H1", "H2"]
    assert str(data.placements.ended_on.dtype).startswith("datetime64")
    assert data.placements.ended_because.isna().tolist() == [True, False]
    assert data.placements.ended_because[1] == "moved_on"
    assert sorted(data.events.event) == ["carers_briefed", "consent"]
    assert [*data.events.status] == ["done", "done"]
    assert [*data.decisions.until.dt.date] == [date(2027, 1, 1)]
    frames = {name: pd.DataFrame(rows) for name, rows in tables.items()}
    again = matcher.read({**frames, "round": {"as_of": NOW}})
    own = ("requests", "households", "carers", "placements", "events", "decisions")
    once_more = matcher.read({name: getattr(data, name) for name in own} | {"round": {"as_of": NOW}})  # fmt: skip
    for other in (again, once_more):
        assert other.solve().proposals.equals(data.solve().proposals)
        assert other.placements.equals(data.placements)
        assert other.events.equals(data.events)


def test_what_is_read_is_the_same_whatever_the_order_of_rows(tmp_path):
    tables = everything()
    turned = {name: rows[::-1] for name, rows in tables.items()}
    plain, other = (read_tables(tmp_path / n, t) for n, t in (("a", tables), ("b", turned)))
    assert isinstance(plain, Inputs)
    assert (plain.sha256, plain.placements, plain.events) == (
        other.sha256,
        other.placements,
        other.events,
    )


def test_the_day_of_the_round_decides_what_runs(tmp_path):
    """The round of an earlier day is that day's: what ended later still ran."""
    tables = {
        "requests": families("R1", received_on="2026-09-01"),
        **homes("H1"),
        "placements": [lived("R1", ended_on="2026-11-13", ended_because="risk")],
    }
    then = read_tables(tmp_path / "then", tables, date(2026, 11, 12))
    assert [*then.placement_of] == ["R1"]
    assert then.pairs_ended_early == []
    today = read_tables(tmp_path / "now", tables, AS_OF)
    assert [*today.placement_of] == []
    assert today.pairs_ended_early == [("R1", "H1")]


# --- Overdue by the law, or a question ------------------------------------------------------------


@pytest.mark.clause("PWP-1d", "PWP-1e")
@pytest.mark.parametrize(
    ("advice", "overdue"),
    [(None, False), ("placement_with_parents_does_not_apply", False), ("placement_with_parents_applies", True)],
)  # fmt: skip
def test_what_may_not_apply_is_a_question_and_not_overdue_by_the_law(tmp_path, advice, overdue):
    cells = {
        "child_legal_status": "interim_care_order",
        "court_directed": "no",
        "looked_after_since": "2026-11-09",
        "needed_from": "2026-11-16",
        "legal_advice": advice,
        "legal_advice_on": advice and "2026-11-10",
    }
    solved = made(tmp_path, one_pair(a_request(**cells)))
    told = [text for text in alerts(solved, "overdue_by_law") if "placement with parents" in text]
    assert bool(told) == overdue
