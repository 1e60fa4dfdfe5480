"""A choice that can't be made: why not, what it would take, and what it would cost if it were."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from matcher.errors import WrongInput
from matcher.explain import changes_of, clause_of, explain_failed
from matcher.intake.edits import AnyEdit, Decided
from matcher.policy import screening
from matcher.policy.in_force import rules_in_force
from matcher.policy.settings import Policy
from matcher.privacy import Hiding
from matcher.recorder import Recorder
from matcher.rounds import SolvedRound
from matcher.whatif import Difference, Scenario, what_if


@dataclass(frozen=True)
class Refused:
    """A scenario whose choice can't be made.

    `because` and `takes` are sentences; `forced` is the round as if the pair were confirmed all the
    same, which says what it would cost.
    """

    name: str
    because: tuple[str, ...]
    takes: tuple[str, ...]
    forced: Difference


def answer(now: SolvedRound, scenario: Scenario) -> Difference | Refused:
    """What a scenario would change, or why what it chooses can't be chosen."""
    try:
        return what_if(now, scenario)
    except WrongInput as wrong:
        chosen = [
            (edit.decision.request_id, edit.decision.household_id)
            for edit in scenario.edits
            if isinstance(edit, Decided) and edit.decision.decision == "choose"
        ]
        if not chosen:
            raise
        forced = what_if(now, replace(scenario, edits=tuple(map(_confirmed, scenario.edits))))
        because = [text for pair in chosen for text in _because(forced.then, *pair)]
        takes = [text for pair in chosen for text in _takes(forced.then, *pair)]
        broken = tuple(because) or tuple(fault.problem for fault in wrong.faults)
        return Refused(scenario.name, broken, tuple(dict.fromkeys(takes)), forced)


def _confirmed(edit: AnyEdit) -> AnyEdit:
    """A choice as a confirmed match, which stands whatever it breaks."""
    if isinstance(edit, Decided) and edit.decision.decision == "choose":
        return Decided(replace(edit.decision, decision="confirmed"))
    return edit


def _because(then: SolvedRound, request_id: str, household_id: str) -> Iterator[str]:
    """What screening and the rules have against a pair, without where a hidden household is."""
    recorder = Recorder(then)
    row = recorder.request_ids.index(request_id)
    for found in _holding(then, row):
        yield f"{found.reason} ({found.clause})"
    failed = recorder.failed(row, recorder.household_ids.index(household_id))
    policy = then.prepared.policy
    passes = _choice_passes(policy)
    for each in Hiding.of(recorder.frame()).failed(household_id, failed):
        if each.rule not in passes:
            yield f"{household_id}: {explain_failed(each, policy).reason} ({clause_of(each, policy)})"


def _takes(then: SolvedRound, request_id: str, household_id: str) -> Iterator[str]:
    """The least that it would take, with who can grant it."""
    recorder, policy = Recorder(then), then.prepared.policy
    row = recorder.request_ids.index(request_id)
    yield from (found.next_step for found in _holding(then, row))
    near = recorder.near_miss(row, recorder.household_ids.index(household_id))
    for change in changes_of(Hiding.of(recorder.frame()).near(near), policy):
        if not _choice_passes(policy).issuperset(change.rules):
            yield f"{change.what} ({change.who})"


def _choice_passes(policy: Policy) -> set[str]:
    """The rules that people may pass by choosing the pair."""
    return {rule.key for rule in rules_in_force(policy) if rule.choice_passes}


def _holding(then: SolvedRound, row: int) -> list[screening.Finding]:
    findings = then.prepared.findings[row]
    return [each for each in findings if each.outcome != screening.PASS]
