"""Run the hard rules over blocks of pairs; what stays is linear in the eligible pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.cores import share_out
from matcher.model import Indices, Mask, Numbers
from matcher.policy.forms import Rule
from matcher.policy.in_force import rules_in_force
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy

PAIRS_PER_BLOCK, MANY_PAIRS = 1 << 20, 1 << 23

# A set of rules is a bit mask: a machine integer of the smallest width up to 64 rules, a Python
# integer in an object array for more, which is slower and as right. A count of rules has the
# smallest unsigned type that holds it.
RuleBits: TypeAlias = NDArray[Any]
Near: TypeAlias = tuple[Indices, RuleBits]  # households, and the bits that they fail


def no_bits(shape: int | tuple[int, ...], policy: Policy) -> RuleBits:
    """So many sets of a policy's rules, all of them empty."""
    number = len(rules_in_force(policy))
    return np.zeros(shape, np.uint32 if number <= 32 else np.uint64 if number <= 64 else object)


def bits_of(places: Iterable[int], like: RuleBits) -> RuleBits:
    """The set of the rules at some places, to be combined with an array of sets like that."""
    return np.array(sum(1 << place for place in places), like.dtype)


def failed_bits(pairs: Pairs) -> RuleBits:
    """The rules that each pair fails, (n, m): bit k stands for the k-th in force; 0 is eligible."""
    failed = no_bits(pairs.shape, pairs.policy)
    for place, rule in enumerate(rules_in_force(pairs.policy)):
        failed |= np.where(met(rule, pairs), bits_of((), failed), bits_of((place,), failed))
    return failed


def met(rule: Rule, pairs: Pairs) -> Mask:
    """Where a rule is met, in a shape that broadcasts; of a household alone, worked out once."""
    if rule.household_alone:
        return pairs.once(rule.key, rule.met)
    return rule.met(pairs)


def rules_of(failed: int) -> list[int]:
    """The places, among the rules in force, of the bits that are set."""
    return [place for place in range(failed.bit_length()) if failed >> place & 1]


def rules_failed(failed: int, policy: Policy) -> list[Rule]:
    """The rules of a policy whose bits are set, in reading order."""
    rules = rules_in_force(policy)
    return [rules[place] for place in rules_of(failed)]


@dataclass(frozen=True)
class Screened:
    """All pairs of a round after the hard rules.

    Eligible pairs are edges, sorted by request and then household: `household[starts[row] :
    starts[row + 1]]` are those of one request. `near` holds, for each request, the ineligible
    households nearest to being eligible, with the bits that they fail.
    """

    starts: Indices  # (requests + 1,)
    household: NDArray[np.int32]
    blocked: NDArray[np.int64]  # (requests, rules): households that the rule rules out
    blocked_alone: NDArray[np.int64]  # (requests, rules): those that it alone rules out
    near: tuple[Near, ...]
    closed: RuleBits  # (households,): the bits of rules on the household alone

    @property
    def request(self) -> NDArray[np.int32]:
        """The request of each edge."""
        rows = np.arange(len(self.starts) - 1, dtype=np.int32)
        return np.repeat(rows, np.diff(self.starts))

    def edges_of(self, row: int) -> slice:
        """The edges of one request."""
        return slice(int(self.starts[row]), int(self.starts[row + 1]))


@dataclass(frozen=True, slots=True)
class _Scanned:
    """What the rules say of one request against every household."""

    eligible: NDArray[np.int32]
    blocked: list[int]
    blocked_alone: list[int]
    near: Near


def scan(everyone: Pairs, most_near: int) -> Screened:
    """Run every rule on some requests against every household, keeping so many near misses a request."""
    closed = _closed(everyone)  # so that no process works it out again
    blocks = list(_blocks(everyone))
    requests, households = everyone.shape
    made = share_out(
        blocks,
        lambda rows: _scan(everyone.of(rows), most_near),
        fork=requests * households >= MANY_PAIRS,
    )
    of_row = dict(zip(chain(*(rows.tolist() for rows in blocks)), chain(*made), strict=True))
    found = [of_row[row] for row in everyone.request_rows.tolist()]
    table = (requests, len(rules_in_force(everyone.policy)))
    sizes = [len(each.eligible) for each in found]
    return Screened(
        starts=np.concatenate([[0], np.cumsum(sizes, dtype=np.intp)]),
        household=np.concatenate([np.zeros(0, np.int32), *(each.eligible for each in found)]),
        blocked=np.array([each.blocked for each in found], np.int64).reshape(table),
        blocked_alone=np.array([each.blocked_alone for each in found], np.int64).reshape(table),
        near=tuple(each.near for each in found),
        closed=closed,
    )


