"""Live through years of weekly rounds to compare ways to choose."""

from __future__ import annotations

from functools import partial
from math import isnan
from typing import Annotated

import typer

from matcher.cli.given import Data, Given, assigned, command
from matcher.cli.loading import load
from matcher.codes import did_you_mean
from matcher.errors import WrongInput, wrong_file, wrong_option
from matcher.machines import share
from matcher.rounds import prepare
from matcher.show.paper import Source
from matcher.simulate.brief import Asked, paper, placed_figure
from matcher.simulate.model import NoFamilies, a_model, own_setting, settings
from matcher.simulate.result import NAMES, one_year
from matcher.simulate.words import simulate_record, waiting_figure
from matcher.synthetic.draws import Setting

SEEDS, WEEKS = 20, 52


@command("matcher simulate {sample} --seeds 4 --out year")
def simulate(
    given: Given,
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
) -> None:
    """Live through years of weekly rounds: first come, best pair, optimum, look-ahead, hindsight."""
    if per_week is not None and isnan(per_week):
        problem, fix = "It is no number.", "Give the families that come a week."
        raise WrongInput([wrong_option("--per-week", problem, fix, value="nan")])
    settings_given = [_setting(text) for text in set_ or ()]
    own = dict(settings_given)
    if len(own) < len(settings_given):
        problem, fix = "A setting is given twice.", "Give each once."
        raise WrongInput([wrong_option("--set", problem, fix)])
    inputs, policy = load(given, data)
    try:
        model = a_model(prepare(inputs, policy, 0), weeks, per_week, own)
    except NoFamilies:
        problem, fix = "No family passes screening, so none can be drawn.", "Add requests."
        raise WrongInput([wrong_file("requests", problem, fix)]) from None
    given.tell(f"Running {seeds:,} simulated years, each with {len(NAMES)} ways to choose.")
    wanted = range(first_seed, first_seed + seeds)
    years = share(partial(one_year, model), wanted, cluster, workers)
    source = Source(inputs.as_of, inputs.sha256, policy.sha256)
    asked = Asked(source, len(inputs.households), own_rate=per_week is not None)
    given.answer_paper(
        "simulate",
        paper(model, years, asked),
        simulate_record(model, years),
        lambda: [placed_figure(model, years), waiting_figure(model, years)],
    )


def _setting(text: str) -> tuple[str, Setting]:
    """'decline=0.2' as a setting of the service's own."""
    name, value = assigned("--set", text)
    if name not in settings():
        guess = did_you_mean(name[:60], list(settings())).strip()
        problem, fix = "There is no such setting.", f"{guess} All: {', '.join(settings())}.".strip()
        raise WrongInput([wrong_option("--set", problem, fix, value=name[:60])])
    try:
        return name, own_setting(name, value)
    except ValueError as wrong:
        problem, fix = wrong.args
        raise WrongInput([wrong_option("--set", problem, fix, value=text[:60])]) from None
