"""Families and homes: who sees what, what is tried before it is saved, two people, and drafts."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from django.test import Client
from test_panel_forms import fields_of

from matcher.panel import drafts, world
from matcher.panel.forms import sections
from matcher.panel.models import Assignment, Draft, State, Trail
from matcher.panel.tables import MODELS
from matcher.panel.work import changing

pytestmark = pytest.mark.django_db
NEEDS = "/families/R01/edit/needs/"
IDENTITY = "/families/R01/edit/identity/"


def cells(table: str, **key) -> dict[str, str]:
    """The cells of the row that counts."""
    return MODELS[table].objects.get(withdrawn_at__isnull=True, **key).cells()


def text_of(answer) -> str:
    """The words of a page."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


PAGES = (
    "/families/", "/families/R01/", "/families/new/", NEEDS, "/families/R01/close/", "/homes/",
    "/homes/H17/", "/homes/new/", "/homes/H17/edit/household/", "/homes/H17/carers/new/",
)  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_the_database_at_most_12_times(client_of, path, django_assert_max_num_queries):
    client = client_of("resource_team")
    client.get(path)  # that somebody looked is written once
    with django_assert_max_num_queries(12):
        assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        ("child_social_worker", "/families/R01/", 200),
        ("child_social_worker", "/families/R02/", 404),
        ("child_social_worker", NEEDS, 200),
        ("child_social_worker", "/families/R02/edit/needs/", 404),
        ("child_social_worker", "/homes/H17/", 404),
        ("child_social_worker", "/homes/H17/edit/home/", 403),
        ("supervising_social_worker", "/homes/H01/", 200),  # of the team
        ("supervising_social_worker", NEEDS, 403),
        ("panel_adviser", "/families/R01/", 200),
        ("panel_adviser", NEEDS, 403),
        ("panel_adviser", "/homes/H17/edit/home/", 403),
        ("administrator", "/families/", 403),
        ("administrator", "/homes/", 403),
        ("team_manager", "/families/R99/", 404),
        ("team_manager", "/families/R01/edit/nothing/", 404),
        ("team_manager", "/families/R01/decisions/new/", 404),
        ("team_manager", "/homes/H17/carers/nobody/", 404),
    ],
)
def test_who_may_open_what(client_of, role, path, status):
    assert client_of(role).get(path).status_code == status


def test_the_list_of_a_childs_social_worker_has_their_own_families_alone(client_of):
    said = text_of(client_of("child_social_worker").get("/families/"))
    assert "R01" in said
    assert "R02" not in said


def test_families_stand_by_when_they_are_needed(client_of):
    said = client_of("team_manager").get("/families/").content.decode()
    ids = re.findall(r'href="/families/(R\d+)/"', said)
    live = [i for i in ids if i != "R16"]  # lives in a home, and stands last
    days = [cells("requests", request_id=i)["needed_from"] for i in live]
    assert days == sorted(days)
    assert ids[-1] == "R16"


@pytest.mark.parametrize(("query", "ids"), [("?id=r01", ["R01"]), ("?id=nobody", [])])
def test_a_family_is_found_by_its_id(client_of, query, ids):
    said = client_of("team_manager").get(f"/families/{query}").content.decode()
    assert re.findall(r'href="/families/(R\d+)/"', said) == ids


def test_where_a_home_is_stands_on_its_page_only_for_who_keeps_the_addresses(client_of):
    question = "What is the household&#39;s postcode?"
    assert question in client_of("team_manager").get("/homes/H17/").content.decode()
    assert question not in client_of("panel_adviser").get("/homes/H17/").content.decode()


def test_only_what_the_legal_status_needs_is_asked(client_of):
    client = client_of("team_manager")
    form = client.get("/families/R01/edit/decided/").content.decode()
    asked, _, later = form.partition("Not asked as things stand")
    assert 'name="others_agree"' not in asked
    assert 'name="others_agree"' in later


NEW = {
    "request_id": "R77", "received_on-day": "23", "received_on-month": "11",
    "received_on-year": "2026", "purpose": "assessment", "parent_age": "19",
    "parent_looked_after": "no", "child_born_or_due_on-day": "1", "child_born_or_due_on-month": "11",
    "child_born_or_due_on-year": "2026", "child_legal_status": "interim_care_order",
    "needed_from-day": "1", "needed_from-month": "12", "needed_from-year": "2026",
    "expected_weeks": "12",
}  # fmt: skip


