"""The clocks of reviews, visits, returns and panels: what each counts from, and what ends it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from builders import Cells, a_policy, a_request, one_pair, solved
from matcher.policy.duties import DutyWords
from matcher.recorder import record_of
from test_duties import INTERIM, LOOKED_AFTER, ORDER, S17, event, lives, made, stand, told

SINCE: Cells = {"looked_after_since": "2026-11-02"}
UNBORN: Cells = {"child_born_or_due_on": "2027-01-29", "pre_birth_assessment": "booked"}
RETURN: Cells = {
    "child_legal_status": "care_order",
    "placement_with_parents": "interim",
    "received_on": "2026-11-09",
    "needed_from": "2026-11-20",
}
BY_ADVICE: Cells = {
    "child_legal_status": "interim_care_order",
    "court_directed": "no",
    "legal_advice": "placement_with_parents_applies",
    "legal_advice_on": "2026-11-16",
    "placement_with_parents": "approved",
    "head_of_service_on": "2026-11-17",
    "checks_requested_on": "2026-10-01",
}
ADVISED_NOT: Cells = {
    **BY_ADVICE,
    "legal_advice": "placement_with_parents_does_not_apply",
    "placement_with_parents": None,
    "head_of_service_on": None,
}


def on(folder: Path, duty: str, day: str, cells: Cells, *events: Cells, **given: Any) -> DutyWords:
    """How one duty of the family stands on a day."""
    if events:
        given["events"] = list(events)
    return stand(folder, cells, as_of=date.fromisoformat(day), **given)[duty]


def lives_since(started: str, **cells: str | None) -> dict[str, Any]:
    return {"placements": [lives(started, **cells)]}


# --- Reviews of the child -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "held", "expected"),
    [
        # cases 41 and D3: looked after since 2 November, so by 30 November, wherever the child lives
        ("2026-11-30", [], ("open", "2026-11-30")),
        ("2026-12-01", [], ("overdue", "2026-11-30")),
        ("2026-12-08", [], ("overdue", "2026-11-30")),
        # held late: the second counts from the day on which the first was held
        ("2026-12-08", ["2026-12-07"], ("open", "2027-03-07")),
        ("2027-03-07", ["2026-12-07"], ("open", "2027-03-07")),
        ("2027-03-08", ["2026-12-07"], ("overdue", "2027-03-07")),
        ("2027-03-08", ["2026-12-07", "2027-02-28"], ("open", "2027-08-28")),
        # on the day itself it is the first; a day before, of an earlier time in care
        ("2026-12-08", ["2026-11-02"], ("open", "2027-02-02")),
        ("2026-12-08", ["2026-11-01"], ("overdue", "2026-11-30")),
    ],
)
@pytest.mark.parametrize(
    "home",
    [{}, lives_since("2026-11-16"), lives_since("2026-11-05", planned_end_on="2026-11-20")],
    ids=["lives elsewhere", "lives here", "after the planned end"],
)
@pytest.mark.clause("LAW-review")
def test_a_child_s_reviews_count_from_becoming_looked_after(
    tmp_path: Path, day: str, held: list[str], expected: tuple[str, str], home: dict[str, Any]
) -> None:
    events = [event("child_review", each) for each in held]
    found = on(tmp_path, "child_review", day, SINCE, *events, **home)
    assert told(found) == expected
    assert "PWP" not in found.clause


@pytest.mark.parametrize(
    ("since", "day", "due"),
    [
        ("2026-12-14", "2026-12-15", "2027-01-14"),  # Christmas, 28 December, New Year: case 21
        ("2027-03-02", "2027-03-05", "2027-04-01"),  # Good Friday, Easter Monday
        ("2026-08-03", "2026-08-10", "2026-09-01"),  # the August holiday: case D3
    ],
)
@pytest.mark.clause("LAW-review")
def test_the_first_review_goes_by_working_days(
    tmp_path: Path, since: str, day: str, due: str
) -> None:
    cells: Cells = {"looked_after_since": since, "received_on": "2026-07-01", "child_born_or_due_on": "2025-06-01"}  # fmt: skip
    assert told(on(tmp_path, "child_review", day, cells)) == ("open", due)


@pytest.mark.parametrize(
    ("ended", "held", "expected"),
    [
        ({}, [], ("overdue", "2026-11-29")),
        ({"ended_on": "2026-12-06", "ended_because": "planned"}, [], ("overdue", "2026-11-29")),
        ({"ended_on": "2026-12-06"}, ["2026-11-09"], ("open", "2027-02-09")),
        ({"ended_on": "2026-12-06"}, ["2026-11-08"], ("overdue", "2026-11-29")),
    ],
)
@pytest.mark.clause("PWP-3c")
def test_a_review_that_is_overdue_after_a_return_is_so_after_the_end(
    tmp_path: Path, ended: Cells, held: list[str], expected: tuple[str, str]
) -> None:
    cells = {**RETURN, **SINCE, "placement_with_parents": "approved"}
    home = lives_since("2026-11-09", planned_end_on="2026-12-06", **ended)
    events = [event("child_review", each) for each in held]
    assert told(on(tmp_path, "child_review", "2026-12-07", cells, *events, **home)) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-12-14", ("overdue", "2026-11-29")), ("2026-12-15", ("unknown", "2027-01-04"))],
)
@pytest.mark.clause("PWP-3c")
def test_a_review_that_is_overdue_after_a_return_is_so_until_the_next_placement_begins(
    tmp_path: Path, day: str, expected: tuple[str, str]
) -> None:
    cells = {**RETURN, "placement_with_parents": "approved"}
    placements = [
        lives("2026-11-09", ended_on="2026-12-06", ended_because="planned"),
        lives("2026-12-15"),
    ]
    assert told(on(tmp_path, "child_review", day, cells, placements=placements)) == expected


@pytest.mark.clause("LAW-review")
def test_since_when_a_child_is_looked_after_is_asked(tmp_path: Path) -> None:
    found = on(tmp_path, "child_review", "2026-11-23", {})
    assert told(found) == ("unknown", None)
    assert found.evidence == "Since when the child is looked after is not recorded."
    assert found.who == "child's social worker"
    # the event fills the blank; what was held counts, though it may not be the first
    became = event("became_looked_after", "2026-11-02")
    assert told(on(tmp_path, "child_review", "2026-11-23", {}, became)) == ("open", "2026-11-30")
    held = event("child_review", "2026-11-20")
    assert told(on(tmp_path, "child_review", "2026-11-23", {}, held)) == ("unknown", "2027-02-20")
    assert told(on(tmp_path, "child_review", "2026-11-23", S17)) == ("not_needed", None)


@pytest.mark.clause("LAW-review")
def test_reviews_of_a_child_who_is_not_born_are_planned_from_the_birth(tmp_path: Path) -> None:
    found = on(tmp_path, "child_review", "2026-11-23", UNBORN)
    assert told(found) == ("open", "2027-02-26")
    assert "Planned: it counts from the birth, planned for 29 January 2027." in found.evidence
    # born, and nobody has said since when: a question that keeps the day, and lets it be overdue
    born: Cells = {**UNBORN, "pre_birth_assessment": "done"}
    assert told(on(tmp_path, "child_review", "2027-02-26", born)) == ("unknown", "2027-02-26")
    assert told(on(tmp_path, "child_review", "2027-02-27", born)) == ("overdue", "2027-02-26")
    # one held before the birth is none of the child's, before it and after
    held = event("child_review", "2026-11-20")
    assert told(on(tmp_path, "child_review", "2026-11-23", UNBORN, held)) == ("open", "2027-02-26")
    found = on(tmp_path, "child_review", "2027-02-26", born, held)
    assert told(found) == ("unknown", "2027-02-26")
    # 9 February: D2, though the placement is planned to end before
    cells: Cells = {**UNBORN, "child_born_or_due_on": "2027-01-12"}
    home = lives_since("2026-11-02", planned_end_on="2027-01-25")
    assert told(on(tmp_path, "child_review", "2026-11-23", cells, **home)) == ("open", "2027-02-09")


@pytest.mark.parametrize(
    ("cells", "events", "due", "clause"),
    [
        # 20 days after the start; 20 working days of becoming looked after come earlier or later
        ({**ORDER, "looked_after_since": "2026-10-26"}, [], "2026-11-23", "LAW-review, PWP-3c"),
        ({**ORDER, "looked_after_since": "2026-11-09"}, [], "2026-11-30", "PWP-3c, LAW-review"),
        # the recorded return, not the start
        (
            {**ORDER, "looked_after_since": "2026-11-09"},
            [event("returned_home", "2026-11-12")],
            "2026-12-02",
            "PWP-3c, LAW-review",
        ),
        # the assessment not complete: ten working days
        ({**RETURN, "looked_after_since": "2026-11-09"}, [], "2026-11-24", "LAW-review, PWP-3c"),
        # complete since, but after the return
        (
            {**ORDER, "looked_after_since": "2026-11-09"},
            [event("placement_with_parents_assessment", "2026-11-11")],
            "2026-11-24",
            "LAW-review, PWP-3c",
        ),
        (
            {**ORDER, "looked_after_since": "2026-11-09"},
            [event("placement_with_parents_assessment", "2026-11-10")],
            "2026-11-30",
            "PWP-3c, LAW-review",
        ),
        # held before the return, held on its day
        (
            {**ORDER, "looked_after_since": "2026-10-01"},
            [event("child_review", "2026-11-09")],
            "2026-11-30",
            "PWP-3c, LAW-review",
        ),
        (
            {**ORDER, "looked_after_since": "2026-10-01"},
            [event("child_review", "2026-11-10")],
            "2027-02-10",
            "LAW-review",
        ),
        # since when is not known: the return's day stands with the question
        (ORDER, [], "2026-11-30", "PWP-3c"),
        # an interim order to which it applies by advice; one that the court directs
        ({**BY_ADVICE, "looked_after_since": "2026-11-09"}, [], "2026-11-30", "PWP-3c, LAW-review"),
        ({**INTERIM, "looked_after_since": "2026-11-09"}, [], "2026-12-07", "LAW-review"),
    ],
)
@pytest.mark.clause("LAW-review", "PWP-3c")
def test_a_return_has_a_review_of_its_own(
    tmp_path: Path, cells: Cells, events: list[Cells], due: str, clause: str
) -> None:
    found = on(tmp_path, "child_review", "2026-11-20", cells, *events, **lives_since("2026-11-10"))
    assert (found.due, found.clause) == (date.fromisoformat(due), clause)
    assert (found.status == "unknown") == ("looked_after_since" not in cells)


# --- Reviews of, and visits to, a parent --------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "day", "events", "expected"),
    [
        ({**LOOKED_AFTER, "parent_age": "16", "parent_looked_after_since": "2026-11-02"}, "2026-12-01", [], ("overdue", "2026-11-30")),
        ({**LOOKED_AFTER, "parent_age": "16"}, "2026-12-01", [], ("unknown", None)),
        # case 40: looked after for years, and the last one is recorded
        (
            {**LOOKED_AFTER, "parent_age": "16", "parent_looked_after_since": "2019-05-01"},
            "2026-12-01",
            [event("parent_review", "2026-03-02"), event("parent_review", "2026-09-02")],
            ("open", "2027-03-02"),
        ),
        # the second parent is the one who is looked after, or nobody knows
        (
            {"second_parent_age": "16", "second_parent_looked_after": "yes", "parent_looked_after_since": "2026-11-02"},
            "2026-11-30",
            [],
            ("open", "2026-11-30"),
        ),
        ({"second_parent_age": "16"}, "2026-11-30", [], ("unknown", None)),
        ({}, "2026-11-30", [], ("not_needed", None)),
        # nothing is dated after the 18th birthday: on it, and the day before
        (
            {**LOOKED_AFTER, "parent_looked_after_since": "2026-11-02", "parent_born_on": "2008-11-30"},
            "2026-11-23",
            [],
            ("open", "2026-11-30"),
        ),
        (
            {**LOOKED_AFTER, "parent_looked_after_since": "2026-11-02", "parent_born_on": "2008-11-29"},
            "2026-11-23",
            [],
            ("not_needed", None),
        ),
        (
            {
                "second_parent_age": "17", "second_parent_looked_after": "yes",
                "second_parent_born_on": "2008-11-29", "parent_looked_after_since": "2026-11-02",
            },
            "2026-11-23",
            [],
            ("not_needed", None),
        ),
    ],
)  # fmt: skip
@pytest.mark.clause("LAW-review", "PC-6.4d")
def test_a_parent_s_reviews_count_from_becoming_looked_after_and_end_at_18(
    tmp_path: Path, cells: Cells, day: str, events: list[Cells], expected: tuple[str, str | None]
) -> None:
    assert told(on(tmp_path, "parent_review", day, cells, *events)) == expected


@pytest.mark.clause("LAW-review", "LAW-visit")
def test_a_parent_of_17_whose_birthday_nobody_recorded_may_be_18_tomorrow(tmp_path: Path) -> None:
    cells = {**LOOKED_AFTER, "parent_looked_after_since": "2026-11-02"}
    for duty in ("parent_review", "parent_visit"):
        found = on(tmp_path, duty, "2026-11-23", cells, **lives_since("2026-11-20"))
        assert found.due is not None
        assert found.evidence.endswith("it can be tomorrow.")
        found = on(tmp_path, duty, "2026-11-23", {**cells, "parent_age": "16"}, **lives_since("2026-11-20"))  # fmt: skip
        assert "tomorrow" not in found.evidence


@pytest.mark.parametrize(
    ("born", "expected"),
    [("2008-11-27", ("open", "2026-11-27")), ("2008-11-26", ("not_needed", None))],
)
@pytest.mark.clause("LAW-visit")
def test_no_visit_to_a_parent_is_dated_after_18(
    tmp_path: Path, born: str, expected: tuple[str, str | None]
) -> None:
    cells: Cells = {**LOOKED_AFTER, "parent_born_on": born}
    found = on(tmp_path, "parent_visit", "2026-11-23", cells, **lives_since("2026-11-20"))
    assert told(found) == expected


# --- Visits to the child ------------------------------------------------------------------------

BOTH_ORDERS = [pytest.param(ORDER, id="care order"), pytest.param(INTERIM, id="interim order")]


@pytest.mark.parametrize("cells", BOTH_ORDERS)
@pytest.mark.parametrize(
    ("review", "weekly"),
    [(None, True), ("2026-11-18", True), ("2026-11-19", False), ("2026-12-09", False)],
)
@pytest.mark.clause("LAW-visit", "PWP-3b")
def test_visits_stay_weekly_until_a_review_is_recorded_as_held(
    tmp_path: Path, cells: Cells, review: str | None, weekly: bool
) -> None:
    """Cases 21 and 43: that a review was due, or planned, ends nothing."""
    events = [event("child_visit", "2026-12-08"), event("child_review", "2026-12-07", status="planned")]  # fmt: skip
    if review:
        events.append(event("child_review", review))
    found = on(tmp_path, "child_visit", "2026-12-10", cells, *events, **lives_since("2026-11-19"))
    later = "2027-01-19" if cells is ORDER else "2027-01-05"
    assert told(found) == ("open", "2026-12-15" if weekly else later)
    assert ("until a review is held" in found.evidence) == weekly


@pytest.mark.parametrize("cells", BOTH_ORDERS)
@pytest.mark.parametrize(
    ("visits", "reviews", "expected"),
    [
        (["2026-11-09"], ["2026-11-16"], None),  # due on the day of the review
        (["2026-11-09"], ["2026-11-17"], ("overdue", "2026-11-16")),
        (["2026-11-09"], ["2026-11-17", "2026-11-20"], ("overdue", "2026-11-16")),
        ([], ["2026-11-17"], ("overdue", "2026-11-09")),
        (["2026-11-09", "2026-11-18"], ["2026-11-17"], None),  # held late, it is done
    ],
)
@pytest.mark.clause("LAW-visit", "PWP-3b")
def test_a_review_does_not_do_a_visit_that_was_due_before_it(
    tmp_path: Path,
    cells: Cells,
    visits: list[str],
    reviews: list[str],
    expected: tuple[str, str] | None,
) -> None:
    held = [event("child_visit", day) for day in visits]
    held += [event("child_review", day) for day in reviews]
    found = on(tmp_path, "child_visit", "2026-11-23", cells, *held, **lives_since("2026-11-02"))
    missed = (
        "A review was held on 17 November 2026; a visit that was due before it is not recorded."
    )
    assert (missed in found.evidence) == (expected is not None)
    later = date.fromisoformat(visits[-1] if visits else "2026-11-02")
    later += timedelta(weeks=6 if cells is ORDER else 4)
    assert told(found) == (expected or ("open", later.isoformat()))


@pytest.mark.parametrize(
    ("cells", "held", "due", "clause"),
    [
        (BY_ADVICE, [], "2026-11-26", "PWP-3b, LAW-visit"),
        (BY_ADVICE, ["child_review"], "2026-12-22", "LAW-visit"),  # interim: every four weeks
        (ADVISED_NOT, [], "2026-11-26", "LAW-visit"),
        ({"child_legal_status": "s20"}, [], "2026-11-26", "LAW-visit"),
        ({"child_legal_status": "s20"}, ["child_visit"], "2027-01-05", "LAW-visit"),
    ],
)
@pytest.mark.clause("LAW-visit", "PWP-3b", "PWP-1d")
def test_how_often_a_child_is_visited(
    tmp_path: Path, cells: Cells, held: list[str], due: str, clause: str
) -> None:
    events = [event(each, "2026-11-24") for each in held]
    if held == ["child_review"]:
        events.append(event("child_visit", "2026-11-24"))
    found = on(tmp_path, "child_visit", "2026-11-25", cells, *events, **lives_since("2026-11-19"))
    assert (found.due, found.clause) == (date.fromisoformat(due), clause)


@pytest.mark.parametrize(
    ("events", "home", "expected"),
    [
        ([], {}, None),
        # at home with a parent, and no placement of ours yet
        ([event("returned_home", "2026-11-20")], {}, "2026-11-27"),
        # a start after the return: what was due stays due
        ([event("returned_home", "2026-11-20")], lives_since("2026-12-01"), "2026-11-27"),
        # a review in between: weekly once more from the start, and what was due before it stays due
        (
            [
                event("returned_home", "2026-11-20"),
                event("child_visit", "2026-11-26"),
                event("child_review", "2026-11-30"),
            ],
            lives_since("2026-12-01"),
            "2026-12-08",
        ),
        (
            [event("returned_home", "2026-11-20"), event("child_review", "2026-11-30")],
            lives_since("2026-12-01"),
            "2026-11-27",
        ),
        # a return after the start
        ([event("returned_home", "2026-11-27")], lives_since("2026-11-02"), "2026-12-04"),
        # planned is not returned
        ([event("returned_home", "2026-11-20", status="planned")], {}, None),
    ],
)
@pytest.mark.clause("PWP-3b", "LAW-visit")
def test_weekly_visits_count_from_the_return(
    tmp_path: Path, events: list[Cells], home: dict[str, Any], expected: str | None
) -> None:
    if events:
        home = {**home, "events": events}
    found = stand(tmp_path, RETURN, as_of=date(2026, 12, 2), **home).get("child_visit")
    assert (found and found.due and found.due.isoformat()) == expected


@pytest.mark.clause("PWP-3d", "PWP-1b")
def test_part_time_family_time_is_visited_at_the_family_home(tmp_path: Path) -> None:
    began = event("family_time_began", "2026-11-16")
    found = on(tmp_path, "child_visit", "2026-11-23", ORDER, began)
    assert told(found) == ("open", "2026-11-23")
    assert (
        "part-time since 16 November 2026: go when the child is at the family home"
        in found.evidence
    )
    assert "PWP-3d" in found.clause
    full = event("returned_home", "2026-11-20")
    found = on(tmp_path, "child_visit", "2026-11-23", ORDER, began, full)
    assert "part-time" not in found.evidence
    assert "PWP-3d" not in found.clause


# --- A return -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "events", "home", "expected", "clause"),
    [
        # case 20: nobody has said on which day: a question that doesn't slide, due before the start
        ({"needed_from": "2026-12-01"}, [], {}, ("unknown", "2026-11-30"), "PWP-2c"),
        ({}, [], {}, ("overdue", "2026-11-19"), "PWP-2c"),
        ({}, [event("returned_home", "2026-11-20")], {}, ("open", "2026-11-30"), "PWP-2c"),
        ({}, [], lives_since("2026-11-20"), ("open", "2026-11-30"), "PWP-2c"),
        ({}, [event("returned_home", "2026-11-16")], lives_since("2026-11-20"), ("open", "2026-11-26"), "PWP-2c"),
        # the agreement's day is no return
        ({"head_of_service_on": "2026-11-18"}, [], lives_since("2026-11-19"), ("open", "2026-11-29"), "PWP-2c"),
        # 45 days of the request for checks, where that is earlier, or all that is known
        ({"checks_requested_on": "2026-10-14"}, [], lives_since("2026-11-20"), ("open", "2026-11-28"), "PWP-2b, PWP-2c"),
        ({"checks_requested_on": "2026-10-14"}, [], {}, ("unknown", "2026-11-28"), "PWP-2b"),
        # case 20b: a planned one is due before the start, and by the 45 days
        (
            {"placement_with_parents": "not_done", "needed_from": "2026-12-07", "checks_requested_on": "2026-11-16"},
            [], {}, ("open", "2026-12-04"), "PWP-1e, PWP-2b",
        ),
        (
            {"placement_with_parents": "not_done", "needed_from": "2027-03-01", "checks_requested_on": "2026-11-16"},
            [], {}, ("open", "2026-12-31"), "PWP-2b, PWP-1e",
        ),
        # returned without any agreement
        ({"placement_with_parents": None}, [event("returned_home", "2026-11-20")], {}, ("open", "2026-11-30"), "PWP-2c"),
        (
            {"placement_with_parents": None}, [event("returned_home", "2026-11-20")], lives_since("2026-11-20"),
            ("overdue", "2026-11-19"), "PWP-1e, PWP-2c",
        ),
        ({"placement_with_parents": "approved"}, [event("returned_home", "2026-11-20")], {}, ("done", None), "PWP-1e, PWP-2d, PWP-2f"),
    ],
)  # fmt: skip
@pytest.mark.clause("PWP-1e", "PWP-2b", "PWP-2c")
def test_when_the_assessment_is_due(
    tmp_path: Path,
    cells: Cells,
    events: list[Cells],
    home: dict[str, Any],
    expected: tuple[str, str | None],
    clause: str,
) -> None:
    found = on(tmp_path, "placement_with_parents_assessment", "2026-11-23", {**RETURN, **cells}, *events, **home)  # fmt: skip
    assert (told(found), found.clause) == (expected, clause)


@pytest.mark.parametrize(
    ("events", "home", "evidence"),
    [
        (
            [event("returned_home", "2026-11-16")],
            {},
            "The agreement is interim; its assessment is due 10 days after the return. "
            "The return counts from 16 November 2026.",
        ),
        (
            [],
            lives_since("2026-11-02"),
            "The agreement is interim; its assessment is due 10 days after the return. "
            "The return counts from 2 November 2026.",
        ),
        (  # the home is over, and nobody has said where the child is
            [],
            lives_since("2026-11-02", ended_on="2026-11-13", ended_because="carers_asked"),
            "The agreement is interim; its assessment is due 10 days after the return, if the child "
            "still lives with the parent. The return counts from 2 November 2026, the start of a "
            "placement that ended on 13 November 2026.",
        ),
        (
            [event("returned_home", "2026-11-16")],
            lives_since("2026-11-02", ended_on="2026-11-13", ended_because="carers_asked"),
            "The agreement is interim; its assessment is due 10 days after the return. "
            "The return counts from 16 November 2026.",
        ),
    ],
)
@pytest.mark.clause("PWP-2c")
def test_of_an_interim_agreement_only_what_is_recorded_is_said(
    tmp_path: Path, events: list[Cells], home: dict[str, Any], evidence: str
) -> None:
    cells = {**RETURN, "received_on": "2026-10-26"}
    found = on(tmp_path, "placement_with_parents_assessment", "2026-11-23", cells, *events, **home)
    assert found.evidence == evidence


@pytest.mark.clause("PWP-2c")
def test_the_interim_agreement_and_the_day_of_return_come_first(tmp_path: Path) -> None:
    found = stand(tmp_path, RETURN)
    assessment, agreement = found["placement_with_parents_assessment"], found["head_of_service"]
    assert assessment.action == (
        "Ask the Head of Service for the interim agreement now, and record the day of the return "
        "(returned_home in events): the time for the assessment counts from then."
    )
    assert "record the day of the return" in agreement.action
    assert told(agreement) == ("overdue", "2026-11-09")  # at once, so on the day of the request
    returned = event("returned_home", "2026-11-23")
    agreement = on(tmp_path, "head_of_service", "2026-11-23", RETURN, returned)
    assert told(agreement) == ("open", "2026-11-23")
    assert agreement.action == "Agree the return in the interim, or end it."
    assert agreement.clause == "PWP-1e, PWP-2c"
    assert told(on(tmp_path, "head_of_service", "2026-11-24", RETURN, returned)) == ("overdue", "2026-11-23")  # fmt: skip
    agreed = on(tmp_path, "head_of_service", "2026-11-24", {**RETURN, "head_of_service_on": "2026-11-24"}, returned)  # fmt: skip
    assert agreed.status == "done"


RETURNING = (
    "checks_requested", "checks_attached", "placement_with_parents_assessment", "team_manager_view",
    "reviewing_officer_view", "head_of_service", "plan_with_the_iro", "explained_to_the_child",
    "adult_joins", "revocation_considered", "adult_and_orders", "panel_review",
)  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "statuses"),
    [
        (ORDER, {"open", "done", "unknown"}),
        (BY_ADVICE, {"open", "done", "unknown", "not_needed"}),  # no order to revoke
        (ADVISED_NOT, {"not_needed"}),
        ({**ADVISED_NOT, "legal_advice_on": None}, {"unknown"}),
        ({**ADVISED_NOT, "legal_advice_on": "2026-12-24"}, {"unknown"}),
        (INTERIM, {"not_needed"}),
        ({**INTERIM, "court_direction_until": "2026-11-23"}, {"not_needed"}),
        ({**INTERIM, "court_direction_until": "2026-11-22"}, {"unknown"}),
        ({**INTERIM, "court_on": "2026-11-22"}, {"unknown"}),  # nobody can say whether it runs on
        ({**INTERIM, "court_on": "2026-11-23"}, {"not_needed"}),
        ({**INTERIM, "court_directed": "no"}, {"unknown"}),
        ({**INTERIM, "court_directed": None}, {"unknown"}),
        ({"child_legal_status": "emergency_protection"}, {"not_needed"}),
        ({"child_legal_status": "s20"}, {"not_needed"}),
        (S17, {"not_needed"}),
    ],
)
@pytest.mark.clause("PWP-1a", "PWP-1c", "PWP-1d", "PC-2.3")
def test_to_whom_placement_with_parents_applies(
    tmp_path: Path, cells: Cells, statuses: set[str]
) -> None:
    found = stand(tmp_path, cells, **lives_since("2026-12-07"))  # agreed
    assert {found[key].status for key in RETURNING} == statuses
    if statuses == {"unknown"}:
        assert all("lawyer" in found[key].action for key in RETURNING)


@pytest.mark.clause("PWP-1a")
def test_who_the_adult_is_and_each_child_s_order_are_asked_by_a_duty(tmp_path: Path) -> None:
    alone = stand(tmp_path, ORDER)["adult_and_orders"]
    assert alone.status == "unknown"
    assert alone.evidence.startswith("No column asks who the adult is")
    # case 36: a brother or sister may be under an order when the baby is not
    older = stand(tmp_path, {"older_children": "1"})["adult_and_orders"]
    assert older.status == "unknown"
    assert older.evidence.startswith("No column asks under which order the other children are")
    told_ = stand(tmp_path, ORDER, events=[event("adult_and_orders", "2026-11-20")])
    assert told_["adult_and_orders"].status == "done"


@pytest.mark.parametrize(
    ("cells", "events", "expected"),
    [
        ({}, [], ("unknown", None)),
        ({}, [event("adult_joined", "2026-11-20")], ("overdue", "2026-11-20")),
        ({}, [event("adult_joined", "2026-11-23")], ("open", "2026-11-23")),
        ({}, [event("adult_joined", "2026-11-23", status="planned")], ("unknown", None)),
        # brought up to date on the day, or before anybody joined
        ({}, [event("adult_joined", "2026-11-20"), event("adult_joins", "2026-11-20")], ("done", None)),
        ({}, [event("adult_joined", "2026-11-20"), event("adult_joins", "2026-11-19")], ("overdue", "2026-11-20")),
        # asked again at the next review
        ({}, [event("adult_joins", "2026-11-19"), event("child_review", "2026-11-19")], ("done", None)),
        ({}, [event("adult_joins", "2026-11-19"), event("child_review", "2026-11-20")], ("unknown", None)),
        ({"second_parent_age": "24"}, [event("adult_joins", "2026-11-19")], ("done", None)),
    ],
)  # fmt: skip
@pytest.mark.clause("PWP-3e")
def test_an_adult_who_joins_is_due_then(
    tmp_path: Path, cells: Cells, events: list[Cells], expected: tuple[str, str | None]
) -> None:
    home = lives_since("2026-11-16")
    assert (
        told(on(tmp_path, "adult_joins", "2026-11-23", {**ORDER, **cells}, *events, **home))
        == expected
    )


# --- Panels, and what has no statutory review ---------------------------------------------------


@pytest.mark.parametrize(
    ("day", "held", "expected"),
    [
        # cases D4, D5: due on 1 December, and overdue the day after
        ("2026-12-01", [], ("open", "2026-12-01")),
        ("2026-12-02", [], ("overdue", "2026-12-01")),
        ("2026-12-02", ["2026-11-20"], ("open", "2027-11-20")),
        ("2026-12-02", ["2025-11-30"], ("overdue", "2026-12-01")),  # before it began
    ],
)
@pytest.mark.clause("PWP-3f")
def test_a_panel_reviews_it_every_year(
    tmp_path: Path, day: str, held: list[str], expected: tuple[str, str]
) -> None:
    cells: Cells = {**ORDER, "received_on": "2025-11-01", "child_born_or_due_on": "2025-06-01"}
    events = [event("panel_review", each) for each in held]
    found = on(tmp_path, "panel_review", day, cells, *events, **lives_since("2025-12-01"))
    assert told(found) == expected
    assert "revoke the care order" in found.action
    assert "revocation considered" in found.evidence


@pytest.mark.clause("PWP-3f")
def test_revocation_is_considered_in_assessment_and_care_planning(tmp_path: Path) -> None:
    duty = "revocation_considered"
    assert told(on(tmp_path, duty, "2026-11-23", ORDER)) == ("open", "2026-12-04")
    assert on(tmp_path, duty, "2026-11-23", ORDER, event(duty, "2026-11-20")).status == "done"
    assert on(tmp_path, duty, "2026-11-23", BY_ADVICE).status == "not_needed"
    panel = event("panel_review", "2026-11-20")
    assert (
        on(tmp_path, duty, "2026-11-23", ORDER, panel, **lives_since("2026-11-02")).status == "done"
    )


@pytest.mark.parametrize(
    ("cells", "day", "held", "expected"),
    [
        # case 28: a family under s17
        (S17, "2026-11-23", [], ("unknown", None)),
        ({**S17, "review_every_weeks": "3"}, "2026-11-23", [], ("open", "2026-11-23")),
        ({**S17, "review_every_weeks": "3"}, "2026-11-24", [], ("overdue", "2026-11-23")),
        ({**S17, "review_every_weeks": "3"}, "2027-01-31", [], ("overdue", "2026-11-23")),
        ({**S17, "review_every_weeks": "3"}, "2026-11-24", ["2026-11-24"], ("open", "2026-12-15")),
        ({**S17, "review_every_weeks": "3"}, "2026-11-24", ["2026-11-01"], ("overdue", "2026-11-23")),
        # statutory reviews, or nobody knows whether a second parent has them
        (SINCE, "2026-11-23", [], ("not_needed", None)),
        ({**SINCE, "review_every_weeks": "3"}, "2026-11-23", [], ("open", "2026-11-23")),
        ({**S17, **LOOKED_AFTER}, "2026-11-23", [], ("not_needed", None)),
        ({**S17, "second_parent_age": "17"}, "2026-11-23", [], ("unknown", None)),
    ],
)  # fmt: skip
@pytest.mark.clause("PC-6.4f", "PC-6.4a")
def test_every_other_arrangement_is_reviewed_as_agreed(
    tmp_path: Path, cells: Cells, day: str, held: list[str], expected: tuple[str, str | None]
) -> None:
    events = [event("arrangement_review", each) for each in held]
    home = lives_since("2026-11-02")
    assert told(on(tmp_path, "arrangement_review", day, cells, *events, **home)) == expected


@pytest.mark.clause("PC-6.4a")
def test_the_column_says_how_often_it_is_reviewed(tmp_path: Path) -> None:
    assert stand(tmp_path)["review_frequency"].status == "open"
    found = stand(tmp_path, {"review_every_weeks": "1"})["review_frequency"]
    assert (found.status, found.evidence) == ("done", "It is reviewed every week.")


# --- As a whole ---------------------------------------------------------------------------------

CLOCKS = (
    "child_review", "parent_review", "child_visit", "parent_visit", "panel_review",
    "arrangement_review", "placement_with_parents_assessment", "head_of_service", "adult_joins",
    "revocation_considered",
)  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "home"),
    [
        (RETURN, {}),
        ({**RETURN, **SINCE}, {"events": [event("returned_home", "2026-11-20")]}),
        ({**RETURN, **SINCE}, lives_since("2026-11-20")),
        ({**ORDER, **SINCE, **LOOKED_AFTER, "parent_looked_after_since": "2026-01-05"}, lives_since("2026-11-16")),
        ({**INTERIM, **SINCE}, {}),
        ({**BY_ADVICE, **SINCE}, lives_since("2026-11-16")),
        ({**S17, "review_every_weeks": "2"}, lives_since("2026-11-16")),
        ({**UNBORN, **LOOKED_AFTER}, lives_since("2026-11-16")),
    ],
)  # fmt: skip
@pytest.mark.clause("PWP-2c", "LAW-review", "LAW-visit")
def test_the_same_family_has_the_same_days_on_three_mondays(
    tmp_path: Path, cells: Cells, home: dict[str, Any]
) -> None:
    mondays = [date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7)]
    found = [stand(tmp_path, cells, as_of=day, **home) for day in mondays]
    dated = 0
    for key in CLOCKS:
        each = [of[key] for of in found if key in of]
        assert len({duty.due for duty in each}) <= 1, key
        for day, duty in zip(mondays, each, strict=False):
            if duty.due is not None:
                dated += 1
                assert (duty.status == "overdue") == (duty.due < day), key
    assert dated


@pytest.mark.clause("LAW-review", "PWP-3c")
def test_the_ten_working_days_can_be_switched_off(tmp_path: Path) -> None:
    cells: Cells = {**RETURN, "looked_after_since": "2026-01-05"}
    held, home = event("child_review", "2026-11-02"), lives_since("2026-11-10")
    assert told(on(tmp_path, "child_review", "2026-11-20", cells, held, **home)) == ("open", "2026-11-24")  # fmt: skip
    off = a_policy(calendar__return_review_working_days="off")
    found = on(tmp_path, "child_review", "2026-11-20", cells, held, policy=off, **home)
    assert told(found) == ("open", "2026-11-30")


@pytest.mark.clause("LAW-review", "LAW-visit")
def test_what_the_law_asks_can_be_switched_off(tmp_path: Path) -> None:
    off = a_policy(
        calendar__first_review_working_days="off",
        calendar__return_review_working_days="off",
        calendar__first_visit_days="off",
        calendar__visit_weeks="off",
        calendar__interim_visit_weeks="off",
        calendar__interim_later_weeks="off",
    )
    home = lives_since("2026-11-16")
    for cells in ({}, SINCE, INTERIM, LOOKED_AFTER):
        found = stand(tmp_path, cells, policy=off, **home)
        for key in ("child_review", "child_visit", "parent_review", "parent_visit"):
            assert found[key].status == "not_needed", key
    found = stand(tmp_path, {**ORDER, **SINCE}, policy=off, **home)
    assert (told(found["child_review"]), found["child_review"].clause) == (("open", "2026-12-06"), "PWP-3c")  # fmt: skip
    assert (told(found["child_visit"]), found["child_visit"].clause) == (("open", "2026-11-23"), "PWP-3b")  # fmt: skip
    assert made(tmp_path).policy.number("calendar.return_review_working_days") == 10


# What comes before a start that is near the birth, and after an unplanned return

DUE_IN_JANUARY: Cells = {
    **LOOKED_AFTER, "received_on": "2026-10-12", "child_born_or_due_on": "2027-01-12"
}  # fmt: skip


@pytest.mark.parametrize(
    ("needed_from", "before_start", "decided"),
    [
        ("2027-01-12", "2027-01-11", "2027-01-11"),  # on the day of the birth
        ("2027-01-14", "2027-01-13", "2027-01-11"),
        ("2027-01-07", "2027-01-06", "2027-01-06"),  # before the birth
    ],
)
@pytest.mark.clause("PC-4.1e", "PC-6.3c")
def test_only_what_the_policy_asks_before_a_birth_counts_from_it(
    tmp_path: Path, needed_from: str, before_start: str, decided: str
) -> None:
    cells = {**DUE_IN_JANUARY, "needed_from": needed_from}
    found = stand(tmp_path, cells)
    for key in ("placement_meeting", "visit_before", "joint_risk_assessment", "carers_briefed"):
        assert told(found[key]) == ("open", before_start), key
    assert told(found["placing_child_with_parent"]) == ("open", decided)
    assert told(found["pre_birth_assessment"]) == ("overdue", "2026-10-20")


def test_a_child_who_is_recorded_at_home_has_a_home_tonight(tmp_path):
    """The return is told, what the assessment needs is due with it, and a placement is a question."""
    request = a_request(
        child_legal_status="care_order", placement_with_parents="interim", needed_from="2026-11-20"
    )
    happened = [{"request_id": "R1", "event": "returned_home", "on": "2026-11-20"}]
    of = record_of(solved(tmp_path, one_pair(request, events=happened)))
    assert [each.kind for each in of.alerts if each.kind == "no_home_tonight"] == []
    found = {duty.duty: duty for duty in of.requests[0].duties}
    assert found["placement_found"].status == "unknown"
    views = ("team_manager_view", "reviewing_officer_view", "checks_attached", "plan_with_the_iro")
    assert {found[key].due for key in views} == {date(2026, 11, 30)}
