"""One table, said once: as text for a terminal, as HTML, as a sheet, as Markdown and as a frame."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from itertools import zip_longest
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from matcher.show.text import paragraph, printable
from matcher.terms import AsIs
from matcher.words import long_date

if TYPE_CHECKING:
    from pandas import DataFrame, Series

    from matcher.show.workbook import Book

Cell: TypeAlias = str | int | float | date | list[str] | None
Row: TypeAlias = tuple[Cell, ...]
Item = TypeVar("Item")
WIDEST = 50  # characters of a column
GAP = "  "


class Kind(Enum):
    """What a column holds, which decides how it is aligned and what a frame makes of it."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    TAG = "tag"  # a word or two that HTML frames
    BESIDE = "beside"  # a tag that HTML shows in the cell before it
    FILL = "fill"  # blank, for people to fill in
    KEY = "key"  # by which a row is known again; small and grey in a workbook


@dataclass(frozen=True)
class Column:
    """One column: its heading, its kind, its greatest width, and what people read for None.

    `choices` are what a workbook offers in a list, and `about` is what it says of a cell that is
    chosen, in at most 255 characters.
    """

    heading: str
    kind: Kind = Kind.TEXT
    widest: int = WIDEST
    missing: str = "–"
    choices: tuple[str, ...] = ()
    about: str = ""


def day(heading: str) -> Column:
    """A column of days."""
    return Column(heading, Kind.DAY)


def number(heading: str) -> Column:
    """A column of numbers."""
    return Column(heading, Kind.NUMBER)


def to_fill_in(heading: str, about: str = "", choices: tuple[str, ...] = ()) -> Column:
    """A column that people fill in."""
    return Column(heading, Kind.FILL, missing="", choices=choices, about=about)


def columns(*parts: str | Column | tuple[Column, ...]) -> tuple[Column, ...]:
    """Columns in their order; a heading alone is a column of text."""
    return tuple(
        column
        for part in parts
        for column in (
            part if isinstance(part, tuple) else (Column(part) if isinstance(part, str) else part,)
        )
    )


def numbers(*headings: str) -> tuple[Column, ...]:
    """Columns of numbers."""
    return tuple(map(number, headings))


@dataclass(frozen=True)
class Table:
    """A table: its caption, its columns, its rows, and what people read below it.

    `name` is that of its sheet, where the caption is too long for one; `names_row` is the place of
    the column that says what a row is of.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    note: str = ""
    name: str = ""
    names_row: int = 0

    @classmethod
    def of(
        cls,
        caption: str,
        items: Iterable[Item],
        cells: Mapping[str | Column, Callable[[Item], Cell]],
        name: str = "",
    ) -> Table:
        """A table with a row for each item: under each heading or column, its value of the item."""
        rows = [tuple(value(item) for value in cells.values()) for item in items]
        return cls(caption, columns(*cells), rows, name=name)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def headings(self) -> tuple[str, ...]:
        """The headings in their order."""
        return tuple(column.heading for column in self.columns)

    def pick(self, *headings: str) -> Table:
        """The same table with these columns alone."""
        places = [self.headings.index(heading) for heading in headings]
        return replace(
            self,
            columns=tuple(self.columns[place] for place in places),
            rows=[tuple(row[place] for place in places) for row in self.rows],
            names_row=places.index(self.names_row) if self.names_row in places else 0,
        )

    def to_text(self) -> Iterator[str]:
        """The table for a terminal, a line at a time."""
        cells = [
            [list(_wrapped(value, column)) for value, column in zip(row, self.columns, strict=True)]
            for row in self.rows
        ]
        lines = [
            [printable(heading) for heading in self.headings],
            *(line for row in cells for line in zip_longest(*row, fillvalue="")),
        ]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            padded = (
                text.rjust(width) if column.kind is Kind.NUMBER else text.ljust(width)
                for text, width, column in zip(line, widths, self.columns, strict=True)
            )
            yield AsIs(f"{GAP}{GAP.join(padded)}".rstrip())  # each cell has its names in use
        if self.note:
            yield paragraph(self.note)

    def to_html(self) -> str:
        """The table as a piece of a page."""
        from matcher.show.html import environment

        return str(environment().get_template("show/table.html.j2").module.table(self))  # type: ignore[attr-defined]

    def to_sheet(self, book: Book) -> None:
        """The table as a sheet of a workbook."""
        book.add_table(self)

    def to_markdown(self) -> Iterator[str]:
        """The table as Markdown, a line at a time; its cells may hold Markdown."""
        yield _markdown_row(self.headings)
        yield f"|{'---|' * len(self.columns)}"
        for row in self.rows:
            yield _markdown_row(
                "<br>".join(cell_lines(value, column))
                for value, column in zip(row, self.columns, strict=True)
            )
        yield ""
        if self.note:
            yield printable(self.note)
            yield ""

    def to_frame(self) -> DataFrame:
        """The table as a frame: days as days, numbers as numbers, None as not known."""
        import pandas

        listed = zip(*self.rows, strict=True) if self.rows else [()] * len(self.columns)
        data = {
            column.heading: _series(values, column)
            for column, values in zip(self.columns, listed, strict=True)
        }
        return pandas.DataFrame(data)


def shown(value: str | float | date) -> str:
    """A value as people read it: a number with its thousands apart, a day in words."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, date):
        return long_date(value)
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


def cell_lines(value: Cell, column: Column) -> list[str]:
    """The lines of a cell as people read them."""
    if isinstance(value, list):
        return [printable(line) for line in value]
    return (column.missing if value is None else shown(value)).split("\n")


def _wrapped(value: Cell, column: Column) -> Iterator[str]:
    for line in cell_lines(value, column):
        yield from textwrap.wrap(line, column.widest, break_on_hyphens=False)


def _markdown_row(cells: Iterable[str]) -> str:
    safe = (cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells)
    return f"| {' | '.join(safe)} |"


def _series(values: Iterable[Cell], column: Column) -> Series:
    import pandas

    plain = ["\n".join(value) if isinstance(value, list) else value for value in values]
    if column.kind is Kind.DAY:
        if any(isinstance(value, str) for value in plain):  # such as 'never'
            return pandas.Series(plain, dtype="object")
        days = [pandas.NaT if value is None else pandas.Timestamp(value) for value in plain]
        return pandas.Series(days, dtype="datetime64[s]")
    if column.kind is not Kind.NUMBER:
        return pandas.Series(
            [None if value is None else f"{value}" for value in plain], dtype="str"
        )
    known = [value for value in plain if value is not None]
    if all(isinstance(value, int) for value in known):
        return pandas.Series(plain, dtype="Int64")
    are_numbers = all(isinstance(value, int | float) for value in known)
    return pandas.Series(plain, dtype="float64" if are_numbers else "object")
