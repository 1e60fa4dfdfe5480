"""Sentences of a round, made of its record alone: why, why not, and what it would take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from matcher import price_words
from matcher.codes import URGENCIES
from matcher.policy import changes, duties, provisional, screening, switched
from matcher.policy.about import approval_text
from matcher.policy.alerts import FIRST
from matcher.policy.changes import ChangeWords
from matcher.policy.criteria import CRITERIA
from matcher.policy.duties.form import PLACE_WITHHELD, WITHHELD, DutyWords
from matcher.policy.facts import Facts
from matcher.policy.family import engagement_advice
from matcher.policy.forms import Evidence, Failing
from matcher.policy.in_force import rules_by_key
from matcher.policy.pairs import points_of
from matcher.policy.settings import Policy
from matcher.policy.terms import is_name
from matcher.price_words import Bond, Need
from matcher.record import (
    Alert,
    CriterionScore,
    Failed,
    Living,
    NearMiss,
    PolicyUsed,
    PriceRecord,
    Proposal,
    Ranked,
    RequestFacts,
    RequestRecord,
    RoundRecord,
    policy_of,
)
from matcher.words import (
    and_list,
    count,
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
    "staying_put": "may stay put with the current carers, if they ask for it",
}
NOT_SHOWN = "not shown"
NOT_APPLICABLE = "N/A"
BEFORE, STILL_OPEN = "Before it can be confirmed", "while these are open"
LOOK_UP_FIX = "Ask whoever keeps the addresses."
NAMED_ABOVE = 3  # households ranked above the proposed one that are explained one by one
NAMED_FIRST = 20  # families that the first page names by what must come first
NAMED = 3  # households of a family that waits, and moves of a price, that are told one by one
RELATIONSHIPS = {
    "current_carer": ("the parent lives with these carers now", "PC-4.2b"),
    "former_carer": ("the parent has lived with these carers before", "PC-5.1h"),
    "sibling_lives_there": ("a brother or sister lives there", "PC-5.1h"),
    "respite_carer": ("these carers have given the family respite", "PC-5.1h"),
    "known_to_family": ("the family knows this household", "PC-5.1h"),
}
LIMITS = {
    "better_so": "Within the limits of this round, the whole is better so.",
    "too_near": "It is too near a family that must be kept apart.",
    "breaks": "It would break a limit of this round: {limits}.",
    "better_as_proposed": "Within the limits of this round, the whole is better as proposed.",
}
NOT_PRICED = (
    "What it would cost the round is not worked out: where fees are limited or families kept apart each such price "
    "takes a solve of its own. A round asks for those of a family's first homes alone, and a large one for none."
)
_CRITERIA = {criterion.key: criterion for criterion in CRITERIA}


def policy_title(policy: PolicyUsed) -> str:
    """The name and version of the policy in force, and who approved it where its file says so."""
    title = f"Policy {policy.name} {policy.version}"
    if policy.approved is None:
        return title
    return f"{title}, {approval_text(policy.approved.by, policy.approved.on)}"


def policy_differs(policy: PolicyUsed) -> str:
    """In how many settings the policy in force differs from the default; names of its own are none."""
    names = sum(map(is_name, policy.changed))
    settings = len(policy.changed) - names
    own = " and in names of its own" if names else ""
    if settings:
        return f"which differs from the default in {count(settings, 'setting')}{own}"
    if policy.local_rules or policy.local_duties or names:
        return f"its settings at their defaults{', with names of its own' if names else ''}"
    return "at its defaults"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or two of an explanation: what kind it is, what it says, and its clause."""

    kind: str
    text: str
    clause: str = ""

    @property
    def sentence(self) -> str:
        """The text with its clause at the end, as on a terminal."""
        return f"{self.text} ({self.clause})" if self.clause else self.text


def explain_failed(failed: Failed, policy: Policy) -> Failing:
    """Why a pair fails a rule, what would mend it and who can grant that."""
    rule = rules_by_key(policy)[failed.rule]
    if WITHHELD in failed.facts:
        fix = rule.fix if isinstance(rule.fix, str) else LOOK_UP_FIX
        return Failing(PLACE_WITHHELD, fix, rule.who, failed.known)
    return rule.explain(failed.facts)


def explain_score(score: CriterionScore) -> Evidence:
    """What a criterion's value rests on, and what would close a gap."""
    if WITHHELD in score.facts:
        return Evidence(PLACE_WITHHELD)
    return _CRITERIA[score.name].explain(score.facts, score.value)


def grade(value: float | None, policy: Policy) -> str:
    """High, Medium or Low by the policy's two thresholds; N/A where a criterion doesn't apply."""
    if value is None:
        return NOT_APPLICABLE
    if value >= policy.number("grades.high"):
        return "High"
    return "Medium" if value >= policy.number("grades.medium") else "Low"


def clause_of(failed: Failed, policy: Policy) -> str:
    """The clause of a rule that a pair fails."""
    return rules_by_key(policy)[failed.rule].clause


