"""What if: scenarios, every single change, prices by choosing, next-best rounds, how firm it is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from builders import (
    a_carer,
    a_household,
    a_policy,
    a_request,
    as_read,
    one_pair,
    read_tables,
    write_tables,
)
from matcher.cli import run
from matcher.errors import WrongInput
from matcher.intake.edits import Edit, apply
from matcher.intake.inputs import Inputs
from matcher.loading import load
from matcher.policy.settings import Policy
from matcher.rounds import SolvedRound, match, prepare
from matcher.solve.problem import UNPLACED
from matcher.verification import verify
from matcher.whatif import KINDS, Scenario, each, read_options, read_scenarios, what_if
from matcher.whatif import words as report
from matcher.whatif.acts import ACTS
from matcher.whatif.each import _recruits, recruit
from matcher.whatif.firmness import firmness
from matcher.whatif.next_rounds import next_rounds
from random_rounds import write_round

CAMDEN = Path("data/samples/camden")
SEEDS = range(8)


def a_round(folder: Path, seed: int, policy: Policy | None = None, **shape: bool) -> SolvedRound:
    """A solved random round; a small one, in which much is contended."""
    write_round(folder, seed, 6, 12, dense=seed % 2 == 0, pins=seed % 3 == 0, **shape)
    inputs, found = load(folder, None, None)
    return match(prepare(inputs, policy or found, 0))


def again(now: SolvedRound, inputs: Inputs) -> SolvedRound:
    return match(prepare(inputs, now.prepared.policy, 0))


def homes(solved: SolvedRound) -> dict[str, str | None]:
    names = solved.prepared.columns.household_ids
    rows = zip(solved.prepared.columns.request_ids, solved.household.tolist(), strict=True)
    return {request: None if home == UNPLACED else names[home] for request, home in rows}


# Scenarios


@pytest.mark.parametrize("seed", SEEDS)
def test_a_scenario_that_changes_nothing_changes_nothing(tmp_path: Path, seed: int) -> None:
    now = a_round(tmp_path / "r", seed, keep_apart=seed % 4 == 3)
    difference = what_if(now, read_options({}, now.prepared.inputs, now.prepared.policy))
    record = report.difference_record(difference)
    assert record["name"] == "Nothing changes"
    assert all(each["now"] == each["then"] for each in record["aims"].values())
    assert record["placed"]["now"] == record["placed"]["then"]
    for key in ("moves", "newly_eligible", "no_longer_eligible", "still_not_eligible", "rules"):
        assert record[key] == []
    assert "Nobody moves." in "\n".join(report.whatif_text([difference]))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_data_stay_as_they_are(tmp_path: Path, seed: int) -> None:
    now = a_round(tmp_path / "r", seed)
    before = as_read(now)
    inputs = now.prepared.inputs
    home = inputs.households[0].household_id
    for key in ("train", "second_carer", "close", "open", "bedroom"):
        what_if(now, read_options({key: [home]}, inputs, now.prepared.policy))
    assert as_read(again(now, inputs)) == before


@pytest.mark.clause("PC-5.1a")
@pytest.mark.parametrize("seed", range(30, 42))
def test_training_a_carer_never_lowers_what_is_placed(tmp_path: Path, seed: int) -> None:
    now = a_round(tmp_path / "r", seed)
    for home in now.prepared.columns.household_ids:
        made = read_options({"train": home}, now.prepared.inputs, now.prepared.policy)
        then = what_if(now, made)
        assert [b for _, b in then.aims.values()] >= [a for a, _ in then.aims.values()]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(50, 56))
def test_every_change_equals_its_own_round(tmp_path: Path, kind: str, seed: int) -> None:
    """The shortcut for all households at once says what a round of each change alone says."""
    policy = a_policy(**{"limits.new_per_team": 2}) if seed % 3 == 1 else None
    now = a_round(tmp_path / "r", seed, policy, keep_apart=seed % 5 == 3)
    inputs = now.prepared.inputs
    found = {one.household_id: one for one in each(now, kind)}
    order = [([-gain for gain in one.gains], one.household_id) for one in found.values()]
    assert order == sorted(order)
    if kind == "recruit":
        changes = {home: edits for home, (_, edits) in _recruits(now.prepared)}
    else:
        changes = {h: ACTS[kind].edits(inputs, h) for h in now.prepared.columns.household_ids}
    held = {now.prepared.columns.household_ids[h] for h in now.prepared.pinned_households}
    for home, edits in changes.items():
        then = again(now, apply(inputs, edits))
        gains = tuple(np.subtract(then.totals, now.totals).tolist())
        if home in held or not any(gains):
            assert home not in found
            continue
        assert found[home].gains == gains
        more = [r for r, h in homes(then).items() if h is not None and homes(now)[r] is None]
        assert list(found[home].placed) == more


def test_a_household_made_for_a_family_is_eligible_for_it() -> None:
    inputs, policy = load(CAMDEN, None, None)
    prepared = prepare(inputs, policy, 0)
    for row, request in enumerate(inputs.requests):
        made = recruit(prepared, request, "one more")
        then = prepare(apply(inputs, (made,)), policy, 0)
        assert then.edge(row, then.household_at["one more"]) is not None, request.request_id


def families(**cells: str | None) -> dict[str, list[dict[str, str | None]]]:
    """R1 and R2 both want H1, the only household that both can have; H2 is not trained."""
    return {
        "requests": [a_request("R1", needed_from="2026-11-23"), a_request("R2")],
        "households": [a_household("H1"), a_household("H2"), a_household("H3", status="ended")],
        "carers": [a_carer("H1"), a_carer("H2", pc_trained_on=None, **cells), a_carer("H3")],
    }


def asked(tmp_path: Path, table: dict[str, object], policy: Policy | None = None, **more: object):
    inputs = read_tables(tmp_path, families() | more)
    now = match(prepare(inputs, policy or a_policy(), 0))
    return what_if(now, read_options(table, inputs, now.prepared.policy))


def test_what_a_scenario_says(tmp_path: Path) -> None:
    found = asked(tmp_path, {"train": "H2"})
    record = report.difference_record(found)
    assert record["placed"] == {"now": 1, "then": 2}
    assert record["waiting"] == {"now": 1, "then": 0}
    assert record["moves"] == [
        {"request_id": "R2", "from": None, "to": "H2", "asked": True, "held_back_by": None}
    ]
    opened = [(p["request_id"], p["household_id"], p["rules"]) for p in record["newly_eligible"]]
    assert opened == [("R1", "H2", ("trained", "assessed")), ("R2", "H2", ("trained", "assessed"))]
    (trained, *_) = record["rules"]
    assert (trained["rule"], trained["now"], trained["then"]) == ("trained", 2, 0)
    lines = list(report.scenario_lines(found))
    assert "2 families placed, instead of 1; 0 waiting, instead of 1." in lines
    assert "Who moves: R2 → H2 (no household today)." in lines
    assert "H2 becomes eligible for R1 and R2. It failed: trained and assessed." in lines


@pytest.mark.parametrize(
    ("table", "moves"),
    [
        ({"close": "H1"}, [("R1", "H1", None)]),
        ({"open": "H3"}, [("R2", None, "H3")]),
        ({"without": "R1"}, [("R1", "H1", None), ("R2", None, "H1")]),
        ({"choose": "R2:H1"}, [("R1", "H1", None), ("R2", None, "H1")]),
        ({"rule_out": ["R1:H1"]}, [("R1", "H1", None), ("R2", None, "H1")]),
        ({"set": {"H1.bedrooms": 0}}, [("R1", "H1", None)]),
        ({"set": {"R1.must_avoid": "dog", "H1.features": "dog"}}, [("R1", "H1", None), ("R2", None, "H1")]),
        ({"set": {"H2-1.pc_trained_on": "2026-01-01"}}, [("R2", None, "H2")]),
        ({"policy": {"training_valid_months": 1}}, [("R1", "H1", None)]),
        ({"train": "H2", "rule_out": "R2:H2"}, [("R1", "H1", "H2"), ("R2", None, "H1")]),
    ],
    ids=str,
)  # fmt: skip
def test_each_kind_of_change(tmp_path: Path, table: dict[str, object], moves: list[object]) -> None:
    found = asked(tmp_path, table)
    assert [(m.request_id, m.left, m.to) for m in found.moves] == moves


def test_a_household_that_closes_loses_whom_people_chose_it_for(tmp_path: Path) -> None:
    decision = {"request_id": "R2", "household_id": "H1", "decision": "choose", "decided_on": "2026-11-20"}  # fmt: skip
    found = asked(tmp_path, {"close": "H1"}, decisions=[decision])
    assert [(m.request_id, m.left, m.to) for m in found.moves] == [("R2", "H1", None)]
    found = asked(tmp_path, {"choose": "R1:H1"}, decisions=[decision])
    assert [(m.request_id, m.to) for m in found.moves] == [("R1", "H1"), ("R2", None)]


def lived(request_id: str, started_on: str, **cells: str | None) -> dict[str, object]:
    row = {"request_id": request_id, "household_id": "H1", "started_on": started_on, **cells}
    return {"placements": [row]}


@pytest.mark.parametrize(
    ("table", "placements", "moves"),
    [
        ({"open": "H1"}, lived("R9", "2026-09-07", planned_end_on="2027-06-01"), [("R1", None, "H1")]),
        (
            {"open": "H1"},
            lived("R9", "2026-09-07", ended_on="2026-11-22", ended_because="planned"),
            [("R1", None, "H1"), ("R2", "H1", None)],
        ),
        ({"open": "H1"}, lived("R2", "2026-11-30"), []),
        (
            {"open": "H1", "without": "R2"},
            lived("R1", "2026-09-07", ended_on="2026-11-01", ended_because="carers_asked"),
            [("R2", "H1", None)],
        ),
    ],
    ids=["lives there", "left yesterday", "agreed for later stands", "ended early stands"],
)  # fmt: skip
def test_a_household_that_opens_has_nobody_living_there(
    tmp_path: Path, table: dict[str, object], placements: dict[str, object], moves: list[object]
) -> None:
    found = asked(tmp_path, table, **placements)
    assert [(m.request_id, m.left, m.to) for m in found.moves] == moves


def test_a_household_that_stays_shut_is_told_with_what_it_fails(tmp_path: Path) -> None:
    (still,) = asked(tmp_path, {"second_carer": "H2"}).still
    assert (still.household_id, still.rules) == ("H2", ("trained", "assessed"))


def test_a_choice_that_breaks_a_rule_is_wrong_input(tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match="breaks trained"):
        asked(tmp_path, {"choose": "R1:H2"})


def test_other_weights_make_another_fit(tmp_path: Path) -> None:
    found = asked(tmp_path, {"weight": {"distance": 50}})
    assert found.counted_otherwise == ["fit"]
    assert "do not compare: fit in all." in " ".join(report.scenario_lines(found))
    assert asked(tmp_path, {"policy": {"turnaround_days": 9}}).counted_otherwise == []
    found = asked(tmp_path, {"policy": {"horizon_days": 9, "relationship": {"known_to_family": 2}}})
    assert found.counted_otherwise == ["relationship", "needed_soonest"]


WEIGHTS = ("language", "ethnicity", "religion", "distance", "school", "skills", "impact")
NEW = {
    "household_id": "H9",
    "status": "approved",
    "postcode": "NW5",
    "accommodation_suitable": True,
    "bedrooms": 2,
    "looked_after_children": 0,
    "features": ["none"],
    "carers": [
        {
            "approved": True,
            "pc_trained_on": "2026-01-01",
            "pc_assessed_on": "2026-01-01",
            "skills": ["monitoring_and_recording", "parenting_advice"],
        }
    ],
}


def test_a_new_household_joins(tmp_path: Path) -> None:
    found = asked(tmp_path, {"household": [NEW]})
    assert found.name == "H9 joins"
    assert [(m.request_id, m.left, m.to) for m in found.moves] == [("R2", None, "H9")]


def test_a_file_may_hold_several_scenarios(tmp_path: Path) -> None:
    inputs = read_tables(tmp_path / "data", families())
    (tmp_path / "new.toml").write_text(
        'household_id = "H9"\nstatus = "approved"\npostcode = "NW5"\nlooked_after_children = 0\n'
        'accommodation_suitable = true\nbedrooms = 2\nfeatures = "none"\n[[carers]]\n'
        "approved = true\npc_trained_on = 2026-01-01\npc_assessed_on = 2026-01-01\n"
        'skills = "monitoring_and_recording;parenting_advice"\n'
    )
    file = tmp_path / "some.toml"
    file.write_text(
        '[[scenario]]\nname = "one"\ntrain = "H2"\n[[scenario]]\nadd_household = "new.toml"\n'
        "policy = { turnaround_days = 3 }\n"
    )
    one, two = read_scenarios(file, inputs, a_policy())
    assert (one.name, two.name) == ("one", "H9 joins, turnaround days = 3")
    now = match(prepare(inputs, a_policy(), 0))
    assert [what_if(now, s).placed for s in (one, two)] == [(1, 2), (1, 2)]
    file.write_text('train = "H2"\n')
    assert [s.name for s in read_scenarios(file, inputs, a_policy())] == [
        "H2 has a carer trained and assessed"
    ]


@pytest.mark.parametrize(
    ("table", "column", "problem"),
    [
        ({"trian": "H2"}, "trian", "no scenario has such a key. did you mean train?"),
        ({"train": "H22"}, "train", "there is no such household"),
        ({"train": 5}, "train", "not a list of ids"),
        ({"without": "H2"}, "without", "there is no such request"),
        ({"choose": "R1-H1"}, "choose", "there is no such pair"),
        ({"set": {"H1.bedroom": 2}}, "set", "there is no such cell"),
        ({"set": {"H1.household_id": "H2"}}, "set", "there is no such cell"),
        ({"set": {"H1.bedrooms": "many"}}, "set.H1.bedrooms", "whole number"),
        ({"set": {"H1.status": ""}}, "set.H1.status", "can't be blank"),
        ({"set": {"R1.latest_start": "2026-01-01"}}, "set.R1.latest_start", "before needed_from"),
        ({"set": "x"}, "set", "not a table"),
        ({"weight": {"langauge": 3}}, "weights.langauge", "did you mean weights.language"),
        ({"policy": {"turnaround_days": -1}}, "turnaround_days", "is not between"),
        ({"household": [{**NEW, "household_id": "H1"}]}, "household", "has this household"),
        ({"household": [{**NEW, "rooms": 2}]}, "household.rooms", "no such column"),
        ({"household": [{**NEW, "postcode": "?"}]}, "household.postcode", ""),
        ({"household": "H9"}, "household", "not a table"),
        ({"choose": ["R1:H1", "R2:H1"]}, "choose", "contradicts"),
        ({"choose": ["R1:H1", "R1:H3"]}, "choose", "contradicts"),
        ({"choose": "R1:H1", "rule_out": "R1:H1"}, "choose", "contradicts"),
        ({"choose": "R1:H1", "without": "R2", "close": "H1"}, "choose", "contradicts"),
        ({"open": "H3", "close": "H3"}, "close", "opens it, too"),
        ({"name": "a\nb"}, "name", "one line"),
        ({"name": 5}, "name", "one line"),
        ({"policy": {"weights": dict.fromkeys(WEIGHTS, 0)}}, "weights", "no criterion counts"),
        ({"household": [{**NEW, "household_id": " H1 "}]}, "household", "has this household"),
        (
            {"household": [{**NEW, "carers": [{"carer_id": "H1-1", "approved": "yes"}]}]},
            "household.carers",
            "has this carer",
        ),
        ({"household": [{**NEW, "carers": "many"}]}, "household.carers", "not a table"),
        ({"set": {"R1.status": "closed"}}, "set", "without ="),
        ({"policy": {"weights": 3}, "weight": {"language": 4}}, "weights", "no such setting"),
        ({"add_household": "nowhere.toml"}, None, "can't be read"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_scenario(
    tmp_path: Path, table: dict[str, object], column: str | None, problem: str
) -> None:
    inputs = read_tables(tmp_path, families())
    with pytest.raises(WrongInput) as wrong:
        read_options(table, inputs, a_policy())
    (fault, *_) = wrong.value.faults
    assert fault.column == column
    assert problem in f"{fault.problem} {fault.fix}".lower()


def test_all_faults_of_a_file_come_at_once(tmp_path: Path) -> None:
    inputs = read_tables(tmp_path / "data", families())
    file = tmp_path / "some.toml"
    same = '[[scenario]]\nname = "a"\ntrain = "H77"\n'
    file.write_text(same + same)
    with pytest.raises(WrongInput) as wrong:
        read_scenarios(file, inputs, a_policy())
    assert len(wrong.value.faults) == 2  # the two equal ones are one
    file.write_text('train = "H2"\n[[scenario]]\nname = "a"\n')
    with pytest.raises(WrongInput, match="mixes two forms"):
        read_scenarios(file, inputs, a_policy())
    file.write_text("scenario = []")
    with pytest.raises(WrongInput, match="no scenario in it"):
        read_scenarios(file, inputs, a_policy())
    for wrong_form in ("scenario = [1]", "scenario = 1", "[scenario]"):
        file.write_text(wrong_form)
        with pytest.raises(WrongInput, match="mixes two forms"):
            read_scenarios(file, inputs, a_policy())


def test_a_limit_that_only_the_change_brings_into_play_counts(tmp_path: Path) -> None:
    """One placement a team is no limit while the team has one household that anybody can have."""
    tables = families()
    for home in tables["households"]:
        home["team"] = "North"
    now = match(prepare(read_tables(tmp_path, tables), a_policy(**{"limits.new_per_team": 1}), 0))
    assert not now.prepared.problem.limits
    assert each(now, "open") == []
    apart = [{"request_id": "R1", "other_request_id": "R2", "min_miles": "5"}]
    inputs = read_tables(tmp_path / "apart", families() | {"keep_apart": apart})
    now = match(prepare(inputs, a_policy(), 0))
    assert not now.prepared.problem.conflicts
    assert each(now, "open") == []


def test_a_family_that_screening_would_hold_back_is_told_as_such(tmp_path: Path) -> None:
    found = asked(tmp_path, {"set": {"R1.parent_agrees": "no"}})
    said = " ".join(report.scenario_lines(found))
    assert "R1: H1 → has no consent; R2 → H1 (no household today)" in said


def test_a_household_with_unknown_bedrooms_has_no_one_more(tmp_path: Path) -> None:
    tables = {"households": [a_household("H1"), a_household("H2", bedrooms=None)]}
    found = asked(tmp_path, {"bedroom": "H2"}, **tables, carers=[a_carer("H1"), a_carer("H2")])
    assert found.moves == []


# Prices, by choosing


@pytest.mark.parametrize("limit", [None, 1, 2])
@pytest.mark.parametrize("seed", range(60, 66))
def test_a_price_is_what_choosing_the_pair_costs(
    tmp_path: Path, seed: int, limit: int | None
) -> None:
    policy = a_policy(**{"limits.new_per_team": limit}) if limit else None
    now = a_round(tmp_path / "r", seed, policy, keep_apart=seed % 3 == 0)
    record, priced = as_read(now), 0
    for request in record["requests"]:
        for ranked in request["ranked"]:
            cost, home = ranked["cost_to_round"], ranked["household_id"]
            proposed = request["proposal"] and request["proposal"]["household_id"] == home
            if proposed and cost is not None:
                assert (set(cost["aims"].values()), cost["moves"]) == ({0}, [])
            if cost is None or (request["proposal"] and request["proposal"]["pinned"]):
                continue
            pair = f"{request['request_id']}:{home}"
            scenario = read_options({"choose": pair}, now.prepared.inputs, now.prepared.policy)
            then = what_if(now, scenario)
            lost = dict(zip(then.aims, np.subtract(then.now.totals, then.then.totals), strict=True))
            assert lost == cost["aims"], pair
            priced += 1
    assert priced or not any(r["ranked"] for r in record["requests"] if r["outcome"] in ("proposed", "unplaced"))  # fmt: skip


@pytest.mark.clause("PC-5.1f")
def test_under_a_limit_the_proposal_and_the_three_best_have_a_price(tmp_path: Path) -> None:
    some = [f"H{n}" for n in range(1, 7)]
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household(h, team="North", weekly_fee="600") for h in some],
        "carers": [a_carer(h) for h in some],
    }
    policy = a_policy(**{"limits.weekly_fees": 900})
    inputs = read_tables(tmp_path, tables)
    now = match(prepare(inputs, policy, 0))
    record = as_read(now)
    (placed,) = [r for r in record["requests"] if r["outcome"] == "proposed"]
    costs = [each["cost_to_round"] is not None for each in placed["ranked"]]
    assert costs == [True, True, True, False, False, False]
    assert verify(record, inputs, policy) == []
    placed["ranked"][1]["cost_to_round"]["aims"]["fit"] += 1
    wrong = verify(record, inputs, policy)
    assert "is not what R1 with H2 costs the round" in wrong[0].problem
    placed["ranked"][1]["cost_to_round"] = None
    assert verify(record, inputs, policy)
    for cost in ({"aims": {}, "moves": "x"}, {"aims": 1}, 7, {"aims": {}, "moves": [{}]}):
        placed["ranked"][1]["cost_to_round"] = cost
        assert verify(record, inputs, policy)


def test_a_price_whose_moves_break_a_rule_is_found(tmp_path: Path) -> None:
    closed = a_household("H3", team="North", weekly_fee="600", status="suspended")
    some = [*(a_household(h, team="North", weekly_fee="600") for h in ("H1", "H2")), closed]
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": some,
        "carers": [a_carer(h) for h in ("H1", "H2", "H3")],
    }
    policy = a_policy(**{"limits.weekly_fees": 900})
    inputs = read_tables(tmp_path, tables)
    record = as_read(match(prepare(inputs, policy, 0)))
    assert verify(record, inputs, policy) == []
    one = record["requests"][1]["ranked"][0]["cost_to_round"]
    one["aims"]["fit"] = 7777
    one["moves"].append({"request_id": "R1", "from": "H1", "to": "H3"})
    assert verify(record, inputs, policy) != []


# The next-best rounds


@pytest.mark.parametrize("least", [1, 2])
@pytest.mark.parametrize("seed", range(70, 76))
def test_the_next_best_rounds_never_get_better_and_keep_every_rule(
    tmp_path: Path, seed: int, least: int
) -> None:
    now = a_round(tmp_path / "r", seed)
    problem, before = now.prepared.problem, [now.solution.household]
    last = (0,) * len(problem.aims)
    for found in next_rounds(now, 8, least):
        assert found.losses >= last
        last = found.losses
        household = now.solution.household.copy()
        for row, left, to in found.moves:
            assert household[row] == left != to
            household[row] = to
        problem.edges(household)  # every pair is eligible, else KeyError
        assert all((household != each).sum() >= least for each in before)
        before.append(household)


# How firm a proposal is


def weighed(now: SolvedRound, weights: np.ndarray, keys: list[str]) -> dict[str, str | None]:
    values = dict(now.prepared.policy.values)
    values |= {f"weights.{key}": float(weight) for key, weight in zip(keys, weights, strict=True)}
    policy = replace(now.prepared.policy, values=values)
    return homes(match(prepare(now.prepared.inputs, policy, 0)))


@pytest.mark.parametrize("seed", range(80, 86))
def test_firmness_is_what_rounds_with_other_weights_say(tmp_path: Path, seed: int) -> None:
    draws = 12
    now = a_round(
        tmp_path / "r", seed, a_policy(**{"stability.draws": draws, "stability.spread": 0.9})
    )
    found = firmness(now)
    keys = ["language", "ethnicity", "religion", "distance", "school", "skills", "impact"]
    weights = np.array([now.prepared.policy.number(f"weights.{key}") for key in keys])
    factors = np.random.default_rng(1).uniform(1 - 0.9, 1 + 0.9, (draws, len(keys)))
    rounds = [weighed(now, weights * each, keys) for each in factors]
    names = now.prepared.columns.household_ids
    for firm in found:
        request = now.prepared.columns.request_ids[firm.request]
        home = names[now.household[firm.request]]
        assert firm.stays == sum(each[request] == home for each in rounds)
        assert firm.stays + sum(n for _, n in firm.instead) == draws
        for one in firm.ranges:
            at = keys.index(one.criterion)
            for turn, step in ((one.down, 1), (one.up, -1)):
                if turn is None:
                    continue
                there, nearer = weights.copy(), weights.copy()
                there[at], nearer[at] = turn.weight, turn.weight + step
                to = None if turn.household == UNPLACED else names[turn.household]
                assert weighed(now, there, keys)[request] == to != home
                assert weighed(now, nearer, keys)[request] == home


@pytest.mark.parametrize("seed", range(90, 96))
def test_if_a_household_says_no_the_round_is_solved_without_it(tmp_path: Path, seed: int) -> None:
    now = a_round(
        tmp_path / "r", seed, a_policy(**{"stability.draws": 1, "stability.near_tie": 40})
    )
    for firm in firmness(now):
        home = now.prepared.columns.household_ids[now.household[firm.request]]
        closed = apply(now.prepared.inputs, (Edit("households", home, "status", "suspended"),))
        assert firm.withdrawn is not None
        losses = np.subtract(now.totals, again(now, closed).totals).tolist()
        assert [*firm.withdrawn.losses] == losses
        for tie in firm.near_ties:
            assert not any(tie.price.losses[:-1])
            assert 0 <= tie.price.losses[-1] <= 4000


def test_words_of_firmness_are_no_forecast() -> None:
    inputs, policy = load(CAMDEN, None, None)
    now = match(prepare(inputs, policy, 0))
    records = report.firm_record(now, firmness(now))
    text = "\n".join(report.firm_text(records)).lower()
    assert "nothing of how a placement will go" in text.replace("\n", " ")
    assert not any(word in text for word in ("success", "likely", "probab", "chance", "confiden"))
    assert {each["request_id"] for each in records} == {
        r for r, h in homes(now).items() if h is not None
    }


def test_nothing_proposed_is_firm_about_nothing(tmp_path: Path) -> None:
    now = match(
        prepare(read_tables(tmp_path, one_pair(a_request(parent_agrees="no"))), a_policy(), 0)
    )
    assert firmness(now) == []


# The command


def test_the_command_answers_every_kind_of_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(write_tables(tmp_path / "data", families()))

    def said(*arguments: str, status: int = 0) -> str:
        assert run(["whatif", folder, *arguments, "--quiet"]) == status
        text = capsys.readouterr().out
        return text if "--json" in arguments else " ".join(text.split())

    assert "R2 → H2 (no household today)" in said("--train", "H2", "--out", str(tmp_path / "out"))
    assert (tmp_path / "out" / "whatif.png").read_bytes()[:4] == b"\x89PNG"
    assert "R2 → H2" in (tmp_path / "out" / "whatif.txt").read_text("utf-8")
    some = json.loads(said("--set", "H1.bedrooms=0", "--weight", "distance=9.5", "--json"))
    assert some["scenarios"][0]["name"] == "H1.bedrooms = 0, distance weighs 9.5"
    file = tmp_path / "ask.toml"
    file.write_text('train = "H2"\n')
    assert "today (1) (2)" in said(str(file), "--open", "H3")
    assert "1. H2 has a carer trained" in said("--each", "train")
    assert "No single change of this kind" in said("--each", "bedroom")
    assert json.loads(said("--each", "recruit", "--json"))["changes"][0]["placed"] == ["R2"]
    assert "R1: H1 → unplaced" in said("--next-best", "2")
    assert "There is no other round" in said("--next-best", "1", "--differ", "5")
    assert "The same proposal in 500 of 500 draws" in said("--how-sure")
    assert json.loads(said("--how-sure", "--json"))["proposals"][0]["if_not_available"]["moves"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "Nothing is asked."),
        (["--train", "H1", "--how-sure"], "It is not clear what is asked."),
        (["--each", "trian"], "Did you mean train?"),
        (["--weight", "language"], "There is no '='."),
        (["--policy-set", "turnaround_days=soon"], "is not a number"),
        (["nowhere.toml"], "can't be read"),
    ],
)
def test_a_question_that_makes_no_sense(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    folder = str(write_tables(tmp_path / "data", families()))
    assert run(["whatif", folder, *arguments]) == 2
    assert says in capsys.readouterr().err


def test_what_asks_for_a_reason_is_said_though_it_may_be_tried(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Only of what the scenario changes, and only of what asks for one."""
    folder = str(write_tables(tmp_path / "data", families()))
    asked = "The hard rule terms: a policy file asks who decided it, and why (LAW-terms)."
    for setting, is_said in (("rules.terms=false", True), ("rules.trained=false", False)):
        assert run(["whatif", folder, "--policy-set", setting, "--quiet"]) == 0
        assert (asked in capsys.readouterr().out) == is_said


