"""The command line: exit statuses, which stream says what, and what is never written."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import typer

from builders import a_carer, a_household, a_request, one_pair, write_tables
from matcher import __version__, cli
from matcher.cli import commands
from matcher.codes import DECISIONS
from matcher.show import progress

ROOT = Path(__file__).parents[1]
CAMDEN = str(ROOT / "data" / "samples" / "camden")


def every_command(group, before=""):
    """Every command by its whole name, those of a group too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from every_command(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


COMMANDS = dict(every_command(typer.main.get_command(cli.app)))
KEYS = ["table", "row", "column", "value", "problem", "fix"]
DATED = "as_of = 2026-11-23\n"


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The folder of a good small round with one warning; the working folder is empty."""
    tables = one_pair(carers=[a_carer(), a_carer(number=2, approved=None)])
    tables["requests"].append(a_request("R2", parent_agrees="no"))
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    return str(write_tables(tmp_path / "data", tables, DATED))


@pytest.fixture
def wrong(data):
    """The same with two faults."""
    path = Path(data) / "requests.csv"
    path.write_text(path.read_text("utf-8").replace("assessment", "assesment"), "utf-8")
    return data


@pytest.fixture
def said(capsys):
    """Run a command: (exit status, standard output, standard error)."""

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.run([str(each) for each in arguments])
        return status, *capsys.readouterr()

    return run


def written(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def without_progress(stderr: str) -> str:
    """What a command said on standard error, without the steps that a slow machine makes it name."""
    return "".join(line for line in stderr.splitlines(keepends=True) if not line.startswith("… "))


def process(*arguments: str, **more) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "matcher", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False, **more
    )


# --- Good runs --------------------------------------------------------------------------------


def test_check(data, said):
    status, out, err = said("check", data)
    assert (status, err) == (0, "")
    assert "carers, row 3, approved" in out
    assert "No faults. 2 open requests, 0 placed, 1 household, 1 warning." in out
    status, out, err = said("check", data, "--json")
    record = json.loads(out)
    assert (status, err, record["errors"]) == (0, "", [])
    assert (record["requests"], record["households"]) == (2, 1)
    assert [list(each) for each in record["warnings"]] == [KEYS]
    assert written(Path()) == []


@pytest.mark.parametrize(("decided_on", "wrong"), [("2026-11-19", False), ("2026-11-23", True)])
def test_check_names_every_choice_that_breaks_something_whatever_its_day(
    tmp_path, said, decided_on, wrong
):
    tables = one_pair(
        household=a_household(status="suspended", bedrooms="0"),
        decisions=[
            {
                "request_id": "R1",
                "household_id": "H1",
                "decision": "choose",
                "decided_on": decided_on,
            }
        ],
    )
    folder = write_tables(tmp_path / "round", tables)
    status, out, err = said("check", folder)
    assert status == (2 if wrong else 0)
    for rule in ("approved (PC-5.1): The household is suspended.", "room (PC-5.1b, PC-5.1i)"):
        assert f"decisions, row 2, decision: found 'choose'. R1 with H1 breaks {rule}" in out + err
    assert ("It is set aside: choose again" in out) is not wrong


def test_round_writes_its_record_whole(data, said):
    status, out, err = said("round", data, "--no-report", "--out", "a/b")
    assert status == 0
    assert "R1       → H1" in out
    assert "R2       has no consent" in out
    assert err.splitlines()[0].startswith("Warning: carers, row 3, approved")
    assert err.splitlines()[1:] == [f"Written: {Path('a/b/round.json')}"]
    assert written(Path()) == ["a/b/manifest.json", "a/b/round.json"]
    first = Path("a/b/round.json").read_bytes()
    status, out, err = said("round", data, "--no-report", "--out", "a/b", "--json", "--quiet")
    assert (status, err) == (0, "")
    assert out.encode() == first == Path("a/b/round.json").read_bytes()
    assert json.loads(out)["schema"] == "matcher.round/2"
    assert written(Path()) == ["a/b/manifest.json", "a/b/round.json"]  # nothing is left beside it


def test_round_lies_in_reports_by_its_day(data, said):
    assert said("round", data, "--no-report", "--quiet")[0] == 0
    assert said("round", data, "--no-report", "--as-of", "30/11/2026")[0] == 0
    assert [name for name in written(Path()) if name.endswith("round.json")] == [
        "reports/2026-11-23/round.json",
        "reports/2026-11-30/round.json",
    ]
    assert json.loads(Path("reports/2026-11-30/round.json").read_text())["round"]["as_of"] == (
        "2026-11-30"
    )


@pytest.mark.parametrize(("top", "ranked"), [("1", 1), ("0", 3), ("2", 2)])
def test_top(tmp_path, monkeypatch, said, top, ranked):
    monkeypatch.chdir(tmp_path)
    names = ["H1", "H2", "H3"]
    tables = one_pair(carers=[a_carer(name) for name in names])
    tables["households"] = [a_household(name) for name in names]
    folder = write_tables(tmp_path / "data", tables, DATED)
    status, out, _ = said("round", folder, "--no-report", "--top", top, "--json")
    assert status == 0
    assert len(json.loads(out)["requests"][0]["ranked"]) == ranked


def test_explain_a_request_and_a_pair(data, said):
    status, out, err = said("explain", data, "R1", "--quiet")
    assert (status, err) == (0, "")
    assert out.startswith("R1  (s20, needed in more than 5 days)")
    assert "1. H1" in out
    status, out, _ = said("explain", data, "R1", "--json")
    assert (status, json.loads(out)["proposal"]["household_id"]) == (0, "H1")
    status, out, _ = said("explain", data, "R1", "H1")
    assert status == 0
    assert "R1 with H1 is eligible. It ranks 1" in out
    status, out, _ = said("explain", data, "R2", "H1", "--json")
    record = json.loads(out)
    assert (status, record["held_back_by"], record["proposed"]) == (0, "no_consent", False)
    assert {rule["status"] for rule in record["rules"]} == {"met"}
    assert written(Path()) == []
    assert said("explain", data, "R1", "H1", "--out", "o")[0] == 0
    assert said("explain", data, "R1", "--out", "o", "--json")[0] == 0
    assert written(Path("o")) == ["explain-R1-H1.txt", "explain-R1.json", "manifest.json"]


def test_policy(said, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = said("policy")
    assert (status, err) == (0, "")
    assert "HARD RULES" in out
    assert written(tmp_path) == []
    own = tmp_path / "own.toml"
    own.write_text('name = "ours"\nfar_miles = 5\n', "utf-8")
    status, out, err = said("policy", "--json", "--policy", own, "--out", "docs")
    record = json.loads(out)
    assert (status, record["policy"]["name"], record["policy"]["changed"]) == (
        0,
        "ours",
        {"far_miles": 5},
    )
    assert err == "".join(
        f"Written: {Path('docs') / f'policy.{kind}'}\n" for kind in ("md", "html")
    )
    page = Path("docs/policy.md").read_text("utf-8")
    assert page.startswith("# The policy\n")
    assert all(f"`{rule['name']}`" in page for rule in record["rules"])


def test_verify_passes_what_round_wrote_and_finds_a_breach(data, said):
    said("round", data, "--no-report", "--out", "o")
    status, out, err = said("verify", data, "o")
    assert (status, err) == (0, "")
    assert out.startswith("Verified: 1 proposal of")
    status, out, _ = said("verify", data, "o/round.json", "--json")
    told = json.loads(out)
    assert (status, told["breaches"], told["folder"]) == (0, [], [])
    assert told["proved"]["optimum_rests_on"] == "duals"
    path = Path("o/round.json")
    path.write_text(path.read_text("utf-8").replace('"rank":1', '"rank":2'), "utf-8")
    status, out, err = said("verify", data, "o")
    assert (status, out) == (3, "")
    assert "rank" in err
    status, out, err = said("verify", data, "o", "--json")
    assert (status, err) == (3, "o: round.json is gone, or no longer as this software wrote it.\n")
    breaches = json.loads(out)["breaches"]
    assert breaches
    assert all(list(each) == ["where", "problem"] for each in breaches)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", '{"schema": "other"}', "\x00", "[" * 5000, "NaN"]
)
def test_verify_refuses_what_is_no_round(data, said, tmp_path, content):
    (tmp_path / "x.json").write_text(content, "utf-8")
    status, out, err = said("verify", data, tmp_path / "x.json")
    assert (status, out) == (2, "")
    assert err.startswith("x.json: ")
    assert said("verify", data, tmp_path / "none.json")[0] == 2


# --- Wrong input ------------------------------------------------------------------------------

ON_DATA = [
    ("check",),
    ("round",),
    ("explain", "R1"),
    ("explain", "R1", "H1"),
    ("verify", "round.json"),
]


@pytest.mark.parametrize("command", ON_DATA, ids=" ".join)
def test_faults_stop_every_command_and_nothing_is_written(wrong, data, said, tmp_path, command):
    name, *rest = command
    if name == "verify":
        good = write_tables(tmp_path / "good", one_pair(), DATED)
        assert said("round", good, "--no-report", "--out", tmp_path / "made")[0] == 0
        rest = [str(tmp_path / "made")]
    status, out, err = said(name, wrong, *rest, "--out", "o")
    assert (status, out) == (2, "")
    assert "requests, row 2, purpose (C2): found 'assesment'." in err
    assert "Use assessment or support." in err
    assert "2 faults. Nothing was written." in err
    status, out, err = said(name, wrong, *rest, "--out", "o", "--json")
    assert (status, err) == (2, "")
    record = json.loads(out)
    assert list(record) == ["errors"]
    assert [list(each) for each in record["errors"]] == [KEYS, KEYS]
    assert [(e["table"], e["row"], e["column"]) for e in record["errors"]] == [
        ("requests", 2, "purpose"),
        ("requests", 3, "purpose"),
    ]
    assert list(Path().iterdir()) == []


def test_an_old_round_stays_when_the_new_one_is_wrong(wrong, said):
    Path("o").mkdir()
    Path("o/round.json").write_text("old", "utf-8")
    assert said("round", wrong, "--no-report", "--out", "o")[0] == 2
    assert Path("o/round.json").read_text("utf-8") == "old"


def test_an_old_round_stays_when_writing_fails(data, said, monkeypatch):
    def broken(record, requests):
        yield b"{"
        raise OSError(28, "No space left on device")

    Path("o").mkdir()
    Path("o/round.json").write_text("old", "utf-8")
    monkeypatch.setattr("matcher.report.view.round_json", broken)
    status, out, err = said("round", data, "--no-report", "--out", "o", "--quiet")
    assert (status, out) == (1, "")
    assert err.startswith("Something went wrong")
    assert [p.name for p in Path("o").iterdir()] == ["round.json"]
    assert Path("o/round.json").read_text("utf-8") == "old"


@pytest.mark.parametrize(
    ("arguments", "column", "value", "fix"),
    [
        (("explain", "R"), "REQUEST", "R", ""),
        (("explain", "R11"), "REQUEST", "R11", "Did you mean R1?"),
        (("explain", "r2"), "REQUEST", "r2", "Did you mean R2?"),
        (("explain", "R1", "H11"), "HOUSEHOLD", "H11", "Did you mean H1?"),
        (("explain", "R1", "h1"), "HOUSEHOLD", "h1", "Did you mean H1?"),
        (("explain", "R1", ""), "HOUSEHOLD", "", ""),
        (("explain", "\x1b[2J"), "REQUEST", "\ufffd[2J", ""),
        (("explain", "QQQQ"), "REQUEST", "QQQQ", ""),
        (("check", "--as-of", "23/13/2026"), "--as-of", "23/13/2026", "day first"),
        (("check", "--as-of", "11/23/2026"), "--as-of", "11/23/2026", "mean 23/11/2026?"),
        (("check", "--as-of", ""), "--as-of", "", "2026-12-04"),
        (("policy", "--as-of", "soon"), "--as-of", "soon", "2026-12-04"),
    ],
)
def test_wrong_options_are_faults_of_the_options(data, said, arguments, column, value, fix):
    name, *rest = arguments
    status, out, err = said(name, *([] if name == "policy" else [data]), *rest, "--json", "--quiet")
    assert (status, err) == (2, "")
    (fault,) = json.loads(out)["errors"]
    assert (fault["table"], fault["row"], fault["column"]) == ("options", None, column)
    assert fault["value"] == value
    assert fix in fault["fix"]
    assert fault["fix"]
    assert "no requests" not in fault["fix"]  # the data has some
    assert "no households" not in fault["fix"]


def test_two_wrong_names_are_told_at_once(data, said):
    status, _, err = said("explain", data, "R11", "H11", "--quiet")
    assert status == 2
    assert "REQUEST" in err
    assert "HOUSEHOLD" in err


def test_faults_of_options_data_and_policy_are_told_at_once(wrong, said, tmp_path):
    own = tmp_path / "own.toml"
    own.write_text("far_mile = 5\n", "utf-8")
    status, out, _ = said("check", wrong, "--policy", own, "--as-of", "11/23/2026", "--json")
    assert status == 2
    found = {(each["table"], each["column"]) for each in json.loads(out)["errors"]}
    assert found == {("own.toml", "far_mile"), ("options", "--as-of"), ("requests", "purpose")}


USAGE = [
    (),
    ("nonsense",),
    ("check",),
    ("check", CAMDEN, "more"),
    ("check", CAMDEN, "--no-such-option"),
    ("round", CAMDEN, "--top", "-1"),
    ("round", CAMDEN, "--top", "many"),
    ("round", CAMDEN, "--out", str(ROOT / "pyproject.toml")),
    ("explain", CAMDEN),
    ("verify", CAMDEN),
]


@pytest.mark.parametrize("arguments", USAGE, ids=" ".join)
def test_wrong_usage(said, arguments):
    status, out, err = said(*arguments)
    assert status == 2
    assert out == ""
    assert "Usage:" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", USAGE[1:], ids=" ".join)
def test_wrong_usage_for_a_machine(said, arguments):
    status, out, _ = said(*arguments, "--json")
    assert status == 2
    (fault,) = json.loads(out)["errors"]
    assert list(fault) == KEYS
    assert fault["table"] == "options"


# --- What goes wrong --------------------------------------------------------------------------


@pytest.mark.parametrize("more", [(), ("--json",), ("--quiet",)])
def test_nobody_sees_a_traceback(data, said, monkeypatch, more):
    def fail(*arguments, **named):
        raise RuntimeError("the secret of NW5 2AB")

    monkeypatch.setattr("matcher.loading.load", fail)
    for command in ON_DATA[:4]:
        status, out, err = said(command[0], data, *command[1:], "--out", "o", *more)
        assert (status, out) == (1, "")
        assert "RuntimeError" in err
        assert "--debug" in err
        assert "secret" not in err
        assert "Traceback" not in err
    with pytest.raises(RuntimeError, match="secret"):
        said("--debug", "check", data)
    with pytest.raises(RuntimeError, match="secret"):
        said("check", data, "--debug")
    assert list(Path().iterdir()) == []


def test_stopping_by_hand_is_no_traceback(data, said, monkeypatch):
    def stop(*arguments, **named):
        raise KeyboardInterrupt

    monkeypatch.setattr("matcher.loading.load", stop)
    status, out, err = said("check", data)
    assert status in (1, 130)  # 130 is what a shell says of Ctrl+C
    assert out + err in ("", "Stopped.\n")


@pytest.mark.parametrize("name", ["../../../R9", "/R9", "a/b", "..", "R" * 150])
def test_an_id_is_no_path(tmp_path, monkeypatch, said, name):
    work = tmp_path / "far" / "below" / "work"
    work.mkdir(parents=True)
    monkeypatch.chdir(work)
    folder = write_tables(tmp_path / "data", one_pair(a_request(name)), DATED)
    before = written(tmp_path)
    status, _, err = said("explain", folder, name, "--out", "o")
    assert status == 0, err
    new = sorted(set(written(tmp_path)) - set(before))
    assert all(path.startswith("far/below/work/o/") and path.count("/") == 4 for path in new)
    assert [Path(path).name.split("-")[0] for path in new] == ["explain", "manifest.json"]


def test_quiet_is_silent_and_loses_nothing(data, said):
    for command in ON_DATA[:4]:
        loud = said(command[0], data, *command[1:])
        quiet = said(command[0], data, *command[1:], "--quiet")
        assert quiet == (0, loud[1], "")
        if command[0] != "check":
            assert "Warning: carers, row 3" in loud[2]


# --- The whole program ------------------------------------------------------------------------


def test_version_and_help(said):
    assert said("--version") == (0, f"matcher {__version__}\n", "")
    status, out, err = said("--help")
    assert (status, err) == (0, "")
    assert all(name.split()[0] in out for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_options_and_an_example(said, name):
    status, out, err = said(*name.split(), "--help")
    assert (status, err) == (0, "")
    assert f"Example: matcher {name} " in out
    # A history has its days and policies in it.
    of = {"history": ("--store",), "panel": ("--folder",)}
    asked = of.get(name.split()[0], ("--as-of", "--policy"))
    for option in (*asked, "--out", "--json", "--quiet", "--help"):
        assert option in out


WEEKLY = [
    "check",
    "round",
    "enter",
    "explain",
    "whatif",
    "place",
    "documents",
    "calendar",
    "verify",
]
YEARLY = ["sufficiency", "equity", "simulate", "history", "standard"]


def listed(out: str) -> list[str]:
    """The commands that help lists, a line each."""
    return [line.split()[0] for line in out.partition("Commands:\n")[2].splitlines()]


def test_help_lists_the_weekly_commands_first_each_on_a_line(said):
    status, out, _ = said("--help")
    assert status == 0
    assert listed(out) == [*WEEKLY, "panel", *YEARLY, "template", "sample", "policy"]


def test_a_new_command_is_one_file_that_is_found_by_its_name(said, tmp_path, monkeypatch):
    (tmp_path / "greet.py").write_text(
        '"""Greet whoever is there."""\n'
        "from matcher.cli.given import Given, command\n"
        '@command("matcher greet")\n'
        "def greet(given: Given) -> None:\n"
        '    """Greet whoever is there, politely."""\n'
        '    given.answer("greet", ["Good morning."], {"as_of": given.as_of})\n',
        "utf-8",
    )
    monkeypatch.setattr(commands, "__path__", [*commands.__path__, str(tmp_path)])
    _, out, _ = said("--help")
    assert listed(out)[-1] == "greet"
    assert "Greet whoever is there.\n" in out
    assert "matcher.cli.commands.greet" not in sys.modules, "help imports no command"
    try:
        assert said("greet") == (0, "Good morning.\n", "")
        status, out, _ = said("greet", "--json", "--as-of", "soon")
        assert (status, json.loads(out)) == (0, {"as_of": "soon"})
        assert "Example: matcher greet" in said("greet", "--help")[1]
    finally:
        sys.modules.pop("matcher.cli.commands.greet", None)
        vars(commands).pop("greet", None)


def test_the_readme_names_every_command():
    table = (ROOT / "README.md").read_text("utf-8")
    missing = {
        name.split()[0] for name in COMMANDS if f"| `matcher {name.split()[0]} " not in table
    }
    assert missing == {"history"}, "which stands beside round --record"
    assert "`matcher history " in table


def test_every_example_works(tmp_path, monkeypatch, said):
    (tmp_path / "data").symlink_to(ROOT / "data", target_is_directory=True)
    monkeypatch.chdir(tmp_path)
    for day in ("2026-11-23", "2026-11-30"):
        record = ("--as-of", day, "--no-report", "--record", "history")
        assert said("round", "data/samples/tutorial", *record)[0] == 0
    for name, command in COMMANDS.items():
        if name.startswith("panel "):
            continue  # a database of its own: tests/panel/test_panel_command.py
        example = command.epilog.removeprefix("Example: matcher ").split()
        shorter = ("--weeks", "6") if name == "simulate" else ()  # than whole years
        status, out, err = said(*example, *shorter)
        assert status == 0, f"{name}: {err}"
        assert out


def test_the_real_program(tmp_path):
    folder = write_tables(tmp_path / "data", one_pair(), DATED)
    good = process("check", str(folder), "--json")
    assert (good.returncode, without_progress(good.stderr), json.loads(good.stdout)["errors"]) == (
        0,
        "",
        [],
    )
    (folder / "requests.csv").unlink()
    bad = process("round", str(folder), "--json", "--out", str(tmp_path / "o"))
    assert (bad.returncode, without_progress(bad.stderr)) == (2, "")
    assert json.loads(bad.stdout)["errors"][0]["fix"] == "Add requests.csv."
    words = process("round", str(folder), "--out", str(tmp_path / "o"))
    assert (words.returncode, words.stdout) == (2, "")
    assert without_progress(words.stderr) == "requests: The table is missing. Add requests.csv.\n"
    assert not (tmp_path / "o").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="no such redirection")
def test_a_closed_standard_output_is_no_fault(tmp_path):
    folder = write_tables(tmp_path / "data", one_pair(), DATED)
    command = [sys.executable, "-m", "matcher", "round", str(folder), "--no-report", "--out"]
    script = f"{shlex.join([*command, str(tmp_path / 'o')])} >&-"
    done = subprocess.run(script, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert without_progress(done.stderr) == f"Written: {tmp_path / 'o' / 'round.json'}\n"
    assert written(tmp_path / "o") == ["manifest.json", "round.json"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no such device")
@pytest.mark.parametrize("form", ["--quiet", "--json"])
def test_a_full_standard_output_is_told_and_the_files_stay(tmp_path, form):
    folder = write_tables(tmp_path / "data", one_pair(), DATED)
    command = [sys.executable, "-m", "matcher", "round", str(folder), "--no-report", form, "--out"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, str(tmp_path / "o")],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "Files written before it stay." in done.stderr
    assert "Nothing was written" not in done.stderr
    assert "Traceback" not in done.stderr
    assert written(tmp_path / "o") == ["manifest.json", "round.json"]


def test_a_command_is_imported_when_it_is_called():
    code = (
        "import sys; from matcher.cli import run; run(['policy']); "
        "print(sorted({'matcher.sufficiency', 'matcher.simulate', 'ortools'} & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(("quiet", "said"), [(False, ["… read", "… solve"]), (True, [])])
def test_a_long_run_names_its_steps(monkeypatch, capsys, quiet, said):
    class AtOnce(threading.Timer):
        def start(self):
            self.function()

    monkeypatch.setattr(threading, "Timer", AtOnce)
    with progress.progress(quiet) as step:
        step("read")
        step("solve")
    assert capsys.readouterr().err.splitlines() == said


def test_words_come_out_as_utf8_whatever_the_terminal(tmp_path):
    folder = write_tables(tmp_path / "data", one_pair(), DATED + 'title = "Équipe – 週"\n')
    env = {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = process("round", str(folder), "--out", str(tmp_path / "o"), env=env)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "Équipe – 週, 23 November 2026")


def test_the_command_line_starts_without_heavy_libraries():
    code = (
        "import sys; from matcher.cli import run; run(['--help']); heavy = {'numpy', 'scipy', 'ortools', 'pandas'}; "
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_same_faults_come_in_the_same_order_every_time(tmp_path):
    items = ";".join(f"q{at}" for at in range(9))
    tables = one_pair(a_request(needs=items, must_avoid=items), decisions=[])
    tables["decisions"] = [
        {"request_id": "R1", "household_id": "H1", "decision": name, "decided_on": "2026-11-20"}
        for name in DECISIONS
    ]
    folder = write_tables(tmp_path / "data", tables, DATED)
    runs = {
        process("check", str(folder), "--json", env={"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


@pytest.mark.parametrize(
    "asked", [("explain", "R1"), ("explain", "R1", "H1"), ("place", "R1")], ids=" ".join
)
def test_what_a_machine_reads_of_a_request_has_facts_and_sentences(data, said, asked):
    command, *names = asked
    record = json.loads(said(command, data, *names, "--json")[1])
    ranked = record["ranked"] if len(names) > 1 else record["ranked"][0]
    told = [each for each in ranked["criteria"] if each["value"] is not None]
    told += [*record["duties"], *ranked["duties"]]
    assert told
    assert all(each["evidence"] and isinstance(each["facts"], dict) for each in told)
    assert any(each["facts"] for each in told)
    if len(names) == 1:
        assert record["lines"][-1]["text"]
        assert record["facts"]["family"]
