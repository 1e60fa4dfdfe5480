"""The contract once more, in plain loops, so that the product can be checked against it.

It was written from the contract alone and shares nothing with the product. It assumes valid
CSV input and reports no faults in it.
"""

from __future__ import annotations

import csv
import io
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

Row = dict[str, str]

AREAS = (
    "offending",
    "violence",
    "arson",
    "sexualised_behaviour",
    "substance_misuse",
    "self_harm",
    "absconding",
    "medical",
    "mental_health",
)
LEVELS = {"none": 0, "low": 1, "medium": 2, "high": 3}
FEATURES = (
    "dog",
    "cat",
    "smoker",
    "step_free",
    "ground_floor",
    "own_bathroom",
    "garden",
    "car",
    "female_only",
    "birth_children",
)
RULES = (
    "approved",
    "trained",
    "assessed",
    "accommodation",
    "room",
    "two_carers",
    "one_arrangement",
    "available",
    "terms",
    "family",
    "fostering_limit",
    "risk_limits",
    "risk_assessment",
    "assessment_skills",
    "keep_away",
    "distance",
    "features",
    "smoke_free",
    "known_to_family",
    "ruled_out",
    "ended_before",
    "own_home",
)
CRITERIA = ("language", "ethnicity", "religion", "distance", "school", "skills", "impact")
STRENGTH = {
    "current_carer": 3,
    "former_carer": 2,
    "sibling_lives_there": 2,
    "respite_carer": 1,
    "known_to_family": 1,
}
COLUMN_OF = {"smoker": "smokes", "dog": "dogs", "cat": "cats", "birth_children": "own_children"}
GOOD_ENDS = ("planned", "moved_on", "staying_put")
# What the risks that fostering is decided on are called among the concerns of PC-3.1.
DECISIVE_RISKS = ("absconding", "mental_health", "substance_misuse", "offending", "violence")
# What a choice need not pass.
ASIDE = frozenset({"ended_before", "own_home", "known_to_family"})
BROAD_GROUP = {
    "WBRI": "White",
    "WIRI": "White",
    "WOTH": "White",
    "WIRT": "White",
    "WROM": "White",
    "MWBC": "Mixed",
    "MWBA": "Mixed",
    "MWAS": "Mixed",
    "MOTH": "Mixed",
    "AIND": "Asian",
    "APKN": "Asian",
    "ABAN": "Asian",
    "AOTH": "Asian",
    "CHNE": "Asian",
    "BCRB": "Black",
    "BAFR": "Black",
    "BOTH": "Black",
    "OOTH": "Other",
}
HALF_MATCHES = {
    "MWBC": ("White", "Black"),
    "MWBA": ("White", "Black"),
    "MWAS": ("White", "Asian"),
}
# The languages that the random rounds and the samples use: ISO 639-3, ISO 639-1, English name.
LANGUAGES = (
    ("eng", "en", "english"),
    ("som", "so", "somali"),
    ("pol", "pl", "polish"),
    ("ara", "ar", "arabic"),
    ("fra", "fr", "french"),
    ("spa", "es", "spanish"),
    ("por", "pt", "portuguese"),
    ("tur", "tr", "turkish"),
    ("urd", "ur", "urdu"),
    ("ben", "bn", "bengali"),
    ("sqi", "sq", "albanian"),
    ("yor", "yo", "yoruba"),
    ("pan", "pa", "punjabi"),
    ("lin", "ln", "lingala"),
    ("guj", "gu", "gujarati"),
    ("ell", "el", "greek"),
    ("yue", "yue", "cantonese"),
    ("swa", "sw", "swahili"),
    ("tir", "ti", "tigrinya"),
    ("kur", "ku", "kurdish"),
    ("hin", "hi", "hindi"),
    ("sin", "si", "sinhala"),
    ("ron", "ro", "romanian"),
    ("heb", "he", "hebrew"),
    ("amh", "am", "amharic"),
)
DEFAULT_POLICY: dict[str, Any] = {
    "turnaround_days": 7,
    "support_weeks": 26,
    "start_grace_days.today": 1,
    "start_grace_days.within_5_days": 5,
    "start_grace_days.more_than_5_days": 14,
    "training_valid_months": 0,
    "older_children_per_room": 2,
    "smoke_free_under_years": 5,
    "smoke_free_own_carers": "duty",
    "protect_own_home_days": 90,
    "screening.not_considered": "provisional",
    "default_risk_limits.offending": "medium",
    "default_risk_limits.violence": "medium",
    "default_risk_limits.arson": "medium",
    "default_risk_limits.sexualised_behaviour": "medium",
    "default_risk_limits.substance_misuse": "high",
    "default_risk_limits.self_harm": "high",
    "default_risk_limits.absconding": "high",
    "default_risk_limits.medical": "high",
    "default_risk_limits.mental_health": "high",
    "weights.language": 20,
    "weights.ethnicity": 12,
    "weights.religion": 12,
    "weights.distance": 16,
    "weights.school": 5,
    "weights.skills": 25,
    "weights.impact": 10,
    "far_miles": 20,
    "far_school_miles": 10,
    "horizon_days": 56,
}


class Aims(NamedTuple):
    """The six aims of a round, in order of precedence."""

    today: int
    within_5_days: int
    more_than_5_days: int
    relationship: int
    needed_soonest: int
    fit: int


class Best(NamedTuple):
    """The best aims of a round and the canonical assignment that reaches them."""

    aims: Aims
    assignment: dict[str, str | None]


@dataclass(frozen=True)
class Home:
    """What the limits of a round ask of a household, and who is in its way.

    `runs` also where the family is in none of our tables, `taken` where one that is not matched
    moves in later. `free_again` is None where nothing is in the way, and where nobody can say.
    `alone` are the rules that fail whoever asks.
    """

    outcode: str
    point: tuple[int, int]
    team: str | None
    fee: Decimal | None
    lives_there: str | None
    runs: bool
    taken: bool
    free_again: date | None
    nobody_can_say: bool
    free_from: date | None
    kept_for: tuple[str, ...]
    alone: frozenset[str]


@dataclass(frozen=True)
class RequestVerdict:
    """What the contract says of one open or placed request.

    `screening` is the outcome, or `matchable` where the round goes on to propose or not.
    `any_fit` is the fit even where not eligible. A placed one and Staying Put have no pairs.
    """

    state: str
    regime: str
    urgency: str
    late_days: int | None
    screening: str
    provisional: tuple[str, ...]
    failed: dict[str, frozenset[str]]
    fit: dict[str, int]
    points: dict[str, dict[str, int]]
    rank: dict[str, int]
    relationship: dict[str, int]
    needed_soonest: int
    miles: dict[str, float | None]
    starts_on: dict[str, date | None]
    any_fit: dict[str, int]


