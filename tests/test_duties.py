"""Every duty: how it stands, when it is due, and what people recorded of it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import (
    AS_OF,
    Cells,
    a_carer,
    a_household,
    a_policy,
    a_request,
    as_read,
    one_pair,
    read_tables,
)
from matcher import codes
from matcher.calendar import diary
from matcher.policy import duties
from matcher.policy.duties import DUTIES, DutyWords
from matcher.policy.duties.form import MATCH, PAIR, PLACEMENT, REQUEST
from matcher.policy.settings import Policy, default
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.rounds import Prepared, match, prepare

S17: Cells = {"child_legal_status": "not_looked_after"}
INTERIM: Cells = {"child_legal_status": "interim_care_order", "court_directed": "yes"}
ORDER: Cells = {
    "child_legal_status": "care_order",
    "placement_with_parents": "approved",
    "head_of_service_on": "2026-11-02",
    "checks_requested_on": "2026-10-01",
}
LOOKED_AFTER: Cells = {"parent_age": "17", "parent_looked_after": "yes"}


def event(duty: str, on: str, household: str | None = None, **cells: str | None) -> Cells:
    return {"request_id": "R1", "household_id": household, "event": duty, "on": on, **cells}


def lives(started: str, household: str = "H1", **cells: str | None) -> Cells:
    return {"request_id": "R1", "household_id": household, "started_on": started, **cells}


def made(
    folder: Path,
    request: Cells | None = None,
    *,
    as_of: date = AS_OF,
    policy: Policy | None = None,
    **tables: Any,
) -> Prepared:
    """A round of one family and one household, or more."""
    filled = {name: rows for name, rows in tables.items() if rows}
    given = one_pair(a_request(**(request or {})), **filled)
    folder = folder / f"{len(list(folder.iterdir()))}" if folder.exists() else folder / "0"
    return prepare(read_tables(folder, given, as_of, policy), policy or a_policy(), 0)


def stand(folder: Path, request: Cells | None = None, **given: Any) -> dict[str, DutyWords]:
    """The duties of the family with H1, in words, by key: where it lives, or where it may go."""
    round_ = made(folder, request, **given)
    case = round_.living.get("R1") or round_.pair(0, 0)
    return {each.duty: each for each in duties.words(duties.of_match(case), default())}


def told(duty: DutyWords) -> tuple[str, str | None]:
    return duty.status, duty.due.isoformat() if duty.due else None


# --- The register -------------------------------------------------------------------------------


def test_intake_knows_the_keys_of_the_register_in_its_order() -> None:
    """Intake reads events before any policy is there: its codes are the register's."""
    keys = [duty.key for duty in DUTIES]
    assert sorted(keys) == sorted(set(keys))
    of = {duty.key: duty.of for duty in DUTIES}
    named = {
        **dict.fromkeys(codes.DUTIES_OF_A_REQUEST, (REQUEST,)),
        **dict.fromkeys(codes.DUTIES_OF_A_PAIR, (MATCH, PAIR)),
        **dict.fromkeys(codes.DUTIES_OF_A_PLACEMENT, (PLACEMENT,)),
    }
    assert tuple(keys) == codes.DUTIES
    assert [key for key in keys if of[key] not in named[key]] == []
    assert set(codes.FORMER_DUTIES.values()) <= set(keys)
    assert not set(codes.FORMER_DUTIES) & set(keys)


@pytest.mark.parametrize("duty", DUTIES, ids=lambda duty: duty.key)
def test_a_duty_says_what_is_true_what_to_do_and_of_which_facts(duty: duties.Duty) -> None:
    assert duty.sentence.endswith(".")
    assert duty.action.endswith(".")
    assert duty.who
    assert duty.clause
    assert all(meaning.endswith(".") for _, meaning in duty.facts)
    assert not (
        duty.recurs and duty.of in (MATCH, PAIR)
    )  # whatever the household, or where they live
    assert {*duty.settled_by} <= {each.key for each in DUTIES}


