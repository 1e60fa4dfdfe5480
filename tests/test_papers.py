"""Papers state what is recorded, by whom it was asked, or that nobody has asked."""

from __future__ import annotations

import io
import re

import docx
import pytest

from builders import a_carer, a_household, a_policy, a_request, one_pair, solved
from matcher.documents.drafts import Draft, drafts

MARK = re.compile(r"\[to complete: [^\]]+\]")


def made(folder, request=None, household=None, carers=None, policy=None, **others):
    tables = one_pair(request or a_request(), household, carers, **others)
    found = drafts(solved(folder, tables, policy), "R1", "H1")
    return {each.document.key: each for each in found}


def rows(draft: Draft) -> dict[str, list[str]]:
    """The rows of a draft's tables by their first cell without its clause."""
    word = docx.Document(io.BytesIO(draft.content))
    found = {}
    for table in word.tables:
        for row in table.rows:
            first, *others = [cell.text for cell in row.cells]
            found[re.sub(r" \([A-Z]+-.*\)$", "", first)] = others
    return found


def text(draft: Draft) -> str:
    word = docx.Document(io.BytesIO(draft.content))
    return "\n".join(
        "".join(t.text or "" for t in p.iter("{{{}}}t".format(p.nsmap["w"])))
        for p in word.element.body.iter("{{{}}}p".format(word.element.body.nsmap["w"]))
    )


def record(folder, **given) -> dict[str, list[str]]:
    return rows(made(folder, **given)["match-record"])


ALL_NONE = {f"risk_{area}": "none" for area in (
    "offending", "violence", "arson", "sexualised_behaviour", "substance_misuse", "self_harm",
    "absconding", "medical", "mental_health")}  # fmt: skip
RISKS = "Risks that the household can manage"
SMOKE = "A smoke-free home for a young child"


# --- A birth that nobody recorded -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("due", "events", "said"),
    [
        ("2026-11-20", [], "Counted as born 20 November 2026: [to complete: confirm the day of birth]"),
        ("2026-11-20", ["child_born"], "Born 20 November 2026"),
        ("2026-12-20", [], "Due 20 December 2026"),
        ("2026-10-20", [], "Born 20 October 2026"),  # before the request came
    ],
)  # fmt: skip
def test_a_birth_that_nobody_recorded_is_to_be_confirmed(tmp_path, due, events, said):
    request = a_request(child_born_or_due_on=due, received_on="2026-11-02")
    others = {"events": [{"request_id": "R1", "event": each, "on": due} for each in events]}
    found = made(tmp_path, request=request, **(others if events else {}))
    for key in ("request-record", "match-record", "placement-plan"):
        assert rows(found[key])["Child"] == [said], key


# --- When it ends ---------------------------------------------------------------------------------

PAIR = {"request_id": "R1", "household_id": "H1"}
CONFIRMED = {**PAIR, "decision": "confirmed", "decided_on": "2026-11-20"}


@pytest.mark.parametrize(
    ("recorded", "end", "weeks"),
    [
        ({}, "1 March 2027", 12),  # by the expected weeks
        ({"decisions": [CONFIRMED]}, "1 March 2027", 12),
        ({"decisions": [{**CONFIRMED, "ended_on": "2027-01-31"}]}, "31 January 2027", 7),
        (
            {"placements": [{**PAIR, "started_on": "2026-12-04", "planned_end_on": "2027-01-31"}]},
            "31 January 2027",
            8,
        ),
    ],
)
def test_a_recorded_end_is_the_planned_ending_before_the_family_has_moved_in(
    tmp_path, recorded, end, weeks
):
    found = made(tmp_path, **recorded)
    assert rows(found["placement-plan"])["Planned ending"] == [end]
    assert f"about {weeks} weeks" in rows(found["match-record"])["Start and length"][0]


# --- A rule that passed is no fact about a home ---------------------------------------------------


@pytest.mark.clause("NMS-15", "PC-5.3b")
@pytest.mark.parametrize(
    ("risks", "limits", "said", "met", "gap"),
    [
        ({}, None, "None of the 9 areas is assessed.", "Not known", "Assess what is not assessed."),
        (ALL_NONE, None, "None of the 9 areas is assessed above low.", "Yes", "None."),
        (
            ALL_NONE | {"risk_arson": None},
            None,
            "1 of the 9 areas is not assessed: arson.",
            "Not known",
            "Assess what is not assessed.",
        ),
        (
            ALL_NONE | {"risk_absconding": "medium"},
            None,
            "Absconding is assessed as medium: no limit of the carers is recorded.",
            "Not known",
            "Ask the carers whether they can manage absconding.",
        ),
        (
            ALL_NONE | {"risk_absconding": "medium"},
            "absconding:medium",
            "Absconding is assessed as medium: the carers manage medium.",
            "Yes",
            "None.",
        ),
    ],
)
def test_risks_that_nobody_assessed_or_asked_about(tmp_path, risks, limits, said, met, gap):
    found = record(tmp_path, request=a_request(**risks), household=a_household(risk_limits=limits))
    assert found[RISKS] == [said, met, gap]