class Explainer:
    """What there is to say of each request of a round.

    `hidden` are the households of which nothing may say where they are: all that the round says, or
    none for those who keep the addresses.
    """

    def __init__(self, of: RoundRecord, hidden: frozenset[str] | None = None) -> None:
        self.round = of
        self.hidden = _hidden(of) if hidden is None else hidden

    @cached_property
    def policy(self) -> Policy:
        """The policy that the round used."""
        return policy_of(self.round.round.policy)

    def policy_lines(self) -> list[Line]:
        """What the policy switches off, orders otherwise or loosens, and who decided that."""
        return [Line(kind, text) for kind, text in switched.lines(self.policy)]

    @cached_property
    def requests(self) -> dict[str, RequestRecord]:
        """Every request by its id."""
        return {request.request_id: request for request in self.round.requests}

    @cached_property
    def holders(self) -> dict[str, RequestRecord]:
        """The request that each household is proposed for, or held for by people."""
        return {r.proposal.household_id: r for r in self.round.requests if r.proposal}

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self.round.round.as_of

    def is_pinned(self, household_id: str) -> bool:
        """Whether people hold a household for a family."""
        holder = self.holders.get(household_id)
        return holder is not None and holder.proposal is not None and holder.proposal.pinned

    def grade(self, score: CriterionScore) -> str:
        """High, Medium or Low by the policy's two thresholds; N/A where it doesn't apply."""
        return grade(score.value, self.policy)

    def lines(self, request: RequestRecord) -> list[Line]:
        """All there is to say about one request, a line an idea."""
        if request.proposal is not None:
            lines = self._proposal(request, request.proposal)
        elif request.outcome == "unplaced":
            lines = self._unplaced(request)
        elif request.state == "placed":
            return [
                *_living(request),
                *_handed_back(request, self.policy),
                *self._still_open(request),
            ]
        else:
            lines = self._held(request)
        back = () if request.proposal else _handed_back(request, self.policy)
        return [*_living(request), *lines, *back, *self._own_carers(request)]

    def _still_open(self, request: RequestRecord) -> Iterator[Line]:
        """What is overdue and what comes next for a placed family, and what was to be done before."""
        every = duties.to_do(duties.words(request.duties, self.policy))
        running = [duty for duty in every if duty.due is not None and not duty.holds]
        late = sorted(
            (duty for duty in running if duty.status == duties.OVERDUE),
            key=lambda duty: (not duty.clause.startswith(("LAW-", "PWP-")), duty.due or self.as_of),
        )
        ahead = [duty for duty in running if duty.status != duties.OVERDUE]
        soon = sorted(ahead, key=lambda duty: duty.due or self.as_of)[:NAMED]
        still = duties.before_confirmation(every)
        yield from _overdue(late, sum(duty.status == duties.OVERDUE for duty in still))
        if soon:
            yield Line("next", f"Next: {_dated(soon)}.", duties.clauses(soon))
        asked = [duty for duty in every if duty.status == duties.UNKNOWN and not duty.holds]
        if asked := [duty for duty in asked if duty.due is None]:
            text = f"No day can be said until somebody answers: {duties.open_list(asked)}."
            yield Line("asked", text, duties.clauses(asked))
        if still:
            text = f"Placed {STILL_OPEN}: {duties.open_list(still)}."
            yield Line("before", text, duties.clauses(still))

    # What is proposed

    def _proposal(self, request: RequestRecord, proposal: Proposal) -> Iterator[Line]:
        due = _day(request, "child_born_or_due_on")
        unborn = due > self.as_of
        began = "Planned start" if unborn else "Start"
        start = f" {began} {long_date(proposal.starts_on)}." if proposal.starts_on else ""
        pair = f"{request.request_id} → {proposal.household_id}"
        if lives_with(request, proposal.household_id):
            stays = f"{pair}, fit {proposal.fit:.2f}. The family lives there today: no move."
            yield Line("proposal", stays)
        else:
            yield Line("proposal", f"{pair}, fit {proposal.fit:.2f}.{start}")
        if unborn:
            text = f"birth is planned for {long_date(due)}, and dates count from it."
            yield Line("unborn", f"The child is not yet born: {text}")
        if proposal.pinned and request.facts.decided_on is not None:
            what = "confirmed" if request.facts.decision == "confirmed" else "chosen"
            day = long_date(request.facts.decided_on)
            yield Line("pinned", f"This match was {what} on {day}, and is held fast.")
        kind = request.facts.relationships.get(proposal.household_id)
        if kind is not None:
            yield relationship_line(kind)
        written = proposed(request)
        if written is not None:
            yield from self._evidence(written)
        yield from _passed(request)
        yield from _before_fostering(request)
        if advice := engagement_advice(request.facts.family):
            yield Line("engagement", advice, "PC-3.1i")
        if not proposal.pinned:
            yield from self._above(request, proposal)
        if written is not None:
            yield from self._before(request, written)

    def _evidence(self, ranked: Ranked) -> Iterator[Line]:
        fits: list[str] = []
        less: list[str] = []
        gaps: list[Evidence] = []
        for score in ranked.criteria:
            if score.value is None or WITHHELD in score.facts:
                continue
            evidence = explain_score(score)
            if evidence.support:
                gaps.append(evidence)
            elif self.grade(score) == "High":
                fits.append(evidence.text)
            else:
                less.append(evidence.text)
        if fits:
            yield Line("fits", f"Fits: {' '.join(fits)}")
        if less:
            yield Line("less_close", f"Less close: {' '.join(less)}")
        if ranked.household_id in self.hidden:
            yield Line("withheld", PLACE_WITHHELD)
        for gap in gaps:
            support = lower_first(gap.support or "")
            yield Line("gap", f"Gap: {gap.text} Support that would close it: {support}", "NMS-15")

    def _before(self, request: RequestRecord, ranked: Ranked) -> Iterator[Line]:
        every = duties.words(duties.together(request.duties, ranked.duties), self.policy)
        still = duties.before_confirmation(every)
        if still:
            confirmed = request.facts.decision == "confirmed"
            lead = f"Confirmed {STILL_OPEN}" if confirmed else BEFORE
            yield Line("before", f"{lead}: {duties.open_list(still)}.", duties.clauses(still))

    # Why not a household that ranks higher

    def _above(self, request: RequestRecord, proposal: Proposal) -> Iterator[Line]:
        request_id, eligible = request.request_id, request.facts.eligible
        if eligible == 1:
            text = f"is the only household that is eligible for {request_id}."
            yield Line("rank", f"{proposal.household_id} {text}")
            return
        if proposal.rank is None:
            return
        place = f"{ordinal(proposal.rank)} of {eligible:,} for {request_id}"
        texts = [f"{proposal.household_id} ranks {place}."]
        above = [each for each in request.ranked if each.rank and each.rank < proposal.rank]
        texts += [self._not_given(request, each) for each in above[:NAMED_ABOVE]]
        if (more := proposal.rank - len(texts)) > 0:
            texts.append(f"{count(more, 'more household')} above it went the same way.")
        yield Line("rank", " ".join(texts))

    def _not_given(self, request: RequestRecord, ranked: Ranked) -> str:
        """Why one household that ranks higher was not proposed."""
        holder = self.holders.get(ranked.household_id)
        start = f"{ranked.household_id} ranks {ordinal(ranked.rank or 0)}"
        if holder is not None and self.is_pinned(ranked.household_id):
            return f"{start}, but people hold it for {holder.request_id}."
        if holder is None:
            where = f"{start} and is free"
        else:
            where = f"{start} and is proposed for {holder.request_id}"
            if holder.facts.eligible == 1:
                where += ", which no other household can take"
        if ranked.cost_to_round is None:
            return f"{where}. {self.limit_reason(request, ranked.household_id)}"
        loss = self.loss(ranked.cost_to_round, request)
        return f"{where}; giving it to {request.request_id} {loss}."

    def no_price(self, request: RequestRecord, household_id: str) -> str:
        """Why a pair has no price: nobody matches the family, people hold a side of it, or a limit."""
        if request.outcome in HELD:
            return "The family is not matched, so nothing is priced."
        held = [self.holders[household_id]] if household_id in self.holders else []
        for holder in (request, *held):
            if holder.proposal is not None and holder.proposal.pinned:
                home = holder.proposal.household_id
                return f"It has no price: people hold {home} for {holder.request_id}."
        return self.limit_reason(request, household_id)

    def limit_reason(self, request: RequestRecord, household_id: str) -> str:
        """Why limits of the round do not allow a household."""
        for limited in request.facts.limited:
            if limited.household_id == household_id:
                return LIMITS[limited.kind].format(limits=and_list(limited.limits or ("",)))
        return NOT_PRICED

    def loss(self, price: PriceRecord, forced: RequestRecord) -> str:
        """What a forced pair costs the others, in the first aim that loses."""
        cost = price_words.Cost.read(price.aims, price.moves)
        left = [move.request_id for move in cost.moves if move.to is None]
        needs = {
            name: Need(self.requests[name].urgency, _day(self.requests[name], "needed_from"))
            for name in left
        }
        return price_words.sentence(cost, forced.request_id, needs, list(self._given_up(price)))

    def _given_up(self, price: PriceRecord) -> Iterator[Bond]:
        """The relationships that end where families move: those that count for less where they go."""
        for move in price.moves:
            request = self.requests[move["request_id"]]
            was, then = (self._relationship(request, move[side]) for side in ("from", "to"))
            if was > then:
                kind = request.facts.relationships[move["from"] or ""]
                yield Bond(move["request_id"], move["from"] or "", kind)

    def _relationship(self, request: RequestRecord, household_id: str | None) -> float:
        """What the relationship of a family with a household counts for."""
        kind = request.facts.relationships.get(household_id or "")
        withheld = request.withholds_address
        return 0.0 if kind is None else points_of(kind, self.policy, withheld=withheld)

    # What waits

    def _unplaced(self, request: RequestRecord) -> Iterator[Line]:
        request_id, total = request.request_id, self.round.counts.households
        eligible = request.facts.eligible
        if eligible == 0:
            yield Line("unplaced", f"{request_id} has no eligible household of {total:,}.")
        else:
            number = count(eligible, "eligible household")
            why = self.waits_for(request)
            yield Line("unplaced", f"{request_id} has {number} of {total:,}, and waits: {why}.")
            yield from self._contest(request)
        failed = [*_first_failed(request.facts, self.policy)]
        if failed:
            once = "(Each household is counted once, under the first rule that it fails.)"
            yield Line("not_eligible", f"Not eligible: {and_list(failed)}. {once}")
        yield from _passed(request)
        yield from _before_fostering(request)
        for near in request.facts.nearest:
            yield self._near(near)

    def is_limited(self, request: RequestRecord) -> bool:
        """Whether a limit of the round, not the need of others, keeps a family waiting."""
        return not request.facts.all_taken

    def waits_for(self, request: RequestRecord) -> str:
        """Why a family with eligible households has none: in a few words."""
        if self.is_limited(request):
            return "a limit of this round stands in the way"
        one = request.facts.eligible == 1
        return "it is needed for others" if one else "all are needed for others"

    def _contest(self, request: RequestRecord) -> Iterator[Line]:
        contest = request.facts.contest
        if contest is not None:
            group = [self.requests[name] for name in contest.requests]
            households = and_list(contest.households, "or")
            only = f"{and_list(contest.requests)} can only be placed with {households}."
            yield Line("contest", f"{only} {self._who_waits(group)}")
        for ranked in request.ranked[:NAMED]:
            yield Line("price", self._if_given(request, ranked))

    def _if_given(self, request: RequestRecord, ranked: Ranked) -> str:
        """What it would cost to give a waiting family a household."""
        holder, name = self.holders.get(ranked.household_id), ranked.household_id
        if holder is not None and self.is_pinned(name):
            return f"People hold {name} for {holder.request_id}."
        if ranked.cost_to_round is not None:
            loss = self.loss(ranked.cost_to_round, request)
            return f"Giving {name} to {request.request_id} {loss}."
        where = "is free" if holder is None else f"goes to {holder.request_id}"
        return f"{name} {where}. {self.limit_reason(request, name)}"

    def _who_waits(self, group: list[RequestRecord]) -> str:
        waits = [each for each in group if each.proposal is None]
        placed = [each for each in group if each.proposal is not None]
        why = ""
        if len(waits) == 1 and placed:
            last = waits[0]
            later, day = URGENCIES.index, _day(last, "needed_from")
            if all(later(each.urgency) < later(last.urgency) for each in placed):
                why = f", the only one {needed(last.urgency)}"
            elif all(_day(each, "needed_from") < day for each in placed):
                why = ", whose need comes last"
        names = and_list(each.request_id for each in waits)
        many, all_of = upper_first(spelt(len(waits))), spelt(len(group))
        return f"{many} of the {all_of} must wait: {names}{why}."

    def _clauses(self, change: ChangeWords) -> str:
        """The clauses of the rules that a change mends, each once."""
        rules = rules_by_key(self.policy)
        return ", ".join(dict.fromkeys(rules[key].clause for key in change.rules))

    def _near(self, near: NearMiss) -> Line:
        takes = [
            f"{lower_first(change.what).rstrip('.')} ({change.who}; {self._clauses(change)})"
            for change in changes_of(near, self.policy)
        ]
        things = f"{spelt(len(takes))} {'thing' if len(takes) == 1 else 'things'}"
        held = self._held_for(near.household_id)
        return Line(
            "nearest", f"Nearest: {near.household_id} needs {things}: {'; '.join(takes)}.{held}"
        )

    def _held_for(self, household_id: str) -> str:
        """Which family people hold a household for, '' where for none."""
        if not self.is_pinned(household_id):
            return ""
        return f" But people hold it for {self.holders[household_id].request_id}."

    # What is held back, and the parent's own carers

    def _held(self, request: RequestRecord) -> Iterator[Line]:
        holding = [found for found in request.screening if found.outcome != screening.PASS]
        for at, found in enumerate(holding):
            reason = found.reason
            start = f"{request.request_id} is not matched: " if at == 0 else "Also: "
            text = lower_first(reason) if at == 0 else reason
            yield Line("held", f"{start}{text}", found.clause)
        # Once it is to be residential, the other steps towards fostering fall away.
        residential = request.outcome == screening.OUTCOMES[0]
        steps = [
            found.next_step
            for found in holding
            if not residential or found.outcome == request.outcome
        ]
        for step in dict.fromkeys(steps):
            yield Line("next", f"Next: {lower_first(step)}")
        yield from _passed(request)
        if request.outcome == "staying_put":  # no rule of a fostering placement is asked of it
            return
        eligible = count(request.facts.eligible, "household")
        total = self.round.counts.households
        yield Line(
            "for_information", f"For information: {eligible} of {total:,} would be eligible."
        )

    def _own_carers(self, request: RequestRecord) -> Iterator[Line]:
        for near in request.facts.own_carers:
            if not near.failed:
                yield Line(
                    "own_carers", f"{near.household_id} are the parent's own carers.", "PC-4.2b"
                )
                continue
            by = f" by {long_date(request.facts.latest)}" if request.facts.latest else ""
            reasons = " ".join(explain_failed(failed, self.policy).reason for failed in near.failed)
            fixes = "; ".join(change.sentence for change in changes_of(near, self.policy))
            rank = f" They would then rank {ordinal(near.would_rank)}." if near.would_rank else ""
            held = self._held_for(near.household_id)
            yield Line(
                "own_carers",
                f"The parent's own carers, {near.household_id}, are not eligible today. {reasons} "
                f"What it would take{by}: {fixes}.{rank}{held}",
                "PC-4.2b",
            )

    # What stands at the head of every paper

    def before_fostering(self) -> list[Line]:
        """How many families are matched provisionally and what must come first; who was decided on early."""
        matched = [r for r in self.round.requests if r.outcome in ("proposed", "unplaced")]
        undecided = {r.request_id: r.provisional for r in matched if r.provisional}
        early = {
            r.request_id: found
            for r in matched
            if (found := _not_accepted(r, provisional.decided_without(r.facts.family)))
        }
        lines = []
        if undecided:
            families = count(len(undecided), "family")
            is_or_are = "is" if len(undecided) == 1 else "are"
            text = (
                f"{upper_first(families)} {is_or_are} matched provisionally: nobody has decided yet "
                f"whether a fostering household is suitable. First: {_whose(undecided, 1)}."
            )
            lines.append(Line("provisional", text, provisional.CLAUSE))
        if early:
            text = f"The Resource team has decided for fostering, though {_whose(early, 0)}."
            lines.append(
                Line("decided_early", f"{text} It must be done first.", provisional.CLAUSE)
            )
        return lines

    def first(self) -> list[Line]:
        """Who has nowhere tonight, and who would start late: what stands before all else."""
        return [self.alert(alert) for alert in self.round.alerts if alert.kind in FIRST]

    def alerts(self) -> list[Line]:
        """What people must look at next: confirmed matches that break something, and blind spots."""
        return [self.alert(alert) for alert in self.round.alerts if alert.kind not in FIRST]

    def alert(self, alert: Alert) -> Line:
        """One alert in words."""
        facts = alert.facts
        if alert.kind == "choice_set_aside":
            return self._choice_set_aside(alert)
        if alert.kind == "no_home_tonight":
            return self._no_home_tonight(alert)
        if alert.kind == "home_kept":
            return self._home_kept(alert, texts(facts, "kept_for"), texts(facts, "waits"))
        return alert_line(alert, self.policy)

    def _no_home_tonight(self, alert: Alert) -> Line:
        """Who is needed today and can start nowhere today: since when, and what stands in the way."""
        facts, days = alert.facts, whole(alert.facts, "late_days")
        request = self.requests[alert.request_id or ""]
        since = "today" if days == 0 else f"since {day_of(facts, 'needed_from')}"
        late = "" if days == 0 else f", {count(days, 'day')} late"
        if alert.household_id is not None and facts["starts_on"] is not None:
            held = "is held for it" if self.is_pinned(alert.household_id) else "is proposed"
            why = f"{alert.household_id} {held} from {day_of(facts, 'starts_on')}"
        elif alert.household_id is not None:
            why = f"nobody can say from when {alert.household_id} can take it"
        elif facts["outcome"] != "unplaced":
            why = f"it {HELD[str(facts['outcome'])]}"
        elif request.facts.eligible == 0:
            why = "no household is eligible"
        else:
            why = self.waits_for(request)
        text = f"{alert.request_id} has no home tonight: needed {since}{late}; {why}."
        return Line(alert.kind, text)

    def _choice_set_aside(self, alert: Alert) -> Line:
        """A choice that no longer stands: what it breaks today, and what comes unless people choose again."""
        facts, clause = alert.facts, ""
        if "rule" in facts:
            rule = rules_by_key(self.policy)[str(facts["rule"])]
            clause = rule.clause
            failed = Failed(rule.key, bool(facts["known"]), facts)
            breaks = explain_failed(failed, self.policy).reason
        elif "outcome" in facts:
            breaks = f"Screening holds it back ({label(str(facts['outcome']))})."
        elif "limit" in facts:
            breaks = f"It would go over the limit {facts['limit']}."
        else:
            breaks = f"It would be too near {facts['too_near']}, from whom it is kept apart."
        pair = f"{alert.request_id} → {alert.household_id}"
        day = long_date(str(facts["decided_on"]))
        request = self.requests[alert.request_id or ""]
        instead = (
            f"{request.request_id} is proposed {request.proposal.household_id}"
            if request.proposal is not None
            else f"{request.request_id} {OUTCOME_NOW.get(request.outcome, 'is not matched')}"
        )
        holder = self.holders.get(alert.household_id or "")
        to = f"goes to {holder.request_id}" if holder is not None else "is offered to nobody"
        return Line(
            alert.kind,
            f"People chose {pair} on {day}. Today it does not stand. {breaks} "
            f"Unless they choose again, {instead}; {alert.household_id} {to}.",
            clause,
        )

    def _home_kept(self, alert: Alert, kept_for: list[str], waits: list[str]) -> Line:
        """A home that is kept for a parent who lives there, while another family waits."""
        whose, others = and_list(kept_for), and_list(waits)
        wait = "wait" if len(waits) > 1 else "waits"
        live = "parents live" if len(kept_for) > 1 else "a parent lives"
        takes = [
            line.text
            for name in kept_for
            if name in self.requests
            for line in self._own_carers(self.requests[name])
            if alert.household_id and alert.household_id in line.text
        ]
        stay = f" {' '.join(takes)}" if takes else ""
        return Line(
            alert.kind,
            f"{alert.household_id} is kept for {whose}, where {live} now; {others} {wait} because "
            f"of it.{stay} Whoever may decide otherwise (Head of Service) chooses {others} there.",
            "PC-4.2b",
        )


