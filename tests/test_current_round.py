"""One current round: every answer is about the report on the table, or its first line says that not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from docx import Document
from python_calamine import CalamineWorkbook

from builders import a_household, write_tables
from matcher import cli
from test_kept import CROSSED, crossed

Said: TypeAlias = Callable[..., tuple[int, str, str]]
DAY = "2026-11-23"
SCHEMA_1 = Path(__file__).parent / "schema_1" / "round.json"
ASKED: dict[str, list[str]] = {
    "explain": ["R1"],
    "whatif": ["--how-sure"],
    "place": ["R1"],
    "documents": ["R1", "H2", "--out", "drafts"],
    "calendar": [],
}
COMMANDS = [*ASKED]
SOLVED = [name for name in COMMANDS if name != "explain"]  # whose --round is solved again


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Said:
    """Run a command: (exit status, standard output, standard error)."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.run([str(each) for each in arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: Said) -> Path:
    """A folder to work in: the tables of `data`, and in `X` their round, which keeps R1 with H2."""
    monkeypatch.chdir(tmp_path)
    write_tables(tmp_path / "data", crossed())
    earlier: dict[str, Any] = {
        "schema": "matcher.round/1",
        "round": {"as_of": "2026-11-16"},
        "requests": [
            {"request_id": name, "proposal": {"household_id": home}}
            for name, home in CROSSED.items()
        ],
    }
    Path("earlier.json").write_text(json.dumps(earlier), "utf-8")
    made = said("round", "data", "--keep", "earlier.json", "--no-report", "--quiet", "--out", "X")
    assert made[0] == 0
    return tmp_path


def lies_there() -> Path:
    """The round of `X`, in the default folder of its day."""
    return Path(shutil.copytree("X", Path("reports") / DAY))


def rewrite(file: str | Path, change: Callable[[dict[str, Any]], Any]) -> None:
    found = json.loads(Path(file).read_text("utf-8"))
    change(found)
    Path(file).write_text(json.dumps(found), "utf-8")


def home_of_r1(command: str, record: dict[str, Any]) -> str | None:
    """The household that an answer proposes for R1."""
    if command in ("explain", "place"):
        return str(record["proposal"]["household_id"])
    if command == "whatif":
        return next(e["household_id"] for e in record["proposals"] if e["request_id"] == "R1")
    if command == "calendar":
        (home,) = {
            each["household_id"]
            for each in record["tasks"]
            if each["request_id"] == "R1" and each["household_id"]
        }
        return str(home)
    file = next(path for path in record["written"] if path.endswith("match-record.docx"))
    proposed = "The round proposes this household." in paper(file)
    return "H2" if proposed else "H1"


def paper(file: str | Path) -> str:
    body = Document(str(file)).element.body
    return "".join(each.text or "" for each in body.iter() if each.tag.endswith("}t"))


# Which round


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("lies", "named", "home", "which"),
    [
        (False, ["--round", "X"], "H2", "About the round in X, made from the same data."),
        (False, ["--round", "X/round.json"], "H2", "About the round in X/round.json, made from the same data."),
        (True, [], "H2", f"About the round in reports/{DAY}, made from the same data."),
        (True, ["--as-of", DAY], "H2", f"About the round in reports/{DAY}, made from the same data."),
        (True, ["--as-of", "2026-11-24"], "H1", "About a round solved now."),
        (False, [], "H1", "About a round solved now."),
    ],
)  # fmt: skip
def test_every_command_answers_about_the_round_on_the_table(
    table: Path, said: Said, command: str, lies: bool, named: list[str], home: str, which: str
) -> None:
    if lies:
        lies_there()
    status, out, err = said(command, "data", *ASKED[command], *named, "--json")
    record = json.loads(out)
    assert (status, err.splitlines()[0]) == (0, which)
    assert home_of_r1(command, record) == home
    assert record["round"]["said"] == [which]
    rests_on = "now" if home == "H1" else "recorded" if command == "explain" and named and "--round" in named else "again"  # fmt: skip
    assert record["round"]["rests_on"] == rests_on
    assert (record["round"]["reasons"], record["round"]["other_proposals"]) == ([], [])
    assert said(command, "data", *ASKED[command], *named, "--quiet")[2] == ""


