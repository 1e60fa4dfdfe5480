"""Write an empty workbook to fill in: a sheet for each table."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.given import Given, command, write_lines
from matcher.errors import WrongInput, wrong_option
from matcher.report.template import template as empty_workbook
from matcher.show.files import write_bytes


@dataclass(frozen=True, kw_only=True)
class GivenWorkbook(Given):
    """The options of every command, but that --out names a file."""

    out: Annotated[Path, typer.Option(help="The workbook to write.", dir_okay=False)] = Path(
        "matching.xlsx"
    )


@command("matcher template --out matching.xlsx")
def template(given: GivenWorkbook) -> None:
    """Write an empty workbook to fill in: a sheet per table, with lists to choose from."""
    out = given.out
    if out.exists():
        fix = "Name another file: what is filled in is never overwritten."
        raise WrongInput([wrong_option("--out", "The file is there already.", fix)])
    write_bytes(out, [empty_workbook()])
    told = f"Written: {out}. Its first sheet, how_to, says how to fill it in."
    write_lines([json.dumps({"written": str(out)}) if given.as_json else told])
