"""A round that looks ahead: who is placed anyway, whole-number values, and a proof without a solver."""

from __future__ import annotations

import copy
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import numpy as np
import pytest

from builders import a_carer, a_household, a_policy, a_request, prepared, text_of, write_tables
from matcher.ahead.fitted import Lasting, Refusals, of_count
from matcher.ahead.futures import Drawn, Kinds, future
from matcher.ahead.known import known
from matcher.ahead.look import left_open
from matcher.ahead.outlook import Counted, Rates, arrival_rates, futures, own_rates
from matcher.ahead.scene import SPAN, Choices, Packer, Scene, around, placed_in, weeks_of
from matcher.cli import run
from matcher.errors import WrongInput
from matcher.explain import alert_line
from matcher.history.counted import counted
from matcher.history.folder import FolderStore
from matcher.intake.edits import apply
from matcher.intake.inputs import Inputs
from matcher.loading import load
from matcher.policy.aims import AHEAD
from matcher.policy.settings import Policy
from matcher.proved import lines, proved
from matcher.record import AheadRecord, Alert, ArrivalRates, read
from matcher.recorder import lasting_record, record_of
from matcher.rounds import Prepared, SolvedRound, match, prepare
from matcher.solve.prices import Prices
from matcher.solve.problem import UNPLACED
from matcher.solve.proof import slack
from matcher.verification import check, verify
from matcher.whatif import looking_ahead
from matcher.whatif.each import each as changes_of
from matcher.whatif.looking_ahead import expects, if_it_did
from random_rounds import write_round
from test_solve import a_problem, array, brute, choices

CAMDEN = Path("data/samples/camden")
FORMS = tuple(AHEAD)
Record = dict[str, Any]


def looking(policy: Policy, form: str) -> Policy:
    return a_policy(**{**policy.changed, "room_ahead": form})


def placed(solved: SolvedRound, tiers: tuple[str, ...]) -> set[str]:
    """Who of the families of some tiers is placed."""
    urgency = solved.prepared.everyone.urgency[:, 0].tolist()
    rows = zip(solved.prepared.columns.request_ids, urgency, solved.household.tolist(), strict=True)
    return {name for name, urgent, home in rows if urgent in tiers and home != UNPLACED}


# Who is placed


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("first", range(0, 40, 10))
def test_whom_the_plain_round_places_in_time_is_placed(
    form: str, first: int, tmp_path: Path
) -> None:
    moved = 0
    for seed in range(first, first + 10):
        folder = tmp_path / str(seed)
        write_round(folder, seed, 10, 7, dense=True, keep_apart=seed % 5 == 0, pins=seed % 2 == 0)
        inputs, policy = load(folder, None, None)
        plain = match(prepare(inputs, policy, 0))
        ahead = match(prepare(inputs, looking(policy, form), 0))
        soon = ("today", "within_5_days")
        assert placed(ahead, soon) == placed(plain, soon), seed
        if form == "after_more_than_5_days":
            assert placed(ahead, AHEAD[form]) == placed(plain, AHEAD[form]), seed
        moved += not np.array_equal(ahead.household, plain.household)
    assert moved, "looking ahead never changed anything, so that nothing was tried"


def test_a_family_needed_later_waits_only_where_the_policy_lets_it() -> None:
    """A lone household that a family of every week to come needs more than one needed in weeks."""
    problem = a_problem({(0, 0): (1, -3)}, 1, 1, (True, False))
    assert brute(problem)[0] == (1, -3)  # placed comes first
    problem = a_problem({(0, 0): (-3, 1)}, 1, 1, (False, True))
    assert brute(problem)[0] == (0, 0)  # what is ahead comes first


# Values below 0, in the one weight, the duals and the prices


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_values_below_nothing_are_solved_proven_and_priced(first: int) -> None:
    from matcher.solve import solve

    for seed in range(first, first + 50):
        random = Random(seed)
        many = random.randint(1, 4), random.randint(1, 4)
        edges = {
            (request, home): (
                int(request % 2),
                random.randint(-9, 9),
                1,
                random.choice((0, 0, 1, 3)),
                random.randint(0, 99),
            )
            for request in range(many[0])
            for home in range(many[1])
            if random.random() < 0.75
        }
        problem = a_problem(edges, *many, (True, False, True, False, False))
        best, equals = brute(problem)
        solution = solve(problem)
        assert solution.values == best, seed
        assert tuple(solution.household.tolist()) == equals[0], seed
        assert solution.duals is not None
        left = slack(problem, solution.duals)
        prices = Prices(problem, solution.household, solution.duals, left)
        reached = [(problem.totals(array(c)), c) for c in choices(problem)]
        for edge, pair in enumerate(zip(problem.request, problem.household, strict=True)):
            forced = max(values for values, choice in reached if choice[pair[0]] == pair[1])
            losses = tuple(np.subtract(solution.values, forced).tolist())
            assert prices.price(edge).losses == losses, (seed, pair)


# Counts over futures


