"""The samples hold what they were shaped to show, and the pages about them tell the truth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from matcher.eligibility import failed_bits, rules_of
from matcher.explain import Explainer
from matcher.loading import load
from matcher.policy.rules import RULES
from matcher.policy.screening import OUTCOMES
from matcher.recorder import record_of
from matcher.rounds import Prepared, SolvedRound, household_pairs, match, prepare

ROOT = Path(__file__).parent.parent


def _round(name: str) -> SolvedRound:
    inputs, policy = load(ROOT / "data" / "samples" / name, None, None)
    return match(prepare(inputs, policy, 0))


def _sentences(solved: SolvedRound) -> dict[str, str]:
    """All that is said of each request."""
    explainer = Explainer(record_of(solved))
    return {
        name: " ".join(line.sentence for line in explainer.lines(request))
        for name, request in explainer.requests.items()
    }


@pytest.fixture(scope="module")
def camden() -> SolvedRound:
    return _round("camden")


@pytest.fixture(scope="module")
def legal_routes() -> SolvedRound:
    return _round("legal_routes")


def test_the_samples_have_every_screening_outcome(
    camden: SolvedRound, legal_routes: SolvedRound
) -> None:
    assert set(camden.prepared.outcomes) == {None, *OUTCOMES} - {"staying_put"}
    assert "staying_put" in legal_routes.prepared.outcomes


def _failing(prepared: Prepared) -> Iterator[list[str]]:
    """The rules that each pair of a round fails."""
    for row in range(len(prepared.columns.request_ids)):
        everyone = prepared.columns.households.row
        for bits in failed_bits(household_pairs(prepared, row, everyone))[0].tolist():
            yield [RULES[place].key for place in rules_of(bits)]


def test_in_camden_every_rule_fails_and_most_fail_alone(
    camden: SolvedRound, legal_routes: SolvedRound
) -> None:
    failing = [*_failing(camden.prepared)]
    failed = {key for keys in failing for key in keys}
    assert failed == {rule.key for rule in RULES}
    # An untrained carer fails `assessed` too, so `trained` can't fail alone. Nobody else could live
    # in the one home that is kept there; in the other sample somebody could.
    alone = {keys[0] for keys in failing if len(keys) == 1}
    assert alone == failed - {"trained", "own_home"}
    assert ["own_home"] in _failing(legal_routes.prepared)


def test_camden_has_families_that_live_and_lived_somewhere(camden: SolvedRound) -> None:
    inputs = camden.prepared.inputs
    assert [row.request_id for row in inputs.placed] == ["R16"]
    assert inputs.pairs_ended_early == [("R15", "H19")]
    assert (
        "R15 lived with H19 until 13 November 2026; it ended early (carers asked)."
        in (_sentences(camden)["R15"])
    )
    assert {
        row.event for by_key in inputs.events.values() for rows in by_key.values() for row in rows
    } > {
        "child_visit",
        "child_review",
    }


def test_older_data_go_on_working(legal_routes: SolvedRound) -> None:
    """The sample keeps `steps`, a confirmed match for a placement, and lists of features alone."""
    inputs = legal_routes.prepared.inputs
    assert [*inputs.running] == ["K1"]
    assert inputs.events["F1", "K1"]["placement_meeting"][0].status == "done"
    assert {(w.table, w.column) for w in inputs.warnings} == {
        ("households", "features"),
        ("requests", "legal_advice"),
        ("steps", "by"),
    }


def test_camden_has_the_families_it_promises(camden: SolvedRound) -> None:
    requests = camden.prepared.inputs.requests
    as_of = camden.prepared.inputs.as_of
    assert any(r.babies == 2 for r in requests)
    assert any(r.second_parent_comes for r in requests)
    assert any(r.child_born_or_due_on > as_of for r in requests)
    assert any(r.withhold_address for r in requests)


def test_camden_tells_of_two_contests_and_of_an_own_carer_who_is_not_trained(
    camden: SolvedRound,
) -> None:
    said = _sentences(camden)
    assert "R04, R09 and R13 can only be placed with H21 or H33" in said["R09"]
    assert "H17 ranks 1st and is proposed for R01" in said["R14"]
    assert "The parent's own carers, H07, are not eligible today" in said["R02"]
    assert "They would then rank 1st. (PC-4.2b)" in said["R02"]
    assert "R05 has no eligible household of 50." in said["R05"]
    assert "Nearest: H19 needs one thing: agree with the carers" in said["R05"]


def test_no_explanation_speaks_of_a_chance_or_of_success(camden: SolvedRound) -> None:
    for text in _sentences(camden).values():
        assert not re.search(r"%|per ?cent|success|likely|probab|algorithm|predict", text.lower())


def test_the_tutorial_page_has_the_answer_that_the_software_gives() -> None:
    solved = _round("tutorial")
    page = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
    record = record_of(solved)
    for request in record.requests:
        name, proposal = request.request_id, request.proposal
        assert proposal is not None
        assert f"| {name} | {proposal.household_id} | {proposal.fit:.2f} |" in page
        for ranked in request.ranked:
            assert f"| {name} {ranked.household_id} |" in page
            assert f"**{ranked.fit:.2f}**" in page
    values = [aim.value for aim in record.objective]
    assert values == [0, 1, 3, 2, 170, 26747]
    assert "relationship 2, needed soonest 170, fit 26747 hundredths" in page


def test_the_readme_quotes_what_the_software_says(camden: SolvedRound) -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    quoted = [line.removeprefix("> ") for line in readme.splitlines() if line.startswith("> ")]
    said = " ".join(_sentences(camden).values())
    assert len(quoted) >= 4
    for line in quoted:
        if not line.startswith("Before"):  # shortened there
            assert line in said


def test_the_generated_pages_are_fresh() -> None:
    import make_docs as pages

    advice = "run tools/make_docs.py and read the diff"
    assert (ROOT / "docs/policy.md").read_text("utf-8") == pages.policy_text(), advice
    assert (ROOT / "docs/commands.md").read_text("utf-8") == pages.commands_page(), advice
    assert (ROOT / "docs/samples.md").read_text("utf-8") == pages.samples_page_text(), advice
    assert (ROOT / "docs/standard.md").read_text("utf-8") == pages.standard_page_text(), advice
    assert (ROOT / "docs/tables.md").read_text("utf-8") == pages.tables_text(), advice
