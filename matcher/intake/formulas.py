"""Text that a spreadsheet would take for a formula, and how a CSV file says that it is none."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
IS_TEXT = "'"  # before a cell, as people type it in a spreadsheet


def csv_text(rows: Iterable[Sequence[str]], separator: str = ",", end: str = "\n") -> str:
    """Rows as CSV, in which no cell is a formula whoever wrote it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerows(map(_in_one_row, row) for row in rows)
    return text.getvalue()


def inert(cell: str) -> str:
    """A cell that stays text when a spreadsheet opens the file; `typed` gives it back."""
    is_formula = _FORMULA.match(cell) and not _NUMBER.fullmatch(cell)
    return f"{IS_TEXT}{cell}" if is_formula else cell


def _in_one_row(cell: str) -> str:
    """A cell whose breaks of line are those that the writer puts in quotes."""
    return inert(cell).replace("\r\n", "\n").replace("\r", "\n")


def typed(cell: str) -> str:
    """A cell as it was typed: without the mark that it is text and no formula."""
    bare = cell.removeprefix(IS_TEXT)
    return bare if inert(bare) == cell else cell
