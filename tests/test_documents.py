"""The drafts of a pair: what must stand in them, what must never, and that nothing is invented."""

from __future__ import annotations

import io
import json
import re
import zipfile
from importlib.resources import files
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from docx import Document
from docxtpl import DocxTemplate
from jinja2 import meta, nodes

from builders import a_carer, a_household, a_request, one_pair, solved, write_tables
from matcher import cli, documents, loading, rounds
from matcher.documents.drafts import Draft, LeftOut, drafts, environment
from matcher.documents.facts import Facts
from matcher.documents.register import DOCUMENTS
from matcher.geo import outcodes
from matcher.policy.names import NAMES

ROOT = Path(__file__).parents[1]
CAMDEN = ROOT / "data" / "samples" / "camden"
TEMPLATES = files(documents) / "templates"
OUTCODE = re.compile(r"\b[A-Z]{1,2}[0-9]{1,2}[A-Z]?\b")
MARK = re.compile(r"\[to complete: [^\]]+\]")


@pytest.fixture(scope="module")
def camden():
    inputs, policy = loading.load(CAMDEN, None, None)
    return rounds.match(rounds.prepare(inputs, policy, 0))


def made(round_, request="R1", household="H1", templates=None):
    return {each.document.key: each for each in drafts(round_, request, household, templates)}


def text(draft: Draft | bytes) -> str:
    """All that can be read in a draft: body and footer, paragraphs in order."""
    word = Document(io.BytesIO(draft if isinstance(draft, bytes) else draft.content))
    parts = [word.element.body, word.sections[0].footer._element]
    return "\n".join(
        "".join(t.text or "" for t in p.iter("{{{}}}t".format(p.nsmap["w"])))
        for part in parts
        for p in part.iter("{{{}}}p".format(part.nsmap["w"]))
    )


def texts(found: dict) -> dict[str, str]:
    return {key: text(each) for key, each in found.items() if isinstance(each, Draft)}


def pair(tmp_path, request=None, household=None, carers=None, **others):
    tables = one_pair(request or a_request(), household, carers, **others)
    return made(solved(tmp_path, tables))


# --- The placement plan -----------------------------------------------------------------------

TOPICS = [
    "Purpose and duration",
    "How the assessment is carried out",
    "role in monitoring and assessing",
    "Reporting and recording",
    "Visits by the social workers",
    "Contact and visitors",
    "Levels of supervision",
    "Babysitting and child care",
    "roles, responsibilities and expectations",
    "When the carers must intervene",
    "House rules",
    "Money",
]
SUPPORT = {"purpose": "support", "parent_age": "16", "parent_looked_after": "yes"}
SUPPORT |= {"child_legal_status": "not_looked_after", "expected_weeks": None}


@pytest.mark.clause("PC-A2", "PC-6.3a", "PC-1c", "PC-2.2b", "PC-5.3e", "PC-6.1")
@pytest.mark.parametrize("cells", [{}, SUPPORT, {"child_legal_status": "not_looked_after"}])
def test_the_plan_has_all_twelve_topics(tmp_path, cells):
    plan = texts(pair(tmp_path, a_request(**cells)))["placement-plan"]
    at = [plan.index(f"\n{number}. ") for number in range(1, 13)]
    assert at == sorted(at)
    for topic in TOPICS:
        assert topic in plan
    assert "The carers stay vigilant" in plan
    assert plan.index("Foster carer\n") > plan.index("Who agrees to this plan")


@pytest.mark.clause("PC-2.1", "PC-2.3b", "PC-6.1")
def test_the_plan_says_the_legal_status_by_regime(tmp_path):
    exclusion = "to the exclusion of the parent"
    ended = "The council can end it"

    def plan(name, **cells):
        return texts(pair(tmp_path / name, a_request(**cells)))["placement-plan"]

    ico = plan("a", child_legal_status="interim_care_order", court_directed="yes")
    assert exclusion in ico
    assert ended not in ico
    assert "section 38(6)" in ico
    s17 = plan("b", child_legal_status="not_looked_after")
    assert ended in s17
    assert exclusion not in s17
    assert "do not apply" in s17
    s20 = plan("c")
    assert "under section 20" in s20
    assert exclusion not in s20
    assert ended not in s20
    young = plan("d", **SUPPORT)
    assert "The parent is a looked-after child" in young
    assert ended not in young


