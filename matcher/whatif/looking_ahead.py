"""What a round that looks ahead expects, and what one that does not would change if it did, in a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from matcher.ahead.outlook import FROM_HISTORY, FROM_PLACEMENTS, FROM_ROUND
from matcher.errors import WrongInput
from matcher.policy.aims import AHEAD
from matcher.privacy import for_people
from matcher.record import AheadRecord, Alert, ArrivalRates, LastingRecord, RefusalsRecord
from matcher.recorder import Recorder
from matcher.rounds import SolvedRound, match, prepare_again
from matcher.sizes import MANY_PAIRS_AHEAD
from matcher.words import and_list, count, number_text, weeks_text

SETTING = "room_ahead"
SOURCES = {
    FROM_HISTORY: "of the history",
    FROM_PLACEMENTS: "of the data",
    FROM_ROUND: "of this round",
}
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
    if (pairs := len(base.problem.request)) > MANY_PAIRS_AHEAD:
        return f"{start}. What that would change was not tried, as it has {pairs:,} eligible pairs."
    asked = replace(base.policy, values={**base.policy.values, SETTING: FORM})
    try:
        then = match(prepare_again(base, base.inputs, asked))
    except (
        WrongInput
    ) as error:  # the data are those of a round that was made: only looking is wrong
        return f"{start}. What that would change can't be said. {error.faults[0].problem}"
    changes = list(_changes(for_people(Recorder(then).frame()).alerts))
    would = "; ".join(changes) or "nothing would change"
    return f"{start}. With {FORM}, by its data and policy, {would}."


def expects(ahead: AheadRecord) -> str:
    """Which families a round that looks ahead expects, of what that was counted, and how sure it is."""
    stay = "are planned to stay" if ahead.stays.source == FROM_ROUND else "stay"
    said = [
        f"This round looks ahead ({ahead.form}). It expects {_arrivals(ahead.rates)}",
        f"They are needed after {_weeks(ahead.leads, 'family')}",
        f"They {stay} for {_weeks(ahead.stays, 'placement')}",
        _declined(ahead.refusals),
    ]
    return " ".join(f"{each}." for each in said)


def _arrivals(rates: ArrivalRates) -> str:
    per_week = f"{number_text(rates.per_week)} families a week"
    if rates.weeks is None or rates.families is None:
        return f"{per_week}, as its policy says"
    if rates.low is not None and rates.high is not None:
        per_week += f" (95 % interval {number_text(rates.low, 2)} to {number_text(rates.high, 2)})"
    came = f"{count(rates.families, 'family')} came in {weeks_text(rates.weeks)}"
    if rates.source == FROM_HISTORY:
        return f"{per_week}: {came} of recorded rounds"
    return f"{per_week}: {came}. Families that have left the data are not counted"


def _weeks(lasting: LastingRecord, what: str) -> str:
    """The median with its interval, and of how many."""
    if lasting.median is None:
        return "a number of weeks that nobody can say"
    low = lasting.median if lasting.low is None else lasting.low
    to = "or more" if lasting.high is None else f"to {lasting.high}"
    running = sum(lasting.running.values())
    still = f", and {running:,} still running" if running else ""
    counted = count(lasting.number, "family" if lasting.source == FROM_ROUND else what)
    median = f"{count(lasting.median, 'week')} in the median"
    return f"{median} (95 % interval {low} {to}; {counted} {SOURCES[lasting.source]}{still})"


def _declined(refusals: RefusalsRecord) -> str:
    share, low, high = refusals.share, refusals.low, refusals.high
    if share is None or low is None or high is None:
        return "No answer to a proposal is recorded"
    was = "was" if refusals.answered == 1 else "were"
    return (
        f"{refusals.declined:,} of {count(refusals.answered, 'answered proposal')} {was} declined "
        f"({100 * share:.0f} %; 95 % interval {100 * low:.0f} to {100 * high:.0f}), which counts in no value"
    )


def _changes(alerts: Sequence[Alert]) -> Iterator[str]:
    """Who would wait, who would go elsewhere, and which households would be kept open."""
    if waits := [each.request_id or "" for each in alerts if each.kind == "waits_ahead"]:
        yield f"{and_list(waits)} would wait"
    elsewhere = [each for each in alerts if each.kind == "goes_elsewhere"]
    for each in elsewhere:
        yield f"{each.request_id} would go to {each.household_id} instead of {each.facts['without']}"
    if open_ := [each.household_id or "" for each in alerts if each.kind == "kept_open"]:
        yield f"{and_list(open_)} would be kept open for families likely to come"
