"""The command that lives through years of weekly rounds and compares ways to choose."""

from __future__ import annotations

from typing import Annotated

import typer

from matcher.cli.common import (
    AsJson,
    AsOf,
    Data,
    Out,
    PolicyFile,
    Quiet,
    answer,
    app,
    draw,
    load,
    tell,
)
from matcher.errors import Fault, WrongInput

SEEDS, WEEKS = 20, 52


@app.command(epilog="Example: matcher simulate data/samples/camden --seeds 4 --out year")
def simulate(
    data: Data,
    seeds: Annotated[int, typer.Option(help="How many years.", min=1, max=100_000)] = SEEDS,
    first_seed: Annotated[int, typer.Option(help="The seed of the first year.", min=0)] = 1,
    weeks: Annotated[int, typer.Option(help="Weeks in a year.", min=4, max=104)] = WEEKS,
    per_week: Annotated[
        float | None, typer.Option(help="Families that come a week; else as the data's own.", min=0)
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Processes here.", min=1)] = None,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="A Dask scheduler: tcp://host:8786.")
    ] = None,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Live through years of weekly rounds: first come, best pair, optimum, look-ahead, hindsight."""
    from functools import partial

    from matcher.machines import share
    from matcher.report.simulate import simulate_record, simulate_text, waiting_figure
    from matcher.report.text import wrapped
    from matcher.rounds import prepare
    from matcher.simulate.model import NoFamilies, a_model
    from matcher.simulate.result import one_year

    inputs, in_force = load(data, as_of, policy, quiet)
    try:
        model = a_model(prepare(inputs, in_force, 0), weeks, per_week)
    except NoFamilies:
        problem, fix = "No family passes screening, so none can be drawn.", "Add requests."
        raise WrongInput([Fault("requests", None, None, None, problem, fix)]) from None
    tell(f"Running {seeds:,} simulated years, each with 5 ways to choose.", quiet)
    wanted = range(first_seed, first_seed + seeds)
    years = share(partial(one_year, model), wanted, cluster, workers)
    answer(
        "simulate",
        wrapped(simulate_text(model, years)),
        simulate_record(model, years),
        out,
        as_json,
    )
    if out is not None:
        draw([waiting_figure(model, years)], out, quiet)
