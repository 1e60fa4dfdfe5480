"""--keep: as much of an earlier round as can be, at no loss in the aims before fit."""

from __future__ import annotations

import copy
import json
import tempfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from builders import (
    AS_OF,
    Tables,
    a_carer,
    a_household,
    a_policy,
    a_request,
    as_read,
    read_tables,
    write_tables,
)
from matcher.cli import run
from matcher.explain import Explainer
from matcher.intake.inputs import Inputs
from matcher.policy import aims
from matcher.policy.settings import Policy, default
from matcher.recorder import Recorder, record_of
from matcher.report.page import page
from matcher.report.summary import terminal
from matcher.report.view import View
from matcher.report.workbook import workbook
from matcher.rounds import SolvedRound, match, prepare
from matcher.show.files import Record
from matcher.solve.problem import Problem
from matcher.verification import verify
from matcher.whatif import keep as keep_module
from matcher.whatif.keep import Earlier, Keeping, keeping
from test_properties import a_decision, filled, rounds
from test_solve import brute, choices

some_rounds = settings(max_examples=20, deadline=None, derandomize=True)
KEPT = aims.kept.key
EARLIER = date(2026, 11, 16)
LIMITS = {"limits__new_per_team": 1, "limits__weekly_fees": 1300}


def inputs_of(tables: Tables) -> Inputs:
    with tempfile.TemporaryDirectory() as folder:
        return read_tables(Path(folder), filled(tables), AS_OF)


def proposals(record: Record) -> dict[str, str]:
    found = ((each["request_id"], each["proposal"]) for each in record["requests"])
    return {name: proposal["household_id"] for name, proposal in found if proposal}


def reached(record: Record) -> dict[str, int]:
    return {aim["name"]: aim["value"] for aim in record["objective"]}


def kept_to(inputs: Inputs, policy: Policy, keep: dict[str, str]) -> SolvedRound:
    """A round that keeps to an earlier one; every one that is made here must also verify."""
    solved = match(prepare(inputs, policy, 0, keep))
    assert verify(as_read(solved), inputs, policy) == []
    return solved


def drawn(data: st.DataObject, tables: Tables) -> dict[str, str]:
    """Any household for some of the families: eligible or not, one household for several."""
    homes = st.sampled_from([str(row["household_id"]) for row in tables["households"]])
    families = st.sampled_from([str(row["request_id"]) for row in tables["requests"]])
    return data.draw(st.dictionaries(families, homes))


@some_rounds
@given(rounds())
def test_keeping_to_itself_changes_nothing_but_the_aims(tables: Tables) -> None:
    inputs, policy = inputs_of(tables), a_policy()
    before = as_read(match(prepare(inputs, policy, 0)))
    solved = kept_to(inputs, policy, proposals(before))
    after = as_read(solved)
    assert proposals(after) == proposals(before)
    assert list(reached(after)) == [aim.key for aim in aims.in_force(default(), keeps=True)]
    assert reached(after) == reached(before) | {KEPT: len(proposals(before))}
    assert after["counts"] == before["counts"]
    assert after["households"] == before["households"]
    found = keeping(Recorder(solved), Earlier(EARLIER, proposals(before)))
    assert (any(found.losses.values()), found.moves, found.lost) == (False, (), ())


@some_rounds
@given(rounds(), st.data(), st.sampled_from(({}, LIMITS)))
def test_the_number_kept_is_the_most_that_can_be_at_the_best_earlier_aims(
    tables: Tables, data: st.DataObject, limits: dict[str, object]
) -> None:
    inputs, policy, keep = inputs_of(tables), a_policy(**limits), drawn(data, tables)
    free = match(prepare(inputs, policy, 0))
    solved = kept_to(inputs, policy, keep)
    assert solved.prepared.aims.index(KEPT) == 5
    assert solved.solution.values[:5] == free.solution.values[:5]
    best, equal = brute(solved.prepared.problem)
    assert solved.solution.values == best
    assert tuple(solved.solution.household.tolist()) == equal[0]
    found = keeping(Recorder(solved), Earlier(EARLIER, keep))
    assert len(found.kept) == best[5] == reached(as_read(solved))[KEPT]
    assert found.losses["fit"] == free.solution.values[-1] - solved.solution.values[-1] >= 0


