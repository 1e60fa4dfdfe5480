"""A council's own duty as a duty: recorded, held, accepted, due and told as any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from types import MappingProxyType
from typing import Any, get_type_hints

from matcher.codes import RISK_LEVELS
from matcher.intake.rows import Event, Household, Request, headings
from matcher.model import months_before
from matcher.policy.case import Case, Reading, RequestCase
from matcher.policy.conditions import DAY, HAS, HOUSEHOLDS, IN, LEVEL, ORDER, TEXT, Condition
from matcher.policy.duties.form import (
    MATCH,
    PAIR,
    PLACEMENT,
    REQUEST,
    STAYS,
    AnyCase,
    Duty,
    DutyRecord,
    Standing,
    Standings,
    ask,
    not_needed,
)
from matcher.policy.facts import Facts, HasFacts, Value, Wording
from matcher.policy.forms import SUPERVISING
from matcher.policy.local import FAMILY, HOME, START, LocalDuty
from matcher.words import and_list, label, long_date, upper_first

COUNTS_FROM, HELD_ON = "counts_from_day", "held_on"
_OWN_FACTS = {
    COUNTS_FROM: "The day that it counts from, None where it is not recorded.",
    HELD_ON: "The last day on which it was recorded as held, None where there is none.",
}
_COLUMNS = headings(Request)
_OF = {FAMILY: REQUEST, HOME: MATCH}


@dataclass(frozen=True, kw_only=True)
class WrittenByCouncil(Duty):
    """A duty that a policy file holds."""

    local: LocalDuty

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Its facts with their meanings, but for those of events."""
        columns = {
            each.source.name: f"The column of that name in `{each.source.table}`."
            for each in self.local.asked
        }
        return [*columns.items(), *_OWN_FACTS.items()]

    def for_all(self, case: RequestCase, known: Standings | None = None) -> bool:
        """Whether it stands the same for every household, by the household's own data."""
        return self.of != PAIR or self._left_out(case)

    def record(self, case: AnyCase, known: Standings | None = None) -> DutyRecord:
        """How it stands for a request, or for one household, with what people recorded."""
        return self.of_facts(case, self._facts(case))

    def reading(self, case: RequestCase) -> Reading | None:
        """None: its facts are read one household after the other."""
        return None

    def unrecorded(self, case: RequestCase) -> HasFacts:
        """The request with the day that the duty counts from, and no day on which it was held."""
        return _WithDays(case, {COUNTS_FROM: self._counts_from(case, case), HELD_ON: None})

    def _facts(self, case: AnyCase) -> Facts:
        request = case.of_request if isinstance(case, Case) else case
        if self._left_out(request):
            return {STAYS: request.stays_put_with}
        own = {
            COUNTS_FROM: self._counts_from(case, request),
            HELD_ON: max(self._held(case), default=None) if self.recurs else None,
        }
        known = self.stands.read(_WithDays(case, own))
        return known | self._event_facts(self._with_all_events(case))

    def _with_all_events(self, case: AnyCase) -> Any:
        """The case, of a duty about the family with what is recorded of it with any household."""
        return _AllEvents(case) if self.of == REQUEST and isinstance(case, RequestCase) else case

    def _counts_from(self, case: AnyCase, request: RequestCase) -> date | None:
        name = self.local.counts_from
        if name == START:
            start = case.counts_from if isinstance(case, Case) else request.placement_start
            return (
                start
                if self.of in (PLACEMENT, PAIR) or isinstance(case, Case)
                else request.moves_on
            )
        if name in _COLUMNS:
            day: date | None = getattr(request.request, name)
            return day
        return max(request.held(name), default=None) if name else None


@dataclass(frozen=True, slots=True)
class _WithDays:
    """A case with the days of a local duty."""

    case: AnyCase
    own: Mapping[str, object]

    def fact(self, name: str) -> object:
        return self.own[name] if name in self.own else self.case.fact(name)


