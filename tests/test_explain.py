"""Sentences on which people decide: each says what is true of its round."""

from __future__ import annotations

from pathlib import Path

import pytest

from builders import (
    AS_OF,
    Cells,
    Tables,
    a_carer,
    a_household,
    a_policy,
    a_request,
    one_pair,
    read_tables,
    solved,
    write_tables,
)
from matcher.cli import run
from matcher.errors import WrongInput
from matcher.explain import Explainer
from matcher.policy.settings import Policy
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.report.page import page
from matcher.report.view import View
from matcher.rounds import match, prepare


def why(tmp_path: Path, tables: Tables, request: str, policy: Policy | None = None) -> str:
    """All that is said of one request of a round."""
    explainer = Explainer(record_of(solved(tmp_path, tables, policy)))
    return "\n".join(line.sentence for line in explainer.lines(explainer.requests[request]))


def held(request: str, household: str, decision: str = "choose") -> Cells:
    return {
        "request_id": request,
        "household_id": household,
        "decision": decision,
        "decided_on": "2026-11-20",
        "decided_by": "somebody's own words",
    }


@pytest.mark.parametrize(
    ("bedrooms", "said"),
    [
        (["0", None], "1 without enough bedrooms and 1 where it is not known how many bedrooms are free."),
        (["0", "0"], "2 without enough bedrooms."),
        ([None, None], "2 where it is not known how many bedrooms are free."),
    ],
)  # fmt: skip
def test_what_nobody_knows_is_counted_apart(
    tmp_path: Path, bedrooms: list[str | None], said: str
) -> None:
    tables: Tables = {
        "requests": [a_request()],
        "households": [a_household(f"H{at}", bedrooms=some) for at, some in enumerate(bedrooms)],
        "carers": [a_carer("H0"), a_carer("H1")],
    }
    assert f"Not eligible: {said} (Each" in why(tmp_path, tables, "R1")


TWO_FAMILIES: dict[str, list[Cells]] = {
    "requests": [a_request("R1"), a_request("R2", needed_from="2026-11-23")],
    "households": [a_household()],
    "carers": [a_carer()],
}


def test_a_family_that_a_limit_holds_back_is_not_needed_elsewhere(tmp_path: Path) -> None:
    tables = one_pair(household=a_household(team="North"))
    said = why(tmp_path, tables, "R1", a_policy(limits__new_per_team=0))
    assert "a limit of this round stands in the way" in said
    assert "It would break a limit of this round: new_per_team (North)." in said
    assert "needed for others" not in said


def test_a_household_that_people_hold_is_no_contest(tmp_path: Path) -> None:
    said = why(tmp_path, {**TWO_FAMILIES, "decisions": [held("R1", "H1")]}, "R2")
    assert "People hold H1 for R1." in said
    assert "must wait" not in said


def test_the_family_needed_first_is_never_said_to_wait_for_that(tmp_path: Path) -> None:
    said = why(tmp_path, TWO_FAMILIES, "R1")
    assert "One of the two must wait: R1, the only one needed in more than 5 days." in said


def test_a_held_household_is_not_one_change_away(tmp_path: Path) -> None:
    tables = {
        **TWO_FAMILIES,
        "requests": [a_request("R1"), a_request("R2", second_parent_age="30")],
        "decisions": [held("R1", "H1", "confirmed")],
    }
    said = why(tmp_path, tables, "R2")
    assert "Nearest: H1 needs one thing" in said
    assert said.count("But people hold it for R1.") == 1


def test_own_carers_who_are_held_are_named(tmp_path: Path) -> None:
    young: Cells = {"parent_age": "16", "parent_looked_after": "yes", "purpose": "support"}
    tables = {
        **TWO_FAMILIES,
        "requests": [a_request("R1"), a_request("R2", **young)],
        "relationships": [
            {"request_id": "R2", "household_id": "H1", "kind": "current_carer"},
        ],
        "decisions": [held("R1", "H1", "confirmed")],
    }
    said = why(tmp_path, tables, "R2")
    assert "H1 are the parent's own carers. (PC-4.2b)" in said
    assert "People hold H1 for R1." in said


@pytest.mark.parametrize(
    ("decision", "lead"),
    [
        ("choose", "Before it can be confirmed:"),
        ("confirmed", "Confirmed while these are open:"),
    ],
)
def test_what_is_confirmed_is_not_told_how_to_be(tmp_path: Path, decision: str, lead: str) -> None:
    said = why(tmp_path, one_pair(decisions=[held("R1", "H1", decision)]), "R1")
    assert lead in said
    assert "somebody" not in said, "who decided is free text, and is not repeated"


