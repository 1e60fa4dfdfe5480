"""What a round comes to that is too large to be read family by family: counts, and what comes first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from statistics import median

from matcher.codes import HOME_OUTCOMES, URGENCIES
from matcher.explain import HELD
from matcher.geo import regions
from matcher.policy.in_force import rules_in_force
from matcher.record import RequestRecord
from matcher.report import refusals, tables
from matcher.report.terminal import (
    NO_HOME,
    best,
    households_text,
    kept_text,
    opening,
    round_text,
    sums,
)
from matcher.report.view import View, is_proposed
from matcher.show.table import Row, Table, columns, day, numbers
from matcher.show.text import PEOPLE_DECIDE, paragraph, printable
from matcher.words import label, long_date, needed, upper_first, when

MOST_ALERTS, MOST_WAITING, MOST_LOW, MOST_IDS, MOST_ROWS = 20, 50, 20, 100, 5
RANKS = {"1st": 1, "2nd to 5th": 5, "6th to 20th": 20}
HELD_BY_PEOPLE, FARTHER_DOWN = "No rank: held by people", "21st or later"
NOT_KNOWN = "Home not known"


def first(items: Sequence[str], most: int, rest: str = "in matches.xlsx") -> list[str]:
    """The first items of a list, and how many more there are."""
    more = len(items) - most
    return [*items[:most], f"and {more:,} more, {rest}"] if more > 0 else [*items]


def terminal(view: View, *, reported: bool) -> Iterator[str]:
    """A round as text for a terminal, a line at a time; a large one is summed up.

    `reported` says whether the report is written, which has the rest.
    """
    about_homes = [*refusals.lines(view)]
    # Without the report nobody has asked what looking ahead would change, and that takes a round.
    if (reported or view.record.ahead is not None) and view.looking_ahead:
        about_homes.append(view.looking_ahead)
    if not view.large:
        yield from round_text(view.explainer, view.kept, view.stale, about_homes)
        return
    rest = "in matches.xlsx" if reported else "which the report would list"
    urgent = [line.sentence for line in view.first]
    told = (first(lines, MOST_ALERTS, rest) for lines in (urgent, alerts(view)))
    yield from opening(view.record, *told)
    yield from sums(view.record)
    yield from (paragraph(line.sentence) for line in view.explainer.before_fostering())
    yield ""
    yield from _in_brief(view).to_text()
    yield ""
    yield best(view.record)
    yield ""
    yield from kept_text(view.kept)
    yield from households_text(about_homes)
    if lines := [_waits(view, each) for each in waiting(view)]:
        yield "WAITING"
        yield from (f"  {line}" for line in first(lines, MOST_WAITING, rest))
        yield ""
    yield paragraph(
        "Who is proposed where, and what is to be done: report.html and matches.xlsx."
        if reported
        else "Who is proposed where: round.json. Without --no-report there is a report as well.",
        "",
    )
    yield "Why one family came out as it did: matcher explain DATA REQUEST."
    yield ""
    yield PEOPLE_DECIDE


def _in_brief(view: View) -> Table:
    """What came out for the families, by when they are needed, for a terminal."""
    rows = []
    for urgency in URGENCIES:
        came = [r.outcome for r in view.open_requests if r.urgency == urgency]
        go, wait = came.count("proposed"), came.count("unplaced")
        rows.append((upper_first(when(urgency)), len(came), go, wait, len(came) - go - wait))
    heads = columns("Needed", numbers("families", "proposed", "waiting", "not matched"))
    return Table("What came out, by when the family is needed", heads, rows)


def _waits(view: View, request: RequestRecord) -> str:
    """A family that waits, in one line: why, and what keeps it from the nearest household."""
    line = f"{request.request_id:8} {needed(request.urgency)}: {view.short(request)}"
    if not request.facts.eligible and request.ineligible:
        nearest = request.ineligible[0]
        rules = ", ".join(label(failed.rule) for failed in nearest.failed)
        line += f"; nearest {nearest.household_id} ({rules})"
    return printable(line)


def alerts(view: View) -> list[str]:
    """The alerts, those first that say more than that something is still open."""
    ordered = sorted(view.alerts, key=lambda alert: alert.kind == "confirmed_open")
    return [alert.sentence for alert in ordered]


def every_alert(view: View) -> Table:
    """Every alert, and everything that the data leave open."""
    rows = [(NO_HOME, line.sentence) for line in view.first]
    rows += [("Policy", line.sentence) for line in view.explainer.policy_lines()]
    rows += [("Alert", alert) for alert in alerts(view)]
    if view.changes is not None:
        since = f"Changed since {long_date(view.changes.since)}"
        rows += [(since, line) for line in view.changes.lines]
    rows += [("The data leave it open", warning) for warning in view.warnings]
    return Table("Alerts", columns("Kind", tables.WHY), rows)


def waiting(view: View) -> list[RequestRecord]:
    """The families that wait, those first that are needed first."""
    waits = [each for each in view.requests if each.outcome == "unplaced"]
    return sorted(waits, key=_urgency)


def for_attention(view: View) -> list[RequestRecord]:
    """All requests: those that wait, those that are confirmed with an alert, then by urgency."""
    alerted = {alert.request_id for alert in view.record.alerts}

    def turn(request: RequestRecord) -> tuple[bool, bool, int]:
        waits = request.outcome == "unplaced"
        return not waits, request.request_id not in alerted, _urgency(request)

    return sorted(view.requests, key=turn)


def _urgency(request: RequestRecord) -> int:
    return URGENCIES.index(request.urgency)


def by_urgency(view: View) -> Table:
    """What came out for the families, by when they are needed."""
    caption = "What came out, by when the family is needed"
    order = [upper_first(when(each)) for each in URGENCIES]
    return _crossed(view, caption, "Needed", lambda r: upper_first(when(r.urgency)), order)


def by_region(view: View) -> Table:
    """What came out for the families, by the region of their home."""
    homes = {r.request_id: r.home_postcode for r in view.solved.prepared.inputs.families}

    def region(request: RequestRecord) -> str:
        return regions().get(homes[request.request_id] or "", NOT_KNOWN)

    order = [*sorted(set(regions().values())), NOT_KNOWN]
    return _crossed(
        view, "What came out, by the region of the family's home", "Home", region, order
    )


def _crossed(
    view: View, caption: str, kind: str, group: Callable[[RequestRecord], str], order: Iterable[str]
) -> Table:
    found = Counter((group(each), each.outcome) for each in view.open_requests)
    came = {outcome for _, outcome in found}
    held = [outcome for outcome in HELD if outcome in came]
    outcomes = ["proposed", "unplaced", *held]
    came_of = {name: [found[name, outcome] for outcome in outcomes] for name in order}
    rows: list[Row] = [(name, sum(each), *each) for name, each in came_of.items() if any(each)]
    total = [sum(each) for each in zip(*came_of.values(), strict=True)]
    counted = ("Families", "Proposed", "Waiting", *(upper_first(label(each)) for each in held))
    heads = columns(kind, numbers(*counted))
    return Table(caption, heads, [*rows, ("All", sum(total), *total)])


def by_rank(view: View) -> Table:
    """How good the proposals are: the rank of each for its family, and the fit."""
    fits: dict[str, list[float]] = defaultdict(list)
    for request in view.requests:
        if (proposal := request.proposal) is not None:
            fits[_rank(proposal.rank)].append(proposal.fit)
    rows = [
        (name, len(fits[name]), min(fits[name]), median(fits[name]))
        for name in (*RANKS, FARTHER_DOWN, HELD_BY_PEOPLE)
        if name in fits
    ]
    caption = "How the proposed household ranks for its family"
    return Table(caption, columns("Rank", numbers("Proposals", "Lowest fit", "Middle fit")), rows)


def lowest_fits(view: View) -> Table:
    """The proposals that fit least, and what the household lacks as far as it may be said."""
    proposals = [(each, each.proposal) for each in view.requests if each.proposal is not None]
    proposals.sort(key=lambda each: each[1].fit)
    rows = [
        (
            request.request_id,
            proposal.household_id,
            proposal.fit,
            view.short(request),
            ", ".join(
                label(name)
                for each in view.ranked(request)
                if is_proposed(request, each)
                for name, _ in view.support(each)
            ),
        )
        for request, proposal in proposals[:MOST_LOW]
    ]
    heads = columns("Request", "Household", numbers("Fit"), "Why this one", "Gaps")
    return Table("The lowest fits that are proposed", heads, rows)


def _rank(rank: int | None) -> str:
    if rank is None:
        return HELD_BY_PEOPLE
    return next((name for name, last in RANKS.items() if rank <= last), FARTHER_DOWN)


def who_waits(view: View) -> Table:
    """Each family that waits, with why and the nearest change that would place it."""
    waits = waiting(view)
    rows = []
    for request in waits[:MOST_WAITING]:
        task = next(view.asking(request), None)
        change = "–" if task is None else f"{task.household_id}: {task.action}"
        why = upper_first(view.short(request))
        rows.append((request.request_id, upper_first(when(request.urgency)), why, change))
    more = len(waits) - len(rows)
    caption = "Families that wait" + (f" ({more:,} more are in matches.xlsx)" if more else "")
    heads = columns("Request", "Needed", "Why", "Nearest household, and what it takes")
    return Table(caption, heads, rows)


def not_matched(view: View) -> Table:
    """The requests that screening holds back, by what comes next."""
    found: dict[str, list[str]] = {outcome: [] for outcome in HELD}
    for request in view.requests:
        if request.outcome in HELD:
            found[request.outcome].append(request.request_id)
    rows = [
        (upper_first(HELD[outcome]), len(names), ", ".join(first(names, MOST_IDS)))
        for outcome, names in found.items()
        if names
    ]
    heads = columns("Outcome", numbers("Families"), "Requests")
    return Table("Not matched, and why", heads, rows)


def todo(view: View) -> Table:
    """What has to be done: who does it, how often, and the earliest day."""
    rows = []
    for who, tasks in view.tasks:
        number = Counter(task.action for task in tasks)
        for action, many in number.most_common():
            days = (task.by for task in tasks if task.action == action and task.by)
            earliest = min(days, default=None)
            rows.append((who, action, many, earliest))
    heads = columns("Who", "What to do", numbers("How often"), day("First by"))
    return Table("Open tasks", heads, rows)


def left_open(view: View) -> Table:
    """What the data leave open, said once for all rows that it is true of."""
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in view.solved.prepared.inputs.warnings:
        said = f"{each.problem} {each.fix}".rstrip()
        found[each.table, each.column or "–", said].append(str(each.row or "–"))
    rows = [
        (table, column, said, len(where), ", ".join(first(where, MOST_ROWS)))
        for (table, column, said), where in found.items()
    ]
    heads = columns("Table", "Column", "What it is", numbers("How often"), "Rows")
    return Table("What is open", heads, rows)


def households(view: View) -> Table:
    """The households by what came out for them."""
    found = Counter((each.outcome, each.household_id in view.stale) for each in view.households)
    rows = [
        (
            upper_first(label(outcome)),
            found[outcome, True] + found[outcome, False],
            found[outcome, True],
        )
        for outcome in HOME_OUTCOMES
    ]
    heads = columns("Outcome", numbers("Households", "With a stale profile"))
    return Table("What came out for the households", heads, rows)


def closed_by(view: View) -> Table:
    """What closes households to every family, and how many would open if it alone were mended."""
    closed = [each.closed_by for each in view.households]
    every = Counter(rule for rules in closed for rule in rules)
    alone = Counter(rules[0] for rules in closed if len(rules) == 1)
    rows = [
        (upper_first(label(rule.key)), rule.sentence, every[rule.key], alone[rule.key])
        for rule in rules_in_force(view.policy)
        if every[rule.key]
    ]
    heads = columns("Rule", "It says", numbers("Households closed", "By it alone"))
    return Table("What closes households, whoever asks", heads, rows)
