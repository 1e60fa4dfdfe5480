"""What commands write into a folder: whole or told apart, never over what people wrote, with true words."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import a_carer, a_household, a_request, write_tables
from matcher.cli import run
from matcher.cli.given import file_name
from matcher.show import files
from matcher.show.files import STOPPED, WHOLE, held_against_manifest, write_bytes

ROOT = Path(__file__).parents[1]
SETS: dict[str, tuple[str, ...]] = {
    "documents": ("documents", "DATA", "R1", "H1"),
    "calendar": ("calendar", "DATA"),
    "governance": ("policy", "--governance"),
    "standard": ("standard", "export", "DATA"),
    "whatif": ("whatif", "DATA", "--close", "H1"),
    "round": ("round", "DATA", "--no-report"),
}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2")],
    }
    return write_tables(tmp_path_factory.mktemp("data"), tables)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No round in a default folder, which answers would be about."""
    monkeypatch.chdir(tmp_path)


def command(name: str, data: Path, out: Path, day: int = 23) -> list[str]:
    words = [str(data) if word == "DATA" else word for word in SETS[name]]
    return [*words, "--out", str(out), "--as-of", f"2026-11-{day}", "--quiet"]


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def killed(arguments: list[str], at: int) -> None:
    """Run a command in a fork that is killed before its rename, or clearing away, of this number."""
    if (child := os.fork()) == 0:
        calls = 0

        def counted(real: Callable[..., object]) -> Callable[..., object]:
            def rename(*given: object, **more: object) -> object:
                nonlocal calls
                calls += 1
                if calls == at:
                    os.kill(os.getpid(), signal.SIGKILL)
                return real(*given, **more)

            return rename

        os.replace, os.rename = counted(os.replace), counted(os.rename)  # type: ignore[assignment]
        shutil.rmtree = counted(shutil.rmtree)  # type: ignore[assignment]
        run(arguments)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "it was not killed"


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="This system can't fork.")


@needs_fork
@pytest.mark.parametrize("name", SETS)
def test_a_set_that_is_cut_short_is_told_apart_and_made_whole(
    name: str, data: Path, tmp_path: Path
) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    assert run(command(name, data, out)) == 0
    before = content(out)
    killed(command(name, data, out, 24), at=1)
    assert held_against_manifest(out).state == STOPPED
    assert files.differences(out)[0].endswith("Run it again.")
    assert run(command(name, data, out, 24)) == 0
    assert held_against_manifest(out).state == WHOLE
    assert list(out.glob(".*")) == []
    if name != "calendar":  # whose numbers of versions count on from the diary that was there
        assert run(command(name, data, other, 24)) == 0
        assert content(out) == content(other)
    assert content(out).keys() == before.keys()


