"""verify: an honest round passes; nothing that is altered in it, or in its data, slips through."""

from __future__ import annotations

import copy
import csv
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

import matcher.verification
from builders import a_carer, a_household, a_policy, a_request, as_read, prepared, text_of
from matcher.cli import run
from matcher.errors import Breach, BreachFound, WrongInput
from matcher.intake.inputs import Inputs
from matcher.loading import load
from matcher.policy.settings import Policy
from matcher.record import RequestRecord
from matcher.recorder import SOLVERS_WORD, Recorder, record_of
from matcher.rounds import Prepared, SolvedRound, match, prepare
from matcher.solve.exchange import Best, best_of_all
from matcher.solve.problem import UNPLACED, Duals, Problem, Solution
from matcher.verification import read_record, verify
from random_rounds import write_round

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
ID = re.compile(r"[RHC]\d+")
Record = dict[str, Any]
Alteration = Callable[[Record], object]


@dataclass(frozen=True)
class Written:
    """A folder, and the round that was made of it, as it comes back from its file."""

    folder: Path
    inputs: Inputs
    policy: Policy
    record: Record

    def altered(self, alteration: Alteration) -> Record:
        found = copy.deepcopy(self.record)
        alteration(found)
        assert json.dumps(found) != json.dumps(self.record), "nothing was altered"
        return found


def written(folder: Path, top: int = 0) -> Written:
    inputs, policy = load(folder, None, None)
    text = text_of(record_of(match(prepare(inputs, policy, top))))
    (folder / "round.json").write_text(text, "utf-8")
    return Written(folder, inputs, policy, json.loads(text))


def a_copy(name: str, folder: Path, top: int = 20) -> Written:
    shutil.copytree(SAMPLES / name, folder)
    return written(folder, top)


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A round with one of everything: pinned, unplaced, held back, placed; every kind of home."""
    folder = tmp_path_factory.mktemp("rich")
    write_round(folder, 1071, 6, 6, dense=True, pins=True)
    found = written(folder)
    outcomes = {one["outcome"] for one in found.record["requests"]}
    assert {"proposed", "unplaced", "placed"} < outcomes
    assert {home["outcome"] for home in found.record["households"]} == {
        "proposed",
        "free",
        "occupied",
        "closed",
    }
    assert any((one["proposal"] or {}).get("pinned") for one in found.record["requests"])
    return found


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A round in which a limit binds, so that its certificate is the solver's word, and one is placed."""
    folder = tmp_path_factory.mktemp("limited")
    write_round(folder, 30, 5, 6, dense=True, keep_apart=True)
    with (folder / "round.toml").open("a", encoding="utf-8") as file:
        file.write("[policy.limits]\nnew_per_team = 2\nweekly_fees = 1500\n")
    found = written(folder)
    assert "word" in found.record["certificate"]
    assert with_outcome(found.record, "placed")
    return found


