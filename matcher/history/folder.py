"""A history in a folder: an SQLite database, and beside it the receipts as plain text."""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from matcher.errors import Breach, BreachFound, MatcherError, WrongInput, wrong_file
from matcher.history.entries import Receipts
from matcher.history.store import WAIT_SECONDS, Session, nothing_there
from matcher.intake.cells import shown

DATABASE, RECEIPTS, PENDING = "history.sqlite3", "receipts.txt", "receipts-pending.txt"
TABLE = """CREATE TABLE entries (
 number INTEGER PRIMARY KEY, kind TEXT NOT NULL, recorded_at TEXT NOT NULL, payload TEXT NOT NULL,
 previous TEXT NOT NULL, hash TEXT NOT NULL UNIQUE, document BLOB)"""
_REFUSE = "SELECT RAISE(ABORT, 'the history is append-only'); END"
GUARDS = {
    "no_update": f"CREATE TRIGGER no_update BEFORE UPDATE ON entries BEGIN {_REFUSE}",
    "no_delete": f"CREATE TRIGGER no_delete BEFORE DELETE ON entries BEGIN {_REFUSE}",
    # An INSERT OR REPLACE deletes without asking the trigger of deletes.
    "only_append": (
        "CREATE TRIGGER only_append BEFORE INSERT ON entries "
        f"WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM entries) BEGIN {_REFUSE}"
    ),
}
_LINE = re.compile(r"([1-9][0-9]{0,17}) ([0-9a-f]{64})")


