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

from builders import a_policy, a_request, one_pair, prepared
from matcher import codes
from matcher.intake.inputs import Inputs, Recorded
from matcher.intake.rows import Event
from matcher.loading import load
from matcher.policy import duties
from matcher.policy.case import RequestCase, fact_meaning, fact_source, request_cases
from matcher.policy.duties import DUTIES
from matcher.policy.duties.form import (
    EVENT_FACTS,
    HELD_FACTS,
    PAIR,
    PLACE_WITHHELD,
    REQUEST,
)
from matcher.policy.facts import Facts, Wording
from matcher.policy.family import family_facts, family_line
from matcher.policy.position import position, position_facts, position_lines
from matcher.policy.screening import CONCERNS_OF_RISKS, SCREENING
from matcher.policy.settings import default
from matcher.rounds import Prepared, prepare
from random_rounds import write_round

SAMPLES = Path(__file__).parents[1] / "data" / "samples"
SETTINGS_OFF = """
[policy]
adult_checks = false
terms_of_approval = false
usual_fostering_limit = "off"
area.approvals = false
""" + "".join(
    f"""
[policy.reasons."{key}"]
reason = "A test."
decided_by = "Head of Service"
on = 2026-01-01
"""
    for key in ("adult_checks", "terms_of_approval", "usual_fostering_limit", "area.approvals")
)


def through_a_file(facts: Facts) -> Facts:
    found: Facts = json.loads(json.dumps(facts))
    return found


def with_events(inputs: Inputs, seed: int) -> Inputs:
    """The input with events of every status, some of them run out, by people named or not."""
    random = Random(seed)

    def some(keys: tuple[str, ...], request: str, household: str | None) -> Recorded:
        return {
            key: (
                Event(
                    request_id=request,
                    household_id=household,
                    event=key,
                    status=random.choice(codes.EVENT_STATUSES),
                    on=inputs.as_of - timedelta(days=3),
                    until=random.choice([None, inputs.as_of - timedelta(days=3), inputs.as_of]),
                    by=random.choice([None, "team manager"]),
                ),
            )
            for key in random.sample(keys, len(keys) // 3)
        }

    events = dict(inputs.events)
    for request in inputs.requests:
        name = request.request_id
        events[name, None] = some(codes.DUTIES_OF_A_REQUEST, name, None)
        for household in inputs.households[::3]:
            home = household.household_id
            events[name, home] = some(codes.DUTIES_OF_A_PAIR, name, home)
    return replace(inputs, events=events)


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> list[Prepared]:
    """The samples, and random rounds in awkward shapes, with events and without."""
    found = []
    for name in ("camden", "legal_routes", "tutorial"):
        inputs, policy = load(SAMPLES / name, None, None)
        found += [prepare(inputs, policy, 0), prepare(with_events(inputs, 7), policy, 0)]
    for seed in range(8):
        folder = tmp_path_factory.mktemp("random")
        write_round(folder, seed, 30, 3, dense=seed % 2 == 0)
        if seed == 7:
            settings = folder / "round.toml"
            settings.write_text(settings.read_text("utf-8") + SETTINGS_OFF, "utf-8")
        inputs, policy = load(folder, None, None)
        found.append(prepare(with_events(inputs, seed), policy, 0))
    risky = a_request(**{f"risk_{area}": "high" for area in CONCERNS_OF_RISKS})
    held = a_policy(screening__not_considered="hold")
    return [*found, prepared(tmp_path_factory.mktemp("risky"), one_pair(risky), held)]


def cases(rounds: list[Prepared]) -> Iterator[RequestCase]:
    for each in rounds:
        yield from request_cases(each.inputs, each.policy)


def records(rounds: list[Prepared]) -> Iterator[duties.DutyRecord]:
    for each in rounds:
        for row in range(len(each.inputs.requests)):
            for household in range(0, len(each.inputs.households), 5):
                yield from duties.of_match(each.pair(row, household))
        for case in each.living.values():
            yield from duties.of_match(case)


def test_the_facts_of_every_duty_say_the_same_after_a_file(rounds: list[Prepared]) -> None:
    said: dict[str, set[str]] = {duty.key: set() for duty in DUTIES}
    for record in records(rounds):
        again = replace(record, facts=through_a_file(record.facts))
        for hide in (False, True):
            (words,), (then,) = (
                duties.words([record], default(), hide=hide),
                duties.words([again], default(), hide=hide),
            )
            assert then == words
        (words,) = duties.words([record], default())
        assert (words.status, words.clause, words.who) == (record.status, record.clause, record.who)
        assert words.evidence.endswith("."), record.duty
        assert bool(words.action) == words.still
        said[record.duty].add(words.status)
        told = {*EVENT_FACTS} - {"planned_on"}
        assert {*record.facts} & told in (set(), told)
    of_any = set().union(*said.values())
    assert of_any == {"done", "open", "overdue", "accepted", "not_needed", "unknown"}
    rare = {"second_parent_turns_18"}  # a second parent of 17 is one in hundreds
    held = {duty.key for duty in DUTIES if duty.of != duties.PLACEMENT} - rare
    assert [key for key in held if len(said[key]) < 2] == []
    assert [key for key, statuses in said.items() if not statuses] == []


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
    for duty in DUTIES:
        yield duty.key, duty.of, duty.stands
        yield duty.key, REQUEST, duty.whatever


@pytest.mark.parametrize(
    ("of", "wording"), [pytest.param(of, wording, id=key) for key, of, wording in wordings()]
)
def test_every_fact_has_a_source_and_a_meaning(of: str, wording: Wording[Any]) -> None:
    names = [name for name in wording.types if name not in HELD_FACTS]
    for name in names:
        assert fact_meaning(name).endswith("."), name
        fact_source(name)
    if of != PAIR:  # one of a match is asked of the request alone too
        inputs, policy = load(SAMPLES / "tutorial", None, None)
        case = request_cases(inputs, policy)[0]
        for name in names:
            case.fact(name)  # AttributeError where there is none


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
            for words in duties.words(duties.of_match(case), default(), hide=True):
                if words.evidence == PLACE_WITHHELD:
                    assert words.due == case.before_start
                    starts += 1
    assert starts


STRANGERS = dedent('''
    """Duties of the request, the pair and a placement that nobody has heard of, in the register."""
    from __future__ import annotations

    import sys
    from datetime import date

    from matcher.policy import duties
    from matcher.policy.duties.form import PAIR, PLACEMENT, duty, not_needed, to_do


    @duty("PC-3.3b", "Ask what the family hopes for.", holds=True)
    def hopes(purpose: str, engagement: str | None):
        """What the family hopes for is known."""
        return to_do(f"What the family hopes for from {purpose} is a question.")


    @duty("PC-6.2b", "Bring the pets of both together.", "all parties", of=PAIR, holds=True)
    def pets_meet(bedrooms: int | None, looked_after_there: int, miles: float | None):
        """The pets of both have met."""
        if not bedrooms:
            return not_needed("There is no room for pets.")
        return to_do("That the pets have met is a question.")


    @duty("PC-6.2b", "Buy a lead.", "all parties")
    def buy_a_lead(needed_from: date):
        """A lead is bought."""
        return to_do("There is none.", needed_from)


    @duty("PC-6.2b", "Walk the dog.", "all parties", of=PLACEMENT, recurs=True)
    def walk(placement_start: date, held: tuple[date, ...]):
        """The dog is walked."""
        return to_do("It waits.", max(held, default=placement_start))


    duties.DUTIES += (hopes, pets_meet, buy_a_lead, walk)

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


def test_stranger_duties_work_in_every_command(tmp_path: Path) -> None:
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