def test_the_round_of_a_workbook_and_of_its_tables_is_one(table: Path, said: Said) -> None:
    """What is solved again is compared by the tables, not by the files that they lie in."""
    lies_there()
    rows = (table / "data" / "households.csv").read_text("utf-8").splitlines()
    (table / "data" / "households.csv").write_text("\n".join([rows[0], *rows[:0:-1]]), "utf-8")
    assert said("explain", "data", "R1")[2] == (
        f"About the round in reports/{DAY}, made from the same data.\n"
    )


@pytest.mark.parametrize("command", COMMANDS)
def test_the_day_of_the_round_counts(table: Path, said: Said, command: str) -> None:
    made = said("round", "data", "--as-of", "2026-11-30", "--no-report", "--quiet", "--out", "D")
    assert made[0] == 0
    status, out, _ = said(command, "data", *ASKED[command], "--round", "D", "--json")
    record = json.loads(out)
    assert (status, record["round"]["as_of"], record["round"]["reasons"]) == (0, "2026-11-30", [])
    if command in ("place", "calendar"):
        assert record["as_of"] == "2026-11-30"
    elif command == "documents":
        assert any("30 November 2026" in paper(file) for file in record["written"])


# What is apart


def close_h2(folder: Path) -> None:
    homes = [a_household("H1"), a_household("H2", status="suspended"), a_household("H3")]
    write_tables(folder, {"households": homes})


def give_h3_a_bedroom(folder: Path) -> None:
    homes = [a_household("H1"), a_household("H2"), a_household("H3", bedrooms="3")]
    write_tables(folder, {"households": homes})


@pytest.mark.parametrize("command", SOLVED)
@pytest.mark.parametrize(
    ("change", "proposals"),
    [
        (
            close_h2,
            "R1 goes to H3, there to H2.",
        ),
        (give_h3_a_bedroom, "The proposals are the same."),
    ],
)
def test_a_round_whose_data_have_changed_is_solved_again_and_says_so(
    table: Path, said: Said, command: str, change: Callable[[Path], None], proposals: str
) -> None:
    change(table / "data")
    status, out, err = said(command, "data", *ASKED[command], "--round", "X")
    assert (status, err.splitlines()[0]) == (0, "About the round in X.")
    assert " ".join(out.split()).startswith(
        "This need not be what the round in X says: the data have changed since it was made. "
        + proposals
    )
    status, out, err = said(command, "data", *ASKED[command], "--round", "X", "--json")
    about = json.loads(out)["round"]
    assert (about["folder"], about["rests_on"], about["reasons"]) == ("X", "again", ["data"])
    others = [{"request_id": "R1", "in_folder": "H2", "here": "H3"}] if change is close_h2 else []
    assert about["other_proposals"] == others
    assert about["said"][1] in err.splitlines()
    quiet = said(command, "data", *ASKED[command], "--round", "X", "--quiet")
    assert quiet[2] == ""
    assert quiet[1].startswith("This need not be")


@pytest.mark.parametrize("command", COMMANDS)
def test_a_round_of_other_data_in_the_default_folder_is_not_what_is_told(
    table: Path, said: Said, command: str
) -> None:
    lies_there()
    give_h3_a_bedroom(table / "data")
    status, out, err = said(command, "data", *ASKED[command])
    where = f"the one in reports/{DAY}"
    assert (status, err.splitlines()[0]) == (0, f"About a round solved now, not {where}.")
    assert " ".join(out.split()).startswith(
        f"This is not about the round in reports/{DAY}: the data have changed since it was made. "
        "R1 goes to H1, there to H2; R2 goes to H2, there to H1."
    )
    about = json.loads(said(command, "data", *ASKED[command], "--json", "--quiet")[1])["round"]
    assert (about["rests_on"], about["reasons"]) == ("now", ["data"])


