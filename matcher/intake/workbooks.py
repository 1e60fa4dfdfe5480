"""Open a workbook, of Excel or OpenDocument, once it is known that it takes no more than it may."""

from __future__ import annotations

import io
import posixpath
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

from matcher.intake.cells import shown
from matcher.intake.disk import read_file
from matcher.intake.grids import (
    BROKEN,
    Grid,
    WrongSheet,
    attribute,
    blank_texts,
    elements,
    of_excel,
    of_open_document,
    too_large,
)
from matcher.sizes import LARGEST_AREA, LARGEST_UNPACKED, MOST_PARTS

ENDINGS = (".xlsx", ".xlsm", ".xls", ".ods")
OTHER_ENDINGS = (".xlsb", ".xltx", ".xltm", ".xlt", ".ots", ".fods", ".numbers", ".gsheet")
_ZIP, _OLD = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ROOT, _BOOK = "_rels/.rels", "xl/workbook.xml"
_MANIFEST = "META-INF/manifest.xml"
_SHARED = ("sharedStrings", "styles")
_LOCKED = (
    "The workbook is locked with a password or a sensitivity label.",
    "In Excel, clear the password under File, Info, Protect Workbook, or save a copy without the label.",
)
Wanted = Callable[[str], bool]


def is_workbook(path: Path) -> bool:
    """Whether a path names a workbook that can be read."""
    return path.suffix.casefold() in ENDINGS


def read_workbook(path: Path, wanted: Wanted = lambda _: True) -> dict[str, Grid]:
    """Every sheet by its name, those that are not wanted without cells.

    Raises WrongSheet where one can't be read, and OSError where the file can't.
    """
    raw = read_file(path)
    try:
        return dict(_grids(raw, wanted))
    except WrongSheet:
        raise
    except Exception as error:  # what a library raises of a broken file is its own
        problem = f"The workbook can't be read ({type(error).__name__})."
        raise WrongSheet(problem, BROKEN) from error


def _grids(raw: bytes, wanted: Wanted) -> Iterator[tuple[str, Grid]]:
    if raw.startswith(_OLD):
        if "EncryptedPackage".encode("utf-16-le") in raw:
            raise WrongSheet(*_LOCKED)
        yield from _of_old_excel(raw, wanted)
    elif raw.startswith(_ZIP):
        with ZipFile(io.BytesIO(raw)) as book:
            parts = _Parts(book)
            read = _of_open_document if "content.xml" in parts else _of_excel
            yield from read(parts, wanted)
    else:
        raise WrongSheet("The file is named as a workbook, but it is none.", BROKEN)


@contextmanager
def _named(sheet: str) -> Iterator[None]:
    """Name the sheet where it is wrong."""
    try:
        yield
    except WrongSheet as error:
        error.sheet = sheet
        raise


class _Parts:
    """The parts of a workbook, unpacked one by one, and together no more than they may be."""

    def __init__(self, book: ZipFile) -> None:
        self.book, self.left = book, LARGEST_UNPACKED
        listed = book.infolist()
        if len(listed) > MOST_PARTS:
            raise WrongSheet(f"The workbook has more than {MOST_PARTS:,} parts.", BROKEN)
        self.parts: dict[str, ZipInfo] = {}
        for part in listed:
            name = part.filename.replace("\\", "/").casefold()
            if self.parts.setdefault(name, part) is not part:
                raise WrongSheet("The workbook has two parts of one name.", BROKEN)

    def __contains__(self, name: str) -> bool:
        return name.casefold() in self.parts

    def read(self, name: str) -> bytes:
        """A part; b'' where there is none."""
        part = self.parts.get(name.casefold())
        if part is None:
            return b""
        content = b""
        if part.file_size <= self.left:
            with self.book.open(part) as file:
                content = file.read(self.left + 1)
        self.left -= max(part.file_size, len(content))
        if self.left < 0:
            problem = (
                f"The workbook is larger than {LARGEST_UNPACKED / 1e6:g} MB once it is unpacked."
            )
            raise WrongSheet(problem, "Keep only the tables in it.")
        return content


