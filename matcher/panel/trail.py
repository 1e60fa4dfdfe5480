"""The trail: who saw, did or was refused what, in a chain that shows any alteration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from matcher.errors import Breach
from matcher.panel.models import State, Trail, TrailEnd

if TYPE_CHECKING:
    from matcher.panel.models import User

SCHEMA = "matcher.trail/1"
START = "0" * 64
ONE_LOOK = timedelta(minutes=10)  # within which looks of one person at one subject count once


def _hash(line: Trail) -> str:
    whole = [
        *(SCHEMA, line.number, line.at, line.user, line.role, line.act, line.subject),
        *(line.detail, line.state_version, line.previous),
    ]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def append(
    user: User | None, act: str, subject: str = "", detail: Mapping[str, Any] | None = None
) -> Trail:
    """Append a line; in the transaction of whoever calls, so that what was done and its line are one."""
    with transaction.atomic():
        end = TrailEnd.objects.select_for_update().get()
        version = State.objects.values_list("version", flat=True).get()
        line = Trail(
            number=end.number + 1,
            at=_now(),
            user=user.pk if user is not None else None,
            role=user.role if user is not None else "",
            act=act,
            subject=subject,
            detail=json.dumps(detail, ensure_ascii=False, sort_keys=True) if detail else "",
            state_version=version,
            previous=end.hash,
        )
        line.hash = _hash(line)
        line.save(force_insert=True)
        TrailEnd.objects.filter(pk=end.pk).update(number=line.number, hash=line.hash)
    return line


def looked(user: User, act: str, subject: str) -> None:
    """Write down a look; those of one person at one subject within ten minutes count once."""
    since = (datetime.now(UTC) - ONE_LOOK).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    seen = Trail.objects.filter(user=user.pk, act=f"looked: {act}", subject=subject, at__gte=since)
    if not seen.exists():
        append(user, f"looked: {act}", subject)


def refused(user: User, act: str, subject: str) -> None:
    """Write down that somebody was refused."""
    append(user, f"refused: {act}", subject)


def breaches() -> Iterator[Breach]:
    """Every line that is not as it was written, or not in its place."""
    previous, number = START, 0
    for line in Trail.objects.order_by("number").iterator():
        number += 1
        where = f"trail line {line.number}"
        if line.number != number:
            yield Breach(where, f"line {number} is missing.")
            number = line.number
        if line.previous != previous or line.hash != _hash(line):
            yield Breach(where, "it was altered, or what stood before it was.")
        previous = line.hash
    end = TrailEnd.objects.get()
    if (end.number, end.hash) != (number, previous):
        yield Breach("trail", "its last lines are gone.")
