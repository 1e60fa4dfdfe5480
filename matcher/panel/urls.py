"""The addresses of the panel: each file of `pages` says its own."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django.urls import include, path

from matcher.panel import pages

urlpatterns: list[Any] = [path("accounts/", include("allauth.urls"))]
for _module in iter_modules(pages.__path__):
    urlpatterns += import_module(f"{pages.__name__}.{_module.name}").urlpatterns
