"""A round beside an earlier one: the rules run again where some column differs, all else is taken over.

Whether a pair is eligible, and how it fits, rests on the columns of its request, of its household and of
the two together, on the policy, and on nothing else. So the columns say what to run again, whatever
changed them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Near, RuleBits, Screened, bits_of, failed_bits, scan
from matcher.fit import Ranked, best_first, rank, relationships, score
from matcher.geo import miles
from matcher.model import (
    Carers,
    Columns,
    Frame,
    Households,
    Indices,
    Known,
    Mask,
    Numbers,
    Requests,
)
from matcher.policy.aims import fit_comes_first
from matcher.policy.in_force import rules_in_force
from matcher.policy.pairs import Pairs

ABSENT = -1
IDS = ("request_ids", "household_ids")
PLACES = {Households: "row", Carers: "household"}  # which say where a row is, not what it holds
FEW = 1 / 8  # of the pairs of a round: where more are to be run again, all are

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True)
class Side:
    """The requests, or the households, of a round beside those of an earlier one.

    `was` is the earlier row of each row, `now` the row of each earlier one, ABSENT where there is none;
    `differs` are the rows that are new, or of which some column is another.
    """

    was: Indices
    now: Indices
    differs: Mask

    @classmethod
    def of(cls, ids: tuple[str, ...], earlier: tuple[str, ...]) -> Side:
        """A side by its ids; a row that both rounds have differs in nothing as yet."""
        if ids == earlier:
            return cls(np.arange(len(ids)), np.arange(len(ids)), np.zeros(len(ids), bool))
        sides = (ids, earlier), (earlier, ids)
        was, now = (
            np.array([place.get(name, ABSENT) for name in one], np.intp)
            for one, place in ((one, {n: at for at, n in enumerate(other)}) for one, other in sides)
        )
        return cls(was, now, was == ABSENT)

    @property
    def gone(self) -> Mask:
        """The earlier rows of which nothing is taken over: (earlier rows,)."""
        gone: Mask = self.now == ABSENT
        gone[~gone] = self.differs[self.now[~gone]]
        return gone


def sides(earlier: Columns, columns: Columns) -> tuple[Side, Side] | None:
    """The requests and the households of a round beside an earlier one.

    None where something differs that all pairs share. A fact of a pair counts as one of its household,
    which it may close to others.
    """
    requests = Side.of(columns.request_ids, earlier.request_ids)
    households = Side.of(columns.household_ids, earlier.household_ids)
    for name in (each.name for each in fields(Columns) if each.name not in IDS):
        was, now = getattr(earlier, name), getattr(columns, name)
        match now:
            case Requests():
                _mark_rows(requests, was, now)
            case Households():
                _mark_rows(households, was, now)
            case Carers():
                _mark_carers(households, was, now)
            case Known():
                _mark_homes(requests, households, was, now)
            case _:
                if not np.array_equal(was, now, equal_nan=name.startswith("outcode_")):
                    return None
    return requests, households


def _mark_rows(side: Side, was: Frame, now: Frame) -> None:
    both = np.flatnonzero(side.was != ABSENT)
    side.differs[both] |= _differ(was, side.was[both], now, both)


def _mark_carers(households: Side, was: Carers, now: Carers) -> None:
    """A household differs where it has more or fewer carers, or some column of one of them is another."""
    both = np.flatnonzero(households.was != ABSENT)
    many = np.bincount(now.household, minlength=len(households.was))
    before = np.bincount(was.household, minlength=len(households.now))
    households.differs[both[many[both] != before[households.was[both]]]] = True
    here = np.flatnonzero(~households.differs[now.household])
    there = np.flatnonzero(~households.gone[was.household])
    households.differs[now.household[here[_differ(was, there, now, here)]]] = True


def _mark_homes(requests: Side, households: Side, was: Known, now: Known) -> None:
    """A household differs where a fact of it with some request does."""
    there = _facts(requests.now[was.requests], households.now[was.households], was)
    for _, household, _ in there ^ _facts(now.requests, now.households, now):
        if household != ABSENT:
            households.differs[household] = True


def _facts(requests: Indices, households: Indices, known: Known) -> set[tuple[int, int, str]]:
    """The facts of pairs, each as text, as what is not known equals itself there."""
    values = map(str, known.values.tolist())
    return set(zip(requests.tolist(), households.tolist(), values, strict=True))


def _differ(was: Frame, there: Indices, now: Frame, here: Indices) -> Mask:
    """Where some column of rows of one frame is another than in as many rows of an earlier one."""
    found = np.zeros(len(here), bool)
    for name in (each.name for each in fields(now) if each.name != PLACES.get(type(now))):
        one, other = getattr(was, name)[there], getattr(now, name)[here]
        if one.shape != other.shape:
            return np.ones(len(here), bool)
        if other.dtype == object:
            both = zip(one.tolist(), other.tolist(), strict=True)
            found |= np.array([a is not b and a != b for a, b in both], bool)
        else:
            other_value = one != other
            if other.dtype.kind == "f":
                other_value &= ~(np.isnan(one) & np.isnan(other))
            found |= other_value.any(axis=tuple(range(1, other_value.ndim)))
    return found


def again(
    earlier: Pairs, screened: Screened, ranked: Ranked, everyone: Pairs, most_near: int
) -> tuple[Screened, Ranked] | None:
    """What `scan` and `rank` make of a round, from what they made of an earlier one.

    None where that is no shorter way: where much differs, or what all pairs share.
    """
    if earlier.policy != everyone.policy:
        return None
    both = sides(earlier.columns, everyone.columns)
    if both is None:
        return None
    work = _Again(earlier, screened, ranked, everyone, *both, most_near)
    return (work.screened, work.ranked) if work.is_short else None


@dataclass(frozen=True)
class _Again:
    """A round that is screened and ranked with what was made of an earlier one."""

    earlier: Pairs
    before: Screened
    ranked_before: Ranked
    everyone: Pairs
    requests: Side
    households: Side
    most_near: int

    @property
    def is_short(self) -> bool:
        """Whether few pairs are to be run again."""
        requests, households = self.everyone.shape
        rows, homes = int(self.requests.differs.sum()), len(self.homes)
        return rows * households + homes * requests <= FEW * requests * households

    @cached_property
    def homes(self) -> Indices:
        """The households that differ."""
        return np.flatnonzero(self.households.differs)

    @cached_property
    def alike(self) -> Indices:
        """The requests that don't differ; of them the households that do are run again."""
        return np.flatnonzero(~self.requests.differs)

    @cached_property
    def pairs(self) -> Pairs:
        """The pairs that are run again, of the requests that don't differ."""
        return self.everyone.of(self.alike, self.homes)

    @cached_property
    def failed(self) -> RuleBits:
        """The rules that these pairs fail: (alike, homes)."""
        return failed_bits(self.pairs)

    @cached_property
    def whole(self) -> Mask:
        """The requests that are run again with every household.

        They differ, or one of their near misses is not taken over, and nobody knows which comes after the last.
        """
        whole = self.requests.differs.copy()
        whole[self.alike[self._full & self._loses_near]] = True
        return whole

    @cached_property
    def _near_before(self) -> list[Near]:
        return [self.before.near[row] for row in self.requests.was[self.alike].tolist()]

    @cached_property
    def _full(self) -> Mask:
        """Whether a request may have more near misses than are written: (alike,)."""
        return np.array([len(homes) == self.most_near for homes, _ in self._near_before], bool)

    @cached_property
    def _loses_near(self) -> Mask:
        """Whether one of the near misses of a request is not taken over: (alike,)."""
        gone = self.households.gone
        return np.array([gone[homes].any() for homes, _ in self._near_before], bool)

    @cached_property
    def _comes_near(self) -> Mask:
        """Whether a household that differs may be among the near misses of a request: (alike, homes)."""
        fails, far = np.full((2, len(self.alike), 1), np.inf)
        some = np.flatnonzero(self._full & ~self._loses_near)
        last = [self._near_before[at] for at in some.tolist()]
        fails[some, 0] = [int(bits[-1]).bit_count() for _, bits in last]
        homes = self.households.now[np.array([homes[-1] for homes, _ in last], np.intp)]
        far[some, 0] = self._miles(self.alike[some], homes)
        number, miles = np.bitwise_count(self.failed), np.nan_to_num(self.pairs.miles)
        nearer = (number < fails) | (number == fails) & (miles <= far)
        comes: Mask = nearer & (number > 0)
        return comes

    def _miles(self, requests: Indices, households: Indices) -> Numbers:
        """How far each of some requests is from a household of its own, 0 where home is not known."""
        r, h = self.everyone.columns.requests, self.everyone.columns.households
        there = h.easting[households], h.northing[households]
        return np.nan_to_num(miles(r.easting[requests], r.northing[requests], *there))

    # The rules

    @cached_property
    def rows(self) -> Indices:
        """The requests that are run again with every household."""
        return np.flatnonzero(self.whole)

    @cached_property
    def part(self) -> Screened:
        """These requests, screened anew."""
        return scan(self.everyone.of(self.rows), self.most_near)

    @cached_property
    def kept(self) -> Indices:
        """The requests of which the pairs with households that don't differ are taken over."""
        return np.flatnonzero(~self.whole)

    @cached_property
    def taken(self) -> Mask:
        """The earlier edges that are taken over."""
        rows = np.zeros(len(self.requests.now), bool)
        rows[self.requests.was[self.kept]] = True
        taken = np.repeat(rows, np.diff(self.before.starts))
        taken &= ~self.households.gone[self.before.household]
        return taken

    @cached_property
    def many_taken(self) -> Indices:
        """How many edges of each request are taken over: (requests,)."""
        many = np.zeros(len(self.whole), np.intp)
        for row in self.kept.tolist():
            edges = self.before.edges_of(int(self.requests.was[row]))
            many[row] = np.count_nonzero(self.taken[edges])
        return many

    @cached_property
    def _of_kept(self) -> tuple[Indices, Indices]:
        """The new edges of requests that are kept, as places in `alike` and in `homes`."""
        at, of = np.nonzero((self.failed == 0) & ~self.whole[self.alike][:, None])
        return at, of

    @cached_property
    def new(self) -> tuple[Indices, Indices, Indices]:
        """The requests and the households of the new edges, and their order among themselves."""
        at, of = self._of_kept
        rows = np.concatenate([self.alike[at], self.rows[self.part.request]])
        homes = np.concatenate([self.homes[of], self.part.household])
        order = np.lexsort((homes, rows))
        return rows[order], homes[order], order

    @cached_property
    def before_which(self) -> Indices:
        """Of the edges that are taken over, the place of the one that each new edge comes before."""
        taken = self._households_taken
        ends = np.cumsum(self.many_taken)
        rows, homes, _ = self.new
        places = (ends - self.many_taken)[rows]
        for row in np.unique(rows[~self.whole[rows]]).tolist():
            mine = slice(*np.searchsorted(rows, [row, row + 1]))
            edges = taken[ends[row] - self.many_taken[row] : ends[row]]
            places[mine] += np.searchsorted(edges, homes[mine])
        return places

    @cached_property
    def _households_taken(self) -> NDArray[np.int32]:
        taken = self.before.household[self.taken]
        now = self.households.now
        return taken if np.array_equal(now, np.arange(len(now))) else now[taken].astype(np.int32)

    @cached_property
    def screened(self) -> Screened:
        """What `scan` makes of the round."""
        rows, homes, _ = self.new
        many = self.many_taken + np.bincount(rows, minlength=len(self.whole))
        household = np.insert(self._households_taken, self.before_which, homes)
        blocked, alone = self._blocked()
        return Screened(
            starts=np.concatenate([[0], np.cumsum(many, dtype=np.intp)]),
            household=household,
            blocked=blocked,
            blocked_alone=alone,
            near=tuple(self._near()),
            closed=self.part.closed,
        )

    def _blocked(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many households each rule rules out for each request, and how many it alone does."""
        was = self.requests.was[self.alike]
        gone = self.earlier.of(was, np.flatnonzero(self.households.gone))
        then, now = _counts(failed_bits(gone), gone), _counts(self.failed, self.pairs)
        found = []
        for at, name in enumerate(("blocked", "blocked_alone")):
            before: NDArray[np.int64] = getattr(self.before, name)
            counts = np.zeros((len(self.whole), before.shape[1]), np.int64)
            counts[self.alike] = before[was] - then[at] + now[at]
            counts[self.rows] = getattr(self.part, name)
            found.append(counts)
        return found[0], found[1]

    def _near(self) -> Iterator[Near]:
        """The near misses of each request."""
        of_part, place = iter(self.part.near), np.cumsum(~self.requests.differs) - 1
        other = self._loses_near | self._comes_near.any(axis=1)
        for row, whole in enumerate(self.whole.tolist()):
            at = int(place[row])
            if whole:
                yield next(of_part)
            elif other[at]:
                yield self._with_come(at)
            else:
                homes, bits = self._near_before[at]
                yield self.households.now[homes], bits

    def _with_come(self, at: int) -> Near:
        """The near misses of a request that are taken over, and those that come."""
        homes, bits = self._near_before[at]
        stays, comes = ~self.households.gone[homes], self._comes_near[at]
        homes = np.concatenate([self.households.now[homes[stays]], self.homes[comes]])
        bits = np.concatenate([bits[stays], self.failed[at, comes]])
        far = self._miles(np.full(len(homes), self.alike[at]), homes)
        order = np.lexsort((homes, far, np.bitwise_count(bits)))[: self.most_near]
        return homes[order], bits[order]

    # Fit and rank

    @cached_property
    def ranked(self) -> Ranked:
        """What `rank` makes of the round."""
        at, of = self._of_kept
        part = rank(self.everyone.of(self.rows), self.part)
        _, _, order = self.new
        fit = np.concatenate([score(self.pairs).fit[at, of], part.fit])[order]
        ranks = np.concatenate([np.zeros(len(at), part.rank.dtype), part.rank])[order]
        # With fewer households a rank may need fewer bytes, but only once what is lost has closed up.
        before = self.ranked_before.rank
        both = np.promote_types(before.dtype, part.rank.dtype)
        found = Ranked(
            self._with_new(self.ranked_before.fit, fit),
            relationships(self.everyone, self.screened),
            self._with_new(before.astype(both, copy=False), ranks),
        )
        self._rank_again(found)
        return replace(found, rank=found.rank.astype(part.rank.dtype, copy=False))

    def _with_new(self, before: NDArray[Scalar], new: NDArray[Any]) -> NDArray[Scalar]:
        """A fact of each edge, of what it was for those that are taken over."""
        return np.insert(before[self.taken], self.before_which, new)

    def _rank_again(self, found: Ranked) -> None:
        """Rank the edges of kept requests that have other ones than before."""
        fit_first = fit_comes_first(self.everyone.policy)
        more = np.bincount(self.new[0], minlength=len(self.whole))
        for row in self.kept.tolist():
            edges = self.screened.edges_of(row)
            before = self.before.edges_of(self.requests.was[row])
            ranks = found.rank[edges]
            if more[row]:
                pairs = self.everyone.of(np.array([row]), self.screened.household[edges])
                worth = found.relationship[edges], found.fit[edges], pairs.miles[0]
                order = best_first(*worth, fit_first=fit_first)
                ranks[order] = np.arange(1, len(order) + 1)
            elif self.many_taken[row] < before.stop - before.start:
                gone = np.sort(self.ranked_before.rank[before][~self.taken[before]])
                ranks -= np.searchsorted(gone, ranks).astype(ranks.dtype)


def _counts(failed: RuleBits, pairs: Pairs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many pairs of each request fail each rule, and how many fail it alone: (n, rules)."""
    found = np.zeros((2, pairs.shape[0], len(rules_in_force(pairs.policy))), np.int64)
    for place in range(found.shape[2]):
        rule = bits_of((place,), failed)
        found[0, :, place] = ((failed & rule) != 0).sum(axis=1)
        found[1, :, place] = (failed == rule).sum(axis=1)
    return found[0], found[1]
