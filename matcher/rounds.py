"""One round: read, screen, check every rule, score, solve. What people decided is held fast."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from matcher.eligibility import Near, Screened, failed_bits, misses, rules_of, scan
from matcher.errors import Fault, WrongInput, wrong_cell, wrong_option
from matcher.fit import Ranked, rank, score
from matcher.geo import miles
from matcher.intake import existing, read
from matcher.intake.cells import WrongCell
from matcher.intake.cells import day as read_day
from matcher.intake.columns import columns
from matcher.intake.inputs import Inputs
from matcher.intake.settings import RoundSettings, read_settings, read_toml
from matcher.model import Columns, Indices
from matcher.policy import aims, limits, screening
from matcher.policy.aims import AnyAim, Candidates, PairAim, RequestAim
from matcher.policy.case import Case, request_cases
from matcher.policy.criteria import WHERE
from matcher.policy.pairs import KINDS, Pairs
from matcher.policy.rules import RULES
from matcher.policy.settings import Policy, default, override
from matcher.price_words import Cost, Move
from matcher.solve import solve
from matcher.solve.prices import Price, Prices
from matcher.solve.problem import UNPLACED, Aim, Conflict, Limit, Problem, Small, Solution
from matcher.solve.proof import slack

DEFAULT_TOP = 20
NEAREST_TOLD = 3  # near misses that an explanation names, however few are written


def load_policy(file: Path | None, settings: RoundSettings, faults: list[Fault]) -> Policy:
    """The policy that ships, overridden by round.toml and then by a file."""
    policy = override(default(), settings.policy, settings.source, faults)
    if file is None:
        return policy
    name = file.name or str(file)
    return override(policy, read_toml(file, name, faults), name, faults)


def load(folder: Path, as_of: str | None, policy_file: Path | None) -> tuple[Inputs, Policy]:
    """The clean input and the policy of a folder; WrongInput with every fault of both."""
    faults: list[Fault] = []
    existing(folder)
    settings = read_settings(folder, faults)
    policy = load_policy(policy_file, settings, faults)
    day = option_day(as_of, faults) if as_of is not None else settings.as_of
    day_is_wrong = day is None and (as_of is not None or settings.day_is_wrong)
    today = None if day_is_wrong else date.today()
    warnings: list[Fault] = []
    inputs = read(folder, day or today, settings, faults, warnings)
    if faults or inputs is None:
        raise WrongInput(faults, warnings)
    return inputs, policy


def option_day(text: str | None, faults: list[Fault]) -> date | None:
    """The day that an option gives, None where it gives none or a wrong one."""
    if text is None:
        return None
    try:
        return read_day(text.strip())
    except WrongCell as error:
        for value, problem, fix in error.faults:
            faults.append(wrong_option("--as-of", problem, fix, value=value))
        return None


@dataclass(frozen=True)
class Pin:
    """A pair that people chose or confirmed, with the rules and limits that it breaks today."""

    request: int
    household: int
    confirmed: bool
    breaks: tuple[int, ...]
    held_by: str | None


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
    pins: dict[int, Pin]
    of_request: dict[str, NDArray[np.int64]]  # the aims whose value is the request's own
    problem: Problem
    edge_at: Indices  # the place in `screened` of each edge of the problem
    too_close: tuple[tuple[str, str], ...] = field(default=())
    keep: dict[str, str] | None = field(default=None)  # the earlier household of each request

    @property
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
        """The request that holds each pinned household."""
        return {pin.household: pin.request for pin in self.pins.values()}

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
        known = self.edge_at
        # Of one dtype, searchsorted copies nothing.
        at = int(np.searchsorted(known, known.dtype.type(edge)))
        inside = at < len(known) and known[at] == edge
        return at if inside else None

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
        )

    @cached_property
    def earlier(self) -> dict[int, int]:
        """The household of each request in the round that is kept to, both by row."""
        return _earlier(self.columns, self.keep or {})

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
            for aim in aims.in_force(self.keep is not None)
        )

    def with_fit(self, fit: Small) -> Problem:
        """The problem with another fit of each edge, in every aim that the weights count in."""
        problem, relationship = self.problem, self.ranked.relationship[self.edge_at]
        edges = problem.request, problem.household
        candidates = [*_candidates(self.everyone, *edges, fit, relationship, self.earlier)]
        weighed = {
            aim.key: _of_edges(aim, candidates)
            for aim in aims.in_force(self.keep is not None)
            if isinstance(aim, PairAim) and aim.is_weighed
        }
        changed = (replace(a, values=weighed.get(a.name, a.values)) for a in problem.aims)
        return replace(problem, aims=tuple(changed))

    @cached_property
    def hidden(self) -> frozenset[int]:
        """The households that may be proposed, or are ranked, for a family whose address is withheld."""
        hidden = set[int]()
        for row, request in enumerate(self.inputs.requests):
            if request.withhold_address:
                hidden |= {*self.screened.household[self.screened.edges_of(row)].tolist()}
                hidden |= {self.pins[row].household} if row in self.pins else set()
        return frozenset(hidden)

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
        """The request of each household that has one."""
        placed = np.flatnonzero(self.household != UNPLACED)
        return dict(zip(self.household[placed].tolist(), placed.tolist(), strict=True))

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

    @cached_property
    def prices(self) -> Prices | None:
        """The price of every pair; None where a limit may be in play, as duals don't price it."""
        problem, solution = self.prepared.problem, self.solution
        if problem.limits or problem.conflicts or solution.duals is None:
            return None
        left = slack(problem, solution.duals) if solution.slack is None else solution.slack
        return Prices(problem, solution.household, solution.duals, left)

    def price(self, edge: int) -> Price | None:
        """What the round loses if an edge of the problem is forced and all else is free.

        Where a limit may be in play each price is a solve of its own, and None says that the limits
        don't allow the pair.
        """
        if self.prices is not None:
            return self.prices.price(edge)
        problem, chosen = self.prepared.problem, self.solution.household
        if chosen[problem.request[edge]] == problem.household[edge]:
            return Price((0,) * len(problem.aims), ())
        if self.told is not None:
            return self.told[edge]
        if edge not in self._forced:
            from matcher.solve.force import price_by_force

            self._forced[edge] = price_by_force(problem, self.solution, edge)
        return self._forced[edge]

    @cached_property
    def _forced(self) -> dict[int, Price | None]:
        return {}


