"""What is taken into the tables, in words and as a record."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from matcher.enter.take import Taken
from matcher.show.files import Record
from matcher.show.text import paragraph, printable
from matcher.words import count, upper_first


def text(taken: Taken, data: Path, *, dry_run: bool) -> Iterator[str]:
    """What is, or would be, written, what is recorded already, and which cells could not be taken."""
    verb = "would be " if dry_run else ""
    yield upper_first(f"{count(len(taken.entries), 'row')} {verb}written.")
    for path in taken.files:
        yield paragraph(f"{printable(path.name)}:")
        for entry in taken.entries:
            if data.is_file() or path.stem.casefold() == entry.table:
                place = f"{entry.line.sheet}, {entry.line.place(entry.told_in)}"
                yield paragraph(f"{printable(entry.sentence())}. ({printable(place)})", "    ")
    if taken.known:
        yield ""
        yield "RECORDED ALREADY, NOT WRITTEN AGAIN"
        for each in taken.known:
            place = f"{each.line.sheet}, {each.line.place(each.heading)}"
            yield paragraph(printable(f"{each.sentence} ({place})"))
    if taken.not_taken:
        yield ""
        yield "NOT TAKEN"
        for cell in taken.not_taken:
            yield paragraph(printable(cell.sentence()))
    for path in () if dry_run or data.is_dir() else taken.files:
        yield ""
        yield paragraph(
            f"Use {printable(path.name)} from now on; {printable(data.name)} is as it was."
        )


def record(taken: Taken, *, written: bool) -> Record:
    """The same for a machine."""
    return {
        "written": written,
        "files": [str(path) for path in taken.files],
        "rows": [
            {
                "table": entry.table,
                "cells": entry.cells,
                "sheet": entry.line.sheet,
                "cell": entry.line.place(entry.told_in),
            }
            for entry in taken.entries
        ],
        "recorded_already": [
            {
                "sheet": each.line.sheet,
                "cell": each.line.place(each.heading),
                "said": each.sentence,
            }
            for each in taken.known
        ],
        "not_taken": [
            {
                "sheet": each.sheet,
                "cell": each.place,
                "column": each.heading,
                "value": each.value,
                "problem": each.problem,
                "fix": each.fix,
            }
            for each in taken.not_taken
        ],
    }
