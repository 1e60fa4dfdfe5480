"""`matcher panel` as a person meets it: its set-up, its link, backups on both databases, its words."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from matcher.cli.commands import panel
from matcher.panel.place import DATABASE, FOLDER, Set, _set
from stores import a_server, new_database

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    bool(os.environ.get(DATABASE)),
    reason="Both databases are tried where the other tests run on SQLite.",
)


def process(
    folder: Path, *command: str, database: str = "", said: str = ""
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, FOLDER: str(folder), DATABASE: database, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        cwd=folder.parent,
        input=said,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("vendor", ["sqlite", "postgresql"])
def test_a_backup_is_put_back_whole_or_refused(vendor, tmp_path):
    script = str(ROOT / "tests/panel/backed_up.py")
    if vendor == "sqlite":
        done = process(tmp_path / "panel", script, str(tmp_path / "panel"))
    else:
        with a_server() as address:
            where = new_database(address, "panel")
            done = process(tmp_path / "panel", script, str(tmp_path / "panel"), database=where)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found["first"] is None
    assert found["mode"] == "0o600"
    assert found["recent"]
    assert found["changed"] != found["before"]
    for name, said in {
        "newer": "made by version 99.0",
        "other": "another database",
        "damaged": "changed or damaged",
        "none": "can't be read",
    }.items():
        assert said in found[name], name
    assert found["still"], "what is refused changes nothing"
    assert found["after"] == found["before"]
    assert found["told"] == "restored"
    assert found["breaches"] == []
    assert found["kept"]
    assert found["more"]
    assert found.get("back", True), "what was there before is a backup of its own"
    assert (found["status"], found["altered"]) == (3, [True, True])


# Runs commands one after another in one process, as each start of one takes a second.
RUN = """
import contextlib, io, json, sys
from matcher.cli import run
answers = []
for asked in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = run(["panel", *asked])
    answers.append([status, out.getvalue(), err.getvalue()])
json.dump(answers, sys.stdout)
"""


def answers(folder: Path, *asked: list[str]) -> list[tuple[int, str, str]]:
    done = process(folder, "-c", RUN, said=json.dumps(asked))
    assert done.returncode == 0, done.stderr[-3000:]
    return [tuple(each) for each in json.loads(done.stdout)]


def test_the_command_says_what_it_does(tmp_path):
    folder = tmp_path / "panel"
    check, backup, again, restore, work, verify = answers(
        folder,
        ["--check", "--json"],
        ["backup", "one.panel"],
        ["backup", "one.panel"],
        ["restore", "one.panel"],
        ["work", "--batch", "--quiet"],
        ["verify", "--json"],
    )
    levels = {each["name"]: each["level"] for each in json.loads(check[1])["points"]}
    assert check[0] == 0
    assert levels["database"] == levels["folder"] == "note", "there is none yet, and none is made"
    assert "wrong" not in levels.values()
    assert (backup[0], backup[1].splitlines()[0]) == (0, "Written: one.panel")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (again[0], "never overwritten" in again[2]) == (2, True)
    assert (restore[0], "Restored:" in restore[1]) == (0, True)
    assert work[0] == 0
    assert (verify[0], json.loads(verify[1])["breaches"]) == (0, [])
    (folder / "panel.toml").write_text('hosts = ["match.example.gov.uk"]\n', "utf-8")
    folder.chmod(0o755)
    ((status, out, _),) = answers(folder, ["--check"])
    assert status == 2
    assert "WRONG  folder: Others on this machine may read panel" in out
    assert "WRONG  hosts: It answers to match.example.gov.uk without TLS" in out


def test_the_page_on_the_panel_names_what_there_is():
    text = (ROOT / "docs/how-to/panel.md").read_text("utf-8")
    commands = set(re.findall(r"^matcher panel ([a-z]+)", text, re.MULTILINE))
    assert commands <= {each.name for each in panel.panel.registered_commands}
    (settings,) = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    found = _set(tomllib.loads(settings))
    assert (found.hosts, found.proxies) == (("match.example.gov.uk",), 1)
    assert all(f"`{each.name}`" in text for each in fields(Set)), "each setting has its row"
