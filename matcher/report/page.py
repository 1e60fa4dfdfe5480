"""The report as one self-contained page: no network, for a screen, a printer and a screen reader."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from matcher.calendar import diary
from matcher.equity import words as equity_words
from matcher.explain import policy_differs, policy_title
from matcher.governance import policy_page
from matcher.policy.duties.form import DONE, NOT_NEEDED
from matcher.record import RequestRecord
from matcher.report import meeting, refusals, summary, tables
from matcher.report.figures import MOST_DOTS, MOST_PAIRS_DRAWN
from matcher.report.terminal import NO_HOME, not_matched
from matcher.report.view import INTERNAL, OUTCOMES, View
from matcher.show.figures import Drawn
from matcher.show.html import environment
from matcher.sizes import MANY_REQUESTS
from matcher.whatif import words as whatif_words
from matcher.words import long_date

MOST_PAGES = MANY_REQUESTS  # requests of a large round with a page of their own
MOST_OPENINGS = 8
WIDE = ("fit_and_blocks",)  # figures that take the whole width of a screen
PRINTED = ("blocks", "map")  # figures that can be read on paper
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
        "internal": INTERNAL if view.internal else "",
        "starts_at": "summary" if view.large else "first",
        "day": long_date(view.as_of),
        "policy": record.round.policy,
        "policy_title": policy_title(record.round.policy),
        "policy_differs": policy_differs(record.round.policy),
        "version": record.round.version,
        "input": record.round.input_sha256,
        "counts": record.counts,
        "not_matched_number": not_matched(record.counts),
        "proven": view.proven(),
        "aims": tables.aims(view),
        "figures": [
            {
                "title": each.title,
                "alt": each.alt,
                "wide": each.name in WIDE,
                "printed": each.name in PRINTED,
                "data": each.base64,
            }
            for each in figures
        ],
        "too_many": f"{pairs:,}" if pairs > MOST_PAIRS_DRAWN else "",
        "crowded": f"{homes:,}" if homes > MOST_DOTS else "",
        "openings": tables.single_changes(view, MOST_OPENINGS),
        "stale_months": f"{view.policy.number('stale_profile_months'):g}",
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
        "blocks": meeting.first_page(view),
        "decisions": meeting.decisions(view),
        "requests": [
            _family(view, each)
            for each in sorted(view.requests, key=lambda one: one.proposal is None)
        ],
        "anchors": _anchors(view.requests),
        "homes": tables.homes(view),
        "closed_homes": tables.closed_homes(view),
        "points": [
            replace(tables.ranked_of(view, each), caption=f"{each.request_id}: points of each fit")
            for each in view.open_requests
            if each.outcome in OUTCOMES and each.ranked
        ],
        "firm": tables.how_firm(view, together=True),
        "no_forecast": whatif_words.NO_FORECAST,
        "keeps": whatif_words.KEEPS if view.solved.prepared.keep is not None else "",
        "next_rounds": tables.next_rounds(view),
        "looking_ahead": view.looking_ahead,
        "todo": meeting.to_do(view),
    }


def _family(view: View, request: RequestRecord) -> dict[str, Any]:
    """What the page of a family says."""
    # The checklist says the same as the line that names it.
    why = [line for line in view.explainer.lines(request) if line.kind != "before"]
    return {
        "id": request.request_id,
        "own_page": request.proposal is not None,
        "home": view.home(request),
        "outcome": view.outcome(request),
        "facts": view.facts(request),
        "position": view.position(request),
        "why": why,
        "compared": meeting.compared(view, request),
        "checklist": meeting.checklist(view, request),
        "met": meeting.names_of(view.duties(request), DONE),
    }


def _anchors(requests: Iterable[RequestRecord]) -> dict[str, str]:
    """Where on the page each request is told of."""
    return {each.request_id: f"request-{at}" for at, each in enumerate(requests, start=1)}


def _some(view: View) -> dict[str, Any]:
    """What a page shows of a large round: counts, and those first that need somebody's attention."""
    paged = summary.for_attention(view)[:MOST_PAGES]
    waits = sum(each.outcome == "unplaced" for each in paged)
    return {
        "no_home": NO_HOME,
        "policy_lines": [line.sentence for line in view.explainer.policy_lines()],
        "before_fostering": [line.sentence for line in view.explainer.before_fostering()],
        "kept": view.kept_lines,
        "dated": diary.section(view.calendar, view.as_of, view.policy, MOST_DATED),
        "first": summary.first([line.sentence for line in view.first], summary.MOST_ALERTS),
        "alerts": summary.first(summary.alerts(view), summary.MOST_ALERTS),
        "warnings": summary.left_open(view),
        "contests": summary.first(view.contests(), summary.MOST_WAITING),
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
    """What the page of a request of a large round says: its duties once a match is proposed."""
    proposal = request.proposal
    matched = request.outcome in OUTCOMES and request.state == "open"
    duties = view.duties(request) if proposal is not None else []
    return {
        "id": request.request_id,
        "outcome": view.outcome(request),
        "facts": view.facts(request),
        "position": view.position(request),
        "proposed": proposal.household_id if proposal else "",
        # The table of duties says the same as the line that names them.
        "why": [line.sentence for line in view.explainer.lines(request) if line.kind != "before"],
        "ranked": tables.ranked_of(view, request) if matched else None,
        "duties": tables.duties_of(request, duties),
        "met": meeting.names_of(duties, DONE),
        "not_needed": meeting.names_of(duties, NOT_NEEDED),
        "nearest": tables.nearest_of(view, request) if matched and not proposal else None,
    }
