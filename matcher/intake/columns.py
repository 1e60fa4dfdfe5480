"""Turn clean rows into the columns of a round."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, TypeAlias, get_type_hints

import numpy as np

from matcher.codes import (
    BEFORE_FOSTERING,
    CONCERNS,
    ETHNICITIES,
    FEATURES,
    LEGAL_ADVICE,
    RELATIONSHIPS,
    RELIGIONS,
    RISK_AREAS,
    RISK_LEVELS,
    SKILLS,
)
from matcher.geo import outcodes
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Carer, Household, Request, Row
from matcher.model import (
    NOT_KNOWN,
    Carers,
    Columns,
    Frame,
    Households,
    Indices,
    Known,
    Mask,
    Numbers,
    Requests,
    Texts,
    Written,
    day_number,
)
from matcher.model import bits as bits_of

WithPlace: TypeAlias = Sequence[tuple[int, Carer]]  # a carer with the place of its household

_YES_NO: dict[object, str] = {True: "yes", False: "no", None: ""}


def columns(inputs: Inputs, before: tuple[Inputs, Columns] | None = None) -> Columns:
    """The columns of a round, requests and households in order of their ids.

    `before` is another input with its columns: those of a household whose rows are the same, its carers'
    too, are not made again.
    """
    spoken = {lang for r in inputs.requests for lang in _languages_asked(r)}
    languages = tuple(sorted(spoken))
    places = tuple(sorted({household.postcode for household in inputs.households}))
    if before is not None and before[1].outcodes == places:
        homes, carers = _made_again(inputs, languages, *before)
    else:
        homes, carers = _made(inputs.households, inputs.carers, languages, places)
    request_ids = tuple(r.request_id for r in inputs.requests)
    household_ids = tuple(h.household_id for h in inputs.households)
    request_at = {name: at for at, name in enumerate(request_ids)}
    household_at = {name: at for at, name in enumerate(household_ids)}

    def known(pairs: Iterable[tuple[str, str, float]]) -> Known:
        listed = sorted(
            (request_at[r], household_at[h], value) for r, h, value in pairs if r in request_at
        )
        return Known(
            np.array([r for r, _, _ in listed], np.intp),
            np.array([h for _, h, _ in listed], np.intp),
            np.array([value for *_, value in listed], float),
        )

    own = [
        (name, household, 1.0)
        for household, what in inputs.occupancy.items()
        for name in dict.fromkeys(stay.request_id for stay in what.stays)
        if name is not None
    ]
    kinds = tuple(RELATIONSHIPS)
    eastings, northings = _grid(places)
    return Columns(
        as_of=day_number(inputs.as_of),
        request_ids=request_ids,
        household_ids=household_ids,
        languages=languages,
        outcodes=places,
        outcode_eastings=eastings,
        outcode_northings=northings,
        requests=_requests(inputs, languages, places),
        households=replace(homes, row=np.arange(len(household_ids)), **_occupied(inputs)),
        carers=carers,
        relationship=known(
            (r, h, 1.0 + kinds.index(kind)) for (r, h), kind in inputs.relationships.items()
        ),
        own_carer=known(
            (r, h, 1.0)
            for (r, h), kind in inputs.relationships.items()
            if kind == "current_carer"
            and r in request_at
            and inputs.requests[request_at[r]].a_parent_is_looked_after
        ),
        own_home=known(
            (r, h, -np.inf if day is None else day_number(day))
            for (r, h), day in inputs.own_homes.items()
        ),
        own_placement=known(own),
        own_until=known((r, h, inputs.occupancy[h].ends_for(r, inputs.as_of)) for r, h, _ in own),
        known_to_family=known((r, h, 1.0) for r, h in inputs.known_to_family),
        ended_before=known((r, h, 1.0) for r, h in inputs.pairs_ended_early),
        risk_too_high=known((r, h, 1.0) for r, h in inputs.pairs_too_high),
        ruled_out=known((r, h, 1.0) for r, h in inputs.pairs_ruled_out),
        limit_exemption=known(
            (request, household.household_id, 1.0)
            for household in inputs.households
            for request in household.limit_exemption
        ),
    )


def _languages_asked(request: Request) -> list[str]:
    return [
        *(request.languages or ()),
        *(item.partition(":")[2] for item in request.must_have if ":" in item),
    ]


def _as_written(rows: Sequence[Row]) -> Written:
    made: Written = np.empty(len(rows), object)
    made[:] = rows
    return made


def _numbers(values: Iterable[float | date | None]) -> Any:
    numbers = [value.toordinal() if isinstance(value, date) else value for value in values]
    return np.array(numbers, float)  # None is NaN there


def _texts(values: Iterable[str | bool | None]) -> Any:
    return np.array([_YES_NO.get(value, value) for value in values], np.str_)


def _yes(values: Iterable[bool | None]) -> Mask:
    return np.array([value is True for value in values], bool)


_READERS: dict[Any, Callable[[Iterable[Any]], Any]] = {Numbers: _numbers, Texts: _texts, Mask: _yes}
_KINDS: dict[type[Frame], dict[str, Any]] = {
    frame: get_type_hints(frame) for frame in (Requests, Households)
}  # of the arrays of each frame, by their names: to work them out takes longer than a small round


def _as_they_stand(
    frame: type[Frame], rows: Sequence[Row], worked_out: Mapping[str, object]
) -> dict[str, Any]:
    """The arrays of a frame that aren't worked out: each the table's column of that name."""
    return {
        name: _READERS[kind](getattr(row, name) for row in rows)
        for name, kind in _KINDS[frame].items()
        if name not in worked_out
    }


def _bits(sets: Iterable[Iterable[str]], codes: tuple[str, ...]) -> Any:
    found: dict[Iterable[str], int] = {}
    for items in (sets := [tuple(each) for each in sets]):
        if items not in found:
            found[items] = bits_of(items, codes)
    return np.array([found[items] for items in sets], np.uint64)


def _places(values: Iterable[str | None], codes: tuple[str, ...]) -> Indices:
    """The place of each code in its list; one past the end where it is not known."""
    place: dict[str | None, int] = {code: at for at, code in enumerate(codes)}
    place[None] = len(codes)
    return np.array([place[value] for value in values], np.intp)


def _members(sets: Sequence[Iterable[str]], codes: tuple[str, ...]) -> Mask:
    place = {code: at for at, code in enumerate(codes)}
    found = np.zeros((len(sets), len(codes)), bool)
    for row, items in enumerate(sets):
        for item in items:
            if item in place:
                found[row, place[item]] = True
    return found


def _grid(codes: Iterable[str | None]) -> tuple[Any, Any]:
    table = outcodes()
    found = [None if code is None else table[code] for code in codes]
    easting = _numbers(None if place is None else place.easting for place in found)
    return easting, _numbers(None if place is None else place.northing for place in found)


def _requests(inputs: Inputs, languages: tuple[str, ...], places: tuple[str, ...]) -> Requests:
    rows, as_of = inputs.requests, inputs.as_of
    own_carers = {pair[0] for pair, kind in inputs.relationships.items() if kind == "current_carer"}

    def each(read: Callable[[Request], Any]) -> list[Any]:
        return [read(row) for row in rows]

    def flags(read: Callable[[Request], bool]) -> Mask:
        return np.array(each(read), bool)

    easting, northing = _grid(r.home_postcode for r in rows)
    school_easting, school_northing = _grid(r.school_postcode for r in rows)
    level = {name: float(at) for at, name in enumerate(RISK_LEVELS)}
    asked = [[i.partition(":")[2] for i in r.must_have if ":" in i] for r in rows]
    best = _places((r.languages[0] if r.languages else None for r in rows), languages)
    worked_out = {
        "as_written": _as_written(rows),
        "second_parent_age": _numbers(r.second_parent_age for r in rows),
        "second_parent_looked_after": flags(
            lambda r: r.second_parent_comes and r.second_parent_looked_after is True
        ),
        "born_on": _numbers(r.child_born_or_due_on for r in rows),
        "ethnicity": _places((r.ethnicity for r in rows), ETHNICITIES),
        "religion": _places((r.religion for r in rows), RELIGIONS),
        "best_language": best,
        "other_languages": _members([(r.languages or ())[1:] for r in rows], languages),
        "languages_known": flags(lambda r: bool(r.languages)),
        "easting": easting,
        "northing": northing,
        "school_easting": school_easting,
        "school_northing": school_northing,
        "keeps_away": flags(lambda r: bool(r.keep_away)),
        "keep_away": _members([r.keep_away for r in rows], places),
        "needs": _bits((r.needs for r in rows), SKILLS),
        "must_have_skills": _bits((r.must_have for r in rows), SKILLS),
        "must_have_features": _bits((r.must_have for r in rows), FEATURES),
        "must_have_languages": _members(asked, languages),
        "must_avoid": _bits((r.must_avoid for r in rows), FEATURES),
        "risks": np.array(
            [[level.get(risk or "", NOT_KNOWN) for risk in r.risks.values()] for r in rows], float
        ).reshape(len(rows), len(RISK_AREAS)),
        "concerns": _bits((r.fostering_concerns or () for r in rows), CONCERNS),
        "concerns_considered": flags(lambda r: r.fostering_concerns is not None),
        "provisional": _bits(
            (inputs.provisional.get(r.request_id, ()) for r in rows), BEFORE_FOSTERING
        ),
        "direction_runs": flags(lambda r: r.direction_runs(as_of)),
        "placed_with_parents": flags(lambda r: r.placed_with_parents(as_of)),
        "legal_advice": _bits((r.legal_advice for r in rows), LEGAL_ADVICE),
        "current_carer": flags(lambda r: r.request_id in own_carers),
        "stays_put": flags(lambda r: r.request_id in inputs.stays_put),
    }
    return Requests(**_as_they_stand(Requests, rows, worked_out), **worked_out)


def _occupied(inputs: Inputs) -> dict[str, Any]:
    """Where somebody lives, or lived and the home may not be free again, and until when."""
    homes = [inputs.occupancy.get(household.household_id) for household in inputs.households]
    until = (None if what is None else what.ends_for(None, inputs.as_of) for what in homes)
    return {
        "occupied": np.array([what is not None for what in homes], bool),
        "occupied_until": _numbers(until),
    }


def _made_again(
    inputs: Inputs, languages: tuple[str, ...], earlier: Inputs, before: Columns
) -> tuple[Households, Carers]:
    """What `_made` makes of all households, made only of those whose rows are others than before."""
    rows, old = inputs.households, len(earlier.households)
    was, same = _as_before(inputs, earlier)
    homes, carers = before.households, before.carers
    if len(rows) != old or not same.all():
        some = [rows[at] for at in np.flatnonzero(~same)]
        new_homes, new_carers = _made(some, inputs.carers, before.languages, before.outcodes)
        was[~same] = old + np.arange(len(some))
        homes = homes.joined(new_homes, was)
        of = np.concatenate([carers.household, old + new_carers.household])
        starts = np.searchsorted(of, np.arange(old + len(some) + 1))
        many = np.diff(starts)[was]
        first = starts[was] - np.cumsum(many) + many
        carers = carers.joined(new_carers, np.repeat(first, many) + np.arange(many.sum()))
        carers = replace(carers, household=np.repeat(np.arange(len(rows)), many))
    if languages != before.languages:
        of_all = _of_households(rows, inputs.carers)
        homes = replace(homes, speaks=_speaks(_approved(of_all), languages, len(rows)))
    return homes, carers


def _as_before(inputs: Inputs, earlier: Inputs) -> tuple[Indices, Mask]:
    """The place of each household in an earlier input, and whether its rows are the same there."""
    place = {household.household_id: at for at, household in enumerate(earlier.households)}
    was = np.zeros(len(inputs.households), np.intp)
    same = np.zeros(len(inputs.households), bool)
    for at, household in enumerate(inputs.households):
        name = household.household_id
        then = place.get(name)
        if then is not None and earlier.households[then] is household:
            was[at] = then
            same[at] = inputs.carers.get(name, ()) is earlier.carers.get(name, ())
    return was, same


def _risk_limits(rows: Sequence[Household]) -> Any:
    """The limit of each household in each area, NaN where it gives none."""
    found = np.full((len(rows), len(RISK_AREAS)), NOT_KNOWN)
    for row, household in enumerate(rows):
        for area, level in household.risk_limits:
            found[row, RISK_AREAS.index(area)] = RISK_LEVELS.index(level)
    return found


def _made(
    rows: Sequence[Household],
    carers_of: Mapping[str, tuple[Carer, ...]],
    languages: tuple[str, ...],
    places: tuple[str, ...],
) -> tuple[Households, Carers]:
    """The columns of some households and of their carers, of their own rows alone.

    As if nobody lived there.
    """
    carers = _of_households(rows, carers_of)
    approved = _approved(carers)
    of = np.array([place for place, _ in approved], np.intp)
    says_which = np.array([bool(carer.languages) for _, carer in approved], bool)
    easting, northing = _grid(h.postcode for h in rows)
    worked_out = {
        "as_written": _as_written(rows),
        "row": np.arange(len(rows)),
        "outcode": _places((h.postcode for h in rows), places),
        "easting": easting,
        "northing": northing,
        "terms_assessment": np.array([not h.terms or "assessment" in h.terms for h in rows], bool),
        "terms_support": np.array([not h.terms or "support" in h.terms for h in rows], bool),
        "features": _bits(((f for f in FEATURES if h.has(f)) for h in rows), FEATURES),
        "features_known": _bits(
            ((f for f in FEATURES if h.has(f) is not None) for h in rows), FEATURES
        ),
        "risk_limits": _risk_limits(rows),
        "approved_carers": np.bincount(of, minlength=len(rows)).astype(float),
        "skills": _between_them(
            approved, _bits((c.skills for _, c in approved), SKILLS), np.bitwise_or, len(rows)
        ),
        "languages_known": _between_them(approved, says_which, np.logical_or, len(rows)),
        "speaks": _speaks(approved, languages, len(rows)),
        "occupied": np.zeros(len(rows), bool),
        "occupied_until": np.full(len(rows), NOT_KNOWN),
    }
    homes = Households(**_as_they_stand(Households, rows, worked_out), **worked_out)
    return homes, _carers(carers)


def _of_households(
    rows: Sequence[Household], carers_of: Mapping[str, tuple[Carer, ...]]
) -> list[tuple[int, Carer]]:
    """The carers of some households, each with the place of its household among them."""
    return [
        (place, carer)
        for place, household in enumerate(rows)
        for carer in carers_of.get(household.household_id, ())
    ]


def _approved(carers: WithPlace) -> list[tuple[int, Carer]]:
    return [(place, carer) for place, carer in carers if carer.approved is True]


def _speaks(approved: WithPlace, languages: tuple[str, ...], households: int) -> Any:
    """Which languages the approved carers of each household speak, (households, languages)."""
    spoken = _members([c.languages or () for _, c in approved], languages)
    return _between_them(approved, spoken, np.logical_or, households)


def _between_them(approved: WithPlace, held: Any, join: np.ufunc, households: int) -> Any:
    """What the approved carers of each household have between them: (households, …)."""
    found = np.zeros((households, *held.shape[1:]), held.dtype)
    if approved:
        homes, starts = np.unique([place for place, _ in approved], return_index=True)
        found[homes] = join.reduceat(held, starts)
    return found


def _carers(rows: WithPlace) -> Carers:
    return Carers(
        as_written=_as_written([carer for _, carer in rows]),
        household=np.array([place for place, _ in rows], np.intp),
        approved=np.array([c.approved is True for _, c in rows], bool),
        trained_on=_numbers(c.pc_trained_on for _, c in rows),
        assessed_on=_numbers(c.pc_assessed_on for _, c in rows),
        ethnicity=_places((c.ethnicity for _, c in rows), ETHNICITIES),
        religion=_places((c.religion for _, c in rows), RELIGIONS),
        supports_religions=_members([c.supports_religions for _, c in rows], RELIGIONS),
    )
