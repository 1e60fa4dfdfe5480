"""Read `round.toml`: the day, the title, the authority, and what overrides the policy."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from matcher.codes import did_you_mean
from matcher.errors import Fault, wrong_file, wrong_setting
from matcher.intake import cells
from matcher.intake.files import SETTINGS_SHEET, is_workbook, workbook_settings
from matcher.words import one_line

TABLE = "round.toml"


@dataclass(frozen=True)
class RoundSettings:
    """What `round.toml` says; every key is optional."""

    as_of: date | None = None
    title: str = ""
    authority: str | None = None
    policy: dict[str, Any] = field(default_factory=dict)
    day_is_wrong: bool = False
    source: str = TABLE


def read_toml(path: Path, table: str, faults: list[Fault]) -> dict[str, Any]:
    """The settings of a TOML file, {} with a fault where it can't be read."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        why = "it is not TOML"
        if isinstance(error, tomllib.TOMLDecodeError):
            why = str(error)
        elif isinstance(error, UnicodeDecodeError):
            why = "it is not UTF-8 text"
        elif isinstance(error, OSError):
            why = error.strerror or "it can't be opened"
        problem = f"The file can't be read: {cells.shown(why)}."
        faults.append(wrong_file(table, problem, "Write key = value, as in TOML."))
        return {}


def read_settings(source: Path, faults: list[Fault]) -> RoundSettings:
    """The settings of a round: `round.toml` beside the tables, or the sheet `round` of a workbook.

    Without either, all are at their defaults.
    """
    before = len(faults)
    found, table = _found(source, faults)
    if len(faults) > before:
        return RoundSettings(day_is_wrong=True)
    return settings_of(found, table, faults)


def as_written(source: Path) -> dict[str, Any]:
    """The settings of a round as they stand in its file, {} where it can't be read."""
    return _found(source, [])[0]


def _found(source: Path, faults: list[Fault]) -> tuple[dict[str, Any], str]:
    """The settings as they stand, and what their faults name."""
    if is_workbook(source) and (found := workbook_settings(source)) is not None:
        return found, SETTINGS_SHEET
    folder = source.parent if is_workbook(source) else source
    path = next((p for p in sorted(folder.iterdir()) if p.name.casefold() == TABLE), None)
    return ({} if path is None else read_toml(path, TABLE, faults)), TABLE


def settings_of(found: dict[str, Any], table: str, faults: list[Fault]) -> RoundSettings:
    """The settings of a round as they stand in a file; `table` is what its faults name."""
    known = ("as_of", "title", "authority", "policy")

    def fault(key: str, value: object, problem: str, fix: str) -> None:
        faults.append(wrong_setting(table, key, problem, fix, value=cells.shown(str(value))))

    for key in found.keys() - set(known):
        fix = f"Use {cells.either(known)}.{did_you_mean(key, known)}"
        faults.append(wrong_setting(table, cells.shown(key), "This setting is not known.", fix))

    as_of, authority, day_is_wrong = found.get("as_of"), found.get("authority"), False
    try:
        if isinstance(as_of, str):
            as_of = cells.day(as_of.strip())
        elif isinstance(as_of, date) and not isinstance(as_of, datetime):
            as_of = cells.day(as_of.isoformat())
        elif as_of is not None:
            raise cells.wrong(str(as_of), "This is not a date.", "Write as_of = 2026-11-23.")
    except cells.WrongCell as error:
        as_of, day_is_wrong = None, True
        for value, problem, fix in error.faults:
            fault("as_of", value, problem, fix)
    if authority is not None:
        try:
            authority = cells.authority(str(authority).strip())
        except cells.WrongCell as error:
            authority = None
            for value, problem, fix in error.faults:
                fault("authority", value, problem, fix)
    title = found.get("title", "")
    if not isinstance(title, str):
        fault("title", title, "This is not text.", 'Write title = "Weekly round".')
        title = ""
    policy = found.get("policy", {})
    if not isinstance(policy, dict):
        fault("policy", policy, "This is not a table of settings.", "Write [policy] on its own.")
        policy = {}
    return RoundSettings(as_of, one_line(title), authority, policy, day_is_wrong, table)
