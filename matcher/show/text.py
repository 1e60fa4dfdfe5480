"""Text for a terminal: no character that moves the cursor, wrapped to the width of a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from matcher.words import printable

__all__ = ["PEOPLE_DECIDE", "WIDTH", "paragraph", "printable", "wrapped"]

WIDTH = 96
PEOPLE_DECIDE = (
    "People decide. This is a proposal, not a decision, and no forecast of how it will go."
)


def paragraph(text: str, indent: str = "  ") -> str:
    """Text wrapped to the width of a page, its later lines indented."""
    return textwrap.fill(
        printable(text),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_on_hyphens=False,  # an option is copied whole
    )


def wrapped(lines: Iterable[str]) -> Iterator[str]:
    """Lines of text wrapped to the width of a page, each indented as it was."""
    for line in lines:
        text = line.lstrip(" ")
        yield paragraph(text, line[: len(line) - len(text)])