def test_every_duty_that_is_written_is_in_the_register() -> None:
    from matcher.policy.duties import (
        deciding,
        eighteen,
        ending,
        household,
        returning,
        reviews,
        starting,
    )

    files = (deciding, eighteen, returning, household, starting, reviews, ending)
    written = {each.key for file in files for each in vars(file).values() if isinstance(each, duties.Duty)}  # fmt: skip
    assert written == {duty.key for duty in DUTIES}


# --- What people recorded -----------------------------------------------------------------------

RECORD = "case_risk_assessment"


@pytest.mark.parametrize(
    ("events", "status", "evidence"),
    [
        ([], "open", "A risk assessment of the case is not recorded; it comes before fostering is decided on."),
        (
            [event(RECORD, "2026-11-20", by="team manager")],
            "done",
            "Recorded as done on 20 November 2026 by team manager.",
        ),
        (
            [event(RECORD, "2026-11-20", status="planned")],
            "open",
            "A risk assessment of the case is not recorded; it comes before fostering is decided on. It "
            "is planned for 20 November 2026.",
        ),
        (
            [event(RECORD, "2026-11-20"), event(RECORD, "2026-11-30", status="planned")],
            "done",
            "Recorded as done on 20 November 2026.",
        ),
        (
            [event(RECORD, "2026-11-20", status="accepted", by="Head of Service", until="2026-11-23")],
            "accepted",
            "Accepted on 20 November 2026 by Head of Service, until 23 November 2026.",
        ),
        (
            [event(RECORD, "2026-11-20", status="accepted", by="Head of Service", until="2026-11-22")],
            "open",
            "Accepted on 20 November 2026 by Head of Service, until 22 November 2026. A risk "
            "assessment of the case is not recorded; it comes before fostering is decided on.",
        ),
        (
            [
                event(RECORD, "2026-11-18", status="accepted", by="Head of Service", until="2026-11-19"),
                event(RECORD, "2026-11-21"),
            ],
            "done",
            "Recorded as done on 21 November 2026.",
        ),
    ],
    ids=["nothing", "done", "planned", "done, planned again", "accepted", "run out", "done since"],
)  # fmt: skip
def test_an_event_settles_a_duty_until_it_runs_out(
    tmp_path: Path, events: list[Cells], status: str, evidence: str
) -> None:
    found = stand(tmp_path, events=events)[RECORD]
    assert (found.status, found.evidence) == (status, evidence)


@pytest.mark.clause("PC-2.2", "PWP-1e")
def test_no_event_outweighs_a_fact_that_speaks_against_it(tmp_path: Path) -> None:
    refused = stand(tmp_path, {"parent_agrees": "no"}, events=[event("consent", "2026-11-20")])
    assert refused["consent"].status == "open"
    cells = {**ORDER, "placement_with_parents": "not_done"}
    agreed = stand(tmp_path, cells, events=[event("head_of_service", "2026-11-20")])
    assert agreed["head_of_service"].status == "open"


@pytest.mark.parametrize(("former", "duty"), codes.FORMER_DUTIES.items())
def test_a_key_of_an_earlier_release_is_the_duty_that_it_became(
    tmp_path: Path, former: str, duty: str
) -> None:
    home = "H1" if duty in codes.DUTIES_OF_A_PAIR else None
    cells = {**ORDER, "placement_with_parents": "interim", "head_of_service_on": None}
    assert stand(tmp_path, cells)[duty].still
    found = stand(tmp_path, cells, events=[event(former, "2026-11-20", home)])
    assert found[duty].status == "done"


