"""List what is due, by when and who does it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from matcher.calendar import diary, ics
from matcher.cli.current import Named, answer, the_round
from matcher.cli.given import Data, Given, command
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.show.workbook import workbook
from matcher.words import count


@command("matcher calendar {sample}")
def calendar(
    given: Given,
    data: Data,
    named: Named = None,
) -> None:
    """List every dated duty of requests, proposals and placements, what is overdue first.

    With --out it also writes calendar.ics, which Outlook imports, one for each person in people, and
    calendar.xlsx. In the same folder, an event whose day moves stays the same one, and what is no
    longer due is cancelled.
    """
    now = the_round(given, data, named, top=1)
    of, as_of = for_people(record_of(now.solved)), now.inputs.as_of
    tasks, asked = diary.of_record(of), diary.questions(of)
    lines, told = diary.text(tasks, as_of, asked), diary.record(tasks, as_of, asked)

    def files() -> Iterator[tuple[str, Iterable[bytes]]]:
        title, apart = now.inputs.title or "Dated tasks", now.about.apart()
        tables = [*([diary.read_first(apart)] if apart else []), diary.table(tasks)]
        tables += [diary.questions_table(asked)] if asked else []
        yield from ics.files(given.out or Path(), tasks, as_of, title, apart)
        yield "calendar.xlsx", [workbook(title, as_of, tables)]

    written = answer(given, now.about, "calendar", lines, told, files)
    if written:
        given.tell(f"Written: {written['calendar.ics']} and {written['calendar.xlsx']}")
        if len(people := [name for name in written if name.startswith(ics.PEOPLE)]) > 0:
            folder = written["calendar.ics"].parent / ics.PEOPLE
            given.tell(f"Written: {count(len(people), 'calendar')} by person in {folder}")
