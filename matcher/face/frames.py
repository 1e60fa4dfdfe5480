"""Frames and pictures: how rows of plain values become what a notebook shows.

pandas is loaded when the first frame is made, never before.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any, TypeAlias

from matcher.show.figures import Drawn

if TYPE_CHECKING:
    from pandas import DataFrame, Series

Row: TypeAlias = Mapping[str, Any]

TEXT = "str"
DAY = "datetime64[s]"
WHOLE = "int64"
MAYBE_WHOLE = "Int64"
NUMBER = "float64"
YES_NO = "bool"
MAYBE_YES_NO = "boolean"


def frame(rows: Iterable[Row], columns: Mapping[str, str], index: Sequence[str] = ()) -> DataFrame:
    """Rows as a frame whose columns have these kinds, also where there is no row.

    A value that is None or missing is not known. The columns of `index` become the index.
    """
    import pandas

    listed = list(rows)
    made = pandas.DataFrame(
        {name: series((row.get(name) for row in listed), kind) for name, kind in columns.items()}
    )
    return made.set_index(list(index)) if index else made


def series(values: Iterable[Any], kind: str) -> Series:
    """Values as a series of one kind; None is not known."""
    import pandas

    if kind == DAY:
        values = (pandas.NaT if value is None else pandas.Timestamp(value) for value in values)
    return pandas.Series(list(values), dtype=kind)


class Shown(ABC):
    """What says in a line what it is, and in a notebook shows its chief frame below that line."""

    @abstractmethod
    def __repr__(self) -> str:
        """What this is, in a line."""

    @abstractmethod
    def _chief(self) -> DataFrame:
        """The frame that a notebook shows."""

    def _repr_html_(self) -> str:
        return f"<p>{escape(repr(self))}</p>{self._chief()._repr_html_()}"


class Picture(bytes):
    """A figure as PNG bytes, which a notebook shows as a picture; `alt` says what one sees."""

    name: str
    caption: str
    alt: str

    @classmethod
    def of(cls, drawn: Drawn) -> Picture:
        """The picture of a figure that was drawn."""
        made = cls(drawn.png)
        made.name, made.caption, made.alt = drawn.name, drawn.title, drawn.alt
        return made

    def __repr__(self) -> str:
        return f"Picture {self.name}: {'; '.join(self.caption.splitlines())}"

    def _repr_png_(self) -> bytes:
        return bytes(self)


def pictures(figures: Iterable[Drawn | None]) -> dict[str, Picture]:
    """The figures that there are, by name."""
    return {drawn.name: Picture.of(drawn) for drawn in figures if drawn is not None}
