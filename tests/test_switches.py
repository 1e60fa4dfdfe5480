"""Every check, rule, criterion, aim, duty and document has a switch, and some of them need a reason."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pytest

from builders import a_carer, a_household, a_policy, a_request, one_pair, prepared, write_tables
from matcher import loading
from matcher.cli import run
from matcher.current import policy_of
from matcher.documents.drafts import SWITCHED_OFF, Draft, LeftOut, drafts
from matcher.documents.register import DOCUMENTS
from matcher.errors import Fault, WrongInput
from matcher.intake.settings import RoundSettings
from matcher.policy import aims, duties, reading, switched
from matcher.policy import settings as settings_module
from matcher.policy.aims import AIMS, TIERS
from matcher.policy.criteria import CRITERIA
from matcher.policy.duties import DUTIES
from matcher.policy.reading import override
from matcher.policy.screening import SCREENING
from matcher.policy.settings import IN_ORDER, NOBODY, SWITCH, Policy, default, settings_of
from matcher.proved import lines, proved
from matcher.record import Head, as_dict, read
from matcher.recorder import policy_used, record_of
from matcher.rounds import Prepared, match, prepare
from matcher.solve.problem import UNPLACED
from matcher.verification import check, verify
from matcher.whatif.scenario import read_options
from random_rounds import write_round

AS_OF = date(2026, 11, 23)
ROOT = Path(__file__).parent.parent
CAMDEN = ROOT / "data/samples/camden"
OTHERWISE = {  # for each unit a value that is not the usual one, and looser where that can be
    "outcome": "off",
    SWITCH: False,
    "yes/no": False,
    "roles and days": "team manager: 7",
}
WHY = {"reason": "Decided elsewhere.", "decided_by": "Head of Service", "on": "2026-11-01"}
ORDER = ("today", "within_5_days", "more_than_5_days", "fit", "relationship", "needed_soonest")


def read_policy(
    table: dict[str, Any], day: date | None = AS_OF, base: Policy | None = None
) -> tuple[Policy, list[Fault]]:
    faults: list[Fault] = []
    return override(base or default(), table, "council.toml", faults, day), faults


def switches() -> list[str]:
    return [key for key, each in settings_of(default()).items() if each.unit == SWITCH]


# A switch for everything that is registered, strangers too


def test_whatever_is_registered_has_a_switch() -> None:
    settings = settings_of(default())
    assert {f"duties.{each.key}" for each in DUTIES} <= settings.keys()
    assert {f"documents.{each.key}" for each in DOCUMENTS} <= settings.keys()
    assert {f"screening.checks.{each.key}" for each in SCREENING} <= settings.keys()
    assert {f"weights.{each.key}" for each in CRITERIA} <= settings.keys()
    assert settings["aims.order"].choices == tuple(aim.key for aim in AIMS)
    assert {each.key for each in DOCUMENTS} == {
        key.removeprefix("documents.") for key in settings if key.startswith("documents.")
    }


@pytest.mark.parametrize("key", switches())
def test_a_switch_is_on_until_it_is_written_and_off_is_said(key: str) -> None:
    assert default().is_on(key)
    assert default().value(key) is True
    assert key not in default().changed
    off = a_policy(**{key: False})
    assert not off.is_on(key)
    assert off.changed == {key: False}
    assert off.sha256 != default().sha256
    assert [each.name for each in switched.switched_off(off)] != []
    assert switched.off_sentence(off).startswith("Switched off by this policy: the ")
    on, faults = read_policy({key: True}, base=off)
    assert (on.changed, faults) == ({}, [])
    assert on.sha256 == default().sha256


@pytest.mark.parametrize("value", [0, "off", "no", ["x"]])
def test_a_switch_is_true_or_false(value: object) -> None:
    _, faults = read_policy({"duties": {"transition": value}})
    assert [(each.column, each.problem) for each in faults] == [
        ("duties.transition", "It is neither true nor false.")
    ]
    assert faults[0].fix == "Write duties.transition = false."


def test_a_stranger_has_a_switch_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    walk = replace(duties.written("transition"), key="walk_the_dog")
    dear = replace(aims.relationship, key="dear")
    monkeypatch.setattr(duties, "DUTIES", (*DUTIES, walk))
    monkeypatch.setattr(aims, "AIMS", (*AIMS, dear))
    assert walk in duties.in_force(default())
    off, faults = read_policy({"duties": {"walk_the_dog": False}})
    assert faults == []
    assert walk not in duties.in_force(off)
    assert aims.in_force(default())[-1] is dear
    first, faults = read_policy({"aims": {"order": ["dear", *ORDER]}})
    assert faults == []
    assert aims.in_force(first)[0] is dear
    without, _ = read_policy({"aims": {"order": list(ORDER)}})
    assert dear not in aims.in_force(without)
    assert Off_names(without) == [dear.name.partition(" (")[0]]


def Off_names(policy: Policy) -> list[str]:  # noqa: N802
    return [each.name for each in switched.switched_off(policy)]


# Duties that are off


FAMILY = {
    "purpose": "assessment",
    "child_legal_status": "care_order",
    "parent_looked_after": "yes",
    "parent_age": "17",
    "home_postcode": "NW5",
}
LIVES = [{"request_id": "R2", "household_id": "H2", "started_on": "2026-11-02"}]


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """A family that is matched, and one that lives somewhere."""
    placed = a_request("R2", **FAMILY, status="placed")
    tables = {
        "requests": [a_request(child_legal_status="s20"), placed],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2")],
        "placements": LIVES,
    }
    return prepared(tmp_path_factory.mktemp("families"), tables)


def every_duty(of: Prepared) -> set[str]:
    record = record_of(match(of))
    found = {each.duty for request in record.requests for each in request.duties}
    ranked = {d.duty for request in record.requests for r in request.ranked for d in r.duties}
    told = json.dumps([as_dict(alert) for alert in record.alerts])
    return found | ranked | {each.key for each in DUTIES if f'"{each.key}"' in told}


def test_every_duty_is_somewhere_in_these_rounds(families: Prepared) -> None:
    missing = {each.key for each in DUTIES} - every_duty(families)
    assert missing == set()


@pytest.mark.parametrize("key", [each.key for each in DUTIES])
def test_a_duty_that_is_off_is_nowhere(families: Prepared, key: str) -> None:
    policy = a_policy(**{f"duties.{key}": False})
    asked = every_duty(families)
    again = prepare(families.inputs, policy, 20)
    assert every_duty(again) == asked - {key}


def test_what_does_not_come_before_fostering_marks_nobody_as_provisional(tmp_path: Path) -> None:
    """Off one by one: the mark names what is still asked for, and goes with the last."""
    policies = {
        ("fostering_concerns", "case_risk_assessment"): a_policy(),
        ("case_risk_assessment",): a_policy(duties__fostering_concerns=False),
        (): a_policy(duties__fostering_concerns=False, duties__case_risk_assessment=False),
    }
    for at, (left, policy) in enumerate(policies.items()):
        tables = one_pair(a_request(resource_team_decision=None))
        made = prepared(tmp_path / str(at), tables, policy)
        record = record_of(match(made))
        assert record.requests[0].provisional == left
        held = replace(policy, values={**policy.values, "screening.not_considered": "hold"})
        outcome = record_of(match(prepare(made.inputs, held, 0))).requests[0].outcome
        assert (outcome == "resource_team") is bool(left)


# Documents that are off


@pytest.mark.parametrize("key", [each.key for each in DOCUMENTS])
def test_a_document_that_is_off_is_left_out(tmp_path: Path, key: str) -> None:
    tables = one_pair(a_request(second_parent_age="30"), a_household(takes_second_parent="yes"))
    made = prepared(tmp_path, tables, a_policy(**{f"documents.{key}": False}))
    found = drafts(match(made), "R1", "H1")
    out = {each.document.key: each.why for each in found if isinstance(each, LeftOut)}
    assert out[key] == SWITCHED_OFF
    others = {each.document.key for each in found if isinstance(each, Draft)}
    usual = drafts(match(prepare(made.inputs, a_policy(), 0)), "R1", "H1")
    assert others == {each.document.key for each in usual if isinstance(each, Draft)} - {key}


def test_papers_say_that_a_duty_is_not_asked_for(tmp_path: Path) -> None:
    named = (
        *("safe_caring", "carers_briefed", "request_record", "visit_before", "placement_meeting"),
        *("placement_with_parents_assessment", "revocation_considered", "child_visit"),
    )
    policy = a_policy(**{f"duties.{key}": False for key in named})
    tables = one_pair(
        a_request(
            child_legal_status="care_order",
            head_of_service_on="2026-11-20",
            placement_with_parents="approved",
        )
    )
    made = prepared(tmp_path, tables, policy)
    assert all(
        isinstance(each, Draft) for each in drafts(match(made), "R1", "H1")[:6]
    )  # which raise nothing


# The aims in another order


def best_by_hand(of: Prepared, order: tuple[str, ...]) -> tuple[tuple[int, ...], list[int]]:
    """The best of every choice there is, aim by aim in an order; of equals the first by household."""
    problem = of.problem
    values = {aim.name: problem.of_edges(aim) for aim in problem.aims}
    options = [
        [None, *range(*problem.edges_of(row).indices(len(problem.request)))]
        for row in range(problem.requests)
    ]
    best: tuple[tuple[int, ...], list[int]] | None = None
    for choice in itertools.product(*options):
        edges = [edge for edge in choice if edge is not None]
        homes = problem.household[edges].tolist()
        if len(set(homes)) < len(homes):
            continue
        totals = tuple(int(values[name][edges].sum()) for name in order)
        named = [
            problem.households if edge is None else int(problem.household[edge]) for edge in choice
        ]
        if best is None or (totals, [-home for home in named]) > (best[0], [-h for h in best[1]]):
            best = totals, named
    assert best is not None
    return best


ORDERS = [
    ORDER,
    ("fit", "today", "within_5_days", "more_than_5_days"),
    ("more_than_5_days", "within_5_days", "today", "needed_soonest", "fit", "relationship"),
    ("relationship", "more_than_5_days", "today", "within_5_days", "fit"),
    ("needed_soonest", "fit", "relationship", "today", "within_5_days", "more_than_5_days"),
    ("today", "within_5_days", "more_than_5_days", "relationship"),
    ("today", "within_5_days", "more_than_5_days"),
]


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: order[0] + str(len(order)))
@pytest.mark.parametrize("seed", range(6))
def test_aims_in_another_order_are_the_exact_optimum_and_proven(
    tmp_path: Path, order: tuple[str, ...], seed: int
) -> None:
    write_round(tmp_path, seed, 5, 6, dense=True)
    inputs, _ = loading.load(tmp_path, None, None)
    policy, faults = read_policy({"aims": {"order": list(order)}})
    assert faults == []
    solved = match(prepare(inputs, policy, 20))
    assert solved.prepared.aims == order
    totals, homes = best_by_hand(solved.prepared, order)
    assert solved.solution.values == totals
    households = solved.prepared.problem.households
    found = [households if home == UNPLACED else home for home in solved.solution.household]
    assert found == homes
    record = record_of(solved)
    assert [aim.name for aim in record.objective] == list(order)
    written = json.loads(b"".join(_json(record)))
    assert verify(written, inputs, policy) == []
    usual = check(written, inputs, default()).breaches
    assert usual  # another order is another round


def _json(record: Any) -> Iterator[bytes]:
    from matcher.record import round_json

    return iter(round_json(record, record.requests))


def test_fit_before_relationships_ranks_each_familys_households_so(tmp_path: Path) -> None:
    tables = {
        "requests": [a_request(needs="mental_health")],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2", skills="monitoring_and_recording;parenting_advice;babies;mental_health")],
        "relationships": [{"request_id": "R1", "household_id": "H1", "kind": "former_carer"}],
    }  # fmt: skip
    usual = prepared(tmp_path, tables)
    assert usual.ranked.rank.tolist() == [1, 2]
    otherwise, _ = read_policy({"aims": {"order": list(ORDER)}})
    assert prepare(usual.inputs, otherwise, 0).ranked.rank.tolist() == [2, 1]
    off, _ = read_policy({"aims": {"order": [*(t.key for t in TIERS), "fit"]}})
    assert prepare(usual.inputs, off, 0).ranked.rank.tolist() == [2, 1]
    no_fit, _ = read_policy({"aims": {"order": [*(t.key for t in TIERS), "relationship"]}})
    assert prepare(usual.inputs, no_fit, 0).ranked.rank.tolist() == [1, 2]


def test_many_households_are_ranked_by_fit_first_too() -> None:
    """Where the sort keys don't fit into one number, the order is the same."""
    from matcher.fit import best_first

    random = np.random.Generator(np.random.PCG64(1))
    points, fit = random.integers(0, 3, 40), random.integers(0, 5, 40)
    miles = random.integers(0, 4, 40) / 10
    small = best_first(points, fit, miles, fit_first=True).tolist()
    by_hand = sorted(range(40), key=lambda at: (-fit[at], -points[at], miles[at], at))
    assert small == by_hand
    huge = best_first(points * 2**40, fit, miles * 2**12, fit_first=True).tolist()
    assert huge == by_hand


