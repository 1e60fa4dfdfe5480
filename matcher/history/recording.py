"""What a recording appends: the round, and every decision of its data that is not held yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from matcher.history.entries import (
    DECISION,
    KEPT,
    ROUND,
    TRAIL,
    Entry,
    Record,
    canonical,
    following,
    round_content,
)
from matcher.history.recall import with_words
from matcher.history.store import Session, Store
from matcher.intake.rows import Decision
from matcher.policy.settings import with_changes
from matcher.terms import Terms
from matcher.words import in_lines


@dataclass(frozen=True)
class Recorded:
    """What came of a recording: the round's entry, and the entries that were appended."""

    round: Entry
    added: tuple[Entry, ...]

    @property
    def is_new(self) -> bool:
        """Whether the round was not held before."""
        return self.round in self.added

    @property
    def decisions(self) -> int:
        """How many decisions were appended."""
        return len(self.added) - self.is_new

    def sentences(self, store: str) -> list[str]:
        """What was recorded, and the receipt to keep elsewhere."""
        from matcher.words import count

        also = f" {count(self.decisions, 'new decision')} with it." if self.decisions else ""
        if not self.is_new:
            same = f"Already recorded in {store}: this very round is entry {self.round.number}."
            if not self.added:
                return [f"{same} Nothing was added."]
            lines = [f"{same}{also}"]
        else:
            lines = [f"Recorded in {store}: the round is entry {self.round.number}.{also}"]
        return [*lines, f"Receipt, to keep elsewhere: {self.added[-1].receipt}"]


def record_round(
    store: Store, document: bytes, decisions: Iterable[Decision], at: datetime
) -> Recorded:
    """Append a round (its round.json, byte for byte) and what was decided, unless they are held.

    `at` is the time of recording, with its zone. BreachFound where the history does not hold.
    """
    time = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fingerprint = hashlib.sha256(document).hexdigest()
    by_day = sorted(
        map(content_of, decisions), key=lambda each: (each["decided_on"], *map(str, each.values()))
    )
    told = {canonical(each): each for each in by_day}
    with store.writing() as session:
        entries = session.entries()
        session.settle()
        held = {_payload(entry): entry.number for entry in entries if entry.kind == DECISION}
        rounds = [entry for entry in entries if entry.kind == ROUND]
        added: list[Entry] = []

        def append(kind: str, content: Record, file: bytes | None = None) -> Entry:
            entry = following(entries[-1] if entries else None, kind, time, content)
            session.add(entry, file)
            entries.append(entry)
            added.append(entry)
            return entry

        for payload, decision in told.items():
            if payload not in held:
                held[payload] = append(DECISION, decision).number
        same = [entry for entry in rounds if entry.content["round_sha256"] == fingerprint]
        if same:
            return Recorded(same[0], tuple(added))
        content = round_content(json.loads(document), fingerprint, [held[each] for each in told])
        made = append(ROUND, content, document)
        return Recorded(made, tuple(added))


def record_decision(store: Store, decision: Decision, at: datetime, trail: str = "") -> Entry:
    """Append a decision as it is made; `trail` is the hash of what a panel wrote down with it."""
    time = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    content = content_of(decision) | ({TRAIL: trail} if trail else {})
    with store.writing() as session:
        entries = session.entries()
        session.settle()
        entry = following(entries[-1] if entries else None, DECISION, time, content)
        session.add(entry, None)
    return entry


def _payload(entry: Entry) -> str:
    """What a decision's entry says of the decision alone."""
    return canonical({column: entry.content.get(column) for column in KEPT})


def content_of(decision: Decision) -> Record:
    """What is kept of a decision: codes, ids, days and a role."""
    return {
        column: value.isoformat()
        if hasattr(value := getattr(decision, column), "isoformat")
        else value
        for column in KEPT
    }


def decisions_with(entries: list[Entry], entry: Entry) -> list[Entry]:
    """The decisions that were recorded with a round: those since the entry of the round before."""
    before = [each for each in entries if each.number < entry.number]
    start = max((each.number for each in before if each.kind == ROUND), default=0)
    return [each for each in before if each.number > start]


def terms_of_record(found: Record) -> Terms:
    """What the policy of a recorded round calls its bodies, roles and clauses."""
    return with_changes(found["round"]["policy"].get("changed", {})).terms


def read_round(session: Session, entry: Entry) -> Record:
    """The round of an entry, with the words of what its round.json holds."""
    found: Record = with_words(in_lines(json.loads(session.whole(entry))))
    return found
