"""Whatever an input holds: nothing that can't be printed reaches a terminal, no cell is a formula."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from xlsxwriter import Workbook

from builders import a_carer, a_household, a_request, one_pair, write_tables
from matcher import cli
from matcher.cli.guard import escaped
from matcher.history.entries import ROUND as ENTRY_OF_ROUND
from matcher.history.entries import following
from matcher.history.store import open_store
from matcher.intake.formulas import csv_text, inert, typed
from matcher.intake.rows import TABLES, headings
from matcher.words import one_line, printable

FORGED = "Verified: everything"
PLANT = f"\x1b[2J\x07\u202e\u200b\r\n{FORGED}"  # clears, rings, turns, hides, begins a line
NOTE = f"note \u202e\u200b\r\n{FORGED}"  # what a free text may hold
DAY = "as_of = 2026-11-23\n"
Said: TypeAlias = Callable[..., tuple[int, str]]


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a command: its exit status and all it said, which must be clean, also as JSON."""

    def run(*arguments: str | Path) -> tuple[int, str]:
        for more in ([], ["--json"]):
            capsys.readouterr()
            status = cli.run([*map(str, arguments), *more])
            out, err = capsys.readouterr()
            told = out + err
            assert status in (0, 2, 3), told
            assert not [c for c in told if not c.isprintable() and c != "\n"], (arguments, told)
            assert not [each for each in told.split("\n") if each.startswith(FORGED)], told
        return status, told

    return run


def tables() -> dict[str, list[dict[str, str | None]]]:
    """A round of two families, with a row in every table that its notes go into."""
    made = one_pair(
        a_request("R1", worker="AB"),
        a_household("H1", team="North"),
        [a_carer("H1"), a_carer("H2")],
        relationships=[{"request_id": "R1", "household_id": "H1", "kind": "known_to_family"}],
        decisions=[
            {
                "request_id": "R2",
                "household_id": "H1",
                "decision": "rule_out",
                "decided_on": "2026-11-20",
                "decided_by": "team manager",
                "note": NOTE,
            }
        ],
        events=[
            {
                "request_id": "R1",
                "event": "request_record",
                "on": "2026-11-20",
                "by": "SW",
                "note": NOTE,
            }
        ],
        risk_assessments=[
            {
                "request_id": "R1",
                "household_id": "H1",
                "outcome": "in_progress",
                "conditions": NOTE,
            }
        ],
    )
    made["requests"].append(a_request("R2"))
    made["households"].append(a_household("H2", team="North"))
    return made


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A good round whose free text and title have what is planted."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return write_tables(tmp_path / "data", tables(), f"{DAY}title = {toml(f'Title {PLANT}')}\n")


def toml(text: str) -> str:
    """Text as TOML has it."""
    return json.dumps(text)


def weekly(data: Path, *more: str | Path) -> Iterator[list[str | Path]]:
    """Every command that answers about a round."""
    yield ["check", data, *more]
    yield ["explain", data, "R1", *more]
    yield ["explain", data, "R1", "H1", *more]
    yield ["place", data, "R1", *more]
    yield ["whatif", data, "--every", "train", *more]
    yield ["documents", data, "R1", "H1", "--out", "documents", *more]
    yield ["calendar", data, "--out", "calendar", *more]


# --- Terminals --------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [name for name in TABLES if name != "steps"])
def test_no_cell_and_no_heading(data: Path, said: Said, table: str) -> None:
    """A row that has it in every column, of every kind; then a heading."""
    columns = list(headings(TABLES[table]))
    write_tables(data, {table: [dict.fromkeys(columns, PLANT)]}, DAY)
    assert said("check", data)[0] == 2
    write_tables(data, {table: [dict.fromkeys([*columns, PLANT, f"{columns[0]}{PLANT}"], "x")]})
    assert said("check", data)[0] == 2


