"""Every page of the panel in a real browser: with and without JavaScript, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from addresses import Address, pages
from browser import Browsers, Served, held, opened_page, without_script

REFUSED = ("users", "start")  # a page that says no, and one that is not there
# What a team manager may not open, and what is of something that the sample doesn't have.
NOT_OPENED = (
    *("import", "import_look", "import_marked", "new_user", "user", "edit_user"),
    *("record_sign", "sign_risk", "accept_duty", "document", "running", "what_if_answer"),
    *("paper", "paper_file", "mfa_deactivate_totp", "mfa_view_recovery_codes"),
    *("mfa_download_recovery_codes", "mfa_remove_webauthn", "mfa_edit_webauthn"),
)
ENDS_IT = ("account_logout",)  # it ends the session


@pytest.fixture(scope="module")
def pair(served: Served, chromium: Any) -> Iterator[tuple[Any, Any, Browsers]]:
    """A team manager's page with JavaScript and one without, for all pages, as each costs a second."""
    browsers = Browsers(served, chromium)
    yield browsers("team_manager"), browsers("team_manager", java_script_enabled=False), browsers
    browsers.close()


@pytest.mark.parametrize(
    "address", [each for each in pages() if each.name not in ENDS_IT], ids=lambda each: each.name
)
def test_every_page_holds(pair, address: Address):
    page, plain, browsers = pair
    answer = opened_page(page, address.path())
    if answer is None or "text/html" not in answer.headers["content-type"]:
        return  # it takes only what is sent, or is a file
    is_open = address.name not in (*REFUSED, *NOT_OPENED)
    assert answer.status in ((200,) if is_open else (403, 404)), (page.url, answer.status)
    if address.name in NOT_OPENED:
        return
    held(page)
    plain.goto(address.path())
    without_script(plain)
    browsers.watched.is_clean()
