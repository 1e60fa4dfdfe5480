"""Placements: who lives where, until when, and what comes next."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path

from matcher.intake.rows import Placement
from matcher.panel import cases, ticking, world
from matcher.panel import rounds as made_rounds
from matcher.panel.acts import Reach, act, reach
from matcher.panel.html import page, state_of
from matcher.panel.own import own_requests
from matcher.show.table import Column, Kind, Table
from matcher.words import label, long_date


@act("see_families")
def placements(request: HttpRequest) -> HttpResponse:
    """Every placement that runs, with its planned end and what is due next."""
    user: Any = request.user
    today = world.today(state_of(request))
    own = own_requests(user) if reach(user, "see_families") is Reach.OWN else None
    made = made_rounds.on_the_table()
    view = made_rounds.view(made) if made else None
    running = {each.request_id: each for each in cases.running(cases.clean("placements"), today)}
    for family in view.requests if view else ():
        living = family.facts.living
        if family.state == "placed" and living is not None and living.runs:
            told = Placement(family.request_id, living.household_id, living.started_on)
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


urlpatterns = [
    path("placements/", placements, name="placements"),
]
