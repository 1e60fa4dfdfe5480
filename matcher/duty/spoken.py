"""What people say at a desk at night, as columns and values of a request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from matcher.intake.files import folded

# Said for a column; what two columns could mean is left to be asked.
COLUMNS = {
    "age": "parent_age",
    "looked_after": "parent_looked_after",
    "postcode": "home_postcode",
    "home": "home_postcode",
    "school": "school_postcode",
    "language": "languages",
    "legal_status": "child_legal_status",
    "order": "child_legal_status",
    "born": "child_born_or_due_on",
    "due": "child_born_or_due_on",
    "baby_born": "child_born_or_due_on",
    "baby_due": "child_born_or_due_on",
    "needed": "needed_from",
    "from": "needed_from",
    "weeks": "expected_weeks",
    "faith": "religion",
}
DAYS = {"yesterday": -1, "today": 0, "tonight": 0, "now": 0, "tomorrow": 1}
DATED = "_on", "_from", "_start", "_until", "_since"  # how the name of a column with a day ends


def spoken(said: Iterable[str], as_of: date) -> Iterator[str]:
    """Each 'column=value' as said, with the column's own name, and a day for tonight and the like."""
    by_name = {folded(name): column for name, column in COLUMNS.items()}
    for each in said:
        key, equals, value = each.partition("=")
        column = by_name.get(folded(key), key.strip())
        days = DAYS.get(value.strip().casefold()) if column.endswith(DATED) else None
        if days is not None:
            value = (as_of + timedelta(days)).isoformat()
        yield f"{column}{equals}{value}" if equals else each
