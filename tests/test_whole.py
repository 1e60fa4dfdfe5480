"""The outputs of a round appear whole, and never over what people wrote, whatever happens to the run."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import shutil
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest

from builders import a_carer, a_household, a_request, one_pair, write_tables
from matcher import __version__
from matcher.cli import run
from matcher.errors import WrongInput
from matcher.report import papers
from matcher.show import files

ROOT = Path(__file__).parent.parent
OUTPUTS = ("round.json", "report.html", "matches.xlsx", "figures", "manifest.json")
EARLY, LATE = 6, 13  # kills: spread over a whole run, and round the moment of putting in place
LATE_SECONDS = 0.12


def hashes(folder: Path) -> dict[str, str]:
    """Every file of a folder but those of a run under way, by its path, as a hash."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".matcher-" not in str(path.relative_to(folder))
    }


def left_over(folder: Path) -> list[str]:
    """What runs left in the folder of a report, and beside it."""
    return sorted(path.name for path in folder.parent.rglob(".*.matcher-*"))


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
        while process.is_alive() and not any(out.glob(f".{out.name}.*/files/{name}")):
            time.sleep(pause)


def one_kill(folder: Path, place: Path, after: float | None, late: bool) -> str:
    """Kill one run over the old report, and say which report is there then; None is after its end."""
    out = place / "report"
    shutil.copytree(folder / "old", out)
    process = start(folder / "new-data", out)
    if late:
        nearly_done(process, out)
    if after is None:
        process.join()
    else:
        time.sleep(after)
    process.kill()
    process.join()
    found, old, new = hashes(out), hashes(folder / "old"), hashes(folder / "new")
    if found in (old, new):
        return "old" if found == old else "new"
    strange = {name for name, digest in found.items() if digest not in (old[name], new[name])}
    return f"strange: {strange}" if strange or "manifest.json" in found else "half made"


def test_kills_leave_the_old_report_or_the_new_one_or_no_manifest(old_and_new, tmp_path):
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
    plan: list[tuple[float | None, bool]] = [(full * at / EARLY, False) for at in range(EARLY)]
    plan += [(LATE_SECONDS * (at / (LATE - 1)) ** 3, True) for at in range(LATE)]
    plan.append((None, False))

    def kill(at: int) -> str:
        (tmp_path / str(at)).mkdir()
        return one_kill(old_and_new, tmp_path / str(at), *plan[at])

    with ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        found = Counter(pool.map(kill, range(len(plan))))
    assert {"old", "new"} <= set(found) <= {"old", "new", "half made"}, found
    assert any(left_over(tmp_path / str(at) / "report") for at in range(len(plan)))


def test_the_next_run_cleans_up_after_one_that_was_killed(old_and_new, tmp_path):
    for name in ("report", "with [odd] name*"):
        place = tmp_path / name
        out = place / name
        one_kill(old_and_new, place, 0.0, late=True)
        (place / "report").rename(out)
        for left in left_over(out):
            (out / left).rename(out / left.replace(".report.", f".{out.name}."))
        unlike = [out / f".{out.name}", out / ".notes", out / f".x{out.name}.matcher-1"]
        for other in unlike:
            other.mkdir()
        (out / f".{out.name}.matcher-abc" / "files").mkdir(parents=True)
        assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 0
        assert hashes(out) == hashes(old_and_new / "new")
        assert left_over(out) == [f".x{out.name}.matcher-1"]
        assert all(path.is_dir() for path in unlike)


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
    assert (out / "figures" / "old.png").read_bytes() == b"of no round"
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
    ("module", "step"),
    [
        (papers, "all_figures"),
        (papers, "page"),
        (papers, "workbook"),
        (files, "_stage"),
        (files, "_prepare_manifests"),
    ],
)
@pytest.mark.parametrize("there", [True, False], ids=["over an old report", "in a new folder"])
def test_a_failure_while_writing_changes_nothing(
    old_and_new, tmp_path, monkeypatch, capsys, module, step, there
):
    out = tmp_path / "report"
    if there:
        shutil.copytree(old_and_new / "old", out)
        (out / "minutes.docx").write_text("ours", "utf-8")
    before = hashes(tmp_path)
    monkeypatch.setattr(module, step, broken)
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

    monkeypatch.setattr(papers, "workbook", stop)
    run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"])
    assert hashes(out) == hashes(old_and_new / "old")
    assert left_over(out) == []


