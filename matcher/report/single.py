"""One request or one pair, for whoever asks about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from matcher import explain
from matcher.explain import HELD, Explainer, Line, explain_failed, explain_score
from matcher.policy import duties, position
from matcher.policy.duties.form import WITHHELD, DutyRecord
from matcher.policy.in_force import rules_in_force
from matcher.policy.settings import Policy
from matcher.price_words import each_aim
from matcher.privacy import Hiding, for_people
from matcher.record import (
    Failed,
    Ineligible,
    NearMiss,
    Ranked,
    RequestRecord,
    RoundRecord,
    as_dict,
)
from matcher.recorder import Recorder
from matcher.rounds import SolvedRound
from matcher.show.files import Record
from matcher.show.text import paragraph, printable
from matcher.words import label, long_date, needed, upper_first

MET, BREACH, NOT_KNOWN = "met", "breach", "not known"
LISTED, PLACED = 10, "placed"
OfHousehold = TypeVar("OfHousehold", Ranked, Ineligible, NearMiss)


@dataclass(frozen=True, slots=True)
class Pair:
    """Everything about one request and one household."""

    request_id: str
    household_id: str
    outcome: str
    proposed: bool
    relationship: str | None
    failed: tuple[Failed, ...]
    near: NearMiss | None
    ranked: Ranked | None
    duties: tuple[DutyRecord, ...]


@dataclass
class Told:
    """One request of a round as people may see it, and what makes its sentences."""

    explainer: Explainer
    request: RequestRecord


class Recorded(Told):
    """What a written round says of one request; what was left out of its file is not in it."""

    def __init__(self, whole: RoundRecord, request_id: str) -> None:
        explainer = Explainer(for_people(whole))
        super().__init__(explainer, explainer.requests[request_id])

    def pair(self, household_id: str) -> Pair | None:
        """The request with one household; None where the file does not hold that pair."""
        request, facts = self.request, self.request.facts
        pair = () if facts.pair is None or facts.pair.rank is None else (facts.pair,)
        ranked = _of(household_id, (*request.ranked, *pair))
        failed = _of(household_id, request.ineligible)
        if ranked is None and failed is None:
            return None
        return Pair(
            request.request_id,
            household_id,
            request.outcome,
            request.proposal is not None and request.proposal.household_id == household_id,
            facts.relationships.get(household_id),
            () if failed is None else failed.failed,
            _of(household_id, (*facts.nearest, *facts.own_carers)),
            ranked,
            tuple(self._duties(household_id, () if ranked is None else ranked.duties)),
        )

    def _duties(self, household_id: str, own: tuple[DutyRecord, ...]) -> Iterator[DutyRecord]:
        """The duties of the pair: those of a placement where the family lives there alone."""
        living = self.request.facts.living
        lives_there = living is not None and living.household_id == household_id
        for each in duties.together(self.request.duties, own):
            if lives_there or duties.named(each.duty, self.explainer.policy).of != duties.PLACEMENT:
                yield each


def _of(household_id: str, among: Iterable[OfHousehold]) -> OfHousehold | None:
    """The one of a household; None where there is none."""
    return next((each for each in among if each.household_id == household_id), None)


class Asked(Told):
    """What a solved round says of one request, with every price."""

    def __init__(self, solved: SolvedRound, request_id: str, *, internal: bool = False) -> None:
        self.recorder = recorder = Recorder(solved, every_price=True)
        frame = recorder.frame()
        self.hiding = hiding = Hiding.of(frame, internal=internal)
        requests = tuple(
            hiding.request(recorder.request(row) if name == request_id else recorder.brief(row))
            for row, name in enumerate(recorder.request_ids)
        )
        placed = tuple(hiding.request(recorder.placed(each)) for each in recorder.inputs.placed)
        shown = replace(hiding.frame(frame, 0), requests=(*requests, *placed))
        explainer = Explainer(shown, hiding.hidden)
        super().__init__(explainer, explainer.requests[request_id])

    def pair(self, household_id: str) -> Pair | None:
        """The request with one household; None where it is placed, so that none is matched to it."""
        recorder = self.recorder
        if self.request.state == PLACED:
            return None
        row = recorder.request_ids.index(self.request.request_id)
        household = recorder.household_ids.index(household_id)
        case = recorder.prepared.pair(row, household)
        failed = self.hiding.failed(household_id, recorder.failed(row, household))
        near = self.hiding.near(recorder.near_miss(row, household)) if failed else None
        records = tuple(duties.of_match(case))
        if household_id in self.hiding.hidden:
            records = tuple(duties.without_place(each, self.explainer.policy) for each in records)
        listed = [each for each in self.request.ranked if each.household_id == household_id]
        alone = self.hiding.ranked(recorder.one_ranked(row, household))
        return Pair(
            case.ids[0],
            household_id,
            self.request.outcome,
            int(recorder.round.household[row]) == household,
            case.relationship,
            failed,
            near,
            None if failed else listed[0] if listed else alone,
            records,
        )


def request_record(asked: Told) -> Record:
    """Everything about one request: the keys of round.json, and every sentence about it."""
    lines = [
        {"kind": line.kind, "text": line.text, "clause": line.clause}
        for line in _lines(asked.explainer, asked.request)
    ]
    ranked = [with_words(asked, each) for each in asked.request.ranked]
    own = duty_records(asked.request.duties, asked.explainer.policy)
    return {**as_dict(asked.request), "ranked": ranked, "duties": own, "lines": lines}


def with_words(asked: Told, ranked: Ranked) -> Record:
    """A ranked household with words beside the facts of its criteria and duties, and grades."""
    made = _ranked_record(ranked, asked.explainer.policy)
    for score, record in zip(ranked.criteria, made["criteria"], strict=True):
        record["grade"] = asked.explainer.grade(score)
    return made


def _ranked_record(ranked: Ranked, policy: Policy) -> Record:
    made = {**as_dict(ranked), "duties": duty_records(ranked.duties, policy)}
    for score, record in zip(ranked.criteria, made["criteria"], strict=True):
        evidence = explain_score(score)
        record["evidence"], record["support"] = evidence.text, evidence.support
    return made


def duty_records(records: Sequence[DutyRecord], policy: Policy) -> list[Record]:
    """Duties with how each stands, and what is still to be done, in words beside their facts."""
    return [
        {**as_dict(duty), "evidence": words.evidence, "action": words.action}
        for duty, words in zip(records, duties.words(records, policy), strict=True)
    ]


def _lines(explainer: Explainer, request: RequestRecord) -> Iterator[Line]:
    for text in position.position_lines(request.facts.family):
        yield Line("position", text)
    yield from explainer.lines(request)


def request_text(asked: Told) -> Iterator[str]:
    """One request: why, then its households in order, then what blocks the others."""
    request = asked.request
    now = PLACED if request.state == PLACED else needed(request.urgency)
    yield f"{printable(request.request_id)}  ({label(request.regime)}, {now})"
    yield from (paragraph(line.sentence) for line in _lines(asked.explainer, request))
    if request.ranked:
        yield ""
        yield "  Eligible households, best first:"
        for each in request.ranked[:LISTED]:
            here = "  lives there today" if explain.lives_with(request, each.household_id) else ""
            yield f"  {each.rank:3}. {printable(each.household_id):8} fit {each.fit:6.2f}{here}"
        if (more := request.facts.eligible - LISTED) > 0:
            yield f"       and {more} more: --json lists all that are written."
    if request.blocked_by:
        yield ""
        yield "  What rules households out (and how many it alone rules out):"
        for blocked in request.blocked_by:
            yield f"  {label(blocked.rule):20} {blocked.households:5}  ({blocked.only})"


def pair_record(pair: Pair, policy: Policy) -> Record:
    """Everything about one pair: every rule, what it would take, every criterion, its price."""
    return {
        "request_id": pair.request_id,
        "household_id": pair.household_id,
        "eligible": not pair.failed,
        "held_back_by": pair.outcome if pair.outcome in HELD else None,
        "proposed": pair.proposed,
        "relationship": pair.relationship,
        "rules": list(_rules(pair, policy)),
        "takes": None if pair.failed and pair.near is None else list(_takes(pair, policy)),
        "ranked": None if pair.ranked is None else _ranked_record(pair.ranked, policy),
        "duties": duty_records(pair.duties, policy),
    }


def _takes(pair: Pair, policy: Policy) -> Iterator[Record]:
    for change in explain.changes_of(pair.near, policy) if pair.near else ():
        yield {
            "rules": list(change.rules),
            "what": change.what,
            "who": change.who,
            "on": change.on.isoformat() if change.on else None,
        }


def with_household(asked: Asked | Recorded, household_id: str) -> tuple[Iterator[str], Record]:
    """All about one request with one household, as text and for a machine."""
    pair = asked.pair(household_id)
    if pair is not None:
        return pair_text(asked, pair), pair_record(pair, asked.explainer.policy)
    record = left_out_record(asked, household_id)
    return left_out_text(record), record


def left_out_record(asked: Told, household_id: str) -> Record:
    """What is known of a pair that is not asked, as the family is placed, or that the file leaves out."""
    request = asked.request
    written = request.state != PLACED and len(request.ranked) == request.facts.eligible
    return {
        "request_id": request.request_id,
        "household_id": household_id,
        "state": request.state,
        "in_file": False,
        "eligible": False if written else None,
        "top": asked.explainer.round.round.top,
    }


def left_out_text(left_out: Record) -> Iterator[str]:
    """The same in words."""
    name, top = f"{left_out['request_id']} with {left_out['household_id']}", left_out["top"]
    if left_out["state"] == PLACED:
        yield paragraph(f"{name}: the family is placed, so that no household is matched to it.", "")
        return
    yield paragraph(
        f"{name} is not in the round's file: of each request it holds the {top:,} best households, "
        f"and the {top:,} nearest of those that are not eligible (round --top).",
        "",
    )
    if left_out["eligible"] is False:
        yield "It is not eligible: all that are eligible are in the file."


# The file holds no facts of a rule that passes, and its rule is no fact about a home.
PASSED = "What is recorded passes it."


def _rules(pair: Pair, policy: Policy) -> Iterator[Record]:
    failed = {each.rule: each for each in pair.failed}
    for rule in rules_in_force(policy):
        row = {"rule": rule.key, "clause": rule.clause, "status": MET, "reason": PASSED}
        if rule.key not in failed:
            yield {**row, "fix": "", "who": "", "facts": {}}
            continue
        failing = explain_failed(failed[rule.key], policy)
        yield {
            **row,
            "status": BREACH if failing.known else NOT_KNOWN,
            "reason": failing.reason,
            "fix": failing.fix,
            "who": failing.who,
            "facts": failed[rule.key].facts,
        }


def pair_text(asked: Told, pair: Pair) -> Iterator[str]:
    """One pair: what it fails and what would mend it, or what it scores and what it costs."""
    name = f"{printable(pair.request_id)} with {printable(pair.household_id)}"
    if pair.outcome in HELD:
        yield f"{printable(pair.request_id)} {HELD[pair.outcome]}; for information:"
    ranked, rules = pair.ranked, [*_rules(pair, asked.explainer.policy)]
    if ranked is None:
        yield f"{name} is not eligible: {len(pair.failed)} of {len(rules)} rules are not met."
    else:
        proposed = " It is the proposal." if pair.proposed else ""
        yield f"{name} is eligible. It ranks {ranked.rank}, fit {ranked.fit:.2f}.{proposed}"
    if pair.relationship:
        yield paragraph(explain.relationship_line(pair.relationship).sentence)
    yield ""
    yield "  The rules as the policy has them; met says that nothing recorded fails one here:"
    for rule in rules:
        yield paragraph(
            f"{rule['status']:9} {label(rule['rule']):20} {rule['reason']} ({rule['clause']})"
        )
    if pair.near is not None:
        yield ""
        yield "The least it would take:"
        for change in explain.changes_of(pair.near, asked.explainer.policy):
            start = f" From {long_date(change.on)}." if change.on else ""
            yield paragraph(f"{change.what} ({change.who}){start}")
    elif pair.failed:
        yield ""
        yield "What it would take is not in the round's file, which says it of the nearest alone."
    if ranked is not None:
        yield ""
        for score in ranked.criteria:
            hidden = WITHHELD in score.facts
            points = " " * 6 if hidden else f"{score.points:6.2f}"
            grade = "hidden" if hidden else asked.explainer.grade(score)
            evidence = explain_score(score).text
            yield paragraph(f"{label(score.name):10} {points}  {grade:6} {evidence}")
        yield ""
        yield from _cost(asked, ranked)
    still = duties.before_confirmation(duties.words(pair.duties, asked.explainer.policy))
    if still and not pair.failed:
        yield "Open before it can be confirmed:"
        for duty in still:
            yield paragraph(
                f"{upper_first(label(duty.duty))}: {duty.evidence} {duty.action} "
                f"({duty.who}; {duty.clause})"
            )


def _cost(asked: Told, ranked: Ranked) -> Iterator[str]:
    price = ranked.cost_to_round
    if price is None:
        yield paragraph(asked.explainer.no_price(asked.request, ranked.household_id), "")
        return
    lost = any(price.aims.values())
    yield paragraph(f"Cost to the round: {each_aim(price.aims) if lost else 'nothing'}.", "")
    for move in price.moves:
        left, to = move["from"] or "no household", move["to"] or "no household"
        yield f"  {printable(move['request_id'])}: {printable(left)} → {printable(to)}"
