"""How near two people's ethnicities are to each other, by the DfE's groups."""

from __future__ import annotations

from matcher.policy.settings import Policy
from matcher.shipped import broad_groups

HALVES = {
    "MWBC": ("White", "Black"),
    "MWBA": ("White", "Black"),
    "MWAS": ("White", "Asian"),
}


def nearness(one: str, other: str, policy: Policy) -> float:
    """1 for the same code, less for the same broad group or half of a mixed one, else 0."""
    groups = broad_groups()
    if one not in groups or other not in groups:
        return 0.0
    if one == other:
        return 1.0
    half = groups[other] in HALVES.get(one, ()) or groups[one] in HALVES.get(other, ())
    return max(
        policy.number("ethnicity.same_group") if groups[one] == groups[other] else 0.0,
        policy.number("ethnicity.mixed_half") if half else 0.0,
    )
