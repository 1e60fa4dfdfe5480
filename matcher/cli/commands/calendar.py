"""List what is due, by when and who does it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matcher import rounds
from matcher.calendar import diary
from matcher.calendar.ics import ics
from matcher.cli.given import Data, Given, command
from matcher.cli.loading import load
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.show.workbook import workbook


@command("matcher calendar data/samples/camden")
def calendar(
    given: Given,
    data: Data,
    written: Annotated[
        Path | None,
        typer.Option(
            "--round",
            help="A round.json, or the folder it lies in, whose duties count; else it is solved.",
        ),
    ] = None,
) -> None:
    """List every dated task of requests, proposals and confirmed placements, what is overdue first.

    With --out it also writes calendar.ics, which Outlook imports, and calendar.xlsx.
    """
    if written is None:
        inputs, policy = load(given, data)
        of = record_of(rounds.match(rounds.prepare(inputs, policy, top=1)))
    else:
        of = diary.read_round(written)
    tasks, as_of = diary.of_record(for_people(of)), of.round.as_of
    given.answer("calendar", diary.text(tasks, as_of), diary.record(tasks, as_of))
    if given.out is not None:
        title = of.round.title or "Dated tasks"
        sheet = workbook(title, as_of, [diary.table(tasks)])
        files = {"calendar.ics": ics(tasks, as_of, title), "calendar.xlsx": [sheet]}
        written_files = given.write(given.out, "calendar", files.items())
        given.tell(f"Written: {' and '.join(map(str, written_files.values()))}")
