"""One pair as people read it: the rows, and the facts worked out for the pair."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from math import ceil, isnan

from matcher.codes import FEATURES, RELIGIONS, RISK_LEVELS, SKILLS
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Carer, Household, Request, RiskAssessment, Row, headings
from matcher.model import SKILL_BITS
from matcher.policy.ethnicity import nearness
from matcher.policy.pairs import Pairs, at
from matcher.policy.settings import Policy
from matcher.shipped import broad_groups


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
        owner = _owner(name)
        if owner is Case:
            return getattr(self, name)
        if owner is Pairs:
            return self.number(name)
        return getattr(self.request if owner is Request else self.household, name)

    def number(self, fact: str) -> float:
        """A fact of `Pairs` for this pair, NaN where it is not known."""
        return float(at(getattr(self.pairs, fact), self.row, self.column))

    def day(self, fact: str) -> date | None:
        """A day of `Pairs` for this pair, None where nobody can say."""
        value = self.number(fact)
        return None if isnan(value) else date.fromordinal(int(value))

    def known_day(self, fact: str) -> date:
        """A day of `Pairs` that every pair has; ValueError where nobody can say it."""
        return date.fromordinal(int(self.number(fact)))

    @property
    def miles(self) -> float | None:
        """Miles from the family's home, to one decimal."""
        value = self.number("miles")
        return None if isnan(value) else value

    # The household

    @property
    def household_status(self) -> str:
        """The household's status, as the request has one of its own."""
        return self.household.status

    @property
    def bedrooms_free(self) -> int | None:
        """Bedrooms free for the family, with the one that the parent already has."""
        value = self.number("bedrooms")
        return None if isnan(value) else int(value)

    @property
    def bedrooms_needed(self) -> int:
        """Bedrooms that the family needs: one for parents and babies, and those of older children."""
        per_room = self.policy.number("older_children_per_room")
        return 1 + ceil(self.request.older_children / per_room)

    @property
    def usual_fostering_limit(self) -> int:
        """Looked-after people in one household without an exemption."""
        return int(self.policy.number("usual_fostering_limit"))

    @cached_property
    def risks_over(self) -> tuple[tuple[str, str, str], ...]:
        """The areas where the assessed risk is over the household's limit: area, risk, limit."""
        own = dict(self.household.risk_limits)
        usual = {k: str(v) for k, v in self.policy.group("default_risk_limits").items()}
        limits = usual | own
        return tuple(
            (area, risk, limits[area])
            for area, risk in self.request.risks.items()
            if risk is not None and RISK_LEVELS.index(risk) > RISK_LEVELS.index(limits[area])
        )

    # The carers

    @property
    def carers_there(self) -> int:
        """How many carers the tables name there, approved or not."""
        return len(self.inputs.carers.get(self.household.household_id, ()))

    @property
    def approved_carers(self) -> int:
        """How many carers there are approved."""
        return len(self.carers)

    @property
    def maybe_approved(self) -> int:
        """Of how many carers there nobody has said whether they are approved."""
        everyone = self.inputs.carers.get(self.household.household_id, ())
        return sum(carer.approved is None for carer in everyone)

    @property
    def trained_on(self) -> tuple[date | None, ...]:
        """The day of each approved carer's training for parent and child."""
        return tuple(carer.pc_trained_on for carer in self.carers)

    @property
    def assessed_on(self) -> tuple[date | None, ...]:
        """The day of each approved carer's assessment for parent and child, as in `trained_on`."""
        return tuple(carer.pc_assessed_on for carer in self.carers)

    @cached_property
    def skills(self) -> tuple[str, ...]:
        """The skills that the approved carers have between them."""
        has = {skill for carer in self.carers for skill in carer.skills}
        return tuple(skill for skill in SKILLS if skill in has)

    @cached_property
    def languages_spoken(self) -> tuple[str, ...]:
        """The languages that the approved carers speak between them."""
        return tuple(sorted({code for carer in self.carers for code in carer.languages or ()}))

    @property
    def carers_religions(self) -> tuple[str, ...]:
        """The religions of the approved carers, as far as they are stated."""
        religions = {carer.religion for carer in self.carers}
        return tuple(code for code in RELIGIONS if code in religions and code != "not_stated")

    @property
    def nearest_ethnicity(self) -> str | None:
        """The ethnicity of an approved carer that is nearest to the parent's."""
        parent, groups = self.request.ethnicity or "", broad_groups()
        known = [c.ethnicity for c in self.carers if c.ethnicity in groups]

        def near(code: str) -> tuple[bool, float, str]:
            return code == parent, nearness(parent, code, self.policy), code

        return max((code for code in known if code), key=near, default=None)

    # What the family asks for

    @property
    def skills_asked(self) -> tuple[str, ...]:
        """The skills that the family asks for."""
        asked = int(at(self.pairs.skills_asked, self.row, 0))
        return tuple(skill for skill in SKILLS if asked & SKILL_BITS[skill])

    @property
    def wanted_lacking(self) -> tuple[str, ...]:
        """What the family must have and is known not to be there: features, skills, languages."""
        has = {*(self.household.features or ()), *self.skills}
        has |= {f"language:{code}" for code in self.languages_spoken}
        wanted = self.request.must_have
        return tuple(item for item in wanted if item not in has and not self._not_known(item))

    @property
    def unwanted_there(self) -> tuple[str, ...]:
        """What the family must avoid and is there."""
        has = self.household.features or ()
        return tuple(item for item in self.request.must_avoid if item in has)

    @property
    def features_not_known(self) -> tuple[str, ...]:
        """What the family must have or avoid, of which nobody has said whether it is there."""
        asked = (*self.request.must_have, *self.request.must_avoid)
        return tuple(item for item in asked if self._not_known(item))

    def _not_known(self, item: str) -> bool:
        if item.startswith("language:"):
            return not self.languages_spoken
        return item in FEATURES and self.household.features is None

    @property
    def high_risks(self) -> tuple[str, ...]:
        """The areas in which the parents' risk is assessed as high."""
        return tuple(area for area, level in self.request.risks.items() if level == "high")

    @property
    def medium_risks(self) -> tuple[str, ...]:
        """The areas in which the parents' risk is assessed as medium."""
        return tuple(area for area, level in self.request.risks.items() if level == "medium")

    # What people decided, and the grades

    @property
    def decision(self) -> str | None:
        """What people last decided of the pair."""
        decision = self.inputs.decisions.get(self.ids)
        return None if decision is None else decision.decision

    @property
    def decided_on(self) -> date | None:
        """The day on which people last decided of the pair."""
        decision = self.inputs.decisions.get(self.ids)
        return None if decision is None else decision.decided_on

    @property
    def decision_reason(self) -> str | None:
        """The reason that people gave for what they last decided of the pair."""
        decision = self.inputs.decisions.get(self.ids)
        return None if decision is None else decision.reason

    @property
    def medium_grade(self) -> float:
        """The value from which a criterion is Medium."""
        return self.policy.number("grades.medium")

    @property
    def high_grade(self) -> float:
        """The value from which a criterion is High."""
        return self.policy.number("grades.high")


@cache
def _owner(name: str) -> type:
    """What a fact is read of; AttributeError where nothing has one of that name."""
    owners: tuple[type, ...] = (Case, Request, Household, Pairs)
    for owner in owners:
        if isinstance(vars(owner).get(name), property | cached_property):
            return owner
        if issubclass(owner, Row) and name in headings(owner):
            return owner
    raise AttributeError(f"no case has a fact {name}")


def fact_meaning(name: str) -> str:
    """What a fact of a case is, as the policy page prints it; AttributeError where there is none."""
    owner = _owner(name)
    if issubclass(owner, Row) and name in headings(owner):
        return f"The column of that name in `{'requests' if owner is Request else 'households'}`."
    return (vars(owner)[name].__doc__ or "").strip().splitlines()[0]
