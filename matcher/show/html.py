"""How every page is made of its template: whatever is not markup of ours is text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.show.table import shown
from matcher.show.text import printable

if TYPE_CHECKING:
    from jinja2 import Environment

TONES = {
    "proposed": "go",
    "placed": "go",
    "waits": "wait",
    "stale": "wait",
}  # of tags; all others say stop


def environment() -> Environment:
    """The templates of the package."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("matcher", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    made.filters["shown"] = shown
    made.filters["tone"] = lambda tag: TONES.get(tag, "stop")
    return made
