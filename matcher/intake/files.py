"""Open a folder of CSV files, or a workbook, as tables of text; every fault of a file is found here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from difflib import get_close_matches
from functools import cached_property, lru_cache
from itertools import islice, zip_longest
from pathlib import Path

from matcher.codes import turns
from matcher.errors import Fault, wrong_cell, wrong_file, wrong_heading, wrong_row
from matcher.intake.cells import shown
from matcher.intake.disk import mend_of, read_file
from matcher.intake.formulas import IS_TEXT, typed
from matcher.intake.grids import Grid, Place, WrongSheet, place_name
from matcher.intake.rows import OLD_HEADINGS, REQUIRED_TABLES, TABLES, headings
from matcher.intake.workbooks import is_workbook, read_workbook
from matcher.sizes import LARGEST_AREA, LARGEST_FILE, LONGEST_CELL, MOST_ROWS, MOST_TOLD
from matcher.words import and_list, count

LARGEST_WHOLE = 1e15
SLIP = 0.8  # how alike two headings are that differ by a slip of typing
_LINKS = {"of", "the", "s", "on", "date", "day"}  # words of a heading that say little
SAVE_AGAIN = "In Excel, use Save As and choose 'CSV UTF-8 (comma delimited)'."
SEPARATORS = ",;\t"
LONGEST_HEADING = 60  # characters
FARTHEST_HEADINGS = 30  # the rows among which the headings are looked for
MOST_CONTROL = 20  # characters that no text has, in the first 2,000 of a text
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_AT_ONCE = 1000  # rows, between two looks at how much there is
_SAMPLE = 100_000  # characters in which the separator is looked for
_SEP = re.compile(r'"?sep=(.)"?\s*(?:\r\n?|\n|$)', re.IGNORECASE)
_ERROR = re.compile(r"#(?:N/?[AV]|#+|[A-ZÀ-Ý][\w/]*[!?]|GETTING_DATA)|Err:[0-9]{3}", re.IGNORECASE)
SETTINGS_SHEET, SETTINGS_FILE = "round", "round.toml"
IDS = ("request_id", "other_request_id", "household_id", "carer_id")  # whom a row is about
OWN_SHEETS = (SETTINGS_SHEET, "how_to", "codes", "to_mend")  # of ours, that hold no table


def is_error(text: str) -> bool:
    """Whether a cell shows an error of a spreadsheet, or stands for a number too wide to be shown."""
    return text[:1] in ("#", "E", "e") and _ERROR.fullmatch(text) is not None


@dataclass(frozen=True)
class Sheet:
    """A table as it was found: its filled rows by column, '' where a cell is blank."""

    name: str
    numbers: tuple[int, ...]  # of the rows, as the spreadsheet numbers them
    cells: dict[str, list[str]]
    places: Mapping[str, int] = field(default_factory=dict)  # of the columns in the file, from 1
    heading: int = 1  # the row of the headings
    unread: set[tuple[int, str]] = field(default_factory=set)  # cells with a fault, blank here

    def place(self, number: int, column: str) -> str:
        """A cell as a spreadsheet names it, such as T2; '' where the column is not there."""
        at = self.places.get(column)
        return place_name(number, at) if at else ""

    def filled(self, column: str) -> Iterator[tuple[int, str]]:
        """The cells of a column that are filled, with the numbers of their rows."""
        cells = zip(self.numbers, self.cells.get(column, ()), strict=False)
        return ((number, cell) for number, cell in cells if cell)

    def cell(self, number: int | None, column: str | None) -> str:
        """One cell, '' where it is blank or there is none."""
        at = None if number is None else self._at.get(number)
        return "" if at is None or column not in self.cells else self.cells[column][at]

    @cached_property
    def _at(self) -> dict[int, int]:
        return {number: at for at, number in enumerate(self.numbers)}

    def located(self, fault: Fault) -> Fault:
        """A fault of this table with the place of its cell, as T2, and the ids of its row."""
        if fault.row is None or fault.column is None:
            return fault
        about = ", ".join(filter(None, (self.cell(fault.row, column) for column in IDS)))
        place = self.place(fault.row, fault.column)
        return replace(fault, place=place or None, about=about or None)


class _Tidy(dict[str, str]):
    """Each text of a table without the space around it; nothing but separators is blank."""

    def __missing__(self, text: str) -> str:
        bare = text.strip()
        bare = typed(bare) if bare[:1] == IS_TEXT else bare
        self[text] = tidy = bare if bare.strip("; ") else ""  # not known, never none
        return tidy


@dataclass
class Findings:
    """What was found wrong while reading: faults stop the run, warnings don't."""

    faults: list[Fault]
    warnings: list[Fault]


