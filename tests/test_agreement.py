"""The product against an independent reading of the contract: oracle.py, and what was handed out."""

from __future__ import annotations

import json
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

import oracle
from builders import (
    a_carer,
    a_household,
    a_request,
    as_read,
    one_pair,
    proves,
    solved,
)
from matcher import geo
from matcher.errors import Fault, WrongInput
from matcher.loading import load
from matcher.policy.aims import AIMS
from matcher.policy.reading import override
from matcher.policy.rules import RULES
from matcher.rounds import Prepared, match, prepare
from random_rounds import DECISION_COLUMNS, write_round

ROOT = Path(__file__).parents[1]
EXPECTED = ROOT / "tests" / "shared" / "expected"
OUTCODES = {name: (point.easting, point.northing) for name, point in geo.outcodes().items()}
SHAPES = ((20, 30), (25, 12), (8, 60), (1, 9), (9, 1))


# A rule that differs from the oracle's on any pair of these rounds is a difference.
EVERY_RULE = proves(", ".join(rule.clause for rule in RULES))


def judged(folder: Path) -> oracle.Verdict:
    return oracle.judge(folder, outcodes=OUTCODES)


def made(folder: Path, **policy: object) -> tuple[Prepared, dict[str, Any]]:
    """A folder's round and its records, as they come back from JSON, with every household."""
    inputs, settings = load(folder, None, None)
    faults: list[Fault] = []
    changes = {key.replace("__", "."): value for key, value in policy.items()}
    prepared = prepare(inputs, override(settings, changes, "test", faults, asks_reasons=False), 0)
    assert not faults
    return prepared, as_read(match(prepared))


def hundredths(value: float) -> int:
    return int(Decimal(str(value)) * 100)


# What was handed out with the contract


