"""Put one request to the round: who could take it, at what price to the others, what to ask first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from matcher.duty.assume import Assumption, complete
from matcher.duty.questions import Question, Round, Try, possible, questions
from matcher.duty.trials import Trial, trials
from matcher.intake.given import Given
from matcher.intake.inputs import Inputs
from matcher.intake.placements import begins_later
from matcher.intake.rows import Decision, Placement, Request
from matcher.policy.settings import Policy
from matcher.rounds import Prepared, SolvedRound, match, prepare
from matcher.solve import solve
from matcher.solve.force import force
from matcher.solve.prices import Price, difference
from matcher.solve.problem import UNPLACED, Indices, Problem, Solution

NOTHING, ELIGIBLE, FIRST, SCREENING = range(4)


@dataclass(frozen=True)
class Turn:
    """What one value of a missing column would come to, and the most that it would change."""

    tried: Try
    trial: Trial
    level: int


@dataclass(frozen=True)
class Missing:
    """A column that is missing, with each value that was tried."""

    question: Question
    assumed: bool
    turns: tuple[Turn, ...]

    @property
    def level(self) -> int:
        """The most that any of its values would change."""
        return max(turn.level for turn in self.turns)

    @property
    def weight(self) -> tuple[float, ...]:
        """How much it matters: what it changes, whether it was assumed, for how many values, by what."""
        most = [turn for turn in self.turns if turn.level == self.level]
        lost = max(_gain(turn) for turn in most)
        return self.level, self.assumed, len(most) / len(self.turns), lost


def _gain(turn: Turn) -> float:
    return float("inf") if turn.trial.lead is None else turn.trial.lead


@dataclass(frozen=True)
class Desk:
    """All that the duty desk says of one request.

    `before` is the household of each request as the others stood without this one, and `effects`
    are what the others lose if a household that was looked at is given away; without them where
    screening holds the request back. None is a household that the limits of the round don't allow.
    `lifted` is a match of this request that people hold, and that is left out of account here.
    """

    given: Given
    assumed: tuple[Assumption, ...]
    solved: SolvedRound
    row: int
    standing: Trial
    missing: tuple[Missing, ...]
    before: Indices | None
    effects: dict[int, Price | None]
    lifted: Decision | Placement | None

    @property
    def request(self) -> Request:
        """The request, with what was assumed."""
        return self.solved.prepared.inputs.requests[self.row]


def place(
    inputs: Inputs, policy: Policy, given: Given, top: int, keep: Mapping[str, str] | None = None
) -> Desk:
    """One request, complete or not, against the round, with its best `top` households priced.

    `keep` is the household of each request in the earlier round that this one keeps to.

    Raises WrongInput where a choice of people breaks a rule or a limit.
    """
    request, assumed = complete(given.cells, inputs.as_of, policy)
    lifted, around = _lifted(inputs, request)
    solved = match(prepare(around, policy, top, keep))
    prepared = solved.prepared
    row = prepared.columns.request_ids.index(request.request_id)
    standing, missing = _missing(prepared.inputs, policy, given, request, assumed)
    before: Indices | None = None
    effects: dict[int, Price | None] = {}
    if prepared.matchable(row):
        rest = prepared.problem.only(prepared.problem.request != row)
        others = solve(rest)
        before = others.household
        for edge in _looked_at(prepared, solved, row, top):
            at = prepared.problem_edge(edge)
            household_index = int(prepared.screened.household[edge])
            if at is not None:
                effects[household_index] = _effect(prepared.problem, at, rest, others)
            elif household_index not in prepared.pinned_households:
                effects[household_index] = None  # too near a family that it must be kept apart from
    return Desk(given, assumed, solved, row, standing, missing, before, effects, lifted)


def _lifted(inputs: Inputs, request: Request) -> tuple[Decision | Placement | None, Inputs]:
    """The round with this request as it is now; what people agreed for it ahead is left out."""
    name = request.request_id
    others = [each for each in inputs.requests if each.request_id != name]
    around = replace(
        inputs,
        requests=tuple(sorted([*others, request], key=lambda each: each.request_id)),
        placement_rows=tuple(
            row
            for row in inputs.placement_rows
            if row.request_id != name or not begins_later(row, inputs.as_of)
        ),
    )
    decided = {
        pair: row
        for pair, row in around.decisions.items()
        if pair[0] != name or not around.may_pin(pair, row)
    }
    around = replace(around, decisions=decided)
    return next((row for pair, row in inputs.pins.items() if pair[0] == name), None), around


def _looked_at(prepared: Prepared, solved: SolvedRound, row: int, top: int) -> list[int]:
    """The eligible pairs that are shown: the best, and the one that is proposed."""
    best: list[int] = prepared.best(row, top).tolist()
    proposed = prepared.edge(row, int(solved.household[row]))
    return best if proposed is None or proposed in best else [*best, proposed]


def _effect(problem: Problem, edge: int, rest: Problem, others: Solution) -> Price | None:
    """What the others lose if a pair is given: nothing where nobody has the household.

    `rest` is the problem without the request, and `others` its solution. None where the limits of
    the round don't allow the pair.
    """
    household_index = int(problem.household[edge])
    if problem.limited:
        forced = force(problem, edge)
        if forced is None:
            return None
        then = forced.household.copy()
        then[problem.request[edge]] = UNPLACED
    elif household_index in others.household:
        then = solve(rest.only(rest.household != household_index)).household
    else:
        then = others.household
    return difference(others.values, others.household, rest.totals(then), then)


def _missing(
    inputs: Inputs,
    policy: Policy,
    given: Given,
    request: Request,
    assumed: tuple[Assumption, ...],
) -> tuple[Trial, tuple[Missing, ...]]:
    """How the request stands, and what each missing column would change, what matters most first."""
    around = Round(inputs, policy)
    asked: list[tuple[Question, list[Try]]] = []
    rows = [request]
    for question in questions(given):
        tries = []
        for each, row in possible(given, question, around):
            if row != request:
                tries.append(each)
                rows.append(row)
        if tries:  # none where what is given settles it
            asked.append((question, tries))
    standing, *rest = trials(inputs, policy, request.request_id, rows)
    turn = iter(rest)
    columns = {each.column for each in assumed}
    found = []
    for question, tries in asked:
        turns = tuple(_turn(each, next(turn), standing) for each in tries)
        found.append(Missing(question, question.column in columns, turns))
    return standing, tuple(sorted(found, key=lambda each: each.weight, reverse=True))


def _turn(tried: Try, trial: Trial, standing: Trial) -> Turn:
    if trial.outcome != standing.outcome:
        return Turn(tried, trial, SCREENING)
    if trial.first != standing.first:
        return Turn(tried, trial, FIRST)
    return Turn(tried, trial, ELIGIBLE if trial.eligible != standing.eligible else NOTHING)
