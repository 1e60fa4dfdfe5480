"""Requests of a sample: families whose needs, risks and circumstances go together."""

from __future__ import annotations

from datetime import date

import numpy as np

from matcher.codes import CONCERNS, NEEDS, RISK_AREAS
from matcher.intake.checks import ADULT
from matcher.synthetic.draws import (
    Draw,
    Mask,
    Texts,
    days,
    listed,
    names_in,
    only,
    setting,
    written,
    yes_no,
)
from matcher.synthetic.people import ENGLISH, gaps, people, second_languages
from matcher.synthetic.places import Area, beside, family_homes

SOON = 5  # days: needed later than this is not urgent, as the contract counts


def families(draw: Draw, ids: Texts, area: Area, as_of: date) -> dict[str, Texts]:
    """The columns of the table of requests."""
    columns = {
        "request_id": ids,
        "status": only(np.ones(draw.size, bool), "open"),
        **_parents(draw),
        **_times(draw, as_of),
        **_plan(draw, as_of),
        **_origin(draw, area),
        **_risks(draw),
    }
    return {**columns, **_agreements(draw, as_of, columns["child_legal_status"])}


def _parents(draw: Draw) -> dict[str, Texts]:
    facts = draw.facts
    facts["support"] = draw.chance("request.support")
    looked_after = facts["looked_after_parent"] = draw.chance("request.parent_looked_after")
    age = draw.number("request.parent_age")
    facts["under_20"] = age < 20
    facts["twenty_five_up"] = age >= 25
    second = draw.chance("request.second_parent")
    second_age = age + draw.number("request.second_parent_older")
    second_age = np.maximum(second_age, setting("request.second_parent_least_age"))
    asked = draw.choice("request.second_parent_under_18")
    older = draw.number("request.older_children")
    facts["older_child"] = older > 0
    return {
        "purpose": np.where(facts["support"], "support", "assessment").astype(object),
        "parent_age": written(age),
        "second_parent_age": only(second, written(second_age)),
        "second_parent_looked_after": only(second, np.where(second_age < ADULT, asked, "no")),
        "parent_looked_after": yes_no(looked_after),
        "older_children": only(older > 0, written(older)),
    }


def _times(draw: Draw, as_of: date) -> dict[str, Texts]:
    facts = draw.facts
    needed = draw.number("request.needed_in")
    facts["urgent"], facts["needed_later"] = needed <= SOON, needed > SOON
    unborn = facts["unborn"] = draw.chance("request.unborn")
    due = np.maximum(needed - draw.number("request.from_birth_to_need"), 1)
    # A family that is needed for days already has its baby since then at least.
    born = -draw.number("request.baby_age") + np.minimum(needed, 0)
    facts["old_baby"] = -born >= setting("request.old_baby_from")
    received = -draw.number("request.received_before") + np.minimum(needed, 0)
    later, said = draw.whole("request.latest_start")
    babies = draw.number("request.babies")
    weeks, known = draw.whole("request.weeks")
    return {
        "received_on": days(as_of, received),
        "child_born_or_due_on": days(as_of, np.where(unborn, due, born)),
        "babies": only(babies > 1, written(babies)),
        "needed_from": days(as_of, needed),
        "latest_start": only(said, days(as_of, needed + later)),
        "expected_weeks": only(known, written(weeks)),
    }


def _plan(draw: Draw, as_of: date) -> dict[str, Texts]:
    status = draw.choice("request.legal_status")
    interim = draw.facts["interim_order"] = status == "interim_care_order"
    draw.facts["care_order"] = status == "care_order"
    directed = draw.choice("request.court_directed")
    hearing, known = draw.whole("request.court_in")
    return {
        "child_legal_status": status,
        "court_directed": directed,
        "court_on": only(interim & known, days(as_of, hearing)),
    }


def _origin(draw: Draw, area: Area) -> dict[str, Texts]:
    homes = family_homes(draw, area)
    who = people(draw, homes.areas, "families")
    another = second_languages(draw, homes.areas, "families", who)
    english = draw.choice("people.english")
    foreign = who.language != ENGLISH
    english = np.where(foreign, english, "fluent").astype(object)
    draw.facts["no_english"] = english == "none"
    # The best language first; English where it is fluent, or what else the parent speaks.
    also = np.where(foreign, only(english == "fluent", ENGLISH), another)
    languages = only(np.ones(draw.size, bool), who.language + np.where(also == "", "", ";") + also)
    needs = {need: _need(draw, need) for need in names_in("need")}
    found = gaps(draw, who, languages)
    settled = ~draw.chance("request.home_blank")
    return {
        **found,
        "english": only(found["languages"] != "", english),
        "home_postcode": only(settled, homes.outcodes),
        **_distances(draw, homes.outcodes, settled),
        "needs": listed({need: needs[need] for need in NEEDS}),
        **_wishes(draw, who.language),
    }


