"""Where the gaps are: groups found by hand and by brute force, what binds, whom nobody can use."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from builders import a_carer, a_household, a_request, solved
from matcher.cli import run
from matcher.loading import load
from matcher.rounds import SolvedRound, match, prepare
from matcher.sufficiency import supply
from matcher.sufficiency.figures import gap_figures
from matcher.sufficiency.gaps import idle, lifted, most_placed, over_demanded, taking_part
from matcher.sufficiency.words import gap_of, gap_text
from random_rounds import write_round

CAMDEN = "data/samples/camden"


def three_for_two(folder: Path, names: tuple[str, ...] = ("R1", "R2", "R3")) -> SolvedRound:
    """Three families whom only two households can take, and a fourth who has one of its own."""
    tables = {
        "requests": [
            *(a_request(name, must_have="garden", must_avoid="dog") for name in names),
            a_request("R4", must_have="dog"),
        ],
        "households": [
            a_household("H1", features="garden"),
            a_household("H2", features="garden"),
            a_household("H3", features="dog"),
            a_household("H4", features="dog", bedrooms="0"),
        ],
        "carers": [a_carer(f"H{at}") for at in (1, 2, 3, 4)],
    }
    return solved(folder, tables)


def test_three_families_and_two_households_are_found(tmp_path: Path) -> None:
    (group,) = over_demanded(three_for_two(tmp_path / "r"))
    assert group.request_ids == ("R1", "R2", "R3")
    assert group.household_ids == ("H1", "H2")
    assert group.short == 1
    said = "\n".join(gap_text(gap_of(three_for_two(tmp_path / "s"))))
    assert "R1, R2 and R3 can only be placed with H1 or H2. 1 of them must wait." in said


def test_the_group_does_not_hang_on_which_of_them_is_placed(tmp_path: Path) -> None:
    for at, names in enumerate(itertools.permutations(("R1", "R2", "R3"))):
        (group,) = over_demanded(three_for_two(tmp_path / str(at), names))
        assert group.household_ids == ("H1", "H2")


def test_who_nobody_can_use_and_why(tmp_path: Path) -> None:
    (one,) = idle(three_for_two(tmp_path / "r"))
    assert (one.household_id, one.rules) == ("H4", ("room",))


def test_the_rule_that_binds_by_hand(tmp_path: Path) -> None:
    alone, pairs = lifted(three_for_two(tmp_path / "r"))
    more = {each.rules[0]: each.more for each in alone}
    assert more["features"] == 0  # H3 is the fourth's: three families still share two homes
    assert more["room"] == 0
    assert [(each.rules, each.more) for each in pairs] == [(("room", "features"), 1)]


@pytest.mark.parametrize("seed", range(30))
def test_groups_are_what_every_choice_leaves_short(tmp_path: Path, seed: int) -> None:
    write_round(tmp_path / "r", seed, 6, 7, dense=seed % 2 == 0, pins=seed % 3 == 0)
    inputs, policy = load(tmp_path / "r", None, None)
    now = match(prepare(inputs, policy, 0))
    base = now.prepared
    rows = taking_part(base).tolist()
    homes: dict[int, set[int]] = {row: set() for row in rows}
    pairs = zip(base.problem.request.tolist(), base.problem.household.tolist(), strict=True)
    for row, home in pairs:
        homes[row].add(home)
    # Hall: the most that a set of families is short of homes, over all sets; the union of the
    # smallest sets that are most short is what must be found.
    short = {
        some: len(some) - len(set().union(*(homes[row] for row in some)))
        for size in range(len(rows) + 1)
        for some in itertools.combinations(rows, size)
    }
    most = max(short.values())
    smallest = min((s for s in short if short[s] == most), key=len)
    groups = over_demanded(now)
    names = base.columns.request_ids
    assert sum(group.short for group in groups) == most
    assert sorted(name for group in groups for name in group.request_ids) == sorted(
        names[row] for row in smallest
    )
    shape = len(names), len(base.columns.household_ids)
    assert most_placed(base.problem.request, base.problem.household, shape) == len(rows) - most


def test_a_map_of_unmet_need_names_nobody_and_leaves_withheld_addresses_off(
    tmp_path: Path,
) -> None:
    for withheld, drawn in (("no", True), ("yes", False)):
        tables = {
            "requests": [a_request("R1", home_postcode="NW5", withhold_address=withheld)],
            "households": [a_household("H1", status="suspended")],
            "carers": [a_carer("H1")],
        }
        figures = {
            each.name: each for each in gap_figures(gap_of(solved(tmp_path / withheld, tables)))
        }
        assert ("unmet" in figures) is drawn
        if drawn:
            assert "R1" not in figures["unmet"].alt


def test_the_command_gives_the_gap_and_what_closes_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["sufficiency", CAMDEN, "--budget", "2000", "--quiet"]
    assert run([*asked, "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "R04, R09 and R13 can only be placed with H21 or H33. 1 of them must wait." in said
    assert (
        "£1,500: 9 families placed (2 needed today and 2 within 5 days). A carer trained and assessed at H15."
        in " ".join(said.split())
    )
    names = {each.name for each in tmp_path.iterdir()}
    assert names - {"manifest.json", "sufficiency.txt", "sufficiency.html"} == {
        "supply.png",
        "groups.png",
        "unmet.png",
        "frontier.png",
    }
    assert run([*asked, "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [step["cost"] for step in record["closing"]["frontier"]] == [0, 1500]
    assert record["gap"]["families"]["waiting"] == 2


@pytest.mark.parametrize(("outcode", "known"), [("NW5", True), ("N4", False), ("", False)])
def test_an_authority_is_said_only_where_nearly_all_of_a_postcode_lies_in_it(outcode, known):
    assert bool(supply._authority(outcode)) is known
