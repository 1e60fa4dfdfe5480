"""The duty desk: five questions first, an answer after each, whom to call, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher import codes, terms
from matcher.duty import words
from matcher.duty.desk import place
from matcher.duty.record import record
from matcher.duty.spoken import spoken
from matcher.errors import Fault, WrongInput, wrong_cell
from matcher.intake import written
from matcher.intake.given import Given, given
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Decision, Request, columns_of
from matcher.panel import world
from matcher.panel.acts import Role, act, may, reach
from matcher.panel.filling import next_id, tried
from matcher.panel.forms import Question, question
from matcher.panel.html import page
from matcher.panel.models import Assignment, Draft, State, User
from matcher.panel.tables import TableRow, counting
from matcher.panel.work import Change
from matcher.words import label

FORM = "/duty/"
FIRST = (
    "needed_from",
    "parent_age",
    "parent_looked_after",
    "child_born_or_due_on",
    "child_legal_status",
)
AT_ONCE = {  # what is said most, and needs no typing
    "needed_from": (("tonight", "Tonight"), ("tomorrow", "Tomorrow")),
    "child_born_or_due_on": (("today", "Born today"), ("yesterday", "Born yesterday")),
}
MOST_CALLED = 8  # households on the list
ASKED = tuple(name for name in columns_of(Request) if name not in ("request_id", "status"))
ALSO = ("expected_weeks",)  # asked before a family is saved besides what every family must have
NO = "declined_by_carer"


@dataclass
class Call:
    """What is known of a family that is called about: what was said, what not, and who said no."""

    said: dict[str, str]  # the cells
    unknown: list[str]  # columns that nobody could say
    noes: dict[str, str]  # the reason, by household

    @classmethod
    def of(cls, user: User) -> Call:
        """The call that a user has open; an empty one else."""
        draft = Draft.objects.filter(user=user, form=FORM).first()
        found: Mapping[str, Any] = draft.cells if draft else {}
        return cls(found.get("said", {}), found.get("unknown", []), found.get("noes", {}))

    def keep(self, user: User) -> None:
        """Keep it, whatever becomes of the session."""
        cells = {"said": self.said, "unknown": self.unknown, "noes": self.noes}
        Draft.objects.update_or_create(user=user, form=FORM, defaults={"cells": cells})

    def given(self, inputs: Inputs) -> Given:
        """It as a request of which little may be known; WrongInput where a cell can't be read."""
        said = [f"{column}={text}" for column, text in self.said.items()]
        return given(inputs, None, spoken(said, inputs.as_of))


def _without(inputs: Inputs, request_id: str, noes: Mapping[str, str]) -> Inputs:
    """The round in which these households have said no to the family."""
    said = {
        (request_id, home): Decision(request_id, home, NO, inputs.as_of, reason or None)
        for home, reason in noes.items()
    }
    return replace(inputs, decisions={**inputs.decisions, **said})


def _answer(request: HttpRequest, inputs: Inputs, policy: Any, asked: Given, noes: Mapping[str, str]) -> dict[str, Any]:  # fmt: skip
    """What the desk says: who could take them, what it does to the others, and what to ask."""
    around = _without(inputs, asked.request_id, noes)
    found = record(place(around, policy, asked, MOST_CALLED))
    homes, every = words.homes(found) if found["ranked"] else ([], "")
    return {
        "found": found,
        "standstill": words.standstill(found),
        "why": words.why(found) if words.standstill(found) else [],
        "verdict": words.verdict(found),
        "assumed": words.assumed(found),
        "ask_first": words.ask_first(found),
        "held_for": words.held_for(found),
        "who": words.who(found),
        "homes": homes,
        "every": every,
        "asks": words.asks_in_order(found),
        "other_asks": list(words.other_asks(found)),
        "reasons": [(code, label(code)) for code in codes.REASONS],
        "noes": [(home, label(reason) if reason else "") for home, reason in sorted(noes.items())],
        "warnings": [each.sentence() for each in asked.warnings],
    }


def _world() -> tuple[State, Inputs, Any]:
    state = State.objects.get()
    return (state, *world.load(state))


def _next(call: Call, answer: Mapping[str, Any], wanted: str) -> str:
    """The column that is asked now: one that was named, the first five, then what matters most."""
    if wanted in ASKED:
        return wanted
    open_still = {*ASKED} - call.said.keys() - {*call.unknown}
    if _is_adult(call.said.get("parent_age", "")):
        open_still.discard("parent_looked_after")  # the law says so
    if first := [column for column in FIRST if column in open_still]:
        return first[0]
    missing = [each["column"] for each in answer["found"]["missing"]] if answer else []
    return next((column for column in missing if column in open_still), "")


