"""Open a folder of CSV files, or a workbook, as tables of text; every fault of a file is found here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from itertools import zip_longest
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError, fromstring, iterparse
from zipfile import BadZipFile, ZipFile

from matcher.codes import did_you_mean, nearest, turns
from matcher.errors import Fault, wrong_cell, wrong_file, wrong_heading, wrong_row
from matcher.intake.cells import shown
from matcher.intake.rows import OLD_HEADINGS, REQUIRED_TABLES, TABLES, headings

LONGEST_CELL = 1_000_000
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
LARGEST_WHOLE = 1e15
SLIP = 0.8  # how alike two headings are that differ by a slip of typing
_LINKS = {"of", "the", "s", "on", "date", "day"}  # words of a heading that say little
SAVE_AGAIN = "In Excel, use Save As and choose 'CSV UTF-8 (comma delimited)'."
EXCEL_ERRORS = (
    "#N/A",
    "#REF!",
    "#VALUE!",
    "#DIV/0!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
)
SETTINGS_SHEET = "round"
OWN_SHEETS = (SETTINGS_SHEET, "how_to", "codes")  # the template's sheets that hold no table


@dataclass(frozen=True)
class Sheet:
    """A table as it was found: its filled rows by column, '' where a cell is blank."""

    name: str
    numbers: tuple[int, ...]  # of the rows, as the spreadsheet numbers them
    cells: dict[str, list[str]]

    def filled(self, column: str) -> Iterator[tuple[int, str]]:
        """The cells of a column that are filled, with the numbers of their rows."""
        cells = zip(self.numbers, self.cells.get(column, ()), strict=False)
        return ((number, cell) for number, cell in cells if cell)

    def cell(self, number: int | None, column: str | None) -> str:
        """One cell, '' where it is blank or there is none."""
        if number not in self.numbers or column not in self.cells:
            return ""
        return self.cells[column][self.numbers.index(number)]


class _Tidy(dict[str, str]):
    """Each text of a table without the space around it; nothing but separators is blank."""

    def __missing__(self, text: str) -> str:
        bare = text.strip()
        self[text] = tidy = bare if bare.strip("; ") else ""  # not known, never none
        return tidy


@dataclass
class Findings:
    """What was found wrong while reading: faults stop the run, warnings don't."""

    faults: list[Fault]
    warnings: list[Fault]


def read_tables(path: Path, findings: Findings) -> dict[str, Sheet]:
    """Every table of the contract in a folder of CSV files or in an Excel workbook."""
    found = _workbook(path, findings) if is_workbook(path) else _folder(path, findings)
    return sheets_of(found, "a sheet {}" if is_workbook(path) else "{}.csv", findings)


def sheets_of(
    found: Mapping[str, list[list[str]] | None], named: str, findings: Findings
) -> dict[str, Sheet]:
    """The tables of lines by name, None where they can't be read; `named` is how one is added."""
    sheets = {}
    for name in TABLES:
        if name in found:
            lines = found[name]
            sheet = None if lines is None else sheet_of(name, lines, findings)
            if sheet is not None:
                sheets[name] = sheet
        elif name in REQUIRED_TABLES:
            fix = f"Add {named.format(name)}."
            findings.faults.append(wrong_file(name, "The table is missing.", fix))
    return sheets


def _folder(folder: Path, findings: Findings) -> dict[str, list[list[str]] | None]:
    """The lines of each table's CSV file; None where it can't be read, with the fault."""
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        if path.is_file() and found.setdefault(path.name.casefold(), path) != path:
            table = shown(path.name)
            fix = f"Keep this one or {shown(found[path.name.casefold()].name)}."
            findings.faults.append(wrong_file(table, "The table is there twice.", fix))
    named = {name: found.pop(f"{name}.csv") for name in TABLES if f"{name}.csv" in found}
    for file_name in found:
        stem, _, ending = file_name.partition(".")
        if ending == "csv" or stem in TABLES:
            guess = nearest(stem, TABLES)
            hint = f"Did you mean {guess}.csv?" if guess else "It was not read."
            problem = "No table has this name."
            findings.warnings.append(wrong_file(shown(file_name), problem, hint))
    return {name: csv_lines(name, path, findings) for name, path in named.items()}


def is_workbook(path: Path) -> bool:
    """Whether a path names an Excel workbook."""
    return path.suffix.casefold() == ".xlsx"


