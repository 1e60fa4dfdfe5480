"""The history of rounds and decisions in the panel's own database, written in its transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from matcher.history.entries import Entry, Receipts
from matcher.history.store import Session
from matcher.panel import guards
from matcher.panel.models import State

ENTRIES, RECEIPTS = "matcher_history", "matcher_receipts"
BLOB = {"postgresql": "bytea", "sqlite": "BLOB"}


def make(cursor: Any, vendor: str) -> None:
    """Make the tables of the history, and guard them."""
    cursor.execute(
        f"CREATE TABLE {ENTRIES} (number bigint PRIMARY KEY, kind text NOT NULL, recorded_at text "
        "NOT NULL, payload text NOT NULL, previous text NOT NULL, hash text NOT NULL UNIQUE, "
        f"document {BLOB[vendor]})"
    )
    cursor.execute(f"CREATE TABLE {RECEIPTS} (number bigint PRIMARY KEY, hash text NOT NULL)")
    for table in (ENTRIES, RECEIPTS):
        guards.make(cursor, vendor, table)


class PanelStore:
    """The history in the database of the panel; who writes locks the state."""

    name = "the panel's database"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that nobody else writes beside, or the part of one that is open."""
        with transaction.atomic():
            State.objects.select_for_update().get()
            yield _session()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state."""
        with transaction.atomic():
            yield _session()


def _run(sql: str, values: Sequence[Any]) -> Any:
    cursor = connection.cursor()
    cursor.execute(sql, tuple(values))
    return cursor


def _session() -> Session:
    def witness(entry: Entry) -> None:
        _run(f"INSERT INTO {RECEIPTS} VALUES (%s, %s)", (entry.number, entry.hash))

    def receipts() -> Receipts:
        hashes: list[str] = []
        odd: list[str] = []
        for number, name in _run(
            f"SELECT number, hash FROM {RECEIPTS} ORDER BY number", ()
        ).fetchall():
            if number == len(hashes) + 1:
                hashes.append(name)
            else:
                odd.append(f"{number} {name}")
        return Receipts(RECEIPTS, tuple(hashes), tuple(odd))

    return Session(
        run=_run,
        table=ENTRIES,
        mark="%s",
        receipts=receipts,
        unguarded=lambda: list(guards.unguarded(connection.cursor(), connection.vendor)),
        witness=witness,
        settle=lambda: None,
    )