@some_rounds
@given(rounds(), st.data(), st.sampled_from(("choose", "confirmed")))
def test_what_people_hold_counts_as_kept_and_is_never_moved(
    tables: Tables, data: st.DataObject, decision: str
) -> None:
    inputs = inputs_of(tables)
    before = proposals(as_read(match(prepare(inputs, a_policy(), 0))))
    if not before:
        return
    held = data.draw(st.sampled_from(sorted(before.items())))
    rows = [*tables.get("decisions", []), a_decision(held, decision)]
    pinned = inputs_of({**tables, "decisions": rows})
    after = as_read(kept_to(pinned, a_policy(), before))
    assert proposals(after)[held[0]] == held[1]
    assert reached(after)[KEPT] == len(before)


# Two families and three households: each would go elsewhere if nothing were kept

CROSSED = {"R1": "H2", "R2": "H1"}


def crossed(**changes: list[dict[str, str | None]]) -> dict[str, list[dict[str, str | None]]]:
    """R1 fits H1 by language, R2 fits H2; H3 fits neither."""
    return {
        "requests": [a_request("R1", languages="Somali"), a_request("R2", languages="Bengali")],
        "households": [a_household(name) for name in ("H1", "H2", "H3")],
        "carers": [
            a_carer("H1", languages="Somali"),
            a_carer("H2", languages="Bengali"),
            a_carer("H3", languages="English"),
        ],
        **changes,
    }


def kept_in(tables: Tables, keep: dict[str, str], policy: Policy | None = None) -> Keeping:
    solved = kept_to(inputs_of(tables), policy or a_policy(), keep)
    return keeping(Recorder(solved), Earlier(EARLIER, keep))


def test_what_keeping_costs_is_said() -> None:
    found = kept_in(crossed(), CROSSED)
    assert found.losses["fit"] > 0
    assert list(found.lines()) == [
        "Kept 2 of 2 placements of the round of 16 November 2026. Keeping them costs "
        f"{found.losses['fit'] / 100:.2f} of fit; without it these would move: R1 from H2 to H1; "
        "R2 from H1 to H2."
    ]


def test_that_keeping_costs_nothing_is_said() -> None:
    found = kept_in(crossed(), {"R1": "H1"})
    assert list(found.lines()) == [
        "Kept 1 of 1 placement of the round of 16 November 2026. Keeping it costs nothing: "
        "the round would be the same without it."
    ]
    alike = crossed(carers=[a_carer(name) for name in ("H1", "H2", "H3")])
    assert list(kept_in(alike, CROSSED).lines()) == [
        "Kept 2 of 2 placements of the round of 16 November 2026. Keeping them costs nothing; "
        "without it these would move at the same fit: R1 from H2 to H1; R2 from H1 to H2."
    ]


def decided(decision: str, pair: tuple[str, str] = ("R1", "H2")) -> dict[str, Any]:
    return {"decisions": [a_decision(pair, decision)]}


