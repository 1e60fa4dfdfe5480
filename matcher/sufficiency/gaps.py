"""The structure of the gap: groups that together are short of homes, and the rules that bind.

Sources: P. Hall, On representatives of subsets (1935), for when all can be placed; A. L. Dulmage and
N. S. Mendelsohn, Coverings of bipartite graphs (1958), for the part that cannot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from matcher.eligibility import RuleBits, bits_of, failed_bits, no_bits, rules_of
from matcher.model import Indices
from matcher.policy.in_force import rules_in_force
from matcher.rounds import Prepared, SolvedRound
from matcher.whatif.obstacles import MOST_PAIRS

PAIRS_PER_BLOCK = 1 << 19
FEW_PAIRS = 5


@dataclass(frozen=True, slots=True)
class Group:
    """Families that share too few homes: `short` of them wait, whatever is chosen.

    The households are all that any family of the group can use; there may be none.
    """

    request_ids: tuple[str, ...]
    household_ids: tuple[str, ...]
    short: int


@dataclass(frozen=True, slots=True)
class Lifted:
    """One rule or two, by key, and how many more families a largest matching places without them.

    It counts families, not their fit or urgency. `opened` is the number of pairs that fail these
    rules and no other.
    """

    rules: tuple[str, ...]
    more: int
    opened: int


@dataclass(frozen=True, slots=True)
class Idle:
    """A household that no family of the round can use, with the keys of the rules behind it.

    Where `closed`, these are all the rules on the household alone that it fails. Else it is the one
    rule that rules out most families, the earlier of equals; none where no family can be matched.
    `known` says of each whether the data record it; None where so many households are idle that it
    is not looked at one by one.
    """

    household_id: str
    closed: bool
    rules: tuple[str, ...]
    known: tuple[bool | None, ...]


def taking_part(prepared: Prepared) -> Indices:
    """The places of the requests that can be matched and are not pinned."""
    part = [row for row in prepared.matchable_rows if row not in prepared.pins]
    return np.array(part, np.intp)


def over_demanded(solved: SolvedRound) -> tuple[Group, ...]:
    """The groups of families with fewer eligible households than they need, most short first.

    It is the part of the graph of eligible pairs that alternating paths reach from a family that a
    largest matching leaves out; that part is the same for each largest matching. Limits on shares
    and families to keep apart are not in it. Families held in screening and pinned pairs are out.
    """
    import networkx

    prepared = solved.prepared
    rows = taking_part(prepared).tolist()
    requests = [("request", row) for row in rows]
    problem = prepared.problem
    graph: Any = networkx.Graph()
    graph.add_nodes_from(requests)
    graph.add_edges_from(
        (("request", row), ("household", home))
        for row, home in zip(problem.request.tolist(), problem.household.tolist(), strict=True)
    )
    partner: dict[Any, Any] = networkx.bipartite.hopcroft_karp_matching(graph, requests)
    reached = {node for node in requests if node not in partner}
    ahead = sorted(reached)
    while ahead:
        for home in graph.neighbors(ahead.pop()):
            if home not in reached:
                reached |= {home, partner[home]}
                ahead.append(partner[home])
    parts = networkx.connected_components(graph.subgraph(reached))
    groups = [_group(prepared, part) for part in parts]
    return tuple(sorted(groups, key=lambda each: (-each.short, each.request_ids)))


def _group(prepared: Prepared, part: set[tuple[str, int]]) -> Group:
    names = prepared.columns
    requests = sorted(names.request_ids[at] for kind, at in part if kind == "request")
    homes = sorted(names.household_ids[at] for kind, at in part if kind == "household")
    return Group(tuple(requests), tuple(homes), len(requests) - len(homes))


def most_placed(request: Indices, household: Indices, shape: tuple[int, int]) -> int:
    """The size of a largest matching of edges (n,), (n,) of so many requests and households."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    if not len(request):
        return 0
    graph = csr_array((np.ones(len(request), np.int8), (request, household)), shape=shape)
    found = maximum_bipartite_matching(graph, perm_type="column")
    return int(np.count_nonzero(found >= 0))


def lifted(
    solved: SolvedRound, pairs: int = FEW_PAIRS
) -> tuple[tuple[Lifted, ...], tuple[Lifted, ...]]:
    """What binds: each rule alone that blocks some pair by itself, and the best so many pairs of rules.

    Best first. A pair of rules is listed where it places more than the better of the two alone. A
    counterfactual to see which rule binds, never a suggestion to break one.
    """
    prepared = solved.prepared
    shape = (len(prepared.columns.request_ids), len(prepared.columns.household_ids))
    problem = prepared.problem
    request, household, bits = _near(prepared)
    rules = rules_in_force(prepared.policy)
    now = most_placed(problem.request, problem.household, shape)

    def without(places: tuple[int, ...]) -> Lifted:
        mask = bits_of(places, bits)
        opened = (bits & ~mask) == 0
        then = most_placed(
            np.concatenate([problem.request, request[opened]]),
            np.concatenate([problem.household, household[opened]]),
            shape,
        )
        keys = tuple(rules[place].key for place in places)
        return Lifted(keys, then - now, int(np.count_nonzero(opened)))

    of_pair = sorted({tuple(rules_of(each)) for each in np.unique(bits).tolist()})
    alone = [without(each) for each in of_pair if len(each) == 1]
    more = {each.rules[0]: each.more for each in alone}
    places = sorted({place for each in of_pair for place in each})
    both = [without(each) for each in combinations(places, 2)]
    both = [each for each in both if each.more > max(more.get(key, 0) for key in each.rules)]
    best = sorted(both, key=lambda each: (-each.more, each.opened))
    return tuple(sorted(alone, key=lambda each: -each.more)), tuple(best[:pairs])


