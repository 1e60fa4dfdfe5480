"""Families: the list, one family with what is missing, and the forms of all that is recorded of it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse

from matcher.duty.desk import place
from matcher.duty.record import record
from matcher.duty.words import asks as ask_sentences
from matcher.intake.about import is_asked
from matcher.intake.rows import SECTIONS, TABLES, Request, columns_of
from matcher.panel import cases, drafts, faults, rounds, world
from matcher.panel.acts import ALL, OWN, Role, act, may, reach
from matcher.panel.cases import row_of
from matcher.panel.filling import Filling, Sure, next_id, seen_page
from matcher.panel.forms import question, sections
from matcher.panel.html import page, state_of
from matcher.panel.models import Assignment, User
from matcher.panel.own import own_requests
from matcher.panel.tables import TableRow, standing
from matcher.panel.work import Change
from matcher.show.table import Column, Kind, Table, day, number
from matcher.terms import AsIs, say
from matcher.words import count, upper_first

BELOW = (
    "relationships",
    "risk_assessments",
    "keep_apart",
)  # tables that a family's page has forms for
NEW = ("expected_weeks",)  # asked of a new family besides what must have a value
SINGULAR = {
    "relationships": "relationship",
    "risk_assessments": "risk assessment",
    "keep_apart": "family to keep apart from",
}
SIGNED_BY = {  # of a joint risk assessment: the day on which each side signed
    Role.CHILD: "child_social_worker_on",
    Role.SUPERVISING: "supervising_social_worker_on",
}
DESK_TOP = 3
KNOWN_BY = (  # columns whose ids are offered to who sees them all: of which table, by which act
    ("household_id", "households", "see_homes"),
    ("other_request_id", "requests", "see_families"),
)
CLOSING = (
    "The family is left out of every round from now on, and so are its duties. A home where it lives "
    "is held until the placement ends. You can open the request again."
)


@act("see_families")
def families(request: HttpRequest) -> HttpResponse:
    """The families, those that are needed first first."""
    user: Any = request.user
    found = list(zip(rows := standing("requests"), cases.clean("requests", rows), strict=True))
    if reach(user, "see_families") is OWN:
        own = own_requests(user)
        found = [each for each in found if each[0].cells()["request_id"] in own]
    searched = request.GET.get("id", "").strip()
    every = bool(request.GET.get("closed")) or bool(searched)
    shown = [
        (row, made)
        for row, made in found
        if searched.casefold() in made.request_id.casefold() and (every or made.status != "closed")
    ]
    state = state_of(request)
    given = {
        "table": _table([made for _, made in shown], world.today(state), user),
        "links": {m.request_id: reverse("family", args=[m.request_id]) for _, m in shown},
        "searched": searched,
        "every": every,
        "closed": sum(made.status == "closed" for _, made in found),
        "drafts": drafts.all_of(user, reverse("families")),
        "may_add": reach(user, "edit_family") is not None,
    }
    return page(request, "families", given)


def _table(found: list[Request], today: date, user: User) -> Table:
    homes = {each.request_id: each for each in cases.running(cases.clean("placements"), today)}
    made = rounds.on_the_table()
    view = rounds.seen_by(user, made) if made else None
    known = {each.request_id: each for each in view.requests} if view else {}

    def state(of: Request) -> str:
        if of.status == "closed":
            return "Closed"
        if of.request_id in homes and of.status != "open":
            return "Lives in a home"
        if view is None or of.request_id not in known:
            return "Not in a round yet"
        each = known[of.request_id]
        said = upper_first(view.outcome(each))
        held = each.proposal is None and each.state == "open"
        return f"{said}: {view.why(each)}" if held else said

    def home(of: Request) -> str | None:
        if of.request_id in homes:
            return homes[of.request_id].household_id
        return view.home(known[of.request_id]) if view and of.request_id in known else None

    def late(of: Request) -> str | None:
        waits = of.status != "closed" and of.request_id not in homes
        days = (today - of.needed_from).days if waits and of.needed_from else 0
        return f"{count(days, 'day')} late" if days > 0 else None

    def order(of: Request) -> tuple[Any, ...]:
        waits = of.status == "closed", of.request_id in homes
        return *waits, of.needed_from or date.max, of.request_id

    def open_questions(of: Request) -> int | None:
        return None if of.status == "closed" else len(cases.missing(of))

    return Table.of(
        f"{upper_first(count(len(found), 'family'))}, needed soonest first",
        sorted(found, key=order),
        {
            "Family": lambda of: of.request_id,
            day("Needed from"): lambda of: of.needed_from,
            Column("Late", Kind.BESIDE): late,
            "State": state,
            "Home": home,
            number("Not known yet"): open_questions,
        },
    )


@act("see_families")
def family(request: HttpRequest, request_id: str) -> HttpResponse:
    """One family: what is missing, what is recorded, and who saw it."""
    user: Any = request.user
    row = row_of("requests", request_id=request_id)
    (made,) = cases.clean("requests", [row])
    state = state_of(request)
    last = rounds.on_the_table()
    view = rounds.seen_by(user, last) if last else None
    in_round = view.request(request_id) if view else None
    about = cases.rows_about((*BELOW, "placements"), request_id=request_id)
    lives = cases.clean("placements", about["placements"])
    given = {
        "row": row,
        "request_id": request_id,
        "closed": made.status == "closed",
        "sections": cases.summary("requests", row, ("request_id",)),
        "missing": [] if made.status == "closed" else cases.missing(made),
        "below": [_below(table, about[table], user) for table in BELOW],
        "placements": cases.placements(lives, world.today(state)),
        "last": last,
        "in_round": in_round,
        "view": view,
        "wrong_here": [w for w in faults.of_today(state_of(request)) if request_id in w.ids],
        "may_edit": may(user, "edit_family", request_id=request_id),
        "change_link": lambda section: reverse("edit_family", args=[request_id, section]),
    }
    return page(request, "one_family", given)


def _below(table: str, found: list[TableRow], user: User) -> dict[str, Any]:
    """The rows of a table that are about a family, each in a line of question and answer."""
    lines = []
    for row, made in zip(found, cases.clean(table, found), strict=True):
        other = str(getattr(made, "household_id", None) or made.other_request_id)
        said = [
            AsIs(f"{say(asked.column.question)} {asked.said(getattr(made, name))}")
            for name in columns_of(TABLES[table])
            if name not in ("request_id", "household_id", "other_request_id")
            and row.cells()[name]
            and (asked := question(table, name))
        ]
        own = SIGNED_BY.get(user.does) if table == "risk_assessments" else None
        signs = (
            own
            and not row.cells()[own]
            and may(user, "sign", request_id=made.request_id, household_id=other)
        )
        lines.append({"pk": row.pk, "other": other, "said": said, "signs": signs})
    titles = {
        "relationships": "Homes that the family knows",
        "risk_assessments": "Joint risk assessments",
        "keep_apart": "Families to be kept apart",
    }
    return {"table": table, "title": titles[table], "rows": lines, "singular": SINGULAR[table]}


@act("see_families")
def family_seen(request: HttpRequest, request_id: str) -> HttpResponse:
    """Who saw a family and changed something of it."""
    row_of("requests", request_id=request_id)
    return seen_page(request, request_id, reverse("family", args=[request_id]))


@act("edit_family")
def new_family(request: HttpRequest) -> HttpResponse:
    """A new family: what must be known of it, and no more."""
    user: Any = request.user
    about = columns_of(TABLES["requests"])
    names = [name for name, each in about.items() if each.required or name in NEW]
    today = world.today(state_of(request))

    def after(change: Change, row: TableRow) -> None:
        if change.user.does is Role.CHILD:
            Assignment.objects.get_or_create(user=change.user, request_id=row.cells()["request_id"])

    start = {"received_on": today.isoformat()}
    if reach(user, "see_families") is not OWN:
        start["request_id"] = next_id("requests", "request_id")
    return Filling(
        request,
        "requests",
        tuple(names),
        "A new family",
        back=reverse("families"),
        done=lambda row: reverse("family", args=[row.cells()["request_id"]]),
        subject=lambda row: row.cells()["request_id"],
        start=start,
        said="The family is recorded. What is not known yet stands below, with whom to ask.",
        after=after,
    ).answer()


@act("edit_family")
def edit_family(request: HttpRequest, request_id: str, section: str) -> HttpResponse:
    """A section of a family."""
    names = sections("requests").get(section)
    if names is None:
        raise Http404
    row = row_of("requests", request_id=request_id)
    asked = tuple(name for name in names if name != "request_id")
    back = reverse("family", args=[request_id])
    return Filling(
        request,
        "requests",
        asked,
        f"{request_id}: {SECTIONS[section]}",
        back=back,
        done=lambda row: f"{back}#{section}",
        subject=lambda row: request_id,
        row=row,
        idle=cases.idle_of("requests", row, asked),
    ).answer()


@act("edit_family")
def close_family(request: HttpRequest, request_id: str) -> HttpResponse:
    """Close a family's request, or open it again."""
    row = row_of("requests", request_id=request_id)
    closed = row.cells()["status"] == "closed"

    def save(change: Change) -> TableRow:
        now = row_of("requests", pk=row.pk)
        cells = {"status": "" if closed else "closed"}
        return change.edit(now, cells, now.version, request_id)

    return Sure(
        request,
        f"Open the request of {request_id} again?"
        if closed
        else f"Close the request of {request_id}?",
        "The family is matched again in the next round." if closed else CLOSING,
        "Open it again" if closed else "Close it",
        "The request is open again." if closed else "The request is closed.",
        reverse("family", args=[request_id]),
        save,
    ).answer()


