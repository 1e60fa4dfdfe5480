"""The policy in force: what it holds to, what it prefers, and in what it differs from what ships."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from matcher.errors import Fault
from matcher.governance import policy_page
from matcher.panel.acts import act
from matcher.panel.html import page, state_of
from matcher.policy.settings import default, override
from matcher.show.table import Table, columns
from matcher.words import label


@act("see_policy")
def policy(request: HttpRequest) -> HttpResponse:
    """The policy as a register, in words."""
    faults: list[Fault] = []
    in_force = override(default(), state_of(request).policy, "the panel", faults)
    register = policy_page.record(in_force)
    duties = [
        (label(each["name"]), each["says"], each["who"], "yes" if each["holds"] else "no", each["clause"])
        for each in register["duties"]
    ]  # fmt: skip
    settings = [
        (each["key"], f"{policy_page.plain(each['value'])} {each['unit']}", each["meaning"], each["source"])
        for each in register["settings"]
    ]  # fmt: skip
    given = {
        "name": in_force.name,
        "version": in_force.version,
        "faults": faults,
        "changed": policy_page.changed(register, units=True),
        "rules": policy_page.rules(register),
        "criteria": policy_page.criteria(register),
        "duties": Table("Duties: what somebody has to do", columns("Duty", "It says", "Who", "Holds confirmation", "Clause"), duties),
        "settings": Table("Every setting", columns("Setting", "Here", "It means", "Source"), settings),
    }  # fmt: skip
    return page(request, "policy", given)


urlpatterns = [
    path("policy/", policy, name="policy"),
]
