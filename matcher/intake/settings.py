"""Read `round.toml`: the day, the title, the authority, and what overrides the policy."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from matcher.codes import did_you_mean
from matcher.errors import Fault, wrong_file, wrong_row, wrong_setting
from matcher.intake import cells
from matcher.intake.disk import mend_of, read_file
from matcher.intake.files import (
    SETTINGS_FILE,
    SETTINGS_SHEET,
    Findings,
    cell_text,
    of_error,
    open_workbook,
    sheet_key,
    strange_settings,
)
from matcher.intake.grids import Grid
from matcher.intake.workbooks import is_workbook
from matcher.sizes import DEEPEST_SETTINGS, LARGEST_SETTINGS
from matcher.words import one_line

TABLE = SETTINGS_FILE
KNOWN = ("as_of", "title", "authority", "policy")
HEADINGS = ("setting", "settings", "name", "key")  # of the sheet's column of names
_NUMBER = re.compile(
    r"£? ?(-?[0-9][0-9,]*(?:\.[0-9]+)?) ?(?:days?|weeks?|months?|years?|miles?)?", re.IGNORECASE
)
_LONG_KEY = re.compile(  # a name that goes deeper than any: a.a.a.a …
    rf"(?<![\w\"'-])(?:[\w\"'-]++[ \t]*+\.[ \t]*+){{{DEEPEST_SETTINGS}}}"
)


@dataclass(frozen=True)
class RoundSettings:
    """What `round.toml` says; every key is optional."""

    as_of: date | None = None
    title: str = ""
    authority: str | None = None
    policy: dict[str, Any] = field(default_factory=dict)
    day_is_wrong: bool = False
    source: str = TABLE
    warnings: tuple[Fault, ...] = ()


def read_toml(path: Path, table: str, faults: list[Fault]) -> dict[str, Any]:
    """The settings of a TOML file, {} with a fault where it can't be read."""
    try:
        text = read_file(path, LARGEST_SETTINGS).decode("utf-8-sig")
        found = {} if _LONG_KEY.search(text) else tomllib.loads(text)
        if (not found and _LONG_KEY.search(text)) or _is_deep(found):
            raise RecursionError
    except (OSError, ValueError, RecursionError) as error:
        why = f"tables stand more than {DEEPEST_SETTINGS} deep in each other"
        if isinstance(error, tomllib.TOMLDecodeError):
            why = str(error)
        elif isinstance(error, UnicodeDecodeError):
            why = "it is not UTF-8 text"
        elif isinstance(error, OSError):
            why = error.strerror or "it can't be opened"
        elif isinstance(error, ValueError):
            why = "it is not TOML"
        problem = f"The file can't be read: {cells.shown(why)}."
        fix = mend_of(error) if isinstance(error, OSError) else "Write key = value, as in TOML."
        if isinstance(error, UnicodeDecodeError):
            fix = "Save it as UTF-8: in Notepad, use Save As and choose that encoding."
        faults.append(wrong_file(table, problem, fix))
        return {}
    return found


def _is_deep(table: dict[str, Any]) -> bool:
    """Whether tables and lists stand too deep in each other for what reads them."""
    level: list[Any] = [table]
    for _ in range(DEEPEST_SETTINGS):
        inner = (each.values() if isinstance(each, dict) else each for each in level)
        level = [each for some in inner for each in some if isinstance(each, dict | list)]
    return bool(level)


def read_settings(source: Path, faults: list[Fault]) -> RoundSettings:
    """The settings of a round: `round.toml` beside the tables, or the sheet `round` of a workbook.

    Without either, all are at their defaults.
    """
    folder, warnings = source, []
    if is_workbook(source):
        folder, warnings = source.parent, strange_settings(source.parent)
        grid = _sheet(source, faults)
        if grid is not None:
            _tell_hidden(grid, warnings)
            found = _of_sheet(grid, faults, warnings)
            beside = next(_files(folder), None)
            if beside is not None:
                problem = "It was not read: the workbook has its settings on the sheet round."
                warnings.append(wrong_file(cells.shown(beside.name), problem, ""))
            settings = settings_of(found, SETTINGS_SHEET, faults)
            return replace(settings, warnings=tuple(warnings))
    path = next(_files(folder), None)
    if path is None:
        return RoundSettings(warnings=tuple(warnings))
    before = len(faults)
    found = read_toml(path, TABLE, faults)
    if len(faults) > before:
        return RoundSettings(day_is_wrong=True, warnings=tuple(warnings))
    return replace(settings_of(found, TABLE, faults), warnings=tuple(warnings))


def as_written(source: Path) -> dict[str, Any]:
    """The settings of a round as they stand in its file, {} where it can't be read."""
    folder = source.parent if is_workbook(source) else source
    grid = _sheet(source, []) if is_workbook(source) else None
    if grid is not None:
        return _of_sheet(grid, [], [])
    path = next(_files(folder), None)
    return {} if path is None else read_toml(path, TABLE, [])


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.iterdir()) if path.name.casefold() == TABLE)


def _sheet(source: Path, faults: list[Fault]) -> Grid | None:
    """The sheet `round` of a workbook; None where it has none, or can't be read, with a fault."""
    found = open_workbook(source, Findings(faults, []), lambda name: sheet_key(name) == SETTINGS_SHEET)  # fmt: skip
    named = [grid for name, grid in (found or {}).items() if sheet_key(name) == SETTINGS_SHEET]
    if len(named) > 1:
        fix = "Keep one of the two sheets."
        faults.append(wrong_file(SETTINGS_SHEET, "It is there twice.", fix))
    return next(iter(named), None)


