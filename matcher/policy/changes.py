"""What it would take: the smallest set of changes that makes a pair eligible.

Most rules have one change of their own. Carers are looked at together, as one who is approved,
trained and assessed meets several rules at once; so are the dates, as one later start does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import TypeAlias

from matcher.intake.edits import Edit, Edits, NewCarer, new_row
from matcher.intake.rows import Carer
from matcher.model import day_number, months_before
from matcher.policy.case import Case
from matcher.policy.forms import Failing, Rule
from matcher.policy.rules import (
    ENOUGH_CARERS,
    PANEL,
    RULES,
    assessed,
    available,
    new_carer,
    one_arrangement,
    trained,
    two_carers,
)
from matcher.words import long_date, lower_first

TRAINING = trained.who
BOTH_FAMILIES = one_arrangement.who
Failed: TypeAlias = dict[str, Failing]  # by the rule's key


@dataclass(frozen=True, slots=True)
class Change:
    """One change: what, who can grant it, from which day if the data say so, and what it mends.

    `edits` are what the tables would then say; none where no rule says what to edit.
    """

    rules: tuple[str, ...]
    what: str
    who: str
    on: date | None
    edits: Edits

    @property
    def sentence(self) -> str:
        """The change with who can grant it."""
        return f"{lower_first(self.what).rstrip('.')} ({self.who})"


def smallest(case: Case, failing: Iterable[tuple[Rule, Failing]]) -> tuple[Change, ...]:
    """The fewest changes after which a pair passes every rule that it fails, in reading order."""
    failed = {rule.key: reason for rule, reason in failing}
    changes: list[Change] = []
    planned: set[str] = set()
    for rule in RULES:
        if rule.key not in failed or rule.key in planned:
            continue
        if rule in TOGETHER:
            plan, rules = TOGETHER[rule]
            changes += plan(case, failed)
            planned |= {other.key for other in rules}
        elif not rule.is_mended_by(case, tuple(chain(*(change.edits for change in changes)))):
            reason = failed[rule.key]
            changes.append(Change((rule.key,), reason.fix, reason.who, None, rule.edits(case)))
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
    """The steps that make one carer ready, and a second one approved where it takes two."""
    steps: list[Change] = []
    approved = {each.carer_id for each in everyone if each.approved}
    if carer is None and (trained.key in failed or assessed.key in failed):
        steps += [_new_carer(case, ready=True)]
        approved.add("new")
    elif carer is not None:
        if carer.carer_id not in approved:
            steps.append(_approve(case, carer))
            approved.add(carer.carer_id)
        steps += _make_ready(case, carer)
    if two_carers.key in failed and len(approved) < ENOUGH_CARERS:
        others = [each for each in everyone if each.carer_id not in approved]
        steps.append(_approve(case, others[0], two_carers.key) if others else _new_carer(case))
    return steps


def _approve(case: Case, carer: Carer, rule: str = trained.key) -> Change:
    ask = "Ask whether a carer there is approved, or approve them."
    what = ask if carer.approved is None else "Approve one more of the adults there as a carer."
    return Change((rule,), what, PANEL, None, (Edit("carers", carer.carer_id, "approved", True),))


def _make_ready(case: Case, carer: Carer) -> Iterator[Change]:
    as_of = case.inputs.as_of
    if not _training_counts(case, carer):
        what = "Train a carer for parent and child."
        yield _carer_step(carer, "pc_trained_on", trained.key, what, as_of, TRAINING, "Training")
    if carer.pc_assessed_on is None or carer.pc_assessed_on > as_of:
        what = "Assess a carer for parent and child."
        yield _carer_step(
            carer, "pc_assessed_on", assessed.key, what, as_of, assessed.who, "The assessment"
        )


def _training_counts(case: Case, carer: Carer) -> bool:
    done, as_of = day_number(carer.pc_trained_on), case.pairs.as_of
    if case.policy.is_off("training_valid_months"):
        return done <= as_of
    months = case.policy.number("training_valid_months")
    return months_before(as_of, months) <= done <= as_of


def _carer_step(
    carer: Carer, column: str, rule: str, what: str, as_of: date, who: str, name: str
) -> Change:
    planned: date | None = getattr(carer, column)
    on = planned if planned is not None and planned > as_of else None
    if on is not None:
        what = f"{name} for parent and child is planned for {long_date(on)}: wait, or bring it forward."
    elif planned is None:
        what = f"{what.rstrip('.')}, or record the day if it was done."
    return Change((rule,), what, who, on, (Edit("carers", carer.carer_id, column, as_of),))


def _new_carer(case: Case, *, ready: bool = False) -> Change:
    day = case.as_of if ready else None
    row = new_row(
        Carer,
        carer_id=new_carer(case),
        household_id=case.household.household_id,
        approved=True,
        pc_trained_on=day,
        pc_assessed_on=day,
    )
    what = (
        "Ask who the carers there are; one must be approved, trained and assessed."
        if ready
        else "Approve a second carer."
    )
    rules = (trained.key, assessed.key) if ready else (two_carers.key,)
    return Change(rules, what, PANEL, None, (NewCarer(row),))


# Dates


def _dates(case: Case, failed: Failed) -> list[Change]:
    """A later start for all that comes too late, and a longer stay where the home closes early."""
    home, latest = case.household, case.known_day("latest")
    late, found = [], []
    if one_arrangement.key in failed:
        if home.arrangement_until == "open":
            ends = "Settle when the running arrangement ends."
            edit = _household(case, "arrangement_until", None)
            found.append(Change((one_arrangement.key,), ends, BOTH_FAMILIES, None, (edit,)))
        else:
            late.append((one_arrangement.key, case.known_day("free_after_arrangement")))
    if home.available_from is not None and home.available_from > latest:
        late.append((available.key, home.available_from))
    if late:
        on = max(day for _, day in late)
        what = f"Agree a later start, {long_date(on)}, with both families."
        if one_arrangement.key not in failed:
            what = f"Agree a later start, {long_date(on)}, or an earlier one with the carers."
        edit = Edit("requests", case.ids[0], "latest_start", on)
        rules = tuple(key for key, _ in late)
        found.append(Change(rules, what, BOTH_FAMILIES, on, (edit,)))
    until = home.available_until
    if until is not None and available.key in failed:
        end = case.day("end")
        if end is None or until < end:
            last = f" until {long_date(end)}" if end else ""
            what = f"Agree with the carers that they stay available{last}."
            edit = _household(case, "available_until", end)
            found.append(Change((available.key,), what, available.who, None, (edit,)))
    return found


def _household(case: Case, column: str, value: object) -> Edit:
    return Edit("households", case.ids[1], column, value)


Plan: TypeAlias = Callable[[Case, Failed], list[Change]]
CARERS = (trained, assessed, two_carers)
DATES = (one_arrangement, available)
# What is planned for several rules at once, by each of them.
TOGETHER: dict[Rule, tuple[Plan, tuple[Rule, ...]]] = {
    rule: (plan, rules) for plan, rules in ((_carers, CARERS), (_dates, DATES)) for rule in rules
}
