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
from matcher.words import label


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: what reads its filled cells, what may be blank, and how it is asked.

    `question` is how a person is asked for it, `says` what it means, in a sentence, `section` one of
    SECTIONS, and `blank` what a blank cell says.
    """

    read: Reader[Any]
    default: Any  # the value of a blank cell
    required: bool  # every row needs a value
    heading: bool  # the table needs the heading
    section: str
    question: str
    says: str
    blank: str


@overload
def column(
    read: Reader[T], section: str, question: str, says: str, *, required: Literal[True]
) -> T: ...
@overload
def column(
    read: Reader[T],
    section: str,
    question: str,
    says: str,
    *,
    heading: bool = False,
    blank: str = ...,
) -> T | None: ...
@overload
def column(
    read: Reader[T], section: str, question: str, says: str, *, default: T, blank: str = ...
) -> T: ...
def column(
    read: Reader[Any],
    section: str,
    question: str,
    says: str,
    *,
    default: Any = None,
    required: bool = False,
    heading: bool = False,
    blank: str = "",
) -> Any:
    """The field of a column; one that is required needs its heading as well."""
    if not blank:
        blank = (
            NOT_KNOWN_YET if default is None else "None" if default == () else label(str(default))
        )
    about = Column(read, default, required, required or heading, section, question, says, blank)
    return field(default=default, metadata={"column": about})


NOT_KNOWN_YET = "Not known yet"
SECTIONS = {  # of the tables' columns, in the order in which a person is asked
    "need": "What is asked for",
    "parents": "The parents",
    "children": "The child, and other children",
    "court": "The court",
    "identity": "Language, faith and ethnicity",
    "places": "Where",
    "needs": "What the family needs",
    "risks": "Risks",
    "decided": "Consent, advice and decisions",
    "people": "Who works with the family",
    "free": "Whether and when it is free",
    "home": "The home",
    "room": "Room",
    "household": "Who and what is there",
    "limits": "What the carers can manage",
    "profile": "When it was last confirmed",
    "carer": "Approval and training",
    "skills": "What the carer can do",
    "relationship": "What they are to each other",
    "assessment": "The joint risk assessment",
    "decision": "What was decided",
    "apart": "Who must be kept apart",
    "placement": "The placement",
    "event": "What happened",
}


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

    request_id: str = column(
        cells.text, "need", "What is the family's id?", "The family's id. No names.", required=True
    )
    status: str | None = column(
        cells.code(codes.REQUEST_STATUSES),
        "need",
        "Is the request open?",
        "Only an open request is matched. Blank is open, or placed while a placement of it runs.",
        blank="Open, or placed while a placement runs",
    )
    received_on: date = column(
        cells.day,
        "need",
        "When was the request received?",
        "The day on which the request came in.",
        required=True,
    )
    purpose: str = column(
        cells.code(codes.PURPOSES),
        "need",
        "What is the placement for?",
        "An assessment of the parents, or support for them.",
        required=True,
    )
    parent_age: int = column(
        AGE,
        "parents",
        "How old is the parent?",
        "The parent's age. Nobody is looked after from 18.",
        required=True,
    )
    parent_born_on: date | None = column(
        cells.day,
        "parents",
        "When was the parent born?",
        "The parent's day of birth, where the age alone can't tell when they are 18.",
    )
    second_parent_age: int | None = column(
        AGE,
        "parents",
        "If a second parent comes, how old are they?",
        "An age here says that both parents come.",
        blank="No second parent comes",
    )
    second_parent_born_on: date | None = column(
        cells.day,
        "parents",
        "When was the second parent born?",
        "The second parent's day of birth, where the age alone can't tell when they are 18.",
    )
    second_parent_looked_after: bool | None = column(
        cells.yes_no,
        "parents",
        "Is the second parent looked after?",
        "Whether the second parent is a looked-after child.",
    )
    parent_looked_after: bool = column(
        cells.yes_no,
        "parents",
        "Is the parent looked after?",
        "Whether the parent is a looked-after child.",
        required=True,
    )
    parent_looked_after_since: date | None = column(
        cells.day,
        "parents",
        "Since when has the parent been looked after?",
        "The day from which the parent is looked after.",
    )
    child_born_or_due_on: date = column(
        cells.day,
        "children",
        "When was the child born, or when is the birth expected?",
        "The day of birth, or the day on which birth is expected.",
        required=True,
    )
    babies: int = column(
        cells.whole(1, 8, cells.BABIES),
        "children",
        "How many babies are there?",
        "How many babies; twins are 2.",
        default=1,
    )
    child_legal_status: str = column(
        cells.code(codes.LEGAL_STATUSES),
        "children",
        "What is the child's legal status?",
        "The child's legal status; before birth, what is planned at birth.",
        required=True,
    )
    looked_after_since: date | None = column(
        cells.day,
        "children",
        "Since when has the child been looked after?",
        "The day from which the child is looked after: first reviews count from it.",
    )
    court_directed: bool | None = column(
        cells.yes_no,
        "court",
        "Does the court direct this placement for assessment, under section 38(6)?",
        "Whether the court requires this placement for assessment.",
    )
    court_direction_until: date | None = column(
        cells.day,
        "court",
        "Until when does the court's direction hold?",
        "The last day on which the court's direction holds.",
    )
    older_children: int = column(
        COUNT,
        "children",
        "How many other children come too?",
        "Children of the family who come with the parents and the baby.",
        default=0,
    )
    needed_from: date = column(
        cells.day,
        "need",
        "When is the placement needed from?",
        "The day from which the family needs the placement.",
        required=True,
    )
    latest_start: date | None = column(
        cells.day,
        "need",
        "What is the last day on which it can start?",
        "The last day on which it can start. Blank: 1 day after it is needed if that is today, 5 days within 5 days, else 14.",
    )
    expected_weeks: int | None = column(
        cells.whole(1, 520, cells.WEEKS),
        "need",
        "How many weeks is it expected to last?",
        "How long it is expected to last. An assessment must say.",
    )
    ethnicity: str | None = column(
        ETHNICITY,
        "identity",
        "What is the parent's ethnicity?",
        "The parent's ethnicity, as the school census names it.",
    )
    religion: str | None = column(
        RELIGION,
        "identity",
        "What is the parent's religion?",
        "The parent's religion, as they say it.",
    )
    languages: tuple[str, ...] | None = column(
        LANGUAGES,
        "identity",
        "Which languages does the parent speak, best first?",
        "For a parent, the best language first; for a carer, all that they speak well.",
    )
    english: str | None = column(
        cells.code(codes.ENGLISH),
        "identity",
        "How much English does the parent speak?",
        "How well the parent speaks English.",
    )
    home_postcode: str | None = column(
        cells.place,
        "places",
        "What is the postcode of the family's home?",
        "Where the family lives now; only the outward half is kept.",
    )
    school_postcode: str | None = column(
        cells.place,
        "places",
        "What is the postcode of the parent's school or college?",
        "Where the parent goes to school or college; only the outward half is kept.",
    )
    keep_away: tuple[str, ...] = column(
        cells.sorted_list(cells.place_of_several),
        "places",
        "Which areas must the home not be in?",
        "Areas that the household must not be in.",
        default=(),
    )
    min_miles: float | None = column(
        MILES,
        "places",
        "At least how many miles from the family's home must it be?",
        "The least distance that safety, or the plan, makes essential.",
        blank="No least distance",
    )
    max_miles: float | None = column(
        MILES,
        "places",
        "At most how many miles from the family's home may it be?",
        "The greatest distance that the plan allows.",
        blank="No greatest distance",
    )
    needs: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.NEEDS)),
        "needs",
        "What does the family need help with?",
        "What the carers need experience of.",
        default=(),
    )
    must_have: tuple[str, ...] = column(
        cells.sorted_list(cells.wanted),
        "needs",
        "What must the home have?",
        "Features of the home, carers' skills or a language that the family can't do without.",
        default=(),
    )
    must_avoid: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.FEATURES)),
        "needs",
        "What must the home not have?",
        "Features that rule a home out for the family.",
        default=(),
    )
    risk_offending: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the risk of offending?",
        "What the parents may present to others or to themselves, never what was done to them.",
        blank="Not assessed yet",
    )
    risk_violence: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the risk of violence?",
        "What the parents may present to others, never what was done to them.",
        blank="Not assessed yet",
    )
    risk_arson: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the risk of arson?",
        "What the parents may present to others, never what was done to them.",
        blank="Not assessed yet",
    )
    risk_sexualised_behaviour: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the risk of sexualised behaviour?",
        "What the parents may present to others, never what was done to them.",
        blank="Not assessed yet",
    )
    risk_substance_misuse: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the risk of substance misuse?",
        "What the parents may present to others or to themselves.",
        blank="Not assessed yet",
    )
    risk_self_harm: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the risk of self-harm?",
        "What the parents may present to themselves.",
        blank="Not assessed yet",
    )
    risk_absconding: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the risk of absconding?",
        "What the parents may present to themselves or to the child.",
        blank="Not assessed yet",
    )
    risk_medical: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the medical risk?",
        "What the parents' health may mean in the home.",
        blank="Not assessed yet",
    )
    risk_mental_health: str | None = column(
        RISK_LEVEL,
        "risks",
        "How high is the risk from mental ill health?",
        "What the parents' mental health may mean in the home.",
        blank="Not assessed yet",
    )
    fostering_concerns: tuple[str, ...] | None = column(
        cells.list_or_none(cells.code(codes.CONCERNS)),
        "risks",
        "Which circumstances that speak against fostering were found?",
        "The circumstances of section 3.1 that were found; none: all eight were considered. Blank: nobody has considered them.",
        blank="Not considered yet",
    )
    resource_team_decision: str | None = column(
        cells.code(codes.RESOURCE_TEAM_DECISIONS),
        "decided",
        "What has the Resource team decided?",
        "Whether the Resource team finds fostering or a residential place suitable.",
        blank="Not decided yet",
    )
    engagement: str | None = column(
        cells.code(codes.ENGAGEMENTS),
        "decided",
        "How do the parents engage with the plan?",
        "Whether the parents are committed to the placement and the work.",
    )
    parent_agrees: bool | None = column(
        cells.yes_no,
        "decided",
        "Does the parent agree?",
        "Whether the parent agrees to the placement.",
    )
    second_parent_agrees: bool | None = column(
        cells.yes_no,
        "decided",
        "Does the second parent agree?",
        "Whether the second parent agrees to the placement.",
    )
    others_agree: bool | None = column(
        cells.yes_no,
        "decided",
        "Does everybody else with parental responsibility agree?",
        "Whether all others with parental responsibility agree.",
    )
    pre_birth_assessment: str | None = column(
        cells.code(codes.PRE_BIRTH),
        "decided",
        "Where does the pre-birth assessment stand?",
        "Whether the pre-birth assessment is done, booked, not done or not needed.",
    )
    legal_advice: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.LEGAL_ADVICE)),
        "decided",
        "What is the legal advice?",
        "What the advice was; its day alone has not answered the question.",
        default=(),
        blank="Nothing yet",
    )
    legal_advice_on: date | None = column(
        cells.day,
        "decided",
        "When was legal advice given?",
        "The day on which legal advice was given; a day ahead is not yet given.",
        blank="Not given yet",
    )
    head_of_service_on: date | None = column(
        cells.day,
        "decided",
        "When did the Head of Service agree?",
        "The day on which the Head of Service agreed; a day ahead is not yet agreed.",
        blank="Not agreed yet",
    )
    checks_requested_on: date | None = column(
        cells.day,
        "decided",
        "When were checks on the adults requested?",
        "The day on which checks on the adults were requested.",
        blank="Not requested yet",
    )
    placement_with_parents: str | None = column(
        cells.code(codes.WITH_PARENTS),
        "decided",
        "Where does the placement with parents assessment stand?",
        "Whether the assessment for a placement with parents is approved, interim or not done.",
    )
    withhold_address: bool | None = column(
        cells.yes_no,
        "places",
        "Is the home's address withheld from the family?",
        "Whether the family must not learn where the household is.",
    )
    court_on: date | None = column(
        cells.day, "court", "When is the next hearing?", "The day of the next hearing."
    )
    review_every_weeks: int | None = column(
        cells.whole(1, 104, cells.WEEKS),
        "people",
        "Every how many weeks were reviews agreed?",
        "How often reviews were agreed, for who has no statutory ones.",
    )
    worker: str | None = column(
        cells.text,
        "people",
        "Who is the family's social worker?",
        "The role or initials of the family's social worker. No names.",
    )
    supervising_worker: str | None = column(
        cells.text,
        "people",
        "Who of the supervising team works with the family?",
        "The role or initials of the team's. No names.",
    )

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

    household_id: str = column(
        cells.text,
        "home",
        "What is the household's id?",
        "The household's id. No names.",
        required=True,
    )
    status: str = column(
        cells.code(codes.HOUSEHOLD_STATUSES),
        "free",
        "Is the household approved?",
        "Only an approved household is proposed; a suspended one is closed until it is approved again.",
        required=True,
    )
    postcode: str = column(
        cells.postcode,
        "home",
        "What is the household's postcode?",
        "Where the household lives; only the outward half is kept.",
        required=True,
    )
    local_authority: str | None = column(
        cells.authority,
        "home",
        "Which authority do the carers live in?",
        "The council of the area where the carers live. Blank: taken from the postcode, where that lies in one.",
        blank="Taken from the postcode",
    )
    accommodation_suitable: bool | None = column(
        cells.yes_no,
        "room",
        "Is the home suitable for parent and child?",
        "Whether the home was found suitable for parent and child.",
        heading=True,
    )
    bedrooms: int | None = column(
        cells.whole(0, 30, cells.ROOMS),
        "room",
        "How many rooms are free for the family?",
        "Rooms free for the family, once a running arrangement has ended.",
        heading=True,
    )
    takes_second_parent: bool | None = column(
        cells.yes_no,
        "room",
        "Do the carers take a second parent?",
        "Whether the carers take both parents.",
    )
    takes_older_children: int | None = column(
        COUNT,
        "room",
        "How many older children do the carers take?",
        "How many children besides the baby the carers take.",
    )
    looked_after_children: int = column(
        COUNT,
        "room",
        "How many foster children live there?",
        "Foster children there, once a running arrangement has ended.",
        required=True,
    )
    arrangement_until: date | str | None = column(
        cells.arrangement_end,
        "free",
        "When does an arrangement with a family that is not in this service end?",
        "When the arrangement of a family that is in no table is expected to end, or open.",
        blank="None is running",
    )
    available_from: date | None = column(
        cells.day,
        "free",
        "From which day is the household available?",
        "The first day on which the carers are available, such as the day after a break or a suspension.",
        blank="From now",
    )
    available_until: date | None = column(
        cells.day,
        "free",
        "Until which day is the household available?",
        "The last day on which the carers are available.",
        blank="No end",
    )
    terms: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.PURPOSES)),
        "free",
        "What are the carers approved for?",
        "What the carers are approved for; blank is both.",
        default=(),
        blank="Both",
    )
    limit_exemption: tuple[str, ...] = column(
        cells.sorted_list(cells.text),
        "free",
        "Which families does a written exemption from the fostering limit name?",
        "Requests that a written exemption from the fostering limit names.",
        default=(),
    )
    provider: str = column(
        cells.code(codes.PROVIDERS),
        "home",
        "Whose carers are they?",
        "The council's own, those of another authority, or an agency's.",
        default="own",
    )
    smokes: bool | None = column(
        cells.yes_no, "household", "Does anybody smoke there?", "Whether anybody smokes there."
    )
    dogs: bool | None = column(
        cells.yes_no, "household", "Is there a dog?", "Whether there is a dog."
    )
    cats: bool | None = column(
        cells.yes_no, "household", "Is there a cat?", "Whether there is a cat."
    )
    own_children: bool | None = column(
        cells.yes_no,
        "household",
        "Do children of the carers live there?",
        "Whether children of the carers live there.",
    )
    features: tuple[str, ...] | None = column(
        cells.features,
        "household",
        "What else does the home have?",
        "What the home has; none: none of these.",
    )
    risk_limits: tuple[tuple[str, str], ...] = column(
        cells.risk_limits,
        "limits",
        "What is the most that the carers can manage, in each area of risk?",
        "The most that the carers can manage in each area; an area that is not named has no limit.",
        default=(),
        blank="No limit said",
    )
    team: str | None = column(
        cells.text,
        "home",
        "Which team supervises the carers?",
        "The supervising team, as the council names it.",
    )
    weekly_fee: float | None = column(
        cells.number(100_000, cells.POUNDS),
        "home",
        "What is the weekly fee, in pounds?",
        "What a week there costs, in pounds.",
    )
    reviewed_on: date | None = column(
        cells.day,
        "profile",
        "When was the profile last confirmed with the carers?",
        "The day on which the profile was last confirmed with the carers.",
        blank="Never, as far as is known",
    )

    def has(self, feature: str) -> bool | None:
        """Whether the home has a feature; None where nobody has said."""
        if (column := ASKED_ALONE.get(feature)) is not None:
            asked: bool | None = getattr(self, column)
            return asked
        return None if self.features is None else feature in self.features


@dataclass(frozen=True)
class Carer(Row):
    """One adult carer of a household."""

    carer_id: str = column(
        cells.text, "carer", "What is the carer's id?", "The carer's id. No names.", required=True
    )
    household_id: str = column(
        cells.text,
        "carer",
        "Which household does the carer belong to?",
        "The household's id. No names.",
        required=True,
    )
    approved: bool | None = column(
        cells.yes_no,
        "carer",
        "Is the carer approved as a foster carer?",
        "Whether this adult is an approved foster carer.",
        heading=True,
    )
    pc_trained_on: date | None = column(
        cells.day,
        "carer",
        "When was the carer trained for parent and child?",
        "The day of the carer's training for parent and child.",
        blank="Not trained, as far as is known",
    )
    pc_assessed_on: date | None = column(
        cells.day,
        "carer",
        "When was the carer assessed for parent and child?",
        "The day of the carer's assessment for parent and child.",
        blank="Not assessed, as far as is known",
    )
    ethnicity: str | None = column(
        ETHNICITY,
        "identity",
        "What is the carer's ethnicity?",
        "The carer's ethnicity, as the school census names it.",
    )
    religion: str | None = column(
        RELIGION,
        "identity",
        "What is the carer's religion?",
        "The carer's religion, as they say it.",
    )
    languages: tuple[str, ...] | None = column(
        LANGUAGES,
        "identity",
        "Which languages does the carer speak well?",
        "For a parent, the best language first; for a carer, all that they speak well.",
    )
    supports_religions: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.RELIGIONS)),
        "identity",
        "Which religions can the carer support a family in practising?",
        "Religions other than the carer's own in which the carer can support a family.",
        default=(),
    )
    skills: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.SKILLS)),
        "skills",
        "What does the carer have experience of?",
        "Skills, and needs of families that the carer has experience of.",
        default=(),
    )


@dataclass(frozen=True)
class Relationship(Row):
    """What a family and a household are to each other already."""

    request_id: str = column(
        cells.text,
        "relationship",
        "Which family is it about?",
        "The family's id. No names.",
        required=True,
    )
    household_id: str = column(
        cells.text,
        "relationship",
        "Which household is it about?",
        "The household's id. No names.",
        required=True,
    )
    kind: str = column(
        cells.code(tuple(codes.RELATIONSHIPS)),
        "relationship",
        "What are the family and the household to each other?",
        "Current, former or respite carers, a sibling's home, or known to the family.",
        required=True,
    )


@dataclass(frozen=True)
class RiskAssessment(Row):
    """A joint risk assessment of one family in one household."""

    request_id: str = column(
        cells.text,
        "assessment",
        "Which family is it about?",
        "The family's id. No names.",
        required=True,
    )
    household_id: str = column(
        cells.text,
        "assessment",
        "Which household is it about?",
        "The household's id. No names.",
        required=True,
    )
    assessed_on: date | None = column(
        cells.day,
        "assessment",
        "When was it assessed?",
        "The day of the joint assessment; the latest decides.",
    )
    outcome: str = column(
        cells.code(codes.RISK_OUTCOMES),
        "assessment",
        "What came out?",
        "Whether the risk can be contained there, is too high, or is still being assessed.",
        required=True,
    )
    areas: tuple[str, ...] = column(
        cells.sorted_list(cells.code(codes.RISK_AREAS)),
        "assessment",
        "Which areas were considered?",
        "The areas of risk that were considered together.",
        default=(),
    )
    child_social_worker_on: date | None = column(
        cells.day,
        "assessment",
        "When did the child's social worker sign?",
        "The day on which the child's social worker signed.",
        blank="Not signed yet",
    )
    supervising_social_worker_on: date | None = column(
        cells.day,
        "assessment",
        "When did the supervising social worker sign?",
        "The day on which the supervising social worker signed.",
        blank="Not signed yet",
    )
    safe_caring_on: date | None = column(
        cells.day,
        "assessment",
        "When was the safe caring plan reviewed?",
        "The day on which the household's safe caring plan was reviewed for the family.",
        blank="Not reviewed yet",
    )
    conditions: str | None = column(
        cells.note,
        "assessment",
        "On which conditions?",
        "What must be in place for the risk to be contained. No names.",
        blank="None recorded",
    )


@dataclass(frozen=True)
class Decision(Row):
    """What people have decided about one family in one household."""

    request_id: str = column(
        cells.text,
        "decision",
        "Which family is it about?",
        "The family's id. No names.",
        required=True,
    )
    household_id: str = column(
        cells.text,
        "decision",
        "Which household is it about?",
        "The household's id. No names.",
        required=True,
    )
    decision: str = column(
        cells.code(codes.DECISIONS),
        "decision",
        "What was decided?",
        "What people decided of the family and the household.",
        required=True,
    )
    decided_on: date = column(
        cells.day, "decision", "When was it decided?", "The day of the decision.", required=True
    )
    reason: str | None = column(
        cells.code(codes.REASONS),
        "decision",
        "Why?",
        "The reason of a no, in a word.",
        blank="No reason recorded",
    )
    note: str | None = column(
        cells.note, "decision", "What else should be kept?", "Free text. No names.", blank="Nothing"
    )
    decided_by: str | None = column(
        cells.text, "decision", "Who decided?", "A role, such as team manager. No names."
    )
    until: date | None = column(
        cells.day,
        "decision",
        "Until when does a no count?",
        "The last day on which a no counts. Blank: it has no end.",
        blank="It has no end",
    )
    started_on: date | None = column(
        cells.day,
        "decision",
        "When did the family move in?",
        "The day on which the family moved in, of a confirmed match.",
        blank="Not yet, as far as is known",
    )
    ended_on: date | None = column(
        cells.day,
        "decision",
        "When did it end?",
        "The day on which it ended, of a confirmed match.",
        blank="Not yet, as far as is known",
    )

    def counts(self, day: date) -> bool:
        """Whether it has not run out on a day: `until` is the last one."""
        return self.until is None or day <= self.until


@dataclass(frozen=True)
class KeepApart(Row):
    """Two families whose households must be at least so far apart."""

    request_id: str = column(
        cells.text,
        "apart",
        "Which family is it about?",
        "The family's id. No names.",
        required=True,
    )
    other_request_id: str = column(
        cells.text,
        "apart",
        "From which other family must it be kept apart?",
        "The other family's id. No names.",
        required=True,
    )
    min_miles: float = column(
        MILES,
        "apart",
        "At least how many miles apart must their homes be?",
        "The least distance between the two homes.",
        required=True,
    )


@dataclass(frozen=True)
class Placement(Row):
    """A placement of one family in one household: planned, running or ended.

    `started_on` is None only where a `confirmed` decision that names no start was read as one.
    """

    request_id: str = column(
        cells.text,
        "placement",
        "Which family is it about?",
        "The family's id. No names.",
        required=True,
    )
    household_id: str = column(
        cells.text,
        "placement",
        "Which household is it about?",
        "The household's id. No names.",
        required=True,
    )
    started_on: date | None = column(
        cells.day,
        "placement",
        "When did the family move in, or when will it?",
        "The day on which the family moved in; a day ahead is agreed.",
        required=True,
    )
    planned_end_on: date | None = column(
        cells.day,
        "placement",
        "When is it planned to end?",
        "The day on which it is planned to end. Blank: nobody can say, and the home is not free.",
        blank="Nobody can say",
    )
    ended_on: date | None = column(
        cells.day,
        "placement",
        "When did it end?",
        "The day on which it ended. Blank: the family lives there.",
        blank="The family lives there",
    )
    ended_because: str | None = column(
        cells.code(codes.ENDINGS),
        "placement",
        "Why did it end?",
        "Why it ended. Only planned, moved_on and staying_put don't speak against the family and the household together.",
    )
    note: str | None = column(
        cells.note,
        "placement",
        "What else should be kept?",
        "Free text. No names.",
        blank="Nothing",
    )


@dataclass(frozen=True)
class Event(Row):
    """What happened, was accepted though it is open, or is planned: of a duty, or of a family."""

    request_id: str = column(
        cells.text,
        "event",
        "Which family is it about?",
        "The family's id. No names.",
        required=True,
    )
    household_id: str | None = column(
        cells.text,
        "event",
        "Which household is it about?",
        "The household's id. No names.",
        blank="Whatever the household",
    )
    event: str = column(
        cells.code_or_local((*codes.DUTIES, *codes.HAPPENINGS), codes.FORMER_DUTIES),
        "event",
        "What happened?",
        "What happened: the key of a duty that was done, as docs/policy.md lists them, or child_born, returned_home, became_looked_after, parent_became_looked_after, family_time_began, adult_joined.",
        required=True,
    )
    status: str = column(
        cells.code(codes.EVENT_STATUSES, {"met": "done"}),
        "event",
        "Is it done, accepted though it is open, or planned?",
        "Blank is done.",
        default="done",
    )
    on: date = column(
        cells.day,
        "event",
        "When?",
        "The day on which it happened, was accepted or is planned.",
        required=True,
    )
    until: date | None = column(
        cells.day,
        "event",
        "Until when does it count?",
        "The last day on which it counts. What is accepted must say one.",
        blank="It has no end",
    )
    by: str | None = column(
        cells.text, "event", "Who did or accepted it?", "A role, such as team manager. No names."
    )
    note: str | None = column(
        cells.note, "event", "What else should be kept?", "Free text. No names.", blank="Nothing"
    )

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
