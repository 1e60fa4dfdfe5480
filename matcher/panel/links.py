"""Where a page leads to: an id in an address, an id in a sentence to its page, and the council's own system."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from django.conf import settings
from django.urls import register_converter, reverse
from markupsafe import Markup, escape

from matcher.panel.models import Round
from matcher.report.view import RoundView
from matcher.show.text import printable


class Id:
    """An id as one part of an address, whatever signs it has: '~1' for '/', and '~0' for '~'."""

    regex = "[^/]+"

    def to_python(self, value: str) -> str:
        """The id of a part."""
        return value.replace("~1", "/").replace("~0", "~")

    def to_url(self, value: str) -> str:
        """The part of an id."""
        return value.replace("~", "~0").replace("/", "~1")


register_converter(Id, "id")
_ID = re.compile(r"([\w-]+)")


def case_link(request_id: str) -> str:
    """Where a family's id leads in the council's own system, '' where the council set nothing."""
    link: str = settings.SET.case_link
    return link.replace("{id}", quote(request_id, safe="")) if link else ""


def linked(text: str, links: Mapping[str, str]) -> Markup:
    """A text in which each id that has a page leads to it."""
    parts = _ID.split(printable(text))
    return Markup("").join(
        Markup('<a class="govuk-link" href="{}">{}</a>').format(links[part], part)
        if at % 2 and part in links
        else escape(part)
        for at, part in enumerate(parts)
    )


def of_round(made: Round, view: RoundView) -> dict[str, str]:
    """The pages of the families and homes that somebody may see, of a round, by id."""
    name = "round_family_internal" if view.internal else "round_family"
    found = {
        each.request_id: reverse(
            name, kwargs={"number": made.number, "request_id": each.request_id}
        )
        for each in view.requests
    }
    return found | {
        each.household_id: reverse("home", kwargs={"household_id": each.household_id})
        for each in view.households
    }
