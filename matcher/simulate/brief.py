"""What simulated years say to a manager: one page, each sentence made of the years' own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isnan

from matcher.costs import difference
from matcher.show.figures import ACCENT, INK, TONES, Drawn, save, style
from matcher.show.paper import Paper, Source
from matcher.simulate.model import WEEKS, Model
from matcher.simulate.result import (
    HINDSIGHT,
    LOOK_AHEAD,
    NAMES,
    WEEKLY,
    Interval,
    Year,
    against,
    over_years,
)
from matcher.simulate.words import cost_words, details
from matcher.words import and_list, between, count, long_date, lower_first

FIRST_COME = NAMES[0]
IN_WORDS = {  # each way as a manager reads it
    FIRST_COME: "first come, first served",
    "best pair first": "the best pair first",
    WEEKLY: "the best round of each week",
    LOOK_AHEAD: "looking ahead",
    HINDSIGHT: "all known beforehand",
}
READER = "It names no family and no household."
FEW = 20  # years below which more are advised
WHOLE = 3  # families from which a difference is told in whole numbers


@dataclass(frozen=True)
class Asked:
    """What the years were drawn from: the day of the round, its households, and what was given."""

    source: Source
    households: int
    own_rate: bool


def paper(model: Model, years: Sequence[Year], asked: Asked) -> Paper:
    """The simulated years as a paper."""
    span = count(model.weeks, "week")
    day = long_date(asked.source.as_of)
    return Paper(
        title="Would another way to choose place more families?",
        asked=(
            f"Asked: what {span} of rounds come to under four ways to choose, in "
            f"{count(len(years), 'made-up run')} drawn from the {count(len(model.lead), 'family')} "
            f"that can be matched and the {count(asked.households, 'household')} of {day}."
        ),
        answer=tuple(_answer(model, years)),
        sure=tuple(_sure(model, years)),
        monday=tuple(_monday(years, asked)),
        reader=READER,
        stays_inside=False,
        source=asked.source,
        details=tuple(details(model, years)),
    )


def _answer(model: Model, years: Sequence[Year]) -> Iterator[str]:
    each = per_run(model)
    came = over_years(years, WEEKLY, "families").mean
    placed = over_years(years, WEEKLY, "placed").mean
    yield (
        f"About {came:.0f} families would come {each}. The best round of each week, which matcher "
        f"proposes, would place about {placed:.0f} of them with carers, and find none in time "
        f"for {came - placed:.0f}."
    )
    gain = against(years, WEEKLY, FIRST_COME, "placed")
    yield f"{_places('It', 'first come, first served', gain, each)}{_fit(years)}"
    yield _places(
        "Looking ahead, so that a household is kept for a likely family that needs it more,",
        "the best round of each week",
        against(years, LOOK_AHEAD, WEEKLY, "placed"),
        each,
    )
    yield _costs(years, each)
    best = over_years(years, HINDSIGHT, "placed").mean
    yield (
        f"The best choice with all known beforehand would place about {best:.0f} of the {came:.0f}. "
        "To place many more than that takes more households, or others."
    )


def per_run(model: Model) -> str:
    """'a year', or 'in 26 weeks'."""
    return "a year" if model.weeks == WEEKS else f"in {count(model.weeks, 'week')}"


def _number(wide: float) -> str:
    """How families are written: whole numbers, or tenths where all are small."""
    return "{:.0f}" if wide >= WHOLE else "{:.1f}"


def _places(one: str, other: str, found: Interval, each: str) -> str:
    """How many more families one way places than another, with its direction."""
    if isnan(found.low):
        way = "more" if found.mean > 0 else "fewer"
        return f"{one} placed {abs(found.mean):.0f} {way} than {other} in this one run."
    written = _number(max(abs(found.low), abs(found.high))).format
    spread = between(found.low, found.high, written=written)
    if found.holds_nothing:
        which = f"Whether {lower_first(one)} would place more than {other}"
        return f"{which}, these runs can't tell: {spread} {each}."
    way = "more" if found.mean > 0 else "fewer"
    return (
        f"{one} would place about {written(abs(found.mean))} {way} {each} than {other} ({spread})."
    )


def _fit(years: Sequence[Year]) -> str:
    """Whether those who are placed fit otherwise than under first come, first served."""
    found = against(years, WEEKLY, FIRST_COME, "fit")
    if found.holds_nothing or isnan(found.low):
        return ""
    way = "better" if found.mean > 0 else "less well"
    spread = between(found.low, found.high, "better", "worse", "{:.1f}".format)
    return f" Those placed would fit {way}, by {abs(found.mean):.1f} of 100 ({spread})."


def _costs(years: Sequence[Year], each: str) -> str:
    """What looking ahead would cost more or less, were who finds no carers in a residential centre."""
    if_not = (
        "If every family without carers went to a residential family centre, looking ahead would"
    )
    found = against(years, LOOK_AHEAD, WEEKLY, "carer_weeks")
    placed = against(years, LOOK_AHEAD, WEEKLY, "placed").mean
    cost = Interval(*(-difference(n)[1] for n in (found.mean, found.high, found.low)))
    weeks = f"{abs(found.mean):.0f} {'more' if found.mean > 0 else 'fewer'} weeks are with carers"
    if found.holds_nothing and not isnan(found.low):
        spread = cost_words(cost).partition("(")[2].rstrip(")")
        whether = if_not.replace(", looking", ", whether looking")
        return f"{whether} cost more or less these runs can't tell: {spread} {each}."
    why = f"since {weeks}"
    if cost.mean > 0 and placed > 0:
        why += f": {placed:.0f} more families are placed, for shorter stays"
    return f"{if_not} cost about {cost_words(cost)} {each}, {why}."


def _sure(model: Model, years: Sequence[Year]) -> Iterator[str]:
    many = len(years)
    if many == 1:
        yield "One run says nothing of how sure a number is: give --seeds 20."
    else:
        yield (
            f"Each number is a mean of {many} runs. 'Between' holds that mean with 95 % confidence; a "
            "real year can lie outside."
        )
        if many < FEW:
            yield f"{many} runs are few: --seeds {FEW} narrows it."
    decline = model.settings["decline"]
    judged = f"the rate of saying no ({100 * decline.value:.3g} %) is {decline.source}"
    yield f"The runs repeat the families of one round, and {judged}. It is no forecast."


def _monday(years: Sequence[Year], asked: Asked) -> Iterator[str]:
    found = against(years, LOOK_AHEAD, WEEKLY, "placed")
    if found.low > 0:
        yield (
            "Before a household is given away, ask which family known to come could use no other, "
            "and weigh keeping it for that one."
        )
    else:
        yield (
            "Go on with the best round of each week: these runs don't show that holding households "
            "back places more."
        )
    own = [] if asked.own_rate else ["how many families really come (--per-week)"]
    own.append("how often people say no (--set decline=0.2)")
    yield f"Then count {and_list(own)}, and run this again."


def placed_figure(model: Model, years: Sequence[Year]) -> Drawn:
    """Families placed under each way, and how many more or fewer than by the best round of each week."""
    from matplotlib import pyplot

    style()
    ways = [name for name in NAMES if name in (FIRST_COME, WEEKLY, LOOK_AHEAD, HINDSIGHT)]
    came = over_years(years, WEEKLY, "families").mean
    drawn, axes = pyplot.subplots(figsize=(9.5, 3.6), layout="constrained")
    told = []
    for at, name in enumerate(ways):
        placed = over_years(years, name, "placed").mean
        known = name == HINDSIGHT
        axes.barh(
            at, placed, color=TONES[3] if known else TONES[0], edgecolor=INK, lw=0.5,
            hatch="///" if known else "",
        )  # fmt: skip
        said = f"{placed:.0f}"
        if name != WEEKLY:
            apart = against(years, name, WEEKLY, "placed")
            if not isnan(apart.low):
                written = _number(max(abs(apart.low), abs(apart.high))).format
                said += f"   ({between(apart.low, apart.high, written=written)})"
        axes.text(placed + came / 100, at, said, va="center", fontsize=10, color=INK)
        told.append(f"{IN_WORDS[name]} {said}")
    axes.axvline(came, color=ACCENT, lw=1.6, ls="--")
    axes.text(came, -0.75, f"{came:.0f} families come", ha="right", color=ACCENT, fontsize=10)
    axes.set_yticks(range(len(ways)), [IN_WORDS[name] for name in ways], fontsize=10)
    axes.set_ylim(len(ways) - 0.4, -1.1)
    axes.set_xlim(0, came * 1.04)
    axes.set_xlabel(
        f"families placed with carers {per_run(model)}; in brackets: than by the best round of each week"
    )
    axes.spines[["top", "right"]].set_visible(False)
    placed = over_years(years, WEEKLY, "placed").mean
    title = f"The best round of each week would place about {placed:.0f} of {came:.0f} families {per_run(model)}"
    axes.set_title(title)
    return save("placed", drawn, title, f"Bars: {'; '.join(told)}.")