def test_a_round_of_another_day_or_none_in_the_default_folder_is_not_what_is_told(
    table: Path, said: Said
) -> None:
    there = lies_there() / "round.json"
    rewrite(there, lambda record: record["round"].update(as_of="2026-11-16"))
    assert "it is of another day" in " ".join(said("explain", "data", "R1")[1].split())
    there.write_text("no round", "utf-8")
    status, out, err = said("explain", "data", "R1")
    assert (status, err) == (0, f"About a round solved now, not the one in reports/{DAY}.\n")
    assert "its round.json can't be read as a round." in " ".join(out.split())


# The policy


@pytest.fixture
def other_policy(table: Path, said: Said) -> str:
    """A policy file; the round in `P` was made with it."""
    Path("p.toml").write_text("[weights]\nlanguage = 1\n", "utf-8")
    made = said("round", "data", "--policy", "p.toml", "--no-report", "--quiet", "--out", "P")
    assert made[0] == 0
    return "p.toml"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    ("options", "column", "problem"),
    [
        (["--as-of", "2026-11-24"], "--as-of", "The round in P is of 23 November 2026."),
        (["--as-of", "soon"], "--as-of", "This is not a date."),
        (["--policy", "q.toml"], "--policy", "The round in P was made with other settings."),
        (["--as-of", DAY], None, ""),
        (["--as-of", "23/11/2026", "--policy", "p.toml"], None, ""),
    ],
)
def test_options_that_say_something_else_than_the_round_are_wrong(
    other_policy: str, said: Said, command: str, options: list[str], column: str | None, problem: str
) -> None:  # fmt: skip
    Path("q.toml").write_text("[weights]\nlanguage = 2\n", "utf-8")
    status, out, _ = said(command, "data", *ASKED[command], "--round", "P", *options, "--json")
    if column is None:
        assert status == 0
        return
    (fault,) = json.loads(out)["errors"]
    assert (status, fault["table"], fault["column"]) == (2, "options", column)
    assert fault["problem"].startswith(problem)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_policy_of_the_round_counts(other_policy: str, said: Said, command: str) -> None:
    shutil.copytree("P", Path("reports") / DAY)
    for named in (["--round", "P"], []):
        status, _, err = said(command, "data", *ASKED[command], *named)
        assert (status, err.splitlines()[0].partition(". ")[2]) == (
            0,
            "Its policy counts, not that of the data: weights.language.",
        )
    place = json.loads(said("place", "data", "R1", "--json", "--quiet")[1])
    assert place["policy"]["changed"] == {"weights.language": 1}


@pytest.mark.parametrize(
    ("policy", "rests_on", "reasons"),
    [("p.toml", "again", []), ("q.toml", "now", ["policy"])],
)
def test_a_policy_that_is_asked_for_counts_and_says_that_it_is_another(
    other_policy: str, said: Said, policy: str, rests_on: str, reasons: list[str]
) -> None:
    Path("q.toml").write_text("[weights]\nlanguage = 2\n", "utf-8")
    shutil.copytree("P", Path("reports") / DAY)
    out = said("explain", "data", "R1", "--policy", policy, "--json", "--quiet")[1]
    about = json.loads(out)["round"]
    assert (about["rests_on"], about["reasons"]) == (rests_on, reasons)


def test_a_policy_that_this_release_does_not_know_is_said(table: Path, said: Said) -> None:
    rewrite("X/round.json", lambda r: r["round"]["policy"].update(sha256="0" * 64))
    for command in COMMANDS:
        out = said(command, "data", *ASKED[command], "--round", "X", "--json", "--quiet")[1]
        assert json.loads(out)["round"]["reasons"] == ["default_policy"]


