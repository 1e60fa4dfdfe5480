"""What a change of policy would have meant: the same rounds under two policies, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from matcher.errors import Fault
from matcher.policy.aims import aim_of
from matcher.policy.local import LocalDuty, LocalRule
from matcher.policy.settings import Policy, settings_of
from matcher.policy.terms import plain
from matcher.price_words import each_aim
from matcher.rounds import SolvedRound
from matcher.show.files import Record
from matcher.show.paper import Paper, Section, Source
from matcher.show.table import Row, Table, columns, numbers
from matcher.terms import AsIs
from matcher.whatif import Difference
from matcher.whatif.difference import Opened
from matcher.whatif.words import difference_record, scenario_lines
from matcher.words import and_list, count, label, long_date, upper_first

MOST_TOLD = 6
BY_FIRST = "by the first policy"
READER = "This stays in the service: it holds ids."


@dataclass(frozen=True)
class Side:
    """A policy under which rounds are run, by the name that people gave it."""

    name: str
    policy: Policy

    @property
    def title(self) -> str:
        """The policy's name and version, and where it was read: two versions may share a name."""
        return f"{self.policy.name} {self.policy.version} ({self.name})"


@dataclass(frozen=True)
class Compared:
    """One round under both policies; `refused` are the faults that it would have under the second alone."""

    name: str
    first: SolvedRound
    second: SolvedRound | None
    refused: tuple[Fault, ...] = ()

    @cached_property
    def difference(self) -> Difference | None:
        """The round under the second policy beside that under the first; None where it would be refused."""
        if self.second is None:
            return None
        return Difference(self.name, self.first, self.second, before=BY_FIRST)

    @property
    def heading(self) -> str:
        """The day of the round, how many families it asks for, and where it was read."""
        inputs = self.first.prepared.inputs
        return f"{long_date(inputs.as_of)}, {count(len(inputs.requests), 'open request')} ({self.name})"


def settings_table(first: Side, second: Side) -> Table:
    """The settings, and the rules and duties of their own, in which two policies differ, with what each means."""
    one, other = first.policy.values, second.policy.values
    rows: list[Row] = [
        (key, *(AsIs(plain(values.get(key, each.value))) for values in (one, other)), each.meaning)
        for key, each in settings_of(second.policy).items()
        if one.get(key, each.value) != other.get(key, each.value)
    ]
    rows += _of_their_own(first.policy, second.policy)
    heads = columns("Setting", "First", "Second", "It means")
    return Table("Settings", heads, rows)


def _of_their_own(first: Policy, second: Policy) -> Iterator[Row]:
    """The local rules and duties that one of two policies lacks, or has with other words."""
    sides = [
        {f"local_rule.{rule.name}": (_asks(rule), rule.sentence, rule) for rule in each.local_rules}
        | {
            f"local_duty.{duty.key}": (_due(duty), duty.sentence, duty)
            for duty in each.local_duties
        }
        for each in (first, second)
    ]
    lacks = ("none", "", None)
    for key in dict.fromkeys(chain(*sides)):
        one, other = (side.get(key, lacks) for side in sides)
        if one[2] != other[2]:
            yield key, AsIs(one[0]), AsIs(other[0]), other[1] or one[1]


def _asks(rule: LocalRule) -> str:
    when = f", where {and_list(rule.when)}" if rule.when else ""
    return f"{and_list(rule.must)}{when}"


def _due(duty: LocalDuty) -> str:
    said = [duty.who, "holds" if duty.holds else "", duty.due, f"every {duty.every}" if duty.every else ""]  # fmt: skip
    return ", ".join(filter(None, said))


def paper(first: Side, second: Side, rounds: Sequence[Compared]) -> Paper:
    """What the second policy would have meant in rounds that were run, or could have been, by the first."""
    settings = settings_table(first, second)
    solved = [each for each in rounds if each.difference is not None]
    days = [each.first.prepared.inputs for each in rounds]
    return Paper(
        title="What would another policy have meant?",
        asked=(
            f"Asked: what {count(len(rounds), 'round')} would have proposed by {second.title} instead of "
            f"{first.title}."
        ),
        answer=tuple(_answer(first, second, settings, rounds)),
        sure=tuple(_sure(solved)),
        monday=tuple(_monday(second, rounds)),
        reader=READER,
        stays_inside=True,
        source=Source(
            max(each.as_of for each in days),
            ", ".join(dict.fromkeys(each.sha256 for each in days)),
            f"{first.policy.sha256} and {second.policy.sha256}",
        ),
        details=tuple(_details(settings, rounds)),
    )


