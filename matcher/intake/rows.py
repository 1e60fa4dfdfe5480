"""The rows of the input tables, as the contract names their columns.

One class a table, one field a column. A row is made of clean cells; a cell that is blank or can't be
read is at its column's default, which for most is None, not known. That is so for a required column
too: it is the checks that see to it that no row of a round is without one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, Literal, overload

from matcher import codes
from matcher.intake import cells
from matcher.intake.cells import Reader, T


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: what reads its filled cells, and what may be blank or left out."""

    read: Reader[Any]
    default: Any  # the value of a blank cell
    required: bool  # every row needs a value
    heading: bool  # the table needs the heading


@overload
def column(read: Reader[T], *, required: Literal[True]) -> T: ...
@overload
def column(read: Reader[T], *, heading: bool = False) -> T | None: ...
@overload
def column(read: Reader[T], *, default: T) -> T: ...
def column(
    read: Reader[Any], *, default: Any = None, required: bool = False, heading: bool = False
) -> Any:
    """The field of a column; one that is required needs its heading as well."""
    about = Column(read, default, required, required or heading)
    return field(default=default, metadata={"column": about})


ETHNICITY = cells.code(codes.ETHNICITIES)
RELIGION = cells.code(codes.RELIGIONS)
RISK_LEVEL = cells.code(codes.RISK_LEVELS)
LANGUAGES = cells.listed(cells.language)  # the parent's best comes first, so the order is kept
COUNT = cells.whole(0, 30, cells.CHILDREN)
AGE = cells.whole(9, 99, cells.YEARS)
MILES = cells.number(1000, cells.DISTANCE)

LEAST_STAYING_PUT, MOST_STAYING_PUT = 18, 20  # the parent's years, both included

_RISKS = tuple((area, f"risk_{area}") for area in codes.RISK_AREAS)


@dataclass(frozen=True)
class Row:
    """A row of a table: frozen, and with no column that the contract doesn't name."""

    def canonical(self) -> str:
        """The clean values in the order of the columns as one line, the same for equal rows."""
        return repr(tuple(vars(self).values()))


