"""The shapes that a solver knows: pairs with values, at most one a side, limits and conflicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Integers: TypeAlias = NDArray[np.int64]
Indices: TypeAlias = NDArray[np.intp]
Small: TypeAlias = NDArray[np.signedinteger[Any]]  # of as few bytes as its values need

UNPLACED = -1
EDGES_PER_BLOCK = 1 << 18


class Impossible(ValueError):
    """No choice is within the limits, not even that nobody is placed."""


@dataclass(frozen=True)
class Aim:
    """A whole number to be as great as possible, summed over what is chosen.

    `of_request` says that there is one value a request, whichever household it goes to, and not one
    an edge.
    """

    name: str
    values: Small
    of_request: bool


@dataclass(frozen=True)
class Limit:
    """The chosen edges may add up to at most so much."""

    name: str
    values: Integers
    at_most: int


@dataclass(frozen=True)
class Groups:
    """Of the households of each group at most so many may be taken.

    `keys` name the groups, `names` their limits; `of` is the group of each household, one past the last where
    it is in none: (households,).
    """

    keys: tuple[str, ...]
    names: tuple[str, ...]
    at_most: Integers
    of: Indices

    def taken(self, household: Indices) -> Integers:
        """How many households of each group a choice takes: (groups,)."""
        many = len(self.keys)
        return np.bincount(self.of[household[household != UNPLACED]], minlength=many + 1)[:many]

    def less(self, households: Indices) -> Groups:
        """The same groups once some of their households are taken."""
        return replace(self, at_most=self.at_most - self.taken(households))


@dataclass(frozen=True)
class Conflict:
    """An edge that excludes each of some edges of one other request."""

    name: str
    edge: int
    others: Indices


@dataclass(frozen=True)
class Problem:
    """Requests and households with the edges between them, sorted by request, then household."""

    requests: int
    households: int
    request: Small
    household: Small
    aims: tuple[Aim, ...]
    limits: tuple[Limit, ...] = field(default=())
    conflicts: tuple[Conflict, ...] = field(default=())
    groups: Groups | None = None

    @property
    def limited(self) -> bool:
        """Whether anything but the edges limits the choice."""
        return bool(self.groups or self.limits or self.conflicts)

    @property
    def limit_names(self) -> tuple[str, ...]:
        """The names of the limits and conflicts in play, each once."""
        groups = self.groups.names if self.groups else ()
        limits = (each.name for each in self.limits)
        conflicts = (each.name for each in self.conflicts)
        return tuple(dict.fromkeys([*groups, *limits, *conflicts]))

    @property
    def rows(self) -> Iterator[Limit]:
        """Every limit, those of groups too, with what each edge adds to it."""
        if self.groups is not None:
            mine = self.groups.of[self.household]
            for at, name in enumerate(self.groups.names):
                yield Limit(name, (mine == at).astype(np.int64), int(self.groups.at_most[at]))
        yield from self.limits

    @property
    def duals_prove(self) -> bool:
        """Whether duals prove and price its optimum, as nothing but groups limits it."""
        return self.exact and not self.limits and not self.conflicts

    @cached_property
    def many_groups(self) -> int:
        """How many groups of households there are."""
        return len(self.groups.keys) if self.groups else 0

    @cached_property
    def group(self) -> Indices:
        """The group of each household, one past the last where it is in none: (households,)."""
        return self.groups.of if self.groups else np.zeros(self.households, np.intp)

    @cached_property
    def bounds(self) -> tuple[int, ...]:
        """For each aim, how much it can differ along one alternating path or cycle.

        Along a path an aim of the request alone telescopes to its two ends; an aim of the pair can
        differ by no more than the sum of the requests' best, and no more than its greatest value
        on every pair that fits on the smaller side. One that can be below 0 can differ by what lies
        between the best and the worst of each request, and at the two ends by a whole value. A path through groups is no other: it moves a request at
        most once, and goes through 'outside', where alone a request is placed or left, at most once.
        """
        return tuple(self._bound(aim) for aim in self.aims)

    def _bound(self, aim: Aim) -> int:
        if not len(self.request):
            return 0
        some = np.flatnonzero(np.diff(self.starts))
        if aim.of_request:
            return int(aim.values[some].max())
        best = np.maximum.reduceat(aim.values, self.starts[some])
        worst = np.minimum.reduceat(aim.values, self.starts[some])
        greatest = int(best.max())
        if int(worst.min()) < 0:
            # Between two pairs of a request it differs by their distance, at the two ends by a value.
            ends = 2 * max(greatest, -int(worst.min()))
            return ends + int((best - worst).sum(dtype=np.int64))
        return min(int(best.sum()), greatest * min(self.requests, self.households))

    @cached_property
    def starts(self) -> Indices:
        """Where the edges of each request begin, and where the last one's end: (requests + 1,)."""
        # Of one dtype, searchsorted copies nothing.
        return np.searchsorted(self.request, np.arange(self.requests + 1, dtype=self.request.dtype))

    def blocks(self) -> Iterator[slice]:
        """The edges in blocks of whole requests, so that what is worked out of them stays small."""
        starts, first = self.starts, 0
        while first < self.requests:
            most = int(starts[first]) + EDGES_PER_BLOCK
            last = max(int(np.searchsorted(starts, most, side="right")) - 1, first + 1)
            yield slice(int(starts[first]), int(starts[last]))
            first = last

    def edges_of(self, request: int) -> slice:
        """The edges of one request."""
        return slice(int(self.starts[request]), int(self.starts[request + 1]))

    def of_edges(self, aim: Aim) -> Small:
        """The value of an aim for each edge."""
        return aim.values[self.request] if aim.of_request else aim.values

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """One weight per aim, each outweighing all later aims along any alternating path."""
        weights: list[int] = []
        later = 0
        for bound in reversed(self.bounds):
            weight = 2 * later + 1
            weights.insert(0, weight)
            later += weight * bound
        return tuple(weights)

    @cached_property
    def exact(self) -> bool:
        """Whether sums along a path stay whole numbers in 64-bit floating point."""
        greatest = sum(
            weight * max(int(aim.values.max(initial=0)), -int(aim.values.min(initial=0)))
            for weight, aim in zip(self.weights, self.aims, strict=True)
        )
        return greatest < 2**51

    @cached_property
    def worth(self) -> Integers:
        """The summed weight of each edge, kept: of a large problem ask `worth_of` some edges."""
        return self.worth_of(slice(None))

    def worth_of(self, edges: slice | Indices | NDArray[np.bool_]) -> Integers:
        """The summed weight of some edges."""
        found = self._worth_of_requests[self.request[edges]]
        for weight, aim in zip(self.weights, self.aims, strict=True):
            if not aim.of_request:
                found += np.multiply(aim.values[edges], weight, dtype=np.int64)
        return found

    @cached_property
    def _worth_of_requests(self) -> Integers:
        found = np.zeros(self.requests, np.int64)
        for weight, aim in zip(self.weights, self.aims, strict=True):
            if aim.of_request:
                found += np.multiply(aim.values, weight, dtype=np.int64)
        return found

    def only(self, keep: NDArray[np.bool_]) -> Problem:
        """The same problem with some of its edges alone: `keep` is (edges,)."""
        place = np.cumsum(keep) - 1
        aims = tuple(a if a.of_request else replace(a, values=a.values[keep]) for a in self.aims)
        limits = tuple(replace(each, values=each.values[keep]) for each in self.limits)
        conflicts = tuple(
            replace(each, edge=int(place[each.edge]), others=place[each.others[keep[each.others]]])
            for each in self.conflicts
            if keep[each.edge]
        )
        return replace(
            self,
            request=self.request[keep],
            household=self.household[keep],
            aims=aims,
            limits=limits,
            conflicts=conflicts,
        )

    def weighed(self, edges: Indices | NDArray[np.bool_]) -> Problem:
        """Some of its edges, with their summed weight as the one aim: what duals of the whole hold for."""
        return Problem(
            self.requests,
            self.households,
            self.request[edges],
            self.household[edges],
            (Aim("worth", self.worth_of(edges), of_request=False),),
            groups=self.groups,
        )

    def edges(self, household: Indices) -> Indices:
        """The edge of each request that has a household, by request; KeyError where none is."""
        placed = np.flatnonzero(household != UNPLACED)
        edges = self.edges_between(placed, household[placed])
        if len(edges) < len(placed):
            raise KeyError("a request is with a household that it has no edge to")
        return edges

    def edges_between(self, requests: Indices, households: Indices) -> Indices:
        """The edges of some pairs, in their order; a pair without one is left out."""
        low, end = self.starts[requests], self.starts[requests + 1]
        high = end
        while (low < high).any():  # a binary search for every edge at once
            middle = (low + high) // 2
            at = self.household[np.minimum(middle, len(self.household) - 1)]
            short = (low < high) & (at < households)
            low, high = np.where(short, middle + 1, low), np.where(short, high, middle)
        some = np.flatnonzero(low < end)
        edges: Indices = low[some[self.household[low[some]] == households[some]]]
        return edges

    def totals(self, household: Indices) -> tuple[int, ...]:
        """The value of every aim."""
        edges = self.edges(household)
        placed = household != UNPLACED
        return tuple(
            int(aim.values[placed if aim.of_request else edges].sum(dtype=np.int64))
            for aim in self.aims
        )

    def broken(self, household: Indices) -> list[str]:
        """The names of the limits and conflicts that a choice breaks."""
        edges = self.edges(household)
        chosen = np.zeros(len(self.request), bool)
        chosen[edges] = True
        over = [each.name for each in self.limits if each.values[edges].sum() > each.at_most]
        if self.groups:
            above = np.flatnonzero(self.groups.taken(household) > self.groups.at_most)
            over = [*(self.groups.names[at] for at in above.tolist()), *over]
        both = [c.name for c in self.conflicts if chosen[c.edge] and chosen[c.others].any()]
        return list(dict.fromkeys([*over, *both]))


@dataclass(frozen=True)
class Duals:
    """What each request and household is worth to the round: they prove an optimum.

    `groups` is what one more household would be worth in each group: (groups,).
    """

    requests: Integers
    households: Integers
    groups: Integers = field(default_factory=lambda: np.zeros(0, np.int64))

    def of_households(self, problem: Problem) -> Integers:
        """What each household is worth with its group: (households,)."""
        found: Integers = self.households + np.append(self.groups, 0)[problem.group]
        return found


@dataclass(frozen=True)
class Solution:
    """A choice of households, with what proves it.

    `duals` prove all aims at once, and `slack` is what each edge loses against them; where there
    are none, `bounds` are the solver's word. `part` are the edges among which it was found, from which a
    problem that is nearly the same may begin.
    """

    household: Indices
    values: tuple[int, ...]
    bounds: tuple[int, ...]
    duals: Duals | None
    slack: Integers | None = field(default=None, repr=False)
    part: Indices | None = field(default=None, repr=False)
