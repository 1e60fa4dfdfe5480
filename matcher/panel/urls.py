"""The addresses of the panel: each file of `pages` says its own."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path

from matcher.panel import pages


@login_not_required
def nothing(request: HttpRequest, **_: Any) -> HttpResponse:
    """There is no such page."""
    raise Http404


# Pages of allauth that the panel does without: nobody signs up, and it sends no mail.
CLOSED = r"^accounts/(?:signup|email|confirm-email|password/(?:set|reset)|login/code|reauthenticate/code)/"
urlpatterns: list[Any] = [
    re_path(CLOSED, nothing),
    path("accounts/", include("allauth.urls")),
]
for _module in iter_modules(pages.__path__):
    urlpatterns += import_module(f"{pages.__name__}.{_module.name}").urlpatterns
