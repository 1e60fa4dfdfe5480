"""Read what people filled in in a workbook of a round, or in one of its sheets as CSV.

A sheet is known by its headings, wherever they stand, and a row by its ids and the key of its duty;
neither the name of a sheet nor the order of rows and columns counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from matcher import codes
from matcher.codes import did_you_mean
from matcher.enter import form
from matcher.enter.days import written_day
from matcher.errors import Fault, WrongInput, wrong_file
from matcher.intake.cells import CellFault, WrongCell, shown, wrong
from matcher.intake.cells import day as read_day
from matcher.intake.files import (
    Findings,
    cell_text,
    csv_lines,
    folded,
    is_error,
    open_workbook,
    sheet_key,
)
from matcher.intake.grids import letters
from matcher.intake.rows import TABLES, Event, reader_of
from matcher.policy.duties.form import AFTER
from matcher.spellings import advice
from matcher.words import label

TICKED = (
    "x",
    "✓",
    "✔",
    "☑",
    "yes",
    "y",
    "done",
    "tick",
    "ticked",
    "ok",
    "1",
    "true",
    "held",
    "met",
    "complete",
    "completed",
    "signed",
    "✅",
)
NOT_YET = ("no", "n", "0", "false", "not yet", "not done", "open", "outstanding", "pending", "to do",
           "in progress", "ongoing", "tbc", "-", "–", "☐")  # fmt: skip
OF_EVENTS = {
    "planned": "planned",
    "booked": "planned",
    "arranged": "planned",
    "accepted": "accepted",
}
SAID = {  # what people write for a decision, beside its code and its label
    "chosen": "choose",
    "ruled out": "rule_out",
    "carer declined": "declined_by_carer",
    "carers declined": "declined_by_carer",
    "declined by carers": "declined_by_carer",
    "parent declined": "declined_by_parent",
    "parents declined": "declined_by_parent",
    "declined by parents": "declined_by_parent",
    "confirm": "confirmed",
    "chose": "choose",
}
WHO_DECLINED = ("declined", "decline", "no", "refused")
SAME = {"requestid": "request", "householdid": "household", "startedon": "movesinon"}
AS_A_PICTURE = "\N{VARIATION SELECTOR-16}"  # what some programs put behind a tick
FARTHEST_HEADINGS = 30  # rows above which headings are looked for
HEADINGS = {
    folded(heading)
    for heading in (
        form.REQUEST,
        form.HOUSEHOLD,
        form.DUTY.heading,
        *(column.heading for column in (*form.TICKS, *form.DECISIONS)),
    )
}
_DAY_BEHIND = re.compile(r"([A-Za-z _-]*[A-Za-z])(?:[ ,:-]+on)?[ ,:-]+[0-9].*")
_WEEKDAY = "(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*[., ]+"
_DONE = re.compile(
    r"(?P<word>(?!" + _WEEKDAY + r")[^\W\d]+|[✓✔☑✅])?[ :,–-]*(?:(?:on|for|until|till|to)\b)? *"
    r"(?P<day>(?:" + _WEEKDAY + r")?[0-9].*)?"
)


@dataclass(frozen=True, slots=True)
class NotTaken:
    """A cell that could not be taken: where it stands, what is in it, what is wrong, how to mend it."""

    sheet: str
    place: str  # as a spreadsheet names the cell, such as H12
    heading: str
    value: str
    problem: str
    fix: str

    def sentence(self) -> str:
        """It as a person reads it."""
        found = f"found '{self.value}'. " if self.value else ""
        return f"{self.sheet}, {self.place} ({self.heading}): {found}{self.problem} {self.fix}".rstrip()

    @property
    def row(self) -> int:
        """The row in which it stands."""
        return int(re.sub(r"\D", "", self.place))

    def order(self) -> tuple[str, int, str]:
        """Where it stands: by sheet, row and column."""
        return self.sheet, self.row, self.place

    def fault(self) -> Fault:
        """It as an error of the input."""
        column = f"{self.heading} ({self.place})"
        return Fault(
            table=self.sheet, row=self.row, column=column, value=self.value, problem=self.problem, fix=self.fix
        )  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One row of a sheet: its cells by what their headings are, each as text."""

    sheet: str
    number: int
    cells: Mapping[str, str]
    columns: Mapping[
        str, tuple[str, str]
    ]  # the letters of the column and its heading, by what it is

    def text(self, heading: str) -> str:
        """A cell without the space around it, '' where it is blank or there is none."""
        return self.cells.get(_known(heading), "").strip()

    def place(self, heading: str) -> str:
        """A cell as a spreadsheet names it; of one that is not there, the row's first."""
        return f"{self.columns.get(_known(heading), ('A', ''))[0]}{self.number}"

    def not_taken(self, heading: str, fault: CellFault) -> NotTaken:
        """A cell of this row that could not be taken."""
        name = self.columns.get(_known(heading), ("", heading))[1]
        return NotTaken(self.sheet, self.place(heading), name, *fault[:3])


