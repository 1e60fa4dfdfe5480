"""The command that drafts the documents of a pair."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.common import (
    AsJson,
    AsOf,
    Data,
    Out,
    PolicyFile,
    Quiet,
    app,
    file_name,
    known_ids,
    load,
    solve,
    tell,
    write_lines,
)

if TYPE_CHECKING:
    from matcher.documents.drafts import Draft, LeftOut


@app.command(epilog="Example: matcher documents data/samples/camden R01 H17 --out drafts")
def documents(
    data: Data,
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="A request's id.")],
    household: Annotated[str, typer.Argument(metavar="HOUSEHOLD", help="A household's id.")],
    templates: Annotated[
        Path | None,
        typer.Option(help="Folder with your own Word templates; each replaces ours of its name."),
    ] = None,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Draft the documents of one request with one household as Word files, for people to finish."""
    from matcher.documents import drafts

    inputs, in_force = load(data, as_of, policy, quiet)
    known_ids(inputs, request, household)
    made = drafts.drafts(solve(inputs, in_force, 0), request, household, templates)
    folder = out or Path("reports") / inputs.as_of.isoformat() / "documents"
    name = f"{file_name(request)}-{file_name(household)}"
    written = list(drafts.write(made, folder, name))
    if as_json:
        write_lines([json.dumps(_record(made, written), ensure_ascii=False, indent=1)])
    else:
        write_lines(_lines(made, written))
    tell("These are drafts: people complete, decide and sign.", quiet)


def _record(made: list[Draft | LeftOut], written: list[Path]) -> dict[str, object]:
    from matcher.documents.drafts import Draft, LeftOut

    return {
        "written": [str(path) for path in written],
        "to_complete": {d.document.key: d.to_complete for d in made if isinstance(d, Draft)},
        "left_out": {d.document.key: d.why for d in made if isinstance(d, LeftOut)},
    }


def _lines(made: list[Draft | LeftOut], written: list[Path]) -> Iterator[str]:
    from matcher.documents.drafts import Draft, LeftOut
    from matcher.words import count

    drafted = [each for each in made if isinstance(each, Draft)]
    for draft, path in zip(drafted, written, strict=True):
        yield f"Written: {path} ({count(len(draft.to_complete), 'thing')} to complete)"
    for each in made:
        if isinstance(each, LeftOut):
            yield f"Left out: {each.document.key}. {each.why}"
