"""Write files so that they appear whole or not at all, and never over what people wrote.

A set of files has a manifest beside it: which command of which version wrote each, and its SHA-256.
A file that is no longer what the manifest says belongs to people.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from glob import escape
from itertools import chain, count
from math import isnan
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO, TypeAlias

from matcher import __version__
from matcher.errors import MatcherError, WrongInput, wrong_option
from matcher.intake.cells import shown
from matcher.intake.disk import read_file

Record: TypeAlias = dict[str, Any]  # an answer as JSON has it
MANIFEST = "manifest.json"
SCHEMA = "matcher.manifest/1"
_BEFORE = "before.json"  # the manifest that a run takes away, kept until its own is in place
_FILES = "files"
_BESIDE = ".matcher-"  # what a file that is being written beside its place begins with


def known(record: Record) -> Record:
    """A record with None for NaN, which JSON does not have."""
    return {k: None if isinstance(v, float) and isnan(v) else v for k, v in record.items()}


def allowed(mode: int) -> int:
    """A mode of a new file or folder, less what the user's umask takes away."""
    mask = os.umask(0)
    os.umask(mask)
    return mode & ~mask


def cannot_write(folder: Path, error: OSError) -> WrongInput:
    """The error of a folder that can't be written to, or of a disk without room; nothing was written."""
    problem, fix = f"The folder can't be written to: {error.strerror}.", "Name another folder."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        problem, fix = "The disk has no room for it.", "Make room, or name another folder."
    elif error.errno == errno.ENAMETOOLONG:
        problem, fix = "A name is too long for the disk.", "Name a folder with a shorter name."
    fix += " Nothing was written."
    return WrongInput([wrong_option("--out", problem, fix, value=shown(str(folder)))])


def write_bytes(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file beside its place and move it there; the old one stays until then, and its mode after."""
    path = path.resolve()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _clear_what_stopped_runs_left(path.parent)
        mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else allowed(0o666)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{_BESIDE}{os.getpid()}-")
    except OSError as error:
        raise cannot_write(path.parent, error) from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in pieces:
                _put(file, piece, path.parent)
            _settle(file, path.parent)
        os.chmod(beside, mode)
        os.replace(beside, path)
    except BaseException as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise cannot_write(path.parent, error) from None
        raise


def _put(file: BinaryIO, piece: bytes, folder: Path) -> None:
    try:
        file.write(piece)
    except OSError as error:
        raise cannot_write(folder, error) from None


def _settle(file: BinaryIO, folder: Path) -> None:
    """Bring what was written onto the disk."""
    try:
        file.flush()
        os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(folder, error) from None


def _clear_what_stopped_runs_left(folder: Path) -> None:
    for path in folder.glob(f"{escape(_BESIDE)}*"):
        if not is_at_work(path.name.removeprefix(_BESIDE)):
            path.unlink(missing_ok=True)


def without_clock(archive: bytes) -> bytes:
    """A zip archive, such as a Word file, whose members bear no time of writing."""
    again = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name)  # the first day that an archive can hold
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return again.getvalue()


# --- A set of files and its manifest ------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of a manifest: the command and version that wrote it, its name and its SHA-256."""

    command: str
    version: str
    name: str  # below the folder, with / between
    sha256: str


def write_files(
    folder: Path,
    command: str,
    made: Iterable[tuple[str, Iterable[bytes]]],
    *,
    over_earlier_release: bool = False,
) -> dict[str, Path]:
    """Write the files that a command made, each as (name, pieces); where each of them is then.

    All of them are on the disk before the first is moved in, so an error while they are made leaves
    the folder as it was. Then the old manifest goes, each file is moved in, and the new manifest
    comes last: a folder without one is half made, and the next run completes it.

    What the command wrote before and no longer makes goes. A file that people changed or brought
    stays, and ours goes beside it: `matches-2.xlsx`. A release that wrote no manifest left files of
    the same names; with `over_earlier_release` those are taken for ours where no manifest is, but for
    workbooks, which people fill in.
    """
    given, folder = folder, folder.resolve()
    is_new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(dir=folder, prefix=f"{_stage_prefix(folder)}{os.getpid()}-"))
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        read_manifest(folder)
        digests = {name: _stage(stage / _FILES / name, pieces, folder) for name, pieces in made}
        with _alone_in(folder):
            before = _known_entries(folder)
            if over_earlier_release and not before:
                before = [
                    Entry(command, "", name, digest)
                    for name in digests
                    if not name.endswith(".xlsx") and (digest := _digest(folder / name))
                ]
            names = {name: _free_name(folder, name, digests, before) for name in digests}
            _prepare_manifests(folder, stage, command, digests, names, before)
            _move_in(folder, stage, command, names, before)
    except BaseException:
        if not (stage / _BEFORE).exists():  # else files have begun to move: the next run needs it
            shutil.rmtree(stage, ignore_errors=True)
        if is_new:
            with suppress(OSError):
                folder.rmdir()
        raise
    return {name: given / place for name, place in names.items()}


