"""What a rule or criterion can ask of a block of pairs: columns, and facts worked out from them.

Request columns are (n, 1), household columns (m,): they broadcast to (n, m). A fact that is the
same for every request stays (m,) or (1, 1), so it costs nothing per pair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from matcher.codes import RELATIONSHIPS, RISK_AREAS, URGENCIES
from matcher.geo import miles
from matcher.model import (
    NOT_KNOWN,
    SKILL_BITS,
    Bits,
    Columns,
    Households,
    Indices,
    Known,
    Mask,
    Numbers,
    Requests,
    Texts,
    says,
)
from matcher.policy.settings import Policy

KINDS = tuple(RELATIONSHIPS)
DAYS_PER_WEEK = 7
URGENT_DAYS = 5  # within which a placement is needed in the second band of URGENCIES
Scalar = TypeVar("Scalar", bound=np.generic)


def points_of(kind: str, policy: Policy, *, withheld: bool) -> float:
    """What a relationship counts for, before fit; where the address is withheld, to be known is 0."""
    if withheld and kind == "known_to_family":
        return 0.0
    return policy.number(f"relationship.{kind}")


def at(block: NDArray[Scalar], row: int, column: int) -> Scalar:
    """One value of a fact that broadcasts over a block of pairs."""
    if block.ndim == 1:
        block = block[None, :]
    down, across = block.shape
    found: Scalar = block[row if down > 1 else 0, column if across > 1 else 0]
    return found


@dataclass(frozen=True)
class Pairs:
    """A block of pairs: some requests of a round against some of its households."""

    columns: Columns
    policy: Policy
    request_rows: Indices
    household_rows: Indices
    _of_round: dict[str, Any] = field(default_factory=dict, repr=False)
    _taken: dict[str, Any] = field(default_factory=dict, repr=False)

    def of(self, request_rows: Indices, household_rows: Indices | None = None) -> Pairs:
        """Another block of the same round, which shares the memo of `once` with this one."""
        if household_rows is None:
            return replace(self, request_rows=request_rows)
        return Pairs(self.columns, self.policy, request_rows, household_rows, self._of_round)

    def once(self, name: str, fact: Callable[[Pairs], NDArray[Scalar]]) -> NDArray[Scalar]:
        """A fact of households and policy alone, (..., m): worked out once for all of a round."""
        everyone = self.columns.households.row
        if name not in self._of_round:
            found = fact(self.of(self.request_rows[:0], everyone))
            # C order, so that taking some households of one code reads memory in one go.
            self._of_round[name] = np.ascontiguousarray(found)
        if name not in self._taken:
            found = self._of_round[name]
            whole = self.household_rows is everyone
            self._taken[name] = found if whole else found[..., self.household_rows]
        taken: NDArray[Scalar] = self._taken[name]
        return taken

    def of_code(
        self, name: str, fact: Callable[[Pairs], NDArray[Scalar]], codes: Indices
    ) -> NDArray[Scalar]:
        """A fact as `once` keeps it, (codes, m), for the code of each request: (n, m)."""
        if name not in self._of_round:
            self.once(name, fact)
        whole, rows = self._of_round[name], codes[:, 0]
        everyone = self.household_rows is self.columns.households.row
        # A single request gets a view; fancy indexing would copy the whole row.
        if len(rows) == 1:
            mine: NDArray[Scalar] = whole[rows[0]][None]
            return mine if everyone else np.take(mine, self.household_rows, axis=1)
        block: NDArray[Scalar] = whole[rows] if everyone else whole[codes, self.household_rows]
        return block

    def row_of(self, fact: str, row: int) -> list[Any]:
        """A fact of one request of the block with each of its households."""
        found = self._rows.get((fact, row))
        if found is None:
            block = np.atleast_2d(getattr(self, fact))
            mine = block[row if len(block) > 1 else 0]
            found = self._rows[fact, row] = np.broadcast_to(mine, (self.shape[1],)).tolist()
        return found

    @cached_property
    def _rows(self) -> dict[tuple[str, int], list[Any]]:
        return {}

    def where(self, asks: Mask, met: Callable[[Pairs], Mask]) -> Mask:
        """What only the requests that ask for it (n, 1) have to meet: for all others it is met."""
        if not asks.any():
            return np.ones((1, 1), bool)
        found = np.ones(self.shape, bool)
        found[asks[:, 0]] = met(self.of(self.request_rows[asks[:, 0]]))
        return found

    @cached_property
    def r(self) -> Requests:
        """The requests, upright."""
        return self.columns.requests.upright(self.request_rows)

    @cached_property
    def h(self) -> Households:
        """The households."""
        if "h" not in self._taken:
            self._taken["h"] = self.columns.households.take(self.household_rows)
        return cast(Households, self._taken["h"])

    @property
    def shape(self) -> tuple[int, int]:
        """Requests and households in the block."""
        return len(self.request_rows), len(self.household_rows)

    @property
    def as_of(self) -> float:
        """The day of the round, as a day number."""
        return self.columns.as_of

    def some_carer(self, which: Mask) -> Mask:
        """Whether some carer of each household of the block is one of `which` (carers,)."""
        return self.columns.some_carer(which)[self.household_rows]

    @cached_property
    def urgency(self) -> Texts:
        """How soon each request is needed, in the National Placement Standard's terms."""
        days = self.r.needed_from - self.as_of
        return np.select([days <= 0, days <= URGENT_DAYS], URGENCIES[:2], URGENCIES[2])

    @cached_property
    def needed(self) -> Numbers:
        """The day from which each family needs a home: never before today."""
        return np.maximum(self.r.needed_from, self.as_of)

    @cached_property
    def latest(self) -> Numbers:
        """The last day on which each placement can start."""
        grace = self.policy.group("start_grace_days")
        days = np.select(
            [self.urgency == name for name in URGENCIES], [float(grace[u]) for u in URGENCIES]
        )
        given = self.r.latest_start >= self.as_of
        return np.where(given, self.r.latest_start, self.needed + days)

    @property
    def free_after_others(self) -> Numbers:
        """The day from which whoever lives, or lived, in each household leaves it free, (m,).

        NaN where nobody can say, and where nobody does.
        """

        def fact(x: Pairs) -> Numbers:
            return x.h.occupied_until + x.policy.number("turnaround_days")

        return self.once("free_after_others", fact)

    @cached_property
    def free_after_arrangement(self) -> Numbers:
        """The same for each family: its own placement is no obstacle; -inf where nothing else is."""
        if not self.own_placement.any():
            return self.free_after_others
        until = self._block(self.columns.own_until) + self.policy.number("turnaround_days")
        return np.where(self.own_placement, until, self.free_after_others)

    @property
    def opens(self) -> Numbers:
        """The first day on which each household is free for a family that has not lived there.

        NaN where nobody can say when an arrangement ends.
        """

        def fact(x: Pairs) -> Numbers:
            after = np.where(x.h.occupied, x.free_after_others, -np.inf)
            return np.maximum(np.fmax(x.h.available_from, -np.inf), after)

        return self.once("opens", fact)

    @cached_property
    def opens_for(self) -> Numbers:
        """The same for each family: its own placement is no obstacle to it."""
        own = self.own_placement
        if not own.any():
            return self.opens
        after = np.maximum(np.fmax(self.h.available_from, -np.inf), self.free_after_arrangement)
        return np.where(own, after, self.opens)

    @property
    def start(self) -> Numbers:
        """The first day on which each pair can start; NaN where an arrangement has no end."""
        return np.maximum(self.needed, self.opens_for)

    @cached_property
    def days(self) -> Numbers:
        """How long each placement is planned to last."""
        weeks = self.r.expected_weeks
        weeks = np.where(np.isnan(weeks), self.policy.number("support_weeks"), weeks)
        return DAYS_PER_WEEK * weeks

    @property
    def end(self) -> Numbers:
        """The day on which each pair is planned to end."""
        return self.start + self.days

    @property
    def most_risk(self) -> Numbers:
        """The most of each of the nine risks that each household manages, (9, m)."""

        def fact(x: Pairs) -> Numbers:
            default = [x.policy.level(f"default_risk_limits.{area}") for area in RISK_AREAS]
            given = x.h.risk_limits
            return np.where(np.isnan(given), default, given).T

        return self.once("most_risk", fact)

    @cached_property
    def relationship(self) -> Numbers:
        """1 + the place in KINDS of what family and household are to each other; 0: nothing."""
        return self._block(self.columns.relationship)

    @cached_property
    def relationship_points(self) -> Numbers:
        """What the relationship counts for, before fit."""
        told, withheld = (
            np.array([0.0, *(points_of(kind, self.policy, withheld=each) for kind in KINDS)])
            for each in (False, True)
        )
        kind = self.relationship.astype(int)
        is_withheld = says(self.r.withhold_address, "yes")
        points: Numbers = np.where(is_withheld, withheld[kind], told[kind])
        return points

    @cached_property
    def own_carer(self) -> Mask:
        """Where a looked-after parent already lives with these carers."""
        return self._recorded("own_carer")

    @property
    def speaks(self) -> NDArray[np.float32]:
        """1 where an approved carer of a household speaks a language, (languages, m)."""
        return self.once("speaks", lambda x: x.h.speaks.T.astype(np.float32))

    @cached_property
    def looked_after_there(self) -> Numbers:
        """Looked-after children in the household, without a parent who is one of them."""
        return np.maximum(self.h.looked_after_children - self.own_carer, 0)

    @cached_property
    def bedrooms(self) -> Numbers:
        """Rooms free for the family, with the one that the parent already has."""
        return self.h.bedrooms + self.own_carer

    @cached_property
    def looked_after_people(self) -> Numbers:
        """Looked-after people who come: parents, and babies and older children if the child is."""
        children = np.where(
            self.r.child_legal_status != "not_looked_after",
            self.r.babies + self.r.older_children,
            0,
        )
        return self.r.parent_looked_after + self.r.second_parent_looked_after * 1.0 + children

    @cached_property
    def miles(self) -> Numbers:
        """Miles from home, to one decimal; NaN where home is not known."""
        return self.from_outcodes(self.outcode_miles)

    @cached_property
    def school_miles(self) -> Numbers:
        """Miles from school, to one decimal.

        NaN where no school is given.
        """
        if np.isnan(self.r.school_easting).all():
            return np.full((1, 1), NOT_KNOWN)
        school = self.r.school_easting, self.r.school_northing
        return self.from_outcodes(miles(*school, *self._outcode_grid))

    @cached_property
    def skills_asked(self) -> Bits:
        """The skills that each request asks for, as bits (n, 1)."""
        support = says(self.r.purpose, "support")
        under = self.policy.number("young_parent_under")
        young = (self.r.parent_age < under) | (self.r.second_parent_age < under)
        court = self.r.court_on >= self.as_of
        asked: Bits = self.r.needs | np.uint64(SKILL_BITS["babies"])
        for where, skill in (
            (support, "teaching_parents"),
            (support & young, "teenagers"),
            (~support & court, "court_evidence"),
        ):
            asked = asked | np.where(where, np.uint64(SKILL_BITS[skill]), np.uint64(0))
        return asked

    @cached_property
    def outcode_miles(self) -> Numbers:
        """Miles from home to each of `outcodes`; NaN where home is not known."""
        return miles(self.r.easting, self.r.northing, *self._outcode_grid)

    @cached_property
    def outcodes(self) -> Indices:
        """The outward postcodes, by their places, of which facts are worked out: of few households theirs."""
        every = len(self.columns.outcodes)
        return np.unique(self.h.outcode) if self.shape[1] < every else np.arange(every)

    @property
    def _outcode_grid(self) -> tuple[Numbers, Numbers]:
        table = self.columns
        return table.outcode_eastings[self.outcodes], table.outcode_northings[self.outcodes]

    def from_outcodes(self, fact: NDArray[Scalar]) -> NDArray[Scalar]:
        """A fact of each of `outcodes` (n, outcodes) as one of each household there (n, m)."""
        every = len(self.outcodes) == len(self.columns.outcodes)
        place = self.h.outcode if every else np.searchsorted(self.outcodes, self.h.outcode)
        return np.take(fact, place, axis=1)

    @cached_property
    def exempt(self) -> Mask:
        """Where a written exemption of the household names the request."""
        return self._recorded("limit_exemption")

    @cached_property
    def too_high(self) -> Mask:
        """Where some risk assessment of the pair says that the risk is too high."""
        return self._recorded("risk_too_high")

    @cached_property
    def own_placement(self) -> Mask:
        """Where the family itself lives in the household, or was the last to live there."""
        return self._recorded("own_placement")

    @cached_property
    def ended_before(self) -> Mask:
        """Where a placement of the family there ended before its time."""
        return self._recorded("ended_before")

    @cached_property
    def known_to_family(self) -> Mask:
        """Where the family is recorded as knowing the household, whatever else they are."""
        return self._recorded("known_to_family")

    @cached_property
    def kept_for_it(self) -> Mask:
        """Where the home is kept for the family itself, as a parent of it lives there."""
        known = self.columns.own_home
        return self._block(replace(known, values=np.ones(len(known.values)))) > 0

    @property
    def kept_for_a_parent(self) -> Mask:
        """Where a household is kept on the day of the round for a parent who lives there, (m,)."""

        def fact(x: Pairs) -> Mask:
            known, days = x.columns.own_home, x.policy.number("protect_own_home_days")
            kept = np.zeros(len(x.columns.household_ids), bool)
            near = (known.values - x.as_of <= days) & ((days > 0) | np.isinf(known.values))
            kept[known.households[near]] = True
            return kept

        return self.once("kept_for_a_parent", fact)

    @cached_property
    def ruled_out(self) -> Mask:
        """Where people ruled the pair out or declined it."""
        return self._recorded("ruled_out")

    def _recorded(self, name: str) -> Mask:
        return self._block(getattr(self.columns, name)) > 0

    def _block(self, known: Known) -> Numbers:
        everyone = len(self.columns.household_ids)
        return known.block(self.request_rows, self.household_rows, everyone)
