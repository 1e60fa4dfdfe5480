"""Print every rule, criterion, check and number of the policy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from matcher import loading
from matcher.cli.given import Given, command, with_shared_options
from matcher.errors import Fault, WrongInput, wrong_file, wrong_option
from matcher.governance import compared, council_page, papers, policy_file, policy_page
from matcher.governance import coverage as clauses
from matcher.governance.compared import Compared
from matcher.governance.word import word
from matcher.intake.cells import shown
from matcher.intake.settings import RoundSettings, read_toml
from matcher.loading import load_policy, option_day
from matcher.policy.reading import days_named
from matcher.policy.settings import Policy
from matcher.rounds import SolvedRound, match, prepare
from matcher.show.files import write_bytes
from matcher.terms import say, use
from matcher.words import count, long_date

DEFAULT = "default"


EXAMPLE = "Example: matcher policy --json"

policy = typer.Typer(
    invoke_without_command=True, rich_markup_mode=None, add_completion=False, epilog=EXAMPLE
)
AFile = Annotated[Path, typer.Argument(metavar="FILE", help="The policy file.")]


def _register(
    given: Given,
    context: typer.Context,
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
    """Print every rule, criterion, check and number of the policy, with its clause.

    A policy of one's own: init writes it, check names its faults, compare says what it would have meant.
    """
    if context.invoked_subcommand is not None:
        # An option before the command holds for it, unless it stands after it as well.
        context.default_map = {context.invoked_subcommand: asdict(given)}
        return
    faults: list[Fault] = []
    in_force = _policy(given, given.policy, faults)
    if coverage and governance:
        fix = "Ask for one after the other."
        problem = "--coverage and --governance are two answers."
        faults.append(wrong_option("--governance", problem, fix))
    if faults:
        raise WrongInput(faults)
    use(in_force.terms)
    if coverage:
        _coverage(given, in_force)
    elif governance:
        _governance(in_force, given)
    else:
        record = policy_page.record(in_force)
        given.print_answer(policy_page.text(record), record)
        council = (piece.encode() for piece in council_page.page(in_force, _day(given, [])))
        pages = {"policy.md": _lines(policy_page.page(record)), "policy.html": council}
        _write_pages(given, "policy", pages)


policy.callback()(with_shared_options(_register))


@command("matcher policy init ours.toml", policy, "init")
def init(given: Given, file: AFile = Path("policy.toml")) -> None:
    """Write a policy file with every setting at its default, each with what it means, to be changed.

    With --policy the settings are those of that file on the day of the round; what it says of later
    days, who approved it and its versions are not taken over.
    """
    path = file if given.out is None else given.out / file
    faults: list[Fault] = []
    start = _policy(given, given.policy, faults)
    if path.exists():
        problem = "It is there already, and is not written over."
        faults.append(wrong_file(shown(str(path)), problem, "Name another file."))
    if faults:
        raise WrongInput(faults)
    use(start.terms)
    text = "".join(f"{line}\n" for line in policy_file.commented(start))
    write_bytes(path, [text.encode()])
    says = (
        f"Written: {path}. Change what you decide otherwise; matcher policy check {path} reads it."
    )
    later = [day for day, _ in _later(given, given.policy)] if given.policy else []
    left = [
        f"What {given.policy} says from {long_date(day)} is not in it: write that below [from.{day}]."
        for day in later
    ]
    given.print_answer([says, *left], {"written": str(path)})


@command("matcher policy check ours.toml", policy, "check")
def check(given: Given, file: AFile) -> None:
    """Name every fault of a policy file, or say what differs from the default and who approved it."""
    _takes_no_policy(given, "FILE")
    faults: list[Fault] = []
    found = _policy(given, file, faults)
    if faults:
        raise WrongInput(faults)
    use(found.terms)
    later = _later(given, file)
    said = policy_file.checked(found, later)
    given.answer("policy-check", said, policy_file.checked_record(found, later))


def _later(given: Given, file: Path) -> list[tuple[date, Policy]]:
    """The policy of a file without faults as it will be from each later day that it names."""
    days = days_named(read_toml(file, file.name, []))
    today = _day(given, [])
    return [(day, load_policy(file, RoundSettings(), [], day)) for day in days if day > today]


def _policy(given: Given, file: Path | None, faults: list[Fault]) -> Policy:
    return load_policy(file, RoundSettings(), faults, _day(given, faults))


def _day(given: Given, faults: list[Fault]) -> date:
    return option_day(given.as_of, faults) or date.today()


def _takes_no_policy(given: Given, instead: str) -> None:
    if given.policy is not None:
        fix = f"Leave it out: it is {instead} that is read."
        raise WrongInput([wrong_option("--policy", "This names its own policy.", fix)])


@command("matcher policy compare default ours.toml {sample}", policy, "compare")
def compare(
    given: Given,
    first: Annotated[
        str, typer.Argument(metavar="A", help="A policy file, or default: the one that ships.")
    ],
    second: Annotated[
        str,
        typer.Argument(metavar="B", help="The policy file that would come instead, or default."),
    ],
    data: Annotated[
        list[Path],
        typer.Argument(metavar="DATA...", help="Rounds: folders with CSV tables, or workbooks."),
    ],
) -> None:
    """Say what rounds would have proposed by one policy and by another, before anybody signs it."""
    _takes_no_policy(given, "A and B")
    files = [None if name == DEFAULT else Path(name) for name in (first, second)]
    faults: list[Fault] = []
    policies = [_policy(given, file, faults) for file in files]
    if faults:
        raise WrongInput(faults)
    use(policies[1].terms)
    rounds = [_under_both(given, each, files[0], files[1]) for each in data]
    sides = [
        compared.Side(name, each) for name, each in zip((first, second), policies, strict=True)
    ]
    given.answer_paper(
        "policy-compare",
        compared.paper(sides[0], sides[1], rounds),
        compared.record(sides[0], sides[1], rounds),
        list,
    )


def _under_both(given: Given, data: Path, first: Path | None, second: Path | None) -> Compared:
    """A round by both policies; what the second makes impossible is part of the answer."""
    solved = _solved(given, data, first)
    try:
        return Compared(str(data), solved, _solved(given, data, second))
    except WrongInput as wrong:
        return Compared(str(data), solved, None, wrong.faults)


def _solved(given: Given, data: Path, file: Path | None) -> SolvedRound:
    inputs, in_force = loading.load(data, given.as_of, file)
    return match(prepare(inputs, in_force))


def _coverage(given: Given, in_force: Policy) -> None:
    """Which clause is where: printed, and as a page in the folder of --out."""
    rows = clauses.coverage(in_force)
    given.print_answer(clauses.text(rows), clauses.record(rows))
    _write_pages(given, "policy --coverage", {"coverage.md": _lines(clauses.page(rows))})


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


def _lines(lines: Iterable[str]) -> Iterator[bytes]:
    return (f"{say(line)}\n".encode() for line in lines)


def _write_pages(given: Given, name: str, pages: Mapping[str, Iterable[bytes]]) -> None:
    """Pages in the folder of --out, if one is named."""
    if given.out is not None:
        for path in given.write(given.out, name, pages.items()).values():
            given.tell(f"Written: {path}")
