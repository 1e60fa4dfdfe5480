"""The command line: parses options, prints, and picks the exit status; it decides nothing."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Any

import typer

from matcher.cli.commands import (  # noqa: F401  they add their commands to the application
    calendar,
    documents,
    equity,
    history,
    place,
    policy,
    round,
    simulate,
    standard,
    sufficiency,
    whatif,
)
from matcher.cli.common import app
from matcher.errors import BreachFound, Fault, MatcherError, WrongInput

STOPPED = 130


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
