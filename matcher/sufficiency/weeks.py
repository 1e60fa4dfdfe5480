"""The recorded weeks: which families waited, for how long, and what alone stood in their way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from matcher.policy.settings import Policy
from matcher.record import RequestRecord, RoundRecord
from matcher.show.figures import ACCENT, INK, TONES, Drawn, save, style
from matcher.show.table import Table, columns, day, number, numbers
from matcher.whatif.obstacles import obstacle_words
from matcher.words import count, long_date

WAITS = "unplaced"
HAS_A_HOME = ("proposed", "placed")
MOST_NAMED = 6
MOST_ROWS = 30


@dataclass(frozen=True, slots=True)
class Waited:
    """A family that waited: in how many rounds, and in the last of them so many days past its need."""

    request_id: str
    rounds: int
    first: date
    last: date
    days_late: int
    outcome: str  # in the last round that has the family


@dataclass(frozen=True, slots=True)
class InTheWay:
    """A rule that alone kept these waiting families from some household; None where that was both.

    `known`: the data recorded it (True), nobody had asked (False), or either.
    """

    rule: str
    known: bool | None
    request_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Weeks:
    """What recorded rounds say, each counted once; `waiting` and `placed` by round, `families` in all."""

    days: tuple[date, ...]
    waiting: tuple[int, ...]
    placed: tuple[int, ...]
    families: int
    waited: tuple[Waited, ...]
    in_the_way: tuple[InTheWay, ...]
    unread: int


def over_weeks(rounds: Sequence[RoundRecord], unread: int = 0) -> Weeks:
    """What recorded rounds, by day, say of the families that could be matched."""
    waits = defaultdict[str, list[tuple[date, int]]](list)
    outcome = dict[str, str]()
    alone = defaultdict[str, dict[str, set[bool]]](lambda: defaultdict(set))
    for each in rounds:
        for request in each.requests:
            if request.state == "open":
                outcome[request.request_id] = request.outcome
                if request.outcome == WAITS:
                    found = (each.round.as_of, request.late_days or 0)
                    waits[request.request_id].append(found)
                    for rule, known in _alone(request):
                        alone[rule][request.request_id] |= known
            elif request.request_id in outcome:
                outcome[request.request_id] = request.outcome
    waited = [
        Waited(name, len(some), some[0][0], some[-1][0], some[-1][1], outcome[name])
        for name, some in waits.items()
    ]
    in_the_way = []
    for rule, families in alone.items():
        known = set[bool]().union(*families.values())
        said = known.pop() if len(known) == 1 else None
        in_the_way.append(InTheWay(rule, said, tuple(sorted(families))))
    open_ = [[r.outcome for r in each.requests if r.state == "open"] for each in rounds]
    return Weeks(
        tuple(each.round.as_of for each in rounds),
        tuple(each.count(WAITS) for each in open_),
        tuple(each.count("proposed") for each in open_),
        len(
            {name for name, came in outcome.items() if came in (WAITS, *HAS_A_HOME)} | waits.keys()
        ),
        tuple(sorted(waited, key=lambda w: (-w.rounds, -w.days_late, w.request_id))),
        tuple(sorted(in_the_way, key=lambda e: (-len(e.request_ids), e.rule))),
        unread,
    )


def _alone(request: RequestRecord) -> Iterator[tuple[str, set[bool]]]:
    """Each rule that by itself ruled out a household, and how far that is known of those written."""
    known = defaultdict[str, set[bool]](set)
    for near in request.ineligible:
        if len(near.failed) == 1:
            known[near.failed[0].rule].add(near.failed[0].known)
    for each in request.blocked_by:
        if each.only:
            yield each.rule, known[each.rule] or {True, False}


def weeks_lines(weeks: Weeks, policy: Policy) -> Iterator[str]:
    """What the recorded weeks say, in two sentences or three."""
    if not weeks.days:
        yield "The history holds no round of this service that can be counted."
        return
    first_day, last_day = long_date(weeks.days[0]), long_date(weeks.days[-1])
    over = f"Over the {len(weeks.days)} rounds recorded from {first_day} to {last_day}"
    if len(weeks.days) == 1:
        over = f"In the one round recorded, of {first_day}"
    if not weeks.waited:
        yield f"{over}, every family that could be matched had a household."
        return
    longest = weeks.waited[0]
    late = count(longest.days_late, "day") if longest.days_late else ""
    late = f", and was {late} past its day of need in the last of them" if late else ""
    some = f"{len(weeks.waited)} of {count(weeks.families, 'family')}"
    yield (
        f"{over}, {some} were without a household at least once; longest {longest.request_id}, in "
        f"{count(longest.rounds, 'round')}{late}."
    )
    if weeks.in_the_way:
        first = weeks.in_the_way[0]
        yield (
            f"What alone stood in their way most often: households "
            f"{obstacle_words(first.rule, first.known, policy)}, for {len(first.request_ids)} of the {len(weeks.waited)}."
        )


def weeks_details(weeks: Weeks, policy: Policy) -> Iterator[str | Table]:
    """The recorded weeks for analysts."""
    if weeks.unread:
        yield f"{count(weeks.unread, 'round')} of an earlier release hold no facts, and are not counted."
    ends = {WAITS: "waits", "proposed": "proposed", "placed": "lives there or is placed"}
    heads = columns(
        "Request", numbers("Rounds without"), day("First"), day("Last"),
        numbers("Days past need, then"), "In its last round",
    )  # fmt: skip
    rows = [
        (
            w.request_id,
            w.rounds,
            w.first,
            w.last,
            w.days_late,
            ends.get(w.outcome, "held in screening"),
        )
        for w in weeks.waited[:MOST_ROWS]
    ]
    if rows:
        more = len(weeks.waited) - len(rows)
        note = f"{more:,} more who waited as long or less are left out." if more else ""
        yield Table("Families without a household in some recorded round", heads, rows, note)
    if weeks.in_the_way:
        yield Table.of(
            "What alone stood in the way of these families, at some household",
            weeks.in_the_way,
            {
                "Households": lambda each: obstacle_words(each.rule, each.known, policy),
                number("Families"): lambda each: len(each.request_ids),
                "Which": lambda each: (
                    ", ".join(each.request_ids[:MOST_NAMED])
                    + (" …" if len(each.request_ids) > MOST_NAMED else "")
                ),
            },
        )


def weeks_figure(weeks: Weeks) -> Drawn | None:
    """The families with a proposal and those without one, round by round."""
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    if not weeks.days:
        return None
    style()
    drawn, axes = pyplot.subplots(figsize=(9.5, 3.6), layout="constrained")
    at = range(len(weeks.days))
    axes.bar(at, weeks.placed, color=TONES[3], edgecolor=INK, lw=0.5, label="household proposed")
    axes.bar(
        at, weeks.waiting, bottom=weeks.placed, color=ACCENT, edgecolor=INK, lw=0.5, hatch="///",
        label="no household",
    )  # fmt: skip
    for x, placed, waits in zip(at, weeks.placed, weeks.waiting, strict=True):
        if waits:
            axes.text(x, placed + waits, f"{waits}", ha="center", va="bottom", color=ACCENT)
    step = -(-len(weeks.days) // 12)
    days = [f"{each.day} {each:%b %Y}" for each in weeks.days]
    axes.set_xticks(list(at)[::step], days[::step], fontsize=8)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel("open families that can be matched")
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(y=0.12)
    drawn.legend(ncols=2, loc="outside lower center", frameon=False)
    title = f"{count(len(weeks.waited), 'family')} had no household in some of {count(len(weeks.days), 'recorded round')}"
    axes.set_title(title[:1].upper() + title[1:])
    said = "; ".join(f"{d}: {w} without" for d, w in zip(days, weeks.waiting, strict=True))
    return save("weeks", drawn, title, f"Bars by round. {said}.")
