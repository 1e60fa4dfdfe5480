"""What stands at the head of every paper: each kind of alert, its facts and its words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from builders import Cells, a_carer, a_household, a_policy, a_request, read_tables
from matcher import record
from matcher.explain import Explainer
from matcher.policy.alerts import ALERTS, FIRST, AlertKind
from matcher.policy.facts import Facts
from matcher.policy.settings import Policy
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.rounds import match, prepare

CLOSED = [a_household(status="suspended")]
SOON: Cells = {"needed_from": "2026-11-23"}


def confirmed(request: str, household: str, **cells: str | None) -> Cells:
    pair = {"request_id": request, "household_id": household, "decision": "confirmed"}
    return {**pair, "decided_on": "2026-11-20", **cells}


def lives(household: str = "H1", **cells: str | None) -> Cells:
    return {"request_id": "R1", "household_id": household, "started_on": "2026-11-02", **cells}


def accepted(duty: str, until: str, household: str | None = None, **cells: str | None) -> Cells:
    event = {"request_id": "R1", "household_id": household, "event": duty, "status": "accepted"}
    return {**event, "on": "2026-11-16", "until": until, "by": "Head of Service", **cells}


def a_round(
    folder: Path,
    requests: list[Cells],
    households: list[Cells] | None = None,
    policy: Policy | None = None,
    **tables: list[Cells],
) -> record.RoundRecord:
    homes = households if households is not None else [a_household()]
    carers = [a_carer(str(home["household_id"])) for home in homes]
    given = {"requests": requests, "households": homes, "carers": carers, **tables}
    in_force = policy or a_policy()
    return record_of(match(prepare(read_tables(folder, given, policy=in_force), in_force, 0)))


def told(of: record.RoundRecord, kind: str) -> list[tuple[str | None, str | None, str]]:
    """The alerts of a kind: request, household, sentence."""
    explainer = Explainer(of)
    lines = [*explainer.first(), *explainer.alerts()]
    first = sorted(of.alerts, key=lambda alert: alert.kind not in FIRST)
    return [
        (alert.request_id, alert.household_id, line.sentence)
        for alert, line in zip(first, lines, strict=True)
        if alert.kind == kind
    ]


def looks_ahead(a_week: float) -> Policy:
    return a_policy(room_ahead="after_within_5_days", families_per_week=a_week)


# A stay of a year, for which three short ones would be turned away.
AHEAD: dict[str, Any] = {
    "requests": [
        a_request(needed_from="2026-12-14", expected_weeks="50"),
        a_request("R2", **SOON, expected_weeks="3"),
    ],
    "households": [a_household(), a_household("H2")],
    "decisions": [{**confirmed("R2", "H1"), "decision": "rule_out"}],
    "policy": looks_ahead(3),
}
# Two homes have a garden, which one of two families must have, who has one: the other leaves the second.
ELSEWHERE: dict[str, Any] = {
    "requests": [a_request(**SOON), a_request("R2", **SOON, must_have="garden")],
    "households": [
        a_household(features="garden"),
        a_household("H2"),
        a_household("H3", features="garden"),
    ],
    "decisions": [confirmed("R2", "H3")],
    "policy": looks_ahead(0.1),
}
EVERY: dict[AlertKind, tuple[dict[str, Any], tuple[str | None, str | None, str]]] = {
    "no_home_tonight": (
        {"requests": [a_request(**SOON)], "households": CLOSED},
        ("R1", None, "R1 has no home tonight: needed today; no household is eligible."),
    ),
    "late": (
        {
            "requests": [a_request(needed_from="2026-11-25")],
            "households": [a_household(available_from="2026-11-28")],
        },
        ("R1", "H1", "R1 → H1 would start on 28 November 2026, 3 days late: needed from 25 November 2026."),
    ),
    "waits_ahead": (
        AHEAD,
        ("R1", "H1", "R1, needed from 14 December 2026, waits: the round looks ahead, and H1, which could take it, is not proposed for it. In "),
    ),
    "goes_elsewhere": (
        ELSEWHERE,
        ("R1", "H2", "R1 → H2, and not H1, as the round looks ahead: "),
    ),
    "kept_open": (AHEAD, (None, "H1", "H1 is kept open: in ")),
    "overdue_by_law": (
        {
            "requests": [
                a_request(child_legal_status="s20", looked_after_since="2026-10-01")
            ],
        },
        ("R1", None, "R1: overdue, as nothing says that it was done: child review (since 29 October 2026). (LAW-review)"),
    ),
    "confirmed_held": (
        {
            "requests": [a_request(resource_team_decision="residential")],
            "decisions": [confirmed("R1", "H1")],
        },
        ("R1", "H1", "R1 is confirmed with H1, though screening holds it back (residential)."),
    ),
    "confirmed_breaks": (
        {
            "requests": [a_request()],
            "households": [a_household(bedrooms="0")],
            "decisions": [confirmed("R1", "H1")],
        },
        ("R1", "H1", "R1 is confirmed with H1: The family needs 1 bedroom; no bedrooms are free. (PC-5.1b, PC-5.1i)"),
    ),
    "confirmed_open": (
        {"requests": [a_request()], "decisions": [confirmed("R1", "H1")]},
        ("R1", "H1", "R1 is confirmed with H1 while these are open: "),
    ),
    "confirmed_too_near": (
        {
            "requests": [a_request(), a_request("R2")],
            "households": [a_household(), a_household("H2")],
            "decisions": [confirmed("R1", "H1"), confirmed("R2", "H2")],
            "keep_apart": [{"request_id": "R1", "other_request_id": "R2", "min_miles": "5"}],
        },
        ("R1", None, "R1 and R2 are confirmed nearer to each other than keep_apart says."),
    ),
    "placement_breaks": (
        {
            "requests": [a_request(keep_away="NW5")],
            "placements": [lives(planned_end_on="2027-02-01")],
        },
        ("R1", "H1", "R1 lives with H1. "),
    ),
    "end_not_known": (
        {"requests": [a_request()], "placements": [lives()]},
        ("R1", "H1", "No planned end ahead is recorded for the placement of R1 with H1 (by its expected weeks 25 January 2027): until one is, nobody else can be placed there. Ask for a day. (PC-5.1f)"),
    ),
    "who_lives_there": (
        {
            "requests": [a_request()],
            "placements": [lives(ended_on="2026-11-16", ended_because="separated")],
        },
        ("R1", "H1", "The placement of R1 with H1 is over. Ask who lives there now, and write reviewed_on: until then nobody else can be placed there. (PC-5.1f)"),
    ),
    "accepted": (
        {"requests": [a_request()], "events": [accepted("safe_caring", "2026-11-23", "H1")]},
        ("R1", "H1", "R1 with H1: safe caring is not done. It was accepted by Head of Service until 23 November 2026. (PC-5.3c)"),
    ),
    "accepted_ran_out": (
        {"requests": [a_request()], "events": [accepted("engagement", "2026-11-22")]},
        ("R1", None, "R1: engagement is open again. It was accepted by Head of Service until 22 November 2026. (PC-3.1i)"),
    ),
    "home_kept": (
        {
            "requests": [
                a_request(parent_age="16", parent_looked_after="yes", needed_from="2027-01-04"),
                a_request("R2"),
            ],
            "relationships": [{"request_id": "R1", "household_id": "H1", "kind": "current_carer"}],
        },
        (None, "H1", "H1 is kept for R1, where a parent lives now; R2 waits because of it. "),
    ),
    "home_given": (
        {
            "requests": [
                a_request("R1", needed_from="2026-11-23"),
                a_request("R2", parent_age="16", parent_looked_after="yes", needed_from="2027-06-01"),
            ],
            "households": [a_household(looked_after_children="1")],
            "carers": [a_carer(), a_carer(number=2)],
            "relationships": [
                {"request_id": "R2", "household_id": "H1", "kind": "current_carer"}
            ],
        },
        ("R1", "H1", "A parent of R2 lives with H1, which is proposed for R1; R2 needs a placement from 1 June 2027. (PC-4.2b)"),
    ),
    "choice_set_aside": (
        {
            "requests": [a_request()],
            "households": [a_household(bedrooms="0")],
            "decisions": [confirmed("R1", "H1", decision="choose")],
        },
        ("R1", "H1", "People chose R1 → H1 on 20 November 2026. Today it does not stand. The family needs 1 bedroom; no bedrooms are free. Unless they choose again, R1 waits; H1 is offered to nobody. (PC-5.1b, PC-5.1i)"),
    ),
    "decision_set_aside": (
        {
            "requests": [a_request(), a_request("R2")],
            "decisions": [confirmed("R1", "H1"), confirmed("R2", "H1", decided_on="2026-11-18")],
        },
        ("R2", "H1", "R2 with H1, confirmed on 18 November 2026, is set aside: R1 with H1 stands. Ask which it is."),
    ),
    "team_not_known": (
        {"requests": [a_request()], "policy": a_policy(limits__new_per_team=2)},
        (None, "H1", "The team of H1 is not known, so that it does not count in the limit new_per_team: ask."),
    ),
    "fee_not_known": (
        {"requests": [a_request()], "policy": a_policy(limits__weekly_fees=2000)},
        (None, "H1", "The weekly fee of H1 is not known and counts as £0 in the limit weekly_fees: ask."),
    ),
}  # fmt: skip


def test_the_list_of_kinds_is_closed() -> None:
    assert (*ALERTS,) == get_args(AlertKind) == (*EVERY,)
    assert (*ALERTS,)[: len(FIRST)] == FIRST


@pytest.mark.parametrize("kind", EVERY)
def test_every_kind_has_its_facts_and_its_words(tmp_path: Path, kind: AlertKind) -> None:
    given, (request, household, sentence) = EVERY[kind]
    found = a_round(tmp_path, **given)
    ((is_of, at, said),) = told(found, kind)
    assert (is_of, at) == (request, household)
    assert said == sentence or (sentence.endswith(" ") and said.startswith(sentence))
    (alert,) = (each for each in found.alerts if each.kind == kind)
    of_a_rule = {*alert.facts} - {*ALERTS[kind].facts} if "rule" in alert.facts else set()
    assert {*alert.facts} - of_a_rule <= {*ALERTS[kind].facts}
    again = record.read(record.RoundRecord, record.as_dict(found))
    assert told(again, kind) == [(request, household, said)]


# --- Who has no home tonight, and who is late ----------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "home", "tables", "expected"),
    [
        ({"needed_from": "2026-11-24"}, {}, {}, []),
        ({"needed_from": "2026-11-23"}, {}, {}, []),
        ({"needed_from": "2026-11-22"}, {}, {}, [("late", "R1 → H1 would start on 23 November 2026, 1 day late: needed from 22 November 2026.")]),
        ({"needed_from": "2026-11-22"}, {"available_from": "2026-11-24"}, {}, [("no_home_tonight", "R1 has no home tonight: needed since 22 November 2026, 1 day late; H1 is proposed from 24 November 2026.")]),
        ({"needed_from": "2026-11-24"}, {"available_from": "2026-11-24"}, {}, []),
        ({"needed_from": "2026-11-23", "child_legal_status": "interim_care_order"}, {}, {}, [("no_home_tonight", "R1 has no home tonight: needed today; it waits for legal advice.")]),
        ({"needed_from": "2026-11-24", "child_legal_status": "interim_care_order"}, {}, {}, []),
        ({"needed_from": "2026-11-22"}, {}, {"placements": [lives()]}, []),
        ({"needed_from": "2026-11-22", "status": "open"}, {}, {"placements": [lives(planned_end_on="2027-01-04")]}, []),
        ({"needed_from": "2026-11-22"}, {}, {"decisions": [confirmed("R1", "H1", started_on="2026-11-25")]}, [("no_home_tonight", "R1 has no home tonight: needed since 22 November 2026, 1 day late; H1 is held for it from 25 November 2026.")]),
    ],
    ids=[
        "not yet", "today, and free today", "late, and free today", "free tomorrow", "in time",
        "held back today", "held back, not yet needed", "lives there", "a move is asked for",
        "confirmed for later",
    ],
)  # fmt: skip
def test_who_has_no_home_tonight_and_who_is_late(
    tmp_path: Path, cells: Cells, home: Cells, tables: Any, expected: list[tuple[str, str]]
) -> None:
    found = a_round(tmp_path, [a_request(**cells)], [a_household(**home)], **tables)
    explainer = Explainer(found)
    assert [(line.kind, line.sentence) for line in explainer.first()] == expected


def test_who_waits_longest_stands_first(tmp_path: Path) -> None:
    days = {"R1": "2026-11-22", "R2": "2026-11-10", "R3": "2026-11-23", "R4": "2026-11-10"}
    requests = [a_request(name, needed_from=day) for name, day in days.items()]
    found = a_round(tmp_path, requests, CLOSED)
    assert [alert.request_id for alert in found.alerts] == ["R2", "R4", "R1", "R3"]


# --- What is accepted ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "tables", "kinds"),
    [
        (accepted("engagement", "2026-11-23"), {}, {"accepted"}),
        (accepted("engagement", "2026-11-22"), {}, {"accepted_ran_out"}),
        (accepted("engagement", "2026-11-30", on="2026-11-16"), {"also": {"status": "done", "on": "2026-11-20", "until": None}}, set()),
        (accepted("engagement", "2026-11-18"), {"also": {"status": "done", "on": "2026-11-20", "until": None}}, set()),
        (accepted("safe_caring", "2026-11-23", "H2"), {}, set()),
        (accepted("safe_caring", "2026-11-23", "H1"), {"placements": [lives(planned_end_on="2027-01-04")]}, {"accepted"}),
        (accepted("written_agreement", "2026-11-23", "H1"), {}, set()),
    ],
    ids=["its last day", "past", "done since", "ran out, done since", "another household", "where it lives", "not needed"],
)  # fmt: skip
def test_what_is_accepted_stands_at_the_head_until_it_runs_out(
    tmp_path: Path, event: Cells, tables: Any, kinds: set[str]
) -> None:
    also = tables.pop("also", None) if (tables := dict(tables)) else None
    events = [event, *([{**event, **also}] if also else [])]
    homes = [a_household(), a_household("H2", accommodation_suitable="no")]
    found = a_round(tmp_path, [a_request()], homes, events=events, **tables)
    of_acceptance = {"accepted", "accepted_ran_out"}
    assert {alert.kind for alert in found.alerts} & of_acceptance == kinds


def test_what_ran_out_is_open_and_says_until_when_it_was_accepted(tmp_path: Path) -> None:
    found = a_round(tmp_path, [a_request()], events=[accepted("engagement", "2026-11-22")])
    (duty,) = (each for each in found.requests[0].duties if each.duty == "engagement")
    assert duty.status == "open"
    said = " ".join(line.text for line in Explainer(found).lines(found.requests[0]))
    assert "accepted on 16 November 2026 by Head of Service, until 22 November 2026" in said


@pytest.mark.clause("PC-5.3d")
def test_an_acceptance_that_tells_of_a_place_is_hidden_with_it(tmp_path: Path) -> None:
    whole = a_round(tmp_path, [a_request(withhold_address="yes")])
    facts: Facts = {"clause": "", "by": "", "on": "2026-11-16", "until": "2026-11-30"}
    told_of = [
        record.Alert("accepted", "R1", "H1", {"duty": duty, **facts})
        for duty in ("area_approval", "safe_caring")
    ]
    shown = for_people(replace(whole, alerts=tuple(told_of)))
    assert [alert.facts["duty"] for alert in shown.alerts] == ["safe_caring"]
