"""Folders as people have them: what is above headings, beside the tables, and what is no file at all."""

from __future__ import annotations

import csv
import os
import socket
from pathlib import Path

import pytest

from builders import a_carer, write_tables
from matcher import loading
from matcher.cli import run
from matcher.errors import Fault, WrongInput
from matcher.intake import disk, files, settings
from matcher.intake.inputs import Inputs
from matcher.sizes import DEEPEST_SETTINGS, LARGEST_SETTINGS, MOST_ROWS, MOST_TOLD
from test_input import TODAY, good


def folder(path: Path) -> Path:
    return write_tables(path, good(), TODAY)


def read(path: Path) -> Inputs:
    return loading.load(path, None, None)[0]


def faults(path: Path) -> list[Fault]:
    try:
        read(path)
    except WrongInput as error:
        return list(error.faults)
    return []


def carers_with(path: Path, before: str, separator: str = ",") -> Path:
    """A good folder, with something before the headings of carers.csv."""
    folder(path)
    table = path / "carers.csv"
    with table.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file))
    with table.open("w", encoding="utf-8", newline="") as file:
        file.write(before)
        csv.writer(file, delimiter=separator).writerows(lines)
    return path


# --- What people have


@pytest.mark.parametrize(
    ("line", "separator"),
    [("sep=,\n", ","), ("sep=;\r\n", ";"), ('"sep=\t"\n', "\t"), ("SEP=|\n", "|")],
)
def test_a_line_for_excel_is_passed_over_and_said(tmp_path, line, separator):
    read(carers_with(tmp_path, line, separator))
    (warning,) = read(tmp_path).warnings
    said = line.strip().strip('"').replace("\t", "TAB")
    assert (warning.table, warning.problem) == (
        "carers",
        f"Its first line, '{said}', was passed over.",
    )


def test_a_line_for_excel_that_is_wrong_is_not_believed(tmp_path):
    (warning,) = read(carers_with(tmp_path, "sep=;\n", ",")).warnings
    assert "'sep=;', was passed over" in warning.problem


@pytest.mark.parametrize("separator", ",;\t")
def test_a_title_above_the_headings_is_passed_over_and_said(tmp_path, separator):
    carers_with(tmp_path, "Carers, week of 23 November; all\n\n", separator)
    (warning,) = read(tmp_path).warnings
    assert (warning.row, "row 3" in warning.problem) == (1, True)
    (tmp_path / "carers.csv").write_text(
        (tmp_path / "carers.csv").read_text("utf-8").replace("yes", "perhaps"), "utf-8"
    )
    assert {(f.row, f.column) for f in faults(tmp_path)} == {(4, "approved"), (5, "approved")}


def test_a_row_of_data_is_never_taken_for_the_headings(tmp_path):
    # One cell of it has the name of a column.
    tables = good()
    tables["carers"] = [a_carer("H1", religion="status"), a_carer("H2")]
    found = faults(write_tables(tmp_path, tables, TODAY))
    assert [(f.row, f.column) for f in found] == [(2, "religion")]


@pytest.mark.parametrize(
    "name",
    [
        "round.toml.txt",
        "round (1).toml",
        "Round - Copy.TOML",
        "rounds.toml",
        "round.tml",
        "Copy of round.toml",
        "round_toml",
        "round.yaml",
        "my-round.toml",
        "round.toml.bak",
    ],
)
@pytest.mark.parametrize("beside", [True, False])
def test_settings_under_nearly_the_right_name_are_told(tmp_path, name, beside):
    folder(tmp_path)
    (tmp_path / name).write_text("as_of = 2020-01-01\n")
    if not beside:
        (tmp_path / "round.toml").unlink()
    told = [w for w in loading.load(tmp_path, "2026-11-23", None)[0].warnings if w.table == name]
    assert [w.fix for w in told] == ["Did you mean round.toml?"]


@pytest.mark.parametrize(
    "name", ["scenarios.toml", "policy.toml", "about.md", "notes.txt", "this round.txt"]
)
def test_files_that_nobody_takes_for_settings_are_not_told(tmp_path, name):
    folder(tmp_path)
    (tmp_path / name).write_text("")
    assert read(tmp_path).warnings == ()


@pytest.mark.parametrize("twice", ["ROUND.TOML", "Requests.csv"])
def test_the_same_file_twice_is_a_fault(tmp_path, twice):
    folder(tmp_path)
    (tmp_path / twice).write_bytes((tmp_path / twice.lower()).read_bytes())
    assert "twice" in faults(tmp_path)[0].problem


def test_a_workbook_beside_the_tables_says_which_is_read(tmp_path):
    folder(tmp_path)
    (tmp_path / "requests.xlsx").write_bytes(b"PK")
    (warning,) = read(tmp_path).warnings
    assert "requests.csv counts" in warning.fix


def test_a_character_that_no_text_has_hides_no_other_fault(tmp_path):
    tables = good()
    tables["households"][0]["team"] = "North\x02"
    tables["households"][1]["status"] = "retired"
    found = faults(write_tables(tmp_path, tables, TODAY))
    assert [(f.row, f.column) for f in found] == [(2, "team"), (3, "status")]


