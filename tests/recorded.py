"""Small rounds and decisions to record; light, as processes that are killed import it too."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from matcher.intake.rows import Decision

NOW = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)


def a_round(title: str = "one", household: str | None = "H1") -> bytes:
    """The least of a round.json that a history reads."""
    proposal = None if household is None else {"household_id": household, "fit": 80.0, "rank": 1, "starts_on": "2026-12-07", "pinned": False}  # fmt: skip
    return json.dumps(
        {
            "round": {
                "as_of": "2026-11-23",
                "title": title,
                "version": "0.1.0",
                "policy": {"name": "p", "version": "1", "sha256": "ab", "changed": {}},
                "input_sha256": "cd",
                "top": 20,
            },
            "counts": {"requests": 1, "matchable": 1, "proposed": 1, "unplaced": 0},
            "requests": [{"request_id": "R1", "proposal": proposal}],
        }
    ).encode()


def a_decision(household: str = "H1", **values: Any) -> Decision:
    row = {
        "request_id": "R1",
        "household_id": household,
        "decision": "declined_by_carer",
        "decided_on": date(2026, 11, 20),
        "reason": "capacity",
        "decided_by": "supervising social worker",
        "note": "a free text",
    }
    return Decision(**(row | values))
