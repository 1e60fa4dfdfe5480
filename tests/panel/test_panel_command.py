"""`matcher panel` as a person meets it: its set-up, its link, backups on both databases, its words."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.panel.place import DATABASE, FOLDER
from stores import a_server, new_database

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    bool(os.environ.get(DATABASE)),
    reason="Both databases are tried where the other tests run on SQLite.",
)


def process(folder: Path, *command: str, database: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, FOLDER: str(folder), DATABASE: database, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [sys.executable, *command],
        env=environment,
        cwd=folder.parent,
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
    assert found["back"], "what was there before is a backup of its own"


def test_the_command_says_what_it_does(tmp_path):
    folder = tmp_path / "panel"

    def panel(*arguments: str) -> tuple[int, str, str]:
        done = process(folder, "-m", "matcher", "panel", *arguments)
        return done.returncode, done.stdout, done.stderr

    status, out, _ = panel("--check", "--json")
    assert status == 0
    levels = {each["name"]: each["level"] for each in json.loads(out)["points"]}
    assert levels["database"] == levels["folder"] == "note", "there is none yet"
    assert "wrong" not in levels.values()
    assert not folder.exists(), "--check makes nothing"
    status, out, _ = panel("backup", "one.panel")
    assert (status, out.splitlines()[0]) == (0, "Written: one.panel")
    assert folder.stat().st_mode & 0o777 == 0o700
    status, _, err = panel("backup", "one.panel")
    assert (status, "never overwritten" in err) == (2, True)
    status, out, _ = panel("restore", "one.panel")
    assert (status, "Restored:" in out) == (0, True)
    assert panel("work", "--batch", "--quiet")[0] == 0
    status, out, _ = panel("verify", "--json")
    assert (status, json.loads(out)["breaches"]) == (0, [])
    (folder / "panel.toml").write_text('hosts = ["match.example.gov.uk"]\n', "utf-8")
    folder.chmod(0o755)
    status, out, _ = panel("--check")
    assert status == 2
    assert "WRONG  folder: Others on this machine may read panel" in out
    assert "WRONG  hosts: It answers to match.example.gov.uk without TLS" in out


def test_an_altered_trail_is_a_breach(tmp_path):
    folder = tmp_path / "panel"
    alter = (
        "from pathlib import Path; from matcher.panel import serve; serve.made(None)\n"
        "from matcher.panel import trail; from django.db import connection\n"
        "trail.append(None, 'looked'); trail.append(None, 'looked')\n"
        "cursor = connection.cursor()\n"
        "cursor.execute('DROP TRIGGER panel_trail_no_update')\n"
        "cursor.execute(\"UPDATE panel_trail SET act = 'did nothing' WHERE number = 1\")\n"
    )
    assert process(folder, "-c", alter).returncode == 0
    done = process(folder, "-m", "matcher", "panel", "verify")
    assert done.returncode == 3
    assert "trail line 1: it was altered" in done.stderr
    assert "guard panel_trail_no_update" in done.stderr
