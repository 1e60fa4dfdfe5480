"""Declines and stale profiles: what is counted, what it calls in question, and where it is said."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from builders import (
    Cells,
    a_carer,
    a_household,
    a_policy,
    a_request,
    read_tables,
    write_tables,
)
from matcher.cli import run
from matcher.codes import DECISIONS, REASONS
from matcher.intake.inputs import NOES
from matcher.intake.rows import Household, headings
from matcher.policy import declines
from matcher.policy.criteria import CRITERIA
from matcher.policy.declines import DOUBTS, KINDS, KNOWS, by_rule, of_households
from matcher.policy.rules import RULES
from matcher.report import refusals as shown
from matcher.report import view as views
from matcher.report.page import page
from matcher.report.summary import terminal
from matcher.report.view import View
from matcher.report.workbook import workbook
from matcher.rounds import match, prepare


def a_no(
    pair: str, decision: str = "declined_by_carer", reason: str | None = "capacity", **cells: str
) -> Cells:
    """A no to 'R1 H1', on 20 November 2026 unless another day is given."""
    request, household = pair.split()
    return {
        "request_id": request,
        "household_id": household,
        "decision": decision,
        "decided_on": "2026-11-20",
        "reason": reason,
        **cells,
    }


def a_round(*noes: Cells, **reviewed: str | None) -> dict[str, list[Cells]]:
    """Three families, one of them closed, and three households, each confirmed on some day."""
    days = {"H1": "2026-03-02", "H2": "2026-06-01", "H3": "2026-11-01"} | reviewed
    tables = {
        "requests": [a_request("R1"), a_request("R2"), a_request("R3", status="closed")],
        "households": [a_household(name, reviewed_on=day) for name, day in days.items()],
        "carers": [a_carer(name) for name in days],
    }
    return tables | ({"decisions": list(noes)} if noes else {})


def view_of(folder: Path, *noes: Cells, **reviewed: str | None) -> View:
    inputs = read_tables(folder, a_round(*noes, **reviewed))
    return View(match(prepare(inputs, a_policy())))


# The table of reasons


def test_every_reason_is_in_the_table_and_names_what_exists() -> None:
    assert tuple(DOUBTS) == REASONS
    rules = {rule.key: rule for rule in RULES}
    criteria = {each.key for each in CRITERIA}
    columns = set(headings(Household))
    for doubt in DOUBTS.values():
        assert set(doubt.rules) <= set(rules)
        assert set(doubt.criteria) <= criteria
        assert set(doubt.cells) <= columns
        assert doubt.who


def test_every_decision_that_is_a_no_has_words_and_somebody_to_ask() -> None:
    assert set(NOES) == set(KINDS) == set(KNOWS) == set(DECISIONS) - {"choose", "confirmed"}


@pytest.mark.parametrize(
    ("reason", "rules"),
    [
        ("capacity", ["room", "two_carers", "family", "fostering_limit"]),
        ("risk", ["risk_limits", "risk_assessment"]),
        ("distance", ["distance"]),
        ("timing", ["one_arrangement", "available"]),
        ("household_needs", ["terms", "features", "smoke_free"]),
        ("parent_wishes", ["features"]),
        ("other", []),
        (None, []),
    ],
)
def test_a_no_counts_for_the_rules_of_its_reason(
    reason: str | None, rules: list[str], tmp_path: Path
) -> None:
    inputs = read_tables(tmp_path, a_round(a_no("R1 H1", reason=reason)))
    assert list(by_rule(inputs.noes)) == rules


# What is counted


@pytest.mark.parametrize(
    ("rows", "counted"),
    [
        ([], {}),
        ([a_no("R1 H1")], {"H1": 1}),
        (
            [a_no("R1 H1"), a_no("R2 H1", "declined_by_parent"), a_no("R2 H2", "rule_out")],
            {"H1": 2, "H2": 1},
        ),
        # A closed request's no tells of the same household.
        ([a_no("R3 H1"), a_no("R1 H2")], {"H1": 1, "H2": 1}),
        # Only the latest decision of a pair counts: twice the same no is one, a later yes takes it.
        ([a_no("R1 H1"), a_no("R1 H1", "rule_out", decided_on="2026-11-10")], {"H1": 1}),
        ([a_no("R1 H1", decided_on="2026-11-10"), a_no("R1 H1", "choose")], {}),
        ([a_no("R1 H1", "choose", decided_on="2026-11-10"), a_no("R1 H1")], {"H1": 1}),
        ([a_no("R1 H1", "choose")], {}),
        ([a_no("R1 H1", "confirmed")], {}),
    ],
)
def test_what_counts_as_a_no(rows: list[Cells], counted: dict[str, int], tmp_path: Path) -> None:
    inputs = read_tables(tmp_path, a_round(*rows))
    found = of_households(inputs, a_policy())
    assert {each.household_id: len(each.noes) for each in found} == counted


def test_a_closed_requests_no_is_in_the_fingerprint_of_the_round(tmp_path: Path) -> None:
    """The report says it of the household; a confirmed match of a closed request may hold one."""
    plain = read_tables(tmp_path / "one", a_round(a_no("R1 H1")))
    more = read_tables(tmp_path / "two", a_round(a_no("R1 H1"), a_no("R3 H1")))
    again = read_tables(tmp_path / "three", a_round(a_no("R3 H1"), a_no("R1 H1")))
    assert set(more.decisions) - set(plain.decisions) == {("R3", "H1")}
    assert plain.sha256 != more.sha256 == again.sha256
    assert plain.requests == more.requests


# What is said of one household


CAPACITY = (
    "Ask the supervising social worker whether these still hold: bedrooms, whether a second parent "
    "can come, how many older children can come and the looked-after children there (capacity)."
)


@pytest.mark.parametrize(
    ("rows", "reviewed", "said"),
    [
        (
            [a_no("R1 H1"), a_no("R2 H1"), a_no("R3 H1", "rule_out", "timing")],
            "2026-03-02",
            "3 matches with H1 came to nothing: 2 declined by the carers and 1 ruled out (capacity "
            f"2, timing 1). {CAPACITY[:-1]}; the days from and until which it is available and the "
            "end of the arrangement that is running (timing). Profile last confirmed on 2 March "
            "2026: stale.",
        ),
        (
            [a_no("R1 H1", reason=None)],
            "2026-11-01",
            "1 match with H1 came to nothing: 1 declined by the carers (not given 1). A reason is "
            "not given: ask the supervising social worker. Profile last confirmed on 1 November 2026.",
        ),
        (
            [a_no("R1 H1", "declined_by_parent", None), a_no("R2 H1", "rule_out", None)],
            None,
            "2 matches with H1 came to nothing: 1 declined by the parent and 1 ruled out (not given "
            "2). A reason is not given: ask the child's social worker and team manager. Profile "
            "without a day recorded on which it was confirmed: stale.",
        ),
        (
            [a_no("R1 H1", "declined_by_parent", "parent_wishes")],
            "2026-11-01",
            "1 match with H1 came to nothing: 1 declined by the parent (parent wishes 1). Parent "
            "wishes: nothing in the profile is in question; ask the child's social worker. Profile "
            "last confirmed on 1 November 2026.",
        ),
        # Confirmed on the day of the no, or after it: the carers were asked since.
        (
            [a_no("R1 H1")],
            "2026-11-20",
            "1 match with H1 came to nothing: 1 declined by the carers (capacity 1). The profile was "
            "confirmed since (capacity). Profile last confirmed on 20 November 2026.",
        ),
        (
            [a_no("R1 H1")],
            "2026-11-19",
            f"1 match with H1 came to nothing: 1 declined by the carers (capacity 1). {CAPACITY} "
            "Profile last confirmed on 19 November 2026.",
        ),
    ],
)
def test_what_is_said_of_a_household(
    rows: list[Cells], reviewed: str | None, said: str, tmp_path: Path
) -> None:
    inputs = read_tables(tmp_path, a_round(*rows, H1=reviewed))
    (found,) = of_households(inputs, a_policy())
    assert found.sentence() == said


def test_a_note_and_who_decided_are_never_said(tmp_path: Path) -> None:
    no = a_no("R1 H1", reason="other", note="Ms Smith", decided_by="Mr Jones")
    view = view_of(tmp_path, no)
    said = "".join([*page(view, []), *terminal(view, reported=True)])
    assert "Other: nothing in the profile is in question; ask the person who decided." in said
    assert "Smith" not in said
    assert "Jones" not in said


@pytest.mark.parametrize(
    ("reviewed", "stale"),
    [(None, True), ("2026-05-22", True), ("2026-05-23", False), ("2026-11-23", False)],
)
def test_a_profile_is_stale_after_six_months(
    reviewed: str | None, stale: bool, tmp_path: Path
) -> None:
    inputs = read_tables(tmp_path, a_round(H1=reviewed))
    oldest = declines.oldest_fresh(inputs.as_of, a_policy())
    assert oldest == date(2026, 5, 23)
    assert declines.is_stale(inputs.households[0], oldest) is stale


# Where it is said


def flat(text: str) -> str:
    return " ".join(text.split())


def sheets(view: View) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(workbook(view)))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


@pytest.fixture(params=[False, True], ids=["small", "large"])
def view(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> View:
    """R1 is chosen for H1, whose profile is stale and which said no to R3; H2 is suspended."""
    if request.param:
        monkeypatch.setattr(views, "MANY_REQUESTS", 1)
    chosen = a_no("R1 H1", "choose", None)
    nos = [
        a_no("R3 H1"),
        a_no("R2 H2", "rule_out", "risk"),
        a_no("R3 H3", "declined_by_parent", None),
    ]
    tables = a_round(chosen, *nos)
    tables["households"][1]["status"] = "suspended"
    view = View(match(prepare(read_tables(tmp_path, tables), a_policy())))
    assert view.large is request.param
    b"".join(view.json())  # what makes the requests of a large round known
    return view


def test_the_page_says_it(view: View) -> None:
    text = "".join(page(view, []))
    if view.large:
        assert '<h2 id="declines">Declines and stale profiles</h2>' in text
        stale = (
            "Stale profiles, 1 of 3: 1 not confirmed with the carers for 6 months. Proposed: H1. Ask "
            "before the match is offered."
        )
    else:
        stale = (
            "Ask before the match is offered: for 6 months no day is recorded on which the profile of "
            "H1 was confirmed with the carers."
        )
    assert stale in text
    assert CAPACITY in text
    for caption in ("by household", "by reason"):
        assert f"Matches that came to nothing, {caption}" in text or f"nothing, {caption}" in text
    assert "Rules whose facts these reasons call in question" in text
    assert 'H1 (proposed) <span class="tag wait">stale</span>' in text
    if view.large:
        assert "H1 (profile stale)" in text
        assert "How many families&#39; lists the households are on" in text
    else:
        assert 'H1 <span class="tag wait">stale</span>' in text
        assert "Could take" in text


def test_the_workbook_says_it(view: View) -> None:
    found = sheets(view)
    assert [row[:2] for row in found["Declines"][1:]] == [["H1", 1], ["H2", 1], ["H3", 1]]
    assert [row[-1] for row in found["Declines"][1:]] == ["stale", "–", "–"]
    assert [row[:3] for row in found["Decline reasons"][1:]] == [
        ["Capacity", 1, 1],
        ["Risk", 1, 1],
        ["Not given", 1, 1],
    ]
    assert [row[0] for row in found["Rules in question"][1:]] == [
        "Room",
        "Two carers",
        "Family",
        "Fostering limit",
        "Risk limits",
        "Risk assessment",
    ]
    head, *rows = found["Proposals"]
    assert {row[0]: row[head.index("Profile")] for row in rows} == {"R1": "stale", "R2": ""}
    head, *rows = found["Ranked"]
    stale = {(row[0], row[head.index("Household")]) for row in rows if row[head.index("Profile")]}
    assert stale == {("R1", "H1"), ("R2", "H1")}
    head, *rows = found["Households"]
    # Every household, those on no list too.
    assert {row[0]: row[head.index("Could take")] for row in rows} == {
        "H1": 2,
        "H2": 0,
        "H3": 2,
    }


@pytest.mark.parametrize(
    ("reviewed", "said"),
    [
        (["2026-03-02", None], "2 of 2: 1 not confirmed with the carers for 6 months and 1 with no day recorded."),
        ([None, "2026-11-01"], "1 of 2: 1 with no day recorded."),
    ],
)  # fmt: skip
def test_a_blank_day_is_told_apart_from_an_old_one(tmp_path: Path, reviewed, said) -> None:
    tables = {
        "requests": [a_request()],
        "households": [
            a_household(f"H{at}", reviewed_on=day, status="suspended")
            for at, day in enumerate(reviewed)
        ],
        "carers": [a_carer("H0"), a_carer("H1")],
    }
    view = View(match(prepare(read_tables(tmp_path, tables), a_policy())))
    assert f"Stale profiles, {said}" in flat("\n".join(terminal(view, reported=True)))


def test_the_terminal_says_it(view: View) -> None:
    text = flat("\n".join(terminal(view, reported=True)))
    assert "1 of 3: 1 not confirmed with the carers for 6 months. Proposed: H1. Ask before" in text
    assert "3 matches came to nothing, declined or ruled out. 1 match with H1" in text
    if view.large:
        assert (
            "Households by the number of families they could take: none: 1; 1: 0; 2 to 5: 2; "
            "6 to 20: 0; more than 20: 0." in text
        )
    else:
        assert "start 7 December 2026 (held by people); profile stale; provisional R2 → H3" in text
        assert (
            "On how many families' lists each household is. 2 lists: H1 and H3; on none, as closed: "
            "H2." in text
        )


def test_where_there_is_nothing_to_say_it_says_so(tmp_path: Path) -> None:
    view = view_of(tmp_path, H1="2026-11-01", H2="2026-11-01")
    text = "".join(page(view, []))
    assert "stale</span>" not in text
    assert "came to nothing" not in text
    said = flat("\n".join(terminal(view, reported=True)))
    assert "Stale" not in said
    assert "came to nothing" not in said
    assert "Declines" not in sheets(view)


def test_a_page_cuts_a_long_table_of_households(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = view_of(tmp_path, a_no("R1 H1"), a_no("R1 H2"), a_no("R2 H2"))
    grid = shown.by_household(view, 1)
    assert [row[0] for row in grid.rows] == ["H2"]
    assert grid.caption == "Matches that came to nothing, by household (1 more are in matches.xlsx)"


def test_the_whole_command_runs_with_declines(tmp_path: Path) -> None:
    data = write_tables(tmp_path / "data", a_round(a_no("R1 H1"), a_no("R3 H2", reason=None)))
    assert run(["round", str(data), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert run(["verify", str(data), str(tmp_path / "out"), "--quiet"]) == 0
