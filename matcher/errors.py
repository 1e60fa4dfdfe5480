"""Everything that can go wrong, in one tree; each kind knows its exit status.

MatcherError            1   anything else
├── WrongInput          2   the input, the options or the policy are wrong
└── BreachFound         3   verify found that a round is not what it says
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that is wrong with the input, and how to mend it.

    `row` is numbered as the spreadsheet numbers it (the heading is row 1); a fault of a whole
    table has no row, and one of a whole row or table has no column.
    """

    table: str
    row: int | None
    column: str | None
    value: str | None
    problem: str
    fix: str

    def sentence(self) -> str:
        """The fault as a person reads it: where, what was found, how to mend it."""
        where = [self.table]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(self.column)
        found = f"found '{self.value}'. " if self.value else ""
        return f"{', '.join(where)}: {found}{self.problem} {self.fix}".rstrip()

    def record(self) -> dict[str, object]:
        """The fault as a machine reads it, with the keys of the contract."""
        return asdict(self)

    def order(self) -> tuple[str, int, str, str, str, str]:
        """Where the fault stands: by table, row and column, then by what it says."""
        said = self.problem, self.value or "", self.fix
        return self.table, self.row or 0, self.column or "", *said


class MatcherError(Exception):
    """The root of every error that the product raises on purpose."""

    exit_status: ClassVar[int] = 1


class WrongInput(MatcherError):
    """The input, the options or the policy are wrong: all faults of one pass."""

    exit_status = 2

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
        """The breach as a person reads it."""
        return f"{self.where}: {self.problem}"


class BreachFound(MatcherError):
    """A round does not follow from its data: every breach that was found."""

    exit_status = 3

    def __init__(self, breaches: list[Breach]) -> None:
        self.breaches = tuple(breaches)
        super().__init__("\n".join(breach.sentence() for breach in self.breaches))
