"""The form in which a duty is written down, and how what people recorded changes it.

A duty says once what somebody has to do. Its name is its key, the first line of its docstring what
is true once it is done, and its parameters are the facts that it rests on: of the request, of the
pair, numbers of the calendar in the policy, and `held` and `held_on` of what recurs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeAlias

from matcher.policy.case import Case, FactNames, Reading, RequestCase, fact_meaning
from matcher.policy.facts import Facts, HasFacts, Wording
from matcher.policy.forms import SUPERVISING
from matcher.words import label, long_date, lower_first, upper_first

# Who does it
SOCIAL_WORKER, PARENTS = "child's social worker", "parent's social worker"
BOTH, ALL_PARTIES = "child's and supervising social workers", "all parties"
RESOURCE_TEAM, PANEL = "Resource team", "fostering panel"
TEAM_MANAGER, HEAD_OF_SERVICE = "team manager", "Head of Service"
REVIEWING_OFFICER = "independent reviewing officer"
OFFICER, DIRECTOR = "nominated officer", "Director of children's services"

WORKERS = {  # the column of a request that names one, and the roles whose it is
    "worker": (SOCIAL_WORKER, PARENTS, BOTH),
    "supervising_worker": (SUPERVISING, BOTH),
}

# How it stands
DONE, ACCEPTED, OPEN, OVERDUE = "done", "accepted", "open", "overdue"
NOT_NEEDED, UNKNOWN = "not_needed", "unknown"
PLANNED = "planned"  # what an event may also say
STILL = (OPEN, OVERDUE, UNKNOWN)  # what somebody still has to do or to answer

# What it depends on
REQUEST, MATCH, PAIR, PLACEMENT = "request", "match", "pair", "placement"

WITHHELD = "withheld"  # the one fact of what nobody may know
PAST_DUE = "past_due"  # a fact of what may have to be withheld: its day is past, whatever it says
STAYS = "stays_put_with"  # the one fact of what is not asked of a Staying Put arrangement
PLACE_WITHHELD = "Its place is not shown, as an address is withheld."
EVENT_FACTS = {
    "event_duty": "Of which duty people recorded something: this one, or one that settles it.",
    "event_status": "What they recorded: done, or accepted though it is open.",
    "event_on": "The day of it.",
    "event_by": "Who answers for it, by role.",
    "event_until": "The last day on which it counts, where it runs out.",
    "event_counts": "Whether it counts on the day of the round.",
    "planned_on": "The day for which it is planned.",
}
HELD_FACTS = {
    "held": "The days on which it was recorded as held, oldest first.",
    "held_on": "The last day on which it was recorded as held, None where there is none.",
}
AFTER = " after "
AnyCase: TypeAlias = RequestCase | Case


@dataclass(frozen=True, slots=True)
class Standing:
    """How a duty stands by the data, and on what evidence.

    `due` is its day; where it says none, what holds confirmation is due before the start. `clause`,
    `action`, `who` and `holds` are this one's own, where they differ from the duty's.
    `unrecorded`: the evidence is only that nothing is recorded that would settle it.
    `firm`: a fact speaks against it that no event outweighs.
    `tells_place`: it says where a household is. `too_late`: it can no longer be done, and counts if it
    was.
    """

    status: str
    evidence: str
    due: date | None = None
    clause: str | None = None
    action: str | None = None
    who: str | None = None
    holds: bool | None = None
    unrecorded: bool = False
    firm: bool = False
    tells_place: bool = False
    too_late: bool = False


def done(evidence: str, clause: str | None = None) -> Standing:
    """A fact settles it."""
    return Standing(DONE, evidence, clause=clause)


def not_needed(evidence: str) -> Standing:
    """The data say why nobody has to do it; a blank never does."""
    return Standing(NOT_NEEDED, evidence)


def too_late(evidence: str) -> Standing:
    """Nobody can do it any more; that it was done is still a fact."""
    return Standing(NOT_NEEDED, evidence, too_late=True)


def to_do(
    evidence: str,
    due: date | None = None,
    *,
    clause: str | None = None,
    action: str | None = None,
    who: str | None = None,
    holds: bool | None = None,
    firm: bool = False,
) -> Standing:
    """Somebody has to do it."""
    return Standing(OPEN, evidence, due, clause, action, who, holds, firm=firm)


def ask(
    evidence: str,
    action: str,
    who: str | None = None,
    due: date | None = None,
    holds: bool | None = None,
) -> Standing:
    """A question: the data don't say whether, or when. `action` asks it, `who` may know."""
    return Standing(UNKNOWN, evidence, due, action=action, who=who, holds=holds)


