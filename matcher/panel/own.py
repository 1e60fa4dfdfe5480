"""Whose case it is: the families and households that are a user's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcher.panel.acts import Role
from matcher.panel.models import Assignment
from matcher.panel.tables import MODELS

if TYPE_CHECKING:
    from matcher.panel.models import User


def _assigned(user: User, column: str) -> set[str]:
    return set(Assignment.objects.filter(user=user).exclude(**{column: ""}).values_list(column, flat=True))  # fmt: skip


def own_households(user: User) -> set[str]:
    """The households assigned to a user, and to a supervising social worker those of the team."""
    own = _assigned(user, "household_id")
    if user.does is Role.SUPERVISING and user.team:
        homes = MODELS["households"].objects.filter(team=user.team, withdrawn_at__isnull=True)
        own |= set(homes.values_list("household_id", flat=True))
    return own


def own_requests(user: User) -> set[str]:
    """The families assigned to a user; to a supervising social worker also those of own households.

    A family is of a household that it lives in, is chosen for, or is proposed to in the last round.
    """
    own = _assigned(user, "request_id")
    if user.does is Role.SUPERVISING:
        from matcher.panel.rounds import proposed_to

        homes = own_households(user)
        for table in ("placements", "decisions"):
            found = MODELS[table].objects.filter(household_id__in=homes, withdrawn_at__isnull=True)
            own |= set(found.values_list("request_id", flat=True))
        own |= proposed_to(homes)
    return own
