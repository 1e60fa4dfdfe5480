"""The rows of the input tables, as the contract names their columns.

One class a table, one field a column. A field without a default needs the heading and every cell;
`HEADING` marks one that needs the heading, while a blank cell is not known (None).
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from matcher import codes
from matcher.intake import cells

HEADING = Field(default=None, json_schema_extra={"heading": True})

Text = Annotated[str, PlainValidator(cells.text)]
Note = Annotated[str | None, PlainValidator(cells.note)]
Day = Annotated[date, PlainValidator(cells.day)]
MaybeDay = Annotated[date | None, PlainValidator(cells.day)]
MaybeYesNo = Annotated[bool | None, PlainValidator(cells.yes_no)]
YesNo = Annotated[bool, PlainValidator(cells.yes_no)]
MaybePostcode = Annotated[str | None, PlainValidator(cells.postcode)]
Postcode = Annotated[str, PlainValidator(cells.postcode)]
MaybeEthnicity = Annotated[str | None, PlainValidator(cells.code(codes.ETHNICITIES))]
MaybeReligion = Annotated[str | None, PlainValidator(cells.code(codes.RELIGIONS))]
MaybeRisk = Annotated[str | None, PlainValidator(cells.code(codes.RISK_LEVELS))]
MaybeLanguages = Annotated[
    tuple[str, ...] | None, PlainValidator(cells.listed(cells.language))
]  # the parent's best comes first, so the order is kept
Count = Annotated[int, PlainValidator(cells.whole(0, 30))]
MaybeCount = Annotated[int | None, PlainValidator(cells.whole(0, 30))]
Age = Annotated[int, PlainValidator(cells.whole(9, 99))]
MaybeAge = Annotated[int | None, PlainValidator(cells.whole(9, 99))]
MaybeMiles = Annotated[float | None, PlainValidator(cells.number(1000))]


def _code(values: tuple[str, ...]) -> PlainValidator:
    return PlainValidator(cells.code(values))


def _codes(values: tuple[str, ...]) -> PlainValidator:
    return PlainValidator(cells.sorted_list(cells.code(values)))


_RISKS = tuple((area, f"risk_{area}") for area in codes.RISK_AREAS)
_ALL: set[str] = set()  # which cells were filled is known from the sheet, so that rows share this


class Row(BaseModel):
    """A row of a table: frozen, and with no column that the contract doesn't name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def clean(cls, values: dict[str, Any]) -> Self:
        """A row of values that were checked before, one for every column.

        It does what `model_construct` does, without its look at each field: a round has many rows.
        """
        row = cls.__new__(cls)
        object.__setattr__(row, "__dict__", values)
        object.__setattr__(row, "__pydantic_fields_set__", _ALL)
        object.__setattr__(row, "__pydantic_extra__", None)
        object.__setattr__(row, "__pydantic_private__", None)
        return row

    def canonical(self) -> str:
        """The clean values in the order of the columns as one line, the same for equal rows."""
        return repr(tuple(self.__dict__.values()))


class Request(Row):
    """One family that needs a placement."""

    request_id: Text
    status: Annotated[str, _code(codes.OPEN_CLOSED)] = "open"
    received_on: Day
    purpose: Annotated[str, _code(codes.PURPOSES)]
    parent_age: Age
    parent_born_on: MaybeDay = None
    second_parent_age: MaybeAge = None
    second_parent_looked_after: MaybeYesNo = None
    parent_looked_after: YesNo
    child_born_or_due_on: Day
    babies: Annotated[int, PlainValidator(cells.whole(1, 8))] = 1
    child_legal_status: Annotated[str, _code(codes.LEGAL_STATUSES)]
    court_directed: MaybeYesNo = None
    older_children: Count = 0
    needed_from: Day
    latest_start: MaybeDay = None
    expected_weeks: Annotated[int | None, PlainValidator(cells.whole(1, 520))] = None
    ethnicity: MaybeEthnicity = None
    religion: MaybeReligion = None
    languages: MaybeLanguages = None
    english: Annotated[str | None, _code(codes.ENGLISH)] = None
    home_postcode: MaybePostcode = None
    school_postcode: MaybePostcode = None
    keep_away: Annotated[tuple[str, ...], PlainValidator(cells.sorted_list(cells.postcode))] = ()
    min_miles: MaybeMiles = None
    max_miles: MaybeMiles = None
    needs: Annotated[tuple[str, ...], _codes(codes.NEEDS)] = ()
    must_have: Annotated[tuple[str, ...], PlainValidator(cells.sorted_list(cells.wanted))] = ()
    must_avoid: Annotated[tuple[str, ...], _codes(codes.FEATURES)] = ()
    risk_offending: MaybeRisk = None
    risk_violence: MaybeRisk = None
    risk_arson: MaybeRisk = None
    risk_sexualised_behaviour: MaybeRisk = None
    risk_substance_misuse: MaybeRisk = None
    risk_self_harm: MaybeRisk = None
    risk_absconding: MaybeRisk = None
    risk_medical: MaybeRisk = None
    risk_mental_health: MaybeRisk = None
    fostering_concerns: Annotated[tuple[str, ...], _codes(codes.CONCERNS)] = ()
    resource_team_decision: Annotated[str | None, _code(codes.RESOURCE_TEAM_DECISIONS)] = None
    engagement: Annotated[str | None, _code(codes.ENGAGEMENTS)] = None
    parent_agrees: MaybeYesNo = None
    pre_birth_assessment: Annotated[str | None, _code(codes.PRE_BIRTH)] = None
    legal_advice_on: MaybeDay = None
    head_of_service_on: MaybeDay = None
    checks_requested_on: MaybeDay = None
    placement_with_parents: Annotated[str | None, _code(codes.WITH_PARENTS)] = None
    withhold_address: MaybeYesNo = None
    court_on: MaybeDay = None

    @property
    def risks(self) -> dict[str, str | None]:
        """The assessed level of each of the nine areas of risk; None is not assessed."""
        values = self.__dict__
        return {area: values[column] for area, column in _RISKS}

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
    def nobody_looked_after(self) -> bool:
        """Whether neither the child nor a parent is looked after (s17)."""
        return not (self.child_looked_after or self.a_parent_is_looked_after)

    @property
    def child_looked_after(self) -> bool:
        """Whether the child is, or will be at birth, looked after."""
        return self.child_legal_status != "not_looked_after"


