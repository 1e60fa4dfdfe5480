"""The hard rules of a policy: those written in code that are on, in reading order."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from matcher.policy.criteria import WHERE
from matcher.policy.forms import Rule
from matcher.policy.rules import RULES
from matcher.policy.settings import RULE_SWITCH, Policy


def rules_in_force(policy: Policy) -> tuple[Rule, ...]:
    """The rules that a pair has to meet, in reading order: bit k of a set stands for the k-th."""
    off = tuple(
        rule.key for rule in RULES if policy.values.get(f"{RULE_SWITCH}{rule.key}") is False
    )
    return _in_force(RULES, off)


def rules_by_key(policy: Policy) -> Mapping[str, Rule]:
    """Every rule that words may be about, by its key: the written ones, whether on or off."""
    return _by_key(RULES)


def rules_that_tell_place(policy: Policy) -> frozenset[str]:
    """The keys of the rules and criteria whose facts say where a household is."""
    return frozenset(WHERE)


@cache
def _in_force(written: tuple[Rule, ...], off: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(rule for rule in written if rule.key not in off)


@cache
def _by_key(written: tuple[Rule, ...]) -> Mapping[str, Rule]:
    return MappingProxyType({rule.key: rule for rule in written})
