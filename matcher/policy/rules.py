"""The hard rules, in the order of the contract: a pair that fails one is not eligible.

A rule states what must hold. What is not known is NaN or '', which meets nothing, so what is not
known of a household never passes. To add one, see CONTRIBUTING.md.
"""

from __future__ import annotations

import numpy as np

from matcher.codes import FEATURES, RISK_AREAS, RISK_LEVELS, SKILLS
from matcher.model import MONTHS_PER_YEAR, Mask, bits, has_all, has_any, months_before, says
from matcher.policy.case import Case
from matcher.policy.forms import NotKnown, Rule, rule
from matcher.policy.pairs import Pairs
from matcher.shipped import language_names
from matcher.words import and_list, coded, count, label, long_date, upper_first

PANEL = "fostering panel"
ASSESSOR = ("monitoring_and_recording", "parenting_advice")


@rule(
    "PC-5.1",
    lack="not approved",
    fix="Approve the household as a fostering household.",
    who=PANEL,
    household_alone=True,
)
def approved(x: Pairs) -> Mask:
    """The household is approved."""
    return says(x.h.status, "approved")


@approved.because
def _(case: Case) -> str:
    status = {"assessing": "still being assessed", "suspended": "suspended", "ended": "closed"}
    return f"The household is {status[case.household.status]}."


def _trained(x: Pairs) -> Mask:
    """The carers, approved, whose training has happened and still counts."""
    carers = x.columns.carers
    done = carers.approved & (carers.trained_on <= x.as_of)
    months = x.policy.values["training_valid_months"]
    if x.policy.is_off("training_valid_months"):
        return done
    return done & (carers.trained_on >= months_before(x.as_of, float(months)))


@rule(
    "PC-5.1a",
    lack="not trained for parent and child",
    fix="Train an approved carer for parent and child.",
    who="supervising social worker, with the training team",
    household_alone=True,
)
def trained(x: Pairs) -> Mask:
    """An approved carer is trained for parent and child."""
    return x.some_carer(_trained(x))


def _maybe_approved(case: Case) -> int:
    """How many carers there may be approved: nobody has said."""
    everyone = case.inputs.carers.get(case.household.household_id, ())
    return sum(carer.approved is None for carer in everyone)


def _nobody_approved(case: Case) -> str:
    if not case.inputs.carers.get(case.household.household_id):
        return NotKnown("It is not known who the carers there are.")
    if _maybe_approved(case):
        return NotKnown("It is not known whether any carer there is approved.")
    return "No carer there is approved."


@trained.because
def _(case: Case) -> str:
    if not case.carers:
        return _nobody_approved(case)
    as_of = case.inputs.as_of
    days = [carer.pc_trained_on for carer in case.carers if carer.pc_trained_on]
    if coming := [day for day in days if day > as_of]:
        return f"No carer is trained for parent and child until {long_date(min(coming))}."
    if any(carer.pc_trained_on is None for carer in case.carers):
        asked = "It is not known whether a carer is trained for parent and child."
        return NotKnown(asked, "If not, train one.")
    return f"Training for parent and child was last on {long_date(max(days))} and has run out."


@rule(
    "PC-5.1a",
    lack="not assessed for parent and child",
    fix="Assess a trained carer for parent and child.",
    household_alone=True,
)
def assessed(x: Pairs) -> Mask:
    """A carer who is trained for parent and child is assessed for it too."""
    return x.some_carer(_trained(x) & (x.columns.carers.assessed_on <= x.as_of))


@assessed.because
def _(case: Case) -> str:
    if not case.carers:
        return _nobody_approved(case)
    as_of = case.inputs.as_of
    ready = [c for c in case.carers if c.pc_trained_on and c.pc_trained_on <= as_of]
    days = [carer.pc_assessed_on for carer in ready or case.carers]
    if ready and (coming := [day for day in days if day and day > as_of]):
        return f"No trained carer is assessed for parent and child until {long_date(min(coming))}."
    if None in days and not any(day and day <= as_of for day in days):
        asked = "It is not known whether a trained carer is assessed for parent and child."
        return NotKnown(asked, "If not, assess one.")
    return "The carers who are assessed for parent and child are not trained for it today."