# --- What takes more than it may


def no_file(path: Path, kind: str) -> None:
    if kind == "a pipe":
        os.mkfifo(path)
    elif kind == "a device":
        path.symlink_to("/dev/zero")
    else:
        with socket.socket(socket.AF_UNIX) as listening:
            here = Path.cwd()
            os.chdir(path.parent)  # a socket's path is short
            listening.bind(path.name)
            os.chdir(here)


@pytest.mark.parametrize("kind", ["a pipe", "a device", "a socket"])
@pytest.mark.parametrize("name", ["round.toml", "decisions.csv"])
def test_what_is_no_file_is_a_fault_at_once(tmp_path, name, kind):
    folder(tmp_path)
    (tmp_path / name).unlink()
    no_file(tmp_path / name, kind)
    (fault,) = faults(tmp_path)
    assert fault.table == name.removesuffix(".csv")
    assert fault.fix == "Put the file itself there."


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "DATA", "--policy", "pipe"),
        ("verify", "DATA", "pipe"),
        ("round", "DATA", "--keep", "pipe"),
        ("explain", "DATA", "R1", "--round", "pipe"),
        ("whatif", "DATA", "pipe"),
    ],
)
def test_no_command_waits_for_a_pipe(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    folder(tmp_path / "DATA")
    os.mkfifo("pipe")
    assert run([*arguments, "--quiet"]) == 2


def test_no_command_waits_for_a_manifest_that_is_a_pipe(tmp_path):
    data = folder(tmp_path / "DATA")
    (tmp_path / "out").mkdir()
    os.mkfifo(tmp_path / "out" / "manifest.json")
    arguments = ["round", data, "--out", tmp_path / "out", "--no-report", "--quiet"]
    assert run([str(each) for each in arguments]) == 2


@pytest.mark.parametrize(("size", "refused"), [(9, False), (10, True)])
def test_a_file_is_read_up_to_its_size_and_no_further(tmp_path, size, refused):
    path = tmp_path / "a"
    path.write_bytes(b"x" * size)
    if refused:
        with pytest.raises(OSError, match="larger than"):
            disk.read_file(path, 9)
    else:
        assert disk.read_file(path, 9) == b"x" * size


def nested(depth: int) -> str:
    return "x = " + "{a=" * depth + "1" + "}" * depth


DEEP = {
    "tables within tables": (nested(DEEPEST_SETTINGS - 1), nested(DEEPEST_SETTINGS)),
    "a name with dots": (f"{'a.' * (DEEPEST_SETTINGS - 1)}b = 1", f"{'a.' * DEEPEST_SETTINGS}b = 1"),
    "a heading": (f"[{'a.' * (DEEPEST_SETTINGS - 2)}b]", f"[{'a.' * DEEPEST_SETTINGS}b]"),
    "lists": ("x = []", "x = " + "[" * 100_000),
    "a name that never ends": ("a = 1", "a." * (LARGEST_SETTINGS // 2 - 9) + "b = 1"),
    "names that never end": ("a = 1", ('"a b" . ' * 999 + "b = 1\n") * 60),
    "a long file": ("#" * LARGEST_SETTINGS, "#" * (LARGEST_SETTINGS + 1)),
}  # fmt: skip


@pytest.mark.parametrize("kind", DEEP)
def test_settings_that_are_too_deep_or_too_long_are_refused(tmp_path, kind):
    good, bad = DEEP[kind]
    path = tmp_path / "round.toml"
    for text, expected in ((good, 0), (bad, 1)):
        path.write_text(text)
        found: list[Fault] = []
        settings.read_toml(path, "round.toml", found)
        assert len(found) == expected


@pytest.mark.parametrize(("blank", "refused"), [(1_000_000, False), (MOST_ROWS, True)])
def test_a_million_blank_rows_are_read(tmp_path, blank, refused):
    folder(tmp_path)
    with (tmp_path / "decisions.csv").open("a") as file:
        file.write("\n" * blank)
    assert len(faults(tmp_path)) == refused


def test_a_table_of_too_many_cells_is_refused(tmp_path, monkeypatch):
    folder(tmp_path)
    (tmp_path / "keep_apart.csv").unlink()
    lines = (tmp_path / "requests.csv").read_text("utf-8").splitlines()
    cells = sum(line.count(",") + 1 for line in lines)
    for most, refused in ((cells, 0), (cells - 1, 1)):
        monkeypatch.setattr(files, "LARGEST_AREA", most)
        assert len([f for f in faults(tmp_path) if f.table == "requests"]) == refused


def test_of_many_strange_files_some_are_named_and_the_rest_counted(tmp_path):
    folder(tmp_path)
    for number in range(MOST_TOLD + 2):
        (tmp_path / f"f{number:03}.csv").touch()
    warnings = read(tmp_path).warnings
    assert len(warnings) == MOST_TOLD + 1
    assert any("2 more files" in warning.problem for warning in warnings)
