"""matcher enter: ticks and decisions of a filled-in workbook go into the tables, and nothing else."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

import matcher
from builders import Tables, a_carer, a_household, a_request, write_tables
from filled import Edit, fill_in, sheets_of, write
from matcher import cli
from matcher.report.template import template

HOMES = ("H1", "H2", "H3")
TABLES: Tables = {
    "requests": [
        a_request("R1", child_legal_status="s20", looked_after_since="2026-10-01"),
        a_request("R2", needed_from="2026-12-01"),
        a_request("R3", needed_from="2026-12-07"),
    ],
    "households": [a_household(name) for name in HOMES],
    "carers": [a_carer(name) for name in HOMES],
    "placements": [
        {
            "request_id": "R1",
            "household_id": "H1",
            "started_on": "2026-10-05",
            "planned_end_on": "2027-02-01",
        }
    ],
    "events": [
        {
            "request_id": "R1",
            "household_id": "H1",
            "event": "child_visit",
            "status": "done",
            "on": "2026-10-12",
        }
    ],
}
Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.run([str(each) for each in arguments])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tables(tmp_path / "data", TABLES)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workbook of the round."""
    there = tmp_path_factory.mktemp("round")
    data = write_tables(there / "data", TABLES)
    assert cli.run(["round", str(data), "--out", str(there / "out"), "--quiet"]) == 0
    return there / "out" / "matches.xlsx"


@pytest.fixture
def book(made: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return shutil.copyfile(made, tmp_path / "matches.xlsx")


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    path = folder / f"{table}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if v} for row in csv.DictReader(file)]


def filled(book: Path, *edits: Edit) -> Path:
    return fill_in(book, book.with_name("filled.xlsx"), edits)


def todo(request: str, duty: str, **cells: Any) -> Edit:
    named = {heading.replace("_", " "): value for heading, value in cells.items()}
    return "To do", {"Request": request, "Duty": duty}, named


def new(folder: Path, table: str, before: list[dict[str, str]]) -> list[dict[str, str]]:
    after = rows(folder, table)
    assert after[: len(before)] == before, "what was there stays"
    return after[len(before) :]


# --- What a cell says

DONE = {"status": "done", "on": "2026-11-23"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("x", DONE),
        (" X ", DONE),
        ("✓", DONE),
        ("Done.", DONE),
        ("1", DONE),
        (1, DONE),
        ("xx", DONE),
        ("✔\N{VARIATION SELECTOR-16}", DONE),
        ("Completed", DONE),
        *(
            (each, {"status": "done", "on": "2026-11-20"})
            for each in (
                "20/11",
                "Done 20/11",
                "20 Nov",
                "Fri 20 November",
                "20th Nov 2026",
                "20-11-26",
                "DONE - 20.11.26",
                "held on Friday, 20 Nov",
                46346,
            )
        ),
        ("20/6", {"status": "done", "on": "2026-06-20"}),
        ("booked 4 Dec", {"status": "planned", "on": "2026-12-04"}),
        ("20/11/2026", {"status": "done", "on": "2026-11-20"}),
        (date(2026, 11, 20), {"status": "done", "on": "2026-11-20"}),
        ("done on 20/11/2026", {"status": "done", "on": "2026-11-20"}),
        ("x 2026-11-20", {"status": "done", "on": "2026-11-20"}),
        ("23/11/2026", DONE),
        ("planned 24/11/2026", {"status": "planned", "on": "2026-11-24"}),
        ("no", None),
        ("not yet", None),
        ("-", None),
    ],
)
def test_what_a_tick_says(
    folder: Path, book: Path, said: Said, cell: Any, expected: dict[str, str] | None
) -> None:
    before = rows(folder, "events")
    edits = [todo("R2", "carers_briefed", Done=cell, Done_by="supervising social worker")]
    edits.append(todo("R3", "carers_briefed", Done="x"))  # so that something is filled in
    home = next(
        str(r[3]) for r in sheets_of(book)["To do"] if r[2] == "R2" and r[10] == "carers_briefed"
    )
    status, _, _ = said("enter", folder, filled(book, *edits))
    assert status == 0
    found = [row for row in new(folder, "events", before) if row["request_id"] == "R2"]
    pair = {"request_id": "R2", "household_id": home, "event": "carers_briefed"}
    by = {"by": "supervising social worker"}
    assert found == ([] if expected is None else [{**pair, **expected, **by}])


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("yse", "This is neither a tick nor a day. Write x"),
        ("31/11/2026", "There is no such day."),
        ("24/11/2026", "It has not happened yet on 23 November 2026. Write planned"),
        ("planned", "It names no day."),
        ("accepted", "It names no day."),
        ("#N/A", "The cell shows an error of Excel."),
        ("last week", "This is neither a tick nor a day."),
        ("20.10", "It may be a number. Write the year, too"),
        ("Mon 20 Nov", "20/11/2026 is a Friday."),
        (
            "11/20/2026",
            "There is no such day. Dates are day first, always. Did you mean 20/11/2026?",
        ),
        ("4/12", "It has not happened yet on 23 November 2026."),
        ("20 Nox", "This is not a date."),
    ],
)
def test_a_cell_that_cannot_be_taken_is_named_and_the_rest_is_written(
    folder: Path, book: Path, said: Said, cell: str, problem: str
) -> None:
    before = rows(folder, "events")
    file = filled(
        book, todo("R2", "carers_briefed", Done=cell), todo("R3", "carers_briefed", Done="x")
    )
    number = next(
        at
        for at, row in enumerate(sheets_of(file)["To do"], 1)
        if row[2] == "R2" and row[7] == cell
    )
    status, out, _ = said("enter", folder, file)
    assert status == 0
    assert f"To do, H{number} (Done): found '{cell}'. {problem}" in " ".join(out.split())
    assert [row["request_id"] for row in new(folder, "events", before)] == ["R3"]


