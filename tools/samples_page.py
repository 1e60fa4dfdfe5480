"""The page that says how synthetic rounds are drawn."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.synthetic.files import NOBODY, choices


def page() -> Iterator[str]:
    """How samples are drawn, as a page of the documentation."""
    yield "# Synthetic match rounds"
    yield ""
    yield "This page is made from the software by `tools/make_docs.py`. A test fails when it is stale."
    yield ""
    yield "`matcher sample NAME` writes a match round of any size. " + NOBODY
    yield ""
    yield from choices()