@rule(
    "PC-5.1b",
    lack="in a home not known to be suitable",
    fix="Make the home suitable for parent and child, and have it checked.",
    household_alone=True,
)
def accommodation(x: Pairs) -> Mask:
    """The home is suitable for parent and child."""
    return says(x.h.accommodation_suitable, "yes")


@accommodation.because
def _(case: Case) -> str:
    if case.household.accommodation_suitable is None:
        return NotKnown("It is not known whether the home is suitable for parent and child.")
    return "The home is not suitable for parent and child."


def _rooms_needed(older_children: float, per_room: float) -> float:
    return 1 + float(np.ceil(older_children / per_room))


@rule(
    "PC-5.1b, PC-5.1i",
    lack="without enough bedrooms",
    fix=lambda case: f"Free {count(_rooms_short(case), 'more bedroom')} for the family.",
)
def room(x: Pairs) -> Mask:
    """There is one bedroom for the parents and babies, and enough for older children."""
    per_room = x.policy.number("older_children_per_room")
    return x.bedrooms >= 1 + np.ceil(x.r.older_children / per_room)


def _rooms_short(case: Case) -> float:
    per_room = case.policy.number("older_children_per_room")
    return _rooms_needed(case.request.older_children, per_room) - case.number("bedrooms")


@room.because
def _(case: Case) -> str:
    if case.household.bedrooms is None:
        return NotKnown("It is not known how many bedrooms are free for the family.")
    free = case.number("bedrooms")
    need = free + _rooms_short(case)
    are = "is" if free == 1 else "are"
    return f"The family needs {count(need, 'bedroom')}; {count(free, 'bedroom')} {are} free."


@rule(
    "PC-5.1d",
    lack="with looked-after children and no second approved carer",
    fix="Approve a second carer.",
    who=PANEL,
)
def two_carers(x: Pairs) -> Mask:
    """Where looked-after children live, the household has two approved carers."""
    met: Mask = (x.looked_after_there == 0) | (x.h.approved_carers >= 2)
    return met


@two_carers.because
def _(case: Case) -> str:
    if _maybe_approved(case) and len(case.carers) + _maybe_approved(case) > 1:
        asked = "It is not known whether a second carer there is approved."
        return NotKnown(asked, "If not, approve one.")
    there = count(case.number("looked_after_there"), "looked-after child")
    live = "lives" if case.number("looked_after_there") == 1 else "live"
    are = "is" if len(case.carers) == 1 else "are"
    return (
        f"{upper_first(there)} {live} there and {count(len(case.carers), 'carer')} {are} approved."
    )


@rule(
    "PC-5.1f",
    lack="with an arrangement running",
    fix="Wait for the arrangement to end, or agree a later start.",
    who="the social workers of both families",
)
def one_arrangement(x: Pairs) -> Mask:
    """No other parent and child arrangement runs there when this one must start."""
    return ~x.h.arrangement_runs | (x.free_after_arrangement <= x.latest)


@one_arrangement.because
def _(case: Case) -> str:
    if case.household.arrangement_until == "open":
        return "A parent and child arrangement is running, and nobody can say when it ends."
    free, latest = long_date(case.date("free_after_arrangement")), long_date(case.date("latest"))
    return f"A parent and child arrangement keeps it until {free}; this one must start by {latest}."


@rule(
    "PC-5.1",
    lack="not available in time or for long enough",
    fix="Agree dates that fit with the carers.",
)
def available(x: Pairs) -> Mask:
    """The household is available from the latest start to the planned end."""
    from_in_time = ~(x.h.available_from > x.latest)  # blank is open
    until = x.h.available_until
    # The end is the later of two days: each is compared alone, so that no day is kept per pair.
    until_the_end = (x.needed + x.days <= until) & (x.days <= until - x.opens)
    return from_in_time & (np.isnan(until) | until_the_end)


@available.because
def _(case: Case) -> str:
    opens, closes = case.household.available_from, case.household.available_until
    latest, end = case.date("latest"), case.day("end")
    said = []
    if opens is not None and opens > latest:
        said.append(
            f"It is available from {long_date(opens)}; the placement must start by {long_date(latest)}."
        )
    if closes is not None and (end is None or closes < end):
        ends = f"is planned to end on {long_date(end)}" if end else "has no known start"
        said.append(f"It is available until {long_date(closes)}; the placement {ends}.")
    return " ".join(said)


