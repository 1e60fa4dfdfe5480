"""Every notebook runs, and shows what is stored in it."""

from __future__ import annotations

import ast
import json
import re
import warnings
from pathlib import Path

import pytest

import matcher

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_shows_what_it_says(path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the client's own event loop
        import run_notebooks as tool

        stored = tool.nbformat.read(path, as_version=4)
        again = tool.executed(path)
    assert tool.texts(again) == tool.texts(stored), "run tools/run_notebooks.py"
    assert tool.texts(stored)
    whole = path.read_text("utf-8")
    assert not re.search(r"/(home|root|work|tmp|Users)/", whole), "a path of some machine"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_uses_what_is_promised_alone(path: Path) -> None:
    cells = json.loads(path.read_text("utf-8"))["cells"]
    code = "\n".join("".join(each["source"]) for each in cells if each["cell_type"] == "code")
    imported, used = set(), set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")
        elif isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name) and node.value.id == "matcher":
                used.add(node.attr)
            assert not node.attr.startswith("_"), node.attr
    assert imported == {"matcher", "pandas"}
    assert used <= set(matcher.__all__)
    assert used
