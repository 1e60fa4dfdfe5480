"""The documents that the product drafts, in the order in which they are needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matcher.codes import DRAFTED
from matcher.documents.facts import Facts
from matcher.policy.duties.returning import DOES_NOT_APPLY


@dataclass(frozen=True, slots=True)
class Document:
    """A document: the clauses it answers to, and why it may not apply to a pair ('' = it does).

    `filled_from` names another's template; `second`: the second parent reads it.
    """

    key: str
    clauses: tuple[str, ...]
    left_out: Callable[[Facts], str]
    filled_from: str = ""
    second: bool = False

    @property
    def title(self) -> str:
        """What stands at its head."""
        return DRAFTED[self.key]

    @property
    def template(self) -> str:
        """The name of its template's file, in the package and in a council's own folder."""
        return f"{self.filled_from or self.key}.docx"

    def applies(self, facts: Facts) -> bool:
        """Whether it is drafted for a pair."""
        return not self.left_out(facts)


def _always(facts: Facts) -> str:
    return ""


def _staying_put(facts: Facts) -> str:
    """No rule of a fostering placement is asked of Staying Put, and none of its forms is."""
    return "Staying Put is no fostering placement." if facts.regime == "staying_put" else ""


def _not_a_match(facts: Facts) -> str:
    """Plans are drafted for a household that may take the family, not for one that can't."""
    if said := _staying_put(facts):
        return said
    if facts.confirmed:
        return ""
    if not facts.eligible:
        return f"{facts.household_id} is not eligible for {facts.request_id}: see its match record."
    return facts.held if facts.residential else ""


def _not_for_the_parent(facts: Facts) -> str:
    """Nothing is told to a parent that may not come about."""
    if said := _not_a_match(facts):
        return said
    return f"{facts.held} The parent is told once that is settled." if facts.held else ""


def _not_for_a_second_parent(facts: Facts) -> str:
    """Of two parents each has a page, as one can be free to do what the other is not."""
    return _not_for_the_parent(facts) if facts.second_parent else "No second parent comes."


def _no_order(facts: Facts) -> str:
    if facts.with_parents in ("applies", "not_known"):
        return ""
    return DOES_NOT_APPLY[facts.with_parents].evidence


DOCUMENTS: tuple[Document, ...] = (
    Document(
        "request-record",
        ("PC-A1", "PC-3.3a", "PC-3.3b"),
        _always,
    ),
    Document(
        "match-record",
        ("NMS-15", "PC-5.1g", "PC-5.1k"),
        _staying_put,
    ),
    Document(
        "joint-risk-assessment",
        ("PC-5.1c", "PC-5.1e", "PC-5.3a", "PC-5.3b", "PC-5.3d"),
        _staying_put,
    ),
    Document(
        "placement-with-parents-assessment",
        ("PWP-1e", "PWP-1g", "PWP-1h", "PWP-2a", "PWP-2d", "PWP-2e", "PWP-2f", "PWP-2g", "PWP-3a"),
        _no_order,
    ),
    Document(
        "placement-plan",
        (
            *("PC-A2", "PC-1c", "PC-2.2b", "PC-2.3b", "PC-4.2c", "PC-5.3e", "PC-6.1", "PC-6.3a"),
            *("PC-6.4a", "PC-6.4b", "PC-6.4e", "PC-6.5a", "PC-6.5d"),
        ),
        _not_a_match,
    ),
    Document(
        "for-the-parent",
        ("PC-4.1d", "PC-6.2a", "PC-6.5d"),
        _not_for_the_parent,
    ),
    Document(
        "for-the-second-parent",
        ("PC-4.1d", "PC-6.2a", "PC-6.5d"),
        _not_for_a_second_parent,
        filled_from="for-the-parent",
        second=True,
    ),
)
