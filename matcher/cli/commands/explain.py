"""Say why one request, or one pair, came out as it did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matcher import current
from matcher.cli.current import Named, answer, load_for, look_up_in, the_round, wrong_days
from matcher.cli.given import Data, Given, command
from matcher.cli.loading import look_up
from matcher.current import About, Written
from matcher.errors import WrongInput
from matcher.report import single
from matcher.terms import use


@command("matcher explain {sample} R03 H12")
def explain(
    given: Given,
    data: Data,
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="A request's id.")],
    household: Annotated[
        str | None, typer.Argument(metavar="HOUSEHOLD", help="A household's id.")
    ] = None,
    named: Named = None,
) -> None:
    """Say why one request, or one pair, came out as it did.

    With --round it says what the file of that round says, whatever became of the data since.
    """
    if named is not None and (written := current.read(named)).is_whole:
        _of_file(given, data, written, request, household)
        return
    now = the_round(given, data, named)
    look_up_in(now.inputs, request, household)
    _answer(given, now.about, single.Asked(now.solved, request), household)


def _of_file(
    given: Given, data: Path, written: Written, request: str, household: str | None
) -> None:
    whole = written.whole()
    use(written.policy.terms)
    requests = {each.request_id for each in whole.requests}
    look_up(request, household, requests, {each.household_id for each in whole.households})
    about = _about(given, data, written)
    with current.as_a_round_writes_it():
        _answer(given, about, single.Recorded(whole, request), household)


def _about(given: Given, data: Path, written: Written) -> About:
    """How the file stands to the data, which may be gone: the file needs none of them."""
    if faults := [*wrong_days(given, written)]:
        raise WrongInput(faults)
    try:
        inputs, policy = load_for(given, data, written)
    except WrongInput:
        if given.policy is not None:  # without the data nobody can say whether it is the round's
            raise
        return current.about_folder(written, current.RECORDED, None, None)
    return current.about_folder(written, current.RECORDED, inputs, policy)


def _answer(
    given: Given, about: About, asked: single.Asked | single.Recorded, household: str | None
) -> None:
    name = f"explain-{asked.request.request_id}"
    if household is None:
        answer(given, about, name, single.request_text(asked), single.request_record(asked))
        return
    text, record = single.with_household(asked, household)
    answer(given, about, f"{name}-{household}", text, record)
