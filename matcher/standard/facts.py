"""What one record of the standard says of a family: the child that it is about, and the values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from matcher.intake.rows import Household, Request

Value: TypeAlias = str | tuple[str, ...] | bool | int | Decimal | date | None

SIGNED = "bfi"  # British Sign Language
BAND = {
    "today": "Today",
    "within_5_days": "WithinFiveDays",
    "more_than_5_days": "MoreThanFiveDays",
}
NOT_ASSESSED = "Not assessed."
OF_THE_BABY = "The child of the record is the baby; the data holds the parents' risks."
OF_BOTH = "Two parents come; the data holds their risks together."


@dataclass(frozen=True)
class Facts:
    """What is known of one family, and of the placement that is confirmed if there is one."""

    request: Request
    urgency: str
    started_on: date | None = None
    household: Household | None = None
    hidden: bool = False  # nothing may say where the household is, whatever this family asks

    @property
    def child_is(self) -> str:
        """Whom the record is about: the standard's child is the looked-after person who is placed."""
        request = self.request
        if request.parent_looked_after:
            return "parent"
        if request.a_parent_is_looked_after:
            return "second_parent"
        return "baby"

    @property
    def withheld(self) -> bool:
        """Whether nothing of the household may be written; a blank counts as yes (PC-5.3d)."""
        return self.hidden or self.request.withhold_address is not False

    @property
    def home(self) -> Household | None:
        """The household of the confirmed placement, None where there is none or it is withheld."""
        return None if self.withheld else self.household


def needed_by(facts: Facts) -> Value:
    """How soon the family is needed a home for; our terms are the standard's."""
    return BAND[facts.urgency]


def communication(facts: Facts) -> Value:
    """Yes where the looked-after parent has a language or learning need; else not specified."""
    request = facts.request
    alone = not request.second_parent_comes
    learning = alone and "learning_disability" in request.needs
    needs = facts.child_is == "parent" and (learning or bool(_languages(facts)))
    return "Yes" if needs else "NotSpecified"


def _languages(facts: Facts) -> tuple[str, ...]:
    request = facts.request
    signs = (request.languages or ())[:1] == (SIGNED,)
    english = request.english in ("some", "none") and not signs
    return tuple(name for name, asked in (("ESOL", english), ("BSL", signs)) if asked)


def languages(facts: Facts) -> Value:
    """ESOL where the looked-after parent's English is some or none, BSL where they sign best."""
    return (_languages(facts) or None) if facts.child_is == "parent" else None


def pets(facts: Facts) -> Value:
    """Whether the family must, or can't, live with pets; else not known."""
    if {"dog", "cat"} & set(facts.request.must_have):
        return "YesMust"
    return "No" if {"dog", "cat"} <= set(facts.request.must_avoid) else "NotKnown"


def siblings(facts: Facts) -> Value:
    """The baby's siblings who come too; a looked-after parent's are not in the data."""
    request = facts.request
    return request.babies - 1 + request.older_children if facts.child_is == "baby" else None


def risk(facts: Facts, area: str) -> Value:
    """The risk of the looked-after parent in an area; nothing where it is not assessed.

    Levels are of the parents between them: with two, only that neither has a risk is said of one.
    """
    level = facts.request.risks[area]
    if level is None or facts.child_is == "baby":
        return None
    if level == "none":
        return "NoKnownRisk"
    return None if facts.request.second_parent_comes else "RiskPresent"


def no_risk(facts: Facts, area: str) -> str:
    """Why a risk isn't written."""
    if facts.child_is == "baby":
        return OF_THE_BABY
    return NOT_ASSESSED if facts.request.risks[area] is None else OF_BOTH


def fee(facts: Facts) -> Value:
    """The household's weekly fee in pounds and pence."""
    known = facts.home is not None and facts.home.weekly_fee is not None
    return Decimal(f"{facts.home.weekly_fee:.2f}") if known and facts.home else None


def of_the_home(facts: Facts) -> str:
    """Why something of the household isn't written."""
    if facts.withheld:
        return "Withheld: the address may not be known (blank counts as withheld)."
    return "The data does not hold it."
