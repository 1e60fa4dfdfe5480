"""The first page of simulate, sufficiency and equity: short, and each sentence is a fact."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from builders import AS_OF, Cells, Tables, a_carer, a_household, a_request, solved, write_tables
from matcher.cli import run
from matcher.equity import brief as equity_brief
from matcher.equity import weeks as equity_weeks
from matcher.equity.groups import Difference
from matcher.history.over import recorded_until
from matcher.history.recording import record_round
from matcher.history.store import open_store
from matcher.loading import load
from matcher.policy.settings import default
from matcher.record import RoundRecord, round_json
from matcher.recorder import record_of
from matcher.report.figures import blocks
from matcher.rounds import SolvedRound, match, prepare
from matcher.show.figures import style
from matcher.show.paper import ANALYSTS
from matcher.simulate import brief as simulate_brief
from matcher.simulate.result import HINDSIGHT, LOOK_AHEAD, NAMES, WEEKLY, Interval, Outcome, Year
from matcher.simulate.words import cost_words
from matcher.solve.problem import UNPLACED
from matcher.sufficiency import brief
from matcher.sufficiency.gaps import carried, essential, most_placed, taking_part
from matcher.sufficiency.remedies import CHANGES, portfolios
from matcher.sufficiency.remedies_words import closing_record
from matcher.sufficiency.weeks import over_weeks, weeks_lines
from matcher.sufficiency.words import counts, gap_of
from matcher.whatif import each as every_change
from matcher.whatif.obstacles import obstacles
from matcher.whatif.openings import single_changes
from matcher.words import between
from random_rounds import write_round

CAMDEN, TUTORIAL = "data/samples/camden", "data/samples/tutorial"
A_SCREEN = 25
NEVER = re.compile(r"--json|-£|[+±]|\bpoints\b|because|caused?\b|due to|success", re.IGNORECASE)


def first_page(out: str) -> list[str]:
    lines = out.splitlines()
    return lines[: lines.index(ANALYSTS)]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("weeks")
    asked = ["round", CAMDEN, "--no-report", "--out", str(folder / "r"), "--quiet"]
    assert run([*asked, "--record", str(folder / "history")]) == 0
    return str(folder / "history")


@pytest.mark.parametrize("data", [CAMDEN, TUTORIAL])
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(["sufficiency", "--budget", "2000"], id="sufficiency"),
        pytest.param(["sufficiency", "--pass-on"], id="sufficiency to pass on"),
        pytest.param(["equity"], id="equity"),
        pytest.param(["equity", "--pass-on"], id="equity to pass on"),
        pytest.param(["sufficiency", "--history"], id="sufficiency over weeks"),
        pytest.param(["equity", "--history"], id="equity over weeks"),
        pytest.param(["simulate", "--seeds", "2", "--weeks", "6", "--workers", "1"], id="simulate"),
    ],
)
def test_each_begins_with_at_most_one_screen(
    asked: list[str], data: str, history: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *options = asked
    options += [history] if options[-1:] == ["--history"] else []
    assert run([command, data, *options, "--quiet", "--out", str(tmp_path)]) == 0
    page = first_page(capsys.readouterr().out)
    assert len(page) <= A_SCREEN, "\n".join(page)
    said = " ".join(page)
    assert all(part in said for part in ("Asked: ", "How sure: ", "On Monday: "))
    assert not NEVER.search(said), NEVER.search(said)
    sentences = [line for line in page if line.startswith("- ")]
    assert 1 <= len(sentences) <= 7
    html = (tmp_path / f"{command}.html").read_text("utf-8")
    assert "http" not in re.sub(r'src="data:[^"]*"', "", html), "it needs no network"
    assert "For analysts" in html


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (4, 8, "between 4 and 8 more"),
        (0, 8, "between 0 and 8 more"),
        (-8, -4, "between 4 and 8 fewer"),
        (-8, 0, "between 0 and 8 fewer"),
        (-2, 8, "between 2 fewer and 8 more"),
    ],
)
def test_what_is_between_has_a_direction_and_no_sign(low: float, high: float, said: str) -> None:
    assert between(low, high) == said


# simulate: years with numbers of our own


def an_outcome(placed: int, weeks: float, fit: float = 70.0) -> Outcome:
    return Outcome(0.0, 40, placed, 1.0, 2.0, fit, 50.0, 5.0, 40, weeks, 0.0, (1,), ())


def years_of(**ways: Sequence[tuple[int, float]]) -> list[Year]:
    """A year for each pair of placed and weeks with carers; a way that is left out has the optimum's."""
    names = {"first": NAMES[0], "optimum": WEEKLY, "ahead": LOOK_AHEAD, "all": HINDSIGHT}
    of = {names[key]: values for key, values in ways.items()}
    return [
        Year(at, tuple(an_outcome(*of.get(name, of[WEEKLY])[at]) for name in NAMES), 1.0)
        for at in range(len(of[WEEKLY]))
    ]