@pytest.fixture(scope="module")
def teamed(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A round in which a team is full, and one more place in it would be worth something."""
    folder = tmp_path_factory.mktemp("teamed")
    write_round(folder, 42, 5, 6, dense=True)
    with (folder / "round.toml").open("a", encoding="utf-8") as file:
        file.write("[policy.limits]\nnew_per_team = 1\n")
    found = written(folder)
    assert any(found.record["certificate"]["teams"].values())
    return found


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A round whose lists are all cut to one household."""
    return a_copy("tutorial", tmp_path_factory.mktemp("small") / "round", top=1)


def status(folder: Path, text: str, tmp_path: Path, *options: str) -> int:
    file = tmp_path / "altered.json"
    file.write_text(text, "utf-8")
    return run(["verify", str(folder), str(file), "--quiet", *options])


def breaches(round_: Written, record: Record, folder: Path) -> Sequence[Breach]:
    """What is wrong with records, as they come back from a file, beside the data of their round."""
    file = folder / "altered.json"
    file.write_text(json.dumps(record), "utf-8")
    try:
        return verify(read_record(file), round_.inputs, round_.policy)
    except BreachFound as error:
        return error.breaches


@dataclass(frozen=True)
class Memo:
    """What the unchanged data of the rounds of this file make, by what it depends on."""

    prepared: dict[Any, Prepared] = field(default_factory=dict)
    records: dict[Any, tuple[RequestRecord, ...]] = field(default_factory=dict)
    best: dict[int, Best | None] = field(default_factory=dict)


@pytest.fixture(scope="module")
def memo(rich: Written, limited: Written, small: Written) -> Memo:
    """Its keys are ids of what lives as long as these rounds."""
    return Memo()


@pytest.fixture
def remembered(memo: Memo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work out what the unchanged data make once: it depends on nothing in the file but this."""
    each_request = Recorder.each_request

    def prepare_once(
        inputs: Inputs, policy: Policy, top: int, keep: dict[str, str] | None, *ahead: None
    ) -> Prepared:
        options = id(inputs), id(policy), repr((top, keep, ahead))
        if options not in memo.prepared:
            memo.prepared[options] = prepare(inputs, policy, top, keep, *ahead)
        return memo.prepared[options]

    def requests_once(recorder: Recorder, make: Any) -> Iterator[Any]:
        return map(make, records_once(recorder.round))

    def records_once(solved: SolvedRound) -> tuple[RequestRecord, ...]:
        found = solved.solution
        duals = found.duals and (found.duals.requests.tolist(), found.duals.households.tolist())
        key = repr(
            (
                id(solved.prepared),
                found.household.tolist(),
                found.values,
                found.bounds,
                duals,
            )
        )
        if key not in memo.records:
            memo.records[key] = tuple(each_request(Recorder(solved), lambda each: each))
        return memo.records[key]

    def best_once(problem: Problem) -> Best | None:
        if id(problem) not in memo.best:  # each lives as long as its prepared round
            memo.best[id(problem)] = best_of_all(problem)
        return memo.best[id(problem)]

    monkeypatch.setattr(matcher.verification, "prepare", prepare_once)
    monkeypatch.setattr(matcher.verification, "best_of_all", best_once)
    monkeypatch.setattr(Recorder, "each_request", requests_once)


# Honest rounds


@pytest.mark.parametrize("top", [0, 1, 3, 20])
@pytest.mark.parametrize("sample", ["camden", "tutorial"])
def test_a_sample_verifies(sample: str, top: int, tmp_path: Path) -> None:
    round_ = a_copy(sample, tmp_path / "round", top)
    assert verify(round_.record, round_.inputs, round_.policy) == []
    assert run(["verify", str(round_.folder), str(round_.folder), "--quiet"]) == 0


@pytest.mark.parametrize("seed", range(12))
def test_random_rounds_verify(seed: int, tmp_path: Path) -> None:
    write_round(tmp_path, seed, 6, 6, dense=True, keep_apart=seed % 3 == 0, pins=seed % 2 == 0)
    if seed % 4 == 1:
        with (tmp_path / "round.toml").open("a", encoding="utf-8") as file:
            file.write("[policy.limits]\nnew_per_team = 1\nweekly_fees = 1850\n")
    round_ = written(tmp_path, seed % 3)
    assert verify(round_.record, round_.inputs, round_.policy) == []


def test_the_rounds_of_this_file_verify(rich: Written, limited: Written, small: Written) -> None:
    for each in (rich, limited, small):
        assert verify(each.record, each.inputs, each.policy) == []


def test_a_round_of_another_day_verifies_by_its_own_day(tmp_path: Path) -> None:
    folder = tmp_path / "round"
    shutil.copytree(SAMPLES / "tutorial", folder)
    day = ["--as-of", "2026-11-24", "--quiet"]
    assert run(["round", str(folder), "--no-report", "--out", str(tmp_path), *day]) == 0
    assert run(["verify", str(folder), str(tmp_path), "--quiet"]) == 0
    assert run(["verify", str(folder), str(tmp_path), "--quiet", "--as-of", "2026-11-23"]) == 3


def test_a_round_too_great_for_one_weight_verifies(tmp_path: Path) -> None:
    """A policy may give weights that one exact number can't hold: the round still stands."""
    ids = range(10, 32)
    days = ("2026-11-23", "2026-11-26", "2026-12-07")
    tables = {
        "requests": [a_request(f"R{n}", needed_from=days[n % 3]) for n in ids],
        "households": [a_household(f"H{n}") for n in ids],
        "carers": [a_carer(f"H{n}") for n in ids],
        "relationships": [
            {"request_id": f"R{n}", "household_id": f"H{n}", "kind": "former_carer"} for n in ids
        ],
        "decisions": [  # few pairs are left, as each price is a solve of its own
            {
                "request_id": f"R{n}",
                "household_id": f"H{m}",
                "decision": "rule_out",
                "decided_on": "2026-11-20",
            }
            for n in ids
            for m in ids
            if (m - n) % len(ids) > 1
        ],
    }
    policy = a_policy(horizon_days=1_000_000, relationship__former_carer=9)
    found = prepared(tmp_path, tables, policy)
    assert not found.problem.exact
    record = as_read(match(found))
    assert verify(record, found.inputs, policy) == []


def test_no_solver_is_imported(rich: Written, limited: Written, teamed: Written) -> None:
    """Prices rest on SciPy's shortest paths; what chooses a round is never loaded."""
    script = (
        "import sys\nfrom matcher.cli import run\n"
        "assert all(run(['verify', folder, folder]) == 0 for folder in sys.argv[1:])\n"
        "solvers = {'ortools', 'highspy', 'matcher.solve.assignment', 'matcher.solve.cpsat'}\n"
        "print((solvers | {'scipy.optimize'}) & set(sys.modules))"
    )
    folders = [str(each.folder) for each in (rich, limited, teamed)]
    command = [sys.executable, "-c", script, *folders]
    root = Path(__file__).parents[1]
    done = subprocess.run(command, capture_output=True, text=True, cwd=root, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


# One tampering after another


def proposed(record: Record, pinned: bool = False) -> list[Record]:
    return [
        one
        for one in record["requests"]
        if one["proposal"] is not None and one["proposal"]["pinned"] == pinned
    ]


def with_outcome(record: Record, outcome: str) -> Record:
    return next(one for one in record["requests"] if one["outcome"] == outcome)


def held(record: Record) -> Record:
    matched = ("proposed", "unplaced", "placed")
    return next(one for one in record["requests"] if one["outcome"] not in matched)


def ranked(record: Record) -> Record:
    found: Record = proposed(record)[0]["ranked"][0]
    return found


def ineligible(record: Record) -> tuple[Record, Record]:
    one = next(one for one in proposed(record) if one["ineligible"])
    return one, one["ineligible"][0]


def with_facts(record: Record) -> Record:
    """The facts of a rule that a pair fails."""
    found: Record = next(
        failed["facts"]
        for one in record["requests"]
        for entry in one["ineligible"]
        for failed in entry["failed"]
        if failed["facts"]
    )
    return found


def priced(record: Record) -> Record:
    """The cost_to_round of a pair that others would have to move for."""
    found: Record = next(
        each["cost_to_round"]
        for one in record["requests"]
        for each in one["ranked"]
        if each["cost_to_round"] and each["cost_to_round"]["moves"]
    )
    return found


def swap(record: Record) -> None:
    one, other = proposed(record)[:2]
    one["proposal"], other["proposal"] = other["proposal"], one["proposal"]


def give(one: Record, household_id: str) -> None:
    one["proposal"] = {
        "household_id": household_id,
        "fit": 50.0,
        "rank": 1,
        "starts_on": "2026-12-07",
        "pinned": False,
    }
    one["outcome"] = "proposed"


def drop(record: Record) -> None:
    one = proposed(record)[0]
    one["proposal"], one["outcome"] = None, "unplaced"


def give_ineligible(record: Record) -> None:
    one, entry = ineligible(record)
    one["proposal"]["household_id"] = entry["household_id"]


def give_held(record: Record) -> None:
    home = next(home for home in record["households"] if home["outcome"] == "free")
    give(held(record), home["household_id"])


def rank_placed(record: Record) -> None:
    with_outcome(record, "placed")["ranked"].append(ranked(record))


def give_placed(record: Record) -> None:
    home = next(home for home in record["households"] if home["outcome"] == "free")
    give(with_outcome(record, "placed"), home["household_id"])


def move_to_ranked(record: Record) -> None:
    one, entry = ineligible(record)
    one["ineligible"].remove(entry)
    one["ranked"].append({**ranked(record), "household_id": entry["household_id"]})


def add_dual(record: Record) -> None:
    names = [home["household_id"] for home in record["households"]]
    duals = record["certificate"]["households"]
    duals[next(name for name in names if name not in duals)] = 1


def first(table: Record, change: Callable[[Any], object]) -> None:
    key = next(iter(table))
    table[key] = change(table[key])


def reorder(table: Record) -> None:
    items = list(table.items())
    table.clear()
    table.update(reversed(items))


TAMPERINGS: dict[str, Alteration] = {
    "a pair swapped": swap,
    "a placement dropped": drop,
    "a placement dropped, its household freed": lambda r: (
        drop(r),
        next(h for h in r["households"] if h["outcome"] == "proposed").update(outcome="free"),
    ),
    "the household of another proposed": lambda r: proposed(r)[0]["proposal"].update(
        household_id=proposed(r)[1]["proposal"]["household_id"]
    ),
    "an unknown household proposed": lambda r: proposed(r)[0]["proposal"].update(
        household_id="H999"
    ),
    "an ineligible household proposed": give_ineligible,
    "a screened-out request proposed": give_held,
    "a placed family proposed elsewhere": give_placed,
    "a placed family ranked": rank_placed,
    "a placed family left out": lambda r: r["requests"].remove(with_outcome(r, "placed")),
    "a placed family opened": lambda r: with_outcome(r, "placed").update(
        state="open", outcome="unplaced"
    ),
    "a placed family moved": lambda r: with_outcome(r, "placed")["facts"]["living"].update(
        household_id=r["households"][0]["household_id"]
    ),
    "a duty of a placed family settled": lambda r: next(
        duty for duty in with_outcome(r, "placed")["duties"] if duty["status"] == "overdue"
    ).update(status="done"),
    "an occupied household freed": lambda r: next(
        home for home in r["households"] if home["outcome"] == "occupied"
    ).update(outcome="free"),
    "the pin ignored": lambda r: proposed(r, pinned=True)[0].update(proposal=None),
    "the pin given to another": lambda r: give(
        with_outcome(r, "unplaced"), proposed(r, pinned=True)[0]["proposal"]["household_id"]
    ),
    "the pin hidden": lambda r: proposed(r, pinned=True)[0]["proposal"].update(pinned=False),
    "a pin invented": lambda r: proposed(r)[0]["proposal"].update(pinned=True),
    "a proposed fit raised": lambda r: proposed(r)[0]["proposal"].update(fit=99.99),
    "a ranked fit raised": lambda r: ranked(r).update(fit=ranked(r)["fit"] + 0.01),
    "a proposed rank changed": lambda r: proposed(r)[0]["proposal"].update(rank=7),
    "a rank changed": lambda r: ranked(r).update(rank=2),
    "a free rank changed": lambda r: ranked(r).update(free_rank=9),
    "a start changed": lambda r: proposed(r)[0]["proposal"].update(starts_on="2030-01-01"),
    "points changed": lambda r: ranked(r)["criteria"][0].update(points=0.01),
    "a value changed": lambda r: ranked(r)["criteria"][-1].update(value=0.123),
    "what a value rests on changed": lambda r: first(
        next(c["facts"] for c in ranked(r)["criteria"] if c["facts"]), lambda v: "otherwise"
    ),
    "an aim raised": lambda r: r["objective"][5].update(value=r["objective"][5]["value"] + 1),
    "an aim and its bound raised": lambda r: r["objective"][5].update(value=10**6, bound=10**6),
    "a bound raised": lambda r: r["objective"][0].update(bound=99),
    "optimal flipped": lambda r: r["objective"][0].update(optimal=False),
    "an aim left out": lambda r: r["objective"].pop(),
    "the aims in another order": lambda r: r["objective"].reverse(),
    "a request left out": lambda r: r["requests"].pop(),
    "a held request left out": lambda r: r["requests"].remove(held(r)),
    "a household left out": lambda r: r["households"].pop(),
    "a request written twice": lambda r: r["requests"].append(r["requests"][0]),
    "a household written twice": lambda r: r["households"].append(r["households"][0]),
    "a ranked household written twice": lambda r: proposed(r)[0]["ranked"].append(ranked(r)),
    "requests in another order": lambda r: r["requests"].reverse(),
    "households in another order": lambda r: r["households"].reverse(),
    "a request renamed": lambda r: r["requests"][0].update(request_id="R999"),
    "a regime changed": lambda r: r["requests"][0].update(regime="s17x"),
    "an urgency changed": lambda r: r["requests"][0].update(urgency="todayish"),
    "the input hash changed": lambda r: r["round"].update(input_sha256="0" * 64),
    "the policy hash changed": lambda r: r["round"]["policy"].update(sha256="0" * 64),
    "the policy renamed": lambda r: r["round"]["policy"].update(name="another"),
    "the policy version changed": lambda r: r["round"]["policy"].update(version="2"),
    "a change of policy invented": lambda r: r["round"]["policy"]["changed"].update(far_miles=9),
    "the version changed": lambda r: r["round"].update(version="99.0"),
    "the title changed": lambda r: r["round"].update(title="another round"),
    "top changed": lambda r: r["round"].update(top=2),
    "top of another type": lambda r: r["round"].update(top="0"),
    "the head removed": lambda r: r.pop("round"),
    "a dual changed": lambda r: first(r["certificate"]["households"], lambda v: v + 1),
    "a dual lowered": lambda r: first(r["certificate"]["requests"], lambda v: v - 1),
    "a dual of another type": lambda r: first(r["certificate"]["requests"], str),
    "a dual as a huge number": lambda r: first(r["certificate"]["requests"], lambda v: 10**30),
    "a dual negative": lambda r: first(r["certificate"]["households"], lambda v: -v),
    "a dual added": add_dual,
    "a dual of nobody": lambda r: r["certificate"]["requests"].update(R999=0),
    "a dual removed": lambda r: first(r["certificate"]["requests"], lambda v: 0),
    "the duals removed": lambda r: r["certificate"].update(requests={}, households={}),
    "the certificate removed": lambda r: r.pop("certificate"),
    "the certificate emptied": lambda r: r.update(certificate={}),
    "the certificate made a word": lambda r: r.update(
        certificate={
            "weights": r["certificate"]["weights"],
            "bounds": {each["name"]: each["value"] for each in r["objective"]},
            "word": "trust me",
        }
    ),
    "a weight changed": lambda r: first(r["certificate"]["weights"], lambda v: v + 1),
    "an ineligible one moved to ranked": move_to_ranked,
    "an ineligible one left out": lambda r: ineligible(r)[0]["ineligible"].pop(),
    "a failed rule left out": lambda r: ineligible(r)[1]["failed"].pop(),
    "a reason changed": lambda r: with_facts(r).update(reason="They smoke."),
    "a fact of a reason changed": lambda r: first(with_facts(r), lambda v: "otherwise"),
    "what is known changed": lambda r: ineligible(r)[1]["failed"][0].update(known=None),
    "blocked_by changed": lambda r: ineligible(r)[0]["blocked_by"][0].update(households=0),
    "a price changed": lambda r: first(priced(r)["aims"], lambda v: v + 1),
    "a price removed": lambda r: priced(r).update(moves=[]),
    "a move changed": lambda r: priced(r)["moves"][0].update(to=None, **{"from": "H1"}),
    "duties removed": lambda r: proposed(r)[0].update(duties=[]),
    "a duty closed": lambda r: next(
        duty for one in r["requests"] for duty in one["duties"] if duty["status"] == "open"
    ).update(status="done"),
    "a duty of a pair opened": lambda r: ranked(r)["duties"][0].update(status="open"),
    "why rewritten": lambda r: proposed(r)[0].update(why=["They asked for it."]),
    "a fact of why changed": lambda r: proposed(r)[0]["facts"].update(eligible=99),
    "a relationship invented": lambda r: proposed(r)[0]["facts"]["relationships"].update(
        H999="current_carer"
    ),
    "a family changed": lambda r: proposed(r)[0]["facts"]["family"].update(babies=7),
    "a nearest miss left out": lambda r: with_outcome(r, "unplaced")["facts"]["nearest"].pop(),
    "an alert added": lambda r: r["alerts"].append(
        {"kind": "team_not_known", "request_id": None, "household_id": "H1", "facts": {}}
    ),
    "a household shown": lambda r: next(home for home in r["households"] if home["hidden"]).update(
        hidden=False
    ),
    "a household freed earlier": lambda r: r["households"][0].update(free_from="2020-01-01"),
    "a finding removed": lambda r: held(r)["screening"].pop(),
    "appears_in changed": lambda r: r["households"][0].update(appears_in=99),
    "a closed household opened": lambda r: next(
        home for home in r["households"] if home["outcome"] == "closed"
    ).update(outcome="free", closed_by=[]),
    "a key added": lambda r: r.update(note="approved by panel"),
    "a key added below": lambda r: proposed(r)[0]["proposal"].update(decision="approved"),
    "keys reordered": reorder,
    "keys reordered below": lambda r: reorder(proposed(r)[0]["proposal"]),
    "a number as text": lambda r: ranked(r).update(fit=str(ranked(r)["fit"])),
    "true as 1": lambda r: r["objective"][0].update(optimal=1),
    "a whole number as a fraction": lambda r: ranked(r).update(rank=1.0),
    "not a number": lambda r: ranked(r).update(fit=float("nan")),
    "infinity": lambda r: r["objective"][0].update(bound=float("inf")),
    "a huge whole number": lambda r: r["counts"].update(proposed=10**400),
    "minus nothing": lambda r: next(
        c
        for one in r["requests"]
        for each in one["ranked"]
        for c in each["criteria"]
        if c["points"] == 0
    ).update(points=-0.0),
    "requests made an object": lambda r: r.update(requests={}),
    "requests made numbers": lambda r: r.update(requests=[1, 2]),
    "a request_id made a list": lambda r: r["requests"][0].update(request_id=["R1"]),
    "a household_id made an object": lambda r: proposed(r)[0]["proposal"].update(household_id={}),
    "a proposal made text": lambda r: proposed(r)[0].update(proposal="H001"),
    **{
        f"counts.{name} changed": lambda r, name=name: r["counts"].update(
            {name: r["counts"][name] + 1}
        )
        for name in (
            "requests",
            "matchable",
            "provisional",
            "proposed",
            "unplaced",
            "placed",
            "households",
            "open_households",
            "eligible_pairs",
        )
    },
}


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found(name: str, rich: Written, tmp_path: Path) -> None:
    assert breaches(rich, rich.altered(TAMPERINGS[name]), tmp_path) != []


LIMITED: dict[str, Alteration] = {
    "a bound raised": lambda r: first(r["certificate"]["bounds"], lambda v: v + 1),
    "a bound lowered": lambda r: first(r["certificate"]["bounds"], lambda v: v - 1),
    "a bound of another type": lambda r: first(r["certificate"]["bounds"], str),
    "a bound left out": lambda r: r["certificate"]["bounds"].popitem(),
    "the word left out": lambda r: r["certificate"].pop("word"),
    "the word changed": lambda r: r["certificate"].update(word="proven"),
    "a weight changed": lambda r: first(r["certificate"]["weights"], lambda v: v + 1),
    "duals instead of the word": lambda r: r.update(
        certificate={"weights": r["certificate"]["weights"], "requests": {}, "households": {}}
    ),
    "a placement dropped": drop,
    "a pair swapped": swap,
    "a placed family ranked": rank_placed,
}


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("name", LIMITED)
def test_a_tampering_under_a_limit_is_found(name: str, limited: Written, tmp_path: Path) -> None:
    assert breaches(limited, limited.altered(LIMITED[name]), tmp_path) != []


TEAMED: dict[str, Alteration] = {
    "a team's dual raised": lambda r: first(r["certificate"]["teams"], lambda v: v + 1),
    "a team's dual lowered": lambda r: first(r["certificate"]["teams"], lambda v: v - 1),
    "a team's dual below nothing": lambda r: first(r["certificate"]["teams"], lambda v: -v),
    "a team's dual left out": lambda r: r["certificate"]["teams"].popitem(),
    "the teams left out": lambda r: r["certificate"].pop("teams"),
    "a team that is none": lambda r: r["certificate"]["teams"].update(Nowhere=1),
    "the word instead of duals": lambda r: r.update(
        certificate={
            "weights": r["certificate"]["weights"],
            "bounds": {each["name"]: each["value"] for each in r["objective"]},
            "word": SOLVERS_WORD,
        }
    ),
}


@pytest.mark.parametrize("name", TEAMED)
def test_a_tampering_with_the_proof_of_teams_is_found(
    name: str, teamed: Written, tmp_path: Path
) -> None:
    assert verify(teamed.record, teamed.inputs, teamed.policy) == []
    assert breaches(teamed, teamed.altered(TEAMED[name]), tmp_path) != []


def homes_in(prepared_: Prepared) -> list[list[int]]:
    homes: list[list[int]] = [[UNPLACED] for _ in range(prepared_.problem.requests)]
    edges = zip(prepared_.problem.request.tolist(), prepared_.problem.household, strict=True)
    for request, home in edges:
        homes[request].append(int(home))
    return homes


def other_choices(prepared_: Prepared, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Every choice of eligible pairs, limits or not, but the one that was made."""
    stack: list[tuple[int, ...]] = [()]
    homes = homes_in(prepared_)
    while stack:
        begun = stack.pop()
        if len(begun) == len(homes):
            if begun != chosen:
                yield begun
            continue
        for home in homes[len(begun)]:
            if home == UNPLACED or home not in begun:
                stack.append((*begun, home))


@pytest.mark.parametrize("seed", [2, 5, 6, 9, 12])
def test_no_other_choice_passes_even_where_the_whole_file_is_made_to_fit(
    seed: int, tmp_path: Path
) -> None:
    """A forger with the product's own source, who can write every line but not the proof."""
    write_round(tmp_path, seed, 3, 4, dense=True)
    round_ = written(tmp_path)
    found = prepare(round_.inputs, round_.policy, 0)
    solved = match(found)
    honest = solved.solution
    assert honest.duals is not None
    none = Duals(np.zeros_like(honest.duals.requests), np.zeros_like(honest.duals.households))
    others = list(other_choices(found, tuple(honest.household.tolist())))
    assert len(others) > 3
    for choice in Random(seed).sample(others, min(12, len(others))):
        household = np.array(choice, np.intp)
        values = found.problem.totals(household)
        for duals in (honest.duals, none, None):
            forged = SolvedRound(found, Solution(household, values, values, duals))
            if duals is not None:
                forged.__dict__["prices"] = solved.prices
            record = as_read(forged)
            assert verify(record, round_.inputs, round_.policy) != [], choice


def test_an_equal_round_that_the_tie_rule_does_not_name_is_found(tmp_path: Path) -> None:
    """Two families and two homes, all alike: the duals prove either round, the rule names one."""
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2")],
    }
    found = prepared(tmp_path, tables)
    solved = match(found)
    assert solved.household.tolist() == [0, 1]
    other = replace(solved.solution, household=np.array([1, 0], np.intp))
    for solution, breaches in ((solved.solution, 0), (other, 1)):
        record = as_read(SolvedRound(found, solution))
        assert len(verify(record, found.inputs, a_policy())) == breaches


def test_a_choice_that_breaks_a_limit_is_found_even_where_the_whole_file_fits(
    limited: Written,
) -> None:
    found = prepare(limited.inputs, limited.policy, 0)
    broken = [
        np.array(choice, np.intp)
        for choice in other_choices(found, tuple(match(found).household.tolist()))
        if found.problem.broken(np.array(choice, np.intp))
    ]
    assert broken
    for household in Random(1).sample(broken, min(25, len(broken))):
        values = found.problem.totals(household)
        record = as_read(SolvedRound(found, Solution(household, values, values, None)))
        said = verify(record, limited.inputs, limited.policy)
        assert any(breach.where == "limits" for breach in said)


def test_nobody_placed_does_not_pass_on_the_solvers_word(tmp_path: Path) -> None:
    """A limit that is in play, but far off, must not excuse what one placement would better."""
    write_round(tmp_path, 4, 3, 4, dense=True)
    inputs, _ = load(tmp_path, None, None)
    policy = a_policy(limits__new_per_team=50)
    found = prepare(inputs, policy, 0)
    assert match(found).solution.duals is not None
    nobody = np.full(found.problem.requests, UNPLACED)
    values = found.problem.totals(nobody)
    forged = as_read(SolvedRound(found, Solution(nobody, values, values, None)))
    assert verify(forged, inputs, policy) != []


# What a file can hide from a reader of JSON


def test_a_key_given_twice_is_found(small: Written, tmp_path: Path) -> None:
    """Readers differ on which of the two counts, so the file must not have both."""
    text = json.dumps(small.record)
    twice = text.replace('"fit": ', '"fit": 99.99, "fit": ', 1)
    assert json.loads(twice) == small.record
    assert status(small.folder, twice, tmp_path) in (2, 3)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"schema": "matcher.round/3"}',
        '{"schema": ["matcher.round/2"]}',
        '{"a": ' + "9" * 5000 + "}",
        "[" * 100_000 + "]" * 100_000,
    ],
    ids=["empty", "cut", "list", "null", "schema", "schema list", "huge number", "deep"],
)
def test_a_file_that_is_no_round_is_wrong_input(text: str, small: Written, tmp_path: Path) -> None:
    assert status(small.folder, text, tmp_path) == 2