@dataclass(frozen=True)
class Tick:
    """A duty that somebody says is done, planned or accepted; `on` is None where no day is said.

    `after` is the day on which one that recurs had last been held when the sheet was written.
    """

    line: Line
    request_id: str
    household_id: str
    duty: str
    after: date | None
    status: str
    on: date | None
    until: date | None
    by: str
    note: str


@dataclass(frozen=True)
class Choice:
    """What people decided of a family with a household; `on` is None where no day is said."""

    line: Line
    request_id: str
    household_id: str
    decision: str
    on: date | None
    reason: str
    by: str
    started_on: date | None
    note: str


@dataclass
class Filled:
    """All that is filled in in a file, and the cells of it that could not be taken."""

    ticks: list[Tick] = field(default_factory=list)
    choices: list[Choice] = field(default_factory=list)
    not_taken: list[NotTaken] = field(default_factory=list)


def read(path: Path, as_of: date) -> Filled:
    """What is filled in in a file; WrongInput where it can't be read, or is no sheet of a round.

    A day without its year is the nearest to `as_of`.
    """
    findings = Findings([], [])
    sheets = _sheets(path, findings)
    if findings.faults:
        raise WrongInput(findings.faults)
    filled, known = Filled(), False
    for name, rows in sheets.items():
        for line in _lines(shown(name), rows):
            known = True
            if line is not None:
                _take(line, as_of, filled)
    if not known:
        problem = "No sheet has the columns Request and Done with Duty, or Request and Decision."
        fix = "Name a matches.xlsx or calendar.xlsx of a round, or one of its sheets as CSV."
        raise WrongInput([wrong_file("FILE", problem, fix, shown(path.name))])
    return filled


def is_form(path: Path) -> bool:
    """Whether a file asks for ticks or decisions on a sheet that is no input table."""
    sheets = _sheets(path, Findings([], []))
    others = (rows for name, rows in sheets.items() if sheet_key(name) not in TABLES)
    return any(True for rows in others for _ in _lines("", rows))


def _sheets(path: Path, findings: Findings) -> dict[str, list[list[Any]]]:
    if not path.is_file():
        fault = wrong_file("FILE", "There is no such file.", "Name the filled-in workbook.")
        findings.faults.append(fault)
        return {}
    if path.suffix.casefold() == ".csv":
        return {path.stem: csv_lines(path.name, path, findings, HEADINGS) or []}
    book = open_workbook(path, findings) or {}
    return {name: grid.with_unread() for name, grid in book.items()}


