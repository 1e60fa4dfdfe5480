"""Signing in, the second step, how long a session lasts, and the settings that keep a panel safe."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from allauth.account.adapter import get_adapter
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client, RequestFactory
from django.utils import timezone
from filled_panel import PASSWORD, ROOT

from matcher.panel import trail
from matcher.panel.models import Trail, User
from matcher.panel.place import DATABASE, Home

pytestmark = pytest.mark.django_db
LOGIN, SECOND = "/accounts/login/", "/accounts/2fa/authenticate/"
SERVER = 'hosts = ["panel.example"]\nproxies = 1\n'


def code_of(secret: str) -> str:
    """What an app shows for a key."""
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def sign_in(role: str, password: str = PASSWORD, **more) -> tuple[Client, object]:
    client = Client(**more)
    return client, client.post(LOGIN, {"login": role, "password": password})


def acts_since(number: int) -> list[str]:
    return list(
        Trail.objects.filter(number__gt=number).order_by("number").values_list("act", flat=True)
    )


@pytest.fixture
def last() -> int:
    """The number of the trail's last line before a test does anything."""
    return Trail.objects.order_by("-number").values_list("number", flat=True)[0]


# Signing in


def test_signing_in_and_out_is_written_down(last):
    client, answer = sign_in("panel_adviser")
    assert (answer.status_code, answer.url) == (302, "/")
    client.post("/accounts/logout/")
    assert acts_since(last) == ["signed in", "signed out"]


@pytest.mark.parametrize(("typed", "known"), [("team_manager", True), (PASSWORD, False)])
def test_a_failed_try_names_a_user_who_is_there_and_never_what_was_typed(last, typed, known, user):
    _, answer = sign_in(typed, "wrong password")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "<title>Error: Sign in" in text
    line = Trail.objects.get(number__gt=last)
    assert (line.act, line.user) == ("sign-in failed", user("team_manager").pk if known else None)
    assert typed not in line.subject + line.detail or known


def test_tries_are_limited_by_user_and_by_machine():
    for _ in range(5):
        sign_in("team_manager", "wrong password")
    _, answer = sign_in("team_manager")  # even the right one
    assert "Too many failed login attempts" in answer.content.decode()
    found = [sign_in("nobody", "wrong", REMOTE_ADDR="10.0.0.9")[1].status_code for _ in range(31)]
    assert (found[0], found[-1]) == (200, 429)
    assert (
        "Too many tries" in sign_in("nobody", "wrong", REMOTE_ADDR="10.0.0.9")[1].content.decode()
    )


def test_behind_a_proxy_each_machine_has_its_own_limit(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    asked = RequestFactory().get(
        "/", REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR="6.6.6.6, 10.2.3.4"
    )
    assert (
        get_adapter().get_client_ip(asked) == "10.2.3.4"
    )  # what the proxy saw, not what was claimed


@pytest.mark.parametrize(
    "path",
    [
        "signup/",
        "email/",
        "confirm-email/",
        "password/reset/",
        "password/set/",
        "login/code/confirm/",
    ],
)
def test_nobody_signs_up_and_no_mail_is_sent(client, path):
    assert client.get(f"/accounts/{path}").status_code == 404
    assert (
        client.post(f"/accounts/{path}", {"username": "x", "password1": PASSWORD}).status_code
        == 404
    )


# The second step


def test_a_second_step_is_set_up_and_then_asked_for(last, django_capture_on_commit_callbacks):
    client, answer = sign_in("team_manager")
    assert answer.url == "/second-step/"
    shown = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'panel-key">(\w+)<', shown)[1]
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "<title>Error: " in wrong.content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    done = client.get("/accounts/2fa/recovery-codes/")
    codes = re.findall(r'<li class="panel-key">(\d{8})<', done.content.decode())
    assert len(codes) == 10

    again, answer = sign_in("team_manager")
    assert answer.url == SECOND
    assert again.get("/").url.startswith(LOGIN)  # the password alone opens nothing
    assert again.post(SECOND, {"code": "000000"}).status_code == 200
    assert again.post(SECOND, {"code": codes[0]}).url == "/"
    once, _ = sign_in("team_manager")
    assert once.post(SECOND, {"code": codes[0]}).status_code == 200  # used
    told = acts_since(last)
    assert "added a second step" in told
    assert "second step failed" in told


@pytest.mark.parametrize(
    ("role", "here", "asked"),
    [
        ("team_manager", True, True),
        ("resource_team", True, True),
        ("administrator", True, True),
        ("panel_adviser", True, False),
        ("child_social_worker", True, False),
        ("supervising_social_worker", True, False),
        ("panel_adviser", False, True),
        ("child_social_worker", False, True),
    ],
)
def test_who_needs_a_second_step(client_of, settings, role, here, asked):
    settings.INTERNAL = here
    User.objects.filter(username=role).update(made_at=timezone.now() - timedelta(hours=25))
    answer = client_of(role).get("/more/")
    assert (answer.status_code, getattr(answer, "url", "")) == (
        (302, "/second-step/") if asked else (200, "")
    )
    assert client_of(role).get("/second-step/").status_code == 200