def _is_adult(age: str) -> bool:
    return age.isdecimal() and int(age) >= 18


@act("duty_desk")
def desk(request: HttpRequest) -> HttpResponse:
    """The call that is open: what was answered, what to ask next, and whom to call."""
    user: Any = request.user
    return _desk(request, Call.of(user), request.GET.get("ask", ""))


def _desk(request: HttpRequest, call: Call, wanted: str, typed: str = "", faults: tuple[Fault, ...] = ()) -> HttpResponse:  # fmt: skip
    try:
        _, inputs, policy = _world()
    except WrongInput as error:
        return page(request, "desk", {"broken": [f.sentence_of_whom() for f in error.faults[:5]]})
    answer: dict[str, Any] = {}
    if call.said and not faults:
        answer = _answer(request, inputs, policy, call.given(inputs), call.noes)
    column = _next(call, answer, wanted)
    asked = _question(column) if column else None
    errors = [f"{fault.problem} {fault.fix}".strip() for fault in faults]
    given = {
        **answer,
        "column": column,
        "question": asked.shown(typed or call.said.get(column, ""), errors) if asked else None,
        "at_once": AT_ONCE.get(column, ()),
        "number": FIRST.index(column) + 1 if column in FIRST else None,
        "wrong": {asked.shown("", ()).href[1:]: " ".join(errors)} if asked and errors else {},
        "said": [_said(name, text) for name, text in call.said.items()],
        "not_known": [_said(name, "") for name in call.unknown],
        "others": _others(call, column),
        "may_save": reach(request.user, "edit_family") is not None,  # type: ignore[arg-type]
        "recorded": False,
    }
    return page(request, "desk", given, status=422 if errors else 200)


def _question(column: str) -> Question:
    return question("requests", column)


def _said(column: str, text: str) -> dict[str, str]:
    asked = _question(column)
    said = asked.said(asked.safe_value(text)) if text else asked.column.blank
    at_once = dict(AT_ONCE.get(column, ())).get(text)
    return {"column": column, "question": asked.column.question, "said": at_once or said}


def _others(call: Call, column: str) -> list[tuple[str, str]]:
    """What else could be said, as its question."""
    known = {*call.said, column}
    return [(name, _question(name).column.question) for name in ASKED if name not in known]


@require_POST
@act("duty_desk", looks=False)
def say(request: HttpRequest) -> HttpResponse:
    """Take an answer, or that nobody knows."""
    user: Any = request.user
    column = request.POST.get("column", "")
    if column not in ASKED:
        raise Http404
    call = Call.of(user)
    text = request.POST.get("at_once") or _question(column).posted(request.POST)
    if "unknown" in request.POST or not text:
        call.said.pop(column, None)
        call.unknown = [*dict.fromkeys([*call.unknown, column])]
        call.keep(user)
        return redirect("desk")
    before = dict(call.said)
    call.said[column] = text
    call.unknown = [name for name in call.unknown if name != column]
    try:
        call.given(_world()[1])
    except WrongInput as error:
        call.said = before
        return _desk(request, call, column, text, error.faults)
    call.keep(user)
    return redirect("desk")


@require_POST
@act("duty_desk", looks=False)
def start_again(request: HttpRequest) -> HttpResponse:
    """Forget the call."""
    user: Any = request.user
    Draft.objects.filter(user=user, form=FORM).delete()
    return redirect("desk")


@require_POST
@act("duty_desk", looks=False)
def no(request: HttpRequest) -> HttpResponse:
    """Note that carers said no; of a family that is recorded it is a decision at once."""
    user: Any = request.user
    home, reason = request.POST.get("household_id", ""), request.POST.get("reason", "")
    request_id = request.POST.get("request_id", "")
    known = counting("households").filter(household_id=home).exists()
    if not known or reason not in ("", *codes.REASONS):
        raise Http404
    if request_id:
        if not may(user, "see_families", request_id=request_id) or not _may_note(user, home):
            raise Http404
        tried(user, lambda change: _decline(change, request_id, home, reason))
        messages.success(request, f"Recorded: the carers of {home} said no.")
        return redirect("desk_of", request_id=request_id)
    call = Call.of(user)
    call.noes[home] = reason
    call.keep(user)
    return redirect("desk")