# The folder and its manifest


def spoil(file: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / file).open("a", encoding="utf-8") as opened:
            opened.write(" ")

    return change


FOLDERS = [
    (lambda folder: None, ""),
    (spoil("round.json"), "round.json is gone, or no longer as this software wrote it."),
    (
        lambda folder: (folder / "manifest.json").unlink(),
        "It has no manifest.json: it is half made, or of a release that wrote none.",
    ),
]


@pytest.mark.parametrize(("change", "problem"), FOLDERS)
@pytest.mark.parametrize("command", [*COMMANDS, "verify", "round --keep", "round again"])
def test_a_folder_that_is_not_as_it_was_written_is_said(
    table: Path, said: Said, command: str, change: Callable[[Path], None], problem: str
) -> None:
    change(Path("X"))
    asked = {
        "verify": ["verify", "data", "X"],
        "round --keep": ["round", "data", "--keep", "X", "--no-report", "--out", "Y"],
        "round again": ["round", "data", "--no-report", "--out", "X"],
        **{name: [name, "data", *more, "--round", "X"] for name, more in ASKED.items()},
    }
    status, out, err = said(*asked[command])
    assert status == (3 if command == "verify" and "round.json is gone" in problem else 0)
    whole = " ".join(f"{err} {out}".split())
    if problem:
        assert f"X: {problem}" in whole
    else:
        assert "X: " not in whole
    if command in ASKED:
        first = " ".join(out.split()).startswith(f"X: {problem}")
        assert first == bool(problem)


def test_a_folder_by_the_file_in_it_is_held_against_its_manifest_too(
    table: Path, said: Said
) -> None:
    spoil("round.json")(Path("X"))
    assert "X: round.json is gone" in said("explain", "data", "R1", "--round", "X/round.json")[1]
    Path("X/manifest.json").unlink()  # the file lies there by itself
    assert "X: " not in said("explain", "data", "R1", "--round", "X/round.json")[1]


def test_a_proposal_that_was_changed_in_the_file_is_said(table: Path, said: Said) -> None:
    def change(record: dict[str, Any]) -> None:
        record["requests"][0]["proposal"]["household_id"] = "H3"

    rewrite("X/round.json", change)
    for command in SOLVED:
        status, out, _ = said(command, "data", *ASKED[command], "--round", "X", "--quiet")
        assert status == 0
        assert " ".join(out.split()).startswith(
            "This need not be what the round in X says: solved again, it comes out otherwise. "
            "R1 goes to H2, there to H3. X: round.json is gone, or no longer"
        )


# What round.json alone says


def test_explain_needs_no_tables(table: Path, said: Said) -> None:
    asked = [["R1"], ["R2"], ["R1", "H2"], ["R1", "H3"]]
    before = [said("explain", "data", *each, "--round", "X", "--quiet")[1] for each in asked]
    for each, text in zip(asked, before, strict=True):
        again = said("explain", "data", *each, "--quiet", "--as-of", DAY)
        assert again[0] == 0
        assert each[0] in text
    shutil.rmtree("data")
    for each, text in zip(asked, before, strict=True):
        status, out, err = said("explain", "data", *each, "--round", "X")
        assert (status, err) == (0, "About the round in X.\n")
        first, rest = out[: -len(text)], out[-len(text) :]
        assert " ".join(first.split()) == (
            "What the round in X says may no longer hold: the data can't be read for its day, so "
            "nobody can say whether they have changed."
        )
        assert rest == text


@pytest.mark.parametrize("more", [[], ["H1"], ["H2"], ["H3"]])
def test_the_file_and_the_round_solved_again_say_the_same(
    table: Path, said: Said, more: list[str]
) -> None:
    lies_there()
    found = [
        said("explain", "data", "R1", *more, *named, "--quiet") for named in (["--round", "X"], [])
    ]
    assert found[0] == found[1]
    records = [
        json.loads(said("explain", "data", "R1", *more, *named, "--quiet", "--json")[1])
        for named in (["--round", "X"], [])
    ]
    for record in records:
        del record["round"]
    assert records[0] == records[1]


