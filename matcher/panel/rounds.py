"""Rounds in the panel: run, kept in the history, and read back as pages."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import orjson
from django.db import transaction
from django.db.models import F, QuerySet

from matcher.current import policy_of
from matcher.explain import Explainer, Line
from matcher.history.comparing import comparison
from matcher.history.counted import counted
from matcher.history.recall import in_words
from matcher.history.recording import content_of, record_round
from matcher.history.sides import Pairing
from matcher.history.words import changes_in_lines
from matcher.intake.inputs import Inputs
from matcher.panel import trail, world
from matcher.panel.acts import Reach, reach
from matcher.panel.models import Round, State
from matcher.panel.own import own_households, own_requests
from matcher.panel.store import PanelStore
from matcher.policy.alerts import FIRST
from matcher.policy.settings import Policy
from matcher.record import Alert, HouseholdRecord, RequestRecord, RoundRecord, read
from matcher.report import meeting
from matcher.report.view import Changes, RoundView, View
from matcher.rounds import DEFAULT_TOP, SolvedRound, match, prepare
from matcher.show.files import Record
from matcher.sizes import MANY_REQUESTS
from matcher.solve.problem import UNPLACED
from matcher.verification import counted_of
from matcher.whatif.keep import earlier, match_keeping

if TYPE_CHECKING:
    from matcher.panel.models import User


SAME = ("state_version", "as_of", "policy_sha256")  # of rounds of the same data


def _rounds() -> QuerySet[Round]:
    """The rounds without their tables, which are large and which few ask for."""
    return Round.objects.defer("tables")


def last() -> Round | None:
    """The round that was run last."""
    return _rounds().order_by("-number").first()


def on_the_table() -> Round | None:
    """The round that people work on: of the latest day the one adopted last, else the one run last."""
    in_turn = ("-as_of", F("adopted_at").desc(nulls_last=True), "-number")
    return _rounds().order_by(*in_turn).first()


@lru_cache(maxsize=8)
def _before(number: int, sha256: str) -> Round | None:
    made = _rounds().get(number=number)
    earlier_rounds = _rounds().filter(number__lt=number)
    return (
        earlier_rounds.filter(as_of__lt=made.as_of).order_by("-as_of", "-number").first()
        or earlier_rounds.order_by("-number").first()
    )


def before(made: Round) -> Round | None:
    """The round before it: the last of an earlier day, else the last that was run before."""
    return _before(made.number, made.round_sha256)


def run(user: User, keep: Round | None = None) -> Round:
    """Run a round of the data as they are, keeping to an earlier one where one is named.

    Of two runs of the same data the second is the first, and one that keeps to a round of the same data
    is that round. WrongInput where the data have faults.
    The data are read in one transaction and solved outside it: who changes them meanwhile is not kept
    waiting, and the round is outdated from the start.
    """
    with transaction.atomic():
        state = State.objects.get()
        found = world.tables()
    day = world.today(state)
    inputs, policy = world.load(state, found, day)
    number = keep.number if keep else 0
    key = {
        "state_version": state.version,
        "as_of": day,
        "policy_sha256": policy.sha256,
        "keep_number": number,
    }
    same = _rounds().filter(**{name: key[name] for name in SAME})
    if keep is not None and same.filter(number=keep.number).exists():
        return keep
    if (made := same.filter(keep_number=number).first()) is not None:
        return made
    kept_to = earlier(orjson.loads(document(keep)), "round.json") if keep else None
    history = counted(PanelStore(), inputs, policy)
    found_round = (
        match(prepare(inputs, policy, DEFAULT_TOP, counted=history))
        if kept_to is None
        else match_keeping(inputs, policy, DEFAULT_TOP, kept_to, history)
    )
    made_view = View(found_round, kept_to)
    whole = b"".join(made_view.json())
    at = datetime.now(UTC)
    with transaction.atomic():
        State.objects.select_for_update().get()
        if (made := Round.objects.filter(**key).first()) is not None:
            return made
        recorded = record_round(PanelStore(), whole, inputs.decision_log, at)
        made = Round.objects.create(
            **key,
            made_at=at,
            made_by=user.pk,
            input_sha256=inputs.sha256,
            round_sha256=hashlib.sha256(whole).hexdigest(),
            entry=recorded.round.number,
            tables=world.snapshot(found, state),
            kept_lines=list(made_view.kept_lines),
            warnings=list(made_view.warnings),
        )
        trail.append(user, "ran", f"round {made.number}", {"entry": made.entry, "keep": number})
    return made


def document(made: Round) -> bytes:
    """The round.json of a round, byte for byte as it was recorded."""
    with PanelStore().reading() as session:
        found = session.document(made.entry)
    assert isinstance(found, bytes | memoryview)
    return bytes(found)


@lru_cache(maxsize=4)
def _record(number: int, sha256: str) -> RoundRecord:
    made = _rounds().get(number=number)
    return read(RoundRecord, orjson.loads(document(made)))


@lru_cache(maxsize=8)
def _view(number: int, sha256: str, internal: bool) -> RoundView:
    made = _rounds().get(number=number)
    record = _record(number, sha256)
    policy = policy_of(record.round)
    return RoundView(record, policy, made.warnings, made.kept_lines, internal=internal)


def view(made: Round, *, internal: bool = False) -> RoundView:
    """A round as people read it; the last few stay in memory, as a round never changes."""
    return _view(made.number, made.round_sha256, internal)


class OwnView(RoundView):
    """A round as somebody reads it who sees own families and homes alone: no list holds another."""

    def __init__(self, whole: RoundView, requests: Collection[str], homes: Collection[str]) -> None:
        super().__init__(whole.frame, whole.policy, internal=whole.internal)
        self.whole, self.own_requests, self.own_homes = whole, requests, homes

    @cached_property
    def record(self) -> RoundRecord:
        """The record as people may see it."""
        return self.whole.record

    @cached_property
    def explainer(self) -> Explainer:
        """The sentences of the round: one of an own family may name another's id."""
        return self.whole.explainer

    @cached_property
    def requests(self) -> tuple[RequestRecord, ...]:
        """The own requests, by id."""
        return tuple(each for each in self.record.requests if each.request_id in self.own_requests)

    @property
    def households(self) -> tuple[HouseholdRecord, ...]:
        """The own households, by id."""
        return tuple(each for each in self.record.households if each.household_id in self.own_homes)

    @cached_property
    def first(self) -> list[Line]:
        """Who of the own has nowhere tonight, and who would start late."""
        return [self.explainer.alert(each) for each in self._own() if each.kind in FIRST]

    @cached_property
    def alerts(self) -> list[Line]:
        """What people must look at next in their own cases."""
        return [self.explainer.alert(each) for each in self._own() if each.kind not in FIRST]

    def _own(self) -> Iterator[Alert]:
        for each in self.record.alerts:
            if each.request_id in self.own_requests or (
                not each.request_id and each.household_id in self.own_homes
            ):
                yield each


