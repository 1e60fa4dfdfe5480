"""The National Placement Standard: what goes out is valid, what comes in is never guessed."""

from __future__ import annotations

import csv
import io
import json
import re
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

from builders import a_household, a_policy, a_request, one_pair, read_tables, write_tables
from matcher import cli, loading
from matcher.errors import WrongInput
from matcher.geo import outcodes
from matcher.intake.rows import Request, columns_of, reader_of
from matcher.standard import exchange, fields, take
from matcher.standard.fields import BY_NAME, FIELDS, SHEET_FIELDS
from matcher.standard.terms import PLACEMENTS, Vocabulary, folded
from random_rounds import write_round

STANDARD = Path(__file__).parent / "shared" / "standard"
SHEET = "National-Placement-Standard-Excel-20260624.xlsx"
SH = "http://www.w3.org/ns/shacl#"
RISKS = {f"risk_{area}": "none" for area in ("self_harm", "substance_misuse", "absconding",
         "violence", "sexualised_behaviour", "arson", "offending", "medical", "mental_health")}  # fmt: skip


def quietly(work):
    """rdflib warns of a class of its own that it uses itself; nothing else is let pass."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ConjunctiveGraph is deprecated", DeprecationWarning)
        return work()


@pytest.fixture(scope="module")
def shapes():
    import rdflib

    return quietly(lambda: rdflib.Graph().parse(STANDARD / "shacl-shape.ttl"))


@pytest.fixture(scope="module")
def found_in(shapes):
    """Hold a JSON-LD document against the shapes: [(childId, constraint, path, value)]."""

    def validate(document):
        import pyshacl
        import rdflib

        graph = rdflib.Graph().parse(data=json.dumps(document), format="json-ld", base="http://x/")
        _, results, _ = pyshacl.validate(graph, shacl_graph=shapes)
        sh, child = rdflib.Namespace(SH), rdflib.URIRef(f"{PLACEMENTS}childId")
        found = []
        for result in results.subjects(rdflib.RDF.type, sh.ValidationResult):
            node = results.value(result, sh.focusNode)
            of = [node, *graph.subjects(None, node)]  # the record itself, or one of its parts
            name = next(filter(None, (graph.value(each, child) for each in of)), None)
            kind = str(results.value(result, sh.sourceConstraintComponent)).removeprefix(SH)
            path = str(results.value(result, sh.resultPath)).removeprefix(PLACEMENTS)
            found.append((str(name), kind, path, str(results.value(result, sh.value))))
        return sorted(found)

    return lambda document: quietly(lambda: validate(document))


def exported(tmp_path, tables):
    return exchange.records(read_tables(tmp_path / "round", tables), a_policy())


def placed(**request):
    """A family with a confirmed placement that runs."""
    return one_pair(
        a_request(**request),
        a_household(weekly_fee="612.5", provider="agency", local_authority="Camden"),
        decisions=[{"request_id": "R1", "household_id": "H1", "decision": "confirmed",
                    "decided_on": "2026-11-16", "decided_by": "Ms Ada Officer",
                    "note": "Ada agreed", "started_on": "2026-11-20"}],
    )  # fmt: skip


def a_young_parent(**cells):
    """A looked-after parent whose nine risks are assessed."""
    young = {"purpose": "support", "parent_age": "16", "parent_looked_after": "yes",
             "child_legal_status": "not_looked_after", "english": "some", "languages": "som;eng"}  # fmt: skip
    return {**young, **RISKS, **cells}


# --- The table of fields is the standard's ----------------------------------------------------


def test_the_fields_are_those_of_the_shapes(shapes):
    import rdflib

    sh = rdflib.Namespace(SH)
    seen = {}
    for shape in shapes.subjects(rdflib.RDF.type, sh.NodeShape):
        part = str(shapes.value(shape, sh.targetClass)).removeprefix(PLACEMENTS)
        for each in shapes.objects(shape, sh.property):
            if shapes.value(each, sh["class"]) is not None:
                continue
            name = str(shapes.value(each, sh.path)).removeprefix(PLACEMENTS)
            least, most = shapes.value(each, sh.minCount), shapes.value(each, sh.maxCount)
            listed = shapes.value(each, sh["in"])
            terms = {str(t) for t in shapes.items(listed)} if listed is not None else set()
            old = seen.get(name, (part, 0, 0, set()))
            seen[name] = part, old[1] or int(least or 0), old[2] or int(most or 0), old[3] | terms
    ours = {}
    for field in FIELDS:
        kind, part = field.kind, field.part[:1].upper() + field.part[1:] or "Placement"
        terms = {kind.address + t for t in kind.terms} if isinstance(kind, Vocabulary) else set()
        ours[field.name] = part, int(field.required), int(not field.many), terms
    assert ours == seen


def test_the_columns_and_choices_are_those_of_the_spreadsheet():
    book = CalamineWorkbook.from_path(STANDARD / SHEET)
    rows = book.get_sheet_by_name("Data Collection").to_python()
    assert rows[1] == [field.column for field in SHEET_FIELDS]
    assert [cell for cell in rows[0] if cell] == list(exchange.GROUPS.values())
    assert [rows[1][at] for at, cell in enumerate(rows[0]) if cell] == list(exchange.GROUPS)
    lists = book.get_sheet_by_name("Data Validation and Drop Downs").to_python()
    named = {folded(str(heading)): at for at, heading in enumerate(lists[1])}
    for field in SHEET_FIELDS:
        if isinstance(field.kind, Vocabulary):
            at = named.get(folded(field.column), named.get("supportedaccomodation"))
            choices = [folded(row[at]) for row in lists[5:] if row[at]]
            assert sorted(field.kind.spelt[c] for c in choices) == sorted(field.kind.terms)
            assert sorted(choices) == sorted(folded(field.kind.label(t)) for t in field.kind.terms)


def test_the_context_says_what_the_standards_own_says():
    own = json.loads((STANDARD / "context.jsonld").read_text("utf-8"))["@context"]
    ours = exchange.context()
    assert own.keys() >= ours.keys() - {fields.EXTENSION_PART}
    for name in ours.keys() - {fields.EXTENSION_PART}:
        entry, other = ours[name], own[name]
        if isinstance(entry, dict) and "@context" in entry:
            assert entry["@context"]["@vocab"] == other["@context"]["@vocab"]
            entry, other = {**entry, "@context": 0}, {**other, "@context": 0}
        assert entry == other, name


def test_every_column_of_ours_has_its_place():
    said = {"request_id", "received_on", "status"}  # status: closed requests are not written
    assert set(fields.EXTENSION_COLUMNS) | said == set(columns_of(Request))
    assert all(set(field.ours) <= set(columns_of(Request)) for field in FIELDS)
    assert all(field.say is None for field in FIELDS if field.kind == fields.NAME)


def test_every_outward_postcode_fits_the_standard():
    field = BY_NAME["placementLocation"]
    assert all(take._value(field, code) for code in outcodes())


# --- Export -----------------------------------------------------------------------------------

ALWAYS_MISSING = {
    "placementAvailability.isPreferredLocationLocal": "The data does not hold it.",
    "placementRequirements.livingCompanions": "The data does not hold it.",
    "riskAssessment.riskCriminalExploitation": "The data does not hold it.",
    "riskAssessment.riskEatingDisorder": "The data does not hold it.",
    "riskAssessment.riskSexualExploitation": "The data does not hold it.",
    "riskAssessment.riskToOthersAnimals": "The data does not hold it.",
    "riskAssessment.riskToOthersCriminal": "The data does not hold it.",
    "qualityAssurance.placementOfficerName": "Names of people are never written.",
    "qualityAssurance.costDate": "The data does not hold it.",
}
NO_URN = "The data does not hold Ofsted's number of the provider."
OF_A_PLACEMENT = {
    "actualPlacement.isLocationPreferred": "The data does not hold it.",
    "actualPlacement.isEducationContinuous": "The data does not hold it.",
    "actualPlacement.providerURN": NO_URN,
}
OF_A_PARENT = {
    "actualPlacement.siblingsPlacedTogether": "The siblings of a looked-after parent are not in the data.",
}


def test_all_that_a_placed_looked_after_parent_lacks(tmp_path, found_in):
    tables = placed(**a_young_parent(withhold_address="no"))
    (record,) = exported(tmp_path, tables)
    assert record.missing == ALWAYS_MISSING | OF_A_PLACEMENT | OF_A_PARENT
    left = found_in(exchange.document([record]))
    assert {(kind, value) for _, kind, _, value in left} == {
        ("MinCountConstraintComponent", "None")
    }
    assert sorted(path for *_, path, _ in left) == sorted(p.split(".")[1] for p in record.missing)
    actual = exchange.document([record])["@graph"][0]["actualPlacement"]
    assert actual == {"@type": "ActualPlacement", "totalWeeklyCost": "612.50",
                      "placementLocation": "NW5", "placementType": "Foster"}  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_only_missing_values_remain_of_random_rounds(tmp_path, found_in, seed):
    write_round(tmp_path / "r", seed, 8, 12, pins=True)
    found = exchange.records(read_round(tmp_path / "r"), a_policy())
    document = exchange.document(found)
    left = found_in(document)
    cheap = {r.values["childId"] for r in found if (r.values.get("totalWeeklyCost") or 100) < 100}
    left = [each for each in left if not (each[2] == "totalWeeklyCost" and each[0] in cheap)]
    assert {kind for _, kind, *_ in left} <= {"MinCountConstraintComponent"}
    lacks = {(r.values["childId"], path.split(".")[1]) for r in found for path in r.missing}
    assert {(child, path) for child, _, path, _ in left} == lacks


def test_the_same_is_said_with_the_standards_own_context(tmp_path, found_in):
    document = exchange.document(
        exported(tmp_path, placed(**a_young_parent(withhold_address="no")))
    )
    own = json.loads((STANDARD / "context.jsonld").read_text("utf-8"))["@context"]
    extension = {fields.EXTENSION_PART: document["@context"][fields.EXTENSION_PART]}
    assert found_in({**document, "@context": [own, extension]}) == found_in(document)


def test_their_valid_example_fails_on_numbers_and_one_term_and_how_they_validate(found_in):
    example = json.loads((STANDARD / "examples" / "valid-placement.jsonld").read_text("utf-8"))
    example |= json.loads((STANDARD / "context.jsonld").read_text("utf-8"))
    costs = [name for name in example["actualPlacement"] if name.endswith("Cost")]
    assert len(costs) == 5
    wrong = [(kind, path) for _, kind, path, _ in found_in(example)]
    assert wrong == [
        *(("DatatypeConstraintComponent", cost) for cost in sorted(costs)),
        ("InConstraintComponent", "outOfLAReason"),
    ]
    for cost in costs:
        example["actualPlacement"][cost] = f"{example['actualPlacement'][cost]:.2f}"
    example["placementAvailability"]["outOfLAReason"] = "olr:CourtOrder"
    assert found_in(example) == []


@pytest.mark.clause("PC-5.3a")
@pytest.mark.parametrize(
    ("level", "second", "term"),
    [(None, None, None), ("none", None, "NoKnownRisk"), ("low", None, "RiskPresent"),
     ("high", None, "RiskPresent"), ("none", "19", "NoKnownRisk"), ("low", "19", None)],
)  # fmt: skip
def test_a_risk_of_the_looked_after_parent(tmp_path, level, second, term):
    cells = a_young_parent(risk_arson=level, second_parent_age=second)
    (record,) = exported(tmp_path, one_pair(a_request(**cells)))
    assert record.values["riskToOthersFire"] == term
    assert ("riskAssessment.riskToOthersFire" in record.missing) == (term is None)
    assert record.ours.get("risk_arson") == level


@pytest.mark.clause("PC-5.3a")
def test_no_risk_of_a_parent_is_written_as_the_babys(tmp_path):
    (record,) = exported(tmp_path, one_pair(a_request(english="none", **RISKS)))
    assert [n for n, value in record.values.items() if n.startswith("risk") and value] == []
    assert record.missing["riskAssessment.riskMissing"] == (
        "The child of the record is the baby; the data holds the parents' risks."
    )
    assert record.values["communicationNeeds"] == "NotSpecified"


@pytest.mark.clause("PC-2.4a")
@pytest.mark.parametrize(
    ("cells", "child"),
    [({}, "baby"), ({"child_legal_status": "not_looked_after", "legal_advice_on": "2026-11-01"}, "baby"),
     (a_young_parent(), "parent"), (a_young_parent(child_legal_status="s20"), "parent"),
     ({"second_parent_age": "17", "second_parent_looked_after": "yes"}, "second_parent"),
     ({"second_parent_looked_after": "yes"}, "baby")],
)  # fmt: skip
def test_who_the_child_is(tmp_path, cells, child):
    (record,) = exported(tmp_path, one_pair(a_request(**cells)))
    assert record.ours["child_is"] == child


@pytest.mark.parametrize(
    ("name", "cells", "value"),
    [
        ("neededBy", {"needed_from": "2026-11-23"}, "Today"),
        ("neededBy", {"needed_from": "2026-11-28"}, "WithinFiveDays"),
        ("neededBy", {"needed_from": "2026-11-29"}, "MoreThanFiveDays"),
        ("siblingCount", {"babies": "2", "older_children": "1"}, 2),
        ("siblingCount", a_young_parent(babies="2"), None),
        ("communicationNeeds", a_young_parent(), "Yes"),
        ("communicationNeeds", a_young_parent(english=None), "NotSpecified"),
        ("communicationNeeds", a_young_parent(english="fluent", needs="learning_disability"), "Yes"),
        ("communicationNeeds", a_young_parent(english=None, needs="learning_disability",
                                              second_parent_age="19"), "NotSpecified"),
        ("specificCommunicationRequirement", a_young_parent(), ("ESOL",)),
        ("specificCommunicationRequirement", a_young_parent(languages="BSL", english=None), ("BSL",)),
        ("specificCommunicationRequirement", a_young_parent(languages="BSL", english="none"), ("BSL",)),
        ("specificCommunicationRequirement", a_young_parent(english="fluent"), None),
        ("culturalNeeds", {"religion": "none"}, "NotKnown"),
        ("pets", {}, "NotKnown"),
        ("pets", {"must_avoid": "dog"}, "NotKnown"),
        ("pets", {"must_avoid": "dog;cat;smoker"}, "No"),
        ("pets", {"must_have": "cat", "must_avoid": "dog"}, "YesMust"),
        ("fosterCareSuitability", {"resource_team_decision": "foster"}, "NotSpecified"),
        ("residentialCareSuitability", {"resource_team_decision": "residential"}, "NotSpecified"),
    ],
)  # fmt: skip
def test_a_value(tmp_path, name, cells, value):
    (record,) = exported(tmp_path, one_pair(a_request(**cells)))
    assert record.values[name] == value


@pytest.mark.clause("PC-5.3d")
@pytest.mark.parametrize("withheld", ["yes", None])
def test_nothing_of_a_withheld_household_leaves(tmp_path, withheld):
    tables = placed(home_postcode="NW1", withhold_address=withheld)
    tables["households"][0]["household_id"] = tables["carers"][0]["household_id"] = "SECRET"
    tables["decisions"][0]["household_id"] = "SECRET"
    (record,) = exported(tmp_path, tables)
    assert record.values["placementLocation"] is record.values["totalWeeklyCost"] is None
    assert record.missing["actualPlacement.placementLocation"].startswith("Withheld")
    assert not record.ours.keys() & set(fields.PLACED)
    text = exchange.json_ld([record]).decode() + cells_of(exchange.workbook([record]))
    for secret in ("SECRET", "NW5", "612", "agency", "E09000007"):
        assert secret not in text
    shown = exported(tmp_path / "b", placed(withhold_address="no"))
    assert {name: shown[0].ours[name] for name in fields.PLACED} == {
        "placed_household_id": "H1", "placed_provider": "agency",
        "placed_local_authority": "E09000007"}  # fmt: skip


@pytest.mark.clause("PC-5.3d")
@pytest.mark.parametrize(
    ("cells", "hidden"),
    [({}, True), ({"must_have": "garden"}, False), ({"withhold_address": "no"}, False)],
)
def test_a_home_that_is_occupied_today_may_be_ranked_next_week(tmp_path, cells, hidden):
    """Case breaks/03: another family from whom the address is withheld could live there next."""
    tables = placed(withhold_address="no")
    tables["requests"].append(a_request("R2", **{"withhold_address": "yes", **cells}))
    first, _ = exported(tmp_path, tables)
    assert (first.values["placementLocation"] is None) == hidden
    assert (
        first.missing.get("actualPlacement.placementLocation", "").startswith("Withheld") == hidden
    )


def test_no_name_and_no_note_of_a_decision_leaves(tmp_path):
    found = exported(tmp_path, placed(withhold_address="no"))
    text = exchange.json_ld(found).decode() + cells_of(exchange.workbook(found))
    assert "Ada" not in text


@pytest.mark.parametrize(
    ("ended", "runs"),
    [("2026-11-22", False), ("2026-11-23", False), ("2026-11-24", True), (None, True)],
)
def test_a_placement_that_has_ended_is_none(tmp_path, ended, runs):
    tables = placed()
    tables["decisions"][0]["ended_on"] = ended
    (record,) = exported(tmp_path, tables)
    assert record.placed is runs
    assert record.missing.get("qualityAssurance.placementDate") == (
        None if runs else "No placement is confirmed."
    )


def cells_of(workbook: bytes) -> str:
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    sheets = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    return "\n".join(str(cell) for rows in sheets for row in rows for cell in row)


def test_the_sheet_has_the_standards_form_and_no_formula(tmp_path):
    found = exported(tmp_path, placed(request_id="R1", **a_young_parent(withhold_address="no")))
    found[0].values["childId"] = "=1+1"
    path = tmp_path / "s.xlsx"
    path.write_bytes(exchange.workbook(found))
    assert exchange.workbook(found) == path.read_bytes()
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("Data Collection").to_python()
    row = dict(zip(rows[1], rows[3], strict=True))
    assert row["child_ID"] == "=1+1"
    assert row["when_placement_is_needed_by"] == "> 5 days"
    assert row["risk_to_child_self_harm"] == "No known risk"
    assert row["cost_total_weekly"] == 612.5
    assert row["Date_entry_referral"].isoformat() == "2026-11-16"
    assert row["name_of_officer_placement"] == ""
    assert len(rows) == 4


# --- Import -----------------------------------------------------------------------------------

SIX = ["purpose", "parent_age", "parent_looked_after", "child_born_or_due_on", "child_legal_status",
       "needed_from", "expected_weeks"]  # fmt: skip


@pytest.mark.parametrize("name", ["examples/valid-placement.jsonld", SHEET])
def test_their_own_examples_come_in(name):
    taken = take.take(STANDARD / name)
    (request,) = taken.requests
    assert {column: cell for column, cell in request.items() if cell} == {
        "request_id": "ABCD2012", "received_on": "2024-02-12", "must_avoid": "cat;dog"}  # fmt: skip
    assert sorted(n.column for n in taken.needs if n.required) == sorted(SIX)
    says = {need.column: need.says for need in taken.needs}
    assert says["needed_from"] == "The standard says neededBy: < 5 days. Give the day."
    assert says["risk_self_harm"].startswith("The standard says riskSelfHarm: Risk Present.")
    assert "riskAssessment.riskToOthersAnimals" in taken.left
    assert taken.warnings == []
    assert "Green" not in repr(taken)
    assert "ABBC" not in repr(taken)


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("bad-enum", [("placementRequirements.pets", "MaybePets"),
                      ("placementRequirements.specificCommunicationRequirement", "XYZ"),
                      ("riskAssessment.riskSelfHarm", "Severe")]),
        ("negative-cost", [("actualPlacement.otherWeeklyCost", "-50")]),
        ("postcode", [("actualPlacement.placementLocation", "NOT ")]),
        ("missing-required", []),
        ("cost-out-of-range", []),
        ("other-missing-text", []),
    ],
)  # fmt: skip
def test_their_invalid_examples(name, found):
    path = STANDARD / "examples" / f"invalid-{name}.jsonld"
    if not found:  # only what a request does not need is wrong or missing
        assert len(take.take(path).requests) == 1
        return
    with pytest.raises(WrongInput) as wrong:
        take.take(path)
    assert [(f.column, f.value) for f in wrong.value.faults] == found


def as_file(folder: Path, document) -> Path:
    path = folder / "file.jsonld"
    path.write_text(json.dumps(document), "utf-8")
    return path


A_RECORD = {
    "@type": "Placement",
    "childId": "C1",
    "placementRequirements": {"pets": "No"},
    "qualityAssurance": {"referralDate": "2026-11-20", "placementOfficerName": "Ada Officer"},
}
A = {"request_id": "C1", "received_on": "2026-11-20", "must_avoid": "cat;dog"}


@pytest.mark.parametrize(
    "document",
    [
        A_RECORD,
        [A_RECORD],
        {"@graph": [A_RECORD]},
        {"@graph": [
            {"@id": "_:a", "@type": [f"{PLACEMENTS}Placement"], f"{PLACEMENTS}childId": [{"@value": "C1"}],
             f"{PLACEMENTS}placementRequirements": [{"@id": "_:b"}],
             f"{PLACEMENTS}qualityAssurance": [{"@id": "_:c"}]},
            {"@id": "_:b", f"{PLACEMENTS}pets": [{"@id": f"{PLACEMENTS}pets-allowance#No"}]},
            {"@id": "_:c", f"{PLACEMENTS}referralDate": [{"@value": "2026-11-20"}]}]},
        {"pl:childId": "C1", "pl:placementRequirements": {"pl:pets": {"@id": "pa:No"}},
         "pl:qualityAssurance": {"pl:referralDate": "2026-11-20"}},
    ],
)  # fmt: skip
def test_the_forms_of_json_ld(tmp_path, document):
    (request,) = take.take(as_file(tmp_path, document)).requests
    assert {column: cell for column, cell in request.items() if cell} == A


@pytest.mark.clause("PC-5.3a")
@pytest.mark.parametrize("term", ["NoKnownRisk", "No known risk", "RiskPresent", None])
def test_no_level_of_risk_is_guessed(tmp_path, term):
    risks = {} if term is None else {"riskMissing": term}
    taken = take.take(as_file(tmp_path, {**A_RECORD, "riskAssessment": risks}))
    assert taken.requests[0]["risk_absconding"] == ""
    assert ("risk_absconding" in [need.column for need in taken.needs]) == (term is not None)


def test_a_term_that_leaves_it_open_asks_nothing(tmp_path):
    recommendation = {"fosterCareSuitability": "Not specified"}
    taken = take.take(as_file(tmp_path, {**A_RECORD, "placementRecommendation": recommendation}))
    assert [need.column for need in taken.needs] == sorted(SIX, key=list(columns_of(Request)).index)


def test_every_fault_of_a_file_at_once(tmp_path):
    bad = {
        "childId": "C1",
        "placementAvailability": {"neededBy": "soon", "siblingCount": 1.5, "isPreferredLocationLocal": 3},
        "qualityAssurance": {"referralDate": "31/13/2026"},
        "actualPlacement": "none",
        "parentAndChild": {"purpose": "suport"},
        "colour": "red",
    }  # fmt: skip
    with pytest.raises(WrongInput) as wrong:
        take.take(as_file(tmp_path, [bad, A_RECORD, {"@type": "Placement"}]))
    assert [(f.row, f.column) for f in wrong.value.faults] == [
        (1, "actualPlacement"), (1, "parentAndChild.purpose"),
        (1, "placementAvailability.isPreferredLocationLocal"), (1, "placementAvailability.neededBy"),
        (1, "placementAvailability.siblingCount"), (1, "qualityAssurance.referralDate"),
        (2, "childId"), (3, "childId")]  # fmt: skip
    assert [w.column for w in wrong.value.warnings] == ["colour"]
    assert all(f.table == "file.jsonld" and f.fix for f in wrong.value.faults)


def a_book(path: Path, sheets: dict[str, list[list[object]]]) -> Path:
    from xlsxwriter import Workbook

    with Workbook(path) as book:
        for name, rows in sheets.items():
            page = book.add_worksheet(name)
            for at, row in enumerate(rows):
                page.write_row(at, 0, row)
    return path


def test_faults_of_a_sheet_name_their_cells(tmp_path):
    rows = [["child_ID", "Dol ", "additional_support", "cost_total_weekly", "extra"],
            ["C1", "perhaps", "Taxis to school, therapy", "lots", "x"], ["", "", "", "", ""], ["C1"]]  # fmt: skip
    ours = [["child_ID", "purpose"], ["C1", "support"], ["C9", "support"]]
    path = a_book(tmp_path / "b.xlsx", {"data collection": rows, "parent_and_child": ours})
    with pytest.raises(WrongInput) as wrong:
        take.take(path)
    assert [(f.table, f.row, f.column, f.value) for f in wrong.value.faults] == [
        ("data collection", 2, "additional_support", "therapy"),
        ("data collection", 2, "cost_total_weekly", "lots"),
        ("data collection", 2, "dol", "perhaps"),
        ("data collection", 4, "child_ID", "C1"),
        ("parent_and_child", 3, "child_ID", "C9"),
    ]
    assert [w.column for w in wrong.value.warnings] == ["extra"]


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("a.jsonld", b"{", "This is not JSON."),
        ("a.json", b"[" * 200_000, "The file can't be read (RecursionError)."),
        ("a.json", b"\xff\xfe", "The file can't be read (UnicodeDecodeError)."),
        ("a.json", b"3", "It holds no placement."),
        ("a.xlsx", b"no workbook", "but it is none"),
        ("a.csv", b"child_ID", "This is neither"),
        ("none.jsonld", None, "There is no such file."),
    ],
)
def test_a_file_that_is_none_of_the_standards(tmp_path, name, content, problem):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(WrongInput, match=re.escape(problem)):
        take.take(tmp_path / name)


@pytest.mark.parametrize(
    ("sheets", "problem"),
    [({"Sheet1": [["child_ID"]]}, "The sheet is missing."),
     ({"Data Collection": [["a"], ["b"]]}, "The headings were not found."),
     ({"Data Collection": [["child_ID", "Child ID"]]}, "Two columns have this heading.")],
)  # fmt: skip
def test_a_workbook_that_is_not_the_standards(tmp_path, sheets, problem):
    with pytest.raises(WrongInput, match=problem):
        take.take(a_book(tmp_path / "b.xlsx", sheets))


# --- Round trip -------------------------------------------------------------------------------


def read_round(folder: Path):
    return loading.load(folder, None, None)[0]


def as_row(cells: dict[str, str]) -> Request:
    return Request(**{name: reader_of(Request, name)(cells[name]) for name in cells if cells[name]})


@pytest.mark.parametrize("seed", range(30))
def test_what_goes_out_comes_back_the_same(tmp_path, seed):
    write_round(tmp_path / "r", seed, 6, 8, pins=seed % 2 == 0)
    inputs = read_round(tmp_path / "r")
    found = exchange.records(inputs, a_policy())
    for name, content in (
        ("a.jsonld", exchange.json_ld(found)),
        ("a.xlsx", exchange.workbook(found)),
    ):
        (tmp_path / name).write_bytes(content)
        taken = take.take(tmp_path / name)
        # The state is the round's: nothing that goes out says which placement it rests on.
        sent = [replace(family, status=None) for family in inputs.families]
        assert [as_row(cells) for cells in taken.requests] == sent
        assert (taken.needs, taken.warnings) == ([], [])


# --- The commands -----------------------------------------------------------------------------


def test_the_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    data = write_tables(tmp_path / "data", placed(**a_young_parent(withhold_address="no")))
    assert cli.run(["standard", "export", str(data)]) == 0
    said = capsys.readouterr()
    folder = Path("reports/2026-11-23/standard")
    assert "1 request, 1 confirmed placement." in said.out
    assert f"  actualPlacement.providerURN, 1 request: {NO_URN}\n" in said.out
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(first) == ["manifest.json", "placements.jsonld", "placements.xlsx"]
    assert cli.run(["standard", "export", str(data), "--json", "--quiet"]) == 0
    said = capsys.readouterr()
    record = json.loads(said.out)
    assert (record["requests"], record["placements"], said.err) == (1, 1, "")
    wanted = ALWAYS_MISSING | OF_A_PLACEMENT | OF_A_PARENT
    assert {each["field"]: each["why"] for each in record["missing"]} == wanted
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first

    for name in ("placements.jsonld", "placements.xlsx"):
        out = tmp_path / name.replace(".", "-")
        assert cli.run(["standard", "import", str(folder / name), "--out", str(out)]) == 0
        assert capsys.readouterr().err == ""
        (row,) = csv.DictReader((out / "requests.csv").read_text("utf-8").splitlines())
        assert (row["request_id"], row["risk_arson"], row["languages"]) == ("R1", "none", "som;eng")
        assert (out / "needed.csv").read_text("utf-8").count("\n") == 1
        assert cli.run(["standard", "import", str(folder / name), "--out", str(out), "--json"]) == 2
        assert json.loads(capsys.readouterr().out)["errors"][0]["column"] == "--out"


def test_import_says_what_a_request_still_needs(tmp_path, capsys):
    path = as_file(tmp_path, {**A_RECORD, "riskAssessment": {"riskMissing": "Risk Present"}})
    out = tmp_path / "out"
    assert cli.run(["standard", "import", str(path), "--out", str(out)]) == 0
    said = capsys.readouterr()
    assert "C1: needs purpose, parent_age, parent_looked_after, child_born_or_due_on" in said.out
    assert "C1: ask about risk_absconding." in said.out
    assert "Officer" not in said.out + said.err
    rows = list(csv.DictReader((out / "needed.csv").read_text("utf-8").splitlines()))
    assert {row["column"]: row["required"] for row in rows}["risk_absconding"] == "no"
    assert all("Officer" not in file.read_text("utf-8") for file in out.iterdir())


def test_import_of_a_wrong_file_writes_nothing(tmp_path, capsys):
    path = as_file(tmp_path, {**A_RECORD, "placementRequirements": {"pets": "maybe"}})
    assert cli.run(["standard", "import", str(path), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("file.jsonld, row 1, placementRequirements.pets: found 'maybe'.")
    assert not (tmp_path / "out").exists()
    assert cli.run(["standard", "import", str(path), "--as-of", "soon"]) == 2
