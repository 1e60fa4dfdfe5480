"""The report as one self-contained page: no network, for a screen, a printer and a screen reader."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import date
from typing import Any

from matcher.codes import words
from matcher.explain import BEFORE, needed
from matcher.policy.gates import OPEN
from matcher.policy.words import written
from matcher.record import Record
from matcher.report.figures import MOST_PAIRS_DRAWN, Drawn
from matcher.report.text import HELD, printable
from matcher.report.view import TONES, View

MOST_PAGES = 200  # requests with a page of their own; the workbook has them all
RANKED_SHOWN, NEAREST_SHOWN = 8, 3


def page(view: View, figures: list[Drawn]) -> Iterator[str]:
    """The report of a round, as pieces of one HTML file."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("matcher", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: printable(value) if type(value) is str else value,
    )
    yield from environment.get_template("page.html.j2").stream(**_context(view, figures))


def _context(view: View, figures: list[Drawn]) -> dict[str, Any]:
    record, found = view.record, view.register()
    requests = [_request(view, each, at) for at, each in enumerate(record["requests"])]
    more = len(requests) - MOST_PAGES
    pairs = record["counts"]["requests"] * record["counts"]["households"]
    households = view.households()
    if more > 0:
        households = [each for each in households if each["appears"] or each["request"]]
    return {
        "title": view.title,
        "day": written(view.as_of),
        "due": written(view.due),
        "policy": record["round"]["policy"],
        "version": record["round"]["version"],
        "input": record["round"]["input_sha256"],
        "alerts": view.alerts,
        "warnings": [fault.sentence() for fault in view.solved.prepared.inputs.warnings],
        "counts": record["counts"],
        "requests": requests,
        "left_out": (
            f"The first {MOST_PAGES} requests have a page here; all are in matches.xlsx."
            if more > 0
            else ""
        ),
        "contests": view.contests(),
        "proven": view.proven(),
        "aims": view.aims(),
        "todo": [
            (who, [{**t, "by": written(date.fromisoformat(str(t["by"])))} for t in tasks])
            for who, tasks in view.tasks()
        ],
        "figures": [
            {
                "title": each.title,
                "alt": each.alt,
                "data": base64.b64encode(each.png).decode("ascii"),
            }
            for each in figures
        ],
        "too_many": f"{pairs:,}" if pairs > MOST_PAIRS_DRAWN else "",
        "criteria": view.criteria(),
        "households": [
            {**each, "reviewed": written(each["reviewed_on"]) if each["reviewed_on"] else "never"}
            for each in households
        ],
        "stale_months": f"{view.solved.prepared.policy.number('stale_profile_months'):g}",
        "changed": [s for s in found["settings"] if s["value"] != s["default"]],
        "rules": [{**rule, "name": words(rule["name"])} for rule in found["rules"]],
        "weights": [
            {**c, "name": words(c["name"]), "weight": f"{c['weight']:g}"} for c in found["criteria"]
        ],
    }


def _request(view: View, request: Record, at: int) -> dict[str, Any]:
    proposal = request["proposal"]
    chosen = proposal["household_id"] if proposal else None
    start = proposal["starts_on"] if proposal else None
    paged = at < MOST_PAGES
    standing = view.gates(request) if proposal else []
    held = request["outcome"] in HELD
    shown = [
        each
        for at, each in enumerate([] if held else view.ranked(request))
        if at < RANKED_SHOWN or each["household_id"] == chosen
    ]
    return {
        "id": request["request_id"],
        "anchor": f"request-{at + 1}",
        "paged": paged,
        "needed": needed(request["urgency"])
        .removeprefix("needed ")
        .replace("in more than", "after"),
        "outcome": view.outcome(request),
        "tone": TONES.get(request["outcome"], "stop"),
        "household": chosen,
        "fit": f"{proposal['fit']:.2f}" if proposal else None,
        "rank": proposal["rank"] if proposal else None,
        "start": written(date.fromisoformat(start)) if start else None,
        "short": view.short(request),
        "facts": view.facts(request) if paged else "",
        # The table of gates says the same as the line that names them.
        "why": [line for line in request["why"] if not line.startswith(BEFORE)] if paged else [],
        "open": sum(gate["status"] == OPEN for gate in standing) if proposal else None,
        "ranked": [
            {
                "rank": each["rank"],
                "id": each["household_id"],
                "fit": f"{each['fit']:.2f}",
                "points": [p if isinstance(p, str) else f"{p:.2f}" for p in view.points(each)],
                "price": view.price(request, each),
                "chosen": each["household_id"] == chosen,
            }
            for each in shown
        ],
        "more_ranked": max(view.eligible(request) - len(shown), 0),
        "gates": [
            {**gate, "gate": words(gate["gate"])} for gate in standing if gate["status"] == OPEN
        ],
        "settled": ", ".join(words(g["gate"]) for g in standing if g["status"] != OPEN),
        "nearest": [
            {"id": each["household_id"], "failed": each["failed"]}
            for each in ([] if proposal or held else request["ineligible"][:NEAREST_SHOWN])
        ],
    }
