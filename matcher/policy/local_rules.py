"""A council's own rule as a hard rule: the same columns, the same three answers, the same words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from matcher.intake.edits import Edit, Edits, Listed, NewCarer, new_row
from matcher.intake.rows import Carer, Request
from matcher.model import Mask
from matcher.policy.asking import ask
from matcher.policy.case import Case, CaseColumns, FactNames, Reading, RequestCase
from matcher.policy.conditions import (
    CARERS,
    HAS,
    HOUSEHOLDS,
    NUMBER,
    PAIRS,
    REQUESTS,
    TEXT,
    Condition,
)
from matcher.policy.facts import Facts, Value
from matcher.policy.forms import SUPERVISING, Cells, Failing, Rule
from matcher.policy.local import LocalRule
from matcher.policy.pairs import Pairs, at
from matcher.policy.rules import new_carer
from matcher.policy.settings import Policy
from matcher.words import and_list, label, upper_first

BREACHES, NOT_RECORDED = "breaches", "not_known"
FACTS = {
    BREACHES: "The columns of its conditions that do not hold, each with what is recorded.",
    NOT_RECORDED: "The columns of which nothing is recorded that would decide it.",
}
SOCIAL_WORKER = "child's social worker"
ASK = {
    REQUESTS: ("Ask the child's social worker", SOCIAL_WORKER),
    PAIRS: ("Ask the child's social worker", SOCIAL_WORKER),
    HOUSEHOLDS: ("Ask the carers, through their supervising social worker", SUPERVISING),
    CARERS: ("Ask the carers, through their supervising social worker", SUPERVISING),
}


@dataclass(eq=False, kw_only=True)
class WrittenByCouncil(Rule):
    """A hard rule that a policy file holds."""

    local: LocalRule

    @property
    def fact_types(self) -> dict[str, Any]:
        """The facts of its sentences: the type of each by its name."""
        pairs = tuple[tuple[str, Any], ...]
        return {BREACHES: pairs, NOT_RECORDED: tuple[str, ...]}

    def facts(self, case: Case) -> Facts:
        """The conditions that don't hold for a pair, with what is recorded, and what is not known."""
        reading = self.reading(case.of_request)
        return reading.facts(reading.of(case))

    def reading(self, request: RequestCase) -> Reading:
        """What reads these facts of one household after another."""
        return _Reading(request, self)

    def failing_parts(self, case: Case) -> tuple[tuple[tuple[str, Value], ...], tuple[str, ...]]:
        """The columns that breach the rule for a pair, with what is recorded, and those not known."""
        pair = _pair(case)
        breaches, not_known = list[tuple[str, Value]](), list[str]()
        for condition in self.local.asked:
            if not _decided(condition, pair)[1] and condition.of_household:
                not_known.append(condition.source.name)
        for condition in self.local.demands:
            met, known = _decided(condition, pair)
            if not known:
                not_known.append(condition.source.name)
            elif not met:
                breaches.append((condition.source.name, _frozen(self._recorded(condition, case))))
        return tuple(breaches), tuple(not_known)

    def _recorded(self, condition: Condition, case: Case) -> Value:
        if condition.source.table == PAIRS:
            return case.number(condition.source.name)
        if condition.source.name == "approved_carers":
            return case.approved_carers
        return condition.recorded(case.request, case.household, case.carers)

    def explain(self, facts: Mapping[str, Value]) -> Failing:
        """Why a pair of these facts fails the rule."""
        breaches, not_known = _listed(facts[BREACHES]), _listed(facts[NOT_RECORDED])
        asked = [each.source.name for each in self.local.asked if each.of_household]
        if breaches and not any(name in not_known for name in asked):
            told = [_told(str(name), value) for name, value in map(_listed, breaches)]
            recorded = (
                f" Recorded: {and_list([each for each in told if each])}." if any(told) else ""
            )
            return Failing(f"{self.local.reason}{recorded}", self.local.fix, self.who, known=True)
        by_name = {each.source.name: each for each in (*self.local.asked, *self.local.demands)}
        about = [by_name[str(name)].source for name in dict.fromkeys(map(str, not_known))]
        question, who = ASK[about[0].table]
        questions = " ".join(each.question for each in about)
        names = and_list(label(each.name) for each in about)
        return Failing(
            f"It is not known whether it meets {label(self.key)}: nothing is recorded of {names}.",
            f"{question}: {questions}",
            who,
            known=False,
        )

    def is_known(self, facts: Mapping[str, Value]) -> bool:
        """Whether it is known that a pair of these facts fails the rule."""
        return self.explain(facts).known

    def edits(self, case: Case) -> Edits:
        """The edits that mend a pair; none where some condition can't be mended by one of the household."""
        found, pair = list[Edit | Listed | NewCarer](), _pair(case)
        for condition in self.local.demands:
            if _decided(condition, pair)[0]:
                continue
            mended = tuple(_mend(condition, case))
            if not mended:
                return ()
            found += mended
        return tuple(found)

    def needs(self, case: Case) -> tuple[str, ...]:
        """Its name where the family makes it essential."""
        asked = [each for each in self.local.asked if each.of == REQUESTS]
        pairs = case.pairs.of(case.pairs.request_rows[[case.row]])
        if asked and all(at(ask(each, pairs)[0], 0, 0) for each in asked):
            return (upper_first(label(self.key)),)
        return ()

    def recruited(self, request: Request, policy: Policy) -> Cells:
        """The cells of a household recruited so that it meets the rule, as far as they are words."""
        cells: dict[str, Any] = {}
        for each in self.local.demands:
            if each.of_household and each.source.kind == TEXT:
                cells[each.source.name] = _cell(each)
            elif each.of_household and each.op == HAS:
                cells[each.source.name] = tuple(map(str, each.values))
        return cells