def read_tables(
    path: Path, findings: Findings, needed: Collection[str] = REQUIRED_TABLES
) -> dict[str, Sheet]:
    """Every table of the contract in a folder of CSV files or in a workbook.

    One of those needed that is not there is a fault.
    """
    if not is_workbook(path):
        return sheets_of(_folder(path, findings), "{}.csv", findings, needed=needed)
    grids = _workbook(path, findings)
    unread = {table: grid.unread for table, grid in grids.items() if grid is not None}
    lines = {table: _texts(grid) for table, grid in grids.items()}
    sheets = sheets_of(lines, "a sheet {}", findings, unread, needed)
    for table, sheet in sheets.items():
        if grid := grids[table]:
            _tell_hidden(sheet, grid, findings)
            _tell_merged(sheet, grid, findings)
    return sheets


def sheets_of(
    found: Mapping[str, list[list[str]] | None],
    named: str,
    findings: Findings,
    unread: Mapping[str, Mapping[Place, str]] | None = None,
    needed: Collection[str] = REQUIRED_TABLES,
) -> dict[str, Sheet]:
    """The tables of lines by name, None where they can't be read; `named` is how one is added.

    `unread` are by table the cells without a value, blank in its lines.
    """
    sheets = {}
    for name in TABLES:
        if name in found:
            lines = found[name]
            without = (unread or {}).get(name, {})
            sheet = None if lines is None else sheet_of(name, lines, findings, unread=without)
            if sheet is not None:
                sheets[name] = sheet
        elif name in needed:
            fix = f"Add {named.format(name)}."
            findings.faults.append(wrong_file(name, "The table is missing.", fix))
    return sheets


def _folder(folder: Path, findings: Findings) -> dict[str, list[list[str]] | None]:
    """The lines of each table's CSV file; None where it can't be read, with the fault."""
    known = {f"{name}.csv": name for name in TABLES} | {SETTINGS_FILE: SETTINGS_FILE}
    found: dict[str, Path] = {}
    strangers: list[Path] = []
    for path in sorted(folder.iterdir()):
        name = path.name.casefold()
        if name not in known:
            strangers.append(path)
        elif not path.is_dir() and found.setdefault(known[name], path) != path:
            fix = f"Keep this one or {shown(found[known[name]].name)}."
            fault = wrong_file(shown(path.name), "The table is there twice.", fix)
            findings.faults.append(fault)
    _tell_strangers(strangers, findings)
    return {name: csv_lines(name, path, findings) for name, path in found.items() if name in TABLES}


def _tell_strangers(paths: Iterable[Path], findings: Findings) -> None:
    """Warn of files that look like a table or the settings of a round, and are not read."""
    strange = (path for path in paths if _looks_read(path.name.casefold()) and not path.is_dir())
    for path in islice(strange, MOST_TOLD):
        problem, fix = _not_read(path)
        findings.warnings.append(wrong_file(shown(path.name), problem, fix))
    if more := sum(1 for _ in strange):
        fault = wrong_file("input", f"{count(more, 'more file')} like these were not read.", "")
        findings.warnings.append(fault)


def _looks_read(name: str) -> bool:
    """Whether people may take a file for a table or for the settings, by its name."""
    stem, _, ending = name.partition(".")
    return ending == "csv" or stem in TABLES or _is_like_settings(name)


def _not_read(path: Path) -> tuple[str, str]:
    """What is said of a file that looks as if it were read, and is not."""
    name = path.name.casefold()
    stem = name.partition(".")[0]
    if _is_like_settings(name):
        return "Its settings were not read.", f"Did you mean {SETTINGS_FILE}?"
    if is_workbook(path):
        fix = f"A folder's tables are CSV files: {stem}.csv counts, or name a workbook with all tables."
        return "It was not read.", fix
    guess = _table_meant(stem)
    return "No table has this name.", f"Did you mean {guess}.csv?" if guess else "It was not read."


def _table_meant(name: str) -> str | None:
    """The table whose name has a slip of typing; a sheet of notes is none."""
    close = get_close_matches(name[:60], TABLES, n=1, cutoff=SLIP)
    return close[0] if close and not turns(name, close[0]) else None


