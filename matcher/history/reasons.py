"""Why a family's outcome or household changed between two recorded rounds.

Each reason is a function of the two records and the decisions between them; it says what they show
and nothing else. Where a household is, no reason says (PC-5.3d).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from matcher.history.entries import Record
from matcher.history.sides import SETTLED, Pairing, Side
from matcher.policy.criteria import WHERE
from matcher.policy.rules import RULES
from matcher.terms import AsIs
from matcher.words import and_list, label, long_date, needed, upper_first

RULED_OUT = "ruled_out"
MOST_SETTINGS = 3
_LACK = {rule.key: rule.lack for rule in RULES}


@dataclass(frozen=True)
class Reason:
    """One reason: its kind, for machines, and its sentence."""

    kind: str
    text: str


Why: TypeAlias = Callable[[Pairing, str], Iterator[Reason]]


def lacks(rules: list[str]) -> str:
    """Rules that close a household, in words: 'not approved and in a home not known …'."""
    return and_list([_LACK.get(rule, label(rule)) for rule in rules])


def came(pair: Pairing, family: str) -> Iterator[Reason]:
    """A request that is new, or no longer open."""
    if family not in pair.before.requests:
        when = needed(pair.after.requests[family]["urgency"])
        yield Reason("new_request", f"{family} is a new request, {when}.")
    elif family not in pair.after.requests:
        yield Reason("gone", f"{family} is closed, or no longer in the data.")


def moved_in(pair: Pairing, family: str) -> Iterator[Reason]:
    """A family that lives somewhere now where it did not before."""
    was, now = pair.before.living(family) or {}, pair.after.living(family) or {}
    home = now.get("household_id")
    if home is None or not now["runs"] or was.get("household_id") == home:
        return
    day = "" if now["started_on"] is None else f" on {long_date(now['started_on'])}"
    yield Reason("moved_in", f"{family} moved in with {home}{day}.")


def ended(pair: Pairing, family: str) -> Iterator[Reason]:
    """A placement of the family that has ended since."""
    known = pair.before.left(family)
    for each in pair.after.left(family) or ():
        if known is not None and each not in known:
            because = (
                label(each["ended_because"]) if each["ended_because"] else "no reason recorded"
            )
            early = "ended early" if each["early"] else "ended"
            day, home = long_date(each["ended_on"]), each["household_id"]
            text = f"The placement of {family} with {home} {early} on {day} ({because})."
            yield Reason("ended", text)


def screened(pair: Pairing, family: str) -> Iterator[Reason]:
    """Screening that holds a family back now, or no longer."""
    was, now = pair.before.outcome(family), pair.after.outcome(family)
    if was is None or now is None or was == now or {was, now} <= set(SETTLED):
        return
    if was not in SETTLED:
        held = _held(pair.before.requests[family])
        yield Reason("screening", f"What held it back is settled. Before: {held}")
    if now not in SETTLED:
        held = _held(pair.after.requests[family])
        yield Reason("screening", f"Screening holds it back now. {held}")


def _held(request: Record) -> str:
    """What screening found for the outcome of a request."""
    found = [each for each in request["screening"] if each["outcome"] == request["outcome"]]
    return " ".join(f"{each['reason']} ({each['clause']})" for each in found)


def decided(pair: Pairing, family: str) -> Iterator[Reason]:
    """What people decided about the family and a household that it had or has."""
    homes = {pair.before.household_of(family), pair.after.household_of(family)}
    for each in pair.taken:
        if each["request_id"] == family and (each["household_id"] in homes or _left(pair, family)):
            yield Reason("decision", f"{upper_first(decision_text(each))}.")
    for each in pair.gone:
        if each["request_id"] == family and each["household_id"] in homes:
            yield Reason("decision_gone", f"No longer in the data: {decision_text(each)}.")


def _left(pair: Pairing, family: str) -> bool:
    return family not in pair.after.requests


def decision_text(decision: Record) -> str:
    """A decision as a clause: 'H09's carers declined on 25 November 2026 (capacity)'."""
    home, kind = decision["household_id"], decision["decision"]
    day = long_date(decision["decided_on"])
    reason = f" ({label(decision['reason'])})" if decision["reason"] else ""
    said = {
        "choose": f"people chose {home}",
        "confirmed": f"{home} was confirmed",
        "rule_out": f"people ruled out {home}",
        "declined_by_carer": f"the carers of {home} declined",
        "declined_by_parent": f"the parent declined {home}",
    }[kind]
    text = f"{said} on {day}{reason}"
    if decision["ended_on"]:
        text += f"; the placement ends on {long_date(decision['ended_on'])}"
    if not reason and kind not in ("choose", "confirmed"):
        text += ", with no reason recorded"
    return text


def household_lost(pair: Pairing, family: str) -> Iterator[Reason]:
    """What became of the household that the family had."""
    home = pair.before.household_of(family)
    if home is None or home == pair.after.household_of(family) or _left(pair, family):
        return
    if home not in pair.after.households:
        yield Reason("household_gone", f"{home} is no longer in the data.")
        return
    if (rules := pair.after.closed_by(home)) and not pair.before.closed_by(home):
        yield Reason("household_closed", f"{home} is closed to every family now: {lacks(rules)}.")
    elif why := _not_eligible(pair.after, family, home):
        yield Reason("not_eligible", f"{home} is not eligible for {family} now. {why}")


def _not_eligible(side: Side, family: str, home: str) -> str:
    """Why a pair is not eligible, beyond decisions, which are told as such."""
    failed = [each for each in side.failed(family, home) if each["rule"] != RULED_OUT]
    return " ".join(
        f"It is {_LACK[each['rule']]}." if each["rule"] in WHERE else each["reason"]
        for each in failed
    )


