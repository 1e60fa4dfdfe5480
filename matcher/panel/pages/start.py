"""The page of a one-time link: whoever has it sets a user name and a password."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters

from matcher.panel import trail
from matcher.panel.accounts import of_link
from matcher.panel.html import page
from matcher.panel.models import User

LONGEST_NAME = 60


@sensitive_post_parameters()
@login_not_required
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Set a user name and a password, once."""
    user = of_link(token)
    if user is None:
        return page(request, "start", {"user_of_link": None}, status=404)
    name, wrong = request.POST.get("username", user.username).strip(), {}
    if request.method == "POST":
        wrong = _wrong(user, name, request.POST.get("password", ""))
        if not wrong and _started(token, name, request.POST["password"]):
            messages.success(request, "Your password is set. Sign in with it.")
            return redirect("account_login")
    given = {"user_of_link": user, "username": name, "wrong": wrong}
    return page(request, "start", given, status=422 if wrong else 200)


def _wrong(user: User, name: str, password: str) -> dict[str, str]:
    """What is wrong with a user name and a password, by field."""
    found = {}
    if not name or len(name) > LONGEST_NAME:
        found["username"] = f"Enter a user name of at most {LONGEST_NAME} signs"
    elif User.objects.filter(username=name).exclude(pk=user.pk).exists():
        found["username"] = "Enter another user name: this one is taken"
    try:
        validate_password(password, User(username=name))
    except ValidationError as error:
        found["password"] = " ".join(error.messages)
    return found


def _started(token: str, name: str, password: str) -> bool:
    """Set them, and end the link; of two at once one does."""
    with transaction.atomic():
        trail.lock()
        user = of_link(token)
        if user is None:
            return False
        user.username, user.link_sha256, user.link_until = name, "", None
        user.set_password(password)
        user.save()
        trail.append(user, "set a password", f"user {user.pk}")
    return True


urlpatterns = [
    path("start/<str:token>/", start, name="start"),
]
