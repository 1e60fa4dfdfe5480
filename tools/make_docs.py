"""Make the generated pages in docs/: policy, tables, commands, Python, samples, the standard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

import acts_table
import coverage_page
import python_page
import samples_page
import standard_page
import tables_page
from matcher.cli import app
from matcher.governance import policy_page
from matcher.policy.settings import default

DOCS = Path(__file__).resolve().parent.parent / "docs"


def policy_text() -> str:
    """The policy that ships, as a page."""
    return "".join(f"{line}\n" for line in policy_page.page(policy_page.record(default())))


def commands_page() -> str:
    """Every command with its arguments and options, as a page."""
    return "".join(f"{line}\n" for line in _commands())


def samples_page_text() -> str:
    """How synthetic rounds are drawn, as a page."""
    return "".join(f"{line}\n" for line in samples_page.page())


def standard_page_text() -> str:
    """Our columns beside the National Placement Standard's fields, as a page."""
    return "".join(f"{line}\n" for line in standard_page.page())


def tables_text() -> str:
    """The input tables and their columns, as a page."""
    return "".join(f"{line}\n" for line in tables_page.page())


def python_text() -> str:
    """The Python face, as a page."""
    return "\n".join(python_page.page())


def every_command(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by its whole name, those of a group too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            if command.epilog:  # it does something by itself
                yield f"{before}{name}", command
            yield from every_command(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def coverage_page_text() -> str:
    """Which clause is where, as a page."""
    return "".join(f"{line}\n" for line in coverage_page.page())


def _commands() -> Iterator[str]:
    yield "# The commands"
    yield ""
    yield "This page is made from the software by `tools/make_docs.py`. A test fails when it is stale."
    yield ""
    root: Any = typer.main.get_command(app)
    for name, command in every_command(root):
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        words = [p.metavar if p.required else f"[{p.metavar}]" for p in arguments]
        yield f"## `matcher {' '.join([name, *words])}`"
        yield ""
        yield command.help
        yield ""
        yield "| | |"
        yield "|---|---|"
        for each in command.params:
            label = each.metavar if each in arguments else each.opts[0]
            if label != "--help" and not each.hidden:
                yield f"| `{label}` | {each.help} |"
        yield ""
        yield f"{command.epilog.replace('Example: ', 'Example: `')}`"
        yield ""


def main() -> None:
    """Write the pages."""
    (DOCS / "policy.md").write_text(policy_text(), "utf-8")
    (DOCS / "commands.md").write_text(commands_page(), "utf-8")
    (DOCS / "coverage.md").write_text(coverage_page_text(), "utf-8")
    (DOCS / "python.md").write_text(python_text(), "utf-8")
    (DOCS / "samples.md").write_text(samples_page_text(), "utf-8")
    (DOCS / "standard.md").write_text(standard_page_text(), "utf-8")
    (DOCS / "tables.md").write_text(tables_text(), "utf-8")
    security = DOCS / "panel-security.md"
    security.write_text(acts_table.with_table(security.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
