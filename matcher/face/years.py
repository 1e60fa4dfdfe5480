"""Simulated years of weekly rounds, for notebooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING

from matcher.codes import did_you_mean
from matcher.face.frames import NUMBER, TEXT, Picture, Row, Shown, frame, pictures
from matcher.face.wrong import wrong_argument
from matcher.rounds import Prepared
from matcher.simulate.model import Model, NoFamilies, a_model, own_setting, settings
from matcher.simulate.result import NAMES, Interval, of_hindsight, one_year, over_years
from matcher.simulate.words import MEASURES, simulate_text, waiting_figure
from matcher.synthetic.draws import Setting
from matcher.words import count

if TYPE_CHECKING:
    from pandas import DataFrame

VALUE_SHARE = "value_share"
MOST_WEEKS, LEAST_WEEKS = 104, 4


class Years(Shown):
    """What years of weekly rounds came to under each way to choose: `Round.simulate`.

    No forecast: families are drawn from those of one round. As text it is what `matcher simulate`
    prints for analysts.
    """

    def __init__(
        self,
        prepared: Prepared,
        years: int,
        seed: int,
        weeks: int,
        per_week: float | None,
        own: Mapping[str, float],
    ) -> None:
        if years < 1:
            raise wrong_argument("years", years, "It is below 1.", "Give a number from 1.")
        if seed < 0:
            raise wrong_argument("seed", seed, "It is below 0.", "Give a number from 0.")
        if not LEAST_WEEKS <= weeks <= MOST_WEEKS:
            fix = f"Give a number from {LEAST_WEEKS} to {MOST_WEEKS}."
            raise wrong_argument("weeks", weeks, "A year can't have so many.", fix)
        if per_week is not None and not 0 <= per_week <= 1_000:
            fix = "Give the families that come a week, at most 1,000."
            raise wrong_argument("per_week", per_week, "So many families can't come.", fix)
        given = {name: _setting(name, value) for name, value in own.items()}
        try:
            self._model: Model = a_model(prepared, weeks, per_week, given)
        except NoFamilies:
            problem = "No family passes screening, so none can be drawn."
            raise wrong_argument("requests", None, problem, "Add requests.") from None
        # In this process: a plain script that starts others would be run again by each of them.
        self._years = [one_year(self._model, at) for at in range(seed, seed + years)]

    @cached_property
    def ways(self) -> DataFrame:
        """What each way to choose came to, over all years.

        Columns: `way`; `value_share` (0 to 1) of what hindsight could reach; `placed` and
        `unplaced` families; `waited`: weeks past the need, and `worst_waited` of the tenth who
        waited longest; `fit` (0 to 100) and `worst_fit` of those placed; `miles` from home;
        `asked`: how often a household was; `carer_weeks` and `residential_weeks`. Each is a mean
        over the years, with the 95 % interval of the mean in `<name>_low` and `<name>_high`, which
        is missing where there are fewer than two years.
        """
        names = (VALUE_SHARE, *MEASURES)
        columns = {"way": TEXT}
        for name in names:
            columns |= dict.fromkeys((name, f"{name}_low", f"{name}_high"), NUMBER)
        return frame((self._way(way) for way in NAMES), columns)

    def _way(self, way: str) -> Row:
        found = {VALUE_SHARE: of_hindsight(self._years, way)}
        found |= {name: over_years(self._years, way, name) for name in MEASURES}
        columns = (_interval(name, each) for name, each in found.items())
        return {"way": way, **{key: value for each in columns for key, value in each}}

    @cached_property
    def figures(self) -> dict[str, Picture]:
        """The figure of `matcher simulate` as PNG bytes by name, which a notebook shows."""
        return pictures([waiting_figure(self._model, self._years)])

    def __str__(self) -> str:
        return "\n".join(simulate_text(self._model, self._years))

    def __repr__(self) -> str:
        years, ways = count(len(self._years), "simulated year"), count(len(NAMES), "way")
        return f"{years} of {self._model.weeks} weeks, each with {ways} to choose"

    def _chief(self) -> DataFrame:
        return self.ways


def _interval(name: str, found: Interval) -> Iterator[tuple[str, float | None]]:
    ends = {name: found.mean, f"{name}_low": found.low, f"{name}_high": found.high}
    for column, value in ends.items():
        yield column, None if isnan(value) else value


def _setting(name: str, value: float) -> Setting:
    """A setting of the service's own; WrongInput where there is none, or it can't be so."""
    if name not in settings():
        guess = did_you_mean(str(name)[:60], list(settings())).strip()
        fix = f"{guess} All: {', '.join(settings())}.".strip()
        raise wrong_argument("settings", name, "There is no such setting.", fix)
    try:
        return own_setting(name, str(value))
    except ValueError as wrong:
        raise wrong_argument(f"settings.{name}", value, *wrong.args) from None