def _may_note(user: User, home: str) -> bool:
    return may(user, "record_decline_carer", household_id=home)


def _decline(change: Change, request_id: str, home: str, reason: str) -> TableRow:
    cells = {
        "request_id": request_id,
        "household_id": home,
        "decision": NO,
        "decided_on": world.today(change.state).isoformat(),
        "reason": reason,
        "decided_by": terms.say(change.user.does.label.lower()),
    }
    return change.add("decisions", cells, f"{request_id} {home}", "decided")


@act("duty_desk")
def desk_of(request: HttpRequest, request_id: str) -> HttpResponse:
    """A family that is recorded and open: whom to call."""
    user: Any = request.user
    if not may(user, "see_families", request_id=request_id):
        raise Http404
    try:
        _, inputs, policy = _world()
    except WrongInput as error:
        return page(request, "desk", {"broken": [f.sentence_of_whom() for f in error.faults[:5]]})
    if request_id not in inputs.open_ids:
        raise Http404
    answer = _answer(request, inputs, policy, given(inputs, request_id, ()), {})
    noes = [
        (row.household_id, label(row.reason) if row.reason else "")
        for (who, _), row in sorted(inputs.decisions.items())
        if who == request_id and row.decision == NO
    ]
    more = {"recorded": request_id, "noes": noes, "may_note": {
        home.household_id: _may_note(user, home.household_id) for home in answer["homes"]
    }}  # fmt: skip
    return page(request, "desk", answer | more)


@act("edit_family", looks=False)
def save(request: HttpRequest) -> HttpResponse:
    """Save the call as a family: what must be known besides is asked on one page."""
    user: Any = request.user
    call = Call.of(user)
    if not call.said:
        return redirect("desk")
    state, inputs, _ = _world()
    lacking = [
        name
        for name, about in columns_of(Request).items()
        if (about.required or name in ALSO) and name not in call.said
    ]
    start = {"request_id": next_id("requests", "request_id"), "received_on": world.today(state).isoformat()}  # fmt: skip
    typed = {name: start.get(name, "") for name in lacking}
    faults: tuple[Fault, ...] = ()
    if request.method == "POST":
        typed = {name: _question(name).posted(request.POST) for name in lacking}
        whole = Call(call.said | {k: v for k, v in typed.items() if v}, [], {})
        try:
            made = _saved(user, whole, call.noes, inputs, lacking)
        except WrongInput as error:
            faults = error.faults
        else:
            Draft.objects.filter(user=user, form=FORM).delete()
            messages.success(request, f"{made} is recorded.")
            return redirect("family", request_id=made)
    errors = {
        name: [f"{f.problem} {f.fix}".strip() for f in faults if f.column == name]
        for name in lacking
    }
    shown = {name: _question(name).shown(typed[name], errors[name]) for name in lacking}
    wrong = [{"text": " ".join(errors[n]), "href": shown[n].href} for n in lacking if errors[n]]
    wrong += [{"text": f.sentence_of_whom()} for f in faults if f.column not in lacking]
    given = {
        "questions": list(shown.values()),
        "wrong": wrong,
        "said": [_said(name, text) for name, text in call.said.items()],
    }
    return page(request, "desk_save", given, status=422 if faults else 200)


def _saved(user: User, call: Call, noes: Mapping[str, str], inputs: Inputs, lacking: list[str]) -> str:  # fmt: skip
    """The id of the family, recorded with who said no; WrongInput where it can't be."""
    cells = {name: written.cell(value) for name, value in call.given(inputs).cells.items()}
    blank = [name for name in lacking if name not in (*call.said, *ALSO)]
    if blank:
        problem, fix = "The cell is blank.", "Every row needs a value here."
        raise WrongInput([wrong_cell("request", None, name, None, problem, fix) for name in blank])
    request_id = cells["request_id"]

    def make(change: Change) -> TableRow:
        row = change.add("requests", cells, request_id)
        for home, reason in noes.items():
            if _may_note(user, home):
                _decline(change, request_id, home, reason)
        if user.does is Role.CHILD:
            Assignment.objects.get_or_create(user=user, request_id=request_id)
        return row

    tried(user, make)
    return request_id


urlpatterns = [
    path("duty/", desk, name="desk"),
    path("duty/say/", say, name="desk_say"),
    path("duty/no/", no, name="desk_no"),
    path("duty/again/", start_again, name="desk_again"),
    path("duty/save/", save, name="desk_save"),
    path("duty/family/<path:request_id>/", desk_of, name="desk_of"),
]
