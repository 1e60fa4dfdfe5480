"""How every workbook is written: what may stand in a cell, and how cells look."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from matcher.show.figures import INK, PAPER
from matcher.show.table import Cell, Kind, Table
from matcher.show.text import printable

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

LONGEST_CELL = 32_000
NARROWEST = 9  # characters of a column
A_DAY, A_NUMBER = 18, 8  # characters that a cell with one takes
POINTS_A_LINE, TALLEST = 14.5, 400
A3, A4 = 8, 9
MADE = date(2026, 1, 1)  # of a workbook of no day, so that the same content gives the same file
GREY, LIGHT, PALE, STOP = "#9aa7b4", "#c9d6df", "#f3f6f8", "#a01d16"
TO_FILL_IN = "#fdf6e3"
NARROW_KEY, FILLED = 6, 16  # characters of a column of keys, of one to fill in
LOOK_OF = {Kind.KEY: "key", Kind.FILL: "fill"}
_DARK = {"bg_color": INK, "font_color": PAPER}
_TOP = {"text_wrap": True, "valign": "top"}
_BOXED = {"bold": True, "border": 1, **_TOP}
LOOKS: dict[str, dict[str, Any]] = {
    # a table to read
    "heading": {"bold": True, **_DARK, **_TOP},
    "text": _TOP,
    "day": {"num_format": "d mmmm yyyy", "valign": "top", "align": "left"},
    "number": {"num_format": "0.00", "valign": "top"},
    "key": {"font_size": 7, "font_color": GREY, "valign": "top"},
    "fill": {"bg_color": TO_FILL_IN, "border": 1, "border_color": LIGHT, **_TOP},
    # a table to fill in or exchange
    "dark head": {**_BOXED, **_DARK},
    "light head": {**_BOXED, "bg_color": LIGHT},
    "pale head": {**_BOXED, "bold": False, "bg_color": PALE},
    "group": {**_BOXED, **_DARK, "text_wrap": False},
    "note": {**_BOXED, "bold": False, "italic": True, "font_size": 9},
    "short day": {"num_format": "dd/mm/yyyy", "align": "left"},
    "as typed": {"num_format": "@"},
    "pounds": {"num_format": "#,##0.00"},
    "wrong": {"bg_color": "#f3cfc9", "border": 1, "border_color": STOP, "num_format": "@"},
    "asked": {"bg_color": "#fbe8b2", "border": 1, "border_color": GREY},
    "asked day": {"bg_color": "#fbe8b2", "num_format": "dd/mm/yyyy", "align": "left"},
    # loose lines
    "title": {"bold": True, "font_size": 16},
    "bold": {"bold": True},
    "setting": {"bold": True, "bg_color": LIGHT, "border": 1},
    "line": {"font_size": 11, "text_wrap": True},
}


class Book:
    """A workbook in memory. No text in it is a formula or a link, whoever wrote it.

    Every sheet has the `note` in its printed head, and a red tab where there is one.
    """

    def __init__(self, title: str, day: date = MADE, note: str = "") -> None:
        from xlsxwriter import Workbook

        self._file = io.BytesIO()
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = Workbook(self._file, options)
        # A day of the content, not of the writing, so that the same content gives the same file.
        created = datetime.combine(day, datetime.min.time())
        self._book.set_properties({"title": printable(title), "created": created})
        self._note = note
        self._looks: dict[str, Format] = {}

    def look(self, name: str) -> Format:
        """One of the looks of a cell."""
        if name not in self._looks:
            self._looks[name] = self._book.add_format(LOOKS[name])
        return self._looks[name]

    def sheet(self, name: str) -> Worksheet:
        """A new sheet."""
        page = self._book.add_worksheet(name)
        if self._note:
            page.set_tab_color(STOP)
            page.set_header(f"&L&C{self._note.replace('&', '&&')}")
        return page

    def wide_sheet(
        self, name: str, *, headings: int = 1, paper: int = A4, pages: int = 1
    ) -> Worksheet:
        """A new sheet for a table, whose headings and first column stay in sight.

        Printed, it is as wide as these pages, and has its headings and first column on each.
        """
        page = self.sheet(name)
        page.freeze_panes(headings, 1)
        page.set_landscape()
        page.set_paper(paper)
        page.fit_to_pages(pages, 0)
        page.repeat_rows(0, headings - 1)
        if pages > 1:
            page.repeat_columns(0)
        return page

    def add_table(self, table: Table) -> None:
        """A table as a sheet with filters, real dates and numbers."""
        page = self.wide_sheet(table.name or table.caption)
        widths = [len(heading) + 3 for heading in table.headings]
        looks = [LOOK_OF.get(column.kind, "text") for column in table.columns]
        for place, column in enumerate(table.columns):
            page.write_string(0, place, printable(column.heading), self.look("heading"))
            if table.rows and (column.about or column.choices):
                rule: dict[str, Any] = {"validate": "any"}
                if column.choices:
                    rule = {"validate": "list", "source": list(column.choices), "show_error": False}
                rule |= {"input_title": column.heading, "input_message": printable(column.about)}
                page.data_validation(1, place, len(table), place, rule)
        for at, row in enumerate(table.rows, start=1):
            for place, value in enumerate(row):
                taken = self._write(page, at, place, value, looks[place])
                widths[place] = max(widths[place], taken)
        for place, column in enumerate(table.columns):
            widths[place] = min(max(widths[place], NARROWEST), column.widest)
            if column.kind is Kind.KEY:
                widths[place] = NARROW_KEY
            if column.kind is Kind.FILL:
                widths[place] = FILLED
            page.set_column(place, place, widths[place])
        for at, row in enumerate(table.rows, start=1):
            shown = (v for v, c in zip(row, table.columns, strict=True) if c.kind is not Kind.KEY)
            wide = (w for w, c in zip(widths, table.columns, strict=True) if c.kind is not Kind.KEY)
            lines = max(map(_lines, shown, wide))
            page.set_row(at, min(POINTS_A_LINE * lines + 2, TALLEST))
        page.autofilter(0, 0, len(table), len(table.columns) - 1)

    def _write(
        self, page: Worksheet, at: int, place: int, value: Cell, look_of_text: str = "text"
    ) -> int:
        """Write a cell; how many characters it takes."""
        if isinstance(value, date):
            day = datetime.combine(value, datetime.min.time())
            page.write_datetime(at, place, day, self.look("day"))
            return A_DAY
        if isinstance(value, int | float):
            look = "number" if isinstance(value, float) else "text"
            page.write_number(at, place, value, self.look(look))
            return A_NUMBER
        text = printable(_text(value))
        text = text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…"
        if not text and look_of_text == "fill":
            page.write_blank(at, place, None, self.look(look_of_text))
        else:
            page.write_string(at, place, text, self.look(look_of_text))
        return max(map(len, text.split("\n"))) + 2

    def as_bytes(self) -> bytes:
        """The finished file."""
        self._book.close()
        return self._file.getvalue()


def workbook(title: str, day: date, tables: Sequence[Table], *, note: str = "") -> bytes:
    """A workbook with each table as a sheet, made for a day; every sheet has the `note`."""
    book = Book(title, day, note)
    for table in tables:
        table.to_sheet(book)
    return book.as_bytes()


def _text(value: str | list[str] | None) -> str:
    return "\n".join(value) if isinstance(value, list) else value or ""


def _lines(value: Cell, width: int) -> int:
    """How many lines a cell takes; Excel counts for itself, other programs don't."""
    if isinstance(value, date | int | float):
        return 1
    return sum(max(1, -(-len(line) * 11 // (10 * width))) for line in _text(value).split("\n"))