def _wishes(draw: Draw, language: Texts) -> dict[str, Texts]:
    speaks = only(draw.chance("request.needs_language"), "language:" + language)
    has = listed(
        {
            "step_free": draw.chance("request.needs_step_free"),
            "female_only": draw.chance("request.needs_female_only"),
        }
    )
    between = only((speaks != "") & (has != ""), ";")
    avoided = {name: draw.chance(f"request.avoids_{name}") for name in ("dog", "cat")}
    return {"must_have": speaks + between + has, "must_avoid": listed(avoided)}


def _need(draw: Draw, need: str) -> Mask:
    found = draw.facts[need] = draw.chance(f"need.{need}")
    return found


def _distances(draw: Draw, home: Texts, settled: Mask) -> dict[str, Texts]:
    away = draw.chance("request.keep_away") & settled
    least = draw.chance("request.min_miles") & settled & ~away
    most = draw.chance("request.max_miles") & settled & ~away & ~least
    neighbour = beside(home)
    near = draw.uniform() < setting("request.school_near")
    school = np.where(near, home, neighbour)
    return {
        "school_postcode": only(draw.chance("request.school"), school),
        "keep_away": only(away, home + ";" + neighbour),
        "min_miles": only(least, draw.choice("request.min_miles_of")),
        "max_miles": only(most, draw.choice("request.max_miles_of")),
    }


def _risks(draw: Draw) -> dict[str, Texts]:
    facts = draw.facts
    nobody = draw.chance("request.risks_not_assessed")
    levels = {}
    facts["worst_high"] = np.zeros(draw.size, bool)
    for area in RISK_AREAS:
        level = draw.choice(f"risk.{area}")
        facts[f"{area}_high"] = level == "high"
        facts["worst_high"] |= level == "high"
        missing = nobody | (draw.uniform() < setting("request.risk_not_assessed"))
        levels[f"risk_{area}"] = only(~missing, level)
    concerns = {name: draw.chance(f"concern.{name}") for name in CONCERNS}
    facts["concern"] = np.any(list(concerns.values()), axis=0)
    # Whoever assessed the risks has considered whether fostering suits.
    considered = ~nobody | facts["concern"]
    return {**levels, "fostering_concerns": only(considered, listed(concerns, "none"))}


ANSWERS = {
    "not_looked_after": "section_17",
    "s20": "section_20",
    "interim_care_order": "placement_with_parents_does_not_apply",
    "care_order": "placement_with_parents_applies",
}


def _answers(status: Texts) -> Texts:
    """What the lawyers said of a child of each legal status."""
    return np.array([ANSWERS[each] for each in status], object)


def _agreements(draw: Draw, as_of: date, legal_status: Texts) -> dict[str, Texts]:
    facts = draw.facts

    def signed(rows: Mask) -> Texts:
        return only(rows, days(as_of, -draw.number("pair.signed_before")))

    advice = ~(facts["support"] & facts["looked_after_parent"]) | facts["interim_order"]
    advised = draw.chance("request.legal_advice") & advice
    agreed = draw.chance("request.head_of_service") & facts["care_order"]
    columns = {
        "resource_team_decision": draw.choice("request.resource_team"),
        "engagement": draw.choice("request.engagement"),
        "parent_agrees": draw.choice("request.parent_agrees"),
    }
    before_birth = draw.choice("request.pre_birth")
    still = facts["unborn"] | ~np.isin(before_birth, ["booked", "not_done"])
    return {
        **columns,
        "pre_birth_assessment": np.where(still, before_birth, "done").astype(object),
        "legal_advice": only(advised, _answers(legal_status)),
        "legal_advice_on": signed(advised),
        "head_of_service_on": signed(agreed),
        "checks_requested_on": signed(draw.chance("request.checks_requested")),
        "placement_with_parents": only(facts["care_order"], draw.choice("request.with_parents")),
        "withhold_address": draw.choice("request.withhold"),
    }
