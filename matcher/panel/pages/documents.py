"""Documents: the Word drafts of a family with a household, as versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from matcher.documents.register import DOCUMENTS
from matcher.panel import papers, trail
from matcher.panel import rounds as made_rounds
from matcher.panel.acts import Reach, act, reach
from matcher.panel.answers import at_fields
from matcher.panel.html import download, page
from matcher.panel.models import Paper
from matcher.panel.own import own_requests
from matcher.panel.pages.decide import pair_of
from matcher.panel.papers import NotKept

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@act("make_documents")
def all_documents(request: HttpRequest) -> HttpResponse:
    """The matches of the last round and all that have documents."""
    user: Any = request.user
    made = made_rounds.on_the_table()
    view = made_rounds.view(made) if made else None
    proposed = {
        (each.request_id, home)
        for each in (view.requests if view else ())
        if view is not None and (home := view.home(each)) is not None
    }
    kept = set(Paper.objects.values_list("request_id", "household_id").distinct())
    own = own_requests(user) if reach(user, "make_documents") is Reach.OWN else None
    pairs = sorted(pair for pair in proposed | kept if own is None or pair[0] in own)
    return page(request, "all_documents", {"pairs": pairs, "kept": kept, "made": made})


@act("make_documents")
def documents(request: HttpRequest, request_id: str, household_id: str) -> HttpResponse:
    """The documents of a family with a household."""
    return _page(request, request_id, household_id, [])


def _page(
    request: HttpRequest, request_id: str, household_id: str, faults: list[dict[str, str]]
) -> HttpResponse:
    pair = pair_of(request_id, household_id)
    drafting = papers.last_drafting(pair)
    given = {
        "pair": pair,
        "shelves": papers.shelves(pair),
        "drafting": drafting,
        "waits": papers.waits(drafting),
        "lost": drafting is not None and drafting.done_at is None,
        **at_fields(faults),
    }
    return page(request, "documents", given)


@require_POST
@act("make_documents", looks=False)
def draft(request: HttpRequest, request_id: str, household_id: str) -> HttpResponse:
    """Ask for drafts of a family with a household."""
    user: Any = request.user
    papers.ask(user, pair_of(request_id, household_id))
    return redirect("documents", request_id=request_id, household_id=household_id)


@require_POST
@act("make_documents", looks=False)
def put_back(
    request: HttpRequest, request_id: str, household_id: str, document: str
) -> HttpResponse:
    """Keep a document that somebody worked on as its next version."""
    user: Any = request.user
    if document not in {each.key for each in DOCUMENTS}:
        raise Http404
    pair, file = pair_of(request_id, household_id), request.FILES.get("file")
    field = f"file-{document}"
    if file is None:
        return _page(request, request_id, household_id, [{"text": "Select a file", "field": field}])
    try:
        made = papers.put_back(user, pair, document, file.name or "", file.read())
    except NotKept as wrong:
        return _page(request, request_id, household_id, [{"text": str(wrong), "field": field}])
    messages.success(request, f"Kept as version {made.version}. The next draft brings over what you wrote.")  # fmt: skip
    return redirect("documents", request_id=request_id, household_id=household_id)


@act("make_documents", looks=False)
def document(
    request: HttpRequest, request_id: str, household_id: str, document: str, version: int
) -> HttpResponse:
    """A version of a document, as a Word file."""
    user: Any = request.user
    pair = pair_of(request_id, household_id)
    found = get_object_or_404(
        Paper, request_id=request_id, household_id=household_id, document=document, version=version
    )
    trail.append(user, papers.TOOK_OUT, pair.subject, {"file": found.file_name})
    return download(bytes(found.content), found.file_name, WORD)


@act("make_documents", looks=False)
def together(request: HttpRequest, request_id: str, household_id: str) -> HttpResponse:
    """The last version of each document, in one file."""
    user: Any = request.user
    pair = pair_of(request_id, household_id)
    trail.append(user, papers.TOOK_OUT, pair.subject, {"file": "all"})
    return download(papers.together(pair), f"{request_id}-{household_id}.zip", "application/zip")


_PAIR = "documents/<id:request_id>/<id:household_id>/"
urlpatterns = [
    path("documents/", all_documents, name="all_documents"),
    path(_PAIR, documents, name="documents"),
    path(f"{_PAIR}draft/", draft, name="draft_documents"),
    path(f"{_PAIR}all.zip", together, name="documents_together"),
    path(f"{_PAIR}<str:document>/put-back/", put_back, name="put_document_back"),
    path(f"{_PAIR}<str:document>/<int:version>.docx", document, name="document"),
]
