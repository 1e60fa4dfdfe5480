"""Read and check the input of a round; everything after this is clean and sorted by id."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from pydantic import ValidationError

from matcher.errors import Fault, WrongInput
from matcher.intake import checks
from matcher.intake.cells import shown
from matcher.intake.files import Findings, Sheet, read_folder
from matcher.intake.inputs import Inputs
from matcher.intake.rows import TABLES, Row
from matcher.intake.settings import RoundSettings


def existing_folder(path: Path) -> Path:
    """The folder of a round; WrongInput where there is none."""
    if path.is_dir():
        return path
    problem = "There is no such folder."
    fix = "Name a folder with requests.csv, households.csv and carers.csv."
    raise WrongInput([Fault("input", None, None, shown(str(path)), problem, fix)])


def read(folder: Path, as_of: date, settings: RoundSettings, faults: list[Fault]) -> Inputs | None:
    """The clean input in a folder on a day, or None with every fault of it added to `faults`."""
    findings = Findings(faults, [])
    sheets = read_folder(folder, findings)
    tables = {name: _clean(sheet, findings) for name, sheet in sheets.items()}
    return checks.gather(tables, as_of, settings, findings)


def _clean(sheet: Sheet, findings: Findings) -> checks.Table:
    """The rows of a table that are whole; every fault of the others is kept."""
    rows: list[tuple[int, Row]] = []
    seen: list[tuple[int, dict[str, str]]] = []
    for number, cells in sheet.rows:
        seen.append((number, cells))
        try:
            rows.append((number, TABLES[sheet.name].model_validate(cells)))
        except ValidationError as error:
            findings.faults.extend(_faults(sheet, number, error))
    return checks.Table(sheet.name, tuple(rows), tuple(seen))


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
