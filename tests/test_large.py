"""A round too large to be read family by family: summed up for people, whole for machines."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from builders import a_carer, a_household, a_request, write_tables
from matcher import eligibility, recorder
from matcher.cli import run
from matcher.cores import share_out
from matcher.report import figures, page, summary, view
from test_report import (
    CAMDEN,
    Made,
    Page,
    cell_words,
    chromium,
    made_round,
    self_contained,
    sheet_xml,
    solved_round,
    tells,
    violations,
    where_words,
    wide,
    withheld,  # noqa: F401
)

NEAR = (view.BEST_SHOWN, view.NEAREST_TOLD)
SHEETS = [
    "About", "Alerts", "Proposals", "To do", "Screening", "Ranked", "Ineligible",
    "What it would take", "Households", "Single changes", "Policy", "Declines", "Decline reasons",
    "Rules in question", "Who waits", "Between groups", "Envy",
]  # fmt: skip
_MADE: dict[str, Made] = {}


@pytest.fixture
def region(tmp_path_factory, capsys):
    """A sample with more requests than a report shows one by one."""
    if "region" not in _MADE:
        folder = tmp_path_factory.mktemp("region")
        asked = ["--requests", "210", "--households", "300", "--seed", "4"]
        assert run(["sample", "london", *asked, "--out", str(folder / "data"), "--quiet"]) == 0
        _MADE["region"] = made_round(folder / "data", folder / "out", capsys)
    return _MADE["region"]


@pytest.fixture
def few(monkeypatch):
    """From four requests on, a round is large."""
    monkeypatch.setattr(view, "MANY_REQUESTS", 3)


def crowded(folder: Path) -> Path:
    """Ten families for three households: R0 is held back, three are confirmed, six wait."""
    homes = ("H1", "H2", "H3")
    decided = {"decision": "confirmed", "decided_on": "2026-11-20", "decided_by": "team manager"}
    tables = {
        "requests": [
            a_request("R0", parent_agrees="no"),
            *(a_request(f"R{at}", home_postcode="NW5") for at in range(1, 10)),
        ],
        "households": [a_household(name) for name in homes],
        "carers": [a_carer(name, approved="" if name == "H3" else "yes") for name in homes],
        "decisions": [
            {"request_id": f"R{at}", "household_id": f"H{at}", **decided} for at in (1, 2, 3)
        ],
    }
    return write_tables(folder, tables)


def files(made: Made) -> dict[str, bytes]:
    found = sorted(path for path in made.out.rglob("*") if path.is_file())
    return {path.relative_to(made.out).as_posix(): path.read_bytes() for path in found}


def rows_of(page: Page, caption: str) -> list[list[str]]:
    (table,) = [each for each in page.tables if each.caption.startswith(caption)]
    return table.rows[1:]


def test_a_large_round_is_written_as_a_small_one(region, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(view, "MANY_REQUESTS", 10_000)
    small = made_round(region.data, tmp_path / "small", capsys)
    assert files(small)["round.json"] == files(region)["round.json"]
    assert small.said.count("\n") > 1000, "the other one is a small round"


def test_forked_or_not_the_files_are_the_same(region, tmp_path, capsys, monkeypatch):
    for module in (recorder, eligibility):
        here = lambda parts, work, fork=True: share_out(parts, work, fork=False)  # noqa: E731
        monkeypatch.setattr(module, "share_out", here)
    assert files(made_round(region.data, tmp_path / "alone", capsys)) == files(region)


def test_every_proposal_is_on_the_page_and_in_the_workbook(region):
    asked = region.for_people["requests"]
    told = [
        (r["request_id"], p["household_id"], f"{p['fit']:.2f}", "–" if p["rank"] is None else str(p["rank"]))
        for r in asked
        if (p := r["proposal"])
    ]  # fmt: skip
    rows = rows_of(region.page, "All requests")
    assert [row[0] for row in rows] == [r["request_id"] for r in asked]
    proposed = [row for row in rows if row[2] == "proposed"]
    assert [(row[0], row[3].split()[0], *row[4:6]) for row in proposed] == told
    assert any(row[3].endswith(" (profile stale)") for row in proposed)
    sheets = wide(region.out / "matches.xlsx")
    assert [(row[0], row[3], f"{row[4]:.2f}") for row in sheets["Proposals"][1:] if row[3]] == [
        each[:3] for each in told
    ]
    proposed = [(row[0], row[2]) for row in sheets["Ranked"][1:] if row[3] == "yes"]
    ranked = {each[:2] for each in told if each[3] != "–"}
    assert set(proposed) == ranked
    assert {row[0] for row in rows_of(region.page, "Households that are proposed")} == {
        each[1] for each in told
    }


def test_a_family_that_waits_has_a_line_and_a_page(region):
    paper = region.page
    waits = [r for r in region.for_people["requests"] if r["outcome"] == "unplaced"]
    assert waits
    pages = [words.strip() for level, words in paper.headings if level == 3 and words[0] == "R"]
    lines = [row[0] for row in rows_of(paper, "Families that wait")]
    assert len(pages) == page.MOST_PAGES < len(region.record["requests"])
    assert set(pages[: len(waits)]) == {request["request_id"] for request in waits}
    assert lines == pages[: min(len(waits), summary.MOST_WAITING)]
    assert re.findall(r"^  (R\d+) +needed", region.said, re.MULTILINE) == lines
    told = paper.said
    for request in waits:
        assert all(line.sentence in told for line in region.lines[request["request_id"]])


def test_the_numbers_add_up(region):
    counts, page = region.record["counts"], region.page
    held = counts["requests"] - counts["matchable"]
    for caption in ("What came out, by when", "What came out, by the region"):
        *rows, last = [[int(n) for n in row[1:]] for row in rows_of(page, caption)]
        assert last == [sum(column) for column in zip(*rows, strict=True)]
        assert (last[0], last[1], last[2], sum(last[3:])) == (
            counts["requests"], counts["proposed"], counts["unplaced"], held,
        )  # fmt: skip
    sheets = wide(region.out / "matches.xlsx")
    tasks = rows_of(page, "Open tasks")
    assert sum(int(row[2]) for row in tasks) == len(sheets["To do"]) - 1
    assert sum(int(row[1]) for row in rows_of(page, "How the proposed")) == counts["proposed"]
    assert {(row[0], int(row[2])) for row in sheets["About"][1:-1]} == {
        (name, len(rows) - 1) for name, rows in sheets.items() if name != "About"
    }


def test_the_workbook_keeps_the_best_of_each_family(region):
    sheets = wide(region.out / "matches.xlsx")
    assert list(sheets) == SHEETS
    best, near = NEAR
    for request in region.for_people["requests"]:
        name, proposal = request["request_id"], request["proposal"]
        chosen = proposal["household_id"] if proposal and proposal["rank"] else None
        listed = [row[2] for row in sheets["Ranked"][1:] if row[0] == name]
        first = [each["household_id"] for each in request["ranked"][:best]]
        assert listed == first + [chosen] * (chosen is not None and chosen not in first)
        waits = request["outcome"] == "unplaced"
        listed = {row[1] for row in sheets["Ineligible"][1:] if row[0] == name}
        assert listed == {e["household_id"] for e in request["ineligible"][: near if waits else 0]}
    assert len(sheets["Households"]) == region.record["counts"]["households"] + 1
    for name, xml in sheet_xml(region.out / "matches.xlsx").items():
        assert 'state="frozen"' in xml, name


def test_the_page_of_a_large_round_is_for_everyone(few, tmp_path, capsys):
    made = made_round(CAMDEN, tmp_path / "out", capsys)
    self_contained(made.page)
    assert all(table.caption.strip() for table in made.page.tables)
    assert made.page.all("details")
    assert violations(tmp_path, made.out / "report.html") == []


def test_a_large_round_prints_on_few_pages(region, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext on this machine: the printed page was not read")
    paper = tmp_path / "report.pdf"
    chromium(tmp_path, region.out / "report.html", f"--print-to-pdf={paper}")
    done = subprocess.run(["pdftotext", "-layout", paper, "-"], capture_output=True, check=True)
    pages = done.stdout.decode("utf-8").split("\f")[:-1]
    assert 5 < len(pages) < 60, "210 families: fonts move it by a few"
    assert all(page.strip() for page in pages), "an empty page"


def test_the_terminal_is_told_what_comes_first(region, tmp_path, capsys):
    assert region.said.count("\n") < 200
    assert "report.html and matches.xlsx" in region.said
    capsys.readouterr()
    command = ["round", str(region.data), "--out", str(tmp_path / "o"), "--no-report", "--quiet"]
    assert run(command) == 0
    said = capsys.readouterr().out
    assert "matches.xlsx" not in said, "it is not written"
    assert "round.json" in said


def test_what_is_cut_says_how_much_and_where(few, tmp_path, capsys, monkeypatch):
    for name in ("MOST_ALERTS", "MOST_WAITING", "MOST_LOW"):
        monkeypatch.setattr(summary, name, 2)
    monkeypatch.setattr(page, "MOST_PAGES", 4)
    made = made_round(crowded(tmp_path / "data"), tmp_path / "out", capsys)
    sheets = wide(made.out / "matches.xlsx")
    alerts = [row[1] for row in sheets["Alerts"][1:] if row[0] == "Alert"]
    left = f"and {len(alerts) - 2} more, in matches.xlsx"
    assert len(alerts) > 3
    assert left in made.said
    assert left in made.page.said
    assert all(alert in made.page.said for alert in alerts[:2])
    assert alerts[2] not in made.page.said
    assert "R3 is confirmed" in alerts[0], "what breaks a rule comes before what is open"
    assert "and 4 more, in matches.xlsx" in made.said, "two of six families that wait are named"
    assert "Families that wait (4 more are in matches.xlsx)" in made.page.said
    assert "4 of 10 requests have a page here" in made.page.said


def test_those_who_need_attention_come_first(few, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(page, "MOST_PAGES", 8)
    made = made_round(crowded(tmp_path / "data"), tmp_path / "out", capsys)
    pages = [words for level, words in made.page.headings if level == 3 and words.startswith("R")]
    assert pages[:7] == [*(f"R{at} " for at in range(4, 10)), "R1 "]


@pytest.mark.clause("PC-5.3d")
def test_a_large_round_tells_of_no_hidden_place(withheld, few, tmp_path, capsys):  # noqa: F811
    hidden, _ = where_words(solved_round(withheld.data))
    made = made_round(withheld.data, tmp_path / "out", capsys)
    sheets = wide(made.out / "matches.xlsx")
    assert list(sheets) == [name for name in SHEETS if name in sheets]
    for text in (made.page.said, cell_words(made.out / "matches.xlsx"), made.said):
        assert tells(text, hidden) == []
    shown = [row for row in sheets["Ranked"][1:] if view.NOT_SHOWN in row]
    assert len(shown) > 5


def test_a_crowded_map_is_left_out_and_the_page_says_so(withheld, tmp_path, capsys, monkeypatch):  # noqa: F811
    for module in (figures, page):
        monkeypatch.setattr(module, "MOST_DOTS", 5)
    made = made_round(withheld.data, tmp_path / "out", capsys)
    assert "map.png" not in {path.name for path in (made.out / "figures").iterdir()}
    assert "The map is left out: 6 households would hide each other." in made.page.said
