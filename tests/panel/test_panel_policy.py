"""The policy in force is read by every role: what differs from what ships stands first."""

from __future__ import annotations

import pytest
from filled_panel import ROOT

import acts_table
from matcher.panel.acts import Role
from matcher.panel.models import State
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
