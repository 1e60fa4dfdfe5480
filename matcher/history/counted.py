"""What a service's own history says of families likely to come: how many, when they are needed, how long they stay."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from matcher import record
from matcher.ahead.known import Came, Known, Stay, Until, answers, known
from matcher.ahead.outlook import FROM_HISTORY, Counted, Rates
from matcher.history.entries import Record
from matcher.history.over import recorded_until
from matcher.history.store import NothingThere, Store
from matcher.intake.inputs import Inputs
from matcher.policy.pairs import DAYS_PER_WEEK
from matcher.policy.settings import Policy


def counted(store: Store, inputs: Inputs, policy: Policy) -> Counted | None:
    """What the rounds of a title that were recorded before a round's day say, with its own data.

    None where nothing is recorded, or the round does not look ahead.
    """
    if policy.is_off("room_ahead"):
        return None
    try:
        found = recorded_until(store, inputs.title, inputs.as_of - timedelta(days=1))
    except NothingThere:
        return None
    if not found.rounds:
        return None
    since = found.rounds[0].round.as_of
    every = _known(found.rounds, found.decisions).and_then(known(inputs))
    return Counted(
        _arriving(found.rounds),
        every.leads(FROM_HISTORY, since),
        every.lengths(FROM_HISTORY),
        every.refusals(FROM_HISTORY),
    )


def _arriving(rounds: Sequence[record.RoundRecord]) -> Rates:
    """The families that came new into recorded rounds, a week.

    Those of the first round came before it, and don't count.
    """
    first, last = rounds[0], rounds[-1]
    weeks = (last.round.as_of - first.round.as_of).days / DAYS_PER_WEEK
    seen = {each.request_id for each in first.requests}
    came = len({each.request_id for made in rounds for each in made.requests} - seen)
    return Rates.counted(came, weeks, FROM_HISTORY)


def _known(rounds: Sequence[record.RoundRecord], decisions: Iterable[Record]) -> Known:
    """What recorded rounds know; of a placement only where it began since the first of them.

    Of those that ran before only the long ones are there to be seen.
    """
    since = rounds[0].round.as_of
    of_rounds = {request.request_id for made in rounds for request in made.requests}
    came, stays, ended = dict[str, Came](), dict[Stay, Until](), dict[tuple[str, str], date]()
    for made in rounds:
        for request in made.requests:
            name, facts = request.request_id, request.facts
            if facts.received_on is not None:
                needed = date.fromisoformat(str(facts.family["needed_from"]))
                came[name] = Came(facts.received_on, needed)
            lives = facts.living
            if lives is not None and lives.runs and lives.started_on is not None:
                stay = name, lives.household_id, lives.started_on
                stays[stay] = Until(made.round.as_of, ended=False)
            for left in facts.left:
                ended[name, left.household_id] = left.ended_on
    for name, home, start in stays:
        day = ended.get((name, home))
        if day is not None and day >= start:
            stays[name, home, start] = Until(day, ended=True)
    declined, confirmed = answers(
        ((each["request_id"], each["household_id"]), each["decision"])
        for each in decisions
        if each["request_id"] in of_rounds  # a history may hold more services than this one
    )
    lived = frozenset((name, home) for name, home, _ in stays)
    recent = {stay: until for stay, until in stays.items() if stay[2] >= since}
    return Known(came, recent, declined, confirmed | lived)
