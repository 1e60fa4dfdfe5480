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
    "ruled_out",
)
CRITERIA = ("language", "ethnicity", "religion", "distance", "school", "skills", "impact")
STRENGTH = {
    "current_carer": 3,
    "former_carer": 2,
    "sibling_lives_there": 2,
    "respite_carer": 1,
    "known_to_family": 1,
}
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
    """What the limits of a round ask of a household."""

    outcode: str
    point: tuple[int, int]
    team: str | None
    fee: Decimal | None


@dataclass(frozen=True)
class RequestVerdict:
    """What the contract says of one open request; `any_fit` is the fit even where not eligible."""

    regime: str
    urgency: str
    screening: str
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
    """What the contract says of a folder: its open requests, and what pins them."""

    as_of: date
    requests: dict[str, RequestVerdict]
    homes: dict[str, Home]
    confirmed: dict[str, str]
    chosen: dict[str, str]
    keep_apart: tuple[tuple[str, str, float], ...]


@dataclass(frozen=True)
class _Request:
    """A request as read; None is not known."""

    request_id: str
    purpose: str
    parent_age: int
    second_age: int | None
    parent_cared_for: bool
    second_cared_for: bool | None
    born: date
    babies: int
    child_status: str
    court_directed: bool | None
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
    concerns: list[str]
    resource_team: str | None
    engagement: str | None
    agrees: bool | None
    legal_advice: date | None
    head_of_service: date | None
    with_parents: str | None
    withheld: bool | None
    court_on: date | None


@dataclass(frozen=True)
class _Household:
    """A household as read; None is not known."""

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
    features: frozenset[str] | None
    risk_limits: dict[str, int]
    team: str | None
    fee: Decimal | None


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
    return _Request(
        request_id=_must(row, "request_id"),
        purpose=_must(row, "purpose").lower(),
        parent_age=int(_must(row, "parent_age")),
        second_age=_whole(row, "second_parent_age"),
        parent_cared_for=_flag(row, "parent_looked_after") is True,
        second_cared_for=_flag(row, "second_parent_looked_after"),
        born=_as_date(_must(row, "child_born_or_due_on")),
        babies=1 if babies is None else babies,
        child_status=_must(row, "child_legal_status").lower(),
        court_directed=_flag(row, "court_directed"),
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
        concerns=_codes(row, "fostering_concerns"),
        resource_team=_code(row, "resource_team_decision"),
        engagement=_code(row, "engagement"),
        agrees=_flag(row, "parent_agrees"),
        legal_advice=_date(row, "legal_advice_on"),
        head_of_service=_date(row, "head_of_service_on"),
        with_parents=_code(row, "placement_with_parents"),
        withheld=_flag(row, "withhold_address"),
        court_on=_date(row, "court_on"),
    )


def _read_household(row: Row) -> _Household:
    until = _code(row, "arrangement_until")
    features: frozenset[str] | None = None
    listed = _codes(row, "features")
    if listed:
        features = frozenset(name for name in listed if name != "none")
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


def _regime(request: _Request) -> str:
    child = request.child_status != "not_looked_after"
    if request.child_status == "care_order":
        return "placement_with_parents"
    if _any_parent_cared_for(request):
        return "looked_after_parent_and_child" if child else "looked_after_parent"
    if not child:
        return "s17"
    return "s20" if request.child_status == "s20" else "interim_care_order"


def _urgency(request: _Request, as_of: date) -> str:
    days = (request.needed_from - as_of).days
    if days <= 0:
        return "today"
    return "within_5_days" if days <= 5 else "more_than_5_days"


def _asks_legal_advice(request: _Request) -> bool:
    if request.child_status == "interim_care_order" and request.court_directed is not True:
        return True
    if request.child_status == "not_looked_after" and not _any_parent_cared_for(request):
        for need in ("domestic_abuse", "mental_health", "substance_misuse"):
            if need in request.needs:
                return True
        for area in ("violence", "substance_misuse", "mental_health", "absconding"):
            if request.risks.get(area, 0) >= LEVELS["medium"]:
                return True
        if request.concerns:
            return True
    if request.parent_age < 18 and not request.parent_cared_for:
        return True
    second = request.second_age
    return second is not None and second < 18 and request.second_cared_for is not True


