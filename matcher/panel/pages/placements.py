"""Placements: who lives where, until when, and what comes next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from matcher.panel import rounds as made_rounds
from matcher.panel import ticking, world
from matcher.panel.acts import Reach, act, reach
from matcher.panel.html import page, state_of
from matcher.panel.own import own_requests
from matcher.panel.tables import standing
from matcher.show.table import Column, Kind, Table
from matcher.words import label, long_date


@dataclass(frozen=True, slots=True)
class Stay:
    """Where a family lives, since when, and until when it is planned."""

    request_id: str
    household_id: str
    started_on: date | None
    planned_end_on: date | None


@act("see_families")
def placements(request: HttpRequest) -> HttpResponse:
    """Every placement that runs, with its planned end and what is due next."""
    user: Any = request.user
    today = world.today(state_of(request)).isoformat()
    own = own_requests(user) if reach(user, "see_families") is Reach.OWN else None
    made = made_rounds.on_the_table()
    view = made_rounds.view(made) if made else None
    running = {each.request_id: each for each in _running(today)}
    for family in view.requests if view else ():
        living = family.facts.living
        if family.state == "placed" and living is not None and living.runs:
            told = Stay(family.request_id, living.household_id, living.started_on, None)
            running.setdefault(family.request_id, told)
    found = [each for name, each in sorted(running.items()) if own is None or name in own]
    due: dict[str, str] = {}
    new = ticking.since(made) if made else {}
    for entry in view.calendar if view else ():
        if ticking.is_done(new, entry.request_id, entry.household_id, entry.key):
            continue
        late = ", overdue" if entry.overdue else ""
        said = f"{label(entry.task)}, {long_date(entry.date)}{late}"
        due.setdefault(entry.request_id, said)
    table = Table.of(
        "Placements that run today",
        found,
        {
            "Family": lambda of: of.request_id,
            "Home": lambda of: of.household_id,
            Column("Since", Kind.DAY): lambda of: of.started_on,
            Column("Planned end", Kind.DAY, missing="nobody has said"): lambda of: (
                of.planned_end_on
            ),
            "Next": lambda of: due.get(of.request_id),
        },
    )
    pairs = [(each.request_id, each.household_id) for each in found]
    return page(request, "placements", {"it": table, "pairs": pairs})


def _running(today: str) -> Iterator[Stay]:
    """The placements that run today, of the table."""
    for row in standing("placements"):
        cells = row.cells()
        begun, ended = cells["started_on"], cells["ended_on"]
        if begun <= today and not (ended and ended <= today):
            planned = cells["planned_end_on"]
            yield Stay(
                cells["request_id"],
                cells["household_id"],
                date.fromisoformat(begun),
                date.fromisoformat(planned) if planned else None,
            )


urlpatterns = [
    path("placements/", placements, name="placements"),
]
