"""One request, and one pair, as people read it: the rows, and the facts worked out of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import InitVar, dataclass, field
from datetime import date, timedelta
from functools import cache, cached_property
from itertools import chain
from math import ceil, inf, isnan
from operator import attrgetter
from typing import Any

from matcher.codes import FEATURES, RELIGIONS, RISK_AREAS, RISK_LEVELS, SKILLS, URGENCIES
from matcher.geo import adjoin, same_authority
from matcher.intake.inputs import Inputs, deciding, is_confirmed
from matcher.intake.placements import WHO, ended_early, has_ended
from matcher.intake.rows import (
    Carer,
    Decision,
    Event,
    Household,
    Placement,
    Request,
    RiskAssessment,
    Row,
    headings,
)
from matcher.model import MONTHS_PER_YEAR, SKILL_BITS, day_number
from matcher.policy.days import months_after, working_day_before, years_after
from matcher.policy.ethnicity import nearness
from matcher.policy.facts import Facts, Wording
from matcher.policy.pairs import URGENT_DAYS, Pairs, at
from matcher.policy.provisional import asked_first
from matcher.policy.request_record import blank_columns
from matcher.policy.screening import (
    ADULT,
    ADVICE_NEEDS,
    ADVICE_RISKS,
    CAN_CONSENT,
    CONCERNS_OF_RISKS,
    regime,
)
from matcher.policy.settings import Policy, default
from matcher.shipped import broad_groups, one_group

COUNCIL_NOT_KNOWN, AUTHORITY_NOT_KNOWN = "council_not_known", "authority_not_known"
OWN_AREA, ADJOINING, BEYOND = "own_area", "adjoining", "beyond"


@dataclass(frozen=True, slots=True)
class Home:
    """Where a family lives, or will by agreement; `start` and `end` where they are recorded."""

    household_id: str
    start: date | None
    end: date | None

    @classmethod
    def of(cls, row: Placement | Decision) -> Home:
        """The home that a placement, or a confirmed decision, tells of."""
        end = row.planned_end_on if isinstance(row, Placement) else row.ended_on
        return cls(row.household_id, row.started_on, end)


class JointRiskAssessment:
    """What the joint risk assessments of a match come to; of a request alone there are none."""

    @property
    def risk_assessments(self) -> tuple[RiskAssessment, ...]:
        """The joint risk assessments, in the order of the table."""
        return ()

    @property
    def joint_assessments(self) -> int:
        """How many joint risk assessments of this match are recorded."""
        return len(self.risk_assessments)

    @property
    def _decides(self) -> RiskAssessment | None:
        """The one that decides; areas and signatures count only in the row in which they stand."""
        return deciding(self.risk_assessments) if self.risk_assessments else None

    @property
    def areas_considered(self) -> tuple[str, ...]:
        """The areas of risk that the one that decides considers."""
        areas = self._decides.areas if self._decides else ()
        return tuple(area for area in RISK_AREAS if area in areas)

    @property
    def assessed_outcome(self) -> str | None:
        """What the one that decides comes to, None without one."""
        return self._decides.outcome if self._decides else None

    @property
    def jointly_assessed_on(self) -> date | None:
        """The day of the one that decides, None where it is not recorded."""
        return self._decides.assessed_on if self._decides else None

    @property
    def contained_without_a_day(self) -> bool:
        """Whether one says that the risk can be contained, and none of them says its day."""
        rows = self.risk_assessments
        return any(row.outcome == "containable" for row in rows) and not any(
            row.assessed_on for row in rows
        )

    @property
    def signatures(self) -> tuple[str, ...]:
        """Who signed the one that decides."""
        workers = ("child_social_worker", "supervising_social_worker")
        return tuple(who for who in workers if getattr(self._decides, f"{who}_on", None))

    @property
    def safe_caring_reviewed_on(self) -> date | None:
        """The latest day on which the safe caring policy was reviewed for this family."""
        days = [row.safe_caring_on for row in self.risk_assessments if row.safe_caring_on]
        return max(days, default=None)


class _Known(dict[str, object]):
    """The facts of a request as far as anybody asked for them."""

    def __init__(self, case: RequestCase) -> None:
        super().__init__()
        self._case = case

    def __missing__(self, name: str) -> object:
        if hasattr(type(self._case), name):
            found = getattr(self._case, name)
        elif fact_source(name) is Policy:
            found = calendar_number(self._case.policy, name)
        else:
            found = getattr(self._case.request, name)
        self[name] = found
        return found


@dataclass(frozen=True)
class RequestCase(JointRiskAssessment):
    """One request, before any household is looked at."""

    inputs: Inputs
    request: Request
    policy: Policy

    def fact(self, name: str) -> object:
        """A fact by its name: one worked out here, a column of the request, or a number."""
        return self.known[name]

    @cached_property
    def known(self) -> _Known:
        """Its facts by their names, each worked out once: many duties, rules and criteria rest on them."""
        return _Known(self)

    @cached_property
    def has_events(self) -> bool:
        """Whether anything is recorded of the family, with or without a household."""
        return self.request.request_id in self.inputs.events_of

    def events(self, duty: str) -> tuple[Event, ...]:
        """What people recorded of a duty whatever the household, or with the family's own."""
        homes = [None] if self.home is None else [None, self.home.household_id]
        ids = ((self.request.request_id, home) for home in homes)
        found = (self.inputs.events.get(each, {}) for each in ids)
        return tuple(event for events in found for event in events.get(duty, ()))

    def held(self, duty: str) -> tuple[date, ...]:
        """The days on which one that recurs was held, wherever the family lived, oldest first."""
        events = self.inputs.events_of.get(self.request.request_id, {}).get(duty, ())
        return tuple(each.on for each in events if each.status == "done")

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self.inputs.as_of

    @cached_property
    def home(self) -> Home | None:
        """Where the family lives, else where it will by what is agreed or confirmed."""
        lives = self.inputs.placement_of.get(self.request.request_id)
        return Home.of(lives) if lives is not None else self.match

    @cached_property
    def match(self) -> Home | None:
        """The household that people decided on: of an open family that lives somewhere, the next one."""
        name = self.request.request_id
        if name not in self.inputs.open_ids and name in self.inputs.placement_of:
            return Home.of(self.inputs.placement_of[name])
        if name in self.inputs.agreed:
            return Home.of(self.inputs.agreed[name])
        confirmed = [row for row in self.inputs.pins_of.get(name, ()) if is_confirmed(row)]
        if not confirmed and (lives := self.inputs.placement_of.get(name)) is not None:
            # The home that was asked for, once the family moved in: its days stay what they were.
            moved_in = lives.started_on is not None and lives.started_on >= self.request.needed_from
            return Home.of(lives) if moved_in else None
        return next(map(Home.of, confirmed), None)

    @property
    def has_moved_in(self) -> bool:
        """Whether the family lives with the household that people decided on."""
        lives = self.inputs.placement_of.get(self.request.request_id)
        match = self.match
        return lives is not None and match is not None and match.household_id == lives.household_id

    @property
    def with_own_carers(self) -> bool:
        """Whether the household is the parent's current carers', where the parent lives already."""
        return self.match is not None and self.match.household_id in self.own_carers

    @property
    def match_confirmed(self) -> bool:
        """Whether a match of the family is confirmed or agreed, or a placed family lives there."""
        return self.match is not None

    @property
    def has_placement(self) -> bool:
        """Whether a placement of the family runs, is agreed or is confirmed."""
        return self.home is not None

    @property
    def recorded_start(self) -> date | None:
        """The recorded day on which the placement that runs or is agreed starts, None without one."""
        return None if self.home is None else self.home.start

    @property
    def counts_from(self) -> date:
        """The day from which what counts from a start counts: the recorded one, else needed_from.

        What this request had to have before a family moved in stays due before that move while the
        family asks for another home.
        """
        return self.moves_on if self.match is not None else self._lives_since or self.moves_on

    @property
    def moves_on(self) -> date:
        """The day on which the family moves, or moved, to the home that is asked for."""
        start = None if self.match is None else self.match.start
        return start or self.request.needed_from

    @property
    def _lives_since(self) -> date | None:
        """The day since which the family lives somewhere, None where this request came after it."""
        lives = self.inputs.placement_of.get(self.request.request_id)
        start = None if lives is None else lives.started_on
        return start if start is not None and start >= self.request.received_on else None

    @cached_property
    def placement_start(self) -> date | None:
        """The day on which the placement started or will, None where nobody can say.

        The recorded one; else the later of needed_from and the day on which the household is free.
        """
        if self.home is None:
            return self.request.needed_from
        return self.home.start or self.free_with(self.inputs.homes[self.home.household_id])

    def free_with(self, household: Household) -> date | None:
        """The later of needed_from and the day on which a household is free, None where nobody knows."""
        occupancy = self.inputs.occupancy.get(household.household_id)
        ends = -inf if occupancy is None else occupancy.ends_for(self.request.request_id, None)
        if isnan(ends):
            return None
        free = ends + self.policy.number("turnaround_days")
        opens = day_number(household.available_from or self.request.needed_from)
        return date.fromordinal(int(max(free, opens, day_number(self.request.needed_from))))

    @cached_property
    def before_start(self) -> date:
        """The last working day before the start, but not before the request was there."""
        return self.before(self.counts_from)

    @cached_property
    def before_move(self) -> date:
        """The last working day before the move to the home that is asked for, not before the request."""
        return self.before(self.moves_on)

    def before(self, start: date) -> date:
        """The last working day before a start, but not before the request was there."""
        return max(working_day_before(start), self.request.received_on)

    @property
    def child_from(self) -> date | None:
        """The day from which the child lives in the placement: its start, or the birth."""
        start = self.placement_start
        return start and max(start, self.request.child_born_or_due_on)

    @property
    def planned_end(self) -> date | None:
        """The day on which the placement is to end: the recorded one, else by the expected weeks."""
        weeks, start = self.request.expected_weeks, self.placement_start
        if self.home is not None and self.home.end is not None:
            return self.home.end
        return None if weeks is None or start is None else start + timedelta(weeks=weeks)

    @property
    def agreed_end(self) -> date | None:
        """The recorded day on which the placement that people decided on is to end."""
        return None if self.match is None else self.match.end

    @property
    def end_by_weeks(self) -> date | None:
        """The day on which the expected weeks are over, where no planned end is recorded."""
        recorded = self.home is not None and self.home.end is not None
        return None if recorded else self.planned_end

    @property
    def adult_since(self) -> date | None:
        """The day since which a looked-after parent who came is 18, where a recorded start was before it."""
        start = None if self.match is None else self.match.start
        days = (
            on for _, on in self._in_care if on is not None and start is not None and start < on
        )
        return max((on for on in days if on <= self.as_of), default=None)

    @property
    def directed_without_order(self) -> bool:
        """Whether the court directed it though the child is not looked after: not voluntary."""
        status = self.request.child_legal_status
        return self.direction_runs and status == "not_looked_after"

    @property
    def unplanned_return_by(self) -> date | None:
        """The day by which the assessment of an unplanned return is complete, None without one."""
        interim = self.request.placement_with_parents == "interim"
        approved = self.request.placement_with_parents == "approved"
        unplanned = interim or (self.returned_home_on is not None and not approved)
        if not unplanned or self.return_counts_from is None:
            return None
        days = self.policy.number("calendar.unplanned_return_days")
        return self.return_counts_from + timedelta(days=days)

    @property
    def child_reviewed_on(self) -> date | None:
        """The last day on which a review of the child was recorded as held."""
        return max(self.held("child_review"), default=None)

    @property
    def child_reviews(self) -> tuple[date, ...]:
        """The days on which a review of the child was recorded as held, oldest first."""
        return self.held("child_review")

    # What happened, as people recorded it

    def _happened_on(self, event: str) -> date | None:
        """The last day on which something is recorded to have happened to the family."""
        return max(self.held(event), default=None)

    @property
    def returned_home_on(self) -> date | None:
        """The day on which the child is recorded to have returned home, the last one."""
        return self._happened_on("returned_home")

    @property
    def family_time_on(self) -> date | None:
        """The day from which part-time family time is recorded; None once a return is after it."""
        began, returned = self._happened_on("family_time_began"), self.returned_home_on
        return None if began is None or (returned is not None and returned >= began) else began

    @property
    def adult_joined_on(self) -> date | None:
        """The last day on which an adult is recorded to have joined the family."""
        return self._happened_on("adult_joined")

    @property
    def return_counts_from(self) -> date | None:
        """The day from which what counts from a return counts: the recorded one, else the start.

        None where neither is recorded; a child can return from the birth on. The start of the last
        placement counts until another has begun: what was due after it is so after its end.
        """
        last = self._between_placements
        start = self.recorded_start if last is None else last.started_on
        known = start and max(start, self.request.child_born_or_due_on)
        return self.returned_home_on or known

    @property
    def returned_until(self) -> date | None:
        """The day on which the placement ended from whose start a return counts, None while it runs."""
        last = self._between_placements
        return None if self.returned_home_on or last is None else last.ended_on

    @property
    def _between_placements(self) -> Placement | None:
        """The placement of the family that is over and started last, None once another has begun."""
        if self.recorded_start is not None and self.recorded_start <= self.as_of:
            return None
        mine = (p for p in self.inputs.placements if p.request_id == self.request.request_id)
        over = (p for p in mine if p.started_on is not None and has_ended(p, self.as_of))
        return max(over, key=lambda p: (p.started_on or date.min, p.canonical()), default=None)

    @property
    def assessed_before_return(self) -> bool:
        """Whether the placement with parents assessment was complete when the child returned."""
        done_on, returned = (
            self._done_on("placement_with_parents_assessment"),
            self.return_counts_from,
        )
        if done_on is not None and returned is not None:
            return done_on <= returned
        return self.request.placement_with_parents == "approved"

    def _done_on(self, duty: str) -> date | None:
        """The first day on which a duty was recorded as done."""
        return min(self.held(duty), default=None)

    @property
    def with_parent_on(self) -> date | None:
        """The day on which the child is recorded to have come to live with a parent, in part or whole."""
        return self.returned_home_on or self.family_time_on

    @property
    def with_parent_from(self) -> date | None:
        """The day from which visits are weekly until a review: the child's return, else the start.

        Where a review was held between the return and the start, they are so again from the start.
        """
        came, start = self.with_parent_on, self.child_from
        if came is None or (self.has_placement and self._reviewed_between(came, start)):
            return start
        return came

    def _reviewed_between(self, first: date, before: date | None) -> bool:
        reviews = self.held("child_review")
        return any(first <= day and (before is None or day < before) for day in reviews)

    @property
    def urgency(self) -> str:
        """How soon a home is needed, in the National Placement Standard's terms."""
        days = (self.request.needed_from - self.as_of).days
        return URGENCIES[0 if days <= 0 else 1 if days <= URGENT_DAYS else 2]

    @property
    def recorded(self) -> bool:
        """Whether anything is recorded of the request with a single household."""
        return self.request.request_id in self.inputs.recorded

    def _has_come(self, day: date | None) -> bool:
        return day is not None and day <= self.as_of

    @property
    def regime(self) -> str:
        """The label under which people know the legal position."""
        return regime(self)

    @property
    def placed_with_parents(self) -> bool:
        """Whether placement with parents applies: under a care order, or by advice an interim one."""
        return self.request.placed_with_parents(self.as_of)

    @property
    def with_parents(self) -> str:
        """Whether placement with parents 'applies', 'not_known', or why it does not.

        Why: 'no_order', 'emergency_protection', 'directed' by the court (PWP-1c), 'by_advice'.
        """
        request, status = self.request, self.request.child_legal_status
        if self.placed_with_parents:
            return "applies"
        if status != "interim_care_order":
            return status if status == "emergency_protection" else "no_order"
        if self.direction_runs:
            return "directed"
        answer = "placement_with_parents_does_not_apply"
        return (
            "by_advice"
            if self.legal_advice_given and answer in request.legal_advice
            else "not_known"
        )

    @property
    def direction_runs(self) -> bool:
        """Whether the court's direction to assess the family, s38(6), is known to run."""
        return self.request.direction_runs(self.as_of)

    @cached_property
    def stays_put_with(self) -> str | None:
        """The current carers' household with whom a parent asks to stay put, None where none does."""
        off = self.policy.is_off("screening.checks.staying_put")
        return None if off else self.inputs.stays_put.get(self.request.request_id)

    @property
    def before_fostering(self) -> tuple[str, ...]:
        """The duties that come before fostering is decided on, and are not done."""
        found = self.inputs.before_fostering.get(self.request.request_id, ())
        return asked_first(found, self.policy)

    @property
    def _consents(self) -> dict[str, bool | None]:
        """What each of those says whose consent a voluntary arrangement needs."""
        request = self.request
        second = {"second_parent": request.second_parent_agrees}
        return {
            "parent": request.parent_agrees,
            **(second if request.second_parent_comes else {}),
            "others": request.others_agree,
        }

    @property
    def refuses(self) -> tuple[str, ...]:
        """Who of those whose consent a voluntary arrangement needs does not agree."""
        return tuple(who for who, agrees in self._consents.items() if agrees is False)

    @property
    def not_answered(self) -> tuple[str, ...]:
        """Of whom of those whose consent is needed it is not known whether they agree."""
        return tuple(who for who, agrees in self._consents.items() if agrees is None)

    @property
    def parents_under_16(self) -> tuple[int, ...]:
        """The ages of the parents who come and may be too young to understand what they agree to."""
        return tuple(age for age in self._ages if age < CAN_CONSENT)

    @property
    def advice_questions(self) -> tuple[str, ...]:
        """What legal advice has to answer: the screening checks that ask, and 'before_proceedings'."""
        request = self.request
        if self.stays_put_with is not None:
            return ()
        order = request.child_legal_status in ("interim_care_order", "emergency_protection")
        concern = (
            self.advice_needs
            or self.advice_risks
            or request.fostering_concerns
            or request.engagement in ("partial", "refusing")
        )
        asked = {
            "court_direction": order and not self.direction_runs,
            "section_17": request.nobody_looked_after and not self.direction_runs and concern,
            "young_parent": self.young_parents,
            "before_proceedings": self.before_proceedings,
        }
        return tuple(question for question, asks in asked.items() if asks)

    @property
    def before_proceedings(self) -> bool:
        """Whether it is for an assessment before care proceedings, which no court directed."""
        status = self.request.child_legal_status
        voluntary = status == "s20" or (status == "not_looked_after" and not self.direction_runs)
        return self.request.purpose == "assessment" and voluntary

    @property
    def risks_without_concern(self) -> tuple[str, ...]:
        """The high risks whose concern about fostering is neither recorded nor ruled out by 'none'."""
        concerns = self.request.fostering_concerns
        if concerns == ():
            return ()
        return tuple(
            area
            for area, theirs in CONCERNS_OF_RISKS.items()
            if area in self.high_risks and not {*theirs} & {*(concerns or ())}
        )

    # Joint risk assessments that say that the risk is too high

    @property
    def too_high_at(self) -> tuple[str, ...]:
        """The households with which the joint risk assessment that decides says: too high."""
        mine = self.request.request_id
        return tuple(sorted(h for r, h in self.inputs.pairs_too_high if r == mine))

    @property
    def too_high_on(self) -> date | None:
        """The latest day on which one of them was assessed, None where no day is recorded."""
        mine = self.request.request_id
        found = (deciding(self.inputs.risk_assessments[mine, h]) for h in self.too_high_at)
        return max((row.assessed_on for row in found if row.assessed_on), default=None)

    @property
    def too_high_since(self) -> bool:
        """Whether one was assessed after the last day on which the request was handed back."""
        days = [each.on for each in self.events("handed_back") if each.status == "done"]
        return bool(days) and self.too_high_on is not None and self.too_high_on > max(days)

    @property
    def unborn(self) -> bool:
        """Whether the child is not yet born on the day of the round."""
        return self.request.child_born_or_due_on > self.as_of

    @property
    def counted_as_born(self) -> bool:
        """Whether the day on which birth was expected is just past, and nobody recorded the birth."""
        return self.inputs.counts_as_born(self.request)

    @property
    def any_parent_looked_after(self) -> bool | None:
        """Whether any parent who comes is a looked-after child, None where that is not known."""
        request = self.request
        if request.a_parent_is_looked_after:
            return True
        young = request.second_parent_age is not None and request.second_parent_age < ADULT
        return None if young and request.second_parent_looked_after is None else False

    @property
    def looked_after_parents(self) -> int:
        """How many of the parents who come are recorded as looked after."""
        return len(self._parents_looked_after)

    @property
    def _parents_looked_after(self) -> list[tuple[int, date | None]]:
        """The age and the 18th birthday of each parent who is recorded as looked after."""
        row = self.request
        found = [(row.parent_age, self.parent_is_18_on)] if row.parent_looked_after else []
        if row.second_parent_age is not None and row.second_parent_looked_after:
            found.append((row.second_parent_age, self.second_parent_is_18_on))
        return found

    @property
    def parents_18_on(self) -> date | None:
        """The day on which the last of the looked-after parents is 18, None where it is not known."""
        days = [day for _, day in self._parents_looked_after]
        known = [day for day in days if day is not None]
        return max(known) if known and len(known) == len(days) else None

    @property
    def parent_of_17_not_dated(self) -> bool:
        """Whether a looked-after parent is 17 with no day of birth: they can be 18 from tomorrow."""
        return any(age == ADULT - 1 and day is None for age, day in self._parents_looked_after)

    @property
    def pregnant(self) -> bool | None:
        """Whether a looked-after parent expects a child, None where it is not known who is one."""
        return self.any_parent_looked_after if self.unborn else False

    @property
    def advice_needs(self) -> tuple[str, ...]:
        """The needs for which the policy asks for legal advice."""
        return tuple(need for need in ADVICE_NEEDS if need in self.request.needs)

    @property
    def advice_risks(self) -> tuple[str, ...]:
        """The medium and high risks for which the policy asks for legal advice."""
        return tuple(area for area, _ in self.raised_risks if area in ADVICE_RISKS)

    @property
    def order_planned(self) -> bool:
        """Whether the child is under an order, or will be at birth."""
        return self.request.child_legal_status in ("interim_care_order", "care_order")

    @property
    def unborn_child_worries(self) -> bool:
        """Whether something is recorded that raises a concern about an unborn child's welfare."""
        concerns = self.request.fostering_concerns
        return bool(self.order_planned or self.advice_needs or self.advice_risks or concerns)

    @property
    def own_carers(self) -> tuple[str, ...]:
        """The households where the parent lives now with carers of their own."""
        pairs = self.inputs.current_carers.get(self.request.request_id, ())
        return tuple(sorted(household for _, household in pairs))

    @property
    def _ages(self) -> tuple[int, ...]:
        second = self.request.second_parent_age
        return (self.request.parent_age, *(() if second is None else (second,)))

    @property
    def adult_parents(self) -> int:
        """How many of the parents who come are 18 or over, by their age or their day of birth."""
        return sum(
            age >= ADULT or (day is not None and day <= self.as_of)
            for age, day in zip(self._ages, self._are_18_on, strict=False)
        )

    # The 18th birthdays

    @property
    def parent_is_18_on(self) -> date | None:
        """The parent's 18th birthday, past or to come, None where the day of birth is not known."""
        born = self.request.parent_born_on
        return born and years_after(born, ADULT)

    @property
    def second_parent_is_18_on(self) -> date | None:
        """The second parent's 18th birthday, None where the day of birth is not known."""
        born = self.request.second_parent_born_on if self.request.second_parent_comes else None
        return born and years_after(born, ADULT)

    @property
    def _are_18_on(self) -> tuple[date | None, date | None]:
        return self.parent_is_18_on, self.second_parent_is_18_on

    @property
    def turning_18(self) -> tuple[date, ...]:
        """The 18th birthdays since the request was there, or near enough to prepare for."""
        months = calendar_number(self.policy, "turning_18_months")
        ahead = self.as_of if months is None else months_after(self.as_of, months)
        since = self.request.received_on
        return tuple(
            sorted(day for day in self._are_18_on if day is not None and since < day <= ahead)
        )

    @property
    def may_be_18_tomorrow(self) -> bool:
        """Whether a parent is 17 and the day of birth is not recorded."""
        ages = zip(self._ages, self._are_18_on, strict=False)
        return any(age == ADULT - 1 and day is None for age, day in ages)

    @property
    def parent_in_care(self) -> bool:
        """Whether the parent is looked after, or was until the 18th birthday.

        Support is for looked-after parents: whoever is 18 and has it was one.
        """
        request = self.request
        was = request.parent_looked_after_since is not None
        second = request.second_parent_comes and request.second_parent_looked_after is True
        return request.parent_looked_after or was or (request.purpose == "support" and not second)

    @property
    def second_parent_in_care(self) -> bool:
        """Whether the second parent is looked after, or was until the 18th birthday.

        As for the parent, where that one is not looked after.
        """
        request = self.request
        supported = request.purpose == "support" and not request.parent_looked_after
        return request.second_parent_comes and (
            supported or request.second_parent_looked_after is True
        )

    @property
    def _in_care(self) -> tuple[tuple[int, date | None], ...]:
        """Age and 18th birthday of each parent who is, or was until 18, in care."""
        request, found = self.request, list[tuple[int, date | None]]()
        if self.parent_in_care:
            found.append((request.parent_age, self.parent_is_18_on))
        if self.second_parent_in_care and request.second_parent_age is not None:
            found.append((request.second_parent_age, self.second_parent_is_18_on))
        return tuple(found)

    @property
    def leaving_care(self) -> tuple[date, ...]:
        """The 18th birthdays of parents in care, to come or since the request was there."""
        days = (on for _, on in self._in_care if on is not None)
        return tuple(sorted(day for day in days if day > self.request.received_on))

    @property
    def leaving_care_not_known(self) -> bool:
        """Whether a parent in care may be 18 any day, or has just been, and nobody recorded the birth."""
        near = (ADULT - 1, *((ADULT,) if self.has_placement else ()))
        return any(on is None and age in near for age, on in self._in_care)

    @property
    def young_parents(self) -> tuple[int, ...]:
        """The ages of the parents who come, are under 18 and are not recorded as looked after."""
        request = self.request
        ages = [] if request.parent_looked_after else [request.parent_age]
        if request.second_parent_comes and request.second_parent_looked_after is not True:
            ages.append(request.second_parent_age or 0)
        return tuple(age for age in ages if age < ADULT)

    @property
    def parent_18_on(self) -> date | None:
        """The day on which a looked-after parent under 18 is 18, None where it is not known."""
        return self.parent_is_18_on if self._young_and_looked_after[0] else None

    @property
    def parent_18_from(self) -> date | None:
        """The earliest day on which a looked-after parent can be 18, where the age alone is known."""
        asked = self._young_and_looked_after[0] and self.parent_is_18_on is None
        return self._earliest_18(self.request.parent_age) if asked else None

    @property
    def second_parent_18_on(self) -> date | None:
        """The same of the second parent: the day on which they are 18."""
        return self.second_parent_is_18_on if self._young_and_looked_after[1] else None

    @property
    def second_parent_18_from(self) -> date | None:
        """The same of the second parent: the earliest day, where the age alone is known."""
        age = self.request.second_parent_age
        asked = self._young_and_looked_after[1] and self.second_parent_is_18_on is None
        return self._earliest_18(age) if asked and age is not None else None

    def _earliest_18(self, age: int) -> date:
        return years_after(self.as_of, ADULT - 1 - age) + timedelta(days=1)

    @property
    def _young_and_looked_after(self) -> tuple[bool, bool]:
        request, second = self.request, self.request.second_parent_age
        return (
            request.parent_looked_after and request.parent_age < ADULT,
            bool(request.second_parent_looked_after) and second is not None and second < ADULT,
        )

    @property
    def next_hearing_on(self) -> date | None:
        """The day of the next hearing, None where it is past or not recorded."""
        day = self.request.court_on
        return day if day is not None and day >= self.as_of else None

    @property
    def blank_columns(self) -> tuple[str, ...]:
        """The columns of the request that its record has to say, and that are blank."""
        return blank_columns(self.request, self.as_of)

    @property
    def raised_risks(self) -> tuple[tuple[str, str], ...]:
        """The areas of risk that are assessed as medium or high, with the level."""
        risks = self.request.risks.items()
        return tuple((area, level) for area, level in risks if level in ("medium", "high"))

    @property
    def high_risks(self) -> tuple[str, ...]:
        """The areas in which the parents' risk is assessed as high."""
        return tuple(area for area, level in self.raised_risks if level == "high")

    @property
    def medium_risks(self) -> tuple[str, ...]:
        """The areas in which the parents' risk is assessed as medium."""
        return tuple(area for area, level in self.raised_risks if level == "medium")

    @property
    def risks_not_assessed(self) -> tuple[str, ...]:
        """The areas of risk that are not assessed."""
        return tuple(area for area, level in self.request.risks.items() if level is None)

    @property
    def legal_advice_given(self) -> bool:
        """Whether the day of legal advice has come."""
        return self._has_come(self.request.legal_advice_on)

    @property
    def head_of_service_agreed(self) -> bool:
        """Whether the day of the Head of Service's agreement has come."""
        return self._has_come(self.request.head_of_service_on)

    @property
    def checks_requested(self) -> bool:
        """Whether the day on which agency checks were asked for has come."""
        return self._has_come(self.request.checks_requested_on)

    # What the policy asks for

    @property
    def medium_grade(self) -> float:
        """The value from which a criterion is Medium."""
        return self.policy.number("grades.medium")

    @property
    def high_grade(self) -> float:
        """The value from which a criterion is High."""
        return self.policy.number("grades.high")

    @property
    def smoke_at_own_carers(self) -> bool:
        """Whether smoke at a parent's own carers is a duty, as a young child comes to live there."""
        years = self.policy.number("smoke_free_under_years")
        limit = months_after(self.as_of, -int(MONTHS_PER_YEAR * years))
        young = years > 0 and self.request.child_born_or_due_on > limit
        return young and self.policy.code("smoke_free_own_carers") == "duty"

    @property
    def lives_with_own_carers(self) -> bool:
        """Whether a looked-after parent lives with carers of their own."""
        return self.request.a_parent_is_looked_after and bool(self.own_carers)

    @property
    def features_read_as_before(self) -> bool:
        """Whether any household's list of features is read as in tables without the single columns."""
        return bool(self.inputs.features_as_read_before)

    @property
    def notices_required(self) -> bool:
        """Whether the policy in use asks for notice of a placement out of area."""
        return not self.policy.is_off("area.notices")

    @property
    def adult_checks_required(self) -> bool:
        """Whether the policy in use asks for checks on adult parents."""
        return not self.policy.is_off("adult_checks")

    @property
    def terms_apply(self) -> bool:
        """Whether the policy in use looks at terms of approval."""
        return not self.policy.is_off("terms_of_approval")

    @property
    def area_approvals_required(self) -> bool:
        """Whether the policy in use asks for approval of a placement out of area."""
        return not self.policy.is_off("area.approvals")

    @property
    def usual_fostering_limit(self) -> float | None:
        """How many looked-after people a household usually has at most, None where no limit is set."""
        key = "usual_fostering_limit"
        return None if self.policy.is_off(key) else self.policy.number(key)