def test_a_new_family_is_recorded_and_is_its_social_workers_own(client_of, user):
    answer = client_of("child_social_worker").post("/families/new/", NEW, follow=True)
    assert answer.redirect_chain[-1][0] == "/families/R77/"
    assert "What is not known yet stands below" in text_of(answer)
    assert cells("requests", request_id="R77")["needed_from"] == "2026-12-01"
    assert Assignment.objects.filter(user=user("child_social_worker"), request_id="R77").exists()
    line = Trail.objects.get(act="added", subject="R77")
    assert json.loads(line.detail)["cells"]["purpose"] == ["", "assessment"]
    inputs, _ = world.load(State.objects.get())
    assert "R77" in inputs.open_ids


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"request_id": "R01"}, "request_id", "This id is there already."),
        ({"request_id": ""}, "request_id", "What is the family&#39;s id? Answer this question."),
        ({"needed_from-day": "31", "needed_from-month": "11"}, "needed_from-day", "no such day"),
        ({"parent_looked_after": "yes"}, "parent_looked_after", "18"),  # with the parent's 19 years
        ({"expected_weeks": ""}, "expected_weeks", "An assessment"),
    ],
)
def test_a_fault_leads_to_its_field_and_nothing_is_recorded(client_of, user, changed, field, said):
    before = State.objects.get().version
    answer = client_of("team_manager").post("/families/new/", NEW | changed)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "<title>Error:" in page.replace("\n", "")
    (href,) = set(re.findall(r'<a href="#([^"]+)">', page)) - {"main-content"}
    assert href == field
    assert f'id="{field}"' in page
    assert said in text_of(answer)
    assert State.objects.get().version == before
    assert Draft.objects.get(user=user("team_manager"), form="/families/new/").cells[
        "parent_age"
    ] == ["19"]


def test_what_was_wrong_before_stops_nobody_from_mending_the_rest(client_of, user):
    with changing(user("team_manager")) as change:
        row = MODELS["requests"].objects.get(request_id="R05")
        change.edit(row, {"parent_looked_after": "yes", "parent_age": "30"}, row.version, "R05")
    client = client_of("team_manager")
    posted = fields_of(client, NEEDS) | {"must_avoid": ["dog"]}
    assert client.post(NEEDS, posted).status_code == 302
    assert cells("requests", request_id="R01")["must_avoid"] == "dog"
    assert "This stops the next round" in text_of(client.get("/families/R05/"))
    assert "This stops the next round" not in text_of(client.get("/families/R01/"))


def test_a_value_far_from_usual_is_asked_about(client_of):
    client = client_of("team_manager")
    path = "/homes/H17/edit/room/"
    answer = client.post(path, fields_of(client, path) | {"bedrooms": ["22"]}, follow=True)
    assert "22" in text_of(answer)
    assert "Is that so?" in text_of(answer)


def test_of_two_who_change_different_answers_both_are_kept(client_of):
    first, second = client_of("team_manager"), client_of("resource_team")
    one, two = fields_of(first, IDENTITY), fields_of(second, IDENTITY)
    assert first.post(IDENTITY, one | {"religion": ["sikh"]}).status_code == 302
    answer = second.post(IDENTITY, two | {"english": ["fluent"]}, follow=True)
    assert "both are kept" in text_of(answer)
    found = cells("requests", request_id="R01")
    assert (found["religion"], found["english"]) == ("sikh", "fluent")


@pytest.mark.parametrize(("choice", "kept"), [("mine", "hindu"), ("now", "sikh")])
def test_of_two_who_change_the_same_the_second_chooses(client_of, choice, kept):
    first, second = client_of("team_manager"), client_of("resource_team")
    one, two = fields_of(first, IDENTITY), fields_of(second, IDENTITY)
    first.post(IDENTITY, one | {"religion": ["sikh"]})
    answer = second.post(IDENTITY, two | {"religion": ["hindu"], "english": ["fluent"]})
    said = text_of(answer)
    assert answer.status_code == 409
    assert "Sikh" in said
    assert "Hindu" in said
    assert "the other change is by Team manager" in said
    assert cells("requests", request_id="R01")["religion"] == "sikh"
    hidden = {
        name: re.search(rf'name="{name}" value="([^"]*)"', answer.content.decode())[1].replace(
            "&#34;", '"'
        )
        for name in ("version", "was", "mine")
    }
    second.post(IDENTITY, hidden | {"choose-religion": choice})
    found = cells("requests", request_id="R01")
    assert (found["religion"], found["english"]) == (kept, "fluent")