OPTIMUM = [(30, 300.0), (31, 310.0), (29, 290.0), (30, 305.0)]


def shifted(placed: Iterable[int], weeks: Iterable[float]) -> list[tuple[int, float]]:
    return [
        (p + more, w + longer) for (p, w), more, longer in zip(OPTIMUM, placed, weeks, strict=True)
    ]


@pytest.mark.parametrize(
    ("placed", "weeks", "places", "costs"),
    [
        pytest.param(
            (4, 5, 4, 5), (40, 41, 42, 43), "about 4 more", r"less \(between .* less\).* since 42 more weeks",
            id="more families, more weeks",
        ),
        pytest.param(
            (4, 5, 4, 5), (-40, -41, -42, -43), "about 4 more",
            r"more \(between .* more\).* since 42 fewer weeks are with carers: 4 more families are placed, for shorter stays",
            id="more families, fewer weeks",
        ),
        pytest.param(
            (-4, -5, -4, -5), (-40, -41, -42, -43), "about 4 fewer",
            r"more \(between .* more\).* since 42 fewer weeks are with carers\.",
            id="fewer families",
        ),
        pytest.param(
            (1, -1, 0, 0), (5, -5, 1, -1), "these runs can't tell: between",
            r"whether looking ahead would cost more or less these runs can't tell: between £\S+ less and £\S+ more",
            id="nothing that shows",
        ),
    ],
)  # fmt: skip
def test_a_difference_of_years_is_said_with_its_direction(
    placed: tuple[int, ...], weeks: tuple[float, ...], places: str, costs: str
) -> None:
    years = years_of(optimum=OPTIMUM, ahead=shifted(placed, weeks))
    model = simulate_model()
    _, first, ahead, cost, best = simulate_brief._answer(model, years)
    assert places in ahead
    assert re.search(costs, cost), cost
    assert "Whether it would place more than first come, first served" in first
    assert "about 30 of the 40" in best
    advice = " ".join(simulate_brief._monday(years, an_asked()))
    assert ("weigh keeping it" in advice) is (placed[0] > 1)


def simulate_model():  # type: ignore[no-untyped-def]
    from test_simulate import camden

    return replace(camden(), weeks=52)


def an_asked() -> simulate_brief.Asked:
    return simulate_brief.Asked(simulate_brief.Source(AS_OF, "", ""), 8, own_rate=False)


def test_one_run_says_how_little_it_says() -> None:
    years = years_of(optimum=OPTIMUM[:1], ahead=[(33, 320.0)])
    model = simulate_model()
    said = " ".join(simulate_brief._answer(model, years))
    assert "placed 3 more than the best round of each week in this one run" in said
    assert "between" not in said
    assert "One run says nothing of how sure" in " ".join(simulate_brief._sure(model, years))


def test_what_shows_no_difference_in_cost_is_no_saving() -> None:
    assert cost_words(Interval(0.0, -30_000.0, 30_000.0)).startswith("no more and no less (between")
    assert cost_words(Interval(-131_400.0, -177_000.0, -85_000.0)) == (
        "£131,000 less (between £85,000 and £177,000 less)"
    )


# sufficiency


def answer_of(now: SolvedRound, budget: int = 20_000) -> brief.Answer:
    frontier = portfolios(now, budget)
    single = {kind: every_change(now, kind) for kind in CHANGES}
    closing = closing_record(now, single, (), frontier, budget)
    return brief.answer_of(gap_of(now), closing, single_changes(now), None)


