"""Read the standard's JSON-LD or its spreadsheet, written by anybody, as records of text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matcher.errors import wrong_cell, wrong_file, wrong_heading, wrong_row, wrong_setting
from matcher.intake import disk
from matcher.intake.cells import shown
from matcher.intake.files import Findings, cell_text, of_error, open_workbook
from matcher.intake.grids import letters
from matcher.intake.workbooks import is_workbook
from matcher.standard.fields import (
    AVAILABILITY,
    EXTENSION_COLUMNS,
    EXTENSION_PART,
    EXTENSION_SHEET,
    FIELDS,
    NAME,
    ONLY_WRITTEN,
    PARTS,
    SHEET_FIELDS,
    TOP,
    Field,
)
from matcher.standard.terms import folded

COLLECTION = "Data Collection"
FIRST_ROWS = 20  # among them stands the row of headings
_BOTH = (*EXTENSION_COLUMNS, *ONLY_WRITTEN)


@dataclass(frozen=True)
class Found:
    """One record as it was found: the text of each field, and of our extension's columns."""

    table: str
    row: int  # of the sheet; in JSON-LD the place of the record, from 1
    fields: dict[str, str]
    columns: dict[str, str]  # where each field stands, for a fault
    ours: dict[str, str]
    ours_table: str
    ours_row: int


def read_file(path: Path, findings: Findings) -> list[Found]:
    """The records of a file; what is wrong with the file itself is added to the faults."""
    if not path.is_file():
        problem, fix = "There is no such file.", "Name the standard's .xlsx or .jsonld file."
        findings.faults.append(wrong_file("input", problem, fix, value=shown(str(path))))
        return []
    if is_workbook(path):
        return _workbook(path, findings)
    if path.suffix.casefold() in (".jsonld", ".json"):
        return _json(path, findings)
    problem = "This is neither the standard's spreadsheet nor its JSON-LD."
    fix = "Name an .xlsx, .jsonld or .json file."
    findings.faults.append(wrong_file("input", problem, fix, value=shown(path.name)))
    return []


# --- The spreadsheet --------------------------------------------------------------------------


def _workbook(path: Path, findings: Findings) -> list[Found]:
    book = open_workbook(path, findings)
    if book is None:
        return []
    for name, grid in book.items():
        for (row, column), text in grid.unread.items():
            if text.startswith("="):
                problem, fix = of_error(text)
                named = letters(column)
                fault = wrong_cell(shown(name), row, named, shown(text), problem, fix)
                findings.faults.append(fault)
    sheets = {folded(name): (name, grid.with_unread()) for name, grid in book.items()}
    if folded(COLLECTION) not in sheets:
        fix = f"The standard's records stand on a sheet '{COLLECTION}'."
        findings.faults.append(wrong_file(COLLECTION, "The sheet is missing.", fix))
        return []
    name, rows = sheets[folded(COLLECTION)]
    known = {folded(str(each.column)): each.name for each in SHEET_FIELDS}
    listed = _rows(shown(name), rows, known, "childId", findings)
    ours: dict[str, tuple[int, dict[str, str]]] = {}
    if folded(EXTENSION_SHEET) in sheets:
        own = {"childid": "childId", **{folded(column): column for column in _BOTH}}
        extension = _rows(EXTENSION_SHEET, sheets[folded(EXTENSION_SHEET)][1], own, "childId", findings)  # fmt: skip
        for number, cells in extension:
            if ours.setdefault(cells.pop("childId", ""), (number, cells))[0] != number:
                problem, fix = "This child is there twice.", "Keep one of the rows."
                findings.faults.append(
                    wrong_cell(EXTENSION_SHEET, number, "child_ID", None, problem, fix)
                )
    columns = {each.name: str(each.column) for each in SHEET_FIELDS}
    found = []
    for number, cells in listed:
        at, extended = ours.pop(cells.get("childId", ""), (number, {}))
        found.append(
            Found(shown(name), number, cells, columns, extended, EXTENSION_SHEET, at)
        )  # fmt: skip
    for child, (number, _) in ours.items():
        problem = f"No row of '{COLLECTION}' has this child."
        findings.faults.append(
            wrong_cell(
                EXTENSION_SHEET, number, "child_ID", shown(child), problem, "Correct the id."
            )
        )
    return found