@pytest.mark.parametrize(
    ("order", "problem"),
    [
        (["today", "within_5_days"], "leaves out more_than_5_days: put what matters less later"),
        ([*ORDER, "fit"], "names fit twice"),
        ([*ORDER, "luck"], "names luck, which is none of today, within_5_days,"),
        ([], "is not a list of aims"),
        ("", "is not a list of aims"),
        (3, "is not a list of aims"),
        ({}, "is not a list of aims"),
    ],
)
def test_a_wrong_order_is_a_fault(order: object, problem: str) -> None:
    _, faults = read_policy({"aims": {"order": order}})
    (fault,) = faults
    assert fault.column == "aims.order"
    assert problem in fault.problem
    assert '["today", "within_5_days", "more_than_5_days",' in fault.fix


def test_an_order_may_be_a_text_as_in_a_sheet() -> None:
    text, faults = read_policy({"aims": {"order": "; ".join(ORDER)}})
    listed, _ = read_policy({"aims": {"order": list(ORDER)}})
    assert faults == []
    assert text.sha256 == listed.sha256
    assert text.changed == {"aims.order": ", ".join(ORDER)}
    assert listed.settings == default().settings


def test_every_command_runs_with_other_aims(tmp_path: Path) -> None:
    council = tmp_path / "council.toml"
    council.write_text(
        'aims.order = ["more_than_5_days", "today", "within_5_days", "relationship"]\n'
    )
    out, data = str(tmp_path / "out"), str(CAMDEN)
    commands = [
        ["round", data, "--out", out],
        ["verify", data, out],
        ["explain", data, "R01"],
        ["explain", data, "R01", "H19"],
        ["whatif", data, "--train", "H15"],
        ["whatif", data, "--each", "train"],
        ["whatif", data, "--next-best", "2"],
        ["whatif", str(CAMDEN.parent / "tutorial"), "--how-sure"],
        ["place", data, "--say", "purpose=assessment"],
        ["sufficiency", data, "--budget", "40000", "--out", str(tmp_path / "gap")],
        ["simulate", data, "--seeds", "1", "--weeks", "4", "--per-week", "1", "--workers", "1"],
        ["equity", data, "--out", str(tmp_path / "equity")],
        ["policy", "--governance", "--json"],
    ]
    for command in commands:
        assert run([*command, "--policy", str(council), "--quiet"]) == 0, command


