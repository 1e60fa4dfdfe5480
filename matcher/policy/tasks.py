"""The dated tasks of the policy: what is due of a request, before a start, and of a placement.

Each task says in its first line what the policy asks; where the clause gives no number, the lines
below say how it is read here.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcher.intake.inputs import Inputs
from matcher.policy import agenda
from matcher.policy.agenda import Entry, Planned, Task
from matcher.policy.ending import (
    outcome_decided,
    pathway_plan,
    planned_end,
    staying_put,
    transition,
)
from matcher.policy.preparing import (
    agreement_meeting,
    antenatal_care,
    carers_meet,
    checks_requested,
    child_protection,
    combined_reviews,
    current_carer,
    ending_agreed,
    explained_to_the_child,
    interim_agreement,
    legal_planning_meeting,
    placement_found,
    plan_with_the_iro,
    pre_birth_assessment,
    review_brought_forward,
    review_frequency,
    reviews_on_request,
    services_and_benefits,
    visit_before,
    with_parents_assessment,
)
from matcher.policy.reviews import (
    adult_joins,
    child_review,
    child_visit,
    panel_review,
    parent_review,
    parent_visit,
)
from matcher.policy.settings import Policy

TASKS: tuple[Task, ...] = (
    placement_found,
    pre_birth_assessment,
    antenatal_care,
    child_protection,
    legal_planning_meeting,
    review_brought_forward,
    current_carer,
    services_and_benefits,
    plan_with_the_iro,
    checks_requested,
    interim_agreement,
    with_parents_assessment,
    explained_to_the_child,
    visit_before,
    carers_meet,
    agreement_meeting,
    review_frequency,
    reviews_on_request,
    combined_reviews,
    ending_agreed,
    child_review,
    parent_review,
    child_visit,
    parent_visit,
    adult_joins,
    panel_review,
    outcome_decided,
    transition,
    pathway_plan,
    staying_put,
    planned_end,
)


def entries(inputs: Inputs, policy: Policy, planned: Mapping[str, Planned]) -> list[Entry]:
    """The calendar of a round: every dated task, what is overdue first, then by day."""
    return agenda.entries(TASKS, inputs, policy, planned)
