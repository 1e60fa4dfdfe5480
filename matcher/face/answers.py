"""What a solved round says, as rows of plain values: all that the face reads of its inside.

Fit and points leave here as 0 to 100, ids as text, days as dates; no place in an array leaves.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from matcher import record
from matcher.explain import clause_of, explain_failed
from matcher.face.frames import Row
from matcher.policy import duties
from matcher.policy.aims import aim_of
from matcher.policy.criteria import CRITERIA
from matcher.policy.duties.form import DutyRecord
from matcher.policy.in_force import rules_in_force
from matcher.policy.settings import Policy
from matcher.privacy import for_people
from matcher.recorder import record_of
from matcher.report.figures import all_figures
from matcher.report.single import Asked, with_household
from matcher.report.view import View
from matcher.report.writer import write_report
from matcher.rounds import SolvedRound
from matcher.show.figures import Drawn
from matcher.show.files import Record
from matcher.show.text import paragraph
from matcher.terms import using
from matcher.whatif.each import Tried
from matcher.whatif.keep import Earlier
from matcher.whatif.words import all_gains, shown_gains

MATCHED = ("proposed", "unplaced")  # the outcomes of requests that take part


def of_aim(name: str, value: float | None) -> float | None:
    """The value of an aim as it leaves the house: fit in points, all others as they are counted."""
    return None if value is None else value / aim_of(name).scale


@dataclass(frozen=True)
class Answers:
    """A solved round, read; `internal` shows also what says where hidden households are."""

    solved: SolvedRound
    before: Earlier | None = None
    internal: bool = False

    @property
    def aims(self) -> tuple[str, ...]:
        """The names of the round's aims, in their order."""
        return self.solved.prepared.aims

    @property
    def criteria(self) -> tuple[str, ...]:
        """The names of the criteria, in their order."""
        return tuple(each.key for each in CRITERIA)

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self.solved.prepared.inputs.as_of

    @cached_property
    def view(self) -> View:
        """The round as a report sees it."""
        return View(self.solved, self.before, internal=self.internal)

    @cached_property
    def whole(self) -> record.RoundRecord:
        """The whole record, as round.json holds it."""
        return record_of(self.solved)

    @cached_property
    def told(self) -> record.RoundRecord:
        """The record as people may see it, or with all where internal."""
        return self.whole if self.internal else for_people(self.whole)

    @property
    def counts(self) -> record.Counts:
        """How many requests, of each outcome, and households there are."""
        return self.view.frame.counts

    @property
    def proof(self) -> str:
        """How far the optimum is proven, in a few words."""
        if not all(aim.optimal for aim in self.view.frame.objective):
            return "the best found, not proven"
        no_duals = self.view.frame.certificate.word is not None
        return "the optimum by the solver's word" if no_duals else "proven"

    @cached_property
    def document(self) -> Record:
        """round.json as a dict."""
        document: Record = json.loads(b"".join(record.round_json(self.whole, self.whole.requests)))
        return document

    # Frames, row by row

    def proposals(self) -> Iterator[Row]:
        """One row a request, with its proposal where there is one."""
        for request in self.told.requests:
            proposal = request.proposal
            yield {
                "request_id": request.request_id,
                "state": request.state,
                "outcome": request.outcome,
                "urgency": request.urgency,
                "household_id": self.view.home(request),
                "fit": proposal.fit if proposal else None,
                "rank": proposal.rank if proposal else None,
                "starts_on": self.view.starts_on(request),
                "pinned": proposal is not None and proposal.pinned,
                "late_days": request.late_days,
            }

    def ranked(self) -> Iterator[Row]:
        """One row a ranked household of a request, with its points and what it would lose."""
        for request in self.told.requests:
            for each in request.ranked:
                price = each.cost_to_round
                yield {
                    "request_id": request.request_id,
                    "household_id": each.household_id,
                    "rank": each.rank,
                    "fit": each.fit,
                    **{c.name: None if c.value is None else c.points for c in each.criteria},
                    **({} if price is None else losses(price.aims)),
                }

    def ineligible(self) -> Iterator[Row]:
        """One row a rule that a household fails for a request."""
        policy = self.view.policy
        for request in self.told.requests:
            for household in request.ineligible:
                for failed in household.failed:
                    failing = explain_failed(failed, policy)
                    yield {
                        "request_id": request.request_id,
                        "household_id": household.household_id,
                        "rule": failed.rule,
                        "clause": clause_of(failed, policy),
                        "reason": failing.reason,
                        "fix": failing.fix,
                        "who": failing.who,
                        "known": failed.known,
                    }

    def blocked(self) -> Iterator[Row]:
        """One row a rule: the pairs of matched requests that it rules out."""
        rules = rules_in_force(self.view.policy)
        keys = [rule.key for rule in rules]
        pairs, alone = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
        for request in self.told.requests:
            for blocked in request.blocked_by if request.outcome in MATCHED else ():
                pairs[blocked.rule] += blocked.households
                alone[blocked.rule] += blocked.only
        for rule in rules:
            yield {
                "rule": rule.key,
                "clause": rule.clause,
                "sentence": rule.sentence,
                "pairs": pairs[rule.key],
                "alone": alone[rule.key],
            }

    def objective(self) -> Iterator[Row]:
        """One row an aim, in order of precedence."""
        for aim in self.told.objective:
            yield {
                "aim": aim.name,
                "value": of_aim(aim.name, aim.value),
                "bound": of_aim(aim.name, aim.bound),
                "optimal": aim.optimal,
            }

    def duties(self) -> Iterator[Row]:
        """One row a duty of a request, and of each ranked household."""
        for request in self.told.requests:
            yield from _duties(request.request_id, None, request.duties, self.view.policy)
            for each in request.ranked:
                yield from _duties(
                    request.request_id, each.household_id, each.duties, self.view.policy
                )

    def households(self) -> Iterator[Row]:
        """One row a household."""
        for household in self.told.households:
            yield {
                "household_id": household.household_id,
                "outcome": household.outcome,
                "free_from": household.free_from,
                "request_id": household.request_id,
                "appears_in": household.appears_in,
            }

    # One request, one pair

    def why(self, request_id: str, household_id: str | None) -> str:
        """Why a request, or a pair, came out as it did."""
        asked = Asked(self.solved, request_id, internal=self.internal)
        with using(self.solved.prepared.policy.terms):
            if household_id is not None:
                return "\n".join(with_household(asked, household_id)[0])
            lines = asked.explainer.lines(asked.request)
            return "\n".join(paragraph(line.sentence, "") for line in lines)

    def price(self, request_id: str, household_id: str) -> tuple[record.PriceRecord, str] | None:
        """What a pair costs the round by aim, and who moves, and in words; None without a price."""
        asked = Asked(self.solved, request_id, internal=self.internal)
        pair = asked.pair(household_id)
        price = pair.ranked.cost_to_round if pair is not None and pair.ranked is not None else None
        if price is None:
            return None
        words = asked.explainer.loss(price, asked.request) if price.moves else "is the proposal"
        return price, words

    # The whole of it

    def figures(self) -> Iterable[Drawn]:
        """The figures of the report."""
        return all_figures(self.solved, self.told, self.view.hidden, large=self.view.large)

    def write(self, folder: Path) -> None:
        """Write the files of the round, as the command does."""
        with using(self.solved.prepared.policy.terms):
            write_report(View(self.solved, self.before), folder, lambda step: None)


def losses(aims: Mapping[str, int | None]) -> dict[str, float | None]:
    """What is lost in each aim, under the names of a frame's columns."""
    return {f"loses_{name}": of_aim(name, value) for name, value in aims.items()}


def gains(names: Iterable[str], one: Tried, *, internal: bool) -> dict[str, float | None]:
    """What a change gains in each aim, under the names of a frame's columns."""
    found = all_gains(names, one) if internal else shown_gains(names, one)
    return {f"gains_{name}": of_aim(name, value) for name, value in found.items()}


def _duties(
    request_id: str, household_id: str | None, records: Iterable[DutyRecord], policy: Policy
) -> Iterator[Row]:
    """Duties with how each stands, and what is still to be done, in words."""
    for duty in duties.words(records, policy):
        yield {
            "request_id": request_id,
            "household_id": household_id,
            "duty": duty.duty,
            "clause": duty.clause,
            "status": duty.status,
            "due": duty.due,
            "who": duty.who,
            "holds": duty.holds,
            "action": duty.action or None,
            "evidence": duty.evidence or None,
        }
