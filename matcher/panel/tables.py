"""The input tables in the database: a model a table, made of the one definition in intake.

A cell is kept as a CSV file would hold it, so that rows of the database, of a folder and of a
workbook are the same text and go through the same intake.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django.db import connection, models
from django.db.models.fields import Field

from matcher.intake import rows
from matcher.intake.files import Sheet

FIRST_NUMBER = 2  # of a row, as a spreadsheet numbers it below its heading
IDS = {"requests": "request_id", "households": "household_id", "carers": "carer_id"}  # of one row


class TableRow(models.Model):
    """A row of an input table; one that was withdrawn stays, and is not handed over."""

    objects: ClassVar[models.Manager[Any]]
    table: ClassVar[str]
    version = models.PositiveIntegerField(default=1)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        abstract = True

    def cells(self) -> dict[str, str]:
        """The row's cells by column, '' where one is blank."""
        return {
            column: getattr(self, column) for column in rows.columns_of(rows.TABLES[self.table])
        }


def model_of(table: str) -> type[TableRow]:
    """The model of an input table: a text a column."""
    key = IDS.get(table)
    standing = models.Q(withdrawn_at__isnull=True)
    constraints = (
        [models.UniqueConstraint(fields=[key], condition=standing, name=f"{table}_once")]
        if key
        else []
    )
    indexed = [name for name in ("request_id", "household_id") if name in _columns(table)]
    meta = type(
        "Meta",
        (),
        {
            "db_table": f"panel_{table}",
            "constraints": constraints,
            "indexes": [models.Index(fields=[n], name=f"{table}_{n}") for n in indexed if n != key],
        },
    )
    columns: dict[str, Field[Any, Any]] = {
        name: models.TextField(blank=True, default="") for name in _columns(table)
    }
    name = "".join(part.title() for part in table.split("_")) + "Row"
    made = {"__module__": "matcher.panel.models", "Meta": meta, "table": table}
    return type(name, (TableRow,), {**made, **columns})


def _columns(table: str) -> list[str]:
    return list(rows.columns_of(rows.TABLES[table]))


MODELS: Mapping[str, type[TableRow]] = {table: model_of(table) for table in rows.TABLES}


def counting(table: str) -> models.QuerySet[Any]:
    """The rows of a table that count: nobody took them back."""
    return MODELS[table].objects.filter(withdrawn_at__isnull=True)


def standing(table: str, **key: Any) -> list[TableRow]:
    """The rows that count, those with these cells alone, in the order in which they were made."""
    return list(counting(table).filter(**key).order_by("pk"))


def every_row() -> dict[str, list[dict[str, str]]]:
    """The cells of the rows that count, by table, in the order in which they were made: in one query."""
    columns = {table: _columns(table) for table in MODELS}
    array = "json_array" if connection.vendor == "sqlite" else "json_build_array"
    quote = connection.ops.quote_name
    parts = (
        f"SELECT '{table}' AS of_table, id, CAST({array}({', '.join(map(quote, names))}) AS text)"
        f" FROM {quote(MODELS[table]._meta.db_table)} WHERE withdrawn_at IS NULL"
        for table, names in columns.items()
    )
    found: dict[str, list[dict[str, str]]] = {table: [] for table in MODELS}
    with connection.cursor() as cursor:
        cursor.execute(f"{' UNION ALL '.join(parts)} ORDER BY 1, 2")
        for table, _, cells in cursor.fetchall():
            found[table].append(dict(zip(columns[table], json.loads(cells), strict=True)))
    return found


def sheet_of(table: str, found: Iterable[Mapping[str, str]], absent: Iterable[str] = ()) -> Sheet:
    """Rows as a table of text; `absent` are columns that nobody was asked for yet."""
    lines = list(found)
    left_out = {name for name in absent if not any(line[name] for line in lines)}
    columns = [name for name in _columns(table) if name not in left_out]
    return Sheet(
        table,
        tuple(range(FIRST_NUMBER, FIRST_NUMBER + len(lines))),
        {name: [line[name] for line in lines] for name in columns},
    )
