"""Backups of a panel: one file with all that its database holds, made and put back while it runs.

Of SQLite it is a copy of the database, of PostgreSQL every table as COPY writes it; beside it stands
which version made it, the migrations that the database had, and the SHA-256 of every part.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from matcher import __version__
from matcher.errors import WrongInput, wrong_option
from matcher.panel import trail
from matcher.panel.models import Trail
from matcher.panel.place import Home
from matcher.words import long_date

SCHEMA, ENDING = "matcher.panel/1", ".panel"
ABOUT, SQLITE, TABLES = "about.json", "panel.sqlite3", "tables/"
BACKED_UP, RESTORED = "backed up", "restored"
OLD = timedelta(days=7)
BLOCK = 1 << 20  # bytes read at once
# What is made anew, and holds nobody's work.
PASSING = ("django_session", "panel_cache")


@dataclass(frozen=True)
class Restored:
    """What was put back, and the backup of what was there before."""

    made_at: str
    version: str
    kept: Path


def is_made() -> bool:
    """Whether the database holds a panel already."""
    return Trail._meta.db_table in connection.introspection.table_names()


def pending() -> bool:
    """Whether the database lacks a migration of this version."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def last() -> datetime | None:
    """When the last backup was made or put back, None where none was."""
    lines = Trail.objects.filter(user=None, act__in=(BACKED_UP, RESTORED)).order_by("-number")
    at = lines.values_list("at", flat=True).first()
    return None if at is None else datetime.fromisoformat(at)


def is_old(at: datetime | None) -> bool:
    """Whether a backup is more than a week ago, or there is none."""
    return at is None or timezone.now() - at > OLD


def overdue() -> str:
    """That a backup is due, in a sentence; blank where the last is of this week."""
    at = last()
    if at is None:
        return "No backup was made yet."
    return f"The last backup is of {long_date(at.date())}." if is_old(at) else ""


def backup(file: Path) -> str:
    """Write a backup, and its SHA-256; WrongInput where a file of the name is there already."""
    if os.path.lexists(file):
        fix = "Name another file: a backup is never overwritten."
        raise WrongInput([wrong_option("FILE", "The file is there already.", fix)])
    sha256 = _write(file)
    trail.append(None, BACKED_UP, "", {"sha256": sha256, "version": __version__})
    return sha256


def kept(home: Home, before: str) -> Path:
    """A backup in the panel's own folder, before something that changes all."""
    folder = home.folder / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%M%S.%f")
    file = folder / f"before-{before}-{stamp}{ENDING}"
    _write(file)
    return file


def _write(file: Path) -> str:
    """Write the file whole or not at all, for its owner alone."""
    about: dict[str, Any] = {
        "schema": SCHEMA,
        "version": __version__,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": connection.vendor,
    }
    part = file.with_name(f"{file.name}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as raw, ZipFile(raw, "w", ZIP_DEFLATED) as archive:
            made = _of_sqlite(archive) if connection.vendor == "sqlite" else _of_server(archive)
            about |= made
            archive.writestr(ABOUT, json.dumps(about, indent=1))
        part.replace(file)
    except OSError as error:
        part.unlink(missing_ok=True)
        problem = f"The file can't be written: {error.strerror}."
        raise WrongInput([wrong_option("FILE", problem, "Name another place.")]) from None
    with file.open("rb") as found:
        return _sha256(found)


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _migrations() -> list[list[str]]:
    """The last migration of each application that the database had."""
    loader = MigrationExecutor(connection).loader
    applied = set(loader.applied_migrations)
    leaves = [node for node in applied if not applied & _children(loader, node)]
    return [list(node) for node in sorted(leaves)]


def _children(loader: Any, node: tuple[str, str]) -> set[tuple[str, str]]:
    known = loader.graph.node_map.get(node)
    return {child.key for child in known.children if child.key[0] == node[0]} if known else set()


# --- SQLite


def _raw() -> sqlite3.Connection:
    connection.ensure_connection()
    found: sqlite3.Connection = connection.connection
    return found


def _of_sqlite(archive: ZipFile) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="matcher-panel-") as folder:
        path = Path(folder) / SQLITE
        with closing(sqlite3.connect(path)) as copy:
            _raw().backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
            for table in PASSING:
                copy.execute(f"DELETE FROM {table}")
            copy.commit()
        archive.write(path, SQLITE)
        with path.open("rb") as found:
            sha256 = {SQLITE: _sha256(found)}
    return {"migrations": _migrations(), "sha256": sha256}


def _put_back_sqlite(archive: ZipFile) -> None:
    with tempfile.TemporaryDirectory(prefix="matcher-panel-") as folder:
        path = Path(archive.extract(SQLITE, folder))
        with closing(sqlite3.connect(path)) as found:
            (whole,) = found.execute("PRAGMA integrity_check").fetchone()
            if whole != "ok":
                raise _damaged()
            found.backup(_raw())


