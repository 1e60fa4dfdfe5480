"""What holds for every page: how long a session lasts, who needs a second step, what an answer carries."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from matcher.panel import policies, trail
from matcher.panel.accounts import lacks_second, second_until
from matcher.panel.html import state_of
from matcher.panel.models import State
from matcher.terms import use

NO_DEVICES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"
SAFE = ("GET", "HEAD")  # what only asks for a page
Answer = Callable[[HttpRequest], HttpResponse]


class Headers:
    """No page is stored by a browser or a proxy, and none may use a device."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with its headers."""
        response = self.get_response(request)
        response["Permissions-Policy"] = NO_DEVICES
        if not request.path.startswith(settings.STATIC_URL):
            response["Cache-Control"] = "no-store"
        return response


class OwnNames:
    """Every page says what the policy in force calls its bodies, roles and clauses."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; the names are in use until it is made."""
        return copy_context().run(self._named, request)

    def _named(self, request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if user.is_authenticated:
            # What is sent may change the state, which is then to be read again.
            is_page = request.method in SAFE
            state = state_of(request) if is_page else State.objects.only("policy", "day").get()
            use(policies.terms_of(state))
        return self.get_response(request)


BEGAN = "began"  # in a session: when it began, in seconds
# Where somebody may go who has to set up a second step first.
BEFORE_SECOND = ("/accounts/", "/second-step/", "/health/", "/stay/", settings.STATIC_URL)


class Sessions:
    """A session ends when it was long enough, whatever is done in it, and leads to a second step."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer; a sign-in page where the session is too old, the set-up where a step is missing."""
        user: Any = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        began = request.session.setdefault(BEGAN, time.time())
        if time.time() - began > settings.SET.longest_hours * 3600:
            trail.append(user, "was signed out", "", {"hours": settings.SET.longest_hours})
            logout(request)
            return self.get_response(request)
        if (
            not request.path.startswith(BEFORE_SECOND)
            and lacks_second(request, user)
            and second_until(user) is None
        ):
            return redirect("second_step")
        return self.get_response(request)
