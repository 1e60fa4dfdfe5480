"""How groups of families fare in a round: counts, differences with intervals, and justified envy.

What is seen here explains nothing: a difference is a question for people. Sources: R. G. Newcombe,
Interval estimation for the difference between independent proportions (1998), its method 10; B. L.
Welch, The generalization of 'Student's' problem (1947).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, sqrt

import numpy as np

from matcher.codes import URGENCIES
from matcher.fit import HUNDREDTHS
from matcher.model import Numbers
from matcher.policy.groups import NOT_KNOWN, traits
from matcher.privacy import miles, told_fit
from matcher.recorder import Recorder
from matcher.rounds import SolvedRound
from matcher.solve.problem import UNPLACED, Integers, Problem
from matcher.words import upper_first, when

FEWEST = 5  # fewer are not told outside the service, and no difference is worked out of fewer
KINDS = ("Ethnicity", "Religion", "English", "Looked-after parent", "Needed")
OUTCOMES = ("proposed", "waits", "not matched")
WAITED = "waited"  # of recorded weeks alone
MEASURES = ("placed", "late", WAITED, "fit", "miles")
PRICED_UNDER_LIMITS = 5  # pairs whose price is worked out where a limit may be in play
TWO_SIDED = 0.975  # of an interval of 95 %
Cells = list[int | None]
_FIRST = (
    *(upper_first(when(each)) for each in URGENCIES),
    "Yes",
)  # all other names by the alphabet


@dataclass(frozen=True, slots=True)
class Group:
    """One group of one kind: the places of its requests, and how many came out how, (`OUTCOMES`)."""

    kind: str
    name: str
    rows: tuple[int, ...]
    numbers: tuple[int, int, int]

    @property
    def line(self) -> tuple[str | int, ...]:
        """The group as a row of a table, its requests before what came of them."""
        return self.kind, self.name, sum(self.numbers), *self.numbers

    @property
    def parts(self) -> tuple[int, int]:
        """How many are proposed and how many not: of all ways to count, suppression hides least of this."""
        return self.numbers[0], sum(self.numbers[1:])


def groups(solved: SolvedRound) -> list[Group]:
    """The families by ethnicity, religion, English, care and urgency; each is once in every kind."""
    prepared = solved.prepared
    urgency = prepared.everyone.urgency[:, 0].tolist()
    found: dict[tuple[str, str], list[int]] = {}
    for row, request in enumerate(prepared.inputs.requests):
        for each in (*traits(request), ("Needed", upper_first(when(urgency[row])))):
            found.setdefault(each, []).append(row)
    return in_order(found, [_outcome(solved, row) for row in range(len(urgency))])


def in_order(
    rows_of: Mapping[tuple[str, str], Sequence[int]], outcomes: Sequence[str]
) -> list[Group]:
    """The groups of some families in their order, by kind and name; `outcomes` by row, of `OUTCOMES`."""
    return [
        Group(kind, name, tuple(rows), _counted([outcomes[row] for row in rows]))
        for (kind, name), rows in sorted(rows_of.items(), key=lambda each: _order(*each[0]))
    ]


def _order(kind: str, name: str) -> tuple[int, bool, int, str]:
    place = _FIRST.index(name) if name in _FIRST else len(_FIRST)
    return KINDS.index(kind), name == NOT_KNOWN, place, name


def _outcome(solved: SolvedRound, row: int) -> str:
    if solved.household[row] != UNPLACED:
        return "proposed"
    return "waits" if solved.prepared.outcomes[row] is None else "not matched"


def _counted(outcomes: Sequence[str]) -> tuple[int, int, int]:
    proposed, waits, not_matched = (outcomes.count(each) for each in OUTCOMES)
    return proposed, waits, not_matched


def measures(recorder: Recorder) -> dict[str, Numbers]:
    """What is measured of each family, arrays (requests,), NaN where it has no value.

    `placed` is 1 or 0, of all. `late` is the days from the day of need to the start that is
    proposed, or to the round where nobody is: of families that can be matched. `fit` and `miles` are
    of those placed; miles not where an address is withheld.
    """
    solved, prepared = recorder.round, recorder.prepared
    of_a_round = (each for each in MEASURES if each != WAITED)
    found = {each: np.full(len(prepared.inputs.requests), np.nan) for each in of_a_round}
    for row, request in enumerate(prepared.inputs.requests):
        home = int(solved.household[row])
        found["placed"][row] = home != UNPLACED
        if home == UNPLACED and prepared.outcomes[row] is not None:
            continue
        until = prepared.inputs.as_of
        if home != UNPLACED:
            case = prepared.pair(row, home)
            until = recorder.starts_on(case) or until
            found["fit"][row] = told_fit(prepared, row, home) / HUNDREDTHS
            away = miles(case, hide=home in prepared.hidden)
            found["miles"][row] = np.nan if away is None else away
        found["late"][row] = max(0, (until - request.needed_from).days)
    return found


# Differences


@dataclass(frozen=True, slots=True)
class Difference:
    """A mean of a group, and of all other families; `low` to `high` holds the difference, 95 %.

    `number` and `others` are the families on each side. The interval is NaN where a side has fewer
    than five, and where no family differs from another.
    """

    measure: str
    kind: str
    name: str
    number: int
    others: int
    mean: float
    other_mean: float
    low: float
    high: float

    @property
    def shows(self) -> bool:
        """Whether there is a difference that chance alone would seldom make."""
        return self.low > 0 or self.high < 0


def differences(recorder: Recorder, found: Iterable[Group]) -> list[Difference]:
    """Each group against all other families, by each measure: by kind, measure and group."""
    return compare(measures(recorder), found)


def compare(measured: Mapping[str, Numbers], found: Iterable[Group]) -> list[Difference]:
    """The same of any measures, arrays (families,), to whose places the groups' rows point."""
    made = []
    for kind, alike in _by_kind(found):
        if len(alike) < 2:
            continue
        for measure, values in measured.items():
            # With two groups the second comparison would be the first with its sign turned.
            for group in alike if len(alike) > 2 else alike[:1]:
                here = np.zeros(len(values), bool)
                here[list(group.rows)] = True
                ours, theirs = (values[side & ~np.isnan(values)] for side in (here, ~here))
                if not len(ours) or not len(theirs):
                    continue
                low = high = np.nan
                if min(len(ours), len(theirs)) >= FEWEST:
                    of_shares = measure == "placed"
                    low, high = (newcombe if of_shares else welch)(ours, theirs)
                made.append(
                    Difference(
                        measure, kind, group.name, len(ours), len(theirs),
                        float(ours.mean()), float(theirs.mean()), low, high,
                    )
                )  # fmt: skip
    return made


