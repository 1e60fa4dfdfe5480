"""The panel on PostgreSQL: a server that is thrown away, and the tests that every panel passes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from matcher.panel.place import DATABASE, FOLDER
from stores import a_server, new_database

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def server():
    with a_server() as address:
        yield address


def test_the_panel_passes_its_tests_there(server, tmp_path):
    if os.environ.get(DATABASE):
        pytest.skip("These tests run on PostgreSQL already.")
    browsers = {path.name for path in HERE.glob("test_*.py") if "signed_in" in path.read_text()}
    files = sorted(
        p for p in HERE.glob("test_*.py") if p.name not in {*browsers, Path(__file__).name}
    )
    environment = {**os.environ, DATABASE: new_database(server, "panel"), FOLDER: str(tmp_path)}
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "0",
        "-q",
        "-x",
        "--no-header",
        *map(str, files),
    ]
    done = subprocess.run(command, cwd=HERE.parents[1], env=environment, capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout or "[100%]" in done.stdout
