"""Write files so that they appear whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from matcher.errors import Fault, WrongInput
from matcher.intake.cells import shown
from matcher.record import Record


def json_text(record: Record) -> Iterator[str]:
    """A round as JSON, one request or household a line, so that two rounds compare line by line."""
    yield "{"
    for at, (key, value) in enumerate(record.items()):
        yield ",\n" if at else "\n"
        yield f"{json.dumps(key)}: "
        if key in ("requests", "households") and value:
            yield "[\n"
            for place, each in enumerate(value):
                yield ",\n" if place else ""
                yield json.dumps(each, ensure_ascii=False)
            yield "\n]"
        else:
            yield json.dumps(value, ensure_ascii=False)
    yield "\n}\n"


def allowed(mode: int) -> int:
    """A mode of a new file or folder, less what the user's umask takes away."""
    mask = os.umask(0)
    os.umask(mask)
    return mode & ~mask


def cannot_write(folder: Path, error: OSError) -> WrongInput:
    """The error of a folder that can't be written to."""
    problem = f"The folder can't be written to: {error.strerror}."
    fix = "Name another folder."
    return WrongInput([Fault("options", None, "--out", shown(str(folder)), problem, fix)])


def write_whole(path: Path, text: Iterator[str]) -> None:
    """Write a text file beside its place and move it there; the old one stays until then."""
    write_bytes(path, *(piece.encode() for piece in text))


def write_bytes(path: Path, *pieces: bytes) -> None:
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