@pytest.mark.clause("NMS-15")
@pytest.mark.parametrize(
    ("home", "said", "met"),
    [
        ({"smokes": "no"}, "The carers' answer that is recorded: nobody smokes.", "Yes"),
        ({"features": "garden"}, "Nobody has asked whether anybody smokes there.", "Not known"),
        ({"smokes": "yes", "features": None}, "Somebody smokes there, and a young child comes.", "No"),
        ({"features": "garden", "smokes": None, "dogs": None, "cats": None, "own_children": None},
         "It is not known whether anybody smokes there.", "Not known"),
    ],
)  # fmt: skip
def test_smoke_is_what_the_carers_said(tmp_path, home, said, met):
    found = record(tmp_path, household=a_household(**home))
    assert found[SMOKE][:2] == [said, met]


@pytest.mark.parametrize(
    ("born", "years", "asked"),
    [("2026-10-01", 5, True), ("2021-11-24", 5, True), ("2021-11-23", 5, False), ("2026-10-01", 0, False)],
)  # fmt: skip
def test_smoke_is_asked_of_a_young_childs_home_alone(tmp_path, born, years, asked):
    policy, home = a_policy(smoke_free_under_years=years), a_household(smokes="yes", features=None)
    request = a_request(child_born_or_due_on=born)
    found = record(tmp_path, request=request, household=home, policy=policy)
    assert (SMOKE in found) is asked
    assert found["Somebody smokes there"] == ["Yes"]


@pytest.mark.parametrize(
    ("home", "said"),
    [
        ({"dogs": "yes", "features": None}, "Yes"),
        ({"dogs": "no"}, "No"),
        ({"features": "none"}, "No"),
        ({"features": "dog;garden"}, "Yes"),
        ({"features": "garden"}, "Nobody has asked. [to complete: ask the carers]"),
        ({"features": None}, "Nobody has asked. [to complete: ask the carers]"),
    ],
)
def test_each_answer_of_the_carers_by_itself(tmp_path, home, said):
    assert record(tmp_path, household=a_household(**home))["A dog"] == [said]


@pytest.mark.parametrize(
    ("wanted", "home", "said", "met"),
    [
        ({"must_have": "garden"}, {"features": "garden"}, "It is there, by what is recorded.", "Yes"),
        ({"must_have": "garden"}, {"features": "none"}, "It is not there, by what is recorded.", "No"),
        ({"must_avoid": "dog"}, {"dogs": "no"}, "It is not there, by what is recorded.", "Yes"),
        ({"must_avoid": "dog"}, {"dogs": "yes", "features": None}, "It is there, by what is recorded.", "No"),
        ({"must_avoid": "dog"}, {"features": "garden"}, "Nobody has asked.", "Not known"),
    ],
)  # fmt: skip
def test_what_the_home_must_have(tmp_path, wanted, home, said, met):
    found = record(tmp_path, request=a_request(**wanted), household=a_household(**home))
    (key,) = [key for key in found if key.startswith("Must")]
    assert found[key][:2] == [said, met]


def test_no_rule_is_printed_as_a_fact(tmp_path):
    from matcher.policy.rules import RULES

    request = a_request(keep_away="E5", home_postcode="SE1", max_miles="30", withhold_address="no")
    for key, draft in made(tmp_path, request=request).items():
        if isinstance(draft, Draft):
            said = text(draft)
            assert not [rule.key for rule in RULES if rule.sentence in said], key


