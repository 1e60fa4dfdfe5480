"""Rounds: run, run again keeping what can be kept, the meeting's paper, and a family in it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher.panel import rounds as made_rounds
from matcher.panel.acts import act
from matcher.panel.html import page
from matcher.panel.models import Round, State
from matcher.report import meeting


@act("see_round")
def rounds(request: HttpRequest) -> HttpResponse:
    """The rounds that were run, the last first."""
    found = Round.objects.defer("tables").order_by("-number")
    return page(request, "rounds", {"rounds": found, "state": State.objects.get()})


@require_POST
@act("run_round", looks=False)
def run(request: HttpRequest) -> HttpResponse:
    """Run a round, keeping to an earlier one where one is named."""
    number = request.POST.get("keep")
    keep = get_object_or_404(Round, number=number) if number else None
    made = made_rounds.run(request.user, keep)  # type: ignore[arg-type]
    return redirect("round", number=made.number)


@act("see_round")
def one(request: HttpRequest, number: int) -> HttpResponse:
    """A round as the meeting reads it."""
    made = get_object_or_404(Round, number=number)
    view = made_rounds.view(made)
    given = {
        "made": made,
        "view": view,
        "first": meeting.first_page(view),
        "decisions": meeting.decisions(view),
    }
    return page(request, "round", given)


@act("see_round")
def family(request: HttpRequest, number: int, request_id: str) -> HttpResponse:
    """A family in a round: where, why, what else, and what is to do."""
    made = get_object_or_404(Round, number=number)
    view = made_rounds.view(made)
    found = next((each for each in view.requests if each.request_id == request_id), None)
    if found is None:
        raise Http404
    given = {
        "made": made,
        "view": view,
        "family": found,
        "why": view.explainer.lines(found),
        "compared": meeting.compared(view, found),
        "checklist": meeting.checklist(view, found),
    }
    return page(request, "family", given)


urlpatterns = [
    path("rounds/", rounds, name="rounds"),
    path("rounds/run/", run, name="run_round"),
    path("rounds/<int:number>/", one, name="round"),
    path("rounds/<int:number>/<str:request_id>/", family, name="round_family"),
]