def proposed(request: RequestRecord) -> Ranked | None:
    """What is written of the proposed household; None where nothing is proposed."""
    proposal = request.proposal
    if proposal is None:
        return None
    ranked = [each for each in request.ranked if each.household_id == proposal.household_id]
    return ranked[0] if ranked else request.facts.pair


def _handed_back(request: RequestRecord, policy: Policy) -> Iterator[Line]:
    """That the risk was too high for a household, and what the Resource team decides next."""
    for duty in duties.to_do(duties.words(request.duties, policy)):
        if duty.duty == duties.HANDED_BACK:
            yield Line("handed_back", f"{duty.evidence} Back to the Resource team: {lower_first(duty.action)}", duty.clause)  # fmt: skip


def duties_of(request: RequestRecord) -> list[duties.DutyRecord]:
    """The duties of a request, with those of its proposed household where there is one."""
    pair = proposed(request)
    return duties.together(request.duties, pair.duties if pair else ())


def texts(facts: Facts, name: str) -> list[str]:
    """A fact that is a list of texts."""
    value = facts[name]
    return [str(each) for each in value] if isinstance(value, list) else []


def day_of(facts: Facts, name: str) -> str:
    """A fact that is a day, as people write it."""
    return long_date(str(facts[name]))


def whole(facts: Facts, name: str) -> int:
    """A fact that is a whole number."""
    return int(str(facts[name]))