def _lines(sheet: str, rows: Sequence[Sequence[Any]]) -> Iterator[Line | None]:
    """The rows below the headings; first None, where there are headings at all."""
    heads = next(
        (at for at, row in enumerate(rows[:FARTHEST_HEADINGS]) if _is_form(map(_known, map(str, row)))),
        None,
    )  # fmt: skip
    if heads is None:
        return
    yield None
    columns: dict[str, tuple[str, str]] = {}
    places: dict[str, int] = {}
    for place, heading in enumerate(map(str, rows[heads])):
        if _known(heading) and _known(heading) not in columns:
            columns[_known(heading)] = letters(place + 1), heading.strip()
            places[_known(heading)] = place
    for number, row in enumerate(rows[heads + 1 :], start=heads + 2):
        cells = {name: _text(row[at]) for name, at in places.items() if at < len(row)}
        if any(cells.values()):
            yield Line(sheet, number, cells, columns)


def _is_form(found: Iterator[str]) -> bool:
    """Whether these headings ask for ticks or decisions; a key column that is gone is told by row."""
    names = {*found}
    keys = {_known(form.REQUEST), _known(form.DUTY.heading)} & names
    return bool(keys and {_known(form.DONE), _known(form.DECISION)} & names)


def _known(heading: str) -> str:
    bare = folded(heading)
    return SAME.get(bare, bare)


def _text(cell: object) -> str:
    return cell.date().isoformat() if isinstance(cell, datetime) else cell_text(cell)


# --- One row


def _take(line: Line, as_of: date, filled: Filled) -> None:
    """Add what one row says, and which of its cells can't be taken."""
    try:
        if line.text(form.DONE):
            tick = _tick(line, as_of)
            filled.ticks += [] if tick is None else [tick]
        elif line.text(form.DECISION):
            filled.choices.append(_choice(line, as_of))
        else:
            filled.not_taken += _left_over(line)
    except _WrongLine as error:
        filled.not_taken.append(line.not_taken(error.heading, error.fault))


class _WrongLine(Exception):
    """A cell of a row can't be read."""

    def __init__(self, heading: str, fault: CellFault) -> None:
        super().__init__(heading, fault)
        self.heading, self.fault = heading, fault


def _left_over(line: Line) -> Iterator[NotTaken]:
    """Cells that are filled in beside a blank tick or decision, which alone says something."""
    asked = form.DONE if _known(form.DONE) in line.columns else form.DECISION
    beside = [each.heading for each in (form.TICKS if asked == form.DONE else form.DECISIONS)]
    for heading in beside[1:]:
        if text := line.text(heading):
            fault = CellFault(
                shown(text), f"{asked} is blank in this row.", f"Fill in {asked}, too."
            )
            yield line.not_taken(heading, fault)


def _tick(line: Line, as_of: date) -> Tick | None:
    status_on = _in_cell(line, form.DONE, lambda text: _done(text, as_of))
    if status_on is None:
        return None
    status, on, until = status_on
    _asks_for_column(line, form.DUTY.heading)
    key, _, after = line.text(form.DUTY.heading).partition(AFTER)
    duty = _in_cell(line, form.DUTY.heading, _duty, key.strip(), blank_too=True)
    last = _in_cell(line, form.DUTY.heading, read_day, after)
    who, note = line.text(form.DONE_BY), line.text(form.NOTE)
    request, home = _request(line), line.text(form.HOUSEHOLD)
    return Tick(line, request, home, duty, last, status, on, until, who, note)


def _choice(line: Line, as_of: date) -> Choice:
    def day(text: str) -> date:
        return written_day(text, as_of)

    decision = _in_cell(line, form.DECISION, _decision)
    reason = _in_cell(line, form.REASON, _reason) or ""
    on = _in_cell(line, form.DECIDED_ON, day)
    started_on = _in_cell(line, form.MOVED_IN, day)
    home = line.text(form.HOUSEHOLD)
    if not home:
        fault = CellFault("", "The row names no household.", "Write its id under Household.")
        raise _WrongLine(form.HOUSEHOLD, fault)
    if started_on is not None and decision != "confirmed":
        fault = CellFault(
            "", "Only a confirmed match moves in.", "Write confirmed, or clear the day."
        )
        raise _WrongLine(form.MOVED_IN, fault)
    who, note = line.text(form.DECIDED_BY), line.text(form.NOTE)
    return Choice(line, _request(line), home, decision, on, reason, who, started_on, note)


