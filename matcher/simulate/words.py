"""Simulated years as lines, records and a figure: each number with its interval."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from math import isnan

import numpy as np

from matcher.costs import difference, weekly_costs
from matcher.equity.groups import told
from matcher.show.figures import HATCHES, INK, TONES, Drawn, save, style
from matcher.show.files import Record, known
from matcher.show.paper import Section
from matcher.show.table import Row, Table, columns, numbers
from matcher.simulate.model import Model
from matcher.simulate.result import (
    LOOK_AHEAD,
    NAMES,
    SHARES,
    WEEKLY,
    Interval,
    Year,
    against,
    in_group,
    of_hindsight,
    over_years,
)
from matcher.words import and_list, between, count, upper_first

MEASURES = {
    "placed": "families placed",
    "unplaced": "families not placed",
    "waited": "weeks waited past the need",
    "worst_waited": "weeks waited, the worst tenth",
    "fit": "fit of 100, of those placed",
    "worst_fit": "fit of 100, the worst tenth",
    "miles": "miles from home",
    "asked": "times a household was asked",
    "carer_weeks": "weeks with carers",
    "residential_weeks": "weeks in residential care",
}
HEADS = (
    "first come",
    "best pair",
    "optimum",
    "room ahead, all first",
    "room ahead, soon first",
    "look-ahead",
    "hindsight",
)
MANY = 100  # from which a mean is told without a tenth
EXPLAINED = (
    "First come: in the order of asking, each the best household still free. Best pair: the best pair "
    "of all, then the next. Optimum: the proven best of each week's round. Room ahead: the same round "
    "with the policy's room_ahead; all first: whoever the optimum places is placed, as with "
    "after_more_than_5_days; soon first: whoever of them is needed by now, as with after_within_5_days. "
    "Look-ahead: free to leave anybody for one who is known or likely to come. Hindsight: knows "
    "all that will happen, and who will say no; nobody can have it."
)
WAITS = (
    "A wait counts to the start, or for who is not placed to the end of the last week in which one was possible. "
    "Weeks in residential care: those planned for who is not placed, there or elsewhere."
)


def simulate_record(model: Model, years: Sequence[Year]) -> Record:
    """The settings, every year, and each measure of each way with its interval."""
    return {
        "weeks": model.weeks,
        "families_per_week": model.per_week,
        "settings": {name: asdict(each) for name, each in model.settings.items()},
        "ways": {
            name: {
                "of_hindsight": _interval(of_hindsight(years, name)),
                **{each: _interval(over_years(years, name, each)) for each in ("value", *MEASURES)},
                "avoided": _interval(_pounds(over_years(years, name, "carer_weeks"))),
                "groups": [
                    {
                        "kind": kind,
                        "name": group,
                        **{
                            each: {"group": _interval(ours), "against_others": _interval(apart)}
                            for each in SHARES
                            for ours, apart in [in_group(years, name, each, rows)]
                        },
                    }
                    for kind, group, rows in _told_groups(model)
                ],
                "against_weekly_optimum": {
                    each: _interval(against(years, name, WEEKLY, each))
                    for each in ("value", *MEASURES)
                },
            }
            for name in NAMES
        },
        "years": [
            {
                "seed": year.seed,
                "bound": year.bound,
                "ways": {
                    name: known({k: v for k, v in asdict(one).items() if k != "of_families"})
                    for name, one in zip(NAMES, year.outcomes, strict=True)
                },
            }
            for year in years
        ],
    }


def _interval(found: Interval) -> Record:
    return known(asdict(found))


def simulate_text(model: Model, years: Sequence[Year]) -> Iterator[str]:
    """The simulated years for analysts, as text for a terminal."""
    for section in details(model, years):
        yield from section.text()
        yield ""


def details(model: Model, years: Sequence[Year]) -> Iterator[Section]:
    """What the simulated years say to analysts."""
    yield Section.of(
        f"{count(len(years), 'simulated run')} of {model.weeks} weeks", _how(model, years)
    )
    yield Section("Every way to choose", (EXPLAINED, _of_ways(years), WAITS))
    yield Section.of("Against the best round of each week, in the same runs", _apart(years))
    yield Section.of("How groups of families fare", _of_groups(model, years))
    yield Section.of("What it costs", _money(years))


def _how(model: Model, years: Sequence[Year]) -> Iterator[str]:
    yield (
        f"About {_families(years):.0f} families each run. The families, households and refusals are the "
        "same for every way to choose."
    )
    yield (
        f"A round is made up to {count(int(model.rates['asks']), 'time')} a week, until nobody says no."
    )
    declines = model.settings["decline"]
    yield (
        f"Of those asked, {100 * declines.value:.3g} % say no ({declines.source}; --set decline=0.2 changes it)."
    )
    given = [f"{n} {s.value:g}" for n, s in model.settings.items() if s.source == "given"]
    if given:
        yield f"Settings of the service's own: {and_list(given)}."
    yield "No forecast: families are drawn from those of this round, and some rates are judgement."
    yield (
        "Left out: families that screening holds, and those whose last start is after the last week. "
        "A break, or a household that leaves, ends no stay, and each is known beforehand. Unless --per-week says how many come, the "
        "rate counts only requests that are still open, and is too low."
    )
    yield (
        f"Worth: a placement counts {model.rates['placed']:g} points, its fit of 0 to 100, and "
        f"{model.rates['relationship']:g} for each point of an existing relationship, less "
        f"{model.rates['week_waited']:g} for each week waited. These are settings, and judgement."
    )
    yield "Below each mean: the 95 % interval of the mean over the runs."


def _families(years: Sequence[Year]) -> float:
    """How many families a year has, in the mean."""
    return float(np.mean([year.outcomes[0].families for year in years]))


def _of_ways(years: Sequence[Year]) -> Table:
    """Each measure of every way: its mean over its interval."""
    rows: list[Row] = [
        ("worth, in % of hindsight", *(_cell(of_hindsight(years, name), 100) for name in NAMES))
    ]
    rows += [
        (words, *(_cell(over_years(years, name, measure)) for name in NAMES))
        for measure, words in MEASURES.items()
    ]
    return Table("Each way to choose", columns("In the mean", numbers(*HEADS)), rows)


def _cell(found: Interval, times: float = 1) -> list[str]:
    if isnan(found.mean):
        return ["not known"]
    low, mean, high = (times * each for each in (found.low, found.mean, found.high))
    digits = 0 if abs(mean) >= MANY else 1
    return [f"{mean:.{digits}f}"] + (
        [] if isnan(low) else [f"{low:.{digits}f} to {high:.{digits}f}"]
    )


def _spread(found: Interval, more: str = "more", less: str = "fewer", times: float = 1) -> str:
    """A difference with its direction: '5.8 more (between 3.7 and 7.8 more)'."""
    mean = f"{times * abs(found.mean):,.1f} {more if found.mean > 0 else less}"
    if mean.startswith("0.0"):
        mean = "no difference"
    if isnan(found.low):
        return mean
    written = "{:,.1f}".format
    return f"{mean} ({between(times * found.low, times * found.high, more, less, written)})"


def _apart(years: Sequence[Year]) -> Iterator[str]:
    """Each way against the best round of each week, in the same years."""
    for name in NAMES:
        if name == WEEKLY:
            continue
        value, placed = (against(years, name, WEEKLY, each) for each in ("value", "placed"))
        shows = "" if not value.holds_nothing else " These runs show no difference in worth."
        yield (
            f"{upper_first(name)}: points a run, {_spread(value, less='less')}; families placed, "
            f"{_spread(placed)}.{shows}"
        )
    first = against(years, WEEKLY, NAMES[0], "value")
    if first.holds_nothing:
        yield (
            f"{upper_first(count(len(years), 'run'))} can't tell the best round of each week from first come, first "
            "served here. More runs may (--seeds); if they don't, it gains nothing that shows."
        )


def _told_groups(model: Model) -> Iterator[tuple[str, str, list[int]]]:
    """The groups of five families of the round and more, where as many or none are left over."""
    rows: dict[tuple[str, str], list[int]] = {}
    for row, some in enumerate(model.groups):
        for each in some:
            rows.setdefault(each, []).append(row)
    for kind in dict.fromkeys(kind for kind, _ in rows):
        alike = {group: of for (k, group), of in rows.items() if k == kind}
        for (group, of), shown in zip(
            alike.items(), told([*map(len, alike.values())]), strict=True
        ):
            if shown and len(alike) > 1:
                yield kind, group, of


def _of_groups(model: Model, years: Sequence[Year]) -> Iterator[str | Table]:
    """How groups of families fare under the weekly optimum and the look-ahead."""
    groups = [*_told_groups(model)]
    if not groups:
        yield "No two groups of families are large enough in this round to be told apart."
        return
    rows: list[Row] = []
    for kind, group, of in groups:
        for name in (WEEKLY, LOOK_AHEAD):
            share, apart = in_group(years, name, "placed", of)
            rows.append(
                (kind, group, name, f"{100 * share.mean:.0f}", _spread(apart, "more", "fewer", 100))
            )
    heads = columns("By", "Group", "Way", numbers("Placed, of 100"), "Than all other families")
    yield Table("Of each group placed, of 100 who come", heads, rows, names_row=1)


def _pounds(weeks: Interval) -> Interval:
    """What weeks with carers would cost more in a centre, at the middle costs, in £."""
    return Interval(*(difference(each)[1] for each in (weeks.mean, weeks.low, weeks.high)))


def _money(years: Sequence[Year]) -> Iterator[str]:
    weeks = over_years(years, WEEKLY, "carer_weeks").mean
    low, middle, high = (round(each, -4) for each in difference(weeks))
    costs = weekly_costs()
    yield (
        f"The {weeks:.0f} weeks with carers of the weekly optimum would cost about £{middle:,.0f} more "
        f"(£{low:,.0f} to £{high:,.0f}) in residential family centres, at about "
        f"£{costs['fostering'].value:,} and £{costs['residential'].value:,} a week. An order of size, "
        "never a promise. Most of it comes with any way to choose. Against the weekly optimum, if "
        "every family that is not placed went to such a centre, a run costs:"
    )
    for name in NAMES:
        if name != WEEKLY:
            apart = _pounds(against(years, name, WEEKLY, "carer_weeks"))
            cost = Interval(-apart.mean, -apart.high, -apart.low)
            yield f"  {name}: {cost_words(cost)}"


def cost_words(pounds: Interval) -> str:
    """What is spent more or less, to the thousand: '£131,000 less (between £85,000 and £177,000 less)'."""

    def written(number: float) -> str:
        return f"£{round(number, -3):,.0f}"

    mean = f"{written(abs(pounds.mean))} {'more' if pounds.mean > 0 else 'less'}"
    if not round(pounds.mean, -3):
        mean = "no more and no less"
    if isnan(pounds.low):
        return mean
    return f"{mean} ({between(pounds.low, pounds.high, 'more', 'less', written)})"


def waiting_figure(model: Model, years: Sequence[Year]) -> Drawn:
    """Families whose need has come and who have no home, week by week: the mean, and a band."""
    from matplotlib import pyplot

    style()
    shown = [name for name in NAMES if name != NAMES[1]]
    drawn, axes = pyplot.subplots(
        1, len(shown), figsize=(11.5, 3.8), sharey=True, layout="constrained"
    )
    weeks = np.arange(1, model.weeks + 1)
    told = []
    for at, (name, one) in enumerate(zip(shown, axes, strict=True)):
        waits = np.array([year.outcomes[NAMES.index(name)].waiting for year in years], float)
        low, high = np.quantile(waits, [0.1, 0.9], axis=0)
        one.fill_between(weeks, low, high, color=TONES[3], hatch=HATCHES[0], lw=0)
        one.plot(weeks, waits.mean(axis=0), color=TONES[0], lw=1.8)
        one.set_title(f"{name}\n{waits.mean():.1f} waiting in the mean", fontsize=9.5, color=INK)
        one.set_xlabel("week")
        one.spines[["top", "right"]].set_visible(False)
        told.append(f"{name} {waits.mean():.1f}")
        if at == 0:
            one.set_ylabel("families without a home")
    axes[0].set_ylim(bottom=0)
    title = "Families whose need has come and who wait; the band holds 8 of 10 years"
    drawn.suptitle(title, fontsize=12, weight="bold")
    alt = f"Lines with bands over {model.weeks} weeks. In the mean: {'; '.join(told)}."
    return save("waiting", drawn, title, alt)