class Household(Row):
    """One fostering household."""

    household_id: Text
    status: Annotated[str, _code(codes.HOUSEHOLD_STATUSES)]
    postcode: Postcode
    local_authority: Annotated[str | None, PlainValidator(cells.authority)] = None
    accommodation_suitable: MaybeYesNo = HEADING
    bedrooms: MaybeCount = HEADING
    takes_second_parent: MaybeYesNo = None
    takes_older_children: MaybeCount = None
    looked_after_children: Count
    arrangement_until: Annotated[
        date | str | None,
        PlainValidator(cells.arrangement_end),
    ] = None
    available_from: MaybeDay = None
    available_until: MaybeDay = None
    terms: Annotated[tuple[str, ...], _codes(codes.PURPOSES)] = ()
    limit_exemption: Annotated[tuple[str, ...], PlainValidator(cells.sorted_list(cells.text))] = ()
    provider: Annotated[str, _code(codes.PROVIDERS)] = "own"
    features: Annotated[tuple[str, ...] | None, PlainValidator(cells.features)] = None
    risk_limits: Annotated[tuple[tuple[str, str], ...], PlainValidator(cells.risk_limits)] = ()
    team: Annotated[str | None, PlainValidator(cells.text)] = None
    weekly_fee: Annotated[float | None, PlainValidator(cells.number(100_000))] = None
    reviewed_on: MaybeDay = None


class Carer(Row):
    """One adult carer of a household."""

    carer_id: Text
    household_id: Text
    approved: MaybeYesNo = HEADING
    pc_trained_on: MaybeDay = None
    pc_assessed_on: MaybeDay = None
    ethnicity: MaybeEthnicity = None
    religion: MaybeReligion = None
    languages: MaybeLanguages = None
    supports_religions: Annotated[tuple[str, ...], _codes(codes.RELIGIONS)] = ()
    skills: Annotated[tuple[str, ...], _codes(codes.SKILLS)] = ()


class Relationship(Row):
    """What a family and a household are to each other already."""

    request_id: Text
    household_id: Text
    kind: Annotated[str, _code(tuple(codes.RELATIONSHIPS))]


class RiskAssessment(Row):
    """A joint risk assessment of one family in one household."""

    request_id: Text
    household_id: Text
    outcome: Annotated[str, _code(codes.RISK_OUTCOMES)]
    areas: Annotated[tuple[str, ...], _codes(codes.RISK_AREAS)] = ()
    child_social_worker_on: MaybeDay = None
    supervising_social_worker_on: MaybeDay = None
    safe_caring_on: MaybeDay = None
    conditions: Note = None


class Decision(Row):
    """What people have decided about one family in one household."""

    request_id: Text
    household_id: Text
    decision: Annotated[str, _code(codes.DECISIONS)]
    decided_on: Day
    reason: Annotated[str | None, _code(codes.REASONS)] = None
    note: Note = None
    decided_by: Annotated[str | None, PlainValidator(cells.text)] = None
    started_on: MaybeDay = None
    ended_on: MaybeDay = None


class KeepApart(Row):
    """Two families whose households must be at least so far apart."""

    request_id: Text
    other_request_id: Text
    min_miles: Annotated[float, PlainValidator(cells.number(1000))]


class Step(Row):
    """A gate that people have met or accepted, for a family or for a family in one household."""

    request_id: Text
    household_id: Annotated[str | None, PlainValidator(cells.text)] = None
    gate: Annotated[str, _code((*codes.REQUEST_GATES, *codes.PAIR_GATES))]
    status: Annotated[str, _code(codes.STEP_STATUSES)]
    on: Day
    until: MaybeDay = None
    by: Annotated[str | None, PlainValidator(cells.text)] = None
    note: Note = None

    def counts(self, day: date) -> bool:
        """Whether it has not run out on a day: `until` is the last one."""
        return self.until is None or day <= self.until


TABLES: dict[str, type[Row]] = {
    "requests": Request,
    "households": Household,
    "carers": Carer,
    "relationships": Relationship,
    "risk_assessments": RiskAssessment,
    "decisions": Decision,
    "keep_apart": KeepApart,
    "steps": Step,
}
REQUIRED_TABLES = ("requests", "households", "carers")


def headings(row: type[Row]) -> dict[str, bool]:
    """The columns of a table, each with whether its heading must be there."""
    return {
        name: field.is_required() or bool(field.json_schema_extra)
        for name, field in row.model_fields.items()
    }


def kind_of(row: type[Row], column: str) -> cells.Kind:
    """What a column of a table takes."""
    return cells.kind_of(reader_of(row, column))


def reader_of(row: type[Row], column: str) -> cells.Reader:
    """What reads the cells of a column, one of the readers of `cells`."""
    found: cells.Reader = row.model_fields[column].metadata[0].func
    return found
