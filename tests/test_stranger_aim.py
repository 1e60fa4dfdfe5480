"""An aim that nobody has heard of, added by the recipe alone, runs through every command."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from builders import a_carer, a_household, a_request, write_tables
from copies import Session, copied_package, follow
from matcher.codes import URGENCIES
from matcher.policy import aims
from test_cli import COMMANDS

ROOT = Path(__file__).parents[1]
STRANGER = "own_carers_first"
NAME = "placements with our own carers"
LOST = "1 placement with our own carers"
OURS = {"today", "within_5_days", "more_than_5_days", "relationship", "needed_soonest", "fit"}
SESSIONS: dict[Path, Session] = {}  # one a package


def test_every_aim_is_described() -> None:
    for aim in aims.every():
        assert aim.name, aim.key
        assert aim.of, aim.key
        assert aim.loss(2).split()[0].isalpha(), aim.key
        assert str(2 * aim.scale) not in aim.amount(2 * aim.scale) or aim.scale == 1, aim.key


# No other module knows them


def _named_together(tree: ast.AST) -> Iterator[tuple[int, set[str]]]:
    """Each literal of several texts, and each comparison with a text, with the aims it names."""
    keys = {aim.key for aim in aims.every()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            parts, least = node.keys, 2
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            parts, least = node.elts, 2
        elif isinstance(node, ast.Compare):
            parts, least = [node.left, *node.comparators], 1
        else:
            continue
        texts = {part.value for part in parts if isinstance(part, ast.Constant)}
        named = {text for text in texts if isinstance(text, str)} & keys
        if len(named) >= least:
            yield node.lineno, named


def test_no_other_module_lists_aims_or_asks_for_one_by_its_name() -> None:
    urgencies = {
        "codes.py",
        "words.py",
        "standard/facts.py",
    }  # the codes, their words, the standard's
    for path in sorted((ROOT / "matcher").rglob("*.py")):
        module = path.relative_to(ROOT / "matcher").as_posix()
        if module == "policy/aims.py":
            continue
        for line, named in _named_together(ast.parse(path.read_text("utf-8"))):
            may = {*URGENCIES} if module in urgencies else set()
            assert named <= may, f"{module}:{line} names {named}"


def test_a_list_of_aims_would_be_seen() -> None:
    tree = ast.parse(
        'LATER = ("relationship", "fit")\nif name == "fit":\n    pass\nx = ["fit", "b"]'
    )
    assert [named for _, named in _named_together(tree)] == [{"relationship", "fit"}, {"fit"}]


# The recipe, followed to the letter in a copy of the package


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a copy of the package with the aim of the recipe: one function and its place."""
    package = copied_package(tmp_path_factory.mktemp("stranger"))
    assert follow("Add an aim", package) == ["matcher/policy/aims.py"]
    return package.parent


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two families: one fits agency carers better, one waits as nobody else is trained."""
    needs = {"needs": "mental_health", "needed_from": "2026-11-23"}
    skilled = {"skills": "monitoring_and_recording;parenting_advice;babies;mental_health"}
    untrained: dict[str, str | None] = {"pc_trained_on": None}
    tables = {
        "requests": [a_request("R1", **needs), a_request("R2", **needs, must_have="dog")],
        "households": [
            a_household("H1", provider="agency"),
            a_household("H2", provider="own"),
            a_household("H3", provider="agency", features="dog"),
            a_household("H4", provider="own", features="dog"),
        ],
        "carers": [
            a_carer("H1", **skilled),
            a_carer("H2"),
            a_carer("H3", **skilled, **untrained),
            a_carer("H4", **untrained),
        ],
    }
    return write_tables(tmp_path_factory.mktemp("data") / "round", tables)


@pytest.fixture(scope="module", autouse=True)
def sessions() -> Iterator[None]:
    yield
    for session in SESSIONS.values():
        session.close()
    SESSIONS.clear()


def run(package: Path, *args: object) -> str:
    """What a command prints; it must succeed."""
    if package not in SESSIONS:
        SESSIONS[package] = Session(package, package)
    status, out, err = SESSIONS[package].ask(*map(str, args))
    assert status == 0, f"{args}: {out}{err}"
    return out


def answers(package: Path, *args: object) -> Any:
    return json.loads(run(package, *args, "--json"))


def flat(text: str) -> str:
    """Text as one line, however it was wrapped."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def reports(copied: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The reports of the same data without the aim (False) and with it (True)."""
    found = {}
    for with_it, package in ((False, ROOT), (True, copied)):
        out = tmp_path_factory.mktemp("out") / "report"
        run(package, "round", data, "--out", out)
        found[with_it] = out
    return found


