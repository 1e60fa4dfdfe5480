"""Prove a round again from its data alone, without a solver."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from matcher import loading, proved
from matcher import verification as proof
from matcher.cli.given import Data, Given, command
from matcher.errors import BreachFound
from matcher.intake.settings import read_settings
from matcher.show.files import differences
from matcher.show.text import paragraph
from matcher.terms import use


@command("matcher verify {sample} {report}/round.json")
def verify(
    given: Given,
    data: Data,
    written: Annotated[
        Path, typer.Argument(metavar="ROUND", help="A round.json, or the folder it lies in.")
    ],
) -> None:
    """Prove a round again from its data and round.json alone, without a solver.

    It says what it proved and what it took on trust. Of the files beside round.json it says whether they
    are as they were made.
    """
    record = proof.read_record(written / "round.json" if written.is_dir() else written)
    as_of = given.as_of or proof.written_as_of(record)
    inputs, policy = loading.load(data, as_of, given.policy)
    use(policy.terms)
    checked = proof.check(record, inputs, policy)
    changed, beside = differences(written), proved.beside(written)
    for difference in changed:
        given.tell(difference)
    if breaches := [*checked.breaches, *proved.file_breaches(beside)]:
        raise BreachFound(breaches)
    found = proved.proved(record, checked, policy, read_settings(data, []).as_of, beside)
    lines = (paragraph(line, "") for line in proved.lines(found))
    told = {"breaches": [], "folder": changed, "proved": proved.record(found)}
    given.answer("verify", lines, told)
