"""A round made from an earlier one is the round made anew, whatever differs between the two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from builders import AS_OF, a_carer, a_household, a_policy, a_request, prepared
from matcher import incremental
from matcher.errors import WrongInput
from matcher.intake.columns import columns
from matcher.intake.edits import (
    AnyEdit,
    Decided,
    Edit,
    Gone,
    NewCarer,
    NewHousehold,
    Vacated,
    Withdrawn,
    apply,
    new_row,
)
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Carer, Decision, Household
from matcher.loading import load
from matcher.policy.pairs import Pairs
from matcher.rounds import Prepared, match, prepare, prepare_again
from random_rounds import write_round

SEEDS = range(16)
EDITS = 6  # rounds that are made from each
FIELDS = ("columns", "screened", "ranked", "held", "problem", "edge_at", "findings", "keep")
DECISIONS = ("choose", "confirmed", "rule_out", "declined_by_carer", "declined_by_parent")


@pytest.fixture(autouse=True)
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Much of a small round differs where one row does; it is made from the earlier one all the same."""
    monkeypatch.setattr(incremental, "FEW", 2)


def differences(one: Any, other: Any, where: str) -> Iterator[str]:
    """Where two answers differ, in values or in the kind of numbers they are kept in."""
    if isinstance(one, np.ndarray):
        same_kind = one.dtype == other.dtype or one.dtype.kind == other.dtype.kind == "U"
        floats = one.dtype.kind == "f"
        if not same_kind or not np.array_equal(one, other, equal_nan=floats):
            yield where
    elif is_dataclass(one):
        for each in fields(one):
            name = each.name
            yield from differences(getattr(one, name), getattr(other, name), f"{where}.{name}")
    elif isinstance(one, tuple) and len(one) == len(other):
        for at, (first, second) in enumerate(zip(one, other, strict=True)):
            yield from differences(first, second, f"{where}[{at}]")
    elif one != other:
        yield where


def anew(base: Prepared, inputs: Inputs) -> Prepared:
    return prepare(inputs, base.policy, base.top, base.keep)


def assert_same(made: Prepared, whole: Prepared, base: Prepared | None = None) -> None:
    for name in FIELDS:
        one, other = getattr(made, name), getattr(whole, name)
        assert not [*differences(one, other, name)]
    found = match(made, base and match(base)).solution
    assert not [
        *differences(
            replace(found, part=None), replace(match(whole).solution, part=None), "solution"
        )
    ]


def of_another(random: Random, table: str, rows: list[Any], key: str) -> Edit:
    """A cell of a row with what stands there in another row."""
    row, other = random.choice(rows), random.choice(rows)
    ids = ("request_id", "household_id", "carer_id")
    column = random.choice([each.name for each in fields(row) if each.name not in ids])
    return Edit(table, getattr(row, key), column, getattr(other, column))


def an_edit(random: Random, inputs: Inputs) -> AnyEdit:
    carers = [carer for some in inputs.carers.values() for carer in some]
    household, request = random.choice(inputs.households), random.choice(inputs.requests)
    pair = request.request_id, household.household_id
    match random.randrange(10):
        case 0 | 1:
            return of_another(random, "requests", [*inputs.requests], "request_id")
        case 2 | 3:
            return of_another(random, "households", [*inputs.households], "household_id")
        case 4 | 5:
            return of_another(random, "carers", carers, "carer_id")
        case 6:
            new = random.choice(("A0", "M5", "z9"))
            some = [
                replace(carer, carer_id=f"{new}-{at}", household_id=new)
                for at, carer in enumerate(random.sample(carers, random.randrange(3)))
            ]
            return NewHousehold(replace(household, household_id=new), tuple(some))
        case 7:
            carer = replace(random.choice(carers), household_id=pair[1], carer_id="new")
            return random.choice((NewCarer(carer), Vacated(pair[1]), Gone(pair[0])))
        case 8 if inputs.decisions:
            gone = random.choice(sorted(inputs.decisions))
            return Withdrawn("decisions", gone)
        case _:
            row = new_row(
                Decision,
                request_id=pair[0],
                household_id=pair[1],
                decision=random.choice(DECISIONS),
                decided_on=inputs.as_of,
            )
            return Decided(row)


