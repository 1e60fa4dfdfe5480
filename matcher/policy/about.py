"""What a policy says of itself: who approved it, and what each of its versions changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from matcher.errors import Fault, wrong_setting
from matcher.intake.cells import WrongCell, shown
from matcher.intake.cells import day as read_day
from matcher.words import long_date, one_line

LONGEST = 200
KEYS = ("approved_by", "approved_on", "change")


@dataclass(frozen=True, slots=True)
class Change:
    """One version of a policy: what it changed, from which day, and the role that decided it."""

    version: str
    on: date
    what: str
    decided_by: str


@dataclass(frozen=True, slots=True)
class About:
    """The role that approved a policy and on which day, None where nobody did; its versions in order."""

    approved_by: str | None = None
    approved_on: date | None = None
    changes: tuple[Change, ...] = ()


def approval_text(by: str, on: date | str) -> str:
    """Who approved a policy, to follow its name: 'approved by the Head of Service on 1 December 2026'."""
    return f"approved by the {by} on {long_date(on)}"


def about(table: Mapping[str, Any], source: str, faults: list[Fault]) -> About:
    """What a policy file says of itself; what can't be so is added to `faults`, under the file's name."""

    def text(key: str, value: object) -> str:
        if isinstance(value, str) and value.strip() and len(value) <= LONGEST:
            return one_line(value).strip()
        fix = f'Write {key} = "…", in at most {LONGEST} letters.'
        faults.append(wrong_setting(source, key, "This is not text.", fix, as_found(value)))
        return ""

    def day(key: str, value: object) -> date | None:
        if (found := as_day(value)) is None:
            fix = "Write a day, such as 2026-12-01."
            faults.append(wrong_setting(source, key, "This is not a day.", fix, as_found(value)))
        return found

    by = text("approved_by", table["approved_by"]) if "approved_by" in table else None
    on = day("approved_on", table["approved_on"]) if "approved_on" in table else None
    if ("approved_by" in table) != ("approved_on" in table):
        fix = "Write both approved_by and approved_on, or neither."
        problem = "An approval has a role and a day."
        faults.append(wrong_setting(source, "approved_by", problem, fix))
    entries = table.get("change", [])
    if not isinstance(entries, list) or not all(isinstance(each, Mapping) for each in entries):
        fix = "Write each version under a [[change]] of its own."
        faults.append(wrong_setting(source, "change", "This is no list of versions.", fix))
        entries = []
    names = [each.name for each in fields(Change)]
    changes = list[Change]()
    for number, entry in enumerate(entries, 1):
        place = f"change {number}"
        for key in sorted({*entry} - {*names}):
            fix = f"A change has {', '.join(names)}."
            faults.append(
                wrong_setting(source, shown(f"{place}, {key}"), "There is no such key.", fix)
            )
        version, what, decided_by = (
            text(f"{place}, {name}", entry.get(name)) for name in ("version", "what", "decided_by")
        )
        if (since := day(f"{place}, on", entry.get("on"))) is not None:
            changes.append(Change(version, since, what, decided_by))
    return About(by, on, tuple(changes))


def as_day(value: object) -> date | None:
    """A day of a policy file, or of a text that holds one; None where it is none."""
    if isinstance(value, date):
        value = value.isoformat()[:10]
    try:
        return read_day(value.strip()) if isinstance(value, str) else None
    except WrongCell:
        return None


def as_found(value: object) -> str | None:
    """A value of a policy file as a fault shows it: as it stands there; None for none."""
    if isinstance(value, bool | list):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return None if value is None else shown(str(value))
