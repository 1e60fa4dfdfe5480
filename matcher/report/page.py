"""The report as one self-contained page: no network, for a screen, a printer and a screen reader."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from itertools import groupby
from typing import Any

from matcher.calendar import diary
from matcher.equity import words as equity_words
from matcher.explain import HELD, clause_of, explain_failed
from matcher.policy.gates import ACCEPTED, MET, NOT_NEEDED, OPEN, DutyWords
from matcher.price_words import each_aim
from matcher.record import Failed, Household, Request
from matcher.report import refusals, summary
from matcher.report.figures import MOST_DOTS, MOST_PAIRS_DRAWN
from matcher.report.view import TONES, Opening, Task, View, is_proposed
from matcher.show.figures import Drawn
from matcher.show.text import printable
from matcher.sizes import MANY_REQUESTS
from matcher.whatif import words as whatif_words
from matcher.words import and_list, label, long_date, upper_first, when

MOST_PAGES = MANY_REQUESTS  # requests of a large round with a page of their own
MOST_OPENINGS = 12
MOST_DATED = 12  # families and days of a large round's calendar that the page shows
MOST_OPEN = 30  # pages of families that wait which are open from the start, and so are printed
RANKED_SHOWN, NEAREST_SHOWN = 8, 3


def page(view: View, figures: list[Drawn]) -> Iterator[str]:
    """The report of a round, as pieces of one HTML file."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("matcher", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    environment.filters["shown"] = _shown
    template = environment.get_template(
        "report/large.html.j2" if view.large else "report/page.html.j2"
    )
    some = _some(view) if view.large else _all(view)
    yield from template.stream(**_context(view, figures), **some)


def _shown(value: str | float | date) -> str:
    if isinstance(value, date):
        return long_date(value)
    if isinstance(value, float):
        return f"{value:,.2f}"
    return value if isinstance(value, str) else f"{value:,}"


def _context(view: View, figures: list[Drawn]) -> dict[str, Any]:
    """What the page of every round shows."""
    record, found = view.record, view.register()
    homes = record.counts.households
    pairs = record.counts.requests * homes
    return {
        "title": view.title,
        "day": long_date(view.as_of),
        "due": long_date(view.due),
        "policy": record.round.policy,
        "version": record.round.version,
        "input": record.round.input_sha256,
        "counts": record.counts,
        "proven": view.proven(),
        "aims": view.aims(),
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
        "criteria": view.criteria(),
        "openings": [
            {
                "household": each.household_id,
                "what": each.what,
                "who": each.who,
                "on": long_date(each.on) if each.on else "",
                "families": and_list(each.families),
                "placed": more_placed(each),
            }
            for each in view.openings[:MOST_OPENINGS]
        ],
        "more_openings": max(len(view.openings) - MOST_OPENINGS, 0),
        "solved_anew": not view.large,
        "stale_months": f"{view.solved.prepared.policy.number('stale_profile_months'):g}",
        "changed": [s for s in found["settings"] if s["value"] != s["default"]],
        "equity": equity_words.context(
            view.groups,
            view.differences,
            view.envies,
            equity_words.notice(view.solved.prepared.inputs.requests, view.requests, view.as_of),
        ),
        "declines": refusals.context(view),
        "rules": [{**rule, "name": label(rule["name"])} for rule in found["rules"]],
        "weights": [
            {**c, "name": label(c["name"]), "weight": f"{c['weight']:g}"} for c in found["criteria"]
        ],
    }


def _all(view: View) -> dict[str, Any]:
    """What a page shows that has room for every request and household."""
    return {
        "alerts": [alert.sentence for alert in view.alerts],
        "warnings": view.warnings,
        "requests": [
            {**_line(view, each), **_rest(view, each), "anchor": f"request-{at}"}
            for at, each in enumerate(view.requests, start=1)
        ],
        "contests": view.contests(),
        "firm": [_firm(each) for each in view.firm.values()],
        "no_forecast": whatif_words.NO_FORECAST,
        "keeps": whatif_words.KEEPS if view.solved.prepared.keep is not None else "",
        "next_rounds": [_next_round(each) for each in view.next_rounds],
        "todo": [(who, len(tasks), list(_together(tasks))) for who, tasks in view.tasks],
        "households": [_household(view, each) for each in view.households],
    }


def _firm(record: dict[str, Any]) -> dict[str, Any]:
    """How firm one proposal is, as a row of a table."""
    return {
        "request": record["request_id"],
        "household": record["household_id"],
        "stays": f"{record['stays']:,} of {record['draws']:,}",
        "turns": whatif_words.turns(record),
        "ties": "; ".join(whatif_words.near_ties(record)),
        "no": whatif_words.without_it(record),
    }


def _next_round(record: dict[str, Any]) -> dict[str, str]:
    """A next-best round, as a row of a table."""
    return {
        "loses": each_aim(record["losses"]),
        "moves": whatif_words.who_moves(record["moves"]),
    }