@pytest.mark.clause("PC-5.3a", "PC-5.1e")
def test_areas_and_signatures_count_in_the_row_that_decides(tmp_path):
    assessments = [
        {"request_id": "R1", "household_id": "H1", "assessed_on": "2026-11-10",
         "outcome": "in_progress", "areas": "arson;medical", "child_social_worker_on": "2026-11-10"},
        {"request_id": "R1", "household_id": "H1", "assessed_on": "2026-11-18",
         "outcome": "containable", "areas": "arson", "supervising_social_worker_on": "2026-11-18"},
    ]  # fmt: skip
    form = made(tmp_path, risk_assessments=assessments)["joint-risk-assessment"]
    found = rows(form)
    assert found["Arson, or damage to property"][2] == "Yes"
    assert found["Medical conditions"][2] == "[to complete: not yet]"
    assert found["Child's social worker"][-1] == "[to complete: date]"
    assert found["Supervising social worker"][-1] == "18 November 2026"
    assert "Assessed on 18 November 2026: the risks can be contained" in text(form)
    assert "policy's own" not in text(form)


@pytest.mark.clause("PC-5.3b")
def test_what_matching_counts_by_is_a_setting(tmp_path):
    policy = a_policy(default_risk_limits__violence="low")
    said = text(made(tmp_path, policy=policy)["joint-risk-assessment"])
    assert "low for violence" in said
    assert "That is a figure of practice in the settings, not an answer of the carers." in said


# --- The request record ---------------------------------------------------------------------------

EIGHT = ("Very high concern about parenting", "Exceptional supervision needed",
         "Needs of the child too high for a household", "Relatives or violent partners hard to manage",
         "Rehabilitation for substance misuse needed", "Treatment for serious mental ill health",
         "Running away, or risk of taking the baby",
         "Caution or conviction for a specified offence")  # fmt: skip
NOT_ONE_OF_THEM = "Not among those recorded. [to complete: was it considered?]"


@pytest.mark.clause("PC-3.1a", "PC-3.1d", "PC-3.1g", "PC-3.1h", "PC-3.1j")
@pytest.mark.parametrize(
    ("recorded", "said"),
    [
        (None, ["Not considered. [to complete: does it apply?]"] * 8),
        ("none", ["Considered, and none found"] * 8),
        (
            "absconding;parenting",
            ["Recorded", *[NOT_ONE_OF_THEM] * 5, "Recorded", NOT_ONE_OF_THEM],
        ),
    ],
)
def test_each_of_the_eight_circumstances_has_its_row(tmp_path, recorded, said):
    request = a_request(fostering_concerns=recorded, resource_team_decision="foster")
    found = rows(made(tmp_path, request=request)["request-record"])
    assert [found[each] for each in EIGHT] == [[each] for each in said]


@pytest.mark.clause("PC-3.1j", "PC-5.3d")
def test_what_no_column_holds_of_the_case_and_the_wider_family_has_a_row_to_fill_in(tmp_path):
    """The notes of events are for their writers: what an assessment found goes on the form."""
    found_by = {"event": "case_risk_assessment", "on": "2026-11-20", "note": "seen at home"}
    drafts = made(tmp_path, events=[{"request_id": "R1", **found_by}])
    record, form = rows(drafts["request-record"]), rows(drafts["joint-risk-assessment"])
    asked = ("Parenting capacity", "Child protection issues",
             "Would a fostering household keep the child safe?")  # fmt: skip
    assert all(record[each][0].startswith("[to complete: ") for each in asked)
    assert record["Legal status of the child"] == ["Looked after by agreement (section 20)"]
    for each in ("Partner or other parent", "Extended family"):
        assert "[to complete: risk to child, parent and household]" in form[each]
    assert not [
        k for k, each in drafts.items() if isinstance(each, Draft) and "seen at home" in text(each)
    ]


@pytest.mark.clause("PC-3.3b", "PWP-1d")
@pytest.mark.parametrize(
    ("cells", "label", "said"),
    [
        ({"purpose": "support", "expected_weeks": None}, "Expected to last",
         "Open: until the parent can live independently with the child"),
        ({"older_children": None}, "Older children who come", "None recorded."),
        ({"child_legal_status": "interim_care_order", "head_of_service_on": "2026-11-16",
          "legal_advice": "placement_with_parents_applies", "legal_advice_on": "2026-11-16",
          "placement_with_parents": "interim"}, "Head of Service agreed", "16 November 2026"),
    ],
)  # fmt: skip
def test_a_row_asks_only_what_the_record_leaves_open(tmp_path, cells, label, said):
    found = rows(made(tmp_path, request=a_request(**cells))["request-record"])
    assert found[label] == [said]


# --- Guidance, Staying Put, the parent's own home -------------------------------------------------


@pytest.mark.clause("LAW-smoking")
def test_guidance_is_not_cited_as_law(tmp_path):
    record_said = text(made(tmp_path)["match-record"])
    assert "(LAW-smoking: practice guidance, not law)" in record_said
    assert "(LAW-smoking)" not in record_said


