"""Read and check the input of a round; everything after this is clean and sorted by id."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError

from matcher.errors import Fault, WrongInput
from matcher.intake import checks
from matcher.intake.cells import shown
from matcher.intake.files import Findings, Sheet, is_workbook, read_tables
from matcher.intake.inputs import Inputs
from matcher.intake.rows import TABLES, Row
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
    sheets = read_tables(source, findings)
    tables = {name: _clean(sheet, findings) for name, sheet in sheets.items()}
    return checks.gather(tables, as_of, settings, findings)


class _Cells(dict[str, Any]):
    """The clean value of each text in a column: a text is read once, however many rows have it."""

    def __init__(self, name: str, column: str) -> None:
        super().__init__()
        field = TABLES[name].model_fields[column]
        kind: Any = Annotated[(field.annotation, *field.metadata)]
        self.read: Callable[[str], Any] = TypeAdapter(kind).validate_python

    def __missing__(self, text: str) -> Any:
        value = self[text] = self.read(text)
        return value


def _clean(sheet: Sheet, findings: Findings) -> checks.Table:
    """The rows of a table; a row with a bad cell is kept without it, so that it hides nothing."""
    row = TABLES[sheet.name]
    fields = row.model_fields
    read = {column: _Cells(sheet.name, column) for column in fields}
    required = [column for column, field in fields.items() if field.is_required()]
    blank = {c: None if field.is_required() else field.default for c, field in fields.items()}
    rows: list[tuple[int, Row]] = []
    unread: dict[int, set[str]] = {}
    for number, cells in sheet.rows:
        values = blank.copy()
        try:
            for column, text in cells.items():
                values[column] = read[column][text]
        except ValidationError:
            bad = list(_bad_cells(sheet.name, number, cells, read))
            findings.faults.extend(bad)
            unread[number] = {str(fault.column) for fault in bad}
            good = cells.keys() - unread[number]
            values = blank | {column: read[column][cells[column]] for column in good}
        for column in required:
            # A heading that isn't there is one fault, said once, not one a row.
            if column not in cells and column in sheet.columns:
                problem, fix = "The cell is blank.", "Every row needs a value here."
                findings.faults.append(Fault(sheet.name, number, column, "", problem, fix))
                unread.setdefault(number, set()).add(column)
        rows.append((number, row.clean(values)))
    return checks.Table(sheet.name, sheet.columns, tuple(rows), dict(sheet.rows), unread)


def _bad_cells(
    name: str, number: int, cells: dict[str, str], read: dict[str, _Cells]
) -> Iterator[Fault]:
    """Every fault of a row's cells."""
    for column, text in cells.items():
        try:
            read[column][text]
        except ValidationError as error:
            for each in error.errors(include_url=False):
                for value, problem, fix in each["ctx"]["faults"]:
                    yield Fault(name, number, column, value, problem, fix)