def _rows(
    table: str, rows: list[list[Any]], known: dict[str, str], key: str, findings: Findings
) -> list[tuple[int, dict[str, str]]]:
    """The filled rows beneath the headings, by field; a row of questions there is read over."""
    lines = [[cell_text(cell).strip() for cell in row] for row in rows]
    named = [[known.get(folded(cell)) for cell in line] for line in lines[:FIRST_ROWS]]
    head = next((at for at, names in enumerate(named) if key in names), None)
    if head is None:
        problem, fix = "The headings were not found.", "A row of headings begins with child_ID."
        findings.faults.append(wrong_file(table, problem, fix))
        return []
    line, names = lines[head], named[head]
    for cell, name in zip(line, names, strict=True):
        if cell and name is None:
            warning = wrong_heading(
                table, shown(cell), "This column is not read.", "", row=head + 1
            )
            findings.warnings.append(warning)
        if name is not None and names.count(name) > 1:
            problem, fix = "Two columns have this heading.", "Keep one of them."
            findings.faults.append(wrong_heading(table, shown(cell), problem, fix, row=head + 1))
    found = []
    for number, cells in enumerate(lines[head + 1 :], start=head + 2):
        values = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell}
        questions = number == head + 2 and folded(values.get(key, "")).startswith("childidplease")
        if values and not questions:
            found.append((number, values))
    return found


# --- JSON-LD ----------------------------------------------------------------------------------


def _json(path: Path, findings: Findings) -> list[Found]:
    table = shown(path.name)

    def fault(row: int | None, problem: str, fix: str) -> list[Found]:
        whole = wrong_file(table, problem, fix)
        findings.faults.append(whole if row is None else wrong_row(table, row, problem, fix))
        return []

    try:
        document = json.loads(disk.read_file(path).decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        return fault(error.lineno, "This is not JSON.", "Ask for the file again.")
    except OSError as error:
        return fault(None, f"The file can't be opened: {error.strerror}.", "Ask for it again.")
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        return fault(None, f"The file can't be read ({type(error).__name__}).", "Ask for it again.")
    nodes = list(_nodes(document))
    by_id = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 1}
    records = [node for node in nodes if _is_placement(node)]
    if not records:
        return fault(None, "It holds no placement.", "A record of the standard has a childId.")
    return [_record(table, at, node, by_id, findings) for at, node in enumerate(records, start=1)]


def _nodes(document: Any) -> Iterator[dict[str, Any]]:
    for each in document if isinstance(document, list) else [document]:
        if isinstance(each, dict):
            graph = each.get("@graph")
            if graph is None:
                yield each
            else:
                yield from _nodes(graph)


def _is_placement(node: dict[str, Any]) -> bool:
    kinds = node.get("@type", [])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    return any(last_part(str(kind)) == "Placement" for kind in kinds) or any(
        last_part(key) == "childId" for key in node
    )


def last_part(name: str) -> str:
    """The term of an address or of a short form: 'pl:neededBy' is neededBy."""
    if re.match(r"[a-z][a-z0-9+.-]*:", name, re.IGNORECASE):
        return re.split(r"[#/:]", name)[-1]
    return name


def _record(
    table: str, row: int, node: dict[str, Any], by_id: dict[str, Any], findings: Findings
) -> Found:
    fields: dict[str, str] = {}
    ours: dict[str, str] = {}
    by_part = {part: {f.name: f for f in FIELDS if f.part == part} for part in (TOP, *PARTS)}
    # The shapes have it at the top; some of the standard's own examples have it here.
    by_part[AVAILABILITY]["placementId"] = by_part[TOP]["placementId"]

    def read(part: str, inner: dict[str, Any]) -> None:
        for key, value in inner.items():
            name = last_part(key)
            if key.startswith("@"):
                continue
            if part == TOP and name in (*PARTS, EXTENSION_PART):
                nested(name, value)
            elif part == EXTENSION_PART and name in _BOTH:
                ours[name] = _plain(value)
            elif name in by_part.get(part, {}):
                fields[name] = _plain(value, by_part[part][name])
            else:
                path = f"{part}.{name}" if part else name
                findings.warnings.append(wrong_setting(table, shown(path), "This is not read.", ""))

    def nested(part: str, value: Any) -> None:
        only = value[0] if isinstance(value, list) and len(value) == 1 else value
        name = only if isinstance(only, str) else None
        if isinstance(only, dict) and set(only) == {"@id"}:
            name = str(only["@id"])
        inner = by_id.get(name) if name is not None else only
        if isinstance(inner, dict):
            read(part, inner)
        else:
            problem, fix = "It is not one group of fields.", "Write one object."
            findings.faults.append(wrong_cell(table, row, part, None, problem, fix))

    read(TOP, node)
    columns = {field.name: field.path for field in FIELDS}
    return Found(table, row, fields, columns, ours, table, row)


def _plain(value: Any, field: Field | None = None) -> str:
    """A JSON value as the text that a cell would have."""
    if field is not None and field.kind == NAME:
        return ""  # a person's name goes no further
    if isinstance(value, list):
        return ";".join(filter(None, (_plain(each) for each in value)))
    if isinstance(value, dict):
        inner = value.get("@value", value.get("@id", value.get("@list")))
        return json.dumps(value)[:100] if inner is None else _plain(inner)
    if value is None:
        return ""
    return cell_text(value).strip()
