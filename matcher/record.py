"""A solved round as the records of the contract's round.json, in its keys and their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias, TypeVar

import numpy as np

from matcher import __version__
from matcher.cores import share_out
from matcher.eligibility import failed_bits, rules_of
from matcher.explain import NOT_APPLICABLE, Explainer
from matcher.model import Indices
from matcher.policy import gates, screening
from matcher.policy.criteria import CRITERIA, WHERE
from matcher.policy.forms import Failing, Rule
from matcher.policy.rules import RULES
from matcher.policy.settings import Policy
from matcher.rounds import Prepared, Round
from matcher.solve.prices import Price
from matcher.solve.problem import UNPLACED, Duals

Record: TypeAlias = dict[str, Any]
Made = TypeVar("Made")

SCHEMA = "matcher.round/1"
MANY_REQUESTS = 200
SOLVERS_WORD = "OR-Tools CP-SAT's word: no duals prove a round in which a limit is in play"


def document(solved: Round) -> Record:
    """The whole round as records; `requests` in order of request_id."""
    explainer = Explainer(solved)
    requests = [request(explainer, row) for row in range(len(explainer.request_ids))]
    return {**head(solved), "requests": requests, **tail(solved)}


def each_request(explainer: Explainer, make: Callable[[Record], Made]) -> Iterator[Made]:
    """What a function makes of the record of each request, in order of request_id."""
    explainer.round.prices  # noqa: B018  worked out once, before the work is shared out
    rows = range(len(explainer.request_ids))
    many = len(rows) >= MANY_REQUESTS
    return share_out(rows, lambda row: make(request(explainer, row)), fork=many)


def head(solved: Round) -> Record:
    """What stands before the requests."""
    prepared = solved.prepared
    inputs = prepared.inputs
    keep = {} if prepared.keep is None else {"keep": dict(sorted(prepared.keep.items()))}
    return {
        "schema": SCHEMA,
        "round": {
            "as_of": inputs.as_of.isoformat(),
            "title": inputs.title,
            "version": __version__,
            "policy": policy_record(prepared.policy),
            "input_sha256": inputs.sha256,
            "top": prepared.top,
            **keep,
        },
        "counts": _counts(solved),
        "objective": _objective(solved),
    }


def policy_record(policy: Policy) -> Record:
    """The policy's name, version and fingerprint, and the settings that differ from the default."""
    return {
        "name": policy.name,
        "version": policy.version,
        "sha256": policy.sha256,
        "changed": dict(sorted(policy.changed.items())),
    }


def _counts(solved: Round) -> dict[str, int]:
    prepared = solved.prepared
    rows = range(len(prepared.columns.request_ids))
    matchable = np.array([prepared.matchable(row) for row in rows], bool)
    placed = int((solved.household != UNPLACED).sum())
    return {
        "requests": len(matchable),
        "matchable": int(matchable.sum()),
        "proposed": placed,
        "unplaced": int(matchable.sum()) - placed,
        "households": len(prepared.columns.household_ids),
        "open_households": int((prepared.screened.closed == 0).sum()),
        "eligible_pairs": int(matchable[prepared.screened.request].sum()),
    }


def _objective(solved: Round) -> list[Record]:
    solution = solved.solution
    return [
        {
            "name": name,
            "value": value + pinned,
            "bound": bound + pinned,
            "optimal": value == bound,
        }
        for name, value, bound, pinned in zip(
            solved.prepared.aims,
            solution.values,
            solution.bounds,
            solved.pinned_totals,
            strict=True,
        )
    ]


