"""Deciding on a database in a file: eight people at once, and a process that is killed within a decision."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

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
        told.append(held.lines[0])
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


def environment() -> dict[str, str]:
    mine = {key: value for key, value in os.environ.items() if not key.startswith("MATCHER_")}
    return mine | {"PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "matcher.panel.settings"}


def run(script: str, *given: str) -> str:
    line = [sys.executable, "-c", script, *given]
    done = subprocess.run(line, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def counts(folder: Path) -> list[int]:
    database = sqlite3.connect(folder / "panel.sqlite3")
    try:
        return [database.execute(sql).fetchone()[0] for sql in COUNTS]
    finally:
        database.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A panel of its own in a file, with the sample."""
    made = tmp_path_factory.mktemp("panel")
    run(FILL, str(made))
    return made


@pytest.mark.parametrize("within", ["tried", "record_decision"])
def test_killed_within_a_decision_it_is_as_if_it_had_not_begun(folder, within):
    before = counts(folder)
    line = [sys.executable, "-c", KILLED, str(folder), within]
    process = subprocess.Popen(line, env=environment(), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "within"
    process.kill()
    process.wait()
    process.stdout.close()
    assert counts(folder) == before


def test_of_eight_at_once_exactly_one_is_recorded_and_the_others_are_told(folder):
    told = run(AT_ONCE, str(folder)).splitlines()
    assert told.count("recorded") == 1
    assert len(told) == 8
    assert all("choose, Team manager, " in each for each in told if each != "recorded")
    assert counts(folder) == [1, 1, 1, 1]
