"""Draft the Word documents of one request with one household."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from matcher.cli.given import Data, Given, command, file_name
from matcher.cli.loading import solve_with
from matcher.documents import drafts
from matcher.documents.drafts import Draft, LeftOut
from matcher.words import count


@command("matcher documents data/samples/camden R01 H17 --out drafts")
def documents(
    given: Given,
    data: Data,
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="A request's id.")],
    household: Annotated[str, typer.Argument(metavar="HOUSEHOLD", help="A household's id.")],
    templates: Annotated[
        Path | None,
        typer.Option(help="Folder with your own Word templates; each replaces ours of its name."),
    ] = None,
) -> None:
    """Draft the documents of one request with one household as Word files, for people to finish."""
    solved = solve_with(given, data, request, household)
    drafted = drafts.drafts(solved, request, household, templates)
    day = solved.prepared.inputs.as_of.isoformat()
    folder = given.out or Path("reports") / day / "documents"
    name = f"{file_name(request)}-{file_name(household)}"
    files = drafts.write(drafted, folder, name)
    given.tell_what_stays(files)
    written = list(files.values())
    given.print_answer(_lines(drafted, written), _record(drafted, written))
    given.tell("These are drafts: people complete, decide and sign.")


def _record(drafted: list[Draft | LeftOut], written: list[Path]) -> dict[str, Any]:
    return {
        "written": [str(path) for path in written],
        "to_complete": {d.document.key: d.to_complete for d in drafted if isinstance(d, Draft)},
        "left_out": {d.document.key: d.why for d in drafted if isinstance(d, LeftOut)},
    }


def _lines(drafted: list[Draft | LeftOut], written: list[Path]) -> Iterator[str]:
    files = [each for each in drafted if isinstance(each, Draft)]
    for draft, path in zip(files, written, strict=True):
        yield f"Written: {path} ({count(len(draft.to_complete), 'thing')} to complete)"
    for each in drafted:
        if isinstance(each, LeftOut):
            yield f"Left out: {each.document.key}. {each.why}"
