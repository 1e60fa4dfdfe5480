"""Copies of the package in which a recipe of docs/recipes.md is followed to the letter."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECIPES = ROOT / "docs/recipes.md"
BLOCK = re.compile(r"^( *)```(?:python|toml)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)
PLACE = re.compile(
    r"# (matcher/\S+?)(?:, (above|into|below|in place of|at the end of|at the end) ?(.*))?"
)
# Runs commands one after another in one process: a line of its input is the arguments of one.
RUN = """
import contextlib, io, json, sys, traceback
from matcher.cli import run
answers = sys.stdout
for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            status = run(["--debug", *json.loads(line)])
        except Exception:
            status = traceback.format_exc()
    print(json.dumps([status, out.getvalue(), err.getvalue()]), file=answers, flush=True)
"""


def copied_package(folder: Path) -> Path:
    """A copy of the package, below a folder that it does not share."""
    package = folder / "house" / "matcher"
    shutil.copytree(ROOT / "matcher", package)  # with what is compiled, which spares half the time
    return package


class Session:
    """Runs commands of a copy in one process, as each start of one reads every library again."""

    def __init__(self, home: Path, folder: Path) -> None:
        """`home` is the folder in which the package lies, `folder` the one in which commands run."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN],
            cwd=folder,
            env=os.environ | {"PYTHONPATH": str(home)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def ask(self, *arguments: str) -> tuple[int, str, str]:
        """What a command answers: exit status, standard output, standard error."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(json.dumps(arguments), file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer, f"{arguments} ended the process"
        status, out, err = json.loads(answer)
        return status, out, err

    def close(self) -> None:
        """End the process."""
        self.process.communicate()


def run_in(package: Path, *commands: list[str]) -> list[tuple[int, str, str]]:
    """What commands of a copy answer: exit status, standard output, standard error."""
    session = Session(package.parent, package.parent.parent)
    try:
        return [session.ask(*command) for command in commands]
    finally:
        session.close()


@dataclass(frozen=True)
class Block:
    """A block of a recipe: the file that it goes into, where in it, and its lines."""

    file: str
    where: str | None
    anchor: str
    lines: list[str]


def recipes() -> dict[str, list[Block]]:
    """The blocks of every recipe, by its heading."""
    text = RECIPES.read_text("utf-8")
    parts = [part.partition("\n") for part in text.split("\n## ")[1:]]
    return {title: [*map(_block, BLOCK.finditer(body))] for title, _, body in parts}


def _block(found: re.Match[str]) -> Block:
    indent, body = found.groups()
    first, *lines = [line.removeprefix(indent) for line in body.splitlines()]
    place = PLACE.fullmatch(first)
    assert place, f"docs/recipes.md does not say where a block goes that begins with {first!r}"
    file, where, anchor = place.groups()
    return Block(file, where, anchor or "", lines)


def follow(title: str, package: Path) -> list[str]:
    """Follow a recipe in a copy; the files that it touches."""
    blocks = recipes()[title]
    assert blocks, title
    for block in blocks:
        path = package.parent / block.file
        if block.where is None:
            assert not path.exists(), f"{block.file} is there already"
            path.write_text("\n".join([*block.lines, ""]), "utf-8")
        else:
            path.write_text(_with(path.read_text("utf-8"), block), "utf-8")
    return [*dict.fromkeys(block.file for block in blocks)]


def _with(text: str, block: Block) -> str:
    """The text of a file with a block where it says."""
    lines = text.splitlines()
    match block.where:
        case "above":
            lines[(at := _statement(text, block)[0]) : at] = [*block.lines, "", ""]
        case "into":  # before the bracket that closes it
            lines[(at := _statement(text, block)[1] - 1) : at] = block.lines
        case "in place of":
            lines[slice(*_statement(text, block))] = block.lines
        case "at the end of":
            lines[(at := _statement(text, block)[1]) : at] = block.lines
        case "below":
            (at,) = [n for n, line in enumerate(lines, 1) if line.strip().startswith(block.anchor)]
            if lines[at - 1].endswith("("):  # to the line that closes it
                at = next(n for n, line in enumerate(lines[at:], at + 1) if line.strip() == ")")
            lines[at:at] = block.lines
        case _:
            lines += ["", "", *block.lines]
    return "\n".join([*lines, ""])


def _statement(text: str, block: Block) -> tuple[int, int]:
    """The first line, from 0, of the statement that a block names, and the line after its last."""
    found = [node for node in ast.parse(text).body if _name(node) == block.anchor]
    assert len(found) == 1, f"{block.file} has {len(found)} statements {block.anchor}"
    assert found[0].end_lineno is not None
    return found[0].lineno - 1, found[0].end_lineno


def _name(node: ast.stmt) -> str | None:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
        case ast.FunctionDef(name=name) | ast.ImportFrom(module=name):
            return name
    return None
