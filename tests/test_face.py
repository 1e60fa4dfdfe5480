"""The Python face: what `matcher` promises, frame by frame."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
import tomllib
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import matcher
import python_page
from builders import a_carer, a_household, a_request, write_tables
from matcher.cli import run
from matcher.face.source import frame_cell

ROOT = Path(__file__).resolve().parent.parent
CAMDEN = ROOT / "data" / "samples" / "camden"
AIMS = [
    "today",
    "within_5_days",
    "more_than_5_days",
    "relationship",
    "needed_soonest",
    "fit",
]
CRITERIA = ["language", "ethnicity", "religion", "distance", "school", "skills", "impact"]


@pytest.fixture(scope="module")
def data() -> matcher.Data:
    return matcher.read(CAMDEN)


@pytest.fixture(scope="module")
def r(data: matcher.Data) -> matcher.Round:
    return data.solve()


@pytest.fixture(scope="module")
def internal(data: matcher.Data) -> matcher.Round:
    """The round as those see it who keep the addresses; H41 and H44 are hidden from others."""
    return data.solve(internal=True)


@pytest.fixture(scope="module")
def gap(r: matcher.Round) -> matcher.Gap:
    return r.gap()


@pytest.fixture(scope="module")
def changed(r: matcher.Round) -> matcher.WhatIf:
    return r.what_if(train="H15", close="H17", weights={"language": 30})


@pytest.fixture(scope="module")
def years(r: matcher.Round) -> matcher.Years:
    return r.simulate(years=2, seed=1, weeks=8)


def kinds(frame: pd.DataFrame) -> dict[str, str]:
    """The columns of a frame with what they hold, its index among them."""
    if any(frame.index.names):
        frame = frame.reset_index()
    return {name: str(kind) for name, kind in frame.dtypes.items()}


def all_text(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "str")


def whole_folder(folder: Path) -> dict[str, Any]:
    """The tables of a folder as frames of text, and its settings."""
    tables: dict[str, Any] = {
        path.stem: pd.read_csv(path, dtype=str) for path in folder.glob("*.csv")
    }
    return tables | {"round": tomllib.loads((folder / "round.toml").read_text("utf-8"))}


# What is promised


def test_the_import_is_light_and_a_read_needs_no_pandas() -> None:
    heavy = "('numpy', 'ortools', 'pandas', 'pydantic', 'scipy', 'matplotlib')"
    code = (
        "import sys, matcher\n"
        f"loaded = [name for name in {heavy} if name in sys.modules]\n"
        "assert not loaded, loaded\n"
        "assert not [name for name in sys.modules if name.startswith('matcher.')]\n"
        f"r = matcher.read({str(CAMDEN)!r}).solve()\n"
        "assert 'pandas' not in sys.modules, 'before a frame is made'\n"
        "r.aims\n"
        "assert 'pandas' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_what_is_promised_is_sorted_and_there() -> None:
    assert matcher.__all__ == sorted(matcher.__all__)
    assert dir(matcher) == matcher.__all__
    assert all(getattr(matcher, name) is not None for name in matcher.__all__)
    with pytest.raises(AttributeError, match="'guess'"):
        matcher.guess  # noqa: B018


def test_no_module_of_the_package_has_a_promised_name() -> None:
    """Loading it would put the module in the place of the function."""
    modules = {path.stem for path in (ROOT / "matcher").iterdir()}
    assert not modules & set(matcher.__all__)


def test_the_page_of_the_docs_is_fresh_and_has_each_name() -> None:
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    assert page == "\n".join(python_page.page()), "run tools/make_docs.py and read the diff"
    headings = [line for line in page.splitlines() if line.startswith("## `matcher.")]
    names = [line.removeprefix("## `matcher.").partition("(")[0].rstrip("`") for line in headings]
    assert names == matcher.__all__


def test_all_that_is_promised_has_a_docstring() -> None:
    for name in matcher.__all__:
        promised = getattr(matcher, name)
        if isinstance(promised, str):
            continue
        assert inspect.getdoc(promised), name
        for member, each in python_page.public(promised) if inspect.isclass(promised) else ():
            documented = each.func if isinstance(each, cached_property) else each
            assert inspect.getdoc(documented) or not callable(documented), f"{name}.{member}"


# The input


def test_the_tables_have_the_columns_of_the_files(data: matcher.Data) -> None:
    for name in (
        "requests", "households", "carers", "decisions", "risk_assessments", "placements", "events",
    ):  # fmt: skip
        frame = getattr(data, name)
        in_file = pd.read_csv(CAMDEN / f"{name}.csv", nrows=0).columns
        assert set(in_file) <= set(frame.columns), name
    assert data.requests.status.value_counts().to_dict() == {"open": 15, "placed": 1}
    assert len(data.households) == 50
    assert kinds(data.relationships) == all_text("request_id", "household_id", "kind")


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("requests", "request_id", "str"),
        ("requests", "received_on", "datetime64[s]"),
        ("requests", "parent_age", "Int64"),
        ("requests", "parent_looked_after", "boolean"),
        ("requests", "min_miles", "float64"),
        ("requests", "needs", "str"),
        ("households", "weekly_fee", "float64"),
        ("households", "arrangement_until", "str"),
        ("households", "takes_second_parent", "boolean"),
        ("carers", "pc_trained_on", "datetime64[s]"),
        ("decisions", "decided_on", "datetime64[s]"),
        ("warnings", "row", "Int64"),
    ],
)
def test_a_cell_is_of_its_kind(data: matcher.Data, table: str, column: str, kind: str) -> None:
    assert kinds(getattr(data, table))[column] == kind


def test_where_families_live_and_what_happened(data: matcher.Data) -> None:
    days = dict.fromkeys(("started_on", "planned_end_on", "ended_on"), "datetime64[s]")
    placements = all_text("request_id", "household_id", "ended_because", "note") | days
    assert kinds(data.placements) == placements
    events = all_text("request_id", "household_id", "event", "status", "by", "note")
    assert kinds(data.events) == events | dict.fromkeys(("on", "until"), "datetime64[s]")
    assert list(data.placements.household_id) == ["H19", "H40"]
    assert data.placements.ended_because.dropna().tolist() == ["carers_asked"]
    assert (len(data.events), set(data.events.status)) == (18, {"done", "accepted"})


def test_warnings_are_a_frame(data: matcher.Data) -> None:
    text = all_text("table", "column", "value", "problem", "fix")
    assert kinds(data.warnings) == text | {"row": "Int64"}
    assert list(data.warnings["table"]) == ["carers", "households", "requests", "requests"]
    assert list(data.warnings.row)[:2] == [41, 38]
    assert set(data.warnings.column[2:]) == {"child_born_or_due_on"}


def test_frames_give_the_round_of_their_files(r: matcher.Round) -> None:
    assert matcher.read(whole_folder(CAMDEN)).solve().to_dict() == r.to_dict()


def test_frames_that_came_out_go_in_again(data: matcher.Data, r: matcher.Round) -> None:
    names = ("requests", "households", "carers", "relationships", "risk_assessments", "decisions")
    tables = whole_folder(CAMDEN) | {name: getattr(data, name) for name in names}
    assert matcher.read(tables).solve().to_dict() == r.to_dict()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("NW5", "NW5"),
        (None, ""),
        (float("nan"), ""),
        (pd.NA, ""),
        (pd.NaT, ""),
        (True, "yes"),
        (np.False_, "no"),
        (3, "3"),
        (np.int64(3), "3"),
        (3.0, "3"),
        (np.float64(2.5), "2.5"),
        (date(2026, 12, 4), "2026-12-04"),
        (datetime(2026, 12, 4), "2026-12-04"),
        (pd.Timestamp("2026-12-04"), "2026-12-04"),
        (np.datetime64("2026-12-04"), "2026-12-04"),
        (["som", "eng"], "som;eng"),
        ({"trauma", "education"}, "education;trauma"),
        ((), ""),
    ],
)
def test_a_cell_of_a_frame_is_the_text_of_a_file(value: object, text: str) -> None:
    assert frame_cell(value) == text


def small(**household: str | None) -> dict[str, Any]:
    """The frames of a round of one family and one household."""
    return {
        "requests": pd.DataFrame([a_request()]),
        "households": pd.DataFrame([a_household(**household)]),
        "carers": pd.DataFrame([a_carer()]),
        "round": {"as_of": "2026-11-23", "title": "A trial"},
    }


def test_numbers_days_and_a_named_index_are_read() -> None:
    tables = small()
    requests = tables["requests"].assign(
        needed_from=pd.Timestamp("2026-12-07"), parent_looked_after=False, older_children=np.nan
    )
    tables["requests"] = requests.set_index("request_id")
    tables["households"] = tables["households"].assign(bedrooms=2.0, features=[["garden"]])
    data = matcher.read(tables)
    assert data.title == "A trial"
    assert data.as_of == date(2026, 11, 23)
    assert data.requests.request_id[0] == "R1"
    assert data.requests.older_children[0] == 0
    assert data.households.features[0] == "garden"
    assert data.solve().proposals.household_id["R1"] == "H1"


def test_every_fault_is_a_row_numbered_as_the_spreadsheet_does() -> None:
    tables = small(postcode="ZZ99", bedrooms="many")
    tables["carers"] = tables["carers"].assign(household_id="H2")
    with pytest.raises(matcher.WrongInput) as wrong:
        matcher.read(tables, as_of="yesterday", policy={"weights.languages": 3})
    faults = wrong.value.faults
    text = all_text("table", "column", "value", "problem", "fix")
    assert kinds(faults) == text | {"row": "Int64"}
    places = set(zip(faults["table"], faults.row.fillna(0), faults.column, strict=True))
    assert {
        ("households", 2, "postcode"),
        ("households", 2, "bedrooms"),
        ("carers", 2, "household_id"),
        ("options", 0, "--as-of"),
        ("policy", 0, "weights.languages"),
    } <= places
    assert repr(wrong.value) == f"WrongInput: {len(faults)} faults"
    assert len(str(wrong.value).splitlines()) == len(faults)
    assert "ZZ99" in wrong.value._repr_html_()


@pytest.mark.parametrize(
    ("tables", "table", "problem"),
    [
        ({"requests": pd.DataFrame()}, "households", "The table is missing."),
        (small() | {"carers": [1]}, "carers", "This is not a DataFrame."),
        (small() | {"round": "2026"}, "round", "This is not a dict."),
        (small() | {"round": {"day": 1}}, "round", "This setting is not known."),
    ],
)
def test_what_is_no_round_is_a_fault(tables: dict[str, Any], table: str, problem: str) -> None:
    with pytest.raises(matcher.WrongInput) as wrong:
        matcher.read(tables)
    faults = wrong.value.faults
    assert (table, problem) in set(zip(faults["table"], faults.problem, strict=True))


def test_a_table_of_another_name_is_a_warning() -> None:
    data = matcher.read(small() | {"request": pd.DataFrame()})
    assert data.warnings["table"][0] == "request"
    assert data.warnings.fix[0] == "Did you mean requests?"


def test_a_folder_that_is_none_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(matcher.WrongInput) as wrong:
        matcher.read(tmp_path / "none")
    assert list(wrong.value.faults["table"]) == ["input"]


@pytest.mark.parametrize("policy", [{"weights": {"language": 0}}, {"weights.language": 0}, "file"])
def test_a_policy_is_a_file_or_a_dict(tmp_path: Path, policy: Any) -> None:
    if policy == "file":
        policy = tmp_path / "own.toml"
        policy.write_text("[weights]\nlanguage = 0\n", "utf-8")
    data = matcher.read(CAMDEN, policy=policy)
    setting = data.policy.settings.loc["weights.language"]
    assert (setting.value, setting.default, setting.changed) == ("0", "20", True)
    assert data.policy.settings.changed.sum() == 1
    assert repr(data.policy).endswith("1 of " + f"{len(data.policy.settings)} settings changed")


def test_the_day_is_an_argument(r: matcher.Round) -> None:
    for day in ("2026-11-24", date(2026, 11, 24), pd.Timestamp("2026-11-24")):
        assert matcher.read(CAMDEN, as_of=day).as_of == date(2026, 11, 24)


def test_a_sample_is_the_one_that_the_command_writes(tmp_path: Path) -> None:
    words = ["sample", "england", "--requests", "6", "--households", "40", "--seed", "3"]
    assert run([*words, "--out", str(tmp_path / "s"), "--quiet"]) == 0
    drawn = matcher.sample("england", requests=6, households=40, seed=3)
    assert drawn.solve().to_dict() == matcher.read(tmp_path / "s").solve().to_dict()
    assert len(matcher.sample("x", 0, 0, area="Camden").requests) == 0
    for wrong in ({"requests": -1}, {"households": 50_000}, {"seed": -1}, {"area": "Camdem"}):
        with pytest.raises(matcher.WrongInput):
            matcher.sample("england", **wrong)


# A round


def test_proposals(r: matcher.Round) -> None:
    frame = r.proposals
    assert frame.index.name == "request_id"
    assert kinds(frame) == {
        **all_text("request_id", "state", "outcome", "urgency", "household_id"),
        "fit": "float64",
        "rank": "Int64",
        "starts_on": "datetime64[s]",
        "pinned": "bool",
        "late_days": "Int64",
    }
    assert frame.state.value_counts().to_dict() == {"open": 15, "placed": 1}
    assert frame.outcome["R16"] == "placed"
    assert pd.isna(frame.late_days["R16"])
    assert frame.household_id["R04"] == "H21"
    assert frame.fit["R04"] == 98.15
    assert frame.starts_on["R04"] == pd.Timestamp("2026-11-26")
    assert pd.isna(frame.loc["R09", ["household_id", "fit", "rank", "starts_on"]]).all()


def test_late_days_count_from_the_need_and_never_below_0() -> None:
    tables = small()
    late = a_request("R2", needed_from="2026-11-20")
    tables["requests"] = pd.DataFrame([a_request(), late])
    assert list(matcher.read(tables).solve().proposals.late_days) == [0, 3]


def test_ranked(r: matcher.Round) -> None:
    frame = r.ranked
    assert frame.index.names == ["request_id", "household_id"]
    loses = [f"loses_{aim}" for aim in AIMS]
    assert list(frame.columns) == ["rank", "fit", *CRITERIA, *loses]
    own = frame.loc[("R04", "H33")]
    assert own["rank"] == 2
    assert own.loses_relationship == 2
    assert own.loses_fit == 50.32, "in points"
    assert own[CRITERIA].sum() == pytest.approx(own.fit, abs=0.05)
    assert pd.isna(own.school)
    assert frame.fit.between(0, 100).all()
    held = r.proposals.query("outcome == 'residential'").index[0]
    assert frame.loc[held].loses_fit.isna().all(), "for information"


def test_ineligible(r: matcher.Round) -> None:
    frame = r.ineligible
    assert frame.index.names == ["request_id", "household_id", "rule"]
    assert kinds(frame.reset_index(drop=True)) == all_text("clause", "reason", "fix", "who") | {
        "known": "bool"
    }
    known = frame.loc[("R09", ["H02", "H12"]), "known"]
    assert list(known) == [False, True], "not known is not a breach"
    assert frame.groupby(level=0).apply(lambda f: f.index.unique(1).size).le(20).all()


def test_blocked(r: matcher.Round) -> None:
    frame = r.blocked
    assert frame.index.name == "rule"
    text = all_text("rule", "clause", "sentence")
    assert kinds(frame) == text | {"pairs": "int64", "alone": "int64"}
    assert tuple(frame.loc["approved", ["pairs", "alone"]]) == (40, 15)


def test_aims(r: matcher.Round) -> None:
    assert kinds(r.aims) == {
        "aim": "str",
        "value": "float64",
        "bound": "float64",
        "optimal": "bool",
    }
    assert list(r.aims.index) == AIMS
    assert r.aims.value["fit"] == 671.54
    assert r.aims.value["fit"] == round(r.proposals.fit.sum(), 2)
    assert r.aims.optimal.all()


def test_duties(r: matcher.Round) -> None:
    text = all_text("request_id", "household_id", "duty", "clause", "status", "who", "action")
    assert kinds(r.duties) == text | {"evidence": "str", "due": "datetime64[s]", "holds": "bool"}
    assert " ".join(r.duties.columns) == (
        "request_id household_id duty clause status due who holds action evidence"
    )
    statuses = {"done", "accepted", "open", "not_needed", "overdue", "unknown"}
    assert set(r.duties.status) == statuses
    whatever = r.duties.query("request_id == 'R01' and household_id.isna() and holds")
    assert whatever.set_index("duty").status["request_record"] == "done"
    assert {"open", "overdue", "not_needed"} <= set(r.duties[~r.duties.holds].status)
    overdue = r.duties.query("status == 'overdue'")
    assert (overdue.due < pd.Timestamp("2026-11-23")).all()


def test_households(r: matcher.Round, data: matcher.Data) -> None:
    frame = r.households
    assert frame.index.name == "household_id"
    text = all_text("household_id", "outcome", "request_id")
    assert kinds(frame) == text | {"free_from": "datetime64[s]", "appears_in": "int64"}
    assert frame.request_id["H21"] == "R04"
    assert list(frame.columns) == ["outcome", "free_from", "request_id", "appears_in"]
    assert set(frame.outcome) == {"proposed", "kept_for", "occupied", "free", "closed"}
    assert (frame.outcome["H07"], frame.request_id["H07"]) == ("kept_for", "R02")
    assert (frame.outcome["H40"], frame.request_id["H40"]) == ("occupied", "R16")
    until = data.households.set_index("household_id").arrangement_until
    assert set(frame.outcome[until.notna()]) == {"occupied"}
    assert frame.free_from[until == "open"].isna().all()
    assert frame.free_from[until != "open"].notna().all()


@pytest.mark.parametrize(
    ("cells", "free_from"),
    [
        ({}, "2026-11-23"),
        ({"available_from": "2026-11-01"}, "2026-11-23"),
        ({"available_from": "2026-12-01"}, "2026-12-01"),
        ({"arrangement_until": "2026-12-01"}, "2026-12-08"),  # turnaround_days is 7
        ({"arrangement_until": "2026-12-01", "available_from": "2026-12-24"}, "2026-12-24"),
        ({"arrangement_until": "2026-11-01"}, "2026-11-30"),  # overdue counts as today
        ({"arrangement_until": "open"}, None),
        ({"arrangement_until": "open", "available_from": "2026-12-01"}, None),
    ],
)
def test_free_from(cells: dict[str, str], free_from: str | None) -> None:
    found = matcher.read(small(**cells)).solve().households.free_from["H1"]
    assert found == pd.Timestamp(free_from) if free_from else pd.isna(found)


def test_why(r: matcher.Round) -> None:
    assert r.why("R04").startswith("R04 → H21, fit 98.15. Start 26 November 2026.")
    assert "R04 with H33 is eligible. It ranks 2, fit 68.57." in r.why("R04", "H33")
    for unknown in (("R99",), ("R04", "H99")):
        with pytest.raises(matcher.WrongInput) as wrong:
            r.why(*unknown)
        assert wrong.value.faults.value[0] == unknown[-1]


def test_price(r: matcher.Round) -> None:
    price = r.price("R04", "H33")
    assert isinstance(price, matcher.Price)
    assert list(price.loses.index) == AIMS
    assert price.loses.index.name == "aim"
    assert price.loses["fit"] == 50.32
    assert kinds(price.moves) == all_text("request_id", "from", "to")
    assert price.moves.to_numpy().tolist() == [["R04", "H21", "H33"], ["R13", "H33", "H21"]]
    assert repr(price) == (
        "Price of R04 → H33: would give up what R04 has with their former carers, H21; "
        "R13 would go to H21"
    )
    given = r.price("R04", "H21")
    assert given is not None
    assert not given.loses.any()
    assert given.moves.empty
    assert r.price("R04", "H01") is None, "it is not eligible"
    assert pd.isna(r.price("R09", "H33").moves["from"][0]), "no household"  # type: ignore[union-attr]


def test_what_people_hold_is_pinned_and_has_no_price() -> None:
    tables = small()
    tables["requests"] = pd.DataFrame([a_request("R1"), a_request("R2")])
    choice = {"request_id": "R1", "household_id": "H1", "decision": "choose"}
    tables["decisions"] = pd.DataFrame([choice | {"decided_on": "2026-11-20"}])
    held = matcher.read(tables).solve()
    assert list(held.proposals.pinned) == [True, False]
    assert held.price("R2", "H1") is None
    assert held.ranked.loc["R2"].filter(like="loses_").isna().all(axis=None)


def test_a_what_if_is_what_the_command_prints(
    changed: matcher.WhatIf, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["whatif", str(CAMDEN), "--train", "H15", "--close", "H17", "--quiet"]
    assert run([*words, "--weight", "language=30"]) == 0
    assert capsys.readouterr().out == f"{changed}\n"


def test_what_if(changed: matcher.WhatIf, r: matcher.Round) -> None:
    assert kinds(changed.aims) == {
        "aim": "str",
        "now": "float64",
        "then": "float64",
        "comparable": "bool",
    }
    assert list(changed.aims.now) == list(r.aims.value)
    assert list(changed.aims.index[~changed.aims.comparable]) == ["fit"]
    moved = changed.moves.set_index("request_id")
    assert (moved["from"]["R01"], moved["to"]["R09"]) == ("H17", "H15")
    assert pd.isna(moved["to"]["R01"])
    pairs = all_text("request_id", "household_id", "rules")
    assert kinds(changed.opened) == kinds(changed.closed) == pairs
    assert set(changed.opened.household_id) == {"H15"}
    assert set(changed.closed.rules) == {"approved"}
    assert r.what_if(choose="R09:H33").moves["to"][0] == "H33"
    assert r.what_if(set={"H03.takes_second_parent": True}, policy={"horizon_days": 50}) is not None


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"train": "H99"}, "train"),
        ({"trains": "H15"}, "trains"),
        ({"weights": {"languages": 1}}, "weights.languages"),
        ({"choose": "R09"}, "choose"),
    ],
)
def test_a_change_that_is_none_is_a_fault(
    r: matcher.Round, changes: dict[str, Any], column: str
) -> None:
    with pytest.raises(matcher.WrongInput) as wrong:
        r.what_if(**changes)
    assert column in set(wrong.value.faults.column)


def test_every(r: matcher.Round, internal: matcher.Round) -> None:
    frame = r.every("train")
    gains = [f"gains_{aim}" for aim in AIMS]
    assert list(frame.columns) == ["household_id", "change", *gains, "placed", "moved"]
    first = frame.iloc[0]
    assert (first.household_id, first.placed, first.gains_fit) == ("H15", "R09", 59.91)
    assert frame[gains].apply(tuple, axis=1).is_monotonic_decreasing
    assert r.every("second-carer").equals(r.every("second_carer"))
    hidden = r.every("recruit").gains_fit.isna()
    assert hidden.sum() == 1, "H41 or H44 would have a part"
    assert internal.every("recruit").gains_fit.notna().all()
    with pytest.raises(matcher.WrongInput):
        r.every("trian")


def test_next_best(r: matcher.Round, internal: matcher.Round) -> None:
    frame = r.next_best(3)
    assert kinds(frame) == {
        "round": "int64",
        **dict.fromkeys((f"loses_{aim}" for aim in AIMS), "float64"),
        "moves": "str",
    }
    assert list(frame.index) == [2, 3, 4]
    assert list(frame.loses_fit.fillna(-1)) == [-1, 4.95, -1], "H41 and H44 are hidden"
    assert list(internal.next_best(3).loses_fit) == [4.56, 4.95, 9.51]
    assert frame.moves[2] == "R11: H41 → H44"
    assert r.next_best(1, differ=4).moves.str.count("→").ge(4).all()
    for wrong in ({"many": 0}, {"differ": 0}):
        with pytest.raises(matcher.WrongInput):
            r.next_best(**wrong)


def test_firmness(r: matcher.Round) -> None:
    frame = r.firmness()
    words = all_text("changes_where", "near_ties", "if_not_available")
    assert kinds(frame) == {
        **all_text("request_id", "household_id"),
        "share": "float64",
        "draws": "int64",
        **words,
    }
    assert frame.share.between(0, 1).all()
    assert frame.share["R15"] == 0.972
    assert list(frame.index) == list(r.proposals.query("outcome == 'proposed'").index)


def test_gap(gap: matcher.Gap) -> None:
    assert kinds(gap.groups) == all_text("request_ids", "household_ids") | {"short": "int64"}
    assert gap.groups.iloc[0].tolist() == ["R04;R09;R13", "H21;H33", 1]
    assert kinds(gap.binding) == {"rules": "str", "more": "int64", "opened": "int64"}
    assert gap.binding.set_index("rules").more["family"] == 2
    counts = dict.fromkeys(("demand", "waiting", "supply", "open", "eligible"), "int64")
    assert kinds(gap.supply) == all_text("kind", "code", "name") | counts
    assert kinds(gap.idle) == all_text("household_id", "rules") | {"closed": "bool"}
    assert list(gap.profiles.columns[:2]) == ["profile", "more"]
    assert repr(gap) == "Gap of 23 November 2026: 2 of 10 wait; 2 groups share too few homes"
    assert str(gap).startswith("Where the homes fall short, 23 November 2026")
    assert "R09" not in gap.pass_on()


def test_buy(gap: matcher.Gap) -> None:
    frame = gap.buy(60_000)
    assert frame.index.name == "cost"
    assert list(frame.index) == [0, 1_500, 30_500]
    assert list(frame.placed) == [8, 9, 10]
    assert frame.placed.eq(frame.today + frame.within_5_days + frame.more_than_5_days).all()
    assert frame.centre_costs_more_low.le(frame.centre_costs_more).all()
    with pytest.raises(matcher.WrongInput):
        gap.buy(-1)


def test_what_to_buy_is_not_worked_out_where_a_limit_is_in_play() -> None:
    held = matcher.read(CAMDEN, policy={"limits": {"new_per_team": 1}}).solve()
    with pytest.raises(matcher.WrongInput) as wrong:
        held.gap().buy(60_000)
    assert "limit" in wrong.value.faults.problem[0]
    assert held.gap().pass_on()


def test_simulate(years: matcher.Years, r: matcher.Round) -> None:
    frame = years.ways
    assert list(frame.columns[:4]) == ["way", "value_share", "value_share_low", "value_share_high"]
    assert "placed" in frame
    names = frame.columns[1::3]
    assert list(frame.columns[1:]) == [
        f"{name}{end}" for name in names for end in ("", "_low", "_high")
    ]
    assert frame.value_share.between(0, 1.0001).all()
    assert list(frame.way)[-1] == "hindsight"
    assert repr(years) == "2 simulated years of 8 weeks, each with 7 ways to choose"
    assert str(years).startswith("2 simulated runs of 8 weeks")
    again = r.simulate(years=2, seed=1, weeks=8, settings={"decline": 0.9})
    assert not again.ways.equals(frame)


@pytest.mark.parametrize(
    "wrong",
    [
        {"years": 0},
        {"seed": -1},
        {"weeks": 3},
        {"per_week": float("nan")},
        {"settings": {"declines": 0.1}},
        {"settings": {"decline": 2}},
    ],
)
def test_years_that_can_not_be_are_faults(r: matcher.Round, wrong: dict[str, Any]) -> None:
    with pytest.raises(matcher.WrongInput):
        r.simulate(**wrong)


# What is written and shown


def test_write_to_dict_and_verify(data: matcher.Data, r: matcher.Round, tmp_path: Path) -> None:
    folder = r.write(tmp_path / "round")
    assert {path.name for path in folder.iterdir()} == {
        "round.json",
        "report.html",
        "matches.xlsx",
        "figures",
        "manifest.json",
    }
    written = json.loads((folder / "round.json").read_text("utf-8"))
    assert r.to_dict() == written
    assert run(["round", str(CAMDEN), "--out", str(tmp_path / "command"), "--quiet"]) == 0
    for path in (tmp_path / "command").rglob("*.*"):
        ours = folder / path.relative_to(tmp_path / "command")
        assert ours.read_bytes() == path.read_bytes(), path.name
    r.to_dict()["requests"].clear()
    assert r.to_dict() == written, "what a reader does to it changes nothing"
    for proven in (folder, folder / "round.json", r):
        assert matcher.verify(data, proven).empty
    written["requests"][0]["proposal"]["fit"] = 12.0
    (folder / "round.json").write_text(json.dumps(written), "utf-8")
    breaches = matcher.verify(data, folder)
    assert kinds(breaches) == all_text("where", "problem")
    assert "fit" in breaches["where"][0]
    (folder / "round.json").write_text('{"schema": "matcher.round/2", "schema": ""}', "utf-8")
    assert len(matcher.verify(data, folder)) == 1
    with pytest.raises(matcher.WrongInput):
        matcher.verify(data, tmp_path / "none")


def test_a_round_of_the_earlier_schema_is_not_proven(data: matcher.Data, tmp_path: Path) -> None:
    (tmp_path / "round.json").write_text('{"schema": "matcher.round/1"}', "utf-8")
    for written in (tmp_path, tmp_path / "round.json"):
        with pytest.raises(matcher.WrongInput) as wrong:
            matcher.verify(data, written)
        assert "release 0.1.0" in wrong.value.faults.fix[0]


def test_an_earlier_round_is_kept(data: matcher.Data, r: matcher.Round, tmp_path: Path) -> None:
    other = r.what_if(choose="R15:H03")
    assert "R15" in set(other.moves.request_id)
    earlier = matcher.read(CAMDEN, policy={"weights.ethnicity": 0}).solve()
    moved = earlier.proposals.household_id.ne(r.proposals.household_id)
    assert moved[r.proposals.household_id.notna()].any()
    kept = data.solve(keep=earlier)
    assert kept.proposals.household_id.equals(earlier.proposals.household_id)
    assert "kept" in kept.aims.index
    assert "loses_kept" in kept.ranked
    folder = earlier.write(tmp_path / "earlier")
    assert data.solve(keep=folder).to_dict() == kept.to_dict()
    of_first_schema = earlier.to_dict() | {"schema": "matcher.round/1"}
    (tmp_path / "first.json").write_text(json.dumps(of_first_schema), "utf-8")
    assert data.solve(keep=tmp_path / "first.json").to_dict() == kept.to_dict()
    assert not [*kept.proposals.index.symmetric_difference(r.proposals.index)]


def test_top_is_how_many_are_kept(data: matcher.Data) -> None:
    few = data.solve(top=2)
    assert few.ranked.groupby(level=0).size().max() == 2
    with pytest.raises(matcher.WrongInput):
        data.solve(top=-1)


def test_figures_are_pictures(
    r: matcher.Round, gap: matcher.Gap, changed: matcher.WhatIf, years: matcher.Years
) -> None:
    assert list(r.figures) == ["fit_and_blocks", "points", "blocks", "map"]
    assert list(gap.figures) == ["supply", "groups", "unmet"]
    assert list(changed.figures) == ["whatif"]
    assert list(years.figures) == ["waiting"]
    for shown in (r, gap, changed, years):
        for name, picture in shown.figures.items():
            assert picture.startswith(b"\x89PNG")
            assert picture._repr_png_() == picture
            assert repr(picture).startswith(f"Picture {name}: ")
            assert picture.alt


def test_everything_says_what_it_is(
    data: matcher.Data,
    r: matcher.Round,
    gap: matcher.Gap,
    changed: matcher.WhatIf,
    years: matcher.Years,
) -> None:
    assert repr(data) == "Data of 23 November 2026: 15 open requests, 50 households, 4 warnings"
    assert (
        repr(r) == "Round of 23 November 2026: 8 proposed, 2 wait, 5 not matched, 1 placed; proven"
    )
    assert repr(changed).startswith("What if: H15 has a carer trained and assessed, H17 is not")
    for shown in (data, data.policy, r, r.price("R04", "H33"), gap, changed, years):
        assert "\n" not in repr(shown)
        assert "<table" in shown._repr_html_()  # type: ignore[union-attr]


def test_a_solvers_word_is_no_proof() -> None:
    limited = matcher.read(CAMDEN, policy={"limits.weekly_fees": 3000}).solve()
    assert repr(limited).endswith("; the optimum by the solver's word")


def test_nothing_in_html_is_unescaped() -> None:
    tables = small()
    tables["requests"] = pd.DataFrame([a_request("<b>R1</b>")])
    shown = matcher.read(tables).solve()
    assert "<b>R1" not in shown._repr_html_()
    price = shown.price("<b>R1</b>", "H1")
    assert price is not None
    assert "<b>R1" not in price._repr_html_()


def test_no_place_of_an_array_and_no_hundredths_cross_the_line(
    r: matcher.Round, gap: matcher.Gap, changed: matcher.WhatIf
) -> None:
    frames = [r.proposals, r.ranked, r.aims, r.households, r.blocked, changed.aims]
    frames += [changed.moves, r.every("train"), r.next_best(2), gap.supply, gap.binding]
    for frame in frames:
        numbers = frame.select_dtypes("number")
        kept = [name for name in numbers if not str(name).startswith(("loses_", "gains_"))]
        assert not (numbers[kept] < 0).any(axis=None)
    assert (r.ranked[["fit", *CRITERIA]].max() <= 100).all()
    assert r.aims.value["fit"] <= 100 * len(r.proposals)
    for frame in (
        r.ranked,
        r.every("train"),
        r.next_best(2),
        r.price("R04", "H33").loses.to_frame(),
    ):  # type: ignore[union-attr]
        column = next(name for name in frame if str(name).endswith(("fit", "loses")))
        assert frame[column].abs().max() <= 100 * len(r.proposals)


def test_a_round_without_requests_has_its_columns() -> None:
    tables = small()
    tables["requests"] = tables["requests"].iloc[:0]
    empty = matcher.read(tables).solve()
    assert list(empty.ranked.columns[:2]) == ["rank", "fit"]
    for frame in (empty.proposals, empty.ranked, empty.ineligible, empty.duties, empty.firmness()):
        assert frame.empty
        assert len(frame.columns) > 3
    assert repr(empty).startswith("Round of 23 November 2026: 0 proposed")


# What is hidden


@pytest.fixture(scope="module")
def withheld(tmp_path_factory: pytest.TempPathFactory) -> matcher.Data:
    """A family whose address is withheld, with its only household, and one that is too far."""
    tables = {
        "requests": [a_request(withhold_address="yes", home_postcode="N7", max_miles="5")],
        "households": [
            a_household("H1", provider="agency", local_authority="Camden"),
            a_household("H2", postcode="BR6"),
        ],
        "carers": [a_carer("H1"), a_carer("H2")],
    }
    settings = 'as_of = 2026-11-23\nauthority = "Camden"\n'
    return matcher.read(write_tables(tmp_path_factory.mktemp("withheld"), tables, settings))


def test_a_withheld_place_is_hidden_as_in_a_report(withheld: matcher.Data) -> None:
    hidden, internal = withheld.solve(), withheld.solve(internal=True)
    of_place = ["distance", "school"]
    assert hidden.ranked[of_place].isna().all(axis=None)
    assert hidden.ranked[["skills", "impact"]].notna().all(axis=None)
    assert internal.ranked.distance.notna().all()
    for each in (hidden, internal):
        points = each.ranked[CRITERIA].sum(axis=1)
        assert points.to_numpy() == pytest.approx(each.ranked.fit.to_numpy(), abs=0.05)
    assert hidden.ranked.fit.iloc[0] != internal.ranked.fit.iloc[0]
    assert hidden.proposals.fit["R1"] == hidden.aims.value["fit"] == hidden.ranked.fit.iloc[0]
    area = "request_id == 'R1' and household_id == 'H1' and holds"
    told = hidden.duties.query(area).evidence.str.contains("not shown", na=False)
    assert told.any()
    shown = internal.duties.query(area).evidence.str.contains("not shown", na=False)
    assert not shown.any()
    assert hidden.to_dict() == internal.to_dict(), "round.json is what it is"
    assert "about" not in hidden.why("R1")
    assert "about" in internal.why("R1")
    assert "hidden" in hidden.why("R1", "H1")
    assert "hidden" not in internal.why("R1", "H1")


def test_a_loss_of_fit_that_would_tell_a_place_is_missing(
    r: matcher.Round, internal: matcher.Round
) -> None:
    hidden, shown = r.price("R11", "H44"), internal.price("R11", "H44")
    assert hidden is not None
    assert shown is not None
    assert pd.isna(hidden.loses["fit"])
    assert pd.isna(r.ranked.loses_fit[("R11", "H44")])
    assert not hidden.loses.drop("fit").any()
    assert "by how much is not shown" in repr(hidden)
    assert shown.loses["fit"] == internal.ranked.loses_fit[("R11", "H44")] == 4.56
    assert "4.56" in repr(shown)
    assert r.firmness().if_not_available["R11"].endswith("is not shown")
    assert internal.firmness().if_not_available["R11"].endswith("loses 4.56 of fit")


def test_a_what_if_of_an_internal_round_has_the_whole_fit(withheld: matcher.Data) -> None:
    for internal in (False, True):
        solved = withheld.solve(internal=internal)
        changed = solved.what_if(weights={"language": 0})
        assert list(changed.aims.now) == list(solved.aims.value)


def test_a_large_round_keeps_as_many_as_a_small_one() -> None:
    """Its report is cut short; its frames are not."""
    many = matcher.sample("england", 201, 300).solve(top=8)
    assert many.ranked.groupby(level=0).size().max() == 8
    assert many.ineligible.groupby(level=0).apply(lambda f: f.index.unique(1).size).max() == 8
    assert many.duties.query("holds and household_id.notna()").request_id.nunique() > 1
    assert len(many.proposals) == len(many.to_dict()["requests"]) == 201
