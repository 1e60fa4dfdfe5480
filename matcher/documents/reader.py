"""What holds of the parent who reads a page: of two parents each has their own."""

from __future__ import annotations

from dataclasses import dataclass

from matcher.intake.rows import Request
from matcher.policy.case import Case
from matcher.policy.screening import ADULT

ORDERS = ("interim_care_order", "care_order")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the page, and what they may do.

    `free`: an adult who is not looked after. `own_carers`: the reader lives with this household.
    """

    second: bool
    looked_after: bool
    adult: bool
    own_carers: bool

    @property
    def free(self) -> bool:
        """Whether nothing but what is said of the child keeps the reader."""
        return self.adult and not self.looked_after

    @classmethod
    def of(cls, case: Case, *, second: bool) -> Reader:
        """The first or the second parent of a family."""
        request = case.request
        age = (request.second_parent_age if second else request.parent_age) or 0
        looked_after = (request.second_parent_looked_after if second else request.parent_looked_after) is True  # fmt: skip
        return cls(
            second,
            looked_after,
            age >= ADULT,
            case.relationship == "current_carer" and second == _second_lives_there(request),
        )


def _second_lives_there(request: Request) -> bool:
    """Whether it is the second parent whose own carers current carers are: the one looked after."""
    return request.second_parent_looked_after is True and not request.parent_looked_after


def may_leave(request: Request, *, directed: bool) -> str:
    """What holds the child, which says whether a parent can go with it.

    'order' of a court, 'emergency', 'directed' by a court without an order, 's20', or 'agreed'.
    """
    status = request.child_legal_status
    if status in ORDERS:
        return "order"
    if status == "emergency_protection":
        return "emergency"
    if directed:
        return "directed"
    return "s20" if status == "s20" else "agreed"
