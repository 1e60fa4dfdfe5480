"""What a sheet holds beside its values, read from its XML before any library makes a grid of it.

The library that reads values leaves a cell blank where a formula failed or has no result, and makes
room for every cell up to the farthest, so that one space far away can take all memory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers.expat import ParserCreate, XMLParserType

from matcher.sizes import (
    LARGEST_AREA,
    LARGEST_GAP,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_TOLD,
    MOST_UNREAD,
)

Place = tuple[int, int]  # row and column, from 1
_CELL = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")


class WrongSheet(Exception):
    """A sheet that can't be read, or the whole workbook where `sheet` is blank, and how to mend it."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem, self.fix, self.sheet = problem, fix, ""


BROKEN = "Open it in Excel and save it again as .xlsx."
_NO_ORDER = "The rows of the sheet are not in their order.", BROKEN


@dataclass
class Grid:
    """A sheet as it lies in a workbook.

    `unread` are the cells that show an error, or hold a formula without its result ('=A1'): they
    are blank in `rows`. `merged` are ranges by their first and last cell.
    """

    rows: list[list[Any]] = field(default_factory=list)
    unread: dict[Place, str] = field(default_factory=dict)
    is_read: bool = False  # whether it is wanted, and so has rows
    hidden: bool = False
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    merged: list[tuple[Place, Place]] = field(default_factory=list)

    def put_unread(self, row: int, column: int, shown: str) -> None:
        """Note a cell without a value by what it shows."""
        self.unread[row, column] = shown
        if len(self.unread) > MOST_UNREAD:
            problem = (
                f"More than {MOST_UNREAD:,} cells show an error, or a formula without its result."
            )
            raise WrongSheet(problem, "Open the workbook in Excel, mend them, and save it.")

    def with_unread(self) -> list[list[Any]]:
        """The rows, with what the cells show that have no value."""
        rows = [list(row) for row in self.rows]
        for (row, column), shown in self.unread.items():
            rows.extend([] for _ in range(row - len(rows)))
            line = rows[row - 1]
            line.extend([""] * (column - len(line)))
            line[column - 1] = shown
        return rows


def letters(column: int) -> str:
    """The letters of a column, counted from 1."""
    found = ""
    while column:
        column, rest = divmod(column - 1, 26)
        found = chr(ord("A") + rest) + found
    return found


def place_name(row: int, column: int) -> str:
    """A cell as a spreadsheet names it, such as T2."""
    return f"{letters(column)}{row}"