def _near(prepared: Prepared) -> tuple[Indices, Indices, RuleBits]:
    """The pairs that fail one rule or two, with the bits of these: three arrays (n,)."""
    free = np.ones(len(prepared.columns.household_ids), bool)
    free[list(prepared.pinned_households)] = False
    requests, households = [np.zeros(0, np.intp)], [np.zeros(0, np.intp)]
    bits = [no_bits(0, prepared.policy)]
    for rows, failed in _blocks(prepared, taking_part(prepared)):
        number = np.bitwise_count(failed)
        at, homes = np.nonzero((number > 0) & (number <= 2) & free)
        requests.append(rows[at])
        households.append(homes)
        bits.append(failed[at, homes])
    return np.concatenate(requests), np.concatenate(households), np.concatenate(bits)


def _blocks(prepared: Prepared, rows: Indices) -> Iterator[tuple[Indices, RuleBits]]:
    """Some families at a time against every household, with the bits of the rules failed."""
    step = max(1, PAIRS_PER_BLOCK // max(len(prepared.columns.household_ids), 1))
    for first in range(0, len(rows), step):
        some = rows[first : first + step]
        yield some, failed_bits(prepared.everyone.of(some))


def idle(solved: SolvedRound) -> tuple[Idle, ...]:
    """The households, in order of id, that are eligible for no family that can be matched.

    One that is occupied, or of a pinned pair, is in use and left out.
    """
    prepared, inputs = solved.prepared, solved.prepared.inputs
    names = prepared.columns.household_ids
    occupied = {home for home, what in inputs.occupancy.items() if what.lives} | inputs.held.keys()
    used = np.array([name in occupied for name in names], bool)
    used[list(prepared.pinned_households)] = True
    rules = rules_in_force(prepared.policy)
    blocked = np.zeros((len(names), len(rules)), np.int64)
    for _, failed in _blocks(prepared, np.array(prepared.matchable_rows, np.intp)):
        used |= (failed == 0).any(axis=0)
        for place in range(len(rules)):
            blocked[:, place] += np.count_nonzero(failed & bits_of((place,), failed), axis=0)
    found = []
    homes = np.flatnonzero(~used).tolist()
    for home in homes:
        places = rules_of(int(prepared.screened.closed[home]))
        closed = bool(places)
        if not closed:
            most = int(blocked[home].argmax())
            places = [most] if blocked[home, most] else []
        few = len(homes) <= MOST_PAIRS
        known = tuple(_is_known(prepared, home, place) if few else None for place in places)
        found.append(Idle(names[home], closed, tuple(rules[each].key for each in places), known))
    return tuple(found)


def _is_known(prepared: Prepared, home: int, place: int) -> bool | None:
    """Whether the data record that a household fails a rule, for the first family that meets it."""
    for row in prepared.matchable_rows or range(len(prepared.columns.request_ids)):
        case = prepared.pair(row, home)
        if int(failed_bits(case.pairs)[0, 0]) >> place & 1:
            return rules_in_force(prepared.policy)[place].failing(case).known
    return None


def carried(solved: SolvedRound) -> dict[str, int]:
    """How many families of the round each household that is proposed could take, most first."""
    prepared = solved.prepared
    names = prepared.columns.household_ids
    taking_part = np.isin(prepared.screened.request, prepared.matchable_rows)
    places = prepared.screened.household[taking_part]
    numbers = np.bincount(places, minlength=len(names))
    held = sorted(int(home) for home in solved.holder)
    return {
        names[at]: int(numbers[at]) for at in sorted(held, key=lambda at: (-numbers[at], names[at]))
    }


def essential(solved: SolvedRound) -> tuple[str, ...]:
    """The households without any one of which fewer families could be placed, in order of id.

    A household can be done without where an alternating path leads to it from one that a largest
    matching leaves over. Pinned pairs, limits and families to keep apart are not in it.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    prepared, problem = solved.prepared, solved.prepared.problem
    if not len(problem.request):
        return ()
    names = prepared.columns.household_ids
    shape = (len(prepared.columns.request_ids), len(names))
    graph = csr_array(
        (np.ones(len(problem.request), np.int8), (problem.request, problem.household)), shape=shape
    )
    home_of = maximum_bipartite_matching(graph, perm_type="column")
    taken = np.zeros(len(names), bool)
    taken[home_of[home_of >= 0]] = True
    asked_by = graph.T.tocsr()
    spare = ~taken
    seen = np.zeros(len(home_of), bool)
    ahead: Indices = np.flatnonzero(spare)
    while len(ahead):
        rows = np.unique(asked_by[ahead].indices)
        rows = rows[~seen[rows] & (home_of[rows] >= 0)]
        seen[rows] = True
        ahead = home_of[rows]
        spare[ahead] = True
    return tuple(names[at] for at in np.flatnonzero(taken & ~spare))