def _is_like_settings(name: str) -> bool:
    """Whether a file's name is nearly that of the settings: round.toml.txt, Copy of round.toml."""
    first, *others = re.findall("[a-z]+", name[:60]) or [""]
    words = [first, *others] if re.search(r"[._]to?ml\b", name) else [first]
    return (
        name != SETTINGS_FILE
        and re.search(r"[._](to?ml|txt|ini|cfg|ya?ml)\b", name) is not None
        and any(get_close_matches(word, [SETTINGS_SHEET], cutoff=SLIP) for word in words)
    )


def strange_settings(folder: Path) -> list[Fault]:
    """Warnings of the files beside a workbook that look like the settings of a round."""
    findings = Findings([], [])
    beside = (path for path in sorted(folder.iterdir()) if _is_like_settings(path.name.casefold()))
    _tell_strangers(beside, findings)
    return findings.warnings


def sheet_key(name: str) -> str:
    """The name of a sheet without what people vary: case, spaces and underscores."""
    return re.sub(r"[\s_]+", "_", name.strip()).casefold()


def _workbook(path: Path, findings: Findings) -> dict[str, Grid | None]:
    """The sheets that are named as a table, by table; None where one can't be read, with the fault."""
    sheets = open_workbook(path, findings, lambda name: sheet_key(name) in TABLES)
    if sheets is None:
        return dict.fromkeys(REQUIRED_TABLES)
    found: dict[str, Grid | None] = {}
    for name, grid in sheets.items():
        table = sheet_key(name)
        if table in TABLES and table not in found:
            found[table] = grid
        elif table in TABLES:
            fault = wrong_file(shown(name), "It is there twice.", "Keep one of the two sheets.")
            findings.faults.append(fault)
        elif table not in OWN_SHEETS:
            guess = _table_meant(table)
            fix = f"Did you mean {guess}?" if guess else "It was not read."
            fault = wrong_file(shown(name), "No table has this name.", fix)
            findings.warnings.append(fault)
    return found


def open_workbook(
    path: Path, findings: Findings, wanted: Callable[[str], bool] = lambda _: True
) -> dict[str, Grid] | None:
    """The sheets of a workbook, cells only of those wanted; None where it can't be read, a fault."""
    name = shown(path.name)
    try:
        return read_workbook(path, wanted)
    except WrongSheet as error:
        fault = wrong_file(shown(error.sheet) or name, error.problem, error.fix)
    except OSError as error:
        fault = wrong_file(name, f"The file can't be opened: {error.strerror}.", mend_of(error))
    findings.faults.append(fault)
    return None


def _texts(grid: Grid | None) -> list[list[str]] | None:
    return None if grid is None else [[cell_text(cell) for cell in row] for row in grid.rows]


def _tell_hidden(sheet: Sheet, grid: Grid, findings: Findings) -> None:
    """Warn that what is hidden is read."""
    rows = len(grid.hidden_rows.intersection(sheet.numbers))
    columns = [name for name, at in sheet.places.items() if at in grid.hidden_columns]
    hidden = [
        *(["The sheet is hidden."] if grid.hidden else []),
        *([f"{count(rows, 'row')} of the sheet {'is' if rows == 1 else 'are'} hidden."] if rows else []),
        *([f"{'A column of it is' if len(columns) == 1 else 'Columns of it are'} hidden: {and_list(columns)}."] if columns else []),
    ]  # fmt: skip
    fix = "What is hidden counts. Delete what is not to count."
    for problem in hidden:
        findings.warnings.append(wrong_file(sheet.name, problem, fix))


def _tell_merged(sheet: Sheet, grid: Grid, findings: Findings) -> None:
    """Warn that only the first of merged cells has a value."""
    places = set(sheet.places.values())
    merged = [
        f"{place_name(*first)}:{place_name(*last)}"
        for first, last in grid.merged
        if last[0] > sheet.heading and places.intersection(range(first[1], last[1] + 1))
    ]
    if merged:
        more = f" and {len(merged) - MOST_TOLD} more" if len(merged) > MOST_TOLD else ""
        problem = f"Cells are merged: {', '.join(merged[:MOST_TOLD])}{more}."
        fix = "Only the first of them has a value, the others are blank: unmerge them."
        findings.warnings.append(wrong_file(sheet.name, problem, fix))


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


