"""One table in its five renderings: what may stand in a cell, and how each shows it."""

from __future__ import annotations

import io
from datetime import date
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest

from matcher.show.table import Cell, Column, Kind, Table, columns, number, numbers
from matcher.show.workbook import LOOKS, workbook

DAY = date(2026, 12, 4)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def one(value: Cell, kind: Kind = Kind.TEXT, **column: str) -> Table:
    """A table of one row: its name, and this value."""
    heads = columns("Name", Column("Value", kind, **column))  # type: ignore[arg-type]
    return Table("A caption", heads, [("first", value)])


def sheets(tables: list[Table]) -> ZipFile:
    return ZipFile(io.BytesIO(workbook("A title", DAY, tables)))


def sheet_cells(table: Table, at: int = 1) -> dict[str, tuple[str, str]]:
    """The type and the text of each cell of a sheet."""
    archive = sheets([table])
    strings = [
        "".join(part.text or "" for part in each.iter(f"{MAIN}t"))
        for each in ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    ]
    found = {}
    for cell in ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{at}.xml")).iter(
        f"{MAIN}c"
    ):
        assert cell.find(f"{MAIN}f") is None
        kind, value = cell.get("t", "n"), cell.findtext(f"{MAIN}v") or ""
        found[cell.get("r", "")] = (kind, strings[int(value)] if kind == "s" else value)
    return found


@pytest.mark.parametrize(
    ("value", "kind", "text", "html", "sheet", "markdown"),
    [
        ("plain", Kind.TEXT, "plain", "<td>plain</td>", ("s", "plain"), "plain"),
        (1234, Kind.NUMBER, "1,234", '<td class="n">1,234</td>', ("n", "1234"), "1,234"),
        (0, Kind.NUMBER, "0", '<td class="n">0</td>', ("n", "0"), "0"),
        (
            1234.5,
            Kind.NUMBER,
            "1,234.50",
            '<td class="n">1,234.50</td>',
            ("n", "1234.5"),
            "1,234.50",
        ),
        (
            DAY,
            Kind.DAY,
            "4 December 2026",
            '<td class="d">4 December 2026</td>',
            ("n", "46360"),
            "4 December 2026",
        ),
        (None, Kind.NUMBER, "–", '<td class="n">–</td>', ("s", ""), "–"),
        ("", Kind.TEXT, "", "<td></td>", ("s", ""), ""),
        ("=1+1", Kind.TEXT, "=1+1", "<td>=1+1</td>", ("s", "=1+1"), "=1+1"),
        ("12", Kind.TEXT, "12", "<td>12</td>", ("s", "12"), "12"),
        (
            "http://x.example",
            Kind.TEXT,
            "http://x.example",
            "<td>http://x.example</td>",
            ("s", "http://x.example"),
            "http://x.example",
        ),
        (
            "<b> & |",
            Kind.TEXT,
            "<b> & |",
            "<td>&lt;b&gt; &amp; |</td>",
            ("s", "<b> & |"),
            "<b> & \\|",
        ),
        ("a\x1b\u202eb", Kind.TEXT, "a��b", "<td>a��b</td>", ("s", "a��b"), "a��b"),
        (
            ["one", "t\x07wo"],
            Kind.TEXT,
            "one\nt�wo",
            "<td><p>one</p><p>t�wo</p></td>",
            ("s", "one\nt�wo"),
            "one<br>t�wo",
        ),
        (
            "waits",
            Kind.TAG,
            "waits",
            '<td><span class="tag wait">waits</span></td>',
            ("s", "waits"),
            "waits",
        ),
    ],
)
def test_a_cell_in_each_rendering(value, kind, text, html, sheet, markdown) -> None:
    table = one(value, kind)
    first, *rest = text.split("\n")
    first = first.rjust(len("Value")) if kind is Kind.NUMBER else first
    _, *lines = table.to_text()
    assert lines == [f"  first  {first}".rstrip(), *(f"         {line}" for line in rest)]
    assert html in table.to_html()
    assert sheet_cells(table)["B2"] == sheet
    assert list(table.to_markdown()) == [
        "| Name | Value |",
        "|---|---|",
        f"| first | {markdown} |",
        "",
    ]


def test_text_stands_in_columns_and_numbers_on_the_right() -> None:
    heads = columns("Name", numbers("Many"), Column("Said", widest=9))
    rows = [("a", 5, "more than nine letters"), ("longer", 1000, None)]
    assert list(Table("A caption", heads, rows, note="A note.").to_text()) == [
        "  Name     Many  Said",
        "  a           5  more than",
        "                 nine",
        "                 letters",
        "  longer  1,000  –",
        "  A note.",
    ]