def closed(**cells: str) -> dict[str, Any]:
    return {"households": [a_household("H1"), a_household("H2", **cells), a_household("H3")]}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        (decided("declined_by_carer"), "H2 is not eligible: this match was declined by the carers"),
        (decided("declined_by_parent"), "H2 is not eligible: this match was declined by the"),
        (decided("rule_out"), "H2 is not eligible: this match was ruled out"),
        (closed(status="suspended"), "H2 is closed: "),
        (closed(bedrooms="0"), "H2 is not eligible: the family needs 1 bedroom"),
        (decided("choose", ("R2", "H2")), "people hold H2 for R2"),
        (decided("confirmed", ("R1", "H3")), "people decided on H3"),
        (
            {"requests": [a_request("R1", parent_agrees="no"), a_request("R2")]},
            "it is not matched: no consent",
        ),
        ({"requests": [a_request("R2")]}, "the request is no longer open"),
        (
            {
                "households": [a_household("H1"), a_household("H3")],
                "carers": [a_carer("H1"), a_carer("H3")],
            },
            "H2 is no longer among the households",
        ),
        (
            {"relationships": [{"request_id": "R2", "household_id": "H2", "kind": "former_carer"}]},
            "keeping it would give up what R2 has with their former carers, H2",
        ),
        (
            {"relationships": [{"request_id": "R1", "household_id": "H3", "kind": "former_carer"}]},
            "keeping it would give up what R1 has with their former carers, H3",
        ),
    ],
)
def test_what_cannot_be_kept_is_not_and_says_why(changes: dict[str, Any], why: str) -> None:
    found = kept_in(crossed(**changes), {"R1": "H2"})
    assert found.kept == ()
    assert [each.request_id for each in found.lost] == ["R1"]
    assert found.lost[0].why.startswith(why), found.lost[0].why
    first, second = found.lines()
    assert first.startswith("Kept 0 of 1 placement of the round of 16 November 2026.")
    assert second.startswith(f"1 could not be kept: R1 ({why}")


def test_under_a_limit_that_lets_only_one_be_placed_the_kept_one_is() -> None:
    tables = crossed(households=[a_household(name, team="North") for name in ("H1", "H2", "H3")])
    policy = a_policy(limits__new_per_team=1)
    found = kept_in(tables, {"R2": "H3"}, policy)
    assert found.kept == (("R2", "H3"),)
    assert found.losses["fit"] > 0


@pytest.mark.clause("PC-5.3d")
def test_why_a_pair_is_not_kept_says_no_place_where_the_address_is_withheld() -> None:
    requests = [
        a_request("R1", home_postcode="NW5", keep_away="NW1"),
        a_request("R2", withhold_address="yes", home_postcode="NW5"),
    ]
    homes = [a_household("H1"), a_household("H2", postcode="NW1"), a_household("H3")]
    found = kept_in(crossed(requests=requests, households=homes), {"R1": "H2"})
    assert "NW1" not in found.lost[0].why
    assert found.lost[0].why.startswith("H2 is not eligible: ")


# What verify holds


def drop(keep: dict[str, Any]) -> object:
    return keep.pop("R1")


@pytest.mark.parametrize(
    "doctor",
    [
        drop,
        lambda keep: keep.update(R1="H3"),
        lambda keep: keep.update(R1="H1"),
        lambda keep: keep.update(R1="H99"),
        lambda keep: keep.update(R9="H1"),
        lambda keep: keep.update(R1=1),
        lambda keep: keep.update({name: keep.pop(name) for name in list(keep)[::-1]}),
    ],
)
def test_a_doctored_keep_is_found(doctor: Callable[[dict[str, Any]], object]) -> None:
    inputs, policy = inputs_of(crossed()), a_policy()
    record = as_read(match(prepare(inputs, policy, 0, CROSSED)))
    altered = copy.deepcopy(record)
    doctor(altered["round"]["keep"])
    assert verify(record, inputs, policy) == []
    assert verify(altered, inputs, policy)


@pytest.mark.parametrize("keep", [[], "R1", 0, ["R1"]])
def test_a_keep_that_is_no_table_is_found(keep: object) -> None:
    inputs, policy = inputs_of(crossed()), a_policy()
    record = as_read(match(prepare(inputs, policy, 0, CROSSED)))
    record["round"]["keep"] = keep
    assert [breach.where for breach in verify(record, inputs, policy)] == ["round.keep"]


def test_a_keep_that_is_taken_out_is_found() -> None:
    inputs, policy = inputs_of(crossed()), a_policy()
    record = as_read(match(prepare(inputs, policy, 0, CROSSED)))
    record["round"]["keep"] = None
    assert verify(record, inputs, policy)


