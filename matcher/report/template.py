"""An empty workbook that a social worker can fill in without a manual: the tables as sheets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from matcher import codes
from matcher.intake.cells import FIRST_YEAR, LAST_YEAR, Kind
from matcher.intake.files import OWN_SHEETS, SETTINGS_SHEET
from matcher.intake.rows import (
    OFFERED,
    REQUIRED_TABLES,
    TABLES,
    Column,
    Row,
    columns_of,
    headings,
    kind_of,
)
from matcher.shipped import ethnicity_labels, language_names
from matcher.show.figures import INK
from matcher.show.table import Table
from matcher.show.text import printable
from matcher.show.workbook import GREY, Book
from matcher.words import printable as safe

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

ROWS = 500
COLUMNS_A_PAGE = 12  # of print
HEADS = {"*": "dark head", "°": "light head", "": "pale head"}  # by the mark after a heading
_FIRST, _LAST = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
SHORTEST_LIST = 255  # what Excel takes as a list without a range of cells
HOW_TO = (
    "How to fill in this workbook",
    "",
    "1. Sheet 'requests': one row per family. Sheet 'households': one row per fostering household.",
    "2. Sheet 'carers': one row per adult carer, with the id of the household they belong to.",
    "3. Sheet 'placements': one row whenever a family moves in; when it leaves, fill in ended_on and",
    "   ended_because. A home is held until then. Sheet 'events': what was done, held or accepted.",
    "4. The other sheets are optional: leave them empty where there is nothing to say.",
    "5. Sheet 'round': the day of the round and its title.",
    "",
    "A dark heading with * must be filled in for every row. A heading with ° is asked of every row;",
    "leave its cell blank where nobody knows. Blank always means not known, never no.",
    "Point at a heading to read what it takes. Many cells have a list to choose from.",
    "A cell that takes several values separates them by semicolons: mental_health; trauma",
    "Dates are day first: 04/12/2026. Use ids, never names or addresses.",
    "",
    "Then save the workbook, and ask whoever runs the round to type:",
    "    matcher check matching.xlsx      (names every mistake, with how to mend it)",
    "    matcher round matching.xlsx      (makes the report)",
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one cell of a table: `look` is how the cell looks, one of the book's looks."""

    table: str
    line: int  # of the table's rows, from 1; 0 is its headings
    column: str
    look: str
    note: str


def template(
    tables: Mapping[str, list[dict[str, Any]]] | None = None,
    marks: Iterable[Mark] = (),
    to_mend: Table | None = None,
    absent: Mapping[str, Iterable[str]] | None = None,
) -> bytes:
    """The empty workbook, or one with rows: {table: [{column: value}]}, a date as a date.

    Cells are coloured and have a note where they are marked; `to_mend` is the list of all faults.
    `absent` are by table the columns that are left out.
    """
    book = Book("Match round")
    if to_mend is None:
        _how_to(book)
    else:
        book.add_table(to_mend)
    ranges: dict[tuple[str, ...], str] = {}
    given = tables or {}
    by_table = defaultdict[str, list[Mark]](list)
    for mark in marks:
        by_table[mark.table].append(mark)
    for name, row in TABLES.items():
        if name in OFFERED or name in given:
            left_out = set((absent or {}).get(name, ()))
            page = _table(book, name, row, ranges, given.get(name, []), left_out)
            _mark(book, page, row, given.get(name, []), by_table[name])
    _settings(book, given.get(SETTINGS_SHEET, []))
    _code_lists(book, ranges)
    return book.as_bytes()


def _mark(
    book: Book,
    page: Worksheet,
    row: type[Row],
    rows: list[dict[str, Any]],
    marks: list[Mark],
) -> None:
    """Colour cells and put a note on each, the cell's own value staying as it is."""
    places = {heading: at for at, heading in enumerate(headings(row))}
    for mark in marks:
        value = rows[mark.line - 1].get(mark.column) if mark.line else mark.column
        if isinstance(value, date):
            page.write_datetime(mark.line, places[mark.column], value, book.look("asked day"))
        elif isinstance(value, int | float):
            page.write_number(mark.line, places[mark.column], value, book.look(mark.look))
        else:
            look = book.look(mark.look)
            page.write_string(mark.line, places[mark.column], safe(value or ""), look)
        size = {"x_scale": 2.4, "y_scale": 1.6, "font_size": 9}
        page.write_comment(mark.line, places[mark.column], printable(mark.note), size)


def _how_to(book: Book) -> None:
    page = book.sheet(OWN_SHEETS[1])
    page.hide_gridlines(2)
    page.set_column(0, 0, 110)
    for at, line in enumerate(HOW_TO):
        page.write_string(at, 0, line, book.look("line" if at else "title"))