@dataclass(frozen=True)
class Request(Row):
    """One family that needs a placement."""

    request_id: str = column(cells.text, required=True)
    status: str | None = column(cells.code(codes.REQUEST_STATUSES))
    received_on: date = column(cells.day, required=True)
    purpose: str = column(cells.code(codes.PURPOSES), required=True)
    parent_age: int = column(AGE, required=True)
    parent_born_on: date | None = column(cells.day)
    second_parent_age: int | None = column(AGE)
    second_parent_born_on: date | None = column(cells.day)
    second_parent_looked_after: bool | None = column(cells.yes_no)
    parent_looked_after: bool = column(cells.yes_no, required=True)
    parent_looked_after_since: date | None = column(cells.day)
    child_born_or_due_on: date = column(cells.day, required=True)
    babies: int = column(cells.whole(1, 8, cells.BABIES), default=1)
    child_legal_status: str = column(cells.code(codes.LEGAL_STATUSES), required=True)
    looked_after_since: date | None = column(cells.day)
    court_directed: bool | None = column(cells.yes_no)
    court_direction_until: date | None = column(cells.day)
    older_children: int = column(COUNT, default=0)
    needed_from: date = column(cells.day, required=True)
    latest_start: date | None = column(cells.day)
    expected_weeks: int | None = column(cells.whole(1, 520, cells.WEEKS))
    ethnicity: str | None = column(ETHNICITY)
    religion: str | None = column(RELIGION)
    languages: tuple[str, ...] | None = column(LANGUAGES)
    english: str | None = column(cells.code(codes.ENGLISH))
    home_postcode: str | None = column(cells.place)
    school_postcode: str | None = column(cells.place)
    keep_away: tuple[str, ...] = column(cells.sorted_list(cells.place_of_several), default=())
    min_miles: float | None = column(MILES)
    max_miles: float | None = column(MILES)
    needs: tuple[str, ...] = column(cells.sorted_list(cells.code(codes.NEEDS)), default=())
    must_have: tuple[str, ...] = column(cells.sorted_list(cells.wanted), default=())
    must_avoid: tuple[str, ...] = column(cells.sorted_list(cells.code(codes.FEATURES)), default=())
    risk_offending: str | None = column(RISK_LEVEL)
    risk_violence: str | None = column(RISK_LEVEL)
    risk_arson: str | None = column(RISK_LEVEL)
    risk_sexualised_behaviour: str | None = column(RISK_LEVEL)
    risk_substance_misuse: str | None = column(RISK_LEVEL)
    risk_self_harm: str | None = column(RISK_LEVEL)
    risk_absconding: str | None = column(RISK_LEVEL)
    risk_medical: str | None = column(RISK_LEVEL)
    risk_mental_health: str | None = column(RISK_LEVEL)
    fostering_concerns: tuple[str, ...] | None = column(
        cells.list_or_none(cells.code(codes.CONCERNS))
    )
    resource_team_decision: str | None = column(cells.code(codes.RESOURCE_TEAM_DECISIONS))
    engagement: str | None = column(cells.code(codes.ENGAGEMENTS))
    parent_agrees: bool | None = column(cells.yes_no)
    second_parent_agrees: bool | None = column(cells.yes_no)
    others_agree: bool | None = column(cells.yes_no)
    pre_birth_assessment: str | None = column(cells.code(codes.PRE_BIRTH))
    legal_advice: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.LEGAL_ADVICE)), default=()
    )
    legal_advice_on: date | None = column(cells.day)
    head_of_service_on: date | None = column(cells.day)
    checks_requested_on: date | None = column(cells.day)
    placement_with_parents: str | None = column(cells.code(codes.WITH_PARENTS))
    withhold_address: bool | None = column(cells.yes_no)
    court_on: date | None = column(cells.day)
    review_every_weeks: int | None = column(cells.whole(1, 104, cells.WEEKS))
    worker: str | None = column(cells.text)
    supervising_worker: str | None = column(cells.text)

    @property
    def risks(self) -> dict[str, str | None]:
        """The assessed level of each of the nine areas of risk; None is not assessed."""
        return {area: getattr(self, column) for area, column in _RISKS}

    def birthday(self, years: int) -> date | None:
        """The day on which the parent reaches an age, None where the day of birth is not known."""
        born = self.parent_born_on
        if born is None:
            return None
        leap_day = born.month == 2 and born.day == 29
        # In law whoever was born on 29 February is a year older on 1 March of other years.
        born = born.replace(month=3, day=1) if leap_day and (born.year + years) % 4 else born
        return born.replace(year=born.year + years)

    @property
    def second_parent_comes(self) -> bool:
        """Whether both parents come: a second age says so."""
        return self.second_parent_age is not None

    @property
    def a_parent_is_looked_after(self) -> bool:
        """Whether any parent who comes is a looked-after child."""
        second = self.second_parent_comes and self.second_parent_looked_after is True
        return self.parent_looked_after or second

    @property
    def may_stay_put(self) -> bool:
        """Whether it asks for support of a parent of 18 to 20, none being looked after."""
        ages = (self.parent_age, self.second_parent_age or 0)
        young = any(LEAST_STAYING_PUT <= age <= MOST_STAYING_PUT for age in ages)
        return self.purpose == "support" and young and not self.a_parent_is_looked_after

    @property
    def nobody_looked_after(self) -> bool:
        """Whether neither the child nor a parent is looked after (s17)."""
        return not (self.child_looked_after or self.a_parent_is_looked_after)

    @property
    def child_looked_after(self) -> bool:
        """Whether the child is, or will be at birth, looked after."""
        return self.child_legal_status != "not_looked_after"

    def direction_runs(self, day: date) -> bool:
        """Whether a direction of the court to assess the family, s38(6), is known to run on a day.

        Where its end is not known, nobody can say so after the hearing.
        """
        until = self.court_direction_until or self.court_on
        return self.court_directed is True and (until is None or day <= until)

    def placed_with_parents(self, day: date) -> bool:
        """Whether the child is placed with parents in the sense of the regulations (PWP-1a, PWP-1d).

        So it is under a care order, and under an interim one to which they apply by legal advice;
        advice that is dated later than `day` is not yet given.
        """
        if self.child_legal_status != "interim_care_order":
            return self.child_legal_status == "care_order"
        ahead = self.legal_advice_on is not None and self.legal_advice_on > day
        return "placement_with_parents_applies" in self.legal_advice and not ahead


