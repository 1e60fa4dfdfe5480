"""Prove a round again from its data alone, without a solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matcher import loading
from matcher import verification as proof
from matcher.cli.given import Data, Given, command
from matcher.errors import BreachFound
from matcher.show.files import differences
from matcher.words import spelt


@command("matcher verify data/samples/camden reports/camden/round.json")
def verify(
    given: Given,
    data: Data,
    written: Annotated[
        Path, typer.Argument(metavar="ROUND", help="A round.json, or the folder it lies in.")
    ],
) -> None:
    """Prove a round again from its data and round.json alone, without a solver."""
    record = proof.read_record(written / "round.json" if written.is_dir() else written)
    as_of = given.as_of or proof.written_as_of(record)
    inputs, policy = loading.load(data, as_of, given.policy)
    breaches = proof.verify(record, inputs, policy)
    changed = differences(written)
    for difference in changed:
        given.tell(difference)
    if breaches:
        raise BreachFound(breaches)
    line = (
        f"Verified: {record['counts']['proposed']} proposals, every rule, fit and rank, and the "
        f"optimum of all {spelt(len(record['objective']))} aims follow from the data."
    )
    if "word" in record["certificate"]:
        line += " A limit is in play: that the aims can't be bettered is the solver's word."
    given.answer("verify", [line], {"breaches": [], "folder": changed})
