"""Who waits, by group: the counts are right, small ones stay in the service, notice is counted."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.stats import ttest_ind

from builders import Cells, a_carer, a_household, a_policy, a_request, one_pair, solved
from matcher.cli import run
from matcher.equity import words as equity_words
from matcher.equity.groups import (
    FEWEST,
    Group,
    envies,
    newcombe,
    passed_on,
    ranked,
    suppressed,
    told,
    welch,
)
from matcher.loading import load
from matcher.recorder import Recorder
from matcher.report.page import page
from matcher.report.view import View
from matcher.rounds import SolvedRound, match, prepare
from matcher.show.files import Record
from matcher.solve.problem import UNPLACED
from matcher.sufficiency.pass_on import outside_record
from matcher.sufficiency.words import gap_of
from random_rounds import write_round
from test_solve import a_random_problem


def text_of(record: Record) -> Iterator[str]:
    for section in equity_words.details(record):
        yield from (" ".join(line.split()) for line in section.text())


def notice_of(view: View) -> str:
    asked = view.solved.prepared.inputs.requests
    return equity_words.notice(asked, view.requests, view.as_of)


def a_view(folder: Path, *requests: Cells) -> View:
    tables = one_pair(household=a_household())
    tables["requests"] = [a_request(f"R{at:02}", **each) for at, each in enumerate(requests, 1)]
    return View(solved(folder, tables))


@pytest.mark.clause("PC-4.1c", "LAW-equality")
def test_every_request_is_counted_once_in_each_kind(tmp_path: Path) -> None:
    young: Cells = {"parent_age": "17", "parent_looked_after": "yes", "needed_from": "2026-11-23"}
    view = a_view(
        tmp_path,
        {"ethnicity": "BAFR", "religion": "muslim", "english": "some"},
        {"ethnicity": "BCRB", "religion": "not_stated", **young},
        {"ethnicity": "REFU", "parent_agrees": "no"},
    )
    assert equity_words.who_waits(view.groups).rows == [
        ("Ethnicity", "Black", 2, 1, 1, 0),
        ("Ethnicity", "Not known", 1, 0, 0, 1),
        ("Religion", "Muslim", 1, 0, 1, 0),
        ("Religion", "Not known", 2, 1, 0, 1),
        ("English", "Some", 1, 0, 1, 0),
        ("English", "Not known", 2, 1, 0, 1),
        ("Looked-after parent", "Yes", 1, 1, 0, 0),
        ("Looked-after parent", "No", 2, 0, 1, 1),
        ("Needed", "Today", 1, 1, 0, 0),
        ("Needed", "After 5 days", 2, 0, 1, 1),
    ]


@pytest.mark.clause("PC-4.1c", "LAW-equality")
def test_the_page_has_a_group_that_waits_and_no_small_count(tmp_path: Path) -> None:
    asked: list[Cells] = [{"ethnicity": "BAFR" if at < 9 else "WBRI"} for at in range(20)]
    said = "".join(page(a_view(tmp_path, *asked), []))
    section = said[said.index('id="equity"') : said.index("</details>", said.index('id="equity"'))]
    assert '<th scope="row">Black</th><td class="n">9</td><td class="n">not shown</td>' in section
    assert "do not say where it comes from" in section
    assert "Religion" not in section, "one group alone tells nothing"


def test_nothing_is_shown_of_one_group_alone() -> None:
    assert equity_words.shown([Group("Religion", "Muslim", (), (9, 9, 9))]) == []


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        pytest.param([(5, 5, 5), (6, 7, 8)], [[15, 5, 5, 5], [21, 6, 7, 8]], id="none is small"),
        pytest.param(
            [(9, 1, 9), (9, 9, 9)],  # 1 goes, then another of its row and of its column, and so on
            [[19, None, None, 9], [27, None, None, 9]],
            id="one small",
        ),
        pytest.param(
            [(6, 0, 0), (9, 9, 9)],  # the two would follow from six of six
            [[6, None, None, None], [27, None, None, None]],
            id="all of a group",
        ),
        pytest.param([(1, 1, 1)], [[None] * 4], id="a small group"),
    ],
)
def test_small_counts_and_those_that_would_give_them_away(
    numbers: list[tuple[int, ...]], told: list[list[int | None]]
) -> None:
    assert suppressed(numbers) == told


def test_no_small_count_follows_from_what_is_shown() -> None:
    """Every table of small numbers that looks the same and has the same sums of columns."""
    chance = random.Random(1)
    seen = 0
    for _ in range(40):
        numbers = [tuple(chance.choice((0, 1, 3, 5, 6)) for _ in range(3)) for _ in range(2)]
        shown = suppressed(numbers)
        if not any(each is not None for row in shown for each in row):
            continue
        columns = [sum(column) for column in zip(*numbers, strict=True)]
        same = []
        for first in product(*(range(most + 1) for most in columns)):
            table = [first, tuple(most - n for most, n in zip(columns, first, strict=True))]
            whole = [[sum(row), *row] for row in table]
            if all(
                told in (None, n)
                for line, told_line in zip(whole, shown, strict=True)
                for n, told in zip(line, told_line, strict=True)
            ):
                same.append(table)
        for at, row in enumerate(numbers):
            for to, n in enumerate(row):
                if n < FEWEST and sum(columns) > 0 and columns[to] >= FEWEST:
                    seen += 1
                    assert len({table[at][to] for table in same}) > 1, (numbers, shown)
    assert seen > 50


@pytest.mark.clause("PC-3.3a", "PC-6.2d")
@pytest.mark.parametrize(
    ("needed", "late", "middle"),
    [("2026-11-28", 1, 5), ("2026-11-29", 0, 6), ("2026-11-01", 1, -22)],
)
def test_late_requests_are_counted(tmp_path: Path, needed: str, late: int, middle: int) -> None:
    asked: Cells = {"received_on": "2026-11-23", "needed_from": needed}
    said = notice_of(a_view(tmp_path, {**asked, "child_born_or_due_on": "2026-11-24"}))
    assert f"1 request came, in the middle {middle} days before the family is needed" in said
    assert f"{late} came late, 5 days before or less; 1 came before birth." in said
    assert ("after this round" in said) is True


@pytest.mark.clause("PC-6.2d")
def test_how_far_ahead_a_household_is_chosen(tmp_path: Path) -> None:
    said = notice_of(a_view(tmp_path, {"needed_from": "2026-12-07"}))
    assert "What is proposed starts, in the middle, 14 days after this round." in said
    assert "0 came before birth" in said
    assert "after this round" not in notice_of(a_view(tmp_path, {"parent_agrees": "no"}))
    assert notice_of(a_view(tmp_path, {"status": "closed"})) == "There is no request."


# Nobody can undo it: an attacker who knows every total and every cell that is told


def _ranges(numbers: list[list[int]], cells: list[list[int | None]]) -> Iterator[float]:
    """For each cell that is not told, how far apart its least and its greatest possible value are.

    Rows add up to their sums, and the totals of all columns are known from elsewhere. Such tables
    are flows, whose extremes are whole numbers, so that a linear program finds them.
    """
    table = np.array([[sum(row), *row] for row in numbers])
    rows, columns = table.shape
    places = np.arange(table.size).reshape(table.shape)
    known, totals = [], []
    for each in places:
        line = np.zeros(table.size)
        line[each[0]], line[each[1:]] = -1, 1
        known.append(line)
        totals.append(0)
    for at in range(columns):
        line = np.zeros(table.size)
        line[places[:, at]] = 1
        known.append(line)
        totals.append(int(table[:, at].sum()))
    told = [cell for line in cells for cell in line]
    bounds = [(0, None) if cell is None else (cell, cell) for cell in told]
    for row in range(rows):
        for at in range(columns):
            if cells[row][at] is None and table[:, at].sum():  # of nothing, all cells are nothing
                aim = np.zeros(table.size)
                aim[places[row, at]] = 1
                ends = [
                    linprog(sign * aim, A_eq=np.array(known), b_eq=totals, bounds=bounds).fun
                    for sign in (1, -1)
                ]
                yield -ends[1] - ends[0]


@pytest.mark.parametrize("seed", range(40))
def test_what_is_not_shown_cannot_be_worked_out(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    most = int(drawn.choice([4, 8, 20]))
    numbers = drawn.integers(0, most, (int(drawn.integers(2, 6)), 3)).tolist()
    for apart in _ranges(numbers, suppressed(numbers)):
        assert apart > 0.5, "one value alone is left"


# Differences, and what may be told of them


@pytest.mark.parametrize(
    ("ours", "theirs", "low", "high"),
    [
        pytest.param((56, 70), (48, 80), 0.0524, 0.3339, id="a"),
        pytest.param((9, 10), (3, 10), 0.1705, 0.8090, id="b"),
        pytest.param((6, 7), (2, 7), 0.0582, 0.8062, id="c"),
        pytest.param((10, 10), (0, 20), 0.6791, 1.0, id="f"),
    ],
)
def test_an_interval_of_shares_is_as_published(
    ours: tuple[int, int], theirs: tuple[int, int], low: float, high: float
) -> None:
    """Newcombe 1998, table II, method 10."""
    sides = [np.array([1.0] * yes + [0.0] * (of - yes)) for yes, of in (ours, theirs)]
    assert newcombe(*sides) == pytest.approx((low, high), abs=6e-5)


def test_an_interval_of_means_is_welchs() -> None:
    drawn = np.random.default_rng(3)
    ours, theirs = drawn.normal(1, 1, 9), drawn.normal(0, 4, 14)
    known = ttest_ind(ours, theirs, equal_var=False).confidence_interval()
    assert welch(ours, theirs) == pytest.approx((known.low, known.high))
    assert np.isnan(welch(np.ones(5), np.ones(6))).all(), "who are all alike show no spread"


def two_groups(folder: Path) -> Recorder:
    """16 Black families, of whom 10 could be placed, and 16 White, of whom 6: by what they must have."""
    groups = [("BAFR", "garden")] * 10 + [("BAFR", "dog")] * 6
    groups += [("WBRI", "garden")] * 6 + [("WBRI", "dog")] * 10
    homes = [f"H{at:02}" for at in range(16)]
    tables = {
        "requests": [
            a_request(f"R{at:02}", ethnicity=who, must_have=what)
            for at, (who, what) in enumerate(groups)
        ],
        "households": [a_household(home, features="garden") for home in homes],
        "carers": [a_carer(home, ethnicity="WBRI" if home > "H07" else "BAFR") for home in homes],
    }
    return Recorder(solved(folder, tables))


@pytest.mark.clause("LAW-equality")
def test_groups_are_compared_with_an_interval(tmp_path: Path) -> None:
    recorder = two_groups(tmp_path)
    record = equity_words.equity_record(recorder, inside=False)
    (black,) = (
        d for d in record["differences"] if (d["measure"], d["name"]) == ("placed", "Black")
    )
    assert (black["mean"], black["other_mean"]) == (0.62, 0.38)
    shares = [np.array([1.0] * n + [0.0] * (16 - n)) for n in (10, 6)]
    assert (black["low"], black["high"]) == pytest.approx(newcombe(*shares), abs=0.005)
    said = "\n".join(text_of(record))
    assert "Ethnicity Black 62 % 38 %" in said
    for each in record["differences"]:
        assert each["mean"] == round(each["mean"], 2), "all digits would tell over how many it is"
    assert not re.search(r"\b[RH]\d\d\b", said + json.dumps(record)), "no id leaves the service"
    assert "number" not in black, "the families behind a mean of miles would tell who is withheld"


def test_who_is_too_few_is_compared_with_nobody(tmp_path: Path) -> None:
    view = a_view(tmp_path, *[{"ethnicity": "BAFR" if at < 4 else "WBRI"} for at in range(20)])
    assert [each.name for each in view.differences if each.measure == "placed"] == ["Black"]
    assert all(np.isnan(each.low) for each in view.differences if each.kind == "Ethnicity")
    assert not passed_on(view.groups, view.differences)


@pytest.mark.parametrize("seed", range(30))
def test_a_mean_that_is_not_told_is_of_five_families_or_none(seed: int) -> None:
    drawn = np.random.default_rng(seed)
    sizes = drawn.integers(0, 12, int(drawn.integers(2, 7))).tolist()
    shown = told(sizes)
    left = sum(size for size, each in zip(sizes, shown, strict=True) if not each)
    assert all(size >= FEWEST for size, each in zip(sizes, shown, strict=True) if each)
    assert left == 0 or left >= FEWEST or not any(shown)


@pytest.mark.parametrize("command", ["equity", "sufficiency"])
def test_what_is_passed_on_has_no_id_and_no_small_count(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [command, "data/samples/camden", "--pass-on", "--quiet"]
    assert run(asked) == 0
    said = capsys.readouterr().out
    assert run([*asked, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert not re.search(r"\b[RH]\d\d\b", said + json.dumps(record))
    assert record["stays_in_the_service"] is False
    counts = [*numbers({k: v for k, v in record.items() if k != "weekly_costs"})]
    assert len(counts) > 2
    assert all(each == 0 or each >= FEWEST for each in counts)


def numbers(record: object) -> Iterator[int]:
    """Every whole number of a record, but the pounds of its costs."""
    if isinstance(record, dict):
        for key, value in record.items():
            if key != "cost":
                yield from numbers(value)
    elif isinstance(record, list):
        for each in record:
            yield from numbers(each)
    elif isinstance(record, int) and not isinstance(record, bool):
        yield record


def test_who_is_held_in_screening_cannot_be_counted_from_what_is_passed_on(tmp_path: Path) -> None:
    """The number of all requests is known: with those that can be matched it would tell the rest."""
    for held, told_ in ((3, None), (6, 20)):
        asked = [a_request(f"R{at:02}") for at in range(20)]
        asked += [a_request(f"S{at}", parent_agrees="no") for at in range(held)]
        tables = {"requests": asked, "households": [a_household()], "carers": [a_carer()]}
        gap = gap_of(solved(tmp_path / str(held), tables))
        assert outside_record(gap, None)["families"]["matchable"] == told_


# Justified envy


@pytest.mark.parametrize("seed", range(40))
def test_one_weight_orders_single_pairs_by_all_aims(seed: int) -> None:
    problem = a_random_problem(seed)
    rank = ranked(problem)
    aims = [
        tuple(int(problem.of_edges(aim)[edge]) for aim in problem.aims) for edge in range(len(rank))
    ]
    for (one, first), (other, second) in product(zip(aims, rank, strict=True), repeat=2):
        assert (one > other, one == other) == (first > second, first == second)


@pytest.mark.clause("LAW-equality")
def test_envy_is_every_pair_that_both_rank_higher(tmp_path: Path) -> None:
    """By its definition, in plain loops, on random rounds."""
    seen = 0
    for seed in range(20):
        write_round(tmp_path / str(seed), seed, 6, 7, dense=True, pins=seed % 3 == 0)
        inputs, policy = load(tmp_path / str(seed), None, None)
        now = match(prepare(inputs, policy, 0))
        base = now.prepared
        ids = base.columns
        worth = {}
        for place, (row, home) in enumerate(
            zip(base.problem.request.tolist(), base.problem.household.tolist(), strict=True)
        ):
            worth[row, home] = tuple(
                int(base.problem.of_edges(aim)[place]) for aim in base.problem.aims
            )
        has = {
            row: int(home) for row, home in enumerate(now.solution.household) if home != UNPLACED
        }
        held = {home: row for row, home in has.items()}
        nothing: tuple[int, ...] = ()
        expected = {
            (ids.request_ids[row], ids.household_ids[home])
            for (row, home), value in worth.items()
            if value > (worth[row, has[row]] if row in has else nothing)
            and value > (worth[held[home], home] if home in held else nothing)
        }
        found = envies(Recorder(now))
        assert {(each.request_id, each.household_id) for each in found} == expected
        assert all(each.reason.startswith("would ") for each in found)
        seen += len(found)
    assert seen > 2


def test_envy_is_listed_with_what_the_round_would_lose(tmp_path: Path) -> None:
    recorder = Recorder(camden())
    (one,) = envies(recorder)
    assert (one.request_id, one.household_id, one.has, one.holder) == ("R15", "H12", "H05", "R02")
    said = "\n".join(text_of(equity_words.equity_record(recorder, inside=True)))
    assert "R15 (has H05) and H12 (has R02) rank each other above what they got" in said
    assert "the pair would give up what R02 has with their respite carers" in said
    section = "".join(page(View(recorder.round), []))
    assert "rank each other above what they got" in section
    alone = Recorder(solved(tmp_path, one_pair()))
    assert "there is no justified envy" in "\n".join(
        text_of(equity_words.equity_record(alone, inside=False))
    )


@pytest.mark.parametrize(
    ("fees", "reason"),
    [
        (1_200, "would leave R2 (needed in more than 5 days) unplaced"),
        (600, "is not allowed by a limit of this round"),
    ],
)
def test_envy_is_explained_under_a_limit_too(tmp_path: Path, fees: int, reason: str) -> None:
    """R1 would rather have the dear household, which R2 has, or which nobody may have."""
    tables = {
        "requests": [
            a_request("R1", languages="Somali", needed_from="2026-12-05"),
            a_request("R2", must_have="garden"),
        ],
        "households": [
            a_household("H1", weekly_fee="500", features="none"),
            a_household("H2", weekly_fee="650", features="garden"),
        ],
        "carers": [a_carer("H1"), a_carer("H2", languages="Somali;English")],
    }
    recorder = Recorder(solved(tmp_path, tables, a_policy(**{"limits.weekly_fees": fees})))
    first = envies(recorder)[0]
    assert (first.request_id, first.household_id, first.has) == ("R1", "H2", "H1")
    assert first.reason == reason


def camden() -> SolvedRound:
    return match(prepare(*load(Path("data/samples/camden"), None, None), 0))
