"""Who may sign in: users that an administrator made, and nobody who signs up by himself."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from matcher.panel.acts import Role
from matcher.panel.models import User

LINK_LASTS = timedelta(days=1)
FIRST = "administrator"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False


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
    is_valid = found is not None and found.link_until is not None
    return found if is_valid and found.link_until > timezone.now() else None


def first_link() -> str | None:
    """A link for the first administrator; None where one has set a password."""
    administrators = User.objects.filter(role=Role.ADMINISTRATOR.value)
    if any(user.has_usable_password() for user in administrators):
        return None
    return new_link(administrators.first() or User.objects.create_user(FIRST, Role.ADMINISTRATOR))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