@needs_fork
def test_a_run_that_is_stopped_behind_its_last_rename_is_cleared_away(
    data: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert run(command("round", data, out)) == 0
    killed(command("round", data, out, 24), at=3)  # round.json, manifest.json, and then the stage
    assert held_against_manifest(out).state == WHOLE
    assert list(out.glob(".*"))
    assert run(command("round", data, out, 24)) == 0
    assert list(out.glob(".*")) == []


@needs_fork
@pytest.mark.parametrize("moment", [1, 2, 3], ids=["before", "between", "behind"])
def test_a_sample_that_was_stopped_is_put_back(moment: int, tmp_path: Path) -> None:
    arguments = ["sample", "small", "--requests", "2", "--households", "3", "--out", "s", "--quiet"]
    assert run(arguments) == 0
    before = content(tmp_path / "s")
    killed([*arguments, "--seed", "2"], len(before) + moment)  # each file is moved once before
    assert (tmp_path / "s").exists() == (moment != 2)
    assert list(tmp_path.glob(".s.sample-*"))
    assert run(arguments) == 0
    assert content(tmp_path / "s") == before
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


def test_a_file_keeps_its_mode_and_its_link_and_what_was_left_over_goes(tmp_path: Path) -> None:
    real, link = tmp_path / "events.csv", tmp_path / "link" / "events.csv"
    link.parent.mkdir()
    real.write_text("before")
    real.chmod(0o600)
    link.symlink_to(real)
    (tmp_path / ".matcher-999999999-abc").write_text("left over")
    (tmp_path / f".matcher-{os.getpid()}-abc").write_text("at work")
    write_bytes(link, [b"after"])
    assert (real.read_text(), real.stat().st_mode & 0o777) == ("after", 0o600)
    assert link.is_symlink()
    assert [path.name for path in tmp_path.glob(".*")] == [f".matcher-{os.getpid()}-abc"]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("explain-R1.txt", ("explain", "DATA", "R1")),
        ("whatif.txt", ("whatif", "DATA", "--close", "H1")),
        ("place-R1.txt", ("place", "DATA", "R1")),
        ("calendar.xlsx", ("calendar", "DATA")),
        ("policy.md", ("policy",)),
        ("coverage.md", ("policy", "--coverage")),
        ("check.txt", ("check", "DATA")),
        ("sufficiency.txt", ("sufficiency", "DATA")),
        ("equity.txt", ("equity", "DATA")),
        ("requests.csv", ("standard", "import", "FILE")),
        ("R1-H1-match-record.docx", ("documents", "DATA", "R1", "H1")),
        ("placements.xlsx", ("standard", "export", "DATA")),
    ],
)  # fmt: skip
def test_what_people_wrote_stays_in_every_command(
    name: str, arguments: tuple[str, ...], data: Path, tmp_path: Path
) -> None:
    """A file that people brought, and one of ours that they changed."""
    out = tmp_path / "out"
    out.mkdir()
    exported = tmp_path / "exported"
    if "FILE" in arguments:
        assert run(["standard", "export", str(data), "--out", str(exported), "--quiet"]) == 0
    given = {"DATA": str(data), "FILE": str(exported / "placements.xlsx")}
    words = [*(given.get(word, word) for word in arguments), "--out", str(out), "--quiet"]
    (out / name).write_text("theirs")
    assert run(words) in (0, 2)
    assert (out / name).read_text() == "theirs"
    (out / name).unlink()
    assert run(words) == 0
    with (out / name).open("ab") as file:
        file.write(b"filled in")
    changed = (out / name).read_bytes()
    assert run(words) in (0, 2)
    assert (out / name).read_bytes() == changed


@pytest.mark.parametrize("name", [*SETS, "template", "policy", "sample"])
def test_a_full_disk_has_its_own_words_and_nothing_is_written(
    name: str,
    data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    alone = {"template": ["template", "--out", "new.xlsx"], "policy": ["policy", "--out", "out"]}
    alone["sample"] = ["sample", "s", "--requests", "1", "--households", "1", "--out", "out"]

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert run(alone.get(name) or command(name, data, tmp_path / "out")) == 2
    said = capsys.readouterr().err
    assert "The disk has no room for it. Make room, or name another folder." in said
    assert "Nothing was written." in said
    assert list(tmp_path.iterdir()) == []


def test_a_rename_that_fails_says_that_the_folder_is_half_made(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def read_only(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "replace", read_only)
    assert run(command("round", data, tmp_path / "out")) == 1
    said = capsys.readouterr().err
    assert "not every file could be put in place (Read-only file system)." in said
    assert "The folder is half made" in said
    assert "Nothing was written" not in said


def test_long_ids_are_cut_to_what_a_disk_takes(tmp_path: Path) -> None:
    long, other = "字" * 80, "字" * 79 + "文"
    assert len(file_name(long).encode()) < 100
    assert file_name(long) != file_name(other)
    tables = {
        "requests": [a_request(long)],
        "households": [a_household(long)],
        "carers": [a_carer(long)],
    }
    data = str(write_tables(tmp_path / "data", tables))
    assert run(["documents", data, long, long, "--out", "d", "--quiet"]) == 0
    assert len(list((tmp_path / "d").glob("*.docx"))) >= 2
    assert run(["explain", data, long, long, "--out", "e", "--quiet"]) == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no /dev/full.")
def test_a_lost_output_is_told_and_no_traceback(data: Path, tmp_path: Path) -> None:
    words = f'"{sys.executable}" -m matcher round "{data}" --no-report --out "{tmp_path}/o" --quiet'
    for ending, status in ((">/dev/full", 1), (">&-", 0), (">&- 2>&-", 0)):
        done = subprocess.run(
            ["/bin/sh", "-c", f"{words} {ending}"], capture_output=True, text=True, cwd=ROOT, check=False
        )  # fmt: skip
        assert done.returncode == status
        lost = "Standard output can't be written to: No space left on device. Files written before it stay.\n"
        assert done.stderr == (lost if status else "")
        assert (tmp_path / "o" / "round.json").exists()