def read_manifest(folder: Path) -> list[Entry] | None:
    """What a folder's manifest lists; None where there is none, WrongInput where it is not ours."""
    path = folder / MANIFEST
    if not path.exists():
        return None
    try:
        return _entries(path)
    except (OSError, ValueError, TypeError, KeyError):
        problem = f"It holds a {MANIFEST} that this software did not write, or that was changed."
        fix = f"Name another folder, or remove {MANIFEST}."
        raise WrongInput([wrong_option("--out", problem, fix, shown(str(folder)))]) from None


def peoples(folder: Path, name: str) -> Path | None:
    """The last version of a file that people changed or brought; None where there is none.

    Versions are `matches.xlsx`, `matches-2.xlsx` and so on, beside each other.
    """
    if not folder.is_dir():
        return None
    ours = {(entry.name, entry.sha256) for entry in _known_entries(folder)}
    path = PurePosixPath(name)
    found = []
    for each in folder.glob(f"{escape(path.stem)}*{path.suffix}"):
        number = each.stem.removeprefix(path.stem).removeprefix("-") or "1"
        if number.isdigit() and (digest := _digest(each)) and (each.name, digest) not in ours:
            found.append((int(number), each))
    return max(found, default=(0, None))[1]


WHOLE, CHANGED, UNLISTED, STOPPED, NOT_OURS = "whole", "changed", "unlisted", "stopped", "not ours"


@dataclass(frozen=True, slots=True)
class Held:
    """A folder held against its manifest.

    `state` is `whole`, `changed` where a file is not as it was written, `unlisted` without a manifest,
    `stopped` where a run was stopped while it moved files in, `not ours` where the manifest is no such.
    """

    state: str
    kept: tuple[Entry, ...] = ()
    changed: tuple[Entry, ...] = ()
    gone: tuple[Entry, ...] = ()


def held_against_manifest(folder: Path) -> Held:
    """What of a folder is as its manifest says."""
    try:
        entries = read_manifest(folder)
    except WrongInput:
        return Held(NOT_OURS)
    if entries is None:
        return Held(STOPPED if _is_stopped(folder) else UNLISTED)
    kept = tuple(entry for entry in entries if _unchanged(folder, entry))
    other = [entry for entry in entries if entry not in kept]
    gone = tuple(entry for entry in other if not os.path.lexists(folder / entry.name))
    changed = tuple(entry for entry in other if entry not in gone)
    return Held(CHANGED if other else WHOLE, kept, changed, gone)


def differences(made: Path) -> list[str]:
    """In sentences, where a folder, or that of a file in it, is not what its manifest says.

    A file in a folder without one lies there by itself.
    """
    if not made.is_dir():
        is_of_folder = (made.parent / MANIFEST).exists() or _is_stopped(made.parent)
        return differences(made.parent) if is_of_folder else []
    held = held_against_manifest(made)
    where = shown(str(made))
    whole = {
        NOT_OURS: f"Its {MANIFEST} is not as this software writes it.",
        STOPPED: "A run was stopped while it wrote here, so that files of two runs may lie side by "
        "side. Run it again.",
        UNLISTED: f"It has no {MANIFEST}: it is half made, or of a release that wrote none.",
    }
    if held.state in whole:
        return [f"{where}: {whole[held.state]}"]
    return [
        f"{where}: {shown(entry.name)} is gone, or no longer as this software wrote it."
        for entry in sorted((*held.changed, *held.gone), key=lambda entry: entry.name)
    ]


def _is_stopped(folder: Path) -> bool:
    """Whether a run was stopped while it moved its files into a folder, and none has since."""
    if (folder / MANIFEST).exists() or not folder.is_dir():
        return False
    return any((stage / _BEFORE).exists() for stage in _stages(folder))


def _entries(path: Path) -> list[Entry]:
    manifest = json.loads(read_file(path))
    entries = [Entry(**each) for each in manifest["files"]]
    for entry in entries:
        name = PurePosixPath(entry.name)
        if name.is_absolute() or ".." in name.parts:
            raise ValueError("a name that leads out of the folder")
    if manifest["schema"] != SCHEMA:
        raise ValueError("another schema")
    return entries


