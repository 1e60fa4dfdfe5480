"""One panel a session: users of every role and the sample of Camden, with its round run.

Each test is a transaction that is rolled back, so that nothing a test does is seen by another.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, tmp_path_factory):
    from matcher.panel import rounds, taking
    from matcher.panel.acts import Role
    from matcher.panel.models import Assignment, User
    from matcher.panel.work import changing

    # The real one takes a second for each user.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock():
        users = {role: User.objects.create_user(role.value, role.value, PASSWORD) for role in Role}
        with changing(users[Role.RESOURCE]) as change:
            taking.sample(change, ROOT / "data/samples/camden")
        User.objects.filter(role=Role.SUPERVISING.value).update(team="North")
        Assignment.objects.create(user=users[Role.CHILD], request_id="R01")
        rounds.run(users[Role.MANAGER])


@pytest.fixture
def user(db):
    """A user by role, such as user("team_manager")."""
    from matcher.panel.models import User

    return lambda role: User.objects.get(username=role)


@pytest.fixture
def client_of(user):
    """A browser in which a user of a role is signed in."""

    def made(role: str) -> Client:
        client = Client()
        client.force_login(user(role), "allauth.account.auth_backends.AuthenticationBackend")
        return client

    return made
