"""How firm a proposal is against the policy's weights: a fact of the proposal, no forecast."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from matcher.cores import share_out
from matcher.fit import HUNDREDTHS, Scores, criterion_weights, score
from matcher.model import Indices, Numbers
from matcher.policy import aims
from matcher.policy.criteria import CRITERIA
from matcher.rounds import SolvedRound
from matcher.solve import solve
from matcher.solve.prices import Price
from matcher.solve.problem import UNPLACED
from matcher.solve.withdraw import withdraw

MOST_STEPS = 25  # weights tried on each side of one
MANY_EDGES = 2_000
SEED = 1


@dataclass(frozen=True, slots=True)
class Turn:
    """The first weight tried at which a proposal changes, and the household then; UNPLACED is none."""

    weight: float
    household: int


@dataclass(frozen=True, slots=True)
class Range:
    """How far one weight may move alone before a proposal changes.

    `down` and `up` are None where it stays for all weights tried: from 0 to `most`.
    """

    criterion: str
    weight: float
    most: float
    down: Turn | None
    up: Turn | None


@dataclass(frozen=True, slots=True)
class NearTie:
    """Another household that costs the round a little fit and nothing else."""

    household: int
    price: Price


@dataclass(frozen=True, slots=True)
class Firmness:
    """How firm one proposal is: it stays in `stays` of `draws`; else `instead` has what came."""

    request: int
    draws: int
    stays: int
    instead: tuple[tuple[int, int], ...]  # (household, how often), the most frequent first
    ranges: tuple[Range, ...]
    near_ties: tuple[NearTie, ...]
    withdrawn: Price | None  # if the household were not available; None where a limit is in play


def firmness(now: SolvedRound, seed: int = SEED) -> list[Firmness]:
    """How firm the proposal of each family is that a household was proposed for and people don't hold.

    Every draw moves all weights at once, each by at most the policy's `stability.spread`; every
    range moves one weight alone, down to 0 and up to twice what it is: point by point, a weight
    above 25 in 25 steps each way. Each time the whole round is solved anew. The same seed gives the
    same answer.
    """
    rows = [r for r in range(len(now.household)) if now.solution.household[r] != UNPLACED]
    if not rows:
        return []
    weights = [*_drawn(now, seed), *_alone(now)]
    solve_with = _Weighed(now).household
    many = len(now.prepared.problem.request) > MANY_EDGES
    found = np.array(list(share_out(weights, solve_with, fork=many)))
    draws = int(now.prepared.policy.number("stability.draws"))
    drawn, alone = found[:draws], found[draws:]
    return [_of(now, row, drawn[:, row], alone[:, row]) for row in rows]


class _Weighed:
    """A round whose weights can be other ones."""

    def __init__(self, now: SolvedRound) -> None:
        self.prepared = prepared = now.prepared
        self.problem = prepared.problem
        columns: list[list[Numbers]] = [[np.zeros(0)] for _ in CRITERIA]
        for row in range(self.problem.requests):
            homes = self.problem.household[self.problem.edges_of(row)]
            pairs = prepared.everyone.of(np.array([row]), homes)
            for column, value in zip(columns, score(pairs).values, strict=True):
                column.append(np.broadcast_to(value, pairs.shape)[0])
        self.values = tuple(np.concatenate(column)[None, :] for column in columns)

    def household(self, weights: Numbers) -> Indices:
        """The household of each request with other weights: (requests,)."""
        fit = Scores(self.values, weights, self.values[0].shape).fit[0]
        return solve(self.prepared.with_fit(fit)).household


def _drawn(now: SolvedRound, seed: int) -> Numbers:
    policy = now.prepared.policy
    spread, draws = policy.number("stability.spread"), int(policy.number("stability.draws"))
    factors = np.random.default_rng(seed).uniform(1 - spread, 1 + spread, (draws, len(CRITERIA)))
    moved: Numbers = criterion_weights(policy) * factors
    return moved


def _alone(now: SolvedRound) -> Iterator[Numbers]:
    """All weights with one of them other than it is: each criterion's downwards, then upwards."""
    weights = criterion_weights(now.prepared.policy)
    for place, weight in enumerate(weights.tolist()):
        for value in (*_below(weight), *_above(weight)):
            moved = weights.copy()
            moved[place] = value
            yield moved


def _step(weight: float) -> float:
    return max(1.0, float(np.ceil(weight / MOST_STEPS)))


def _below(weight: float) -> list[float]:
    """Weights from the one below down to 0."""
    step = _step(weight)
    first = np.ceil(weight / step) - 1
    return [float(step * n) for n in np.arange(first, -1, -1)]


def _above(weight: float) -> list[float]:
    """Weights from the one above up to twice the weight."""
    step = _step(weight)
    first = np.floor(weight / step) + 1
    return [float(step * n) for n in np.arange(first, np.floor(2 * weight / step) + 1)]


def _of(now: SolvedRound, row: int, drawn: Indices, alone: Indices) -> Firmness:
    household_index = int(now.solution.household[row])
    others = Counter(drawn[drawn != household_index].tolist())
    return Firmness(
        row,
        len(drawn),
        int((drawn == household_index).sum()),
        tuple(sorted(others.items(), key=lambda each: (-each[1], each[0]))),
        tuple(_ranges(now, household_index, alone)),
        tuple(_near_ties(now, row)),
        _withdrawn(now, household_index),
    )


def _ranges(now: SolvedRound, household_index: int, alone: Indices) -> Iterator[Range]:
    came = iter(alone.tolist())
    for criterion, weight in zip(
        CRITERIA, criterion_weights(now.prepared.policy).tolist(), strict=True
    ):
        turns = []
        for side in (_below(weight), _above(weight)):
            # `strict=False` and the weights first: zip stops at the last weight of this side
            # before it takes an answer that belongs to the next side.
            found = [Turn(at, then) for at, then in zip(side, came, strict=False)]
            turns.append(next((turn for turn in found if turn.household != household_index), None))
        most = max([weight, *_above(weight)])
        yield Range(criterion.key, weight, most, *turns)


def _near_ties(now: SolvedRound, row: int) -> Iterator[NearTie]:
    """The other households whose choice costs the round a little fit alone, the cheapest first."""
    if now.prices is None:
        return
    problem = now.prepared.problem
    edges = problem.edges_of(row)
    homes = problem.household[edges]
    most = now.prepared.policy.number("stability.near_tie") * HUNDREDTHS
    weights = dict(zip(now.prepared.aims, problem.weights, strict=True))
    of_fit = weights.get(aims.fit.key, 0)
    little = now.prices.allowed[edges] & (now.prices.totals[edges] <= most * of_fit)
    near = np.flatnonzero(little & (homes != now.solution.household[row]))
    found = [(now.prices.price(edges.start + at), int(homes[at])) for at in near.tolist()]
    for price, household_index in sorted(found, key=lambda each: (each[0].losses, each[1])):
        cost = now.prepared.cost(price)
        fit = cost.losses.get(aims.fit.key, 0)
        if (
            fit is not None
            and fit <= most
            and all(key == aims.fit.key or not loss for key, loss in cost.losses.items())
        ):
            yield NearTie(household_index, price)


def _withdrawn(now: SolvedRound, household_index: int) -> Price | None:
    if now.prices is None:
        return None
    return withdraw(now.prepared.problem, now.solution, now.prices.holder, household_index)
