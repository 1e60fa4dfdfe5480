"""What a round costs, in counts that no busy machine changes: pairs looked at, edges, bytes, modules."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from matcher import cores, eligibility
from matcher.eligibility import failed_bits, misses
from matcher.fit import best_first
from matcher.loading import load
from matcher.policy.pairs import Pairs
from matcher.policy.rules import RULES
from matcher.recorder import record_of
from matcher.rounds import Prepared, match, prepare
from matcher.solve import assignment
from matcher.solve.problem import UNPLACED
from matcher.synthetic import sample
from matcher.synthetic.files import write_sample

REQUESTS, HOUSEHOLDS = 60, 400
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("scale") / "round"
    day = date(2026, 11, 23)
    write_sample(sample("london", None, REQUESTS, HOUSEHOLDS, 3, day), path)
    return path


@pytest.fixture(scope="module")
def ready(folder: Path) -> Prepared:
    inputs, policy = load(folder, None, None)
    return prepare(inputs, policy)


def test_a_rule_costs_as_little_as_its_shape(ready: Prepared, monkeypatch) -> None:
    """A rule on the household alone is asked once a round, however many requests there are."""
    asked: Counter[str] = Counter()
    for rule in RULES:

        def counting(pairs: Pairs, rule=rule, met=rule.met):
            found = met(pairs)
            asked[rule.key] += found.size
            return found

        monkeypatch.setattr(rule, "met", counting)
    monkeypatch.setattr(eligibility, "PAIRS_PER_BLOCK", 10 * HOUSEHOLDS)
    fresh = Pairs(
        ready.columns, ready.policy, ready.everyone.request_rows, ready.everyone.household_rows
    )
    eligibility.scan(fresh, 20)
    pairs = REQUESTS * HOUSEHOLDS
    for rule in RULES:
        assert asked[rule.key] <= (HOUSEHOLDS if rule.household_alone else pairs), rule.key
    # Most blocks have no parent who lives there already, no family that knows a household, no stay.
    for few in ("two_carers", "own_home", "known_to_family", "ended_before"):
        assert asked[few] < pairs / 2, few
    assert sum(asked.values()) / pairs < 13.5


def test_what_is_kept_is_linear_in_the_eligible_pairs(ready: Prepared) -> None:
    screened, ranked, problem = ready.screened, ready.ranked, ready.problem
    arrays = [screened.household, ranked.fit, ranked.relationship, ranked.rank]
    arrays += [problem.request, problem.household, ready.edge_at]
    arrays += [aim.values for aim in problem.aims if not aim.of_request]
    assert sum(array.nbytes for array in arrays) <= 34 * len(screened.household)
    assert all(len(households) <= 20 for households, _ in screened.near)
    assert all(len(aim.values) == REQUESTS for aim in problem.aims if aim.of_request)


def test_few_edges_are_solved_and_the_rest_are_priced(ready: Prepared, monkeypatch) -> None:
    solved: list[int] = []
    whole = assignment._full_matching

    def counting(part):
        solved.append(len(part.request))
        return whole(part)

    monkeypatch.setattr(assignment, "_full_matching", counting)
    household, duals, left = assignment.assign(ready.problem)
    assert max(solved) < len(ready.problem.request) / 2
    assert (left >= 0).all()
    monkeypatch.setattr(assignment, "FEW", 10**6)
    solved.clear()
    again, same, _ = assignment.assign(ready.problem)
    assert solved == [len(ready.problem.request)]
    assert (same.requests == duals.requests).all()
    assert (same.households == duals.households).all()
    assert ready.problem.totals(again) == ready.problem.totals(household)
    assert (household != UNPLACED).any()


def test_a_small_round_imports_no_more_than_it_uses(folder: Path, tmp_path: Path) -> None:
    script = (
        "import sys\nfrom matcher.cli import run\n"
        "assert run(['round', sys.argv[1], '--out', sys.argv[2], '--no-report', '--quiet']) == 0\n"
        "heavy = {'matplotlib', 'pandas', 'ortools', 'jinja2', 'xlsxwriter', 'networkx', 'multiprocessing.pool'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    command = [sys.executable, "-c", script, str(folder), str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_blocks_and_processes_change_nothing(folder: Path, ready: Prepared, monkeypatch) -> None:
    """The same records in one block here, and in many blocks in forked processes."""
    expected = record_of(match(ready))
    forks: list[bool] = []
    share_out = cores.share_out

    def forking(parts, work, *, fork):
        forks.append(fork)
        return share_out(parts, work, fork=True)

    for module in ("matcher.eligibility", "matcher.fit"):
        monkeypatch.setattr(f"{module}.share_out", forking)
    monkeypatch.setattr(eligibility, "PAIRS_PER_BLOCK", 3 * HOUSEHOLDS)
    inputs, policy = load(folder, None, None)
    assert record_of(match(prepare(inputs, policy))) == expected
    assert forks == [False, False]


def test_the_near_misses_that_are_kept_are_the_first_of_all(ready: Prepared) -> None:
    everyone = ready.everyone
    for row in range(0, REQUESTS, 7):
        pairs = everyone.of(np.array([row]))
        bits = failed_bits(pairs)[0]
        out = np.flatnonzero(bits)
        miles = np.nan_to_num(np.broadcast_to(pairs.miles, pairs.shape)[0, out])
        order = out[np.lexsort((out, miles, np.bitwise_count(bits[out])))]
        every, failed = misses(pairs)
        assert every.tolist() == order.tolist()
        assert failed.tolist() == bits[order].tolist()
        assert ready.screened.near[row][0].tolist() == order[:20].tolist()


@pytest.mark.parametrize("great", [1, 10**12], ids=["one number", "by column"])
def test_the_order_of_households(great: int) -> None:
    """Relationship, then fit, then nearness, then as given; also beyond what one number holds."""
    generator = np.random.default_rng(5)
    relationship = generator.integers(0, 3, 300) * great
    fit = generator.integers(0, 4, 300).astype(np.int16) * 2500
    miles = generator.choice([0.0, 1.5, 12.3, np.nan], 300)
    order = sorted(
        range(300), key=lambda at: (-relationship[at], -fit[at], np.nan_to_num(miles[at]), at)
    )
    assert best_first(relationship, fit, miles).tolist() == order


def test_the_page_of_the_benchmark_is_made_from_its_results(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    page = importlib.import_module("page")
    results = json.loads((ROOT / "docs" / "performance.json").read_text("utf-8"))
    assert (ROOT / "docs" / "performance.md").read_text("utf-8") == page.text(results)
