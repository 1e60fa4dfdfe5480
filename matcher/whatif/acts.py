"""What a scenario may do: each act turns an id into edits of the tables, and says so in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from matcher.intake.edits import (
    Decided,
    Edit,
    Edits,
    Gone,
    NewCarer,
    Vacated,
    Withdrawn,
    new_row,
)
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Carer, Decision, Household, told_by_list
from matcher.policy.rules import ENOUGH_CARERS
from matcher.words import spelt


@dataclass(frozen=True)
class Act:
    """One kind of change: what it names, what it does to the tables, and its words."""

    key: str
    names: str  # household, request or pair
    said: str
    edits: Callable[..., Edits]


def _act(names: str, said: str) -> Callable[[Callable[..., Edits]], Act]:
    def write(edits: Callable[..., Edits]) -> Act:
        return Act(edits.__name__, names, said, edits)

    return write


@_act("household", "{} has a carer trained and assessed")
def train(inputs: Inputs, household_id: str) -> Edits:
    """A carer of the household is trained and assessed for parent and child, an approved one first."""
    carers = inputs.carers.get(household_id, ())
    if not carers:
        return (NewCarer(a_carer(household_id, 1, **ready(inputs))),)
    as_of = inputs.as_of

    def lacks(carer: Carer) -> tuple[bool, int, str]:
        done = (carer.pc_trained_on, carer.pc_assessed_on)
        missing = sum(day is None or day > as_of for day in done)
        return carer.approved is not True, missing, carer.carer_id

    chosen = min(carers, key=lacks)
    assessed = chosen.pc_assessed_on
    edits = [Edit("carers", chosen.carer_id, "pc_trained_on", as_of)]
    if assessed is None or assessed > as_of:
        edits.append(Edit("carers", chosen.carer_id, "pc_assessed_on", as_of))
    return tuple(edits)


@_act("household", f"{{}} has {spelt(ENOUGH_CARERS)} approved carers")
def second_carer(inputs: Inputs, household_id: str) -> Edits:
    """The household has enough approved carers; one who is known comes before a new one."""
    carers = inputs.carers.get(household_id, ())
    short = ENOUGH_CARERS - sum(carer.approved is True for carer in carers)
    others = sorted(carer.carer_id for carer in carers if carer.approved is not True)
    known = [Edit("carers", name, "approved", True) for name in others[: max(short, 0)]]
    new = [
        NewCarer(a_carer(household_id, len(carers) + n, approved=True))
        for n in range(1, short - len(known) + 1)
    ]
    return (*known, *new)


@_act("household", "{} is not available")
def close(inputs: Inputs, household_id: str) -> Edits:
    """The household is suspended; who is with it, or chosen for it, needs another."""
    held = [pair for pair in inputs.pins if pair[1] == household_id]
    undone = (Withdrawn("decisions", pair) for pair in held)
    return (Edit("households", household_id, "status", "suspended"), *undone)


@_act("household", "{} is approved and free")
def open_(inputs: Inputs, household_id: str) -> Edits:
    """The household is approved, nobody lives there, and it is free from today."""
    cells = {"status": "approved", "available_from": None, "available_until": None}
    edits = (Edit("households", household_id, column, value) for column, value in cells.items())
    return (*edits, Vacated(household_id))


@_act("household", "{} has one more bedroom")
def bedroom(inputs: Inputs, household_id: str) -> Edits:
    """The household has one more bedroom free for the family; how many it has must be known."""
    has = inputs.homes[household_id].bedrooms
    return () if has is None else (Edit("households", household_id, "bedrooms", has + 1),)


@_act("pair", "{} goes to {}")
def choose(inputs: Inputs, request: str, household_id: str) -> Edits:
    """People choose the household for the family, whatever they chose before."""
    before = [pair for pair in inputs.pins if request == pair[0] or household_id == pair[1]]
    undone = (Withdrawn("decisions", pair) for pair in before)
    return (*undone, _decided(inputs, request, household_id, "choose"))


@_act("pair", "{} does not go to {}")
def rule_out(inputs: Inputs, request: str, household_id: str) -> Edits:
    """People rule the household out for the family."""
    return (_decided(inputs, request, household_id, "rule_out"),)


@_act("request", "{} is not asked")
def without(inputs: Inputs, request: str) -> Edits:
    """The request is withdrawn."""
    return (Gone(request),)


ACTS = {
    act.key.rstrip("_"): act
    for act in (train, second_carer, close, open_, bedroom, choose, rule_out, without)
}


def ready(inputs: Inputs) -> dict[str, Any]:
    """The cells of a carer who is approved, trained and assessed."""
    as_of = inputs.as_of
    return {"approved": True, "pc_trained_on": as_of, "pc_assessed_on": as_of}


def a_carer(household_id: str, number: int, **cells: Any) -> Carer:
    """One more carer of a household."""
    return new_row(
        Carer, carer_id=f"{household_id}-new{number}", household_id=household_id, **cells
    )


def a_household(household_id: str, postcode: str, **cells: Any) -> Household:
    """A household that is approved and free, with no looked-after children."""
    row = new_row(
        Household,
        household_id=household_id,
        status="approved",
        postcode=postcode,
        accommodation_suitable=True,
        looked_after_children=0,
        **cells,
    )
    return replace(row, **told_by_list(row))


def _decided(inputs: Inputs, request: str, household_id: str, decision: str) -> Decided:
    row = new_row(
        Decision,
        request_id=request,
        household_id=household_id,
        decision=decision,
        decided_on=inputs.as_of,
    )
    return Decided(row)
