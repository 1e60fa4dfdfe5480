"""Write files so that they appear whole or not at all."""

from __future__ import annotations

import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from math import isnan
from pathlib import Path
from typing import Any

from matcher.errors import WrongInput, wrong_option
from matcher.intake.cells import shown
from matcher.record import Record


def json_text(record: Record) -> Iterator[bytes]:
    """A round as JSON, one request or household a line, so that two rounds compare line by line.

    A request that is JSON already goes in as it is.
    """
    yield b"{"
    for at, (key, value) in enumerate(record.items()):
        yield b",\n" if at else b"\n"
        yield _json(key) + b": "
        if key in ("requests", "households") and value:
            yield b"[\n"
            for place, each in enumerate(value):
                yield b",\n" if place else b""
                yield each if isinstance(each, bytes) else json_line(each)
            yield b"\n]"
        else:
            yield _json(value)
    yield b"\n}\n"


def known(record: Record) -> Record:
    """A record with None for NaN, which JSON does not have."""
    return {k: None if isinstance(v, float) and isnan(v) else v for k, v in record.items()}


def json_line(record: Record) -> bytes:
    """A record as one line of JSON; orjson writes a national round in a fifth of the time."""
    import orjson

    return orjson.dumps(record)


def _json(value: Any) -> bytes:
    """What may hold whole numbers beyond 64 bits, which orjson does not write."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def allowed(mode: int) -> int:
    """A mode of a new file or folder, less what the user's umask takes away."""
    mask = os.umask(0)
    os.umask(mask)
    return mode & ~mask


def cannot_write(folder: Path, error: OSError) -> WrongInput:
    """The error of a folder that can't be written to."""
    problem = f"The folder can't be written to: {error.strerror}."
    fix = "Name another folder."
    return WrongInput([wrong_option("--out", problem, fix, value=shown(str(folder)))])


def write_whole(path: Path, text: Iterator[str]) -> None:
    """Write a text file beside its place and move it there; the old one stays until then."""
    write_bytes(path, (piece.encode() for piece in text))


def write_bytes(path: Path, pieces: Iterable[bytes]) -> None:
    """Write a file beside its place and move it there; the old one stays until then."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    except OSError as error:
        raise cannot_write(path.parent, error) from None
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, allowed(0o666))
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


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