@pytest.mark.parametrize(
    ("done", "settles"),
    [
        ("placement_meeting", {"placement_meeting", "review_frequency", "reviews_on_request"}),
        (
            "placement_plan",
            {"placement_plan", "review_frequency", "reviews_on_request", "ending_agreed"},
        ),
        ("shared_care", set()),
    ],
)
@pytest.mark.clause("PC-6.4a", "PC-6.4c", "PC-6.5a", "PC-6.3b", "PC-6.3c")
def test_what_the_meeting_and_the_plan_settle(tmp_path: Path, done: str, settles: set[str]) -> None:
    found = stand(tmp_path, events=[event(done, "2026-11-20", "H1")])
    asked = ("placement_meeting", "placement_plan", "review_frequency", "reviews_on_request", "ending_agreed")  # fmt: skip
    assert {key for key in asked if found[key].status == "done"} == settles


def test_what_is_accepted_settles_nothing_else(tmp_path: Path) -> None:
    plan = event("placement_plan", "2026-11-20", "H1", status="accepted", by="Head of Service", until="2026-11-30")  # fmt: skip
    may = a_policy(may_accept__placement_plan="Head of Service: 14")
    found = stand(tmp_path, steps=[plan], policy=may)
    assert found["placement_plan"].status == "accepted"
    assert found["review_frequency"].status == "open"


# --- When it is due -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_cells", "home", "due"),
    [
        ({"needed_from": "2026-12-08"}, {}, "2026-12-07"),
        ({"needed_from": "2026-12-07"}, {}, "2026-12-04"),
        ({"needed_from": "2026-12-07"}, {"available_from": "2026-12-07"}, "2026-12-04"),
        ({"needed_from": "2026-12-07"}, {"available_from": "2026-12-08"}, "2026-12-07"),
        ({"needed_from": "2026-12-07"}, {"available_from": "2027-03-30"}, "2027-03-25"),
        ({"needed_from": "2026-12-07"}, {"arrangement_until": "2026-12-05"}, "2026-12-11"),
        ({"needed_from": "2026-12-07"}, {"arrangement_until": "open"}, None),
        # not before the request was there
        ({"needed_from": "2026-11-23", "received_on": "2026-11-22"}, {}, "2026-11-22"),
        ({"needed_from": "2026-11-23", "received_on": "2026-11-23"}, {}, "2026-11-23"),
        ({"needed_from": "2026-11-16", "received_on": "2026-11-16"}, {}, "2026-11-16"),
    ],
)
@pytest.mark.clause("PC-6.3c")
def test_before_a_start_is_the_last_working_day_before_it(
    tmp_path: Path, request_cells: Cells, home: Cells, due: str | None
) -> None:
    found = stand(tmp_path, request_cells, household=a_household(**home))
    for key in ("placement_meeting", "joint_risk_assessment", "visit_before"):
        assert found[key].due == (date.fromisoformat(due) if due else None)
    late = due is not None and due < "2026-11-23"
    assert found["placement_meeting"].status == ("overdue" if late else "open")


@pytest.mark.parametrize(
    "placement",
    [
        {"placements": [lives("2026-11-09")]},
        {"decisions": [{**lives("2026-11-09"), "decision": "confirmed", "decided_on": "2026-11-02"}]},
    ],
    ids=["placements", "confirmed"],
)  # fmt: skip
@pytest.mark.parametrize("status", [None, "placed"])
def test_a_recorded_start_counts_for_all_that_is_due_before_it(
    tmp_path: Path, placement: dict[str, Any], status: str | None
) -> None:
    cells = {"status": status, "received_on": "2026-10-12", "needed_from": "2026-11-16"}
    found = stand(tmp_path, cells, **placement)
    asked = ("case_risk_assessment", "joint_risk_assessment", "placement_meeting")
    assert {key: told(found[key]) for key in asked} == dict.fromkeys(
        asked, ("overdue", "2026-11-06")
    )
    assert found["placement_found"].status == "done"


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-10-12", "2026-11-06"),
        ("2026-11-09", "2026-11-09"),  # asked for on the day of the move
        ("2026-11-10", "2026-11-27"),  # the move was not by this request
    ],
)
@pytest.mark.parametrize("kind", ["placements", "confirmed"])
def test_what_was_due_before_a_family_moved_in_stays_so_while_it_asks_for_another_home(
    tmp_path: Path, kind: str, received: str, due: str
) -> None:
    """What is to be done for each match waits for the next one."""
    row = lives("2026-11-09")
    told_by: dict[str, Any] = {"placements": [row]}
    if kind == "confirmed":
        told_by = {"decisions": [{**row, "decision": "confirmed", "decided_on": "2026-11-02"}]}
    homes = {"households": [a_household(), a_household("H2")], "carers": [a_carer(), a_carer("H2")]}
    cells: Cells = {"status": "open", "received_on": received, "needed_from": "2026-11-30"}
    case = made(tmp_path, {**LOOKED_AFTER, **cells}, **homes, **told_by).pair(0, 1)
    alone = case.of_request
    of_the_request = duties.of_request(alone, duties.depending(alone, case))
    found = {each.duty: each for each in duties.words(of_the_request, default())}
    asked = ("case_risk_assessment", "services_and_benefits", "high_risk")
    assert {key: told(found[key])[1] for key in asked} == dict.fromkeys(asked, due)
    meeting = duties.written("placement_meeting")
    for of in (case, alone):
        assert told(meeting.words(meeting.record(of))) == ("open", "2026-11-27")


