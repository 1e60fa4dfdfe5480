"""What a filled-in workbook adds to the tables: new rows, what is recorded already, what can't be taken.

Rows are taken only where the tables with them read without a fault: they are read before anything is
written.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from matcher import loading, rounds
from matcher.codes import DUTIES_OF_A_PAIR, DUTIES_OF_A_REQUEST, HAPPENINGS, LOCAL_DUTY
from matcher.enter import form, tables
from matcher.enter.filled import Choice, Filled, Line, NotTaken, Tick, read
from matcher.errors import Fault, WrongInput
from matcher.intake.cells import CellFault, shown
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Event
from matcher.intake.workbooks import is_workbook
from matcher.policy.duties import written
from matcher.terms import Terms
from matcher.words import label, long_date

DAY_ASKED = "With --as-of you say which day it is."
HEADING_OF = {  # of the cell in which a column of events or decisions was filled in
    "request_id": form.REQUEST,
    "household_id": form.HOUSEHOLD,
    "event": form.DUTY.heading,
    "status": form.DONE,
    "on": form.DONE,
    "until": form.DONE,
    "by": form.DONE_BY,
    "decision": form.DECISION,
    "decided_on": form.DECIDED_ON,
    "reason": form.REASON,
    "decided_by": form.DECIDED_BY,
    "started_on": form.MOVED_IN,
}


@dataclass(frozen=True)
class Entry:
    """A new row of a table, by column, and the row of the sheet that says it."""

    table: str
    cells: dict[str, str]
    line: Line

    @property
    def told_in(self) -> str:
        """The heading of the cell that says it."""
        return form.DONE if self.table == tables.EVENTS else form.DECISION

    def sentence(self) -> str:
        """It as a person reads it."""
        cells = self.cells
        pair = " → ".join(filter(None, (cells["request_id"], cells.get("household_id"))))
        who = cells.get("by") or cells.get("decided_by")
        by = f", by {who}" if who else ""
        day = long_date(cells.get("on") or cells["decided_on"])
        if self.table == tables.DECISIONS:
            why = f", {label(cells['reason'])}" if "reason" in cells else ""
            moves = cells.get("started_on")
            lives = f"; moves in on {long_date(moves)}" if moves else ""
            return f"{pair}: {label(cells['decision'])}{why}, on {day}{by}{lives}"
        said = {"planned": f"planned for {day}"}.get(cells["status"], f"{cells['status']} on {day}")
        until = cells.get("until")
        last = f", until {long_date(until)}" if until else ""
        return f"{pair}: {label(cells['event'])}, {said}{last}{by}"


@dataclass(frozen=True, slots=True)
class Known:
    """What is filled in and recorded already: the cell, and what the tables say."""

    line: Line
    heading: str
    sentence: str


@dataclass
class Taken:
    """What is to be written, what is recorded already, what could not be taken, and the policy's names."""

    entries: list[Entry] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)
    files: dict[Path, bytes] = field(default_factory=dict)
    terms: Terms = field(default_factory=lambda: Terms({}))


# Tries rows with the tables: what is wrong then, and the number that each row has in its table.
Trying: TypeAlias = Callable[[Sequence[Entry]], tuple[Sequence[Fault], Sequence[int]]]


def take(data: Path, as_of: str | None, policy: Path | None, file: Path) -> Taken:
    """What a filled-in file adds to the tables of `data`, and their files with it."""
    inputs, in_force = loading.load(data, as_of, policy)
    files: dict[Path, bytes] = {}

    def tried(entries: Sequence[Entry]) -> tuple[Sequence[Fault], Sequence[int]]:
        nonlocal files
        files, rows = tables.with_rows(data, entries)
        return _faults(data, as_of, policy, files), rows

    taken = taken_from(read(file, inputs.as_of), inputs, tried)
    taken.files = files if taken.entries else {}
    taken.terms = in_force.terms
    return taken


def taken_from(filled: Filled, inputs: Inputs, tried: Trying) -> Taken:
    """What ticks and decisions add to the tables of a round: the rows with which they still read."""
    taken = Taken(not_taken=list(filled.not_taken))
    for tick in _told_once(filled.ticks, taken):
        _event(tick, inputs, taken)
    for choice in _decided_once(filled.choices, taken):
        _decision(choice, inputs, taken)
    _check(tried, taken)
    taken.not_taken.sort(key=NotTaken.order)
    return taken


