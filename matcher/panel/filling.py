"""A form from its question to its row: shown, tried with all other rows, and saved or sent back.

Nothing that was typed is lost: with a fault it is a draft, and where somebody else was first both
are kept if they changed different cells, else shown beside each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from matcher.errors import Fault, WrongInput, wrong_cell
from matcher.intake.cells import WrongCell
from matcher.intake.inputs import Inputs
from matcher.panel import drafts, trail, world
from matcher.panel.acts import Role
from matcher.panel.faults import told as told_of_rows
from matcher.panel.forms import VERSION, Form, Question, question, read, told, was_of
from matcher.panel.html import moment, page
from matcher.panel.models import State, Trail, User
from matcher.panel.tables import FIRST_NUMBER, IDS, MODELS, TableRow, counting, standing
from matcher.panel.work import Change, Overtaken, changing
from matcher.words import and_list, label

MINE, CHOOSE, NOW = "mine", "choose-", "now"
NOTHING_CHANGED = "Nothing was changed."
GONE = "Somebody else has taken it back already."
NOT_WHOLE = "Part of the form did not arrive. Look it over, and save it again."


@dataclass(frozen=True)
class Filling:
    """A form at its address: the columns asked, of a row or of a new one, and where it leads.

    `fixed` are cells of a new row that nobody is asked for; `idle` are columns that are asked of this
    row only further down; `options` are texts to choose from for a column; `note` is
    said before the questions; `after` does what belongs to the row in the same change.
    """

    request: HttpRequest
    table: str
    names: tuple[str, ...]
    title: str
    back: str
    done: Callable[[TableRow], str]
    subject: Callable[[TableRow], str]
    row: TableRow | None = None
    fixed: Mapping[str, str] = field(default_factory=dict)
    start: Mapping[str, str] = field(default_factory=dict)
    idle: frozenset[str] = frozenset()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    said: str = "Saved."
    note: str = ""
    after: Callable[[Change, TableRow], None] = lambda change, row: None

    @property
    def user(self) -> User:
        """Who fills it in."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    @property
    def stored(self) -> dict[str, str]:
        """The cells as they are recorded."""
        return self.row.cells() if self.row is not None else {}

    def answer(self) -> HttpResponse:
        """The page, or what came of what was posted."""
        request = self.request
        if request.method != "POST":
            draft = drafts.of(self.user, request.path)
            if draft is not None and request.GET.get(drafts.TYPED):
                return self._again(drafts.typed(draft))
            return self._shown({**self.start, **self.stored}, draft=draft)
        if drafts.THROW_AWAY in request.POST:
            drafts.drop(self.user, request.path)
            return redirect(request.path)
        return self._posted(request.POST)

    def _again(self, data: Any) -> HttpResponse:
        """The form with what was typed once before, against the cells that were recorded then."""
        mine, was = self._mine(data, self.stored)
        _, wrong = Form(self.table, self.names, was).cells(mine)
        version = data.get(VERSION, self.row.version if self.row else 0)
        return self._shown({**self.stored, **mine}, wrong, was=was, version=version)

    def _mine(self, data: Any, stored: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
        """What was posted, and the cells that its form was shown with."""
        was = was_of(data, self.names) or {name: stored.get(name, "") for name in self.names}
        if MINE not in data:
            return Form(self.table, self.names, was).posted(data), was
        try:
            mine = dict(json.loads(str(data[MINE])))
        except (ValueError, TypeError):
            mine = {}
        mine = {c: str(v) for c, v in mine.items() if c in self.names}
        # Of a page that showed both, what was recorded stays where it was chosen.
        return was | {c: v for c, v in mine.items() if data.get(CHOOSE + c) != NOW}, was

    def _posted(self, data: Any) -> HttpResponse:
        if self.row is not None and was_of(data, self.names) is None:
            return self._shown(self.stored, other=[{"text": NOT_WHOLE}])
        mine, was = self._mine(data, self.stored)
        form = Form(self.table, self.names, was)
        cells, wrong = form.cells(mine)
        if wrong:
            return self._refused(mine, was, wrong)
        changed = {c: v for c, v in cells.items() if v != was[c]}
        if self.row is not None and not changed:
            drafts.drop(self.user, self.request.path)
            messages.info(self.request, NOTHING_CHANGED)
            return redirect(self.done(self.row))
        try:
            made, inputs, merged = self._saved(changed, was)
        except Overtaken as error:
            return self._beside(changed, was, error.row)
        except WrongInput as error:
            wrong, other = self._placed(error.faults)
            return self._refused(mine, was, wrong, other)
        drafts.drop(self.user, self.request.path)
        said = [self.said, *([merged] if merged else []), *self._asked(made, inputs)]
        messages.success(self.request, " ".join(said))
        return redirect(self.done(made))

    def _saved(
        self, changed: Mapping[str, str], was: Mapping[str, str]
    ) -> tuple[TableRow, Inputs | None, str]:
        """The row as it is saved, the data then, and what somebody else changed of it meanwhile."""
        merged = ""

        def save(change: Change) -> TableRow:
            nonlocal merged
            if self.row is None:
                made = self._added(change, changed)
            else:
                now = counting(self.table).filter(pk=self.row.pk).first()
                if now is None:
                    raise Overtaken(None)
                theirs = [c for c in self.names if getattr(now, c) != was[c]]
                if _contested(self.table, changed, now, theirs):
                    raise Overtaken(now)
                if theirs:
                    names = and_list(f"‘{question(self.table, c).column.question}’" for c in theirs)
                    merged = f"Somebody else had changed {names} meanwhile: both are kept."
                made = change.edit(now, changed, now.version, self.subject(now))
            self.after(change, made)
            return made

        return *tried(self.user, save), merged

    def _added(self, change: Change, changed: Mapping[str, str]) -> TableRow:
        cells = {**self.fixed, **changed}
        key = IDS.get(self.table)
        if key and counting(self.table).filter(**{key: cells.get(key, "")}).exists():
            problem, fix = "This id is there already.", "Give it another id, or open that one."
            raise WrongInput([wrong_cell(self.table, None, key, None, problem, fix)])
        return change.add(self.table, cells, self.subject(MODELS[self.table](**cells)))

    def _placed(
        self, faults: tuple[Fault, ...]
    ) -> tuple[dict[str, list[str]], list[dict[str, str | None]]]:
        """Faults by the field of the form that they are about, and those that are about none."""
        own = [row.pk for row in standing(self.table)]
        number = own.index(self.row.pk) if self.row and self.row.pk in own else len(own)
        wrong: dict[str, list[str]] = {}
        other: list[dict[str, str | None]] = []
        elsewhere = []
        for fault in faults:
            of_row = fault.row in (None, number + FIRST_NUMBER) and fault.table == self.table
            if of_row and fault.column in self.names:
                wrong.setdefault(fault.column, []).append(told(fault))
            elif of_row and fault.column in MODELS[self.table]().cells():
                asked = question(self.table, fault.column).column.question
                other.append({"text": f"{asked} {told(fault)}"})
            else:
                elsewhere.append(fault)
        return wrong, [*other, *about(elsewhere)]

    def _asked(self, made: TableRow, inputs: Inputs | None) -> list[str]:
        """What is unusual in the row that was saved: a question, never a refusal."""
        if inputs is None:
            return []
        number = [row.pk for row in standing(self.table)].index(made.pk) + FIRST_NUMBER
        return [
            f"{question(self.table, each.column).column.question} {told(each)}"
            for each in inputs.warnings
            if each.table == self.table and each.row == number and each.column in self.names
        ]

    def _refused(
        self,
        mine: Mapping[str, str],
        was: Mapping[str, str],
        wrong: Mapping[str, list[str]],
        other: list[dict[str, str | None]] | None = None,
    ) -> HttpResponse:
        drafts.keep(self.user, self.request.path, self.request.POST)
        version = self.request.POST.get(VERSION, "0")
        return self._shown({**self.stored, **mine}, wrong, other, was, version)

    def _shown(
        self,
        cells: Mapping[str, str],
        wrong: Mapping[str, list[str]] | None = None,
        other: list[dict[str, str | None]] | None = None,
        was: Mapping[str, str] | None = None,
        version: Any = None,
        draft: Any = None,
    ) -> HttpResponse:
        wrong = wrong or {}
        shown = was if was is not None else self.stored
        form = Form(self.table, self.names, shown)
        now = tuple(n for n in self.names if n not in self.idle or n in wrong)
        first = replace(form, names=now)
        rest = replace(form, names=tuple(n for n in self.names if n not in now))
        questions = [
            each.with_options(self.options[asked.name]) if asked.name in self.options else each
            for asked, each in zip(first.questions, first.shown(cells, wrong), strict=True)
        ]
        summary = [
            {"text": f"{asked.column.question} {text}", "href": each.href}
            for asked, each in zip(first.questions, questions, strict=True)
            for text in wrong.get(asked.name, ())
        ]
        if version is None:
            version = self.row.version if self.row else 0
        given = {
            "title": self.title,
            "back_to": self.back,
            "note": self.note,
            "questions": questions,
            "idle": rest.shown(cells),
            "summary": [*summary, *(other or ())],
            "wrong": bool(wrong or other),
            "was": form.was,
            "version": version,
            "draft": draft,
            "new": self.row is None,
        }
        status = 400 if given["wrong"] and self.request.method == "POST" else 200
        return page(self.request, "form", given, status)

    def _beside(
        self, changed: Mapping[str, str], was: Mapping[str, str], now: TableRow | None
    ) -> HttpResponse:
        """What is recorded now beside what was written, cell by cell."""
        drafts.keep(self.user, self.request.path, self.request.POST)
        if now is None:
            given = {"title": self.title, "back_to": self.back, "gone": True}
            return page(self.request, "conflict", given, 409)
        theirs = [c for c in self.names if getattr(now, c) != was[c]]
        contested = _contested(self.table, changed, now, theirs)
        cells = {name: getattr(now, name) for name in self.names}
        given = {
            "title": self.title,
            "back_to": self.back,
            "who": last_change(self.subject(now)),
            "cells": [
                {
                    "name": CHOOSE + name,
                    "question": question(self.table, name).column.question,
                    "now": said(question(self.table, name), cells[name]),
                    "mine": said(question(self.table, name), changed[name]),
                }
                for name in contested
            ],
            "mine": json.dumps(dict(changed)),
            "was": Form(self.table, self.names, cells).was,
            "version": now.version,
        }
        return page(self.request, "conflict", given, 409)


def said(of: Question, text: str) -> str:
    """A cell as people read it."""
    try:
        return of.said(of.value(text))
    except WrongCell:
        return text


def _contested(
    table: str, changed: Mapping[str, str], now: TableRow, theirs: list[str]
) -> list[str]:
    """The cells that both changed, and not to the same."""
    both = [c for c in theirs if c in changed]
    mine, _ = read(table, {c: changed[c] for c in both})
    other, _ = read(table, {c: getattr(now, c) for c in both})
    return [c for c in both if getattr(mine, c) != getattr(other, c)]


def tried(user: User, save: Callable[[Change], TableRow]) -> tuple[TableRow, Inputs | None]:
    """Save in one change if the data then can be read; what was wrong before stops nobody.

    The row, and the data with it, None where something else in them is wrong. Raises WrongInput with
    the faults that the change would bring.
    """
    try:
        with changing(user) as change:
            made = save(change)
            inputs, _ = world.load(change.state)
        return made, inputs
    except WrongInput as error:
        new = set(error.faults) - set(faults_now())
        if new or not error.faults:
            raise WrongInput(list(new or error.faults)) from None
    with changing(user) as change:
        return save(change), None


def faults_now() -> tuple[Fault, ...]:
    """What is wrong with the data as they are recorded."""
    try:
        world.load(State.objects.get())
    except WrongInput as error:
        return error.faults
    return ()


def about(faults: Iterable[Fault]) -> list[dict[str, str | None]]:
    """Faults that no field is there for, as a summary of errors lists them."""
    if not (given := list(faults)):
        return []
    return [
        {"text": f"{each.who}: {each.text}", "href": each.href}
        for each in told_of_rows(given, world.tables())
    ]


def saved(
    request: HttpRequest, save: Callable[[Change], TableRow], told: str, done: str
) -> HttpResponse:
    """Save, say on the next page that it is, or why it could not be, and go there."""
    user: Any = request.user
    try:
        tried(user, save)
    except WrongInput as error:
        for each in about(error.faults):
            messages.error(request, str(each["text"]))
    except Overtaken:
        messages.error(request, GONE)
    else:
        messages.success(request, told)
    return redirect(done)


@dataclass(frozen=True)
class Sure:
    """Something that is asked once more before it is done: the question, what follows, the button."""

    request: HttpRequest
    question: str
    follows: str
    button: str
    told: str
    done: str
    save: Callable[[Change], TableRow]

    def answer(self) -> HttpResponse:
        """The question, or what came of the answer."""
        if self.request.method == "POST":
            return saved(self.request, self.save, self.told, self.done)
        return page(self.request, "sure", {"it": self})


def last_change(subject: str) -> str:
    """Who changed something of a case last, and when: 'Team manager, 30 November 2026, 10:42'."""
    line = Trail.objects.filter(subject=subject, act="changed").order_by("-number").first()
    return "" if line is None else f"{Role(line.role).label}, {moment(line.written_at)}"


SEEN = 20  # lines of the trail that a case's page shows


def seen_page(request: HttpRequest, subject: str, back_to: str) -> HttpResponse:
    """The page of who saw a family or a home and changed something of it."""
    return page(request, "case_seen", {"id": subject, "lines": _seen(subject), "back_to": back_to})


def _seen(subject: str) -> list[str]:
    """Who looked at a case and did something of it, the last first: role, what and when, no values."""
    found = Trail.objects.filter(trail.of_subject(subject)).order_by("-number")[:SEEN]
    names = dict(User.objects.values_list("pk", "username"))
    return [f"{moment(line.written_at)}: {_who(line, names)} {_did(line)}" for line in found]


def _who(line: Trail, names: Mapping[int, str]) -> str:
    if not line.role or line.user is None:
        return "The service"
    return f"{Role(line.role).label} ({names.get(line.user, f'user {line.user}')})"


def _did(line: Trail) -> str:
    kind = line.act.partition(":")[0]
    if kind == "looked":
        return "looked at it"
    if kind == "refused":
        return "was refused"
    changed = json.loads(line.detail or "{}")
    columns = changed.get("cells", {}) if isinstance(changed, dict) else {}
    names = [label(name) for name in columns]
    did = "took back" if line.act == "withdrew" else line.act
    return f"{did} {and_list(names)}" if names else did


def next_id(table: str, column: str, **of: str) -> str:
    """An id after the last one of its kind: R15 comes after R14; '' where ids have no numbers.

    `of` says of which rows, such as the carers of one home.
    """
    ids = MODELS[table].objects.filter(**of).values_list(column, flat=True)
    parts = [m for each in ids if (m := re.fullmatch(r"(.*?)([0-9]{1,9})", each))]
    if not parts:
        return ""
    last = max(parts, key=lambda m: int(m[2]))
    return f"{last[1]}{int(last[2]) + 1:0{len(last[2])}}"
