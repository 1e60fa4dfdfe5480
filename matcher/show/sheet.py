"""The form of a sheet that a workbook writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its headings and its rows."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Grid:
    """A table for people: its caption, its headings and its rows."""

    caption: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[str | float | date, ...]]

    def __len__(self) -> int:
        return len(self.rows)