def a_scene(seed: int, most: int = 70) -> Scene:
    """A week of a few families and households with narrow choices."""
    random = Random(seed)
    homes, kinds, requests = random.randint(2, most), 6, random.randint(1, 5)

    latest = random.choice((4, 50, 80))

    def a_kind() -> tuple[int, int, int]:
        stay = random.choice((random.randint(2, 12), 140))
        return random.randint(0, latest), random.choice((0, 0, 1, 2)), stay

    def block(many: int) -> tuple[np.ndarray, np.ndarray]:
        share = random.choice((0.05, 0.2, 0.5))
        eligible = [[random.random() < share for _ in range(homes)] for _ in range(many)]
        worth = [
            [random.choice((400, random.randint(5_000, 20_000))) for _ in range(homes)]
            for _ in range(many)
        ]
        return np.array(eligible, bool), np.array(worth, np.int64)

    def made(many: int) -> Kinds:
        lead, grace, stay = (
            np.array(e) for e in zip(*(a_kind() for _ in range(many)), strict=True)
        )
        return Kinds(1.5, lead, grace, stay, *block(many))

    waiting = made(requests)
    needed = np.array([random.choice((0, 0, 1, latest)) for _ in range(requests)])
    opens = [random.choice((0, 0, 0, 3, SPAN)) for _ in range(homes)]
    busy = [weeks_of(0, random.choice((0, 0, 0, 5))) for _ in range(homes)]
    free = (np.array(opens) == 0) & (np.array(busy) == 0)
    pairs = [(r, h) for r in range(requests) for h in range(homes) if waiting.eligible[r, h] and free[h]]  # fmt: skip
    request, home = (np.array([p[at] for p in pairs], np.intp) for at in (0, 1))
    return Scene(
        made(kinds),
        waiting,
        needed,
        needed + waiting.grace,
        np.array(busy, np.int64),
        np.array([weeks_of(at, SPAN) for at in opens], np.int64),
        request,
        home,
        needed[request],
        waiting.worth[request, home],
        500,
    )


def a_choice(scene: Scene, random: Random) -> np.ndarray:
    """Up to three pairs."""
    choice = np.full(scene.requests, UNPLACED)
    for edge in random.sample(range(len(scene.request)), min(3, len(scene.request))):
        row, home = int(scene.request[edge]), int(scene.household[edge])
        if choice[row] == UNPLACED and home not in choice:
            choice[row] = home
    return choice


@cache
def an_outlook() -> Any:
    inputs, policy = load(CAMDEN, None, None)
    found = prepare(inputs, looking(policy, FORMS[0]), 0).ahead
    assert found is not None
    return found.outlook


def as_bits(scene: Scene, choices_: list[np.ndarray]) -> Choices:
    """Choices as a packer takes them, a bit each."""
    waits = [0] * scene.requests
    taken: dict[int, int] = defaultdict(int)
    for at, choice in enumerate(choices_):
        for row, home in enumerate(choice.tolist()):
            if home == UNPLACED:
                waits[row] |= 1 << at
            else:
                taken[scene.edge[row, home]] |= 1 << at
    return Choices(len(choices_), waits, taken)


Family: TypeAlias = tuple[Kinds, Drawn]  # of which kinds


def by_hand(scene: Scene, come: list[Drawn], choice: np.ndarray, gone: Sequence[int] = ()) -> int:
    """What one future is worth after a choice: weeks are sets, and every household is asked."""

    def as_sets(busy: np.ndarray) -> list[set[int]]:
        return [{week for week in range(SPAN) if weeks >> week & 1} for weeks in busy.tolist()]

    alone = as_sets(scene.busy)

    def ways(family: Family, taken: list[set[int]]) -> list[tuple[int, int, set[int]]]:
        of, drawn = family
        found = []
        for start in range(max(drawn.needed, 1), min(drawn.last + 1, scene.end)):
            weeks = {*range(start, min(start + drawn.stay, SPAN))}
            for home in np.flatnonzero(of.eligible[drawn.kind]).tolist():
                late = scene.week_waited * (start - drawn.needed)
                worth = int(of.worth[drawn.kind, home]) - late
                if worth > 0 and scene.opens[home] >> start & 1 and not weeks & taken[home]:
                    found.append((-worth, home, weeks))
        return found

    def turn(family: Family) -> tuple[int, int]:
        return len({home for _, home, _ in ways(family, alone)}), max(family[1].needed, 1)

    rows = sorted({*np.flatnonzero(choice == UNPLACED).tolist()} - {*gone})
    of_row = [each.tolist() for each in (scene.needed, scene.last, scene.waiting.stay)]
    waiting = [(scene.waiting, Drawn(row, 0, *(each[row] for each in of_row))) for row in rows]
    families = [*waiting, *((scene.kinds, each) for each in come)]
    busy, total = as_sets(scene.left_by(choice)), 0
    for family in sorted(families, key=turn):
        if found := ways(family, busy):
            cost, home, weeks = min(found, key=lambda each: each[:2])
            busy[home] |= weeks
            total -= cost
    return total


