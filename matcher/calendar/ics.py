"""Dated tasks as an iCalendar file (RFC 5545), which Outlook and others import.

All-day events without an alarm. The stamp is the day of the round, and an event's UID comes from its
request and duty, of what recurs with the day on which it was last held: not from its day. So an event
that moves is the same one with a greater SEQUENCE, the same round gives the same file, and a second
import no doubles. What an earlier file in the folder has and this round no longer, is cancelled.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from pathlib import Path, PurePosixPath

from matcher import __version__
from matcher.calendar.diary import Entry
from matcher.show.text import printable
from matcher.words import long_date, upper_first

LONGEST_LINE = 75  # octets, without the line's end
OURS = "@carer-matcher"  # at the end of every UID
CANCELLED = "STATUS:CANCELLED"
NOT_DUE, NOT_YOURS = "No longer due", "With somebody else now"
KEPT_CANCELLED = timedelta(days=90)  # after that everybody has imported it
_NOT_CONTENT = ("DTSTAMP", "SEQUENCE")
PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Earlier:
    """An event as an earlier file has it: its lines, unfolded, between BEGIN and END."""

    lines: tuple[str, ...]

    @property
    def sequence(self) -> int:
        """How often it was changed; an earlier release did not say."""
        said = self._value("SEQUENCE")
        return int(said) if said.isdecimal() else 0

    @property
    def content(self) -> tuple[str, ...]:
        """What it says."""
        return tuple(line for line in self.lines if _name(line) not in _NOT_CONTENT)

    @property
    def cancelled(self) -> bool:
        """Whether it had fallen away."""
        return CANCELLED in self.lines

    @property
    def stamp(self) -> str:
        """The day of the round that wrote it, as the file has it."""
        return self._value("DTSTAMP")

    def _value(self, name: str) -> str:
        return next((line.partition(":")[2] for line in self.lines if _name(line) == name), "")


def files(
    folder: Path, entries: Sequence[Entry], as_of: date, title: str, first: Sequence[str] = ()
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """The calendar of all, and one of each person who has a task, or had one in an earlier file.

    An event is the same in all of them: a calendar into which several are imported has it once, and
    still has it when it went from one person to another.
    """
    had_files = {
        re.sub(r"-[0-9]+$", "", path.stem).removeprefix("calendar-")
        for path in (folder / PEOPLE).glob("calendar-*.ics")
    }
    names = sorted({*by_person(entries), *had_files})
    theirs = {name: earlier(folder / PEOPLE / f"calendar-{name}.ics") for name in names}
    before = earlier(folder / "calendar.ics")
    for name, _, content in reissued(entries, as_of, title, first, before, theirs):
        path = PurePosixPath(PEOPLE) / f"calendar-{name}.ics" if name else "calendar.ics"
        yield str(path), content


def reissued(
    entries: Sequence[Entry],
    as_of: date,
    title: str,
    first: Sequence[str],
    before: Mapping[str, Earlier],
    theirs: Mapping[str, Mapping[str, Earlier]],
) -> Iterator[tuple[str, str, Iterable[bytes]]]:
    """The calendar of all, under '', and of each person by name: who they are, and the file.

    `before` and `theirs` are the events that were given out last, of all and by person.
    """
    of_people = by_person(entries)
    due = {uid(entry) for entry in entries}
    passed_on = {
        event
        for name, had in theirs.items()
        for event in due - {uid(entry) for entry in of_people.get(name, (name, []))[1]}
        if event in had and not had[event].cancelled
    }
    changes = sequences(entries, before, passed_on)
    yield "", "", ics(entries, as_of, title, first, before, changes)
    for name in sorted({*of_people, *theirs}):
        person, own = of_people.get(name, (name, []))
        about = f"{title}: {upper_first(person)}"
        yield name, person, ics(own, as_of, about, first, theirs.get(name, {}), changes)


def sequences(
    entries: Iterable[Entry], before: Mapping[str, Earlier], passed_on: Set[str] = frozenset()
) -> dict[str, int]:
    """The SEQUENCE of each event by UID: it grows where the event says something else than before.

    Of what was passed on it grows once more, past the cancellation in the file of who had it.
    """
    found = {}
    for entry in entries:
        name = uid(entry)
        was = before.get(name)
        changed = was is not None and was.content != _content(entry)
        found[name] = (was.sequence if was else 0) + changed + (name in passed_on)
    return found


def by_person(entries: Iterable[Entry]) -> dict[str, tuple[str, list[Entry]]]:
    """The tasks of each person, by the name that a file of theirs has; with it who they are."""
    found: dict[str, tuple[str, list[Entry]]] = {}
    for entry in entries:
        for person in entry.people:
            name = re.sub(r"\W+", "_", person.casefold()).strip("_")[:60] or "nobody"
            _, own = found.setdefault(name, (person, []))
            if entry not in own[-1:]:
                own.append(entry)
    return found


def ics(
    entries: Iterable[Entry],
    as_of: date,
    title: str,
    first: Sequence[str] = (),
    before: Mapping[str, Earlier] | None = None,
    changes: Mapping[str, int] | None = None,
) -> Iterator[bytes]:
    """The file, an event at a time; `first` is what it says of itself, `before` the earlier events.

    `changes` is the SEQUENCE of every event that is due, for whomever: else it is worked out here.
    """
    gone = dict(before or {})
    if changes is None:
        entries = list(entries)
        changes = sequences(entries, gone)
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
        gone.pop(uid(entry), None)
        yield from _event(_content(entry), as_of, changes[uid(entry)])
    for name in sorted(gone):
        yield from _gone(gone[name], as_of, NOT_YOURS if name in changes else NOT_DUE)
    yield from _lines("END:VCALENDAR")


def _event(content: Iterable[str], as_of: date, sequence: int) -> Iterator[bytes]:
    stamped = f"DTSTAMP:{as_of:%Y%m%d}T000000Z", f"SEQUENCE:{sequence}"
    return _lines("BEGIN:VEVENT", *stamped, *content, "END:VEVENT")


def _gone(before: Earlier, as_of: date, why: str) -> Iterator[bytes]:
    """An event that is no longer due, or somebody else's: cancelled, and for a while kept so."""
    if not before.cancelled:
        marked = [
            re.sub("^SUMMARY:(Overdue: )?", f"SUMMARY:{why}: ", line)
            for line in before.content
            if _name(line) != "STATUS"
        ]
        return _event((*marked, CANCELLED), as_of, before.sequence + 1)
    oldest = as_of - KEPT_CANCELLED
    if before.stamp < f"{oldest:%Y%m%d}":
        return iter(())
    return _lines("BEGIN:VEVENT", *before.lines, "END:VEVENT")


