"""Rounds in the panel: the same round.json, one run of the same data, outdated, adopted, kept, compared."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from matcher.panel import links, rounds, since
from matcher.panel.models import Round, State, Trail, Worked
from matcher.panel.tables import MODELS
from matcher.panel.work import changing

ROOT = Path(__file__).resolve().parents[2]
MOST_QUERIES = 12
pytestmark = pytest.mark.django_db


@pytest.fixture
def edit(user):
    """Change cells of a household or a family as a user of the Resource team does."""

    def changed(table: str, key: str, name: str, **cells: str) -> None:
        with changing(user("resource_team")) as change:
            row = MODELS[table].objects.get(**{key: name, "withdrawn_at": None})
            change.edit(row, cells, row.version, name)

    return changed


@pytest.fixture
def decide(user):
    """Record a decision as a team manager does."""

    def decided(request_id: str, household_id: str, decision: str) -> None:
        with changing(user("team_manager")) as change:
            cells = MODELS["decisions"]().cells() | {
                "request_id": request_id,
                "household_id": household_id,
                "decision": decision,
                "decided_on": "2026-11-23",
                "decided_by": "Team manager",
            }
            change.add("decisions", cells, f"{request_id} {household_id}", "decided")

    return decided


def text_of(response) -> str:
    """What a page says, without its markup."""
    assert response.status_code == 200, response
    inline = re.sub(r"</?(a|b|span|strong)\b[^>]*>", "", response.content.decode())
    return " ".join(unescape(re.sub("<[^>]+>", " ", inline)).split())


def test_rows_of_the_database_make_the_round_of_their_folder():
    written = (ROOT / "reports/camden/round.json").read_bytes()
    assert rounds.document(rounds.last()) == written


def test_what_the_data_leave_open_says_whose_row_it_is():
    lines = rounds.view(rounds.last()).warnings
    assert lines
    assert all(" row " not in line for line in lines)
    assert any(line.startswith("R") for line in lines)


def test_a_second_run_of_the_same_data_is_the_first(client_of):
    answer = client_of("team_manager").post("/rounds/run/", follow=True)
    assert "Nothing has changed: this is round 1" in text_of(answer)
    answer = client_of("team_manager").post("/rounds/run/", {"keep": "1"}, follow=True)
    assert "Nothing has changed: this is round 1" in text_of(answer)
    assert client_of("team_manager").post("/rounds/run/", {"keep": "9" * 30}).status_code == 404
    assert Round.objects.count() == 1


PAGES = (
    "/",
    "/rounds/",
    "/rounds/1/",
    "/rounds/1/internal/",
    "/rounds/1/internal/R11/",
    "/rounds/1/changes/",
    "/rounds/1/families/R01/",
    "/rounds/1/families/R05/",
    "/rounds/1/families/R15/?all=1",
    "/rounds/1/families/R16/",
    "/what-if/",
    "/what-if/?family=R01",
    "/rounds/1/papers/",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_little_of_the_database(
    client_of, path, settings, django_assert_max_num_queries
):
    client = client_of("team_manager")
    assert "Sample data" in text_of(client.get(path))
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(path)


def test_a_family_has_homes_side_by_side_with_what_insisting_costs(client_of):
    text = text_of(client_of("team_manager").get("/rounds/1/families/R15/"))
    assert "Homes side by side" in text
    assert "H12" in text
    assert "leaves R13 unplaced" in text


def test_a_family_that_waits_has_what_it_would_take(client_of):
    text = text_of(client_of("team_manager").get("/rounds/1/families/R05/"))
    assert "What stands in the way" in text


def test_a_family_leads_to_its_file_in_the_councils_own_system(client_of, settings):
    client = client_of("team_manager")
    assert "case system" not in text_of(client.get("/rounds/1/families/R05/"))
    settings.SET = replace(settings.SET, case_link="https://cases.example/{id}")
    whole = client.get("/rounds/1/families/R05/").content.decode()
    assert 'href="https://cases.example/R05"' in whole
    assert links.case_link("A/1 &") == "https://cases.example/A%2F1%20%26"


def test_an_id_in_a_sentence_leads_to_its_page_and_the_rest_is_text():
    said = links.linked("<R01> goes to H1, not H17-b.", {"R01": "/r?a&b", "H17": "/h"})
    assert said == '&lt;<a class="govuk-link" href="/r?a&amp;b">R01</a>&gt; goes to H1, not H17-b.'


# Outdated


def test_a_round_of_changed_data_is_outdated_and_says_in_what(client_of, edit):
    client = client_of("team_manager")
    assert "This round is outdated" not in text_of(client.get("/rounds/1/"))
    edit("households", "household_id", "H05", status="suspended")  # proposed for R15
    edit("households", "household_id", "H50", team="East")
    text = text_of(client.get("/rounds/1/"))
    assert "This round is outdated" in text
    near, far = text.index("Touches what the round proposes"), text.index("Elsewhere")
    assert near < text.index("H05: Changed: status. ") < far < text.index("H50: Changed: team")
    assert "Resource team, " in text
    assert "Changed since this round was run" in text_of(client.get("/rounds/1/families/R15/"))
    assert "elsewhere" in text_of(client.get("/rounds/1/families/R01/"))
    assert "suspended" not in text_of(client.get("/rounds/1/changes/"))


def test_a_round_of_another_day_is_outdated(client_of):
    state = State.objects.get()
    State.objects.update(day=state.day + timedelta(days=1))
    assert "another day: ages, urgency and due days" in text_of(
        client_of("team_manager").get("/rounds/1/")
    )


def test_what_is_decided_stands_beside_what_is_proposed(client_of, decide):
    client = client_of("team_manager")
    assert "R01 → " in text_of(client.get("/"))
    decide("R01", "H17", "choose")
    decide("R14", "H09", "declined_by_carer")
    for path in ("/rounds/1/", "/rounds/1/families/R01/"):
        text = text_of(client.get(path))
        assert "decided People chose H17 on 23 November 2026" in text, path
    today = text_of(client.get("/"))
    assert "R01 → " not in today
    assert "The carers of H09 declined on 23 November 2026" in today


# Run again, adopt, compare


def test_a_round_is_run_again_keeping_what_can_be_kept(client_of, decide):
    client = client_of("team_manager")
    decide("R14", "H09", "declined_by_carer")
    text = text_of(client.post("/rounds/run/", {"keep": "1"}, follow=True))
    assert "Round 2 was run" in text
    assert "Kept 7 of 8 placements of the round of 23 November 2026" in text
    assert Trail.objects.filter(act="ran", subject="round 2").exists()
    compared = text_of(client.get("/rounds/2/compare/1/"))
    assert "R14: H09" in compared
    assert "the carers of H09 declined" in compared
    assert "Since round 1" in text_of(client.get("/"))


def test_the_meetings_round_stays_until_one_of_a_later_day_is_run(client_of, user, edit):
    client = client_of("team_manager")
    assert client.post("/rounds/1/adopt/").status_code == 302
    edit("households", "household_id", "H50", team="East")
    rounds.run(user("resource_team"))
    assert rounds.last().number == 2
    assert rounds.on_the_table().number == 1
    assert "adopted" in text_of(client.get("/rounds/1/"))
    State.objects.update(day=State.objects.get().day + timedelta(days=1))
    rounds.run(user("resource_team"))
    assert rounds.on_the_table().number == 3
    assert rounds.before(rounds.last()).number == 2


def test_a_round_that_looks_ahead_counts_in_the_history_of_the_panel(user):
    """Rounds of four weeks lie before it; solved again it is what it was."""
    first = State.objects.get().day
    State.objects.update(day=first + timedelta(weeks=4))
    rounds.run(user("resource_team"))
    State.objects.update(
        day=first + timedelta(weeks=5), policy={"room_ahead": "after_within_5_days"}
    )
    made = rounds.run(user("resource_team"))
    ahead = rounds.solved(made).prepared.ahead
    assert (ahead.outlook.rates.source, ahead.outlook.rates.weeks) == ("history", 4.0)
    assert ahead.outlook.refusals.source == "history"
    assert rounds.comes_out_again(made)


def test_data_with_a_fault_stop_a_round_and_are_named(client_of):
    MODELS["requests"].objects.filter(request_id="R03").update(parent_age="old")
    State.objects.update(version=99)
    client = client_of("team_manager")
    answer = client.post("/rounds/run/")
    text = " ".join(answer.content.decode().split())
    assert answer.status_code == 422
    assert "<title>Error: " in text
    assert "R03" in text
    assert "parent age" in text
    assert Round.objects.count() == 1
    assert "No round can be run until this is mended" in text_of(client.get("/"))


def test_a_large_round_is_a_job(client_of, edit, monkeypatch):
    from matcher.panel import worked
    from matcher.panel.pages import rounds as pages

    monkeypatch.setattr(pages, "MANY_REQUESTS", 5)
    edit("households", "household_id", "H50", team="East")
    client = client_of("team_manager")
    answer = client.post("/rounds/run/", {"keep": "1"})
    assert "The round is being run" in text_of(client.get(answer.url))
    assert Round.objects.count() == 1
    worked.work_out.func(Worked.objects.get(kind="run").pk)
    assert client.get(answer.url).url == "/rounds/2/"


def test_no_round_yet_says_what_comes_first(client_of):
    Round.objects.all().delete()
    text = text_of(client_of("team_manager").get("/"))
    assert "No round was run yet" in text
    assert "Run a round" in text


# Who sees what


def test_a_childs_social_worker_sees_own_families_alone(client_of, edit):
    edit("requests", "request_id", "R09", latest_start="2026-12-20")
    client = client_of("child_social_worker")
    for path in ("/", "/rounds/1/"):
        answer = client.get(path)
        whole = answer.content.decode()
        assert "families/R01/" in whole, path
        assert "families/R09/" not in whole, path
        assert "R09: Changed" not in text_of(answer), path
    assert "15 of the families are not yours" in text_of(client.get("/rounds/1/"))
    assert client.get("/rounds/1/families/R09/").status_code == 404
    assert client.get("/rounds/1/compare/1/").status_code == 403


def test_an_administrator_sees_no_case(client_of):
    text = text_of(client_of("administrator").get("/"))
    assert "R01" not in text
    assert client_of("administrator").get("/rounds/1/").status_code == 403


def test_where_withheld_homes_are_is_for_who_keeps_addresses(client_of):
    manager = client_of("team_manager")
    plain, inside = (text_of(manager.get(f"/rounds/1/{end}")) for end in ("", "internal/"))
    assert "place not shown" in plain
    assert "Internal. It says where" not in plain
    assert "place not shown" not in inside
    assert "Internal. It says where" in inside
    assert Trail.objects.filter(act="looked: see_withheld_places").count() == 1
    for role in ("panel_adviser", "supervising_social_worker", "child_social_worker"):
        assert client_of(role).get("/rounds/1/internal/").status_code == 403, role


def test_a_change_says_columns_and_never_values(edit):
    edit("requests", "request_id", "R09", latest_start="2026-12-20")
    (change,) = since.changes(rounds.last(), rounds.view(rounds.last()))
    assert (change.request_id, change.what, change.by) == ("R09", "Changed: latest start", "Resource team")  # fmt: skip
