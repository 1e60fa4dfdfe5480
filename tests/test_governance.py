"""Drafts for governance: facts are filled in from the policy and the code, judgements stay open."""

from __future__ import annotations

import ast
import io
import json
import re
from pathlib import Path

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
            older = "gate" if (table, column) == ("steps", "event") else column
            assert f"| {table} | {older} |" in text


def test_the_papers_say_where_mental_health_counts_and_what_passes_unasked() -> None:
    text = said()
    for fact in (
        "Mental health as a need, or a risk of any kind that is medium or high",
        "lowers `impact`",
        "a lower one has none of its own",
    ):
        assert fact in text
    assert "or of which the carers have set no limit" not in text


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
    assert run(["policy", "--governance"]) == 0
    assert capsys.readouterr().out == said() + "\n"
    assert run(["policy", "--governance", "--out", str(tmp_path)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"Written: {tmp_path / each.name}.docx ({each.to_complete} parts for the council to complete)"
        for each in drafts(default())
    ]
    for each, line in zip(drafts(default()), lines, strict=True):
        written = words_of((tmp_path / f"{each.name}.docx").read_bytes())
        assert written.count(OPEN) == each.to_complete, line
    assert {path.name for path in tmp_path.glob("*.docx")} == {f"{name}.docx" for name in NAMES}
    assert run(["policy", "--governance", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(json.dumps(record(drafts(default()))))
    (facts, *_) = [each["facts"] for each in found["drafts"][0]["sections"] if each["facts"]]
    assert len(facts["headings"]) == len(facts["rows"][0])


def test_what_people_completed_stays_and_the_next_draft_goes_beside_it(capsys, tmp_path) -> None:
    asked = ["policy", "--governance", "--out", str(tmp_path)]
    assert run(asked) == 0
    first = tmp_path / f"{NAMES[0]}.docx"
    document = Document(str(first))
    document.paragraphs[3].add_run(" Our service.")
    document.save(str(first))
    completed = first.read_bytes()
    for _ in range(2):
        assert run(asked) == 0
    assert first.read_bytes() == completed
    assert {path.name for path in tmp_path.glob("*.docx")} == {f"{n}.docx" for n in (*NAMES, f"{NAMES[0]}-2")}  # fmt: skip
    assert "so it stays. The new one is transparency-record-2.docx" in capsys.readouterr().err


# What each statement rests on: what the settings, the registers and the commands say today.


def test_who_may_accept_what_stands_beside_each_duty() -> None:
    def row(duty: str, **changes: object) -> str:
        return next(line for line in said(**changes).splitlines() if line.startswith(f"| {duty} |"))

    assert row("consent").endswith("| Nobody may accept it: it has to be done. |")
    assert "a team manager for at most 7 days or a Head of Service for at most 14 days" in row("safe caring")  # fmt: skip
    assert "Nobody may accept it" in row("safe caring", may_accept__safe_caring="nobody")


def test_only_the_modules_of_a_history_and_a_cluster_reach_a_network() -> None:
    reach = {"socket", "ssl", "http", "requests", "httpx", "smtplib", "ftplib", "psycopg", "distributed"}  # fmt: skip
    package = Path(papers.__file__).parents[1]
    found = set()
    for path in package.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(each.partition(".")[0] in reach or each == "urllib.request" for each in names):
                found.add(path.relative_to(package).as_posix())
    assert found == {"history/server.py", "machines.py", "panel/settings.py"}
    assert "a history, or the panel's data, in a database of the service's own" in papers.NETWORK
    assert "a cluster" in papers.NETWORK


def test_a_number_in_a_statement_is_the_settings() -> None:
    assert "for 30 days before the need" in said(protect_own_home_days=30)


def test_nothing_is_said_that_was_found_untrue() -> None:
    text = said()
    for once in (
        "Neither ever makes",
        "the one exception",
        "It keeps nothing of its own, sends",
        "no output but round.json shows",
        "deletes nothing but its own unfinished files",
        "written in every output",
        "Every output says",
    ):
        assert once not in text
