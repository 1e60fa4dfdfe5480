"""Each hard rule is switched off in turn: the tests of that rule must notice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import test_rules
from matcher.policy.forms import Rule
from matcher.policy.pairs import Pairs
from matcher.policy.rules import RULES


def notices(rule: Rule, folder: Path) -> bool:
    """Whether any row of the rule's own table fails."""
    for at, row in enumerate(test_rules.TABLES.get(rule.key, [])):
        try:
            test_rules.test_a_rule_at_its_edge(folder / str(at), row)
        except AssertionError:
            return True
    return False


def switch_off(rule: Rule, met: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answer for every pair, in the shape that the rule has."""
    asked = rule.met

    def same(pairs: Pairs) -> np.ndarray:
        return np.full_like(asked(pairs), met)

    monkeypatch.setattr(rule, "met", same)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.key)
@pytest.mark.parametrize("met", [True, False], ids=["everybody passes", "nobody passes"])
def test_a_rule_that_is_switched_off_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: Rule, met: bool
) -> None:
    switch_off(rule, met, monkeypatch)  # as it is, its table passes in test_rules
    assert notices(rule, tmp_path), f"no test of {rule.key} notices"


def test_a_rule_without_a_table_is_noticed_by_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = RULES[0]
    switch_off(rule, True, monkeypatch)
    monkeypatch.delitem(test_rules.TABLES, rule.key)
    assert not notices(rule, tmp_path)
