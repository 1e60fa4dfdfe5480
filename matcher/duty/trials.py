"""Ask the same round about many versions of one request at once.

Every version is one more row of the same input, so that one pass of rules and criteria answers all.
What is recorded of the request and single households holds for each version of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

import numpy as np

from matcher.eligibility import PAIRS_PER_BLOCK, met
from matcher.fit import best_first, score
from matcher.intake.columns import columns
from matcher.intake.inputs import Inputs, is_confirmed
from matcher.intake.placements import Pair
from matcher.intake.rows import Household, Placement, Request
from matcher.model import Indices, Mask
from matcher.policy import screening
from matcher.policy.case import request_cases
from matcher.policy.pairs import Pairs
from matcher.policy.rules import RULES
from matcher.policy.settings import Policy

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Trial:
    """What one version of a request comes to by itself.

    `outcome` is what holds it back in screening, None where nothing does; `eligible` are the rows
    of households, in order; `first` is the row of the best ranked one, None where there is none;
    `lead` is by how many hundredths of fit it is ahead of the household that is first in version 0,
    None where that one is not eligible.
    """

    outcome: str | None
    eligible: tuple[int, ...]
    first: int | None
    lead: int | None


def versions(inputs: Inputs, request_id: str, rows: Sequence[Request]) -> Inputs:
    """A round in which each row is a request of its own, all known to households as one request.

    Behind them stand the families for which a home is kept: it is so from every version.
    """
    ids = [f"{at:06}" for at in range(len(rows))]
    kept = {name for name, _ in inputs.own_homes} - {request_id}
    others = [row for row in inputs.requests if row.request_id in kept]
    decisions = {
        pair: row
        for pair, row in inputs.decisions.items()
        if not (is_confirmed(row) and pair in inputs.lived)  # that one stands among the placements
    }

    def each(found: dict[Pair, Kept]) -> dict[Pair, Kept]:
        return {
            (name, household_id): value
            for (of, household_id), value in found.items()
            if of in kept or of == request_id
            for name in (ids if of == request_id else (of,))
        }

    lives = inputs.placement_of.get(request_id)
    mine = (replace(row, request_id=name) for name, row in zip(ids, rows, strict=True))
    return replace(
        inputs,
        requests=(*mine, *others),
        households=tuple(
            _its_own(_exempts(household, request_id, ids), lives) for household in inputs.households
        ),
        relationships=each(inputs.relationships),
        risk_assessments=each(inputs.risk_assessments),
        decisions=each(decisions),
        decision_rows={},
        known_to_family=frozenset(
            (name, pair[1])
            for pair in inputs.known_to_family
            for name in (ids if pair[0] == request_id else ())
        ),
        placement_rows=(
            *(row for row in inputs.placements if row.request_id != request_id),
            *(
                _of_long_ago(name, household_id)
                for of, household_id in inputs.pairs_ended_early
                for name in (ids if of == request_id else ())
            ),
        ),
        keep_apart=(),
        events={},
    )


def _of_long_ago(request_id: str, household_id: str) -> Placement:
    """A placement that ended early: it speaks against the pair, and stands in no version's way."""
    return Placement(request_id, household_id, date.min, None, date.min, "other", None)


def _its_own(household: Household, lives: Placement | None) -> Household:
    """A household without an arrangement that is the family's own, as it lives there."""
    if lives is None or lives.household_id != household.household_id:
        return household
    return replace(household, arrangement_until=None)


def _exempts(household: Household, request_id: str, ids: list[str]) -> Household:
    if request_id not in household.limit_exemption:
        return household
    return replace(household, limit_exemption=tuple(ids))


def trials(inputs: Inputs, policy: Policy, request_id: str, rows: Sequence[Request]) -> list[Trial]:
    """What each version of a request comes to; the first row is the one that stands."""
    asked = versions(inputs, request_id, rows)
    table = columns(asked)
    found = screening.screen(table, request_cases(asked, policy), policy)
    outcomes = [screening.outcome(findings) for findings in found[: len(rows)]]
    everyone = Pairs(table, policy, np.arange(len(rows)), table.households.row)
    step = max(1, PAIRS_PER_BLOCK // max(everyone.shape[1], 1))
    made: list[Trial] = []
    for start in range(0, len(rows), step):
        block = everyone.of(np.arange(start, min(start + step, len(rows))))
        ranked = _Block(block)
        for row in range(block.shape[0]):
            standing = made[0].first if made else None
            made.append(ranked.trial(row, outcomes[len(made)], standing))
    return made


class _Block:
    """Some versions against every household: who is eligible, and what they are worth."""

    def __init__(self, pairs: Pairs) -> None:
        self.eligible: Mask = np.ones(pairs.shape, bool)
        for rule in RULES:
            self.eligible &= met(rule, pairs)
        shape = pairs.shape
        self.fit = score(pairs).fit
        self.relationship = np.broadcast_to(pairs.relationship_points, shape).astype(np.int64)
        self.miles = pairs.miles

    def trial(self, row: int, outcome: str | None, standing: int | None) -> Trial:
        homes: Indices = np.flatnonzero(self.eligible[row])
        fit = self.fit[row]
        if not len(homes):
            return Trial(outcome, (), None, None)
        miles = np.broadcast_to(self.miles, self.eligible.shape)[row, homes]
        order = best_first(self.relationship[row, homes], fit[homes], miles)
        first = int(homes[order[0]])
        lead = None
        if standing is not None and self.eligible[row, standing]:
            lead = int(fit[first] - fit[standing])
        return Trial(outcome, tuple(homes.tolist()), first, lead)
