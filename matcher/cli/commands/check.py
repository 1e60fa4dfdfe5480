"""Read the input and name every fault in it, with the mend."""

from __future__ import annotations

from matcher import loading, rounds
from matcher.cli.given import Data, Given, command


@command("matcher check data/samples/camden")
def check(given: Given, data: Data) -> None:
    """Read the input and name every fault in it, with the mend."""
    inputs, policy = loading.load(data, given.as_of, given.policy)
    rounds.prepare(inputs, policy)
    record = {
        "errors": [],
        "warnings": [fault.record() for fault in inputs.warnings],
        "requests": len(inputs.requests),
        "households": len(inputs.households),
    }
    lines = [
        *(fault.sentence() for fault in inputs.warnings),
        f"No faults. {len(inputs.requests)} open requests, {len(inputs.households)} households, "
        f"{len(inputs.warnings)} warnings.",
    ]
    given.answer("check", lines, record)
