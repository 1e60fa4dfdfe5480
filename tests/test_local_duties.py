"""A council's own duties, as its policy file has them: when they are due, what settles them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from builders import AS_OF, Cells, a_household, a_policy, a_request
from matcher.calendar import diary
from matcher.cli import run
from matcher.errors import Fault, WrongInput
from matcher.intake.rows import Household, Request
from matcher.policy import duties
from matcher.policy.asking import ask
from matcher.policy.case import Case, fact_source
from matcher.policy.conditions import HOUSEHOLDS, REQUESTS, parsed, sources
from matcher.policy.duties import DutyWords
from matcher.policy.duties.local import holds
from matcher.policy.local import _NOT_OF_A_DUTY
from matcher.policy.reading import override
from matcher.policy.settings import Policy, default
from matcher.record import RoundRecord, policy_of, read
from matcher.recorder import record_of
from matcher.rounds import match
from test_duties import event, lives, made
from test_local_rules import CAMDEN, TABLE
from test_rules import a_case

FIRE = "local_fire_check"


def a_duty(key: str = FIRE, **parts: Any) -> dict[str, Any]:
    """A local duty as a policy file has it."""
    return {
        "key": key,
        "clause": "EX-10",
        "sentence": "A fire and safer-sleep check of the home was made.",
        "action": "Check the home for fire and safer sleep.",
        "who": "supervising social worker",
        **parts,
    }


def asking(**parts: Any) -> Policy:
    """A policy that asks for one local duty."""
    return a_policy(local_duty=[a_duty(**parts)])


def stands(folder: Path, policy: Policy, request: Cells | None = None, **given: Any) -> DutyWords:
    """How the local duty stands for the family with H1, or where it lives."""
    round_ = made(folder, request, policy=policy, **given)
    case: Case = round_.living.get("R1") or round_.pair(0, 0)
    found = {each.duty: each for each in duties.words(duties.of_match(case), policy)}
    return found[FIRE]


def told(duty: DutyWords) -> tuple[str, str | None]:
    return duty.status, duty.due.isoformat() if duty.due else None


# When it is due


@pytest.mark.parametrize(
    ("parts", "request_cells", "given", "says"),
    [
        # needed from 7 December 2026, and no placement yet
        ({}, {}, {}, ("open", None)),
        ({"holds": True}, {}, {}, ("open", "2026-12-04")),  # the last working day before the start
        ({"due": "start"}, {}, {}, ("open", "2026-12-07")),
        ({"due": "5 days before start"}, {}, {}, ("open", "2026-12-02")),
        ({"due": "300 days before start"}, {}, {}, ("overdue", "2026-11-16")),  # not before the request
        ({"due": "2 weeks after needed_from"}, {}, {}, ("open", "2026-12-21")),
        ({"due": "30 days after child_born_or_due_on"}, {}, {}, ("overdue", "2026-10-31")),
        ({"due": "60 days after child_born_or_due_on"}, {}, {}, ("open", "2026-11-30")),
        ({"due": "1 day after looked_after_since"}, {}, {}, ("unknown", None)),
        ({"due": "1 day after looked_after_since", "holds": True}, {}, {}, ("open", "2026-12-04")),
        ({"due": "7 days after placement_meeting"}, {}, {}, ("not_needed", None)),
        ({"due": "7 days after placement_meeting"}, {}, {"events": [event("placement_meeting", "2026-11-20", "H1")]}, ("open", "2026-11-27")),
        ({"due": "7 days after returned_home"}, {}, {"events": [event("returned_home", "2026-11-10")]}, ("overdue", "2026-11-17")),
        # a placement that runs since 2 November
        ({"due": "10 days after start"}, {}, {"placements": [lives("2026-11-02")]}, ("overdue", "2026-11-12")),
        ({"about": "placement", "due": "7 days after start", "every": "7 days"}, {}, {"placements": [lives("2026-11-20")]}, ("open", "2026-11-27")),
        ({"about": "placement", "due": "7 days after start", "every": "1 week"}, {}, {"placements": [lives("2026-11-02")], "events": [event(FIRE, "2026-11-20", "H1")]}, ("open", "2026-11-27")),
        ({"about": "placement", "due": "7 days after start", "every": "1 week"}, {}, {"placements": [lives("2026-11-02")], "events": [event(FIRE, "2026-11-15", "H1")]}, ("overdue", "2026-11-22")),
    ],
)  # fmt: skip
def test_when_it_is_due(
    tmp_path: Path, parts: dict[str, Any], request_cells: Cells, given: Any, says: tuple[str, str]
) -> None:
    found = stands(tmp_path, asking(**parts), request_cells, **given)
    assert told(found) == says
    assert found.holds == parts.get("holds", False)


def test_one_of_a_placement_is_there_once_one_runs(tmp_path: Path) -> None:
    policy = asking(about="placement", due="7 days after start")
    round_ = made(tmp_path, policy=policy)
    assert FIRE not in {each.duty for each in duties.of_match(round_.pair(0, 0))}


@pytest.mark.parametrize(
    ("when", "cells", "says"),
    [
        ("parent_age < 20", {"request": {"parent_age": "19"}}, "open"),
        ("parent_age < 20", {}, "not_needed"),
        ("second_parent_age < 20", {}, "unknown"),
        ("dogs = yes", {"household": {"dogs": "yes", "features": None}}, "open"),
        ("dogs = yes", {"household": {"dogs": "no", "features": None}}, "not_needed"),
        ("dogs = yes", {"household": {"dogs": None, "features": None}}, "unknown"),
    ],
)
def test_when_decides_whether_it_is_asked_for(
    tmp_path: Path, when: str, cells: dict[str, Cells], says: str
) -> None:
    home = a_household(smokes="no", **cells.get("household", {}))
    found = stands(tmp_path, asking(when=[when], holds=True), cells.get("request"), household=home)
    assert found.status == says
    assert found.holds


def test_what_is_not_known_is_asked_in_words(tmp_path: Path) -> None:
    home = a_household(smokes="no", features=None)
    found = stands(tmp_path, asking(when=["dogs = yes"]), household=home)
    assert found.evidence == "Nothing is recorded of dogs."
    assert found.action == "Ask: Is there a dog?"
    assert found.who == "supervising social worker"


# What settles it


@pytest.mark.parametrize(
    ("about", "cells", "says"),
    [
        ("home", event(FIRE, "2026-11-20", "H1"), "done"),
        ("home", event(FIRE, "2026-12-02", "H1", status="planned"), "open"),
        ("family", event(FIRE, "2026-11-20"), "done"),
        ("family", event(FIRE, "2026-11-20", "H1"), "done"),  # whatever home it names
        ("home", event("Local fire-check", "2026-11-20", "H1"), "done"),  # as the product prints it
        ("home", event(FIRE, "2026-11-20", "H1", status="accepted", by="Head of Service", until="2026-12-01"), "accepted"),
    ],
)  # fmt: skip
def test_an_event_of_its_key_settles_it(
    tmp_path: Path, about: str, cells: Cells, says: str
) -> None:
    found = stands(tmp_path, asking(about=about, holds=True), events=[cells])
    assert found.status == says


def test_who_may_accept_it_is_the_policys(tmp_path: Path) -> None:
    cells = event(
        FIRE, "2026-11-20", "H1", status="accepted", by="team manager", until="2026-11-23"
    )
    with pytest.raises(WrongInput, match="does not let this role accept"):
        stands(tmp_path / "a", asking(holds=True), events=[cells])
    with pytest.raises(WrongInput, match="Nobody may accept it"):
        stands(tmp_path / "b", asking(), events=[cells])  # it holds nothing
    policy = a_policy(local_duty=[a_duty(holds=True)], **{f"may_accept__{FIRE}": "team manager: 3"})
    assert stands(tmp_path / "c", policy, events=[cells]).status == "accepted"


def test_an_event_of_a_key_that_the_policy_has_not_is_a_fault(tmp_path: Path) -> None:
    cells = event("local_garden_check", "2026-11-20", "H1")
    with pytest.raises(WrongInput) as raised:
        stands(tmp_path, asking(), events=[cells])
    (fault,) = raised.value.faults
    assert (fault.table, fault.column, fault.value) == ("events", "event", "local_garden_check")
    assert fault.problem == "The policy has no duty of this key."


def test_one_that_holds_stands_before_a_confirmation(tmp_path: Path) -> None:
    for number, has in enumerate((True, False)):
        round_ = made(tmp_path / str(number), policy=asking(holds=has))
        records = duties.words(duties.of_match(round_.pair(0, 0)), round_.policy)
        before = {each.duty for each in duties.before_confirmation(records)}
        assert (FIRE in before) == has


def test_it_can_be_switched_off(tmp_path: Path) -> None:
    off = override(asking(holds=True), {"duties": {FIRE: False}}, "later", [])
    round_ = made(tmp_path, policy=off)
    assert FIRE not in {each.duty for each in duties.of_match(round_.pair(0, 0))}
    assert off.changed == {f"duties.{FIRE}": False}


# What is wrong


@pytest.mark.parametrize(
    ("duty", "place", "problem"),
    [
        (a_duty("fire_check"), "key", "This is not the key of a local duty."),
        (a_duty(sentence=""), "sentence", "It is left out, or is not text."),
        (a_duty(about="garden"), "about", "This is nothing that a duty can be about."),
        (a_duty(holds="yes"), "holds", "This is neither true nor false."),
        (a_duty(due="soon after lunch"), "due", "This is no day that a duty can count from."),
        (a_duty(due="5 days before dogs"), "due", "This is no day that a duty can count from."),
        (a_duty(due="5 months after start"), "due", "This is no day that a duty can count from."),
        (a_duty(about="family", every="often"), "every", "This is no time."),
        (a_duty(every="7 days"), "every", "What recurs is about the family or its placement."),
        (a_duty(when=["dog = yes"]), "when 1", "There is no column dog."),
        (a_duty(when=["miles > 5"]), "when 1", "A duty about the home can't ask for miles."),
        (a_duty(when=["skills has babies"]), "when 1", "A duty about the home can't ask for skills."),
        (a_duty(when=["households.status = approved"]), "when 1", "A duty about the home can't ask for status."),
        (a_duty(about="family", when=["dogs = yes"]), "when 1", "A duty about the family can't ask for dogs."),
        (a_duty(wenn=[]), "wenn", "There is no such part."),
    ],
)  # fmt: skip
def test_a_wrong_duty_is_a_fault_with_its_place(duty: object, place: str, problem: str) -> None:
    faults: list[Fault] = []
    override(default(), {"local_duty": [duty]}, "ours.toml", faults)
    assert (f"local_duty 1, {place}", problem) in [(each.column, each.problem) for each in faults]
    assert {fault.table for fault in faults} == {"ours.toml"}


def test_two_duties_of_one_key_are_a_fault() -> None:
    faults: list[Fault] = []
    override(default(), {"local_duty": [a_duty(), a_duty()]}, "ours.toml", faults)
    assert [each.problem for each in faults] == ["This is the key of local_duty 1 too."]


# The conditions of a duty are read as those of a rule


def _can_be_asked(condition: str) -> bool:
    """Whether a duty can ask for it: neither of carers, nor of a list with a meaning of its own."""
    source = parsed(condition).source
    apart = ("approved_carers", "features", "terms")
    return source.table in (REQUESTS, HOUSEHOLDS) and source.name not in apart


def test_a_duty_asks_for_no_column_of_the_home_that_its_facts_have_of_the_family() -> None:
    """A fact has a name alone: `status` is the family's."""
    names = (key.partition(".") for key in sources())
    homes = (name for table, _, name in names if table == HOUSEHOLDS)
    assert {name for name in homes if fact_source(name) is not Household} <= {*_NOT_OF_A_DUTY}