def told(folder: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The oracle's word on a folder, in the form of what was handed out."""
    verdict = judged(folder)
    pins = {**verdict.confirmed, **verdict.chosen}
    requests: list[dict[str, Any]] = []
    for name, says in verdict.requests.items():
        one: dict[str, Any] = {"request_id": name, "state": says.state, "outcome": says.screening}
        one |= {"regime": says.regime, "urgency": says.urgency, "late_days": says.late_days}
        if says.screening == "matchable":
            one |= {"provisional": list(says.provisional), "pinned": pins.get(name)}
        if says.failed:
            one["failed"] = {home: " ".join(sorted(f)) for home, f in says.failed.items()}
        requests.append(one)
    homes: list[dict[str, Any]] = []
    for name, home in verdict.homes.items():
        if home.lives_there or home.free_again or home.nobody_can_say or home.kept_for:
            again = None if home.free_again is None else home.free_again.isoformat()
            one = {"household_id": name, "lives_there": home.lives_there, "again_from": again}
            one |= {"nobody_can_say": home.nobody_can_say, "kept_for": list(home.kept_for)}
            homes.append(one)
    return requests, homes


def expected_of(name: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What was handed out, with the contract's key of the duty that has another name there."""
    expected = json.loads((EXPECTED / f"{name}.expected.json").read_text("utf-8"))
    keys = {"concerns_not_considered": "fostering_concerns"}
    for one in expected["requests"]:
        if "provisional" in one:
            one["provisional"] = [keys.get(key, key) for key in one["provisional"]]
    return expected["requests"], expected["households"]


@pytest.mark.parametrize("name", ["round-32", "round-44"])
def test_the_oracle_says_what_came_with_the_contract(name: str) -> None:
    requests, homes = told(EXPECTED / name)
    wanted, holding = expected_of(name)
    assert requests == wanted
    assert homes == holding


@pytest.mark.parametrize("name", ["round-32", "round-44"])
def test_the_rounds_that_came_with_the_contract(name: str) -> None:
    _, record = made(EXPECTED / name)
    expected, holding = expected_of(name)
    assert [one["request_id"] for one in record["requests"]] == [o["request_id"] for o in expected]
    wrong: list[object] = []
    for one, wanted in zip(record["requests"], expected, strict=True):
        outcome = one["outcome"] if one["outcome"] not in ("proposed", "unplaced") else "matchable"
        failed = {each["household_id"]: "" for each in one["ranked"]}
        for each in one["ineligible"]:
            failed[each["household_id"]] = " ".join(sorted(f["rule"] for f in each["failed"]))
        proposal = one["proposal"]
        pinned = proposal["household_id"] if proposal and proposal["pinned"] else None
        found = {**one, "outcome": outcome, "failed": failed, "pinned": pinned}
        name = one["request_id"]
        wrong += [(name, k, found[k], wanted[k]) for k in wanted if found[k] != wanted[k]]
    homes = {home["household_id"]: home for home in record["households"]}
    for home in holding:
        found = homes[home["household_id"]]
        if home["nobody_can_say"]:
            assert found["free_from"] is None, home
        elif home["again_from"]:
            assert found["free_from"] >= home["again_from"], home
        if home["kept_for"] and found["outcome"] != "proposed":
            assert found["outcome"] == "kept_for", home
    assert not wrong


# Every pair of random rounds


HOUSEHOLD_ALONE = ("approved", "trained", "assessed", "accommodation")
SET_ASIDE = ("choice_set_aside", "decision_set_aside")


def differences(folder: Path) -> list[object]:
    """Where the product and the oracle differ on a folder, pair by pair."""
    prepared, record = made(folder)
    verdict = judged(folder)
    wrong: list[object] = []

    def hold(where: object, mine: object, theirs: object) -> None:
        if mine != theirs:
            wrong.append((where, mine, theirs))

    ids = [one["request_id"] for one in record["requests"]]
    hold("requests", ids, list(verdict.requests))
    rows = {name: row for row, name in enumerate(prepared.columns.request_ids)}
    pins = {**verdict.confirmed, **verdict.chosen}
    held_by_people = {*pins.values(), *(h for h, home in verdict.homes.items() if home.taken)}
    part = [n for n, one in verdict.requests.items() if one.screening == "matchable" or n in pins]
    for one in record["requests"]:
        name = one["request_id"]
        says = verdict.requests[name]
        proposal = one["proposal"]
        for key in ("state", "regime", "urgency", "late_days"):
            hold((name, key), one[key], getattr(says, key))
        outcome = one["outcome"]
        if name in part:
            hold((name, "outcome"), outcome in ("proposed", "unplaced"), True)
            hold((name, "outcome"), outcome == "proposed", proposal is not None)
        else:
            hold((name, "outcome"), outcome, says.screening)
            hold((name, "proposal"), proposal, None)
        hold((name, "provisional"), one["provisional"], list(says.provisional))
        pinned = proposal["household_id"] if proposal and proposal["pinned"] else None
        hold((name, "pinned"), pinned, pins.get(name))
        failed = {each["household_id"]: frozenset[str]() for each in one["ranked"]}
        for each in one["ineligible"]:
            failed[each["household_id"]] = frozenset(f["rule"] for f in each["failed"])
        for home in sorted({*failed, *says.failed}):
            hold((name, home, "failed"), failed.get(home), says.failed.get(home))
        ranked = one["ranked"]
        hold((name, "rank"), {e["household_id"]: e["rank"] for e in ranked}, says.rank)
        hold((name, "fit"), {e["household_id"]: hundredths(e["fit"]) for e in ranked}, says.fit)
        for each in ranked:
            points = {
                c["name"]: hundredths(c["points"])
                for c in each["criteria"]
                if c["value"] is not None
            }
            theirs = says.points.get(each["household_id"])
            hold((name, each["household_id"], "points"), points, theirs)
        near = [
            (len(e["failed"]), says.miles.get(e["household_id"]) or 0.0, e["household_id"])
            for e in one["ineligible"]
        ]
        hold((name, "nearest misses first"), near, sorted(near))
        if name in rows and says.failed:
            row = rows[name]
            for column, home in enumerate(prepared.columns.household_ids):
                case = prepared.pair(row, column)
                hold((name, home, "starts_on"), case.day("start"), says.starts_on[home])
                hold((name, home, "miles"), case.miles, says.miles[home])
                points_of = case.number("relationship_points")
                hold((name, home, "relationship"), points_of, says.relationship[home])
            soonest = int(prepared.of_request["needed_soonest"][row])
            hold((name, "soonest"), soonest, says.needed_soonest)
        if proposal is not None and says.failed:
            home = proposal["household_id"]
            hold((name, "proposed rank"), proposal["rank"], says.rank.get(home))
            hold((name, "proposed fit"), hundredths(proposal["fit"]), says.any_fit[home])
            if not proposal["pinned"]:  # a confirmed one may have its own day
                hold((name, "proposed start"), proposal["starts_on"], str(says.starts_on[home]))
        blocked = {each["rule"]: (each["households"], each["only"]) for each in one["blocked_by"]}
        fails = list(says.failed.values())
        counted = {
            rule: (sum(rule in f for f in fails), sum(f == {rule} for f in fails))
            for rule in oracle.RULES
            if any(rule in f for f in fails)
        }
        hold((name, "blocked_by"), blocked, counted)
        free = [e["free_rank"] for e in ranked if e["household_id"] not in held_by_people]
        hold((name, "free_rank"), free, list(range(1, len(free) + 1)))
        held = [e["free_rank"] for e in ranked if e["household_id"] in held_by_people]
        hold((name, "free_rank of the pinned"), held, [None] * len(held))
    aside = {
        (each["request_id"], each["household_id"])
        for each in record["alerts"]
        if each["kind"] in SET_ASIDE
    }
    hold("set aside", aside, verdict.set_aside)
    counts = record["counts"]
    placed = sum(one.state == "placed" for one in verdict.requests.values())
    hold("counted", counts["requests"], len(verdict.requests))
    hold("placed", counts["placed"], placed)
    hold("matchable", counts["matchable"], len(part))
    provisional = sum(bool(one.provisional) for one in verdict.requests.values())
    hold("provisional", counts["provisional"], provisional)
    hold("eligible", counts["eligible_pairs"], sum(len(verdict.requests[n].fit) for n in part))
    hold("unplaced", counts["unplaced"], len(part) - counts["proposed"])
    hold("households", counts["households"], len(verdict.homes))
    proposed = {(o["proposal"] or {}).get("household_id") for o in record["requests"]}
    outcomes = []
    for found in record["households"]:
        name = found["household_id"]
        home = verdict.homes[name]
        appears = sum(name in verdict.requests[n].fit for n in part)
        hold((name, "appears_in"), found["appears_in"], appears)
        day = None if home.free_from is None else home.free_from.isoformat()
        hold((name, "free_from"), found["free_from"], day)
        outcome = "closed" if home.alone else "free"
        not_free = (
            home.free_from is None
        )  # as after a stay of which nobody has asked who lives there
        outcome = "occupied" if home.runs or home.taken or not_free else outcome
        outcome = "kept_for" if home.kept_for else outcome
        outcome = "proposed" if name in proposed else outcome
        outcomes.append(outcome)
        hold((name, "outcome"), found["outcome"], outcome)
        alone = [rule for rule in found["closed_by"] if rule in HOUSEHOLD_ALONE]
        hold((name, "closed by"), alone, [r for r in HOUSEHOLD_ALONE if r in home.alone])
    hold("open", counts["open_households"], sum(o not in ("occupied", "closed") for o in outcomes))
    return wrong


@EVERY_RULE
@pytest.mark.parametrize("first", range(0, 125, 25))
def test_every_pair_of_dense_rounds(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 25):
        folder = tmp_path / str(seed)
        shape = 1 + seed % 6, 1 + seed % 7
        own = seed % 4 == 3
        write_round(folder, seed, *shape, dense=True, pins=seed % 5 == 0, settings_too=own)
        assert not differences(folder), seed


@EVERY_RULE
@pytest.mark.parametrize("seed", range(15))
def test_every_pair_of_sparse_rounds(tmp_path: Path, seed: int) -> None:
    shape = SHAPES[seed % len(SHAPES)]
    write_round(tmp_path, seed, *shape, pins=seed % 3 == 0, settings_too=seed % 4 == 3)
    assert not differences(tmp_path)


@EVERY_RULE
@pytest.mark.parametrize("sample", ["camden", "tutorial"])
def test_every_pair_of_the_samples(sample: str) -> None:
    assert not differences(ROOT / "data" / "samples" / sample)


def test_an_arrangement_that_has_ended_does_not_date_the_next_one(tmp_path: Path) -> None:
    """It is read as a placement: nobody said why it ended, so its own family isn't asked again."""
    ended = {
        "request_id": "R1",
        "household_id": "H1",
        "decision": "confirmed",
        "decided_on": "2026-05-01",
        "started_on": "2026-05-10",
        "ended_on": "2026-08-01",
    }
    tables = {**one_pair(), "requests": [a_request("R1"), a_request("R2")], "decisions": [ended]}
    first, second = as_read(solved(tmp_path, tables))["requests"]
    failed = [rule["rule"] for home in first["ineligible"] for rule in home["failed"]]
    assert failed == ["ended_before"]
    assert second["proposal"]["starts_on"] == "2026-12-07"


# The whole round, by brute force


def choose(folder: Path, verdict: oracle.Verdict, seed: int) -> bool:
    """Add to a folder, where it can, a choice of an eligible pair; whether it could."""
    held = {*verdict.confirmed, *verdict.confirmed.values(), *verdict.chosen}
    held |= {*verdict.chosen.values(), *(h for h, home in verdict.homes.items() if home.taken)}
    rows = oracle._table(folder, "decisions")
    decided = {(row["requestid"], row["householdid"]) for row in rows}
    free = [
        (name, home)
        for name, one in verdict.requests.items()
        for home in one.fit
        if one.screening == "matchable" and not {name, home} & held and (name, home) not in decided
    ]
    if not free:
        return False
    pair = Random(seed).choice(free)
    rows.append(dict(zip(("requestid", "householdid"), pair, strict=True)))
    rows[-1] |= {"decision": "choose", "decidedon": verdict.as_of.isoformat()}
    names = [column.replace("_", "") for column in DECISION_COLUMNS]
    lines = [",".join(names)]
    lines += [",".join(f'"{r.get(n, "")}"'.replace('"not now"', "") for n in names) for r in rows]
    (folder / "decisions.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return True


def whole_round(folder: Path, **limits: float) -> dict[str, Any] | None:
    """Hold a round against brute force; None where what people chose breaks a limit."""
    verdict = judged(folder)
    policy: dict[str, object] = {f"limits__{name}": value for name, value in limits.items()}
    try:
        best = oracle.best_round(verdict, **limits)  # type: ignore[arg-type]
    except ValueError:
        with pytest.raises(WrongInput):
            made(folder, **policy)
        return None
    prepared, record = made(folder, **policy)
    assert [each["name"] for each in record["objective"]] == [aim.key for aim in AIMS]
    assert [each["value"] for each in record["objective"]] == list(best.aims)
    assert all(each["optimal"] and each["bound"] == each["value"] for each in record["objective"])
    proposed = {
        o["request_id"]: (o["proposal"] or {}).get("household_id") for o in record["requests"]
    }
    assert proposed == {name: best.assignment.get(name) for name in verdict.requests}
    for one in record["requests"]:
        for each in one["ranked"]:
            check_price(verdict, best, prepared, one, each, limits)
    return record


def check_price(
    verdict: oracle.Verdict,
    best: oracle.Best,
    prepared: Prepared,
    one: dict[str, Any],
    each: dict[str, Any],
    limits: dict[str, float],
) -> None:
    """One cost_to_round against brute force with the pair forced; its moves reach what it says.

    Where a limit on fees or on nearness is in play, those of the proposal and of the three best are
    there, and others may be; with a limit of each team alone, all are.
    """
    name, home, cost = one["request_id"], each["household_id"], each["cost_to_round"]
    pins = {**verdict.confirmed, **verdict.chosen}
    held = home in pins.values() or name in pins or verdict.homes[home].taken
    held = held or verdict.requests[name].screening != "matchable"
    limited = bool(prepared.problem.limits or prepared.problem.conflicts)
    teams_alone = not prepared.problem.conflicts and "weekly_fees" not in limits
    shown = each["rank"] <= 3 or home == (one["proposal"] or {}).get("household_id")
    if held:
        assert cost is None
        return
    try:
        forced = oracle.best_round(verdict, {**pins, name: home}, **limits)  # type: ignore[arg-type]
    except ValueError:  # over a limit, or too near a family that is pinned
        assert cost is None
        return
    if limited and not shown and not teams_alone and cost is None:
        return
    losses = [was - now for was, now in zip(best.aims, forced.aims, strict=True)]
    assert list(cost["aims"].values()) == losses, (name, home)
    assert list(cost["aims"]) == [aim.key for aim in AIMS]
    after = dict(best.assignment)
    for move in cost["moves"]:
        assert after[move["request_id"]] == move["from"] != move["to"], (name, home)
        after[move["request_id"]] = move["to"]
    placed = [there for there in after.values() if there is not None]
    assert after[name] == home
    assert len(placed) == len(set(placed)), "two families in one home"
    reached = [0] * len(AIMS)
    for who, there in after.items():
        if there is not None:
            may = who in pins or there in verdict.requests[who].fit
            assert may, f"{who} is moved to {there}, which it can't go to"
            gains = oracle.worth(verdict, who, there)
            reached = [sum(two) for two in zip(reached, gains, strict=True)]
    assert reached == list(forced.aims), (name, home)


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_the_whole_round_and_every_price(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 20):
        folder = tmp_path / str(seed)
        write_round(folder, seed, 2 + seed % 5, 3 + seed % 4, dense=True, pins=seed % 3 == 0)
        if seed % 4 == 0:
            choose(folder, judged(folder), seed)
        assert whole_round(folder) is not None


@pytest.mark.parametrize("first", range(1000, 1012, 4))
def test_crowded_rounds(tmp_path: Path, first: int) -> None:
    for seed in range(first, first + 4):
        folder = tmp_path / str(seed)
        write_round(folder, seed, 9, 5, dense=True, pins=seed % 2 == 0)
        assert whole_round(folder) is not None


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"new_per_team": 1},
        {"new_per_team": 0},
        {"weekly_fees": 1300},
        {"weekly_fees": 1850.5},
        {"new_per_team": 1, "weekly_fees": 1850},
        {"new_per_team": 100, "weekly_fees": 100_000},
    ],
    ids=str,
)
@pytest.mark.parametrize("apart", [False, True], ids=["", "keep_apart"])
def test_the_whole_round_under_limits(
    tmp_path: Path, limits: dict[str, float], apart: bool
) -> None:
    if not limits and not apart:
        return  # test_the_whole_round_and_every_price has this one
    for seed in range(200, 212):
        folder = tmp_path / str(seed)
        shape = 2 + seed % 5, 3 + seed % 4
        write_round(folder, seed, *shape, dense=True, keep_apart=apart, pins=seed % 2 == 0)
        if seed % 3 == 0:
            choose(folder, judged(folder), seed)
        whole_round(folder, **limits)


