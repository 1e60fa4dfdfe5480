"""A forger of rounds: draws rounds, tampers with each in one way, and counts what verify names.

`python tests/forge.py --rounds 30 --seed 0` prints, for each kind of round and of tampering, how many were
named. A tampering is as good as a forger can make it: where another choice is put in, the whole file is
made to fit it, and only what proves it is missing.
"""

from __future__ import annotations

import argparse
import copy
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from builders import as_read
from matcher.intake.inputs import Inputs
from matcher.loading import load
from matcher.policy.settings import Policy
from matcher.recorder import SOLVERS_WORD
from matcher.rounds import SolvedRound, match, prepare
from matcher.solve.problem import UNPLACED, Solution
from matcher.verification import verify
from random_rounds import write_round

Record = dict[str, Any]
LIMITS = {
    "no limit": "",
    "teams": "new_per_team = 1",
    "fees": "weekly_fees = 1850",
    "apart": "",
    "fees and apart": "weekly_fees = 2500",
}


@dataclass(frozen=True)
class Drawn:
    """A round as it was drawn and honestly solved, with its file."""

    kind: str
    inputs: Inputs
    policy: Policy
    solved: SolvedRound
    record: Record


def draw(seed: int, kind: str, size: int = 6) -> Drawn:
    """A round of a kind, the same for the same seed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_round(folder, seed, size, size, dense=True, keep_apart="apart" in kind)
        if LIMITS[kind]:
            with (folder / "round.toml").open("a", encoding="utf-8") as file:
                file.write(f"[policy.limits]\n{LIMITS[kind]}\n")
        inputs, policy = load(folder, None, None)
    solved = match(prepare(inputs, policy, 0))
    return Drawn(kind, inputs, policy, solved, as_read(solved))


# Another choice, with all that follows from it


def with_choice(drawn: Drawn, household: np.ndarray, *, claims_best: bool) -> Record:
    """The whole file of another choice, under the honest proof or the solver's word."""
    honest, problem = drawn.solved.solution, drawn.solved.prepared.problem
    values = problem.totals(household)
    bounds = values if claims_best else tuple(map(max, zip(honest.bounds, values, strict=True)))
    forged = SolvedRound(drawn.solved.prepared, Solution(household, values, bounds, None))
    return as_read(forged)


def others(drawn: Drawn) -> Iterator[tuple[str, np.ndarray]]:
    """Other choices within the rules: a family unplaced, two swapped, one moved down its list."""
    problem, mine = drawn.solved.prepared.problem, drawn.solved.solution.household
    placed = np.flatnonzero(mine != UNPLACED).tolist()
    edges = set(zip(problem.request.tolist(), problem.household.tolist(), strict=True))
    for row in placed:
        yield "unplaced", _moved(mine, {row: UNPLACED})
        for home in sorted({home for who, home in edges if who == row} - set(mine.tolist())):
            yield "moved", _moved(mine, {row: home})
        for other in placed:
            a, b = int(mine[row]), int(mine[other])
            if row < other and {(row, b), (other, a)} <= edges:
                yield "swapped", _moved(mine, {row: b, other: a})
            if (row, b) in edges and row != other:
                yield "took another's", _moved(mine, {row: b, other: UNPLACED})


def _moved(household: np.ndarray, to: dict[int, int]) -> np.ndarray:
    found = household.copy()
    for row, home in to.items():
        found[row] = home
    return found


def worse(drawn: Drawn, random: Random) -> Iterator[tuple[str, Record]]:
    """One of each kind of other choice that is within the limits, and worse."""
    problem, best = drawn.solved.prepared.problem, drawn.solved.solution.values
    by_kind = defaultdict[str, list[np.ndarray]](list)
    for kind, choice in others(drawn):
        if not problem.broken(choice) and problem.totals(choice) < best:
            by_kind[kind].append(choice)
    for kind, found in by_kind.items():
        choice = random.choice(found)
        yield f"{kind}, said to be the best", with_choice(drawn, choice, claims_best=True)
        yield f"{kind}, said to be the best found", with_choice(drawn, choice, claims_best=False)


# A price with all that follows from it


def dearer(drawn: Drawn, random: Random) -> Iterator[tuple[str, Record]]:
    """A price that can be had, but is more than the pair costs: a family more goes without."""
    problem, solution = drawn.solved.prepared.problem, drawn.solved.solution
    rows = {name: at for at, name in enumerate(drawn.solved.prepared.columns.request_ids)}
    homes = drawn.solved.prepared.household_at
    names = list(homes)
    record = copy.deepcopy(drawn.record)
    priced = [
        (one["request_id"], each)
        for one in record["requests"]
        for each in one["ranked"]
        if each["cost_to_round"] and each["cost_to_round"]["moves"]
    ]
    random.shuffle(priced)
    for name, each in priced:
        cost = each["cost_to_round"]
        after = solution.household.copy()
        for move in cost["moves"]:
            to = move["to"]
            after[rows[move["request_id"]]] = UNPLACED if to is None else homes[to]
        still = [r for r in np.flatnonzero(after != UNPLACED).tolist() if r != rows[name]]
        if not still:
            continue
        after[random.choice(still)] = UNPLACED
        losses = np.subtract(solution.values, problem.totals(after)).tolist()
        cost["aims"] = dict(zip(cost["aims"], losses, strict=True))
        cost["moves"] = [
            {
                "request_id": who,
                "from": None if (was := solution.household[at]) == UNPLACED else names[was],
                "to": None if after[at] == UNPLACED else names[after[at]],
            }
            for who, at in rows.items()
            if after[at] != solution.household[at]
        ]
        yield "price, dearer than it is", record
        return


