"""Who may accept a duty though it is open, and for how long: what an event that says so is held against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TypeAlias

from matcher.errors import Fault, wrong_cell
from matcher.intake.rows import Event

# The most days for which each role may accept a duty, by duty; no roles where nobody may.
Accepting: TypeAlias = Mapping[str, Mapping[str, int]]


def faults(table: str, number: int, row: Event, accepting: Accepting) -> Iterator[Fault]:
    """What is wrong with an event that accepts a duty; it names who may."""
    roles = accepting.get(row.event, {})
    may = who_may(roles)
    if row.by is None:
        problem = "Somebody has to answer for what is accepted."
        yield wrong_cell(table, number, "by", "", problem, f"Write the role. {may}")
        return
    role = next((each for each in roles if _folded(row.by).startswith(_folded(each))), None)
    if role is None:
        problem = "The policy does not let this role accept the duty."
        yield wrong_cell(table, number, "by", row.by, problem, may)
        return
    last = row.on + timedelta(days=roles[role])
    if row.until is None:
        problem = "It does not say until when it is accepted."
        fix = f"Write a day, {last.isoformat()} at the latest."
        yield wrong_cell(table, number, "until", "", problem, fix)
    elif row.until > last:
        problem = f"It is accepted for more than {roles[role]} days."
        fix = f"Write {last.isoformat()} or an earlier day. {may}"
        yield wrong_cell(table, number, "until", row.until.isoformat(), problem, fix)


def who_may(roles: Mapping[str, int]) -> str:
    """Who may accept a duty, in a sentence."""
    if not roles:
        return "Nobody may accept it: it has to be done."
    named = " or ".join(f"a {role} for at most {days} days" for role, days in roles.items())
    return f"It may be accepted by {named}."


def _folded(role: str) -> str:
    return re.sub(r"[^a-z]", "", role.casefold())
