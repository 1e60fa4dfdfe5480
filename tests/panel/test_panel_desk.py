"""The duty desk: five questions, an answer after each, whom to call, and what becomes of it."""

from __future__ import annotations

import pytest

from matcher.panel.models import Draft, State, Trail
from matcher.panel.tables import MODELS

pytestmark = pytest.mark.django_db
FIVE = (
    ("needed_from", {"at_once": "tonight"}),
    ("parent_age", {"parent_age": "17"}),
    ("parent_looked_after", {"parent_looked_after": "yes"}),
    ("child_born_or_due_on", {"at_once": "today"}),
    ("child_legal_status", {"child_legal_status": "s20"}),
)


def say(client, column, **cells):
    return client.post("/duty/say/", {"column": column, **cells}, follow=True)


def called(client):
    for column, cells in FIVE:
        page = say(client, column, **cells)
    return page.content.decode()


def test_five_questions_and_an_answer_after_each(client_of, django_assert_max_num_queries):
    client = client_of("child_social_worker")
    page = client.get("/duty/").content.decode()
    for number, (column, cells) in enumerate(FIVE, 1):
        assert f"Question {number} of 5" in page
        page = say(client, column, **cells).content.decode()
        assert "As things stand" in page
    assert "Question" not in page
    assert "Ask next" in page
    assert "Tonight" in page
    with django_assert_max_num_queries(12):
        client.get("/duty/")


def test_an_adult_is_not_asked_about_being_looked_after(client_of):
    client = client_of("team_manager")
    say(client, *FIVE[0][:1], **FIVE[0][1])
    page = say(client, "parent_age", parent_age="24").content.decode()
    assert "Question 4 of 5" in page


@pytest.mark.parametrize(
    ("column", "cells", "status"),
    [
        ("parent_age", {"parent_age": "old"}, 422),
        ("parent_age", {"unknown": "1"}, 200),
        ("parent_age", {}, 200),
        ("request_id", {"request_id": "R99"}, 404),
        ("no_column", {}, 404),
    ],
)
def test_what_is_said_is_read_at_once(client_of, column, cells, status):
    client = client_of("team_manager")
    page = say(client, column, **cells)
    assert page.status_code == status
    assert ("Error:" in page.content.decode()) == (status == 422)


def test_who_said_no_is_not_offered_again_and_is_recorded_with_the_family(client_of, user):
    client = client_of("team_manager")
    page = called(client)
    first = page.split('aria-label="H')[1].split('"')[0]
    home = f"H{first}"
    client.post("/duty/no/", {"household_id": home, "reason": "timing"})
    page = client.get("/duty/").content.decode()
    assert f'aria-label="{home}"' not in page
    assert f"<li>{home}: timing</li>" in page
    page = client.get("/duty/save/").content.decode()
    assert "What must be known besides" in page
    asked = {"request_id": "R90", "purpose": "assessment", "received_on-day": "", "received_on": ""}
    day = State.objects.get().day
    asked |= {f"received_on-{part}": getattr(day, part) for part in ("day", "month", "year")}
    page = client.post("/duty/save/", {**asked, "purpose": ""})
    assert page.status_code == 422
    say(client, "expected_weeks", expected_weeks="12")
    page = client.post("/duty/save/", asked)
    assert (page.status_code, page.url) == (302, "/families/R90/")
    row = MODELS["requests"].objects.get(request_id="R90")
    assert (row.parent_age, row.child_legal_status, row.expected_weeks) == ("17", "s20", "12")
    no = MODELS["decisions"].objects.get(request_id="R90")
    assert (no.household_id, no.decision, no.reason) == (home, "declined_by_carer", "timing")
    assert not Draft.objects.exists()
    assert Trail.objects.filter(subject=f"R90 {home}", act="decided").exists()


def test_of_a_family_that_is_recorded_a_no_is_a_decision(client_of):
    client = client_of("team_manager")
    page = client.get("/duty/family/R04/").content.decode()
    assert "Whom to call for R04" in page
    home = "H" + page.split('aria-label="H')[1].split('"')[0]
    page = client.post("/duty/no/", {"request_id": "R04", "household_id": home}, follow=True)
    assert f"Recorded: the carers of {home} said no." in page.content.decode()
    assert f'aria-label="{home}"' not in page.content.decode()


def test_somebody_elses_family_is_not_there(client_of):
    client = client_of("child_social_worker")
    assert client.get("/duty/family/R04/").status_code == 404
    found = client.post("/duty/no/", {"request_id": "R04", "household_id": "H01"})
    assert found.status_code == 404
