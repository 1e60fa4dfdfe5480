"""The command line: parses options, prints, and picks the exit status; it decides nothing."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher import __version__
from matcher.errors import BreachFound, Fault, MatcherError, WrongInput

if TYPE_CHECKING:
    from matcher.intake.inputs import Inputs
    from matcher.policy.settings import Policy
    from matcher.rounds import Round

app = typer.Typer(
    name="matcher",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Match parent and child requests with fostering households: propose, price, explain.",
)

LONGEST_NAME = 80
MOST_WARNINGS = 20  # told by commands other than check
STOPPED = 130

Data = Annotated[
    Path,
    typer.Argument(
        metavar="DATA", help="Folder with the CSV tables of the round, or an .xlsx workbook."
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(help="The day of the round, 2026-11-23; over round.toml, and that over today."),
]
PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", help="TOML file that overrides single settings of the policy."),
]
Out = Annotated[Path | None, typer.Option(help="Folder for the files.", file_okay=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Machine output alone on standard output.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No messages on standard error.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"matcher {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="The version.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
) -> None:
    """Match parent and child requests with fostering households: propose, price, explain."""


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
    _answer("check", lines, record, out, as_json)


@app.command("round", epilog="Example: matcher round data/samples/camden --out reports/camden")
def match_round(
    data: Data,
    top: Annotated[
        int, typer.Option(help="Households written per request, ranked and not; 0 is all.", min=0)
    ] = 20,
    no_report: Annotated[bool, typer.Option("--no-report", help="Write round.json alone.")] = False,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Solve a whole match round, explain it, and write the report."""
    from matcher.report.progress import progress
    from matcher.report.summary import terminal
    from matcher.report.view import View
    from matcher.report.writer import write_report

    with progress(quiet) as step:
        step("reading the input")
        inputs, in_force = _load(data, as_of, policy, quiet)
        step("solving the round")
        solved = _solve(inputs, in_force, top)
        step("explaining the round")
        view = View.of(solved)
        folder = out or Path("reports") / inputs.as_of.isoformat()
        write_report(view, folder, step, alone=no_report)
    if as_json:
        with (folder / "round.json").open(encoding="utf-8") as written:
            shutil.copyfileobj(written, sys.stdout)
    else:
        _print(terminal(view, reported=not no_report))
    _tell(f"Written: {folder / ('round.json' if no_report else 'report.html')}", quiet)


