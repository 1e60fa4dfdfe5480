"""The command line: parses options, prints, and picks the exit status; it decides nothing."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from contextvars import copy_context
from typing import Annotated, Any

import typer

from matcher import __version__
from matcher.cli.group import CommandGroup
from matcher.cli.guard import OutputLost, guarded
from matcher.errors import BreachFound, MatcherError, WrongInput, wrong_file, wrong_option
from matcher.terms import say

app = typer.Typer(
    name="matcher",
    cls=CommandGroup,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
STOPPED = 130


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


def _report(error: MatcherError, as_json: bool) -> None:
    """An error as a person, or a machine, reads it."""
    if as_json and isinstance(error, WrongInput):
        print(json.dumps({"errors": [f.record() for f in error.faults]}, ensure_ascii=False))
    elif as_json and isinstance(error, BreachFound):
        found = [each.record() for each in error.breaches]
        print(json.dumps({"breaches": found}, ensure_ascii=False))
    else:
        print(say(str(error)), file=sys.stderr)
        for warning in error.warnings if isinstance(error, WrongInput) else ():
            print(say(f"Warning: {warning.sentence()}"), file=sys.stderr)
        if isinstance(error, WrongInput) and len(error.faults) > 1:
            written = f"They are marked in {error.written}." if error.written else ""
            told = written or "Nothing was written."
            print(f"{len(error.faults)} faults. {told}", file=sys.stderr)


def run(arguments: list[str], application: Callable[..., Any] = app) -> int:
    """Run one command and give its exit status; an error becomes words, never a traceback.

    The names that a policy brings are in use until the command ends.
    """
    with guarded(as_json="--json" in arguments):
        return copy_context().run(_run, arguments, application)


def _run(arguments: list[str], application: Callable[..., Any]) -> int:
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
        reason = f" ({error.strerror})" if isinstance(error, OSError) and error.strerror else ""
        print(f"Something went wrong: {type(error).__name__}{reason}.", file=sys.stderr)
        print("Files written before it stay. --debug shows where it came from.", file=sys.stderr)
        return 1


def _wrong_usage(error: Any, message: str, as_json: bool) -> int:
    """Words of the command line that make no sense: for a person as usage, for a machine a record."""
    if as_json:
        parameter = getattr(error, "param", None)
        fix = "See matcher --help."
        fault = wrong_file("options", message, fix)
        if parameter is not None:
            fault = wrong_option(parameter.opts[0], message, fix)
        _report(WrongInput([fault]), as_json=True)
    else:
        error.show()
    return 2


def main() -> None:
    """The console script."""
    _open_streams()
    # The rows of a round hold no cycles; looking for them is two fifths of reading a large one.
    gc.disable()
    status = 1
    try:
        status = run(sys.argv[1:])
        sys.stdout.flush()
    except OSError as error:
        # Where whoever read the output has stopped reading, there is nobody to tell.
        if status == 0 and not isinstance(error, BrokenPipeError):
            print(OutputLost(error), file=sys.stderr)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = status or 1
    raise SystemExit(status)


def _open_streams() -> None:
    """Let standard output and error speak UTF-8; one that is closed, as under cron, leads nowhere."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
