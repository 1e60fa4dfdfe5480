"""What the face raises where the input, an argument or the policy is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from matcher import errors
from matcher.codes import did_you_mean
from matcher.errors import Fault, wrong_setting
from matcher.face.frames import MAYBE_WHOLE, TEXT, Shown, frame
from matcher.intake.cells import shown
from matcher.words import count

if TYPE_CHECKING:
    from pandas import DataFrame

ARGUMENTS = "arguments"  # the table of a fault that is in no table
FAULT = {
    "table": TEXT,
    "row": MAYBE_WHOLE,
    "column": TEXT,
    "value": TEXT,
    "problem": TEXT,
    "fix": TEXT,
}


class WrongInput(Shown, errors.MatcherError):
    """The input, an argument or the policy is wrong; its text has a line a fault."""

    exit_status = 2

    def __init__(self, faults: Iterable[Fault], warnings: Iterable[Fault] = ()) -> None:
        self._faults, self._warnings = tuple(faults), tuple(warnings)
        super().__init__("\n".join(fault.sentence() for fault in self._faults))

    @cached_property
    def faults(self) -> DataFrame:
        """Every fault, found in one pass.

        Columns: `table` (a file's or sheet's name, `round.toml`, the name of a policy, or
        `arguments`), `row` (as a spreadsheet numbers it: the heading is row 1; none for a whole
        table), `column`, `value` as it was found, `problem`, and `fix`: how to mend it.
        """
        return fault_frame(self._faults)

    @cached_property
    def warnings(self) -> DataFrame:
        """What was odd beside the faults, in the same columns."""
        return fault_frame(self._warnings)

    def __repr__(self) -> str:
        return f"WrongInput: {count(len(self._faults), 'fault')}"

    def _chief(self) -> DataFrame:
        return self.faults


def fault_frame(faults: Iterable[Fault]) -> DataFrame:
    """Faults or warnings as a frame, a row each."""
    return frame((fault.record() for fault in faults), FAULT)


@contextmanager
def plainly() -> Iterator[None]:
    """Raise what is wrong as the `WrongInput` of the face, whose faults are a frame."""
    try:
        yield
    except errors.WrongInput as wrong:
        raise WrongInput(wrong.faults, wrong.warnings) from None


def wrong_argument(name: str, value: object, problem: str, fix: str) -> WrongInput:
    """The error of one argument that can't be what it is."""
    found = None if value is None else shown(str(value))
    return WrongInput([wrong_setting(ARGUMENTS, name, problem, fix, value=found)])


def place_of(kind: str, name: str, known: Iterable[str]) -> int:
    """Where an id stands among those of the round; WrongInput where it is none of them."""
    ids = list(known)
    if name in ids:
        return ids.index(name)
    guess = did_you_mean(str(name)[:60], sorted(ids)).strip()
    like = f"Ids look like {min(ids)}." if ids else f"The data has no {kind}s."
    problem = f"There is no such {kind} in the round."
    raise wrong_argument(kind, name, problem, guess or like)