def test_the_scenarios_of_the_sample_can_be_asked() -> None:
    inputs, policy = load(CAMDEN, None, None)
    found = read_scenarios(CAMDEN / "scenarios.toml", inputs, policy)
    assert len(found) == 5
    assert all(isinstance(each, Scenario) for each in found)


@pytest.mark.clause("PC-5.3d")
def test_a_single_change_tells_no_fit_of_a_hidden_household(tmp_path: Path) -> None:
    """H2, trained, is ranked for R1, whose address is withheld: its fit would tell how far it is."""
    tables = {
        "requests": [a_request("R1", home_postcode="NW5", withhold_address="yes")],
        "households": [a_household("H2", postcode="N19")],
        "carers": [a_carer("H2", pc_trained_on=None)],
    }
    now = match(prepare(read_tables(tmp_path, tables), a_policy(), 0))
    (one,) = each(now, "train")
    assert one.placed == ("R1",)
    names = now.prepared.aims
    assert report.tried_record(names, one)["gains"]["fit"] is None
    text = " ".join("\n".join(report.each_text(names, "train", [one], 5)).split())
    assert "not shown" in text
    tables["requests"] = [a_request("R1", home_postcode="NW5")]
    open_now = match(prepare(read_tables(tmp_path / "open", tables), a_policy(), 0))
    (shown,) = each(open_now, "train")
    assert report.tried_record(names, shown)["gains"]["fit"] == shown.gains[-1] > 0