@pytest.mark.clause("PC-5.1k")
@pytest.mark.parametrize(
    ("named", "said"),
    [("", "[to complete: name and version]"), ("Matching policy, March 2026", "Matching policy, March 2026")],
)  # fmt: skip
def test_the_match_record_names_the_services_own_matching_policy(tmp_path, named, said):
    found = record(tmp_path, policy=a_policy(matching_policy=named))
    assert found["The service's matching policy"] == [said]
    assert found["Settings of this matching"][0].startswith("camden-parent-and-child, version 1")


@pytest.mark.clause("PC-5.1g")
@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"ethnicity": "WBRI"}, "Links with people and places of the parent's own background."),
        ({}, "Links with people and places of the parent's own background. "
             "[to complete: ask 1 of 2 carers, of whom it is not recorded]"),
    ],
)  # fmt: skip
def test_one_carers_answer_does_not_speak_for_the_other(tmp_path, second, said):
    carers = [a_carer(ethnicity="WBRI"), a_carer(number=2, **second)]
    found = record(tmp_path, request=a_request(ethnicity="BAFR"), carers=carers)
    assert found["Ethnicity: African"][2] == said


@pytest.mark.clause("PC-6.5c")
def test_staying_put_has_no_form_of_a_fostering_placement(tmp_path):
    request = a_request(purpose="support", parent_age="18", expected_weeks=None,
                        child_legal_status="not_looked_after")  # fmt: skip
    drafted = {key for key, each in made(tmp_path, request=request, **OWN).items() if isinstance(each, Draft)}  # fmt: skip
    assert drafted == {"request-record"}


@pytest.mark.clause("PC-5.1b")
@pytest.mark.parametrize(
    ("there", "said"),
    [("1", "2 bedrooms are free, with the one that the parent has today."), ("0", "2 bedrooms are free.")],
)  # fmt: skip
def test_room_says_that_the_parents_own_is_counted(tmp_path, there, said):
    home = a_household(bedrooms="1", looked_after_children=there)
    found = record(tmp_path, request=a_request(**SUPPORT), household=home, **OWN)
    assert found["Room for the whole family"][0].endswith(said)


def test_of_a_family_that_lives_there_no_rule_of_a_start_is_said_to_hold(tmp_path):
    living = record(tmp_path / "a", request=a_request(status="placed"), **LIVES)
    assert "hard rules that still count for a family that lives there" in living["How it stands"][0]
    assert "every hard rule" in record(tmp_path / "b")["How it stands"][0]


def test_conditions_stay_in_their_table_and_are_asked_for(tmp_path):
    assessed = {"request_id": "R1", "household_id": "H1", "assessed_on": "2026-11-18", "outcome": "containable"}  # fmt: skip
    for name, condition, mark in (
        ("a", "no candles at 4 High Road", "[to complete: conditions: the table risk_assessments has some]"),
        ("b", None, "[to complete: conditions, or none]"),
    ):  # fmt: skip
        given = {"risk_assessments": [assessed | {"conditions": condition}]}
        form = made(tmp_path / name, **given)["joint-risk-assessment"]
        assert rows(form)["Conditions"] == [mark]


# --- An identity that is not shared ---------------------------------------------------------------


@pytest.mark.clause("PC-5.1g", "NMS-15")
@pytest.mark.parametrize(
    ("request_", "carer", "need", "grade", "gap"),
    [
        ({"ethnicity": "BAFR"}, {"ethnicity": "BAFR"}, "Ethnicity: African", "High", False),
        ({"ethnicity": "BAFR"}, {"ethnicity": "BCRB"}, "Ethnicity: African", "Medium", True),
        ({"ethnicity": "BAFR"}, {"ethnicity": "WBRI"}, "Ethnicity: African", "Low", True),
        ({"religion": "muslim"}, {"religion": "muslim"}, "Religion: Muslim", "High", False),
        ({"religion": "muslim"}, {"supports_religions": "muslim"}, "Religion: Muslim", "Medium", True),
        ({"languages": "som", "english": "some"}, {"languages": "eng"}, "Language: Somali", "Medium", True),
        ({"languages": "som", "english": "fluent"}, {"languages": "eng"}, "Language: Somali", "High", False),
    ],
)  # fmt: skip
def test_an_identity_that_is_not_high_has_a_gap(tmp_path, request_, carer, need, grade, gap):
    found = record(tmp_path, request=a_request(**request_), carers=[a_carer(**carer)])[need]
    assert found[1] == grade
    assert (found[2] != "None.") is gap


