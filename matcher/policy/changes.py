"""What it would take: the smallest set of changes that makes a pair eligible.

Most rules have one change of their own. Carers are looked at together, as one who is approved,
trained and assessed meets several rules at once; so are the dates, as one later start does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from typing import TypeAlias

from matcher.intake.edits import Edit, Edits, NewCarer, Vacated, new_row
from matcher.intake.rows import Carer
from matcher.model import day_number, months_before
from matcher.policy.case import Case
from matcher.policy.forms import Failing, Rule
from matcher.policy.in_force import rules_in_force
from matcher.policy.rules import (
    ENOUGH_CARERS,
    ONE_MORE_CARER,
    PANEL,
    assessed,
    available,
    new_carer,
    one_arrangement,
    trained,
    two_carers,
)
from matcher.policy.settings import RULE_SWITCH
from matcher.words import long_date, lower_first

TRAINING = trained.who
BOTH_FAMILIES = one_arrangement.who
Failed: TypeAlias = dict[str, Failing]  # by the rule's key


FIX = "fix"  # the change that is a rule's own fix
KINDS: dict[str, tuple[str, str]] = {  # what each kind of change is in words, and who can grant it
    "ask_approved": ("Ask whether a carer there is approved, or approve them.", PANEL),
    "approve": ("Approve one more of the adults there as a carer.", PANEL),
    "train": ("Train a carer for parent and child.", TRAINING),
    "train_or_record": (
        "Train a carer for parent and child, or record the day if it was done.",
        TRAINING,
    ),
    "training_planned": (
        "Training for parent and child is planned for {on}: wait, or bring it forward.",
        TRAINING,
    ),
    "assess": ("Assess a carer for parent and child.", assessed.who),
    "assess_or_record": (
        "Assess a carer for parent and child, or record the day if it was done.",
        assessed.who,
    ),
    "assessment_planned": (
        "The assessment for parent and child is planned for {on}: wait, or bring it forward.",
        assessed.who,
    ),
    "ask_carers": (
        "Ask who the carers there are; one must be approved, trained and assessed.",
        PANEL,
    ),
    "second_carer": (ONE_MORE_CARER, PANEL),
    "settle_end": ("Settle when the running arrangement ends.", BOTH_FAMILIES),
    "later_start": ("Agree a later start, {on}, with both families.", BOTH_FAMILIES),
    "later_or_earlier": (
        "Agree a later start, {on}, or an earlier one with the carers.",
        BOTH_FAMILIES,
    ),
    "stay_available": ("Agree with the carers that they stay available.", available.who),
    "stay_available_until": (
        "Agree with the carers that they stay available until {until}.",
        available.who,
    ),
}


@dataclass(frozen=True, slots=True)
class ChangeWords:
    """A change in words: what, who can grant it, and from which day if the data say so."""

    rules: tuple[str, ...]
    what: str
    who: str
    on: date | None

    @property
    def sentence(self) -> str:
        """The change with who can grant it."""
        return f"{lower_first(self.what).rstrip('.')} ({self.who})"


def words(
    kind: str, rules: tuple[str, ...], on: date | None, until: date | None, failed: Failed
) -> ChangeWords:
    """A change in words; one that is a rule's own fix says what that rule's failing says."""
    if kind == FIX:
        failing = failed[rules[0]]
        return ChangeWords(rules, failing.fix, failing.who, on)
    what, who = KINDS[kind]
    days = {name: long_date(day) for name, day in (("on", on), ("until", until)) if day}
    return ChangeWords(rules, what.format(**days), who, on)


@dataclass(frozen=True, slots=True)
class Change:
    """One change: its kind, the rules that it mends, and the days that it names.

    `on` is the day from which it counts, if the data say so. `edits` are what the tables would then
    say; none where no rule says what to edit, as people choose the pair all the same. `failing` is
    what fails where it is a rule's own fix.
    """

    kind: str
    rules: tuple[str, ...]
    on: date | None = None
    until: date | None = None
    edits: Edits = ()
    failing: Failing | None = None

    @property
    def words(self) -> ChangeWords:
        """The change in words."""
        failed = {self.rules[0]: self.failing} if self.failing else {}
        return words(self.kind, self.rules, self.on, self.until, failed)

    @property
    def what(self) -> str:
        """What is to be done."""
        return self.words.what

    @property
    def who(self) -> str:
        """Who can grant it."""
        return self.words.who


def smallest(case: Case, failing: Iterable[tuple[Rule, Failing]]) -> tuple[Change, ...]:
    """The fewest changes after which a pair passes every rule that it fails, in reading order."""
    failed = {rule.key: reason for rule, reason in failing}
    changes: list[Change] = []
    planned: set[str] = set()
    for rule in rules_in_force(case.policy):
        if rule.key not in failed or rule.key in planned:
            continue
        if rule in TOGETHER:
            plan, rules = TOGETHER[rule]
            changes += plan(case, failed)
            planned |= {other.key for other in rules}
        elif not rule.is_mended_by(case, tuple(chain(*(change.edits for change in changes)))):
            change = Change(FIX, (rule.key,), edits=rule.edits(case), failing=failed[rule.key])
            changes.append(change)
    return tuple(changes)


# Carers


def _carers(case: Case, failed: Failed) -> list[Change]:
    """The fewest steps of carers: approve, train, assess, and a second one where it takes two."""
    everyone = case.inputs.carers.get(case.household.household_id, ())
    needs_one = trained.key in failed or assessed.key in failed
    chosen = [None, *everyone] if needs_one else [None]
    plans = [_plan(case, everyone, carer, failed) for carer in chosen]
    if needs_one:
        plans = plans[1:] or plans
    return min(plans, key=len)


def _plan(
    case: Case, everyone: tuple[Carer, ...], carer: Carer | None, failed: Failed
) -> list[Change]:
    """The steps that make one carer ready, and others approved where it takes more than one."""
    steps: list[Change] = []
    approved = {each.carer_id for each in everyone if each.approved}
    added = 0
    if carer is None and (trained.key in failed or assessed.key in failed):
        added += 1
        steps.append(_ready_carer(case))
        approved.add(new_carer(case))
    elif carer is not None:
        if carer.carer_id not in approved:
            steps.append(_approve(case, carer))
            approved.add(carer.carer_id)
        steps += _make_ready(case, carer)
    others = [each for each in everyone if each.carer_id not in approved]
    for at in range(ENOUGH_CARERS - len(approved) if two_carers.key in failed else 0):
        if at < len(others):
            steps.append(_approve(case, others[at], two_carers.key))
        else:
            added += 1
            steps.append(_second_carer(case, added))
    return steps


def _approve(case: Case, carer: Carer, rule: str = trained.key) -> Change:
    kind = "ask_approved" if carer.approved is None else "approve"
    return Change(kind, (rule,), edits=(Edit("carers", carer.carer_id, "approved", True),))


def _make_ready(case: Case, carer: Carer) -> Iterator[Change]:
    as_of = case.inputs.as_of
    if not _training_counts(case, carer):
        kinds = ("train", "train_or_record", "training_planned")
        yield _carer_step(carer, "pc_trained_on", trained.key, kinds, as_of)
    is_assessed = carer.pc_assessed_on is not None and carer.pc_assessed_on <= as_of
    if not is_assessed and case.policy.is_on(f"{RULE_SWITCH}{assessed.key}"):
        kinds = ("assess", "assess_or_record", "assessment_planned")
        yield _carer_step(carer, "pc_assessed_on", assessed.key, kinds, as_of)


def _training_counts(case: Case, carer: Carer) -> bool:
    done, as_of = day_number(carer.pc_trained_on), case.pairs.as_of
    if case.policy.is_off("training_valid_months"):
        return done <= as_of
    months = case.policy.number("training_valid_months")
    return months_before(as_of, months) <= done <= as_of


def _carer_step(
    carer: Carer, column: str, rule: str, kinds: tuple[str, str, str], as_of: date
) -> Change:
    """A step of one carer: of a kind where it ran out, one where nothing is recorded, one planned."""
    day: date | None = getattr(carer, column)
    done, not_recorded, planned = kinds
    edits = (Edit("carers", carer.carer_id, column, as_of),)
    if day is not None and day > as_of:
        return Change(planned, (rule,), on=day, edits=edits)
    return Change(not_recorded if day is None else done, (rule,), edits=edits)


def _ready_carer(case: Case) -> Change:
    """A carer who is not in the tables, approved, trained and assessed."""
    row = _new_carer(case, 1, case.as_of)
    return Change("ask_carers", (trained.key, assessed.key), edits=(NewCarer(row),))


def _second_carer(case: Case, number: int) -> Change:
    """One more approved carer, the `number`-th who is not in the tables."""
    return Change("second_carer", (two_carers.key,), edits=(NewCarer(_new_carer(case, number)),))


def _new_carer(case: Case, number: int, ready_on: date | None = None) -> Carer:
    return new_row(
        Carer,
        carer_id=new_carer(case, number),
        household_id=case.household.household_id,
        approved=True,
        pc_trained_on=ready_on,
        pc_assessed_on=ready_on,
    )


# Dates


def _dates(case: Case, failed: Failed) -> list[Change]:
    """A later start for all that comes too late, and a longer stay where the home closes early."""
    home, latest = case.household, case.known_day("latest")
    late, found = [], []
    if one_arrangement.key in failed:
        if case.day("free_after_arrangement") is None:
            vacated = Vacated(case.ids[1])
            found.append(Change("settle_end", (one_arrangement.key,), edits=(vacated,)))
        else:
            late.append((one_arrangement.key, case.known_day("free_after_arrangement")))
    if home.available_from is not None and home.available_from > latest:
        late.append((available.key, home.available_from))
    if late:
        on = max(day for _, day in late)
        kind = "later_start" if one_arrangement.key in failed else "later_or_earlier"
        edit = Edit("requests", case.ids[0], "latest_start", on)
        rules = tuple(key for key, _ in late)
        found.append(Change(kind, rules, on=on, edits=(edit,)))
    if available.key in failed and _closes_too_soon(case):
        end = case.day("end")
        kind = "stay_available_until" if end else "stay_available"
        edit = _household(case, "available_until", end)
        found.append(Change(kind, (available.key,), until=end, edits=(edit,)))
    return found


def _closes_too_soon(case: Case) -> bool:
    """Whether a household closes too soon for a family, once nobody else is in the way."""
    until, opens = case.household.available_until, case.household.available_from
    if until is None:
        return False
    needed = case.known_day("needed")
    start = case.day("start") or max(needed, opens or needed)
    if case.request.expected_weeks is None:
        return until <= start
    return until < start + timedelta(case.number("days"))


def _household(case: Case, column: str, value: object) -> Edit:
    return Edit("households", case.ids[1], column, value)


Plan: TypeAlias = Callable[[Case, Failed], list[Change]]
CARERS = (trained, assessed, two_carers)
DATES = (one_arrangement, available)
# What is planned for several rules at once, by each of them.
TOGETHER: dict[Rule, tuple[Plan, tuple[Rule, ...]]] = {
    rule: (plan, rules) for plan, rules in ((_carers, CARERS), (_dates, DATES)) for rule in rules
}
