"""Lives drawn at random: after every week nothing that is recorded is contradicted.

More of them: `python tools/lives.py --lives 500`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

import lives
from builders import AS_OF, a_carer, a_household, a_request
from lives import Week, live, of_pairs
from lives_ledger import Ledger
from matcher.policy.duties import DutyRecord
from matcher.record import RequestRecord
from matcher.recorder import record_of
from matcher.rounds import match, prepare

SEEDS = range(6)
Change = Callable[[Ledger], object]


@pytest.mark.parametrize("seed", SEEDS)
def test_after_every_week_nothing_recorded_is_contradicted(seed: int) -> None:
    assert live(seed).breaches == []


def test_lives_see_what_they_are_drawn_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "HOLDS", ())  # what holds changes nothing in what happens
    seen = Counter[str]()
    for seed in range(100, 104):
        seen += live(seed, 20).seen
    for what in ("placements", "ends", "early ends", "births", "refusals", "choices", "confirmed"):
        assert seen[what], what


# Each of what must hold can fail: the ledger, or the record, is changed behind the round's back.


@cache
def _a_week() -> Week:
    """R1 lives in H1, R2 is proposed, R3 is chosen for H3."""
    ledger = Ledger(AS_OF)
    for number in (1, 2, 3):
        cells = {"needed_from": "2026-11-20", "withhold_address": "no", "languages": "eng"}
        ledger.add("requests", **a_request(f"R{number}", **cells))
    for number in (1, 2, 3, 4):
        ledger.add("households", **a_household(f"H{number}"))
        ledger.add("carers", **a_carer(f"H{number}"))
    ledger.add(
        "placements",
        request_id="R1",
        household_id="H1",
        started_on="2026-11-02",
        planned_end_on="2027-01-25",
    )
    ledger.add(
        "decisions",
        request_id="R3",
        household_id="H3",
        decision="choose",
        decided_on="2026-11-20",
    )
    return _round_of(ledger, None)


def _round_of(ledger: Ledger, before: Week | None) -> Week:
    inputs, policy = lives.read(ledger)
    solved = match(prepare(inputs, policy, 0))
    return Week(ledger, inputs, policy, solved, record_of(solved), before, False)


def _caught(week: Week) -> set[str]:
    """The checks that catch something."""
    return {check.__name__ for check in lives.HOLDS if [*check(week)]}


def _home_of(request_id: str) -> str:
    proposal = _a_week().requests[request_id].proposal
    assert proposal is not None
    return proposal.household_id


def test_a_week_in_which_all_holds() -> None:
    week = _a_week()
    assert _caught(week) == set()
    assert [each.request_id for each in week.ours] == ["R2"]
    later = week.ledger.copy()
    later.as_of += timedelta(days=7)
    assert _caught(_round_of(later, week)) == set()


def _lives_there(ledger: Ledger) -> None:
    ledger.add("placements", request_id="R9", household_id=_home_of("R2"), started_on="2026-11-09")


def _agreed(ledger: Ledger) -> None:
    ledger.add("placements", request_id="R9", household_id=_home_of("R2"), started_on="2026-12-09")


def _kept(ledger: Ledger) -> None:
    (row,) = ledger.of("requests", "R1")
    row["status"], row["parent_looked_after"] = "open", "yes"
    ledger.tables["placements"].clear()
    home = _home_of("R2")
    ledger.add("relationships", request_id="R1", household_id=home, kind="current_carer")


def _ruled_out(ledger: Ledger) -> None:
    cells = {"decision": "rule_out", "decided_on": "2026-11-20"}
    ledger.add("decisions", request_id="R2", household_id=_home_of("R2"), **cells)


def _too_high(ledger: Ledger) -> None:
    cells = {"outcome": "too_high", "assessed_on": "2026-11-20"}
    ledger.add("risk_assessments", request_id="R2", household_id=_home_of("R2"), **cells)


def _broke_down(ledger: Ledger) -> None:
    cells = {"started_on": "2026-10-01", "ended_on": "2026-11-01", "ended_because": "risk"}
    ledger.add("placements", request_id="R2", household_id=_home_of("R2"), **cells)


def _suspended(ledger: Ledger) -> None:
    ledger.home("H3")["status"] = "suspended"


def _end_is_past(ledger: Ledger) -> None:
    ledger.tables["placements"][0]["planned_end_on"] = "2026-11-20"


def _closed(ledger: Ledger) -> None:
    ledger.of("requests", "R2")[0]["status"] = "closed"


def _another_choice(ledger: Ledger) -> None:
    cells = {"decision": "choose", "decided_on": "2026-11-21"}
    ledger.add("decisions", request_id="R2", household_id="H1", **cells)


def _residential(ledger: Ledger) -> None:
    ledger.of("requests", "R2")[0]["resource_team_decision"] = "residential"


def _choice_held_back(ledger: Ledger) -> None:
    ledger.of("requests", "R3")[0]["parent_agrees"] = "no"


def _direction_has_run_out(ledger: Ledger) -> None:
    cells = {"child_legal_status": "interim_care_order", "court_directed": "yes"}
    ledger.of("requests", "R2")[0].update(cells, court_direction_until="2026-11-22")


def _kept_apart(ledger: Ledger) -> None:
    ledger.add("keep_apart", request_id="R2", other_request_id="R3", min_miles="1")


def _over_the_limit(ledger: Ledger) -> None:
    ledger.new_per_team = 0
    ledger.home(_home_of("R2"))["team"] = "north"


def _born_later(ledger: Ledger) -> None:
    ledger.of("requests", "R2")[0]["child_born_or_due_on"] = "2026-10-02"


def _knows_it(ledger: Ledger) -> None:
    ledger.of("requests", "R2")[0]["withhold_address"] = "yes"
    home = _home_of("R2")
    ledger.add("relationships", request_id="R2", household_id=home, kind="known_to_family")


def _nobody_chose(ledger: Ledger) -> None:
    ledger.tables["decisions"].clear()


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (_lives_there, "nobody_is_offered_a_home_in_which_somebody_lives"),
        (_lives_there, "nobody_is_placed_twice"),
        (_lives_there, "every_home_stands_as_it_is_recorded"),
        (_agreed, "nobody_is_offered_a_home_that_is_held_or_kept"),
        (_kept, "nobody_is_offered_a_home_that_is_held_or_kept"),
        (_ruled_out, "what_is_recorded_against_a_pair_keeps_it_out"),
        (_too_high, "what_is_recorded_against_a_pair_keeps_it_out"),
        (_broke_down, "what_is_recorded_against_a_pair_keeps_it_out"),
        (_broke_down, "what_ended_is_told_in_every_explanation"),
        (_suspended, "what_people_hold_is_proposed_or_its_alert_says_why_not"),
        (_end_is_past, "what_nobody_can_say_is_asked"),
        (_closed, "every_family_stands_as_it_is_recorded"),
        (_another_choice, "what_people_hold_is_proposed_or_its_alert_says_why_not"),
        (_nobody_chose, "a_pin_is_one_that_people_made"),
        (_residential, "nobody_is_proposed_whom_screening_holds_back"),
        (_choice_held_back, "nobody_is_proposed_whom_screening_holds_back"),
        (_direction_has_run_out, "nobody_is_proposed_whom_screening_holds_back"),
        (_kept_apart, "families_are_kept_apart"),
        (_over_the_limit, "no_team_takes_on_more_than_it_can"),
        (_born_later, "a_child_is_born_when_it_is_recorded"),
        (_knows_it, "what_is_recorded_against_a_pair_keeps_it_out"),
    ],
)
def test_what_the_round_does_not_know_is_caught(change: Change, check: str) -> None:
    ledger = _a_week().ledger.copy()
    change(ledger)
    assert check in _caught(replace(_a_week(), ledger=ledger))


def _with_duty(request_id: str, duty: str, **other: object) -> Week:
    """The week with one duty of a request that stands otherwise."""
    week = _a_week()

    def changed(each: DutyRecord) -> DutyRecord:
        return replace(each, **other) if each.duty == duty else each

    def request(each: RequestRecord) -> RequestRecord:
        if each.request_id != request_id:
            return each
        return replace(each, duties=tuple(changed(duty) for duty in each.duties))

    requests = tuple(request(each) for each in week.record.requests)
    return replace(week, record=replace(week.record, requests=requests))


def _with_request(request_id: str, **other: object) -> Week:
    """The week with one request that stands otherwise."""
    week = _a_week()
    requests = tuple(
        replace(each, **other) if each.request_id == request_id else each
        for each in week.record.requests
    )
    return replace(week, record=replace(week.record, requests=requests))


def test_a_duty_that_is_overdue_and_said_to_be_open_is_caught() -> None:
    assert "every_duty_says_by_its_day_whether_it_is_overdue" in _caught(
        _with_duty("R2", "request_record", status="open")
    )


def test_a_duty_that_nothing_says_is_done_is_caught() -> None:
    for status in ("done", "accepted"):
        week = _with_duty("R2", "request_record", status=status, due=None)
        assert "what_is_done_or_accepted_is_recorded" in _caught(week)


def test_what_was_done_and_is_said_to_be_open_is_caught() -> None:
    week, check = _a_week(), "what_is_recorded_as_done_is_counted"
    for duty, on in (("request_record", "2026-11-20"), ("child_review", "2026-11-20")):
        ledger = week.ledger.copy()
        ledger.add("events", request_id="R2", event=duty, on=on)
        assert check in _caught(replace(week, ledger=ledger))
        assert check not in _caught(_round_of(ledger, None))


def test_a_pair_that_is_kept_out_by_nothing_recorded_is_caught() -> None:
    ledger, check = _a_week().ledger.copy(), "nothing_that_is_not_recorded_keeps_a_pair_out"
    _ruled_out(ledger)
    week = _round_of(ledger, None)
    assert check not in _caught(week)
    assert check in _caught(replace(week, ledger=_a_week().ledger))


def test_a_day_that_slides_and_a_duty_that_is_lost_are_caught() -> None:
    duty = of_pairs(_a_week().requests["R2"])[None, "request_record"]
    assert duty.due is not None
    slid = _with_duty("R2", "request_record", due=duty.due + timedelta(days=7), status="open")
    lost = _with_duty("R2", "request_record", due=None, status="not_needed")
    for week, check in ((slid, "no_day_of_a_duty_slides"), (lost, "no_duty_is_lost")):
        assert check in _caught(replace(week, before=_a_week()))
        assert check not in _caught(week)


def test_an_overdue_review_that_is_lost_is_caught() -> None:
    due, later = date(2026, 11, 2), date(2027, 1, 4)
    before = _with_duty("R2", "child_review", status="overdue", due=due)
    for status, day, lost in (("open", later, True), ("done", None, True), ("overdue", due, False)):
        week = replace(_with_duty("R2", "child_review", status=status, due=day), before=before)
        assert ("an_overdue_review_outlives_the_placement" in _caught(week)) == lost


def test_a_wrong_choice_that_is_no_error_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    check = "a_choice_of_today_that_breaks_something_is_an_error_that_names_it"
    monkeypatch.setattr(lives, "WRONG_CHOICE_EVERY", 1)
    ledger = _a_week().ledger.copy()
    ledger.home("H4")["status"] = "suspended"
    week = _round_of(ledger, None)
    assert check not in _caught(week)
    monkeypatch.setattr(lives, "prepare", lambda inputs, policy, top: None)
    assert check in _caught(week)


def test_a_desk_that_says_otherwise_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lives, "DESK_EVERY", 1)
    assert "the_duty_desk_says_what_the_round_says" not in _caught(_a_week())
    others = _with_request("R2", ranked=())
    assert "the_duty_desk_says_what_the_round_says" in _caught(others)


def test_commands_that_say_otherwise_are_caught() -> None:
    check = "commands_answer_about_the_round_in_the_folder"
    assert check not in _caught(replace(_a_week(), pages=True))
    assert check in _caught(replace(_with_request("R2", outcome="unplaced"), pages=True))


def test_pages_that_say_otherwise_are_caught() -> None:
    week = _a_week()
    proposal = week.requests["R2"].proposal
    assert proposal is not None
    other = _with_request("R2", proposal=replace(proposal, starts_on=date(2027, 1, 1)))
    check = lives.pages_name_the_home_of_each_proposal
    assert [*check(replace(week, pages=True))] == []
    said = " ".join(check(replace(other, pages=True)))
    assert "page does not say that R2 starts" in said
    assert "workbook does not say that R2 starts" in said


def test_another_day_in_the_calendar_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = lives.diary.of_record(_a_week().record)
    other = [replace(each, date=date(2027, 1, 1)) for each in entries]
    monkeypatch.setattr(lives.diary, "of_record", lambda record: other)
    assert "the_calendar_has_the_days_of_the_duties" in _caught(_a_week())


def test_a_round_that_proves_nothing_is_caught() -> None:
    week = _a_week()
    counts = replace(week.record.counts, proposed=9)
    assert "the_round_proves_itself" in _caught(
        replace(week, record=replace(week.record, counts=counts))
    )
