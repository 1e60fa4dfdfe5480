"""Write a synthetic match round, of no real person."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.given import Given, command, file_name, write_lines
from matcher.errors import Fault, WrongInput
from matcher.loading import option_day
from matcher.synthetic import sample as draw_sample
from matcher.synthetic.draws import setting
from matcher.synthetic.files import write_sample


@command("matcher sample {kind} --requests 15 --households 60 --seed 1")
def sample(
    given: Given,
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="The sample's name; the name of an authority or a region, london or england sets "
            "it there, any other in England.",
        ),
    ],
    requests: Annotated[int, typer.Option(help="How many families.", min=0, max=2000)] = 15,
    households: Annotated[int, typer.Option(help="How many households.", min=0, max=40_000)] = 60,
    seed: Annotated[int, typer.Option(help="Another seed draws another round.", min=0)] = 1,
    area: Annotated[
        str | None, typer.Option(help="An authority, a region, london or england; over NAME.")
    ] = None,
) -> None:
    """Write a synthetic match round, of no real person: for trying, training and tests."""
    faults: list[Fault] = []
    day = option_day(given.as_of, faults) or setting("round.as_of")
    if faults:
        raise WrongInput(faults)
    made = draw_sample(name, area, requests, households, seed, day)
    folder = given.out or Path("samples") / file_name(name)
    write_sample(made, folder)
    record = {
        "written": str(folder),
        "synthetic": True,
        "area": made.area.name,
        "seed": seed,
        "as_of": day.isoformat(),
        **{table: made.rows(table) for table in made.tables},
    }
    said = (
        f"Written: {folder}, a synthetic round set in {made.area.name}: {requests} requests, "
        f"{households} households. Its about.md says how it was drawn."
    )
    write_lines([json.dumps(record) if given.as_json else said])