def fit_leaves_out(of: RoundRecord) -> str:
    """What the round's total of fit is told without; '' where nothing proposed is hidden."""
    hidden = sum(each.hidden and each.outcome == "proposed" for each in of.households)
    if not hidden:
        return ""
    whose = count(hidden, "household")
    return (
        f"Fit is told without distance and school for {whose} whose place is not shown. (PC-5.3d)"
    )


def relationship_line(kind: str) -> Line:
    """What family and household are to each other, with its clause."""
    text, clause = RELATIONSHIPS[kind]
    return Line("relationship", f"Relationship: {text}.", clause)


def changes_of(near: NearMiss, policy: Policy) -> list[ChangeWords]:
    """The fewest changes that an ineligible pair would take, in words."""
    failed = {each.rule: explain_failed(each, policy) for each in near.failed}
    return [
        changes.words(each.change, each.rules, each.on, each.until, failed) for each in near.takes
    ]


def alert_line(alert: Alert, policy: Policy) -> Line:
    """An alert in words."""
    facts, pair = alert.facts, f"{alert.request_id} is confirmed with {alert.household_id}"
    match alert.kind:
        case "confirmed_held":
            held = label(str(facts["outcome"]))
            return Line(alert.kind, f"{pair}, though screening holds it back ({held}).")
        case "confirmed_breaks":
            rule = rules_by_key(policy)[str(facts["rule"])]
            failed = Failed(rule.key, bool(facts["known"]), facts)
            return Line(alert.kind, f"{pair}: {explain_failed(failed, policy).reason}", rule.clause)
        case "confirmed_open":
            names = and_list(label(duty) for duty in texts(facts, "duties"))
            clauses = dict.fromkeys(texts(facts, "clauses"))
            return Line(alert.kind, f"{pair} {STILL_OPEN}: {names}.", ", ".join(clauses))
        case "late":
            days = count(whole(facts, "starts_late_days"), "day")
            starts, needed_from = day_of(facts, "starts_on"), day_of(facts, "needed_from")
            goes = f"{alert.request_id} → {alert.household_id}"
            text = f"{goes} would start on {starts}, {days} late: needed from {needed_from}."
        case "waits_ahead":
            day, home = day_of(facts, "needed_from"), alert.household_id
            why = f" {upper_first(_in_futures(facts, str(home)))}." if "futures" in facts else ""
            text = (
                f"{alert.request_id}, needed from {day}, waits: the round looks ahead, and {home}, "
                f"which could take it, is not proposed for it.{why}"
            )
        case "kept_open":
            text = f"{alert.household_id} is kept open: {_in_futures(facts, 'it')}."
        case "goes_elsewhere":
            text = (
                f"{alert.request_id} → {alert.household_id}, and not {facts['without']}, as the round "
                f"looks ahead: {_lost_ahead(facts)}."
            )
        case "accepted" | "accepted_ran_out":
            home = f" with {alert.household_id}" if alert.household_id else ""
            what = f"{alert.request_id}{home}: {label(str(facts['duty']))}"
            by, until = facts["by"], day_of(facts, "until")
            text = (
                f"{what} is not done. It was accepted by {by} until {until}."
                if alert.kind == "accepted"
                else f"{what} is open again. It was accepted by {by} until {until}."
            )
            return Line(alert.kind, text, str(facts["clause"]))
        case "overdue_by_law":
            listed = zip(texts(facts, "duties"), texts(facts, "days"), strict=True)
            late = [f"{label(duty)} (since {long_date(day)})" for duty, day in listed]
            cited = (clause for each in texts(facts, "clauses") for clause in each.split(", "))
            text = (
                f"{alert.request_id}: overdue, as nothing says that it was done: {and_list(late)}."
            )
            return Line(alert.kind, text, ", ".join(dict.fromkeys(cited)))
        case "home_given":
            day = long_date(str(facts["needed_from"]))
            text = (
                f"A parent of {facts['lives_there']} lives with {alert.household_id}, which is "
                f"proposed for {alert.request_id}; {facts['lives_there']} needs a placement from {day}."
            )
            return Line(alert.kind, text, "PC-4.2b")
        case "placement_breaks":
            rule = rules_by_key(policy)[str(facts["rule"])]
            failed = Failed(rule.key, bool(facts["known"]), facts)
            reason = explain_failed(failed, policy).reason
            lives = f"{alert.request_id} lives with {alert.household_id}"
            return Line(alert.kind, f"{lives}. {reason}", rule.clause)
        case "end_not_known":
            by_weeks = facts.get("by_weeks")
            weeks = f" (by its expected weeks {long_date(str(by_weeks))})" if by_weeks else ""
            text = (
                f"No planned end ahead is recorded for the placement of {alert.request_id} with "
                f"{alert.household_id}{weeks}: until one is, nobody else can be placed there. Ask for a day."
            )
            return Line(alert.kind, text, "PC-5.1f")
        case "who_lives_there":
            text = (
                f"The placement of {alert.request_id} with {alert.household_id} is over. Ask who "
                "lives there now, and write reviewed_on: until then nobody else can be placed there."
            )
            return Line(alert.kind, text, "PC-5.1f")
        case "decision_set_aside":
            stands = f"{facts['stands_request_id']} with {facts['stands_household_id']} stands"
            what = "confirmed" if facts["decision"] == "confirmed" else "chosen"
            day = long_date(str(facts["decided_on"]))
            both = f"{alert.request_id} with {alert.household_id}"
            text = f"{both}, {what} on {day}, is set aside: {stands}. Ask which it is."
        case "confirmed_too_near":
            both = f"{alert.request_id} and {facts['other_request_id']}"
            text = f"{both} are confirmed nearer to each other than keep_apart says."
        case "team_not_known":
            text = (
                f"The team of {alert.household_id} is not known, so that it does not count in the "
                "limit new_per_team: ask."
            )
        case "fee_not_known":
            text = (
                f"The weekly fee of {alert.household_id} is not known and counts as £0 in the limit "
                "weekly_fees: ask."
            )
        case kind:
            text = f"{label(kind)}: {alert.request_id or ''} {alert.household_id or ''}"
    return Line(alert.kind, text)