def request_cases(inputs: Inputs, policy: Policy) -> list[RequestCase]:
    """Every open request of a round, in its order."""
    return [RequestCase(inputs, request, policy) for request in inputs.requests]


@dataclass(frozen=True)
class Case(JointRiskAssessment):
    """A request and a household, with the place of the pair in a block of pairs."""

    inputs: Inputs
    pairs: Pairs
    row: int
    column: int
    request: Request = field(init=False)
    household: Household = field(init=False)
    ids: tuple[str, str] = field(init=False)  # (request_id, household_id)
    carers: tuple[Carer, ...] = field(init=False)  # the approved ones
    of_request: RequestCase = field(init=False, compare=False)  # the request of the pair alone
    family: InitVar[RequestCase | None] = None  # the same, where many pairs share it

    def __post_init__(self, family: RequestCase | None) -> None:
        """Look up the rows once: a large round explains many pairs."""
        request = self.inputs.requests[int(self.pairs.request_rows[self.row])]
        household = self.inputs.households[int(self.pairs.household_rows[self.column])]
        vars(self).update(
            request=request,
            household=household,
            ids=(request.request_id, household.household_id),
            carers=self.inputs.approved_carers(household.household_id),
            of_request=family or RequestCase(self.inputs, request, self.policy),
        )

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self.inputs.as_of

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.pairs.policy

    @property
    def relationship(self) -> str | None:
        """What family and household are to each other already, if anything."""
        return self.inputs.relationships.get(self.ids)

    @property
    def knows_household(self) -> bool:
        """Whether the family is recorded as knowing the household, whatever else they are."""
        return self.ids in self.inputs.known_to_family

    @property
    def risk_assessments(self) -> tuple[RiskAssessment, ...]:
        """The joint risk assessments of this pair."""
        return self.inputs.risk_assessments.get(self.ids, ())

    @property
    def has_events(self) -> bool:
        """Whether anything is recorded of this pair."""
        return self.ids in self.inputs.events

    def events(self, duty: str) -> tuple[Event, ...]:
        """What people recorded of a duty of this pair."""
        return self.inputs.events.get(self.ids, {}).get(duty, ())

    @cached_property
    def recorded_home(self) -> Home | None:
        """What is recorded of this household as the family's, where it lives there or will."""
        homes = (self.of_request.match, self.of_request.home)
        return next((h for h in homes if h is not None and h.household_id == self.ids[1]), None)

    @property
    def has_moved_in(self) -> bool:
        """Whether the family lives with this household."""
        lives = self.inputs.placement_of.get(self.ids[0])
        return lives is not None and lives.household_id == self.ids[1]

    @property
    def with_own_carers(self) -> bool:
        """Whether the household is the parent's current carers', where the parent lives already."""
        return self.relationship == "current_carer"

    @property
    def counts_from(self) -> date | None:
        """The day from which what counts from a start counts, None where nobody can say.

        The recorded one; else the later of needed_from and the day on which the household is free.
        """
        if self.recorded_home is not None and self.recorded_home.start is not None:
            return self.recorded_home.start
        return self.of_request.free_with(self.household)

    @cached_property
    def before_start(self) -> date | None:
        """The last working day before the start, but not before the request was there."""
        start = self.counts_from
        return start and self.of_request.before(start)

    @property
    def before_move(self) -> date | None:
        """The last working day before the move to this household, not before the request was there."""
        return self.before_start

    @property
    def in_an_emergency(self) -> bool:
        """Whether it starts on the day of the request, or started before it."""
        start = self.counts_from
        return start is not None and start <= self.request.received_on

    @property
    def never_asked(self) -> bool:
        """Whether nobody asked these carers about smoking, dogs, cats and children of their own.

        Their list of features is read as in tables that had no column for each.
        """
        return self.household.household_id in self.inputs.features_as_read_before

    @property
    def agreed_end(self) -> date | None:
        """The recorded day on which a placement with this household is to end."""
        return None if self.recorded_home is None else self.recorded_home.end

    @property
    def high_risks_not_stated(self) -> tuple[str, ...]:
        """The areas of high risk for which the household has not said what it can manage."""
        stated = dict(self.household.risk_limits)
        return tuple(area for area in self.of_request.high_risks if area not in stated)

    @property
    def exempt(self) -> bool:
        """Whether a written exemption from the usual fostering limit names this request."""
        return self.request.request_id in self.household.limit_exemption

    @property
    def area(self) -> str:
        """Whether the carers live in the council's area: 'own_area', 'adjoining' or 'beyond'.

        Where that can't be said: 'council_not_known' or 'authority_not_known'.
        """
        ours, theirs = self.inputs.authority, self.household.local_authority
        if ours is None:
            return COUNCIL_NOT_KNOWN
        if theirs is None:
            return AUTHORITY_NOT_KNOWN
        if same_authority(ours, theirs):
            return OWN_AREA
        also = self.policy.codes("area.also_adjoining")
        near = adjoin(ours, theirs) or any(same_authority(theirs, code) for code in also)
        return ADJOINING if near else BEYOND

    def fact(self, name: str) -> object:
        """A fact by its name: of the first of FACTS that has it."""
        return _reader(name)(self)

    def number(self, fact: str) -> float:
        """A fact of `Pairs` for this pair, NaN where it is not known."""
        return float(self.pairs.row_of(fact, self.row)[self.column])

    def day(self, fact: str) -> date | None:
        """A day of `Pairs` for this pair, None where nobody can say."""
        value = self.number(fact)
        return None if isnan(value) else date.fromordinal(int(value))

    def known_day(self, fact: str) -> date:
        """A day of `Pairs` that every pair has; ValueError where nobody can say it."""
        return date.fromordinal(int(self.number(fact)))

    @property
    def miles(self) -> float | None:
        """Miles from the family's home, to one decimal."""
        value = self.number("miles")
        return None if isnan(value) else value

    # The household

    @property
    def household_status(self) -> str:
        """The household's status, as the request has one of its own."""
        return self.household.status

    @property
    def bedrooms_free(self) -> int | None:
        """Bedrooms free for the family, with the one that the parent already has."""
        value = self.number("bedrooms")
        return None if isnan(value) else int(value)

    @property
    def bedrooms_needed(self) -> int:
        """Bedrooms that the family needs: one for parents and babies, and those of older children."""
        per_room = self.policy.number("older_children_per_room")
        return 1 + ceil(self.request.older_children / per_room)

    @property
    def usual_fostering_limit(self) -> int:
        """Looked-after people in one household without an exemption."""
        return int(self.policy.number("usual_fostering_limit"))

    @cached_property
    def risks_over(self) -> tuple[tuple[str, str, str], ...]:
        """The areas where the assessed risk is over the household's limit: area, risk, limit."""
        own = dict(self.household.risk_limits)
        usual = {k: str(v) for k, v in self.policy.group("default_risk_limits").items()}
        limits = usual | own
        return tuple(
            (area, risk, limits[area])
            for area, risk in self.request.risks.items()
            if risk is not None and RISK_LEVELS.index(risk) > RISK_LEVELS.index(limits[area])
        )

    @property
    def parent_left_out(self) -> bool:
        """Whether the parent is one of the looked-after children there, and is left out of their number."""
        return bool(self.number("own_carer")) and self.household.looked_after_children > 0

    @property
    def kept_for(self) -> tuple[str, ...]:
        """The other families for one of whose parents the home is kept, as they live there."""
        household = self.household.household_id
        return tuple(r for r, h in self.inputs.own_homes if h == household and r != self.ids[0])

    @property
    def who_lives_there_not_known(self) -> bool:
        """Whether a placement there is over, and nobody has asked since who lives there now."""
        occupancy = self.inputs.occupancy.get(self.household.household_id)
        return occupancy is not None and any(kind == WHO for kind, _ in occupancy.asks)

    @property
    def lived_until(self) -> date:
        """The day on which the family's last placement there ended; ValueError where none did."""
        return self._ended_early.ended_on or self.as_of

    @property
    def ended_because(self) -> str | None:
        """Why the family's last placement there that ended early did; None where nobody has said."""
        return self._ended_early.ended_because

    @property
    def _ended_early(self) -> Placement:
        ended = [p for p in self.inputs.lived[self.ids] if ended_early(p, self.as_of)]
        return max(ended, key=lambda p: (p.ended_on or self.as_of, p.canonical()))

    # The carers

    @property
    def carers_there(self) -> int:
        """How many carers the tables name there, approved or not."""
        return len(self.inputs.carers.get(self.household.household_id, ()))

    @property
    def approved_carers(self) -> int:
        """How many carers there are approved."""
        return len(self.carers)

    @property
    def maybe_approved(self) -> int:
        """Of how many carers there nobody has said whether they are approved."""
        everyone = self.inputs.carers.get(self.household.household_id, ())
        return sum(carer.approved is None for carer in everyone)

    @property
    def trained_on(self) -> tuple[date | None, ...]:
        """The day of each approved carer's training for parent and child."""
        return tuple(carer.pc_trained_on for carer in self.carers)

    @property
    def assessed_on(self) -> tuple[date | None, ...]:
        """The day of each approved carer's assessment for parent and child, as in `trained_on`."""
        return tuple(carer.pc_assessed_on for carer in self.carers)

    @cached_property
    def skills(self) -> tuple[str, ...]:
        """The skills that the approved carers have between them."""
        has = {skill for carer in self.carers for skill in carer.skills}
        return tuple(skill for skill in SKILLS if skill in has)

    @cached_property
    def languages_spoken(self) -> tuple[str, ...]:
        """The languages that the approved carers speak between them."""
        return tuple(sorted({code for carer in self.carers for code in carer.languages or ()}))

    @property
    def carers_religions(self) -> tuple[str, ...]:
        """The religions of the approved carers, as far as they are stated."""
        religions = {carer.religion for carer in self.carers}
        return tuple(code for code in RELIGIONS if code in religions and code != "not_stated")

    @property
    def nearest_ethnicity(self) -> str | None:
        """The ethnicity of an approved carer that is nearest to the parent's."""
        parent, groups = self.request.ethnicity or "", broad_groups()
        known = [c.ethnicity for c in self.carers if c.ethnicity in groups]

        def near(code: str) -> tuple[bool, float, str]:
            return code == parent, nearness(parent, code, self.policy), code

        return max((code for code in known if code), key=near, default=None)

    # What the family asks for

    @property
    def skills_asked(self) -> tuple[str, ...]:
        """The skills that the family asks for."""
        asked = int(at(self.pairs.skills_asked, self.row, 0))
        return tuple(skill for skill in SKILLS if asked & SKILL_BITS[skill])

    @property
    def wanted_lacking(self) -> tuple[str, ...]:
        """What the family must have and is known not to be there: features, skills, languages."""
        has = {name for name in FEATURES if self.household.has(name)} | {*self.skills}
        has |= {f"language:{code}" for code in self.languages_spoken}
        wanted = self.request.must_have
        return tuple(item for item in wanted if item not in has and not self._not_known(item))

    @property
    def kin_spoken(self) -> tuple[str, ...]:
        """Languages of the carers that are of one group with one that the family must have: Cantonese, Chinese."""
        lacking = [
            name for _, colon, name in (i.partition(":") for i in self.wanted_lacking) if colon
        ]
        return tuple(
            code for code in self.languages_spoken if any(one_group(code, name) for name in lacking)
        )

    @property
    def unwanted_there(self) -> tuple[str, ...]:
        """What the family must avoid and is there."""
        return tuple(item for item in self.request.must_avoid if self.household.has(item))

    @property
    def features_not_known(self) -> tuple[str, ...]:
        """What the family must have or avoid, of which nobody has said whether it is there."""
        asked = (*self.request.must_have, *self.request.must_avoid)
        return tuple(item for item in asked if self._not_known(item))

    def _not_known(self, item: str) -> bool:
        if item.startswith("language:"):
            return not self.languages_spoken
        return item in FEATURES and self.household.has(item) is None

    # What people decided

    @property
    def decision(self) -> str | None:
        """What people last decided of the pair."""
        decision = self.inputs.decisions.get(self.ids)
        return None if decision is None else decision.decision

    @property
    def decided_on(self) -> date | None:
        """The day on which people last decided of the pair."""
        decision = self.inputs.decisions.get(self.ids)
        return None if decision is None else decision.decided_on

    @property
    def decision_reason(self) -> str | None:
        """The reason that people gave for what they last decided of the pair."""
        decision = self.inputs.decisions.get(self.ids)
        return None if decision is None else decision.reason


