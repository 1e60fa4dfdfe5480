"""How the panel's pages are made: Jinja2 with the components of govuk-frontend."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from jinja2 import (
    ChainableUndefined,
    ChoiceLoader,
    Environment,
    PackageLoader,
    PrefixLoader,
    pass_context,
)
from jinja2.runtime import Context

from matcher import __version__
from matcher.panel.acts import MAY, reach
from matcher.panel.links import case_link, linked
from matcher.panel.models import State
from matcher.policy.names import NAMES
from matcher.show.html import TONES
from matcher.show.table import shown
from matcher.show.text import printable
from matcher.terms import AsIs, with_article
from matcher.words import label, long_date, lower_first, upper_first
from matcher.words import printable as safe

TYPED = "components/textarea/macro.html"  # the component that holds what people typed
MOST_DIGITS = 10  # of the number of a row
TAGS = {"go": "govuk-tag--green", "wait": "govuk-tag--orange", "stop": "govuk-tag--red"}
# The places of the navigation, and those of More: the name of the address, what it is called, and
# the act that it needs; of the latter also what one does there.
PLACES = (
    ("today", "Today", "see_today"),
    ("families", "Families", "see_families"),
    ("homes", "Homes", "see_homes"),
    ("rounds", "Round", "see_round"),
    ("duties", "Duties", "see_duties"),
    ("desk", "Duty desk", "duty_desk"),
    ("more", "More", "own_account"),
)
MORE = (
    ("what_if", "What if", "what_if", "Close or open a home, train a carer, move a weight: who would go where."),
    ("reports", "Reports", "see_reports", "The papers of a round: report, workbook, are there enough homes, who fared how."),
    ("placements", "Placements", "see_families", "Who lives where, until when, and what comes next."),
    ("diary", "Diary", "see_diary", "What is due by day, for Outlook and others."),
    ("all_documents", "Documents", "make_documents", "Word drafts of each match, as versions."),
    ("import", "Import", "import", "Take tables over from Excel, or ticks from a meeting's paper."),
    ("export", "Export", "export", "All tables as a workbook, or as files for the command line."),
    ("policy", "Policy", "see_policy", "What a round holds to, what it prefers, and what differs here from the default."),
    ("record", "Record", "see_record", "Who saw and did what, and whether the record is whole."),
    ("own_cases", "Own cases", "assign", "Which family or home is whose own."),
    ("users", "Users", "manage_users", "Add and close accounts; a new link for who can't sign in."),
    ("account", "Your account", "own_account", "Your password, your second step, and where you are signed in."),
)  # fmt: skip
# Another way to show that it is you, by allauth's name of it.
WAYS = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey or security key",
}


def environment(**options: Any) -> Environment:
    """The environment of Django's Jinja2 backend; what is not markup of ours is escaped text."""
    loaders = {"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}
    options["loader"] = ChoiceLoader([options["loader"], PrefixLoader(loaders)])
    # The components of govuk-frontend ask for parameters that nobody gave.
    options["undefined"] = ChainableUndefined
    made = Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_as_people_read,
        **options,
    )
    made.globals |= {
        "static": static,
        "url": _url,
        "case_link": case_link,
        "label": label,
        "datalist": datalist,
        "council": settings.SET.council,
        "WAYS": WAYS,
        "words": NAMES,
        "longest_hours": settings.SET.longest_hours,
        "idle_minutes": settings.SET.idle_minutes,
    }
    filters: dict[str, Any] = {
        "shown": shown,
        "tag": lambda tag: TAGS[TONES.get(tag, "stop")],
        "day": long_date,
        "lower_first": lower_first,
        "label": label,
        "linked": linked,
        "moment": moment,
        "upper_first": upper_first,
        "entered": _entered,
        "with_article": with_article,
    }
    made.filters |= filters
    return made


@pass_context
def _as_people_read(context: Context, value: object) -> object:
    """What a template prints; what was typed into a box is as it was typed."""
    if not isinstance(value, str) or type(value) not in (str, AsIs):
        return value  # markup of ours is a kind of text of its own
    return safe(value) if context.name == TYPED else printable(value)


def _entered(text: str) -> str:
    """What people typed, to be shown as they typed it; markup is as it is in any case."""
    return text if hasattr(text, "__html__") else AsIs(text)


def moment(at: datetime) -> str:
    """A day and a time of it: 3 December 2026, 10:42."""
    local = timezone.localtime(at)
    return f"{long_date(local.date())}, {local:%H:%M}"


@lru_cache(maxsize=16)
def datalist(name: str, options: tuple[str, ...]) -> SafeString:
    """Texts to choose from while typing, as the list that an input names."""
    inside = format_html_join("", '<option value="{}"></option>', ((each,) for each in options))
    return format_html('<datalist id="{}">{}</datalist>', name, inside)


def _where(request: HttpRequest) -> dict[str, Any]:
    """Whether the panel was opened by a name, which a passkey needs, and else by which it can be."""
    host, _, port = request.META.get("HTTP_HOST", "").rpartition(":")
    is_named = not (host or port).strip("[]").replace(".", "").replace(":", "").isdecimal()
    return {
        "is_named": is_named,
        "named": f"http://localhost:{port}" if host else "http://localhost",
    }


def _url(name: str, **arguments: Any) -> str:
    return reverse(name, kwargs=arguments or None)


def whole_number(text: str | None) -> int:
    """A number of a row as a form gives it; 0, which no row has, where it is none."""
    return int(text) if text and text.isdecimal() and len(text) < MOST_DIGITS else 0


def state_of(request: HttpRequest) -> State:
    """The state of the data, read once for a page."""
    found = getattr(request, "panel_state", None)
    if found is None:
        found = State.objects.get()
        request.panel_state = found  # type: ignore[attr-defined]
    return found


def context(request: HttpRequest) -> dict[str, Any]:
    """What every page is given: who is signed in, where they may go, and what was just done."""
    user: Any = getattr(request, "user", None)
    always = {"panel_version": __version__, **_where(request)}
    if user is None or not user.is_authenticated:
        return {**always, "places": []}
    from matcher.panel import drafts

    here = request.resolver_match.url_name if request.resolver_match else ""
    return {
        "places": [
            {"text": text, "href": reverse(name), "current": name == here}
            for name, text, act in PLACES
            if reach(user, act) is not None
        ],
        "more": [
            {"text": text, "href": reverse(name), "hint": hint}
            for name, text, act, hint in MORE
            if reach(user, act) is not None
        ],
        "may": lambda act: act in MAY and reach(user, act) is not None,
        "told": [{"level": each.level_tag, "text": str(each)} for each in get_messages(request)],
        "draft_input": drafts.hidden(user, request.path),
        "sample": state_of(request),
        **always,
    }


def download(whole: bytes, name: str, kind: str) -> HttpResponse:
    """A file to keep, by its name and its media type."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(whole, content_type=kind, headers=headers)


def page(
    request: HttpRequest, name: str, given: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    """A page of the panel by the name of its template."""
    return render(request, f"panel/{name}.html", given, status=status)
