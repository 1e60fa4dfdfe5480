"""Changes to clean input: what if a cell said something else, a carer were added, a row gone."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from matcher.intake.inputs import Inputs, Pair
from matcher.intake.rows import Carer, Row


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
class Withdrawn:
    """What was recorded of a pair in decisions or risk_assessments no longer stands."""

    table: str
    pair: Pair


AnyEdit: TypeAlias = Edit | Listed | NewCarer | Withdrawn
Edits: TypeAlias = tuple[AnyEdit, ...]


def apply(inputs: Inputs, edits: Iterable[AnyEdit]) -> Inputs:
    """The input with edits made, itself unchanged; KeyError where a row isn't there."""
    for edit in edits:
        if isinstance(edit, Withdrawn):
            rows = {k: v for k, v in getattr(inputs, edit.table).items() if k != edit.pair}
            changed: dict[str, Any] = {edit.table: rows}
            inputs = replace(inputs, **changed)
        elif isinstance(edit, NewCarer):
            home = edit.carer.household_id
            more = {home: (*inputs.carers.get(home, ()), edit.carer)}
            inputs = replace(inputs, carers=inputs.carers | more)
        elif edit.table == "carers":
            home = next(
                h for h, some in inputs.carers.items() for c in some if c.carer_id == edit.key
            )
            some = tuple(_with(c, edit, c.carer_id) for c in inputs.carers[home])
            inputs = replace(inputs, carers=inputs.carers | {home: some})
        elif edit.table == "households":
            homes = tuple(_with(h, edit, h.household_id) for h in inputs.households)
            inputs = replace(inputs, households=homes)
        else:
            families = tuple(_with(r, edit, r.request_id) for r in inputs.requests)
            inputs = replace(inputs, requests=families)
    return inputs


def _with(row: Any, edit: Edit | Listed, key: str) -> Any:
    if key != edit.key:
        return row
    if isinstance(edit, Listed):
        held = {*(getattr(row, edit.column) or ()), *edit.more} - set(edit.fewer)
        value: Any = tuple(sorted(held))
    else:
        value = edit.value
    made: Row = row.clean(row.__dict__ | {edit.column: value})
    return made
