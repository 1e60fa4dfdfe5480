"""The policy in force, and a change of one of its numbers: asked for by one person, agreed by another."""

from __future__ import annotations

import json
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils import timezone

from matcher.errors import Fault, WrongInput
from matcher.panel import world
from matcher.panel.models import PolicyChange, State, User
from matcher.panel.work import Change
from matcher.policy.reading import default_on, flat, override
from matcher.policy.settings import FROM, OFF, REASONS, Policy, Setting, Value, default
from matcher.policy.terms import plain
from matcher.terms import Terms
from matcher.words import one_line

LONGEST_REASON = 2000
YES = {"yes": True, "no": False}


class CannotAgree(Exception):
    """Why a change can't be agreed to, in a sentence."""


def in_force(state: State) -> Policy:
    """The policy that ships, with what was changed here; WrongInput where a change can't be."""
    faults: list[Fault] = []
    today = world.today(state)
    found = override(default_on(today), state.policy, "the panel", faults, today)
    if faults:
        raise WrongInput(faults)
    return found


def terms_of(state: State) -> Terms:
    """What the policy in force calls its bodies, roles and clauses; the usual names where it is wrong."""
    return _terms(json.dumps(state.policy, sort_keys=True), world.today(state))


@lru_cache(maxsize=4)
def _terms(changed: str, today: date) -> Terms:
    faults: list[Fault] = []
    found = override(default_on(today), json.loads(changed), "the panel", faults, today)
    return default().terms if faults else found.terms


def value_of(setting: Setting, text: str) -> Value:
    """What was typed, as the setting holds it; text where it is nothing else."""
    if setting.off and text.casefold() == OFF:
        return OFF
    if isinstance(setting.value, bool):
        return YES.get(text.casefold(), text)
    if isinstance(setting.value, int | float) or setting.value == OFF:
        try:
            number = float(text)
        except ValueError:
            return text
        return int(number) if number.is_integer() else number
    return text


def problem(policy: Policy, key: str, text: str) -> str:
    """Why a setting can't be what was typed; '' where it can."""
    setting = policy.listed[key]
    value = value_of(setting, text)
    if (found := setting.problem(value)) is not None:
        return f"Enter a value in {setting.unit}: {text or 'nothing'} {found}"
    return "Enter another value: this is the one in force" if value == policy.value(key) else ""


def ask(change: Change, key: str, text: str, reason: str) -> PolicyChange:
    """Ask for a change of a setting."""
    policy = in_force(change.state)
    value = value_of(policy.listed[key], text)
    made = PolicyChange.objects.create(
        setting=key,
        was=policy.value(key),
        value=value,
        reason=reason,
        asked_by=change.user.pk,
        asked_at=change.at,
    )
    change.tell("asked to change the policy", "policy", _detail(made))
    return made


def agree(change: Change, number: int) -> None:
    """Put a change into force; CannotAgree where it may not be, WrongInput where the data forbid it."""
    asked = _open(number)
    if asked.asked_by == change.user.pk:
        raise CannotAgree("Somebody else must agree: you asked for it yourself.")
    policy = in_force(change.state)
    now = policy.value(asked.setting)
    if now != asked.was:
        raise CannotAgree(f"It has changed since: it is {plain(now)} now.")
    change.state.policy = _written(change, asked)
    change.state.version += 1
    change.state.save(update_fields=["policy", "version"])
    world.load(change.state)
    _settle(asked, change.user, agreed=True)
    change.tell("changed the policy", "policy", _detail(asked))


def _written(change: Change, asked: PolicyChange) -> dict[str, Any]:
    """The policy as it is written, with a change that counts from today and why it was made.

    What was to hold from a day up to today gives way to it; what is to come stays.
    """
    key, today = asked.setting, world.today(change.state)
    past = f"{FROM}.", f".{key}"
    kept = {
        name: value
        for name, value in flat(change.state.policy)
        if name != key
        and not name.startswith(f"{REASONS}.{key}.")
        and not (
            name.startswith(past[0])
            and name.endswith(past[1])
            and name.removeprefix(past[0]).removesuffix(past[1]) <= today.isoformat()
        )
    }
    why = {
        "reason": one_line(asked.reason),
        "decided_by": change.user.does.label,
        "on": today.isoformat(),
    }
    said = {f"{REASONS}.{key}.{name}": text for name, text in why.items()}
    return {**kept, key: asked.value, **said}


def turn_down(change: Change, number: int) -> None:
    """Take a change back, or turn it down."""
    asked = _open(number)
    _settle(asked, change.user, agreed=False)
    change.tell("turned a change of the policy down", "policy", _detail(asked))


def waiting() -> list[PolicyChange]:
    """The changes that wait for somebody else to agree."""
    return list(PolicyChange.objects.filter(settled_at__isnull=True).order_by("pk"))


def _open(number: int) -> PolicyChange:
    asked = PolicyChange.objects.filter(pk=number, settled_at__isnull=True).first()
    if asked is None:
        raise CannotAgree("Somebody has settled it already.")
    return asked


def _settle(asked: PolicyChange, user: User, *, agreed: bool) -> None:
    asked.settled_by, asked.settled_at, asked.agreed = user.pk, timezone.now(), agreed
    asked.save(update_fields=["settled_by", "settled_at", "agreed"])


def _detail(asked: PolicyChange) -> dict[str, object]:
    cells = {asked.setting: [plain(asked.was), plain(asked.value)]}
    return {"cells": cells, "reason": asked.reason, "asked_by": asked.asked_by}
