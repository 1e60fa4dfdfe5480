"""Open the panel: the weekly meeting in a browser, on this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from matcher.errors import WrongInput, wrong_option

panel = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    epilog="Example: matcher panel --check",
)


@panel.callback()
def start(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option(help="Where it keeps its data; ~/.matcher else.", file_okay=False)
    ] = None,
    port: Annotated[int, typer.Option(help="The port on this machine.", min=0, max=65535)] = 8420,
) -> None:
    """Open the panel: the weekly meeting in a browser, on this machine."""
    try:
        import django  # noqa: F401
    except ImportError:
        problem = "The panel needs libraries that are not installed."
        fix = "Install them: pip install 'carer-matcher[panel]'."
        raise WrongInput([wrong_option("panel", problem, fix)]) from None
    from matcher.panel import serve

    serve.made(folder)
    if context.invoked_subcommand is None:
        serve.serve(
            serve.HOST, port, lambda address: print(f"The panel is at {address}", file=sys.stderr)
        )
