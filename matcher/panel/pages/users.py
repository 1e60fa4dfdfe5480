"""Users and whose case is whose: for an administrator, and for a team manager the cases alone."""

from __future__ import annotations

from datetime import datetime
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from matcher.panel import users as changes
from matcher.panel.acts import Role, View, act
from matcher.panel.html import moment, page, whole_number
from matcher.panel.models import Assignment, Trail, User
from matcher.panel.tables import counting
from matcher.show.table import Table

REFUSED = 422


def _kept(view: View) -> View:
    """A view that leaves everything as it is where it would take the last administrator."""

    @wraps(view)
    def kept(request: HttpRequest, **more: Any) -> HttpResponse:
        try:
            return view(request, **more)
        except changes.LastAdministrator:
            messages.error(request, "Nothing was changed: there would be no administrator.")
            return redirect("users")

    return kept


@act("manage_users")
def users(request: HttpRequest) -> HttpResponse:
    """Every user, and when they were last here."""
    found = list(User.objects.order_by("username"))
    second = set(Authenticator.objects.values_list("user_id", flat=True))
    seen = dict(Trail.objects.values_list("user").annotate(Max("at")))
    links = {each.username: reverse("user", args=[each.pk]) for each in found}
    return page(
        request,
        "users",
        {
            "it": Table.of(
                "Users",
                found,
                {
                    "User": lambda of: of.username,
                    "Role": lambda of: of.does.label,
                    "Team": lambda of: of.team or None,
                    "Account": _account,
                    "Second step": lambda of: "yes" if of.pk in second else "no",
                    "Last here": lambda of: _last(seen.get(of.pk)),
                },
            ),
            "links": links,
        },
    )


def _last(at: str | None) -> str | None:
    return moment(datetime.fromisoformat(at)) if at else None


def _account(user: User) -> str:
    if not user.is_active:
        return "closed"
    return "open" if user.has_usable_password() else "no password yet"


@act("manage_users")
def new_user(request: HttpRequest) -> HttpResponse:
    """Make a user, who gets a link with which to set a password."""
    return _form(request, User())


@act("manage_users")
@_kept
def edit_user(request: HttpRequest, number: int) -> HttpResponse:
    """Change a user."""
    return _form(request, get_object_or_404(User, pk=number))


def _form(request: HttpRequest, user: User) -> HttpResponse:
    by: Any = request.user
    is_new = user.pk is None
    given = {name: getattr(user, name) for name in changes.FIELDS}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in changes.FIELDS}
        wrong = changes.faults(user, given)
        if not wrong:
            changes.save(by, user, given)
            if is_new:
                _tell_link(request, by, user)
            return redirect("user", number=user.pk)
    shown = {
        "given": given,
        "wrong": wrong,
        "number": user.pk,
        "roles": [*Role],
        "teams": sorted(
            set(counting("households").exclude(team="").values_list("team", flat=True))
        ),
    }
    return page(request, "user_form", shown, status=REFUSED if wrong else 200)


@act("manage_users")
def user(request: HttpRequest, number: int) -> HttpResponse:
    """One user: what they may see, and what can be done when they can't sign in."""
    found = get_object_or_404(User, pk=number)
    given = {
        "one": found,
        "account": _account(found),
        "has_second": Authenticator.objects.filter(user=found).exists(),
        "is_self": found == request.user,
        "is_last": changes.is_last_administrator(found),
    }
    return page(request, "user", given)


def _tell_link(request: HttpRequest, by: User, user: User) -> None:
    link = request.build_absolute_uri(changes.give_link(by, user))
    until = moment(user.link_until) if user.link_until else ""
    messages.success(request, f"Give this link to {user.username}, and to nobody else. It sets a password once, until {until}: {link}")  # fmt: skip


@require_POST
@act("manage_users", looks=False)
@_kept
def do(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Do something about a user's account."""
    by: Any = request.user
    found = get_object_or_404(User, pk=number)
    if what == "link" and found.is_active and found != by:
        _tell_link(request, by, found)
    elif what == "second-step":
        changes.take_second_step(by, found)
        messages.success(request, f"{found.username} has no second step now, and sets up another.")
    elif what == "close" and found != by:
        changes.set_active(by, found, active=False)
        messages.success(request, f"The account of {found.username} is closed.")
    elif what == "open":
        changes.set_active(by, found, active=True)
        messages.success(request, f"The account of {found.username} is open again.")
    else:
        raise Http404
    return redirect("user", number=number)


@act("assign")
def own_cases(request: HttpRequest) -> HttpResponse:
    """Whose own case each family and household is, and one more of a user."""
    by: Any = request.user
    wrong: dict[str, str] = {}
    given = {name: request.POST.get(name, "").strip() for name in ("user", *changes.IDS)}
    if request.method == "POST":
        found = User.objects.filter(pk=whole_number(given["user"])).first()
        filled = [name for name in changes.IDS if given[name]]
        if found is None:
            wrong["user"] = "Choose whose own case it is"
        if not filled:
            wrong["request_id"] = "Enter the id of a family or of a household"
        for name in filled if found is not None else ():
            if problem := changes.assign(by, found, name, given[name]):  # type: ignore[arg-type]
                wrong[name] = problem
        if not wrong:
            return redirect("own_cases")
    assignments = Assignment.objects.select_related("user").order_by("user__username", "pk")
    shown = {
        "found": assignments,
        "given": given,
        "wrong": wrong,
        "people": User.objects.filter(is_active=True, role__in=[Role.CHILD, Role.SUPERVISING]).order_by("username"),
    }  # fmt: skip
    return page(request, "own_cases", shown, status=REFUSED if wrong else 200)


@require_POST
@act("assign", looks=False)
def unassign(request: HttpRequest, number: int) -> HttpResponse:
    """A family or a household is somebody's own no more."""
    changes.unassign(request.user, get_object_or_404(Assignment, pk=number))  # type: ignore[arg-type]
    return redirect("own_cases")


urlpatterns = [
    path("users/", users, name="users"),
    path("users/new/", new_user, name="new_user"),
    path("users/<int:number>/", user, name="user"),
    path("users/<int:number>/edit/", edit_user, name="edit_user"),
    path("users/<int:number>/do/<slug:what>/", do, name="do_user"),
    path("own-cases/", own_cases, name="own_cases"),
    path("own-cases/<int:number>/take-away/", unassign, name="unassign"),
]