def _together(tasks: list[Task]) -> Iterator[dict[str, Any]]:
    """Tasks of one person as rows of a table: those of a family and a day stand together."""
    for (by, request_id, household_id), alike in groupby(sorted(tasks, key=_whose), key=_whose):
        actions = {(task.action, task.clause): task for task in alike}
        yield {
            "by": long_date(by),
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
    return task.by, task.request_id, task.household_id or ""


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
        "requests": [_line(view, each) for each in view.requests],
        "pages": [{**_line(view, each), **_rest(view, each)} for each in paged],
        "anchors": {each.request_id: f"request-{at}" for at, each in enumerate(paged, start=1)},
        "open": min(waits, MOST_OPEN),
        "by_outcome": summary.households(view),
        "lists": refusals.lists(view),
        "closed_by": summary.closed_by(view),
        "households": [
            _household(view, each) for each in view.households if each.outcome == "proposed"
        ],
    }


def _household(view: View, household: Household) -> dict[str, Any]:
    day = household.reviewed_on
    return {
        "id": household.household_id,
        "team": household.team,
        "outcome": household.outcome,
        "request": household.request_id,
        "appears": household.appears_in,
        "reviewed": long_date(day) if day else "never",
        "stale": household.household_id in view.stale,
        "closed": ", ".join(map(label, household.closed_by)),
    }


def more_placed(opening: Opening) -> str:
    """How many more families a change places."""
    return "not solved" if opening.placed is None else f"{opening.placed:+}"


def _line(view: View, request: Request) -> dict[str, Any]:
    """A request in one line of a table."""
    proposal = request.proposal
    start = proposal.starts_on if proposal else None
    return {
        "id": request.request_id,
        "needed": when(request.urgency),
        "outcome": view.outcome(request),
        "tone": TONES.get(request.outcome, "stop"),
        "household": proposal.household_id if proposal else None,
        "stale": proposal is not None and proposal.household_id in view.stale,
        "fit": f"{proposal.fit:.2f}" if proposal else None,
        "rank": proposal.rank if proposal else None,
        "start": long_date(start) if start else None,
        "short": view.short(request),
        "open": sum(d.status == OPEN for d in view.duties(request)) if proposal else None,
    }


def _rest(view: View, request: Request) -> dict[str, Any]:
    """What the page of a request says beyond its line."""
    proposal = request.proposal
    # A large round's pages are for what needs somebody's attention: the duties of a match come later.
    asked = proposal is not None or (not view.large and request.outcome != "residential")
    duties = view.duties(request) if asked else []
    held = request.outcome in HELD
    firm = view.firm.get(request.request_id)
    ranked = [
        each
        for at, each in enumerate([] if held else view.ranked(request))
        if at < RANKED_SHOWN or is_proposed(request, each)
    ]
    near = [] if proposal or held else request.ineligible[:NEAREST_SHOWN]
    return {
        "facts": view.facts(request),
        "position": view.position(request),
        "proposed": proposal is not None,
        # The table of duties says the same as the line that names them.
        "why": [line.sentence for line in view.explainer.lines(request) if line.kind != "before"],
        "ranked": [
            {
                "rank": each.rank,
                "id": each.household_id,
                "fit": f"{each.fit:.2f}",
                "points": [p if isinstance(p, str) else f"{p:.2f}" for p in view.points(each)],
                "price": view.price(request, each),
                "chosen": is_proposed(request, each),
                "stale": each.household_id in view.stale,
            }
            for each in ranked
        ],
        "more_ranked": max(request.facts.eligible - len(ranked), 0),
        "gates": [_duty(duty) for duty in duties if duty.status in (OPEN, ACCEPTED)],
        "met": _names(duties, MET),
        "not_needed": _names(duties, NOT_NEEDED),
        "firm": list(whatif_words.firm_lines(firm)) if firm else [],
        "nearest": [
            {
                "id": each.household_id,
                "failed": [_failed(failed) for failed in each.failed],
                "takes": [
                    {
                        "what": take.what,
                        "who": take.who,
                        "rules": take.rules,
                        "on": long_date(take.on) if take.on else "",
                    }
                    for take in view.takes(request, each.household_id)
                ],
            }
            for each in near
        ],
    }


def _failed(failed: Failed) -> dict[str, str]:
    """A rule that a pair fails, as a row of a table."""
    failing = explain_failed(failed)
    return {
        "rule": failed.rule,
        "clause": clause_of(failed),
        "reason": failing.reason,
        "fix": failing.fix,
        "who": failing.who,
    }


def _duty(duty: DutyWords) -> dict[str, str]:
    """A duty as a row of a table, its day in words."""
    return {
        "gate": upper_first(label(duty.duty)),
        "clause": duty.clause,
        "status": duty.status,
        "evidence": duty.evidence,
        "action": duty.action,
        "who": duty.who,
        "by": long_date(duty.due) if duty.due else "",
    }


def _names(duties: list[DutyWords], status: str) -> str:
    return ", ".join(label(duty.duty) for duty in duties if duty.status == status)
