"""A forger's tamperings of rounds with and without limits are named, and honest rounds are not."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

import forge
from builders import a_policy
from matcher import proved
from matcher.loading import load
from matcher.rounds import match, prepare
from matcher.solve import exchange
from matcher.verification import WORD, check
from random_rounds import write_round


@pytest.mark.parametrize("kind", forge.LIMITS)
@pytest.mark.parametrize("seed", [3])
def test_a_forger_is_named(kind: str, seed: int) -> None:
    drawn = forge.draw(seed, kind, size=5)
    assert not forge.named(drawn, drawn.record)
    tried = list(forge.forgeries(drawn, Random(seed)))
    assert len(tried) > 20
    assert [name for name, record in tried if not forge.named(drawn, record)] == []


def test_a_round_too_large_to_try_every_choice_is_never_called_an_optimum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MOST_CHOICES", 0)
    write_round(tmp_path, 50, 7, 8, dense=True)
    inputs, policy = load(tmp_path, None, None)
    policy = a_policy(limits__weekly_fees=2500)
    drawn = forge.Drawn(
        "fees", inputs, policy, solved := match(prepare(inputs, policy, 3)), forge.as_read(solved)
    )
    checked = check(drawn.record, inputs, policy)
    assert (checked.breaches, checked.rests_on, checked.limits) == ((), WORD, ("weekly_fees",))
    file = tmp_path / "alone" / "round.json"
    file.parent.mkdir()
    found = proved.proved(drawn.record, checked, policy, None, proved.beside(file))
    told = " ".join(proved.lines(found))
    assert "optimum" not in told
    assert "Not proven: A limit is in play (weekly_fees)." in told
    worse = list(forge.worse(drawn, Random(1)))
    assert len(worse) >= 6
    assert [name for name, record in worse if not forge.named(drawn, record)] == []


def test_an_earlier_round_that_only_the_file_names_is_taken_on_trust(tmp_path: Path) -> None:
    write_round(tmp_path, 11, 4, 5, dense=True)
    inputs, policy = load(tmp_path, None, None)
    honest = prepare(inputs, policy, 0)
    row = next(r for r in range(honest.problem.requests) if honest.choices(r) > 1)
    home = int(honest.screened.household[honest.best(row)[-1]])
    name, invented = honest.columns.request_ids[row], honest.columns.household_ids[home]
    record = forge.as_read(match(prepare(inputs, policy, 0, {name: invented})))
    checked = check(record, inputs, policy)
    assert checked.breaches == ()
    lines = proved.lines(
        proved.proved(record, checked, policy, None, proved.beside(tmp_path / "alone.json"))
    )
    assert "follow from the data and the earlier round that it names." in lines[0]
    assert lines[1].startswith("On trust: that an earlier round proposed the 1 pair")


def test_what_was_switched_off_and_another_day_are_named(tmp_path: Path) -> None:
    write_round(tmp_path, 11, 3, 4, dense=True)
    inputs, _ = load(tmp_path, "2027-01-20", None)
    policy = a_policy(usual_fostering_limit="off", terms_of_approval=False, far_miles=21)
    record = forge.as_read(match(prepare(inputs, policy, 1)))
    checked = check(record, inputs, policy)
    assert checked.breaches == ()
    day = load(tmp_path, None, None)[0].as_of
    told = " ".join(
        proved.lines(
            proved.proved(record, checked, policy, day, proved.beside(tmp_path / "x.json"))
        )
    )
    said = "Switched off by this policy: the settings usual fostering limit and terms of approval."
    assert said in told
    assert "Changed: far_miles = 21 (default 20)." in told
    assert "Its day is 20 January 2027; the data's own settings say" in told
    assert "It tells of at most 1 household that could take a family" in told
