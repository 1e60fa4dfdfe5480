"""The panel on PostgreSQL: a server that is thrown away, and the tests of all that writes or reads back.

What is shown is the same whatever the database; two people at once are tried on both in
test_panel_decide_at_once.py, backups in test_panel_command.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.panel.place import DATABASE, FOLDER
from stores import a_server, new_database

HERE = Path(__file__).resolve().parent
ON_BOTH = ("rounds", "exchange", "decide", "desk", "duties", "record", "users")


def test_what_writes_passes_its_tests_there(tmp_path):
    if os.environ.get(DATABASE):
        pytest.skip("These tests run on PostgreSQL already.")
    files = [str(HERE / f"test_panel_{name}.py") for name in ON_BOTH]
    command = [sys.executable, "-m", "pytest", "-n", "0", "-q", "-x", "--no-header", *files]
    with a_server() as address:
        where = {DATABASE: new_database(address, "panel"), FOLDER: str(tmp_path)}
        done = subprocess.run(
            [*command, "-k", "not browser"],
            cwd=HERE.parents[1],
            env={**os.environ, **where},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stdout[-6000:]
    assert "[100%]" in done.stdout
