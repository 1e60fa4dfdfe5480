"""One pair as people read it: the rows, and the facts worked out for the pair."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from math import isnan

from matcher.intake.inputs import Inputs
from matcher.intake.rows import Carer, Household, Request, RiskAssessment
from matcher.policy.pairs import Pairs, at
from matcher.policy.settings import Policy


@dataclass(frozen=True)
class Case:
    """A request and a household, with the place of the pair in a block of pairs."""

    inputs: Inputs
    pairs: Pairs
    row: int
    column: int
    request: Request = field(init=False)
    household: Household = field(init=False)
    ids: tuple[str, str] = field(init=False)  # (request_id, household_id)
    carers: tuple[Carer, ...] = field(init=False)  # the approved ones

    def __post_init__(self) -> None:
        """Look up the rows once: a large round explains many pairs."""
        request = self.inputs.requests[int(self.pairs.request_rows[self.row])]
        household = self.inputs.households[int(self.pairs.household_rows[self.column])]
        for name, value in (
            ("request", request),
            ("household", household),
            ("ids", (request.request_id, household.household_id)),
            ("carers", self.inputs.approved_carers(household.household_id)),
        ):
            object.__setattr__(self, name, value)

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self.inputs.as_of

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.pairs.policy

    @property
    def relationship(self) -> str | None:
        """What family and household are to each other already, if anything."""
        return self.inputs.relationships.get(self.ids)

    @property
    def risk_assessments(self) -> tuple[RiskAssessment, ...]:
        """The joint risk assessments of this pair."""
        return self.inputs.risk_assessments.get(self.ids, ())

    def fact(self, name: str) -> object:
        """A fact by its name: of the pair, else a column of the request or household, else of `Pairs`."""
        if hasattr(type(self), name):
            return getattr(self, name)
        for row in (self.request, self.household):
            if hasattr(row, name):
                return getattr(row, name)
        return self.number(name)

    def number(self, fact: str) -> float:
        """A fact of `Pairs` for this pair, NaN where it is not known."""
        return float(at(getattr(self.pairs, fact), self.row, self.column))

    def day(self, fact: str) -> date | None:
        """A day of `Pairs` for this pair, None where nobody can say."""
        value = self.number(fact)
        return None if isnan(value) else date.fromordinal(int(value))

    def date(self, fact: str) -> date:
        """A day of `Pairs` that every pair has; ValueError where nobody can say it."""
        return date.fromordinal(int(self.number(fact)))

    @property
    def miles(self) -> float | None:
        """Miles from home to one decimal, None where home is not known."""
        value = self.number("miles")
        return None if isnan(value) else value

    @cached_property
    def skills(self) -> set[str]:
        """What the approved carers have between them."""
        return {skill for carer in self.carers for skill in carer.skills}
