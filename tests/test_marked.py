"""The marked workbook says what was read and what is wrong; a mend changes its cell and no other."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from builders import a_carer, a_household, a_request, one_pair, write_tables
from matcher.cli import run
from matcher.enter.mends import mended
from matcher.errors import wrong_cell
from matcher.intake.files import Findings, read_tables
from matcher.report.template import template

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "data" / "samples"


def notes(book: Path) -> dict[str, str]:
    """The notes of a workbook's cells below the headings, by sheet and cell: 'requests C2'."""
    found = {}
    with ZipFile(book) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    names = re.findall(r'<sheet name="([^"]+)"', parts["xl/workbook.xml"])
    for number, name in enumerate(names, start=1):
        links = parts.get(f"xl/worksheets/_rels/sheet{number}.xml.rels", "")
        for part in re.findall(r"comments\d+\.xml", links):
            for place, text in re.findall(
                r'<comment ref="([A-Z]+\d+)".*?<t[^>]*>(.*?)</t>', parts[f"xl/{part}"], re.DOTALL
            ):
                if not place.endswith("1") or place[-2:].isdigit():
                    found[f"{name} {place}"] = text
    return found


@pytest.mark.parametrize("data", ["camden", "camden.xlsx"])
def test_a_marked_copy_of_clean_tables_makes_the_same_round(data: str, tmp_path: Path) -> None:
    marked = tmp_path / "marked.xlsx"
    assert run(["check", str(SAMPLES / data), "--out", str(marked), "--quiet"]) == 0
    made = tmp_path / "made"
    assert run(["round", str(marked), "--no-report", "--out", str(made), "--quiet"]) == 0
    golden = ROOT / "reports" / "camden" / "round.json"
    assert (made / "round.json").read_bytes() == golden.read_bytes()


def test_every_fault_has_its_cell_and_its_note(tmp_path: Path, capsys) -> None:
    tables = one_pair(
        a_request(purpose="walk", needed_from="31/02/2026", languages="som; gobbledygook"),
        a_household(bedrooms="many"),
        [a_carer(household_id="H9")],
    )
    marked = tmp_path / "marked.xlsx"
    data = write_tables(tmp_path / "data", tables)
    assert run(["check", str(data), "--out", str(marked)]) == 2
    assert f"They are marked in {marked}." in capsys.readouterr().err
    found = notes(marked)
    columns = ["purpose", "needed_from", "languages", "bedrooms", "household_id"]
    assert len(found) == len(columns), sorted(found)
    assert all(place.split()[1].endswith("2") for place in found)
    with_problem = {place: text for place, text in found.items() if "There is no such day." in text}
    assert [place.split()[0] for place in with_problem] == ["requests"]
    # The faults are still there, and the clean cells too: nothing was mended, nothing lost.
    assert run(["check", str(marked), "--json"]) == 2
    again = capsys.readouterr().out
    assert all(f'"column": "{column}"' in again for column in columns)
    lines = read_tables(marked, Findings([], []))["requests"]
    assert lines.cells["languages"] == ["som; gobbledygook"]
    assert lines.cells["request_id"] == ["R1"]


def test_a_marked_workbook_is_never_written_over_another(tmp_path: Path) -> None:
    marked = tmp_path / "marked.xlsx"
    marked.write_text("somebody's own")
    data = write_tables(tmp_path / "data", one_pair())
    assert run(["check", str(data), "--out", str(marked)]) == 0
    assert marked.read_text() == "somebody's own"
    assert (tmp_path / "marked-2.xlsx").exists()


def test_of_a_folder_every_other_cell_stays_as_it_is(tmp_path: Path) -> None:
    tables = one_pair(a_request(languages="som; gobbledygook", note_of_ours="as, it is"))
    data = write_tables(tmp_path / "data", tables)
    found = read_tables(data, Findings([], []))
    fault = replace(wrong_cell("requests", 2, "languages", "gobbledygook", "?", ""), mend="eng")
    files, made = mended(data, found, [fault])
    assert [each.text for each in made] == ["som; eng"]
    assert {path.name for path in files} == {
        "requests.csv",
        "households.csv",
        "carers.csv",
        "round.toml",
    }
    assert {path.parent for path in files} == {tmp_path / "data-2"}
    with (data / "requests.csv").open(encoding="utf-8", newline="") as file:
        before = list(csv.reader(file))
    (new,) = (content for path, content in files.items() if path.name == "requests.csv")
    after = list(csv.reader(new.decode("utf-8-sig").splitlines()))
    at = before[0].index("languages")
    assert after[1][at] == "som; eng"
    before[1][at] = after[1][at]
    assert after == before


def test_of_a_workbook_all_else_stays_in_it(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    row = {"request_id": "R1", "purpose": "Walk", "languages": "som"}
    book.write_bytes(template({"requests": [row]}))
    found = read_tables(book, Findings([], []))
    fault = replace(wrong_cell("requests", 2, "purpose", "Walk", "?", ""), mend="support")
    files, _ = mended(book, found, [fault])
    ((path, content),) = files.items()
    assert path == tmp_path / "book-2.xlsx"
    path.write_bytes(content)
    again = read_tables(path, Findings([], []))["requests"]
    changed = {c for c in again.cells if again.cells[c] != found["requests"].cells[c]}
    assert changed == {"purpose"}
    assert again.cells["purpose"] == ["support"]
    with ZipFile(book) as old, ZipFile(path) as new:
        assert set(old.namelist()) == set(new.namelist())


def test_what_is_not_certain_is_not_mended(tmp_path: Path) -> None:
    data = write_tables(tmp_path / "data", one_pair(a_request(purpose="walk")))
    fault = wrong_cell("requests", 2, "purpose", "walk", "?", "Did you mean support?")
    assert mended(data, read_tables(data, Findings([], [])), [fault]) == ({}, [])
    other = replace(fault, value="talk", mend="support")  # not what the cell says
    assert mended(data, read_tables(data, Findings([], [])), [other]) == ({}, [])