def test_a_grade_that_is_set_higher_asks_for_more(tmp_path):
    policy = a_policy(grades__high=0.9)
    request = a_request(languages="som;eng", english="fluent")
    carers = [a_carer(languages="eng")]
    found = record(tmp_path, request=request, carers=carers, policy=policy)
    assert found["Language: Somali, English"][1:] == [
        "Medium",
        "Links with people who speak Somali.",
    ]


# --- Numbers from the settings --------------------------------------------------------------------

ORDER = {"child_legal_status": "care_order", "placement_with_parents": "interim",
         "head_of_service_on": "2026-11-16", "checks_requested_on": "2026-11-16",
         "resource_team_decision": "foster"}  # fmt: skip


@pytest.mark.clause("PWP-2b", "PWP-2c", "PWP-3b", "PWP-3c")
def test_the_outline_has_the_policys_numbers_and_the_registers_day(tmp_path):
    returned = [{"request_id": "R1", "event": "returned_home", "on": "2026-11-18"}]
    request = a_request(**ORDER)
    usual = made(tmp_path / "a", request=request, events=returned)
    said = text(usual["placement-with-parents-assessment"])
    assert (
        "28 November 2026 (PWP-2c, PWP-2b)" in said
    )  # ten days after the return, not 45 after the checks
    assert "within 20 days of the return, and within 10 working days where" in said
    assert "every week until the child's review" in said
    policy = a_policy(
        calendar__unplanned_return_days=14,
        calendar__return_review_days=15,
        calendar__return_review_working_days=8,
        calendar__return_visit_weeks=2,
    )
    other = made(tmp_path / "b", request=request, events=returned, policy=policy)
    said = text(other["placement-with-parents-assessment"])
    assert "2 December 2026 (PWP-2c, PWP-2b)" in said
    assert "within 14 days of the return" in said
    assert "within 15 days of the return, and within 8 working days where" in said
    assert "every 2 weeks until the child's review" in said
    plan = text(other["placement-plan"])
    assert "every 2 weeks until the child's review" in plan
    assert "each week" not in plan
    off = a_policy(calendar__return_review_working_days="off")
    said = text(made(tmp_path / "off", request=request, events=returned, policy=off)["placement-with-parents-assessment"])  # fmt: skip
    assert "within 20 days of the return (PWP-3c" in said


@pytest.mark.clause("PC-3.3b", "PC-5.3c", "PC-5.3e", "PC-6.2b", "PC-6.3c", "PC-6.4a")
@pytest.mark.parametrize(
    ("event", "key", "label", "asks"),
    [
        ("request_record", "request-record", "Date of the talk", "date"),
        ("safe_caring", "joint-risk-assessment", "Safe caring policy reviewed", "date"),
        ("carers_briefed", "joint-risk-assessment", "Carers told of the issues, and what to do",
         "date of the briefing, by whom"),
        ("carers_briefed", "placement-plan", "What they were told of the issues",
         "date of the briefing, by whom"),
        ("visit_before", "placement-plan", "Before the start", "day"),
        ("placement_meeting", "placement-plan", "Meeting held on",
         "date of the placement agreement meeting"),
    ],
)  # fmt: skip
def test_a_paper_asks_for_nothing_that_is_recorded(tmp_path, event, key, label, asks):
    row = {"request_id": "R1", "household_id": "H1", "event": event, "on": "2026-11-20"}
    for status, said in (
        ("done", "Recorded as done on 20 November 2026."),
        ("planned", f"[to complete: {asks}]"),
    ):
        drafted = made(tmp_path / status, events=[row | {"status": status}])[key]
        assert rows(drafted)[label][0] == said
    assert rows(made(tmp_path / "none")[key])[label][0] == f"[to complete: {asks}]"


@pytest.mark.clause("PC-6.2b")
def test_the_plan_asks_for_no_visit_to_carers_with_whom_the_parent_lives(tmp_path):
    link = {"request_id": "R1", "household_id": "H1", "kind": "current_carer"}
    assert "Before the start" not in rows(made(tmp_path, relationships=[link])["placement-plan"])


@pytest.mark.clause("PC-6.2b")
def test_the_page_knows_of_a_visit_that_was(tmp_path):
    visit = {"request_id": "R1", "household_id": "H1", "event": "visit_before", "on": "2026-11-20"}
    said = text(made(tmp_path / "a", events=[visit])["for-the-parent"])
    assert "You have visited the home." in said
    assert "we let you visit" not in said
    assert "we let you visit the home first" in text(made(tmp_path / "b")["for-the-parent"])


