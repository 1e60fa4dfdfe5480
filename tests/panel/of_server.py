"""Signs in to a panel as a council's server serves it: behind a web server with the certificate."""

from __future__ import annotations

import json
import re

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402
from filled_panel import PASSWORD  # noqa: E402

from matcher.panel.models import User  # noqa: E402

NAMES = [
    "ALLOWED_HOSTS",
    "SESSION_COOKIE_NAME",
    "CSRF_COOKIE_NAME",
    "SESSION_COOKIE_SECURE",
    "CSRF_COOKIE_SECURE",
    "SECURE_SSL_REDIRECT",
    "SECURE_HSTS_SECONDS",
    "SECURE_PROXY_SSL_HEADER",
    "INTERNAL",
    "DEBUG",
    "ALLAUTH_TRUSTED_PROXY_COUNT",
    "PASSWORD_HASHERS",
    "SESSION_COOKIE_HTTPONLY",
    "CSRF_COOKIE_HTTPONLY",
    "CSRF_USE_SESSIONS",
    "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN",
    "SILENCED_SYSTEM_CHECKS",
    "DATA_UPLOAD_MAX_MEMORY_SIZE",
]
LOGIN, HOST = "/accounts/login/", "panel.example"

call_command("check", deploy=True, fail_level="WARNING")
call_command("migrate", verbosity=0)
User.objects.create_user("kb", "panel_adviser", PASSWORD)
told = {"settings": {name: getattr(settings, name) for name in NAMES}}

plain = Client(headers={"host": HOST}).get(LOGIN)
told["without TLS"] = [plain.status_code, plain["Location"]]

passed_on = {"host": HOST, "x-forwarded-proto": "https", "x-forwarded-for": "10.2.3.4"}
client = Client(enforce_csrf_checks=True, headers=passed_on)
page = client.get(LOGIN)
token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]
typed = {"login": "kb", "password": PASSWORD, "csrfmiddlewaretoken": token}
own, others = ({"origin": f"https://{name}"} for name in (HOST, "evil.example"))
told["from elsewhere"] = client.post(LOGIN, typed, headers=others).status_code
signed = client.post(LOGIN, typed, headers=own)
told["signed in"] = [signed.status_code, signed["Location"]]
told["hsts"] = page["Strict-Transport-Security"]
told["cookies"] = sorted(
    [name, bool(cookie["secure"]), cookie["path"], cookie["domain"]]
    for name, cookie in client.cookies.items()
    if cookie.value
)
told["before the second step"] = client.get("/policy/").headers["Location"]
print(json.dumps(told))
