"""The report as one self-contained page: no network, for a screen, a printer and a screen reader."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any

from matcher.calendar import diary
from matcher.equity import words as equity_words
from matcher.explain import HELD
from matcher.governance import policy_page
from matcher.policy.duties.form import DONE, NOT_NEEDED, DutyWords
from matcher.record import RequestRecord
from matcher.report import refusals, summary, tables
from matcher.report.figures import MOST_DOTS, MOST_PAIRS_DRAWN
from matcher.report.view import Task, View
from matcher.show.figures import Drawn
from matcher.show.html import environment
from matcher.sizes import MANY_REQUESTS
from matcher.whatif import words as whatif_words
from matcher.words import label, long_date

MOST_PAGES = MANY_REQUESTS  # requests of a large round with a page of their own
MOST_OPENINGS = 12
MOST_DATED = 12  # families and days of a large round's calendar that the page shows
MOST_OPEN = 30  # pages of families that wait which are open from the start, and so are printed


def page(view: View, figures: list[Drawn]) -> Iterator[str]:
    """The report of a round, as pieces of one HTML file."""
    name = "report/large.html.j2" if view.large else "report/page.html.j2"
    template = environment().get_template(name)
    some = _some(view) if view.large else _all(view)
    yield from template.stream(**_context(view, figures), **some)


def _context(view: View, figures: list[Drawn]) -> dict[str, Any]:
    """What the page of every round shows."""
    record, register = view.record, view.register()
    homes = record.counts.households
    pairs = record.counts.requests * homes
    return {
        "title": view.title,
        "day": long_date(view.as_of),
        "policy": record.round.policy,
        "version": record.round.version,
        "input": record.round.input_sha256,
        "counts": record.counts,
        "before_fostering": [line.sentence for line in view.explainer.before_fostering()],
        "proven": view.proven(),
        "aims": tables.aims(view),
        "kept": list(view.kept.lines()) if view.kept else [],
        "dated": diary.section(
            view.calendar,
            view.as_of,
            view.solved.prepared.policy,
            MOST_DATED if view.large else None,
        ),
        "figures": [
            {
                "title": each.title,
                "alt": each.alt,
                "data": base64.b64encode(each.png).decode("ascii"),
            }
            for each in figures
        ],
        "too_many": f"{pairs:,}" if pairs > MOST_PAIRS_DRAWN else "",
        "crowded": f"{homes:,}" if homes > MOST_DOTS else "",
        "openings": tables.single_changes(view, MOST_OPENINGS),
        "solved_anew": not view.large,
        "stale_months": f"{view.solved.prepared.policy.number('stale_profile_months'):g}",
        "changed": policy_page.changed(register, units=True),
        "equity": equity_words.context(
            view.groups,
            view.differences,
            view.envies,
            equity_words.notice(view.solved.prepared.inputs.requests, view.requests, view.as_of),
        ),
        "declines": refusals.context(view),
        "rules": policy_page.rules(register),
        "weights": policy_page.criteria(register),
    }


def _all(view: View) -> dict[str, Any]:
    """What a page shows that has room for every request and household."""
    return {
        "alerts": [alert.sentence for alert in view.alerts],
        "warnings": view.warnings,
        "requests": [_rest(view, each) for each in view.requests],
        "anchors": _anchors(view.requests),
        "outcomes": tables.outcomes(view),
        "households": tables.households(view),
        "contests": view.contests(),
        "firm": tables.how_firm(view, together=True),
        "no_forecast": whatif_words.NO_FORECAST,
        "keeps": whatif_words.KEEPS if view.solved.prepared.keep is not None else "",
        "next_rounds": tables.next_rounds(view),
        "todo": [(who, len(tasks), list(_together(tasks))) for who, tasks in view.tasks],
    }


def _anchors(requests: Iterable[RequestRecord]) -> dict[str, str]:
    """Where on the page each request is told of."""
    return {each.request_id: f"request-{at}" for at, each in enumerate(requests, start=1)}


def _together(tasks: list[Task]) -> Iterator[dict[str, Any]]:
    """Tasks of one person as rows of a table: those of a family and a day stand together."""
    for (by, request_id, household_id), alike in groupby(sorted(tasks, key=_whose), key=_whose):
        actions = {(task.action, task.clause): task for task in alike}
        yield {
            "by": "" if by == date.max else long_date(by),
            "request": request_id,
            "household": household_id or None,
            "actions": [
                {
                    "action": task.action,
                    "clause": task.clause,
                    "evidence": "" if task.unrecorded else task.evidence,
                }
                for task in actions.values()
            ],
        }


def _whose(task: Task) -> tuple[date, str, str]:
    return task.by or date.max, task.request_id, task.household_id or ""


def _some(view: View) -> dict[str, Any]:
    """What a page shows of a large round: counts, and those first that need somebody's attention."""
    paged = summary.for_attention(view)[:MOST_PAGES]
    waits = sum(each.outcome == "unplaced" for each in paged)
    return {
        "alerts": summary.first(summary.alerts(view), summary.MOST_ALERTS),
        "warnings": summary.left_open(view),
        "contests": summary.first(view.contests(), summary.MOST_WAITING),
        "firm": [],  # each answer takes its while
        "by_urgency": summary.by_urgency(view),
        "by_region": summary.by_region(view),
        "by_rank": summary.by_rank(view),
        "lowest_fits": summary.lowest_fits(view),
        "who_waits": summary.who_waits(view),
        "not_matched": summary.not_matched(view),
        "todo": summary.todo(view),
        "pages": [_rest(view, each) for each in paged],
        "anchors": _anchors(paged),
        "outcomes": tables.outcomes_in_brief(view),
        "households": tables.proposed_households(view),
        "open": min(waits, MOST_OPEN),
        "by_outcome": summary.households(view),
        "lists": refusals.lists(view),
        "closed_by": summary.closed_by(view),
    }


def _rest(view: View, request: RequestRecord) -> dict[str, Any]:
    """What the page of a request says."""
    proposal = request.proposal
    # A large round's pages are for what needs somebody's attention: the duties of a match come later.
    asked = proposal is not None or (not view.large and request.outcome != "residential")
    duties = view.duties(request) if asked else []
    held = request.outcome in HELD
    firm = view.firm.get(request.request_id)
    return {
        "id": request.request_id,
        "outcome": view.outcome(request),
        "facts": view.facts(request),
        "position": view.position(request),
        "proposed": proposal.household_id if proposal else "",
        # The table of duties says the same as the line that names them.
        "why": [line.sentence for line in view.explainer.lines(request) if line.kind != "before"],
        "ranked": None if held else tables.ranked_of(view, request),
        "duties": tables.duties_of(request, duties),
        "met": _names(duties, DONE),
        "not_needed": _names(duties, NOT_NEEDED),
        "firm": list(whatif_words.firm_lines(firm)) if firm else [],
        "nearest": None if proposal or held else tables.nearest_of(view, request),
    }


def _names(duties: list[DutyWords], status: str) -> str:
    return ", ".join(label(duty.duty) for duty in duties if duty.status == status)