def test_a_file_that_cannot_be_read_is_wrong_input(small: Written, tmp_path: Path) -> None:
    for name, content in (("latin", b'{"title": "Zo\xeb"}'), ("nul", b"\x00" * 9)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(WrongInput):
            read_record(tmp_path / name)
    with pytest.raises(WrongInput):
        read_record(tmp_path / "absent.json")


def test_a_round_of_an_earlier_schema_names_the_release_that_verifies_it(
    small: Written, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = small.altered(lambda r: r.update(schema="matcher.round/1"))
    file = tmp_path / "round.json"
    file.write_text(json.dumps(record), "utf-8")
    assert run(["verify", str(small.folder), str(file)]) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert (
        "a round of the schema matcher.round/1, which this release reads but cannot prove" in told
    )
    assert "Verify it with release 0.1.0" in told


@pytest.mark.parametrize("day", ["2026-11-24", "2020-01-01", "never", "", None, 20261123])
def test_another_day_is_found(day: object, small: Written, tmp_path: Path) -> None:
    record = small.altered(lambda r: r["round"].update(as_of=day))
    assert verify(record, small.inputs, small.policy) != []
    # On a day before the data was written, it is the data that is wrong.
    expected = 2 if day == "2020-01-01" else 3
    assert status(small.folder, json.dumps(record), tmp_path) == expected


def test_breaches_as_records(
    small: Written, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = small.altered(lambda r: r["counts"].update(requests=9))
    assert status(small.folder, json.dumps(record), tmp_path, "--json") == 3
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "breaches": [{"where": "counts.requests", "problem": "says 9; the data make 4."}]
    }


# Data that changed after the round


Rows = list[list[str]]


def cells(path: Path) -> Rows:
    return list(csv.reader(io.StringIO(path.read_text("utf-8"), newline="")))


def save(path: Path, rows: Rows) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        ("requests", 2, "needed_from", "2026-12-06"),
        ("requests", 1, "parent_agrees", "no"),
        ("requests", 4, "received_on", "2026-11-01"),
        ("households", 1, "weekly_fee", "601"),
        ("households", 1, "reviewed_on", "2026-10-02"),
        ("households", 4, "team", "North"),
        ("households", 6, "status", "suspended"),
        ("households", 2, "postcode", "NW2"),
        ("carers", 1, "ethnicity", "BAFR"),
        ("carers", 1, "carer_id", "H1-9"),
        ("carers", 3, "skills", "babies"),
        ("relationships", 1, "kind", "respite_carer"),
    ],
)
def test_a_cell_that_changed_is_found(
    table: str, row: int, column: str, value: str, tmp_path: Path
) -> None:
    folder = a_copy("tutorial", tmp_path / "round").folder
    path = folder / f"{table}.csv"
    rows = cells(path)
    at = rows[0].index(column)
    assert rows[row][at] != value
    rows[row][at] = value
    save(path, rows)
    assert run(["verify", str(folder), str(folder), "--quiet"]) == 3