def _place_of(name: str) -> Place:
    match = _CELL.fullmatch(name.replace("$", "").upper())
    if match is None:
        raise WrongSheet("A cell has a place that no sheet has.", BROKEN)
    column = 0
    for letter in match[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return int(match[2]), column


def elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    """The elements of a small XML file, each by its name without prefix."""
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser(lambda name, attributes: found.append((_bare(name), attributes)))
    parser.Parse(xml, True)
    return found


def attribute(attributes: Mapping[str, str], name: str) -> str:
    """An attribute that has a prefix, whatever the prefix is; '' where there is none."""
    return next((value for key, value in attributes.items() if key.endswith(f":{name}")), "")


def _parser(start: Callable[[str, dict[str, str]], None]) -> XMLParserType:
    parser = ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    raise WrongSheet("The workbook defines its own XML entities.", BROKEN)


def _bare(name: str) -> str:
    return name.rpartition(":")[2]


def too_large(rows: int, columns: int) -> tuple[str, str]:
    """What is said of a sheet that has too many cells."""
    problem = f"It uses {rows:,} rows by {columns:,} columns, more than {LARGEST_AREA:,} cells."
    return problem, "Delete the rows and columns that hold nothing."


def _is_hidden(attributes: Mapping[str, str], size: str) -> bool:
    """Whether a row or column is hidden, or has no size, so that nobody sees it either."""
    return attributes.get("hidden") in ("1", "true") or not attributes.get(size, "1").strip("0.")


@dataclass
class _Seen:
    """How far the filled cells of a sheet go, and which of them are far from all others."""

    last: int = 0
    widest: int = 0
    filled: int = 0
    far: list[Place] = field(default_factory=list)

    def is_far(self, row: int, column: int) -> bool:
        """Whether a cell is far to the right of any table, or far below the rows before it."""
        return column > MOST_COLUMNS or row > MOST_ROWS or row > self.last + LARGEST_GAP

    def fill(self, row: int, column: int, many: int = 1) -> None:
        """Count a filled cell; the last of many."""
        self.last, self.widest = max(row, self.last), max(column, self.widest)
        self.filled += many
        if max(self.filled, self.last * self.widest) > LARGEST_AREA:
            raise WrongSheet(*too_large(self.last, self.widest))

    def stray(self, row: int, column: int) -> None:
        """Note a filled cell that is far away."""
        self.far.append((row, column))
        if len(self.far) >= MOST_TOLD:
            self.refuse_strays()

    def refuse_strays(self) -> None:
        """Refuse the sheet where a cell that says something is far away."""
        if self.far:
            cells = ", ".join(place_name(*place) for place in self.far)
            are = "are" if len(self.far) > 1 else "is"
            problem = f"{cells} {are} filled, far from the table."
            raise WrongSheet(problem, "Clear what is there, or move it next to the table.")


class _OfExcel:
    """The walk over the XML of a sheet of Excel; `blanks` says which shared texts are blank."""

    def __init__(self, xml: bytes, blanks: Callable[[], set[int]]) -> None:
        self.xml, self.blanks = xml, blanks
        self.grid, self.seen = Grid(), _Seen()
        self.row = self.column = 0
        self.kind = ""  # of the cell that is read
        self.is_far = False
        self.starts = 0  # the byte at which a cell starts that the library must not see
        self.texts: dict[str, str] | None = None  # within a cell that is read closely, by element
        self.inside = ""
        self.cuts: list[tuple[int, int, bytes]] = []
        self.parser = _parser(self._start)

    def walk(self) -> tuple[Grid, bytes]:
        """What was found, and the XML with blank cells for errors and for what is far away."""
        self.parser.Parse(self.xml, True)
        self.seen.refuse_strays()
        kept, before = [], 0
        for start, end, blank in self.cuts:
            kept += [self.xml[before:start], blank]
            before = end
        return self.grid, b"".join([*kept, self.xml[before:]]) if kept else self.xml

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "c":
                self._cell(attributes)
            case "v" | "is" as inside:
                self._filled(inside)
            case "f":
                self._closely("f")
            case "t" if self.texts is not None:
                self.inside = "v"
            case "row":
                self._row(attributes)
            case "col" if _is_hidden(attributes, "width"):
                columns = range(int(attributes["min"]), int(attributes["max"]) + 1)
                self.grid.hidden_columns.update(columns[:MOST_COLUMNS])
            case "mergeCell" if len(self.grid.merged) < MOST_ROWS:
                first, _, last = attributes["ref"].partition(":")
                self.grid.merged.append((_place_of(first), _place_of(last or first)))

    def _row(self, attributes: dict[str, str]) -> None:
        before, self.row = self.row, int(attributes.get("r", self.row + 1))
        self.column = 0
        if self.row < before:
            raise WrongSheet(*_NO_ORDER)
        if _is_hidden(attributes, "ht") and self.row <= MOST_ROWS:
            self.grid.hidden_rows.add(self.row)

    def _cell(self, attributes: dict[str, str]) -> None:
        name = attributes.get("r")
        row, self.column = (self.row, self.column + 1) if name is None else _place_of(name)
        if row < self.row or row < 1:
            raise WrongSheet(*_NO_ORDER)
        self.row, self.kind = row, attributes.get("t", "")
        self.is_far = self.seen.is_far(row, self.column)
        if self.is_far or self.kind == "e":
            self.starts = self.parser.CurrentByteIndex
        if self.kind == "e":
            self._closely("")

    def _filled(self, inside: str) -> None:
        if self.is_far:
            self._closely(inside)
        else:
            self.seen.fill(self.row, self.column)
        self.inside = "v"
        if self.texts is not None:
            self.texts.setdefault("v", "")

    def _closely(self, inside: str) -> None:
        """Read the rest of this cell with its text."""
        self.inside = inside
        if self.texts is None:
            self.texts = {}
            self.parser.CharacterDataHandler = self._text
            self.parser.EndElementHandler = self._end
        if inside == "f":
            self.texts["f"] = ""

    def _text(self, text: str) -> None:
        if self.texts is not None and self.inside:
            self.texts[self.inside] = self.texts.get(self.inside, "") + text

    def _end(self, name: str) -> None:
        bare = name.rpartition(":")[2]
        if bare != "c":
            self.inside = ""
            return
        texts, self.texts = self.texts or {}, None
        self.parser.CharacterDataHandler = self.parser.EndElementHandler = None
        value, formula = texts.get("v"), texts.get("f")
        no_result = formula is not None and not value and (value is None or self.kind != "str")
        if self.is_far and not self._is_blank(value or "", no_result):
            self.seen.stray(self.row, self.column)
        elif self.kind == "e" or no_result:
            shown = value or "#N/A" if self.kind == "e" else f"={formula}"
            self.grid.put_unread(self.row, self.column, shown)
            self.seen.fill(self.row, self.column)
        if self.is_far or self.kind == "e":  # the library reads no error that it doesn't know
            end = self.xml.index(b">", self.parser.CurrentByteIndex) + 1
            self.cuts.append((self.starts, end, f"<{name}/>".encode()))

    def _is_blank(self, value: str, no_result: bool) -> bool:
        if self.kind == "s" and value.isdecimal():
            return int(value) in self.blanks()
        return not (value.strip() or no_result or self.kind == "e")


def of_excel(xml: bytes, blanks: Callable[[], set[int]]) -> tuple[Grid, bytes]:
    """What a sheet of Excel holds beside its values, and its XML as the library may read it."""
    return _OfExcel(xml, blanks).walk()


def blank_texts(xml: bytes) -> set[int]:
    """Which of the texts that a workbook's cells share are blank, by number."""
    blank: set[int] = set()
    number, is_blank = -1, True

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal number, is_blank
        if _bare(name) == "si":
            if is_blank and number >= 0:
                blank.add(number)
            number, is_blank = number + 1, True

    def text(found: str) -> None:
        nonlocal is_blank
        is_blank = is_blank and not found.strip()

    parser = _parser(start)
    parser.CharacterDataHandler = text
    parser.Parse(xml, True)
    return blank | ({number} if is_blank and number >= 0 else set())


class _OfOpenDocument:
    """The walk over the XML of an OpenDocument workbook, sheet by sheet.

    The library makes room for all sheets at once, so that none may be too large.
    """

    def __init__(self) -> None:
        self.grids: dict[str, Grid] = {}
        self.sheet: str | None = None  # the one that is read
        self.seen = _Seen()
        self.row = self.next_row = self.column = self.next_column = 1
        self.unread: str | None = None  # what a cell shows that has no value
        self.parser = _parser(self._start)
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def walk(self, xml: bytes) -> dict[str, Grid]:
        try:
            self.parser.Parse(xml, True)
        except WrongSheet as error:
            error.sheet = self.sheet or ""
            raise
        return self.grids

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        bare = _bare(name)
        if bare == "table":
            if self.sheet is not None:
                raise WrongSheet("A table stands within another.", BROKEN)
            self.sheet = attribute(attributes, "name")
            self.grids[self.sheet] = Grid()
            self.next_row, self.seen = 1, _Seen()
        elif self.sheet is None:
            return
        elif bare == "table-row":
            self.row, self.next_column = self.next_row, 1
            self.next_row += _repeated(attributes, "rows")
            if attribute(attributes, "visibility") in ("collapse", "filter"):
                self.grids[self.sheet].hidden_rows.update(
                    range(self.row, self.next_row)[:MOST_ROWS]
                )
        elif bare in ("table-cell", "covered-table-cell"):
            self.column = self.next_column
            self.next_column += _repeated(attributes, "columns")
            self._cell(self.grids[self.sheet], attributes)

    def _cell(self, grid: Grid, attributes: dict[str, str]) -> None:
        kinds = [value for key, value in attributes.items() if key.endswith(":value-type")]
        formula = attribute(attributes, "formula")
        rows = int(attribute(attributes, "number-rows-spanned") or 1)
        columns = int(attribute(attributes, "number-columns-spanned") or 1)
        if (rows > 1 or columns > 1) and len(grid.merged) < MOST_ROWS:
            first = self.row, self.column
            grid.merged.append((first, (self.row + rows - 1, self.column + columns - 1)))
        if not kinds and not formula:
            return
        last, widest = self.next_row - 1, self.next_column - 1
        if self.seen.is_far(last, widest):
            self.seen.stray(self.row, self.column)
            return
        self.seen.fill(last, widest, (last - self.row + 1) * (widest - self.column + 1))
        if "error" in kinds:
            self.unread = ""
        elif not kinds:
            self._put("=" + formula.partition("=")[2])

    def _put(self, shown: str) -> None:
        for row in range(self.row, self.next_row):
            for column in range(self.column, self.next_column):
                self.grids[self.sheet or ""].put_unread(row, column, shown)

    def _text(self, text: str) -> None:
        if self.unread is not None:
            self.unread += text

    def _end(self, name: str) -> None:
        match _bare(name):
            case "table-cell" if self.unread is not None:
                self._put(self.unread.strip() or "#N/A")
                self.unread = None
            case "table":
                self.seen.refuse_strays()
                self.sheet = None


def _repeated(attributes: Mapping[str, str], what: str) -> int:
    return int(attribute(attributes, f"number-{what}-repeated") or 1)


def of_open_document(xml: bytes) -> dict[str, Grid]:
    """What each sheet of an OpenDocument workbook holds beside its values."""
    return _OfOpenDocument().walk(xml)
