"""What people decided: the pairs that they hold, and what these break."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from matcher.eligibility import failed_bits, rules_of
from matcher.errors import Fault, WrongInput, wrong_cell
from matcher.geo import miles
from matcher.intake.inputs import Inputs, is_confirmed
from matcher.model import Columns
from matcher.policy import limits, screening
from matcher.policy.case import Case
from matcher.policy.criteria import WHERE
from matcher.policy.pairs import Pairs
from matcher.policy.rules import RULES


@dataclass(frozen=True)
class Pin:
    """A pair that people chose or confirmed, with the rules and limits that it breaks today."""

    request: int
    household: int
    confirmed: bool
    breaks: tuple[int, ...]
    held_by: str | None


def pins_of(
    inputs: Inputs, everyone: Pairs, findings: list[list[screening.Finding]]
) -> dict[int, Pin]:
    """The pairs that people chose or confirmed, by request, with what each breaks today."""
    table = everyone.columns
    request_at = {name: at for at, name in enumerate(table.request_ids)}
    household_at = {name: at for at, name in enumerate(table.household_ids)}
    found = {}
    for (request, household), decision in inputs.pins.items():
        row, column = request_at[request], household_at[household]
        pairs = everyone.of(np.array([row]), np.array([column]))
        found[row] = Pin(
            row,
            column,
            is_confirmed(decision),
            tuple(rules_of(int(failed_bits(pairs)[0, 0]))),
            screening.outcome(findings[row]),
        )
    return dict(sorted(found.items()))


def check_pins(
    inputs: Inputs, everyone: Pairs, pins: dict[int, Pin]
) -> tuple[tuple[str, str], ...]:
    """The confirmed families that are too close; WrongInput for a choice that breaks something."""
    table, policy = everyone.columns, everyone.policy
    faults: list[Fault] = []

    def fault(pin: Pin, problem: str) -> None:
        pair = table.request_ids[pin.request], table.household_ids[pin.household]
        row = inputs.decision_rows.get(pair)  # None for a pin of a what-if, which no table holds
        fix = "Undo the choice, or mend what stands in its way."
        faults.append(wrong_cell("decisions", row, "decision", "choose", problem, fix))

    chosen = [pin for pin in pins.values() if not pin.confirmed]
    for pin in chosen:
        name = f"{table.request_ids[pin.request]} with {table.household_ids[pin.household]}"
        if pin.held_by is not None:
            fault(pin, f"Screening holds {name} back: {pin.held_by}.")
        pairs = everyone.of(np.array([pin.request]), np.array([pin.household]))
        for place in pin.breaks:
            rule = RULES[place]
            # The reason of a rule on the place would show where a household is whose address may be withheld.
            failing = rule.failing(Case(inputs, pairs, 0, 0))
            reason = rule.sentence if rule.key in WHERE else failing.reason
            fault(pin, f"{name} breaks {rule.key} ({rule.clause}): {reason}")
    held = table.households.take(np.array([pin.household for pin in chosen], np.intp))
    for share in limits.shares(held, policy):
        if share.adds.sum() > share.at_most:
            for pin, adds in zip(chosen, share.adds, strict=True):
                if adds:
                    fault(pin, f"With the other choices it goes over the limit {share.name}.")
    close = []
    for apart in inputs.keep_apart:
        ends = [
            pins.get(table.request_ids.index(r)) for r in (apart.request_id, apart.other_request_id)
        ]
        first, second = ends
        if (
            first
            and second
            and miles_apart(table, first.household, second.household) < apart.min_miles
        ):
            if first.confirmed and second.confirmed:
                close.append((apart.request_id, apart.other_request_id))
            else:
                pin = second if first.confirmed else first
                fault(
                    pin,
                    f"{apart.request_id} and {apart.other_request_id} must be kept "
                    f"{apart.min_miles:g} miles apart.",
                )
    if faults:
        raise WrongInput(faults)
    return tuple(close)


def miles_apart(table: Columns, one: int, other: int) -> float:
    """How far two households are from each other, NaN where a place is not known."""
    h = table.households
    return float(miles(h.easting[one], h.northing[one], h.easting[other], h.northing[other]))


def kept_apart(inputs: Inputs, table: Columns) -> list[tuple[int, int, float]]:
    """Each pair of requests that must be kept apart, from both sides."""
    at = {name: row for row, name in enumerate(table.request_ids)}
    found = [(at[k.request_id], at[k.other_request_id], k.min_miles) for k in inputs.keep_apart]
    return [*found, *((other, row, least) for row, other, least in found)]