@rule(
    "LAW-terms",
    lack="not approved for this purpose",
    fix="Ask the panel to widen the terms of approval.",
    who=PANEL,
)
def terms(x: Pairs) -> Mask:
    """The carers' terms of approval include the purpose of the placement."""
    if x.policy.is_off("terms_of_approval"):
        return np.ones((1, 1), bool)
    return np.where(says(x.r.purpose, "assessment"), x.h.terms_assessment, x.h.terms_support)


@terms.because
def _(case: Case) -> str:
    return (
        f"The carers are approved for {coded(case.household.terms)} placements; "
        f"this one is for {case.request.purpose}."
    )


@rule(
    "PC-4.1a, PC-5.1i",
    lack="not able to take the whole family",
    fix=lambda case: f"Agree with the carers that they take {_who_comes_too(case)}.{_to_ask(case)}",
)
def family(x: Pairs) -> Mask:
    """The carers take the whole family: a second parent and the older children too."""
    second = ~x.r.second_parent_comes | x.h.takes_second_parent
    older = x.r.older_children  # the contract reads a blank of the household as none
    met: Mask = second & ((older == 0) | (older <= x.h.takes_older_children))
    return met


def _second_refused(case: Case) -> bool:
    return case.request.second_parent_comes and case.household.takes_second_parent is not True


def _older_refused(case: Case) -> bool:
    return case.request.older_children > (case.household.takes_older_children or 0)


def _who_comes_too(case: Case) -> str:
    who = ["a second parent"] if _second_refused(case) else []
    if _older_refused(case):
        who.append(count(case.request.older_children, "older child"))
    return and_list(who)


def _to_ask(case: Case) -> str:
    blank = case.household.takes_second_parent is None and _second_refused(case)
    blank = blank or (case.household.takes_older_children is None and _older_refused(case))
    return " Ask what is not known." if blank else ""


@family.because
def _(case: Case) -> str:
    refused: list[str] = []
    unknown: list[str] = []
    if _second_refused(case):
        known = case.household.takes_second_parent is not None
        (refused if known else unknown).append("a second parent")
    if _older_refused(case):
        known = case.household.takes_older_children is not None
        comes = count(case.request.older_children, "older child")
        (refused if known else unknown).append(comes)
    blank = f"It is not known whether the carers take {and_list(unknown)}." if unknown else ""
    if not refused:
        return NotKnown(blank)
    return f"The carers do not take {and_list(refused, 'or')}. {blank}".rstrip()


@rule(
    "LAW-limit",
    lack="over the usual fostering limit",
    fix="Ask for a written exemption that names this request.",
    who="the authority where the carers live",
)
def fostering_limit(x: Pairs) -> Mask:
    """With this family, looked-after people stay within the usual fostering limit."""
    if x.policy.is_off("usual_fostering_limit"):
        return np.ones((1, 1), bool)
    places = x.policy.number("usual_fostering_limit") - x.looked_after_people
    within = x.looked_after_there <= places
    parents = x.r.parent_looked_after | x.r.second_parent_looked_after
    siblings_alone = (x.looked_after_there == 0) & ~parents
    met: Mask = within | siblings_alone | x.exempt
    return met


@fostering_limit.because
def _(case: Case) -> str:
    come, there = case.number("looked_after_people"), case.number("looked_after_there")
    limit = case.policy.number("usual_fostering_limit")
    return (
        f"{upper_first(count(come, 'looked-after person'))} would join {count(there, 'looked-after child')} "
        f"there; the usual limit is {limit:g}."
    )


@rule(
    "PC-5.3b",
    lack="not able to manage a risk",
    fix=lambda case: f"Ask the carers whether, with support, they can manage {_too_risky(case)}.",
    who="supervising social worker, after a joint risk assessment",
)
def risk_limits(x: Pairs) -> Mask:
    """In each of the nine areas, the assessed risk is no more than the household manages."""
    met = np.ones((1, 1), bool)
    for place in range(len(RISK_AREAS)):
        # Not assessed passes: a gate holds it.
        met = met & ~(x.r.risks[..., place] > x.most_risk[place])
    return met


