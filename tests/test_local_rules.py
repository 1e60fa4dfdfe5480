"""A council's own rules, as its policy file has them: what they ask, what they say, what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from builders import Tables, a_carer, a_household, a_policy, a_request, one_pair, prepared
from matcher.cli import run
from matcher.eligibility import failed_bits, rules_failed
from matcher.errors import Fault
from matcher.intake import cells
from matcher.intake.rows import Carer, Household, Request
from matcher.loading import load
from matcher.policy.conditions import WrongCondition, parsed, sources
from matcher.policy.in_force import rules_by_key, rules_in_force
from matcher.policy.local import in_words
from matcher.policy.reading import override
from matcher.policy.rules import RULES
from matcher.policy.settings import default
from matcher.record import RoundRecord, policy_of, read
from matcher.rounds import Prepared, household_pairs, prepare
from random_rounds import write_round
from test_rules import a_case

CAMDEN = Path(__file__).resolve().parent.parent / "data/samples/camden"
MET, BREACH, NOT_KNOWN = "met", "breach", "not known"


def a_rule(
    *must: str, when: tuple[str, ...] = (), name: str = "ours", **parts: str
) -> dict[str, Any]:
    """A local rule as a policy file has it."""
    return {
        "name": name,
        "clause": "EX-1",
        "when": list(when),
        "must": list(must),
        "lack": "not as this council asks",
        "reason": "This council asks for more.",
        "fix": "Ask the team manager.",
        "who": "team manager",
        **parts,
    }


def answer(folder: Path, *must: str, when: tuple[str, ...] = (), **cells: Any) -> str:
    """What one local rule says of one pair."""
    case = a_case(folder, policy={"local_rule": [a_rule(*must, when=when)]}, **cells)
    rule = rules_by_key(case.policy)["ours"]
    if rule not in rules_failed(int(failed_bits(case.pairs)[0, 0]), case.policy):
        return MET
    return BREACH if rule.failing(case).known else NOT_KNOWN


def passes(folder: Path, **cells: Any) -> bool:
    """Whether a pair passes the rule that there be no dogs."""
    case = a_case(folder, policy={"local_rule": [a_rule("dogs = no")]}, **cells)
    return not any(
        rule.key == "ours" for rule in rules_failed(int(failed_bits(case.pairs)[0, 0]), case.policy)
    )


HOME, FAMILY = "household", "request"
TABLE: list[tuple[str, dict[str, Any], str]] = [
    # yes or no, of the household
    ("dogs = no", {HOME: {"dogs": "no"}}, MET),
    ("dogs = no", {HOME: {"dogs": "yes", "features": None}}, BREACH),
    ("dogs = no", {HOME: {"dogs": None, "features": None}}, NOT_KNOWN),
    # numbers, with and without the figure itself
    ("bedrooms >= 2", {HOME: {"bedrooms": "2"}}, MET),
    ("bedrooms >= 2", {HOME: {"bedrooms": "1"}}, BREACH),
    ("bedrooms >= 2", {HOME: {"bedrooms": None}}, NOT_KNOWN),
    ("bedrooms ≥ 2", {HOME: {"bedrooms": "2"}}, MET),
    ("bedrooms > 2", {HOME: {"bedrooms": "2"}}, BREACH),
    ("bedrooms > 2", {HOME: {"bedrooms": "3"}}, MET),
    ("weekly_fee <= 900", {HOME: {"weekly_fee": "900"}}, MET),
    ("weekly_fee <= 900", {HOME: {"weekly_fee": "900.01"}}, BREACH),
    ("weekly_fee ≤ 900", {HOME: {"weekly_fee": None}}, NOT_KNOWN),
    ("weekly_fee < 900", {HOME: {"weekly_fee": "900"}}, BREACH),
    ("weekly_fee < 900", {HOME: {"weekly_fee": "899.99"}}, MET),
    ("weekly_fee = £900", {HOME: {"weekly_fee": "900"}}, MET),
    ("weekly_fee = 900", {HOME: {"weekly_fee": "901"}}, BREACH),
    # words
    ("provider in own, agency", {HOME: {"provider": "agency"}}, MET),
    ("provider in own; agency", {HOME: {"provider": "other_authority"}}, BREACH),
    ("team in North, South", {HOME: {"team": "South"}}, MET),
    ("team in North, South", {HOME: {"team": None}}, NOT_KNOWN),
    ("households.postcode in NW5, N1", {HOME: {"postcode": "N1"}}, MET),
    ("households.postcode in NW5, N1", {HOME: {"postcode": "N2"}}, BREACH),
    # lists
    ("features has garden", {HOME: {"features": "garden;car"}}, MET),
    ("features has garden", {HOME: {"features": "none"}}, BREACH),
    ("features has garden", {HOME: {"features": None}}, NOT_KNOWN),
    ("features has dog", {HOME: {"dogs": "yes", "features": "garden"}}, MET),
    ("terms has assessment", {HOME: {"terms": "assessment"}}, MET),
    ("terms has assessment", {HOME: {"terms": None}}, MET),  # a blank is both
    ("terms has support", {HOME: {"terms": "assessment"}}, BREACH),
    # carers: some approved one has it
    ("skills has babies", {"carers": [{"skills": "babies"}]}, MET),
    ("skills has babies", {"carers": [{"skills": "trauma"}, {"skills": "babies"}]}, MET),
    ("skills has babies", {"carers": [{"skills": "trauma"}]}, BREACH),
    ("skills has babies", {"carers": [{"skills": None}, {"skills": "babies", "approved": "no"}]}, BREACH),
    ("skills has babies", {"carers": [{"skills": None}, {"skills": "babies", "approved": None}]}, NOT_KNOWN),
    ("carers.languages has Somali", {"carers": [{"languages": "som"}]}, MET),
    ("carers.languages has Somali", {"carers": [{"languages": "Bengali"}]}, BREACH),
    ("carers.languages has Somali", {"carers": [{"languages": None}]}, NOT_KNOWN),
    ("approved_carers >= 2", {"carers": [{}, {}]}, MET),
    ("approved_carers >= 2", {"carers": [{}, {"approved": "no"}]}, BREACH),
    ("approved_carers >= 2", {"carers": [{}, {"approved": None}]}, NOT_KNOWN),
    ("approved_carers >= 2", {"carers": [{}, {}, {"approved": None}]}, MET),
    ("pc_trained_on >= 12 months before as_of", {"carers": [{"pc_trained_on": "2025-11-23"}]}, MET),
    ("pc_trained_on >= 12 months before as_of", {"carers": [{"pc_trained_on": "2025-11-22"}]}, BREACH),
    ("pc_trained_on >= 1 year before as_of", {"carers": [{"pc_trained_on": None}]}, NOT_KNOWN),
    # levels and words of the family
    ("risk_violence <= low", {FAMILY: {"risk_violence": "low"}}, MET),
    ("risk_violence <= low", {FAMILY: {"risk_violence": "medium"}}, BREACH),
    ("risk_violence <= low", {FAMILY: {"risk_violence": None}}, NOT_KNOWN),
    ("parent_age >= 16", {FAMILY: {"parent_age": "16"}}, MET),
    ("parent_age >= 16", {FAMILY: {"parent_age": "15"}}, BREACH),
    ("needs has trauma", {FAMILY: {"needs": "trauma"}}, MET),
    ("needs has trauma", {FAMILY: {"needs": "self_harm"}}, BREACH),
    ("child_legal_status in s20, care_order", {}, MET),
    # days
    ("reviewed_on >= 180 days before as_of", {HOME: {"reviewed_on": "2026-05-27"}}, MET),
    ("reviewed_on >= 180 days before as_of", {HOME: {"reviewed_on": "2026-05-26"}}, BREACH),
    ("reviewed_on >= 180 days before as_of", {HOME: {"reviewed_on": None}}, NOT_KNOWN),
    ("reviewed_on > 2026-05-01", {HOME: {"reviewed_on": "2026-05-02"}}, MET),
    ("reviewed_on > 01/05/2026", {HOME: {"reviewed_on": "2026-05-01"}}, BREACH),
    ("reviewed_on <= as_of", {HOME: {"reviewed_on": "2026-11-23"}}, MET),
    ("available_until >= 2 weeks after needed_from", {HOME: {"available_until": "2026-12-21"}}, MET),
    ("available_until >= 2 weeks after needed_from", {HOME: {"available_until": "2026-12-20"}}, BREACH),
    ("available_until >= 2 weeks after needed_from", {HOME: {"available_until": None}}, NOT_KNOWN),
    # miles: NW5 to TW1 is about 11
    ("miles <= 20", {FAMILY: {"home_postcode": "NW5"}, HOME: {"postcode": "TW1"}}, MET),
    ("miles <= 5", {FAMILY: {"home_postcode": "NW5"}, HOME: {"postcode": "TW1"}}, BREACH),
    ("miles <= 5 miles", {FAMILY: {"home_postcode": None}}, NOT_KNOWN),
    ("school_miles <= 5", {FAMILY: {"school_postcode": "NW5"}, HOME: {"postcode": "TW1"}}, BREACH),
    ("school_miles <= 5", {FAMILY: {"school_postcode": "NW5"}, HOME: {"postcode": "NW5"}}, MET),
]  # fmt: skip


@pytest.mark.parametrize(("must", "cells", "says"), TABLE)
def test_a_condition_at_its_edge(
    tmp_path: Path, must: str, cells: dict[str, Any], says: str
) -> None:
    assert answer(tmp_path, must, **cells) == says


NO_DOGS = {"when": ("child_born_or_due_on <= 180 days before as_of",)}


@pytest.mark.parametrize(
    ("when", "cells", "says"),
    [
        # a dog is there: what a family asks decides
        ("child_born_or_due_on <= 180 days before as_of", {FAMILY: {"child_born_or_due_on": "2026-05-27"}}, BREACH),
        ("child_born_or_due_on <= 180 days before as_of", {FAMILY: {"child_born_or_due_on": "2026-05-28"}}, MET),
        ("second_parent_age >= 16", {FAMILY: {"second_parent_age": None}}, MET),  # a blank asks nothing
        ("miles > 5", {FAMILY: {"home_postcode": None}}, MET),
        ("miles > 5", {FAMILY: {"home_postcode": "TW1"}}, BREACH),
        # what is not known of the home may well ask for it
        ("own_children = yes", {HOME: {"own_children": None}}, NOT_KNOWN),
        ("own_children = yes", {HOME: {"own_children": "no"}}, MET),
        ("own_children = yes", {HOME: {"own_children": "yes"}}, BREACH),
    ],
)  # fmt: skip
def test_when_decides_whether_it_asks(
    tmp_path: Path, when: str, cells: dict[str, Any], says: str
) -> None:
    home = {"features": None, "dogs": "yes", **cells.pop(HOME, {})}
    assert answer(tmp_path, "dogs = no", when=(when,), household=home, **cells) == says


def test_all_of_when_ask_for_all_of_must(tmp_path: Path) -> None:
    when = ("purpose = assessment", "parent_age < 20")
    must = ("dogs = no", "bedrooms >= 2")
    young, home = {"parent_age": "19"}, {"features": None, "dogs": "no"}
    assert answer(tmp_path / "a", *must, when=when, request=young, household=home) == MET
    one = {**home, "bedrooms": "1"}
    assert answer(tmp_path / "b", *must, when=when, request=young, household=one) == BREACH
    assert answer(tmp_path / "c", *must, when=when, household=one) == MET


def test_a_breach_counts_more_than_what_is_not_known(tmp_path: Path) -> None:
    home = {"features": None, "dogs": "yes", "bedrooms": None}
    assert answer(tmp_path, "dogs = no", "bedrooms >= 2", household=home) == BREACH


def test_what_is_said_of_a_pair(tmp_path: Path) -> None:
    rule = a_rule("dogs = no", "approved_carers >= 2", "miles <= 5", when=("own_children = no",))
    request, known = {"home_postcode": "TW1"}, {"features": None, "own_children": "no"}
    case = a_case(tmp_path / "a", policy={"local_rule": [rule]}, request=request, household={**known, "dogs": "yes"})  # fmt: skip
    failing = rules_by_key(case.policy)["ours"].failing(case)
    assert failing.reason == (
        "This council asks for more. Recorded: dogs yes, approved carers 1 and miles 10.4."
    )
    assert (failing.fix, failing.who, failing.known) == (
        "Ask the team manager.",
        "team manager",
        True,
    )
    blank = a_case(tmp_path / "b", policy={"local_rule": [rule]}, request=request, household={"features": None})  # fmt: skip
    failing = rules_by_key(blank.policy)["ours"].failing(blank)
    assert failing.reason == "It is not known whether it meets ours: nothing is recorded of own children and dogs."  # fmt: skip
    assert failing.fix == (
        "Ask the carers, through their supervising social worker: Do children of the carers live there? Is there a dog?"
    )
    assert not failing.known


def test_its_sentence_is_its_own_or_made_of_its_conditions() -> None:
    (made,) = a_policy(local_rule=[a_rule("dogs = no", "skills has babies", when=("parent_age < 20",))]).local_rules  # fmt: skip
    assert made.sentence == (
        "Where parent age is below 20, dogs must be no and an approved carer's skills must have babies."
    )
    (own,) = a_policy(local_rule=[a_rule("dogs = no", sentence="There is no dog.")]).local_rules
    assert own.sentence == "There is no dog."
    day = parsed("child_born_or_due_on <= 180 days before as_of")
    assert in_words([], [day]) == (
        "Child born or due on must be on or before 180 days before the day of the round."
    )


# What is wrong


@pytest.mark.parametrize(
    ("condition", "problem", "fix"),
    [
        ("dog = no", "There is no column dog.", "Did you mean dogs?"),
        ("status = approved", "Several tables have status.", "Write requests.status or households.status."),
        ("dogs == no", "= no: This is neither yes nor no.", "Write yes or no"),
        ("dogs is no", "dogs is no is not a condition.", "Write column op value"),
        ("dogs", "dogs is not a condition.", "Write column op value"),
        ("dogs < no", "dogs has no order.", "Use = or in"),
        ("dogs has no", "dogs is not a list.", 'Write "dogs = …".'),
        ("bedrooms = many", "many: This is not a whole number in range.", "Write a whole number"),
        ("bedrooms in 1, 2", "in takes words, and bedrooms has none.", "Use <= and >=."),
        ("features = garden", "features is a list.", "features has"),
        ("features has pool", "pool: This is not a code of the list.", "Use "),
        ("features has garden; car", "has takes one value.", "once for each"),
        ("risk_limits has arson:none", "No condition can be about risk_limits.", "rule in code"),
        ("purpose = holiday", "holiday: This is not a code of the list.", "Use assessment or support."),
        ("miles <= far", "far is not a number.", "Write a number."),
        ("reviewed_on >= 12 months before needed_from", "Months are not counted from needed_from.", "Count in days"),
        ("reviewed_on >= 5 days after bedrooms", "bedrooms is not a day.", "Write as_of"),
        ("reviewed_on >= 31/02/2026", "31/02/2026: There is no such day.", "Write a day"),
        ("reviewed_on >= 99999 weeks before as_of", "That is more than a hundred years.", "Write fewer days."),
        ("pc_trained_on <= needed_from", "A carer's day is compared with as_of or a date.", "Write as_of."),
        ("__import__('os').system('true') = 1", "is not a condition.", "Write column op value"),
    ],
)  # fmt: skip
def test_a_wrong_condition_says_how_to_mend_it(condition: str, problem: str, fix: str) -> None:
    with pytest.raises(WrongCondition) as raised:
        parsed(condition)
    assert problem in raised.value.problem
    assert fix in raised.value.fix


def faults_of(*rules: object, **others: object) -> list[Fault]:
    found: list[Fault] = []
    override(default(), {"local_rule": list(rules), **others}, "ours.toml", found)
    return found


@pytest.mark.parametrize(
    ("rule", "place", "problem"),
    [
        (a_rule(name="smoke_free"), "local_rule 1, name", "This is the name of a rule of the product."),
        (a_rule(name="No dogs"), "local_rule 1, name", "This is not a name."),
        ({k: v for k, v in a_rule("dogs = no").items() if k != "name"}, "local_rule 1, name", "It has no name."),
        (a_rule("dogs = no", reason=""), "local_rule 1, reason", "It is left out, or is not text."),
        (a_rule("dogs = no", fix="a\nb"), "local_rule 1, fix", "This is not one line of at most 300 letters."),
        (a_rule(), "local_rule 1, must", "It has no condition."),
        (a_rule("dogs = no", "dog = no"), "local_rule 1, must 2", "There is no column dog."),
        (a_rule("dogs = no", when=("dog = no",)), "local_rule 1, when 1", "There is no column dog."),
        (a_rule("dogs = no", when=("available_from > needed_from",)), "local_rule 1, when 1", "It compares a home with a family, which only must can."),
        (a_rule("dogs = no", wenn="x"), "local_rule 1, wenn", "There is no such part."),
        ({**a_rule(), "must": "dogs = no"}, "local_rule 1, must", "This is no list of conditions."),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_a_fault_with_its_place(rule: object, place: str, problem: str) -> None:
    faults = faults_of(rule)
    assert (place, problem) in [(fault.column, fault.problem) for fault in faults]
    assert {fault.table for fault in faults} == {"ours.toml"}


def test_two_rules_of_one_name_are_a_fault() -> None:
    (fault,) = faults_of(a_rule("dogs = no"), a_rule("cats = no"))
    assert (fault.column, fault.value) == ("local_rule 2, name", "ours")
    assert fault.problem == "This is the name of local_rule 1 too."


def test_a_later_file_replaces_a_rule_of_its_name() -> None:
    faults: list[Fault] = []
    first = override(default(), {"local_rule": [a_rule("dogs = no")]}, "round.toml", faults)
    second = override(first, {"local_rule": [a_rule("cats = no")]}, "ours.toml", faults)
    assert not faults
    assert [rule.must for rule in second.local_rules] == [("cats = no",)]


@pytest.mark.parametrize("given", ["dogs = no", {"name": "ours"}, ["dogs = no"]])
def test_what_is_no_list_of_tables_is_a_fault(given: object) -> None:
    faults: list[Fault] = []
    override(default(), {"local_rule": given}, "ours.toml", faults)
    assert [fault.fix for fault in faults] == ["Write [[local_rule]]."]


def test_a_rule_holds_from_the_day_that_it_stands_below() -> None:
    faults: list[Fault] = []
    table = {"from": {"2027-04-01": {"local_rule": [a_rule("dogs = no")]}}}
    for day, names in ((date(2027, 3, 31), []), (date(2027, 4, 1), ["ours"])):
        made = override(default(), table, "ours.toml", faults, day)
        assert [rule.name for rule in made.local_rules] == names
    assert not faults
    off = {"from": {**table["from"], "2027-05-01": {"rules": {"ours": False}}}}
    for day, on in ((date(2027, 4, 30), True), (date(2027, 5, 1), False)):
        assert override(default(), off, "ours.toml", faults, day).is_on("rules.ours") is on
    assert not faults
    wrong = {"from": {"2027-04-01": {"local_rule": [a_rule("dog = no")]}}}
    override(default(), wrong, "ours.toml", faults)
    assert [each.column for each in faults] == ["from.2027-04-01.local_rule 1, must 1"]


# The switches


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
def test_every_rule_but_that_of_an_occupied_home_can_be_switched_off(rule: Any) -> None:
    faults: list[Fault] = []
    policy = override(default(), {"rules": {rule.key: False}}, "ours.toml", faults)
    if rule.key == "one_arrangement":
        (fault,) = faults
        assert fault.column == "rules.one_arrangement"
        assert fault.problem == "This rule has no switch: an occupied home can't be offered."
        return
    faults = [fault for fault in faults if "reason" not in fault.fix]
    assert not faults
    assert rules_in_force(policy) == tuple(each for each in RULES if each is not rule)
    assert policy.changed == {f"rules.{rule.key}": False}
    assert policy.sha256 != default().sha256
    on = override(policy, {"rules": {rule.key: True}}, "later.toml", faults)
    assert on.changed == {}
    assert on.sha256 == default().sha256


def test_a_switch_that_is_no_yes_or_no_is_a_fault() -> None:
    faults: list[Fault] = []
    override(default(), {"rules": {"smoke_free": "off", "smoke": False}}, "ours.toml", faults)
    assert {fault.column for fault in faults} == {"rules.smoke_free", "rules.smoke"}


def test_a_local_rule_can_be_switched_off_too(tmp_path: Path) -> None:
    tables = one_pair(household=a_household(features=None, dogs="yes", smokes="no"))
    on = a_policy(local_rule=[a_rule("dogs = no")])
    off = override(on, {"rules": {"ours": False}}, "what-if", [])
    assert eligible(prepared(tmp_path / "a", tables, on)) == [0]
    assert eligible(prepared(tmp_path / "b", tables, off)) == [1]
    assert rules_in_force(off) == RULES


def test_a_rule_that_is_off_keeps_no_household_out(tmp_path: Path) -> None:
    tables = one_pair(household=a_household(features=None, smokes="yes"))
    assert eligible(prepared(tmp_path / "a", tables)) == [0]
    off = a_policy(rules__smoke_free=False)
    assert eligible(prepared(tmp_path / "b", tables, off)) == [1]


def eligible(of: Prepared) -> list[int]:
    """How many households are eligible for each request."""
    return [of.choices(row) for row in range(len(of.columns.request_ids))]


# Held against a reading in plain Python

Row = Request | Household | Carer
Said = bool | None  # met, not met, not known


def some(carers: list[Carer], holds: Callable[[Carer], Said]) -> Said:
    """Whether some approved carer has it."""
    said = [holds(each) for each in carers if each.approved]
    if True in said:
        return True
    unknown = None in said or any(each.approved is None for each in carers) or not carers
    return None if unknown else False


def compared(value: Any, holds: Callable[[Any], bool]) -> Said:
    return None if value is None else holds(value)


def two(carers: list[Carer]) -> Said:
    approved = sum(each.approved is True for each in carers)
    maybe = sum(each.approved is None for each in carers)
    if approved >= 2:
        return True
    return None if approved + maybe >= 2 or not carers else False


Plain = Callable[[Request, Household, list[Carer], float | None, date], tuple[Said, Said]]
OURS: dict[str, tuple[dict[str, Any], Plain]] = {
    "two_always": (a_rule("approved_carers >= 2"), lambda r, h, c, m, day: (True, two(c))),
    "no_dogs": (
        a_rule("dogs = no", when=("child_born_or_due_on <= 180 days before as_of",)),
        lambda r, h, c, m, day: (
            r.child_born_or_due_on <= day - timedelta(180),
            compared(h.dogs, lambda dogs: not dogs),
        ),
    ),
    "near": (
        a_rule("miles <= 4"),
        lambda r, h, c, m, day: (True, compared(m, lambda miles: miles <= 4)),
    ),
    "young": (
        a_rule("skills has teenagers", "bedrooms > 1", when=("parent_age < 20", "purpose in support, assessment")),
        lambda r, h, c, m, day: (
            r.parent_age < 20,
            both(some(c, lambda each: "teenagers" in each.skills), compared(h.bedrooms, lambda n: n > 1)),
        ),
    ),
    "talk": (
        a_rule("carers.languages has ben", when=("english in none, some",)),
        lambda r, h, c, m, day: (
            r.english in ("none", "some"),
            some(c, lambda each: compared(each.languages, lambda spoken: "ben" in spoken)),
        ),
    ),
    "garden": (
        a_rule("features has garden", when=("own_children = yes", "weekly_fee >= 500")),
        lambda r, h, c, m, day: (
            both(h.own_children, compared(h.weekly_fee, lambda fee: fee >= 500)),
            h.has("garden"),
        ),
    ),
    "stays": (
        a_rule("available_until > 30 days after needed_from", when=("risk_violence >= medium",)),
        lambda r, h, c, m, day: (
            r.risk_violence in ("medium", "high"),
            compared(h.available_until, lambda on: on > r.needed_from + timedelta(30)),
        ),
    ),
    "fresh": (
        a_rule("reviewed_on >= 2026-01-01", "pc_trained_on >= 24 months before as_of"),
        lambda r, h, c, m, day: (
            True,
            both(
                compared(h.reviewed_on, lambda on: on >= date(2026, 1, 1)),
                some(c, lambda each: compared(each.pc_trained_on, lambda on: on >= day.replace(year=day.year - 2))),
            ),
        ),
    ),
}  # fmt: skip


def both(one: Said, other: Said) -> Said:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


@pytest.mark.parametrize("seed", range(12))
def test_eligibility_is_as_a_plain_reading_of_the_conditions(tmp_path: Path, seed: int) -> None:
    write_round(tmp_path, seed, 8, 12, dense=seed % 3 == 0)
    inputs, _ = load(tmp_path, None, None)
    rules = [{**rule, "name": name} for name, (rule, _) in OURS.items()]
    policy = a_policy(local_rule=rules)
    made = prepare(inputs, policy, 0)
    seen = set[tuple[str, str]]()
    for row, request in enumerate(inputs.requests):
        pairs = household_pairs(made, row, made.columns.households.row)
        bits, far = failed_bits(pairs)[0].tolist(), np.broadcast_to(pairs.miles, pairs.shape)[0]
        for place, household in enumerate(inputs.households):
            failed = {rule.key for rule in rules_failed(int(bits[place]), policy)}
            carers = list(inputs.carers.get(household.household_id, ()))
            miles = None if np.isnan(far[place]) else float(far[place])
            for name, (_, plain) in OURS.items():
                asks, must = plain(request, household, carers, miles, inputs.as_of)
                passes = asks is False or must is True
                assert (name not in failed) == passes, (request, household, carers, name)
                if not passes:
                    known = asks is True and must is False
                    case = made.pair(row, place)
                    assert rules_by_key(policy)[name].failing(case).known == known, name
                    seen.add((name, BREACH if known else NOT_KNOWN))
    made_of_all(seen)


SEEN = set[tuple[str, str]]()


def made_of_all(seen: set[tuple[str, str]]) -> None:
    SEEN.update(seen)


def test_the_random_rounds_say_everything() -> None:
    """The rounds above have breaches of each rule, and of nearly all what is not known."""
    assert {name for name, said in SEEN if said == BREACH} == OURS.keys()
    assert len([name for name, said in SEEN if said == NOT_KNOWN]) >= 6


# Mutation: a rule that says the same of everybody is noticed


@pytest.mark.parametrize("met", [True, False])
def test_a_rule_that_says_the_same_of_everybody_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, met: bool
) -> None:
    policy = a_policy(local_rule=[a_rule("dogs = no")])
    rule = rules_by_key(policy)["ours"]
    asked = rule.met
    monkeypatch.setattr(rule, "met", lambda pairs: np.full_like(asked(pairs), met))
    says = [
        passes(tmp_path / str(at), **cells) != (said == MET)
        for at, (_, cells, said) in enumerate(TABLE[:3])
    ]
    assert any(says)


# Through every command

FILE = """
name = "Example council"
version = "2027.1"

