"""Strangers are welcome: what nobody has heard of runs through every command, as written once.

Each house is a copy of the package in which a developer has written rules and a criterion as
docs/recipes.md says: in one source file, with the name in its register and the number in the policy.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from inspect import getattr_static
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pytest

from builders import a_policy
from copies import copied_package, run_in
from matcher import loading
from matcher.eligibility import failed_bits, rules_of
from matcher.fit import score
from matcher.intake.rows import Household, Request, headings
from matcher.policy.case import Case, RequestCase, fact_meaning
from matcher.policy.criteria import CRITERIA
from matcher.policy.facts import Wording
from matcher.policy.forms import Criterion, Rule
from matcher.policy.pairs import Pairs
from matcher.policy.rules import RULES
from matcher.policy.settings import default
from matcher.rounds import household_pairs, prepare
from matcher.show.figures import letter, shade
from random_rounds import write_round

ROOT = Path(__file__).resolve().parent.parent
CAMDEN = ROOT / "data/samples/camden"

RULE = '''
@rule("PC-5.1", lack="not known to the clinic", fix="Ask the clinic.")
def {name}(x: Pairs) -> Mask:
    """The household is known to the clinic."""
    return {met}


@{name}.because
def _(looked_after_there: int) -> str:
    return f"The clinic knows of {{looked_after_there}}."


'''
CRITERION = '''
@criterion("PC-5.1")
def quiet(x: Pairs) -> Numbers:
    """It is quiet there."""
    return np.nan_to_num(np.minimum(x.h.quiet_rooms, 4) / 4)


@quiet.evidence
def _(value: float, quiet_rooms: int | None) -> Evidence:
    return Evidence("Not known." if quiet_rooms is None else f"Quiet rooms: {quiet_rooms}.")


'''
WEIGHT = """
[weights.quiet]
value = 9
unit = "weight"
source = "practice"
meaning = "It is quiet there."
"""


def edited(file: Path, *edits: tuple[str, str]) -> None:
    text = file.read_text("utf-8")
    for old, new in edits:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    file.write_text(text, "utf-8")


def a_house(folder: Path, written: dict[str, str], *, first: bool) -> Path:
    """A copy of the package with more rules, by name what each asks, first or last of all."""
    package = copied_package(folder)
    start = "RULES: tuple[Rule, ...] = (\n"
    names = "".join(f"    {name},\n" for name in written)
    place = (start, start + names) if first else ("    own_home,\n)", f"    own_home,\n{names})")
    rules = "".join(RULE.format(name=name, met=met) for name, met in written.items())
    edited(package / "policy/rules.py", place, (start, rules + start))
    return package


COMMANDS = {
    "check": ["check", "{data}"],
    "round": ["round", "{data}", "--top", "0", "--out", "report", "--record", "history"],
    "verify": ["verify", "{data}", "report/round.json"],
    "round by a policy": [
        *["round", "{data}", "--policy", "{policy}", "--no-report", "--top", "0"],
        *["--out", "by-policy"],
    ],
    "verify by a policy": ["verify", "{data}", "by-policy/round.json", "--policy", "{policy}"],
    "keep": [
        *["round", "{data}", "--no-report", "--keep", "report", "--out", "kept"],
        *["--record", "history"],
    ],
    "history show": ["history", "show", "previous"],
    "history compare": ["history", "compare"],
    "history verify": ["history", "verify"],
    "explain": ["explain", "{data}", "R01"],
    "explain a pair": ["explain", "{data}", "R01", "{fails}"],
    "whatif": ["whatif", "{data}", "--train", "H15", "--weight", "quiet=30", "--out", "whatif"],
    "each recruit": ["whatif", "{data}", "--each", "recruit"],
    "each train": ["whatif", "{data}", "--each", "train"],
    "next best": ["whatif", "{data}", "--next-best", "2"],
    "how sure": ["whatif", "{tutorial}", "--how-sure"],
    "place": ["place", "{data}", "--say", "purpose=assessment", "--out", "place"],
    "sufficiency": ["sufficiency", "{data}", "--budget", "40000", "--out", "gap"],
    "simulate": [
        *["simulate", "{data}", "--seeds", "1", "--weeks", "6", "--per-week", "1"],
        *["--workers", "1", "--out", "years"],
    ],
    "documents": ["documents", "{data}", "R01", "{fails}", "--out", "drafts"],
    "calendar": ["calendar", "{data}", "--out", "calendar"],
    "equity": ["equity", "{data}", "--out", "equity"],
    "policy": ["policy", "--out", "policy"],
    "template": ["template", "--out", "empty.xlsx"],
}


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A house of 41 rules and 8 criteria, the eighth with a column of its own.

    The first stranger and the last one rule pairs out.
    """
    met = {"clinic": "x.looked_after_there < 2"}
    met |= {f"clinic_{number}": "np.ones((1, 1), bool)" for number in range(2, 22)}
    met |= {"clinic_22": "x.h.bedrooms < 3"}
    package = a_house(tmp_path_factory.mktemp("strangers"), met, first=False)
    start, skills = "CRITERIA: tuple[Criterion, ...] = (\n", "    skills,\n    impact,\n)"
    edited(
        package / "policy/criteria.py",
        (skills, f"    quiet,\n{skills}"),
        (start, CRITERION + start),
    )
    rows = package / "intake/rows.py"
    _, name, rest = rows.read_text("utf-8").partition("    takes_older_children")
    count = name + rest.partition("\n    )\n")[0] + "\n    )\n"
    edited(rows, (count, count + count.replace("takes_older_children", "quiet_rooms")))
    edited(
        package / "model.py", ("    team: Texts\n", "    quiet_rooms: Numbers\n    team: Texts\n")
    )
    with (package / "policy/default.toml").open("a", encoding="utf-8") as numbers:
        numbers.write(WEIGHT)
    return package


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with the stranger's column: every other household says how many quiet rooms."""
    folder = tmp_path_factory.mktemp("data") / "camden"
    shutil.copytree(CAMDEN, folder)
    table = folder / "households.csv"
    heading, *rows = table.read_text("utf-8-sig").splitlines()
    wider = (f"{row},{'' if at % 2 else at % 5}" for at, row in enumerate(rows))
    table.write_text("\n".join([f"{heading},quiet_rooms", *wider, ""]), "utf-8")
    return folder


