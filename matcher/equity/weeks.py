"""How groups of families fared over the recorded weeks: each family counted once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from matcher.equity.groups import FEWEST, WAITED, Difference, Group, compare, in_order
from matcher.equity.words import groups_record
from matcher.intake.inputs import Inputs
from matcher.policy.groups import traits, traits_of
from matcher.record import RequestRecord, RoundRecord
from matcher.show.files import Record

OUTCOMES = {"proposed": "proposed", "placed": "proposed", "unplaced": "waits"}  # else not matched
Traits = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Weeks:
    """What recorded rounds say of groups; `untold` families have no group that a record or table says."""

    days: tuple[date, ...]
    families: int
    untold: int
    unread: int
    groups: tuple[Group, ...]
    differences: tuple[Difference, ...]


def over_weeks(rounds: Sequence[RoundRecord], inputs: Inputs, unread: int = 0) -> Weeks:
    """The families of recorded rounds, by the groups that today's tables say, else their own round.

    A family is proposed where it had a household in some round, in proposal or to live; waits where
    it could be matched and never had one. `late` is the most days past its need, `waited` the rounds in which it could be matched and
    had no household.
    """
    seen = defaultdict[str, list[RequestRecord]](list)
    for each in rounds:
        for request in each.requests:
            seen[request.request_id].append(request)
    today = {row.request_id: tuple(traits(row)) for row in inputs.families}
    of = {name: today.get(name) or _recorded(some) for name, some in seen.items()}
    names = sorted(name for name, found in of.items() if found)
    rows_of = defaultdict[tuple[str, str], list[int]](list)
    for row, name in enumerate(names):
        for trait in of[name]:
            rows_of[trait].append(row)
    outcomes = [_outcome(seen[name]) for name in names]
    could = np.array([each != "not matched" for each in outcomes], bool)
    late = np.array([max(map(_late, seen[name])) for name in names], float)
    waited = np.array(
        [sum(each.outcome == "unplaced" for each in seen[name]) for name in names], float
    )
    measured = {
        "placed": np.array([each == "proposed" for each in outcomes], float),
        "late": np.where(could, late, np.nan),
        WAITED: np.where(could, waited, np.nan),
    }
    groups = in_order(rows_of, outcomes)
    return Weeks(
        tuple(each.round.as_of for each in rounds),
        len(seen),
        len(seen) - len(names),
        unread,
        tuple(groups),
        tuple(compare(measured, groups)),
    )


def weeks_record(as_of: date, weeks: Weeks, *, inside: bool) -> Record:
    """The recorded weeks for programs: every count inside the service, else what may leave it."""
    made = groups_record(as_of, weeks.groups, weeks.differences, inside=inside)
    made["weeks"] = {
        "rounds": len(weeks.days),
        "first": weeks.days[0].isoformat() if weeks.days else None,
        "last": weeks.days[-1].isoformat() if weeks.days else None,
        **{
            key: number if inside or not 0 < number < FEWEST else None
            for key, number in (("families", weeks.families), ("untold", weeks.untold))
        },
        "unread": weeks.unread,
    }
    return made


def _outcome(some: Sequence[RequestRecord]) -> str:
    """The best that came out for a family in any round."""
    found = {OUTCOMES.get(each.outcome, "not matched") for each in some}
    return next(each for each in ("proposed", "waits", "not matched") if each in found)


def _late(request: RequestRecord) -> int:
    made = request.proposal.late_days if request.proposal else request.late_days
    return made or 0


def _recorded(some: Sequence[RequestRecord]) -> Traits:
    """The groups of a family as the facts of its ranked households say them; none where it has none."""
    for request in reversed(some):
        for ranked in request.ranked[:1]:
            facts = {score.name: score.facts for score in ranked.criteria}
            codes = [
                facts.get(name, {}).get(key)
                for name, key in (
                    ("ethnicity", "ethnicity"),
                    ("religion", "religion"),
                    ("language", "english"),
                )
            ]
            ethnicity, religion, english = (
                code if isinstance(code, str) else None for code in codes
            )
            family = request.facts.family
            looked_after = (family["parent_looked_after"], family["second_parent_looked_after"])
            return tuple(traits_of(ethnicity, religion, english, True in looked_after))
    return ()
