"""What nobody knows yet: marked in a document, highlighted, and listed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph

GROUND, CHANGED_GROUND = "FFF0B3", "CFE3F5"
MARK = re.compile(r"\[to complete: ([^\]]+)\]")
CHANGED = re.compile(r"\[since the earlier draft: ([^\]]+)\]")


def to_complete(what: str) -> str:
    """The mark of something that people have to fill in: '[to complete: religion]'."""
    return f"[to complete: {what}]"


def known(value: str | None, what: str) -> str:
    """A value, or the mark where there is none."""
    return value or to_complete(what)


def changed(what: str) -> str:
    """The mark of what is otherwise than in an earlier draft."""
    plain = what.replace("[", "(").replace("]", ")")
    return f"[since the earlier draft: {plain}]"


def highlight(document: Document) -> list[str]:
    """Highlight every mark of a document, typed in its template or filled in; what is to complete.

    In a table the label of the row stands before it: 'Religion: religion'.
    """
    every = list(_paragraphs(document))
    for each in every:
        _highlight(each, CHANGED, CHANGED_GROUND)
    found = [
        f"{_label(each)}{mark[1]}" for each in every for mark in _highlight(each, MARK, GROUND)
    ]
    return list(dict.fromkeys(found))


def _label(paragraph: Paragraph) -> str:
    """The first cell of a paragraph's row, to say what its mark belongs to; '' outside a table."""
    from docx.oxml.ns import qn

    row = next(paragraph._p.iterancestors(qn("w:tr")), None)
    first = None if row is None else row.find(qn("w:tc"))
    if first is None or paragraph._p in first.iter():
        return ""
    text = "".join(each.text or "" for each in first.iter(qn("w:t"))).strip()
    return f"{text}: " if text else ""


def _paragraphs(document: Document) -> Iterator[Paragraph]:
    from docx.opc.constants import RELATIONSHIP_TYPE as KIND
    from docx.oxml.ns import qn
    from docx.text.paragraph import Paragraph

    around = (KIND.HEADER, KIND.FOOTER)
    parts: list[Any] = [
        rel.target_part for rel in document.part.rels.values() if rel.reltype in around
    ]
    for part in (document.part, *parts):
        for element in part.element.iter(qn("w:p")):
            yield Paragraph(element, part)


def _highlight(paragraph: Paragraph, what: re.Pattern[str], ground: str) -> list[re.Match[str]]:
    from docx.text.run import Run

    runs = paragraph.runs
    marks = list(what.finditer("".join(run.text for run in runs)))
    if not marks:
        return []
    edges = sorted({edge for mark in marks for edge in mark.span()})
    at = 0
    for run in runs:
        start, at = at, at + len(run.text)
        cuts = [start, *(edge for edge in edges if start < edge < at), at]
        inside = [any(m.start() <= cut < m.end() for m in marks) for cut in cuts[:-1]]
        if start == at or not any(inside):
            continue
        text = run.text
        for (one, other), marked in zip(pairwise(cuts), inside, strict=True):
            piece = Run(deepcopy(run._r), paragraph)
            run._r.addprevious(piece._r)
            piece.text = text[one - start : other - start]
            if marked:
                _shade(piece, ground)
        paragraph._p.remove(run._r)
    return marks


def _shade(run: Any, fill: str) -> None:
    """A soft yellow ground, which Word's own highlighter does not have."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    ground = OxmlElement("w:shd")
    for key, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
        ground.set(qn(f"w:{key}"), value)
    properties = run._r.get_or_add_rPr()
    later = (qn("w:fitText"), qn("w:vertAlign"), qn("w:rtl"), qn("w:cs"), qn("w:lang"))
    after = next((each for each in properties if each.tag in later), None)
    (properties.append if after is None else after.addprevious)(ground)
