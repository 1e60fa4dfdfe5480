"""Facts, then words: what a sentence rests on goes through JSON and says the same again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from math import nan

import numpy as np
import pytest

from matcher.policy.facts import Wording


@dataclass(frozen=True)
class SomeCase:
    values: dict[str, object]

    def fact(self, name: str) -> object:
        return self.values[name]


def _sentence(
    bedrooms: int,
    miles: float | None,
    free_on: date | None,
    lacks: tuple[str, ...],
    dated: tuple[tuple[str, date], ...],
    value: float,
) -> str:
    return f"{bedrooms!r} {miles!r} {free_on!r} {lacks!r} {dated!r} {value!r}"


WORDING = Wording.of(_sentence, "value")
DAY = date(2026, 12, 4)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"bedrooms": 2.0, "miles": np.float64(3.2), "free_on": float(DAY.toordinal()),
             "lacks": ("babies",), "dated": (("visit", DAY),)},
            f"2 3.2 {DAY!r} ('babies',) (('visit', {DAY!r}),) 0.5",
        ),
        (
            {"bedrooms": 0, "miles": nan, "free_on": nan, "lacks": (), "dated": ()},
            "0 None None () () 0.5",
        ),
    ],
)  # fmt: skip
def test_facts_say_the_same_after_a_file(values, said):
    facts = json.loads(json.dumps(WORDING.read(SomeCase(values))))
    assert WORDING.say(facts, value=0.5) == said


def test_what_is_given_is_no_fact():
    assert list(WORDING.types) == ["bedrooms", "miles", "free_on", "lacks", "dated"]