@pytest.mark.clause("PC-4.2c")
def test_shared_care_is_for_support(tmp_path):
    assert "Shared care" in texts(pair(tmp_path / "a", a_request(**SUPPORT)))["placement-plan"]
    assert "Shared care" not in texts(pair(tmp_path / "b"))["placement-plan"]


@pytest.mark.clause("PC-6.4a", "PC-6.4b", "PC-6.4e", "PC-6.5a", "PC-6.5d")
def test_the_plan_says_how_it_is_reviewed_and_how_it_ends(tmp_path):
    plan = texts(pair(tmp_path))["placement-plan"]
    for said in (
        "How often it is reviewed",
        "Levels of progress",
        "ends with separation",
        "How the network contributes",
        "How it is decided",
        "By whom",
        "Who tells the parent",
        "If the parent leaves early",
    ):
        assert said in plan
    assert "1 March 2027" in plan  # 7 December 2026 and twelve weeks


# --- The other forms --------------------------------------------------------------------------


@pytest.mark.clause("PC-A1", "PC-3.3a", "PC-3.3b")
def test_the_request_record_lists_what_is_missing(tmp_path):
    draft = pair(tmp_path)["request-record"]
    said = text(draft)
    missing = said[said.index("5. What is missing") : said.index("6. Talk with")]
    for what in (
        "Ethnicity",
        "Religion",
        "Languages",
        "The assessed risk of arson",
        "The parent's engagement",
    ):
        assert what in missing
    assert "Resource team by telephone" in said
    assert "Religion: religion" in draft.to_complete


@pytest.mark.clause("PC-5.3a", "PC-5.1c", "PC-5.1e", "PC-5.3b", "PC-5.3d")
def test_the_joint_risk_assessment_has_nine_areas_and_two_signatures(camden):
    said = texts(made(camden, "R01", "H17"))["joint-risk-assessment"]
    rows = Document(io.BytesIO(made(camden, "R01", "H17")["joint-risk-assessment"].content)).tables
    areas = [[cell.text for cell in row.cells] for row in rows[0].rows[1:]]
    assert len(areas) == 9
    assert areas[2][1:4] == ["None", "None", "Yes"]  # arson: the household's own limit is none
    assert areas[4][1:4] == [
        "None",
        "[to complete: none is recorded: ask the carers]",
        "[to complete: not yet]",
    ]
    assert "Partner and extended family" in said
    assert "Is the address withheld?" in said
    signed = [[cell.text for cell in row.cells] for row in rows[-1].rows[1:]]
    assert [row[0] for row in signed] == ["Child's social worker", "Supervising social worker"]
    assert [row[-1] for row in signed] == ["20 November 2026", "[to complete: date]"]


@pytest.mark.clause("NMS-15", "PC-5.1k", "PC-5.1g")
def test_the_match_record_of_a_match(camden):
    said = texts(made(camden, "R14", "H09"))["match-record"]
    assert "camden-parent-and-child, version 1" in said
    assert "can't be proposed" not in said
    assert "Training on" in said
    assert "Before it can be confirmed" in said
    for need in ("Language", "Ethnicity", "Religion", "Experience", "Must not have: dog"):
        assert need in said


@pytest.mark.clause("NMS-15")
def test_no_ineligible_pair_is_presented_as_a_match(camden):
    found = made(camden, "R02", "H07")
    said = texts(found)["match-record"]
    assert said.index("H07 can't be proposed for R02") < said.index("What the family must have")
    assert "Trained (PC-5.1a)" in said
    assert "All hard rules" not in said
    assert isinstance(found["placement-plan"], LeftOut)
    assert isinstance(found["for-the-parent"], LeftOut)


