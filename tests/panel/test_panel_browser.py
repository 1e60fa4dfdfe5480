"""Signing in as people do: a password, an app's code, a passkey; and a session that runs out."""

from __future__ import annotations

import re

import pytest
from browser import accessible, headings
from filled_panel import PASSWORD
from test_panel_accounts import code_of

ROLE = "panel_adviser"  # who needs no second step on this machine, so that other tests go on


def press(page, name: str) -> None:
    """Press a button that leads to another page, and wait until it is there."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def typed_in(signed_in):
    """A page on which somebody typed a user name and a password."""

    def made(role=ROLE, **options):
        page = signed_in(**options)
        page.goto("/rounds/")
        page.get_by_label("User name").fill(role)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        press(page, "Sign in")
        return page

    return made


def test_signing_in_leads_to_the_page_that_was_asked_for(typed_in):
    assert typed_in().url.endswith("/rounds/")


def test_it_works_without_javascript(typed_in):
    page = typed_in(java_script_enabled=False)
    assert page.url.endswith("/rounds/")
    assert page.get_by_role("button", name="Sign in with a passkey").count() == 0


def test_a_wrong_password_is_said_at_its_field(signed_in):
    page = signed_in()
    page.goto("/accounts/login/")
    press(page, "Sign in")
    assert page.title().startswith("Error: ")
    accessible(page)
    page.get_by_role("link", name="Enter your password").click()
    assert page.evaluate("document.activeElement.name") == "password"


def test_an_app_and_a_passkey_are_set_up_used_and_taken_away(served, signed_in, typed_in):
    """A passkey needs the panel's name: at its number a page says so."""
    name = served.address.replace("127.0.0.1", "localhost")
    page = typed_in(base_url=name)
    page.goto("/accounts/2fa/totp/activate/")
    key = page.locator(".panel-key").inner_text()
    assert page.locator("img[src^='data:image/svg']").bounding_box()["width"] > 100
    page.get_by_label("The code that the app shows").fill(code_of(key))
    press(page, "Set it up")
    code = page.locator(".panel-codes li").first.inner_text()

    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    device = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})
    page.goto("/accounts/2fa/webauthn/add/")
    accessible(page)
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url(re.compile("/accounts/2fa/$|recovery-codes"))
    page.goto("/accounts/2fa/webauthn/")
    assert "Yes, without a password" in page.locator("main").inner_text()
    headings(page)

    page.goto("/account/")
    press(page, "Sign out")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{name}/")
    page.goto("/account/")
    press(page, "Sign out")

    other = typed_in(base_url=name)
    assert "/accounts/2fa/authenticate/" in other.url
    accessible(other)
    other.get_by_label("Code", exact=True).fill(code)
    press(other, "Continue")
    assert other.url.endswith("/rounds/")
    for path in ("/accounts/2fa/totp/deactivate/", None):
        if path is None:
            other.goto("/accounts/2fa/webauthn/")
            with other.expect_navigation():
                other.get_by_role("link", name="Remove").click()
        else:
            other.goto(path)
        press(other, "Remove it")
    assert "/accounts/2fa/authenticate/" not in typed_in(base_url=name).url


def test_at_a_number_a_passkey_is_not_offered_but_explained(signed_in):
    page = signed_in("team_manager")
    page.goto("/accounts/2fa/webauthn/add/")
    assert page.get_by_role("link", name="http://localhost").count() == 1
    assert page.get_by_role("button", name="Add it").count() == 0


def test_a_session_that_runs_out_says_so_and_may_go_on(signed_in):
    page = signed_in("team_manager")
    page.clock.install()
    page.goto("/more/")
    dialog = page.locator("#panel-idle")
    page.clock.fast_forward("54:00")
    assert not dialog.is_visible()
    page.clock.fast_forward("02:00")
    assert dialog.is_visible()
    accessible(page)
    assert page.evaluate("document.activeElement.textContent") == "Stay signed in"
    with page.expect_response("**/stay/") as answer:
        page.get_by_role("button", name="Stay signed in").click()
    assert answer.value.status == 200
    page.wait_for_function("!document.querySelector('#panel-idle').open")
    page.clock.fast_forward("01:01:00")
    assert page.get_by_role("heading", name="You were signed out").is_visible()
    accessible(page)
    page.get_by_role("button", name="Sign in again").click()
    page.wait_for_url("**/more/")  # this server's clock has not moved


FOCUS = """() => {
    const e = document.activeElement, s = getComputedStyle(e);
    const ring = s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0;
    const box = e.getBoundingClientRect();
    const all = [...document.querySelectorAll('*')];
    return {at: all.indexOf(e), body: e === document.body, seen: ring || s.boxShadow !== 'none',
        there: box.width > 0 && box.height > 0, html: e.outerHTML.slice(0, 120)};
}"""


@pytest.mark.parametrize(
    "path",
    ["/", "/rounds/1/", "/rounds/1/families/R01/", "/families/R01/edit/parents/", "/record/"],
)
def test_the_keyboard_goes_through_a_page_in_order_and_is_seen(signed_in, path):
    page = signed_in("team_manager")
    page.goto(path)
    stops = []
    for _ in range(40):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop["body"]:
            break
        stops.append(stop)
    assert "govuk-skip-link" in stops[0]["html"]
    assert [stop["html"] for stop in stops if not (stop["seen"] and stop["there"])] == []
    assert [stop["at"] for stop in stops] == sorted(stop["at"] for stop in stops)