def test_what_top_left_out_is_said_not_to_be_in_the_file(table: Path, said: Said) -> None:
    homes = [a_household(name) for name in ("H1", "H2", "H3")]
    closed = [a_household(name, status="ended") for name in ("H4", "H5", "H6", "H7", "H8")]
    write_tables(table / "data", {"households": [*homes, *closed]})
    made = said("round", "data", "--no-report", "--top", "1", "--out", "T", "--quiet")
    assert made[0] == 0
    status, out, _ = said("explain", "data", "R1", "H3", "--round", "T", "--quiet")
    assert (status, " ".join(out.split())) == (
        0,
        "R1 with H3 is not in the round's file: of each request it holds the 1 best households, and "
        "the 1 nearest of those that are not eligible (round --top).",
    )
    left_out = json.loads(
        said("explain", "data", "R1", "H8", "--round", "T", "--quiet", "--json")[1]
    )
    assert (left_out["in_file"], left_out["eligible"], left_out["top"]) == (False, None, 1)
    assert said("explain", "data", "R1", "H9", "--round", "T", "--quiet")[0] == 2
    made = said("round", "data", "--no-report", "--top", "4", "--out", "T", "--quiet")
    assert made[0] == 0
    out = said("explain", "data", "R1", "H8", "--round", "T", "--quiet")[1]
    assert "It is not eligible: all that are eligible are in the file." in out
    out = said("explain", "data", "R1", "H7", "--round", "T", "--quiet")[1]
    assert "What it would take is not in the round's file" in out
    assert "The least it would take:" in said("explain", "data", "R1", "H7", "--quiet")[1]


def test_a_round_of_the_earlier_schema_is_solved_again(table: Path, said: Said) -> None:
    """Its file holds sentences and no facts, so that the data are needed."""
    shutil.copy(SCHEMA_1, "old.json")
    day = json.loads(SCHEMA_1.read_text("utf-8"))["round"]["as_of"]
    rewrite("old.json", lambda record: record["round"].update(keep=CROSSED))
    for command in COMMANDS:
        out = said(command, "data", *ASKED[command], "--round", "old.json", "--json", "--quiet")[1]
        record = json.loads(out)
        assert (record["round"]["as_of"], record["round"]["rests_on"]) == (day, "again")
        assert "data" in record["round"]["reasons"]
        assert home_of_r1(command, record) == "H2"


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize(
    "change",
    [
        lambda r: r["requests"][0].update(proposal="H1"),
        lambda r: r.update(requests=None),
        lambda r: r["round"].update(as_of="soon"),
        lambda r: r["round"].pop("policy"),
        lambda r: r["round"].update(keep={"R1": 7}),
        lambda r: r["round"]["policy"].update(changed={"weights.language": "much"}),
        lambda r: r.update(round=None),
        lambda r: r.update(schema="other"),
    ],
)
def test_what_is_no_round_is_wrong(
    table: Path, said: Said, command: str, change: Callable[[dict[str, Any]], Any]
) -> None:
    rewrite("X/round.json", change)
    status, out, err = said(command, "data", *ASKED[command], "--round", "X", "--json", "--quiet")
    assert (status, err) == (2, "")
    assert {each["table"] for each in json.loads(out)["errors"]} == {"round.json"}
    assert not Path("drafts").exists()


@pytest.mark.parametrize("more", [[], ["H1"], ["H2"]])
def test_a_hidden_place_is_not_told_of_the_file_either(
    table: Path, said: Said, more: list[str]
) -> None:
    tables = crossed()
    tables["requests"][0].update(withhold_address="yes", home_postcode="SE15")
    write_tables(table / "data", tables)
    assert said("round", "data", "--no-report", "--quiet", "--out", "W")[0] == 0
    assert '"miles"' in Path("W/round.json").read_text("utf-8")
    for form in ([], ["--json"]):
        status, out, _ = said("explain", "data", "R1", *more, "--round", "W", "--quiet", *form)
        assert status == 0
        assert "mile" not in out.replace('"max_miles"', "").replace('"min_miles"', "")
        assert "NW5" not in out