@act("edit_family")
def new_below(request: HttpRequest, request_id: str, table: str) -> HttpResponse:
    """A new row about a family: a relationship, a risk assessment, a family to keep apart from."""
    row_of("requests", request_id=request_id)
    return _below_form(request, request_id, table, None)


@act("edit_family")
def edit_below(request: HttpRequest, request_id: str, table: str, number: int) -> HttpResponse:
    """A row about a family."""
    if table not in BELOW:
        raise Http404
    return _below_form(request, request_id, table, row_of(table, pk=number, request_id=request_id))


def _below_form(
    request: HttpRequest, request_id: str, table: str, row: TableRow | None
) -> HttpResponse:
    if table not in BELOW:
        raise Http404
    user: Any = request.user
    # Nobody who signs for one side writes down that the other has signed.
    theirs = [
        day for side, day in SIGNED_BY.items() if user.does in SIGNED_BY and side != user.does
    ]
    left_out = ("request_id", *theirs)
    names = [name for name in columns_of(TABLES[table]) if name not in left_out]
    back = reverse("family", args=[request_id])
    title = upper_first(SINGULAR[table])
    options = {}
    for name, other, act_of in KNOWN_BY:
        if name in names and reach(user, act_of) is ALL:
            options[name] = cases.ids_of(other)
    return Filling(
        request,
        table,
        tuple(names),
        f"{request_id}: {title}",
        back=back,
        done=lambda row: f"{back}#{table}",
        subject=lambda row: " ".join(
            filter(None, (request_id, row.cells().get("household_id", "")))
        ),
        row=row,
        fixed={"request_id": request_id},
        options=options,
    ).answer()


