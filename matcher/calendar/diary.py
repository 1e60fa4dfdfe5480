"""The dated duties of a round as people read them: on a terminal, on the page, in a workbook."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from matcher.enter import form
from matcher.explain import duties_of
from matcher.policy import duties
from matcher.policy.settings import Policy
from matcher.record import RequestRecord, RoundRecord, policy_of
from matcher.show.files import Record
from matcher.show.table import Column, Kind, Table
from matcher.show.text import PEOPLE_DECIDE, paragraph, printable
from matcher.words import count, long_date, upper_first

REQUEST, PROPOSAL, PLACEMENT = "request", "proposal", "placement"  # stages
PLACED = "placed"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the calendar: a duty of a family on the day by which it is due.

    `why` is on what evidence it is due, `people` who does it: the family's own workers, else the role.
    """

    date: date
    overdue: bool
    request_id: str
    household_id: str | None
    task: str
    what: str
    who: str
    clause: str
    stage: str
    key: str
    action: str
    why: str
    people: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """The line with the keys of the contract."""
        return {**asdict(self), "date": self.date.isoformat()}


def of_record(of: RoundRecord) -> list[Entry]:
    """The calendar of a round: every duty with a day, what is overdue first, then by day."""
    policy = policy_of(of.round.policy)
    found = [entry for request in of.requests for entry in _of_request(request, policy)]
    return sorted(found, key=lambda e: (not e.overdue, e.date, e.request_id))


def _of_request(request: RequestRecord, policy: Policy) -> Iterator[Entry]:
    living, proposal = request.facts.living, request.proposal
    lives_with = living.household_id if living else None
    goes_to = proposal.household_id if proposal else lives_with if request.state == PLACED else None
    is_placed = request.state == PLACED or request.facts.decision == "confirmed"
    for duty in duties.words(duties_of(request), policy):
        named = duties.named(duty.duty, policy)
        of, recurs = named.of, named.recurs
        home = {
            duties.REQUEST: lives_with if recurs else None,
            duties.PLACEMENT: lives_with or goes_to,
        }.get(of, goes_to)
        if duty.due is None or (home is None and of not in (duties.REQUEST, duties.PLACEMENT)):
            continue
        late = duty.status == duties.OVERDUE
        evidence = duty.evidence if late or not duty.unrecorded else ""
        running = PLACEMENT if is_placed or of == duties.PLACEMENT else PROPOSAL
        yield Entry(
            date=duty.due,
            overdue=late,
            request_id=request.request_id,
            household_id=home,
            task=duty.duty,
            what=f"{duty.action} {evidence}".rstrip(),
            who=duty.who,
            clause=duty.clause,
            stage=REQUEST if of == duties.REQUEST else running,
            key=duty.key,
            action=duty.action,
            why=duty.evidence,
            people=duty.workers or (duty.who,),
        )


@dataclass(frozen=True, slots=True)
class Question:
    """A duty of which no day can be said until somebody answers."""

    request_id: str
    task: str
    why: str
    ask: str
    who: str
    clause: str


def questions(of: RoundRecord) -> list[Question]:
    """The duties without a day that wait for an answer, by request."""
    policy = policy_of(of.round.policy)
    return [
        Question(request.request_id, duty.duty, duty.evidence, duty.action, duty.who, duty.clause)
        for request in of.requests
        for duty in duties.words(duties_of(request), policy)
        if duty.status == duties.UNKNOWN and duty.due is None
    ]


def text(entries: Sequence[Entry], as_of: date, asked: Sequence[Question] = ()) -> Iterator[str]:
    """The calendar for a terminal: what waits for an answer, what is overdue, then day by day."""
    late = sum(each.overdue for each in entries)
    yield f"Calendar, {long_date(as_of)}"
    yield f"{upper_first(count(len(entries), 'dated task'))}, {late:,} of them overdue."
    if asked:
        yield ""
        yield "NO DAY UNTIL SOMEBODY ANSWERS"
    for request_id, some in groupby(asked, key=lambda each: each.request_id):
        yield f"  {printable(request_id)}"
        for question in some:
            who = f"{upper_first(question.who)}. ({question.clause})"
            said = f"{question.why} {question.ask} {who}"
            yield paragraph(said, "    ")
    for overdue, group in groupby(_blocks(entries), key=lambda block: block.overdue):
        yield ""
        yield "OVERDUE" if overdue else "DUE"
        for day, blocks in groupby(group, key=lambda block: block.day):
            yield f"  {day:%A} {long_date(day)}"
            for block in blocks:
                yield f"    {printable(block.family)}"
                for each in block.tasks:
                    said = f"{each.what} {upper_first(each.who)}. ({each.clause})"
                    yield paragraph(said, "      ")
    yield ""
    yield "Days are worked out by rule, by the clause beside each."
    yield PEOPLE_DECIDE