@pytest.mark.parametrize(("must", "cells", "says"), [e for e in TABLE if _can_be_asked(e[0])])
def test_a_duty_reads_a_condition_as_a_rule_does(
    tmp_path: Path, must: str, cells: Mapping[str, Any], says: str
) -> None:
    condition = parsed(must)
    case = a_case(tmp_path, **cells)
    facts: dict[str, Any] = {"as_of": AS_OF}
    for source in (condition.source, condition.anchor):
        if source is not None:
            row: Request | Any = case.request if source.table == REQUESTS else case.household
            facts[source.name] = getattr(row, source.name)
    met, known = ask(condition, case.pairs)
    expected = bool(met.ravel()[0]) if bool(known.ravel()[0]) else None
    assert holds(condition, facts) == expected
    assert {True: "met", False: "breach", None: "not known"}[expected] == says


# Through the commands

FILE = """
[[local_duty]]
key = "local_fire_check"
clause = "EX-10"
sentence = "A fire and safer-sleep check of the home was made."
action = "Check the home for fire and safer sleep."
who = "supervising social worker"
holds = true
due = "5 days before start"

[[local_duty]]
key = "local_weekly_visit"
clause = "EX-11"
sentence = "A social worker visits every week."
action = "Visit the family."
who = "child's social worker"
about = "placement"
due = "7 days after start"
every = "7 days"

[[local_duty]]
key = "local_dog_plan"
clause = "EX-12"
sentence = "It is agreed how the baby is kept safe from the dog."
who = "supervising social worker"
holds = true
when = ["dogs = yes"]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the policy file and a round made with it."""
    folder = tmp_path_factory.mktemp("council")
    (folder / "ours.toml").write_text(FILE, "utf-8")
    args = ["round", str(CAMDEN), "--policy", str(folder / "ours.toml")]
    assert run([*args, "--out", str(folder / "report")]) == 0
    return folder