def _content(entry: Entry) -> tuple[str, ...]:
    home = f" → {entry.household_id}" if entry.household_id else ""
    late = "Overdue: " if entry.overdue else ""
    return (
        f"UID:{uid(entry)}",
        f"DTSTART;VALUE=DATE:{entry.date:%Y%m%d}",
        f"DTEND;VALUE=DATE:{entry.date + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(f'{late}{entry.request_id}{home}: {entry.action}')}",
        f"DESCRIPTION:{_text(_description(entry))}",
        f"CATEGORIES:{_text(entry.stage)}",
        "TRANSP:TRANSPARENT",
    )


def _description(entry: Entry) -> str:
    """What to do, for whom and why, who does it, and where to say that it is done."""
    home = f", household {entry.household_id}" if entry.household_id else ""
    due = "It was due on" if entry.overdue else "By"
    others = [person for person in entry.people if person != entry.who]
    who = f"{upper_first(entry.who)}{f' ({chr(44).join(others)})' if others else ''}."
    return "\n".join(
        (
            entry.action,
            f"Request {entry.request_id}{home}. {due} {long_date(entry.date)}.",
            *([f"Why: {entry.why}"] if entry.why else []),
            f"Who: {who}",
            f"Clause: {entry.clause}.",
            f"Once it is done: tick it in the panel, or in the workbook of the round (Duty {entry.key}).",
        )
    )


def uid(entry: Entry) -> str:
    """The lasting id of an event: it stays when its day moves."""
    named = "\n".join((entry.request_id, entry.key))
    return f"{hashlib.sha256(named.encode()).hexdigest()[:32]}{OURS}"


# --- Earlier files


def earlier(path: Path) -> dict[str, Earlier]:
    """Our events in an earlier file, and in those that lie beside it as people changed it, by UID."""
    versions = (p for p in path.parent.glob(f"{path.stem}-*.ics") if _is_version(p, path))
    files = sorted(chain([path] if path.exists() else [], versions))
    return known(each.read_bytes().decode("utf-8", "replace") for each in files)


def known(texts: Iterable[str]) -> dict[str, Earlier]:
    """Our events in the texts of earlier files, by UID: of one in several, that which changed most often."""
    found: dict[str, Earlier] = {}
    for text in texts:
        for name, event in _events(text):
            if name.endswith(OURS) and (name not in found or found[name].sequence < event.sequence):
                found[name] = event
    return found


def _is_version(path: Path, of: Path) -> bool:
    return path.stem.removeprefix(f"{of.stem}-").isdecimal()


def _events(text: str) -> Iterator[tuple[str, Earlier]]:
    unfolded = re.sub(r"\r?\n[ \t]", "", text)
    for match in re.finditer(r"^BEGIN:VEVENT\r?\n(.*?)^END:VEVENT", unfolded, re.M | re.S):
        lines = tuple(re.split(r"\r?\n", match[1].rstrip("\r\n")))
        name = next((line.partition(":")[2] for line in lines if _name(line) == "UID"), "")
        yield name, Earlier(lines)


def _name(line: str) -> str:
    return re.split("[:;]", line, maxsplit=1)[0]


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
