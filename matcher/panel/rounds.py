"""Rounds in the panel: run, kept in the history, and read back as pages."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson
from django.db import transaction

from matcher.current import policy_of
from matcher.history.recording import record_round
from matcher.panel import trail, world
from matcher.panel.models import Round, State
from matcher.panel.store import PanelStore
from matcher.record import RoundRecord, read
from matcher.report.view import RoundView, View
from matcher.rounds import DEFAULT_TOP, match, prepare
from matcher.whatif.keep import earlier, match_keeping

if TYPE_CHECKING:
    from matcher.panel.models import User


def last() -> Round | None:
    """The round that was run last."""
    return Round.objects.order_by("-number").first()


def run(user: User, keep: Round | None = None) -> Round:
    """Run a round of the data as they are, keeping to an earlier one where one is named.

    Of two runs of the same data the second is the first. WrongInput where the data have faults.
    The data are read in one transaction and solved outside it: who changes them meanwhile is not kept
    waiting, and the round is outdated from the start.
    """
    with transaction.atomic():
        state = State.objects.get()
        found = world.tables()
    day = world.today(state)
    inputs, policy = world.load(state, found, day)
    number = keep.number if keep else 0
    key = {
        "state_version": state.version,
        "as_of": day,
        "policy_sha256": policy.sha256,
        "keep_number": number,
    }
    if (made := Round.objects.filter(**key).first()) is not None:
        return made
    before = earlier(orjson.loads(document(keep)), "round.json") if keep else None
    solved = (
        match(prepare(inputs, policy, DEFAULT_TOP))
        if before is None
        else match_keeping(inputs, policy, DEFAULT_TOP, before)
    )
    view = View(solved, before)
    whole = b"".join(view.json())
    at = datetime.now(UTC)
    with transaction.atomic():
        State.objects.select_for_update().get()
        if (made := Round.objects.filter(**key).first()) is not None:
            return made
        recorded = record_round(PanelStore(), whole, inputs.decision_log, at)
        made = Round.objects.create(
            **key,
            made_at=at,
            made_by=user.pk,
            input_sha256=inputs.sha256,
            round_sha256=hashlib.sha256(whole).hexdigest(),
            entry=recorded.round.number,
            tables=world.snapshot(found, state),
            kept_lines=list(view.kept_lines),
            warnings=list(view.warnings),
        )
        trail.append(user, "ran", f"round {made.number}", {"entry": made.entry, "keep": number})
    return made


def document(made: Round) -> bytes:
    """The round.json of a round, byte for byte as it was recorded."""
    with PanelStore().reading() as session:
        found = session.document(made.entry)
    assert isinstance(found, bytes | memoryview)
    return bytes(found)


@lru_cache(maxsize=4)
def _record(number: int, sha256: str) -> RoundRecord:
    made = Round.objects.get(number=number)
    return read(RoundRecord, orjson.loads(document(made)))


@lru_cache(maxsize=8)
def _view(number: int, sha256: str, internal: bool) -> RoundView:
    made = Round.objects.get(number=number)
    record = _record(number, sha256)
    policy = policy_of(record.round)
    return RoundView(record, policy, made.warnings, made.kept_lines, internal=internal)


def view(made: Round, *, internal: bool = False) -> RoundView:
    """A round as people read it; the last few stay in memory, as a round never changes."""
    return _view(made.number, made.round_sha256, internal)


def proposed_to(households: Collection[str]) -> set[str]:
    """The families that the last round proposes to some households."""
    made = last()
    if made is None:
        return set()
    return {
        request.request_id
        for request in view(made).requests
        if request.proposal is not None and request.proposal.household_id in households
    }
