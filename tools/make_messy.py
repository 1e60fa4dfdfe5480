"""Make data/samples/messy.xlsx from its folder: fifty faults, as people type them in Excel."""

from __future__ import annotations

import csv
import re
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
SHEETS = (
    "Requests", "Households", "Carers", "Relationships", "Risk assessments", "Decisions",
    "Keep apart",
)  # fmt: skip
CREATED = datetime(2026, 11, 23)  # not the clock, so that the same folder gives the same file
# Excel leaves cells beyond the headings as a column without one: in a workbook that is no fault.
# Another takes its place, by (sheet, row, column) from 0.
REPLACED: dict[tuple[str, int, int], Any] = {
    ("Households", 14, 5): datetime(2026, 2, 1),  # someone typed 1-2, and Excel made it a date
}


def workbook(folder: Path, path: Path) -> None:
    """Write the tables and settings of a folder as the sheets of one workbook."""
    with Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": CREATED})
        dated = book.add_format({"num_format": "dd/mm/yyyy"})
        for name in SHEETS:
            page = book.add_worksheet(name)
            for row, cells in enumerate(_lines(folder, name)):
                for column, text in enumerate(cells):
                    value = REPLACED.get((name, row, column), typed(text))
                    page.write(row, column, value, dated if isinstance(value, datetime) else None)
        page = book.add_worksheet("round")
        settings = tomllib.loads((folder / "round.toml").read_text("utf-8"))
        for row, (key, value) in enumerate([("setting", "value"), *_flat(settings)]):
            page.write(row, 0, key)
            found = typed(str(value))
            page.write(row, 1, found, dated if isinstance(found, datetime) else None)


def typed(text: str) -> Any:
    """What Excel in Britain makes of a text that is typed: a date, a number, yes or no, or text."""
    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form)
        except ValueError:
            continue
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(e[0-9]+)?", text):
        return float(text)
    return text == "TRUE" if text in ("TRUE", "FALSE") else text


def _lines(folder: Path, sheet: str) -> list[list[str]]:
    raw = (folder / f"{sheet.lower().replace(' ', '_')}.csv").read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")  # one file was saved by an old Excel
    return list(csv.reader(text.splitlines()))


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def main() -> None:
    """Write the workbook of the messy sample."""
    workbook(SAMPLES / "messy", SAMPLES / "messy.xlsx")


if __name__ == "__main__":
    main()