@act("sign")
def sign_risk(request: HttpRequest, request_id: str, number: int) -> HttpResponse:
    """Sign a joint risk assessment for one's own side."""
    user: Any = request.user
    row = row_of("risk_assessments", pk=number, request_id=request_id)
    household_id = row.cells()["household_id"]
    if not may(user, "sign", request_id=request_id, household_id=household_id):
        raise Http404

    def save(change: Change) -> TableRow:
        now = row_of("risk_assessments", pk=number)
        cells = {SIGNED_BY[user.does]: world.today(change.state).isoformat()}
        return change.edit(now, cells, now.version, f"{request_id} {household_id}")

    return Sure(
        request,
        f"Sign the joint risk assessment of {request_id} in {household_id} today?",
        f"It is recorded that the {user.does.label.lower()} signed it, by you.",
        "Sign it",
        "Your signature is recorded.",
        reverse("family", args=[request_id]),
        save,
    ).answer()


@act("edit_family")
def withdraw_below(request: HttpRequest, request_id: str, table: str, number: int) -> HttpResponse:
    """Take a row about a family back."""
    if table not in BELOW:
        raise Http404
    row = row_of(table, pk=number, request_id=request_id)
    cells = row.cells()
    other = cells.get("household_id") or cells.get("other_request_id", "")

    def save(change: Change) -> TableRow:
        change.withdraw(row, request_id)
        return row

    name = SINGULAR[table]
    return Sure(
        request,
        f"{request_id}: take back the {name} of {other}?",
        "It counts no more from now on. The record keeps that it was there, and who took it back.",
        "Take it back",
        f"The {name} was taken back.",
        reverse("family", args=[request_id]),
        save,
    ).answer()


@act("see_families")
def family_asks(request: HttpRequest, request_id: str) -> HttpResponse:
    """What each answer that is missing would change, each tried alone in the round as it is now."""
    row = row_of("requests", request_id=request_id)
    (made,) = cases.clean("requests", [row])
    inputs, policy = world.load(state_of(request))
    if made.request_id not in inputs.open_ids:
        raise Http404
    own = next(each for each in inputs.requests if each.request_id == request_id)
    found = record(place(inputs, policy, cases.given_of(own), DESK_TOP))
    given = {
        "request_id": request_id,
        "first": _linked(found, "screening", "first"),
        "eligible": _linked(found, "eligible"),
        "nothing": [
            question("requests", each).column.question
            for each in found["changes_nothing"]
            if is_asked(each, own)
        ],
    }
    return page(request, "family_asks", given)


def _linked(found: dict[str, Any], *changes: str) -> list[dict[str, str]]:
    """What to ask, each with the section in which it is answered."""
    return [
        {"text": text, "section": question("requests", names[0]).column.section}
        for names, text in ask_sentences(found, *changes)
    ]


_ID = "families/<path:request_id>/"
urlpatterns = [
    path("families/", families, name="families"),
    path("families/new/", new_family, name="new_family"),
    path(f"{_ID}edit/<slug:section>/", edit_family, name="edit_family"),
    path(f"{_ID}close/", close_family, name="close_family"),
    path(f"{_ID}seen/", family_seen, name="family_seen"),
    path(f"{_ID}asks/", family_asks, name="family_asks"),
    path(f"{_ID}risk_assessments/<int:number>/sign/", sign_risk, name="sign_risk"),
    path(f"{_ID}<slug:table>/new/", new_below, name="new_below"),
    path(f"{_ID}<slug:table>/<int:number>/", edit_below, name="edit_below"),
    path(f"{_ID}<slug:table>/<int:number>/withdraw/", withdraw_below, name="withdraw_below"),
    path(_ID, family, name="family"),
]
