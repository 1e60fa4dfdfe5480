"""Print every rule, criterion, check and number of the policy."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

import typer

from matcher.cli.given import Given, command
from matcher.errors import Fault, WrongInput, wrong_option
from matcher.governance import coverage as clauses
from matcher.governance import papers, policy_page
from matcher.governance.word import word
from matcher.intake.settings import RoundSettings
from matcher.loading import load_policy, option_day
from matcher.policy.settings import Policy
from matcher.words import count


@command("matcher policy --json")
def policy(
    given: Given,
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Which clause is where, and what implements it."),
    ] = False,
    governance: Annotated[
        bool,
        typer.Option(
            "--governance",
            help="Drafts of the transparency record, the data protection and the equality impact "
            "assessments.",
        ),
    ] = False,
) -> None:
    """Print every rule, criterion, check and number of the policy, with its clause."""
    faults: list[Fault] = []
    day = option_day(given.as_of, faults) or date.today()
    in_force = load_policy(given.policy, RoundSettings(), faults, day)
    if coverage and governance:
        fix = "Ask for one after the other."
        problem = "--coverage and --governance are two answers."
        faults.append(wrong_option("--governance", problem, fix))
    if faults:
        raise WrongInput(faults)
    if coverage:
        _coverage(given)
    elif governance:
        _governance(in_force, given)
    else:
        record = policy_page.record(in_force)
        given.print_answer(policy_page.text(record), record)
        _write_page(given, "policy.md", policy_page.page(record))


def _coverage(given: Given) -> None:
    """Which clause is where: printed, and as a page in the folder of --out."""
    rows = clauses.coverage()
    given.print_answer(clauses.text(rows), clauses.record(rows))
    _write_page(given, "coverage.md", clauses.page(rows))


def _governance(in_force: Policy, given: Given) -> None:
    """The drafts for governance: as Word files in the folder of --out, or else printed."""
    drafts = papers.drafts(in_force)
    if given.out is None:
        given.print_answer(papers.text(drafts), papers.record(drafts))
        return
    files = ((f"{draft.name}.docx", [word(draft)]) for draft in drafts)
    written = given.write(given.out, "policy --governance", files).values()
    lines = (
        f"Written: {path} ({count(draft.to_complete, 'part')} for the council to complete)"
        for path, draft in zip(written, drafts, strict=True)
    )
    given.print_answer(lines, papers.record(drafts))


def _write_page(given: Given, name: str, lines: Iterable[str]) -> None:
    """A page in the folder of --out, if one is named."""
    if given.out is not None:
        text = (f"{line}\n".encode() for line in lines)
        for path in given.write(given.out, f"policy {name}", [(name, text)]).values():
            given.tell(f"Written: {path}")
