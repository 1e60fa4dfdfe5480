"""A change: locked, tried, and written with its line of the trail, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from matcher.panel import trail
from matcher.panel.models import State
from matcher.panel.tables import MODELS, TableRow, counting

if TYPE_CHECKING:
    from matcher.panel.models import User


class Overtaken(Exception):
    """Somebody else was first: `row` is what is recorded now."""

    def __init__(self, row: TableRow | None) -> None:
        self.row = row
        super().__init__("somebody else was first")


@dataclass
class Change:
    """One transaction of one user: nobody else writes beside it."""

    user: User
    state: State
    at: datetime = field(default_factory=timezone.now)

    def tell(self, act: str, subject: str, detail: Mapping[str, Any] | None = None) -> None:
        """Write a line of the trail."""
        trail.append(self.user, act, subject, detail)

    def add(
        self, table: str, cells: Mapping[str, str], subject: str, act: str = "added"
    ) -> TableRow:
        """Add a row."""
        row = MODELS[table](**cells)
        row.save(force_insert=True)
        filled = {column: ["", value] for column, value in cells.items() if value}
        self._changed()
        self.tell(act, subject, {"table": table, "row": row.pk, "cells": filled})
        return row

    def edit(self, row: TableRow, cells: Mapping[str, str], version: int, subject: str) -> TableRow:
        """Change cells of a row; Overtaken where it is not of that version any more."""
        model = MODELS[row.table]
        now = counting(row.table).filter(pk=row.pk).first()
        if now is None or now.version != version:
            raise Overtaken(now)
        changed = {c: [getattr(now, c), v] for c, v in cells.items() if getattr(now, c) != v}
        if changed:
            fields = {column: new for column, (_, new) in changed.items()}
            model.objects.filter(pk=row.pk, version=version).update(version=version + 1, **fields)
            self._changed()
            self.tell("changed", subject, {"table": row.table, "row": row.pk, "cells": changed})
        made: TableRow = model.objects.get(pk=row.pk)
        return made

    def withdraw(self, row: TableRow, subject: str, act: str = "withdrew") -> None:
        """Take a row back: it stays, and is not handed over."""
        mine = counting(row.table).filter(pk=row.pk)
        if not mine.update(withdrawn_at=self.at, withdrawn_by=self.user.pk):
            raise Overtaken(None)
        self._changed()
        self.tell(act, subject, {"table": row.table, "row": row.pk})

    def _changed(self) -> None:
        self.state.version += 1
        self.state.save(update_fields=["version"])


@contextmanager
def changing(user: User) -> Iterator[Change]:
    """A transaction that locks the state; whatever is raised in it leaves everything as it was."""
    with transaction.atomic():
        yield Change(user, State.objects.select_for_update().get())