@pytest.mark.parametrize(("here", "opens"), [(True, 200), (False, 302)])
def test_only_where_nobody_else_reaches_it_may_the_step_wait_a_day(
    client_of, settings, here, opens
):
    settings.INTERNAL = here
    assert client_of("team_manager").get("/more/").status_code == opens


# How long a session lasts


def test_a_session_ends_after_its_longest_time_whatever_is_done(client_of, last):
    client = client_of("panel_adviser")
    assert client.get("/").status_code == 200
    session = client.session
    session["began"] = time.time() - 12 * 3600 + 60
    session.save()
    assert client.get("/").status_code == 200
    session["began"] -= 120
    session.save()
    assert client.get("/").url == f"{LOGIN}?next=/"
    assert "was signed out" in acts_since(last)


def test_a_session_ends_when_idle_and_with_the_browser(client_of, settings):
    client = client_of("panel_adviser")
    answer = client.get("/")
    cookie = answer.cookies["sessionid"]
    assert (cookie["max-age"], cookie["expires"]) == ("", "")  # until the browser is closed
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert client.session.get_expiry_age() == settings.SET.idle_minutes * 60 == 3600
    from django.contrib.sessions.models import Session

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/").status_code == 302


def test_other_sessions_are_listed_and_ended():
    here, _ = sign_in("panel_adviser")
    there, _ = sign_in("panel_adviser", HTTP_USER_AGENT="Another browser")
    text = here.get("/accounts/sessions/").content.decode()
    assert ("Another browser" in text, text.count("Somewhere else")) == (True, 1)
    here.post("/accounts/sessions/")
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)


def test_what_is_asked_for_freshly_is_asked_for_again_after_a_while(client_of):
    client = client_of("administrator")
    assert client.get("/users/").status_code == 200
    session = client.session
    session["account_authentication_methods"][0]["at"] = time.time() - 16 * 60
    session.save()
    answer = client.get("/users/")
    assert answer.url == "/accounts/reauthenticate/?next=%2Fusers%2F"
    assert client.post(answer.url, {"password": "wrong"}).status_code == 200
    assert client.post(answer.url, {"password": PASSWORD, "next": "/users/"}).url == "/users/"
    assert client.get("/users/").status_code == 200


def test_a_password_is_changed_and_must_be_long_and_uncommon(client_of, last):
    client, path = client_of("panel_adviser"), "/accounts/password/change/"
    for new in ("short", "123456789012", "q1w2e3r4t5y6"):
        given = {"oldpassword": PASSWORD, "password1": new, "password2": new}
        assert "<title>Error: " in client.post(path, given).content.decode()
    new = "four words of my own"
    assert (
        client.post(path, {"oldpassword": PASSWORD, "password1": new, "password2": new}).status_code
        == 302
    )
    assert "set a password" in acts_since(last)
    assert sign_in("panel_adviser", new)[1].status_code == 302
    assert list(trail.breaches()) == []


# Settings


HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
POLICY = {
    "default-src 'none'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
}


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/no/such/page/"])
def test_every_answer_has_its_headers(client_of, path):
    answer = client_of("team_manager").get(path, follow=True)
    assert {name: answer[name] for name in HEADERS} == HEADERS
    policy = set(answer["Content-Security-Policy"].split("; "))
    script = (policy - POLICY).pop()
    assert policy > POLICY
    assert re.fullmatch(r"script-src 'self'( 'nonce-[\w+/=-]+')?", script)


def test_a_stranger_name_of_the_machine_is_refused(client):
    assert client.get("/health/", headers={"host": "evil.example"}).status_code == 400
    assert client.get("/health/", headers={"host": "127.0.0.1:8420"}).content == b"ok"


def test_a_server_is_safe_and_can_be_signed_in_to(tmp_path):
    (tmp_path / "panel.toml").write_text(SERVER)
    Home(tmp_path).make()
    environment = {**os.environ, "MATCHER_PANEL": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment["DJANGO_SETTINGS_MODULE"] = "matcher.panel.settings"
    environment.pop(DATABASE, None)
    script = Path(__file__).with_name("of_server.py")
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False, env=environment)  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["without TLS"] == [301, f"https://panel.example{LOGIN}"]
    assert told["from elsewhere"] == 403
    assert told["signed in"] == [302, "/second-step/"]
    assert told["before the second step"] == "/second-step/"
    assert told["hsts"] == "max-age=31536000; includeSubDomains; preload"
    assert told["cookies"] == [
        ["__Host-csrftoken", True, "/", ""],
        ["__Host-sessionid", True, "/", ""],
    ]
    assert told["settings"] == {
        "ALLOWED_HOSTS": ["127.0.0.1", "localhost", "[::1]", "panel.example"],
        "SESSION_COOKIE_NAME": "__Host-sessionid",
        "CSRF_COOKIE_NAME": "__Host-csrftoken",
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": 365 * 24 * 3600,
        "SECURE_PROXY_SSL_HEADER": ["HTTP_X_FORWARDED_PROTO", "https"],
        "INTERNAL": False,
        "DEBUG": False,
        "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.ScryptPasswordHasher"],
        "SESSION_COOKIE_HTTPONLY": True,
        "CSRF_COOKIE_HTTPONLY": True,
        "CSRF_USE_SESSIONS": False,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": False,
        "SILENCED_SYSTEM_CHECKS": [],
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 6 * 1024 * 1024,
    }
