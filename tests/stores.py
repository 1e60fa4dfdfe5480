"""Histories to test against: a folder, and a real PostgreSQL server that is thrown away."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from matcher.history import folder, server
from matcher.history.store import Store, open_store

USERS = ("postgres", "nobody")  # PostgreSQL refuses to run as root
PLACES = ("/usr/local/bin", "/usr/lib/postgresql")


@dataclass(frozen=True)
class Place:
    """Where a history is, and how to get at its tables without the product."""

    where: str

    @property
    def store(self) -> Store:
        return open_store(self.where)

    @property
    def in_folder(self) -> bool:
        return "://" not in self.where

    @property
    def table(self) -> str:
        return "entries" if self.in_folder else server.TABLE

    @property
    def mark(self) -> str:
        return "?" if self.in_folder else "%s"

    @property
    def receipts(self) -> str:
        """What the second witness is called."""
        return folder.RECEIPTS if self.in_folder else server.RECEIPTS

    @contextmanager
    def raw(self, *, guarded: bool = False) -> Iterator[Any]:
        """A plain connection; its changes are kept, and no guard stands in its way."""
        if self.in_folder:
            path = Path(self.where) / folder.DATABASE
            with closing(sqlite3.connect(path, isolation_level=None)) as database:
                if not guarded:
                    for guard in folder.GUARDS:
                        database.execute(f"DROP TRIGGER IF EXISTS {guard}")
                yield database
            return
        import psycopg

        with psycopg.connect(self.where, autocommit=True) as database:
            if not guarded:
                for table in (server.TABLE, server.RECEIPTS):
                    for guard in server.GUARDS:
                        database.execute(f"DROP TRIGGER IF EXISTS {guard} ON {table}")
            yield database


def _program(name: str) -> str | None:
    found = shutil.which(name)
    if found is not None:
        return found
    some = sorted(Path(PLACES[1]).glob(f"*/bin/{name}")) if Path(PLACES[1]).is_dir() else []
    return str(some[-1]) if some else None


def _as_other(folder: Path) -> list[str]:
    """What runs a command as a user who may run PostgreSQL; the folder is made that user's."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return []
    import pwd

    setpriv = shutil.which("setpriv")
    for name in USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if setpriv is not None:
            os.chown(folder, user.pw_uid, user.pw_gid)
            return [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    pytest.skip("PostgreSQL refuses to run as root, and there is no other user to run it as.")


@contextmanager
def a_server() -> Iterator[str]:
    """The address of a PostgreSQL server that is stopped, and gone, afterwards."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("There is no PostgreSQL server program on this machine (initdb, postgres).")
    pytest.importorskip("psycopg", reason="psycopg is not installed.")
    home = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        other = _as_other(home)
        data = home / "data"
        user = "postgres" if other else getpass.getuser()
        made = [*other, initdb, "-D", str(data), "-U", user, "-A", "trust", "-E", "UTF8", "--no-sync"]  # fmt: skip
        subprocess.run(made, check=True, capture_output=True, cwd=home)
        options = ["-c", "listen_addresses=", "-k", str(home), "-c", "fsync=off", "-c", "log_min_messages=panic"]  # fmt: skip
        with (home / "log").open("wb") as log:
            running = subprocess.Popen(
                [*other, postgres, "-D", str(data), *options], stdout=log, stderr=log, cwd=home
            )
        try:
            address = f"postgresql://{user}@/postgres?host={home}"
            _wait(address, running)
            yield address
        finally:
            running.send_signal(signal.SIGQUIT)  # at once: nothing of it is kept
            running.wait(30)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _wait(address: str, running: subprocess.Popen[bytes]) -> None:
    import psycopg

    for _ in range(300):
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            if running.poll() is not None:
                break
            time.sleep(0.1)
    raise AssertionError("The PostgreSQL server did not start.")


def new_database(address: str, name: str) -> str:
    """The address of an empty database on a server."""
    import psycopg

    with psycopg.connect(address, autocommit=True) as database:
        database.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")
