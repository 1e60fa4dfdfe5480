"""Hold the lowest versions that pyproject.toml allows against those in use: the same rounds.

Installs exactly floors.txt into an environment of its own, runs a session of commands on the samples
with it and with the Python that runs this, and holds every answer and every round.json of the two
against each other.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FLOORS = ROOT / "floors.txt"
SAMPLES = ROOT / "data" / "samples"
APART = "request_id,other_request_id,min_miles\nR01,R14,5\n"
LIMITS = "[limits]\nnew_per_team = 2\nweekly_fees = 5000\n"
OURS = {**os.environ, "PYTHONPATH": str(ROOT)}
NO_REPORT, LIMITED = ["--no-report"], ["--policy", "limits.toml"]
FOLDERS = {  # of a round: its data, the options of all its commands, and those of `round` alone
    "csv": (SAMPLES / "camden", [], []),
    "excel": (SAMPLES / "camden.xlsx", [], NO_REPORT),
    "limits": (Path("apart"), LIMITED, NO_REPORT),  # with a table more
}
FACE = "import matcher; print(matcher.read({!r}).solve().proposals.to_csv())"
# A panel with the sample, its round, a page of it, and what is said of its set-up.
PANEL = """
from pathlib import Path
from matcher.panel import serve
home, _ = serve.made(Path("panel"))
from matcher.panel import rounds, setup, taking
from matcher.panel.models import User
from matcher.panel.work import changing
user = User.objects.create_user("manager", "team_manager", "of this folder alone")
with changing(user) as change:
    taking.shipped_sample(change, "camden")
made = rounds.run(user)
from django.test import Client
browser = Client()
browser.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
print(made.round_sha256, browser.get(f"/rounds/{made.number}/", headers={"host": "localhost"}).status_code)
print([(point.name, point.level.value) for point in setup.points(home)])
"""
# Runs what is asked one after another in one process, as each start of one reads every library
# again: arguments of the command line, or code. Its input is a list of these.
RUN = """
import contextlib, io, json, sys
from matcher.cli import run
answers = []
for asked in json.load(sys.stdin):
    out, status = io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        if isinstance(asked, str):
            exec(asked)
        else:
            status = run(asked)
    answers.append(f"exit {status}\\n{out.getvalue()}")
json.dump(answers, sys.stdout)
"""


def session(python: Path, folder: Path) -> dict[str, str]:
    """What every command of the session answers, by what was asked."""
    (folder / "limits.toml").write_text(LIMITS, "utf-8")
    shutil.copytree(SAMPLES / "camden", folder / "apart")
    (folder / "apart" / "keep_apart.csv").write_text(APART, "utf-8")
    camden = str(SAMPLES / "camden")
    asked: list[str | list[str]] = []
    for name, (data, options, of_round) in FOLDERS.items():
        said = ["--quiet", *options]
        asked += [
            ["check", str(data), *said],
            ["round", str(data), "--out", name, *said, *of_round],
            ["verify", str(data), name, *said],
            ["explain", str(data), "R01", "--round", name, *said],
        ]
    for task in (["documents", camden, "R14", "H09"], ["calendar", camden]):
        asked.append([*task, "--round", "csv", "--out", task[0], "--quiet"])
    asked.append(["sufficiency", camden, "--quiet"])
    asked.append(["whatif", camden, f"{camden}/scenarios.toml", "--quiet"])
    asked += [FACE.format(camden), PANEL]
    done = subprocess.run(
        [str(python), "-P", "-c", RUN],
        input=json.dumps(asked),
        cwd=folder,
        env=OURS,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answers = dict(zip(map(str, asked), json.loads(done.stdout), strict=True))
    for name in FOLDERS:
        made = folder / name / "round.json"
        answers[f"{name}/round.json"] = made.read_text("utf-8") if made.exists() else "none"
    return answers


def environment(folder: Path, floors: Path) -> Path:
    """The Python of a new environment with exactly the versions of a file."""
    venv.create(folder)
    python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    install = ["install", "--quiet", "--no-compile", "--no-deps", "--requirement", str(floors)]
    subprocess.run([*pip, *install], check=True)
    subprocess.run([*pip, "check"], check=True, stdout=subprocess.DEVNULL)
    return python


def main() -> int:
    """Say whether the answers are the same; the exit status says it too."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--floors", type=Path, default=FLOORS, help="the exact versions to install")
    floors = parser.parse_args().floors.resolve()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as side_by_side:
        now, lowest = Path(folder, "now"), Path(folder, "lowest")
        now.mkdir()
        lowest.mkdir()
        expected = side_by_side.submit(session, Path(sys.executable), now)
        python = environment(Path(folder, "environment"), floors)
        installed = time.monotonic() - started
        found = session(python, lowest)
        wrong = [asked for asked, answer in expected.result().items() if found[asked] != answer]
    print(f"Installed in {installed:.0f} s, all in {time.monotonic() - started:.0f} s.")
    for asked in wrong:
        print(f"Another answer with the lowest versions: {asked}\n{found[asked][:500]}")
    if not wrong:
        print(f"{len(found)} answers are the same with the lowest versions as with those in use.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
