"""The outputs of a round appear whole or not at all, whatever happens to the run."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from builders import a_carer, a_household, a_request, one_pair, write_tables
from matcher.cli import run
from matcher.report import writer

ROOT = Path(__file__).parent.parent
OUTPUTS = ("round.json", "report.html", "matches.xlsx", "figures")
EARLY, LATE = 14, 36  # kills: spread over a whole run, and round the moment of putting in place
LATE_SECONDS = 0.12


def hashes(folder: Path) -> dict[str, str]:
    """Every file of a folder, by its path, as a hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def left_over(folder: Path) -> list[str]:
    """What lies beside a report that is no report."""
    return sorted(path.name for path in folder.parent.iterdir() if path.name.startswith("."))


def two(folder: Path, title: str, homes: int) -> Path:
    """A small round whose report is like no other's."""
    names = [f"H{at}" for at in range(1, homes + 1)]
    tables = {
        "requests": [a_request("R1"), a_request("R2", home_postcode="NW5")],
        "households": [a_household(name) for name in names],
        "carers": [a_carer(name) for name in names],
    }
    return write_tables(folder, tables, f'as_of = 2026-11-23\ntitle = "{title}"\n')


@pytest.fixture(scope="module")
def old_and_new(tmp_path_factory):
    """The data of a round and its report, and the report of another round that it takes the place of."""
    folder = tmp_path_factory.mktemp("whole")
    for name, homes in (("old", 3), ("new", 2)):
        data = two(folder / f"{name}-data", f"The {name} round", homes)
        assert run(["round", str(data), "--out", str(folder / name), "--quiet"]) == 0
    old, new = hashes(folder / "old"), hashes(folder / "new")
    assert old.keys() == new.keys()
    different = {name for name in old if old[name] != new[name]}
    assert {name.split("/")[0] for name in different} == set(OUTPUTS)
    return folder


# Each run is a process of its own, forked from one that has imported what a run needs.
WARM = multiprocessing.get_context("forkserver")
WARM.set_forkserver_preload(
    ["matcher.cli", "matcher.rounds", "matcher.report.page", "matplotlib.pyplot"]
)


def a_run(*asked: str) -> None:
    sys.exit(run(["round", *asked, "--quiet"]))


def start(data: Path, out: Path) -> multiprocessing.process.BaseProcess:
    process = WARM.Process(target=a_run, args=(str(data), "--out", str(out)))
    process.start()
    return process


def nearly_done(process: multiprocessing.process.BaseProcess, out: Path) -> None:
    """Wait until the last file of the new report lies beside the old one."""
    for name, pause in (("figures", 0.02), ("report.html", 0.004), ("matches.xlsx", 0.0003)):
        while process.is_alive() and not any(out.parent.glob(f".{out.name}.*/{name}")):
            time.sleep(pause)


def one_kill(folder: Path, place: Path, after: float, late: bool) -> str:
    """Kill one run over the old report, and say which report is there then."""
    out = place / "report"
    shutil.copytree(folder / "old", out)
    process = start(folder / "new-data", out)
    if late:
        nearly_done(process, out)
    time.sleep(after)
    process.kill()
    process.join()
    found = hashes(out) if out.is_dir() else {}
    for name in ("old", "new"):
        if found == hashes(folder / name):
            return name
    return f"neither: {sorted(found)}"


def test_fifty_kills_leave_the_old_report_or_the_new_one(old_and_new, tmp_path):
    warm = WARM.Process(target=int)
    warm.start()
    warm.join()
    began = time.monotonic()
    shutil.copytree(old_and_new / "old", tmp_path / "first" / "report")
    process = start(old_and_new / "new-data", tmp_path / "first" / "report")
    process.join()
    assert process.exitcode == 0
    full = time.monotonic() - began
    assert hashes(tmp_path / "first" / "report") == hashes(old_and_new / "new")
    # The whole of a run, then ever wider steps from the moment when its last file is written.
    plan = [(full * at / EARLY, False) for at in range(EARLY)]
    plan += [(LATE_SECONDS * (at / (LATE - 1)) ** 3, True) for at in range(LATE)]
    assert len(plan) == 50

    def kill(at: int) -> str:
        (tmp_path / str(at)).mkdir()
        return one_kill(old_and_new, tmp_path / str(at), *plan[at])

    with ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        found = Counter(pool.map(kill, range(len(plan))))
    assert set(found) == {"old", "new"}, found
    leftovers = [name for at in range(50) for name in left_over(tmp_path / str(at) / "report")]
    assert leftovers, "some kill left something to clean up"
    assert all(name.startswith(".report.matcher-") for name in leftovers)


def test_the_next_run_cleans_up_after_one_that_was_killed(old_and_new, tmp_path):
    for name in ("report", "with [odd] name*"):
        place = tmp_path / name
        out = place / name
        assert one_kill(old_and_new, place, 0.0, late=True) in ("old", "new")
        (place / "report").rename(out)
        for left in left_over(out):
            (place / left).rename(place / left.replace(".report.", f".{out.name}."))
        unlike = [place / f".{out.name}", place / ".notes", place / f".x{out.name}.matcher-1"]
        for other in unlike:
            other.mkdir()
        (place / f".{out.name}.matcher-abc" / "figures").mkdir(parents=True)
        assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 0
        assert hashes(out) == hashes(old_and_new / "new")
        assert left_over(out) == sorted(path.name for path in unlike)


