"""What a request record has to say, and what of it is still missing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from matcher.codes import RISK_AREAS
from matcher.intake.rows import Request
from matcher.words import label

Asks = Callable[[Request, date], bool]


def _always(request: Request, as_of: date) -> bool:
    return True


def _voluntary(request: Request, as_of: date) -> bool:
    return request.child_legal_status in ("not_looked_after", "s20")


ITEMS: tuple[tuple[str, str, Asks], ...] = (
    (
        "expected_weeks",
        "how long it is expected to last",
        lambda r, _: r.purpose == "assessment",  # support may be open-ended (PC-1b)
    ),
    ("ethnicity", "ethnicity", _always),
    ("religion", "religion", _always),
    ("languages", "languages", _always),
    ("english", "how much English the parent speaks", _always),
    ("home_postcode", "the area the family comes from", _always),
    ("engagement", "the parent's engagement", _always),
    ("fostering_concerns", "whether any of the eight circumstances applies", _always),
    ("parent_agrees", "whether the parent agrees", _voluntary),
    (
        "second_parent_agrees",
        "whether the second parent agrees",
        lambda r, as_of: r.second_parent_comes and _voluntary(r, as_of),
    ),
    (
        "others_agree",
        "whether everybody else with parental responsibility agrees",
        _voluntary,
    ),
    ("withhold_address", "whether the address is to be withheld", _always),
    (
        "pre_birth_assessment",
        "the pre-birth assessment",
        lambda r, as_of: r.child_born_or_due_on > as_of,
    ),
    (
        "court_directed",
        "whether the court directed the placement",
        lambda r, _: r.child_legal_status == "interim_care_order",
    ),
    (
        "court_on",
        "the day of the next hearing",
        lambda r, _: r.child_legal_status == "interim_care_order",
    ),
    (
        "placement_with_parents",
        "the placement with parents assessment",
        lambda r, as_of: r.placed_with_parents(as_of),
    ),
    (
        "second_parent_looked_after",
        "whether the second parent is looked after",
        lambda r, _: r.second_parent_comes and (r.second_parent_age or 0) < 18,
    ),
    *(
        (f"risk_{area}", f"the assessed risk of {label(area)}", _always)
        for area in RISK_AREAS
    ),
)  # fmt: skip


WORDS = {column: what for column, what, _ in ITEMS}


def blank_columns(request: Request, as_of: date) -> tuple[str, ...]:
    """The columns that the record of a request has to say and that are blank, in its order.

    Source: PC-3.3b.
    """
    return tuple(
        column
        for column, _, asks in ITEMS
        if getattr(request, column) is None and asks(request, as_of)
    )


def missing(request: Request, as_of: date) -> list[str]:
    """What the record of a request still has to say, in words, in the order of the form."""
    return [WORDS[column] for column in blank_columns(request, as_of)]