FACTS = (Case, RequestCase, Request, Household, Pairs)


@cache
def fact_source(name: str) -> type:
    """Which of FACTS has a fact of this name; AttributeError where none does."""
    for source in FACTS:
        if name in _columns(source) or hasattr(source, name):
            return source
    if f"calendar.{name}" in default().settings:
        return Policy
    raise AttributeError(f"There is no fact {name}: it is no column, and none of {FACTS} has it.")


@cache
def _reader(name: str) -> Callable[[Case], object]:
    """What reads a fact of a pair: found once by its name, as a large round reads many."""
    source = fact_source(name)
    if source is Pairs:
        return lambda case: case.number(name)
    if source is Policy:
        return lambda case: calendar_number(case.policy, name)
    return attrgetter(_path(name))


def _path(name: str) -> str:
    """Where a fact stands that is neither a number of the policy nor of a block of pairs."""
    of = {RequestCase: "of_request.", Request: "request.", Household: "household."}
    return f"{of.get(fact_source(name), '')}{name}"


@cache
def _reader_of(names: tuple[str, ...]) -> Callable[[Case], tuple[object, ...]]:
    """What reads some facts of a pair that are not the family's own, in their order."""
    if not any(fact_source(name) is Pairs for name in names) and len(names) > 1:
        return attrgetter(*map(_path, names))
    readers = tuple(map(_reader, names))
    return lambda case: tuple([read(case) for read in readers])


