"""Bring what people wrote in an earlier draft into a new one, and mark what is otherwise there.

A place of a document is known by the heading above it, and in a table by its row's first cell and
its column. What stands in the earlier draft where the new one has a mark is an answer: it is
carried over. Whatever else differs is marked, and what has no place any more stands at the end.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from matcher.documents.marks import CHANGED, MARK, changed
from matcher.words import count, upper_first

SIGNATURE = "Signature"
TITLE = ("title", "subtitle")
NUMBERED = re.compile(r"\d+\. ")
ALIKE = 0.8  # of 1: a sentence in which little more than a day or a number differs
CONTEXT = 40  # letters on either side that an answer is found by, where the sentence has changed
GONE = "What the earlier draft says and this one does not"
NOT_REPEATED = "some of its text has no place here, and is not repeated: see the earlier draft"


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph or a cell: where it stands, its paragraphs, and what it says."""

    place: tuple[str, ...]
    paragraphs: tuple[Any, ...]  # w:p elements
    text: str
    cell: bool = False
    signed: bool = False

    @property
    def label(self) -> str:
        """The row that it belongs to, as a reader finds it."""
        return self.place[2] if self.cell else ""

    @property
    def is_label(self) -> bool:
        """Whether it is only the first cell of a row, by which the others are found."""
        return self.cell and self.place[-1] == "0"


@dataclass(slots=True)
class Carried:
    """What came of an earlier draft: how many answers were carried over, how much is otherwise."""

    answers: int = 0
    changes: int = 0
    gone: list[str] = field(default_factory=list)

    def sentence(self, name: str) -> str:
        """In words, for the head of the new draft and for whoever asked for it."""
        differ = self.changes + len(self.gone)
        are, marked = ("is" if n == 1 else "are" for n in (self.answers, differ))
        answers = upper_first(count(self.answers, "answer"))
        return (
            f"{answers} of {name} {are} carried over, and {count(differ, 'difference')} from it "
            f"{marked} marked. Signatures are not carried over: sign anew."
        )


def carry_over(new: Any, old: Any, *, quote: bool) -> Carried:
    """Bring the answers of an old document into a new one, both as python-docx has them.

    `quote`: the new one may repeat what the old one said; not where that could tell a place.
    """
    found, earlier = Carried(), defaultdict[tuple[str, ...], list[Line]](list)
    for line in _lines(old):
        if line.place[0] == GONE:
            found.gone += [mark[1] for mark in CHANGED.finditer(line.text)]
        else:
            earlier[line.place].append(line)
    for line in list(_lines(new)):
        before = _same(line, earlier[line.place])
        if before is not None:
            earlier[line.place].remove(before)
        if not line.signed:
            _bring(line, before, found, quote=quote)
    rest = [line for lines in earlier.values() for line in lines if not line.is_label]
    found.gone += [_said(line) for line in rest if MARK.sub("", _before(line)).strip(" .:")]
    if found.gone:
        _at_the_end(new, found.gone if quote else [NOT_REPEATED])
    return found


# Where a line stands


def _lines(document: Any) -> Iterator[Line]:
    """The paragraphs and cells of a document below its title, in order."""
    from docx.oxml.ns import qn

    names = {style.style_id: style.name.casefold() for style in document.styles if style.name}
    above, sub = "", ""
    seen = Counter[tuple[str, ...]]()

    def style_of(element: Any) -> str:
        style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        return "" if style is None else names.get(style.get(qn("w:val")), "")

    blocks = list(_blocks(document.element.body))
    title = next((at for at, each in enumerate(blocks) if style_of(each) in TITLE), 0)
    for element in blocks[title:]:  # what is above it was put there by the run that wrote it
        if element.tag == qn("w:tbl"):
            yield from _cells(element, above, sub, seen)
            continue
        text = _text(element)
        name = style_of(element)
        if name == "heading 1":
            above, sub = _key(text), ""
        elif name.startswith("heading"):
            sub = _key(text)
        elif name not in TITLE and text.strip():
            yield Line((above, sub), (element,), text)


