"""The tables of the panel as files: a workbook to fill in, or a folder of CSV files, packed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
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
    settings = _flat(_settings(state))
    tables[SETTINGS_SHEET] = [{"setting": key, "value": value} for key, value in settings]
    return template(tables, absent=state.absent)


def folder(state: State) -> bytes:
    """Every table as a CSV file, with round.toml: what every command reads."""
    return packed(files(world.tables(), state.absent, _settings(state)))


def files(
    found: world.Tables, absent: Mapping[str, Iterable[str]], settings: Mapping[str, Any]
) -> Iterator[tuple[str, bytes]]:
    """Tables as CSV files, and the settings of a round, each by its name."""
    for name, sheet in world.sheets(found, absent).items():
        rows = zip(*sheet.cells.values(), strict=True)
        text = csv_text([list(sheet.cells), *map(list, rows)], end="\r\n")
        yield f"{name}.csv", text.encode("utf-8-sig")
    lines = (f"{_key(key)} = {_value(value)}\n" for key, value in _flat(settings))
    yield SETTINGS_FILE, "".join(lines).encode()


def packed(named: Iterable[tuple[str, bytes]]) -> bytes:
    """Files as a ZIP file."""
    made = BytesIO()
    with ZipFile(made, "w") as archive:
        for name, content in named:
            archive.writestr(ZipInfo(name, FIRST_DAY), content, ZIP_DEFLATED)
    return made.getvalue()


def _settings(state: State) -> dict[str, Any]:
    said = {"as_of": state.day, "title": state.title, "authority": state.authority}
    return said | {"policy": state.policy}


def _flat(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The settings that are there, with a dot for each table of TOML."""
    return ((key, value) for key, value in flat(settings) if value not in (None, ""))


def _key(name: str) -> str:
    parts = name.split(".")
    return ".".join(p if re.fullmatch("[A-Za-z0-9_-]+", p) else json.dumps(p) for p in parts)


def _value(value: Any) -> str:
    """A value as TOML has it: a text, number, truth value or list as in JSON but for one sign."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