def without_some(random: Random, inputs: Inputs) -> Inputs:
    """The same with some of what is recorded of pairs, of placements and of what happened gone."""
    name = random.choice(
        ("relationships", "risk_assessments", "decisions", "events", "placement_rows", "keep_apart")
    )
    known = getattr(inputs, name)
    if isinstance(known, dict):
        kept: Any = {key: value for key, value in known.items() if random.random() < 0.7}
    else:
        kept = tuple(row for row in known if random.random() < 0.7)
    return replace(inputs, **{name: kept})


def another(random: Random, inputs: Inputs) -> Inputs:
    if random.random() < 0.25:
        return without_some(random, inputs)
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        inputs = apply(inputs, [an_edit(random, inputs)])
    return inputs


@pytest.mark.parametrize("seed", SEEDS)
def test_a_round_made_from_an_earlier_one_is_the_round_made_anew(tmp_path: Path, seed: int) -> None:
    write_round(
        tmp_path, seed, 7, 25, dense=seed % 3 == 0, pins=seed % 2 == 0, keep_apart=seed % 4 == 1
    )
    inputs, policy = load(tmp_path, None, None)
    random = Random(seed)
    base = prepare(inputs, policy, random.choice((0, 5, 12)))
    for _ in range(EDITS):
        changed = another(random, inputs)
        try:
            whole = anew(base, changed)
        except WrongInput:  # a choice of today that breaks something
            with pytest.raises(WrongInput):
                prepare_again(base, changed)
            continue
        assert_same(prepare_again(base, changed), whole, base)
        base, inputs = whole, changed


def a_town(folder: Path, **cells: str) -> Prepared:
    """A round in which four households near the families are closed, and four far away are not.

    Three near misses of each family are kept.
    """
    near = [a_household(f"A{at}", postcode="NW5", status="suspended") for at in range(4)]
    later = {"available_from": "2026-12-15"}
    far = [a_household(f"B{at}", postcode=f"E{at + 5}", **later) for at in range(4)]
    tables = {
        "requests": [a_request(f"R{at}", home_postcode="NW5", **cells) for at in range(3)],
        "households": [*near, *far],
        "carers": [a_carer(row["household_id"] or "") for row in (*near, *far)],
    }
    return prepared(folder, tables)


def test_ranks_close_up_where_a_household_goes_that_is_no_near_miss(tmp_path: Path) -> None:
    base = a_town(tmp_path)
    closed = apply(base.inputs, [Edit("households", "B3", "status", "suspended")])
    made = prepare_again(base, closed)
    assert [base.choices(row) for row in range(3)] == [4, 4, 4]
    assert sorted(made.ranked.rank[made.screened.edges_of(2)]) == [1, 2, 3]
    assert all(made.household_at["B3"] not in homes for homes, _ in made.screened.near)
    assert_same(made, anew(base, closed))


def test_ranks_close_up_where_fewer_households_need_fewer_bytes(tmp_path: Path) -> None:
    # Of 256 households the last rank does not fit in a byte, and of 255 it does.
    def a_round(name: str, many: int) -> Prepared:
        homes = [a_household(f"H{at:03}") for at in range(many)]
        carers = [a_carer(home["household_id"] or "") for home in homes]
        tables = {"requests": [a_request("R1")], "households": homes, "carers": carers}
        (folder := tmp_path / name).mkdir()
        return prepared(folder, tables)

    base, fewer = a_round("base", 256), a_round("fewer", 255)
    assert base.choices(0) == 256
    assert_same(prepare_again(base, fewer.inputs), fewer, base)


