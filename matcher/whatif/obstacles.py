"""What alone keeps families from households: a rule, as it is recorded or as nobody has asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from matcher.eligibility import failed_bits, rules_of
from matcher.policy.in_force import rules_by_key, rules_in_force
from matcher.policy.settings import Policy
from matcher.rounds import SolvedRound, household_pairs
from matcher.words import label

MOST_PAIRS = 2_000  # of which it is looked at one by one whether the obstacle is recorded


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A rule that by itself rules out pairs of these families and households.

    `known` says that the data record it, False that nobody has asked; None where so many pairs are
    concerned that the two are not told apart, nor the households named.
    """

    rule: str
    known: bool | None
    request_ids: tuple[str, ...]
    household_ids: tuple[str, ...]
    pairs: int

    def words(self, policy: Policy) -> str:
        """What the households are, to follow 'households'."""
        return obstacle_words(self.rule, self.known, policy)


def obstacle_words(key: str, known: bool | None, policy: Policy) -> str:
    """What a household is that fails a rule, as it is recorded (known), or not known.

    A rule that the policy doesn't know, of a round of another policy, is called by its key.
    """
    rule = rules_by_key(policy).get(key)
    if rule is None:
        return f"that fail {label(key)}"
    return {True: rule.lack_recorded, False: rule.lack_not_known, None: rule.lack}[known]


def obstacles(solved: SolvedRound, rows: Iterable[int]) -> tuple[Obstacle, ...]:
    """The rules that alone stand between these requests and a household, most pairs first."""
    prepared, asked = solved.prepared, list(rows)
    number = prepared.screened.blocked_alone[asked]
    if number.sum() > MOST_PAIRS:
        return _counted(solved, asked)
    everyone = prepared.columns.households.row
    alone: list[tuple[int, int, int]] = []
    for row in (row for row, some in zip(asked, number, strict=True) if some.any()):
        bits = failed_bits(household_pairs(prepared, row, everyone))[0]
        one = np.flatnonzero(np.bitwise_count(bits) == 1)
        alone += [(row, home, rules_of(int(bits[home]))[0]) for home in one.tolist()]
    rules = rules_in_force(prepared.policy)
    found: dict[tuple[int, bool], list[tuple[str, str]]] = defaultdict(list)
    for row, home, place in alone:
        case = prepared.pair(row, home)
        known = rules[place].failing(case).known
        found[place, known].append(case.ids)
    made = [
        Obstacle(
            rules[place].key,
            known,
            tuple(dict.fromkeys(request for request, _ in some)),
            tuple(sorted({home for _, home in some})),
            len(some),
        )
        for (place, known), some in found.items()
    ]
    return _in_order(made, prepared.policy)


def _counted(solved: SolvedRound, rows: list[int]) -> tuple[Obstacle, ...]:
    """The same by counts alone, where there are too many pairs to look at each."""
    ids, number = solved.prepared.columns.request_ids, solved.prepared.screened.blocked_alone[rows]
    made = []
    rules = rules_in_force(solved.prepared.policy)
    for rule, counts in zip(rules, number.T, strict=True):
        if counts.any():
            families = tuple(ids[row] for row, some in zip(rows, counts, strict=True) if some)
            made.append(Obstacle(rule.key, None, families, (), int(counts.sum())))
    return _in_order(made, solved.prepared.policy)


def _in_order(made: Iterable[Obstacle], policy: Policy) -> tuple[Obstacle, ...]:
    order = [rule.key for rule in rules_in_force(policy)]
    return tuple(sorted(made, key=lambda e: (-e.pairs, order.index(e.rule), not e.known)))