# Days from which settings count


DATED = {
    "turnaround_days": 7,
    "from": {
        "2027-04-01": {"turnaround_days": 10, "calendar": {"outcome_days": 30}},
        "2027-09-01": {"turnaround_days": 12, "version": "2"},
    },
}


@pytest.mark.parametrize(
    ("day", "turnaround", "outcome", "version", "since"),
    [
        (date(2027, 3, 31), 7, 28, "1", {}),
        (date(2027, 4, 1), 10, 30, "1", {"turnaround_days": "2027-04-01"}),
        (date(2027, 8, 31), 10, 30, "1", {"turnaround_days": "2027-04-01"}),
        (date(2027, 9, 1), 12, 30, "2", {"turnaround_days": "2027-09-01"}),
        (date(2030, 1, 1), 12, 30, "2", {"turnaround_days": "2027-09-01"}),
    ],
)
def test_a_setting_counts_from_its_day(
    day: date, turnaround: int, outcome: int, version: str, since: dict[str, str]
) -> None:
    policy, faults = read_policy(DATED, day)
    assert faults == []
    assert policy.number("turnaround_days") == turnaround
    assert policy.number("calendar.outcome_days") == outcome
    assert policy.version == version
    used = policy_used(policy)
    assert {key: day for key, day in used.since.items() if key == "turnaround_days"} == since
    assert used.changed.keys() == {
        *(["turnaround_days"] if turnaround != 7 else []),
        *(["calendar.outcome_days"] if outcome != 28 else []),
    }


