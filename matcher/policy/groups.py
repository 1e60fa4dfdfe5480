"""The groups of families in which a service looks for unequal treatment (Equality Act 2010)."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.intake.rows import Request
from matcher.shipped import broad_groups
from matcher.words import upper_first

NOT_KNOWN = "Not known"


def traits(request: Request) -> Iterator[tuple[str, str]]:
    """The kind and name of each group of a family that its request alone says."""
    yield from traits_of(
        request.ethnicity, request.religion, request.english, request.a_parent_is_looked_after
    )


def traits_of(
    ethnicity: str | None, religion: str | None, english: str | None, looked_after: bool
) -> Iterator[tuple[str, str]]:
    """The kind and name of each group of a family, by the codes of its request."""
    yield "Ethnicity", broad_groups().get(ethnicity or "", NOT_KNOWN)
    said = religion if religion != "not_stated" else None
    yield "Religion", upper_first(said) if said else NOT_KNOWN
    yield "English", upper_first(english) if english else NOT_KNOWN
    yield "Looked-after parent", "Yes" if looked_after else "No"
