"""Calendar files of the last round, by person: the same event keeps its id, and what fell away is cancelled."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db import transaction

from matcher.calendar import ics
from matcher.calendar.diary import Entry
from matcher.panel import rounds, trail
from matcher.panel.acts import Reach, Role, reach
from matcher.panel.models import DiaryFile, Round, State, User
from matcher.panel.own import own_requests
from matcher.panel.ticking import MINE
from matcher.report.view import RoundView

TOOK_OUT = "took a calendar out"


def entries(view: RoundView, user: User) -> list[Entry]:
    """The dated duties that a user may see: all, or those of own families that are theirs to do."""
    if reach(user, "see_diary") is not Reach.OWN:
        return view.calendar
    own, roles = own_requests(user), MINE.get(user.does, ())
    return [each for each in view.calendar if each.request_id in own and each.who in roles]


def people(view: RoundView) -> list[tuple[str, str, int]]:
    """Everybody who has a dated task, by the name that their file has; with it who they are, and how many."""
    found = ics.by_person(view.calendar).items()
    return sorted((name, person, len(own)) for name, (person, own) in found)


def of_person(made: Round, name: str) -> str | None:
    """The calendar file of a person, of all where the name is blank; None where there is no such person."""
    with transaction.atomic():
        State.objects.select_for_update().get()
        _reissue(made)
        found = DiaryFile.objects.filter(whose=name).first()
    return found.content if found else None


def _reissue(made: Round) -> None:
    """Give out the calendars of a round, once: those of the round before say what changed."""
    held = {each.whose: each for each in DiaryFile.objects.exclude(whose__startswith=OWN)}
    if any(each.round_number >= made.number for each in held.values()):
        return
    view = rounds.view(made)
    known = {name: ics.known([each.content]) for name, each in held.items()}
    before = known.pop("", {})
    found = ics.reissued(view.calendar, view.as_of, view.title, (), before, known)
    for name, person, content in found:
        _keep(name, person, made, content)


OWN = "user "  # and a user's number: the file of those who see their own cases alone


def of_user(made: Round, user: User) -> str:
    """The calendar file of a user's own duties."""
    name = f"{OWN}{user.pk}"
    with transaction.atomic():
        State.objects.select_for_update().get()
        held = DiaryFile.objects.filter(whose=name).first()
        view = rounds.view(made)
        before = ics.known([held.content]) if held else {}
        own = entries(view, user)
        title = f"{view.title}: {Role(user.role).label}"
        content = ics.ics(own, view.as_of, title, (), before)
        return _keep(name, user.does.label, made, content)


def _keep(name: str, person: str, made: Round, content: Iterable[bytes]) -> str:
    text = b"".join(content).decode()
    DiaryFile.objects.update_or_create(
        whose=name, defaults={"person": person, "round_number": made.number, "content": text}
    )
    return text


def took_out(user: User, name: str, families: Collection[str]) -> None:
    """Write down that a calendar left the panel, and of which families it tells."""
    trail.append(user, TOOK_OUT, name, {"requests": sorted(set(families))})
