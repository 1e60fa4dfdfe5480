"""The closed lists of the National Placement Standard: each term, and how people write it.

Source: Social Care Data, National Placement Standard (June 2026), Open Government Licence v3.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

PLACEMENTS = "https://ns.socialcaredata.io/placements/"

NOTHING = ("NotSpecified", "NotKnown", "NoPreference")  # terms that leave a question open


def folded(text: str) -> str:
    """A term, or a heading, whatever its case, spaces and signs; < and > stay."""
    return re.sub(r"[^a-z0-9<>]", "", text.casefold())


@dataclass(frozen=True)
class Vocabulary:
    """A closed list: its place under the standard's address, and {term: spellings}.

    The first spelling is the one that the spreadsheet offers.
    """

    name: str
    terms: dict[str, tuple[str, ...]]

    @property
    def address(self) -> str:
        """What stands before each term in its full address."""
        return f"{PLACEMENTS}{self.name}#"

    def label(self, term: str) -> str:
        """The term as the spreadsheet writes it."""
        return self.terms[term][0]

    @cached_property
    def spelt(self) -> dict[str, str]:
        """Every spelling, folded, to its term."""
        return {
            folded(spelling): term
            for term, spellings in self.terms.items()
            for spelling in (term, *spellings)
        }


URGENCY = Vocabulary(
    "placement-urgency",
    {
        "Today": ("Today",),
        "WithinFiveDays": ("< 5 days", "Within 5 days"),
        "MoreThanFiveDays": ("> 5 days", "More than 5 days"),
    },
)
OUT_OF_AREA = Vocabulary(
    "outof-la-reason",
    {
        "SafeguardingConcerns": ("Safeguarding concerns",),
        "BailConditions": ("Bail conditions",),
        "CourtOrder": ("Court order",),
        "OutOfLAReasonOther": ("Other",),
    },
)
PRESENCE = Vocabulary(
    "presence-status", {"Yes": ("Yes",), "No": ("No",), "NotSpecified": ("Not Specified",)}
)
COMMUNICATION = Vocabulary(
    "communication-need",
    {each: (each,) for each in ("ESOL", "BSL", "Makaton", "Other", "None")},
)
CULTURAL = Vocabulary(
    "cultural-need",
    {
        "Required": ("Required",),
        "NotRequired": ("Not Required",),
        "NotKnown": ("Not Known",),
        "Other": ("Other",),
    },
)
COMPANIONS = Vocabulary(
    "living-arrangement",
    {
        "SoloPlacement": ("Solo placement recommended",),
        "WithOtherChildren": ("With Other children recommended",),
        "OnlyWithOlderChildren": ("Only With Other older children",),
        "OnlyWithYoungerChildren": ("Only With Other younger children",),
        "NoPreference": ("No preference",),
    },
)
PETS = Vocabulary(
    "pets-allowance",
    {
        "YesMust": ("Yes-must",),
        "YesCan": ("Yes-can",),
        "No": ("No",),
        "NotKnown": ("Not known",),
    },
)
SUPPORT = Vocabulary(
    "support-type",
    {
        "AdditionalSupervision": ("Additional supervision",),
        "TherapeuticSupport": ("Therapeutic support",),
        "WorkerForRespite": ("A worker for respite",),
        "TaxisToSchool": ("Taxis to school",),
        "NotApplicable": ("NA",),
        "Other": ("Other",),
    },
)
SUITABILITY = Vocabulary(
    "suitability-level",
    {
        "Preferred": ("Preferred",),
        "SuitableButNotPreferred": ("Suitable but not preferred",),
        "Unsuitable": ("Unsuitable",),
        "NotSpecified": ("Not specified",),
    },
)
RISK = Vocabulary(
    "risk-level", {"NoKnownRisk": ("No known risk",), "RiskPresent": ("Risk Present",)}
)
PLACEMENT_TYPE = Vocabulary(
    "placement-type",
    {
        "Foster": ("Foster",),
        "Residential": ("Residential",),
        "SupportedAccommodation": ("Supported Accommodation",),
    },
)
