"""Write a round's requests as the National Placement Standard's JSON-LD and spreadsheet."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np

from matcher.intake import written
from matcher.intake.columns import columns
from matcher.intake.inputs import Inputs, is_confirmed
from matcher.intake.rows import Request
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy
from matcher.privacy import hidden_in
from matcher.show.workbook import A3, Book
from matcher.standard.facts import Facts, Value
from matcher.standard.fields import (
    ACTUAL,
    CHILD_IS,
    COUNT,
    DATE,
    EXTENSION,
    EXTENSION_COLUMNS,
    EXTENSION_PART,
    EXTENSION_SHEET,
    FIELDS,
    MONEY,
    PARTS,
    PLACED,
    SHEET_FIELDS,
    TOP,
    Field,
)
from matcher.standard.read import COLLECTION
from matcher.standard.terms import PLACEMENTS, Vocabulary

JSON_NAME, SHEET_NAME = "placements.jsonld", "placements.xlsx"
SCHEMA_TYPES = "http://www.w3.org/2001/XMLSchema#"
GROUPS = {
    "child_ID": "Determinants of placement availability",
    "foster_care_suitability": "Placement Recommendation",
    "risk_to_child_self_harm": "Risks",
    "cost_total_weekly": "Actual Placement",
    "name_of_officer_referral": "Quality Assurance",
}  # over the first column of each, as the standard's own sheet has them


@dataclass(frozen=True)
class Record:
    """One family in the standard's fields; what it asks for and we don't know; and our own columns."""

    values: dict[str, Value]  # by the field's name; None is left out
    missing: dict[str, str]  # the path of each required field without a value: why
    ours: dict[str, str]
    placed: bool


def records(inputs: Inputs, policy: Policy) -> list[Record]:
    """A record for every open or placed request, in order of their ids."""
    inputs = replace(inputs, requests=inputs.families)
    table = columns(inputs)
    everyone = Pairs(table, policy, np.arange(len(inputs.requests)), table.households.row)
    urgencies = everyone.urgency[:, 0].tolist()
    homes = {household.household_id: household for household in inputs.households}
    lives = {
        pair[0]: (pin.started_on, homes[pair[1]])
        for pair, pin in inputs.pins.items()
        if is_confirmed(pin)
    }
    lives |= {
        name: (placement.started_on, homes[placement.household_id])
        for name, placement in inputs.placement_of.items()
    }
    hidden = hidden_in(inputs, everyone)

    def facts(request: Request, urgency: str) -> Facts:
        started_on, household = lives.get(request.request_id, (None, None))
        is_hidden = household is not None and household.household_id in hidden
        return Facts(request, urgency, started_on, household, is_hidden)

    pairs = zip(inputs.requests, urgencies, strict=True)
    return [_record(facts(request, urgency)) for request, urgency in pairs]


def _record(facts: Facts) -> Record:
    placed = facts.household is not None
    asked = [field for field in FIELDS if placed or field.part != ACTUAL]
    said = {field.name: field.say(facts) if field.say else None for field in asked}
    missing = {
        field.path: field.why_not(facts)
        for field in asked
        if field.required and said[field.name] is None
    }
    every = written.cells(facts.request)
    ours = {column: every[column] for column in EXTENSION_COLUMNS}
    ours[CHILD_IS] = facts.child_is
    if facts.home is not None:
        ours |= {name: written.cell(getattr(facts.home, column)) for name, column in PLACED.items()}
    filled = {column: text for column, text in ours.items() if text}
    return Record(said, missing, filled, placed)


# --- JSON-LD ----------------------------------------------------------------------------------


def context() -> dict[str, Any]:
    """What the names of the JSON-LD mean: the standard's own entries, and our extension's one."""
    found: dict[str, Any] = {"pl": PLACEMENTS, "xsd": SCHEMA_TYPES}
    for name in ("Placement", *(part[:1].upper() + part[1:] for part in PARTS)):
        found[name] = f"pl:{name}"
    found |= {part: {"@id": f"pl:{part}", "@type": "@id"} for part in PARTS}
    for field in FIELDS:
        if field.say is not None:
            found[field.name] = _entry(field)
    found[EXTENSION_PART] = {
        "@id": f"{EXTENSION}{EXTENSION_PART}",
        "@context": {"@vocab": EXTENSION},
    }
    return found


def _entry(field: Field) -> str | dict[str, Any]:
    address = f"pl:{field.name}"
    if isinstance(field.kind, Vocabulary):
        inner = {"@type": "@vocab", "@context": {"@vocab": field.kind.address}}
        return {"@id": address, **inner, **({"@container": "@set"} if field.many else {})}
    kinds = {DATE: "xsd:date", MONEY: "xsd:decimal", COUNT: "xsd:nonNegativeInteger"}
    kind = kinds.get(field.kind)
    return {"@id": address, "@type": kind} if kind else address


def document(found: list[Record]) -> dict[str, Any]:
    """The records as one JSON-LD document, which needs no other file to be read."""
    return {"@context": context(), "@graph": [_node(record) for record in found]}


def _node(record: Record) -> dict[str, Any]:
    node: dict[str, Any] = {"@type": "Placement"}
    for field in FIELDS:
        if field.part not in (TOP, *node) and (field.part != ACTUAL or record.placed):
            node[field.part] = {"@type": field.part[:1].upper() + field.part[1:]}
        if (value := record.values.get(field.name)) is not None:
            (node[field.part] if field.part else node)[field.name] = _json(value)
    node[EXTENSION_PART] = record.ours
    return node


def _json(value: Value) -> Any:
    """A value in JSON; an amount is text, as a JSON number is no xsd:decimal to a validator."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def json_ld(found: list[Record]) -> bytes:
    """The JSON-LD document as a file."""
    return json.dumps(document(found), ensure_ascii=False, indent=1).encode() + b"\n"


