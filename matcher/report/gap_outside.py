"""The gap as it may leave the service: no id, no count below five, none from which one follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from itertools import groupby

from matcher.equity import FEWEST, Cells, suppressed
from matcher.policy.words import capital, count, written
from matcher.record import Record
from matcher.report.equity import HIDDEN, LEAVES
from matcher.report.sufficiency import BINDS, KIND_WORDS, LACKS, Gap, counts
from matcher.sufficiency.costs import weekly_costs
from matcher.sufficiency.supply import Row

LEFT_OUT = (
    "What single households would change, and who they are for, stays in the service: it would tell "
    "what single families need."
)


def outside_record(gap: Gap, frontier: list[Record] | None) -> Record:
    """What may be passed on: families, what they ask against what there is, rules, costs.

    None stands for a count that may not be told. Steps of the frontier are those that place no
    family more, or five and more.
    """
    _, placed, waiting = counts(gap)
    total, *parts = suppressed([(placed, waiting)])[0]
    closed = Counter(key for each in gap.idle if each.closed for key in each.rules)
    return {
        "as_of": gap.solved.prepared.inputs.as_of.isoformat(),
        "stays_in_the_service": False,
        "families": {"matchable": total, "placed": parts[0], "waiting": parts[1]},
        "supply": [
            row
            for _, some in groupby(gap.supply, key=lambda row: row.kind)
            for row in _supply(list(some))
        ],
        "rules": [
            {"rule": each.rules[0], "more": each.more} for each in gap.alone if each.more >= FEWEST
        ],
        "closed": [
            {"rule": key, "households": many}
            for key, many in closed.most_common()
            if many >= FEWEST
        ],
        "frontier": None if frontier is None else _steps(frontier),
        "weekly_costs": {name: asdict(cost) for name, cost in weekly_costs().items()},
    }


def _supply(rows: list[Row]) -> Iterator[Record]:
    """Rows of one kind; bedrooms are of households that have as many or more, so they aren't told."""
    families = suppressed([(row.waiting, row.demand - row.waiting) for row in rows])
    homes = suppressed(
        [(row.eligible, row.open - row.eligible, row.supply - row.open) for row in rows]
    )
    for row, (demand, waiting, _), home in zip(rows, families, homes, strict=True):
        if demand is not None:
            told: Cells = [None] * 4 if row.kind == "rooms" else home
            supply, eligible, idle, _ = told
            is_open = None if eligible is None or idle is None else eligible + idle
            yield {
                "kind": row.kind,
                "code": row.code,
                "name": row.name,
                "demand": demand,
                "waiting": waiting,
                "supply": supply,
                "open": is_open,
                "eligible": eligible,
            }


def _steps(frontier: list[Record]) -> list[Record]:
    placed = [sum(step["placed"].values()) for step in frontier]
    return [
        {"cost": step["cost"], "more": number - placed[0]}
        for step, number in zip(frontier, placed, strict=True)
        if number == placed[0] or number - placed[0] >= FEWEST
    ]


def outside_text(record: Record) -> Iterator[str]:
    """The same for people."""
    yield f"Where the homes fall short, {written(date.fromisoformat(record['as_of']))}"
    yield LEAVES
    yield ""
    families = {key: _told(value) for key, value in record["families"].items()}
    yield (
        f"Families that can be matched: {families['matchable']}; with a household: "
        f"{families['placed']}; waiting: {families['waiting']}."
    )
    for kind, some in groupby(record["supply"], key=lambda row: row["kind"]):
        yield ""
        yield f"Demand and supply by {KIND_WORDS[kind]} (what fewer than {FEWEST} families ask for is left out)"
        for row in some:
            said = (
                f"{capital(row['name'])}: families {row['demand']}, waiting {_told(row['waiting'])}"
            )
            if kind != "rooms":
                home = [_told(row[key]) for key in ("supply", "open", "eligible")]
                said += (
                    f"; households {home[0]}, open {home[1]}, eligible for one of them {home[2]}"
                )
            yield f"{said}."
    yield ""
    if record["rules"]:
        yield BINDS
        for each in record["rules"]:
            yield f"Ruled out as {LACKS[each['rule']]}: {count(each['more'], 'more family')}."
    if record["closed"]:
        yield "Households closed by what the household alone lacks (some lack more than one thing):"
        for each in record["closed"]:
            yield f"{each['households']} {LACKS[each['rule']]}."
    yield from _money(record)
    yield LEFT_OUT


def _told(value: int | None) -> str:
    return HIDDEN if value is None else f"{value:,}"


def _money(record: Record) -> Iterator[str]:
    for step in (record["frontier"] or [])[1:]:
        yield f"£{step['cost']:,} would place {count(step['more'], 'more family')} of this round: the least that does."
    said = [
        f"{name} about £{cost['value']:,} (£{cost['low']:,} to £{cost['high']:,})"
        for name, cost in record["weekly_costs"].items()
    ]
    yield f"A week costs, in {'; in '.join(said)}."