[[local_rule]]
name = "always_two_carers"
clause = "EX-1"
must = ["approved_carers >= 2"]
lack = "with fewer than two approved carers"
reason = "This council asks for two approved carers, always."
fix = "Approve a second carer."
who = "fostering panel"

[[local_rule]]
name = "no_dogs_with_a_crawling_baby"
clause = "EX-2"
when = ["child_born_or_due_on <= 180 days before as_of"]
must = ["dogs = no"]
lack = "with a dog"
reason = "A baby who crawls comes, and there is a dog."
fix = "Agree with the carers where the dog will live."
who = "supervising social worker"

[[local_rule]]
name = "at_most_20_miles"
clause = "EX-3"
must = ["miles <= 20"]
lack = "more than 20 miles from the family's home"
reason = "It is more than 20 miles from home."
fix = "Ask the Head of Service."
who = "Head of Service"

[[local_rule]]
name = "least_age"
clause = "EX-4"
must = ["parent_age >= 14"]
lack = "asked for a parent under 14"
reason = "The parent is under 14."
fix = "Ask the Head of Service."
who = "Head of Service"
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the policy file and a round made with it."""
    folder = tmp_path_factory.mktemp("council")
    (folder / "ours.toml").write_text(FILE, "utf-8")
    args = ["round", str(CAMDEN), "--policy", str(folder / "ours.toml"), "--top", "0"]
    assert run([*args, "--out", str(folder / "report")]) == 0
    return folder


def recorded(house: Path) -> RoundRecord:
    found = json.loads((house / "report/round.json").read_text("utf-8"))
    return read(RoundRecord, found)


def test_the_record_is_enough_to_say_the_rules(house: Path) -> None:
    found = recorded(house)
    policy = policy_of(found.round.policy)
    names = ("always_two_carers", "no_dogs_with_a_crawling_baby", "at_most_20_miles", "least_age")
    assert tuple(rule.name for rule in policy.local_rules) == names
    blocked = {each.rule for request in found.requests for each in request.blocked_by}
    assert {"always_two_carers", "no_dogs_with_a_crawling_baby", "at_most_20_miles"} <= blocked


def test_explain_needs_neither_tables_nor_policy(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = recorded(house)
    request, home = next(
        (request.request_id, each.household_id)
        for request in found.requests
        for each in request.ineligible
        if [failed.rule for failed in each.failed] == ["at_most_20_miles"]
    )
    gone = tmp_path / "no tables"
    gone.mkdir()
    assert run(["explain", str(gone), request, home, "--round", str(house / "report")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "It is more than 20 miles from home. Recorded: miles" in said
    assert "(EX-3)" in said


def test_verify_reads_the_rules_of_the_policy(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verify = ["verify", str(CAMDEN), str(house / "report/round.json"), "--policy"]
    assert run([*verify, str(house / "ours.toml")]) == 0
    capsys.readouterr()
    nearer = tmp_path / "nearer.toml"
    nearer.write_text(FILE.replace("miles <= 20", "miles <= 4"), "utf-8")
    assert run([*verify, str(nearer)]) == 3
    assert "it breaks at_most_20_miles (EX-3)" in "".join(capsys.readouterr())


def test_a_what_if_mends_it(house: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = recorded(house)
    request, home = next(
        (request.request_id, each.household_id)
        for request in found.requests
        if request.outcome in ("proposed", "unplaced")
        for each in request.ineligible
        if [failed.rule for failed in each.failed] == ["no_dogs_with_a_crawling_baby"]
    )
    ask = ["whatif", str(CAMDEN), "--policy", str(house / "ours.toml"), "--json"]
    assert run([*ask, "--set", f"{home}.dogs=no"]) == 0
    (said,) = json.loads(capsys.readouterr().out)["scenarios"]
    assert [request, home] in [[e["request_id"], e["household_id"]] for e in said["newly_eligible"]]
    assert run([*ask, "--policy-set", "rules.no_dogs_with_a_crawling_baby=false"]) == 0


def test_a_mended_pair_passes(tmp_path: Path) -> None:
    """The edits that a rule names, applied to the tables, mend it."""
    from matcher.intake.edits import apply
    from matcher.rounds import prepare_again

    must = ("dogs = no", "approved_carers >= 2", "features has garden", "skills has trauma", "bedrooms >= 3", "provider in own, agency")  # fmt: skip
    policy = a_policy(local_rule=[a_rule(*must)])
    home = a_household(dogs="yes", features=None, smokes="no", provider="other_authority")
    made = prepared(tmp_path, one_pair(household=home), policy)
    assert eligible(made) == [0]
    edits = rules_by_key(policy)["ours"].edits(made.pair(0, 0))
    assert len(edits) == len(must)
    assert eligible(prepare_again(made, apply(made.inputs, edits))) == [1]


def test_a_rule_on_places_says_nothing_of_a_hidden_home(tmp_path: Path) -> None:
    from matcher.privacy import for_people
    from matcher.recorder import record_of
    from matcher.rounds import match

    tables: Tables = {
        "requests": [
            a_request("R1", withhold_address="yes", home_postcode="NW5"),
            a_request("R2", home_postcode="TW1"),
        ],
        "households": [a_household("H1", smokes="no"), a_household("H2", postcode="TW1")],
        "carers": [a_carer("H1"), a_carer("H2")],
    }
    policy = a_policy(local_rule=[a_rule("miles <= 5")])
    whole = record_of(match(prepared(tmp_path, tables, policy)))
    shown = for_people(whole)
    (of,) = (e for e in whole.requests[1].ineligible if e.household_id == "H1")
    assert [f.facts["breaches"] for f in of.failed] == [[["miles", 10.4]]]
    (told,) = (e for e in shown.requests[1].ineligible if e.household_id == "H1")
    assert "breaches" not in told.failed[0].facts


def test_every_column_that_a_condition_can_be_about_is_read(tmp_path: Path) -> None:
    """Each source gives an array of its rows, known or not."""
    from matcher.policy.asking import ask

    made = prepared(tmp_path, one_pair())
    values = {
        "number": ">= 1",
        "day": "<= as_of",
        "level": "<= low",
        "text": "= x",
        "list": "has x",
    }
    for name, source in sources().items():
        text = f"{name} {values[source.kind]}".removeprefix("pairs.")
        if source.name.endswith("_age"):
            text = f"{name} >= 16"
        if text.endswith(" x") and source.read not in (cells.text, cells.note):
            continue  # x is none of its codes
        met, known = ask(parsed(text), made.everyone)
        assert np.broadcast_shapes(met.shape, made.everyone.shape) == made.everyone.shape
        assert np.broadcast_shapes(known.shape, made.everyone.shape) == made.everyone.shape


def test_no_policy_has_local_rules_by_itself() -> None:
    assert default().local_rules == ()


def test_a_history_tells_that_a_rule_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ours.toml").write_text(FILE, "utf-8")
    data, history = str(CAMDEN.parent / "tutorial"), ["--record", str(tmp_path / "history")]
    quiet = ["--no-report", "--quiet"]
    assert run(["round", data, "--out", str(tmp_path / "a"), *history, *quiet]) == 0
    ours = ["--policy", str(tmp_path / "ours.toml"), "--out", str(tmp_path / "b")]
    assert run(["round", data, *ours, *history, *quiet]) == 0
    capsys.readouterr()
    assert run(["history", "compare", "--store", str(tmp_path / "history"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["settings"]
    assert {
        "setting": "local_rule.no_dogs_with_a_crawling_baby",
        "before": None,
        "after": "child_born_or_due_on <= 180 days before as_of; dogs = no",
    } in found