# --- The spreadsheet --------------------------------------------------------------------------


def workbook(found: list[Record]) -> bytes:
    """The standard's sheet, its columns in its order, and a sheet with what it has no place for."""
    book = Book("National Placement Standard")
    _collection(book, found)
    _extension(book, found)
    return book.as_bytes()


def _collection(book: Book, found: list[Record]) -> None:
    page = book.wide_sheet(COLLECTION, headings=3, paper=A3, pages=3)  # the standard has 44 columns
    page.repeat_columns(0)
    page.set_row(1, 45)
    page.set_row(2, 150)
    title = ""
    for at, field in enumerate(SHEET_FIELDS):
        title = GROUPS.get(str(field.column), title)
        page.write_string(0, at, title if str(field.column) in GROUPS else "", book.look("group"))
        page.write_string(1, at, str(field.column), book.look("light head"))
        note = field.written if at else f"Child ID, please: {field.written}"
        page.write_string(2, at, note, book.look("note"))
        page.set_column(at, at, 22)
        for row, record in enumerate(found, start=3):
            value = record.values.get(field.name)
            if isinstance(value, date):
                page.write_datetime(row, at, value, book.look("short day"))
            elif isinstance(value, Decimal):
                page.write_number(row, at, float(value), book.look("pounds"))
            elif isinstance(value, int) and not isinstance(value, bool):
                page.write_number(row, at, value)
            elif value is not None:
                page.write_string(row, at, _label(field, value))


def _label(field: Field, value: Value) -> str:
    terms = value if isinstance(value, tuple) else (value,)
    kind = field.kind
    shown = [kind.label(str(each)) if isinstance(kind, Vocabulary) else str(each) for each in terms]
    return "; ".join(shown)


def _extension(book: Book, found: list[Record]) -> None:
    page = book.sheet(EXTENSION_SHEET)
    page.freeze_panes(1, 1)
    for at, column in enumerate(("child_ID", CHILD_IS, *EXTENSION_COLUMNS, *PLACED)):
        page.write_string(0, at, column, book.look("light head"))
        page.set_column(at, at, max(12, len(column) + 2))
        for row, record in enumerate(found, start=1):
            text = str(record.values["childId"]) if not at else record.ours.get(column, "")
            if text:
                page.write_string(row, at, text)