@pytest.mark.clause(
    "PWP-1d",
    "PWP-1e",
    "PWP-1g",
    "PWP-1h",
    "PWP-2a",
    "PWP-2d",
    "PWP-2e",
    "PWP-2f",
    "PWP-2g",
    "PWP-3a",
)
@pytest.mark.parametrize(
    ("status", "directed", "drafted"),
    [
        ("care_order", None, True),
        ("interim_care_order", "no", True),
        ("interim_care_order", None, True),
        ("interim_care_order", "yes", False),
        ("s20", None, False),
        ("not_looked_after", None, False),
    ],
)
def test_placement_with_parents_only_under_an_order(tmp_path, status, directed, drafted):
    request = a_request(child_legal_status=status, court_directed=directed)
    found = pair(tmp_path, request)["placement-with-parents-assessment"]
    assert isinstance(found, Draft) is drafted
    if drafted:
        said = text(found)
        assert ("Ask for legal advice first" in said) is (status == "interim_care_order")
        for part in ("What has changed", "Checks", "Team manager", "reviewing officer"):
            assert part in said
        for part in ("Tri-X chapter", "NSPCC's Reunification Practice Framework"):
            assert part in said
        for part in ("Judgement", "If not approved", "Advocacy", "Plan of support"):
            assert part in said


# --- What must never stand in a document --------------------------------------------------------


@pytest.mark.clause("PC-5.3d")
@pytest.mark.parametrize("withheld", ["yes", None])
@pytest.mark.parametrize("away", [{}, {"min_miles": "1"}, {"keep_away": "E5"}, {"max_miles": "1"}])
def test_a_withheld_address_never_leaks_and_a_blank_counts_as_yes(tmp_path, withheld, away):
    request = a_request(
        withhold_address=withheld, home_postcode="SE1", school_postcode="SE1", **away
    )
    home = a_household(postcode="E5", local_authority="Hackney", team="East", provider="agency")
    found = pair(tmp_path, request, home)
    for key, said in texts(found).items():
        told = said.replace("SE1", "")  # the family's own place
        if away.get("keep_away") and key == "request-record":
            told = told.replace("E5", "", 1)  # where the family must not go
        assert not [code for code in OUTCODE.findall(told) if code in outcodes()], key
        assert "Hackney" not in said
        assert "East" not in said
        assert "Fit " not in said
        assert not re.search(r"about \d+ miles?|less than a mile", said), key
    record = texts(found)["match-record"]
    near = record[record.index("Near school") :]
    assert near.split("\n")[2] == "Not shown"


@pytest.mark.clause("PC-5.3d")
def test_a_place_that_need_not_be_withheld_is_said(tmp_path):
    request = a_request(withhold_address="no", home_postcode="SE1")
    found = texts(pair(tmp_path, request, a_household(postcode="E5")))
    assert "E5" in found["match-record"]
    assert "miles from home" in found["match-record"]
    assert "miles from where you live" in found["for-the-parent"]


@pytest.mark.clause("PC-5.3d")
def test_no_document_names_another_request_or_household(camden):
    prepared = camden.prepared
    requests, homes = prepared.columns.request_ids, prepared.columns.household_ids
    for row, request in enumerate(requests):
        some = {int(camden.household[row]), row}
        for household in (homes[at] for at in some if at >= 0):
            for key, said in texts(made(camden, request, household)).items():
                named = set(re.findall(r"\b[RH]\d\d\b", said)) - {request, household}
                assert not named, (request, household, key)
                assert "{" not in said
                assert "see file" not in said


@pytest.mark.clause("PC-3.3b")
def test_what_nobody_knows_is_marked_and_nothing_is_invented(tmp_path):
    found = pair(tmp_path)
    for key, each in found.items():
        if isinstance(each, Draft):
            marks = MARK.findall(text(each))
            assert marks, key
            assert len(each.to_complete) > 3, key
            assert text(each).count("to complete:") == len(marks), key
    xml = zipfile.ZipFile(io.BytesIO(found["request-record"].content)).read("word/document.xml")
    runs = re.findall(rb"<w:r>(?:(?!</w:r>).)*to complete(?:(?!</w:r>).)*</w:r>", xml)
    assert len(runs) == len(MARK.findall(text(found["request-record"])))
    assert all(b"FFF0B3" in run for run in runs)


# --- Templates ----------------------------------------------------------------------------------