def test_no_name_of_a_file_or_sheet(data: Path, said: Said, tmp_path: Path) -> None:
    (data / f"request{PLANT}.csv").write_text("x\n", "utf-8")
    assert said("check", data)[0] == 0
    book = tmp_path / f"book{PLANT}.xlsx"
    with Workbook(book) as made:
        made.add_worksheet("requests\u202e\u200b")
        made.add_worksheet("x\u200b").write(0, 0, PLANT)
    assert said("check", book)[0] == 2
    assert said("check", tmp_path / f"none{PLANT}")[0] == 2
    assert said("verify", data, tmp_path / f"none{PLANT}")[0] == 2
    broken = tmp_path / f"broken{PLANT}.toml"
    broken.write_text(f"x = {PLANT}", "utf-8")
    for option in (["policy", "--policy", broken], ["whatif", data, broken]):
        assert said(*option)[0] == 2
    assert said("standard", "import", broken)[0] == 2
    assert said("enter", data, broken)[0] == 2


@pytest.mark.parametrize(
    "settings",
    [
        f"title = {toml(PLANT)}",
        f"as_of = {toml(PLANT)}",
        f"authority = {toml(PLANT)}",
        f"{toml(PLANT)} = 1",
        f"policy = {toml(PLANT)}",
        f"[policy]\n{toml(PLANT)} = 1",
        f"[policy]\nname = {toml(PLANT)}",
        f"[policy]\nfar_miles = {toml(PLANT)}",
        f"[policy.{toml(PLANT)}]\nx = {toml(PLANT)}",
        f"x = {PLANT}",
    ],
)
def test_no_setting_of_a_round(data: Path, said: Said, settings: str) -> None:
    more = "" if "as_of" in settings else DAY
    (data / "round.toml").write_text(more + settings, "utf-8")
    for command in ("check", "round", "sufficiency", "equity", "simulate"):
        options = ["--years", "1"] if command == "simulate" else []
        said(command, data, *options)


