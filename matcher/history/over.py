"""The rounds that a history holds of a service, each day once, for what looks over the weeks."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from matcher import record
from matcher.history.entries import DECISION, ROUND, Record
from matcher.history.recall import EARLIER
from matcher.history.store import Store


@dataclass(frozen=True, slots=True)
class Recorded:
    """Recorded rounds by day; `unread` of them are of an earlier release, whose files hold no facts.

    `decisions` are those of any title.
    """

    rounds: tuple[record.RoundRecord, ...]
    unread: int
    decisions: tuple[Record, ...]


def recorded_until(store: Store, title: str | None, day: date) -> Recorded:
    """The rounds of a title up to a day; of several of one day the last recorded. WrongInput where no history is."""
    with store.reading() as session:
        entries = session.entries()
        last = {
            entry.content["as_of"]: entry
            for entry in entries
            if entry.kind == ROUND
            and (entry.content["title"] or None) == (title or None)
            and entry.content["as_of"] <= day.isoformat()
        }
        found = [json.loads(session.whole(last[each])) for each in sorted(last)]
    readable = [each for each in found if each["schema"] != EARLIER]
    rounds = tuple(record.read(record.RoundRecord, each) for each in readable)
    decisions = tuple(
        entry.content
        for entry in entries
        if entry.kind == DECISION and entry.content["decided_on"] <= day.isoformat()
    )
    return Recorded(rounds, len(found) - len(rounds), decisions)
