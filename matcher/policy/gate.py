"""The form in which a gate is written down, and how what people recorded changes it.

A gate says how a family, or a family in one household, stands between proposal and confirmation.
Its name is its key, the first line of its docstring what must be true before a match is confirmed,
and its parameters are the facts that it rests on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from matcher.intake.rows import Event
from matcher.policy.case import Case, RequestCase
from matcher.policy.facts import Facts, Wording
from matcher.words import long_date, upper_first

SOCIAL_WORKER = "child's social worker"
BOTH = "child's and supervising social workers"
TEAM_MANAGER = "team manager"
REVIEWING_OFFICER = "independent reviewing officer"
OFFICER, DIRECTOR = "nominated officer", "Director of children's services"
MET, OPEN, ACCEPTED, NOT_NEEDED = "met", "open", "accepted", "not_needed"
RECORDED = {MET: "done"}  # how round.json names a status that a gate names otherwise
WITHHELD = "withheld"  # the one fact of what nobody may know
PLACE_WITHHELD = "Its place is not shown, as an address is withheld."
REQUEST, MATCH, PAIR = "request", "match", "pair"
STEP_FACTS = {
    "step_status": "What people recorded: met, or accepted though it is open.",
    "step_on": "The day of the step.",
    "step_by": "Who answers for it, by role.",
    "step_until": "The last day on which it counts, where it runs out.",
    "step_counts": "Whether it still counts on the day of the round.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How a gate stands, and on what evidence.

    `clause`, `action` and `who` are this one's own, where they differ from the gate's.
    `no_later_than`: the day after which it is too late, whenever the match starts.
    `unrecorded`: it is open because nothing is recorded that would settle it.
    `firm`: a fact speaks against it that no step outweighs.
    `tells_place`: it says where a household is.
    """

    status: str
    evidence: str
    clause: str | None = None
    action: str | None = None
    who: str | None = None
    no_later_than: date | None = None
    unrecorded: bool = False
    firm: bool = False
    tells_place: bool = False


# What stands in the place of a gate that says where a household is, where the address is withheld.
LOOK_UP = Standing(
    OPEN,
    PLACE_WITHHELD,
    action="Look up whether the placement is out of area, and do what that asks for.",
    who=f"{OFFICER}, or the {DIRECTOR}",
)


@dataclass(frozen=True, slots=True)
class DutyRecord:
    """What has to be done of one request or one pair, as round.json holds it.

    `due` is the day by which an open one has to be settled, None where nobody can say. `who` is a
    role. The facts are those of its gate, and those of STEP_FACTS where people recorded a step.
    """

    duty: str
    clause: str
    status: str
    holds: bool
    due: date | None
    who: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class DutyWords:
    """A duty as people read it: how it stands, on what evidence, and what is still to be done.

    `sentence` says what must be true; `unrecorded`, that the evidence is only that nothing is
    recorded. `action` is blank and `due` None where it is not open.
    """

    duty: str
    clause: str
    sentence: str
    status: str
    evidence: str
    unrecorded: bool
    action: str
    who: str
    due: date | None


@dataclass(frozen=True)
class Gate:
    """A gate: its clause, what must be true, what to do where it is open, and who does it.

    `of` is what it depends on: the request, the match (whatever the household is like) or the pair.
    `whatever` says how one of a pair stands for every household alike, None where that depends on
    which. `tells_place`: it may say where a household is.
    """

    key: str
    clause: str
    sentence: str
    action: str
    who: str
    of: str
    stands: Wording[Standing]
    whatever: Wording[Standing | None]
    tells_place: bool = False

    def facts_for_all(self, case: RequestCase) -> Facts | None:
        """Its facts where it stands the same for every household, None where it depends on which.

        A gate of the match does, until something is recorded of the request with any household.
        """
        if self.of == PAIR:
            facts = self.whatever.read(case)
            return None if self.whatever.say(facts) is None else facts
        return None if self.of == MATCH and case.recorded else self.stands.read(case)

    def facts_for_pair(self, case: Case) -> Facts:
        """Its facts for one household."""
        return self.whatever.read(case) | self.stands.read(case)

    def record(self, facts: Facts, step: Event | None, as_of: date, due: date | None) -> DutyRecord:
        """The gate as round.json holds it, with what people recorded."""
        facts = facts | _step_facts(step, as_of)
        before = self._before_any_step(facts)
        standing = _after_step(before, facts)
        # A gate that tells the place keeps its day even when settled: a missing day would tell it too.
        has_day = standing.status == OPEN or before.tells_place
        days = [day for day in (standing.no_later_than, due) if day is not None]
        return DutyRecord(
            duty=self.key,
            clause=standing.clause or self.clause,
            status=RECORDED.get(standing.status, standing.status),
            holds=True,
            due=min(days, default=None) if has_day else None,
            who=standing.who or self.who,
            facts=facts,
        )

    def without_place(self, record: DutyRecord) -> DutyRecord:
        """A record that doesn't say where the household is: of such a standing, that somebody has to look."""
        if not self._before_any_step(record.facts).tells_place:
            return record
        step = {key: value for key, value in record.facts.items() if key in _STEP.types}
        facts: Facts = {WITHHELD: True, **step}
        standing = _after_step(LOOK_UP, facts)
        status = RECORDED.get(standing.status, standing.status)
        return replace(record, status=status, who=LOOK_UP.who or self.who, facts=facts)

    def words(self, record: DutyRecord) -> DutyWords:
        """A record of this gate in words."""
        before = LOOK_UP if WITHHELD in record.facts else self._before_any_step(record.facts)
        standing = _after_step(before, record.facts)
        still = standing.status == OPEN
        return DutyWords(
            duty=self.key,
            clause=standing.clause or self.clause,
            sentence=self.sentence,
            status=standing.status,
            evidence=standing.evidence,
            unrecorded=standing.unrecorded,
            action=(standing.action or self.action) if still else "",
            who=standing.who or self.who,
            due=record.due if still else None,
        )

    def _before_any_step(self, facts: Facts) -> Standing:
        return self.whatever.say(facts) or self.stands.say(facts)


