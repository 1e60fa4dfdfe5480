"""What stands at the head of every paper: a closed list of kinds, what each says, and its facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

AlertKind: TypeAlias = Literal[
    "no_home_tonight",
    "late",
    "waits_ahead",
    "goes_elsewhere",
    "kept_open",
    "overdue_by_law",
    "confirmed_held",
    "confirmed_breaks",
    "confirmed_open",
    "confirmed_too_near",
    "placement_breaks",
    "end_not_known",
    "who_lives_there",
    "accepted",
    "accepted_ran_out",
    "home_kept",
    "home_given",
    "choice_set_aside",
    "decision_set_aside",
    "team_not_known",
    "fee_not_known",
]
FIRST: tuple[AlertKind, ...] = ("no_home_tonight", "late")  # what stands before all others
OF_A_RULE = {
    "rule": "The rule that is not met; its own facts stand beside it.",
    "known": "Whether it is known that it is not met; else somebody has to ask.",
}
ACCEPTANCE = {
    "duty": "The duty.",
    "clause": "Its clause.",
    "by": "Who accepted it, by role.",
    "on": "The day on which it was accepted.",
    "until": "The last day for which it is accepted.",
}


@dataclass(frozen=True, slots=True)
class About:
    """What an alert of a kind says, and its facts, each with what it is."""

    says: str
    facts: Mapping[str, str]


OF_FUTURES = {
    "futures": "In how many drawn futures a family would be without a home if the household were taken.",
    "of": "How many futures were drawn.",
    "waiting": "In how many of these none that comes goes there, but a family that waits today.",
    "by": "The day before which, in each of the others, a family comes that then goes there; null where it is none.",
}

ALERTS: Mapping[AlertKind, About] = {
    "no_home_tonight": About(
        "An open family is needed by today, lives nowhere that is recorded, and can start nowhere today.",
        {
            "needed_from": "The day from which it needs a home.",
            "late_days": "The days since then.",
            "outcome": "What came out for it.",
            "starts_on": "The day on which it could start where it is proposed, null where nobody can say.",
            "starts_late_days": "The days from needed_from to that day.",
        },
    ),
    "late": About(
        "A family would start after the day from which it needs a home.",
        {
            "needed_from": "The day from which it needs a home.",
            "starts_on": "The day on which it would start.",
            "starts_late_days": "The days from needed_from to that day.",
        },
    ),
    "waits_ahead": About(
        "A family waits so that a household, which the round would propose without looking ahead, stays open.",
        {"needed_from": "The day from which it needs a home.", **OF_FUTURES},
    ),
    "goes_elsewhere": About(
        "A family is proposed for another household than it would be without looking ahead.",
        {
            "without": "The household that would be proposed.",
            "fit_lost": "How much lower its fit is now, below 0 where it is higher.",
            "relationship_lost": "How many points of an existing relationship it loses, below 0 where it gains.",
        },
    ),
    "kept_open": About(
        "A household that the round would propose without looking ahead is proposed to nobody.",
        OF_FUTURES,
    ),
    "overdue_by_law": About(
        "Reviews, visits, panels or the assessment of a return are overdue.",
        {
            "duties": "The duties.",
            "days": "The day on which each was due.",
            "clauses": "The clauses of each.",
        },
    ),
    "confirmed_held": About(
        "A match is confirmed though screening holds the family back.",
        {"outcome": "The outcome of screening."},
    ),
    "confirmed_breaks": About("A confirmed match breaks a hard rule.", OF_A_RULE),
    "confirmed_open": About(
        "A match is confirmed while duties that hold confirmation are open.",
        {"duties": "Those duties.", "clauses": "The clause of each."},
    ),
    "confirmed_too_near": About(
        "Two families are confirmed nearer to each other than keep_apart says.",
        {"other_request_id": "The other family."},
    ),
    "placement_breaks": About("A placement that runs breaks a hard rule today.", OF_A_RULE),
    "end_not_known": About(
        "No day is recorded on which a placement that runs will end, or it is past.",
        {"by_weeks": "The day on which the expected weeks are over, null where nobody can say."},
    ),
    "who_lives_there": About(
        "A placement ended because the child or the parent stayed, and nobody has asked since who lives there.",
        {},
    ),
    "accepted": About(
        "Somebody has accepted a duty that holds confirmation though it is not done.", ACCEPTANCE
    ),
    "accepted_ran_out": About(
        "A duty was accepted until a day that is past: it is open again.", ACCEPTANCE
    ),
    "home_kept": About(
        "A home is kept for a parent who lives there while another family waits that could go there.",
        {"kept_for": "The families for which it is kept.", "waits": "The families that wait."},
    ),
    "home_given": About(
        "The home where a parent of one family lives is proposed for another.",
        {
            "lives_there": "The family whose parent lives there.",
            "needed_from": "The day from which that family needs a placement.",
        },
    ),
    "choice_set_aside": About(
        "People chose a pair that breaks something today: the choice does not stand.",
        {
            "decided_on": "The day of the choice.",
            "outcome": "The outcome of screening, where that holds the family back.",
            "limit": "The limit that it would break, where it would.",
            "too_near": "The family that it would be too near, where it would.",
            **{name: f"{is_} Where it breaks one." for name, is_ in OF_A_RULE.items()},
        },
    ),
    "decision_set_aside": About(
        "Of two decisions on one side the other stands.",
        {
            "decision": "The decision that is set aside.",
            "decided_on": "Its day.",
            "stands_request_id": "The family of the decision or placement that stands.",
            "stands_household_id": "The household of it.",
        },
    ),
    "team_not_known": About(
        "The team of a household is not known, so that it does not count in new_per_team.", {}
    ),
    "fee_not_known": About(
        "The fee of a household is not known, so that it counts as £0 in weekly_fees.", {}
    ),
}
