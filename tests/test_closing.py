"""What would close the gap: every answer is held against rounds solved anew."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from builders import a_carer, a_household, a_policy, a_request, solved
from matcher.intake.edits import apply
from matcher.loading import load
from matcher.rounds import SolvedRound, match, prepare, prepare_again
from matcher.show.files import Record
from matcher.solve.problem import UNPLACED
from matcher.solve.shortage import Ways, cheapest
from matcher.sufficiency import remedies_words
from matcher.sufficiency.remedies import (
    CHANGES,
    LimitInPlay,
    Option,
    Portfolio,
    _together,
    carried_out,
    marginal_values,
    options,
    portfolios,
    profiles,
)
from matcher.sufficiency.remedies_words import closing_details, closing_record, frontier_figure
from matcher.whatif.openings import single_changes
from random_rounds import write_round

SEEDS = range(20)


def closing_text(now: SolvedRound, record: Record) -> Iterator[str]:
    for section in closing_details(record, single_changes(now)):
        yield from (" ".join(line.split()) for line in section.text())


FEW = 5  # options of which brute force tries every choice


def a_round(folder: Path, seed: int) -> SolvedRound:
    write_round(folder, seed, 5, 8, dense=seed % 2 == 0, pins=seed % 3 == 0)
    inputs, policy = load(folder, None, None)
    return match(prepare(inputs, policy, 0))


def value_of(then: SolvedRound, cost: int) -> tuple[int, ...]:
    """What a portfolio is chosen by: the families placed, then its cost, then the later aims."""
    values = then.solution.values
    return (*values[:3], -cost, *values[3:])


def by_brute_force(now: SolvedRound, few: list[Option], budget: int) -> tuple[int, ...]:
    """The best of every choice of options, each a round of its own."""
    best: list[tuple[int, ...]] = []
    for numbers in itertools.product(*(range(min(each.copies, 2) + 1) for each in few)):
        bought = tuple((o, n) for o, n in zip(few, numbers, strict=True) if n)
        cost = sum(o.cost * n for o, n in bought)
        changed = [o.household_id for o, _ in bought]
        if cost <= budget and len(set(changed)) == len(changed):
            best.append(value_of(carried_out(now, Portfolio(bought, cost, ())), cost))
    return max(best)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_portfolio_is_the_best_of_all_choices(tmp_path: Path, seed: int) -> None:
    now = a_round(tmp_path / "r", seed)
    every = options(now)
    step = max(1, len(every) // FEW)
    few = [
        Option(o.household_id, o.what, o.cost, o.edits, o.takes, min(o.copies, 2))
        for o in every[::step][:FEW]
    ]
    for budget in (0, 5_000, 40_000):
        found = portfolios(now, budget, few)
        last = found[-1]
        assert last.cost <= budget
        then = carried_out(now, last)
        assert then.solution.values[:3] == last.placed
        assert value_of(then, last.cost) == by_brute_force(now, few, budget)
        # Between two steps of the frontier no money buys more than the cheaper one.
        assert [each.cost for each in found] == sorted({each.cost for each in found})
        assert [each.placed for each in found] == sorted({each.placed for each in found})
        for cheaper, dearer in itertools.pairwise(found):
            assert portfolios(now, dearer.cost - 1, few)[-1] == cheaper


def test_several_changes_of_all_households_are_made_once_each(tmp_path: Path) -> None:
    inputs = a_round(tmp_path / "r", 2).prepared.inputs
    changed, made = _together(inputs, CHANGES)
    assert sum(len(each) > len(CHANGES) - 1 for each in made.values()) > 1
    assert changed == apply(inputs, itertools.chain.from_iterable(made.values()))
    for home, edits in made.items():
        alone = apply(inputs, edits)
        assert alone.carers[home] == changed.carers[home]


@pytest.mark.parametrize("seed", range(60))
def test_the_least_cost_is_that_of_all_ways(seed: int) -> None:
    """Where what is bought may also close a home to who could go there, cost nothing, or be two."""
    drawn = np.random.default_rng(seed)
    asking, homes = int(drawn.integers(2, 7)), drawn.integers(0, 4, 6)
    cost, copies = drawn.choice([0, 0, 500, 1500], 6), np.array([1, 1, 1, 1, 1, 2])
    ways = Ways(homes, cost, copies, drawn.random((6, asking)) < drawn.choice([0.3, 0.5, 0.8]))
    aims = [drawn.integers(0, 2, asking), drawn.integers(0, 3, asking)]
    best: list[tuple[int, ...]] = []
    for numbers in itertools.product(*(range(many + 1) for many in copies)):
        alone = [home for home, number in zip(homes[:5], numbers, strict=False) if number]
        spent = int(cost @ numbers)
        if spent <= 2_000 and len(set(alone)) == len(alone):
            fits = np.repeat(ways.fits, numbers, axis=0)
            worth = fits * (100 * aims[0] + aims[1])
            most = int(worth[linear_sum_assignment(worth, maximize=True)].sum())
            best.append((*divmod(most, 100), -spent))
    numbers, spent, values = cheapest(aims, ways, 2_000)
    assert (*values, -spent) == max(best)
    assert int(cost @ numbers) == spent
    assert sum(numbers) <= asking


@pytest.mark.parametrize("seed", range(4))
def test_the_value_of_a_profile_is_a_round_of_its_own(tmp_path: Path, seed: int) -> None:
    now = a_round(tmp_path / "r", seed)
    base = now.prepared
    for one in marginal_values(now)[::5]:
        then = match(prepare_again(base, apply(base.inputs, one.edits)))
        gains = tuple(b - a for a, b in zip(now.totals, then.totals, strict=True))
        assert one.gains == gains
        placed = {
            name
            for name, was, is_ in zip(
                base.columns.request_ids,
                now.household.tolist(),
                then.household.tolist(),
                strict=True,
            )
            if was == UNPLACED and is_ != UNPLACED
        }
        assert len(placed) == len(one.placed)


def a_gap(folder: Path, **changes: object) -> SolvedRound:
    """Three families that only H1 could take; H2 lacks training, and nothing else."""
    tables = {
        "requests": [a_request(f"R{at}") for at in (1, 2, 3)],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2", pc_trained_on=None, pc_assessed_on=None)],
    }
    return solved(folder, tables, a_policy(**changes))


def test_what_money_buys_by_hand(tmp_path: Path) -> None:
    now = a_gap(tmp_path / "r")
    steps = portfolios(now, 100_000)
    assert [(each.cost, sum(each.placed)) for each in steps] == [(0, 1), (1_500, 2), (16_500, 3)]
    assert [o.household_id for o, _ in steps[1].options] == ["H2"]
    assert len(portfolios(now, 1_499)) == 1
    assert not portfolios(now, 0)[0].options


def test_a_profile_is_bought_more_than_once(tmp_path: Path) -> None:
    now = a_gap(tmp_path / "r", **{"sufficiency.train": 50_000})
    last = portfolios(now, 30_000)[-1]
    assert sum(number for _, number in last.options) == 2
    assert sum(carried_out(now, last).solution.values[:3]) == 3


def test_a_limit_is_said(tmp_path: Path) -> None:
    with pytest.raises(LimitInPlay):
        portfolios(a_limited(tmp_path / "r"), 1_000)


def a_limited(folder: Path) -> SolvedRound:
    homes = [a_household("H1", weekly_fee="600"), a_household("H2", weekly_fee="600")]
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": homes,
        "carers": [a_carer("H1"), a_carer("H2")],
    }
    return solved(folder, tables, a_policy(**{"limits.weekly_fees": 700}))


def test_a_withheld_address_names_no_place(tmp_path: Path) -> None:
    shown, hidden = (
        solved(
            tmp_path / withheld,
            {
                "requests": [a_request("R1", home_postcode="SE15", withhold_address=withheld)],
                "households": [a_household("H1", status="suspended", postcode="NW5")],
                "carers": [a_carer("H1")],
            },
        )
        for withheld in ("no", "yes")
    )
    assert {each.place for each in profiles(shown)} == {"SE15"}
    assert {each.place for each in profiles(hidden)} == {"NW5"}


def test_the_page_says_costs_and_never_promises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = a_gap(tmp_path / "r")
    steps = portfolios(now, 20_000)
    record = closing_record(now, {}, marginal_values(now), steps, 20_000)
    text = "\n".join(closing_text(now, record))
    assert "£1,500: 2 families placed. A carer trained and assessed at H2." in text
    assert "never a promise" in text
    assert "write your own" in text
    drawn = frontier_figure(record)
    assert drawn is not None
    assert drawn.title == "£16,500 could place 2 more families of today's round"
    assert drawn.alt.endswith("£0: 1; £1,500: 2; £16,500: 3.")
    monkeypatch.setattr(remedies_words, "MOST_STEPS", 2)
    monkeypatch.setattr(remedies_words, "FEW", 1)
    text = "\n".join(closing_text(now, record))
    assert "£0:" in text
    assert "£16,500:" in text
    assert "£1,500: 2" not in text
    assert "1 step between these" in text
    assert frontier_figure(record) is not None
    without = closing_record(now, {}, [], None, 20_000)
    assert "a limit of the round is in play, or would be" in "\n".join(closing_text(now, without))


def test_what_would_bring_a_limit_into_play_is_not_bought(tmp_path: Path) -> None:
    """Two dear households break no limit while one of them is closed."""
    closed = a_carer("H2", pc_trained_on=None, pc_assessed_on=None)
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household(home, weekly_fee="600") for home in ("H1", "H2")],
        "carers": [a_carer("H1"), closed],
    }
    now = solved(tmp_path, tables, a_policy(**{"limits.weekly_fees": 700}))
    assert not now.prepared.problem.limits, "today no limit is in play"
    with pytest.raises(LimitInPlay):
        portfolios(now, 100_000)


def test_a_place_is_never_told_beside_a_withheld_family(tmp_path: Path) -> None:
    tables = {
        "requests": [
            a_request("R1", home_postcode="SE15"),
            a_request("R2", needed_from="2026-12-06", withhold_address="yes"),
        ],
        "households": [a_household("H1", status="suspended")],
        "carers": [a_carer("H1")],
    }
    now = solved(tmp_path, tables)
    tried = marginal_values(now)
    assert {name for one in tried for name in one.placed} == {"R2"}
    record = closing_record(now, {}, tried, None, 0)
    assert record["profiles"]
    assert all("R2" not in json.dumps(each) for each in record["profiles"])
    said = "\n".join(closing_text(now, record))
    assert "R2" not in said[said.index("One more household, by profile") :]
