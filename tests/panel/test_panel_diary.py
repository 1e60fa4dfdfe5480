"""The diary in the panel: the calendar of a person updates and cancels what was given out before."""

from __future__ import annotations

import re

import pytest

from matcher.panel import rounds
from matcher.panel.models import DiaryFile, Trail
from matcher.panel.tables import MODELS
from matcher.panel.work import changing
from matcher.words import label, long_date

pytestmark = pytest.mark.django_db
M, C = "team_manager", "child_social_worker"


def events(text: str) -> dict[str, str]:
    """The events of a calendar file by UID."""
    unfolded = text.replace("\r\n ", "")
    found = re.findall(r"BEGIN:VEVENT\r\n(.*?)END:VEVENT", unfolded, re.DOTALL)
    return {re.search(r"UID:(\S+)", each)[1]: each for each in found}


def calendar(client, person: str) -> str:
    answer = client.get(f"/diary/{person}.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    return answer.content.decode()


def test_the_page_lists_what_is_due_and_the_file_holds_every_day(client_of):
    view = rounds.view(rounds.last())
    text = client_of(M).get("/diary/").content.decode()
    assert f"{len(view.calendar)} dated duties" in text
    assert len(events(calendar(client_of(M), "all"))) == len(view.calendar)
    assert Trail.objects.filter(act="took a calendar out", subject="all").exists()


def test_what_was_ticked_since_the_round_is_done_in_the_diary_too(client_of):
    client = client_of(M)
    assert "done</strong>" not in client.get("/diary/").content.decode()
    done = {"on-day": "23", "on-month": "11", "on-year": "2026"}
    client.post("/duties/tick/", {"tick": "R01|H17|carers_briefed", **done})
    assert client.get("/diary/").content.decode().count("done</strong>") == 1


def test_the_next_round_moves_and_cancels_what_was_given_out(client_of, user):
    client = client_of(M)
    before = events(calendar(client, "resource_team"))
    assert calendar(client, "resource_team") == calendar(client, "resource_team")
    with changing(user(M)) as change:  # a family is asked for no more: its duties fall away
        row = MODELS["requests"].objects.get(request_id="R02", withdrawn_at__isnull=True)
        change.edit(row, {"status": "closed"}, row.version, "R02")
    rounds.run(user(M))
    after = events(calendar(client, "resource_team"))
    gone = [
        uid
        for uid, text in before.items()
        if "SUMMARY:R02" in text or "SUMMARY:Overdue: R02" in text
    ]
    assert gone
    assert set(before) <= set(after)
    assert all("STATUS:CANCELLED" in after[uid] for uid in gone)
    assert all("SEQUENCE:1" in after[uid] for uid in gone)
    assert any(before[uid] == after[uid] for uid in before)
    assert DiaryFile.objects.filter(whose="resource_team").count() == 1


def test_a_day_that_moves_moves_the_same_event(client_of, user):
    client = client_of(M)
    before = events(calendar(client, "resource_team"))
    with changing(user(M)) as change:
        row = MODELS["requests"].objects.get(request_id="R13", withdrawn_at__isnull=True)
        change.edit(row, {"needed_from": "2027-01-20"}, row.version, "R13")
    rounds.run(user(M))
    for person in ("resource_team", "all"):
        after = events(calendar(client, person))
        moved = [uid for uid, text in before.items() if "SUMMARY:R13" in text and uid in after]
        assert moved
        assert all("SEQUENCE:1" in after[uid] for uid in moved if before[uid] != after[uid])
        assert any(before[uid] != after[uid] for uid in moved)


def test_a_childs_social_worker_takes_out_own_duties_alone(client_of):
    client = client_of(C)
    found = events(calendar(client, "mine"))
    assert found
    assert all("R01" in text for text in found.values())
    for other in ("all", "resource_team"):
        assert client.get(f"/diary/{other}.ics").status_code == 404
    shown = client.get("/diary/").content.decode()
    assert "R02" not in shown
    assert calendar(client, "mine") == calendar(client, "mine")


@pytest.mark.parametrize("role", ["panel_adviser", "administrator"])
def test_who_has_no_diary_is_refused(client_of, role):
    assert client_of(role).get("/diary/").status_code == 403
    assert client_of(role).get("/diary/all.ics").status_code == 403


def test_of_an_unknown_person_there_is_nothing(client_of):
    assert client_of(M).get("/diary/nobody_here.ics").status_code == 404
    assert client_of(M).get("/diary/?person=nobody_here").status_code == 404


def test_placements_list_who_lives_where_and_what_is_next(client_of):
    text = client_of(M).get("/placements/").content.decode()
    assert "/decide/R16/H40/" in text
    assert "26 February 2027" in text
    assert "R16" not in client_of(C).get("/placements/").content.decode()


def test_what_comes_next_in_a_placement_is_not_what_was_done_since(client_of):
    client = client_of(M)
    view = rounds.view(rounds.last())
    first = next(e for e in view.calendar if e.request_id == "R16")
    name = f"{label(first.task)}, {long_date(first.date)}"
    assert name in client.get("/placements/").content.decode()
    done = {"on-day": "23", "on-month": "11", "on-year": "2026"}
    chosen = "|".join(("R16", first.household_id or "H40", first.key))
    assert client.post("/duties/tick/", {"tick": chosen, **done}).status_code == 302
    assert name not in client.get("/placements/").content.decode()
