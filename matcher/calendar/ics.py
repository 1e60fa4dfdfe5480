"""Dated tasks as an iCalendar file (RFC 5545), which Outlook and others import.

All-day events without an alarm. The stamp is the day of the round, and an event's UID comes from
its request, task and day, so that the same round gives the same file and a second import no doubles.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from matcher import __version__
from matcher.calendar.diary import Entry
from matcher.show.text import printable
from matcher.words import upper_first

LONGEST_LINE = 75  # octets, without the line's end


def ics(
    entries: Iterable[Entry], as_of: date, title: str, first: Sequence[str] = ()
) -> Iterator[bytes]:
    """The file, an event at a time; `first` is what it says of itself."""
    yield from _lines(
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//carer-matcher//carer-matcher {__version__}//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(title)}",
        *(f"X-WR-CALDESC:{_text(line)}" for line in first),
    )
    for entry in entries:
        yield from _lines(*_event(entry, as_of))
    yield from _lines("END:VCALENDAR")


def _event(entry: Entry, as_of: date) -> Iterator[str]:
    home = f" → {entry.household_id}" if entry.household_id else ""
    late = "Overdue: " if entry.overdue else ""
    told = "\n".join((entry.what, f"{upper_first(entry.who)}. {entry.clause}."))
    yield "BEGIN:VEVENT"
    yield f"UID:{uid(entry)}"
    yield f"DTSTAMP:{as_of:%Y%m%d}T000000Z"
    yield f"DTSTART;VALUE=DATE:{entry.date:%Y%m%d}"
    yield f"DTEND;VALUE=DATE:{entry.date + timedelta(days=1):%Y%m%d}"
    yield f"SUMMARY:{_text(f'{late}{entry.request_id}{home}: {entry.what}')}"
    yield f"DESCRIPTION:{_text(told)}"
    yield f"CATEGORIES:{_text(entry.stage)}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def uid(entry: Entry) -> str:
    """The lasting id of an event."""
    named = "\n".join((entry.request_id, entry.task, entry.date.isoformat()))
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}@carer-matcher"


def _text(words: str) -> str:
    """Text as RFC 5545 escapes it."""
    safe = printable(words).replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return safe.replace("\n", "\\n")


def _lines(*lines: str) -> Iterator[bytes]:
    for line in lines:
        yield b"\r\n ".join(_folded(line.encode())) + b"\r\n"


def _folded(line: bytes) -> Iterator[bytes]:
    """A line in pieces of at most 75 octets, with the space that begins each later one."""
    room = LONGEST_LINE
    while len(line) > room:
        cut = room
        while line[cut] & 0xC0 == 0x80:  # not within a letter
            cut -= 1
        yield line[:cut]
        line, room = line[cut:], LONGEST_LINE - 1
    yield line