def request(explainer: Explainer, row: int) -> Record:
    """One request: what screening found, what is proposed, every household, and why."""
    prepared, solved = explainer.prepared, explainer.round
    asked = prepared.inputs.requests[row]
    household = int(solved.household[row])
    held = prepared.outcomes[row]
    placed = "proposed" if household != UNPLACED else "unplaced"
    return {
        "request_id": asked.request_id,
        "regime": screening.regime(asked),
        "urgency": explainer.urgency[row],
        "outcome": placed if household != UNPLACED or held is None else held,
        "screening": [
            {"clause": f.clause, "outcome": f.outcome, "reason": f.reason}
            for f in prepared.findings[row]
        ],
        "proposal": None if household == UNPLACED else _proposal(explainer, row, household),
        "ranked": list(_ranked(explainer, row)),
        "ineligible": list(_ineligible(explainer, row)),
        "blocked_by": _blocked_by(prepared, row),
        "gates": gates.of_request(explainer.asked(row)),
        "why": explainer.lines(row),
    }


def _proposal(explainer: Explainer, row: int, household: int) -> Record:
    prepared = explainer.prepared
    shown = explainer.shown(row)
    case = shown.case(household)
    edge = prepared.edge(row, household)
    start = explainer.starts_on(case)
    return {
        "household_id": case.ids[1],
        "fit": _hundredths(shown.fit[case.column]),
        "rank": None if edge is None else int(prepared.ranked.rank[edge]),
        "starts_on": start.isoformat() if start else None,
        "pinned": row in prepared.pins,
    }


def _hundredths(value: int) -> float:
    return round(value / 100, 2)


def _ranked(explainer: Explainer, row: int) -> Iterator[Record]:
    """The best eligible households of a request, as many as the round writes."""
    prepared = explainer.prepared
    yield from _ranked_records(explainer, row, prepared.best(row, prepared.top or None))


def ranked_record(explainer: Explainer, row: int, edge: int) -> Record:
    """One eligible household of a request, by its edge."""
    return next(_ranked_records(explainer, row, np.array([edge])))


def _ranked_records(explainer: Explainer, row: int, edges: Indices) -> Iterator[Record]:
    prepared, shown = explainer.prepared, explainer.shown(row)
    taken = _pinned_ranks(prepared, row)
    depending = gates.depending(explainer.asked(row))
    weights = [criterion.weight(prepared.policy) for criterion in CRITERIA]
    homes = prepared.screened.household[edges].tolist()
    ranks = prepared.ranked.rank[edges].tolist()
    for edge, home, rank in zip(edges.tolist(), homes, ranks, strict=True):
        case = shown.case(home)
        criteria, gaps = [], []
        for place, each in enumerate(CRITERIA):
            value = shown.values[place][case.column]
            found = explainer.evidence(each, case, value)
            criteria.append(
                {
                    "name": each.key,
                    "clause": each.clause,
                    "points": _hundredths(shown.points[place][case.column]),
                    "weight": weights[place],
                    "grade": explainer.grade(value),
                    "evidence": found.text,
                }
            )
            if found.support:
                gaps.append({"criterion": each.key, "support": found.support})
        yield {
            "household_id": case.ids[1],
            "rank": rank,
            "fit": _hundredths(shown.fit[case.column]),
            "free_rank": None if rank in taken else rank - sum(each < rank for each in taken),
            "criteria": criteria,
            "cost_to_round": _cost(explainer, explainer.price(edge)),
            "gates": gates.of_pair(case, depending),
            "gaps": gaps,
        }


def tells_a_place(ranked: Record, hidden: set[str]) -> bool:
    """Whether the points of a ranked household would tell where it is, though nobody may."""
    applies = (c["grade"] != NOT_APPLICABLE for c in ranked["criteria"] if c["name"] in WHERE)
    return ranked["household_id"] in hidden and any(applies)


def _pinned_ranks(prepared: Prepared, row: int) -> list[int]:
    """The ranks of the households of a request that a pin holds."""
    edges = [prepared.edge(row, household) for household in prepared.pinned_households]
    return [int(prepared.ranked.rank[edge]) for edge in edges if edge is not None]