@pytest.mark.clause("PC-6.4a", "PC-6.4f")
@pytest.mark.parametrize(
    ("weeks", "said"),
    [("4", "Every 4 weeks, as agreed at the outset"), (None, "[to complete: frequency, set at the outset]")],
)  # fmt: skip
def test_the_plan_says_how_often_it_is_reviewed(tmp_path, weeks, said):
    request = a_request(child_legal_status="not_looked_after", review_every_weeks=weeks)
    assert rows(made(tmp_path, request=request)["placement-plan"])["How often it is reviewed"] == [
        said
    ]


@pytest.mark.clause("PC-6.4a")
def test_the_plan_says_the_registers_day_of_a_review(tmp_path):
    request = a_request(looked_after_since="2026-11-02")
    plan = text(made(tmp_path / "a", request=request)["placement-plan"])
    assert "The child's next review: by 30 November 2026." in plan
    held = [{"request_id": "R1", "event": "child_review", "on": "2026-11-20"}]
    plan = text(made(tmp_path / "b", request=request, events=held)["placement-plan"])
    assert "The child's next review: by 20 February 2027." in plan
    late = a_request(looked_after_since="2026-09-01")
    plan = text(made(tmp_path / "late", request=late)["placement-plan"])
    assert "The child's next review: by 29 September 2026, and overdue." in plan
    off = a_policy(calendar__visit_weeks="off", calendar__first_visit_days="off")
    plan = text(made(tmp_path / "c", request=request, policy=off)["placement-plan"])
    assert "visits within" not in plan


def test_no_length_of_support_is_invented(tmp_path):
    request = a_request(purpose="support", parent_age="16", parent_looked_after="yes",
                        child_legal_status="not_looked_after", expected_weeks=None)  # fmt: skip
    for draft in made(tmp_path, request=request).values():
        if isinstance(draft, Draft):
            assert "26 weeks" not in text(draft)
            assert "how long it is expected to last" not in text(draft)


# --- The legal position in the plan ---------------------------------------------------------------

YOUNG = {"parent_age": "16", "parent_looked_after": "yes"}


@pytest.mark.clause("PC-2.1", "PC-2.2b", "PC-2.4a", "PWP-3f")
@pytest.mark.parametrize(
    ("cells", "says", "never"),
    [
        ({}, ["may take the child back at any time"], ["The arrangement is voluntary"]),
        (
            {"child_legal_status": "not_looked_after"},
            ["The arrangement is voluntary", "consent of the parent"],
            ["may take the child back"],
        ),
        (
            {"child_legal_status": "not_looked_after", "court_directed": "yes"},
            ["neither voluntary nor before proceedings"],
            ["The arrangement is voluntary"],
        ),
        (
            {"child_legal_status": "interim_care_order", "court_directed": "yes"},
            ["The two policies differ"],
            ["The care planning and fostering regulations apply."],
        ),
        (
            YOUNG | {"child_legal_status": "interim_care_order", "court_directed": "yes"},
            ["The parent is a looked-after child", "Independent reviewing officer"],
            ["The child cares"],
        ),
        (
            {"second_parent_age": "17", "second_parent_looked_after": "yes"},
            ["The second parent is a looked-after child", "apply to the second parent"],
            ["The parent is a looked-after child"],
        ),
        (
            ORDER | {"placement_with_parents": "approved"},
            ["Whether to ask the court to revoke the care order", "at least every 12 months"],
            [],
        ),
        (
            {"child_legal_status": "emergency_protection", "court_directed": "yes"},
            ["under emergency protection"],
            ["The arrangement is voluntary"],
        ),
    ],
)
def test_the_plan_says_the_position_of_this_family(tmp_path, cells, says, never):
    home = a_household(takes_second_parent="yes")
    plan = text(made(tmp_path, request=a_request(**cells), household=home)["placement-plan"])
    for said in (*says, "Wishes, or what speaks for them", "Ethnicity, religion, languages"):
        assert said in plan
    for said in never:
        assert said not in plan


@pytest.mark.clause("PC-4.2c", "PC-6.3a")
def test_shared_care_and_the_parents_part_do_not_contradict(tmp_path):
    request = a_request(
        **(YOUNG | {"purpose": "support", "child_legal_status": "not_looked_after"})
    )
    plan = text(made(tmp_path, request=request)["placement-plan"])
    assert "day and night" not in plan
    assert "with the carers, as topic 8 shares it" in plan


