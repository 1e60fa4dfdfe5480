"""List what is due, by when and who does it."""

from __future__ import annotations

from matcher.calendar import diary
from matcher.calendar.ics import ics
from matcher.cli.current import Named, answer, the_round
from matcher.cli.given import Data, Given, command
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.show.workbook import workbook


@command("matcher calendar data/samples/camden")
def calendar(
    given: Given,
    data: Data,
    named: Named = None,
) -> None:
    """List every dated duty of requests, proposals and placements, what is overdue first.

    With --out it also writes calendar.ics, which Outlook imports, and calendar.xlsx.
    """
    now = the_round(given, data, named, top=1)
    of, as_of = for_people(record_of(now.solved)), now.inputs.as_of
    tasks, asked = diary.of_record(of), diary.questions(of)
    lines, told = diary.text(tasks, as_of, asked), diary.record(tasks, as_of, asked)
    answer(given, now.about, "calendar", lines, told)
    if given.out is not None:
        title, apart = now.inputs.title or "Dated tasks", now.about.apart()
        tables = [*([diary.read_first(apart)] if apart else []), diary.table(tasks)]
        tables += [diary.questions_table(asked)] if asked else []
        sheet = workbook(title, as_of, tables)
        files = {"calendar.ics": ics(tasks, as_of, title, apart), "calendar.xlsx": [sheet]}
        written_files = given.write(given.out, "calendar", files.items())
        given.tell(f"Written: {' and '.join(map(str, written_files.values()))}")
