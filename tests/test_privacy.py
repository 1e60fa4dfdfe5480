"""Where a hidden household is follows from nothing that is written but round.json (PC-5.3d)."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from builders import a_carer, a_household, a_request, write_tables
from matcher.cli import run
from matcher.fit import Scores, score
from matcher.geo import miles, outcodes
from matcher.loading import load
from matcher.policy.criteria import CRITERIA, WHERE
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.rounds import Prepared, match, prepare

MATCHER = Path(__file__).parents[1] / "matcher"
WRITERS = ("report", "equity", "history", "documents", "calendar", "governance", "face")
WRITES = ("words.py", "figures.py", "pass_on.py", "exchange.py", "record.py", "recall.py")
PLACES = {"postcode", "local_authority", "miles", "school_miles", "outcode_miles"}
FEWEST = 20  # postcodes that must agree with everything that is told
HOMES = ("NW5", "N19", "NW3", "E9", "SE5", "W3", "N1", "NW10")


# No writer reaches a place but through the seam


def writers() -> Iterator[Path]:
    for path in sorted(MATCHER.rglob("*.py")):
        folder = path.relative_to(MATCHER).parts[0]
        if folder in WRITERS or (len(path.relative_to(MATCHER).parts) > 1 and path.name in WRITES):
            yield path


def reads_a_place(path: Path) -> list[int]:
    """The lines of a module on which it reads where a household is."""
    found = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        seam = isinstance(getattr(node, "value", None), ast.Name) and node.value.id == "privacy"
        if isinstance(node, ast.Attribute) and node.attr in PLACES and not seam:
            found.append(node.lineno)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            named = [a.value for a in node.args if isinstance(a, ast.Constant)]
            if node.func.attr in ("number", "fact") and PLACES & {str(name) for name in named}:
                found.append(node.lineno)
    return found


def test_there_are_writers_to_look_at():
    assert len(list(writers())) > 30


@pytest.mark.parametrize("path", [*writers()], ids=lambda path: str(path.relative_to(MATCHER)))
def test_a_writer_asks_the_seam_where_a_household_is(path):
    assert reads_a_place(path) == []


def test_a_writer_that_forgets_is_noticed(tmp_path):
    forgets = tmp_path / "forgets.py"
    forgets.write_text(
        "def place(case):\n    return case.household.postcode, case.number('miles')\n"
    )
    assert reads_a_place(forgets) == [2, 2]


# The attacker


@dataclass(frozen=True)
class Round:
    """A round with families all over, of which one's address is withheld, and what it wrote."""

    data: Path
    out: Path
    prepared: Prepared
    hidden: frozenset[str]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory) -> Round:
    folder = tmp_path_factory.mktemp("attacked")
    requests = [
        a_request(f"R{at}", home_postcode=home, school_postcode=home, older_children="1")
        for at, home in enumerate(HOMES, 1)
    ]
    requests[0] |= {"withhold_address": "yes"}
    places = ("TW15", "EN9", "WD6", "NW1", "N7", "E8")
    households = [
        a_household(f"H{at}", postcode=place, bedrooms="3", takes_older_children="2")
        for at, place in enumerate(places, 1)
    ]
    # Two of them can never go to the family whose address is withheld: they are not hidden.
    for household in households[4:]:
        household["takes_older_children"] = "0"
    requests[7] |= {"older_children": "0"}
    carers = [a_carer(f"H{at}", languages="English") for at in range(1, 7)]
    known = [{"request_id": "R2", "household_id": "H2", "kind": "former_carer"}]
    tables = {
        "requests": requests, "households": households, "carers": carers, "relationships": known,
    }  # fmt: skip
    data = write_tables(folder / "data", tables, "as_of = 2026-11-23\n")
    out = folder / "out"
    for words in (
        ("round", "--out", out / "round"),
        ("equity", "--json", "--out", out / "equity"),
        ("whatif", "--next-best", "5", "--json", "--out", out / "next"),
        ("whatif", "--how-sure", "--json", "--out", out / "sure"),
        ("whatif", "--train", "H2", "--json", "--out", out / "train"),
        ("sufficiency", "--json", "--out", out / "gap"),
        ("standard export", "--out", out / "standard"),
        ("documents R2 H2", "--out", out / "documents"),
        *((f"explain R{at} H{to}", "--json", "--out", out / "pairs") for at in (1, 2, 5) for to in (1, 2, 3)),
    ):  # fmt: skip
        command, *options = words
        verb = command.split(" ")
        asked = (
            ["standard", "export", data] if verb[0] == "standard" else [verb[0], data, *verb[1:]]
        )
        assert run([str(part) for part in (*asked, *options, "--quiet")]) == 0, words
    prepared = prepare(*load(data, None, None), 20)
    places_of = prepared.columns.household_ids
    return Round(data, out, prepared, frozenset(places_of[at] for at in prepared.hidden))


def texts(folder: Path) -> Iterator[tuple[str, str]]:
    """Everything that is written for people, as text, without round.json and pictures."""
    for path in sorted(folder.rglob("*")):
        if (
            path.suffix in (".json", ".jsonld", ".html", ".txt", ".csv")
            and path.name != "round.json"
        ):
            text = path.read_text("utf-8")
            yield str(path), re.sub(r'src="data:[^"]*"', "", text)
        elif path.suffix == ".xlsx":
            book = CalamineWorkbook.from_path(path)
            for name in book.sheet_names:
                rows = book.get_sheet_by_name(name).to_python()
                yield f"{path} {name}", "\n".join("\t".join(map(str, row)) for row in rows)


