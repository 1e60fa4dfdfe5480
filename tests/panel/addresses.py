"""Every address of the panel, from its own table of addresses, with examples in the place of arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from matcher.panel.urls import CLOSED, nothing

# What stands in an address by the name of its argument: one that is there, and one of somebody else
# (other than the child's social worker, whose own family R01 is). A new argument needs a line here.
EXAMPLES: dict[str, str] = {
    "number": "1",
    "request_id": "R01",
    "household_id": "H04",
    "carer_id": "H04-1",
    "document": "match-record",
    "other": "1",
    "person": "all",
    "pk": "1",
    "row": "1",
    "section": "needs",
    "table": "risk_assessments",
    "token": "unknown",
    "version": "1",
    "what": "link",
}
OF_A_HOME = {"section": "room"}  # in an address of a home
OTHERS = {"request_id": "R02", "household_id": "H01"}
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
OF_ALLAUTH = "accounts/"


@dataclass(frozen=True)
class Address:
    """An address: its route, its name, the names of its arguments and the view behind it."""

    route: str
    name: str
    arguments: tuple[str, ...]
    view: Any

    @property
    def act(self) -> str | None:
        """The act of its view, None where it has none."""
        return getattr(self.view, "act", None)

    def path(self, **given: str) -> str:
        """The address as a browser asks for it."""
        said = EXAMPLES | (OF_A_HOME if "household_id" in self.arguments else {}) | given
        return "/" + ARGUMENT.sub(lambda argument: said[argument[1]], self.route)


def addresses() -> list[Address]:
    """Every address, those of allauth too."""
    return [each for each in _of(get_resolver(), "") if each.view is not nothing]


def ours() -> list[Address]:
    """Every address but those of allauth."""
    return [each for each in addresses() if not each.route.startswith(OF_ALLAUTH)]


def pages() -> list[Address]:
    """Every address that somebody may open, those of allauth that the panel uses too."""
    closed = re.compile(CLOSED)
    return [each for each in addresses() if not closed.match(each.route)]


def _of(resolver: URLResolver, before: str) -> Iterator[Address]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern).removeprefix("^")
        if isinstance(each, URLResolver):
            yield from _of(each, route)
        else:
            assert isinstance(each, URLPattern)
            arguments = tuple(each.pattern.converters)
            yield Address(route, each.name or "", arguments, each.callback)
