"""What is known of families that came: their days, where they lived and how long, and who was declined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from matcher.ahead.fitted import Lasting, Refusals
from matcher.intake.inputs import Inputs
from matcher.intake.placements import Pair, has_ended
from matcher.policy.pairs import DAYS_PER_WEEK

DECLINES = ("declined_by_carer", "declined_by_parent")
Stay: TypeAlias = tuple[str, str, date]  # request, household, and the day on which it started


@dataclass(frozen=True, slots=True)
class Came:
    """The days on which a request was received and its home is needed."""

    received_on: date
    needed_from: date


@dataclass(frozen=True, slots=True)
class Until:
    """The day on which a placement ended, or where not `ended` the last on which it is known to run."""

    day: date
    ended: bool


@dataclass(frozen=True)
class Known:
    """Families by their ids, placements, and the pairs that were declined and that came about."""

    came: dict[str, Came]
    stays: dict[Stay, Until]
    declined: frozenset[Pair]
    accepted: frozenset[Pair]

    def and_then(self, later: Known) -> Known:
        """What both know; where they differ the later counts."""
        return Known(
            self.came | later.came,
            self.stays | later.stays,
            self.declined | later.declined,
            self.accepted | later.accepted,
        )

    def leads(self, source: str, since: date = date.min) -> Lasting:
        """The weeks from receipt to need, begun ones not counted, of those received since a day."""
        days = (c.needed_from - c.received_on for c in self.came.values() if c.received_on >= since)
        return Lasting.of((max(each.days, 0) // DAYS_PER_WEEK for each in days), (), source)

    def lengths(self, source: str) -> Lasting:
        """The weeks that placements lasted, the last begun one counted in full where it ended."""
        days = [
            ((until.day - start).days, until.ended) for (_, _, start), until in self.stays.items()
        ]
        ended = (max(-(-each // DAYS_PER_WEEK), 1) for each, is_over in days if is_over)
        running = (each // DAYS_PER_WEEK for each, is_over in days if not is_over)
        return Lasting.of(ended, running, source)

    def refusals(self, source: str) -> Refusals:
        """How many pairs were declined of those that were, or came about; one that was both counts twice."""
        declined = len(self.declined)
        return Refusals(declined, declined + len(self.accepted), source)


def answers(decisions: Iterable[tuple[Pair, str]]) -> tuple[frozenset[Pair], frozenset[Pair]]:
    """The pairs that a carer or a parent declined, and those that were confirmed."""
    found = list(decisions)
    declined = frozenset(pair for pair, decision in found if decision in DECLINES)
    return declined, frozenset(pair for pair, decision in found if decision == "confirmed")


def known(inputs: Inputs) -> Known:
    """What the data of a round know."""
    requests = (*inputs.families, *inputs.closed)
    lived = [row for row in inputs.placements if row.started_on is not None]
    stays = {
        (row.request_id, row.household_id, start): Until(row.ended_on, ended=True)
        if has_ended(row, inputs.as_of) and row.ended_on is not None
        else Until(inputs.as_of, ended=False)
        for row in lived
        if (start := row.started_on) is not None and start <= inputs.as_of
    }
    log = (((row.request_id, row.household_id), row.decision) for row in inputs.decision_log)
    declined, confirmed = answers(log)
    return Known(
        {row.request_id: Came(row.received_on, row.needed_from) for row in requests},
        stays,
        declined,
        confirmed | {(request, household) for request, household, _ in stays},
    )