def not_recorded(
    what: str, due: date | None = None, clause: str | None = None, *, known: str = ""
) -> Standing:
    """To do until an event says that it is done: no column of the tables holds it.

    `known` is what the data say of it all the same.
    """
    evidence = f"{known} {what} is not recorded.".lstrip()
    return Standing(OPEN, evidence, due, clause, unrecorded=not known)


def by_day(day: date | None, has_come: bool, what: str) -> Standing:
    """Done once a recorded day has come, to do before it and where there is none."""
    if day is None:
        return Standing(OPEN, f"No day of {what} is recorded.", unrecorded=True)
    if not has_come:
        return Standing(OPEN, f"{upper_first(what)} is planned for {long_date(day)}.")
    return Standing(DONE, f"{upper_first(what)} on {long_date(day)}.")


NOBODY_LOOKED_AFTER = not_needed("No parent is looked after.")
PARENT_NOT_KNOWN = ask(
    "It is not known whether the second parent is looked after.",
    "Ask whether the second parent is looked after.",
)


START_NOT_KNOWN = ask(
    "No start is recorded, and nobody can say from when the household is free.",
    "Say on which day the placement starts, and write it in started_on.",
)


def no_parent(any_parent_looked_after: bool | None) -> Standing | None:
    """What to say where no parent is looked after, or nobody knows; None where one is."""
    if any_parent_looked_after is None:
        return PARENT_NOT_KNOWN
    return None if any_parent_looked_after else NOBODY_LOOKED_AFTER


def earliest(*days: tuple[str, date | None]) -> tuple[date | None, str | None]:
    """The earliest of several days, with the clauses of all that there are, its own first."""
    found = sorted(((day, clause) for clause, day in days if day is not None), key=lambda d: d[0])
    if not found:
        return None, None
    return found[0][0], ", ".join(dict.fromkeys(clause for _, clause in found))


# What stands in the place of a duty that says where a household is, where the address is withheld.
LOOK_UP = Standing(
    OPEN,
    PLACE_WITHHELD,
    who=f"{OFFICER}, or the {DIRECTOR}",
)


class Told:
    """What a record of a duty and its words both tell."""

    __slots__ = ()
    status: str
    holds: bool

    @property
    def still(self) -> bool:
        """Whether somebody still has to do it, or to answer a question."""
        return self.status in STILL

    @property
    def before_confirmation(self) -> bool:
        """Whether it stands between a proposal and its confirmation."""
        return self.holds and self.still


@dataclass(frozen=True)
class DutyRecord(Told):
    """What has to be done of one request or one pair, as round.json holds it.

    `due` is the day by which it has to be settled, None where it is or where nobody can say. `who`
    is a role. The facts are those of the duty, of EVENT_FACTS those that people recorded, and who
    the family's workers are where it is one of theirs.
    """

    duty: str
    clause: str
    status: str
    holds: bool
    due: date | None
    who: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class DutyWords(Told):
    """A duty as people read it: how it stands, on what evidence, and what is still to be done.

    `sentence` says what is true once it is done; `unrecorded`, that the evidence is only that
    nothing is recorded. `workers` are the family's own whose role it is. `after` is the day on which
    one that recurs was last held. `action` is blank and `due` None where nothing is left to do.
    """

    duty: str
    clause: str
    sentence: str
    status: str
    holds: bool
    evidence: str
    unrecorded: bool
    action: str
    who: str
    workers: tuple[str, ...]
    due: date | None
    after: str | None = None

    @property
    def key(self) -> str:
        """What this one thing to do is known by, whatever day it is due: see `key_of`."""
        return key_of(self.duty, self.after)