def smokers(folder: Path, *smokes: str | None) -> SolvedRound:
    """A family with a baby, and households of which its carers' smoking alone speaks against them."""
    homes = [f"H{at}" for at in range(len(smokes))]
    tables: Tables = {
        "requests": [a_request()],
        "households": [
            a_household(home, features=None, smokes=each, dogs="no", cats="no", own_children="no")
            for home, each in zip(homes, smokes, strict=True)
        ],
        "carers": [a_carer(home) for home in homes],
    }
    return solved(folder, tables)


@pytest.mark.parametrize(
    ("smokes", "first", "also"),
    [
        (("yes", "yes", None), "where somebody smokes", "where nobody has asked whether anybody smokes"),
        ((None, None, "yes"), "where nobody has asked whether anybody smokes", "where somebody smokes"),
        (("yes",), "where somebody smokes", None),
        ((None,), "where nobody has asked whether anybody smokes", None),
    ],
)  # fmt: skip
def test_what_is_recorded_is_told_apart_from_what_nobody_has_asked(
    tmp_path: Path,
    smokes: tuple[str | None, ...],
    first: str,
    also: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = smokers(tmp_path, *smokes)
    found = obstacles(now, now.prepared.matchable_rows)
    assert [each.words(now.prepared.policy) for each in found] == [first, *([also] if also else [])]
    monkeypatch.setattr("matcher.whatif.obstacles.MOST_PAIRS", 0)
    (counted,) = obstacles(now, now.prepared.matchable_rows)
    assert (counted.known, counted.pairs) == (None, len(smokes))
    assert counted.words(now.prepared.policy) == "where somebody smokes, or nobody has asked"
    monkeypatch.undo()
    style()
    drawn = blocks(now)
    assert drawn is not None
    assert drawn.title == f"What blocks. Most often the only obstacle: households {first}"
    text = " ".join(" ".join(brief.paper(answer_of(now)).text()).split())
    assert f"most often: households {first}: " in text
    for phrase in ("where somebody smokes.", "where nobody has asked whether anybody smokes."):
        assert (f"Most often: {phrase}" in text) is (phrase.rstrip(".") in (first, also))


@pytest.mark.parametrize("seed", range(24))
def test_a_household_is_indispensable_where_one_family_less_is_placed_without_it(
    tmp_path: Path, seed: int
) -> None:
    write_round(tmp_path / "r", seed, 5, 8, dense=seed % 2 == 0, pins=seed % 3 == 0)
    now = match(prepare(*load(tmp_path / "r", None, None), 0))
    base = now.prepared
    problem, names = base.problem, base.columns.household_ids
    shape = (len(base.columns.request_ids), len(names))
    all_of = most_placed(problem.request, problem.household, shape)
    expected = []
    for at, name in enumerate(names):
        kept = problem.household != at
        if most_placed(problem.request[kept], problem.household[kept], shape) < all_of:
            expected.append(name)
    assert essential(now) == tuple(expected)
    numbers = carried(now)
    for name, number in numbers.items():
        pairs = [base.edge(row, base.household_at[name]) for row in base.matchable_rows]
        assert number == sum(each is not None for each in pairs)
    assert list(numbers.values()) == sorted(numbers.values(), reverse=True)
    assert len(taking_part(base)) >= all_of


@pytest.mark.parametrize("seed", range(12))
def test_the_sentences_of_a_gap_have_the_numbers_of_the_round(tmp_path: Path, seed: int) -> None:
    write_round(tmp_path / "r", seed, 5, 8, dense=seed % 2 == 0, pins=False)
    now = match(prepare(*load(tmp_path / "r", None, None), 0))
    answer = answer_of(now)
    matchable, placed, waiting = counts(answer.gap)
    first, *rest = brief.paper(answer).answer
    waits = set(brief._waiting_ids(answer.gap))
    assert len(waits) == waiting
    assert all(waits >= set(each.request_ids) for each in answer.obstacles)
    if waiting:
        assert first.startswith(f"{placed} of ")
        assert f"; {waiting} wait" in first
        steps = answer.closing["frontier"]
        more = max(sum(s["placed"].values()) for s in steps) - sum(steps[0]["placed"].values())
        told = re.findall(r"could place (\d+) more|could place (\d+) more famil", rest[-1])
        assert max((int(a or b) for a, b in told), default=0) == more
    elif matchable:
        assert "nobody waits" in first
        assert all(name in rest[0] for name in answer.essential or ())
    assert sum(now.household[r] == UNPLACED for r in now.prepared.matchable_rows) == waiting


def test_where_nobody_waits_it_says_what_would_break_it(tmp_path: Path) -> None:
    tables: Tables = {
        "requests": [a_request("R1"), a_request("R2", must_have="garden")],
        "households": [
            a_household("H1"),
            a_household("H2", features="garden"),
            a_household("H3"),
        ],
        "carers": [a_carer(f"H{at}") for at in (1, 2, 3)],
    }
    said = "\n".join(brief.paper(answer_of(solved(tmp_path / "r", tables))).answer)
    assert "All 2 families that can be matched have a household" in said
    assert "without this one, a family would wait (1 household: H2)" in said
    assert "R2 has only H2 to go to: one no, and there is none." in said
    tables["requests"][1]["must_have"] = None
    said = "\n".join(brief.paper(answer_of(solved(tmp_path / "s", tables))).answer)
    assert "No household is indispensable" in said
    assert "only" not in said


# The recorded weeks


def a_week(folder: Path, day: str, requests: Sequence[Cells], homes: int = 1) -> RoundRecord:
    """A round of some families and so many households, of which the last is too small for all."""
    households = [a_household(f"H{at}") for at in range(homes)] + [a_household("H9", bedrooms="0")]
    tables = {
        "requests": list(requests),
        "households": households,
        "carers": [a_carer(each["household_id"] or "") for each in households],
    }
    inputs, policy = load(write_tables(folder / day, tables, f"as_of = {day}\n"), None, None)
    return record_of(match(prepare(inputs, policy, 20)))


def three_weeks(folder: Path) -> list[RoundRecord]:
    """R1 always has the one home; R2 waits twice, then is placed with a second; R3 waits once."""
    one, two, three = (
        a_request(f"R{at}", needed_from=day, received_on="2026-10-01")
        for at, day in ((1, "2026-11-02"), (2, "2026-11-03"), (3, "2026-11-04"))
    )
    return [
        a_week(folder, "2026-11-09", [one, two]),
        a_week(folder, "2026-11-16", [one, two, three]),
        a_week(folder, "2026-11-23", [one, two], homes=2),
    ]


def test_recorded_weeks_say_who_waited_how_long_and_what_stood_in_the_way(tmp_path: Path) -> None:
    weeks = over_weeks(three_weeks(tmp_path))
    assert [(w.request_id, w.rounds, w.days_late, w.outcome) for w in weeks.waited] == [
        ("R2", 2, 13, "proposed"),
        ("R3", 1, 12, "unplaced"),
    ]
    assert (weeks.waiting, weeks.placed, weeks.families) == ((1, 2, 0), (1, 1, 2), 3)
    room = next(each for each in weeks.in_the_way if each.rule == "room")
    assert (room.known, room.request_ids) == (True, ("R2", "R3"))
    first, second = weeks_lines(weeks, default())
    assert "3 rounds recorded from 9 November 2026 to 23 November 2026" in first
    assert "2 of 3 families" in first
    assert "longest R2, in 2 rounds, and was 13 days past its day of need" in first
    assert "without enough bedrooms, for 2 of the 2" in second
    (none,) = weeks_lines(over_weeks(three_weeks(tmp_path / "b")[2:]), default())
    assert "every family that could be matched had a household" in none


def test_each_day_is_counted_once_and_no_other_service_and_no_later_day(tmp_path: Path) -> None:
    rounds = three_weeks(tmp_path)
    store = open_store(str(tmp_path / "history"))
    other = replace(rounds[0], round=replace(rounds[0].round, title="another"))
    again = replace(rounds[1], requests=rounds[1].requests[:2])
    for each in (rounds[0], other, rounds[1], again, rounds[2]):
        record_round(store, b"".join(round_json(each, each.requests)), (), datetime.now(UTC))
    found = recorded_until(store, None, date(2026, 11, 16))
    assert [each.round.as_of.day for each in found.rounds] == [9, 16]
    assert len(found.rounds[1].requests) == 2, "the last that was recorded of a day"
    assert found.unread == 0
    assert len(recorded_until(store, None, date(2026, 11, 30)).rounds) == 3


# equity


def test_over_weeks_each_family_counts_once_in_the_group_that_tables_or_record_say(
    tmp_path: Path,
) -> None:
    rounds = three_weeks(tmp_path)
    tables: Tables = {
        "requests": [a_request("R1", ethnicity="BAFR"), a_request("R2", ethnicity="WBRI")],
        "households": [a_household()],
        "carers": [a_carer()],
    }
    inputs, _ = load(write_tables(tmp_path / "today", tables), None, None)
    weeks = equity_weeks.over_weeks(rounds, inputs)
    assert (weeks.families, weeks.untold) == (3, 0)
    of = {(g.kind, g.name): g.numbers for g in weeks.groups}
    assert of["Ethnicity", "Black"] == (1, 0, 0)
    assert of["Ethnicity", "White"] == (1, 0, 0)
    assert of["Ethnicity", "Not known"] == (0, 1, 0), (
        "R3 is gone from the tables: its own round says"
    )


def test_small_numbers_are_one_line_that_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["equity", TUTORIAL, "--quiet"]) == 0
    said = capsys.readouterr().out
    assert "Nothing can be said: 4 families are too few" in said
    assert "too few" not in said.replace("are too few", "")


