"""The trail: who saw, did or was refused what, in a chain that shows any alteration."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import Q

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


def written(at: datetime) -> str:
    """A time as a line holds it, so that lines sort by it."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _now() -> str:
    return written(datetime.now(UTC))


class Done(NamedTuple):
    """What was done: the act, whom it is about, and from what to what."""

    act: str
    subject: str = ""
    detail: Mapping[str, Any] | None = None


def append(
    user: User | None, act: str, subject: str = "", detail: Mapping[str, Any] | None = None
) -> Trail:
    """Append a line; in the transaction of whoever calls, so that what was done and its line are one."""
    return append_all(user, [Done(act, subject, detail)])[0]


def append_all(user: User | None, done: Iterable[Done]) -> list[Trail]:
    """Append a line for each thing that was done at once, in as many queries as for one."""
    lines = []
    with transaction.atomic():
        end = lock()
        version = State.objects.values_list("version", flat=True).get()
        number, previous, at = end.number, end.hash, _now()
        for each in done:
            number += 1
            detail = json.dumps(each.detail, ensure_ascii=False, sort_keys=True)
            line = Trail(
                number=number,
                at=at,
                user=user.pk if user is not None else None,
                role=user.role if user is not None else "",
                act=each.act,
                subject=each.subject,
                detail=detail if each.detail else "",
                state_version=version,
                previous=previous,
            )
            previous = line.hash = _hash(line)
            lines.append(line)
        Trail.objects.bulk_create(lines)
        TrailEnd.objects.filter(pk=end.pk).update(number=number, hash=previous)
    return lines


def of_subject(name: str) -> Q:
    """The lines that are about an id: alone, or with another."""
    return Q(subject=name) | Q(subject__startswith=f"{name} ") | Q(subject__endswith=f" {name}")


def lock() -> TrailEnd:
    """The end of the trail, which nobody else moves until the transaction ends."""
    return TrailEnd.objects.select_for_update().get()


def looked(user: User, act: str, subject: str) -> None:
    """Write down a look; those of one person at one subject within ten minutes count once."""
    since = written(datetime.now(UTC) - ONE_LOOK)
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
