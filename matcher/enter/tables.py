"""The files of the tables with new rows: every cell that is there stays as it is."""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from pathlib import Path
from typing import Protocol

from matcher.enter import sheets
from matcher.errors import WrongInput, wrong_file
from matcher.intake.cells import shown
from matcher.intake.files import SETTINGS_FILE, folded, heading_row, separator_of
from matcher.intake.formulas import csv_text
from matcher.intake.rows import TABLES, columns_of
from matcher.intake.workbooks import is_workbook
from matcher.show.files import write_bytes

EVENTS, DECISIONS = "events", "decisions"
BOM = "\ufeff"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")


class NewRow(Protocol):
    """A row of a table, its filled cells by column."""

    @property
    def table(self) -> str:
        """The name of the table."""

    @property
    def cells(self) -> dict[str, str]:
        """The cells that are filled, by column."""


def with_rows(data: Path, rows: Sequence[NewRow]) -> tuple[dict[Path, bytes], list[int]]:
    """The files that change by new rows, and the number of each row in its table.

    Of a workbook it is the next version, beside it.
    """
    of_table: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        of_table.setdefault(row.table, []).append(at)
    numbers = [0] * len(rows)
    files: dict[Path, bytes] = {}
    book = book_of(data) if is_workbook(data) else b""
    for table, places in sorted(of_table.items()):
        new = [rows[at].cells for at in places]
        if book:
            book, first = sheets.with_rows(book, table, list(columns_of(TABLES[table])), new)
        else:
            path = _file(data, table)
            files[path], first = _csv(path, table, new)
        for number, at in enumerate(places, start=first):
            numbers[at] = number
    return ({next_version(data): book} if book else files), numbers


def files_of(folder: Path) -> list[Path]:
    """The tables and the settings of a folder, whatever else lies in it."""
    read = {SETTINGS_FILE, *(f"{table}.csv" for table in TABLES)}
    return sorted(p for p in folder.iterdir() if p.name.casefold() in read and p.is_file())


def book_of(data: Path) -> bytes:
    """The bytes of a workbook whose cells can be written one by one; WrongInput where they can't."""
    book = data.read_bytes()
    if not sheets.is_usual(book):
        problem = "The cells of such a workbook can't be written one by one."
        fix = "In Excel, save it as 'Excel Workbook (.xlsx)' first, or write them by hand."
        raise WrongInput([wrong_file("input", problem, fix, value=shown(data.name))])
    return book


def write(files: Mapping[Path, bytes], before: Mapping[Path, bytes | None]) -> None:
    """Put all files in place, or leave all as they were."""
    try:
        for path, made in files.items():
            write_bytes(path, [made])
    except BaseException:
        for path, old in before.items():
            if old is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != old:
                write_bytes(path, [old])
        raise


def as_they_are(paths: Iterable[Path]) -> dict[Path, bytes | None]:
    """What stands in files now, None where there is none."""
    return {path: path.read_bytes() if path.exists() else None for path in paths}


def next_version(path: Path) -> Path:
    """The first free name with a number behind it; of a next version the one after it."""
    stem, first = path.stem, 2
    earlier = re.fullmatch(r"(.+)-([0-9]{1,3})", stem)
    if earlier and os.path.lexists(path.with_stem(earlier[1])):
        stem, first = earlier[1], int(earlier[2]) + 1
    versions = (path.with_stem(f"{stem}-{number}") for number in count(first))
    return next(version for version in versions if not os.path.lexists(version))


# --- CSV


def _file(folder: Path, table: str) -> Path:
    """The file of a table in a folder, whatever the case of its name; the one to make else."""
    name = f"{table}.csv"
    named = (path for path in sorted(folder.iterdir()) if path.name.casefold() == name)
    return next(named, folder / name)


def _csv(path: Path, table: str, rows: Sequence[Mapping[str, str]]) -> tuple[bytes, int]:
    """A CSV file with new rows at its end, and the number of the first.

    A column that it lacks comes last; what is there keeps its separator, its ends of lines and its
    encoding.
    """
    known = list(columns_of(TABLES[table]))
    raw = path.read_bytes() if path.exists() else b""
    if not raw.strip():
        lines = [known, *([row.get(column, "") for column in known] for row in rows)]
        return csv_text(lines, ",", "\r\n").encode("utf-8"), 2
    text, encoding = _decoded(raw)
    end = "\r\n" if "\r\n" in text else "\n"
    if not text.endswith(("\n", "\r")):
        text += end
    names = {folded(column) for column in known}
    first_line, separator = separator_of(text.removeprefix(BOM), names)
    bare = text.removeprefix(BOM).removeprefix(first_line)
    head, text = text[: len(text) - len(bare)], bare
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    records, ends = [], []
    for record in reader:
        records.append(record)
        ends.append(reader.line_num)
    at = heading_row(records, names)
    columns = _columns(records[at], known)
    lacking = [c for c in known if c not in columns and any(c in row for row in rows)]
    if lacking:
        text = _with_columns(text, ends, at, separator, lacking)
    every = [*columns, *lacking]
    added = [[row.get(column, "") for column in every] for row in rows]
    whole = head + text + csv_text(added, separator, end)
    try:
        made = whole.encode(encoding)
    except UnicodeEncodeError:  # Windows-1252 has no such letter
        made = (BOM + whole).encode("utf-8")
    return made, len(records) + 1


def _decoded(raw: bytes) -> tuple[str, str]:
    """The text of a file, a mark of its encoding at its head kept, and the encoding."""
    if raw.startswith(UTF_16):
        return raw.decode("utf-16"), "utf-16"
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return raw.decode("cp1252"), "cp1252"


def _columns(headings: Sequence[str], known: Sequence[str]) -> list[str]:
    """What each column of a file holds, its own heading where the contract has none of that name."""
    by_name = {folded(column): column for column in known}
    return [by_name.get(folded(heading), heading) for heading in headings]


def _with_columns(
    text: str, ends: Sequence[int], heading: int, separator: str, names: Sequence[str]
) -> str:
    """The text with more columns at the end of each row from the headings on, whose names they are."""
    lines = text.splitlines(keepends=True)
    for number, at in enumerate(ends[heading:]):
        line = lines[at - 1]
        bare = line.rstrip("\r\n")
        more = names if number == 0 else [""] * len(names)
        if bare or number == 0:
            lines[at - 1] = separator.join([bare, *more]) + line[len(bare) :]
    return "".join(lines)
