"""Every single change of one kind, each with the whole round solved anew, the best first.

A change of one household alters that household's pairs alone. So all households are changed at once
and looked at once; then each one's new pairs take the place of its old ones in today's problem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from matcher.geo import miles, outcodes
from matcher.intake.edits import Edits, NewHousehold, apply
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Household, Request, headings
from matcher.model import Indices
from matcher.policy.aims import room_ahead
from matcher.policy.criteria import CRITERIA
from matcher.policy.in_force import rules_in_force
from matcher.policy.rules import ENOUGH_CARERS
from matcher.policy.settings import Policy
from matcher.rounds import Prepared, SolvedRound, match, prepare_again
from matcher.shipped import language_names
from matcher.solve import solve
from matcher.solve.problem import UNPLACED, Aim, Problem
from matcher.whatif.acts import ACTS, a_carer, a_household, ready
from matcher.whatif.difference import Difference, Move
from matcher.words import and_list, coded, count, label

RECRUIT, ALL = "recruit", "all"
KINDS = ("train", "second_carer", "open", "bedroom", RECRUIT)
NEW = "new household for"


@dataclass(frozen=True)
class Tried:
    """One change, what each aim gains, which more families are placed, and who goes elsewhere.

    `hides_fit`: what fit gains would tell where a hidden household is.
    """

    household_id: str
    what: str
    gains: tuple[int, ...]
    hides_fit: bool
    moves: tuple[Move, ...]
    edits: Edits

    @property
    def placed(self) -> tuple[str, ...]:
        """The families that have no household now, and would have one."""
        return tuple(move.request_id for move in self.moves if move.left is None)

    @property
    def moved(self) -> tuple[str, ...]:
        """The families that have a household now, and would go elsewhere."""
        return tuple(move.request_id for move in self.moves if move.left is not None)


def each(now: SolvedRound, kind: str) -> list[Tried]:
    """Every single change of a kind in `KINDS`, or of all, that would better the round.

    The best first: by the aims in their order, then by household_id, then as `KINDS` has them.
    """
    if kind == ALL:
        return sorted((one for some in KINDS for one in each(now, some)), key=_best_first)
    base = now.prepared
    changes = _recruits(base) if kind == RECRUIT else _changes(base, kind)
    return trials(now, dict(changes))


def trials(now: SolvedRound, changes: Mapping[str, tuple[str, Edits]]) -> list[Tried]:
    """What each change of one household gains by itself, of those that would better the round.

    `changes` has, by household_id, what a change is in words and its edits, which may alter that
    household alone, or make it. Each answer is exact: the round is solved anew. Where it looks ahead its
    values are counted anew too, so what it gains in them is not compared; and a change after which the
    pairs of that household count for the same is not looked at, whatever it is worth to those that may come.
    """
    base = now.prepared
    edits = tuple(edit for _, some in changes.values() for edit in some)
    changed = prepare_again(base, apply(base.inputs, edits))
    found = []
    for household_id, (what, some) in changes.items():
        tried = _tried(now, changed, household_id, what, some)
        if tried is not None and tried.gains > (0,) * len(tried.gains):
            found.append(tried)
    return sorted(found, key=_best_first)


def _best_first(one: Tried) -> tuple[list[int], str]:
    return [-gain for gain in one.gains], one.household_id


def _changes(base: Prepared, kind: str) -> Iterator[tuple[str, tuple[str, Edits]]]:
    act = ACTS[kind]
    for household_id in base.columns.household_ids:
        if edits := act.edits(base.inputs, household_id):
            yield household_id, (act.said.format(_named(base.inputs, household_id, kind)), edits)


def _named(inputs: Inputs, household_id: str, kind: str) -> str:
    """A household, with what it is today where the change would end that."""
    occupancy, status = inputs.occupancy.get(household_id), inputs.homes[household_id].status
    if kind != "open":
        return household_id
    if occupancy is not None and occupancy.lives:
        return f"{household_id} (occupied today)"
    return household_id if status == "approved" else f"{household_id} ({label(status)} today)"


def _tried(
    now: SolvedRound, changed: Prepared, household_id: str, what: str, edits: Edits
) -> Tried | None:
    """The round with one household changed; None where nobody would see a difference."""
    base = now.prepared
    at = base.household_at.get(household_id, len(base.household_at))
    if at in base.pinned_households:
        return None
    if base.problem.limited or changed.problem.limited:
        return _anew(now, household_id, what, edits)
    problem = _with(base.problem, at, changed.problem, changed.household_at[household_id])
    if problem is None:
        return None
    if base.ahead is not None:
        return _anew(now, household_id, what, edits)
    part = now.solution.part
    known = None if part is None else (base.problem.request[part], base.problem.household[part])
    solution = solve(problem, known and problem.edges_between(*known))
    before, after = now.solution.household, solution.household
    differs = before != after
    moved = {*before[differs].tolist(), *after[differs].tolist()}
    names, homes = base.columns.request_ids, (*base.columns.household_ids, household_id)

    def home(of: Indices, row: int) -> str | None:
        return None if of[row] == UNPLACED else homes[of[row]]

    return Tried(
        household_id,
        what,
        tuple(np.subtract(solution.values, now.solution.values).tolist()),
        _hides_fit(now, changed, household_id, moved),
        tuple(
            Move(names[row], home(before, row), home(after, row))
            for row in np.flatnonzero(differs).tolist()
        ),
        edits,
    )


def _anew(now: SolvedRound, household_id: str, what: str, edits: Edits) -> Tried:
    """The same where one household may change what the pairs of others count for: by limits, or looking ahead."""
    base = now.prepared
    compared = np.array([name != room_ahead.key for name in base.aims])
    then = match(prepare_again(base, apply(base.inputs, edits)), now)
    difference = Difference(what, now, then)
    named = [name for move in difference.moves for name in (move.left, move.to) if name]
    moved = {base.household_at[name] for name in named if name in base.household_at}
    return Tried(
        household_id,
        what,
        tuple((np.subtract(then.totals, now.totals) * compared).tolist()),
        _hides_fit(now, then.prepared, household_id, moved),
        tuple(difference.moves),
        edits,
    )


def _hides_fit(now: SolvedRound, changed: Prepared, household_id: str, moved: set[int]) -> bool:
    """Whether a hidden household, hidden before or after the change, has a part in it."""
    base = now.prepared
    after = changed.household_at[household_id] in changed.hidden
    return after or not base.hidden.isdisjoint(
        {*moved, base.household_at.get(household_id, UNPLACED)}
    )


def _with(
    problem: Problem, household_index: int, changed: Problem, changed_index: int
) -> Problem | None:
    """A problem with one household's edges as they are in another; None where they are the same.

    `household_index` and `changed_index` are its rows in the two, which have the same requests.
    """
    old, new = problem.household == household_index, changed.household == changed_index
    same = np.array_equal(problem.request[old], changed.request[new])
    pairs = list(zip(problem.aims, changed.aims, strict=True))
    if same and all(
        one.of_request or np.array_equal(one.values[old], other.values[new]) for one, other in pairs
    ):
        return None
    request = np.concatenate([problem.request[~old], changed.request[new]])
    same_household = np.full(int(new.sum()), household_index, problem.household.dtype)
    household = np.concatenate([problem.household[~old], same_household])
    order: Indices = np.lexsort((household, request))

    def joined(one: Aim, other: Aim) -> Aim:
        if one.of_request:
            return one
        return replace(one, values=np.concatenate([one.values[~old], other.values[new]])[order])

    return Problem(
        problem.requests,
        max(problem.households, household_index + 1),
        request[order],
        household[order],
        tuple(joined(one, other) for one, other in pairs),
    )


# One more household, made for a family


def _recruits(base: Prepared) -> Iterator[tuple[str, tuple[str, Edits]]]:
    """For each family that takes part, a household as it would need."""
    for row, request in enumerate(base.inputs.requests):
        if base.matchable(row) and row not in base.pins:
            household_id = f"{NEW} {request.request_id}"
            made = recruit(base, request, household_id)
            yield household_id, (_profile(made), (made,))


def recruit(base: Prepared, request: Request, household_id: str) -> NewHousehold:
    """A household that a family would need: near home, and as each criterion and rule asks."""
    cells = _recruited(request, base.policy)
    of_household = {name: cells.pop(name) for name in headings(Household) if name in cells}
    cells["skills"] = tuple(sorted(cells.get("skills", ())))
    first = a_carer(household_id, 1, **ready(base.inputs), **cells)
    household = a_household(household_id, nearest_place(base.inputs, request), **of_household)
    more = (a_carer(household_id, at, **ready(base.inputs)) for at in range(2, ENOUGH_CARERS + 1))
    return NewHousehold(household, (first, *more))


def _recruited(request: Request, policy: Policy) -> dict[str, Any]:
    """The cells that criteria and rules ask for; of lists the codes of all of them, each once."""
    cells: dict[str, Any] = {}
    for form in (*CRITERIA, *rules_in_force(policy)):
        for column, value in form.recruited(request, policy).items():
            joined = isinstance(value, tuple)
            cells[column] = (
                tuple(dict.fromkeys((*cells.get(column, ()), *value))) if joined else value
            )
    return cells


def nearest_place(inputs: Inputs, request: Request) -> str:
    """The outward postcode nearest to home in which a household may be; else where most are."""
    if request.home_postcode is None:
        codes = [row.postcode for row in inputs.households] or sorted(outcodes())[:1]
        return max(sorted(set(codes)), key=codes.count)
    places = outcodes()
    names = np.array([name for name in places if name not in request.keep_away])
    grid = np.array([(places[name].easting, places[name].northing) for name in names], float)
    origin = np.array(
        [places[request.home_postcode].easting, places[request.home_postcode].northing]
    )
    far = miles(origin[:1], origin[1:], grid[:, 0], grid[:, 1])
    short = np.maximum((request.min_miles or 0) - far, 0)  # where none is far enough, the farthest
    return str(names[np.lexsort((far, short))[0]])


def _profile(made: NewHousehold) -> str:
    """A household in words, without its place."""
    carer, household = made.carers[0], made.household
    said = [count(household.bedrooms or 0, "bedroom")]
    if household.takes_older_children:
        said.append(f"takes {count(household.takes_older_children, 'older child')}")
    said += [f"has {coded(household.features)}"] if household.features else []
    said += (
        [f"speaks {and_list(language_names()[code] for code in carer.languages)}"]
        if carer.languages
        else []
    )
    return f"one more household ({household.household_id.rpartition(' ')[2]}: {', '.join(said)})"