@dataclass(frozen=True, slots=True)
class _AllEvents:
    """A request with what is recorded of it whatever the household."""

    case: RequestCase

    @property
    def has_events(self) -> bool:
        return self.case.has_events

    @property
    def as_of(self) -> date:
        return self.case.as_of

    def held(self, duty: str) -> tuple[date, ...]:
        return self.case.held(duty)

    def events(self, duty: str) -> tuple[Event, ...]:
        return self.case.inputs.events_of.get(self.case.request.request_id, {}).get(duty, ())


def holds(condition: Condition, facts: Mapping[str, Any]) -> bool | None:
    """Whether a condition holds by the facts of one case; None where that is not known."""
    value, source = facts[condition.source.name], condition.source
    if value is None:
        return None
    if condition.op == HAS:
        return condition.values[0] in value
    if source.kind == TEXT or condition.op == IN:
        said = {True: "yes", False: "no"}.get(value, value)
        return said in condition.values
    if source.kind == LEVEL:
        value = RISK_LEVELS.index(value)
    right = _right(condition, facts)
    if right is None or (source.kind == DAY and not isinstance(value, date)):
        return None
    left = value.toordinal() if isinstance(value, date) else value
    return bool(ORDER[condition.op](left, right))


def _right(condition: Condition, facts: Mapping[str, Any]) -> float | None:
    if condition.anchor is not None:
        day: date | None = facts[condition.anchor.name]
        return None if day is None else day.toordinal() + condition.days
    if condition.from_as_of:
        as_of = float(facts["as_of"].toordinal())
        return months_before(as_of, -condition.months) + condition.days
    return float(condition.values[0])


def _stands(local: LocalDuty, facts: Mapping[str, Any]) -> Standing:
    """How the duty stands by its facts, before what people recorded of it."""
    asked = {each: holds(each, facts) for each in local.asked}
    if any(held is False for held in asked.values()):
        when = and_list(each.words(must=False) for each in asked)
        return not_needed(f"It is asked for only where {when}.")
    unknown = [each.source for each, held in asked.items() if held is None]
    if unknown:
        who = SUPERVISING if unknown[0].table == HOUSEHOLDS else None
        names = and_list(label(each.name) for each in unknown)
        question = " ".join(each.question for each in unknown)
        return ask(f"Nothing is recorded of {names}.", f"Ask: {question}", who, holds=local.holds)
    day: date | None = facts[COUNTS_FROM]
    held_on: date | None = facts[HELD_ON]
    first = None if day is None else day + timedelta(days=local.days)
    if first is not None and local.days < 0:
        first = max(first, facts["received_on"])
    if held_on is not None:
        due = held_on + timedelta(days=local.recurs_days)
        return Standing("open", f"It was last recorded on {long_date(held_on)}.", due)
    if first is None and local.counts_from:
        what = label(local.counts_from)
        if local.counts_from in _COLUMNS and not local.holds:
            evidence = f"No day is recorded of what it counts from: {what}."
            return ask(evidence, f"Record the day: {what}.")
        if local.counts_from not in (START, *_COLUMNS):
            return not_needed(f"It counts from {what}, which is not recorded.")
    return Standing(
        "open", f"{upper_first(label(local.key))} is not recorded.", first, unrecorded=True
    )


@cache
def as_duty(local: LocalDuty) -> Duty:
    """A local duty as a duty."""
    of_home = any(each.source.table == HOUSEHOLDS for each in local.asked)
    types: dict[str, Any] = {COUNTS_FROM: date | None, HELD_ON: date | None}
    if any(each.from_as_of for each in local.asked):
        types["as_of"] = date
    if local.days < 0:
        types["received_on"] = date
    for each in local.asked:
        for source in (each.source, each.anchor):
            if source is not None:
                row = Household if source.table == HOUSEHOLDS else Request
                types[source.name] = get_type_hints(row)[source.name]

    def stands(**facts: Value) -> Standing:
        return _stands(local, facts)

    return WrittenByCouncil(
        key=local.key,
        clause=local.clause,
        sentence=local.sentence,
        action=local.action,
        who=local.who,
        of=PAIR if of_home else _OF.get(local.about, PLACEMENT),
        holds=local.holds,
        recurs=bool(local.recurs_days),
        settled_by=(),
        stands=Wording(stands, MappingProxyType(types)),
        whatever=Wording(lambda: None, MappingProxyType({})),
        local=local,
    )