def household_taken(pair: Pairing, family: str) -> Iterator[Reason]:
    """The household that the family had, proposed for another family."""
    home = pair.before.household_of(family)
    if home is None or _left(pair, family):
        return
    if lives := pair.after.family_of(home, "occupied"):
        if lives != family:
            yield Reason("household_occupied", f"{lives} lives with {home} now.")
        return
    other = pair.after.family_of(home)
    if other is None or other == family:
        return
    when = needed(pair.after.requests[other]["urgency"])
    new = "" if other in pair.before.requests else ", a new request"
    held = ", as people decided" if pair.after.requests[other]["proposal"]["pinned"] else ""
    yield Reason("household_taken", f"{home} is proposed for {other} now ({when}{new}{held}).")


def household_won(pair: Pairing, family: str) -> Iterator[Reason]:
    """Why the household that the family has now could not be its own before."""
    home = pair.after.household_of(family)
    if home is None or home == pair.before.household_of(family):
        return
    if home not in pair.before.households:
        yield Reason("household_new", f"{home} is new in the data.")
        return
    if family not in pair.before.requests:
        return
    if (rules := pair.before.closed_by(home)) and not pair.after.closed_by(home):
        yield Reason("household_open", f"{home} is open now. Before: {lacks(rules)}.")
    elif why := _not_eligible(pair.before, family, home):
        yield Reason("eligible", f"{home} is eligible for {family} now. Before: {why}")
    other = pair.before.family_of(home)
    if other is not None and other != family:
        yield Reason("household_freed", f"{home} was proposed for {other} before; {_became(pair, other)}.")  # fmt: skip


def _became(pair: Pairing, family: str) -> str:
    """What came out for a family in the later round, as a clause."""
    if _left(pair, family):
        return f"{family} is closed, or no longer in the data"
    if (living := pair.after.living(family)) and pair.after.outcome(family) == "placed":
        return f"{family} lives with {living['household_id']} now"
    if (home := pair.after.household_of(family)) is not None:
        return f"{family} is proposed for {home} now"
    waits = pair.after.outcome(family) == "unplaced"
    return f"{family} {'waits' if waits else 'is not matched'} now"


def needed_sooner(pair: Pairing, family: str) -> Iterator[Reason]:
    """A family whose need has come nearer, or was put off."""
    was, now = (side.requests.get(family, {}).get("urgency") for side in (pair.before, pair.after))
    if was and now and was != now and pair.after.outcome(family) != "placed":
        yield Reason("urgency", f"It is {needed(now)}; it was {needed(was)}.")


def fit_changed(pair: Pairing, family: str) -> Iterator[Reason]:
    """Another fit of the household that the family had, or of the one it has."""
    homes = (pair.before.household_of(family), pair.after.household_of(family))
    for home in dict.fromkeys(filter(None, homes)):
        was, now = pair.before.ranked(family, home), pair.after.ranked(family, home)
        if was and now and was["fit"] != now["fit"]:
            criteria = _other_criteria(was, now)
            why = f" ({and_list(criteria)})" if criteria else ""
            yield Reason("fit", f"The fit of {home} is {now['fit']:.2f}; it was {was['fit']:.2f}{why}.")  # fmt: skip


def _other_criteria(was: Record, now: Record) -> list[str]:
    """The criteria that rest on something else now, or weigh otherwise."""
    before = {each["name"]: each for each in was["criteria"]}
    return [
        label(each["name"])
        for each in now["criteria"]
        if each["name"] not in WHERE
        and any(
            each[key] != before.get(each["name"], {}).get(key)
            for key in ("evidence", "grade", "weight")
        )
    ]


WHYS: tuple[Why, ...] = (
    came,
    moved_in,
    ended,
    screened,
    decided,
    household_lost,
    household_taken,
    household_won,
    needed_sooner,
    fit_changed,
)


def reasons(pair: Pairing, family: str) -> tuple[Reason, ...]:
    """Every reason that the records give for a change, or that they give none."""
    found = [reason for why in WHYS for reason in why(pair, family)]
    came_or_went = any(reason.kind in ("new_request", "gone") for reason in found)
    if not (came_or_went or pair.same_policy or pair.only_names):
        found.append(Reason("policy", policy_text(pair)))
    return (*(found or [_unexplained(pair)]), *_waits(pair, family))


def _unexplained(pair: Pairing) -> Reason:
    """What is left to say where nothing of the family or its households changed."""
    was, now = pair.versions
    if pair.same_data and was != now:
        return Reason("version", f"Only the product's version changed: {was} → {now}.")
    text = "No change to this family or household: the whole round fell another way."
    if was != now:
        text += f" The product's version changed as well: {was} → {now}."
    return Reason("none", text)


def _waits(pair: Pairing, family: str) -> Iterator[Reason]:
    """Why a family waits now, in the words of its own round; of a new one also why it is held back."""
    outcome = pair.after.outcome(family)
    is_new = family not in pair.before.requests
    if outcome == "unplaced" or (is_new and outcome not in (None, *SETTLED)):
        said = pair.after.requests[family]["why"]
        yield from (Reason("waits", line) for line in said[:1])


def policy_text(pair: Pairing) -> str:
    """The settings of the policy that changed, in a sentence."""
    told = [f"{each['setting']} {value(each['before'])} → {value(each['after'])}" for each in pair.settings]  # fmt: skip
    if not told:
        return "The policy changed: its name, its version or the defaults that ship with it."
    more = len(told) - MOST_SETTINGS
    shown = [*told[:MOST_SETTINGS], f"{more} more"] if more > 0 else told
    return AsIs(f"The policy changed: {and_list(shown)}.")


def value(setting: object) -> str:
    """A value of the policy as a person reads it."""
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    return "none" if setting in (None, "") else str(setting)
