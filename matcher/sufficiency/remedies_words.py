"""What would close the gap, as lines, records and a figure: counted on today's families alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from matcher.codes import URGENCIES
from matcher.costs import difference, weekly_costs
from matcher.policy.aims import TIERS
from matcher.policy.pairs import DAYS_PER_WEEK
from matcher.rounds import SolvedRound
from matcher.show.figures import INK, TONES, Drawn, inside, save, style
from matcher.show.files import Record
from matcher.show.paper import Section
from matcher.show.text import printable
from matcher.solve.problem import UNPLACED
from matcher.sufficiency.remedies import CHANGES, MOST_COPIES, RECRUIT, Portfolio, carried_out
from matcher.whatif.each import Tried
from matcher.whatif.openings import Opening
from matcher.whatif.words import changes, tried_record
from matcher.words import and_list, count, long_date, lower_first, needed, upper_first, when

FEW = 5
OF_EACH = 2  # changes for the same families that the text shows
MOST_IDS = 6  # of a sentence
MOST_STEPS = 10  # of the frontier, in the text
WIDTH = 34
CHANGED = {"train": "Train", "second_carer": "Second approval", "bedroom": "One more bedroom"}
FREE = "nothing is bought"
SOON = (needed(URGENCIES[0]), when(URGENCIES[1]))  # after a number, then after that


def closing_record(
    now: SolvedRound,
    single: dict[str, list[Tried]],
    profiles: Sequence[Tried],
    frontier: Sequence[Portfolio] | None,
    budget: int,
) -> Record:
    """The value of each change and profile, and the frontier up to the budget, for programs."""
    policy = now.prepared.policy
    return {
        "changes": {kind: _tried_records(now, some) for kind, some in single.items()},
        "profiles": _without_withheld(now, _tried_records(now, profiles)),
        "budget": budget,
        "costs": {key: policy.number(f"sufficiency.{key}") for key in (*CHANGES, RECRUIT)},
        "frontier": None if frontier is None else [_step(now, each) for each in frontier],
        "weekly_costs": {name: asdict(cost) for name, cost in weekly_costs().items()},
    }


def _tried_records(now: SolvedRound, tried: Sequence[Tried]) -> list[Record]:
    return [tried_record(now.prepared.aims, one) for one in tried]


def _without_withheld(now: SolvedRound, records: list[Record]) -> list[Record]:
    """Without the ids of families whose address is withheld, as a profile says a place."""
    asked = now.prepared.inputs.requests
    hidden = {request.request_id for request in asked if request.withhold_address}
    keys = ("placed", "moved")
    return [
        one | {key: [n for n in one[key] if n not in hidden] for key in keys} for one in records
    ]


def _step(now: SolvedRound, portfolio: Portfolio) -> Record:
    weeks = _weeks(now, portfolio)
    low, middle, high = difference(weeks)
    held = dict(zip(now.prepared.aims, now.pinned_totals, strict=True))
    return {
        "cost": portfolio.cost,
        "placed": {
            tier.key: held[tier.key] + number
            for tier, number in zip(TIERS, portfolio.placed, strict=True)
        },
        "buys": [
            {
                "household_id": option.household_id if option.copies == 1 else None,
                "what": option.what,
                "number": number,
                "cost": number * option.cost,
            }
            for option, number in portfolio.options
        ],
        "weeks": weeks,
        "difference": {"low": low, "middle": middle, "high": high},
    }


def _weeks(now: SolvedRound, portfolio: Portfolio) -> float:
    """The planned weeks more with carers than in today's round: of those placed then, less now's."""
    if not portfolio.options:
        return 0.0
    planned = now.prepared.everyone.days[:, 0] / DAYS_PER_WEEK
    then = carried_out(now, portfolio)
    sums = [planned[each.household != UNPLACED].sum() for each in (now, then)]
    return float(sums[1] - sums[0])


def closing_details(record: Record, asked: Sequence[Opening]) -> Iterator[Section]:
    """What would close the gap: what to ask for, each single change, and what money buys.

    `asked` are the single changes of the round that people can grant, agree or write down.
    """
    yield Section.of("Ask first: what people can grant, agree or write down", _asking(asked))
    for kind, some in record["changes"].items():
        none = "No such change of one household helps."
        yield Section.of(CHANGED[kind], _tried_lines(some, none))
    none = "No profile that was tried would better the round."
    yield Section.of("One more household, by profile", _tried_lines(record["profiles"], none))
    heading = f"What most families could be placed by, up to £{record['budget']:,}"
    yield Section.of(heading, _frontier_lines(record))


def placing(asked: Sequence[Opening]) -> list[Opening]:
    """Those of the single changes that would place more families, or were not tried."""
    return [each for each in asked if each.placed is None or sum(each.placed) > 0]


def asked_line(each: Opening) -> str:
    """A single change: what to ask, who grants it, from when, and for which families."""
    families = [*each.request_ids[:MOST_IDS]]
    if (more := len(each.request_ids) - MOST_IDS) > 0:
        families.append(f"{more} more")
    on = f" from {long_date(each.change.on)}" if each.change.on else ""
    what = lower_first(each.change.what.rstrip("."))
    who = printable(each.household_id)
    return f"{who}: {what} ({each.change.who}){on}; for {and_list(families)}"


def _asking(every: Sequence[Opening]) -> Iterator[str]:
    asked = placing(every)
    found: dict[tuple[str, ...], list[Opening]] = {}
    for each in asked:
        found.setdefault(each.request_ids, []).append(each)
    some = [each for alike in found.values() for each in alike[:OF_EACH]][: 2 * FEW]
    yield from (f"  {asked_line(each)}." for each in some)
    if not asked:
        yield "None would place more families."
    if (more := len(asked) - len(some)) > 0:
        yield f"{upper_first(count(more, 'more change'))}: see the report of the round."


def _tried_lines(tried: Sequence[Record], none: str) -> Iterator[str]:
    """The changes that place more families, then the best of those that better the round otherwise."""
    if not tried:
        yield none
        return
    places: dict[tuple[str, ...], Record] = {}
    for one in tried:  # of those that place the same, the first: one carer before two
        if one["placed"]:
            places.setdefault(tuple(one["placed"]), one)
    for one in [*places.values()][:FEW]:
        moves = [name for name in one["moved"] if name not in one["placed"]]
        then = f"; {and_list(moves)} would go elsewhere" if moves else ""
        yield f"  {upper_first(printable(one['what']))}: places {and_list(one['placed'])}{then}."
    if alike := sum(bool(one["placed"]) for one in tried) - min(len(places), FEW):
        yield f"{upper_first(count(alike, 'other'))} would place the same families, or as many."
    if others := [one for one in tried if not one["placed"]]:
        number = count(len(others), "change")
        first = (
            f"None places more families. {upper_first(number)}"
            if not places
            else upper_first(number)
        )
        yield f"{first} would better the round otherwise; the most:"
        yield from (f"  {betters(one)}." for one in others[:OF_EACH])


def betters(one: Record) -> str:
    """What a change that places nobody more gains: 'H02 has …: gains 3.20 of fit'."""
    return f"{upper_first(printable(one['what']))}: {changes(one['gains'])}"


def _frontier_lines(record: Record) -> Iterator[str]:
    if record["frontier"] is None:
        yield "Not worked out: a limit of the round is in play, or would be, or no best choice could be proven. Try it with matcher whatif."
        return
    costs = record["costs"]
    told = "train £{train:,.0f}, second approval £{second_carer:,.0f}, bedroom £{bedroom:,.0f}, "
    told += "recruit £{recruit:,.0f}"
    yield f"Costs: {told.format(**costs)}. None is published: write your own in the policy (sufficiency.train and so on)."
    steps, numbers = _told_steps(record), []
    for step in steps:
        numbers.append(sum(step["placed"].values()))
        soon = [
            f"{number} {words}"
            for number, words in zip(step["placed"].values(), SOON, strict=False)
            if number
        ]
        of_them = f" ({and_list(soon)})" if soon else ""
        yield f"  £{step['cost']:,}: {count(numbers[-1], 'family')} placed{of_them}. {upper_first(bought(step))}."
    if (more := len(record["frontier"]) - len(steps)) > 0:
        yield f"{upper_first(count(more, 'step'))} between these are left out."
    if numbers != sorted(numbers):
        yield "Families needed sooner come first, so a dearer step may place fewer in all."
    yield (
        f"Each step is the least that reaches it, proven; of each profile at most {MOST_COPIES} are "
        "bought. A second approval needs a second adult in the home, and a change may cost nothing "
        "where only a record is missing: ask first."
    )
    yield from _money_lines(record)


def _told_steps(record: Record) -> list[Record]:
    """The steps that the text tells: all, or of many the first, the last and some between."""
    steps: list[Record] = record["frontier"]
    many = min(len(steps), MOST_STEPS)
    return [steps[at * (len(steps) - 1) // max(many - 1, 1)] for at in range(many)]


def bought(step: Record) -> str:
    """What a step of the frontier buys, in words; households that get the same together."""
    if not step["buys"]:
        return FREE
    alike: dict[str, list[str]] = {}
    for each in step["buys"]:
        home = each["household_id"]
        what = each["what"] if home is None else each["what"].replace(f"{home} has ", "")
        times = f" ({each['number']} times)" if each["number"] > 1 else ""
        alike.setdefault(what + times, []).extend([home] if home else [])
    return "; ".join(
        printable(f"{what} at {and_list(homes)}" if homes else what)
        for what, homes in alike.items()
    )


def week_costs(costs: Record) -> str:
    """What a week costs, with its range and source."""
    said = [
        f"{name} about £{cost['value']:,} (£{cost['low']:,} to £{cost['high']:,})"
        for name, cost in costs.items()
    ]
    return f"A week costs, in {'; in '.join(said)}. {costs['fostering']['source']}."


def _money_lines(record: Record) -> Iterator[str]:
    yield week_costs(record["weekly_costs"])
    before: Record = {"cost": 0, "weeks": 0.0, "difference": {"low": 0, "middle": 0, "high": 0}}
    for step in _told_steps(record):
        weeks = step["weeks"] - before["weeks"]
        if weeks > 0:
            low, middle, high = (
                step["difference"][each] - before["difference"][each]
                for each in ("low", "middle", "high")
            )
            yield (
                f"£{step['cost'] - before['cost']:,}{' more' if before['cost'] else ''} gives {weeks:g} "
                f"planned weeks with carers. Had these families to go to a residential family centre, "
                f"that would cost about £{middle:,.0f} more (£{low:,.0f} to £{high:,.0f}): an order of "
                "size, never a promise."
            )
        before = step


def frontier_figure(record: Record) -> Drawn | None:
    """Families placed against what is spent; None where nothing helps.

    Each step has what it buys, or if there are many, lines for those needed soon besides.
    """
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    steps = record["frontier"]
    if steps is None or len(steps) < 2:
        return None
    style()
    costs = [step["cost"] for step in steps]
    placed = [sum(step["placed"].values()) for step in steps]
    drawn, axes = pyplot.subplots(figsize=(9.5, 5), layout="constrained")
    end = max(record["budget"], costs[-1])
    few = len(steps) <= FEW
    # Of many steps, the most that so much money or less could place: a dearer step may place fewer
    # in all, as families needed sooner come first.
    shown = placed if few else [max(placed[: at + 1]) - placed[0] for at in range(len(placed))]
    axes.step([*costs, end], [*shown, shown[-1]], where="post", color=TONES[0], lw=2)
    axes.plot(costs, shown, "o", color=TONES[0], ms=7 if few else 4, zorder=3)
    for step, x, y in zip(steps, costs, placed, strict=True) if few else ():
        said = textwrap.fill(bought(step), WIDTH, max_lines=5, placeholder=" …")
        axes.annotate(
            f"£{x:,}\n{said}", (x, y), (6, -8), textcoords="offset points", va="top", fontsize=8,
            color=INK,
        )  # fmt: skip
    if few:
        axes.set_ylim(min(placed) - 0.9, max(placed) + 0.4)
    else:
        _gains(axes, steps, [*costs, end])
    axes.set_xlim(-0.02 * end, 1.3 * end)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter("£{x:,.0f}")
    axes.set_xlabel("spent, once; the costs are settings of the policy")
    axes.set_ylabel(
        "families placed in this round" if few else "more families placed than for £0, at most"
    )
    axes.spines[["top", "right"]].set_visible(False)
    more = max(placed) - placed[0]
    gain = count(more, "more family") if more else "families needed sooner"
    dearest = costs[placed.index(max(placed))] if more else costs[-1]
    title = f"£{dearest:,} could place {gain} of today's round"
    axes.set_title(title)
    told = "; ".join(f"£{x:,}: {y}" for x, y in zip(costs, placed, strict=True))
    inside(drawn)
    return save("frontier", drawn, title, f"Steps of families placed by what is spent. {told}.")


def _gains(axes: Any, steps: Sequence[Record], ends: Sequence[float]) -> None:
    """What is gained of those needed soon beside the line of all, where there is any; each by its name."""
    names = (SOON[0], f"{when(URGENCIES[0])} or {when(URGENCIES[1])}", "all")
    for first, (name, dashes) in enumerate(zip(names, (":", "--", "-"), strict=True), 1):
        line = [sum([*step["placed"].values()][:first]) for step in steps]
        line = [max(line[: at + 1]) - line[0] for at in range(len(line))]
        if not any(line):
            continue
        if first < len(names):
            axes.step(ends, [*line, line[-1]], where="post", color=TONES[1], ls=dashes, lw=2)
        axes.annotate(name, (ends[-1], line[-1]), (6, 0), textcoords="offset points", va="center", fontsize=9, color=INK)  # fmt: skip
    axes.yaxis.grid(True, color=TONES[3], lw=0.6)
