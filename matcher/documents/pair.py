"""What there is to say of a request with a household, without the place of one that is withheld."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan

import numpy as np

from matcher.codes import RISK_AREAS
from matcher.documents.marks import to_complete
from matcher.documents.request import AREA_WORDS, Row, item
from matcher.eligibility import failed_bits, rules_failed
from matcher.errors import WrongInput, wrong_option
from matcher.explain import RELATIONSHIPS, lives
from matcher.explain import grade as grade_of
from matcher.fit import score
from matcher.intake.rows import ASKED_ALONE, Placement
from matcher.policy import duties
from matcher.policy.case import Case
from matcher.policy.criteria import CRITERIA
from matcher.policy.duties.form import ACCEPTED, PLACE_WITHHELD, DutyRecord, DutyWords
from matcher.policy.forms import Failing, Rule
from matcher.policy.in_force import rules_in_force
from matcher.policy.rules import own_home
from matcher.policy.settings import Policy
from matcher.recorder import Recorder
from matcher.words import and_list, count, label, long_date, upper_first

UNDECIDED = "Its place is not shown until it is decided whether the address is withheld."
NOT_SHOWN, LOW = "Not shown", "Low"
PLACE_RULE, NO_GAP = "place", "None."
MET, NOT_MET, ASK = "Yes", "No", "Not known"
NOT_ASKED = "Nobody has asked."
PRACTICE = {"LAW-smoking": "practice guidance, not law"}  # clauses whose ids sound like law


def cited(clause: str) -> str:
    """A clause as a paper cites it; of guidance, that it is no law."""
    return f"{clause}: {PRACTICE[clause]}" if clause in PRACTICE else clause


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
    """A gate that is not done: how it stands, what to do, who does it."""

    gate: str
    clause: str
    evidence: str
    action: str
    who: str


@dataclass(frozen=True)
class Pair:
    """A family and a household of a solved round; `hide`: nothing may say where it is.

    `row` is None for a family that lives there: it is not matched.
    """

    recorder: Recorder
    row: int | None
    household: int
    case: Case
    hide: bool

    @classmethod
    def of(cls, recorder: Recorder, request_id: str, household_id: str) -> Pair:
        """A pair by its ids. Its place is hidden unless the address is known not to be withheld."""
        household, row = recorder.household_ids.index(household_id), None
        if request_id in recorder.inputs.open_ids:
            row = recorder.request_ids.index(request_id)
            case = recorder.prepared.pair(row, household)
        else:
            case = _living(recorder, request_id, household_id)
        hide = case.request.withhold_address is not False or household_id in recorder.hiding.hidden
        return cls(recorder, row, household, case, hide)

    @cached_property
    def failing(self) -> dict[str, Failing]:
        """The rules that the pair fails, by their keys; of a placed family those of a start are past."""
        failed = rules_failed(int(failed_bits(self.case.pairs)[0, 0]), self.case.policy)
        asked = [rule for rule in failed if self.row is not None or not rule.of_start]
        return {rule.key: rule.failing(self.case) for rule in asked}

    @property
    def not_shown(self) -> str:
        """Why nothing says where the household is."""
        return UNDECIDED if self.case.request.withhold_address is None else PLACE_WITHHELD

    @property
    def proposed(self) -> bool:
        """Whether the round proposes this household."""
        row = self.row
        return row is not None and int(self.recorder.round.household[row]) == self.household

    @property
    def living(self) -> Placement | None:
        """The placement of the family in this household, where it runs."""
        at = self.recorder.inputs.placement_of.get(self.case.ids[0])
        return at if at is not None and at.household_id == self.case.ids[1] else None

    @property
    def confirmed(self) -> bool:
        """Whether people have confirmed the pair, and it has not ended."""
        if self.row is None:
            return True
        pin = self.recorder.prepared.pins.get(self.row)
        return pin is not None and pin.household == self.household and pin.confirmed

    @property
    def relationship(self) -> str:
        """What family and household are to each other."""
        if self.case.relationship is None:
            return "None is recorded."
        text, clause = RELATIONSHIPS[self.case.relationship]
        return upper_first(f"{text}. ({clause})")


def _living(recorder: Recorder, request_id: str, household_id: str) -> Case:
    """A placed family in the household where it lives; WrongInput for any other household."""
    case = recorder.prepared.living[request_id]
    if case.ids[1] != household_id:
        problem = f"{request_id} lives with {case.ids[1]}, and is not matched."
        raise WrongInput([wrong_option("HOUSEHOLD", problem, f"Name {case.ids[1]}.")])
    return case


def standing(pair: Pair) -> str:
    """How a pair stands in the round, or since when the family lives there.

    It is '' of others that are not eligible, and where its fit would tell a place.
    """
    prepared = pair.recorder.prepared
    if pair.row is None:
        living = pair.recorder.living(pair.case.ids[0])
        return "" if living is None else f"The family {lives(living)}."
    edge = prepared.edge(pair.row, pair.household)
    if edge is None:
        return ""
    said = "The round proposes this household." if pair.proposed else ""
    if pair.hide:
        return said
    pairs = pair.case.pairs
    fit, rank = int(score(pairs).fit[0, 0]) / 100, int(prepared.ranked.rank[edge])
    of = count(prepared.choices(pair.row), "eligible household")
    return f"{said} Fit {fit:.0f} of 100; place {rank} of {of}.".strip()


def broken(pair: Pair) -> Iterator[Broken]:
    """The rules that the pair fails; those about a place as one, where its place is withheld."""
    told = False
    for rule in rules_in_force(pair.case.policy):
        failing = pair.failing.get(rule.key)
        if failing is None:
            continue
        name, reason, fix = label(rule.key), failing.reason, failing.fix
        if rule is own_home:  # the papers of one family name no other
            reason = "It is kept for a parent who lives there now."
        if pair.hide and rule.tells_place:
            if told:
                continue
            told, name = True, PLACE_RULE
            reason, fix = pair.not_shown, "Decide anew what the plan asks of the place."
        yield Broken(upper_first(name), cited(rule.clause), reason, fix, upper_first(failing.who))


def criteria(pair: Pair) -> Iterator[Need]:
    """Each criterion with its evidence and grade, and the support that closes a gap (NMS-15)."""
    pairs = pair.case.pairs
    values = [float(np.broadcast_to(v, pairs.shape)[0, 0]) for v in score(pairs).values]
    for each, value in zip(CRITERIA, values, strict=True):
        need, clause = each.need(pair.case), each.clause
        known_value = None if isnan(value) else value
        if pair.hide and each.tells_place and not isnan(value):
            yield Need(need, clause, pair.not_shown, NOT_SHOWN, "")
            continue
        found, grade = each.because(pair.case, value), grade_of(known_value, pair.case.policy)
        gap = found.support or ("" if isnan(value) else NO_GAP)
        if grade == LOW and not found.support:
            gap = to_complete("support that would help")
        if unasked := _unasked(pair.case, each.key):
            gap = f"{'' if gap == NO_GAP else gap} {unasked}".strip()
        yield Need(need, clause, found.text, grade, gap)


def _unasked(case: Case, criterion: str) -> str:
    """Of which carers nothing is recorded, where what is said of the others would speak for them too."""
    column = {"language": "languages", "ethnicity": "ethnicity", "religion": "religion"}.get(
        criterion
    )
    blank = sum(getattr(carer, column) is None for carer in case.carers) if column else 0
    if not 0 < blank < len(case.carers) or getattr(case.request, str(column)) is None:
        return ""
    return to_complete(f"ask {blank} of {len(case.carers)} carers, of whom it is not recorded")


def hard_needs(pair: Pair) -> Iterator[Need]:
    """What the request makes essential, each with whether the household has it."""
    failing = pair.failing
    yield from _features(pair.case)
    for rule in rules_in_force(pair.case.policy):
        if pair.row is None and rule.of_start:
            continue
        for need in rule.needs(pair.case):
            yield _hard_need(pair, rule, need, failing.get(rule.key))


def _hard_need(pair: Pair, rule: Rule, need: str, failing: Failing | None) -> Need:
    clause = cited(rule.clause)
    if pair.hide and rule.tells_place:
        return Need(need, clause, pair.not_shown, NOT_SHOWN, "")
    if failing is None:
        passing = rule.passing(pair.case)
        grade = ASK if passing.asks else MET
        return Need(need, clause, passing.text, grade, passing.asks or NO_GAP)
    answer = NOT_MET if failing.known else ASK
    return Need(need, clause, failing.reason, answer, f"{failing.fix} ({failing.who})")


def _features(case: Case) -> Iterator[Need]:
    for code in case.request.must_have:
        yield _feature(case, f"Must have: {item(code)}", code, code in case.wanted_lacking)
    for code in case.request.must_avoid:
        yield _feature(case, f"Must not have: {label(code)}", code, code in case.unwanted_there)


def _feature(case: Case, need: str, code: str, unmet: bool) -> Need:
    if code in case.features_not_known or (code in ASKED_ALONE and case.never_asked):
        return Need(need, "NMS-15", NOT_ASKED, ASK, "Ask the carers, and record the answer.")
    there = (code in case.request.must_have) is not unmet
    how = f"{'It is there' if there else 'It is not there'}, by what is recorded."
    gap = to_complete("whether it can be provided, and how") if unmet else NO_GAP
    return Need(need, "NMS-15", how, NOT_MET if unmet else MET, gap)


def home_rows(case: Case) -> list[Row]:
    """What the carers are recorded to have answered about their home, each asked by itself."""
    rows = [
        Row(what, asked(case, feature))
        for feature, what in (
            ("smoker", "Somebody smokes there"),
            ("dog", "A dog"),
            ("cat", "A cat"),
        )
    ]
    day = case.household.reviewed_on
    said = long_date(day) if day else to_complete("day; none is recorded")
    return [*rows, Row("Profile confirmed with the carers on", said)]


def asked(case: Case, feature: str) -> str:
    """What is recorded as the carers' answer about one feature, or that nobody has asked."""
    answer = case.household.has(feature)
    if answer is None or (case.never_asked and not answer):
        return f"{NOT_ASKED} {to_complete('ask the carers')}"
    return "Yes" if answer else "No"