def _cost(explainer: Explainer, price: Price | None) -> Record | None:
    if price is None:
        return None
    return {
        "aims": dict(zip(explainer.prepared.aims, price.losses, strict=True)),
        "moves": moves(explainer.prepared, price),
    }


def moves(prepared: Prepared, price: Price) -> list[Record]:
    """Who moves at a price, from where to where; None is no household."""
    requests, homes = prepared.columns.request_ids, prepared.columns.household_ids

    def named(household: int) -> str | None:
        return None if household == UNPLACED else homes[household]

    return [
        {"request_id": requests[who], "from": named(left), "to": named(to)}
        for who, left, to in price.moves
    ]


def _ineligible(explainer: Explainer, row: int) -> Iterator[Record]:
    shown = explainer.shown(row)
    households, failed = shown.near
    for household, bits in zip(households.tolist(), failed.tolist(), strict=True):
        case = shown.case(household)
        yield {
            "household_id": case.ids[1],
            "failed": [failed_record(*each) for each in explainer.failing(case, bits)],
        }


def failed_record(rule: Rule, failing: Failing) -> Record:
    """Why a pair fails one rule, with what would mend it and who can grant that."""
    return {
        "rule": rule.key,
        "clause": rule.clause,
        "reason": failing.reason,
        "fix": failing.fix,
        "who": failing.who,
    }


def takes_record(explainer: Explainer, row: int, household: int) -> list[Record]:
    """The least it would take to make a pair eligible, a record a change; `on` is a day or None."""
    case = explainer.prepared.pair(row, household)
    return [
        {"rules": list(change.rules), "what": change.what, "who": change.who, "on": change.on}
        for change in explainer.takes(case, int(failed_bits(case.pairs)[0, 0]))
    ]


def _blocked_by(prepared: Prepared, row: int) -> list[Record]:
    counts = zip(prepared.screened.blocked[row], prepared.screened.blocked_alone[row], strict=True)
    return [
        {"rule": rule.key, "households": int(all_of), "only": int(alone)}
        for rule, (all_of, alone) in zip(RULES, counts, strict=True)
        if all_of
    ]


def tail(solved: Round) -> Record:
    """What stands after the requests."""
    return {"households": _households(solved), "certificate": _certificate(solved)}


def _households(solved: Round) -> list[Record]:
    prepared = solved.prepared
    rows = range(len(prepared.columns.request_ids))
    matchable = np.array([prepared.matchable(row) for row in rows], bool)
    counted = matchable[prepared.screened.request]
    appears = np.bincount(
        prepared.screened.household[counted], minlength=len(prepared.columns.household_ids)
    )
    closed = prepared.screened.closed.tolist()
    rules = {bits: [RULES[place].key for place in rules_of(bits)] for bits in set(closed)}
    appears_in, found = appears.tolist(), []
    for at, name in enumerate(prepared.columns.household_ids):
        holder = solved.holder.get(at)
        closed_by = rules[closed[at]]
        free = "closed" if closed_by else "free"
        found.append(
            {
                "household_id": name,
                "outcome": free if holder is None else "proposed",
                "request_id": None if holder is None else prepared.columns.request_ids[holder],
                "appears_in": appears_in[at],
                "closed_by": closed_by,
            }
        )
    return found


def _certificate(solved: Round) -> Record:
    solution, prepared = solved.solution, solved.prepared
    weights = dict(zip(prepared.aims, prepared.problem.weights, strict=True))
    if solution.duals is None:
        bounds = dict(zip(prepared.aims, solution.bounds, strict=True))
        return {"weights": weights, "bounds": bounds, "word": SOLVERS_WORD}

    def named(values: list[int], names: tuple[str, ...]) -> dict[str, int]:
        return {name: value for name, value in zip(names, values, strict=True) if value}

    duals: Duals = solution.duals
    return {
        "weights": weights,
        "requests": named(duals.requests.tolist(), prepared.columns.request_ids),
        "households": named(duals.households.tolist(), prepared.columns.household_ids),
    }
