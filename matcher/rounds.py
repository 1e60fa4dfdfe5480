"""One round: read, screen, check every rule, score, solve. What people decided is held fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from matcher.ahead.look import Ahead, Looked, Taken, look, too_large, values, with_values
from matcher.ahead.outlook import Counted, Sight, futures, opened, outlook
from matcher.ahead.scene import Packer
from matcher.cores import give_back
from matcher.eligibility import Near, Screened, misses, scan
from matcher.fit import MANY_EDGES, Ranked, rank, score
from matcher.incremental import again
from matcher.intake.columns import columns
from matcher.intake.inputs import Inputs
from matcher.model import Columns, Indices
from matcher.pins import Held, Pin, hold
from matcher.policy import aims, screening
from matcher.policy.aims import AHEAD, AnyAim, Candidates, PairAim, RequestAim
from matcher.policy.case import Case, request_cases
from matcher.policy.criteria import WHERE
from matcher.policy.pairs import KINDS, Pairs
from matcher.policy.settings import OFF, Policy
from matcher.price_words import Cost, Move
from matcher.problems import candidates_of, earlier_of, of_edges, problem_of
from matcher.sizes import MANY_REQUESTS, MANY_UNDER_A_SUM
from matcher.solve import solve
from matcher.solve.prices import Price, Prices
from matcher.solve.problem import UNPLACED, Problem, Small, Solution
from matcher.solve.proof import slack

if TYPE_CHECKING:
    from matcher.solve.force import ForcedPrices

DEFAULT_TOP = 20
NEAREST_TOLD = 3  # near misses that an explanation names, however few are written


@dataclass(frozen=True)
class Prepared:
    """A round before it is solved: everything that the data and the policy say."""

    inputs: Inputs
    policy: Policy
    top: int
    columns: Columns
    everyone: Pairs  # every request against every household
    findings: list[list[screening.Finding]]
    screened: Screened
    ranked: Ranked
    held: Held
    problem: Problem
    edge_at: Indices  # the place in `screened` of each edge of the problem
    keep: dict[str, str] | None = field(default=None)  # the earlier household of each request
    counted: Counted | None = field(default=None)  # families that have been coming, as history says
    ahead: Ahead | None = field(default=None)  # None where the round does not look ahead

    @cached_property
    def of_request(self) -> dict[str, Small]:
        """The aims whose value is the request's own, by their keys."""
        return {aim.name: aim.values for aim in self.problem.aims if aim.of_request}

    @property
    def pins(self) -> dict[int, Pin]:
        """The pairs that people hold, by request."""
        return self.held.pins

    @cached_property
    def aims(self) -> tuple[str, ...]:
        """The keys of the round's aims, in their order."""
        return tuple(aim.name for aim in self.problem.aims)

    @cached_property
    def outcomes(self) -> list[str | None]:
        """What holds each request back in screening, None where nothing does."""
        return [screening.outcome(found) for found in self.findings]

    def matchable(self, row: int) -> bool:
        """Whether a request takes part: it passes screening, or its placement is confirmed."""
        return self.outcomes[row] is None or row in self.pins

    @cached_property
    def household_at(self) -> dict[str, int]:
        """The place of each household by its id."""
        return {name: at for at, name in enumerate(self.columns.household_ids)}

    @cached_property
    def matchable_rows(self) -> list[int]:
        """The requests that take part, by row."""
        return [row for row in range(len(self.columns.request_ids)) if self.matchable(row)]

    def choices(self, row: int) -> int:
        """How many households are eligible for a request."""
        edges = self.screened.edges_of(row)
        return int(edges.stop - edges.start)

    @cached_property
    def pinned_households(self) -> dict[int, int]:
        """The request that holds each pinned household; of several that are agreed, the first to start."""
        last_first = sorted(self.pins.values(), key=self._starts_on, reverse=True)
        return {pin.household: pin.request for pin in last_first}

    def _starts_on(self, pin: Pin) -> date:
        agreed = self.inputs.agreed.get(self.columns.request_ids[pin.request])
        return (agreed and agreed.started_on) or date.min

    @cached_property
    def held_households(self) -> list[int]:
        """The households that people hold for a family, open or not, in order."""
        agreed = (self.household_at[name] for name in self.inputs.held)
        return sorted({*self.pinned_households, *agreed})

    @cached_property
    def own_carers(self) -> dict[int, list[int]]:
        """The households of each request's current carers, whatever they are to the parent."""
        current = 1 + KINDS.index("current_carer")
        found: dict[int, list[int]] = defaultdict(list)
        known = self.columns.relationship
        for row, household, kind in zip(
            known.requests.tolist(), known.households.tolist(), known.values, strict=True
        ):
            if kind == current:
                found[row].append(household)
        return found

    def near(self, row: int) -> Near:
        """The ineligible households of a request that are written, the nearest first."""
        if self.top == 0:
            return misses(self.everyone.of(np.array([row])))
        households, failed = self.screened.near[row]
        return households[: self.top], failed[: self.top]

    def edge(self, row: int, household: int) -> int | None:
        """The place of a pair among the eligible ones, None where it is not eligible."""
        edges = self.screened.edges_of(row)
        at = np.flatnonzero(self.screened.household[edges] == household)
        return edges.start + int(at[0]) if len(at) else None

    def problem_edge(self, edge: int) -> int | None:
        """The place of an eligible pair in the problem; None where it is out, as a pin holds it."""
        (found,) = self.problem_edges(np.array([edge]))
        return found

    def problem_edges(self, edges: Indices) -> list[int | None]:
        """The same of several eligible pairs."""
        known = self.edge_at
        # Of one dtype, searchsorted copies nothing.
        places = np.searchsorted(known, edges.astype(known.dtype))
        inside = places < len(known)
        inside[inside] = known[places[inside]] == edges[inside]
        each = zip(places.tolist(), inside.tolist(), strict=True)
        return [at if is_there else None for at, is_there in each]

    def best(self, row: int, most: int | None = None) -> Indices:
        """The places of the eligible pairs of a request, the best ranked first."""
        edges = self.screened.edges_of(row)
        ranks = self.ranked.rank[edges]  # 1 to the last, each once
        at = np.arange(len(ranks)) if most is None else np.flatnonzero(ranks <= most)
        return np.asarray(edges.start + at[np.argsort(ranks[at])])

    def pair(self, row: int, household: int) -> Case:
        """One pair as people read it."""
        pairs = self.everyone.of(np.array([row]), np.array([household]))
        return Case(self.inputs, pairs, 0, 0)

    def candidates(self, row: int) -> Candidates:
        """Every eligible household of a request, with what ranking made of each."""
        edges = self.screened.edges_of(row)
        return Candidates(
            self.everyone,
            row,
            self.screened.household[edges],
            self.ranked.fit[edges],
            self.ranked.relationship[edges],
            self.earlier.get(row),
            self._values_ahead(edges),
        )

    def _values_ahead(self, edges: slice) -> Small | None:
        """The value of eligible pairs in `room_ahead`, 0 where the solver may not choose them."""
        if self.ahead is None:
            return None
        (aim,) = (each for each in self.problem.aims if each.name == aims.room_ahead.key)
        places = [self.problem_edge(edge) for edge in range(edges.start, edges.stop)]
        return np.array([0 if at is None else aim.values[at] for at in places], np.int64)

    @property
    def in_force(self) -> tuple[AnyAim, ...]:
        """The round's aims, in their order."""
        keeps, looks = self.keep is not None, self.ahead is not None
        return aims.in_force(self.policy, keeps=keeps, ahead=looks)

    @cached_property
    def earlier(self) -> dict[int, int]:
        """The household of each request in the round that is kept to, both by row."""
        return earlier_of(self.columns, self.keep or {})

    def pinned_values(self, pin: Pin) -> tuple[int, ...]:
        """The value of each aim of a pinned pair, eligible or not."""
        pairs = self.pair(pin.request, pin.household).pairs
        alone = Candidates(
            self.everyone,
            pin.request,
            np.array([pin.household]),
            score(pairs).fit[0],
            pairs.relationship_points[0].astype(np.int64),
            self.earlier.get(pin.request),
        )
        return tuple(
            int(self.of_request[aim.key][pin.request])
            if isinstance(aim, RequestAim)
            else int(aim.values(alone)[0])
            for aim in self.in_force
        )

    def with_fit(self, fit: Small) -> Problem:
        """The problem with another fit of each edge, in every aim that the weights count in."""
        problem, relationship = self.problem, self.ranked.relationship[self.edge_at]
        edges = problem.request, problem.household
        candidates = [*candidates_of(self.everyone, *edges, fit, relationship, self.earlier)]
        weighed = {
            aim.key: of_edges(aim, candidates)
            for aim in self.in_force
            if isinstance(aim, PairAim) and aim.is_weighed
        }
        changed = (replace(a, values=weighed.get(a.name, a.values)) for a in problem.aims)
        return replace(problem, aims=tuple(changed))

    @cached_property
    def hidden(self) -> frozenset[int]:
        """The households that may be proposed, or are ranked, for a family whose address is withheld."""
        hidden = np.zeros(len(self.columns.household_ids), bool)
        for row, request in enumerate(self.inputs.requests):
            if request.withhold_address:
                hidden[self.screened.household[self.screened.edges_of(row)]] = True
                if row in self.pins:
                    hidden[self.pins[row].household] = True
        hidden[[self.household_at[name] for name in withheld_homes(self.inputs)]] = True
        return frozenset(np.flatnonzero(hidden).tolist())

    @cached_property
    def living(self) -> dict[str, Case]:
        """Each family that lives in a household, or is placed and agreed to one, with it, by request_id."""
        families = [r for r in self.inputs.families if r.request_id in self.inputs.home_of]
        if not families:
            return {}
        inputs = replace(self.inputs, requests=tuple(families))
        table = columns(inputs, (self.inputs, self.columns))
        found = {}
        for row, request in enumerate(families):
            household = self.inputs.home_of[request.request_id].household_id
            at = np.array([self.household_at[household]])
            found[request.request_id] = Case(
                inputs, Pairs(table, self.policy, np.array([row]), at), 0, 0
            )
        return found

    def cost(self, price: Price) -> Cost:
        """A price by the keys of the aims and the ids of who moves."""
        requests, households = self.columns.request_ids, self.columns.household_ids

        def named(household: int) -> str | None:
            return None if household == UNPLACED else households[household]

        moves = (Move(requests[who], named(left), named(to)) for who, left, to in price.moves)
        return Cost(dict(zip(self.aims, price.losses, strict=True)), tuple(moves))


