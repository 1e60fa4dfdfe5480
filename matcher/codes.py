"""The closed code lists of the contract, in the order in which people read them."""

from __future__ import annotations

import re
from collections.abc import Iterable

REQUEST_STATUSES = ("open", "placed", "closed")
PURPOSES = ("assessment", "support")
LEGAL_STATUSES = (
    "not_looked_after", "s20", "emergency_protection", "interim_care_order", "care_order",
)  # fmt: skip
HELD_BACK = ("residential", "resource_team", "head_of_service", "legal_advice", "no_consent")
SCREENING_OUTCOMES = (*HELD_BACK, "staying_put")  # the first that applies is a request's
LEGAL_ADVICE = (
    "section_17", "section_20", "interim_order", "placement_with_parents_applies",
    "placement_with_parents_does_not_apply",
)  # fmt: skip
ETHNICITIES = (
    "WBRI", "WIRI", "WIRT", "WOTH", "WROM", "MWBC", "MWBA", "MWAS", "MOTH", "AIND",
    "APKN", "ABAN", "AOTH", "BCRB", "BAFR", "BOTH", "CHNE", "OOTH", "REFU", "NOBT",
)  # fmt: skip
FAITHS = ("buddhist", "christian", "hindu", "jewish", "muslim", "sikh", "other")
RELIGIONS = ("none", *FAITHS, "not_stated")
ENGLISH = ("fluent", "some", "none")
NEEDS = (
    "mental_health", "substance_misuse", "domestic_abuse", "learning_disability",
    "physical_disability", "self_harm", "sexual_exploitation", "trauma", "first_time_parent",
    "premature_baby", "baby_health", "education", "independence", "asylum_seeking",
)  # fmt: skip
SKILLS = (
    "monitoring_and_recording", "parenting_advice", "court_evidence", "teaching_parents",
    "babies", "teenagers", *NEEDS,
)  # fmt: skip
FEATURES = (
    "dog", "cat", "smoker", "step_free", "ground_floor", "own_bathroom", "garden", "car",
    "female_only", "birth_children",
)  # fmt: skip
RISK_AREAS = (
    "offending", "violence", "arson", "sexualised_behaviour", "substance_misuse", "self_harm",
    "absconding", "medical", "mental_health",
)  # fmt: skip
RISK_LEVELS = ("none", "low", "medium", "high")
CONCERNS = (
    "parenting", "supervision", "child_needs", "external_risk", "rehabilitation",
    "serious_mental_ill_health", "absconding", "specified_offence",
)  # fmt: skip
RESOURCE_TEAM_DECISIONS = ("foster", "residential")
ENGAGEMENTS = ("committed", "partial", "refusing")
PRE_BIRTH = ("done", "booked", "not_done", "not_needed")
WITH_PARENTS = ("approved", "interim", "not_done")
HOUSEHOLD_STATUSES = ("approved", "assessing", "suspended", "ended")
PROVIDERS = ("own", "other_authority", "agency")
RELATIONSHIPS = {
    "current_carer": 3, "former_carer": 2, "sibling_lives_there": 2,
    "respite_carer": 1, "known_to_family": 1,
}  # fmt: skip
RISK_OUTCOMES = ("in_progress", "containable", "too_high")
DECISIONS = ("choose", "rule_out", "declined_by_carer", "declined_by_parent", "confirmed")
REASONS = (
    "capacity", "risk", "distance", "timing", "household_needs", "parent_wishes", "other",
)  # fmt: skip
DUTIES_OF_A_REQUEST = (  # whatever the household: an event names none
    "request_record", "case_risk_assessment", "fostering_concerns", "risk_concerns", "engagement",
    "consent", "court_direction", "legal_advice", "legal_planning_meeting", "pre_birth_assessment",
    "antenatal_care", "child_protection", "review_brought_forward", "current_carer",
    "services_and_benefits", "placing_child_with_parent", "risks_known", "partner_and_family_risk",
    "address", "older_children_needs", "handed_back", "placement_found", "adult_checks",
    "parent_turns_18", "second_parent_turns_18", "staying_put_agreed", "checks_requested",
    "checks_attached", "placement_with_parents_assessment", "team_manager_view",
    "reviewing_officer_view", "head_of_service", "plan_with_the_iro", "explained_to_the_child",
    "adult_joins", "revocation_considered", "adult_and_orders", "child_review", "parent_review",
)  # fmt: skip
DUTIES_OF_A_PAIR = (  # with one household: an event names it
    "joint_risk_assessment", "children_considered", "high_risk", "known_to_family",
    "features_asked", "smoke_free_own_carers", "what_follows", "safe_caring",
    "carers_briefed", "shared_care", "written_agreement", "terms", "limit_exemption",
    "area_approval", "area_authority", "area_notice", "visit_before", "placement_meeting",
    "placement_plan", "review_frequency", "reviews_on_request", "combined_reviews", "ending_agreed",
)  # fmt: skip
DUTIES_OF_A_PLACEMENT = (  # while a family lives somewhere: an event may name the household
    "child_visit", "parent_visit", "panel_review", "arrangement_review",
    "outcome_decided", "transition", "pathway_plan", "staying_put", "planned_end",
)  # fmt: skip
DUTIES = (*DUTIES_OF_A_REQUEST, *DUTIES_OF_A_PAIR, *DUTIES_OF_A_PLACEMENT)
LOCAL_DUTY = "local_"  # what the keys of a council's own duties begin with, which its policy names
FORMER_DUTIES = {  # keys of earlier releases that events may still use, and what they are today
    "with_parents_assessment": "placement_with_parents_assessment",
    "interim_agreement": "head_of_service",
    "carers_meet": "carers_briefed",
    "agreement_meeting": "placement_meeting",
}
DRAFTED = {  # the Word documents by key, with their titles
    "request-record": "Request for a parent and child placement",
    "match-record": "Match record",
    "joint-risk-assessment": "Joint risk assessment",
    "placement-with-parents-assessment": "Placement with parents assessment",
    "placement-plan": "Parent and child placement plan",
    "for-the-parent": "For the parent",
    "for-the-second-parent": "For the second parent",
}
HAPPENINGS = (
    "child_born", "returned_home", "became_looked_after", "parent_became_looked_after",
    "family_time_began", "adult_joined",
)  # fmt: skip
EVENT_STATUSES = ("done", "accepted", "planned")
ENDINGS = (
    "planned", "carers_asked", "parents_left", "risk", "separated", "moved_on", "staying_put",
    "other",
)  # fmt: skip
PLANNED_ENDINGS = ("planned", "moved_on", "staying_put")  # of which none speaks against the pair
HOME_OUTCOMES = ("proposed", "kept_for", "occupied", "free", "closed")  # of a household in a round
BEFORE_FOSTERING = ("fostering_concerns", "case_risk_assessment")  # duties, of an assessment
URGENCIES = ("today", "within_5_days", "more_than_5_days")


NEGATIONS = frozenset(
    ("no", "non", "not", "never", "none", "without", "ex", "former", "formerly", "free", "except",
     "un", "other", "anti", "isn", "aren", "doesn", "cannot")
)  # fmt: skip


def turns(one: str, other: str) -> bool:
    """Whether a word of one text, but not of the other, turns its meaning round."""
    words = (frozenset(re.findall(r"[^\W_]+", text.casefold())) for text in (one, other))
    return not NEGATIONS.isdisjoint(next(words) ^ next(words))


def nearest(value: str, valid: Iterable[str]) -> str | None:
    """The valid name that `value` most looks like, or None where nothing is near.

    For names of tables, settings and commands alone: the letters of a code say nothing about its
    meaning (see `spellings`).
    """
    from difflib import get_close_matches

    by_folded = {name.casefold(): name for name in valid if not turns(value, name)}
    close = get_close_matches(value.casefold(), by_folded, n=1, cutoff=0.55)
    return by_folded[close[0]] if close else None


def did_you_mean(value: str, valid: Iterable[str]) -> str:
    """' Did you mean far_miles?', or nothing where nothing is near."""
    guess = nearest(value, valid)
    return f" Did you mean {guess}?" if guess else ""
