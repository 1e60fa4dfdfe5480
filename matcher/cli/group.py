"""The group of all commands: each is a file of its name, imported when it is called."""

from __future__ import annotations

import ast
from collections import UserDict
from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import typer.main
from typer.core import TyperGroup

from matcher.cli import commands

# As help lists them: what a week needs, then what a year needs. Any other command follows by name.
IN_ORDER = (
    *("check", "round", "enter", "explain", "whatif", "place", "documents", "calendar", "verify"),
    "panel",
    *("sufficiency", "equity", "simulate", "history", "standard"),
    *("template", "sample", "policy"),
)


def command_names() -> list[str]:
    """The name of every file in the folder of commands, in the order of help."""
    names = sorted(module.name for module in iter_modules(commands.__path__))
    return sorted(names, key=lambda name: IN_ORDER.index(name) if name in IN_ORDER else len(names))


def summary(name: str) -> str:
    """What a command does, in one line: the first of its file, which is read and not imported."""
    spec = find_spec(f"{commands.__name__}.{name}")
    if spec is None or spec.origin is None:
        return ""
    text = ast.get_docstring(ast.parse(Path(spec.origin).read_text("utf-8"))) or ""
    return text.partition("\n")[0]


class CommandFiles(UserDict[str, Any]):
    """Each command by its name; its file is imported when it is first looked up."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__({name: f"{commands.__name__}.{name}" for name in names})

    def __getitem__(self, name: str) -> Any:
        module = import_module(self.data[name])
        return typer.main.get_command(getattr(module, name))


class CommandGroup(TyperGroup):
    """The application: it imports no command to list them all, and one to run it."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands = CommandFiles(command_names())

    def list_commands(self, ctx: Any) -> list[str]:
        """The names of all commands."""
        return list(self.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Every command and its summary, for help."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary(name)) for name in self.commands])
