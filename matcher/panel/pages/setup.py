"""The first minutes of a panel: whether it runs, and the one-time link that makes its first user."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse


@login_not_required
def health(request: HttpRequest) -> HttpResponse:
    """Whether it answers; it tells nothing else."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
def start(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a one-time link: whoever has it sets a password."""
    return HttpResponse(status=501)
