"""The hard rules, in the order of the contract: a pair that fails one is not eligible.

A rule states what must hold. What is not known is NaN or '', which meets nothing, so what is not
known of a household never passes. To add one, see docs/recipes.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

import numpy as np

from matcher.codes import FEATURES, RISK_AREAS, SKILLS
from matcher.intake.edits import Edit, Edits, Listed, Withdrawn
from matcher.intake.rows import ASKED_ALONE, Request
from matcher.model import MONTHS_PER_YEAR, Mask, bits, has_all, has_any, months_before, says
from matcher.policy.case import Case
from matcher.policy.days import months_after
from matcher.policy.forms import Cells, NotKnown, Passing, Rule, rule
from matcher.policy.pairs import Pairs
from matcher.policy.settings import Policy
from matcher.shipped import language_names
from matcher.words import and_list, coded, count, label, long_date, upper_first

PANEL = "fostering panel"
ASSESSOR = ("monitoring_and_recording", "parenting_advice")
ENOUGH_CARERS = 2
WITHOUT_THE_PARENT = ", without the parent, who is one of them today"
ONE_MORE_CARER = "Approve a second carer."
SPEAKS = "language:"
SMOKE = "whether anybody smokes there"


def _household(case: Case, column: str, value: Any) -> Edit:
    return Edit("households", case.ids[1], column, value)


def _request(case: Case, column: str, value: Any) -> Edit:
    return Edit("requests", case.ids[0], column, value)


def carer_has(case: Case, skills: Iterable[str], languages: Iterable[str]) -> Edits:
    """One carer, an approved one first, with more skills and languages."""
    some = case.carers or case.inputs.carers.get(case.household.household_id, ())
    who = some[0].carer_id if some else new_carer(case)
    return (
        Listed("carers", who, "skills", tuple(skills)),
        Listed("carers", who, "languages", tuple(languages)),
    )


def new_carer(case: Case, number: int = 1) -> str:
    """The id of a carer whom a what-if adds to the household, the first of them or a later one."""
    return f"{case.household.household_id}-new{number if number > 1 else ''}"


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
def _(household_status: str) -> str:
    standing = {"assessing": "still being assessed", "suspended": "suspended", "ended": "closed"}
    return f"The household is {standing[household_status]}."


@approved.mend
def _(case: Case) -> Edits:
    return (_household(case, "status", "approved"),)


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
    lack_not_known="where it is not known whether a carer is trained for parent and child",
    fix="Train an approved carer for parent and child.",
    who="supervising social worker, with the training team",
    household_alone=True,
)
def trained(x: Pairs) -> Mask:
    """An approved carer is trained for parent and child."""
    return x.some_carer(_trained(x))


def _nobody_approved(carers_there: int, maybe_approved: int) -> str | NotKnown:
    if not carers_there:
        return NotKnown("who the carers there are")
    if maybe_approved:
        return NotKnown("whether any carer there is approved")
    return "No carer there is approved."


@trained.because
def _(
    trained_on: tuple[date | None, ...], as_of: date, carers_there: int, maybe_approved: int
) -> str | NotKnown:
    if not trained_on:
        return _nobody_approved(carers_there, maybe_approved)
    days = [day for day in trained_on if day]
    if coming := [day for day in days if day > as_of]:
        return f"No carer is trained for parent and child until {long_date(min(coming))}."
    if None in trained_on:
        return NotKnown("whether a carer is trained for parent and child", "If not, train one.")
    return f"Training for parent and child was last on {long_date(max(days))} and has run out."


@rule(
    "PC-5.1a",
    lack="not assessed for parent and child",
    lack_not_known="where it is not known whether a carer is assessed for parent and child",
    fix="Assess a trained carer for parent and child.",
    household_alone=True,
)
def assessed(x: Pairs) -> Mask:
    """A carer who is trained for parent and child is assessed for it too."""
    return x.some_carer(_trained(x) & (x.columns.carers.assessed_on <= x.as_of))


@assessed.because
def _(
    trained_on: tuple[date | None, ...],
    assessed_on: tuple[date | None, ...],
    as_of: date,
    carers_there: int,
    maybe_approved: int,
) -> str | NotKnown:
    if not trained_on:
        return _nobody_approved(carers_there, maybe_approved)
    both = zip(trained_on, assessed_on, strict=True)
    ready = [assessed for trained, assessed in both if trained and trained <= as_of]
    days = ready or assessed_on
    if ready and (coming := [day for day in days if day and day > as_of]):
        return f"No trained carer is assessed for parent and child until {long_date(min(coming))}."
    if None in days and not any(day and day <= as_of for day in days):
        what = "whether a trained carer is assessed for parent and child"
        return NotKnown(what, "If not, assess one.")
    return "The carers who are assessed for parent and child are not trained for it today."


@rule(
    "PC-5.1b",
    lack="in a home not known to be suitable",
    lack_recorded="in a home that is recorded as not suitable",
    lack_not_known="in a home of which it is not known whether it is suitable",
    fix="Make the home suitable for parent and child, and have it checked.",
    household_alone=True,
)
def accommodation(x: Pairs) -> Mask:
    """The home is suitable for parent and child."""
    return says(x.h.accommodation_suitable, "yes")


@accommodation.because
def _(accommodation_suitable: bool | None) -> str | NotKnown:
    if accommodation_suitable is None:
        return NotKnown("whether the home is suitable for parent and child")
    return "The home is not suitable for parent and child."


@accommodation.mend
def _(case: Case) -> Edits:
    return (_household(case, "accommodation_suitable", True),)


def _free_bedrooms(bedrooms_free: int | None, bedrooms_needed: int) -> str:
    short = bedrooms_needed - (bedrooms_free or 0)
    return f"Free {count(short, 'more bedroom')} for the family."


@rule(
    "PC-5.1b, PC-5.1i",
    lack="without enough bedrooms",
    lack_not_known="where it is not known how many bedrooms are free",
    fix=_free_bedrooms,
    doubts={"capacity": ("bedrooms",)},
)
def room(x: Pairs) -> Mask:
    """There is one bedroom for the parents and babies, and enough for older children."""
    per_room = x.policy.number("older_children_per_room")
    return x.bedrooms >= 1 + np.ceil(x.r.older_children / per_room)


@room.because
def _(bedrooms_free: int | None, bedrooms_needed: int) -> str | NotKnown:
    if bedrooms_free is None:
        return NotKnown("how many bedrooms are free for the family")
    are = "is" if bedrooms_free == 1 else "are"
    need = count(bedrooms_needed, "bedroom")
    return f"The family needs {need}; {count(bedrooms_free, 'bedroom')} {are} free."


@room.passes
def _(bedrooms_free: int, bedrooms_needed: int, parent_left_out: bool) -> Passing:
    are = "is" if bedrooms_free == 1 else "are"
    need = count(bedrooms_needed, "bedroom")
    hers = ", with the one that the parent has today" if parent_left_out else ""
    return Passing(f"The family needs {need}; {count(bedrooms_free, 'bedroom')} {are} free{hers}.")


@room.mend
def _(case: Case) -> Edits:
    # The room that the parent already has stands in no column.
    own = (case.bedrooms_free or 0) - (case.household.bedrooms or 0)
    return (_household(case, "bedrooms", case.bedrooms_needed - own),)


@room.asks
def _(case: Case) -> Iterator[str]:
    yield "Room for the whole family"


@room.recruit
def _(request: Request, policy: Policy) -> Cells:
    per_room = int(policy.number("older_children_per_room"))
    return {"bedrooms": max(2, 1 + -(-request.older_children // per_room))}


@rule(
    "PC-5.1d",
    lack="with looked-after children and no second approved carer",
    lack_not_known="with looked-after children, where it is not known whether a second carer is approved",
    fix=ONE_MORE_CARER,
    who=PANEL,
    doubts={"capacity": ("looked_after_children",)},
)
def two_carers(x: Pairs) -> Mask:
    """Where looked-after children live, the household has two approved carers."""
    met: Mask = (x.looked_after_there == 0) | (x.h.approved_carers >= ENOUGH_CARERS)
    return met


@two_carers.because
def _(
    looked_after_there: int, parent_left_out: bool, approved_carers: int, maybe_approved: int
) -> str | NotKnown:
    if maybe_approved and approved_carers + maybe_approved >= ENOUGH_CARERS:
        return NotKnown("whether a second carer there is approved", "If not, approve one.")
    there = upper_first(count(looked_after_there, "looked-after child"))
    live = "lives" if looked_after_there == 1 else "live"
    are = "is" if approved_carers == 1 else "are"
    her = f"{WITHOUT_THE_PARENT}," if parent_left_out else ""
    return f"{there} {live} there{her} and {count(approved_carers, 'carer')} {are} approved."


@rule(
    "PC-5.1f",
    lack="with an arrangement running",
    lack_not_known="where it is not known who lives there now",
    fix="Wait for the arrangement to end, or agree a later start.",
    who="the social workers of both families",
    doubts={"timing": ("arrangement_until",)},
    of_start=True,
    always="an occupied home can't be offered.",
)
def one_arrangement(x: Pairs) -> Mask:
    """No other parent and child arrangement runs there when this one must start."""
    met: Mask = ~x.h.occupied | (x.free_after_arrangement <= x.latest)
    return met


@one_arrangement.because
def _(
    free_after_arrangement: date | None, latest: date, who_lives_there_not_known: bool
) -> str | NotKnown:
    if who_lives_there_not_known:
        asked = "Once they have said, write reviewed_on."
        return NotKnown("who lives there since a placement ended", asked)
    if free_after_arrangement is None:
        return "A parent and child arrangement is running, and nobody can say when it ends."
    free, start = long_date(free_after_arrangement), long_date(latest)
    return f"A parent and child arrangement keeps it until {free}; this one must start by {start}."


@rule(
    "PC-5.1",
    lack="not available in time or for long enough",
    fix="Agree dates that fit with the carers.",
    doubts={"timing": ("available_from", "available_until", "arrangement_until")},
    of_start=True,
)
def available(x: Pairs) -> Mask:
    """The household is available from the latest start to the planned end."""
    from_in_time = ~(x.h.available_from > x.latest)  # blank is open
    until = x.h.available_until
    # The end is the later of two days: each is compared alone, so that no day is kept per pair.
    until_the_end = (x.needed + x.days <= until) & (x.days <= until - x.opens_for)
    starts_before = (x.needed < until) & (x.opens_for < until)
    open_ended = np.isnan(x.r.expected_weeks) & starts_before  # a duty asks what follows
    return from_in_time & (np.isnan(until) | until_the_end | open_ended)


@available.because
def _(
    available_from: date | None,
    available_until: date | None,
    latest: date,
    start: date | None,
    end: date | None,
    expected_weeks: int | None,
) -> str:
    reasons = []
    if available_from is not None and available_from > latest:
        opens, by = long_date(available_from), long_date(latest)
        reasons.append(f"It is available from {opens}; the placement must start by {by}.")
    until = available_until
    open_ended = expected_weeks is None and until and start and start < until
    if until is not None and not open_ended and (end is None or until < end):
        ends = f"is planned to end on {long_date(end)}" if end else "has no known start"
        closes = long_date(until)
        reasons.append(f"It is available until {closes}; the placement {ends}.")
    return " ".join(reasons)


@available.passes
def _(available_from: date | None, available_until: date | None, end: date | None) -> Passing:
    opens = f"It is available from {long_date(available_from)}" if available_from else ""
    if available_until is None:
        return Passing(f"{opens}; no last day is recorded." if opens else "No limit is recorded.")
    closes = f"{opens or 'It is available'} until {long_date(available_until)}."
    return Passing(closes, "" if end else "Agree what follows after that day.")


@available.asks
def _(case: Case) -> Iterator[str]:
    start, end = case.day("start"), case.day("end")
    latest = f"Available for a start by {long_date(case.known_day('latest'))}"
    yield f"{latest}, until {long_date(end)}" if start and end else latest


@rule(
    "LAW-terms",
    lack="not approved for this purpose",
    fix="Ask the panel to widen the terms of approval.",
    who=PANEL,
    doubts={"household_needs": ("terms",)},
)
def terms(x: Pairs) -> Mask:
    """The carers' terms of approval include the purpose of the placement."""
    if x.policy.is_off("terms_of_approval"):
        return np.ones((1, 1), bool)
    return np.where(says(x.r.purpose, "assessment"), x.h.terms_assessment, x.h.terms_support)