POLICY = """
[rules]
clinic = false

[[local_rule]]
name = "somewhere_quiet"
clause = "EX-1"
must = ["quiet_rooms >= 1"]
lack = "without a quiet room"
reason = "There is no quiet room."
fix = "Find one."
who = "supervising social worker"
"""


@pytest.fixture(scope="module")
def answers(strangers: Path, data: Path) -> dict[str, tuple[int, str, str]]:
    """What every command of that house answers."""
    rows = loading.load(CAMDEN, None, None)[0].households
    fails = next(row.household_id for row in rows if row.looked_after_children > 1)
    policy = data.parent / "ours.toml"
    policy.write_text(POLICY, "utf-8")
    names = {"data": data, "tutorial": CAMDEN.parent / "tutorial", "fails": fails, "policy": policy}
    commands = [[word.format(**names) for word in command] for command in COMMANDS.values()]
    return dict(zip(COMMANDS, run_in(strangers, *commands), strict=True))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_runs_with_strangers(
    answers: dict[str, tuple[int, str, str]], command: str
) -> None:
    status, _, errors = answers[command]
    assert status == 0, (status, errors)


def test_every_command_is_tried_with_strangers() -> None:
    """The standard's exchange and `enter` read what others write, and samples know no rule.

    The panel is given a new column in tests of its own.
    """
    import typer.main

    from matcher.cli import app

    every: Any = typer.main.get_command(app)
    tried = {command[0] for command in COMMANDS.values()}
    assert set(every.commands) - tried == {"enter", "panel", "sample", "standard"}


