"""The form in which a dated task is written down, and what it is asked about.

A task is a function of one `Subject`: its name is its key, the first line of its docstring is what
it says. It gives the day or days on which it is due, or None where it does not apply.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from matcher.intake.inputs import Inputs
from matcher.intake.rows import Event, Placement, Request
from matcher.policy.days import WorkingDays, england
from matcher.policy.settings import Policy
from matcher.words import long_date

REQUEST, PROPOSAL, PLACEMENT = "request", "proposal", "placement"
BEFORE, RUNNING = "before the start", "once confirmed"
NOT_RECORDED = "Nothing recorded says that it was done."
CARE_ORDER, INTERIM_ORDER = "care_order", "interim_care_order"
DAYS_PER_WEEK = 7


@dataclass(frozen=True, slots=True)
class Due:
    """A day on which a task is due.

    `clause` is given where fewer or other clauses date it than the task names.
    """

    day: date
    note: str = ""
    clause: str = ""


Days: TypeAlias = date | Due | tuple[Due, ...] | None


@dataclass(frozen=True, slots=True)
class Planned:
    """Where a family is proposed to live, and from which day; None where nobody can say."""

    household_id: str
    start: date | None


@dataclass(frozen=True)
class Subject:
    """One family on a day, with its proposal or its confirmed placement where there is one.

    Without either, `start` is the day from which the family needs a home. `end` is None where no
    end is planned. `steps` are those of the family and of this household.
    """

    request: Request
    as_of: date
    policy: Policy
    days: WorkingDays
    steps: Mapping[str, Event]
    own_carers: str | None
    household_id: str | None
    start: date
    end: date | None
    confirmed: bool

    @property
    def unborn(self) -> bool:
        """Whether the child is not yet born."""
        return self.request.child_born_or_due_on > self.as_of

    @property
    def started(self) -> bool:
        """Whether the placement began before today."""
        return self.confirmed and self.start < self.as_of

    @property
    def before_start(self) -> date:
        """The last working day before the start; today where there is none left."""
        day = self.days.last_before(self.start)
        return day if self.start < self.as_of else max(day, self.as_of)

    @property
    def child_from(self) -> date:
        """The day from which the child lives in the placement: its start, or the birth."""
        return max(self.start, self.request.child_born_or_due_on)

    @property
    def care_order(self) -> bool:
        """Whether the policy on placement with parents applies: the child is under a care order."""
        return self.request.child_legal_status == CARE_ORDER

    def done(self, *gates: str) -> bool:
        """Whether a step says that one of these gates is met or accepted today."""
        found = (self.steps[gate] for gate in gates if gate in self.steps)
        return any(s.on <= self.as_of and s.counts(self.as_of) for s in found)

    def number(self, key: str) -> int:
        """A number of the calendar in the policy."""
        return int(self.policy.number(f"calendar.{key}"))

    def law(self, key: str) -> int | None:
        """A number of the calendar that can be switched off, None where it is."""
        return None if self.policy.is_off(f"calendar.{key}") else self.number(key)

    def from_birth(self, note: str) -> str:
        """A note on a day that counts from the birth, which says so while that is only planned."""
        if not self.unborn:
            return note
        born = long_date(self.request.child_born_or_due_on)
        return f"{note} Planned: it counts from the birth, planned for {born}.".lstrip()


@dataclass(frozen=True)
class Task:
    """A dated task: its clause, when it can arise, what to do, who does it, and when it is due."""

    key: str
    clause: str
    of: str
    sentence: str
    action: str
    who: str
    due: Callable[[Subject], Days]

    def days(self, subject: Subject) -> tuple[Due, ...]:
        """The days on which it is due; none after the day on which the placement will end."""
        found = self.due(subject)
        if found is None:
            return ()
        if isinstance(found, date):
            found = Due(found)
        dues = (found,) if isinstance(found, Due) else found
        last = subject.end if self.of == RUNNING else None
        over = last is not None and last >= subject.as_of
        return tuple(due for due in dues if not (over and last and due.day > last))


def task(
    clause: str, of: str, action: str, who: str
) -> Callable[[Callable[[Subject], Days]], Task]:
    """Write a function down as a dated task of a request, before the start, or of a placement."""

    def write(due: Callable[[Subject], Days]) -> Task:
        sentence = (due.__doc__ or "").strip().splitlines()[0]
        return Task(due.__name__, clause, of, sentence, action, who, due)

    return write


def earliest(*dated: tuple[str, date | None], note: str = "") -> Due | None:
    """The earliest day where several clauses date one task; all that do are cited, it first."""
    found = sorted(
        ((day, clause) for clause, day in dated if day is not None), key=lambda each: each[0]
    )
    if not found:
        return None
    return Due(found[0][0], note, ", ".join(clause for _, clause in found))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the calendar: a task of a family on a day."""

    date: date
    overdue: bool
    request_id: str
    household_id: str | None
    task: str
    what: str
    who: str
    clause: str
    stage: str

    def record(self) -> dict[str, Any]:
        """The line with the keys of the contract."""
        return {**asdict(self), "date": self.date.isoformat()}


