"""Where families live, and which pairs people hold: placements, and decisions that tell of one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from matcher.codes import PLANNED_ENDINGS
from matcher.intake.rows import Decision, Household, Placement

Pair: TypeAlias = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Occupancy:
    """What has to be over before another family can move into a household.

    `ends_on` is its last day; None where nobody can say. `request_id` is who lives there, or lived
    there last; None for a family that is not in the tables. `asks` is what an alert asks, if anything.
    """

    request_id: str | None
    ends_on: date | None
    runs: bool
    asks: str | None = None


END, WHO = "end_not_known", "who_lives_there"


def runs(placement: Placement, as_of: date) -> bool:
    """Whether a family lives there on a day."""
    started = placement.started_on is None or placement.started_on <= as_of
    return started and not has_ended(placement, as_of)


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

    `next_homes` are those of families that still live elsewhere, confirmed without a start.
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
    two that run at once the later decided stands, and one of the table before both.
    """
    told = _placements_of(decisions, table, homes, living, as_of)
    in_order = sorted(told, key=lambda each: (each[0].decided_on, each[0].canonical()))
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
        elif _moves_on(row, decision, held):
            next_homes[row.household_id] = row.request_id
        else:
            aside.append(SetAside(decision, (held.request_id, held.household_id)))
    return Told(tuple(found), tuple(aside), next_homes)


def _moves_on(row: Placement, decision: Decision, lives: Placement) -> bool:
    """Whether a match without a start was confirmed for a family that lives elsewhere since before."""
    same_family = row.request_id == lives.request_id and row.started_on is None
    return same_family and lives.started_on is not None and decision.decided_on >= lives.started_on


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
        if row.decision != "confirmed" or (row.request_id, row.household_id) in known:
            continue
        started = row.started_on is not None and row.started_on <= as_of
        over = row.ended_on is not None and row.ended_on <= as_of
        if not (started or over or row.request_id in living):
            continue
        planned = None if over else row.ended_on
        until = homes[row.household_id].arrangement_until
        if planned is None and not over and isinstance(until, date):
            planned = until
        ended_on = row.ended_on if over else None
        placement = Placement(
            row.request_id, row.household_id, row.started_on, planned, ended_on, None, None
        )
        yield row, placement


def occupancy(
    household: Household, placements: Iterable[Placement], as_of: date
) -> Occupancy | None:
    """What stands in the way of another family in a household, None where nothing does."""
    here = list(placements)
    if (lives := next((row for row in here if runs(row, as_of)), None)) is not None:
        end = lives.ended_on or lives.planned_end_on
        known = end is not None and end >= as_of
        return Occupancy(lives.request_id, end if known else None, True, None if known else END)
    until = household.arrangement_until
    last = max(
        (row for row in here if row.ended_on), key=lambda row: row.ended_on or as_of, default=None
    )
    ended = None if last is None else last.ended_on
    if (
        last is not None
        and ended is not None
        and last.ended_because in ("staying_put", "separated")
    ):
        reviewed = household.reviewed_on
        if reviewed is None or reviewed < ended:
            return Occupancy(last.request_id, None, False, WHO)
    if until is not None:
        if not isinstance(until, date):
            return Occupancy(None, None, True)
        return Occupancy(None, max(until, as_of, ended or as_of), True)
    return None if last is None else Occupancy(last.request_id, ended, False)
