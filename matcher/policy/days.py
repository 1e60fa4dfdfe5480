"""Days as people count them: working days in England, months and years."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from matcher.model import months_before

SATURDAY = 5
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """Counts the days that are neither at a weekend nor closed."""

    closed: Container[date]

    def open(self, day: date) -> bool:
        """Whether a day is a working day."""
        return day.weekday() < SATURDAY and day not in self.closed

    def after(self, day: date, many: int) -> date:
        """The working day that is so many after a day; the day itself does not count."""
        while many:
            day += A_DAY
            many -= self.open(day)
        return day

    def last_before(self, day: date) -> date:
        """The last working day before a day."""
        day -= A_DAY
        while not self.open(day):
            day -= A_DAY
        return day


@cache
def england() -> WorkingDays:
    """The working days of England, by its bank holidays."""
    from holidays import country_holidays

    return WorkingDays(country_holidays("GB", subdiv="ENG"))


@cache
def working_day_before(day: date) -> date:
    """The last working day in England before a day; a large round asks for the same days often."""
    return england().last_before(day)


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last day of a month that is too short."""
    return date.fromordinal(int(months_before(day.toordinal(), -months)))


def years_after(day: date, years: int) -> date:
    """The same day some years later; of 29 February, 1 March in other years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
