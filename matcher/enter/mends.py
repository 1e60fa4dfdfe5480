"""Mend the cells of which only one thing can be meant, in a next version of the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from matcher.enter import sheets, tables
from matcher.errors import Fault
from matcher.intake.cells import items_of, shown
from matcher.intake.files import Findings, Sheet, csv_lines
from matcher.intake.formulas import csv_text
from matcher.intake.rows import TABLES
from matcher.intake.workbooks import is_workbook


@dataclass(frozen=True)
class Mended:
    """One cell that was mended: the fault that it had, where it is, and what it says now."""

    fault: Fault
    table: str
    row: int
    column: str
    text: str

    def sentence(self) -> str:
        """The mend as a person reads it."""
        was, becomes = self.fault.value or "", self.fault.mend or ""
        return f"{self.fault.where}: '{shown(was)}' is now '{shown(becomes)}'."


def mended(
    data: Path, found: Mapping[str, Sheet], faults: Iterable[Fault]
) -> tuple[dict[Path, bytes], list[Mended]]:
    """The files of the next version, and each mend in it; neither where nothing is plain.

    Of a workbook it stands beside it; of a folder it is a folder beside it, with every table and
    round.toml. All else in a workbook, and every other cell, stays as it is.
    """
    made = mends_of(found, faults)
    if not made:
        return {}, []
    texts = defaultdict[str, dict[tuple[int, int], str]](dict)
    for each in made:
        place = found[each.table].places[each.column]
        texts[each.table][each.row, place] = each.text
    return (_workbook(data, texts) if is_workbook(data) else _folder(data, texts)), made


def mends_of(found: Mapping[str, Sheet], faults: Iterable[Fault]) -> list[Mended]:
    """The cells of which only one thing can be meant, each with what it says once all are mended."""
    made: list[Mended] = []
    texts: dict[tuple[str, int, str], str] = {}
    for fault in faults:
        if fault.mend is None or fault.row is None or fault.column is None:
            continue
        cell = fault.table, fault.row, fault.column
        before = texts.get(cell, found[fault.table].cell(fault.row, fault.column))
        after = _replaced(before, fault.value or "", fault.mend)
        if after is not None:
            texts[cell] = after
            made.append(Mended(fault, *cell, after))
    return made


def with_mends(found: Mapping[str, Sheet], made: Iterable[Mended]) -> dict[str, Sheet]:
    """The tables with those cells as they are mended."""
    cells = {name: {c: list(texts) for c, texts in s.cells.items()} for name, s in found.items()}
    for each in made:
        at = found[each.table].numbers.index(each.row)
        cells[each.table][each.column][at] = each.text
    return {name: replace(sheet, cells=cells[name]) for name, sheet in found.items()}


def _replaced(cell: str, value: str, mend: str) -> str | None:
    """A cell in which one value, all of it or an item of its list, says something else."""
    if cell.strip() == value:
        return mend
    items = items_of(cell)
    if value not in items:
        return None
    return "; ".join(mend if item == value else item for item in items)


def _workbook(data: Path, texts: Mapping[str, Mapping[tuple[int, int], str]]) -> dict[Path, bytes]:
    book = tables.book_of(data)
    for table, cells in texts.items():
        book = sheets.with_cells(book, table, cells)
    return {tables.next_version(data): book}


def _folder(data: Path, texts: Mapping[str, Mapping[tuple[int, int], str]]) -> dict[Path, bytes]:
    folder = tables.next_version(data.resolve())
    named = {f"{name}.csv": name for name in TABLES}
    files = {}
    for path in sorted(data.iterdir()):
        table = named.get(path.name.casefold())
        if table is not None and table in texts:
            lines = csv_lines(table, path, Findings([], [])) or []
            for (row, place), text in texts[table].items():
                lines[row - 1][place - 1] = text
            files[folder / path.name] = csv_text(lines, end="\r\n").encode("utf-8-sig")
        elif table is not None or path.name.casefold() == "round.toml":
            files[folder / path.name] = path.read_bytes()
    return files
