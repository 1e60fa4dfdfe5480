"""Turn the facts and prices of a solved round into sentences: why, why not, what it would take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from math import isnan

import numpy as np

from matcher.codes import URGENCIES
from matcher.eligibility import Near, blocked_first, failed_bits, rules_of
from matcher.fit import best_first, score
from matcher.intake.inputs import Inputs
from matcher.policy import gates
from matcher.policy.case import Case
from matcher.policy.changes import Change, smallest
from matcher.policy.criteria import CRITERIA, WHERE
from matcher.policy.forms import Criterion, Evidence, Failing, Rule
from matcher.policy.pairs import Pairs
from matcher.policy.rules import RULES
from matcher.policy.screening import OUTCOMES, PASS
from matcher.rounds import KEPT, NEAREST_TOLD, Pin, Round, household_pairs
from matcher.solve.prices import Price
from matcher.solve.problem import UNPLACED
from matcher.words import (
    and_list,
    count,
    hundredths,
    label,
    long_date,
    lower_first,
    needed,
    ordinal,
    spelt,
    upper_first,
)

HELD = {
    "residential": "goes to a residential search",
    "resource_team": "waits for the Resource team",
    "legal_advice": "waits for legal advice",
    "head_of_service": "waits for the Head of Service",
    "no_consent": "has no consent",
}
AIM_WORDS = {
    "today": "placed, needed today",
    "within_5_days": "placed, needed within 5 days",
    "more_than_5_days": "placed, needed later",
    "relationship": "existing relationships (points)",
    "needed_soonest": "how soon the needs come (days)",
    "kept": "placements kept of the earlier round",
    "fit": "fit in all",
}
NOT_SHOWN = "not shown"
BEFORE = "Before it can be confirmed:"
STILL_OPEN = "while these are open:"
PARTIAL = (
    "Advice: engagement is recorded as partial. Talk with the parent about what would help them "
    "engage. (PC-3.1i)"
)
LIMITED = "a limit of this round stands in the way"
SHOWN_ABOVE = 5  # households ranked above the proposed one that are explained one by one
LARGEST_CONTEST = 6
FEW_PRICED = 200  # requests of a round in which prices are worked out under limits
NOT_APPLICABLE = "N/A"
WITHHELD = gates.PLACE_WITHHELD


def aim_value(name: str, value: int) -> str:
    """The value of an aim as people read it: fit in points, all others in whole numbers."""
    return f"{value / 100:,.2f}" if name == "fit" else f"{value:,}"


@dataclass(frozen=True)
class Shown:
    """One request against the households that are written for it, worked out all at once."""

    inputs: Inputs
    pairs: Pairs
    values: list[list[float]]  # a row a criterion, a column a household; NaN where not applicable
    points: list[list[int]]  # likewise, in hundredths
    fit: list[int]  # in hundredths
    column: dict[int, int]  # of each household
    near: Near  # the ineligible ones that are written

    def case(self, household: int) -> Case:
        """The request and one of the households, as people read them."""
        return Case(self.inputs, self.pairs, 0, self.column[household])


class Explainer:
    """What there is to say about each request of a solved round.

    Under limits a price takes a solve: those of the proposal and the three best that are written are
    worked out, and in large rounds, unless `every_price` asks for all, none.
    """

    def __init__(self, solved: Round, *, every_price: bool = False) -> None:
        self.round, self.every_price = solved, every_price
        self.prepared = solved.prepared
        self.inputs = self.prepared.inputs
        self.screened, self.ranked = self.prepared.screened, self.prepared.ranked
        self.request_ids = self.prepared.columns.request_ids
        self.household_ids = self.prepared.columns.household_ids
        self.urgency: list[str] = self.prepared.everyone.urgency[:, 0].tolist()
        self.hidden = hidden_households(solved)
        self.high = self.prepared.policy.number("grades.high")
        self.medium = self.prepared.policy.number("grades.medium")
        self._shown: dict[int, Shown] = {}  # of the request that is explained just now
        self.holders = np.full(len(self.household_ids), UNPLACED)
        self.holders[list(solved.holder)] = list(solved.holder.values())
        self.pinned = np.zeros(len(self.household_ids), bool)
        self.pinned[list(self.prepared.pinned_households)] = True

    def shown(self, row: int) -> Shown:
        """One request with its proposed household and those that are written, ranked or near."""
        if row not in self._shown:
            top = self.prepared.top or None
            homes = [self.screened.household[self.prepared.best(row, top)]]
            near = self.prepared.near(row)
            homes += [near[0], self.round.household[row : row + 1]]
            homes += [self.screened.near[row][0][:NEAREST_TOLD]]
            some = np.unique(np.concatenate(homes))
            some = some[some != UNPLACED]
            pairs = household_pairs(self.prepared, row, some)
            scores = score(pairs)
            self._shown.clear()
            self._shown[row] = Shown(
                self.inputs,
                pairs,
                [np.broadcast_to(each, pairs.shape)[0].tolist() for each in scores.values],
                scores.points[:, 0].tolist(),
                scores.fit[0].tolist(),
                {home: at for at, home in enumerate(some.tolist())},
                near,
            )
        return self._shown[row]

    def request_case(self, row: int) -> gates.RequestCase:
        """One request as its gates see it."""
        return gates.RequestCase(self.inputs, self.inputs.requests[row], self.prepared.policy)

    def grade(self, value: float) -> str:
        """High, Medium or Low by the policy's two thresholds; N/A where it doesn't apply."""
        if isnan(value):
            return NOT_APPLICABLE
        if value >= self.high:
            return "High"
        return "Medium" if value >= self.medium else "Low"

    def evidence(self, criterion: Criterion, case: Case, value: float) -> Evidence:
        """What a value rests on, without the place of a household whose address is withheld."""
        if criterion.key in WHERE and case.ids[1] in self.hidden and not isnan(value):
            return Evidence(WITHHELD)
        return criterion.because(case, value)

    def failing(self, case: Case, bits: int) -> list[tuple[Rule, Failing]]:
        """Every rule that a pair fails, without the place of a household that is withheld."""
        found = []
        for place in rules_of(bits):
            failing = RULES[place].failing(case)
            if RULES[place].key in WHERE and case.ids[1] in self.hidden:
                failing = replace(failing, reason=WITHHELD)
            found.append((RULES[place], failing))
        return found

    def lines(self, row: int) -> list[str]:
        """All there is to say about one request, a line an idea."""
        household = int(self.round.household[row])
        if household != UNPLACED:
            said = self._proposal(row, household)
        elif self.prepared.outcomes[row] is not None:
            said = self._held(row)
        else:
            said = self._unplaced(row)
        return [*said, *self._own_carers(row)]

    # What is proposed

    def _proposal(self, row: int, household: int) -> Iterator[str]:
        shown = self.shown(row)
        case = shown.case(household)
        request_id, household_id = case.ids
        start = self.starts_on(case)
        unborn = case.request.child_born_or_due_on > self.inputs.as_of
        began = f"{'Planned start' if unborn else 'Start'} {long_date(start)}." if start else ""
        yield f"{request_id} → {household_id}, fit {hundredths(shown.fit[case.column])}. {began}"
        if unborn:
            due = long_date(case.request.child_born_or_due_on)
            yield f"The child is not yet born: birth is planned for {due}, and dates count from it."
        pin = self.prepared.pins.get(row)
        if pin is not None:
            yield self._pinned(pin, case)
        if case.relationship is not None:
            yield relationship_line(case)
        yield from self._evidence(case, [each[case.column] for each in shown.values])
        yield from self._passed(row)
        if case.request.engagement == "partial":
            yield PARTIAL
        if pin is None:
            yield from self._above(row, household)
        yield from self._gates(case)

    def starts_on(self, case: Case) -> date | None:
        """The day on which a pair starts; a confirmed one's recorded start counts first."""
        decision = self.inputs.pins.get(case.ids)
        if decision is not None and decision.decision == "confirmed" and decision.started_on:
            return decision.started_on
        return case.day("start")

    def _pinned(self, pin: Pin, case: Case) -> str:
        decided = self.inputs.decisions[case.ids]
        what = "confirmed" if pin.confirmed else "chosen"
        return f"This match was {what} on {long_date(decided.decided_on)}, and is held fast."

    def _evidence(self, case: Case, values: list[float]) -> Iterator[str]:
        fits: list[str] = []
        less: list[str] = []
        gaps: list[Evidence] = []
        for each, value in zip(CRITERIA, values, strict=True):
            found = self.evidence(each, case, value)
            if isnan(value) or found.text == WITHHELD:
                continue
            if found.support:
                gaps.append(found)
            elif self.grade(value) == "High":
                fits.append(found.text)
            else:
                less.append(found.text)
        if fits:
            yield f"Fits: {' '.join(fits)}"
        if less:
            yield f"Less close: {' '.join(less)}"
        if case.ids[1] in self.hidden:
            yield WITHHELD
        for gap in gaps:
            yield f"Gap: {gap.text} Support that would close it: {lower_first(gap.support or '')} (NMS-15)"

    def _passed(self, row: int) -> Iterator[str]:
        for finding in self.prepared.findings[row]:
            if finding.outcome == PASS:
                yield f"{finding.reason} ({finding.clause})"

    def _gates(self, case: Case) -> Iterator[str]:
        hide = case.ids[1] in self.hidden
        still = gates.still_open(gates.words(gates.of_match(case), hide=hide))
        if still:
            pin = self.prepared.pins.get(int(case.pairs.request_rows[case.row]))
            lead = f"Confirmed {STILL_OPEN}" if pin and pin.confirmed else BEFORE
            yield f"{lead} {gates.open_line(still)}"

    # Why not a household that ranks higher

    def _above(self, row: int, household: int) -> Iterator[str]:
        choices, edge = self.prepared.choices(row), self.prepared.edge(row, household)
        request_id, household_id = self.request_ids[row], self.household_ids[household]
        if choices == 1:
            yield f"{household_id} is the only household that is eligible for {request_id}."
            return
        above = int(self.ranked.rank[edge]) - 1
        start = f"{household_id} ranks {ordinal(above + 1)} of {choices:,} for {request_id}."
        shown = self.prepared.best(row, min(above, SHOWN_ABOVE)).tolist()
        said = [self._not_given(row, each, k + 1) for k, each in enumerate(shown)]
        more = above - len(said)
        if more > 0:
            said.append(f"{count(more, 'more household')} above it went the same way.")
        yield " ".join([start, *said])

    def _not_given(self, row: int, edge: int, place: int) -> str:
        """Why one household that ranks higher was not proposed."""
        household = int(self.screened.household[edge])
        name, request_id = self.household_ids[household], self.request_ids[row]
        start = f"{name} ranks {ordinal(place)}"
        if household in self.prepared.pinned_households:
            other = self.request_ids[self.prepared.pinned_households[household]]
            return f"{start}, but people hold it for {other}."
        holder = self.round.holder.get(household)
        if holder is None:
            where = f"{start} and is free"
        else:
            where = f"{start} and is proposed for {self.request_ids[holder]}"
            if holder is not None and self.prepared.choices(holder) == 1:
                where += ", which no other household can take"
        price = self.price(edge)
        if price is None:
            return f"{where}. {self._limit_reason(row, edge)}"
        return f"{where}; giving it to {request_id} {self.loss(price, row)}."

    def price(self, edge: int) -> Price | None:
        """What the round loses if an eligible pair is forced; None where it has no price."""
        at = self.prepared.problem_edge(edge)
        return self.round.price(at) if at is not None and self.is_priced(edge) else None

    def is_priced(self, edge: int) -> bool:
        """Whether the price of an eligible pair is worked out."""
        if self.round.prices is not None or self.every_price:
            return True
        if len(self.request_ids) > FEW_PRICED:
            return False
        if self.ranked.rank[edge] <= min(NEAREST_TOLD, self.prepared.top or NEAREST_TOLD):
            return True
        who = int(np.searchsorted(self.screened.starts, edge, side="right")) - 1
        return bool(self.round.household[who] == self.screened.household[edge])

    def loss(self, price: Price, forced: int) -> str:
        """What a forced pair costs the others, in the first aim that loses."""
        costs = zip(self.prepared.aims, price.losses, strict=True)
        first, lost_in_first = next((each for each in costs if each[1]), ("", 0))
        others = [move for move in price.moves if move[0] != forced]
        left = [move for move in others if move[2] == UNPLACED]
        if not first:
            return "would be worth the same to the round: people may prefer it"
        if lost_in_first < 0:
            return "would better the round, which is the best found and not proven"
        if first == "fit":
            said = f"would lower the fit of the whole round by {hundredths(lost_in_first)}"
        elif first == KEPT:
            said = f"would keep {count(lost_in_first, 'placement')} fewer of the earlier round"
        elif first == "relationship":
            lost = [m for m in price.moves if self._points(m[0], m[1]) > self._points(m[0], m[2])]
            said = f"would give up what {and_list(self._bond(m) for m in lost)}"
        elif left:
            said = f"would leave {and_list(self._whose(m[0], first) for m in left)} unplaced"
        else:
            said = f"would lose {label(first)}"
        moved = [move for move in others if move[2] != UNPLACED]
        then = [f"{self.request_ids[m[0]]} would go to {self.household_ids[m[2]]}" for m in moved]
        if left and "unplaced" not in said:
            then += [f"{self.request_ids[move[0]]} would be left unplaced" for move in left]
        elif len(moved) > NEAREST_TOLD:
            then = [f"{count(len(moved), 'family')} would go elsewhere"]
        return f"{said}; {and_list(then)}" if then else said

    def _whose(self, row: int, aim: str) -> str:
        """A request that would lose its placement, with what speaks for it."""
        if aim == "needed_soonest":
            day = long_date(self.inputs.requests[row].needed_from)
            return f"{self.request_ids[row]} (needed sooner, from {day})"
        return f"{self.request_ids[row]} ({needed(self.urgency[row])})"

    def _points(self, row: int, household: int) -> float:
        if household == UNPLACED:
            return 0.0
        edge = self.prepared.edge(row, household)
        return 0.0 if edge is None else float(self.ranked.relationship[edge])

    def _bond(self, move: tuple[int, int, int]) -> str:
        case = self.prepared.pair(move[0], move[1])
        kind = {
            "current_carer": "has with their own carers",
            "former_carer": "has with their former carers",
            "sibling_lives_there": "has with a brother or sister",
            "respite_carer": "has with their respite carers",
            "known_to_family": "has with a household they know",
        }[case.relationship or ""]
        return f"{case.ids[0]} {kind}, {case.ids[1]}"

    def _limit_reason(self, row: int, edge: int) -> str:
        """Where limits are in play: which of them this household would break."""
        household = int(self.screened.household[edge])
        chosen = self.round.solution.household.copy()
        if household in self.round.holder:
            return "Within the limits of this round, the whole is better so."
        chosen[row] = household
        if self.prepared.problem_edge(edge) is None:
            return "It is too near a family that must be kept apart."
        if broken := self.prepared.problem.broken(chosen):
            return f"It would break a limit of this round: {and_list(broken)}."
        return "Within the limits of this round, the whole is better as proposed."

    # What waits

    def _unplaced(self, row: int) -> Iterator[str]:
        request_id, total = self.request_ids[row], len(self.household_ids)
        choices = self.prepared.choices(row)
        if choices == 0:
            yield f"{request_id} has no eligible household of {total:,}."
        else:
            yield (
                f"{request_id} has {count(choices, 'eligible household')} of {total:,}, and waits: "
                f"{self.waits_for(row)}."
            )
            yield from self._contest(row)
        everyone = household_pairs(self.prepared, row, self.prepared.columns.households.row)
        said = [f"{number:,} {RULES[place].lack}" for place, number in blocked_first(everyone)]
        if said:
            yield (
                f"Not eligible: {and_list(said)}. "
                "(Each household is counted once, under the first rule that it fails.)"
            )
        yield from self._passed(row)
        yield from self._nearest(row)

    def waits_for(self, row: int) -> str:
        """Why a family with eligible households has none: in a few words."""
        homes = self.screened.household[self.screened.edges_of(row)]
        if (self.holders[homes] != UNPLACED).all():
            return "it is needed for others" if len(homes) == 1 else "all are needed for others"
        return LIMITED

    def _contest(self, row: int) -> Iterator[str]:
        if (rivals := self._rivals(row)) is not None:
            group, homes = rivals
            names = and_list(self.request_ids[r] for r in group)
            waits = [r for r in group if self.round.household[r] == UNPLACED]
            yield (
                f"{names} can only be placed with "
                f"{and_list((self.household_ids[h] for h in homes), 'or')}. "
                f"{self._who_waits(group, waits)}"
            )
        for edge in self.prepared.best(row, NEAREST_TOLD).tolist():
            household = int(self.screened.household[edge])
            name = self.household_ids[household]
            price = self.price(edge)
            if household in self.prepared.pinned_households:
                other = self.request_ids[self.prepared.pinned_households[household]]
                yield f"People hold {name} for {other}."
            elif price is not None:
                loss = self.loss(price, row)
                yield f"Giving {name} to {self.request_ids[row]} {loss}."
            else:
                holder = self.round.holder.get(household)
                who = "is free" if holder is None else f"goes to {self.request_ids[holder]}"
                yield f"{name} {who}. {self._limit_reason(row, edge)}"

    def _who_waits(self, group: list[int], waits: list[int]) -> str:
        many, all_of = upper_first(spelt(len(waits))), spelt(len(group))
        names = and_list(self.request_ids[r] for r in waits)
        placed = [r for r in group if r not in waits]
        day = self.prepared.columns.requests.needed_from
        why = ""
        if len(waits) == 1 and placed:
            last = waits[0]
            rank = URGENCIES.index
            if all(rank(self.urgency[r]) < rank(self.urgency[last]) for r in placed):
                why = f", the only one {needed(self.urgency[last])}"
            elif all(day[r] < day[last] for r in placed):
                why = ", whose need comes last"
        return f"{many} of the {all_of} must wait: {names}{why}."

    def _rivals(self, row: int) -> tuple[list[int], list[int]] | None:
        """The requests and households of a contest: all that can be reached by exchanges.

        None where it is no contest, as a household is free, or where it is too large to tell.
        """
        group, homes, queue = {row}, set[int](), [row]
        while queue:
            reached = self.screened.household[self.screened.edges_of(queue.pop())]
            reached = reached[~self.pinned[reached]]  # what people hold, nobody competes for
            holders = set(self.holders[reached].tolist())
            queue += holders - group
            group |= holders
            homes |= set(reached.tolist())
            if UNPLACED in holders or len(group) > LARGEST_CONTEST:
                return None
        return (sorted(group), sorted(homes)) if homes else None

    def _nearest(self, row: int) -> Iterator[str]:
        households, failed = self.screened.near[row]
        nearest = zip(households[:NEAREST_TOLD].tolist(), failed.tolist(), strict=False)
        for household, bits in nearest:
            case = self.shown(row).case(household)
            changes = self._changes(case, int(bits))
            held = f" {self._held_for(household)}" if self._held_for(household) else ""
            yield f"Nearest: {case.ids[1]} needs {_things(len(changes))}: {'; '.join(changes)}.{held}"

    def _held_for(self, household: int) -> str:
        """Which family people hold a household for, '' where for none."""
        row = self.prepared.pinned_households.get(household)
        return "" if row is None else f"But people hold it for {self.request_ids[row]}."

    def takes(self, case: Case, bits: int) -> tuple[Change, ...]:
        """The smallest set of changes that would make a pair eligible."""
        return smallest(case, self.failing(case, bits))

    def _changes(self, case: Case, bits: int) -> list[str]:
        clause = {rule.key: rule.clause for rule in RULES}
        said = []
        for change in self.takes(case, bits):
            clauses = ", ".join(dict.fromkeys(clause[rule] for rule in change.rules))
            said.append(f"{lower_first(change.what).rstrip('.')} ({change.who}; {clauses})")
        return said

    # What is held back, and the parent's own carers

    def _held(self, row: int) -> Iterator[str]:
        holding = [f for f in self.prepared.findings[row] if f.outcome != PASS]
        for at, finding in enumerate(holding):
            start = f"{self.request_ids[row]} is not matched: " if at == 0 else "Also: "
            yield f"{start}{lower_first(finding.reason) if at == 0 else finding.reason} ({finding.clause})"
        first = self.prepared.outcomes[row]
        # Once it is to be residential, the other steps towards fostering fall away.
        steps = [f.next_step for f in holding if first != OUTCOMES[0] or f.outcome == first]
        for step in dict.fromkeys(steps):
            yield f"Next: {lower_first(step)}"
        yield from self._passed(row)
        yield (
            f"For information: {count(self.prepared.choices(row), 'household')} of "
            f"{len(self.household_ids):,} would be eligible."
        )

    def _own_carers(self, row: int) -> Iterator[str]:
        request = self.inputs.requests[row]
        if not request.a_parent_is_looked_after:
            return
        for household in self.prepared.own_carers.get(row, ()):
            household_id = self.household_ids[household]
            if household == self.round.household[row]:
                continue
            if self.prepared.edge(row, household) is not None:
                yield f"{household_id} are the parent's own carers. (PC-4.2b)"
                continue
            case = self.prepared.pair(row, household)
            bits = int(failed_bits(case.pairs)[0, 0])
            latest = case.day("latest")
            by = f" by {long_date(latest)}" if latest else ""
            reasons = " ".join(failing.reason for _, failing in self.failing(case, bits))
            fixes = "; ".join(change.sentence for change in self.takes(case, bits))
            yield (
                f"The parent's own carers, {household_id}, are not eligible today. {reasons} "
                f"What it would take{by}: {fixes}. They would then rank "
                f"{ordinal(self._would_rank(row, household))}. (PC-4.2b)"
                f"{' ' + self._held_for(household) if self._held_for(household) else ''}"
            )

    def _would_rank(self, row: int, household: int) -> int:
        """The rank that a household would have if it were eligible."""
        edges = self.screened.edges_of(row)
        one = household_pairs(self.prepared, row, np.array([household]))
        fit = np.append(self.ranked.fit[edges], score(one).fit[0])
        points = np.append(self.ranked.relationship[edges], one.relationship_points[0].astype(int))
        homes = np.append(self.screened.household[edges], household)
        places = household_pairs(self.prepared, row, homes).miles[0]
        by_id = np.argsort(homes)
        order = by_id[best_first(points[by_id], fit[by_id], places[by_id])]
        return int(np.flatnonzero(homes[order] == household)[0]) + 1


