"""Households and carers of a sample: those who take families are trained, and have the room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from matcher.codes import FEATURES, RISK_AREAS, SKILLS
from matcher.intake.rows import ASKED_ALONE
from matcher.synthetic.draws import (
    Draw,
    Mask,
    Places,
    Texts,
    Whole,
    days,
    listed,
    only,
    pick,
    setting,
    written,
    yes_no,
)
from matcher.synthetic.people import ENGLISH, gaps, people, second_languages
from matcher.synthetic.places import Area, Homes, authority_names, compass, household_homes


@dataclass(frozen=True)
class Register:
    """What the carers of a sample need to know of its households."""

    ids: Texts
    homes: Homes
    carers: Whole


def households(
    draw: Draw, ids: Texts, area: Area, as_of: date, requests: Texts
) -> tuple[dict[str, Texts], Register]:
    """The columns of the table of households, and what their carers are drawn from."""
    facts = draw.facts
    homes = household_homes(draw, area)
    provider = draw.choice("household.provider")
    if area.code is not None:
        # Another authority's carers live outside this one's area.
        inside = np.array([code in area.authorities for code in homes.authorities], bool)
        provider = np.where(inside & (provider == "other_authority"), "own", provider)
    facts["agency"] = provider == "agency"
    facts["other_authority"] = provider == "other_authority"
    facts["takes_families"] = draw.chance("household.trained")
    looked_after = draw.number("household.looked_after")
    facts["children_there"] = looked_after > 0
    carers = draw.number("carer.number")
    facts["one_carer"] = carers == 1
    rooms, rooms_known = draw.whole("household.bedrooms")
    fee = draw.number("household.fee") * setting("household.fee_step")
    team = _teams(draw, area, homes)
    unsaid = draw.chance("household.provider_blank") & (provider == "own")
    named = draw.uniform() < setting("place.authority_written")
    columns = {
        "household_id": ids,
        "status": draw.choice("household.status"),
        "postcode": homes.outcodes,
        "local_authority": only(named, homes.authorities),
        "accommodation_suitable": draw.choice("household.accommodation"),
        "bedrooms": only(rooms_known, written(rooms)),
        "takes_second_parent": draw.choice("household.takes_second_parent"),
        "takes_older_children": draw.choice("household.takes_older_children"),
        "looked_after_children": written(looked_after),
        **_dates(draw, as_of),
        "terms": draw.choice("household.terms"),
        "limit_exemption": _exemption(draw, requests),
        "provider": only(~unsaid, provider),
        **_features(draw),
        "risk_limits": _risk_limits(draw),
        "team": only(~draw.chance("household.team_blank"), team),
        "weekly_fee": only(~draw.chance("household.fee_blank"), written(fee)),
    }
    return columns, Register(ids, homes, carers)


def _dates(draw: Draw, as_of: date) -> dict[str, Texts]:
    running = draw.chance("household.arrangement")
    nobody_knows = draw.chance("household.arrangement_open")
    ends = days(as_of, draw.number("household.arrangement_in"))
    opens, opens_known = draw.whole("household.available_in")
    lasts, lasts_known = draw.whole("household.available_for")
    reviewed, reviewed_known = draw.whole("household.reviewed_before")
    return {
        "arrangement_until": only(running, np.where(nobody_knows, "open", ends)),
        "available_from": only(opens_known, days(as_of, opens)),
        "available_until": only(lasts_known, days(as_of, opens + lasts)),
        "reviewed_on": only(reviewed_known, days(as_of, -reviewed)),
    }


def _teams(draw: Draw, area: Area, homes: Homes) -> Texts:
    """Own carers by quarter of the authority, or by authority; the others by who supervises them."""
    names = np.array([authority_names()[code] for code in homes.authorities], object)
    own = compass(homes) if area.code is not None else names
    letters = np.array(
        [f"Agency {chr(ord('A') + at)}" for at in range(setting("household.agencies"))], object
    )
    agency = letters[pick(draw.uniform(), np.ones(len(letters)))]
    return np.where(
        draw.facts["agency"], agency, np.where(draw.facts["other_authority"], names, own)
    ).astype(object)


def _exemption(draw: Draw, requests: Texts) -> Texts:
    if not len(requests):
        return np.full(draw.size, "", object)
    named = requests[pick(draw.uniform(), np.ones(len(requests)))]
    return only(draw.chance("household.exemption"), named)


def _features(draw: Draw) -> dict[str, Texts]:
    """The list of features, and the columns of those that are asked alone: blank where it is."""
    features = {name: draw.chance(f"feature.{name}") for name in FEATURES}
    known = ~draw.chance("household.features_blank")
    alone = {column: only(known, yes_no(features[name])) for name, column in ASKED_ALONE.items()}
    return {**alone, "features": only(known, listed(features, "none"))}


def _risk_limits(draw: Draw) -> Texts:
    """The most that some households say they can manage, in a few areas."""
    how_many = draw.number("household.risk_limit_areas") * draw.chance("household.risk_limits")
    order = np.argsort(draw.generator.random((draw.size, len(RISK_AREAS))), axis=1)
    levels = [draw.choice("household.risk_limit") for _ in RISK_AREAS]
    return np.array(
        [
            ";".join(f"{RISK_AREAS[at]}:{levels[at][row]}" for at in sorted(order[row, :number]))
            for row, number in enumerate(how_many)
        ],
        object,
    )


def carers(draw: Draw, as_of: date, them: Register) -> dict[str, Texts]:
    """The columns of the table of carers, one row for each adult who fosters."""
    house = np.repeat(np.arange(draw.size), them.carers)
    place = np.arange(len(house)) - np.repeat(np.cumsum(them.carers) - them.carers, them.carers)
    each = Draw(draw.generator, len(house))
    first = place == 0
    each.facts["takes_families"] = draw.facts["takes_families"][house]
    trained = each.chance("carer.trained")
    with_first = trained[first][house] if len(house) else trained
    trained = np.where(first, trained, with_first & each.chance("carer.second_trained"))
    each.facts["trained"] = trained
    trained_on = -each.number("carer.trained_before")
    assessed_on = trained_on + each.number("carer.assessed_after")
    assessed = trained & each.chance("carer.assessed") & (assessed_on < 0)
    skills = {name: each.chance(f"skill.{name}") for name in SKILLS}
    return {
        "carer_id": them.ids[house] + "-" + written(place + 1),
        "household_id": them.ids[house],
        "approved": each.choice("carer.approved"),
        "pc_trained_on": only(trained, days(as_of, trained_on)),
        "pc_assessed_on": only(assessed, days(as_of, assessed_on)),
        **_origin(draw, each, them, house, first),
        "skills": listed(skills),
    }


def _origin(draw: Draw, each: Draw, them: Register, house: Places, first: Mask) -> dict[str, Texts]:
    """Ethnicity, religion and languages: mostly those of the household's first carer."""
    areas = them.homes.areas
    head, alone = people(draw, areas, "carers"), people(each, areas[house], "carers")
    alike = first | (each.uniform() < setting("people.carers_alike"))
    who = head.at(house).where(alike, alone)
    another = second_languages(each, areas[house], "carers", who)
    foreign = who.language != ENGLISH
    also = np.where(foreign, ENGLISH, another)
    languages = who.language + np.where(also == "", "", ";") + also
    supports = each.choice("carer.supported")
    other = each.chance("carer.supports_other_religion") & (supports != who.religion)
    return {
        **gaps(each, who, languages),
        "supports_religions": only(other, supports),
    }
