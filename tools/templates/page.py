"""A Word template in the house's looks: A4, headings, light tables, notices, a footer with pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.table import Table

FONT = "Arial"
INK, QUIET, LINE, TINT, WARM = "1F3A4D", "5A6670", "C9D1D6", "EEF2F4", "FFF6E5"
WARM_LINE = "D9902F"
FOOTER = "Draft of {{ as_of }}. People decide. Policy {{ policy }} {{ policy_version }}."
BOLD = re.compile(r"\*\*(.+?)\*\*")


class Page:
    """One template, written from the top."""

    def __init__(
        self, title: str, subtitle: str, *, points: float = 10, landscape: bool = False
    ) -> None:
        self.word = Document()
        self.width = 25.3 if landscape else 17.0  # cm between the margins
        self._section(landscape)
        self._styles(points)
        self._footer()
        _drop_thumbnail(self.word)
        self.word.core_properties.title = title
        self.word.core_properties.comments = ""
        self.word.add_paragraph(title, "Title")
        self.word.add_paragraph(subtitle, "Subtitle")

    # Text

    def heading(self, text: str, level: int = 1) -> None:
        """A heading; what follows stays with it."""
        self.word.add_paragraph(text, f"Heading {level}")

    def say(self, text: str, style: str = "Normal") -> None:
        """A paragraph; **two stars** make bold."""
        _fill(self.word.add_paragraph(style=style), text)

    def bullets(self, *items: str) -> None:
        """A bulleted list."""
        for item in items:
            self.say(item, "List Bullet")

    def notice(self, text: str) -> None:
        """A paragraph that must be seen."""
        self.say(text, "Notice")

    def tag(self, inside: str) -> None:
        """A paragraph that is only a tag: it leaves no line."""
        self.word.add_paragraph(f"{{%p {inside} %}}")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """What is only there when a condition holds."""
        self.tag(f"if {condition}")
        yield
        self.tag("endif")

    @contextmanager
    def each(self, name: str, items: str) -> Iterator[None]:
        """What is there once for each of some items."""
        self.tag(f"for {name} in {items}")
        yield
        self.tag("endfor")

    def otherwise(self) -> None:
        """What is there when the condition does not hold."""
        self.tag("else")

    # Tables

    def rows(self, items: str, label: float = 5.6) -> None:
        """A table of labels and answers from a list of rows."""
        self._table(
            [label, self.width - label], [], [["**{{ row.label }}**", "{{ row.value }}"]], items
        )

    def form(self, *rows: tuple[str, str], label: float = 5.6) -> None:
        """A table of labels and answers that are written here."""
        cells = [[f"**{name}**", answer] for name, answer in rows]
        self._table([label, self.width - label], [], cells)

    def table(
        self,
        widths: list[float],
        heads: list[str],
        *rows: list[str],
        each: str = "",
        name: str = "row",
    ) -> None:
        """A table with a heading row; `each`: its one row is repeated for a list."""
        self._table(widths, heads, list(rows), each, name)

    def signatures(self, *who: str | tuple[str, str], dates: tuple[str, ...] = ()) -> None:
        """A table in which each party signs; (condition, who) is there only where it holds."""
        heads = ["Signed by", "Name", "Signature", "Date"]
        self._stay_with_what_is_before()
        table = self._start([5.4, 4.0, self.width - 12.8, 3.4], heads)
        for at, each in enumerate(who):
            condition, party = each if isinstance(each, tuple) else ("", each)
            if condition:
                self._row(table, [f"{{%tr if {condition} %}}", "", "", ""])
            row = self._row(table, [f"**{party}**", "", "", dates[at] if dates else ""])
            row.height = Cm(1.0)
            if condition:
                self._row(table, ["{%tr endif %}", "", "", ""])
        self._end(table, whole=True)

    def _table(
        self,
        widths: list[float],
        heads: list[str],
        rows: list[list[str]],
        each: str = "",
        name: str = "row",
    ) -> None:
        table = self._start(widths, heads)
        blank = [""] * (len(widths) - 1)
        if each:
            self._row(table, [f"{{%tr for {name} in {each} %}}", *blank])
        for cells in rows:
            self._row(table, cells)
        if each:
            self._row(table, ["{%tr endfor %}", *blank])
        self._end(table, whole=not each)

    def _start(self, widths: list[float], heads: list[str]) -> Any:
        table = self.word.add_table(0, len(widths))
        table.autofit = False
        table.alignment = WD_TABLE_ALIGNMENT.LEFT
        _looks(table)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Cm(width)
        if heads:
            row = self._row(
                table, [f"**{head}**" if head else "" for head in heads], "Table heading"
            )
            _repeat(row)
            for cell in row.cells:
                _shade(cell, TINT)
        return table

    def _row(self, table: Any, cells: list[str], style: str = "Table text") -> Any:
        row = table.add_row()
        _keep_whole(row)
        for cell, text in zip(row.cells, cells, strict=True):
            cell.paragraphs[0].style = self.word.styles[style]
            _fill(cell.paragraphs[0], text)
        return row

    def _end(self, table: Any, *, whole: bool) -> None:
        """Close a table; a `whole` one is not parted by the end of a page."""
        for row in table.rows[:-1] if whole else table.rows[:2]:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
        self.word.add_paragraph(style="Gap")

    def _stay_with_what_is_before(self) -> None:
        """Nobody signs a page on which nothing else stands."""
        before = self.word.element.body.findall(qn("w:tbl"))[-1:]
        last = self.word.paragraphs[-1]
        last.paragraph_format.keep_with_next = True
        if before and last._p.getprevious() is before[0]:
            for cell in Table(before[0], self.word).rows[-1].cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True

    # Looks

    def _section(self, landscape: bool) -> None:
        section = self.word.sections[0]
        section.page_width, section.page_height = Cm(21.0), Cm(29.7)
        if landscape:
            section.orientation = WD_ORIENT.LANDSCAPE
            section.page_width, section.page_height = Cm(29.7), Cm(21.0)
        section.left_margin = section.right_margin = Cm(2.0 if not landscape else 2.2)
        section.top_margin, section.bottom_margin = Cm(1.9), Cm(1.9)
        section.footer_distance = Cm(0.9)

    def _styles(self, points: float) -> None:
        styles = self.word.styles
        normal = _style(styles["Normal"], points, after=6)
        normal.paragraph_format.line_spacing = 1.15
        _language(normal)
        _style(styles["Title"], 20, INK, bold=True, after=2)
        _no_rule(styles["Title"])
        _style(styles["Subtitle"], points, QUIET, after=10)
        for level, size, before in ((1, points + 3.5, 14), (2, points + 1, 10)):
            made = _style(styles[f"Heading {level}"], size, INK, bold=True, after=4)
            made.paragraph_format.space_before = Pt(before)
            made.paragraph_format.keep_with_next = True
        bullet = _style(styles["List Bullet"], points, after=3)
        bullet.paragraph_format.line_spacing = 1.1
        for name, size in (("Table text", points - 0.5), ("Table heading", points - 0.5)):
            _style(_new(styles, name), size, INK if "heading" in name else None, after=0)
        gap = _style(_new(styles, "Gap"), 6, after=0)
        gap.paragraph_format.line_spacing = 1.0
        notice = _style(_new(styles, "Notice"), points, after=8)
        notice.paragraph_format.left_indent = notice.paragraph_format.right_indent = Cm(0.25)
        _box(notice)

    def _footer(self) -> None:
        paragraph = self.word.sections[0].footer.paragraphs[0]
        style = _style(self.word.styles["Footer"], 8, QUIET, after=0)
        stops = style.element.pPr.find(qn("w:tabs"))
        if stops is not None:
            style.element.pPr.remove(stops)
        paragraph.paragraph_format.tab_stops.add_tab_stop(Cm(self.width), WD_TAB_ALIGNMENT.RIGHT)
        paragraph.add_run(f"{FOOTER}\tPage ")
        _field(paragraph, "PAGE")
        paragraph.add_run(" of ")
        _field(paragraph, "NUMPAGES")


def _fill(paragraph: Any, text: str) -> None:
    for at, piece in enumerate(BOLD.split(text)):
        if piece:
            paragraph.add_run(piece).bold = True if at % 2 else None


def _new(styles: Any, name: str) -> Any:
    made = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    made.base_style = styles["Normal"]
    return made


def _style(
    style: Any, points: float, colour: str | None = None, *, bold: bool = False, after: float
) -> Any:
    style.font.name, style.font.size = FONT, Pt(points)
    style.font.bold, style.font.italic = bold, False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    for script in ("eastAsia", "cs"):
        fonts.set(qn(f"w:{script}"), FONT)
    spacing = style.element.rPr.find(qn("w:spacing"))
    if spacing is not None:
        style.element.rPr.remove(spacing)
    if colour:
        style.font.color.rgb = RGBColor.from_string(colour)
    style.paragraph_format.space_after, style.paragraph_format.space_before = Pt(after), Pt(0)
    return style


def _language(style: Any) -> None:
    found = OxmlElement("w:lang")
    found.set(qn("w:val"), "en-GB")
    style.element.get_or_add_rPr().append(found)


def _no_rule(style: Any) -> None:
    rule = style.element.pPr.find(qn("w:pBdr"))
    if rule is not None:
        style.element.pPr.remove(rule)


def _edge(name: str, colour: str, eighths: int, space: int = 0) -> Any:
    edge = OxmlElement(f"w:{name}")
    for key, value in (("val", "single"), ("sz", eighths), ("space", space), ("color", colour)):
        edge.set(qn(f"w:{key}"), str(value))
    return edge


def _box(style: Any) -> None:
    """A bar on the left and a warm ground: it is read first."""
    properties = style.element.get_or_add_pPr()
    borders = OxmlElement("w:pBdr")
    borders.append(_edge("left", WARM_LINE, 24, 6))
    ground = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", WARM)):
        ground.set(qn(f"w:{key}"), value)
    spacing = properties.find(qn("w:spacing"))
    spacing.addprevious(borders)
    spacing.addprevious(ground)


def _looks(table: Any) -> None:
    properties = table._tbl.tblPr
    borders = OxmlElement("w:tblBorders")
    for name in ("top", "bottom", "insideH"):
        borders.append(_edge(name, LINE, 4))
    margins = OxmlElement("w:tblCellMar")
    for name, twentieths in (("top", 50), ("left", 80), ("bottom", 50), ("right", 80)):
        margin = OxmlElement(f"w:{name}")
        margin.set(qn("w:w"), str(twentieths))
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    layout = properties.find(qn("w:tblLayout"))
    look = properties.find(qn("w:tblLook"))
    for each in (borders, layout, margins):
        if each is not None:
            (look.addprevious if look is not None else properties.append)(each)


def _shade(cell: Any, colour: str) -> None:
    ground = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", colour)):
        ground.set(qn(f"w:{key}"), value)
    cell._tc.get_or_add_tcPr().append(ground)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _keep_whole(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))


def _field(paragraph: Any, what: str) -> None:
    for kind, text in (("begin", ""), ("", what), ("separate", ""), ("shown", "1"), ("end", "")):
        run = paragraph.add_run()
        if kind == "shown":
            run.text = text
        elif kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
            run._r.append(mark)
        else:
            instruction = OxmlElement("w:instrText")
            instruction.text = f" {text} "
            run._r.append(instruction)


def _drop_thumbnail(word: Any) -> None:
    """Without the picture of python-docx's own template."""
    relations = word.part.package.rels
    for key in [key for key, each in relations.items() if each.reltype.endswith("/thumbnail")]:
        del relations[key]
