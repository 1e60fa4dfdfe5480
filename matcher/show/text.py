"""Text for a terminal: no character that moves the cursor, wrapped to the width of a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from matcher.terms import AsIs, say
from matcher.words import printable as safe

WIDTH = 96
PEOPLE_DECIDE = (
    "People decide. This is a proposal, not a decision, and no forecast of how it will go."
)


def printable(text: str) -> str:
    """A text as people read it: with the names in use, and nothing that moves the cursor."""
    return safe(say(text))


def paragraph(text: str, indent: str = "  ") -> str:
    """Text wrapped to the width of a page, its later lines indented."""
    return AsIs(
        textwrap.fill(
            printable(text),
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + "  ",
            break_on_hyphens=False,  # an option is copied whole
        )
    )


def wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Lines of text wrapped to the width of a page, each indented as it was."""
    for line in lines:
        text = line.lstrip(" ")
        yield paragraph(text, line[: len(line) - len(text)])
