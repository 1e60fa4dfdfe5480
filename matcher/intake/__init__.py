"""Read and check the input of a round; everything after this is clean and sorted by id."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any

from matcher.errors import Fault, WrongInput, wrong_cell, wrong_file
from matcher.intake import checks, meanings
from matcher.intake.accepting import Accepting
from matcher.intake.cells import CellFault, Reader, WrongCell, ids_among, shown
from matcher.intake.files import Findings, Sheet, read_tables
from matcher.intake.inputs import Inputs
from matcher.intake.rows import TABLES, Row, columns_of
from matcher.intake.settings import RoundSettings
from matcher.intake.workbooks import OTHER_ENDINGS, is_workbook


def existing(path: Path) -> Path:
    """The folder or workbook of a round; WrongInput where there is none."""
    if path.is_dir() or (path.is_file() and is_workbook(path)):
        return path
    problem = "There is no such folder or workbook."
    if path.exists():
        problem = "This is a file, but no folder and no workbook."
    fix = "Name a folder with requests.csv, households.csv and carers.csv, or a workbook."
    if path.suffix.casefold() in OTHER_ENDINGS:
        fix = "In Excel, use Save As and choose 'Excel Workbook (.xlsx)'."
    raise WrongInput([wrong_file("input", problem, fix, value=shown(str(path)))])


def read(
    source: Path,
    as_of: date | None,
    settings: RoundSettings,
    faults: list[Fault],
    warnings: list[Fault],
    accepting: Accepting | None = None,
) -> Inputs | None:
    """The clean input of a folder or a workbook on a day, or None where something is wrong with it.

    Every fault is added to `faults`, and what is odd to `warnings`.

    Where the day itself is wrong (None), what depends on the day is not checked, and without
    `accepting` not who accepts what.
    """
    findings = Findings(faults, warnings)
    sheets = read_tables(source, findings)
    inputs = clean(sheets, as_of, settings, findings, accepting)
    faults[:] = located(faults, sheets)
    warnings[:] = located(warnings, sheets)
    return inputs and replace(inputs, warnings=tuple(located(inputs.warnings, sheets)))


def located(faults: Iterable[Fault], sheets: Mapping[str, Sheet]) -> list[Fault]:
    """Faults with the places of their cells in the files that they are about."""
    return [sheets[f.table].located(f) if f.table in sheets else f for f in faults]


def clean(
    sheets: Mapping[str, Sheet],
    as_of: date | None,
    settings: RoundSettings,
    findings: Findings,
    accepting: Accepting | None = None,
) -> Inputs | None:
    """The clean input of tables of text on a day, or None where something is wrong with them."""
    return checks.gather(_clean_all(sheets, findings), as_of, settings, findings, accepting)


def clean_rows(sheets: Mapping[str, Sheet], findings: Findings) -> dict[str, list[Row]]:
    """The rows of tables of text, each read by itself and in the order of its file."""
    tables = _clean_all(sheets, findings)
    return {name: [row for _, row in table.rows] for name, table in tables.items()}


def _clean_all(sheets: Mapping[str, Sheet], findings: Findings) -> dict[str, checks.Table]:
    requests = sheets["requests"].cells if "requests" in sheets else {}
    ids = {name for name in requests.get("request_id", ()) if "," in name}
    return {name: _clean(sheet, findings, ids) for name, sheet in sheets.items()}


class _Cells(dict[str, Any]):
    """The clean value of each text in a column: a text is read once, however many rows have it.

    One that can't be read has the value of a blank cell, and its faults in `wrong`.
    """

    def __init__(self, read: Reader[Any], blank: Any) -> None:
        super().__init__({"": blank})
        self.read = read
        self.wrong: dict[str, tuple[CellFault, ...]] = {}

    def __missing__(self, text: str) -> Any:
        try:
            value = self.read(text)
        except WrongCell as error:
            value, self.wrong[text] = self[""], error.faults
        self[text] = value
        return value


def _clean(sheet: Sheet, findings: Findings, ids: Collection[str]) -> checks.Table:
    """The rows of a table; a row with a bad cell is kept without it, so that it hides nothing.

    `ids` are those of requests that hold a comma.
    """
    row = TABLES[sheet.name]
    sheet, not_known = meanings.as_meant(sheet, findings)
    values: list[Iterable[Any]] = []
    unread: dict[int, set[str]] = {}
    for number, name in sheet.unread:
        unread.setdefault(number, set()).add(name)
    for name, column in columns_of(row).items():
        reader = ids_among(ids) if ids and name == "limit_exemption" else column.read
        read, cells = _Cells(reader, column.default), sheet.cells.get(name)
        if cells is None:
            values.append(repeat(column.default))
            continue
        asked = meanings.month_first(sheet, name)
        read.wrong |= dict.fromkeys(asked, ())
        read |= dict.fromkeys(asked, column.default)
        values.append(list(map(read.__getitem__, cells)))
        if asked:
            findings.faults.append(meanings.months_first(sheet, name, asked))
        if column.required and "" in cells:
            blank = CellFault("", "The cell is blank.", "Every row needs a value here.")
            read.wrong[""] = (blank,)
        if read.wrong:
            for number, text in zip(sheet.numbers, cells, strict=True):
                if not text and (number, name) in sheet.unread:
                    continue  # its fault is named
                for fault in read.wrong.get(text, ()):
                    typed = not_known.get((name, number), fault.value)
                    findings.faults.append(wrong_cell(sheet.name, number, name, typed, *fault[1:]))
                if text in read.wrong:
                    unread.setdefault(number, set()).add(name)
    findings.warnings.extend(meanings.in_question(sheet))
    rows = tuple(zip(sheet.numbers, map(row, *values), strict=False))
    return checks.Table(sheet.name, rows, sheet, unread)
