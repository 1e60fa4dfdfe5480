"""What people decided: the pairs that they hold, what these break, and what no longer stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from matcher.eligibility import failed_bits, rules_failed
from matcher.errors import Fault, WrongInput, wrong_cell
from matcher.geo import miles
from matcher.intake.inputs import Inputs, is_confirmed
from matcher.intake.rows import Decision
from matcher.model import Columns
from matcher.policy import limits, screening
from matcher.policy.case import Case
from matcher.policy.forms import Rule
from matcher.policy.in_force import rules_that_tell_place
from matcher.policy.pairs import Pairs

UNDO = "Undo the choice, or mend what stands in its way."
AGAIN = "It is set aside: choose again, or mend what stands in its way."


@dataclass(frozen=True)
class Pin:
    """A pair that people chose, confirmed or agreed, with what it breaks today.

    `breaks` are the rules that it breaks, those that a choice passes left out of a choice; `limits` the names
    of limits that it breaks with what was chosen before; `too_near` are families that keep_apart
    names. `decided_on` is None where a placement is agreed.
    """

    request: int
    household: int
    confirmed: bool
    decided_on: date | None
    breaks: tuple[Rule, ...]
    held_by: str | None
    limits: tuple[str, ...] = ()
    too_near: tuple[str, ...] = ()

    @property
    def stands(self) -> bool:
        """Whether it holds: a confirmed match always does, a choice that breaks nothing."""
        return self.confirmed or not (self.breaks or self.held_by or self.limits or self.too_near)


@dataclass(frozen=True)
class Held:
    """The pins that stand, by request; the choices that no longer do; confirmed families too close.

    `warnings` are what each choice that no longer stands breaks, where its row is.
    """

    pins: dict[int, Pin]
    set_aside: tuple[Pin, ...]
    too_close: tuple[tuple[str, str], ...]
    warnings: tuple[Fault, ...]


def hold(inputs: Inputs, everyone: Pairs, findings: list[list[screening.Finding]]) -> Held:
    """What people hold today; WrongInput for a choice of this day that breaks something.

    An older choice that does is set aside: the world has moved, and the round goes on.
    """
    asked = [*_asked(inputs, everyone, findings)]
    stand: dict[int, Pin] = {pin.request: pin for pin in asked if pin.confirmed}
    aside = list[Pin]()
    faults, odd = list[Fault](), list[Fault]()
    for pin in sorted(
        (each for each in asked if not each.confirmed),
        key=lambda each: (each.decided_on or inputs.as_of, each.request),
    ):
        made = _against(pin, stand, inputs, everyone)
        if made.stands:
            stand[made.request] = made
        elif made.decided_on == inputs.as_of:
            faults.extend(_faults(made, UNDO, inputs, everyone))
        else:
            aside.append(made)
            odd.extend(_faults(made, AGAIN, inputs, everyone))
    if faults:
        raise WrongInput(faults, [*inputs.warnings, *odd])
    pins = dict(sorted(stand.items()))
    return Held(
        pins,
        tuple(sorted(aside, key=lambda each: each.request)),
        _close(inputs, everyone, pins),
        tuple(odd),
    )


def _asked(
    inputs: Inputs, everyone: Pairs, findings: list[list[screening.Finding]]
) -> Iterator[Pin]:
    """Every pair that people hold, with the rules and the screening that it breaks."""
    table = everyone.columns
    request_at = {name: at for at, name in enumerate(table.request_ids)}
    household_at = {name: at for at, name in enumerate(table.household_ids)}
    for (request, household), decision in inputs.pins.items():
        row, column = request_at[request], household_at[household]
        pairs = everyone.of(np.array([row]), np.array([column]))
        confirmed = is_confirmed(decision)
        broken = rules_failed(int(failed_bits(pairs)[0, 0]), everyone.policy)
        yield Pin(
            row,
            column,
            confirmed,
            decision.decided_on if isinstance(decision, Decision) else None,
            tuple(rule for rule in broken if confirmed or not rule.choice_passes),
            screening.outcome(findings[row]),
        )


def _against(pin: Pin, stand: dict[int, Pin], inputs: Inputs, everyone: Pairs) -> Pin:
    """A choice with the limits and distances that it breaks beside the pins that stand."""
    table, policy = everyone.columns, everyone.policy
    chosen = [each.household for each in stand.values() if not each.confirmed] + [pin.household]
    held = table.households.take(np.array(chosen, np.intp))
    over = [
        share.name
        for share in limits.shares(held, policy)
        if share.adds[-1] and share.adds.sum() > share.at_most
    ]
    near = [
        table.request_ids[other]
        for row, other, least in kept_apart(inputs, table)
        if row == pin.request
        and other in stand
        and miles_apart(table, pin.household, stand[other].household) < least
    ]
    return Pin(
        pin.request,
        pin.household,
        pin.confirmed,
        pin.decided_on,
        pin.breaks,
        pin.held_by,
        tuple(over),
        tuple(near),
    )


def _faults(pin: Pin, fix: str, inputs: Inputs, everyone: Pairs) -> Iterator[Fault]:
    """What a choice breaks, where its row is."""
    table = everyone.columns
    pair = table.request_ids[pin.request], table.household_ids[pin.household]
    row = inputs.decision_rows.get(pair)  # None for a pin of a what-if, which no table holds
    for problem in broken_by(pin, inputs, everyone):
        yield wrong_cell("decisions", row, "decision", "choose", problem, fix)


def broken_by(pin: Pin, inputs: Inputs, everyone: Pairs) -> Iterator[str]:
    """What a choice breaks, a sentence each; nothing that says where a household is."""
    table = everyone.columns
    name = f"{table.request_ids[pin.request]} with {table.household_ids[pin.household]}"
    if pin.held_by is not None:
        yield f"Screening holds {name} back: {pin.held_by}."
    pairs = everyone.of(np.array([pin.request]), np.array([pin.household]))
    where = rules_that_tell_place(everyone.policy)
    for rule in pin.breaks:
        failing = rule.failing(Case(inputs, pairs, 0, 0))
        reason = rule.sentence if rule.key in where else failing.reason
        yield f"{name} breaks {rule.key} ({rule.clause}): {reason}"
    for limit in pin.limits:
        yield f"With the other choices {name} goes over the limit {limit}."
    for other in pin.too_near:
        yield f"{table.request_ids[pin.request]} and {other} must be kept farther apart."


def _close(inputs: Inputs, everyone: Pairs, pins: dict[int, Pin]) -> tuple[tuple[str, str], ...]:
    """The confirmed families that are nearer to each other than keep_apart says."""
    table = everyone.columns
    return tuple(
        (table.request_ids[row], table.request_ids[other])
        for row, other, least in kept_apart(inputs, table)[: len(inputs.keep_apart)]
        if row in pins
        and other in pins
        and miles_apart(table, pins[row].household, pins[other].household) < least
    )


def miles_apart(table: Columns, one: int, other: int) -> float:
    """How far two households are from each other, NaN where a place is not known."""
    h = table.households
    return float(miles(h.easting[one], h.northing[one], h.easting[other], h.northing[other]))


def kept_apart(inputs: Inputs, table: Columns) -> list[tuple[int, int, float]]:
    """Each pair of open requests that must be kept apart, from both sides."""
    at = {name: row for row, name in enumerate(table.request_ids)}
    found = [
        (at[k.request_id], at[k.other_request_id], k.min_miles)
        for k in inputs.keep_apart
        if k.request_id in at and k.other_request_id in at
    ]
    return [*found, *((other, row, least) for row, other, least in found)]
