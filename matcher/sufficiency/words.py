"""The gap of a round in words and as a record: groups, what binds, supply, households nobody uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from matcher.equity.words import STAYS
from matcher.policy.rules import RULES
from matcher.rounds import SolvedRound
from matcher.show.files import Record
from matcher.solve.problem import UNPLACED
from matcher.sufficiency.gaps import Group, Idle, Lifted, idle, lifted, over_demanded
from matcher.sufficiency.supply import Row, supply
from matcher.words import and_list, count, long_date, upper_first

KIND_WORDS = {
    "language": "the parent's best language",
    "ethnicity": "ethnic group",
    "religion": "religion",
    "area": "area",
    "skill": "need of the family, skill of the carers",
    "rooms": "bedrooms",
}
MOST_RULES = 6
MOST_IDS = 12  # in a sentence; the record has them all
SHARE = "Families that share too few homes"
READY = (
    "Ready: approved, trained, assessed and suitable; an arrangement may still run. Language, ethnicity "
    "and religion are preferences unless the family must have them. English is left out."
)
LACKS = {rule.key: rule.lack for rule in RULES}
BINDS = (
    "What binds: how many more families could be placed if a rule did not apply, all else as it is. "
    "It shows where to look. It is no suggestion to break a rule."
)


@dataclass(frozen=True)
class Gap:
    """What is worked out of the gap of a round, once, for words, record and figures."""

    solved: SolvedRound
    groups: tuple[Group, ...]
    alone: tuple[Lifted, ...]
    pairs: tuple[Lifted, ...]
    supply: tuple[Row, ...]
    idle: tuple[Idle, ...]


def gap_of(solved: SolvedRound) -> Gap:
    """Everything that the report says of the gap of a solved round."""
    return Gap(solved, over_demanded(solved), *lifted(solved), supply(solved), idle(solved))


def counts(gap: Gap) -> tuple[int, int, int]:
    """How many families can be matched, have a household, and wait."""
    rows = gap.solved.prepared.matchable_rows
    placed = sum(bool(gap.solved.household[row] != UNPLACED) for row in rows)
    return len(rows), placed, len(rows) - placed


def gap_record(gap: Gap) -> Record:
    """The gap as a dict for JSON: counts are of families and households."""
    matchable, placed, waiting = counts(gap)
    return {
        "as_of": gap.solved.prepared.inputs.as_of.isoformat(),
        "stays_in_the_service": True,
        "families": {"matchable": matchable, "placed": placed, "waiting": waiting},
        "over_demanded": [asdict(each) for each in gap.groups],
        "lifted": {
            "note": BINDS,
            "rules": [asdict(each) for each in gap.alone],
            "pairs": [asdict(each) for each in gap.pairs],
        },
        "supply": [asdict(each) for each in gap.supply],
        "idle": [asdict(each) for each in gap.idle],
    }


def gap_text(gap: Gap) -> Iterator[str]:
    """How large the gap is and what it is made of, in lines of plain English."""
    prepared = gap.solved.prepared
    matchable, placed, waiting = counts(gap)
    yield f"Where the homes fall short, {long_date(prepared.inputs.as_of)}"
    yield STAYS
    yield ""
    yield (
        f"{upper_first(count(matchable, 'family'))} can be matched: {placed} with a household proposed "
        f"or confirmed, {waiting} waiting."
    )
    if held := len(prepared.inputs.requests) - matchable:
        yield f"{upper_first(count(held, 'more family'))} {_are(held)} held in screening and not counted here."
    yield ""
    yield from _groups(gap)
    yield ""
    yield from _binds(gap)


def gap_tables(gap: Gap) -> Iterator[str]:
    """What stands behind it: demand against supply, and the households that no family can use."""
    yield from _supply(gap)
    yield ""
    yield from _idle(gap)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _groups(gap: Gap) -> Iterator[str]:
    yield SHARE
    if not gap.groups:
        yield "None: each family could have a household if only the eligible pairs counted."
    for group in gap.groups:
        families = and_list(group.request_ids)
        if not group.household_ids:
            yield f"{families} has no eligible household."
            continue
        homes = and_list(group.household_ids, "or")
        wait = "1 of them must wait" if group.short == 1 else f"{group.short} of them must wait"
        yield f"{families} can only be placed with {homes}. {wait}."


def _binds(gap: Gap) -> Iterator[str]:
    yield BINDS
    useful = [each for each in gap.alone if each.more]
    rest = useful[MOST_RULES:]
    for each in useful[:MOST_RULES]:
        yield f"Ruled out as {_lack(each)}: {count(each.more, 'more family')}."
    if rest:
        names = and_list(LACKS[each.rules[0]] for each in rest)
        yield f"{upper_first(count(len(rest), 'other rule'))} the same or less: {names}."
    if not useful:
        yield "No single rule: lifting any one alone would place no more families."
    for each in gap.pairs:
        yield f"Ruled out as {_lack(each)}, lifted together: {count(each.more, 'more family')}."


def _lack(each: Lifted) -> str:
    return and_list(LACKS[key] for key in each.rules)


def _supply(gap: Gap) -> Iterator[str]:
    yield ""
    yield READY
    kind = ""
    for row in gap.supply:
        if row.kind != kind:
            kind = row.kind
            yield ""
            yield f"Demand and supply by {KIND_WORDS[kind]}"
        yield (
            f"{upper_first(row.name)}: {count(row.demand, 'family')}, {row.waiting} waiting; "
            f"{count(row.supply, 'household')}, {row.open} ready, {row.eligible} eligible for at least one of them."
        )


def _idle(gap: Gap) -> Iterator[str]:
    yield "Households that no family can use"
    if not gap.idle:
        yield "None."
        return
    closed = Counter(key for each in gap.idle if each.closed for key in each.rules)
    if closed:
        number = sum(each.closed for each in gap.idle)
        yield f"{upper_first(count(number, 'household'))} {_are(number)} closed by what the household alone lacks (some lack more than one thing):"
        for key, many in closed.most_common():
            who = [each.household_id for each in gap.idle if each.closed and key in each.rules]
            yield f"{many} {LACKS[key]}: {_some(who)}."
    ready: dict[tuple[str, ...], list[str]] = {}
    for each in gap.idle:
        if not each.closed:
            ready.setdefault(each.rules, []).append(each.household_id)
    for rules, who in sorted(ready.items(), key=lambda each: -len(each[1])):
        why = "".join(f" Most often: {LACKS[key]} (or not known)." for key in rules)
        verbs = "is ready, yet fits" if len(who) == 1 else "are ready, yet fit"
        yield f"{_some(who)} {verbs} no family of this round.{why}"


def _some(ids: Sequence[str]) -> str:
    """The ids, or of many the first and how many more there are."""
    if len(ids) <= MOST_IDS:
        return and_list(ids)
    return f"{', '.join(ids[:MOST_IDS])} and {len(ids) - MOST_IDS:,} more"
