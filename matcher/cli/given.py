"""What every command is given, said once: the options of all, and what they ask of an answer."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from matcher.errors import WrongInput, wrong_option
from matcher.shipped import shipped_table
from matcher.show.figures import Drawn
from matcher.show.files import write_files
from matcher.show.paper import Paper
from matcher.show.text import printable
from matcher.terms import say

LONGEST_NAME = 80  # bytes, as disks count: three names fit into one

Data = Annotated[
    Path,
    typer.Argument(metavar="DATA", help="Folder with the CSV tables of the round, or a workbook."),
]
PassOn = Annotated[
    bool, typer.Option("--pass-on", help="No ids, no count below 5: it may leave the service.")
]

History = Annotated[
    str | None,
    typer.Option(
        "--history",
        metavar="STORE",
        help="Look over the rounds recorded there: a folder, or a postgresql:// address.",
    ),
]


@dataclass(frozen=True, kw_only=True)
class Output:
    """The options of every command: where its answer goes, and in which form."""

    out: Annotated[Path | None, typer.Option(help="Folder for the files.", file_okay=False)] = None
    as_json: Annotated[
        bool, typer.Option("--json", help="Machine output alone on standard output.")
    ] = False
    quiet: Annotated[bool, typer.Option("--quiet", help="No messages on standard error.")] = False

    def answer(
        self,
        name: str,
        lines: Iterable[str],
        record: dict[str, Any],
        files: Callable[[], Iterable[tuple[str, Iterable[bytes]]]] | None = None,
    ) -> dict[str, Path]:
        """Print lines, or their record with --json, and write the same to the folder of --out.

        More `files` are one set with it; where each of them is then.
        """
        text = self.print_answer(lines, record)
        if self.out is None:
            return {}
        stem = file_name(name)
        own = f"{stem}.{'json' if self.as_json else 'txt'}"
        more = [] if files is None else files()
        written = [(own, (f"{line}\n".encode() for line in text)), *more]
        return self.write(self.out, own if files is None else stem, written)

    def answer_paper(
        self,
        name: str,
        paper: Paper,
        record: dict[str, Any],
        figures: Callable[[], Iterable[Drawn | None]],
    ) -> None:
        """Print a paper, or its record with --json; in the folder of --out it is a page too, with its figures."""
        text = self.print_answer(paper.text(), record)
        if self.out is None:
            return
        drawn = [each for each in figures() if each is not None]
        ending = "json" if self.as_json else "txt"
        files: dict[str, Iterable[bytes]] = {
            f"{name}.{ending}": (f"{line}\n".encode() for line in text)
        }
        files[f"{name}.html"] = (piece.encode() for piece in paper.page(drawn))
        files |= {f"{each.name}.png": [each.png] for each in drawn}
        self.write(self.out, name, files.items())
        self.tell(f"Written: {self.out}")

    def print_answer(self, lines: Iterable[str], record: dict[str, Any]) -> list[str]:
        """Print lines, or their record with --json, and give the lines that were printed."""
        if self.as_json:
            text = [json.dumps(record, ensure_ascii=False, indent=1)]
        else:
            text = [printable(line) for line in lines]
        write_lines(text)
        return text

    def write(
        self, folder: Path, name: str, files: Iterable[tuple[str, Iterable[bytes]]]
    ) -> dict[str, Path]:
        """Write a command's files as one set, never over what people changed; where each of them is."""
        written = write_files(folder, name, files)
        self.tell_what_stays(written)
        return written

    def tell_what_stays(self, written: Mapping[str, Path]) -> None:
        """Say which files were not written over, as people changed or brought them."""
        for name, path in written.items():
            if path.name != name.rpartition("/")[2]:
                changed = f"{name} is not as this software wrote it, so it stays."
                self.tell(f"{changed} The new one is {path.name}.")

    def tell(self, line: str) -> None:
        """Say something on standard error, unless --quiet."""
        if not self.quiet:
            print(say(line), file=sys.stderr)


@dataclass(frozen=True, kw_only=True)
class Given(Output):
    """The options of every command that reads a round or a policy."""

    as_of: Annotated[
        str | None,
        typer.Option(
            help="The day of the round, 2026-11-23; over round.toml, and that over today."
        ),
    ] = None
    policy: Annotated[
        Path | None,
        typer.Option(help="TOML file that overrides single settings of the policy."),
    ] = None


CommandFunction = Callable[..., None]


def command(
    example: str, app: typer.Typer | None = None, name: str | None = None
) -> Callable[[CommandFunction], typer.Typer]:
    """Make a command of a function whose first argument is `Given`, or another `Output`.

    Its docstring is the help, `example` stands below it, with what data/examples.toml says in the
    place of names in braces. It is a command of its own, or the one of that name among those of `app`.
    """

    def decorate(function: CommandFunction) -> typer.Typer:
        application = app or typer.Typer(rich_markup_mode=None, add_completion=False)
        epilog = f"Example: {example.format(**shipped_table('examples.toml'))}"
        application.command(name, epilog=epilog)(with_shared_options(function))
        return application

    return decorate


def with_shared_options(function: CommandFunction) -> CommandFunction:
    """The function as typer reads it: the fields of its first argument are options, after its own.

    Typer takes the options of a function from its signature, so one is put together for it. Fields
    of a subclass come before those of its base.
    """
    first, *own = inspect.signature(function, eval_str=True).parameters.values()
    kind = first.annotation
    names = dict.fromkeys(name for each in kind.__mro__ for name in inspect.get_annotations(each))
    annotations = get_type_hints(kind, include_extras=True)
    defaults = {field.name: field.default for field in fields(kind)}
    shared = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=defaults[name],
            annotation=annotations[name],
        )
        for name in names
    ]

    def with_options(**values: Any) -> None:
        function(kind(**{name: values.pop(name) for name in names}), **values)

    wrapper: Any = with_options
    wrapper.__name__, wrapper.__doc__ = function.__name__, function.__doc__
    wrapper.__signature__ = inspect.Signature([*own, *shared])
    wrapper.__annotations__ = {each.name: each.annotation for each in [*own, *shared]}
    return with_options


def assigned(option: str, text: str) -> tuple[str, str]:
    """'language=30' as a key and a value; WrongInput where it is none."""
    key, is_there, value = (part.strip() for part in text.partition("="))
    if not key or not is_there:
        problem, fix = "There is no '='.", "Write a name, = and a value."
        raise WrongInput([wrong_option(option, problem, fix, value=text[:60])])
    return key, value


def file_name(name: str) -> str:
    """A name that is safe as a file's: an id is never a path."""
    safe = re.sub(r"[^\w-]", "_", name).encode()[:LONGEST_NAME].decode(errors="ignore")
    if safe == name:
        return safe
    return f"{safe}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def pictures(drawn: Iterable[Drawn | None]) -> list[tuple[str, Iterable[bytes]]]:
    """Figures as files, those that there are."""
    return [(f"{each.name}.png", [each.png]) for each in drawn if each is not None]


def write_lines(lines: Iterable[str]) -> None:
    """Write lines to standard output."""
    sys.stdout.writelines(f"{line}\n" for line in lines)
