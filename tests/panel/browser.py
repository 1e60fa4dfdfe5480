"""The panel in a real browser: `matcher panel` in a folder of its own, opened in Chromium.

`signed_in("team_manager")` gives a page. What its browser asked of another machine, or said on its
console, fails the test when it ends.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

HERE = Path(__file__).resolve().parent
CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
AXE = importlib.util.find_spec("axe_core_python")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
DESK, PHONE = {"width": 1200, "height": 900}, {"width": 320, "height": 720}
SLOW = 30_000  # ms that a page may take on a machine that does much else


@dataclass(frozen=True)
class Served:
    """A panel that runs: its address, its folder, and a session of every role."""

    address: str
    folder: Path
    sessions: dict[str, str]


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of `matcher panel` of a folder; it and what it started end with the block."""
    command = [
        sys.executable,
        "-m",
        "matcher",
        "panel",
        "--folder",
        str(folder),
        "--port",
        "0",
        "--no-browser",
    ]
    environment = {**os.environ, "MATCHER_PANEL": str(folder), "BROWSER": "true"}
    log = folder / "log"
    with log.open("w") as told:
        server = subprocess.Popen(
            command, stderr=told, stdout=told, env=environment, start_new_session=True
        )
    try:
        for _ in range(SLOW // 100):
            assert server.poll() is None, log.read_text()
            if (found := re.search(r"http://[\w.]+:\d+", log.read_text())) is not None:
                break
            time.sleep(0.1)
        else:
            raise AssertionError(f"the panel did not start: {log.read_text()}")
        yield found[0]
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A panel with the sample of Camden and users of every role, started as people start it."""
    with filled(tmp_path_factory.mktemp("panel")) as made:
        yield made


@contextmanager
def filled(folder: Path, *how: str) -> Iterator[Served]:
    """A panel of its own that runs, filled as filled_panel.py does."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the panel was not opened in a browser")
    made = subprocess.run(
        [sys.executable, HERE / "filled_panel.py", folder, *how],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    with serving(folder) as address:
        yield Served(address, folder, json.loads(made.stdout.splitlines()[-1]))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """One Chromium a session."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the panel was not opened in a browser")
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="playwright is not installed: no browser was opened"
    )
    # Playwright's loop runs in this thread, in which other tests ask the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as running:
        found = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@dataclass
class Watched:
    """What browsers asked for and said."""

    hosts: set[str] = field(default_factory=set)
    console: list[str] = field(default_factory=list)

    def is_clean(self) -> None:
        """No other machine was asked, and nothing was refused or broke on the way."""
        assert self.hosts <= {"127.0.0.1", "localhost"}
        assert self.console == []


class Browsers:
    """Browsers of their own, each with a page; what they ask for and say is kept."""

    def __init__(self, served: Served, chromium: Any) -> None:
        self.served, self.chromium = served, chromium
        self.contexts: list[Any] = []
        self.watched = Watched()

    def __call__(self, role: str | None = None, **options: Any) -> Any:
        """A page, on which a user of a role is signed in; options are those of a Playwright context."""
        given = {"viewport": DESK, "base_url": self.served.address, "locale": "en-GB", **options}
        context = self.chromium.new_context(**given)
        self.contexts.append(context)
        context.set_default_timeout(SLOW)
        if role is not None:
            session = self.served.sessions[role]
            cookie = {"name": "sessionid", "value": session, "url": self.served.address}
            context.add_cookies([cookie])
        page = context.new_page()

        def asked(request: Any) -> None:
            where = urlsplit(request.url)
            if where.scheme not in ("data", "blob"):
                self.watched.hosts.add(where.hostname or "")

        def said(message: Any) -> None:
            if message.type == "error" and not message.text.startswith("Failed to load resource"):
                self.watched.console.append(f"{page.url}: {message.text}")

        page.on("request", asked)
        page.on("console", said)
        page.on("pageerror", lambda error: self.watched.console.append(f"{page.url}: {error}"))
        return page

    def close(self) -> None:
        """Close them all."""
        for context in self.contexts:
            context.close()


@pytest.fixture
def signed_in(served: Served, chromium: Any) -> Iterator[Browsers]:
    """A page on which a user of a role is signed in, such as signed_in("team_manager").

    A test whose browser asked another machine, or met an error of script or policy, fails.
    """
    made = Browsers(served, chromium)
    yield made
    made.close()
    made.watched.is_clean()


def opened_page(page: Any, path: str) -> Any:
    """The answer when a page is opened; None where it is a file, or takes only what is sent."""
    from playwright.sync_api import Error

    try:
        return page.goto(path)
    except Error as error:
        if "ERR_HTTP_RESPONSE_CODE_FAILURE" in str(error):
            page.wait_for_url("chrome-error://**")
            page.goto("about:blank")
        elif "Download is starting" not in str(error):
            raise
        return None


def accessible(page: Any) -> None:
    """The page has no fault that axe-core knows of, nor an id that stands twice."""
    if AXE is None or AXE.origin is None:
        pytest.skip("axe-core-python is not installed: the page was not checked with axe-core")
    if not page.evaluate("'axe' in window"):
        page.evaluate((Path(AXE.origin).parent / "axe.min.js").read_text("utf-8"))
    found = page.evaluate(
        """tags => axe.run(document, {runOnly: tags, resultTypes: ['violations', 'incomplete']})
        .then(r => ({
            passes: r.passes.length,
            violations: r.violations.map(v => [v.id, v.nodes.map(n => n.html.slice(0, 200))]),
            twice: r.incomplete.filter(i => i.id === 'duplicate-id-aria')
                .flatMap(i => i.nodes.map(n => n.html.slice(0, 200))),
        }))""",
        AXE_TAGS,
    )
    assert found["passes"] > 10
    faults = found["violations"] + found["twice"]
    assert not faults, (page.url, faults)


def no_sideways(page: Any) -> None:
    """At 320 px nothing makes the page scroll sideways; the desk's width is put back."""
    before = page.viewport_size
    page.set_viewport_size(PHONE)
    wide = page.evaluate("document.scrollingElement.scrollWidth")
    too_wide = (
        page.evaluate(
            """width => [...document.querySelectorAll('main *')]
        .filter(e => e.getBoundingClientRect().right > width && !e.closest('.panel-scroll'))
        .map(e => e.outerHTML.slice(0, 160))""",
            PHONE["width"],
        )
        if wide > PHONE["width"]
        else []
    )
    page.set_viewport_size(before)
    assert (wide <= PHONE["width"], too_wide) == (True, []), (page.url, wide, too_wide)


def headings(page: Any) -> None:
    """There is one h1, no level is left out, and the page says its title and language."""
    levels = page.evaluate(
        "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => +h.tagName[1])"
    )
    assert levels.count(1) == 1, (page.url, levels)
    skipped = [(a, b) for a, b in pairwise(levels) if b > a + 1]
    assert (levels[0], skipped) == (1, []), (page.url, levels)
    assert page.title().strip(" –")
    assert page.evaluate("document.documentElement.lang") == "en-GB"


def big_enough(page: Any) -> None:
    """What is pressed is 24 px high and wide, or stands in a sentence, or clear of others."""
    small = page.evaluate("""() => {
        const seen = [...document.querySelectorAll(
            'a[href], button, input:not([type=hidden]), select, textarea, summary')]
            .map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width > 1 && r.height > 1);
        const centre = r => [r.x + r.width / 2, r.y + r.height / 2];
        const inSentence = e => getComputedStyle(e).display === 'inline' &&
            [...e.parentElement.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        const clear = (e, r) => seen.every(([other, o]) => {
            if (other === e || other.contains(e) || e.contains(other)) return true;
            const [x, y] = centre(r);
            const dx = Math.max(o.x - x, 0, x - o.right), dy = Math.max(o.y - y, 0, y - o.bottom);
            return Math.hypot(dx, dy) >= 12;
        });
        return seen.filter(([e, r]) => (r.width < 24 || r.height < 24) &&
            !inSentence(e) && !clear(e, r)).map(([e]) => e.outerHTML.slice(0, 160));
    }""")
    assert small == [], page.url


def forced_colours(page: Any) -> None:
    """In forced colours no element keeps its own, and a tag or a button is still told by its edge."""
    page.emulate_media(forced_colors="active")
    kept = page.evaluate("""() => [...document.body.querySelectorAll('*')]
        .filter(e => getComputedStyle(e).forcedColorAdjust === 'none')
        .map(e => e.outerHTML.slice(0, 160))""")
    edgeless = page.evaluate("""() => [...document.querySelectorAll('.govuk-button')]
        .filter(e => { const s = getComputedStyle(e);
            return !['Top', 'Bottom'].some(side => parseFloat(s['border' + side + 'Width']) > 0)
                && s.outlineStyle === 'none'; })
        .map(e => e.outerHTML.slice(0, 160))""")
    page.emulate_media(forced_colors="none")
    assert (kept, edgeless) == ([], []), page.url


def without_script(page: Any) -> None:
    """A page opened without JavaScript shows its heading and lets every form be sent."""
    assert page.locator("h1").is_visible(), page.url
    mute = page.evaluate("""() => [...document.forms].filter(form => {
        const sends = [...document.querySelectorAll('button, input[type=submit]')]
            .filter(b => b.form === form && b.type === 'submit' && b.getClientRects().length);
        return !sends.length;
    }).map(form => form.outerHTML.slice(0, 160))""")
    assert mute == [], page.url


def held(page: Any) -> None:
    """All that a page must hold, of one that is open with JavaScript."""
    headings(page)
    accessible(page)
    big_enough(page)
    forced_colours(page)
    no_sideways(page)
