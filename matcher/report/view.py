"""What every output for people shows of a round, once: the page, the workbook and the figures.

It is made of the record from which privacy has taken out where hidden households are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from matcher import explain, price_words, privacy
from matcher.calendar import diary
from matcher.calendar.diary import Entry
from matcher.equity.groups import Difference, Envy, Group, differences, envies, groups
from matcher.explain import HELD, NOT_SHOWN, WHERE_NOT_KNOWN, Explainer, Line, explain_failed, lives
from matcher.governance.policy_page import record as register
from matcher.policy import aims, duties, position
from matcher.policy.changes import ChangeWords
from matcher.policy.criteria import CRITERIA
from matcher.policy.declines import Refused, is_stale, of_households, oldest_fresh
from matcher.policy.duties import DutyWords
from matcher.policy.duties.form import ACCEPTED, RESOURCE_TEAM, SOCIAL_WORKER, WITHHELD
from matcher.policy.family import family_line
from matcher.policy.in_force import rules_that_tell_place
from matcher.policy.settings import Policy
from matcher.record import (
    HouseholdRecord,
    Ranked,
    RequestRecord,
    RoundRecord,
    as_json,
    round_json,
)
from matcher.recorder import Recorder
from matcher.rounds import NEAREST_TOLD, SolvedRound
from matcher.show.files import Record
from matcher.sizes import MANY_REQUESTS
from matcher.terms import AsIs
from matcher.whatif.firmness import firmness
from matcher.whatif.keep import Earlier, Keeping, keeping
from matcher.whatif.looking_ahead import expects, if_it_did
from matcher.whatif.next_rounds import next_rounds
from matcher.whatif.openings import single_changes
from matcher.whatif.words import firm_record, next_record
from matcher.words import and_list, label, ordinal, upper_first, when

BEST_SHOWN = 5  # ranked households that the report of a large round keeps for each request
SAME_STEP = {  # the duty that asks for what an outcome of screening does
    "head_of_service": "head_of_service",
    "legal_advice": "legal_advice",
    "no_consent": "consent",
}
INTERNAL = (
    "It says where households are whose place nobody may know who does not keep the addresses. "
    "Do not pass it on, and do not put it with the papers of the meeting. (PC-5.3d)"
)
OUTCOMES = {"proposed": "proposed", "unplaced": "waits", "placed": "placed"}


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do: by whom and when, for which family and household, and how it stands.

    `key` is the duty's, None of a step that no event settles. `name` says it in a word or two,
    `workers` are the family's own whose role `who` is.
    """

    key: str | None
    name: str
    who: str
    workers: tuple[str, ...]
    by: date | None
    overdue: bool
    request_id: str
    household_id: str | None
    action: str
    evidence: str
    unrecorded: bool
    clause: str

    @property
    def person(self) -> str:
        """Who does it, as a list by person names them: the worker where one is named, and the role."""
        if not self.workers:
            return upper_first(self.who)
        return f"{and_list(self.workers)}, {self.who}"


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since an earlier round, a sentence or two each, and the day of that round."""

    since: date
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """A single change that opens a household to families that wait; `placed` is None unsolved."""

    household_id: str
    what: str
    who: str
    on: date | None
    families: tuple[str, ...]
    placed: int | None


class RoundView:
    """A round as people read it, made of its record alone: no data and no solver are asked.

    `policy` is the one that the round was made with, `warnings` are what its data leave open,
    `kept_lines` what it keeps of an earlier round. `internal` shows where hidden households are.
    """

    def __init__(
        self,
        whole: RoundRecord,
        policy: Policy,
        warnings: Sequence[str] = (),
        kept_lines: Sequence[str] = (),
        *,
        internal: bool = False,
    ) -> None:
        self.frame, self.policy, self.internal = whole, policy, internal
        self.changes: Changes | None = None  # since the last round, where somebody looked for one
        self._warnings, self._kept_lines = warnings, kept_lines

    @cached_property
    def record(self) -> RoundRecord:
        """The record as people may see it."""
        return self.frame if self.internal else privacy.for_people(self.frame)

    @cached_property
    def _hiding(self) -> privacy.Hiding:
        return privacy.Hiding.of(self.frame, internal=self.internal)

    @property
    def warnings(self) -> Sequence[str]:
        """What the data leave open."""
        return self._warnings

    @property
    def kept_lines(self) -> Sequence[str]:
        """What the round keeps of an earlier one, in sentences; none where it keeps to none."""
        return self._kept_lines

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self.frame.round.as_of

    @property
    def title(self) -> str:
        """The title of the round."""
        return AsIs(self.frame.round.title or "Match round")

    @property
    def hidden(self) -> frozenset[str]:
        """The households of which nothing here says where they are."""
        return self._hiding.hidden

    @cached_property
    def explainer(self) -> Explainer:
        """The sentences of the round."""
        return Explainer(self.record, self.hidden)

    @cached_property
    def calendar(self) -> list[Entry]:
        """Every dated duty of the round."""
        return diary.of_record(self.record)

    @cached_property
    def first(self) -> list[Line]:
        """Who has nowhere tonight, and who would start late."""
        return self.explainer.first()

    @cached_property
    def alerts(self) -> list[Line]:
        """What people must look at next."""
        return self.explainer.alerts()

    @cached_property
    def requests(self) -> tuple[RequestRecord, ...]:
        """Every request, by id."""
        return self.record.requests

    def request(self, request_id: str) -> RequestRecord | None:
        """A request by its id; None where it is not among them."""
        return next((each for each in self.requests if each.request_id == request_id), None)

    @property
    def open_requests(self) -> list[RequestRecord]:
        """The requests that are open, by id."""
        return [each for each in self.requests if each.state == "open"]

    def ranked(self, request: RequestRecord) -> list[Ranked]:
        """The ranked households that round.json writes, and the proposed one in any case."""
        pair = request.facts.pair
        return [*request.ranked, *([pair] if pair is not None and pair.rank is not None else [])]

    def outcome(self, request: RequestRecord) -> str:
        """What came out for one request, in a few words."""
        return OUTCOMES.get(request.outcome, "not matched")

    def short(self, request: RequestRecord) -> str:
        """Why, in one line, and whether it is provisional."""
        why = self.why(request)
        return f"{why}; provisional" if request.provisional else why

    def why(self, request: RequestRecord) -> str:
        """Why, in one line."""
        facts, proposal = request.facts, request.proposal
        if request.state == "placed":
            return lives(facts.living) if facts.living else WHERE_NOT_KNOWN
        if request.outcome == "unplaced":
            if not facts.eligible:
                return "no eligible household"
            return (
                "held back by a limit"
                if self.explainer.is_limited(request)
                else "every household that is eligible is needed for others"
            )
        if proposal is None:
            return HELD[request.outcome]
        if proposal.pinned:
            return "held by people"
        kind = facts.relationships.get(proposal.household_id)
        known = f"{label(kind)}; " if kind else ""
        if explain.stays(request):
            known = f"lives there today, no move; {known}"
        if facts.eligible == 1:
            return f"{known}the only household"
        place = f"{known}ranks {ordinal(proposal.rank or 0)} of {facts.eligible:,}"
        return place if proposal.rank == 1 else f"{place}: see why"

    def facts(self, request: RequestRecord) -> str:
        """The request in one line, without anything that names a person or a place."""
        return family_line(request.facts.family, request.regime, request.urgency)

    def starts_on(self, request: RequestRecord) -> date | None:
        """The day on which a family would start where it is proposed; where it lives there, on which it did."""
        living = request.facts.living
        if request.proposal is not None and not explain.stays(request):
            return request.proposal.starts_on
        lives_there = request.state == "placed" or request.proposal is not None
        return living.started_on if living and lives_there else None

    def needed(self, request: RequestRecord) -> str | None:
        """When a family needs a home, None where it is placed."""
        return None if request.state == "placed" else when(request.urgency)

    def position(self, request: RequestRecord) -> list[str]:
        """The legal position of a family, and when it will change."""
        return position.position_lines(request.facts.family)

    def points(self, ranked: Ranked) -> list[float | str]:
        """The points of each criterion, '–' where it doesn't apply."""
        return [
            NOT_SHOWN if WITHHELD in each.facts else "–" if each.value is None else each.points
            for each in ranked.criteria
        ]

    def price(self, request: RequestRecord, ranked: Ranked) -> str:
        """What choosing this household would cost the round, in a few words."""
        price = ranked.cost_to_round
        if price is not None:
            return price_words.cell(price_words.Cost.read(price.aims, price.moves))
        if request.outcome in HELD:
            return "for information only"
        return self.explainer.no_price(request, ranked.household_id)

    def support(self, ranked: Ranked) -> list[tuple[str, str]]:
        """The criteria with a gap, and what would close each."""
        found = [(score.name, explain.explain_score(score).support) for score in ranked.criteria]
        return [(name, support) for name, support in found if support]

    def takes(self, request: RequestRecord, household_id: str) -> list[ChangeWords]:
        """The least it would take to make a household eligible for a family, where the record says it."""
        near = (each for each in request.facts.nearest if each.household_id == household_id)
        return [change for each in near for change in explain.changes_of(each, self.policy)]

    # What is to do

    @cached_property
    def tasks(self) -> list[tuple[str, list[Task]]]:
        """What has to be done, by who does it: every duty that is open, and next steps."""
        by_person: dict[str, list[Task]] = defaultdict(list)
        for request in self.requests:
            for task in self._tasks_of(request):
                by_person[task.person].append(task)
        return [
            (who, sorted(tasks, key=lambda task: (task.by or date.max, task.request_id)))
            for who, tasks in sorted(by_person.items())
        ]

    def _tasks_of(self, request: RequestRecord) -> Iterator[Task]:
        checklist = self.checklist(request)
        for duty in duties.to_do(checklist):
            yield task_of(duty, request.request_id, self.home(request))
        if request.outcome == "unplaced":
            yield from self.asking(request)
        elif self.home(request) is None:
            asked = {duty.duty for duty in checklist if duty.still}
            if SAME_STEP.get(request.outcome) not in asked:
                yield from self._steps(request)

    def _steps(self, request: RequestRecord) -> Iterator[Task]:
        """What screening says comes next for a family that it holds back."""
        holding = {
            found.next_step: found
            for found in request.screening
            if found.outcome == request.outcome
        }
        for next_step, found in holding.items():
            yield Task(
                None,
                next_step.rstrip("."),
                RESOURCE_TEAM if request.outcome == "residential" else SOCIAL_WORKER,
                (),
                self._needed_from(request),
                self._needed_from(request) < self.as_of,
                request.request_id,
                None,
                next_step,
                found.reason,
                False,
                found.clause,
            )

    def checklist(self, request: RequestRecord) -> list[DutyWords]:
        """The duties of a family that its page lists: open, or accepted though they are not done.

        Those of a match come once there is a household. Of a family that goes to a residential
        search, only what the Resource team still has to decide.
        """
        still = [d for d in explain.duties_of(request) if d.still or d.status == ACCEPTED]
        if request.outcome == "residential":
            still = [duty for duty in still if duty.duty == duties.HANDED_BACK]
        elif self.home(request) is None and request.facts.living is None:
            still = [
                duty
                for duty in still
                if duties.named(duty.duty, self.policy).of in (duties.REQUEST, duties.PLACEMENT)
            ]
        return duties.words(still, self.policy)

    def home(self, request: RequestRecord) -> str | None:
        """The household that a family is proposed for, or lives with where it is placed."""
        if request.proposal is not None:
            return request.proposal.household_id
        living = request.facts.living
        return living.household_id if living and request.state == "placed" else None

    def _needed_from(self, request: RequestRecord) -> date:
        """The day from which a family needs a home."""
        return date.fromisoformat(str(request.facts.family["needed_from"]))

    def asking(self, request: RequestRecord) -> Iterator[Task]:
        """The single changes that would let a household take a family that waits."""
        where = rules_that_tell_place(self.policy)
        near = [
            each
            for each in request.ineligible
            if len(each.failed) == 1
            and not self.explainer.is_pinned(each.household_id)
            and each.failed[0].rule not in where
        ]
        for each in near[:NEAREST_TOLD]:
            failing = explain_failed(each.failed[0], self.policy)
            yield Task(
                None,
                failing.fix.rstrip("."),
                failing.who,
                (),
                self._needed_from(request),
                self._needed_from(request) < self.as_of,
                request.request_id,
                each.household_id,
                failing.fix,
                f"{failing.reason} It is the only rule that fails.",
                False,
                explain.clause_of(each.failed[0], self.policy),
            )

    def duties(self, request: RequestRecord) -> list[DutyWords]:
        """The duties of a request, with those of its proposed household, in words."""
        return duties.words(explain.duties_of(request), self.policy)

    def contests(self) -> list[str]:
        """The sentences that name a contest, once each."""
        lines = [
            line.sentence
            for request in self.requests
            if request.facts.contest is not None
            for line in self.explainer.lines(request)
            if line.kind == "contest"
        ]
        return list(dict.fromkeys(lines))

    # Households

    @property
    def households(self) -> tuple[HouseholdRecord, ...]:
        """Every household, by id."""
        return self.record.households

    @cached_property
    def stale(self) -> set[str]:
        """The households whose profile is stale."""
        oldest = oldest_fresh(self.as_of, self.policy)
        return {e.household_id for e in self.households if is_stale(e, oldest)}

    # The round

    def aims(self) -> list[Record]:
        """The aims with what was reached and what could be."""
        return [
            {
                "name": aims.aim_of(aim.name).name,
                "value": aims.aim_of(aim.name).written(aim.value),
                "bound": aims.aim_of(aim.name).written(aim.bound),
                "optimal": aim.optimal,
            }
            for aim in self.record.objective
        ]

    def proven(self) -> str:
        """Whether the round is the best there is, who says so, and what its fit leaves out."""
        leaves_out = "" if self.internal else explain.fit_leaves_out(self.record)
        return f"{self._proven()} {leaves_out}".rstrip()

    def _proven(self) -> str:
        if not all(aim.optimal for aim in self.record.objective):
            return "This is the best round that was found; not every aim is proven."
        if self.record.certificate.word is not None:
            return "No other round does better. A limit is in play: this is the solver's word."
        return (
            "No other round does better, aim by aim. The certificate in round.json proves it, and "
            "anyone can check it without the software that found the round."
        )

    def register(self) -> Record:
        """The policy in use."""
        return register(self.policy)

    def criteria(self) -> list[str]:
        """The names of the criteria, in their order."""
        return [label(each.key) for each in CRITERIA]