def template(folder: Path, name: str, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    word = Document()
    for line in lines:
        word.add_paragraph(line)
    word.save(str(folder / name))
    return folder


def test_a_councils_own_template_is_used(tmp_path):
    own = template(
        tmp_path / "own", "match-record.docx", "Ours: {{ request_id }} & [to complete: x]"
    )
    found = made(solved(tmp_path / "data", one_pair()), templates=own)
    assert text(found["match-record"]).startswith("Ours: R1 & [to complete: x]")
    assert found["match-record"].to_complete == ["x"]
    assert "Request R1" in text(found["request-record"])


@pytest.mark.parametrize(
    ("name", "line", "said"),
    [
        ("match-record.docx", "{{ carer_name }}", "'carer_name' is undefined"),
        ("match-record.docx", "{{ request_id", "not closed or not understood"),
        ("match-record.docx", "{{ request_id.__class__.__mro__ }}", "match-record.docx"),
        ("match-recrod.docx", "x", "Did you mean match-record.docx?"),
    ],
)
def test_a_broken_template_is_named(tmp_path, capsys, name, line, said):
    data = write_tables(tmp_path / "data", one_pair())
    own = template(tmp_path / "own", name, line)
    out = tmp_path / "out"
    arguments = ["documents", data, "R1", "H1", "--templates", own, "--out", out]
    assert cli.run([str(each) for each in arguments]) == 2
    error = capsys.readouterr().err
    assert name in error
    assert said in error
    assert "Traceback" not in error
    assert not out.exists()


def test_a_file_that_is_no_word_file_and_a_folder_that_is_not_there(tmp_path, capsys):
    data = write_tables(tmp_path / "data", one_pair())
    (tmp_path / "match-record.docx").write_text("no")
    for folder, said in ((tmp_path, "match-record.docx"), (tmp_path / "no", "no such folder")):
        assert cli.run(["documents", str(data), "R1", "H1", "--templates", str(folder)]) == 2
        assert said in capsys.readouterr().err


def parsed(content: bytes) -> nodes.Template:
    """The tags of a template: those of its body, headers and footers."""
    word = DocxTemplate(io.BytesIO(content))
    word.init_docx()
    parts = [word.get_xml()]
    for kind in (word.HEADER_URI, word.FOOTER_URI):
        parts += [word.get_part_xml(part) for _, part in word.get_headers_footers(kind)]
    return environment().parse("".join(map(word.patch_xml, parts)))


def strange_tags(content: bytes) -> set[str]:
    """The names in a template that the code does not fill: facts, and the cells of their rows."""
    page, kinds = parsed(content), get_type_hints(Facts)
    strange = meta.find_undeclared_variables(page) - set(kinds) - {"words"}
    for tag in page.find_all(nodes.Getattr):
        if (
            isinstance(tag.node, nodes.Name)
            and tag.node.name == "words"
            and not hasattr(NAMES, tag.attr)
        ):
            strange.add(f"words: {tag.attr}")
    for loop in page.find_all(nodes.For):
        if not isinstance(loop.iter, nodes.Name):
            continue  # so many lines to fill in by hand
        (row,) = get_args(kinds[loop.iter.name])
        for tag in loop.find_all(nodes.Getattr):
            if tag.node.name == loop.target.name and tag.attr not in get_type_hints(row):
                strange.add(f"{loop.iter.name}: {tag.attr}")
    return strange


@pytest.mark.parametrize("name", [document.template for document in DOCUMENTS])
def test_every_tag_of_a_template_that_ships_is_one_that_the_code_fills(name):
    assert strange_tags((TEMPLATES / name).read_bytes()) == set()


def test_the_templates_that_ship_are_those_of_the_register():
    assert {path.name for path in TEMPLATES.iterdir()} == {each.template for each in DOCUMENTS}


@pytest.mark.parametrize(
    ("line", "strange"),
    [
        ("{{ request_id }}", set()),
        ("{{ carer_name }}", {"carer_name"}),
        ("{{ words.head_of_service }}", set()),
        ("{{ words.chief_of_staff }}", {"words: chief_of_staff"}),
        ("{% if eligible %}{{ fostering }}{% endif %}", {"fostering"}),
        ("{% for area in areas %}{{ area.name }}{{ area.colour }}{% endfor %}", {"areas: colour"}),
    ],
)
def test_a_tag_that_nobody_fills_is_seen(tmp_path, line, strange):
    path = template(tmp_path, "match-record.docx", line) / "match-record.docx"
    assert strange_tags(path.read_bytes()) == strange


# --- For the parent -----------------------------------------------------------------------------

JARGON = ("looked after child", "looked-after", "section", "placement", "s17", "s20", "PC-", "LAC")
PARENTS = [
    {},
    {"child_legal_status": "not_looked_after", "withhold_address": "yes"},
    {"child_legal_status": "interim_care_order", "court_directed": "yes", "court_on": "2027-01-08"},
    {"child_born_or_due_on": "2027-01-04", "babies": "2", "older_children": "1"},
    SUPPORT,
    SUPPORT | {"needs": "education", "child_born_or_due_on": "2027-01-04"},
]


def syllables(word: str) -> int:
    """The groups of vowels, without a silent e: near enough for a grade."""
    groups = re.findall(r"[aeiouy]+", word.lower())
    silent = re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$", word.lower()) is not None and len(groups) > 1
    return max(1, len(groups) - silent)


def grade(said: str) -> float:
    """The Flesch-Kincaid grade: 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    sentences = [s for s in re.split(r"[.!?:\n]+", said) if re.search(r"[A-Za-z]", s)]
    words = re.findall(r"[A-Za-z']+", said)
    return (
        0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
    )


def test_the_grade_knows_hard_from_easy():
    assert grade("The cat sat on the mat. It was warm.") < 1
    assert grade("Statutory accommodation arrangements necessitate multidisciplinary review.") > 15


@pytest.mark.clause("PC-6.2a", "PC-6.5d", "PC-4.1d")
@pytest.mark.parametrize("cells", PARENTS)
def test_the_page_for_the_parent_is_plain_and_whole(tmp_path, cells):
    home = a_household(takes_older_children="2", bedrooms="3")
    said = texts(pair(tmp_path, a_request(**cells), home))["for-the-parent"]
    body = MARK.sub("", said[: said.index("Draft of")])
    assert grade(body) <= 6
    assert len(body.split()) < 750  # two pages at most
    for word in JARGON:
        assert word not in body
    for heading in ("What it is for", "How long", "Who looks", "What happens after"):
        assert heading in body
    assert "leave early" in body
    assert "advocate" in body
    assert "money you have a right to" in body
    assert "visit the home first" in body
    assert ("This is called an assessment" in body) is (cells.get("purpose") != "support")
    assert ("school or college" in body) is ("education" in (cells.get("needs") or ""))


# --- The command --------------------------------------------------------------------------------


def test_the_same_data_gives_the_same_bytes(tmp_path):
    tables = one_pair(carers=[a_carer(), a_carer(number=2)])
    one, other = (made(solved(tmp_path / name, tables)) for name in "ab")
    for key, each in one.items():
        if isinstance(each, Draft):
            assert each.content == other[key].content
            assert Document(io.BytesIO(each.content)).core_properties.created.year == 2026


def test_what_people_filled_in_is_not_written_over(tmp_path, capsys):
    data = str(write_tables(tmp_path / "data", one_pair()))
    out = tmp_path / "out"
    command = ["documents", data, "R1", "H1", "--out", str(out)]
    assert cli.run([*command, "--quiet"]) == 0
    (out / "R1-H1-match-record.docx").write_text("filled in by a person")
    capsys.readouterr()
    assert cli.run(command) == 0
    said = capsys.readouterr()
    assert (out / "R1-H1-match-record.docx").read_text() == "filled in by a person"
    assert f"Written: {out / 'R1-H1-match-record-2.docx'}" in said.out
    assert "R1-H1-match-record.docx is not as this software wrote it, so it stays." in said.err
    assert len(list(out.glob("*.docx"))) == 6


def test_the_command_says_what_it_wrote_and_what_it_left_out(tmp_path, capsys):
    data = str(write_tables(tmp_path / "data", one_pair()))
    out = tmp_path / "out"
    assert cli.run(["documents", data, "R1", "H1", "--out", str(out), "--quiet"]) == 0
    lines = capsys.readouterr().out
    assert "R1-H1-placement-plan.docx" in lines
    assert "Left out: placement-with-parents-assessment. The child is not under" in lines
    assert len(list(out.glob("*.docx"))) == 5
    assert cli.run(["documents", data, "R1", "H1", "--out", str(out), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [Path(each).exists() for each in record["written"]] == [True] * 5
    assert set(record["to_complete"]) | set(record["left_out"]) == {d.key for d in DOCUMENTS}
    assert cli.run(["documents", data, "R2", "H9", "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert "There is no such request" in error
    assert "There is no such household" in error