def _asks_for_column(line: Line, heading: str) -> None:
    if _known(heading) not in line.columns:
        problem = f"The sheet has no column {heading}, by which the row is known."
        raise _WrongLine(heading, CellFault("", problem, "Fill in the sheet as it was made."))


def _request(line: Line) -> str:
    _asks_for_column(line, form.REQUEST)
    if name := line.text(form.REQUEST):
        return name
    fault = CellFault("", "The row names no request.", "Write its id under Request.")
    raise _WrongLine(form.REQUEST, fault)


def _in_cell(
    line: Line, heading: str, reader: Any, text: str | None = None, *, blank_too: bool = False
) -> Any:
    """What a cell says; None where it is blank."""
    text = line.text(heading) if text is None else text
    if not text and not blank_too:
        return None
    try:
        if is_error(text) or text.startswith("="):
            raise wrong(text, "The cell shows an error of Excel.", "Type what it is to say.")
        return reader(text)
    except WrongCell as error:
        raise _WrongLine(heading, error.faults[0]) from None


def _done(text: str, as_of: date) -> tuple[str, date | None, date | None] | None:
    """Status, day and last day of what a cell says; None where it says that it isn't done."""
    said = " ".join(text.replace(AS_A_PICTURE, "").casefold().split()).rstrip(".!")
    if said in NOT_YET:
        return None
    if said in TICKED or not said.strip("x "):
        return "done", None, None
    match = _DONE.fullmatch(said)
    word = match["word"] or "" if match else ""
    if match is None or not match["day"] or word not in ("", *TICKED, *OF_EVENTS):
        if word in OF_EVENTS:
            raise wrong(shown(text), "It names no day.", f"Write {word} and the day: 4/12/2026.")
        guess = did_you_mean(said[:20], [word for word in TICKED if len(word) > 1])
        fix = f"Write x, or the day on which it was done: 4/12/2026.{guess}"
        raise wrong(shown(text), "This is neither a tick nor a day.", fix)
    try:
        day = written_day(match["day"], as_of)
    except WrongCell as error:
        fault = error.faults[0]
        raise wrong(shown(text), fault.problem, fault.fix) from None
    if word == "accepted":
        return "accepted", None, day
    return OF_EVENTS.get(word, "done"), day, None


def _duty(text: str) -> str:
    if not text:
        problem = "The row has no key of a duty: no event would settle it."
        raise wrong("", problem, "Mend the table that it speaks of; matcher check names faults.")
    try:
        return str(reader_of(Event, "event")(text))
    except WrongCell:
        return _one_of(text, (*codes.DUTIES, *codes.HAPPENINGS), codes.FORMER_DUTIES)


def _decision(text: str) -> str:
    if text.casefold() in WHO_DECLINED:
        fix = f"Write {label('declined_by_carer')}, or {label('declined_by_parent')}, or rule out."
        raise wrong(shown(text), "It does not say who.", fix)
    if day := _DAY_BEHIND.fullmatch(text):
        fix = f"Write {day[1]} alone, and the day under {form.DECIDED_ON}."
        raise wrong(shown(text), "A day stands behind the decision.", fix)
    return _one_of(text, codes.DECISIONS, SAID)


def _reason(text: str) -> str:
    return _one_of(text, codes.REASONS, {})


def _one_of(text: str, known: tuple[str, ...], other: Mapping[str, str]) -> str:
    """The code that a text is, by itself, by its label or by another name of it."""
    names = {folded(name): code for name, code in other.items()}
    names |= {folded(label(code)): code for code in known} | {folded(code): code for code in known}
    found = names.get(folded(text.replace("-", " ")))
    if found is None:
        guess = advice(text[:60], known)[0].strip()
        use = guess or (f"Use one of: {', '.join(map(label, known))}." if len(known) < 10 else "")
        raise wrong(shown(text), "This is none of the list.", use or "docs/tables.md lists them.")
    return found
