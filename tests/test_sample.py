"""Synthetic rounds: always the same, never faulty, and shaped as they say they are."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from builders import AS_OF
from matcher.cli import run
from matcher.errors import WrongInput
from matcher.geo import miles
from matcher.loading import load
from matcher.rounds import prepare
from matcher.shipped import authority_codes, broad_groups
from matcher.synthetic import Sample, draws, sample
from matcher.synthetic import people as peoples
from matcher.synthetic.draws import Draw, pick, setting
from matcher.synthetic.files import contents, write_sample
from matcher.synthetic.people import OUTSIDE_LONDON, census, people, residents, shares
from matcher.synthetic.places import area_of, family_homes, grid, household_homes


def made(area: str | None = None, requests: int = 15, households: int = 60, **others) -> Sample:
    return sample("x", area, requests, households, others.get("seed", 1), others.get("day", AS_OF))


@cache
def large() -> Sample:
    return made(requests=2000, households=6000)


def draw(size: int, seed: int = 1) -> Draw:
    return Draw(np.random.Generator(np.random.PCG64(seed)), size)


def share(rows) -> float:
    return float(np.mean(np.asarray(rows, bool)))


# --- The same, whole, and never over somebody's work -------------------------------------------


def test_the_same_words_give_the_same_bytes_and_another_seed_others() -> None:
    one, again = contents(made("camden")), contents(made("camden"))
    other = contents(made("camden", seed=2))
    assert one == again
    assert all(one[f"{name}.csv"] != other[f"{name}.csv"] for name in ("requests", "households"))


def test_ids_in_the_order_of_text_are_in_the_order_of_numbers() -> None:
    ids = made(households=1200).tables["households"]["household_id"].tolist()
    assert ids == sorted(ids)
    assert (ids[0], ids[-1]) == ("H0001", "H1200")


@pytest.mark.parametrize("size", [(0, 0), (1, 1), (0, 3), (3, 0), (60, 300)])
@pytest.mark.parametrize("area", [None, "camden", "Hertfordshire", "north east", "Isle of Wight"])
def test_a_sample_has_no_faults(tmp_path: Path, area: str | None, size: tuple[int, int]) -> None:
    for seed in (1, 2, 3):
        write_sample(made(area, *size, seed=seed), tmp_path / "s")
        inputs, _ = load(tmp_path / "s", None, None)
        assert (len(inputs.requests), len(inputs.households)) == size
        odd = {(warning.table, warning.column) for warning in inputs.warnings}
        births = (
            "requests",
            "child_born_or_due_on",
        )  # of the last days: were these the days expected?
        assert odd <= {("carers", "approved"), ("households", "arrangement_until"), births}
        others = [each for each in inputs.warnings if (each.table, each.column) != births]
        assert len(others) <= 6


def test_a_large_sample_on_another_day_has_no_faults(tmp_path: Path) -> None:
    write_sample(made("london", 400, 3000, day=date(2024, 2, 29)), tmp_path / "s")
    inputs, _ = load(tmp_path / "s", None, None)
    assert inputs.as_of == date(2024, 2, 29)
    assert len([w for w in inputs.warnings if w.column != "child_born_or_due_on"]) <= 30


def test_a_sample_goes_over_an_earlier_one_and_over_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    write_sample(made(), folder)
    write_sample(made(seed=2), folder)
    assert {p.name for p in folder.iterdir()} == contents(made()).keys()
    assert (folder / "requests.csv").read_bytes() == contents(made(seed=2))["requests.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


@pytest.mark.parametrize("theirs", ["typed", "added", "no about", "another about", "a file"])
def test_what_people_typed_is_never_written_over(tmp_path: Path, theirs: str) -> None:
    folder = tmp_path / "s"
    if theirs == "a file":
        folder.write_text("notes", "utf-8")
    else:
        write_sample(made(), folder)
    if theirs == "typed":
        table = folder / "decisions.csv"
        table.write_text(table.read_text("utf-8") + "R01,H01,rule_out,2026-11-20,,\n", "utf-8")
    elif theirs == "added":
        (folder / "notes.txt").write_text("call the team", "utf-8")
    elif theirs == "no about":
        (folder / "about.md").unlink()
    elif theirs == "another about":
        page = (folder / "about.md").read_text("utf-8")
        (folder / "about.md").write_text("# Our round\n" + page, "utf-8")
    before = {p: p.read_bytes() for p in [folder, *folder.glob("*")] if p.is_file()}
    with pytest.raises(WrongInput, match="never written over"):
        write_sample(made(seed=2), folder)
    assert {p: p.read_bytes() for p in [folder, *folder.glob("*")] if p.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["s"]


# --- Its shape ----------------------------------------------------------------------------------


@pytest.mark.parametrize("area", census().areas)
def test_raking_holds_every_margin_of_the_census(area: str) -> None:
    found, table = census(), residents(area)
    at = found.areas.index(area)
    asked = ["ethnicity", "religion", *(["language"] if area != OUTSIDE_LONDON else [])]
    for axis, question in enumerate(asked):
        others = tuple(each for each in range(3) if each != axis)
        counts = found.counts[question][at]
        assert np.abs(table.sum(axis=others) - counts / counts.sum()).max() < 1e-6


def test_ties_that_contradict_the_census_are_a_mistake_not_a_wrong_table() -> None:
    margins = [np.array([0.5, 0.5]), np.array([0.5, 0.5])]
    with pytest.raises(ArithmeticError, match="does not settle"):
        peoples.rake(np.array([[1.0, 0.0], [1.0, 0.0]]), margins)


@pytest.mark.parametrize("area", ["E09000007", "E09000025", OUTSIDE_LONDON])
@pytest.mark.parametrize("kind", ["families", "carers"])
def test_ethnicity_comes_out_as_the_area_and_the_kind_of_people_say(area: str, kind: str) -> None:
    size = 40_000
    who = people(draw(size), np.full(size, area, object), kind)
    target = shares(area, kind).sum(axis=(1, 2))
    for code, wanted in zip(census().codes["ethnicity"], target, strict=True):
        tolerance = 4.5 * np.sqrt(wanted * (1 - wanted) / size) + 1e-4  # 4.5 standard errors
        assert abs(share(who.ethnicity == code) - wanted) < tolerance, code


def test_families_are_of_the_population_that_care_knows_and_carers_of_that_of_carers() -> None:
    """Over England, each broad group has the share that the statistics of care give it."""
    found = census()
    sizes = found.counts["ethnicity"].sum(axis=1)
    for kind, wanted in (
        ("families", {"White": 0.71 / 0.99, "Black": 0.08 / 0.99}),
        ("carers", {"White": 0.82}),
    ):
        # Each area's shares weighed by its own size before they are brought to 1.
        over = peoples._over(kind)
        whole = (
            sum(
                size * residents(area).sum(axis=(1, 2)) * over
                for size, area in zip(sizes, found.areas, strict=True)
            )
            / sizes.sum()
        )
        for group, target in wanted.items():
            rows = [broad_groups()[code] == group for code in found.codes["ethnicity"]]
            assert abs(whole[rows].sum() - target) < 1e-6


def test_ethnicity_religion_and_language_hang_together() -> None:
    size = 40_000
    who = people(draw(size), np.full(size, "E09000025", object), "families")
    everyone = share(who.religion == "muslim")
    assert share(who.religion[who.ethnicity == "APKN"] == "muslim") > max(0.8, 2 * everyone)
    assert share(who.religion[who.ethnicity == "BCRB"] == "muslim") < everyone / 2
    assert share(who.ethnicity[who.language == "som"] == "BAFR") > 0.85
    assert share(who.religion[who.language == "som"] == "muslim") > 0.95
    assert share(who.ethnicity[who.language == "pol"] == "WOTH") > 0.85
    assert share(who.religion[who.language == "tam"] == "hindu") > 0.5
    assert share(who.language[who.ethnicity == "WBRI"] == "eng") > 0.98
    assert share(who.language[who.ethnicity == "WOTH"] == "eng") < 0.7


def test_carers_are_whiter_than_families() -> None:
    tables = made("london", 2000, 2000).tables

    def white(table: str) -> float:
        codes = [code for code in tables[table]["ethnicity"] if code]
        return share([broad_groups()[code] == "White" for code in codes])

    assert white("carers") > white("requests") + 0.08


def test_carers_of_a_household_mostly_share_ethnicity_and_religion() -> None:
    carers = made("london", 0, 3000).tables["carers"]
    of = {}
    for home, *said in zip(
        carers["household_id"], carers["ethnicity"], carers["religion"], strict=True
    ):
        if all(said):
            of.setdefault(home, []).append(tuple(said))
    couples = [said for said in of.values() if len(said) == 2]
    assert 0.8 < share([one == two for one, two in couples]) < 0.95


def test_households_live_in_clusters() -> None:
    """Two households share an outward postcode far more often than two addresses do."""
    area, size = area_of("london", None), 3000

    def together(homes) -> float:
        counts = np.array(list(Counter(homes.outcodes.tolist()).values()))
        return float((counts * (counts - 1)).sum() / (size * (size - 1)))

    spread = together(family_homes(draw(size), area))
    assert together(household_homes(draw(size), area)) > 2 * spread


def test_homes_lie_in_the_area_and_those_of_households_around_it_too() -> None:
    area, size = area_of("Camden", None), 4000
    families, homes = family_homes(draw(size), area), household_homes(draw(size), area)
    assert set(families.authorities) == {"E09000007"}
    inside = share(homes.authorities == "E09000007")
    assert abs(inside - setting("place.in_area")) < 0.04
    assert set(homes.authorities) <= {"E09000007"} | area.adjoining
    assert "E09000019" in area.adjoining  # Islington


@pytest.mark.parametrize("name", ["Leeds", "Cornwall", "Isles of Scilly", "Hertfordshire"])
def test_households_of_an_authority_live_within_a_drive(name: str) -> None:
    area = area_of(name, None)
    families, homes = family_homes(draw(4000), area), household_homes(draw(4000), area)
    ours, theirs = grid(families.outcodes), grid(homes.outcodes)
    for east, north in zip(*theirs, strict=True):
        assert miles(ours[0], ours[1], east, north).min() < 15


def test_every_authority_has_homes() -> None:
    for code in sorted(set(authority_codes().values())):
        area = area_of(code, None)
        assert set(family_homes(draw(20), area).authorities) <= area.authorities
        assert len(set(household_homes(draw(20), area).authorities)) > 0


def test_needs_and_risks_go_together() -> None:
    requests = large().tables["requests"]

    def has(column: str, code: str):
        return np.array([code in cell.split(";") for cell in requests[column]])

    def raised(area: str):
        return np.isin(requests[f"risk_{area}"], ["medium", "high"])

    for need in ("substance_misuse", "mental_health", "self_harm"):
        with_need, without = raised(need)[has("needs", need)], raised(need)[~has("needs", need)]
        assert share(with_need) > share(without) + 0.4
    abused = has("needs", "domestic_abuse")
    assert abs(share(raised("violence")[abused]) - share(raised("violence")[~abused])) < 0.05
    high = np.any([requests[f"risk_{a}"] == "high" for a in ("mental_health", "offending")], axis=0)
    concerned = ~np.isin(requests["fostering_concerns"], ["", "none"])
    assert share(concerned[high]) > 2 * share(concerned[~high])
    looked_after = requests["parent_looked_after"] == "yes"
    assert max(int(age) for age in requests["parent_age"][looked_after]) < 18


def test_the_parents_own_carers_are_foster_carers_of_a_looked_after_parent() -> None:
    tables = large().tables
    after = dict(
        zip(*(tables["requests"][c] for c in ("request_id", "parent_looked_after")), strict=True)
    )
    there = dict(
        zip(
            *(tables["households"][c] for c in ("household_id", "looked_after_children")),
            strict=True,
        )
    )
    ties = tables["relationships"]
    own = ties["kind"] == "current_carer"
    assert own.sum() > 100
    assert {after[name] for name in ties["request_id"][own]} == {"yes"}
    assert "0" not in {there[name] for name in ties["household_id"][own]}
    assert "choose" not in tables["decisions"]["decision"]
    assert {"confirmed", "rule_out", "declined_by_carer"} <= set(tables["decisions"]["decision"])


def test_carers_were_trained_first_and_assessed_then_and_both_are_past() -> None:
    carers = large().tables["carers"]
    pairs = zip(carers["pc_trained_on"], carers["pc_assessed_on"], strict=True)
    assessed = [(trained, done) for trained, done in pairs if done]
    assert len(assessed) > 1000
    assert all("" < trained < done < AS_OF.isoformat() for trained, done in assessed)


def test_some_cells_of_every_kind_are_gaps() -> None:
    tables = large().tables
    for table, columns in {
        "requests": ("ethnicity", "religion", "languages", "home_postcode", "risk_arson"),
        "households": ("accommodation_suitable", "bedrooms", "features", "team", "reviewed_on"),
        "carers": ("ethnicity", "languages", "pc_trained_on", "approved"),
    }.items():
        for column in columns:
            assert share(tables[table][column] == "") > 0, column


@pytest.mark.parametrize("area", ["england", "camden"])
def test_about_a_third_of_households_are_open_and_a_tenth_of_pairs_eligible(
    tmp_path: Path, area: str
) -> None:
    write_sample(made(area, 200, 2000), tmp_path / "s")
    prepared = prepare(*load(tmp_path / "s", None, None), 0)
    assert 0.27 < share(prepared.screened.closed == 0) < 0.4
    assert 0.07 < len(prepared.screened.request) / (200 * 2000) < 0.14
    held_back = share([outcome is not None for outcome in prepared.outcomes])
    assert 0.08 < held_back < 0.3


# --- Its settings and its page ------------------------------------------------------------------


def test_every_setting_says_why_and_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    used = set[str]()

    class Watched(dict):
        def __getitem__(self, name: str):
            used.add(name)
            return super().__getitem__(name)

    every = Watched(draws.settings())
    for name, each in every.items():
        assert each.unit, name
        assert each.source, name
        assert each.why.endswith("."), name
    monkeypatch.setattr(draws, "settings", lambda: every)
    peoples._ties.cache_clear()
    peoples.residents.cache_clear()
    peoples.shares.cache_clear()
    made("camden", 20, 50)
    assert set(every) - used == {"round.as_of"}  # the command's default day


def test_a_draw_falls_on_each_weight_as_often_as_it_weighs() -> None:
    found = pick(np.array([0.0, 0.0999, 0.1, 0.3999, 0.4, 0.999999]), [1, 3, 6])
    assert found.tolist() == [0, 0, 1, 1, 2, 2]


def test_the_folder_says_that_it_is_synthetic(tmp_path: Path) -> None:
    files = {name: text.decode() for name, text in contents(made("camden", seed=7)).items()}
    assert files["about.md"].startswith("# This match round is synthetic\n")
    for line in ("- area: Camden", "- seed: 7", "- size: 15 requests, 60 households"):
        assert f"{line}\n" in files["about.md"]
    assert files["round.toml"] == (
        'as_of = 2026-11-23\ntitle = "Synthetic round x, set in Camden"\nauthority = "E09000007"\n'
    )
    assert "authority" not in contents(made("london"))["round.toml"].decode()


def test_no_name_of_a_sample_breaks_its_settings(tmp_path: Path) -> None:
    odd = 'a "b"\\\n\x7f😀'
    write_sample(sample(odd, None, 1, 1, 1, AS_OF), tmp_path / "s")
    assert load(tmp_path / "s", None, None)[0].title.startswith('Synthetic round a "b"\\😀, set in')


# --- The command --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "area", "found"),
    [
        ("Camden", None, "Camden"),
        ("north-east", None, "North East"),
        ("E10000015", None, "Hertfordshire"),
        ("bristol", None, "Bristol"),
        ("autumn", None, "England"),
        ("autumn", "london", "London"),
        ("camden", "England", "England"),
    ],
)
def test_the_name_or_the_option_sets_the_area(name: str, area: str | None, found: str) -> None:
    assert area_of(name, area).name == found


def test_the_command_writes_a_round_that_check_and_round_take(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sample", "camden", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert record["written"] == str(Path("samples") / "camden")
    assert (record["requests"], record["households"]) == (15, 60)
    assert (record["seed"], record["as_of"], record["area"]) == (1, "2026-11-23", "Camden")
    assert run(["check", "samples/camden"]) == 0
    assert "No faults. 15 open requests, 0 placed, 60 households" in capsys.readouterr().out
    assert run(["round", "samples/camden", "--no-report", "--out", "r", "--quiet"]) == 0
    assert "Synthetic round camden, set in Camden" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["--requests", "2001"],
        ["--households", "40001"],
        ["--seed", "-1"],
        ["--area", "camdem"],
        ["--as-of", "soon"],
    ],
)
def test_wrong_options_are_refused_and_nothing_is_written(tmp_path, monkeypatch, words) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sample", "x", *words]) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_area_names_the_one_that_was_meant(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    run(["sample", "x", "--area", "camdem"])
    assert "Did you mean camden?" in capsys.readouterr().err


def test_a_name_is_never_a_path(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["sample", "../elsewhere", "--quiet"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["samples"]
