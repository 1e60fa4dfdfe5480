"""Other choices of a problem: forced pairs, households that withdraw, the next-best whole rounds."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from matcher.solve import solve
from matcher.solve.force import ForcedPrices, force
from matcher.solve.next_best import next_best
from matcher.solve.prices import Price, Prices, difference
from matcher.solve.problem import UNPLACED, Limit, Problem
from matcher.solve.withdraw import withdraw
from test_solve import a_random_problem, array, choices, limited


def holders(problem: Problem, household: np.ndarray) -> np.ndarray:
    found = np.full(problem.households, problem.requests)
    placed = np.flatnonzero(household != UNPLACED)
    found[household[placed]] = placed
    return found


def losses(best: tuple[int, ...], then: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(np.subtract(best, then).tolist())


@pytest.mark.parametrize("seed", range(30))
def test_a_household_that_withdraws_costs_what_a_new_solve_says(seed: int) -> None:
    problem = a_random_problem(seed + 4000, 6)
    solution = solve(problem)
    assert solution.slack is not None
    holder = holders(problem, solution.household)
    for home in np.flatnonzero(holder != problem.requests).tolist():
        price = withdraw(problem, solution, holder, home)
        without = problem.only(problem.household != home)
        assert price.losses == losses(solution.values, solve(without).values)
        after = price.after(solution.household)
        assert home not in after
        assert losses(solution.values, problem.totals(after)) == price.losses


def test_without_duals_nobody_withdraws() -> None:
    problem = replace(a_random_problem(1), limits=())
    solution = replace(solve(problem), duals=None)
    with pytest.raises(ValueError, match="solved again"):
        withdraw(problem, solution, holders(problem, solution.household), 0)


@pytest.mark.parametrize("seed", range(40))
def test_a_forced_pair_within_limits_equals_brute_force(seed: int) -> None:
    problem = limited(seed + 700)
    solution = solve(problem)
    prices = ForcedPrices(problem, solution)
    allowed = [array(c) for c in choices(problem) if not problem.broken(array(c))]
    for edge, pair in enumerate(zip(problem.request, problem.household, strict=True)):
        with_it = [problem.totals(c) for c in allowed if c[pair[0]] == pair[1]]
        price = prices.price(edge)
        if not with_it:
            assert price is None
            continue
        assert price is not None
        assert price.losses == losses(solution.values, max(with_it))
        after = price.after(solution.household)
        assert after[pair[0]] == pair[1]
        assert not problem.broken(after)
        assert problem.totals(after) == max(with_it)


@pytest.mark.parametrize("seed", range(25))
def test_duals_and_solving_again_give_one_price(seed: int) -> None:
    problem = a_random_problem(seed + 5000, 6)
    solution = solve(problem)
    assert solution.duals is not None
    assert solution.slack is not None
    prices = Prices(problem, solution.household, solution.duals, solution.slack)
    for edge in range(len(problem.request)):
        forced = force(problem, edge)
        assert forced is not None
        again = difference(solution.values, solution.household, forced.values, forced.household)
        assert again is not None
        assert prices.price(edge).losses == again.losses
        assert prices.totals[edge] == prices.total(edge)


def differ(one: np.ndarray, other: np.ndarray) -> int:
    return int((one != other).sum())


@pytest.mark.parametrize("least", [1, 2, 3])
@pytest.mark.parametrize("seed", range(30))
def test_the_next_best_rounds_equal_brute_force(seed: int, least: int) -> None:
    problem = (limited if seed % 3 == 2 else a_random_problem)(seed + 2000)
    best = solve(problem).household
    allowed = [array(c) for c in choices(problem) if not problem.broken(array(c))]
    before = [best]
    for found in islice(next_best(problem, best, least), 6):
        left = [c for c in allowed if all(differ(c, each) >= least for each in before)]
        assert problem.totals(found) == max(problem.totals(c) for c in left)
        assert any((found == c).all() for c in left)
        before.append(found)
    if len(before) < 7:
        assert not [c for c in allowed if all(differ(c, each) >= least for each in before)]


@pytest.mark.parametrize("seed", range(12))
def test_all_rounds_come_once_and_none_is_better_than_the_one_before(seed: int) -> None:
    problem = a_random_problem(seed + 3000)
    best = solve(problem).household
    found = [tuple(best.tolist()), *(tuple(each.tolist()) for each in next_best(problem, best))]
    assert sorted(found) == sorted(choices(problem))
    values = [problem.totals(array(each)) for each in found]
    assert values == sorted(values, reverse=True)


def test_a_problem_with_some_edges_keeps_its_limits_and_conflicts() -> None:
    problem = limited(3)
    keep = np.arange(len(problem.request)) % 2 == 0
    some = problem.only(keep)
    for choice in choices(some):
        at = array(choice)
        assert some.totals(at) == problem.totals(at)
        assert some.broken(at) == problem.broken(at)


def test_a_pair_over_a_limit_cannot_be_forced() -> None:
    problem = a_random_problem(8)
    edges = len(problem.request)
    none = Limit("none", np.ones(edges, np.int64), 0)
    assert force(replace(problem, limits=(none,)), 0) is None


def test_moves_are_made_on_a_copy() -> None:
    at = np.array([0, UNPLACED])
    assert Price((1,), ((0, 0, UNPLACED), (1, UNPLACED, 0))).after(at).tolist() == [UNPLACED, 0]
    assert at.tolist() == [0, UNPLACED]
