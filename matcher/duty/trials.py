"""Ask the same round about many versions of one request at once.

Every version is one more row of the same input, so that one pass of rules and criteria answers all.
What is recorded of the request and single households holds for each version of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from matcher.eligibility import PAIRS_PER_BLOCK, met
from matcher.fit import best_first, score
from matcher.intake.columns import columns
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Household, Request
from matcher.model import Columns, Indices, Known, Mask
from matcher.policy import screening
from matcher.policy.case import request_cases
from matcher.policy.in_force import rules_in_force
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy

Home = TypeVar("Home")
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

    They come first, and the other families after them: where those live, or keep a home, stays so.
    """
    ids = [f"{request_id}\n{at:06}" for at in range(len(rows))]  # no id of a table has a line break

    def each(found: Mapping[tuple[str, Home], Kept]) -> dict[tuple[str, Home], Kept]:
        return {
            (name, home): kept
            for (of, home), kept in found.items()
            for name in (ids if of == request_id else (of,))
        }

    decisions = each(inputs.decisions)
    others = (row for row in inputs.requests if row.request_id != request_id)
    mine = (row for row in inputs.placements if row.request_id == request_id)
    return replace(
        inputs,
        requests=(
            *(replace(row, request_id=name) for name, row in zip(ids, rows, strict=True)),
            *others,
        ),
        households=tuple(_exempts(household, request_id, ids) for household in inputs.households),
        relationships=each(inputs.relationships),
        risk_assessments=each(inputs.risk_assessments),
        decisions={pair: replace(row, request_id=pair[0]) for pair, row in decisions.items()},
        decision_rows={},
        known_to_family=frozenset(each(dict.fromkeys(inputs.known_to_family))),
        placement_rows=(
            *(row for row in inputs.placement_rows if row.request_id != request_id),
            *(replace(row, request_id=name) for row in mine for name in ids),
        ),
        keep_apart=(),
        events=each(inputs.events),
    )


def _exempts(household: Household, request_id: str, ids: list[str]) -> Household:
    if request_id not in household.limit_exemption:
        return household
    return replace(household, limit_exemption=tuple(ids))


def _as_one_family(table: Columns, inputs: Inputs, request_id: str, number: int) -> Columns:
    """The columns of versions, the first `number` requests, none of which stands in another's way.

    A home that is kept for one is kept against no other, and no stay of one is another's.
    """
    kept = table.own_home
    own = {
        home: what.ends_for(request_id, inputs.as_of)
        for home, name in enumerate(table.household_ids)
        if (what := inputs.occupancy.get(name)) is not None
        and any(stay.request_id == request_id for stay in what.stays)
    }
    rows, homes = np.repeat(np.arange(number), len(own)), np.array([*own] * number, np.intp)
    return replace(
        table,
        own_home=replace(kept, values=np.where(kept.requests < number, np.inf, kept.values)),
        own_placement=Known(rows, homes, np.ones(len(rows))),
        own_until=Known(rows, homes, np.array([*own.values()] * number, float)),
    )


def trials(inputs: Inputs, policy: Policy, request_id: str, rows: Sequence[Request]) -> list[Trial]:
    """What each version of a request comes to; the first row is the one that stands."""
    asked, places = versions(inputs, request_id, rows), np.arange(len(rows))
    table = _as_one_family(columns(asked), inputs, request_id, len(rows))
    cases = request_cases(asked, policy)[: len(rows)]
    alone = replace(table, requests=table.requests.take(places))
    outcomes = [screening.outcome(each) for each in screening.screen(alone, cases, policy)]
    everyone = Pairs(table, policy, places, table.households.row)
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
        for rule in rules_in_force(pairs.policy):
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
