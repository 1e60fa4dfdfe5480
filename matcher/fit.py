"""Run the soft criteria over eligible pairs: fit in hundredths, and the order in which they rank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Screened
from matcher.model import Columns, Indices, Numbers
from matcher.policy.criteria import CRITERIA
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy

HUNDREDTHS = 100
_SAFE = 1e-9  # added before rounding, so that no machine's last bit decides


def rounded(value: Numbers) -> NDArray[np.int64]:
    """A number from 0 to 100 as whole hundredths, halves up."""
    return np.floor((value + _SAFE) * HUNDREDTHS + 0.5).astype(np.int64)


@dataclass(frozen=True)
class Scores:
    """Criteria over a block of pairs: values (criteria, n, m), NaN where not applicable."""

    values: Numbers
    weights: Numbers
    fit: NDArray[np.int64]  # (n, m), hundredths
    points: NDArray[np.int64]  # (criteria, n, m), hundredths


def score(pairs: Pairs) -> Scores:
    """Every criterion of every pair of a block, and the fit that they add up to."""
    values = np.stack([np.broadcast_to(each.value(pairs), pairs.shape) for each in CRITERIA])
    weights = np.array([pairs.policy.number(f"weights.{each.key}") for each in CRITERIA])
    upright = weights[:, None, None]
    applies = ~np.isnan(values)
    total = (applies * upright).sum(axis=0)
    share = np.where(applies, upright * np.nan_to_num(values), 0.0)
    whole = np.where(total > 0, total, 1.0)
    return Scores(
        values,
        weights,
        rounded(100 * share.sum(axis=0) / whole),
        rounded(100 * share / whole),
    )


@dataclass(frozen=True)
class Ranked:
    """The eligible pairs with what they are worth, in the order of `Screened`."""

    fit: NDArray[np.int64]
    relationship: NDArray[np.int64]
    rank: NDArray[np.int64]


def rank(columns: Columns, policy: Policy, screened: Screened) -> Ranked:
    """Fit, relationship and rank of every eligible pair."""
    fit = np.zeros(len(screened.request), np.int64)
    relationship, place = np.zeros_like(fit), np.zeros_like(fit)
    for row in np.unique(screened.request):
        edges = screened.edges_of(int(row))
        pairs = Pairs(columns, policy, np.array([row]), screened.household[edges])
        fit[edges] = score(pairs).fit[0]
        points = np.broadcast_to(pairs.relationship_points, pairs.shape)[0]
        relationship[edges] = points.astype(np.int64)
        order = best_first(relationship[edges], fit[edges], pairs)
        place[edges.start + order] = np.arange(1, len(order) + 1)
    return Ranked(fit, relationship, place)


def best_first(relationship: NDArray[np.int64], fit: NDArray[np.int64], pairs: Pairs) -> Indices:
    """The order of one request's households: relationship, fit, nearness to home, id."""
    miles = np.nan_to_num(np.broadcast_to(pairs.miles, pairs.shape)[0])
    return np.lexsort((pairs.household_rows, miles, -fit, -relationship))
