"""Turn records of the standard into requests, and list what a parent and child request still needs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

from matcher.errors import Fault, WrongInput, wrong_cell
from matcher.intake import cells
from matcher.intake.cells import CellFault, WrongCell, either, shown
from matcher.intake.files import Findings, is_error
from matcher.intake.rows import Request, columns_of, headings, reader_of
from matcher.standard.fields import (
    BY_NAME,
    COUNT,
    DATE,
    EXTENSION_COLUMNS,
    EXTENSION_PART,
    MONEY,
    NAME,
    OUTCODE,
    YES_NO,
    Field,
)
from matcher.standard.read import Found, last_part, read_file
from matcher.standard.terms import NOTHING, Vocabulary, folded

COLUMNS = tuple(headings(Request))
_OUTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]?")
_COUNT = re.compile(r"[0-9]{1,4}")
_ALWAYS = tuple(name for name, column in columns_of(Request).items() if column.required)
_PURPOSE, _WEEKS = "purpose", "expected_weeks"


@dataclass(frozen=True)
class Need:
    """A column that a request still needs: what the standard says about it, and what to do."""

    request_id: str
    column: str
    required: bool
    says: str


@dataclass(frozen=True)
class Taken:
    """The requests of a file in our columns, what they need, and which fields had no place."""

    requests: list[dict[str, str]]
    needs: list[Need]
    left: dict[str, int]  # fields with a value that no column of ours takes, and how often
    warnings: list[Fault]


def take(path: Path) -> Taken:
    """The requests of the standard's spreadsheet or JSON-LD; WrongInput with every fault of it."""
    findings = Findings([], [])
    found = read_file(path, findings)
    requests, needs, left, seen = [], [], Counter[str](), set[str]()
    for record in found:
        values = _checked(record, findings.faults)
        ours = _ours(record, findings.faults)
        child = record.fields.get("childId", "")
        if child in seen:
            problem = "This child is there twice."
            fix = "A round takes one request of a family: keep the open referral."
            at = record.columns["childId"]
            findings.faults.append(
                wrong_cell(record.table, record.row, at, shown(child), problem, fix)
            )
        seen.add(child)
        request, needed = _request(values, ours, left)
        requests.append(request)
        needs.extend(needed)
    if findings.faults:
        raise WrongInput(findings.faults, findings.warnings)
    return Taken(requests, needs, dict(left), list(dict.fromkeys(findings.warnings)))


def _checked(record: Found, faults: list[Fault]) -> dict[str, tuple[str, ...]]:
    """The values of a record's fields as terms, or as cells; what is wrong is added to the faults."""
    values: dict[str, tuple[str, ...]] = {}
    for name, text in record.fields.items():
        field = BY_NAME[name]
        if not text or field.kind == NAME:
            continue
        try:
            if (read := _value(field, text)) and read[0] not in NOTHING:
                values[name] = read
        except WrongCell as error:
            for fault in error.faults:
                faults.append(wrong_cell(record.table, record.row, record.columns[name], *fault))
    if "childId" not in record.fields or not record.fields["childId"]:
        at, fix = record.columns["childId"], "Every record needs the id of its child."
        faults.append(wrong_cell(record.table, record.row, at, None, "It is missing.", fix))
    return values


def _value(field: Field, text: str) -> tuple[str, ...]:
    if is_error(text):
        raise cells.wrong(text, "The cell shows an error of Excel.", "Type the value.")
    if isinstance(field.kind, Vocabulary):
        return _terms(field, field.kind, text)
    if field.kind == DATE:
        return (cells.day(text).isoformat(),)
    if field.kind == YES_NO:
        return ("yes" if cells.yes_no(text) else "no",)
    if field.kind == COUNT:
        if folded(text) == "na":  # the spreadsheet's word where there are no siblings
            return ()
        if not _COUNT.fullmatch(text):
            raise cells.wrong(shown(text), "This is not a whole number.", "Write 0, 1, 2 or more.")
    elif field.kind == MONEY:
        _pounds(text)
    elif field.kind == OUTCODE:
        if not _OUTCODE.fullmatch(text):
            fix = "Write the first half alone, in capitals, such as TA3 or BS10."
            raise cells.wrong(shown(text[:4]), "This is not an outward postcode.", fix)
    elif field.name == "childId":
        cells.text(text)
    return (text,)


def _pounds(text: str) -> None:
    try:
        good = Decimal(text).is_finite() and Decimal(text) >= 0
    except InvalidOperation:
        good = False
    if not good:
        raise cells.wrong(shown(text), "This is not an amount.", "Write pounds, such as 612.50.")


def _terms(field: Field, kind: Vocabulary, text: str) -> tuple[str, ...]:
    parts = re.split(r"[;,]", text) if field.many else [text]
    asked = [part.strip() for part in parts if part.strip()]
    found = [kind.spelt.get(folded(last_part(part))) for part in asked]
    bad = [part for part, term in zip(asked, found, strict=True) if term is None]
    if bad:
        labels = either(kind.label(term) for term in kind.terms)
        problem = "This is not a term of the standard."
        raise WrongCell([CellFault(shown(part), problem, f"Use {labels}.") for part in bad])
    return tuple(dict.fromkeys(term for term in found if term is not None))


def _ours(record: Found, faults: list[Fault]) -> dict[str, str]:
    """Our own columns where the record has them, each read as a table's cell is."""
    good = {}
    for column in EXTENSION_COLUMNS:
        text = record.ours.get(column, "")
        if not text:
            continue
        try:
            reader_of(Request, column)(text)
            good[column] = text
        except WrongCell as error:
            in_json = record.ours_table == record.table
            at = f"{EXTENSION_PART}.{column}" if in_json else column
            for fault in error.faults:
                faults.append(wrong_cell(record.ours_table, record.ours_row, at, *fault))
    return good


def _request(
    values: dict[str, tuple[str, ...]], ours: dict[str, str], left: Counter[str]
) -> tuple[dict[str, str], list[Need]]:
    """A request's cells, and what it needs; what isn't given is left blank, never guessed."""
    cells_of = dict.fromkeys(COLUMNS, "")
    says: dict[str, list[str]] = {}
    for name, value in values.items():
        field = BY_NAME[name]
        if not field.ours:
            left[field.path] += 1
        elif (cell := _cell(field, value)) is not None:
            cells_of[field.ours[0]] = cell
        else:
            for column in field.ours:
                says.setdefault(column, []).append(_said(field, value))
    cells_of |= ours
    request_id = cells_of["request_id"]
    required = [column for column in _ALWAYS if not cells_of[column]]
    if not cells_of[_WEEKS] and cells_of[_PURPOSE] != "support":
        required.append(_WEEKS)
        says.setdefault(_WEEKS, ["An assessment must say how long it is expected to last."])
    asked = (
        [] if ours else [column for column in COLUMNS if column in says and not cells_of[column]]
    )
    order = sorted({*required, *asked}, key=COLUMNS.index)
    return cells_of, [
        Need(request_id, column, column in required, " ".join(says.get(column, ())))
        for column in order
    ]


def _cell(field: Field, value: tuple[str, ...]) -> str | None:
    """Our cell for what a field says, None where it doesn't say enough."""
    if field.take is None:
        return None
    return field.take.get(value[0]) if field.take else value[0]


def _said(field: Field, value: Iterable[str]) -> str:
    kind = field.kind
    labels = [kind.label(each) if isinstance(kind, Vocabulary) else each for each in value]
    return f"The standard says {field.name}: {', '.join(labels)}. {field.ask}".rstrip()
