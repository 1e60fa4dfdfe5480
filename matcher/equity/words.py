"""Who waits, how groups of families compare, and how much notice was given, for people.

The workbook and round.json are the service's own. What leaves it, `matcher equity`, holds no id, no
count below five and none from which one could be worked out. The page shows single requests with the
day of their need, so that it stays in the service; its counts are those that may leave all the same,
without urgency, which its other tables give away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import date
from math import isnan
from statistics import median

from matcher.equity.groups import (
    FEWEST,
    KINDS,
    Difference,
    Envy,
    Group,
    differences,
    envies,
    groups,
    passed_on,
    suppressed,
)
from matcher.explain import NOT_SHOWN
from matcher.intake.rows import Request
from matcher.record import RequestRecord
from matcher.recorder import Recorder
from matcher.show.files import Record, known
from matcher.show.paper import Section
from matcher.show.table import Row, Table, columns, numbers
from matcher.words import between, count, label, upper_first

DIGITS = {"placed": 2, "late": 1, "waited": 1, "fit": 1, "miles": 1}  # of means that are passed on
SHORT_NOTICE = 5  # days, as in 'within 5 days' of the National Placement Standard
MOST_ENVIES = 8  # that a page or the terminal shows
WORDS = {
    "placed": "proposed",
    "late": "days late",
    "waited": "rounds without a household",
    "fit": "fit",
    "miles": "miles from home",
}
UNITS = {
    "placed": "",
    "late": ", in the mean, of those who can be matched",
    "waited": ", in the mean, of those who could be matched",
    "fit": ", of 100, in the mean, of those proposed",
    "miles": ", in the mean, of those proposed",
}
QUESTION = "A difference between groups is a question for people: these counts do not say where it comes from."
NO_ENVY = (
    "No family and household rank each other above what they got (by the aims, in their order): "
    "there is no justified envy."
)
LEAVES = (
    "To pass on: no family is named, and counts below 5, or others that would give them away, are not "
    "shown."
)
STAYS = "This stays in the service: it holds ids, and counts below 5 from which a family could be known."


def shown(found: Sequence[Group], kinds: Sequence[str] = KINDS[:-1]) -> list[tuple[str | int, ...]]:
    """The counts that may leave the service; a kind with one group alone tells nothing of groups."""
    made: list[tuple[str | int, ...]] = []
    for kind in kinds:
        alike = [group for group in found if group.kind == kind]
        if len(alike) > 1:
            cells = suppressed([group.parts for group in alike])
            made += [
                (kind, group.name, *(NOT_SHOWN if each is None else each for each in line))
                for group, line in zip(alike, cells, strict=True)
            ]
    return made


def compared(found: Sequence[Difference]) -> list[tuple[str, ...]]:
    """Differences as rows of a table for people."""
    return [
        (
            each.kind,
            each.name,
            WORDS[each.measure],
            _said(each.measure, each.mean),
            _said(each.measure, each.other_mean),
            _said(each.measure, each.mean - each.other_mean, "+"),
            _between(each),
        )
        for each in found
    ]


def _said(measure: str, value: float, sign: str = "") -> str:
    if measure == "placed":
        return f"{100 * value:{sign}.0f}{' of 100' if sign else ' %'}"
    return f"{value:{sign}.1f}"


def _between(each: Difference) -> str:
    if isnan(each.low):
        return "not known: too few"
    times, digits = (100, 0) if each.measure == "placed" else (1, 1)
    return between(times * each.low, times * each.high, "more", "less", f"{{:.{digits}f}}".format)


def by_chance(found: Sequence[Difference]) -> str:
    """How many intervals leave out 0, against how many chance alone would make do so."""
    told = [each for each in found if not isnan(each.low)]
    show = sum(each.shows for each in told)
    return (
        f"{show} of {count(len(told), 'difference')} {'is' if show == 1 else 'are'} greater than chance "
        "would usually make (the interval leaves out 0); by chance alone about 1 in 20 would be."
    )


def notice(asked: Sequence[Request], answers: Iterable[RequestRecord], as_of: date) -> str:
    """How early requests came and households were found, in one line."""
    if not asked:
        return "There is no request."
    given = [(row.needed_from - row.received_on).days for row in asked]
    late = sum(days <= SHORT_NOTICE for days in given)
    unborn = sum(row.received_on < row.child_born_or_due_on for row in asked)
    said = (
        f"Notice: {count(len(asked), 'request')} came, in the middle {_days(median(given))} before "
        f"the family is needed. {late} came late, {SHORT_NOTICE} days before or less; "
        f"{unborn} came before birth."
    )
    starts = [
        (each.proposal.starts_on - as_of).days
        for each in answers
        if each.proposal is not None and each.proposal.starts_on
    ]
    if not starts:
        return said
    return (
        f"{said} What is proposed starts, in the middle, {_days(median(starts))} after this round."
    )


def _days(number: float) -> str:
    return f"{number:g} {'day' if number == 1 else 'days'}"


# The tables, whole for the service and as the page shows them


def who_waits(found: Sequence[Group]) -> Table:
    """What came out by group of families: every count, for the service alone."""
    counted = numbers("Requests", "Proposed", "Waiting", "Not matched")
    rows = [group.line for group in found]
    return Table("Who waits", columns("By", "Group", counted), rows, names_row=1)


def between_groups(found: Sequence[Difference], note: str = "") -> Table:
    """Each group against all other families."""
    heads = columns(
        "By", "Group", "Measure", numbers("The group", "All others", "Difference", "95 % interval")
    )
    caption = "Each group against all other families, where both sides are large enough"
    return Table(caption, heads, compared(found), note, "Between groups", names_row=1)


def envy_table(found: Sequence[Envy], most: int | None = None) -> Table:
    """Pairs of justified envy."""
    caption = (
        "A family and a household that both rank each other above what they got, by the aims in their "
        "order, and why they were not given each other"
    )
    rows = [
        (
            each.request_id,
            each.household_id,
            each.has or "nobody",
            each.holder or "nobody",
            each.reason,
        )
        for each in found[:most]
    ]
    more = len(found) - len(rows)
    heads = columns("Request", "Household", "The family has", "The household has", "The pair")
    note = f"{more:,} more are on the sheet Envy of matches.xlsx." if more else ""
    return Table(caption, heads, rows, note, "Envy")


def context(
    found: Sequence[Group], compared_all: Sequence[Difference], envy: Sequence[Envy], came: str
) -> Record:
    """What the page shows; `came` is the line of `notice`."""
    may = [each for each in passed_on(found, compared_all) if each.kind != "Needed"]
    counts = Table(
        f"What came out, by group of families. Counts below {FEWEST} are not shown, nor others that "
        "would give them away; sheet Who waits of matches.xlsx has all, and urgency, for the service "
        "alone",
        columns("By", "Group", numbers("Requests", "Proposed", "Without a proposal")),
        shown(found),
        names_row=1,
    )
    return {
        "notice": came,
        "counts": counts,
        "compared": between_groups(may, by_chance(may)),
        "question": QUESTION,
        "envies": envy_table(envy, MOST_ENVIES),
        "no_envy": NO_ENVY,
    }


# The command, for the service or to pass on


def equity_record(recorder: Recorder, *, inside: bool) -> Record:
    """Groups, differences and envy for programs; `inside` the service with ids and every count."""
    found = groups(recorder.round)
    envied = envies(recorder)
    made = groups_record(recorder.inputs.as_of, found, differences(recorder, found), inside=inside)
    made["envy"] = len(envied) if inside or not 0 < len(envied) < FEWEST else None
    if inside:
        made["envies"] = [asdict(each) for each in envied]
    return made


def groups_record(
    as_of: date, found: Sequence[Group], every: Sequence[Difference], *, inside: bool
) -> Record:
    """Groups and differences for programs: every count inside the service, else what may leave it."""
    made: Record = {"as_of": as_of.isoformat(), "stays_in_the_service": inside}
    if inside:
        made["groups"] = [
            _group((*group.line[:3], *group.parts))
            | {"waiting": group.numbers[1], "not_matched": group.numbers[2]}
            for group in found
        ]
        made["differences"] = [known(asdict(each)) for each in every]
    else:
        # The families behind a mean would tell how many are held in screening or have withheld their
        # address; so would a mean that is told to the last digit.
        made["groups"] = [_group(line) for line in shown(found, KINDS) if line[2] != NOT_SHOWN]
        made["differences"] = [
            {
                key: round(value, DIGITS[each.measure]) if isinstance(value, float) else value
                for key, value in asdict(each).items()
                if key not in ("number", "others")
            }
            for each in passed_on(found, every)
        ]
    return made


def _group(line: Sequence[str | int]) -> Record:
    keys = ("kind", "name", "requests", "proposed", "without_proposal")
    return dict(zip(keys, (None if each == NOT_SHOWN else each for each in line), strict=True))


def told_differences(record: Record) -> list[Difference]:
    """The differences of a record that have an interval."""
    return [
        Difference(**({"number": 0, "others": 0} | each))
        for each in record["differences"]
        if each["low"] is not None
    ]


def details(record: Record) -> Iterator[Section]:
    """The record of how groups fared, for analysts; where nothing can be compared, in a line."""
    found = told_differences(record)
    if record["groups"]:
        inside = record["stays_in_the_service"]
        counted = (
            "requests",
            "proposed",
            *(("waiting", "not_matched") if inside else ("without_proposal",)),
        )
        rows: list[Row] = [
            (
                each["kind"],
                each["name"],
                *(NOT_SHOWN if each[key] is None else each[key] for key in counted),
            )
            for each in record["groups"]
        ]
        heads = columns("By", "Group", numbers(*(upper_first(label(key)) for key in counted)))
        note = "" if inside else "Smaller groups are left out."
        yield Section(
            "What came out, by group", (Table("By group", heads, rows, note, names_row=1),)
        )
    if found:
        yield Section.of("Each group against all other families", _compared(found))
    few = len(record["differences"]) - len(found)
    if record["stays_in_the_service"] and few:
        line = f"{upper_first(count(few, 'comparison'))}: fewer than {FEWEST} families on a side, or all alike."
        yield Section("What can't be compared", (line,))
    if "envy" in record:
        yield Section.of("Who would rather have each other", _envy_lines(record))


def _compared(found: Sequence[Difference]) -> Iterator[str | Table]:
    yield by_chance(found)
    for measure, words in WORDS.items():
        some = [each for each in found if each.measure == measure]
        if some:
            heads = columns(
                "By", "Group", numbers("The group", "All others"), "The group than all others"
            )
            rows: list[Row] = [
                (kind, name, ours, theirs, apart)
                for kind, name, _, ours, theirs, _, apart in compared(some)
            ]
            yield Table(f"{upper_first(words)}{UNITS[measure]}", heads, rows, names_row=1)
    yield QUESTION


def _envy_lines(record: Record) -> Iterator[str]:
    if record["envy"] == 0:
        yield NO_ENVY
    elif "envies" not in record:
        few = record["envy"] is None
        pairs = "Some pairs" if few else upper_first(count(record["envy"], "pair"))
        yield f"{pairs} of a family and a household would rank each other above what they got. The service has the list, each with what the round would lose."
    envied = record.get("envies", [])
    for each in envied[:MOST_ENVIES]:
        has, holder = each["has"] or "nobody", each["holder"] or "nobody"
        yield (
            f"{each['request_id']} (has {has}) and {each['household_id']} (has {holder}) rank each "
            f"other above what they got: the pair {each['reason']}."
        )
    if (more := len(envied) - MOST_ENVIES) > 0:
        yield f"{upper_first(count(more, 'more pair'))} on the sheet Envy of matches.xlsx."
