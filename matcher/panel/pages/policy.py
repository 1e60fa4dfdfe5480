"""The policy in force: what it holds to, what it prefers, in what it differs; and a change by two people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher.errors import WrongInput
from matcher.governance import policy_page
from matcher.panel import policies
from matcher.panel.acts import act
from matcher.panel.html import page, state_of
from matcher.panel.models import User
from matcher.panel.work import changing
from matcher.policy.terms import plain
from matcher.show.table import Table, columns
from matcher.words import label

REFUSED = 422


@act("see_policy")
def policy(request: HttpRequest) -> HttpResponse:
    """The policy as a register, in words, and the changes that wait for a second person."""
    in_force = policies.in_force(state_of(request))
    register = policy_page.record(in_force)
    duties = [
        (f"{label(each['name'])}{policy_page.off(each)}", each["says"], each["who"], "yes" if each["holds"] else "no", each["clause"])
        for each in register["duties"]
    ]  # fmt: skip
    settings = [
        (each["key"], f"{plain(each['value'])} {each['unit']}", each["meaning"], each["source"], each["reason"])
        for each in register["settings"]
    ]  # fmt: skip
    waiting = policies.waiting()
    names = dict(User.objects.values_list("pk", "username")) if waiting else {}
    given = {
        "name": in_force.name,
        "version": in_force.version,
        "said": register["said"],
        "changed": policy_page.changed(register, units=True),
        "rules": policy_page.rules(register),
        "criteria": policy_page.criteria(register),
        "duties": Table("Duties: what somebody has to do", columns("Duty", "It says", "Who", "Holds confirmation", "Clause"), duties),
        "settings": Table("Every setting", columns("Setting", "Here", "It means", "Source", "Why, and from when"), settings),
        "waiting": [
            {
                "number": each.pk,
                "text": f"{each.setting}: {plain(each.was)} → {plain(each.value)}",
                "reason": each.reason,
                "who": names.get(each.asked_by, ""),
                "at": each.asked_at,
                "is_own": each.asked_by == request.user.pk,
            }
            for each in waiting
        ],
    }  # fmt: skip
    return page(request, "policy", given)


@act("change_policy")
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a change of one setting, with the reason."""
    user: Any = request.user
    in_force = policies.in_force(state_of(request))
    given = {name: request.POST.get(name, "").strip() for name in ("setting", "value", "reason")}
    wrong: dict[str, str] = {}
    if request.method == "POST":
        if given["setting"] not in in_force.listed:
            wrong["setting"] = "Choose a setting"
        elif found := policies.problem(in_force, given["setting"], given["value"]):
            wrong["value"] = found
        if not given["reason"] or len(given["reason"]) > policies.LONGEST_REASON:
            wrong["reason"] = f"Say why, in at most {policies.LONGEST_REASON:,} signs"
        if not wrong:
            with changing(user) as change:
                policies.ask(change, given["setting"], given["value"], given["reason"])
            messages.success(request, "Asked for. It holds when another team manager has agreed.")
            return redirect("policy")
    settings = [
        {"value": key, "text": f"{key} (now {plain(in_force.value(key))} {each.unit})"}
        for key, each in in_force.listed.items()
    ]
    shown = {"given": given, "wrong": wrong, "settings": settings}
    return page(request, "policy_ask", shown, status=REFUSED if wrong else 200)


@require_POST
@act("change_policy", looks=False)
def settle(request: HttpRequest, number: int, what: str) -> HttpResponse:
    """Agree to a change that somebody else asked for, or turn it down."""
    user: Any = request.user
    does = {"agree": policies.agree, "turn-down": policies.turn_down}.get(what)
    if does is None:
        raise Http404
    try:
        with changing(user) as change:
            does(change, number)
    except policies.CannotAgree as error:
        messages.error(request, str(error))
    except WrongInput as error:
        first = error.faults[0]
        messages.error(request, f"Nothing was changed: the data forbid it. {first.problem}")
    else:
        done = "It holds from now on: run the round again." if what == "agree" else "Turned down."
        messages.success(request, done)
    return redirect("policy")


urlpatterns = [
    path("policy/", policy, name="policy"),
    path("policy/ask/", ask, name="ask_policy"),
    path("policy/<int:number>/<slug:what>/", settle, name="settle_policy"),
]
