"""A council's own names for bodies, roles and clauses: what people read says them, and nothing else."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable
from pathlib import Path

import pytest
from docx import Document

import matcher
from builders import a_request, one_pair, write_tables
from matcher.cli import run
from matcher.policy.names import usual_name
from matcher.policy.reading import override
from matcher.policy.settings import default, with_changes
from matcher.policy.terms import CLAUSES, WORDS
from matcher.terms import AsIs, Terms, say, using
from own_names import OWN, OWN_IDS, cells, read, usual_names

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "data" / "samples" / "legal_routes"


def own(**values: object) -> Terms:
    """The names of a policy with these settings, underscores for the first dot of each key."""
    return with_changes({f"{WORDS}{key}": value for key, value in values.items()}).terms


def faults(**values: str) -> list[str]:
    found: list = []
    override(default(), {"words": values}, "policy.toml", found)
    return [each.sentence() for each in found]


# --- One text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ask the Resource team.", "Ask the Hub."),
        ("The Resource team's view", "The Hub's view"),
        ("resource team", "Hub"),
        ("resource_team and words.resource_team", "resource_team and words.resource_team"),
        ("Resource teams", "Hubs"),
        ("the Resource teamwork", "the Resource teamwork"),
        ("A Head of Service agrees", "An area lead agrees"),
        ("a Head of Service", "an area lead"),
        ("Head of Service", "Area lead"),
        ("waits for the Head of Service", "waits for the area lead"),
        ("It is agreed. Head of Service: yes", "It is agreed. Area lead: yes"),
        ("accepted by Head of Service until", "accepted by Head of Service until"),
        ("row 3, by: found 'Head of Service'.", "row 3, by: found 'Head of Service'."),
        ("Team manager", "Deputy"),
        ("two team managers", "two deputies"),
        ("the team manager's view", "the deputy's view"),
        ("the independent reviewing officer (IRO)", "the chair"),
        ("an IRO", "a chair"),
    ],
)
def test_a_name_stands_as_the_sentence_needs_it(text, said):
    terms = own(
        resource_team="Hub",
        head_of_service="area lead",
        team_manager="deputy",
        reviewing_officer="chair",
    )
    assert terms(text) == said
    assert terms(terms(text)) == said


def test_an_own_name_that_holds_the_usual_one_is_not_put_in_twice():
    terms = own(resource_team="Placements and Resource team")
    once = terms("Ask the Resource team.")
    assert once == "Ask the Placements and Resource team."
    assert terms(once) == once


def test_roles_that_hold_a_role_follow_it_unless_they_have_their_own():
    terms = own(social_worker="practitioner", supervising_social_worker="link worker")
    assert terms("child's social worker") == "child's practitioner"
    assert terms("both social workers") == "both practitioners"
    assert terms("supervising social worker") == "link worker"
    assert terms("Child's and supervising social workers") == "Child's practitioner and link worker"


def test_a_genitive_of_a_name_with_an_s_at_its_end_has_no_second():
    assert own(lawyer="Legal Services")("the council's lawyer's view") == "the Legal Services' view"


def test_without_a_name_of_its_own_a_text_is_the_same_object():
    text = "Ask the Resource team."
    assert default().terms(text) is text
    assert say(text) is text


def test_what_people_wrote_stays_whatever_names_are_in_use():
    with using(own(resource_team="Hub")):
        assert say(AsIs("Ask the Resource team")) == "Ask the Resource team"
        assert say("Ask the Resource team") == "Ask the Hub"
    assert say("Ask the Resource team") == "Ask the Resource team"


def test_a_clause_has_its_own_id_wherever_it_is_cited():
    terms = with_changes({"clauses.PC-2.1": "4.2: The legal basis", "clauses.PC-2.1b": "4.3"}).terms
    assert terms("as said (PC-2.1, PC-2.1b).") == "as said (4.2, 4.3)."


# --- What may be a name


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"resource_team": ""}, "It is blank"),
        ({"resource_team": "   "}, "It is blank"),
        ({"resource_team": "x" * 61}, "at most 60 letters"),
        ({"resource_team": "Hub\nand more"}, "not one line"),
        ({"resource_team": "the Hub"}, "begins with an article"),
        ({"head_of_service": "team manager"}, "what sentences say of team_manager"),
        ({"head_of_service": "IRO"}, "what sentences say of reviewing_officer"),
        ({"head_of_service": "Lead", "team_manager": "lead"}, "the name of team_manager, too"),
        ({"resource_teams": "Hub"}, "no such setting"),
    ],
)
def test_a_name_that_nobody_could_tell_apart_is_a_fault(values, said):
    assert any(said in sentence for sentence in faults(**values)), faults(**values)


@pytest.mark.parametrize(
    "values",
    [
        {"resource_team": "x" * 60},
        {"fostering_panel": "Panel for children", "permanence_panel": "Panel for children"},
        {"resource_team": "Resource Team"},
    ],
)
def test_a_name_that_can_be_told_apart_is_none(values):
    assert faults(**values) == []


def test_the_names_of_a_policy_count_in_who_may_accept_a_duty():
    policy = with_changes({"words.head_of_service": "Area lead"})
    assert policy.may_accept("fostering_concerns") == {"Area lead": 14}


# --- Everything that people read


@pytest.fixture(scope="module")
def policy(tmp_path_factory) -> Path:
    """A policy file that gives every body, role and clause an unusual name."""
    path = tmp_path_factory.mktemp("policy") / "own.toml"
    lines = (f'"{key}" = {json.dumps(name)}' for key, name in (*OWN.items(), *OWN_IDS.items()))
    tables = {WORDS: [], CLAUSES: []}
    for line in lines:
        table = next(each for each in tables if line.startswith(f'"{each}'))
        tables[table].append(line.replace(table, "", 1))
    text = "".join(f"[{name[:-1]}]\n" + "\n".join(some) + "\n" for name, some in tables.items())
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory, policy) -> Path:
    """The round of a sample with these names, with its files."""
    out = tmp_path_factory.mktemp("round")
    assert run(["round", str(SAMPLE), "--policy", str(policy), "--out", str(out), "--record", str(out / "history"), "--quiet"]) == 0  # fmt: skip
    return out


def word(path: Path) -> str:
    texts = Document(io.BytesIO(path.read_bytes())).element.body.iter()
    return "\n".join(each.text for each in texts if each.tag.endswith("}t") and each.text)


def test_a_round_says_no_usual_name(folder):
    assert usual_names(read((folder / "report.html").read_text("utf-8"))) == []
    assert usual_names(cells(folder / "matches.xlsx")) == []


COMMANDS = (
    ("round", SAMPLE),
    ("explain", SAMPLE, "F1"),
    ("explain", SAMPLE, "F2"),
    ("explain", SAMPLE, "F3", "K5"),
    ("explain", SAMPLE, "F5", "K7"),
    ("place", SAMPLE, "F5"),
    ("place", SAMPLE, "--say", "purpose=assessment"),
    ("whatif", SAMPLE, "--train", "K7"),
    ("whatif", SAMPLE, "--each", "train"),
    ("calendar", SAMPLE),
    ("sufficiency", SAMPLE),
    ("equity", SAMPLE),
    ("check", SAMPLE),
    ("policy",),
    ("policy", "--coverage"),
    ("policy", "--governance"),
    ("simulate", SAMPLE, "--seeds", "1", "--weeks", "4", "--workers", "1"),
)


@pytest.mark.parametrize("asked", COMMANDS, ids=lambda asked: " ".join(map(str, asked)).replace(str(SAMPLE), "DATA"))  # fmt: skip
def test_a_command_says_no_usual_name(asked, policy, tmp_path, capsys):
    more = [] if "--governance" in asked else ["--out", str(tmp_path / "out")]
    assert run([*map(str, asked), "--policy", str(policy), *more]) == 0
    said = capsys.readouterr()
    paragraphs = re.split(r"\n(?=  \S|\S)", said.out + said.err)
    ours = (
        text
        for text in paragraphs
        if not re.match(rf"\s*(differs from the default: )?({WORDS}|{CLAUSES})", text)
    )
    assert usual_names("\n".join(re.sub(r"\n +", " ", text) for text in ours)) == []
    for path in (tmp_path / "out").rglob("*"):
        text = {".html": lambda p: read(p.read_text("utf-8")), ".xlsx": cells, ".md": lambda p: p.read_text("utf-8"), ".ics": unfolded}.get(path.suffix)  # fmt: skip
        if text is not None:
            kept = "\n".join(each for each in text(path).splitlines() if "`words." not in each)
            assert usual_names(kept) == [], path.name


def test_a_notebook_says_no_usual_name(policy, tmp_path):
    round_ = matcher.read(SAMPLE, policy=policy).solve()
    assert usual_names(str(round_.why("F5"))) == []
    round_.write(tmp_path / "out")
    assert usual_names(read((tmp_path / "out" / "report.html").read_text("utf-8"))) == []


def unfolded(path: Path) -> str:
    return path.read_text("utf-8").replace("\r\n ", "")


@pytest.mark.parametrize(("family", "home"), [("F1", "K1"), ("F2", "K1"), ("F3", "K5")])
def test_a_word_draft_says_no_usual_name(family, home, policy, tmp_path):
    out = tmp_path / "out"
    asked = ["documents", str(SAMPLE), family, home, "--policy", str(policy), "--out", str(out)]
    assert run([*asked, "--quiet"]) == 0
    drafts = sorted(out.glob("*.docx"))
    assert len(drafts) > 2
    for path in drafts:
        assert usual_names(word(path)) == [], path.name


def test_a_round_json_is_enough_by_itself_for_the_names_of_its_round(folder, tmp_path, capsys):
    """Without the policy file, and without the data."""
    assert run(["explain", str(tmp_path / "gone"), "F5", "--round", str(folder), "--quiet"]) == 0
    said = capsys.readouterr().out
    assert usual_names(said) == []
    assert OWN["words.legal_planning_meeting"] in said


def test_a_recorded_round_says_the_names_that_it_had(tmp_path, capsys):
    """Two of them beside each other say those of the later; another name moves no family."""
    store = str(tmp_path / "history")
    for day, name, concern in (("23", "Hub", "none"), ("30", "Front door", "supervision")):
        request = a_request(fostering_concerns=concern, resource_team_decision=None)
        data = write_tables(tmp_path / day, one_pair(request), f"as_of = 2026-11-{day}\n")
        policy = tmp_path / f"{day}.toml"
        policy.write_text(f'[words]\nresource_team = "{name}"\n')
        asked = ["round", str(data), "--policy", str(policy), "--out", str(tmp_path / f"{day}-out")]
        assert run([*asked, "--record", store, "--no-report", "--quiet"]) == 0
    capsys.readouterr()
    assert run(["history", "show", "last", "--store", store]) == 0
    assert "waits for the Front door" in capsys.readouterr().out
    assert run(["history", "compare", "--store", store]) == 0
    said = capsys.readouterr().out
    assert "waits for the Front door" in said
    assert "Policy settings that changed: words.resource_team Hub → Front door." in said
    assert said.count("words.resource_team") == 1


def test_a_comparison_says_which_name_became_which(tmp_path, capsys):
    """And not the new one twice."""
    folder, store = write_tables(tmp_path / "data", one_pair()), tmp_path / "store"
    file = tmp_path / "ours.toml"
    file.write_text('name = "ours"\n[words]\nhead_of_service = "Director of Care"\n', "utf-8")
    asked = ["round", str(folder), "--no-report", "--quiet", "--record", str(store)]
    assert run([*asked, "--out", str(tmp_path / "first")]) == 0
    assert run([*asked, "--out", str(tmp_path / "second"), "--policy", str(file)]) == 0
    capsys.readouterr()
    assert run(["history", "compare", "--store", str(store), "--quiet"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "words.head_of_service Head of Service → Director of Care" in text


def test_a_record_holds_keys_and_usual_names_whatever_the_council_calls_them(folder):
    record = json.loads((folder / "round.json").read_text("utf-8"))
    assert "resource_team" not in OWN
    whos = {duty["who"] for request in record["requests"] for duty in request["duties"]}
    assert usual_name("child_social_worker") in whos
    assert not any(name in "".join(whos) for name in OWN.values())
    assert record["round"]["policy"]["changed"]["words.resource_team"] == OWN["words.resource_team"]


def test_one_command_s_names_are_gone_with_it(policy, capsys):
    assert run(["policy", "--policy", str(policy)]) == 0
    capsys.readouterr()
    assert say("Head of Service") == "Head of Service"
    assert run(["policy"]) == 0
    assert "Head of Service" in capsys.readouterr().out


def test_what_somebody_wrote_is_as_they_wrote_it(tmp_path, capsys):
    """The title of a round, and who decided."""
    chosen = {"request_id": "R1", "household_id": "H1", "decision": "choose", "decided_on": "2026-11-20", "decided_by": "Head of Service"}  # fmt: skip
    settings = 'as_of = 2026-11-23\ntitle = "Round of the Resource team"\n'
    data = write_tables(tmp_path / "data", one_pair(decisions=[chosen]), settings)
    policy = tmp_path / "own.toml"
    policy.write_text('[words]\nhead_of_service = "Area lead"\nresource_team = "Hub"\n')
    store, out = str(tmp_path / "history"), tmp_path / "out"
    asked = ["round", str(data), "--policy", str(policy), "--record", store, "--out", str(out)]
    assert run(asked) == 0
    assert capsys.readouterr().out.startswith("Round of the Resource team, 23 November 2026")
    assert "<h1>Round of the Resource team</h1>" in (out / "report.html").read_text("utf-8")
    assert run(["history", "show", "last", "--store", store]) == 0
    assert "decided by Head of Service" in capsys.readouterr().out


# --- Nothing of one council in the code

OF_ONE_COUNCIL = re.compile("camden|mosaic|legal gateway|cssw", re.IGNORECASE)
CODE = (".py", ".html", ".j2", ".js", ".css", ".json", ".txt")


def of_one_council(paths: Iterable[Path]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: {line.strip()[:80]}"
        for path in paths
        if path.suffix in CODE
        for line in path.read_text("utf-8").splitlines()
        if OF_ONE_COUNCIL.search(line)
    ]


def test_nothing_of_one_council_stands_in_the_code():
    paths = sorted((ROOT / "matcher").rglob("*"))
    assert of_one_council(paths) == []
    templates = [path for path in paths if path.suffix == ".docx"]
    assert templates
    assert [path.name for path in templates if OF_ONE_COUNCIL.search(word(path))] == []


def test_the_search_sees_what_it_looks_for():
    assert of_one_council([ROOT / "tests" / "test_own_names.py"])