@terms.because
def _(terms: tuple[str, ...], purpose: str) -> str:
    return f"The carers are approved for {coded(terms)} placements; this one is for {purpose}."


@terms.mend
def _(case: Case) -> Edits:
    return (Listed("households", case.ids[1], "terms", (case.request.purpose,)),)


def _take_everyone(
    second_parent_comes: bool,
    takes_second_parent: bool | None,
    older_children: int,
    takes_older_children: int | None,
) -> str:
    who, not_known = [], False
    if second_parent_comes and not takes_second_parent:
        who.append("a second parent")
        not_known |= takes_second_parent is None
    if older_children > (takes_older_children or 0):
        who.append(count(older_children, "older child"))
        not_known |= takes_older_children is None
    ask = " Ask what is not known." if not_known else ""
    return f"Agree with the carers that they take {and_list(who)}.{ask}"


@rule(
    "PC-4.1a, PC-5.1i",
    lack="not able to take the whole family",
    lack_not_known="where it is not known whether the carers take the whole family",
    fix=_take_everyone,
    doubts={"capacity": ("takes_second_parent", "takes_older_children")},
)
def family(x: Pairs) -> Mask:
    """The carers take the whole family: a second parent and the older children too."""
    second = ~x.r.second_parent_comes | x.h.takes_second_parent
    older = x.r.older_children  # the contract reads a blank of the household as none
    met: Mask = second & ((older == 0) | (older <= x.h.takes_older_children))
    return met


