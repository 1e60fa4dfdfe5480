"""Every form that a page shows is sent empty and full of nonsense: no fault of the panel, nothing in a log."""

from __future__ import annotations

import io
import logging
import re
from html.parser import HTMLParser

import pytest
from addresses import ours
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from matcher.panel.logs import WithoutValues

pytestmark = pytest.mark.django_db

NONSENSE = "<script>a reason for care that no log may hold</script> ' \" ; DROP"
MARK = re.compile("a reason for care")
ENDS_IT = "/accounts/logout/"


class Forms(HTMLParser):
    """The forms of a page that send something: where to, and the names and kinds of their fields."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.found = page, []

    def handle_starttag(self, tag, pairs):
        about = dict(pairs)
        if tag == "form":
            self.found.append((about.get("method", "get"), about.get("action") or self.page, {}))
        elif tag in ("input", "select", "textarea", "button") and about.get("name") and self.found:
            self.found[-1][2][about["name"]] = about.get("type", tag)


def forms_of(client, path: str):
    answer = client.get(path)
    if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
        return
    reader = Forms(path)
    reader.feed(answer.content.decode())
    for method, action, fields in reader.found:
        if method == "post" and action != ENDS_IT:
            yield path if action.startswith("?") else action, fields


def filled(fields: dict[str, str]) -> dict[str, object]:
    """Nonsense in every field, but a field that says whose form it is."""
    made: dict[str, object] = {}
    for name, kind in fields.items():
        if name in ("csrfmiddlewaretoken", "draft"):
            continue
        nonsense = SimpleUploadedFile("nonsense.xlsx", NONSENSE.encode())
        made[name] = nonsense if kind == "file" else NONSENSE
    return made


@pytest.fixture
def log(settings):
    """What the panel's own handler writes, of every logger and level."""
    written = io.StringIO()
    made = logging.StreamHandler(written)
    made.setFormatter(WithoutValues(settings.LOGGING["formatters"]["ids"]["format"], style="{"))
    assert settings.LOGGING["formatters"]["ids"]["()"] == "matcher.panel.logs.WithoutValues"
    assert {each["formatter"] for each in settings.LOGGING["handlers"].values()} == {"ids"}
    loggers = [
        logging.getLogger(),
        logging.getLogger("django"),
        logging.getLogger("django.request"),
    ]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.addHandler(made)
        each.setLevel(logging.DEBUG)
    yield written
    for each, level in zip(loggers, levels, strict=True):
        each.removeHandler(made)
        each.setLevel(level)


@pytest.mark.parametrize("role", ["team_manager", "resource_team", "administrator"])
def test_no_form_breaks_and_no_log_holds_what_was_typed(client_of, role, log):
    client, seen = client_of(role), set()
    for address in ours():
        for action, fields in forms_of(client, address.path()):
            key = (action, *sorted(fields))
            if key in seen:
                continue
            seen.add(key)
            for given in ({}, filled(fields)):
                with transaction.atomic():
                    answer = client.post(action, given)
                    transaction.set_rollback(True)
                assert answer.status_code < 500, (role, action, sorted(given))
    assert len(seen) >= 3
    assert not MARK.search(log.getvalue())


@pytest.mark.parametrize("path", ["/record/?about=%00", "/families/%00/", "/rounds/?x=a%00b"])
def test_what_is_no_text_is_refused(client_of, path):
    assert client_of("team_manager").get(path).status_code == 400
    assert client_of("team_manager").post("/own-cases/", {"request_id": "R\0"}).status_code == 400


def test_an_error_is_logged_with_its_place_and_without_its_text(log):
    def fail():
        try:
            int(NONSENSE)
        except ValueError as error:
            raise KeyError(NONSENSE) from error

    try:
        fail()
    except KeyError:
        logging.getLogger("django.request").exception("Internal Server Error: %s", "/families/R01/")
    text = log.getvalue()
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert "test_panel_forms_sent.py" in text
    assert "/families/R01/" in text
    assert not MARK.search(text)
