"""What is usual: a value far outside it is asked about, never refused.

The figures are practice's, wide enough that a real round hardly meets them; no rule goes by them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from operator import attrgetter
from typing import Any

from matcher.errors import Fault, wrong_cell, wrong_setting
from matcher.words import count, long_date

_USUAL: dict[str, dict[str, tuple[float, float, str]]] = {  # the least, the most, of what
    "requests": {
        "parent_age": (12, 60, "years"),
        "second_parent_age": (12, 60, "years"),
        "babies": (1, 3, "babies"),
        "older_children": (0, 6, "children"),
        "expected_weeks": (1, 104, "weeks"),
        "min_miles": (0, 150, "miles"),
        "max_miles": (1, 500, "miles"),
        "review_every_weeks": (1, 52, "weeks"),
    },
    "households": {
        "bedrooms": (0, 8, "rooms"),
        "takes_older_children": (0, 6, "children"),
        "looked_after_children": (0, 5, "children"),
        "weekly_fee": (50, 3000, "pounds a week"),
    },
    "keep_apart": {"min_miles": (0, 150, "miles")},
}
_YEARS: dict[str, dict[str, tuple[int, int]]] = {  # at most so many years ago, and ahead
    "requests": {
        "received_on": (3, 1),
        "child_born_or_due_on": (5, 1),
        "looked_after_since": (18, 1),
        "parent_looked_after_since": (18, 1),
        "court_direction_until": (3, 2),
        "needed_from": (3, 1),
        "latest_start": (3, 2),
        "legal_advice_on": (3, 1),
        "head_of_service_on": (3, 1),
        "checks_requested_on": (3, 1),
        "court_on": (3, 2),
    },
    "households": {
        "arrangement_until": (3, 3),
        "available_from": (20, 2),
        "available_until": (20, 10),
        "reviewed_on": (20, 1),
    },
    "carers": {"pc_trained_on": (40, 1), "pc_assessed_on": (40, 1)},
    "risk_assessments": {
        "assessed_on": (5, 1),
        "child_social_worker_on": (5, 1),
        "supervising_social_worker_on": (5, 1),
        "safe_caring_on": (5, 1),
    },
    "decisions": {
        "decided_on": (5, 1),
        "until": (5, 3),
        "started_on": (5, 1),
        "ended_on": (5, 3),
    },
    "placements": {"started_on": (18, 1), "planned_end_on": (18, 3), "ended_on": (18, 3)},
    "events": {"on": (18, 3), "until": (18, 3)},
}
_RECORDED = ("received_on", "decided_on", "assessed_on", "started_on")
_LONG_QUIET = 92  # days between the newest record and the day of the round
_ASK = "Is that so? Mend it if it isn't."
Numbered = Sequence[tuple[int, Any]]


def unusual_numbers(table: str, rows: Numbered) -> Iterator[Fault]:
    """Numbers that are far from usual, one question a cell."""
    for column, (least, most, what) in _USUAL.get(table, {}).items():
        told = {}
        for found in _values(rows, column):
            if found is not None and not least <= found <= most:
                far = f"more than {most:,g}" if found > most else f"fewer than {least:g}"
                told[found] = f"{found:,g} {what} is unusual: {far}."
        yield from _asked(table, rows, column, told)


def unusual_days(table: str, rows: Numbered, as_of: date) -> Iterator[Fault]:
    """Days that are far from the day of the round, one question a cell."""
    for column, (ago, ahead) in _YEARS.get(table, {}).items():
        told = {}
        for day in _values(rows, column):
            years = (day - as_of).days / 365.25 if isinstance(day, date) else 0
            if not -ago <= years <= ahead:
                far = count(abs(years), "year")
                told[day] = f"It is {far} ahead." if years > 0 else f"It is {far} ago."
        yield from _asked(table, rows, column, told)


def _values(rows: Numbered, column: str) -> set[Any]:
    """The values of a column, each once: a table has many more rows than a column values."""
    value_of = attrgetter(column)
    return {value_of(row) for _, row in rows}


def _asked(table: str, rows: Numbered, column: str, told: dict[Any, str]) -> Iterator[Fault]:
    for number, row in rows if told else ():
        if (problem := told.get(getattr(row, column))) is not None:
            value = str(getattr(row, column))
            yield wrong_cell(table, number, column, value, problem, _ASK)


def quiet_round(rows: Iterable[Any], as_of: date, settings: str) -> Iterator[Fault]:
    """A day of the round long after everything that is recorded: it may be the wrong day."""
    days = [day for row in rows for name in _RECORDED if (day := getattr(row, name, None))]
    newest = max((day for day in days if day <= as_of), default=None)
    if newest is not None and (as_of - newest).days > _LONG_QUIET:
        problem = (
            f"The day of the round is {long_date(as_of)}; nothing is recorded after "
            f"{long_date(newest)}."
        )
        fix = "Is that the day meant? If not, write as_of, or give --as-of."
        yield wrong_setting(settings, "as_of", problem, fix)