class CaseColumns:
    """The facts of one request with each of some households: a column a fact, read once for all."""

    def __init__(self, cases: Sequence[Case]) -> None:
        self.cases = cases
        self._columns = dict[str, Sequence[object]]()

    @cached_property
    def before_move(self) -> list[date | None]:
        """The last working day before the move to each household."""
        return [case.before_move for case in self.cases]

    def rows(self, names: tuple[str, ...]) -> list[tuple[object, ...]]:
        """Some facts of each household, in their order."""
        return [*zip(*map(self._column, names), strict=True)] if names else [()] * len(self.cases)

    def _column(self, name: str) -> Sequence[object]:
        if name not in self._columns:
            self._columns[name] = [*map(_reader(name), self.cases)]
        return self._columns[name]


class FactNames:
    """Which facts some wordings rest on: the family's own, and those that differ by household.

    `before` is a wording whose facts are all the family's own.
    """

    def __init__(self, *wordings: Wording[Any], before: Wording[Any] | None = None) -> None:
        convert = dict(chain(*(wording.to_json for wording in wordings)))
        alone = dict(before.to_json) if before else {}
        self.in_order = (*(alone | convert),)
        own = {n: c for n, c in convert.items() if fact_source(n) in (RequestCase, Request, Policy)}
        self.own = [*(alone | own).items()]
        self.differ = [(name, c) for name, c in convert.items() if name not in own]
        self.that_differ = tuple([name for name, _ in self.differ])
        self.of = _reader_of(self.that_differ)


