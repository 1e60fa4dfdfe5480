"""The command calendar: what is due, by when, and who does it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.common import (
    AsJson,
    AsOf,
    Data,
    Out,
    PolicyFile,
    Quiet,
    answer,
    app,
    load,
    solve,
    tell,
)


@app.command(epilog="Example: matcher calendar data/samples/camden")
def calendar(
    data: Data,
    written: Annotated[
        Path | None,
        typer.Option(
            "--round",
            help="A round.json, or the folder it lies in, whose proposals count; else it is solved.",
        ),
    ] = None,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """List every dated task of requests, proposals and confirmed placements, what is overdue first.

    With --out it also writes calendar.ics, which Outlook imports, and calendar.xlsx.
    """
    from matcher.calendar import diary as dated
    from matcher.calendar.ics import ics
    from matcher.explain import Explainer
    from matcher.report.workbook import sheets_alone
    from matcher.show.files import write_bytes

    if written is None:
        inputs, in_force = load(data, as_of, policy, quiet)
        found = dated.of_round(Explainer(solve(inputs, in_force, 1)))
    else:
        record, day = dated.read_round(written)
        inputs, in_force = load(data, as_of or day, policy, quiet)
        found = dated.of_record(record, inputs, in_force)
    day_of = inputs.as_of
    answer("calendar", dated.text(found, day_of), dated.record(found, day_of), out, as_json)
    if out is not None:
        title = inputs.title or "Dated tasks"
        write_bytes(out / "calendar.ics", ics(found, day_of, title))
        write_bytes(out / "calendar.xlsx", [sheets_alone(title, day_of, [dated.sheet(found)])])
        tell(f"Written: {out / 'calendar.ics'} and {out / 'calendar.xlsx'}", quiet)
