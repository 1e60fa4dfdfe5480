"""A workbook of what was read, in the layout of the template, with every faulty cell marked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from matcher.errors import Fault
from matcher.intake.cells import WrongCell
from matcher.intake.files import OWN_SHEETS, SETTINGS_SHEET, Sheet
from matcher.intake.grids import letters
from matcher.intake.rows import TABLES, columns_of
from matcher.report.template import Mark, template
from matcher.show.table import Cell, Column, Table, columns

MOST_NOTES = 2_000  # a workbook with more of them opens slowly
WRONG, ASKED = "wrong", "asked"  # how a cell looks
TO_MEND = OWN_SHEETS[3]
COLUMNS = columns(
    "Sheet",
    "Cell here",
    "Cell in your file",
    "Column",
    "Found",
    Column("What is wrong", widest=60),
    Column("How to mend it", widest=60),
    "Can only mean",
)


def marked(
    sheets: Mapping[str, Sheet],
    settings: Mapping[str, Any],
    faults: Iterable[Fault],
    warnings: Iterable[Fault],
) -> bytes:
    """The workbook: clean cells as they were read, the others as they stand in the file.

    A cell that is wrong is red, one of which something is asked is yellow; a note on it says what is
    wrong and how to mend it. The first sheet lists all of them, also those that have no cell.
    `settings` are the round's, by table as in TOML.
    """
    found = [(fault, WRONG) for fault in faults] + [(fault, ASKED) for fault in warnings]
    lines = {name: {n: at for at, n in enumerate(s.numbers, 1)} for name, s in sheets.items()}
    notes = defaultdict[tuple[str, int, str], list[tuple[Fault, str]]](list)
    rows: list[tuple[Cell, ...]] = []
    for fault, look in found:
        cell = _cell(fault, lines)
        if cell is not None:
            notes[cell].append((fault, look))
        rows.append((fault.table, _place(cell), *_listed(fault, look)))
    marks = (
        Mark(*cell, min((look for _, look in of_cell), key=(WRONG, ASKED).index), _note(of_cell))
        for cell, of_cell in list(notes.items())[:MOST_NOTES]
    )
    tables = {name: list(rows_as_read(sheet)) for name, sheet in sheets.items()}
    tables[SETTINGS_SHEET] = [{"setting": k, "value": v} for k, v in flat(settings)]
    return template(tables, marks, Table("What is to be mended", COLUMNS, rows, name=TO_MEND))


def rows_as_read(sheet: Sheet) -> Iterator[dict[str, Any]]:
    """The rows of a table by column: each cell as it was read, or as it stands where it can't be."""
    known = {name: c for name, c in columns_of(TABLES[sheet.name]).items() if name in sheet.cells}
    readers = {name: _as_read(column.read) for name, column in known.items()}
    for at in range(len(sheet.numbers)):
        yield {name: readers[name](t) for name in known if (t := sheet.cells[name][at])}


def _as_read(read: Callable[[str], Any]) -> Callable[[str], Any]:
    @cache
    def value_of(text: str) -> Any:
        try:
            value = read(text)
        except WrongCell:
            return text
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple):
            items = (":".join(each) if isinstance(each, tuple) else each for each in value)
            return "; ".join(items) or text
        return value

    return value_of


def _cell(fault: Fault, lines: Mapping[str, Mapping[int, int]]) -> tuple[str, int, str] | None:
    """The cell of the new workbook that a fault is about: its table, line and column."""
    if fault.table not in lines:
        return None
    known = columns_of(TABLES[fault.table])
    if fault.row is None or fault.row not in lines[fault.table]:
        return (fault.table, 0, fault.column) if fault.column in known else None
    column = fault.column if fault.column in known else next(iter(known))
    return fault.table, lines[fault.table][fault.row], column


def _place(cell: tuple[str, int, str] | None) -> str:
    if cell is None:
        return ""
    table, line, column = cell
    return f"{letters(list(columns_of(TABLES[table])).index(column) + 1)}{line + 1}"


def _listed(fault: Fault, look: str) -> tuple[Cell, ...]:
    place = fault.place or (f"row {fault.row}" if fault.row else "")
    asked = "" if look == WRONG else "To ask: "
    return place, fault.column, fault.value, asked + fault.problem, fault.fix, fault.mend


def _note(of_cell: list[tuple[Fault, str]]) -> str:
    return "\n".join(
        f"{'' if look == WRONG else 'To ask: '}{fault.problem} {fault.fix}".rstrip()
        for fault, look in of_cell
    )


def flat(settings: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Settings with a dot for each table of TOML: policy.turnaround_days."""
    for key, value in settings.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value