VISIT = {"event": "visit_before", "request_id": "R1", "household_id": "H1", "on": "2026-11-05"}
TOO_LATE = "The family lives there since {}; no visit before the start is recorded."


@pytest.mark.parametrize(
    ("started", "events", "stands", "evidence"),
    [
        ("2026-11-24", [], ("open", "2026-11-23"), "A visit before the start is not recorded."),
        ("2026-11-23", [], ("not_needed", None), TOO_LATE.format("23 November 2026")),
        ("2026-11-09", [], ("not_needed", None), TOO_LATE.format("9 November 2026")),
        ("2026-11-09", [VISIT], ("done", None), "Recorded as done on 5 November 2026."),
    ],
)
@pytest.mark.clause("PC-6.2b")
def test_a_visit_before_the_start_cannot_be_made_once_the_family_lives_there(
    tmp_path: Path, started: str, events: list[Cells], stands: tuple[str, str | None], evidence: str
) -> None:
    found = stand(tmp_path, placements=[lives(started)], events=events)["visit_before"]
    assert (told(found), found.evidence) == (stands, evidence)


@pytest.mark.parametrize(
    ("kind", "home", "events", "expected"),
    [
        ("current_carer", {}, [], ("not_needed", None)),
        ("current_carer", {"placements": [lives("2026-11-09")]}, [], ("not_needed", None)),
        ("current_carer", {}, [VISIT], ("done", None)),
        ("former_carer", {}, [], ("open", "2026-12-04")),
    ],
)
@pytest.mark.clause("PC-6.2b")
def test_a_parent_does_not_visit_carers_with_whom_they_live(
    tmp_path: Path,
    kind: str,
    home: dict[str, Any],
    events: list[Cells],
    expected: tuple[str, str | None],
) -> None:
    link = {"request_id": "R1", "household_id": "H1", "kind": kind}
    found = stand(tmp_path, LOOKED_AFTER, relationships=[link], events=events, **home)
    assert told(found["visit_before"]) == expected
    if kind == "current_carer" and not events:
        assert found["visit_before"].evidence == "The parent lives there, with carers of their own."


@pytest.mark.clause("PC-6.2b")
def test_a_record_says_so_with_that_household_alone(tmp_path: Path) -> None:
    homes = {
        "households": [a_household(), a_household("H2")],
        "carers": [a_carer(), a_carer("H2")],
        "relationships": [{"request_id": "R1", "household_id": "H1", "kind": "current_carer"}],
    }
    (request,) = as_read(match(made(tmp_path, LOOKED_AFTER, **homes)))["requests"]
    assert request["proposal"]["household_id"] == "H1"
    assert "visit_before" not in {each["duty"] for each in request["duties"]}
    stands = {
        home["household_id"]: each["status"]
        for home in request["ranked"]
        for each in home["duties"]
        if each["duty"] == "visit_before"
    }
    assert stands == {"H1": "not_needed", "H2": "open"}


