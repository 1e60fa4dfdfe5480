"""Every soft criterion: its values, where it does not apply, what is not known, and its words."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from builders import (
    Cells,
    a_carer,
    a_household,
    a_policy,
    a_request,
    one_pair,
    prepared,
    proves,
    solved,
)
from matcher.explain import explain_score
from matcher.fit import Scores, rounded, score
from matcher.policy.case import Case
from matcher.policy.criteria import CRITERIA
from matcher.policy.forms import Evidence
from matcher.privacy import for_people
from matcher.recorder import record_of

CONTRACT = {  # key: clause, weight
    "language": ("PC-5.1g", 20),
    "ethnicity": ("PC-5.1g", 12),
    "religion": ("PC-5.1g", 12),
    "distance": ("PC-5.1j", 16),
    "school": ("PC-5.1i, PC-5.2d", 5),
    "skills": ("PC-5.2b, PC-5.2c, PC-5.2d", 25),
    "impact": ("PC-5.1c", 10),
}
PLACE = {each.key: at for at, each in enumerate(CRITERIA)}
BY_KEY = {each.key: each for each in CRITERIA}
NOT_APPLICABLE = None
LAW = {
    **dict.fromkeys(("language", "ethnicity", "religion"), "LAW-culture"),
    **dict.fromkeys(("distance", "school"), "LAW-near"),
}


def clauses_of(key: str, support: str | None = None) -> str:
    """The clauses of a criterion, with the law behind it, and that of gaps where support is named."""
    gap = ["NMS-15"] if support else []
    return ", ".join([BY_KEY[key].clause, *([LAW[key]] if key in LAW else []), *gap])


def scored(
    folder: Path,
    request: Cells | None = None,
    household: Cells | None = None,
    carers: list[Cells] | None = None,
    policy: dict[str, object] | None = None,
    **others: list[Cells],
) -> tuple[Case, Scores]:
    """The only pair of a round, and its scores."""
    tables = one_pair(
        a_request(**request or {}),
        a_household(**household or {}),
        [a_carer(number=at, **cells) for at, cells in enumerate(carers or [{}], 1)],
        **others,
    )
    case = prepared(folder, tables, a_policy(**policy or {})).pair(0, 0)
    return case, score(case.pairs)


def value_of(key: str, scores: Scores) -> float | None:
    value = scores.value(PLACE[key], 0)
    return NOT_APPLICABLE if np.isnan(value) else value


class Row(NamedTuple):
    """One row of a table: what is tested, the value, and the cells."""

    says: str
    value: float | None
    cells: dict[str, Any]


def row(says: str, value: float | None, **cells: Any) -> Row:
    return Row(says, value, cells)


LOOKED_AFTER: Cells = {"parent_age": "17", "parent_looked_after": "yes"}
SUPPORT: Cells = {"purpose": "support", "expected_weeks": None}
OWN: list[Cells] = [{"request_id": "R1", "household_id": "H1", "kind": "current_carer"}]

TABLES: dict[str, list[Row]] = {
    "language": [
        *(
            row(
                f"parent {asked}, english {english}, carers {'/'.join(str(c) for c in spoken)}",
                value,
                request={"languages": asked, "english": english},
                carers=[{"languages": each} for each in spoken],
            )
            for asked, english, spoken, value in (
                ("som;ara", None, ["Somali"], 1),
                ("som;ara", None, ["eng;so"], 1),
                ("som;ara", "fluent", ["eng", "som"], 1),
                ("som;ara", "none", ["ara"], 0.8),
                ("som;ben;ara", "some", ["eng;ara"], 0.8),
                ("som", "fluent", ["eng"], 0.8),
                ("som", "some", ["eng"], 0.4),
                ("som", "none", ["eng"], 0),
                ("som", None, ["eng"], 0),
                ("som", "fluent", [None], 0),
                ("som", "fluent", [None, None], 0),
                ("som", "fluent", [None, "eng"], 0.8),
                (None, "fluent", ["eng"], NOT_APPLICABLE),
                (None, None, [None], NOT_APPLICABLE),
            )
        ),
        row(
            "a carer who is not approved speaks it",
            0.4,
            request={"languages": "som", "english": "some"},
            carers=[{"languages": "eng"}, {"languages": "som", "approved": "no"}],
        ),
        row(
            "known of a carer who is not approved alone",
            0,
            request={"languages": "som", "english": "fluent"},
            carers=[{}, {"languages": "eng", "approved": None}],
        ),
        *(
            row(
                f"another {key}",
                0.5,
                request={"languages": "som;ara", "english": english},
                carers=[{"languages": spoken}],
                policy={f"language__{key}": 0.5},
            )
            for key, english, spoken in (
                ("another", "none", "ara"),
                ("english_fluent", "fluent", "eng"),
                ("english_some", "some", "eng"),
            )
        ),
    ],
    "ethnicity": [
        *(
            row(
                f"parent {parent}, carers {'/'.join(str(c) for c in carers)}",
                value,
                request={"ethnicity": parent},
                carers=[{"ethnicity": each} for each in carers],
            )
            for parent, carers, value in (
                ("BAFR", ["BAFR"], 1),
                ("BAFR", ["WBRI", "BAFR"], 1),
                ("BAFR", ["BCRB"], 0.6),
                ("WBRI", ["WROM"], 0.6),
                ("CHNE", ["AIND"], 0.6),
                ("MWBC", ["MWAS"], 0.6),
                ("MOTH", ["MWBA"], 0.6),
                ("MWBC", ["WIRI"], 0.5),
                ("MWBC", ["BAFR"], 0.5),
                ("MWBA", ["WBRI"], 0.5),
                ("MWBA", ["BOTH"], 0.5),
                ("MWAS", ["WOTH"], 0.5),
                ("MWAS", ["ABAN"], 0.5),
                ("MWAS", ["CHNE"], 0.5),
                ("WIRT", ["MWBC"], 0.5),
                ("BCRB", ["MWBA"], 0.5),
                ("APKN", ["MWAS"], 0.5),
                ("MWBC", ["AIND"], 0),
                ("MWAS", ["BCRB"], 0),
                ("AIND", ["MWBA"], 0),
                ("MOTH", ["WBRI"], 0),
                ("OOTH", ["MOTH"], 0),
                ("OOTH", ["OOTH"], 1),
                ("WBRI", ["BCRB"], 0),
                ("BAFR", ["BCRB", "MWBA"], 0.6),
                ("BAFR", [None], 0),
                ("BAFR", ["REFU", "NOBT"], 0),
                ("BAFR", [None, "BCRB"], 0.6),
                ("REFU", ["REFU"], NOT_APPLICABLE),
                ("NOBT", ["WBRI"], NOT_APPLICABLE),
                (None, ["WBRI"], NOT_APPLICABLE),
            )
        ),
        row(
            "a carer who is not approved",
            0,
            request={"ethnicity": "BAFR"},
            carers=[{"ethnicity": "WBRI"}, {"ethnicity": "BAFR", "approved": "no"}],
        ),
        row(
            "another same_group",
            0.7,
            request={"ethnicity": "BAFR"},
            carers=[{"ethnicity": "BCRB"}],
            policy={"ethnicity__same_group": 0.7},
        ),
        row(
            "another mixed_half",
            0.2,
            request={"ethnicity": "BAFR"},
            carers=[{"ethnicity": "MWBC"}],
            policy={"ethnicity__mixed_half": 0.2},
        ),
    ],
    "religion": [
        *(
            row(
                f"parent {parent}, carers {carers}",
                value,
                request={"religion": parent},
                carers=[{"religion": own, "supports_religions": also} for own, also in carers],
            )
            for parent, carers, value in (
                ("muslim", [("muslim", None)], 1),
                ("muslim", [("none", None), ("muslim", None)], 1),
                ("muslim", [("christian", "muslim;jewish")], 0.7),
                ("muslim", [(None, "muslim")], 0.7),
                ("muslim", [("christian", "muslim"), ("muslim", None)], 1),
                ("muslim", [("christian", "jewish")], 0),
                ("muslim", [("none", None)], 0),
                ("muslim", [(None, None)], 0),
                ("muslim", [("not_stated", None)], 0),
                ("other", [("other", None)], 0.7),
                ("other", [("sikh", None)], 0),
                ("none", [("none", None)], NOT_APPLICABLE),
                ("not_stated", [("not_stated", None)], NOT_APPLICABLE),
                (None, [("muslim", None)], NOT_APPLICABLE),
            )
        ),
        row(
            "a carer who is not approved",
            0,
            request={"religion": "muslim"},
            carers=[
                {"religion": "none"},
                {"religion": "muslim", "supports_religions": "muslim", "approved": "no"},
            ],
        ),
        row(
            "another value of support",
            0.9,
            request={"religion": "muslim"},
            carers=[{"supports_religions": "muslim"}],
            policy={"religion__supported": 0.9},
        ),
        row(
            "another value of other",
            0.9,
            request={"religion": "other"},
            carers=[{"religion": "other"}],
            policy={"religion__other": 0.9},
        ),
    ],
    "distance": [
        *(
            row(
                f"from {home} to NW5, at least {least}, at most {most}, away from {away}",
                value,
                request={
                    "home_postcode": home,
                    "min_miles": least,
                    "max_miles": most,
                    "keep_away": away,
                },
            )
            for home, least, most, away, value in (
                ("NW5", None, None, None, 1),
                ("N6", None, None, None, 1 - 1.5 / 20),  # 1.4875 miles, rounded first
                ("UB5", None, None, None, 0.5),
                ("SL2", None, None, None, 1 - 19.9 / 20),
                ("KT15", None, None, None, 0),
                ("LU1", None, None, None, 0),
                ("UB5", None, "12", None, 0.5),
                ("UB5", "1", None, None, NOT_APPLICABLE),
                ("UB5", "0", None, None, NOT_APPLICABLE),
                ("UB5", None, None, "E1", NOT_APPLICABLE),
                (None, None, None, None, NOT_APPLICABLE),
            )
        ),
        row("another far", 0.75, request={"home_postcode": "UB5"}, policy={"far_miles": 40}),
    ],
    "school": [
        *(
            row(
                f"from {school} to NW5, {older} older children",
                value,
                request={"school_postcode": school, "older_children": older, "min_miles": None},
                household={"takes_older_children": "1"},
            )
            for school, older, value in (
                ("NW5", "1", 1),
                ("SW10", "1", 0.5),
                ("SW10", "0", 0.5),
                ("TW7", "0", 1 - 9.9 / 10),
                ("UB5", "0", 0),
                ("KT15", "0", 0),
                (None, "1", NOT_APPLICABLE),
            )
        ),
        row(
            "also where the home must be far",
            0.5,
            request={"school_postcode": "SW10", "home_postcode": "KT15", "min_miles": "1"},
        ),
        row(
            "another far",
            0.75,
            request={"school_postcode": "SW10"},
            policy={"far_school_miles": 20},
        ),
    ],
    "skills": [
        *(
            row(
                f"{says}: carers have {'/'.join(str(c) for c in has)}",
                value,
                request=request,
                carers=[{"skills": each} for each in has],
            )
            for says, request, has, value in (
                ("assessment asks for babies", {}, ["babies"], 1),
                ("blank is none", {}, [None], 0),
                ("needs", {"needs": "trauma;mental_health"}, ["babies;trauma"], 2 / 3),
                ("between carers", {"needs": "trauma"}, ["babies", "trauma"], 1),
                ("court today", {"court_on": "2026-11-23"}, ["babies"], 1 / 2),
                ("court later", {"court_on": "2027-11-23"}, ["babies;court_evidence"], 1),
                ("court past", {"court_on": "2026-11-22"}, ["babies"], 1),
                ("assessment, parent of 19", {"parent_age": "19"}, ["babies"], 1),
                ("support", {**SUPPORT}, ["babies"], 1 / 2),
                ("support", {**SUPPORT}, ["teaching_parents;babies"], 1),
                ("support, court", {**SUPPORT, "court_on": "2027-01-01"}, ["babies"], 1 / 2),
                ("support at 20", {**SUPPORT, "parent_age": "20"}, ["babies"], 1 / 2),
                ("support at 19", {**SUPPORT, "parent_age": "19"}, ["babies"], 1 / 3),
                ("support at 19", {**SUPPORT, "parent_age": "19"}, ["babies;teenagers"], 2 / 3),
                ("second of 20", {**SUPPORT, "second_parent_age": "20"}, ["babies"], 1 / 2),
                ("second of 19", {**SUPPORT, "second_parent_age": "19"}, ["babies"], 1 / 3),
            )
        ),
        row(
            "a carer who is not approved",
            0,
            carers=[{"skills": "trauma"}, {"skills": "babies", "approved": "no"}],
        ),
        row(
            "another age of a young parent",
            1 / 3,
            request={**SUPPORT, "parent_age": "24"},
            carers=[{"skills": "babies"}],
            policy={"young_parent_under": 25},
        ),
    ],
    "impact": [
        *(
            row(
                f"{there} there, {risks}",
                value,
                request={f"risk_{area}": level for area, level in risks.items()},
                household={"looked_after_children": there},
            )
            for there, risks, value in (
                ("0", {}, 1),
                ("1", {}, 0.6),
                ("2", {}, 0.3),
                ("3", {}, 0.3),
                ("0", {"arson": "low"}, 1),
                ("0", {"arson": "medium"}, 0.75),
                ("0", {"arson": "high"}, 0.5),
                ("1", {"violence": "none", "mental_health": "medium"}, 0.6 * 0.75),
                ("2", {"offending": "medium", "mental_health": "high"}, 0.3 * 0.5),
            )
        ),
        row(
            "own carer: the one there is the parent",
            1,
            request=LOOKED_AFTER,
            household={"looked_after_children": "1"},
            relationships=OWN,
        ),
        row(
            "own carer: one of two is the parent",
            0.6,
            request=LOOKED_AFTER,
            household={"looked_after_children": "2"},
            relationships=OWN,
        ),
        row(
            "own carer of a parent who is not looked after",
            0.6,
            household={"looked_after_children": "1"},
            relationships=OWN,
        ),
        *(
            row(
                f"another {key}",
                value,
                request={"risk_medical": level},
                household={"looked_after_children": there},
                policy={f"impact__{key}": 0.1},
            )
            for key, there, level, value in (
                ("one_child", "1", None, 0.1),
                ("more_children", "2", None, 0.1),
                ("medium_risk", "0", "medium", 0.1),
                ("high_risk", "0", "high", 0.1),
            )
        ),
    ],
}


@pytest.mark.parametrize(
    ("key", "found"),
    [
        pytest.param(key, r, id=f"{key}: {r.says}", marks=proves(clauses_of(key)))
        for key, rows in TABLES.items()
        for r in rows
    ],
)
def test_the_value_of_a_criterion(tmp_path: Path, key: str, found: Row) -> None:
    _, scores = scored(tmp_path, **found.cells)
    value = value_of(key, scores)
    assert value == (None if found.value is None else pytest.approx(found.value, abs=1e-12))


def test_criteria_stand_in_the_contract_s_order_with_its_clauses_and_weights() -> None:
    weights = {each.key: a_policy().number(f"weights.{each.key}") for each in CRITERIA}
    found = [(each.key, (each.clause, weights[each.key])) for each in CRITERIA]
    assert found == list(CONTRACT.items())
    assert set(TABLES) == set(CONTRACT)


def speaking(parent: str, english: str | None, carer: str | None) -> dict[str, Any]:
    request = {"languages": parent, "english": english}
    return {"request": request, "carers": [{"languages": carer}]}


def of(column: str, parent: str, *carers: str | None, **more: str) -> dict[str, Any]:
    return {"request": {column: parent}, "carers": [{column: each, **more} for each in carers]}


def with_risks(there: str, **risks: str) -> dict[str, Any]:
    request = {f"risk_{area}": level for area, level in risks.items()}
    return {"request": request, "household": {"looked_after_children": there}}


WORDS: list[tuple[str, dict[str, Any], str, str | None]] = [
    (
        "language",
        speaking("som", "fluent", None),
        "It is not known which languages the carers speak.",
        "Ask the carers which languages they speak.",
    ),
    (
        "language",
        speaking("som;ara", None, "som"),
        "A carer speaks Somali, the parent's best language.",
        None,
    ),
    (
        "language",
        speaking("som;ara", None, "eng;ara"),
        "A carer speaks Arabic, which the parent also speaks, "
        "but not Somali, the parent's best language.",
        None,
    ),
    (
        "language",
        speaking("som", "fluent", "eng"),
        "No carer speaks Somali; the parent's English is fluent.",
        None,
    ),
    (
        "language",
        speaking("som", "some", "eng"),
        "No carer speaks Somali; the parent has some English.",
        "An interpreter for important talks.",
    ),
    (
        "language",
        speaking("som", "none", "eng"),
        "No carer speaks Somali, and the parent has no English.",
        "An interpreter.",
    ),
    (
        "language",
        speaking("som", None, "eng"),
        "No carer speaks Somali, and it is not known how much English the parent has.",
        "Ask how much English the parent has; plan an interpreter until that is known.",
    ),
    (
        "ethnicity",
        of("ethnicity", "BAFR", "WBRI", "BAFR"),
        "A carer's ethnicity is African, as the parent's is.",
        None,
    ),
    (
        "ethnicity",
        of("ethnicity", "BAFR", "MWBA", "BCRB", "WBRI"),
        "The parent's ethnicity is African; a carer's is Caribbean, near to it.",
        "Links with people and places of the parent's own background.",
    ),
    (
        "ethnicity",
        of("ethnicity", "BAFR", "WBRI", None),
        "The parent's ethnicity is African; no carer shares it.",
        "Links with people and places of the parent's own background.",
    ),
    (
        "ethnicity",
        of("ethnicity", "BAFR", None, "REFU", "NOBT"),
        "The carers' ethnicity is not known.",
        "Ask the carers their ethnicity.",
    ),
    (
        "religion",
        of("religion", "muslim", "none", "muslim"),
        "A carer is Muslim, as the parent is.",
        None,
    ),
    (
        "religion",
        of("religion", "muslim", "sikh", supports_religions="muslim"),
        "A carer can support the parent's religion (Muslim).",
        "Agree with the parent and the carers how it is practised in the home.",
    ),
    (
        "religion",
        of("religion", "muslim", "sikh", None),
        "The parent is Muslim; no carer shares or supports that.",
        "A link with a place of worship, and advice on daily practice (Muslim).",
    ),
    (
        "religion",
        of("religion", "muslim", None, "not_stated"),
        "The carers' religion is not known.",
        "Ask the carers their religion.",
    ),
    (
        "religion",
        of("religion", "other", "other"),
        "The parent and a carer both have a religion that the list does not name.",
        "Ask whether it is the same religion.",
    ),
    (
        "religion",
        of("religion", "other", "sikh"),
        "No carer shares or supports the parent's religion.",
        "A link with a place of worship, and advice on daily practice (Other).",
    ),
    (
        "religion",
        of("religion", "sikh", "other"),
        "The parent is Sikh; no carer shares or supports that.",
        "A link with a place of worship, and advice on daily practice (Sikh).",
    ),
    ("distance", {"request": {"home_postcode": "NW5"}}, "It is less than a mile from home.", None),
    ("distance", {"request": {"home_postcode": "N19"}}, "It is about 1 mile from home.", None),
    ("distance", {"request": {"home_postcode": "UB5"}}, "It is about 10 miles from home.", None),
    ("school", {"request": {"school_postcode": "SW10"}}, "It is about 5 miles from school.", None),
    (
        "school",
        {"request": {"school_postcode": "TW7"}},
        "It is about 10 miles from school.",
        "Help with school travel.",
    ),
    (
        "skills",
        {"carers": [{"skills": "babies;trauma"}]},
        "Experience covers babies: all that is asked for.",
        None,
    ),
    (
        "skills",
        {"carers": [{"skills": None}]},
        "No carer has experience of what is asked: babies.",
        "Training on babies, or a link with a specialist worker.",
    ),
    (
        "skills",
        {"request": {"needs": "trauma;mental_health"}, "carers": [{"skills": "babies"}]},
        "Experience covers babies; not mental health or trauma.",
        "Training on mental health and trauma, or a link with a specialist worker.",
    ),
    ("impact", with_risks("0"), "No looked-after children live there.", None),
    (
        "impact",
        with_risks("1"),
        "1 looked-after child lives there.",
        "A plan with the supervising social worker for the looked-after children there.",
    ),
    (
        "impact",
        with_risks("0", arson="medium"),
        "No looked-after children live there. The assessed risk is medium in arson.",
        None,
    ),
    (
        "impact",
        with_risks("0", arson="high", violence="medium"),
        "The assessed risk is high in arson. No looked-after children live there.",
        "A plan with the supervising social worker for the household.",
    ),
    (
        "impact",
        with_risks("2", arson="medium", violence="medium"),
        "2 looked-after children live there. The assessed risk is medium in violence and arson.",
        "A plan with the supervising social worker for the looked-after children there.",
    ),
    *(
        (key, {}, "It does not apply, or the request does not say.", None)
        for key in ("language", "ethnicity", "religion", "distance", "school")
    ),
]


@pytest.mark.parametrize(
    ("key", "cells", "text", "support"),
    [
        pytest.param(
            *words, id=f"{words[0]}: {words[2]}", marks=proves(clauses_of(words[0], words[3]))
        )
        for words in WORDS
    ],
)
def test_what_a_value_rests_on(
    tmp_path: Path, key: str, cells: dict[str, Any], text: str, support: str | None
) -> None:
    case, scores = scored(tmp_path, **cells)
    value = scores.value(PLACE[key], 0)
    assert BY_KEY[key].because(case, value) == Evidence(text, support)


HIDDEN = "Its place is not shown, as an address is withheld."


@pytest.mark.clause("PC-5.3d")
@pytest.mark.parametrize(
    ("withheld", "hidden"), [("yes", True), ("no", False), (None, False)], ids=str
)
def test_a_withheld_address_hides_the_distance_from_every_family(
    tmp_path: Path, withheld: str | None, hidden: bool
) -> None:
    places: Cells = {"home_postcode": "UB5", "school_postcode": "TW7"}
    tables = one_pair(a_request("R1", **places))
    tables["requests"].append(a_request("R2", withhold_address=withheld))
    (ranked,) = for_people(record_of(solved(tmp_path, tables))).requests[0].ranked
    scores = {score.name: score for score in ranked.criteria}
    said = [explain_score(scores[key]) for key in ("distance", "school")]
    shown = [
        Evidence("It is about 10 miles from home."),
        Evidence("It is about 10 miles from school.", "Help with school travel."),
    ]
    assert said == ([Evidence(HIDDEN)] * 2 if hidden else shown)


@pytest.mark.clause("NMS-15")
@pytest.mark.parametrize("key", ["language", "ethnicity", "religion"])
def test_a_gap_says_what_to_ask_where_the_household_is_not_known(tmp_path: Path, key: str) -> None:
    asked: Cells = {"languages": "som", "ethnicity": "BAFR", "religion": "muslim"}
    case, scores = scored(tmp_path, request=asked, carers=[{}, {}])
    assert value_of(key, scores) == 0
    support = BY_KEY[key].because(case, 0.0).support
    assert support is not None
    assert support.startswith("Ask the carers")


@pytest.mark.parametrize(
    ("value", "hundredths"),
    [
        (0.0, 0),
        (0.005, 1),
        (0.0049, 0),
        (0.125, 13),
        (1.005, 101),  # a little less than a half in binary
        (12.345, 1235),
        (12.344999, 1234),
        (99.995, 10000),
        (100.0, 10000),
    ],
)
def test_halves_are_rounded_up(value: float, hundredths: int) -> None:
    assert rounded(np.array([value])).tolist() == [hundredths]


ALL_ASKED: Cells = {
    "languages": "som",
    "english": "some",
    "ethnicity": "BAFR",
    "religion": "muslim",
    "home_postcode": "UB5",
    "school_postcode": "SW10",
    "needs": "trauma;mental_health",
}
CARER: Cells = {"languages": "eng", "ethnicity": "BCRB", "religion": "muslim"}


@pytest.mark.parametrize(
    ("fit", "points", "cells"),
    [
        pytest.param(10000, [0, 0, 0, 0, 0, 7143, 2857], {}, id="two apply, both whole"),
        pytest.param(
            7447,
            [0, 0, 0, 0, 0, 5319, 2128],
            {"request": {"ethnicity": "BAFR"}},
            id="not known of the household counts, as nothing",
        ),
        pytest.param(
            10000,
            [0, 0, 0, 0, 0, 7143, 2857],
            {"request": {"ethnicity": "REFU"}, "carers": [{"ethnicity": "WBRI"}]},
            id="not known of the request is left out",
        ),
        pytest.param(  # 8 + 7.2 + 12 + 8 + 2.5 + 25/3 + 6 of 100
            5203,
            [800, 720, 1200, 800, 250, 833, 600],
            {
                "request": ALL_ASKED,
                "household": {"looked_after_children": "1"},
                "carers": [CARER],
            },
            id="all seven",
        ),
        pytest.param(  # points 33.33 + 66.67 / 3 = 22.22: each rounded on its own, 55.5556 once
            5556,
            [0, 0, 0, 0, 0, 2222, 3333],
            {
                "request": {"needs": "trauma;mental_health"},
                "policy": {"weights__skills": 2, "weights__impact": 1},
            },
            id="points are rounded on their own",
        ),
        pytest.param(
            13,
            [0, 0, 0, 0, 0, 13, 0],
            {
                "household": {"looked_after_children": "2"},
                "policy": {
                    "weights__skills": 1,
                    "weights__impact": 799,
                    "impact__more_children": 0,
                },
            },
            id="a fit of 0.125",
        ),
        pytest.param(
            0,
            [0] * 7,
            {"policy": {"weights__skills": 0, "weights__impact": 0}},
            id="nothing weighs",
        ),
    ],
)
def test_fit_is_the_weighted_mean_of_what_applies(
    tmp_path: Path, fit: int, points: list[int], cells: dict[str, Any]
) -> None:
    _, scores = scored(tmp_path, **cells)
    assert scores.fit.tolist() == [[fit]]
    assert scores.points[:, 0, 0].tolist() == points