def record(entries: Sequence[Entry], as_of: date, asked: Sequence[Question] = ()) -> Record:
    """The calendar for a machine."""
    return {
        "as_of": as_of.isoformat(),
        "tasks": [each.record() for each in entries],
        "questions": [asdict(each) for each in asked],
    }


def questions_table(asked: Sequence[Question]) -> Table:
    """What waits for an answer before a day can be said."""
    return Table.of(
        "No day yet",
        asked,
        {
            "Request": lambda of: of.request_id,
            "Why": lambda of: of.why,
            "Ask": lambda of: of.ask,
            "Who": lambda of: of.who,
            "Clause": lambda of: of.clause,
        },
    )


def table(entries: Sequence[Entry]) -> Table:
    """The calendar, with a column to tick tasks off."""
    return Table.of(
        "Calendar",
        entries,
        {
            Column("Date", Kind.DAY): lambda of: of.date,
            "Overdue": lambda of: "overdue" if of.overdue else None,
            "Request": lambda of: of.request_id,
            "Household": lambda of: of.household_id,
            "What to do": lambda of: of.what,
            "Who": lambda of: of.who,
            "Clause": lambda of: of.clause,
            "Stage": lambda of: of.stage,
            **form.blank(form.TICKS),
            form.DUTY: lambda of: of.key,
        },
    )


def read_first(lines: Iterable[str]) -> Table:
    """What stands before the calendar in its workbook."""
    return Table.of("Read first", lines, {"About this calendar": lambda line: line})


@dataclass(frozen=True)
class Block:
    """What is due for one family, with one household, on one day."""

    day: date
    overdue: bool
    request_id: str
    household_id: str | None
    tasks: tuple[Entry, ...]

    @property
    def family(self) -> str:
        """The family, and the household that it is for."""
        return f"{self.request_id} → {self.household_id}" if self.household_id else self.request_id


def _blocks(entries: Iterable[Entry]) -> Iterator[Block]:
    for (overdue, day, request), group in groupby(
        entries, key=lambda each: (each.overdue, each.date, each.request_id)
    ):
        tasks = tuple(group)
        # Of a family that asks for a move: the household it lives with, and the proposed one.
        homes = list(dict.fromkeys(each.household_id for each in tasks))
        if len(homes) > 1 and None in homes:
            homes.remove(None)  # what is of no household stands with the first
        for home in homes:
            mine = tuple(e for e in tasks if (e.household_id or homes[0]) == home)
            yield Block(day, overdue, request, home, mine)


@dataclass(frozen=True)
class Day:
    """What is due on one day, by family."""

    day: date
    overdue: bool
    blocks: tuple[Block, ...]


def by_day(entries: Iterable[Entry]) -> Iterator[Day]:
    """The calendar day by day, what is overdue first."""
    for (overdue, day), blocks in groupby(_blocks(entries), key=lambda b: (b.overdue, b.day)):
        yield Day(day, overdue, tuple(blocks))


@dataclass(frozen=True)
class Section:
    """The calendar on the page: what is overdue or due soon, and how much else there is."""

    days: int
    overdue: int
    soon: int
    later: int
    blocks: tuple[Block, ...]
    left_out: int


def section(
    entries: Sequence[Entry], as_of: date, policy: Policy, most: int | None = None
) -> Section:
    """What the page shows: tasks that are overdue, or due within `calendar.shown_days`.

    `most` is for how many families and days at most.
    """
    days = int(policy.number("calendar.shown_days"))
    near = [each for each in entries if each.date <= as_of + timedelta(days=days)]
    late = sum(each.overdue for each in near)
    blocks = tuple(_blocks(near))
    shown_blocks = blocks[:most]
    left_out = len(near) - sum(len(block.tasks) for block in shown_blocks)
    return Section(days, late, len(near) - late, len(entries) - len(near), shown_blocks, left_out)
