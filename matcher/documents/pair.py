"""What there is to say of a request with a household, without the place of one that is withheld."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isnan

import numpy as np

from matcher.codes import FEATURES, RISK_AREAS, RISK_LEVELS, SKILLS
from matcher.documents.marks import to_complete
from matcher.documents.request import AREA_WORDS, item, languages
from matcher.eligibility import failed_bits, rules_of
from matcher.explain import WITHHELD, Explainer, relationship_line
from matcher.fit import score
from matcher.model import SKILL_BITS
from matcher.policy import gates
from matcher.policy.case import Case
from matcher.policy.criteria import CRITERIA, WHERE, ethnicity_names
from matcher.policy.forms import Failing
from matcher.policy.rules import RULES
from matcher.rounds import household_pairs
from matcher.words import and_list, coded, count, label, long_date, upper_first

UNDECIDED = "Its place is not shown until it is decided whether the address is withheld."
NOT_SHOWN, LOW = "Not shown", "Low"
PLACE_RULE, NO_GAP = "place", "None."
MET, NOT_MET, ASK = "Yes", "No", "Not known"


@dataclass(frozen=True, slots=True)
class Need:
    """A need of the family: how the household meets it, how well, and what closes a gap."""

    need: str
    clause: str
    how: str
    grade: str
    gap: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A hard rule that the pair fails: why, what would mend it, who can grant that."""

    rule: str
    clause: str
    reason: str
    fix: str
    who: str


