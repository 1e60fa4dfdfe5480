"""Duties in the panel: one list, ticked off, accepted only by who may, own duties alone for social workers."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client

from matcher.panel import rounds, ticking
from matcher.panel.models import Assignment, State, Trail
from matcher.panel.pages.duties import Register
from matcher.panel.tables import standing

pytestmark = pytest.mark.django_db
M, C, S = "team_manager", "child_social_worker", "supervising_social_worker"
DONE = {"on-day": "23", "on-month": "11", "on-year": "2026"}


def events() -> list[dict[str, str]]:
    return [row.cells() for row in standing("events")]


def names(client, query: str = "") -> list[str]:
    """What can be ticked on the page."""
    text = client.get(f"/duties/{query}").content.decode()
    return [unescape(each) for each in re.findall(r'name="tick" value="([^"]*)"', text)]


def tick(client, *chosen: str, **day: str):
    return client.post(
        "/duties/tick/",
        {"tick": chosen, **DONE, **{k.replace("_", "-"): v for k, v in day.items()}},
    )


def test_every_open_duty_of_the_round_is_there_once(client_of):
    view = rounds.view(rounds.last())
    keys = [t.key for _, tasks in view.tasks for t in tasks if t.key is not None]
    accepted = [d for r in view.requests for d in view.checklist(r) if d.status == "accepted"]
    shown = names(client_of(M), "?all=1")
    assert len(shown) == len(set(shown)) == len(keys) + len(accepted)
    assert not names(client_of(M))  # that many are summed by person and by match first


def test_ticks_of_several_are_rows_of_one_change_and_shown_as_done(client_of, user):
    client, before = client_of(M), State.objects.get().version
    chosen = names(client, "?family=R01")[:3]
    kept = len(events())
    answer = client.post("/duties/tick/", {"tick": chosen, **DONE, "family": "R01"})
    assert answer.headers["Location"] == "/duties/?family=R01"
    new = events()[kept:]
    assert [(e["request_id"], e["status"], e["on"], e["by"]) for e in new] == [
        ("R01", "done", "2026-11-23", "team manager")
    ] * 3
    assert State.objects.get().version == before + 3
    register = Register.of(user(M))
    assert not any(register.line(name).is_open for name in chosen)
    text = client.get("/duties/?family=R01").content.decode()
    assert "3 duties of R01 recorded as done." in text
    assert text.count("Done on 23 November 2026, team manager.") == 3
    made = rounds.run(user(M))  # the next round has them as done too
    still = {
        task.key
        for _, tasks in rounds.view(made).tasks
        for task in tasks
        if task.request_id == "R01"
    }
    assert not still & {name.split("|")[2] for name in chosen}


def test_today_and_the_duties_count_the_same(client_of):
    client = client_of(M)
    cells = re.compile(r"<th scope=\"row\"[^>]*>(?:<a[^>]*>)?([^<]+).*?numeric\"[^>]*>(\d+)<.*?numeric\"[^>]*>(\d+)<", re.S)  # fmt: skip

    def counted(path: str, caption: str) -> dict[str, tuple[str, str]]:
        text = unescape(client.get(path).content.decode())
        table = text[text.index(f">{caption}</caption>") :].partition("</table>")[0]
        return {who: (tasks, late) for who, tasks, late in cells.findall(table)}

    before = counted("/duties/", "By person")
    assert before == counted("/", "What waits for whom")
    tick(client, *names(client, "?family=R01")[:3])
    after = counted("/duties/", "By person")
    assert before != after == counted("/", "What waits for whom")


def test_progress_counts_what_was_ticked_since(client_of, user):
    register = Register.of(user(M))
    before = register.progress["R01"]
    holding = next(
        e for e in register.lines if e.task.request_id == "R01" and e.name and e.task.overdue
    )
    tick(client_of(M), holding.name)
    after = Register.of(user(M)).progress["R01"]
    assert (after.settled, after.all) == (before.settled + 1, before.all)


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ({"on_year": ""}, "This is not a date."),
        ({"on_day": "24"}, "2026-11-23"),  # a day ahead: intake's own sentence names the last day
        ({"on_day": "", "on_month": "", "on_year": ""}, "Enter the day on which it was done"),
    ],
)
def test_a_wrong_day_changes_nothing_and_what_was_ticked_stays_ticked(client_of, day, said):
    client, kept = client_of(M), len(events())
    chosen = names(client, "?family=R01")[:2]
    text = tick(client, *chosen, **day).content.decode()
    assert said in text
    assert "There is a problem" in text
    assert len(events()) == kept
    assert text.count(" checked") == 2


def test_ticks_outlive_the_session(client_of):
    client = client_of(M)
    text = client.get("/duties/?family=R01").content.decode()
    token = re.search(r'name="draft" value="([^"]*)"', text)[1]
    chosen = names(client, "?family=R01")[:2]
    answer = Client().post(
        "/duties/tick/", {"tick": chosen, **DONE, "family": "R01", "draft": token}
    )
    assert answer.status_code == 302
    text = client.get("/duties/tick/").content.decode()  # where signing in again leads to
    assert text.count(" checked") == 2
    assert (
        "R02" not in text.split('<form method="post" action="/duties/tick/"')[1].split("</form>")[0]
    )
    tick(client, *chosen)
    assert " checked" not in client.get("/duties/").content.decode()


def test_nothing_ticked_is_said(client_of):
    assert "Tick what is done" in tick(client_of(M)).content.decode()


def test_social_workers_have_their_own_duties_alone(client_of, user):
    view = rounds.view(rounds.last())
    home = next(view.home(e) for e in view.requests if e.request_id == "R01")
    Assignment.objects.create(user=user(S), household_id=home)
    for role in (C, S):
        lines = Register.of(user(role)).lines
        assert lines
        assert {line.task.who for line in lines} <= set(ticking.MINE[user(role).does])
    assert {line.task.request_id for line in Register.of(user(C)).lines} == {"R01"}
    other = next(n for n in names(client_of(M), "?all=1") if n.startswith("R02"))
    assert tick(client_of(C), other).status_code == 404
    assert Trail.objects.filter(act="refused: record_duty").exists()


@pytest.mark.parametrize(("role", "status"), [("panel_adviser", 403), ("administrator", 403)])
def test_who_may_not_tick_is_refused(client_of, role, status):
    assert tick(client_of(role), "R01||consent").status_code == status


def acceptable(user) -> ticking.Line:
    register = Register.of(user(M))
    return next(e for e in register.lines if e.duty == "safe_caring" and e.is_open)


@pytest.mark.parametrize(
    ("by", "until", "said"),
    [
        ("team manager", "30", ""),
        ("team manager", "29", ""),
        ("Head of Service", "30", ""),
        ("nobody", "30", "Select who answers for it"),
    ],
)
def test_a_duty_is_accepted_while_it_is_open_by_who_may(client_of, user, by, until, said):
    line, kept = acceptable(user), len(events())
    given = {
        "duty": line.name,
        "by": by,
        "until-day": until,
        "until-month": "11",
        "until-year": "2026",
    }
    answer = client_of(M).post("/duties/accept/", given)
    if said:
        assert said in answer.content.decode()
        assert len(events()) == kept
        return
    assert answer.status_code == 302
    (new,) = events()[kept:]
    assert (new["status"], new["by"], new["until"]) == ("accepted", by, f"2026-11-{until}")


def test_for_longer_than_it_may_be_intake_refuses_in_its_own_words(client_of, user):
    line, kept = acceptable(user), len(events())
    given = {
        "duty": line.name,
        "by": "team manager",
        "until-day": "1",
        "until-month": "12",
        "until-year": "2026",
    }
    text = client_of(M).post("/duties/accept/", given).content.decode()
    assert "It is accepted for more than 7 days." in text
    assert len(events()) == kept


def test_what_nobody_may_accept_offers_no_form(client_of, user):
    register = Register.of(user(M))
    line = next(e for e in register.lines if e.duty == "joint_risk_assessment")
    text = client_of(M).get("/duties/accept/", {"duty": line.name}).content.decode()
    assert "Nobody may accept it: it has to be done." in text
    assert '<form method="post" id="form"' not in text


@pytest.mark.parametrize("role", [C, S, "resource_team"])
def test_only_a_team_manager_accepts(client_of, user, role):
    assert (
        client_of(role).get("/duties/accept/", {"duty": acceptable(user).name}).status_code == 403
    )


def test_a_tick_is_taken_back_by_who_made_it(client_of, user):
    client, kept = client_of(C), len(events())
    (chosen, *_) = names(client)
    tick(client, chosen)
    row = standing("events")[-1].pk
    assert "Take back" in client.get("/duties/").content.decode()
    assert client_of("resource_team").post(f"/duties/take-back/{row}/").status_code == 403
    assert client.post(f"/duties/take-back/{row}/").status_code == 302
    assert len(events()) == kept
    assert chosen in names(client)
