"""Who may accept a duty though it is open, and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import matcher
from builders import Cells, a_carer, a_household, a_request, write_tables
from matcher.errors import Fault, WrongInput
from matcher.intake.inputs import Inputs
from matcher.loading import load
from matcher.policy.accepting import accepting
from matcher.policy.duties import DUTIES
from matcher.policy.settings import default

AS_OF = "as_of = 2026-11-23\n"
HEAD = "It may be accepted by a Head of Service for at most 14 days."
EITHER = "It may be accepted by a team manager for at most 7 days or a Head of Service for at most 14 days."
NOBODY = "Nobody may accept it: it has to be done."
NOT_THIS_ROLE = "The policy does not let this role accept the duty."


def accepted(duty: str, by: str | None, until: str | None, household: str | None = None) -> Cells:
    return {
        "request_id": "R1",
        "household_id": household,
        "event": duty,
        "status": "accepted",
        "on": "2026-11-20",
        "by": by,
        "until": until,
    }


def folder(path: Path, event: Cells, *, table: str = "events", policy: str = "") -> Path:
    heading = {"events": "event", "steps": "gate"}[table]
    tables = {
        "requests": [a_request()],
        "households": [a_household()],
        "carers": [a_carer()],
        table: [{heading if name == "event" else name: cell for name, cell in event.items()}],
    }
    return write_tables(path, tables, AS_OF + policy)


def faults_of(path: Path) -> list[Fault]:
    with pytest.raises(WrongInput) as wrong:
        load(path, None, None)
    return [*wrong.value.faults]


@pytest.mark.parametrize(
    ("duty", "by", "until"),
    [
        ("engagement", "Head of Service", "2026-12-04"),
        ("engagement", "HEAD of  service (JB)", "2026-11-21"),
        ("engagement", "head-of-service", "2026-11-20"),
        ("request_record", "Team Manager", "2026-11-27"),
        ("request_record", "Head of Service", "2026-12-04"),
    ],
    ids=["the last day", "in another case", "the same day", "a team manager's last day", "or 14"],
)
def test_who_may_accept_a_duty_until_when(tmp_path: Path, duty: str, by: str, until: str) -> None:
    inputs, _ = load(folder(tmp_path, accepted(duty, by, until)), None, None)
    (event,) = inputs.events["R1", None][duty]
    assert (event.status, event.by) == ("accepted", by)


@pytest.mark.parametrize(
    ("duty", "by", "until", "column", "problem", "fix"),
    [
        ("engagement", "Head of Service", "2026-12-05", "until", "It is accepted for more than 14 days.", f"Write 2026-12-04 or an earlier day. {HEAD}"),
        ("request_record", "team manager", "2026-11-28", "until", "It is accepted for more than 7 days.", f"Write 2026-11-27 or an earlier day. {EITHER}"),
        ("engagement", "Head of Service", None, "until", "It does not say until when it is accepted.", "Write a day, 2026-12-04 at the latest."),
        ("engagement", None, "2026-12-04", "by", "Somebody has to answer for what is accepted.", f"Write the role. {HEAD}"),
        ("engagement", "team manager", "2026-11-24", "by", NOT_THIS_ROLE, HEAD),
        ("engagement", "duty worker", "2026-11-24", "by", NOT_THIS_ROLE, HEAD),
        ("consent", "Head of Service", "2026-11-24", "by", NOT_THIS_ROLE, NOBODY),
        ("head_of_service", "Head of Service", "2026-11-24", "by", NOT_THIS_ROLE, NOBODY),
        ("child_visit", "Head of Service", "2026-11-24", "by", NOT_THIS_ROLE, NOBODY),
    ],
    ids=["a day too long", "a team manager, a day too long", "no until", "nobody", "not this role", "not a duty worker", "nobody may", "not for herself", "holds nothing"],
)  # fmt: skip
def test_whoever_may_not_accept_it_is_a_fault(
    tmp_path: Path,
    duty: str,
    by: str | None,
    until: str | None,
    column: str,
    problem: str,
    fix: str,
) -> None:
    (fault,) = faults_of(folder(tmp_path, accepted(duty, by, until)))
    assert (fault.table, fault.row, fault.column) == ("events", 2, column)
    assert (fault.problem, fault.fix) == (problem, fix)


def test_all_faults_come_in_one_pass(tmp_path: Path) -> None:
    path = folder(tmp_path, accepted("consent", "Head of Service", "2026-11-24"))
    tables = path / "requests.csv"
    tables.write_text(tables.read_text("utf-8").replace(",s20,", ",s31,"), "utf-8")
    found = [(fault.table, fault.column) for fault in faults_of(path)]
    assert found == [("events", "by"), ("requests", "child_legal_status")]


def test_under_the_old_name_of_the_table_it_is_a_warning_and_counts_as_open(
    tmp_path: Path,
) -> None:
    step = accepted("consent", "Head of Service", "2026-11-24")
    inputs, _ = load(folder(tmp_path, step, table="steps"), None, None)
    (warning,) = (each for each in inputs.warnings if each.column == "by")
    assert (warning.table, warning.row, warning.problem) == ("steps", 2, NOT_THIS_ROLE)
    assert warning.fix == f"It counts as open. {NOBODY}"
    assert not inputs.events


@pytest.mark.parametrize(
    ("setting", "by", "until", "faulty"),
    [
        ('engagement = "team manager: 3"', "team manager", "2026-11-23", False),
        ('engagement = "team manager: 3"', "team manager", "2026-11-24", True),
        ('engagement = "team manager: 3"', "Head of Service", "2026-11-23", True),
        ('default = "nobody"', "Head of Service", "2026-11-23", True),
        ('default = "team manager: 3"', "team manager", "2026-11-23", False),
    ],
)
def test_a_council_says_itself_who_may(
    tmp_path: Path, setting: str, by: str, until: str, faulty: bool
) -> None:
    event = accepted("engagement", by, until)
    path = folder(tmp_path, event, policy=f"[policy.may_accept]\n{setting}\n")

    def found() -> Iterator[Fault | Inputs]:
        try:
            yield load(path, None, None)[0]
        except WrongInput as error:
            yield from error.faults

    assert [isinstance(each, Fault) for each in found()] == [faulty]


def test_a_setting_of_no_duty_is_wrong(tmp_path: Path) -> None:
    event = accepted("engagement", "Head of Service", "2026-11-24")
    path = folder(tmp_path, event, policy='[policy.may_accept]\nengagment = "nobody"\n')
    (fault,) = faults_of(path)
    assert (fault.table, fault.column) == ("round.toml", "may_accept.engagment")
    assert fault.problem == "The policy has no such setting."


@pytest.mark.parametrize("value", ["", "Head of Service", "Head of Service: 0", "14", "x: -1"])
def test_a_setting_that_says_no_role_and_days_is_wrong(tmp_path: Path, value: str) -> None:
    event = accepted("engagement", "Head of Service", "2026-11-24")
    path = folder(tmp_path, event, policy=f'[policy.may_accept]\nengagement = "{value}"\n')
    assert [fault.column for fault in faults_of(path)] == ["may_accept.engagement"]


def test_only_duties_that_hold_are_in_the_register_of_who_may() -> None:
    found = accepting(default()).by_duty
    assert found.keys() == {duty.key for duty in DUTIES if duty.holds}
    nobody = {"consent", "joint_risk_assessment", "adult_checks", "head_of_service"}
    nobody |= {"carers_briefed", "placement_meeting", "placement_plan"}
    assert {key for key, roles in found.items() if not roles} == nobody
    two = {key: roles for key, roles in found.items() if len(roles) > 1}
    longer = {"team manager": 7, "Head of Service": 14}
    assert [*two] == ["request_record", "children_considered", "safe_caring"]
    assert all(roles == longer for roles in two.values())
    assert {*map(str, (found["engagement"], found["high_risk"]))} == {"{'Head of Service': 14}"}


def test_frames_are_held_against_it_too(tmp_path: Path) -> None:
    event = accepted("consent", "Head of Service", "2026-11-24")
    tables = {
        "requests": pd.DataFrame([a_request()]),
        "households": pd.DataFrame([a_household()]),
        "carers": pd.DataFrame([a_carer()]),
        "events": pd.DataFrame([event]),
    }
    with pytest.raises(matcher.WrongInput) as wrong:
        matcher.read(tables, as_of="2026-11-23")
    assert wrong.value.faults[["table", "column"]].values.tolist() == [["events", "by"]]