def test_html_names_columns_and_rows() -> None:
    heads = columns("By", "Name", Column("Profile", Kind.BESIDE), numbers("Fit"))
    rows = [("x", "H1", "stale", 1.0), ("y", "H2", None, None), ("z", "H<3", None, "not shown")]
    table = Table("A <caption>", heads, rows, names_row=1, note="A note & more.")
    html = table.to_html()
    assert "<caption>A &lt;caption&gt;</caption>" in html
    assert '<th scope="col">Name</th><th scope="col" class="n">Fit</th>' in html
    assert "Profile" not in html
    assert (
        '<th scope="row">H1 <span class="tag wait">stale</span></th><td class="n">1.00</td>' in html
    )
    assert '<th scope="row">H2</th><td class="n">–</td>' in html
    assert '<th scope="row">H&lt;3</th><td class="n">not shown</td>' in html
    assert html.endswith("<p>A note &amp; more.</p>\n")
    assert "scroll" not in html


def test_what_people_read_for_none_is_the_columns() -> None:
    table = one(None, Kind.DAY, missing="never")
    assert '<td class="d">never</td>' in table.to_html()
    assert "never" in "\n".join(table.to_text())
    assert sheet_cells(table)["B2"] == ("s", "")


def test_a_sheet_has_filters_and_its_own_name() -> None:
    first = Table("A caption that is far too long for a sheet", columns("A"), [], name="First")
    archive = sheets([first, one(1, Kind.NUMBER)])
    names = [
        each.get("name")
        for each in ElementTree.fromstring(archive.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
    ]
    assert names == ["First", "A caption"]
    sheet = ElementTree.fromstring(archive.read("xl/worksheets/sheet2.xml"))
    (filters,) = sheet.iter(f"{MAIN}autoFilter")
    assert filters.get("ref") == "A1:B2"
    (pane,) = sheet.iter(f"{MAIN}pane")
    assert (pane.get("xSplit"), pane.get("ySplit"), pane.get("state")) == ("1", "1", "frozen")


def test_the_same_tables_make_the_same_file() -> None:
    assert workbook("A title", DAY, [one("a")]) == workbook("A title", DAY, [one("a")])


def test_a_cell_is_cut_where_a_worksheet_could_not_hold_it() -> None:
    kind, text = sheet_cells(one("x" * 40_000))["B2"]
    assert (kind, len(text), text[-1]) == ("s", 32_001, "…")


def test_a_frame_has_days_numbers_and_text() -> None:
    heads = columns(
        "Text",
        numbers("Whole", "Number", "Mixed"),
        Column("Day", Kind.DAY),
        Column("Seen", Kind.DAY),
    )
    rows = [("a", 1, 1.5, 2, DAY, DAY), (["b", "c"], None, None, "–", None, "never")]
    frame = Table("A caption", heads, rows).to_frame()
    assert frame.dtypes.astype(str).to_dict() == {
        "Text": "str",
        "Whole": "Int64",
        "Number": "float64",
        "Mixed": "object",
        "Day": "datetime64[s]",
        "Seen": "object",
    }
    assert list(frame["Text"]) == ["a", "b\nc"]
    assert frame.isna().sum().to_dict() == {
        "Text": 0, "Whole": 1, "Number": 1, "Mixed": 0, "Day": 1, "Seen": 0,
    }  # fmt: skip
    assert frame["Day"][0].date() == DAY


def test_a_frame_without_rows_has_its_columns() -> None:
    frame = Table("A caption", columns("Text", numbers("Whole")), []).to_frame()
    assert list(frame.columns) == ["Text", "Whole"]
    assert frame.empty


def test_a_table_of_items_has_each_value_under_its_heading() -> None:
    table = Table.of("A caption", ["a", "bb"], {"Text": str.upper, number("Letters"): len}, "Short")
    assert table.headings == ("Text", "Letters")
    assert [column.kind for column in table.columns] == [Kind.TEXT, Kind.NUMBER]
    assert (table.rows, table.name, len(table)) == ([("A", 1), ("BB", 2)], "Short", 2)


def test_picked_columns_keep_their_cells_and_what_names_a_row() -> None:
    table = Table("A caption", columns("A", "B", "C"), [(1, 2, 3)], names_row=1)
    picked = table.pick("C", "B")
    assert (picked.headings, picked.rows, picked.names_row) == (("C", "B"), [(3, 2)], 1)
    assert table.pick("C").names_row == 0
    with pytest.raises(ValueError, match="not in tuple"):
        table.pick("D")


def test_every_look_of_a_cell_is_one_that_a_workbook_knows() -> None:
    from xlsxwriter.format import Format

    for name, look in LOOKS.items():
        assert all(hasattr(Format, f"set_{key}") for key in look), name
