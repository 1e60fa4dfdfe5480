"""The last door to a terminal: no character passes that moves its cursor or turns its reading."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import Any, TextIO

from matcher.errors import MatcherError
from matcher.words import printable


class OutputLost(MatcherError):
    """What can't be said, as standard output can't be written to."""

    def __init__(self, error: OSError) -> None:
        reason = f"Standard output can't be written to: {error.strerror}."
        super().__init__(f"{reason} Files written before it stay.")


class Guarded:
    """A stream that shows what can't be printed as `shown` does; all else of it is the stream's own."""

    def __init__(self, stream: TextIO, shown: Callable[[str], str]) -> None:
        self._stream, self._shown = stream, shown

    def write(self, text: str) -> int:
        """Write text without what can't be printed; OutputLost where nobody can take it."""
        try:
            return self._stream.write(self._shown(text))
        except BrokenPipeError:
            raise
        except OSError as error:
            raise OutputLost(error) from None

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each of some lines."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@contextmanager
def guarded(*, as_json: bool) -> Iterator[None]:
    """Guard standard output and error: text in JSON keeps its meaning, written as JSON escapes it."""
    out: Any = Guarded(sys.stdout, escaped if as_json else printable)
    err: Any = Guarded(sys.stderr, printable)
    with redirect_stdout(out), redirect_stderr(err):
        yield


def escaped(document: str) -> str:
    """JSON that says the same, with the number of each letter that can't be printed."""
    if document.replace("\n", "").isprintable():
        return document
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in document)