@pytest.mark.parametrize(
    "policy",
    [
        f"name = {toml(f'P {PLANT}')}\nversion = {toml(f'1 {PLANT}')}\nturnaround_days = 8",
        f"name = {toml(PLANT)}",
        f"{toml(PLANT)} = {toml(PLANT)}",
        f"[may_accept]\nsafe_caring = {toml(f'manager {PLANT}: 7')}",
    ],
)
def test_no_policy(data: Path, said: Said, tmp_path: Path, policy: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(policy, "utf-8")
    for more in ([], ["--governance"], ["--coverage"], ["--out", "out"]):
        said("policy", "--policy", file, *more)
    for command in weekly(data, "--policy", file):
        said(*command)


@pytest.mark.parametrize(
    "scenario",
    [
        f"name = {toml(PLANT)}\nclose = ['H1']",
        f"close = [{toml(PLANT)}]",
        f"choose = [{toml(f'R1:{PLANT}')}]",
        f"{toml(PLANT)} = 1",
        f"add_household = {toml(PLANT.replace('/', ''))}",
        f"[set]\n{toml(f'H1.{PLANT}')} = 1",
        f"[set]\n'H1.team' = {toml(PLANT)}",
        f"[policy]\nname = {toml(PLANT)}",
        f"[weight]\n{toml(PLANT)} = 1",
    ],
)
def test_no_scenario(data: Path, said: Said, tmp_path: Path, scenario: str) -> None:
    file = tmp_path / "scenario.toml"
    file.write_text(scenario, "utf-8")
    said("whatif", data, file)


def planted(value: Any, keys: frozenset[str], at: str = "") -> Any:
    """JSON with it behind every text below a key of these, all where there are none; not the schema."""
    if isinstance(value, dict):
        return {key: planted(each, keys, key) for key, each in value.items()}
    if isinstance(value, list):
        return [planted(each, keys, at) for each in value]
    is_meant = isinstance(value, str) and at != "schema" and (at in keys or not keys)
    return value + PLANT if is_meant else value


@pytest.mark.parametrize(
    "keys",
    ["", "title", "version", "name", "request_id", "household_id", "to", "rule", "duty", "who"],
)
def test_no_text_of_a_round_json(data: Path, said: Said, tmp_path: Path, keys: str) -> None:
    assert said("round", data, "--no-report", "--out", tmp_path / "made")[0] == 0
    path = tmp_path / "made" / "round.json"
    record = json.loads(path.read_text("utf-8"))
    forged = planted(record, frozenset(keys.split()))
    path.write_text(json.dumps(forged, ensure_ascii=not keys), "utf-8")
    assert said("verify", data, path)[0] == 3
    for command in weekly(data, "--round", path):
        said(*command)
    said("round", data, "--keep", path, "--no-report")


def test_no_key_of_a_round_json(data: Path, said: Said, tmp_path: Path) -> None:
    assert said("round", data, "--no-report", "--out", tmp_path / "made")[0] == 0
    path = tmp_path / "made" / "round.json"
    honest = json.loads(path.read_text("utf-8"))
    for part in ("round", "counts", "certificate"):
        forged = {**honest, part: {**honest[part], PLANT: {PLANT: PLANT}}}
        path.write_text(json.dumps(forged), "utf-8")
        status, told = said("verify", data, path)
        assert status == 3
        assert "\ufffd[2J" in told  # it is named


def test_no_entry_of_a_history(data: Path, said: Said, tmp_path: Path) -> None:
    assert said("round", data, "--no-report", "--record", tmp_path / "h")[0] == 0
    store = open_store(str(tmp_path / "h"))
    with store.writing() as session:
        last = session.entries()[-1]
        content = {**planted(last.content, frozenset({"title", "version", "name"})), PLANT: PLANT}
        time = datetime(2026, 11, 24, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        session.add(following(last, ENTRY_OF_ROUND, time, content), b"{}")
    for command in (["list"], ["show", "1"], ["show", str(last.number + 1)], ["compare"]):
        assert said("history", *command, "--store", tmp_path / "h")[0] in (0, 3)
    assert said("history", "verify", "--store", tmp_path / "h")[0] in (0, 3)


def test_no_record_of_the_standard_and_no_tick(data: Path, said: Said, tmp_path: Path) -> None:
    record = {"@type": "Placement", "childId": f"C1{PLANT}", PLANT: PLANT, "purpose": PLANT}
    file = tmp_path / "records.json"
    file.write_text(json.dumps({"@graph": [record, {**record, "childId": "C2"}]}), "utf-8")
    said("standard", "import", file, "--out", tmp_path / "taken")
    ticks = tmp_path / "ticks.csv"
    for heading in ("Proposals", PLANT):
        lines = [["Request", "Household", "Decision", "Decided by", "Decided on", "Note", heading]]
        lines += [["R1", "H1", "choose", f"TM{PLANT}", "23/11/2026", PLANT, PLANT], [PLANT] * 7]
        with ticks.open("w", encoding="utf-8", newline="") as out:
            csv.writer(out).writerows(lines)
        said("enter", data, ticks)


@pytest.mark.parametrize("option", ["--as-of", "--policy", "--out", "--round", "--train", PLANT])
def test_no_argument(data: Path, said: Said, option: str) -> None:
    said("explain", data, PLANT)
    said("explain", data, "R1", f"H1{PLANT}")
    said("whatif", data, option, PLANT)
    said("round", data, option, PLANT.replace("\n", ""), "--top", "1")
    said(PLANT)


def test_json_says_the_same_with_what_can_not_be_printed_by_its_number() -> None:
    record = {"a\x7f": "\u202e\U000e0001\u200b é 🙂\x1b\n"}
    safe = escaped(json.dumps(record, ensure_ascii=False, indent=1))
    assert json.loads(safe) == record
    assert safe.replace("\n", "").isprintable()
    assert "é 🙂" in safe


@pytest.mark.parametrize(
    ("text", "line", "lines"),
    [
        ("a b", "a b", "a b"),
        ("a  b", "a  b", "a  b"),  # as it is
        ("a\nb", "a b", "a\nb"),
        ("a\x1b[2Jb", "a\ufffd[2Jb", "a\ufffd[2Jb"),
        ("a\u202eb\u200bc\xad", "a\ufffdb\ufffdc\ufffd", "a\ufffdb\ufffdc\ufffd"),
        ("", "", ""),
    ],
)
def test_what_is_printed(text: str, line: str, lines: str) -> None:
    assert one_line(text) == line
    assert printable(text) == lines


# --- Formulas ---------------------------------------------------------------------------------

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "  =1",
    "＝1+1",
    "+44 20",
]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        *((each, f"'{each}") for each in FORMULAS),
        ("-2", "-2"),  # a number
        ("+2.50", "+2.50"),
        ("a=1", "a=1"),
        ("", ""),
        ("2026-11-23", "2026-11-23"),
        ("'quoted", "'quoted"),
    ],
)
def test_a_cell_of_csv_is_no_formula(cell: str, written: str) -> None:
    assert inert(cell) == written
    assert typed(written) == cell
    read = csv.reader(io.StringIO(csv_text([[cell, "x"]]), newline=""))
    assert list(read) == [[written.replace("\r", "\n"), "x"]]


