"""The sample `messy`: fifty faults of real spreadsheets, each found, in a folder and a workbook."""

from __future__ import annotations

import importlib.util
import io
import json
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from matcher.cli import run

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "data" / "samples"
Row = tuple[str, int | None, str | None, str | None, str]

# Table, row, column, value as it is shown, and a word that the problem or the fix must contain.
FAULTS: list[Row] = [
    (
        "requests",
        1,
        "received_on",
        None,
        "11/16/2026",
    ),  # the month first: the column is asked about
    ("requests", 2, "languages", "Somalli", "English name"),
    ("requests", 3, "parent_looked_after", "Yes", "19"),  # nobody is, from 18
    ("requests", 3, "latest_start", "15/01/2027", "needed_from"),
    ("requests", 4, "parent_age", "twenty one", "whole number"),
    ("requests", 4, "min_miles", "3", "home_postcode"),  # nothing to measure from
    ("requests", 5, "child_born_or_due_on", "31/02/2027", "calendar"),
    ("requests", 5, "child_legal_status", "s31", "care_order"),
    ("requests", 5, "min_miles", "12", "max_miles"),
    ("requests", 6, "expected_weeks", "", "weeks"),  # an assessment must say
    ("requests", 6, "babies", "-1", "from 1"),
    ("requests", 6, "languages", "Ga", "Irish"),  # a language of Ghana, or the code of Irish
    ("requests", 7, "purpose", "assesment", "assessment"),
    ("requests", 7, "home_postcode", "NWS", "like NW5"),
    ("requests", 7, "keep_away", "W1", "W1B; W1C"),  # an area of several postcodes
    ("requests", 8, "needed_from", "", "blank"),
    ("requests", 8, "parent_agrees", "maybe", "yes or no"),
    ("requests", 10, "request_id", "R03", "Row 4"),
    ("households", 2, "status", "Aproved", "approved"),
    ("households", 3, "postcode", "", "blank"),
    ("households", 4, "weekly_fee", "590-650", "number"),
    ("households", 5, "risk_limits", "arson", "arson:none"),  # no level
    ("households", 6, "risk_limits", "medum", "medium"),
    ("households", 7, "features", "none; cat", "only none"),
    ("households", 9, "looked_after_children", "1e308", "whole number"),
    ("households", 10, "arrangement_until", "ongoing", "date"),
    ("households", 11, "limit_exemption", "R77", "requests"),
    ("households", 12, "household_id", "H03", "Row 4"),
    ("households", 13, "takes_older_children", "inf", "whole number"),
    ("carers", 1, "pc_trained_on", None, "02/28/2025"),
    ("carers", 6, "skills", "babys", "babies"),
    ("carers", 7, None, None, "more cells"),
    ("carers", 8, "approved", "approved", "yes or no"),
    ("carers", 15, "carer_id", "H08-1", "Row 14"),
    ("carers", 16, "household_id", "H10", "households"),  # nobody has this id
    ("relationships", 2, "kind", "curent_carer", "current_carer"),
    ("relationships", 5, "request_id", "R70", "requests"),
    ("risk_assessments", 3, "safe_caring_on", "01/12/2026", "happened"),  # after the round
    ("risk_assessments", 4, "outcome", "to_high", "too_high"),
    ("decisions", 4, "decision", "Declined_by_carer", "same day"),
    ("decisions", 5, "request_id", "R06", "H05"),  # chosen for two families
    ("decisions", 6, "decided_on", "27/11/2026", "happened"),
    ("decisions", 7, "reason", "capasity", "capacity"),
    ("keep_apart", 3, "other_request_id", "R04", "itself"),
    ("keep_apart", 4, "min_miles", "far", "number"),
    ("round.toml", None, "titel", None, "title"),
    ("round.toml", None, "authority", "Camdem", "its name"),
    ("round.toml", None, "far_miles", "twenty", "number"),
    ("round.toml", None, "turnaround_days", "-7", "between 0"),
    ("round.toml", None, "weights.skils", None, "weights.skills"),
]
# In the workbook, by the place in the folder: dates and numbers are Excel's own, so that one month-first
# day stands alone, and a fault that it can't have gives way to another.
IN_WORKBOOK: dict[tuple[str, int | None, str | None], Row] = {
    ("requests", 3, "latest_start"): ("requests", 3, "latest_start", "2027-01-15", "needed_from"),
    ("requests", 1, "received_on"): ("requests", 2, "received_on", "11/16/2026", "16/11/2026"),
    ("carers", 1, "pc_trained_on"): ("carers", 5, "pc_trained_on", "02/28/2025", "28/02/2025"),
    ("households", 9, "looked_after_children"): (
        "households", 9, "looked_after_children", "1e+308", "whole number",
    ),
    ("carers", 7, None): ("households", 15, "bedrooms", "2026-02-01", "whole number"),
    ("risk_assessments", 3, "safe_caring_on"): (
        "risk_assessments", 3, "safe_caring_on", "2026-12-01", "happened",
    ),
    ("decisions", 6, "decided_on"): ("decisions", 6, "decided_on", "2026-11-27", "happened"),
}  # fmt: skip
EXPECTED = {
    "messy": FAULTS,
    "messy.xlsx": [IN_WORKBOOK.get(row[:3], row) for row in FAULTS],
}
CASES = [(sample, row) for sample, rows in EXPECTED.items() for row in rows]
KEYS = ("table", "row", "column", "value")