def _screening(request: _Request, as_of: date) -> str:
    if request.resource_team == "residential":
        return "residential"
    if request.resource_team != "foster":
        if request.purpose == "assessment":
            if request.concerns or request.engagement == "refusing":
                return "resource_team"
        elif not _any_parent_cared_for(request):
            return "resource_team"
    if request.child_status == "care_order":
        agreed = _happened(request.head_of_service, as_of)
        if not (agreed and request.with_parents in ("approved", "interim")):
            return "head_of_service"
    if not _happened(request.legal_advice, as_of) and _asks_legal_advice(request):
        return "legal_advice"
    if request.child_status in ("not_looked_after", "s20") and request.agrees is False:
        return "no_consent"
    return "matchable"


def _latest(request: _Request, as_of: date, policy: Mapping[str, Any]) -> date:
    if request.latest_start is not None and request.latest_start >= as_of:
        return request.latest_start
    grace = int(policy[f"start_grace_days.{_urgency(request, as_of)}"])
    return max(request.needed_from, as_of) + timedelta(days=grace)


def _free_on(household: _Household, as_of: date, policy: Mapping[str, Any]) -> date | None:
    """When a running arrangement with an end date leaves the household free again."""
    if household.arrangement_until is None:
        return None
    days = timedelta(days=int(policy["turnaround_days"]))
    return max(household.arrangement_until, as_of) + days


def _start(
    request: _Request, household: _Household, as_of: date, policy: Mapping[str, Any]
) -> date | None:
    """The start of a pair; None where nobody can say when the arrangement there ends."""
    if household.arrangement_open:
        return None
    start = max(request.needed_from, as_of)
    for day in (household.available_from, _free_on(household, as_of, policy)):
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
    start = _start(request, household, pair.as_of, pair.policy)
    if start is None:
        return False
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
            if features is None or wanted not in features:
                return False
        elif wanted not in pair.skills():
            return False
    return all(features is not None and bad not in features for bad in pair.request.must_avoid)


def _passes_smoke_free(pair: _Pair) -> bool:
    years = int(pair.policy["smoke_free_under_years"])
    if years == 0 or _add_months(pair.request.born, 12 * years) <= pair.as_of:
        return True
    return pair.household.features is not None and "smoker" not in pair.household.features


def _failed(pair: _Pair) -> frozenset[str]:
    request, household, policy = pair.request, pair.household, pair.policy
    failed: set[str] = set()
    if household.status != "approved":
        failed.add("approved")
    trained = [carer for carer in pair.carers if _trained(carer, pair.as_of, policy)]
    if not trained:
        failed.add("trained")
    if not any(_happened(carer.assessed_on, pair.as_of) for carer in trained):
        failed.add("assessed")
    if household.suitable is not True:
        failed.add("accommodation")
    rooms = 1 + math.ceil(request.older / int(policy["older_children_per_room"]))
    spare = 1 if pair.own_carer() else 0
    if household.bedrooms is None or household.bedrooms + spare < rooms:
        failed.add("room")
    if pair.fostered() > 0 and len(pair.carers) < 2:
        failed.add("two_carers")
    free_on = _free_on(household, pair.as_of, policy)
    late = free_on is not None and free_on > _latest(request, pair.as_of, policy)
    if household.arrangement_open or late:
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
    if pair.excluded:
        failed.add("ruled_out")
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