# --- What was accepted ----------------------------------------------------------------------------


@pytest.mark.clause("PC-5.1e")
def test_an_accepted_duty_stands_in_the_match_record(tmp_path):
    accepted = [{"request_id": "R1", "household_id": "H1", "event": "safe_caring", "status": "accepted",
                 "on": "2026-11-20", "by": "team manager", "until": "2026-11-26"}]  # fmt: skip
    found = record(tmp_path, events=accepted)
    assert found["Safe caring"][0] == "Accepted on 20 November 2026 by team manager, until 26 November 2026."  # fmt: skip


# --- The parent's page ----------------------------------------------------------------------------

LEAVE = "You can leave."
HAS_PR = "If you have parental responsibility, "  # which no column holds
BACK = f"{HAS_PR}you can change your mind about that and take your baby with you"
YES = "It is for you to say yes, and you can change your mind."
ICO = {
    "child_legal_status": "interim_care_order",
    "court_directed": "yes",
    "court_on": "2027-01-08",
}
LIVES = {"placements": [{"request_id": "R1", "household_id": "H1", "started_on": "2026-11-16"}]}
OWN = {"relationships": [{"request_id": "R1", "household_id": "H1", "kind": "current_carer"}]}
SUPPORT = YOUNG | {"purpose": "support", "child_legal_status": "not_looked_after"}
EVERY = [LEAVE, BACK, YES]


@pytest.mark.clause("PC-6.2a", "PC-6.5d", "PC-4.1d")
@pytest.mark.parametrize(
    ("cells", "others", "says", "never"),
    [
        ({}, {}, [BACK, "You said yes to us looking after your baby."], [LEAVE]),
        ({"parent_agrees": None}, {}, ["if you say yes", BACK], ["You said yes", LEAVE]),
        ({"child_legal_status": "not_looked_after"}, {}, [YES], [LEAVE, BACK]),
        (
            {"child_legal_status": "not_looked_after", "court_directed": "yes"},
            {},
            ["A court asked for this stay.", "A court has the last word."],
            EVERY,
        ),
        (ICO, {}, [LEAVE, "you can't take your baby with you", "8 January 2027"], [BACK, YES]),
        (
            ICO | {"court_on": None},
            {},
            ["A court has the last word.", "[to complete: day in court]"],
            [BACK, YES],
        ),
        (ICO | YOUNG, {}, ["We look after you too", "can't take your baby"], EVERY),
        (SUPPORT, {}, ["We look after you too", "stay on with them when you are 18"], EVERY),
        (
            ICO,
            LIVES,
            ["live with a foster family now", "It started on 16 November 2026"],
            ["may go to live", "visit the home first", "We plan to start"],
        ),
        (
            SUPPORT | {"withhold_address": "yes"},
            OWN,
            ["your own foster carers", "so you know the home"],
            ["The address is kept secret", "do not tell it", *EVERY],
        ),
        ({"withhold_address": "yes"}, {}, ["so that nobody learns the address"], ["your family or"]),
        (
            ICO
            | {"child_born_or_due_on": "2027-01-20", "court_directed": None}
            | {"legal_advice": "placement_with_parents_does_not_apply"}
            | {"legal_advice_on": "2026-11-16", "needed_from": "2027-01-21"},
            {},
            ["a court may make an order", "can't take your baby with you"],
            [YES, BACK, "A court has asked for this."],
        ),
    ],
)  # fmt: skip
def test_the_page_says_what_holds_for_whoever_reads_it(tmp_path, cells, others, says, never):
    said = text(made(tmp_path, request=a_request(**cells), **others)["for-the-parent"])
    for each in says:
        assert each in said
    for each in never:
        assert each not in said


OLDER = "[to complete: your older child]"
FIRST, SECOND = "for-the-parent", "for-the-second-parent"


