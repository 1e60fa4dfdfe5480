"""Run the soft criteria over eligible pairs: fit in hundredths, and the order in which they rank."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from math import floor
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.cores import share_out
from matcher.eligibility import Screened
from matcher.model import Indices, Numbers
from matcher.policy.aims import fit_comes_first
from matcher.policy.criteria import CRITERIA
from matcher.policy.pairs import Pairs, at
from matcher.policy.settings import Policy

Integers: TypeAlias = NDArray[np.signedinteger[Any]]

HUNDREDTHS = 100
MANY_EDGES = 1 << 20
SMALL = 1 << 14  # half of what two bytes hold, so that sums of two fit as well
_SAFE = 1e-9  # added before rounding, so that no machine's last bit decides


def rounded(value: Numbers) -> NDArray[np.int64]:
    """A number from 0 to 100 as whole hundredths, halves up."""
    return np.floor((value + _SAFE) * HUNDREDTHS + 0.5).astype(np.int64)


def rounded_one(value: float) -> int:
    """The same of one number."""
    return floor((value + _SAFE) * HUNDREDTHS + 0.5)


@dataclass(frozen=True)
class Scores:
    """Criteria over a block of pairs: each value broadcasts to (n, m), NaN where not applicable."""

    values: tuple[Numbers, ...]
    weights: Numbers
    shape: tuple[int, int]

    @cached_property
    def fit(self) -> NDArray[np.int64]:
        """The fit of each pair in hundredths, (n, m)."""
        share, total = self._sums
        return rounded(100 * share / total)

    @cached_property
    def points(self) -> NDArray[np.int64]:
        """What each criterion adds to the fit, in hundredths: (criteria, n, m)."""
        _, total = self._sums
        weighed = zip(self.values, self.weights, strict=True)
        return np.stack([rounded(100 * (w * _or_nothing(v)) / total) for v, w in weighed])

    def value(self, criterion: int, column: int) -> float:
        """A criterion's value for one household of the first request."""
        return float(at(self.values[criterion], 0, column))

    @cached_property
    def _sums(self) -> tuple[Numbers, Numbers]:
        """The weighted values and the weights that apply, added up; a total is never 0."""
        share, total = np.zeros(self.shape), np.zeros(self.shape)
        for value, weight in zip(self.values, self.weights, strict=True):
            weighed = weight * value
            left_out = np.isnan(weighed)
            total += weight
            if left_out.any():
                np.subtract(total, weight, out=total, where=left_out)
                weighed[left_out] = 0.0
            share += weighed
        return share, np.where(total > 0, total, 1.0)


def _or_nothing(value: Numbers) -> Numbers:
    return np.where(np.isnan(value), 0.0, value)


def criterion_weights(policy: Policy) -> Numbers:
    """What each criterion weighs, in the order of CRITERIA."""
    return np.array([criterion.weight(policy) for criterion in CRITERIA])


def score(pairs: Pairs, without: Collection[str] = ()) -> Scores:
    """Every criterion of every pair of a block; those `without` count as not applicable."""
    nothing = np.full((1, 1), np.nan)
    values = tuple(
        nothing if each.key in without else np.atleast_2d(each.value(pairs)) for each in CRITERIA
    )
    return Scores(values, criterion_weights(pairs.policy), pairs.shape)


@dataclass(frozen=True)
class Ranked:
    """The eligible pairs with what they are worth, in the order of `Screened`."""

    fit: NDArray[np.int16]
    relationship: Integers  # of as few bytes as its values need
    rank: NDArray[np.unsignedinteger[Any]]  # likewise


def rank(everyone: Pairs, screened: Screened) -> Ranked:
    """Fit, relationship and rank of every eligible pair of some requests, in the order of `screened`."""
    relationship, fit_first = relationships(everyone, screened), fit_comes_first(everyone.policy)

    small = np.min_scalar_type(everyone.shape[1])

    def each(place: int) -> tuple[NDArray[np.int16], NDArray[np.unsignedinteger[Any]]]:
        edges = screened.edges_of(place)
        pairs = everyone.of(everyone.request_rows[[place]], screened.household[edges])
        fit = score(pairs).fit[0]
        order = best_first(relationship[edges], fit, pairs.miles[0], fit_first=fit_first)
        ranks = np.empty(len(order), small)
        ranks[order] = np.arange(1, len(order) + 1)
        return fit.astype(np.int16), ranks

    found = share_out(range(everyone.shape[0]), each, fork=len(screened.household) >= MANY_EDGES)
    fits, ranks = [np.zeros(0, np.int16)], [np.zeros(0, small)]
    for fit, places in found:
        fits.append(fit)
        ranks.append(places)
    return Ranked(np.concatenate(fits), relationship, np.concatenate(ranks))


def relationships(everyone: Pairs, screened: Screened) -> Integers:
    """What the relationship of each eligible pair counts for; that of most pairs is none."""
    found = dict[int, int]()
    known = everyone.columns.relationship
    place = {row: at for at, row in enumerate(everyone.request_rows.tolist())}
    for row, household in zip(known.requests.tolist(), known.households.tolist(), strict=True):
        if row not in place:
            continue
        edges = screened.edges_of(place[row])
        at = edges.start + int(np.searchsorted(screened.household[edges], household))
        if at < edges.stop and screened.household[at] == household:
            pair = everyone.of(np.array([row]), np.array([household]))
            found[at] = int(pair.relationship_points[0, 0])
    small = np.int16 if max(found.values(), default=0) < SMALL else np.int32
    points: Integers = np.zeros(len(screened.household), small)
    points[list(found)] = list(found.values())
    return points


def best_first(
    relationship: Integers, fit: Integers, miles: Numbers, *, fit_first: bool = False
) -> Indices:
    """The order of one request's households: relationship, fit, nearness to home, then as given.

    Where the policy's aims have fit before relationships, so has the order.
    """
    tenths = np.rint(10 * np.nan_to_num(miles)).astype(np.int64)
    last = relationship.max(initial=0), tenths.max(initial=0) + 1
    if float(last[0] + 1) * (100 * HUNDREDTHS + 1) * float(last[1]) * (len(fit) + 1) >= 2**62:
        first, second = (fit, relationship) if fit_first else (relationship, fit)
        return np.lexsort((tenths, -second, -first))
    # Pack the sort keys and the row index into one int64: numpy sorts that faster than lexsort does.
    digits: list[tuple[Any, Any]] = [
        (last[0] - relationship, last[0] + 1),
        (100 * HUNDREDTHS - fit, 100 * HUNDREDTHS + 1),
        (tenths, last[1]),
        (np.arange(len(fit)), len(fit)),
    ]
    if fit_first:
        digits[:2] = digits[1::-1]
    key = np.zeros(len(fit), np.int64)
    for digit, base in digits:
        key = key * base + digit
    key.sort()
    return np.asarray(key % max(len(fit), 1))
