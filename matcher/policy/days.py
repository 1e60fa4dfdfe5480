"""Days as people count them: working days in England, months and years."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from matcher.model import months_before
from matcher.shipped import shipped

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


@dataclass(frozen=True)
class BankHolidays:
    """Those of England: of the years that ship as a table, and of others as the library has them.

    To import the library takes longer than to match a small round.
    """

    days: frozenset[date]
    first: date
    last: date

    def __contains__(self, day: object) -> bool:
        """Whether a day is one of them."""
        if isinstance(day, date) and self.first <= day <= self.last:
            return day in self.days
        return day in from_library()


@cache
def from_library() -> Container[object]:
    """The bank holidays of England as the library works them out, for any year."""
    from holidays import country_holidays

    return country_holidays("GB", subdiv="ENG")


@cache
def england() -> WorkingDays:
    """The working days of England, by its bank holidays."""
    days = frozenset(date.fromisoformat(row["day"]) for row in shipped("bank_holidays.csv"))
    years = [day.year for day in days]
    return WorkingDays(BankHolidays(days, date(min(years), 1, 1), date(max(years), 12, 31)))


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