class Stopped(Exception):
    """A run that ends between two renames."""


def stop_after(number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a run end after so many files are moved in, as a kill does."""
    real, moved = Path.replace, count(1)

    def replace(path: Path, target: Path) -> Path:
        if next(moved) > number:
            raise Stopped
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replace)


@pytest.mark.parametrize("moved", range(7))
def test_a_run_that_stops_while_moving_in_is_made_whole_by_the_next(
    old_and_new, tmp_path, monkeypatch, moved
):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    (out / "report.html").write_text("changed by people", "utf-8")
    (out / "minutes.docx").write_text("ours", "utf-8")
    stop_after(moved, monkeypatch)
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 1
    monkeypatch.undo()
    assert not (out / "manifest.json").exists(), "so that everybody sees that it is half made"
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 0
    found, new = hashes(out), hashes(old_and_new / "new")
    assert (out / "report.html").read_text("utf-8") == "changed by people"
    assert (out / "minutes.docx").read_text("utf-8") == "ours"
    ours = {n: d for n, d in found.items() if n not in ("report.html", "minutes.docx")}
    ours["report.html"] = ours.pop("report-2.html")
    assert {**ours, "manifest.json": ""} == {**new, "manifest.json": ""}
    assert listed(out) == {n: d for n, d in found.items() if n in listed(out)}


# The manifest, and what belongs to people


def listed(folder: Path) -> dict[str, str]:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    return {each["name"]: each["sha256"] for each in manifest["files"]}


def write(folder: Path, command: str = "round", **texts: str) -> list[str]:
    """Write a set of text files; what they are called then, in order."""
    made = [(f"{name}.txt", [text.encode()]) for name, text in texts.items()]
    return [path.name for path in files.write_files(folder, command, made).values()]


def test_the_manifest_lists_every_file_with_its_command_version_and_hash(old_and_new):
    found = hashes(old_and_new / "new")
    del found["manifest.json"]
    assert listed(old_and_new / "new") == found
    manifest = json.loads((old_and_new / "new" / "manifest.json").read_text("utf-8"))
    assert {(each["command"], each["version"]) for each in manifest["files"]} == {
        ("round", __version__)
    }


def test_the_same_round_has_the_same_manifest(old_and_new, tmp_path):
    out = tmp_path / "report"
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 0
    assert hashes(out) == hashes(old_and_new / "new")


def test_a_file_that_people_changed_stays_and_ours_goes_beside_it(tmp_path):
    assert write(tmp_path, a="1", b="1") == ["a.txt", "b.txt"]
    (tmp_path / "a.txt").write_text("theirs")
    assert write(tmp_path, a="2", b="2") == ["a-2.txt", "b.txt"]
    assert write(tmp_path, a="3", b="3") == ["a-2.txt", "b.txt"]
    (tmp_path / "a-2.txt").write_text("theirs too")
    assert write(tmp_path, a="4", b="4") == ["a-3.txt", "b.txt"]
    texts = {path.name: path.read_text() for path in tmp_path.glob("*.txt")}
    assert texts == {"a.txt": "theirs", "a-2.txt": "theirs too", "a-3.txt": "4", "b.txt": "4"}
    assert set(listed(tmp_path)) == {"a-3.txt", "b.txt"}


def test_what_is_no_longer_made_goes_unless_people_changed_it(tmp_path):
    write(tmp_path, a="1", b="1", c="1")
    (tmp_path / "b.txt").write_text("theirs")
    write(tmp_path, a="2")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt", "manifest.json"]
    assert set(listed(tmp_path)) == {"a.txt"}


def test_a_file_that_nobody_listed_stays(tmp_path):
    (tmp_path / "a.txt").write_text("theirs")
    (tmp_path / "b.txt").symlink_to("a.txt")
    (tmp_path / "c.txt").mkdir()
    assert write(tmp_path, a="1", b="1", c="1") == ["a-2.txt", "b-2.txt", "c-2.txt"]
    assert (tmp_path / "a.txt").read_text() == "theirs"


def test_two_commands_in_one_folder_leave_each_other_s_files(tmp_path):
    write(tmp_path, "round", a="1", b="1")
    write(tmp_path, "calendar", c="1")
    write(tmp_path, "round", a="2")
    assert set(listed(tmp_path)) == {"a.txt", "c.txt"}
    assert (tmp_path / "c.txt").exists()


@pytest.mark.parametrize(
    "text",
    ["", "{}", '{"schema": "matcher.manifest/1", "files": [{"name": "a"}]}', "[1]"],
)
def test_a_manifest_of_somebody_else_stops_the_run(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(WrongInput, match="did not write"):
        write(tmp_path, a="1")
    assert [path.name for path in tmp_path.iterdir()] == ["manifest.json"]


def test_a_manifest_leads_to_no_file_outside(tmp_path):
    out = tmp_path / "out"
    write(out, a="1")
    (tmp_path / "mine.txt").write_text("1")
    manifest = (out / "manifest.json").read_text()
    (out / "manifest.json").write_text(manifest.replace("a.txt", "../mine.txt"))
    with pytest.raises(WrongInput):
        write(out, b="1")
    assert (tmp_path / "mine.txt").exists()


def test_a_round_of_a_release_without_manifests_is_written_over(old_and_new, tmp_path):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    (out / "manifest.json").unlink()
    (out / "figures" / "old.png").write_bytes(b"nobody knows whose")
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out), "--quiet"]) == 0
    found, new = hashes(out), hashes(old_and_new / "new")
    assert found.pop("figures/old.png")
    # People may have filled in the workbook: it stays, and ours goes beside it.
    assert found.pop("matches.xlsx") == hashes(old_and_new / "old")["matches.xlsx"]
    assert found.pop("matches-2.xlsx") == new.pop("matches.xlsx")
    assert found.pop("manifest.json") != new.pop("manifest.json")
    assert found == new


def test_a_report_of_other_origin_is_not_written_over(old_and_new, tmp_path, capsys):
    out = tmp_path / "report"
    (out / "figures").mkdir(parents=True)
    (out / "figures" / "holiday.jpg").write_text("mine")
    (out / "report.html").write_text("mine")
    (out / "round.json").write_text("{}")
    assert run(["round", str(old_and_new / "new-data"), "--out", str(out)]) == 0
    assert "report.html is not as this software wrote it, so it stays" in capsys.readouterr().err
    assert (out / "figures" / "holiday.jpg").read_text() == "mine"
    assert (out / "report.html").read_text() == "mine"
    new = hashes(old_and_new / "new")
    assert hashes(out)["report-2.html"] == new["report.html"]
    assert hashes(out)["round-2.json"] == new["round.json"]


def test_verify_says_which_files_of_a_folder_are_as_they_were_made(old_and_new, tmp_path, capsys):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "new", out)
    command = ["verify", str(old_and_new / "new-data"), str(out), "--quiet"]

    def said(status: int) -> str:
        assert run(command) == status
        told = capsys.readouterr()
        return " ".join((told.err if status else told.out).split())

    assert "matches.xlsx, report.html and" in said(0)
    (out / "matches.xlsx").write_text("filled in")
    assert "Filled in or changed since, and not proved: matches.xlsx." in said(0)
    (out / "report.html").write_text("changed")
    (out / "matches.xlsx").unlink()
    assert said(3) == (
        "matches.xlsx: is gone, though manifest.json lists it. "
        "report.html: is no longer as manifest.json says that it was made."
    )
    (out / "manifest.json").write_text("{}")
    assert "manifest.json: is not as this software writes it" in said(3)
    (out / "manifest.json").unlink()
    assert "the folder has no manifest.json, so it is half made" in said(0)


def test_no_report_takes_the_rest_of_an_earlier_round_away(old_and_new, tmp_path):
    out = tmp_path / "report"
    shutil.copytree(old_and_new / "old", out)
    data = str(old_and_new / "new-data")
    assert run(["round", data, "--out", str(out), "--no-report", "--quiet"]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["manifest.json", "round.json"]


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