def test_a_miss_as_near_as_the_last_comes_before_it_by_its_id(tmp_path: Path) -> None:
    base = a_town(tmp_path)
    home = replace(base.inputs.homes["A0"], household_id="A")
    carer = replace(base.inputs.carers["A0"][0], carer_id="A-1", household_id="A")
    changed = apply(base.inputs, [NewHousehold(home, (carer,))])
    made = prepare_again(base, changed)
    names = [made.columns.household_ids[at] for at in made.screened.near[0][0]]
    assert names == ["A", "A0", "A1"]
    assert_same(made, anew(base, changed))


def test_the_last_miss_of_a_request_that_becomes_eligible_is_none(tmp_path: Path) -> None:
    town = a_town(tmp_path)
    opened = [Edit("households", f"A{at}", "status", "approved") for at in range(4)]
    base = anew(town, apply(town.inputs, opened[:3]))
    changed = apply(base.inputs, opened[3:])
    made = prepare_again(base, changed)
    assert [len(homes) for homes, _ in base.screened.near] == [1, 1, 1]
    assert [len(homes) for homes, _ in made.screened.near] == [0, 0, 0]
    assert_same(made, anew(base, changed))


CHANGES = {
    "a cell of a household": ([Edit("households", "B1", "bedrooms", 3)], [], ["B1"]),
    "a cell of a carer": ([Edit("carers", "B2-1", "pc_trained_on", None)], [], ["B2"]),
    "a carer more": ([NewCarer(new_row(Carer, carer_id="n", household_id="A1"))], [], ["A1"]),
    "a cell of a request": ([Edit("requests", "R1", "parent_age", 30)], ["R1"], []),
    "a request that goes": ([Gone("R1")], [], []),
    "a household more": ([NewHousehold(new_row(Household, household_id="A9", status="approved", postcode="NW5"), ())], [], ["A9"]),
    "a pair that is ruled out": ([Decided(new_row(Decision, request_id="R2", household_id="B3", decision="rule_out", decided_on=AS_OF))], [], ["B3"]),
    "nothing": ([], [], []),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_only_rows_of_which_some_column_differs_are_run_again(tmp_path: Path, change: str) -> None:
    edits, requests, households = CHANGES[change]
    base = a_town(tmp_path)
    then = columns(apply(base.inputs, edits))
    both = incremental.sides(base.columns, then)
    assert both is not None
    assert [then.request_ids[row] for row in np.flatnonzero(both[0].differs)] == requests
    assert [then.household_ids[row] for row in np.flatnonzero(both[1].differs)] == households


def test_requests_may_go_until_none_is_left(tmp_path: Path) -> None:
    base = a_town(tmp_path)
    for name in ("R1", "R0", "R2"):
        changed = apply(base.inputs, [Gone(name)])
        whole = anew(base, changed)
        assert_same(prepare_again(base, changed), whole, base)
        base = whole
    assert not base.columns.request_ids


def test_what_all_pairs_share_makes_a_round_anew(tmp_path: Path) -> None:
    """Another day, another policy: no row of the columns need differ."""
    base = a_town(tmp_path, needed_from="2026-11-25")
    later = replace(base.inputs, as_of=AS_OF + timedelta(days=22))
    made = prepare_again(base, later)
    assert (base.choices(0), made.choices(0)) == (0, 4)
    assert_same(made, anew(base, later))
    other = a_policy(weights__distance=0)
    assert_same(prepare_again(base, base.inputs, other), prepare(base.inputs, other, base.top))


def test_a_round_of_which_much_differs_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incremental, "FEW", 1 / 8)
    base = a_town(tmp_path)
    edits = [Edit("households", f"B{at}", "bedrooms", 3) for at in range(4)]
    changed = columns(apply(base.inputs, edits))
    everyone = Pairs(changed, base.policy, np.arange(3), changed.households.row)
    assert incremental.again(base.everyone, base.screened, base.ranked, everyone, 3) is None
