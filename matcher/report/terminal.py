"""A round as text for a terminal: what to do first, then every request with its reasons."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from matcher.explain import (
    HELD,
    WHERE_NOT_KNOWN,
    Explainer,
    fit_leaves_out,
    lives,
    policy_title,
    stays,
)
from matcher.policy import aims, switched
from matcher.policy.terms import differing
from matcher.record import AimReached, Counts, Head, Proposal, RequestRecord, RoundRecord, policy_of
from matcher.show.text import PEOPLE_DECIDE, paragraph, printable
from matcher.terms import AsIs
from matcher.whatif.keep import Keeping
from matcher.words import count, label, long_date, needed, upper_first
from matcher.words import printable as safe

NO_HOUSEHOLD = "no eligible household"
NO_HOME = "No home tonight, or late"


def round_text(
    explainer: Explainer,
    kept: Keeping | None,
    stale: Collection[str],
    households: Iterable[str],
) -> Iterator[str]:
    """A whole round, a line at a time; `households` are lines about all of them together."""
    record = explainer.round
    first = [line.sentence for line in explainer.first()]
    yield from opening(record, first, [alert.sentence for alert in explainer.alerts()])
    yield from sums(record)
    yield from (paragraph(line.sentence) for line in explainer.before_fostering())
    yield ""
    for request in record.requests:
        yield f"  {printable(request.request_id):8} {_outcome(request, stale)}"
    yield ""
    yield best(record)
    yield ""
    yield from kept_text(kept)
    yield from households_text(households)
    for request in record.requests:
        yield from _request(explainer, request)
    yield PEOPLE_DECIDE


def opening(record: RoundRecord, first: list[str], alerts: list[str]) -> Iterator[str]:
    """The title and the policy, who has nowhere tonight or is late, and what people must look at."""
    head = record.round
    yield AsIs(safe(f"{head.title or 'Match round'}, {long_date(head.as_of)}"))
    changed = differing(head.policy.changed)
    policy = policy_title(head.policy)
    own = head.policy.local_rules or head.policy.local_duties
    usual = "its settings at their defaults" if own else "at its defaults"
    yield paragraph(f"{policy}; differs from the default in {', '.join(changed)}." if changed else f"{policy}, {usual}.", "")  # fmt: skip
    yield from map(paragraph, policy_lines(head))
    yield ""
    for heading, lines in ((NO_HOME.upper(), first), ("ALERTS", alerts)):
        if lines:
            yield heading
            yield from map(paragraph, lines)
            yield ""


def policy_lines(head: Head) -> list[str]:
    """What the policy of a round switches off, orders otherwise or loosens."""
    used = policy_of(head.policy)
    return [sentence for _, sentence in switched.lines(used)]


def sums(record: RoundRecord) -> Iterator[str]:
    """How many requests and households there are, and what came out for them."""
    counts = record.counts
    open_ones, held = counts.requests - counts.placed, not_matched(counts)
    placed = f"{counts.placed:,} placed; " if counts.placed else ""
    yield "SUMMARY"
    yield paragraph(
        f"{placed}{count(open_ones, 'open request')}: {counts.proposed:,} proposed, "
        f"{counts.unplaced:,} waiting, {held:,} not matched. "
        f"{upper_first(count(counts.households, 'household'))}, {counts.open_households:,} of "
        f"them open (neither occupied nor closed); {count(counts.eligible_pairs, 'eligible pair')}."
    )


def not_matched(counts: Counts) -> int:
    """How many open requests screening holds back."""
    return counts.requests - counts.placed - counts.matchable


def best(record: RoundRecord) -> str:
    """What was reached in each aim, and whether it is proven."""
    proven = all(aim.optimal for aim in record.objective)
    start = "No other round does better, aim by aim in this order" if proven else "Best found"
    reached = f"{start}: {'; '.join(_aim(aim) for aim in record.objective)}."
    return paragraph(f"{reached} {fit_leaves_out(record)}".rstrip())


def kept_text(kept: Keeping | None) -> Iterator[str]:
    """What the round keeps of an earlier one, and at what price; nothing where it keeps to none."""
    if kept is not None:
        yield "KEPT"
        yield from map(paragraph, kept.lines())
        yield ""


def households_text(lines: Iterable[str]) -> Iterator[str]:
    """What there is to say of all households together."""
    yield "HOUSEHOLDS"
    yield from map(paragraph, lines)
    yield ""


def _aim(reached: AimReached) -> str:
    aim = aims.aim_of(reached.name)
    most = "" if reached.optimal else f" (not proven; at most {aim.written(reached.bound)})"
    return f"{aim.name} {aim.written(reached.value)}{most}"


def outcome_line(
    outcome: str,
    urgency: str,
    proposal: Proposal | None,
    why_waits: str,
    stale: Collection[str] = (),
    *,
    no_move: bool = False,
) -> str:
    """What came out for one request, in a line; `no_move`: it lives there today."""
    if proposal is not None:
        pinned = " (held by people)" if proposal.pinned else ""
        start = proposal.starts_on
        begins = f"start {long_date(start)}" if start else "no start day known"
        begins = "lives there today, no move" if no_move else begins
        name = printable(proposal.household_id)
        old = "; profile stale" if proposal.household_id in stale else ""
        return f"→ {name:8} fit {proposal.fit:6.2f}  {begins}{pinned}{old}"
    return f"waits: {why_waits}, {needed(urgency)}" if outcome == "unplaced" else HELD[outcome]


def _outcome(request: RequestRecord, stale: Collection[str]) -> str:
    if request.state == "placed":
        living = request.facts.living
        return lives(living) if living else f"placed; {WHERE_NOT_KNOWN}"
    why = "see why below" if request.facts.eligible else NO_HOUSEHOLD
    proposal, no_move = request.proposal, stays(request)
    line = outcome_line(request.outcome, request.urgency, proposal, why, stale, no_move=no_move)
    return f"{line}; provisional" if request.provisional else line


def _request(explainer: Explainer, request: RequestRecord) -> Iterator[str]:
    name = printable(request.request_id)
    urgency = "placed" if request.state == "placed" else needed(request.urgency)
    yield f"{name}  ({label(request.regime)}, {urgency})"
    yield from (paragraph(line.sentence) for line in explainer.lines(request))
    yield ""