@family.because
def _(
    second_parent_comes: bool,
    takes_second_parent: bool | None,
    older_children: int,
    takes_older_children: int | None,
) -> str | NotKnown:
    refused: list[str] = []
    unknown: list[str] = []
    if second_parent_comes and not takes_second_parent:
        (unknown if takes_second_parent is None else refused).append("a second parent")
    if older_children > (takes_older_children or 0):
        comes = count(older_children, "older child")
        (unknown if takes_older_children is None else refused).append(comes)
    blank = NotKnown(f"whether the carers take {and_list(unknown)}") if unknown else None
    if not refused:
        return blank or ""
    reason = f"The carers do not take {and_list(refused, 'or')}."
    return f"{reason} {blank.reason}" if blank else reason


@family.passes
def _(second_parent_comes: bool, older_children: int, takes_older_children: int | None) -> Passing:
    said = ["The carers take a second parent."] if second_parent_comes else []
    if older_children:
        take = count(takes_older_children or 0, "older child")
        said.append(f"The carers take {take}; {count(older_children, 'older child')} would come.")
    return Passing(" ".join(said))


@family.mend
def _(case: Case) -> Edits:
    older = max(case.request.older_children, case.household.takes_older_children or 0)
    second = True if case.request.second_parent_comes else case.household.takes_second_parent
    return (
        _household(case, "takes_second_parent", second),
        _household(case, "takes_older_children", older),
    )


