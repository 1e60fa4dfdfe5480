"""The legal position of a family: who is looked after, what that triggers, and when it changes."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import Cells, a_policy, a_request, one_pair, read_tables
from matcher.errors import WrongInput
from matcher.policy.case import request_cases
from matcher.policy.position import Position, position

LOOKED_AFTER: Cells = {"parent_age": "16", "parent_looked_after": "yes", "purpose": "support"}


def of(tmp_path: Path, **cells: str | None) -> Position:
    (case,) = request_cases(read_tables(tmp_path, one_pair(a_request(**cells))), a_policy())
    return position(case)


@pytest.mark.parametrize(
    ("cells", "regime", "looked_after", "cited"),
    [
        (
            {"child_legal_status": "not_looked_after"},
            "s17",
            "Nobody who comes is looked after.",
            "PC-2.1",
        ),
        ({}, "s20", "The child is looked after.", "PC-2.2"),
        ({"babies": "2"}, "s20", "Looked after: the babies.", "PC-2.2"),
        (
            {"child_born_or_due_on": "2026-11-24"},
            "s20",
            "The child (from birth) is looked after.",
            "PC-2.2",
        ),
        (
            {"child_legal_status": "interim_care_order", "older_children": "1"},
            "interim_care_order",
            "Looked after: the child and the older children who come.",
            "PC-2.3",
        ),
        (
            {"child_legal_status": "care_order"},
            "placement_with_parents",
            "The child is looked after.",
            "PWP-1a",
        ),
        (
            {
                "child_legal_status": "interim_care_order",
                "legal_advice": "placement_with_parents_applies",
                "legal_advice_on": "2026-11-23",
            },
            "placement_with_parents",
            "The child is looked after.",
            "PWP-1d",
        ),
        (
            {"child_legal_status": "emergency_protection"},
            "interim_care_order",
            "The child is looked after.",
            "no placement with parents",
        ),
        (
            {**LOOKED_AFTER, "child_legal_status": "care_order"},
            "placement_with_parents",
            "Looked after: the parent and the child.",
            "apply to the parent and the child (PC-2.4a)",
        ),
        (
            {
                "child_legal_status": "not_looked_after",
                "second_parent_age": "17",
                "second_parent_looked_after": "yes",
            },
            "looked_after_parent",
            "The second parent is looked after.",
            "apply to the second parent (PC-2.4a)",
        ),
        (
            {**LOOKED_AFTER, "child_legal_status": "not_looked_after"},
            "looked_after_parent",
            "The parent is looked after.",
            "PC-2.4a",
        ),
        (
            {**LOOKED_AFTER, "second_parent_age": "17", "second_parent_looked_after": "yes"},
            "looked_after_parent_and_child",
            "Looked after: the parent, the second parent and the child.",
            "PC-2.4a",
        ),
    ],
)
@pytest.mark.clause("PC-2.1", "PC-2.2", "PC-2.3", "PC-2.4a", "PWP-1a", "PWP-1b")
def test_who_is_looked_after_and_what_follows(
    tmp_path: Path, cells: Cells, regime: str, looked_after: str, cited: str
) -> None:
    found = of(tmp_path, **cells)
    assert (found.regime, found.looked_after) == (regime, looked_after)
    assert cited in found.triggers
    assert found.lines[0].startswith("Legal position: ")


DIFFER = (
    "The court directed the placement for assessment, s38(6). The two policies differ: under an interim "
    "care order the fostering and care planning regulations apply (PC-2.3); where the court requires "
    "the placement for assessment, s38(6), the care planning regulations do not (PWP-1c). Ask the "
    "council's lawyer; the Head of Service decides which holds here."
)
QUESTION = "A question for the council's lawyer: "
PLANNED = "The child is not yet born, so a court's direction can only be planned: ask the council's lawyer."


@pytest.mark.parametrize(
    ("status", "cells", "notes"),
    [
        ("interim_care_order", {}, (DIFFER,)),
        ("interim_care_order", {"court_direction_until": "2026-11-23"}, (DIFFER,)),
        (
            "interim_care_order",
            {"court_direction_until": "2026-11-22"},
            (f"{QUESTION}the court's direction ran out on 22 November 2026 (PWP-1c, PWP-1d).",),
        ),
        (
            "interim_care_order",
            {"court_on": "2026-11-22"},
            (
                f"{QUESTION}it is not known whether the court's direction runs on after the hearing of "
                "22 November 2026 (PWP-1c, PWP-1d).",
            ),
        ),
        ("interim_care_order", {"court_directed": "no"}, ()),
        ("interim_care_order", {"child_born_or_due_on": "2026-11-24"}, (DIFFER, PLANNED)),
        (
            "not_looked_after",
            {},
            (
                "The court directed the placement for assessment, s38(6): it is neither voluntary nor "
                "before proceedings.",
            ),
        ),
        ("emergency_protection", {}, ("The court directed the placement for assessment, s38(6).",)),
        ("care_order", {"court_direction_until": "2026-11-22"}, ()),
        ("s20", {"child_born_or_due_on": "2026-11-24"}, ()),
        (
            "not_looked_after",
            {"court_direction_until": "2026-11-22"},
            (f"{QUESTION}the court's direction ran out on 22 November 2026 (PWP-1c, PWP-1d).",),
        ),
    ],
)
@pytest.mark.clause("PC-2.3", "PWP-1c", "PWP-1d")
def test_what_a_direction_of_the_court_means(
    tmp_path: Path, status: str, cells: Cells, notes: tuple[str, ...]
) -> None:
    found = of(tmp_path, **{"child_legal_status": status, "court_directed": "yes", **cells})
    assert found.notes == notes
    assert all(note in found.lines for note in notes)
    voluntary = "voluntary. The fostering" in found.triggers
    assert voluntary == (status == "not_looked_after" and QUESTION in "".join(notes))
    applies = (
        "regulations apply to the child" in found.triggers
    )  # no flat rule where it is in dispute
    regulated = status == "s20" or (status == "interim_care_order" and DIFFER not in notes)
    assert applies == regulated


@pytest.mark.clause("PWP-1c")
def test_the_day_on_which_a_direction_runs_out(tmp_path: Path) -> None:
    cells = {"child_legal_status": "interim_care_order", "court_directed": "yes"}
    (change,) = of(tmp_path, **cells, court_direction_until="2026-12-01").changes
    assert change.sentence == (
        "On 1 December 2026: the court's direction for this placement runs out. (PWP-1c)"
    )


@pytest.mark.clause("PC-6.5c")
def test_staying_put_is_no_fostering_placement(tmp_path: Path) -> None:
    cells = {"purpose": "support", "parent_age": "18", "child_legal_status": "not_looked_after"}
    kind = {"request_id": "R1", "household_id": "H1", "kind": "current_carer"}
    inputs = read_tables(tmp_path, one_pair(a_request(**cells), relationships=[kind]))
    (case,) = request_cases(inputs, a_policy())
    found = position(case)
    assert found.regime == "staying_put"
    assert found.triggers == (
        "Staying Put: a parent of 18 or over stays with H1, no longer as a foster child. No rule of a "
        "fostering placement is asked of it (PC-6.5c)."
    )


@pytest.mark.parametrize(
    ("born", "on"),
    [("2009-11-24", "2027-11-24"), ("2010-11-23", "2028-11-23"), ("2010-02-28", "2028-02-28")],
)
@pytest.mark.clause("PC-2.4a", "PC-6.5c", "LAW-18")
def test_the_eighteenth_birthday(tmp_path: Path, born: str, on: str) -> None:
    (change,) = of(tmp_path, **LOOKED_AFTER, parent_born_on=born).changes
    assert (change.on.isoformat(), change.earliest) == (on, False)
    assert change.sentence.startswith("On ")


@pytest.mark.clause("PC-2.4a")
def test_born_on_29_february_is_18_on_1_march(tmp_path: Path) -> None:
    cells = {**LOOKED_AFTER, "parent_age": "14"}
    (change,) = of(tmp_path, **cells, parent_born_on="2012-02-29").changes
    assert change.on.isoformat() == "2030-03-01"


@pytest.mark.parametrize(("age", "on"), [("17", "24 November 2026"), ("16", "24 November 2027")])
@pytest.mark.clause("PC-2.4a", "LAW-18")
def test_where_the_age_alone_is_known_the_earliest_day_is_told(
    tmp_path: Path, age: str, on: str
) -> None:
    (change,) = of(tmp_path, **LOOKED_AFTER | {"parent_age": age}).changes
    assert change.sentence == (
        f"On {on} at the earliest: the parent is 18 and no longer looked after; pathway planning takes "
        "over. Ask for the day of birth. (PC-2.4a, PC-6.5c, LAW-18)"
    )


@pytest.mark.clause("LAW-18")
def test_the_second_parent_is_18_too(tmp_path: Path) -> None:
    second: Cells = {"second_parent_age": "17", "second_parent_looked_after": "yes"}
    (known,) = of(tmp_path, **second, second_parent_born_on="2009-01-20").changes
    assert known.sentence.startswith("On 20 January 2027: the second parent is 18")
    (asked,) = of(tmp_path, **second).changes
    assert asked.sentence.startswith("On 24 November 2026 at the earliest: the second parent is 18")
    assert of(tmp_path, **second | {"second_parent_looked_after": "no"}).changes == ()


@pytest.mark.clause("PC-2.3", "PC-2.4b")
def test_the_next_hearing_and_the_birth_change_it_soonest_first(tmp_path: Path) -> None:
    cells = {"child_legal_status": "interim_care_order", "child_born_or_due_on": "2026-12-20"}
    found = of(tmp_path, **cells, court_on="2026-12-01")
    assert [c.sentence for c in found.changes] == [
        "On 1 December 2026: the next hearing may change the child's legal status. (PC-2.3)",
        "On 20 December 2026: birth is planned; the plan for the child is an interim care order. "
        "(PC-2.4b)",
    ]
    past = of(tmp_path, child_legal_status="interim_care_order", court_on="2026-11-22")
    assert past.changes == ()


@pytest.mark.clause("PC-2.4a")
def test_nobody_of_18_is_looked_after(tmp_path: Path) -> None:
    of(tmp_path, **LOOKED_AFTER, parent_born_on="2008-11-24")
    with pytest.raises(WrongInput, match="nobody is looked after from 18"):
        of(tmp_path, **LOOKED_AFTER, parent_born_on="2008-11-23")
