"""The solver: exact, the same answer by two ways, and a proof that can't be talked round."""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from matcher.solve import assignment, branching, cpsat, solve, sums
from matcher.solve.assignment import assign
from matcher.solve.branching import solve_apart
from matcher.solve.cpsat import solve_with_limits
from matcher.solve.exchange import best_of_all, better
from matcher.solve.force import ForcedPrices, force
from matcher.solve.groups import best_within_groups
from matcher.solve.prices import Prices, digits
from matcher.solve.problem import UNPLACED, Aim, Conflict, Duals, Groups, Limit, Problem
from matcher.solve.program import Program, Unsure
from matcher.solve.proof import NotOptimal, are_least, canonical, check, recover, slack
from matcher.solve.sums import ForcedSums, solve_sums
from matcher.solve.withdraw import withdraw

ORLIB = Path(__file__).parent / "shared" / "orlib"
Edges = Mapping[tuple[int, int], Sequence[int]]
OF_REQUEST = (True, True, True, False, True, False)


def a_problem(
    edges: Edges,
    requests: int,
    households: int,
    of_request: tuple[bool, ...] = (False,),
    limits: tuple[tuple[dict[tuple[int, int], int], int], ...] = (),
    conflicts: tuple[tuple[tuple[int, int], tuple[tuple[int, int], ...]], ...] = (),
) -> Problem:
    """A problem from a table of edges, each with its value for every aim."""
    pairs = sorted(edges)
    values = np.array([edges[pair] for pair in pairs], np.int64).reshape(-1, len(of_request))
    of_each = np.zeros((requests, len(of_request)), np.int64)
    of_each[[request for request, _ in pairs]] = values
    aims = tuple(
        Aim(f"aim {at}", (of_each if alone else values)[:, at].copy(), alone)
        for at, alone in enumerate(of_request)
    )
    return Problem(
        requests,
        households,
        np.array([pair[0] for pair in pairs], np.intp),
        np.array([pair[1] for pair in pairs], np.intp),
        aims,
        tuple(
            Limit(f"limit {at}", np.array([adds.get(p, 0) for p in pairs], np.int64), most)
            for at, (adds, most) in enumerate(limits)
        ),
        tuple(
            Conflict(f"conflict {at}", pairs.index(one), np.array([pairs.index(o) for o in others]))
            for at, (one, others) in enumerate(conflicts)
        ),
    )


def random_edges(random: Random, requests: int, households: int) -> Edges:
    """Few values, so that most choices tie: urgency, relationship, waiting and fit."""
    edges = {}
    fits = random.choice(((0,), (0, 1), (5, 7), (0, 5000, 10_000), range(10_001)))
    for request in range(requests):
        urgent, waited = random.randrange(3), random.choice((0, 0, 3, 56))
        tiers = [int(urgent == tier) for tier in range(3)]
        for household in range(households):
            if random.random() < 0.7:
                bond = random.choice((0, 0, 0, 1, 2, 3))
                edges[request, household] = (*tiers, bond, waited, random.choice(fits))
    return edges


def a_random_problem(seed: int, most: int = 4) -> Problem:
    random = Random(seed)
    requests, households = random.randint(1, most), random.randint(1, most)
    return a_problem(random_edges(random, requests, households), requests, households, OF_REQUEST)


def choices(problem: Problem) -> Iterator[tuple[int, ...]]:
    """Every choice that keeps the limits, in the order in which the tie rule prefers them."""
    homes: list[list[int]] = [[] for _ in range(problem.requests)]
    for request, home in zip(problem.request.tolist(), problem.household.tolist(), strict=True):
        homes[request].append(home)
    chosen: list[int] = []

    def rest() -> Iterator[tuple[int, ...]]:
        if len(chosen) == problem.requests:
            if not problem.broken(np.array(chosen, np.intp)):
                yield tuple(chosen)
            return
        for home in [*homes[len(chosen)], UNPLACED]:
            if home == UNPLACED or home not in chosen:
                chosen.append(home)
                yield from rest()
                chosen.pop()

    yield from rest()


def brute(problem: Problem) -> tuple[tuple[int, ...], list[tuple[int, ...]]]:
    """The lexicographic optimum and every choice that reaches it, the canonical one first."""
    reached = [(problem.totals(np.array(c, np.intp)), c) for c in choices(problem)]
    best = max(values for values, _ in reached)
    return best, [choice for values, choice in reached if values == best]


