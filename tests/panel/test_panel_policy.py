"""The policy in force is read by every role: what differs from what ships stands first."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from filled_panel import ROOT, sign_in

import acts_table
from matcher.panel import rounds
from matcher.panel.acts import Role
from matcher.panel.models import PolicyChange, State, Trail, User
from matcher.policy.rules import RULES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [*Role])
def test_everybody_reads_the_policy(client_of, role):
    text = client_of(role.value).get("/policy/").content.decode()
    assert "Nothing differs from the policy that ships" in text
    assert all(rule.clause in text for rule in RULES)


def test_what_differs_stands_first_with_its_default(client_of):
    State.objects.update(policy={"turnaround_days": 3})
    text = client_of("team_manager").get("/policy/").content.decode()
    assert "Nothing differs" not in text
    assert text.index("3 days") < text.index("Hard rules")


def test_the_page_asks_little(client_of, django_assert_max_num_queries):
    client = client_of("team_manager")
    client.get("/policy/")
    with django_assert_max_num_queries(12):
        client.get("/policy/")


def test_the_page_for_security_officers_says_the_table_of_acts():
    page = (ROOT / "docs" / "panel-security.md").read_text("utf-8")
    assert acts_table.with_table(page) == page, "run tools/make_docs.py"


ASK = {"setting": "turnaround_days", "value": "10", "reason": "Panel of 20 November"}


def written(key: str, value: object) -> dict[str, object]:
    """A change as the policy keeps it: with the reason, the role that agreed, and the day."""
    why = {"reason": ASK["reason"], "decided_by": "Team manager", "on": "2026-11-23"}
    return {key: value, **{f"reasons.{key}.{name}": text for name, text in why.items()}}


@pytest.fixture
def other_manager(db):
    """A second team manager."""
    client = Client()
    sign_in(client, User.objects.create_user("second", "team_manager"))
    return client


def test_a_change_holds_when_another_has_agreed(client_of, other_manager):
    manager, before = client_of("team_manager"), State.objects.get().version
    assert manager.post("/policy/ask/", ASK).status_code == 302
    assert State.objects.get().policy == {}
    number = PolicyChange.objects.get().pk
    manager.post(f"/policy/{number}/agree/")
    assert State.objects.get().policy == {}  # not by oneself
    assert "Panel of 20 November" in other_manager.get("/policy/").content.decode()
    other_manager.post(f"/policy/{number}/agree/")
    state = State.objects.get()
    assert (state.policy, state.version) == (written("turnaround_days", 10), before + 1)
    assert rounds.run(User.objects.get(username="second")).number == rounds.last().number > 1
    other_manager.post(f"/policy/{number}/agree/")  # settled
    assert State.objects.get().version == before + 1
    line = Trail.objects.get(act="changed the policy")
    assert json.loads(line.detail)["cells"] == {"turnaround_days": ["7", "10"]}


def test_a_change_is_turned_down_or_overtaken(client_of, other_manager):
    manager = client_of("team_manager")
    for value in ("10", "11", "12"):
        manager.post("/policy/ask/", {**ASK, "value": value})
    first, second, third = PolicyChange.objects.order_by("pk").values_list("pk", flat=True)
    other_manager.post(f"/policy/{first}/turn-down/")
    other_manager.post(f"/policy/{second}/agree/")
    other_manager.post(f"/policy/{third}/agree/")  # it was 7 when this was asked for
    assert State.objects.get().policy == written("turnaround_days", 11)
    assert other_manager.post(f"/policy/{third}/no-such/").status_code == 404


def test_a_switch_that_rests_on_the_law_is_turned_with_its_reason(client_of, other_manager):
    """What an earlier day set gives way; what a later day will set stays."""
    dated = {"2026-11-20": {"duties": {"child_visit": True}}, "2027-01-01": {"far_miles": 9}}
    State.objects.update(policy={"from": dated})
    ask = {**ASK, "setting": "duties.child_visit", "value": "no"}
    assert client_of("team_manager").post("/policy/ask/", ask).status_code == 302
    other_manager.post(f"/policy/{PolicyChange.objects.get().pk}/agree/")
    kept = {"from.2027-01-01.far_miles": 9}
    assert State.objects.get().policy == kept | written("duties.child_visit", False)
    text = other_manager.get("/policy/").content.decode()
    assert "Switched off by this policy: the duty child visit." in text
    assert "Decided by: Team manager, 23 November 2026. Why: Panel of 20 November." in text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"setting": "no_such"}, "setting"),
        ({"value": "many"}, "value"),
        ({"value": "7"}, "value"),
        ({"value": "-1"}, "value"),
        ({"value": ""}, "value"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 2001}, "reason"),
    ],
)
def test_what_is_wrong_with_a_change_stands_at_its_field(client_of, given, field):
    answer = client_of("team_manager").post("/policy/ask/", {**ASK, **given})
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.content.decode()
