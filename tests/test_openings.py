"""The single changes that would place more families: known by hand in rounds of three."""

from __future__ import annotations

from pathlib import Path

from builders import Tables, a_carer, a_household, a_request, solved
from matcher.whatif.openings import Opening, single_changes


def found(
    tmp_path: Path, tables: Tables
) -> list[tuple[str, tuple[str, ...], tuple[int, ...] | None]]:
    return [(o.household_id, o.request_ids, o.placed) for o in openings(tmp_path, tables)]


def openings(tmp_path: Path, tables: Tables) -> list[Opening]:
    return single_changes(solved(tmp_path, tables))


def a_round(
    *homes: tuple[str, str | None], requests: int = 2
) -> dict[str, list[dict[str, str | None]]]:
    """Alike families, and households that are (id, day of training)."""
    return {
        "requests": [a_request(f"R{at}") for at in range(1, requests + 1)],
        "households": [a_household(name) for name, _ in homes],
        "carers": [a_carer(name, pc_trained_on=day) for name, day in homes],
    }


def test_one_change_opens_one_household_and_places_one_family(tmp_path: Path) -> None:
    tables = a_round(("H1", "2025-05-01"), ("H2", None), requests=3)
    assert found(tmp_path, tables) == [("H2", ("R2", "R3"), (0, 0, 1))]


def test_a_home_that_needs_two_things_is_none_of_them(tmp_path: Path) -> None:
    tables = a_round(("H1", None))
    tables["households"][0]["accommodation_suitable"] = "no"
    assert found(tmp_path, tables) == []


def test_who_is_needed_sooner_comes_first(tmp_path: Path) -> None:
    """H1 would take the family that is needed today, H2 only the later one."""
    tables = a_round(("H1", None), ("H2", None))
    tables["requests"][0] |= {"needed_from": "2026-11-23", "second_parent_age": "30"}
    tables["households"][0]["takes_second_parent"] = "yes"
    assert found(tmp_path, tables) == [
        ("H1", ("R1", "R2"), (1, 0, 0)),
        ("H2", ("R2",), (0, 0, 1)),
    ]


def test_training_on_a_coming_day_says_from_when(tmp_path: Path) -> None:
    (opening,) = openings(tmp_path, a_round(("H1", "2026-12-01"), requests=1))
    assert str(opening.change.on) == "2026-12-01"
    assert "planned for 1 December 2026" in opening.change.what


def test_nothing_waits_so_nothing_opens(tmp_path: Path) -> None:
    assert found(tmp_path, a_round(("H1", "2025-05-01"), ("H2", None), requests=1)) == []


def test_a_household_that_people_hold_opens_to_nobody(tmp_path: Path) -> None:
    tables = a_round(("H1", None))
    held = {"request_id": "R1", "household_id": "H1", "decision": "confirmed"}
    assert found(tmp_path, tables | {"decisions": [{**held, "decided_on": "2026-11-20"}]}) == []
