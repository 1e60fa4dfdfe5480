"""Duties: one list of what is to do, by person, ticked off or accepted while it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from matcher.errors import WrongInput
from matcher.intake.accepting import who_may
from matcher.panel import deciding, drafts, ticking, trail, world
from matcher.panel import rounds as made_rounds
from matcher.panel.acts import act, may, reach
from matcher.panel.answers import Answers, at_fields
from matcher.panel.html import page, state_of
from matcher.panel.models import Round
from matcher.panel.since import is_outdated
from matcher.panel.ticking import Line, Progress
from matcher.report.view import RoundView
from matcher.words import and_list, count, long_date, upper_first

FILTERS = ("person", "family")
MOST_LINES = 40  # that stand below each other before anybody asked for a person or a family


@dataclass(frozen=True, slots=True)
class Group:
    """The duties of one person for one family, with how far its match is."""

    request_id: str
    household_id: str | None
    progress: Progress | None
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """The duties of one person."""

    name: str
    overdue: int
    open: int
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Register:
    """The duties that a user may see, of the last round, with what was recorded since."""

    made: Round
    view: RoundView
    lines: list[Line]
    progress: dict[str, Progress]

    @classmethod
    def of(cls, user: Any) -> Register | None:
        """The register; None where no round was run."""
        made = made_rounds.on_the_table()
        if made is None:
            return None
        view = made_rounds.view(made)
        new = ticking.since(made)
        return cls(made, view, ticking.lines(view, new, user), ticking.progress(view, new))

    def line(self, name: str) -> Line | None:
        """A line by its name."""
        return next((each for each in self.lines if name and each.name == name), None)

    def people(self, person: str, family: str) -> list[Person]:
        """The lines by person and family, those of a filter alone."""
        some = [
            each
            for each in self.lines
            if person in ("", each.task.person) and family in ("", each.task.request_id)
        ]
        found = []
        for name, own in groupby(some, key=lambda each: each.task.person):
            mine = list(own)
            late = sum(each.task.overdue and each.waits for each in mine)
            still = sum(each.waits for each in mine)
            found.append(Person(name, late, still, tuple(self._groups(mine))))
        return found

    def matches(self) -> list[tuple[str, str, Progress, int]]:
        """Every family with a home: how far its match is, and how many of its duties are overdue."""
        seen = {each.task.request_id for each in self.lines}
        return [
            (
                request.request_id,
                home,
                self.progress[request.request_id],
                sum(
                    e.task.request_id == request.request_id and e.task.overdue and e.waits
                    for e in self.lines
                ),
            )
            for request in self.view.requests
            if request.request_id in seen and (home := self.view.home(request)) is not None
        ]

    def _groups(self, mine: Sequence[Line]) -> list[Group]:
        """The lines of a person by family, whose first is due first."""
        by_pair: dict[tuple[str, str | None], list[Line]] = {}
        for line in mine:
            key = line.task.request_id, line.task.household_id
            by_pair.setdefault(key, []).append(line)
        return [
            Group(request_id, home, self.progress.get(request_id), tuple(lines))
            for (request_id, home), lines in by_pair.items()
        ]


@act("see_duties")
def duties(request: HttpRequest) -> HttpResponse:
    """What is to do, by person; each line is ticked off where it is done."""
    return _page(request, [])


def _page(request: HttpRequest, faults: list[dict[str, str]]) -> HttpResponse:
    user: Any = request.user
    register = Register.of(user)
    state = state_of(request)
    posted = drafts.given(request, reverse("tick"))
    asked = posted or request.GET
    person, family = (asked.get(name, "") for name in FILTERS)
    people = register.people(person, family) if register else []
    many = sum(each.open for each in people) > MOST_LINES and not (person or family or posted)
    names = sorted({each.task.person for each in register.lines}) if register else []
    families = sorted({each.task.request_id for each in register.lines}) if register else []
    given = {
        "register": register,
        "people": people,
        "summed": many and "all" not in asked,
        "matches": register.matches() if register else [],
        "names": [{"value": name, "text": name, "selected": name == person} for name in names],
        "families": [
            {"value": each, "text": each, "selected": each == family} for each in families
        ],
        "person": person,
        "family": family,
        "today": world.today(state),
        "outdated": register is not None and is_outdated(register.made, state),
        "makers": _may_take_back(user, register.made) if register else {},
        "acceptable": _acceptable(user, register) if register else set(),
        "records": reach(user, "record_duty") is not None,
        "ticked": set(posted.getlist("tick")),
        "given": posted,
        "kept_input": drafts.hidden(user, reverse("tick")),
        **at_fields(faults),
    }
    return page(request, "duties", given)


def _may_take_back(user: Any, made: Round) -> set[object]:
    """The events since the round that a user may take back."""
    found = ticking.makers(made).items()
    return {row for row, line in found if deciding.may_take_back(user, line)}


def _acceptable(user: Any, register: Register) -> set[str]:
    """The names of the lines that somebody may accept while they are open."""
    if reach(user, "accept_duty") is None:
        return set()
    policy = register.view.policy
    return {
        each.name
        for each in register.lines
        if each.duty and each.is_open and policy.may_accept(each.duty)
    }


@act("record_duty", looks=False)
def tick(request: HttpRequest) -> HttpResponse:
    """Record the ticked duties as done; asked for without any, the list with what was ticked last."""
    if request.method != "POST":
        return _page(request, [])
    user: Any = request.user
    register = Register.of(user)
    names = request.POST.getlist("tick")
    chosen = [line for name in names if register and (line := register.line(name)) is not None]
    if len(chosen) != len(names):
        trail.refused(user, "record_duty", " ".join(names)[:200])
        raise Http404
    answers = Answers(request.POST)
    on = answers.day("on", "the day on which it was done")
    note = answers.note()
    if not chosen:
        answers.errors["tick"] = "Tick what is done"
    try:
        answers.ready()
        ticking.tick(user, chosen, on, note)
    except WrongInput as wrong:
        return _page(request, deciding.faults(wrong, ("on", "tick", "note")))
    drafts.drop(user, reverse("tick"))
    families = and_list(dict.fromkeys(line.task.request_id for line in chosen))
    done = upper_first(count(len(chosen), "duty"))
    messages.success(request, f"{done} of {families} recorded as done.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponseRedirect:
    """The list again, with its filters."""
    kept = {name: value for name in FILTERS if (value := request.POST.get(name))}
    return HttpResponseRedirect(reverse("duties") + (f"?{urlencode(kept)}" if kept else ""))


@act("accept_duty")
def accept(request: HttpRequest) -> HttpResponse:
    """Accept a duty while it is open: who answers for it, and until when."""
    user: Any = request.user
    register = Register.of(user)
    name = request.POST.get("duty", "") or request.GET.get("duty", "")
    line = register.line(name) if register else None
    if register is None or line is None:
        raise Http404
    roles = register.view.policy.may_accept(line.duty)
    faults: list[dict[str, str]] = []
    if request.method == "POST":
        answers = Answers(request.POST)
        by = answers.code("by", "who answers for it", tuple(roles))
        until = answers.day("until", "the last day on which it is accepted")
        note = answers.note()
        try:
            answers.ready()
            ticking.accept(user, line, by, until, note)
        except WrongInput as wrong:
            faults = deciding.faults(wrong, ("by", "until", "note"))
        else:
            messages.success(request, f"{line.task.name} of {line.task.request_id} is accepted while it is open.")  # fmt: skip
            return redirect("duties")
    given = {
        "line": line,
        "roles": [
            {"value": role, "text": f"{upper_first(role)}, for at most {count(days, 'day')}"}
            for role, days in roles.items()
        ],
        "who_may": who_may(roles),
        "given": request.POST,
        **at_fields(faults),
    }
    return page(request, "accept", given)


@require_POST
@act("withdraw_own", looks=False)
def take_back(request: HttpRequest, row: int) -> HttpResponse:
    """Take back what was recorded of a duty: one's own within the day, any by a team manager."""
    user: Any = request.user
    found = ticking.event(row)
    if found is None:
        raise Http404
    cells = found.cells()
    if not may(user, "record_duty", request_id=cells["request_id"]):
        trail.refused(user, "withdraw_own", cells["request_id"])
        raise Http404
    made = made_rounds.on_the_table()
    line = ticking.makers(made).get(row) if made else None
    if not deciding.may_take_back(user, line):
        trail.refused(user, "withdraw_any", cells["request_id"])
        raise PermissionDenied
    try:
        ticking.take_back(user, found)
    except WrongInput as wrong:
        messages.error(request, " ".join(["It was not taken back.", *deciding.sentences(wrong)]))
    else:
        day = long_date(cells["on"])
        messages.success(request, f"What was recorded for {cells['request_id']} on {day} is taken back.")  # fmt: skip
    return _back(request)


urlpatterns = [
    path("duties/", duties, name="duties"),
    path("duties/tick/", tick, name="tick"),
    path("duties/accept/", accept, name="accept_duty"),
    path("duties/take-back/<int:row>/", take_back, name="take_back_duty"),
]
