"""What nobody may see who does not keep the addresses: taken out of a round before it is written.

Where an address is withheld, the households that are proposed or ranked for that family are
hidden: no output but round.json, and one marked internal, may say where they are (PC-5.3d).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import isnan

import numpy as np

from matcher.eligibility import bits_of, failed_bits
from matcher.fit import HUNDREDTHS, rounded_one, score
from matcher.intake.inputs import Inputs
from matcher.model import Indices
from matcher.policy import duties
from matcher.policy.aims import fit, fit_comes_first
from matcher.policy.case import Case
from matcher.policy.criteria import CRITERIA, WHERE
from matcher.policy.duties.form import WITHHELD, DutyRecord
from matcher.policy.facts import Facts
from matcher.policy.in_force import rules_in_force, rules_that_tell_place
from matcher.policy.pairs import Pairs, points_of
from matcher.policy.settings import Policy
from matcher.price_words import Cost
from matcher.record import (
    AimReached,
    Alert,
    CriterionScore,
    Failed,
    NearMiss,
    PriceRecord,
    Proposal,
    Ranked,
    RequestRecord,
    RoundRecord,
    policy_of,
)
from matcher.rounds import Prepared, SolvedRound, household_pairs, withheld_homes
from matcher.solve.prices import Price

GONE: Facts = {WITHHELD: True}
AT_ONCE = 32  # requests that are scored with all their households: it costs less than one by one


def for_people(whole: RoundRecord) -> RoundRecord:
    """The round without what says, or lets work out, where a hidden household is.

    Distance and school are left out of its fit, of the round's total of fit and of every price in
    whose moves it stands; it stands in the order of relationship, the fit so told, and id.
    """
    hiding = Hiding.of(whole)
    if not hiding.hidden:
        return whole
    requests = tuple(map(hiding.request, whole.requests))
    lost = sum(map(fit_lost, whole.requests, requests))
    return replace(hiding.frame(whole, lost), requests=requests)


# Where a household is: writers ask here and nowhere else.


def outcodes_shown(inputs: Inputs, hidden: Collection[str]) -> dict[str, str]:
    """The outward postcode of each household whose place may be shown, by its id."""
    every = inputs.households
    return {each.household_id: each.postcode for each in every if each.household_id not in hidden}


def outcode(case: Case, *, hide: bool) -> str | None:
    """The outward postcode of a pair's household; None where its place is hidden."""
    return None if hide else case.household.postcode


def miles(case: Case, *, hide: bool) -> float | None:
    """How far a pair's household is from the family's home; None where not known, or hidden."""
    return None if hide else case.miles


def told_cost(prepared: Prepared, price: Price) -> Cost:
    """A price as people may see it: its loss of fit not shown where a hidden household moves."""
    cost = prepared.cost(price)
    if prepared.hidden.isdisjoint(place for _, left, to in price.moves for place in (left, to)):
        return cost
    return replace(cost, losses=_fit_not_shown(cost.losses))


def _fit_not_shown(losses: Mapping[str, int | None]) -> dict[str, int | None]:
    """What each aim loses, of fit not shown."""
    return {key: None if key == fit.key else loss for key, loss in losses.items()}


def told_fit(prepared: Prepared, row: int, household: int) -> int:
    """The fit of a pair in hundredths, without distance and school where its place is hidden."""
    return told_fits(prepared, row, np.array([household]))[0]


def told_fits(prepared: Prepared, row: int, households: Indices) -> list[int]:
    """The fit of some households in hundredths, as `told_fit` says it."""
    pairs = household_pairs(prepared, row, households)
    shown: list[int] = score(pairs).fit[0].tolist()
    if prepared.hidden.isdisjoint(households.tolist()):
        return shown
    hidden = score(pairs, without=WHERE).fit[0].tolist()
    return [
        int(hidden[at] if household in prepared.hidden else shown[at])
        for at, household in enumerate(households.tolist())
    ]


def not_told_apart(prepared: Prepared, row: int) -> dict[str, list[str]]:
    """The eligible households of a request that nothing told tells apart from each, it among them.

    They have the same relationship, the same fit and, where it may be shown, the same distance from
    home.
    """
    candidates = prepared.candidates(row)
    homes = candidates.households
    far = household_pairs(prepared, row, homes).miles[0].tolist()
    fits, relationships = told_fits(prepared, row, homes), candidates.relationship.tolist()
    groups = defaultdict[tuple[int, int, int | None], list[str]](list)
    for at, household in enumerate(homes.tolist()):
        is_shown = household not in prepared.hidden and not isnan(far[at])
        key = relationships[at], fits[at], round(10 * far[at]) if is_shown else None
        groups[key].append(prepared.columns.household_ids[household])
    return {name: sorted(group) for group in groups.values() for name in group}


def hidden_ids(prepared: Prepared) -> frozenset[str]:
    """The ids of the hidden households of a round."""
    return frozenset(prepared.columns.household_ids[place] for place in prepared.hidden)


