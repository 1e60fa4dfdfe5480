"""What a rule or criterion can ask of a block of pairs: columns, and facts worked out from them.

Request columns are (n, 1), household columns (m,): they broadcast to (n, m). A fact that is the
same for every request stays (m,) or (1, 1), so it costs nothing per pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.codes import RELATIONSHIPS, URGENCIES
from matcher.geo import miles
from matcher.model import Columns, Households, Indices, Mask, Numbers, Requests, Texts, says
from matcher.policy.settings import Policy

KINDS = tuple(RELATIONSHIPS)
DAYS_PER_WEEK = 7


@dataclass(frozen=True)
class Pairs:
    """A block of pairs: some requests of a round against some of its households."""

    columns: Columns
    policy: Policy
    request_rows: Indices
    household_rows: Indices

    @cached_property
    def r(self) -> Requests:
        """The requests, upright."""
        return self.columns.requests.upright(self.request_rows)

    @cached_property
    def h(self) -> Households:
        """The households."""
        return self.columns.households.take(self.household_rows)

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
        return np.select([days <= 0, days <= 5], URGENCIES[:2], URGENCIES[2])

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

    @cached_property
    def free_after_arrangement(self) -> Numbers:
        """The day from which a running arrangement leaves each household free; NaN: unknown."""
        ends = np.maximum(self.h.arrangement_until, self.as_of)  # overdue counts as today
        return ends + self.policy.number("turnaround_days")

    @cached_property
    def start(self) -> Numbers:
        """The first day on which each pair can start; NaN where an arrangement has no end."""
        start = np.fmax(self.needed, self.h.available_from)
        after = np.where(self.h.arrangement_runs, self.free_after_arrangement, -np.inf)
        return np.maximum(start, after)

    @cached_property
    def end(self) -> Numbers:
        """The day on which each pair is planned to end."""
        weeks = self.r.expected_weeks
        weeks = np.where(np.isnan(weeks), self.policy.number("support_weeks"), weeks)
        return self.start + DAYS_PER_WEEK * weeks

    @cached_property
    def relationship(self) -> Numbers:
        """1 + the place in KINDS of what family and household are to each other; 0: nothing."""
        return self.columns.relationship.block(
            self.request_rows, self.household_rows, len(self.columns.household_ids)
        )

    @cached_property
    def relationship_points(self) -> Numbers:
        """What the relationship counts for, before fit."""
        points = [0.0, *(self.policy.number(f"relationship.{kind}") for kind in KINDS)]
        value = np.array(points)[self.relationship.astype(int)]
        known = 1 + KINDS.index("known_to_family")
        withheld = says(self.r.withhold_address, "yes")
        return np.where((self.relationship == known) & withheld, 0.0, value)

    @cached_property
    def own_carer(self) -> Mask:
        """Where a looked-after parent already lives with these carers."""
        current: Mask = self.relationship == 1 + KINDS.index("current_carer")
        if not current.any():
            return current  # (1, 1), so that it costs nothing per pair
        looked_after: Mask = self.r.parent_looked_after | self.r.second_parent_looked_after
        return current & looked_after

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
        return miles(self.r.easting, self.r.northing, self.h.easting, self.h.northing)

    @cached_property
    def school_miles(self) -> Numbers:
        """Miles from school, to one decimal; NaN where none is given."""
        return miles(self.r.school_easting, self.r.school_northing, self.h.easting, self.h.northing)

    @cached_property
    def exempt(self) -> Mask:
        """Where a written exemption of the household names the request."""
        return self._recorded("limit_exemption")

    @cached_property
    def too_high(self) -> Mask:
        """Where some risk assessment of the pair says that the risk is too high."""
        return self._recorded("risk_too_high")

    @cached_property
    def ruled_out(self) -> Mask:
        """Where people ruled the pair out or declined it."""
        return self._recorded("ruled_out")

    def _recorded(self, name: str) -> Mask:
        known = getattr(self.columns, name)
        block: Numbers = known.block(
            self.request_rows, self.household_rows, len(self.columns.household_ids)
        )
        return block > 0
