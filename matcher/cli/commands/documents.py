"""Draft the Word documents of one request with one household."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from matcher.cli.current import Named, look_up_in, the_round, told
from matcher.cli.given import Data, Given, command, file_name
from matcher.current import default_folder
from matcher.documents import drafts
from matcher.documents.drafts import Draft, LeftOut
from matcher.show.text import paragraph
from matcher.words import count


@command("matcher documents {sample} R01 H17 --out drafts")
def documents(
    given: Given,
    data: Data,
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="A request's id.")],
    household: Annotated[str, typer.Argument(metavar="HOUSEHOLD", help="A household's id.")],
    templates: Annotated[
        Path | None,
        typer.Option(help="Folder with your own Word templates; each replaces ours of its name."),
    ] = None,
    named: Named = None,
) -> None:
    """Draft the documents of one request with one household as Word files, for people to finish."""
    now = the_round(given, data, named)
    look_up_in(now.inputs, request, household)
    folder = given.out or default_folder(now.inputs.as_of) / "documents"
    name = f"{file_name(request)}-{file_name(household)}"
    before = drafts.earlier(folder, name)
    drafted = drafts.drafts(now.solved, request, household, templates, now.about.apart(), before)
    files = drafts.write(drafted, folder, name)
    given.tell_what_stays(files)
    for path in drafts.renamed(folder, name):
        given.tell(f"{path.name} is not read: {name}-<document>-2.docx is a name that is.")
    written = list(files.values())
    first = [paragraph(line, "") for line in told(given, now.about)]
    record = {"round": now.about.record(), **_record(drafted, written)}
    given.print_answer([*first, *_lines(drafted, written)], record)
    given.tell("These are drafts: people complete, decide and sign.")


def _record(drafted: list[Draft | LeftOut], written: list[Path]) -> dict[str, Any]:
    return {
        "written": [str(path) for path in written],
        "to_complete": {d.document.key: d.to_complete for d in drafted if isinstance(d, Draft)},
        "carried_over": {
            d.document.key: d.carried for d in drafted if isinstance(d, Draft) and d.carried
        },
        "left_out": {d.document.key: d.why for d in drafted if isinstance(d, LeftOut)},
    }


def _lines(drafted: list[Draft | LeftOut], written: list[Path]) -> Iterator[str]:
    files = [each for each in drafted if isinstance(each, Draft)]
    for draft, path in zip(files, written, strict=True):
        yield f"Written: {path} ({count(len(draft.to_complete), 'thing')} to complete)"
        if draft.carried:
            yield f"  {draft.carried}"
    for each in drafted:
        if isinstance(each, LeftOut):
            yield f"Left out: {each.document.key}. {each.why}"
