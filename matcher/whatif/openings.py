"""The single changes that would let most families be placed, across a whole round."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from matcher.eligibility import failed_bits, rules_failed
from matcher.intake.edits import apply
from matcher.model import Indices
from matcher.policy.aims import TIERS
from matcher.policy.changes import Change, smallest
from matcher.policy.in_force import rules_that_tell_place
from matcher.rounds import Prepared, SolvedRound, household_pairs, match, prepare_again
from matcher.sizes import MANY_REQUESTS
from matcher.solve.problem import UNPLACED

MOST_TRIED = 30


@dataclass(frozen=True, slots=True)
class Opening:
    """One change, the waiting families that it opens a household to, and how many more are placed.

    `placed` is the difference by urgency in the order of `codes.URGENCIES`, of a round solved anew
    with that change alone; None where it was not solved.
    """

    household_id: str
    change: Change
    request_ids: tuple[str, ...]
    placed: tuple[int, ...] | None


def single_changes(solved: SolvedRound) -> list[Opening]:
    """Every single change that makes a household eligible for a family that waits, best first."""
    found: dict[tuple[object, ...], list[tuple[str, str, Change]]] = defaultdict(list)
    for request_id, household_id, change in _single(solved):
        # A change without edits is told apart by whom it asks for what.
        same = change.edits or (household_id, change.what)
        found[same].append((request_id, household_id, change))
    openings = [
        Opening(some[0][1], some[0][2], tuple(request for request, _, _ in some), None)
        for some in found.values()
    ]
    openings.sort(key=lambda each: (-len(each.request_ids), each.household_id, each.change.what))
    if len(solved.prepared.inputs.requests) > MANY_REQUESTS:
        return openings
    now = _placed(solved)
    tried = [_tried(solved.prepared, each, now) for each in openings[:MOST_TRIED]]
    # An earlier urgency comes first, as in the aims of a round; then how many families it helps.
    # What can't be tried, as no rule says what to edit, comes last.
    tried.sort(key=lambda each: (each.placed is None, [-more for more in each.placed or ()]))
    return [*tried, *openings[MOST_TRIED:]]


def _single(solved: SolvedRound) -> Iterator[tuple[str, str, Change]]:
    prepared = solved.prepared
    everyone = prepared.columns.households.row
    where = rules_that_tell_place(prepared.policy)
    large = len(prepared.inputs.requests) > MANY_REQUESTS
    for row in range(len(prepared.inputs.requests)):
        if solved.household[row] != UNPLACED or not prepared.matchable(row):
            continue
        homes: Indices = prepared.near(row)[0] if large else everyone
        bits = failed_bits(household_pairs(prepared, row, homes))[0]
        for household_index, failed in zip(homes.tolist(), bits.tolist(), strict=True):
            rules = rules_failed(failed, solved.prepared.policy)
            # What tells where a household is, people decide family by family.
            tells = any(rule.key in where for rule in rules)
            if not rules or tells or household_index in prepared.pinned_households:
                continue
            case = prepared.pair(row, household_index)
            changes = smallest(case, [(rule, rule.failing(case)) for rule in rules])
            if len(changes) == 1:
                request_id, household_id = case.ids
                yield request_id, household_id, changes[0]


def _placed(solved: SolvedRound) -> tuple[int, ...]:
    totals = dict(zip(solved.prepared.aims, solved.totals, strict=True))
    return tuple(totals[tier.key] for tier in TIERS)


def _tried(prepared: Prepared, opening: Opening, now: tuple[int, ...]) -> Opening:
    if not opening.change.edits:
        return opening
    changed = prepare_again(prepared, apply(prepared.inputs, opening.change.edits))
    then = _placed(match(changed))
    placed = tuple(after - before for after, before in zip(then, now, strict=True))
    return Opening(opening.household_id, opening.change, opening.request_ids, placed)