@dataclass(frozen=True)
class Household(Row):
    """One fostering household."""

    household_id: str = column(cells.text, required=True)
    status: str = column(cells.code(codes.HOUSEHOLD_STATUSES), required=True)
    postcode: str = column(cells.postcode, required=True)
    local_authority: str | None = column(cells.authority)
    accommodation_suitable: bool | None = column(cells.yes_no, heading=True)
    bedrooms: int | None = column(cells.whole(0, 30, cells.ROOMS), heading=True)
    takes_second_parent: bool | None = column(cells.yes_no)
    takes_older_children: int | None = column(COUNT)
    looked_after_children: int = column(COUNT, required=True)
    arrangement_until: date | str | None = column(cells.arrangement_end)
    available_from: date | None = column(cells.day)
    available_until: date | None = column(cells.day)
    terms: tuple[str, ...] = column(cells.sorted_list(cells.code(codes.PURPOSES)), default=())
    limit_exemption: tuple[str, ...] = column(cells.sorted_list(cells.text), default=())
    provider: str = column(cells.code(codes.PROVIDERS), default="own")
    smokes: bool | None = column(cells.yes_no)
    dogs: bool | None = column(cells.yes_no)
    cats: bool | None = column(cells.yes_no)
    own_children: bool | None = column(cells.yes_no)
    features: tuple[str, ...] | None = column(cells.features)
    risk_limits: tuple[tuple[str, str], ...] = column(cells.risk_limits, default=())
    team: str | None = column(cells.text)
    weekly_fee: float | None = column(cells.number(100_000, cells.POUNDS))
    reviewed_on: date | None = column(cells.day)

    def has(self, feature: str) -> bool | None:
        """Whether the home has a feature; None where nobody has said."""
        if (column := ASKED_ALONE.get(feature)) is not None:
            asked: bool | None = getattr(self, column)
            return asked
        return None if self.features is None else feature in self.features


@dataclass(frozen=True)
class Carer(Row):
    """One adult carer of a household."""

    carer_id: str = column(cells.text, required=True)
    household_id: str = column(cells.text, required=True)
    approved: bool | None = column(cells.yes_no, heading=True)
    pc_trained_on: date | None = column(cells.day)
    pc_assessed_on: date | None = column(cells.day)
    ethnicity: str | None = column(ETHNICITY)
    religion: str | None = column(RELIGION)
    languages: tuple[str, ...] | None = column(LANGUAGES)
    supports_religions: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.RELIGIONS)), default=()
    )
    skills: tuple[str, ...] = column(cells.sorted_list(cells.code(codes.SKILLS)), default=())


@dataclass(frozen=True)
class Relationship(Row):
    """What a family and a household are to each other already."""

    request_id: str = column(cells.text, required=True)
    household_id: str = column(cells.text, required=True)
    kind: str = column(cells.code(tuple(codes.RELATIONSHIPS)), required=True)


@dataclass(frozen=True)
class RiskAssessment(Row):
    """A joint risk assessment of one family in one household."""

    request_id: str = column(cells.text, required=True)
    household_id: str = column(cells.text, required=True)
    assessed_on: date | None = column(cells.day)
    outcome: str = column(cells.code(codes.RISK_OUTCOMES), required=True)
    areas: tuple[str, ...] = column(cells.sorted_list(cells.code(codes.RISK_AREAS)), default=())
    child_social_worker_on: date | None = column(cells.day)
    supervising_social_worker_on: date | None = column(cells.day)
    safe_caring_on: date | None = column(cells.day)
    conditions: str | None = column(cells.note)


