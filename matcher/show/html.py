"""How every page is made of its template: whatever is not markup of ours is text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.show.table import shown
from matcher.show.text import printable
from matcher.terms import AsIs

if TYPE_CHECKING:
    from jinja2 import Environment

TONES = {
    "proposed": "go",
    "placed": "go",
    "waits": "wait",
    "stale": "wait",
}  # of tags; all others say stop


def as_people_read(_: object, value: object) -> object:
    """What a template prints: a text that is no markup, when the page is made and not before."""
    return printable(value) if isinstance(value, str) and type(value) in (str, AsIs) else value


def environment() -> Environment:
    """The templates of the package."""
    from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context

    made = Environment(
        loader=PackageLoader("matcher", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=pass_context(as_people_read),
    )
    made.filters["shown"] = shown
    made.filters["tone"] = lambda tag: TONES.get(tag, "stop")
    return made
