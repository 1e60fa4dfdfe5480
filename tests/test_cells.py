"""What cells mean as people and programs write them, and that no hint names another meaning.

The kinds are those of public reports: cases authority-*, border-outcodes, computed-fee, date-with-time,
hint-says-the-opposite, postcode-hints and their like.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from builders import Cells, a_carer, a_household, a_request, write_tables
from matcher import codes, loading, rounds
from matcher.errors import Fault, WrongInput
from matcher.geo import authority_names, outcodes
from matcher.intake import cells, rows
from matcher.intake.cells import Reader, WrongCell
from matcher.intake.inputs import Inputs
from matcher.policy.case import Case
from matcher.policy.criteria import language
from matcher.policy.rules import features
from matcher.rounds import household_pairs
from matcher.shipped import ethnicity_labels, language_codes, plain_name, school_languages, shipped

LEGAL = cells.code(codes.LEGAL_STATUSES)
STATUS = cells.code(codes.HOUSEHOLD_STATUSES)
MONEY, WEEKS = cells.number(100_000, cells.POUNDS), cells.whole(1, 520, cells.WEEKS)
LISTED = cells.listed(cells.code(codes.NEEDS))
DAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("reader", "text", "meaning"),
    [
        # computed numbers, units, thousands
        (MONEY, "576.923076923077", 576.92),
        (MONEY, "£650.00", 650.0),
        (MONEY, "1,200", 1200.0),
        (MONEY, "£1,200.50 per week", 1200.5),
        (MONEY, "590 pw", 590.0),
        (rows.MILES, "4.970968", 4.97),
        (rows.MILES, "5 miles", 5.0),
        (WEEKS, "12 weeks", 12),
        (rows.AGE, "23.9999999", 24),
        (rows.AGE, "24.0000004", 24),
        (rows.COUNT, "5.684341886080802e-14", 0),
        (rows.COUNT, "-4.440892098500626e-16", 0),
        (rows.MILES, "-4.440892098500626e-16", 0.0),
        (rows.COUNT, "2 children", 2),
        (rows.reader_of(rows.Household, "bedrooms"), "2 bedrooms", 2),
        (rows.AGE, "17yo", 17),
        (cells.yes_no, "1.0", True),
        (cells.yes_no, "0.0", False),
        # a day with a time behind it; day first always
        (cells.day, "2026-11-16T14:23:00", DAY),
        (cells.day, "2026-11-16 00:00:00.000", DAY),
        (cells.day, "2026-11-16T14:23:00.123Z", DAY),
        (cells.day, "2026-11-16T14:23:00+01:00", DAY),
        (cells.day, "16/11/2026 00:00", DAY),
        (cells.day, "16/11/2026 2:23 PM", DAY),
        (cells.day, "16/11/2026, 14:23:00", DAY),
        (cells.day, "16/11/2026 2:23 p.m.", DAY),
        (cells.day, "2026-11-16 00:00:00+00", DAY),
        (cells.day, "2026-11-16 00:00:00 BST", DAY),
        (cells.day, "16.11.2026", DAY),
        (cells.arrangement_end, "16.11.2026", DAY),
        # codes: case, spaces, hyphens, labels, the trade's shorthand
        (LEGAL, "Interim care order", "interim_care_order"),
        (LEGAL, "interim-care-order", "interim_care_order"),
        (LEGAL, "ICO", "interim_care_order"),
        (LEGAL, "Full care order", "care_order"),
        (LEGAL, "EPO", "emergency_protection"),
        (LEGAL, "Emergency protection order (EPO)", "emergency_protection"),
        (LEGAL, "Section 20", "s20"),
        (LEGAL, "s.20", "s20"),
        (LEGAL, "Not looked after", "not_looked_after"),
        (LEGAL, "C1 - Interim care order", "interim_care_order"),
        (LEGAL, "Interim care order (C1)", "interim_care_order"),
        (LEGAL, "Interim care order (s38)", "interim_care_order"),
        (LEGAL, "EPO (s44)", "emergency_protection"),
        (STATUS, "Under assessment", "assessing"),
        (rows.RISK_LEVEL, "Med", "medium"),
        (LISTED, "DV; MH; UASC", ("domestic_abuse", "mental_health", "asylum_seeking")),
        (cells.code(codes.PROVIDERS), "PR4", "agency"),
        (rows.RELIGION, "CofE", "christian"),
        (rows.ETHNICITY, "WBRI - White British", "WBRI"),
        (rows.ETHNICITY, "BAFR (Black African)", "BAFR"),
        (rows.ETHNICITY, "Other Asian background", "AOTH"),
        (rows.ETHNICITY, "Mixed: White/Asian", "MWAS"),
        (cells.language, "Portuguese (Brazil)", "por"),
        (cells.language, "Kurdish (Sorani)", "ckb"),
        (cells.authority, "Camden (E09000007)", "E09000007"),
        (cells.authority, "E09000007 - London Borough of Camden", "E09000007"),
        (cells.text, ".", "."),
        (cells.text, "..", ".."),
        (rows.RELIGION, "No religion", "none"),
        (rows.RELIGION, "Not stated", "not_stated"),
        (cells.code(codes.PROVIDERS), "IFA", "agency"),
        (rows.ETHNICITY, "Any other Asian background", "AOTH"),
        (rows.ETHNICITY, "Asian Other", "AOTH"),
        (rows.ETHNICITY, "Black African", "BAFR"),
        (rows.ETHNICITY, "Black or Black British - Caribbean", "BCRB"),
        (rows.ETHNICITY, "Mixed - White and Black Caribbean", "MWBC"),
        (rows.ETHNICITY, "White: Irish", "WIRI"),
        (rows.ETHNICITY, "Gypsy / Roma", "WROM"),
        # lists: semicolons, else commas or line breaks where no value holds one
        (LISTED, "trauma, self harm", ("trauma", "self_harm")),
        (LISTED, "trauma\nself harm", ("trauma", "self_harm")),
        (rows.LANGUAGES, "Somali, English", ("som", "eng")),
        (rows.LANGUAGES, "Bosnian, Croatian, Serbian, and Montenegrin; so", ("hbs", "som")),
        (cells.risk_limits, "arson:none, violence:low", (("arson", "none"), ("violence", "low"))),
        # places
        (cells.postcode, "NP16 5AB", "NP16"),
        (cells.postcode, "TD12", "TD12"),
        (cells.place, "CF10 1AA", "CF10"),
        (cells.place, "EH1", "EH1"),
        (cells.authority, "London Borough of Camden", "E09000007"),
        (cells.authority, "Hampshire County Council", "E10000014"),
        (cells.authority, "Durham", "E06000047"),
        (cells.authority, "City of Bradford Metropolitan District Council", "E08000032"),
        (cells.authority, "E08000020", "E08000037"),
        (cells.authority, "E06000048", "E06000057"),
        (cells.authority, "King's Lynn & West Norfolk", "E07000146"),
    ],
)  # fmt: skip
def test_what_a_cell_means(reader: Reader[Any], text: str, meaning: object) -> None:
    assert reader(text) == meaning


@pytest.mark.parametrize(
    ("reader", "text", "says", "never"),
    [
        # a number that is none, or of another unit; a year of two figures
        (rows.AGE, "23.99", "whole number", ""),
        (rows.MILES, "5 km", "number", ""),
        (MONEY, "1,20", "number", ""),
        (cells.day, "16/11/26", "The year has two figures", ""),
        # a hint never turns the meaning round
        (STATUS, "not approved", "not approved", "Did you mean"),
        (STATUS, "unapproved", "Use approved", "Did you mean"),
        (rows.RISK_LEVEL, "no risk", "Use none", "Did you mean"),
        (cells.code(codes.FEATURES), "non-smoker", "Leave out what isn't there", "Did you mean"),
        (cells.code(codes.FEATURES), "ex-smoker", "Use dog", "Did you mean"),
        (cells.code(codes.FEATURES), "allergic to dogs", "Use dog", "Did you mean"),
        (cells.code(codes.ENGAGEMENTS), "not committed", "Use committed", "Did you mean"),
        (cells.code(codes.ENGAGEMENTS), "uncommitted", "Use committed", "Did you mean"),
        (cells.code(tuple(codes.RELATIONSHIPS)), "ex carer", "Use current", "Did you mean"),
        (cells.code(codes.LEGAL_ADVICE), "applies", "Use section_17", "Did you mean"),
        (LEGAL, "no order", "accommodated is s20", "care_order?"),
        (LEGAL, "interim supervision order", "would be not_looked_after", "Did you mean"),
        (LEGAL, "interim order", "interim supervision order is", "Did you mean"),
        (LEGAL, "s31", "supervision order is not_looked_after", "Did you mean"),
        (LEGAL, "order", "Use not_looked_after", "Did you mean"),
        (LEGAL, "C1 - Full care order", "Use not_looked_after", "Did you mean"),  # which of them?
        (LEGAL, "Care order (refused)", "Use not_looked_after", "Did you mean"),
        (STATUS, "Approved?", "Use approved", "Did you mean"),
        (rows.RISK_LEVEL, "high?", "Use none", "Did you mean"),
        (cells.authority, "Camden (E09000006)", "or its name", "Did you mean"),
        (cells.day, "46342", "Excel counts days so", "2026-11"),
        (MONEY, "-576", "number", ""),
        (rows.ETHNICITY, "Asian", "Use WBRI", "Did you mean"),
        (rows.ETHNICITY, "WBRIT", "Use WBRI", "Did you mean"),
        # never by likeness of languages, places, short codes
        (cells.language, "AMR", "In the school census AMR is Amharic. Write amh", "Did you mean"),
        (cells.language, "Somalli", "English name", "Did you mean"),
        (cells.language, "zz", "English name", "Did you mean"),
        (cells.place, "W1", "W1 is W1B; W1C; W1D; W1F", "WV1"),
        (cells.place, "W1M", "W1 is W1B; W1C; W1D; W1F", "WV1"),
        (cells.place, "NWS", "Write it like NW5", "Did you mean"),
        (cells.postcode, "CF10", "no homes in England", "WF10"),
        (cells.authority, "Camdem", "or its name", "Did you mean"),
        (cells.authority, "Leicester County Council", "or its name", "Leicester"),
        (cells.authority, "Newcastle", "or its name", "upon"),
        # the same words in another order or number are named
        (rows.RISK_LEVEL, "high risk", "Did you mean high?", ""),
        (cells.code(codes.FEATURES), "dogs", "Did you mean dog?", ""),
        # councils that were merged or split name who followed
        (cells.authority, "Northamptonshire", "North Northamptonshire (E06000061) or West", ""),
        (cells.authority, "Allerdale Borough Council", "Cumberland (E06000063)", "Calderdale"),
        (cells.authority, "E10000006", "Cumberland (E06000063) or Westmorland", ""),
        (cells.authority, "Dorset County Council", "Bournemouth, Christchurch and Poole", ""),
    ],
)  # fmt: skip
def test_what_is_no_value_is_told_without_another_meaning(
    reader: Reader[Any], text: str, says: str, never: str
) -> None:
    with pytest.raises(WrongCell) as error:
        reader(text)
    (fault,) = error.value.faults
    assert says in f"{fault.problem} {fault.fix}"
    assert not never or never not in fault.fix


@pytest.mark.parametrize(
    ("reader", "text", "meant"),
    [
        (cells.day, "07-12-2026", "2026-12-07"),
        (cells.day, "9th November 2026", "2026-11-09"),
        (cells.day, "12/31/2026", "2026-12-31"),
        (cells.day, "2026-31-12", "2026-12-31"),
        (cells.day, "16-Nov-2026", "2026-11-16"),
        (cells.day, "Nov 16, 2026", "2026-11-16"),
        (cells.day, "Mon 16 Nov 2026 14:23", "2026-11-16"),
        (cells.day, "2026/11/16", "2026-11-16"),
        (cells.day, "20261116", "2026-11-16"),
        (cells.day, "16-11-2026 00:00:00", "2026-11-16"),
        (cells.day, "46342", None),  # two ways of Excel to count
        (STATUS, "approved?", None),
        (cells.day, "07/12/26", None),  # of which century, nobody can say
        (cells.day, "31/02/2027", None),
        (cells.day, "31-02-2027", None),
        (cells.code(codes.FEATURES), "dogs", "dog"),
        (cells.code(codes.FEATURES), "non-smoker", None),
        (LEGAL, "s31", None),
        (LEGAL, "no order", None),
        (cells.language, "AMR", "amh"),
        (cells.language, "SCB", None),  # three languages
        (cells.authority, "Allerdale", "E06000063"),
        (cells.authority, "Cumbria", None),  # two councils followed
        (cells.place_of_several, "EC4", "EC4A; EC4M; EC4N; EC4R; EC4V; EC4Y"),
        (cells.place_of_several, "W1M", None),  # only a part of W1
        (cells.place, "EC4", None),  # one home is in one of them
    ],
)
def test_only_what_has_one_meaning_has_a_mend(
    reader: Reader[Any], text: str, meant: str | None
) -> None:
    with pytest.raises(WrongCell) as error:
        reader(text)
    assert [fault.mend for fault in error.value.faults] == [meant]


def _slips(name: str) -> list[str]:
    """A name with a letter too few, one too many, and turned round."""
    return [name[:-1], name[1:], f"{name}x", f"Not {name}", f"non-{name}"]


def _hinted(reader: Reader[Any], text: str) -> str | None:
    """What a reader takes a text for, or names as meant."""
    try:
        return str(reader(text))
    except WrongCell as error:
        fix = error.faults[0].fix
        return fix.partition("Did you mean ")[2].rstrip("?") or None


@pytest.mark.parametrize(
    ("reader", "names"),
    [
        (cells.authority, {plain_name(name): code for code, name in authority_names().items()}),
        (cells.language, {n: c for n, c in language_codes().items() if len(n) > 3}),
        (rows.ETHNICITY, {label: code for code, label in ethnicity_labels().items()}),
        (LEGAL, {c: c for c in codes.LEGAL_STATUSES}),
        (cells.code(codes.SKILLS), {c: c for c in codes.SKILLS}),
        (cells.code(codes.FEATURES), {c: c for c in codes.FEATURES}),
        (cells.code(codes.CONCERNS), {c: c for c in codes.CONCERNS}),
    ],
    ids=["authority", "language", "ethnicity", "legal status", "skill", "feature", "concern"],
)
def test_no_shipped_name_is_taken_for_another(reader: Reader[str], names: dict[str, str]) -> None:
    for name, code in names.items():
        assert reader(name) == code, name
        for slip in _slips(name):
            meant = _hinted(reader, slip)
            by_itself = meant == names.get(slip.casefold(), names.get(slip))  # 'fars' may be a name
            if meant is not None and not by_itself and slip.startswith(("Not ", "non-")):
                assert meant in ("not_looked_after",), (slip, meant)
            elif meant is not None and not by_itself:
                assert names.get(meant, meant) == code or reader(slip) == meant, (slip, meant)


def test_no_outward_postcode_is_named_for_another_area() -> None:
    for name in outcodes():
        for slip in (f"{name}X", name[:-1], f"X{name}"):
            try:
                cells.place(slip)
            except WrongCell as error:
                fix = error.faults[0].fix.removeprefix("Write it like NW5 or NW5 2AB.")
                named = [
                    word.strip(";:.") for word in fix.split() if word.strip(";:.") in outcodes()
                ]
                assert all(each.startswith(slip[:-1]) for each in named), (slip, named)


def test_all_official_forms_of_a_name_are_read() -> None:
    for row in shipped("authorities.csv"):
        name, code = plain_name(row["name"]), row["code"]
        forms = {
            "E06": ["{} Council", "{} Borough Council"],
            "E07": ["{} District Council", "{} Borough Council", "Borough of {}"],
            "E08": ["{} Metropolitan Borough Council", "{} MBC", "City of {}"],
            "E09": ["London Borough of {}", "Royal Borough of {}", "LB {}"],
        }[code[:3]]
        for form in forms if name != "City of London" else ():
            assert cells.authority(form.format(name)) == code
        county = row["utla_name"]
        if row["utla_code"].startswith("E10"):
            assert cells.authority(f"{county} County Council") == row["utla_code"]
    assert len(shipped("former_authorities.csv")) == 85


def test_a_cell_of_100_000_unknown_values_is_compared_with_no_list(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def compared(*_: object, **__: object) -> list[str]:
        raise AssertionError("each value was compared with each name: minutes for one cell")

    monkeypatch.setattr("difflib.get_close_matches", compared)
    text = ";".join(f"zq{at}x" for at in range(100_000))
    with pytest.raises(WrongCell) as error:
        rows.LANGUAGES(text)
    assert len(error.value.faults) == 21  # twenty, and how many more


# --- Columns ----------------------------------------------------------------------------------


def checked(tmp_path: Any, **changes: list[Cells]) -> tuple[list[Fault], list[Fault]]:
    """The faults and the warnings of a round of two families and two households."""
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household("H1", **NOBODY), a_household("H2", **NOBODY)],
        "carers": [a_carer("H1"), a_carer("H2")],
        **changes,
    }
    folder = write_tables(tmp_path, tables, "as_of = 2026-11-23\n")
    try:
        inputs, policy = loading.load(folder, None, None)
    except WrongInput as error:
        return list(error.faults), list(error.warnings)
    rounds.prepare(inputs, policy)
    return [], list(inputs.warnings)


NOBODY = {"smokes": "no", "dogs": "no", "cats": "no", "own_children": "no"}


def read(tmp_path: Any, **changes: list[Cells]) -> Inputs:
    checked(tmp_path, **changes)
    return loading.load(tmp_path, None, None)[0]


@pytest.mark.parametrize(
    "word",
    [
        "Unknown",
        "N/A",
        "n/k",
        "NULL",
        "-",
        "TBC",
        "nan",
        "not known",
        "N.K.",
        "(null)",
        r"\N",
        "??",
    ],
)
def test_words_for_not_known_are_blank_and_counted(tmp_path: Any, word: str) -> None:
    requests = [
        a_request("R1", ethnicity=word, risk_violence=word, languages="som", keep_away=word),
        a_request("R2", ethnicity=word, risk_violence="low", languages="som", keep_away="N7"),
    ]
    faults, warnings = checked(tmp_path, requests=requests)
    assert faults == []
    told = {each.column: each.problem for each in warnings}
    assert told["ethnicity"].startswith("2 cells say that it is not known")
    assert told["risk_violence"].startswith("1 cell says that it is not known")
    assert told["keep_away"].endswith("read as blank, which here means none.")
    first, second = read(tmp_path, requests=requests).requests
    assert (first.ethnicity, first.risk_violence, first.keep_away) == (None, None, ())
    assert (second.risk_violence, second.keep_away) == ("low", ("N7",))


def test_a_required_cell_that_says_not_known_is_a_fault_with_its_word(tmp_path: Any) -> None:
    faults, _ = checked(tmp_path, households=[a_household("H1", status="n/a"), a_household("H2")])
    assert [(f.row, f.column, f.value) for f in faults] == [(2, "status", "n/a")]


@pytest.mark.parametrize(
    ("column", "cell", "meaning", "says"),
    [
        ("languages", "NA", ("nau",), "'NA' was read as Nauruan"),
        ("languages", "eng; nan", ("eng", "nan"), "'nan' was read as Hokkien"),
        ("languages", "No", ("nor",), "'No' was read as Norwegian"),
        ("languages", "IGB", ("igb",), "In the school census it is Igbo: write ibo for Igbo"),
        ("languages", "none", None, "says that it is not known"),
        ("must_have", "language:NA", ("language:nau",), "'language:NA' was read as Nauruan"),
        ("must_have", "language:IGB", ("language:igb",), "In the school census it is Igbo"),
        ("risk_arson", "Not assessed", None, "says that it is not known"),
        ("worker", "..", "..", None),
        ("risk_arson", "None", "none", "'None' was read as the code none"),
        ("risk_arson", "none", "none", None),
        ("needs", "none", (), None),
        ("worker", "TBC", None, "says that it is not known"),
    ],
)
def test_a_word_that_is_a_code_too_is_told(
    tmp_path: Any, column: str, cell: str, meaning: object, says: str | None
) -> None:
    requests = [a_request("R1", **{column: cell})]
    _, warnings = checked(tmp_path, requests=requests)
    told = [f"{each.problem} {each.fix}" for each in warnings]
    assert any(says in each for each in told) if says else told == []
    assert getattr(read(tmp_path, requests=requests).requests[0], column) == meaning


def test_every_code_of_the_school_census_that_iso_means_otherwise_is_told(tmp_path: Any) -> None:
    both = [code for code in school_languages() if code in language_codes()]
    assert {"igb", "kir", "mak", "sam", "prs", "gur", "mya"} <= set(both)
    requests = [a_request(f"R{at}", languages=code) for at, code in enumerate(both)]
    _, warnings = checked(tmp_path, requests=requests)
    assert sum("school census" in each.fix for each in warnings) == len(both)


def test_one_month_first_day_puts_its_whole_column_in_question_once(tmp_path: Any) -> None:
    days = ["11/16/2026", "11/10/2026", "25/10/2026", "2026-11-10", "11/11/2026"]
    requests = [
        a_request(f"R{at}", received_on=day, needed_from="11/12/2026")
        for at, day in enumerate(days)
    ]
    faults, warnings = checked(tmp_path, requests=requests)
    (fault,) = faults
    assert (fault.row, fault.column) == (1, "received_on")
    assert fault.problem.endswith("row 2 11/16/2026, row 3 11/10/2026.")
    (other,) = [each for each in warnings if "other way round" in each.problem]
    assert other.column == "needed_from"


def test_a_month_first_day_alone_is_a_fault_of_its_cell(tmp_path: Any) -> None:
    faults, _ = checked(tmp_path, requests=[a_request("R1", received_on="11/16/2026")])
    assert [(f.row, f.column) for f in faults] == [(2, "received_on")]
    assert "Did you mean 16/11/2026?" in faults[0].fix


@pytest.mark.parametrize(
    ("one", "other", "wrong", "asked"),
    [
        ("R1", "r1", 1, 0),
        ("R1", "\u03a41", 0, 1),  # a Greek letter, like no other id
        ("T1", "\u03a41", 1, 0),
        ("P1", "\u04201", 1, 0),
        ("Ré1", "Re\u03011", 1, 0),  # composed, and not
        ("R01", "RO1", 0, 1),
        ("R1", "R2", 0, 0),
    ],
)
def test_ids_that_look_alike(tmp_path: Any, one: str, other: str, wrong: int, asked: int) -> None:
    faults, warnings = checked(tmp_path, requests=[a_request(one), a_request(other)])
    assert len([f for f in faults if "looks like the id" in f.problem]) == wrong
    assert len([w for w in warnings if "look" in w.problem and w.column == "request_id"]) == asked


def test_a_team_written_two_ways_is_one(tmp_path: Any) -> None:
    teams = ["North West", "north-west", "North  west", "North West", "Northwest"]
    households = [a_household(f"H{at}", team=team) for at, team in enumerate(teams)]
    found = read(tmp_path, households=households, carers=[a_carer("H1")])
    assert {row.team for row in found.households} == {"North West", "Northwest"}
    assert [w.column for w in found.warnings if "counted as one team" in w.problem] == ["team"]


@pytest.mark.parametrize(
    ("table", "column", "usual", "unusual"),
    [
        ("households", "bedrooms", "8", "9"),
        ("households", "weekly_fee", "3000", "6500"),
        ("households", "looked_after_children", "5", "12"),
        ("households", "arrangement_until", "2029-11-01", "2062-11-01"),
        ("carers", "pc_trained_on", "2027-11-01", "2052-06-01"),
        ("requests", "parent_age", "60", "70"),
        ("requests", "second_parent_age", "12", "9"),
        ("requests", "expected_weeks", "104", "520"),
        ("requests", "child_born_or_due_on", "2022-01-01", "2016-01-01"),
        ("requests", "needed_from", "2027-11-01", "2029-11-01"),
    ],
)
def test_what_is_unusual_is_asked_once_and_no_fault(
    tmp_path: Any, table: str, column: str, usual: str, unusual: str
) -> None:
    of = {"requests": a_request("R1"), "households": a_household("H1"), "carers": a_carer("H1")}
    for cell, times in ((usual, 0), (unusual, 1)):
        changed = {
            name: [row | ({column: cell} if name == table else {})] for name, row in of.items()
        }
        faults, warnings = checked(tmp_path / cell, **changed)
        asked = [w for w in warnings if "Mend it if it isn't" in w.fix]
        assert faults == []
        assert [w.column for w in asked] == [column] * times


def test_a_day_of_the_round_long_after_the_records_is_asked(tmp_path: Any) -> None:
    _, warnings = checked(tmp_path, requests=[a_request("R1", received_on="2026-08-23")])
    assert not [w for w in warnings if w.column == "as_of"]
    _, warnings = checked(tmp_path, requests=[a_request("R1", received_on="2026-08-22")])
    assert [w.problem for w in warnings if w.column == "as_of"] == [
        "The day of the round is 23 November 2026; nothing is recorded after 22 August 2026."
    ]


@pytest.mark.parametrize(
    ("parent", "carer", "says"),
    [
        (("zho",), ("yue",), "A carer speaks Cantonese; which Chinese language the parent speaks"),
        (("kur",), ("eng", "ckb"), "A carer speaks Sorani; which Kurdish language the parent"),
        (("yue",), ("zho",), "A carer speaks Chinese; which Chinese language the carer speaks"),
        (("ara",), ("ary",), "A carer speaks Moroccan Arabic; which Arabic language the parent"),
        (("ckb",), ("kmr",), "No carer speaks Sorani"),
        (("zho", "eng"), ("eng", "yue"), "which Chinese language the parent speaks is not known"),
    ],
)
def test_a_group_of_languages_is_never_said_to_be_spoken_by_nobody(
    parent: tuple[str, ...], carer: tuple[str, ...], says: str
) -> None:
    evidence = language._evidence
    assert evidence is not None
    told = evidence.function(0.4, parent, carer, "some", 0.75).text
    assert says in told
    assert says.startswith("No") or "No carer" not in told


@pytest.mark.parametrize(
    ("must", "carer", "says"),
    [
        ("language:zho", "yue", "Carers there speak Cantonese; whether that will do is not known"),
        ("language:Cantonese", "Chinese", "Carers there speak Chinese; whether that will do"),
        ("language:kur; garden", "eng; ckb", "Carers there speak Sorani; whether that will do"),
        ("language:yue", "cmn", None),
        ("language:som", "eng", None),
        ("garden", "eng", None),
    ],
)
def test_who_must_have_a_group_of_languages_hears_what_is_spoken(
    tmp_path: Any, must: str, carer: str, says: str | None
) -> None:
    tables = {
        "requests": [a_request("R1", must_have=must)],
        "households": [a_household("H1", features="dog")],
        "carers": [a_carer("H1", languages=carer)],
    }
    prepared = rounds.prepare(
        *loading.load(write_tables(tmp_path, tables, "as_of = 2026-11-23\n"), None, None)
    )
    case = Case(prepared.inputs, household_pairs(prepared, 0, np.array([0])), 0, 0)
    told = features.explain(features.facts(case))
    assert ("Carers there speak" in str(told)) == (says is not None)
    assert (says or "The family must have") in str(told)


def test_an_exemption_may_name_an_id_with_a_comma(tmp_path: Any) -> None:
    tables = {
        "requests": [a_request("R,1"), a_request("R2"), a_request("R3")],
        "households": [
            a_household("H1", limit_exemption="R,1"),
            a_household("H2", limit_exemption="R3, R2"),
            a_household("H3", limit_exemption="R2; R,1"),
        ],
        "carers": [a_carer("H1")],
    }
    homes = loading.load(write_tables(tmp_path, tables, "as_of = 2026-11-23\n"), None, None)
    exempt = [home.limit_exemption for home in homes[0].households]
    assert exempt == [("R,1",), ("R2", "R3"), ("R,1", "R2")]