def recorded(house: Path) -> RoundRecord:
    found = json.loads((house / "report/round.json").read_text("utf-8"))
    return read(RoundRecord, found)


def test_the_record_is_enough_to_say_them(house: Path) -> None:
    found = recorded(house)
    policy = policy_of(found.round.policy)
    assert [duty.key for duty in policy.local_duties] == [
        FIRE,
        "local_weekly_visit",
        "local_dog_plan",
    ]
    entries = diary.of_record(found)
    assert {"local_weekly_visit", FIRE} <= {each.task for each in entries}
    (visit,) = (each for each in entries if each.task == "local_weekly_visit")
    assert (visit.request_id, visit.date, visit.overdue) == ("R16", date(2026, 11, 9), True)


def test_the_round_verifies_with_its_policy(house: Path) -> None:
    verify = ["verify", str(CAMDEN), str(house / "report/round.json"), "--policy"]
    assert run([*verify, str(house / "ours.toml")]) == 0
    other = house / "other.toml"
    other.write_text(FILE.replace("5 days before", "6 days before"), "utf-8")
    assert run([*verify, str(other)]) == 3


def test_pages_papers_and_explanations_say_them(
    house: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (house / "report/report.html").read_text("utf-8")
    assert "Check the home for fire and safer sleep." in page
    assert "3 local duties are asked for beside the usual ones: local fire check (EX-10)" in page
    gone = tmp_path / "no tables"
    gone.mkdir()
    capsys.readouterr()
    request, home = next(
        (each.request_id, each.proposal.household_id)
        for each in recorded(house).requests
        if each.proposal and any(duty.duty == FIRE and duty.holds for duty in each.duties)
    )
    assert run(["explain", str(gone), request, "--round", str(house / "report")]) == 0
    assert "local fire check" in " ".join(capsys.readouterr().out.split())
    papers = ["documents", str(CAMDEN), request, home]
    assert run([*papers, "--policy", str(house / "ours.toml"), "--out", str(tmp_path / "p")]) == 0


def test_a_round_without_them_is_as_before(tmp_path: Path) -> None:
    whole = record_of(match(made(tmp_path)))
    assert whole.round.policy.local_duties == ()
    assert not [d for r in whole.requests for d in r.duties if d.duty.startswith("local_")]
    assert a_request()["request_id"] == whole.requests[0].request_id
