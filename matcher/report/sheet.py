"""The form of a sheet that a workbook writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, its headings and its rows."""

    name: str
    headings: tuple[str, ...]
    rows: Sequence[tuple[Any, ...]]
