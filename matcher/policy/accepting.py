"""Who may accept which duty though it is open: the register of duties and the numbers of a policy, joined."""

from __future__ import annotations

from matcher.intake.accepting import Accepting
from matcher.policy.duties import DUTIES
from matcher.policy.settings import Policy


def accepting(policy: Policy) -> Accepting:
    """The roles that may accept each duty, with the most days; only one that holds can be accepted.

    The council's own duties are named whether they hold or not, as nothing else lists their keys.
    """
    by_duty = {duty.key: policy.may_accept(duty.key) for duty in DUTIES if duty.holds}
    own = {
        duty.key: policy.may_accept(duty.key) if duty.holds else {} for duty in policy.local_duties
    }
    return Accepting(by_duty | own, policy.terms)
