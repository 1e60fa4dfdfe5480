"""A round's record: JSON both ways, and enough by itself for every sentence about the round."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from builders import as_read, one_pair, solved, text_of
from matcher import privacy, record, recorder, rounds
from matcher.explain import Explainer, Line
from matcher.loading import load
from matcher.policy.in_force import rules_in_force
from matcher.recorder import record_of
from matcher.rounds import SolvedRound, match, prepare
from random_rounds import write_round

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
ROUNDS = ["camden", "legal_routes", "tutorial", *range(10)]  # messy is no round: it has faults
LIMITS = "[policy.limits]\nnew_per_team = 1\nweekly_fees = 600\n"


def a_round(name: str | int, folder: Path) -> record.RoundRecord:
    """The record of such a round."""
    return record_of(a_solved_round(name, folder))


def a_solved_round(name: str | int, folder: Path) -> SolvedRound:
    """A sample, or a random round: with pins, withheld addresses, limits, --top 3."""
    if isinstance(name, str):
        shutil.copytree(SAMPLES / name, folder)
    else:
        write_round(folder, name, 8, 9, dense=True, keep_apart=name % 3 == 0, pins=name % 2 == 0)
        if name % 4 == 1:
            with (folder / "round.toml").open("a", encoding="utf-8") as file:
                file.write(LIMITS)
    inputs, policy = load(folder, None, None)
    return match(prepare(inputs, policy, 0 if name == 0 else 3))


@pytest.mark.parametrize("most", [0, 1_000])
def test_pairs_written_under_a_limited_sum_have_prices_unless_they_are_many(
    most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "MANY_UNDER_A_SUM", most)
    shutil.copytree(SAMPLES / "camden", tmp_path / "round")
    with (tmp_path / "round" / "round.toml").open("a", encoding="utf-8") as file:
        file.write("[policy.limits]\nweekly_fees = 3000\n")
    solved = match(prepare(*load(tmp_path / "round", None, None), 3))
    prepared = solved.prepared
    assert solved.solution.duals is None, "the limit binds"
    made = record_of(solved)
    written = [
        (request, ranked)
        for row, request in enumerate(made.requests)
        for ranked in request.ranked or ()
        if (edge := prepared.edge(row, prepared.household_at[ranked.household_id])) is not None
        and prepared.problem_edge(edge) is not None
    ]
    without = [(who, where) for who, where in written if where.cost_to_round is None]
    assert written
    assert bool(without) == (most == 0)
    for request, ranked in without:
        told = Explainer(made).no_price(request, ranked.household_id)
        assert "each such price takes a solve of its own" in told


def every_line(of: record.RoundRecord) -> list[Line]:
    """All that an explainer says of a round."""
    explainer = Explainer(of)
    lines = [line for request in of.requests for line in explainer.lines(request)]
    return [*explainer.alerts(), *lines]


@pytest.fixture(params=ROUNDS, ids=str)
def of(request: pytest.FixtureRequest, tmp_path: Path) -> record.RoundRecord:
    """A record whose tables are gone."""
    found = a_round(request.param, tmp_path / "round")
    shutil.rmtree(tmp_path / "round")
    return found


def test_a_record_comes_back_from_its_file(of: record.RoundRecord) -> None:
    again = record.read(record.RoundRecord, json.loads(text_of(of)))
    assert again == of
    assert text_of(again) == text_of(of)


def test_the_file_alone_says_all_that_is_said_of_a_round(of: record.RoundRecord) -> None:
    again = record.read(record.RoundRecord, json.loads(text_of(of)))
    assert every_line(again) == every_line(of) != []
    told, shown = privacy.for_people(again), privacy.for_people(of)
    assert told == shown
    assert every_line(told) == every_line(shown)


def test_these_rounds_have_what_a_file_could_lack(tmp_path: Path) -> None:
    """The two tests above compare nothing where no round has a pin, a limit or a hidden household."""
    found = [a_round(name, tmp_path / str(name)) for name in ROUNDS]
    requests = [request for each in found for request in each.requests]
    assert any(request.proposal and request.proposal.pinned for request in requests)
    assert any(request.facts.pair for request in requests)
    assert any(request.facts.contest for request in requests)
    assert any(request.facts.limited for request in requests)
    assert any(request.facts.own_carers for request in requests)
    assert any(request.facts.nearest for request in requests)
    assert any(each.alerts for each in found)
    assert any(each.certificate.word for each in found)
    assert any(privacy.for_people(each) != each for each in found)
    kinds = {line.kind for each in found for line in every_line(each)}
    assert kinds >= {"proposal", "unplaced", "held", "fits", "gap", "rank", "price", "withheld"}


def test_the_keys_stand_in_their_order(tmp_path: Path) -> None:
    found = as_read(solved(tmp_path, one_pair()))
    keys = [each.name for each in fields(record.RoundRecord)]
    assert [*found, "ahead"] == keys  # the last only where a round looks ahead
    assert found["schema"] == "matcher.round/2"


Alteration = Callable[[dict[str, Any]], object]


@pytest.mark.parametrize(
    ("alter", "where"),
    [
        (lambda r: r.pop("counts"), "RoundRecord lacks counts"),
        (lambda r: r.update(alerts={}), "RoundRecord.alerts is no list"),
        (lambda r: r["round"].update(as_of=20261123), "RoundRecord.round.as_of is of another kind"),
        (lambda r: r["round"].update(top=None), "RoundRecord.round.top is of another kind"),
        (
            lambda r: r["counts"].update(proposed=True),
            "RoundRecord.counts.proposed is of another kind",
        ),
        (lambda r: r["requests"][0].update(facts=[]), "requests[0].facts is no record"),
        (lambda r: r["requests"][0].update(proposal="H1"), "requests[0].proposal is no record"),
    ],
)
def test_what_is_no_record_is_said(alter: Alteration, where: str, tmp_path: Path) -> None:
    found = as_read(solved(tmp_path, one_pair()))
    alter(found)
    with pytest.raises(ValueError, match=r".*") as caught:
        record.read(record.RoundRecord, found)
    assert str(caught.value).endswith(where)


def test_nothing_is_hidden_where_no_address_is_withheld(tmp_path: Path) -> None:
    whole = record_of(solved(tmp_path, one_pair()))
    assert privacy.for_people(whole) is whole
    homes = tuple(replace(each, hidden=True) for each in whole.households)
    assert privacy.for_people(replace(whole, households=homes)) != whole


@pytest.mark.parametrize("name", ROUNDS, ids=str)
def test_a_request_is_written_alone_as_it_is_among_others(
    name: str | int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scores are worked out for several requests at once, duties once for all that have equal facts."""
    solved_one = a_solved_round(name, tmp_path / "round")
    together = {each.request_id: each for each in record_of(solved_one).requests}
    monkeypatch.setattr(recorder, "REQUESTS_PER_BLOCK", 1)
    for row, request_id in enumerate(solved_one.prepared.columns.request_ids):
        alone = recorder.Recorder(solved_one).request(row)
        assert record.as_json(alone) == record.as_json(together[request_id])


def test_a_pair_is_known_to_fail_where_its_reason_says_so(of: record.RoundRecord) -> None:
    rules = {rule.key: rule for rule in rules_in_force(record.policy_of(of.round.policy))}
    failed = [f for r in of.requests for each in r.ineligible for f in each.failed]
    assert failed
    for each in failed:
        assert each.known == rules[each.rule].explain(each.facts).known


@pytest.mark.parametrize("best", [0, 2])
def test_a_cut_shows_what_the_whole_shows(of: record.RoundRecord, best: int) -> None:
    """The best households and the proposed one, which alone has its duties, and none where none is shown."""
    hiding = privacy.Hiding.of(of)
    for request in of.requests:
        whole, cut = hiding.request(request), hiding.request(request, best)
        proposed = request.proposal and request.proposal.household_id
        with_duties = proposed if best else None
        assert cut.proposal == whole.proposal
        assert [*cut.ranked] == [
            each if each.household_id == with_duties else replace(each, duties=())
            for place, each in enumerate(whole.ranked)
            if place < best or each.household_id == proposed
        ]
