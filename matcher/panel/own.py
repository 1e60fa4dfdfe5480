"""Whose case it is: the families and households that are a user's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING

from matcher.panel.acts import Role
from matcher.panel.models import Assignment
from matcher.panel.tables import counting

if TYPE_CHECKING:
    from matcher.panel.models import User


def _assigned(user: User, column: str) -> set[str]:
    if not hasattr(user, "_assigned"):
        found = Assignment.objects.filter(user=user).values("request_id", "household_id")
        user._assigned = list(found)  # type: ignore[attr-defined]
    return {each[column] for each in user._assigned if each[column]}  # type: ignore[attr-defined]


def _once(find: Callable[[User], set[str]]) -> Callable[[User], set[str]]:
    """What is a user's own, asked of the database once for each time that the user is loaded."""
    name = f"_{find.__name__}"

    @wraps(find)
    def found(user: User) -> set[str]:
        if not hasattr(user, name):
            setattr(user, name, find(user))
        known: set[str] = getattr(user, name)
        return known

    return found


@_once
def own_households(user: User) -> set[str]:
    """The households assigned to a user, and to a supervising social worker those of the team."""
    own = _assigned(user, "household_id")
    if user.does is Role.SUPERVISING and user.team:
        homes = counting("households").filter(team=user.team)
        own |= set(homes.values_list("household_id", flat=True))
    return own


@_once
def own_requests(user: User) -> set[str]:
    """The families assigned to a user; to a supervising social worker also those of own households.

    A family is of a household that it lives in, is chosen for, or is proposed to in the last round.
    """
    own = _assigned(user, "request_id")
    if user.does is Role.SUPERVISING:
        from matcher.panel.rounds import proposed_to

        homes = own_households(user)
        lives, decided = (
            counting(table).filter(household_id__in=homes).values_list("request_id", flat=True)
            for table in ("placements", "decisions")
        )
        own |= set(lives.union(decided))
        own |= proposed_to(homes)
    return own