def _step_facts(step: Event | None, as_of: date) -> Facts:
    """What people recorded of a gate, as facts; `step_counts` until it runs out."""
    if step is None:
        return {}
    return {
        "step_status": MET if step.status == "done" else step.status,
        "step_on": step.on.isoformat(),
        "step_by": step.by,
        "step_until": step.until.isoformat() if step.until else None,
        "step_counts": step.counts(as_of),
    }


def _step(
    step_status: str,
    step_on: date,
    step_by: str | None,
    step_until: date | None,
    step_counts: bool,
    before: Standing,
) -> Standing:
    by = f" by {step_by}" if step_by else ""
    until = f", until {long_date(step_until)}" if step_until else ""
    on = f"on {long_date(step_on)}{by}{until}."
    if not step_counts:
        evidence = f"{upper_first(step_status)} {on} {before.evidence}"
        return replace(before, evidence=evidence, unrecorded=False)
    return Standing(step_status, f"{'Recorded as met' if step_status == MET else 'Accepted'} {on}")


_STEP = Wording.of(_step, "before")


def _after_step(before: Standing, facts: Facts) -> Standing:
    """A standing with what people recorded: a step settles what is open, until it runs out."""
    if before.status != OPEN or before.firm or "step_status" not in facts:
        return before
    return _STEP.say(facts, before=before)


def _depends() -> Standing | None:
    """Nothing settles it for every household alike."""
    return None


_DEPENDS = Wording.of(_depends)


def request_gate(
    clause: str, action: str, who: str = SOCIAL_WORKER
) -> Callable[[Callable[..., Standing]], Gate]:
    """Write down a gate that holds whatever the household."""
    return _gate(clause, action, who, REQUEST, _DEPENDS)


def match_gate(clause: str, action: str, who: str) -> Callable[[Callable[..., Standing]], Gate]:
    """Write down a gate that belongs to a pair, though the household itself does not matter.

    Where nothing is recorded of the request with any household, it stands the same for all.
    """
    return _gate(clause, action, who, MATCH, _DEPENDS)


def pair_gate(
    clause: str,
    action: str,
    who: str,
    whatever: Callable[..., Standing | None] = _depends,
    *,
    tells_place: bool = False,
) -> Callable[[Callable[..., Standing]], Gate]:
    """Write down a gate that depends on the household, unless `whatever` settles it for all."""
    return _gate(clause, action, who, PAIR, Wording.of(whatever), tells_place)


def _gate(
    clause: str,
    action: str,
    who: str,
    of: str,
    whatever: Wording[Standing | None],
    tells_place: bool = False,
) -> Callable[[Callable[..., Standing]], Gate]:
    def write(stands: Callable[..., Standing]) -> Gate:
        sentence = (stands.__doc__ or "").strip().splitlines()[0]
        return Gate(
            stands.__name__,
            clause,
            sentence,
            action,
            who,
            of,
            Wording.of(stands),
            whatever,
            tells_place,
        )

    return write


def done(day: date | None, has_come: bool, what: str) -> Standing:
    """Met once a day has come, open before it and where there is none."""
    if day is None:
        return Standing(OPEN, f"No day of {what} is recorded.", unrecorded=True)
    if not has_come:
        return Standing(OPEN, f"{upper_first(what)} is planned for {long_date(day)}.")
    return Standing(MET, f"{upper_first(what)} on {long_date(day)}.")


def not_recorded(what: str) -> Standing:
    """Open until people record it as a step: no column of the tables holds it."""
    return Standing(OPEN, f"{what} is not recorded.", unrecorded=True)
