"""Who waits, by group, and how much notice was given: counts that are seen, and explain nothing.

The workbook is the service's own and has every count. The page is printed and passed on, so small
counts are left out there, and others with them from which a small one could be worked out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from matcher.codes import URGENCIES, broad_groups
from matcher.intake.rows import Request
from matcher.policy.words import capital, count
from matcher.record import Record
from matcher.report.view import View, when

FEWEST = 5  # fewer are not shown where a table may leave the service
SHORT_NOTICE = 5  # days, as in 'within 5 days' of the National Placement Standard
HIDDEN = "not shown"
NOT_KNOWN = "Not known"
HEADINGS = ("By", "Group", "Requests", "Proposed", "Waiting", "Not matched")
Cells = list[int | None]


@dataclass(frozen=True, slots=True)
class Group:
    """One group of one kind, and how many of its requests came out how."""

    kind: str
    name: str
    numbers: tuple[int, int, int]

    @property
    def row(self) -> tuple[str | int, ...]:
        """The group as a row of a table, its requests before what came of them."""
        return self.kind, self.name, sum(self.numbers), *self.numbers


def who_waits(view: View) -> list[Group]:
    """What came of the requests, by ethnicity, religion, language, care and urgency."""
    asked = {row.request_id: row for row in view.solved.prepared.inputs.requests}
    found = Counter(
        (kind, name, view.outcome(request))
        for request in view.record["requests"]
        for kind, name in _groups(asked[request["request_id"]], request)
    )
    names = dict.fromkeys((kind, name) for kind, name, _ in sorted(found, key=_order))
    return [
        Group(kind, name, tuple(found[kind, name, each] for each in _OUTCOMES))  # type: ignore[arg-type]
        for kind, name in names
    ]


_OUTCOMES = ("proposed", "waits", "not matched")
_KINDS = ("Ethnicity", "Religion", "English", "Looked-after parent", "Needed")
_NEEDED = tuple(capital(when(each)) for each in URGENCIES)


def _groups(row: Request, request: Record) -> Iterator[tuple[str, str]]:
    yield "Ethnicity", broad_groups().get(row.ethnicity or "", NOT_KNOWN)
    said = row.religion if row.religion != "not_stated" else None
    yield "Religion", capital(said) if said else NOT_KNOWN
    yield "English", capital(row.english) if row.english else NOT_KNOWN
    yield "Looked-after parent", "Yes" if row.a_parent_is_looked_after else "No"
    yield "Needed", capital(when(request["urgency"]))


def _order(found: tuple[str, str, str]) -> tuple[int, bool, int, str]:
    kind, name, _ = found
    urgency = _NEEDED.index(name) if name in _NEEDED else 0
    return _KINDS.index(kind), name == NOT_KNOWN, urgency, name


def rows(view: View) -> list[tuple[str | int, ...]]:
    """Every count, for the service itself."""
    return [group.row for group in who_waits(view)]


def shown(groups: Sequence[Group]) -> list[tuple[str | int, ...]]:
    """The counts that may leave the service; a kind with one group alone tells nothing of groups."""
    made: list[tuple[str | int, ...]] = []
    for kind in _KINDS:
        alike = [group for group in groups if group.kind == kind]
        if len(alike) > 1:
            cells = suppressed([group.numbers for group in alike])
            made += [
                (kind, group.name, *(HIDDEN if each is None else each for each in line))
                for group, line in zip(alike, cells, strict=True)
            ]
    return made


def suppressed(numbers: Sequence[Sequence[int]]) -> list[Cells]:
    """Rows as their sum and then their cells, None where a count may not be told.

    A count below five goes. Then, until nothing more has to: where the rest of a row or a column
    would give what is missing (one cell alone, or several that come to fewer than five), its
    smallest other cell goes too. The sums of the columns stand elsewhere in the report.
    """
    table = [[sum(row), *row] for row in numbers]
    hidden = {(at, to) for at, row in enumerate(table) for to, n in enumerate(row) if n < FEWEST}
    columns = [[(at, to) for at in range(len(table))] for to in range(len(table[0]))]
    lines = [[(at, to) for to in range(1, len(row))] for at, row in enumerate(table)]
    changed = True
    while changed:
        changed = False
        for line in (*columns, *lines):
            # A row whose sum is not told gives nothing away.
            if line in lines and (line[0][0], 0) in hidden:
                continue
            gone = [cell for cell in line if cell in hidden]
            rest = sorted((table[at][to], at, to) for at, to in line if (at, to) not in hidden)
            told = len(gone) == 1 or sum(table[at][to] for at, to in gone) < FEWEST
            if gone and told and rest:
                hidden.add(rest[0][1:])
                changed = True
    return [
        [None if (at, to) in hidden else n for to, n in enumerate(row)]
        for at, row in enumerate(table)
    ]


def notice(view: View) -> str:
    """How early requests came and households were found, in one line."""
    asked = view.solved.prepared.inputs.requests
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
        (date.fromisoformat(each["proposal"]["starts_on"]) - view.as_of).days
        for each in view.record["requests"]
        if each["proposal"] is not None and each["proposal"]["starts_on"]
    ]
    if not starts:
        return said
    return (
        f"{said} What is proposed starts, in the middle, {_days(median(starts))} after this round."
    )


def _days(number: float) -> str:
    return f"{number:g} {'day' if number == 1 else 'days'}"


def context(view: View) -> Record:
    """What the page shows."""
    return {
        "headings": HEADINGS,
        "rows": shown(who_waits(view)),
        "fewest": FEWEST,
        "notice": notice(view),
    }
