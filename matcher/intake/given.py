"""Read one request that may be incomplete: from a file, from single cells, or from a round's row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from matcher.codes import did_you_mean
from matcher.errors import Fault, WrongInput, wrong_file, wrong_option, wrong_setting
from matcher.intake.cells import WrongCell, shown
from matcher.intake.checks import Table, check
from matcher.intake.files import Findings, Sheet, cell_text, csv_lines, folded, sheet_of
from matcher.intake.inputs import STAYS, Inputs
from matcher.intake.rows import Request, columns_of, reader_of
from matcher.intake.settings import read_toml

TABLE, REQUESTS = "request", "requests"
NEW = "NEW"
COLUMNS = tuple(columns_of(Request))


@dataclass(frozen=True)
class Given:
    """What is known of one request just now.

    `cells` are the clean values of the columns that are filled; `named` are the columns that were
    there at all, so that a blank one says what the contract says of a blank.
    """

    request_id: str
    cells: dict[str, Any]
    named: frozenset[str]
    of_round: bool  # it is one of the round's own requests
    warnings: tuple[Fault, ...] = ()


def given(inputs: Inputs, source: str | None, said: Iterable[str]) -> Given:
    """A request by the id of a round, by a file, or by cells as 'column=value', which win.

    Raises WrongInput with every fault of what is given.
    """
    findings = Findings([], [])
    own = next((r for r in inputs.requests if r.request_id == source), None)
    texts: dict[str, str] = {}
    if source is not None and own is None:
        texts = _of_file(Path(source), inputs, findings)
    texts |= _said(said, findings)
    known = {} if own is None else {k: v for k, v in vars(own).items() if v is not None}
    found = _checked(inputs, known, texts, findings)
    if own is None and found["request_id"] in {r.request_id for r in inputs.families}:
        problem = "The round has this request already."
        fix = "Name the id alone, with --say for what is new; or give this one another id."
        _fault(findings, "request_id", found["request_id"], problem, fix)
    if own is not None and found["request_id"] != own.request_id:
        problem = f"The request is {own.request_id}."
        _fault(findings, "request_id", found["request_id"], problem, "Leave request_id out.")
    if found.get("status") == "closed":
        problem = "A closed request needs no household."
        _fault(findings, "status", "closed", problem, "Leave status out.")
    if findings.faults:
        raise WrongInput(findings.faults, findings.warnings)
    named = frozenset(texts if own is None else COLUMNS)
    warnings = tuple(dict.fromkeys(findings.warnings))
    return Given(found["request_id"], found, named, own is not None, warnings)


def filled(cells: dict[str, Any]) -> Request:
    """A row with these cells, all others blank; one that must have a value is None where it has none."""
    return Request(**cells)


def contradicts(cells: dict[str, Any], as_of: date) -> bool:
    """Whether clean cells contradict each other, as the checks of the input say."""
    findings = Findings([], [])
    check(_table(cells, {}, set()), as_of, findings)
    return bool(findings.faults)


def _fault(findings: Findings, column: str, value: str, problem: str, fix: str) -> None:
    findings.faults.append(wrong_setting(TABLE, column, problem, fix, value=shown(value)))


def _of_file(path: Path, inputs: Inputs, findings: Findings) -> dict[str, str]:
    def fault(problem: str, fix: str) -> None:
        findings.faults.append(wrong_option("REQUEST", problem, fix, value=shown(str(path))))

    if not path.is_file():
        if placed := inputs.placed_where(path.name):
            fault(placed, STAYS)
            return {}
        known = sorted(request.request_id for request in inputs.requests)
        otherwise = "Name a request's id or a file, or say what is known: --say column=value."
        guess = did_you_mean(path.name[:60], known).strip()
        fault("There is no such request in the round, and no such file.", guess or otherwise)
    elif path.suffix.casefold() == ".toml":
        return _of_toml(path, findings)
    elif path.suffix.casefold() == ".csv":
        return _of_csv(path, findings)
    else:
        fix = "Write column = value in a file that ends in .toml, or one row in a .csv."
        fault("A request is read from TOML or CSV.", fix)
    return {}


def _of_toml(path: Path, findings: Findings) -> dict[str, str]:
    found = {}
    for key, value in read_toml(path, TABLE, findings.faults).items():
        column = _column(key, findings)
        if isinstance(value, dict):
            problem, fix = "This is a table, not a value.", "Write column = value, one a line."
            _fault(findings, shown(key), "", problem, fix)
        elif column:
            several = value if isinstance(value, list) else [value]
            found[column] = "; ".join(cell_text(each) for each in several)
    return found


def _of_csv(path: Path, findings: Findings) -> dict[str, str]:
    lines = csv_lines(TABLE, path, findings)
    inner = Findings([], [])
    sheet = None if lines is None else sheet_of(REQUESTS, lines, inner, complete=False)
    _take_over(inner, findings)
    if sheet is None:
        return {}
    if len(sheet.numbers) != 1:
        problem = f"The file has {len(sheet.numbers)} rows."
        fix = "One request at a time: keep its heading and its one row."
        findings.faults.append(wrong_file(TABLE, problem, fix))
        return {}
    return {column: cells[0] for column, cells in sheet.cells.items()}


def _said(said: Iterable[str], findings: Findings) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in said:
        key, equals, text = each.partition("=")
        if not equals:
            problem = "This names no column and value."
            fix = "Write --say column=value, such as --say purpose=assessment."
            fault = wrong_option("--say", problem, fix, value=shown(each))
            findings.faults.append(fault)
            continue
        column = _column(key, findings)
        if column in found:
            _fault(findings, column, text, "This column is said twice.", "Say it once.")
        elif column:
            found[column] = text
    return found


def _column(key: str, findings: Findings) -> str:
    """The column that a person means, '' with a fault where there is none."""
    by_name = {folded(column): column for column in COLUMNS}
    column = by_name.get(folded(key), "")
    if not column:
        guess = did_you_mean(key[:60], COLUMNS).strip()
        fix = guess or "matcher template lists the columns of requests."
        fault = wrong_setting(TABLE, shown(key), "A request has no such column.", fix)
        findings.faults.append(fault)
    return column


def _checked(
    inputs: Inputs, known: dict[str, Any], texts: dict[str, str], findings: Findings
) -> dict[str, Any]:
    """The clean cells that are filled, and the faults of those that can't be."""
    cells, unread = dict(known), set()
    for column, text in texts.items():
        cells.pop(column, None)
        bare = text.strip()
        if bare.strip("; "):
            try:
                cells[column] = reader_of(Request, column)(bare)
            except WrongCell as error:
                unread.add(column)
                for value, problem, fix, _ in error.faults:
                    _fault(findings, column, value, problem, fix)
    taken = {request.request_id for request in inputs.families}
    free = (NEW if n == 1 else f"{NEW}{n}" for n in range(1, len(taken) + 2))
    cells.setdefault("request_id", next(name for name in free if name not in taken))
    if (born := cells.get("parent_born_on")) is not None and "parent_age" not in cells:
        _age_from(born, inputs.as_of, cells, findings)
    inner = Findings([], [])
    typed = {column: text.strip() for column, text in texts.items()}
    check(_table(cells, typed, unread), inputs.as_of, inner)
    _take_over(inner, findings)
    return cells


def _age_from(born: date, as_of: date, cells: dict[str, Any], findings: Findings) -> None:
    """The parent's age by the day of birth."""
    years = as_of.year - born.year
    birthday = filled(cells).birthday(years)
    age = years if birthday is not None and birthday <= as_of else years - 1
    try:
        cells["parent_age"] = reader_of(Request, "parent_age")(str(age))
    except WrongCell:
        problem = f"By it the parent would be {age} years old."
        fix = "Write the parent's day of birth here; the child's is child_born_or_due_on."
        _fault(findings, "parent_born_on", str(born), problem, fix)


def _table(cells: dict[str, Any], typed: dict[str, str], unread: set[str]) -> Table:
    sheet = Sheet(REQUESTS, (1,), {column: [text] for column, text in typed.items()}, {})
    missing = set() if "expected_weeks" in cells else {"expected_weeks"}  # that is no fault here
    return Table(REQUESTS, ((1, filled(cells)),), sheet, {1: unread | missing})


def _take_over(inner: Findings, findings: Findings) -> None:
    """Faults and warnings of a table of one row, as those of the one request."""
    for found, into in ((inner.faults, findings.faults), (inner.warnings, findings.warnings)):
        into.extend(replace(each, table=TABLE, row=None) for each in found)
