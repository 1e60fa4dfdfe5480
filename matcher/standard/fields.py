"""The one table of the standard's fields: what we write into each, and what we take from it.

The exporter, the importer, the workbook and docs/standard.md all read this table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from matcher.intake.rows import Request, headings
from matcher.standard import facts, terms
from matcher.standard.facts import Facts, Value
from matcher.standard.terms import Vocabulary

TOP = ""
AVAILABILITY = "placementAvailability"
REQUIREMENTS = "placementRequirements"
RECOMMENDATION = "placementRecommendation"
RISKS = "riskAssessment"
ACTUAL = "actualPlacement"
QUALITY = "qualityAssurance"
PARTS = (AVAILABILITY, REQUIREMENTS, RECOMMENDATION, RISKS, ACTUAL, QUALITY)

TEXT, NAME, OUTCODE = "text", "name", "outward postcode"
DATE, YES_NO, COUNT, MONEY = "date", "yes or no", "count", "money"

NOT_HELD = "The data does not hold it."
NO_NAMES = "Names of people are never written."


@dataclass(frozen=True)
class Field:
    """A field of the standard, and ours beside it.

    `say` gives the value that we write, None where it isn't known, which `lack` explains. `take`
    turns the value of somebody else's record into a cell of ours, '' where it doesn't say enough;
    what it says of the columns `ours` is then handed to a person, with `ask`.
    """

    part: str
    name: str
    column: str | None  # of the spreadsheet
    kind: str | Vocabulary
    required: bool = False
    many: bool = False
    ours: tuple[str, ...] = ()
    say: Callable[[Facts], Value] | None = None
    lack: str | Callable[[Facts], str] = NOT_HELD
    written: str = "Never: the data does not hold it."
    take: dict[str, str] | None = None  # terms to cells; {} takes the value as it is
    taken: str = "Not taken over."
    ask: str = ""

    @property
    def path(self) -> str:
        """The field with the part that it belongs to."""
        return f"{self.part}.{self.name}" if self.part else self.name

    def why_not(self, of: Facts) -> str:
        """Why the field has no value in a record."""
        return self.lack if isinstance(self.lack, str) else self.lack(of)


def _risk(name: str, column: str | None, area: str | None = None) -> Field:
    if area is None:
        return Field(RISKS, name, column, terms.RISK, required=True)
    return Field(
        RISKS,
        name,
        column,
        terms.RISK,
        required=True,
        ours=(f"risk_{area}",),
        say=partial(facts.risk, area=area),
        lack=partial(facts.no_risk, area=area),
        written="Of a looked-after parent: none is no known risk; low, medium and high are risk "
        "present, where no second parent comes. Not assessed is left out.",
        taken="Asked: it has no levels, and no known risk is no assessment.",
        ask="Assess it, and give its level.",
    )


def _officer(name: str, column: str, required: bool = False) -> Field:
    return Field(QUALITY, name, column, NAME, required, lack=NO_NAMES, written=f"Never: {NO_NAMES}",
                 taken="Never read.")  # fmt: skip


def _suitability(name: str, column: str) -> Field:
    return Field(
        RECOMMENDATION,
        name,
        column,
        terms.SUITABILITY,
        required=True,
        ours=("resource_team_decision",),
        say=lambda of: "NotSpecified",
        written="Not specified: the Resource team's decision is not the social worker's judgement, "
        "and their residential place is a family centre, not a children's home.",
        taken="Asked: the social worker's judgement is not the Resource team's decision.",
        ask="Only the Resource team's own decision counts.",
    )


FIELDS: tuple[Field, ...] = (
    Field(
        TOP, "childId", "child_ID", TEXT, required=True, ours=("request_id",),
        say=lambda of: of.request.request_id, written="The request's id.",
        take={}, taken="The request's id.",
    ),
    Field(
        TOP, "placementId", None, TEXT,
        written="Never: a round does not give placements ids.",
    ),
    Field(
        AVAILABILITY, "neededBy", "when_placement_is_needed_by", terms.URGENCY, required=True,
        ours=("needed_from",), say=facts.needed_by,
        written="The urgency on the day of the round; the terms are the same.",
        taken="Asked: it is no date.", ask="Give the day.",
    ),
    Field(
        AVAILABILITY, "siblingCount", "number_of_siblings_to_place_with", COUNT,
        ours=("older_children", "babies"), say=facts.siblings,
        written="Of a baby: the other babies and older children who come. Of a parent: left out, "
        "their own siblings are not in the data.",
        taken="Asked: whose siblings they are is not said.",
        ask="Give the children who come with the parent.",
    ),
    Field(AVAILABILITY, "isPreferredLocationLocal", "is_preferred_location_local", YES_NO,
          required=True, ours=("keep_away",),
          written="Never: areas to keep away from do not say where the preferred place is.",
          taken="Asked: it names no area.", ask="Give areas to keep away from, or distances."),
    Field(AVAILABILITY, "outOfLAReason", "out_of_LA_reason", terms.OUT_OF_AREA,
          ours=("keep_away",),
          taken="Asked: it names no area.", ask="Give areas to keep away from, or distances."),
    Field(AVAILABILITY, "outOfLAReasonOther", None, TEXT, many=True),
    Field(
        REQUIREMENTS, "communicationNeeds", "communication_language_learning_needs",
        terms.PRESENCE, required=True, ours=("needs", "english", "languages"),
        say=facts.communication,
        written="Yes where a looked-after parent has a learning disability, English some or none, or "
        "signs best. Else not specified: the data does not rule a need out.",
        taken="Asked: it names no need and no language.", ask="Give the need or the language.",
    ),
    Field(
        REQUIREMENTS, "specificCommunicationRequirement",
        "specific_communication_and_language_requirements", terms.COMMUNICATION, required=True,
        many=True, ours=("languages", "english"), say=facts.languages,
        lack="The data names no such need of the child of the record, and rules none out.",
        written="Of a looked-after parent: ESOL where English is some or none, BSL where that is the "
        "language they speak best. Never none: the data does not rule a need out.",
        taken="Asked: it names no language.", ask="Give the languages, and how good English is.",
    ),
    Field(REQUIREMENTS, "specificCommunicationRequirementOther", None, TEXT, many=True),
    Field(REQUIREMENTS, "homeAdaptationRequired", "adaptation_to_the_home", YES_NO,
          ours=("must_have",),
          written="Never: what a home must have is not an adaptation of it.",
          taken="Asked: it does not say which.", ask="Say what the home must have."),
    Field(
        REQUIREMENTS, "culturalNeeds", "cultural_needs", terms.CULTURAL, required=True,
        ours=("ethnicity", "religion"), say=lambda of: "NotKnown",
        written="Not known: a religion or an ethnicity does not say what a home has to do.",
        taken="Asked: it names no religion and no ethnicity.", ask="Give the religion and ethnicity.",
    ),
    Field(REQUIREMENTS, "culturalNeedsOther", None, TEXT, many=True),
    Field(REQUIREMENTS, "livingCompanions", "who_can_the_child_be_cared_for_alongside",
          terms.COMPANIONS, required=True, ours=("must_avoid",),
          written="Never: the data does not say who else may live there.",
          taken="Asked: we can only avoid the carers' own children.",
          ask="Say whether birth_children must be avoided."),
    Field(
        REQUIREMENTS, "pets", "can_child_live_with_pets", terms.PETS, required=True,
        ours=("must_avoid",), say=facts.pets,
        written="Yes-must where a dog or a cat is asked for, no where both must be avoided, "
        "else not known.",
        take={"No": "cat;dog"}, taken="No: must_avoid is cat;dog. Else asked.",
        ask="Give must_have or must_avoid: dog, cat.",
    ),
    Field(REQUIREMENTS, "additionalSupport", "additional_support", terms.SUPPORT, many=True),
    Field(REQUIREMENTS, "additionalSupportOther", "additional_support_other", TEXT, many=True),
    Field(REQUIREMENTS, "deprivationOfLiberty", "dol", YES_NO),
    _suitability("fosterCareSuitability", "foster_care_suitability"),
    _suitability("residentialCareSuitability", "residential_care_suitability"),
    _suitability("supportedAccommodationSuitability", "supported_accommodation"),
    _risk("riskSelfHarm", "risk_to_child_self_harm", "self_harm"),
    _risk("riskCriminalExploitation", "risk_to_child_criminal_exploitation"),
    _risk("riskDrugAlcohol", "risk_to_child_drug_and_alcohol_use", "substance_misuse"),
    _risk("riskEatingDisorder", "risk_to_child_eating_disorder"),
    _risk("riskMissing", "risk_to_child_going_missing", "absconding"),
    _risk("riskSexualExploitation", None),
    _risk("riskToOthersPhysical", "risk_to_others_physical_harm", "violence"),
    _risk("riskToOthersSexual", "risk_to_others_sexual_harm", "sexualised_behaviour"),
    _risk("riskToOthersFire", "risk_to_others_fire_setting", "arson"),
    _risk("riskToOthersAnimals", "risk_to_others_harm_to_animals"),
    _risk("riskToOthersCriminal", "risk_to_others_criminal_exploitation"),
    Field(ACTUAL, "coreWeeklyCost", "cost_core_weekly", MONEY),
    Field(ACTUAL, "additionalSupportWeeklyCost", "cost_additional_support_weekly", MONEY),
    Field(ACTUAL, "educationWeeklyCost", "cost_education_weekly", MONEY),
    Field(ACTUAL, "otherWeeklyCost", "cost_other_weekly", MONEY),
    Field(ACTUAL, "totalWeeklyCost", "cost_total_weekly", MONEY, required=True,
          say=facts.fee, lack=facts.of_the_home,
          written="The household's weekly fee, unless the address is withheld."),
    Field(ACTUAL, "placementLocation", "placement_location", OUTCODE, required=True,
          say=lambda of: of.home.postcode if of.home else None, lack=facts.of_the_home,
          written="The household's outward postcode, unless the address is withheld."),
    Field(ACTUAL, "isLocationPreferred", "preferrability_of_placement_location", YES_NO,
          required=True),
    Field(ACTUAL, "isEducationContinuous", "education_continuity", YES_NO, required=True,
          written="Never: the data does not hold it. (The spreadsheet asks the opposite: whether "
          "education was disrupted.)"),
    Field(ACTUAL, "providerURN", "provider_URN", TEXT, required=True,
          lack="The data does not hold Ofsted's number of the provider."),
    Field(ACTUAL, "siblingsPlacedTogether", "how_many_siblings_were_placed_together", COUNT,
          required=True, say=facts.siblings,
          lack="The siblings of a looked-after parent are not in the data.",
          written="Of a baby: the other babies and older children who came. Of a parent: left out."),
    Field(ACTUAL, "placementType", "placement_type", terms.PLACEMENT_TYPE, required=True,
          say=lambda of: "Foster",
          written="Foster: every placement of a round is with foster carers."),
    _officer("referralOfficerName", "name_of_officer_referral"),
    Field(QUALITY, "referralDate", "Date_entry_referral", DATE, required=True,
          ours=("received_on",), say=lambda of: of.request.received_on,
          written="The day on which the request was received.",
          take={}, taken="The day on which the request was received."),
    _officer("placementOfficerName", "name_of_officer_placement", required=True),
    Field(QUALITY, "placementDate", "date_entry_placement", DATE, required=True,
          say=lambda of: of.started_on,
          lack=lambda of: "No day of start is recorded." if of.household
          else "No placement is confirmed.",
          written="The day on which a confirmed placement starts."),
    _officer("costOfficerName", "name_of_officer_placement_cost"),
    Field(QUALITY, "costDate", "date_entry_placement_cost", DATE, required=True),
)  # fmt: skip

BY_NAME = {field.name: field for field in FIELDS}
SHEET_FIELDS = tuple(field for field in FIELDS if field.column is not None)

EXTENSION = "urn:carer-matcher:parent-and-child#"
EXTENSION_PART = "parentAndChild"
EXTENSION_SHEET = "parent_and_child"
_SAID_ALREADY = ("request_id", "status", "received_on")
EXTENSION_COLUMNS = tuple(column for column in headings(Request) if column not in _SAID_ALREADY)
CHILD_IS = "child_is"
PLACED = {
    "placed_household_id": "household_id",
    "placed_provider": "provider",
    "placed_local_authority": "local_authority",
}  # what only a placement has: the extension's name and the household's column
ONLY_WRITTEN = (CHILD_IS, *PLACED)
