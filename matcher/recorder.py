"""A solved round as its record: every fact that a sentence about it rests on, without a sentence."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from math import isnan
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from matcher import __version__, record
from matcher.ahead.fitted import Lasting, Refusals
from matcher.ahead.look import Ahead, left_open
from matcher.ahead.outlook import Rates
from matcher.cores import share_out
from matcher.eligibility import blocked_first, failed_bits, rules_failed, rules_of
from matcher.fit import MANY_EDGES, best_first, score
from matcher.intake.inputs import is_confirmed
from matcher.intake.placements import END, ended_early
from matcher.intake.rows import Decision, Request
from matcher.model import Indices, Numbers
from matcher.pins import Pin
from matcher.policy import aims, duties, position, provisional
from matcher.policy.aims import fit_comes_first
from matcher.policy.alerts import AlertKind
from matcher.policy.case import Case, CaseColumns, Reading, RequestCase
from matcher.policy.changes import smallest
from matcher.policy.criteria import CRITERIA
from matcher.policy.duties.form import ACCEPTED
from matcher.policy.facts import Facts
from matcher.policy.family import family_facts
from matcher.policy.forms import Rule
from matcher.policy.in_force import rules_in_force
from matcher.policy.pairs import KINDS, Pairs
from matcher.policy.rules import own_home
from matcher.policy.settings import Policy
from matcher.price_words import Bond, Need, sentence
from matcher.privacy import Hiding, hidden_ids, told_cost, told_fits
from matcher.rounds import NEAREST_TOLD, Prepared, SolvedRound, household_pairs
from matcher.sizes import MANY_REQUESTS, POINTS_AHEAD
from matcher.solve.prices import Price
from matcher.solve.problem import UNPLACED, Problem, Solution

Made = TypeVar("Made")

RANKED_ABOVE = 5  # households ranked above the proposed one that an explanation names
LARGEST_CONTEST = 6
LOOKED_AT_ONE_BY_ONE = (
    1_000  # households at most of which it is asked whether a rule's lack is recorded
)
REQUESTS_PER_BLOCK = 8  # that are scored at once
STAYING_PUT = "staying_put"
SOLVERS_WORD = "the solver's word: no duals prove a round in which such a limit binds"


def record_of(solved: SolvedRound) -> record.RoundRecord:
    """The whole round; requests in order of request_id."""
    recorder = Recorder(solved)
    return replace(recorder.frame(), requests=tuple(recorder.each_request(lambda each: each)))


@dataclass(frozen=True)
class _Block:
    """Some requests against the households that are written for any of them, scored all at once."""

    prepared: Prepared
    written: Mapping[int, Indices]  # the households of each request, by row
    pairs: Pairs
    values: Numbers  # of each criterion, (criteria, n, m); NaN where not applicable
    points: NDArray[np.int64]  # likewise, in hundredths
    fit: NDArray[np.int64]  # (n, m), in hundredths

    @classmethod
    def of(cls, prepared: Prepared, written: Mapping[int, Indices]) -> _Block:
        households = np.unique(np.concatenate([*written.values()]))
        pairs = prepared.everyone.of(np.array([*written]), households)
        scores = score(pairs)
        values = np.stack([np.broadcast_to(each, pairs.shape) for each in scores.values])
        return cls(prepared, written, pairs, values, scores.points, scores.fit)

    def scored(self, row: int, family: RequestCase) -> _Scored:
        """One of the requests with its own households."""
        at, mine = [*self.written].index(row), self.written[row]
        columns = np.searchsorted(self.pairs.household_rows, mine)
        cases = (Case(family.inputs, self.pairs, at, each, family) for each in columns.tolist())
        return _Scored(
            family,
            dict(zip(mine.tolist(), cases, strict=True)),
            {household: place for place, household in enumerate(mine.tolist())},
            self.values[:, at, columns].tolist(),
            self.points[:, at, columns].tolist(),
            self.fit[at, columns].tolist(),
        )


@dataclass(frozen=True)
class _Scored:
    """One request with the households that are written for it."""

    family: RequestCase
    cases: dict[int, Case]  # by household
    place: dict[int, int]  # of each household in the lists below
    values: list[list[float]]  # a row a criterion, a column a household; NaN where not applicable
    points: list[list[int]]  # likewise, in hundredths
    fit: list[int]  # in hundredths

    def criteria(self, households: Sequence[int]) -> list[tuple[record.CriterionScore, ...]]:
        """The scores of each of some of the households by every criterion."""
        columns = CaseColumns([self.cases[household] for household in households])
        places = [self.place[household] for household in households]
        of_each = (self._criterion(number, places, columns) for number in range(len(CRITERIA)))
        return [*zip(*of_each, strict=True)]

    def _criterion(
        self, number: int, places: list[int], columns: CaseColumns
    ) -> Iterator[record.CriterionScore]:
        criterion, values, points = CRITERIA[number], self.values[number], self.points[number]
        if all(isnan(values[place]) for place in places):
            for place in places:
                yield record.CriterionScore(criterion.key, None, _points(points[place]), {})
            return
        reading = criterion.reading(self.family)
        known = dict[tuple[object, ...], record.CriterionScore]()
        for place, differ in zip(places, reading.rows(columns), strict=True):
            key = values[place], points[place], differ
            if key not in known:
                applies = not isnan(values[place])
                known[key] = record.CriterionScore(
                    criterion.key,
                    values[place] if applies else None,
                    _points(points[place]),
                    reading.facts(differ) if applies else {},
                )
            yield known[key]

    def failed(self, household: int, bits: int) -> tuple[record.Failed, ...]:
        """Every rule that one of the households fails."""
        case, rules = self.cases[household], rules_failed(bits, self.family.policy)
        return tuple(self._failed_rule(case, rule) for rule in rules)

    def _failed_rule(self, case: Case, rule: Rule) -> record.Failed:
        if rule.key not in self._rules:
            self._rules[rule.key] = rule.reading(self.family), {}
        reading, records = self._rules[rule.key]
        differ = reading.of(case)
        if differ not in records:
            records[differ] = failed_rule(rule, reading.facts(differ))
        return records[differ]

    @cached_property
    def _rules(self) -> dict[str, tuple[Reading, dict[tuple[object, ...], record.Failed]]]:
        return {}


def failed_rule(rule: Rule, facts: Facts) -> record.Failed:
    """A rule that a pair of these facts fails."""
    return record.Failed(rule.key, rule.is_known(facts), facts)


class Recorder:
    """What there is to record of a solved round, request by request.

    Under limits that duals don't price, a price may take a solve: unless `every_price` asks for all, those
    of the proposal and the three best that are written are worked out, in large rounds as far as duals tell them.
    """

    def __init__(self, solved: SolvedRound, *, every_price: bool = False) -> None:
        self.round, self.every_price = solved, every_price
        self.prepared = solved.prepared
        self.inputs = self.prepared.inputs
        self.screened, self.ranked = self.prepared.screened, self.prepared.ranked
        self.request_ids = self.prepared.columns.request_ids
        self.household_ids = self.prepared.columns.household_ids
        self.urgency: list[str] = self.prepared.everyone.urgency[:, 0].tolist()
        self.holders = np.full(len(self.household_ids), UNPLACED)
        self.holders[list(solved.holder)] = list(solved.holder.values())
        self._standings = duties.Standings()
        self.pinned = np.zeros(len(self.household_ids), bool)
        self.pinned[list(self.prepared.held_households)] = True

    def each_request(self, make: Callable[[record.RequestRecord], Made]) -> Iterator[Made]:
        """What a function makes of the record of each request, in order of request_id."""
        self.round.prices  # noqa: B018  worked out once, before the work is shared out
        row_of = {name: row for row, name in enumerate(self.request_ids)}
        families = [(each, row_of.get(each.request_id)) for each in self.inputs.families]

        def made(family: tuple[Request, int | None]) -> Made:
            request, row = family
            return make(self.placed(request) if row is None else self.request(row))

        return share_out(families, made, fork=len(families) >= MANY_REQUESTS)

    # The round

    def frame(self) -> record.RoundRecord:
        """The record of the round without its requests."""
        inputs, prepared = self.inputs, self.prepared
        if len(prepared.problem.request) >= MANY_EDGES:
            self.round.prices  # noqa: B018  what takes most memory comes before what stays
        return record.RoundRecord(
            schema=record.SCHEMA,
            round=record.Head(
                as_of=inputs.as_of,
                title=inputs.title,
                version=__version__,
                policy=policy_used(prepared.policy),
                input_sha256=inputs.sha256,
                top=prepared.top,
                keep=None if prepared.keep is None else dict(sorted(prepared.keep.items())),
            ),
            counts=self._counts(),
            objective=tuple(self._objective()),
            alerts=tuple(self._alerts()),
            requests=(),
            households=tuple(self._households),
            certificate=self._certificate(self.prepared.problem, self.round.solution),
            ahead=None if self.prepared.ahead is None else self._ahead(self.prepared.ahead),
        )

    def _counts(self) -> record.Counts:
        rows = range(len(self.request_ids))
        matchable = np.array([self.prepared.matchable(row) for row in rows], bool)
        proposed = int((self.round.household != UNPLACED).sum())
        open_ones = ("proposed", "kept_for", "free")
        return record.Counts(
            requests=len(self.inputs.families),
            matchable=int(matchable.sum()),
            provisional=sum(bool(self._provisional(row)) for row in rows),
            proposed=proposed,
            unplaced=int(matchable.sum()) - proposed,
            placed=len(self.inputs.placed),
            households=len(self.household_ids),
            open_households=sum(each.outcome in open_ones for each in self._households),
            eligible_pairs=sum(map(self.prepared.choices, self._counted)),
        )

    def _objective(self) -> Iterator[record.AimReached]:
        solution = self.round.solution
        for name, value, bound, pinned in zip(
            self.prepared.aims,
            solution.values,
            solution.bounds,
            self.round.pinned_totals,
            strict=True,
        ):
            yield record.AimReached(name, value + pinned, bound + pinned, value == bound)

    def _certificate(self, problem: Problem, solution: Solution) -> record.Certificate:
        names = [aim.name for aim in problem.aims]
        weights = dict(zip(names, problem.weights, strict=True))
        if solution.duals is None:
            bounds = dict(zip(names, solution.bounds, strict=True))
            return record.Certificate(weights, bounds=bounds, word=SOLVERS_WORD)

        def named(values: list[int], names: tuple[str, ...]) -> dict[str, int]:
            return {name: value for name, value in zip(names, values, strict=True) if value}

        teams = None
        if (groups := problem.groups) is not None:
            teams = named(solution.duals.groups.tolist(), groups.keys)
        return record.Certificate(
            weights,
            requests=named(solution.duals.requests.tolist(), self.request_ids),
            households=named(solution.duals.households.tolist(), self.household_ids),
            teams=teams,
        )

    def _ahead(self, ahead: Ahead) -> record.AheadRecord:
        by, problem = ahead.outlook, self.prepared.problem
        (aim,) = (each for each in problem.aims if each.name == aims.room_ahead.key)
        values: dict[str, dict[str, int]] = {}
        pairs = zip(problem.request.tolist(), problem.household.tolist(), strict=True)
        for (row, home), value in zip(pairs, aim.values.tolist(), strict=True):
            values.setdefault(self.request_ids[row], {})[self.household_ids[home]] = value
        return record.AheadRecord(
            form=ahead.form,
            seed=by.seed,
            futures=by.futures,
            weeks=by.weeks,
            points=POINTS_AHEAD,
            rates=record.ArrivalRates(*(getattr(by.rates, each) for each in Rates.__slots__)),
            leads=lasting_record(by.leads),
            stays=lasting_record(by.stays),
            refusals=_refusals_record(by.refusals),
            plain=self._named_choice(ahead.plain.household),
            around=self._named_choice(ahead.around),
            values=values,
            certificate=self._certificate(ahead.problem, ahead.plain),
        )

    def _named_choice(self, choice: Indices) -> dict[str, str]:
        """The household of each request that has one, by ids."""
        placed = np.flatnonzero(choice != UNPLACED).tolist()
        return {self.request_ids[row]: self.household_ids[choice[row]] for row in placed}

    def _looks_ahead(self, ahead: Ahead) -> Iterator[record.Alert]:
        """Who waits as the round looks ahead, which households it keeps open, who goes elsewhere."""
        was, now = ahead.plain.household, self.round.solution.household
        ahead_of: dict[int, Facts] = {}
        for each in left_open(ahead, now):
            if each.futures:
                weeks = each.before
                by = None if weeks is None else self.inputs.as_of + timedelta(weeks=weeks)
                ahead_of[each.household] = {
                    "futures": each.futures,
                    "of": ahead.packer.futures,
                    "waiting": each.waiting,
                    "by": None if by is None else by.isoformat(),
                }
        for row in np.flatnonzero((was != UNPLACED) & (now == UNPLACED)).tolist():
            facts: Facts = {"needed_from": self.inputs.requests[row].needed_from.isoformat()}
            home = int(was[row])
            name = self.request_ids[row], self.household_ids[home]
            yield _alert("waits_ahead", *name, {**facts, **ahead_of.get(home, {})})
        for home, facts in sorted(ahead_of.items()):
            yield _alert("kept_open", None, self.household_ids[home], facts)
        both = (was != now) & (was != UNPLACED) & (now != UNPLACED)
        for row in np.flatnonzero(both).tolist():
            without, then = int(was[row]), int(now[row])
            fits = told_fits(self.prepared, row, np.array([without, then]))
            bonds = [self._relationship(row, home) for home in (without, then)]
            facts = {
                "without": self.household_ids[without],
                "fit_lost": _points(fits[0] - fits[1]),
                "relationship_lost": round(bonds[0] - bonds[1]),
            }
            name = self.request_ids[row], self.household_ids[then]
            yield _alert("goes_elsewhere", *name, facts)

    @cached_property
    def _counted(self) -> list[int]:
        """The requests whose eligible pairs count: those that take part and are asked rules."""
        rows = self.prepared.matchable_rows
        return [row for row in rows if self.prepared.outcomes[row] != STAYING_PUT]

    @cached_property
    def _households(self) -> list[record.HouseholdRecord]:
        appears = np.zeros(len(self.household_ids), int)
        for row in self._counted:
            appears[self.screened.household[self.screened.edges_of(row)]] += 1
        closed = self.screened.closed.tolist()
        policy = self.prepared.policy
        rules = {
            bits: tuple(rule.key for rule in rules_failed(bits, policy)) for bits in set(closed)
        }
        return [
            self._household(at, rules[closed[at]], int(appears[at]))
            for at in range(len(self.household_ids))
        ]

    def _household(
        self, at: int, closed_by: tuple[str, ...], appears_in: int
    ) -> record.HouseholdRecord:
        row, holder = self.inputs.households[at], self.round.holder.get(at)
        outcome, request_id = "closed" if closed_by else "free", None
        if holder is not None:
            outcome, request_id = "proposed", self.request_ids[holder]
        elif self._kept[at]:
            outcome, request_id = "kept_for", self._kept_for[row.household_id][0]
        elif (lives := self._occupied_by(row.household_id)) is not None:
            outcome, request_id = "occupied", lives or None
        return record.HouseholdRecord(
            household_id=row.household_id,
            outcome=outcome,
            free_from=self._free_from[at],
            request_id=request_id,
            appears_in=appears_in,
            closed_by=closed_by,
            team=row.team,
            reviewed_on=row.reviewed_on,
            hidden=at in self.prepared.hidden,
        )

    @cached_property
    def _kept(self) -> list[bool]:
        """Whether each household is kept for a parent who lives there; none where the rule is off."""
        is_kept = own_home in rules_in_force(self.prepared.policy)
        kept: list[bool] = (self.prepared.everyone.kept_for_a_parent & is_kept).tolist()
        return kept

    @cached_property
    def _kept_for(self) -> dict[str, list[str]]:
        """The families for which each household is kept."""
        found: dict[str, list[str]] = {}
        for request, household in self.inputs.own_homes:
            found.setdefault(household, []).append(request)
        return found

    def _occupied_by(self, household: str) -> str | None:
        """The family that lives in a household, or is agreed to; '' one not in the tables, None nobody."""
        occupancy = self.inputs.occupancy.get(household)
        if occupancy is not None and occupancy.lives:
            return occupancy.request_id or ""
        return self.inputs.held.get(household)

    @cached_property
    def _free_from(self) -> list[date | None]:
        """The first day on which a family could start with each household; None where nobody can say."""
        opens = np.maximum(self.prepared.everyone.opens, self.inputs.as_of.toordinal())
        days = {day: _day(day) for day in np.unique(opens).tolist()}
        return [days.get(day) for day in opens.tolist()]

    @cached_property
    def hiding(self) -> Hiding:
        """What is to be taken out of any record of this round before people see it."""
        return Hiding(hidden_ids(self.prepared), self.prepared.policy)

    # Alerts

    def _alerts(self) -> Iterator[record.Alert]:
        yield from self._late()
        if self.prepared.ahead is not None:
            yield from self._looks_ahead(self.prepared.ahead)
        yield from self._overdue_by_law()
        for pin in self.prepared.pins.values():
            yield from self._pin_alerts(pin)
        yield from self._placement_alerts()
        yield from self._accepted()
        yield from self._homes_kept()
        yield from self._homes_given()
        yield from self._set_aside()
        for one, other in self.prepared.held.too_close:
            yield _alert("confirmed_too_near", one, None, {"other_request_id": other})
        policy = self.prepared.policy
        for at in sorted(self.round.holder):
            household = self.inputs.households[at]
            if household.team is None and not policy.is_off("limits.new_per_team"):
                yield _alert("team_not_known", None, household.household_id, {})
        for at in self.round.holder:
            household = self.inputs.households[at]
            if household.weekly_fee is None and not policy.is_off("limits.weekly_fees"):
                yield _alert("fee_not_known", None, household.household_id, {})

    def _late(self) -> Iterator[record.Alert]:
        """Who has nowhere tonight, and who would start later than needed; the latest first of each."""
        nowhere, late = list[tuple[int, record.Alert]](), list[tuple[int, record.Alert]]()
        for row, request in enumerate(self.inputs.requests):
            name, needed = request.request_id, request.needed_from
            home, outcome = int(self.round.household[row]), self._outcome(row)
            at_home = "returned_home" in self.inputs.events_of.get(name, {})
            if at_home or name in self.inputs.placement_of or outcome == STAYING_PUT:
                continue
            case = None if home == UNPLACED else self.prepared.pair(row, home)
            starts = None if case is None else self.starts_on(case)
            days = (self.inputs.as_of - needed).days
            start: Facts = {
                "needed_from": needed.isoformat(),
                "starts_on": None if starts is None else starts.isoformat(),
                "starts_late_days": None if starts is None else max((starts - needed).days, 0),
            }
            household = None if case is None else case.ids[1]
            if days >= 0 and (starts is None or starts > self.inputs.as_of):
                facts: Facts = {"late_days": days, "outcome": outcome, **start}
                nowhere.append((-days, _alert("no_home_tonight", name, household, facts)))
            elif starts is not None and starts > needed:
                late.append((-(starts - needed).days, _alert("late", name, household, start)))
        for found in (nowhere, late):
            yield from (alert for _, alert in sorted(found, key=lambda each: each[0]))

    def _overdue_by_law(self) -> Iterator[record.Alert]:
        """What the law and the policy on placement with parents date, and is overdue, family by family."""
        for request in self.inputs.families:
            case = RequestCase(self.inputs, request, self.prepared.policy)
            late = [
                d
                for d in duties.by_law(case, self._standings)
                if d.status == duties.OVERDUE and d.due
            ]
            if late:
                facts: Facts = {
                    "duties": [each.duty for each in late],
                    "days": [each.due.isoformat() for each in late if each.due],
                    "clauses": [each.clause for each in late],
                }
                yield _alert("overdue_by_law", request.request_id, None, facts)

    def _homes_given(self) -> Iterator[record.Alert]:
        """The homes of parents that this round proposes for another family."""
        needed = {request.request_id: request.needed_from for request in self.inputs.requests}
        for name, household in self.inputs.own_homes:
            holder = self.round.holder.get(self.prepared.household_at[household])
            if holder is not None and self.request_ids[holder] != name:
                facts: Facts = {"lives_there": name, "needed_from": needed[name].isoformat()}
                yield _alert("home_given", self.request_ids[holder], household, facts)

    def _accepted(self) -> Iterator[record.Alert]:
        """What somebody has accepted though it is not done, and what was accepted until a day that is past."""
        accepting = {
            request_id
            for (request_id, _), events in self.inputs.events.items()
            if any(each.status == ACCEPTED for some in events.values() for each in some)
        }
        for request in self.inputs.families:
            if request.request_id not in accepting:
                continue
            home, found = self._duties_where_it_goes(request)
            for duty in found:
                facts = duty.facts
                if not duty.holds or facts.get("event_status") != ACCEPTED:
                    continue
                told: Facts = {
                    "duty": duty.duty,
                    "clause": duty.clause,
                    "by": facts["event_by"],
                    "on": facts["event_on"],
                    "until": facts["event_until"],
                }
                where = (
                    None
                    if duties.named(duty.duty, self.prepared.policy).of == duties.REQUEST
                    else home
                )
                if duty.status == ACCEPTED:
                    yield _alert("accepted", request.request_id, where, told)
                elif duty.still and not facts["event_counts"]:
                    yield _alert("accepted_ran_out", request.request_id, where, told)

    def _duties_where_it_goes(self, request: Request) -> tuple[str | None, list[duties.DutyRecord]]:
        """The duties of a family with the household that it is proposed for, or lives with."""
        name = request.request_id
        row = self.request_ids.index(name) if name in self.inputs.open_ids else None
        home = UNPLACED if row is None else int(self.round.household[row])
        if row is not None and home != UNPLACED:
            case = self.prepared.pair(row, home)
        elif name in self.prepared.living:
            case = self.prepared.living[name]
        else:
            alone = RequestCase(self.inputs, request, self.prepared.policy)
            return None, duties.of_request(alone, duties.depending(alone))
        return case.ids[1], duties.of_match(case)

    def _pin_alerts(self, pin: Pin) -> Iterator[record.Alert]:
        """What a match that people hold breaks, and what is open though it is confirmed."""
        case = self.prepared.pair(pin.request, pin.household)
        if pin.held_by is not None:
            yield _alert("confirmed_held", *case.ids, {"outcome": pin.held_by})
        for rule in pin.breaks:
            failed = self._failed_rule(case, rule)
            facts = {"rule": failed.rule, "known": failed.known, **failed.facts}
            yield _alert("confirmed_breaks", *case.ids, facts)
        still = [duty for duty in duties.of_match(case) if duty.before_confirmation]
        if still and pin.confirmed:
            named: Facts = {
                "duties": [duty.duty for duty in still],
                "clauses": [duty.clause for duty in still],
            }
            yield _alert("confirmed_open", *case.ids, named)

    def _placement_alerts(self) -> Iterator[record.Alert]:
        """What a running placement breaks today, and the homes of which nobody can say when they are free."""
        for request_id, case in self.prepared.living.items():
            if request_id not in self.inputs.placement_of:
                continue
            bits = int(failed_bits(case.pairs)[0, 0])
            for rule in rules_failed(bits, self.prepared.policy):
                if not rule.of_start:
                    failed = self._failed_rule(case, rule)
                    facts = {"rule": failed.rule, "known": failed.known, **failed.facts}
                    runs = request_id in self.inputs.placement_of
                    kind: AlertKind = "placement_breaks" if runs else "confirmed_breaks"
                    yield _alert(kind, request_id, case.ids[1], facts)
        for household_id, occupancy in self.inputs.occupancy.items():
            for asks, request_id in occupancy.asks:
                facts = self._end_by_weeks(request_id) if asks == END else {}
                yield _alert(asks, request_id, household_id, facts)

    def _end_by_weeks(self, request_id: str) -> Facts:
        """The day on which a family's expected weeks are over, None where nobody can say."""
        for request in self.inputs.families:
            if request.request_id == request_id:
                day = RequestCase(self.inputs, request, self.prepared.policy).end_by_weeks
                return {"by_weeks": None if day is None else day.isoformat()}
        return {"by_weeks": None}

    def _homes_kept(self) -> Iterator[record.Alert]:
        """The homes that are kept for a parent while a family waits that could go there otherwise."""
        kept = np.flatnonzero(self._kept)
        rules = enumerate(rules_in_force(self.prepared.policy))
        alone = sum(1 << place for place, rule in rules if rule is own_home)
        waits: dict[str, list[str]] = {}
        for row in np.flatnonzero(self.round.household == UNPLACED).tolist():
            if self.prepared.outcomes[row] is not None or not len(kept):
                continue
            failed = failed_bits(household_pairs(self.prepared, row, kept))[0]
            for household in kept[failed == alone].tolist():
                waits.setdefault(self.household_ids[household], []).append(self.request_ids[row])
        for household_id, families in waits.items():
            facts: Facts = {"kept_for": [*self._kept_for[household_id]], "waits": [*families]}
            yield _alert("home_kept", None, household_id, facts)

    def _set_aside(self) -> Iterator[record.Alert]:
        """The decisions of people that do not stand today, and why."""
        for pin in self.prepared.held.set_aside:
            case = self.prepared.pair(pin.request, pin.household)
            chosen = pin.decided_on.isoformat() if pin.decided_on else None
            broken = (self._failed_rule(case, rule) for rule in pin.breaks)
            reasons = list[Facts]()
            if pin.held_by is not None:
                reasons.append({"outcome": pin.held_by})
            for each in broken:
                reasons.append({"rule": each.rule, "known": each.known, **each.facts})
            reasons += [{"limit": name} for name in pin.limits]
            reasons += [{"too_near": name} for name in pin.too_near]
            for reason in reasons:
                facts = {"decided_on": chosen, **reason}
                yield _alert("choice_set_aside", *case.ids, facts)
        for aside in self.inputs.set_aside:
            row = aside.decision
            told: Facts = {
                "decision": row.decision,
                "decided_on": row.decided_on.isoformat(),
                "stands_request_id": aside.stands[0],
                "stands_household_id": aside.stands[1],
            }
            yield _alert("decision_set_aside", row.request_id, row.household_id, told)

    # A request

    def placed(self, request: Request) -> record.RequestRecord:
        """A family that lives somewhere: it is not matched, and keeps its duties."""
        case = RequestCase(self.inputs, request, self.prepared.policy)
        _, found = self._duties_where_it_goes(request)
        return record.RequestRecord(
            request_id=request.request_id,
            state="placed",
            regime=case.regime,
            urgency=case.urgency,
            late_days=None,
            outcome="placed",
            provisional=(),
            screening=(),
            proposal=None,
            ranked=(),
            ineligible=(),
            blocked_by=(),
            duties=tuple(found),
            facts=record.RequestFacts(
                family=family_facts(case)
                | position.position_facts(case)
                | provisional.provisional_facts(case),
                decision=None,
                decided_on=None,
                eligible=0,
                all_taken=False,
                relationships={
                    household: kind
                    for (name, household), kind in self.inputs.relationships.items()
                    if name == request.request_id
                },
                first_failed={},
                nearest=(),
                own_carers=(),
                latest=None,
                contest=None,
                limited=(),
                pair=None,
                living=self.living(request.request_id),
                left=self._left(request.request_id),
                received_on=request.received_on,
            ),
        )

    def _left(self, request_id: str) -> tuple[record.Left, ...]:
        """The placements of a family that are over."""
        as_of = self.inputs.as_of
        return tuple(
            record.Left(p.household_id, p.ended_on, p.ended_because, ended_early(p, as_of))
            for p in self.inputs.placements
            if p.request_id == request_id and p.ended_on is not None and p.ended_on <= as_of
        )

    def living(self, request_id: str) -> record.Living | None:
        """Where a family lives, or is agreed to live where it is placed."""
        at = self.inputs.home_of.get(request_id)
        if at is None:
            return None
        runs, until = request_id in self.inputs.placement_of, at.ended_on or at.planned_end_on
        return record.Living(at.household_id, at.started_on, until, runs)

    def request(self, row: int) -> record.RequestRecord:
        """One request: what screening found, what is proposed, every household, and the facts of why."""
        prepared, request = self.prepared, self.inputs.requests[row]
        household = int(self.round.household[row])
        case, scored = self._family(row), self._scored(row)
        # No rule of a fostering placement is asked of a family that stays with its own carers.
        asked = prepared.outcomes[row] != STAYING_PUT
        near, failed = prepared.near(row) if asked else ((), ())
        return record.RequestRecord(
            request_id=request.request_id,
            state="open",
            regime=case.regime,
            urgency=self.urgency[row],
            late_days=None
            if request.request_id in self.inputs.placement_of
            else max((self.inputs.as_of - request.needed_from).days, 0),
            outcome=self._outcome(row),
            provisional=self._provisional(row),
            screening=tuple(prepared.findings[row]),
            proposal=self._proposal(row, household, scored),
            ranked=tuple(self._best(row, scored)) if asked else (),
            ineligible=tuple(
                record.Ineligible(self.household_ids[at], scored.failed(at, int(bits)))
                for at, bits in zip(map(int, near), failed, strict=True)
            ),
            blocked_by=tuple(self._blocked_by(row)) if asked else (),
            duties=tuple(
                duties.of_request(case, self._for_every_household(row)[0].apart, self._standings)
            ),
            facts=self._facts(row, case, scored),
        )

    def brief(self, row: int) -> record.RequestRecord:
        """What sentences about other requests need of one: its need, what came out, its households."""
        request, household = self.inputs.requests[row], int(self.round.household[row])
        case = self._family(row)
        scored = self._scored_alone(row, household) if household != UNPLACED else None
        return record.RequestRecord(
            request_id=request.request_id,
            state="open",
            regime=case.regime,
            urgency=self.urgency[row],
            late_days=None,
            outcome=self._outcome(row),
            provisional=(),
            screening=(),
            proposal=None if scored is None else self._proposal(row, household, scored),
            ranked=(),
            ineligible=(),
            blocked_by=(),
            duties=(),
            facts=self._facts_alone(row, case),
        )

    def _provisional(self, row: int) -> tuple[str, ...]:
        """The duties that come before fostering is decided on, of a family that is matched."""
        if not self.prepared.matchable(row):
            return ()
        found = self.inputs.provisional.get(self.request_ids[row], ())
        return provisional.asked_first(found, self.prepared.policy)

    def _outcome(self, row: int) -> str:
        if int(self.round.household[row]) != UNPLACED:
            return "proposed"
        return self.prepared.outcomes[row] or "unplaced"

    def _scored(self, row: int) -> _Scored:
        """One request with its proposed household and those that are written, ranked or near.

        The next requests are scored with it, as their turn mostly comes next.
        """
        if self._block is None or row not in self._block.written:
            most = REQUESTS_PER_BLOCK if self.prepared.top else 1
            rows = range(row, min(row + most, len(self.request_ids)))
            self._block = _Block.of(self.prepared, {each: self._written(each) for each in rows})
        return self._block.scored(row, self._family(row))

    _block: _Block | None = None

    def _written(self, row: int) -> Indices:
        """The households that are written for a request, and those that are told of it."""
        prepared = self.prepared
        households = [
            self.screened.household[prepared.best(row, prepared.top or None)],
            prepared.near(row)[0],
            self.round.household[row : row + 1],
            self.screened.near[row][0][:NEAREST_TOLD],
            np.array(self._carers_of_a_parent(row), int),
        ]
        distinct = np.unique(np.concatenate(households))
        return np.asarray(distinct[distinct != UNPLACED])

    def _family(self, row: int) -> RequestCase:
        """A request before any household is looked at; the last one is kept."""
        if self._last_family is None or self._last_family[0] != row:
            request = self.inputs.requests[row]
            self._last_family = row, RequestCase(self.inputs, request, self.prepared.policy)
        return self._last_family[1]

    _last_family: tuple[int, RequestCase] | None = None

    def _proposal(self, row: int, household: int, scored: _Scored) -> record.Proposal | None:
        if household == UNPLACED:
            return None
        case, edge = scored.cases[household], self.prepared.edge(row, household)
        start = self.starts_on(case)
        return record.Proposal(
            household_id=case.ids[1],
            fit=_points(scored.fit[scored.place[household]]),
            rank=None if edge is None else int(self.ranked.rank[edge]),
            starts_on=start,
            pinned=row in self.prepared.pins,
            late_days=None if start is None else max((start - case.request.needed_from).days, 0),
        )

    def starts_on(self, case: Case) -> date | None:
        """The day on which a pair starts; where one is confirmed or runs, the recorded start counts."""
        name, household_id = case.ids
        if name not in self.inputs.open_ids:
            living = self.living(name)
            if living is not None and living.household_id == household_id:
                return living.started_on
        decision = self.inputs.pins.get(case.ids)
        if decision is not None and is_confirmed(decision) and decision.started_on:
            return decision.started_on
        return case.day("start")

    def one_ranked(self, row: int, household: int) -> record.Ranked:
        """One household of a request as a ranked one is written, eligible or not."""
        scored, edge = self._scored_alone(row, household), self.prepared.edge(row, household)
        (found,) = self._ranked(row, [household], [edge], scored)
        return found

    def _scored_alone(self, row: int, household: int) -> _Scored:
        return _Block.of(self.prepared, {row: np.array([household])}).scored(row, self._family(row))

    def _best(self, row: int, scored: _Scored) -> Iterator[record.Ranked]:
        """The eligible households of a request that are written, the best first."""
        edges = self.prepared.best(row, self.prepared.top or None)
        return self._ranked(row, self.screened.household[edges].tolist(), edges.tolist(), scored)

    def _ranked(
        self, row: int, households: list[int], edges: Sequence[int | None], scored: _Scored
    ) -> Iterator[record.Ranked]:
        with_households, taken = self._for_every_household(row)
        all_duties = with_households.records([scored.cases[each] for each in households])
        all_criteria = scored.criteria(households)
        for household, edge, criteria, of_pair in zip(
            households, edges, all_criteria, all_duties, strict=True
        ):
            rank = None if edge is None else int(self.ranked.rank[edge])
            price = None if edge is None else self.price(edge)
            yield record.Ranked(
                household_id=self.household_ids[household],
                rank=rank,
                fit=_points(scored.fit[scored.place[household]]),
                free_rank=None
                if rank is None or rank in taken
                else rank - bisect_left(taken, rank),
                criteria=criteria,
                cost_to_round=None if price is None else self.price_record(price),
                duties=tuple(of_pair),
            )

    def _for_every_household(self, row: int) -> tuple[duties.WithHouseholds, list[int]]:
        """What all households of a request need: its duties with each of them, the pinned ranks.

        Those of the last request are kept, as its households come one after the other.
        """
        if self._last is None or self._last[0] != row:
            case, home = self._family(row), int(self.round.household[row])
            proposed = None if home == UNPLACED else self.prepared.pair(row, home)
            self._last = (
                row,
                duties.WithHouseholds(case, proposed, self._standings),
                self._pinned_ranks(row),
            )
        return self._last[1:]

    _last: tuple[int, duties.WithHouseholds, list[int]] | None = None

    def _pinned_ranks(self, row: int) -> list[int]:
        """The ranks of the households of a request that a pin holds, in their order."""
        edges = self.screened.edges_of(row)
        ranks = self.ranked.rank[edges][self.pinned[self.screened.household[edges]]]
        found: list[int] = np.sort(ranks).tolist()
        return found

    def _failed(self, case: Case, bits: int) -> tuple[record.Failed, ...]:
        rules = rules_failed(bits, self.prepared.policy)
        return tuple(self._failed_rule(case, rule) for rule in rules)

    def _failed_rule(self, case: Case, rule: Rule) -> record.Failed:
        return failed_rule(rule, rule.facts(case))

    def failed(self, row: int, household: int) -> tuple[record.Failed, ...]:
        """Every rule that a pair fails."""
        case = self.prepared.pair(row, household)
        return self._failed(case, int(failed_bits(case.pairs)[0, 0]))

    def _blocked_by(self, row: int) -> Iterator[record.Blocked]:
        counts = zip(self.screened.blocked[row], self.screened.blocked_alone[row], strict=True)
        rules = rules_in_force(self.prepared.policy)
        for rule, (households, only) in zip(rules, counts, strict=True):
            if households:
                yield record.Blocked(rule.key, int(households), int(only))

    # The facts of why

    def _facts(self, row: int, case: RequestCase, scored: _Scored) -> record.RequestFacts:
        prepared, household = self.prepared, int(self.round.household[row])
        facts = self._facts_alone(row, case)
        unplaced = household == UNPLACED and prepared.outcomes[row] is None
        first_failed, not_known = self._first_failed(row) if unplaced else ({}, None)
        listed = prepared.best(row, prepared.top or None)
        beyond = household != UNPLACED and household not in self.screened.household[listed]
        return replace(
            facts,
            first_failed=first_failed,
            first_not_known=not_known,
            nearest=tuple(self._nearest(row, scored)) if unplaced else (),
            own_carers=tuple(self._own_carers(row, scored)),
            contest=self._contest(row) if unplaced else None,
            limited=tuple(self._limited(row)),
            pair=self.one_ranked(row, household) if beyond else None,
        )

    def _facts_alone(self, row: int, case: RequestCase) -> record.RequestFacts:
        """The facts of a request without any household's."""
        pin = self.prepared.pins.get(row)
        pair = None if pin is None else (self.request_ids[row], self.household_ids[pin.household])
        pinned = None if pair is None else self.inputs.pins[pair]
        eligible = self.screened.household[self.screened.edges_of(row)]
        return record.RequestFacts(
            family=family_facts(case)
            | position.position_facts(case)
            | provisional.provisional_facts(case),
            decision=None
            if pinned is None
            else ("confirmed" if is_confirmed(pinned) else "choose"),
            decided_on=pinned.decided_on if isinstance(pinned, Decision) else None,
            eligible=self.prepared.choices(row),
            all_taken=bool((self.holders[eligible] != UNPLACED).all()),
            relationships=self._relationships(row),
            first_failed={},
            nearest=(),
            own_carers=(),
            latest=_day(self.prepared.everyone.latest[row, 0]),
            contest=None,
            limited=(),
            pair=None,
            living=self.living(self.request_ids[row]),
            left=self._left(self.request_ids[row]),
            received_on=self.inputs.requests[row].received_on,
        )

    def _relationships(self, row: int) -> dict[str, str]:
        known = self.prepared.columns.relationship
        mine = np.flatnonzero(known.requests == row)
        pairs = zip(known.households[mine].tolist(), known.values[mine].tolist(), strict=True)
        return {self.household_ids[at]: KINDS[int(kind) - 1] for at, kind in pairs}

    def _first_failed(self, row: int) -> tuple[dict[str, int], dict[str, int] | None]:
        """How many households fail each rule first, and of how many of these something is not known."""
        everyone = household_pairs(self.prepared, row, self.prepared.columns.households.row)
        rules = rules_in_force(self.prepared.policy)
        found = {rules[place].key: number for place, number in blocked_first(everyone)}
        if len(self.inputs.households) > LOOKED_AT_ONE_BY_ONE:
            return found, None
        bits = failed_bits(everyone)[0].tolist()
        firsts = ((at, rules_of(int(some))[0]) for at, some in enumerate(bits) if some)
        not_known = Counter(
            rules[place].key
            for at, place in firsts
            if not rules[place].failing(self.prepared.pair(row, at)).known
        )
        return found, {key: not_known[key] for key in found if key in not_known}

    def _nearest(self, row: int, scored: _Scored) -> Iterator[record.NearMiss]:
        for household in self.screened.near[row][0][:NEAREST_TOLD].tolist():
            yield self.near_miss(row, household, scored)

    def near_miss(
        self, row: int, household: int, scored: _Scored | None = None, *, ranked: bool = False
    ) -> record.NearMiss:
        """An ineligible pair with the fewest changes that it would take."""
        scored = scored or self._scored_alone(row, household)
        case, bits = scored.cases[household], self._bits(row, household)
        failed = rules_failed(bits, self.prepared.policy)
        failing = [(rule, rule.failing(case)) for rule in failed]
        takes = (
            record.Change(change.kind, change.rules, change.on, change.until)
            for change in smallest(case, failing)
        )
        return record.NearMiss(
            case.ids[1],
            self._failed(case, bits),
            tuple(takes),
            self._would_rank(row, household, scored) if ranked else None,
        )

    def _bits(self, row: int, household: int) -> int:
        """The rules that a pair fails, as far as the scan kept that."""
        if self.prepared.edge(row, household) is not None:
            return 0
        households, bits = self.screened.near[row]
        if len(at := np.flatnonzero(households == household)):
            return int(bits[at[0]])
        return int(failed_bits(self.prepared.pair(row, household).pairs)[0, 0])

    def _own_carers(self, row: int, scored: _Scored) -> Iterator[record.NearMiss]:
        """The parent's own carers where they are not proposed; nothing fails where they are eligible."""
        for household in self._carers_of_a_parent(row):
            if household != self.round.household[row]:
                yield self.near_miss(row, household, scored, ranked=True)

    def _carers_of_a_parent(self, row: int) -> list[int]:
        """The households of the current carers of a parent who is looked after."""
        looked_after = self.inputs.requests[row].a_parent_is_looked_after
        return self.prepared.own_carers.get(row, []) if looked_after else []

    def _would_rank(self, row: int, household: int, scored: _Scored) -> int:
        """The rank that a household has, or would have if it were eligible."""
        if (edge := self.prepared.edge(row, household)) is not None:
            return int(self.ranked.rank[edge])
        edges = self.screened.edges_of(row)
        case, fit = scored.cases[household], scored.fit[scored.place[household]]
        points = int(case.pairs.relationship_points[case.row, case.column])
        first = (self.ranked.relationship[edges], points)
        second = (self.ranked.fit[edges], fit)
        if fit_comes_first(self.prepared.policy):
            first, second = second, first
        same = first[0] == first[1]
        better = (first[0] > first[1]) | (same & (second[0] > second[1]))
        alike = self.screened.household[edges][same & (second[0] == second[1])]
        households = np.sort(np.append(alike, household))
        order = best_first(
            np.zeros(len(households), int),
            np.zeros(len(households), int),
            household_pairs(self.prepared, row, households).miles[0],
        )
        return int(better.sum() + np.flatnonzero(households[order] == household)[0]) + 1

    def _contest(self, row: int) -> record.Contest | None:
        """All that can be reached by exchanges; None where a household is free, or it is too large."""
        group, households, queue = {row}, set[int](), [row]
        while queue:
            reached = self.screened.household[self.screened.edges_of(queue.pop())]
            reached = reached[~self.pinned[reached]]  # pinned households are in no contest
            holders = set(self.holders[reached].tolist())
            queue += holders - group
            group |= holders
            households |= set(reached.tolist())
            if UNPLACED in holders or len(group) > LARGEST_CONTEST:
                return None
        if not households:
            return None
        return record.Contest(
            tuple(self.request_ids[at] for at in sorted(group)),
            tuple(self.household_ids[at] for at in sorted(households)),
        )

    def _limited(self, row: int) -> Iterator[record.Limited]:
        """Why limits don't allow the households that an explanation names and that have no price."""
        if not self.prepared.problem.limited or not self.prepared.matchable(row):
            return
        edges = self.prepared.best(row, RANKED_ABOVE)
        for edge in edges.tolist():
            household = int(self.screened.household[edge])
            if household in self.prepared.held_households or self.price(edge) is not None:
                continue
            if self.prepared.problem_edge(edge) is not None and not self.is_priced(edge):
                continue  # whether limits allow it was not worked out
            kind, limits = self._limit(row, edge, household)
            yield record.Limited(self.household_ids[household], kind, limits)

    def _limit(self, row: int, edge: int, household: int) -> tuple[str, tuple[str, ...]]:
        if household in self.round.holder:
            return "better_so", ()
        if self.prepared.problem_edge(edge) is None:
            return "too_near", ()
        chosen = self.round.solution.household.copy()
        chosen[row] = household
        broken = tuple(self.prepared.problem.broken(chosen))
        return ("breaks", broken) if broken else ("better_as_proposed", ())

    # Prices

    def price(self, edge: int) -> Price | None:
        """What the round loses if an eligible pair is forced; None where it has no price."""
        at = self.prepared.problem_edge(edge)
        if at is None:
            return None
        if self.is_priced(edge):
            return self.round.price(at)
        return self.round.price_without_solving(at) if self._is_among_best(edge) else None

    def loss(self, price: Price, forced: int) -> str:
        """What a forced pair costs the others, in the first aim that loses."""
        left = [row for row, _, to in price.moves if to == UNPLACED]
        needs = {
            self.request_ids[row]: Need(self.urgency[row], self.inputs.requests[row].needed_from)
            for row in left
        }
        given_up = [
            Bond(*(case := self.prepared.pair(row, was)).ids, case.relationship or "")
            for row, was, to in price.moves
            if self._relationship(row, was) > self._relationship(row, to)
        ]
        return sentence(told_cost(self.prepared, price), self.request_ids[forced], needs, given_up)

    def _relationship(self, row: int, household: int) -> float:
        """What the relationship of an eligible pair counts for."""
        edge = None if household == UNPLACED else self.prepared.edge(row, household)
        return 0.0 if edge is None else float(self.ranked.relationship[edge])

    def is_priced(self, edge: int) -> bool:
        """Whether the price of an eligible pair is worked out, whatever that takes."""
        if self.round.prices is not None or self.every_price:
            return True
        return not self.round.prices_take_long and self._is_among_best(edge)

    def _is_among_best(self, edge: int) -> bool:
        """Whether a pair is the proposed one, or one of the three best of its request that are written."""
        if self.ranked.rank[edge] <= min(NEAREST_TOLD, self.prepared.top or NEAREST_TOLD):
            return True
        row = int(np.searchsorted(self.screened.starts, edge, side="right")) - 1
        return bool(self.round.household[row] == self.screened.household[edge])

    def price_record(self, price: Price) -> record.PriceRecord:
        """A price with the ids of who moves, from where and to where; None is no household."""
        cost = self.prepared.cost(price)
        return record.PriceRecord(dict(cost.losses), tuple(cost.moves_record()))


