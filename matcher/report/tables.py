"""Every table of a round, once: the page and the workbook pick what they show of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from matcher.explain import clause_of, explain_failed
from matcher.policy.gates import ACCEPTED, OPEN, DutyWords
from matcher.price_words import each_aim
from matcher.record import Ranked, Request
from matcher.report.view import BEST_SHOWN, View, is_proposed
from matcher.rounds import NEAREST_TOLD
from matcher.show.table import Cell, Column, Kind, Row, Table, columns, days, numbers
from matcher.whatif import words as whatif_words
from matcher.whatif.keep import NO_HOUSEHOLD, Keeping
from matcher.words import and_list, label, long_date, needed, upper_first, when

WHY = Column("Why", widest=110)
PRICE = "If this one were chosen"
STALE = Column("Profile", Kind.BESIDE)
RANKED_SHOWN, NEAREST_SHOWN = 8, 3  # households on the page of a request
HOLDS = {
    "Proposals": "Every request: who is proposed, or why nobody is.",
    "Kept": "Every placement of the earlier round, and every family that keeping moves.",
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
    rows = []
    for request in view.requests:
        household, stale, *fit_rank_start = _place(view, request)
        pinned = request.proposal is not None and request.proposal.pinned
        rows.append(
            (
                request.request_id,
                needed(request.urgency),
                view.outcome(request),
                household,
                *fit_rank_start,
                "yes" if pinned else None,
                stale,
                [line.sentence for line in view.explainer.lines(request)],
            )
        )
    heads = columns(
        "Request",
        "Needed",
        "Outcome",
        "Household",
        numbers("Fit", "Rank"),
        days("Start"),
        "Held by people",
        STALE,
        WHY,
    )
    return Table("Proposals", heads, rows)


def outcomes(view: View) -> Table:
    """What came out for every request, why in a few words, and how many duties are still open."""
    rows = [
        (
            request.request_id,
            when(request.urgency),
            view.outcome(request),
            *_place(view, request),
            sum(duty.status == OPEN for duty in view.duties(request)) if request.proposal else None,
            view.short(request),
        )
        for request in view.requests
    ]
    heads = columns(
        "Request",
        "Needed",
        Column("Outcome", Kind.TAG),
        "Household",
        STALE,
        numbers("Fit", "Rank"),
        days("Start"),
        numbers("Still open"),
        WHY,
    )
    return Table("Who is proposed where, and who waits", heads, rows)


def outcomes_in_brief(view: View) -> Table:
    """What came out for every request of a large round, or why nobody is proposed."""
    whole = outcomes(view)
    rows = [
        (
            name,
            needed_when,
            outcome if request.proposal else why,
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
        days("Start"),
        numbers("Still open"),
    )
    return Table("All requests, and who is proposed where", heads, rows)


def _place(view: View, request: Request) -> tuple[Cell, ...]:
    """The proposed household, whether its profile is stale, its fit and rank, and the start."""
    if (proposal := request.proposal) is None:
        return (None,) * 5
    name = proposal.household_id
    return (name, _stale(view, name), proposal.fit, proposal.rank, proposal.starts_on)


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
    return Table("Kept", heads, sorted(rows, key=lambda row: row[0]))


# The households of a request


def ranked(view: View) -> Table:
    """Every eligible household of every request that round.json writes."""
    rows = [
        _ranked_row(view, request, each)
        for request in view.requests
        for each in view.ranked(request)
    ]
    return Table("Ranked", _ranked_columns(view), rows)


def ranked_of(view: View, request: Request) -> Table:
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
    )


def _ranked_row(view: View, request: Request, of: Ranked) -> Row:
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
            clause_of(failed),
        )
        for request in view.requests
        for each in request.ineligible
        for failed in each.failed
        for failing in (explain_failed(failed),)
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
        days("From"),
        "It mends",
    )
    return Table("What it would take", heads, rows)


def nearest_of(view: View, request: Request) -> Table:
    """The nearest households that are not eligible for one request, and what each would take."""
    rows = [
        (
            each.household_id,
            [f"{explain_failed(failed).reason} ({clause_of(failed)})" for failed in each.failed],
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


def duties_of(request: Request, duties: Iterable[DutyWords]) -> Table:
    """The duties of one request that are open or accepted."""
    asked = "Before it can be confirmed"
    if request.proposal is None:
        asked = "Before any match can be confirmed, whatever the household"
    rows = [
        (
            upper_first(label(duty.duty)),
            duty.evidence,
            duty.action or None,
            duty.who,
            duty.due,
            duty.clause,
        )
        for duty in duties
        if duty.status in (OPEN, ACCEPTED)
    ]
    heads = columns("Check", "As it stands", "Action", "Who", days("By"), "Clause")
    return Table(asked, heads, rows)


def single_changes(view: View, most: int | None = None) -> Table:
    """The single changes that would let most families be placed."""
    caption = "Single changes, those first that place most families"
    more = len(view.openings[most:]) if most else 0
    rows = [
        (
            each.household_id,
            each.what,
            each.who,
            each.on,
            and_list(each.families),
            "not solved" if each.placed is None else f"{each.placed:+}",
        )
        for each in view.openings[:most]
    ]
    heads = columns(
        "Household",
        "Change",
        "Who can grant it",
        days("From"),
        "Opens it to",
        numbers("More placed"),
    )
    return Table(
        f"{caption} ({more:,} more are in matches.xlsx)" if more else caption,
        heads,
        rows,
        name="Single changes",
    )


# What is to do


def tasks(view: View) -> Table:
    """Everything that has to be done, with a column to tick it off."""
    rows = [
        (
            who,
            task.by,
            task.request_id,
            task.household_id,
            task.action,
            task.evidence,
            task.clause,
            None,
        )
        for who, tasks in view.tasks
        for task in tasks
    ]
    heads = columns(
        "Who",
        days("By"),
        "Request",
        "Household",
        "What to do",
        "As it stands",
        "Clause",
        "Done",
    )
    return Table("To do", heads, rows)


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
    rows = [
        (
            each["request_id"],
            each["household_id"],
            *(
                (f"{each['stays']:,} of {each['draws']:,}",)
                if together
                else (each["stays"], each["draws"])
            ),
            whatif_words.turns(each) or None,
            whatif_words.near_ties(each) or None,
            whatif_words.without_it(each),
        )
        for each in view.firm.values()
    ]
    heads = columns(
        "Request",
        "Household",
        numbers("The same in so many draws", *(() if together else ("Of",))),
        "It first changes where one weight moves alone",
        "Near ties",
        "If the household were not available",
    )
    caption = (
        "How firm each proposal is against the weights, and what would follow if the household were "
        "not available"
    )
    return Table(caption, heads, rows, name="How firm")


def next_rounds(view: View) -> Table:
    """The next-best whole rounds."""
    rows = [
        (place, each_aim(each["losses"]), whatif_words.who_moves(each["moves"]))
        for place, each in enumerate(view.next_rounds, 2)
    ]
    heads = columns(numbers("Round"), "What it gains (+) or loses (-)", "Who goes elsewhere")
    caption = "The next-best whole rounds, against the proposal"
    return Table(caption, heads, rows, name="Next-best rounds")


def aims(view: View) -> Table:
    """What the round reaches in each aim."""
    rows = [
        (each["name"], each["value"], each["bound"], "yes" if each["optimal"] else "no")
        for each in view.aims()
    ]
    return Table(
        "The aims, in order: each counts only where all before it are equal",
        columns("Aim", numbers("Reached", "Most that can be"), "Proven"),
        rows,
    )


# Households and the policy


def households(view: View) -> Table:
    """Every household, and how many families it could take."""
    rows = [
        (
            each.household_id,
            each.team,
            each.outcome,
            each.request_id,
            each.appears_in,
            each.reviewed_on,
            _stale(view, each.household_id),
            ", ".join(map(label, each.closed_by)) or None,
        )
        for each in view.households
    ]
    number = f"{len(rows):,} of {view.record.counts.households:,} households"
    heads = columns(
        "Household",
        Column("Team", missing="not known"),
        "Outcome",
        "Request",
        numbers("Families it could take"),
        Column("Profile confirmed", Kind.DAY, missing="never"),
        Column("Stale", Kind.BESIDE),
        "Closed by",
    )
    caption = f"{number}, and how many families each could take"
    return Table(caption, heads, rows, name="Households")


def proposed_households(view: View) -> Table:
    """The households that are proposed."""
    table = replace(
        households(view),
        caption="Households that are proposed",
        rows=[row for row in households(view).rows if row[2] == "proposed"],
    )
    return table.pick(
        "Household", "Team", "Request", "Families it could take", "Profile confirmed", "Stale"
    )


def settings(view: View) -> Table:
    """Every setting of the policy in use."""
    rows = [
        (
            each["key"],
            _yes_no(each["value"]),
            _yes_no(each["default"]),
            each["unit"],
            each["meaning"],
            each["source"],
        )
        for each in view.register()["settings"]
    ]
    heads = columns("Setting", "Here", "Default", "Unit", "It means", "Source")
    return Table("Policy", heads, rows)


def _yes_no(value: str | float) -> str | float:
    return ("yes" if value else "no") if isinstance(value, bool) else value
