"""Break the input in every way: each fault is named where it stands, with its mend."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from builders import (
    Cells,
    a_carer,
    a_household,
    a_request,
    as_read,
    one_pair,
    read_tables,
    write_tables,
)
from matcher import loading, rounds
from matcher.errors import Fault, WrongInput, wrong_file, wrong_heading
from matcher.intake.inputs import Inputs
from matcher.intake.rows import OLD_HEADINGS, TABLES, columns_of, headings
from matcher.policy.settings import default
from matcher.verification import verify

NOW = "2026-11-23"
TODAY = f"as_of = {NOW}\n"
GONE = "<the column is taken away>"
PAIR = {"request_id": "R1", "household_id": "H1"}
Where = tuple[str, int | None, str | None]


def good() -> dict[str, list[Cells]]:
    """Two families and two households, with a row in every table."""
    return {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2")],
        "relationships": [{**PAIR, "kind": "former_carer"}],
        "risk_assessments": [{**PAIR, "outcome": "containable"}],
        "decisions": [{**PAIR, "decision": "rule_out", "decided_on": "2026-11-20"}],
        "keep_apart": [{"request_id": "R1", "other_request_id": "R2", "min_miles": "1"}],
        "placements": [{"request_id": "R0", "household_id": "H2", "started_on": "2026-01-05", "planned_end_on": "2026-03-30", "ended_on": "2026-03-02", "ended_because": "moved_on"}],
        "events": [{"request_id": "R1", "event": "consent", "on": "2026-11-02"}],
        "steps": [{"request_id": "R1", "gate": "consent", "status": "met", "on": "2026-11-01"}],
    }  # fmt: skip


def broken(changes: dict[tuple[str, int, str], str]) -> dict[str, list[Cells]]:
    """The good tables with single cells changed, by (table, row, column)."""
    tables = good()
    for (table, row, column), cell in changes.items():
        tables[table][row - 2][in_file(table, column)] = cell
    return tables


def in_file(table: str, column: str) -> str:
    """The heading of a column in the tables above: one has its old one."""
    old = {new: heading for heading, new in OLD_HEADINGS.get(table, {}).items()}
    return old.get(column, column)


def read(folder: Path, as_of: str | None = None, policy: Path | None = None) -> Inputs:
    """What `matcher check` reads."""
    inputs, in_force = loading.load(folder, as_of, policy)
    rounds.prepare(inputs, in_force)
    return inputs


def faults(folder: Path, as_of: str | None = None, policy: Path | None = None) -> list[Fault]:
    """Every fault of a folder, [] where it has none."""
    try:
        read(folder, as_of, policy)
    except WrongInput as error:
        return list(error.faults)
    return []


def places(found: list[Fault]) -> list[Where]:
    return [(fault.table, fault.row, fault.column) for fault in found]


def put(folder: Path, name: str, content: bytes | str) -> Path:
    """A good folder with one file replaced or added."""
    write_tables(folder, good(), TODAY)
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / name).write_bytes(raw)
    return folder


def test_the_good_round_is_good(tmp_path):
    inputs = read(write_tables(tmp_path, good(), TODAY))
    assert (len(inputs.requests), len(inputs.households), inputs.warnings) == (2, 2, ())


class Bad(NamedTuple):
    """One bad cell in row 2: what is said of it. `value` is the cell itself unless given."""

    table: str
    column: str
    cell: str
    problem: str
    fix: str
    value: str | None = None
    also: dict[str, str] = {}  # other cells of the row  # noqa: RUF012


CODE, DATE, DAY = "not a code of the list", "not a date", "no such day"
PLACE, WHOLE, NUMBER = "not an outward postcode", "not a whole number", "not a number"
UNKNOWN = "has no such id"
ASK_MILES = {"home_postcode": "NW5"}
BAD_CELLS = [
    # Codes: all are named; likeness of letters says nothing.
    Bad("requests", "purpose", "assesment", CODE, "Use assessment or support."),
    Bad("requests", "status", "opne", CODE, "Use open, placed or closed."),
    Bad("requests", "child_legal_status", "s31", CODE, "under a supervision order"),
    Bad("requests", "child_legal_status", "s38", CODE, "Under an interim care order"),
    Bad("requests", "child_legal_status", "s17", CODE, "that would be not_looked_after"),
    Bad("requests", "ethnicity", "WBRIT", CODE, "Use WBRI"),
    Bad("requests", "religion", "cristian", CODE, "Use none, buddhist, christian"),
    Bad("requests", "english", "fluentt", CODE, "Use fluent, some or none."),
    Bad("requests", "needs", "mental_helth;trauma", CODE, "Use mental_health", "mental_helth"),
    Bad(
        "requests",
        "needs",
        "trauma, unknown",
        "says that it is not known",
        "Leave it out",
        "unknown",
    ),
    Bad("requests", "must_have", "dogg;car", CODE, "Use dog, cat", "dogg"),
    Bad(
        "requests",
        "must_have",
        "language:somalli",
        "language is not known",
        "English name",
        "somalli",
    ),
    Bad("requests", "must_have", "language:", "", "", ""),
    Bad("requests", "must_avoid", "smokers", CODE, "Did you mean smoker?"),
    Bad("requests", "risk_arson", "hihg", CODE, "Use none, low, medium or high."),
    Bad("requests", "fostering_concerns", "parentingg", CODE, "Use parenting"),
    Bad("requests", "resource_team_decision", "fostering", CODE, "Use foster or residential."),
    Bad("requests", "engagement", "refused", CODE, "Use committed, partial or refusing."),
    Bad("requests", "pre_birth_assessment", "notdone", CODE, "not_done or not_needed."),
    Bad("requests", "placement_with_parents", "aproved", CODE, "Use approved, interim"),
    Bad("households", "status", "aproved", CODE, "Use approved, assessing"),
    Bad("households", "provider", "authority", CODE, "Use own, other_authority"),
    Bad("households", "terms", "suport", CODE, "Use assessment or support."),
    Bad("households", "features", "gardn", CODE, "own_bathroom, garden"),
    Bad("households", "features", "none;dog", "none and names some", "only none"),
    Bad("households", "local_authority", "Camdem", "authority is not known", "or its name."),
    Bad("households", "risk_limits", "arson", "names no level", "arson:none"),
    Bad("households", "risk_limits", "arsn:low", CODE, "violence, arson", "arsn"),
    Bad("households", "risk_limits", "arson:medum", CODE, "Use none, low, medium", "medum"),
    Bad("households", "risk_limits", "arson:low;arson:high", "two limits", "Keep", "arson:high"),
    Bad("carers", "skills", "babys", CODE, "babies, teenagers"),
    Bad("carers", "supports_religions", "muslin", CODE, "muslim, sikh"),
    Bad("relationships", "kind", "curent_carer", CODE, "Use current_carer"),
    Bad("risk_assessments", "outcome", "to_high", CODE, "or too_high."),
    Bad("risk_assessments", "areas", "arsen", CODE, "violence, arson"),
    Bad("decisions", "decision", "ruled_out", CODE, "Use choose, rule_out"),
    Bad("decisions", "reason", "tming", CODE, "distance, timing"),
    # yes/no
    Bad("requests", "parent_looked_after", "maybe", "neither yes nor no", "Write yes or no"),
    Bad("requests", "court_directed", "2", "neither yes nor no", "Write yes or no"),
    Bad("carers", "approved", "approved", "neither yes nor no", "Write yes or no"),
    # Dates: day first, always.
    Bad("requests", "needed_from", "12/31/2026", DAY, "Did you mean 31/12/2026?"),
    Bad("requests", "needed_from", "2026-31-12", DAY, "Did you mean 31/12/2026?"),
    Bad("requests", "needed_from", "31/02/2027", DAY, "in the calendar"),
    Bad("requests", "needed_from", "2027-02-29", DAY, "in the calendar"),
    Bad("requests", "needed_from", "2026-00-10", DAY, "in the calendar"),
    Bad("requests", "needed_from", "07/12/26", "year has two figures", "04/12/2026"),
    Bad("requests", "needed_from", "07-12-2026", DATE, "Write 2026-12-07"),
    Bad("requests", "needed_from", "46363", DATE, "2026-12-04"),
    Bad("requests", "needed_from", "2026-12-07 morning", DATE, "2026-12-04"),
    Bad("requests", "needed_from", "٢٠٢٦-12-07", DATE, "2026-12-04"),
    Bad("requests", "needed_from", "1899-12-31", "not between 1950 and 2100", "Check the year"),
    Bad("requests", "needed_from", "2101-01-01", "not between 1950 and 2100", "Check the year"),
    Bad("requests", "needed_from", "soon", DATE, "2026-12-04"),
    Bad("households", "arrangement_until", "never", DATE, "2026-12-04"),
    # Dates that say that something has happened.
    Bad("requests", "received_on", "2026-11-24", "not happened yet on 2026-11-23", "Write the day"),
    Bad("decisions", "decided_on", "2026-11-24", "not happened yet", "Write the day"),
    Bad("risk_assessments", "child_social_worker_on", "2026-11-24", "not happened", "blank"),
    Bad("risk_assessments", "supervising_social_worker_on", "2026-11-24", "not happened", "blank"),
    Bad("risk_assessments", "safe_caring_on", "2026-11-24", "not happened", "blank"),
    # Cells that go together.
    Bad("requests", "latest_start", "2026-12-06", "before needed_from, 2026-12-07", "Check both"),
    Bad("requests", "latest_start", "06/12/2026", "before needed_from, 2026-12-07", "Check both"),
    Bad("requests", "expected_weeks", "", "must say how long", "number of weeks"),
    Bad("requests", "parent_looked_after", "yes", "The parent is 24", "mend parent_age", "yes"),
    Bad(
        "requests",
        "parent_looked_after",
        "Y",
        "The parent is 18",
        "Write no",
        "Y",
        {"parent_age": "18"},
    ),
    Bad("requests", "min_miles", "3", "no home_postcode", "Write home_postcode", "3"),
    Bad("requests", "max_miles", "3.5", "no home_postcode", "Write home_postcode", "3.5"),
    Bad(
        "requests",
        "min_miles",
        "9",
        "more than max_miles, 5",
        "Check both",
        "9",
        {**ASK_MILES, "max_miles": "5"},
    ),
    # Postcodes: no more than the outward half is ever shown.
    Bad("requests", "home_postcode", "QQ9 9ZZ", PLACE, "Write it like NW5", "QQ9"),
    Bad("requests", "school_postcode", "NW55 5AB", PLACE, "Write it like NW5", "NW55"),
    Bad("requests", "keep_away", "NW5;12 High Street", PLACE, "Write it like NW5", "12 H…"),
    Bad("requests", "home_postcode", "NW5 2A", PLACE, "Write it like NW5", "NW5 …"),
    Bad("households", "postcode", "EH1 1AA", "no homes in England", "Write it like NW5", "EH1"),
    Bad("households", "postcode", "N1 9", PLACE, "Write it like NW5", "N1 9"),  # not N19
    # Languages
    Bad("requests", "languages", "Somalli;eng", "language is not known", "English name", "Somalli"),
    Bad("requests", "languages", "Ga", "more than one language", "gle (Irish)"),
    Bad("carers", "languages", "eng,sommali", "language is not known", "English name", "sommali"),
    # Ids
    Bad("carers", "household_id", "h-02", f"households {UNKNOWN}", "Did you mean H2?"),
    Bad("carers", "household_id", "h1", f"households {UNKNOWN}", "Did you mean H1?"),
    Bad("relationships", "request_id", "R9", f"requests {UNKNOWN}", "write the id meant"),
    Bad("relationships", "household_id", "nobody", f"households {UNKNOWN}", "write the id meant"),
    Bad("risk_assessments", "request_id", "X", f"requests {UNKNOWN}", "write the id meant"),
    Bad("decisions", "household_id", "H3", f"households {UNKNOWN}", "write the id meant"),
    Bad("keep_apart", "other_request_id", "R3", f"requests {UNKNOWN}", "write the id meant"),
    Bad("keep_apart", "other_request_id", "R1", "apart from itself", "Name two requests"),
    Bad(
        "households", "limit_exemption", "R1;R7", f"requests {UNKNOWN}", "write the id meant", "R7"
    ),
    Bad("households", "team", "No\u202erth", "can't be printed", "Type it again", "No\ufffdrth"),
    Bad("households", "team", "North\nEast", "can't be printed", "Type it", "North\ufffdEast"),
]


@pytest.mark.parametrize("bad", BAD_CELLS, ids=lambda b: f"{b.table}-{b.column}-{b.cell}")
def test_one_bad_cell_is_one_fault(tmp_path, bad):
    cells = {bad.column: bad.cell, **bad.also}
    tables = broken({(bad.table, 2, column): cell for column, cell in cells.items()})
    (fault,) = faults(write_tables(tmp_path, tables, TODAY))
    value = bad.cell if bad.value is None else bad.value
    assert (fault.table, fault.row, fault.column) == (bad.table, 2, bad.column)
    assert fault.value == value
    assert bad.problem in fault.problem
    assert bad.fix in fault.fix
    assert "None" not in fault.sentence()


TEXTS = {
    "request_id", "household_id", "carer_id", "other_request_id", "limit_exemption", "team",
    "note", "conditions", "decided_by", "by", "worker", "supervising_worker",
}  # fmt: skip
CLOSED = [(t, c) for t, row in TABLES.items() for c in columns_of(row) if c not in TEXTS]


@pytest.mark.parametrize("cell", ["?!", "####", "İ\u0301ß", "=1+1", "x" * 100_000])
def test_no_column_takes_nonsense(tmp_path, cell):
    # All at once: none hides another, and no column of the contract is left out.
    tables = broken({(table, 2, column): cell for table, column in CLOSED})
    found = faults(write_tables(tmp_path, tables, TODAY))
    assert sorted(places(found)) == sorted((table, 2, column) for table, column in CLOSED)
    assert all(cell.startswith(fault.value.rstrip("…")) for fault in found)
    assert all(len(fault.sentence()) < 1000 for fault in found)
    assert [f.fix for f in found if "None" in f.fix] == []


NUMBERS = [
    ("requests", "parent_age"), ("requests", "second_parent_age"), ("requests", "babies"),
    ("requests", "older_children"), ("requests", "expected_weeks"), ("requests", "min_miles"),
    ("requests", "max_miles"), ("households", "bedrooms"), ("households", "takes_older_children"),
    ("households", "looked_after_children"), ("households", "weekly_fee"),
    ("keep_apart", "min_miles"),
]  # fmt: skip
NOT_NUMBERS = [
    "inf", "-inf", "Infinity", "1e308", "-1", "12,00", "1 200", "1_0", "٣", "３", "²", "0x10",
    "+1", "€1", "3%", "1.5.2", "5.", ".5", "99999999", "10**9", "1/2", "three", "1,200,00", "2 km",
]  # fmt: skip


@pytest.mark.parametrize(("table", "column"), NUMBERS)
def test_every_number_column_refuses_what_is_no_number(tmp_path, table, column):
    tables = good()
    first = {**tables[table][0], **ASK_MILES} if table == "requests" else tables[table][0]
    name = next(iter(first))
    own = {} if table == "keep_apart" else {name: "Z"}
    tables[table] += [
        {**first, **dict.fromkeys(own, f"Z{at}"), column: cell}
        for at, cell in enumerate(NOT_NUMBERS)
    ]
    found = faults(write_tables(tmp_path, tables, TODAY))
    start = len(good()[table]) + 2
    expected = [(start + at, cell) for at, cell in enumerate(NOT_NUMBERS)]
    assert [(fault.row, fault.value) for fault in found] == expected
    assert {(f.table, f.column) for f in found} == {(table, column)}
    assert all("number" in f.problem and "from" in f.fix for f in found)


@pytest.mark.parametrize(
    ("table", "column", "cell"),
    [
        ("requests", "parent_age", "8"),
        ("requests", "parent_age", "100"),
        ("requests", "babies", "0"),
        ("requests", "expected_weeks", "0"),
        ("requests", "expected_weeks", "1.5"),
        ("households", "bedrooms", "31"),
        ("households", "looked_after_children", "0.5"),
        ("keep_apart", "min_miles", "1000.1"),
    ],
)
def test_numbers_out_of_range(tmp_path, table, column, cell):
    (fault,) = faults(write_tables(tmp_path, broken({(table, 2, column): cell}), TODAY))
    assert (fault.column, fault.value) == (column, cell)
    assert "from" in fault.fix


REQUIRED = [(t, c) for t, row in TABLES.items() for c, needed in headings(row).items() if needed]


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_a_missing_column_is_one_fault(tmp_path, table, column):
    tables = good()
    for row in tables[table]:
        del row[in_file(table, column)]
        row.setdefault("note" if "note" in columns_of(TABLES[table]) else "extra", "x")
    (fault,) = faults(write_tables(tmp_path, tables, TODAY))
    assert (fault.table, fault.row, fault.column, fault.value) == (table, 1, column, None)
    assert "missing" in fault.problem
    assert column in fault.fix


@pytest.mark.parametrize(("table", "column"), REQUIRED)
def test_a_blank_cell_that_every_row_needs(tmp_path, table, column):
    found = faults(write_tables(tmp_path, broken({(table, 2, column): "  "}), TODAY))
    if columns_of(TABLES[table])[column].required:
        assert (table, 2, column) in places(found)
        assert {f.problem for f in found if f.table == table} == {"The cell is blank."}
    else:
        assert found == []


def test_ten_faults_at_once_are_all_named_and_nothing_else(tmp_path):
    bad = {
        ("requests", 2, "purpose"): "asessment",
        ("requests", 2, "home_postcode"): "ZZ9 9ZZ",
        ("requests", 3, "received_on"): "2027-01-01",
        ("requests", 3, "latest_start"): "2026-12-01",
        ("households", 2, "bedrooms"): "1e308",
        ("households", 3, "features"): "gardn",
        ("carers", 2, "pc_trained_on"): "12/31/2025",
        ("carers", 3, "household_id"): "H9",
        ("relationships", 2, "kind"): "curent_carer",
        ("decisions", 2, "reason"): "tming",
        ("keep_apart", 2, "other_request_id"): "R1",
    }
    folder = write_tables(
        tmp_path, broken(bad), TODAY + 'titel = "x"\n[policy]\nfar_miles = inf\nfar_mile = 3\n'
    )
    (folder / "risk_assessments.csv").write_bytes(b"\0\0")
    policy = tmp_path / "own.toml"
    policy.write_text("weights.skils = 3\nhorizon_days = 1.5\n", "utf-8")
    expected: list[Where] = [
        *bad,
        ("risk_assessments", None, None),
        ("round.toml", None, "titel"),
        ("round.toml", None, "far_miles"),
        ("round.toml", None, "far_mile"),
        ("own.toml", None, "weights.skils"),
        ("own.toml", None, "horizon_days"),
    ]
    assert sorted(map(str, places(faults(folder, None, policy)))) == sorted(map(str, expected))


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        (
            "requests",
            {
                "purpose": "asessment",
                "received_on": "2027-01-01",
                "latest_start": "2026-12-01",
                "parent_looked_after": "yes",
                "min_miles": "3",
            },
        ),
        ("requests", {"expected_weeks": "", "english": "flunt"}),
        ("decisions", {"reason": "tming", "decided_on": "2027-01-01"}),
        ("risk_assessments", {"areas": "arsen", "safe_caring_on": "2027-01-01"}),
        ("households", {"status": "aproved", "limit_exemption": "R7"}),
        ("keep_apart", {"min_miles": "x", "other_request_id": "R1"}),
    ],
)
def test_a_bad_cell_hides_no_other_fault_of_its_row(tmp_path, table, cells):
    changes = {(table, 2, column): cell for column, cell in cells.items()}
    found = faults(write_tables(tmp_path, broken(changes), TODAY))
    assert sorted(places(found)) == sorted(changes)


def test_a_bad_cell_hides_no_double_booking(tmp_path):
    tables = pinned(("R1", "H1", "choose"), ("R2", "H1", "choose"))
    tables["decisions"][0]["reason"] = "tming"
    found = places(faults(write_tables(tmp_path, tables, TODAY)))
    assert found == [("decisions", 2, "reason"), ("decisions", 3, "request_id")]


@pytest.mark.parametrize("as_of", ["2099-13-01", "01/13/2099", "soon", "1200-01-01"])
@pytest.mark.parametrize("where", ["round.toml", "options"])
def test_a_wrong_day_of_the_round_is_one_fault(tmp_path, as_of, where):
    # What depends on the day can't be judged: 2099 is no fault of received_on.
    tables = broken({("requests", 2, "received_on"): "2099-01-01"})
    settings = f'as_of = "{as_of}"\n' if where == "round.toml" else ""
    found = faults(write_tables(tmp_path, tables, settings), as_of if where == "options" else None)
    column = "as_of" if where == "round.toml" else "--as-of"
    assert places(found) == [(where, None, column)]
    assert found[0].value == as_of


def test_faults_of_one_cell_stand_in_its_order(tmp_path):
    # The order of a set would differ from run to run.
    items = [f"q{at}" for at in range(9)]
    tables = broken({("requests", 2, "needs"): ";".join(items)})
    assert [f.value for f in faults(write_tables(tmp_path, tables, TODAY))] == items


@pytest.mark.parametrize("table", ["requests", "households", "carers"])
def test_an_id_twice(tmp_path, table):
    tables = good()
    tables[table].append(dict(tables[table][0]))
    (fault,) = faults(write_tables(tmp_path, tables, TODAY))
    name = next(iter(tables[table][0].values()))
    column = next(iter(tables[table][0]))
    assert (fault.table, fault.row, fault.column, fault.value) == (table, 4, column, name)
    assert "Row 2 has the same" in fault.problem


# --- Files ------------------------------------------------------------------------------------

HEAD = "request_id,household_id,kind\n"


@pytest.mark.parametrize(
    ("content", "row", "problem"),
    [
        (b"", None, "no headings"),
        (b"\xef\xbb\xbf", None, "no headings"),
        (b"\n\n\n", None, "no headings"),
        (b",,,\nR1,H1,former_carer", None, "no headings"),
        (HEAD.encode("utf-16") + b"\0", None, "not text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", None, "not text"),
        (b"\xff\xd8\xff\xe0\x10JFIF\x01\x81\x8d", None, "not text"),
        (b"PK\x03\x04\x14\x06\x08", None, "not text"),
        ((HEAD + 'R1,H1,"former_carer\n').encode(), 2, "can't be read"),
        ((HEAD + 'R1,H1,former_carer\nR1,"H"1,x\n').encode(), 3, "can't be read"),
        ((HEAD + "R1,H1,former_carer,and,more\n").encode(), 2, "more cells"),
        (b"kind,Kind,request_id,household_id\n", 1, "Two columns have this heading"),
    ],
)
def test_a_file_that_is_no_table(tmp_path, content, row, problem):
    (fault,) = faults(put(tmp_path, "relationships.csv", content))
    assert (fault.table, fault.row, fault.value) == ("relationships", row, None)
    assert problem in fault.problem
    assert fault.fix


@pytest.mark.parametrize("name", ["requests", "households", "carers"])
def test_a_missing_table_is_one_fault(tmp_path, name):
    write_tables(tmp_path, good(), TODAY)
    (tmp_path / f"{name}.csv").unlink()
    (fault,) = faults(tmp_path)
    assert fault == wrong_file(name, "The table is missing.", f"Add {name}.csv.")
    (tmp_path / f"{name}.csv").mkdir()  # a folder of that name is no table either
    assert places(faults(tmp_path)) == [(name, None, None)]


def test_no_table_at_all_and_no_folder(tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    assert [f.table for f in faults(empty, "2026-11-23")] == ["carers", "households", "requests"]
    file = tmp_path / "requests.csv"
    file.write_text("x", "utf-8")
    for nowhere in (tmp_path / "nowhere", file, file / "below"):
        (fault,) = faults(nowhere)
        assert (fault.table, fault.row, fault.value) == (
            "input",
            None,
            str(nowhere)[:60] + "…"[: len(str(nowhere)) > 60],
        )
        assert "folder" in fault.problem
        assert "requests.csv" in fault.fix


@pytest.mark.parametrize("name", ["requests.csv", "round.toml"])
def test_a_file_that_may_not_be_opened_is_a_fault_of_it(tmp_path, monkeypatch, name):
    # As when another program holds it.
    write_tables(tmp_path, good(), TODAY)

    opened = os.open

    def refusing(path, *args, **more):
        if Path(path).name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path, *args, **more)

    monkeypatch.setattr(os, "open", refusing)
    assert name.removesuffix(".csv") in [f.table for f in faults(tmp_path)]


SAME = {
    "BOM": lambda text: text.encode("utf-8-sig"),
    "Windows-1252": lambda text: text.encode("cp1252"),
    "CRLF": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n").encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-16 the other way round": lambda text: text.encode("utf-16-be"),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "old Mac": lambda text: text.replace("\r\n", "\n").replace("\n", "\r").encode(),
    "odd headings": lambda text: text.replace(
        text.splitlines()[0], text.splitlines()[0].replace("_", " ").title().replace(" ", "  ")
    ).encode(),
    "capitals": lambda text: text.replace(
        text.splitlines()[0], text.splitlines()[0].replace("_", "").upper()
    ).encode(),
    "blank rows": lambda text: ("\n" + text).replace("\n", "\n\n , \n")[1:].lstrip(" ,\n").encode(),
    "last line open": lambda text: text.rstrip().encode(),
    "short rows": lambda text: text.replace(",,,", "").encode(),
}


@pytest.mark.parametrize("kind", SAME)
def test_the_same_table_however_it_was_saved(tmp_path, kind):
    tables = good()
    tables["households"][0]["team"] = "Équipe Nord – élargie"
    tables["households"][0] |= {"reviewed_on": None, "weekly_fee": None, "provider": None}
    plain = read(write_tables(tmp_path / "plain", tables, TODAY))
    other = write_tables(tmp_path / "other", tables, TODAY)
    file = other / "households.csv"
    file.write_bytes(SAME[kind](file.read_bytes().decode()))
    (other / "households.csv").rename(other / "Households.CSV")
    found = read(other)
    assert found.households[0].team == "Équipe Nord – élargie"
    assert (found.sha256, found.warnings) == (plain.sha256, ())


def test_the_order_of_rows_and_columns_does_not_matter(tmp_path):
    tables = good()
    plain = read(write_tables(tmp_path / "plain", tables, TODAY))
    turned = {
        name: [dict(reversed(row.items())) for row in reversed(rows)]
        for name, rows in tables.items()
    }
    assert read(write_tables(tmp_path / "turned", turned, TODAY)).sha256 == plain.sha256


@pytest.mark.parametrize(
    ("heading", "hint"), [("Favourite colour", ""), ("langages", "Did you mean languages?")]
)
def test_unknown_columns_are_warned_of_and_kept_out(tmp_path, heading, hint):
    tables = broken({("carers", 2, heading): "blue"})
    inputs = read(write_tables(tmp_path, tables, TODAY))
    problem = "This column is not read."
    assert inputs.warnings == (wrong_heading("carers", heading, problem, hint),)
    assert "blue" not in repr(inputs)


def test_cells_under_a_blank_heading_are_warned_of(tmp_path):
    text = "request_id,household_id,kind,\nR1,H1,former_carer,but they fell out\n"
    inputs = read(put(tmp_path, "relationships.csv", text))
    assert [(w.table, w.row) for w in inputs.warnings] == [("relationships", 1)]


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("decision.csv", "Did you mean decisions.csv?"),
        ("zzz.csv", "not read"),
        ("areas.csv", "not read"),  # like carers
        ("notes.csv", "not read"),  # like steps
        ("non_decisions.csv", "not read"),
    ],
)
def test_unknown_tables_are_warned_of(tmp_path, name, hint):
    (warning,) = read(put(tmp_path, name, "a,b\n1,2\n")).warnings
    assert (warning.table, warning.problem) == (name, "No table has this name.")
    assert hint in warning.fix


@pytest.mark.parametrize("name", ["decisions.xlsx", "decisions.csv.txt", "decisions.tsv"])
def test_a_table_in_another_kind_of_file_is_not_passed_over_in_silence(tmp_path, name):
    tables = good()
    del tables["decisions"]
    write_tables(tmp_path, tables, TODAY)
    (tmp_path / name).write_bytes(b"PK\x03\x04\0")
    said = [w.table for w in read(tmp_path).warnings] if not faults(tmp_path) else [name]
    assert said == [name]


def test_the_settings_are_found_whatever_the_case_of_their_name(tmp_path):
    write_tables(tmp_path, good(), TODAY)
    (tmp_path / "round.toml").rename(tmp_path / "Round.toml")
    assert read(tmp_path).as_of == date(2026, 11, 23)


def test_settings_that_are_a_folder_are_a_fault(tmp_path):
    write_tables(tmp_path, good(), TODAY)
    (tmp_path / "round.toml").unlink()
    (tmp_path / "round.toml").mkdir()
    assert places(faults(tmp_path)) == [("round.toml", None, None)]


@pytest.mark.parametrize("empty", [("requests",), ("households", "carers"), tuple(good())])
def test_a_round_of_nothing_works_end_to_end(tmp_path, empty):
    tables = {
        name: [dict.fromkeys(rows[0], "")] if name in empty else rows
        for name, rows in good().items()
        if name in empty or name in ("requests", "households", "carers")
    }
    write_tables(tmp_path, tables, TODAY)
    inputs, policy = loading.load(tmp_path, None, None)
    record = as_read(rounds.match(rounds.prepare(inputs, policy)))
    assert record["counts"]["proposed"] == 0
    assert len(record["requests"]) == (0 if "requests" in empty else 2)
    assert len(record["households"]) == (0 if "households" in empty else 2)
    assert verify(record, inputs, policy) == []


@pytest.mark.parametrize(
    ("length", "refused"), [(32_767, ["carers", "households"]), (32_768, None)]
)
def test_huge_cells_are_kept_or_refused_but_never_shown_whole(tmp_path, length, refused):
    long = "x" * length
    tables = broken(
        {
            ("decisions", 2, "note"): long,
            ("risk_assessments", 2, "conditions"): long,
            ("carers", 3, "household_id"): long,
            ("households", 2, "features"): long,
        }
    )
    found = faults(write_tables(tmp_path, tables, TODAY))
    every = ["carers", "decisions", "households", "risk_assessments"]
    assert [fault.table for fault in found] == (refused or every)
    assert all(len(f.sentence()) < 1000 for f in found)


@pytest.mark.parametrize("cell", ["R\x01", "R\x1b[2J", "R\u202e1", "R\u200b1", "R\n1", "R\t1"])
def test_control_characters_in_ids(tmp_path, cell):
    tables = good()
    tables["requests"].append(a_request(cell))
    (fault,) = faults(write_tables(tmp_path, tables, TODAY))
    assert fault.table == "requests"
    assert fault.sentence().isprintable()


# --- Values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "column", "cell", "clean"),
    [
        ("requests", "needed_from", "2026-12-07", date(2026, 12, 7)),
        ("requests", "needed_from", "07/12/2026", date(2026, 12, 7)),
        ("requests", "needed_from", "7/12/2026", date(2026, 12, 7)),
        ("requests", "needed_from", "2026-12-7", date(2026, 12, 7)),
        ("requests", "needed_from", " 2026-12-07 00:00:00 ", date(2026, 12, 7)),
        ("requests", "legal_advice_on", "2027-01-01", date(2027, 1, 1)),
        ("requests", "head_of_service_on", "2027-01-01", date(2027, 1, 1)),
        ("requests", "parent_age", "24.0", 24),
        ("requests", "purpose", " ASSESSMENT ", "assessment"),
        ("requests", "ethnicity", "wbri", "WBRI"),
        ("requests", "court_directed", "", None),
        ("requests", "court_directed", "0", False),
        ("requests", "court_directed", "TRUE", True),
        ("requests", "parent_agrees", "n", False),
        ("requests", "babies", "", 1),
        ("requests", "older_children", "", 0),
        ("requests", "status", "", "open"),
        ("requests", "risk_arson", "", None),
        ("requests", "risk_arson", "None", "none"),
        ("requests", "religion", "", None),
        ("requests", "needs", "", ()),
        ("requests", "needs", " trauma ; self_harm;;trauma; ", ("self_harm", "trauma")),
        ("requests", "languages", "", None),
        ("requests", "languages", "so", ("som",)),
        ("requests", "languages", "SOM; en;Somali;Bengali", ("som", "eng", "ben")),
        ("requests", "must_have", "dog; Language: so ;BABIES", ("babies", "dog", "language:som")),
        ("requests", "home_postcode", "nw5 2ab", "NW5"),
        ("requests", "home_postcode", "NW52AB", "NW5"),
        ("requests", "home_postcode", " w1a1aa ", "W1A"),
        ("requests", "home_postcode", "E16 2AB", "E16"),
        ("requests", "home_postcode", "E1 6AB", "E1"),
        ("requests", "keep_away", "NW5 2AB;n7;NW5 3CD", ("N7", "NW5")),
        ("households", "bedrooms", "", None),
        ("households", "accommodation_suitable", "", None),
        ("households", "takes_second_parent", "", None),
        ("households", "takes_older_children", "", None),
        ("households", "weekly_fee", "560.50", 560.5),
        ("households", "features", "", None),
        ("households", "features", "none", ()),
        ("households", "features", "NONE ", ()),
        ("households", "features", "Garden;dog", ("dog", "garden")),
        ("households", "arrangement_until", "Open", "open"),
        ("households", "arrangement_until", "", None),
        ("households", "local_authority", "camden", "E09000007"),
        ("households", "local_authority", "E09000007", "E09000007"),
        ("households", "terms", "", ()),
        ("households", "provider", "", "own"),
        ("households", "limit_exemption", "R2; R1", ("R1", "R2")),
        ("households", "risk_limits", "Violence:LOW; arson : none;", (("arson", "none"), ("violence", "low"))),
        ("carers", "approved", "", None),
        ("carers", "languages", "", None),
        ("carers", "pc_trained_on", "2027-01-01", date(2027, 1, 1)),
        ("carers", "religion", "none", "none"),
    ],
)  # fmt: skip
def test_what_a_cell_means(tmp_path, table, column, cell, clean):
    inputs = read(write_tables(tmp_path, broken({(table, 2, column): cell}), TODAY))
    rows = {"requests": inputs.requests, "households": inputs.households}
    row = inputs.carers["H1"][0] if table == "carers" else rows[table][0]
    assert getattr(row, column) == clean


@pytest.mark.parametrize(
    ("table", "column"),
    [("households", "features"), ("requests", "languages"), ("carers", "languages")],
)
def test_a_list_of_nothing_is_not_read_as_none(tmp_path, table, column):
    # The separators alone name nothing: not known, or a fault, but never 'none of these'.
    folder = write_tables(tmp_path, broken({(table, 2, column): " ; ;"}), TODAY)
    if not faults(folder):
        inputs = read(folder)
        rows = {"requests": inputs.requests[0], "households": inputs.households[0]}
        assert getattr(rows.get(table, inputs.carers["H1"][0]), column) is None


SECRETS = ["NW5 3CD", "nw53cd", "W1A 1AA", "QQ9 9ZZ", "NW55 5AB"]
ANY_HEADING = "an unknown heading"


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("requests", "home_postcode"),
        ("requests", "school_postcode"),
        ("requests", "keep_away"),
        ("households", "postcode"),
        ("requests", "languages"),  # cells that slipped a column along
        ("households", "local_authority"),
        ("households", "status"),
        ("carers", "household_id"),
        ("requests", ANY_HEADING),  # a file without headings
    ],
)
def test_a_full_postcode_is_cut_and_never_repeated(tmp_path, table, column):
    said = ""
    for at, secret in enumerate(SECRETS):
        heading = secret if column == ANY_HEADING else column
        folder = write_tables(tmp_path / str(at), broken({(table, 2, heading): secret}), TODAY)
        try:
            said += repr(read(folder))
        except WrongInput as error:
            said += str([fault.record() for fault in error.faults]) + str(error)
    assert [secret for secret in SECRETS if secret.casefold() in said.casefold()] == []


def test_a_street_in_a_postcode_column_is_not_repeated(tmp_path):
    for street in ("12 High Street, London NW5 2AB", "Flat 3, 1 Elm Road", "ElmRoad1"):
        tables = broken({("households", 2, "postcode"): street})
        (fault,) = faults(write_tables(tmp_path, tables, TODAY))
        assert fault.value == street[:4] + "…"


def test_a_postcode_that_stands_for_no_place_is_a_warning(tmp_path):
    tables = broken({("requests", 2, "home_postcode"): "N1P 1AA"})
    (warning,) = read(write_tables(tmp_path, tables, TODAY)).warnings
    assert (warning.table, warning.row, warning.column) == ("requests", 2, "home_postcode")
    assert "stands for no place" in warning.problem


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({("households", 2, "arrangement_until"): "2026-11-22"}, ("households", 2, "arrangement_until")),
        ({("households", 2, "reviewed_on"): "2027-01-01"}, ("households", 2, "reviewed_on")),
        ({("carers", 3, "approved"): ""}, ("carers", 3, "approved")),
        ({("requests", 3, "second_parent_looked_after"): "yes"}, ("requests", 3, "second_parent_looked_after")),
        (
            {("households", 2, "available_from"): "2027-01-02", ("households", 2, "available_until"): "2027-01-01"},
            ("households", 2, "available_until"),
        ),
    ],
)  # fmt: skip
def test_what_is_odd_is_a_warning(tmp_path, changes, where):
    inputs = read(write_tables(tmp_path, broken(changes), TODAY))
    assert places(list(inputs.warnings)) == [where]


# --- Decisions --------------------------------------------------------------------------------


def pinned(*decisions: tuple[str, ...]) -> dict[str, list[Cells]]:
    """The good tables with decisions: (request, household, decision, decided_on?, ended_on?)."""
    names = ("request_id", "household_id", "decision", "decided_on", "ended_on")
    rows = [
        dict(zip(names, (*d, *("2026-11-20", "")[len(d) - 3 :]), strict=True)) for d in decisions
    ]
    tables = good() | {"decisions": rows}
    del tables["keep_apart"]  # both may be told to stay with one household
    return tables


@pytest.mark.parametrize(
    ("decisions", "where", "problem"),
    [
        ([("R1", "H1", "rule_out"), ("R1", "H1", "choose")], (3, "decision"), "on the same day"),
        ([("R1", "H1", "choose"), ("R2", "H1", "choose")], (3, "request_id"), "H1 is already held for R1 on this day (row 2)"),
        ([("R1", "H1", "choose"), ("R1", "H2", "confirmed")], (3, "household_id"), "R1 is already held for H1 on this day (row 2)"),
        ([("R1", "H1", "confirmed"), ("R2", "H1", "confirmed")], (3, "request_id"), "already held"),
        ([("R1", "H1", "choose"), ("R1", "H1", "choose", "2026-11-21"), ("R2", "H1", "choose", "2026-11-21")], (4, "request_id"), "row 3"),
    ],
)  # fmt: skip
def test_decisions_that_contradict_each_other(tmp_path, decisions, where, problem):
    (fault,) = faults(write_tables(tmp_path, pinned(*decisions), TODAY))
    assert (fault.table, fault.row, fault.column) == ("decisions", *where)
    assert problem in fault.problem
    assert fault.fix


@pytest.mark.parametrize(
    ("decisions", "pins"),
    [
        ([("R1", "H1", "choose"), ("R1", "H1", "rule_out", "2026-11-21")], []),
        ([("R1", "H1", "rule_out", "2026-11-19"), ("R1", "H1", "choose")], ["H1"]),
        ([("R1", "H1", "choose", "2026-11-21"), ("R1", "H1", "rule_out", "01/11/2026")], ["H1"]),
        ([("R1", "H1", "choose"), ("R1", "H1", "choose")], ["H1"]),
        ([("R1", "H1", "confirmed", "2026-10-01", "2026-11-22"), ("R2", "H1", "choose")], ["H1"]),
        ([("R1", "H1", "confirmed", "2026-10-01", "2026-11-24")], ["H1"]),
        ([("R1", "H1", "confirmed", "2026-10-01", "2026-11-23")], []),
        ([("R1", "H1", "confirmed", "2026-10-01", "2026-11-22")], []),
        ([("R1", "H1", "declined_by_carer"), ("R1", "H2", "declined_by_parent")], []),
    ],
)
def test_the_latest_decision_of_a_pair_counts(tmp_path, decisions, pins):
    inputs = read(write_tables(tmp_path, pinned(*decisions), TODAY))
    assert [household for _, household in inputs.pins] == pins


@pytest.mark.parametrize("turned", [False, True])
def test_two_confirmations_of_a_day_that_differ_are_no_double_booking(tmp_path, turned):
    # Whatever the order of rows: a household never holds two families.
    tables = pinned(("R1", "H1", "confirmed", "2026-11-01", "2026-11-10"), ("R1", "H1", "confirmed", "2026-11-01"))  # fmt: skip
    tables["decisions"][1]["decided_by"] = "panel"
    if turned:
        tables["decisions"].reverse()
    tables["decisions"].append({**PAIR, "request_id": "R2", "decision": "choose", "decided_on": "2026-11-02"})  # fmt: skip
    found = faults(write_tables(tmp_path, tables, TODAY))
    assert {fault.table for fault in found} == {"decisions"}


@pytest.mark.parametrize(
    ("changes", "settings", "problem"),
    [
        ({("households", 2, "bedrooms"): "0"}, "", "R1 with H1 breaks room (PC-5.1b, PC-5.1i)"),
        ({("households", 2, "bedrooms"): ""}, "", "R1 with H1 breaks room"),
        ({("requests", 2, "keep_away"): "NW5"}, "", "breaks keep_away (PC-5.1j)"),
        ({("requests", 2, "parent_agrees"): "no"}, "", "Screening holds R1 with H1 back: no"),
        ({}, "[policy]\nlimits.weekly_fees = 99.99\n", "over the limit weekly_fees"),
        ({}, "[policy]\nlimits.new_per_team = 0\n", "over the limit new_per_team (North)"),
    ],
)
def test_a_choice_that_breaks_something_names_it(tmp_path, changes, settings, problem):
    tables = broken(changes) | {"decisions": pinned(("R1", "H1", "choose", NOW))["decisions"]}
    tables["households"][0] |= {"team": "North", "weekly_fee": "100"}
    (fault,) = faults(write_tables(tmp_path, tables, TODAY + settings))
    assert (fault.table, fault.row, fault.column) == ("decisions", 2, "decision")
    assert fault.value == "choose"
    assert problem in fault.problem
    assert "None" not in fault.sentence()
    assert fault.fix


def test_choices_that_are_too_near_each_other(tmp_path):
    tables = pinned(("R1", "H1", "choose", NOW), ("R2", "H2", "choose", NOW))
    tables["keep_apart"] = good()["keep_apart"]
    (fault,) = faults(write_tables(tmp_path, tables, TODAY))
    assert (fault.table, fault.row, fault.column) == ("decisions", 3, "decision")
    assert "R2 and R1 must be kept farther apart" in fault.problem


def test_all_that_a_choice_breaks_is_named(tmp_path):
    tables = broken(
        {("households", 2, "bedrooms"): "0", ("households", 2, "accommodation_suitable"): "no"}
    )
    tables["decisions"] = pinned(("R1", "H1", "choose", NOW))["decisions"]
    found = faults(write_tables(tmp_path, tables, TODAY))
    assert [f.problem.split()[4] for f in found] == ["accommodation", "room"]


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        (("2026-11-10", "2026-11-10"), True),
        (("2026-11-10", "2026-11-11"), False),
        (("", ""), False),
        (("2026-11-10", ""), False),
    ],
)
def test_two_outcomes_of_one_stated_day_are_an_error(tmp_path, days, wrong):
    tables = good()
    tables["risk_assessments"] = [
        {**PAIR, "outcome": outcome, "assessed_on": day}
        for outcome, day in zip(("too_high", "containable"), days, strict=True)
    ]
    found = faults(write_tables(tmp_path, tables, TODAY))
    assert places(found) == [("risk_assessments", 3, "outcome")] * wrong


def test_a_confirmed_match_that_breaks_something_is_no_error(tmp_path):
    tables = broken({("households", 2, "bedrooms"): "0", ("households", 2, "status"): "suspended"})
    tables["decisions"] = pinned(("R1", "H1", "confirmed"))["decisions"]
    inputs = read(write_tables(tmp_path, tables, TODAY))
    assert list(inputs.pins) == [("R1", "H1")]


def test_decisions_on_closed_requests_hold_nothing(tmp_path):
    tables = pinned(("R1", "H1", "choose"), ("R2", "H1", "choose"))
    tables["requests"][0]["status"] = "Closed"
    inputs = read(write_tables(tmp_path, tables, TODAY))
    assert list(inputs.pins) == [("R2", "H1")]
    assert [r.request_id for r in inputs.requests] == ["R2"]


# --- Settings ---------------------------------------------------------------------------------


def test_which_day_counts(tmp_path):
    write_tables(tmp_path, one_pair(), TODAY)
    assert read(tmp_path).as_of == date(2026, 11, 23)
    assert read(tmp_path, "30/11/2026").as_of == date(2026, 11, 30)
    assert read(tmp_path, " 2026-11-30 ").as_of == date(2026, 11, 30)
    (tmp_path / "round.toml").write_text('as_of = "24/11/2026"', "utf-8")
    assert read(tmp_path).as_of == date(2026, 11, 24)
    (tmp_path / "round.toml").write_text("as_of = 2026-11-25T09:30:00", "utf-8")
    assert read(tmp_path).as_of == date(2026, 11, 25)
    (tmp_path / "round.toml").unlink()
    before = date.today()
    tables = one_pair(a_request(received_on="2020-01-01"))
    (tmp_path / "none").mkdir()
    write_tables(tmp_path / "none", tables, "")
    assert before <= read(tmp_path / "none").as_of <= date.today()


BIG, DEEP = "1" + "0" * 400, "[" * 3000 + "]" * 3000
BAD_SETTINGS = [
    ("titel = 'x'", "titel", None, "not known", "Did you mean title?"),
    ("[polcy]\na = 1", "polcy", None, "not known", "Did you mean policy?"),
    ("title = 5", "title", "5", "not text", "title ="),
    ("policy = 'mine'", "policy", "mine", "not a table", "[policy]"),
    ("authority = 'Camdem'", "authority", "Camdem", "not known", "its name"),
    ("authority = 'E09999999'", "authority", "E09999999", "not known", "ONS code"),
    ("authority = 7", "authority", "7", "not known", ""),
    ("as_of = 20261123", "as_of", "20261123", "not a date", "as_of = 2026-11-23"),
    ("as_of = 10:00:00", "as_of", "10:00:00", "not a date", "as_of ="),
    ("as_of = true", "as_of", "True", "not a date", "as_of = 2026-11-23"),
    ("as_of = '11/23/2026'", "as_of", "11/23/2026", "no such day", "23/11/2026"),
    ("as_of = 0001-01-01", "as_of", "0001-01-01", "not between 1950 and 2100", "Check the year"),
    ("as_of = 9999-12-31", "as_of", "9999-12-31", "not between 1950 and 2100", "Check the year"),
    ("[policy]\nfar_mile = 3", "far_mile", None, "no such setting", "Did you mean far_miles?"),
    ("[policy.weights]\nskils = 3", "weights.skils", None, "no such", "mean weights.skills?"),
    ("[policy]\nxyz = 3", "xyz", None, "no such setting", ""),
    ("[policy.weights.skills]\nvalue = 3", "weights.skills.value", None, "no such", "skills?"),
    ("[policy]\nfar_miles = 'far'", "far_miles", "far", "not a number", "far_miles = 20"),
    ("[policy]\nfar_miles = '20'", "far_miles", "20", "a number in quotes", "far_miles = 20"),
    ("[policy]\nfar_miles = true", "far_miles", "true", "not a number", "far_miles = 20"),
    ("[policy]\nfar_miles = [20]", "far_miles", "[20]", "not a number", "far_miles = 20"),
    ("[policy]\nfar_miles = nan", "far_miles", "nan", "not between", "far_miles = 20"),
    ("[policy]\nfar_miles = inf", "far_miles", "inf", "not between", "far_miles = 20"),
    ("[policy]\nfar_miles = -inf", "far_miles", "-inf", "not between", "far_miles = 20"),
    ("[policy]\nfar_miles = 1e308", "far_miles", "1e+308", "not between", "far_miles = 20"),
    ("[policy]\nfar_miles = 0", "far_miles", "0", "not between", "far_miles = 20"),
    (f"[policy]\nfar_miles = {BIG}", "far_miles", BIG[:60], "not between", "far_miles = 20"),
    ("[policy]\nlanguage.another = 1.1", "language.another", "1.1", "not between 0 and 1", "0.8"),
    ("[policy]\nweights.skills = -1", "weights.skills", "-1", "not between 0", "= 25"),
    ("[policy]\nturnaround_days = 1.5", "turnaround_days", "1.5", "not a whole number", "= 7"),
    ("[policy]\nturnaround_days = 'off'", "turnaround_days", "off", "not a number", "= 7"),
    ("[policy]\nterms_of_approval = 1", "terms_of_approval", "1", "neither true nor", "= true"),
    ("[policy]\nlimits.weekly_fees = false", "limits.weekly_fees", "false", "not a n", '"off"'),
    ("[policy]\ndefault_risk_limits.arson = 'mild'", "default_risk_limits.arson", "mild", "is not one of none, low", "medium"),
    ("[policy]\ndefault_risk_limits.arson = 2", "default_risk_limits.arson", "2", "is not one of", "medium"),
    ("[policy]\nname = 3", "name", "3", "not text", "name ="),
    ("as_of = ", None, None, "can't be read", "TOML"),
    ("title = 'a'\ntitle = 'b'", None, None, "can't be read", "TOML"),
    ("title = 'a\0'", None, None, "can't be read", "TOML"),
    (f"[policy]\nfar_miles = 1{'0' * 5000}", None, None, "", ""),
    (f"title = {DEEP}", None, None, "can't be read", "TOML"),
]  # fmt: skip


OF_THE_ROUND = ("titel", "polcy", "title", "policy", "authority", "as_of")


@pytest.mark.parametrize(
    ("where", "text", "key", "value", "problem", "fix"),
    [("round.toml", *bad) for bad in BAD_SETTINGS]
    + [("own.toml", *bad) for bad in BAD_SETTINGS if bad[1] not in OF_THE_ROUND],
    ids=lambda v: str(v)[:40],
)
def test_wrong_settings(tmp_path, where, text, key, value, problem, fix):
    write_tables(tmp_path, good(), text if where == "round.toml" else TODAY)
    policy = None
    if where == "own.toml":
        policy = tmp_path / "own.toml"
        policy.write_text(text.replace("[policy]\n", "").replace("[policy.", "["), "utf-8")
    (fault,) = faults(tmp_path, None if key == "as_of" else "2026-11-23", policy)
    assert (fault.table, fault.row, fault.column) == (where, None, key)
    assert fault.value == value or (fault.value or "").rstrip("…") == value
    assert problem in fault.problem
    assert fix in fault.fix
    assert "None" not in fault.sentence()


ALL_ZERO = "".join(f"{key} = 0\n" for key in default().group("weights"))


@pytest.mark.parametrize(
    ("settings", "column"),
    [
        (f"[weights]\n{ALL_ZERO}", "weights"),
        (f"[weights]\n{ALL_ZERO}".replace("language = 0", "language = 0.5"), None),
        ("[grades]\nhigh = 0.4", None),
        ("[grades]\nhigh = 0.39", "grades.high"),
        ("[grades]\nmedium = 0.76", "grades.high"),
        ("[grades]\nhigh = 0.3\nmedium = 0.3", None),
    ],
)
def test_settings_that_contradict_each_other(tmp_path, settings, column):
    own = tmp_path / "own.toml"
    own.write_text(settings, "utf-8")
    found = faults(write_tables(tmp_path, good(), TODAY), None, own)
    assert [each.column for each in found] == ([] if column is None else [column])


@pytest.mark.parametrize("key", ["\\u001b[31m", "x\\u202ey"])
def test_settings_can_not_write_to_the_terminal(tmp_path, key):
    text = f'[policy]\n"{key}" = 1\nterms_of_approval = "{key}"\nname = "{key}"\n'
    found = faults(write_tables(tmp_path, good(), TODAY + text))
    assert len(found) in (2, 3)
    assert all(f.sentence().isprintable() for f in found)


def test_a_policy_file_wins_over_the_settings_and_is_checked_with_them(tmp_path):
    write_tables(tmp_path, good(), TODAY + "[policy]\nhorizon_days = 30\nfar_miles = 10\n")
    own = tmp_path / "own.toml"
    own.write_text('name = "ours"\nfar_miles = 5\n[weights]\nskills = 0\n', "utf-8")
    _, policy = loading.load(tmp_path, None, own)
    assert policy.changed == {"horizon_days": 30, "far_miles": 5, "weights.skills": 0}
    assert policy.name == "ours"
    for nothing in (tmp_path / "nothing.toml", tmp_path):
        (fault,) = faults(tmp_path, None, nothing)
        assert fault.table == nothing.name
        assert "can't be read" in fault.problem
    own.write_bytes("far_miles = 5".encode("utf-16"))
    assert places(faults(tmp_path, None, own)) == [("own.toml", None, None)]


def test_a_policy_may_not_run_out_of_the_calendar(tmp_path):
    tables = one_pair(
        a_request(
            purpose="support",
            parent_age="16",
            parent_looked_after="yes",
            expected_weeks=None,
            child_legal_status="not_looked_after",
        ),
        a_household(available_until="2030-01-01"),
    )
    settings = TODAY + "[policy]\nsupport_weeks = 1000000\nturnaround_days = 1000000\n"
    folder = write_tables(tmp_path, tables, settings)
    if not faults(folder):
        inputs, policy = loading.load(folder, None, None)
        assert as_read(rounds.match(rounds.prepare(inputs, policy)))


def test_a_long_title_is_kept(tmp_path):
    inputs = read(write_tables(tmp_path, one_pair(), TODAY + f'title = "{"é" * 10_000}"\n'))
    assert len(inputs.title) == 10_000


@pytest.mark.parametrize(
    ("cells", "asked"),
    [
        ({"legal_advice_on": "2026-11-16"}, True),
        ({"legal_advice_on": None}, False),
        ({"legal_advice_on": "2026-11-16", "legal_advice": "section_20"}, False),
        ({"legal_advice_on": "2026-11-16", "legal_advice": ""}, False),  # the column is there
    ],
)
def test_a_day_of_legal_advice_in_a_table_without_its_answer(
    tmp_path: Path, cells: Cells, asked: bool
) -> None:
    warnings = read_tables(tmp_path, one_pair(a_request(**cells))).warnings
    said = [each.sentence() for each in warnings if each.column == "legal_advice"]
    assert said == (
        [
            "requests, row 1, legal_advice: The table says on which day legal advice was given, not what it "
            "was, so it answers nothing in screening: R1. Add the column legal_advice."
        ]
        if asked
        else []
    )