@dataclass(frozen=True)
class Decision(Row):
    """What people have decided about one family in one household."""

    request_id: str = column(cells.text, required=True)
    household_id: str = column(cells.text, required=True)
    decision: str = column(cells.code(codes.DECISIONS), required=True)
    decided_on: date = column(cells.day, required=True)
    reason: str | None = column(cells.code(codes.REASONS))
    note: str | None = column(cells.note)
    decided_by: str | None = column(cells.text)
    until: date | None = column(cells.day)
    started_on: date | None = column(cells.day)
    ended_on: date | None = column(cells.day)

    def counts(self, day: date) -> bool:
        """Whether it has not run out on a day: `until` is the last one."""
        return self.until is None or day <= self.until


@dataclass(frozen=True)
class KeepApart(Row):
    """Two families whose households must be at least so far apart."""

    request_id: str = column(cells.text, required=True)
    other_request_id: str = column(cells.text, required=True)
    min_miles: float = column(MILES, required=True)


@dataclass(frozen=True)
class Placement(Row):
    """A placement of one family in one household: planned, running or ended.

    `started_on` is None only where a `confirmed` decision that names no start was read as one.
    """

    request_id: str = column(cells.text, required=True)
    household_id: str = column(cells.text, required=True)
    started_on: date | None = column(cells.day, required=True)
    planned_end_on: date | None = column(cells.day)
    ended_on: date | None = column(cells.day)
    ended_because: str | None = column(cells.code(codes.ENDINGS))
    note: str | None = column(cells.note)


@dataclass(frozen=True)
class Event(Row):
    """What happened, was accepted though it is open, or is planned: of a duty, or of a family."""

    request_id: str = column(cells.text, required=True)
    household_id: str | None = column(cells.text)
    event: str = column(
        cells.code((*codes.DUTIES, *codes.HAPPENINGS), codes.FORMER_DUTIES), required=True
    )
    status: str = column(cells.code(codes.EVENT_STATUSES, {"met": "done"}), default="done")
    on: date = column(cells.day, required=True)
    until: date | None = column(cells.day)
    by: str | None = column(cells.text)
    note: str | None = column(cells.note)

    def counts(self, day: date) -> bool:
        """Whether it has not run out on a day: `until` is the last one."""
        return self.until is None or day <= self.until


ASKED_ALONE = {  # features that a household is asked for by themselves, and the column of each
    "smoker": "smokes",
    "dog": "dogs",
    "cat": "cats",
    "birth_children": "own_children",
}


def told_by_list(household: Household, older: Collection[str] = ()) -> dict[str, Any]:
    """What the list of features says of ASKED_ALONE's blank columns: `none` says no of each.

    `older` are columns that the table doesn't have: of these a list names what is there.
    """
    features = household.features
    return {
        column: feature in features
        for feature, column in ASKED_ALONE.items()
        if features is not None
        and getattr(household, column) is None
        and (column in older or not features)
    }


TABLES: dict[str, type[Row]] = {
    "requests": Request,
    "households": Household,
    "carers": Carer,
    "relationships": Relationship,
    "risk_assessments": RiskAssessment,
    "decisions": Decision,
    "keep_apart": KeepApart,
    "placements": Placement,
    "events": Event,
    "steps": Event,
}
OFFERED = tuple(name for name in TABLES if name != "steps")  # to people who start a new file
OLD_HEADINGS = {"steps": {"gate": "event"}}  # of a table under its old name
REQUIRED_TABLES = ("requests", "households", "carers")


def columns_of(row: type[Row]) -> dict[str, Column]:
    """The columns of a table by name, in their order."""
    return {each.name: each.metadata["column"] for each in fields(row)}


def headings(row: type[Row]) -> dict[str, bool]:
    """The columns of a table, each with whether its heading must be there."""
    return {name: column.heading for name, column in columns_of(row).items()}


def kind_of(row: type[Row], column: str) -> cells.Kind:
    """What a column of a table takes."""
    return cells.kind_of(reader_of(row, column))


def reader_of(row: type[Row], column: str) -> Reader[Any]:
    """What reads the cells of a column, one of the readers of `cells`."""
    return columns_of(row)[column].read