@dataclass(frozen=True)
class FolderStore:
    """A folder with the database and the receipts."""

    folder: Path

    @classmethod
    def at(cls, where: str) -> FolderStore:
        """The store of a folder, which need not exist; WrongInput where it is a file."""
        folder = Path(where)
        if folder.exists() and not folder.is_dir():
            problem = "This is a file; a history is kept in a folder of its own."
            raise WrongInput([wrong_file("history", problem, "Name a folder.", value=shown(where))])  # fmt: skip
        return cls(folder)

    @property
    def name(self) -> str:
        """The folder."""
        return str(self.folder)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that nobody else writes beside; the folder is made if it is missing."""
        with self._errors():
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / DATABASE).exists() and self._receipts().hashes:
                raise BreachFound([self._gone()])
            with closing(self._connect("rwc")) as database:
                # Kept on the disk before it counts as recorded.
                database.execute("PRAGMA synchronous = FULL")
                database.execute("BEGIN IMMEDIATE")
                if not _made(database):
                    _make(database)
                yield self._session(database, self._receipts)
                # Before the entries: none is ever there of which no line tells.
                self._announce(database)
                database.execute("COMMIT")
                # The receipts, too, are only ever written by whoever holds the database.
                database.execute("BEGIN IMMEDIATE")
                self._settle(database)
                (self.folder / PENDING).unlink(missing_ok=True)
                database.execute("ROLLBACK")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state; WrongInput where there is no history."""
        with self._errors():
            receipts = self._receipts()
            if not (self.folder / DATABASE).exists():
                if receipts.hashes:
                    raise BreachFound([self._gone()])
                raise nothing_there(shown(self.name))
            with closing(self._connect("rw")) as database:
                database.execute("BEGIN")
                if _made(database):  # from this look on, nobody can commit beside it
                    yield self._session(database, self._receipts)
                else:  # the first recording was stopped before its end
                    with closing(sqlite3.connect(":memory:")) as empty:
                        _make(empty)
                        yield self._session(empty, lambda: receipts)

    def _connect(self, mode: str) -> sqlite3.Connection:
        # Not read-only even to read: what a killed process left half written is put right first.
        address = f"{(self.folder / DATABASE).resolve().as_uri()}?mode={mode}"
        database = sqlite3.connect(address, timeout=WAIT_SECONDS, isolation_level=None, uri=True)
        # Text that is no text was altered: it must show in the hash, not stop the reading.
        database.text_factory = lambda text: text.decode("utf-8", "surrogateescape")
        return database

    def _session(self, database: sqlite3.Connection, receipts: Callable[[], Receipts]) -> Session:
        return Session(
            run=database.execute,
            table="entries",
            mark="?",
            receipts=receipts,
            unguarded=partial(_unguarded, database),
            witness=lambda _: None,  # after the commit
            settle=partial(self._settle, database),
        )

    def _receipts(self) -> Receipts:
        """The receipts; a last line without its end is what a killed process left of one."""
        # What is pending first: its lines go when the others have come.
        lines = _read(self.folder / PENDING).decode("utf-8", "replace").split("\n")
        pending = {int(found[1]): found[2] for line in lines if (found := _LINE.fullmatch(line))}
        text = _read(self.folder / RECEIPTS)
        hashes: list[str] = []
        odd: list[str] = []
        for line in text.decode("utf-8", "replace").split("\n")[:-1]:
            found = _LINE.fullmatch(line)
            if found and int(found[1]) == len(hashes) + 1:
                hashes.append(found[2])
            else:
                odd.append(line)
        return Receipts(RECEIPTS, tuple(hashes), tuple(odd), pending)

    def _announce(self, database: sqlite3.Connection) -> None:
        """Write down what is about to be committed; what was before it has its receipt by now."""
        lines = self._without_receipt(database)
        if lines:
            with (self.folder / PENDING).open("wb") as file:
                file.write("".join(lines).encode())
                file.flush()
                os.fsync(file.fileno())

    def _without_receipt(self, database: sqlite3.Connection) -> list[str]:
        """The receipts, a line each, of all entries that have none."""
        held = len(self._receipts().hashes)
        rows = database.execute("SELECT number, hash FROM entries WHERE number > ? ORDER BY number", (held,))  # fmt: skip
        return [f"{number} {name}\n" for number, name in rows.fetchall()]

    def _settle(self, database: sqlite3.Connection) -> None:
        """Append the receipts of all entries that have none."""
        path, lines = self.folder / RECEIPTS, self._without_receipt(database)
        if not lines:
            return
        with path.open("ab") as file:
            whole = path.read_bytes().rfind(b"\n") + 1
            file.truncate(whole)
            file.write("".join(lines).encode())
            file.flush()
            os.fsync(file.fileno())

    def _gone(self) -> Breach:
        return Breach(DATABASE, f"its entries are gone: {RECEIPTS} has receipts of them.")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What goes wrong with the disk or the database, in words."""
        try:
            yield
        except OSError as error:
            problem = f"The folder can't be used: {error.strerror}."
            fix = "Name another folder."
            raise WrongInput([wrong_file("history", problem, fix, value=shown(self.name))]) from None  # fmt: skip
        except sqlite3.OperationalError as error:
            if "locked" in str(error):
                raise MatcherError(
                    f"Others have held the history {self.name} for {WAIT_SECONDS} seconds. Run it again."
                ) from None
            problem = f"The database can't be used: {error}."
            fix = "See that the disk has room, and that you may write to the folder."
            raise WrongInput([wrong_file("history", problem, fix, value=shown(self.name))]) from None  # fmt: skip
        except sqlite3.DatabaseError as error:
            raise BreachFound([Breach(DATABASE, f"it can't be read: {error}.")]) from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _made(database: sqlite3.Connection) -> bool:
    found = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone()
    return found is not None


def _make(database: sqlite3.Connection) -> None:
    database.execute(TABLE)
    for guard in GUARDS.values():
        database.execute(guard)


def _unguarded(database: sqlite3.Connection) -> list[Breach]:
    """The guards of the table that somebody took away or changed."""
    found = dict(database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"))
    return [
        Breach(DATABASE, f"its guard {name}, which refuses changes, was taken away or changed.")
        for name, text in GUARDS.items()
        if found.get(name) != text
    ]