@pytest.mark.parametrize(
    ("table", "column", "problem"),
    [
        ({"from": {"spring": {"turnaround_days": 1}}}, "from.spring.turnaround_days", "no day"),
        ({"from": {"2027-02-30": {"turnaround_days": 1}}}, "from.2027-02-30.turnaround_days", "no day"),
        ({"from": 3}, "from", "no day"),
        ({"from": {"2027-04-01": {}}}, "from.2027-04-01", "stands below"),
        ({"from": {"2027-04-01": {"turnaround": 1}}}, "from.2027-04-01.turnaround", "no such setting"),
        ({"from": {"2027-04-01": {"turnaround_days": "x"}}}, "from.2027-04-01.turnaround_days", "not a number"),
        ({"from": {"2027-04-01": {"weights": {each.key: 0 for each in CRITERIA}}}}, "from.2027-04-01.weights", "No criterion"),
        ({"from": {"2027-04-01": {"adult_checks": False}}}, "from.2027-04-01.adult_checks", "written reason"),
        ({"from": {"2027-04-01": {"reasons": {"x": {}}}}}, "from.2027-04-01.reasons.x", "no such setting"),
    ],
)  # fmt: skip
def test_a_wrong_day_or_what_stands_below_it_is_a_fault_by_its_place(
    table: dict[str, Any], column: str, problem: str
) -> None:
    """Before its day too: what is wrong in spring is said in winter."""
    _, faults = read_policy(table, date(2026, 1, 1))
    assert [each.column for each in faults] == [column]
    assert problem in faults[0].problem


