"""The round as an Excel workbook: filters, frozen headings, real dates and numbers, no formulas."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from matcher.calendar import diary
from matcher.equity import words as equity_words
from matcher.explain import clause_of, explain_failed
from matcher.price_words import each_aim
from matcher.record import Request
from matcher.report import refusals, summary
from matcher.report.page import more_placed
from matcher.report.view import BEST_SHOWN, View, is_proposed
from matcher.rounds import NEAREST_TOLD
from matcher.show.sheet import Sheet
from matcher.show.text import printable
from matcher.whatif import words as whatif_words
from matcher.whatif.keep import NO_HOUSEHOLD, Keeping
from matcher.words import and_list, label, needed

if TYPE_CHECKING:
    from xlsxwriter import Workbook

LONGEST_CELL = 32_000
WIDEST, NARROWEST = 50, 9
WHY, WIDEST_WHY = "Why", 110
KEPT_SHEET = "Kept"
POINTS_A_LINE, TALLEST = 14.5, 400


def workbook(view: View) -> bytes:
    """The workbook of a round."""
    sheets = list(_sheets(view))
    return sheets_alone(
        view.title, view.as_of, [_about(view, sheets), *sheets] if view.large else sheets
    )


def sheets_alone(title: str, day: date, sheets: Sequence[Sheet]) -> bytes:
    """A workbook of these sheets, made for a day."""
    from xlsxwriter import Workbook

    file = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with Workbook(file, options) as book:
        # The day of the round, not of the writing, so that the same round gives the same file.
        made = datetime.combine(day, datetime.min.time())
        book.set_properties({"title": printable(title), "created": made})
        for sheet in sheets:
            _write(book, sheet)
    return file.getvalue()


def _write(book: Workbook, sheet: Sheet) -> None:
    top = book.add_format(
        {
            "bold": True,
            "bg_color": "#1d2733",
            "font_color": "#ffffff",
            "text_wrap": True,
            "valign": "top",
        }
    )
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    day = book.add_format({"num_format": "d mmmm yyyy", "valign": "top", "align": "left"})
    number = book.add_format({"num_format": "0.00", "valign": "top"})
    page = book.add_worksheet(sheet.name)
    page.freeze_panes(1, 1)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    widths = [len(heading) + 3 for heading in sheet.headings]
    for column, heading in enumerate(sheet.headings):
        page.write_string(0, column, heading, top)
    last = 0
    for last, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            if isinstance(value, date):
                page.write_datetime(last, column, datetime.combine(value, datetime.min.time()), day)
                size = 18
            elif isinstance(value, int | float) and not isinstance(value, bool):
                page.write_number(
                    last, column, value, number if isinstance(value, float) else plain
                )
                size = 8
            else:
                text = printable("" if value is None else str(value))
                text = text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL] + "…"
                page.write_string(last, column, text, plain)
                size = max((len(line) for line in text.split("\n")), default=0) + 2
            widths[column] = max(widths[column], size)
    widths = [
        min(max(width, NARROWEST), WIDEST_WHY if heading == WHY else WIDEST)
        for heading, width in zip(sheet.headings, widths, strict=True)
    ]
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    for at, row in enumerate(sheet.rows, start=1):
        lines = max(map(_lines, row, widths))
        page.set_row(at, min(POINTS_A_LINE * lines + 2, TALLEST))
    page.autofilter(0, 0, last, len(sheet.headings) - 1)


def _lines(value: Any, width: int) -> int:
    """How many lines a cell takes; Excel counts for itself, other programs don't."""
    if not isinstance(value, str):
        return 1
    return sum(max(1, -(-len(line) * 11 // (10 * width))) for line in value.split("\n"))


def _sheets(view: View) -> Iterable[Sheet]:
    requests = view.requests
    yield Sheet(
        "Proposals",
        (
            "Request",
            "Needed",
            "Outcome",
            "Household",
            "Fit",
            "Rank",
            "Start",
            "Held by people",
            "Profile",
            WHY,
        ),
        [_proposal(view, each) for each in requests],
    )
    if view.kept is not None:
        yield _kept(view.kept)
    yield Sheet(
        "Ranked",
        (
            "Request",
            "Rank",
            "Household",
            "Proposed",
            "Profile",
            "Fit",
            *view.criteria(),
            "If this one were chosen",
            "Support that would close gaps",
        ),
        [
            (
                request.request_id,
                each.rank,
                each.household_id,
                "yes" if is_proposed(request, each) else "",
                "stale" if each.household_id in view.stale else "",
                each.fit,
                *view.points(each),
                view.price(request, each),
                "\n".join(f"{label(name)}: {support}" for name, support in view.support(each)),
            )
            for request in requests
            for each in view.ranked(request)
        ],
    )
    yield Sheet(
        "Ineligible",
        (
            "Request",
            "Household",
            "Rules failed",
            "Rule",
            "Reason",
            "What would mend it",
            "Who can grant it",
            "Clause",
        ),
        [
            (
                request.request_id,
                each.household_id,
                len(each.failed),
                label(failed.rule),
                failing.reason,
                failing.fix,
                failing.who,
                clause_of(failed),
            )
            for request in requests
            for each in request.ineligible
            for failed in each.failed
            for failing in (explain_failed(failed),)
        ],
    )
    yield Sheet(
        "What it would take",
        ("Request", "Household", "Changes", "Change", "Who can grant it", "From", "It mends"),
        [
            (
                request.request_id,
                each.household_id,
                len(takes),
                take.what,
                take.who,
                take.on,
                ", ".join(map(label, take.rules)),
            )
            for request in requests
            for each in request.ineligible
            for takes in (view.takes(request, each.household_id),)
            for take in takes
        ],
    )
    yield Sheet(
        "Single changes",
        ("Household", "Change", "Who can grant it", "From", "Opens it to", "More placed"),
        [
            (
                each.household_id,
                each.what,
                each.who,
                each.on,
                and_list(each.families),
                more_placed(each),
            )
            for each in view.openings
        ],
    )
    if view.asks_on:
        yield Sheet(
            "How firm",
            (
                "Request",
                "Household",
                "The same in so many draws",
                "Of",
                "It first changes where one weight moves alone",
                "Near ties",
                "If the household were not available",
            ),
            [
                (
                    each["request_id"],
                    each["household_id"],
                    each["stays"],
                    each["draws"],
                    whatif_words.turns(each),
                    "\n".join(whatif_words.near_ties(each)),
                    whatif_words.without_it(each),
                )
                for each in view.firm.values()
            ],
        )
        yield Sheet(
            "Next-best rounds",
            ("Round", "What it gains (+) or loses (-)", "Who goes elsewhere"),
            [
                (
                    place,
                    each_aim(each["losses"]),
                    whatif_words.who_moves(each["moves"]),
                )
                for place, each in enumerate(view.next_rounds, 2)
            ],
        )
    yield Sheet(
        "To do",
        ("Who", "By", "Request", "Household", "What to do", "As it stands", "Clause", "Done"),
        [
            (
                who,
                task.by,
                task.request_id,
                task.household_id,
                task.action,
                task.evidence,
                task.clause,
                "",
            )
            for who, tasks in view.tasks
            for task in tasks
        ],
    )
    yield diary.sheet(view.calendar)
    yield Sheet(
        "Screening",
        ("Request", "Result", "Finding", "Clause"),
        [
            (request.request_id, label(found.outcome), found.reason, found.clause)
            for request in requests
            for found in request.screening
        ],
    )
    yield Sheet(
        "Households",
        (
            "Household",
            "Team",
            "Outcome",
            "Request",
            "Families it could take",
            "Profile confirmed",
            "Stale",
            "Closed by",
        ),
        [
            (
                each.household_id,
                each.team,
                each.outcome,
                each.request_id,
                each.appears_in,
                each.reviewed_on,
                "stale" if each.household_id in view.stale else "",
                ", ".join(map(label, each.closed_by)),
            )
            for each in view.households
        ],
    )
    for name, grid in (
        ("Declines", refusals.by_household(view, len(view.refused))),
        ("Decline reasons", refusals.by_reason(view)),
        ("Rules in question", refusals.by_rules(view)),
    ):
        yield Sheet(name, grid.headings, grid.rows)
    if view.large:
        said = [("Alert", alert) for alert in summary.alerts(view)]
        said += [("The data leave it open", warning) for warning in view.warnings]
        yield Sheet("Alerts", ("Kind", WHY), said)
    yield Sheet("Who waits", equity_words.HEADINGS, equity_words.rows(view.groups))
    yield Sheet("Between groups", equity_words.COMPARED, equity_words.compared(view.differences))
    yield Sheet("Envy", equity_words.ENVY, equity_words.envy_rows(view.envies))
    found = view.register()
    yield Sheet(
        "Policy",
        ("Setting", "Here", "Default", "Unit", "It means", "Source"),
        [
            (
                s["key"],
                _plain(s["value"]),
                _plain(s["default"]),
                s["unit"],
                s["meaning"],
                s["source"],
            )
            for s in found["settings"]
        ],
    )


def _about(view: View, sheets: list[Sheet]) -> Sheet:
    """What the sheets of a large round hold, and what they leave out."""
    holds = {
        "Proposals": "Every request: who is proposed, or why nobody is.",
        KEPT_SHEET: "Every placement of the earlier round, and every family that keeping moves.",
        "Ranked": f"Of each request the {BEST_SHOWN} best households, and the one that is proposed.",
        "Ineligible": f"Of each family that waits the {NEAREST_TOLD} nearest households.",
        "What it would take": "The least that would make each of those eligible.",
        "Single changes": "Single changes that open a household to a family that waits.",
        "To do": "Every open task.",
        "Calendar": "Every dated task.",
        "Screening": "Every finding of screening.",
        "Households": "Every household.",
        "Declines": "Every household that a match with came to nothing, and what to look at.",
        "Decline reasons": "Why matches came to nothing, by reason.",
        "Rules in question": "The rules whose facts these reasons call in question.",
        "Alerts": "Every alert, and everything that the data leave open.",
        "Who waits": "What came out, by group of families: for the service alone.",
        "Between groups": "Each group against all other families, with 95 % intervals.",
        "Envy": "Pairs that rank each other above what they got, and what the round would lose.",
        "Policy": "Every setting.",
    }
    top = view.solved.prepared.top
    more = f"up to {top} ranked and {top} ineligible households" if top else "every household"
    rest = f"The file round.json has {more} of each request."
    rows = [(sheet.name, holds[sheet.name], len(sheet.rows)) for sheet in sheets]
    return Sheet("About", ("Sheet", "It holds", "Rows"), [*rows, ("More", rest, "")])


def _kept(kept: Keeping) -> Sheet:
    """Each earlier placement, kept or not, and each family that would be elsewhere without it."""
    without = {move.request_id: move.without or NO_HOUSEHOLD for move in kept.moves}
    rows = [(name, was, was, "yes", without.get(name), "") for name, was in kept.kept]
    rows += [
        (x.request_id, x.was, x.now, "no", without.get(x.request_id), x.why) for x in kept.lost
    ]
    known = {row[0] for row in rows}
    rows += [
        (m.request_id, "", m.now, "", m.without, "")
        for m in kept.moves
        if m.request_id not in known
    ]
    headings = ("Request", "Earlier", "Now", "Kept", "If nothing were kept", WHY)
    return Sheet(KEPT_SHEET, headings, sorted(rows, key=lambda row: row[0]))


def _plain(value: Any) -> Any:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def _proposal(view: View, request: Request) -> tuple[Any, ...]:
    proposal = request.proposal
    return (
        request.request_id,
        needed(request.urgency),
        view.outcome(request),
        proposal.household_id if proposal else None,
        proposal.fit if proposal else None,
        proposal.rank if proposal else None,
        proposal.starts_on if proposal else None,
        "yes" if proposal and proposal.pinned else "",
        "stale" if proposal and proposal.household_id in view.stale else "",
        "\n".join(line.sentence for line in view.explainer.lines(request)),
    )
