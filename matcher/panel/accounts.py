"""Who may sign in: users that an administrator made, with a second step where one is asked for."""

from __future__ import annotations

import hashlib
import secrets
import time
from datetime import datetime, timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from matcher.panel.acts import Role
from matcher.panel.models import User

LINK_LASTS = timedelta(days=1)
FIRST = "administrator"
MUST_HAVE_SECOND = {Role.MANAGER, Role.RESOURCE, Role.ADMINISTRATOR}  # wherever the panel runs
PUT_OFF = timedelta(days=1)  # from when a user is made, on a panel that only this machine reaches
HAS_SECOND = "has_second_step"  # in a session, so that not every page asks the database
UNTOLD = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def is_reauthentication_required(self, *, app: str = "", **more: Any) -> bool:
        """Whoever signed in, or said again who they are, a short while ago is not asked again."""
        return not is_fresh(self.request)

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """Who needs a second step and has none sets one up, wherever they wanted to go."""
        response: HttpResponse = super().post_login(request, user, **more)
        return redirect("second_step") if lacks_second(request, user) else response

    def add_message(self, request: HttpRequest, level: int, message_template: str | None = None, *more: Any, **named: Any) -> None:  # fmt: skip
        """What everybody sees by themselves is not said."""
        if message_template not in UNTOLD:
            super().add_message(request, level, message_template, *more, **named)


def is_fresh(request: HttpRequest) -> bool:
    """Whether who sits there has shown a short while ago who they are."""
    records = get_authentication_records(request, request.user)
    last = max((each["at"] for each in records), default=0)
    return bool(time.time() - last < app_settings.REAUTHENTICATION_TIMEOUT)


def needs_second(user: User) -> bool:
    """Whether a second step is asked of a user: by role, and of everybody where others reach the panel."""
    return not settings.INTERNAL or user.does in MUST_HAVE_SECOND


def lacks_second(request: HttpRequest, user: User) -> bool:
    """Whether a user needs a second step and has none."""
    if not needs_second(user) or request.session.get(HAS_SECOND):
        return False
    if is_mfa_enabled(user):
        request.session[HAS_SECOND] = True
        return False
    return True


def second_until(user: User) -> datetime | None:
    """Until when a user may put the second step off; None where not at all."""
    until = user.made_at + PUT_OFF
    return until if settings.INTERNAL and until > timezone.now() else None


def end_sessions(user: User) -> None:
    """Sign a user out wherever they are signed in."""
    for session in UserSession.objects.filter(user=user):
        session.end()


def new_link(user: User) -> str:
    """The address, once and for a day, at which a user sets a user name and a password.

    The database has its hash alone, so that nobody who reads it can use it. An earlier link ends.
    """
    token = secrets.token_urlsafe(32)
    user.link_sha256 = _hash(token)
    user.link_until = timezone.now() + LINK_LASTS
    user.save(update_fields=["link_sha256", "link_until"])
    return reverse("start", kwargs={"token": token})


def of_link(token: str) -> User | None:
    """The user whose link it is, None where it was used, is too old or never was one."""
    found = User.objects.filter(link_sha256=_hash(token), is_active=True).first()
    until = found.link_until if found is not None else None
    return found if until is not None and until > timezone.now() else None


def first_link() -> str | None:
    """A link for the first administrator; None where one has set a password."""
    administrators = User.objects.filter(role=Role.ADMINISTRATOR.value)
    if any(user.has_usable_password() for user in administrators):
        return None
    return new_link(administrators.first() or User.objects.create_user(FIRST, Role.ADMINISTRATOR))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