def test_where_nothing_can_be_taken_it_is_an_error(folder: Path, book: Path, said: Said) -> None:
    before = rows(folder, "events")
    file = filled(book, todo("R2", "carers_briefed", Done="yse"))
    status, out, err = said("enter", folder, file)
    assert (status, out) == (2, "")
    assert "found 'yse'" in err
    status, out, _ = said("enter", folder, file, "--json")
    (error,) = json.loads(out)["errors"]
    assert (status, error["table"], error["value"]) == (2, "To do", "yse")
    assert error["column"] == f"Done (H{error['row']})"
    for blank in (book, book.with_name("no.xlsx")):
        assert said("enter", folder, blank)[0] == 2
    assert rows(folder, "events") == before


# --- Which duty, and what is recorded already


def test_a_request_s_duty_names_no_household_and_a_pair_s_does(
    folder: Path, book: Path, said: Said
) -> None:
    before = rows(folder, "events")
    file = filled(book, todo("R2", "consent", Done="x"), todo("R2", "safe_caring", Done="x"))
    assert said("enter", folder, file)[0] == 0
    assert {
        row["event"]: row.get("household_id") is None for row in new(folder, "events", before)
    } == {
        "consent": True,
        "safe_caring": False,
    }


def test_what_is_entered_twice_is_written_once(folder: Path, book: Path, said: Said) -> None:
    edits = [
        todo("R1", "child_visit after 2026-10-12", Done="20/11/2026"),
        todo("R2", "carers_briefed", Done="x"),
        ("Proposals", {"Request": "R2"}, {"Decision": "choose"}),
    ]
    file = filled(book, *edits)
    assert said("enter", folder, file)[0] == 0
    once = rows(folder, "events"), rows(folder, "decisions")
    assert len(once[0]) == 3
    # A tick without a day counts for the day on which it is entered; entered again it is no other.
    for day in ("2026-11-23", "2026-11-30"):
        status, out, _ = said("enter", folder, file, "--as-of", day)
        assert status == 0
        assert out.startswith("No rows written.")
        assert out.count("recorded already") == 3
        assert (rows(folder, "events"), rows(folder, "decisions")) == once


@pytest.mark.parametrize(
    ("key", "cell", "written"),
    [
        ("child_visit after 2026-10-12", "x", True),
        ("child_visit after 2026-10-12", "13/10/2026", True),
        ("child_visit", "x", False),  # the first visit: 12 October was that
        ("child_visit", "12/10/2026", False),
        ("child_visit", "20/11/2026", True),  # another day, written by hand
    ],
)
def test_what_recurs_is_known_by_when_it_was_last_held(
    folder: Path, tmp_path: Path, said: Said, key: str, cell: str, written: bool
) -> None:
    before = rows(folder, "events")
    heads = ["Duty", "Household", "Request", "Done"]
    file = write(tmp_path / "own.xlsx", {"anything": [heads, [key, "H1", "R1", cell]]})
    assert said("enter", folder, file)[0] == 0
    assert len(new(folder, "events", before)) == written