def csv_lines(
    name: str, path: Path, findings: Findings, known: Collection[str] | None = None
) -> list[list[str]] | None:
    """The lines of a CSV file as cells, None where it can't be read, with the fault.

    `known` are the folded headings by which its separator is told; by default those of the table.
    """
    try:
        text = _decode(read_file(path))
    except OSError as error:
        problem = f"The file can't be opened: {error.strerror}."
        findings.faults.append(wrong_file(name, problem, mend_of(error)))
        return None
    if text is None:
        problem = "This file is not text in columns."
        findings.faults.append(wrong_file(name, problem, SAVE_AGAIN))
        return None
    csv.field_size_limit(LARGEST_FILE)
    first_line, separator = separator_of(text, known or _known(name))
    if first_line:
        text = text[len(first_line) :]
        said = first_line.strip(' \r\n"').replace("\t", "TAB")
        problem = f"Its first line, '{shown(said)}', was passed over."
        findings.warnings.append(wrong_file(name, problem, ""))
    lines: list[list[str]] = []
    left = LARGEST_AREA
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
        more = True
        while more:
            before = len(lines)
            lines.extend(islice(reader, _AT_ONCE))
            more = len(lines) > before
            left -= sum(map(len, lines[before:]))
            if left < 0 or len(lines) > MOST_ROWS:
                problem = f"It has more than {MOST_ROWS:,} rows or {LARGEST_AREA:,} cells."
                findings.faults.append(wrong_file(name, problem, "Keep the rows of one round."))
                return None
    except csv.Error as error:
        problem = f"The row can't be read ({error})."
        findings.faults.append(wrong_row(name, len(lines) + 1, problem, SAVE_AGAIN))
        return None
    first = lines[heading_row(lines, known or _known(name))] if lines else []
    if len(first) == 1 and (mark := re.search(r"[;\t|]", first[0])):
        problem = f"The columns are separated by {mark[0]!r}, not by commas."
        findings.faults.append(wrong_row(name, 1, problem, SAVE_AGAIN))
        return None
    return lines


def separator_of(text: str, known: Collection[str]) -> tuple[str, str]:
    """The first line of a CSV where it is sep=; for Excel, else '', and what stands between cells.

    Where no line says so, or what it says gives no headings, that is what gives the most of the known
    headings, else the most cells.
    """

    def headings_and_cells(separator: str) -> tuple[int, int]:
        reader = csv.reader(io.StringIO(text[:_SAMPLE], newline=""), delimiter=separator)
        lines = list(islice(reader, FARTHEST_HEADINGS))
        at = heading_row(lines, known)
        return _named(lines[at], known) if lines else 0, len(lines[at]) if lines else 0

    said = _SEP.match(text)
    line = said[0] if said else ""
    text = text[len(line) :]
    if said and headings_and_cells(said[1])[0] > 1:
        return line, said[1]
    best = max(SEPARATORS, key=headings_and_cells)
    return line, best if said is None or headings_and_cells(best)[0] > 1 else said[1]


def _known(table: str) -> set[str]:
    """The folded headings of a table; of what is none, those of requests."""
    name = table if table in TABLES else "requests"
    return {folded(column) for column in headings(TABLES[name])} | {*OLD_HEADINGS.get(name, {})}


def _named(line: Iterable[str], known: Collection[str]) -> int:
    """How many cells of a line are headings."""
    return len({folded(cell) for cell in line if 0 < len(cell) <= LONGEST_HEADING} & set(known))


def heading_row(lines: list[list[str]], known: Collection[str]) -> int:
    """Where the headings stand: the line with the most of them; the first one where none has two."""
    near = range(min(len(lines), FARTHEST_HEADINGS))
    best = max(near, key=lambda at: _named(lines[at], known), default=0)
    filled = [at for at in near if any(cell.strip() for cell in lines[at])]
    return best if filled[:1] == [best] or (near and _named(lines[best], known) > 1) else 0


def sheet_of(
    name: str,
    lines: list[list[str]],
    findings: Findings,
    *,
    complete: bool = True,
    unread: Mapping[Place, str] | None = None,
) -> Sheet | None:
    """A table of lines, one of which names the columns; if `complete`, all that are needed.

    `unread` are the cells without a value, blank in the lines.
    """
    head = heading_row(lines, _known(name))
    if not lines or not any(cell.strip() for cell in lines[head]):
        fix = f"Row 1 names the columns of {name}."
        findings.faults.append(wrong_file(name, "The table has no headings.", fix))
        return None
    _tell_above(name, lines, head, findings)
    columns = _columns(name, lines[head], findings, complete, head + 1)
    below = enumerate(lines[head + 1 :], start=head + 2)
    filled = [(number, line) for number, line in below if "".join(line).strip()]
    numbers = tuple(number for number, _ in filled)
    nameless = [at for at, heading in enumerate(lines[head]) if not heading.strip()]
    if any(line[at].strip() for _, line in filled for at in nameless if at < len(line)):
        problem, fix = "A column without a heading is not read.", "Give it its heading."
        findings.warnings.append(wrong_row(name, head + 1, problem, fix))
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
    places = {column: at for at, column in enumerate(columns, start=1) if column}
    sheet = Sheet(name, numbers, cells, places, head + 1)
    longest = max(map(len, tidy.values()), default=0)
    if longest > LONGEST_CELL or any(map(is_error, tidy.values())):
        _take_out(sheet, findings)
    for (number, at), text in (unread or {}).items():
        if number == sheet.heading:  # nobody knows which column it names
            problem, fix = of_error(text)
            fault = wrong_row(name, number, f"{place_name(number, at)}: {problem}", fix)
            findings.faults.append(fault)
        elif number > sheet.heading and at <= len(columns) and (column := columns[at - 1]):
            problem, fix = of_error(text)
            findings.faults.append(wrong_cell(name, number, column, shown(text), problem, fix))
            sheet.unread.add((number, column))
    return sheet


