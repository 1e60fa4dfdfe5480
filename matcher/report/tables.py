"""Every table of a round, once: the page and the workbook pick what they show of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from matcher import explain
from matcher.enter import form
from matcher.explain import clause_of, explain_failed, stays
from matcher.policy.duties.form import ACCEPTED, DutyWords
from matcher.policy.in_force import rules_by_key
from matcher.policy.settings import Policy
from matcher.price_words import each_aim
from matcher.record import Ranked, RequestRecord
from matcher.report.view import BEST_SHOWN, RoundView, View, is_proposed
from matcher.rounds import NEAREST_TOLD
from matcher.show.files import Record
from matcher.show.table import Cell, Column, Kind, Row, Table, columns, day, number, numbers
from matcher.whatif import words as whatif_words
from matcher.whatif.keep import NO_HOUSEHOLD, Keeping
from matcher.words import and_list, label, long_date, needed, upper_first

WHY = Column("Why", widest=110)
PRICE = "If this one were chosen"
STALE = Column("Profile", Kind.BESIDE)
RANKED_SHOWN, NEAREST_SHOWN = 8, 3  # households on the page of a request
FIT: dict[str | Column, Callable[[RequestRecord], Cell]] = {
    number("Fit"): lambda of: of.proposal.fit if of.proposal else None,
    number("Rank"): lambda of: of.proposal.rank if of.proposal else None,
}
HOLDS = {
    "Proposals": "Every request: who is proposed, or why nobody is.",
    "Kept": "Every placement of the earlier round, and every family that keeping moves.",
    "Ranked": f"Of each request the {BEST_SHOWN} best households, and the one that is proposed.",
    "Ineligible": f"Of each family that waits the {NEAREST_TOLD} nearest households.",
    "What it would take": "The least that would make each of those eligible.",
    "Single changes": "Single changes that open a household to a family that waits.",
    "To do": "Every open task.",
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


def about(view: View, tables: list[Table]) -> Table:
    """What the sheets of a large round hold, and what they leave out."""
    top = view.solved.prepared.top
    more = f"up to {top} ranked and {top} ineligible households" if top else "every household"
    rest = f"The file round.json has {more} of each request."
    rows: list[Row] = []
    for each in tables:
        name = each.name or each.caption
        rows.append((name, HOLDS[name], len(each)))
    rows.append(("More", rest, None))
    return Table("About", columns("Sheet", "It holds", numbers("Rows")), rows)


# Requests


def proposals(view: View) -> Table:
    """What came out for every request, with every sentence that says why."""
    return Table.of(
        "Proposals",
        view.requests,
        {
            "Request": lambda of: of.request_id,
            "Needed": lambda of: None if of.state == "placed" else needed(of.urgency),
            "Outcome": view.outcome,
            "Household": view.home,
            **FIT,
            day("Start"): view.starts_on,
            day("Planned end"): _planned_end,
            number("Days late"): _days_late,
            "Held by people": lambda of: "yes" if of.proposal and of.proposal.pinned else None,
            STALE: lambda of: _stale(view, of.proposal.household_id) if of.proposal else None,
            **form.blank(form.DECISIONS),
            WHY: lambda of: [line.sentence for line in view.explainer.lines(of)],
        },
    )


def outcomes(view: View) -> Table:
    """What came out for every request, why in a few words, and how many duties are still open."""

    def still_open(of: RequestRecord) -> int | None:
        if not view.home(of):
            return None
        return sum(duty.before_confirmation for duty in explain.duties_of(of))

    return Table.of(
        "Who is proposed where, who waits, and who lives where",
        view.requests,
        {
            "Request": lambda of: of.request_id,
            "Needed": view.needed,
            Column("Outcome", Kind.TAG): view.outcome,
            "Household": view.home,
            STALE: lambda of: _stale(view, of.proposal.household_id) if of.proposal else None,
            **FIT,
            day("Start"): view.starts_on,
            number("Days late"): _days_late,
            number("Still open"): still_open,
            WHY: view.short,
        },
    )


def _days_late(of: RequestRecord) -> int | None:
    """The days by which a family starts, or by now waits, after it needs a home; None where none."""
    late = of.late_days if of.proposal is None else of.proposal.late_days
    return None if stays(of) else late or None


def _planned_end(of: RequestRecord) -> date | None:
    """The planned end of the placement in which a family lives."""
    return of.facts.living.planned_end_on if of.facts.living else None


def outcomes_in_brief(view: View) -> Table:
    """What came out for every request of a large round, or why nobody is proposed."""
    whole = outcomes(view)
    rows = [
        (
            name,
            needed_when,
            outcome
            if request.proposal
            else f"{outcome}: {why}"
            if request.state == "placed"
            else why,
            f"{household} (profile stale)" if stale else household,
            *rest,
        )
        for request, (name, needed_when, outcome, household, stale, *rest, why) in zip(
            view.requests, whole.rows, strict=True
        )
    ]
    heads = columns(
        "Request",
        "Needed",
        "Outcome",
        "Household",
        numbers("Fit", "Rank"),
        day("Start"),
        numbers("Days late", "Still open"),
    )
    return Table("All requests, and who is proposed where", heads, rows)


def _stale(view: View, household_id: str) -> str | None:
    return "stale" if household_id in view.stale else None


def kept(keeping: Keeping) -> Table:
    """Each earlier placement, kept or not, and each family that would be elsewhere without it."""
    without = {move.request_id: move.without or NO_HOUSEHOLD for move in keeping.moves}
    rows = [(name, was, was, "yes", without.get(name), "") for name, was in keeping.kept]
    rows += [
        (x.request_id, x.was, x.now, "no", without.get(x.request_id), x.why) for x in keeping.lost
    ]
    known = {row[0] for row in rows}
    rows += [
        (m.request_id, "", m.now, "", m.without, "")
        for m in keeping.moves
        if m.request_id not in known
    ]
    heads = columns("Request", "Earlier", "Now", "Kept", "If nothing were kept", WHY)
    rows.sort(key=lambda row: row[0])
    return Table("Kept", heads, rows)


# The households of a request


def ranked(view: View) -> Table:
    """Every eligible household of every request that round.json writes."""
    rows = [
        _ranked_row(view, request, each)
        for request in view.requests
        for each in view.ranked(request)
    ]
    return Table("Ranked", _ranked_columns(view), rows)


def ranked_of(view: View, request: RequestRecord) -> Table:
    """The best eligible households of one request, and the one that is proposed."""
    best = [
        each
        for place, each in enumerate(view.ranked(request))
        if place < RANKED_SHOWN or is_proposed(request, each)
    ]
    more = request.facts.eligible - len(best)
    rest = f" ({more:,} more are in matches.xlsx or round.json)" if more > 0 else ""
    whole = Table(
        f"Eligible households, best first{rest}",
        _ranked_columns(view),
        [_ranked_row(view, request, each) for each in best],
        names_row=2,
    )
    return whole.pick("Rank", "Household", "Profile", "Fit", *view.criteria(), PRICE)


def _ranked_columns(view: View) -> tuple[Column, ...]:
    return columns(
        "Request",
        numbers("Rank"),
        "Household",
        "Proposed",
        STALE,
        numbers("Fit", *view.criteria()),
        PRICE,
        "Support that would close gaps",
        form.DECISIONS,
    )


def _ranked_row(view: View, request: RequestRecord, of: Ranked) -> Row:
    return (
        request.request_id,
        of.rank,
        of.household_id,
        "yes" if is_proposed(request, of) else None,
        _stale(view, of.household_id),
        of.fit,
        *view.points(of),
        view.price(request, of),
        [f"{label(name)}: {support}" for name, support in view.support(of)],
        *(None for _ in form.DECISIONS),
    )


def ineligible(view: View) -> Table:
    """Every rule that every pair fails, with what would mend it."""
    rows = [
        (
            request.request_id,
            each.household_id,
            len(each.failed),
            label(failed.rule),
            failing.reason,
            failing.fix,
            failing.who,
            clause_of(failed, view.policy),
        )
        for request in view.requests
        for each in request.ineligible
        for failed in each.failed
        for failing in (explain_failed(failed, view.policy),)
    ]
    heads = columns(
        "Request",
        "Household",
        numbers("Rules failed"),
        "Rule",
        "Reason",
        "What would mend it",
        "Who can grant it",
        "Clause",
    )
    return Table("Ineligible", heads, rows)


def takes(view: View) -> Table:
    """The fewest changes that would make each household eligible."""
    rows = [
        (
            request.request_id,
            each.household_id,
            len(changes),
            change.what,
            change.who,
            change.on,
            ", ".join(map(label, change.rules)),
        )
        for request in view.requests
        for each in request.ineligible
        for changes in (view.takes(request, each.household_id),)
        for change in changes
    ]
    heads = columns(
        "Request",
        "Household",
        numbers("Changes"),
        "Change",
        "Who can grant it",
        day("From"),
        "It mends",
    )
    return Table("What it would take", heads, rows)


def nearest_of(view: RoundView, request: RequestRecord) -> Table:
    """The nearest households that are not eligible for one request, and what each would take."""
    rows = [
        (
            each.household_id,
            [
                f"{explain_failed(failed, view.policy).reason} ({clause_of(failed, view.policy)})"
                for failed in each.failed
            ],
            [
                f"{change.what} ({change.who}){f' From {long_date(change.on)}.' if change.on else ''}"
                for change in view.takes(request, each.household_id)
            ],
        )
        for each in request.ineligible[:NEAREST_SHOWN]
    ]
    return Table(
        "Nearest of the households that are not eligible, and the least that each would take",
        columns("Household", "What stands in the way", "What it would take"),
        rows,
    )


def duties_of(request: RequestRecord, duties: Iterable[DutyWords]) -> Table:
    """The duties that hold confirmation and are open or accepted."""
    asked = "Before it can be confirmed"
    if request.state == "placed":
        asked = "To be done before the family moved in"
    elif request.proposal is None:
        asked = "Before any match can be confirmed, whatever the household"
    return Table.of(
        asked,
        [duty for duty in duties if duty.holds and (duty.still or duty.status == ACCEPTED)],
        {
            "Check": lambda of: upper_first(label(of.duty)),
            "As it stands": lambda of: of.evidence,
            "Action": lambda of: of.action or None,
            "Who": lambda of: of.who,
            day("By"): lambda of: of.due,
            "Clause": lambda of: of.clause,
        },
    )


def single_changes(view: View, most: int | None = None) -> Table:
    """The single changes that would let most families be placed."""
    more = len(view.openings[most:]) if most else 0
    rest = f" ({more:,} more are in matches.xlsx)" if more else ""
    return Table.of(
        f"Single changes, those first that help who is needed soonest{rest}",
        view.openings[:most],
        {
            "Household": lambda of: of.household_id,
            "Change": lambda of: of.what,
            "Who can grant it": lambda of: of.who,
            day("From"): lambda of: of.on,
            "Opens it to": lambda of: and_list(of.families),
            number("More placed in all"): lambda of: (
                "not solved" if of.placed is None else f"{of.placed:+}"
            ),
        },
        "Single changes",
    )


# What is to do


def tasks(view: View) -> Table:
    """Everything that has to be done, with a column to tick it off."""
    return Table.of(
        "To do",
        [task for _, tasks in view.tasks for task in tasks],
        {
            "Who": lambda of: of.person,
            day("Due"): lambda of: of.by,
            "Request": lambda of: of.request_id,
            "Household": lambda of: of.household_id,
            "What to do": lambda of: of.action,
            "As it stands": lambda of: of.evidence,
            "Clause": lambda of: of.clause,
            **form.blank(form.TICKS),
            form.DUTY: lambda of: of.key,
        },
    )


def screening(view: View) -> Table:
    """Every finding of screening."""
    rows = [
        (request.request_id, label(finding.outcome), finding.reason, finding.clause)
        for request in view.requests
        for finding in request.screening
    ]
    return Table("Screening", columns("Request", "Result", "Finding", "Clause"), rows)


# What else could be


def how_firm(view: View, *, together: bool = False) -> Table:
    """How firm each proposal is that people do not hold; `together` has the draws in one cell."""
    stays = number("The same in so many draws")
    draws: dict[str | Column, Callable[[Record], Cell]] = {
        stays: lambda of: of["stays"],
        number("Of"): lambda of: of["draws"],
    }
    if together:
        draws = {stays: lambda of: f"{of['stays']:,} of {of['draws']:,}"}
    return Table.of(
        "How firm each proposal is against the weights, and what would follow if the household were "
        "not available",
        view.firm.values(),
        {
            "Request": lambda of: of["request_id"],
            "Household": lambda of: of["household_id"],
            **draws,
            "It first changes where one weight moves alone": (
                lambda of: whatif_words.turns(of) or None
            ),
            "Near ties": lambda of: whatif_words.near_ties(of) or None,
            "If the household were not available": whatif_words.without_it,
        },
        "How firm",
    )


def next_rounds(view: View) -> Table:
    """The next-best whole rounds."""
    return Table.of(
        "The next-best whole rounds, against the proposal",
        enumerate(view.next_rounds, 2),
        {
            number("Round"): lambda of: of[0],
            "What it gains (+) or loses (-)": lambda of: each_aim(of[1]["losses"]),
            "Who goes elsewhere": lambda of: whatif_words.who_moves(of[1]["moves"]),
        },
        "Next-best rounds",
    )


def aims(view: View) -> Table:
    """What the round reaches in each aim."""
    return Table.of(
        "The aims, in order: each counts only where all before it are equal",
        view.aims(),
        {
            "Aim": lambda of: of["name"],
            number("Reached"): lambda of: of["value"],
            number("Most that can be"): lambda of: of["bound"],
            "Proven": lambda of: "yes" if of["optimal"] else "no",
        },
    )


# Households and the policy


def households(view: View) -> Table:
    """Every household, and how many families it could take."""
    every = view.households
    return Table.of(
        f"{len(every):,} of {view.record.counts.households:,} households, and how many families each "
        "could take",
        every,
        {
            "Household": lambda of: of.household_id,
            Column("Team", missing="not known"): lambda of: of.team,
            "Outcome": lambda of: label(of.outcome),
            "Request": lambda of: of.request_id,
            Column("Could start from", Kind.DAY, missing="nobody can say"): lambda of: (
                "–" if of.outcome == "closed" else of.free_from
            ),
            number("Could take"): lambda of: of.appears_in,
            Column("Profile confirmed", Kind.DAY, missing="no day recorded"): lambda of: (
                of.reviewed_on
            ),
            Column("Stale", Kind.BESIDE): lambda of: _stale(view, of.household_id),
            "Why it is closed": lambda of: (
                lacks(view.policy, of.closed_by) if of.closed_by else None
            ),
        },
        "Households",
    )


def homes(view: View) -> Table:
    """The households that are not closed to every family."""
    every = households(view)
    rows = [row for row in every.rows if row[2] != "closed"]
    caption = f"{len(rows):,} households that are proposed, kept, occupied or free, and how many families each could take"
    shown = list(every.headings[:-1])
    if not any(each.team for each in view.households):
        shown.remove("Team")
    return replace(every, caption=caption, rows=rows).pick(*shown)


def lacks(policy: Policy, rules: Iterable[str]) -> str:
    """Rules that close a household, in words."""
    known = rules_by_key(policy)
    return and_list(known[key].lack for key in rules)


def closed_homes(view: View) -> Table:
    """The households that are closed to every family, by what closes them."""
    found: dict[tuple[str, ...], list[str]] = {}
    for each in view.households:
        if each.outcome == "closed":
            found.setdefault(each.closed_by, []).append(each.household_id)
    rows = [
        (upper_first(lacks(view.policy, rules)), len(homes), ", ".join(homes))
        for rules, homes in sorted(found.items(), key=lambda each: (len(each[0]), each[1]))
    ]
    heads = columns("Why", numbers("Households"), "Which")
    return Table("Households that are closed to every family, and why", heads, rows)


def proposed_households(view: View) -> Table:
    """The households that are proposed."""
    every = households(view)
    proposed = [row for row in every.rows if row[2] == "proposed"]
    return replace(every, caption="Households that are proposed", rows=proposed).pick(
        "Household", "Team", "Request", "Could take", "Profile confirmed", "Stale"
    )


def settings(view: View) -> Table:
    """Every setting of the policy in use."""
    return Table.of(
        "Policy",
        view.register()["settings"],
        {
            "Setting": lambda of: of["key"],
            "Here": lambda of: _yes_no(of["value"]),
            "Default": lambda of: _yes_no(of["default"]),
            "Unit": lambda of: of["unit"],
            "It means": lambda of: of["meaning"],
            "Source": lambda of: of["source"],
            "Why, and from when": lambda of: of["reason"],
        },
    )


def _yes_no(value: str | float) -> str | float:
    return ("yes" if value else "no") if isinstance(value, bool) else value
