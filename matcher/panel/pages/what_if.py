"""What if: changes tried on the round that lies on the table, and what each would do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher.errors import Fault, WrongInput
from matcher.panel import rounds, since, worked
from matcher.panel.acts import act, reach
from matcher.panel.html import page, state_of, whole_number
from matcher.panel.links import of_round
from matcher.panel.models import Round, Worked
from matcher.policy.criteria import CRITERIA
from matcher.report.view import INTERNAL
from matcher.whatif import read_options
from matcher.whatif.acts import ACTS
from matcher.words import label, upper_first

FEES, NEW = "limits.weekly_fees", "limits.new_per_team"
OF_A_HOME = {
    "close": "It is not available",
    "open": "It is approved and free",
    "train": "A carer there is trained and assessed",
    "second_carer": "It has a second approved carer",
    "bedroom": "It has one more bedroom",
}
OF_A_FAMILY = {
    "choose": "It goes to this home",
    "rule_out": "It does not go to this home",
    "without": "It is not asked for any more",
}
LIMITS = {FEES: "Most that all weekly fees may add up to (£)", NEW: "Most new placements for one supervising team"}  # fmt: skip


@act("what_if")
def what_if(request: HttpRequest) -> HttpResponse:
    """The form, what was asked of this round before, and the lists that a job makes."""
    made = rounds.on_the_table()
    if made is None:
        return page(request, "what_if_none")
    return _form(request, made, request.GET)


def _form(
    request: HttpRequest,
    made: Round,
    given: QueryDict,
    faults: list[tuple[str, str]] | None = None,
) -> HttpResponse:
    view = rounds.view(made)
    state, user = state_of(request), request.user
    earlier = Worked.objects.defer("file").filter(round=made.number, kind="what_if", done_at__isnull=False, problem="")  # fmt: skip
    shown = {
        "made": made,
        "outdated": since.is_outdated(made, state),
        "families": [each.request_id for each in view.open_requests],
        "homes": [each.household_id for each in view.households],
        "of_a_home": OF_A_HOME,
        "of_a_family": OF_A_FAMILY,
        "limits": LIMITS,
        "criteria": [
            (c.key, upper_first(label(c.key)), f"{c.weight(view.policy):g}") for c in CRITERIA
        ],
        "given": given.dict() | {"family": given.get("family", "")},
        "faults": faults or [],
        "wrong": bool(faults),
        "folded_faults": [each for each in faults or [] if "." in each[0]],
        "kinds": [(key, kind) for key, kind in worked.WHAT_IF.items() if kind.slow],
        "earlier": earlier.order_by("-pk")[:10],
        "keeps_addresses": reach(user, "see_withheld_places") is not None,  # type: ignore[arg-type]
    }
    base = Worked.objects.filter(pk=whole_number(given.get("with"))).first()
    if base is not None and base.kind == "what_if" and base.round == made.number:
        shown["base"] = base
    return page(request, "what_if", shown, status=422 if faults else 200)


@require_POST
@act("what_if", looks=False)
def ask(request: HttpRequest) -> HttpResponse:
    """Try a change of the round on the table, or have a list of changes worked out."""
    user: Any = request.user
    made = get_object_or_404(Round, number=whole_number(request.POST.get("round")))
    kind = request.POST.get("kind", "what_if")
    if kind not in worked.WHAT_IF:
        raise Http404
    internal = request.POST.get("internal") == "yes"
    if internal and reach(user, "see_withheld_places") is None:
        raise Http404
    if worked.WHAT_IF[kind].slow:
        return redirect("what_if_answer", number=worked.ask(user, kind, made, {}, internal=internal).pk)  # fmt: skip
    asked, faults = _asked(request.POST, made)
    if not faults:
        try:
            read_options(asked, *rounds.data(made))
        except WrongInput as wrong:
            faults = [_at(each, request.POST) for each in wrong.faults]
    if faults:
        return _form(request, made, request.POST, faults)
    return redirect("what_if_answer", number=worked.ask(user, kind, made, asked).pk)


def _asked(form: QueryDict, made: Round) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """What a form asks, in the keys of a scenario, added to what stands before it; and its faults."""
    base = Worked.objects.filter(
        pk=whole_number(form.get("with")), kind="what_if", round=made.number
    )
    found: dict[str, Any] = json.loads(base[0].asked) if base else {}
    faults: list[tuple[str, str]] = []

    def add(key: str, text: str) -> None:
        found[key] = list(dict.fromkeys([*found.get(key, []), text]))

    home, change = form.get("home", ""), form.get("home_change", "")
    if change and not home:
        faults.append(("home", "Choose the home that changes."))
    elif home and not change:
        faults.append(("home_change", f"Choose what happens with {home}."))
    elif change in OF_A_HOME:
        add(change, home)
    family, there, change = (form.get(k, "") for k in ("family", "family_home", "family_change"))
    if change and not family:
        faults.append(("family", "Choose the family."))
    elif change in ("choose", "rule_out") and not there:
        faults.append(("family_home", f"Choose the home for {family}."))
    elif change in ("choose", "rule_out"):
        add(change, f"{family}:{there}")
    elif change == "without":
        add(change, family)
    for criterion in CRITERIA:
        _put_number(form, f"weight.{criterion.key}", found, "weight", criterion.key, faults)
    for key in LIMITS:
        _put_number(form, key, found, "policy", key, faults)
    if not found and not faults:
        faults.append(("home", "Choose at least one change."))
    return found, faults


def _put_number(
    form: QueryDict, field: str, found: dict[str, Any], table: str, key: str, faults: list[tuple[str, str]]
) -> None:  # fmt: skip
    text = form.get(field, "").strip().replace(",", "").removeprefix("£")
    if not text:
        return
    try:
        value = float(text)
    except ValueError:
        faults.append((field, f"{upper_first(label(key.rpartition('.')[2]))}: write a number."))
        return
    found.setdefault(table, {})[key] = int(value) if value.is_integer() else value


def _at(fault: Fault, form: Mapping[str, str]) -> tuple[str, str]:
    """The field of a fault of a scenario, and what it says."""
    column = fault.column or ""
    field = "home" if column in OF_A_HOME else "family" if column in ACTS else column
    if column.startswith("weights."):
        field = f"weight.{column.removeprefix('weights.')}"
    return field, f"{label(column.rpartition('.')[2])}: {fault.problem} {fault.fix}"


@act("what_if")
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """What came of a question, or that it is being worked out."""
    found = get_object_or_404(Worked.objects.defer("file"), pk=number, kind__in=worked.WHAT_IF)
    if found.internal and reach(request.user, "see_withheld_places") is None:  # type: ignore[arg-type]
        raise Http404
    made = get_object_or_404(Round, number=found.round)
    return page(request, "worked", shown(request, found, made) | {"again": "ask_what_if"})


def shown(request: HttpRequest, found: Worked, made: Round) -> dict[str, Any]:
    """What the page of an answer shows."""
    kind = worked.KINDS[found.kind]
    return {
        "found": found,
        "made": made,
        "kind": kind,
        "lost": worked.is_lost(found),
        "outdated": since.is_outdated(made, state_of(request)),
        "links": of_round(made, rounds.view(made)),
        "internal": INTERNAL if found.internal else "",
    }


urlpatterns = [
    path("what-if/", what_if, name="what_if"),
    path("what-if/ask/", ask, name="ask_what_if"),
    path("what-if/<int:number>/", answer, name="what_if_answer"),
]