def _in_futures(facts: Facts, home: str) -> str:
    """What is ahead of a household: 'in 6 of 8 futures a family that comes before … would go there …'."""
    waiting, who = whole(facts, "waiting"), "a family that waits today"
    if facts["by"] is not None:
        who = f"a family that comes before {day_of(facts, 'by')}"
        if waiting:
            who += f", or in {waiting} of them only one that waits today,"
    return (
        f"in {facts['futures']} of {facts['of']} futures {who} would go there, and one family fewer "
        f"would have a home if {home} were taken"
    )


def _lost_ahead(facts: Facts) -> str:
    """What a family loses and gains that goes elsewhere as the round looks ahead."""
    lost, points = facts["fit_lost"], whole(facts, "relationship_lost")
    assert isinstance(lost, float)
    said = [] if lost == 0 else [f"fit {abs(lost):.2f} {'lower' if lost > 0 else 'higher'}"]
    if points:
        more = "fewer" if points > 0 else "more"
        said.append(f"{count(abs(points), 'point')} of existing relationships {more}")
    return and_list(said) if said else "as good a fit, and the same relationship"


WHERE_NOT_KNOWN = "where it lives is not recorded"
OUTCOME_NOW = {**HELD, "unplaced": "waits", "placed": "stays where it lives"}