class Reading:
    """The facts of some wordings, of one request with one household after another.

    What is the request's own is read once, and equal facts are one dictionary: nobody changes it.
    `of` reads what differs from household to household, as it stands in the tables; `own` is what does not.
    """

    of: Callable[[Case], tuple[object, ...]]

    def __init__(self, request: RequestCase, names: FactNames) -> None:
        self._names, self._found = names, dict[tuple[object, ...], Facts]()
        self.of = names.of
        self.own = tuple([request.known[name] for name, _ in names.own])

    @cached_property
    def _same(self) -> Facts:
        own = zip(self._names.own, self.own, strict=True)
        nothing: Facts = dict.fromkeys(self._names.in_order)  # which says their order
        return nothing | {name: convert(value) for (name, convert), value in own}

    def rows(self, cases: CaseColumns) -> list[tuple[object, ...]]:
        """What `of` reads, of each of some households."""
        return cases.rows(self._names.that_differ)

    def facts(self, differ: tuple[object, ...]) -> Facts:
        """The facts of a pair of which that differs."""
        if (found := self._found.get(differ)) is None:
            each = zip(self._names.differ, differ, strict=True)
            found = self._same | {name: convert(value) for (name, convert), value in each}
            self._found[differ] = found
        return found


def calendar_number(policy: Policy, name: str) -> int | None:
    """A number of the calendar in the policy, None where it is switched off."""
    key = f"calendar.{name}"
    return None if policy.is_off(key) else int(policy.number(key))


def _columns(source: type) -> tuple[str, ...]:
    return tuple(headings(source)) if issubclass(source, Row) else ()


def fact_meaning(name: str) -> str:
    """What a fact means: the first line of its docstring, or the column that it is."""
    source = fact_source(name)
    if source is Policy:
        return default().settings[f"calendar.{name}"].meaning
    if name in _columns(source):
        return f"The column of that name in `{source.__name__.lower()}s`."
    return (getattr(source, name).__doc__ or "").strip().splitlines()[0]
