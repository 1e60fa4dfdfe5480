"""What is wrong with the data, as a page says it: whose row it is, what to do, and where."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.urls import reverse

from matcher.errors import Fault, WrongInput
from matcher.panel import world
from matcher.panel.models import State, Trail
from matcher.panel.tables import FIRST_NUMBER
from matcher.pins import UNDO
from matcher.rounds import prepare
from matcher.words import and_list, label

IDS = ("request_id", "household_id", "carer_id", "other_request_id")


@dataclass(frozen=True, slots=True)
class Wrong:
    """A fault of the data: whose row it is of, what is wrong and how to mend it, and the page to go to."""

    who: str
    text: str
    href: str | None
    ids: tuple[str, ...] = ()
    is_choice: bool = False  # what people decided of a pair; its page takes it back


def told(faults: Iterable[Fault], found: world.Tables) -> list[Wrong]:
    """Faults of the panel's rows, by whose they are instead of by the number of a row."""
    return [_told(each, found) for each in faults]


def _told(fault: Fault, found: world.Tables) -> Wrong:
    place = None if fault.row is None else fault.row - FIRST_NUMBER
    rows = found.get(fault.table, [])
    row = rows[place] if place is not None and 0 <= place < len(rows) else {}
    ids = tuple(row[name] for name in IDS if row.get(name))
    who = and_list(ids) or label(fault.table)
    about = [] if fault.column is None else [label(fault.column)]
    about += [f"found '{fault.value}'"] if fault.value else []
    if fault.fix == UNDO:  # the sentence itself says which choice
        about = []
    start = f"{', '.join(about)}: " if about else ""
    request_id, household_id = row.get("request_id"), row.get("household_id")
    decides = fault.fix == UNDO and bool(request_id and household_id)
    href = (
        reverse("decide", args=[request_id, household_id])
        if decides
        else reverse("family", args=[request_id])
        if request_id
        else reverse("home", args=[household_id])
        if household_id
        else None
    )
    return Wrong(who, f"{start}{fault.problem} {fault.fix}".rstrip(), href, ids, decides)


def of_today(state: State) -> list[Wrong]:
    """What stops a round that were run now; worked out once for each change of the data and each day."""
    change = Trail.objects.filter(state_version=state.version).order_by("number").first()
    return list(_of_today("" if change is None else change.hash, world.today(state)))


@lru_cache(maxsize=4)
def _of_today(change: str, day: date) -> tuple[Wrong, ...]:
    found, state = world.tables(), State.objects.get()
    try:
        prepare(*world.load(state, found, day))
    except WrongInput as wrong:
        return tuple(told(wrong.faults, found))
    return ()
