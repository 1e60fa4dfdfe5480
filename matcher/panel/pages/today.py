"""Today: what is wrong, what waits for whom, and what changed since the last round."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from matcher.panel import rounds
from matcher.panel.acts import act
from matcher.panel.html import page
from matcher.panel.models import State
from matcher.report import meeting


@act("see_today")
def today(request: HttpRequest) -> HttpResponse:
    """What a person looks at first."""
    made = rounds.last()
    blocks = meeting.first_page(rounds.view(made)) if made else []
    return page(request, "today", {"made": made, "first": blocks, "state": State.objects.get()})


@act("own_account")
def more(request: HttpRequest) -> HttpResponse:
    """The other screens that a person may open."""
    return page(request, "more")


urlpatterns = [
    path("", today, name="today"),
    path("more/", more, name="more"),
]