def _key(heading: str) -> str:
    """What a heading is known by: its number, where it has one, as its words may follow the facts."""
    numbered = NUMBERED.match(heading)
    return numbered[0] if numbered else heading


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables, those within content controls too."""
    from docx.oxml.ns import qn

    for element in parent:
        if element.tag in (qn("w:p"), qn("w:tbl")):
            yield element
        elif element.tag == qn("w:sdt"):
            for content in element.iterchildren(qn("w:sdtContent")):
                yield from _blocks(content)


def _cells(table: Any, above: str, sub: str, seen: Counter[tuple[str, ...]]) -> Iterator[Line]:
    from docx.oxml.ns import qn

    rows = [list(row.iter(qn("w:tc"))) for row in table.iter(qn("w:tr"))]
    signed = bool(rows) and SIGNATURE in [_cell_text(cell) for cell in rows[0]]
    for cells in rows:
        label = _cell_text(cells[0]) if cells else ""
        seen[above, sub, label] += 1
        for column, cell in enumerate(cells):
            place = (above, sub, label, str(seen[above, sub, label]), str(column))
            paragraphs = tuple(cell.iter(qn("w:p")))
            yield Line(place, paragraphs, _cell_text(cell), cell=True, signed=signed)


def _cell_text(cell: Any) -> str:
    from docx.oxml.ns import qn

    return "\n".join(_text(each) for each in cell.iter(qn("w:p"))).strip()


def _text(paragraph: Any) -> str:
    """All that a reader sees in a paragraph, what was inserted with tracking too."""
    from docx.oxml.ns import qn

    pieces = {qn("w:tab"): "\t", qn("w:br"): "\n", qn("w:cr"): "\n"}
    return "".join(
        each.text or "" if each.tag == qn("w:t") else pieces[each.tag]
        for each in paragraph.iter(qn("w:t"), *pieces)
        if each.getparent().tag == qn("w:r")  # a tab of a style is none of its text
    )


# What stood there before


def _same(line: Line, earlier: list[Line]) -> Line | None:
    """The line of the earlier draft that stood in this place."""
    if line.cell:
        return earlier[0] if earlier else None
    for answers in (_answers, _answers_near):
        for each in earlier:
            if answers(line.text, _before(each)) is not None:
                return each
    alike = get_close_matches(line.text, [_before(each) for each in earlier], 1, ALIKE)
    return next((each for each in earlier if _before(each) in alike), None)


def _before(line: Line) -> str:
    """What an earlier draft says, without what marked its own changes."""
    return CHANGED.sub("", line.text).strip()


ANY, SENTENCE = "(.*?)", r"((?:(?!\. ).)*?)"


def _answers(text: str, before: str, answer: str = ANY) -> tuple[str, ...] | None:
    """What stands in the place of each mark of a text; None where anything else differs."""
    parts = _between(text)
    alone = not any(part.strip(" .") for part in parts)
    found = re.fullmatch((ANY if alone else answer).join(map(re.escape, parts)), before, re.DOTALL)
    return None if found is None else found.groups()


def _answers_near(text: str, before: str) -> tuple[str, ...] | None:
    """The same where more differs: what stands between the words on either side of an only mark."""
    if len(parts := _between(text)) != 2:
        return None
    left, right = parts[0][-CONTEXT:], parts[1][:CONTEXT]
    if not left.strip() and not right.strip(" ."):
        return None
    start = re.escape(left) if left.strip() else r"\A"
    end = re.escape(right) if right.strip(" .") else r"\Z"
    found = re.search(f"{start}{SENTENCE}{end}", before, re.DOTALL)
    return None if found is None else found.groups()


def _between(text: str) -> list[str]:
    """What stands before, between and after the marks of a text."""
    ends = [0, *(edge for mark in MARK.finditer(text.strip()) for edge in mark.span()), None]
    return [text.strip()[one:other] for one, other in zip(ends[::2], ends[1::2], strict=True)]


def _bring(line: Line, before: Line | None, found: Carried, *, quote: bool) -> None:
    """Answer the marks of a line as the earlier draft does, and mark what else differs."""
    if before is None:
        if line.text and not line.is_label:
            _note(line, found, "new")
        return
    text, was = line.text.strip(), _before(before)
    if was == text:
        return
    if not text and quote:
        _write(line.paragraphs[0], was)
        found.answers += 1
        return
    # A longer answer may have taken in what the tables said: it is carried over with a mark.
    whole = _answers(text, was, SENTENCE)
    more = (_answers_near(text, was) or _answers(text, was)) if quote and whole is None else None
    answers = whole or more or ()
    for mark, answer in reversed(list(zip(MARK.finditer(line.text), answers, strict=False))):
        if answer.strip() and not MARK.search(answer):
            _replace(line, mark[0], answer.strip())
            found.answers += 1
    if whole is None:
        told = MARK.sub("…", was)
        if not told.strip(" …."):
            _note(line, found, "it was not filled in")
        else:
            _note(line, found, f"it said: {told}" if quote else "it said something else")


def _said(line: Line) -> str:
    return f"{line.label}: {_before(line)}" if line.label else _before(line)


# Writing


def _note(line: Line, found: Carried, what: str) -> None:
    found.changes += 1
    _write(line.paragraphs[-1], f" {changed(what)}")


def _write(paragraph: Any, text: str) -> None:
    """Add a text at the end of a paragraph."""
    from docx.text.paragraph import Paragraph

    Paragraph(paragraph, paragraph.getparent()).add_run(text)


def _replace(line: Line, mark: str, answer: str) -> None:
    """Put an answer in the place of a mark: the last such, as a line is answered from its end."""
    from docx.oxml.ns import qn
    from docx.text.run import Run

    for paragraph in reversed(line.paragraphs):
        runs = [Run(each, paragraph) for each in paragraph.iter(qn("w:r"))]
        texts = [run.text for run in runs]
        if (at := "".join(texts).rfind(mark)) < 0:
            continue
        end, start, put = at + len(mark), 0, answer
        for run, text in zip(runs, texts, strict=True):
            one, other = max(at - start, 0), min(end - start, len(text))
            if one < other:
                run.text, put = text[:one] + put + text[other:], ""
            start += len(text)
        return


def _at_the_end(document: Any, gone: list[str]) -> None:
    """A list of what the earlier draft says and the new one has no place for."""
    document.add_heading(GONE, 1)
    for each in gone:
        document.add_paragraph(changed(each))
