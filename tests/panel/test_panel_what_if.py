"""What if, and the papers of a round: asked once, of the round on the table, worked out by a job."""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape

import pytest

from matcher import loading, verification
from matcher.panel import proof, rounds, worked
from matcher.panel.models import State, Trail, Worked
from matcher.panel.tables import MODELS
from matcher.panel.work import changing

pytestmark = pytest.mark.django_db
ASK = "/what-if/ask/"


def text_of(response) -> str:
    """What a page says, without its markup."""
    assert response.status_code == 200, response
    inline = re.sub(r"</?(a|b|span|strong)\b[^>]*>", "", response.content.decode())
    return " ".join(unescape(re.sub("<[^>]+>", " ", inline)).split())


@pytest.fixture
def manager(client_of):
    return client_of("team_manager")


def work_all() -> None:
    """What the worker does."""
    for each in Worked.objects.filter(done_at=None):
        worked.work_out.func(each.pk)


ASKED = {
    "a home closes": (
        {"home": "H17", "home_change": "close"},
        ["H17 is not available", "R01: H17 → unplaced", "7 families placed, instead of 8"],
    ),
    "a home opens": ({"home": "H18", "home_change": "open"}, ["R09 → H18"]),
    "a carer is trained": ({"home": "H15", "home_change": "train"}, ["R09 → H15"]),
    "a second carer": ({"home": "H27", "home_change": "second_carer"}, ["R09 → H27"]),
    "a bedroom": ({"home": "H03", "home_change": "bedroom"}, ["R13: H33 → H03"]),
    "insisting": (
        {"family": "R09", "family_change": "choose", "family_home": "H21"},
        ["R04: H21 →"],
    ),
    "insisting on what can't be": (
        {"family": "R05", "family_change": "choose", "family_home": "H17"},
        ["You can't, because:", "It would take:"],
    ),
    "a weight": ({"weight.language": "60"}, ["Language weighs 60"]),
    "a cap on fees": (
        {"limits.weekly_fees": "2000"},
        ["What if: Weekly fees = 2000", "R15: H05 → H12"],
    ),
}


@pytest.mark.parametrize(("asked", "said"), ASKED.values(), ids=ASKED)
def test_a_change_says_who_would_go_where(manager, asked, said):
    text = text_of(manager.post(ASK, {"round": "1", **asked}, follow=True))
    for each in said:
        assert each in text, each
    assert Trail.objects.filter(act="asked", subject="round 1").count() == 1


def test_the_page_of_an_answer_only_shows(
    manager, settings, django_assert_max_num_queries, monkeypatch
):
    places = [manager.post(ASK, {"round": "1", "home": "H17", "home_change": "close"}).url]
    places.append(manager.post("/rounds/1/papers/make/", {"kind": "equity"}).url)
    monkeypatch.setattr(rounds, "match", None)
    for place in places:
        manager.get(place)
        with django_assert_max_num_queries(12):
            assert "round 1" in text_of(manager.get(place))


def test_a_question_is_worked_out_once_and_added_to(manager):
    asked = {"round": "1", "home": "H17", "home_change": "close"}
    first, again = (manager.post(ASK, asked).url for _ in range(2))
    assert first == again
    number = first.strip("/").rpartition("/")[2]
    assert "As well as: H17 is not available" in text_of(manager.get(f"/what-if/?with={number}"))
    more = {"round": "1", "home": "H18", "home_change": "open", "with": number}
    assert "H18 is approved and free" in (text := text_of(manager.post(ASK, more, follow=True)))
    assert "H17 is not available" in text


def test_an_answer_is_of_the_rounds_own_data(manager, user):
    with changing(user("resource_team")) as change:
        row = MODELS["households"].objects.get(household_id="H18")
        change.edit(row, {"status": "approved"}, row.version, "H18")
    assert "does not know of it" in text_of(manager.get("/what-if/"))
    asked = {"round": "1", "home": "H18", "home_change": "open"}
    text = text_of(manager.post(ASK, asked, follow=True))
    assert "R09 → H18 (no household today)" in text
    assert "have changed since it was run" in text


def test_an_answer_says_where_the_round_comes_out_otherwise_now(manager, monkeypatch):
    asked = {"round": "1", "home": "H17", "home_change": "close"}
    assert "comes out otherwise" not in text_of(manager.post(ASK, asked, follow=True))
    monkeypatch.setattr(rounds, "comes_out_again", lambda made: False)
    asked["home"] = "H21"
    assert "comes out otherwise" in text_of(manager.post(ASK, asked, follow=True))


def test_a_change_of_a_large_round_is_a_job(manager, monkeypatch):
    monkeypatch.setattr(rounds, "MANY_REQUESTS", 5)
    asked = {"round": "1", "home": "H17", "home_change": "close"}
    place = manager.post(ASK, asked).url
    assert "It is being worked out" in text_of(manager.get(place))
    work_all()
    assert "R01: H17 → unplaced" in text_of(manager.get(place))


