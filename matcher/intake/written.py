"""A clean value as the cell of a table that gives it: read again, it is the same value."""

from __future__ import annotations

from datetime import date
from typing import Any

from matcher.intake.rows import Row, columns_of


def cell(value: Any, *, blank_list: str = "none") -> str:
    """The text of a cell; `blank_list` is what an empty list is written as."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        items = (":".join(each) if isinstance(each, tuple) else each for each in value)
        return ";".join(items) if value else blank_list
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.9f}".rstrip("0").rstrip(".")
    return str(value)


def cells(row: Row) -> dict[str, str]:
    """The cells of a row by column; an empty list is `none` where a blank one is not known."""
    return {
        name: cell(getattr(row, name), blank_list="none" if column.default is None else "")
        for name, column in columns_of(type(row)).items()
    }
