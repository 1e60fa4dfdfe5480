"""The gap as a manager reads it: one page, each sentence made of the answer's own numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from matcher.equity.words import STAYS
from matcher.policy.in_force import rules_that_tell_place
from matcher.show.figures import ACCENT, INK, TONES, Drawn, inside, save, style
from matcher.show.files import Record
from matcher.show.paper import Paper, Section, Source
from matcher.show.text import printable
from matcher.solve.problem import UNPLACED
from matcher.sufficiency.figures import gap_figures
from matcher.sufficiency.gaps import carried, essential
from matcher.sufficiency.remedies_words import (
    CHANGED,
    asked_line,
    betters,
    bought,
    closing_details,
    frontier_figure,
    placing,
)
from matcher.sufficiency.weeks import Weeks, weeks_details, weeks_figure, weeks_lines
from matcher.sufficiency.words import Gap, counts, gap_basis, gap_details
from matcher.whatif.obstacles import Obstacle, obstacles
from matcher.whatif.openings import Opening
from matcher.words import and_list, count, long_date, spelt, upper_first

MOST_IDS = 6  # in a sentence
MOST_BARS = 14


@dataclass(frozen=True)
class Answer:
    """What is said of the gap of a round: its structure, what would close it, and the recorded weeks.

    `essential` are the households without any one of which fewer families could be placed; None
    where a limit is in play, so that single households do not decide. `weeks` is None where no
    history was asked for.
    """

    gap: Gap
    closing: Record
    openings: tuple[Opening, ...]
    obstacles: tuple[Obstacle, ...]
    essential: tuple[str, ...] | None
    carried: dict[str, int]
    only_one: dict[str, str]  # the household of each family that has one eligible household alone
    weeks: Weeks | None


def answer_of(
    gap: Gap, closing: Record, openings: Sequence[Opening], weeks: Weeks | None
) -> Answer:
    """Everything that the page of a gap is made of."""
    solved, prepared = gap.solved, gap.solved.prepared
    rows = prepared.matchable_rows
    waiting = [row for row in rows if solved.household[row] == UNPLACED]
    limited = prepared.problem.limited
    ids, homes = prepared.columns.request_ids, prepared.columns.household_ids
    only_one = {
        ids[row]: homes[int(prepared.screened.household[prepared.screened.edges_of(row)][0])]
        for row in rows
        if prepared.choices(row) == 1 and solved.household[row] != UNPLACED
    }
    return Answer(
        gap,
        closing,
        tuple(openings),
        obstacles(solved, waiting),
        None if limited else essential(solved),
        carried(solved),
        only_one,
        weeks,
    )


def record_of(answer: Answer) -> Record:
    """What the page says beyond the gap and what closes it, for programs."""
    where = rules_that_tell_place(answer.gap.solved.prepared.policy)
    # Which households a rule on places rules out would tell where they are.
    return {
        "obstacles": [
            asdict(each) | ({"household_ids": None} if each.rule in where else {})
            for each in answer.obstacles
        ],
        "essential": None if answer.essential is None else list(answer.essential),
        "carried": answer.carried,
        "only_one": answer.only_one,
        "weeks": None if answer.weeks is None else asdict(answer.weeks),
    }


def paper(answer: Answer) -> Paper:
    """The gap as a paper."""
    gap, prepared = answer.gap, answer.gap.solved.prepared
    inputs = prepared.inputs
    matchable, _, waiting = counts(gap)
    held = len(inputs.requests) - matchable
    screened = f" ({count(held, 'more family')} held in screening)" if held else ""
    over = ", and of the rounds recorded"
    if answer.weeks is None:
        over = (
            ". Of that day alone: a history of recorded rounds would say how it was over the weeks"
        )
    lines = [*(weeks_lines(answer.weeks, prepared.policy) if answer.weeks else ())]
    lines += _waiting(answer) if waiting else _all_placed(answer)
    details = [
        *gap_details(gap),
        *closing_details(answer.closing, answer.openings),
        *gap_basis(gap),
    ]
    if answer.weeks:
        details.insert(
            0, Section.of("The recorded weeks", weeks_details(answer.weeks, prepared.policy))
        )
    return Paper(
        title="Are there enough of the right homes?",
        asked=(
            f"Asked: where homes fall short and what would help, of {count(matchable, 'family')} and "
            f"{count(len(inputs.households), 'household')} on {long_date(inputs.as_of)}{screened}{over}."
        ),
        answer=tuple(lines),
        sure=tuple(_sure(answer)),
        monday=tuple(_monday(answer)),
        reader=STAYS,
        stays_inside=True,
        source=Source(inputs.as_of, inputs.sha256, prepared.policy.sha256),
        details=tuple(details),
    )


def _ids(names: Sequence[str], joint: str = "and") -> str:
    """The ids, or of many the first and how many more there are."""
    shown = [printable(name) for name in names[:MOST_IDS]]
    if (more := len(names) - MOST_IDS) > 0:
        shown.append(f"{more:,} more")
    return and_list(shown, joint)


def _waiting_ids(gap: Gap) -> list[str]:
    solved = gap.solved
    ids = solved.prepared.columns.request_ids
    return [ids[r] for r in solved.prepared.matchable_rows if solved.household[r] == UNPLACED]


# Where somebody waits


def _waiting(answer: Answer) -> Iterator[str]:
    gap = answer.gap
    matchable, placed, waiting = counts(gap)
    yield (
        f"{placed} of {count(matchable, 'family')} have a household proposed or confirmed; {waiting} "
        f"{'waits' if waiting == 1 else 'wait'}: {_ids(_waiting_ids(gap))}."
    )
    yield from _short(gap)
    if answer.weeks is None:
        yield _in_the_way(answer)
    yield _calls(answer)
    yield _money(answer.closing)


def _short(gap: Gap) -> Iterator[str]:
    """The families without any household, and those who share too few."""
    none = [name for each in gap.groups if not each.household_ids for name in each.request_ids]
    share = [each for each in gap.groups if each.household_ids]
    said = []
    if none:
        said.append(f"{_ids(none)} {'has' if len(none) == 1 else 'have'} no household to go to")
    if share:
        first = share[0]
        few = len(first.request_ids) <= MOST_IDS
        families = _ids(first.request_ids) if few else count(len(first.request_ids), "family")
        homes = count(len(first.household_ids), "household")
        named = f" ({_ids(first.household_ids)})" if few else ""
        said.append(
            f"{families} share {homes}{named}, so that {spelt(first.short)} of them must wait"
        )
    if len(share) > 1:
        said.append(f"so it is with {count(len(share) - 1, 'more group')} of families")
    if said:
        yield f"{upper_first('; '.join(said))}."
    else:
        yield "Each could have a household, were it not for the limits of this round."


def _in_the_way(answer: Answer) -> str:
    """What alone keeps most of the families that wait from some household."""
    if not answer.obstacles:
        return "No household is one rule away from a family that waits."
    waiting, policy = counts(answer.gap)[2], answer.gap.solved.prepared.policy
    first, *rest = sorted(
        answer.obstacles, key=lambda each: (-len(each.request_ids), -len(each.household_ids))
    )
    said = f"households {first.words(policy)}: {_homes(first)}for {len(first.request_ids)} of the {waiting}"
    if rest:
        said += f"; then {rest[0].words(policy)}: {_homes(rest[0])}for {len(rest[0].request_ids)}"
    return f"What alone keeps a family that waits from a household, most often: {said}."


def _homes(each: Obstacle) -> str:
    """How many households, where they were looked at one by one."""
    return f"{count(len(each.household_ids), 'household')}, " if each.household_ids else ""


def _calls(answer: Answer) -> str:
    """What people can grant, agree or answer; of many changes only the first were tried."""
    asked = placing(answer.openings)
    tried = [each for each in asked if each.placed is not None]
    if not asked:
        return "No single agreement or answer would place one more family."
    rest = f" ({len(asked) - len(tried):,} more were not tried)" if len(asked) > len(tried) else ""
    if tried:
        does = f"would{' each' if len(tried) > 1 else ''} place one more family{rest}"
    else:
        does = "would open a household to a family that waits; none was tried in a round of its own"
    number = upper_first(count(len(tried or asked), "single change"))
    return f"{number} that people can grant, agree or answer {does}. The first: {asked_line(asked[0])}."


def _money(closing: Record) -> str:
    steps, budget = closing["frontier"], closing["budget"]
    if steps is None:
        return "What money could buy is not worked out, as a limit of the round is in play or nothing could be proven."
    placed = [sum(step["placed"].values()) for step in steps]
    gains = [(step, n - placed[0]) for step, n in zip(steps, placed, strict=True) if n > placed[0]]
    if not gains:
        sooner = ", though it would place families needed sooner" if len(steps) > 1 else ""
        return f"Nothing that £{budget:,} buys would place one more family{sooner}."
    first, more = gains[0]
    said = f"£{first['cost']:,} could place {count(more, 'more family')} ({bought(first)})"
    last, most = max(gains, key=lambda each: each[1])
    if most > more:
        said += f"; £{last['cost']:,} could place {most:,} more"
    return f"{said}."


# Where nobody waits


def _all_placed(answer: Answer) -> Iterator[str]:
    matchable, _, _ = counts(answer.gap)
    if not matchable:
        yield "No family can be matched today, so nothing can be said of homes."
        return
    verb = "has" if matchable == 1 else "have"
    every = "The one family" if matchable == 1 else f"All {matchable} families"
    yield f"{every} that can be matched {verb} a household proposed or confirmed: today nobody waits."
    yield _breaks(answer)
    if answer.only_one:
        names = list(answer.only_one)
        one = (
            f"only {_ids(list(answer.only_one.values()))}"
            if len(names) == 1
            else "only one household"
        )
        yield f"{_ids(names)} {'has' if len(names) == 1 else 'have'} {one} to go to: one no, and there is none."
    carrying = [each for each in answer.carried.items() if each[1]]
    if len(carrying) > 1:
        (first, most), *others = carrying
        then = and_list(f"{printable(name)} ({n})" for name, n in others[:2])
        yield f"{printable(first)} carries most: it could take {most} of the {count(matchable, 'family')}; then {then}."
    yield _otherwise(answer.closing)


def _breaks(answer: Answer) -> str:
    """What one household less would do."""
    found = answer.essential
    if found is None:
        return "A limit of the round is in play, so what one household less would do is not worked out."
    if not found:
        return "No household is indispensable: with any one fewer, all could still be placed."
    many = count(len(found), "household")
    one = "this one" if len(found) == 1 else "any one of these"
    return (
        f"It would break with one household less: without {one}, a family would wait ({many}: "
        f"{_ids(found)}). Without any other one, none would."
    )


def _otherwise(closing: Record) -> str:
    """What the changes that were tried would better, as nobody waits."""
    tried = [one for kind in CHANGED for one in closing["changes"].get(kind, ())]
    if not tried:
        return "No training, second approval or bedroom in one household would better this round."
    return (
        f"{upper_first(count(len(tried), 'single change'))} (training, a second approval, a bedroom) would "
        f"better the round without placing more. The first: {betters(tried[0])}."
    )


# How sure, and what to do


def _sure(answer: Answer) -> Iterator[str]:
    yield "Counted and proven for these families and rules. It says nothing of next month, nor of who says no."
    if counts(answer.gap)[2]:
        yield "What a change costs is the council's own figure, in the settings of the policy: none is published."
    if answer.weeks and answer.weeks.unread:
        yield f"{upper_first(count(answer.weeks.unread, 'round'))} of an earlier release could not be counted."


def _monday(answer: Answer) -> Iterator[str]:
    asked = placing(answer.openings)
    if counts(answer.gap)[2]:
        steps = answer.closing["frontier"] or []
        if asked:
            yield f"Ask for what people can grant or answer, at {printable(asked[0].household_id)} first."
        if len(steps) > 1:
            yield f"Put the step of £{steps[1]['cost']:,} to whoever decides on money, with your own costs."
        if not asked and len(steps) < 2:
            yield "Look for a household like those under 'One more household, by profile' below."
        return
    if answer.essential:
        yield (
            f"Ask how long {_ids(answer.essential)} can go on, through their supervising social workers, "
            "and begin to train or recruit a second choice."
        )
    else:
        yield "Nothing here needs doing today."
    if answer.weeks is None:
        yield "Record each round (matcher round --record), so that this page can look over the weeks."


# Figures, the one for a strategy paper first


def figures(answer: Answer) -> list[Drawn]:
    """The figure that says most, then the others."""
    weeks = None if answer.weeks is None else weeks_figure(answer.weeks)
    waits = counts(answer.gap)[2]
    carrying = None if waits else carried_figure(answer)
    found = (weeks, carrying, frontier_figure(answer.closing), *gap_figures(answer.gap))
    return [each for each in found if each is not None]


def carried_figure(answer: Answer) -> Drawn | None:
    """How many families each proposed household could take; those that none could do without marked."""
    from matplotlib import pyplot
    from matplotlib.ticker import MaxNLocator

    needed = set(answer.essential or ())
    every = sorted(answer.carried.items(), key=lambda each: (each[0] not in needed, -each[1]))
    shown = every[:MOST_BARS]
    if not shown:
        return None
    style()
    drawn, axes = pyplot.subplots(figsize=(9.5, 1.5 + 0.3 * len(shown)), layout="constrained")
    kinds: tuple[tuple[bool, str, str, str], ...] = (
        (True, ACCENT, "///", "without it a family would wait"),
        (False, TONES[0], "", "could be done without today"),
    )
    for is_needed, tone, hatch, name in kinds:
        some = [(at, n) for at, (home, n) in enumerate(shown) if (home in needed) is is_needed]
        bars: dict[str, Any] = {"color": tone, "hatch": hatch, "edgecolor": INK, "lw": 0.5}
        if some:
            axes.barh([at for at, _ in some], [n for _, n in some], label=name, **bars)
    axes.set_yticks(range(len(shown)), [printable(name) for name, _ in shown], fontsize=9)
    axes.invert_yaxis()
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    matchable = counts(answer.gap)[0]
    axes.set_xlabel(f"families that could go there, of {matchable} that can be matched")
    axes.spines[["top", "right"]].set_visible(False)
    drawn.legend(ncols=2, loc="outside lower center", frameon=False, fontsize=9)
    title = (
        f"Nobody waits today; without any one of {count(len(needed), 'household')} a family would"
        if needed
        else "Nobody waits today, and no household is indispensable"
    )
    if more := len(every) - len(shown):
        title += f" ({more} more not drawn)"
    axes.set_title(title)
    said = "; ".join(f"{name}: {n}{' (needed)' if name in needed else ''}" for name, n in shown)
    inside(drawn)
    return save("carried", drawn, title, f"Bars by household. {said}.")
