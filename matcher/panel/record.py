"""The record: who saw and did what, all that is held of one family or household, and whether it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from django.db.models import Q, QuerySet
from django_tasks import task

from matcher.errors import Breach
from matcher.history.entries import TRAIL, Entry, content_breach, entry_of
from matcher.history.store import Session
from matcher.panel import rounds, trail
from matcher.panel.acts import Role, reach
from matcher.panel.models import Assignment, Paper, Round, Trail, User
from matcher.panel.store import PanelStore
from matcher.panel.tables import MODELS
from matcher.record import as_json
from matcher.words import count, label, upper_first

# What somebody looked at, by the act of the page.
LOOKS = {
    "see_today": "Today",
    "see_round": "a round",
    "compare_rounds": "two rounds beside each other",
    "see_duties": "duties",
    "see_families": "families",
    "edit_family": "a form of a family",
    "see_homes": "homes",
    "edit_home": "a form of a home",
    "see_where_homes_are": "where homes are",
    "decide": "a form to decide",
    "duty_desk": "the duty desk",
    "what_if": "a what-if",
    "see_diary": "the diary",
    "make_documents": "documents",
    "see_reports": "reports",
    "see_policy": "the policy",
    "see_record": "the record",
    "change_policy": "a form to change the policy",
    "manage_users": "users",
    "assign": "own cases",
    "take_out": "a file to take out",
    "export": "all tables, to export",
    "import": "an import",
    "own_account": "their own account",
}
KINDS = {
    "looked": ("Looked at", Q(act__startswith="looked: ")),
    "refused": ("Refused", Q(act__startswith="refused: ")),
    "signing": ("Signing in and accounts", Q(act__contains="sign") | Q(act__contains="step") | Q(act__contains="password") | Q(act__contains="account") | Q(act__contains="user")),
    "done": ("Everything that was done", ~Q(act__startswith="looked: ") & ~Q(act__startswith="refused: ")),
}  # fmt: skip
VERIFIED, ASKED = "verified the record", "asked to verify the record"
WHERE = {"postcode", "local_authority", "home_postcode", "school_postcode", "keep_away"}
DAILY = timedelta(days=1)
MOST_TOLD = 50  # breaches that a line of the trail holds


@dataclass(frozen=True)
class Told:
    """A line of the trail as a person reads it."""

    number: int
    at: datetime
    who: str
    role: str
    act: str
    subject: str
    cells: tuple[str, ...]


def lines(kind: str = "", who: int | None = None, subject: str = "") -> QuerySet[Trail]:
    """The lines of the trail, the last first, of a kind, a user, and a family, home or user."""
    found = Trail.objects.order_by("-number")
    if kind in KINDS:
        found = found.filter(KINDS[kind][1])
    if who is not None:
        found = found.filter(user=who)
    if subject:
        found = found.filter(trail.of_subject(subject))
    return found


def told(found: Iterable[Trail], reader: User, names: Mapping[int, str]) -> list[Told]:
    """Lines in words; an administrator, who sees no case, reads how many cells but not which.

    `names` are the users' by their numbers.
    """
    return [
        Told(
            line.number,
            line.written_at,
            names.get(line.user, "") if line.user is not None else "",
            Role(line.role).label if line.role else "",
            act_text(line.act),
            subject_text(line.subject),
            tuple(_cells(line, reader)),
        )
        for line in found
    ]


def act_text(act: str) -> str:
    """What was done, in words."""
    kind, _, name = act.partition(": ")
    if kind in ("looked", "refused") and name:
        said = LOOKS.get(name, label(name))
        return f"Looked at {said}" if kind == "looked" else f"Was refused: {said}"
    return upper_first(act)


def subject_text(subject: str) -> str:
    """What a line is about: an id, or a round by its number; of another page the act says enough."""
    if not subject.startswith("/"):
        return subject
    kind, _, rest = subject.strip("/").partition("/")
    number = rest.partition("/")[0]
    return f"round {number}" if kind == "rounds" and number.isdecimal() else ""


def _cells(line: Trail, reader: User) -> Iterator[str]:
    detail = json.loads(line.detail or "{}")
    cells = detail.get("cells") or {}
    if reach(reader, "see_families") is None:
        if cells:
            yield count(len(cells), "cell")
        return
    for column, (old, new) in cells.items():
        name = label(column)
        if column in WHERE:
            yield f"{name}: changed; which is not shown here"
        else:
            yield f"{name}: {old} → {new or 'blank'}" if old else f"{name}: {new}"


# All that is held of one family or household


def whole(column: str, name: str) -> bytes:
    """Everything that is held of a family or a household, as JSON: for whoever asks for their own."""
    found = {
        "id": name,
        "tables": {table: list(_rows(table, column, name)) for table in MODELS},
        "rounds": list(_in_rounds(column, name)),
        "papers": list(
            Paper.objects.filter(**{column: name}).values(
                "request_id", "household_id", "document", "version", "made_at"
            )
        ),
        "own_case_of": list(
            Assignment.objects.filter(**{column: name}).values_list("user_id", flat=True)
        ),
        "history": list(_decided(column, name)),
        "trail": [
            _line(line) for line in Trail.objects.filter(trail.of_subject(name)).order_by("number")
        ],
    }
    return orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str)


def is_held(column: str, name: str) -> bool:
    """Whether anything is held of a family or a household."""
    return any(rows.exists() for rows in _tables(column, name))


def _tables(column: str, name: str) -> Iterator[QuerySet[Any]]:
    for model in MODELS.values():
        if any(field.name == column for field in model._meta.get_fields()):
            yield model.objects.filter(**{column: name})


def _rows(table: str, column: str, name: str) -> Iterator[dict[str, Any]]:
    if not any(field.name == column for field in MODELS[table]._meta.get_fields()):
        return
    for row in MODELS[table].objects.filter(**{column: name}).order_by("pk"):
        yield {
            "row": row.pk,
            "version": row.version,
            "withdrawn_at": row.withdrawn_at,
            **row.cells(),
        }


def _in_rounds(column: str, name: str) -> Iterator[dict[str, Any]]:
    """What each round said of it, without where a hidden household is."""
    for made in Round.objects.defer("tables").order_by("number"):
        view = rounds.view(made)
        of = view.requests if column == "request_id" else view.households
        said = [orjson.loads(as_json(each)) for each in of if getattr(each, column) == name]
        yield {"round": made.number, "as_of": made.as_of, "said": said}


def _decided(column: str, name: str) -> Iterator[dict[str, Any]]:
    with PanelStore().reading() as session:
        for entry in _read(session):
            if entry.content.get(column) == name:
                yield {"entry": entry.number, "recorded_at": entry.recorded_at, **entry.content}


def _line(line: Trail) -> dict[str, Any]:
    return {
        "number": line.number,
        "at": line.at,
        "user": line.user,
        "role": line.role,
        "act": line.act,
        "subject": line.subject,
        "detail": json.loads(line.detail) if line.detail else None,
    }


# Whether it is whole


def breaches() -> Iterator[Breach]:
    """Everything that is wrong with the trail, the history, their guards, and what one says of the other."""
    with PanelStore().reading() as session:
        yield from trail.breaches()
        yield from session.breaches()
        entries = _read(session)
        named = {entry.content[TRAIL]: entry.number for entry in entries if TRAIL in entry.content}
        there = set(Trail.objects.filter(hash__in=named).values_list("hash", flat=True))
        for name, number in named.items():
            if name not in there:
                yield Breach("trail", f"the line that entry {number} of the history names is gone.")
        ran = {_entry_of(line) for line in Trail.objects.filter(act="ran")}
        for made in Round.objects.defer("tables").order_by("number"):
            if made.entry not in ran:
                yield Breach("trail", f"the line that says who ran round {made.number} is gone.")


def _read(session: Session) -> list[Entry]:
    """The entries of the history out of which something can be read."""
    found = (entry_of(row) for row in session.rows())
    return [entry for entry in found if entry is not None and content_breach(entry) is None]


def _entry_of(line: Trail) -> object:
    """The entry of the history that a line names, None where it names none."""
    try:
        return json.loads(line.detail).get("entry")
    except (ValueError, AttributeError):
        return None


def ask(user: User | None) -> None:
    """Ask the worker to read it all again; by itself where no user asks."""
    trail.append(user, ASKED)
    verify.enqueue(user.pk if user is not None else 0)


def ask_daily() -> bool:
    """Ask for it where nobody has for a day; whether it was asked for."""
    since = trail.written(datetime.now(UTC) - DAILY)
    if Trail.objects.filter(act=ASKED, at__gte=since).exists():
        return False
    ask(None)
    return True


@task()
def verify(number: int) -> int:
    """Read the record again, and write down what came of it; how many breaches there are."""
    found = [str(breach) for breach in breaches()]
    detail = {"breaches": found[:MOST_TOLD], "number": len(found)}
    trail.append(User.objects.filter(pk=number).first(), VERIFIED, "", detail)
    return len(found)


@dataclass(frozen=True)
class Verified:
    """When the record was read again, and what was wrong with it."""

    at: datetime
    number: int
    breaches: tuple[str, ...]


def verified() -> tuple[Verified | None, Verified | None, bool]:
    """When it was last read again, when it last held, and whether it is being read now."""
    found = [
        Verified(line.written_at, detail["number"], tuple(detail["breaches"]))
        for line in Trail.objects.filter(act=VERIFIED).order_by("-number")[:100]
        for detail in [json.loads(line.detail)]
    ]
    asked = Trail.objects.filter(act=ASKED).order_by("-number").values_list("at", flat=True).first()
    last = found[0] if found else None
    waits = asked is not None and (last is None or datetime.fromisoformat(asked) > last.at)
    return last, next((each for each in found if not each.number), None), waits