def _overdue(late: list[DutyWords], before: int) -> Iterator[Line]:
    """What is overdue where a family lives; `before`: how many more that were to be done before it."""
    if before:
        which = "1 that was" if before == 1 else f"{before} that were"
        besides = f", and {_dated(late, 'since ')}: {before + len(late)} in all" if late else ""
        text = f"Overdue: {which} to be done before the placement began{besides}."
        yield Line("overdue", text, duties.clauses(late))
    elif late:
        yield Line("overdue", f"Overdue: {_dated(late, 'since ')}.", duties.clauses(late))


def _first_failed(facts: RequestFacts, policy: Policy) -> Iterator[str]:
    """How many households each rule rules out, what is recorded apart from what is not known."""
    for key, number in facts.first_failed.items():
        rule = rules_by_key(policy)[key]
        if facts.first_not_known is None:
            yield f"{number:,} {rule.lack}"
            continue
        unknown = facts.first_not_known.get(key, 0)
        if number > unknown:
            yield f"{number - unknown:,} {rule.lack_recorded}"
        if unknown:
            yield f"{unknown:,} {rule.lack_not_known}"


def _dated(some: list[DutyWords], since: str = "") -> str:
    return and_list(
        f"{label(duty.duty)} ({since}{long_date(duty.due)})" for duty in some if duty.due
    )


