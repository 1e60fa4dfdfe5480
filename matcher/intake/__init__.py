"""Read and check the input of a round; everything after this is clean and sorted by id."""

from __future__ import annotations

from datetime import date
from functools import cache
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


def _clean(sheet: Sheet, findings: Findings) -> checks.Table:
    """The rows of a table; a row with a bad cell is kept without it, so that it hides nothing."""
    rows: list[tuple[int, Row]] = []
    unread: dict[int, set[str]] = {}
    for number, cells in sheet.rows:
        try:
            rows.append((number, TABLES[sheet.name].model_validate(cells)))
        except ValidationError as error:
            findings.faults.extend(_faults(sheet, number, error))
            unread[number] = {str(each["loc"][0]) for each in error.errors(include_url=False)}
            rows.append((number, _what_is_good(sheet.name, cells, unread[number])))
    return checks.Table(sheet.name, sheet.columns, tuple(rows), dict(sheet.rows), unread)


def _what_is_good(name: str, cells: dict[str, str], bad: set[str]) -> Row:
    """A row of the cells that can be read; the others, and what is required, are None."""
    row = TABLES[name]
    required = [column for column, field in row.model_fields.items() if field.is_required()]
    good = {
        column: _reader(name, column).validate_python(cell)
        for column, cell in cells.items()
        if column not in bad
    }
    return row.model_construct(**{**dict.fromkeys(required), **good})


@cache
def _reader(name: str, column: str) -> TypeAdapter[Any]:
    field = TABLES[name].model_fields[column]
    return TypeAdapter(Annotated[(field.annotation, *field.metadata)])  # type: ignore[arg-type]


def _faults(sheet: Sheet, number: int, error: ValidationError) -> list[Fault]:
    name, found = sheet.name, []
    for each in error.errors(include_url=False):
        column = str(each["loc"][0])
        if each["type"] == "missing":
            # A heading that isn't there is one fault, said once, not one a row.
            if column in sheet.columns:
                problem, fix = "The cell is blank.", "Every row needs a value here."
                found.append(Fault(name, number, column, "", problem, fix))
        else:
            for value, problem, fix in each["ctx"]["faults"]:
                found.append(Fault(name, number, column, value, problem, fix))
    return found
