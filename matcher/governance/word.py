"""A draft as a Word file: headings, tables, and what is open marked; the same draft, the same bytes."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from math import sqrt
from typing import TYPE_CHECKING

from matcher.governance.papers import OPEN, Draft
from matcher.show.files import without_clock
from matcher.show.table import Table
from matcher.show.text import printable

if TYPE_CHECKING:
    from docx.document import Document

MARGIN = 20  # mm
LETTER = 1.8  # mm, about, in 9 points
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # a file tells no day on which it was made


def word(draft: Draft) -> bytes:
    """One draft as a .docx file."""
    import docx
    from docx.enum.text import WD_COLOR_INDEX
    from docx.shared import Mm, Pt

    document = docx.Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Arial", Pt(11)
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = page.top_margin = page.bottom_margin = Mm(MARGIN)
    about = document.core_properties
    about.title, about.author, about.comments = draft.title, "carer-matcher", ""
    about.language = "en-GB"
    about.created = about.modified = LONG_AGO
    document.add_heading(draft.title, 0)
    document.add_paragraph(f"Form: {draft.follows}")
    document.add_paragraph(printable(draft.policy))
    for section in draft.sections:
        document.add_heading(section.heading, 1)
        for line in section.says:
            document.add_paragraph(printable(line))
        if section.facts is not None:
            _table(document, section.facts)
        for line in section.council:
            open_part = document.add_paragraph().add_run(f"{OPEN}{line}.")
            open_part.bold = True
            open_part.font.highlight_color = WD_COLOR_INDEX.YELLOW
    file = io.BytesIO()
    document.save(file)
    return without_clock(file.getvalue())


def _table(document: Document, facts: Table) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Mm, Pt

    table = document.add_table(rows=1, cols=len(facts.headings), style="Table Grid")
    # The headings stand again at the head of each page.
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    widths = [Mm(each) for each in _widths(facts)]
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    for row, bold in ((facts.headings, True), *((each, False) for each in facts.rows)):
        line = table.rows[0] if bold else table.add_row()
        line._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, value, width in zip(line.cells, row, widths, strict=True):
            cell.width = width
            run = cell.paragraphs[0].add_run(printable(f"{value}"))
            run.bold, run.font.size = bold, Pt(9)
    document.add_paragraph()


def _widths(facts: Table) -> list[float]:
    """How wide each column is, in mm: its longest word, and of the rest as much as its cells say."""
    columns = [[f"{row[at]}" for row in facts.rows] for at in range(len(facts.headings))]
    least = [LETTER * max(len(word) for cell in each for word in cell.split() or [""]) + 4 for each in columns]  # fmt: skip
    said = [sqrt(1 + sum(map(len, each))) for each in columns]
    rest = max(0.0, 210 - 2 * MARGIN - sum(least))
    return [few + rest * much / sum(said) for few, much in zip(least, said, strict=True)]
