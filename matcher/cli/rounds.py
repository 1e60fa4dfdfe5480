"""The commands of a match round: check, round, explain, verify."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
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
    earlier,
    known_ids,
    load,
    solve,
    tell,
    write_lines,
)
from matcher.errors import BreachFound


@app.command(epilog="Example: matcher check data/samples/camden")
def check(
    data: Data,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Read the input and name every fault in it, with the mend."""
    from matcher import rounds

    inputs, in_force = rounds.load(data, as_of, policy)
    rounds.prepare(inputs, in_force)
    record = {
        "errors": [],
        "warnings": [fault.record() for fault in inputs.warnings],
        "requests": len(inputs.requests),
        "households": len(inputs.households),
    }
    lines = [
        *(fault.sentence() for fault in inputs.warnings),
        f"No faults. {len(inputs.requests)} open requests, {len(inputs.households)} households, "
        f"{len(inputs.warnings)} warnings.",
    ]
    answer("check", lines, record, out, as_json)


@app.command("round", epilog="Example: matcher round data/samples/camden --out reports/camden")
def match_round(
    data: Data,
    top: Annotated[
        int, typer.Option(help="Households written per request, ranked and not; 0 is all.", min=0)
    ] = 20,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write round.json alone.")] = False,
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
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Solve a whole match round, explain it, and write the report."""
    from matcher.cli.recording import recorder
    from matcher.report.summary import terminal
    from matcher.report.view import View
    from matcher.report.writer import write_report
    from matcher.show.progress import progress

    append = recorder(record)
    with progress(quiet) as step:
        step("reading the input")
        before = earlier(keep)
        inputs, in_force = load(data, as_of, policy, quiet)
        step("solving the round")
        solved = solve(inputs, in_force, top, before)
        step("explaining the round")
        view = View.of(solved, before)
        folder = out or Path("reports") / inputs.as_of.isoformat()
        write_report(view, folder, step, alone=no_report)
        if record is not None:
            step("recording the round")
        recorded = append(folder, inputs)
    if as_json:
        with (folder / "round.json").open(encoding="utf-8") as written:
            shutil.copyfileobj(written, sys.stdout)
        for line in view.kept.lines() if view.kept else ():
            tell(line, quiet)
    else:
        write_lines(terminal(view, reported=not no_report))
    tell(f"Written: {folder / ('round.json' if no_report else 'report.html')}", quiet)
    for line in recorded:
        tell(line, quiet) if as_json else write_lines([line])


@app.command(epilog="Example: matcher explain data/samples/camden R03 H12")
def explain(
    data: Data,
    request: Annotated[str, typer.Argument(metavar="REQUEST", help="A request's id.")],
    household: Annotated[
        str | None, typer.Argument(metavar="HOUSEHOLD", help="A household's id.")
    ] = None,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Say why one request, or one pair, came out as it did."""
    from matcher.report import single

    inputs, in_force = load(data, as_of, policy, quiet)
    known_ids(inputs, request, household)
    solved = solve(inputs, in_force, 0)
    if household is None:
        record = single.request_record(solved, request)
        answer(f"explain-{request}", single.request_text(record), record, out, as_json)
    else:
        record = single.pair_record(solved, request, household)
        name = f"explain-{request}-{household}"
        answer(name, single.pair_text(record), record, out, as_json)


@app.command(epilog="Example: matcher verify data/samples/camden reports/camden/round.json")
def verify(
    data: Data,
    written: Annotated[
        Path, typer.Argument(metavar="ROUND", help="A round.json, or the folder it lies in.")
    ],
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Prove a round again from its data and round.json alone, without a solver."""
    from matcher import rounds
    from matcher.verification import read_record, verify, written_as_of
    from matcher.words import spelt

    record = read_record(written / "round.json" if written.is_dir() else written)
    inputs, in_force = rounds.load(data, as_of or written_as_of(record), policy)
    breaches = verify(record, inputs, in_force)
    if breaches:
        raise BreachFound(breaches)
    line = (
        f"Verified: {record['counts']['proposed']} proposals, every rule, fit and rank, and the "
        f"optimum of all {spelt(len(record['objective']))} aims follow from the data."
    )
    if "word" in record["certificate"]:
        line += " A limit is in play: that the aims can't be bettered is the solver's word."
    answer("verify", [line], {"breaches": []}, out, as_json)