def test_what_else_lies_in_the_folder_survives(old_and_new, tmp_path):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    (out / "minutes.docx").write_text("ours", "utf-8")
    (out / ".hidden").write_text("ours too", "utf-8")
    (out / "notes" / "deep").mkdir(parents=True)
    (out / "notes" / "deep" / "a.txt").write_text("deep", "utf-8")
    (out / "notes" / "empty").mkdir()
    (out / "link").symlink_to("minutes.docx")
    (out / "dangling").symlink_to("nowhere")
    (out / "figures" / "old.png").write_bytes(b"of no round")
    os.chmod(out / "minutes.docx", 0o640)
    for _ in range(2):
        assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 0
    found, new = hashes(out), hashes(old_and_new / "new")
    assert {name: found.get(name) for name in new} == new
    assert (out / "minutes.docx").read_text("utf-8") == "ours"
    assert (out / "minutes.docx").stat().st_mode & 0o777 == 0o640
    assert (out / ".hidden").read_text("utf-8") == "ours too"
    assert (out / "notes" / "deep" / "a.txt").read_text("utf-8") == "deep"
    assert (out / "notes" / "empty").is_dir()
    assert os.readlink(out / "link") == "minutes.docx"
    assert os.readlink(out / "dangling") == "nowhere"
    assert not (out / "figures" / "old.png").exists(), "figures is the report's own folder"
    assert left_over(out) == []


def test_the_folder_stays_as_closed_as_it_was(old_and_new, tmp_path):
    """A report tells of families: who may not read its folder today may not tomorrow."""
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    out.chmod(0o700)
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 0
    assert oct(out.stat().st_mode & 0o777) == oct(0o700)


def broken(*arguments: object, **named: object) -> Iterator[str]:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    "step", ["write_bytes", "all_figures", "page", "workbook", "_put_in_place"]
)
@pytest.mark.parametrize("there", [True, False], ids=["over an old report", "in a new folder"])
def test_a_failure_while_writing_changes_nothing(
    old_and_new, tmp_path, monkeypatch, capsys, step, there
):
    out = tmp_path / "report"
    if there:
        shutil.copytree(old_and_new / "old", out)
        (out / "minutes.docx").write_text("ours", "utf-8")
    before = hashes(tmp_path)
    monkeypatch.setattr(writer, step, broken)
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out)]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "Something went wrong: OSError" in said.err
    assert hashes(tmp_path) == before
    assert left_over(out) == []
    assert out.exists() == there


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, SystemExit])
def test_a_run_that_is_stopped_changes_nothing(old_and_new, tmp_path, monkeypatch, error):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)

    def stop(*arguments: object) -> bytes:
        raise error

    monkeypatch.setattr(writer, "workbook", stop)
    run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"])
    assert hashes(out) == hashes(old_and_new / "old")
    assert left_over(out) == []


def test_without_an_exchange_of_folders_it_goes_file_by_file(old_and_new, tmp_path, monkeypatch):
    """Elsewhere than on Linux: every output is there, and nothing is left beside."""
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    (out / "minutes.docx").write_text("ours", "utf-8")
    monkeypatch.setattr(writer, "_exchange", lambda one, other: False)
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 0
    assert (out / "minutes.docx").read_text("utf-8") == "ours"
    (out / "minutes.docx").unlink()
    assert hashes(out) == hashes(old_and_new / "new")
    assert left_over(out) == []


@pytest.mark.parametrize(
    "way",
    [
        lambda out: (out, "."),
        lambda out: (out, str(out)),
        lambda out: (out.parent, "report"),
        lambda out: (out / "sub", ".."),
        lambda out: (out.parent, "report/sub/.."),
        lambda out: (out.parent, "link"),
    ],
    ids=["dot", "absolute", "beside", "parent", "roundabout", "link"],
)
def test_the_working_folder_is_a_place_for_the_report(
    old_and_new, tmp_path, monkeypatch, way: Callable[[Path], tuple[Path, str]]
):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    (out / "sub").mkdir()
    (out / "sub" / "ours.txt").write_text("ours", "utf-8")
    (tmp_path / "link").symlink_to("report", target_is_directory=True)
    here, name = way(out)
    monkeypatch.chdir(here)
    assert run(["round", str(old_and_new / "new-data"), "--out", name, "--quiet"]) == 0
    assert Path.cwd() == here, "whoever stands in the folder still stands in it"
    assert Path.cwd().samefile(here)
    found = hashes(out)
    assert found.pop("sub/ours.txt")
    assert found == hashes(old_and_new / "new")
    assert (tmp_path / "link").is_symlink()
    assert left_over(out) == []


def test_two_runs_at_once_leave_one_whole_report(old_and_new, tmp_path):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    runs = [start(old_and_new / f"{name}-data", out) for name in ("old", "new")]
    for process in runs:
        process.join()
    assert [process.exitcode for process in runs] == [0, 0]
    assert hashes(out) in (hashes(old_and_new / "old"), hashes(old_and_new / "new"))
    assert left_over(out) == []


def test_a_file_in_the_place_of_the_folder_is_not_touched(old_and_new, tmp_path, capsys):
    out = tmp_path / "report"
    out.write_text("a file", "utf-8")
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out)]) == 2
    assert out.read_text("utf-8") == "a file"
    assert left_over(out) == []


def test_wrong_input_leaves_the_old_report(old_and_new, tmp_path):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    data = write_tables(tmp_path / "data", one_pair(a_request(purpose="assesment")))
    assert run(["round", str(data), "--out", str(out), "--quiet"]) == 2
    assert hashes(out) == hashes(old_and_new / "old")
    assert left_over(out) == []
