"""What a no to a match says about the data: which rules' facts it calls in question, whom to ask.

A no is the latest decision of a pair, where that is rule_out, declined_by_carer or
declined_by_parent; a closed request's counts as well, because it tells of the same household.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from matcher.codes import REASONS
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Decision
from matcher.model import day_number, months_before
from matcher.policy.criteria import CRITERIA
from matcher.policy.forms import SUPERVISING
from matcher.policy.rules import RULES
from matcher.policy.settings import Policy
from matcher.words import and_list, count, label, long_date, upper_first

CHILDS = "child's social worker"
NOT_GIVEN = "not given"
KINDS = {
    "declined_by_carer": "declined by the carers",
    "declined_by_parent": "declined by the parent",
    "rule_out": "ruled out",
}
# Whom to ask for the reason of a decline that was recorded without one, by kind of decision.
KNOWS = {"declined_by_carer": SUPERVISING, "declined_by_parent": CHILDS, "rule_out": "team manager"}


# Whom to ask about what a reason calls in question, where it isn't the supervising social worker.
ASKED = {"parent_wishes": CHILDS, "other": "person who decided"}
CELLS = {
    "takes_second_parent": "whether a second parent can come",
    "takes_older_children": "how many older children can come",
    "looked_after_children": "the looked-after children there",
    "available_from": "the days from and until which it is available",
    "available_until": "the days from and until which it is available",
    "arrangement_until": "the end of the arrangement that is running",
    "terms": "terms of approval",
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """What a reason calls in question: rules, criteria and cells of the household; whom to ask."""

    rules: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    cells: Mapping[str, str] = field(default_factory=dict)  # in words, by column
    who: str = SUPERVISING

    @classmethod
    def of(cls, reason: str) -> Doubt:
        """What a reason calls in question, as the rules and criteria themselves say."""
        rules = [rule for rule in RULES if reason in rule.doubts]
        criteria = [criterion for criterion in CRITERIA if reason in criterion.doubts]
        columns = [column for form in (*criteria, *rules) for column in form.doubts[reason]]
        # A cell that several rest on is named after those that one alone rests on.
        named = reversed(dict.fromkeys(reversed(columns)))
        return cls(
            tuple(rule.key for rule in rules),
            tuple(criterion.key for criterion in criteria),
            {column: CELLS.get(column, label(column)) for column in named},
            ASKED.get(reason, SUPERVISING),
        )

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses of the rules, each once."""
        found = (rule.clause.split(", ") for rule in RULES if rule.key in self.rules)
        return tuple(dict.fromkeys(clause for some in found for clause in some))


DOUBTS = {reason: Doubt.of(reason) for reason in REASONS}


def oldest_fresh(as_of: date, policy: Policy) -> date:
    """The day since which a profile must have been confirmed with the carers, or it is stale."""
    months = policy.number("stale_profile_months")
    return date.fromordinal(int(months_before(day_number(as_of), months)))


class HasReview(Protocol):
    """A household, as its row or as a round records it."""

    @property
    def reviewed_on(self) -> date | None:
        """The day on which its profile was last confirmed with the carers."""


def is_stale(household: HasReview, oldest: date) -> bool:
    """Whether no day is recorded on which a profile was confirmed, or none since that day."""
    return household.reviewed_on is None or household.reviewed_on < oldest


@dataclass(frozen=True, slots=True)
class Refused:
    """The noes to matches with one household, and when its profile was last confirmed."""

    household_id: str
    noes: tuple[Decision, ...]
    reviewed_on: date | None
    stale: bool

    @property
    def kinds(self) -> Counter[str]:
        """How many noes there are of each kind of decision."""
        return Counter(each.decision for each in self.noes)

    @property
    def reasons(self) -> Counter[str]:
        """How many noes there are for each reason, in the order of the codes."""
        found = Counter(each.reason or NOT_GIVEN for each in self.noes)
        return Counter({each: found[each] for each in (*REASONS, NOT_GIVEN) if found[each]})

    def doubted(self) -> list[str]:
        """The reasons that call a cell in question, and were given since the profile was confirmed."""
        return [
            reason
            for reason in self.reasons
            if reason in DOUBTS
            and DOUBTS[reason].cells
            and (self.reviewed_on is None or self.reviewed_on < self._last(reason))
        ]

    def _last(self, reason: str) -> date:
        return max(each.decided_on for each in self.noes if each.reason == reason)

    def why(self) -> str:
        """'capacity 2, not given 1'."""
        return ", ".join(f"{label(reason)} {number}" for reason, number in self.reasons.items())

    def looks(self) -> list[str]:
        """What to look at, and whom to ask, a sentence each."""
        said = []
        doubted = self.doubted()
        for who in dict.fromkeys(DOUBTS[reason].who for reason in doubted):
            cells = "; ".join(
                f"{and_list(dict.fromkeys(DOUBTS[reason].cells.values()))} ({label(reason)})"
                for reason in doubted
                if DOUBTS[reason].who == who
            )
            said.append(f"Ask the {who} whether these still hold: {cells}.")
        for reason in self.reasons:
            if reason in DOUBTS and not DOUBTS[reason].cells:
                said.append(
                    f"{upper_first(label(reason))}: nothing in the profile is in question; ask the "
                    f"{DOUBTS[reason].who}."
                )
        if asked := sorted({KNOWS[each.decision] for each in self.noes if each.reason is None}):
            said.append(f"A reason is not given: ask the {and_list(asked)}.")
        rest = [r for r in self.reasons if r in DOUBTS and DOUBTS[r].cells and r not in doubted]
        if rest:
            said.append(f"The profile was confirmed since ({and_list(map(label, rest))}).")
        return said

    def how(self) -> str:
        """'2 declined by the carers and 1 ruled out'."""
        return and_list(f"{self.kinds[k]} {KINDS[k]}" for k in KINDS if self.kinds[k])

    def profile(self) -> str:
        """When the profile was last confirmed, and whether that is stale."""
        day = (
            f"last confirmed on {long_date(self.reviewed_on)}"
            if self.reviewed_on
            else "without a day recorded on which it was confirmed"
        )
        return f"Profile {day}{': stale' if self.stale else ''}."

    def sentence(self) -> str:
        """All of it, for a person who reads about one household."""
        many = len(self.noes)
        came = f"{count(many, 'match')} with {self.household_id} came to nothing"
        return " ".join([f"{came}: {self.how()} ({self.why()}).", *self.looks(), self.profile()])


def of_households(inputs: Inputs, policy: Policy) -> list[Refused]:
    """Every household that a no was recorded of, those with most first, then by id."""
    found: dict[str, list[Decision]] = defaultdict(list)
    for each in inputs.noes:
        found[each.household_id].append(each)
    oldest = oldest_fresh(inputs.as_of, policy)
    homes = (home for home in inputs.households if home.household_id in found)
    refused = [
        Refused(
            home.household_id,
            tuple(found[home.household_id]),
            home.reviewed_on,
            is_stale(home, oldest),
        )
        for home in homes
    ]
    return sorted(refused, key=lambda each: (-len(each.noes), each.household_id))


def by_rule(noes: Iterable[Decision]) -> dict[str, list[Decision]]:
    """The noes whose reason calls each rule's facts in question, in the order of the rules."""
    listed = list(noes)
    found = {
        rule.key: [no for no in listed if rule.key in DOUBTS.get(no.reason or "", Doubt()).rules]
        for rule in RULES
    }
    return {rule: some for rule, some in found.items() if some}