def risks(case: Case) -> list[Area]:
    """The nine areas: the assessed level, what the carers say they manage, what the joint one says."""
    own = dict(case.household.risk_limits)
    over = {area for area, _, _ in case.risks_over}
    found = []
    for area in RISK_AREAS:
        level = case.request.risks[area]
        limit = (
            upper_first(own[area])
            if area in own
            else to_complete("none is recorded: ask the carers")
        )
        assessed = upper_first(level) if level else to_complete("not assessed")
        if area in over:
            assessed = f"{assessed}, over the limit"
        seen = MET if area in case.areas_considered else to_complete("not yet")
        found.append(Area(AREA_WORDS[area], assessed, limit, seen))
    return found


def usual_limits(case: Case) -> str:
    """What matching goes by where the carers have said nothing: the settings, by level."""
    by_level: dict[str, list[str]] = {}
    for area, most in case.policy.group("default_risk_limits").items():
        by_level.setdefault(str(most), []).append(label(area))
    return "; ".join(f"{level} for {and_list(areas)}" for level, areas in by_level.items())


def raised(case: Case) -> str:
    """The areas assessed as medium or high, in words; '' where none is."""
    levels = case.request.risks.items()
    found = [f"{label(area)} ({level})" for area, level in levels if level in ("medium", "high")]
    return and_list(found) if found else ""


def words(pair: Pair) -> list[DutyWords]:
    """All duties of a pair, as its papers say them: they name no household but its own."""
    records = (_naming_no_other(each, pair) for each in duties.of_match(pair.case))
    return duties.words(records, pair.case.policy, hide=pair.hide)


def open_gates(every: list[DutyWords], policy: Policy) -> list[Gate]:
    """What is not done between a pair and its confirmation, what is accepted among it."""
    return [
        Gate(
            upper_first(label(duty.duty)),
            cited(duty.clause),
            duty.evidence,
            duty.action or duties.named(duty.duty, policy).action,
            upper_first(duty.who),
        )
        for duty in every
        if duty.before_confirmation or (duty.holds and duty.status == ACCEPTED)
    ]


def _naming_no_other(record: DutyRecord, pair: Pair) -> DutyRecord:
    """A duty as the papers of one pair say it: they name no household but its own."""
    homes = record.facts.get("too_high_at")
    if not isinstance(homes, list):
        return record
    named = (home if home == pair.case.ids[1] else "another household" for home in homes)
    return replace(record, facts={**record.facts, "too_high_at": [*dict.fromkeys(named)]})
