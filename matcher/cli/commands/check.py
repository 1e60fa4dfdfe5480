"""Read the input and name every fault in it, with the mend."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matcher import loading, rounds
from matcher.cli.given import Data, Given, command
from matcher.enter import mends, tables
from matcher.errors import Fault, WrongInput
from matcher.intake import existing
from matcher.intake.files import Findings, read_tables
from matcher.intake.settings import as_written
from matcher.intake.workbooks import is_workbook
from matcher.report.marked import marked
from matcher.show.files import write_bytes
from matcher.terms import use
from matcher.words import count


@dataclass(frozen=True, kw_only=True)
class GivenMarked(Given):
    """The options of every command, but that --out may name a workbook."""

    out: Annotated[
        Path | None,
        typer.Option(
            help="A workbook (.xlsx): what was read, with every faulty cell marked. Or a folder, for the text."
        ),
    ] = None

    @property
    def marks(self) -> bool:
        """Whether --out names a workbook."""
        return self.out is not None and self.out.suffix.casefold() == ".xlsx"


@command("matcher check {sample} --out marked.xlsx")
def check(
    given: GivenMarked,
    data: Data,
    mend: Annotated[
        bool,
        typer.Option(
            "--mend",
            help="Write a next version beside DATA, with each cell mended that can only mean one thing.",
        ),
    ] = False,
) -> None:
    """Read the input and name every fault in it, with the mend, and every choice that breaks something.

    With --out marked.xlsx it also writes what it read as a workbook in the layout of the template:
    each faulty cell is coloured, with a note that says what is wrong and how to mend it.
    """
    try:
        _check(given, data)
    except WrongInput as wrong:
        better = _mend(given, data, wrong.faults) if mend else None
        if better is None:
            _mark(given, data, wrong)
            raise
    else:
        return
    try:
        _check(given, better)
    except WrongInput as wrong:
        _mark(given, better, wrong)
        raise


def _check(given: GivenMarked, data: Path) -> None:
    """Say that nothing is wrong, and what is odd; WrongInput where something is wrong."""
    inputs, policy = loading.load(data, given.as_of, given.policy)
    use(policy.terms)
    warnings = [*inputs.warnings, *rounds.prepare(inputs, policy).held.warnings]
    record = {
        "errors": [],
        "warnings": [fault.record() for fault in warnings],
        "requests": len(inputs.requests),
        "placed": len(inputs.placed),
        "households": len(inputs.households),
    }
    lines = [
        *(f"Warning: {fault.sentence()}" for fault in warnings),
        f"No faults. {count(len(inputs.requests), 'open request')}, {len(inputs.placed)} placed, "
        f"{count(len(inputs.households), 'household')}, {count(len(warnings), 'warning')}.",
    ]
    if given.marks:
        given.print_answer(lines, record)
        _write(given, data, (), warnings)
    else:
        given.answer("check", lines, record)


def _mark(given: GivenMarked, data: Path, wrong: WrongInput) -> None:
    if given.marks:
        wrong.written = str(_write(given, data, wrong.faults, wrong.warnings))


def _write(
    given: GivenMarked, data: Path, faults: Sequence[Fault], warnings: Sequence[Fault]
) -> Path | None:
    """Write the marked workbook, beside one that is there already."""
    if given.out is None:
        return None
    out = tables.next_version(given.out) if given.out.exists() else given.out
    settings = as_written(existing(data))
    write_bytes(out, [marked(read_tables(data, Findings([], [])), settings, faults, warnings)])
    given.tell(f"Written: {out}")
    return out


def _mend(given: GivenMarked, data: Path, faults: Sequence[Fault]) -> Path | None:
    """Write the next version of the tables and say each mend; where it is, None without any."""
    files, made = mends.mended(data, read_tables(data, Findings([], [])), faults)
    if not made:
        given.tell("No cell is wrong in a way that can only mean one thing.")
        return None
    tables.write(files, tables.as_they_are(files))
    for each in made:
        given.tell(each.sentence())
    first = next(iter(files))
    written = first if is_workbook(data) else first.parent
    given.tell(f"Written: {written}")
    return written