# A family that lives somewhere


@pytest.fixture
def living(table: Path, said: Said) -> None:
    """R1 lives with H2; the round of it is in `L`."""
    tables = crossed()
    tables["requests"][0]["status"] = "placed"
    tables["placements"] = [
        {
            "request_id": "R1",
            "household_id": "H2",
            "started_on": "2026-11-09",
            "planned_end_on": "2027-02-01",
        }
    ]
    write_tables(table / "data", tables)
    assert said("round", "data", "--no-report", "--quiet", "--out", "L")[0] == 0


@pytest.mark.parametrize("named", [[], ["--round", "L"]])
def test_a_placed_family_is_explained_and_keeps_its_papers(
    living: None, said: Said, named: list[str]
) -> None:
    status, out, _ = said("explain", "data", "R1", *named, "--quiet")
    assert status == 0
    assert out.startswith("R1  (s20, placed)")
    assert "R1 lives with H2" in out
    for home in ("H1", "H2"):
        status, out, _ = said("explain", "data", "R1", home, *named, "--quiet")
        assert (status, " ".join(out.split())) == (
            0,
            f"R1 with {home}: the family is placed, so that no household is matched to it.",
        )
    assert said("documents", "data", "R1", "H2", *named, "--out", "d", "--quiet")[0] == 0
    plan = paper(next(Path("d").glob("*placement-plan.docx")))
    assert "9 November 2026" in plan
    assert "1 February 2027" in plan
    assert "The family lives with H2 since 9 November 2026" in paper(
        next(Path("d").glob("*match-record.docx"))
    )
    status, out, _ = said("documents", "data", "R1", "H1", *named, "--json", "--quiet")
    (fault,) = json.loads(out)["errors"]
    assert (status, fault["column"]) == (2, "HOUSEHOLD")
    assert fault["problem"] == "R1 lives with H2, and is not matched."
    tasks = json.loads(said("calendar", "data", *named, "--json", "--quiet")[1])["tasks"]
    assert ("R1", "H2") in {(each["request_id"], each["household_id"]) for each in tasks}


# Papers


def test_a_paper_says_first_that_it_is_not_about_the_report(table: Path, said: Said) -> None:
    before = "This need not be what the round in X says"
    for at, apart in enumerate((False, True)):
        if apart:
            close_h2(table / "data")
        made = said("documents", "data", "R1", "H3", "--round", "X", "--out", f"d{at}", "--quiet")
        assert made[0] == 0
        files = sorted(Path(f"d{at}").glob("*.docx"))
        assert files
        assert {paper(file).startswith(before) for file in files} == {apart}
        assert said("calendar", "data", "--round", "X", "--out", f"c{at}", "--quiet")[0] == 0
        folded = Path(f"c{at}/calendar.ics").read_text("utf-8").replace("\n ", "")
        assert (f"X-WR-CALDESC:{before}" in folded) == apart
        names = CalamineWorkbook.from_path(f"c{at}/calendar.xlsx").sheet_names
        assert names == [*(["Read first"] if apart else []), "Calendar", "No day yet"]
        assert Path(f"c{at}/calendar.txt").read_text("utf-8").startswith(before) == apart


def test_how_firm_a_proposal_is_says_that_it_is_kept(table: Path, said: Said) -> None:
    kept = "It is kept of an earlier round, which counts before every weight."
    assert said("whatif", "data", "--how-sure", "--round", "X", "--quiet")[1].count(kept) == 2
    assert kept not in said("whatif", "data", "--how-sure", "--quiet")[1]
