"""Complete a request of which little is known, so that rules and criteria can be asked.

What must have a value is assumed as what the rules find hardest, among what screening lets through:
were the hardest for screening assumed, every family of which little is known would be held back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from matcher.intake.given import filled
from matcher.intake.rows import Request
from matcher.policy.screening import ADULT
from matcher.policy.settings import Policy
from matcher.words import long_date


@dataclass(frozen=True, slots=True)
class Assumption:
    """A value that nobody gave: its column, what it says, and why this one."""

    column: str
    value: Any
    said: str
    why: str


def complete(
    cells: dict[str, Any], as_of: date, policy: Policy
) -> tuple[Request, tuple[Assumption, ...]]:
    """The request with a value wherever one must be, and what was assumed for it."""
    known, made = dict(cells), list[Assumption]()

    def assume(column: str, value: Any, said: str, why: str) -> None:
        if column not in known:
            known[column] = value
            made.append(Assumption(column, value, said, why))

    known.setdefault("received_on", as_of)
    today = long_date(as_of)
    why = "an assessment asks more of the carers than support"
    assume("purpose", "assessment", "the purpose is assessment", why)
    born = filled(known).birthday(ADULT)
    if known.get("parent_age", 0) >= ADULT or (born is not None and born <= as_of):
        known.setdefault("parent_looked_after", False)  # that is the law, no assumption
    if known.get("parent_looked_after") is False:
        age = max(ADULT, int(policy.number("young_parent_under")))
        why = "under 18 and not looked after, legal advice would come first"
        assume("parent_age", age, f"the parent is {age}", why)
    age = ADULT - 1
    assume("parent_age", age, f"the parent is {age}", "a looked-after parent is under 18")
    why = "one more looked-after person counts towards the fostering limit"
    assume("parent_looked_after", True, "the parent is looked after", why)
    if known.get("court_directed") is True:
        said, why = "the child is under an interim care order", "the court directs the placement"
        assume("child_legal_status", "interim_care_order", said, why)
    why = "a looked-after child counts towards the fostering limit"
    assume("child_legal_status", "s20", "the child is accommodated under s20", why)
    why = "a young child needs a smoke-free household"
    assume("child_born_or_due_on", as_of, f"the child was born on {today}", why)
    needed = min(as_of, known.get("latest_start", as_of))
    assume("needed_from", needed, "it is needed today", "somebody asks now")
    if known["purpose"] == "assessment":
        weeks = int(policy.number("support_weeks"))
        why = "a long stay is harder to find"
        assume("expected_weeks", weeks, f"it lasts {weeks} weeks", why)
    return filled(known), tuple(made)