WRONG = {
    "nothing": ({}, "home"),
    "no home": ({"home_change": "close"}, "home"),
    "no change": ({"home": "H17"}, "home_change"),
    "no such home": ({"home": "H99", "home_change": "close"}, "home"),
    "no family": ({"family_change": "without"}, "family"),
    "no home to go to": ({"family": "R01", "family_change": "choose"}, "family_home"),
    "no number": ({"weight.language": "much"}, "weight.language"),
    "no such weight": ({"weight.language": "-3"}, "weight.language"),
}


@pytest.mark.parametrize(("asked", "field"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_leads_to_its_field(manager, asked, field):
    answer = manager.post(ASK, {"round": "1", **asked})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>Error: What if" in " ".join(text.split())
    assert f'href="#{field}"' in text
    assert f'id="{field}"' in text
    assert not Worked.objects.exists()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("each", "18 single changes would better the round"),
        ("next", "No round lies between one and the next"),
    ],
)
def test_what_takes_long_is_a_job_that_says_so(manager, kind, said):
    place = manager.post(ASK, {"round": "1", "kind": kind}).url
    assert "It is being worked out, since" in text_of(manager.get(place))
    work_all()
    assert said in text_of(manager.get(place))


def test_what_could_not_be_worked_out_says_so_and_is_asked_again(manager, monkeypatch):
    def broken(_: object) -> None:
        raise ZeroDivisionError

    whole = worked.KINDS["next"]
    monkeypatch.setitem(worked.KINDS, "next", worked.Kind(whole.title, broken))
    place = manager.post(ASK, {"round": "1", "kind": "next"}).url
    with pytest.raises(ZeroDivisionError):
        work_all()
    assert "It could not be worked out" in text_of(manager.get(place))
    assert manager.post(ASK, {"round": "1", "kind": "next"}).url == place
    assert Worked.objects.get().problem == ""


def test_who_does_not_keep_addresses_gets_no_internal_answer(client_of):
    asked = {"round": "1", "kind": "next", "internal": "yes"}
    assert client_of("panel_adviser").post(ASK, asked).status_code == 404
    place = client_of("team_manager").post(ASK, asked).url
    work_all()
    assert "Internal. It says where" in text_of(client_of("team_manager").get(place))
    assert client_of("panel_adviser").get(place).status_code == 404
    assert client_of("child_social_worker").get(place).status_code == 403


# Papers


def test_a_paper_is_made_once_and_kept(manager, client_of):
    make = "/rounds/1/papers/make/"
    place = manager.post(make, {"kind": "equity"}).url
    assert place == manager.post(make, {"kind": "equity"}).url
    assert "It is being worked out" in text_of(manager.get("/rounds/1/papers/"))
    work_all()
    assert "Did groups of families fare differently?" in text_of(manager.get(place))
    file = manager.get(f"{place}file/")
    assert file["Content-Type"].startswith("text/html")
    assert "sandbox" in file["Content-Security-Policy"]
    assert "script-src 'none'" in file["Content-Security-Policy"]
    assert manager.get(f"{place}file/?save=1")["Content-Disposition"] == 'attachment; filename="equity.html"'  # fmt: skip
    assert Trail.objects.filter(act="took out", subject="round 1").count() == 1
    assert client_of("child_social_worker").get(place).status_code == 403


def test_the_report_in_the_panel_is_that_of_the_command(manager, tmp_path):
    from matcher.report.view import View

    whole = rounds.whole_view(rounds.last())
    assert isinstance(whole, View)
    assert b"".join(whole.json()) == rounds.document(rounds.last())


def test_internal_papers_are_for_who_keeps_addresses(client_of):
    make = "/rounds/1/papers/make/"
    adviser = client_of("panel_adviser")
    assert "internal" not in text_of(adviser.get("/rounds/1/papers/"))
    assert adviser.post(make, {"kind": "workbook_internal"}).status_code == 404
    assert adviser.get("/rounds/1/round.json").status_code == 403
    assert adviser.get("/rounds/1/proof.zip").status_code == 403


def test_a_round_is_proved_again_of_what_is_taken_out(manager, user, tmp_path):
    policy = {"weights": {"language": 31}, "turnaround_days": 9}
    State.objects.update(policy=policy, version=7, title='A "round" of\\ ours')
    made = rounds.run(user("team_manager"), rounds.last())
    answer = manager.get(f"/rounds/{made.number}/proof.zip")
    assert answer["Content-Type"] == "application/zip"
    zipfile.ZipFile(io.BytesIO(answer.content)).extractall(tmp_path)
    record = verification.read_record(tmp_path / "round/round.json")
    inputs, in_force = loading.load(tmp_path / "data", None, None)
    assert inputs.sha256 == made.input_sha256
    assert in_force.sha256 == made.policy_sha256
    assert not verification.check(record, inputs, in_force).breaches
    assert manager.get(f"/rounds/{made.number}/round.json").content == rounds.document(made)
    assert proof.archive(made) == answer.content
    assert Trail.objects.filter(act="took out").count() == 2
