"""The duty desk: who could take one family now, what that does to the others, what to ask first."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import assume, settings
from hypothesis import given as drawn

from builders import (
    AS_OF,
    Cells,
    Tables,
    a_carer,
    a_household,
    a_policy,
    a_request,
    one_pair,
    read_tables,
    write_tables,
)
from matcher import cli
from matcher.duty.assume import complete
from matcher.duty.desk import FIRST, Desk, place
from matcher.duty.questions import QUESTIONS, Round, possible
from matcher.duty.record import record
from matcher.duty.words import _lost, text
from matcher.eligibility import failed_bits
from matcher.errors import WrongInput
from matcher.intake.edits import Decided, apply, new_row
from matcher.intake.given import COLUMNS, Given, given
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Decision, Request, columns_of
from matcher.loading import load
from matcher.policy.aims import AIMS
from matcher.policy.settings import Policy
from matcher.recorder import Recorder, record_of
from matcher.report.single import Asked, pair_record
from matcher.rounds import match, prepare
from random_rounds import write_round
from test_properties import rounds as some_round

CAMDEN = Path(__file__).parents[1] / "data" / "samples" / "camden"
TODAY = AS_OF.isoformat()
few_rounds = settings(max_examples=15, deadline=None, derandomize=True)
REQUIRED = (
    "received_on",
    "purpose",
    "parent_age",
    "parent_looked_after",
    "child_born_or_due_on",
    "child_legal_status",
    "needed_from",
    "expected_weeks",
)


def ask(
    inputs: Inputs,
    *said: str,
    source: str | None = None,
    policy: Policy | None = None,
    top: int = 5,
) -> Desk:
    return place(inputs, policy or a_policy(), given(inputs, source, said), top)


def asked(cells: Cells) -> list[str]:
    return [f"{column}={value or ''}" for column, value in cells.items() if column != "request_id"]


def answer(desk: Desk) -> str:
    return "\n".join(text(record(desk)))


def ids(found: dict[str, Any]) -> list[str]:
    return [each["household_id"] for each in found["ranked"]]


def line(said: str, start: str) -> str:
    """The lines of one paragraph, joined."""
    lines = iter(said.splitlines())
    found = [next(each for each in lines if each.strip().startswith(start)).strip()]
    indent = "    "
    for each in lines:
        if not each.startswith(indent):
            break
        found.append(each.strip())
    return " ".join(found)


@pytest.fixture(scope="module")
def camden() -> tuple[Inputs, Policy]:
    return load(CAMDEN, None, None)


@pytest.fixture
def three(tmp_path: Path) -> Inputs:
    """Two known families and three households, the first of which is best for everybody."""
    return read_tables(
        tmp_path,
        {
            "requests": [
                a_request("R1", home_postcode="NW5", needed_from="2026-12-04"),
                a_request("R2", home_postcode="NW5", needed_from=TODAY, older_children="1"),
            ],
            "households": [
                a_household("H1", postcode="NW5"),
                a_household("H2", postcode="N19", takes_older_children="2"),
                a_household("H3", postcode="E8"),
            ],
            "carers": [a_carer("H1"), a_carer("H2"), a_carer("H3")],
        },
    )


# What is known already


def test_a_request_of_the_round_is_ranked_and_priced_as_in_the_round(camden):
    inputs, policy = camden
    whole = record_of(match(prepare(inputs, policy, 5)))
    matched = [each for each in whole.requests if each.state == "open"]
    assert len(matched) == len(inputs.requests)
    for row, expected in enumerate(matched):
        desk = ask(inputs, source=expected.request_id, policy=policy)
        assert desk.assumed == ()
        assert Recorder(desk.solved).request(row) == expected


def test_the_same_cells_in_a_file_and_on_the_command_line_give_the_same(camden, tmp_path):
    inputs, policy = camden
    cells = a_request("BABY", languages="som;eng", home_postcode="NW1 2AB", babies="2")
    toml = tmp_path / "one.toml"
    toml.write_text(
        'request_id = "BABY"\nreceived_on = 2026-11-16\npurpose = "assessment"\nparent_age = 24\n'
        "parent_looked_after = false\nchild_born_or_due_on = 2026-10-01\n"
        'child_legal_status = "s20"\nneeded_from = 2026-12-07\nexpected_weeks = 12\n'
        'parent_agrees = true\nlanguages = ["som", "eng"]\nhome_postcode = "NW1 2AB"\nbabies = 2\n',
        "utf-8",
    )
    table = tmp_path / "one.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [name.replace("_", " ").upper() for name in cells])
        writer.writeheader()
        writer.writerow({name.replace("_", " ").upper(): value for name, value in cells.items()})
    said = record(ask(inputs, *asked(cells), "request_id=BABY", policy=policy))
    assert record(ask(inputs, source=str(toml), policy=policy)) == said
    assert record(ask(inputs, source=str(table), policy=policy)) == said
    assert said["given"]["home_postcode"] == "NW1"


def test_what_is_said_wins_over_a_file_and_over_the_round(camden, tmp_path):
    inputs, _ = camden
    file = tmp_path / "one.toml"
    file.write_text('religion = "muslim"\nparent_age = 30\n', "utf-8")
    found = given(inputs, str(file), ["religion=sikh"])
    assert (found.cells["religion"], found.cells["parent_age"]) == ("sikh", 30)
    own = given(inputs, "R01", ["religion=", "languages=pol"])
    assert "religion" not in own.cells
    assert own.cells["languages"] == ("pol",)
    assert own.cells["ethnicity"] == "BAFR"


def test_a_new_request_gets_a_free_id(three):
    assert given(three, None, []).request_id == "NEW"
    named = ask(three, "request_id=NEW").solved.prepared.inputs
    assert given(named, None, []).request_id == "NEW2"


def test_the_age_follows_from_the_day_of_birth(three):
    young = given(three, None, ["parent_born_on=2008-11-24"])
    grown = given(three, None, ["parent_born_on=2008-11-23"])
    assert (young.cells["parent_age"], grown.cells["parent_age"]) == (17, 18)
    assert ask(three, "parent_born_on=2008-11-24").request.parent_looked_after is True
    assert ask(three, "parent_born_on=2008-11-23").request.parent_looked_after is False


def test_a_blank_that_means_none_is_not_asked_about(three):
    def columns(*said: str, source: str | None = None) -> set[str]:
        return {each.question.column for each in ask(three, *said, source=source).missing}

    none = {"needs", "must_have", "must_avoid", "older_children", "babies"}
    assert none <= columns()
    assert "needs" not in columns("needs=")
    assert not none & columns(source="R1")  # the round's own row was filled in with care
    assert "religion" in columns("religion=")
    assert "fostering_concerns" in columns(source="R1")  # blank: nobody has considered them
    assert "fostering_concerns" not in columns("fostering_concerns=none", source="R1")


# What must have a value


@pytest.mark.clause("PC-3.3b")
@pytest.mark.parametrize("column", REQUIRED)
def test_a_required_column_that_is_missing_is_assumed_and_said(three, column):
    cells = a_request(needed_from=TODAY) | {column: None}
    desk = ask(three, *asked(cells))
    found = record(desk)
    assert ids(found)
    assert found["outcome"] in ("proposed", "unplaced")
    follows = ("received_on", "parent_looked_after")  # the day, and nobody is looked after from 18
    assumed = [] if column in follows else [column]
    assert [each["column"] for each in found["assumed"]] == assumed
    assert set(REQUIRED) - {column} - {"parent_looked_after"} <= set(found["given"])
    if assumed:
        first = answer(desk).splitlines()
        at = next(n for n, each in enumerate(first) if "Assumed, as nobody has said" in each)
        assert at < 4  # a reader finds it in ten seconds
        assert found["assumed"][0]["said"] in line(answer(desk), "Assumed")


def test_the_assumptions_are_the_hardest_that_screening_lets_through(three):
    made = {each.column: each.value for each in ask(three).assumed}
    assert made == {
        "purpose": "assessment",
        "parent_age": 17,
        "parent_looked_after": True,
        "child_legal_status": "s20",
        "child_born_or_due_on": AS_OF,
        "needed_from": AS_OF,
        "expected_weeks": 26,
    }
    adult = {each.column: each.value for each in ask(three, "parent_looked_after=no").assumed}
    assert adult["parent_age"] == 20
    directed = {each.column: each.value for each in ask(three, "court_directed=yes").assumed}
    assert directed["child_legal_status"] == "interim_care_order"
    support = {each.column for each in ask(three, "purpose=support").assumed}
    assert "expected_weeks" not in support


def test_what_is_assumed_never_contradicts_what_is_given(three):
    late = ask(three, "latest_start=2026-11-01").request
    assert late.needed_from == late.latest_start
    cells = {"parent_age": 17, "parent_born_on": AS_OF.replace(year=2000)}
    assert complete(cells, AS_OF, a_policy())[0].parent_looked_after is False


# Whether it would matter


def text_of(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (";".join(value) or "none") if isinstance(value, tuple) else str(value)


def hold(
    inputs: Inputs,
    source: str | None,
    said: list[str],
    policy: Policy,
    columns: Collection[str] = COLUMNS,
) -> None:
    """Hold a sample of what would matter, of some columns, against doing the change for real."""
    desk = ask(inputs, *said, source=source, policy=policy, top=1)
    turns = [
        (missing, turn)
        for missing in desk.missing
        for turn in missing.turns
        if missing.question.column in columns
    ]
    household_ids = desk.solved.prepared.columns.household_ids
    for missing, turn in Random(len(turns)).sample(turns, min(len(turns), 12)):
        cells = [f"{name}={text_of(value)}" for name, value in turn.tried.cells.items()]
        new = {cell.partition("=")[0] for cell in cells}
        kept = [each for each in said if each.partition("=")[0] not in new]
        real = ask(inputs, *kept, *cells, source=source, policy=policy, top=1).solved.prepared
        row = real.columns.request_ids.index(desk.request.request_id)
        edges = real.screened.edges_of(row)
        first = real.screened.household[real.best(row, 1)].tolist() or [None]
        assert real.outcomes[row] == turn.trial.outcome, missing.question.column
        assert real.screened.household[edges].tolist() == list(turn.trial.eligible), cells
        assert first == [turn.trial.first], cells
        assert real.columns.household_ids == household_ids
    never_breaks(desk)


def never_breaks(desk: Desk) -> None:
    """Nobody who is shown breaks a rule."""
    prepared = desk.solved.prepared
    for each in record(desk)["ranked"]:
        home = prepared.columns.household_ids.index(each["household_id"])
        assert not failed_bits(prepared.pair(desk.row, home).pairs).any()


@pytest.mark.parametrize("seed", range(12))
def test_what_would_matter_is_what_a_real_run_gives(seed, tmp_path):
    write_round(tmp_path, seed, 5, 14, dense=seed % 2 == 0)
    inputs, policy = load(tmp_path, None, None)
    hold(inputs, None, ["parent_age=19", "home_postcode=NW5"], policy)
    for own in inputs.requests[:2]:
        hold(inputs, own.request_id, ["religion=", "risk_violence=", "purpose="], policy)


def test_what_is_recorded_of_a_request_holds_for_every_version(tmp_path):
    tables = {
        "requests": [a_request("R1", religion=None)],
        "households": [
            a_household("H1", looked_after_children="3", limit_exemption="R1"),
            a_household("H2"),
            a_household("H3"),
        ],
        "carers": [a_carer("H1"), a_carer("H1", 2), a_carer("H2", religion="sikh"), a_carer("H3")],
        "relationships": [{"request_id": "R1", "household_id": "H1", "kind": "former_carer"}],
        "decisions": [
            {
                "request_id": "R1",
                "household_id": "H2",
                "decision": "rule_out",
                "decided_on": "2026-11-20",
            }
        ],
    }
    desk = ask(read_tables(tmp_path, tables), source="R1")
    (religion,) = [each for each in desk.missing if each.question.column == "religion"]
    assert {turn.trial.eligible for turn in religion.turns} == {(0, 2)}
    assert {turn.trial.first for turn in religion.turns} == {0}


TURNING = ("purpose", "parent_looked_after", "needed_from")  # on which it turns whose home is kept
ENDED = {"started_on": "2026-10-01", "ended_on": "2026-11-22", "ended_because": "planned"}
LIVES = {
    "another family's parent lives in H1, and it is kept for her": {
        "requests": [{"parent_looked_after": "yes", "parent_age": "16"}],
        "relationships": [("R2", "current_carer")],
    },
    "her day is too far off for it to be kept": {
        "requests": [
            {"parent_looked_after": "yes", "parent_age": "16", "needed_from": "2027-03-01"}
        ],
        "relationships": [("R2", "current_carer")],
    },
    "the parent herself may live in H1: it is kept for her if she is looked after": {
        "relationships": [("R1", "current_carer")],
    },
    "both do": {
        "requests": [{"parent_looked_after": "yes", "parent_age": "16"}],
        "relationships": [("R1", "current_carer"), ("R2", "current_carer")],
    },
    "another family lives in H1": {"placements": [("R2", {"planned_end_on": "2026-12-20"})]},
    "another family lives in H1, as a confirmed match says": {
        "decisions": [("R2", {"decision": "confirmed", "started_on": "2026-11-01"})],
    },
    "the family lives in H1 and asks for a move": {"placements": [("R1", {})]},
    "the family lives in H1, as a confirmed match says": {
        "decisions": [("R1", {"decision": "confirmed", "started_on": "2026-11-01"})],
    },
    "the family left H1 yesterday, as planned": {"placements": [("R1", ENDED)]},
    "the family left H1 yesterday, too early": {
        "placements": [("R1", ENDED | {"ended_because": "risk"})]
    },
    "the family was separated there: who lives in H1 is not known": {
        "placements": [("R1", ENDED | {"ended_because": "separated"})],
    },
    "the family is to move into H1": {"placements": [("R1", {"started_on": "2026-12-01"})]},
    "the family is to move into H2, which was chosen after H1": {
        "decisions": [("R1", {"decision": "choose"})],
        "placements": [("R1", {"household_id": "H2", "started_on": "2026-12-01"})],
    },
}


@pytest.mark.clause("PC-4.2b", "PC-5.1f")
@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_what_families_live_in_and_keep_holds_for_every_version(
    life: dict[str, list[Any]], tmp_path: Path
) -> None:
    other = {"status": "open"} | next(iter(life.get("requests", [])), {})
    at_home = {"household_id": "H1"}
    tables: Tables = {
        "requests": [a_request("R1", status="open"), a_request("R2", **other)],
        "households": [a_household("H1"), a_household("H2"), a_household("H3")],
        "carers": [a_carer("H1"), a_carer("H1", 2), a_carer("H2"), a_carer("H3")],
        "relationships": [
            at_home | {"request_id": name, "kind": kind}
            for name, kind in life.get("relationships", [])
        ],
        "placements": [
            at_home | {"request_id": name, "started_on": "2026-10-01"} | cells
            for name, cells in life.get("placements", [])
        ],
        "decisions": [
            at_home | {"request_id": name, "decided_on": "2026-11-20"} | cells
            for name, cells in life.get("decisions", [])
        ],
    }
    inputs = read_tables(tmp_path, filled(tables))
    hold(inputs, "R1", [f"{column}=" for column in TURNING], a_policy(), TURNING)
    hold(inputs, None, [], a_policy(), TURNING)


def test_what_is_agreed_ahead_for_the_family_is_left_out_of_account(tmp_path: Path) -> None:
    """Neither the agreed placement nor the choice that it sets aside holds it."""
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2")],
        "decisions": [
            {
                "request_id": "R1",
                "household_id": "H1",
                "decision": "choose",
                "decided_on": "2026-11-20",
            }
        ],
        "placements": [{"request_id": "R1", "household_id": "H2", "started_on": "2026-12-01"}],
    }
    desk = ask(read_tables(tmp_path, tables), source="R1")
    assert "People hold H2 for R1. What follows leaves that out of account." in answer(desk)
    assert desk.solved.prepared.pins == {}
    assert ids(record(desk)) == ["H1", "H2"]


@pytest.mark.clause("PC-3.1j")
@pytest.mark.parametrize("assessed", [True, False])
def test_what_is_recorded_as_done_holds_for_every_version(assessed: bool, tmp_path: Path) -> None:
    tables = one_pair(a_request("R1", fostering_concerns="none", religion=None))
    if assessed:
        tables["events"] = [
            {"request_id": "R1", "event": "case_risk_assessment", "on": "2026-11-20"}
        ]
    policy = a_policy(**{"screening.not_considered": "hold"})
    desk = ask(read_tables(tmp_path, tables), source="R1", policy=policy)
    held = None if assessed else "resource_team"
    of_religion = [each for each in desk.missing if each.question.column == "religion"]
    outcomes = {turn.trial.outcome for each in of_religion for turn in each.turns}
    assert (desk.standing.outcome, outcomes) == (held, {held})


@pytest.mark.clause("PC-5.1g", "LAW-culture")
def test_what_matters_comes_first_with_whom_to_ask(tmp_path):
    tables = {
        "requests": [a_request("R9")],
        "households": [a_household("H1"), a_household("H2"), a_household("H3")],
        "carers": [
            a_carer("H1", religion="christian"),
            a_carer("H2", religion="sikh"),
            a_carer("H3", approved="no"),
        ],
    }
    cells = a_request(
        needed_from=TODAY, needs="", must_have="", must_avoid="", second_parent_age=""
    )
    said = answer(ask(read_tables(tmp_path, tables), *asked(cells)))
    assert (
        line(said, "Religion:") == "Religion: if Sikh, H2 is first instead of H1. Ask the parent."
    )
    concerns = "Fostering concerns: if any is recorded, NEW waits for the Resource team."
    assert line(said, "Fostering concerns:") == f"{concerns} Ask the child's social worker."
    older = "Older children: if any comes, nobody is eligible. Ask the parent."
    assert line(said, "Older children:") == older
    assert (
        said.index("Fostering concerns:") < said.index("Older children:") < said.index("Religion:")
    )
    assert "how much English" in line(said, "Would change nothing in who could take them:")


def test_only_values_that_are_possible_are_tried(three):
    around = Round(three, a_policy())
    known = given(three, None, ["parent_age=24"])
    tried = {
        question.column: [each.label for each, _ in possible(known, question, around)]
        for question in QUESTIONS
    }
    assert tried["parent_looked_after"] == ["not looked after"]
    assert tried["child_legal_status"][-1] == "a care order"
    bands = [
        each.label
        for each, _ in possible(given(three, None, []), QUESTIONS[1], Round(three, a_policy()))
    ]
    assert bands == ["under 18", "18 to 19", "20 or over"]
    older = Round(three, a_policy(young_parent_under=16))
    bands = [each.label for each, _ in possible(given(three, None, []), QUESTIONS[1], older)]
    assert bands == ["under 16", "16 to 17", "18 or over"]
    assert "whether the parent is looked after" not in answer(ask(three, "parent_age=24"))


def test_every_value_that_is_tried_can_be_said(camden):
    """Each value goes through the reader of its column, and every column is one of a request."""
    inputs, policy = camden
    unknown = Given("NEW", {"request_id": "NEW"}, frozenset(), of_round=False)
    columns = [each.column for each in QUESTIONS]
    assert len(set(columns)) == len(columns)
    assert set(columns) <= set(columns_of(Request))
    for question in QUESTIONS:
        tries = [each for each, _ in possible(unknown, question, Round(inputs, policy))]
        assert tries or question.column == "parent_looked_after", question.column
        for each in tries:
            said = [f"{name}={text_of(value)}" for name, value in each.cells.items()]
            assert given(inputs, None, said).cells.items() >= each.cells.items()


# What it does to the others


def without(tables: Tables, request_id: str | None) -> Tables:
    return {
        name: [row for row in rows if row.get("request_id") != request_id]
        for name, rows in tables.items()
    }


def filled(tables: Tables) -> Tables:
    return {name: rows for name, rows in tables.items() if rows}


@few_rounds
@drawn(some_round())
def test_what_a_choice_does_is_the_difference_of_two_rounds(tables):
    assume(len(tables["requests"]) > 1)
    name = tables["requests"][0]["request_id"]
    with tempfile.TemporaryDirectory() as folder:
        inputs = read_tables(Path(folder) / "whole", filled(tables))
        desk = ask(inputs, source=name, top=9)
        never_breaks(desk)
        others = filled(without(tables, name))
        before = match(prepare(read_tables(Path(folder) / "before", others), a_policy()))
        for home, effect in desk.effects.items():
            household = desk.solved.prepared.columns.household_ids[home]
            choice: Cells = {
                "request_id": name,
                "household_id": household,
                "decision": "choose",
                "decided_on": TODAY,
            }
            chosen = {**tables, "decisions": [*tables["decisions"], choice]}
            then = match(prepare(read_tables(Path(folder) / household, filled(chosen)), a_policy()))
            assert effect.losses == tuple(
                was - left
                for was, left in zip(before.solution.values, then.solution.values, strict=True)
            )
            assert named_moves(desk, effect.moves) == moves(before, then, name)
        held = desk.solved.prepared.outcomes[desk.row] is not None
        assert bool(desk.effects) == (bool(desk.standing.eligible) and not held)


def homes(solved: Any) -> dict[str, str | None]:
    names = solved.prepared.columns.household_ids
    return {
        request_id: None if home < 0 else names[home]
        for request_id, home in zip(
            solved.prepared.columns.request_ids, solved.household.tolist(), strict=True
        )
    }


def moves(before: Any, then: Any, name: str | None) -> set[tuple[str, str | None, str | None]]:
    was, now = homes(before), homes(then)
    return {(who, was[who], now[who]) for who in was if was[who] != now[who] and who != name}


def named_moves(desk: Desk, found: Any) -> set[tuple[str, str | None, str | None]]:
    table = desk.solved.prepared.columns
    names = (*table.household_ids, None)  # UNPLACED is the last
    return {(table.request_ids[who], names[left], names[to]) for who, left, to in found}


def test_who_moves_is_said_with_the_price(three):
    said = answer(ask(three, *asked(a_request(home_postcode="NW5", needed_from=TODAY))))
    assert "NEW  (s20, needed today), on 23 November 2026" in said
    together = "it is what the round would propose, all families taken together."
    assert line(said, "H1 fits best") == f"H1 fits best on 3 of 7 criteria, and {together}"
    assert "It was proposed for R1 (needed 4 December 2026)." in said
    said = " ".join(said.split())
    assert "R1 would go to H3, fit 94.67 instead of 100.00." in said
    left = "It was proposed for R2 (needed today). R2 would be left without a household."
    assert left in said
    assert said.count("Costs the known families nothing.") == 1


def test_a_price_is_of_the_round_without_the_request_for_one_of_its_own(three):
    said = answer(ask(three, source="R1"))
    assert "Without R1 the round would propose it for R2 (needed today)." in said


def test_a_household_that_is_not_free_says_when(tmp_path):
    home = a_household(arrangement_until="2026-11-20", available_from="2026-11-24")
    inputs = read_tables(tmp_path, one_pair(a_request("R1"), home))
    found = record(ask(inputs, *asked(a_request(needed_from=TODAY, latest_start="2026-12-31"))))
    (ranked,) = found["ranked"]
    assert (ranked["free_today"], ranked["starts_on"]) == (False, "2026-11-30")
    assert "could start on 30 November 2026" in "\n".join(text(found))


@pytest.mark.parametrize("most", [1, 500, 999, 1000, 1500])
def test_within_a_limit_a_choice_costs_what_a_round_with_it_says(three, most):
    policy = a_policy(limits__weekly_fees=most)
    fees = read_fees(three)
    desk = ask(fees, *asked(a_request(home_postcode="NW5", needed_from=TODAY)), policy=policy)
    others = match(prepare(fees, policy))
    assert set(desk.effects) == {0, 1, 2}
    for home, effect in desk.effects.items():
        name = desk.solved.prepared.columns.household_ids[home]
        cells = {"request_id": "NEW", "household_id": name, "decided_on": fees.as_of}
        chosen = Decided(new_row(Decision, **cells, decision="choose"))
        whole = desk.solved.prepared.inputs
        if effect is None:
            with pytest.raises(WrongInput, match="goes over the limit"):
                prepare(apply(whole, (chosen,)), policy)
            continue
        then = match(prepare(apply(whole, (chosen,)), policy))
        assert effect.losses == tuple(
            was - left
            for was, left in zip(others.solution.values, then.solution.values, strict=True)
        )
    said = answer(desk)
    assert said.count("The limits of the round do not allow it.") == (3 if most == 1 else 0)
    assert ("it counts in a limit of the round" in " ".join(said.split())) == (
        most in (500, 999, 1000)
    )


def test_a_household_too_near_a_family_that_must_be_kept_apart_is_not_free_to_give(tmp_path):
    inputs = read_tables(
        tmp_path,
        {
            "requests": [a_request("R1"), a_request("R2")],
            "households": [a_household("H1"), a_household("H2")],
            "carers": [a_carer("H1"), a_carer("H2")],
            "keep_apart": [{"request_id": "R1", "other_request_id": "R2", "min_miles": "5"}],
            "decisions": [
                {
                    "request_id": "R1",
                    "household_id": "H1",
                    "decision": "confirmed",
                    "decided_on": "2026-11-20",
                }
            ],
        },
    )
    said = " ".join(answer(ask(inputs, source="R2")).split())
    assert "The limits of the round do not allow it." in said
    assert "Costs the known families nothing" not in said
    assert "would be left without one" in said


def read_fees(inputs: Inputs) -> Inputs:
    paid = tuple(replace(h, weekly_fee=500.0) for h in inputs.households)
    return replace(inputs, households=paid)


def test_a_household_that_people_hold_is_said_to_be_held(tmp_path):
    tables = {
        "requests": [a_request("R1"), a_request("R2")],
        "households": [a_household("H1"), a_household("H2")],
        "carers": [a_carer("H1"), a_carer("H2")],
        "decisions": [
            {
                "request_id": "R1",
                "household_id": "H1",
                "decision": "choose",
                "decided_on": "2026-11-20",
            }
        ],
    }
    inputs = read_tables(tmp_path, tables)
    found = record(ask(inputs, *asked(a_request())))
    assert [(each["household_id"], each["held_for"]) for each in found["ranked"]] == [
        ("H1", "R1"),
        ("H2", None),
    ]
    assert "People hold it for R1." in "\n".join(text(found))
    own = ask(inputs, source="R1")
    assert "People hold H1 for R1. What follows leaves that out of account." in answer(own)
    assert len(own.effects) == 2


def test_a_family_that_would_wait_is_told_so(tmp_path):
    tables = one_pair(a_request("R1", needed_from=TODAY))
    desk = ask(read_tables(tmp_path, tables), *asked(a_request()))
    said = line(answer(desk), "H1 fits best on 2 of 7 criteria.")
    assert "NEW would be left without one." in said


# Held back, nobody, and what may not be said


@pytest.mark.clause("PC-3.1b", "PC-3.3c")
def test_a_request_that_is_held_back_has_no_prices(three):
    desk = ask(three, *asked(a_request(fostering_concerns="supervision")))
    found, said = record(desk), answer(desk)
    assert found["outcome"] == "resource_team"
    assert ids(found) == ["H1", "H2", "H3"]
    assert all(each["pipeline"] is None for each in found["ranked"])
    assert all(each["cost_to_round"] is None for each in found["ranked"])
    assert (
        said.index("HELD BACK") < said.index("NEW is not matched") < said.index("FOR INFORMATION")
    )
    assert "nothing" not in said.partition("ASK")[0]
    assert "Next: discuss it with the Resource team" in said


def test_what_would_let_a_family_through_is_asked_first(three):
    cells = a_request(parent_age="17", parent_looked_after="no")
    said = answer(ask(three, *asked(cells)))
    advice = "Legal advice: once it is given, NEW could be matched."
    assert line(said, "Legal advice:") == f"{advice} Ask the council's lawyer."


@pytest.mark.clause("PC-5.1b")
def test_where_nobody_is_eligible_the_nearest_is_named_with_what_it_takes(three):
    said = answer(ask(three, *asked(a_request(older_children="9"))))
    assert said.index("NOBODY IS ELIGIBLE") < said.index("NEW has no eligible household of 3.")
    assert "Nearest: H1 needs" in said
    assert "free 4 more bedrooms for the family" in said
    assert "WHO:" not in said


@pytest.mark.clause("PC-5.3d", "PC-5.1j")
def test_a_withheld_address_shows_no_place(tmp_path):
    tables = {
        "requests": [a_request("R1", withhold_address="yes")],
        "households": [
            a_household("H1", postcode="NW5"),
            a_household("H2", postcode="BR1", local_authority="Bromley", provider="agency"),
        ],
        "carers": [a_carer("H1"), a_carer("H2")],
    }
    inputs = replace(read_tables(tmp_path, tables), authority="E09000007")
    for cells in (
        a_request(withhold_address="yes", home_postcode="N19"),
        a_request(withhold_address="yes"),
        a_request(),  # R1's address is withheld, and the same households are ranked for it
    ):
        desk = ask(inputs, *asked(cells))
        found = record(desk)
        of_one = Asked(desk.solved, desk.request.request_id)
        pair = pair_record(of_one.pair("H2"), desk.solved.prepared.policy)
        said = "\n".join(text(found))
        for place_of in ("BR1", "NW5", "mile", "Camden", "Bromley", "E09", "adjoin"):
            assert place_of not in said
            assert place_of not in json.dumps(found)
            assert place_of not in json.dumps(pair["ranked"])
        for missing in found["missing"]:
            if missing["column"] in ("home_postcode", "school_postcode"):
                assert (missing["hidden"], missing["values"]) == (True, [])
    open_one = {**tables, "requests": [a_request("R1")]}
    said = answer(
        ask(read_tables(tmp_path / "open", open_one), *asked(a_request(home_postcode="N19")))
    )
    assert "about 1 mile" in said
    assert "a withheld address. (PC-5.1j, PC-5.3d)" in line(said, "Before you say where")


def test_what_the_round_would_propose_is_shown_however_it_ranks(tmp_path):
    tables = {
        "requests": [a_request("R1", needed_from=TODAY, must_avoid="dog")],
        "households": [
            a_household("H1", postcode="NW5"),
            a_household("H2", postcode="BR1", features="dog"),
        ],
        "carers": [a_carer("H1"), a_carer("H2")],
    }
    inputs = read_tables(tmp_path, tables)
    cells = a_request(home_postcode="NW5", withhold_address="yes")
    found = record(ask(inputs, *asked(cells), top=1))
    assert ids(found) == ["H1", "H2"]
    for each in found["ranked"]:  # where it is is left out of the fit and told of no criterion
        scores = {score["name"]: score for score in each["criteria"]}
        assert (scores["distance"]["value"], scores["distance"]["points"]) == (None, 0.0)
        assert scores["distance"]["facts"] == {"withheld": True}
        assert sum(score["points"] for score in scores.values()) == pytest.approx(each["fit"])
    said = " ".join("\n".join(text(found)).split())
    assert "H1 and H2 cannot be told apart yet: the same fit on" in said  # without their places
    assert "The round would propose H2." in said


# Faults


@pytest.mark.parametrize(
    ("source", "said", "column", "fix"),
    [
        (None, ["purpos=support"], "purpos", "Did you mean purpose?"),
        (None, ["purpose=help"], "purpose", "Use assessment or support."),
        (None, ["purpose"], "--say", "Write --say column=value, such as --say purpose=assessment."),
        (None, ["purpose=support", "Purpose=support"], "purpose", "Say it once."),
        (None, ["parent_age=30", "parent_looked_after=yes"], "parent_looked_after", "Write no"),
        (None, ["received_on=2027-01-01"], "received_on", "Write the day"),
        (None, ["min_miles=3"], "min_miles", "Write home_postcode as well."),
        (None, ["parent_born_on=2026-11-01"], "parent_born_on", "Write the parent's day of birth"),
        (None, ["request_id=R1"], "request_id", "Name the id alone"),
        (None, ["status=closed"], "status", "Leave status out."),
        ("R1", ["request_id=R7"], "request_id", "Leave request_id out."),
        ("R01", [], "REQUEST", "Did you mean R1?"),
        ("nowhere.toml", [], "REQUEST", "Name a request's id or a file"),
    ],
)
def test_what_is_wrong_is_said_with_its_mend(three, source, said, column, fix):
    with pytest.raises(WrongInput) as caught:
        given(three, source, said)
    (fault,) = caught.value.faults
    assert fault.table == ("options" if column in ("--say", "REQUEST") else "request")
    assert (fault.row, fault.column) == (None, column)
    assert fault.fix.startswith(fix)


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("two.csv", "purpose,parent_age\nsupport,17\nsupport,16\n", "The file has 2 rows."),
        ("none.csv", "purpose,parent_age\n", "The file has 0 rows."),
        ("bare.csv", "", "The table has no headings."),
        ("bad.csv", "purpose\nhelp\n", "This is not a code of the list."),
        ("error.csv", "purpose\n#N/A\n", "The cell shows an error of Excel."),
        ("bad.toml", "purpose = \n", "The file can't be read"),
        ("table.toml", "[purpose]\na = 1\n", "This is a table, not a value."),
        ("other.json", "{}", "A request is read from TOML or CSV."),
    ],
)
def test_a_file_that_is_wrong_is_a_fault(three, tmp_path, name, content, problem):
    file = tmp_path / name
    file.write_text(content, "utf-8")
    with pytest.raises(WrongInput) as caught:
        given(three, str(file), [])
    assert caught.value.faults[0].problem.startswith(problem)
    assert caught.value.faults[0].table in ("request", "options", "requests")


def test_all_faults_come_at_once_and_no_postcode_is_repeated(three):
    with pytest.raises(WrongInput) as caught:
        given(three, "R7", ["purpose=help", "home_postcode=NW99 9QQ", "parent_age=x"])
    assert {f.column for f in caught.value.faults} == {
        "REQUEST",
        "purpose",
        "home_postcode",
        "parent_age",
    }
    assert "9QQ" not in str(caught.value)


# The command


def test_the_command_answers_in_text_and_as_a_record(tmp_path, capsys):
    data = write_tables(tmp_path / "data", one_pair(a_request("R1")))
    out = tmp_path / "out"
    common = ["place", str(data), "--say", "parent_age=24", "--quiet", "--out", str(out)]
    assert cli.run(common) == 0
    printed = capsys.readouterr().out
    assert (out / "place-NEW.txt").read_text("utf-8") == printed
    assert cli.run([*common, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert json.loads((out / "place-NEW.json").read_text("utf-8")) == found
    assert found["schema"] == "matcher.place/1"
    assert set(found["ranked"][0]["pipeline"]["aims"]) == {aim.key for aim in AIMS}
    assert cli.run(["place", str(data), "R9", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["errors"][0]["column"] == "REQUEST"


def test_a_warning_of_what_is_said_is_told(tmp_path, capsys):
    data = write_tables(tmp_path / "data", one_pair(a_request("R1")))
    file = tmp_path / "one.csv"
    file.write_text("purpose,shoe_size\nassessment,39\n", "utf-8")
    assert cli.run(["place", str(data), str(file)]) == 0
    warned = capsys.readouterr().err
    assert "request, shoe_size: This column is not read." in warned


def test_the_whole_answer_comes_from_one_scan(camden, monkeypatch):
    """However much is missing, rules run over all versions at once, not once a version."""
    inputs, policy = camden
    from matcher.duty import trials

    blocks = []
    made = trials._Block
    monkeypatch.setattr(trials, "_Block", lambda pairs: blocks.append(pairs.shape) or made(pairs))
    desk = ask(inputs, policy=policy)
    asked_of = sum(len(missing.turns) for missing in desk.missing)
    assert blocks == [(1 + asked_of, len(inputs.households))]
    assert any(missing.level == FIRST for missing in desk.missing)


# As it is said at a desk


@pytest.fixture
def desk_data(tmp_path):
    tables = {"requests": [a_request()], "households": [a_household()], "carers": [a_carer()]}
    return write_tables(tmp_path / "data", tables, "as_of = 2026-11-23\n")


@pytest.mark.parametrize(
    ("said", "column", "value"),
    [
        ("age=17", "parent_age", 17),
        ("looked_after=yes", "parent_looked_after", True),
        ("Age = 17", "parent_age", 17),
        ("needed=tonight", "needed_from", "2026-11-23"),
        ("needed_from=Today", "needed_from", "2026-11-23"),
        ("needed_from=tomorrow", "needed_from", "2026-11-24"),
        ("needed_from=2026-12-01", "needed_from", "2026-12-01"),
        ("postcode=NW5 1AB", "home_postcode", "NW5"),
        ("order=s20", "child_legal_status", "s20"),
        ("language=Somali", "languages", ["som"]),
    ],
)
def test_what_is_said_at_a_desk_is_the_column_that_is_meant(desk_data, capsys, said, column, value):
    assert cli.run(["place", str(desk_data), "--say", said, "--json", "--quiet"]) == 0
    assert json.loads(capsys.readouterr().out)["given"][column] == value


@pytest.mark.parametrize("said", ["languages=today", "status=tonight", "days=today"])
def test_a_word_for_a_day_is_a_day_in_columns_of_days_alone(desk_data, said):
    assert cli.run(["place", str(desk_data), "--say", said, "--quiet"]) == 2


def test_the_family_is_a_row_that_requests_takes(desk_data, capsys):
    said = ["age=17", "needed=tonight", "purpose=support", "born=2026-11-20", "parent_agrees=yes"]
    said += ["parent_looked_after=yes", "order=s20", "needs=trauma; education"]
    ask = ["place", str(desk_data), "--quiet", *(word for each in said for word in ("--say", each))]
    assert cli.run(ask) == 0
    told = capsys.readouterr().out.splitlines()
    at = next(n for n, text in enumerate(told) if text.startswith("TO KEEP IT"))
    (row,) = csv.DictReader(text.strip() for text in told[at + 1 : at + 3])
    assert (row["request_id"], row["needs"], row["parent_agrees"]) == (
        "NEW",
        "education;trauma",
        "yes",
    )
    assert "expected_weeks" not in row  # it was assumed
    assert told[at + 3].strip() == "The table also needs: received on."
    with (desk_data / "requests.csv").open(encoding="utf-8", newline="") as file:
        before = list(csv.DictReader(file))
    columns = list(dict.fromkeys([*before[0], *row, "received_on"]))
    with (desk_data / "requests.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows([*before, {**row, "received_on": "2026-11-23"}])
    assert cli.run(["check", str(desk_data), "--quiet"]) == 0


def test_a_request_of_the_round_is_in_the_table_already(desk_data, capsys):
    assert cli.run(["place", str(desk_data), "R1", "--quiet"]) == 0
    assert "TO KEEP IT" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("losses", "moves", "said"),
    [
        ({"relationship": 0, "fit": None}, 1, ["That changes the fit of the whole round, by how much is not shown."]),
        ({"relationship": 0, "fit": 0}, 1, []),
        ({"relationship": 0, "fit": 0}, 2, ["In all the others lose nothing."]),
    ],
)  # fmt: skip
def test_a_loss_that_is_not_shown_is_no_loss_of_nothing(losses, moves, said):
    assert [*_lost(losses, moves)] == said