# --- PostgreSQL


def _tables() -> list[str]:
    found = connection.introspection.table_names()
    return sorted(set(found) - set(PASSING) - {"django_migrations"})


def _of_server(archive: ZipFile) -> dict[str, Any]:
    sha256: dict[str, str] = {}
    columns: dict[str, list[str]] = {}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")  # one state of all tables
        migrations = _migrations()
        for table in _tables():
            described = connection.introspection.get_table_description(cursor, table)
            columns[table] = [column.name for column in described]
            digest = hashlib.sha256()
            with (
                archive.open(f"{TABLES}{table}", "w") as part,
                _copying(cursor, f"COPY {_named(table, columns[table])} TO STDOUT") as copy,
            ):
                for block in copy:
                    digest.update(block)
                    part.write(bytes(block))
            sha256[f"{TABLES}{table}"] = digest.hexdigest()
    return {"migrations": migrations, "columns": columns, "sha256": sha256}


def _copying(cursor: Any, sql: str) -> Any:
    return cursor.cursor.copy(sql)


def _named(table: str, columns: list[str]) -> str:
    quote = connection.ops.quote_name
    return f"{quote(table)} ({', '.join(map(quote, columns))})"


def _put_back_server(archive: ZipFile, about: dict[str, Any]) -> None:
    """The tables as the backup had them: all are made anew, by the migrations that it had."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f"DROP TABLE {connection.ops.quote_name(table)} CASCADE")
        executor = MigrationExecutor(connection)
        executor.migrate([tuple(each) for each in about["migrations"]])
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table, columns in about["columns"].items():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
            with (
                archive.open(f"{TABLES}{table}") as part,
                _copying(cursor, f"COPY {_named(table, columns)} FROM STDIN") as copy,
            ):
                while block := part.read(BLOCK):
                    copy.write(block)
            for sequence in connection.introspection.get_sequences(cursor, table):
                column = connection.ops.quote_name(sequence["column"])
                name = connection.ops.quote_name(table)
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max({column}), 0) + 1, false) FROM {name}",
                    [name, sequence["column"]],
                )


# --- Put back


def restore(home: Home, file: Path) -> Restored:
    """Put a backup in the place of all that is there, which is kept as a backup of its own.

    WrongInput where the file is none, was changed, or is of a newer version or another database.
    """
    from django.core.management import call_command

    with _opened(file) as (archive, about):
        before = kept(home, "restore")
        if connection.vendor == "sqlite":
            _put_back_sqlite(archive)
        else:
            _put_back_server(archive, about)
    connection.close()
    call_command("migrate", verbosity=0, interactive=False)
    with file.open("rb") as found:
        sha256 = _sha256(found)
    said = {"made_at": about["made_at"], "version": about["version"], "sha256": sha256}
    trail.append(None, RESTORED, "", said)
    return Restored(about["made_at"], about["version"], before)


@contextmanager
def _opened(file: Path) -> Iterator[tuple[ZipFile, dict[str, Any]]]:
    try:
        archive = ZipFile(file)
    except (OSError, BadZipFile):
        problem = "There is no such backup, or it can't be read."
        fix = "Name a file that matcher panel backup made."
        raise WrongInput([wrong_option("FILE", problem, fix)]) from None
    with archive:
        yield archive, _proved(archive)


def _proved(archive: ZipFile) -> dict[str, Any]:
    """What a backup says about itself, once every part of it is what it says."""
    try:
        about: dict[str, Any] = json.loads(archive.read(ABOUT))
        schema, version, vendor = about["schema"], about["version"], about["database"]
        parts = dict(about["sha256"])
        assert schema == SCHEMA
    except (KeyError, ValueError, AssertionError, BadZipFile):
        problem, fix = "The file is no backup.", "Name a file that matcher panel backup made."
        raise WrongInput([wrong_option("FILE", problem, fix)]) from None
    if _number(version) > _number(__version__):
        problem = f"The backup was made by version {version}; this is {__version__}."
        raise WrongInput([wrong_option("FILE", problem, f"Install version {version} first.")])
    if vendor != connection.vendor:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        problem = f"The backup is of {names.get(vendor, 'another database')}, and this panel keeps {names[connection.vendor]}."
        fix = "Put it back into a panel of that kind; export and import carry the tables over."
        raise WrongInput([wrong_option("FILE", problem, fix)])
    try:
        if {name for name in archive.namelist() if name != ABOUT} != set(parts):
            raise _damaged()
        for name, sha256 in parts.items():
            with archive.open(name) as part:
                if _sha256(part) != sha256:
                    raise _damaged()
    except BadZipFile:
        raise _damaged() from None
    return about


def _damaged() -> WrongInput:
    problem, fix = "The backup was changed or damaged since it was made.", "Use another one."
    return WrongInput([wrong_option("FILE", problem, fix)])


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal())
