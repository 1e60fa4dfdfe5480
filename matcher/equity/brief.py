"""How groups fared as a manager reads it: one page, each sentence made of the record that it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from matcher.equity.groups import FEWEST, Difference
from matcher.equity.weeks import Weeks
from matcher.equity.words import LEAVES, STAYS, details, told_differences
from matcher.show.figures import ACCENT, INK, TONES, Drawn, save, style
from matcher.show.files import Record
from matcher.show.paper import Paper, Source
from matcher.words import and_list, between, count, long_date, upper_first

MOST_TOLD = 3
URGENCY = (
    "Needed"  # who is needed sooner comes first by the aims: no group to be held against others
)
MOST_DRAWN = 10
MORE_LESS = {  # how a group is told against all others, by measure: what it is, and its two directions
    "placed": ("of 100 had a household proposed", "more", "fewer"),
    "late": ("days past the need", "later", "earlier"),
    "waited": ("rounds without a household", "more", "fewer"),
    "fit": ("of 100 fit", "better", "worse"),
    "miles": ("miles from home", "further", "nearer"),
}
NOBODY_KNOWS = "Where a difference comes from these counts don't say: it is a question for people."


def paper(record: Record, source: Source, weeks: Weeks | None) -> Paper:
    """How groups fared as a paper, made of the record and so of no more than that may tell."""
    inside = bool(record["stays_in_the_service"])
    over = _over(weeks, source.as_of, inside)
    found = [each for each in told_differences(record) if each.kind != URGENCY]
    return Paper(
        title="Did groups of families fare differently?",
        asked=(
            "Asked: whether families fared otherwise by ethnicity, religion, English or a looked-after "
            f"parent, each group against all others. {over}"
        ),
        answer=tuple(_answer(record, found)),
        sure=tuple(_sure(found, weeks, inside)),
        monday=tuple(_monday(record, found, weeks)),
        reader=STAYS if inside else LEAVES,
        stays_inside=inside,
        source=source,
        details=tuple(details(record)),
    )


def _over(weeks: Weeks | None, as_of: date, inside: bool) -> str:
    if weeks is None:
        return f"Of the round of {long_date(as_of)} alone; --history STORE looks over the recorded weeks."
    if not weeks.days:
        return "The history holds no round of this service that can be counted."
    families = count(weeks.families, "family")
    of = f" and their {families}, each once" if inside or weeks.families >= FEWEST else ""
    first, last = long_date(weeks.days[0]), long_date(weeks.days[-1])
    if len(weeks.days) == 1:
        return f"Of the one round recorded, of {first}{of.replace('their', 'its')}."
    return f"Of the {count(len(weeks.days), 'round')} recorded from {first} to {last}{of}."


def _answer(record: Record, found: Sequence[Difference]) -> Iterator[str]:
    if not found:
        yield _nothing(record)
        return
    shows = [each for each in found if each.shows]
    number = "none" if not shows else f"{len(shows)}"
    verb = "is" if len(shows) < 2 else "are"
    yield (
        f"Of {count(len(found), 'comparison')} with {FEWEST} families and more on each side, {number} "
        f"{verb} greater than chance would usually make. By chance alone about 1 in 20 would be."
    )
    order = list(MORE_LESS)
    in_order = sorted(
        shows or found,
        key=lambda each: (order.index(each.measure), -abs(each.mean - each.other_mean)),
    )
    if shows:
        yield from map(sentence, in_order[:MOST_TOLD])
    else:
        yield f"The widest: {sentence(in_order[0])}"
    if (more := len(shows) - MOST_TOLD) > 0:
        yield f"{upper_first(count(more, 'more difference'))} of this kind stand below."
    if record.get("envy"):
        pairs = count(record["envy"], "pair")
        yield (
            f"{upper_first(pairs)} of a family and a household would each be better off together, by the "
            "aims, than with what they got; what the round would lose stands below."
        )


def _nothing(record: Record) -> str:
    """Why nothing can be said, in one line."""
    if not record["stays_in_the_service"]:
        return (
            f"Nothing can be said: no group and its others are both of {FEWEST} families and more, or what "
            "they show would give single families away."
        )
    largest = max((each["requests"] for each in record["groups"]), default=0)
    families = max(
        (
            sum(e["requests"] for e in record["groups"] if e["kind"] == each["kind"])
            for each in record["groups"]
        ),
        default=0,
    )
    if families < 2 * FEWEST:
        why = (
            f"{count(families, 'family')} are too few" if families != 1 else "one family is too few"
        )
        return f"Nothing can be said: {why}, as a group and its others need {FEWEST} each."
    if largest < FEWEST:
        return f"Nothing can be said: of {families} families no group has {FEWEST}."
    return f"Nothing can be said: among {families} families no group and its others have {FEWEST} each and differ at all."


def sentence(each: Difference) -> str:
    """One difference with its direction: 'of Black families 67 of 100 had …, of all others 44: …'."""
    what, more, less = MORE_LESS[each.measure]
    times, digits = (100, 0) if each.measure == "placed" else (1, 1)
    written = f"{{:.{digits}f}}".format
    ours, theirs = written(times * each.mean), written(times * each.other_mean)
    spread = between(times * each.low, times * each.high, more, less, written)
    who = f"{each.kind} {each.name}"
    shows = "" if each.shows else "; no difference that shows"
    return f"{who}: {ours} {what}, all others {theirs} ({spread}{shows})."


def _sure(found: Sequence[Difference], weeks: Weeks | None, inside: bool) -> Iterator[str]:
    if found:
        yield "'Between' holds the difference with 95 % confidence."
    yield NOBODY_KNOWS
    if weeks and weeks.untold and (inside or weeks.untold >= FEWEST):
        yield (
            f"{upper_first(count(weeks.untold, 'family'))} of the recorded rounds {'is' if weeks.untold == 1 else 'are'} in "
            "no group, as neither the tables nor the record say which."
        )
    if weeks and weeks.unread:
        yield f"{upper_first(count(weeks.unread, 'round'))} of an earlier release could not be counted."


def _monday(record: Record, found: Sequence[Difference], weeks: Weeks | None) -> Iterator[str]:
    if shows := [each for each in found if each.shows]:
        names = and_list(dict.fromkeys(f"{e.kind} {e.name}" for e in shows[:MOST_TOLD]))
        yield f"Read the explanations of these families (matcher explain), group by group: {names}."
        yield "Ask what in the rules, the households or the requests they have in common."
    elif weeks is None:
        yield "Record each round (matcher round --record STORE), and ask this again over the weeks with --history STORE."
    else:
        yield "Go on recording, and ask again when more families have come."
    if record.get("envies"):
        first = record["envies"][0]
        yield f"Look at {first['request_id']} and {first['household_id']} together at the meeting."


def difference_figure(record: Record) -> Drawn | None:
    """The shares with a household proposed, each group beside all others, with the interval of the difference."""
    from matplotlib import pyplot

    every = (e for e in told_differences(record) if e.measure == "placed" and e.kind != URGENCY)
    found = sorted(every, key=lambda e: (not e.shows, -abs(e.mean - e.other_mean)))[:MOST_DRAWN]
    if not found:
        return None
    style()
    drawn, axes = pyplot.subplots(figsize=(9.5, 1.6 + 0.34 * len(found)), layout="constrained")
    for at, each in enumerate(found):
        tone = ACCENT if each.shows else TONES[0]
        axes.plot([100 * each.low, 100 * each.high], [at, at], color=tone, lw=2.4)
        axes.plot(100 * (each.mean - each.other_mean), at, "o", color=tone, ms=8)
    axes.axvline(0, color=INK, lw=1)
    names = [
        f"{e.kind}: {e.name}  {100 * e.mean:.0f} against {100 * e.other_mean:.0f}" for e in found
    ]
    axes.set_yticks(range(len(found)), names, fontsize=9)
    axes.set_ylim(len(found) - 0.4, -0.6)
    axes.set_xlim(-105, 105)
    axes.set_xticks(range(-100, 101, 25), [f"{abs(n)}" for n in range(-100, 101, 25)])
    axes.set_xlabel("of 100 families: fewer with a household proposed than all others   |   more")
    axes.spines[["top", "right", "left"]].set_visible(False)
    shows = sum(each.shows for each in found)
    number = "No group" if not shows else upper_first(count(shows, "group"))
    title = f"{number} had a household proposed more or less often than chance would usually make"
    axes.set_title(title)
    said = "; ".join(sentence(each).rstrip(".") for each in found)
    return save("groups", drawn, title, f"Intervals. {said}.")