def _alert(
    kind: AlertKind, request_id: str | None, household_id: str | None, facts: Facts
) -> record.Alert:
    """An alert of one of the kinds that there are."""
    return record.Alert(kind, request_id, household_id, facts)


def policy_used(policy: Policy) -> record.PolicyUsed:
    """The policy's name, version and fingerprint, and the settings that differ from the default."""
    changed = dict(sorted(policy.changed.items()))
    by, on = policy.about.approved_by, policy.about.approved_on
    return record.PolicyUsed(
        policy.name,
        policy.version,
        policy.sha256,
        changed,
        None if by is None or on is None else record.Approved(by, on),
        {key: policy.since[key].isoformat() for key in changed if key in policy.since},
        tuple(policy.reasons_in_force),
        policy.local_rules,
        policy.local_duties,
    )


def lasting_record(of: Lasting) -> record.LastingRecord:
    """How long something lasts as a file has it."""
    ended, running = (
        {str(weeks): number for weeks, number in each} for each in (of.ended, of.running)
    )
    return record.LastingRecord(of.median, *of.between, of.number, of.source, ended, running)


def _refusals_record(of: Refusals) -> record.RefusalsRecord:
    return record.RefusalsRecord(of.share, *of.between, of.declined, of.answered, of.source)


def _day(number: float) -> date | None:
    return None if isnan(number) else date.fromordinal(int(number))


def _points(hundredths: int) -> float:
    return hundredths / 100  # the float nearest to two places, as rounding would give