def _write_entries(path: Path, entries: Iterable[Entry]) -> None:
    manifest = {"schema": SCHEMA, "files": [asdict(entry) for entry in entries]}
    pieces = [json.dumps(manifest, ensure_ascii=False, indent=1).encode(), b"\n"]
    _stage(path, pieces, path.parent.parent)


def _stage_prefix(folder: Path) -> str:
    return f".{folder.name}.matcher-"


def _stage(path: Path, pieces: Iterable[bytes], folder: Path) -> str:
    """Write a file that is moved into a folder later; its SHA-256."""
    digest = hashlib.sha256()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("wb")
    except OSError as error:
        raise cannot_write(folder, error) from None
    with file:
        for piece in pieces:
            digest.update(piece)
            _put(file, piece, folder)
        _settle(file, folder)
    return digest.hexdigest()


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs waiting while files are moved into a folder, where the system can do that."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a network disk without locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _stages(folder: Path) -> list[Path]:
    """What runs that are under way, or were stopped, have in a folder."""
    prefix = _stage_prefix(folder.resolve())
    return sorted(path for path in folder.iterdir() if path.name.startswith(prefix))


def _known_entries(folder: Path) -> list[Entry]:
    """What was written into a folder: its manifest, and those of runs stopped while moving in."""
    entries = read_manifest(folder) or []
    for stage in _stages(folder):
        for name in (_BEFORE, MANIFEST) if (stage / _BEFORE).exists() else ():
            if (stage / name).exists():  # the new manifest is moved in last
                entries += _entries(stage / name)
    return entries


def _digest(path: Path) -> str | None:
    """The SHA-256 of a file; None where there is none."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unchanged(folder: Path, entry: Entry) -> bool:
    return _digest(folder / entry.name) == entry.sha256


def _free_name(folder: Path, name: str, digests: Mapping[str, str], before: list[Entry]) -> str:
    """The name of a new file: its own, or with -2, -3 … where people's file has it."""
    ours = {(entry.name, entry.sha256) for entry in before}

    def is_peoples(place: str) -> bool:
        digest = _digest(folder / place)
        written_by_us = (place, digest) in ours or digest == digests[name]
        return os.path.lexists(folder / place) and not written_by_us

    path = PurePosixPath(name)
    versions = (str(path.with_stem(f"{path.stem}-{number}")) for number in count(2))
    return next(place for place in chain([name], versions) if not is_peoples(place))


def _prepare_manifests(
    folder: Path,
    stage: Path,
    command: str,
    digests: Mapping[str, str],
    names: Mapping[str, str],
    before: list[Entry],
) -> None:
    """Write the old and the new manifest beside the files, and make the folders they need."""
    new = [Entry(command, __version__, names[name], digests[name]) for name in digests]
    others = {
        entry.name: entry
        for entry in sorted(before, key=lambda entry: _unchanged(folder, entry))
        if entry.command != command and (folder / entry.name).exists()
    }
    entries = {**others, **{entry.name: entry for entry in new}}
    try:
        for name in names.values():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(folder, error) from None
    _write_entries(stage / MANIFEST, sorted(entries.values(), key=lambda entry: entry.name))
    _write_entries(stage / _BEFORE, before)


def _move_in(
    folder: Path, stage: Path, command: str, names: Mapping[str, str], before: list[Entry]
) -> None:
    """Put the files of a stage in place; from the first line to the last the folder is half made."""
    stale = [
        folder / entry.name
        for entry in before
        if entry.command == command
        and entry.name not in names.values()
        and _unchanged(folder, entry)
    ]
    try:
        (folder / MANIFEST).unlink(missing_ok=True)
        for path in stale:
            path.unlink(missing_ok=True)
        for name, place in names.items():
            (stage / _FILES / name).replace(folder / place)
        (stage / MANIFEST).replace(folder / MANIFEST)
    except OSError as error:
        why = f"not every file could be put in place ({error.strerror})"
        half = "The folder is half made, and has no manifest.json: run it again."
        raise MatcherError(f"{shown(str(folder))}: {why}. {half}") from None
    for path in stale:
        if path.parent != folder:
            with suppress(OSError):  # something else is in it
                path.parent.rmdir()
    shutil.rmtree(stage, ignore_errors=True)
    for other in _stages(folder):
        if not is_at_work(other.name.removeprefix(_stage_prefix(folder))):
            shutil.rmtree(other, ignore_errors=True)


def is_at_work(name: str) -> bool:
    """Whether the process is running whose number a name begins with, before a hyphen."""
    process = name.partition("-")[0]
    return process.isdigit() and _alive(int(process))


def _alive(process: int) -> bool:
    if os.name != "posix":
        return process == os.getpid()
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
