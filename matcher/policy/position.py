"""The legal position of a family: its regime, who is looked after in it, and when it will change.

A label and its consequences for people to read; no rule derives anything from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from matcher.policy.facts import Facts, HasFacts, Wording
from matcher.words import and_list, label, long_date, upper_first

TRIGGERS = {
    "placement_with_parents": (
        "The placement with parents regulations apply: an assessment and the Head of Service's "
        "agreement come first, then weekly visits until the review and a review within 20 days "
        "(PWP-1a, PWP-1e, PWP-3b, PWP-3c)."
    ),
    "looked_after_parent": (
        "The fostering and care planning regulations apply to the parent (PC-2.4a)."
    ),
    "looked_after_parent_and_child": (
        "The fostering and care planning regulations apply to parent and child (PC-2.4a)."
    ),
    "s17": (
        "The arrangement is voluntary. The fostering and care planning regulations do not apply; a "
        "written agreement says when it can be ended (PC-2.1)."
    ),
    "s20": (
        "The child is voluntarily accommodated: the fostering and care planning regulations apply "
        "to the child; the parent keeps parental responsibility (PC-2.2)."
    ),
    "interim_care_order": (
        "The fostering and care planning regulations apply to the child; the council shares "
        "parental responsibility (PC-2.3)."
    ),
}


@dataclass(frozen=True, slots=True)
class Change:
    """A day on which the legal position will or may change; `last` where only the latest is known."""

    on: date
    what: str
    clause: str
    last: bool = False

    @property
    def sentence(self) -> str:
        """The change in words."""
        return f"{'By' if self.last else 'On'} {long_date(self.on)}: {self.what} ({self.clause})"


@dataclass(frozen=True, slots=True)
class Position:
    """The regime, who is looked after, what that triggers, and what will change, soonest first."""

    regime: str
    looked_after: str
    triggers: str
    changes: tuple[Change, ...]

    @property
    def lines(self) -> list[str]:
        """The legal position as people read it."""
        start = f"Legal position: {label(self.regime)}. {self.looked_after} {self.triggers}"
        return [start, *(change.sentence for change in self.changes)]


def position(case: HasFacts) -> Position:
    """The legal position of a family on the day of the round."""
    return _POSITION.say(position_facts(case))


def position_facts(case: HasFacts) -> Facts:
    """What the legal position of a family rests on."""
    return _POSITION.read(case)


def position_lines(facts: Facts) -> list[str]:
    """The legal position as people read it, made of its facts alone."""
    return _POSITION.say(facts).lines


def _position(
    regime: str,
    child_legal_status: str,
    child_looked_after: bool,
    child_born_or_due_on: date,
    unborn: bool,
    babies: int,
    older_children: int,
    parent_looked_after: bool,
    second_parent_comes: bool,
    second_parent_looked_after: bool | None,
    parent_18_on: date | None,
    parent_18_by: date | None,
    next_hearing_on: date | None,
) -> Position:
    who = []
    if parent_looked_after:
        who.append("the parent")
    if second_parent_comes and second_parent_looked_after:
        who.append("the second parent")
    if child_looked_after:
        child = "the child" if babies == 1 else "the babies"
        who.append(f"{child}{' (from birth)' if unborn else ''}")
        if older_children:
            who.append("the older children who come")
    changes = [*_birthday(parent_18_on, parent_18_by)]
    if unborn and child_looked_after:
        becomes = f"birth is planned; the plan for the child is {_plan(child_legal_status)}."
        changes.append(Change(child_born_or_due_on, becomes, "PC-2.4b"))
    if next_hearing_on is not None:
        hearing = "the next hearing may change the child's legal status."
        changes.append(Change(next_hearing_on, hearing, "PC-2.3"))
    changes.sort(key=lambda change: change.on)
    several = len(who) > 1 or (child_looked_after and babies > 1)
    return Position(regime, _looked_after(who, several), TRIGGERS[regime], tuple(changes))


_POSITION = Wording.of(_position)


def _looked_after(who: list[str], several: bool) -> str:
    """Who is looked after, in words: one person or `several`."""
    if not who:
        return "Nobody who comes is looked after."
    return (
        f"Looked after: {and_list(who)}." if several else f"{upper_first(who[0])} is looked after."
    )


def _birthday(on: date | None, by: date | None) -> Iterator[Change]:
    """The day on which a looked-after parent is 18, or the last day on which they can be."""
    adult, clause = (
        "the parent is 18 and no longer looked after; pathway planning takes over.",
        "PC-2.4a, PC-6.5c",
    )
    if on is not None:
        yield Change(on, adult, clause)
    elif by is not None:
        yield Change(by, f"{adult} Ask for the day of birth.", clause, last=True)


def _plan(child_legal_status: str) -> str:
    return {"s20": "voluntary accommodation (s20)", "care_order": "a care order"}.get(
        child_legal_status, "an interim care order"
    )