def twice(folder: Path, first: Any, second: Any) -> Path:
    """A duty that is ticked on two sheets, as on those of matches.xlsx and calendar.xlsx."""
    heads, row = ["Request", "Household", "Duty", "Done"], ["R2", "H2", "carers_briefed"]
    sheets = {"To do": [heads, [*row, first]], "Calendar": [heads, [*row, second]]}
    return write(folder / "twice.xlsx", sheets)


def test_two_sheets_say_it_once_and_a_day_wins_over_a_tick(
    folder: Path, tmp_path: Path, said: Said
) -> None:
    before = rows(folder, "events")
    assert said("enter", folder, twice(tmp_path, "x", "20/11/2026"))[0] == 0
    assert [row["on"] for row in new(folder, "events", before)] == ["2026-11-20"]


def test_two_days_of_one_duty_are_a_question(folder: Path, tmp_path: Path, said: Said) -> None:
    before = rows(folder, "events")
    status, _, err = said("enter", folder, twice(tmp_path, "19/11/2026", "20/11/2026"))
    assert status == 2
    assert err.count("say different things of one duty") == 2
    assert rows(folder, "events") == before


# --- Decisions


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("choose", "choose"),
        ("Chosen", "choose"),
        ("rule out", "rule_out"),
        ("carer declined", "declined_by_carer"),
        ("declined by parent", "declined_by_parent"),
        ("Confirmed", "confirmed"),
    ],
)
def test_what_a_decision_says(folder: Path, book: Path, said: Said, word: str, code: str) -> None:
    cells = {
        "Decision": word,
        "Decided by": "team manager",
        "Decided on": "20/11/2026",
        "Note": "=1+1",
    }
    home = next(str(row[3]) for row in sheets_of(book)["Proposals"] if row[0] == "R2")
    assert said("enter", folder, filled(book, ("Proposals", {"Request": "R2"}, cells)))[0] == 0
    assert rows(folder, "decisions") == [
        {
            "request_id": "R2",
            "household_id": home,
            "decision": code,
            "decided_on": "2026-11-20",
            "decided_by": "team manager",
            "note": "'=1+1",  # no formula to whoever opens the file
        }
    ]


def test_a_family_that_moves_in_lives_there(folder: Path, book: Path, said: Said) -> None:
    cells = {"Decision": "confirmed", "Moves in on": date(2026, 11, 23)}
    home = next(str(row[3]) for row in sheets_of(book)["Proposals"] if row[0] == "R2")
    assert said("enter", folder, filled(book, ("Proposals", {"Request": "R2"}, cells)))[0] == 0
    state = matcher.read(folder).solve().proposals.loc["R2"]
    assert (state["state"], rows(folder, "decisions")[0]["household_id"]) == ("placed", home)


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        ({"Decision": "chose it"}, "This is none of the list."),
        ({"Decision": "rule out", "Reason": "risky"}, "Use one of: capacity, risk"),
        ({"Decision": "choose", "Decided on": "24/11/2026"}, "It has not happened yet"),
        ({"Decision": "choose", "Moves in on": "23/11/2026"}, "Only a confirmed match moves in."),
        ({"Decision": "choose", "Household": "H9"}, "households has no such id."),
        ({"Reason": "risk"}, "Decision is blank in this row."),
        ({"Decision": "declined"}, "It does not say who. Write declined by carer"),
        ({"Decision": "confirmed 20/11"}, "Write confirmed alone, and the day under Decided on."),
    ],
)
def test_a_decision_that_cannot_be_taken(
    folder: Path, book: Path, said: Said, cells: dict[str, str], problem: str
) -> None:
    status, _, err = said("enter", folder, filled(book, ("Proposals", {"Request": "R2"}, cells)))
    assert status == 2
    assert problem in err
    assert not (folder / "decisions.csv").exists()


def test_a_choice_that_breaks_a_rule_is_not_taken_and_the_rest_is(
    folder: Path, book: Path, said: Said
) -> None:
    before = rows(folder, "events")
    taken = ("Proposals", {"Request": "R2"}, {"Household": "H1", "Decision": "choose"})
    status, out, _ = said(
        "enter", folder, filled(book, taken, todo("R3", "carers_briefed", Done="x"))
    )
    assert status == 0
    assert "NOT TAKEN" in out
    assert "(Decision): found 'choose'." in " ".join(out.split())
    assert not (folder / "decisions.csv").exists()
    assert len(new(folder, "events", before)) == 1


