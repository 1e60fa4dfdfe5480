"""Every page of the panel in a real browser: with and without JavaScript, on a desk and on a phone."""

from __future__ import annotations

import pytest
from addresses import Address, pages
from browser import held, opened_page, without_script

ENDS_IT = ("account_logout",)  # opened last and by itself, as it ends the session


@pytest.mark.parametrize(
    "address", [each for each in pages() if each.name not in ENDS_IT], ids=lambda each: each.name
)
def test_every_page_holds(signed_in, address: Address):
    page = signed_in("team_manager")
    answer = opened_page(page, address.path())
    if answer is None:
        return  # it takes only what is sent, or is a file
    assert answer.status in (200, 403, 404), (page.url, answer.status)
    held(page)
    plain = signed_in("team_manager", java_script_enabled=False)
    plain.goto(address.path())
    without_script(plain)
