"""Who may accept which duty though it is open: the register of duties and the numbers of a policy, joined."""

from __future__ import annotations

from matcher.intake.accepting import Accepting
from matcher.policy.duties import DUTIES
from matcher.policy.settings import Policy


def accepting(policy: Policy) -> Accepting:
    """The roles that may accept each duty, with the most days; only one that holds can be accepted."""
    by_duty = {duty.key: policy.may_accept(duty.key) for duty in DUTIES if duty.holds}
    return Accepting(by_duty, policy.terms)
