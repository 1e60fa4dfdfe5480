"""Say who could take one family now, and what to ask first."""

from __future__ import annotations

from typing import Annotated

import typer

from matcher.cli.current import Named, answer, the_round
from matcher.cli.given import Data, Given, command
from matcher.duty.desk import place as place_family
from matcher.duty.record import record
from matcher.duty.spoken import spoken
from matcher.duty.words import text
from matcher.intake.given import given as given_request


@command("matcher place {sample} --say purpose=assessment")
def place(
    given: Given,
    data: Data,
    request: Annotated[
        str | None,
        typer.Argument(
            metavar="REQUEST",
            help="A request's id, or a file with one request: TOML (column = value) or CSV.",
        ),
    ] = None,
    say: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN=VALUE",
            help="What is known, a cell at a time, such as age=17 or needed=tonight; over REQUEST's own.",
        ),
    ] = None,
    top: Annotated[int, typer.Option(help="How many households to show.", min=1, max=100)] = 5,
    named: Named = None,
) -> None:
    """Say who could take one family now, what it does to the others, and what to ask first."""
    now = the_round(given, data, named)
    family = given_request(now.inputs, request, spoken(say or (), now.inputs.as_of))
    for warning in family.warnings:
        given.tell(f"Warning: {warning.sentence()}")
    found = record(place_family(now.inputs, now.policy, family, top, now.keep))
    answer(given, now.about, f"place-{family.request_id}", text(found), found)
