"""The families and the homes as their pages show them: what is recorded, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Value
from django.http import Http404

from matcher.duty.questions import questions
from matcher.intake import clean_rows
from matcher.intake.about import is_asked
from matcher.intake.files import Findings
from matcher.intake.given import COLUMNS, Given
from matcher.intake.placements import runs
from matcher.intake.rows import SECTIONS, TABLES, Placement, Request, Row, columns_of
from matcher.panel.forms import question, read, sections
from matcher.panel.tables import IDS, MODELS, TableRow, counting, sheet_of, standing
from matcher.show.table import Cell, Column, Kind, Table
from matcher.words import upper_first


def row_of(table: str, **key: Any) -> TableRow:
    """The row that counts with these cells; 404 where there is none."""
    found = counting(table).filter(**key).order_by("pk").first()
    if found is None:
        raise Http404
    made: TableRow = found
    return made


def ids_of(table: str) -> tuple[str, ...]:
    """The ids of the rows that count of a table, in order."""
    column = IDS[table]
    return tuple(counting(table).order_by(column).values_list(column, flat=True))


def rows_about(tables: Sequence[str], **key: str) -> dict[str, list[TableRow]]:
    """The rows that count of several tables about one family or home, asked for at once."""
    columns = {table: tuple(columns_of(TABLES[table])) for table in tables}
    every = list(dict.fromkeys(name for names in columns.values() for name in names))
    asked = [
        counting(table)
        .filter(**key)
        .annotate(
            of=Value(table), **{f"_{c}": F(c) if c in columns[table] else Value("") for c in every}
        )
        .values_list("of", "pk", "version", *(f"_{c}" for c in every))
        for table in tables
    ]
    found: dict[str, list[TableRow]] = {table: [] for table in tables}
    for table, pk, version, *cells in sorted(asked[0].union(*asked[1:], all=True)):
        given = {c: text for c, text in zip(every, cells, strict=True) if c in columns[table]}
        row = MODELS[table](**given)
        row.pk, row.version = pk, version
        found[table].append(row)
    return found


def clean(table: str, rows: Sequence[TableRow] | None = None) -> list[Any]:
    """The clean values of rows of a table, by default of all that count; what can't be read is blank."""
    found = standing(table) if rows is None else rows
    if not found:
        return []
    ((made),) = clean_rows(
        {table: sheet_of(table, [row.cells() for row in found])}, Findings([], [])
    ).values()
    return list(made)


def running(placements: Iterable[Placement], day: date) -> list[Placement]:
    """The placements that run on a day."""
    return [each for each in placements if runs(each, day)]


@dataclass(frozen=True)
class Answer:
    """A question with what is recorded; `known` is whether anything is."""

    name: str
    question: str
    said: str
    known: bool
    wrong: str


@dataclass(frozen=True)
class Section:
    """A section of a row with its answers, and those that are not asked as things stand."""

    key: str
    title: str
    answers: list[Answer]
    idle: list[Answer]


def summary(table: str, row: TableRow, hidden: Iterable[str] = ()) -> list[Section]:
    """A row by sections; `hidden` are columns that this reader may not see."""
    cells = row.cells()
    made, wrong = read(table, cells)
    found = []
    for key, names in sections(table).items():
        answers: list[Answer] = []
        idle: list[Answer] = []
        for name in names:
            if name in hidden:
                continue
            asked = question(table, name)
            told = asked.said(getattr(made, name)) if name not in wrong else cells[name]
            answer = Answer(
                name, asked.column.question, told, bool(cells[name]), " ".join(wrong.get(name, ()))
            )
            (answers if cells[name] or asked_of(made, name) else idle).append(answer)
        if answers or idle:
            found.append(Section(key, SECTIONS[key], answers, idle))
    return found


def asked_of(row: Row, name: str) -> bool:
    """Whether a column is asked of a row as it is."""
    return not isinstance(row, Request) or is_asked(name, row)


def idle_of(table: str, row: TableRow, names: Iterable[str]) -> frozenset[str]:
    """The columns that are blank and not asked of a row as it is."""
    cells = row.cells()
    made, _ = read(table, cells)
    return frozenset(name for name in names if not cells[name] and not asked_of(made, name))


@dataclass(frozen=True)
class Missing:
    """Something that nobody has said of a family: the question, whom to ask, and its section."""

    question: str
    ask: str
    section: str


def given_of(request: Request) -> Given:
    """A recorded family as the duty desk asks about it."""
    known = {name: value for name, value in vars(request).items() if value is not None}
    return Given(request.request_id, known, frozenset(COLUMNS), True)


def missing(request: Request) -> list[Missing]:
    """What nobody has said of a family, as far as it is asked of it, and whom to ask."""
    found = []
    for each in questions(given_of(request)):
        if is_asked(each.column, request):
            column = question("requests", each.column).column
            found.append(Missing(column.question, upper_first(each.ask), column.section))
    return found


def placements(found: Sequence[Placement], today: date, *, of_home: bool = False) -> Table | None:
    """Where a family lives and lived, or who lives and lived in a home; None where nobody did."""

    def how(of: Placement) -> str:
        if runs(of, today):
            return "lives there"
        if of.ended_on is None:
            return "agreed"
        return question("placements", "ended_because").said(of.ended_because)

    caption = "Who lives and lived there" if of_home else "Where the family lives and lived"
    other = "Family" if of_home else "Home"
    cells: dict[str | Column, Callable[[Placement], Cell]] = {
        other: lambda of: of.request_id if of_home else of.household_id,
        Column("Since", Kind.DAY): lambda of: of.started_on,
        Column("Planned end", Kind.DAY, missing="nobody can say"): lambda of: of.planned_end_on,
        Column("Ended", Kind.DAY): lambda of: of.ended_on,
        "How": how,
    }
    return Table.of(caption, found, cells) if found else None