def test_what_was_withdrawn_meanwhile_is_said(client_of, user):
    client = client_of("team_manager")
    row = MODELS["risk_assessments"].objects.filter(request_id="R01").first()
    path = f"/families/R01/risk_assessments/{row.pk}/"
    posted = fields_of(client, path)
    assert client.post(f"{path}withdraw/").status_code == 302
    assert client.post(path, posted).status_code == 404
    assert MODELS["risk_assessments"].objects.get(pk=row.pk).withdrawn_at is not None


def test_the_profile_is_confirmed_at_a_click(client_of):
    client_of("team_manager").post("/homes/H12/confirm/")
    assert cells("households", household_id="H12")["reviewed_on"] == "2026-11-23"


def test_a_request_is_closed_and_opened_again(client_of):
    client = client_of("team_manager")
    client.post("/families/R02/close/")
    assert "R02" not in {r.request_id for r in world.load(State.objects.get())[0].families}
    client.post("/families/R02/close/")
    assert cells("requests", request_id="R02")["status"] == ""


def test_a_carer_and_a_relationship_are_recorded_where_they_belong(client_of):
    client = client_of("team_manager")
    client.post("/homes/H17/carers/new/", {"carer_id": "H17-9", "approved": "yes"})
    assert cells("carers", carer_id="H17-9")["household_id"] == "H17"
    client.post("/families/R02/relationships/new/", {"household_id": "H01", "kind": "former_carer"})
    assert cells("relationships", request_id="R02", household_id="H01")["kind"] == "former_carer"
    wrong = client.post(
        "/families/R02/relationships/new/", {"household_id": "H999", "kind": "former_carer"}
    )
    assert wrong.status_code == 400
    assert "no such id" in text_of(wrong)


def test_what_is_typed_outlives_the_session(client_of, user):
    client = client_of("team_manager")
    posted = fields_of(client, NEEDS) | {"must_avoid": ["dog", "cat"]}
    client.logout()
    answer = client.post(NEEDS, posted)
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?next={NEEDS}")
    assert cells("requests", request_id="R01")["must_avoid"] == ""
    client.force_login(user("team_manager"), "allauth.account.auth_backends.AuthenticationBackend")
    assert "was not saved" in text_of(client.get(NEEDS))
    assert NEEDS in client.get("/families/").content.decode()
    again = fields_of(client, f"{NEEDS}?typed=1")
    assert again["must_avoid"] == ["dog", "cat"]
    assert client.post(NEEDS, again).status_code == 302
    assert cells("requests", request_id="R01")["must_avoid"] == "cat;dog"
    assert not Draft.objects.exists()


def test_a_form_of_another_session_is_kept_too(client_of, user):
    posted = fields_of(client_of("team_manager"), NEEDS) | {"must_avoid": ["dog"]}
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(user("team_manager"), "allauth.account.auth_backends.AuthenticationBackend")
    assert strict.post(NEEDS, posted)["Location"] == NEEDS
    assert Draft.objects.get(user=user("team_manager")).form == NEEDS
    without = {name: value for name, value in posted.items() if name != drafts.FIELD}
    answer = strict.post(NEEDS, without)
    assert answer.status_code == 403
    assert "Nothing was recorded." in text_of(answer)


@pytest.mark.parametrize("token", ["", "nonsense", "of another form"])
def test_without_its_own_word_a_form_is_kept_for_nobody(client_of, token):
    client = client_of("team_manager")
    posted = fields_of(client, NEEDS)
    posted[drafts.FIELD] = (
        fields_of(client, IDENTITY)[drafts.FIELD] if token == "of another form" else [token]
    )
    client.logout()
    assert client.post(NEEDS, posted).status_code == 302
    assert not Draft.objects.exists()


def test_a_draft_keeps_no_more_of_a_postcode_than_the_tables_do(client_of):
    client, path = client_of("team_manager"), "/families/R01/edit/places/"
    client.post(
        path, fields_of(client, path) | {"home_postcode": ["NW5 2AB"], "min_miles": ["far"]}
    )
    kept = Draft.objects.get().cells
    assert (kept["home_postcode"], kept["min_miles"]) == (["NW5"], ["far"])
    client.post(path, {drafts.THROW_AWAY: "1"})
    assert not Draft.objects.exists()


def test_what_each_answer_would_change_is_said(client_of):
    said = text_of(client_of("team_manager").get("/families/R08/asks/"))
    assert "Each was tried alone" in said
    assert "Ask" in said


