"""What is installed: every file of the panel, and nothing of GOV.UK's own."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PANEL = ROOT / "matcher" / "panel"
STATIC = PANEL / "static" / "panel"
FONTS = (".woff", ".woff2", ".ttf", ".otf", ".eot")


def files():
    return [
        path
        for path in sorted(PANEL.rglob("*"))
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    ]


def test_a_wheel_has_every_file_of_the_panel():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    packed = {
        path
        for pattern in settings["package-data"]["matcher"]
        for path in (ROOT / "matcher").glob(pattern)
    }
    assert [str(path.relative_to(PANEL)) for path in files() if path not in packed] == []
    code = {path.parent for path in PANEL.rglob("*.py")}
    assert all((folder / "__init__.py").exists() for folder in code), "each is found as a package"


@pytest.mark.parametrize("name", ["govuk.css", "govuk.js"])
def test_the_looks_are_as_they_were_made(name):
    """By tools/make_panel_assets.py, of govuk-frontend's own."""
    said = json.loads((STATIC / "govuk.json").read_text("utf-8"))["sha256"]
    assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == said[name]


def test_nothing_of_gov_uk_alone_is_in_it():
    for path in files():
        assert path.suffix not in FONTS, path
        content = (
            b"" if path.suffix == ".txt" else path.read_bytes()
        )  # the licence names what it lacks
        for word in (b"GDS Transport", b"/assets/", b"crest"):
            assert word not in content, (path.name, word)
