"""A new draft brings what people wrote in an earlier one, and marks what is otherwise."""

from __future__ import annotations

import shutil
from pathlib import Path

import docx
import pytest

from builders import a_household, a_request, one_pair, write_tables
from matcher import cli

PLAN = "R1-H1-placement-plan.docx"
NEXT = "R1-H1-placement-plan-2.docx"
ANSWERS = {
    "[to complete: what the assessment must answer]": "Can she settle him at night?",
    "[to complete: role and service]": "Assessment team,\nfamily centre",
    "[to complete: number]": "the duty line",
    "[to complete: who takes the child, and who is told]": "The parent; the carers are told",
}


def cells(word):
    return [cell for table in word.tables for row in table.rows for cell in row.cells]


def fill_in(path: Path, answers=ANSWERS) -> None:
    """Answer marks as a person does in Word: the text goes where the mark stood."""
    word, left = docx.Document(str(path)), dict(answers)
    inside = [p for cell in cells(word) for p in cell.paragraphs]
    for paragraph in (*word.paragraphs, *inside):
        for mark in [each for each in left if each in paragraph.text]:
            paragraph.text = paragraph.text.replace(mark, left.pop(mark))
    assert not left, left
    word.save(str(path))


def draft(folder: Path, data: Path, *more: str, quiet: bool = True) -> None:
    said = ["documents", str(data), "R1", "H1", "--out", str(folder), *more]
    said += ["--quiet"] if quiet else []
    assert cli.run(said) == 0


def text(path: Path) -> str:
    word = docx.Document(str(path))
    return "\n".join([*(p.text for p in word.paragraphs), *(cell.text for cell in cells(word))])


@pytest.fixture
def filled(tmp_path):
    """A plan that people filled in, in a folder of drafts, and the data that it was made of."""
    data = write_tables(tmp_path / "data", one_pair(a_request(withhold_address="no")))
    draft(tmp_path / "out", data)
    fill_in(tmp_path / "out" / PLAN)
    return tmp_path / "out", data


def test_what_was_filled_in_is_carried_over_and_the_earlier_draft_stays(filled):
    out, data = filled
    before = (out / PLAN).read_bytes()
    draft(out, data)
    assert (out / PLAN).read_bytes() == before
    said = text(out / NEXT)
    for mark, answer in ANSWERS.items():
        assert answer in said
        assert mark not in said
    assert "out of hours the duty line" in said
    assert "Health visits: The parent; the carers are told" in said
    assert "4 answers of R1-H1-placement-plan.docx are carried over" in said
    assert "no differences from it are marked" in said
    assert "since the earlier draft" not in said


def test_what_has_changed_in_the_data_is_marked(filled, tmp_path):
    out, _ = filled
    request = a_request(withhold_address="no", needed_from="2026-12-14", court_on="2027-01-08")
    draft(out, write_tables(tmp_path / "later", one_pair(request)))
    said = text(out / NEXT)
    assert "14 December 2026 [since the earlier draft: it said: 7 December 2026]" in said
    assert "8 January 2027 [since the earlier draft: it was not filled in]" in said
    assert ANSWERS["[to complete: what the assessment must answer]"] in said


def test_what_has_no_place_any_more_stands_at_the_end(filled, tmp_path):
    out, _ = filled
    word = docx.Document(str(out / PLAN))
    word.add_paragraph("We agreed to look again at Easter.")
    word.save(str(out / PLAN))
    support = a_request(purpose="support", parent_age="16", parent_looked_after="yes", withhold_address="no")  # fmt: skip
    data = write_tables(tmp_path / "later", one_pair(support | {"expected_weeks": None}))
    draft(out, data)
    said = text(out / NEXT)
    gone = said[said.index("What the earlier draft says") :]
    assert "Questions to answer: Can she settle him at night?" in gone
    assert "We agreed to look again at Easter." in gone
    # Once more, from the second draft, with what stood at its end.
    fill_in(out / NEXT, {"[to complete: what the support is to achieve]": "School"})
    draft(out, data)
    third = text(out / NEXT.replace("-2", "-3"))
    assert "School" in third
    assert "Can she settle him at night?" in third
    assert third.count("We agreed to look again at Easter.") == 1
    assert "of R1-H1-placement-plan-2.docx" in third


