"""Checks, gates and the legal position rest on facts: a file of them says the same again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from textwrap import dedent
from typing import Any

import pytest

from matcher import codes
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Event as Step
from matcher.loading import load
from matcher.policy import gates
from matcher.policy.case import RequestCase, fact_source, facts_of, request_cases
from matcher.policy.facts import Facts, Wording
from matcher.policy.family import family_facts, family_line
from matcher.policy.gate import MATCH, PAIR, RECORDED, REQUEST, STEP_FACTS
from matcher.policy.gates import GATES
from matcher.policy.position import position, position_facts, position_lines
from matcher.policy.screening import SCREENING
from matcher.rounds import Prepared, prepare
from random_rounds import write_round

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
SETTINGS_OFF = """
[policy]
adult_checks = false
terms_of_approval = false
usual_fostering_limit = "off"
area.approvals = false
"""


def through_a_file(facts: Facts) -> Facts:
    found: Facts = json.loads(json.dumps(facts))
    return found


def with_steps(inputs: Inputs, seed: int) -> Inputs:
    """The input with steps of every status, some of them run out, by people named or not."""
    random, steps = Random(seed), {key: dict(of) for key, of in inputs.steps.items()}

    def some(keys: tuple[str, ...], request: str, household: str | None) -> dict[str, Step]:
        return {
            key: Step(
                request_id=request,
                household_id=household,
                gate=key,
                status=random.choice(codes.STEP_STATUSES),
                on=inputs.as_of - timedelta(days=3),
                until=random.choice([None, inputs.as_of - timedelta(days=3), inputs.as_of]),
                by=random.choice([None, "team manager"]),
            )
            for key in random.sample(keys, len(keys) // 3)
        }

    for request in inputs.requests:
        name = request.request_id
        steps[name, None] = some(codes.REQUEST_GATES, name, None)
        for household in inputs.households[::3]:
            home = household.household_id
            steps[name, home] = some(codes.PAIR_GATES, name, home)
    return replace(inputs, steps=steps)


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> list[Prepared]:
    """The samples, and random rounds in awkward shapes, with steps and without."""
    found = []
    for name in ("camden", "legal_routes", "tutorial"):
        inputs, policy = load(SAMPLES / name, None, None)
        found += [prepare(inputs, policy, 0), prepare(with_steps(inputs, 7), policy, 0)]
    for seed in range(8):
        folder = tmp_path_factory.mktemp("random")
        write_round(folder, seed, 30, 3, dense=seed % 2 == 0)
        if seed == 7:
            settings = folder / "round.toml"
            settings.write_text(settings.read_text("utf-8") + SETTINGS_OFF, "utf-8")
        inputs, policy = load(folder, None, None)
        found.append(prepare(with_steps(inputs, seed), policy, 0))
    return found


def cases(rounds: list[Prepared]) -> Iterator[RequestCase]:
    for each in rounds:
        yield from request_cases(each.inputs, each.policy)


def records(rounds: list[Prepared]) -> Iterator[gates.DutyRecord]:
    for each in rounds:
        for row in range(len(each.inputs.requests)):
            for household in range(0, len(each.inputs.households), 5):
                yield from gates.of_match(each.pair(row, household))


def test_the_facts_of_every_gate_say_the_same_after_a_file(rounds: list[Prepared]) -> None:
    said: dict[str, set[str]] = {gate.key: set() for gate in GATES}
    for record in records(rounds):
        again = replace(record, facts=through_a_file(record.facts))
        for hide in (False, True):
            (words,), (then,) = gates.words([record], hide=hide), gates.words([again], hide=hide)
            assert then == words
        (words,) = gates.words([record])
        recorded = RECORDED.get(words.status, words.status)
        assert (recorded, words.clause, words.who) == (record.status, record.clause, record.who)
        said[record.duty].add(words.status)
        assert {name for name in record.facts if name.startswith("step_")} in (set(), {*STEP_FACTS})
    of_any = set().union(*said.values())
    assert of_any == {"met", "open", "accepted", "not_needed"}
    assert [key for key, statuses in said.items() if len(statuses) < 2] == []


def test_the_facts_of_every_check_say_the_same_after_a_file(rounds: list[Prepared]) -> None:
    found = [each for made in rounds for findings in made.findings for each in findings]
    for finding in found:
        again = replace(finding, facts=through_a_file(finding.facts))
        assert (again.reason, again.next_step) == (finding.reason, finding.next_step)
    assert {finding.check for finding in found} == {check.key for check in SCREENING}


def test_the_legal_position_and_the_family_say_the_same_after_a_file(
    rounds: list[Prepared],
) -> None:
    for case in cases(rounds):
        facts = position_facts(case)
        assert position_lines(through_a_file(facts)) == position(case).lines
        family = family_facts(case)
        line = family_line(family, case.regime, "today")
        assert family_line(through_a_file(family), case.regime, "today") == line


def wordings() -> Iterator[tuple[str, str, Wording[Any]]]:
    for check in SCREENING:
        if check.wording is not None:
            yield check.key, REQUEST, check.wording
    for gate in GATES:
        yield gate.key, gate.of, gate.stands
        yield gate.key, REQUEST, gate.whatever


@pytest.mark.parametrize(
    ("of", "wording"), [pytest.param(of, wording, id=key) for key, of, wording in wordings()]
)
def test_every_fact_has_a_source_and_a_meaning(of: str, wording: Wording[Any]) -> None:
    for name, meaning in facts_of(wording):
        assert meaning.endswith("."), (name, meaning)
        fact_source(name)
    if of != PAIR:  # one of a match is asked of the request alone too
        inputs, policy = load(SAMPLES / "tutorial", None, None)
        assert of in (REQUEST, MATCH)
        assert wording.read(request_cases(inputs, policy)[0]).keys() == wording.types.keys()


def test_a_name_that_is_no_fact_is_told() -> None:
    with pytest.raises(AttributeError, match="There is no fact shoe_size"):
        fact_source("shoe_size")


def test_the_day_of_a_withheld_duty_does_not_tell_where_it_is(rounds: list[Prepared]) -> None:
    """Whether one that says a place is due would tell the place: hidden, each has a day or none."""
    starts = 0
    for made in rounds:
        for row, household in zip(range(5), range(5), strict=True):
            if row >= len(made.inputs.requests) or household >= len(made.inputs.households):
                continue
            case = made.pair(row, household)
            for words in gates.words(gates.of_match(case), hide=True):
                if words.evidence == gates.PLACE_WITHHELD:
                    assert words.due == case.day("start")
                    starts += 1
    assert starts


STRANGERS = dedent('''
    """A gate of the request, one of the pair and a task that nobody has heard of, in their tuples."""
    from __future__ import annotations

    import sys
    from datetime import date

    from matcher.policy import pair_gates, request_gates, tasks
    from matcher.policy.agenda import REQUEST, task
    from matcher.policy.gate import NOT_NEEDED, OPEN, Standing, pair_gate, request_gate


    @request_gate("PC-3.3b", "Ask what the family hopes for.")
    def hopes(purpose: str, engagement: str | None) -> Standing:
        """What the family hopes for is known."""
        return Standing(OPEN, f"What the family hopes for from {purpose} is a question.")


    @pair_gate("PC-6.2b", "Bring the pets of both together.", "all parties")
    def pets_meet(bedrooms: int | None, looked_after_there: int, miles: float | None) -> Standing:
        """The pets of both have met."""
        if not bedrooms:
            return Standing(NOT_NEEDED, "There is no room for pets.")
        return Standing(OPEN, "That the pets have met is a question.")


    @task("PC-6.2b", REQUEST, "Buy a lead.", "all parties")
    def buy_a_lead(x):
        """A lead is bought."""
        return x.as_of


    request_gates.REQUEST_GATES += (hopes,)
    pair_gates.PAIR_GATES += (pets_meet,)
    tasks.TASKS += (buy_a_lead,)

    from matcher.cli import main

    for line in sys.stdin.read().splitlines():
        sys.argv = ["matcher", *line.split("\\t")]
        print(">", *sys.argv[1:], flush=True)
        try:
            main()
        except SystemExit as left:
            if left.code:
                raise
''')


def test_a_stranger_gate_and_a_stranger_task_work_in_every_command(tmp_path: Path) -> None:
    data, out = str(SAMPLES / "tutorial"), str(tmp_path / "round")
    place = ("--out", str(tmp_path / "docs"))
    commands = [
        ("check", data),
        ("round", data, "--out", out, "--record", str(tmp_path / "history")),
        ("verify", data, out),
        ("history", "show", "last", "--store", str(tmp_path / "history")),
        ("explain", data, "R1"),
        ("explain", data, "R1", "H5"),
        ("explain", data, "R1", "--json"),
        ("calendar", data, "--out", str(tmp_path / "calendar")),
        ("documents", data, "R1", "H5", *place),
        ("place", data, "R1"),
        ("whatif", data, "--each", "train"),
        ("policy",),
        ("policy", "--json"),
        ("equity", data),
        ("sufficiency", data, "--out", str(tmp_path / "sufficiency")),
    ]
    done = subprocess.run(
        [sys.executable, "-c", STRANGERS],
        input="\n".join("\t".join(command) for command in commands),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout[-300:], done.stderr[-2000:])
    answers = dict(zip(commands, done.stdout.split("\n> "), strict=True))
    told = " ".join(answers[commands[1]].split())
    assert "hopes (what the family hopes for from support is a question)" in told
    for command in (("explain", data, "R1", "H5"), ("policy",)):
        assert "pets meet" in answers[command].lower(), command
    assert "buy a lead" in answers["policy",].lower()
    assert "Pets meet" in (tmp_path / "round" / "report.html").read_text("utf-8")


def test_what_people_can_record_are_the_gates_that_there_are() -> None:
    """Intake reads the column `gate` before any policy: its codes are the register's, in order."""
    for name, of in (("REQUEST_GATES", gates.REQUEST_GATES), ("PAIR_GATES", gates.PAIR_GATES)):
        keys = tuple(gate.key for gate in of)
        known = getattr(codes, name)
        assert keys == known, f"write {set(keys) ^ set(known)} into codes.{name} too"
