"""The facts of a pair as its documents use them: plain text, with marks where nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from matcher import privacy
from matcher.documents import pair as of_pair
from matcher.documents import request as of_request
from matcher.documents import statutory
from matcher.documents.marks import known, to_complete
from matcher.documents.pair import Area, Broken, Gate, Need, Pair
from matcher.documents.reader import Reader, may_leave
from matcher.documents.request import Row
from matcher.explain import HELD
from matcher.intake.inputs import deciding
from matcher.intake.rows import Request, RiskAssessment
from matcher.policy import request_record, switched
from matcher.policy.case import calendar_number
from matcher.policy.criteria import about
from matcher.policy.duties import DutyWords
from matcher.policy.duties.form import DONE, NOT_NEEDED
from matcher.policy.position import position
from matcher.shipped import language_names
from matcher.words import count, every_weeks, long_date, upper_first

YEAR = 365  # days; a child under one is a baby to the parent
FLUENT, ENGLISH = "fluent", "eng"
NOT_ASKED_FOR = "The policy in use does not ask for it."  # a duty that is switched off
IN_COURT = ("emergency_protection", "interim_care_order")


@dataclass(frozen=True)
class Facts:
    """All that the templates of a pair may use; every field is text, yes or no, or a list of rows."""

    request_id: str
    household_id: str
    as_of: str
    policy: str
    policy_version: str
    policy_changed: str
    matching_policy: str  # the service's own
    assessment: bool
    purpose: str
    regime: str
    child_legal_status: str
    court_directed: bool
    voluntary: bool  # nobody looked after, and no court directed it: it rests on consent alone
    legal_notes: list[str]  # what a court's direction means, and what is in question of it
    with_parents: str  # of the placement with parents rules: 'applies', 'not_known', or why not
    looked_after_parents: str  # 'The parent is', 'Both parents are'; '' where none is
    parent_looked_after: bool
    child_looked_after: bool
    second_parent: bool
    second_reads: bool  # this paper is the second parent's, of whose home nothing is recorded
    education: bool
    unborn: bool
    child: str  # 'child' or 'children'
    your_child: str  # as the parent reads it: 'your baby', with the older children who come
    your_baby: str  # whose legal status is recorded, which says nothing of the older children
    status_is: str  # 'is' or 'are'
    status_of: str  # the same, as a professional reads it: 'child', 'youngest children'
    older_to_complete: str  # the mark of what holds for the older children; '' where none come
    child_is: str  # 'is' or 'are'
    child_has: str  # 'has' or 'have'
    older_children: int
    eligible: bool
    confirmed: bool
    proposed: bool
    residential: bool
    held: str  # what holds the request back, '' where nothing does
    findings: list[str]
    legal_changes: list[str]  # what will change in the legal position, and when
    broken: list[Broken]
    standing: str
    relationship: str
    living: bool  # the family lives there
    own_carers: bool  # whose reader lives there
    you_looked_after: bool
    you_free: bool  # an adult who is not looked after
    you_said_yes: bool
    may_leave: str  # what holds the child: order, emergency, directed, s20, agreed
    proceedings: bool
    withheld: str  # 'yes', 'no' or 'not known'
    hide_place: bool
    area: str  # the household's outward postcode, or why it is not shown
    miles: str  # from the family's home, '' where not known or not shown
    starts_on: str
    ends_on: str
    lasts: str
    born: str
    court_on: str  # '' where none is recorded
    language: str  # the reader's best; '' where their English is fluent, or nothing is known
    language_not_known: bool
    purpose_rows: list[Row]
    family_rows: list[Row]
    identity_rows: list[Row]
    need_rows: list[Row]
    suitability_rows: list[Row]
    risk_rows: list[Row]
    missing: list[str]
    resource_team_decision: str
    needs: str
    criteria: list[Need]
    hard_needs: list[Need]
    home_rows: list[Row]
    visits: list[str]
    reviews: list[str]
    areas: list[Area]
    usual_limits: str
    raised: str
    looked_after_there: int
    looked_after_words: str
    birth_children: str
    joint_outcome: str
    conditions: str
    joint_too_high: bool
    signed_by_child_social_worker: str
    signed_by_supervising_social_worker: str
    safe_caring: str
    carers_briefed: str
    discussed: str  # the request, with the Resource team
    visit_before: str
    visited: bool
    meeting_held: str
    review_frequency: str
    gates: list[Gate]
    checks_requested: str
    head_of_service: str
    pwp_state: str
    pwp_due: str
    unplanned_return_days: str
    return_review_days: str
    return_review_working_days: str
    panel_months: str
    revocation: str


def facts(pair: Pair, *, second: bool = False) -> Facts:
    """The facts of one pair of a solved round; `second`: the second parent reads them."""
    case = pair.case
    request, policy, as_of = case.request, case.policy, case.inputs.as_of
    purpose = of_request.purpose_rows(request)
    counted = case.inputs.counts_as_born(request)
    family = of_request.family_rows(request, as_of, counted=counted)
    identity = of_request.identity_rows(request)
    needs = of_request.need_rows(request)
    suitability = of_request.suitability_rows(request, as_of)
    risk = of_request.risk_rows(request)
    prepared = pair.recorder.prepared
    row = pair.row
    held = None if row is None or pair.confirmed else prepared.outcomes[row]
    many = request.babies + request.older_children > 1
    there = int(case.number("looked_after_there"))
    broken = list(of_pair.broken(pair))
    joint = deciding(case.risk_assessments) if case.risk_assessments else None
    every = of_pair.words(pair)
    by_key = {each.duty: each for each in every}
    own_children = of_pair.asked(case, "birth_children")
    legal = position(case.of_request)
    reviewed, weeks = case.safe_caring_reviewed_on, request.review_every_weeks
    often = f"{upper_first(every_weeks(weeks))}, as agreed at the outset" if weeks else None
    directed = case.of_request.direction_runs
    reader = Reader.of(case, second=second)
    agrees = request.second_parent_agrees if second else request.parent_agrees
    starts_on, ends_on, lasts = _dates(pair)
    away = privacy.miles(case, hide=pair.hide)
    return Facts(
        request_id=request.request_id,
        household_id=case.household.household_id,
        as_of=long_date(as_of),
        policy=policy.name,
        policy_version=policy.version,
        matching_policy=known(policy.code("matching_policy"), "name and version"),
        policy_changed="; ".join(switched.changes(policy)),
        assessment=request.purpose == "assessment",
        purpose=purpose[0].value,
        regime=case.of_request.regime,
        child_legal_status=request.child_legal_status,
        court_directed=directed,
        voluntary=request.nobody_looked_after and not directed,
        legal_notes=list(legal.notes),
        with_parents=case.of_request.with_parents,
        looked_after_parents=statutory.looked_after_parents(request),
        parent_looked_after=request.a_parent_is_looked_after,
        child_looked_after=request.child_looked_after,
        second_parent=request.second_parent_comes,
        second_reads=second,
        education="education" in request.needs,
        unborn=request.child_born_or_due_on > as_of,
        child="children" if many else "child",
        your_child=_your_child(request, as_of),
        your_baby=_your_baby(request, as_of),
        status_is="is" if request.babies == 1 else "are",
        status_of=_status_of(request),
        older_to_complete=_older_to_complete(request),
        child_is="are" if many else "is",
        child_has="have" if many else "has",
        older_children=request.older_children,
        eligible=not broken,
        confirmed=pair.confirmed,
        proposed=pair.proposed,
        residential=held == "residential",
        held=f"{request.request_id} {HELD[held]}." if held else "",
        findings=[
            f"{f.reason} ({f.clause})" for f in ([] if row is None else prepared.findings[row])
        ],
        legal_changes=[each.sentence for each in legal.changes],
        broken=broken,
        standing=of_pair.standing(pair),
        relationship=pair.relationship,
        living=pair.living is not None,
        own_carers=reader.own_carers,
        you_looked_after=reader.looked_after,
        you_free=reader.free,
        you_said_yes=agrees is True,
        may_leave=may_leave(request, directed=directed),
        proceedings=directed or request.child_legal_status in IN_COURT,
        withheld={True: "yes", False: "no", None: "not known"}[request.withhold_address],
        hide_place=pair.hide,
        area=privacy.outcode(case, hide=pair.hide) or pair.not_shown,
        miles="" if away is None else about(away),
        starts_on=starts_on,
        ends_on=ends_on,
        lasts=lasts,
        born=of_request.born(request, as_of, counted=counted),
        court_on=long_date(request.court_on) if request.court_on else "",
        language="" if second else _language(request),
        language_not_known=second or request.languages is None,
        purpose_rows=purpose,
        family_rows=family,
        identity_rows=identity,
        need_rows=needs,
        suitability_rows=suitability,
        risk_rows=risk,
        missing=[upper_first(what) for what in request_record.missing(request, as_of)],
        resource_team_decision=known(
            {"foster": "A fostering household", "residential": "A residential placement"}.get(
                request.resource_team_decision or ""
            ),
            "decision",
        ),
        needs=needs[0].value,
        criteria=list(of_pair.criteria(pair)),
        hard_needs=list(of_pair.hard_needs(pair)),
        home_rows=of_pair.home_rows(case),
        visits=list(statutory.visits(case.of_request)),
        reviews=list(statutory.reviews(case.of_request, by_key)),
        areas=of_pair.risks(case),
        usual_limits=of_pair.usual_limits(case),
        raised=of_pair.raised(case),
        looked_after_there=there,
        looked_after_words=upper_first(count(there, "looked-after child")),
        birth_children=own_children,
        joint_outcome=_outcome(joint),
        conditions=_conditions(joint),
        joint_too_high=joint is not None and joint.outcome == "too_high",
        signed_by_child_social_worker=_signed(joint.child_social_worker_on if joint else None),
        signed_by_supervising_social_worker=_signed(
            joint.supervising_social_worker_on if joint else None
        ),
        safe_caring=long_date(reviewed) if reviewed else _held(by_key.get("safe_caring"), "date"),
        carers_briefed=_held(by_key.get("carers_briefed"), "date of the briefing, by whom"),
        discussed=_held(by_key.get("request_record"), "date"),
        visit_before=_held(by_key.get("visit_before"), "day"),
        visited="visit_before" in by_key and by_key["visit_before"].status == DONE,
        meeting_held=_held(
            by_key.get("placement_meeting"), "date of the placement agreement meeting"
        ),
        review_frequency=known(often, "frequency, set at the outset"),
        gates=of_pair.open_gates(every, pair.case.policy),
        checks_requested=of_request.day(
            request.checks_requested_on, "day the checks were asked for"
        ),
        head_of_service=of_request.day(
            request.head_of_service_on, "day the Head of Service agreed"
        ),
        pwp_state=known(_pwp(request), "approved or not"),
        pwp_due=_due(by_key.get("placement_with_parents_assessment")),
        unplanned_return_days=_setting(pair, "unplanned_return_days", "day"),
        return_review_days=_setting(pair, "return_review_days", "day"),
        return_review_working_days=_setting(pair, "return_review_working_days", "working day"),
        panel_months=_setting(pair, "panel_months", "month"),
        revocation=(
            by_key["revocation_considered"].evidence
            if "revocation_considered" in by_key
            else NOT_ASKED_FOR
        ),
    )


def _setting(pair: Pair, name: str, unit: str) -> str:
    """A number of the calendar in the policy in use, with its unit; '' where it is off."""
    number = calendar_number(pair.case.policy, name)
    return count(number, unit) if number else ""


def _due(duty: DutyWords | None) -> str:
    """When a duty is due and why, or how it stands, as the register says it."""
    if duty is None:
        return NOT_ASKED_FOR
    if not duty.still:
        return duty.evidence
    due = f"{long_date(duty.due)} ({duty.clause})" if duty.due else to_complete("day")
    return f"{due}. {duty.evidence}"


def _held(duty: DutyWords | None, what: str) -> str:
    """When a duty was recorded as done, why nobody has to do it, or the mark of what to fill in."""
    if duty is None:
        return NOT_ASKED_FOR
    return duty.evidence if duty.status in (DONE, NOT_NEEDED) else to_complete(what)


def _dates(pair: Pair) -> tuple[str, str, str]:
    """When the placement starts, when it is planned to end, and how long it lasts."""
    request, living = pair.case.request, pair.living
    start = living.started_on if living else pair.recorder.starts_on(pair.case)
    starts_on = known(long_date(start) if start else None, "start")
    until = (living.ended_on or living.planned_end_on) if living else pair.case.agreed_end
    weeks = request.expected_weeks
    if start and until:
        weeks = max(1, (until - start).days // 7)
    elif start and weeks is not None:
        until = start + timedelta(weeks=weeks)
    if weeks is not None:
        lasts, end = f"about {count(weeks, 'week')}", "planned end"
    else:
        lasts = "open: until the parent is ready to live independently with the child"
        end = "planned end, or the day on which it is looked at again"
    return starts_on, known(long_date(until) if until else None, end), lasts


def _your_child(request: Request, as_of: date) -> str:
    """The children as one says it to their parent."""
    said = _your_baby(request, as_of)
    if not request.older_children:
        return said
    if not _is_baby(request, as_of):
        return "your children"
    return f"{said} and {_your_older(request)}"


def _is_baby(request: Request, as_of: date) -> bool:
    return (as_of - request.child_born_or_due_on).days < YEAR


def _your_baby(request: Request, as_of: date) -> str:
    """The child or the twins whose birth and legal status are recorded, as one says it to their parent."""
    one, several = ("baby", "babies") if _is_baby(request, as_of) else ("child", "children")
    youngest = "" if _is_baby(request, as_of) or not request.older_children else "youngest "
    return f"your {youngest}{one if request.babies == 1 else several}"


def _your_older(request: Request) -> str:
    return f"your older {'child' if request.older_children == 1 else 'children'}"


def _status_of(request: Request) -> str:
    """Of which children the legal status is recorded."""
    youngest = "youngest " if request.older_children else ""
    return f"{youngest}{'child' if request.babies == 1 else 'children'}"


def _older_to_complete(request: Request) -> str:
    """No column says under which order the older children are, so that people do; '' where none come."""
    return f" {to_complete(_your_older(request))}" if request.older_children else ""


def _language(request: Request) -> str:
    best = (request.languages or ("",))[0]
    if not best or best == ENGLISH or request.english == FLUENT:
        return ""
    return language_names().get(best, "")


def _outcome(joint: RiskAssessment | None) -> str:
    """What the joint risk assessment that decides comes to."""
    if joint is None or joint.outcome == "in_progress":
        return to_complete("outcome")
    on = f"on {long_date(joint.assessed_on)}" if joint.assessed_on else "on a day not recorded"
    if joint.outcome == "too_high":
        return f"Assessed {on}: too high to contain in this household. Back to the Resource team."
    return f"Assessed {on}: the risks can be contained and managed in this household."


def _conditions(joint: RiskAssessment | None) -> str:
    """Whether the joint risk assessment that decides has conditions: free text stays in its table."""
    if joint is None or not joint.conditions:
        return to_complete("conditions, or none")
    return to_complete("conditions: the table risk_assessments has some")


def _signed(day: date | None) -> str:
    """A day, or the mark of one that is not recorded."""
    return known(long_date(day) if day else None, "date")


def _pwp(request: Request) -> str | None:
    said = {"approved": "Approved", "interim": "Interim agreement", "not_done": "Not yet done"}
    return said.get(request.placement_with_parents or "")