@pytest.mark.parametrize("seed", range(30))
def test_packing_many_choices_at_once_is_packing_each_alone(seed: int) -> None:
    scene = a_scene(seed)
    random = Random(seed)
    drawn = futures(scene, an_outlook())[:3]
    come = [[replace(each, stay=random.randint(2, 9)) for each in some] for some in drawn]
    packer = Packer(scene, come)
    choices_ = [a_choice(scene, random) for _ in range(9)]
    worth = packer.pack(as_bits(scene, choices_))
    for at, choice in enumerate(choices_):
        left, waits = scene.left_by(choice), choice == UNPLACED
        alone = [placed_in(queue, left, waits) for queue in packer.queues]
        found = [sum(each.worth for each in some) for some in alone]
        assert found == [by_hand(scene, drawn, choice) for drawn in come], choice
        assert worth[at] == sum(found), choice


@pytest.mark.parametrize("seed", range(20))
def test_a_pair_is_worth_what_it_brings_now_less_what_it_takes_later(seed: int) -> None:
    """Against its family waiting; whoever else holds the household is gone in both."""
    scene = a_scene(seed, most=9)
    come = futures(scene, an_outlook())[:2]
    choice = a_choice(scene, Random(seed))
    counted = around(Packer(scene, come), choice)
    placed = [scene.edge[row, home] for row, home in enumerate(choice.tolist()) if home != UNPLACED]
    now = 2 * int(scene.worth[placed].sum())
    assert counted.choice == now + sum(by_hand(scene, drawn, choice) for drawn in come)
    held = np.flatnonzero(np.isin(scene.household, choice)).tolist()
    for edge in {*held, *range(0, len(scene.request), 3)}:
        row, home = int(scene.request[edge]), int(scene.household[edge])
        gone = [each for each in np.flatnonzero(choice == home).tolist() if each != row]
        chosen = choice.copy()
        chosen[[row, *gone]] = home, *(UNPLACED for _ in gone)
        waits = chosen.copy()
        waits[row] = UNPLACED
        later = [sum(by_hand(scene, drawn, each, gone) for drawn in come) for each in (chosen, waits)]  # fmt: skip
        assert counted.pairs[edge] == 2 * scene.worth[edge] + later[0] - later[1]


def test_a_household_is_not_kept_open_for_the_family_that_waits(tmp_path: Path) -> None:
    """Where nobody else comes nobody is lost, though the family itself would go there later."""
    request = a_request(latest_start="2027-01-20")
    tables = {"requests": [request], "households": [a_household()], "carers": [a_carer()]}
    policy = a_policy(room_ahead="after_within_5_days", families_per_week=0)
    ahead = prepared(tmp_path, tables, policy).ahead
    assert ahead is not None
    choice = np.full(1, UNPLACED)
    left = ahead.packer.scene.left_by(choice)
    assert all(placed_in(queue, left, choice == UNPLACED) for queue in ahead.packer.queues)
    assert [each.futures for each in left_open(ahead, choice)] == [0]


def test_a_household_that_only_a_waiting_family_needs_is_said_to_be_so(tmp_path: Path) -> None:
    """Nobody comes; R2, needed in two weeks, would go where R1 would stay for long."""
    requests = [
        a_request(needed_from="2026-11-29", latest_start="2026-11-29", expected_weeks="40"),
        a_request("R2", needed_from="2026-12-07", latest_start="2026-12-14"),
    ]
    tables = {"requests": requests, "households": [a_household()], "carers": [a_carer()]}
    policy = a_policy(room_ahead="after_within_5_days", families_per_week=0)
    ahead = prepared(tmp_path, tables, policy).ahead
    assert ahead is not None
    assert ahead.plain.household.tolist() == [0, UNPLACED]
    (found,) = left_open(ahead, np.full(2, UNPLACED))
    assert (found.futures, found.waiting, found.before) == (32, 32, None)


@pytest.mark.parametrize(
    ("waiting", "by", "who"),
    [
        (0, "2027-01-12", "a family that comes before 12 January 2027 would go there"),
        (
            2,
            "2027-01-12",
            "a family that comes before 12 January 2027, or in 2 of them only one that waits today, would go there",
        ),
        (6, None, "a family that waits today would go there"),
    ],
)
def test_a_household_is_kept_open_for_who_comes_or_waits(
    waiting: int, by: str | None, who: str
) -> None:
    facts = {"futures": 6, "of": 32, "waiting": waiting, "by": by}
    said = alert_line(Alert("kept_open", None, "H1", facts), a_policy()).text
    assert said == (
        f"H1 is kept open: in 6 of 32 futures {who}, and one family fewer would have a home if "
        "it were taken."
    )


# The record and its proof


@pytest.fixture(scope="module", params=FORMS)
def written(request: pytest.FixtureRequest) -> tuple[Record, Inputs, Policy]:
    inputs, policy = load(CAMDEN, None, None)
    policy = looking(policy, request.param)
    solved = match(prepare(inputs, policy, 3))
    return json.loads(text_of(record_of(solved))), inputs, policy


def test_a_round_that_looks_ahead_verifies(written: tuple[Record, Inputs, Policy]) -> None:
    record, inputs, policy = written
    assert {"kept_open", "goes_elsewhere"} <= {alert["kind"] for alert in record["alerts"]}
    assert verify(record, inputs, policy) == []


