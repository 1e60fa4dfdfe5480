"""Ways to choose in a week: first come first served, best pair first, the round's optimum, looking ahead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from matcher.ahead.futures import Drawn, future
from matcher.ahead.look import look
from matcher.ahead.scene import Packer, Scene, as_weeks
from matcher.codes import URGENCIES
from matcher.model import Indices
from matcher.policy import aims
from matcher.problems import to_solve
from matcher.simulate.stays import stays
from matcher.simulate.world import Families, arrivals
from matcher.simulate.year import Choose, Week
from matcher.solve import solve
from matcher.solve.packing import Packing
from matcher.solve.problem import UNPLACED, Problem


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
    """The proven optimum of the week's round, by all aims of a round in their order.

    A need that has come is 'today', all others 'more than 5 days': a week is the least step here.
    """
    problem = _problem(week)
    return _chosen(problem, solve(problem).household)


def _problem(week: Week) -> Problem:
    """The plain round of a week."""
    model, families = week.world.model, week.world.families
    homes = week.world.copy_of[week.home]
    ahead = families.needed[week.open] - week.week
    in_order = to_solve(
        aims.in_force(model.families.policy),
        model.asked(families.kind[week.open], ahead),
        lambda aim: model.of_pairs[aim.key][families.kind[week.family], homes],
    )
    rows = np.searchsorted(week.open, week.family)
    return Problem(len(week.open), len(week.world.copy_of), rows, week.home, in_order)


def _chosen(problem: Problem, household: Indices) -> list[int]:
    """The places of the pairs of a choice."""
    return [] if (household == UNPLACED).all() else list(problem.edges(household))


def room_ahead(form: str, seed: int = 0) -> Choose:
    """The week's round that looks ahead, as `matcher round` does with the policy's `ahead.form`.

    It is the round's own code, on futures that are drawn from the model: never those of the year.
    """

    def choose(week: Week) -> list[int]:
        if not len(week.family):
            return []
        problem = _problem(week)
        plain = solve(problem).household
        today = week.world.families.needed[week.open] <= week.week
        everybody = URGENCIES[-1] in aims.AHEAD[form]
        packer = Packer(_scene(week), _drawn(week, seed))
        found = look(problem, plain, (today | everybody) & (plain != UNPLACED), packer, form)
        return _chosen(found.problem, solve(found.problem).household)

    return choose


def _drawn(week: Week, seed: int) -> list[list[Drawn]]:
    """The families of each future, as far as they can start within the year."""
    model, left = week.world.model, week.world.model.weeks - week.week
    weeks = min(1 + int(model.rates["horizon"]), left)
    each = (
        future(model.kinds, (1, seed, week.world.seed, week.week, number), weeks)
        for number in range(int(model.rates["room_futures"]))
    )
    return [[drawn for drawn in some if drawn.last < left] for some in each]


def _scene(week: Week) -> Scene:
    """A week of a year as looking ahead sees it."""
    world, model, now = week.world, week.world.model, week.week
    families, known = world.families, world.comes <= week.week
    kinds = replace(
        model.kinds,
        eligible=model.eligible[:, world.copy_of] & known,
        worth=model.worth[:, world.copy_of],
    )
    kind = families.kind[week.open]
    waiting = replace(
        kinds,
        lead=kinds.lead[kind],
        grace=kinds.grace[kind],
        stay=kinds.stay[kind],
        eligible=kinds.eligible[kind] & ~week.said_no[week.open],
        worth=kinds.worth[kind],
    )
    return Scene(
        kinds,
        waiting,
        families.needed[week.open] - now,
        families.last[week.open] - now,
        as_weeks(week.busy[:, now:]),
        as_weeks(world.present[:, now:] & known[:, None]),
        np.searchsorted(week.open, week.family),
        week.home,
        week.start - now,
        week.value,
        model.week_waited,
        model.weeks - now,
    )


def look_ahead(seed: int = 0) -> Choose:
    """Choose what is worth most together with the best that each of some drawn futures can add.

    A future has the families known today who wait, and families drawn from the model: never those
    of the year that is lived. One problem holds this week's pairs once and every future by itself,
    so a household is held back where that gains more in the mean than it costs.
    """

    def choose(week: Week) -> list[int]:
        if not len(week.family):
            return []
        model, kind = week.world.model, week.world.families.kind
        today = Packing(
            len(week.open),
            len(week.world.copy_of),
            week.busy.shape[1],
            np.searchsorted(week.open, week.family),
            week.home,
            week.start,
            model.stay[kind[week.family]],
            week.value + 1,  # at a tie, ask today
        )
        futures = [_future(week, seed, each) for each in range(int(model.rates["futures"]))]
        return [*map(int, today.first_of(futures))]

    return choose


def _future(week: Week, seed: int, number: int) -> Packing:
    """Stays from next week on of those who wait and of some who are drawn, as far as homes are known."""
    world, model = week.world, week.world.model
    end = min(week.week + 1 + int(model.rates["horizon"]), model.weeks)
    drawn = np.random.Generator(np.random.PCG64([1, seed, world.seed, week.week, number]))
    come = arrivals(model, drawn, week.week + 1, end)
    inside = come.last < model.weeks
    of_both = zip(vars(world.families).values(), vars(come).values(), strict=True)
    both = Families(*(np.concatenate([a[week.open], b[inside]]) for a, b in of_both))
    known = world.comes <= week.week
    eligible = model.eligible[both.kind][:, world.copy_of] & known
    eligible[: len(week.open)] &= ~week.said_no[week.open]
    may = world.present & known[:, None]
    return stays(model, world.copy_of, both, eligible, may, week.busy, week.week + 1)
