"""The policies that ship as examples, each on the made-up round beside it, and the one of the how-to page."""

from __future__ import annotations

import itertools
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from matcher.cli import run
from matcher.intake.settings import RoundSettings
from matcher.loading import load, load_policy
from matcher.policy.settings import Policy
from matcher.recorder import record_of
from matcher.rounds import SolvedRound, match, prepare
from test_own_names import cells, read, unfolded, word

ROOT = Path(__file__).resolve().parents[1]
SAMPLES = ROOT / "data" / "samples"
PLACES = ("lincolnshire", "hertfordshire")
PAIR = {"lincolnshire": ("R01", "H25"), "hertfordshire": ("R04", "H17")}
WAITS = {"lincolnshire": "R07", "hertfordshire": "R05"}
# The names that the examples give up, and the place that the default was made from.
USUAL = re.compile(
    r"camden|mosaic|cssw|legal gateway|resource team|permanence panel|placement agreement meeting"
    r"|(?<![\w-])(?:PC|PWP)-\d",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answers:
    """All that the commands said and wrote of one example: text by where it stands."""

    folder: Path
    texts: dict[str, str]


def policy_file(place: str) -> Path:
    return SAMPLES / place / "policy.toml"


def policy_of(place: str, day: date = date(2026, 11, 23)) -> Policy:
    faults: list[Any] = []
    policy = load_policy(policy_file(place), RoundSettings(), faults, day)
    assert faults == []
    return policy


def solved(place: str, file: Path | None) -> SolvedRound:
    inputs, policy = load(SAMPLES / place, None, file)
    return match(prepare(inputs, policy, 0))


def commands(place: str, out: Path) -> Iterator[list[str]]:
    data, file = str(SAMPLES / place), str(policy_file(place))
    family, home = PAIR[place]
    yield ["round", data, "--record", str(out / "history"), "--out", str(out / "round")]
    yield ["verify", data, str(out / "round" / "round.json")]
    for number in range(1, 10):
        yield ["explain", data, f"R{number:02}", "--out", str(out / "explain")]
    yield ["explain", data, family, home]
    yield ["place", data, WAITS[place], "--out", str(out / "place")]
    yield ["documents", data, family, home, "--out", str(out / "drafts")]
    yield ["calendar", data, "--out", str(out / "calendar")]
    yield ["sufficiency", data, "--out", str(out / "sufficiency")]
    yield ["whatif", data, "--each", "train", "--out", str(out / "each")]
    yield ["equity", data, "--out", str(out / "equity")]
    yield ["policy", "check", file]
    yield ["policy", "--out", str(out / "policy")]
    yield ["policy", "--coverage", "--out", str(out / "coverage")]
    yield ["policy", "--governance", "--out", str(out / "papers")]


@pytest.fixture(scope="module", params=PLACES)
def answers(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Answers]:
    place = request.param
    out = tmp_path_factory.mktemp(place)
    texts: dict[str, str] = {}
    capture = request.config.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    for asked in commands(place, out):
        by = [] if asked[:2] == ["policy", "check"] else ["--policy", str(policy_file(place))]
        capture.read_global_capture()
        status = run([*asked, *by])
        said = "".join(capture.read_global_capture())
        assert status == 0, f"{asked}: {said}"
        texts[" ".join(asked)] = said
    readers = {
        ".html": lambda path: read(path.read_text("utf-8")),
        ".xlsx": cells,
        ".docx": word,
        ".ics": unfolded,
        ".txt": lambda path: path.read_text("utf-8"),
        ".md": lambda path: path.read_text("utf-8"),
    }
    for path in sorted(out.rglob("*")):
        if path.suffix in readers:
            texts[str(path.relative_to(out))] = readers[path.suffix](path)
    return place, Answers(out, texts)


def names_left(text: str) -> list[str]:
    """What the default calls something, but where a line says what the default is."""
    paragraphs = re.split(r"\n(?=  \S|\S)", text)
    said = (
        re.sub(r"\n +", " ", each)
        for each in paragraphs
        if not re.match(r"\W*(differs from the default: )?(words|clauses)\.", each)
        and "`words." not in each
    )
    return [
        text[max(0, m.start() - 60) : m.end() + 30] for text in said for m in USUAL.finditer(text)
    ]


def test_every_command_runs_and_says_no_name_of_the_default(
    answers: tuple[str, Answers],
) -> None:
    _, found = answers
    kinds = {Path(name).suffix for name in found.texts}
    assert {".html", ".xlsx", ".docx", ".ics", ".md"} <= kinds
    left = {name: names for name, text in found.texts.items() if (names := names_left(text))}
    assert left == {}


def test_nobody_is_asked_for_what_a_rule_that_is_off_asks(answers: tuple[str, Answers]) -> None:
    place, found = answers
    said = " ".join("".join(t for n, t in found.texts.items() if n.startswith("explain ")).split())
    assert "train a carer for parent and child" in said.casefold()
    asks = "assess a carer for parent and child" in said.casefold()
    assert asks is policy_of(place).is_on("rules.assessed")


def test_the_search_finds_the_names_of_the_default() -> None:
    assert names_left("Ask the Resource team. (PC-3.1j)") != []
    assert names_left('  words.resource_team = "Panel", default Resource team') == []
    assert names_left("Ask the fostering panel. (usual 3.1j, LAW-18)") == []


def test_its_own_names_are_said(answers: tuple[str, Answers]) -> None:
    place, found = answers
    every = "\n".join(found.texts.values())
    for name in policy_of(place).group("words").values():
        if name not in ("duty desk", "Brokerage Accommodation Team", "nominated officer"):
            assert str(name).casefold() in every.casefold(), name
    drafts = "\n".join(text for name, text in found.texts.items() if name.endswith(".docx"))
    assert "Placement Planning Meeting" in drafts


def test_a_file_says_where_it_was_read_and_that_it_is_an_example() -> None:
    for place in PLACES:
        text = policy_file(place).read_text("utf-8")
        assert f"Nobody in {place.title()} wrote or approved" in text
        assert len(re.findall(r"#\s+https?://", text)) >= 4
        assert policy_of(place).about.approved_by is None


# --- Who is eligible


def failing(found: SolvedRound) -> dict[str, dict[str, set[str]]]:
    """The rules that each pair fails, by family and home."""
    record = record_of(found)
    return {
        request.request_id: {
            home.household_id: {each.rule for each in home.failed} for home in request.ineligible
        }
        for request in record.requests
    }


@pytest.fixture(scope="module")
def lincolnshire() -> SolvedRound:
    return solved("lincolnshire", policy_file("lincolnshire"))


def test_a_child_over_two_and_a_long_assessment_have_no_home_in_lincolnshire(
    lincolnshire: SolvedRound,
) -> None:
    rows = {each.request_id: each for each in lincolnshire.prepared.inputs.requests}
    assert rows["R05"].child_born_or_due_on == date(2024, 11, 10)  # two years and 13 days
    assert rows["R07"].child_born_or_due_on == date(2025, 10, 31)
    assert [n for n, each in rows.items() if (each.expected_weeks or 0) > 12] == [
        "R01",
        "R03",
        "R09",
    ]
    assert [n for n, each in rows.items() if each.purpose == "support"] == ["R01", "R06", "R08", "R09"]  # fmt: skip
    ruled_out = failing(lincolnshire)
    homes = {each.household_id for each in lincolnshire.prepared.inputs.households}
    for rule, families in (("child_up_to_two", {"R05"}), ("twelve_weeks", {"R03"})):
        hit = {name for name, of in ruled_out.items() if any(rule in keys for keys in of.values())}
        assert hit == families
        assert all(of.keys() == homes for name, of in ruled_out.items() if name in families)
    without = failing(solved("lincolnshire", None))
    assert all(without[name].keys() < homes for name in ("R03", "R05"))


def test_a_switch_lets_carers_in_who_are_trained_and_not_assessed(
    lincolnshire: SolvedRound,
) -> None:
    """Nobody fails a rule that is off; who failed it alone is eligible."""
    ours, usual = failing(lincolnshire), failing(solved("lincolnshire", None))
    assert not any("assessed" in keys for of in ours.values() for keys in of.values())
    alone = {
        (name, home) for name, of in usual.items() for home, keys in of.items() if keys == {"assessed"}
    }  # fmt: skip
    assert alone == {("R06", "H09"), ("R08", "H09"), ("R09", "H09")}
    assert not any(home in ours[name] for name, home in alone)


def test_fit_comes_before_a_relationship_in_lincolnshire(
    lincolnshire: SolvedRound, tmp_path: Path
) -> None:
    """R06 lived with H31 once; H18 fits better."""

    def home_of(found: SolvedRound) -> str | None:
        (request,) = [each for each in record_of(found).requests if each.request_id == "R06"]
        return request.proposal and request.proposal.household_id

    assert home_of(lincolnshire) == "H18"
    text = policy_file("lincolnshire").read_text("utf-8")
    usual = tmp_path / "usual.toml"
    usual.write_text(re.sub(r"\[aims\]\norder = .*\n", "", text), "utf-8")
    assert home_of(solved("lincolnshire", usual)) == "H31"


def test_a_setting_counts_from_its_day() -> None:
    days = (date(2026, 10, 31), date(2026, 11, 23), date(2027, 4, 1))
    found = [policy_of("lincolnshire", day) for day in days]
    assert [each.weight("distance") for each in found] == [16, 25, 25]
    assert [each.number("turnaround_days") for each in found] == [7, 7, 10]


def test_policy_check_says_what_comes_from_a_later_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["policy", "check", str(policy_file("lincolnshire"))]
    assert run([*asked, "--as-of", "2026-10-31"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "From 1 November 2026: weights.distance = 25 weight, until then 16 weight." in said
    assert "From 1 April 2027: turnaround_days = 10 days, until then 7 days." in said
    assert run([*asked, "--as-of", "2027-04-01", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["later"] == []


# --- What a council asks besides


def local_duties(found: SolvedRound) -> dict[str, set[tuple[str, date | None, bool]]]:
    """The families, and the homes proposed for them, for which each local duty is open."""
    asked: dict[str, set[tuple[str, date | None, bool]]] = {}
    for request in record_of(found).requests:
        proposed = [
            each.duties
            for each in request.ranked
            if request.proposal and each.household_id == request.proposal.household_id
        ]
        for each in (*request.duties, *(duty for duties in proposed for duty in duties)):
            if each.duty.startswith("local_") and each.status != "not_needed":
                asked.setdefault(each.duty, set()).add((request.request_id, each.due, each.holds))
    return asked


def test_a_longer_assessment_waits_for_a_manager_in_hertfordshire() -> None:
    found = solved("hertfordshire", policy_file("hertfordshire"))
    rows = found.prepared.inputs.requests
    long = [each.request_id for each in rows if each.purpose == "assessment" and (each.expected_weeks or 0) > 12]  # fmt: skip
    assert long == ["R01", "R03"]
    asked = local_duties(found)
    assert {name for name, _, holds in asked["local_longer_than_twelve_weeks"] if holds} == {*long}
    not_looked_after = {each.request_id for each in rows if each.child_legal_status == "not_looked_after"}  # fmt: skip
    assert {name for name, *_ in asked["local_child_and_family_assessment"]} == {
        each.request_id for each in rows
    } - not_looked_after


def test_dogs_are_assessed_before_a_match_is_confirmed_in_lincolnshire(
    lincolnshire: SolvedRound,
) -> None:
    """Of those under an interim care order only R04 has a home proposed, and a dog lives there."""
    asked = local_duties(lincolnshire)
    assert asked["local_pets_assessed"] == {("R04", date(2026, 11, 30), True)}


# --- Prices


@pytest.mark.parametrize("place", PLACES)
def test_the_round_is_the_best_there_is_and_its_prices_are_right(place: str) -> None:
    """Against every choice that there is, aim by aim in the policy's order."""
    found = solved(place, policy_file(place))
    problem, order = found.prepared.problem, found.prepared.aims
    values = {aim.name: problem.of_edges(aim).tolist() for aim in problem.aims}
    worth = [*zip(*(values[name] for name in order), strict=True)]
    home = problem.household.tolist()
    options = [
        [None, *range(*problem.edges_of(row).indices(len(home)))] for row in range(problem.requests)
    ]
    best: dict[int | None, tuple[int, ...]] = {}
    for choice in itertools.product(*options):
        edges = [edge for edge in choice if edge is not None]
        if len({home[edge] for edge in edges}) < len(edges):
            continue
        total = tuple(map(sum, zip(*(worth[edge] for edge in edges), strict=True)))
        total = total or (0,) * len(order)
        for edge in (None, *edges):
            best[edge] = max(best.get(edge, total), total)
    assert tuple(found.solution.values) == best[None]
    ids = found.prepared.inputs
    by_pair = {
        (ids.requests[row].request_id, ids.households[home[edge]].household_id): best[edge]
        for row, edges in enumerate(options)
        for edge in edges
        if edge is not None
    }
    priced = 0
    for request in record_of(found).requests:
        for ranked in request.ranked:
            price = ranked.cost_to_round
            if price is None:
                continue
            forced = by_pair[request.request_id, ranked.household_id]
            lost = {n: a - b for n, a, b in zip(order, best[None], forced, strict=True)}
            assert dict(price.aims) == lost
            priced += 1
    assert priced > 5


# --- The page that makes a policy

PAGE = (ROOT / "docs" / "how-to" / "a-policy-of-your-own.md").read_text("utf-8")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of the page, and a round by it, with nothing else of the default changed."""
    folder = tmp_path_factory.mktemp("ours")
    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (folder / "ours.toml").write_text(text, "utf-8")
    asked = ["round", str(SAMPLES / "camden"), "--policy", str(folder / "ours.toml")]
    assert run([*asked, "--out", str(folder / "round"), "--no-report", "--quiet"]) == 0
    return folder


def test_each_difference_of_the_page_is_seen_in_a_round(ours: Path) -> None:
    inputs, policy = load(SAMPLES / "camden", None, ours / "ours.toml")
    found = match(prepare(inputs, policy, 0))
    ruled_out = failing(found)
    of = {each.household_id: each for each in inputs.households}
    families = {each.request_id: each for each in inputs.requests}
    approved = {
        name: sum(carer.approved is True for carer in inputs.carers.get(name, ())) for name in of
    }
    dogs = {name: each.dogs for name, each in of.items()}
    hit: dict[str, set[tuple[str, str]]] = {}
    for name, homes in ruled_out.items():
        for home, keys in homes.items():
            for key in keys:
                hit.setdefault(key, set()).add((name, home))
    asked = {name for name in ruled_out if ruled_out[name]}
    assert {home for _, home in hit["two_carers_always"]} == {n for n in of if approved[n] < 2}
    young = {n for n in asked if (families[n].parent_age or 99) < 16}
    assert {name for name, _ in hit.get("parent_of_16", set())} == young
    crawls = {n for n in asked if families[n].child_born_or_due_on <= date(2026, 5, 27)}
    assert crawls
    assert hit["no_dogs_where_a_baby_crawls"] == {
        (name, home) for name in crawls for home in of if dogs[home] is not False
    }
    assert "near_enough" in hit
    assert "terms" not in hit
    small = {n for n in asked if families[n].child_born_or_due_on > date(2024, 11, 23)}
    assert {name for name, _ in hit.get("smoke_free", set())} <= small
    assert [*found.prepared.aims][2] == "relationship"


def test_the_round_of_the_page_is_proven(ours: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["verify", str(SAMPLES / "camden"), str(ours / "round" / "round.json")]
    assert run([*asked, "--policy", str(ours / "ours.toml")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "4 local rules hold" in said
    assert "2 local duties are asked for" in said
    assert "The hard rule terms is switched off (LAW-terms)." in said
    used = json.loads((ours / "round" / "round.json").read_bytes())["round"]["policy"]
    assert used["changed"]["rules.terms"] is False


def test_the_panel_has_another_name(ours: Path, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "legal_routes", tmp_path / "data")
    asked = ["documents", str(tmp_path / "data"), "F1", "K1", "--out", str(tmp_path / "drafts")]
    assert run([*asked, "--policy", str(ours / "ours.toml"), "--quiet"]) == 0
    drafts = "\n".join(map(word, sorted((tmp_path / "drafts").glob("*.docx"))))
    assert "Edge of Care Panel" in drafts
    assert "Legal Gateway" not in drafts
