"""Where a condition of a council's own rules holds for a block of pairs, and where that is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matcher.codes import PURPOSES
from matcher.intake.rows import Household
from matcher.model import Mask, Numbers, Written, months_before
from matcher.policy.conditions import (
    CARERS,
    LIST,
    ORDER,
    PAIRS,
    REQUESTS,
    TEXT,
    Condition,
    Source,
)
from matcher.policy.pairs import Pairs

Answer: TypeAlias = tuple[Mask, Mask]  # where it is met, and where that is known


def ask(of: Condition, x: Pairs) -> Answer:
    """Where a condition is met and where that is known, in shapes that broadcast.

    Of the household alone it is worked out once for all of a round.
    """
    if not of.of_household:
        return _ask(of, x)
    met, known = x.once(f"condition {of.text}", lambda x: np.stack(_ask(of, x)))
    return met, known


def _ask(of: Condition, x: Pairs) -> Answer:
    if of.source.table == PAIRS:
        if of.source.name == "school_miles":
            return _compared(of, x.school_miles, x)
        met, known = _compared(of, x.outcode_miles, x)
        return x.from_outcodes(met), x.from_outcodes(known)
    if of.source.table == CARERS:
        return _some_carer(of, x)
    if of.source.name == "approved_carers":
        return _approved_carers(of, x)
    return _of_rows(of, _rows(of.source, x), x)


def _rows(source: Source, x: Pairs) -> Written:
    rows: Written = x.r.as_written if source.table == REQUESTS else x.h.as_written
    return rows


def _of_rows(of: Condition, rows: Written, x: Pairs) -> Answer:
    if of.source.kind == LIST:
        held = [_holds(row, of.source, of.values) for row in rows.ravel().tolist()]
        met = np.array([each is True for each in held], bool).reshape(rows.shape)
        known = np.array([each is not None for each in held], bool).reshape(rows.shape)
        return met, known
    return _compared(of, of.source.values(rows), x)


def _compared(of: Condition, left: NDArray[Any], x: Pairs) -> Answer:
    if of.source.kind == TEXT:
        return np.isin(left, np.array(of.values, np.str_)), left != ""
    right = _right(of, x)
    met: Mask = ORDER[of.op](left, right)
    return met, ~np.isnan(left) & ~np.isnan(right)


def _right(of: Condition, x: Pairs) -> Numbers:
    if of.anchor is not None:
        day: Numbers = of.anchor.values(_rows(of.anchor, x)) + of.days
        return day
    if of.from_as_of:
        day_of = months_before(x.as_of, -of.months) if of.months else x.as_of
        return np.array(day_of + of.days)
    return np.array(float(of.values[0]))


def _some_carer(of: Condition, x: Pairs) -> Answer:
    """Whether some approved carer of each household meets it, each condition by itself."""
    carers = x.columns.carers
    met, known = _of_rows(of, carers.as_written, x)
    has = x.some_carer(carers.approved & met)
    asks = x.some_carer(_maybe_approved(x) | (carers.approved & ~known))
    return has, has | (_some_are_named(x) & ~asks)


def _approved_carers(of: Condition, x: Pairs) -> Answer:
    """The number of approved carers; not known where more of them may be approved, and that decides."""
    carers = x.columns.carers
    maybe = carers.household[_maybe_approved(x)]
    more = np.bincount(maybe, minlength=len(x.columns.household_ids))[x.household_rows]
    met, _ = _compared(of, x.h.approved_carers, x)
    could, _ = _compared(of, x.h.approved_carers + more, x)
    some = _some_are_named(x)
    return met & could & some, (met == could) & some


def _maybe_approved(x: Pairs) -> Mask:
    """The carers of whom nobody has said whether they are approved."""
    return np.array([row.approved is None for row in x.columns.carers.as_written.tolist()], bool)


def _some_are_named(x: Pairs) -> Mask:
    """The households of which the tables name some carer."""
    return x.some_carer(np.ones(len(x.columns.carers.household), bool))


def _holds(row: Any, source: Source, items: Sequence[str | float]) -> bool | None:
    """Whether a list holds an item; None where that is not known."""
    (item,) = items
    if isinstance(row, Household) and source.name == "features":
        return row.has(str(item))
    held = getattr(row, source.name)
    if held is None:
        return None
    if isinstance(row, Household) and source.name == "terms" and not held:
        held = PURPOSES  # a blank is both
    return item in held