class _Reading(Reading):
    """The facts of a local rule, of one request with one household after another."""

    def __init__(self, request: RequestCase, rule: WrittenByCouncil) -> None:
        super().__init__(request, FactNames())
        self.of = rule.failing_parts

    def rows(self, cases: CaseColumns) -> list[tuple[object, ...]]:
        """The columns that breach it and those that are not known, of each of some households."""
        return [*map(self.of, cases.cases)]

    def facts(self, differ: tuple[object, ...]) -> Facts:
        """The facts of a pair of these columns that breach it and that are not known."""
        breaches, not_known = differ
        return {BREACHES: _thawed(breaches), NOT_RECORDED: _thawed(not_known)}


def _frozen(value: Value) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def _thawed(value: Any) -> Value:
    return [_thawed(each) for each in value] if isinstance(value, tuple) else value


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _pair(case: Case) -> Pairs:
    """The one pair of a case as a block."""
    pairs = case.pairs
    return pairs.of(pairs.request_rows[[case.row]], pairs.household_rows[[case.column]])


def _decided(condition: Condition, pair: Pairs) -> tuple[bool, bool]:
    """Whether a condition holds for the one pair of a block, and whether that is known."""
    met, known = ask(condition, pair)
    return bool(at(np.atleast_2d(met), 0, 0)), bool(at(np.atleast_2d(known), 0, 0))


def _told(name: str, value: Value) -> str:
    """'dogs yes', 'miles 23.4'; nothing where what is recorded is not told."""
    if value is None or value == []:
        return ""
    values = value if isinstance(value, list) else [value]
    words = [
        {True: "yes", False: "no"}[each]
        if isinstance(each, bool)
        else f"{each:g}"
        if isinstance(each, int | float)
        else label(str(each))
        for each in values
        if each is not None
    ]
    return f"{label(name)} {and_list(words)}" if words else ""


def _cell(condition: Condition) -> Any:
    """A clean value that meets a condition on words: the first that it allows."""
    (value, *_) = condition.values
    return {"yes": True, "no": False}.get(str(value), value)


def _mend(condition: Condition, case: Case) -> Iterator[Edit | Listed | NewCarer]:
    """What the tables would say of the household once a condition holds; nothing where no one edit says it."""
    source, home = condition.source, case.ids[1]
    if source.name == "approved_carers" and condition.op == ">=":
        for number in range(1, int(float(condition.values[0])) - case.approved_carers + 1):
            yield NewCarer(
                new_row(Carer, carer_id=new_carer(case, number), household_id=home, approved=True)
            )
    elif source.table == CARERS and condition.op == HAS and case.carers:
        yield Listed(
            "carers", case.carers[0].carer_id, source.name, tuple(map(str, condition.values))
        )
    elif source.table == HOUSEHOLDS and condition.op == HAS:
        yield Listed("households", home, source.name, tuple(map(str, condition.values)))
    elif source.table == HOUSEHOLDS and source.kind == TEXT:
        yield Edit("households", home, source.name, _cell(condition))
    elif source.table == HOUSEHOLDS and source.kind == NUMBER and condition.op in ("=", "<=", ">="):
        value = float(condition.values[0])
        yield Edit("households", home, source.name, int(value) if value == int(value) else value)


def _met(local: LocalRule) -> Any:
    asked, demands = local.asked, local.demands
    of_request = [each for each in asked if each.of == REQUESTS]
    others = [each for each in asked if each.of != REQUESTS]

    def then(x: Pairs) -> Mask:
        met: Mask = np.ones(1, bool)
        for each in demands:
            met = met & ask(each, x)[0]
        for each in others:
            holds, known = ask(each, x)
            # What is not known of a household may well ask for it; of a request it asks nothing.
            met = met | (~holds & known if each.of_household else ~holds)
        return met

    def rule(x: Pairs) -> Mask:
        if not of_request:
            return then(x)
        asks: Mask = np.ones((1, 1), bool)
        for each in of_request:
            asks = asks & ask(each, x)[0]
        return x.where(asks, then)

    return rule


@cache
def as_rule(local: LocalRule) -> Rule:
    """A local rule as a hard rule."""
    conditions = (*local.asked, *local.demands)
    return WrittenByCouncil(
        key=local.name,
        clause=local.clause,
        sentence=local.sentence,
        tells_place=local.tells_place,
        doubts={},
        met=_met(local),
        lack=local.lack,
        lack_recorded=local.lack,
        lack_not_known=f"{local.lack} (not known)",
        fix=local.fix,
        who=local.who,
        household_alone=all(each.of_household for each in conditions),
        choice_passes=False,
        of_start=False,
        local=local,
    )
