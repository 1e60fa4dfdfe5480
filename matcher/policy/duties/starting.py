"""Duties before a placement starts: who meets whom, and what is agreed with the household."""

from __future__ import annotations

from datetime import date

from matcher.policy.duties.form import (
    ALL_PARTIES,
    MATCH,
    REVIEWING_OFFICER,
    Standing,
    done,
    duty,
    no_parent,
    not_needed,
    not_recorded,
    too_late,
)
from matcher.words import count, every_weeks, long_date

MEETING, PLAN = "placement_meeting", "placement_plan"


@duty("PC-6.2b", "Let the parent visit the household and meet the carers.", of=MATCH)
def visit_before(
    before_move: date | None,
    has_moved_in: bool,
    with_own_carers: bool,
    recorded_start: date | None,
) -> Standing:
    """Where possible the parent visits the placement and meets the carers before it starts.

    Once they live there, as with carers of their own, it can no longer be done.
    """
    if with_own_carers:
        return too_late("The parent lives there, with carers of their own.")
    if has_moved_in:
        since = f" since {long_date(recorded_start)}" if recorded_start else ""
        return too_late(f"The family lives there{since}; no visit before the start is recorded.")
    return not_recorded("A visit before the start", before_move)


@duty("PC-6.3c", "Hold the placement agreement meeting; give its record to all.", of=MATCH, holds=True)  # fmt: skip
def placement_meeting() -> Standing:
    """The placement agreement meeting was held, and all who attended have its record."""
    return not_recorded("A placement agreement meeting")


@duty("PC-6.3b", "Sign the placement plan at the placement agreement meeting.", ALL_PARTIES, of=MATCH, holds=True)  # fmt: skip
def placement_plan() -> Standing:
    """The placement plan is signed by all parties."""
    return not_recorded("A signed plan")


@duty("PC-6.4a", "Agree how often the arrangement is reviewed.", of=MATCH, settled_by=(MEETING, PLAN))  # fmt: skip
def review_frequency(review_every_weeks: int | None, before_move: date | None) -> Standing:
    """How often the arrangement is reviewed is decided at the outset.

    The column says how often. That the placement agreement meeting was held, or the plan signed, says that it was done.
    """
    if review_every_weeks is not None:
        return done(f"It is reviewed {every_weeks(review_every_weeks)}.")
    return not_recorded("How often it is reviewed", before_move)


@duty("PC-6.4c", "Agree how the parent and the carers can bring a review forward.", of=MATCH, settled_by=(MEETING, PLAN))  # fmt: skip
def reviews_on_request(before_move: date | None) -> Standing:
    """The parent and the carers can bring a review forward.

    That the placement agreement meeting was held, or the plan signed, says that it was done.
    """
    return not_recorded("How a review is brought forward", before_move)


@duty("PC-6.4d", "Decide whether parent and child have one review or two.", REVIEWING_OFFICER, of=MATCH)  # fmt: skip
def combined_reviews(
    child_looked_after: bool, any_parent_looked_after: bool | None, before_move: date | None
) -> Standing:
    """Where parent and child are both looked after, the reviewing officer decides on combined or separate reviews."""
    if not child_looked_after:
        return not_needed("The child is not looked after.")
    decision = not_recorded("A decision on the reviews", before_move)
    return no_parent(any_parent_looked_after) or decision


@duty(
    "PC-6.5a",
    "Agree how, by whom and when the outcome is decided, and who tells the parent.",
    of=MATCH,
    settled_by=(PLAN,),
)
def ending_agreed(
    purpose: str, agreed_end: date | None, expected_weeks: int | None, before_move: date | None
) -> Standing:
    """An assessment has a planned ending that is agreed in advance.

    A signed plan says that it was agreed. Until a day is recorded only the weeks are known: the day
    is that of the start which people settle.
    """
    if purpose != "assessment":
        return not_needed("It is for support, and has no ending to agree.")
    end = ""
    if agreed_end is not None:
        end = f"Planned end: {long_date(agreed_end)}."
    elif expected_weeks is not None:
        end = f"Expected to last {count(expected_weeks, 'week')} from its start."
    return not_recorded("An agreement on the ending", before_move, known=end)


STARTING = (
    visit_before,
    placement_meeting,
    placement_plan,
    review_frequency,
    reviews_on_request,
    combined_reviews,
    ending_agreed,
)
