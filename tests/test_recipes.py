"""Every recipe of docs/recipes.md, followed to the letter in a copy of the package."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from copies import ROOT, copied_package, follow, recipes, run_in

DATA = str(ROOT / "data/samples/tutorial")
Answers = list[tuple[int, str, str]]


def flat(text: str) -> str:
    """Text as one line, however it was wrapped."""
    return " ".join(text.split())


@pytest.fixture
def answers(tmp_path: Path) -> Callable[..., Answers]:
    """What commands answer in a copy in which a recipe was followed, and nothing else changed."""

    def follow_and_run(title: str, files: int, *commands: list[str]) -> Answers:
        package = copied_package(tmp_path)
        assert len(follow(title, package)) == files
        found = run_in(package, *commands)
        assert [status for status, _, _ in found] == [0] * len(commands), found
        return found

    return follow_and_run


def with_column(folder: Path, name: str, values: dict[str, str]) -> str:
    """The tutorial's round with a column of households, blank but for some of them."""
    shutil.copytree(DATA, folder)
    table = folder / "households.csv"
    rows = list(csv.DictReader(table.read_text("utf-8-sig").splitlines()))
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0] | {name: ""}))
        writer.writeheader()
        writer.writerows(
            row | {name: values.get(row["household_id"], row.get(name, ""))} for row in rows
        )
    return str(folder)


def test_a_rule(answers: Callable[..., Answers], tmp_path: Path) -> None:
    data = with_column(tmp_path / "data", "looked_after_children", {"H1": "1", "H2": "2"})
    round_, explain = ["round", data, "--no-report", "--out", "o"], ["explain", data, "R1", "H2"]
    _, (_, pair, _), (_, policy, _) = answers("Add a rule", 2, round_, explain, ["policy"])
    record = json.loads((tmp_path / "o/round.json").read_text("utf-8"))
    failed = {
        household["household_id"]
        for request in record["requests"]
        for household in request["ineligible"]
        if "quiet_there" in [rule["rule"] for rule in household["failed"]]
    }
    assert failed == {"H2"}
    assert "Looked-after children who live there: 2." in flat(pair)
    assert "quiet_there" in policy
    assert "most_looked_after_there" in policy


def test_a_criterion(answers: Callable[..., Answers]) -> None:
    commands = ["explain", DATA, "R1", "H5"], ["policy"]
    (_, pair, _), (_, policy, _) = answers("Add a criterion", 2, *commands)
    assert "Bedrooms that are free for the family:" in flat(pair)
    assert "second_room" in policy


def test_a_column_with_a_criterion(answers: Callable[..., Answers], tmp_path: Path) -> None:
    data = with_column(tmp_path / "data", "quiet_rooms", {"H5": "2"})
    commands = ["explain", data, "R1", "H5"], ["check", DATA], ["template", "--out", "t.xlsx"]
    (_, pair, _), *_ = answers("Add a column", 4, *commands)
    assert "Quiet rooms: 2." in flat(pair)


def test_a_duty(answers: Callable[..., Answers], tmp_path: Path) -> None:
    data = with_column(tmp_path / "data", "bedrooms", {})
    (tmp_path / "data/events.csv").write_text(
        "request_id,event,on,by\nR1,second_parent_hopes,2026-11-20,team manager\n", "utf-8"
    )
    commands = ["round", data, "--no-report", "--out", "o"], ["calendar", data], ["policy"]
    _, (_, calendar, _), (_, policy, _) = answers("Add a duty", 3, *commands)
    record = json.loads((tmp_path / "o/round.json").read_text("utf-8"))
    found = [
        d for r in record["requests"] for d in r["duties"] if d["duty"] == "second_parent_hopes"
    ]
    assert len(found) == len(record["requests"])
    assert {duty["status"] for duty in found} <= {"done", "open", "overdue", "not_needed"}
    still = any(duty["due"] for duty in found)
    assert ("Ask the second parent what they hope for." in flat(calendar)) == still
    assert "What a second parent hopes for is known." in policy
    assert "hopes_days" in policy


def test_a_command(answers: Callable[..., Answers]) -> None:
    commands = ["greet"], ["greet", "--json"], ["--help"]
    (_, text, _), (_, machine, _), (_, help_, _) = answers("Add a command", 1, *commands)
    assert text == "Good morning.\n"
    assert json.loads(machine) == {"greeting": "Good morning."}
    assert "Greet whoever is there." in help_


def test_an_output_format(answers: Callable[..., Answers], tmp_path: Path) -> None:
    answers("Add an output format", 2, ["round", DATA, "--out", "o"])
    record = json.loads((tmp_path / "o/round.json").read_text("utf-8"))
    lines = (tmp_path / "o/proposals.jsonl").read_text("utf-8").splitlines()
    proposed = [r["request_id"] for r in record["requests"] if r["proposal"]]
    assert [json.loads(line)["request_id"] for line in lines] == proposed
    manifest = json.loads((tmp_path / "o/manifest.json").read_text("utf-8"))
    assert "proposals.jsonl" in [entry["name"] for entry in manifest["files"]]


def test_every_recipe_is_followed() -> None:
    texts = (Path(__file__).with_name(name) for name in ("test_recipes.py", "test_stranger_aim.py"))
    followed = " ".join(text.read_text("utf-8") for text in texts)
    assert [title for title in recipes() if f'("{title}", ' not in followed] == []