@dataclass(frozen=True)
class Verdict:
    """What the contract says of a folder: its requests, its homes, and what pins them.

    `confirmed` has what is confirmed or agreed and hasn't begun, `chosen` the choices that
    stand, `set_aside` the pairs that people pinned and that pin nothing today.
    """

    as_of: date
    requests: dict[str, RequestVerdict]
    homes: dict[str, Home]
    confirmed: dict[str, str]
    chosen: dict[str, str]
    set_aside: frozenset[tuple[str, str]]
    keep_apart: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class _Request:
    """A request as read; None is not known."""

    request_id: str
    status: str | None
    purpose: str
    parent_age: int
    second_age: int | None
    parent_cared_for: bool
    second_cared_for: bool | None
    born: date
    babies: int
    child_status: str
    court_directed: bool | None
    directed_until: date | None
    older: int
    needed_from: date
    latest_start: date | None
    weeks: int | None
    ethnicity: str | None
    religion: str | None
    languages: list[str]
    english: str | None
    home: str | None
    school: str | None
    keep_away: list[str]
    min_miles: float | None
    max_miles: float | None
    needs: list[str]
    must_have: list[str]
    must_avoid: list[str]
    risks: dict[str, int]
    concerns: list[str] | None
    resource_team: str | None
    engagement: str | None
    agree: list[bool | None]
    legal_advice_on: date | None
    legal_advice: list[str]
    head_of_service: date | None
    with_parents: str | None
    withheld: bool | None
    court_on: date | None


@dataclass(frozen=True)
class _Household:
    """A household as read; None is not known. `features` says yes, no or not known of each."""

    household_id: str
    status: str
    outcode: str
    suitable: bool | None
    bedrooms: int | None
    second_parent: bool | None
    takes_older: int
    fostered: int
    arrangement_open: bool
    arrangement_until: date | None
    available_from: date | None
    available_until: date | None
    terms: list[str]
    exemptions: list[str]
    features: dict[str, bool | None]
    risk_limits: dict[str, int]
    team: str | None
    fee: Decimal | None
    reviewed_on: date | None


@dataclass(frozen=True)
class _Carer:
    """An approved carer as read."""

    trained_on: date | None
    assessed_on: date | None
    ethnicity: str | None
    religion: str | None
    languages: list[str]
    supports: list[str]
    skills: list[str]


@dataclass(frozen=True)
class _Stay:
    """A placement of the table, or a `confirmed` that is read as one."""

    request_id: str
    household_id: str
    started_on: date | None
    planned_end: date | None
    ended_on: date | None
    because: str | None

    def ended(self, as_of: date) -> bool:
        """Whether it is over on the day of the round."""
        return self.ended_on is not None and self.ended_on <= as_of

    def agreed(self, as_of: date) -> bool:
        """Whether it begins later."""
        return self.started_on is not None and self.started_on > as_of

    def runs(self, as_of: date) -> bool:
        """Whether the family lives there on the day of the round."""
        return not self.ended(as_of) and not self.agreed(as_of)

    def broke_down(self, as_of: date) -> bool:
        """Whether it ended before its time."""
        return self.ended(as_of) and self.because not in GOOD_ENDS


# Reading


def _squash(heading: str) -> str:
    return heading.strip().lower().replace(" ", "").replace("_", "")


def _table(folder: Path, name: str) -> list[Row]:
    path = folder / f"{name}.csv"
    if not path.exists():
        return []
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    rows: list[Row] = []
    for line in lines[1:]:
        row = {_squash(h): cell.strip() for h, cell in zip(lines[0], line, strict=False)}
        if any(row.values()):
            rows.append(row)
    return rows


def _text(row: Row, column: str) -> str | None:
    return row.get(_squash(column), "") or None


def _must(row: Row, column: str) -> str:
    value = _text(row, column)
    if value is None:
        raise ValueError(f"{column} is blank")
    return value


def _code(row: Row, column: str) -> str | None:
    value = _text(row, column)
    return None if value is None else value.lower()


def _codes(row: Row, column: str) -> list[str]:
    value = _text(row, column) or ""
    return [part.strip().lower() for part in value.split(";") if part.strip()]


def _flag(row: Row, column: str) -> bool | None:
    value = _code(row, column)
    return None if value is None else value in ("yes", "y", "true", "1")


def _whole(row: Row, column: str) -> int | None:
    value = _text(row, column)
    return None if value is None else int(value)


def _number(row: Row, column: str) -> float | None:
    value = _text(row, column)
    return None if value is None else float(value)


def _as_date(value: str) -> date:
    if "/" in value:
        day, month, year = value.split("/")
        return date(int(year), int(month), int(day))
    return date.fromisoformat(value)


def _date(row: Row, column: str) -> date | None:
    value = _text(row, column)
    return None if value is None else _as_date(value)


def _outward(value: str | None) -> str | None:
    if value is None:
        return None
    squeezed = value.upper().replace(" ", "")
    return squeezed[:-3] if len(squeezed) > 4 else squeezed


def _language(value: str) -> str:
    for names in LANGUAGES:
        if value.strip().lower() in names:
            return names[0]
    raise ValueError(f"the oracle does not know the language {value}")


def _ethnicity(row: Row) -> str | None:
    value = (_text(row, "ethnicity") or "").upper()
    return None if value in ("", "REFU", "NOBT") else value


def _read_request(row: Row) -> _Request:
    risks: dict[str, int] = {}
    for area in AREAS:
        level = _code(row, f"risk_{area}")
        if level is not None:
            risks[area] = LEVELS[level]
    babies = _whole(row, "babies")
    concerns: list[str] | None = None
    if _text(row, "fostering_concerns") is not None:
        concerns = [name for name in _codes(row, "fostering_concerns") if name != "none"]
    agree = [_flag(row, "parent_agrees"), _flag(row, "others_agree")]
    if _whole(row, "second_parent_age") is not None:
        agree.append(_flag(row, "second_parent_agrees"))
    return _Request(
        request_id=_must(row, "request_id"),
        status=_code(row, "status"),
        purpose=_must(row, "purpose").lower(),
        parent_age=int(_must(row, "parent_age")),
        second_age=_whole(row, "second_parent_age"),
        parent_cared_for=_flag(row, "parent_looked_after") is True,
        second_cared_for=_flag(row, "second_parent_looked_after"),
        born=_as_date(_must(row, "child_born_or_due_on")),
        babies=1 if babies is None else babies,
        child_status=_must(row, "child_legal_status").lower(),
        court_directed=_flag(row, "court_directed"),
        directed_until=_date(row, "court_direction_until"),
        older=_whole(row, "older_children") or 0,
        needed_from=_as_date(_must(row, "needed_from")),
        latest_start=_date(row, "latest_start"),
        weeks=_whole(row, "expected_weeks"),
        ethnicity=_ethnicity(row),
        religion=_code(row, "religion"),
        languages=[_language(name) for name in _codes(row, "languages")],
        english=_code(row, "english"),
        home=_outward(_text(row, "home_postcode")),
        school=_outward(_text(row, "school_postcode")),
        keep_away=[code.upper() for code in _codes(row, "keep_away")],
        min_miles=_number(row, "min_miles"),
        max_miles=_number(row, "max_miles"),
        needs=_codes(row, "needs"),
        must_have=_codes(row, "must_have"),
        must_avoid=_codes(row, "must_avoid"),
        risks=risks,
        concerns=concerns,
        resource_team=_code(row, "resource_team_decision"),
        engagement=_code(row, "engagement"),
        agree=agree,
        legal_advice_on=_date(row, "legal_advice_on"),
        legal_advice=_codes(row, "legal_advice"),
        head_of_service=_date(row, "head_of_service_on"),
        with_parents=_code(row, "placement_with_parents"),
        withheld=_flag(row, "withhold_address"),
        court_on=_date(row, "court_on"),
    )