def lives(living: Living) -> str:
    """Where a family lives, since when and until when, or is agreed to live, in a few words."""
    start, end = living.started_on, living.planned_end_on
    until = f"planned until {long_date(end)}" if end else "no planned end is recorded"
    if not living.runs and start:
        return f"is agreed with {living.household_id} from {long_date(start)}; {until}"
    since = f" since {long_date(start)}" if start else ""
    return f"lives with {living.household_id}{since}; {until}"


def lives_with(request: RequestRecord, household_id: str) -> bool:
    """Whether a family lives with a household today."""
    living = request.facts.living
    return living is not None and living.runs and living.household_id == household_id


def stays(request: RequestRecord) -> bool:
    """Whether a family that asks for a move is proposed for the home where it lives."""
    proposal = request.proposal
    return proposal is not None and lives_with(request, proposal.household_id)


def _living(request: RequestRecord) -> Iterator[Line]:
    """Where a family lives now, as far as it is recorded."""
    for left in request.facts.left:
        early = ""
        if left.early:
            because = label(left.ended_because) if left.ended_because else "no reason is recorded"
            early = f"; it ended early ({because})"
        was = (
            f"{request.request_id} lived with {left.household_id} until {long_date(left.ended_on)}"
        )
        yield Line("left", f"{was}{early}.")
    living = request.facts.living
    if living is None:
        if request.state == "placed":
            yield Line("placed", f"{request.request_id} is placed; {WHERE_NOT_KNOWN}.")
        return
    asks = "" if request.state == "placed" else " A move is asked for."
    yield Line("placed", f"{request.request_id} {lives(living)}.{asks}")


