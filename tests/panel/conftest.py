"""One panel a session: users of every role and the sample of Camden, with its round run.

Each test is a transaction that is rolled back, so that nothing a test does is seen by another.
"""

from __future__ import annotations

import os

import pytest
from browser import chromium, served, signed_in  # noqa: F401
from django.conf import settings as django_settings
from django.test import Client
from filled_panel import PASSWORD, fill, sign_in  # noqa: F401

from matcher.panel.place import DATABASE


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    # The real one takes a second for each user.
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock():
        fill()


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
        sign_in(client, user(role))
        return client

    return made


@pytest.fixture(autouse=True)
def numbers_of_rounds(request):
    """Rounds are numbered on from those that are there: a server's sequence is not rolled back."""
    if os.environ.get(DATABASE) and request.node.get_closest_marker("django_db"):
        request.getfixturevalue("db")
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('panel_round', 'number'), max(number)) FROM panel_round"
            )
