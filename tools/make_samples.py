"""Make the workbooks in data/samples from their folders of CSV files, and the example report."""

from __future__ import annotations

import csv
import tomllib
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from matcher.cli import run
from matcher.intake.rows import TABLES, columns_of, kind_of
from matcher.report.template import template

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "data" / "samples"
PACKED = ROOT / "matcher" / "panel" / "samples"
SHIPPED = ("camden", "legal_routes", "tutorial")


def workbook(folder: Path) -> bytes:
    """The template filled with the tables of a folder, dates as dates and numbers as numbers."""
    tables: dict[str, list[dict[str, Any]]] = {}
    for name, row in TABLES.items():
        path = folder / f"{name}.csv"
        if path.is_file():
            kinds = {column: kind_of(row, column).name for column in columns_of(row)}
            with path.open(encoding="utf-8", newline="") as file:
                tables[name] = [
                    {c: _value(kinds[c], text) for c, text in line.items() if text and c in kinds}
                    for line in csv.DictReader(file)
                ]
    settings = tomllib.loads((folder / "round.toml").read_text("utf-8"))
    tables["round"] = [{"setting": key, "value": value} for key, value in settings.items()]
    return template(tables)


def _value(kind: str, text: str) -> Any:
    if kind == "date":
        try:
            return datetime.combine(date.fromisoformat(text), datetime.min.time())
        except ValueError:
            return text
    if kind == "number" and text.replace(".", "", 1).isdigit():
        return float(text)
    return text


def packed(folder: Path) -> bytes:
    """The tables and settings of a folder in one file, the same whenever it is made."""
    read = {f"{table}.csv" for table in TABLES} | {"round.toml"}
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            if path.name in read:
                archive.writestr(ZipInfo(path.name), path.read_bytes(), ZIP_DEFLATED)
    return made.getvalue()


def main() -> None:
    """Write the workbook of the camden sample, the panel's samples, and the report in reports/camden."""
    PACKED.mkdir(exist_ok=True)
    for name in SHIPPED:
        (PACKED / f"{name}.zip").write_bytes(packed(SAMPLES / name))
    (SAMPLES / "camden.xlsx").write_bytes(workbook(SAMPLES / "camden"))
    run(["round", str(SAMPLES / "camden"), "--out", str(ROOT / "reports" / "camden"), "--quiet"])


if __name__ == "__main__":
    main()