def prepare(
    inputs: Inputs,
    policy: Policy,
    top: int = DEFAULT_TOP,
    keep: Mapping[str, str] | None = None,
) -> Prepared:
    """Screen every request, run every rule on every pair, score and rank what is eligible.

    `keep` is the household of each request in an earlier round: as many of these pairs as can be
    are proposed again, at no loss in the aims before fit. Ids that the data no longer have are
    skipped. None adds no such aim.
    Raises WrongInput where a chosen pair breaks screening, a rule or a limit.
    """
    table = columns(inputs)
    findings = screening.screen(table, request_cases(inputs, policy))
    everyone = Pairs(table, policy, np.arange(len(table.request_ids)), table.households.row)
    screened = scan(everyone, max(top, NEAREST_TOLD))
    ranked = rank(everyone, screened)
    pins = _pins(inputs, everyone, findings)
    held = [screening.outcome(found) is not None for found in findings]
    kept = None if keep is None else _still_there(table, keep)
    problem, edge_at = _problem(inputs, everyone, screened, ranked, pins, held, kept)
    of_request = {aim.name: aim.values for aim in problem.aims if aim.of_request}
    return Prepared(
        inputs,
        policy,
        top,
        table,
        everyone,
        findings,
        screened,
        ranked,
        pins,
        of_request,
        problem,
        edge_at,
        _check_pins(inputs, everyone, pins),
        kept,
    )


def prepare_again(base: Prepared, inputs: Inputs, policy: Policy | None = None) -> Prepared:
    """A round of other data, or of another policy, that is otherwise as it was."""
    return prepare(inputs, policy or base.policy, base.top, base.keep)


def match(prepared: Prepared) -> SolvedRound:
    """The proven optimum of a prepared round."""
    return SolvedRound(prepared, solve(prepared.problem))


def _still_there(table: Columns, keep: Mapping[str, str]) -> dict[str, str]:
    """The earlier pairs whose family and household the data still have, by request_id."""
    homes = set(table.household_ids)
    return {name: keep[name] for name in table.request_ids if keep.get(name) in homes}


def to_solve(
    in_order: tuple[AnyAim, ...], requests: Pairs, of_edges: Callable[[PairAim], Small]
) -> tuple[Aim, ...]:
    """The aims of a problem: the requests' own of its requests, all others of its edges."""
    return tuple(
        Aim(aim.key, aim.values(requests), of_request=True)
        if isinstance(aim, RequestAim)
        else Aim(aim.key, of_edges(aim), of_request=False)
        for aim in in_order
    )