def _workbook(path: Path, findings: Findings) -> dict[str, list[list[str]] | None]:
    """The lines of each sheet that is named as a table."""
    sheets = open_workbook(path, findings)
    if sheets is None:
        return dict.fromkeys(REQUIRED_TABLES)
    found: dict[str, list[list[str]] | None] = {}
    for name, rows in sheets.items():
        table = re.sub(r"[\s_]+", "_", name.strip()).casefold()
        if table in TABLES and table not in found:
            found[table] = [[cell_text(cell) for cell in row] for row in rows]
        elif table not in OWN_SHEETS:
            guess = did_you_mean(table[:60], TABLES).strip()
            problem = "No table has this name." if table not in TABLES else "It is there twice."
            fault = wrong_file(shown(name), problem, guess or "It was not read.")
            (findings.faults if table in TABLES else findings.warnings).append(fault)
    return found


def open_workbook(path: Path, findings: Findings) -> dict[str, list[list[Any]]] | None:
    """The cells of every sheet, errors of Excel among them; None where it can't be read, a fault."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        sheets = {
            name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in book.sheet_names
        }
        _put_back_errors(path, sheets)
    except (CalamineError, OSError, BadZipFile, KeyError, ParseError) as error:
        problem = f"The workbook can't be read ({type(error).__name__})."
        fix = "Open it in Excel and save it again as .xlsx."
        findings.faults.append(wrong_file(shown(path.name), problem, fix))
        return None
    return sheets


def _put_back_errors(path: Path, sheets: dict[str, list[list[Any]]]) -> None:
    """Put Excel's error cells (#N/A) back into sheets: the reader leaves them blank.

    A blank would say 'not known' where a formula has failed, and a family's keep-away area be lost.
    """
    with ZipFile(path) as book:
        links = {
            each.attrib["Id"]: each.attrib["Target"]
            for each in fromstring(book.read("xl/_rels/workbook.xml.rels"))
        }
        for sheet in fromstring(book.read("xl/workbook.xml")).iter(f"{_MAIN}sheet"):
            rows = sheets.get(sheet.attrib["name"])
            target = links[sheet.attrib[f"{_LINKED}id"]].removeprefix("/xl/")
            if rows is None or not target.startswith("worksheets/"):
                continue
            with book.open(f"xl/{target}") as file:
                for _, cell in iterparse(file):
                    if cell.tag == f"{_MAIN}c":
                        if cell.attrib.get("t") == "e":
                            _put_back(rows, cell.attrib["r"], cell.findtext(f"{_MAIN}v") or "#N/A")
                        cell.clear()


def _put_back(rows: list[list[Any]], place: str, error: str) -> None:
    match = _CELL.fullmatch(place)
    if match is None:
        return
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    row = int(match[2])
    while len(rows) < row:
        rows.append([])
    line = rows[row - 1]
    line.extend([""] * (column - len(line)))
    line[column - 1] = error


def workbook_settings(path: Path) -> dict[str, Any] | None:
    """The settings on a workbook's sheet `round`: names in column A, values in column B.

    None where there is no such sheet, or where the workbook can't be read, which is a fault of its
    tables. A dot in a name stands for a table of TOML: policy.turnaround_days.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        names = {name.strip().casefold(): name for name in book.sheet_names}
        if SETTINGS_SHEET not in names:
            return None
        rows = book.get_sheet_by_name(names[SETTINGS_SHEET]).to_python(skip_empty_area=False)
    except (CalamineError, OSError):
        return None
    found: dict[str, Any] = {}
    for name, value, *_ in (row for row in rows[1:] if len(row) > 1):
        key, filled = str(name).strip().casefold(), cell_text(value).strip()
        if key and filled:
            kept: Any = value if isinstance(value, bool | float) else filled
            if isinstance(value, float) and value.is_integer():
                kept = int(value)
            *tables, last = key.split(".")
            inner = found
            for table in tables:
                inner = inner.setdefault(table, {})
                if not isinstance(inner, dict):
                    # A key that is both a value and a table is no setting.
                    inner, last = found, key
                    break
            inner[f"{last} (again)" if last in inner else last] = kept
    return found


def cell_text(cell: object) -> str:
    """A cell of Excel as the text that a CSV file would have: dates in ISO, whole numbers whole."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < LARGEST_WHOLE:
        return str(int(cell))
    if isinstance(cell, datetime):
        midnight = cell.time() == datetime.min.time()
        return cell.date().isoformat() if midnight else cell.isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def csv_lines(name: str, path: Path, findings: Findings) -> list[list[str]] | None:
    """The lines of a CSV file as cells, None where it can't be read, with the fault."""
    try:
        text = _decode(path.read_bytes())
    except OSError as error:
        problem, fix = f"The file can't be opened: {error.strerror}.", "Close it elsewhere, or ask."
        findings.faults.append(wrong_file(name, problem, fix))
        return None
    if text is None:
        problem = "This file is not text in columns."
        findings.faults.append(wrong_file(name, problem, SAVE_AGAIN))
        return None
    csv.field_size_limit(LONGEST_CELL)
    lines: list[list[str]] = []
    try:
        lines.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        problem = f"The row can't be read ({error})."
        findings.faults.append(wrong_row(name, len(lines) + 1, problem, SAVE_AGAIN))
        return None
    if lines and len(lines[0]) == 1 and (mark := re.search(r"[;\t|]", lines[0][0])):
        problem = f"The columns are separated by {mark[0]!r}, not by commas."
        findings.faults.append(wrong_row(name, 1, problem, SAVE_AGAIN))
        return None
    return lines


