"""Deciding in the panel: tried before it is saved, who was first stays first, one transaction with its traces."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matcher.codes import DUTIES_OF_A_REQUEST
from matcher.panel import deciding, rounds, trail, world
from matcher.panel.deciding import Pair
from matcher.panel.models import Assignment, Signature, State, Trail, User
from matcher.panel.store import PanelStore
from matcher.panel.tables import MODELS, standing
from matcher.rounds import prepare

pytestmark = pytest.mark.django_db
M, C, S = "team_manager", "child_social_worker", "supervising_social_worker"
WEEKS = {"start-day": "1", "start-month": "12", "start-year": "2026"}
END = {"end-day": "1", "end-month": "3", "end-year": "2027"}


def proposed(request_id: str) -> str:
    """The household that round 1 proposes for a family."""
    view = rounds.view(rounds.last())
    (found,) = (each for each in view.requests if each.request_id == request_id)
    return view.home(found)


def rows(table: str, request_id: str) -> list[dict[str, str]]:
    return [e.cells() for e in standing(table) if e.cells()["request_id"] == request_id]


def entries() -> list:
    with PanelStore().reading() as session:
        return session.entries()


@pytest.fixture
def pair() -> Pair:
    """A pair that round 1 proposes and the child's social worker's own."""
    return Pair("R01", proposed("R01"))


def test_a_choice_takes_the_place_of_the_familys_own_of_an_earlier_day(user):
    first, second = Pair("R15", proposed("R15")), Pair("R15", "H33")
    deciding.decide(user(M), first, "choose", State.objects.get().version)
    State.objects.update(day="2026-11-24")
    deciding.decide(user(M), second, "choose", State.objects.get().version)
    chosen = [row["household_id"] for row in rows("decisions", "R15")]
    assert chosen == ["H33"]
    assert Trail.objects.filter(act="replaced", subject=first.subject).count() == 1


@pytest.fixture
def both(user, pair) -> Pair:
    """The same, with the household that of the supervising social worker."""
    Assignment.objects.create(user=user(S), household_id=pair.household_id)
    return pair


def at(pair: Pair, what: str = "") -> str:
    return f"/decide/{pair.request_id}/{pair.household_id}/{what}{'/' if what else ''}"


def since() -> dict[str, str]:
    return {"since": str(State.objects.get().version)}


def settle(user, pair: Pair) -> None:
    """Everything that stands before a confirmation is done."""
    with deciding.changing(user(M)) as change:
        for duty in deciding.before_confirmation(prepare(*world.load(change.state)), pair):
            home = "" if duty.duty in DUTIES_OF_A_REQUEST else pair.household_id
            cells = {"request_id": pair.request_id, "household_id": home, "event": duty.duty}
            change.add("events", {**cells, "on": "2026-11-23", "by": "team manager"}, pair.subject)


def test_a_choice_is_a_row_a_line_of_the_trail_and_an_entry_bound_to_it(client_of, pair):
    before = len(entries())
    answer = client_of(M).post(at(pair, "choose"), {**since(), "note": "file 17"})
    assert answer.status_code == 302
    (row,) = rows("decisions", "R01")
    assert (row["household_id"], row["decision"], row["decided_by"]) == (
        pair.household_id,
        "choose",
        "team manager",
    )
    *_, entry = entries()
    assert len(entries()) == before + 1
    line = Trail.objects.get(act="decided: choose")
    assert entry.content["trail"] == line.hash
    assert not list(trail.breaches())


def test_the_entry_of_a_decision_stands_for_it_in_the_next_round(client_of, user, pair):
    client_of(M).post(at(pair, "choose"), since())
    before = [each.number for each in entries() if each.kind == "decision"]
    made = rounds.run(user(M))
    *_, entry = entries()
    assert entry.number == made.entry == before[-1] + 1  # no second entry of the same decision
    assert before[-1] in entry.content["decisions"]


@pytest.mark.parametrize(
    ("role", "what", "decision"),
    [
        (M, "rule_out", "rule_out"),
        (M, "declined_by_carer", "declined_by_carer"),
        (S, "declined_by_carer", "declined_by_carer"),
        (C, "declined_by_parent", "declined_by_parent"),
    ],
)
def test_a_no_has_a_coded_reason_and_the_role_of_who_is_signed_in(
    client_of, both, role, what, decision
):
    client = client_of(role)
    without = client.post(at(both, what), since())
    assert "Select why" in without.content.decode()
    assert not rows("decisions", "R01")
    until = {"until-day": "24", "until-month": "12", "until-year": "2026"}
    assert client.post(at(both, what), {**since(), **until, "reason": "timing"}).status_code == 302
    (row,) = rows("decisions", "R01")
    assert (row["decision"], row["reason"], row["until"]) == (decision, "timing", "2026-12-24")
    assert row["decided_by"] == role.replace("_", " ").replace("child social", "child's social")


@pytest.mark.parametrize(
    ("role", "what", "status"),
    [
        (C, "choose", 403),
        (S, "choose", 403),
        ("panel_adviser", "choose", 403),
        ("administrator", "", 403),
        (C, "declined_by_carer", 403),
        (S, "declined_by_parent", 403),
        ("resource_team", "sign", 403),
        (C, "countersign", 403),
        (M, "sign", 403),
    ],
)
def test_who_may_not_is_refused_and_it_is_written_down(client_of, both, role, what, status):
    assert client_of(role).post(at(both, what), since()).status_code == status
    assert not rows("decisions", "R01")


@pytest.mark.parametrize(("role", "request_id"), [(C, "R02"), (S, "R02")])
def test_of_somebody_elses_case_there_is_nothing(client_of, role, request_id):
    other = Pair(request_id, "H50")
    assert client_of(role).get(at(other)).status_code == 404
    assert Trail.objects.filter(act__startswith="refused").exists()


def test_of_another_teams_household_a_supervising_social_worker_records_nothing(client_of, both):
    homes = (e.cells() for e in standing("households"))
    other = next(e["household_id"] for e in homes if e["team"] != "North")
    assert client_of(S).get(at(Pair("R01", other))).status_code == 404


def test_what_breaks_a_rule_is_not_saved_and_its_sentence_is_the_error(client_of):
    view = rounds.view(rounds.last())
    request = next(each for each in view.requests if each.ineligible and each.outcome == "proposed")
    other = Pair(request.request_id, request.ineligible[0].household_id)
    before = State.objects.get().version
    answer = client_of(M).post(at(other, "choose"), since())
    text = answer.content.decode()
    assert "There is a problem" in text
    assert f"{other.request_id} with {other.household_id} breaks" in text
    assert text.split("<title>")[1].startswith("Error:")
    assert State.objects.get().version == before
    assert not Trail.objects.filter(act__startswith="decided").exists()


def two_homes():
    """A family that is proposed, and another home that could take it: the request, both pairs."""
    view = rounds.view(rounds.last())
    for request in view.requests:
        others = [
            e for e in request.ranked if e.cost_to_round and e.household_id != view.home(request)
        ]
        if view.outcome(request) == "proposed" and others:
            name = request.request_id
            return request, Pair(name, view.home(request)), Pair(name, others[0].household_id)
    raise AssertionError("the sample has none")


def test_whoever_was_first_stays_first(client_of):
    stale = since()
    _, pair, other = two_homes()
    client_of(M).post(at(pair, "choose"), stale)
    for second, said in (
        (other, "Your decision was not recorded"),
        (pair, "You recorded this already"),
    ):
        answer = client_of(M).post(at(second, "choose"), stale)
        assert answer.status_code == 409
        text = answer.content.decode()
        assert said in text
        assert "choose, Team manager, " in text
    assert [
        e["household_id"] for e in rows("decisions", pair.request_id) if e["decision"] == "choose"
    ] == [pair.household_id]


def test_a_choice_that_an_edit_breaks_is_told_and_stops_nobody_who_decides_on_another(
    client_of, user
):
    client = client_of(M)
    broken = [Pair(name, proposed(name)) for name in ("R01", "R14")]
    for each in broken:
        assert client.post(at(each, "choose"), since()).status_code == 302
    with deciding.changing(user(M)) as change:
        for row in standing("households"):
            if row.household_id in {each.household_id for each in broken}:
                change.edit(row, {"status": "suspended"}, row.version, row.household_id)
    for path in ("/", at(broken[0]), "/families/R01/", f"/homes/{broken[0].household_id}/"):
        text = client.get(path).content.decode()
        assert "The household is suspended. Undo the choice" in text, path
    assert f'href="{at(broken[1])}">R14 and ' in client.get("/").content.decode()
    again = client.post(at(broken[0], "choose"), since())
    assert again.status_code == 200
    assert "breaks approved" in again.content.decode()
    other = Pair("R04", proposed("R04"))
    assert client.post(at(other, "choose"), since()).status_code == 302
    for each in broken:
        (row,) = each.rows("decisions")
        assert client.post(f"{at(each)}take-back/decisions/{row.pk}/").status_code == 302
        assert not each.rows("decisions")
    rounds.run(user(M))


def test_two_sides_sign_and_the_manager_countersigns_once_nothing_holds_it_back(
    client_of, user, both
):
    child, carers, manager = map(client_of, (C, S, M))
    assert child.post(at(both, "sign"), {**WEEKS, **END}).status_code == 302
    early = manager.post(at(both, "countersign"), since()).content.decode()
    assert "Two people sign first" in early
    assert carers.post(at(both, "sign"), {**WEEKS, **END}).status_code == 302
    assert "countersign" in manager.get(at(both)).content.decode()
    held = manager.post(at(both, "countersign"), since()).content.decode()
    assert "open before it can be confirmed" in held
    assert not rows("decisions", "R01")
    settle(user, both)
    assert manager.post(at(both, "countersign"), since()).status_code == 302
    (row,) = rows("decisions", "R01")
    assert (row["decision"], row["started_on"], row["ended_on"]) == (
        "confirmed",
        "2026-12-01",
        "2027-03-01",
    )
    line = Trail.objects.get(act="countersigned")
    assert json.loads(line.detail)["signed_by"] == [user(C).pk, user(S).pk]
    assert manager.post(at(both, "choose"), since()).status_code == 409


def test_signatures_for_other_days_fall(client_of, both):
    client_of(C).post(at(both, "sign"), {**WEEKS, **END})
    client_of(S).post(at(both, "sign"), {**WEEKS, **END, "end-month": "4"})
    (stands,) = deciding.signatures(both)
    assert stands.role == S
    client_of(S).post(at(both, "unsign"))
    assert deciding.signatures(both) == []
    assert Signature.objects.count() == 2


def test_one_person_is_never_both_sides(client_of, user, both):
    client_of(C).post(at(both, "sign"), {**WEEKS, **END})
    User.objects.filter(pk=user(C).pk).update(role=S)
    Assignment.objects.create(user=user(C), household_id=both.household_id)
    client_of(C).post(at(both, "sign"), {**WEEKS, **END})
    assert len(deciding.signatures(both)) == 2
    assert not deciding.both_signed(deciding.signatures(both))


def test_a_family_moves_in_and_its_placement_ends(client_of, user, pair):
    client = client_of(M)
    client_of(C).post(at(pair, "sign"), {**WEEKS, **END})
    tomorrow = {"start-day": "24", "start-month": "11", "start-year": "2026"}
    assert "It has not happened yet" in client.post(at(pair, "moved_in"), tomorrow).content.decode()
    client.post(at(pair, "moved_in"), {**tomorrow, "start-day": "23", **END})
    (row,) = rows("placements", "R01")
    assert (row["started_on"], row["planned_end_on"]) == ("2026-11-23", "2027-03-01")
    made = rounds.run(user(M))
    view = rounds.view(made)
    assert next(e for e in view.requests if e.request_id == "R01").state == "placed"
    version = {"version": "1"}
    client.post(at(pair, "planned_end"), {**version, **END, "end-month": "4"})
    assert rows("placements", "R01")[0]["planned_end_on"] == "2027-04-01"
    gone = {
        "end-day": "23",
        "end-month": "11",
        "end-year": "2026",
        "because": "carers_asked",
        "then": "again",
    }
    assert (
        client.post(at(pair, "ended"), {**version, **gone}).status_code == 409
    )  # somebody was first
    assert client.post(at(pair, "ended"), {"version": "2", **gone}).status_code == 302
    (row,) = rows("placements", "R01")
    assert (row["ended_on"], row["ended_because"]) == ("2026-11-23", "carers_asked")
    inputs, _ = world.load(State.objects.get())
    assert "R01" in inputs.open_ids
    assert deciding.signatures(pair) == []
    assert 'value="choose"' in client.get(at(pair)).content.decode()  # on purpose people still may
    assert client.post(at(pair, "choose"), since()).status_code == 302


def test_the_form_of_an_end_carries_the_version_of_its_row(client_of, pair):
    client = client_of(M)
    day = {"start-day": "23", "start-month": "11", "start-year": "2026"}
    client.post(at(pair, "moved_in"), {**day, **END})
    client.post(at(pair, "planned_end"), {"version": "1", **END, "end-month": "4"})
    shown = client.get(at(pair, "ended")).content.decode()
    assert re.search(r'name="version" value="([^"]*)"', shown)[1] == "2"
    assert re.search(r'name="since" value="([^"]*)"', shown)[1] == since()["since"]


def test_an_end_is_taken_back(client_of, pair):
    client = client_of(M)
    day = {"start-day": "23", "start-month": "11", "start-year": "2026"}
    gone = {"end-day": "23", "end-month": "11", "end-year": "2026", "because": "other"}
    client.post(at(pair, "moved_in"), day)
    row = standing("placements")[-1].pk
    client.post(at(pair, "ended"), {"version": "1", **gone, "then": "closed"})
    assert rows("requests", "R01")[0]["status"] == "closed"
    back = f"{at(pair)}take-back/ended/{row}/"
    assert back in client.get(at(pair)).content.decode()
    assert client_of(C).post(back).status_code == 403
    assert client.post(back).status_code == 302
    assert rows("placements", "R01")[-1]["ended_on"] == rows("requests", "R01")[0]["status"] == ""


def test_two_families_never_live_in_one_home(client_of, pair):
    client = client_of(M)
    day = {"start-day": "23", "start-month": "11", "start-year": "2026"}
    client.post(at(pair, "moved_in"), day)
    other = Pair("R02", pair.household_id)
    assert "runs for this household" in client.post(at(other, "moved_in"), day).content.decode()
    assert not rows("placements", "R02")


def test_it_is_taken_back_within_the_day_by_who_made_it_and_any_day_by_a_manager(
    client_of, user, both, monkeypatch
):
    carers = client_of(S)

    def no() -> int:
        carers.post(at(both, "declined_by_carer"), {**since(), "reason": "timing"})
        return standing("decisions")[-1].pk

    back = f"{at(both)}take-back/decisions/{{}}/"
    assert client_of(C).post(back.format(no())).status_code == 403  # not who made it
    assert carers.post(back.format(standing("decisions")[-1].pk)).status_code == 302
    assert not rows("decisions", "R01")
    made = no()
    # the day after:
    from django.utils import timezone

    real = timezone.localdate()
    monkeypatch.setattr(deciding.timezone, "localdate", lambda: real.replace(year=real.year + 1))
    assert carers.post(back.format(made)).status_code == 403
    assert client_of(M).post(back.format(made)).status_code == 302
    assert not rows("decisions", "R01")
    assert MODELS["decisions"].objects.filter(pk=made, withdrawn_by=user(M).pk).exists()


@pytest.mark.parametrize(
    "what",
    [
        "choose",
        "rule_out",
        "declined_by_carer",
        "declined_by_parent",
        "countersign",
        "moved_in",
        "ended",
        "planned_end",
    ],
)
def test_a_form_with_nothing_in_it_is_answered(client_of, pair, what):
    for given in ({}, {"since": "x", "version": "½", "start-day": "x", "reason": "x"}):
        assert client_of(M).post(at(pair, what), given).status_code in (200, 302, 409)


def test_what_it_changes_is_said_before_it_is_saved(client_of):
    view = rounds.view(rounds.last())
    request, pair, other = two_homes()
    ranked = next(e for e in request.ranked if e.household_id == other.household_id)
    text = client_of(M).get(at(other, "choose")).content.decode()
    assert view.explainer.loss(ranked.cost_to_round, request) in text
    assert "nobody else moves" in client_of(M).get(at(pair, "choose")).content.decode()
    assert (
        f"Next for {pair.request_id} is " in client_of(M).get(at(pair, "rule_out")).content.decode()
    )


def test_what_is_held_already_is_said_before_somebody_chooses(client_of):
    _, pair, other = two_homes()
    client = client_of(M)
    client.post(at(pair, "choose"), since())
    text = client.get(at(other, "choose")).content.decode()
    assert f"{pair.household_id} is held for {pair.request_id}." in text
    assert "Take that back first." in text


@pytest.mark.parametrize("role", [M, "resource_team"])
def test_no_page_says_where_a_withheld_home_is(client_of, role):
    view = rounds.view(rounds.last())
    request = next(e for e in view.requests if e.facts.family["withhold_address"] and e.ranked)
    places = {
        e.cells()["household_id"]: e.cells()["postcode"].split()[0] for e in standing("households")
    }
    client = client_of(role)
    for home in [each.household_id for each in request.ranked][:4]:
        other = Pair(request.request_id, home)
        texts = [client.get(path).content.decode() for path in (at(other), at(other, "moved_in"))]
        texts += [
            client.get(at(other, what)).content.decode()
            for what in ("choose", "rule_out")
            if role == M
        ]
        for text in texts:
            assert not re.search(rf"\b{places[home]}\b|miles", text)
    proposed_pair = Pair(request.request_id, view.home(request))
    assert "Its place is not shown" in client.get(at(proposed_pair)).content.decode()
    for path in (f"/duties/?family={request.request_id}", "/diary/?all=1"):
        text = client.get(path).content.decode()
        hidden = {places[home] for home in view.hidden}
        assert not re.search(rf"\b({'|'.join(hidden)})\b|miles", text)


OURS = 12  # queries of the page itself; what every page asks of its session and its reader comes on top
PAGES = (
    *("/decide/R01/H17/", "/decide/R01/H17/choose/", "/decide/R01/H17/declined_by_parent/"),
    *("/decide/R01/H17/sign/", "/decide/R01/H17/moved_in/", "/duties/", "/duties/?family=R01"),
    *("/diary/", "/documents/", "/documents/R01/H17/", "/placements/"),
)


@pytest.mark.parametrize("role", [M, C, S])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_little_of_the_database(client_of, both, role, path):
    client = client_of(role)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        client.get(path)
    sql = [each["sql"] for each in asked]
    ours = [each for each in sql if 'FROM "panel_' in each and "panel_user" not in each]
    assert len(ours) <= OURS, ours


def test_today_says_who_is_to_sign(client_of, user, both):
    days = {**WEEKS, **END}
    link = f'href="{at(both)}?what='

    def asked(role: str) -> bool:
        return link in client_of(role).get("/").content.decode()

    assert not any(map(asked, (M, C, S)))
    deciding.decide(user(M), both, "choose", State.objects.get().version)
    assert [asked(role) for role in (M, C, S)] == [False, True, True]
    for role in (C, S):
        client_of(role).post(at(both, "sign"), days)
    assert [asked(role) for role in (M, C, S)] == [True, False, False]


def test_a_home_that_somebody_holds_is_not_next(client_of, user):
    """H17 ranks first for R14, and is R01's by a choice."""
    out = Pair("R14", proposed("R14"))
    assert "Next for R14 is H17." in client_of(M).get(at(out, "rule_out")).content.decode()
    deciding.decide(user(M), Pair("R01", "H17"), "choose", State.objects.get().version)
    assert "Next for R14 is H12." in client_of(M).get(at(out, "rule_out")).content.decode()


@pytest.mark.parametrize(
    "name", ["R/14", "R~1", "R~0/1", "R 14", "R#?&%2F", "\N{LATIN SMALL LETTER E WITH ACUTE}"]
)
def test_an_id_of_any_signs_has_its_pages(client_of, pair, name):
    row = MODELS["requests"].objects.get(request_id="R01")
    MODELS["requests"](**{**row.cells(), "request_id": name}).save(force_insert=True)
    for page in ("decide", "documents"):
        path = reverse(page, args=[name, pair.household_id])
        answer = client_of(M).get(path)
        assert answer.status_code == 200, path
        assert f"{name} with" in unescape(answer.content.decode())
