"""The seam between the history and its databases: a store is opened, read, or appended to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from matcher.errors import Breach, BreachFound, WrongInput, wrong_file
from matcher.history.entries import (
    Entry,
    Receipts,
    Row,
    chain_breaches,
    document_breach,
    entry_of,
)

Run: TypeAlias = Callable[[str, Sequence[object]], Any]  # runs SQL and gives its cursor

COLUMNS = "number, kind, recorded_at, payload, previous, hash"
WAIT_SECONDS = 60  # for others who are recording


@dataclass(frozen=True)
class Session:
    """One transaction: `run` runs SQL, `table` holds the entries, `mark` stands for a value in SQL."""

    run: Run
    table: str
    mark: str
    receipts: Callable[[], Receipts]
    unguarded: Callable[[], list[Breach]]
    witness: Callable[
        [Entry], None
    ]  # writes the receipt of an entry where that is in the transaction
    settle: Callable[[], None]  # writes the receipts that a killed process left out

    def rows(self) -> list[Row]:
        """Every entry in order of number, without the files."""
        found = self.run(f"SELECT {COLUMNS} FROM {self.table} ORDER BY number", ()).fetchall()
        return [tuple(row) for row in found]

    def document(self, number: int) -> object:
        """The round.json of an entry, None where it has none."""
        row = self.run(f"SELECT document FROM {self.table} WHERE number = {self.mark}", (number,)).fetchone()  # fmt: skip
        return None if row is None else row[0]

    def add(self, entry: Entry, document: bytes | None) -> None:
        """Append an entry."""
        values = (entry.number, entry.kind, entry.recorded_at, entry.payload, entry.previous)
        marks = ", ".join([self.mark] * 7)
        self.run(
            f"INSERT INTO {self.table} ({COLUMNS}, document) VALUES ({marks})",
            (*values, entry.hash, document),
        )
        self.witness(entry)

    def entries(self) -> list[Entry]:
        """Every entry; BreachFound where the chain does not hold."""
        receipts = self.receipts()
        rows = self.rows()
        if breaches := [*chain_breaches(rows, receipts), *self.unguarded()]:
            raise BreachFound(breaches)
        return [entry for row in rows if (entry := entry_of(row)) is not None]

    def whole(self, entry: Entry) -> bytes:
        """The round.json of a round's entry; BreachFound where it is not the one recorded."""
        document = self.document(entry.number)
        if (breach := document_breach(entry, document)) is not None:
            raise BreachFound([breach])
        assert isinstance(document, bytes)
        return document

    def breaches(self) -> list[Breach]:
        """Everything that is wrong with the store: chain, receipts, guards, and every round.json."""
        receipts = self.receipts()
        rows = self.rows()
        found = [*chain_breaches(rows, receipts), *self.unguarded()]
        altered = {breach.where for breach in found}
        for entry in filter(None, map(entry_of, rows)):
            if f"entry {entry.number}" not in altered and (
                breach := document_breach(entry, self.document(entry.number))
            ):
                found.append(breach)
        return found


class Store(Protocol):
    """A history somewhere. `name` is how people know it, without a password."""

    @property
    def name(self) -> str:
        """Where it is."""

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction that nobody else writes beside; the store is made if it is missing."""

    def reading(self) -> AbstractContextManager[Session]:
        """A transaction that sees one state; WrongInput where there is no history."""


def open_store(where: str) -> Store:
    """The store of a folder or of a postgresql:// address; nothing is touched yet."""
    from matcher.history.folder import FolderStore
    from matcher.history.server import ServerStore

    scheme, found, _ = where.partition("://")
    if not found:
        return FolderStore.at(where)
    if scheme in ("postgresql", "postgres"):
        return ServerStore.at(where)
    fix = "Name a folder, or an address that begins with postgresql://."
    raise WrongInput([wrong_file("history", "No history can be kept there.", fix, value=f"{scheme}://…")])  # fmt: skip


class NothingThere(WrongInput):
    """A place that holds no history."""


def nothing_there(name: str) -> NothingThere:
    """The error of a place that holds no history."""
    fix = "'matcher round DATA --record STORE' begins one; --store names where it is."
    return NothingThere([wrong_file("history", "There is no history here.", fix, value=name)])