def _blocks(everyone: Pairs) -> Iterator[Indices]:
    """Some requests at a time, to be seen against every household.

    Requests whose family lives or lived in a household of the round come in blocks of their own: for
    all others, what is known of a household is the same, so that it costs nothing per pair.
    """
    step = max(1, PAIRS_PER_BLOCK // max(everyone.shape[1], 1))
    table = everyone.columns
    known = (table.own_carer, table.own_placement, table.ended_before, table.own_home)
    own = np.isin(everyone.request_rows, np.concatenate([each.requests for each in known]))
    for group in (everyone.request_rows[~own], everyone.request_rows[own]):
        for first in range(0, len(group), step):
            yield group[first : first + step]


def misses(pairs: Pairs) -> Near:
    """Every ineligible household of one request, the nearest to being eligible first."""
    (found,) = _scan(pairs, pairs.shape[1])
    return found.near


def blocked_first(pairs: Pairs) -> Iterator[tuple[int, int]]:
    """How many households one request loses under each rule, each under the first that it fails."""
    failed = failed_bits(pairs)[0]
    first = failed & (~failed + bits_of((0,), failed))
    for place in range(len(rules_in_force(pairs.policy))):
        if count := int((first == bits_of((place,), failed)).sum()):
            yield place, count


def _closed(pairs: Pairs) -> RuleBits:
    failed = no_bits(pairs.shape[1], pairs.policy)
    for place, rule in enumerate(rules_in_force(pairs.policy)):
        if rule.household_alone:
            failed |= np.where(met(rule, pairs), bits_of((), failed), bits_of((place,), failed))
    return failed


def _scan(pairs: Pairs, most_near: int) -> list[_Scanned]:
    """Each request of a block against every household.

    A rule fails as bytes, not bits, until the end: adding up bytes costs least.
    """
    failed, rules = [], rules_in_force(pairs.policy)
    number = np.zeros(pairs.shape, np.min_scalar_type(len(rules)))
    for rule in rules:
        fails = ~np.atleast_2d(met(rule, pairs))
        number += fails
        failed.append(np.broadcast_to(fails, pairs.shape))
    return [
        _scan_one(pairs, row, [fails[row] for fails in failed], number[row], most_near)
        for row in range(pairs.shape[0])
    ]


def _scan_one(
    pairs: Pairs, row: int, failed: list[Mask], number: NDArray[Any], most_near: int
) -> _Scanned:
    alone = number == 1
    near = _nearest(pairs, row, number, most_near)
    bits = no_bits(len(near), pairs.policy)
    for place, fails in enumerate(failed):
        bits[fails[near]] |= bits_of((place,), bits)
    return _Scanned(
        np.flatnonzero(number == 0).astype(np.int32),
        [int(np.count_nonzero(fails)) for fails in failed],
        [int(np.count_nonzero(fails & alone)) for fails in failed],
        (near, bits),
    )


def _nearest(pairs: Pairs, row: int, number: NDArray[Any], most: int) -> Indices:
    """The ineligible households with the fewest failed rules, then nearest, then in id order."""
    most = min(most, int(np.count_nonzero(number)))
    if most == 0:
        return np.zeros(0, np.intp)
    for fails in range(1, int(number.max()) + 1):
        near = np.flatnonzero((number > 0) & (number <= fails))
        if len(near) >= most:
            break
    miles: Numbers = np.nan_to_num(pairs.outcode_miles[row, pairs.h.outcode[near]])
    # A partial sort first, so that only the nearest are sorted in full below.
    far = np.where(number[near] == fails, miles, -1.0)
    keep = far <= np.partition(far, most - 1)[most - 1]
    near, miles = near[keep], miles[keep]
    order = np.lexsort((near, miles, number[near]))
    return np.asarray(near[order[:most]])
