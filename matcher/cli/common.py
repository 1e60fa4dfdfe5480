"""What every command shares: the application, its options, and how an answer is given."""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from matcher import __version__
from matcher.errors import Fault, WrongInput

if TYPE_CHECKING:
    from matcher.intake.inputs import Inputs
    from matcher.policy.settings import Policy
    from matcher.rounds import Round
    from matcher.show.figures import Drawn
    from matcher.whatif.keep import Earlier

app = typer.Typer(
    name="matcher",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Match parent and child requests with fostering households: propose, price, explain.",
)

LONGEST_NAME = 80
MOST_PAIRS_KEPT = 20_000  # in a round whose weights are too great for one assignment
MOST_WARNINGS = 20  # told by commands other than check

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
PassOn = Annotated[
    bool, typer.Option("--pass-on", help="No ids, no count below 5: it may leave the service.")
]
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


def load(data: Path, as_of: str | None, policy: Path | None, quiet: bool) -> tuple[Inputs, Policy]:
    """The input and the policy of a round, its warnings told on standard error."""
    from matcher import rounds

    inputs, in_force = rounds.load(data, as_of, policy)
    for warning in inputs.warnings[:MOST_WARNINGS]:
        tell(f"Warning: {warning.sentence()}", quiet)
    if (more := len(inputs.warnings) - MOST_WARNINGS) > 0:
        tell(f"{more:,} more warnings: matcher check lists them all.", quiet)
    return inputs, in_force


def solve(inputs: Inputs, policy: Policy, top: int, keep: Earlier | None = None) -> Round:
    """The solved round, with so many households written a request; `keep` is an earlier round."""
    from matcher import rounds

    proposals = None if keep is None else keep.proposals
    prepared = rounds.prepare(inputs, policy, top, proposals)
    problem = prepared.problem
    if proposals is not None and not problem.exact and len(problem.request) > MOST_PAIRS_KEPT:
        found = f"{len(inputs.requests):,} requests with {len(problem.request):,} eligible pairs"
        problem_said = f"The round is too large to keep to an earlier one: {found}."
        fix = "Run it without --keep, or in parts. About 500 requests can be kept to."
        raise WrongInput([Fault("options", None, "--keep", None, problem_said, fix)])
    return rounds.match(prepared)


def earlier(written: Path | None) -> Earlier | None:
    """The earlier round of a round.json, or of the folder it lies in; None where none is named."""
    if written is None:
        return None
    from matcher.verification import read_record
    from matcher.whatif import keep

    path = written / "round.json" if written.is_dir() else written
    return keep.earlier(read_record(path), path.name)


def assigned(option: str, text: str) -> tuple[str, str]:
    """'language=30' as a key and a value; WrongInput where it is none."""
    key, is_there, value = (part.strip() for part in text.partition("="))
    if not key or not is_there:
        problem, fix = "There is no '='.", "Write a name, = and a value."
        raise WrongInput([Fault("options", None, option, text[:60], problem, fix)])
    return key, value


def no_such(kind: str, name: str, known: set[str]) -> Fault:
    """An id on the command line that the round does not have."""
    from matcher.codes import did_you_mean
    from matcher.intake.cells import shown

    guess = did_you_mean(name[:60], sorted(known)).strip()
    like = f"Ids look like {min(known)}." if known else f"The data has no {kind}s."
    fix = guess or like
    return Fault(
        "options", None, kind.upper(), shown(name), f"There is no such {kind} in the round.", fix
    )


def known_ids(inputs: Inputs, request: str, household: str | None) -> None:
    """WrongInput where the round has no such request, or no such household if one is named."""
    requests = {each.request_id for each in inputs.requests}
    homes = {each.household_id for each in inputs.households}
    faults = [no_such("request", request, requests)] if request not in requests else []
    if household is not None and household not in homes:
        faults.append(no_such("household", household, homes))
    if faults:
        raise WrongInput(faults)


def answer(name: str, lines: Any, record: dict[str, Any], out: Path | None, as_json: bool) -> None:
    """Print lines, or their record with --json, and write the same to the folder of --out."""
    text = [json.dumps(record, ensure_ascii=False, indent=1)] if as_json else list(lines)
    write_lines(text)
    if out is not None:
        from matcher.show.files import write_whole

        ending = "json" if as_json else "txt"
        write_whole(out / f"{file_name(name)}.{ending}", (f"{line}\n" for line in text))


def draw(figures: Iterable[Drawn | None], out: Path, quiet: bool) -> None:
    """Write the figures that there are to the folder of --out, and say where."""
    from matcher.show.files import write_bytes

    for drawn in figures:
        if drawn is not None:
            write_bytes(out / f"{drawn.name}.png", [drawn.png])
    tell(f"Written: {out}", quiet)


def file_name(name: str) -> str:
    """A name that is safe as a file's: an id is never a path."""
    safe = re.sub(r"[^\w-]", "_", name)[:LONGEST_NAME]
    if safe == name:
        return safe
    return f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def write_lines(lines: Any) -> None:
    """Write lines to standard output."""
    sys.stdout.writelines(f"{line}\n" for line in lines)


def tell(line: str, quiet: bool) -> None:
    """Say something on standard error, unless --quiet."""
    if not quiet:
        print(line, file=sys.stderr)
