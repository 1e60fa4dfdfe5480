"""Open a folder of CSV files as tables of text; every fault of a file is found here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from matcher.codes import did_you_mean, nearest
from matcher.errors import Fault
from matcher.intake.cells import shown
from matcher.intake.rows import REQUIRED_TABLES, TABLES, headings

LONGEST_CELL = 1_000_000


@dataclass(frozen=True)
class Sheet:
    """A table as it was found: (row number, {column: text}) with blank cells left out."""

    name: str
    columns: frozenset[str]
    rows: tuple[tuple[int, dict[str, str]], ...]


@dataclass
class Findings:
    """What was found wrong while reading: faults stop the run, warnings don't."""

    faults: list[Fault]
    warnings: list[Fault]


def read_folder(folder: Path, findings: Findings) -> dict[str, Sheet]:
    """Every table of the contract that lies in the folder as a readable CSV file."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and found.setdefault(path.name.casefold(), path) != path:
            table = shown(path.name)
            fix = f"Keep this one or {shown(found[path.name.casefold()].name)}."
            findings.faults.append(Fault(table, None, None, None, "The table is there twice.", fix))
    sheets = {}
    for name in TABLES:
        if f"{name}.csv" in found:
            sheet = _read_csv(name, found.pop(f"{name}.csv"), findings)
            if sheet is not None:
                sheets[name] = sheet
        elif name in REQUIRED_TABLES:
            findings.faults.append(
                Fault(name, None, None, None, "The table is missing.", f"Add {name}.csv.")
            )
    for file_name in found:
        stem, _, ending = file_name.partition(".")
        if ending == "csv" or stem in TABLES:
            guess = nearest(stem, TABLES)
            hint = f"Did you mean {guess}.csv?" if guess else "It was not read."
            problem = "No table has this name."
            findings.warnings.append(Fault(shown(file_name), None, None, None, problem, hint))
    return sheets


def _read_csv(name: str, path: Path, findings: Findings) -> Sheet | None:
    def fault(row: int | None, problem: str, fix: str, column: str | None = None) -> None:
        findings.faults.append(Fault(name, row, column, None, problem, fix))

    save_again = "In Excel, use Save As and choose 'CSV UTF-8 (comma delimited)'."
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        fault(None, f"The file can't be opened: {error.strerror}.", "Close it elsewhere, or ask.")
        return None
    if text is None:
        fault(None, "This file is not text in columns.", save_again)
        return None
    csv.field_size_limit(LONGEST_CELL)
    lines: list[list[str]] = []
    try:
        lines.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        fault(len(lines) + 1, f"The row can't be read ({error}).", save_again)
        return None
    if not lines or not any(cell.strip() for cell in lines[0]):
        fault(None, "The table has no headings.", f"Row 1 names the columns of {name}.")
        return None
    if len(lines[0]) == 1 and (mark := re.search(r"[;\t|]", lines[0][0])):
        fault(1, f"The columns are separated by {mark[0]!r}, not by commas.", save_again)
        return None
    columns = _columns(name, lines[0], findings)
    present = frozenset(column for column in columns if column)
    nameless = [at for at, heading in enumerate(lines[0]) if not heading.strip()]
    if any(
        cell.strip()
        for line in lines[1:]
        for cell in (line[at] for at in nameless if at < len(line))
    ):
        problem, fix = "A column without a heading is not read.", "Give it its heading."
        findings.warnings.append(Fault(name, 1, None, None, problem, fix))
    rows = tuple(_rows(name, columns, lines[1:], findings))
    return Sheet(name, present, rows)


def _decode(raw: bytes) -> str | None:
    """The text of a file in UTF-8 or Windows-1252, or None where it is no text at all."""
    if b"\0" in raw:
        return None
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return None if re.search(r"[\x01-\x08\x0e-\x1f]", text[:2000]) else text
    return None


def _folded(heading: str) -> str:
    return re.sub(r"[\s_]", "", heading).casefold()


def _columns(name: str, found: list[str], findings: Findings) -> list[str | None]:
    """The column of each heading, None where the contract has none of that name."""
    known = {_folded(column): column for column in headings(TABLES[name])}
    columns: list[str | None] = []
    strange = [heading for heading in found if heading.strip() and _folded(heading) not in known]
    for heading in found:
        column = known.get(_folded(heading))
        if column is not None and column in columns:
            findings.faults.append(
                Fault(name, 1, column, None, "Two columns have this heading.", "Keep one of them.")
            )
        if column is None and heading.strip():
            hint = did_you_mean(heading[:60], headings(TABLES[name])).strip()
            findings.warnings.append(
                Fault(name, 1, shown(heading), None, "This column is not read.", hint)
            )
        columns.append(column)
    for column, needed in headings(TABLES[name]).items():
        if needed and column not in columns:
            near = nearest(column, strange)
            fix = f"Rename '{shown(near)}' to {column}." if near else f"Add a column {column}."
            findings.faults.append(Fault(name, 1, column, None, "The column is missing.", fix))
    return columns


def _rows(
    name: str,
    columns: list[str | None],
    lines: list[list[str]],
    findings: Findings,
) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(lines, start=2):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        if any(cells[len(columns) :]):
            findings.faults.append(
                Fault(
                    name,
                    number,
                    None,
                    None,
                    "The row has more cells than there are headings.",
                    "Put text that has a comma in it between double quotes.",
                )
            )
        pairs = zip(columns, cells, strict=False)
        # A list of nothing but separators is blank: not known, never none.
        yield number, {column: cell for column, cell in pairs if column and cell.strip("; ")}
