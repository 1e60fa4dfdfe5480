"""What a round keeps of an earlier one, what that costs, and why the rest could not be kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from matcher.ahead.outlook import Counted
from matcher.errors import WrongInput, wrong_file, wrong_option
from matcher.explain import clause_of, explain_failed
from matcher.intake.inputs import Inputs
from matcher.policy import aims
from matcher.policy.settings import Policy
from matcher.price_words import amounts
from matcher.privacy import told_totals
from matcher.recorder import Recorder
from matcher.rounds import SolvedRound, match, prepare
from matcher.show.files import Record
from matcher.solve.problem import UNPLACED, Indices
from matcher.words import and_list, count, label, long_date, lower_first, needed

MOST_PAIRS = 20_000  # in a round whose weights are too great for one assignment
MOST_TOLD = 5  # moves and pairs that a sentence names; the workbook has all of them
MOST_REASONS = 2
NO_HOUSEHOLD = "no household"


@dataclass(frozen=True)
class Earlier:
    """An earlier round: its day, and the household of each request that it proposed."""

    as_of: date
    proposals: dict[str, str]


def earlier(record: Record, name: str) -> Earlier:
    """The proposals of a round.json; WrongInput where they can't be read from it."""
    try:
        day = date.fromisoformat(record["round"]["as_of"])
        found = {
            str(each["request_id"]): str(each["proposal"]["household_id"])
            for each in record["requests"]
            if each["proposal"] is not None
        }
    except (KeyError, TypeError, ValueError):
        problem = "It does not say its day, or whom it proposes for each request."
        fix = "Name the round.json that 'matcher round' wrote."
        raise WrongInput([wrong_file(name, problem, fix)]) from None
    return Earlier(day, found)


def match_keeping(
    inputs: Inputs, policy: Policy, top: int, before: Earlier, counted: Counted | None = None
) -> SolvedRound:
    """The proven optimum of a round that keeps to an earlier one; WrongInput where it is too large."""
    prepared = prepare(inputs, policy, top, before.proposals, counted)
    pairs = len(prepared.problem.request)
    if not prepared.problem.exact and pairs > MOST_PAIRS:
        size = f"{len(inputs.requests):,} requests with {pairs:,} eligible pairs"
        problem = f"The round is too large to keep to an earlier one: {size}."
        fix = "Run it without --keep, or in parts. About 500 requests can be kept to."
        raise WrongInput([wrong_option("--keep", problem, fix)])
    return match(prepared)


@dataclass(frozen=True)
class Move:
    """A family that would be elsewhere if nothing were kept; '' where it would be nowhere."""

    request_id: str
    now: str
    without: str


@dataclass(frozen=True)
class Lost:
    """An earlier proposal that could not be kept, where the family goes now, and why."""

    request_id: str
    was: str
    now: str
    why: str


@dataclass(frozen=True)
class Keeping:
    """What was kept, what that loses in the aims after it, and what could not be kept.

    `losses` and `moves` are against the best round that keeps to nothing.
    """

    as_of: date
    kept: tuple[tuple[str, str], ...]
    lost: tuple[Lost, ...]
    losses: Mapping[str, int]
    moves: tuple[Move, ...]

    def lines(self) -> Iterator[str]:
        """All of it in sentences, the longest lists cut short."""
        earlier = len(self.kept) + len(self.lost)
        yield (
            f"Kept {len(self.kept):,} of {count(earlier, 'placement')} of the round of "
            f"{long_date(self.as_of)}. {self._price()}"
        )
        if self.lost:
            said = [f"{each.request_id} ({each.why})" for each in self.lost]
            yield f"{len(said):,} could not be kept: {'; '.join(_first(said))}."

    def _price(self) -> str:
        if not self.kept:
            return "Nothing could be kept."
        start = f"Keeping {'it' if len(self.kept) == 1 else 'them'} costs"
        moved = "; ".join(_first([said(each) for each in self.moves]))
        if lost := amounts(self.losses):
            return f"{start} {and_list(lost)}; without it these would move: {moved}."
        if self.moves:
            return f"{start} nothing; without it these would move at the same fit: {moved}."
        return f"{start} nothing: the round would be the same without it."


