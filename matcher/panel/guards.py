"""What refuses a change of what was written once, in the database itself: SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from matcher.errors import Breach

GUARDED = ("panel_trail", "matcher_history", "matcher_receipts")
REFUSES = "this table is append-only"


def guards(vendor: str, table: str) -> dict[str, str]:
    """The triggers that make a table append-only, by name."""
    if vendor == "postgresql":
        refuse = "EXECUTE FUNCTION panel_refuse()"
        return {
            f"{table}_no_change": f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {refuse}",
            f"{table}_no_truncate": f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}",
        }
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSES}'); END"
    return {
        f"{table}_no_update": f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"{table}_no_delete": f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        # An INSERT OR REPLACE deletes without asking the trigger of deletes.
        f"{table}_only_append": (
            f"CREATE TRIGGER {table}_only_append BEFORE INSERT ON {table} WHEN NEW.number <> "
            f"(SELECT coalesce(max(number), 0) + 1 FROM {table}) {refuse}"
        ),
    }


def make(cursor: Any, vendor: str, table: str) -> None:
    """Guard a table."""
    if vendor == "postgresql":
        cursor.execute(
            "CREATE OR REPLACE FUNCTION panel_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSES}'; END $$"
        )
    for statement in guards(vendor, table).values():
        cursor.execute(statement)


def unguarded(cursor: Any, vendor: str) -> Iterator[Breach]:
    """The guards that somebody took away, changed or switched off."""
    if vendor == "postgresql":
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        there = {name: None for (name,) in cursor.fetchall()}
    else:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        there = dict(cursor.fetchall())
    for table in GUARDED:
        for name, text in guards(vendor, table).items():
            if name not in there or (there[name] is not None and there[name] != text):
                yield Breach(
                    table, f"its guard {name}, which refuses changes, was taken away or changed."
                )