def test_a_stranger_is_in_the_record_the_report_and_the_words(
    strangers: Path, answers: dict[str, tuple[int, str, str]]
) -> None:
    folder = strangers.parent.parent
    record = json.loads((folder / "report/round.json").read_text("utf-8"))
    failed = {f["rule"] for r in record["requests"] for h in r["ineligible"] for f in h["failed"]}
    assert {"clinic", "clinic_22"} <= failed
    assert "clinic_2" not in failed
    named = {c["name"] for r in record["requests"] for h in r["ranked"] for c in h["criteria"]}
    assert "quiet" in named
    page = (folder / "report/report.html").read_text("utf-8")
    assert "quiet" in page
    assert "1 not known to the clinic" in page
    assert "The clinic knows of 2." in answers["explain a pair"][1]
    assert "Ask the clinic. (supervising social worker)" in answers["explain a pair"][1]
    policy = (folder / "policy/policy.md").read_text("utf-8")
    assert (
        "| `clinic` | PC-5.1 | The household is known to the clinic. | Ask the clinic. |" in policy
    )
    assert "| rule `clinic_22` | `looked_after_there` |" in policy
    assert "| `quiet` | PC-5.1 | 9 | It is quiet there. |" in policy
    assert "| `quiet_rooms` | The column of that name in `households`. |" in policy


def test_a_stranger_has_a_switch_and_its_column_can_be_asked_for(
    strangers: Path, answers: dict[str, tuple[int, str, str]]
) -> None:
    record = json.loads((strangers.parent.parent / "by-policy/round.json").read_text("utf-8"))
    assert record["round"]["policy"]["changed"] == {"rules.clinic": False}
    failed = {
        failed["rule"]: failed["known"]
        for request in record["requests"]
        for home in request["ineligible"]
        for failed in home["failed"]
    }
    assert "clinic" not in failed
    assert "clinic_22" in failed
    assert "somewhere_quiet" in failed
    assert "the hard rule clinic" in answers["verify by a policy"][1]
    assert "1 local rule holds beside the usual ones" in answers["verify by a policy"][1]


def test_seventy_rules_rule_out_as_their_own_twenty_do(tmp_path: Path) -> None:
    """Rules that every pair meets, before all others, change no answer, only the rules' places."""
    met = {f"easy_{number}": "np.ones((1, 1), bool)" for number in range(70 - len(RULES))}
    commands = (
        ["round", str(CAMDEN), "--no-report", "--top", "0", "--json"],
        ["sufficiency", str(CAMDEN), "--json"],
    )
    more = run_in(a_house(tmp_path / "more", met, first=True), *commands)
    plain = run_in(a_house(tmp_path / "plain", {}, first=True), *commands)
    for answer, expected in zip(more, plain, strict=True):
        assert answer[0] == 0, answer
        assert stripped(json.loads(answer[1])) == json.loads(expected[1])


def stripped(record: Any) -> Any:
    """A record without what it says of the rules that every pair meets."""
    if isinstance(record, dict):
        return {k: stripped(v) for k, v in record.items() if not k.startswith("easy_")}
    if isinstance(record, list):
        rest = [e for e in record if not (isinstance(e, dict) and easy(e.get("rule")))]
        return [stripped(e) for e in rest]
    return record


def easy(key: object) -> bool:
    return isinstance(key, str) and key.startswith("easy_")


@pytest.mark.parametrize("made", [letter, shade], ids=["letters", "tones and hatches"])
def test_however_many_are_drawn_they_can_be_told_apart(made: Callable[[int], object]) -> None:
    assert len({made(place) for place in range(300)}) == 300


def test_a_criterion_without_a_number_says_what_to_write() -> None:
    forgotten = Criterion(
        key="quiet", clause="", sentence="", tells_place=False, doubts={}, value=lambda x: x.miles
    )
    with pytest.raises(TypeError, match=r"write \[weights.quiet\] into policy/default.toml"):
        forgotten.weight(default())


# The register is complete

