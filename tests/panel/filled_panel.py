"""A panel with users of every role and the sample of Camden, its round run: filled by any test's process.

With --empty it has the users alone.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery staple"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
A_DAY = 24 * 3600
OWN = "R01"  # the family that is the child's social worker's own


def people() -> dict[Any, Any]:
    """A user of every role, whose name is the role."""
    from django.contrib.auth.hashers import make_password

    from matcher.panel.acts import Role
    from matcher.panel.models import User

    users = {role: User.objects.create_user(role.value, role.value) for role in Role}
    User.objects.update(password=make_password(PASSWORD))  # once, as it takes a while
    return users


def fill() -> None:
    """Users whose name is their role, and the sample of Camden with its round."""
    from matcher.panel import rounds, taking
    from matcher.panel.acts import Role
    from matcher.panel.models import Assignment, User
    from matcher.panel.work import changing

    users = people()
    with changing(users[Role.RESOURCE]) as change:
        taking.sample(change, ROOT / "data/samples/camden")
    User.objects.filter(role=Role.SUPERVISING.value).update(team="North")
    Assignment.objects.create(user=users[Role.CHILD], request_id=OWN)
    rounds.run(users[Role.MANAGER])


def sign_in(client: Any, user: Any) -> None:
    """Sign a user in, as one who typed the password a moment ago, however long the tests take."""
    client.force_login(user, BACKEND)
    session = client.session
    at = time.time() + A_DAY
    session["account_authentication_methods"] = [{"method": "password", "at": at}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def sessions() -> dict[str, str]:
    """A session of every user, by role, as signing in makes one."""
    from django.conf import settings
    from django.test import Client

    from matcher.panel.models import User

    made = {}
    for user in User.objects.all():
        client = Client()
        sign_in(client, user)
        made[user.role] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return made


if __name__ == "__main__":
    from matcher.panel import serve

    serve.made(Path(sys.argv[1]))
    people() if "--empty" in sys.argv else fill()
    print(json.dumps(sessions()))
