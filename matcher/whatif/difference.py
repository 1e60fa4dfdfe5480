"""What a scenario would change: two solved rounds side by side."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from matcher.eligibility import failed_bits, rules_failed
from matcher.policy.aims import aim_of
from matcher.policy.forms import Rule
from matcher.policy.in_force import rules_in_force
from matcher.privacy import hidden_ids, told_totals
from matcher.rounds import Prepared, SolvedRound
from matcher.solve.problem import UNPLACED


@dataclass(frozen=True, slots=True)
class Move:
    """A family that ends elsewhere; None is no household.

    `asked` is false where it is not asked then, and `held` is what screening then says of it.
    """

    request_id: str
    left: str | None
    to: str | None
    asked: bool = True
    held: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A household that becomes eligible for a family, with the rules that it failed before."""

    request_id: str
    household_id: str
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Binding:
    """How many pairs a rule rules out, and how many it alone does, now and then.

    Counted over the families that take part in both rounds.
    """

    rule: str
    clause: str
    now: int
    then: int
    alone_now: int
    alone_then: int

    @property
    def stops(self) -> bool:
        """Whether it alone no longer keeps any family from any household."""
        return self.alone_now > 0 and self.alone_then == 0


@dataclass(frozen=True)
class Difference:
    """A scenario's round beside today's, each the best for its own data and policy.

    `touched` are the households that the scenario names, and `said` is what it changes in words.
    `internal` shows the whole fit, also where it rests on where a hidden household is; `before` is what
    sentences call the first of the two.
    """

    name: str
    now: SolvedRound
    then: SolvedRound
    touched: tuple[str, ...] = ()
    said: str = ""
    internal: bool = False
    before: str = "today"

    @cached_property
    def aims(self) -> dict[str, tuple[int, int]]:
        """Each aim that counts in both, now and then, in today's order of precedence."""
        now, then = map(self._totals, (self.now, self.then))
        return {key: (now[key], then[key]) for key in now if key in then}

    def _totals(self, solved: SolvedRound) -> dict[str, int]:
        if self.internal:
            return dict(zip(solved.prepared.aims, solved.totals, strict=True))
        return told_totals(solved, self._hidden)

    @cached_property
    def _hidden(self) -> frozenset[str]:
        """The households that are hidden now or then."""
        return hidden_ids(self.now.prepared) | hidden_ids(self.then.prepared)

    @cached_property
    def counted_otherwise(self) -> list[str]:
        """The aims whose two values do not compare, as the policy counts them in another way."""
        now, then = (each.prepared.policy.values for each in (self.now, self.then))
        changed = [key for key in {**now, **then} if now.get(key) != then.get(key)]
        return [
            key
            for key in self.aims
            if any(setting.startswith(aim_of(key).settings) for setting in changed)
        ]

    @cached_property
    def placed(self) -> tuple[int, int]:
        """How many families have a household, now and then."""
        now, then = (int((each.household != UNPLACED).sum()) for each in (self.now, self.then))
        return now, then

    @cached_property
    def waiting(self) -> tuple[int, int]:
        """How many families wait, now and then; those that screening holds back do not count."""
        found = []
        for each in (self.now, self.then):
            rows = np.flatnonzero(each.household == UNPLACED).tolist()
            found.append(sum(each.prepared.matchable(row) for row in rows))
        return found[0], found[1]

    @cached_property
    def moves(self) -> list[Move]:
        """The families that end elsewhere, by id."""
        now, then = _homes(self.now), _homes(self.then)
        held = dict(
            zip(self.then.prepared.columns.request_ids, self.then.prepared.outcomes, strict=True)
        )
        return [
            Move(name, now.get(name), then.get(name), name in then, held.get(name))
            for name in sorted({*now, *then})
            if now.get(name) != then.get(name) or (name in now) != (name in then)
        ]

    @cached_property
    def opened(self) -> list[Opened]:
        """The pairs that become eligible, of families that are asked in both rounds."""
        return _newly(self.now, self.then)

    @cached_property
    def shut(self) -> list[Opened]:
        """The pairs that are no longer eligible, with the rules that they would fail."""
        return _newly(self.then, self.now)

    @cached_property
    def still(self) -> list[Opened]:
        """The households that the scenario names and no family can have, each with the nearest."""
        then = self.then.prepared
        rows = [r for r in range(len(then.columns.request_ids)) if then.matchable(r)]
        found = []
        for name in self.touched:
            household_index = then.household_at[name]
            if not rows or household_index in then.pinned_households:
                continue
            bits = failed_bits(then.everyone.of(np.array(rows), np.array([household_index])))[:, 0]
            fails = np.bitwise_count(bits)
            if fails.min() > 0:
                nearest = int(fails.argmin())
                keys = tuple(rule.key for rule in rules_failed(int(bits[nearest]), then.policy))
                found.append(Opened(then.columns.request_ids[rows[nearest]], name, keys))
        return found

    @cached_property
    def rules(self) -> list[Binding]:
        """The rules that rule out more or fewer pairs than now, in reading order."""
        now_counts, then_counts = (self._counts(one, other) for one, other in self._sides())
        rules = {rule.key: rule for each in (now_counts, then_counts) for rule in each}
        found = []
        for rule in rules.values():
            now, alone_now = now_counts.get(rule, (0, 0))
            then, alone_then = then_counts.get(rule, (0, 0))
            if (now, alone_now) != (then, alone_then):
                found.append(Binding(rule.key, rule.clause, now, then, alone_now, alone_then))
        return found

    def _sides(self) -> tuple[tuple[SolvedRound, SolvedRound], tuple[SolvedRound, SolvedRound]]:
        return (self.now, self.then), (self.then, self.now)

    @staticmethod
    def _counts(one: SolvedRound, other: SolvedRound) -> dict[Rule, tuple[int, int]]:
        """For each rule the pairs that it rules out, and alone, of families in both rounds."""
        places = {name: row for row, name in enumerate(other.prepared.columns.request_ids)}
        rows = [
            row
            for row, name in enumerate(one.prepared.columns.request_ids)
            if one.prepared.matchable(row)
            and name in places
            and other.prepared.matchable(places[name])
        ]
        blocked = one.prepared.screened.blocked[rows].sum(axis=0)
        alone = one.prepared.screened.blocked_alone[rows].sum(axis=0)
        both = zip(blocked.tolist(), alone.tolist(), strict=True)
        return dict(zip(rules_in_force(one.prepared.policy), both, strict=True))


