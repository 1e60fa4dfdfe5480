"""The how-to pages: every command in them runs, in their order, on the tables that they write."""

from __future__ import annotations

import csv
import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import pytest

from filled import fill_in
from matcher import cli

ROOT = Path(__file__).resolve().parents[1]
# What the page of the panel says is tried in tests/panel/test_panel_command.py: it serves until stopped.
PAGES = sorted(p for p in (ROOT / "docs" / "how-to").glob("*.md") if p.stem != "panel")
BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
TICKED = [  # in last week's workbook, before Your Monday
    ("To do", {"Request": "R16", "Duty": "placement_plan"}, {"Done": "x", "Done by": "child's social worker"}),
    ("To do", {"Request": "R15", "Duty": "placement_plan"}, {"Done": "yse"}),
    (
        "Proposals",
        {"Request": "R14"},
        {"Decision": "choose", "Decided on": date(2026, 11, 27), "Decided by": "team manager"},
    ),
]  # fmt: skip


def append(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        headings = next(csv.reader(file))
    assert rows[0].keys() <= set(headings), f"{path.name}: {rows[0].keys() - set(headings)}"
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, headings, lineterminator="\n").writerows(rows)


def change(path: Path, rows: list[dict[str, str]]) -> None:
    """Write cells into the rows that have the ids; a heading that is not there comes last."""
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    for row in rows:
        ids = {key: value for key, value in row.items() if key in ("request_id", "household_id")}
        (at,) = [n for n, each in enumerate(found) if ids.items() <= each.items()]
        found[at] |= row
    headings = list(dict.fromkeys(column for row in found for column in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, headings, restval="")
        writer.writeheader()
        writer.writerows(found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_of_a_page_runs(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "data" / "samples", tmp_path / "data" / "samples")
    shutil.copytree(ROOT / "data" / "samples" / "camden", tmp_path / "week")
    monkeypatch.chdir(tmp_path)
    if page.stem == "your-monday":
        assert cli.run(["round", "week", "--record", "history", "--quiet"]) == 0
        book = tmp_path / "reports" / "2026-11-23" / "matches.xlsx"
        fill_in(book, book, TICKED)
    out, commands = "", 0
    for kind, about, text in BLOCK.findall(page.read_text("utf-8")):
        if kind == "csv":
            table, *how = about.split()
            rows = list(csv.DictReader(text.splitlines()))
            (change if how else append)(Path("week", f"{table}.csv"), rows)
        elif kind == "toml":
            Path("ours.toml").write_text(text, "utf-8")
        elif kind == "text":
            for line in text.splitlines():
                assert line in out, f"{page.name} says: {line}"
        else:
            assert kind == "sh"
            out = ""
            for line in text.splitlines():
                program, *words = shlex.split(line.removesuffix(" || true"))
                assert program == "matcher"
                status = cli.run(words)
                said = capsys.readouterr()
                assert status == (2 if line.endswith("|| true") else 0), f"{line}: {said.err}"
                out += " ".join(f"{said.out} {said.err}".split())
                commands += 1
    assert commands >= 3


def test_the_readme_leads_to_every_page() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    places = [text.index(f"docs/how-to/{page.name}") for page in PAGES]
    assert max(places) < text.index("## Read the answer")