# One value


def single(drawn: Drawn, random: Random) -> Iterator[tuple[str, Record]]:
    """One value of each kind changed, where the round has one."""
    for name, change in SINGLE.items():
        record = copy.deepcopy(drawn.record)
        try:
            change(record, random)
        except (IndexError, StopIteration, KeyError):
            continue  # this round has none of these
        if record != drawn.record:
            yield name, record


def _proposed(record: Record, random: Random) -> Record:
    found: Record = random.choice([one for one in record["requests"] if one["proposal"]])
    return found


def _ranked(record: Record, random: Random) -> Record:
    found: Record = random.choice([each for one in record["requests"] for each in one["ranked"]])
    return found


def _some(record: Record, random: Random, key: str) -> Record:
    lists = [one[key] for one in record["requests"] if one[key]]
    found: Record = random.choice(random.choice(lists))
    return found


def _put(of: Record, key: str, value: Any) -> None:
    if key not in of:
        raise KeyError(key)
    of[key] = value


SINGLE: dict[str, Callable[[Record, Random], object]] = {
    "fit": lambda r, c: _put(_ranked(r, c), "fit", 99.99),
    "rank": lambda r, c: _put(_ranked(r, c), "rank", 17),
    "free_rank": lambda r, c: _put(_ranked(r, c), "free_rank", 17),
    "price removed": lambda r, c: _put(
        c.choice([e for o in r["requests"] for e in o["ranked"] if e["cost_to_round"]]),
        "cost_to_round",
        None,
    ),
    "proposed fit": lambda r, c: _put(_proposed(r, c)["proposal"], "fit", 99.99),
    "start": lambda r, c: _put(_proposed(r, c)["proposal"], "starts_on", "2031-01-01"),
    "bound": lambda r, c: _put(c.choice(r["objective"]), "bound", 10**6),
    "aim": lambda r, c: _put(c.choice(r["objective"]), "value", 0),
    "optimal": lambda r, c: _put(one := c.choice(r["objective"]), "optimal", not one["optimal"]),
    "dual": lambda r, c: r["certificate"]["requests"].update(
        {c.choice(r["requests"])["request_id"]: 12345}
    ),
    "dual of a team": lambda r, c: r["certificate"]["teams"].popitem(),
    "weight": lambda r, c: r["certificate"]["weights"].update(fit=2),
    "solver's word for duals": lambda r, c: r.update(
        certificate={
            "weights": r["certificate"]["weights"],
            "bounds": {each["name"]: each["value"] for each in r["objective"]},
            "word": SOLVERS_WORD,
        }
    ),
    "counts": lambda r, c: _put(r["counts"], c.choice(list(r["counts"])), 77),
    "alert removed": lambda r, c: r["alerts"].pop(),
    "duty done": lambda r, c: _put(_some(r, c, "duties"), "status", "done?"),
    "duty removed": lambda r, c: c.choice([o for o in r["requests"] if o["duties"]])[
        "duties"
    ].pop(),
    "blocked_by": lambda r, c: _put(_some(r, c, "blocked_by"), "households", 99),
    "outcome": lambda r, c: _put(c.choice(r["requests"]), "outcome", "residential"),
    "provisional": lambda r, c: c.choice(r["requests"])["provisional"].append("risks_known"),
    "state": lambda r, c: _put(c.choice(r["requests"]), "state", "closed"),
    "screening": lambda r, c: _put(_some(r, c, "screening"), "outcome", "no_consent"),
    "policy name": lambda r, c: _put(r["round"]["policy"], "name", "another"),
    "day": lambda r, c: _put(r["round"], "as_of", "2026-11-20"),
    "household": lambda r, c: _put(c.choice(r["households"]), "outcome", "kept"),
    "pinned": lambda r, c: _put(_proposed(r, c)["proposal"], "pinned", None),
    "failed rule": lambda r, c: _some(r, c, "ineligible")["failed"].pop(),
    "input": lambda r, c: _put(r["round"], "input_sha256", "0" * 64),
}


def forgeries(drawn: Drawn, random: Random) -> Iterator[tuple[str, Record]]:
    """Every kind of tampering with a round, one after the other."""
    yield from worse(drawn, random)
    yield from dearer(drawn, random)
    yield from single(drawn, random)


def named(drawn: Drawn, record: Record) -> bool:
    """Whether verify finds anything."""
    return verify(record, drawn.inputs, drawn.policy) != []


def main() -> None:
    """Draw, forge, verify, and print what was named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", type=int, default=6)
    asked = parser.parse_args()
    tried, found = defaultdict[str, int](int), defaultdict[str, int](int)
    for seed in range(asked.seed, asked.seed + asked.rounds):
        for kind in LIMITS:
            drawn = draw(seed, kind, asked.size)
            if named(drawn, drawn.record):
                print(f"an honest round is refused: seed {seed}, {kind}")
            for tampering, record in forgeries(drawn, Random(seed)):
                key = f"{kind:15} {tampering}"
                tried[key] += 1
                if named(drawn, record):
                    found[key] += 1
                else:
                    print(f"passed: seed {seed}, {key}", file=sys.stderr)
    for key in sorted(tried):
        print(f"{found[key]:4} of {tried[key]:4}  {key}")
    print(f"{sum(found.values()):4} of {sum(tried.values()):4}  in all")


if __name__ == "__main__":
    main()
