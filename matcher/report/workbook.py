"""The round as an Excel workbook: filters, frozen headings, real dates and numbers, no formulas."""

from __future__ import annotations

from collections.abc import Iterator

from matcher.calendar import diary
from matcher.equity import words as equity_words
from matcher.report import refusals, summary, tables
from matcher.report.view import View
from matcher.show import workbook as book
from matcher.show.table import Table


def workbook(view: View) -> bytes:
    """The workbook of a round."""
    sheets = list(_sheets(view))
    if view.large:
        sheets.insert(0, tables.about(view, sheets))
    return book.workbook(view.title, view.as_of, sheets)


def _sheets(view: View) -> Iterator[Table]:
    yield summary.every_alert(view)
    yield tables.proposals(view)
    if view.kept is not None:
        yield tables.kept(view.kept)
    yield tables.ranked(view)
    yield tables.ineligible(view)
    yield tables.takes(view)
    yield tables.single_changes(view)
    if view.asks_on:
        yield tables.how_firm(view)
        yield tables.next_rounds(view)
    yield tables.tasks(view)
    yield diary.table(view.calendar)
    yield tables.screening(view)
    yield tables.households(view)
    yield refusals.by_household(view, len(view.refused))
    yield refusals.by_reason(view)
    yield refusals.by_rules(view)
    yield equity_words.who_waits(view.groups)
    yield equity_words.between_groups(view.differences)
    yield equity_words.envy_table(view.envies)
    yield tables.settings(view)