def test_a_later_file_counts_before_the_days_of_an_earlier_one() -> None:
    dated, _ = read_policy(DATED, date(2027, 5, 1))
    own, faults = read_policy({"turnaround_days": 2}, date(2027, 5, 1), dated)
    assert faults == []
    assert own.number("turnaround_days") == 2
    assert policy_used(own).since == {"calendar.outcome_days": "2027-04-01"}


@pytest.mark.parametrize(("day", "outcome"), [("2026-11-22", 28), ("2026-11-23", 5)])
def test_a_round_is_of_the_policy_of_its_day(tmp_path: Path, day: str, outcome: int) -> None:
    settings = f"as_of = {day}\n[policy.from.2026-11-23]\ncalendar.outcome_days = 5\n"
    data = write_tables(tmp_path / "data", one_pair(), settings)
    assert run(["round", str(data), "--out", str(tmp_path / "out"), "--quiet"]) == 0
    assert run(["verify", str(data), str(tmp_path / "out"), "--quiet"]) == 0
    head = json.loads((tmp_path / "out/round.json").read_text("utf-8"))["round"]
    changed = {} if outcome == 28 else {"calendar.outcome_days": 5}
    assert head["policy"]["changed"] == changed
    assert head["policy"]["since"] == dict.fromkeys(changed, "2026-11-23")


# Switches that need a reason


def loosened() -> list[tuple[str, object]]:
    """Every setting that asks for a reason, with a value that loosens it."""
    found: list[tuple[str, object]] = []
    for key, each in settings_of(default()).items():
        if each.asks_reason and not key.startswith("may_accept.default"):
            value = OTHERWISE.get(each.unit)
            if value is None:
                assert each.looser in ("more", "less"), key
                value = each.value + (1 if each.looser == "more" else -1)  # type: ignore[operator]
            found.append((key, value))
    return found


LOOSENED = loosened()


def test_the_law_the_care_order_and_too_high_a_risk_ask_for_a_reason() -> None:
    keys = {key for key, _ in LOOSENED}
    assert {
        *("usual_fostering_limit", "adult_checks", "area.approvals", "area.notices"),
        *("screening.checks.head_of_service", "screening.checks.court_direction"),
        *("screening.checks.consent_section_20", "calendar.first_review_working_days"),
        *("duties.child_visit", "duties.joint_risk_assessment", "duties.consent"),
        *("may_accept.adult_checks", "may_accept.head_of_service"),
    } <= keys
    settings = settings_of(default()).items()
    law = {key for key, each in settings if "LAW-" in each.source and each.unit != "text"}
    guidance = {key for key in law if "smok" in key}
    assert law - keys == guidance | {"area.also_adjoining"}
    assert "duties.transition" not in keys


@pytest.mark.parametrize(("key", "value"), LOOSENED, ids=[key for key, _ in LOOSENED])
def test_what_needs_a_reason_is_a_fault_without_one(key: str, value: object) -> None:
    _, faults = read_policy({key: value})
    (fault,) = faults
    assert fault.column == key
    assert "only with a written reason" in fault.problem
    assert f'[reasons."{key}"]' in fault.fix
    policy, faults = read_policy({key: value, "reasons": {key: WHY}})
    assert faults == []
    (reason,) = policy_used(policy).reasons
    assert (reason.setting, reason.decided_by, reason.on) == (
        key,
        "Head of Service",
        date(2026, 11, 1),
    )
    (sentence,) = switched.reason_sentences(policy)
    assert "Decided by: Head of Service, 1 November 2026. Why: Decided elsewhere." in sentence
    assert settings_of(default())[key].source in sentence


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("usual_fostering_limit", 2),
        ("calendar.visit_weeks", 4),
        ("calendar.first_visit_days", 7),
        ("calendar.turning_18_months", 12),
        ("area.also_adjoining", "E09000007"),
        ("smoke_free_under_years", 0),
        ("may_accept.adult_checks", NOBODY),
        ("may_accept.engagement", NOBODY),
        ("turnaround_days", 0),
        ("duties.transition", False),
    ],
)
def test_what_is_stricter_or_no_law_needs_none(key: str, value: object) -> None:
    assert read_policy({key: value})[1] == []