def array(choice: Sequence[int]) -> np.ndarray:
    return np.array(choice, np.intp)


# Published optima


def orlib(name: str) -> dict[tuple[int, int], int]:
    """The costs of an instance."""
    with gzip.open(ORLIB / f"{name}.txt.gz", "rt", encoding="ascii") as file:
        numbers = [int(word) for word in file.read().split()]
    size, rest = numbers[0], numbers[1:]
    if name.startswith("assignp"):
        triples = zip(rest[::3], rest[1::3], rest[2::3], strict=True)
        return {(row - 1, column - 1): cost for row, column, cost in triples}
    return {(at // size, at % size): cost for at, cost in enumerate(rest)}


@pytest.mark.parametrize(
    ("name", "size", "optimum"),
    [
        ("assign100", 100, 305),
        ("assign300", 300, 626),
        ("assign500", 500, 991),
        ("assignp800", 800, 2239),
    ],
)
def test_published_optimum(name: str, size: int, optimum: int) -> None:
    costs = orlib(name)
    great = size * max(costs.values()) + 1  # so that one more placement outweighs any cost
    problem = a_problem({pair: [great - cost] for pair, cost in costs.items()}, size, size)
    solution = solve(problem)
    homes = solution.household.tolist()
    assert sorted(homes) == list(range(size)), "all are assigned"
    assert sum(costs[pair] for pair in enumerate(homes)) == optimum
    assert solution.values == solution.bounds == (size * great - optimum,)
    assert solution.duals is not None
    assert check(problem, solution.household, solution.duals) == []
    assert solution.duals.requests.sum() + solution.duals.households.sum() == solution.values[0]


# Two solvers and brute force


@pytest.mark.parametrize("first", range(0, 240, 40))
def test_the_one_weight_equals_lexicographic_brute_force(first: int) -> None:
    for seed in range(first, first + 40):
        problem = a_random_problem(seed)
        best, equals = brute(problem)
        solution = solve(problem)
        assert solution.values == solution.bounds == best, seed
        assert tuple(solution.household.tolist()) == equals[0], (seed, equals)
        assert solution.duals is not None


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_both_solvers_agree(first: int) -> None:
    for seed in range(first, first + 20):
        problem = a_random_problem(seed, 9)
        found, _, _ = assign(problem)
        duals = recover(problem, found)
        mine = canonical(problem, found, duals, slack(problem, duals))
        theirs = solve_with_limits(problem, array([UNPLACED] * problem.requests))
        assert theirs.values == theirs.bounds == problem.totals(mine), seed
        assert theirs.household.tolist() == mine.tolist(), seed
        assert theirs.duals is None
        assert theirs.household.tolist() == solve_with_limits(problem, mine).household.tolist()


@pytest.mark.parametrize("seed", range(40))
def test_duals_and_tie_rule_do_not_depend_on_the_optimum_found(seed: int) -> None:
    problem = a_random_problem(seed + 500)
    _, equals = brute(problem)
    first = recover(problem, array(equals[0]))
    for each in equals:
        duals = recover(problem, array(each))
        assert duals.requests.tolist() == first.requests.tolist(), each
        assert duals.households.tolist() == first.households.tolist(), each
        assert (
            tuple(canonical(problem, array(each), duals, slack(problem, duals)).tolist())
            == equals[0]
        ), each


@pytest.mark.parametrize("seed", range(25))
def test_a_choice_that_can_be_improved_has_no_duals(seed: int) -> None:
    problem = a_random_problem(seed + 900)
    best, _ = brute(problem)
    for each in choices(problem):
        if problem.totals(array(each)) != best:
            with pytest.raises(NotOptimal):
                recover(problem, array(each))


@pytest.mark.parametrize("seed", range(40))
def test_prices_equal_brute_force(seed: int) -> None:
    problem = a_random_problem(seed + 1300)
    solution = solve(problem)
    assert solution.duals is not None
    prices = Prices(problem, solution.household, solution.duals, slack(problem, solution.duals))
    reached = [(problem.totals(array(c)), c) for c in choices(problem)]
    for edge, pair in enumerate(zip(problem.request, problem.household, strict=True)):
        forced = max(values for values, choice in reached if choice[pair[0]] == pair[1])
        price = prices.price(edge)
        assert price.losses == tuple(np.subtract(solution.values, forced).tolist()), pair
        after = solution.household.copy()
        for who, left, to in price.moves:
            assert after[who] == left != to
            after[who] = to
        assert after[pair[0]] == pair[1]
        placed = after[after != UNPLACED].tolist()
        assert len(placed) == len(set(placed))
        assert problem.totals(after) == forced


def test_a_family_that_has_to_move_goes_to_the_first_of_equal_homes() -> None:
    problem = a_problem({(0, 0): [5], (0, 1): [4], (0, 2): [4], (1, 0): [0]}, 2, 3)
    solution = solve(problem)
    assert solution.duals is not None
    price = Prices(
        problem, solution.household, solution.duals, slack(problem, solution.duals)
    ).price(3)
    assert (price.losses, price.moves) == ((1,), ((0, 0, 1), (1, UNPLACED, 0)))


# Limits and conflicts


def limited(seed: int) -> Problem:
    random = Random(seed)
    requests, households = random.randint(1, 4), random.randint(1, 4)
    edges = random_edges(random, requests, households)
    fees = {pair: random.choice((0, 1, 2, 5)) for pair in edges}
    team = {pair: pair[1] % 2 for pair in edges}
    conflicts = []
    for one in edges:
        others = tuple(o for o in edges if o[0] == one[0] + 1 and o[1] != one[1])
        if others and random.random() < 0.3:
            conflicts.append((one, tuple(random.sample(others, random.randint(1, len(others))))))
    limits = ((team, random.choice((0, 1, 9))), (fees, random.choice((0, 3, 5, 99))))
    return a_problem(edges, requests, households, OF_REQUEST, limits, tuple(conflicts))


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_limits_against_brute_force(first: int) -> None:
    for seed in range(first, first + 20):
        problem = limited(seed)
        best, equals = brute(problem)
        solution = solve(problem)
        assert solution.values == solution.bounds == best, seed
        assert tuple(solution.household.tolist()) == equals[0], (seed, equals)
        assert problem.broken(solution.household) == []


def test_limits_that_bind_nothing_keep_the_duals() -> None:
    edges = {(0, 0): [5], (0, 1): [4], (1, 0): [4], (1, 1): [5]}
    loose = ((dict.fromkeys(edges, 1), 2),)
    idle = (((0, 0), ((1, 0),)),)
    assert solve(a_problem(edges, 2, 2, limits=loose, conflicts=idle)).duals is not None
    tight = ((dict.fromkeys(edges, 1), 1),)
    solution = solve(a_problem(edges, 2, 2, limits=tight))
    assert solution.duals is None
    assert (solution.values, solution.bounds) == ((5,), (5,))
    assert solution.household.tolist() == [0, UNPLACED]
    apart = (((0, 0), ((1, 1),)),)
    solution = solve(a_problem(edges, 2, 2, conflicts=apart))
    assert (solution.values, solution.household.tolist()) == ((8,), [1, 0])
    assert solution.duals is None


def test_broken_limits_are_named_once() -> None:
    edges = {(0, 0): [1], (1, 1): [1]}
    limits = (({(0, 0): 2, (1, 1): 2}, 3),)
    problem = a_problem(edges, 2, 2, limits=limits, conflicts=(((0, 0), ((1, 1),)),))
    assert problem.broken(array([0, 1])) == ["limit 0", "conflict 0"]
    assert problem.broken(array([0, UNPLACED])) == []


@pytest.mark.parametrize("seed", range(4))
def test_requests_that_all_want_the_same_few_households(seed: int) -> None:
    """The best few edges of each request place no more than a few: the others are priced in."""
    random = Random(seed)
    size = 60
    edges = {
        (request, home): [1, 1000 - 10 * home + random.randrange(12)]
        for request in range(size)
        for home in range(size)
    }
    problem = a_problem(edges, size, size, (True, False))
    values = np.array([edges[pair][1] for pair in sorted(edges)]).reshape(size, size)
    rows, homes = linear_sum_assignment(values, maximize=True)
    assert solve(problem).values == (size, int(values[rows, homes].sum()))


# Where there is nothing to choose


@pytest.mark.parametrize(("requests", "households"), [(0, 0), (0, 3), (3, 0), (3, 3)], ids=str)
@pytest.mark.parametrize("limits", [(), (({}, 0),)], ids=["", "limit"])
def test_nothing_to_choose(
    requests: int, households: int, limits: tuple[tuple[dict[tuple[int, int], int], int], ...]
) -> None:
    problem = a_problem({}, requests, households, OF_REQUEST, limits)
    solution = solve(problem)
    assert solution.household.tolist() == [UNPLACED] * requests
    assert solution.values == solution.bounds == (0,) * 6
    assert solution.duals is not None
    assert not solution.duals.requests.any()
    assert not solution.duals.households.any()
    by_limits = solve_with_limits(problem, solution.household)
    assert by_limits.household.tolist() == [UNPLACED] * requests
    assert by_limits.values == by_limits.bounds == (0,) * 6


# The checker


EDGES = {(0, 0): [7], (0, 1): [5], (1, 0): [6], (2, 2): [0]}  # 0 → 1 and 1 → 0, worth 11
CHOICE = [1, 0, UNPLACED]


@pytest.mark.parametrize(
    ("requests", "households", "wrong"),
    [
        ((5, 4, 0), (2, 0, 0), []),
        ((5, 3, 0), (3, 0, 0), []),
        ((6, 4, 0), (2, -1, 0), ["a dual is negative"]),
        ((5, 7, 0), (-1, 0, 0), ["a dual is negative", "a pair is worth more than its duals"]),
        ((5, 5, 0), (1, 0, 0), ["a pair is worth more than its duals"]),
        ((6, 4, 0), (2, 0, 0), ["a proposed pair is worth less than its duals"]),
        ((5, 4, 1), (2, 0, 0), ["a request without a household has a dual"]),
        ((5, 4, 0), (2, 0, 1), ["a household without a request has a dual"]),
        (
            (0, 0, 0),
            (0, 0, 0),
            ["a pair is worth more than its duals", "a proposed pair is worth less than its duals"],
        ),
    ],
    ids=str,
)
def test_check_names_what_is_wrong(
    requests: tuple[int, ...], households: tuple[int, ...], wrong: list[str]
) -> None:
    problem = a_problem(EDGES, 3, 3)
    duals = Duals(np.array(requests, np.int64), np.array(households, np.int64))
    assert check(problem, array(CHOICE), duals) == wrong


def test_the_households_are_worth_least_in_the_duals_recovered() -> None:
    duals = recover(a_problem(EDGES, 3, 3), array(CHOICE))
    assert (duals.requests.tolist(), duals.households.tolist()) == ([5, 4, 0], [2, 0, 0])


def test_an_edge_that_does_not_exist_is_no_choice() -> None:
    problem = a_problem(EDGES, 3, 3)
    for choice in ([2, 0, UNPLACED], [UNPLACED, UNPLACED, 0], [1, 2, UNPLACED]):
        with pytest.raises(KeyError):
            problem.edges(array(choice))


# Weights


@pytest.mark.parametrize("seed", range(50))
def test_digits_round_trip(seed: int) -> None:
    random = Random(seed)
    problem = a_random_problem(seed, 8)
    bounds, weights = problem.bounds, problem.weights
    for _ in range(40):
        losses = [random.choice((-b, -b + 1, -1, 0, 1, b - 1, b)) for b in bounds]
        losses = [max(-b, min(b, lost)) for lost, b in zip(losses, bounds, strict=True)]
        total = sum(lost * weight for lost, weight in zip(losses, weights, strict=True))
        assert digits(total, weights) == tuple(losses)


def test_each_weight_outweighs_all_later_aims_twice() -> None:
    problem = a_random_problem(3, 8)
    weights, bounds = problem.weights, problem.bounds
    for at, weight in enumerate(weights):
        later = zip(weights[at + 1 :], bounds[at + 1 :], strict=True)
        assert weight == 1 + 2 * sum(w * b for w, b in later)


@pytest.mark.parametrize("seed", range(40))
def test_one_weight_is_exact_up_to_its_border(seed: int) -> None:
    random = Random(seed)
    size = random.randint(2, 5)
    great = 2**51 - 1
    edges = {
        (request, home): [random.choice((great, great - 1, great - 2, great // 2, 1, 0))]
        for request in range(size)
        for home in range(size - random.randrange(2))
        if random.random() < 0.8
    }
    problem = a_problem(edges, size, size)
    assert problem.exact
    best, equals = brute(problem)
    solution = solve(problem)
    assert (solution.values, tuple(solution.household.tolist())) == (best, equals[0])
    edges[0, 0] = [great + 1]
    assert not a_problem(edges, size, size).exact


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("scale", [2**24, 2**40], ids=["inexact", "beyond 64 bits"])
def test_values_too_great_for_one_weight(seed: int, scale: int) -> None:
    random = Random(seed)
    size = random.randint(2, 4)
    edges = {
        (request, home): [random.randrange(4) * scale, random.choice((0, 1, scale)), home % 2]
        for request in range(size)
        for home in range(size)
        if random.random() < 0.8
    }
    edges[0, 0] = [3 * scale, scale, 0]
    edges[1, 0] = [3 * scale, scale, 1]
    problem = a_problem(edges, size, size, (False, False, False))
    assert not problem.exact
    best, equals = brute(problem)
    solution = solve(problem)
    assert solution.values == solution.bounds == best
    assert tuple(solution.household.tolist()) == equals[0]
    assert solution.duals is None


def with_groups(seed: int, most: int = 4) -> Problem:
    """A random problem whose households have teams, each of which may take so many."""
    random = Random(seed)
    requests, households = random.randint(1, most), random.randint(1, most)
    edges = random_edges(random, requests, households)
    teams = np.array([random.randrange(3) for _ in range(households)])  # 2: in none
    at_most = np.array([random.choice((0, 1, 1, 2)) for _ in range(2)], np.int64)
    problem = a_problem(edges, requests, households, OF_REQUEST)
    return replace(problem, groups=Groups(("A", "B"), ("cap A", "cap B"), at_most, teams))


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_caps_of_groups_are_proven_and_priced_by_duals(first: int) -> None:
    proven = 0
    for seed in range(first, first + 50):
        problem = with_groups(seed)
        assert problem.groups is not None
        solution = solve(problem)
        best, choices_ = brute(problem)
        assert solution.values == best, seed
        assert tuple(solution.household.tolist()) == choices_[0], seed
        duals, left = solution.duals, solution.slack
        assert duals is not None
        assert left is not None
        proven += bool(duals.groups.any())
        assert check(problem, solution.household, duals) == []
        taken = problem.groups.taken(solution.household)
        assert (duals.groups[taken < problem.groups.at_most] == 0).all()
        prices = Prices(problem, solution.household, duals, left)
        for edge in range(len(problem.request)):
            theirs = force(problem, edge)
            assert (theirs is not None) == prices.allowed[edge]
            if theirs is not None:
                ours = prices.price(edge)
                assert ours.losses == tuple(np.subtract(best, theirs.values).tolist())
                assert prices.total(edge) == prices.totals[edge]
                after = ours.after(solution.household)
                assert after[problem.request[edge]] == problem.household[edge]
                assert not problem.broken(after)
                assert problem.totals(after) == tuple(np.subtract(best, ours.losses).tolist())
    assert proven > 10


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_duals_and_tie_rule_with_groups_do_not_depend_on_the_optimum_found(first: int) -> None:
    for seed in range(first, first + 20):
        problem = with_groups(seed + 2000)
        _, equals = brute(problem)
        known = recover(problem, array(equals[0]))
        for each in equals:
            duals = recover(problem, array(each))
            left = slack(problem, duals)
            assert duals.groups.tolist() == known.groups.tolist(), (seed, each)
            assert duals.households.tolist() == known.households.tolist(), (seed, each)
            assert are_least(problem, array(each), duals, left)
            named = canonical(problem, array(each), duals, left)
            assert tuple(named.tolist()) == equals[0], (seed, each)
            more = replace(duals, groups=duals.groups + 1)
            if problem.groups is not None and problem.groups.taken(array(each)).any():
                assert check(problem, array(each), more) != []


@pytest.mark.parametrize("bits", [1, 4, 20, 40])
def test_weights_too_great_for_the_flow_are_solved_to_the_last_bit(bits: int) -> None:
    for seed in range(40):
        problem = with_groups(seed + 8000, 6)
        household = best_within_groups(problem, bits)
        assert not problem.broken(household)
        assert problem.totals(household) == solve(problem).values, seed


def test_a_few_edges_to_begin_with_find_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(40):
        problem = with_groups(seed + 9000, 9)
        monkeypatch.setattr(assignment, "FEW", 16)
        whole = solve(problem)
        monkeypatch.setattr(assignment, "FEW", 1)
        assert solve(problem).household.tolist() == whole.household.tolist(), seed


def test_a_problem_that_begins_with_the_pairs_of_its_optimum_takes_no_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problems = [a_random_problem(seed, 9) for seed in range(700, 720)]
    found = [solve(problem) for problem in problems]
    monkeypatch.setattr(assignment, "_best_of_each", None)
    for problem, solution in zip(problems, found, strict=True):
        again = solve(problem, solution.part)
        assert again.household.tolist() == solution.household.tolist()
        assert again.duals is not None
        assert solution.duals is not None
        assert again.duals.requests.tolist() == solution.duals.requests.tolist()


def test_duals_above_the_least_prove_a_round_but_are_not_the_least() -> None:
    problem = a_problem({(0, 0): [5], (1, 0): [3]}, 2, 1)
    for worth, least in ((3, True), (4, False)):
        duals = Duals(np.array([5 - worth, 0]), np.array([worth]))
        choice = array([0, UNPLACED])
        assert check(problem, choice, duals) == []
        assert are_least(problem, choice, duals, slack(problem, duals)) is least


@pytest.mark.parametrize("first", range(0, 120, 40))
def test_without_a_household_or_a_placement_within_groups(first: int) -> None:
    for seed in range(first, first + 40):
        problem = with_groups(seed + 5000, 6)
        solution = solve(problem)
        assert solution.duals is not None
        assert solution.slack is not None
        prices = Prices(problem, solution.household, solution.duals, solution.slack)
        for request in np.flatnonzero(solution.household != UNPLACED).tolist():
            home = int(solution.household[request])
            price = withdraw(problem, solution, prices.holder, home)
            then = solve(problem.only(problem.household != home)).values
            assert price.losses == tuple(np.subtract(solution.values, then).tolist()), seed
            assert problem.totals(price.after(solution.household)) == then
            assert not problem.broken(price.after(solution.household))
            price = prices.leave(request)
            then = solve(problem.only(problem.request != request)).values
            assert price.losses == tuple(np.subtract(solution.values, then).tolist()), seed
            assert problem.totals(price.after(solution.household)) == then
            assert not problem.broken(price.after(solution.household))


@pytest.mark.parametrize("first", range(0, 40, 20))
def test_groups_agree_with_the_other_solver(first: int) -> None:
    for seed in range(first, first + 20):
        problem = with_groups(seed + 7000, 9)
        mine = solve(problem)
        theirs = solve_with_limits(problem, array([UNPLACED] * problem.requests))
        assert theirs.values == theirs.bounds == mine.values, seed
        assert theirs.household.tolist() == mine.household.tolist(), seed


LIMITS = ("teams", "fees", "apart", "teams fees", "teams apart", "teams fees apart")


def limits_of(seed: int, kinds: str) -> Problem:
    """A random problem with limits of some kinds: teams, fees of households, and families kept apart."""
    random = Random(seed)
    requests, households = random.randint(2, 4), random.randint(2, 5)
    edges = random_edges(random, requests, households)
    fees = [random.choice((0, 1, 2, 5)) for _ in range(households)]
    at = [random.randrange(4) for _ in range(households)]  # where each household is
    apart = []
    for one, other in edges:
        near = tuple(o for o in edges if o[0] == one + 1 and 0 < abs(at[o[1]] - at[other]) < 2)
        if near and one % 2 == 0:
            apart.append(((one, other), near))
    sums = (({pair: fees[pair[1]] for pair in edges}, random.choice((2, 4, 6))),)
    problem = a_problem(
        edges,
        requests,
        households,
        OF_REQUEST,
        sums if "fees" in kinds else (),
        tuple(apart) if "apart" in kinds else (),
    )
    teams = np.array([random.randrange(3) for _ in range(households)])
    groups = Groups(("A", "B"), ("cap A", "cap B"), np.array([random.randrange(3), 1]), teams)
    return replace(problem, groups=groups if "teams" in kinds else None)


@pytest.mark.parametrize("kinds", LIMITS)
def test_each_limit_alone_and_all_together_equal_brute_force(kinds: str) -> None:
    """Values and the choice that the tie rule names on fifty rounds each, and prices on some."""
    binding = 0
    for seed in range(50):
        problem = limits_of(seed, kinds)
        best, equals = brute(problem)
        solution = solve(problem)
        assert solution.values == solution.bounds == best, seed
        assert tuple(solution.household.tolist()) == equals[0], seed
        reached = [(problem.totals(array(c)), c) for c in choices(problem)]
        prices = ForcedPrices(problem, solution)
        free = replace(problem, limits=(), conflicts=(), groups=None)
        binding += solve(free).values != best
        if problem.limits and seed % 5:
            continue
        for edge, pair in enumerate(zip(problem.request, problem.household, strict=True)):
            with_it = [values for values, choice in reached if choice[pair[0]] == pair[1]]
            price = prices.price(edge)
            if not with_it:
                assert price is None, (seed, pair)
                continue
            assert price is not None, (seed, pair)
            assert price.losses == tuple(np.subtract(best, max(with_it)).tolist()), (seed, pair)
            after = price.after(solution.household)
            assert after[pair[0]] == pair[1]
            assert not problem.broken(after)
            assert problem.totals(after) == max(with_it)
    assert binding > 10


@pytest.mark.parametrize("kinds", ["apart", "teams apart"])
def test_branching_agrees_with_the_other_solver(kinds: str) -> None:
    for seed in range(20):
        problem = limits_of(seed + 100, kinds)
        mine = solve_apart(problem)
        theirs = solve_with_limits(problem, array([UNPLACED] * problem.requests))
        assert mine is not None
        assert mine.values == theirs.values == theirs.bounds, seed
        assert mine.household.tolist() == theirs.household.tolist(), seed


def test_where_branching_takes_too_long_the_other_solver_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(branching, "MOST_NODES", 1)
    asked = 0
    for seed in range(20):
        problem = limits_of(seed, "teams apart")
        asked += solve_apart(problem) is None
        assert solve(problem).values == brute(problem)[0]
    assert asked > 0


@pytest.mark.parametrize("kinds", ["fees", "teams fees apart"])
def test_aims_one_by_one_and_requests_one_by_one_are_no_other(
    kinds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in range(20):
        problem = limits_of(seed + 300, kinds)
        nobody = array([UNPLACED] * problem.requests)
        together = solve(problem), solve_with_limits(problem, nobody)
        with monkeypatch.context() as patch:
            patch.setattr(cpsat, "MOST_AT_ONCE", 1)
            patch.setattr(sums, "MOST_TOGETHER", 1)
            apart = solve(problem), solve_with_limits(problem, nobody)
        assert len({each.values for each in (*together, *apart)}) == 1, seed
        assert len({tuple(each.household.tolist()) for each in (*together, *apart)}) == 1, seed


def with_fees(
    seed: int, requests: int, households: int, share: float, apart: int, teams: bool
) -> Problem:
    """A random problem of some size: its fees may be a share of what the best round without limits costs."""
    random = Random(seed)
    edges = {
        pair: (*values[:-1], random.randrange(10_001))
        for pair, values in random_edges(random, requests, households).items()
        if random.random() < 0.4
    }
    fees = [500 * random.randrange(120, 240) for _ in range(households)]
    free = a_problem(edges, requests, households, OF_REQUEST)
    best = solve(free).household
    at = [random.random() for _ in range(households)]
    conflicts = []
    for one in range(0, 2 * apart, 2):
        for first in (pair for pair in edges if pair[0] == one):
            near = (o for o in edges if o[0] == one + 1 and 0 < abs(at[o[1]] - at[first[1]]) < 0.3)
            if others := tuple(near):
                conflicts.append((first, others))
    spent = sum(fees[home] for home in best.tolist() if home != UNPLACED)
    limits = (({pair: fees[pair[1]] for pair in edges}, int(share * spent)),)
    problem = a_problem(edges, requests, households, OF_REQUEST, limits, tuple(conflicts))
    of = np.arange(households) // 4
    many = int(of[-1]) + 1
    cap = max(1, int(np.bincount(of[best[best != UNPLACED]]).max()) - 1)
    names = tuple(f"team {at}" for at in range(many))
    groups = Groups(names, names, np.full(many, cap), of)
    return replace(problem, groups=groups if teams else None)


@pytest.mark.parametrize(
    ("requests", "households", "share", "apart", "teams"),
    [(10, 16, 0.7, 0, False), (12, 16, 0.7, 2, True), (16, 24, 0.5, 4, True)],
)
def test_limited_sums_agree_with_the_other_solver(
    requests: int, households: int, share: float, apart: int, teams: bool
) -> None:
    binding = 0
    for seed in range(3):
        problem = with_fees(seed, requests, households, share, apart, teams)
        mine = solve_sums(problem)
        theirs = solve_with_limits(problem, array([UNPLACED] * requests))
        binding += mine.values < solve(replace(problem, limits=())).values
        assert mine.values == mine.bounds == theirs.values == theirs.bounds, seed
        assert mine.household.tolist() == theirs.household.tolist(), seed
    assert binding > 0


@pytest.mark.parametrize("teams", [False, True], ids=["fees apart", "teams fees apart"])
def test_prices_under_limited_sums_agree_with_the_other_solver(teams: bool) -> None:
    problem = with_fees(3, 12, 16, 0.8, 2, teams)
    solution = solve(problem)
    mine, theirs = ForcedSums(problem, solution), cpsat.Forced(problem, solution)
    for edge in range(0, len(problem.request), 6):
        one, other = mine.household(edge), theirs.household(edge)
        assert one is not None
        assert other is not None
        assert one[problem.request[edge]] == problem.household[edge]
        assert problem.broken(one) == []
        assert problem.totals(one) == problem.totals(other), edge


@pytest.mark.parametrize("few", [1, 400])
def test_no_choice_exceeds_the_bound_of_a_sum_nor_that_of_its_pairs(
    few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sums, "FEW_EDGES", few)
    for seed in range(8):
        problem = limits_of(seed + 700, "teams fees apart")
        program = Program.of(problem)
        every = [array(choice) for choice in choices(problem)]
        for aim in range(len(problem.aims)):
            values = program.values(aim)
            bound = program.bound(values)
            for choice in every:
                edges = problem.edges(choice)
                reached = int(values[edges].sum())
                assert reached <= bound.at_most
                assert (reached <= bound.of_edges[edges]).all()
        assert solve_sums(problem).values == brute(problem)[0], seed


def test_values_too_great_for_floating_point_are_asked_of_the_other_solver() -> None:
    edges = {(0, 0): [2**40 + 1], (0, 1): [2**40], (1, 0): [2**40 + 1], (1, 1): [1]}
    limits = ((dict.fromkeys(edges, 1), 1),)
    problem = a_problem(edges, 2, 2, limits=limits)
    with pytest.raises(Unsure):
        solve_sums(problem)
    assert solve(problem).household.tolist() == [0, UNPLACED]


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_trying_every_choice_finds_the_best_and_the_best_with_each_pair(first: int) -> None:
    for seed in range(first, first + 30):
        problem = limited(seed)
        best, equals = brute(problem)
        found = best_of_all(problem)
        assert found is not None
        assert (found.values, tuple(found.household.tolist())) == (best, equals[0]), seed
        reached = [(problem.totals(array(c)), c) for c in choices(problem)]
        for edge, pair in enumerate(zip(problem.request, problem.household, strict=True)):
            forced = [values for values, choice in reached if choice[pair[0]] == pair[1]]
            assert found.with_edge.get(edge) == max(forced, default=None)


@pytest.mark.parametrize("first", range(0, 120, 30))
def test_exchanges_better_a_choice_within_limits_and_never_the_best_one(first: int) -> None:
    bettered = worse = 0
    for seed in range(first, first + 30):
        problem = limited(seed)
        best, _ = brute(problem)
        for choice in choices(problem):
            found, values = better(problem, array(choice)), problem.totals(array(choice))
            if found is not None:
                assert problem.totals(found) > values
                assert problem.broken(found) == []
            assert values != best or found is None
            bettered, worse = bettered + (found is not None), worse + (values != best)
    assert bettered > 0.98 * worse