def hidden_households(solved: Round) -> set[str]:
    """The households that are proposed or ranked for a family whose address is withheld.

    No output but round.json may say where they are (PC-5.3d).
    """
    prepared = solved.prepared
    withheld = [row for row, r in enumerate(prepared.inputs.requests) if r.withhold_address]
    hidden = np.zeros(len(prepared.columns.household_ids), bool)
    for row in withheld:
        hidden[prepared.screened.household[prepared.screened.edges_of(row)]] = True
        if (home := int(solved.household[row])) != UNPLACED:
            hidden[home] = True
    return {prepared.columns.household_ids[home] for home in np.flatnonzero(hidden)}


def alerts(explainer: Explainer) -> list[str]:
    """What people must look at first: confirmed matches that break something, and blind spots."""
    solved, prepared = explainer.round, explainer.prepared
    said = [line for pin in prepared.pins.values() for line in pin_alerts(explainer, pin)]
    for one, other in prepared.too_close:
        said.append(f"{one} and {other} are confirmed nearer to each other than keep_apart says.")
    if not prepared.policy.is_off("limits.new_per_team"):
        said += [
            f"The team of {prepared.inputs.households[home].household_id} is not known, so that it "
            "does not count in the limit new_per_team: ask."
            for home in sorted(solved.holder)
            if prepared.inputs.households[home].team is None
        ]
    if not prepared.policy.is_off("limits.weekly_fees"):
        for home in solved.holder:
            household = prepared.inputs.households[home]
            if household.weekly_fee is None:
                said.append(
                    f"The weekly fee of {household.household_id} is not known and counts as £0 "
                    "in the limit weekly_fees: ask."
                )
    return said