@pytest.mark.clause("PC-6.2b")
def test_a_visit_to_the_next_home_can_be_made_while_the_family_lives_in_another(
    tmp_path: Path,
) -> None:
    tables = {
        "requests": [a_request(status="open", needed_from="2026-11-30")],
        "households": [a_household(), a_household("H2")],
        "carers": [a_carer(), a_carer("H2")],
        "placements": [
            lives("2026-09-07", planned_end_on="2026-12-04"),
            lives("2026-12-07", "H2"),
        ],
    }
    round_ = prepare(read_tables(tmp_path, tables), a_policy(), 0)
    found = {
        each.duty: each for each in duties.words(duties.of_match(round_.pair(0, 1)), default())
    }
    assert told(found["visit_before"]) == ("open", "2026-12-04")


@pytest.mark.parametrize(
    ("request_cells", "placements", "said"),
    [
        # needed before the round: a start that is only proposed says no day
        ({"needed_from": "2026-11-18"}, [], "Expected to last 12 weeks from its start."),
        ({"needed_from": "2026-12-07"}, [], "Expected to last 12 weeks from its start."),
        ({}, [lives("2026-11-09", planned_end_on="2027-02-01")], "Planned end: 1 February 2027."),
        ({}, [lives("2026-12-07", planned_end_on="2027-03-08")], "Planned end: 8 March 2027."),
        # the end of the home that they leave is not that of the next one
        (
            {"status": "open", "needed_from": "2026-11-30"},
            [lives("2026-09-07", "H2", planned_end_on="2026-12-04")],
            "Expected to last 12 weeks from its start.",
        ),
    ],
)
@pytest.mark.clause("PC-6.5a")
def test_an_agreed_ending_names_a_recorded_day_alone(
    tmp_path: Path, request_cells: Cells, placements: list[Cells], said: str
) -> None:
    """A plan counts the weeks from its own start: no two papers of a day say two ends."""
    homes = {"households": [a_household(), a_household("H2")], "carers": [a_carer(), a_carer("H2")]}
    cells = {"received_on": "2026-11-02", "needed_from": "2026-11-09", **request_cells}
    round_ = made(tmp_path, cells, placements=placements, **homes)
    case = (None if request_cells else round_.living.get("R1")) or round_.pair(0, 0)
    ending = duties.written("ending_agreed")
    for of in (case, case.of_request):
        assert ending.words(ending.record(of)).evidence.startswith(said)


def test_a_placed_family_keeps_every_duty(tmp_path: Path) -> None:
    round_ = made(tmp_path, placements=[lives("2026-11-09")])
    (request,) = as_read(match(round_))["requests"]
    assert [each["duty"] for each in request["duties"]] == list(codes.DUTIES)
    open_one = made(tmp_path)
    (request,) = as_read(match(open_one))["requests"]
    keys = {each["duty"] for each in request["duties"]}
    assert not keys & set(codes.DUTIES_OF_A_PLACEMENT)


@pytest.mark.parametrize("days", [0, 1, 7, 27, 60])
def test_no_due_day_moves_because_today_moves(tmp_path: Path, days: int) -> None:
    """What is open on one day is due on the same day a week later, and overdue once that is past."""
    cells: Cells = {
        **ORDER, **LOOKED_AFTER, "placement_with_parents": "interim", "head_of_service_on": None,
        "checks_requested_on": None, "child_born_or_due_on": "2027-03-01", "needs": "self_harm",
        "purpose": "support", "expected_weeks": "60", "received_on": "2026-10-12",
    }  # fmt: skip
    as_of = AS_OF + timedelta(days=days)
    for tables in ({}, {"placements": [lives("2026-11-16")]}):
        before = stand(tmp_path, cells, **tables)
        after = stand(tmp_path, cells, as_of=as_of, **tables)
        dues = {key: duty.due for key, duty in before.items() if duty.still}
        assert {key: after[key].due for key in dues} == dues
        for key, duty in after.items():
            if duty.still and duty.due is not None:
                assert (duty.status == "overdue") == (duty.due < as_of), key
    assert len(dues) > 30


