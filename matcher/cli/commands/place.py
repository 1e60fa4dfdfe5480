"""The command of the duty desk."""

from __future__ import annotations

from typing import Annotated

import typer

from matcher.cli.common import AsJson, AsOf, Data, Out, PolicyFile, Quiet, answer, app, load, tell


@app.command(epilog="Example: matcher place data/samples/camden --say purpose=assessment")
def place(
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
            metavar="COLUMN=VALUE", help="What is known, a cell at a time; over REQUEST's own."
        ),
    ] = None,
    top: Annotated[int, typer.Option(help="How many households to show.", min=1, max=100)] = 5,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say who could take one family now, what it does to the others, and what to ask first."""
    from matcher.duty.desk import place as put
    from matcher.duty.record import record
    from matcher.duty.words import text
    from matcher.intake.given import given

    inputs, in_force = load(data, as_of, policy, quiet)
    known = given(inputs, request, say or ())
    for warning in known.warnings:
        tell(f"Warning: {warning.sentence()}", quiet)
    found = record(put(inputs, in_force, known, top))
    answer(f"place-{known.request_id}", text(found), found, out, as_json)