def first_value(ahead: Record) -> tuple[Record, str]:
    homes = next(iter(ahead["values"].values()))
    return homes, next(iter(homes))


def raise_a_value(ahead: Record) -> None:
    homes, home = first_value(ahead)
    homes[home] += 1


def swap_a_value_for_text(ahead: Record) -> None:
    ahead["rates"]["per_week"] = "two"


def drop_a_plain_family(ahead: Record) -> None:
    ahead["plain"].popitem()


def send_two_to_one(ahead: Record) -> None:
    one, other, *_ = ahead["plain"]
    ahead["plain"][one] = ahead["plain"][other]


def name_a_stranger(ahead: Record) -> None:
    ahead["around"]["R99"] = "H01"


def send_one_where_nobody_can_go(ahead: Record) -> None:
    name, homes = next(iter(ahead["values"].items()))
    free = {f"H{at:02}" for at in range(1, 51)} - {*homes, *ahead["plain"].values()}
    ahead["plain"][name] = min(free)


def drop_a_dual(ahead: Record) -> None:
    ahead["certificate"]["requests"].popitem()


ALTERATIONS: tuple[Callable[[Record], object], ...] = (
    raise_a_value,
    swap_a_value_for_text,
    drop_a_plain_family,
    send_two_to_one,
    name_a_stranger,
    send_one_where_nobody_can_go,
    drop_a_dual,
    lambda ahead: ahead.update(seed=1),
    lambda ahead: ahead.update(futures=31),
    lambda ahead: ahead["rates"].update(per_week=9.0),
    lambda ahead: ahead["rates"].update(source="history", per_week=9.0),
    lambda ahead: ahead.update(form="off"),
    lambda ahead: ahead["around"].popitem(),
)


@pytest.mark.parametrize("alteration", ALTERATIONS)
def test_an_altered_look_ahead_is_found(
    written: tuple[Record, Inputs, Policy], alteration: Callable[[Record], object]
) -> None:
    record, inputs, policy = written
    altered = copy.deepcopy(record)
    alteration(altered["ahead"])
    assert altered != record
    assert verify(altered, inputs, policy)


def test_a_look_ahead_that_is_left_out_or_put_in_is_found(
    written: tuple[Record, Inputs, Policy],
) -> None:
    record, inputs, policy = written
    assert verify({k: v for k, v in record.items() if k != "ahead"}, inputs, policy)
    assert verify(record, inputs, a_policy())


@pytest.mark.parametrize("kind", ["train", "open"])
def test_a_single_change_is_worth_what_a_round_that_counts_anew_says(kind: str) -> None:
    inputs, policy = load(CAMDEN, None, None)
    policy = looking(policy, "after_within_5_days")
    now = match(prepare(inputs, policy, 0))
    names, homes = now.prepared.columns.request_ids, now.prepared.columns.household_ids
    found = changes_of(now, kind)
    assert found
    for tried in found:
        then = match(prepare(apply(inputs, tried.edits), policy, 0))
        moves = [
            (name, *(None if home == UNPLACED else homes[home] for home in (was, to)))
            for name, was, to in zip(names, now.household, then.household, strict=True)
            if was != to
        ]
        assert [(move.request_id, move.left, move.to) for move in tried.moves] == moves


def test_a_round_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matcher.ahead.look.MOST_PAIRS_AHEAD", 10)
    inputs, policy = load(CAMDEN, None, None)
    with pytest.raises(WrongInput, match="up to 10 can look ahead"):
        prepare(inputs, looking(policy, FORMS[0]), 0)


# Whom it expects


def test_how_many_come_is_counted_in_the_recorded_rounds(tmp_path: Path) -> None:
    """Six weeks in which one family came each week; those of the first round came before it."""
    folder, store = tmp_path / "round", tmp_path / "history"
    write = partial(write_tables, folder)
    families = [a_request(f"R{at}", received_on="2026-10-01") for at in range(1, 8)]
    tables = {"households": [a_household()], "carers": [a_carer()]}

    def in_force(day: date) -> tuple[Rates | None, Rates]:
        """What the rounds recorded before a day say, and what a round of that day looks ahead by."""
        inputs, policy = load(folder, day.isoformat(), None)
        found = counted(FolderStore(store), inputs, looking(policy, FORMS[0]))
        said = None if found is None else found.rates
        return said, arrival_rates(inputs, policy, said)

    for week in range(7):
        day = date(2026, 10, 5) + timedelta(weeks=week)
        write({"requests": families[: week + 1], **tables}, f"as_of = {day}\n")
        if week == 4:  # three weeks are recorded
            assert in_force(day)[1].source == "round"
        options = ["--no-report", "--out", str(tmp_path / str(week)), "--quiet"]
        policy = tmp_path / "policy.toml"
        policy.write_text('room_ahead = "after_within_5_days"\n', "utf-8")
        given = [*options, "--policy", str(policy)] if week == 6 else options
        assert run(["round", str(folder), "--record", str(store), *given]) == 0
    found, used = in_force(day + timedelta(days=1))
    assert found is not None
    assert used == found
    assert (found.per_week, found.weeks, found.families) == (1.0, 6.0, 6)
    assert (found.low, found.high) == pytest.approx((2.2 / 6, 13.06 / 6), rel=0.01)
    written = json.loads((tmp_path / "6" / "round.json").read_text("utf-8"))
    told = written["ahead"]["rates"]
    assert (told["per_week"], told["weeks"], told["families"]) == (1.0, 5.0, 5)
    assert told["source"] == "history"
    assert in_force(day)[0] == replace(found, **told)  # the round of the day itself says nothing
    checked = ["verify", str(folder), str(tmp_path / "6"), "--policy", str(policy), "--json"]
    assert run([*checked, "--out", str(tmp_path / "checked")]) == 0
    assert verify(written, *load(folder, None, policy)) == []
    assert counted(FolderStore(tmp_path / "nowhere"), *load(folder, None, policy)) is None


