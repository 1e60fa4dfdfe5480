"""A recorded round as its sentences are made of: of today's schema, and of the one before.

A round of schema 2 holds facts, and its sentences are made here, of what people may see of it; one
of schema 1 holds the sentences that its own release made.
"""

from __future__ import annotations

from matcher import record
from matcher.explain import Explainer, explain_failed, explain_score
from matcher.history.entries import Record
from matcher.policy.criteria import CRITERIA
from matcher.policy.in_force import rules_by_key, rules_that_tell_place
from matcher.policy.settings import Policy
from matcher.privacy import for_people

EARLIER = "matcher.round/1"


def with_words(recorded: Record) -> Record:
    """A recorded round with the words of what it holds, in the keys of schema 1."""
    if recorded["schema"] == EARLIER:
        return recorded
    return in_words(for_people(record.read(record.RoundRecord, recorded)))


def frame(recorded: Record) -> record.RoundRecord:
    """The head, counts and aims of a recorded round of either schema."""
    counts = {"provisional": 0, "placed": 0, **recorded["counts"]}
    return record.read(
        record.RoundRecord,
        {
            "schema": record.SCHEMA,
            "round": {"keep": None, **recorded["round"]},
            "counts": counts,
            "objective": recorded["objective"],
            "alerts": [],
            "requests": [],
            "households": [],
            "certificate": {"weights": {}},
        },
    )


def in_words(whole: record.RoundRecord) -> Record:
    """A round as people may see it, with the words of what it holds."""
    explainer = Explainer(whole)
    head = record.as_dict(whole.round)
    return {
        "schema": EARLIER,
        "round": {key: value for key, value in head.items() if value is not None or key != "keep"},
        "counts": record.as_dict(whole.counts),
        "objective": [record.as_dict(aim) for aim in whole.objective],
        "requests": [_request(explainer, request) for request in whole.requests],
        "households": [record.as_dict(household) for household in whole.households],
        "certificate": {"weights": {}},
    }


def _request(explainer: Explainer, request: record.RequestRecord) -> Record:
    return {
        "request_id": request.request_id,
        "urgency": request.urgency,
        "outcome": request.outcome,
        "proposal": None if request.proposal is None else record.as_dict(request.proposal),
        "living": None if request.facts.living is None else record.as_dict(request.facts.living),
        "left": [record.as_dict(left) for left in request.facts.left],
        "screening": [
            {"clause": found.clause, "outcome": found.outcome, "reason": found.reason}
            for found in request.screening
        ],
        "ranked": [
            {
                "household_id": ranked.household_id,
                "rank": ranked.rank,
                "fit": ranked.fit,
                "criteria": [_criterion(explainer, score) for score in ranked.criteria],
            }
            for ranked in request.ranked
        ],
        "ineligible": [
            {
                "household_id": near.household_id,
                "failed": [
                    {"rule": failed.rule, "reason": _reason(explainer.policy, failed)}
                    for failed in near.failed
                ],
            }
            for near in request.ineligible
        ],
        "why": [line.sentence for line in explainer.lines(request)],
    }


def _reason(policy: Policy, failed: record.Failed) -> str:
    """Why a pair fails a rule, without where the household is."""
    if failed.rule in rules_that_tell_place(policy):
        return f"It is {rules_by_key(policy)[failed.rule].lack}."
    return explain_failed(failed, policy).reason


def _criterion(explainer: Explainer, score: record.CriterionScore) -> Record:
    weights = {each.key: each.weight(explainer.policy) for each in CRITERIA}
    return {
        "name": score.name,
        "evidence": explain_score(score).text,
        "grade": explainer.grade(score),
        "weight": weights.get(score.name),
    }
