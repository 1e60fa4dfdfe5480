"""The legal position of a family: its regime, who is looked after in it, and when it will change.

A label and its consequences for people to read; no rule derives anything from it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from matcher.policy.facts import Facts, HasFacts, Wording
from matcher.policy.screening import LAWYER, undirected
from matcher.words import and_list, label, long_date, upper_first

WITH_PARENTS = (
    "an assessment and the Head of Service's agreement come first, then visits and a review soon after "
    "the return (PWP-1e, PWP-3b, PWP-3c)."
)
MAY_BE_DIRECTED = ("not_looked_after", "emergency_protection", "interim_care_order")
DIRECTED = "The court directed the placement for assessment, s38(6)"
DIFFER = (
    "The two policies differ: under an interim care order the fostering and care planning regulations "
    "apply (PC-2.3); where the court requires the placement for assessment, s38(6), the care planning "
    f"regulations do not (PWP-1c). Ask {LAWYER}; the Head of Service decides which holds here."
)


@dataclass(frozen=True, slots=True)
class Change:
    """A day on which the legal position will or may change; `earliest`: it may also be later."""

    on: date
    what: str
    clause: str
    earliest: bool = False

    @property
    def sentence(self) -> str:
        """The change in words."""
        earliest = " at the earliest" if self.earliest else ""
        return f"On {long_date(self.on)}{earliest}: {self.what} ({self.clause})"


@dataclass(frozen=True, slots=True)
class Position:
    """The regime, who is looked after, what that triggers, and what will change, soonest first.

    `notes` say what a court's direction means, and what is in question of it.
    """

    regime: str
    looked_after: str
    triggers: str
    notes: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def lines(self) -> list[str]:
        """The legal position as people read it."""
        start = f"Legal position: {label(self.regime)}. {self.looked_after} {self.triggers}"
        return [start, *self.notes, *(change.sentence for change in self.changes)]


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
    placed_with_parents: bool,
    court_directed: bool | None,
    court_direction_until: date | None,
    direction_runs: bool,
    court_on: date | None,
    stays_put_with: str | None,
    parent_looked_after: bool,
    second_parent_comes: bool,
    second_parent_looked_after: bool | None,
    parent_18_on: date | None,
    parent_18_from: date | None,
    second_parent_18_on: date | None,
    second_parent_18_from: date | None,
    next_hearing_on: date | None,
) -> Position:
    parents = ["the parent"] if parent_looked_after else []
    if second_parent_comes and second_parent_looked_after:
        parents.append("the second parent")
    children = []
    if child_looked_after:
        child = "the child" if babies == 1 else "the babies"
        children.append(f"{child}{' (from birth)' if unborn else ''}")
        if older_children:
            children.append("the older children who come")
    directed = direction_runs and child_legal_status in MAY_BE_DIRECTED
    in_dispute = directed and child_legal_status == "interim_care_order"
    changes = [
        *_birthday("the parent", parent_18_on, parent_18_from),
        *_birthday("the second parent", second_parent_18_on, second_parent_18_from),
    ]
    if unborn and child_looked_after:
        becomes = f"birth is planned; the plan for the child is {_PLANS[child_legal_status]}."
        changes.append(Change(child_born_or_due_on, becomes, "PC-2.4b"))
    if next_hearing_on is not None:
        hearing = "the next hearing may change the child's legal status."
        changes.append(Change(next_hearing_on, hearing, "PC-2.3"))
    if directed and court_direction_until is not None:
        ends = "the court's direction for this placement runs out."
        changes.append(Change(court_direction_until, ends, "PWP-1c"))
    changes.sort(key=lambda change: change.on)
    who = [*parents, *children]
    several = len(who) > 1 or (child_looked_after and babies > 1)
    triggers = [
        *_with_parents(placed_with_parents, child_legal_status),
        *_regulated(parents, [] if in_dispute else children, child_legal_status),
        *_responsible(child_legal_status),
        *([] if who or directed else [_nobody(stays_put_with)]),
    ]
    notes = []
    if in_dispute:
        notes.append(f"{DIRECTED}. {DIFFER}")
    elif directed and not child_looked_after:
        notes.append(f"{DIRECTED}: it is neither voluntary nor before proceedings.")
    elif directed:
        notes.append(f"{DIRECTED}.")
    elif court_directed and child_legal_status in MAY_BE_DIRECTED:
        said = undirected(court_directed, court_direction_until, court_on)
        notes.append(f"A question for {LAWYER}: {said} (PWP-1c, PWP-1d).")
    if notes and unborn:
        notes.append(
            f"The child is not yet born, so a court's direction can only be planned: ask {LAWYER}."
        )
    return Position(
        regime, _looked_after(who, several), " ".join(triggers), tuple(notes), tuple(changes)
    )


def _with_parents(placed_with_parents: bool, child_legal_status: str) -> Iterator[str]:
    if placed_with_parents:
        clause = "PWP-1a" if child_legal_status == "care_order" else "PWP-1d"
        by = "" if child_legal_status == "care_order" else ", by legal advice, to the interim order"
        yield f"The placement with parents regulations apply{by} ({clause}): {WITH_PARENTS}"


def _regulated(parents: list[str], children: list[str], child_legal_status: str) -> Iterator[str]:
    """To whom the fostering and care planning regulations apply."""
    of_child = {"s20": "PC-2.2", "interim_care_order": "PC-2.3"}.get(child_legal_status)
    clauses = [*(["PC-2.4a"] if parents else []), *([of_child] if children and of_child else [])]
    if clauses:
        who = and_list([*parents, *children]).replace("(from birth)", "from birth")
        yield (
            f"The fostering and care planning regulations apply to {who} ({', '.join(clauses)})."
        )


def _responsible(child_legal_status: str) -> Iterator[str]:
    """Who has parental responsibility, and on what the arrangement rests."""
    if child_legal_status == "s20":
        yield "The child is voluntarily accommodated: the parent keeps parental responsibility (PC-2.2)."
    if child_legal_status == "interim_care_order":
        yield "The council shares parental responsibility (PC-2.3)."
    if child_legal_status == "emergency_protection":
        yield (
            "The child is under emergency protection: that does not rest on consent, and it is no "
            "placement with parents. Ask what follows when it ends."
        )


def _nobody(stays_put_with: str | None) -> str:
    """What it means that nobody who comes is looked after."""
    if stays_put_with is not None:
        return (
            f"Staying Put: a parent of 18 or over stays with {stays_put_with}, no longer as a foster "
            "child. No rule of a fostering placement is asked of it (PC-6.5c)."
        )
    return (
        "The arrangement is voluntary. The fostering and care planning regulations do not apply; "
        "a written agreement says when it can be ended (PC-2.1)."
    )


_POSITION = Wording.of(_position)


def _looked_after(who: list[str], several: bool) -> str:
    """Who is looked after, in words: one person or `several`."""
    if not who:
        return "Nobody who comes is looked after."
    return (
        f"Looked after: {and_list(who)}." if several else f"{upper_first(who[0])} is looked after."
    )


def _birthday(who: str, on: date | None, earliest: date | None) -> Iterator[Change]:
    """The day on which a looked-after parent is 18, or the earliest on which they can be."""
    adult = f"{who} is 18 and no longer looked after; pathway planning takes over."
    clause = "PC-2.4a, PC-6.5c, LAW-18"
    if on is not None:
        yield Change(on, adult, clause)
    elif earliest is not None:
        yield Change(earliest, f"{adult} Ask for the day of birth.", clause, earliest=True)


_PLANS = {
    "s20": "voluntary accommodation (s20)",
    "emergency_protection": "emergency protection",
    "interim_care_order": "an interim care order",
    "care_order": "a care order",
}
