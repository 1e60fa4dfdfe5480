"""What people fill in in a round's workbook, and the keys by which a row is known again."""

from __future__ import annotations

from collections.abc import Callable

from matcher import codes
from matcher.show.table import Cell, Column, Kind, to_fill_in
from matcher.words import label

REQUEST, HOUSEHOLD = "Request", "Household"
DUTY = Column(
    "Duty", Kind.KEY, missing="", about="By this the tick is taken back: leave it as it is."
)
DONE, DONE_BY, NOTE = "Done", "Done by", "Note"
DECISION, REASON, DECIDED_BY = "Decision", "Reason", "Decided by"
DECIDED_ON, MOVED_IN = "Decided on", "Moves in on"

TICKS = (
    to_fill_in(
        DONE,
        "x where it is done today, or the day: 4/12/2026; planned 4/12/2026; or accepted until "
        "4/12/2026, by a role that may accept it. matcher enter takes it into the tables.",
    ),
    to_fill_in(DONE_BY, "The role of who did or accepted it, never a name."),
    to_fill_in(NOTE, "Free text; no names, no addresses."),
)
DECISIONS = (
    to_fill_in(
        DECISION,
        "What people decided of this family and the household of this row. To choose another, write "
        "its id under Household, or use the sheet Ranked. matcher enter takes it into the tables.",
        tuple(map(label, codes.DECISIONS)),
    ),
    to_fill_in(REASON, "Of a no: why.", tuple(map(label, codes.REASONS))),
    to_fill_in(DECIDED_BY, "The role of who decided, never a name."),
    to_fill_in(DECIDED_ON, "Blank is the day on which it is entered."),
    to_fill_in(MOVED_IN, "Of a confirmed match: the day on which the family moves in."),
    to_fill_in(NOTE, "Free text; no names, no addresses."),
)


def blank(columns: tuple[Column, ...]) -> dict[str | Column, Callable[[object], Cell]]:
    """Columns that people fill in, for a table of items."""
    return dict.fromkeys(columns, _blank)


def _blank(of: object) -> Cell:
    return None
