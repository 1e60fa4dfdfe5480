"""The meeting paper: what stands on its first page, what is decided, to do and ticked; what is internal."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

import pytest

from builders import AS_OF, a_carer, a_household, a_request, solved, write_tables
from matcher.cli import run
from matcher.history import last
from matcher.history.store import open_store
from matcher.policy import duties
from matcher.policy.alerts import AlertKind
from matcher.policy.duties.form import DutyWords
from matcher.report import meeting, refusals, summary, tables
from matcher.report.view import Changes, View
from test_report import CAMDEN, CHROMIUM, Page, chromium, parts, sheet_xml, solved_round, wide

A_ROW_ALONE = 20  # words of a page that holds next to nothing
ROOT = Path(__file__).resolve().parent.parent
SMALLEST_PRINT = 8  # points


@pytest.fixture
def a_view(tmp_path: Path):
    """A view of one family or several, and of households that each have a carer."""

    def make(requests: dict | list, *homes: dict) -> View:
        tables = {
            "requests": requests if isinstance(requests, list) else [requests],
            "households": list(homes) or [a_household("H0", status="suspended")],
            "carers": [a_carer(each["household_id"]) for each in homes] or [a_carer("H0")],
        }
        return View(solved(tmp_path, tables))

    return make


def headings(view: View) -> list[str]:
    return [block.heading for block in meeting.first_page(view)]


@pytest.fixture(scope="module")
def camden() -> View:
    return View(solved_round(CAMDEN))


# The first page


def test_every_kind_of_alert_has_a_heading_of_its_own_or_the_last():
    named = [kind for kinds in meeting.WRONG.values() for kind in kinds]
    assert len(named) == len(set(named))
    assert {*get_args(AlertKind)} - {*named} == {"home_kept", "team_not_known", "fee_not_known"}


@pytest.mark.parametrize(
    ("needed", "free", "heading"),
    [
        ("2026-11-22", None, "Starts late"),
        ("2026-11-24", None, None),
        ("2026-11-23", "2026-11-24", "No home tonight"),
        ("2026-11-24", "2026-11-25", "Starts late"),
        ("2026-11-25", "2026-11-25", None),
    ],
)
def test_who_is_late_stands_first(a_view, needed, free, heading):
    request = a_request(needed_from=needed, latest_start="2026-12-07")
    found = headings(a_view(request, a_household(available_from=free)))
    urgent = [each for each in found if each in meeting.URGENT]
    assert urgent == ([heading] if heading else [])
    assert found[: len(urgent)] == urgent


def test_nothing_that_is_empty_is_on_the_first_page(a_view):
    view = a_view(
        a_request(
            fostering_concerns="none", resource_team_decision="foster", needed_from="2026-12-07"
        ),
        a_household(reviewed_on="2026-11-20"),
    )
    without = headings(view)
    assert set(without) <= {"Provisional", "What the data leave open"}
    view.changes = Changes(AS_OF - timedelta(7), ())
    (block,) = [each for each in meeting.first_page(view) if each.heading not in without]
    assert block.heading == "Changed since the round of 16 November 2026"
    assert [line.text for line in block.lines] == ["Nothing: every family is where it was."]


def test_what_the_data_leave_open_names_the_family_first(a_view):
    view = a_view(
        a_request(child_born_or_due_on="2026-11-18", received_on="2026-11-02"),
        a_household(reviewed_on="2026-11-20"),
    )
    assert "(counted as born 18 November 2026)" in view.facts(view.requests[0])
    assert view.warnings == [
        "R1: The child was counted as born on 18 November 2026. Is that so? If not, write the day that "
        "is now expected; if so, record child_born in events. "
        f"(requests, child_born_or_due_on, {birth_cell(view)}: '2026-11-18')"
    ]


def birth_cell(view: View) -> str:
    (warning,) = view.solved.prepared.inputs.warnings
    assert warning.place is not None
    return warning.place


def duty(status: str, due: str | None) -> DutyWords:
    day = date.fromisoformat(due) if due else None
    words = ("placement_plan", "PC-6.3b", "", status, True, "", True, "", "All parties", ())
    return DutyWords(*words, day)


@pytest.mark.parametrize(
    ("still", "said"),
    [
        (["open 2026-12-04"], ", by 4 December 2026"),
        (["open 2026-12-04"] * 2, ", by 4 December 2026"),
        (["overdue 2026-11-06"] * 2, ", overdue since 6 November 2026"),
        (
            ["overdue 2026-11-06", *["open 2027-01-28"] * 13],
            ": 1 overdue since 6 November 2026, 13 by 28 January 2027",
        ),
        (
            ["overdue 2026-11-06", "overdue 2026-11-09", "open", "open 2026-12-04"],
            ": 2 overdue (the first since 6 November 2026), 1 by 4 December 2026, 1 without a day",
        ),
        (
            [f"open 2026-12-0{day}" for day in (1, 2, 3, 4)],
            ": 1 by 1 December 2026, 1 by 2 December 2026, 2 later, by 4 December 2026",
        ),
        (["open"], ""),
    ],
)
def test_no_day_is_told_of_checks_whose_day_it_is_not(still, said):
    found = [
        duty(status, day or None) for status, _, day in (each.partition(" ") for each in still)
    ]
    assert meeting.when_due(found) == said


def test_who_waits_is_said_once(a_view):
    view = a_view([a_request("R1", needed_from="2026-11-23"), a_request("R2")])
    (tonight, waits, *_) = meeting.first_page(view)
    assert [line.text[:2] for line in tonight.lines] == ["R1"]
    assert [line.text for line in waits.lines] == [
        "No eligible household: R2 (from 7 December 2026)."
    ]


# What to decide


def test_eight_families_a_page_and_the_most_urgent_first(a_view):
    days = ["2026-12-07", "2026-11-25", "2026-11-20", "2026-11-23"]
    rows = [a_request(f"R{at:02}", needed_from=days[at % 4]) for at in range(9)]
    pages = meeting.decisions(a_view(rows, a_household()))
    assert [[row.request_id for row in page] for page in pages] == [
        ["R02", "R06", "R03", "R07", "R01"],
        ["R05", "R00", "R04", "R08"],
    ]


def test_a_placed_family_is_not_decided_on_but_has_a_page(camden):
    rows = [row.request_id for page in meeting.decisions(camden) for row in page]
    assert sorted(rows) == [each.request_id for each in camden.open_requests]
    assert "R16" not in rows


def test_where_says_what_gives_nothing_away(a_view):
    away = {"home_postcode": "N7", "languages": "eng", "english": "fluent"}
    for withheld, told in (("no", True), ("yes", False)):
        request = a_request(withhold_address=withheld, **away)
        ((row,),) = meeting.decisions(a_view(request, a_household()))
        assert ("place not shown" in row.where) is not told
        assert any("mile" in each or "area" in each for each in row.where) is told
        view = a_view(request, a_household())
        table = meeting.compared(view, view.requests[0])
        assert ("Distance" in table.headings) is told
        said = [line.text for line in view.explainer.lines(view.requests[0])]
        assert ("Its place is not shown, as an address is withheld." in said) is not told
        assert not table.note  # the page says it once


# To do, and the checklist


def test_a_duty_stands_once_in_to_do_and_once_on_its_familys_page(camden):
    to_do = [
        (each.request_id, task)
        for _, _, rows in meeting.to_do(camden)
        for each in rows
        for task in each.names
    ]
    tasks = [task for _, tasks in camden.tasks for task in tasks]
    assert sorted(to_do) == sorted((task.request_id, task.name) for task in tasks)
    for request in camden.requests:
        listed = [
            line.key
            for checks in meeting.checklist(camden, request)
            for line in checks.lines
            if not line.accepted
        ]
        assert len(listed) == len(set(listed))
        mine = [t.key for t in tasks if t.request_id == request.request_id and t.key]
        assert sorted(mine) == sorted(listed)


def test_a_task_is_the_workers_where_one_is_named(a_view):
    for worker, who in ((None, "Child's social worker"), ("JB", "JB, child's social worker")):
        view = a_view(a_request(worker=worker), a_household())
        (mine,) = [person for person, _ in view.tasks if person.endswith("hild's social worker")]
        assert mine == who


def test_the_duties_of_a_match_wait_for_a_household(a_view):
    waiting, going = a_view(a_request()), a_view(a_request(), a_household())
    kinds = [
        {duties.written(duty.duty).of for duty in view.checklist(view.requests[0])}
        for view in (waiting, going)
    ]
    assert duties.REQUEST in kinds[0]
    assert not kinds[0] & {"match", "pair"}
    assert {"match", "pair"} <= kinds[1]


# On paper


@pytest.mark.parametrize(("families", "most"), [(9, 14), (25, 34)])
def test_it_prints_on_so_many_pages(tmp_path, families, most):
    if CHROMIUM is None or shutil.which("pdfinfo") is None:
        pytest.skip("no Chromium or no pdfinfo on this machine: the page was not printed")
    data, out = tmp_path / "data", tmp_path / "out"
    quiet = ["--quiet", "--out"]
    assert run(["sample", "camden", "--requests", str(families), *quiet, str(data)]) == 0
    assert run(["round", str(data), *quiet, str(out)]) == 0
    paper = tmp_path / "report.pdf"
    chromium(tmp_path, out / "report.html", "--no-pdf-header-footer", f"--print-to-pdf={paper}")
    told = subprocess.run(["pdfinfo", paper], capture_output=True, check=True, text=True).stdout
    assert int(re.search(r"Pages:\s+(\d+)", told)[1]) <= most
    words = subprocess.run(["pdftotext", paper, "-"], capture_output=True, check=True, text=True)
    pages = words.stdout.removesuffix("\f").split("\f")
    assert min(len(page.split()) for page in pages) > A_ROW_ALONE


def test_nothing_is_printed_smaller_than_it_can_be_read():
    for name in ("show/base", "report/page"):
        style = (ROOT / f"matcher/{name}.html.j2").read_text("utf-8")
        printed = style[style.index("@media print {") :]
        sizes = [float(size) for size in re.findall(r"font-size: ([0-9.]+)pt", printed)]
        assert sizes
        assert min(sizes) >= SMALLEST_PRINT
        assert "zoom" not in printed


@pytest.mark.parametrize(("families", "shares"), [(8, [8]), (9, [5, 4]), (17, [6, 6, 5])])
def test_families_to_decide_are_spread_evenly_over_pages(a_view, families, shares):
    view = a_view([a_request(f"R{at:02}") for at in range(families)])
    assert [len(rows) for rows in meeting.decisions(view)] == shares


def check(who: str) -> meeting.Check:
    return meeting.Check("key", "Name", "", False, False, "Do it.", "", who, "PC-1")


@pytest.mark.parametrize(
    ("people", "said", "named"),
    [
        (["A", "A", "B", "A"], "A", ["", "", "B", ""]),
        (["A", "A", "B"], "", ["A", "A", "B"]),
        (["A"], "", ["A"]),
    ],
)
def test_who_does_most_of_a_checklist_is_said_once(people, said, named):
    checks = meeting.Checks.of("Also", False, map(check, people))
    assert (checks.who, [each.who for each in checks.lines]) == (said, named)


# Internal


@pytest.fixture
def withheld(tmp_path: Path) -> Path:
    tables = {
        "requests": [a_request(withhold_address="yes", home_postcode="N7")],
        "households": [a_household(postcode="LU3")],
        "carers": [a_carer()],
    }
    return write_tables(tmp_path / "data", tables, "as_of = 2026-11-23\n")


@pytest.mark.clause("PC-5.3d")
def test_internal_files_say_that_they_are_and_the_others_hide_as_before(withheld, tmp_path):
    out, history = tmp_path / "out", tmp_path / "history"
    command = ["round", str(withheld), "--out", str(out), "--quiet"]
    assert run([*command, "--internal", "--record", str(history)]) == 0
    inside, outside = (
        (out / name).read_text("utf-8") for name in ("report-internal.html", "report.html")
    )
    assert re.search(r"about \d+ miles", inside)
    assert "Internal." in Page(inside).said
    assert "@bottom-left" in inside
    assert not re.search(r"about \d+ miles|LU3", outside)
    assert "Internal." not in Page(outside).said
    assert "@bottom-left" not in outside
    for sheet in sheet_xml(out / "matches-internal.xlsx").values():
        assert re.search(r"<oddHeader>[^<]*INTERNAL", sheet)
    assert next(iter(wide(out / "matches-internal.xlsx"))) == "Internal"
    assert not any("INTERNAL" in text for text in parts(out / "matches.xlsx").values())
    listed = {each["name"] for each in json.loads((out / "manifest.json").read_text())["files"]}
    assert {"report-internal.html", "matches-internal.xlsx"} <= listed
    assert not [path for path in history.rglob("*") if b"report-internal" in path.read_bytes()]
    assert run(command) == 0
    assert not list(out.glob("*internal*"))


# What changed


def a_round(folder: Path, data: Path, day: str) -> None:
    args = ["round", str(data), "--as-of", day, "--no-report", "--quiet", "--out"]
    assert run([*args, str(folder / day)]) == 0


@pytest.mark.parametrize(
    ("day", "title", "found"),
    [
        ("2026-11-24", None, "2026-11-23"),
        ("2026-11-23", None, "2026-11-16"),
        ("2026-11-16", None, None),
        ("2026-11-24", "Another council", None),
    ],
)
def test_the_last_round_is_of_an_earlier_day_and_the_same_title(
    withheld, tmp_path, day, title, found
):
    for each in ("2026-11-16", "2026-11-23"):
        a_round(tmp_path / "reports", withheld, each)
    last_one = last.in_folders(tmp_path / "reports", title, date.fromisoformat(day))
    assert last_one.as_of == (date.fromisoformat(found) if found else date.min)
    assert last_one.faults == ()


def test_a_round_that_cannot_be_read_is_said_and_the_one_before_counts(withheld, tmp_path):
    for each in ("2026-11-16", "2026-11-23"):
        a_round(tmp_path, withheld, each)
    (tmp_path / "2026-11-23" / "round.json").write_text("{")
    found = last.in_folders(tmp_path, None, date(2026, 11, 30))
    assert found.as_of == date(2026, 11, 16)
    assert len(found.faults) == 1


def test_what_changed_stands_on_the_first_page(withheld, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    args = ["round", str(withheld), "--quiet", "--as-of"]
    assert run([*args, "2026-11-23"]) == 0
    homes = withheld / "households.csv"
    homes.write_text(homes.read_text("utf-8").replace("approved", "suspended", 1), "utf-8")
    assert run([*args, "2026-11-30"]) == 0
    said = Page((tmp_path / "reports/2026-11-30/report.html").read_text("utf-8")).said
    assert "Changed since the round of 23 November 2026" in said
    assert re.search(r"R1: H1 \(fit [\d.]+\) → waits\. H1 is closed to every family now", said)
    first = Page((tmp_path / "reports/2026-11-23/report.html").read_text("utf-8")).said
    assert "Changed since" not in first


def test_a_history_may_hold_the_last_round(withheld, tmp_path):
    store = str(tmp_path / "history")
    assert last.in_history(open_store(store), None, date(2026, 11, 24)).found is None
    args = ["round", str(withheld), "--quiet", "--no-report", "--out", str(tmp_path / "out")]
    assert run([*args, "--record", store]) == 0
    for day, found in ((24, date(2026, 11, 23)), (23, date.min)):
        assert last.in_history(open_store(store), None, date(2026, 11, day)).as_of == found


# One meaning of open, free, occupied and closed


def test_a_household_is_called_the_same_everywhere(camden):
    outcome = {each.household_id: each.outcome for each in camden.households}
    listed = {each.household_id: each.appears_in for each in camden.households}
    said = " ".join(" ".join(summary.terminal(camden, reported=True)).split())
    opens = sum(each not in ("occupied", "closed") for each in outcome.values())
    assert opens == camden.record.counts.open_households
    assert f"{opens} of them open (neither occupied nor closed)" in said
    for what, words in refusals.NONE.items():
        none = {
            n for n, came in outcome.items() if came == what and (what == "closed" or not listed[n])
        }
        told = re.search(rf"on none, {words}: ([^;.]*)", said)
        assert set(re.findall(r"H\d+", told[1] if told else "")) == none
    rows = {row[0]: row for row in tables.households(camden).rows}
    assert {name: row[2] for name, row in rows.items()} == {
        name: came.replace("_", " ") for name, came in outcome.items()
    }
    free = re.findall(r"(H\d+) ranks \w+ and is free", said)
    assert all(outcome[name] == "free" for name in free)
    assert not re.search(r"free (today|from)|(home|household) is (not )?free\b", said)