def risks_over(case: Case) -> list[tuple[str, str, str]]:
    """The areas in which the assessed risk is over what the household manages: area, risk, limit."""
    own = dict(case.household.risk_limits)
    defaults = {k: str(v) for k, v in case.policy.group("default_risk_limits").items()}
    found = []
    for area, risk in case.request.risks.items():
        limit = own.get(area, defaults[area])
        if risk is not None and RISK_LEVELS.index(risk) > RISK_LEVELS.index(limit):
            found.append((area, risk, limit))
    return found


def _too_risky(case: Case) -> str:
    return and_list([f"{risk} risk of {label(area)}" for area, risk, _ in risks_over(case)])


@risk_limits.because
def _(case: Case) -> str:
    said = [f"{label(area)} is {risk}, at most {most}" for area, risk, most in risks_over(case)]
    return f"Risk is more than the household manages: {'; '.join(said)}."


@rule(
    "PC-5.1e",
    lack="assessed as too high a risk",
    fix="Take it back to the Resource team, or assess the risk again jointly.",
    who="both social workers",
)
def risk_assessment(x: Pairs) -> Mask:
    """No joint risk assessment says that the risk is too high to contain there."""
    return ~x.too_high


@risk_assessment.because
def _(case: Case) -> str:
    return "A joint risk assessment says that the risk is too high for this household."


@rule(
    "PC-5.2a",
    lack="without the skills for an assessment",
    fix=lambda case: f"Train the carers in {coded(_assessor_lacks(case))}.",
    who="supervising social worker, with the training team",
)
def assessment_skills(x: Pairs) -> Mask:
    """For an assessment, the carers can monitor and record, and give parenting advice."""
    return says(x.r.purpose, "support") | x.once("can_assess", _can_assess)


def _can_assess(x: Pairs) -> Mask:
    return has_all(x.h.skills, np.uint64(bits(ASSESSOR, SKILLS)))


def _assessor_lacks(case: Case) -> list[str]:
    return [skill for skill in ASSESSOR if skill not in case.skills]


@assessment_skills.because
def _(case: Case) -> str:
    return f"No approved carer has {coded(_assessor_lacks(case), 'or')}."


@rule(
    "PC-5.1j",
    lack="in an area to keep away from",
    fix="Decide anew which areas the family must keep away from.",
    who="child's social worker",
)
def keep_away(x: Pairs) -> Mask:
    """The household is not in an area that the family must keep away from."""
    return x.where(x.r.keeps_away, lambda x: x.from_outcodes(~x.r.keep_away[:, 0, :]))


@keep_away.because
def _(case: Case) -> str:
    return "It is in an area that the family must keep away from."


@rule(
    "PC-5.1j",
    lack="too near or too far",
    fix="Decide anew what distance the plan asks for.",
    who="child's social worker",
)
def distance(x: Pairs) -> Mask:
    """The household is as far from home, or as near, as the plan asks."""
    asks = ~np.isnan(x.r.min_miles) | ~np.isnan(x.r.max_miles)
    return x.where(asks, lambda x: x.from_outcodes(_far_and_near_enough(x)))


def _far_and_near_enough(x: Pairs) -> Mask:
    """Each outward postcode against the least and the most distance, (n, outcodes)."""
    far_enough = np.isnan(x.r.min_miles) | (x.outcode_miles >= x.r.min_miles)
    near_enough = np.isnan(x.r.max_miles) | (x.outcode_miles <= x.r.max_miles)
    met: Mask = far_enough & near_enough
    return met


@distance.because
def _(case: Case) -> str:
    least, most = case.request.min_miles, case.request.max_miles
    asked = [f"at least {least:g}"] if least is not None else []
    asked += [f"at most {most:g}"] if most is not None else []
    return f"It is about {case.miles:g} miles from home; the plan asks for {and_list(asked)}."


def _lacks(case: Case) -> list[str]:
    """What the family must have and the household lacks, as far as it is known."""
    has = {*(case.household.features or ()), *case.skills}
    has |= {f"language:{code}" for carer in case.carers for code in carer.languages or ()}
    return [item for item in case.request.must_have if item not in has and not _unsure(case, item)]


def _unsure(case: Case, item: str) -> bool:
    """Whether nobody has said if the household has an item."""
    if item.startswith("language:"):
        return not any(carer.languages for carer in case.carers)
    return item in FEATURES and case.household.features is None