@pytest.mark.parametrize(
    ("number", "low", "high"), [(0, 0.0, 3.7), (10, 4.8, 18.4), (100, 81.4, 121.6)]
)
def test_the_interval_of_a_count(number: int, low: float, high: float) -> None:
    """Against the exact interval of a Poisson mean."""
    assert of_count(number) == pytest.approx((low, high), abs=0.05, rel=0.005)


def test_the_policys_own_rate_counts_first() -> None:
    inputs, _ = load(CAMDEN, None, None)
    told = arrival_rates(inputs, a_policy(families_per_week=1.5), own_rates(inputs))
    assert (told.per_week, told.low, told.source) == (1.5, None, "policy")
    assert arrival_rates(inputs, a_policy(), None).source == "round"


def test_families_that_have_left_came_too(tmp_path: Path) -> None:
    """A closed one counts, and one of whom a placement is left that began since; not an earlier one."""
    requests = [
        a_request("R1", received_on="2026-11-09"),
        a_request("R2", received_on="2026-10-26", status="closed"),
    ]

    tables = {
        "requests": requests,
        "households": [a_household()],
        "carers": [a_carer()],
        "placements": [
            a_stay("R2", "H1", "2026-10-27", "2026-10-30"),
            a_stay("R8", "H1", "2026-11-02", "2026-11-05"),
            a_stay("R9", "H1", "2026-05-04", "2026-08-03"),
        ],
    }
    inputs = prepared(tmp_path, tables).inputs
    found = own_rates(inputs)
    assert (found.families, found.weeks, found.per_week, found.source) == (3, 4.0, 0.75, "round")
    less = [requests[0], requests[1] | {"received_on": "2026-10-19"}]
    other = prepared(tmp_path / "other", tables | {"requests": less}).inputs
    assert other.sha256 != inputs.sha256  # what counts is in the fingerprint


def test_where_a_hidden_household_is_counts_in_no_value(tmp_path: Path) -> None:
    """A household nearer to a family whose address is withheld fits better, and nobody may see it."""
    found = []
    for postcode in ("NW5", "BR1"):
        requests = [a_request(withhold_address="yes", home_postcode="N19"), a_request("R2")]
        homes = [a_household(postcode=postcode), a_household("H2", postcode="NW3")]
        tables = {"requests": requests, "households": homes}
        policy = a_policy(room_ahead="after_within_5_days", families_per_week=0.5)
        made = prepared(
            tmp_path / postcode, tables | {"carers": [a_carer(), a_carer("H2")]}, policy
        )
        ((_, values),) = [(a.name, a.values) for a in made.problem.aims if a.name == "room_ahead"]
        found.append((values.tolist(), made.ranked.fit.tolist()))
    (near, near_fit), (far, far_fit) = found
    assert near_fit != far_fit
    assert near == far


@pytest.mark.parametrize("form", FORMS)
def test_a_round_in_which_nobody_is_eligible_looks_ahead(tmp_path: Path, form: str) -> None:
    """Its values are few and small, as are the whole numbers that hold them."""
    rule = {
        "name": "nobody",
        "clause": "L1",
        "must": ["bedrooms >= 30"],
        "lack": "with fewer than 30 bedrooms",
        "reason": "Fewer than 30 bedrooms.",
        "fix": "Build.",
        "who": "fostering panel",
    }
    tables = {"requests": [a_request()], "households": [a_household()], "carers": [a_carer()]}
    plain = match(prepared(tmp_path, tables, a_policy(local_rule=[rule])))
    assert "would go to" not in if_it_did(plain)
    ahead = match(prepared(tmp_path, tables, a_policy(local_rule=[rule], room_ahead=form)))
    assert ahead.household.tolist() == [UNPLACED]