def _pins(
    inputs: Inputs, everyone: Pairs, findings: list[list[screening.Finding]]
) -> dict[int, Pin]:
    table = everyone.columns
    request_at = {name: at for at, name in enumerate(table.request_ids)}
    household_at = {name: at for at, name in enumerate(table.household_ids)}
    found = {}
    for (request, household), decision in inputs.pins.items():
        row, column = request_at[request], household_at[household]
        pairs = everyone.of(np.array([row]), np.array([column]))
        found[row] = Pin(
            row,
            column,
            decision.decision == "confirmed",
            tuple(rules_of(int(failed_bits(pairs)[0, 0]))),
            screening.outcome(findings[row]),
        )
    return dict(sorted(found.items()))


def _check_pins(
    inputs: Inputs, everyone: Pairs, pins: dict[int, Pin]
) -> tuple[tuple[str, str], ...]:
    """The confirmed families that are too close; WrongInput for a choice that breaks something."""
    table, policy = everyone.columns, everyone.policy
    faults: list[Fault] = []

    def fault(pin: Pin, problem: str) -> None:
        pair = table.request_ids[pin.request], table.household_ids[pin.household]
        row = inputs.decision_rows.get(pair)  # None for a pin of a what-if, which no table holds
        fix = "Undo the choice, or mend what stands in its way."
        faults.append(wrong_cell("decisions", row, "decision", "choose", problem, fix))

    chosen = [pin for pin in pins.values() if not pin.confirmed]
    for pin in chosen:
        name = f"{table.request_ids[pin.request]} with {table.household_ids[pin.household]}"
        if pin.held_by is not None:
            fault(pin, f"Screening holds {name} back: {pin.held_by}.")
        pairs = everyone.of(np.array([pin.request]), np.array([pin.household]))
        for place in pin.breaks:
            rule = RULES[place]
            # The reason of a rule on the place would show where a household is whose address may be withheld.
            failing = rule.failing(Case(inputs, pairs, 0, 0))
            reason = rule.sentence if rule.key in WHERE else failing.reason
            fault(pin, f"{name} breaks {rule.key} ({rule.clause}): {reason}")
    held = table.households.take(np.array([pin.household for pin in chosen], np.intp))
    for share in limits.shares(held, policy):
        if share.adds.sum() > share.at_most:
            for pin, adds in zip(chosen, share.adds, strict=True):
                if adds:
                    fault(pin, f"With the other choices it goes over the limit {share.name}.")
    close = []
    for apart in inputs.keep_apart:
        ends = [
            pins.get(table.request_ids.index(r)) for r in (apart.request_id, apart.other_request_id)
        ]
        first, second = ends
        if first and second and _apart(table, first.household, second.household) < apart.min_miles:
            if first.confirmed and second.confirmed:
                close.append((apart.request_id, apart.other_request_id))
            else:
                pin = second if first.confirmed else first
                fault(
                    pin,
                    f"{apart.request_id} and {apart.other_request_id} must be kept "
                    f"{apart.min_miles:g} miles apart.",
                )
    if faults:
        raise WrongInput(faults)
    return tuple(close)


def _apart(table: Columns, one: int, other: int) -> float:
    h = table.households
    return float(miles(h.easting[one], h.northing[one], h.easting[other], h.northing[other]))


def _earlier(table: Columns, kept: Mapping[str, str]) -> dict[int, int]:
    """The household of each request in the round that is kept to, both by row."""
    household_at = {name: at for at, name in enumerate(table.household_ids)}
    rows = enumerate(table.request_ids)
    return {row: household_at[kept[name]] for row, name in rows if name in kept}


def _of_edges(aim: PairAim, candidates: Iterable[Candidates]) -> Small:
    return np.concatenate([np.zeros(0, np.int8), *(aim.values(each) for each in candidates)])


def _candidates(
    everyone: Pairs,
    request: Small,
    household: Indices,
    fit: Small,
    relationship: Small,
    earlier: dict[int, int],
) -> Iterator[Candidates]:
    """The candidates of each request that has some, of edges sorted by request.

    `earlier` is the household of a request in the round that is kept to.
    """
    ends = np.searchsorted(request, np.arange(everyone.shape[0] + 1)).tolist()
    for row, (start, end) in enumerate(itertools.pairwise(ends)):
        if start < end:
            edges = slice(start, end)
            yield Candidates(
                everyone,
                row,
                household[edges],
                fit[edges],
                relationship[edges],
                earlier.get(row),
            )