def test_any_cell_that_is_blanked_is_found(small: Written, tmp_path: Path) -> None:
    """Only a blank that means the same may pass."""
    folder = tmp_path / "round"
    shutil.copytree(small.folder, folder)
    same = {("requests", "older_children", "0")}
    passed = []
    for table in ("requests", "households", "carers", "relationships"):
        path = folder / f"{table}.csv"
        honest = cells(path)
        for row, values in enumerate(honest[1:3], start=1):
            for at, value in enumerate(values):
                if value and (table, honest[0][at], value) not in same:
                    rows = copy.deepcopy(honest)
                    rows[row][at] = ""
                    save(path, rows)
                    try:
                        inputs, policy = load(folder, None, None)
                        breaches = verify(small.record, inputs, policy)
                    except WrongInput:
                        continue
                    if not breaches:
                        passed.append((table, row, honest[0][at], value))
        save(path, honest)
    assert passed == []


def test_rows_that_came_or_went_are_found(tmp_path: Path) -> None:
    folder = a_copy("tutorial", tmp_path / "round").folder
    for table, change in (
        (
            "households",
            lambda rows: rows.append(
                ["H99", "ended", "NW5", "", "", "", "", "0", "", "", "", "", ""]
            ),
        ),
        ("carers", lambda rows: rows.pop()),
        ("relationships", lambda rows: rows.append(["R4", "H1", "known_to_family"])),
        ("requests", lambda rows: rows.pop()),
    ):
        honest = cells(folder / f"{table}.csv")
        rows = copy.deepcopy(honest)
        change(rows)
        save(folder / f"{table}.csv", rows)
        assert run(["verify", str(folder), str(folder), "--quiet"]) == 3, table
        save(folder / f"{table}.csv", honest)
    assert run(["verify", str(folder), str(folder), "--quiet"]) == 0


