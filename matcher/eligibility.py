"""Run the hard rules over blocks of pairs; what stays is linear in the eligible pairs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.model import Columns, Indices, Mask
from matcher.policy.pairs import Pairs
from matcher.policy.rules import RULES
from matcher.policy.settings import Policy

PAIRS_PER_BLOCK = 1 << 20
HOUSEHOLD_ALONE = tuple(place for place, rule in enumerate(RULES) if rule.household_alone)


def failed_bits(pairs: Pairs) -> NDArray[np.uint32]:
    """The rules that each pair fails, (n, m): bit k stands for RULES[k]; 0 is eligible."""
    failed = np.zeros(pairs.shape, np.uint32)
    for place, rule in enumerate(RULES):
        failed |= np.where(rule.met(pairs), np.uint32(0), np.uint32(1 << place))
    return failed


def rules_of(failed: int) -> list[int]:
    """The places in RULES of the bits that are set."""
    return [place for place in range(len(RULES)) if failed >> place & 1]


@dataclass(frozen=True)
class Screened:
    """All pairs of a round after the hard rules.

    Eligible pairs are edges, sorted by request and then household. `near` holds, for each
    request, the ineligible households nearest to being eligible, with the bits that they fail.
    """

    request: Indices
    household: Indices
    blocked: NDArray[np.int64]  # (requests, rules): households that the rule rules out
    blocked_alone: NDArray[np.int64]  # (requests, rules): those that it alone rules out
    blocked_first: NDArray[np.int64]  # (requests, rules): each household under its first rule
    near: tuple[tuple[Indices, NDArray[np.uint32]], ...]
    closed: NDArray[np.uint32]  # (households,): the bits of rules on the household alone

    def edges_of(self, row: int) -> slice:
        """The edges of one request."""
        first, last = np.searchsorted(self.request, [row, row + 1])
        return slice(int(first), int(last))


def blocks(columns: Columns, policy: Policy) -> Iterator[Pairs]:
    """All pairs of a round, some requests at a time against every household."""
    requests, households = len(columns.request_ids), len(columns.household_ids)
    step = max(1, PAIRS_PER_BLOCK // max(households, 1))
    everyone = np.arange(households)
    for first in range(0, requests, step):
        yield Pairs(columns, policy, np.arange(first, min(first + step, requests)), everyone)


def scan(columns: Columns, policy: Policy, top: int) -> Screened:
    """Run every rule on every pair, keeping `top` near misses a request (0 keeps all)."""
    edges: list[tuple[Indices, Indices]] = []
    counts: list[tuple[NDArray[np.int64], ...]] = []
    near: list[tuple[Indices, NDArray[np.uint32]]] = []
    for pairs in blocks(columns, policy):
        failed = failed_bits(pairs)
        rows, households = np.nonzero(failed == 0)
        edges.append((pairs.request_rows[rows], households))
        first = failed & (~failed + np.uint32(1))
        counts.append(
            tuple(_count(bits) for bits in (failed, _alone(failed), first)),
        )
        distances = np.broadcast_to(pairs.miles, pairs.shape)
        near.extend(_nearest(bits, far, top) for bits, far in zip(failed, distances, strict=True))
    none: Indices = np.zeros(0, np.intp)
    table = np.zeros((0, len(RULES)), np.int64)
    sums = [np.concatenate(parts) for parts in zip(*counts, strict=True)] or [table] * 3
    alone = Pairs(columns, policy, np.zeros(0, np.intp), np.arange(len(columns.household_ids)))
    return Screened(
        request=np.concatenate([none, *(r for r, _ in edges)]),
        household=np.concatenate([none, *(h for _, h in edges)]),
        blocked=sums[0],
        blocked_alone=sums[1],
        blocked_first=sums[2],
        near=tuple(near),
        closed=_closed(alone),
    )


def _closed(pairs: Pairs) -> NDArray[np.uint32]:
    failed = np.zeros(pairs.shape[1], np.uint32)
    for place in HOUSEHOLD_ALONE:
        met: Mask = RULES[place].met(pairs)
        failed |= np.where(met, np.uint32(0), np.uint32(1 << place))
    return failed


def _alone(failed: NDArray[np.uint32]) -> NDArray[np.uint32]:
    return np.where(np.bitwise_count(failed) == 1, failed, np.uint32(0))


def _count(failed: NDArray[np.uint32]) -> NDArray[np.int64]:
    """How many households of each request fail each rule."""
    columns = [((failed >> np.uint32(k)) & np.uint32(1)).sum(axis=1) for k in range(len(RULES))]
    return np.stack(columns, axis=1).astype(np.int64)


def _nearest(
    failed: NDArray[np.uint32], miles: NDArray[np.float64], top: int
) -> tuple[Indices, NDArray[np.uint32]]:
    """The ineligible households with the fewest failed rules, then nearest, then in id order."""
    out = np.flatnonzero(failed)
    order = np.lexsort((out, np.nan_to_num(miles[out]), np.bitwise_count(failed[out])))
    chosen = out[order[: top or None]]
    return chosen, failed[chosen]
