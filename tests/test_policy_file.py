"""A council's own policy file: made, checked, compared on rounds, and named on every round that it ran."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from matcher import cli
from matcher.errors import Fault
from matcher.governance.policy_file import commented
from matcher.policy.reading import override
from matcher.policy.settings import MAY_ACCEPT, default, settings_of
from matcher.policy.terms import in_unit

CAMDEN = "data/samples/camden"
TUTORIAL = "data/samples/tutorial"
SIGNED = """
approved_by = "Head of Service"
approved_on = 2026-11-20
[[change]]
version = "2"
on = 2026-11-20
what = "Twenty days between two families."
decided_by = "Head of Service"
"""


def run(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    capsys.readouterr()
    status = cli.run([str(each) for each in arguments])
    return status, *capsys.readouterr()


def write(folder: Path, text: str, name: str = "ours.toml") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("setting", settings_of(default()).values(), ids=lambda each: each.key)
def test_the_mend_of_a_setting_can_be_taken_over(setting) -> None:
    """Word for word: of a fault with a table in the place of its value."""
    faults: list[Fault] = []
    override(default(), {setting.key: ["wrong"]}, "ours.toml", faults, asks_reasons=False)
    (fault,) = faults
    if fault.fix == "Leave this line out.":
        return
    _, _, example = fault.fix.rpartition("such as ")
    written = tomllib.loads(example.removeprefix("Write ").removesuffix("."))
    override(default(), written, "ours.toml", again := [], asks_reasons=False)
    assert not again


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (1, "weeks", "1 week"),
        (2, "weeks", "2 weeks"),
        (1, "children", "1 child"),
        (0.5, "families a week", "0.5 families a week"),
        (4500, "£ a week", "£4,500 a week"),
        (1234567, "£", "£1,234,567"),
        ("off", "£ a week", "off"),
        (True, "yes/no", "yes"),
        ("after_within_5_days", "how", "after_within_5_days"),
    ],
)
def test_a_value_is_said_with_its_unit(value, unit, text) -> None:
    assert in_unit(value, unit) == text


def test_a_new_file_says_what_the_default_says(capsys, tmp_path) -> None:
    path = tmp_path / "ours.toml"
    assert run(capsys, "policy", "init", path)[0] == 0
    text = path.read_text("utf-8")
    faults: list[object] = []
    made = override(default(), tomllib.loads(text), path.name, faults)  # type: ignore[arg-type]
    assert (faults, made.changed) == ([], {})
    known = [key for key in settings_of(default()) if not key.startswith(MAY_ACCEPT)]
    assert [key for key in known if f"\n{key} = " not in text] == []
    for each in default().settings.values():
        assert each.meaning.split()[0] in text
    assert run(capsys, "policy", "check", path)[:2] == (
        0,
        "No faults. our-parent-and-child 1, all at the default.\n"
        "Nobody has approved it: write approved_by and approved_on once somebody has.\n",
    )


def test_what_a_new_file_shows_of_rules_and_duties_can_be_taken_over(capsys, tmp_path) -> None:
    path = tmp_path / "ours.toml"
    assert run(capsys, "policy", "init", path)[0] == 0
    lines = path.read_text("utf-8").splitlines()
    first, last = (
        next(at for at, line in enumerate(lines) if line.startswith(start))
        for start in ("# [[local_rule]]", "# --- Versions")
    )
    shown = (line.removeprefix("# ").removeprefix("#") for line in lines[first:last])
    faults: list[object] = []
    made = override(default(), tomllib.loads("\n".join(shown)), path.name, faults)  # type: ignore[arg-type]
    assert not faults
    assert [rule.name for rule in made.local_rules] == ["no_dogs_with_a_crawling_baby"]
    assert [duty.key for duty in made.local_duties] == ["local_fire_check"]
    again = tomllib.loads("\n".join(commented(made)))
    back = override(default(), again, path.name, faults)  # type: ignore[arg-type]
    assert (faults, back.local_rules, back.local_duties) == (
        [],
        made.local_rules,
        made.local_duties,
    )


def test_a_file_made_from_another_says_what_it_leaves_out(capsys, tmp_path) -> None:
    ours = write(tmp_path, "turnaround_days = 3\n[from.2027-04-01]\nturnaround_days = 10\n")
    before = run(
        capsys, "policy", "init", tmp_path / "a.toml", "--policy", ours, "--as-of", "2027-03-31"
    )
    after = run(
        capsys, "policy", "init", tmp_path / "b.toml", "--policy", ours, "--as-of", "2027-04-01"
    )
    assert "says from 1 April 2027 is not in it" in before[1]
    assert "is not in it" not in after[1]
    for name, days in (("a", 3), ("b", 10)):
        assert f"\nturnaround_days = {days}\n" in (tmp_path / f"{name}.toml").read_text("utf-8")


def test_a_file_that_is_there_is_never_written_over(capsys, tmp_path) -> None:
    path = write(tmp_path, "far_miles = 10\n")
    status, _, error = run(capsys, "policy", "init", path)
    assert status == 2
    assert "It is there already" in error
    assert path.read_text() == "far_miles = 10\n"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("far_mile = 3", "far_mile"),
        ('approved_by = "Head of Service"', "approved_by"),
        ("approved_on = 2026-11-20", "approved_by"),
        ('approved_by = "Head of Service"\napproved_on = "soon"', "approved_on"),
        (
            '[[change]]\nversion = "1"\non = 2026-11-20\nwhat = ""\ndecided_by = "x"',
            "change 1, what",
        ),
        (f"{SIGNED}\n[[change]]\nwho = 3", "change 2, who"),
        ("change = 3", "change"),
    ],
)
def test_every_fault_of_a_file_is_named_by_its_place(capsys, tmp_path, text, place) -> None:
    status, out, _ = run(capsys, "policy", "check", write(tmp_path, text), "--json")
    assert status == 2
    assert place in [each["column"] for each in json.loads(out)["errors"]]


def test_a_round_names_who_approved_its_policy(capsys, tmp_path) -> None:
    ours = write(tmp_path, f'name = "ours"\nversion = "2"\nturnaround_days = 20\n{SIGNED}')
    out, store = tmp_path / "round", tmp_path / "store"
    status, said, _ = run(
        capsys, "round", TUTORIAL, "--policy", ours, "--out", out, "--record", store
    )
    assert status == 0
    signed = "approved by the Head of Service on 20 November 2026"
    assert signed in " ".join(said.split())
    assert signed in (out / "report.html").read_text("utf-8")
    used = json.loads((out / "round.json").read_bytes())["round"]["policy"]
    assert used["approved"] == {"by": "Head of Service", "on": "2026-11-20"}
    assert used["changed"] == {"turnaround_days": 20}
    assert run(capsys, "verify", TUTORIAL, out / "round.json", "--policy", ours)[0] == 0
    assert signed in " ".join(run(capsys, "history", "list", "--store", store)[1].split())
    status, said, _ = run(capsys, "policy", "check", ours)
    assert status == 0
    assert f"A{signed[1:]}." in said
    assert "Version 2, 20 November 2026, Head of Service: Twenty days" in said


def test_a_comparison_says_who_would_have_gone_elsewhere(capsys, tmp_path) -> None:
    ours = write(
        tmp_path,
        'name = "ours"\nsmoke_free_under_years = 0\nweights.skills = 0\nweights.language = 0',
    )
    status, out, _ = run(
        capsys,
        "policy",
        "compare",
        "default",
        ours,
        CAMDEN,
        TUTORIAL,
        "--as-of",
        "2026-11-23",
        "--json",
    )
    assert status == 0
    found = json.loads(out)
    assert [each["setting"] for each in found["settings"]] == [
        "smoke_free_under_years",
        "weights.language",
        "weights.skills",
    ]
    for place, data in enumerate((CAMDEN, TUTORIAL)):
        homes = []
        for policy in ([], ["--policy", ours]):
            run(
                capsys, "round", data, "--as-of", "2026-11-23", "--json", "--no-report",
                "--out", tmp_path / f"{place}{len(policy)}", *policy,
            )  # fmt: skip
            solved = json.loads((tmp_path / f"{place}{len(policy)}" / "round.json").read_bytes())
            homes.append(
                {
                    each["request_id"]: each["proposal"] and each["proposal"]["household_id"]
                    for each in solved["requests"]
                }
            )
        moved = {name for name in homes[0] if homes[0][name] != homes[1][name]}
        told = found["rounds"][place]["difference"]["moves"]
        assert {each["request_id"] for each in told} == moved
    assert any(each["difference"]["moves"] for each in found["rounds"])


def test_a_round_that_the_second_policy_forbids_is_part_of_the_answer(capsys, tmp_path) -> None:
    data = tmp_path / "data"
    shutil.copytree(CAMDEN, data)
    solved = tmp_path / "first"
    run(capsys, "round", data, "--as-of", "2026-11-23", "--out", solved, "--no-report")
    found = json.loads((solved / "round.json").read_bytes())["requests"]
    name, home = next(
        (each["request_id"], each["proposal"]["household_id"]) for each in found if each["proposal"]
    )
    (data / "decisions.csv").write_text(
        "request_id,household_id,decision,decided_on,decided_by\n"
        f"{name},{home},choose,2026-11-23,team manager\n"
    )
    ours = write(
        tmp_path, '[screening.checks]\nsupport_purpose = "off"\n[limits]\nnew_per_team = 0\n'
    )
    status, out, _ = run(
        capsys, "policy", "compare", "default", ours, data, "--as-of", "2026-11-23"
    )
    assert status == 0
    assert "could not be run by the second" in " ".join(out.split())


def test_two_policies_that_say_the_same_change_nothing(capsys) -> None:
    status, out, _ = run(capsys, "policy", "compare", "default", "default", TUTORIAL)
    assert status == 0
    assert "The two policies say the same in every setting." in out
    assert "No proposal would have been another." in out


def test_compare_takes_its_policies_as_arguments(capsys, tmp_path) -> None:
    ours = write(tmp_path, "far_miles = 3")
    status, _, error = run(capsys, "policy", "compare", "default", ours, TUTORIAL, "--policy", ours)
    assert status == 2
    assert "--policy" in error


def test_the_page_for_the_council_says_what_differs_why_and_by_whom(capsys, tmp_path) -> None:
    ours = write(
        tmp_path,
        f"""name = "ours"
