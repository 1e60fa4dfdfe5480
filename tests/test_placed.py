"""A family that lives somewhere, an accepted duty and homes in use, in everything that people read."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

import matcher
from builders import Tables, a_carer, a_household, a_request, write_tables
from matcher import cli

HOMES = ("H1", "H2", "H3", "H4", "H5")
LIVES = "lives with H1 since 9 November 2026; planned until 1 February 2027"
TABLES: Tables = {
    "requests": [
        a_request("R1"),
        a_request("R2", needed_from="2026-11-21"),
        a_request("R3", parent_age="16", parent_looked_after="yes", needed_from="2027-01-04"),
    ],
    "households": [
        a_household("H1"),
        a_household("H2", available_from="2026-11-24"),
        a_household("H3"),
        a_household("H4", arrangement_until="open"),
        a_household("H5", status="suspended"),
    ],
    "carers": [a_carer(name) for name in HOMES],
    "relationships": [{"request_id": "R3", "household_id": "H3", "kind": "current_carer"}],
    "decisions": [
        {
            "request_id": "R3",
            "household_id": "H2",
            "decision": "rule_out",
            "decided_on": "2026-11-20",
        }
    ],
    "placements": [
        {
            "request_id": "R1",
            "household_id": "H1",
            "started_on": "2026-11-09",
            "planned_end_on": "2027-02-01",
        }
    ],
    "events": [
        {
            "request_id": "R2",
            "household_id": "H2",
            "event": "safe_caring",
            "status": "accepted",
            "on": "2026-11-20",
            "until": "2026-11-27",
            "by": "team manager",
        }
    ],
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tables(tmp_path_factory.mktemp("placed") / "data", TABLES)


@pytest.fixture(scope="module")
def out(data: Path) -> Path:
    assert cli.run(["round", str(data), "--out", str(data.parent / "out"), "--quiet"]) == 0
    return data.parent / "out"


def said(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str]:
    capsys.readouterr()
    status = cli.run([*map(str, arguments), "--quiet"])
    got = capsys.readouterr()
    return status, " ".join((got.out + got.err).split())


def sheet(out: Path, name: str) -> list[dict[str, object]]:
    book = CalamineWorkbook.from_path(out / "matches.xlsx")
    rows = book.get_sheet_by_name(name).to_python()
    head = next(at for at, row in enumerate(rows) if row[1])
    return [dict(zip(map(str, rows[head]), row, strict=True)) for row in rows[head + 1 :]]


# --- The first lines -----------------------------------------------------------------------------


def test_who_has_no_home_stands_first_on_the_terminal_and_on_the_page(
    data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    late = "R2 has no home tonight: needed since 21 November 2026, 2 days late; H2 is proposed from 24 November 2026."
    accepted = "R2 with H2: safe caring is not done. It was accepted by team manager until 27 November 2026. (PC-5.3c)"
    _, told = said(capsys, "round", data, "--no-report", "--out", data.parent / "again")
    assert -1 < told.index("NO HOME TONIGHT, OR LATE") < told.index(late) < told.index("ALERTS")
    assert told.index("ALERTS") < told.index(accepted) < told.index("SUMMARY")
    page = unescape((out / "report.html").read_text("utf-8"))
    main = page[page.index("<main>") :]
    on_the_page = accepted.removesuffix(" (PC-5.3c)")  # the clause stands in the margin
    assert main.index(late) < main.index(on_the_page) < main.index("To decide")
    assert "No alerts" not in page
    head = [(row["Kind"], row["Why"]) for row in sheet(out, "Alerts")]
    assert head[0] == ("No home tonight, or late", late)
    assert ("Alert", accepted) in head
    record = json.loads((out / "round.json").read_text("utf-8"))
    kinds = [alert["kind"] for alert in record["alerts"]]
    assert kinds[0] == "no_home_tonight"
    assert "accepted" in kinds


# --- Where it lives ------------------------------------------------------------------------------


def test_a_placed_family_is_shown_where_it_lives(
    data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = said(capsys, "round", data, "--no-report", "--out", data.parent / "again")
    assert f"R1 {LIVES}" in told
    assert "1 placed; 2 open requests: 2 proposed, 0 waiting, 0 not matched." in told
    row = sheet(out, "Proposals")[0]
    assert [str(row[name]) for name in ("Request", "Needed", "Outcome", "Household")] == ["R1", "", "placed", "H1"]  # fmt: skip
    assert [str(row[name])[:10] for name in ("Start", "Planned end")] == [
        "2026-11-09",
        "2027-02-01",
    ]
    assert row["Fit"] == row["Rank"] == ""
    page = unescape(re.sub(r"<[^>]*>", " ", (out / "report.html").read_text("utf-8")))
    assert LIVES in page
    assert re.search(r"\b1\s+placed\b", page)
    assert re.search(r"\b0\s+not matched\b", page)
    for name in ("To do",):
        assert "H1" in {each["Household"] for each in sheet(out, name) if each["Request"] == "R1"}


def test_all_that_is_overdue_is_counted_whether_or_not_it_holds(
    data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, told = said(capsys, "explain", data, "R1")
    said_of_all = re.search(
        r"Overdue: (\d+) that were to be done before the placement began, and area notice \(since "
        r"16 November 2026\), .*?: (\d+) in all\.",
        told,
    )
    assert said_of_all
    before, every = map(int, said_of_all.groups())
    duties = matcher.read(data).solve().duties.reset_index()
    late = duties[(duties["request_id"] == "R1") & (duties["status"] == "overdue")]
    page = unescape(re.sub(r"<[^>]*>", " ", (out / "report.html").read_text("utf-8")))
    assert len(late) == every
    assert (
        f"R1 lives with H1, and of what had to come before that {before} checks are open ({before} overdue)."
        in " ".join(page.split())
    )


def test_the_face_shows_it_too(data: Path) -> None:
    solved = matcher.read(data).solve()
    row = solved.proposals.loc["R1"]
    assert (row.state, row.outcome, row.household_id) == ("placed", "placed", "H1")
    assert str(row.starts_on.date()) == "2026-11-09"
    assert LIVES in solved.why("R1")
    assert "1 placed" in repr(solved)


@pytest.mark.parametrize(
    "asked",
    [
        ("place", "R1"),
        ("whatif", "--without", "R1"),
        ("whatif", "--choose", "R1:H2"),
        ("whatif", "--set", "R1.parent_age=20"),
    ],
)
def test_what_asks_for_a_match_says_that_it_is_placed(
    data: Path, capsys: pytest.CaptureFixture[str], asked: tuple[str, ...]
) -> None:
    status, told = said(capsys, asked[0], data, *asked[1:])
    assert status == 2
    assert "R1 is placed with H1, so it is not matched." in told


# --- Homes ---------------------------------------------------------------------------------------


def test_homes_in_use_are_neither_free_nor_open(
    data: Path, out: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = {row["Household"]: row for row in sheet(out, "Households")}
    assert {name: (row["Outcome"], row["Request"]) for name, row in rows.items()} == {
        "H1": ("occupied", "R1"),
        "H2": ("proposed", "R2"),
        "H3": ("proposed", "R3"),
        "H4": ("occupied", ""),
        "H5": ("closed", ""),
    }
    assert {name: str(row["Could start from"])[:10] for name, row in rows.items()} == {
        "H1": "2027-02-08",
        "H2": "2026-11-24",
        "H3": "2026-11-23",
        "H4": "",  # on the page: nobody can say
        "H5": "–",  # closed
    }
    _, told = said(capsys, "round", data, "--no-report", "--out", data.parent / "again")
    assert "5 households, 2 of them open" in told
    assert "on none, as occupied: H1 and H4; on none, as closed: H5." in told
    assert "though free" not in told
    assert "nobody can say" in (out / "report.html").read_text("utf-8")
    _, gap = said(capsys, "sufficiency", data)
    idle = gap[gap.index("Households that no family can use") :]
    assert "H1" not in idle
    assert "H4" not in idle


# --- Documents -----------------------------------------------------------------------------------


def test_what_is_accepted_is_not_done_in_the_match_record(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "documents", data, "R2", "H2", "--out", tmp_path)[0] == 0
    made = Document(str(tmp_path / "R2-H2-match-record.docx"))
    rows = [[cell.text for cell in row.cells] for table in made.tables for row in table.rows]
    (safe,) = (row for row in rows if row[0].startswith("Safe caring ("))
    assert safe[1] == "Accepted on 20 November 2026 by team manager, until 27 November 2026."
    assert safe[2] == "Review the safe caring policy with the carers."