def _of_excel(parts: _Parts, wanted: Wanted) -> Iterator[tuple[str, Grid]]:
    kept = {_ROOT: parts.read(_ROOT)}
    book = next((target for kind, target in _links(kept[_ROOT], "").values() if kind == "officeDocument"), _BOOK)  # fmt: skip
    folder, file = posixpath.split(book)
    beside = f"{folder}/_rels/{file}.rels"
    kept |= {book: parts.read(book), beside: parts.read(beside)}
    links = _links(kept[beside], folder)
    kept |= {target: parts.read(target) for kind, target in links.values() if kind in _SHARED}
    texts = next((target for kind, target in links.values() if kind == "sharedStrings"), "")
    blanks = cache(lambda: blank_texts(kept[texts]) if texts else set())
    grids: dict[str, Grid] = {}
    for kind, each in elements(kept[book]):
        if kind != "sheet":
            continue
        name = each["name"]
        part, target = links.get(attribute(each, "id"), ("", ""))
        is_read = part == "worksheet" and wanted(name)  # a sheet that is a chart has no cells
        if name in grids:
            raise WrongSheet(f"Two sheets are named {shown(name)}.", BROKEN)
        grids[name] = Grid()
        if is_read:
            with _named(name):
                if target not in parts:
                    raise WrongSheet("The sheet is missing in the workbook.", BROKEN)
                grids[name], kept[target] = of_excel(parts.read(target), blanks)
        grids[name].hidden = each.get("state", "visible") != "visible"
        grids[name].is_read = is_read
    return _filled({name: content for name, content in kept.items() if content}, grids)


def _links(xml: bytes, folder: str) -> dict[str, tuple[str, str]]:
    """What a part of a workbook in a folder links to, by the link's id: its kind and the part."""
    return {
        each["Id"]: (
            each["Type"].rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, each["Target"])).lstrip("/"),
        )
        for name, each in (elements(xml) if xml else [])
        if name == "Relationship" and each.get("TargetMode") != "External"
    }


def _of_open_document(parts: _Parts, wanted: Wanted) -> Iterator[tuple[str, Grid]]:
    kept = {name: parts.read(name) for name in ("mimetype", _MANIFEST, "content.xml")}
    if b"encryption-data" in kept[_MANIFEST]:
        raise WrongSheet(*_LOCKED)
    grids = of_open_document(kept["content.xml"])
    for name, grid in grids.items():
        grid.is_read = wanted(name)
    return _filled(kept, grids)


def _filled(parts: dict[str, bytes], grids: dict[str, Grid]) -> Iterator[tuple[str, Grid]]:
    """The grids of a workbook of these parts, with their values; the library sees no other part."""
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    made = io.BytesIO()
    with ZipFile(made, "w") as copy:
        for name, content in parts.items():
            copy.writestr(name, content)
    made.seek(0)
    book = CalamineWorkbook.from_filelike(made)
    for sheet in book.sheets_metadata:
        grid = grids[sheet.name]
        grid.hidden = grid.hidden or sheet.visible != SheetVisibleEnum.Visible
        if grid.is_read:
            grid.rows = book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
            for row, column in grid.unread:
                if row <= len(grid.rows) and column <= len(grid.rows[row - 1]):
                    grid.rows[row - 1][column - 1] = ""
        yield sheet.name, grid


def _of_old_excel(raw: bytes, wanted: Wanted) -> Iterator[tuple[str, Grid]]:
    import xlrd

    try:
        book = xlrd.open_workbook(
            file_contents=raw,
            logfile=io.StringIO(),
            on_demand=True,
            ragged_rows=True,
            formatting_info=True,  # it says which rows are hidden
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise WrongSheet(*_LOCKED) from None
        raise
    for at, name in enumerate(book.sheet_names()):
        grid = Grid()
        if wanted(name):
            with _named(name):
                grid = _old_grid(book.sheet_by_index(at), book.datemode)
            book.unload_sheet(at)
        yield name, grid


def _old_grid(sheet: Any, datemode: int) -> Grid:
    import xlrd

    widest = max((sheet.row_len(at) for at in range(sheet.nrows)), default=0)
    if sheet.nrows * widest > LARGEST_AREA:
        raise WrongSheet(*too_large(sheet.nrows, widest))
    grid = Grid(hidden=bool(sheet.visibility), is_read=True)
    for row in range(sheet.nrows):
        cells = zip(sheet.row_types(row), sheet.row_values(row), strict=True)
        line: list[Any] = [""] * widest
        for column, (kind, value) in enumerate(cells):
            if kind == xlrd.XL_CELL_ERROR:
                error = xlrd.error_text_from_code.get(value, "#N/A")
                grid.put_unread(row + 1, column + 1, error)
            elif kind == xlrd.XL_CELL_BOOLEAN:
                line[column] = bool(value)
            elif kind == xlrd.XL_CELL_DATE:
                line[column] = xlrd.xldate_as_datetime(value, datemode)
            else:
                line[column] = value  # '' where it is blank
        grid.rows.append(line)
    grid.hidden_rows = {at + 1 for at, row in sheet.rowinfo_map.items() if row.hidden}
    grid.hidden_columns = {at + 1 for at, column in sheet.colinfo_map.items() if column.hidden}
    for top, bottom, left, right in sheet.merged_cells:
        grid.merged.append(((top + 1, left + 1), (bottom, right)))
    return grid
