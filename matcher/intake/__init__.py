"""Read and check the input of a round; everything after this is clean and sorted by id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import repeat
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from matcher.errors import Fault, WrongInput
from matcher.intake import checks
from matcher.intake.cells import Reader, faults_of, shown
from matcher.intake.files import Findings, Sheet, is_workbook, read_tables
from matcher.intake.inputs import Inputs
from matcher.intake.rows import TABLES, reader_of
from matcher.intake.settings import RoundSettings


def existing(path: Path) -> Path:
    """The folder or workbook of a round; WrongInput where there is none."""
    if path.is_dir() or (path.is_file() and is_workbook(path)):
        return path
    problem = "There is no such folder or workbook."
    if path.exists():
        problem = "This is a file, but no .xlsx workbook, and no folder."
    fix = "Name a folder with requests.csv, households.csv and carers.csv, or a workbook."
    raise WrongInput([Fault("input", None, None, shown(str(path)), problem, fix)])


def read(
    source: Path,
    as_of: date | None,
    settings: RoundSettings,
    faults: list[Fault],
    warnings: list[Fault],
) -> Inputs | None:
    """The clean input of a folder or a workbook on a day, or None where something is wrong with it.

    Every fault is added to `faults`, and what is odd to `warnings`.

    Where the day itself is wrong (None), what depends on the day is not checked.
    """
    findings = Findings(faults, warnings)
    return clean(read_tables(source, findings), as_of, settings, findings)


def clean(
    sheets: Mapping[str, Sheet], as_of: date | None, settings: RoundSettings, findings: Findings
) -> Inputs | None:
    """The clean input of tables of text on a day, or None where something is wrong with them."""
    tables = {name: _clean(sheet, findings) for name, sheet in sheets.items()}
    return checks.gather(tables, as_of, settings, findings)


class _Cells(dict[str, Any]):
    """The clean value of each text in a column: a text is read once, however many rows have it.

    One that can't be read has the value of a blank cell, and its faults in `wrong`.
    """

    def __init__(self, read: Reader, blank: Any) -> None:
        super().__init__({"": blank})
        self.read = read
        self.wrong: dict[str, list[tuple[str, str, str]]] = {}

    def __missing__(self, text: str) -> Any:
        try:
            value = self.read(text)
        except PydanticCustomError as error:
            value, self.wrong[text] = self[""], faults_of(error)
        self[text] = value
        return value


def _clean(sheet: Sheet, findings: Findings) -> checks.Table:
    """The rows of a table; a row with a bad cell is kept without it, so that it hides nothing."""
    row = TABLES[sheet.name]
    values: list[Iterable[Any]] = []
    unread: dict[int, set[str]] = {}
    for column, field in row.model_fields.items():
        blank = None if field.is_required() else field.default
        read, cells = _Cells(reader_of(row, column), blank), sheet.cells.get(column)
        if cells is None:
            values.append(repeat(blank))
            continue
        values.append(list(map(read.__getitem__, cells)))
        if field.is_required() and "" in cells:
            read.wrong[""] = [("", "The cell is blank.", "Every row needs a value here.")]
        if read.wrong:
            for number, text in zip(sheet.numbers, cells, strict=True):
                for fault in read.wrong.get(text, ()):
                    findings.faults.append(Fault(sheet.name, number, column, *fault))
                    unread.setdefault(number, set()).add(column)
    names = tuple(row.model_fields)
    made = (row.clean(dict(zip(names, each, strict=True))) for each in zip(*values, strict=False))
    rows = tuple(zip(sheet.numbers, made, strict=False))
    return checks.Table(sheet.name, rows, sheet, unread)
