"""New rows in a sheet of an Excel workbook: all else in it stays as it is, to the last format.

The archive's own XML is added to, as a library that reads a workbook and writes it again would lose
lists, notes and formats. Texts are written into the cells themselves; days as days where the column
is formatted so.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, is_zipfile

from lxml import etree

from matcher.enter.days import FIRST_DAY
from matcher.intake.files import folded
from matcher.intake.grids import letters

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
LINKED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
PACKAGE = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
SHEET_LINK = f"{LINKED[1:-1]}/worksheet"
BOOK, LINKS, CONTENT = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
STYLES, STRINGS = "xl/styles.xml", "xl/sharedStrings.xml"
FORMATS_OF_DAYS = range(14, 23)
_PLACE = re.compile(r"([A-Z]+)([0-9]+)")


def with_rows(
    book: bytes, table: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]]
) -> tuple[bytes, int]:
    """A workbook with new rows below those of a table, and the number of the first.

    Where it has no sheet of that name, it gets one with these columns.
    """
    parts = _parts(book)
    part = _part_of(parts, table) or _new_sheet(parts, table, columns)
    sheet = _Sheet.of(parts, part)
    headings = sheet.headings(columns)
    first = max(sheet.last_filled(), headings.row) + 1
    for at, row in enumerate(rows, start=first):
        for column, text in row.items():
            sheet.write(at, headings.place_of(column, sheet), text)
    parts[part] = _bytes(sheet.root)
    return _packed(parts), first


def with_cells(book: bytes, table: str, texts: Mapping[tuple[int, int], str]) -> bytes:
    """A workbook whose table has other texts in these cells, each named by its row and column from 1."""
    parts = _parts(book)
    part = _part_of(parts, table)
    if part is None:
        raise ValueError(f"there is no sheet {table}")
    sheet = _Sheet.of(parts, part)
    for (row, place), text in texts.items():
        sheet.write(row, place, text)
    parts[part] = _bytes(sheet.root)
    return _packed(parts)


def _parts(book: bytes) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(book)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(parts: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def is_usual(book: bytes) -> bool:
    """Whether a workbook is Excel's usual one: no older kind, no OpenDocument, not the strict form."""
    file = io.BytesIO(book)
    if not is_zipfile(file):
        return False
    with ZipFile(file) as archive:
        return BOOK in archive.namelist() and MAIN[1:-1].encode() in archive.read(BOOK)


@dataclass
class _Headings:
    """The row of the headings, and the place of each column of the table, from 1."""

    row: int
    places: dict[str, int]
    last: int

    def place_of(self, column: str, sheet: _Sheet) -> int:
        """The place of a column; one that is not there comes last."""
        if column not in self.places:
            self.last += 1
            self.places[column] = self.last
            sheet.write(self.row, self.last, column)
        return self.places[column]


@dataclass
class _Sheet:
    """The XML of a sheet, the texts that its cells point to, and which formats show days."""

    root: Any
    rows: Any
    strings: list[str]
    day_styles: frozenset[int]

    @classmethod
    def of(cls, parts: Mapping[str, bytes], part: str) -> _Sheet:
        root = _parsed(parts[part])
        for dimension in root.findall(f"{MAIN}dimension"):
            root.remove(dimension)  # it would say that the sheet ends before the new rows
        return cls(root, root.find(f"{MAIN}sheetData"), _strings(parts), _day_styles(parts))

    def headings(self, columns: Sequence[str]) -> _Headings:
        """The first row that holds a heading of the table."""
        names = {folded(column): column for column in columns}
        for row in self.rows:
            found = {place: self._text(cell) for place, cell in self._cells(row)}
            known = {names[folded(text)]: at for at, text in found.items() if folded(text) in names}
            if known:
                return _Headings(int(row.get("r")), known, max(found))
        return _Headings(1, {}, 0)

    def last_filled(self) -> int:
        """The number of the last row with something in it."""
        return max(
            (
                int(r.get("r"))
                for r in self.rows
                for _, c in self._cells(r)
                if self._text(c).strip()
            ),
            default=0,
        )

    def write(self, number: int, place: int, text: str) -> None:
        """Write a cell, in the format that it, the one above it or its column has."""
        row = self._row(number)
        cells = dict(self._cells(row))
        style = self._style(number, place, cells.get(place))
        if place in cells:
            row.remove(cells.pop(place))
        cell = etree.Element(f"{MAIN}c", {"r": f"{letters(place)}{number}"})
        before = [at for at in cells if at < place]
        row.insert(len(before), cell)
        if style is not None:
            cell.set("s", style)
        day = _day(text)
        if day is not None and style is not None and int(style) in self.day_styles:
            etree.SubElement(cell, f"{MAIN}v").text = str((day - FIRST_DAY).days)
            return
        cell.set("t", "inlineStr")
        inside = etree.SubElement(etree.SubElement(cell, f"{MAIN}is"), f"{MAIN}t")
        inside.text = text
        inside.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")

    def _row(self, number: int) -> Any:
        before = 0
        for row in self.rows:
            if int(row.get("r")) == number:
                return row
            before += int(row.get("r")) < number
        row = etree.Element(f"{MAIN}row", {"r": str(number)})
        self.rows.insert(before, row)
        return row

    def _style(self, number: int, place: int, own: Any) -> str | None:
        above = [
            cell
            for row in self.rows
            if int(row.get("r")) == number - 1
            for at, cell in self._cells(row)
            if at == place
        ]
        heading_above = number <= 2
        for cell in (own, *([] if heading_above else above)):
            if cell is not None and cell.get("s") is not None:
                return str(cell.get("s"))
        for column in self.root.iterfind(f"{MAIN}cols/{MAIN}col"):
            if int(column.get("min")) <= place <= int(column.get("max")):
                style = column.get("style")
                return None if style is None or number == 1 else str(style)
        return None

    def _cells(self, row: Any) -> Iterator[tuple[int, Any]]:
        for at, cell in enumerate(row.findall(f"{MAIN}c"), start=1):
            match = _PLACE.fullmatch(cell.get("r", ""))
            yield (_number(match[1]) if match else at), cell

    def _text(self, cell: Any) -> str:
        if cell.get("t") == "inlineStr":
            return "".join(each.text or "" for each in cell.iter(f"{MAIN}t"))
        value = cell.findtext(f"{MAIN}v") or ""
        return self.strings[int(value)] if cell.get("t") == "s" and value else value