def key_of(duty: str, after: str | None) -> str:
    """A duty's key; of one that recurs with the day on which it was last held, as ISO has it."""
    return f"{duty}{AFTER}{after}" if after else duty


@dataclass(frozen=True)
class Duty:
    """A duty: its clause, what is true once it is done, what to do, and who does it.

    `of` is what it depends on: the request; a match, whatever the household is like; the pair; or a
    placement, so that there is none before one runs, is agreed or is confirmed. `holds`: until it
    is settled no match is confirmed. `recurs`: it is never done, and counts from when it was last
    held. `in_staying_put`: it is asked of Staying Put too, which is no fostering placement.
    `settled_by` are duties that settle it where they are recorded as done. `whatever` says
    how one of a pair stands for every household alike, None where that depends on which.
    `tells_place`: it may say where a household is. `after_return`: of a placement, and there too once
    the child returned home.
    """

    key: str
    clause: str
    sentence: str
    action: str
    who: str
    of: str
    holds: bool
    recurs: bool
    settled_by: tuple[str, ...]
    stands: Wording[Standing]
    whatever: Wording[Standing | None]
    tells_place: bool = False
    after_return: bool = False
    in_staying_put: bool = False

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Its facts with their meanings, but for those of events."""
        names = {**self.whatever.types, **self.stands.types}
        return [(name, HELD_FACTS.get(name) or fact_meaning(name)) for name in names]

    def for_all(self, case: RequestCase) -> bool:
        """Whether it stands the same for every household, by the household's own data."""
        if self.of == PAIR and not self._left_out(case):
            return self.whatever.say(self.whatever.read(case)) is not None
        return True

    def record(self, case: AnyCase, known: Standings | None = None) -> DutyRecord:
        """How it stands for a request, or for one household, with what people recorded.

        `known` is what was worked out for other requests.
        """
        if known is None or isinstance(case, Case) or case.has_events or self._left_out(case):
            return self.of_facts(case, self._facts(case))
        facts, standing = known.of(self, case)
        return self._recorded(case, dict(facts), standing)

    def of_facts(self, case: AnyCase, facts: Facts, standing: Standing | None = None) -> DutyRecord:
        """How it stands by facts that are read; `standing` where that is known of equal ones."""
        return self._recorded(case, dict(facts), standing or self.standing(facts))

    def reading(self, case: RequestCase) -> Reading | None:
        """What reads its facts of one household after another; None where it is no use."""
        if self.recurs or self._left_out(case):
            return None
        return Reading(case, self._names)

    @cached_property
    def _names(self) -> FactNames:
        return FactNames(self.stands, before=self.whatever if self.of == PAIR else None)

    def _recorded(self, case: AnyCase, facts: Facts, before: Standing) -> DutyRecord:
        standing = _after_events(before, facts)
        holds = self.holds if standing.holds is None else standing.holds
        day_before = case.before_move if self.of == MATCH else case.before_start
        due = standing.due or (day_before if holds else None)
        past = due is not None and due < case.as_of
        if self.tells_place:
            facts[PAST_DUE] = past
        who = standing.who or self.who
        for column, roles in WORKERS.items():
            if who in roles and (worker := getattr(case.request, column)) is not None:
                facts[column] = worker
        still = standing.status in STILL
        # One that tells the place keeps its day even when settled: a missing day would tell it too.
        return DutyRecord(
            duty=self.key,
            clause=standing.clause or self.clause,
            status=OVERDUE if still and past else standing.status,
            holds=holds,
            due=due if still or before.tells_place else None,
            who=who,
            facts=facts,
        )

    def without_place(self, record: DutyRecord) -> DutyRecord:
        """A record that doesn't say where the household is: of such a one, that somebody has to look."""
        if not self.standing(record.facts).tells_place:
            return record
        kept = {key: value for key, value in record.facts.items() if key in EVENT_FACTS}
        facts: Facts = {WITHHELD: True, **kept}
        standing = _after_events(LOOK_UP, facts)
        past = standing.status == OPEN and record.facts[PAST_DUE]
        status = OVERDUE if past else standing.status
        return replace(record, status=status, who=LOOK_UP.who or self.who, facts=facts)

    def _look_up(self) -> Standing:
        """What is said of it where nothing may say where the household is."""
        then = lower_first(self.action)
        return replace(LOOK_UP, action=f"Look up whether it is out of area; if so, {then}")

    def words(self, record: DutyRecord) -> DutyWords:
        """A record of this duty in words."""
        before = self._look_up() if WITHHELD in record.facts else self.standing(record.facts)
        standing = _after_events(before, record.facts)
        return DutyWords(
            duty=self.key,
            clause=record.clause,
            sentence=self.sentence,
            status=record.status,
            holds=record.holds,
            evidence=standing.evidence,
            unrecorded=standing.unrecorded,
            action=(standing.action or self.action) if record.still else "",
            who=record.who,
            workers=tuple(
                str(record.facts[column]) for column in WORKERS if column in record.facts
            ),
            due=record.due if record.still else None,
            after=_last_held(record.facts) if self.recurs else None,
        )

    def unrecorded(self, case: RequestCase) -> HasFacts:
        """What its facts are read of, for a request of which nothing is recorded."""
        return _WithHeld(case, ()) if self.recurs else case

    def known(self, case: RequestCase) -> tuple[object, ...]:
        """Its facts of such a request, as they stand in the tables; that none was held says nothing."""
        return self._own_facts(case.known)

    @cached_property
    def _own_facts(self) -> Callable[[Mapping[str, object]], tuple[object, ...]]:
        wording: Wording[Any] = self.whatever if self.of == PAIR else self.stands
        names = [name for name in wording.types if not (self.recurs and name in HELD_FACTS)]
        if len(names) > 1:
            return itemgetter(*names)
        return lambda known: tuple([known[name] for name in names])

    def _facts(self, case: AnyCase) -> Facts:
        """Its facts of a case, and what people recorded of it."""
        request = case.of_request if isinstance(case, Case) else case
        if self._left_out(request):
            return {STAYS: request.stays_put_with}
        if self.of == PAIR:
            facts = self.whatever.read(request)
            if self.whatever.say(facts) is None:
                facts |= self.stands.read(case)
        else:
            facts = self.stands.read(_WithHeld(case, self._held(case)) if self.recurs else case)
        return facts | self._event_facts(case)

    def _left_out(self, case: RequestCase) -> bool:
        """Whether it is not asked of a family, as it stays put with its own carers."""
        return not self.in_staying_put and case.stays_put_with is not None

    def _held(self, case: AnyCase) -> tuple[date, ...]:
        """The days on which one that recurs was held, oldest first."""
        return case.held(self.key) if self.recurs and isinstance(case, RequestCase) else ()

    def _event_facts(self, case: AnyCase) -> Facts:
        """The latest that people recorded which settles it, and what they plan after that."""
        if not case.has_events:
            return {}
        own, last = case.events(self.key), max(self._held(case), default=date.min)
        others = [each for key in self.settled_by for each in case.events(key)]
        settle = [
            *(each for each in others if each.status == DONE),
            *(e for e in own if e.status == ACCEPTED or (e.status == DONE and not self.recurs)),
        ]
        event = max(settle, key=lambda e: (e.on, e.status == DONE), default=None)
        found: Facts = {}
        if event is not None and event.on > last:
            last = event.on
            found = {
                "event_duty": None if event.event == self.key else event.event,
                "event_status": event.status,
                "event_on": event.on.isoformat(),
                "event_by": event.by,
                "event_until": event.until.isoformat() if event.until else None,
                "event_counts": event.counts(case.as_of),
            }
        plans = [each.on for each in own if each.status == PLANNED and each.on > last]
        if plans:
            found["planned_on"] = max(plans).isoformat()
        return found

    def standing(self, facts: Facts) -> Standing:
        """How it stands by the data alone."""
        if STAYS in facts and not self.in_staying_put:
            return not_needed(f"Staying Put with {facts[STAYS]} is no fostering placement.")
        return self.whatever.say(facts) or self.stands.say(facts)