def placed(out: Path) -> dict[str, str | None]:
    record = json.loads((out / "round.json").read_text("utf-8"))
    return {
        each["request_id"]: each["proposal"] and each["proposal"]["household_id"]
        for each in record["requests"]
    }


def test_it_alone_decides_the_round(reports: dict[bool, Path]) -> None:
    assert placed(reports[False]) == {"R1": "H1", "R2": None}
    assert placed(reports[True]) == {"R1": "H2", "R2": None}


def test_it_is_proven_priced_and_put_into_words(reports: dict[bool, Path]) -> None:
    record = json.loads((reports[True] / "round.json").read_text("utf-8"))
    names = [each["name"] for each in record["objective"]]
    assert names.index(STRANGER) == names.index("relationship") + 1
    assert next(each for each in record["objective"] if each["name"] == STRANGER) == {
        "name": STRANGER, "value": 1, "bound": 1, "optimal": True,
    }  # fmt: skip
    assert set(names) == {*record["certificate"]["weights"]} == OURS | {STRANGER}
    costs = {
        each["household_id"]: each["cost_to_round"] for each in record["requests"][0]["ranked"]
    }
    assert costs["H1"]["aims"][STRANGER] == 1
    assert costs["H1"]["aims"]["fit"] < 0
    page = flat((reports[True] / "report.html").read_text("utf-8"))
    assert NAME in page
    assert f"loses {LOST}" in page


def test_a_sentence_says_what_is_lost(copied: Path, data: Path) -> None:
    said = flat(run(copied, "explain", data, "R1"))
    assert f"giving it to R1 would lose {LOST}." in said
    pair = flat(run(copied, "explain", data, "R1", "H1"))
    assert f"Cost to the round: loses {LOST}; gains" in pair


def test_verify_passes_and_sees_a_false_value(
    copied: Path, data: Path, reports: dict[bool, Path], tmp_path: Path
) -> None:
    run(copied, "verify", data, reports[True] / "round.json")
    text = (reports[True] / "round.json").read_text("utf-8")
    wrong = tmp_path / "round.json"
    wrong.write_text(re.sub(rf'("{STRANGER}":\s*)1', r"\g<1>0", text, count=1), "utf-8")
    assert wrong.read_text("utf-8") != text
    with pytest.raises(AssertionError, match=r"cost_to_round|certificate"):
        run(copied, "verify", data, wrong)


def test_a_round_that_keeps_to_an_earlier_one_has_both_aims(
    copied: Path, data: Path, reports: dict[bool, Path], tmp_path: Path
) -> None:
    out = tmp_path / "kept"
    run(copied, "round", data, "--keep", reports[False] / "round.json", "--out", out)
    record = json.loads((out / "round.json").read_text("utf-8"))
    assert [each["name"] for each in record["objective"]][-3:] == ["needed_soonest", "kept", "fit"]
    assert placed(out) == placed(reports[True])
    page = flat((out / "report.html").read_text("utf-8"))
    assert f"(keeping it would lose {LOST})" in page
    run(copied, "verify", data, out / "round.json")


