"""What a week costs in parent and child fostering and in a residential family centre, as ranges."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from matcher.shipped import shipped_table


@dataclass(frozen=True, slots=True)
class WeeklyCost:
    """£ a week: a middle figure, its range, where it is from and why the range is so."""

    value: int
    low: int
    high: int
    unit: str
    source: str
    why: str


@cache
def weekly_costs() -> dict[str, WeeklyCost]:
    """The cost of a week in `fostering` and in `residential` care, of `data/costs.toml`."""
    return {name: WeeklyCost(**found) for name, found in shipped_table("costs.toml").items()}


def difference(weeks: float) -> tuple[float, float, float]:
    """What so many weeks cost more in a centre than with carers, in £: low, middle, high.

    The low end holds the cheapest centre against the dearest fostering, and is not below 0.
    """
    costs = weekly_costs()
    home, centre = costs["fostering"], costs["residential"]
    low = max(centre.low - home.high, 0)
    return weeks * low, weeks * (centre.value - home.value), weeks * (centre.high - home.low)
