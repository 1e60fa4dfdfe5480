"""How long something lasts and how often it is declined, counted, with the intervals of these counts."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import sqrt

PARTS = 1_000_000  # of all: a share that futures are drawn by is a whole number of them
DECIMALS = 4  # of a rate or a share, as a file has it and futures are drawn with it
NORMAL = 1.96  # standard errors on each side of a 95 % interval


@dataclass(frozen=True)
class Lasting:
    """How many weeks something lasts, and what says so.

    `ended` has how many ended after so many weeks, `running` how many still run after so many: pairs
    of weeks and a number, by weeks.
    """

    ended: tuple[tuple[int, int], ...]
    running: tuple[tuple[int, int], ...]
    source: str

    @classmethod
    def of(cls, ended: Iterable[int], running: Iterable[int], source: str) -> Lasting:
        """What single ones lasted, in weeks."""
        first, then = (tuple(sorted(Counter(each).items())) for each in (ended, running))
        return cls(first, then, source)

    @property
    def number(self) -> int:
        """How many ended."""
        return sum(number for _, number in self.ended)

    @cached_property
    def _left(self) -> list[tuple[int, Fraction, float]]:
        """The weeks after which some ended, the share that lasts longer, and its standard error.

        By Kaplan and Meier: one that still runs counts as long as it is known to run. The error is
        Greenwood's.
        """
        ended, running = dict(self.ended), dict(self.running)
        known = sum(ended.values()) + sum(running.values())
        left, spread, found = Fraction(1), 0.0, []
        for weeks in sorted({*ended, *running}):
            if gone := ended.get(weeks, 0):
                left *= Fraction(known - gone, known)
                spread += gone / (known * (known - gone)) if left else 0.0
                found.append((weeks, left, float(left) * sqrt(spread)))
            known -= gone + running.get(weeks, 0)
        return found

    @property
    def median(self) -> int | None:
        """The weeks after which half have ended; None where so many are not known to end."""
        return next((weeks for weeks, left, _ in self._left if 2 * left <= 1), None)

    @property
    def between(self) -> tuple[int | None, int | None]:
        """The 95 % interval of the median, by Brookmeyer and Crowley; None where nobody can say."""
        low = (weeks for weeks, left, error in self._left if float(left) - NORMAL * error <= 0.5)
        high = (weeks for weeks, left, error in self._left if float(left) + NORMAL * error < 0.5)
        return next(low, None), next(high, None)

    @cached_property
    def _upto(self) -> tuple[list[int], list[int]]:
        """Weeks, and how many parts of all last no longer; who lasts longest is taken to end then."""
        upto = {weeks: int(PARTS * (1 - left)) for weeks, left, _ in self._left}
        upto[max(weeks for weeks, _ in (*self.ended, *self.running))] = PARTS
        return [*upto], [*upto.values()]

    def drawn(self, uniform: float) -> int:
        """The weeks on which a uniform number from 0 to 1 falls, the fewest on 0."""
        weeks, upto = self._upto
        return weeks[bisect_right(upto, min(int(uniform * PARTS), PARTS - 1))]

    def longer(self, more: int) -> Lasting:
        """The same with some weeks more on each."""
        ended, running = (tuple((w + more, n) for w, n in each) for each in (self.ended, self.running))  # fmt: skip
        return Lasting(ended, running, self.source)


@dataclass(frozen=True, slots=True)
class Refusals:
    """How many were declined of those that were answered, and what says so."""

    declined: int
    answered: int
    source: str

    @property
    def share(self) -> float | None:
        """The share declined; None of none."""
        return round(self.declined / self.answered, DECIMALS) if self.answered else None

    @property
    def between(self) -> tuple[float | None, float | None]:
        """The 95 % interval of the share, by Wilson; None of none."""
        if not self.answered:
            return None, None
        n, square = self.answered, NORMAL * NORMAL
        middle = (self.declined + square / 2) / (n + square)
        half = sqrt(self.declined * (n - self.declined) / n + square / 4) * NORMAL / (n + square)
        low, high = max(middle - half, 0.0), min(middle + half, 1.0)
        return round(low, DECIMALS), round(high, DECIMALS)


def of_count(number: int) -> tuple[float, float]:
    """The 95 % interval of a Poisson mean of which so many were counted, by Byar's approximation."""
    low = 1 - 1 / (9 * number) - NORMAL / (3 * sqrt(number)) if number else 0.0
    high = 1 - 1 / (9 * (number + 1)) + NORMAL / (3 * sqrt(number + 1))
    return number * low * low * low, (number + 1) * high * high * high
