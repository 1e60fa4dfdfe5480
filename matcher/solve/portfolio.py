"""Choose what to buy so that most requests can be placed: exact, with the least cost for it.

A household, as it is or as an option would make it, is an alternative; at most one alternative of a
household counts. An option may be bought several times where it makes a household each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcher.model import Indices, Numbers
from matcher.solve.problem import Integers
from matcher.solve.shortage import MOST_OFF, NotProven, Ways, cheapest
from matcher.solve.silence import silenced

A_LITTLE = 1e-6
FEW_PAIRS = 6_000  # among which the later aims choose
LARGEST = 1e8  # sum of a stage in which several aims are told apart by their weight


@dataclass(frozen=True)
class Alternative:
    """A household in one way: the requests it could take, (k,), and what that costs in £.

    Of the alternatives of one `household` at most one counts; that which costs nothing is the
    household as it is. `values` has, for each of these requests, what the pair adds to each later
    aim, (k, later aims). `copies` is how many such households there may be.
    """

    household: int
    requests: tuple[int, ...]
    values: tuple[tuple[int, ...], ...]
    cost: int
    copies: int = 1


@dataclass(frozen=True)
class Bought:
    """The number of each alternative, what they cost in £, and the value of each aim.

    Of those that cost nothing it is how many of them take a request.
    """

    numbers: tuple[int, ...]
    cost: int
    values: tuple[int, ...]


def frontier(
    aims: Sequence[Integers], alternatives: Sequence[Alternative], budget: int
) -> Iterator[Bought]:
    """The best that can be bought for the budget, and then, dearest first, for ever less.

    `aims` are of the requests, each (requests,), in strict order of precedence. Each answer reaches
    the greatest aims for its money and costs the least for them; between two neighbours no money
    buys anything better than the cheaper one. The last costs nothing. Raises NotProven.
    """
    while budget >= 0:
        found = best(aims, alternatives, budget)
        yield found
        budget = found.cost - 1


def best(aims: Sequence[Integers], alternatives: Sequence[Alternative], budget: int) -> Bought:
    """The greatest aims, one after another, for the budget, and the least cost that reaches them.

    Of what costs the same, the later aims choose, in their order, where there are not too many pairs:
    telling them apart takes longer than all else.
    """
    if not any(each.requests for each in alternatives):
        return Bought((0,) * len(alternatives), 0, (0,) * len(aims))
    fits = np.zeros((len(alternatives), len(aims[0])), bool)
    for at, each in enumerate(alternatives):
        fits[at, each.requests] = True
    ways = Ways(
        np.array([each.household for each in alternatives]),
        np.array([each.cost for each in alternatives]),
        np.array([each.copies for each in alternatives]),
        fits,
    )
    numbers, cost, values = cheapest(aims, ways, budget)
    if fits.sum() <= FEW_PAIRS and any(any(each.values) for each in alternatives):
        numbers = _by_later_aims(aims, alternatives, cost, values)
    return Bought(tuple(numbers.tolist()), cost, tuple(values))


def _by_later_aims(
    aims: Sequence[Integers], alternatives: Sequence[Alternative], cost: int, values: Sequence[int]
) -> Indices:
    """How many of each alternative take a request, of all that reach as much for the same."""
    choice = _Choice(alternatives, cost)
    for aim, value in zip(aims, values, strict=True):
        choice.rows.append((choice.of_takes(aim[choice.request])[None], value, np.inf))
    for worth in choice.merged([choice.of_takes(later) for later in choice.later]):
        choice.held(worth)
    return choice.numbers


class _Choice:
    """How many of each alternative, and who is taken by which: a program in whole numbers.

    Only what costs money has to be whole: once that is chosen, what is left is who goes where, whose
    program has whole corners; and the greatest aims so far are a face of it, whose corners it shares.
    What is reached for how much is known: it chooses among equals.
    """

    def __init__(self, alternatives: Sequence[Alternative], budget: int) -> None:
        many = len(alternatives)
        sizes = [len(each.requests) for each in alternatives]
        of = np.repeat(np.arange(many), sizes)
        self.request = np.array([r for each in alternatives for r in each.requests], np.intp)
        values = [value for each in alternatives for value in each.values]
        self.later = [*np.array(values, float).reshape(len(of), -1).T]
        cost = np.zeros(many + len(of))
        cost[:many] = [each.cost for each in alternatives]
        copies = np.array([each.copies for each in alternatives])
        self.most = np.concatenate([copies, np.ones(len(of))])
        takes = many + np.arange(len(of))
        homes = np.array([each.household for each in alternatives])
        single = np.flatnonzero(copies == 1)
        self.rows: list[tuple[Any, float, float]] = [
            # A household takes as many as there are of it, and each request is taken once.
            (self._sums([of, np.arange(many)], [takes, np.arange(many)], [1, -1]), -np.inf, 0),
            (self._sums([self.request], [takes], [1]), -np.inf, 1),
            (self._sums([homes[single]], [single], [1]), -np.inf, 1),
            (cost[None], -np.inf, budget),
        ]
        self.whole = np.concatenate([cost[:many] > 0, np.zeros(len(of), bool)])
        self.chosen = np.zeros(len(self.most))
        self._many, self._of = many, of

    def _sums(self, rows: Sequence[Any], columns: Sequence[Any], signs: Sequence[int]) -> Any:
        from scipy.sparse import csr_array

        _, at = np.unique(np.concatenate(rows), return_inverse=True)
        ones = np.concatenate(
            [np.full(len(each), sign, float) for each, sign in zip(columns, signs, strict=True)]
        )
        shape = (int(at.max(initial=-1)) + 1, len(self.most))
        return csr_array((ones, (at, np.concatenate(columns))), shape=shape)

    def merged(self, aims: Sequence[Numbers]) -> list[Numbers]:
        """Neighbouring aims as one, each outweighing all later ones, where the sums stay small."""
        made: list[Numbers] = []
        reach = LARGEST
        for aim in aims:
            own = float(aim.max(initial=0)) * len(np.unique(self.request))
            together = reach * (own + 1) + own
            if made and together < LARGEST:
                made[-1], reach = made[-1] * (own + 1) + aim, together
            else:
                made.append(aim)
                reach = own
        return made

    def of_takes(self, worth: Any) -> Numbers:
        """What each variable adds to an aim, of what each taken request adds."""
        return np.concatenate([np.zeros(self._many), np.asarray(worth, float)])

    def held(self, worth: Numbers) -> None:
        """Choose the greatest sum by this worth, and hold it from then on; raises NotProven."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        with silenced():
            found = milp(
                -worth,
                constraints=[
                    LinearConstraint(a, low, high) for a, low, high in self.rows if a.shape[0]
                ],
                bounds=Bounds(0, self.most),
                integrality=self.whole.astype(np.int8),
                options={"mip_rel_gap": 0},
            )
        if found.status != 0:
            raise NotProven("the solver did not prove a portfolio")
        chosen = np.rint(found.x)
        value = round(float(worth @ chosen))
        kept = all(
            (low - A_LITTLE <= sums).all() and (sums <= high + A_LITTLE).all()
            for sums, low, high in ((a @ chosen, low, high) for a, low, high in self.rows)
        )
        if not kept or abs(value + float(found.fun)) > MOST_OFF:
            raise NotProven("the solver's portfolio is not whole")
        self.rows.append((worth[None], value, np.inf))
        self.chosen = chosen

    @property
    def numbers(self) -> Indices:
        """How many of each alternative; of those that cost nothing how many take a request."""
        many = self._many
        used = np.bincount(self._of, self.chosen[many:], many)
        found = np.where(self.whole[:many], self.chosen[:many], used)
        return found.astype(np.intp)
