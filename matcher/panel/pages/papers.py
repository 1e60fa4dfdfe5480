"""Reports: the papers and files of a round, to look at and to take out."""

from __future__ import annotations

from typing import Any

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher.panel import proof, rounds, trail, worked
from matcher.panel.acts import act, reach
from matcher.panel.html import download, page
from matcher.panel.models import Round, Worked
from matcher.panel.pages.what_if import shown
from matcher.sufficiency.remedies import BUDGET

# A paper is one file that holds its own style and figures and runs nothing.
PAPER_POLICY = {"style-src": ["'unsafe-inline'"], "script-src": ["'none'"], "sandbox": True}


@act("see_reports")
def reports(request: HttpRequest) -> HttpResponse:
    """The papers of the round that lies on the table."""
    made = rounds.on_the_table()
    if made is None:
        return page(request, "what_if_none")
    return redirect("round_papers", number=made.number)


@act("see_reports")
def of_round(request: HttpRequest, number: int) -> HttpResponse:
    """What can be made of a round, and what was made."""
    made = get_object_or_404(Round.objects.defer("tables"), number=number)
    done = {
        (each.kind, each.internal): each
        for each in Worked.objects.defer("file", "answer").filter(round=number, kind__in=worked.PAPERS)
    }  # fmt: skip
    keeps = _keeps_addresses(request)
    kinds = [
        (key, kind, done.get((key, kind.internal)))
        for key, kind in worked.PAPERS.items()
        if keeps or not kind.internal
    ]
    return page(request, "papers", {"made": made, "kinds": kinds})


def _keeps_addresses(request: HttpRequest) -> bool:
    user: Any = request.user
    acts = ("see_withheld_places", "take_out")
    return all(reach(user, each) is not None for each in acts)


@require_POST
@act("see_reports", looks=False)
def make(request: HttpRequest, number: int) -> HttpResponse:
    """Have a paper of a round made."""
    user: Any = request.user
    made = get_object_or_404(Round, number=number)
    kind = worked.PAPERS.get(request.POST.get("kind", ""))
    if kind is None or (kind.internal and not _keeps_addresses(request)):
        raise Http404
    key = request.POST["kind"]
    asked = {"budget": BUDGET} if key == "sufficiency" else {}
    found = worked.ask(user, key, made, asked, internal=kind.internal)
    return redirect("paper", number=found.pk)


def _found(request: HttpRequest, number: int) -> Worked:
    found = get_object_or_404(Worked, pk=number, kind__in=worked.PAPERS)
    if found.internal and not _keeps_addresses(request):
        raise Http404
    return found


@act("see_reports")
def paper(request: HttpRequest, number: int) -> HttpResponse:
    """A paper that was made, or that it is being worked out."""
    found = _found(request, number)
    made = get_object_or_404(Round, number=found.round)
    return page(request, "worked", shown(request, found, made) | {"again": "make_paper"})


@csp_replace(PAPER_POLICY)
@act("see_reports", looks=False)
def file(request: HttpRequest, number: int) -> HttpResponse:
    """The file of a paper, to look at or, with ?save, to keep."""
    found = _found(request, number)
    if found.file is None:
        raise Http404
    kind = worked.PAPERS[found.kind]
    save = "save" in request.GET or kind.content != worked.HTML
    return _file(request, f"round {found.round}", kind.file, kind.content, bytes(found.file), save=save)  # fmt: skip


@act("take_out", looks=False)
def record(request: HttpRequest, number: int) -> HttpResponse:
    """The round.json of a round."""
    made = get_object_or_404(Round, number=number)
    return _file(request, f"round {number}", "round.json", "application/json", rounds.document(made), save=True)  # fmt: skip


@act("take_out", looks=False)
def prove(request: HttpRequest, number: int) -> HttpResponse:
    """A round with the tables that it was made of, to be proved again elsewhere."""
    made = get_object_or_404(Round, number=number)
    name = f"round-{number}.zip"
    return _file(request, f"round {number}", name, "application/zip", proof.archive(made), save=True)  # fmt: skip


def _file(
    request: HttpRequest, subject: str, name: str, content: str, whole: bytes, *, save: bool
) -> HttpResponse:
    user: Any = request.user
    trail.append(user, "took out" if save else "looked: see_reports", subject, {"file": name})
    return download(whole, name, content) if save else HttpResponse(whole, content_type=content)


urlpatterns = [
    path("reports/", reports, name="reports"),
    path("rounds/<int:number>/papers/", of_round, name="round_papers"),
    path("rounds/<int:number>/papers/make/", make, name="make_paper"),
    path("rounds/<int:number>/round.json", record, name="round_json"),
    path("rounds/<int:number>/proof.zip", prove, name="round_proof"),
    path("papers/<int:number>/", paper, name="paper"),
    path("papers/<int:number>/file/", file, name="paper_file"),
]