def pin_alerts(explainer: Explainer, pin: Pin) -> Iterator[str]:
    """What a match that people hold breaks, and what is open though it is confirmed."""
    case = explainer.prepared.pair(pin.request, pin.household)
    name = f"{case.ids[0]} is confirmed with {case.ids[1]}"
    if pin.held_by is not None:
        yield f"{name}, though screening holds it back ({label(pin.held_by)})."
    broken = sum(1 << place for place in pin.breaks)
    for rule, failing in explainer.failing(case, broken):
        yield f"{name}: {failing.reason} ({rule.clause})"
    still = gates.still_open(gates.words(gates.of_match(case)))
    if still and pin.confirmed:
        names = and_list(label(duty.duty) for duty in still)
        clauses = ", ".join(dict.fromkeys(duty.clause for duty in still))
        yield f"{name} {STILL_OPEN} {names}. ({clauses})"


def relationship_line(case: Case) -> str:
    """What family and household are to each other, with its clause."""
    said = {
        "current_carer": "the parent lives with these carers now (PC-4.2b)",
        "former_carer": "the parent has lived with these carers before (PC-5.1h)",
        "sibling_lives_there": "a brother or sister lives there (PC-5.1h)",
        "respite_carer": "these carers have given the family respite (PC-5.1h)",
        "known_to_family": "the family knows this household (PC-5.1h)",
    }[case.relationship or ""]
    return f"Relationship: {said}."


def _things(number: int) -> str:
    return f"{spelt(number)} {'thing' if number == 1 else 'things'}"
