"""What somebody typed and has not saved: kept by user and address, whatever became of the session.

A form carries a signed word on whose it is and where it stands, so that what is posted when the
session is over can still be kept for whoever typed it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from matcher.geo import outward
from matcher.intake.rows import SECTIONS, TABLES, columns_of, kind_of
from matcher.panel.html import page
from matcher.panel.models import Draft, User
from matcher.words import label, upper_first

FIELD, TYPED, THROW_AWAY = "draft", "typed", "throw_away"
SALT = "matcher.panel.draft"
LONGEST = timedelta(hours=24)  # from when the form was shown until it is posted
KEPT = timedelta(days=14)
LARGEST = 100_000  # characters
NOT_KEPT = {FIELD, TYPED, "csrfmiddlewaretoken"}
PLACES = {
    name
    for row in TABLES.values()
    for name in columns_of(row)
    if kind_of(row, name).name == "postcode" or "postcode" in kind_of(row, name).hint
}


def hidden(user: User, path: str) -> SafeString:
    """The hidden field of a form that keeps what is typed into it."""
    token = signing.dumps([user.pk, path], salt=SALT)
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, token)


def _whose(request: HttpRequest) -> User | None:
    """Whose form was posted, where it says so itself and stands at this address."""
    try:
        found = signing.loads(str(request.POST.get(FIELD, "")), salt=SALT, max_age=LONGEST)
    except signing.BadSignature:
        return None
    if not (isinstance(found, list) and len(found) == 2 and found[1] == request.path):
        return None
    return User.objects.filter(pk=found[0], is_active=True).first()


def keep(user: User, path: str, posted: QueryDict) -> None:
    """Keep what was typed into the form of an address; of a postcode only the outward half."""
    values = {
        name: [_short(name, str(each)) for each in posted.getlist(name)]
        for name in posted
        if name not in NOT_KEPT
    }
    if sum(len(each) for found in values.values() for each in found) > LARGEST:
        return
    Draft.objects.update_or_create(user=user, form=path, defaults={"cells": values})
    Draft.objects.filter(at__lt=timezone.now() - KEPT).delete()


def _short(name: str, text: str) -> str:
    return outward(text) or text if name in PLACES else text


def drop(user: User, path: str) -> None:
    """Forget what was typed: it is saved, or thrown away."""
    Draft.objects.filter(user=user, form=path).delete()


def of(user: User, path: str) -> Draft | None:
    """What a user typed at an address and has not saved."""
    return Draft.objects.filter(user=user, form=path).first()


def typed(draft: Draft) -> QueryDict:
    """A draft as it was posted."""
    found = QueryDict(mutable=True)
    for name, values in draft.cells.items():
        found.setlist(name, [str(each) for each in values])
    return found


def given(request: HttpRequest, path: str) -> QueryDict:
    """What was typed into the form of an address: just now, or before the session ended."""
    user: Any = request.user
    kept = None if request.method == "POST" else of(user, path)
    return typed(kept) if kept else request.POST


def all_of(user: User, below: str) -> list[tuple[str, Draft]]:
    """What a user typed and has not saved at addresses below one, the last first, each by its title."""
    found = Draft.objects.filter(user=user, form__startswith=below).order_by("-at")
    return [(title_of(each.form), each) for each in found]


def title_of(path: str) -> str:
    """What an address is about, in words: 'R01: Risks'."""
    try:
        found = resolve(path)
    except Resolver404:
        return path
    about = {name: str(value) for name, value in found.kwargs.items()}
    ids = [about[name] for name in ("request_id", "household_id", "carer_id") if name in about]
    what = SECTIONS.get(about.get("section", ""), about.get("table") or found.url_name or "")
    return ": ".join(filter(None, (" ".join(ids), upper_first(label(what)))))


class Drafts:
    """Keeps what is posted without a session, and asks whoever typed it to sign in again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """To the sign-in page, where a form of somebody's is posted by nobody."""
        if request.method != "POST" or request.user.is_authenticated:
            return None
        if (user := _whose(request)) is None:
            return None
        keep(user, request.path, request.POST)
        return redirect_to_login(request.path)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is not of this session: what was typed is kept, and its page shown again."""
    user = _whose(request)
    if user is None:
        return page(request, "other_session", status=403)
    keep(user, request.path, request.POST)
    return redirect(request.path)
