"""The limits of a whole round, all off by default: hard, but on the round and not on one pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matcher.model import Households, Indices
from matcher.policy.settings import Policy

PENCE = 100


@dataclass(frozen=True)
class Share:
    """What each of some households adds to a limit, and the most that all may add up to."""

    name: str
    adds: NDArray[np.int64]
    at_most: int


@dataclass(frozen=True)
class Teams:
    """The teams of some households, and how many of the households of each may be taken.

    `of` is the place of each household's team, one past the last where it has none: (households,).
    """

    names: tuple[str, ...]
    of: Indices
    at_most: int

    @property
    def limits(self) -> tuple[str, ...]:
        """The name of each team's limit."""
        return tuple(f"{new_per_team.key} ({team})" for team in self.names)


@dataclass(frozen=True)
class RoundLimit:
    """A limit of a round: its setting or table, what it says, and who can lift it."""

    key: str
    clause: str
    sentence: str
    who: str
    shares: Callable[[Households, Policy], Iterator[Share]]


def _limit(
    who: str,
) -> Callable[[Callable[[Households, Policy], Iterator[Share]]], RoundLimit]:
    def write(shares: Callable[[Households, Policy], Iterator[Share]]) -> RoundLimit:
        sentence = (shares.__doc__ or "").strip().splitlines()[0]
        return RoundLimit(shares.__name__, "limits", sentence, who, shares)

    return write


@_limit("the team's manager")
def new_per_team(h: Households, p: Policy) -> Iterator[Share]:
    """A supervising team takes on no more new placements in a round than it can support."""
    if (found := teams(h, p)) is not None:
        for at, name in enumerate(found.limits):
            yield Share(name, (found.of == at).astype(np.int64), found.at_most)


@_limit("the head of the service")
def weekly_fees(h: Households, p: Policy) -> Iterator[Share]:
    """The weekly fees of all that is proposed stay within the sum that is set."""
    if not p.is_off("limits.weekly_fees"):
        adds = np.rint(np.nan_to_num(h.weekly_fee) * PENCE).astype(np.int64)
        yield Share("weekly_fees", adds, round(p.number("limits.weekly_fees") * PENCE))


@_limit("the social workers of both families")
def keep_apart(h: Households, p: Policy) -> Iterator[Share]:
    """Two families that must be kept apart go to households at least so many miles apart."""
    yield from ()  # it is a conflict of two pairs, from its own table; see rounds


LIMITS: tuple[RoundLimit, ...] = (new_per_team, weekly_fees, keep_apart)


def shares(households: Households, policy: Policy) -> list[Share]:
    """Every limit in play, with what each of the households adds to it."""
    return [share for limit in LIMITS for share in limit.shares(households, policy)]


def teams(households: Households, policy: Policy) -> Teams | None:
    """The teams that may take on only so many; None where that is off."""
    if policy.is_off("limits.new_per_team"):
        return None
    named, of = np.unique(households.team, return_inverse=True)
    if len(named) and named[0] == "":  # a household without a team is in none
        named, of = named[1:], np.where(of == 0, len(named) - 1, of - 1)
    return Teams(tuple(named.tolist()), of, int(policy.number("limits.new_per_team")))
