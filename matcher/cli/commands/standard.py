"""Exchange requests in the National Placement Standard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from matcher.cli.given import Data, Given, command, file_name
from matcher.cli.loading import load
from matcher.errors import Fault, WrongInput, wrong_option
from matcher.intake.formulas import csv_text
from matcher.intake.settings import RoundSettings
from matcher.loading import load_policy, option_day
from matcher.standard import exchange
from matcher.standard.take import COLUMNS, Taken, take
from matcher.words import count

standard = typer.Typer(no_args_is_help=True, rich_markup_mode=None, add_completion=False)


@standard.callback()
def _group() -> None:
    """Exchange requests in the National Placement Standard (Social Care Data, 2026)."""


@command("matcher standard export {sample} --out reports/standard", standard, "export")
def export(given: Given, data: Data) -> None:
    """Write every request, and each confirmed placement, as the standard's JSON-LD and spreadsheet."""
    inputs, policy = load(given, data)
    records = exchange.records(inputs, policy)
    folder = given.out or Path("reports") / inputs.as_of.isoformat() / "standard"
    files = {
        exchange.JSON_NAME: [exchange.json_ld(records)],
        exchange.SHEET_NAME: [exchange.workbook(records)],
    }
    written = given.write(folder, "standard export", files.items())
    record = {
        "written": [str(path) for path in written.values()],
        "requests": len(records),
        "placements": sum(each.placed for each in records),
        "missing": [
            {"request_id": each.values["childId"], "field": field, "why": why}
            for each in records
            for field, why in each.missing.items()
        ],
    }
    given.print_answer(_lines(record), record)


def _lines(record: dict[str, Any]) -> list[str]:
    """What was written, and what the standard asks for and the data does not know."""
    placements = count(record["placements"], "confirmed placement")
    lines = [f"{count(record['requests'], 'request')}, {placements}."]
    lines.extend(f"Written: {path}." for path in record["written"])
    often = Counter((each["field"], each["why"]) for each in record["missing"])
    if often:
        lines.append("The standard also asks for these. They are left out, never guessed:")
    for (field, why), number in often.items():
        lines.append(f"  {field}, {count(number, 'request')}: {why}")
    return lines


@command("matcher standard import reports/standard/placements.xlsx", standard, "import")
def bring_in(
    given: Given,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The standard's spreadsheet or JSON-LD.")
    ],
) -> None:
    """Turn the standard's records into our requests, and list what each one still needs."""
    faults: list[Fault] = []
    day = option_day(given.as_of, faults) or date.today()
    load_policy(given.policy, RoundSettings(), faults, day)
    folder = given.out or Path("reports") / "standard" / file_name(file.stem)
    if (folder / "requests.csv").exists():
        fix = "Name another folder with --out: what is filled in is never overwritten."
        problem = "It holds requests.csv already."
        faults.append(wrong_option("--out", problem, fix))
    if faults:
        raise WrongInput(faults)
    taken = take(file)
    for warning in taken.warnings:
        given.tell(f"Warning: {warning.sentence()}")
    rows = [[request[column] for column in COLUMNS] for request in taken.requests]
    needs = [
        [need.request_id, need.column, "yes" if need.required else "no", need.says]
        for need in taken.needs
    ]
    files = {
        "requests.csv": [list(COLUMNS), *rows],
        "needed.csv": [["request_id", "column", "required", "what_the_standard_says"], *needs],
    }
    tables = ((name, [csv_text(table).encode()]) for name, table in files.items())
    written = given.write(folder, "standard import", tables)
    record = {
        "written": [str(path) for path in written.values()],
        "requests": len(rows),
        "needed": [
            {"request_id": n.request_id, "column": n.column, "required": n.required, "says": n.says}
            for n in taken.needs
        ],
        "no_place": taken.left,
    }
    lines = [f"{count(len(rows), 'request')}.", *(f"Written: {path}." for path in written.values())]
    lines.extend(_still_needed(taken))
    given.print_answer(lines, record)


def _still_needed(taken: Taken) -> Iterator[str]:
    """What each request still needs, a line each, and what had no column of ours."""
    for request in taken.requests:
        needs = [need for need in taken.needs if need.request_id == request["request_id"]]
        for words, required in (("needs", True), ("ask about", False)):
            if columns := [need.column for need in needs if need.required is required]:
                yield f"{request['request_id']}: {words} {', '.join(columns)}."
    if taken.needs:
        yield "needed.csv says what the standard says about each of them. Nothing was guessed."
    if taken.left:
        yield f"Not taken over, as no column of ours has it: {', '.join(sorted(taken.left))}."
