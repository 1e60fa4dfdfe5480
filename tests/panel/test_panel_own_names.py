"""Every page of the panel says the names of the policy in force; what people typed stays as it is."""

from __future__ import annotations

import pytest
from addresses import pages

from matcher.panel import rounds, worked
from matcher.panel.models import Round, State, User, Worked
from matcher.panel.tables import MODELS
from own_names import OWN, OWN_IDS, read, usual_names

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
        if address.name in ("account_logout",):
            continue
        answer = client.get(address.path(number=str(renamed.number)))
        if answer.status_code == 200 and "text/html" in answer["content-type"]:
            read_so_far += 1
            assert usual_names(read(answer.content.decode())) == [], address.name
    assert read_so_far > 10


def test_a_role_says_its_own_name(renamed, client_of):
    text = client_of("team_manager").get("/policy/").content.decode()
    assert OWN["words.resource_team"] in text


def test_an_answer_that_is_worked_out_says_the_names_of_its_round(renamed, user):
    State.objects.update(policy={})
    made = Round.objects.get(number=renamed.number)
    asked = {"train": ["H15"]}
    found = worked.ask(user("team_manager"), "what_if", made, asked)
    assert Worked.objects.get(pk=found.pk).problem == ""
    assert usual_names(str(found.answer)) == []


NOTE = "Ask the Resource team and the Head of Service; PC-5.1d"


def test_what_somebody_typed_comes_back_as_they_typed_it(renamed, client_of):
    MODELS["requests"].objects.filter(request_id="R01").update(worker=NOTE[:40], note=NOTE)
    client = client_of("team_manager")
    page = client.get("/families/R01/").content.decode()
    assert NOTE in page
    forms = [
        client.get(address.path()).content.decode()
        for address in pages()
        if address.name == "edit_family"
    ]
    assert forms
    for section in ("people", "about", "note"):
        client.get(f"/families/R01/{section}/")


def test_a_decision_is_recorded_by_the_own_name_of_a_role(renamed, user):
    from matcher.terms import using

    terms = rounds.view(Round.objects.get(number=renamed.number)).policy.terms
    with using(terms):
        assert (
            terms(User.objects.get(username="team_manager").does.label.lower())
            == OWN["words.team_manager"]
        )
