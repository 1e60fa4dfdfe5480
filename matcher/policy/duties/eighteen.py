"""Duties of a parent's 18th birthday: what changes on it, and what is known before."""

from __future__ import annotations

from datetime import date, timedelta

from matcher.policy.days import england, months_after
from matcher.policy.duties.form import (
    PARENTS,
    Standing,
    ask,
    duty,
    not_needed,
    not_recorded,
    to_do,
)
from matcher.policy.screening import ADULT
from matcher.words import count, long_date

BORN = "Ask for the day of birth."


@duty("LAW-dbs", "Check the adult parents, who count as members of the household.", holds=True, in_staying_put=True)  # fmt: skip
def adult_checks(
    adult_checks_required: bool,
    adult_parents: int,
    turning_18: tuple[date, ...],
    may_be_18_tomorrow: bool,
    as_of: date,
    before_move: date,
    has_moved_in: bool,
) -> Standing:
    """Parents who are 18, or will be soon, are checked as members of the household.

    Of who is 18 while the request is there, due before the birthday. It holds where they are, or may
    be, 18 before they live there.
    """
    if not adult_checks_required:
        return not_needed("The policy in use asks for no checks on adult parents.")
    if adult_parents > sum(day <= as_of for day in turning_18):
        come = "comes" if adult_parents == 1 else "come"
        return to_do(f"{count(adult_parents, 'adult parent')} {come}. No checks are recorded.")
    if turning_18:
        birthday = turning_18[0]
        due = england().last_before(birthday)
        said = (
            f"A parent {_is(birthday, as_of)} 18 on {long_date(birthday)}. No checks are recorded."
        )
        lives_there_from = before_move if has_moved_in else max(before_move, as_of)
        may_hold = may_be_18_tomorrow and not has_moved_in
        if may_be_18_tomorrow:
            said = f"{said} {_may_be_18(as_of)}"
        return to_do(said, due, holds=may_hold or due <= lives_there_from)
    if may_be_18_tomorrow:
        asks = f"{BORN} Checks come before the birthday."
        return ask(_may_be_18(as_of), asks, holds=not has_moved_in)
    return not_needed("No parent who comes is 18 or over, or will be soon.")


def _may_be_18(as_of: date) -> str:
    """From when one of 17 whose day of birth nobody recorded may be 18."""
    tomorrow = long_date(as_of + timedelta(days=1))
    return f"A parent is 17 and the day of birth is not recorded: they may be 18 from {tomorrow}."


def _is(birthday: date, as_of: date) -> str:
    return "was" if birthday <= as_of else "is"


def _turns_18(
    who: str,
    age: int,
    is_18_on: date | None,
    in_care: bool,
    received_on: date,
    as_of: date,
    months: int | None,
) -> Standing:
    """How what changes on one parent's 18th birthday stands."""
    if months is None:
        return not_needed("The policy in use asks for nothing before a parent is 18.")
    if is_18_on is None:
        if age == ADULT - 1:
            return ask(_may_be_18(as_of), f"{BORN} Settle what changes on the 18th birthday.")
        return not_needed(f"The {who} is {age}.")
    day = long_date(is_18_on)
    if is_18_on <= received_on:
        return not_needed(f"The {who} was 18 on {day}, before the request.")
    known = months_after(is_18_on, -months)
    if as_of < known:
        return not_needed(f"The {who} is 18 on {day}; it is prepared from {long_date(known)}.")
    due = max(england().last_before(is_18_on), received_on)
    changes = CARE_ENDS if in_care else ADULTS_CHECKS
    return to_do(f"The {who} {_is(is_18_on, as_of)} 18 on {day}. What changes: {changes}.", due)


ADULTS_CHECKS = "they are an adult of the household, who is checked"
CARE_ENDS = (
    f"{ADULTS_CHECKS}; they are no longer looked after, so their reviews and visits stop, other "
    "regulations apply and they no longer count in the usual fostering limit; the pathway plan and "
    "Staying Put take over"
)
SETTLE = "Settle with parent, carers and team what changes on the 18th birthday."


@duty("LAW-18", SETTLE, PARENTS, in_staying_put=True)
def parent_turns_18(
    parent_age: int,
    parent_is_18_on: date | None,
    parent_in_care: bool,
    received_on: date,
    as_of: date,
    turning_18_months: int | None,
) -> Standing:
    """What changes on the parent's 18th birthday is settled before it.

    How long before is a setting. After the birthday it stays open until it is recorded.
    """
    birthday, months = parent_is_18_on, turning_18_months
    return _turns_18("parent", parent_age, birthday, parent_in_care, received_on, as_of, months)


@duty("LAW-18", SETTLE, PARENTS, in_staying_put=True)
def second_parent_turns_18(
    second_parent_age: int | None,
    second_parent_is_18_on: date | None,
    second_parent_in_care: bool,
    received_on: date,
    as_of: date,
    turning_18_months: int | None,
) -> Standing:
    """What changes on the second parent's 18th birthday is settled before it.

    As for the parent.
    """
    if second_parent_age is None:
        return not_needed("No second parent comes.")
    age, birthday, in_care = second_parent_age, second_parent_is_18_on, second_parent_in_care
    return _turns_18("second parent", age, birthday, in_care, received_on, as_of, turning_18_months)


@duty(
    "PC-6.5c",
    "Agree with parent and carers, in writing: until when, who pays what, what help the parent has, "
    "how the child is cared for, and what it means for the carers' approval.",
    PARENTS,
    in_staying_put=True,
)
def staying_put_agreed(stays_put_with: str | None, before_start: date | None) -> Standing:
    """Where a parent of 18 or over stays with the current carers, what Staying Put needs is agreed."""
    if stays_put_with is None:
        return not_needed("Nobody asks to stay put with current carers.")
    return not_recorded(f"Staying Put with {stays_put_with}: an agreement", before_start)


EIGHTEEN = (adult_checks, parent_turns_18, second_parent_turns_18, staying_put_agreed)