@dataclass(frozen=True)
class SolvedRound:
    """A solved round: the household of each request, and what proves it.

    `told` are prices under limits that a file tells, for whoever checks it without a solver.
    """

    prepared: Prepared
    solution: Solution
    told: dict[int, Price | None] | None = None

    @cached_property
    def household(self) -> Indices:
        """The household of each request, pinned ones too; UNPLACED where none."""
        found = self.solution.household.copy()
        for pin in self.prepared.pins.values():
            found[pin.request] = pin.household
        return found

    @cached_property
    def holder(self) -> dict[int, int]:
        """The request of each household that has one; of several that are agreed, the first to start."""
        placed = np.flatnonzero(self.household != UNPLACED)
        found = dict(zip(self.household[placed].tolist(), placed.tolist(), strict=True))
        return found | self.prepared.pinned_households

    @cached_property
    def pinned_totals(self) -> tuple[int, ...]:
        """What the pinned pairs add to each aim."""
        sums = [0] * len(self.prepared.aims)
        for pin in self.prepared.pins.values():
            for at, value in enumerate(self.prepared.pinned_values(pin)):
                sums[at] += value
        return tuple(sums)

    @cached_property
    def totals(self) -> tuple[int, ...]:
        """The value of each aim, pinned families included."""
        return tuple(map(sum, zip(self.solution.values, self.pinned_totals, strict=True)))

    @property
    def prices_take_long(self) -> bool:
        """Whether no price is worked out that takes a solve of its own, as they would be too many or too long."""
        problem = self.prepared.problem
        many = bool(problem.limits) and len(problem.request) > MANY_UNDER_A_SUM
        return many or len(self.prepared.columns.request_ids) > MANY_REQUESTS

    @cached_property
    def prices(self) -> Prices | None:
        """The price of every pair; None where a limit may be in play that duals don't price."""
        problem, solution = self.prepared.problem, self.solution
        if not problem.duals_prove or solution.duals is None:
            return None
        left = slack(problem, solution.duals) if solution.slack is None else solution.slack
        found = Prices(problem, solution.household, solution.duals, left)
        if len(problem.request) >= MANY_EDGES:
            give_back()
        return found

    def price(self, edge: int) -> Price | None:
        """What the round loses if an edge of the problem is forced and all else is free.

        Where another limit than that of teams may be in play a price may take a solve of its own, and
        None says that the limits don't allow the pair.
        """
        if self.prices is not None:
            return self.prices.price(edge) if self.prices.allowed[edge] else None
        known = self.price_without_solving(edge)
        return self._forced.price(edge) if known is None and self.told is None else known

    def price_without_solving(self, edge: int) -> Price | None:
        """The price of an edge where a limit may be in play, if duals tell it; None where they don't."""
        problem, chosen = self.prepared.problem, self.solution.household
        if chosen[problem.request[edge]] == problem.household[edge]:
            return Price((0,) * len(problem.aims), ())
        return self._forced.without_solving(edge) if self.told is None else self.told[edge]

    @cached_property
    def _forced(self) -> ForcedPrices:
        from matcher.solve.force import ForcedPrices

        return ForcedPrices(self.prepared.problem, self.solution)


