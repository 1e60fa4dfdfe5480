"""Everything that can go wrong, in one tree; each kind knows its exit status.

MatcherError            1   anything else
├── WrongInput          2   the input, the options or the policy are wrong
└── BreachFound         3   verify found that a round is not what it says
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar

from matcher.words import one_line

KEYS = ("table", "row", "column", "value", "problem", "fix")  # of a fault for a machine


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Fault:
    """One thing that is wrong with the input, and how to mend it.

    `row` is numbered as the spreadsheet numbers it (the heading is row 1); a fault of a whole
    table has no row, and one of a whole row or table has no column. `place` is the cell as a
    spreadsheet names it (T2), where the table was read from a file. `about` are the ids of its row.
    `mend` is what the cell should say, where only one thing can be meant.
    """

    table: str
    row: int | None
    column: str | None
    value: str | None
    problem: str
    fix: str
    place: str | None = None
    about: str | None = None
    mend: str | None = None

    def sentence(self) -> str:
        """The fault as a person reads it: where, what was found, how to mend it."""
        found = f"found '{self.value}'. " if self.value else ""
        return one_line(f"{self.where}: {found}{self.problem} {self.fix}".rstrip())

    @property
    def where(self) -> str:
        """The table, row, column and cell that it is about, as far as it has them."""
        where = [self.table]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(self.column + (f" ({self.place})" if self.place else ""))
        return ", ".join(where)

    def sentence_of_whom(self) -> str:
        """The fault as a page says it that is read family by family: whom it is about comes first."""
        if not self.about:
            return self.sentence()
        cell = ", ".join(filter(None, (self.table, self.column, self.place)))
        found = f": '{self.value}'" if self.value else ""
        said = f"{self.problem} {self.fix}".rstrip()
        return one_line(f"{self.about}: {said} ({cell}{found})")

    def record(self) -> dict[str, object]:
        """The fault as a machine reads it, with the keys of the contract."""
        return {key: value for key, value in asdict(self).items() if key in KEYS}

    def order(self) -> tuple[str, int, str, str, str, str]:
        """Where the fault stands: by table, row and column, then by what it says."""
        said = self.problem, self.value or "", self.fix
        return self.table, self.row or 0, self.column or "", *said


def wrong_cell(
    table: str,
    row: int | None,
    column: str,
    value: str | None,
    problem: str,
    fix: str,
    mend: str | None = None,
) -> Fault:
    """A fault of one cell; its value is None where it must not be repeated or there is none.

    Its row is None where the table's row stands in no file, such as a decision in a what-if. `mend`
    is what the value should say, where only one thing can be meant.
    """
    return Fault(
        table=table, row=row, column=column, value=value, problem=problem, fix=fix, mend=mend
    )


def wrong_row(table: str, row: int, problem: str, fix: str) -> Fault:
    """A fault of a whole row."""
    return Fault(table=table, row=row, column=None, value=None, problem=problem, fix=fix)


def wrong_heading(table: str, heading: str, problem: str, fix: str, row: int = 1) -> Fault:
    """A fault of a column's heading, or of the whole column."""
    return Fault(table=table, row=row, column=heading, value=None, problem=problem, fix=fix)


def wrong_file(name: str, problem: str, fix: str, value: str | None = None) -> Fault:
    """A fault of a whole table, file or folder."""
    return Fault(table=name, row=None, column=None, value=value, problem=problem, fix=fix)


def wrong_setting(file: str, key: str, problem: str, fix: str, value: str | None = None) -> Fault:
    """A fault of one key of a file that has no rows."""
    return Fault(table=file, row=None, column=key, value=value, problem=problem, fix=fix)


def wrong_option(option: str, problem: str, fix: str, value: str | None = None) -> Fault:
    """A fault of one option or argument of a command."""
    return wrong_setting("options", option, problem, fix, value)


class MatcherError(Exception):
    """The root of every error that the product raises on purpose."""

    exit_status: ClassVar[int] = 1


class WrongInput(MatcherError):
    """The input, the options or the policy are wrong: all faults of one pass."""

    exit_status = 2
    written: str = ""  # the file in which the faults are marked, where there is one

    def __init__(self, faults: list[Fault], warnings: list[Fault] | None = None) -> None:
        self.warnings = tuple(sorted(dict.fromkeys(warnings or []), key=Fault.order))
        self.faults = tuple(sorted(dict.fromkeys(faults), key=Fault.order))
        super().__init__("\n".join(fault.sentence() for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Breach:
    """One way in which a round is not what it says: where, and what is wrong."""

    where: str
    problem: str

    def sentence(self) -> str:
        """The breach as a person reads it, in one line: what a file says can't move a cursor."""
        return one_line(f"{self.where}: {self.problem}")

    def record(self) -> dict[str, str]:
        """The breach as a machine reads it."""
        return {"where": one_line(self.where), "problem": one_line(self.problem)}


class BreachFound(MatcherError):
    """A round does not follow from its data: every breach that was found."""

    exit_status = 3

    def __init__(self, breaches: list[Breach]) -> None:
        self.breaches = tuple(breaches)
        super().__init__("\n".join(breach.sentence() for breach in self.breaches))
