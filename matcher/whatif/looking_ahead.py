"""What a round that does not look ahead would change if it did, in a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from matcher.errors import WrongInput
from matcher.policy.aims import AHEAD
from matcher.privacy import for_people
from matcher.record import Alert
from matcher.recorder import Recorder
from matcher.rounds import SolvedRound, match, prepare_again
from matcher.sizes import MANY_PAIRS
from matcher.words import and_list

SETTING = "room_ahead"
FORM = next(iter(AHEAD))  # the one that may leave most families waiting
KINDS = (
    "waits_ahead",
    "goes_elsewhere",
    "kept_open",
)  # of its alerts, in the order in which they are told


def if_it_did(solved: SolvedRound) -> str:
    """What would be proposed otherwise; '' for a round that looks ahead already.

    One with many pairs is not tried, and the line says so; it also says where looking ahead can't be.
    """
    base = solved.prepared
    if not base.policy.is_off(SETTING):
        return ""
    start = f"This round does not look ahead ({SETTING} is off)"
    if (pairs := len(base.problem.request)) > MANY_PAIRS:
        return f"{start}. What that would change was not tried, as it has {pairs:,} eligible pairs."
    asked = replace(base.policy, values={**base.policy.values, SETTING: FORM})
    try:
        then = match(prepare_again(base, base.inputs, asked))
    except (
        WrongInput
    ) as error:  # the data are those of a round that was made: only looking is wrong
        return f"{start}. What that would change can't be said. {error.faults[0].problem}"
    changes = list(_changes(for_people(Recorder(then).frame()).alerts))
    return f"{start}. With {FORM} {'; '.join(changes) or 'nothing would change'}."


def _changes(alerts: Sequence[Alert]) -> Iterator[str]:
    """Who would wait, who would go elsewhere, and which households would be kept open."""
    if waits := [each.request_id or "" for each in alerts if each.kind == "waits_ahead"]:
        yield f"{and_list(waits)} would wait"
    elsewhere = [each for each in alerts if each.kind == "goes_elsewhere"]
    for each in elsewhere:
        yield f"{each.request_id} would go to {each.household_id} instead of {each.facts['without']}"
    if open_ := [each.household_id or "" for each in alerts if each.kind == "kept_open"]:
        yield f"{and_list(open_)} would be kept open for families likely to come"