def sees_all(user: User) -> bool:
    """Whether a user sees every family of a round."""
    return reach(user, "see_round") is Reach.ALL


def is_large(made: Round) -> bool:
    """Whether a round is so large that only a job solves it: a solve may fork, which no thread may."""
    return len(view(made).record.requests) >= MANY_REQUESTS


def seen_by(user: User, made: Round, *, internal: bool = False) -> RoundView:
    """A round as a user may see it: the whole of it, or the own cases alone."""
    whole = view(made, internal=internal)
    if sees_all(user):
        whole.changes = changes(made)
        return whole
    return OwnView(whole, own_requests(user), own_households(user))


@dataclass(frozen=True, slots=True)
class Paper:
    """What the meeting reads of a round: what is wrong and who waits, what to decide, what is to do."""

    first: list[meeting.Block]
    decisions: list[meeting.Decision]
    to_do: list[tuple[str, int, list[meeting.Due]]]


def _paper(seen: RoundView) -> Paper:
    first = meeting.first_page(seen, "where both rounds are compared", "in the workbook")
    decisions = [each for rows in meeting.decisions(seen) for each in rows]
    return Paper(first, decisions, meeting.to_do(seen))


_paper_of_all = lru_cache(maxsize=8)(_paper)


def paper(seen: RoundView) -> Paper:
    """The meeting's paper; that of a whole round stays in memory with its view."""
    return _paper(seen) if isinstance(seen, OwnView) else _paper_of_all(seen)


@lru_cache(maxsize=2)
def _data(number: int, sha256: str) -> tuple[Inputs, Policy]:
    made = Round.objects.get(number=number)
    inputs, _ = world.of_snapshot(bytes(made.tables), made.as_of)
    return inputs, policy_of(_record(number, sha256).round)


def data(made: Round) -> tuple[Inputs, Policy]:
    """The clean tables that a round was made of, and the policy that it was made with."""
    return _data(made.number, made.round_sha256)


@lru_cache(maxsize=2)
def _solved(number: int, sha256: str) -> SolvedRound:
    inputs, policy = _data(number, sha256)
    record = _record(number, sha256)
    history = None if record.ahead is None else counted_of(record.ahead)
    return match(prepare(inputs, policy, DEFAULT_TOP, record.round.keep, history))


def solved(made: Round) -> SolvedRound:
    """A round solved again of the tables that it was made of, never of those of today."""
    return _solved(made.number, made.round_sha256)


def comes_out_again(made: Round) -> bool:
    """Whether a round solved again proposes what it was recorded to, as it does in the same release."""
    again, record = solved(made), _record(made.number, made.round_sha256)
    homes = again.prepared.columns.household_ids
    names = zip(again.prepared.columns.request_ids, again.household.tolist(), strict=True)
    now = {name: homes[home] for name, home in names if home != UNPLACED}
    return now == {r.request_id: r.proposal.household_id for r in record.requests if r.proposal}


def whole_view(made: Round, *, internal: bool = False) -> View:
    """A round with what only its data and a solver can say of it: for papers, never for a page."""
    kept_to = _rounds().filter(number=made.keep_number).first()
    before_it = earlier(orjson.loads(document(kept_to)), "round.json") if kept_to else None
    found = View(solved(made), before_it, internal=internal)
    found.changes = changes(made)
    return found


@lru_cache(maxsize=8)
def _comparison(number: int, sha256: str, other: int, other_sha256: str) -> Record:
    """What changed from one round to another, as people may see it."""
    was, now = (Round.objects.get(number=each) for each in (number, other))
    decided = [
        [content_of(each) for each in world.of_snapshot(bytes(e.tables), e.as_of)[0].decision_log]
        for e in (was, now)
    ]
    return comparison(Pairing.of(in_words(view(was).record), in_words(view(now).record), *decided))


def compared(was: Round, now: Round) -> Record:
    """What changed from one round to another."""
    return _comparison(was.number, was.round_sha256, now.number, now.round_sha256)


def changes(made: Round) -> Changes | None:
    """What changed since the round before, None where there is none."""
    was = before(made)
    if was is None:
        return None
    return Changes(was.as_of, tuple(changes_in_lines(compared(was, made))))


def proposed_to(households: Collection[str]) -> set[str]:
    """The families that the round on the table proposes to some households."""
    made = on_the_table()
    if made is None:
        return set()
    return {
        request.request_id
        for request in view(made).requests
        if request.proposal is not None and request.proposal.household_id in households
    }