@app.command(epilog="Example: matcher template --out matching.xlsx")
def template(
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Annotated[Path, typer.Option(help="The workbook to write.", dir_okay=False)] = Path(
        "matching.xlsx"
    ),
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write an empty workbook to fill in: a sheet per table, with lists to choose from."""
    from matcher.report.files import write_bytes
    from matcher.report.template import template as empty

    if out.exists():
        fix = "Name another file: what is filled in is never overwritten."
        raise WrongInput([Fault("options", None, "--out", None, "The file is there already.", fix)])
    write_bytes(out, [empty()])
    said = f"Written: {out}. Its first sheet, how_to, says how to fill it in."
    _print([json.dumps({"written": str(out)}) if as_json else said])


@app.command(epilog="Example: matcher sample camden --requests 15 --households 60 --seed 1")
def sample(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME",
            help="The sample's name; the name of an authority or a region, london or england sets "
            "it there, any other in England.",
        ),
    ],
    requests: Annotated[int, typer.Option(help="How many families.", min=0, max=2000)] = 15,
    households: Annotated[int, typer.Option(help="How many households.", min=0, max=40_000)] = 60,
    seed: Annotated[int, typer.Option(help="Another seed draws another round.", min=0)] = 1,
    area: Annotated[
        str | None, typer.Option(help="An authority, a region, london or england; over NAME.")
    ] = None,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write a synthetic match round, of no real person: for trying, training and tests."""
    from matcher.report.samples import write_sample
    from matcher.rounds import option_day
    from matcher.sample import sample as drawn
    from matcher.sample.draws import setting

    faults: list[Fault] = []
    day = option_day(as_of, faults) or setting("round.as_of")
    if faults:
        raise WrongInput(faults)
    made = drawn(name, area, requests, households, seed, day)
    folder = out or Path("samples") / _file_name(name)
    write_sample(made, folder)
    record = {
        "written": str(folder),
        "synthetic": True,
        "area": made.area.name,
        "seed": seed,
        "as_of": day.isoformat(),
        **{table: made.rows(table) for table in made.tables},
    }
    said = (
        f"Written: {folder}, a synthetic round set in {made.area.name}: {requests} requests, "
        f"{households} households. Its about.md says how it was drawn."
    )
    _print([json.dumps(record) if as_json else said])


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

    inputs, in_force = _load(data, as_of, policy, quiet)
    known = {r.request_id for r in inputs.requests}
    homes = {h.household_id for h in inputs.households}
    faults = [_no_such("request", request, known)] if request not in known else []
    if household is not None and household not in homes:
        faults.append(_no_such("household", household, homes))
    if faults:
        raise WrongInput(faults)
    solved = _solve(inputs, in_force, 0)
    if household is None:
        record = single.request_record(solved, request)
        _answer(f"explain-{request}", single.request_text(record), record, out, as_json)
    else:
        record = single.pair_record(solved, request, household)
        name = f"explain-{request}-{household}"
        _answer(name, single.pair_text(record), record, out, as_json)


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
    from matcher.verify import read_record, verify, written_as_of

    record = read_record(written / "round.json" if written.is_dir() else written)
    inputs, in_force = rounds.load(data, as_of or written_as_of(record), policy)
    breaches = verify(record, inputs, in_force)
    if breaches:
        raise BreachFound(breaches)
    line = (
        f"Verified: {record['counts']['proposed']} proposals, every rule, fit and rank, and the "
        "optimum of all six aims follow from the data."
    )
    if "word" in record["certificate"]:
        line += " A limit is in play: that the aims can't be bettered is the solver's word."
    _answer("verify", [line], {"breaches": []}, out, as_json)


@app.command(epilog="Example: matcher policy --json")
def policy(
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Print every rule, criterion, check and number of the policy, with its clause."""
    from matcher.intake.settings import RoundSettings
    from matcher.report import register
    from matcher.report.files import write_whole
    from matcher.rounds import load_policy, option_day

    faults: list[Fault] = []
    in_force = load_policy(policy, RoundSettings(), faults)
    option_day(as_of, faults)
    if faults:
        raise WrongInput(faults)
    record = register.record(in_force)
    _answer("policy", register.text(record), record, None, as_json)
    if out is not None:
        write_whole(out / "policy.md", (f"{line}\n" for line in register.page(record)))
        _tell(f"Written: {out / 'policy.md'}", quiet)


def _load(data: Path, as_of: str | None, policy: Path | None, quiet: bool) -> tuple[Inputs, Policy]:
    from matcher import rounds

    inputs, in_force = rounds.load(data, as_of, policy)
    for warning in inputs.warnings[:MOST_WARNINGS]:
        _tell(f"Warning: {warning.sentence()}", quiet)
    if (more := len(inputs.warnings) - MOST_WARNINGS) > 0:
        _tell(f"{more:,} more warnings: matcher check lists them all.", quiet)
    return inputs, in_force


def _solve(inputs: Inputs, policy: Policy, top: int) -> Round:
    from matcher import rounds

    return rounds.match(rounds.prepare(inputs, policy, top))


def _no_such(kind: str, name: str, known: set[str]) -> Fault:
    from matcher.codes import did_you_mean
    from matcher.intake.cells import shown

    guess = did_you_mean(name[:60], sorted(known)).strip()
    like = f"Ids look like {min(known)}." if known else f"The data has no {kind}s."
    fix = guess or like
    return Fault(
        "options", None, kind.upper(), shown(name), f"There is no such {kind} in the round.", fix
    )


def _answer(name: str, lines: Any, record: dict[str, Any], out: Path | None, as_json: bool) -> None:
    text = [json.dumps(record, ensure_ascii=False, indent=1)] if as_json else list(lines)
    _print(text)
    if out is not None:
        from matcher.report.files import write_whole

        ending = "json" if as_json else "txt"
        write_whole(out / f"{_file_name(name)}.{ending}", (f"{line}\n" for line in text))


def _file_name(name: str) -> str:
    """A name that is safe as a file's: an id is never a path."""
    safe = re.sub(r"[^\w-]", "_", name)[:LONGEST_NAME]
    if safe == name:
        return safe
    return f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _print(lines: Any) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


def _tell(line: str, quiet: bool) -> None:
    if not quiet:
        print(line, file=sys.stderr)


def _report(error: MatcherError, as_json: bool) -> None:
    """An error as a person, or a machine, reads it."""
    if as_json and isinstance(error, WrongInput):
        print(json.dumps({"errors": [f.record() for f in error.faults]}, ensure_ascii=False))
    elif as_json and isinstance(error, BreachFound):
        found = [{"where": each.where, "problem": each.problem} for each in error.breaches]
        print(json.dumps({"breaches": found}, ensure_ascii=False))
    else:
        print(error, file=sys.stderr)
        for warning in error.warnings if isinstance(error, WrongInput) else ():
            print(f"Warning: {warning.sentence()}", file=sys.stderr)
        if isinstance(error, WrongInput) and len(error.faults) > 1:
            print(f"{len(error.faults)} faults. Nothing was written.", file=sys.stderr)


def run(arguments: list[str], application: Callable[..., Any] = app) -> int:
    """Run one command and give its exit status; an error becomes words, never a traceback."""
    debug = "--debug" in arguments
    try:
        status = application([a for a in arguments if a != "--debug"], standalone_mode=False)
        return status if isinstance(status, int) else 0
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else 0
    except (typer.Abort, KeyboardInterrupt):
        print("Stopped.", file=sys.stderr)
        return STOPPED
    except MatcherError as error:
        _report(error, "--json" in arguments)
        return error.exit_status
    except BrokenPipeError:
        raise
    except Exception as error:
        if (usage := getattr(error, "format_message", None)) is not None:
            return _wrong_usage(error, usage(), "--json" in arguments)
        if debug:
            raise
        problem = f"{type(error).__name__}. Nothing was written; --debug shows where it came from."
        print(f"Something went wrong: {problem}", file=sys.stderr)
        return 1


def _wrong_usage(error: Any, message: str, as_json: bool) -> int:
    """Words of the command line that make no sense: for a person as usage, for a machine a record."""
    if as_json:
        parameter = getattr(error, "param", None)
        column = None if parameter is None else parameter.opts[0]
        fault = Fault("options", None, column, None, message, "See matcher --help.")
        _report(WrongInput([fault]), as_json=True)
    else:
        error.show()
    return 2


def main() -> None:
    """The console script."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    # The rows of a round hold no cycles; looking for them is two fifths of reading a large one.
    gc.disable()
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has stopped reading; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    raise SystemExit(status)