def sheet_of(
    name: str, lines: list[list[str]], findings: Findings, *, complete: bool = True
) -> Sheet | None:
    """A table of lines, the first of which names the columns; if `complete`, all that are needed."""
    if not lines or not any(cell.strip() for cell in lines[0]):
        fix = f"Row 1 names the columns of {name}."
        findings.faults.append(wrong_file(name, "The table has no headings.", fix))
        return None
    columns = _columns(name, lines[0], findings, complete)
    filled = [(n, line) for n, line in enumerate(lines[1:], start=2) if "".join(line).strip()]
    numbers = tuple(number for number, _ in filled)
    nameless = [at for at, heading in enumerate(lines[0]) if not heading.strip()]
    if any(line[at].strip() for _, line in filled for at in nameless if at < len(line)):
        problem, fix = "A column without a heading is not read.", "Give it its heading."
        findings.warnings.append(wrong_row(name, 1, problem, fix))
    for number, line in filled:
        if len(line) > len(columns) and any(cell.strip() for cell in line[len(columns) :]):
            problem = "The row has more cells than there are headings."
            fix = "Put text that has a comma in it between double quotes."
            findings.faults.append(wrong_row(name, number, problem, fix))
    found = zip_longest(*(line for _, line in filled), fillvalue="")
    tidy = _Tidy()
    cells: dict[str, list[str]] = {column: [""] * len(filled) for column in columns if column}
    for column, texts in zip(columns, found, strict=False):
        if column:
            cells[column] = list(map(tidy.__getitem__, texts))
    if any(text.upper() in EXCEL_ERRORS for text in tidy.values()):
        _take_out_errors(name, numbers, cells, findings)
    return Sheet(name, numbers, cells)


def _take_out_errors(
    name: str, numbers: tuple[int, ...], cells: dict[str, list[str]], findings: Findings
) -> None:
    """A fault for each cell that shows an error of Excel, and a blank in its place."""
    for column, texts in cells.items():
        for at, text in enumerate(texts):
            if text.upper() in EXCEL_ERRORS:
                problem = "The cell shows an error of Excel."
                fix = "Mend the formula, or type the value."
                findings.faults.append(wrong_cell(name, numbers[at], column, text, problem, fix))
                texts[at] = ""


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


def folded(heading: str) -> str:
    """A heading without what people vary: case, spaces, underscores and marks."""
    return re.sub(r"[\s_*°]", "", heading).casefold()  # * and ° mark what is required


def _meant(heading: str, known: Iterable[str]) -> str | None:
    """The column that a strange heading names in other words, or with a slip of typing; else None."""
    said = re.findall("[a-z]+", heading[:60].casefold().replace("_", " "))
    by_words = {frozenset(column.split("_")) - _LINKS: column for column in known}
    same = by_words.get(frozenset(said) - _LINKS) if frozenset(said) - _LINKS else None
    slips = get_close_matches("_".join(said), by_words.values(), n=1, cutoff=SLIP)
    slip = next(
        (s for s in slips if len(s.split("_")) == len(said) and not turns(heading, s)), None
    )
    return same or slip


def _columns(name: str, found: list[str], findings: Findings, complete: bool) -> list[str | None]:
    """The column of each heading, None where the contract has none of that name."""
    known = {folded(column): column for column in headings(TABLES[name])}
    known |= OLD_HEADINGS.get(name, {})
    columns: list[str | None] = []
    strange = [heading for heading in found if heading.strip() and folded(heading) not in known]
    for heading in found:
        column = known.get(folded(heading))
        if column is not None and column in columns:
            findings.faults.append(
                wrong_heading(name, column, "Two columns have this heading.", "Keep one of them.")
            )
        if column is None and heading.strip():
            meant = _meant(heading, headings(TABLES[name]))
            hint = f"Did you mean {meant}?" if meant else ""
            findings.warnings.append(
                wrong_heading(name, shown(heading), "This column is not read.", hint)
            )
        columns.append(column)
    for column, needed in headings(TABLES[name]).items():
        if complete and needed and column not in columns:
            near = next((h for h in strange if _meant(h, headings(TABLES[name])) == column), None)
            fix = f"Rename '{shown(near)}' to {column}." if near else f"Add a column {column}."
            findings.faults.append(wrong_heading(name, column, "The column is missing.", fix))
    return columns