def test_a_round_that_keeps_to_none_has_not_the_aim_and_names_no_earlier_pair() -> None:
    inputs, policy = inputs_of(crossed()), a_policy()
    record = as_read(match(prepare(inputs, policy, 0)))
    assert record["round"]["keep"] is None
    assert list(reached(record)) == [aim.key for aim in aims.AIMS]
    record["round"]["keep"] = {}
    assert verify(record, inputs, policy)


# The command


def test_the_command_keeps_to_a_file_or_its_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_tables(tmp_path / "data", crossed())
    earlier = tmp_path / "earlier"
    assert run(["round", str(data), "--out", str(earlier), "--no-report", "--quiet"]) == 0
    declined = write_tables(
        tmp_path / "data", crossed(**decided("declined_by_carer", ("R1", "H1")))
    )
    capsys.readouterr()
    found = []
    for each in (earlier, earlier / "round.json"):
        out = tmp_path / "later"
        asked = ["round", str(declined), "--keep", str(each), "--out", str(out), "--no-report"]
        assert run([*asked, "--quiet"]) == 0
        assert run(["verify", str(declined), str(out)]) == 0
        found.append(capsys.readouterr().out)
    assert found[0] == found[1]
    assert "Kept 1 of 2 placements of the round of 23 November 2026." in found[0]
    assert "1 could not be kept: R1 (H1 is not eligible: this match was declined" in found[0]
    assert "the optimum of all seven aims" in " ".join(found[0].split())
    assert run([*asked, "--json"]) == 0
    out_text, message = capsys.readouterr()
    assert json.loads(out_text)["round"]["keep"] == {"R1": "H1", "R2": "H2"}
    assert "Kept 1 of 2 placements" in message


def test_the_command_keeps_to_a_round_of_the_earlier_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = write_tables(tmp_path / "data", crossed()), tmp_path / "out"
    earlier = {
        "schema": "matcher.round/1",
        "round": {"as_of": "2026-11-16", "title": None, "version": "0.1.0", "top": 20},
        "requests": [
            {
                "request_id": "R1",
                "why": ["R1 → H2, fit 70.00."],
                "proposal": {"household_id": "H2"},
            },
            {"request_id": "R9", "why": ["R9 waits."], "proposal": None},
        ],
    }
    (tmp_path / "round.json").write_text(json.dumps(earlier), "utf-8")
    asked = ["round", str(data), "--keep", str(tmp_path), "--out", str(out), "--no-report"]
    assert run([*asked, "--json"]) == 0
    text, message = capsys.readouterr()
    assert json.loads(text)["round"]["keep"] == {"R1": "H2"}
    assert "Kept 1 of 1 placement of the round of 16 November 2026." in " ".join(message.split())
    assert run(["verify", str(data), str(out), "--quiet"]) == 0


@pytest.mark.parametrize("text", ["{}", '{"schema": "matcher.round/2", "round": {}}', "no"])
def test_what_is_no_round_is_wrong_input(text: str, tmp_path: Path) -> None:
    data = write_tables(tmp_path / "data", crossed())
    (tmp_path / "round.json").write_text(text, "utf-8")
    asked = ["round", str(data), "--keep", str(tmp_path), "--out", str(tmp_path / "out"), "--quiet"]
    assert run(asked) == 2
    assert not (tmp_path / "out").exists()


def test_every_output_says_what_was_kept() -> None:
    before = Earlier(EARLIER, CROSSED | {"R8": "H3"})
    solved = kept_to(inputs_of(crossed()), a_policy(), before.proposals)
    view = View(solved, before)
    first, second = keeping(Recorder(solved), before).lines()
    assert second == "1 could not be kept: R8 (the request is no longer open)."
    html = "".join(page(view, []))
    text = " ".join(" ".join(terminal(view, reported=True)).split())
    for line in (first, second):
        assert line in html
        assert line in text
    assert "placements kept of the earlier round" in html
    book = CalamineWorkbook.from_filelike(BytesIO(workbook(view)))
    assert [tuple(row) for row in book.get_sheet_by_name("Kept").to_python()[1:]] == [
        ("R1", "H2", "H2", "yes", "H1", ""),
        ("R2", "H1", "H1", "yes", "H2", ""),
        ("R8", "H3", "", "no", "", "the request is no longer open"),
    ]