# A choice that can't be made


@pytest.mark.parametrize(
    ("households", "requests", "because", "takes"),
    [
        (
            {"bedrooms": "0"},
            {},
            "H1: The family needs 1 bedroom; no bedrooms are free. (PC-5.1b, PC-5.1i)",
            "Free 1 more bedroom for the family. (supervising social worker)",
        ),
        (
            {},
            {"resource_team_decision": "residential"},
            "The Resource team has decided on a residential placement. (PC-3.1k)",
            "Search for a residential placement, if a parenting assessment is still viable.",
        ),
    ],
)
def test_a_choice_that_cannot_be_made_says_why_what_it_takes_and_what_it_costs(
    tmp_path, capsys, households, requests, because, takes
):
    tables = {
        "requests": [a_request(**requests)],
        "households": [a_household(**households)],
        "carers": [a_carer()],
    }
    data = write_tables(tmp_path / "data", tables, "as_of = 2026-11-23\n")
    ask = ["whatif", str(data), "--choose", "R1:H1", "--quiet"]
    assert run(ask) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert f"You can't, because: - {because}" in told
    assert f"It would take: - {takes}" in told
    assert "It would then cost nothing: the round gains 1 family needed" in told
    assert "Who moves: R1 → H1 (no household today)." in told
    assert run([*ask, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert (found["possible"], found["because"], found["takes"]) == (False, [because], [takes])


def test_why_a_choice_cannot_be_made_tells_no_withheld_place(tmp_path, capsys):
    tables = {
        "requests": [
            a_request(withhold_address="yes", home_postcode="NW5"),
            a_request(request_id="R2", home_postcode="NW5", max_miles="1"),
        ],
        "households": [a_household(postcode="LU3")],
        "carers": [a_carer()],
    }
    data = write_tables(tmp_path / "data", tables, "as_of = 2026-11-23\n")
    assert run(["whatif", str(data), "--choose", "R2:H1", "--quiet"]) == 0
    told = capsys.readouterr().out
    assert "You can't, because:\n  - H1: Its place is not shown" in told
    assert "mile" not in told


# Every change of every kind in one list


def test_all_kinds_are_one_list_the_best_first(capsys):
    def listed(kind: str) -> list[dict[str, object]]:
        assert run(["whatif", str(CAMDEN), "--each", kind, "--json", "--quiet"]) == 0
        changes: list[dict[str, object]] = json.loads(capsys.readouterr().out)["changes"]
        return changes

    kinds = [one for kind in KINDS for one in listed(kind.replace("_", "-"))]
    every = listed("all")
    assert sorted(map(str, every)) == sorted(map(str, kinds))
    gains = [[*one["gains"].values()][:-1] for one in every]
    assert gains == sorted(gains, reverse=True)
    assert len({str(one["what"]).split()[0] for one in every}) > 1


def test_a_change_is_told_by_what_families_get(capsys):
    assert run(["whatif", str(CAMDEN), "--each", "all", "--top", "20", "--quiet"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "R09, without a household today, would go to H33; R13 would go to" in told
    assert "H34 (occupied today) is approved and free." in told
    assert "H18 (suspended today) is approved and free." in told