_OF_THE_DAY = ("one_arrangement", "available")


def hidden_in(inputs: Inputs, everyone: Pairs) -> frozenset[str]:
    """The hidden households of what leaves the service: eligible, but for the day, or held by people.

    One that is occupied today may be ranked next week, and what has left can't be taken back.
    `everyone` is every request against every household.
    """
    rules = rules_in_force(everyone.policy)
    of_the_day = [at for at, rule in enumerate(rules) if rule.key in _OF_THE_DAY]
    hidden = set[str]()
    for row, request in enumerate(inputs.requests):
        if request.withhold_address:
            failed = failed_bits(everyone.of(np.array([row])))[0]
            eligible = np.flatnonzero(failed & ~bits_of(of_the_day, failed) == 0)
            hidden |= {inputs.households[place].household_id for place in eligible.tolist()}
            hidden |= {pair[1] for pair in inputs.pins if pair[0] == request.request_id}
    return frozenset(hidden | withheld_homes(inputs))


def told_totals(solved: SolvedRound, also: frozenset[str] = frozenset()) -> dict[str, int]:
    """The value of each aim, of fit without what rests on where hidden households are.

    `also` are further households to leave it out of, so that two rounds compare.
    """
    prepared = solved.prepared
    totals = dict(zip(prepared.aims, solved.totals, strict=True))
    if fit.key not in totals:
        return totals
    hidden, names = hidden_ids(prepared) | also, prepared.columns.household_ids
    homes = np.array([at for at in sorted(solved.holder) if names[at] in hidden], np.intp)
    rows = np.array([solved.holder[at] for at in homes.tolist()], np.intp)
    for first in range(0, len(homes), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        pairs = prepared.everyone.of(rows[some], homes[some])
        lost = score(pairs).fit - score(pairs, without=WHERE).fit
        totals[fit.key] -= int(lost.diagonal().sum())
    return totals


def fit_lost(whole: RequestRecord, shown: RequestRecord) -> int:
    """What a request's proposal has lost of its fit, in hundredths."""
    if whole.proposal is None or shown.proposal is None:
        return 0
    return round(HUNDREDTHS * (whole.proposal.fit - shown.proposal.fit))


@dataclass(frozen=True)
class Hiding:
    """What is hidden in a round, to be taken out of it request by request."""

    hidden: frozenset[str]
    policy: Policy

    @classmethod
    def of(cls, whole: RoundRecord, *, internal: bool = False) -> Hiding:
        """What is hidden in a round, nothing for those who keep the addresses.

        Its requests are not looked at.
        """
        hidden = frozenset(e.household_id for e in whole.households if e.hidden and not internal)
        return cls(hidden, policy_of(whole.round.policy))

    def frame(self, whole: RoundRecord, lost: int) -> RoundRecord:
        """What stands beside the requests; `lost` is what their fits have lost, in hundredths."""
        return replace(
            whole,
            objective=tuple(_without(aim, lost) for aim in whole.objective),
            alerts=tuple(alert for each in whole.alerts for alert in self._alert(each)),
        )

    def request(self, request: RequestRecord, best: int | None = None) -> RequestRecord:
        """One request as people may see it, with so many of its best households and the proposed one.

        None is all of them. Else the proposed one alone has its duties; with 0 none has.
        """
        facts = request.facts
        ranked = self._in_order(request, best)
        pair = None if facts.pair is None else self.ranked(facts.pair)
        return replace(
            request,
            ranked=ranked,
            duties=self._duties(request),
            proposal=self._proposal(request.proposal, (*ranked, *([pair] if pair else []))),
            ineligible=tuple(
                replace(each, failed=self.failed(each.household_id, each.failed))
                for each in request.ineligible
            ),
            facts=replace(
                facts,
                nearest=tuple(map(self.near, facts.nearest)),
                own_carers=tuple(map(self.near, facts.own_carers)),
                pair=pair,
            ),
        )

    def _duties(self, request: RequestRecord) -> tuple[DutyRecord, ...]:
        """The duties of a request; of a placed one, those of its household among them."""
        living = request.facts.living
        if living is None or living.household_id not in self.hidden:
            return request.duties
        return tuple(duties.without_place(each, self.policy) for each in request.duties)

    def _in_order(self, request: RequestRecord, best: int | None) -> tuple[Ranked, ...]:
        """The ranked households, as they would rank without the places of those that are hidden."""
        proposed = None if request.proposal is None else request.proposal.household_id
        most = len(request.ranked) if best is None else best

        if most == 0 and proposed is None:
            return ()

        def shown(each: Ranked, place: int) -> bool:
            return place < most or each.household_id == proposed

        def seen(each: Ranked) -> Ranked:
            has_duties = best is None or (most > 0 and each.household_id == proposed)
            return self.ranked(each if has_duties else replace(each, duties=()))

        if not any(each.household_id in self.hidden for each in request.ranked):
            found = enumerate(request.ranked)
            return tuple(seen(each) for place, each in found if shown(each, place))
        kinds, withheld = request.facts.relationships, request.withholds_address
        fit_first = fit_comes_first(self.policy)

        def order(each: Ranked) -> tuple[float, float, str]:
            kind = kinds.get(each.household_id)
            points = points_of(kind, self.policy, withheld=withheld) if kind else 0.0
            told = self._told(each.criteria)[0] if each.household_id in self.hidden else each.fit
            first, second = (told, points) if fit_first else (points, told)
            return -first, -second, each.household_id

        free, ranked = 0, []
        for place, each in enumerate(sorted(request.ranked, key=order)):
            free += each.free_rank is not None
            if shown(each, place):
                free_rank = free if each.free_rank else None
                ranked.append(replace(seen(each), rank=place + 1, free_rank=free_rank))
        return tuple(ranked)

    def ranked(self, ranked: Ranked) -> Ranked:
        """A household of a request as people may see it."""
        price = ranked.cost_to_round
        shown = ranked if price is None else replace(ranked, cost_to_round=self._price(price))
        if ranked.household_id not in self.hidden:
            return shown
        told, criteria = self._scores(ranked.criteria)
        return replace(
            shown,
            fit=told,
            criteria=criteria,
            duties=tuple(duties.without_place(each, self.policy) for each in ranked.duties),
        )

    def _scores(
        self, criteria: tuple[CriterionScore, ...]
    ) -> tuple[float, tuple[CriterionScore, ...]]:
        """The fit without what rests on a place, and the points of the others in it."""
        weights, (in_all, total) = self._weights, self._told(criteria)
        return in_all, tuple(
            replace(each, points=_rounded(100 * weights[each.name] * (each.value or 0.0) / total))
            if each.name not in WHERE
            else CriterionScore(each.name, None, 0.0, GONE if each.value is not None else {})
            for each in criteria
        )

    def _told(self, criteria: tuple[CriterionScore, ...]) -> tuple[float, float]:
        """The fit without what rests on a place, and the weights in it together."""
        weights = self._weights
        told = [each for each in criteria if each.value is not None and each.name not in WHERE]
        total = sum(weights[each.name] for each in told) or 1.0
        return _rounded(sum(100 * weights[e.name] * (e.value or 0.0) for e in told) / total), total

    @cached_property
    def _weights(self) -> dict[str, float]:
        return {each.key: each.weight(self.policy) for each in CRITERIA}

    def _proposal(self, proposal: Proposal | None, ranked: tuple[Ranked, ...]) -> Proposal | None:
        if proposal is None:
            return None
        same = [each for each in ranked if each.household_id == proposal.household_id]
        return replace(proposal, fit=same[0].fit, rank=same[0].rank) if same else proposal

    def _price(self, price: PriceRecord) -> PriceRecord:
        """A price, its loss of fit a word where a hidden household stands in its moves."""
        moved = {home for move in price.moves for home in (move["from"], move["to"])}
        if not moved & self.hidden:
            return price
        return replace(price, aims=_fit_not_shown(price.aims))

    def failed(self, household_id: str, failed: tuple[Failed, ...]) -> tuple[Failed, ...]:
        """The rules that a pair fails, without facts that say where a hidden household is."""
        if household_id not in self.hidden:
            return failed
        where = rules_that_tell_place(self.policy)
        return tuple(replace(e, facts=GONE) if e.rule in where else e for e in failed)

    def near(self, near: NearMiss) -> NearMiss:
        """An ineligible household as people may see it."""
        if near.household_id not in self.hidden:
            return near
        return replace(near, failed=self.failed(near.household_id, near.failed), would_rank=None)

    def _alert(self, alert: Alert) -> list[Alert]:
        if alert.household_id not in self.hidden:
            return [alert]
        if alert.facts.get("rule") in rules_that_tell_place(self.policy):
            told: Facts = {
                name: alert.facts[name] for name in ("rule", "decided_on") if name in alert.facts
            }
            return [replace(alert, facts={**told, "known": True, **GONE})]
        if (
            "duty" in alert.facts
            and duties.named(str(alert.facts["duty"]), self.policy).tells_place
        ):
            return []
        named, clauses = alert.facts.get("duties"), alert.facts.get("clauses")
        if not isinstance(named, list) or not isinstance(clauses, list):
            return [alert]
        keep = [
            at
            for at, key in enumerate(named)
            if not duties.named(str(key), self.policy).tells_place
        ]
        facts: Facts = {
            "duties": [named[at] for at in keep],
            "clauses": [clauses[at] for at in keep],
        }
        return [replace(alert, facts=facts)] if keep else []


def _without(aim: AimReached, lost: int) -> AimReached:
    if aim.name != fit.key:
        return aim
    return replace(aim, value=aim.value - lost, bound=aim.bound - lost)


def _rounded(value: float) -> float:
    """A number from 0 to 100 to hundredths, as a fit is rounded."""
    return rounded_one(value) / HUNDREDTHS