def _problem(
    inputs: Inputs,
    everyone: Pairs,
    screened: Screened,
    ranked: Ranked,
    pins: dict[int, Pin],
    held: list[bool],
    kept: dict[str, str] | None,
) -> tuple[Problem, Indices]:
    """The pairs among which the solver may choose: pinned sides and held requests are out."""
    table, policy = everyone.columns, everyone.policy
    taken = np.zeros(len(table.household_ids), bool)
    taken[[pin.household for pin in pins.values()]] = True
    out = np.array(held, bool)
    out[list(pins)] = True
    near = _too_near_a_pin(inputs, table, pins, screened)
    stays = ~(taken[screened.household] | near)
    for row in np.flatnonzero(out).tolist():
        stays[screened.edges_of(row)] = False
    edges = [screened.edges_of(row) for row in range(len(held))]
    left = [np.count_nonzero(stays[each]) for each in edges]
    request = np.repeat(np.arange(len(held), dtype=np.int32), left)
    household, keep = screened.household[stays], np.flatnonzero(stays).astype(np.int32)
    candidates = [
        *_candidates(
            everyone,
            request,
            household,
            ranked.fit[keep],
            ranked.relationship[keep],
            _earlier(table, kept or {}),
        )
    ]

    in_order = aims.in_force(kept is not None)
    # A chosen pair is proposed too, and uses up its share; a confirmed one is no new proposal.
    chosen = [pin.household for pin in pins.values() if not pin.confirmed]
    used = limits.shares(table.households.take(np.array(chosen, np.intp)), policy)
    already = {share.name: int(share.adds.sum()) for share in used}
    whole = limits.shares(table.households, policy)
    most_left = [(each, each.at_most - already.get(each.name, 0)) for each in whole]
    shares = tuple(
        Limit(each.name, each.adds[household], most)
        for each, most in most_left
        if _can_bind(each.adds, most, request, household)
    )
    problem = Problem(
        len(table.request_ids),
        len(table.household_ids),
        request,
        household,
        to_solve(in_order, everyone, lambda aim: _of_edges(aim, candidates)),
        shares,
        tuple(_conflicts(inputs, table, request, household)),
    )
    return problem, keep


def _can_bind(adds: NDArray[np.int64], most: int, request: Small, household: Small) -> bool:
    """Whether some choice could go over a limit: one that can't is not in play."""
    dearest = np.zeros(int(request.max(initial=-1)) + 1, np.int64)
    np.maximum.at(dearest, request, adds[household])
    each_household = adds[np.unique(household)].sum()
    return bool(min(dearest.sum(), each_household) > most)


def _too_near_a_pin(
    inputs: Inputs, table: Columns, pins: dict[int, Pin], screened: Screened
) -> NDArray[np.bool_]:
    """The pairs that keep_apart excludes because the other family is pinned."""
    near = np.zeros(len(screened.request), bool)
    for row, other, least in _kept_apart(inputs, table):
        if other in pins and row not in pins:
            edges = screened.edges_of(row)
            for at in range(edges.start, edges.stop):
                household = int(screened.household[at])
                near[at] |= _apart(table, household, pins[other].household) < least
    return near


def _kept_apart(inputs: Inputs, table: Columns) -> list[tuple[int, int, float]]:
    """Each pair of requests that must be kept apart, from both sides."""
    at = {name: row for row, name in enumerate(table.request_ids)}
    found = [(at[k.request_id], at[k.other_request_id], k.min_miles) for k in inputs.keep_apart]
    return [*found, *((other, row, least) for row, other, least in found)]


def _conflicts(inputs: Inputs, table: Columns, request: Small, household: Small) -> list[Conflict]:
    found = []
    for one, other, least in _kept_apart(inputs, table)[: len(inputs.keep_apart)]:
        mine, theirs = np.flatnonzero(request == one), np.flatnonzero(request == other)
        name = f"keep_apart ({table.request_ids[one]}, {table.request_ids[other]})"
        for edge in mine.tolist():
            h, k = household[edge], household[theirs]
            easting, northing = table.households.easting, table.households.northing
            apart = miles(easting[h], northing[h], easting[k], northing[k])
            if (clash := theirs[(apart < least) & (k != h)]).size:
                found.append(Conflict(name, edge, clash))
    return found


def household_pairs(prepared: Prepared, row: int, households: Indices) -> Pairs:
    """One request against some households, in their order."""
    return prepared.everyone.of(np.array([row]), households)
