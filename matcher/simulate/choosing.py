"""Ways to choose in a week: first come first served, best pair first, the round's optimum, looking ahead."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from matcher.model import Mask, Numbers
from matcher.policy.pairs import DAYS_PER_WEEK
from matcher.simulate.stays import stays
from matcher.simulate.world import Families, arrivals, running
from matcher.simulate.year import Choose, Week
from matcher.solve import solve
from matcher.solve.packing import Packing
from matcher.solve.problem import UNPLACED, Aim, Indices, Problem


def first_come(week: Week) -> list[int]:
    """Families in the order in which they came, each with the best household still free."""
    return _in_turn(week, np.lexsort((week.home, -week.value, week.family)))


def best_pair(week: Week) -> list[int]:
    """The best pair of all, then the best of what is left, and so on."""
    return _in_turn(week, np.lexsort((week.home, week.family, -week.value)))


def _in_turn(week: Week, order: Iterable[int]) -> list[int]:
    """Pairs in an order, each where neither side is taken; ids fall in the order of arrival."""
    families, homes, chosen = set[int](), set[int](), []
    for pair in order:
        who, where = int(week.family[pair]), int(week.home[pair])
        if who not in families and where not in homes:
            families.add(who)
            homes.add(where)
            chosen.append(int(pair))
    return chosen


def weekly_optimum(week: Week) -> list[int]:
    """The proven optimum of the week's round, by the aims of the contract in their order.

    A need that has come is 'today', all others 'more than 5 days': a week is the least step here.
    """
    world, families = week.world, week.world.families
    kind = families.kind
    homes = world.copy_of[week.home]
    now = (families.needed <= week.week).astype(np.int64)
    soonest = world.model.rates["horizon_days"] - DAYS_PER_WEEK * (families.needed - week.week)
    aims = (
        Aim("today", now[week.open], of_request=True),
        Aim("more_than_5_days", 1 - now[week.open], of_request=True),
        Aim("relationship", world.model.relationship[kind[week.family], homes], of_request=False),
        Aim("needed_soonest", np.maximum(soonest, 0).astype(np.int64)[week.open], of_request=True),
        Aim("fit", world.model.fit[kind[week.family], homes], of_request=False),
    )
    return _chosen(week, np.arange(len(week.family)), aims)


def _chosen(week: Week, pairs: Indices, aims: tuple[Aim, ...]) -> list[int]:
    """The places of the pairs of an optimum among some of the week's pairs."""
    rows = np.searchsorted(week.open, week.family[pairs])
    problem = Problem(len(week.open), len(week.world.copy_of), rows, week.home[pairs], aims)
    found = solve(problem).household
    if (found == UNPLACED).all():
        return []
    return [int(pairs[edge]) for edge in problem.edges(found)]


def look_ahead(seed: int = 0) -> Choose:
    """Choose with prices: what a household's weeks are worth to those who may still come.

    Each week some futures are drawn from the model, with the families known today who would wait.
    In each, the duals of the packing price every household's weeks, and what waiting is worth to
    each family. A pair is proposed for what it gains over both; families who gain more by waiting
    wait. The futures come of the model and the seed, never of the year that is lived.
    """

    def choose(week: Week) -> list[int]:
        if not len(week.family):
            return []
        prices, waits = _priced(week, seed)
        model, kind = week.world.model, week.world.families.kind
        stay = model.stay[kind[week.family]]
        total = running(prices)
        cost = total[week.home, week.start + stay] - total[week.home, week.start]
        gain = np.rint(week.value - cost - waits[week.family]).astype(np.int64)
        # To wait risks a refusal too late to ask another: a tie is a reason to ask today.
        gain += round(
            model.rates["decline"] * float(model.worth.max(initial=0)) * model.rates["urge"]
        )
        good = np.flatnonzero(gain > 0)
        return _chosen(week, good, (Aim("gain", gain[good], of_request=False),))

    return choose


def _priced(week: Week, seed: int) -> tuple[Numbers, Numbers]:
    """The mean price of every household's weeks, and what waiting a week is worth to each family."""
    world, model = week.world, week.world.model
    many, far = int(model.rates["futures"]), int(model.rates["horizon"])
    end = min(week.week + 1 + far, model.weeks)
    prices = np.zeros((len(world.copy_of), world.weeks + 1))
    waits = np.zeros(len(world.families.kind))
    open_ = week.open
    for future in range(many):
        drawn = np.random.Generator(np.random.PCG64([1, seed, world.seed, week.week, future]))
        come = arrivals(model, drawn, week.week + 1, end)
        inside = come.last < model.weeks
        of_both = zip(vars(world.families).values(), vars(come).values(), strict=True)
        both = Families(*(np.concatenate([a[open_], b[inside]]) for a, b in of_both))
        no = np.zeros((len(both.kind), len(world.copy_of)), bool)
        no[: len(open_)] = week.said_no[open_]
        packing = _packing(week, both, no)
        items, homes = packing.prices()
        prices += homes / many
        waits[open_] += items[: len(open_)] / many
    return prices, waits


def _packing(week: Week, families: Families, no: Mask) -> Packing:
    """Families that are decided from next week on, in what is free, as far as is known today."""
    world = week.world
    known = world.comes <= week.week
    eligible = world.model.eligible[families.kind][:, world.copy_of] & ~no & known
    may = world.present & known[:, None]
    return stays(world.model, world.copy_of, families, eligible, may, week.busy, week.week + 1)
