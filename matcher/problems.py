"""The problem of a round for the solver: the pairs to choose among, their values, the limits in play."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Screened
from matcher.fit import Ranked
from matcher.geo import miles
from matcher.intake.inputs import Inputs
from matcher.model import Columns, Households, Indices
from matcher.pins import Pin, kept_apart, miles_apart
from matcher.policy import aims, limits
from matcher.policy.aims import AnyAim, Candidates, PairAim, RequestAim
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy
from matcher.solve.problem import Aim, Conflict, Groups, Limit, Problem, Small


def to_solve(
    in_order: tuple[AnyAim, ...], requests: Pairs, of_edges: Callable[[PairAim], Small]
) -> tuple[Aim, ...]:
    """The aims of a problem: the requests' own of its requests, all others of its edges."""
    return tuple(
        Aim(aim.key, aim.values(requests), of_request=True)
        if isinstance(aim, RequestAim)
        else Aim(aim.key, of_edges(aim), of_request=False)
        for aim in in_order
    )


def earlier_of(table: Columns, kept: Mapping[str, str]) -> dict[int, int]:
    """The household of each request in the round that is kept to, both by row."""
    if not kept:
        return {}
    household_at = {name: at for at, name in enumerate(table.household_ids)}
    rows = enumerate(table.request_ids)
    return {row: household_at[kept[name]] for row, name in rows if name in kept}


def of_edges(aim: PairAim, candidates: Iterable[Candidates]) -> Small:
    """The value of each edge in an aim of the pair: (edges,)."""
    return np.concatenate([np.zeros(0, np.int8), *(aim.values(each) for each in candidates)])


def candidates_of(
    everyone: Pairs,
    request: Small,
    household: Indices,
    fit: Small,
    relationship: Small,
    earlier: dict[int, int],
) -> Iterator[Candidates]:
    """The candidates of each request that has some, of edges sorted by request.

    `earlier` is the household of a request in the round that is kept to.
    """
    ends = np.searchsorted(request, np.arange(everyone.shape[0] + 1, dtype=request.dtype)).tolist()
    for row, (start, end) in enumerate(itertools.pairwise(ends)):
        if start < end:
            edges = slice(start, end)
            yield Candidates(
                everyone,
                row,
                household[edges],
                fit[edges],
                relationship[edges],
                earlier.get(row),
            )


def problem_of(
    inputs: Inputs,
    everyone: Pairs,
    screened: Screened,
    ranked: Ranked,
    pins: dict[int, Pin],
    held: list[bool],
    kept: dict[str, str] | None,
) -> tuple[Problem, Indices]:
    """The pairs among which the solver may choose: pinned sides and held requests are out."""
    table, policy = everyone.columns, everyone.policy
    taken = np.zeros(len(table.household_ids), bool)
    taken[[pin.household for pin in pins.values()]] = True
    taken[np.isin(table.household_ids, [*inputs.held])] = True
    out = np.array(held, bool)
    out[list(pins)] = True
    near = _too_near_a_pin(inputs, table, pins, screened)
    stays = ~(taken[screened.household] | near)
    for row in np.flatnonzero(out).tolist():
        stays[screened.edges_of(row)] = False
    edges = [screened.edges_of(row) for row in range(len(held))]
    left = [np.count_nonzero(stays[each]) for each in edges]
    small = np.min_scalar_type(-1 - len(held))
    request = np.repeat(np.arange(len(held), dtype=small), left)
    household, keep = screened.household[stays], np.arange(len(stays), dtype=np.int32)[stays]
    candidates = [
        *candidates_of(
            everyone,
            request,
            household,
            ranked.fit[keep],
            ranked.relationship[keep],
            earlier_of(table, kept or {}),
        )
    ]

    in_order = aims.in_force(policy, keeps=kept is not None)
    # A chosen pair is proposed too, and uses up its share; a confirmed one is no new proposal.
    chosen = np.array([pin.household for pin in pins.values() if not pin.confirmed], np.intp)
    problem = Problem(
        len(table.request_ids),
        len(table.household_ids),
        request,
        household,
        to_solve(in_order, everyone, lambda aim: of_edges(aim, candidates)),
        tuple(_sums(table.households, policy, chosen, request, household)),
        tuple(_conflicts(inputs, table, request, household)),
        _groups(table.households, policy, chosen, request, household),
    )
    return problem, keep


def _groups(
    h: Households, policy: Policy, chosen: Indices, request: Small, household: Small
) -> Groups | None:
    """The teams that could take on more than they may; None where no team could."""
    teams = limits.teams(h, policy)
    if teams is None:
        return None
    many = len(teams.names)
    left = teams.at_most - np.bincount(teams.of[chosen], minlength=many + 1)[:many]
    asking = np.zeros((int(request.max(initial=-1)) + 1, many + 1), bool)
    asking[request, teams.of[household]] = True
    wanted = np.zeros(len(teams.of), bool)
    wanted[household] = True
    homes = np.bincount(teams.of[wanted], minlength=many + 1)
    short = np.flatnonzero(np.minimum(asking.sum(axis=0), homes)[:many] > left)
    if not len(short):
        return None
    place = np.full(many + 1, len(short))
    place[short] = np.arange(len(short))
    keys, names = ([each[at] for at in short] for each in (teams.names, teams.limits))
    return Groups(tuple(keys), tuple(names), left[short], place[teams.of])


def _sums(
    h: Households, policy: Policy, chosen: Indices, request: Small, household: Small
) -> Iterator[Limit]:
    """The limits on a sum that some choice could go over."""
    for share in limits.weekly_fees.shares(h, policy):
        most = share.at_most - int(share.adds[chosen].sum())
        if _can_bind(share.adds, most, request, household):
            yield Limit(share.name, share.adds[household], most)


def _can_bind(adds: NDArray[np.int64], most: int, request: Small, household: Small) -> bool:
    """Whether some choice could go over a limit: one that can't is not in play."""
    dearest = np.zeros(int(request.max(initial=-1)) + 1, np.int64)
    np.maximum.at(dearest, request, adds[household])
    each_household = adds[np.unique(household)].sum()
    return bool(min(dearest.sum(), each_household) > most)


def _too_near_a_pin(
    inputs: Inputs, table: Columns, pins: dict[int, Pin], screened: Screened
) -> NDArray[np.bool_]:
    """The pairs that keep_apart excludes because the other family is pinned."""
    near = np.zeros(len(screened.household), bool)
    for row, other, least in kept_apart(inputs, table):
        if other in pins and row not in pins:
            edges = screened.edges_of(row)
            for at in range(edges.start, edges.stop):
                household = int(screened.household[at])
                near[at] |= miles_apart(table, household, pins[other].household) < least
    return near


def _conflicts(inputs: Inputs, table: Columns, request: Small, household: Small) -> list[Conflict]:
    found = []
    for one, other, least in kept_apart(inputs, table)[: len(inputs.keep_apart)]:
        mine, theirs = np.flatnonzero(request == one), np.flatnonzero(request == other)
        name = f"keep_apart ({table.request_ids[one]}, {table.request_ids[other]})"
        for edge in mine.tolist():
            h, k = household[edge], household[theirs]
            easting, northing = table.households.easting, table.households.northing
            apart = miles(easting[h], northing[h], easting[k], northing[k])
            if (clash := theirs[(apart < least) & (k != h)]).size:
                found.append(Conflict(name, edge, clash))
    return found
