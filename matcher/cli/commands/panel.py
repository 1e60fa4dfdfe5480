"""Open the panel: the weekly meeting in a browser."""

from __future__ import annotations

import webbrowser
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import typer

from matcher.cli.given import Output, command, with_shared_options
from matcher.errors import BreachFound, WrongInput, wrong_option
from matcher.words import count, long_date

PORT = 8420
EXAMPLE = "Example: matcher panel --check"
WRONG_SET_UP = 2

panel = typer.Typer(
    invoke_without_command=True, rich_markup_mode=None, add_completion=False, epilog=EXAMPLE
)


@dataclass(frozen=True, kw_only=True)
class OfPanel(Output):
    """The options of every command of the panel."""

    folder: Annotated[
        Path | None,
        typer.Option(
            help="Where it keeps its data; ~/.matcher else, or what MATCHER_PANEL names.",
            file_okay=False,
        ),
    ] = None


def _open_unless_asked_more(
    given: OfPanel,
    context: typer.Context,
    port: Annotated[int, typer.Option(help="The port on this machine.", min=0, max=65535)] = PORT,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Open no browser: say the address alone.")
    ] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Say what is wrong with the set-up, and start nothing.")
    ] = False,
) -> None:
    """Open the panel: the weekly meeting in a browser, on this machine.

    It makes its folder and its database, says the link for the first administrator, and serves
    this machine alone until Ctrl-C. Without a panel yet, nothing else is needed.
    """
    _installed()
    if context.invoked_subcommand is not None:
        # An option before the command holds for it, unless it stands after it as well.
        context.default_map = {context.invoked_subcommand: asdict(given)}
    elif check:
        _check(given)
    else:
        _open(given, port, opens=not no_browser)


panel.callback()(with_shared_options(_open_unless_asked_more))


def _installed() -> None:
    try:
        import django  # noqa: F401
    except ImportError:
        problem = "The panel needs libraries that are not installed."
        fix = "Install them: pip install 'carer-matcher[panel]'."
        raise WrongInput([wrong_option("panel", problem, fix)]) from None


def _open(given: OfPanel, port: int, *, opens: bool) -> None:
    from matcher.panel import serve

    home, kept = serve.made(given.folder)
    if kept is not None:
        given.tell(f"The data were brought up to this version; as they were before: {kept}")
    from matcher.panel.accounts import first_link

    link = first_link()

    def ready(address: str) -> None:
        start = address.rstrip("/") + link if link else address
        if link:
            given.tell(f"To make the first administrator, open this once, today: {start}")
        given.tell(f"The panel is at {address} Stop it with Ctrl-C.")
        if opens:
            webbrowser.open(start)

    serve.serve(home, port, ready)
    given.tell("Stopped.")


def _check(given: OfPanel) -> None:
    from matcher.panel import serve, setup

    found = list(setup.points(serve.set_up(given.folder)))
    faults = [each for each in found if each.level is setup.Level.WRONG]
    lines = [f"{each.level.value.upper():6} {each.name}: {each.sentence}" for each in found]
    lines.append(f"{count(len(faults), 'thing')} to mend." if faults else "Nothing to mend.")
    record = {"points": [each.record() for each in found], "wrong": len(faults)}
    given.answer("panel-check", lines, record)
    if faults:
        raise typer.Exit(WRONG_SET_UP)


File = Annotated[
    Path, typer.Argument(metavar="FILE", help="The file of the backup.", dir_okay=False)
]


@command("matcher panel backup panel-2026-11-23.panel", panel, "backup")
def backup(given: OfPanel, file: File) -> None:
    """Write a backup of all that the panel holds to FILE, also while it runs."""
    from matcher.panel import serve

    serve.made(given.folder)
    from matcher.panel import backups

    sha256 = backups.backup(file)
    lines = [f"Written: {file}", f"SHA-256: {sha256}", "Keep it on another machine."]
    given.answer("panel-backup", lines, {"written": str(file), "sha256": sha256})


@command("matcher panel restore panel-2026-11-23.panel", panel, "restore")
def restore(given: OfPanel, file: File) -> None:
    """Put the backup FILE in the place of all that the panel holds, which is kept beside it."""
    from datetime import datetime

    from matcher.panel import serve

    home, _ = serve.made(given.folder)
    from matcher.panel import backups

    done = backups.restore(home, file)
    day = long_date(datetime.fromisoformat(done.made_at).date())
    lines = [
        f"Restored: the backup of {day}, made by version {done.version}.",
        f"What was there before: {done.kept}",
    ]
    record = {"made_at": done.made_at, "version": done.version, "kept": str(done.kept)}
    given.answer("panel-restore", lines, record)


@command("matcher panel work --batch", panel, "work")
def work(
    given: OfPanel,
    batch: Annotated[
        bool, typer.Option("--batch", help="End when nothing waits any more.")
    ] = False,
    beside: Annotated[bool, typer.Option("--beside", hidden=True)] = False,
) -> None:
    """Do the panel's slow tasks, such as documents, as a service of its own; matcher panel has one."""
    from matcher.panel import serve

    if beside:  # the panel has brought the database up to date
        serve.set_up(given.folder)
    else:
        serve.made(given.folder)
        given.tell("Working. Stop it with Ctrl-C.")
    serve.work(beside=beside, batch=batch)
    given.answer("panel-work", ["Nothing waits."] if batch else [], {"waiting": 0})


@command("matcher panel verify --folder /srv/matcher", panel, "verify")
def verify(given: OfPanel) -> None:
    """Read the trail and the history again, and name every line that was altered or is gone."""
    from matcher.panel import serve

    serve.made(given.folder)
    from matcher.panel import record as held
    from matcher.panel.models import Trail
    from matcher.panel.store import PanelStore

    if breaches := list(held.breaches()):
        raise BreachFound(breaches)
    with PanelStore().reading() as session:
        entries = len(list(session.rows()))
    lines = Trail.objects.count()
    said = f"Verified: {count(lines, 'line')} of the trail and {count(entries, 'entry')} of the history"
    record = {"breaches": [], "lines": lines, "entries": entries}
    given.answer(
        "panel-verify", [f"{said}; both chains, the receipts and the guards hold."], record
    )
