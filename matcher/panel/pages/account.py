"""A user's own account: password, second step, where they are signed in; and staying signed in."""

from __future__ import annotations

from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse
from django.urls import path

from matcher.panel import accounts
from matcher.panel.acts import act
from matcher.panel.html import page


@act("own_account")
def account(request: HttpRequest) -> HttpResponse:
    """How one signs in, and where one is signed in."""
    user: Any = request.user
    given = {"has_second": is_mfa_enabled(user), "needs_second": accounts.needs_second(user)}
    return page(request, "account", given)


@act("own_account", looks=False)
def second_step(request: HttpRequest) -> HttpResponse:
    """Why a second step is needed, the two kinds, and until when it may be put off."""
    user: Any = request.user
    given = {
        "lacks": accounts.lacks_second(request, user),
        "needs": accounts.needs_second(user),
        "until": accounts.second_until(user),
    }
    return page(request, "second_step", given)


@act("own_account", looks=False)
def stay(request: HttpRequest) -> HttpResponse:
    """Nothing but that the session goes on, as with every page."""
    return page(request, "stay")


urlpatterns = [
    path("account/", account, name="account"),
    path("second-step/", second_step, name="second_step"),
    path("stay/", stay, name="stay"),
]