@dataclass(frozen=True, slots=True)
class Area:
    """An area of risk: what was assessed, what the household manages, whether both considered it."""

    name: str
    level: str
    limit: str
    considered: str


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate that is still open: how it stands, what to do, who does it."""

    gate: str
    clause: str
    evidence: str
    action: str
    who: str


@dataclass(frozen=True)
class Pair:
    """A request and a household of a solved round; `hide`: nothing may say where it is."""

    explainer: Explainer
    row: int
    household: int
    case: Case
    hide: bool

    @classmethod
    def of(cls, explainer: Explainer, request_id: str, household_id: str) -> Pair:
        """A pair by its ids. Its place is hidden unless the address is known not to be withheld."""
        row = explainer.request_ids.index(request_id)
        household = explainer.household_ids.index(household_id)
        case = explainer.prepared.pair(row, household)
        hide = case.request.withhold_address is not False or household_id in explainer.hidden
        return cls(explainer, row, household, case, hide)

    @property
    def failing(self) -> dict[str, Failing]:
        """The rules that the pair fails, by their keys."""
        pairs = household_pairs(self.explainer.prepared, self.row, np.array([self.household]))
        places = rules_of(int(failed_bits(pairs)[0, 0]))
        return {RULES[place].key: RULES[place].failing(self.case) for place in places}

    @property
    def not_shown(self) -> str:
        """Why nothing says where the household is."""
        return UNDECIDED if self.case.request.withhold_address is None else WITHHELD

    @property
    def proposed(self) -> bool:
        """Whether the round proposes this household."""
        return int(self.explainer.round.household[self.row]) == self.household

    @property
    def confirmed(self) -> bool:
        """Whether people have confirmed the pair, and it has not ended."""
        pin = self.explainer.prepared.pins.get(self.row)
        return pin is not None and pin.household == self.household and pin.confirmed

    @property
    def relationship(self) -> str:
        """What family and household are to each other."""
        if self.case.relationship is None:
            return "None is recorded."
        return upper_first(relationship_line(self.case).removeprefix("Relationship: "))


def standing(pair: Pair) -> str:
    """How a pair that is eligible stands in the round; '' where its fit would tell a place."""
    prepared = pair.explainer.prepared
    edge = prepared.edge(pair.row, pair.household)
    said = "The round proposes this household." if pair.proposed else ""
    if edge is None or pair.hide:
        return said
    pairs = household_pairs(prepared, pair.row, np.array([pair.household]))
    fit, rank = int(score(pairs).fit[0, 0]) / 100, int(prepared.ranked.rank[edge])
    of = count(prepared.choices(pair.row), "eligible household")
    return f"{said} Fit {fit:.0f} of 100; place {rank} of {of}.".strip()


def broken(pair: Pair) -> Iterator[Broken]:
    """The rules that the pair fails; those about a place as one, where its place is withheld."""
    told = False
    for rule in RULES:
        failing = pair.failing.get(rule.key)
        if failing is None:
            continue
        name, reason, fix = label(rule.key), failing.reason, failing.fix
        if pair.hide and rule.key in WHERE:
            if told:
                continue
            told, name = True, PLACE_RULE
            reason, fix = pair.not_shown, "Decide anew what the plan asks of the place."
        yield Broken(upper_first(name), rule.clause, reason, fix, upper_first(failing.who))


def criteria(pair: Pair) -> Iterator[Need]:
    """Each criterion with its evidence and grade, and the support that closes a gap (NMS-15)."""
    prepared = pair.explainer.prepared
    pairs = household_pairs(prepared, pair.row, np.array([pair.household]))
    values = [float(np.broadcast_to(v, pairs.shape)[0, 0]) for v in score(pairs).values]
    for each, value in zip(CRITERIA, values, strict=True):
        need, clause = _asked(each.key, pair.case), each.clause
        if pair.hide and each.key in WHERE and not isnan(value):
            yield Need(need, clause, pair.not_shown, NOT_SHOWN, "")
            continue
        found, grade = each.because(pair.case, value), pair.explainer.grade(value)
        gap = found.support or ("" if isnan(value) else NO_GAP)
        if grade == LOW and not found.support:
            gap = to_complete("support that would help")
        yield Need(need, clause, found.text, grade, gap)


def _asked(key: str, case: Case) -> str:
    request, nothing = case.request, "the request does not say"
    if key == "skills":
        bits = int(case.pairs.skills_asked[case.row, 0])
        asked = [skill for skill in SKILLS if bits & SKILL_BITS[skill]]
        return f"Experience of {coded(asked)}" if asked else "Experience: nothing is asked for"
    said = {
        "language": f"Language: {languages(request) or nothing}",
        "ethnicity": f"Ethnicity: {_ethnicity(case) or nothing}",
        "religion": f"Religion: {upper_first(label(request.religion or '')) or nothing}",
        "distance": "Near the family's home",
        "school": "Near school",
        "impact": "The needs of those who live there",
    }
    return said[key]


def _ethnicity(case: Case) -> str:
    return ethnicity_names()[case.request.ethnicity] if case.request.ethnicity else ""


def hard_needs(pair: Pair) -> Iterator[Need]:
    """What the request makes essential, each with whether the household has it."""
    case, failing = pair.case, pair.failing
    yield from _features(case)
    for key, asks in ASKED:
        need = asks(case)
        rule = next(rule for rule in RULES if rule.key == key)
        if not need:
            continue
        found = failing.get(key)
        if pair.hide and key in WHERE:
            yield Need(need, rule.clause, pair.not_shown, NOT_SHOWN, "")
        elif found is None:
            yield Need(need, rule.clause, rule.sentence, MET, NO_GAP)
        else:
            answer = NOT_MET if found.known else ASK
            yield Need(need, rule.clause, found.reason, answer, f"{found.fix} ({found.who})")


def _features(case: Case) -> Iterator[Need]:
    has = {*(case.household.features or ()), *case.skills}
    spoken = {f"language:{code}" for carer in case.carers for code in carer.languages or ()}
    for code in case.request.must_have:
        unsure = case.household.features is None and code in FEATURES
        unsure = unsure or (code.startswith("language:") and not spoken)
        yield _feature(f"Must have: {item(code)}", code in has | spoken, unsure)
    for code in case.request.must_avoid:
        unsure = case.household.features is None
        yield _feature(f"Must not have: {label(code)}", code not in has, unsure)


def _feature(need: str, met: bool, unsure: bool) -> Need:
    if unsure:
        return Need(need, "NMS-15", "Not known.", ASK, "Ask the carers, and record the answer.")
    how = "As the family needs it." if met else "Not as the family needs it."
    gap = NO_GAP if met else to_complete("whether it can be provided, and how")
    return Need(need, "NMS-15", how, MET if met else NOT_MET, gap)


def _time(case: Case) -> str:
    start, end = case.day("start"), case.day("end")
    latest = f"Available for a start by {long_date(case.date('latest'))}"
    return f"{latest}, until {long_date(end)}" if start and end else latest


def _distance(case: Case) -> str:
    asks = case.request.min_miles is not None or case.request.max_miles is not None
    return "The distance from home that the plan asks for" if asks else ""


ASKED: tuple[tuple[str, Callable[[Case], str]], ...] = (
    ("room", lambda case: "Room for the whole family"),
    ("family", lambda case: "A second parent comes" if case.request.second_parent_comes else ""),
    (
        "family",
        lambda case: (
            f"{upper_first(count(case.request.older_children, 'older child'))} too"
            if case.request.older_children
            else ""
        ),
    ),
    ("available", _time),
    ("smoke_free", lambda case: "A smoke-free home for a young child"),
    (
        "assessment_skills",
        lambda case: (
            "Carers who can monitor, record and advise"
            if case.request.purpose == "assessment"
            else ""
        ),
    ),
    ("risk_limits", lambda case: "Risks that the household can manage"),
    (
        "keep_away",
        lambda case: "Not in an area to keep away from" if case.request.keep_away else "",
    ),
    ("distance", _distance),
)


def risks(case: Case) -> list[Area]:
    """The nine areas: the assessed level, the household's limit, and what the joint one says."""
    own = dict(case.household.risk_limits)
    usual = {area: str(most) for area, most in case.policy.group("default_risk_limits").items()}
    considered = {area for row in case.risk_assessments for area in row.areas}
    found = []
    for area in RISK_AREAS:
        level = case.request.risks[area]
        limit = (
            f"{upper_first(own[area])}" if area in own else f"{upper_first(usual[area])} (usual)"
        )
        over = level is not None and RISK_LEVELS.index(level) > RISK_LEVELS.index(
            own.get(area, usual[area])
        )
        said = upper_first(level) if level else to_complete("not assessed")
        seen = MET if area in considered else to_complete("not yet")
        found.append(
            Area(AREA_WORDS[area], f"{said}, over the limit" if over else said, limit, seen)
        )
    return found


def raised(case: Case) -> str:
    """The areas assessed as medium or high, in words; '' where none is."""
    levels = case.request.risks.items()
    found = [f"{label(area)} ({level})" for area, level in levels if level in ("medium", "high")]
    return and_list(found) if found else ""


def open_gates(pair: Pair) -> list[Gate]:
    """What is still open between this pair and its confirmation."""
    return [
        Gate(
            upper_first(label(duty.duty)),
            duty.clause,
            duty.evidence,
            duty.action,
            upper_first(duty.who),
        )
        for duty in gates.still_open(gates.words(gates.of_match(pair.case), hide=pair.hide))
    ]
