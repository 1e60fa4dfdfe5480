"""A file that somebody sends: bounded before it is opened, laid out for intake, and then gone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from django.core.files.uploadedfile import UploadedFile

from matcher.errors import WrongInput, wrong_file
from matcher.intake.files import SETTINGS_FILE
from matcher.intake.rows import TABLES
from matcher.intake.workbooks import ENDINGS
from matcher.sizes import LARGEST_UPLOAD, LARGEST_UPLOAD_UNPACKED, MOST_UPLOADED_PARTS

THE_FILE = "the file"
TAKES = "Send a workbook (.xlsx, .xlsm, .xls, .ods), a .zip of CSV files, or one table as .csv."
READ = {f"{table}.csv" for table in TABLES} | {SETTINGS_FILE}


@contextmanager
def laid_out(upload: UploadedFile[bytes]) -> Iterator[Path]:
    """An upload as the workbook, folder or CSV file that intake reads; afterwards it is gone.

    WrongInput where it is too large, or nothing that is read.
    """
    name = PurePosixPath((upload.name or "").casefold())
    if (upload.size or 0) > LARGEST_UPLOAD:
        raise _wrong(f"It is larger than {LARGEST_UPLOAD / 1e6:g} MB.", "Keep only the tables.")
    raw = upload.read(LARGEST_UPLOAD + 1)
    parts = _parts(raw) if raw.startswith(b"PK") else {}
    with tempfile.TemporaryDirectory(prefix="matcher-panel-") as made:
        folder = Path(made)
        if name.suffix in ENDINGS:
            path = folder / f"{THE_FILE}{name.suffix}"
            path.write_bytes(raw)
            yield path
        elif name.suffix == ".zip" and parts:
            _unpack(raw, parts, folder)
            yield folder
        elif name.suffix == ".csv":
            path = folder / (name.name if name.name in READ else f"{THE_FILE}.csv")
            path.write_bytes(raw)
            yield folder if name.name in READ else path
        else:
            raise _wrong("It is no file that is read here.", TAKES)


def _parts(raw: bytes) -> dict[str, int]:
    """The parts of a packed file with their sizes, as it says itself."""
    try:
        with ZipFile(BytesIO(raw)) as archive:
            listed = archive.infolist()
    except BadZipFile:
        raise _wrong("It can't be opened.", "Save it again, and send that.") from None
    if len(listed) > MOST_UPLOADED_PARTS:
        raise _wrong(f"It has more than {MOST_UPLOADED_PARTS} parts.", "Keep only the tables.")
    if sum(part.file_size for part in listed) > LARGEST_UPLOAD_UNPACKED:
        size = f"{LARGEST_UPLOAD_UNPACKED / 1e6:g} MB"
        raise _wrong(f"It is larger than {size} once it is unpacked.", "Keep only the tables.")
    return {part.filename: part.file_size for part in listed}


def unpack(raw: bytes, folder: Path) -> None:
    """The tables of a .zip that ships into a folder."""
    _unpack(raw, _parts(raw), folder)


def _unpack(raw: bytes, parts: dict[str, int], folder: Path) -> None:
    """The tables of a .zip into a folder, whatever folder they stand in; nothing else."""
    with ZipFile(BytesIO(raw)) as archive:
        for part, size in parts.items():
            path = folder / PurePosixPath(part.casefold()).name
            if path.name not in READ:
                continue
            if path.exists():
                raise _wrong(f"It holds {path.name} twice.", "Keep one of them.")
            with archive.open(part) as found:
                content = found.read(size + 1)  # a part may say less than it is
            if len(content) > size:
                raise _wrong("It can't be opened.", "Pack it again, and send that.")
            path.write_bytes(content)


def _wrong(problem: str, fix: str) -> WrongInput:
    return WrongInput([wrong_file(THE_FILE, problem, fix)])
