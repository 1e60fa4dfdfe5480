"""Users: made, changed, closed and given a new link by an administrator, each with a line of the trail."""

from __future__ import annotations

from collections.abc import Mapping

from allauth.mfa.models import Authenticator
from django.db import transaction

from matcher.panel import accounts, trail
from matcher.panel.acts import Role
from matcher.panel.models import Assignment, User
from matcher.panel.tables import counting

FIELDS = ("username", "role", "team", "initials")
LONGEST = {"username": 60, "team": 60, "initials": 20}
IDS = {"request_id": "requests", "household_id": "households"}


def faults(user: User, given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with what was given of a user, by field."""
    found = {}
    name = given["username"]
    if not name:
        found["username"] = "Enter a user name"
    elif User.objects.filter(username=name).exclude(pk=user.pk).exists():
        found["username"] = "Enter another user name: this one is taken"
    for field, most in LONGEST.items():
        if len(given[field]) > most:
            found[field] = f"Enter at most {most} signs"
    if given["role"] not in list(Role):
        found["role"] = "Choose a role"
    elif given["role"] != Role.ADMINISTRATOR and is_last_administrator(user):
        found["role"] = "Make another administrator first: this is the only one"
    return found


def is_last_administrator(user: User) -> bool:
    """Whether without a user nobody could make users."""
    if user.pk is None or user.role != Role.ADMINISTRATOR or not user.is_active:
        return False
    administrators = User.objects.filter(role=Role.ADMINISTRATOR.value, is_active=True)
    return not administrators.exclude(pk=user.pk).exists()


class LastAdministrator(Exception):
    """Without this one nobody could make users."""


def save(by: User, user: User, given: Mapping[str, str]) -> None:
    """Make a user, or change one; LastAdministrator where nobody else could make users."""
    with transaction.atomic():
        trail.lock()  # of two administrators who change each other at once one stays
        if given["role"] != Role.ADMINISTRATOR and is_last_administrator(user):
            raise LastAdministrator
        is_new = user.pk is None
        was = {field: "" if is_new else getattr(user, field) for field in FIELDS}
        for field in FIELDS:
            setattr(user, field, given[field])
        if is_new:
            user.set_unusable_password()
        user.save()
        changed = {f: [was[f], given[f]] for f in FIELDS if was[f] != given[f]}
        trail.append(by, "made a user" if is_new else "changed a user", subject(user), changed)


def set_active(by: User, user: User, *, active: bool) -> None:
    """Close an account, which signs its user out everywhere, or open it again.

    LastAdministrator where nobody else could make users.
    """
    with transaction.atomic():
        trail.lock()
        if not active and is_last_administrator(user):
            raise LastAdministrator
        user.is_active = active
        user.save(update_fields=["is_active"])
        if not active:
            accounts.end_sessions(user)
        trail.append(by, "opened an account" if active else "closed an account", subject(user))


def give_link(by: User, user: User) -> str:
    """A one-time link with which a user sets a new password; an earlier password ends with it."""
    with transaction.atomic():
        user.set_unusable_password()
        user.save(update_fields=["password"])
        accounts.end_sessions(user)
        trail.append(by, "gave a link", subject(user))
        return accounts.new_link(user)


def take_second_step(by: User, user: User) -> None:
    """Take a user's second step away, who then sets up another."""
    with transaction.atomic():
        Authenticator.objects.filter(user=user).delete()
        accounts.end_sessions(user)
        trail.append(by, "took a second step away", subject(user))


def assign(by: User, user: User, column: str, name: str) -> str:
    """Make a family or a household a user's own; what is wrong with it, '' where nothing is."""
    if not counting(IDS[column]).filter(**{column: name}).exists():
        return f"Enter the id of a {'family' if column == 'request_id' else 'household'} that is in the tables"
    with transaction.atomic():
        ids = {each: name if each == column else "" for each in IDS}
        _, made = Assignment.objects.get_or_create(
            user=user, request_id=ids["request_id"], household_id=ids["household_id"]
        )
        if made:
            trail.append(by, "assigned", name, {"user": user.pk})
    return ""


def unassign(by: User, assignment: Assignment) -> None:
    """A family or a household is a user's own no more."""
    with transaction.atomic():
        name = assignment.request_id or assignment.household_id
        trail.append(by, "took from a user", name, {"user": assignment.user.pk})
        assignment.delete()


def subject(user: User) -> str:
    """How the trail names a user."""
    return f"user {user.pk}"
