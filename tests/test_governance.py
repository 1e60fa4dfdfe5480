"""Drafts for governance: facts are filled in from the policy and the code, judgements stay open."""

from __future__ import annotations

import io
import json
import re

import pytest
from docx import Document

from builders import a_policy
from matcher.cli import run
from matcher.governance import papers
from matcher.governance.papers import OPEN, drafts, record
from matcher.governance.word import word
from matcher.intake.rows import TABLES, headings
from matcher.policy.criteria import CRITERIA
from matcher.policy.duties import DUTIES
from matcher.policy.rules import RULES
from matcher.policy.screening import SCREENING
from matcher.policy.settings import default

NAMES = (
    "transparency-record",
    "data-protection-impact-assessment",
    "equality-impact-assessment",
)
CHARACTERISTICS = (
    "Age",
    "Disability",
    "Gender reassignment",
    "Marriage and civil partnership",
    "Pregnancy and maternity",
    "Race",
    "Religion or belief",
    "Sex",
    "Sexual orientation",
    "Care experience",
)


def said(**changes: object) -> str:
    return "\n".join(papers.text(drafts(a_policy(**changes))))


def words_of(file: bytes) -> str:
    document = Document(io.BytesIO(file))
    cells = [c.text for t in document.tables for row in t.rows for c in row.cells]
    return "\n".join([*(p.text for p in document.paragraphs), *cells])


def test_three_drafts_in_their_forms() -> None:
    record, protection, equality = drafts(default())
    assert (record.name, protection.name, equality.name) == NAMES
    assert "version 3.0" in record.follows
    heads = [each.heading for each in record.sections]
    assert [h for h in heads if h.startswith("Tier 1")]
    for part in "12345":
        assert any(head.startswith(f"Tier 2, {part}") for head in heads), part
    steps = [each.heading for each in protection.sections]
    assert all(any(head.startswith(f"Step {n}:") for head in steps) for n in range(1, 8))
    assert [h.heading for h in equality.sections if h.heading in CHARACTERISTICS] == list(
        CHARACTERISTICS
    )


def test_every_rule_criterion_duty_and_column_is_there() -> None:
    text = said()
    held = (duty for duty in DUTIES if duty.holds)
    for each in (*SCREENING, *RULES, *CRITERIA, *held):
        assert each.sentence in text, each.key
    for table, row in TABLES.items():
        for column in headings(row):
            assert f"| {table} | {column} |" in text


def test_weights_and_changes_are_those_of_the_policy_in_use() -> None:
    assert "Every setting is at its default." in said()
    text = said(weights__ethnicity=31, turnaround_days=9)
    assert "2 settings differ from the default" in text
    assert "`ethnicity` with a weight of 31" in text
    assert "| turnaround_days | 9 | 7 |" in text
    assert "Every setting is at its default." not in text
    assert a_policy(turnaround_days=9).sha256 in said(turnaround_days=9)


def test_a_kind_names_columns_that_there_are() -> None:
    columns = {column for row in TABLES.values() for column in headings(row)}
    kinds = papers._words()["kinds"]
    assert {column for each in kinds.values() for column in each} <= columns


def test_every_section_says_a_fact_or_leaves_a_judgement_open() -> None:
    for draft in drafts(default()):
        for section in draft.sections:
            assert section.says or section.council or section.facts, section.heading
    equality = drafts(default())[2]
    assert all(s.council for s in equality.sections), "no effect is judged by the software"


def test_nothing_is_claimed() -> None:
    text = said()
    claims = r"(?i)\b(success|successful|accura|proven to|improves?|reduces? (harm|bias)|fair|unbiased)\w*"
    assert [found[0] for found in re.finditer(claims, text)] == []
    assert not re.search(r"\d\s?%", text)
    assert "{" not in text


@pytest.mark.parametrize("place", range(3), ids=NAMES)
def test_a_word_file_says_the_same_and_is_the_same(place: int) -> None:
    draft = drafts(default())[place]
    file = word(draft)
    assert file == word(drafts(default())[place])
    found = words_of(file)
    assert draft.title in found
    assert draft.policy in found
    for section in draft.sections:
        assert section.heading in found
        assert all(line in found for line in section.says)
        assert all(f"{OPEN}{line}." in found for line in section.council)
        for row in section.facts.rows if section.facts else ():
            assert all(cell in found for cell in row)


def test_the_command(capsys, tmp_path) -> None:
    assert run(["policy", "--governance", "--out", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert out == said() + "\n"
    assert {path.name for path in tmp_path.glob("*.docx")} == {f"{name}.docx" for name in NAMES}
    assert run(["policy", "--governance", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(json.dumps(record(drafts(default()))))
    (facts, *_) = [each["facts"] for each in found["drafts"][0]["sections"] if each["facts"]]
    assert len(facts["headings"]) == len(facts["rows"][0])
