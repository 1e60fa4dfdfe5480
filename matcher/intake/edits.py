"""Changes to clean input: what if a cell said something else, a carer were added, a row gone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from matcher.intake.inputs import Inputs
from matcher.intake.placements import Pair
from matcher.intake.rows import ASKED_ALONE, Carer, Decision, Household, Row


@dataclass(frozen=True, slots=True)
class Edit:
    """One cell with another value: `table` is requests, households or carers, `key` the row's id."""

    table: str
    key: str
    column: str
    value: Any


@dataclass(frozen=True, slots=True)
class Listed:
    """One cell that holds a list, with some codes more and some fewer."""

    table: str
    key: str
    column: str
    more: tuple[str, ...] = ()
    fewer: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NewCarer:
    """One more carer of a household."""

    carer: Carer


@dataclass(frozen=True, slots=True)
class NewHousehold:
    """One more household, with its carers."""

    household: Household
    carers: tuple[Carer, ...]


@dataclass(frozen=True, slots=True)
class Decided:
    """What people decide of a pair; it counts in place of what they decided before."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What was recorded of a pair in decisions or risk_assessments no longer stands.

    With the decision a placement goes that is agreed and has not begun.
    """

    table: str
    pair: Pair


@dataclass(frozen=True, slots=True)
class Vacated:
    """Nobody lives in a household, and nobody lived there lately: it is free.

    What was recorded of earlier placements there, and what is agreed for later, stands.
    """

    household_id: str


@dataclass(frozen=True, slots=True)
class Gone:
    """A request that is no longer asked, with all that was recorded of it."""

    request_id: str


AnyEdit: TypeAlias = Edit | Listed | NewCarer | NewHousehold | Decided | Withdrawn | Vacated | Gone
Edits: TypeAlias = tuple[AnyEdit, ...]


def apply(inputs: Inputs, edits: Iterable[AnyEdit]) -> Inputs:
    """The input with edits made in their order, itself unchanged; KeyError where a row isn't there."""
    made = _Changed(inputs)
    for edit in edits:
        made.make(edit)
    return made.inputs()


class _Changed:
    """The tables of an input by id while edits are made."""

    def __init__(self, inputs: Inputs) -> None:
        self.base = inputs
        self.requests = {row.request_id: row for row in inputs.requests}
        self.households = dict(inputs.homes)
        self.carers = dict(inputs.carers)
        self.pairs: dict[str, dict[Pair, Any]] = {
            name: dict(getattr(inputs, name))
            for name in ("decisions", "decision_rows", "risk_assessments", "relationships")
        }
        self.gone: set[str] = set()
        self.placements = list(inputs.placement_rows)
        self.vacated = set(inputs.vacated)

    @cached_property
    def home_of(self) -> dict[str, str]:
        """The household of each carer."""
        return {c.carer_id: c.household_id for some in self.carers.values() for c in some}

    def make(self, edit: AnyEdit) -> None:
        match edit:
            case Withdrawn():
                self.pairs[edit.table].pop(edit.pair, None)
                if edit.table == "decisions":
                    self._not_agreed(edit.pair)
            case Decided():
                pair = edit.decision.request_id, edit.decision.household_id
                self.pairs["decisions"][pair] = edit.decision
                self.pairs["decision_rows"].pop(pair, None)
            case Vacated():
                self._vacate(edit.household_id)
            case Gone():
                del self.requests[edit.request_id]
                self.gone.add(edit.request_id)
            case NewCarer():
                self._add(edit.carer)
            case NewHousehold():
                self.households[edit.household.household_id] = edit.household
                for carer in edit.carers:
                    self._add(carer)
            case Edit() | Listed():
                self._cell(edit)

    def _not_agreed(self, pair: Pair) -> None:
        """A placement of a pair that has not begun is not agreed."""
        self.placements = [
            row
            for row in self.placements
            if (row.request_id, row.household_id) != pair
            or row.started_on is None
            or row.started_on <= self.base.as_of
        ]

    def _vacate(self, household_id: str) -> None:
        if runs := self.base.running.get(household_id):
            self.placements = [row for row in self.placements if row != runs]
            pair = runs.request_id, household_id
            for other in (pair, *self._aside_for(pair)):
                self.pairs["decisions"].pop(other, None)
        self.vacated.add(household_id)
        self.households[household_id] = replace(
            self.households[household_id], arrangement_until=None
        )

    def _aside_for(self, pair: Pair) -> Iterator[Pair]:
        """The other pairs of its household that were confirmed, and would stand without this one."""
        for each in self.base.set_aside:
            other = each.decision.request_id, each.decision.household_id
            if (
                each.stands == pair
                and other[1] == pair[1]
                and each.decision.decision == "confirmed"
            ):
                yield other

    def _add(self, carer: Carer) -> None:
        household_id = carer.household_id
        self.home_of[carer.carer_id] = household_id
        self.carers[household_id] = (*self.carers.get(household_id, ()), carer)

    def _cell(self, edit: Edit | Listed) -> None:
        if edit.table == "carers":
            household_id = self.home_of[edit.key]
            some = self.carers[household_id]
            self.carers[household_id] = tuple(
                _with(c, edit) if c.carer_id == edit.key else c for c in some
            )
        elif edit.table == "households":
            before = self.households[edit.key]
            after = _with(before, edit)
            says_none = isinstance(edit, Edit) and after.features == ()
            self.households[edit.key] = _as_listed(before, after, says_none=says_none)
        else:
            self.requests[edit.key] = _with(self.requests[edit.key], edit)

    def inputs(self) -> Inputs:
        gone = self.gone
        of_pairs: dict[str, Any] = {
            name: {pair: row for pair, row in rows.items() if pair[0] not in gone}
            for name, rows in self.pairs.items()
        }
        apart = (k for k in self.base.keep_apart if not {k.request_id, k.other_request_id} & gone)
        return replace(
            self.base,
            requests=tuple(self.requests[name] for name in sorted(self.requests)),
            households=tuple(self.households[name] for name in sorted(self.households)),
            carers=self.carers,
            keep_apart=tuple(apart),
            known_to_family=frozenset(p for p in self.base.known_to_family if p[0] not in gone),
            placement_rows=tuple(row for row in self.placements if row.request_id not in gone),
            vacated=frozenset(self.vacated),
            events={key: rows for key, rows in self.base.events.items() if key[0] not in gone},
            **of_pairs,
        )


RowOf = TypeVar("RowOf", bound=Row)


def _with(row: RowOf, edit: Edit | Listed) -> RowOf:
    if isinstance(edit, Listed):
        held = {*(getattr(row, edit.column) or ()), *edit.more} - set(edit.fewer)
        value: Any = tuple(sorted(held))
    else:
        value = edit.value
    return replace(row, **{edit.column: value})


def _as_listed(before: Household, row: Household, *, says_none: bool) -> Household:
    """A household whose list of features changed: what it names now is there, what it no longer names isn't.

    `says_none`: the list was given, as none of the features.
    """
    if row.features == before.features:
        return row
    was, now = before.features or (), row.features or ()
    told: dict[str, Any] = {
        column: feature in now
        for feature, column in ASKED_ALONE.items()
        if feature in {*was, *now} or says_none
    }
    return replace(row, **told)


def new_row(kind: type[RowOf], **cells: Any) -> RowOf:
    """A row with some cells, every other one at its default or not known."""
    return kind(**cells)
