"""A day as people write it beside a tick: with a weekday, a month's name, a short year or none."""

from __future__ import annotations

import re
from datetime import date, timedelta

from matcher.intake.cells import day as read_day
from matcher.intake.cells import shown, wrong

MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august",
          "september", "october", "november", "december")  # fmt: skip
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
FIRST_DAY = date(1899, 12, 30)  # of Excel's count
_WRITTEN = re.compile(
    r"(?:(?P<weekday>[a-z]{3,9})\.?,? )?(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?(?:[-/. ]| of )"
    r"(?P<month>[0-9]{1,2}|[a-z]{3,9})\.?(?:[-/. ,]+(?P<year>[0-9]{4}|[0-9]{2}))?"
)
_COUNTED = re.compile("[4-5][0-9]{4}")  # by Excel, in a cell without the format of a day
_DOTTED = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}")


def written_day(text: str, as_of: date) -> date:
    """A day, day first; where it has no year, the nearest to `as_of`. WrongCell where it is none."""
    said = " ".join(text.casefold().split())
    if _COUNTED.fullmatch(said):
        return FIRST_DAY + timedelta(days=int(said))
    if _DOTTED.fullmatch(said):  # 20.10 in a cell of numbers is 20.1
        raise wrong(shown(text), "It may be a number.", "Write the year, too: 4.12.2026.")
    match = _WRITTEN.fullmatch(said)
    month = _month(match["month"]) if match else None
    if match is None or month is None:
        return read_day(text)
    years = [as_of.year - 1, as_of.year, as_of.year + 1]
    if match["year"]:
        years = [int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)]
    days = [day for year in years if (day := _day(year, month, int(match["day"])))]
    if not days:
        return read_day(f"{match['day']}/{month}/{years[0]}")
    day = read_day(min(days, key=lambda each: abs(each - as_of)).isoformat())
    if match["weekday"] and not WEEKDAYS[day.weekday()].startswith(match["weekday"]):
        weekday = WEEKDAYS[day.weekday()].capitalize()
        raise wrong(shown(text), f"{day:%d/%m/%Y} is a {weekday}.", "Say which day is meant.")
    return day


def _month(said: str) -> int | None:
    """A month by its number or the beginning of its name; 'sept' is one."""
    if said.isdecimal():
        return int(said)
    return next((at for at, name in enumerate(MONTHS, 1) if name.startswith(said)), None)


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