def _meets(case: Case) -> list[str]:
    return [item for item in case.request.must_avoid if item in (case.household.features or ())]


def _named(item: str) -> str:
    kind, colon, name = item.partition(":")
    return f"a carer who speaks {language_names().get(name, name)}" if colon else label(kind)


def _features_unknown(case: Case) -> list[str]:
    asked = [*case.request.must_have, *case.request.must_avoid]
    return [_named(item) for item in asked if _unsure(case, item)]


def _what_to_provide(case: Case) -> str:
    said = []
    if lacks := _lacks(case):
        said.append(f"Find a way to provide {and_list([_named(item) for item in lacks])}.")
    if meets := _meets(case):
        said.append(f"Ask whether the family can live with {coded(meets)}.")
    if _features_unknown(case):
        said.append("Ask the carers what is not known, and record the answer.")
    return " ".join(said)


@rule(
    "NMS-15",
    lack="without what the home must have, or with what it must not",
    fix=_what_to_provide,
)
def features(x: Pairs) -> Mask:
    """The home has what the family must have, and nothing that it must avoid."""
    some = x.r.must_have_features | x.r.must_avoid | x.r.must_have_skills
    return x.where((some != 0) | x.r.must_have_languages.any(axis=-1), _has_what_it_must)


def _has_what_it_must(x: Pairs) -> Mask:
    known = ((x.r.must_have_features | x.r.must_avoid) == 0) | x.h.features_known
    has = has_all(x.h.features, x.r.must_have_features)
    avoids = ~has_any(x.h.features, x.r.must_avoid)
    met: Mask = known & has & avoids & has_all(x.h.skills, x.r.must_have_skills)
    if x.r.must_have_languages.any():
        lacks = x.r.must_have_languages[:, 0, :].astype(np.float32) @ (1 - x.speaks)
        met = met & (lacks == 0)
    return met


@features.because
def _(case: Case) -> str:
    said = []
    if lacks := _lacks(case):
        said.append(f"The family must have {and_list([_named(item) for item in lacks])}.")
    if meets := _meets(case):
        said.append(f"The family must avoid {coded(meets)}.")
    if unknown := _features_unknown(case):
        blank = f"It is not known whether there is {and_list(unknown, 'or')}."
        if not said:
            return NotKnown(blank)
        said.append(blank)
    return " ".join(said)


@rule(
    "LAW-smoking",
    lack="not known to be smoke-free",
    fix="The household becomes smoke-free.",
)
def smoke_free(x: Pairs) -> Mask:
    """Nobody smokes where a young child comes to live."""
    years = x.policy.number("smoke_free_under_years")
    if years == 0:
        return np.ones((1, 1), bool)
    young = x.r.born_on > months_before(x.as_of, MONTHS_PER_YEAR * years)
    return ~young | x.once("nobody_smokes", _nobody_smokes)


def _nobody_smokes(x: Pairs) -> Mask:
    return x.h.features_known & ~has_any(x.h.features, np.uint64(bits(["smoker"], FEATURES)))


@smoke_free.because
def _(case: Case) -> str:
    if case.household.features is None:
        return NotKnown("It is not known whether anybody smokes there.")
    return "Somebody smokes there, and a young child comes."


@rule(
    "decisions",
    lack="ruled out or declined",
    fix="Ask whether the decision still stands.",
    who="the person who decided",
)
def ruled_out(x: Pairs) -> Mask:
    """Nobody has ruled the pair out or declined it."""
    return ~x.ruled_out


@ruled_out.because
def _(case: Case) -> str:
    decision = case.inputs.decisions[case.ids]
    said = {
        "rule_out": "was ruled out",
        "declined_by_carer": "was declined by the carers",
        "declined_by_parent": "was declined by the parent",
    }[decision.decision]
    why = f" (reason: {label(decision.reason)})" if decision.reason else ""
    return f"This match {said} on {long_date(decision.decided_on)}{why}."


RULES: tuple[Rule, ...] = (
    approved,
    trained,
    assessed,
    accommodation,
    room,
    two_carers,
    one_arrangement,
    available,
    terms,
    family,
    fostering_limit,
    risk_limits,
    risk_assessment,
    assessment_skills,
    keep_away,
    distance,
    features,
    smoke_free,
    ruled_out,
)