@pytest.mark.parametrize(
    ("given", "columns"),
    [
        ({}, ["reasons.adult_checks.reason", "reasons.adult_checks.decided_by", "reasons.adult_checks.on"]),
        ({**WHY, "reason": " "}, ["reasons.adult_checks.reason"]),
        ({**WHY, "decided_by": 3}, ["reasons.adult_checks.decided_by"]),
        ({**WHY, "on": "soon"}, ["reasons.adult_checks.on"]),
        ({**WHY, "by": "me"}, ["reasons.adult_checks.by"]),
        ({**WHY, "on": "2026-11-24"}, ["reasons.adult_checks.on"]),
        ({**WHY, "on": date(2026, 11, 23)}, []),
    ],
)  # fmt: skip
def test_a_reason_is_whole(given: dict[str, Any], columns: list[str]) -> None:
    named = {**given} or {"": None}
    _, faults = read_policy({"adult_checks": False, "reasons": {"adult_checks": named}})
    own = [each for each in faults if each.column != "adult_checks"]
    assert [each.column for each in own if each.column != "reasons.adult_checks."] == columns
    assert all('[reasons."adult_checks"]' in each.fix or "Write a day" in each.fix for each in own)


def test_a_reason_for_what_is_no_setting_is_a_fault() -> None:
    _, faults = read_policy({"reasons": {"adult_check": WHY}})
    assert [(each.column, each.problem) for each in faults] == [
        ("reasons.adult_check", "The policy has no such setting.")
    ]


def test_a_reason_stands_in_the_file_that_loosens() -> None:
    """A reason for four does not carry off, which another file writes."""
    four, _ = read_policy({"usual_fostering_limit": 4, "reasons": {"usual_fostering_limit": WHY}})
    _, faults = read_policy({"usual_fostering_limit": "off"}, base=four)
    assert [each.column for each in faults] == ["usual_fostering_limit"]
    back, faults = read_policy({"usual_fostering_limit": 3}, base=four)
    assert (faults, policy_used(back).reasons) == ([], ())


def test_a_reason_for_any_change_is_shown_and_one_for_none_is_not() -> None:
    policy, faults = read_policy(
        {"turnaround_days": 9, "reasons": {"turnaround_days": WHY, "far_miles": WHY}}
    )
    assert faults == []
    assert [each.setting for each in policy_used(policy).reasons] == ["turnaround_days"]


def test_a_question_of_what_would_be_needs_no_reason(tmp_path: Path) -> None:
    made = prepared(tmp_path, one_pair())
    scenario = read_options({"policy": {"usual_fostering_limit": 4}}, made.inputs, made.policy)
    assert scenario.policy(made.policy).number("usual_fostering_limit") == 4


def test_what_a_round_says_that_it_used_is_read_back_whole() -> None:
    table = {**DATED, "adult_checks": False, "duties": {"transition": False}}
    table |= {"aims": {"order": list(ORDER)}, "reasons": {"adult_checks": WHY}}
    policy, faults = read_policy(table, date(2027, 5, 1))
    assert faults == []
    head = {
        "as_of": "2027-05-01",
        "title": None,
        "version": "1",
        "policy": as_dict(policy_used(policy)),
        "input_sha256": "",
        "top": 0,
        "keep": None,
    }
    again = policy_of(read(Head, head))
    assert policy_used(again) == policy_used(policy)
    assert again.sha256 == policy.sha256


LINES = (
    "The setting adult checks is switched off (LAW-dbs). Decided by: Head of Service, 1 November 2026. Why: "
    "Decided elsewhere.",
    "Switched off by this policy: the check high violence; the criterion religion; the duties "
    "transition and planned end; the document match record; the aim how soon the needs come; the "
    "setting adult checks.",
    "The aims count in another order than usual: placed, needed today; then placed, needed within 5 "
    "days; then placed, needed later; then fit in all; then existing relationships.",
)
COUNCIL = """
adult_checks = false
aims.order = ["today", "within_5_days", "more_than_5_days", "fit", "relationship"]
weights.religion = 0
screening.checks.high_violence = "off"
duties.transition = false
duties.planned_end = false
documents.match-record = false

[reasons."adult_checks"]
reason = "Decided elsewhere."
decided_by = "Head of Service"
on = 2026-11-01
"""