class View(RoundView):
    """A solved round as people read it, with what only its data and a solver can say.

    A large one knows its requests once `json` is written: they are explained on the way, and only
    what the report shows of each is kept.
    """

    def __init__(
        self, solved: SolvedRound, before: Earlier | None = None, *, internal: bool = False
    ) -> None:
        self.solved, self.before = solved, before
        self.recorder = Recorder(solved)
        super().__init__(self.recorder.frame(), solved.prepared.policy, internal=internal)
        self._cut: list[tuple[RequestRecord, int]] = []

    @cached_property
    def whole(self) -> RoundRecord:
        """The whole record; that of a large round is without its requests."""
        if self.large:
            return self.frame
        requests = self.recorder.each_request(lambda each: each)
        return replace(self.frame, requests=tuple(requests))

    @cached_property
    def record(self) -> RoundRecord:
        """The record as people may see it; of a large round with what its report shows."""
        if not self.large:
            return self.whole if self.internal else privacy.for_people(self.whole)
        return self._hiding.frame(
            replace(self.frame, requests=tuple(r for r, _ in self._cut)),
            sum(lost for _, lost in self._cut),
        )

    @property
    def large(self) -> bool:
        """Whether the round has more requests than a report can show one by one."""
        return len(self.solved.prepared.inputs.families) > MANY_REQUESTS

    def for_those_who_keep_addresses(self) -> View:
        """The same round with all that says where hidden households are."""
        view = View(self.solved, self.before, internal=True)
        view.changes = self.changes
        return view

    def json(self, *, alone: bool = False, inside: View | None = None) -> Iterator[bytes]:
        """round.json, piece by piece; `alone` where no report will be made.

        `inside` is the view of the same round for those who keep addresses, where it is shown too.
        """
        if not self.large:
            yield from round_json(self.whole, self.whole.requests)
        else:
            views = (self,) if inside is None else (self, inside)
            yield from round_json(self.frame, self._written(alone, views))

    def _written(self, alone: bool, views: tuple[View, ...]) -> Iterator[bytes]:
        for view in views:
            view._cut.clear()

        def write(request: RequestRecord) -> tuple[bytes, list[tuple[RequestRecord, int]]]:
            found = []
            for view in views:
                seen = _cut(request, view._hiding, alone)
                found.append((seen, privacy.fit_lost(request, seen)))
            return as_json(request), found

        for line, found in self.recorder.each_request(write):
            for view, cut in zip(views, found, strict=True):
                view._cut.append(cut)
            yield line

    @cached_property
    def kept(self) -> Keeping | None:
        """What the round keeps of an earlier one; None where it keeps to none."""
        return None if self.before is None else keeping(self.recorder, self.before)

    @property
    def kept_lines(self) -> Sequence[str]:
        """What the round keeps of an earlier one, in sentences; none where it keeps to none."""
        return list(self.kept.lines()) if self.kept else []

    @property
    def warnings(self) -> Sequence[str]:
        """What the data leave open."""
        return [fault.sentence_of_whom() for fault in self.solved.prepared.inputs.warnings]

    def takes(self, request: RequestRecord, household_id: str) -> list[ChangeWords]:
        """The least it would take to make a household eligible for a family."""
        if recorded := super().takes(request, household_id):
            return recorded
        row = self.recorder.request_ids.index(request.request_id)
        household = self.solved.prepared.household_at[household_id]
        near = self._hiding.near(self.recorder.near_miss(row, household))
        return explain.changes_of(near, self.policy)

    @cached_property
    def openings(self) -> list[Opening]:
        """The single changes that would let most families be placed, best first."""
        return [
            Opening(
                each.household_id,
                each.change.what,
                each.change.who,
                each.change.on,
                tuple(each.request_ids),
                None if each.placed is None else sum(each.placed),
            )
            for each in single_changes(self.solved)
        ]

    # What else could be

    @property
    def asks_on(self) -> bool:
        """Whether the report says what else could be: not where each answer needs a solve."""
        return not self.large and self.solved.prices is not None

    @cached_property
    def firm(self) -> dict[str, Record]:
        """How firm each proposal is that people do not hold, by request."""
        if not self.asks_on:
            return {}
        records = firm_record(self.solved, firmness(self.solved), internal=self.internal)
        return {record["request_id"]: record for record in records}

    @cached_property
    def next_rounds(self) -> list[Record]:
        """The five best whole rounds after the proposal."""
        if not self.asks_on:
            return []
        best = next_rounds(self.solved)
        rounds: list[Record] = next_record(self.solved, best, 1, internal=self.internal)["rounds"]
        return rounds

    @cached_property
    def looking_ahead(self) -> str:
        """What the round expects that looks ahead, what looking would change in another; '' in a large one."""
        if self.record.ahead is not None:
            return expects(self.record.ahead)
        return if_it_did(self.solved) if self.asks_on else ""

    @cached_property
    def groups(self) -> list[Group]:
        """The families by group, and what came of them."""
        return groups(self.solved)

    @cached_property
    def differences(self) -> list[Difference]:
        """Each group against all other families."""
        return differences(self.recorder, self.groups)

    @cached_property
    def envies(self) -> list[Envy]:
        """The pairs that both rank each other above what they got, with their price."""
        return envies(self.recorder)

    @cached_property
    def refused(self) -> list[Refused]:
        """The households that a no was recorded of, those with most first."""
        return of_households(self.solved.prepared.inputs, self.solved.prepared.policy)


def task_of(duty: DutyWords, request_id: str, household_id: str | None) -> Task:
    """A duty as something to do."""
    return Task(
        duty.key,
        upper_first(label(duty.duty)),
        duty.who,
        duty.workers,
        duty.due,
        duty.status == duties.OVERDUE,
        request_id,
        household_id,
        duty.action,
        duty.evidence,
        duty.unrecorded,
        duty.clause,
    )


def is_proposed(request: RequestRecord, ranked: Ranked) -> bool:
    """Whether a ranked household is the one that is proposed."""
    proposal = request.proposal
    return proposal is not None and proposal.household_id == ranked.household_id


def _cut(request: RequestRecord, hiding: privacy.Hiding, alone: bool) -> RequestRecord:
    """What a report shows of a request in a large round; the terminal shows no ranks and no duties."""
    near = request.ineligible[:NEAREST_TOLD] if request.outcome == "unplaced" else ()
    cut = replace(request, ineligible=near)
    if not alone:
        return hiding.request(cut, BEST_SHOWN)
    return replace(hiding.request(replace(cut, duties=()), 0), ranked=())