def prepare(
    inputs: Inputs,
    policy: Policy,
    top: int = DEFAULT_TOP,
    keep: Mapping[str, str] | None = None,
    counted: Counted | None = None,
    taken: Taken | None = None,
) -> Prepared:
    """Screen every request, run every rule on every pair, score and rank what is eligible.

    Where the policy says so it looks ahead; `counted` is what a recorded history says of families
    that come, and `taken` what is not to be solved again, as a file has it.

    `keep` is the household of each request in an earlier round: as many of these pairs as can be
    are proposed again, at no loss in the aims before fit. Ids that the data no longer have are
    skipped. None adds no such aim.
    Raises WrongInput where a chosen pair breaks screening, a rule or a limit.
    """
    return _prepare(inputs, policy, top, keep, counted, taken, None)


def _prepare(
    inputs: Inputs,
    policy: Policy,
    top: int,
    keep: Mapping[str, str] | None,
    counted: Counted | None,
    taken: Taken | None,
    base: Prepared | None,
) -> Prepared:
    """The same, with what was made of another round of as many near misses."""
    inputs, table, everyone, findings, held = _held(inputs, policy, base)
    most_near = max(top, NEAREST_TOLD)
    made = base and again(base.everyone, base.screened, base.ranked, everyone, most_near)
    screened = made[0] if made else scan(everyone, most_near)
    ranked = made[1] if made else rank(everyone, screened)
    if len(screened.household) >= MANY_EDGES:
        give_back()
    out = [screening.outcome(found) is not None for found in findings]
    kept = None if keep is None else _still_there(table, keep)
    problem, edge_at = problem_of(inputs, everyone, screened, ranked, held.pins, out, kept)
    plain = Prepared(
        inputs,
        policy,
        top,
        table,
        everyone,
        findings,
        screened,
        ranked,
        held,
        problem,
        edge_at,
        kept,
        counted,
    )
    return plain if policy.code("room_ahead") == OFF else _looking_ahead(plain, taken)


