"""The gap of a round in words and as a record: groups, what binds, supply, households nobody uses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from matcher.equity.words import STAYS
from matcher.policy.in_force import rules_by_key
from matcher.rounds import SolvedRound
from matcher.show.files import Record
from matcher.show.paper import Section
from matcher.show.table import Row as Cells
from matcher.show.table import Table, columns, numbers
from matcher.solve.problem import UNPLACED
from matcher.sufficiency.gaps import Group, Idle, Lifted, idle, lifted, over_demanded
from matcher.sufficiency.supply import Row, supply
from matcher.whatif.obstacles import obstacle_words
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
BINDS = (
    "How many more families could be placed if a rule did not apply, all else as it is. "
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
    yield f"Where the homes fall short, {long_date(gap.solved.prepared.inputs.as_of)}"
    yield STAYS
    yield ""
    for section in gap_details(gap):
        yield from section.text()
        yield ""


def gap_details(gap: Gap) -> Iterator[Section]:
    """How large the gap is and what it is made of."""
    yield Section.of("The families of the round", _families(gap))
    yield Section.of(SHARE, _groups(gap))
    yield Section.of("What binds", _binds(gap))


def gap_tables(gap: Gap) -> Iterator[str]:
    """What stands behind it: demand against supply, and the households that no family can use."""
    for section in gap_basis(gap):
        yield from section.text()
        yield ""


def gap_basis(gap: Gap) -> Iterator[Section]:
    """What stands behind it: demand against supply, and the households that no family can use."""
    yield Section.of("Demand and supply", _supply(gap))
    yield Section.of("Households that no family can use", _idle(gap))


def _families(gap: Gap) -> Iterator[str]:
    matchable, placed, waiting = counts(gap)
    yield (
        f"{upper_first(count(matchable, 'family'))} can be matched: {placed} with a household proposed "
        f"or confirmed, {waiting} waiting."
    )
    if held := len(gap.solved.prepared.inputs.requests) - matchable:
        yield f"{upper_first(count(held, 'more family'))} {_are(held)} held in screening and not counted here."


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _groups(gap: Gap) -> Iterator[str]:
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
        yield f"Ruled out as {_lack(each, gap)}: {count(each.more, 'more family')}."
    if rest:
        names = and_list(lack_words(each.rules[0], gap) for each in rest)
        yield f"{upper_first(count(len(rest), 'other rule'))} the same or less: {names}."
    if not useful:
        yield "No single rule: lifting any one alone would place no more families."
    for each in gap.pairs:
        yield f"Ruled out as {_lack(each, gap)}, lifted together: {count(each.more, 'more family')}."


def lack_words(rule: str, gap: Gap) -> str:
    """What a household is that fails a rule, in a few words."""
    return rules_by_key(gap.solved.prepared.policy)[rule].lack


def _lack(each: Lifted, gap: Gap) -> str:
    return and_list(lack_words(key, gap) for key in each.rules)


def _supply(gap: Gap) -> Iterator[str | Table]:
    yield READY
    heads = numbers("Families", "Waiting", "Households", "Ready", "Eligible for one of them")
    for kind, words in KIND_WORDS.items():
        rows: list[Cells] = [
            (upper_first(r.name), r.demand, r.waiting, r.supply, r.open, r.eligible)
            for r in gap.supply
            if r.kind == kind
        ]
        if rows:
            yield Table(f"By {words}", columns(upper_first(words), heads), rows)


def _idle(gap: Gap) -> Iterator[str]:
    if not gap.idle:
        yield "None."
        return
    policy = gap.solved.prepared.policy
    closed: dict[tuple[str, bool | None], list[str]] = {}
    ready: dict[tuple[tuple[str, bool | None], ...], list[str]] = {}
    for each in gap.idle:
        why = tuple(zip(each.rules, each.known, strict=True))
        if each.closed:
            for one in why:
                closed.setdefault(one, []).append(each.household_id)
        else:
            ready.setdefault(why, []).append(each.household_id)
    if closed:
        number = sum(each.closed for each in gap.idle)
        yield f"{upper_first(count(number, 'household'))} {_are(number)} closed by what the household alone lacks (some lack more than one thing):"
    for one, who in sorted(closed.items(), key=lambda each: -len(each[1])):
        yield f"  {len(who)} {obstacle_words(*one, policy)}: {_some(who)}."
    for why, who in sorted(ready.items(), key=lambda each: -len(each[1])):
        most = "".join(f" Most often: {obstacle_words(*one, policy)}." for one in why)
        verbs = "is ready, yet fits" if len(who) == 1 else "are ready, yet fit"
        yield f"{_some(who)} {verbs} no family of this round.{most}"


def _some(ids: Sequence[str]) -> str:
    """The ids, or of many the first and how many more there are."""
    if len(ids) <= MOST_IDS:
        return and_list(ids)
    return f"{', '.join(ids[:MOST_IDS])} and {len(ids) - MOST_IDS:,} more"
