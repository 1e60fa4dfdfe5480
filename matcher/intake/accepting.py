"""Who may accept a duty though it is open, and for how long: what an event that says so is held against."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeAlias

from matcher.errors import Fault, wrong_cell
from matcher.intake.rows import Event
from matcher.terms import Terms

Roles: TypeAlias = Mapping[str, int]  # the most days for which each may accept a duty


@dataclass(frozen=True, slots=True)
class Accepting:
    """The roles that may accept each duty, none where nobody may, and what the policy calls roles.

    A role may be written by its usual name, too: a table may be older than the council's own names.
    """

    by_duty: Mapping[str, Roles]
    terms: Terms

    def days(self, event: str, by: str) -> int | None:
        """For how many days somebody may accept a duty; None where they may not."""
        said = _folded(self.terms(by))
        some = self.by_duty.get(event, {}).items()
        return next((days for role, days in some if said.startswith(_folded(role))), None)


def faults(table: str, number: int, row: Event, accepting: Accepting) -> Iterator[Fault]:
    """What is wrong with an event that accepts a duty; it names who may."""
    may = who_may(accepting.by_duty.get(row.event, {}))
    if row.by is None:
        problem = "Somebody has to answer for what is accepted."
        yield wrong_cell(table, number, "by", "", problem, f"Write the role. {may}")
        return
    days = accepting.days(row.event, row.by)
    if days is None:
        problem = "The policy does not let this role accept the duty."
        yield wrong_cell(table, number, "by", row.by, problem, may)
        return
    last = row.on + timedelta(days=days)
    if row.until is None:
        problem = "It does not say until when it is accepted."
        fix = f"Write a day, {last.isoformat()} at the latest."
        yield wrong_cell(table, number, "until", "", problem, fix)
    elif row.until > last:
        problem = f"It is accepted for more than {days} days."
        fix = f"Write {last.isoformat()} or an earlier day. {may}"
        yield wrong_cell(table, number, "until", row.until.isoformat(), problem, fix)


def who_may(roles: Roles) -> str:
    """Who may accept a duty, in a sentence."""
    if not roles:
        return "Nobody may accept it: it has to be done."
    named = " or ".join(f"a {role} for at most {days} days" for role, days in roles.items())
    return f"It may be accepted by {named}."


def _folded(role: str) -> str:
    return re.sub(r"[^a-z]", "", role.casefold())
