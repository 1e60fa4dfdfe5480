"""The legal position of a family: its regime, who is looked after in it, and when it will change.

A label and its consequences for people to read; no rule derives anything from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from matcher.intake.rows import Request
from matcher.policy.screening import ADULT, regime
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


def position(request: Request, as_of: date) -> Position:
    """The legal position of a family on a day."""
    name = regime(request)
    changes = tuple(sorted(_changes(request, as_of), key=lambda change: change.on))
    return Position(name, _looked_after(request, as_of), TRIGGERS[name], changes)


def _looked_after(request: Request, as_of: date) -> str:
    who = []
    if request.parent_looked_after:
        who.append("the parent")
    if request.second_parent_comes and request.second_parent_looked_after:
        who.append("the second parent")
    if request.child_looked_after:
        unborn = request.child_born_or_due_on > as_of
        child = "the child" if request.babies == 1 else "the babies"
        who.append(f"{child}{' (from birth)' if unborn else ''}")
        if request.older_children:
            who.append("the older children who come")
    if not who:
        return "Nobody who comes is looked after."
    several = len(who) > 1 or who[0].startswith(("the babies", "the older"))
    return (
        f"Looked after: {and_list(who)}." if several else f"{upper_first(who[0])} is looked after."
    )


def _changes(request: Request, as_of: date) -> Iterator[Change]:
    if request.parent_looked_after and request.parent_age < ADULT:
        adult = "the parent is 18 and no longer looked after; pathway planning takes over."
        birthday = request.birthday(ADULT)
        if birthday is not None:
            yield Change(birthday, adult, "PC-2.4a, PC-6.5c")
        else:
            years = ADULT - request.parent_age
            latest = _years_on(as_of, years)
            yield Change(
                latest, f"{adult} Ask for the day of birth.", "PC-2.4a, PC-6.5c", last=True
            )
    due = request.child_born_or_due_on
    if due > as_of and request.child_looked_after:
        becomes = f"birth is planned; the plan for the child is {_status(request)}."
        yield Change(due, becomes, "PC-2.4b")
    if request.court_on is not None and request.court_on >= as_of:
        yield Change(
            request.court_on, "the next hearing may change the child's legal status.", "PC-2.3"
        )


def _status(request: Request) -> str:
    return {"s20": "voluntary accommodation (s20)", "care_order": "a care order"}.get(
        request.child_legal_status, "an interim care order"
    )


def _years_on(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
