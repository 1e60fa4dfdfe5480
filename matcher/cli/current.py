"""The round that a command is about: --round, the one in the default folder, or one solved now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from matcher import current
from matcher.cli.given import Given
from matcher.cli.loading import load, look_up
from matcher.current import About, Current, Written
from matcher.errors import Fault, WrongInput, wrong_option
from matcher.intake.inputs import Inputs
from matcher.loading import option_day
from matcher.policy.settings import Policy
from matcher.show.text import paragraph
from matcher.words import long_date

Named = Annotated[
    Path | None,
    typer.Option(
        "--round",
        metavar="FOLDER",
        help="The round that it is about: its folder, or its round.json. "
        "Without it the one in reports of that day, or else one solved now.",
    ),
]


def the_round(given: Given, data: Path, named: Path | None, top: int = 0) -> Current:
    """The round that a command is about, to be solved.

    `top` is how many households of each request it is to tell of; 0 is all.
    """
    return replace(_found(given, data, named), top=top)


def _found(given: Given, data: Path, named: Path | None) -> Current:
    if named is None:
        inputs, policy = load(given, data)
        asked = given.policy is not None
        return current.of_its_day(inputs, policy, policy_is_asked_for=asked)
    written = current.read(named)
    return current.of_folder(written, *load_for(given, data, written))


def load_for(given: Given, data: Path, written: Written) -> tuple[Inputs, Policy]:
    """The data on the day of a round; WrongInput where an option says another day or policy."""
    faults = list(wrong_days(given, written))
    try:
        inputs, policy = load(given, data, written.head.as_of.isoformat())
    except WrongInput as error:
        raise WrongInput([*faults, *error.faults], [*error.warnings]) from None
    if given.policy is not None and policy.sha256 != written.policy.sha256:
        problem = f"The round in {written.where} was made with other settings."
        fix = "Leave --policy out: the policy of the round counts."
        faults.append(wrong_option("--policy", problem, fix, value=given.policy.name))
    if faults:
        raise WrongInput(faults)
    return inputs, policy


def wrong_days(given: Given, written: Written) -> Iterator[Fault]:
    """The fault of an --as-of that is not the day of the round."""
    faults: list[Fault] = []
    day = option_day(given.as_of, faults)
    if day is not None and day != written.head.as_of:
        problem = f"The round in {written.where} is of {long_date(written.head.as_of)}."
        fix = "Leave --as-of out, or name the round of that day."
        faults.append(wrong_option("--as-of", problem, fix, value=given.as_of))
    yield from faults


def look_up_in(inputs: Inputs, request: str, household: str | None = None) -> None:
    """WrongInput where the data have no such request or household."""
    homes = {each.household_id for each in inputs.households}
    look_up(request, household, {each.request_id for each in inputs.families}, homes)


def told(given: Given, about: About) -> list[str]:
    """Say which round it is about; the lines that stand first in the answer."""
    given.tell(about.which())
    lines = about.lines()
    for line in lines if given.as_json else ():
        given.tell(line)
    return lines


def answer(
    given: Given,
    about: About,
    name: str,
    lines: Iterable[str],
    record: dict[str, Any],
    files: Callable[[], Iterable[tuple[str, Iterable[bytes]]]] | None = None,
) -> dict[str, Path]:
    """Print an answer and write it to --out; where it is not what lies on the table, that is first."""
    first = told(given, about)
    return given.answer(
        name,
        [*(paragraph(line, "") for line in first), *lines],
        {"round": about.record(), **record},
        files,
    )
