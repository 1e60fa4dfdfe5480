"""How the product writes numbers, days and lists in a sentence."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from matcher.codes import words

_IRREGULAR = {"child": "children", "person": "people", "family": "families", "match": "matches"}


def count(number: float, noun: str) -> str:
    """'1 carer', '2 looked-after children', 'no carers'."""
    whole = int(number)
    first, last = noun.rpartition(" ")[::2]
    plural = _IRREGULAR.get(last, last + "s")
    head = f"{first} " if first else ""
    return f"{f'{whole:,}' if whole else 'no'} {head}{last if whole == 1 else plural}"


def written(day: date) -> str:
    """'4 December 2026'."""
    return f"{day.day} {day:%B %Y}"


def and_list(items: Iterable[str], joint: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'."""
    *first, last = items
    return f"{', '.join(first)} {joint} {last}" if first else last


def coded(codes: Iterable[str], joint: str = "and") -> str:
    """Codes as a list in words: 'mental health and trauma'."""
    return and_list([words(code) for code in codes], joint)


def capital(sentence: str) -> str:
    """The sentence with its first letter as a capital."""
    return sentence[:1].upper() + sentence[1:]


def small(sentence: str) -> str:
    """A sentence to follow a colon: its first letter small, unless it is a name or an id."""
    first = sentence.split(" ", 1)[0]
    keep = len(first) > 1 and (any(c.isupper() or c.isdigit() for c in first[1:]))
    return (
        sentence if keep or first in ("Head", "Resource") else sentence[:1].lower() + sentence[1:]
    )