def _whose(duties: Mapping[str, Sequence[str]], words: int) -> str:
    """What comes before fostering is decided on, each with the families of which it is open."""
    said = []
    for duty, about in provisional.FIRST.items():
        names = [name for name, keys in duties.items() if duty in keys]
        more = [f"{len(names) - NAMED_FIRST:,} more"] if len(names) > NAMED_FIRST else []
        if names:
            said.append(f"{about[words]} ({and_list([*names[:NAMED_FIRST], *more])})")
    return "; ".join(said)


def _hidden(of: RoundRecord) -> frozenset[str]:
    return frozenset(each.household_id for each in of.households if each.hidden)


def _passed(request: RequestRecord) -> Iterator[Line]:
    for found in request.screening:
        if found.outcome == screening.PASS:
            yield Line("passed", found.reason, found.clause)


def _not_accepted(request: RequestRecord, keys: tuple[str, ...]) -> tuple[str, ...]:
    """The duties of some that nobody has accepted though they are not done."""
    accepted = {duty.duty for duty in request.duties if duty.status == duties.ACCEPTED}
    return tuple(key for key in keys if key not in accepted)


def _before_fostering(request: RequestRecord) -> Iterator[Line]:
    """What was to come before fostering is decided on, where it is not done."""
    if request.provisional:
        first = provisional.to_do_first(request.provisional)
        text = (
            "Provisional: nobody has decided yet whether a fostering household is suitable. "
            f"First: {first}."
        )
        yield Line("provisional", text, provisional.CLAUSE)
    elif early := provisional.decided_without(request.facts.family):
        text = f"The Resource team has decided for fostering, though {provisional.missing_first(early)}."
        yield Line("decided_early", text, provisional.CLAUSE)


def _day(request: RequestRecord, name: str) -> date:
    return date.fromisoformat(str(request.facts.family[name]))
