"""Solve a whole match round, explain it, and write the report."""

from __future__ import annotations

import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from matcher import rounds
from matcher.cli.given import Data, Given, command, write_lines
from matcher.cli.loading import load
from matcher.current import ROUND, default_folder
from matcher.errors import Breach, BreachFound, MatcherError, WrongInput
from matcher.intake.inputs import Inputs
from matcher.report.summary import terminal
from matcher.report.view import Changes, View
from matcher.report.writer import write_report
from matcher.show.files import differences
from matcher.show.progress import progress
from matcher.terms import say
from matcher.verification import read_json
from matcher.whatif import keep as keeping

HISTORY = "history"  # where a history lies unless people say otherwise


@command("matcher round {sample} --out {report}")
def round(  # noqa: A001  the command's name
    given: Given,
    data: Data,
    top: Annotated[
        int, typer.Option(help="Households written per request, ranked and not; 0 is all.", min=0)
    ] = 20,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write round.json alone.")] = False,
    internal: Annotated[
        bool,
        typer.Option(
            "--internal",
            help="Write report-internal.html and matches-internal.xlsx too, which say where withheld "
            "homes are: for those who keep addresses.",
        ),
    ] = False,
    record: Annotated[
        str | None,
        typer.Option(
            metavar="STORE",
            help="Append the round and its decisions to this history: a folder, or a postgresql:// address.",
        ),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="ROUND",
            help="An earlier round.json, or its folder: keep as many of its placements as can be.",
        ),
    ] = None,
) -> None:
    """Solve a whole match round, explain it, and write the report."""
    append = _recorder(record)
    with progress(given.quiet) as step:
        step("reading the input")
        earlier = None if keep is None else _earlier(given, keep)
        inputs, policy = load(given, data)
        history = None
        if record:
            from matcher.history.counted import counted
            from matcher.history.store import open_store

            history = counted(open_store(record), inputs, policy)
        step("solving the round")
        if earlier is None:
            solved = rounds.match(rounds.prepare(inputs, policy, top, counted=history))
        else:
            solved = keeping.match_keeping(inputs, policy, top, earlier, history)
        step("explaining the round")
        view = View(solved, earlier)
        if not (no_report or view.large):
            view.changes = _changes(given, view, record)
        folder = given.out or default_folder(inputs.as_of)
        before = differences(folder) if (folder / ROUND).exists() else []
        document: list[bytes] = []
        keep_it = document if record is not None or given.as_json else None
        written = write_report(
            view, folder, step, alone=no_report, internal=internal, document=keep_it
        )
        if record is not None:
            step("recording the round")
        recorded = append(document, written["round.json"].parent, inputs)
    if given.as_json:
        sys.stdout.writelines(_text(document))
        for line in view.kept.lines() if view.kept else ():
            given.tell(line)
    else:
        write_lines(map(say, terminal(view, reported=not no_report)))
    for each in before:
        given.tell(f"Before this run: {each}")
    given.tell_what_stays(written)
    given.tell(f"Written: {written['round.json' if no_report else 'report.html']}")
    for line in recorded:
        given.tell(line) if given.as_json else write_lines([line])


def _changes(given: Given, view: View, record: str | None) -> Changes | None:
    """What changed since the last round that lies in a default folder or is in the history, if any."""
    from matcher.history import last
    from matcher.history.store import open_store

    inputs = view.solved.prepared.inputs
    day, title = inputs.as_of, inputs.title
    found = last.in_folders(default_folder(day).parent, title, day)
    try:
        found = last.later(found, last.in_history(open_store(record or HISTORY), title, day))
    except MatcherError as error:
        given.tell(
            f"The history was not read, so what changed may be said of an older round: {error}"
        )
    for fault in found.faults:
        given.tell(f"What changed since then is not said: {fault.sentence()}")
    return last.changes(found, view.record, inputs.decision_log)


def _earlier(given: Given, written: Path) -> keeping.Earlier:
    """The earlier round of a round.json, or of the folder it lies in."""
    for difference in differences(written):
        given.tell(difference)
    path = written / ROUND if written.is_dir() else written
    return keeping.earlier(read_json(path), path.name)


def _text(pieces: Iterable[bytes]) -> Iterator[str]:
    decoder = getincrementaldecoder("utf-8")()
    return map(decoder.decode, pieces)


def _recorder(where: str | None) -> Callable[[list[bytes], Path, Inputs], list[str]]:
    """What appends a round, as it was made and not as it lies in its folder, to a history, and says so.

    A place that can hold no history is WrongInput at once, before anything is solved.
    """
    if where is None:
        return lambda pieces, folder, inputs: []
    from matcher.history.recording import record_round
    from matcher.history.store import open_store

    store = open_store(where)

    def append(pieces: list[bytes], folder: Path, inputs: Inputs) -> list[str]:
        kept = f"The files of the round are in {folder}, but it is not recorded."
        try:
            made = record_round(store, b"".join(pieces), inputs.decision_log, datetime.now(UTC))
        except BreachFound as error:
            raise BreachFound([*error.breaches, Breach("history", kept)]) from None
        except WrongInput as error:
            faults = [replace(fault, fix=f"{fault.fix} {kept}") for fault in error.faults]
            raise WrongInput(faults) from None
        except MatcherError as error:
            raise MatcherError(f"{error} {kept}") from None
        return made.sentences(store.name)

    return append
