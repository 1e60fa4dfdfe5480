"""The tables of the panel as files: a workbook to fill in, or a folder of CSV files, packed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from matcher.intake.files import SETTINGS_FILE, SETTINGS_SHEET
from matcher.intake.formulas import csv_text
from matcher.panel import world
from matcher.panel.models import State
from matcher.report.marked import flat, rows_as_read
from matcher.report.template import template

# Of every file in the archive, so that equal data make equal files.
FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def workbook(state: State) -> bytes:
    """Every table in the layout of the template, to fill in and to import again."""
    sheets = world.sheets(world.tables(), state.absent)
    tables = {name: list(rows_as_read(sheet)) for name, sheet in sheets.items()}
    tables[SETTINGS_SHEET] = [{"setting": k, "value": v} for k, v in _settings(state)]
    return template(tables, absent=state.absent)


def folder(state: State) -> bytes:
    """Every table as a CSV file, with round.toml: what every command reads."""
    made = BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, sheet in world.sheets(world.tables(), state.absent).items():
            rows = zip(*sheet.cells.values(), strict=True)
            text = csv_text([list(sheet.cells), *map(list, rows)], end="\r\n")
            archive.writestr(ZipInfo(f"{name}.csv", FIRST_DAY), text.encode("utf-8-sig"))
        lines = (f"{_key(key)} = {_value(value)}\n" for key, value in _settings(state))
        archive.writestr(ZipInfo(SETTINGS_FILE, FIRST_DAY), "".join(lines))
    return made.getvalue()


def _settings(state: State) -> Iterator[tuple[str, Any]]:
    """The settings of a round, with a dot for each table of TOML."""
    said = {"as_of": state.day, "title": state.title, "authority": state.authority}
    return ((k, v) for k, v in flat(said | {"policy": state.policy}) if v not in (None, ""))


def _key(name: str) -> str:
    parts = name.split(".")
    return ".".join(p if re.fullmatch("[A-Za-z0-9_-]+", p) else json.dumps(p) for p in parts)


def _value(value: Any) -> str:
    """A value as TOML has it, which for text, numbers and lists is as in JSON."""
    return value.isoformat() if hasattr(value, "isoformat") else json.dumps(value)
