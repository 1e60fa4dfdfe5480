"""Random rounds in the contract's form: awkward, but valid, and the same for the same seed.

Rows, headings, dates and codes come in the shapes that people type. Left out on purpose is
what the contract leaves open: see the notes on `smoke`, `must_have`, `answers`, `life`,
`events` and `pins` below.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from random import Random

Row = dict[str, str]

REQUEST_COLUMNS = (
    "request_id",
    "status",
    "received_on",
    "purpose",
    "parent_age",
    "second_parent_age",
    "second_parent_looked_after",
    "parent_looked_after",
    "child_born_or_due_on",
    "babies",
    "child_legal_status",
    "court_directed",
    "older_children",
    "needed_from",
    "latest_start",
    "expected_weeks",
    "ethnicity",
    "religion",
    "languages",
    "english",
    "home_postcode",
    "school_postcode",
    "keep_away",
    "min_miles",
    "max_miles",
    "needs",
    "must_have",
    "must_avoid",
    "risk_offending",
    "risk_violence",
    "risk_arson",
    "risk_sexualised_behaviour",
    "risk_substance_misuse",
    "risk_self_harm",
    "risk_absconding",
    "risk_medical",
    "risk_mental_health",
    "fostering_concerns",
    "resource_team_decision",
    "engagement",
    "parent_agrees",
    "pre_birth_assessment",
    "legal_advice_on",
    "head_of_service_on",
    "checks_requested_on",
    "placement_with_parents",
    "withhold_address",
    "court_on",
    "parent_born_on",
    "second_parent_born_on",
    "looked_after_since",
    "parent_looked_after_since",
    "court_direction_until",
    "second_parent_agrees",
    "others_agree",
    "legal_advice",
    "review_every_weeks",
    "worker",
    "supervising_worker",
)
HOUSEHOLD_COLUMNS = (
    "household_id",
    "status",
    "postcode",
    "local_authority",
    "accommodation_suitable",
    "bedrooms",
    "takes_second_parent",
    "takes_older_children",
    "looked_after_children",
    "arrangement_until",
    "available_from",
    "available_until",
    "terms",
    "limit_exemption",
    "provider",
    "smokes",
    "dogs",
    "cats",
    "own_children",
    "features",
    "risk_limits",
    "team",
    "weekly_fee",
    "reviewed_on",
)
CARER_COLUMNS = (
    "carer_id",
    "household_id",
    "approved",
    "pc_trained_on",
    "pc_assessed_on",
    "ethnicity",
    "religion",
    "languages",
    "supports_religions",
    "skills",
)
RELATIONSHIP_COLUMNS = ("request_id", "household_id", "kind")
RISK_COLUMNS = (
    "request_id",
    "household_id",
    "assessed_on",
    "outcome",
    "areas",
    "child_social_worker_on",
    "supervising_social_worker_on",
    "safe_caring_on",
    "conditions",
)
DECISION_COLUMNS = (
    "request_id",
    "household_id",
    "decision",
    "decided_on",
    "reason",
    "note",
    "decided_by",
    "until",
    "started_on",
    "ended_on",
)
PLACEMENT_COLUMNS = (
    "request_id",
    "household_id",
    "started_on",
    "planned_end_on",
    "ended_on",
    "ended_because",
    "note",
)
EVENT_COLUMNS = ("request_id", "household_id", "event", "status", "on", "until", "by", "note")
STEP_COLUMNS = ("request_id", "household_id", "gate", "status", "on", "by", "note")
APART_COLUMNS = ("request_id", "other_request_id", "min_miles")

# Optional columns that may be missing without making another cell wrong.
MAY_BE_MISSING = {
    "requests": (
        "babies",
        "english",
        "school_postcode",
        "engagement",
        "others_agree",
        "second_parent_agrees",
        "parent_born_on",
        "parent_looked_after_since",
        "review_every_weeks",
        "worker",
    ),
    "households": (
        "local_authority",
        "provider",
        "reviewed_on",
        "limit_exemption",
        "smokes",
        "dogs",
        "cats",
        "own_children",
    ),
    "carers": ("supports_religions",),
    "relationships": (),
    "risk_assessments": ("areas", "conditions", "safe_caring_on"),
    "decisions": ("note", "reason", "decided_by", "until"),
    "placements": ("note",),
    "events": ("note",),
    "steps": ("note",),
    "keep_apart": (),
}

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
ETHNICITIES = (
    "WBRI",
    "WIRI",
    "WIRT",
    "WOTH",
    "WROM",
    "MWBC",
    "MWBA",
    "MWAS",
    "MOTH",
    "AIND",
    "APKN",
    "ABAN",
    "AOTH",
    "BCRB",
    "BAFR",
    "BOTH",
    "CHNE",
    "OOTH",
    "REFU",
    "NOBT",
)
PRACTISED = ("buddhist", "christian", "hindu", "jewish", "muslim", "sikh", "other")
RELIGIONS = (*PRACTISED, "none", "not_stated")
NEEDS = (
    "mental_health",
    "substance_misuse",
    "domestic_abuse",
    "learning_disability",
    "physical_disability",
    "self_harm",
    "sexual_exploitation",
    "trauma",
    "first_time_parent",
    "premature_baby",
    "baby_health",
    "education",
    "independence",
    "asylum_seeking",
)
CORE_SKILLS = ("monitoring_and_recording", "parenting_advice")
OTHER_SKILLS = ("court_evidence", "teaching_parents", "babies", "teenagers")
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
CONCERNS = (
    "parenting",
    "supervision",
    "child_needs",
    "external_risk",
    "rehabilitation",
    "serious_mental_ill_health",
    "absconding",
    "specified_offence",
)
KINDS = (
    "current_carer",
    "former_carer",
    "respite_carer",
    "sibling_lives_there",
    "known_to_family",
)
LEVELS = ("none", "low", "medium", "high")
ANSWERS = (
    "section_17",
    "section_20",
    "interim_order",
    "placement_with_parents_applies",
    "placement_with_parents_does_not_apply",
)
ENDS = (
    "planned",
    "carers_asked",
    "parents_left",
    "risk",
    "separated",
    "moved_on",
    "staying_put",
    "other",
    "",
)
# Settings that a round of its own changes now and then, as they stand in its round.toml.
SETTINGS = {
    "protect_own_home_days": (0, 1, 30),
    "screening.not_considered": ('"hold"',),
    "smoke_free_own_carers": ('"fail"',),
    "smoke_free_under_years": (0,),
    "support_weeks": (10,),
    "training_valid_months": (24,),
    "turnaround_days": (0, 14),
}
COLUMN_OF = {"smoker": "smokes", "dog": "dogs", "cat": "cats", "birth_children": "own_children"}
REASONS = (
    "capacity",
    "risk",
    "distance",
    "timing",
    "household_needs",
    "parent_wishes",
    "other",
    "",
)
# Each language as a three-letter code, a two-letter code and a name.
LANGUAGES = (
    ("eng", "en", "English"),
    ("som", "so", "Somali"),
    ("pol", "pl", "Polish"),
    ("ara", "ar", "Arabic"),
    ("fra", "fr", "French"),
    ("spa", "es", "Spanish"),
    ("por", "pt", "Portuguese"),
    ("tur", "tr", "Turkish"),
    ("urd", "ur", "Urdu"),
    ("ben", "bn", "Bengali"),
    ("sqi", "sq", "Albanian"),
    ("yor", "yo", "Yoruba"),
)
OUTCODES = (
    "NW5",
    "NW1",
    "NW3",
    "N1",
    "N7",
    "N19",
    "E5",
    "E8",
    "WC1E",
    "W12",
    "SW9",
    "SE15",
    "HA1",
    "EN3",
    "RM10",
    "BR1",
    "CR0",
    "AL1",
    "LU1",
    "OX4",
)
AUTHORITIES = {"NW5": ("E09000007", "Camden"), "N19": ("E09000019", "Islington")}
OLDER = ("0", "0", "0", "0", "1", "1", "2", "3")
ROOMS = ("", "0", "1", "1", "1", "2", "2", "2", "3", "3", "3")
TEAMS = ("North", "South", "Duty", "Zoë's team", "")
YES = ("yes", "yes", "yes", "Yes", "y", "TRUE", "1", " yes ")
NO = ("no", "no", "no", "No", "n", "FALSE", "0", " no ")


class _Maker:
    """One random round in the making; every choice comes from one generator of numbers."""

    def __init__(self, seed: int, requests: int, households: int, dense: bool) -> None:
        self.random = Random(f"{seed}/{requests}/{households}/{dense}")
        self.dense = dense
        self.as_of = date(2026, 3, 1) + timedelta(days=self.random.randrange(400))
        padded = self.chance(0.75)
        closed = 0 if self.chance(0.4) else self.random.randint(1, 2)
        numbers = range(1, requests + closed + 1)
        self.request_ids = [f"R{n:03d}" if padded else f"R{n}" for n in numbers]
        self.closed = set(self.random.sample(self.request_ids, closed))
        numbers = range(1, households + 1)
        self.household_ids = [f"H{n:03d}" if padded else f"H{n}" for n in numbers]
        places = self.random.sample(OUTCODES[:12], 3) if dense else list(OUTCODES)
        self.places: list[str] = places
        shared = self.random.sample(LANGUAGES[1:], 2)
        self.languages = [LANGUAGES[0], *shared] if dense else list(LANGUAGES)
        self.ethnicities = ["WBRI", "WOTH", "MWBC", "BCRB"] if dense else list(ETHNICITIES)
        self.religions = ["christian", "muslim", "none"] if dense else list(RELIGIONS)
        self.needs = ["trauma", "self_harm"] if dense else list(NEEDS)
        self.kinds: list[Row] = []
        self.placed: list[Row] = []
        self.settled: list[Row] = []  # what is confirmed
        self.busy: dict[str, list[tuple[date, date]]] = {}
        self.held: set[str] = set()
        self.lives_in: dict[str, str] = {}

    # Small choices

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def maybe(self, share: float, value: str) -> str:
        return value if self.chance(share) else ""

    def pick(self, values: Sequence[str], most: int, least: int = 0) -> list[str]:
        many = min(len(values), self.random.randint(least, most))
        return self.random.sample(list(values), many)

    def joined(self, values: Sequence[str]) -> str:
        """A list in one cell, the way people type it."""
        if self.chance(0.15):
            return " ; ".join(values)
        return ";".join(values) + (";" if values and self.chance(0.05) else "")

    def code(self, value: str) -> str:
        """A code, now and then in odd case or with spaces round it."""
        if self.chance(0.06):
            return value.upper()
        if self.chance(0.06):
            return value.capitalize()
        if self.chance(0.05):
            return f" {value.lower()} "
        return value

    def codes(self, values: Sequence[str]) -> str:
        return self.joined([self.code(value) for value in values])

    def yes(self, answer: bool) -> str:
        return self.random.choice(YES if answer else NO)

    def day(self, first: int, last: int) -> date:
        return self.as_of + timedelta(days=self.random.randint(first, last))

    def written(self, day: date | None) -> str:
        if day is None:
            return ""
        return day.strftime("%d/%m/%Y") if self.chance(0.15) else day.isoformat()

    def when(self, first: int, last: int, share: float = 1.0) -> str:
        return self.written(self.day(first, last)) if self.chance(share) else ""

    def postcode(self, outcode: str) -> str:
        """An outward postcode as it is, or as some full postcode within it."""
        if self.chance(0.7):
            return outcode
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        inward = str(self.random.randrange(10))
        inward += self.random.choice(letters) + self.random.choice(letters)
        whole = outcode + ("" if self.chance(0.2) else " ") + inward
        return whole.lower() if self.chance(0.2) else whole

    def tongue(self, names: tuple[str, str, str]) -> str:
        return self.code(names[0] if self.chance(0.6) else self.random.choice(names))

    # Requests

    def request(self, request_id: str) -> Row:
        dense, random = self.dense, self.random
        support = self.chance(0.35)
        age = random.randint(14, 21) if support else random.randint(15, 40)
        if dense and support and self.chance(0.7):
            age = random.randint(14, 17)
        cared_for = age < 18 and self.chance(0.85 if support else 0.6)
        born = self.born()
        needed = self.needed()
        row: Row = {
            "request_id": request_id,
            "status": "closed" if request_id in self.closed else "",
            "received_on": self.when(-120, 0),
            "purpose": self.code("support" if support else "assessment"),
            "parent_age": str(age),
            "parent_looked_after": self.yes(cared_for),
            "child_born_or_due_on": self.written(born),
            "babies": random.choice(("", "", "", "1", "1", "2", "3" if not dense else "1")),
            "child_legal_status": self.code(self.legal_status(cared_for)),
            "older_children": random.choice(("", "", *(OLDER[:5] if dense else OLDER))),
            "needed_from": self.written(needed),
            "latest_start": self.written(self.latest(needed)),
            "expected_weeks": str(random.choice((8, 12, 12, 16, 26))),
            "english": self.code(random.choice(("fluent", "some", "none", ""))),
            "parent_agrees": self.yes(self.chance(0.94)) if self.chance(0.9) else "",
            "pre_birth_assessment": random.choice(("done", "booked", "not_done", "not_needed", "")),
            "legal_advice_on": self.when(-60, 3, 0.95 if dense else 0.8),
            "head_of_service_on": self.when(-30, 5, 0.7),
            "checks_requested_on": self.when(-40, 0, 0.4),
            "placement_with_parents": random.choice(("approved", "interim", "not_done", "")),
            "withhold_address": self.yes(self.chance(0.3)) if self.chance(0.7) else "",
            "court_on": self.when(-20, 90, 0.5),
        }
        if support and self.chance(0.5):
            row["expected_weeks"] = ""
        row["court_directed"] = self.yes(self.chance(0.8)) if self.chance(0.85) else ""
        row["court_direction_until"] = self.random.choice(
            ("", "", "", self.written(self.as_of), self.when(-20, -1), self.when(1, 60))
        )
        row["parent_born_on"] = self.maybe(0.4, self.birthday(age))
        if self.chance(0.05 if dense else 0.18):
            self.second_parent(row)
        self.answers(row)
        self.identity(row)
        self.places_of(row)
        self.wishes(row)
        self.risks(row)
        concerned = self.chance(0.05 if dense else 0.15)
        row["fostering_concerns"] = self.maybe(0.7, self.code("none"))
        if concerned:
            row["fostering_concerns"] = self.codes(self.pick(CONCERNS, 2, 1))
        decided = random.choice(("foster", "foster" if dense else "residential"))
        row["resource_team_decision"] = self.maybe(0.3 if dense else 0.1, decided)
        if concerned and self.chance(0.6):
            row["resource_team_decision"] = self.code("foster")
        likely = ["committed"] * 8 + ["partial", "refusing", "", ""]
        row["engagement"] = self.code(random.choice(likely))
        return row

    def birthday(self, age: int) -> str:
        """A day on which somebody of that age can have been born, well away from a birthday."""
        days = self.random.randint(20, 340)
        return self.written(self.as_of.replace(day=1, year=self.as_of.year - age) - timedelta(days))

    def answers(self, row: Row) -> None:
        """`answers`: never two that contradict each other, nor one without a day or dated ahead

        of an interim order, since the contract doesn't say whether that is an answer already.
        """
        status = row["child_legal_status"].strip().lower()
        likely = {
            "not_looked_after": ("section_17",) * 4 + ANSWERS[1:3],
            "s20": ANSWERS[:3],
            "interim_care_order": (*ANSWERS[3:], "section_20"),
            "emergency_protection": (*ANSWERS[3:], "interim_order"),
        }.get(status, ANSWERS)
        given = [self.random.choice(likely)] if self.chance(0.95 if self.dense else 0.8) else []
        if given == ["section_17"] and self.chance(0.2):
            given.append(ANSWERS[4])
        row["legal_advice"] = self.codes(given)
        if status == "interim_care_order" and "placement_with_parents_applies" in given:
            row["legal_advice_on"] = self.when(-60, 0)
        if status != "not_looked_after" and self.chance(0.7):
            since = max(self.read(row["child_born_or_due_on"]), self.day(-90, -1))
            row["looked_after_since"] = self.written(since) if since <= self.as_of else ""
        if row["parent_looked_after"].strip().lower() in ("yes", "y", "true", "1"):
            row["parent_looked_after_since"] = self.when(-900, -30, 0.5)
        for column in ("others_agree", "second_parent_agrees"):
            row[column] = self.yes(self.chance(0.94)) if self.chance(0.4) else ""
        row["review_every_weeks"] = self.maybe(0.3, "6")
        row["worker"] = self.random.choice(("", "AB", "team manager"))
        row["supervising_worker"] = self.maybe(0.3, "CD")

    def read(self, cell: str) -> date:
        """The day that stands in a cell."""
        if "/" in cell:
            day, month, year = cell.split("/")
            return date(int(year), int(month), int(day))
        return date.fromisoformat(cell)

    def born(self) -> date:
        """`smoke`: no child near the fifth birthday, since the contract names no day for it."""
        if self.chance(0.4):
            return self.day(1, 100)
        if self.chance(0.05):
            return self.day(-3000, -2600)
        return self.as_of if self.chance(0.05) else self.day(-500, -1)

    def needed(self) -> date:
        if self.dense:
            return self.as_of + timedelta(days=self.random.choice((-3, 0, 2, 5, 6, 20, 20)))
        choices = ((-70, -57), (-20, -1), (0, 0), (1, 5), (5, 6), (6, 55), (56, 70), (88, 92))
        return self.day(*self.random.choice(choices))

    def latest(self, needed: date) -> date | None:
        if self.chance(0.5):
            return None
        return needed + timedelta(days=self.random.choice((0, 3, 7, 14, 30, 60)))

    def legal_status(self, cared_for: bool) -> str:
        likely = ["s20"] * 5 + ["interim_care_order"] * 3 + ["care_order", "emergency_protection"]
        likely += ["not_looked_after"] * (5 if cared_for else 2)
        return self.random.choice(likely)

    def second_parent(self, row: Row) -> None:
        age = self.random.randint(15, 40)
        row["second_parent_age"] = str(age)
        row["second_parent_born_on"] = self.maybe(0.3, self.birthday(age))
        if age < 18:
            answer = self.random.choice(("yes", "yes", "no", ""))
            row["second_parent_looked_after"] = self.code(answer)
        else:
            row["second_parent_looked_after"] = self.maybe(0.3, "no")

    def identity(self, row: Row) -> None:
        row["ethnicity"] = self.maybe(0.9, self.code(self.random.choice(self.ethnicities)))
        row["religion"] = self.maybe(0.9, self.code(self.random.choice(self.religions)))
        spoken = self.random.sample(self.languages, self.random.randint(1, 3))
        if self.chance(0.75):
            row["languages"] = self.joined([self.tongue(names) for names in spoken])

    def places_of(self, row: Row) -> None:
        home = self.random.choice(self.places)
        known = self.chance(0.9)
        if known:
            row["home_postcode"] = self.postcode(home)
        if self.chance(0.2):
            row["school_postcode"] = self.postcode(self.random.choice(self.places))
        if self.chance(0.06 if self.dense else 0.15):
            row["keep_away"] = self.joined(self.pick(self.places, 2, 1))
        if known and not self.dense:
            least = self.random.choice((1.5, 2, 3, 5.0))
            if self.chance(0.15):
                row["min_miles"] = str(least)
            if self.chance(0.15):
                row["max_miles"] = str(least + self.random.choice((3, 7.5, 20, 40)))

    def wishes(self, row: Row) -> None:
        """`must_have`: a language there is a three-letter code, the only form shown for it."""
        row["needs"] = self.codes(self.pick(self.needs, 4))
        wanted: list[str] = []
        if self.chance(0.1):
            wanted.append(self.code(self.random.choice(FEATURES[3:])))
        if self.chance(0.05 if self.dense else 0.08):
            wanted.append(self.code(self.random.choice((*OTHER_SKILLS, *CORE_SKILLS, *NEEDS))))
        if self.chance(0.06):
            wanted.append(f"language:{self.random.choice(self.languages)[0]}")
        row["must_have"] = self.joined(wanted)
        if self.chance(0.15):
            avoided = [name for name in FEATURES if name not in [w.lower().strip() for w in wanted]]
            row["must_avoid"] = self.codes(self.pick(avoided, 2, 1))

    def risks(self, row: Row) -> None:
        quiet = self.chance(0.7)
        for area in AREAS:
            likely = ["none", "none", "low", "low", ""]
            if not quiet:
                likely += ["medium", "low" if self.dense else "high"]
            row[f"risk_{area}"] = self.code(self.random.choice(likely))

    # Households and carers

    def household(self, household_id: str) -> Row:
        dense, random = self.dense, self.random
        outcode = random.choice(self.places)
        often = 0.97 if dense else 0.88
        other = random.choice(("assessing", "suspended", "ended"))
        row: Row = {
            "household_id": household_id,
            "status": self.code("approved" if self.chance(often) else other),
            "postcode": self.postcode(outcode),
            "accommodation_suitable": random.choice(YES) if self.chance(often) else "",
            "bedrooms": random.choice(("2", "3", "3") if dense else ROOMS),
            "takes_second_parent": self.yes(self.chance(0.7)) if self.chance(0.9) else "",
            "takes_older_children": random.choice(("", "0", "1", "2", "3", "3")),
            "looked_after_children": random.choice(
                ("0", "0", "0", "1") if dense else ("0", "0", "0", "1", "1", "2", "3")
            ),
            "provider": random.choice(("", "own", "other_authority", "agency")),
            "team": random.choice(TEAMS),
            "weekly_fee": random.choice(("550", "600", "650.50", "720")),
            "reviewed_on": random.choice(
                (self.when(-400, 0), self.when(-60, 0), self.when(-15, 0), "")
            ),
            "terms": random.choice(("", "", "", "assessment;support")),
        }
        if self.chance(0.02 if dense else 0.05):
            row["accommodation_suitable"] = random.choice(NO)
        if self.chance(0.1 if dense else 0.25):
            row["terms"] = self.code(random.choice(("assessment", "support")))
        if outcode in AUTHORITIES and self.chance(0.5):
            row["local_authority"] = random.choice(AUTHORITIES[outcode])
        if not dense and self.chance(0.1):
            row["weekly_fee"] = ""
        self.times(row)
        if self.chance(0.1 if dense else 0.15):
            row["limit_exemption"] = self.joined(self.pick(self.request_ids, 2, 1))
        self.features_of(row)
        limits = self.pick(AREAS, 4) if self.chance(0.2 if dense else 0.6) else []
        cells = []
        for area in limits:
            level = random.choice(("low", "medium", "high") if dense else LEVELS)
            cells.append(self.code(f"{area}:{level}"))
        row["risk_limits"] = self.joined(cells)
        return row

    def times(self, row: Row) -> None:
        share = 0.05 if self.dense else 0.2
        row["arrangement_until"] = self.when(-20, 40, share)
        row["available_from"] = self.when(-60, 25, 2 * share)
        ends = self.random.choice(((-10, 60), (60, 200), (200, 400)))
        row["available_until"] = self.when(*ends, share)
        if self.chance(share / 4):
            row["arrangement_until"] = self.code("open")
        elif self.chance(share / 4):
            row["arrangement_until"] = self.written(self.as_of)

    def features_of(self, row: Row) -> None:
        """The list, and the four columns that count before it and never contradict it."""
        if self.dense:
            some = self.pick(("garden", "car", "step_free"), 2) or ["none"]
        elif self.chance(0.08):
            some = []
        elif self.chance(0.2):
            some = ["none"]
        else:
            some = self.pick(FEATURES, 4, 1)
            if "smoker" in some and self.chance(0.5):
                some.remove("smoker")
            some = some or ["none"]
        row["features"] = self.codes(some)
        for name, column in COLUMN_OF.items():
            answer = name in some or (not some and self.chance(0.2))
            known = 1.0 if self.dense else 0.85
            if name not in some and "none" not in some and self.chance(0.2) and not self.dense:
                answer = True
            row[column] = self.yes(answer) if self.chance(known) else ""

    def carers(self, household_id: str) -> list[Row]:
        rows: list[Row] = []
        many = 2 if self.chance(0.6) else self.random.choice((1, 1, 1, 3))
        if not self.dense and self.chance(0.02):
            many = 0
        for n in range(1, many + 1):
            rows.append(self.carer(household_id, n))
        return rows

    def carer(self, household_id: str, n: int) -> Row:
        dense, random = self.dense, self.random
        approved = random.choice(YES)
        if self.chance(0.03 if dense else 0.1):
            approved = random.choice(("", "", *NO))
        row: Row = {
            "carer_id": f"{household_id}-{n}",
            "household_id": household_id,
            "approved": approved,
            "pc_trained_on": self.when(-900, -1),
            "pc_assessed_on": self.when(-900, 0),
            "ethnicity": self.maybe(0.92, self.code(random.choice(self.ethnicities))),
            "religion": self.maybe(0.92, self.code(random.choice(self.religions))),
            "supports_religions": self.codes(self.pick(PRACTISED, 2)),
        }
        if (n > 1 and self.chance(0.3)) or self.chance(0.02 if dense else 0.05):
            row["pc_trained_on"] = ""
        if self.chance(0.02 if dense else 0.05):
            row["pc_trained_on"] = self.when(1, 40)
        if self.chance(0.02 if dense else 0.06):
            row["pc_assessed_on"] = self.when(1, 40, 0.5)
        spoken = [LANGUAGES[0]] if self.chance(0.85) else []
        if self.chance(0.5):
            spoken.append(random.choice(self.languages[1:]))
        row["languages"] = self.joined([self.tongue(names) for names in spoken])
        skills = list(CORE_SKILLS) if self.chance(0.97 if dense else 0.85) else []
        skills += self.pick(("babies", "court_evidence") if dense else OTHER_SKILLS, 3)
        skills += self.pick(self.needs, 8)
        random.shuffle(skills)
        row["skills"] = self.codes(skills)
        return row

    # The pairs

    def pairs(self, share: float) -> list[tuple[str, str]]:
        chosen: list[tuple[str, str]] = []
        for request_id in self.request_ids:
            for household_id in self.household_ids:
                if self.chance(share):
                    chosen.append((request_id, household_id))
        return chosen

    def relationships(self) -> list[Row]:
        rows: list[Row] = []
        share = 0.3 if self.dense else min(0.08, 1.5 / max(1, len(self.household_ids)))
        for request_id, household_id in self.pairs(share):
            kinds = KINDS[1:] if self.dense else KINDS
            for kind in self.pick(kinds, 2 if self.chance(0.3) else 1, 1):
                row = {"request_id": request_id, "household_id": household_id}
                rows.append({**row, "kind": self.code(kind)})
        for request_id in self.request_ids:
            if self.chance(0.1 if self.dense else 0.25):
                row = {"request_id": request_id, "kind": self.code("current_carer")}
                row["household_id"] = self.random.choice(self.household_ids)
                rows.append(row)
        rows = [
            row
            for row in rows
            if row["kind"].strip().lower() != "current_carer"
            or self.lives_in.get(row["request_id"], row["household_id"]) == row["household_id"]
        ]
        return list({tuple(r[c].strip().lower() for c in sorted(r)): r for r in rows}.values())

    def risk_assessments(self) -> list[Row]:
        """Several of a pair now and then: on days of their own, and undated ones beside them."""
        rows: list[Row] = []
        for request_id, household_id in self.pairs(0.03 if self.dense else 0.06):
            days = self.random.sample(range(20), self.random.choice((1, 1, 1, 2, 3)))
            for ago in days:
                outcome = self.random.choice(("in_progress", "containable", "too_high"))
                dated = self.chance(0.7)
                rows.append(
                    {
                        "request_id": request_id,
                        "household_id": household_id,
                        "assessed_on": self.when(-ago, -ago) if dated else "",
                        "outcome": self.code(outcome),
                        "areas": self.codes(self.pick(AREAS, 9)),
                        "child_social_worker_on": self.when(-20, 0, 0.6),
                        "supervising_social_worker_on": self.when(-20, 0, 0.6),
                        "safe_caring_on": self.when(-10, 0, 0.4),
                        "conditions": self.maybe(0.2, "Stair gate, and a weekly call"),
                    }
                )
        return rows

    # What happened

    def free(self, sides: tuple[str, str], first: date, last: date) -> bool:
        """Whether neither side lives with somebody else in that time; then it does from now on."""
        for side in sides:
            for start, end in self.busy.get(side, []):
                if first <= end and start <= last:
                    return False
        for side in sides:
            self.busy.setdefault(side, []).append((first, last))
        return True

    def life(self, asked: list[Row], pins: bool) -> None:
        """Who lived where, lives there, or will: as placements, or as what people confirmed.

        `life`: a pair is in one of the two tables; a home or family that something later is
        agreed of has no other pin; nobody's current carers are others than those she lives with.
        """
        often = 0.08 if self.dense else 0.12
        for row in asked:
            name = row["request_id"]
            open_ = row["status"] != "closed"
            there = set[str]()
            if self.chance(often):
                there |= self.past(name, pins)
            if self.chance(often if open_ else 0.5):
                home = self.random.choice(self.household_ids)
                if home not in there and self.lives(name, home, pins, open_):
                    there.add(home)
                    self.lives_in[name] = home
                    if open_:
                        row["status"] = self.random.choice(("", "", "placed", "open"))
                    continue
            if pins and self.chance(2 * often):
                self.later(row, there)
            elif open_:
                row["status"] = self.maybe(0.5, "open")
        for n in range(1, 1 + (0 if self.dense else 2)):
            if self.chance(0.6):
                self.past(f"X{n}", False)
            if self.chance(0.4):
                self.lives(f"X{n}", self.random.choice(self.household_ids), False, False)

    def past(self, name: str, pins: bool) -> set[str]:
        """A placement that has ended, or a `confirmed` that is read as one; the home it was in."""
        home = self.random.choice(self.household_ids)
        started, ended = self.day(-200, -70), self.day(-60, 0)
        if self.chance(0.3):
            ended = self.day(-9, 0)
        if not self.free((name, home), started, ended):
            return set()
        row = {"request_id": name, "household_id": home, "started_on": self.written(started)}
        if pins and self.chance(0.3):
            row = {**self.decision((name, home), "confirmed", 201 + len(self.settled)), **row}
            row["ended_on"] = self.written(ended)
            self.settled.append(row)
            self.held.add(f"{name}/{home}")
            return {home}
        row["planned_end_on"] = self.when(-60, 40, 0.5)
        row["ended_on"] = self.written(ended)
        row["ended_because"] = self.code(self.random.choice(ENDS))
        row["note"] = self.maybe(0.2, "as agreed")
        self.placed.append(row)
        return {home}

    def lives(self, name: str, home: str, pins: bool, open_: bool) -> bool:
        """A placement that runs, or a `confirmed` that is read as one."""
        started = self.day(-60, 0)
        if not self.free((name, home), started, date.max):
            return False
        row = {"request_id": name, "household_id": home, "started_on": self.written(started)}
        if pins and self.chance(0.4):
            row = {**self.decision((name, home), "confirmed", 61 + len(self.settled)), **row}
            if not open_ and self.chance(0.5):
                row["started_on"] = ""
            row["ended_on"] = self.when(1, 60, 0.3)
            self.settled.append(row)
            self.held.add(f"{name}/{home}")
            return True
        row["planned_end_on"] = self.random.choice(
            ("", self.when(-20, -1), self.written(self.as_of), self.when(1, 40), self.when(1, 40))
        )
        if row["planned_end_on"] and self.read(row["planned_end_on"]) < started:
            row["planned_end_on"] = ""
        elif row["planned_end_on"] and self.chance(0.15):
            row["ended_on"] = self.when(1, 30)
            row["ended_because"] = self.code(self.random.choice(ENDS[:-1]))
        self.placed.append(row)
        return True

    def later(self, row: Row, there: set[str]) -> None:
        """A placement that is agreed, or a `confirmed` that has not begun."""
        name, home = row["request_id"], self.random.choice(self.household_ids)
        if home in there or f"pin {home}" in self.held:
            return
        self.held.add(f"pin {home}")
        self.held.add(f"{name}/{home}")
        if self.chance(0.4):
            self.held.add(f"pin {name}")
            started = self.day(1, 40)
            if self.free((name, home), started, date.max):
                one = {"request_id": name, "household_id": home}
                one["started_on"] = self.written(started)
                one["planned_end_on"] = self.when(50, 150, 0.7)
                self.placed.append(one)
            return
        one = self.decision((name, home), "confirmed", 31 + len(self.settled))
        if row["status"] != "closed":
            row["status"] = self.random.choice(("", "", "open", "placed"))
            if row["status"] != "placed":
                one["started_on"] = self.when(1, 30, 0.3)
                self.held.add(f"pin {name}")
        there_now = row["status"] in ("placed", "closed")
        if there_now and not self.free((name, home), self.as_of, date.max):
            self.held.discard(f"pin {home}")
            row["status"] = "" if row["status"] == "placed" else row["status"]
            return
        one["ended_on"] = self.when(31, 90, 0.3)
        self.settled.append(one)

    def events(self, name: str) -> list[Row]:
        """`events`: on the day of the round or before, planned ones after it."""
        rows: list[Row] = []
        gate = "gate" if name == "steps" else "event"
        keys = ["request_record", "risks_known", "case_risk_assessment"]
        if gate == "event":
            keys += ["child_born", "returned_home", "adult_joined"]
        for request_id in self.request_ids:
            for key in keys:
                if self.chance(0.45 if key == "case_risk_assessment" else 0.1):
                    row = {"request_id": request_id, gate: key, "on": self.when(-30, 0)}
                    done = ("", "done", "met", "planned") if gate == "event" else ("met",)
                    row["status"] = self.code(self.random.choice(done))
                    if row["status"].strip().lower() == "planned":
                        row["on"] = self.when(1, 20)
                    row["by"] = self.maybe(0.5, "team manager")
                    rows.append(row)
        return rows

    def decision(self, pair: tuple[str, str], decision: str, days: int) -> Row:
        return {
            "request_id": pair[0],
            "household_id": pair[1],
            "decision": self.code(decision),
            "decided_on": self.written(self.as_of - timedelta(days=days)),
            "reason": self.random.choice(REASONS),
            "note": self.maybe(0.2, 'Discussed; "not now", they said'),
            "decided_by": self.maybe(0.8, "team manager"),
        }

    def decisions(self, pins: bool) -> list[Row]:
        """`pins`: no two pins of one side were decided on one day, and none today.

        Nor has a family two of them that count, as then it isn't said which of them counts
        once the later one breaks a rule.
        """
        rows: list[Row] = list(self.settled)
        wished: dict[str, set[int]] = {}
        for pair in self.pairs(0.04 if self.dense else 0.07):
            if f"{pair[0]}/{pair[1]}" in self.held:
                continue
            kind = self.random.choice(("rule_out", "declined_by_carer", "declined_by_parent"))
            last = self.random.randint(0, 30)
            sides = [wished.setdefault(side, set()) for side in pair]
            if pins and last and self.chance(0.35) and not sides[0] and last not in sides[1]:
                kind = "choose"
                for side in sides:
                    side.add(last)
            rows.append(self.decision(pair, kind, last))
            if kind != "choose":
                rows[-1]["until"] = self.random.choice(
                    ("", "", self.written(self.as_of), self.when(1, 20), self.when(-last, 0))
                )
            if self.chance(0.25):
                earlier = ["rule_out", "declined_by_carer", "choose", "confirmed"]
                rows.append(self.decision(pair, self.random.choice(earlier), last + 7))
                if self.chance(0.3):
                    rows.append(self.decision(pair, "declined_by_parent", last + 12))
        return rows

    def apart(self) -> list[Row]:
        rows: list[Row] = []
        pairs = []
        for n, one in enumerate(self.request_ids):
            for other in self.request_ids[n + 1 :]:
                pairs.append((one, other))
        many = min(len(pairs), max(1, len(self.request_ids) // 2))
        for one, other in self.random.sample(pairs, many):
            first, second = (other, one) if self.chance(0.5) else (one, other)
            least = self.random.choice(("0.5", "1", "2.5", "4", "8"))
            rows.append({"request_id": first, "other_request_id": second, "min_miles": least})
        return rows

    # Writing

    def heading(self, column: str) -> str:
        if self.chance(0.9):
            return column
        words = column.split("_")
        shapes = (" ".join(words).title(), column.upper(), "".join(words).capitalize())
        return self.random.choice(shapes)

    def write(self, folder: Path, name: str, columns: Sequence[str], rows: list[Row]) -> None:
        self.random.shuffle(rows)
        kept = list(columns)
        if self.chance(0.3):
            for column in self.pick(MAY_BE_MISSING[name], 2):
                kept.remove(column)
        if self.chance(0.3):
            self.random.shuffle(kept)
        headings = [self.heading(column) for column in kept]
        if self.chance(0.1):
            headings.append("Remarks")
        out = io.StringIO(newline="")
        ends = "\r\n" if self.chance(0.3) else "\n"
        writer = csv.writer(out, lineterminator=ends)
        writer.writerow(headings)
        for row in rows:
            cells = [row.get(column, "") for column in kept]
            if len(headings) > len(kept):
                cells.append("seen")
            writer.writerow(cells)
        encoding = self.random.choice(("utf-8", "utf-8", "utf-8-sig", "cp1252"))
        (folder / f"{name}.csv").write_bytes(out.getvalue().encode(encoding))


def write_round(
    folder: Path,
    seed: int,
    requests: int,
    households: int,
    *,
    dense: bool = False,
    keep_apart: bool = False,
    pins: bool = False,
    settings_too: bool = False,
) -> None:
    """Write a random round; `requests` counts the open ones, and a closed one or two may join.

    `dense` makes most pairs eligible and ties frequent. Families live, lived or will live
    somewhere. `pins` adds confirmed decisions, placements that are agreed, and choices that
    may break something today. `settings_too` changes settings of the policy in round.toml.
    """
    folder.mkdir(parents=True, exist_ok=True)
    maker = _Maker(seed, requests, households, dense)
    settings = f'as_of = {maker.as_of.isoformat()}\ntitle = "random round {seed}"\n'
    settings += 'authority = "E09000007"\n'
    if settings_too:
        changed = maker.pick(list(SETTINGS), 3, 1)
        settings += "\n[policy]\n" + "".join(
            f"{key} = {maker.random.choice(SETTINGS[key])}\n" for key in sorted(changed)
        )
    (folder / "round.toml").write_bytes(settings.encode("utf-8"))

    asked = [maker.request(request_id) for request_id in maker.request_ids]
    homes = [maker.household(household_id) for household_id in maker.household_ids]
    people: list[Row] = []
    for household_id in maker.household_ids:
        people += maker.carers(household_id)
    maker.life(asked, pins)
    maker.write(folder, "requests", REQUEST_COLUMNS, asked)
    maker.write(folder, "households", HOUSEHOLD_COLUMNS, homes)
    maker.write(folder, "carers", CARER_COLUMNS, people)
    maker.write(folder, "relationships", RELATIONSHIP_COLUMNS, maker.relationships())
    maker.write(folder, "risk_assessments", RISK_COLUMNS, maker.risk_assessments())
    maker.write(folder, "decisions", DECISION_COLUMNS, maker.decisions(pins))
    if maker.placed:
        maker.write(folder, "placements", PLACEMENT_COLUMNS, maker.placed)
    if maker.chance(0.85):
        name = "events" if maker.chance(0.8) else "steps"
        columns = EVENT_COLUMNS if name == "events" else STEP_COLUMNS
        maker.write(folder, name, columns, maker.events(name))
    if keep_apart:
        maker.write(folder, "keep_apart", APART_COLUMNS, maker.apart())
