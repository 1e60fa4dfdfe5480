"""Say why one request, or one pair, came out as it did."""

from __future__ import annotations

from typing import Annotated

import typer

from matcher.cli.given import Data, Given, command
from matcher.cli.loading import solve_with
from matcher.report import single


@command("matcher explain data/samples/camden R03 H12")
def explain(
    given: Given,
    data: Data,
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="A request's id.")],
    household: Annotated[
        str | None, typer.Argument(metavar="HOUSEHOLD", help="A household's id.")
    ] = None,
) -> None:
    """Say why one request, or one pair, came out as it did."""
    solved = solve_with(given, data, request, household)
    asked = single.Asked(solved, request)
    if household is None:
        record = single.request_record(asked)
        given.answer(f"explain-{request}", single.request_text(asked), record)
    else:
        pair = asked.pair(household)
        text, record = single.pair_text(asked, pair), single.pair_record(pair)
        given.answer(f"explain-{request}-{household}", text, record)