# --- What is told twice in the file


def _told_once(ticks: Sequence[Tick], taken: Taken) -> Iterator[Tick]:
    """Ticks of the same thing as one: a day that is written wins over a bare tick."""
    same = defaultdict[tuple[object, ...], list[Tick]](list)
    for tick in ticks:
        home = "" if tick.duty in DUTIES_OF_A_REQUEST else tick.household_id
        same[tick.request_id, home, tick.duty, tick.after].append(tick)
    for alike in same.values():
        by_said: dict[tuple[object, ...], Tick] = {}
        for tick in alike:
            by_said.setdefault((tick.status, tick.on, tick.until), tick)
        dated = [each for each in by_said.values() if each.on or each.until]
        told = dated or list(by_said.values())
        if len(told) == 1:
            yield told[0]
            continue
        for tick in alike:
            fault = CellFault(
                shown(tick.line.text(form.DONE)),
                f"{_places(alike)} say different things of one duty.",
                "Keep one of them.",
            )
            taken.not_taken.append(tick.line.not_taken(form.DONE, fault))


def _decided_once(choices: Sequence[Choice], taken: Taken) -> Iterator[Choice]:
    """Decisions of a pair that say the same as one; two different ones are none."""
    of_pair = defaultdict[tuple[str, str], list[Choice]](list)
    for choice in choices:
        of_pair[choice.request_id, choice.household_id].append(choice)
    for alike in of_pair.values():
        if len({(each.decision, each.on, each.reason, each.started_on) for each in alike}) == 1:
            yield alike[0]
            continue
        for choice in alike:
            fault = CellFault(
                shown(choice.line.text(form.DECISION)),
                f"{_places(alike)} say different things of one pair.",
                "Keep one of them.",
            )
            taken.not_taken.append(choice.line.not_taken(form.DECISION, fault))


def _places(alike: Sequence[Tick] | Sequence[Choice]) -> str:
    heading = form.DONE if isinstance(alike[0], Tick) else form.DECISION
    return ", ".join(f"{each.line.sheet} {each.line.place(heading)}" for each in alike)


# --- One tick, one decision


def _event(tick: Tick, inputs: Inputs, taken: Taken) -> None:
    home = "" if tick.duty in (*DUTIES_OF_A_REQUEST, *HAPPENINGS) else tick.household_id
    if tick.duty in DUTIES_OF_A_PAIR and not home:
        fault = CellFault("", "It is of one household, and the row names none.", "Write its id.")
        taken.not_taken.append(tick.line.not_taken(form.HOUSEHOLD, fault))
        return
    if (said := _recorded(tick, home, inputs)) is not None:
        taken.known.append(Known(tick.line, form.DONE, said))
        return
    on = tick.on or inputs.as_of
    if on > inputs.as_of and tick.status == "done":
        fault = CellFault(
            shown(tick.line.text(form.DONE)),
            f"It has not happened yet on {long_date(inputs.as_of)}.",
            f"Write planned before the day, or the day on which it was done. {DAY_ASKED}",
        )
        taken.not_taken.append(tick.line.not_taken(form.DONE, fault))
        return
    cells = {
        "request_id": tick.request_id,
        "household_id": home,
        "event": tick.duty,
        "status": tick.status,
        "on": on.isoformat(),
        "until": tick.until.isoformat() if tick.until else "",
        "by": tick.by,
        "note": tick.note,
    }
    taken.entries.append(Entry(tables.EVENTS, _filled(cells), tick.line))


def _recorded(tick: Tick, home: str, inputs: Inputs) -> str | None:
    """What the tables say already of what is ticked; None where it is new."""
    of_request = inputs.events.get((tick.request_id, None), {}).get(tick.duty, ())
    of_pair = inputs.events.get((tick.request_id, home), {}).get(tick.duty, ()) if home else ()
    events = sorted((*of_request, *of_pair), key=lambda each: each.on)
    done = [each for each in events if each.status == "done"]
    if tick.status != "done":
        alike = [e for e in events if e.status == tick.status and _same(e, tick)]
        return _says(alike[-1]) if alike else None
    own = tick.duty.startswith(LOCAL_DUTY)
    recurs = tick.duty not in HAPPENINGS and (own or written(tick.duty).recurs)
    if recurs:
        done = [each for each in done if tick.after is None or each.on > tick.after]
        if tick.on is not None and done and tick.on > done[-1].on:
            return None
    return _says(done[-1]) if done else None


