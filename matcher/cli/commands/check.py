"""Read the input and name every fault in it, with the mend."""

from __future__ import annotations

from matcher import loading, rounds
from matcher.cli.given import Data, Given, command
from matcher.words import count


@command("matcher check data/samples/camden")
def check(given: Given, data: Data) -> None:
    """Read the input and name every fault in it, with the mend, and every choice that breaks something."""
    inputs, policy = loading.load(data, given.as_of, given.policy)
    warnings = [*inputs.warnings, *rounds.prepare(inputs, policy).held.warnings]
    record = {
        "errors": [],
        "warnings": [fault.record() for fault in warnings],
        "requests": len(inputs.requests),
        "placed": len(inputs.placed),
        "households": len(inputs.households),
    }
    lines = [
        *(f"Warning: {fault.sentence()}" for fault in warnings),
        f"No faults. {count(len(inputs.requests), 'open request')}, {len(inputs.placed)} placed, "
        f"{count(len(inputs.households), 'household')}, {count(len(warnings), 'warning')}.",
    ]
    given.answer("check", lines, record)