def _read_household(row: Row) -> _Household:
    until = _code(row, "arrangement_until")
    listed = _codes(row, "features")
    features: dict[str, bool | None] = {}
    for name in FEATURES:
        features[name] = name in listed if listed else None
        if name in COLUMN_OF and _squash(COLUMN_OF[name]) in row:
            features[name] = _flag(row, COLUMN_OF[name])
            if features[name] is None and listed == ["none"]:
                features[name] = False
    limits: dict[str, int] = {}
    for part in _codes(row, "risk_limits"):
        area, level = part.split(":")
        limits[area.strip()] = LEVELS[level.strip()]
    fee = _text(row, "weekly_fee")
    return _Household(
        household_id=_must(row, "household_id"),
        status=_must(row, "status").lower(),
        outcode=_outward(_must(row, "postcode")) or "",
        suitable=_flag(row, "accommodation_suitable"),
        bedrooms=_whole(row, "bedrooms"),
        second_parent=_flag(row, "takes_second_parent"),
        takes_older=_whole(row, "takes_older_children") or 0,
        fostered=int(_must(row, "looked_after_children")),
        arrangement_open=until == "open",
        arrangement_until=None if until in (None, "open") else _as_date(str(until)),
        available_from=_date(row, "available_from"),
        available_until=_date(row, "available_until"),
        terms=_codes(row, "terms"),
        exemptions=[p.strip() for p in (_text(row, "limit_exemption") or "").split(";")],
        features=features,
        risk_limits=limits,
        team=_text(row, "team"),
        fee=None if fee is None else Decimal(fee),
        reviewed_on=_date(row, "reviewed_on"),
    )


def _read_carer(row: Row) -> _Carer:
    return _Carer(
        trained_on=_date(row, "pc_trained_on"),
        assessed_on=_date(row, "pc_assessed_on"),
        ethnicity=_ethnicity(row),
        religion=_code(row, "religion"),
        languages=[_language(name) for name in _codes(row, "languages")],
        supports=_codes(row, "supports_religions"),
        skills=_codes(row, "skills"),
    )


