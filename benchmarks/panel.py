"""Measure the panel under load: people who work at once with the pages of a month, then a round that is run and shown.

    pip install -e ".[panel]" && python benchmarks/panel.py [--people 10] [--seconds 60] [--pause 1]

It starts `matcher panel` in a folder of its own (SQLite, waitress) with the sample of Camden. Each person has
a session; a connection is kept as browsers keep it, and a page is read for --pause seconds, 0 to press as hard
as ten can. One request in twelve writes. Seconds are from the request to the last byte of the answer.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    *("/", "/rounds/1/", "/rounds/1/families/R01/", "/rounds/1/families/R14/", "/decide/R01/H17/"),
    *("/duties/", "/duties/?family=R01", "/families/", "/families/R01/", "/homes/", "/homes/H17/"),
)
TOKEN = "k" * 32  # of a form and its cookie, which only have to agree
FILL = f"""
import json, sys, time
from pathlib import Path
from matcher.panel import serve
serve.made(Path(sys.argv[1]))
from django.conf import settings
from django.test import Client
from matcher.panel import rounds, taking
from matcher.panel.models import User
from matcher.panel.work import changing
users = [User.objects.create_user(f"m{{n}}", "team_manager") for n in range(int(sys.argv[2]))]
with changing(users[0]) as change:
    taking.sample(change, Path("{ROOT}/data/samples/camden"))
rounds.run(users[0])
found = []
for user in users:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    found.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
print(json.dumps(found))
"""


class Person:
    """Somebody who is signed in, with a connection that stays open."""

    def __init__(self, host: str, session: str) -> None:
        self.connection = HTTPConnection(host, timeout=60)
        self.headers = {"Cookie": f"sessionid={session}; csrftoken={TOKEN}", "Referer": f"http://{host}/"}  # fmt: skip

    def asks(
        self, method: str, path: str, form: dict[str, str] | None = None
    ) -> tuple[int, str, float]:
        """Status, where it leads to, and seconds of one request."""
        body = urlencode({"csrfmiddlewaretoken": TOKEN, **form}) if form is not None else None
        more = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
        began = time.perf_counter()
        self.connection.request(method, path, body, {**self.headers, **more})
        answer = self.connection.getresponse()
        answer.read()
        return answer.status, answer.getheader("Location", ""), time.perf_counter() - began

    def works(self, number: int, until: float, pause: float) -> list[tuple[int, float]]:
        """Look at page after page, and confirm a home's profile after each turn."""
        found = []
        turn = number
        while time.perf_counter() < until:
            if turn % (len(PAGES) + 1) == len(PAGES):
                status, _, took = self.asks("POST", f"/homes/H{1 + turn % 50:02d}/confirm/", {})
            else:
                status, _, took = self.asks("GET", PAGES[turn % (len(PAGES) + 1)])
            found.append((status, took))
            turn += 1
            time.sleep(pause)
        return found

    def runs_a_round(self, number: int) -> float:
        """Seconds from the click to the whole page, of data that have changed."""
        self.asks(
            "POST", f"/decide/R02/H{26 + number}/rule_out/", {"reason": "other", "since": "99999"}
        )
        status, place, took = self.asks("POST", "/rounds/run/", {})
        assert status == 302, status
        status, _, shown = self.asks("GET", place)
        assert status == 200, status
        return took + shown


def cpu(process: int) -> float:
    """Seconds of processor that a process took; 0 where the system doesn't say."""
    said = Path(f"/proc/{process}/stat")
    if not said.exists():
        return 0.0
    user, system = said.read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def measured(people: int, seconds: float, pause: float) -> dict[str, Any]:
    """What came of it."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        environment = {**os.environ, "MATCHER_PANEL": made, "DJANGO_SETTINGS_MODULE": "matcher.panel.settings", "PYTHONPATH": str(ROOT)}  # fmt: skip
        filled = subprocess.run(
            [sys.executable, "-c", FILL, made, str(people)],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
        sessions = json.loads(filled.stdout.splitlines()[-1])
        log = folder / "log"
        command = [sys.executable, "-m", "matcher", "panel", "--folder", made, "--port", "0", "--no-browser"]  # fmt: skip
        with log.open("w") as told:
            server = subprocess.Popen(command, stdout=told, stderr=told, env=environment)
        try:
            while (place := re.search(r"http://([\w.]+:\d+)", log.read_text())) is None:
                assert server.poll() is None, log.read_text()
                time.sleep(0.1)
            everybody = [Person(place[1], each) for each in sessions]
            before = os.getloadavg()[0]
            first = everybody[0].runs_a_round(0)
            alone = [everybody[0].runs_a_round(number) for number in range(1, 6)]
            busy, until = cpu(server.pid), time.perf_counter() + seconds
            with ThreadPoolExecutor(people) as pool:
                jobs = [
                    pool.submit(one.works, at, until, pause) for at, one in enumerate(everybody)
                ]
                found = [each for job in jobs for each in job.result()]
            busy = cpu(server.pid) - busy
        finally:
            server.terminate()
            server.wait(30)
        text = log.read_text()
    times = sorted(took for _, took in found)
    return {
        "people": people,
        "seconds": seconds,
        "pause": pause,
        "requests": len(times),
        "statuses": dict(Counter(status for status, _ in found)),
        "median": statistics.median(times),
        "p95": times[int(len(times) * 0.95)],
        "slowest": times[-1],
        "processor_a_request": busy / len(times),
        "locked": text.count("database is locked"),
        "errors": text.count(" ERROR "),
        "first_round": first,
        "round": statistics.median(alone),
        "load_before": before,
        "load_after": os.getloadavg()[0],
        "cores": os.cpu_count(),
    }


def main() -> None:
    """Measure, and print it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--pause", type=float, default=1)
    given = parser.parse_args()
    print(json.dumps(measured(given.people, given.seconds, given.pause), indent=2))


if __name__ == "__main__":
    main()
