"""Homes: the list, one home with its carers and who lives there, and their forms."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from matcher.intake.rows import SECTIONS, TABLES, Household, columns_of
from matcher.panel import cases, drafts, faults, rounds, world
from matcher.panel.acts import OWN, Role, act, may, reach
from matcher.panel.cases import row_of
from matcher.panel.filling import Filling, Sure, next_id, saved, seen_page
from matcher.panel.forms import question, sections
from matcher.panel.html import page, state_of
from matcher.panel.models import Assignment, State
from matcher.panel.own import own_households
from matcher.panel.tables import TableRow, counting, standing
from matcher.panel.work import Change
from matcher.policy.settings import Policy
from matcher.report.tables import lacks
from matcher.report.view import RoundView
from matcher.show.table import Column, Kind, Table
from matcher.words import and_list, count, label, long_date, upper_first

WHERE = ("postcode", "local_authority")  # of a home: for those who keep the addresses
READ_OF_LISTS = (
    "The file that was imported did not ask {asked}. So far each home's list of features answers that. "
    "With the first answer that is recorded here it answers it of no home any more: then ask them all."
)
NEW_CARER = "A new carer"


@act("see_homes")
def homes(request: HttpRequest) -> HttpResponse:
    """The homes: who lives there, from when each is free, what closes it, and how old its profile is."""
    user: Any = request.user
    found = cases.clean("households", standing("households"))
    if reach(user, "see_homes") is OWN:
        own = own_households(user)
        found = [each for each in found if each.household_id in own]
    searched = request.GET.get("id", "").strip()
    every = bool(request.GET.get("ended")) or bool(searched)
    shown = [
        each
        for each in found
        if searched.casefold() in each.household_id.casefold() and (every or each.status != "ended")
    ]
    last = rounds.on_the_table()
    given = {
        "table": _table(shown, state_of(request), rounds.seen_by(user, last) if last else None),
        "links": {each.household_id: reverse("home", args=[each.household_id]) for each in shown},
        "searched": searched,
        "every": every,
        "ended": sum(each.status == "ended" for each in found),
        "last": last,
        "drafts": drafts.all_of(user, reverse("homes")),
        "may_add": reach(user, "edit_home") is not None,
    }
    return page(request, "homes", given)


def _table(found: list[Household], state: State, view: RoundView | None) -> Table:
    today = world.today(state)
    lives = {
        each.household_id: each.request_id
        for each in cases.running(cases.clean("placements"), today)
    }
    known = {each.household_id: each for each in view.households} if view else {}
    stale = view.stale if view else set()

    def stands(of: Household) -> str:
        """How a home stands: its status, else what closes it, else from when it is free."""
        each = known.get(of.household_id)
        if of.status != "approved":
            return upper_first(label(of.status or "not known"))
        if each is None:
            return "Not in a round yet"
        if view and each.closed_by:
            return f"Closed: {_why(each.closed_by, view.policy)}"
        if each.free_from is None:
            return "Not free: nobody can say until when"
        if view and each.free_from <= view.as_of:
            return "Free"
        return f"Free from {long_date(each.free_from)}"

    def family(of: Household) -> str | None:
        each = known.get(of.household_id)
        if of.household_id in lives:
            return f"{lives[of.household_id]} lives there"
        return f"{each.request_id} is proposed" if each and each.outcome == "proposed" else None

    def order(of: Household) -> tuple[Any, ...]:
        each = known.get(of.household_id)
        return of.status != "approved", bool(each and each.closed_by), of.household_id

    return Table.of(
        f"{upper_first(count(len(found), 'home'))}, closed ones last",
        sorted(found, key=order),
        {
            "Home": lambda of: of.household_id,
            "How it stands": stands,
            "Family": family,
            Column("Profile confirmed", Kind.DAY, missing="never"): lambda of: of.reviewed_on,
            Column("Stale", Kind.BESIDE): lambda of: "stale" if of.household_id in stale else None,
        },
    )


@act("see_homes")
def home(request: HttpRequest, household_id: str) -> HttpResponse:
    """One home: its sections, its carers, and who lives there now."""
    user: Any = request.user
    row = row_of("households", household_id=household_id)
    about = cases.rows_about(("carers", "placements"), household_id=household_id)
    carers = about["carers"]
    may_edit = may(user, "edit_home", household_id=household_id)
    sees_where = may(user, "see_where_homes_are", household_id=household_id)
    placements = cases.clean("placements", about["placements"])
    today = world.today(state_of(request))
    last = rounds.on_the_table()
    view = rounds.seen_by(user, last) if last else None
    in_round = view and next((h for h in view.households if h.household_id == household_id), None)
    shown = zip(carers, cases.clean("carers", carers), strict=True)
    given = {
        "household_id": household_id,
        "status": row.cells()["status"],
        "sections": cases.summary(
            "households", row, ("household_id", *(() if sees_where else WHERE))
        ),
        "carers": [
            {
                "id": made.carer_id,
                "sections": cases.summary("carers", each, ("household_id", "carer_id")),
                "edit": reverse("edit_carer", args=[household_id, made.carer_id]),
                "left": reverse("withdraw_carer", args=[household_id, made.carer_id]),
            }
            for each, made in shown
        ],
        "lives": [each.request_id for each in cases.running(placements, today)],
        "placements": cases.placements(placements, today, of_home=True),
        "confirmed": cases.clean("households", [row])[0].reviewed_on,
        "today": today,
        "last": last,
        "in_round": in_round,
        "closed_by": _why(in_round.closed_by, view.policy) if view and in_round else "",
        "wrong_here": _wrong(request, household_id) if sees_where else [],
        "may_edit": may_edit,
        "change_link": lambda section: reverse("edit_home", args=[household_id, section]),
    }
    return page(request, "one_home", given)


def _wrong(request: HttpRequest, household_id: str) -> list[faults.Wrong]:
    """What is wrong with the data of a home, or with a choice of it; it may name a place."""
    return [each for each in faults.of_today(state_of(request)) if household_id in each.ids]


def _why(rules: tuple[str, ...], policy: Policy) -> str:
    """What closes a home, in words."""
    return lacks(policy, rules) if rules else ""


@act("see_homes")
def home_seen(request: HttpRequest, household_id: str) -> HttpResponse:
    """Who saw a home and changed something of it."""
    row_of("households", household_id=household_id)
    return seen_page(request, household_id, reverse("home", args=[household_id]))


@act("edit_home")
def new_home(request: HttpRequest) -> HttpResponse:
    """A new home: what must be known of it, and what every row is asked for."""
    user: Any = request.user
    names = tuple(n for n, each in columns_of(TABLES["households"]).items() if each.heading)
    team = {"team": user.team} if user.does is Role.SUPERVISING and user.team else {}

    def after(change: Change, row: TableRow) -> None:
        if change.user.does is Role.SUPERVISING:
            Assignment.objects.get_or_create(
                user=change.user, household_id=row.cells()["household_id"]
            )

    sees_all = reach(user, "see_homes") is not OWN
    return Filling(
        request,
        "households",
        names,
        "A new home",
        back=reverse("homes"),
        done=lambda row: reverse("home", args=[row.cells()["household_id"]]),
        subject=lambda row: row.cells()["household_id"],
        start={"household_id": next_id("households", "household_id")} if sees_all else {},
        fixed=team,
        said="The home is recorded. Add its carers next.",
        after=after,
    ).answer()


@act("edit_home")
def edit_home(request: HttpRequest, household_id: str, section: str) -> HttpResponse:
    """A section of a home."""
    names = sections("households").get(section)
    if names is None:
        raise Http404
    back = reverse("home", args=[household_id])
    return Filling(
        request,
        "households",
        tuple(name for name in names if name != "household_id"),
        f"{household_id}: {SECTIONS[section]}",
        back=back,
        done=lambda row: f"{back}#{section}",
        subject=lambda row: household_id,
        row=row_of("households", household_id=household_id),
        note=_read_of_lists(request, names),
    ).answer()


def _read_of_lists(request: HttpRequest, names: list[str]) -> str:
    """That a list of features still answers some of these questions, and until when; else ''."""
    absent = [n for n in state_of(request).absent.get("households", ()) if n in names]
    if not absent:
        return ""
    answered = Q()
    for name in absent:
        answered |= ~Q(**{name: ""})
    rows = counting("households").filter(answered)
    still = [name for name in absent if not any(row.cells()[name] for row in rows)]
    if not still:
        return ""
    asked = and_list(f"‘{question('households', name).column.question}’" for name in still)
    return READ_OF_LISTS.format(asked=asked)


@require_POST
@act("edit_home")
def confirm_home(request: HttpRequest, household_id: str) -> HttpResponse:
    """The profile was confirmed with the carers today."""
    row = row_of("households", household_id=household_id)

    def save(change: Change) -> TableRow:
        now = row_of("households", pk=row.pk)
        cells = {"reviewed_on": world.today(change.state).isoformat()}
        return change.edit(now, cells, now.version, household_id)

    told = "Recorded: the profile was confirmed with the carers today."
    return saved(request, save, told, reverse("home", args=[household_id]))


@act("edit_home")
def new_carer(request: HttpRequest, household_id: str) -> HttpResponse:
    """A new carer of a home."""
    row_of("households", household_id=household_id)
    return _carer(request, household_id, None, NEW_CARER)


@act("edit_home")
def edit_carer(request: HttpRequest, household_id: str, carer_id: str) -> HttpResponse:
    """A carer of a home."""
    row = row_of("carers", household_id=household_id, carer_id=carer_id)
    return _carer(request, household_id, row, f"Carer {carer_id}")


@act("edit_home")
def withdraw_carer(request: HttpRequest, household_id: str, carer_id: str) -> HttpResponse:
    """A carer has left the home, or was recorded by mistake."""
    row = row_of("carers", household_id=household_id, carer_id=carer_id)

    def save(change: Change) -> TableRow:
        change.withdraw(row, household_id)
        return row

    return Sure(
        request,
        f"{household_id}: carer {carer_id} has left?",
        "The carer counts no more from now on: what the home needs a carer for is asked of the others. "
        "The record keeps that the carer was there.",
        "The carer has left",
        f"Carer {carer_id} counts no more.",
        reverse("home", args=[household_id]),
        save,
    ).answer()


def _carer(
    request: HttpRequest, household_id: str, row: TableRow | None, title: str
) -> HttpResponse:
    names = [name for name in columns_of(TABLES["carers"]) if name != "household_id"]
    if row is not None:
        names.remove("carer_id")
    back = reverse("home", args=[household_id])
    known = next_id("carers", "carer_id", household_id=household_id)
    return Filling(
        request,
        "carers",
        tuple(names),
        f"{household_id}: {title}",
        back=back,
        done=lambda row: f"{back}#carers",
        subject=lambda row: household_id,
        row=row,
        fixed={"household_id": household_id},
        start={"carer_id": known or f"{household_id}-1"} if row is None else {},
    ).answer()


_ID = "homes/<path:household_id>/"
urlpatterns = [
    path("homes/", homes, name="homes"),
    path("homes/new/", new_home, name="new_home"),
    path(f"{_ID}edit/<slug:section>/", edit_home, name="edit_home"),
    path(f"{_ID}seen/", home_seen, name="home_seen"),
    path(f"{_ID}confirm/", confirm_home, name="confirm_home"),
    path(f"{_ID}carers/new/", new_carer, name="new_carer"),
    path(f"{_ID}carers/<path:carer_id>/left/", withdraw_carer, name="withdraw_carer"),
    path(f"{_ID}carers/<path:carer_id>/", edit_carer, name="edit_carer"),
    path(_ID, home, name="home"),
]