def _judge_request(
    request: _Request,
    households: list[_Household],
    carers: Mapping[str, list[_Carer]],
    kinds: Mapping[tuple[str, str], set[str]],
    too_high: set[tuple[str, str]],
    excluded: set[tuple[str, str]],
    outcodes: Mapping[str, tuple[int, int]],
    as_of: date,
    policy: Mapping[str, Any],
) -> RequestVerdict:
    failed: dict[str, frozenset[str]] = {}
    fit: dict[str, int] = {}
    any_fit: dict[str, int] = {}
    points: dict[str, dict[str, int]] = {}
    ties: dict[str, int] = {}
    miles: dict[str, float | None] = {}
    starts_on: dict[str, date | None] = {}
    for household in households:
        there = household.household_id
        key = (request.request_id, there)
        point = outcodes[household.outcode]
        away = None if request.home is None else miles_apart(outcodes[request.home], point)
        school = None if request.school is None else miles_apart(outcodes[request.school], point)
        pair = _Pair(
            request=request,
            household=household,
            carers=carers.get(there, []),
            kinds=frozenset(kinds.get(key, set())),
            too_high=key in too_high,
            excluded=key in excluded,
            miles=away,
            school_miles=school,
            as_of=as_of,
            policy=policy,
        )
        ties[there] = 0
        for kind in pair.kinds:
            if kind == "known_to_family" and request.withheld is True:
                continue
            ties[there] = max(ties[there], STRENGTH[kind])
        miles[there] = away
        starts_on[there] = _start(request, household, as_of, policy)
        failed[there] = _failed(pair)
        any_fit[there], shares = _fit(pair)
        if not failed[there]:
            fit[there] = any_fit[there]
            points[there] = shares
    soonest = (as_of - request.needed_from).days + int(policy["horizon_days"])
    return RequestVerdict(
        regime=_regime(request),
        urgency=_urgency(request, as_of),
        screening=_screening(request, as_of),
        failed=failed,
        fit=fit,
        points=points,
        rank=_ranks(fit, ties, miles),
        relationship=ties,
        needed_soonest=max(0, soonest),
        miles=miles,
        starts_on=starts_on,
        any_fit=any_fit,
    )


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

    requests: list[_Request] = []
    for row in _table(folder, "requests"):
        if _code(row, "status") != "closed":
            requests.append(_read_request(row))
    requests.sort(key=lambda request: request.request_id)
    households = [_read_household(row) for row in _table(folder, "households")]
    households.sort(key=lambda household: household.household_id)
    carers: dict[str, list[_Carer]] = {}
    for row in _table(folder, "carers"):
        if _flag(row, "approved") is True:
            carers.setdefault(_must(row, "household_id"), []).append(_read_carer(row))
    kinds: dict[tuple[str, str], set[str]] = {}
    for row in _table(folder, "relationships"):
        key = (_must(row, "request_id"), _must(row, "household_id"))
        kinds.setdefault(key, set()).add(_must(row, "kind").lower())
    too_high: set[tuple[str, str]] = set()
    for row in _table(folder, "risk_assessments"):
        if _code(row, "outcome") == "too_high":
            too_high.add((_must(row, "request_id"), _must(row, "household_id")))

    open_ids = {request.request_id for request in requests}
    excluded: set[tuple[str, str]] = set()
    confirmed: dict[str, str] = {}
    chosen: dict[str, str] = {}
    for key, row in _latest_decisions(folder).items():
        decision = _must(row, "decision").lower()
        ended_on = _date(row, "ended_on")
        if decision in ("rule_out", "declined_by_carer", "declined_by_parent"):
            excluded.add(key)
        elif key[0] not in open_ids:
            continue
        elif decision == "choose":
            chosen[key[0]] = key[1]
        elif ended_on is None or ended_on >= today:
            confirmed[key[0]] = key[1]

    apart: list[tuple[str, str, float]] = []
    for row in _table(folder, "keep_apart"):
        one, other = _must(row, "request_id"), _must(row, "other_request_id")
        if one in open_ids and other in open_ids:
            apart.append((one, other, float(_must(row, "min_miles"))))

    homes: dict[str, Home] = {}
    for household in households:
        homes[household.household_id] = Home(
            outcode=household.outcode,
            point=outcodes[household.outcode],
            team=household.team,
            fee=household.fee,
        )
    verdicts: dict[str, RequestVerdict] = {}
    for request in requests:
        verdicts[request.request_id] = _judge_request(
            request, households, carers, kinds, too_high, excluded, outcodes, today, settings
        )
    return Verdict(
        as_of=today,
        requests=verdicts,
        homes=homes,
        confirmed=confirmed,
        chosen=chosen,
        keep_apart=tuple(apart),
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
            free.extend(household for household in sorted(one.fit) if household not in taken)
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