@family.asks
def _(case: Case) -> Iterator[str]:
    if case.request.second_parent_comes:
        yield "A second parent comes"
    if case.request.older_children:
        yield f"{upper_first(count(case.request.older_children, 'older child'))} too"


@family.recruit
def _(request: Request, policy: Policy) -> Cells:
    return {"takes_second_parent": True, "takes_older_children": request.older_children}


@rule(
    "LAW-limit",
    lack="over the usual fostering limit",
    fix="Ask for a written exemption that names this request.",
    who="the authority where the carers live",
    doubts={"capacity": ("looked_after_children",)},
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
def _(
    looked_after_people: int,
    looked_after_there: int,
    parent_left_out: bool,
    usual_fostering_limit: int,
) -> str:
    come = upper_first(count(looked_after_people, "looked-after person"))
    there = count(looked_after_there, "looked-after child")
    her = WITHOUT_THE_PARENT if parent_left_out else ""
    return f"{come} would join {there} there{her}; the usual limit is {usual_fostering_limit}."


@fostering_limit.mend
def _(case: Case) -> Edits:
    return (Listed("households", case.ids[1], "limit_exemption", (case.ids[0],)),)


def _manage_risks(risks_over: tuple[tuple[str, str, str], ...]) -> str:
    risks = and_list([f"{risk} risk of {label(area)}" for area, risk, _ in risks_over])
    return f"Ask the carers whether, with support, they can manage {risks}."


@rule(
    "PC-5.3b",
    lack="not able to manage a risk",
    fix=_manage_risks,
    who="supervising social worker, after a joint risk assessment",
    doubts={"risk": ("risk_limits",)},
)
def risk_limits(x: Pairs) -> Mask:
    """In each of the nine areas, the assessed risk is no more than the household manages."""
    met = np.ones((1, 1), bool)
    for place in range(len(RISK_AREAS)):
        # Not assessed passes: a gate holds it.
        met = met & ~(x.r.risks[..., place] > x.most_risk[place])
    return met


@risk_limits.because
def _(risks_over: tuple[tuple[str, str, str], ...]) -> str:
    areas = [f"{label(area)} is {risk}, at most {most}" for area, risk, most in risks_over]
    return f"Risk is more than the household manages: {'; '.join(areas)}."


@risk_limits.passes
def _(
    raised_risks: tuple[tuple[str, str], ...],
    risks_not_assessed: tuple[str, ...],
    risk_limits: tuple[tuple[str, str], ...],
) -> Passing:
    limits = dict(risk_limits)
    said: list[str] = []
    asks: list[str] = []
    for area, level in raised_risks:
        told = (
            f"the carers manage {limits[area]}"
            if area in limits
            else "no limit of the carers is recorded"
        )
        said.append(f"{upper_first(label(area))} is assessed as {level}: {told}.")
    if silent := [area for area, _ in raised_risks if area not in limits]:
        asks.append(f"Ask the carers whether they can manage {coded(silent)}.")
    if risks_not_assessed:
        many = len(risks_not_assessed)
        are = "is" if many == 1 else "are"
        some = f"{many} of the {len(RISK_AREAS)} areas {are} not assessed: "
        none = f"None of the {len(RISK_AREAS)} areas is assessed."
        said.append(none if many == len(RISK_AREAS) else f"{some}{coded(risks_not_assessed)}.")
        asks.append("Assess what is not assessed.")
    elif not raised_risks:
        said.append(f"None of the {len(RISK_AREAS)} areas is assessed above low.")
    return Passing(" ".join(said), " ".join(asks))


@risk_limits.mend
def _(case: Case) -> Edits:
    limits = dict(case.household.risk_limits) | {area: risk for area, risk, _ in case.risks_over}
    return (_household(case, "risk_limits", tuple(sorted(limits.items()))),)


@risk_limits.asks
def _(case: Case) -> Iterator[str]:
    yield "Risks that the household can manage"


@risk_limits.recruit
def _(request: Request, policy: Policy) -> Cells:
    levels = [(area, level) for area, level in request.risks.items() if level]
    return {"risk_limits": tuple(sorted(levels))}


def _hand_back(contained_without_a_day: bool) -> str:
    if contained_without_a_day:
        return "Write the day of each joint assessment in assessed_on: the latest decides."
    return "Take it back to the Resource team; a later joint assessment can say otherwise."


@rule(
    "PC-5.1e",
    lack="assessed as too high a risk",
    fix=_hand_back,
    who="both social workers",
    doubts={"risk": ()},
)
def risk_assessment(x: Pairs) -> Mask:
    """The joint risk assessment that decides does not say that the risk is too high there."""
    return ~x.too_high


@risk_assessment.because
def _(jointly_assessed_on: date | None, contained_without_a_day: bool) -> str:
    on = f" of {long_date(jointly_assessed_on)}" if jointly_assessed_on else ""
    said = f"The joint risk assessment{on} says that the risk is too high for this household."
    if contained_without_a_day:
        return f"{said} Another says that it can be contained; none has a day, so too high counts."
    return said


@risk_assessment.mend
def _(case: Case) -> Edits:
    return (Withdrawn("risk_assessments", case.ids),)


def _assessor_lacks(skills: tuple[str, ...]) -> list[str]:
    return [skill for skill in ASSESSOR if skill not in skills]


def _train_assessors(skills: tuple[str, ...]) -> str:
    return f"Train the carers in {coded(_assessor_lacks(skills))}."


@rule(
    "PC-5.2a",
    lack="without the skills for an assessment",
    fix=_train_assessors,
    who="supervising social worker, with the training team",
)
def assessment_skills(x: Pairs) -> Mask:
    """For an assessment, the carers can monitor and record, and give parenting advice."""
    return says(x.r.purpose, "support") | x.once("can_assess", _can_assess)


def _can_assess(x: Pairs) -> Mask:
    return has_all(x.h.skills, np.uint64(bits(ASSESSOR, SKILLS)))


@assessment_skills.because
def _(skills: tuple[str, ...]) -> str:
    return (
        f"No approved carer is recorded as having skill in {coded(_assessor_lacks(skills), 'or')}."
    )


@assessment_skills.passes
def _(skills: tuple[str, ...]) -> Passing:
    has = [skill for skill in ASSESSOR if skill in skills]
    return Passing(f"The approved carers have between them: {coded(has)}.")


@assessment_skills.mend
def _(case: Case) -> Edits:
    return carer_has(case, ASSESSOR, ())


@assessment_skills.comes_with
def _(case: Case, edits: Edits) -> bool:
    return set(ASSESSOR) <= _skills_with(case, edits)


def _newly_approved(edits: Edits) -> set[str]:
    """The carers whom edits approve."""
    return {e.key for e in edits if isinstance(e, Edit) and e.column == "approved"}


def _skills_with(case: Case, edits: Edits) -> set[str]:
    """The skills of the approved carers, and of those whom edits approve."""
    newly = _newly_approved(edits)
    carers = case.inputs.carers.get(case.household.household_id, ())
    return {*case.skills} | {skill for c in carers if c.carer_id in newly for skill in c.skills}


@assessment_skills.asks
def _(case: Case) -> Iterator[str]:
    if case.request.purpose == "assessment":
        yield "Carers who can monitor, record and advise"


@assessment_skills.recruit
def _(request: Request, policy: Policy) -> Cells:
    return {"skills": ASSESSOR}


@rule(
    "PC-5.1j",
    lack="in an area to keep away from",
    fix="Decide anew which areas the family must keep away from.",
    who="child's social worker",
    tells_place=True,
)
def keep_away(x: Pairs) -> Mask:
    """The household is not in an area that the family must keep away from."""
    return x.where(x.r.keeps_away, lambda x: x.from_outcodes(~x.r.keep_away[:, 0, x.outcodes]))


@keep_away.because
def _() -> str:
    return "It is in an area that the family must keep away from."


@keep_away.passes
def _() -> Passing:
    return Passing("It is in none of the areas to keep away from.")


@keep_away.mend
def _(case: Case) -> Edits:
    return (Listed("requests", case.ids[0], "keep_away", (), (case.household.postcode,)),)


@keep_away.asks
def _(case: Case) -> Iterator[str]:
    if case.request.keep_away:
        yield "Not in an area to keep away from"


@rule(
    "PC-5.1j",
    lack="too near or too far",
    fix="Decide anew what distance the plan asks for.",
    who="child's social worker",
    tells_place=True,
    doubts={"distance": ("postcode",)},
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


def _miles_asked(miles: float, min_miles: float | None, max_miles: float | None) -> str:
    asked = [f"at least {min_miles:g}"] if min_miles is not None else []
    asked += [f"at most {max_miles:g}"] if max_miles is not None else []
    return f"It is about {miles:g} miles from home; the plan asks for {and_list(asked)}."


@distance.because
def _(miles: float, min_miles: float | None, max_miles: float | None) -> str:
    return _miles_asked(miles, min_miles, max_miles)


@distance.passes
def _(miles: float, min_miles: float | None, max_miles: float | None) -> Passing:
    return Passing(_miles_asked(miles, min_miles, max_miles))


@distance.mend
def _(case: Case) -> Edits:
    return (_request(case, "min_miles", None), _request(case, "max_miles", None))


@distance.asks
def _(case: Case) -> Iterator[str]:
    if case.request.min_miles is not None or case.request.max_miles is not None:
        yield "The distance from home that the plan asks for"


def _named(item: str) -> str:
    kind, colon, name = item.partition(":")
    return f"a carer who speaks {language_names().get(name, name)}" if colon else label(kind)


def _kin(kin_spoken: tuple[str, ...]) -> str:
    """'Cantonese': what carers speak that may be the language meant, or be no more than its kin."""
    return and_list([language_names()[code] for code in kin_spoken])


def _provide_features(
    wanted_lacking: tuple[str, ...],
    unwanted_there: tuple[str, ...],
    features_not_known: tuple[str, ...],
    kin_spoken: tuple[str, ...],
) -> str:
    steps = []
    if kin_spoken:
        steps.append(f"Ask whether {_kin(kin_spoken)} is what the family must have.")
    if wanted_lacking:
        steps.append(f"Find a way to provide {and_list(map(_named, wanted_lacking))}.")
    if unwanted_there:
        steps.append(f"Ask whether the family can live with {coded(unwanted_there)}.")
    if features_not_known:
        steps.append("Ask the carers what is not known, and record the answer.")
    return " ".join(steps)


@rule(
    "NMS-15",
    lack="without what the home must have, or with what it must not",
    lack_not_known="where it is not known whether the home has what it must have or must not have",
    fix=_provide_features,
    doubts={"household_needs": ("features",), "parent_wishes": ()},
)
def features(x: Pairs) -> Mask:
    """The home has what the family must have, and nothing that it must avoid."""
    some = x.r.must_have_features | x.r.must_avoid | x.r.must_have_skills
    return x.where((some != 0) | x.r.must_have_languages.any(axis=-1), _has_what_it_must)


def _has_what_it_must(x: Pairs) -> Mask:
    known = has_all(x.h.features_known, x.r.must_have_features | x.r.must_avoid)
    has = has_all(x.h.features, x.r.must_have_features)
    avoids = ~has_any(x.h.features, x.r.must_avoid)
    met: Mask = known & has & avoids & has_all(x.h.skills, x.r.must_have_skills)
    if x.r.must_have_languages.any():
        lacks = x.r.must_have_languages[:, 0, :].astype(np.float32) @ (1 - x.speaks)
        met = met & (lacks == 0)
    return met


@features.because
def _(
    wanted_lacking: tuple[str, ...],
    unwanted_there: tuple[str, ...],
    features_not_known: tuple[str, ...],
    kin_spoken: tuple[str, ...],
) -> str | NotKnown:
    reasons = []
    if wanted_lacking:
        reasons.append(f"The family must have {and_list(map(_named, wanted_lacking))}.")
    if kin_spoken:
        reasons.append(
            f"Carers there speak {_kin(kin_spoken)}; whether that will do is not known: ask."
        )
    if unwanted_there:
        reasons.append(f"The family must avoid {coded(unwanted_there)}.")
    if features_not_known:
        blank = NotKnown(f"whether there is {and_list(map(_named, features_not_known), 'or')}")
        if not reasons:
            return blank
        reasons.append(blank.reason)
    return " ".join(reasons)


def _with_features(case: Case, wanted: Iterable[str], unwanted: Iterable[str]) -> Edits:
    """The home with some features, and without others."""
    told = {**dict.fromkeys(wanted, True), **dict.fromkeys(unwanted, False)}
    alone = {name: value for name, value in told.items() if name in ASKED_ALONE}
    edits: list[Edit | Listed] = [
        _household(case, ASKED_ALONE[name], value) for name, value in alone.items()
    ]
    more = tuple(name for name, value in told.items() if value and name not in alone)
    listed = case.household.features or ()
    fewer = tuple(
        name for name, value in told.items() if not value and (name not in alone or name in listed)
    )
    if more or fewer:
        edits.append(Listed("households", case.ids[1], "features", more, fewer))
    return tuple(edits)


@features.mend
def _(case: Case) -> Edits:
    wanted = case.request.must_have
    languages = [item.removeprefix(SPEAKS) for item in wanted if item.startswith(SPEAKS)]
    features = tuple(item for item in wanted if item in FEATURES)
    skills = [item for item in wanted if item in SKILLS and item not in FEATURES]
    asks = _with_features(case, features, case.request.must_avoid)
    return (*asks, *carer_has(case, skills, languages)) if skills or languages else asks


@features.comes_with
def _(case: Case, edits: Edits) -> bool:
    newly = _newly_approved(edits)
    carers = case.inputs.carers.get(case.household.household_id, ())
    has = _skills_with(case, edits) | {SPEAKS + code for code in case.languages_spoken}
    has |= {SPEAKS + code for c in carers if c.carer_id in newly for code in c.languages or ()}
    home = case.household
    must, avoid = set(case.request.must_have), set(case.request.must_avoid)
    there = {name for name in must & set(FEATURES) if home.has(name)}
    return must <= has | there and all(home.has(name) is False for name in avoid)


@features.recruit
def _(request: Request, policy: Policy) -> Cells:
    wanted = request.must_have
    tongues = tuple(item.removeprefix(SPEAKS) for item in wanted if item.startswith(SPEAKS))
    skills = tuple(item for item in wanted if item in SKILLS and item not in FEATURES)
    has = [item for item in wanted if item in FEATURES]
    alone = {ASKED_ALONE[item]: True for item in has if item in ASKED_ALONE}
    alone |= {ASKED_ALONE[item]: False for item in request.must_avoid if item in ASKED_ALONE}
    features = tuple(item for item in has if item not in ASKED_ALONE)
    speaks = {"languages": tongues} if tongues else {}
    return {"features": features, "skills": skills, **alone, **speaks}


@rule(
    "LAW-smoking",
    lack="where somebody smokes, or nobody has asked",
    lack_recorded="where somebody smokes",
    lack_not_known="where nobody has asked whether anybody smokes",
    fix="The household becomes smoke-free.",
    doubts={"household_needs": ("smokes",)},
)
def smoke_free(x: Pairs) -> Mask:
    """Nobody smokes where a young child comes to live."""
    years = x.policy.number("smoke_free_under_years")
    if years == 0:
        return np.ones((1, 1), bool)
    young = x.r.born_on > months_before(x.as_of, MONTHS_PER_YEAR * years)
    met: Mask = ~young | x.once("nobody_smokes", lambda x: says(x.h.smokes, "no"))
    if str(x.policy.values["smoke_free_own_carers"]) != "fail":
        met = met | x.own_carer  # a duty holds it instead
    return met


@smoke_free.because
def _(smokes: bool | None) -> str | NotKnown:
    if smokes is None:
        return NotKnown(SMOKE)
    return "Somebody smokes there, and a young child comes."


@smoke_free.passes
def _(smokes: bool | None, never_asked: bool, reviewed_on: date | None) -> Passing:
    if smokes is None or (never_asked and not smokes):
        return Passing(f"Nobody has asked {SMOKE}.", f"Ask the carers {SMOKE}.")
    if smokes:
        agree = "Agree with these carers, the parent's own, how the child is kept from smoke."
        return Passing("Somebody smokes there.", agree)
    when = f" The profile was confirmed with the carers on {long_date(reviewed_on)}." if reviewed_on else ""  # fmt: skip
    return Passing(f"The carers' answer that is recorded: nobody smokes.{when}")


@smoke_free.mend
def _(case: Case) -> Edits:
    return (_household(case, "smokes", False),)


@smoke_free.comes_with
def _(case: Case, edits: Edits) -> bool:
    return any(isinstance(e, Edit) and e.column == "smokes" and e.value is False for e in edits)


@smoke_free.asks
def _(case: Case) -> Iterator[str]:
    years = case.policy.number("smoke_free_under_years")
    young = months_after(case.as_of, -int(MONTHS_PER_YEAR * years))
    if years > 0 and case.request.child_born_or_due_on > young:
        yield "A smoke-free home for a young child"


@smoke_free.recruit
def _(request: Request, policy: Policy) -> Cells:
    return {"smokes": False}


@rule(
    "PC-5.3d",
    lack="known to a family from which the address is withheld",
    fix="Choose it on purpose, where the family can be kept away from it.",
    who="child's social worker",
    choice_passes=True,
)
def known_to_family(x: Pairs) -> Mask:
    """A family from which the address is withheld does not know the household."""
    return ~(says(x.r.withhold_address, "yes") & x.known_to_family)


@known_to_family.because
def _() -> str:
    return "The address is withheld from the family, and the family knows this household."


@rule(
    "decisions",
    lack="ruled out or declined",
    fix="Ask whether the decision still stands.",
    who="the person who decided",
    of_start=True,
)
def ruled_out(x: Pairs) -> Mask:
    """Nobody has ruled the pair out or declined it."""
    return ~x.ruled_out


@ruled_out.because
def _(decision: str, decided_on: date, decision_reason: str | None) -> str:
    what = {
        "rule_out": "was ruled out",
        "declined_by_carer": "was declined by the carers",
        "declined_by_parent": "was declined by the parent",
    }[decision]
    why = f" (reason: {label(decision_reason)})" if decision_reason else ""
    return f"This match {what} on {long_date(decided_on)}{why}."


@ruled_out.mend
def _(case: Case) -> Edits:
    return (Withdrawn("decisions", case.ids),)


@rule(
    "PC-4.2b",
    lack="kept for a parent who lives there",
    fix="Decide whether the parent who lives there is to stay; choosing this family passes it.",
    who="Head of Service",
    choice_passes=True,
    of_start=True,
)
def own_home(x: Pairs) -> Mask:
    """The household is not kept for a parent of another family who lives there."""
    return ~x.kept_for_a_parent | x.kept_for_it


@own_home.because
def _(kept_for: tuple[str, ...]) -> str:
    whose = and_list(kept_for)
    live = "live there" if len(kept_for) > 1 else "lives there"
    return f"It is kept for {whose}, where a parent {live} now."


@rule(
    "practice",
    lack="left by this family before its time",
    fix="Choose it on purpose, if both sides want to try again.",
    who="both social workers",
    choice_passes=True,
    of_start=True,
)
def ended_before(x: Pairs) -> Mask:
    """No placement of the family there ended before its time."""
    return ~x.ended_before


@ended_before.because
def _(lived_until: date, ended_because: str | None) -> str:
    why = label(ended_because) if ended_because else "no reason is recorded"
    return f"The family lived there until {long_date(lived_until)}; it ended early ({why})."


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
    known_to_family,
    ruled_out,
    ended_before,
    own_home,
)