class Standings:
    """How duties stand where nothing is recorded of them, worked out once for equal facts."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], tuple[Facts, Standing]] = {}

    def of(self, duty: Duty, case: RequestCase) -> tuple[Facts, Standing]:
        """The facts of a request, which nobody changes, and how a duty stands by them."""
        key = duty.key, duty.known(case)
        if (found := self._known.get(key)) is None:
            wording: Wording[Any] = duty.whatever if duty.of == PAIR else duty.stands
            facts = wording.read(duty.unrecorded(case))
            found = self._known[key] = facts, duty.standing(facts)
        return found

    def of_pair(
        self, duty: Duty, reading: Reading, differ: tuple[object, ...]
    ) -> tuple[Facts, Standing]:
        """The facts of a pair of which that differs from other households, and how a duty stands by them."""
        key = duty.key, reading.own, differ
        if (found := self._known.get(key)) is None:
            facts = reading.facts(differ)
            found = self._known[key] = facts, duty.standing(facts)
        return found


@dataclass(frozen=True, slots=True)
class _WithHeld:
    """A case, with the days on which a duty that recurs was held."""

    case: AnyCase
    held: tuple[date, ...]

    @property
    def held_on(self) -> date | None:
        return max(self.held, default=None)

    def fact(self, name: str) -> object:
        return getattr(self, name) if name in HELD_FACTS else self.case.fact(name)


def _event(
    event_duty: str | None,
    event_status: str,
    event_on: date,
    event_by: str | None,
    event_until: date | None,
    event_counts: bool,
    before: Standing,
) -> Standing:
    by = f" by {event_by}" if event_by else ""
    until = f", until {long_date(event_until)}" if event_until else ""
    said = "recorded as done" if event_status == DONE else "accepted"
    what = f"{upper_first(label(event_duty))}: {said}" if event_duty else upper_first(said)
    evidence = f"{what} on {long_date(event_on)}{by}{until}."
    if not event_counts:
        return replace(before, evidence=f"{evidence} {before.evidence}", unrecorded=False)
    return Standing(event_status, evidence, holds=before.holds)


def _planned(planned_on: date, before: Standing) -> Standing:
    evidence = f"{before.evidence} It is planned for {long_date(planned_on)}."
    return replace(before, evidence=evidence, unrecorded=False)


_EVENT, _PLANNED = Wording.of(_event, "before"), Wording.of(_planned, "before")


def _last_held(facts: Facts) -> str | None:
    """The last day on which one that recurs was held."""
    held = facts.get("held")
    days = held if isinstance(held, list) else [facts.get("held_on")]
    return max((day for day in days if isinstance(day, str)), default=None)


def _after_events(standing: Standing, facts: Facts) -> Standing:
    """A standing with what people recorded: an event settles what is open, until it runs out."""
    if standing.firm or not (standing.status in STILL or standing.too_late):
        return standing
    if "planned_on" in facts:
        standing = _PLANNED.say(facts, before=standing)
    return _EVENT.say(facts, before=standing) if "event_status" in facts else standing


def _depends() -> Standing | None:
    """Nothing settles it for every household alike."""
    return None


def duty(
    clause: str,
    action: str,
    who: str = SOCIAL_WORKER,
    *,
    of: str = REQUEST,
    holds: bool = False,
    recurs: bool = False,
    settled_by: tuple[str, ...] = (),
    whatever: Callable[..., Standing | None] = _depends,
    tells_place: bool = False,
    after_return: bool = False,
    in_staying_put: bool = False,
) -> Callable[[Callable[..., Standing]], Duty]:
    """Write a function of facts down as a duty."""

    def write(stands: Callable[..., Standing]) -> Duty:
        return Duty(
            stands.__name__,
            clause,
            (stands.__doc__ or "").strip().splitlines()[0],
            action,
            who,
            of,
            holds,
            recurs,
            settled_by,
            Wording.of(stands),
            Wording.of(whatever),
            tells_place,
            after_return,
            in_staying_put,
        )

    return write
