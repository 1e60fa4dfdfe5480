"""The clean input of a round: checked, sorted by id, and the same whatever the order of rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TypeAlias

from matcher.errors import Fault
from matcher.intake.rows import (
    Carer,
    Decision,
    Household,
    KeepApart,
    Request,
    RiskAssessment,
    Row,
    Step,
)

Pair: TypeAlias = tuple[str, str]
NOES = ("declined_by_carer", "declined_by_parent", "rule_out")


@dataclass(frozen=True)
class Inputs:
    """All open requests and all households of one round, with what is recorded of their pairs.

    A pair is (request_id, household_id). `sha256` is taken over the cleaned, sorted tables.
    """

    as_of: date
    title: str
    authority: str | None
    requests: tuple[Request, ...]
    households: tuple[Household, ...]
    carers: dict[str, tuple[Carer, ...]]
    relationships: dict[Pair, str]
    risk_assessments: dict[Pair, tuple[RiskAssessment, ...]]
    decisions: dict[Pair, Decision]
    decision_rows: dict[Pair, int]
    decision_log: tuple[Decision, ...]  # every row: also of closed requests, also overtaken ones
    keep_apart: tuple[KeepApart, ...]
    steps: dict[tuple[str, str | None], dict[str, Step]]  # (request_id, household_id or None): gate
    warnings: tuple[Fault, ...]
    sha256: str
    noes: tuple[Decision, ...] = ()  # by household; those of closed requests too

    @cached_property
    def homes(self) -> dict[str, Household]:
        """Each household by its id."""
        return {row.household_id: row for row in self.households}

    @cached_property
    def recorded(self) -> set[str]:
        """The requests of which something is recorded for a single household: an assessment, a step."""
        stepped = {request for request, household in self.steps if household is not None}
        return stepped | {request for request, _ in self.risk_assessments}

    @cached_property
    def pairs_too_high(self) -> list[Pair]:
        """Pairs of which some joint risk assessment says that the risk is too high."""
        found = self.risk_assessments.items()
        return [pair for pair, rows in found if any(row.outcome == "too_high" for row in rows)]

    @cached_property
    def pairs_ruled_out(self) -> list[Pair]:
        """Pairs that people ruled out or declined."""
        return [pair for pair, row in self.decisions.items() if row.decision in NOES]

    @cached_property
    def pins(self) -> dict[Pair, Decision]:
        """Pairs that people chose, or that are confirmed and have not ended."""
        return {pair: row for pair, row in self.decisions.items() if is_pin(row, self.as_of)}

    def approved_carers(self, household_id: str) -> tuple[Carer, ...]:
        """The approved carers of a household, trained or not; a blank approval isn't counted."""
        return self._approved.get(household_id, ())

    @cached_property
    def _approved(self) -> dict[str, tuple[Carer, ...]]:
        return {
            household: tuple(carer for carer in carers if carer.approved is True)
            for household, carers in self.carers.items()
        }


def is_pin(decision: Decision, as_of: date) -> bool:
    """Whether a decision holds its family and household together."""
    ended = decision.ended_on is not None and decision.ended_on < as_of
    return decision.decision == "choose" or (decision.decision == "confirmed" and not ended)


def fingerprint(tables: dict[str, Iterable[Row]]) -> str:
    """The SHA-256 of cleaned tables, whatever the order of their rows."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        rows = sorted(row.canonical() for row in tables[name])
        digest.update(json.dumps([name, rows], ensure_ascii=False).encode())
    return digest.hexdigest()
