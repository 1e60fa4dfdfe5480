"""How many families have been coming a week, as the recorded rounds say it."""

from __future__ import annotations

from datetime import date

from matcher.ahead.fitted import of_count
from matcher.ahead.outlook import FROM_HISTORY, Rates, least
from matcher.history.over import recorded_until
from matcher.history.store import NothingThere, open_store
from matcher.policy.pairs import DAYS_PER_WEEK


def arriving(where: str, title: str | None, day: date) -> Rates | None:
    """The families that came new into the recorded rounds of a title before a day, a week.

    Those of the first round came before it, and don't count. None where the rounds span less than
    the `least_weeks` that ship, or nothing is recorded.
    """
    try:
        rounds = recorded_until(open_store(where), title, day).rounds
    except NothingThere:
        return None
    if not rounds:
        return None
    first, last = rounds[0], rounds[-1]
    weeks = (last.round.as_of - first.round.as_of).days / DAYS_PER_WEEK
    if weeks < least()["least_weeks"]:
        return None
    seen = {each.request_id for each in first.requests}
    came = {each.request_id for made in rounds for each in made.requests} - seen
    low, high = of_count(len(came))
    rates = (len(came) / weeks, low / weeks, high / weeks)
    return Rates(*rates, round(weeks, 2), len(came), FROM_HISTORY)