def _by_kind(found: Iterable[Group]) -> Iterator[tuple[str, list[Group]]]:
    every = list(found)
    for kind in KINDS:
        yield kind, [group for group in every if group.kind == kind]


def newcombe(ours: Numbers, theirs: Numbers) -> tuple[float, float]:
    """The 95 % interval of the difference of two shares, of arrays of 0 and 1."""
    one, two = float(ours.mean()), float(theirs.mean())
    (low, high), (their_low, their_high) = _wilson(one, len(ours)), _wilson(two, len(theirs))
    apart = one - two
    return (
        apart - sqrt((one - low) ** 2 + (their_high - two) ** 2),
        apart + sqrt((high - one) ** 2 + (two - their_low) ** 2),
    )


def _wilson(share: float, number: int) -> tuple[float, float]:
    from scipy.special import ndtri

    z = float(ndtri(TWO_SIDED))
    middle = share + z * z / (2 * number)
    half = z * sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    return (middle - half) / (1 + z * z / number), (middle + half) / (1 + z * z / number)


def welch(ours: Numbers, theirs: Numbers) -> tuple[float, float]:
    """The 95 % interval of the difference of two means; NaN where no number differs from another."""
    from scipy.special import stdtrit

    one, two = (float(side.var(ddof=1)) / len(side) for side in (ours, theirs))
    if one + two == 0:
        return np.nan, np.nan
    freedom = (one + two) ** 2 / (one**2 / (len(ours) - 1) + two**2 / (len(theirs) - 1))
    apart = float(ours.mean() - theirs.mean())
    half = float(stdtrit(freedom, TWO_SIDED)) * sqrt(one + two)
    return apart - half, apart + half


# What may leave the service


def suppressed(numbers: Sequence[Sequence[int]]) -> list[Cells]:
    """Rows as their sum and then their cells, None where a count may not be told.

    A count below five goes. Then, until nothing more has to: where the rest of a row or a column
    would give what is missing (one cell alone, or several that come to fewer than five), its
    smallest other cell goes too. The sums of the columns stand elsewhere in the report.
    """
    table = [[sum(row), *row] for row in numbers]
    if not table:
        return []
    hidden = {(at, to) for at, row in enumerate(table) for to, n in enumerate(row) if n < FEWEST}
    columns = [[(at, to) for at in range(len(table))] for to in range(len(table[0]))]
    lines = [[(at, to) for to in range(1, len(row))] for at, row in enumerate(table)]
    changed = True
    while changed:
        changed = False
        for line in (*columns, *lines):
            # No cell can be worked out by subtraction from a row whose sum is suppressed.
            if line in lines and (line[0][0], 0) in hidden:
                continue
            gone = [cell for cell in line if cell in hidden]
            rest = sorted((table[at][to], at, to) for at, to in line if (at, to) not in hidden)
            told = len(gone) == 1 or sum(table[at][to] for at, to in gone) < FEWEST
            if gone and told and rest:
                hidden.add(rest[0][1:])
                changed = True
    return [
        [None if (at, to) in hidden else n for to, n in enumerate(row)]
        for at, row in enumerate(table)
    ]


