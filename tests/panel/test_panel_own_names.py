"""Every page of the panel says the names of the policy in force; what people typed stays as it is."""

from __future__ import annotations

import html
import tempfile
from pathlib import Path

import pytest
from addresses import pages

from matcher.panel import rounds, worked
from matcher.panel.forms import sections
from matcher.panel.models import State
from matcher.panel.tables import MODELS
from own_names import OWN, OWN_IDS, cells, read, usual_names

pytestmark = pytest.mark.django_db


@pytest.fixture
def renamed(user):
    """The panel with a policy that names everything anew, and a round run by it."""
    State.objects.update(policy=OWN | OWN_IDS)
    return rounds.run(user("team_manager"))


@pytest.mark.parametrize("role", ["team_manager", "child_social_worker", "administrator"])
def test_no_page_says_a_usual_name(renamed, client_of, role):
    client, read_so_far = client_of(role), 0
    for address in pages():
        if address.name in (
            "account_logout",
            "compare_rounds",
        ):  # which tells names before and after
            continue
        answer = client.get(address.path(number=str(renamed.number)))
        if answer.status_code == 200 and "text/html" in answer["content-type"]:
            read_so_far += 1
            assert usual_names(read(answer.content.decode())) == [], address.name
    assert read_so_far > 10


def test_a_role_says_its_own_name(renamed, client_of):
    text = client_of("team_manager").get("/policy/").content.decode()
    assert OWN["words.resource_team"] in text


@pytest.mark.parametrize(("first", "there"), [("2020-01-01", True), ("2090-01-01", False)])
def test_a_name_counts_from_its_day(renamed, client_of, first, there):
    State.objects.update(policy={"from": {first: {"words": {"resource_team": "Access panel"}}}})
    text = client_of("team_manager").get("/policy/").content.decode()
    assert ("Access panel decides" in text or "the Access panel" in text) == there


def test_a_paper_of_a_round_says_the_names_of_that_round(renamed, user):
    State.objects.update(policy={})
    found = worked.ask(user("team_manager"), "workbook", renamed, {})
    worked.work_out.func(found.pk)
    found.refresh_from_db()
    assert found.problem == ""
    path = Path(tempfile.mkdtemp()) / "matches.xlsx"
    path.write_bytes(found.file)
    assert usual_names(cells(path)) == []


NOTE = "Ask the Resource team and the Head of Service; PC-5.1d"


def test_what_somebody_typed_comes_back_as_they_typed_it(renamed, client_of):
    MODELS["requests"].objects.filter(request_id="R01").update(worker="North team manager")
    client = client_of("team_manager")
    page = client.get("/families/R01/").content.decode()
    assert "North team manager" in page
    forms = [client.get(f"/families/R01/edit/{key}/") for key in sections("requests")]
    shown = [each.content.decode() for each in forms if each.status_code == 200]
    (one,) = (text for text in shown if 'name="worker"' in text)
    assert 'value="North team manager"' in one
    assert '"worker": "North team manager"' in html.unescape(one)


def test_a_note_that_was_not_taken_stands_in_its_box_as_it_was_typed(renamed, client_of):
    wrong = {"reason": "other", "note": NOTE, "until-day": "32", "until-month": "1"}
    answer = client_of("team_manager").post("/decide/R01/H04/rule_out/", wrong)
    assert NOTE in html.unescape(answer.content.decode())


def test_a_decision_is_recorded_by_the_own_name_of_a_role(renamed, client_of):
    answer = client_of("team_manager").post(
        "/decide/R01/H04/rule_out/", {"reason": "other", "note": NOTE}
    )
    assert answer.status_code in (200, 302)
    row = MODELS["decisions"].objects.filter(note=NOTE).first()
    assert row is not None
    assert row.decided_by == OWN["words.team_manager"]
