"""Deciding on a database in a file and on a server: eight people at once, and a process that is killed within a decision."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from pathlib import Path

import pytest

from stores import a_server

ROOT = Path(__file__).resolve().parents[2]
START = """
import sys
from pathlib import Path
from matcher.panel import serve
home = serve.made(Path(sys.argv[1]))
from matcher.panel import deciding, taking, world
from matcher.panel.acts import Role
from matcher.panel.deciding import AlreadyHeld, Pair
from matcher.panel.models import State, User
from matcher.panel.work import changing
from matcher.rounds import prepare
"""
FILL = f"""{START}
with changing(User.objects.create_user("m", Role.MANAGER.value)) as change:
    taking.sample(change, Path("{ROOT}/data/samples/camden"))
User.objects.bulk_create(User(username=f"m{{n}}", role=Role.MANAGER.value) for n in range(8))
"""
PAIRS = """
prepared = prepare(*world.load(State.objects.get()))
row = max(prepared.matchable_rows, key=prepared.choices)
request_id = prepared.columns.request_ids[row]
homes = [prepared.columns.household_ids[prepared.screened.household[e]] for e in prepared.best(row, 2)]
"""
AT_ONCE = f"""{START}{PAIRS}
from threading import Barrier, Thread
barrier, told = Barrier(8), []
def choose(number):
    user = User.objects.get(username=f"m{{number}}")
    since = State.objects.get().version
    barrier.wait()
    try:
        deciding.decide(user, Pair(request_id, homes[number % len(homes)]), "choose", since)
        told.append("recorded")
    except AlreadyHeld as held:
        told.append(next(iter(held.held.values())))
threads = [Thread(target=choose, args=(number,)) for number in range(8)]
for each in threads: each.start()
for each in threads: each.join()
print("\\n".join(told))
"""
KILLED = f"""{START}{PAIRS}
import time
name = sys.argv[2]
real = getattr(deciding, name)
def slowly(*given):
    made = real(*given)
    print("within", flush=True)
    time.sleep(60)
    return made
setattr(deciding, name, slowly)
deciding.decide(User.objects.get(username="m"), Pair(request_id, homes[0]), "choose", State.objects.get().version)
"""
COUNTS = (
    "SELECT count(*) FROM panel_decisions WHERE decision = 'choose'",
    "SELECT count(*) FROM panel_trail WHERE act = 'decided: choose'",
    "SELECT count(*) FROM matcher_history",
    "SELECT count(*) FROM matcher_receipts",
)


@dataclass(frozen=True)
class Made:
    """A panel of its own: its folder, and the address of its database, '' where that is in the folder."""

    folder: Path
    database: str

    @property
    def environment(self) -> dict[str, str]:
        mine = {key: value for key, value in os.environ.items() if not key.startswith("MATCHER_")}
        mine |= {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "matcher.panel.settings"}
        return mine | ({"MATCHER_PANEL_DATABASE": self.database} if self.database else {})

    def start(self, script: str, *given: str) -> subprocess.Popen[str]:
        line = [sys.executable, "-c", script, str(self.folder), *given]
        pipe = subprocess.PIPE
        return subprocess.Popen(line, env=self.environment, stdout=pipe, stderr=pipe, text=True)

    def run(self, script: str) -> str:
        process = self.start(script)
        told, wrong = process.communicate()
        assert process.returncode == 0, wrong
        return told

    def counts(self) -> list[int]:
        if self.database:
            import psycopg

            with psycopg.connect(self.database) as server:
                return [server.execute(sql).fetchone()[0] for sql in COUNTS]
        with closing(sqlite3.connect(self.folder / "panel.sqlite3")) as file:
            return [file.execute(sql).fetchone()[0] for sql in COUNTS]


@pytest.fixture(scope="module", params=["in a file", "on a server"])
def made(request, tmp_path_factory) -> Iterator[Made]:
    """A panel with the sample, on each database."""
    folder = tmp_path_factory.mktemp("panel")
    with nullcontext("") if request.param == "in a file" else a_server() as address:
        panel = Made(folder, address)
        panel.run(FILL)
        yield panel


@pytest.mark.parametrize("within", ["_write", "record_decision"])
def test_killed_within_a_decision_it_is_as_if_it_had_not_begun(made, within):
    before = made.counts()
    process = made.start(KILLED, within)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "within"
    process.kill()
    process.communicate()
    assert made.counts() == before


def test_of_eight_at_once_exactly_one_is_recorded_and_the_others_are_told(made):
    told = made.run(AT_ONCE).splitlines()
    assert told.count("recorded") == 1
    assert len(told) == 8
    assert all("choose, Team manager, " in each for each in told if each != "recorded")
    assert made.counts() == [1, 1, 1, 1]


EDIT_AT_ONCE = f"""{START}
import re, html
from threading import Barrier, Thread
from django.test import Client
barrier, told, path = Barrier(8), [], "/families/R01/edit/identity/"
FAITHS = ("buddhist", "christian", "hindu", "jewish", "sikh", "other", "not_stated", "none")
def hidden(page, name):
    return html.unescape(re.search(f'name="{{name}}" value="([^"]*)"', page)[1])
def edit(number):
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(User.objects.get(username=f"m{{number}}"), "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(path).content.decode()
    sent = {{name: hidden(page, name) for name in ("version", "was")}}
    barrier.wait()
    told.append(client.post(path, sent | {{"religion": FAITHS[number]}}).status_code)
threads = [Thread(target=edit, args=(number,)) for number in range(8)]
for each in threads: each.start()
for each in threads: each.join()
print("\\n".join(map(str, told)))
"""


def test_of_eight_who_change_the_same_answer_one_is_recorded_and_the_others_choose(made):
    assert sorted(made.run(EDIT_AT_ONCE).split()) == ["302", *["409"] * 7]