def _flatten(table: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            flat.update(_flatten(value, f"{before}{key}."))
        else:
            flat[f"{before}{key}"] = value
    return flat


# Small sums


def miles_apart(one: tuple[int, int], other: tuple[int, int]) -> float:
    """The distance in miles, to one decimal, between two points on the grid."""
    metres = math.sqrt((one[0] - other[0]) ** 2 + (one[1] - other[1]) ** 2)
    return math.floor(metres / 1000 / 1.6093 * 10 + 0.5) / 10


def _add_months(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 + months
    year, month = divmod(whole, 12)
    month += 1
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    last = (following - timedelta(days=1)).day
    return date(year, month, min(day.day, last))


def _hundredths(value: Fraction) -> int:
    """Hundredths, halves up; the small addition is the contract's own."""
    return math.floor((value + Fraction(1, 10**9)) * 100 + Fraction(1, 2))


def _exact(value: object) -> Fraction:
    return Fraction(str(value))


def _happened(day: date | None, as_of: date) -> bool:
    return day is not None and day <= as_of


# Screening and time


def _any_parent_cared_for(request: _Request) -> bool:
    return request.parent_cared_for or request.second_cared_for is True


def _applies(request: _Request, as_of: date) -> bool:
    """Whether placement with parents applies to an interim order, by advice."""
    if request.child_status != "interim_care_order":
        return False
    ahead = request.legal_advice_on is not None and request.legal_advice_on > as_of
    return "placement_with_parents_applies" in request.legal_advice and not ahead


def _regime(request: _Request, outcome: str, as_of: date) -> str:
    child = request.child_status != "not_looked_after"
    if request.child_status == "care_order" or _applies(request, as_of):
        return "placement_with_parents"
    if _any_parent_cared_for(request):
        return "looked_after_parent_and_child" if child else "looked_after_parent"
    if request.child_status in ("interim_care_order", "emergency_protection"):
        return "interim_care_order"
    if request.child_status == "s20":
        return "s20"
    return "staying_put" if outcome == "staying_put" else "s17"


def _urgency(request: _Request, as_of: date) -> str:
    days = (request.needed_from - as_of).days
    if days <= 0:
        return "today"
    return "within_5_days" if days <= 5 else "more_than_5_days"


def _court_directs(request: _Request, as_of: date) -> bool:
    """Whether the court's direction counts today; one that may have run out does not."""
    if request.court_directed is not True:
        return False
    if request.directed_until is not None:
        return request.directed_until >= as_of
    return request.court_on is None or request.court_on >= as_of


def _concerning(request: _Request) -> bool:
    for need in ("domestic_abuse", "mental_health", "substance_misuse"):
        if need in request.needs:
            return True
    if max(request.risks.values(), default=0) >= LEVELS["medium"]:
        return True
    return bool(request.concerns) or request.engagement in ("partial", "refusing")


def _waits_for_a_lawyer(request: _Request, as_of: date) -> bool:
    """Whether legal advice is asked for that nobody has given, or that doesn't answer."""
    answers = request.legal_advice if _happened(request.legal_advice_on, as_of) else []
    directed = _court_directs(request, as_of)
    if request.child_status in ("interim_care_order", "emergency_protection") and not directed:
        applies = "placement_with_parents_applies" in answers
        if not applies and "placement_with_parents_does_not_apply" not in answers:
            return True
    nobody = request.child_status == "not_looked_after" and not _any_parent_cared_for(request)
    if nobody and not directed and _concerning(request):
        if "section_20" in answers or "interim_order" in answers:
            return True
        if "section_17" not in answers:
            return True
    if request.parent_age < 18 and not request.parent_cared_for and not answers:
        return True
    second = request.second_age
    young = second is not None and second < 18 and request.second_cared_for is not True
    return young and not answers


def _stays_put(request: _Request, own_carers: list[str]) -> bool:
    """Whether it is Staying Put; `own_carers` are current carers whose pair nobody declined."""
    if request.purpose != "support" or not own_carers or _any_parent_cared_for(request):
        return False
    second = request.second_age
    return 18 <= request.parent_age <= 20 or (second is not None and 18 <= second <= 20)


def _screening(request: _Request, has_own_carer: bool, waits: bool, as_of: date) -> str:
    """The outcome; `waits` where what comes before fostering is decided on holds a request."""
    if request.resource_team == "residential":
        return "residential"
    if request.resource_team != "foster":
        if request.purpose == "assessment":
            if request.concerns or request.engagement == "refusing":
                return "resource_team"
            if request.concerns is None:
                for area in DECISIVE_RISKS:
                    if request.risks.get(area) == LEVELS["high"]:
                        return "resource_team"
            if waits:
                return "resource_team"
        elif not _any_parent_cared_for(request) and not has_own_carer:
            return "resource_team"
    if request.child_status == "care_order" or _applies(request, as_of):
        agreed = _happened(request.head_of_service, as_of)
        if not (agreed and request.with_parents in ("approved", "interim")):
            return "head_of_service"
    if _waits_for_a_lawyer(request, as_of):
        return "legal_advice"
    if request.child_status in ("not_looked_after", "s20") and False in request.agree:
        return "no_consent"
    return "matchable"


def _provisional(request: _Request, risk_assessed: bool) -> tuple[str, ...]:
    """What comes before fostering is decided on, for a request that is matched."""
    if request.purpose != "assessment" or request.resource_team is not None:
        return ()
    keys: list[str] = []
    if request.concerns is None:
        keys.append("fostering_concerns")
    if not risk_assessed:
        keys.append("case_risk_assessment")
    return tuple(keys)


def _latest(request: _Request, as_of: date, policy: Mapping[str, Any]) -> date:
    if request.latest_start is not None and request.latest_start >= as_of:
        return request.latest_start
    grace = int(policy[f"start_grace_days.{_urgency(request, as_of)}"])
    return max(request.needed_from, as_of) + timedelta(days=grace)


class _Hold(NamedTuple):
    """What is in the way in a household: the day it is free again, or that nobody can say."""

    day: date | None
    unknown: bool


def _hold(
    household: _Household,
    stays: list[_Stay],
    request_id: str | None,
    as_of: date,
    policy: Mapping[str, Any],
) -> _Hold:
    """What holds a household against a family; its own placements there do not.

    `stays` are those in the household, without those that begin later and pin.
    """
    turnaround = timedelta(days=int(policy["turnaround_days"]))
    days: list[date] = []
    unknown = False
    for stay in stays:
        if stay.request_id == request_id:
            continue
        if stay.ended(as_of):
            assert stay.ended_on is not None
            days.append(stay.ended_on + turnaround)
            if stay.because in ("staying_put", "separated"):
                reviewed = household.reviewed_on
                unknown = unknown or reviewed is None or reviewed < stay.ended_on
        elif stay.planned_end is None or stay.planned_end < as_of:
            unknown = True
        else:
            days.append(stay.planned_end + turnaround)
    if not any(stay.runs(as_of) for stay in stays):
        unknown = unknown or household.arrangement_open
        if household.arrangement_until is not None:
            days.append(max(household.arrangement_until, as_of) + turnaround)
    return _Hold(None if unknown or not days else max(days), unknown)


def _start(request: _Request, household: _Household, hold: _Hold, as_of: date) -> date | None:
    """The start of a pair; None where nobody can say when the home is free."""
    if hold.unknown:
        return None
    start = max(request.needed_from, as_of)
    for day in (household.available_from, hold.day):
        if day is not None and day > start:
            start = day
    return start


# Hard rules


@dataclass(frozen=True)
class _Pair:
    """One request with one household, and what the other tables say of the two."""

    request: _Request
    household: _Household
    carers: list[_Carer]
    kinds: frozenset[str]
    too_high: bool
    excluded: bool
    broke_down: bool
    hold: _Hold
    miles: float | None
    school_miles: float | None
    as_of: date
    policy: Mapping[str, Any]

    def own_carer(self) -> bool:
        """Whether a looked-after parent already lives there."""
        return "current_carer" in self.kinds and _any_parent_cared_for(self.request)

    def fostered(self) -> int:
        """The foster children living there, without the parent who is already counted."""
        if self.own_carer():
            return max(0, self.household.fostered - 1)
        return self.household.fostered

    def skills(self) -> set[str]:
        """What the approved carers can do between them."""
        return {skill for carer in self.carers for skill in carer.skills}

    def spoken(self) -> set[str]:
        """What the approved carers speak between them."""
        return {code for carer in self.carers for code in carer.languages}


def _trained(carer: _Carer, as_of: date, policy: Mapping[str, Any]) -> bool:
    if carer.trained_on is None or carer.trained_on > as_of:
        return False
    months = int(policy["training_valid_months"] or 0)
    return months == 0 or _add_months(carer.trained_on, months) >= as_of


def _passes_available(pair: _Pair) -> bool:
    request, household = pair.request, pair.household
    latest = _latest(request, pair.as_of, pair.policy)
    if household.available_from is not None and household.available_from > latest:
        return False
    if household.available_until is None:
        return True
    start = _start(request, household, pair.hold, pair.as_of)
    if start is None:
        return False
    if request.purpose == "support" and request.weeks is None:
        return household.available_until > start
    weeks = int(pair.policy["support_weeks"]) if request.weeks is None else request.weeks
    return household.available_until >= start + timedelta(weeks=weeks)


def _passes_limit(pair: _Pair) -> bool:
    request = pair.request
    people = 0
    if request.parent_cared_for:
        people += 1
    if request.second_cared_for is True:
        people += 1
    if request.child_status != "not_looked_after":
        people += request.babies + request.older
    if people + pair.fostered() <= 3:
        return True
    if request.request_id in pair.household.exemptions:
        return True
    return pair.fostered() == 0 and not _any_parent_cared_for(request)


def _passes_risk_limits(pair: _Pair) -> bool:
    for area, level in pair.request.risks.items():
        limit = LEVELS[str(pair.policy[f"default_risk_limits.{area}"]).lower()]
        if level > pair.household.risk_limits.get(area, limit):
            return False
    return True


def _passes_distance(pair: _Pair) -> bool:
    least, most = pair.request.min_miles, pair.request.max_miles
    if least is not None and (pair.miles is None or pair.miles < least):
        return False
    return most is None or (pair.miles is not None and pair.miles <= most)


def _passes_features(pair: _Pair) -> bool:
    features = pair.household.features
    for wanted in pair.request.must_have:
        if wanted.startswith("language:"):
            if _language(wanted.split(":", 1)[1]) not in pair.spoken():
                return False
        elif wanted in FEATURES:
            if features[wanted] is not True:
                return False
        elif wanted not in pair.skills():
            return False
    return all(features[bad] is False for bad in pair.request.must_avoid)


def _passes_smoke_free(pair: _Pair) -> bool:
    years = int(pair.policy["smoke_free_under_years"])
    if years == 0 or _add_months(pair.request.born, 12 * years) <= pair.as_of:
        return True
    if pair.own_carer() and pair.policy["smoke_free_own_carers"] != "fail":
        return True
    return pair.household.features["smoker"] is False


def _closed(
    household: _Household, carers: list[_Carer], as_of: date, policy: Mapping[str, Any]
) -> frozenset[str]:
    """The rules that a household fails by itself."""
    failed: set[str] = set()
    if household.status != "approved":
        failed.add("approved")
    trained = [carer for carer in carers if _trained(carer, as_of, policy)]
    if not trained:
        failed.add("trained")
    if not any(_happened(carer.assessed_on, as_of) for carer in trained):
        failed.add("assessed")
    if household.suitable is not True:
        failed.add("accommodation")
    return frozenset(failed)


def _failed(pair: _Pair) -> frozenset[str]:
    request, household, policy = pair.request, pair.household, pair.policy
    failed = set(_closed(household, pair.carers, pair.as_of, policy))
    rooms = 1 + math.ceil(request.older / int(policy["older_children_per_room"]))
    spare = 1 if pair.own_carer() else 0
    if household.bedrooms is None or household.bedrooms + spare < rooms:
        failed.add("room")
    if pair.fostered() > 0 and len(pair.carers) < 2:
        failed.add("two_carers")
    free_on = pair.hold.day
    late = free_on is not None and free_on > _latest(request, pair.as_of, policy)
    if pair.hold.unknown or late:
        failed.add("one_arrangement")
    if not _passes_available(pair):
        failed.add("available")
    if household.terms and request.purpose not in household.terms:
        failed.add("terms")
    if request.second_age is not None and household.second_parent is not True:
        failed.add("family")
    if request.older > household.takes_older:
        failed.add("family")
    if not _passes_limit(pair):
        failed.add("fostering_limit")
    if not _passes_risk_limits(pair):
        failed.add("risk_limits")
    if pair.too_high:
        failed.add("risk_assessment")
    if request.purpose == "assessment":
        for skill in ("monitoring_and_recording", "parenting_advice"):
            if skill not in pair.skills():
                failed.add("assessment_skills")
    if household.outcode in request.keep_away:
        failed.add("keep_away")
    if not _passes_distance(pair):
        failed.add("distance")
    if not _passes_features(pair):
        failed.add("features")
    if not _passes_smoke_free(pair):
        failed.add("smoke_free")
    if request.withheld is True and "known_to_family" in pair.kinds:
        failed.add("known_to_family")
    if pair.excluded:
        failed.add("ruled_out")
    if pair.broke_down:
        failed.add("ended_before")
    return frozenset(failed)


# Soft criteria


def _language_value(pair: _Pair) -> Fraction | None:
    request, spoken = pair.request, pair.spoken()
    if not request.languages:
        return None
    if not spoken:
        return Fraction(0)
    if request.languages[0] in spoken:
        return Fraction(1)
    for code in request.languages[1:]:
        if code in spoken:
            return Fraction(4, 5)
    if request.english == "fluent":
        return Fraction(4, 5)
    return Fraction(2, 5) if request.english == "some" else Fraction(0)


def _ethnicity_value(pair: _Pair) -> Fraction | None:
    wanted = pair.request.ethnicity
    if wanted is None:
        return None
    best = Fraction(0)
    for carer in pair.carers:
        theirs = carer.ethnicity
        if theirs is None:
            continue
        value = Fraction(0)
        if theirs == wanted:
            value = Fraction(1)
        elif BROAD_GROUP[theirs] == BROAD_GROUP[wanted]:
            value = Fraction(3, 5)
        else:
            one_way = BROAD_GROUP[theirs] in HALF_MATCHES.get(wanted, ())
            other_way = BROAD_GROUP[wanted] in HALF_MATCHES.get(theirs, ())
            if one_way or other_way:
                value = Fraction(1, 2)
        best = max(best, value)
    return best


def _religion_value(pair: _Pair) -> Fraction | None:
    wanted = pair.request.religion
    if wanted in (None, "none", "not_stated"):
        return None
    best = Fraction(0)
    for carer in pair.carers:
        if carer.religion == wanted:
            best = max(best, Fraction(7, 10) if wanted == "other" else Fraction(1))
        if wanted in carer.supports:
            best = max(best, Fraction(7, 10))
    return best


def _nearness(miles: float | None, far: object) -> Fraction | None:
    if miles is None:
        return None
    return max(Fraction(0), 1 - _exact(miles) / _exact(far))


def _skills_value(pair: _Pair) -> Fraction:
    request = pair.request
    asked = set(request.needs)
    asked.add("babies")
    if request.purpose == "support":
        asked.add("teaching_parents")
        if request.parent_age < 20 or (request.second_age is not None and request.second_age < 20):
            asked.add("teenagers")
    elif request.court_on is not None and request.court_on >= pair.as_of:
        asked.add("court_evidence")
    return Fraction(len(asked & pair.skills()), len(asked))


def _impact_value(pair: _Pair) -> Fraction:
    children = pair.fostered()
    value = Fraction(1)
    if children == 1:
        value = Fraction(3, 5)
    elif children >= 2:
        value = Fraction(3, 10)
    worst = max(pair.request.risks.values(), default=0)
    if worst == LEVELS["medium"]:
        value = value * Fraction(3, 4)
    elif worst == LEVELS["high"]:
        value = value * Fraction(1, 2)
    return value


def _fit(pair: _Pair) -> tuple[int, dict[str, int]]:
    request, policy = pair.request, pair.policy
    values: dict[str, Fraction | None] = {
        "language": _language_value(pair),
        "ethnicity": _ethnicity_value(pair),
        "religion": _religion_value(pair),
        "distance": None,
        "school": _nearness(pair.school_miles, policy["far_school_miles"]),
        "skills": _skills_value(pair),
        "impact": _impact_value(pair),
    }
    if request.min_miles is None and not request.keep_away:
        values["distance"] = _nearness(pair.miles, policy["far_miles"])
    known: dict[str, Fraction] = {}
    for name, value in values.items():
        if value is not None:
            known[name] = value
    weights = {name: _exact(policy[f"weights.{name}"]) for name in known}
    total = sum(weights.values(), Fraction(0))
    if total == 0:
        return 0, dict.fromkeys(known, 0)
    points: dict[str, int] = {}
    whole = Fraction(0)
    for name, value in known.items():
        share = 100 * weights[name] * value / total
        whole += share
        points[name] = _hundredths(share)
    return _hundredths(whole), points


# The verdict


def _latest_decisions(folder: Path) -> dict[tuple[str, str], Row]:
    """The decision that counts of each pair: the one decided last."""
    latest: dict[tuple[str, str], Row] = {}
    for row in _table(folder, "decisions"):
        key = (_must(row, "request_id"), _must(row, "household_id"))
        day = _as_date(_must(row, "decided_on"))
        if key not in latest or day > _as_date(_must(latest[key], "decided_on")):
            latest[key] = row
    return latest


def _ranks(
    fit: Mapping[str, int], ties: Mapping[str, int], miles: Mapping[str, float | None]
) -> dict[str, int]:
    def order(household_id: str) -> tuple[int, int, float, str]:
        away = miles[household_id]
        near = 0.0 if away is None else away
        return (-ties[household_id], -fit[household_id], near, household_id)

    return {household_id: n for n, household_id in enumerate(sorted(fit, key=order), start=1)}


class _Tables(NamedTuple):
    """The tables about pairs, as the contract reads them on the day of the round."""

    kinds: dict[tuple[str, str], set[str]]
    too_high: set[tuple[str, str]]
    excluded: set[tuple[str, str]]
    declined: set[tuple[str, str]]
    stays: list[_Stay]
    confirmed: dict[tuple[str, str], date]
    chosen: dict[tuple[str, str], date]


def _too_high(folder: Path) -> set[tuple[str, str]]:
    """The pairs whose risk assessment that decides says so: the latest, undated ones first."""
    found: dict[tuple[str, str], tuple[date, bool]] = {}
    for row in _table(folder, "risk_assessments"):
        key = (_must(row, "request_id"), _must(row, "household_id"))
        verdict = (_date(row, "assessed_on") or date.min, _code(row, "outcome") == "too_high")
        found[key] = max(found.get(key, verdict), verdict)
    return {key for key, (_, high) in found.items() if high}


def _read_tables(
    folder: Path,
    requests: Mapping[str, _Request],
    households: Mapping[str, _Household],
    as_of: date,
) -> _Tables:
    kinds: dict[tuple[str, str], set[str]] = {}
    for row in _table(folder, "relationships"):
        key = (_must(row, "request_id"), _must(row, "household_id"))
        kinds.setdefault(key, set()).add(_must(row, "kind").lower())
    stays: list[_Stay] = []
    for row in _table(folder, "placements"):
        stays.append(
            _Stay(
                request_id=_must(row, "request_id"),
                household_id=_must(row, "household_id"),
                started_on=_date(row, "started_on"),
                planned_end=_date(row, "planned_end_on"),
                ended_on=_date(row, "ended_on"),
                because=_code(row, "ended_because"),
            )
        )
    known = {_sides(stay) for stay in stays}
    over = {_sides(stay) for stay in stays if stay.ended(as_of)}
    begun = {_sides(stay) for stay in stays if stay.runs(as_of)}
    excluded: set[tuple[str, str]] = set()
    declined: set[tuple[str, str]] = set()
    confirmed: dict[tuple[str, str], date] = {}
    chosen: dict[tuple[str, str], date] = {}
    for key, row in _latest_decisions(folder).items():
        decision = _must(row, "decision").lower()
        decided_on = _as_date(_must(row, "decided_on"))
        until = _date(row, "until")
        if decision in ("rule_out", "declined_by_carer", "declined_by_parent"):
            if until is None or until >= as_of:
                excluded.add(key)
                if decision != "rule_out":
                    declined.add(key)
        elif decision == "choose":
            chosen[key] = decided_on
        else:
            started_on, ended_on = _date(row, "started_on"), _date(row, "ended_on")
            is_open = requests[key[0]].status not in ("placed", "closed")
            if key not in known and (_happened(started_on, as_of) or not is_open):
                home = households[key[1]]
                later = ended_on if ended_on is not None and ended_on > as_of else None
                stays.append(
                    _Stay(
                        request_id=key[0],
                        household_id=key[1],
                        started_on=started_on if is_open else None,
                        planned_end=later or home.arrangement_until,
                        ended_on=None if later else ended_on,
                        because=None,
                    )
                )
            elif key not in over | begun and not _happened(ended_on, as_of):
                confirmed[key] = decided_on
    for key, decided_on in [*chosen.items()]:
        mine = [stay for stay in stays if _sides(stay) == key]
        # A choice that was carried out is no wish any more; one after the end is a new one.
        if any(s.runs(as_of) or (s.ended_on or date.min) >= decided_on for s in mine):
            del chosen[key]
    return _Tables(
        kinds=kinds,
        too_high=_too_high(folder),
        excluded=excluded,
        declined=declined,
        stays=stays,
        confirmed=confirmed,
        chosen=chosen,
    )


def _sides(stay: _Stay) -> tuple[str, str]:
    return stay.request_id, stay.household_id


def _pinned(
    fixed: Mapping[tuple[str, str], date], wished: Mapping[tuple[str, str], date]
) -> tuple[dict[str, str], dict[str, str]]:
    """What is confirmed and what is chosen, after what the contract says of two on one side."""
    taken: set[tuple[str, str]] = set()
    both: list[dict[str, str]] = []
    for pins in (fixed, wished):
        standing: dict[str, str] = {}
        for key in sorted(pins, key=lambda one: pins[one], reverse=True):
            sides = {("request", key[0]), ("household", key[1])}
            if not sides & taken:
                taken |= sides
                standing[key[0]] = key[1]
        both.append(standing)
    return both[0], both[1]


def judge(
    folder: Path,
    policy: dict[str, Any] | None = None,
    *,
    outcodes: Mapping[str, tuple[int, int]],
    as_of: date | None = None,
) -> Verdict:
    """Read a folder of valid CSV tables and say what the contract makes of it.

    `policy` holds flat overrides such as `weights.language`; they win over those in round.toml.
    `outcodes` gives easting and northing per outward postcode; `as_of` wins over round.toml.
    """
    settings = dict(DEFAULT_POLICY)
    told: dict[str, Any] = {}
    if (folder / "round.toml").exists():
        told = tomllib.loads((folder / "round.toml").read_text(encoding="utf-8-sig"))
    for overrides in (_flatten(told.get("policy", {})), policy or {}):
        for name, value in overrides.items():
            if name not in settings:
                raise KeyError(f"the oracle has no setting {name}")
            settings[name] = value
    today: date = as_of or told.get("as_of") or date.today()

    everybody: dict[str, _Request] = {}
    for row in _table(folder, "requests"):
        request = _read_request(row)
        everybody[request.request_id] = request
    households: dict[str, _Household] = {}
    for row in _table(folder, "households"):
        household = _read_household(row)
        households[household.household_id] = household
    carers: dict[str, list[_Carer]] = {}
    for row in _table(folder, "carers"):
        if _flag(row, "approved") is True:
            carers.setdefault(_must(row, "household_id"), []).append(_read_carer(row))
    assessed: set[str] = set()
    for name in ("events", "steps"):
        for row in _table(folder, name):
            key = _code(row, "event") or _code(row, "gate")
            done = (_code(row, "status") or "done") in ("done", "met")
            if key == "case_risk_assessment" and done:
                assessed.add(_must(row, "request_id"))
    tables = _read_tables(folder, everybody, households, today)
    lives_in: dict[str, str] = {}
    for stay in tables.stays:
        if stay.runs(today):
            lives_in[stay.request_id] = stay.household_id

    states: dict[str, str] = {}
    for name in sorted(everybody):
        status = everybody[name].status
        if status is None:
            status = "placed" if name in lives_in else "open"
        if status != "closed":
            states[name] = status
    open_ids = [name for name, state in states.items() if state == "open"]

    # What begins later pins an open family; of any other it takes the household alone.
    standing: list[_Stay] = []
    taken: set[str] = set()
    fixed = {key: day for key, day in tables.confirmed.items() if key[0] in open_ids}
    for stay in tables.stays:
        if not stay.agreed(today):
            standing.append(stay)
        elif stay.request_id in open_ids:
            fixed[_sides(stay)] = date.max
        else:
            taken.add(stay.household_id)
    there: dict[str, list[_Stay]] = {name: [] for name in households}
    for stay in standing:
        there[stay.household_id].append(stay)

    pairs: dict[str, dict[str, _Pair]] = {}
    screened: dict[str, str] = {}
    for name, state in states.items():
        request = everybody[name]
        own = [h for h in households if "current_carer" in tables.kinds.get((name, h), ())]
        willing = [h for h in own if (name, h) not in tables.declined]
        if state == "placed":
            screened[name] = "placed"
        elif _stays_put(request, willing):
            screened[name] = "staying_put"
        else:
            first = bool(_provisional(request, name in assessed))
            waits = first and settings["screening.not_considered"] == "hold"
            screened[name] = _screening(request, bool(own), waits, today)
        pairs[name] = {}
        if screened[name] in ("placed", "staying_put"):
            continue
        for home in sorted(households):
            household, key = households[home], (name, home)
            at = outcodes[household.outcode]
            school = None
            if request.school is not None:
                school = miles_apart(outcodes[request.school], at)
            pairs[name][home] = _Pair(
                request=request,
                household=household,
                carers=carers.get(home, []),
                kinds=frozenset(tables.kinds.get(key, ())),
                too_high=key in tables.too_high,
                excluded=key in tables.excluded,
                broke_down=any(s.broke_down(today) for s in there[home] if _sides(s) == key),
                hold=_hold(household, there[home], name, today, settings),
                miles=None if request.home is None else miles_apart(outcodes[request.home], at),
                school_miles=school,
                as_of=today,
                policy=settings,
            )

    failed: dict[str, dict[str, frozenset[str]]] = {}
    for name, of_request in pairs.items():
        failed[name] = {home: _failed(pair) for home, pair in of_request.items()}
    wished: dict[tuple[str, str], date] = {}
    for key, day in tables.chosen.items():
        matched = key[0] in open_ids and screened[key[0]] == "matchable"
        if matched and failed[key[0]][key[1]] <= ASIDE and key[1] not in taken:
            wished[key] = day
    confirmed, chosen = _pinned(fixed, wished)
    pins = {**confirmed, **chosen}

    # Whose home it is, and for whom it is kept already: then it is kept for all of them.
    own_home: dict[str, list[str]] = {name: [] for name in households}
    kept: set[str] = set()
    near = timedelta(days=int(settings["protect_own_home_days"]))
    for name in open_ids:
        request = everybody[name]
        soon = bool(near) and today >= request.needed_from - near
        for home in sorted(households):
            key = (name, home)
            if "current_carer" not in tables.kinds.get(key, ()):
                continue
            if screened[name] == "staying_put":
                if key not in tables.declined:
                    own_home[home].append(name)
                    kept.add(home)
            elif _any_parent_cared_for(request) and near:
                no = key in tables.excluded or key in tables.too_high
                no = no or pairs[name][home].broke_down or request.resource_team == "residential"
                elsewhere = pins.get(name, home) != home
                if not no and not elsewhere:
                    own_home[home].append(name)
                    kept |= {home} if soon else set()
    kept_for = {home: names if home in kept else [] for home, names in own_home.items()}
    for name, of_request in failed.items():
        for home, rules in of_request.items():
            if kept_for[home] and name not in kept_for[home]:
                of_request[home] = rules | {"own_home"}

    apart: list[tuple[str, str, float]] = []
    for row in _table(folder, "keep_apart"):
        one, other = _must(row, "request_id"), _must(row, "other_request_id")
        if one in open_ids and other in open_ids:
            apart.append((one, other, float(_must(row, "min_miles"))))

    homes: dict[str, Home] = {}
    for home in sorted(households):
        household = households[home]
        living = [stay.request_id for stay in there[home] if stay.runs(today)]
        hold = _hold(household, there[home], None, today, settings)
        days = [day for day in (today, household.available_from, hold.day) if day is not None]
        still = household.arrangement_open or household.arrangement_until is not None
        homes[home] = Home(
            outcode=household.outcode,
            point=outcodes[household.outcode],
            team=household.team,
            fee=household.fee,
            lives_there=living[0] if living else None,
            runs=bool(living) or still,
            taken=home in taken,
            free_again=hold.day if hold.day is not None and hold.day > today else None,
            nobody_can_say=hold.unknown,
            free_from=None if hold.unknown else max(days),
            kept_for=tuple(kept_for[home]),
            alone=_closed(household, carers.get(home, []), today, settings),
        )

    verdicts: dict[str, RequestVerdict] = {}
    for name, state in states.items():
        outcome = screened[name]
        verdicts[name] = _verdict(
            everybody[name],
            pairs[name],
            failed[name],
            state=state,
            outcome=outcome,
            lives_somewhere=name in lives_in,
            provisional=_provisional(everybody[name], name in assessed)
            if outcome == "matchable" or name in pins
            else (),
            as_of=today,
            policy=settings,
        )
    named = {key for key in (*fixed, *tables.chosen) if key[0] in open_ids}
    return Verdict(
        as_of=today,
        requests=verdicts,
        homes=homes,
        confirmed=confirmed,
        chosen=chosen,
        set_aside=frozenset(named - set(pins.items())),
        keep_apart=tuple(apart),
    )


def _verdict(
    request: _Request,
    pairs: Mapping[str, _Pair],
    failed: dict[str, frozenset[str]],
    *,
    state: str,
    outcome: str,
    lives_somewhere: bool,
    provisional: tuple[str, ...],
    as_of: date,
    policy: Mapping[str, Any],
) -> RequestVerdict:
    fit: dict[str, int] = {}
    any_fit: dict[str, int] = {}
    points: dict[str, dict[str, int]] = {}
    ties: dict[str, int] = {}
    miles: dict[str, float | None] = {}
    starts_on: dict[str, date | None] = {}
    for home, pair in pairs.items():
        ties[home] = 0
        for kind in pair.kinds:
            if kind == "known_to_family" and request.withheld is True:
                continue
            ties[home] = max(ties[home], STRENGTH[kind])
        miles[home] = pair.miles
        starts_on[home] = _start(request, pair.household, pair.hold, as_of)
        any_fit[home], shares = _fit(pair)
        if not failed[home]:
            fit[home] = any_fit[home]
            points[home] = shares
    late = (as_of - request.needed_from).days
    return RequestVerdict(
        state=state,
        regime=_regime(request, outcome, as_of),
        urgency=_urgency(request, as_of),
        late_days=None if lives_somewhere else max(0, late),
        screening=outcome,
        provisional=provisional,
        failed=failed,
        fit=fit,
        points=points,
        rank=_ranks(fit, ties, miles),
        relationship=ties,
        needed_soonest=max(0, late + int(policy["horizon_days"])),
        miles=miles,
        starts_on=starts_on,
        any_fit=any_fit,
    )


# The round


def worth(verdict: Verdict, request_id: str, household_id: str) -> Aims:
    """What one placement adds to each aim."""
    one = verdict.requests[request_id]
    return Aims(
        today=int(one.urgency == "today"),
        within_5_days=int(one.urgency == "within_5_days"),
        more_than_5_days=int(one.urgency == "more_than_5_days"),
        relationship=one.relationship[household_id],
        needed_soonest=one.needed_soonest,
        fit=one.any_fit[household_id],
    )


def _plus(one: Aims, other: Aims) -> Aims:
    return Aims(*(a + b for a, b in zip(one, other, strict=True)))


NOTHING = Aims(0, 0, 0, 0, 0, 0)


def within_limits(
    verdict: Verdict,
    assignment: Mapping[str, str | None],
    *,
    new_per_team: int | None = None,
    weekly_fees: float | None = None,
    keep_apart: Iterable[tuple[str, str, float]] = (),
) -> bool:
    """Whether an assignment, whole or in part, keeps the limits of the round.

    What is confirmed is no proposal: it takes nothing from a team or the fees, and two
    confirmed placements that are too close to each other are left as they are.
    """
    teams: dict[str, int] = {}
    fees = Decimal(0)
    for request_id, household_id in assignment.items():
        if household_id is None or verdict.confirmed.get(request_id) == household_id:
            continue
        home = verdict.homes[household_id]
        if home.team is not None:
            teams[home.team] = teams.get(home.team, 0) + 1
        if home.fee is not None:
            fees += home.fee
    if new_per_team is not None and any(count > new_per_team for count in teams.values()):
        return False
    if weekly_fees is not None and fees > Decimal(str(weekly_fees)):
        return False
    for one, other, least in keep_apart:
        here, there = assignment.get(one), assignment.get(other)
        if here is None or there is None:
            continue
        if verdict.confirmed.get(one) == here and verdict.confirmed.get(other) == there:
            continue
        if miles_apart(verdict.homes[here].point, verdict.homes[there].point) < least:
            return False
    return True


def best_round(
    verdict: Verdict,
    pins: Mapping[str, str] | None = None,
    *,
    new_per_team: int | None = None,
    weekly_fees: float | None = None,
    keep_apart: Iterable[tuple[str, str, float]] | None = None,
) -> Best:
    """The best aims over every assignment, and the canonical assignment that reaches them.

    Without `pins` and `keep_apart` those of the folder hold; an empty one switches them off.
    The assignment names every matchable and every pinned request. Households are tried in
    order, and none last, so the first assignment that reaches the optimum is the canonical one.
    """
    fixed = dict(pins) if pins is not None else {**verdict.confirmed, **verdict.chosen}
    apart = tuple(verdict.keep_apart if keep_apart is None else keep_apart)
    taken = set(fixed.values())
    if len(taken) < len(fixed):
        raise ValueError("two requests are pinned to one household")

    order: list[str] = []
    options: list[list[str | None]] = []
    for request_id in sorted(verdict.requests):
        one = verdict.requests[request_id]
        if request_id in fixed:
            order.append(request_id)
            options.append([fixed[request_id]])
        elif one.screening == "matchable":
            order.append(request_id)
            free: list[str | None] = []
            free.extend(
                household
                for household in sorted(one.fit)
                if household not in taken and not verdict.homes[household].taken
            )
            options.append([*free, None])

    bit: dict[str, int] = {}
    gains: dict[tuple[str, str], Aims] = {}
    for request_id, households in zip(order, options, strict=True):
        for household in households:
            if household is not None:
                bit.setdefault(household, 1 << len(bit))
                gains[request_id, household] = worth(verdict, request_id, household)

    known: dict[tuple[int, int], Aims] = {}

    def without_limits(index: int, used: int) -> Aims:
        """The best that the requests from `index` on can add if no limit bites."""
        if index == len(order):
            return NOTHING
        key = (index, used)
        if key not in known:
            found: list[Aims] = []
            for household in options[index]:
                if household is None:
                    found.append(without_limits(index + 1, used))
                elif not used & bit[household]:
                    rest = without_limits(index + 1, used | bit[household])
                    found.append(_plus(gains[order[index], household], rest))
            known[key] = max(found)
        return known[key]

    best: Aims | None = None
    canonical: dict[str, str | None] = {}
    current: dict[str, str | None] = {}

    def search(index: int, used: int, so_far: Aims) -> None:
        nonlocal best, canonical
        if best is not None and _plus(so_far, without_limits(index, used)) <= best:
            return
        if index == len(order):
            best, canonical = so_far, dict(current)
            return
        request_id = order[index]
        for household in options[index]:
            mask, total = used, so_far
            if household is not None:
                if used & bit[household]:
                    continue
                mask |= bit[household]
                total = _plus(so_far, gains[request_id, household])
            current[request_id] = household
            if within_limits(
                verdict,
                current,
                new_per_team=new_per_team,
                weekly_fees=weekly_fees,
                keep_apart=apart,
            ):
                search(index + 1, mask, total)
            del current[request_id]

    search(0, 0, NOTHING)
    if best is None:
        raise ValueError("what is pinned breaks a limit of the round")
    return Best(best, canonical)