# --- Who may accept


@pytest.mark.parametrize(
    ("cell", "who", "taken"),
    [
        ("accepted until 30/11/2026", "team manager", True),  # 7 days
        ("accepted until 1/12/2026", "team manager", False),
        ("accepted until 30/11/2026", "", False),
        ("accepted until 30/11/2026", "duty social worker", False),
    ],
)
def test_only_who_may_accepts(
    folder: Path, book: Path, said: Said, cell: str, who: str, taken: bool
) -> None:
    before = rows(folder, "events")
    file = filled(book, todo("R2", "safe_caring", Done=cell, Done_by=who))
    status, _, err = said("enter", folder, file)
    assert status == (0 if taken else 2)
    assert taken or "team manager for at most 7 days" in " ".join(err.split())
    assert [row["status"] for row in new(folder, "events", before)] == ["accepted"] * taken


# --- The file: any order, any sheet, CSV


def test_columns_rows_and_sheets_in_any_order(folder: Path, book: Path, said: Said) -> None:
    before = rows(folder, "events")
    file = filled(book, todo("R2", "carers_briefed", Done="x"), todo("R3", "safe_caring", Done="x"))
    sheets = sheets_of(file)
    turned = [row[::-1] for row in sheets["To do"]]
    mixed = {
        "Sheet1": [["Ticks of the week"], [], turned[0], *turned[:0:-1]],
        "notes": [["a"], ["b"]],
    }
    assert said("enter", folder, write(file.with_name("mixed.xlsx"), mixed))[0] == 0
    assert sorted(row["event"] for row in new(folder, "events", before)) == [
        "carers_briefed",
        "safe_caring",
    ]


@pytest.mark.parametrize(("column", "where"), [("Duty", 10), ("Request", 2)])
def test_a_tick_in_a_sheet_without_its_key_column_is_not_lost(
    folder: Path, book: Path, said: Said, column: str, where: int
) -> None:
    decided = ("Proposals", {"Request": "R2"}, {"Decision": "confirmed"})
    sheets = sheets_of(filled(book, todo("R2", "carers_briefed", Done="x"), decided))
    for row in sheets["To do"]:
        del row[where]
    status, out, _ = said("enter", folder, write(book, sheets))
    assert (status, len(rows(folder, "decisions"))) == (0, 1)
    assert f"The sheet has no column {column}, by which the row is known." in " ".join(out.split())


def test_one_sheet_as_csv(folder: Path, tmp_path: Path, said: Said) -> None:
    before = rows(folder, "events")
    file = tmp_path / "todo.csv"
    file.write_text(
        "request_id,household_id,duty,Done\nR2,H2,Carers briefed,x\nR9,H2,safe_caring,x\n"
    )
    status, out, _ = said("enter", folder, file)
    assert status == 0
    assert "todo, A3 (request_id): found 'R9'. requests has no such id." in " ".join(out.split())
    assert [row["event"] for row in new(folder, "events", before)] == ["carers_briefed"]


# --- What is written


def test_dry_run_shows_and_writes_nothing(folder: Path, book: Path, said: Said) -> None:
    files = {path: path.read_bytes() for path in folder.iterdir()}
    file = filled(book, todo("R2", "carers_briefed", Done="x"))
    status, out, _ = said("enter", folder, file, "--dry-run")
    assert status == 0
    assert out.startswith("1 row would be written.")
    assert {path: path.read_bytes() for path in folder.iterdir()} == files
    assert said("enter", folder, file)[1].startswith("1 row written.")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_keeps_its_columns_its_encoding_and_its_ends(
    folder: Path, book: Path, said: Said, encoding: str, end: str
) -> None:
    path = folder / "events.csv"
    was = end.join(["On,Event,request_id,own", '2026-10-12,child_visit,R1,"é, kept"']).encode(
        encoding
    )
    path.write_bytes(was)  # no end of line after the last, no column by
    file = filled(book, todo("R2", "carers_briefed", Done="x", Done_by="a team manager"))
    assert said("enter", folder, file)[0] == 0
    text = path.read_bytes().decode(encoding)
    lines = text.removesuffix(end).split(end)
    assert lines[0] == "On,Event,request_id,own,household_id,status,by"
    assert lines[1] == '2026-10-12,child_visit,R1,"é, kept",,,'
    assert lines[2].startswith("2026-11-23,carers_briefed,R2,,H")
    assert len(lines) == 3