def test_what_if_counts_it(copied: Path, data: Path) -> None:
    said = flat(run(copied, "whatif", data, "--close", "H2"))
    assert f"{NAME[0].upper()}{NAME[1:]} 1 → 0" in said
    assert f"loses {LOST}; gains" in flat(run(copied, "whatif", data, "--next-best", 2))
    assert f"loses {LOST}; gains" in flat(run(copied, "whatif", data, "--how-sure"))


def test_what_if_decides_by_it(copied: Path, data: Path) -> None:
    """Of two trainings that place the same family, that of our own carers comes first."""

    def first(package: Path) -> str:
        record = answers(package, "whatif", data, "--each", "train")
        return str(record["changes"][0]["household_id"])

    assert (first(ROOT), first(copied)) == ("H3", "H4")
    said = flat(run(copied, "whatif", data, "--each", "train"))
    assert "gains 1 family needed today, 1 placement with our own carers, " in said


def test_what_is_bought_is_decided_by_it(copied: Path, data: Path) -> None:
    """Two trainings cost the same and place the same family."""

    def bought(package: Path) -> str:
        record = answers(package, "sufficiency", data, "--budget", 5_000)
        return str(record["closing"]["frontier"][-1]["buys"][0]["household_id"])

    assert (bought(ROOT), bought(copied)) == ("H3", "H4")


def test_a_simulated_year_is_lived_by_it(copied: Path, data: Path) -> None:
    """The weekly optimum is the round's: it gives up fit for our own carers; first come does not."""

    @cache
    def fit(package: Path, way: str) -> float:
        args = ("--seeds", 2, "--weeks", 8, "--workers", 1, "--per-week", 1)
        record = answers(package, "simulate", data, *args)
        return float(record["ways"][way]["fit"]["mean"])

    assert fit(copied, "weekly optimum") < fit(ROOT, "weekly optimum")
    assert fit(copied, "first come, first served") == fit(ROOT, "first come, first served")


def test_every_other_command_runs(copied: Path, data: Path, tmp_path: Path) -> None:
    found = answers(copied, "place", data, "R1")
    pipelines = [each["pipeline"] for each in found["ranked"] if each["pipeline"]]
    assert all(STRANGER in each["aims"] for each in pipelines)
    assert pipelines
    store = tmp_path / "store"
    for package, out in ((ROOT, tmp_path / "without"), (copied, tmp_path / "with")):
        run(package, "round", data, "--out", out, "--record", store)
    for package, name in ((copied, NAME), (ROOT, "own carers first")):  # one has never heard of it
        assert name in run(package, "history", "compare", "1", "2", "--store", store)
    exported = tmp_path / "standard"
    others: tuple[tuple[object, ...], ...] = (
        ("history", "list", "--store", store),
        ("history", "show", "last", "--store", store),
        ("history", "verify", "--store", store),
        ("check", data),
        ("calendar", data),
        ("equity", data),
        ("policy",),
        ("policy", "init", tmp_path / "ours.toml"),
        ("policy", "check", tmp_path / "ours.toml"),
        ("policy", "compare", "default", tmp_path / "ours.toml", data, "--out", tmp_path / "apart"),
        ("template", "--out", tmp_path / "template.xlsx"),
        ("sample", "camden", "--requests", 3, "--households", 5, "--out", tmp_path / "sample"),
        ("documents", data, "R1", "H2", "--out", tmp_path / "drafts"),
        ("standard", "export", data, "--out", exported),
        ("standard", "import", exported / "placements.xlsx", "--out", tmp_path / "import"),
    )
    for args in others:
        run(copied, *args)
    above = {"round", "verify", "explain", "whatif", "sufficiency", "simulate", "place", "enter"}
    ran = {" ".join(map(str, args)) for args in others} | above | {"history compare"}
    # The panel shows the aims of a round.json as the report does.
    others_than_panel = [name for name in COMMANDS if not name.startswith("panel")]
    assert all(any(line.startswith(name) for line in ran) for name in others_than_panel)