FORMS: tuple[Rule | Criterion, ...] = (*RULES, *CRITERIA)
FACTS = [
    pytest.param(form, name, id=f"{type(form).__name__.lower()} {form.key}: {name}")
    for form in FORMS
    for name in form.fact_types
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{type(form).__name__} {form.key}")
def test_whatever_is_written_has_words_of_facts(form: Rule | Criterion) -> None:
    assert isinstance(form.fact_types, dict)


@pytest.mark.parametrize("key", [each.key for each in CRITERIA])
def test_every_criterion_has_a_weight_and_every_weight_a_criterion(key: str) -> None:
    assert f"weights.{key}" in default().values
    assert set(default().group("weights")) == {each.key for each in CRITERIA}


def members(kind: Any) -> set[Any]:
    """The types that a union allows."""
    return set(get_args(kind)) if isinstance(kind, UnionType) else {kind}


def declared(name: str) -> Any:
    """The type that a fact has where it is read: what Case says, a column, or a number of Pairs."""
    for owner in (Case, RequestCase, Request, Household):
        if isinstance(found := getattr_static(owner, name, None), property):
            return get_type_hints(found.fget)["return"]
        if getter := getattr(found, "func", None):
            return get_type_hints(getter)["return"]
        if owner in (Request, Household) and name in headings(owner):
            return get_type_hints(owner)[name]
    assert name in vars(Pairs), f"no case has a fact {name}"
    return None


@pytest.mark.parametrize(("form", "name"), FACTS)
def test_a_fact_is_annotated_as_it_is_declared_and_documented(
    form: Rule | Criterion, name: str
) -> None:
    """A wording may leave out what can't be where the rule fails or the criterion applies."""
    kind = declared(name)
    if kind is not None:
        assert members(form.fact_types[name]) <= members(kind)
    assert fact_meaning(name).endswith(".")


def fits(value: object, kind: Any) -> bool:
    """Whether a value is of an annotated type; a whole number may stand for a float."""
    if isinstance(kind, UnionType):
        return any(fits(value, member) for member in get_args(kind))
    if get_origin(kind) is tuple:
        items = get_args(kind)
        if not isinstance(value, tuple):
            return False
        each = [items[0]] * len(value) if Ellipsis in items else list(items)
        return len(each) == len(value) and all(map(fits, value, each))
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, NoneType if kind is None else kind)


def explained(folder: Path) -> Iterator[tuple[Rule | Criterion, Case, float]]:
    """Every rule that a pair fails and every criterion that applies, over some random rounds."""
    for seed in range(8):
        write_round(folder / str(seed), seed, 6, 8, dense=False)
        inputs, _ = loading.load(folder / str(seed), None, None)
        prepared = prepare(inputs, a_policy(training_valid_months=18))
        for row in range(len(inputs.requests)):
            for home in range(len(inputs.households)):
                pairs = household_pairs(prepared, row, np.array([home]))
                case = prepared.pair(row, home)
                for place in rules_of(int(failed_bits(pairs)[0, 0])):
                    yield RULES[place], case, 0.0
                scores = score(pairs)
                for place, criterion in enumerate(CRITERIA):
                    if not np.isnan(value := scores.value(place, 0)):
                        yield criterion, case, value


def test_what_a_case_gives_is_what_the_wording_says_it_takes_and_a_file_says_the_same(
    tmp_path: Path,
) -> None:
    seen = set()
    for form, case, value in explained(tmp_path):
        seen.add(form)
        facts = json.loads(json.dumps(form.facts(case)))
        wordings = [form.reason, form.fix] if isinstance(form, Rule) else [form.wording]
        for wording in wordings:
            if not isinstance(wording, str):
                given = Wording(dict, wording.types).say(facts)
                for name, kind in wording.types.items():
                    assert fits(given[name], kind), (form.key, name, given[name], kind)
        if isinstance(form, Rule):
            assert form.explain(facts) == form.failing(case)
        else:
            assert form.explain(facts, value) == form.because(case, value)
    assert seen == set(FORMS)