def _looking_ahead(plain: Prepared, taken: Taken | None) -> Prepared:
    """A round with the values of looking ahead, about its own choice or the one that is `taken`."""
    inputs, policy, problem = plain.inputs, plain.policy, plain.problem
    form = policy.code("room_ahead")
    too_large(problem)
    without = replace(policy, values={**policy.values, "room_ahead": OFF})
    free = prepare(opened(inputs), without, top=0)
    eligible = np.zeros(plain.everyone.shape, bool)
    eligible[plain.screened.request, plain.screened.household] = True
    hidden = plain.hidden | free.hidden
    sight = Sight(
        _as_told(plain, hidden),
        plain.everyone,
        eligible,
        _as_told(free, hidden),
        np.array([outcome is not None for outcome in plain.outcomes], bool),
        plain.pins,
        np.flatnonzero(np.isin(plain.columns.household_ids, [*inputs.held])),
        np.array([float(row.received_on.toordinal()) for row in inputs.requests]),
    )
    by = outlook(sight, inputs, policy, plain.counted)
    scene = sight.scene(by)
    packer = Packer(scene, futures(scene, by))
    first = solve(problem) if taken is None else taken.plain
    household = first.household
    anyway = np.isin(plain.everyone.urgency[:, 0], AHEAD[form]) & (household != UNPLACED)
    if taken is None:
        looked = look(problem, household, anyway, packer, form)
    else:
        of_pairs = values(packer, taken.around)
        looked = Looked(with_values(problem, anyway, of_pairs, form), taken.around)
    ahead = Ahead(form, by, problem, first, anyway, looked.around, packer)
    return replace(plain, problem=looked.problem, ahead=ahead)


