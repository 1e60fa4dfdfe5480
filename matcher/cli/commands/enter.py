"""Take ticks and decisions of a workbook into the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.given import Data, Given, command
from matcher.enter import tables, take, words
from matcher.errors import WrongInput, wrong_file
from matcher.intake import existing
from matcher.intake.cells import shown
from matcher.terms import use


@command("matcher enter {sample} data/samples/ticks.csv --dry-run")
def enter(
    given: Given,
    data: Data,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A filled-in matches.xlsx or calendar.xlsx, or one of its sheets as CSV.",
        ),
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what it would write, and write nothing.")
    ] = False,
) -> None:
    """Take what was done and decided, as it is filled in in a matches.xlsx, into the tables.

    A tick counts for the day of the round, or of --as-of. A folder's CSV files get the rows; of a
    workbook a next version is written beside it. All rows are written or none; cells that can't be
    taken are named, and what is recorded already is not written again.
    """
    existing(data)
    before = tables.as_they_are(_tables_of(data))
    taken = take.take(data, given.as_of, given.policy, file)
    use(taken.terms)
    if not taken.entries and not taken.known:
        faults = [each.fault() for each in taken.not_taken]
        problem = "Nothing is filled in: Done and Decision are blank in every row."
        fix = "Fill in Done or Decision, and save the file."
        raise WrongInput(faults or [wrong_file("FILE", problem, fix, shown(file.name))])
    if taken.files and not dry_run:
        if tables.as_they_are(before) != before:
            problem = "The tables have changed since they were read."
            raise WrongInput([wrong_file("input", problem, "Run it again.", shown(data.name))])
        tables.write(taken.files, tables.as_they_are(taken.files))
    written = bool(taken.files) and not dry_run
    lines = words.text(taken, data, dry_run=dry_run)
    given.answer("enter", lines, words.record(taken, written=written))
    for path in taken.files if written else ():
        given.tell(f"Written: {path}")


def _tables_of(data: Path) -> list[Path]:
    return tables.files_of(data) if data.is_dir() else [data]
