"""What would close the gap, as lines, records and a figure: counted on today's families alone."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from matcher.codes import URGENCIES
from matcher.policy.pairs import DAYS_PER_WEEK
from matcher.policy.words import and_list, capital, count
from matcher.record import Record
from matcher.report.figures import INK, TONES, Drawn, save, style
from matcher.report.text import printable
from matcher.report.whatif import changes, tried_record
from matcher.rounds import Round
from matcher.scenario.each import Tried
from matcher.solve.problem import UNPLACED
from matcher.sufficiency.closing import CHANGES, MOST_COPIES, RECRUIT, Portfolio, carried_out
from matcher.sufficiency.costs import difference, weekly_costs

FEW = 5
WIDTH = 34
CHANGED = {"train": "Train", "second_carer": "Second approval", "bedroom": "One more bedroom"}
FREE = "nothing is bought"


def closing_record(
    now: Round,
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
        "frontier": None if frontier is None else frontier_record(now, frontier),
        "weekly_costs": {name: asdict(cost) for name, cost in weekly_costs().items()},
    }


def frontier_record(now: Round, frontier: Sequence[Portfolio]) -> list[Record]:
    """Each step of a frontier: its cost, who is placed, what is bought, and planned weeks."""
    return [_step(now, each) for each in frontier]


def _tried_records(now: Round, tried: Sequence[Tried]) -> list[Record]:
    return [tried_record(now.prepared.aims, one) for one in tried]


def _without_withheld(now: Round, records: list[Record]) -> list[Record]:
    """Without the ids of families whose address is withheld, as a profile says a place."""
    asked = now.prepared.inputs.requests
    hidden = {request.request_id for request in asked if request.withhold_address}
    keys = ("placed", "moved")
    return [
        one | {key: [n for n in one[key] if n not in hidden] for key in keys} for one in records
    ]


def _step(now: Round, portfolio: Portfolio) -> Record:
    weeks = _weeks(now, portfolio)
    low, middle, high = difference(weeks)
    return {
        "cost": portfolio.cost,
        "placed": dict(zip(URGENCIES, portfolio.placed, strict=True)),
        "buys": [
            {"what": option.what, "number": number, "cost": number * option.cost}
            for option, number in portfolio.options
        ],
        "weeks": weeks,
        "difference": {"low": low, "middle": middle, "high": high},
    }


def _weeks(now: Round, portfolio: Portfolio) -> float:
    """The planned weeks more with carers than in today's round: of those placed then, less now's."""
    if not portfolio.options:
        return 0.0
    planned = now.prepared.everyone.days[:, 0] / DAYS_PER_WEEK
    then = carried_out(now, portfolio)
    sums = [planned[each.household != UNPLACED].sum() for each in (now, then)]
    return float(sums[1] - sums[0])


def closing_text(now: Round, record: Record) -> Iterator[str]:
    """The same for people."""
    yield "WHAT WOULD CLOSE THE GAP"
    yield "Each answer is today's round solved anew with one change. It says nothing of next month."
    yield ""
    for kind, some in record["changes"].items():
        yield from _tried_lines(CHANGED[kind], some, "No such change of one household helps.")
    none = "No profile that was tried would better the round."
    yield from _tried_lines("One more household, by profile", record["profiles"], none)
    yield from _frontier_lines(record)


def _tried_lines(title: str, tried: Sequence[Record], none: str) -> Iterator[str]:
    yield f"{title}:"
    if not tried:
        yield f"  {none}"
    unlike: dict[tuple[int, ...], Record] = {}
    for one in tried:  # of those that gain the same, the first: one carer before two
        unlike.setdefault(tuple(one["gains"].values()), one)
    for one in [*unlike.values()][:FEW]:
        gains = changes(one["gains"], [*one["gains"].values()])
        placed = f" Places {and_list(one['placed'])}." if one["placed"] else ""
        yield f"  {capital(printable(one['what']))}: {gains}.{placed}"
    if (more := len(tried) - min(len(unlike), FEW)) > 0:
        yield f"  {more:,} more would help, by as much or less; --json has all."
    yield ""


def _frontier_lines(record: Record) -> Iterator[str]:
    yield f"What most families are placed by, up to £{record['budget']:,}:"
    if record["frontier"] is None:
        yield "  A limit of the round is in play, or would be: what to buy is not worked out. Try it with matcher whatif."
        return
    for step in record["frontier"]:
        placed = sum(step["placed"].values())
        yield f"  £{step['cost']:,}: {count(placed, 'family')} placed. {capital(bought(step))}."
    costs = record["costs"]
    told = "train £{train:,.0f}, second approval £{second_carer:,.0f}, bedroom £{bedroom:,.0f}, "
    told += "recruit £{recruit:,.0f}"
    yield f"  Each step is the least that reaches it, proven; of each profile at most {MOST_COPIES} are bought. Costs: {told.format(**costs)}."
    yield "  No such cost is published: write your own in the policy (sufficiency.train and so on)."
    yield ""
    yield from _money_lines(record)


def bought(step: Record) -> str:
    """What a step of the frontier buys, in words."""
    if not step["buys"]:
        return FREE
    return "; ".join(
        printable(each["what"]) + (f" ({each['number']} times)" if each["number"] > 1 else "")
        for each in step["buys"]
    )


def _money_lines(record: Record) -> Iterator[str]:
    costs = record["weekly_costs"]
    said = [
        f"{name} about £{cost['value']:,} (£{cost['low']:,} to £{cost['high']:,})"
        for name, cost in costs.items()
    ]
    yield f"A week costs, in {'; in '.join(said)}. {costs['fostering']['source']}."
    last = record["frontier"][-1]
    if last["weeks"] > 0:
        gap = last["difference"]
        yield (
            f"What £{last['cost']:,} buys gives {last['weeks']:g} planned weeks with carers. In a "
            f"residential family centre they would cost about £{gap['middle']:,.0f} more "
            f"(£{gap['low']:,.0f} to £{gap['high']:,.0f}): an order of size, never a promise."
        )


def frontier_figure(record: Record) -> Drawn | None:
    """Families placed against what is spent, each step with what it buys; None where nothing helps."""
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
    axes.step([*costs, end], [*placed, placed[-1]], where="post", color=TONES[0], lw=2)
    axes.plot(costs, placed, "o", color=TONES[0], ms=7, zorder=3)
    for step, x, y in zip(steps, costs, placed, strict=True):
        said = textwrap.fill(bought(step), WIDTH, max_lines=5, placeholder=" …")
        axes.annotate(
            f"£{x:,}\n{said}", (x, y), (6, -8), textcoords="offset points", va="top", fontsize=8,
            color=INK,
        )  # fmt: skip
    axes.set_xlim(-0.02 * end, 1.3 * end)
    axes.set_ylim(min(placed) - 0.9, max(placed) + 0.4)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.xaxis.set_major_formatter("£{x:,.0f}")
    axes.set_xlabel("spent, once; the costs are settings of the policy")
    axes.set_ylabel("families placed in this round")
    axes.spines[["top", "right"]].set_visible(False)
    more = placed[-1] - placed[0]
    title = f"£{costs[-1]:,} would place {count(more, 'more family')} of today's round"
    axes.set_title(title)
    told = "; ".join(f"£{x:,}: {y}" for x, y in zip(costs, placed, strict=True))
    return save("frontier", drawn, title, f"Steps of families placed by what is spent. {told}.")
