"""What changed since the last round, for the first page of the next: of a folder or of a history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from matcher.current import ROUND
from matcher.errors import Fault, WrongInput, wrong_file
from matcher.history import words
from matcher.history.comparing import comparison
from matcher.history.entries import ROUND as A_ROUND
from matcher.history.entries import Record
from matcher.history.recall import in_words, with_words
from matcher.history.recording import content_of, read_round
from matcher.history.sides import Pairing
from matcher.history.store import NothingThere, Store
from matcher.intake.rows import Decision
from matcher.record import RoundRecord
from matcher.report.view import Changes
from matcher.verification import read_json


@dataclass(frozen=True, slots=True)
class Last:
    """The last round before a day: `found` None where there is none; `faults` of what can't be read."""

    found: Record | None
    faults: tuple[Fault, ...] = ()

    @property
    def as_of(self) -> date:
        """Its day, the earliest there is where there is none."""
        return date.min if self.found is None else _day(self.found)


def in_folders(where: Path, title: str | None, day: date) -> Last:
    """The last round of the same title in the folders that are named by their day, before `day`."""
    days = sorted((each for each in _days(where) if each < day), reverse=True)
    faults: list[Fault] = []
    for each in days:
        path = where / each.isoformat() / ROUND
        try:
            found = read_json(path)
            if (found["round"]["title"] or None) == (title or None) and _day(found) < day:
                return Last(with_words(found), tuple(faults))
        except WrongInput as error:
            faults.extend(error.faults)
        except (ValueError, KeyError, TypeError):
            faults.append(wrong_file(str(path), "It is not as a round writes it.", "Remove it."))
    return Last(None, tuple(faults))


def _days(where: Path) -> Iterator[date]:
    for path in where.iterdir() if where.is_dir() else ():
        try:
            day = date.fromisoformat(path.name)
        except ValueError:
            continue
        if day.isoformat() == path.name and (path / ROUND).is_file():
            yield day


def in_history(store: Store, title: str | None, day: date) -> Last:
    """The last round of the same title that a history holds, before `day`."""
    try:
        with store.reading() as session:
            rounds = [
                (each.content["as_of"], each.number, each)
                for each in session.entries()
                if each.kind == A_ROUND
                and (each.content["title"] or None) == (title or None)
                and each.content["as_of"] < day.isoformat()
            ]
            return Last(read_round(session, max(rounds)[2]) if rounds else None)
    except NothingThere:
        return Last(None)


def later(one: Last, other: Last) -> Last:
    """The later of two, with the faults of both; the first where they are of one day."""
    of = other if other.as_of > one.as_of else one
    return replace(of, faults=(*one.faults, *other.faults))


def changes(last: Last, now: RoundRecord, decisions: Iterable[Decision]) -> Changes | None:
    """What changed since the last round, None where there is none; `now` as people may see it."""
    if last.found is None:
        return None
    every = [content_of(each) for each in decisions]
    was = [each for each in every if each["decided_on"] <= last.as_of.isoformat()]
    found = comparison(Pairing.of(last.found, in_words(now), was, every))
    return Changes(last.as_of, tuple(words.changes_in_lines(found)))


def _day(of: Record) -> date:
    return date.fromisoformat(of["round"]["as_of"])