@pytest.mark.parametrize(
    ("measure", "ours", "theirs", "low", "high", "said"),
    [
        ("placed", 0.67, 0.44, -0.24, 0.57, "67 of 100 had a household proposed, all others 44 (between 24 fewer and 57 more; no difference that shows)"),
        ("placed", 0.9, 0.4, 0.2, 0.7, "90 of 100 had a household proposed, all others 40 (between 20 and 70 more)"),
        ("late", 1.0, 3.0, -3.0, -1.0, "1.0 days past the need, all others 3.0 (between 1.0 and 3.0 earlier)"),
        ("fit", 60.0, 70.0, -15.0, -5.0, "60.0 of 100 fit, all others 70.0 (between 5.0 and 15.0 worse)"),
        ("miles", 9.0, 3.0, 2.0, 8.0, "9.0 miles from home, all others 3.0 (between 2.0 and 8.0 further)"),
    ],
)  # fmt: skip
def test_a_group_is_compared_with_a_direction(
    measure: str, ours: float, theirs: float, low: float, high: float, said: str
) -> None:
    one = Difference(measure, "Ethnicity", "Black", 9, 9, ours, theirs, low, high)
    assert equity_brief.sentence(one) == f"Ethnicity Black: {said}."


def test_what_is_passed_on_of_the_weeks_has_no_id_and_no_small_count(
    history: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["equity", CAMDEN, "--history", history, "--pass-on", "--quiet"]
    assert run(asked) == 0
    said = capsys.readouterr().out
    assert run([*asked, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert not re.search(r"\b[RH]\d\d\b", said + json.dumps(record))
    assert all(each["requests"] is None or each["requests"] >= 5 for each in record["groups"])
    assert run(["sufficiency", CAMDEN, "--history", history, "--pass-on", "--quiet"]) == 2
    assert run(["equity", CAMDEN, "--history", "nowhere", "--quiet"]) == 2


def test_shares_that_differ_are_counted_as_the_record_has_them() -> None:
    shares = [("Black", 0.9, 0.4, 0.2, 0.7), ("White", 0.5, 0.5, -0.2, 0.2)]
    record = {
        "stays_in_the_service": True,
        "groups": [],
        "differences": [
            {"measure": "placed", "kind": "Ethnicity", "name": name, "number": 9, "others": 9,
             "mean": ours, "other_mean": theirs, "low": low, "high": high}
            for name, ours, theirs, low, high in shares
        ],
    }  # fmt: skip
    source = equity_brief.Source(AS_OF, "", "")
    said = equity_brief.paper(record, source, None).answer
    assert said[0].startswith(
        "Of 2 comparisons with 5 families and more on each side, 1 is greater"
    )
    assert len(said) == 2
    record["differences"] = record["differences"][1:]  # type: ignore[index]
    said = equity_brief.paper(record, source, None).answer
    assert "none is greater" in said[0]
    assert said[1].startswith("The widest: Ethnicity White")
