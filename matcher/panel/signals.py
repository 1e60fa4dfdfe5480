"""What signing in and out, and a change of how somebody signs in, writes into the trail."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from matcher.panel import trail
from matcher.panel.accounts import HAS_SECOND
from matcher.panel.models import User


@receiver(user_logged_in)
def _signed_in(sender: Any, request: Any, user: User, **_: Any) -> None:
    trail.append(user, "signed in")


@receiver(user_logged_out)
def _signed_out(sender: Any, request: Any, user: User | None, **_: Any) -> None:
    if user is not None:
        trail.append(user, "signed out")


@receiver(user_login_failed)
def _failed(sender: Any, credentials: dict[str, Any], **_: Any) -> None:
    # What was typed as a name may be a password: only a user who is there is written down.
    user = User.objects.filter(username=credentials.get("username") or "").first()
    trail.append(user, "sign-in failed")


@receiver(authentication_failed)
def _step_failed(sender: Any, user: User, **_: Any) -> None:
    trail.append(user, "second step failed")


@receiver(password_changed)
def _password(sender: Any, user: User, **_: Any) -> None:
    trail.append(user, "set a password", f"user {user.pk}")


def _authenticator(act: str) -> Any:
    def tell(sender: Any, request: Any, user: User, authenticator: Authenticator, **_: Any) -> None:
        request.session.pop(HAS_SECOND, None)
        trail.append(user, act, f"user {user.pk}", {"step": str(authenticator.type)})

    return tell


# Kept by name: a signal holds its receivers weakly.
ADDED, REMOVED = _authenticator("added a second step"), _authenticator("removed a second step")
RESET = _authenticator("made recovery codes")
authenticator_added.connect(ADDED)
authenticator_removed.connect(REMOVED)
authenticator_reset.connect(RESET)
