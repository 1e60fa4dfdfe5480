"""Rounds: run, run again keeping what can be kept, the meeting's paper, and a family in it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from matcher.errors import WrongInput
from matcher.history import words as history_words
from matcher.panel import faults, since, trail, worked, world
from matcher.panel import rounds as made_rounds
from matcher.panel.acts import act
from matcher.panel.html import page, state_of, whole_number
from matcher.panel.links import of_round
from matcher.panel.models import Round, State, User, Worked
from matcher.panel.tables import counting
from matcher.report import meeting, tables
from matcher.report.view import INTERNAL, RoundView
from matcher.sizes import MANY_REQUESTS

SIDE_BY_SIDE = 8  # homes on the page of a family, unless all are asked for


@act("see_round")
def rounds(request: HttpRequest) -> HttpResponse:
    """The rounds that were run, the last first."""
    found = list(Round.objects.defer("tables").order_by("-number"))
    roles = {user.pk: user.does.label for user in User.objects.all()}
    table = made_rounds.on_the_table()
    state = state_of(request)
    given = {
        "rounds": [(each, roles.get(each.made_by, "")) for each in found],
        "table": table,
        "state": state,
        "outdated": table is not None and since.is_outdated(table, state),
    }
    return page(request, "rounds", given)


@require_POST
@act("run_round", looks=False)
def run(request: HttpRequest) -> HttpResponse:
    """Run a round, keeping to an earlier one where one is named."""
    user: Any = request.user
    number = request.POST.get("keep")
    keep = get_object_or_404(Round, number=whole_number(number)) if number else None
    state = State.objects.get()
    if _is_large():
        asked = {
            "keep": keep.number if keep else 0,
            "version": state.version,
            "day": world.today(state).isoformat(),
        }
        return redirect("running", number=worked.ask(user, "run", None, asked).pk)
    before = made_rounds.last()
    try:
        made = made_rounds.run(user, keep)
    except WrongInput as wrong:
        wrong_rows = faults.told(wrong.faults, world.tables())
        return page(request, "wrong_data", {"faults": wrong_rows, "wrong": True}, status=422)
    if before is not None and made.number <= before.number:
        messages.info(request, f"Nothing has changed: this is round {made.number}, run before.")
    else:
        messages.success(request, f"Round {made.number} was run.")
    return redirect("round", number=made.number)


def _is_large() -> bool:
    """Whether a round takes so long that a job runs it."""
    return counting("requests").count() >= MANY_REQUESTS


@act("run_round")
def running(request: HttpRequest, number: int) -> HttpResponse:
    """A large round that a job runs: it leads to the round once it is there."""
    found = get_object_or_404(Worked.objects.defer("file"), pk=number, kind="run")
    if found.done_at is not None and (made := found.answer.get("round")):
        return redirect("round", number=made)
    keep = json.loads(found.asked)["keep"]
    return page(request, "running", {"found": found, "keep": keep, "lost": worked.is_lost(found)})


@require_POST
@act("adopt_round", looks=False)
def adopt(request: HttpRequest, number: int) -> HttpResponse:
    """Mark the round that the meeting works on: it stays on the table until one of a later day is run."""
    user: Any = request.user
    with transaction.atomic():
        State.objects.select_for_update().get()
        made = get_object_or_404(Round.objects.defer("tables"), number=number)
        made.adopted_at, made.adopted_by = timezone.now(), user.pk
        made.save(update_fields=["adopted_at", "adopted_by"])
        trail.append(user, "adopted", f"round {number}")
    messages.success(request, f"The meeting works on round {number}.")
    return redirect("round", number=number)


@act("see_round")
def one(request: HttpRequest, number: int) -> HttpResponse:
    """A round as the meeting reads it."""
    return _one(request, number)


@act("see_withheld_places")
def one_internal(request: HttpRequest, number: int) -> HttpResponse:
    """A round with where withheld homes are, for who keeps addresses."""
    return _one(request, number, internal=True)


def _one(request: HttpRequest, number: int, *, internal: bool = False) -> HttpResponse:
    user: Any = request.user
    made = get_object_or_404(Round, number=number)
    view = made_rounds.seen_by(user, made, internal=internal)
    state = state_of(request)
    outdated = since.is_outdated(made, state)
    changed = since.changes(made, view) if outdated else []
    paper = made_rounds.paper(view)
    given = {
        "made": made,
        "view": view,
        "state": state,
        "links": of_round(made, view),
        "first": paper.first,
        "decisions": paper.decisions,
        "others": [each for each in view.requests if each.state != "open"],
        "elsewhere": len(view.record.requests) - len(view.requests),
        "decided": since.decided(made),
        "to_do": paper.to_do,
        "outdated": outdated,
        "changed": changed,
        "touch": since.sorted_by_touch(changed[: since.MOST_TOLD], view),
        "table": made_rounds.on_the_table(),
        "before": made_rounds.before(made),
        "internal": INTERNAL if view.internal else "",
    }
    return page(request, "round", given)


@act("see_round")
def changes(request: HttpRequest, number: int) -> HttpResponse:
    """Every change of the data since a round was run."""
    made = get_object_or_404(Round, number=number)
    view = made_rounds.seen_by(request.user, made)  # type: ignore[arg-type]
    found = since.changes(made, view)
    given = {
        "made": made,
        "links": of_round(made, view),
        "touch": since.sorted_by_touch(found, view),
        "state": state_of(request),
    }
    return page(request, "round_changes", given)


@act("compare_rounds")
def compare(request: HttpRequest, number: int, other: int) -> HttpResponse:
    """What changed from an earlier round to a later one, and why."""
    was, now = (get_object_or_404(Round, number=each) for each in sorted((number, other)))
    found = made_rounds.compared(was, now)
    given = {
        "was": was,
        "now": now,
        "counts": history_words.summary_table(found),
        "otherwise": list(history_words.otherwise(found)),
        "decisions": list(history_words.decisions_in_lines(found)),
        "homes": list(history_words.homes_in_lines(found)),
        "families": list(history_words.families_in_lines(found)),
        "unchanged": found["unchanged"],
        "links": of_round(now, made_rounds.view(now)),
        "rounds": Round.objects.defer("tables").order_by("-number"),
    }
    return page(request, "round_compare", given)


@act("see_round")
def family(request: HttpRequest, number: int, request_id: str) -> HttpResponse:
    """A family in a round: where, why, what else, and what is to do."""
    return _family(request, number, request_id)


@act("see_withheld_places")
def family_internal(request: HttpRequest, number: int, request_id: str) -> HttpResponse:
    """A family in a round with where withheld homes are, for who keeps addresses."""
    return _family(request, number, request_id, internal=True)


def _family(
    request: HttpRequest, number: int, request_id: str, *, internal: bool = False
) -> HttpResponse:
    user: Any = request.user
    made = get_object_or_404(Round, number=number)
    view = made_rounds.seen_by(user, made, internal=internal)
    found = view.request(request_id)
    if found is None:
        raise Http404
    state = state_of(request)
    home, outdated = view.home(found), since.is_outdated(made, state)
    most = len(found.ranked) + 1 if "all" in request.GET else SIDE_BY_SIDE
    given = {
        "made": made,
        "view": view,
        "state": state,
        "family": found,
        "home": home,
        "links": of_round(made, view),
        "why": [line for line in view.explainer.lines(found) if line.kind != "before"],
        "position": view.position(found),
        "compared": meeting.compared(view, found, most),
        "support": meeting.support(view, found, most),
        "more_homes": len(view.ranked(found)) > most,
        "nearest": tables.nearest_of(view, found) if found.outcome == "unplaced" else None,
        "checklist": meeting.checklist(view, found),
        "decided": since.decided(made).get(request_id, []),
        "outdated": outdated,
        "changed": [
            each
            for each in (since.changes(made, view) if outdated else ())
            if request_id == each.request_id or (home and home == each.household_id)
        ],
        "deciding": _decide_links(view, found),
        "internal": INTERNAL if view.internal else "",
    }
    return page(request, "family", given)


def _decide_links(view: RoundView, found: Any) -> dict[str, str]:
    """Where each home of a family is decided on, by id."""
    homes = [each.household_id for each in view.ranked(found)]
    homes += [each.household_id for each in found.ineligible]
    return {home: reverse("decide", args=[found.request_id, home]) for home in homes}


urlpatterns = [
    path("rounds/", rounds, name="rounds"),
    path("rounds/run/", run, name="run_round"),
    path("rounds/running/<int:number>/", running, name="running"),
    path("rounds/<int:number>/", one, name="round"),
    path("rounds/<int:number>/adopt/", adopt, name="adopt_round"),
    path("rounds/<int:number>/changes/", changes, name="round_changes"),
    path("rounds/<int:number>/compare/<int:other>/", compare, name="compare_rounds"),
    path("rounds/<int:number>/internal/", one_internal, name="round_internal"),
    path(
        "rounds/<int:number>/internal/<path:request_id>/",
        family_internal,
        name="round_family_internal",
    ),
    path("rounds/<int:number>/families/<path:request_id>/", family, name="round_family"),
]
