"""The record: who saw and did what, and whether it is whole."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher.panel import record as held
from matcher.panel import trail
from matcher.panel.acts import act
from matcher.panel.html import download, moment, page, whole_number
from matcher.panel.models import User
from matcher.show.table import Table

LINES = 50


@act("see_record")
def record(request: HttpRequest) -> HttpResponse:
    """Who saw and did what, the last first: of everybody or of one, about everything or one id."""
    reader: Any = request.user
    kind, subject = request.GET.get("kind", ""), request.GET.get("about", "").strip()
    who = request.GET.get("who", "")
    pages = Paginator(held.lines(kind, whole_number(who) or None, subject), LINES)
    shown = pages.get_page(request.GET.get("page"))
    people = list(User.objects.order_by("username"))
    found = held.told(shown, reader, {each.pk: each.username for each in people})
    given = {
        "it": Table.of(
            "Who saw and did what",
            found,
            {
                "When": lambda line: moment(line.at),
                "Who": lambda line: line.who,
                "Role": lambda line: line.role,
                "What": lambda line: [line.act, *line.cells],
                "About": lambda line: line.subject,
            },
        ),
        "shown": shown,
        "kind": kind,
        "who": who,
        "about": subject,
        "kinds": {key: text for key, (text, _) in held.KINDS.items()},
        "people": people,
        "is_family": bool(subject) and held.is_held("request_id", subject),
        "is_home": bool(subject) and held.is_held("household_id", subject),
    }
    return page(request, "trail", given)


@act("see_record")
def whole(request: HttpRequest) -> HttpResponse:
    """Whether the record is whole: when it was read again, and what was wrong."""
    last, held_at, waits = held.verified()
    return page(request, "record_whole", {"last": last, "held": held_at, "waits": waits})


@require_POST
@act("verify_record", looks=False)
def verify(request: HttpRequest) -> HttpResponse:
    """Ask the worker to read it all again."""
    if not held.verified()[2]:
        held.ask(request.user)  # type: ignore[arg-type]
    return redirect("record_whole")


@act("take_out")
def family_file(request: HttpRequest, request_id: str) -> HttpResponse:
    """All that is held of a family, as one file."""
    return _file(request, "request_id", request_id)


@act("take_out")
def home_file(request: HttpRequest, household_id: str) -> HttpResponse:
    """All that is held of a household, as one file."""
    return _file(request, "household_id", household_id)


def _file(request: HttpRequest, column: str, name: str) -> HttpResponse:
    user: Any = request.user
    if not held.is_held(column, name):
        raise Http404
    trail.append(user, "took out", name, {"file": "all that is held"})
    return download(held.whole(column, name), "held.json", "application/json")


urlpatterns = [
    path("record/", record, name="record"),
    path("record/whole/", whole, name="record_whole"),
    path("record/verify/", verify, name="verify_record"),
    path("record/family/<path:request_id>.json", family_file, name="family_file"),
    path("record/home/<path:household_id>.json", home_file, name="home_file"),
]