def said(*arguments: object) -> tuple[int, str, str]:
    """The exit status of a command, and what it printed."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        status = run([str(each) for each in arguments])
    return status, out.getvalue(), err.getvalue()


@cache
def found(sample: str) -> list[dict[str, Any]]:
    """The faults that `matcher check --json` reports."""
    errors: list[dict[str, Any]] = json.loads(said("check", SAMPLES / sample, "--json")[1])[
        "errors"
    ]
    return errors


def stored() -> dict[Path, bytes]:
    """The files of the sample."""
    paths = [SAMPLES / "messy.xlsx", *(SAMPLES / "messy").iterdir()]
    return {path: path.read_bytes() for path in paths}


def settled(table: str) -> str:
    """The name of a table; the settings of a workbook are its sheet `round`."""
    return "round.toml" if table == "round" else table


@pytest.mark.parametrize(
    ("sample", "row"), CASES, ids=[f"{s}-{t}-{r}-{c}" for s, (t, r, c, *_) in CASES]
)
def test_each_fault_is_named_where_it_stands(sample, row):
    *where, word = row
    faults = [f for f in found(sample) if [settled(f["table"]), f["row"], f["column"]] == where[:3]]
    assert [fault["value"] for fault in faults] == where[3:]
    assert word in f"{faults[0]['problem']} {faults[0]['fix']}"


@pytest.mark.parametrize("sample", EXPECTED)
def test_fifty_faults_and_no_others(sample):
    places = [(settled(f["table"]), *(f[key] for key in KEYS[1:])) for f in found(sample)]
    assert Counter(places) == Counter(row[:4] for row in EXPECTED[sample])
    assert len(places) == len(set(places)) == 50


@pytest.mark.parametrize("sample", EXPECTED)
def test_every_fault_says_what_is_wrong_and_how_to_mend_it(sample):
    for fault in found(sample):
        assert fault["problem"].endswith(".")
        assert fault["fix"].endswith((".", "?"))
        assert "None" not in fault["problem"] + fault["fix"]


@pytest.mark.parametrize("sample", EXPECTED)
@pytest.mark.parametrize("command", ["check", "round", "explain"])
def test_nothing_is_written(sample, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = stored()
    request = ["R01"] if command == "explain" else []
    for out in ([], ["--out", "here"]):
        status, printed, told = said(command, SAMPLES / sample, *request, *out)
        assert (status, printed) == (2, "")
        assert told.splitlines()[-1] == "50 faults. Nothing was written."
    assert list(tmp_path.iterdir()) == []
    assert stored() == before


def test_a_workbook_has_no_round_toml():
    assert "round.toml" not in {fault["table"] for fault in found("messy.xlsx")}


def test_the_workbook_is_fresh(tmp_path):
    spec = importlib.util.spec_from_file_location("make_messy", ROOT / "tools" / "make_messy.py")
    assert spec is not None and spec.loader is not None  # noqa: PT018
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    paths = tmp_path / "once.xlsx", tmp_path / "twice.xlsx"
    for path in paths:
        tool.workbook(SAMPLES / "messy", path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert cells(SAMPLES / "messy.xlsx") == cells(paths[0]), "run tools/make_messy.py"


def cells(path: Path) -> dict[str, Any]:
    book = CalamineWorkbook.from_path(path)
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
