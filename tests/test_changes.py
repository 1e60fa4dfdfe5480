"""What it would take: the changes make the pair eligible, and none of them can be left out."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from pathlib import Path

import numpy as np
import pytest

from builders import Cells, a_household, a_policy, a_request, one_pair, read_tables
from matcher import loading
from matcher.eligibility import failed_bits, rules_of
from matcher.intake.edits import Decided, NewCarer, Withdrawn, apply, new_row
from matcher.intake.rows import Decision
from matcher.policy.changes import TOGETHER, Change, smallest
from matcher.policy.rules import RULES
from matcher.rounds import Prepared, household_pairs, prepare
from random_rounds import write_round

SUPPORT: Cells = {"purpose": "support", "parent_age": "17", "parent_looked_after": "yes"}


def failed(made: Prepared, row: int, home: int) -> list[str]:
    bits = int(failed_bits(household_pairs(made, row, np.array([home])))[0, 0])
    return [RULES[place].key for place in rules_of(bits)]


def takes(made: Prepared, row: int = 0, home: int = 0) -> tuple[Change, ...]:
    """What it would take to make a pair eligible."""
    case = made.pair(row, home)
    broken = [rule for rule in RULES if rule.key in failed(made, row, home)]
    return smallest(case, [(rule, rule.failing(case)) for rule in broken])


def after(made: Prepared, changes: tuple[Change, ...], row: int = 0, home: int = 0) -> list[str]:
    """The rules that a pair still fails once changes are made, and no change is to choose it."""
    edits = chain.from_iterable(change.edits for change in changes)
    chosen = {key for change in changes if not change.edits for key in change.rules}
    left = failed(prepare(apply(made.inputs, edits), made.policy), row, home)
    return [key for key in left if key not in chosen]


def broken_when_chosen(
    made: Prepared, changes: tuple[Change, ...], row: int, home: int
) -> list[str] | None:
    """The rules that people break who make the changes and choose the pair; None where it is no wish.

    A pair is none whose family lives there, or whose home is agreed for a family that is placed.
    """
    pair = made.inputs.requests[row].request_id, made.inputs.households[home].household_id
    inputs, yesterday = made.inputs, made.inputs.as_of - timedelta(1)
    others = [each for each in inputs.pins if each[0] == pair[0] or each[1] == pair[1]]
    choice = new_row(
        Decision, request_id=pair[0], household_id=pair[1], decision="choose", decided_on=yesterday
    )
    edits = [
        *chain.from_iterable(change.edits for change in changes),
        *(Withdrawn("decisions", each) for each in others),
        Decided(choice),
    ]
    then = prepare(apply(inputs, edits), made.policy)
    held = (*then.held.pins.values(), *then.held.set_aside)
    pin = next((p for p in held if (p.request, p.household) == (row, home)), None)
    return None if pin is None else [rule.key for rule in pin.breaks]


@pytest.mark.clause("NMS-15", "PC-4.2b")
@pytest.mark.parametrize("seed", range(12))
def test_the_changes_suffice_and_none_can_be_left_out(tmp_path: Path, seed: int) -> None:
    write_round(tmp_path, seed, 6, 8, dense=False)
    inputs, _ = loading.load(tmp_path, None, None)
    months = "off" if seed % 2 else 18
    made = prepare(inputs, a_policy(training_valid_months=months))
    seen = set()
    for row in range(len(inputs.requests)):
        for home in range(len(inputs.households)):
            broken = failed(made, row, home)
            changes = takes(made, row, home)
            pair = inputs.requests[row].request_id, inputs.households[home].household_id
            assert after(made, changes, row, home) == [], (pair, broken, changes)
            if any(not change.edits for change in changes):
                broken_then = broken_when_chosen(made, changes, row, home)
                assert not broken_then, (pair, broken, changes, broken_then)
            for left_out in changes:
                rest = tuple(change for change in changes if change is not left_out)
                if any(isinstance(edit, NewCarer) for edit in left_out.edits[:1]):
                    added = left_out.edits[0].carer.carer_id
                    if any(getattr(edit, "key", None) == added for c in rest for edit in c.edits):
                        continue  # another change alters the carer whom this one adds
                assert after(made, rest, row, home), (pair, broken, left_out)
            seen |= set(broken)
    assert len(seen) > 10


ASSESSMENT: Cells = {"expected_weeks": "12"}  # from 7 December 2026 to 1 March 2027
OPEN_ENDED: Cells = {**SUPPORT, "expected_weeks": None}


@pytest.mark.parametrize(
    ("request_cells", "household_cells", "kinds"),
    [
        (ASSESSMENT, {"arrangement_until": "open", "available_until": "2027-02-28"}, ["settle_end", "stay_available"]),
        (ASSESSMENT, {"arrangement_until": "open", "available_until": "2027-03-01"}, ["settle_end"]),
        (OPEN_ENDED, {"arrangement_until": "open", "available_until": "2026-12-07"}, ["settle_end", "stay_available"]),
        (OPEN_ENDED, {"arrangement_until": "open", "available_until": "2026-12-08"}, ["settle_end"]),
        (OPEN_ENDED, {"available_from": "2026-12-22", "available_until": "2026-12-22"},
         ["later_or_earlier", "stay_available_until"]),
        (OPEN_ENDED, {"available_from": "2026-12-22", "available_until": "2026-12-23"}, ["later_or_earlier"]),
    ],
)  # fmt: skip
def test_who_closes_too_soon_is_asked_to_stay_and_nobody_else(
    tmp_path: Path, request_cells: Cells, household_cells: Cells, kinds: list[str]
) -> None:
    tables = one_pair(a_request(**request_cells), a_household(**household_cells))
    made = prepare(read_tables(tmp_path, tables), a_policy())
    changes = takes(made)
    assert [change.kind for change in changes] == kinds
    assert after(made, changes) == []
    for left_out in changes:
        assert after(made, tuple(change for change in changes if change is not left_out))


def test_every_rule_has_its_change() -> None:
    """A change of the tables, or people choose the pair all the same."""
    mended = {rule for rule in RULES if rule in TOGETHER or rule._mend is not None}
    assert {rule.key for rule in RULES if rule not in mended} == {
        rule.key for rule in RULES if rule.choice_passes
    }