# Prices of a round that keeps


@some_rounds
@given(rounds(), st.data())
def test_prices_of_a_round_that_keeps_agree_with_forced_rounds(
    tables: Tables, data: st.DataObject
) -> None:
    solved = kept_to(inputs_of(tables), a_policy(), drawn(data, tables))
    problem, prices = solved.prepared.problem, solved.prices
    assert prices is not None
    reached_by = [(problem.totals(np.array(c, np.intp)), c) for c in choices(problem)]
    for edge in range(len(problem.request)):
        row, home = int(problem.request[edge]), int(problem.household[edge])
        forced = max(values for values, choice in reached_by if choice[row] == home)
        lost = tuple(a - b for a, b in zip(solved.solution.values, forced, strict=True))
        assert prices.price(edge).losses == lost


def test_a_price_in_what_is_kept_is_said() -> None:
    solved = kept_to(inputs_of(crossed()), a_policy(), {"R1": "H2"})
    whole = record_of(solved)
    price = whole.requests[0].ranked[0].cost_to_round
    assert whole.requests[0].ranked[0].household_id == "H1"
    assert price is not None
    said = Explainer(whole).loss(price, whole.requests[0])
    assert said.startswith("would keep 1 placement fewer of the earlier round")
    view = View(solved, Earlier(EARLIER, {"R1": "H2"}))
    html = "".join(page(view, []))
    assert "keeps 1 placement fewer of the earlier round" in html
    (cost,) = [
        each["cost_to_round"]["aims"]
        for each in as_read(solved)["requests"][0]["ranked"]
        if each["household_id"] == "H1"
    ]
    assert list(cost) == [aim.key for aim in aims.in_force(default(), keeps=True)]
    assert (cost[KEPT], cost["fit"] < 0) == (1, True)


def test_a_round_too_large_to_keep_to_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = write_tables(tmp_path / "data", crossed())
    asked = ["round", str(data), "--out", str(tmp_path / "one"), "--no-report", "--quiet"]
    assert run(asked) == 0
    later = [*asked[:2], "--keep", str(tmp_path / "one"), "--out", str(tmp_path / "two"), "--quiet"]
    monkeypatch.setattr(Problem, "exact", False)
    assert run([*later, "--no-report"]) == 0, "a small one is left to the other solver"
    monkeypatch.setattr(keep_module, "MOST_PAIRS", 5)
    assert run(later) == 2
    said = capsys.readouterr()
    assert "too large to keep to an earlier one: 2 requests with 6 eligible pairs" in said.err
    assert run(asked) == 0


def test_the_file_says_which_earlier_pairs_were_used() -> None:
    keep = {"R2": "H1", "R1": "H2", "R9": "H3"}
    record = as_read(kept_to(inputs_of(crossed()), a_policy(), keep))
    assert list(record["round"]["keep"].items()) == [("R1", "H2"), ("R2", "H1")]
    gone = as_read(kept_to(inputs_of(crossed()), a_policy(), {"R1": "H9"}))
    assert gone["round"]["keep"] == {}
    assert reached(gone)[KEPT] == 0


def test_of_two_that_exclude_each_other_one_is_kept_and_the_other_is_said_to_be_worth_as_much() -> (
    None
):
    tables = crossed(
        households=[a_household("H1")],
        carers=[a_carer("H1")],
        requests=[a_request("R1"), a_request("R2")],
    )
    found = kept_in(tables, {"R1": "H1", "R2": "H1"})
    assert found.kept == (("R1", "H1"),)
    assert [each.why for each in found.lost] == [
        "keeping it instead of another would be worth the same: people may prefer it"
    ]
