"""The family of a request in one line, without anything that names a person or a place."""

from __future__ import annotations

from datetime import date

from matcher.policy.facts import Facts, HasFacts, Wording
from matcher.words import and_list, count, label, long_date, needed, upper_first


def family_facts(case: HasFacts) -> Facts:
    """What papers say of a family itself: its line but for regime and urgency, and its engagement."""
    return _LINE.read(case) | _ADVICE.read(case)


def engagement_advice(facts: Facts) -> str:
    """What to do where a parent engages in part, '' where nothing is recorded of it."""
    return _ADVICE.say(facts)


def family_line(facts: Facts, regime: str, urgency: str) -> str:
    """Who comes and what for, when they are needed, and whether the address is withheld."""
    return _LINE.say(facts, regime=regime, urgency=urgency)


def _line(
    purpose: str,
    needed_from: date,
    second_parent_comes: bool,
    babies: int,
    older_children: int,
    unborn: bool,
    counted_as_born: bool,
    child_born_or_due_on: date,
    withhold_address: bool | None,
    regime: str,
    urgency: str,
) -> str:
    who = ["parent", *(["second parent"] if second_parent_comes else [])]
    who.append("baby" if babies == 1 else f"{babies} babies")
    if older_children:
        who.append(count(older_children, "older child"))
    how = "due" if unborn else "counted as born" if counted_as_born else "born"
    born = f"{how} {long_date(child_born_or_due_on)}"
    withheld = {True: "withheld", False: "not withheld", None: "not known whether withheld"}
    return (
        f"{upper_first(purpose)}; {label(regime)}; {needed(urgency)} "
        f"(from {long_date(needed_from)}). Who comes: {and_list(who)} ({born}). "
        f"Address: {withheld[withhold_address]}."
    )


def _advice(engagement: str | None) -> str:
    if engagement != "partial":
        return ""
    return (
        "Advice: engagement is recorded as partial. Talk with the parent about what would help them "
        "engage."
    )


_ADVICE = Wording.of(_advice)
_LINE = Wording.of(_line, "regime", "urgency")