def _homes(solved: SolvedRound) -> dict[str, str | None]:
    """The household of each request, None where it has none."""
    names = solved.prepared.columns.household_ids
    return {
        request: None if household_index == UNPLACED else names[household_index]
        for request, household_index in zip(
            solved.prepared.columns.request_ids, solved.household.tolist(), strict=True
        )
    }


def _newly(before: SolvedRound, after: SolvedRound) -> list[Opened]:
    """The pairs that are eligible in one round and not in the other, of requests in both."""
    old, new = before.prepared, after.prepared
    names, homes = new.columns.request_ids, new.columns.household_ids
    rows = {name: row for row, name in enumerate(old.columns.request_ids)}
    place = np.array([old.household_at.get(name, UNPLACED) for name in homes], np.intp)
    fresh = list[tuple[int, int]]()
    for at, name in enumerate(names):
        if name not in rows or not new.matchable(at):
            continue
        now = new.screened.household[new.screened.edges_of(at)]
        was = old.screened.household[old.screened.edges_of(rows[name])]
        if np.array_equal(place[now], was):
            continue
        eligible = np.zeros(len(old.household_at) + 1, bool)  # the last: not there
        eligible[was] = True
        fresh += [(at, home) for home in now[~eligible[place[now]]].tolist()]
    known = [(rows[names[at]], int(place[home])) for at, home in fresh if place[home] != UNPLACED]
    failed = _failed(old, known)
    found = []
    for at, home in fresh:
        bits = failed.get((rows.get(names[at], UNPLACED), int(place[home])), 0)
        keys = tuple(rule.key for rule in rules_failed(bits, old.policy))
        found.append(Opened(names[at], homes[home], keys))
    return found


def _failed(prepared: Prepared, pairs: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """The rules that some pairs fail, as bits, looked at by household or by request, whichever are fewer."""
    by_household = len({home for _, home in pairs}) < len({row for row, _ in pairs})
    groups = defaultdict[int, list[tuple[int, int]]](list)
    for pair in pairs:
        groups[pair[by_household]].append(pair)
    found = dict[tuple[int, int], int]()
    for some in groups.values():
        rows, homes = (np.unique(side) for side in zip(*some, strict=True))
        bits = failed_bits(prepared.everyone.of(rows, homes)).ravel().tolist()
        found |= zip(sorted(some), bits, strict=True)
    return found
