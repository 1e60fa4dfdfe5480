"""Duties as ticks: what the last round asks of whom, and what was recorded of it since."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TypeAlias

from matcher.codes import DUTIES_OF_A_REQUEST
from matcher.errors import WrongInput, wrong_cell
from matcher.intake.rows import Event, columns_of
from matcher.panel import world
from matcher.panel.acts import Reach, Role, reach
from matcher.panel.models import Round, Trail, User
from matcher.panel.own import own_requests
from matcher.panel.tables import TableRow, counting, standing
from matcher.panel.work import Change, changing
from matcher.policy.duties.form import (
    ACCEPTED,
    AFTER,
    ALL_PARTIES,
    DONE,
    NOT_NEEDED,
    WORKERS,
)
from matcher.report.view import RoundView, Task, task_of
from matcher.terms import say
from matcher.words import long_date

TICKED, TOOK = "recorded as done", "accepted while open"
New: TypeAlias = Mapping[tuple[str, str], list[TableRow]]  # events by family and duty
BETWEEN = "|"  # the parts of a line's name; no id holds one
EVENTS = "events"
MINE = {
    Role.CHILD: (*WORKERS["worker"], ALL_PARTIES),
    Role.SUPERVISING: (*WORKERS["supervising_worker"], ALL_PARTIES),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A duty of somebody, and the event that was recorded of it since the round."""

    task: Task
    accepted: bool
    event: TableRow | None

    @property
    def name(self) -> str:
        """What the line is known by in a form; '' where no event settles it."""
        if self.task.key is None:
            return ""
        return BETWEEN.join((self.task.request_id, self.task.household_id or "", self.task.key))

    @property
    def duty(self) -> str:
        """The duty's key."""
        return (self.task.key or "").partition(AFTER)[0]

    @property
    def is_open(self) -> bool:
        """Whether it can be ticked: nothing was recorded of it that settles it."""
        return self.event is None or self.status != DONE

    @property
    def waits(self) -> bool:
        """Whether somebody has to do it still, and nobody accepted that it is open."""
        return self.is_open and not self.accepted and self.status != ACCEPTED

    @property
    def status(self) -> str:
        """What the event since says: done, accepted or planned."""
        return self.event.cells()["status"] or DONE if self.event else ""

    @property
    def said(self) -> str:
        """What was recorded since, in a sentence; '' where nothing was."""
        if self.event is None:
            return ""
        cells = self.event.cells()
        until = f", until {long_date(cells['until'])}" if cells["until"] else ""
        by = f", {cells['by']}" if cells["by"] else ""
        return f"{self.status.capitalize()} on {long_date(cells['on'])}{until}{by}."


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of the checks before a confirmation are done or accepted."""

    settled: int
    all: int


@lru_cache(maxsize=4)
def _events_at(number: int, sha256: str) -> frozenset[tuple[str, ...]]:
    """The rows of events that a round was made of."""
    tables = Round.objects.values_list("tables", flat=True).get(number=number, round_sha256=sha256)
    found = json.loads(gzip.decompress(tables))["tables"].get(EVENTS, [])
    return frozenset(_key(row) for row in found)


def _key(cells: dict[str, str]) -> tuple[str, ...]:
    return tuple(cells[column] for column in columns_of(Event))


def since(made: Round) -> New:
    """The events that were recorded since a round, by family and duty."""
    before = _events_at(made.number, made.round_sha256)
    found = defaultdict[tuple[str, str], list[TableRow]](list)
    for row in standing(EVENTS):
        cells = row.cells()
        if _key(cells) not in before:
            found[cells["request_id"], cells["event"]].append(row)
    return found


def lines(view: RoundView, new: New, user: User) -> list[Line]:
    """Every duty that a user may see, by person and day."""
    own = own_requests(user) if reach(user, "see_duties") is Reach.OWN else None
    roles = MINE.get(user.does)
    found = [
        Line(task, accepted, _event_of(task, new))
        for task, accepted in _tasks(view)
        if (own is None or task.request_id in own) and (roles is None or task.who in roles)
    ]
    return sorted(found, key=lambda line: (line.task.person, line.task.by or date.max, line.task.request_id))  # fmt: skip


def _tasks(view: RoundView) -> Iterable[tuple[Task, bool]]:
    for _, tasks in view.tasks:
        for task in tasks:
            yield task, False
    for request in view.requests:
        for duty in view.checklist(request):
            if duty.status == ACCEPTED:
                yield task_of(duty, request.request_id, view.home(request)), True


def _event_of(task: Task, new: New) -> TableRow | None:
    return event_of(new, task.request_id, task.household_id, task.key or "")


def waits(task: Task, new: New) -> bool:
    """Whether nothing was recorded since a round of a task of it that settles or accepts it."""
    return Line(task, False, _event_of(task, new)).waits


def event_of(new: New, request_id: str, household_id: str | None, key: str) -> TableRow | None:
    """What was recorded last, since a round, of a duty that it lists under a key."""
    rows = [
        row
        for row in new.get((request_id, key.partition(AFTER)[0]), ())
        if row.cells()["household_id"] in ("", household_id or "")
    ]
    return rows[-1] if rows else None


def progress(view: RoundView, new: New) -> dict[str, Progress]:
    """How far each family with a home is, by its id."""
    found = {}
    for request in view.requests:
        home = view.home(request)
        if home is None:
            continue
        holding = [d for d in view.duties(request) if d.holds and d.status != NOT_NEEDED]
        settled = sum(
            duty.status in (DONE, ACCEPTED)
            or _event_of(task_of(duty, request.request_id, home), new) is not None
            for duty in holding
        )
        found[request.request_id] = Progress(settled, len(holding))
    return found


def is_done(new: New, request_id: str, household_id: str | None, key: str) -> bool:
    """Whether a duty was recorded as done since the round that lists it under a key."""
    row = event_of(new, request_id, household_id, key)
    return row is not None and row.cells()["status"] in ("", DONE)


# --- Recording


def tick(user: User, chosen: Collection[Line], on: str, note: str) -> None:
    """Record duties as done; WrongInput with what intake has against it."""
    with changing(user) as change:
        for line in chosen:
            _add(change, line, {"status": DONE, "on": on, "note": note}, TICKED)
        world.load(change.state)


def accept(user: User, line: Line, by: str, until: str, note: str) -> None:
    """Record that a role answers for a duty while it is open; intake refuses who may not."""
    with changing(user) as change:
        on = world.today(change.state).isoformat()
        cells = {"status": ACCEPTED, "on": on, "until": until, "note": note}
        _add(change, line, cells, TOOK, by)
        world.load(change.state)


def _add(change: Change, line: Line, cells: dict[str, str], act: str, by: str = "") -> None:
    task = line.task
    home = "" if line.duty in DUTIES_OF_A_REQUEST else task.household_id or ""
    if not line.duty:
        raise WrongInput([wrong_cell(EVENTS, None, "event", None, "No event settles this.", "")])
    whole = {
        "request_id": task.request_id,
        "household_id": home,
        "event": line.duty,
        "by": by or say(change.user.does.label.lower()),
        **{column: value for column, value in cells.items() if value},
    }
    subject = " ".join(filter(None, (task.request_id, home)))
    change.add(EVENTS, whole, subject, act)


def makers(made: Round) -> dict[object, Trail]:
    """The line of the trail of each event that was recorded since a round, by row."""
    found = {}
    for line in Trail.objects.filter(act__in=(TICKED, TOOK), state_version__gt=made.state_version):
        found[json.loads(line.detail)["row"]] = line
    return found


def take_back(user: User, row: TableRow) -> None:
    """Take an event back: it stays in the record, and counts no more."""
    cells = row.cells()
    subject = " ".join(filter(None, (cells["request_id"], cells["household_id"])))
    with changing(user) as change:
        change.withdraw(row, subject, "took back")
        world.load(change.state)


def event(pk: int) -> TableRow | None:
    """An event that counts, by its number."""
    found: TableRow | None = counting(EVENTS).filter(pk=pk).first()
    return found