@pytest.mark.parametrize(
    "setting",
    ['title = "Another"', "[policy]\nturnaround_days = 8", "[policy.limits]\nnew_per_team = 50"],
)
def test_settings_that_changed_are_found(setting: str, tmp_path: Path) -> None:
    folder = a_copy("tutorial", tmp_path / "round").folder
    lines = (folder / "round.toml").read_text("utf-8").splitlines()
    kept = [line for line in lines if not line.startswith(setting.split(" ", 1)[0])]
    (folder / "round.toml").write_text("\n".join([*kept, setting, ""]), "utf-8")
    assert run(["verify", str(folder), str(folder), "--quiet"]) == 3


def test_a_policy_that_changed_is_found(
    small: Written, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And said first: what follows from it would else read as if the round were wrong."""
    (tmp_path / "policy.toml").write_text('name = "ours"\nfar_miles = 21\n', "utf-8")
    options = ["--quiet", "--policy", str(tmp_path / "policy.toml")]
    assert run(["verify", str(small.folder), str(small.folder), *options]) == 3
    first, *_ = capsys.readouterr().err.splitlines()
    assert first.startswith("round.policy: by the file, the round was made with other settings")
    assert first.endswith('it was held against "ours 1". Name its own with --policy.')


def test_the_order_of_rows_and_columns_is_no_change(tmp_path: Path) -> None:
    folder = a_copy("tutorial", tmp_path / "round").folder
    for path in folder.glob("*.csv"):
        head, *rows = cells(path)
        save(path, [row[::-1] for row in [head, *reversed(rows)]])
    assert run(["verify", str(folder), str(folder), "--quiet"]) == 0


# Every leaf and every branch of a round


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value of a JSON document."""
    if path:
        yield path
    if isinstance(node, dict | list):
        for key in node if isinstance(node, dict) else range(len(node)):
            yield from places(node[key], (*path, key))


def one_of_each_kind(record: Record, random: Random) -> list[tuple[Any, ...]]:
    """A path of each kind: those that differ in a place in a list or in an id are alike."""
    kinds: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for path in places(record):
        kind = tuple("" if isinstance(k, int) or ID.fullmatch(k) else k for k in path)
        kinds.setdefault(kind, []).append(path)
    return [random.choice(paths) for paths in kinds.values()]


def at(node: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        node = node[key]
    return node


def alterations(value: Any) -> Iterator[Any]:
    """Other values in a value's place, of its type and of others."""
    yield from ([], {}, [value], {"value": value})
    match value:
        case bool():
            yield from (not value, int(value), str(value), None)
        case int():
            yield from (value + 1, value - 1, -value, float(value), str(value), 10**30, None)
            yield bool(value)
        case float():
            yield from (value + 0.01, -value, float("nan"), float("inf"), str(value), None, 10**30)
            yield int(value)
        case str():
            yield from (value + " ", value[:-1], value.swapcase(), "", "\ud800", 0, None)
        case None:
            yield from (False, 0, "", "none")
        case dict():
            yield from ({**value, "": None}, dict(reversed(value.items())), None, "", 0)
            yield from ({k: v for k, v in value.items() if k != gone} for gone in value)
        case list():
            yield from ([*value, None], value[::-1], value[1:], value[:-1], None, "", 0)
            yield from ([*value, value[-1]] for _ in value[:1])
            yield from (
                [*value[:n], value[n + 1], value[n], *value[n + 2 :]] for n in range(len(value) - 1)
            )


def same(one: Any, other: Any) -> bool:
    return json.dumps(one) == json.dumps(other)


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize(("name", "each"), [("small", 2), ("rich", 2), ("limited", 2)], ids=str)
def test_nothing_that_is_altered_slips_through(
    name: str,
    each: int,
    request: pytest.FixtureRequest,
) -> None:
    round_: Written = request.getfixturevalue(name)
    random = Random(7)
    record = copy.deepcopy(round_.record)
    slipped, broke, tried = [], [], 0
    for path in one_of_each_kind(round_.record, random):
        parent, key = at(record, path[:-1]), path[-1]
        honest = parent[key]
        others = [o for o in alterations(copy.deepcopy(honest)) if not same(o, honest)]
        for other in random.sample(others, min(each, len(others))):
            parent[key] = other
            tried += 1
            try:
                if not verify(record, round_.inputs, round_.policy):
                    slipped.append((path, honest, other))
            except Exception as error:  # whatever it is, it is a defect
                broke.append((path, other, type(error).__name__))
        parent[key] = honest
    assert same(record, round_.record)
    assert tried > 300
    assert not slipped + broke, "\n".join(map(str, slipped + broke))