@pytest.mark.parametrize(("least", "homes"), [("{}", ["H1", "H2"]), ("{}1", ["H1", None])])
def test_kept_apart_by_exactly_so_many_miles(
    least: str, homes: list[str | None], tmp_path: Path
) -> None:
    miles = oracle.miles_apart(OUTCODES["NW5"], OUTCODES["E8"])
    least = least.format(miles)  # 3.7 is far enough where 3.7 is asked for, and not 3.71
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household("H1"), a_household("H2", postcode="E8")],
        "carers": [a_carer("H1"), a_carer("H2")],
        "keep_apart": [{"request_id": "R2", "other_request_id": "R1", "min_miles": least}],
    }
    record = as_read(solved(tmp_path, tables))
    found = [(one["proposal"] or {}).get("household_id") for one in record["requests"]]
    assert found == homes


def test_limits_take_effect_in_some_of_these_rounds(tmp_path: Path) -> None:
    """The brute force above compares nothing where no limit ever changes a round."""
    changed = 0
    for seed in range(200, 212):
        folder = tmp_path / str(seed)
        write_round(folder, seed, 2 + seed % 5, 3 + seed % 4, dense=True, keep_apart=True)
        verdict = judged(folder)
        rounds = [
            oracle.best_round(verdict, keep_apart=()).aims,
            oracle.best_round(verdict).aims,
            oracle.best_round(verdict, new_per_team=1).aims,
            oracle.best_round(verdict, new_per_team=1, weekly_fees=1300).aims,
        ]
        changed += sum(one != other for one, other in pairwise(rounds))
    assert changed >= 8
