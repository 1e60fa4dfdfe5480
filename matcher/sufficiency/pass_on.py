"""The gap as it may leave the service: no id, no count below five, none from which one follows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import groupby

from matcher.costs import weekly_costs
from matcher.equity.groups import FEWEST, suppressed, told
from matcher.equity.words import LEAVES
from matcher.explain import NOT_SHOWN
from matcher.show.files import Record
from matcher.show.paper import Paper, Section, Source
from matcher.sufficiency.remedies import Portfolio
from matcher.sufficiency.remedies_words import week_costs
from matcher.sufficiency.supply import Row
from matcher.sufficiency.words import BINDS, KIND_WORDS, Gap, counts, lack_words
from matcher.words import and_list, count, long_date, upper_first

IN_EQUITY = ("ethnicity", "religion")
LEFT_OUT = (
    "What single households would change, and who they are for, stays in the service: it would tell "
    "what single families need."
)


def outside_record(gap: Gap, frontier: Sequence[Portfolio] | None) -> Record:
    """What may be passed on: families, what they ask against what there is, rules, costs.

    None stands for a count that may not be told.
    """
    matchable, placed, waiting = counts(gap)
    total, *parts = suppressed([(placed, waiting)])[0]
    held = len(gap.solved.prepared.inputs.requests) - matchable
    if 0 < held < FEWEST:  # the number of all requests is known from elsewhere
        total, parts = None, [None, None]
    closed = Counter(key for each in gap.idle if each.closed for key in each.rules)
    return {
        "as_of": gap.solved.prepared.inputs.as_of.isoformat(),
        "stays_in_the_service": False,
        "families": {"matchable": total, "placed": parts[0], "waiting": parts[1]},
        "supply": [
            row
            for _, some in groupby(gap.supply, key=lambda row: row.kind)
            for row in _supply(list(some), matchable)
        ],
        "rules": [
            {"rule": rule, "lack": lack_words(rule, gap), "more": each.more}
            for each in gap.alone
            if each.more >= FEWEST
            for rule in each.rules
        ],
        "closed": [
            {"rule": key, "lack": lack_words(key, gap), "households": many}
            for key, many in closed.most_common()
            if many >= FEWEST
        ],
        "frontier": None if frontier is None else _steps(frontier),
        "weekly_costs": {name: asdict(cost) for name, cost in weekly_costs().items()},
    }


def _supply(rows: list[Row], matchable: int) -> Iterator[Record]:
    """Rows of one kind, how many families ask and how many households have it.

    Who waits is not told by row, nor how many families can be matched by a group of which
    `matcher equity --pass-on` tells how many are proposed: the rest would be those who wait.
    Bedrooms are of households that have as many or more, so they are not told.
    """
    asked = [row.demand for row in rows]
    if rows[0].kind == "skill":  # a family may have several: each against all who have it not
        shown = [told([number, matchable - number])[0] for number in asked]
    else:
        shown = told([*asked, matchable - sum(asked)])[: len(asked)]
    homes = suppressed(
        [(row.eligible, row.open - row.eligible, row.supply - row.open) for row in rows]
    )
    for row, may, home in zip(rows, shown, homes, strict=True):
        if may:
            supply, eligible, idle, _ = [None] * 4 if row.kind == "rooms" else home
            is_open = None if eligible is None or idle is None else eligible + idle
            yield {
                "kind": row.kind,
                "code": row.code,
                "name": row.name,
                "demand": None if row.kind in IN_EQUITY else row.demand,
                "supply": supply,
                "open": is_open,
                "eligible": eligible,
            }


def _steps(frontier: Sequence[Portfolio]) -> list[Record]:
    """Today, and the steps that place five families more, and more than all before them."""
    placed = [sum(step.placed) for step in frontier]
    made = [{"cost": 0, "more": 0}]
    for step, number in zip(frontier, placed, strict=True):
        if number - placed[0] >= max(FEWEST, made[-1]["more"] + 1):
            made.append({"cost": step.cost, "more": number - placed[0]})
    return made


def outside_text(record: Record) -> Iterator[str]:
    """The record that may leave the service as text for a terminal."""
    yield f"Where the homes fall short, {long_date(record['as_of'])}"
    yield LEAVES
    yield ""
    for section in _details(record):
        yield from section.text()
        yield ""
    yield LEFT_OUT


def outside_paper(gap: Gap, record: Record) -> Paper:
    """What may leave the service as a paper, made of its record alone."""
    inputs, policy = gap.solved.prepared.inputs, gap.solved.prepared.policy
    return Paper(
        title="Are there enough of the right homes?",
        asked=(
            "Asked: where homes fall short and what would help, as far as it may leave the service. "
            f"Of the round of {long_date(inputs.as_of)} alone."
        ),
        answer=tuple(_answer(record)),
        sure=(
            "Counted for the families and rules of this day. It says nothing of next month, nor of who says no.",
        ),
        monday=(
            "Take it to whoever plans homes. What single households would change is on the service's own page: "
            "matcher sufficiency without --pass-on.",
        ),
        reader=LEAVES,
        stays_inside=False,
        source=Source(inputs.as_of, NOT_SHOWN, policy.sha256),
        details=(*_details(record), Section("What is left out", (LEFT_OUT,))),
    )


def _answer(record: Record) -> Iterator[str]:
    yield _families(record)
    if record["rules"]:
        first = record["rules"][0]
        yield (
            f"If no household were ruled out as {first['lack']}, {first['more']} more families "
            "could be placed: where to look, never a rule to break."
        )
    if record["closed"]:
        first = record["closed"][0]
        yield f"{first['households']} households are closed as {first['lack']}, more than for any other reason."
    steps = (record["frontier"] or [])[1:]
    if steps:
        yield f"£{steps[0]['cost']:,} could place {steps[0]['more']} more of these families."
    short = [row for row in record["supply"] if row["demand"] and row["eligible"] == 0]
    if short:
        yield f"No household is eligible for the families who ask for {and_list(row['name'] for row in short[:3])}."
    if not (record["rules"] or record["closed"] or steps or short):
        yield "No rule, household or sum concerns five families or more, so that no more can be passed on."


def _families(record: Record) -> str:
    families = {key: _told(value) for key, value in record["families"].items()}
    return (
        f"Families that can be matched: {families['matchable']}; with a household: "
        f"{families['placed']}; waiting: {families['waiting']}."
    )


def _details(record: Record) -> Iterator[Section]:
    yield Section("The families of the round", (_families(record),))
    for kind, some in groupby(record["supply"], key=lambda row: row["kind"]):
        heading = f"Demand and supply by {KIND_WORDS[kind]} (what fewer than {FEWEST} families ask for is left out)"
        yield Section.of(heading, _rows(kind, list(some)))
    if record["rules"]:
        rules = (
            f"Ruled out as {each['lack']}: {count(each['more'], 'more family')}."
            for each in record["rules"]
        )
        yield Section("What binds", (BINDS, *rules))
    if record["closed"]:
        heading = (
            "Households closed by what the household alone lacks (some lack more than one thing)"
        )
        closed = (f"{each['households']} {each['lack']}." for each in record["closed"])
        yield Section.of(heading, closed)
    if (record["frontier"] or [])[1:]:
        yield Section.of("What money could buy", _money(record))


def _rows(kind: str, rows: list[Record]) -> Iterator[str]:
    for row in rows:
        said = [] if kind in IN_EQUITY else [f"families {row['demand']}"]
        if kind != "rooms":
            names = ("households", "ready", "eligible for at least one of them")
            home = (row["supply"], row["open"], row["eligible"])
            said += [f"{name} {_told(n)}" for name, n in zip(names, home, strict=True)]
        yield f"{upper_first(row['name'])}: {', '.join(said)}."


def _told(value: int | None) -> str:
    return NOT_SHOWN if value is None else f"{value:,}"


def _money(record: Record) -> Iterator[str]:
    steps = (record["frontier"] or [])[1:]
    for step in steps:
        yield f"£{step['cost']:,} could place {count(step['more'], 'more family')} of this round, the most urgent first."
    if steps:
        yield week_costs(record["weekly_costs"])