def entries(
    tasks: tuple[Task, ...], inputs: Inputs, policy: Policy, planned: Mapping[str, Planned]
) -> list[Entry]:
    """Every dated task of a round, what is overdue first, then by day, request and task.

    `planned` is the proposal of each request that has one. A confirmed placement is known from the
    decisions; one whose end is past takes nothing.
    """
    found = [e for s in subjects(inputs, policy, planned) for t in tasks for e in _of_task(t, s)]
    return sorted(found, key=lambda e: (not e.overdue, e.date, e.request_id))


def _of_task(task: Task, subject: Subject) -> Iterator[Entry]:
    if task.of != REQUEST and subject.household_id is None:
        return
    if task.of == RUNNING and not subject.confirmed:
        return
    stage = PLACEMENT if subject.confirmed else PROPOSAL
    for due in task.days(subject):
        overdue = due.day < subject.as_of
        said = (task.action, due.note, NOT_RECORDED if overdue else "")
        yield Entry(
            due.day,
            overdue,
            subject.request.request_id,
            None if task.of == REQUEST else subject.household_id,
            task.key,
            " ".join(part for part in said if part),
            task.who,
            due.clause or task.clause,
            REQUEST if task.of == REQUEST else stage,
        )


def subjects(inputs: Inputs, policy: Policy, planned: Mapping[str, Planned]) -> Iterator[Subject]:
    """Every open request, with its confirmed placement, or its proposal, where there is one."""
    confirmed = {
        request: (household, row)
        for (request, household), row in inputs.pins.items()
        if not isinstance(row, Placement) and row.decision == "confirmed"
    }
    own = {r: h for (r, h), kind in inputs.relationships.items() if kind == "current_carer"}
    for request in inputs.requests:
        name = request.request_id
        proposal = planned.get(name)
        household, row = confirmed.get(name, (None, None))
        start = None
        if row is None and proposal is not None:
            household, start = proposal.household_id, proposal.start
        elif row is not None and row.started_on is not None:
            start = row.started_on
        elif proposal is not None and proposal.household_id == household:
            start = proposal.start
        start = start or max(request.needed_from, inputs.as_of)
        events = {**inputs.events.get((name, None), {})}
        if household is not None:
            events |= inputs.events.get((name, household), {})
        steps = {key: rows[-1] for key, rows in events.items()}
        weeks = request.expected_weeks
        end = None if weeks is None else start + timedelta(days=DAYS_PER_WEEK * weeks)
        yield Subject(
            request,
            inputs.as_of,
            policy,
            england(),
            steps,
            own.get(name),
            household,
            start,
            row.ended_on if row is not None and row.ended_on is not None else end,
            row is not None,
        )
