"""The command that lives through years of weekly rounds and compares ways to choose."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Annotated

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
    assigned,
    draw,
    load,
    tell,
)
from matcher.errors import Fault, WrongInput

if TYPE_CHECKING:
    from matcher.synthetic.draws import Setting

SEEDS, WEEKS = 20, 52


@app.command(epilog="Example: matcher simulate data/samples/camden --seeds 4 --out year")
def simulate(
    data: Data,
    seeds: Annotated[int, typer.Option(help="How many years.", min=1, max=100_000)] = SEEDS,
    first_seed: Annotated[int, typer.Option(help="The seed of the first year.", min=0)] = 1,
    weeks: Annotated[int, typer.Option(help="Weeks in a year.", min=4, max=104)] = WEEKS,
    per_week: Annotated[
        float | None,
        typer.Option(help="Families that come a week; else as the data's own.", min=0, max=1_000),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="NAME=VALUE",
            help="The service's own setting, as decline=0.2. A wrong name lists all.",
        ),
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
    from matcher.rounds import prepare
    from matcher.show.text import wrapped
    from matcher.simulate.model import NoFamilies, a_model
    from matcher.simulate.result import one_year
    from matcher.simulate.words import simulate_record, simulate_text, waiting_figure

    if per_week is not None and isnan(per_week):
        problem, fix = "It is no number.", "Give the families that come a week."
        raise WrongInput([Fault("options", None, "--per-week", "nan", problem, fix)])
    given = [_setting(text) for text in set_ or ()]
    own = dict(given)
    if len(own) < len(given):
        problem, fix = "A setting is given twice.", "Give each once."
        raise WrongInput([Fault("options", None, "--set", None, problem, fix)])
    inputs, in_force = load(data, as_of, policy, quiet)
    try:
        model = a_model(prepare(inputs, in_force, 0), weeks, per_week, own)
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


def _setting(text: str) -> tuple[str, Setting]:
    """'decline=0.2' as a setting of the service's own."""
    from matcher.codes import did_you_mean
    from matcher.simulate.model import own_setting, settings

    name, value = assigned("--set", text)
    if name not in settings():
        guess = did_you_mean(name[:60], list(settings())).strip()
        problem, fix = "There is no such setting.", f"{guess} All: {', '.join(settings())}.".strip()
        raise WrongInput([Fault("options", None, "--set", name[:60], problem, fix)])
    try:
        return name, own_setting(name, value)
    except ValueError as wrong:
        raise WrongInput([Fault("options", None, "--set", text[:60], *wrong.args)]) from None