def test_what_a_household_that_is_free_later_changes_comes_with_it(tmp_path: Path) -> None:
    """A match's duties are said once with the request, and once more where they have another day."""
    later = a_household("H2", available_from="2026-12-10", dogs="yes", features="garden")
    homes = {"households": [a_household(), later], "carers": [a_carer(), a_carer("H2")]}
    of_match = {duty.key for duty in DUTIES if duty.of == MATCH}

    def keys(**cells: str | None) -> tuple[set[str], dict[str, set[str]]]:
        (request,) = as_read(match(made(tmp_path, cells, **homes)))["requests"]
        ranked = {e["household_id"]: {d["duty"] for d in e["duties"]} for e in request["ranked"]}
        return {each["duty"] for each in request["duties"]}, ranked

    own, ranked = keys()
    assert own >= of_match
    assert not ranked["H1"] & of_match
    assert ranked["H2"] >= of_match
    # where the family is proposed for the later one, nothing of a match stands with the request
    own, ranked = keys(must_have="dog", latest_start="2026-12-20")
    assert not own & of_match
    assert ranked["H2"] >= of_match


@pytest.mark.clause("PC-3.3a", "PC-6.3c")
def test_one_task_has_one_date_everywhere(tmp_path: Path) -> None:
    """The calendar has the day of every record that is left to do, and no other."""
    tables: dict[str, Any] = {
        "requests": [
            a_request("R1"),
            a_request("R2", needed_from="2026-11-23"),
            a_request("R3", status="placed", received_on="2026-10-05"),
            a_request("R4", parent_agrees="no"),
        ],
        "households": [a_household(f"H{n}", available_from=f"2026-12-0{n}") for n in (1, 2, 3)],
        "carers": [a_carer(f"H{n}") for n in (1, 2, 3)],
        "placements": [{**lives("2026-11-02", "H3"), "request_id": "R3"}],
    }
    folder = tmp_path / "tables"
    whole = record_of(match(prepare(read_tables(folder, tables), a_policy(), 0)))
    entries = {(e.request_id, e.task): e.date for e in diary.of_record(for_people(whole))}
    for request in whole.requests:
        home = request.proposal is not None or request.state == "placed"
        pair = next((e.duties for e in request.ranked if request.proposal and e.household_id == request.proposal.household_id), ())  # fmt: skip
        assert not {e.duty for e in request.duties} & {e.duty for e in pair}
        due = {
            (request.request_id, each.duty): each.due
            for each in (*request.duties, *pair)
            if each.still and each.due and (home or duties.written(each.duty).of == REQUEST)
        }
        mine = {key: day for key, day in entries.items() if key[0] == request.request_id}
        assert mine == due
    assert len(entries) > 60


# --- A blank ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duty", "request_cells", "status", "settled"),
    [
        ("fostering_concerns", {}, "unknown", {"fostering_concerns": "none"}),
        ("high_risk", {}, "unknown", {f"risk_{area}": "low" for area in codes.RISK_AREAS}),
        (
            "shared_care",
            {"second_parent_age": "17"},
            "unknown",
            {"second_parent_looked_after": "no"},
        ),
        (
            "antenatal_care",
            {"second_parent_age": "17", "child_born_or_due_on": "2026-12-20"},
            "unknown",
            {"second_parent_looked_after": "no"},
        ),
        (
            "adult_checks",
            {"parent_age": "17"},
            "unknown",
            {"parent_born_on": "2009-06-01", "parent_age": "17"},
        ),
        ("parent_turns_18", {"parent_age": "17"}, "unknown", {"parent_born_on": "2009-06-01"}),
    ],
)
def test_a_blank_never_makes_a_duty_not_needed(
    tmp_path: Path, duty: str, request_cells: Cells, status: str, settled: Cells
) -> None:
    found = stand(tmp_path, request_cells)[duty]
    assert found.status == status
    assert found.action
    assert stand(tmp_path, {**request_cells, **settled})[duty].status == "not_needed"