def _tell_above(name: str, lines: list[list[str]], head: int, findings: Findings) -> None:
    """Warn of filled rows above the headings, which are passed over."""
    above = [at + 1 for at in range(head) if any(cell.strip() for cell in lines[at])]
    if above:
        problem = f"The headings stand in row {head + 1}. What is above them was not read."
        findings.warnings.append(wrong_row(name, above[0], problem, ""))


def _unreadable(text: str) -> bool:
    return len(text) > LONGEST_CELL or is_error(text)


def of_error(text: str) -> tuple[str, str]:
    """What is said of a cell without a value, and how to mend it."""
    if text.startswith("="):
        problem = "The cell holds a formula without its result."
        return problem, "Open the workbook in Excel and save it, or type the value."
    return "The cell shows an error of Excel.", "Mend the formula, or type the value."


def _take_out(sheet: Sheet, findings: Findings) -> None:
    """A fault for each cell that shows an error or is too long, and a blank in its place."""
    for column, texts in sheet.cells.items():
        for at, text in enumerate(texts):
            if not _unreadable(text):
                continue
            number = sheet.numbers[at]
            problem, fix = of_error(text)
            if len(text) > LONGEST_CELL:
                problem = f"The cell holds {len(text):,} characters."
                fix = f"Use at most {LONGEST_CELL:,}, as Excel does."
            fault = wrong_cell(sheet.name, number, column, shown(text), problem, fix)
            findings.faults.append(fault)
            texts[at] = ""
            sheet.unread.add((number, column))


def _decode(raw: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 or Windows-1252, or None where it is no text at all."""
    for encoding in _encodings(raw[:_SAMPLE]):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        few = min(MOST_CONTROL, len(text) // 10)
        return text if len(_CONTROL.findall(text[:2000])) <= few else None
    return None


def _encodings(head: bytes) -> tuple[str, ...]:
    """What a file can be in: UTF-16 where it says so, or where every other byte is 0."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    if head.count(0) > len(head) / 4:
        return ("utf-16-be" if head[::2].count(0) > head[1::2].count(0) else "utf-16-le",)
    return "utf-8-sig", "cp1252"


@lru_cache(maxsize=4096)
def folded(heading: str) -> str:
    """A heading without what people vary: case, spaces, underscores and marks."""
    return re.sub(r"[\s_*°\-]", "", heading).casefold()  # * and ° mark what is required


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


def _columns(
    name: str, found: list[str], findings: Findings, complete: bool, row: int
) -> list[str | None]:
    """The column of each heading, None where the contract has none of that name."""
    known = {folded(column): column for column in headings(TABLES[name])}
    known |= OLD_HEADINGS.get(name, {})
    columns: list[str | None] = []
    strange = [heading for heading in found if heading.strip() and folded(heading) not in known]
    for heading in found:
        column = known.get(folded(heading))
        if column is not None and column in columns:
            findings.faults.append(
                wrong_heading(
                    name, column, "Two columns have this heading.", "Keep one of them.", row
                )
            )
        if column is None and heading.strip():
            meant = _meant(heading, headings(TABLES[name]))
            hint = f"Did you mean {meant}?" if meant else ""
            findings.warnings.append(
                wrong_heading(name, shown(heading), "This column is not read.", hint, row)
            )
        columns.append(column)
    for column, needed in headings(TABLES[name]).items():
        if complete and needed and column not in columns:
            near = next((h for h in strange if _meant(h, headings(TABLES[name])) == column), None)
            fix = f"Rename '{shown(near)}' to {column}." if near else f"Add a column {column}."
            findings.faults.append(wrong_heading(name, column, "The column is missing.", fix, row))
    return columns