def fits_with(
    prepared: Prepared, request: int, household: int, without: tuple[str, ...] = ()
) -> dict[str, float]:
    """The fit of a pair, had the household each outward postcode of England, by postcode."""
    scores = score(prepared.everyone.of(np.array([request]), np.array([household])))
    policy, row = prepared.policy, prepared.inputs.requests[request]
    home = outcodes()[row.home_postcode or ""]
    names = sorted(outcodes())
    grid = np.array([(outcodes()[name].easting, outcodes()[name].northing) for name in names])
    away = np.round(miles(home.easting, home.northing, grid[:, 0], grid[:, 1]), 1)
    of_place = {
        "distance": np.maximum(1 - away / policy.number("far_miles"), 0),
        "school": np.maximum(1 - away / policy.number("far_school_miles"), 0),  # beside home
    }
    values = tuple(
        np.full((1, len(names)), np.nan)
        if each.key in without
        else np.broadcast_to(of_place.get(each.key, value), (1, len(names)))
        for each, value in zip(CRITERIA, scores.values, strict=True)
    )
    fits = Scores(values, scores.weights, (1, len(names))).fit[0] / 100
    return dict(zip(names, fits.tolist(), strict=True))


def test_the_round_hides_some_and_shows_others(attacked):
    assert {"H1", "H2", "H3"} <= attacked.hidden
    assert "H5" not in attacked.hidden


def test_no_file_names_the_place_of_a_hidden_household(attacked):
    households = {h.household_id: h.postcode for h in attacked.prepared.inputs.households}
    hidden = {households[name] for name in attacked.hidden} - set(HOMES)
    assert hidden
    for name, text in texts(attacked.out):
        for code in hidden:
            assert not re.search(rf"\b{code}\b", text), f"{code} stands in {name}"


def told_fits(attacked: Round) -> Iterator[tuple[str, str, float]]:
    """Every fit of a hidden household that the workbook tells: request, household, fit."""
    book = CalamineWorkbook.from_path(attacked.out / "round" / "matches.xlsx")
    headings, *rows = book.get_sheet_by_name("Ranked").to_python()
    request, household, fit = (headings.index(name) for name in ("Request", "Household", "Fit"))
    for row in rows:
        if row[household] in attacked.hidden:
            yield str(row[request]), str(row[household]), float(row[fit])


def test_many_places_agree_with_every_fit_that_is_told(attacked):
    prepared = attacked.prepared
    rows = {name: at for at, name in enumerate(prepared.columns.request_ids)}
    told = list(told_fits(attacked))
    assert told
    agree: dict[str, set[str]] = {}
    for request_id, household_id, fit in told:
        household = prepared.household_at[household_id]
        for without in (WHERE, ()):  # the attacker knows the rule, and how it was before
            fits = fits_with(prepared, rows[request_id], household, tuple(without))
            places = {name for name, value in fits.items() if abs(value - fit) < 0.005}
            if places:
                agree[household_id] = agree.get(household_id, set(fits)) & places
                break
    for household_id, places in agree.items():
        assert len(places) >= FEWEST, f"{household_id} is in one of {sorted(places)}"


def test_the_attacker_finds_a_place_where_the_whole_fit_is_told(attacked):
    prepared = attacked.prepared
    household = prepared.household_at["H1"]
    whole = record_of(match(prepared)).requests
    fit = {r.request_id: e.fit for r in whole for e in r.ranked if e.household_id == "H1"}
    left: set[str] | None = None
    for row, request_id in enumerate(prepared.columns.request_ids):
        if request_id in fit:
            fits = fits_with(prepared, row, household)
            places = {name for name, value in fits.items() if abs(value - fit[request_id]) < 0.005}
            left = places if left is None else left & places
    assert left is not None
    assert len(left) < FEWEST
    assert "TW15" in left


def test_no_mean_of_miles_holds_a_hidden_household(attacked):
    record = json.loads((attacked.out / "equity" / "equity.json").read_text("utf-8"))
    solved = match(attacked.prepared)
    shown = [
        solved.prepared.pair(row, household).miles
        for household, row in solved.holder.items()
        if household not in attacked.prepared.hidden
    ]
    rows = [each for each in record["differences"] if each["measure"] == "miles"]
    number = max((each["number"] + each["others"] for each in rows), default=0)
    assert number <= len(shown)


def test_a_price_in_which_a_hidden_household_moves_tells_no_fit(attacked):
    whole = record_of(match(attacked.prepared))
    people = for_people(whole)
    priced = 0
    for request in people.requests:
        for ranked in request.ranked:
            price = ranked.cost_to_round
            moved = {} if price is None else {m[k] for m in price.moves for k in ("from", "to")}
            if price is not None and attacked.hidden & set(moved):
                priced += 1
                assert price.aims["fit"] is None
    assert priced
    for name in ("next", "sure"):
        for path in (attacked.out / name).glob("*.json"):
            for one in json.loads(path.read_text("utf-8")).get("rounds", ()):
                moved = {m[k] for m in one["moves"] for k in ("from", "to")}
                assert not (attacked.hidden & moved) or one["losses"]["fit"] is None


def test_the_fit_of_the_round_is_told_without_what_is_hidden(attacked):
    people = for_people(record_of(match(attacked.prepared)))
    told = sum(round(100 * r.proposal.fit) for r in people.requests if r.proposal)
    fit = {aim.name: aim for aim in people.objective}["fit"]
    assert fit.value == told
    assert fit.value == fit.bound


def test_points_of_the_shown_criteria_add_up_to_the_fit_that_is_told(attacked):
    people = for_people(record_of(match(attacked.prepared)))
    for request in people.requests:
        for ranked in request.ranked:
            if ranked.household_id in attacked.hidden:
                points = [score.points for score in ranked.criteria]
                assert sum(points) == pytest.approx(ranked.fit, abs=0.01 * len(CRITERIA))
                assert {s.name for s in ranked.criteria if s.facts == {"withheld": True}} <= set(
                    WHERE
                )
