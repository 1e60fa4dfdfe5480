"""The calendar file: an event keeps its id when its day moves, and what fell away is cancelled."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar, Event

from builders import Tables, a_carer, a_household, a_request, write_tables
from matcher import cli
from matcher.calendar.diary import Entry
from matcher.calendar.ics import Earlier, earlier, ics, uid

AS_OF = date(2026, 11, 23)
TABLES: Tables = {
    "requests": [
        a_request("R1", looked_after_since="2026-10-01", worker="AB"),
        a_request("R2", needed_from="2026-12-01"),
    ],
    "households": [a_household("H1"), a_household("H2")],
    "carers": [a_carer("H1"), a_carer("H2")],
    "placements": [
        {
            "request_id": "R1",
            "household_id": "H1",
            "started_on": "2026-11-02",
            "planned_end_on": "2027-02-01",
        }
    ],
}
VISIT = {"request_id": "R1", "household_id": "H1", "event": "child_visit"}


def entry(key: str = "child_visit", day: date = date(2026, 12, 4), **more: object) -> Entry:
    cells = {
        "date": day,
        "overdue": False,
        "request_id": "R1",
        "household_id": "H1",
        "task": key.partition(" ")[0],
        "what": "Visit the child. None is recorded.",
        "who": "child's social worker",
        "clause": "LAW-visit",
        "stage": "placement",
        "key": key,
        "action": "Visit the child.",
        "why": "The first within a week. None is recorded as held.",
        "people": ("AB",),
    }
    return Entry(**{**cells, **more})  # type: ignore[arg-type]


def events(path: Path) -> dict[str, Event]:
    return {str(each["UID"]): each for each in Calendar.from_ical(path.read_bytes()).walk("VEVENT")}


def again(path: Path, entries: list[Entry], as_of: date = AS_OF) -> dict[str, Event]:
    """The file written again over itself, read by another library."""
    path.write_bytes(b"".join(ics(entries, as_of, "t", (), earlier(path))))
    return events(path)


@pytest.mark.parametrize(
    ("then", "same", "sequence"),
    [
        (entry(), True, 0),
        (entry(day=date(2026, 12, 11)), True, 1),
        (entry(overdue=True), True, 1),
        (entry(household_id="H2"), True, 1),
        (entry(action="Visit the child at home."), True, 1),
        (entry("child_visit after 2026-11-20"), False, 0),
        (entry("parent_visit"), False, 0),
        (entry(request_id="R2"), False, 0),
    ],
)
def test_what_is_the_same_event(tmp_path: Path, then: Entry, same: bool, sequence: int) -> None:
    path = tmp_path / "calendar.ics"
    (before,) = again(path, [entry()])
    after = again(path, [then])
    assert (before in after and "STATUS" not in after[before]) == same
    assert int(after[uid(then)]["SEQUENCE"]) == sequence
    if not same:
        assert (str(after[before]["STATUS"]), int(after[before]["SEQUENCE"])) == ("CANCELLED", 1)
        assert str(after[before]["SUMMARY"]).startswith("No longer due: R1")
        assert after[before].decoded("DTSTART") == date(2026, 12, 4)


def test_the_same_again_is_the_same_file(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    again(path, [entry(), entry("parent_visit")])
    again(path, [entry()])
    was = path.read_bytes()
    again(path, [entry()])
    assert path.read_bytes() == was


@pytest.mark.parametrize(("days", "kept"), [(90, True), (91, False)])
def test_what_was_cancelled_long_ago_goes(tmp_path: Path, days: int, kept: bool) -> None:
    path = tmp_path / "calendar.ics"
    again(path, [entry(), entry("parent_visit")])
    again(path, [entry()])
    found = again(path, [entry()], AS_OF + timedelta(days=days))
    assert len(found) == 1 + kept


def test_what_is_due_again_counts_on(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    again(path, [entry()])
    again(path, [])
    (event,) = again(path, [entry()]).values()
    assert (int(event["SEQUENCE"]), "STATUS" in event) == (2, False)


def test_other_people_s_events_are_none_of_ours(tmp_path: Path) -> None:
    path = tmp_path / "calendar.ics"
    path.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:lunch@home\nSUMMARY:Lunch\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:ab@carer-matcher\nSUMMARY:Overdue: R1: Me\n  et.\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    assert earlier(path) == {
        "ab@carer-matcher": Earlier(("UID:ab@carer-matcher", "SUMMARY:Overdue: R1: Me et."))
    }
    path.write_bytes(b"\xff\x00 no calendar")
    assert earlier(path) == {}


def test_a_description_can_be_carried_out(tmp_path: Path) -> None:
    (event,) = again(tmp_path / "calendar.ics", [entry()]).values()
    assert str(event["SUMMARY"]) == "R1 → H1: Visit the child."
    assert str(event["DESCRIPTION"]).splitlines() == [
        "Visit the child.",
        "Request R1, household H1. By 4 December 2026.",
        "Why: The first within a week. None is recorded as held.",
        "Who: Child's social worker (AB).",
        "Clause: LAW-visit.",
        "Once it is done: tick it in the panel, or in the workbook of the round (Duty child_visit).",
    ]


# --- The command


def run(*arguments: str | Path) -> int:
    return cli.run([*map(str, arguments), "--quiet"])


def visit(path: Path) -> tuple[str, Event]:
    every = events(path)
    return next((n, e) for n, e in every.items() if "Visit the child." in e["SUMMARY"] and "STATUS" not in e)  # fmt: skip


def test_a_visit_that_was_held_is_another_event_and_one_whose_day_moved_is_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "diary"
    first = write_tables(tmp_path / "a", TABLES)
    assert run("calendar", first, "--out", out) == 0
    name, event = visit(out / "calendar.ics")
    assert event.decoded("DTSTART") == date(2026, 11, 9)  # within a week
    placements = [{**TABLES["placements"][0], "started_on": "2026-11-04"}]
    moved = write_tables(tmp_path / "b", {**TABLES, "placements": placements})
    assert run("calendar", moved, "--out", out) == 0
    same, event = visit(out / "calendar.ics")
    assert (same, event.decoded("DTSTART"), int(event["SEQUENCE"])) == (name, date(2026, 11, 11), 1)
    held = [{**VISIT, "status": "done", "on": "2026-11-10"}]
    after = write_tables(tmp_path / "c", {**TABLES, "placements": placements, "events": held})
    assert run("calendar", after, "--out", out) == 0
    other, event = visit(out / "calendar.ics")
    assert (other != name, event.decoded("DTSTART")) == (True, date(2026, 12, 22))
    assert str(events(out / "calendar.ics")[name]["STATUS"]) == "CANCELLED"
    capsys.readouterr()


def test_each_person_has_a_file_and_one_who_has_nothing_left_is_told_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "diary"
    data = write_tables(tmp_path / "a", TABLES)
    assert run("calendar", data, "--out", out, "--json") == 0
    tasks = json.loads(capsys.readouterr().out)["tasks"]
    own = events(out / "people" / "calendar-ab.ics")
    assert len(own) == sum("AB" in task["people"] for task in tasks) > 0
    assert all(task["request_id"] == "R1" for task in tasks if "AB" in task["people"])
    every = events(out / "calendar.ics")
    files = sorted((out / "people").iterdir())
    assert {name for file in files for name in events(file)} == set(every)
    requests = [{**TABLES["requests"][0], "worker": "CD"}, TABLES["requests"][1]]
    other = write_tables(tmp_path / "b", {**TABLES, "requests": requests})
    assert run("calendar", other, "--out", out) == 0
    gone = events(out / "people" / "calendar-ab.ics")
    assert {str(event.get("STATUS")) for event in gone.values()} == {"CANCELLED"}
    assert all(str(event["SUMMARY"]).startswith("With somebody else now: R1") for event in gone.values())  # fmt: skip
    assert events(out / "people" / "calendar-cd.ics").keys() == own.keys()


def test_importing_the_file_of_all_and_those_of_people_doubles_and_loses_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a calendar program imports: of one UID the event with the greatest SEQUENCE stands."""
    out = tmp_path / "diary"
    for number, worker in enumerate(("AB", "CD", "CD", "AB")):
        requests = [{**TABLES["requests"][0], "worker": worker}, TABLES["requests"][1]]
        data = write_tables(tmp_path / str(number), {**TABLES, "requests": requests})
        assert run("calendar", data, "--out", out) == 0
        whole = events(out / "calendar.ics")
        for file in sorted((out / "people").iterdir()):
            for name, event in events(file).items():
                if "STATUS" in event:
                    assert int(event["SEQUENCE"]) < int(whole[name]["SEQUENCE"])
                else:
                    assert event.to_ical() == whole[name].to_ical()
    capsys.readouterr()


def test_the_same_round_in_the_same_folder_is_the_same_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "diary"
    data = write_tables(tmp_path / "a", TABLES)
    assert run("calendar", data, "--out", out) == 0
    was = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    assert run("calendar", data, "--out", out) == 0
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == was
    assert run("calendar", data, "--out", tmp_path / "other") == 0
    name = "calendar.ics"
    assert (tmp_path / "other" / name).read_bytes() == (out / name).read_bytes()
    capsys.readouterr()