def test_no_signature_is_carried_over(filled):
    out, data = filled
    word = docx.Document(str(out / PLAN))
    row = next(r for t in word.tables for r in t.rows if r.cells[0].text == "Foster carer")
    row.cells[2].text = "signed with a pen"
    word.save(str(out / PLAN))
    draft(out, data)
    word = docx.Document(str(out / NEXT))
    signed = [r for t in word.tables for r in t.rows if r.cells[0].text == "Foster carer"]
    assert [cell.text for cell in signed[0].cells[1:]] == ["", "", ""]


@pytest.mark.clause("PC-5.3d")
def test_a_new_draft_does_not_tell_a_place_that_the_earlier_one_told(tmp_path):
    family = {"withhold_address": "no", "home_postcode": "SE1"}
    home = a_household(postcode="E5")
    out = tmp_path / "out"
    draft(out, write_tables(tmp_path / "a", one_pair(a_request(**family), home)))
    fill_in(out / "R1-H1-for-the-parent.docx", {"[to complete: day of the visit]": "4 December"})
    for path in sorted(out.glob("*.docx")):
        word = docx.Document(str(path))
        word.add_paragraph("Seen.")
        word.save(str(path))
    hidden = a_request(**(family | {"withhold_address": "yes"}))
    draft(out, write_tables(tmp_path / "b", one_pair(hidden, home)))
    made = sorted(out.glob("*-2.docx"))
    assert len(made) == 5
    for path in made:
        said = text(path)
        assert "E5" not in said, path.name
        assert "miles" not in said, path.name
        assert "it said:" not in said, path.name


def test_a_draft_that_nobody_changed_is_replaced_as_it_was(tmp_path):
    data = write_tables(tmp_path / "data", one_pair())
    draft(tmp_path / "out", data)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    draft(tmp_path / "out", data)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_a_second_run_makes_the_same_again(filled):
    out, data = filled
    draft(out, data)
    once = (out / NEXT).read_bytes()
    draft(out, data)
    assert (out / NEXT).read_bytes() == once
    assert not (out / NEXT.replace("-2", "-3")).exists()


def test_another_pairs_draft_is_not_taken_for_it(filled):
    out, data = filled
    shutil.copy(out / PLAN, out / "R1-H10-placement-plan.docx")
    shutil.copy(out / PLAN, out / "R1-H1-placement-plan-old.docx")
    draft(out, data)
    assert "of R1-H1-placement-plan.docx" in text(out / NEXT)


def test_a_draft_under_another_name_is_kept_and_said_not_to_be_read(filled, capsys):
    out, data = filled
    (out / PLAN).rename(out / "R1-H1-placement-plan JS.docx")
    shutil.copy(out / "R1-H1-placement-plan JS.docx", out / "R1-H1-plan.docx")
    draft(out, data, quiet=False)
    told = capsys.readouterr().err
    for name in ("R1-H1-placement-plan JS.docx", "R1-H1-plan.docx"):
        assert f"{name} is not read" in told
        assert (out / name).exists()
    assert "match-record" not in told


def test_a_sentence_in_which_a_day_changed_says_what_it_said(tmp_path):
    out = tmp_path / "out"
    for name, weeks in (("a", "12"), ("b", "16")):
        family = a_request(expected_weeks=weeks, withhold_address="no")
        draft(out, write_tables(tmp_path / name, one_pair(family)))
        if name == "a":
            fill_in(out / PLAN, {"[to complete: role and service]": "The team"})
    said = text(out / NEXT)
    assert "[since the earlier draft: it said: The purpose is to assess parenting" in said
    assert "until 29 March 2027. [since the earlier draft: new]" not in said


def test_what_cannot_be_read_is_said_and_kept(filled, capsys):
    out, data = filled
    (out / PLAN).write_text("no Word file")
    draft(out, data)
    said = capsys.readouterr().out
    assert "R1-H1-placement-plan.docx can't be read as a Word file" in said
    assert (out / PLAN).read_text() == "no Word file"
    assert "can't be read" in text(out / NEXT)