def _answer(
    first: Side, second: Side, settings: Table, rounds: Sequence[Compared]
) -> Iterator[str]:
    yield (
        f"The two policies differ in {count(len(settings), 'point')}: "
        f"{_some([str(row[0]) for row in settings.rows])}."
        if len(settings)
        else "The two policies say the same in every setting."
    )
    found = [each.difference for each in rounds if each.difference is not None]
    placed = [sum(each.placed[side] for each in found) for side in (0, 1)]
    waiting = [sum(each.waiting[side] for each in found) for side in (0, 1)]
    over = count(len(found), "round")
    yield (
        f"Over {over}: {count(placed[0], 'family')} placed by the first, {placed[1]:,} by the second; "
        f"{waiting[0]:,} and {waiting[1]:,} wait."
    )
    moves = [(each, move) for each in found for move in each.moves]
    if moves:
        said = [
            f"{move.request_id} {move.left or 'unplaced'} → {move.to or 'unplaced'}"
            for _, move in moves
        ]
        yield f"{count(len(moves), 'proposal')} would have been another: {_some(said, '; ')}."
    elif found:
        yield "No proposal would have been another."
    yield from _eligible([pair for each in found for pair in each.opened], "would become", "first")
    yield from _eligible(
        [pair for each in found for pair in each.shut], "would no longer be", "second"
    )
    if lost := _lost(found):
        yield f"In the aims, over all of them, the second {each_aim(lost)}."
    for each in rounds:
        if each.refused:
            yield f"The round of {each.heading} could not be run by the second: {each.refused[0].problem}"


def _eligible(pairs: Sequence[Opened], what: str, fails_by: str) -> Iterator[str]:
    """How many pairs become eligible, or cease to be, and which rules the other policy fails them by."""
    if pairs:
        rules = Counter(chain.from_iterable(pair.rules for pair in pairs))
        by_rule = [f"{label(rule)} ({number:,})" for rule, number in rules.most_common()]
        yield (
            f"{upper_first(count(len(pairs), 'pair'))} of a family and a household {what} eligible. "
            f"By the {fails_by} policy they fail: {_some(by_rule)}."
        )


def _lost(found: Sequence[Difference]) -> dict[str, int | None]:
    """How much of each aim the second policy loses over all rounds, a gain below 0."""
    sums: Counter[str] = Counter()
    for each in found:
        for key, (now, then) in each.aims.items():
            if key not in each.counted_otherwise:
                sums[key] += now - then
    return {key: loss for key, loss in sums.items() if loss}


def _sure(solved: Sequence[Compared]) -> Iterator[str]:
    yield (
        "Every round was solved to its optimum by both policies, on the same data; what people had decided "
        "by then holds in both."
    )
    proven = [
        each.first.solution.duals is not None
        and each.second is not None
        and each.second.solution.duals is not None
        for each in solved
    ]
    if not all(proven):
        yield "Where limits are in play, that none better was missed is the solver's word."
    yield "It says what would have been proposed. What would have come of it nobody can say."


def _monday(second: Side, rounds: Sequence[Compared]) -> Iterator[str]:
    lost = [
        move.request_id
        for each in rounds
        if each.difference is not None
        for move in each.difference.moves
        if move.left is not None and move.to is None
    ]
    if lost:
        yield f"Read below what {_some(list(dict.fromkeys(lost)))} would have lost, before anybody signs."
    else:
        yield "Read below which families would have gone elsewhere, before anybody signs."
    about = second.policy.about
    if about.approved_by is None:
        yield (
            f"{second.title} names nobody who approved it: write approved_by and approved_on, and a "
            "[[change]] that says what is new."
        )


def _details(settings: Table, rounds: Sequence[Compared]) -> Iterator[Section]:
    yield Section("What the two policies say otherwise", (settings,))
    for each in rounds:
        if each.difference is None:
            faults = tuple(fault.sentence() for fault in each.refused)
            yield Section(f"Round of {each.heading}: not possible by the second", faults)
        else:
            yield Section(
                f"Round of {each.heading}",
                (*scenario_lines(each.difference), _aims(each.difference)),
            )


def _aims(difference: Difference) -> Table:
    rows: list[Row] = [
        (
            aim_of(key).name,
            aim_of(key).written(now),
            aim_of(key).written(then),
            "counted in another way" if key in difference.counted_otherwise else "",
        )
        for key, (now, then) in difference.aims.items()
    ]
    heads = columns("Aim", *numbers("First", "Second"), "")
    return Table("Aims, in their order", heads, rows)


def record(first: Side, second: Side, rounds: Sequence[Compared]) -> Record:
    """The comparison as a machine reads it."""
    settings = settings_table(first, second)
    return {
        "first": _side(first),
        "second": _side(second),
        "settings": [
            {"setting": key, "first": one, "second": other} for key, one, other, _ in settings.rows
        ],
        "rounds": [
            {
                "data": each.name,
                "as_of": each.first.prepared.inputs.as_of.isoformat(),
                "input_sha256": each.first.prepared.inputs.sha256,
                "faults": [fault.record() for fault in each.refused],
                "difference": None
                if each.difference is None
                else difference_record(each.difference),
            }
            for each in rounds
        ],
    }


def _side(side: Side) -> Record:
    about = side.policy.about
    return {
        "file": side.name,
        "name": side.policy.name,
        "version": side.policy.version,
        "sha256": side.policy.sha256,
        "approved_by": about.approved_by,
        "approved_on": None if about.approved_on is None else about.approved_on.isoformat(),
    }


def _some(names: Sequence[str], between: str = ", ") -> str:
    """The first few of some names, and how many more there are."""
    more = len(names) - MOST_TOLD
    told = between.join(names[:MOST_TOLD])
    return f"{told} and {more:,} more" if more > 0 else told