def test_who_saw_and_changed_a_family_is_told_without_values(client_of):
    client_of("panel_adviser").get("/families/R01/")
    client = client_of("team_manager")
    client.post(IDENTITY, fields_of(client, IDENTITY) | {"religion": ["sikh"]})
    said = text_of(client.get("/families/R01/seen/"))
    assert "Panel adviser" in said
    assert "Team manager" in said
    assert "changed religion" in said
    assert "sikh" not in said.casefold()


def test_every_section_has_an_address():
    from django.urls import reverse

    for section in sections("requests"):
        assert reverse("edit_family", args=["R/1", section])  # an id may hold a stroke


@pytest.mark.parametrize("name", ["carer", "risk assessment"])
def test_a_row_that_is_taken_back_is_asked_for_once_more_and_stays_in_the_record(client_of, name):
    client = client_of("team_manager")
    if name == "carer":
        row = MODELS["carers"].objects.filter(household_id="H04").first()
        path = f"/homes/H04/carers/{row.carer_id}/left/"
    else:
        row = MODELS["risk_assessments"].objects.filter(request_id="R01").first()
        path = f"/families/R01/risk_assessments/{row.pk}/withdraw/"
    model = type(row)
    assert client.get(path).status_code == 200
    assert model.objects.get(pk=row.pk).withdrawn_at is None
    assert client.post(path).status_code == 302
    assert model.objects.get(pk=row.pk).withdrawn_at is not None
    assert client.post(path).status_code == 404


def test_who_opens_a_form_has_looked(client_of, user):
    client_of("team_manager").get("/families/R03/edit/risks/")
    line = Trail.objects.get(subject="R03", user=user("team_manager").pk)
    assert line.act == "looked: edit_family"


@pytest.mark.parametrize("name", ["R/1", "R 1?", "new"])
def test_an_id_may_hold_what_addresses_use(client_of, user, name):
    with changing(user("team_manager")) as change:
        for table, key in (("requests", "R02"), ("households", "H17"), ("carers", "H17-1")):
            column = {"requests": "request_id", "households": "household_id"}.get(table, "carer_id")
            row = MODELS[table].objects.get(**{column: key}).cells()
            change.add(
                table,
                row | {column: name, **({"household_id": name} if table == "carers" else {})},
                name,
            )
    client = client_of("team_manager")
    family, home = (f"/{place}/{quote(name, safe='')}/" for place in ("families", "homes"))
    carer = f"{home}carers/{quote(name, safe='')}/"
    for path in (
        "/families/",
        f"{family}edit/needs/",
        "/homes/",
        f"{home}edit/room/",
        f"{carer}left/",
    ):
        assert client.get(path).status_code == 200, path
    if name != "new":
        for path in (family, home, carer):
            assert client.get(path).status_code == 200, path


def test_each_side_signs_a_risk_assessment_for_itself_alone(client_of, user):
    risk = MODELS["risk_assessments"].objects.filter(request_id="R01", household_id="H17").get()
    Assignment.objects.create(user=user("supervising_social_worker"), household_id="H17")
    path = f"/families/R01/risk_assessments/{risk.pk}/"
    child = client_of("child_social_worker")
    assert "Sign it today" not in text_of(child.get("/families/R01/"))  # it is signed
    form = child.get(path).content.decode()
    assert 'name="child_social_worker_on-day"' in form
    assert "supervising_social_worker_on" not in form
    supervising = client_of("supervising_social_worker")
    assert "Sign it today" in text_of(supervising.get("/families/R01/"))
    assert supervising.get(path).status_code == 403
    assert supervising.post(f"{path}sign/").status_code == 302
    assert cells("risk_assessments", pk=risk.pk)["supervising_social_worker_on"] == "2026-11-23"
    assert client_of("team_manager").post(f"{path}sign/").status_code == 403
    of_another = MODELS["risk_assessments"].objects.filter(request_id="R04").get()
    assert (
        supervising.post(f"/families/R04/risk_assessments/{of_another.pk}/sign/").status_code == 404
    )


def test_what_lists_of_features_still_answer_is_said_until_the_first_answer(client_of):
    path, said = "/homes/H17/edit/household/", "list of features answers that"
    client = client_of("team_manager")
    assert said not in text_of(client.get(path))  # the sample asks each by itself
    State.objects.update(absent={"households": ["dogs"]})
    MODELS["households"].objects.update(dogs="")
    answer = text_of(client.get(path))
    assert said in answer
    assert "‘Is there a dog?’" in answer
    client.post(
        "/homes/H01/edit/household/",
        fields_of(client, "/homes/H01/edit/household/") | {"dogs": ["no"]},
    )
    assert said not in text_of(client.get(path))
