"""A history in PostgreSQL: one table for the entries, a second one for their receipts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from matcher.errors import Breach, BreachFound, MatcherError, WrongInput, wrong_file
from matcher.history.entries import Entry, Receipts
from matcher.history.store import WAIT_SECONDS, Session, nothing_there
from matcher.intake.cells import shown

if TYPE_CHECKING:
    import psycopg

TABLE, RECEIPTS = "matcher_history", "matcher_receipts"
GUARDS = ("no_change", "no_truncate")
CONNECT_SECONDS = 10
_LOCK = 0x6D617463686572  # a number that only this program locks: 'matcher'
_REFUSE = " BEGIN RAISE EXCEPTION 'the history is append-only'; END "
_MAKE = f"""
CREATE TABLE {TABLE} (
 number bigint PRIMARY KEY, kind text NOT NULL, recorded_at text NOT NULL, payload text NOT NULL,
 previous text NOT NULL, hash text NOT NULL UNIQUE, document bytea);
CREATE TABLE {RECEIPTS} (number bigint PRIMARY KEY, hash text NOT NULL);
CREATE OR REPLACE FUNCTION matcher_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSE}$$;
""" + "".join(
    f"""
CREATE TRIGGER no_change BEFORE UPDATE OR DELETE ON {table}
 FOR EACH ROW EXECUTE FUNCTION matcher_refuse();
CREATE TRIGGER no_truncate BEFORE TRUNCATE ON {table}
 FOR EACH STATEMENT EXECUTE FUNCTION matcher_refuse();
"""
    for table in (TABLE, RECEIPTS)
)


@dataclass(frozen=True)
class ServerStore:
    """A database of a PostgreSQL server, by its address."""

    address: str

    @classmethod
    def at(cls, where: str) -> ServerStore:
        """The store at an address; WrongInput where the library that speaks to it is missing."""
        try:
            import psycopg  # noqa: F401
        except ImportError:
            problem = "PostgreSQL needs a library that is not installed."
            fix = "Install it: pip install 'carer-matcher[postgres]'."
            raise WrongInput([wrong_file("history", problem, fix)]) from None
        if not _readable(where):
            problem = "This is no address of a database."
            fix = "Write postgresql://user@server/database; in a password, write / as %2F and @ as %40."
            raise WrongInput([wrong_file("history", problem, fix)])
        return cls(where)

    @property
    def name(self) -> str:
        """The address without user, password and options."""
        parts = urlsplit(self.address)
        port = f":{parts.port}" if parts.port else ""
        return f"postgresql://{parts.hostname or ''}{port}{parts.path}"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that nobody else writes beside; the tables are made if they are missing."""
        with self._connected() as connection:
            # Two processes that both find no table must not both make it.
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_LOCK,))
            if not _made(connection):
                connection.execute(_MAKE)
            connection.execute(f"LOCK TABLE {TABLE}, {RECEIPTS} IN EXCLUSIVE MODE")
            yield _session(connection)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A transaction that sees one state; WrongInput where there is no history."""
        with self._connected() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            if not _made(connection):
                raise nothing_there(shown(self.name))
            yield _session(connection)

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection whose one transaction is committed at the end; its errors in words."""
        import psycopg

        try:
            with psycopg.connect(
                self.address,
                connect_timeout=CONNECT_SECONDS,
            ) as connection:
                connection.execute(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'")
                yield connection
        except psycopg.errors.LockNotAvailable:
            raise MatcherError(
                f"Others have held the history {self.name} for {WAIT_SECONDS} seconds. Run it again."
            ) from None
        except psycopg.Error as error:
            why = str(error).strip().splitlines() or [type(error).__name__]
            problem = f"The database can't be used: {why[0].removesuffix('.')}."
            fix = "Check the address, and that you may make tables there."
            raise WrongInput([wrong_file("history", problem, fix, value=shown(self.name))]) from None  # fmt: skip


def _readable(address: str) -> bool:
    """Whether it is clear what in an address is the password, so that nobody is shown it."""
    try:
        parts = urlsplit(address)
        return parts.port != 0 and "@" not in parts.path
    except ValueError:
        return False


def _session(connection: psycopg.Connection[Any]) -> Session:
    return Session(
        run=connection.execute,
        table=TABLE,
        mark="%s",
        receipts=partial(_receipts, connection),
        unguarded=partial(_unguarded, connection),
        witness=partial(_witness, connection),
        settle=lambda: None,  # receipts are in the transaction of their entries
    )


def _made(connection: psycopg.Connection[Any]) -> bool:
    """Whether the tables are there; BreachFound where one of them is gone."""
    named = "SELECT to_regclass(%s) IS NOT NULL, to_regclass(%s) IS NOT NULL"
    found = connection.execute(named, (TABLE, RECEIPTS)).fetchone() or (False, False)
    if any(found) and not all(found):
        gone = RECEIPTS if found[0] else TABLE
        raise BreachFound([Breach(gone, "the table was taken away.")])
    return all(found)


def _witness(connection: psycopg.Connection[Any], entry: Entry) -> None:
    connection.execute(f"INSERT INTO {RECEIPTS} VALUES (%s, %s)", (entry.number, entry.hash))


def _receipts(connection: psycopg.Connection[Any]) -> Receipts:
    """The receipts in order; one that is out of its place is odd."""
    hashes: list[str] = []
    odd: list[str] = []
    for number, name in connection.execute(f"SELECT number, hash FROM {RECEIPTS} ORDER BY number"):
        if number == len(hashes) + 1:
            hashes.append(name)
        else:
            odd.append(f"{number} {name}")
    return Receipts(RECEIPTS, tuple(hashes), tuple(odd))


def _unguarded(connection: psycopg.Connection[Any]) -> list[Breach]:
    """The guards of the two tables that somebody took away or switched off."""
    found = connection.execute(
        "SELECT tgrelid::regclass::text, tgname FROM pg_trigger "
        "WHERE tgrelid IN (to_regclass(%s), to_regclass(%s)) AND tgenabled IN ('O', 'A')",
        (TABLE, RECEIPTS),
    ).fetchall()
    says = "SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure('matcher_refuse()')"
    if connection.execute(says).fetchone() != (_REFUSE,):
        return [Breach(TABLE, "its guards were changed: they do not refuse any more.")]
    return [
        Breach(table, f"its guard {guard}, which refuses changes, was taken away or switched off.")
        for table in (TABLE, RECEIPTS)
        for guard in GUARDS
        if (table, guard) not in found
    ]
