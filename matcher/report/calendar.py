"""The dated tasks of a round as people read them: on a terminal, on the page, in a workbook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from matcher.errors import Fault, WrongInput
from matcher.explain import Explainer
from matcher.intake.cells import shown
from matcher.intake.inputs import Inputs
from matcher.policy import calendar
from matcher.policy.agenda import Entry, Planned
from matcher.policy.settings import Policy
from matcher.policy.words import capital, count, written
from matcher.record import Record
from matcher.report.text import PEOPLE_DECIDE, paragraph, printable
from matcher.rounds import Round
from matcher.solve.problem import UNPLACED

HEADINGS = ("Date", "Overdue", "Request", "Household", "What to do", "Who", "Clause", "Stage", "Done")  # fmt: skip
SHEET = "Calendar"
ONE_WEEK = 7


def of_round(solved: Round) -> list[Entry]:
    """The calendar of a solved round."""
    prepared, explainer = solved.prepared, Explainer(solved)
    planned = {}
    for row, household in enumerate(solved.household.tolist()):
        if household != UNPLACED:
            case = prepared.pair(row, household)
            planned[case.ids[0]] = Planned(case.ids[1], explainer.starts_on(case))
    return calendar.entries(prepared.inputs, prepared.policy, planned)


def of_record(record: Record, inputs: Inputs, policy: Policy, name: str) -> list[Entry]:
    """The calendar of a round.json and its data; WrongInput where they don't go together."""
    faults: list[Fault] = []
    planned: dict[str, Planned] = {}
    requests = {each.request_id for each in inputs.requests}
    homes = {each.household_id for each in inputs.households}
    listed = record.get("requests")
    for each in listed if isinstance(listed, list) else [None]:
        try:
            request, proposal = str(each["request_id"]), each["proposal"]
            if proposal is None:
                continue
            home, start = str(proposal["household_id"]), proposal["starts_on"]
            day = None if start is None else date.fromisoformat(start)
        except (KeyError, TypeError, ValueError):
            faults.append(_not_of(name, None, "A request is not written as a round writes it."))
            continue
        if request not in requests:
            faults.append(_not_of(name, request, "The data has no such open request."))
        elif home not in homes:
            faults.append(_not_of(name, home, "The data has no such household."))
        else:
            planned[request] = Planned(home, day)
    if faults:
        raise WrongInput(faults)
    return calendar.entries(inputs, policy, planned)


def _not_of(name: str, value: str | None, problem: str) -> Fault:
    fix = "Name the round.json of this data; 'matcher verify' says how they differ."
    return Fault(name, None, None, None if value is None else shown(value), problem, fix)


def text(entries: Sequence[Entry], as_of: date) -> Iterator[str]:
    """The calendar for a terminal: what is overdue, then day by day."""
    late = sum(each.overdue for each in entries)
    yield f"Calendar, {written(as_of)}"
    yield f"{capital(count(len(entries), 'dated task'))}, {late:,} of them overdue."
    for overdue, group in groupby(entries, key=lambda each: each.overdue):
        yield ""
        yield "OVERDUE" if overdue else "DUE"
        for day, of_day in groupby(group, key=lambda each: each.date):
            yield f"  {day:%A} {written(day)}"
            for each in of_day:
                place = f"{each.request_id}{f' → {each.household_id}' if each.household_id else ''}"
                yield paragraph(
                    f"{printable(place)}: {each.what} {capital(each.who)}. ({each.clause})", "    "
                )
    yield ""
    yield "Days are worked out by rule, by the clause beside each."
    yield PEOPLE_DECIDE


def record(entries: Sequence[Entry], as_of: date) -> Record:
    """The calendar for a machine."""
    return {"as_of": as_of.isoformat(), "tasks": [each.record() for each in entries]}


def rows(entries: Sequence[Entry]) -> list[tuple[Any, ...]]:
    """The calendar as the rows of a sheet."""
    return [
        (
            each.date,
            "overdue" if each.overdue else "",
            each.request_id,
            each.household_id,
            each.what,
            each.who,
            each.clause,
            each.stage,
            "",
        )
        for each in entries
    ]


@dataclass(frozen=True)
class Block:
    """What is due for one family on one day."""

    day: date
    overdue: bool
    request_id: str
    household_id: str | None
    tasks: tuple[Entry, ...]


@dataclass(frozen=True)
class Section:
    """The calendar on the page: what is overdue or due soon, and how much else there is."""

    shown_days: int
    blocks: tuple[Block, ...]
    counts: tuple[tuple[str, int], ...]
    later: int

    @property
    def tasks(self) -> int:
        """How many tasks are overdue or due soon."""
        return sum(len(block.tasks) for block in self.blocks)


def section(entries: Sequence[Entry], as_of: date, policy: Policy) -> Section:
    """What the page shows: tasks that are overdue, or due within `calendar.shown_days`."""
    days = int(policy.number("calendar.shown_days"))
    last, week = as_of + timedelta(days=days), as_of + timedelta(days=ONE_WEEK)
    soon = [each for each in entries if each.date <= last]
    blocks = []
    for (overdue, day, request), group in groupby(
        soon, key=lambda each: (each.overdue, each.date, each.request_id)
    ):
        tasks = tuple(group)
        homes = [each.household_id for each in tasks if each.household_id]
        blocks.append(Block(day, overdue, request, homes[0] if homes else None, tasks))
    late = sum(each.overdue for each in entries)
    within = sum(each.date <= week for each in entries) - late
    counts = (
        ("Overdue", late),
        (f"In the next {ONE_WEEK} days", within),
        ("After that", len(entries) - late - within),
    )
    return Section(days, tuple(blocks), counts, len(entries) - len(soon))
