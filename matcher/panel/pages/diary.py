"""The diary: every duty that has a day, and a calendar file by person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path

from matcher.calendar import diary as days
from matcher.calendar.diary import Entry
from matcher.panel import diaries, ticking
from matcher.panel import rounds as made_rounds
from matcher.panel.acts import Reach, act, reach
from matcher.panel.html import download, page, state_of
from matcher.panel.models import Round
from matcher.panel.since import is_outdated
from matcher.report.view import RoundView
from matcher.words import count

ALL, MINE = "all", "mine"  # names of files beside those of people


@act("see_diary")
def diary(request: HttpRequest) -> HttpResponse:
    """What is due, day by day, of everybody or of one person."""
    user: Any = request.user
    made = made_rounds.on_the_table()
    view = made_rounds.view(made) if made else None
    found = diaries.entries(view, user) if view else []
    all_people = reach(user, "see_diary") is not Reach.OWN
    people = diaries.people(view) if view and all_people else []
    name = request.GET.get("person", "")
    if name:
        own = [each for each in people if each[0] == name]
        if not own:
            raise Http404
        found = [each for each in found if own[0][1] in each.people]
    last = _last_day(view) if view and "all" not in request.GET else date.max
    near = [each for each in found if each.date <= last]
    asked = days.questions(view.record) if view and all_people and not name else []
    given = {
        "made": made,
        "view": view,
        "outdated": made is not None and is_outdated(made, state_of(request)),
        "done": _done(made, near) if made else set(),
        "days": list(days.by_day(near)),
        "later": len(found) - len(near),
        "last": last,
        "person": name,
        "late": sum(each.overdue for each in found),
        "count": count(len(found), "dated duty"),
        "people": [{"value": n, "text": p, "selected": n == name} for n, p, _ in people],
        "file": (name or ALL) if all_people else MINE,
        "questions": days.questions_table(asked) if asked else None,
    }
    return page(request, "diary", given)


def _done(made: Round, entries: Iterable[Entry]) -> set[tuple[str, str]]:
    """The entries, by family and key, that were recorded as done since the round."""
    new = ticking.since(made)
    return {
        (each.request_id, each.key)
        for each in entries
        if ticking.is_done(new, each.request_id, each.household_id, each.key)
    }


def _last_day(view: RoundView) -> date:
    """The last day that is shown unless somebody asks for all."""
    return view.as_of + timedelta(days=int(view.policy.number("calendar.shown_days")))


@act("see_diary", looks=False)
def calendar(request: HttpRequest, person: str) -> HttpResponse:
    """The calendar file of a person, of all, or of one's own duties, for Outlook and others."""
    user: Any = request.user
    made = made_rounds.on_the_table()
    if made is None:
        raise Http404
    if reach(user, "see_diary") is Reach.OWN:
        if person != MINE:
            raise Http404
        content: str | None = diaries.of_user(made, user)
    else:
        content = diaries.of_person(made, "" if person == ALL else person)
    if content is None:
        raise Http404
    view = made_rounds.view(made)
    families = [each.request_id for each in diaries.entries(view, user)]
    diaries.took_out(user, person, families)
    return download(content.encode(), f"calendar-{person}.ics", "text/calendar; charset=utf-8")


urlpatterns = [
    path("diary/", diary, name="diary"),
    path("diary/<path:person>.ics", calendar, name="calendar"),
]