def test_what_is_off_and_why_is_said_first_everywhere(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    council, out = tmp_path / "council.toml", tmp_path / "out"
    council.write_text(COUNCIL, "utf-8")
    policy = ["--policy", str(council)]
    said = [" ".join(line.split()) for line in LINES]

    def told(command: list[str]) -> str:
        assert run(command) == 0
        return " ".join(capsys.readouterr().out.split())

    text = told(["round", str(CAMDEN), "--out", str(out), *policy])
    assert all(line in text for line in said)
    assert text.index(said[0]) < text.index(said[1]) < text.index("NO HOME TONIGHT")
    page = (out / "report.html").read_text("utf-8")
    first = page[page.index('<h2 id="first">') :]
    assert all(line in first for line in said)
    assert first.index(said[0]) < first.index("Starts late")
    text = told(["verify", str(CAMDEN), str(out), *policy])
    assert all(line in text for line in said)
    text = told(["policy", *policy])
    assert all(line in text for line in said)
    assert "transition (off)" in text
    assert "match-record (off)" in text
    record = json.loads((out / "round.json").read_text("utf-8"))["round"]["policy"]
    assert record["changed"]["duties.transition"] is False
    assert record["reasons"] == [{"setting": "adult_checks", **WHY}]


def test_nothing_is_said_of_the_policy_that_ships() -> None:
    assert switched.lines(default()) == []


def test_a_setting_that_rests_on_the_law_says_which_way_it_is_looser() -> None:
    for key, each in settings_of(default()).items():
        number = not isinstance(each.value, bool | str)
        if each.asks_reason and number:
            assert each.looser in ("more", "less"), key
        elif each.looser and each.unit != "text":
            assert "LAW-" in each.source, key


def test_a_wrong_policy_file_stops_a_round_with_every_fault(tmp_path: Path) -> None:
    council = tmp_path / "council.toml"
    council.write_text("adult_checks = false\n[from.spring]\nturnaround_days = 1\n", "utf-8")
    data = write_tables(tmp_path / "data", one_pair())
    with pytest.raises(WrongInput) as wrong:
        loading.load(data, None, council)
    assert sorted(str(each.column) for each in wrong.value.faults) == [
        "adult_checks",
        "from.spring.turnaround_days",
    ]


def test_verify_names_the_day_from_which_a_value_counts(tmp_path: Path) -> None:
    settings = "as_of = 2026-11-23\n[policy.from.2026-11-20]\nturnaround_days = 9\n"
    data = write_tables(tmp_path, one_pair(), settings)
    inputs, policy = loading.load(data, None, None)
    record = json.loads(b"".join(_json(record_of(match(prepare(inputs, policy, 0))))))
    checked = check(record, inputs, policy)
    assert checked.breaches == ()
    said = "\n".join(lines(proved(record, checked, policy, None, None)))
    assert "turnaround_days = 9 (default 7, from 20 November 2026)" in said
    assert IN_ORDER not in said


def test_a_file_that_is_made_of_a_policy_says_the_same(tmp_path: Path) -> None:
    """Its order, its reasons and its switches among it; what it loosens it gives the reason for."""
    council, made = tmp_path / "council.toml", tmp_path / "made.toml"
    council.write_text(COUNCIL, "utf-8")
    assert run(["policy", "init", str(made), "--policy", str(council), "--quiet"]) == 0
    was, now = (loading.load_policy(file, RoundSettings(), [], AS_OF) for file in (council, made))
    assert now.changed == was.changed
    assert policy_used(now).reasons == policy_used(was).reasons
    assert 'aims.order = ["today", "within_5_days", "more_than_5_days", "fit", "relationship"]' in (
        made.read_text("utf-8")
    )


# Numbers of the policy are said as it has them, nowhere typed

NUMBERS = re.compile(
    r"[0-9]|\b(one|two|three|four|five|six|seven|ten|twenty|week(ly)?|month(ly)?|year(ly)?|annual)\b",
    re.IGNORECASE,
)
DATED_BY_SETTINGS = [
    each
    for each in DUTIES
    if any(f"calendar.{name}" in default().settings for name, _ in each.facts)
]


@pytest.mark.parametrize("duty", DATED_BY_SETTINGS, ids=lambda duty: duty.key)
def test_a_duty_that_a_setting_dates_types_no_number(duty: duties.Duty) -> None:
    assert not NUMBERS.search(duty.sentence.replace("18th birthday", "").replace("18", ""))
    assert not NUMBERS.search(duty.action.replace("18th birthday", ""))


@pytest.mark.parametrize(
    ("days", "action"),
    [
        (6, "Widen the terms, or approve it as an emergency, for up to 6 working days."),
        (1, "Widen the terms, or approve it as an emergency, for up to 1 working day."),
        ("off", "Widen the terms, or approve it as an emergency."),
    ],
)
def test_how_long_an_emergency_lasts_is_a_setting(
    tmp_path: Path, days: int | str, action: str
) -> None:
    policy = a_policy(calendar__emergency_approval_working_days=days)
    case = prepared(tmp_path, one_pair(household=a_household(terms="support")), policy).pair(0, 0)
    (terms,) = (
        each for each in duties.words(duties.of_match(case), default()) if each.duty == "terms"
    )
    assert terms.action == action


@pytest.mark.parametrize(
    ("days", "evidence"),
    [
        (20, "The first one, within 20 working days."),
        (15, "The first one, within 15 working days."),
    ],
)
def test_how_soon_a_first_review_is_held_is_said_as_the_policy_has_it(
    tmp_path: Path, days: int, evidence: str
) -> None:
    policy = a_policy(calendar__first_review_working_days=days)
    family = a_request(looked_after_since="2026-11-16")
    case = prepared(tmp_path, one_pair(family), policy).pair(0, 0)
    (review,) = (
        e for e in duties.words(duties.of_match(case), default()) if e.duty == "child_review"
    )
    assert review.evidence.startswith(evidence)


def test_a_match_record_says_what_differs_and_who_decided_it(tmp_path: Path) -> None:
    table = {"adult_checks": False, "far_miles": 9, "reasons": {"adult_checks": WHY}}
    policy, faults = read_policy(table)
    assert faults == []
    made = prepared(tmp_path, one_pair(), policy)
    record = next(
        each
        for each in drafts(match(made), "R1", "H1")
        if isinstance(each, Draft) and each.document.key == "match-record"
    )
    said = "adult_checks = no (Head of Service, 1 November 2026: Decided elsewhere); far_miles = 9"
    assert any(said in each.text for each in paragraphs(record.content))


def paragraphs(content: bytes) -> list[Any]:
    word = docx.Document(io.BytesIO(content))
    cells = (c for t in word.tables for r in t.rows for c in r.cells)
    return [*word.paragraphs, *(p for cell in cells for p in cell.paragraphs)]


def test_a_what_if_may_reorder_and_switch_off_but_knows_no_days(tmp_path: Path) -> None:
    made = prepared(tmp_path, one_pair())

    def asked(policy: dict[str, Any]) -> Any:
        return read_options({"policy": policy}, made.inputs, made.policy)

    scenario = asked({"aims": {"order": list(ORDER)}, "duties": {"child_visit": False}})
    assert scenario.said == f"The order of the aims = {', '.join(ORDER)}, duty child visit = no"
    then = scenario.policy(made.policy)
    assert [aim.key for aim in aims.in_force(then)] == list(ORDER)
    with pytest.raises(WrongInput) as wrong:
        asked({"from": {"2026-01-01": {"turnaround_days": 0}}})
    assert [each.column for each in wrong.value.faults] == [
        "policy.from.2026-01-01.turnaround_days"
    ]


@pytest.fixture
def law_changes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A product whose own file says that the law widens a limit from a day."""
    text = settings_module.shipped_text() + "\n[from.2027-04-01]\nusual_fostering_limit = 4\n"
    for module in (settings_module, reading):
        monkeypatch.setattr(module, "shipped_text", lambda: text)
    default.cache_clear()
    yield
    default.cache_clear()


@pytest.mark.usefixtures("law_changes")
@pytest.mark.parametrize(("day", "limit"), [(date(2027, 3, 31), 3), (date(2027, 4, 1), 4)])
def test_what_the_law_changes_ships_with_its_day_and_needs_no_reason(day: date, limit: int) -> None:
    faults: list[Fault] = []
    policy = loading.load_policy(None, RoundSettings(), faults, day)
    assert (policy.number("usual_fostering_limit"), faults) == (limit, [])
    assert default().number("usual_fostering_limit") == 3
    since = {} if limit == 3 else {"usual_fostering_limit": "2027-04-01"}
    assert policy_used(policy).since == since
    own = RoundSettings(policy={"usual_fostering_limit": 2})
    assert loading.load_policy(None, own, faults, day).number("usual_fostering_limit") == 2
