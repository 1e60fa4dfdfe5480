"""The columns of a round: what the rules and criteria read, one array a fact.

A date is a day number (`date.toordinal`), a distance is in metres on the grid until it is miles,
a code is text. Not known is NaN in a number and '' in a code. Every comparison with NaN is false,
and '' equals no code, so what is not known never meets a rule that says what must hold.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Self, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from matcher.codes import SKILLS

Numbers: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Bits: TypeAlias = NDArray[np.uint64]
Indices: TypeAlias = NDArray[np.signedinteger[Any]]  # of as few bytes as they need
Texts: TypeAlias = NDArray[np.str_]
Written: TypeAlias = NDArray[
    Any
]  # the rows themselves, of which a council's own rules read any column

NOT_KNOWN = float("nan")
MONTHS_PER_YEAR = 12


def says(column: Texts, code: str) -> Mask:
    """Where a column of codes says `code`; what is not known says nothing."""
    said: Mask = column == code
    return said


def has_all(held: Bits, wanted: Bits | np.uint64) -> Mask:
    """Where a set holds every member that is wanted."""
    met: Mask = (wanted & ~held) == 0
    return met


def has_any(held: Bits, unwanted: Bits | np.uint64) -> Mask:
    """Where a set holds some of the unwanted members."""
    met: Mask = (unwanted & held) != 0
    return met


def day_number(day: date | None) -> float:
    """A date as a day number, NaN where it is not known."""
    return NOT_KNOWN if day is None else float(day.toordinal())


def bits(items: Iterable[str], codes: tuple[str, ...]) -> int:
    """A set of codes as bits, the first code the lowest bit; codes of other lists are left out."""
    return sum(1 << codes.index(item) for item in set(items) if item in codes)


def months_before(day: float, months: float) -> float:
    """The day number some months earlier; on the last day of a month that is too short."""
    then = date.fromordinal(int(day))
    year, month = divmod(
        then.year * MONTHS_PER_YEAR + then.month - 1 - int(months), MONTHS_PER_YEAR
    )
    last = monthrange(year, month + 1)[1]
    return float(date(year, month + 1, min(then.day, last)).toordinal())


SKILL_BITS = {skill: 1 << place for place, skill in enumerate(SKILLS)}


class _Rows:
    """Some rows of a frame: a column is gathered when a rule first reads it."""

    def __init__(self, frame: Frame, rows: Indices) -> None:
        self._frame, self._rows = frame, rows

    def __getattr__(self, column: str) -> Any:
        found = getattr(self._frame, column)[self._rows]
        setattr(self, column, found)
        return found


@dataclass(frozen=True)
class Frame:
    """Columns of equal length, the first axis of each being the row."""

    def take(self, rows: Indices) -> Self:
        """The same columns with these rows alone."""
        return cast(Self, _Rows(self, rows))

    def upright(self, rows: Indices) -> Self:
        """These rows with a second axis, so that they broadcast against a row of households."""
        return self.take(rows[:, None])

    def joined(self, other: Self, rows: Indices) -> Self:
        """Some rows of this frame and of another, whose rows count on from the last of this one."""
        columns = (
            (each.name, getattr(self, each.name), getattr(other, each.name))
            for each in fields(self)
        )
        return replace(
            self, **{name: np.concatenate([one, two])[rows] for name, one, two in columns}
        )


@dataclass(frozen=True)
class Requests(Frame):
    """One row a request; (n,) as built, (n, 1) where a rule reads it."""

    as_written: Written
    purpose: Texts
    parent_age: Numbers
    parent_looked_after: Mask
    second_parent_comes: Mask
    second_parent_age: Numbers
    second_parent_looked_after: Mask
    born_on: Numbers
    babies: Numbers
    child_legal_status: Texts
    direction_runs: Mask  # the court requires the placement, s38(6)
    placed_with_parents: Mask
    older_children: Numbers
    needed_from: Numbers
    latest_start: Numbers
    expected_weeks: Numbers
    ethnicity: Indices
    religion: Indices
    best_language: Indices
    other_languages: Mask  # (n, languages in the round)
    languages_known: Mask
    english: Texts
    easting: Numbers
    northing: Numbers
    school_easting: Numbers
    school_northing: Numbers
    keeps_away: Mask
    keep_away: Mask  # (n, outward postcodes of households)
    min_miles: Numbers
    max_miles: Numbers
    needs: Bits
    must_have_skills: Bits
    must_have_features: Bits
    must_have_languages: Mask  # (n, languages in the round)
    must_avoid: Bits
    risks: Numbers  # (n, 9), 0 none to 3 high
    concerns: Bits
    concerns_considered: Mask
    provisional: Bits  # of BEFORE_FOSTERING: what comes before fostering is decided on
    resource_team_decision: Texts
    engagement: Texts
    parent_agrees: Texts
    second_parent_agrees: Texts
    others_agree: Texts
    legal_advice: Bits
    legal_advice_on: Numbers
    head_of_service_on: Numbers
    placement_with_parents: Texts
    withhold_address: Texts
    court_on: Numbers
    current_carer: Mask  # some household's carers are the parent's own
    stays_put: Mask


@dataclass(frozen=True)
class Carers(Frame):
    """One row a carer, in order of household."""

    as_written: Written
    household: Indices
    approved: Mask
    trained_on: Numbers
    assessed_on: Numbers
    ethnicity: Indices
    religion: Indices
    supports_religions: Mask  # (carers, religions)


@dataclass(frozen=True)
class Households(Frame):
    """One row a household, (m,)."""

    as_written: Written
    row: Indices
    status: Texts
    provider: Texts
    outcode: Indices
    easting: Numbers
    northing: Numbers
    accommodation_suitable: Texts
    bedrooms: Numbers
    takes_second_parent: Mask  # the carers have said yes
    takes_older_children: Numbers
    looked_after_children: Numbers
    occupied: Mask  # somebody lives there, or lived there and the home may not be free again
    occupied_until: Numbers  # NaN where nobody lives there and where nobody can say
    available_from: Numbers
    available_until: Numbers
    terms_assessment: Mask
    terms_support: Mask
    features: Bits
    features_known: Bits
    smokes: Texts
    risk_limits: Numbers  # (m, 9), NaN where the household gives none
    team: Texts
    weekly_fee: Numbers
    approved_carers: Numbers
    skills: Bits  # of approved carers between them
    speaks: Mask  # (m, languages in the round), approved carers
    languages_known: Mask


@dataclass(frozen=True)
class Known:
    """A fact of some pairs alone: the rows of their requests and households, and its values."""

    requests: Indices
    households: Indices
    values: Numbers

    def block(self, rows: Indices, columns: Indices, households: int) -> Numbers:
        """The fact over a block of pairs, 0 where nothing is recorded; (1, 1) where all are 0."""
        here = np.flatnonzero(np.isin(self.requests, rows))
        if not len(here):
            return np.zeros((1, 1))
        row_at = {row: at for at, row in enumerate(rows.tolist())}
        column_at = np.full(households, -1)
        column_at[columns] = np.arange(len(columns))
        found = np.zeros((len(rows), len(columns)))
        for at in here:
            column = column_at[self.households[at]]
            if column >= 0:
                found[row_at[int(self.requests[at])], column] = self.values[at]
        return found


@dataclass(frozen=True)
class Columns:
    """A whole round as columns: requests and households in order of their ids."""

    as_of: float
    request_ids: tuple[str, ...]
    household_ids: tuple[str, ...]
    languages: tuple[str, ...]
    outcodes: tuple[str, ...]
    outcode_eastings: Numbers
    outcode_northings: Numbers
    requests: Requests
    households: Households
    carers: Carers
    relationship: Known  # 1 + the place of the strongest kind in codes.RELATIONSHIPS
    own_carer: Known  # where a looked-after parent already lives with these carers
    own_home: Known  # where the home is kept for the family: the day of its need, -inf always
    own_placement: Known  # where the family itself lives, or lived
    own_until: Known  # there, the last day of what stands in its way: -inf nothing, NaN not known
    ended_before: Known
    known_to_family: Known
    risk_too_high: Known
    ruled_out: Known
    limit_exemption: Known

    def some_carer(self, which: Mask) -> Mask:
        """Whether some carer of each household is one of `which` (carers,); the result is (m,)."""
        count = np.bincount(self.carers.household[which], minlength=len(self.household_ids))
        return count > 0
