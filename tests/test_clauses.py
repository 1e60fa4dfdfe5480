"""What no table of one register proves: clauses that only a whole round, or several parts, keep."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import (
    Cells,
    a_carer,
    a_household,
    a_policy,
    a_request,
    one_pair,
    prepared,
    read_tables,
    solved,
)
from matcher.errors import WrongInput
from matcher.policy.case import request_cases
from matcher.report.page import page
from matcher.report.view import View

LOOKED_AFTER: Cells = {"parent_age": "17", "parent_looked_after": "yes"}
SUPPORT: Cells = {"purpose": "support", "expected_weeks": None}


def proposals(folder: Path, tables: dict[str, list[Cells]], **policy: object) -> dict[str, str]:
    """Which household is proposed for which request."""
    view = View(solved(folder, tables, a_policy(**policy)))
    return {
        each.request_id: each.proposal.household_id
        for each in view.requests
        if each.proposal is not None
    }


@pytest.mark.clause("PC-1b")
def test_an_assessment_says_how_long_and_support_may_be_open(tmp_path: Path) -> None:
    with pytest.raises(WrongInput, match="expected_weeks"):
        read_tables(tmp_path / "assessment", one_pair(a_request(expected_weeks=None)))
    tables = one_pair(a_request(**SUPPORT, **LOOKED_AFTER))
    case = prepared(tmp_path / "support", tables, a_policy(support_weeks=10)).pair(0, 0)
    start, end = case.day("start"), case.day("end")
    assert start is not None
    assert end is not None
    assert (end - start).days == 70


@pytest.mark.clause("PC-3.3c")
@pytest.mark.parametrize(
    "cells", [{"resource_team_decision": "residential"}, {"fostering_concerns": "supervision"}]
)
def test_a_residential_search_is_named_with_its_reason(tmp_path: Path, cells: Cells) -> None:
    view = View(solved(tmp_path, one_pair(a_request(**cells))))
    tasks = [task for _, some in view.tasks for task in some]
    (task,) = [each for each in tasks if "residential placement" in each.action]
    assert "residential placement" in task.action
    assert task.evidence
    assert task.action.partition(",")[0] in "".join(page(view, []))


@pytest.mark.clause("PC-4.1b")
def test_a_family_goes_together_or_not_at_all(tmp_path: Path) -> None:
    family = a_request(second_parent_age="25", babies="2", older_children="2")
    each: Cells = {"takes_second_parent": "yes", "takes_older_children": "2"}
    tables = one_pair(family, a_household(bedrooms="1", **each))
    tables["households"].append(a_household("H2", bedrooms="1", **each))
    tables["carers"].append(a_carer("H2"))
    assert proposals(tmp_path / "no room", tables) == {}
    tables["households"][1]["bedrooms"] = "2"
    assert proposals(tmp_path / "room", tables) == {"R1": "H2"}


@pytest.mark.clause("PC-5.1f")
def test_a_household_takes_one_family_a_round(tmp_path: Path) -> None:
    tables = one_pair(household=a_household(bedrooms="9"))
    tables["requests"].append(a_request("R2"))
    assert len(proposals(tmp_path, tables)) == 1


@pytest.mark.clause("PC-4.2a")
@pytest.mark.parametrize(
    ("cells", "found"), [({**SUPPORT, **LOOKED_AFTER}, "H2"), ({}, "H1")], ids=["support", "not"]
)
def test_support_asks_for_carers_who_can_teach_parents(
    tmp_path: Path, cells: Cells, found: str
) -> None:
    skills = "monitoring_and_recording;parenting_advice;babies"
    tables = one_pair(a_request(**cells), carers=[a_carer(skills=skills)])
    tables["households"].append(a_household("H2"))
    tables["carers"].append(a_carer("H2", skills=f"{skills};teaching_parents;teenagers"))
    assert proposals(tmp_path, tables) == {"R1": found}


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        pytest.param("current_carer", "H2", marks=pytest.mark.clause("PC-4.2b", "PC-5.1h")),
        pytest.param("former_carer", "H2", marks=pytest.mark.clause("PC-5.1h")),
        pytest.param("sibling_lives_there", "H2", marks=pytest.mark.clause("PC-5.1h")),
        pytest.param(None, "H1", id="nobody"),
    ],
)
def test_who_is_known_already_comes_before_a_better_fit(
    tmp_path: Path, kind: str | None, found: str
) -> None:
    tables = one_pair(
        a_request(languages="som", **SUPPORT, **LOOKED_AFTER), carers=[a_carer(languages="som")]
    )
    tables["households"].append(a_household("H2"))
    tables["carers"].append(a_carer("H2", languages="eng"))
    if kind:
        tables["relationships"] = [{"request_id": "R1", "household_id": "H2", "kind": kind}]
    assert proposals(tmp_path, tables) == {"R1": found}


@pytest.mark.clause("PC-4.2b")
def test_own_carers_who_can_not_take_them_are_told_what_it_takes(tmp_path: Path) -> None:
    tables = one_pair(
        a_request(**SUPPORT, **LOOKED_AFTER),
        carers=[a_carer(pc_trained_on=None)],
        relationships=[{"request_id": "R1", "household_id": "H1", "kind": "current_carer"}],
    )
    view = View(solved(tmp_path, tables))
    said = " ".join(line.sentence for line in view.explainer.lines(view.requests[0]))
    assert "H1" in said
    assert "trained" in said
    assert "(PC-4.2b)" in said


@pytest.mark.clause("PC-5.1k")
def test_a_round_names_the_policy_that_it_follows(tmp_path: Path) -> None:
    view = View(solved(tmp_path, one_pair(), a_policy(name="ours", version="2026-11")))
    policy = view.record.round.policy
    assert (policy.name, policy.version) == ("ours", "2026-11")
    said = "".join(page(view, []))
    assert "ours" in said
    assert "2026-11" in said


@pytest.mark.clause("PWP-1b")
def test_a_care_order_asks_for_agreement_however_short_the_stay(tmp_path: Path) -> None:
    for weeks in ("1", "26"):
        asked = a_request(child_legal_status="care_order", expected_weeks=weeks)
        assert prepared(tmp_path / weeks, one_pair(asked)).outcomes == ["head_of_service"]


@pytest.mark.clause("PWP-1c")
@pytest.mark.parametrize(("directed", "found"), [("yes", None), ("no", "legal_advice")])
def test_a_placement_that_the_court_directs_is_not_one_with_parents(
    tmp_path: Path, directed: str, found: str | None
) -> None:
    asked = a_request(child_legal_status="interim_care_order", court_directed=directed)
    made = prepared(tmp_path, one_pair(asked))
    assert made.outcomes == [found]
    assert request_cases(made.inputs, made.policy)[0].regime == "interim_care_order"


@pytest.mark.clause("LAW-near")
def test_of_equal_households_the_nearer_is_proposed(tmp_path: Path) -> None:
    tables = one_pair(a_request(home_postcode="NW5"), a_household(postcode="UB5"))
    tables["households"].append(a_household("H2", postcode="N6"))
    tables["carers"].append(a_carer("H2"))
    assert proposals(tmp_path, tables) == {"R1": "H2"}
