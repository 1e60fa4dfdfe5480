"""The commands that need no round: template, sample, policy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from matcher.cli.common import (
    AsJson,
    AsOf,
    Out,
    PolicyFile,
    Quiet,
    answer,
    app,
    file_name,
    tell,
    write_lines,
)
from matcher.errors import Fault, WrongInput

if TYPE_CHECKING:
    from matcher.policy.settings import Policy


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
    from matcher.report.template import template as empty
    from matcher.show.files import write_bytes

    if out.exists():
        fix = "Name another file: what is filled in is never overwritten."
        raise WrongInput([Fault("options", None, "--out", None, "The file is there already.", fix)])
    write_bytes(out, [empty()])
    said = f"Written: {out}. Its first sheet, how_to, says how to fill it in."
    write_lines([json.dumps({"written": str(out)}) if as_json else said])


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
    from matcher.rounds import option_day
    from matcher.synthetic import sample as drawn
    from matcher.synthetic.draws import setting
    from matcher.synthetic.files import write_sample

    faults: list[Fault] = []
    day = option_day(as_of, faults) or setting("round.as_of")
    if faults:
        raise WrongInput(faults)
    made = drawn(name, area, requests, households, seed, day)
    folder = out or Path("samples") / file_name(name)
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
    write_lines([json.dumps(record) if as_json else said])


@app.command(epilog="Example: matcher policy --json")
def policy(
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Which clause is where, and which tests prove it."),
    ] = False,
    governance: Annotated[
        bool,
        typer.Option(
            "--governance",
            help="Drafts of the transparency record, the data protection and the equality impact "
            "assessments.",
        ),
    ] = False,
    as_of: AsOf = None,
    policy: PolicyFile = None,
    out: Out = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Print every rule, criterion, check and number of the policy, with its clause."""
    from matcher.governance import policy_page
    from matcher.intake.settings import RoundSettings
    from matcher.rounds import load_policy, option_day
    from matcher.show.files import write_whole

    faults: list[Fault] = []
    in_force = load_policy(policy, RoundSettings(), faults)
    option_day(as_of, faults)
    if coverage and governance:
        fix = "Ask for one after the other."
        problem = "--coverage and --governance are two answers."
        faults.append(Fault("options", None, "--governance", None, problem, fix))
    if faults:
        raise WrongInput(faults)
    if coverage:
        _coverage(out, as_json, quiet)
        return
    if governance:
        _governance(in_force, out, as_json, quiet)
        return
    record = policy_page.record(in_force)
    answer("policy", policy_page.text(record), record, None, as_json)
    if out is not None:
        write_whole(out / "policy.md", (f"{line}\n" for line in policy_page.page(record)))
        tell(f"Written: {out / 'policy.md'}", quiet)


def _coverage(out: Path | None, as_json: bool, quiet: bool) -> None:
    """Which clause is where: printed, and as a page in the folder of --out."""
    from matcher.governance import coverage
    from matcher.show.files import write_whole

    rows = coverage.coverage()
    answer("coverage", coverage.text(rows), coverage.record(rows), None, as_json)
    if out is not None:
        write_whole(out / "coverage.md", (f"{line}\n" for line in coverage.page(rows)))
        tell(f"Written: {out / 'coverage.md'}", quiet)


def _governance(in_force: Policy, out: Path | None, as_json: bool, quiet: bool) -> None:
    """The drafts for governance: printed, and as Word files in the folder of --out."""
    from matcher.governance import papers
    from matcher.governance.word import word
    from matcher.show.files import write_bytes

    drafts = papers.drafts(in_force)
    answer("governance", papers.text(drafts), papers.record(drafts), None, as_json)
    for draft in drafts if out is not None else ():
        path = (out or Path()) / f"{draft.name}.docx"
        write_bytes(path, [word(draft)])
        tell(f"Written: {path}", quiet)
