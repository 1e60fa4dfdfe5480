"""Users are made, changed and closed by an administrator; whose case is whose is said by a team manager too."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from filled_panel import PASSWORD

from matcher.panel import users
from matcher.panel.acts import Role
from matcher.panel.models import Assignment, Trail, User
from matcher.panel.own import own_requests

pytestmark = pytest.mark.django_db
CASES = "/own-cases/"


def link_in(answer) -> str:
    """The one-time link that a page says."""
    return re.search(r"http://testserver(/start/[\w-]+/)", answer.content.decode())[1]


@pytest.fixture
def administrator(client_of):
    return client_of("administrator")


def test_a_user_is_made_gets_a_link_once_and_signs_in(administrator):
    given = {"username": "kb", "role": "panel_adviser", "team": "", "initials": "KB"}
    made = administrator.post("/users/new/", given, follow=True)
    link = link_in(made)
    assert link_in(made) not in administrator.get(made.request["PATH_INFO"]).content.decode()
    somebody = Client()
    assert somebody.get(link).status_code == 200
    chosen = {"username": "kb", "password": "three words nobody knows"}
    assert somebody.post(link, chosen).status_code == 302
    assert somebody.get(link).status_code == 404
    signed = somebody.post("/accounts/login/", {"login": "kb", "password": chosen["password"]})
    assert (signed.status_code, signed.url) == (302, "/")
    user = User.objects.get(username="kb")
    assert (user.does, user.initials) == (Role.ADVISER, "KB")
    told = Trail.objects.filter(subject=f"user {user.pk}").order_by("number")
    assert [line.act for line in told] == ["made a user", "gave a link", "set a password"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"username": ""}, "username"),
        ({"username": "team_manager"}, "username"),
        ({"username": "x" * 61}, "username"),
        ({"role": "queen"}, "role"),
        ({"role": ""}, "role"),
        ({"initials": "x" * 21}, "initials"),
        ({"team": "x" * 61}, "team"),
    ],
)
def test_what_is_wrong_with_a_user_stands_at_its_field(administrator, given, field):
    before = User.objects.count()
    answer = administrator.post("/users/new/", {"username": "kb", "role": "panel_adviser", **given})
    text = answer.content.decode()
    assert (answer.status_code, User.objects.count()) == (422, before)
    assert f'href="#{field}"' in text
    assert "<title>Error: " in text


def test_the_only_administrator_stays_one(administrator, user):
    one = user("administrator")
    change = administrator.post(f"/users/{one.pk}/edit/", {"username": "administrator", "role": "panel_adviser"})  # fmt: skip
    assert change.status_code == 422
    assert administrator.post(f"/users/{one.pk}/do/close/").status_code == 404  # oneself
    with pytest.raises(users.LastAdministrator):
        users.set_active(user("team_manager"), one, active=False)
    with pytest.raises(users.LastAdministrator):
        users.save(one, one, {"username": "x", "role": "panel_adviser", "team": "", "initials": ""})
    assert (user("administrator").is_active, user("administrator").does) == (
        True,
        Role.ADMINISTRATOR,
    )


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(administrator, client_of, user):
    manager = client_of("team_manager")
    assert manager.get("/").status_code == 200
    number = user("team_manager").pk
    administrator.post(f"/users/{number}/do/close/")
    assert manager.get("/").status_code == 302
    typed = {"login": "team_manager", "password": PASSWORD}
    assert Client().post("/accounts/login/", typed).url == "/accounts/inactive/"
    administrator.post(f"/users/{number}/do/open/")
    assert Client().post("/accounts/login/", typed).url == "/second-step/"


def test_a_new_link_ends_the_password_and_the_sessions(administrator, client_of, user):
    manager = client_of("team_manager")
    number = user("team_manager").pk
    link = link_in(administrator.post(f"/users/{number}/do/link/", follow=True))
    assert manager.get("/").status_code == 302
    typed = {"login": "team_manager", "password": PASSWORD}
    assert Client().post("/accounts/login/", typed).status_code == 200  # refused
    assert Client().get(link).status_code == 200


def test_a_case_is_assigned_and_taken_away(client_of, user):
    manager, worker = client_of("team_manager"), user("child_social_worker")
    given = {"user": worker.pk, "request_id": "R02"}
    assert manager.post(CASES, given).status_code == 302
    assert own_requests(user("child_social_worker")) == {"R01", "R02"}
    made = Assignment.objects.get(request_id="R02")
    assert manager.post(f"/own-cases/{made.pk}/take-away/").status_code == 302
    assert own_requests(user("child_social_worker")) == {"R01"}
    told = Trail.objects.filter(subject="R02", act__in=("assigned", "took from a user"))
    assert told.count() == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "user"),
        ({"user": "no"}, "user"),
        ({"user": "²"}, "user"),
        ({"request_id": "R99"}, "request_id"),
    ],
)
def test_what_is_wrong_with_an_assignment_stands_at_its_field(client_of, user, given, field):
    whole = {"user": user("child_social_worker").pk, "request_id": "R02", **given}
    answer = client_of("team_manager").post(CASES, whole if given else {})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.content.decode()


@pytest.mark.parametrize("number", ["²", "9" * 30, "-1", "x"])
def test_what_is_no_number_of_a_user_is_nobody(client_of, number):
    client = client_of("administrator")
    given = {"user": number, "request_id": "R01"}
    assert "Choose whose own case it is" in client.post("/own-cases/", given).content.decode()
    assert client.get("/record/", {"who": number}).status_code == 200