Holding: TypeAlias = tuple[Inputs, Columns, Pairs, list[list[screening.Finding]], Held]


def _as_told(prepared: Prepared, hidden: frozenset[int]) -> Problem:
    """The problem with what people may see of the fit of hidden households, so that no value tells more."""
    problem = prepared.problem
    fit = prepared.ranked.fit[prepared.edge_at].copy()
    for row in range(problem.requests):
        edges = problem.edges_of(row)
        mine = edges.start + np.flatnonzero(np.isin(problem.household[edges], [*hidden]))
        if len(mine):
            pairs = household_pairs(prepared, row, problem.household[mine])
            fit[mine] = score(pairs, without=WHERE).fit[0]
    return prepared.with_fit(fit)


def _held(inputs: Inputs, policy: Policy, base: Prepared | None) -> Holding:
    """The round with what people hold: a choice that is set aside frees no home that is kept for her.

    A choice passes `own_home`, so which are set aside does not hang on which homes are kept.
    """
    found = _hold(inputs, policy, base)
    _, table, _, _, held = found
    aside = frozenset(
        (table.request_ids[pin.request], table.household_ids[pin.household])
        for pin in held.set_aside
    )
    if aside == inputs.not_standing:
        return found
    without = replace(inputs, not_standing=aside)
    return found if without.own_homes == inputs.own_homes else _hold(without, policy, base)


def _hold(inputs: Inputs, policy: Policy, base: Prepared | None) -> Holding:
    table = columns(inputs, None if base is None else (base.inputs, base.columns))
    findings = screening.screen(table, request_cases(inputs, policy), policy)
    everyone = Pairs(table, policy, np.arange(len(table.request_ids)), table.households.row)
    return inputs, table, everyone, findings, hold(inputs, everyone, findings)


def prepare_again(base: Prepared, inputs: Inputs, policy: Policy | None = None) -> Prepared:
    """A round of other data, or of another policy, that is otherwise as it was."""
    in_force = policy or base.policy
    return _prepare(inputs, in_force, base.top, base.keep, base.counted, None, base)


def match(prepared: Prepared, base: SolvedRound | None = None) -> SolvedRound:
    """The proven optimum of a prepared round, sooner where it is nearly that of another one."""
    solution = solve(
        prepared.problem, None if base is None else _edges_to_begin_with(prepared, base)
    )
    if len(prepared.screened.household) >= MANY_EDGES:
        give_back()
    return SolvedRound(prepared, solution)


def _edges_to_begin_with(prepared: Prepared, base: SolvedRound) -> Indices | None:
    """The pairs among which the choice of another round was found, as far as this one has them."""
    part, problem, table = base.solution.part, base.prepared.problem, base.prepared.columns
    if part is None:
        return None
    request_at = {name: at for at, name in enumerate(prepared.columns.request_ids)}
    requests = np.array([request_at.get(name, UNPLACED) for name in table.request_ids], np.intp)
    homes = prepared.household_at
    households = np.array([homes.get(name, UNPLACED) for name in table.household_ids], np.intp)
    rows, places = requests[problem.request[part]], households[problem.household[part]]
    both = (rows != UNPLACED) & (places != UNPLACED)
    return prepared.problem.edges_between(rows[both], places[both])


def _still_there(table: Columns, keep: Mapping[str, str]) -> dict[str, str]:
    """The earlier pairs whose family and household the data still have, by request_id."""
    homes = set(table.household_ids)
    return {name: keep[name] for name in table.request_ids if keep.get(name) in homes}


def withheld_homes(inputs: Inputs) -> set[str]:
    """The households where families live, or are agreed to, from whom nobody may say where it is."""
    withheld = {r.request_id for r in inputs.families if r.withhold_address}
    homes = (*inputs.placement_of.values(), *inputs.agreed.values())
    return {p.household_id for p in homes if p.request_id in withheld}


def household_pairs(prepared: Prepared, row: int, households: Indices) -> Pairs:
    """One request against some households, in their order."""
    return prepared.everyone.of(np.array([row]), households)