@pytest.mark.clause("PC-6.2a", "PC-6.5d", "PC-4.1d")
@pytest.mark.parametrize(
    ("cells", "says"),
    [
        ({}, "take your baby with you. We"),
        ({"older_children": "1"}, f"take your baby with you. {OLDER}"),
        (ICO, "about your baby. So you can't take your baby with you unless we or the court agree to it."),
        (
            ICO | {"older_children": "1", "babies": "2"},
            "about your babies. So you can't take your babies with you unless we or the court agree "
            f"to it. {OLDER}",
        ),
        (
            ICO | {"older_children": "1", "child_born_or_due_on": "2024-01-01"},
            f"take your youngest child with you unless we or the court agree to it. {OLDER}",
        ),
        (
            {"child_legal_status": "emergency_protection", "older_children": "2"}
            | {"legal_advice": "placement_with_parents_does_not_apply"}
            | {"legal_advice_on": "2026-11-16"},
            "your baby is kept safe by an emergency order or by the police. So you can't take your "
            "baby with you unless we or the court agree to it. [to complete: your older children]",
        ),
        ({"older_children": "1", "parent_agrees": "yes"}, "yes to us looking after your baby. If"),
    ],
)  # fmt: skip
def test_a_legal_status_is_said_of_the_child_whose_it_is(tmp_path, cells, says):
    home = a_household(takes_older_children="2", bedrooms="3")
    said = text(made(tmp_path, request=a_request(**cells), household=home)[FIRST])
    assert says in said.replace("\n", " ")


@pytest.mark.parametrize(
    ("cells", "subject"),
    [
        ({}, "The child is"),
        ({"babies": "2"}, "The children are"),
        ({"older_children": "1"}, "The youngest child is"),
        ({"older_children": "1", "babies": "2"}, "The youngest children are"),
    ],
)
def test_the_plan_says_a_legal_status_of_the_child_whose_it_is(tmp_path, cells, subject):
    home = a_household(takes_older_children="2", bedrooms="3")
    plan = text(made(tmp_path, request=a_request(**cells), household=home)["placement-plan"])
    assert f"{subject} looked after by agreement" in plan
    assert ("No table says what holds for the older child" in plan) is ("older_children" in cells)
    assert "Anybody with parental responsibility may take the" in plan
    assert "A parent, or anybody" not in plan


def test_the_second_parents_page_says_no_distance_from_a_home_that_is_the_firsts(tmp_path):
    request = a_request(
        second_parent_age="19",
        second_parent_agrees="yes",
        home_postcode="SE1",
        withhold_address="no",
    )
    home = a_household(takes_second_parent="yes", postcode="E5")
    found = made(tmp_path, request=request, household=home)
    assert "miles from where you live" in text(found[FIRST])
    assert "from where you live" not in text(found[SECOND])


@pytest.mark.clause("PC-4.1a", "PC-6.5d")
def test_each_of_two_parents_has_a_page(tmp_path):
    cells = {"parent_age": "19", "second_parent_age": "16", "second_parent_looked_after": "yes",
             "second_parent_agrees": "yes", "child_legal_status": "s20"}  # fmt: skip
    found = made(
        tmp_path, request=a_request(**cells), household=a_household(takes_second_parent="yes")
    )
    first, second = (text(found[key]) for key in ("for-the-parent", "for-the-second-parent"))
    assert BACK in first
    assert "when you are 18" not in first
    assert "We look after you too" in second
    assert "when you are 18" in second
    assert BACK not in second
    for page in (first, second):
        assert "You and the other parent will be the ones who look after your baby" in page
    alone = made(tmp_path / "alone")["for-the-second-parent"]
    assert alone.why == "No second parent comes."


def test_the_page_says_no_language_of_a_parent_who_was_not_asked(tmp_path):
    ask = "[to complete: what is your best language, and is this page given in it?]"
    home = a_household(takes_second_parent="yes")
    both = made(tmp_path / "a", household=home,
                request=a_request(second_parent_age="19", languages="som", english="some"))  # fmt: skip
    first, second = (text(both[key]) for key in ("for-the-parent", "for-the-second-parent"))
    assert "Your best language is Somali" in first
    assert ask not in first
    assert "Somali" not in second
    assert ask in second
    assert ask in text(made(tmp_path / "b")["for-the-parent"])


@pytest.mark.parametrize(("babies", "said"), [("1", "your baby is not safe"), ("2", "your babies are not safe")])  # fmt: skip
def test_the_page_speaks_of_one_child_or_of_several(tmp_path, babies, said):
    assert said in text(made(tmp_path, request=a_request(babies=babies))["for-the-parent"])


def test_the_page_promises_nothing_that_no_policy_makes(tmp_path):
    for name, cells in {
        "a": {"languages": "ara", "english": "none"},
        "b": ICO,
        "c": SUPPORT,
    }.items():
        said = text(made(tmp_path / name, request=a_request(**cells))["for-the-parent"])
        plain = MARK.sub("", said)
        for promise in (
            "You can have this page in",
            "person at meetings who speaks",
            "You can ask to see it",
            "It costs you nothing",
            "face to face",
            "We will tell you",
            "We will help you to get the money",
            "a place of your own",
            "a home of your own",
        ):
            assert promise not in plain
