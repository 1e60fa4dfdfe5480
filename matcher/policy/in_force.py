"""The hard rules of a policy: those written in code that are on, then the council's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from matcher.policy.criteria import WHERE
from matcher.policy.forms import Rule
from matcher.policy.local import LocalRule
from matcher.policy.local_rules import as_rule
from matcher.policy.rules import RULES
from matcher.policy.settings import Policy


def rules_in_force(policy: Policy) -> tuple[Rule, ...]:
    """The rules that a pair has to meet, in reading order: bit k of a set stands for the k-th."""
    return _in_force(RULES, policy.local_rules, policy.rules_off)


def rules_by_key(policy: Policy) -> Mapping[str, Rule]:
    """Every rule that words may be about, by its key, whether it is on or off."""
    return _by_key(RULES, policy.local_rules)


def rules_that_tell_place(policy: Policy) -> frozenset[str]:
    """The keys of the rules and criteria whose facts say where a household is."""
    own = (rule.name for rule in policy.local_rules if as_rule(rule).tells_place)
    return frozenset((*WHERE, *own))


@cache
def _in_force(
    written: tuple[Rule, ...], own: tuple[LocalRule, ...], off: frozenset[str]
) -> tuple[Rule, ...]:
    return tuple(rule for rule in _by_key(written, own).values() if rule.key not in off)


@cache
def _by_key(written: tuple[Rule, ...], own: tuple[LocalRule, ...]) -> Mapping[str, Rule]:
    every = (*written, *map(as_rule, own))
    return MappingProxyType({rule.key: rule for rule in every})