version = "2"
turnaround_days = 20
duties.visit_before = false
rules.fostering_limit = false
{SIGNED}
[reasons."rules.fostering_limit"]
reason = "The panel keeps it."
decided_by = "Director"
on = 2026-11-01
""",
    )
    assert run(capsys, "policy", "--policy", ours, "--out", tmp_path / "page")[0] == 0
    page = (tmp_path / "page" / "policy.html").read_text("utf-8")
    for said in (
        "Policy ours 2, approved by the Head of Service on 20 November 2026",
        "Decided by: Director, 1 November 2026. Why: The panel keeps it.",
        "<td>20 days</td><td>7</td>",
        "Twenty days between two families.",
        "fostering limit (off)",
    ):
        assert said in page
    visit = "Where possible the parent visits the placement"
    assert visit not in page.partition("What must be done before a match")[2]


def test_a_great_number_is_written_to_the_last_digit(capsys, tmp_path) -> None:
    path = write(tmp_path, "[limits]\nweekly_fees = 1000000\n")
    assert "limits.weekly_fees = £1,000,000 a week" in run(capsys, "policy", "check", path)[1]


def test_what_is_lost_over_several_rounds_has_a_direction_and_each_family_once(
    capsys, tmp_path
) -> None:
    ours = write(tmp_path, 'name = "ours"\nlimits.weekly_fees = 1200')
    status, out, _ = run(capsys, "policy", "compare", "default", ours, CAMDEN, CAMDEN, "--quiet")
    assert status == 0
    text = " ".join(out.split())
    lost = re.search(r"In the aims, over all of them, the second loses ([0-9]+) families", text)
    assert lost is not None
    assert int(lost[1]) > 0
    (named,) = re.findall(r"Read below what (.*?) would have lost", text)
    families = re.findall(r"R[0-9]+", named)
    assert len(families) == len(set(families))


def test_a_local_rule_on_where_homes_are_says_what_it_tells(capsys, tmp_path) -> None:
    """And one on anything else says nothing of it."""
    for condition, is_said in (
        ("miles <= 3", True),
        ("postcode = NW5", True),
        ("dogs = no", False),
    ):
        ours = write(
            tmp_path,
            f'name = "ours"\n[[local_rule]]\nname = "near_enough"\nclause = "1"\nmust = ["{condition}"]\n'
            'lack = "too far"\nreason = "Too far."\nfix = "Ask."\nwho = "team manager"\n',
        )
        status, out, _ = run(capsys, "policy", "check", ours)
        assert status == 0
        assert ("asked by near enough" in " ".join(out.split())) == is_said


def test_a_local_rule_on_a_list_of_each_carer_is_recorded(capsys, tmp_path) -> None:
    """What two carers have is a list of lists; round.json has it as it stands."""
    ours = write(
        tmp_path,
        'name = "ours"\n[[local_rule]]\nname = "knows_teenagers"\nclause = "1"\n'
        'must = ["skills has teenagers"]\nlack = "without"\nreason = "Nobody knows teenagers."\n'
        'fix = "Train."\nwho = "team manager"\n',
    )
    out = tmp_path / "round"
    assert run(capsys, "round", CAMDEN, "--policy", ours, "--out", out, "--no-report")[0] == 0
    found = [
        failed["facts"]["breaches"]
        for request in json.loads((out / "round.json").read_bytes())["requests"]
        for each in request["ineligible"]
        for failed in each["failed"]
        if failed["rule"] == "knows_teenagers" and failed["known"]
    ]
    assert any(len(skills) == 2 for ((_, skills),) in found)
    assert all("teenagers" not in each for ((_, skills),) in found for each in skills)