def told(numbers: Sequence[int]) -> list[bool]:
    """Small-number suppression: which groups of one kind may have their mean shown.

    A group needs five families. The families of all suppressed groups together must be none, or five
    and more, or their mean would follow from the mean of all: the smallest groups go until they are.
    """
    shown = [number >= FEWEST for number in numbers]
    by_size = sorted((number, at) for at, number in enumerate(numbers) if shown[at])
    left = sum(number for number in numbers if number < FEWEST)
    while 0 < left < FEWEST and by_size:
        number, at = by_size.pop(0)
        shown[at] = False
        left += number
    return shown


def passed_on(found: Sequence[Group], compared: Sequence[Difference]) -> list[Difference]:
    """The differences that may leave the service: where neither a count nor a mean gives one away."""
    kept = []
    for kind, alike in _by_kind(found):
        cells = suppressed([group.parts for group in alike])
        counted = {
            group.name for group, line in zip(alike, cells, strict=True) if line[1] is not None
        }
        for measure in MEASURES:
            some = [each for each in compared if (each.kind, each.measure) == (kind, measure)]
            may = told([each.number for each in some])
            kept += [
                each
                for each, shown in zip(some, may, strict=True)
                if shown and each.others >= FEWEST and each.name in counted and not isnan(each.low)
            ]
    return kept


# Justified envy


@dataclass(frozen=True, slots=True)
class Envy:
    """A family and a household that both rank each other above what they got, and why it is so.

    Each ranks by the aims of the round, in their order. `has` is the family's own household and
    `holder` the household's own family, None where there is none.
    """

    request_id: str
    household_id: str
    has: str | None
    holder: str | None
    reason: str


def envies(recorder: Recorder) -> list[Envy]:
    """Every such pair, by request and then household; families and households held by people apart.

    The reason is what the round would lose with the pair: its price.
    """
    solved, prepared = recorder.round, recorder.prepared
    problem, chosen = prepared.problem, solved.solution.household
    rank = ranked(problem)
    nobody = np.iinfo(np.int64).min
    family, home = np.full(problem.requests, nobody), np.full(problem.households, nobody)
    edges = problem.edges(chosen)
    family[problem.request[edges]] = home[problem.household[edges]] = rank[edges]
    envied = np.flatnonzero((rank > family[problem.request]) & (rank > home[problem.household]))
    holders = np.full(problem.households, UNPLACED)
    holders[problem.household[edges]] = problem.request[edges]
    names = recorder.request_ids, recorder.household_ids
    found = sorted(
        (names[0][problem.request[edge]], names[1][problem.household[edge]], edge)
        for edge in envied.tolist()
    )
    made = []
    for place, (request_id, household_id, edge) in enumerate(found):
        has, holder = int(chosen[problem.request[edge]]), int(holders[problem.household[edge]])
        made.append(
            Envy(
                request_id,
                household_id,
                None if has == UNPLACED else names[1][has],
                None if holder == UNPLACED else names[0][holder],
                _reason(recorder, edge, place),
            )
        )
    return made


def ranked(problem: Problem) -> Integers:
    """What orders edges by all aims in their order, (edges,): greater is better, equals alike."""
    # One weight holds all aims, and of single edges too an aim outweighs the later.
    if problem.exact:
        return problem.worth_of(slice(None))
    values = np.array([problem.of_edges(aim) for aim in problem.aims], np.int64)
    if not values.size:
        return np.zeros(len(problem.request), np.intp)
    order = np.lexsort(values[::-1])
    steps = (np.diff(values[:, order], axis=1) != 0).any(axis=0)
    rank = np.empty(len(order), np.intp)
    rank[order] = np.concatenate([[0], np.cumsum(steps)])
    return rank


def _reason(recorder: Recorder, edge: int, place: int) -> str:
    """What can be said of a pair, to follow its name; under a limit each price is a solve."""
    solved = recorder.round
    few = place < PRICED_UNDER_LIMITS and not solved.prices_take_long
    if solved.prices is None and not few:
        return "has no price worked out, as a limit may be in play"
    price = solved.price(edge)
    if price is None:
        return "is not allowed by a limit of this round"
    return recorder.loss(price, int(solved.prepared.problem.request[edge]))
