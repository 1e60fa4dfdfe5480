"""How the product writes numbers, days and lists in a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

_IRREGULAR = {
    "child": "children",
    "person": "people",
    "family": "families",
    "duty": "duties",
    "match": "matches",
    "entry": "entries",
}


def count(number: float, noun: str) -> str:
    """'1 carer', '2 looked-after children', 'no carers'."""
    whole = int(number)
    first, last = noun.rpartition(" ")[::2]
    plural = _IRREGULAR.get(last, last + "s")
    head = f"{first} " if first else ""
    return f"{f'{whole:,}' if whole else 'no'} {head}{last if whole == 1 else plural}"


def every_weeks(weeks: int) -> str:
    """'every week', 'every 6 weeks'."""
    return "every week" if weeks == 1 else f"every {count(weeks, 'week')}"


def printable(text: str) -> str:
    """Text that can't move the cursor or turn the reading direction of a terminal."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def one_line(text: str) -> str:
    """Text as one printable line: what would break the line is a space."""
    return text if text.isprintable() else printable(" ".join(text.split()))


def in_lines(found: Any) -> Any:
    """What JSON holds, each text in it as one printable line."""
    if isinstance(found, dict):
        return {one_line(key): in_lines(value) for key, value in found.items()}
    if isinstance(found, list):
        return [in_lines(each) for each in found]
    return one_line(found) if isinstance(found, str) else found


def long_date(day: date | str) -> str:
    """'4 December 2026', of a day or of its ISO text."""
    at = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{at.day} {at:%B %Y}"


def and_list(items: Iterable[str], joint: str = "and") -> str:
    """'a', 'a and b', 'a, b and c'."""
    *first, last = items
    return f"{', '.join(first)} {joint} {last}" if first else last


def number_text(number: float, digits: int = 3) -> str:
    """A number of which nobody needs more digits than these: '0.25', '4.43', '1,240'."""
    return f"{number:,.0f}" if number >= 10 ** (digits - 1) else f"{number:.{digits}g}"


def weeks_text(weeks: float) -> str:
    """'1 week', '4.43 weeks'."""
    said = number_text(weeks)
    return f"{said} week{'' if said == '1' else 's'}"


def coded(codes: Iterable[str], joint: str = "and") -> str:
    """Codes as a list in words: 'mental health and trauma'."""
    return and_list([label(code) for code in codes], joint)


def upper_first(sentence: str) -> str:
    """The sentence with its first letter as a capital."""
    return sentence[:1].upper() + sentence[1:]


def lower_first(sentence: str) -> str:
    """A sentence to follow a colon: its first letter small, unless it is a name or an id."""
    first = sentence.split(" ", 1)[0]
    keep = len(first) > 1 and (any(c.isupper() or c.isdigit() for c in first[1:]))
    return (
        sentence if keep or first in ("Head", "Resource") else sentence[:1].lower() + sentence[1:]
    )


_LABELS = {"plan_with_the_iro": "plan with the reviewing officer"}  # codes with a short form


def label(code: str) -> str:
    """A code as a person reads it: 'first_time_parent' is 'first time parent'."""
    return _LABELS.get(code, code.replace("_", " "))


def ordinal(place: int) -> str:
    """'1st', '2nd', '3rd', '11th'."""
    ending = "th" if 10 <= place % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    return f"{place:,}{ending}"


def hundredths(value: int) -> str:
    """A fit in hundredths as people read it: '81.00'."""
    return f"{value / 100:.2f}"


_NEEDED = {  # when a family is needed: alone in a sentence, and after one that is needed sooner
    "today": ("needed today", "needed today"),
    "within_5_days": ("needed within 5 days", "needed within 5 days"),
    "more_than_5_days": ("needed in more than 5 days", "needed later"),
}


def needed(urgency: str) -> str:
    """When a family is needed, in words."""
    return _NEEDED[urgency][0]


def needed_briefly(urgency: str) -> str:
    """When a family is needed, where the three urgencies stand side by side: 'needed later'."""
    return _NEEDED[urgency][1]


def when(urgency: str) -> str:
    """When a family is needed, for a table whose heading says 'Needed'."""
    return needed(urgency).removeprefix("needed ").replace("in more than", "after")


def spelt(number: int) -> str:
    """'one' to 'nine', then figures."""
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return small[number] if number < len(small) else str(number)


def between(
    low: float,
    high: float,
    more: str = "more",
    less: str = "fewer",
    written: Callable[[float], str] = "{:.0f}".format,
) -> str:
    """How far apart two things are at least and at most, without a sign: 'between 2 fewer and 8 more'."""
    if low >= 0:
        return f"between {written(low)} and {written(high)} {more}"
    if high <= 0:
        return f"between {written(-high)} and {written(-low)} {less}"
    return f"between {written(-low)} {less} and {written(high)} {more}"