def _parsed(xml: bytes) -> Any:
    return etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))


def _bytes(root: Any) -> bytes:
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _part_of(parts: Mapping[str, bytes], table: str) -> str | None:
    """The part of the archive that holds the sheet of a table."""
    links = {each.get("Id"): each.get("Target") for each in _parsed(parts[LINKS])}
    for sheet in _parsed(parts[BOOK]).iter(f"{MAIN}sheet"):
        if re.sub(r"[\s_]+", "_", sheet.get("name").strip()).casefold() == table:
            target: str = links[sheet.get(f"{LINKED}id")]
            return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
    return None


def _new_sheet(parts: dict[str, bytes], table: str, columns: Sequence[str]) -> str:
    """Add a sheet with headings to an archive; its part."""
    numbers = (number for number in range(1, len(parts) + 2))
    part = next(p for n in numbers if (p := f"xl/worksheets/sheet{n}.xml") not in parts)
    content, links, book = (_parsed(parts[name]) for name in (CONTENT, LINKS, BOOK))
    etree.SubElement(content, f"{TYPES}Override", PartName=f"/{part}", ContentType=SHEET_TYPE)
    taken = {each.get("Id") for each in links}
    link = next(name for n in range(1, len(taken) + 2) if (name := f"rId{n}") not in taken)
    target = part.removeprefix("xl/")
    etree.SubElement(links, f"{PACKAGE}Relationship", Id=link, Type=SHEET_LINK, Target=target)
    listed = book.find(f"{MAIN}sheets")
    ids = [int(each.get("sheetId")) for each in listed]
    named = {"name": table, "sheetId": str(max(ids, default=0) + 1), f"{LINKED}id": link}
    etree.SubElement(listed, f"{MAIN}sheet", named)
    parts[CONTENT], parts[LINKS], parts[BOOK] = _bytes(content), _bytes(links), _bytes(book)
    root = etree.Element(f"{MAIN}worksheet", nsmap={None: MAIN[1:-1]})
    sheet = _Sheet(root, etree.SubElement(root, f"{MAIN}sheetData"), [], frozenset())
    for place, column in enumerate(columns, start=1):
        sheet.write(1, place, column)
    parts[part] = _bytes(root)
    return part


def _strings(parts: Mapping[str, bytes]) -> list[str]:
    if STRINGS not in parts:
        return []
    texts = _parsed(parts[STRINGS]).findall(f"{MAIN}si")
    return ["".join(each.text or "" for each in text.iter(f"{MAIN}t")) for text in texts]


def _day_styles(parts: Mapping[str, bytes]) -> frozenset[int]:
    """The formats of cells that show a day."""
    if STYLES not in parts:
        return frozenset()
    root = _parsed(parts[STYLES])
    own = {
        int(each.get("numFmtId")): each.get("formatCode")
        for each in root.iterfind(f"{MAIN}numFmts/{MAIN}numFmt")
    }
    days = {number for number, code in own.items() if re.search("[dD].*[yY]|[yY].*[dD]", code)}
    formats = [int(each.get("numFmtId", 0)) for each in root.iterfind(f"{MAIN}cellXfs/{MAIN}xf")]
    return frozenset(
        at for at, number in enumerate(formats) if number in days or number in FORMATS_OF_DAYS
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number
