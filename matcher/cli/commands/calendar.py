"""List what is due, by when and who does it."""

from __future__ import annotations

from matcher.calendar import diary, ics
from matcher.cli.current import Named, answer, the_round
from matcher.cli.given import Data, Given, command
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.show.workbook import workbook
from matcher.words import count


@command("matcher calendar data/samples/camden")
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
    answer(given, now.about, "calendar", lines, told)
    if given.out is not None:
        title, apart = now.inputs.title or "Dated tasks", now.about.apart()
        tables = [*([diary.read_first(apart)] if apart else []), diary.table(tasks)]
        tables += [diary.questions_table(asked)] if asked else []
        sheet = workbook(title, as_of, tables)
        files = [*ics.files(given.out, tasks, as_of, title, apart), ("calendar.xlsx", [sheet])]
        written = given.write(given.out, "calendar", files)
        given.tell(f"Written: {written['calendar.ics']} and {written['calendar.xlsx']}")
        if len(people := [name for name in written if name.startswith(ics.PEOPLE)]) > 0:
            given.tell(
                f"Written: {count(len(people), 'calendar')} by person in {given.out / ics.PEOPLE}"
            )