def test_a_round_that_does_not_look_says_what_looking_would_change(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Against the two rounds themselves."""
    inputs, policy = load(CAMDEN, None, None)
    plain = match(prepare(inputs, policy))
    ahead = match(prepare(inputs, looking(policy, "after_within_5_days")))
    names, homes = plain.prepared.columns.request_ids, plain.prepared.columns.household_ids
    said = if_it_did(plain)
    for name, was, then in zip(names, plain.household, ahead.household, strict=True):
        moves = UNPLACED not in (was, then) and was != then
        assert (f"{name} would go to" in said) == moves
        if moves:
            assert f"{name} would go to {homes[then]} instead of {homes[was]}" in said
    assert if_it_did(ahead) == ""
    monkeypatch.setattr(looking_ahead, "MANY_PAIRS_AHEAD", 3)
    assert "was not tried, as it has" in if_it_did(plain)


def test_a_round_that_looks_says_whom_it_expects_and_how_sure_that_is(
    by_history: tuple[Prepared, Record, Inputs, Policy],
) -> None:
    _, record, _, _ = by_history
    found = read(AheadRecord, record["ahead"])
    assert expects(found) == (
        "This round looks ahead (after_more_than_5_days). It expects 2 families a week (95 % interval 1.1 "
        "to 3.2): 16 families came in 8 weeks of recorded rounds. They are needed after 2 weeks in the "
        "median (95 % interval 2 to 5; 20 families of the history). They stay for 4 weeks in the median "
        "(95 % interval 4 to 4; 20 placements of the history, and 5 still running). 9 of 60 answered "
        "proposals were declined (15 %; 95 % interval 8 to 26), which counts in no value."
    )
    nobody = Lasting.of([], [4], "round")
    other = replace(
        found,
        rates=ArrivalRates(0.5, 0.1, 1.2, 6.0, 3, "round"),
        leads=lasting_record(nobody),
        stays=lasting_record(replace(nobody, ended=((7, 1),), running=())),
        refusals=replace(found.refusals, share=None),
    )
    for each in (
        "3 families came in 6 weeks. Families that have left the data are not counted.",
        "needed after a number of weeks that nobody can say.",
        "They are planned to stay for 7 weeks in the median (95 % interval 7 to 7; 1 family of this round)",
        "No answer to a proposal is recorded.",
    ):
        assert each in expects(other)
    often = replace(found, rates=ArrivalRates(100.0, 81.3, 121.6, 1.0, 1_240, "round"))
    assert (
        "100 families a week (95 % interval 81 to 122): 1,240 families came in 1 week."
        in expects(often)
    )
    by_policy = replace(found, rates=ArrivalRates(1.5, None, None, None, None, "policy"))
    assert "It expects 1.5 families a week, as its policy says." in expects(by_policy)


def test_a_terminal_says_what_looking_ahead_would_change_with_the_report_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes a round of its own, for which a round without report has no time."""
    tables = {"requests": [a_request()], "households": [a_household()], "carers": [a_carer()]}
    folder = write_tables(tmp_path / "data", tables)
    given = ["round", str(folder), "--quiet", "--out", str(tmp_path / "out")]
    assert run(given) == 0
    assert "This round does not look ahead (room_ahead is off)." in capsys.readouterr().out
    monkeypatch.setattr("matcher.report.view.if_it_did", lambda _: pytest.fail("it was tried"))
    assert run([*given, "--no-report"]) == 0


def test_a_round_too_great_to_look_ahead_says_so_and_is_made() -> None:
    """The plain round has duals; what looking ahead adds to its weight is too much."""
    inputs, policy = load(CAMDEN, None, None)
    policy = replace(policy, values={**policy.values, "horizon_days": 1_000_000})
    plain = match(prepare(inputs, policy))
    assert plain.prepared.problem.exact
    assert "can't be said. With it the aims are too great" in if_it_did(plain)


def test_what_is_counted_of_families_that_came_is_what_their_days_say(tmp_path: Path) -> None:
    """Begun weeks of a lead don't count, of a stay that ended they do; who still lives there runs."""
    requests = [
        a_request("R1", received_on="2026-11-02", needed_from="2026-11-22"),
        a_request("R2", received_on="2026-09-07", needed_from="2026-09-01", status="closed"),
        a_request("R3", received_on="2026-09-07", needed_from="2026-10-05"),
    ]
    no = {"request_id": "R1", "decision": "declined_by_carer", "decided_on": "2026-11-20"}
    tables = {
        "requests": requests,
        "households": [a_household(f"H{at}") for at in range(1, 4)],
        "carers": [a_carer(f"H{at}") for at in range(1, 4)],
        "placements": [
            a_stay("R2", "H1", "2026-09-14", "2026-09-29"),
            a_stay("R3", "H2", "2026-10-05"),
        ],
        "decisions": [
            no | {"household_id": "H1"},
            no | {"household_id": "H2", "decision": "rule_out"},
            no | {"household_id": "H3", "decision": "declined_by_parent"},
            no | {"request_id": "R3", "household_id": "H2", "decision": "confirmed"},
        ],
    }
    found = known(prepared(tmp_path, tables).inputs)
    assert found.leads("round").ended == ((0, 1), (2, 1), (4, 1))
    assert found.leads("round", date(2026, 11, 2)).ended == ((2, 1),)
    lasted = found.lengths("placements")
    assert (lasted.ended, lasted.running) == (((3, 1),), ((7, 1),))
    assert found.refusals("round") == Refusals(2, 4, "round")


def a_stay(request: str, household: str, started_on: str, ended_on: str = "") -> dict[str, str]:
    row = {"request_id": request, "household_id": household, "started_on": started_on}
    return row | ({"ended_on": ended_on, "ended_because": "planned"} if ended_on else {})


def test_a_history_knows_what_the_data_no_longer_have(tmp_path: Path) -> None:
    """A placement seen to run and then to be over, a lead and a no; not a stay from before the record."""
    store = tmp_path / "history"
    homes = [f"H{at}" for at in range(1, 4)]
    tables = {"households": [*map(a_household, homes)], "carers": [*map(a_carer, homes)]}
    old = a_request("R1", received_on="2026-09-01", needed_from="2026-09-07")
    new = a_request("R2", received_on="2026-10-06", needed_from="2026-10-20")
    ran = a_stay("R1", "H1", "2026-09-07")
    no = {"request_id": "R2", "household_id": "H3", "decision": "declined_by_carer"}
    weeks = [
        ([old], [ran], []),
        ([old, new], [ran, a_stay("R2", "H2", "2026-10-07")], []),
        (
            [old, new | {"status": "open"}],
            [ran, a_stay("R2", "H2", "2026-10-07", "2026-10-17")],
            [no | {"decided_on": "2026-10-19"}],
        ),
        ([a_request("R3", received_on="2026-10-20", needed_from="2026-10-26")], [], []),
    ]
    for week, (requests, stays, decisions) in enumerate(weeks):
        day = date(2026, 10, 5) + timedelta(weeks=week)
        rows = {"requests": requests, "placements": stays, "decisions": decisions}
        folder = tmp_path / f"data of {day}"
        write_tables(folder, tables | {n: r for n, r in rows.items() if r}, f"as_of = {day}\n")
        options = ["--no-report", "--out", str(tmp_path / str(week)), "--quiet"]
        if week < len(weeks) - 1:
            assert run(["round", str(folder), "--record", str(store), *options]) == 0
    inputs, plain = load(folder, None, None)
    assert counted(FolderStore(store), inputs, plain) is None  # it does not look ahead
    found = counted(FolderStore(store), inputs, looking(plain, FORMS[0]))
    assert found is not None
    assert found.leads == Lasting(((0, 1), (2, 1)), (), "history")
    assert found.stays == Lasting(((2, 1),), (), "history")
    assert found.refusals == Refusals(1, 3, "history")


@pytest.fixture(scope="module")
def by_history() -> tuple[Prepared, Record, Inputs, Policy]:
    """The camden round with a history of 20 leads and 25 placements, 5 of them running."""
    inputs, policy = load(CAMDEN, None, None)
    policy = looking(policy, "after_more_than_5_days")
    history = Counted(
        Rates.counted(16, 8.0, "history"),
        Lasting.of([2] * 10 + [5] * 10, [], "history"),
        Lasting.of([2] + [4] * 19, [6] * 5, "history"),  # the data know of that of 2 weeks
        Refusals(9, 60, "history"),
    )
    solved = match(prepare(inputs, policy, 3, counted=history))
    return solved.prepared, json.loads(text_of(record_of(solved))), inputs, policy


def test_futures_are_drawn_with_what_a_history_counted(
    by_history: tuple[Prepared, Record, Inputs, Policy],
) -> None:
    made, record, inputs, policy = by_history
    assert made.ahead is not None
    scene, by = made.ahead.packer.scene, made.ahead.outlook
    drawn = [each for some in futures(scene, by) for each in some]
    assert {each.needed - each.arrives for each in drawn} == {2, 5}
    assert {each.stay for each in drawn} == {3, 5, 7}  # with a week between two placements
    few = Lasting.of([2] * 19, [2] * 5, "history")
    less = prepare(inputs, policy, 0, counted=Counted(leads=few, stays=few)).ahead
    assert less is not None
    assert (less.outlook.leads.source, less.outlook.stays.source) == ("round", "round")
    told = record["ahead"]["leads"]
    assert (told["median"], told["low"], told["high"], told["number"]) == (2, 2, 5, 20)
    assert record["ahead"]["stays"]["running"] == {"6": 5}
    assert record["ahead"]["refusals"]["share"] == 0.15


def test_verify_draws_again_from_what_was_counted_and_says_so(
    by_history: tuple[Prepared, Record, Inputs, Policy],
) -> None:
    _, record, inputs, policy = by_history
    checked = check(record, inputs, policy)
    assert checked.breaches == ()
    (said,) = [each for each in lines(proved(record, checked, policy, None, None)) if "On trust" in each]  # fmt: skip
    for each in ("16 families came in 8 weeks", "20 families was needed", "20 placements", "60 answers"):  # fmt: skip
        assert each in said
    none = copy.deepcopy(record)
    none["ahead"]["leads"] = {**record["ahead"]["leads"], "number": 0}
    assert "how soon no families was needed" in "".join(
        lines(proved(none, checked, policy, None, None))
    )
    assert "no choice about which they were counted is worth more is the solver's word" in "".join(
        lines(proved(record, checked, policy, None, None))
    )


RECORDED: tuple[Callable[[Record], object], ...] = (
    lambda ahead: ahead["leads"]["ended"].update({"5": 11}),
    lambda ahead: ahead["leads"].update(median=3),
    lambda ahead: ahead["leads"].update(source="round"),
    lambda ahead: ahead["stays"]["running"].update({"6": -5}),
    lambda ahead: ahead["stays"]["ended"].update({str(each): 10**18 - 1 for each in range(30)}),
    lambda ahead: ahead["stays"]["ended"].update({"4": 18}),
    lambda ahead: ahead["stays"].update(ended={"4": 20}),
    lambda ahead: ahead["stays"]["ended"].update({"9" * 400: 1}),
    lambda ahead: ahead["refusals"].update(declined=61),
    lambda ahead: ahead["refusals"].update(share=0.1),
    lambda ahead: ahead["refusals"].update(declined=0, answered=0, share=None, low=None, high=None),
    lambda ahead: ahead["rates"].update(weeks=10**400),
    lambda ahead: ahead["rates"].update(per_week=2.1),
    lambda ahead: ahead["rates"].update(families=10**6),
    lambda ahead: ahead["rates"].update(weeks=float("nan")),
    lambda ahead: ahead["rates"].update(weeks=3.9),
    lambda ahead: ahead["rates"].update(families=-1),
)


def test_a_rate_is_written_to_4_decimals_and_drawn_as_it_is_written() -> None:
    """From the weeks as they are written, so that whoever reads the file works out the same."""
    found = Rates.counted(16, 46 / 7, "round")
    assert (found.per_week, found.low, found.high, found.weeks) == (2.4348, 1.3908, 3.9542, 6.5714)
    assert Rates.counted(16, 6.5714, "round") == found
    assert Rates.counted(0, 0.0, "round").per_week == 0.0
    assert Refusals(3, 5, "round").between == (0.2307, 0.8824)


@pytest.mark.parametrize("alteration", RECORDED)
def test_an_altered_count_of_a_history_is_found(
    by_history: tuple[Prepared, Record, Inputs, Policy], alteration: Callable[[Record], object]
) -> None:
    """But for counts that hold together, which are taken on trust."""
    _, record, inputs, policy = by_history
    altered = copy.deepcopy(record)
    alteration(altered["ahead"])
    assert verify(altered, inputs, policy)


# How long, and how often


def test_counted_weeks_go_to_the_kinds_by_where_their_own_stand() -> None:
    """Two kinds that share the fewest weeks share the fewer half of the counted ones; all come out as counted."""
    own = np.array([12, 26, 12, 30])
    counted = Lasting.of([1, 2, 3, 4, 5, 6, 7, 8], [], "history")
    every = np.ones((4, 1), bool)
    kinds = Kinds(4.0, own, own, own, every, every.astype(np.int64), None, counted)
    drawn = future(kinds, (1, 2), 500)
    of_kind = [{each.stay for each in drawn if each.kind == kind} for kind in range(4)]
    assert of_kind == [{1, 2, 3, 4}, {5, 6}, {1, 2, 3, 4}, {7, 8}]
    assert {each.needed - each.arrives for each in drawn} == {12, 26, 30}
    shares = Counter(each.stay for each in drawn)
    assert all(0.10 < shares[weeks] / len(drawn) < 0.15 for weeks in range(1, 9))


def test_what_still_runs_counts_as_long_as_it_is_known_to_run() -> None:
    """The weeks of remission with 6-MP (Freireich, 1963), as textbooks tabulate the shares left."""
    ended = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    running = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    found = Lasting.of(ended, running, "history")
    assert (found.number, found.median, found.between) == (9, 23, (13, None))
    drawn = Counter(found.drawn(at / 10_000) for at in range(10_000))
    left = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.627, 22: 0.538, 23: 0.448, 35: 0}
    gone = np.cumsum([drawn[weeks] for weeks in left]) / 10_000
    assert gone.tolist() == pytest.approx([1 - each for each in left.values()], abs=0.001)


def test_without_any_that_runs_each_is_drawn_as_often_as_it_was_counted() -> None:
    found = Lasting.of([0, 0, 3, 5], [], "round")
    assert [found.drawn(at / 8) for at in range(8)] == [0, 0, 0, 0, 3, 3, 5, 5]
    assert found.drawn(1.0) == 5
    assert found.longer(2).drawn(0.6) == 5
    assert Lasting.of([], [4], "round").median is None
    assert Lasting.of([], [], "round").between == (None, None)


@pytest.mark.parametrize(
    ("declined", "answered", "low", "high"),
    [(0, 10, 0.0, 0.278), (9, 60, 0.081, 0.261), (5, 5, 0.566, 1.0)],
)
def test_the_interval_of_a_share(declined: int, answered: int, low: float, high: float) -> None:
    """Against Wilson's own as tables have it."""
    found = Refusals(declined, answered, "history")
    assert found.share == round(declined / answered, 4)
    assert found.between == pytest.approx((low, high), abs=0.001)
    assert (Refusals(0, 0, "round").share, Refusals(0, 0, "round").between) == (None, (None, None))
