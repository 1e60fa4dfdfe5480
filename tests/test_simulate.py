"""Simulated years: the same to the bit, within the rules, and never better than hindsight."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from matcher.cli import run
from matcher.loading import load
from matcher.machines import share
from matcher.rounds import prepare
from matcher.simulate.choosing import best_pair, first_come, look_ahead, weekly_optimum
from matcher.simulate.hindsight import hindsight
from matcher.simulate.model import Model, a_model, own_setting, settings
from matcher.simulate.result import NAMES, WAYS, in_group, interval, one_year, outcome
from matcher.simulate.world import Families, World, draw
from matcher.simulate.year import Week, live
from matcher.solve.packing import Packing
from matcher.solve.problem import UNPLACED

CAMDEN = Path("data/samples/camden")
SEEDS = range(1, 5)


@cache
def camden() -> Model:
    """Half a year of a small service, so that a test takes no longer than it must."""
    inputs, policy = load(CAMDEN, None, None)
    return a_model(prepare(inputs, policy, 0), weeks=26, per_week=2.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_hindsight_is_never_beaten_and_nothing_breaks_a_rule(seed: int) -> None:
    world = draw(camden(), seed)
    best, bound = hindsight(world)
    assert best.values.sum() == bound
    eligible = world.eligible()
    for lived in (*(live(world, choose) for choose in WAYS.values()), best):
        assert lived.values.sum() <= bound
        placed = np.flatnonzero(lived.home != UNPLACED)
        families, homes, starts = world.families, lived.home[placed], lived.start[placed]
        assert eligible[placed, homes].all()
        assert not world.declines[placed, homes].any()
        assert world.present[homes, starts].all()
        assert (starts >= families.needed[placed]).all()
        assert (starts <= families.last[placed]).all()
        assert (world.comes[homes] <= starts).all()
        stays: dict[int, list[tuple[int, int]]] = {}
        for who, home, start in zip(placed, homes.tolist(), starts.tolist(), strict=True):
            length = int(world.model.stay[families.kind[who]])
            stays.setdefault(home, []).append((start, start + length))
        for some in stays.values():
            for (_, ends), (begins, _) in itertools.pairwise(sorted(some)):
                assert ends <= begins, "two families in one household"


def test_a_year_is_the_same_to_the_bit_wherever_it_is_lived() -> None:
    model = replace(camden(), weeks=12)
    alone = [one_year(model, seed) for seed in range(3)]
    assert share(_short, range(3), workers=2) == alone


def _short(seed: int) -> object:
    return one_year(replace(camden(), weeks=12), seed)


# Small worlds, by hand


def a_world(worth: list[list[int]], needed: list[int], arrives: list[int], weeks: int = 6) -> World:
    """Families of one kind each, who stay 3 weeks and cannot wait; worth 0 is not eligible."""
    pairs = np.array(worth, np.int64)
    many, homes = pairs.shape
    asked = camden().families
    kinds = np.arange(many)
    zero = np.zeros(many, np.intp)
    own = dict.fromkeys(("decline", "leave", "come", "train", "breaks", "week_waited"), 0.0)
    own |= {"futures": 2, "horizon": 5, "break_weeks": 0}
    in_use = {
        name: replace(each, value=own.get(name, each.value)) for name, each in settings().items()
    }
    model = Model(
        weeks,
        0.0,
        zero,
        zero,
        np.full(many, 3, np.intp),
        np.full(many, 3.0),
        pairs > 0,
        pairs,
        {"relationship": np.zeros_like(pairs), "fit": pairs},
        pairs,
        np.zeros(pairs.shape),
        np.zeros(homes, np.intp),
        np.zeros(homes, bool),
        in_use,
        replace(asked, request_rows=asked.request_rows[:many]),
    )
    come = np.array(needed, np.intp)
    families = Families(kinds, np.array(arrives, np.intp), come, come)
    present = np.ones((homes, weeks), bool)
    declines = np.zeros(pairs.shape, bool)
    return World(
        model, 1, families, np.arange(homes), np.zeros(homes, np.intp), present, declines, 9
    )


def test_first_come_takes_the_only_household_of_another() -> None:
    world = a_world([[120, 110], [100, 0]], needed=[0, 0], arrives=[0, 0])
    assert live(world, first_come).home.tolist() == [0, UNPLACED]
    assert live(world, best_pair).home.tolist() == [0, UNPLACED]
    assert live(world, weekly_optimum).home.tolist() == [1, 0]
    assert hindsight(world)[1] == 210


def test_looking_ahead_keeps_a_household_for_whom_it_alone_will_do() -> None:
    # The second is known from the first week on, and needs the first household in the next.
    world = a_world([[120, 110], [100, 0]], needed=[0, 1], arrives=[0, 0])
    assert live(world, look_ahead()).home.tolist() == [1, 0]
    # It is not known yet: nobody can keep what nobody knows of, but hindsight can.
    later = a_world([[120, 110], [100, 0]], needed=[0, 1], arrives=[0, 1])
    assert live(later, look_ahead()).home.tolist() == [0, UNPLACED]
    assert hindsight(later)[0].home.tolist() == [1, 0]


def test_who_is_refused_is_proposed_to_another_as_often_as_the_week_allows() -> None:
    world = a_world([[120, 110]], needed=[0], arrives=[0])
    world.declines[0, 0] = True
    lived = live(world, weekly_optimum)
    assert (lived.home.tolist(), lived.asked) == ([1], 2)
    # There is no later week for this family.
    once = replace(world.model, settings={**settings(), "asks": own_setting("asks", "1")})
    lived = live(replace(world, model=once), weekly_optimum)
    assert (lived.home.tolist(), lived.asked) == ([UNPLACED], 1)


NAMES_OF = ("item", "machine", "start", "length", "value")


def some_options(drawn: np.random.Generator, many: int, first: int) -> Packing:
    """Options of four items in two machines, drawn by chance, none twice and none before a week."""
    item, machine = drawn.integers(0, 4, many), drawn.integers(0, 2, many)
    start, length = drawn.integers(first, first + 3, many), drawn.integers(1, 4, many)
    return Packing(4, 2, 9, item, machine, start, length, drawn.integers(1, 50, many))


@pytest.mark.parametrize("seed", range(12))
def test_a_packing_is_the_best_of_all(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    many = 9
    item, machine = drawn.integers(0, 4, many), drawn.integers(0, 2, many)
    start, length = drawn.integers(0, 4, many), drawn.integers(1, 4, many)
    value = drawn.integers(1, 50, many)
    packing = Packing(4, 2, 7, item, machine, start, length, value)
    best = 0
    for size in range(many + 1):
        for some in itertools.combinations(range(many), size):
            taken = [("item", int(item[at])) for at in some]
            weeks = [
                (int(machine[at]), week)
                for at in some
                for week in range(int(start[at]), int(start[at] + length[at]))
            ]
            if len(set(taken)) == len(taken) and len(set(weeks)) == len(weeks):
                best = max(best, int(value[list(some)].sum()))
    chosen, bound = packing.optimum()
    assert value[chosen].sum() == bound == best


@pytest.mark.parametrize("seed", range(8))
def test_a_choice_for_today_is_the_best_with_what_every_future_adds(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    today = some_options(drawn, 5, first=0)
    futures = [some_options(drawn, 6, first=1) for _ in range(3)]
    chosen = today.first_of(futures)

    def worth(some: Sequence[int]) -> float:
        """By pinning the choice in each future; a packing this small has no fractions that gain."""
        rest = 0
        for future in futures:
            free = [
                at
                for at in range(len(future.item))
                if not any(
                    future.item[at] == today.item[one]
                    or (
                        future.machine[at] == today.machine[one]
                        and future.start[at] < today.start[one] + today.length[one]
                        and today.start[one] < future.start[at] + future.length[at]
                    )
                    for one in some
                )
            ]
            rest += replace(future, **{n: getattr(future, n)[free] for n in NAMES_OF}).optimum()[1]
        return today.value[list(some)].sum() + rest / len(futures)

    possible = [
        some
        for size in range(4)
        for some in itertools.combinations(range(len(today.item)), size)
        if len(set(today.item[list(some)])) == len(set(today.machine[list(some)])) == size
    ]
    assert tuple(chosen) in possible
    assert worth(chosen) == pytest.approx(max(map(worth, possible)), rel=1e-3)


def test_an_interval_is_students() -> None:
    found = interval([1.0, 2.0, 3.0, 4.0])
    assert (found.mean, round(found.low, 3), round(found.high, 3)) == (2.5, 0.446, 4.554)
    assert interval([1.0, -1.0]).holds_nothing
    assert not found.holds_nothing


def test_the_command_says_each_way_and_its_interval(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["simulate", str(CAMDEN), "--seeds", "2", "--weeks", "8", "--workers", "1"]
    assert run([*asked, "--out", str(tmp_path), "--quiet"]) == 0
    said = capsys.readouterr().out
    for name in NAMES:
        assert name in said
    assert "never a promise" in said
    assert {"simulate.html", "placed.png", "waiting.png"} <= {
        each.name for each in tmp_path.iterdir()
    }
    assert run([*asked, "--json", "--quiet"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert list(record["ways"]) == list(NAMES)
    assert len(record["years"]) == 2
    assert run(["simulate", str(CAMDEN), "--cluster", "nonsense", "--quiet"]) == 2


def test_a_group_of_families_is_told_against_all_others() -> None:
    model = replace(camden(), weeks=12)
    years = [one_year(model, seed) for seed in range(3)]
    rows = [0, 2, 3]
    ours, apart = in_group(years, NAMES[0], "placed", rows)
    shares = []
    for year in years:
        came, placed = np.array(year.outcomes[0].of_families)[:, :2].T
        mine, others = (
            placed[some].sum() / came[some].sum() for some in (rows, [1, *range(4, len(came))])
        )
        shares.append((mine, mine - others))
        assert came.sum() == year.outcomes[0].families
        assert placed.sum() == year.outcomes[0].placed
    assert ours.mean == pytest.approx(np.mean([a for a, _ in shares]))
    assert apart.mean == pytest.approx(np.mean([b for _, b in shares]))


def test_who_is_never_placed_counts_as_having_waited() -> None:
    world = a_world([[120], [100]], needed=[0, 0], arrives=[0, 0])
    told = outcome(world, live(world, weekly_optimum))
    assert told.placed == 1
    assert (told.waited, told.worst_waited) == (0.5, 1.0)
    assert told.worst_fit == told.fit == 1.2


@pytest.mark.parametrize(
    "text",
    ["decline=1.2", "decline=some", "asks=0", "asks=1.5", "declin=0.1", "decline", "placed=-1"],
)
def test_a_setting_that_is_none_is_refused(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["simulate", str(CAMDEN), "--set", text, "--quiet"]) == 2
    assert "--set" in capsys.readouterr().err


def test_a_setting_of_the_services_own_reaches_the_years_and_the_record(
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = ["simulate", str(CAMDEN), "--seeds", "1", "--weeks", "6", "--workers", "1", "--quiet"]
    own = ["--set", "placed=50", "--set", "asks=2"]
    assert run([*asked, *own]) == 0
    assert "placed 50 and asks 2" in capsys.readouterr().out
    told = []
    for options in ([], own):
        assert run([*asked, "--json", *options]) == 0
        told.append(json.loads(capsys.readouterr().out))
    assert told[1]["settings"]["placed"]["value"] == 50
    assert [told[1]["settings"][name]["source"] for name in ("asks", "leave")] == [
        "given",
        told[0]["settings"]["leave"]["source"],
    ]
    values, placed = (
        [each["years"][0]["ways"]["hindsight"][part] for each in told]
        for part in ("value", "placed")
    )
    assert values[0] - values[1] == pytest.approx(50 * placed[0]), "each placement is worth 50 less"
    assert run([*asked, "--set", "asks=2", "--set", "asks=3"]) == 2


def test_a_round_is_made_again_only_after_a_no() -> None:
    world = a_world([[120, 110], [100, 90]], needed=[0, 1], arrives=[0, 1])
    rounds = list[int]()

    def choose(week: Week) -> list[int]:
        rounds.append(week.week)
        return best_pair(week)

    live(world, choose)
    assert rounds == [0, 1, 2, 3, 4, 5]
    world.declines[0, 0] = True
    rounds.clear()
    live(world, choose)
    assert rounds == [0, 0, 1, 2, 3, 4, 5]


def test_looking_ahead_asks_today_at_a_tie_and_hopes_for_nobody_who_said_no() -> None:
    world = a_world([[120, 110]], needed=[2], arrives=[0])
    weeks = list[int]()
    ahead = look_ahead()

    def choose(week: Week) -> list[int]:
        chosen = ahead(week)
        weeks.extend([week.week] * len(chosen))
        return chosen

    live(world, choose)
    assert weeks == [0], "to wait would gain nothing"
    # The better home says no: it is no reason to wait, so the other is asked in the same week.
    weeks.clear()
    world.declines[0, 0] = True
    assert live(world, choose).home.tolist() == [1]
    assert weeks == [0, 0]


def test_a_large_mean_is_drawn_as_it_is() -> None:
    from matcher.ahead.futures import number

    drawn = np.random.Generator(np.random.PCG64(1))
    assert np.mean([number(2_000.0, drawn) for _ in range(200)]) == pytest.approx(2_000, abs=15)