def test_an_id_that_looks_like_a_formula_stays_the_same_id(data: Path, said: Said) -> None:
    """It is marked as text wherever it is written, and read back as it was."""
    made = one_pair(a_request("=R1"), a_household("@H1"), [a_carer("@H1")])
    write_tables(data, made, DAY)
    ticks = data.parent / "ticks.csv"
    ticks.write_text(
        "Request,Household,Decision,Decided by,Decided on,Note\n=R1,@H1,choose,TM,23/11/2026,=1+1\n"
    )
    shutil.rmtree(data / "x", ignore_errors=True)
    for name in ("decisions", "events", "relationships", "risk_assessments"):
        (data / f"{name}.csv").unlink()
    assert cli.run(["enter", str(data), str(ticks), "--quiet"]) == 0
    assert "'=R1,'@H1" in (data / "decisions.csv").read_text("utf-8")
    assert "'=1+1" in (data / "decisions.csv").read_text("utf-8")
    assert said("check", data)[0] == 0


def formulas(folder: Path) -> Iterator[str]:
    """Every cell of the CSV and Excel files of a folder that a spreadsheet would work out."""
    for path in folder.rglob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                yield from (f"{path.name}: {cell}" for cell in row if inert(cell) != cell)
    for path in folder.rglob("*.xlsx"):
        with zipfile.ZipFile(path) as book:
            for part in book.namelist():
                if re.search(
                    r"<f[ >]|<hyperlink|externalLink|<ddeLink",
                    book.read(part).decode("utf-8", "replace"),
                ):
                    yield f"{path.name}: {part}"


def test_no_file_that_a_command_writes_has_a_formula(
    data: Path, said: Said, tmp_path: Path
) -> None:
    """Ids, teams, workers, roles, notes and a title, and the standard's records of others."""
    out = tmp_path / "out"
    bad = FORMULAS[0]
    made = {
        "requests": [a_request(bad, worker="+AB"), a_request("@R2", child_legal_status="s20")],
        "households": [a_household("-H1+1", team="=North"), a_household("@H2", team="+x")],
        "carers": [a_carer("-H1+1"), a_carer("@H2")],
        "decisions": [
            {
                "request_id": "@R2",
                "household_id": "@H2",
                "decision": "confirmed",
                "decided_on": "2026-11-20",
                "decided_by": "=TM()",
                "note": "@SUM(1)",
            }
        ],
    }
    for name in ("events", "relationships", "risk_assessments"):
        (data / f"{name}.csv").unlink()
    write_tables(data, made, f'{DAY}title = "=1+1"\n')
    (tmp_path / "own").mkdir()
    record = {
        "@type": "Placement",
        "childId": '=HYPERLINK("http://a")',
        "otherNeeds": "+1",
        "x": "=1",
    }
    (tmp_path / "own" / "records.json").write_text(
        json.dumps([record, {**record, "childId": "@a"}])
    )
    for command in (
        ["round", data, "--internal", "--out", out / "round"],
        ["calendar", data, "--out", out / "calendar"],
        ["sufficiency", data, "--out", out / "sufficiency"],
        ["equity", data, "--out", out / "equity"],
        ["standard", "export", data, "--out", out / "standard"],
        ["standard", "import", tmp_path / "own" / "records.json", "--out", out / "taken"],
        ["template", "--out", out / "template.xlsx"],
        ["sample", "camden", "--requests", "5", "--households", "9", "--out", out / "sample"],
        ["check", data, "--out", out / "check"],
        ["documents", data, "--out", out / "documents", "--", bad, "-H1+1"],
    ):
        assert cli.run([*map(str, command)]) in (0, 2), command
    books = {path.relative_to(out).as_posix() for path in out.rglob("*.xlsx")}
    assert {"round/matches.xlsx", "calendar/calendar.xlsx", "standard/placements.xlsx"} <= books
    assert (out / "taken" / "requests.csv").exists()
    assert list(formulas(out)) == []