def said(move: Move) -> str:
    """'R03 from H07 to H12'."""
    start, end = move.now or NO_HOUSEHOLD, move.without or NO_HOUSEHOLD
    return f"{move.request_id} from {start} to {end}"


def _first(items: list[str]) -> list[str]:
    more = len(items) - MOST_TOLD
    return [*items[:MOST_TOLD], f"and {more:,} more"] if more > 0 else items


def keeping(recorder: Recorder, before: Earlier) -> Keeping:
    """What a round that was solved with `keep` kept of an earlier one.

    It is solved once more without that aim: what it then reaches more is what keeping costs.
    """
    solved = recorder.round
    free = _without(solved)
    now, then = _named(recorder, solved.household), _named(recorder, free.household)
    kept, lost = [], []
    for request_id, was in sorted(before.proposals.items()):
        if now.get(request_id) == was:
            kept.append((request_id, was))
        else:
            why = _why_not(recorder, request_id, was)
            lost.append(Lost(request_id, was, now.get(request_id, ""), why))
    moves = [Move(name, now[name], then[name]) for name in now if now[name] != then[name]]
    reached, best = told_totals(solved), told_totals(free)
    losses = {key: value - reached[key] for key, value in best.items()}
    return Keeping(before.as_of, tuple(kept), tuple(lost), losses, tuple(moves))


def _without(solved: SolvedRound) -> SolvedRound:
    """The best round of the same data that keeps to nothing."""
    prepared = solved.prepared
    without = tuple(aim for aim in prepared.problem.aims if aim.name != aims.kept.key)
    problem = replace(prepared.problem, aims=without)
    return match(replace(prepared, problem=problem, keep=None))


def _named(recorder: Recorder, household: Indices) -> dict[str, str]:
    homes = ["" if at == UNPLACED else recorder.household_ids[at] for at in household]
    return dict(zip(recorder.request_ids, homes, strict=True))


def _why_not(recorder: Recorder, request_id: str, was: str) -> str:
    """Why an earlier pair is not proposed again, in a few words."""
    prepared, solved = recorder.prepared, recorder.round
    if request_id not in recorder.request_ids:
        return "the request is no longer open"
    if was not in recorder.household_ids:
        return f"{was} is no longer among the households"
    row, household_index = recorder.request_ids.index(request_id), recorder.household_ids.index(was)
    if row in prepared.pins:
        return f"people decided on {recorder.household_ids[prepared.pins[row].household]}"
    if (held := prepared.outcomes[row]) is not None:
        return f"it is not matched: {label(held)}"
    edge = prepared.edge(row, household_index)
    if edge is None:
        failed = recorder.hiding.failed(was, recorder.failed(row, household_index))[:MOST_REASONS]
        reasons = [
            lower_first(explain_failed(each, prepared.policy).reason).rstrip(".") for each in failed
        ]
        clauses = ", ".join(dict.fromkeys(clause_of(each, prepared.policy) for each in failed))
        closed = "is closed" if prepared.screened.closed[household_index] else "is not eligible"
        return f"{was} {closed}: {and_list(reasons)}; {clauses}"
    if household_index in prepared.pinned_households:
        return f"people hold {was} for {recorder.request_ids[prepared.pinned_households[household_index]]}"
    if prepared.problem_edge(edge) is None:
        return f"{was} is too near a family that it must be kept apart from"
    price = recorder.price(edge)
    if price is None and recorder.is_priced(edge):
        return f"a limit of this round does not allow {was}"
    if price is not None and not any(price.losses):
        return "keeping it instead of another would be worth the same: people may prefer it"
    if price is not None:
        return f"keeping it {recorder.loss(price, row)}"
    holder = solved.holder.get(household_index)
    if holder is not None:
        return f"{was} is needed for {recorder.request_ids[holder]}, {needed(recorder.urgency[holder])}"
    return f"within the limits of this round the aims before come out better without {was}"