def _tell_hidden(grid: Grid, warnings: list[Fault]) -> None:
    if grid.hidden or grid.hidden_rows:
        problem = f"The sheet {'is' if grid.hidden else 'has rows that are'} hidden."
        fix = "What is hidden counts. Delete what is not to count."
        warnings.append(wrong_file(SETTINGS_SHEET, problem, fix))


def _of_sheet(grid: Grid, faults: list[Fault], warnings: list[Fault]) -> dict[str, Any]:
    """The settings of a sheet: names in column A, values in column B.

    A dot in a name stands for a table of TOML: policy.turnaround_days. What stands above the first
    name of a setting is a heading, unless it is like one.
    """
    found: dict[str, Any] = {}
    rows = [(number, *row, "", "") for number, row in enumerate(grid.with_unread(), start=1)]
    keys = [(number, str(key).strip().casefold(), value) for number, key, value, *_ in rows]
    first = next((number for number, key, _ in keys if _is_setting(key)), 2)
    for number, key, value in keys:
        filled = cell_text(value).strip()
        if number < first and not did_you_mean(key, KNOWN):
            if key and filled and (key not in HEADINGS or number > 1):
                problem = "It stands above the settings and was read as a heading."
                warnings.append(wrong_row(SETTINGS_SHEET, number, problem, ""))
        elif (number, 1) in grid.unread or (number, 2) in grid.unread:
            shown = cells.shown(grid.unread.get((number, 2), grid.unread.get((number, 1), "")))
            problem, fix = of_error(shown)
            faults.append(wrong_setting(SETTINGS_SHEET, cells.shown(key), problem, fix, shown))
        elif key and filled and not _put(found, key, _value(key, value, filled)):
            problem, fix = "The setting is there twice.", "Keep one of them."
            faults.append(wrong_setting(SETTINGS_SHEET, cells.shown(key), problem, fix))
    return found


def _is_setting(key: str) -> bool:
    return key in KNOWN or key.startswith("policy.")


def _put(found: dict[str, Any], key: str, value: Any) -> bool:
    """Put a setting where its name says; False where there is one, or a name too deep for any."""
    *tables, last = key.split(".")
    inner: Any = found
    for table in tables[:DEEPEST_SETTINGS]:
        inner = inner.setdefault(table, {})
        if not isinstance(inner, dict):
            return False
    return inner.setdefault(last, value) is value


def _value(key: str, value: object, text: str) -> Any:
    """A setting as TOML would have it: numbers and yes or no that are text are read as in a table."""
    if key in ("title", "policy.name", "policy.version") or not key.startswith("policy."):
        return text
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, bool | int | float):
        return value
    if number := _NUMBER.fullmatch(text):
        whole = float(number[1].replace(",", ""))
        return int(whole) if whole.is_integer() else whole
    return {"yes": True, "true": True, "no": False, "false": False}.get(text.casefold(), text)


def _days_as_text(table: dict[str, Any]) -> dict[str, Any]:
    """A table of TOML whose days are text, so that it can be kept as JSON."""
    return {
        key: _days_as_text(value)
        if isinstance(value, dict)
        else value.isoformat()
        if isinstance(value, date)
        else value
        for key, value in table.items()
    }


def settings_of(found: dict[str, Any], table: str, faults: list[Fault]) -> RoundSettings:
    """The settings of a round as they stand in a file; `table` is what its faults name."""

    def fault(key: str, value: object, problem: str, fix: str) -> None:
        faults.append(wrong_setting(table, key, problem, fix, value=cells.shown(str(value))))

    for key in found.keys() - set(KNOWN):
        fix = f"Use {cells.either(KNOWN)}.{did_you_mean(key[:60], KNOWN)}"
        faults.append(wrong_setting(table, cells.shown(key), "This setting is not known.", fix))

    as_of, authority, day_is_wrong = found.get("as_of"), found.get("authority"), False
    try:
        if isinstance(as_of, str):
            as_of = cells.day(as_of.strip())
        elif isinstance(as_of, date):  # or a day with a time behind it
            as_of = cells.day(as_of.isoformat())
        elif as_of is not None:
            raise cells.wrong(str(as_of), "This is not a date.", "Write as_of = 2026-11-23.")
    except cells.WrongCell as error:
        as_of, day_is_wrong = None, True
        for value, problem, fix, _ in error.faults:
            fault("as_of", value, problem, fix)
    if authority is not None:
        try:
            authority = cells.authority(str(authority).strip())
        except cells.WrongCell as error:
            authority = None
            for value, problem, fix, _ in error.faults:
                fault("authority", value, problem, fix)
    title = found.get("title", "")
    if not isinstance(title, str):
        fault("title", title, "This is not text.", 'Write title = "Weekly round".')
        title = ""
    policy = found.get("policy", {})
    if not isinstance(policy, dict):
        fault("policy", policy, "This is not a table of settings.", "Write [policy] on its own.")
        policy = {}
    return RoundSettings(
        as_of, one_line(title), authority, _days_as_text(policy), day_is_wrong, table
    )
