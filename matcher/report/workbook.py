"""The round as an Excel workbook: filters, frozen headings, real dates and numbers, no formulas."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.equity import words as equity_words
from matcher.report import refusals, summary, tables
from matcher.report.view import INTERNAL, View
from matcher.show import workbook as book
from matcher.show.table import Table, columns


def workbook(view: View) -> bytes:
    """The workbook of a round: its sheets in the order of the page, those that hold nothing left out."""
    sheets = [each for each in _sheets(view) if len(each)]
    if view.large:
        sheets.insert(0, tables.about(view, sheets))
    if not view.internal:
        return book.workbook(view.title, view.as_of, sheets)
    first = Table("Internal", columns("Internal"), [(INTERNAL,)])
    return book.workbook(view.title, view.as_of, [first, *sheets], note=f"INTERNAL. {INTERNAL}")


def _sheets(view: View) -> Iterator[Table]:
    yield summary.every_alert(view)
    yield tables.proposals(view)
    if view.kept is not None:
        yield tables.kept(view.kept)
    yield tables.tasks(view)
    yield tables.screening(view)
    yield tables.ranked(view)
    yield tables.ineligible(view)
    yield tables.takes(view)
    yield tables.households(view)
    yield tables.single_changes(view)
    yield tables.settings(view)
    if view.asks_on:
        yield tables.how_firm(view)
        yield tables.next_rounds(view)
    yield refusals.by_household(view, len(view.refused))
    yield refusals.by_reason(view)
    yield refusals.by_rules(view)
    yield equity_words.who_waits(view.groups)
    yield equity_words.between_groups(view.differences)
    yield equity_words.envy_table(view.envies)