# --- What recurs --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "held", "expected"),
    [
        ("2026-11-23", [], ("open", "2026-11-30")),
        ("2026-11-30", [], ("open", "2026-11-30")),
        ("2026-12-01", [], ("overdue", "2026-11-30")),
        ("2027-05-03", [], ("overdue", "2026-11-30")),  # nothing is worked out from what was due
        ("2026-12-07", ["2026-12-04"], ("open", "2027-03-04")),
        ("2027-03-05", ["2026-12-04"], ("overdue", "2027-03-04")),
        ("2027-03-05", ["2026-12-04", "2027-03-01"], ("open", "2027-09-01")),
        ("2026-11-23", ["2026-11-01"], ("open", "2026-11-30")),  # before they were looked after
    ],
)
@pytest.mark.clause("LAW-review")
def test_a_review_counts_from_the_last_that_was_held(
    tmp_path: Path, as_of: str, held: list[str], expected: tuple[str, str]
) -> None:
    events = [event("child_review", day) for day in held]
    found = stand(
        tmp_path,
        {"expected_weeks": "60", "looked_after_since": "2026-11-02"},
        as_of=date.fromisoformat(as_of),
        placements=[lives("2026-11-02")],
        events=events,
    )
    assert told(found["child_review"]) == expected


@pytest.mark.parametrize(
    ("cells", "events", "expected", "clause"),
    [
        ({}, [], "2026-11-09", "LAW-visit"),
        ({}, [event("child_visit", "2026-11-06")], "2026-12-18", "LAW-visit"),
        (INTERIM, [], "2026-11-09", "LAW-visit"),
        (INTERIM, [event("child_visit", "2026-11-20", "H1")], "2026-11-27", "LAW-visit"),
        (
            INTERIM,
            [event("child_visit", "2026-11-20"), event("child_review", "2026-11-20")],
            "2026-12-18",
            "LAW-visit",
        ),
        (ORDER, [event("child_visit", "2026-11-20")], "2026-11-27", "PWP-3b, LAW-visit"),
        (
            ORDER,
            [event("child_visit", "2026-11-20"), event("child_review", "2026-11-18")],
            "2027-01-01",
            "LAW-visit",
        ),
        # a review before this placement began ends no weekly visits
        (
            ORDER,
            [event("child_visit", "2026-11-20"), event("child_review", "2026-11-01")],
            "2026-11-27",
            "PWP-3b, LAW-visit",
        ),
    ],
)
@pytest.mark.clause("LAW-visit", "PWP-3b")
def test_visits_are_weekly_until_a_review_is_held(
    tmp_path: Path, cells: Cells, events: list[Cells], expected: str, clause: str
) -> None:
    found = stand(tmp_path, cells, placements=[lives("2026-11-02")], events=events)["child_visit"]
    assert (found.due, found.clause) == (date.fromisoformat(expected), clause)


# --- Who does it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("duty", "workers"),
    [
        ("case_risk_assessment", ("SW4",)),
        ("services_and_benefits", ("SW4",)),
        ("safe_caring", ("team north",)),
        ("joint_risk_assessment", ("SW4", "team north")),
        ("placement_found", ()),
    ],
)
def test_a_duty_names_the_family_s_own_workers(
    tmp_path: Path, duty: str, workers: tuple[str, ...]
) -> None:
    named = {**LOOKED_AFTER, "worker": "SW4", "supervising_worker": "team north"}
    assert stand(tmp_path, named)[duty].workers == workers
    assert stand(tmp_path, LOOKED_AFTER)[duty].workers == ()