def test_a_trade_off_leaves_nobody_out_who_would_lose_a_place(tmp_path: Path) -> None:
    """H1 for R3 would send its former family R1 to H2, and then R2 has nowhere to go."""
    tables = {
        "requests": [
            a_request("R1", needed_from="2026-12-01"),
            a_request("R2", needed_from="2026-12-02", older_children="1"),
            a_request("R3", needed_from="2026-12-14"),
        ],
        "households": [
            a_household("H1"),
            a_household("H2", takes_older_children="1"),
        ],
        "carers": [a_carer("H1"), a_carer("H2")],
        "relationships": [{"request_id": "R1", "household_id": "H1", "kind": "former_carer"}],
    }
    said = why(tmp_path, tables, "R3")
    assert "Giving H1 to R3" in said
    assert "R2" in next(line for line in said.splitlines() if line.startswith("Giving H1 to R3"))


def test_a_choice_that_a_place_forbids_does_not_say_the_place(tmp_path: Path) -> None:
    request = a_request(home_postcode="NW1", max_miles="0.5", withhold_address="yes")
    today = {**held("R1", "H1"), "decided_on": AS_OF.isoformat()}
    with pytest.raises(WrongInput) as caught:
        prepare(
            read_tables(tmp_path / "today", one_pair(request, decisions=[today])), a_policy(), 0
        )
    assert "breaks distance (PC-5.1j)" in str(caught.value)
    assert "1.3" not in str(caught.value)
    tables = one_pair(request, decisions=[held("R1", "H1")])
    # R2 may go there, and nobody may say where that is.
    tables["requests"].append(a_request("R2", withhold_address="yes"))
    (aside,) = Explainer(for_people(record_of(solved(tmp_path / "older", tables)))).alerts()
    assert (aside.kind, aside.clause) == ("choice_set_aside", "PC-5.1j")
    assert aside.text.startswith("People chose R1 → H1 on 20 November 2026.")
    assert "1.3" not in aside.text


def test_a_warning_does_not_say_where_a_household_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = one_pair(a_request(withhold_address="yes"), a_household(postcode="B99"))
    folder, out = write_tables(tmp_path / "data", tables), tmp_path / "out"
    assert run(["round", str(folder), "--out", str(out)]) == 0
    said = capsys.readouterr()
    page = (out / "report.html").read_text("utf-8")
    assert "stands for no place" in said.err
    assert "stands for no place" in page
    assert "B99" not in said.err + said.out + page


def test_blind_spots_of_limits_are_alerts(tmp_path: Path) -> None:
    policy = a_policy(limits__new_per_team=3, limits__weekly_fees=5000)
    prepared = prepare(read_tables(tmp_path, one_pair()), policy, 0)
    said = " ".join(alert.text for alert in Explainer(record_of(match(prepared))).alerts())
    assert "The team of H1 is not known" in said
    assert "The weekly fee of H1 is not known" in said


def test_nobody_listed_is_not_known_rather_than_not_approved(tmp_path: Path) -> None:
    said = why(
        tmp_path,
        one_pair(
            carers=[a_carer("H2")], households=[a_household(), a_household("H2", bedrooms="0")]
        ),
        "R1",
    )
    assert "who the carers there are" in said


def test_the_report_has_the_proposal_however_few_are_written(tmp_path: Path) -> None:
    """R2 gets H1, which only it can use; R1's best, H1, is then not R1's, whatever --top says."""
    tables = {
        "requests": [a_request("R1", older_children="0"), a_request("R2", older_children="1")],
        "households": [
            a_household("H1", takes_older_children="1", looked_after_children="0"),
            a_household("H2", looked_after_children="1"),
        ],
        "carers": [a_carer("H1"), a_carer("H2"), a_carer("H2", 2)],
    }
    view = View(match(prepare(read_tables(tmp_path, tables), a_policy(), 1)))
    first = view.requests[0]
    assert first.proposal is not None
    assert (first.proposal.household_id, first.proposal.rank) == ("H2", 2)
    assert [each.household_id for each in first.ranked] == ["H1"]
    assert [each.household_id for each in view.ranked(first)] == ["H1", "H2"]
    assert "H2 (proposed)" in "".join(page(view, []))