def _table(
    book: Book,
    name: str,
    row: type[Row],
    ranges: dict[tuple[str, ...], str],
    rows: list[dict[str, Any]],
    left_out: Collection[str],
) -> Worksheet:
    asked = {name: needed for name, needed in headings(row).items() if name not in left_out}
    page = book.wide_sheet(name, pages=-(-len(asked) // COLUMNS_A_PAGE))
    page.set_tab_color(INK if name in REQUIRED_TABLES else GREY)
    dated = book.look("short day")
    for column, (heading, needed) in enumerate(asked.items()):
        kind = kind_of(row, heading)
        mark = ("*" if columns_of(row)[heading].required else "°") if needed else ""
        page.write_string(0, column, heading + mark, book.look(HEADS[mark]))
        page.write_comment(
            0,
            column,
            _note(columns_of(row)[heading], kind, mark),
            {"x_scale": 2.4, "y_scale": 2.0, "font_size": 9},
        )
        form = (
            dated
            if kind.name == "date"
            else book.look("as typed")
            if kind.name != "number"
            else None
        )
        page.set_column(column, column, max(12, len(heading) + 3), form)
        _choice(page, column, kind, ranges)
        for at, values in enumerate(rows, start=1):
            value = values.get(heading)
            if isinstance(value, date):
                page.write_datetime(at, column, value, dated)
            elif value is not None:
                page.write(at, column, value, form)
    return page


def _note(column: Column, kind: Kind, mark: str) -> str:
    status = {
        "*": "Required.",
        "°": "Asked of every row; blank is not known.",
        "": "Optional; blank is not known, or none.",
    }
    return printable("\n".join((column.question, column.says, kind.hint, status[mark])))


def _choice(page: Worksheet, column: int, kind: Kind, ranges: dict[tuple[str, ...], str]) -> None:
    """A list to choose from; where several may stand in a cell, it only suggests."""
    if kind.name == "date":
        rule: dict[str, Any] = {
            "validate": "date",
            "criteria": "between",
            "minimum": _FIRST,
            "maximum": _LAST,
            "error_title": "This is not a date",
            "error_message": "Write a date, day first: 04/12/2026.",
        }
    elif kind.codes:
        source: Any = list(kind.codes)
        if len(",".join(kind.codes)) > SHORTEST_LIST:
            source = ranges.setdefault(kind.codes, _range(len(ranges), len(kind.codes)))
        rule = {
            "validate": "list",
            "source": source,
            "error_type": "information" if kind.name == "list" else "stop",
            "error_title": "Several values" if kind.name == "list" else "Not in the list",
            "error_message": "Separate several values by semicolons."
            if kind.name == "list"
            else "Choose a value from the list.",
        }
    else:
        return
    page.data_validation(1, column, ROWS, column, {"ignore_blank": True, **rule})


def _range(at: int, length: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    letters = xl_col_to_name(at)
    return f"={OWN_SHEETS[2]}!${letters}$2:${letters}${length + 1}"


def _settings(book: Book, rows: list[dict[str, Any]]) -> None:
    page = book.sheet(SETTINGS_SHEET)
    dated = book.look("short day")
    page.set_column(0, 1, 34)
    page.set_column(2, 2, 70)
    for column, heading in enumerate(("setting", "value", "it means")):
        page.write_string(0, column, heading, book.look("setting"))
    given = {row["setting"]: row["value"] for row in rows}
    about = {
        "as_of": "The day of the round; blank is today.",
        "title": "What stands at the head of the report.",
        "authority": "The council, as its ONS code or its name.",
    }
    for at, name in enumerate([*about, *(key for key in given if key not in about)], start=1):
        page.write_string(at, 0, name)
        value = given.get(name)
        if isinstance(value, date):
            page.write_datetime(at, 1, value, dated)
        elif value is None:
            page.write_blank(at, 1, None, dated if name == "as_of" else None)
        else:
            page.write(at, 1, value)
        page.write_string(at, 2, about.get(name, "A setting of the policy."))


def _code_lists(book: Book, ranges: dict[tuple[str, ...], str]) -> None:
    """The long lists that cells choose from, and what the codes mean."""
    page = book.sheet(OWN_SHEETS[2])
    bold = book.look("bold")
    for column, values in enumerate(ranges):
        page.write_string(0, column, "to choose from", bold)
        page.set_column(column, column, 26)
        for at, code in enumerate(values, start=1):
            page.write_string(at, column, code)
    start = len(ranges) + 1
    names = {code: ethnicity_labels()[code] for code in codes.ETHNICITIES}
    for column, (heading, meanings) in enumerate(
        {"ethnicity": names, "language": language_names()}.items()
    ):
        page.write_string(0, start + 3 * column, heading, bold)
        page.write_string(0, start + 3 * column + 1, "it means", bold)
        page.set_column(start + 3 * column + 1, start + 3 * column + 1, 34)
        for at, (code, meaning) in enumerate(meanings.items(), start=1):
            page.write_string(at, start + 3 * column, code)
            page.write_string(at, start + 3 * column + 1, meaning)
