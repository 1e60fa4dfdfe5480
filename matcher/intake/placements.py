"""Where families live, and which pairs people hold: placements, and decisions that tell of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import inf, isnan
from typing import Literal, TypeAlias

from matcher.codes import PLANNED_ENDINGS
from matcher.intake.rows import Decision, Household, Placement

Pair: TypeAlias = tuple[str, str]
Asks: TypeAlias = Literal["end_not_known", "who_lives_there"]
END: Asks = "end_not_known"
WHO: Asks = "who_lives_there"


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in a household that has to be over: whose, and its last day; None where not known."""

    request_id: str | None
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What has to be over before a family can move into a household.

    `request_id` is who lives there, or lived there last; None for a family that is not in the
    tables. `lives`: somebody does, or nobody has asked whether. `asks` are what alerts ask, and of
    whom.
    """

    request_id: str | None
    lives: bool
    stays: tuple[Stay, ...]
    asks: tuple[tuple[Asks, str], ...]

    def ends_for(self, request_id: str | None, as_of: date | None) -> float:
        """The last day, as a number, for a family, whose own stay is no obstacle; None is for others.

        An arrangement that should be over ends on the day of the round, or as recorded without one.
        NaN where nobody can say, -inf where nothing is left.
        """
        ends = [
            NOT_KNOWN
            if (ends_on := stay.ends_on) is None
            else float(
                max(ends_on, (as_of if stay.request_id is None else None) or ends_on).toordinal()
            )
            for stay in self.stays
            if request_id is None or stay.request_id != request_id
        ]
        if any(isnan(end) for end in ends):
            return NOT_KNOWN
        return max(ends, default=-inf)


SOMEBODY_STAYED = ("staying_put", "separated")  # after such an end somebody may live there still
NOT_KNOWN = float("nan")


def runs(placement: Placement, as_of: date) -> bool:
    """Whether a family lives there on a day."""
    return not begins_later(placement, as_of) and not has_ended(placement, as_of)


def begins_later(placement: Placement, as_of: date) -> bool:
    """Whether a placement is agreed, and begins after a day."""
    return placement.started_on is not None and placement.started_on > as_of


def has_ended(placement: Placement, as_of: date) -> bool:
    """Whether a placement is over on a day."""
    return placement.ended_on is not None and placement.ended_on <= as_of


def ended_early(placement: Placement, as_of: date) -> bool:
    """Whether a placement ended for a reason that speaks against the pair; an unknown one does."""
    return has_ended(placement, as_of) and placement.ended_because not in PLANNED_ENDINGS


def overtakes(placement: Placement, choice: Decision, as_of: date) -> bool:
    """Whether a choice of the pair is carried out, or over: its placement runs, or ended since."""
    ended = placement.ended_on
    return runs(placement, as_of) or (ended is not None and ended >= choice.decided_on)


@dataclass(frozen=True, slots=True)
class SetAside:
    """A decision that takes nothing, as another one on a side of its pair stands."""

    decision: Decision
    stands: Pair


@dataclass(frozen=True, slots=True)
class Told:
    """What `confirmed` decisions tell of where families live.

    `next_homes` are those of families that still live elsewhere, as far as is recorded.
    """

    placements: tuple[Placement, ...]
    set_aside: tuple[SetAside, ...]
    next_homes: dict[str, str]


def told_by(
    decisions: Iterable[Decision],
    table: Collection[Placement],
    homes: Mapping[str, Household],
    living: frozenset[str],
    as_of: date,
) -> Told:
    """What `confirmed` decisions tell of, where the table has no placement of the pair.

    `living` are the families that are not open: theirs hold the household without a start, too. Of
    two that run at once one with a start stands, then the later decided, and one of the table before both.
    """
    confirmed = [row for row in decisions if row.decision == "confirmed"]
    confirmed_on = {(row.request_id, row.household_id): row.decided_on for row in confirmed}
    told = _placements_of(confirmed, table, homes, living, as_of)
    in_order = sorted(
        told,
        key=lambda each: (each[1].started_on is not None, each[0].decided_on, each[0].canonical()),
    )
    found, aside, next_homes = list[Placement](), list[SetAside](), dict[str, str]()
    sides = {
        side: row
        for row in table
        if runs(row, as_of)
        for side in (("request", row.request_id), ("household", row.household_id))
    }
    for decision, row in reversed(in_order):
        mine = ("household", row.household_id), ("request", row.request_id)
        held = next((sides[side] for side in mine if side in sides), None)
        if not runs(row, as_of):
            found.append(row)
        elif held is None:
            sides |= dict.fromkeys(mine, row)
            found.append(row)
        elif _moves_on(decision, held, confirmed_on.get((held.request_id, held.household_id))):
            # Of an open family it is one of the pairs that people hold.
            next_homes |= {row.household_id: row.request_id} if row.request_id in living else {}
        else:
            aside.append(SetAside(decision, (held.request_id, held.household_id)))
    return Told(tuple(found), tuple(aside), next_homes)


def _moves_on(decision: Decision, lives: Placement, confirmed_on: date | None) -> bool:
    """Whether a match was confirmed once the same family lived elsewhere, and that was confirmed."""
    if decision.request_id != lives.request_id or lives.started_on is None:
        return False
    return decision.decided_on >= max(lives.started_on, confirmed_on or lives.started_on)


def _placements_of(
    decisions: Iterable[Decision],
    table: Iterable[Placement],
    homes: Mapping[str, Household],
    living: frozenset[str],
    as_of: date,
) -> Iterator[tuple[Decision, Placement]]:
    """Each `confirmed` decision that is read as a placement, with it."""
    known = {(row.request_id, row.household_id) for row in table}
    for row in decisions:
        if (row.request_id, row.household_id) in known:
            continue
        started = row.started_on is not None and row.started_on <= as_of
        over = row.ended_on is not None and row.ended_on <= as_of
        if not (started or over or row.request_id in living):
            continue
        planned = None if over else row.ended_on
        until = homes[row.household_id].arrangement_until
        if planned is None and not over and isinstance(until, date):
            before_it = row.started_on is not None and until < row.started_on
            planned = None if before_it else until  # that is the end of another one
        ended_on = row.ended_on if over else None
        placement = Placement(
            row.request_id, row.household_id, row.started_on, planned, ended_on, None, None
        )
        yield row, placement


def occupancy(
    household: Household, placements: Iterable[Placement], as_of: date
) -> Occupancy | None:
    """What stands in the way of another family in a household, None where nothing does."""
    found, asks = list[Stay](), list[tuple[Asks, str]]()
    here = list(placements)
    lives = next((row for row in here if runs(row, as_of)), None)
    if lives is not None:
        end = lives.planned_end_on
        known = end is not None and end >= as_of
        found.append(Stay(lives.request_id, end if known else None))
        asks += [] if known else [(END, lives.request_id)]
    elif isinstance(household.arrangement_until, date):
        found.append(Stay(None, household.arrangement_until))
    elif household.arrangement_until is not None:
        found.append(Stay(None, None))
    for row in here:
        if not has_ended(row, as_of) or row.ended_on is None:
            continue
        reviewed = household.reviewed_on is not None and household.reviewed_on >= row.ended_on
        if row.ended_because in SOMEBODY_STAYED and not reviewed:
            found.append(Stay(row.request_id, None))
            asks.append((WHO, row.request_id))
        else:
            found.append(Stay(row.request_id, row.ended_on))
    if not found:
        return None
    arrangement = lives is None and household.arrangement_until is not None
    last = max(
        (row for row in here if row.ended_on), key=lambda row: row.ended_on or as_of, default=None
    )
    stays = any(kind == WHO for kind, _ in asks)
    who = lives or (None if arrangement else last)
    return Occupancy(
        None if who is None else who.request_id,
        lives is not None or arrangement or stays,
        tuple(found),
        tuple(sorted(set(asks))),
    )