def test_a_note_that_an_old_encoding_cannot_hold_is_kept(
    folder: Path, book: Path, said: Said
) -> None:
    path = folder / "events.csv"
    path.write_bytes("request_id,event,on,note\nR1,consent,2026-10-12,é\n".encode("cp1252"))
    file = filled(book, todo("R2", "consent", Done="x", Note="→ ✓"))
    assert said("enter", folder, file)[0] == 0
    text = path.read_bytes().decode("utf-8-sig")
    assert "é" in text
    assert "→ ✓" in text


def test_a_workbook_gets_a_next_version_beside_it(tmp_path: Path, book: Path, said: Said) -> None:
    given = {
        name: [{k: v for k, v in row.items() if v is not None} for row in some]
        for name, some in TABLES.items()
    }
    data = tmp_path / "matching.xlsx"
    data.write_bytes(
        template({**given, "round": [{"setting": "as_of", "value": date(2026, 11, 23)}]})
    )
    was = data.read_bytes()
    file = filled(
        book,
        todo("R2", "carers_briefed", Done="x", Note="<&>"),
        ("Proposals", {"Request": "R3"}, {"Decision": "choose"}),
    )
    status, out, _ = said("enter", data, file)
    assert status == 0
    assert "Use matching-2.xlsx from now on; matching.xlsx is as it was." in " ".join(out.split())
    assert data.read_bytes() == was
    made = tmp_path / "matching-2.xlsx"
    assert sheets_of(made)["events"][-1][:5] == [
        "R2",
        *sheets_of(made)["events"][-1][1:2],
        "carers_briefed",
        "done",
        date(2026, 11, 23),
    ]
    assert said("check", made)[0] == 0
    with ZipFile(data) as old, ZipFile(made) as new_book:
        changed = {n for n in old.namelist() if old.read(n) != new_book.read(n)}
        assert old.namelist() == new_book.namelist()
    assert len(changed) == 2, "only the two sheets"
    again = filled(book, todo("R3", "carers_briefed", Done="x"))
    assert said("enter", made, again)[0] == 0
    assert (tmp_path / "matching-3.xlsx").exists()


def test_a_workbook_without_the_sheet_gets_one(
    tmp_path: Path, folder: Path, book: Path, said: Said
) -> None:
    tables = {p.stem: list(csv.reader(p.read_text().splitlines())) for p in folder.glob("*.csv")}
    tables.pop("events")
    tables["round"] = [["setting", "value"], ["as_of", "2026-11-23"]]
    data = write(tmp_path / "own.xlsx", tables)
    assert said("enter", data, filled(book, todo("R2", "consent", Done="x")))[0] == 0
    made = sheets_of(tmp_path / "own-2.xlsx")
    assert [*made][-1] == "events"
    assert "consent" in made["events"][1]
    assert said("check", tmp_path / "own-2.xlsx")[0] == 0


def test_all_or_nothing(
    folder: Path, book: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    from matcher.enter import tables

    files = {path: path.read_bytes() for path in folder.iterdir()}
    write_one = tables.write_bytes

    def fails(path: Path, pieces: Any) -> None:
        if path.name == "events.csv":
            raise OSError(28, "No space left on device")
        write_one(path, pieces)

    monkeypatch.setattr(tables, "write_bytes", fails)
    file = filled(
        book,
        todo("R2", "consent", Done="x"),
        ("Proposals", {"Request": "R3"}, {"Decision": "choose"}),
    )
    assert said("enter", folder, file)[0] == 1
    assert {path: path.read_bytes() for path in folder.iterdir()} == files


def test_the_tables_must_read_before_anything_is_entered(
    folder: Path, book: Path, said: Said
) -> None:
    (folder / "carers.csv").unlink()
    status, _, err = said("enter", folder, filled(book, todo("R2", "consent", Done="x")))
    assert status == 2
    assert "carers" in err


def test_the_sample_s_ticks_are_taken(tmp_path: Path, said: Said) -> None:
    samples = Path(__file__).resolve().parents[1] / "data" / "samples"
    data = shutil.copytree(samples / "camden", tmp_path / "camden")
    status, out, _ = said("enter", data, samples / "ticks.csv", "--json")
    found = json.loads(out)
    assert (status, len(found["rows"]), found["not_taken"], found["written"]) == (0, 4, [], True)
    after = matcher.read(data).solve().duties
    settled = after[after["request_id"].eq("R16") & after["duty"].eq("placement_plan")]
    assert settled["status"].tolist() == ["done"]