def _same(event: Event, tick: Tick) -> bool:
    return event.until == tick.until if tick.status == "accepted" else event.on == tick.on


def _says(event: Event) -> str:
    until = f", until {long_date(event.until)}" if event.until else ""
    return (
        f"{event.request_id}: {label(event.event)} is recorded already: {event.status} on "
        f"{long_date(event.on)}{until}."
    )


def _decision(choice: Choice, inputs: Inputs, taken: Taken) -> None:
    alike = [
        row
        for row in inputs.decision_log
        if (row.request_id, row.household_id) == (choice.request_id, choice.household_id)
        and row.decision == choice.decision
        and choice.on in (None, row.decided_on)
        and choice.started_on in (None, row.started_on)
    ]
    if alike:
        last = max(alike, key=lambda row: row.decided_on)
        said = (
            f"{last.request_id} → {last.household_id}: {label(last.decision)} is recorded already, "
            f"on {long_date(last.decided_on)}."
        )
        taken.known.append(Known(choice.line, form.DECISION, said))
        return
    cells = {
        "request_id": choice.request_id,
        "household_id": choice.household_id,
        "decision": choice.decision,
        "decided_on": (choice.on or inputs.as_of).isoformat(),
        "reason": choice.reason,
        "note": choice.note,
        "decided_by": choice.by,
        "started_on": choice.started_on.isoformat() if choice.started_on else "",
    }
    taken.entries.append(Entry(tables.DECISIONS, _filled(cells), choice.line))


def _filled(cells: dict[str, str]) -> dict[str, str]:
    return {column: text for column, text in cells.items() if text}


# --- The tables with the new rows, read before they are written


def _check(tried: Trying, taken: Taken) -> None:
    """Leave out the rows with which the tables don't read, until they do."""
    while taken.entries:
        faults, rows = tried(taken.entries)
        if not faults:
            return
        wrong = {
            number: fault
            for number, entry in enumerate(taken.entries)
            for fault in faults
            if (fault.table, fault.row) == (entry.table, rows[number])
        }
        if not wrong:
            wrong = _one_by_one(tried, taken)
        for number, fault in wrong.items():
            entry = taken.entries[number]
            heading = HEADING_OF.get(fault.column or "", entry.told_in)
            value = entry.line.text(heading) or fault.value or ""
            said = CellFault(shown(value), fault.problem, fault.fix)
            taken.not_taken.append(entry.line.not_taken(heading, said))
        kept = [entry for number, entry in enumerate(taken.entries) if number not in wrong]
        taken.entries = kept


def _one_by_one(tried: Trying, taken: Taken) -> dict[int, Fault]:
    """The rows that don't go with the tables and the rows before them, where no fault names them."""
    good: list[Entry] = []
    wrong: dict[int, Fault] = {}
    for number, entry in enumerate(taken.entries):
        if faults := tried([*good, entry])[0]:
            where = replace(faults[0], column=None, value=None)
            wrong[number] = replace(where, problem=f"With it, {faults[0].sentence()}", fix="")
        else:
            good.append(entry)
    return wrong


def _faults(
    data: Path, as_of: str | None, policy: Path | None, files: dict[Path, bytes]
) -> tuple[Fault, ...]:
    """What is wrong with the tables once these files are in place, read from a copy of them."""
    with tempfile.TemporaryDirectory(prefix="matcher-enter-") as folder:
        copy = Path(folder) / data.resolve().name
        if is_workbook(data):
            for made in files.values():
                copy.write_bytes(made)
        else:
            copy.mkdir()
            for path in tables.files_of(data):
                if path not in files:
                    shutil.copyfile(path, copy / path.name)
            for path, made in files.items():
                (copy / path.name).write_bytes(made)
        try:
            rounds.prepare(*loading.load(copy, as_of, policy))
        except WrongInput as error:
            return error.faults
    return ()
