"""A workbook of a round as people fill it in, by a library that knows nothing of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

Edit = tuple[str, Mapping[str, str], Mapping[str, Any]]  # sheet, the row's cells, cells to fill in


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(path)
    return {
        name: book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for name in book.sheet_names
    }


def write(path: Path, sheets: Mapping[str, list[list[Any]]]) -> Path:
    book = Workbook(path, {"strings_to_formulas": False})
    days = book.add_format({"num_format": "d mmmm yyyy"})
    for name, rows in sheets.items():
        page = book.add_worksheet(name)
        for at, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, date):
                    day = datetime(value.year, value.month, value.day)
                    page.write_datetime(at, place, day, days)
                elif value != "":
                    page.write(at, place, value)
    book.close()
    return path


def fill_in(source: Path, target: Path, edits: Iterable[Edit]) -> Path:
    """A copy of a workbook with cells filled in, each in the row that has the cells it is known by."""
    sheets = sheets_of(source)
    for sheet, known, cells in edits:
        headings = sheets[sheet][0]
        rows = [
            row
            for row in sheets[sheet][1:]
            if all(row[headings.index(heading)] == text for heading, text in known.items())
        ]
        assert len(rows) == 1, f"{sheet}: {known} has {len(rows)} rows"
        for heading, value in cells.items():
            rows[0][headings.index(heading)] = value
    return write(target, sheets)
