"""Read one cell: text in, a clean value out, or every fault of the cell with its mend.

A blank cell never reaches these readers: blank means not known, and the row leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from matcher.codes import ETHNICITIES, FEATURES, RISK_AREAS, RISK_LEVELS, SKILLS, did_you_mean
from matcher.geo import outcodes, outward
from matcher.shipped import (
    ambiguous_languages,
    authority_codes,
    language_codes,
    language_names,
    shipped,
)

T = TypeVar("T")
Reader: TypeAlias = Callable[[str], T]

FIRST_YEAR, LAST_YEAR = 1950, 2100
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[ T]00:00(?::00)?)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_WHOLE = re.compile(r"[0-9]{1,7}(?:\.0+)?")
_NUMBER = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,9})?")
_FULL_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)\s*[0-9][A-Z]{2}\b", re.IGNORECASE)
_YES_NO = {
    **dict.fromkeys(("yes", "y", "true", "1"), True),
    **dict.fromkeys(("no", "n", "false", "0"), False),
}
_MEANT = {
    "s17": "not_looked_after",
    "section 17": "not_looked_after",
    "section 20": "s20",
    "s.20": "s20",
    "accommodated": "s20",
    "ico": "interim_care_order",
    "s38": "interim_care_order",
    "section 38": "interim_care_order",
    "co": "care_order",
    "s31": "care_order",
    "section 31": "care_order",
    "ifa": "agency",
}  # what people write for a code
_SHOWN = 60
_LONGEST_TEXT = 200
_FAULTS_A_CELL = 20


class CellFault(NamedTuple):
    """One thing that is wrong with a cell: the text in question, what is wrong, how to mend it."""

    value: str
    problem: str
    fix: str


class WrongCell(Exception):
    """A cell that can't be read, with everything that is wrong with it; a long list is cut."""

    def __init__(self, faults: Sequence[CellFault]) -> None:
        super().__init__(faults)
        more = len(faults) - _FAULTS_A_CELL
        if more > 0:
            problem = f"{more} more items of this cell are wrong."
            faults = [*faults[:_FAULTS_A_CELL], CellFault("…", problem, "Mend these first.")]
        self.faults = tuple(faults)


def wrong(value: str, problem: str, fix: str) -> WrongCell:
    """The error of a cell with which one thing is wrong."""
    return WrongCell([CellFault(value, problem, fix)])


@dataclass(frozen=True)
class Kind:
    """What a column takes: a word for it, how to write it, and its code list if it has one."""

    name: str
    hint: str
    codes: tuple[str, ...] = ()


_KINDS: dict[Reader[Any], Kind] = {}
_LISTS: dict[Reader[Any], Reader[Any]] = {}  # the reader of a list, and that of its items


def kind_of(reader: Reader[Any]) -> Kind:
    """What a reader takes."""
    if reader in _LISTS:
        item = kind_of(_LISTS[reader])
        return Kind("list", f"A list, separated by semicolons. {item.hint}", item.codes)
    return _KINDS[reader]


def shown(value: str) -> str:
    """A cell as an error may show it: short, printable, and no postcode beyond its outward half."""
    short = value[: 4 * _SHOWN]
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in short)
    printable = _FULL_POSTCODE.sub(r"\1 …", printable)
    return printable if len(printable) <= _SHOWN else printable[:_SHOWN] + "…"


def either(codes: Iterable[str]) -> str:
    """'a, b or c'."""
    *first, last = codes
    return f"{', '.join(first)} or {last}" if first else last


_MOST_NAMED = 30  # codes of a list that a fault names


def _unknown_code(value: str, codes: tuple[str, ...]) -> WrongCell:
    meant = _MEANT.get(value.casefold()) or _labelled(value, codes)
    guess = f" Did you mean {meant}?" if meant in codes else did_you_mean(value[:_SHOWN], codes)
    use = f"Use {either(codes)}." if len(codes) <= _MOST_NAMED else "docs/tables.md lists them."
    return wrong(shown(value), "This is not a code of the list.", f"{use}{guess}")


def _labelled(value: str, codes: tuple[str, ...]) -> str | None:
    """The ethnicity code whose label people wrote, as in 'Black African' for BAFR."""
    if codes != ETHNICITIES:
        return None
    asked = set(re.findall(r"[a-z]+", value.casefold())) - {"black", "asian", "mixed", "any"}
    found = {
        row["code"]: len(asked ^ set(re.findall(r"[a-z]+", row["label"].casefold())))
        for row in shipped("ethnicity.csv")
        if asked and asked <= set(re.findall(r"[a-z]+", row["label"].casefold()))
    }
    return min(found, key=lambda code: found[code]) if found else None


def text(raw: str) -> str:
    """Any text that can be printed."""
    if not raw.isprintable():
        raise wrong(shown(raw), "It has a character that can't be printed.", "Type it again.")
    if len(raw) > _LONGEST_TEXT:
        raise wrong(shown(raw), "It is too long.", f"Use at most {_LONGEST_TEXT} characters.")
    return raw


def note(raw: str) -> str:
    """Free text, kept as it is."""
    return raw


def yes_no(raw: str) -> bool:
    """Yes or no."""
    try:
        return _YES_NO[raw.casefold()]
    except KeyError:
        fix = "Write yes or no, or leave it blank where nobody knows."
        raise wrong(shown(raw), "This is neither yes nor no.", fix) from None


def code(codes: Iterable[str], former: Mapping[str, str] | None = None) -> Reader[str]:
    """A reader of one code of a closed list; `former` are names of earlier releases for some."""
    codes = tuple(codes)
    known = {c.casefold(): c for c in codes} | dict(former or {})

    def read(raw: str) -> str:
        found = known.get(raw.casefold())
        if found is None:
            raise _unknown_code(raw, codes)
        return found

    _KINDS[read] = Kind("code", f"One of: {', '.join(codes)}.", codes)
    return read


def _items(raw: str) -> list[str]:
    return list(dict.fromkeys(item.strip() for item in raw.split(";") if item.strip()))


def _faults_of_item(error: WrongCell, item: str, read_item: Reader[Any]) -> Sequence[CellFault]:
    """What is wrong with an item of a list: that it is several good ones with commas, or its own."""
    parts = [part.strip() for part in item.split(",") if part.strip()]
    try:
        values = [read_item(part) for part in parts]
    except WrongCell:
        return error.faults
    if len(values) < 2:
        return error.faults
    fix = f"Separate several by semicolons: {shown('; '.join(parts))}."
    return [CellFault(shown(item), "It has commas between its values.", fix)]


def listed(read_item: Reader[T]) -> Reader[tuple[T, ...]]:
    """A reader of a list in one cell, separated by semicolons; its items once each, in order."""

    @lru_cache(maxsize=4096)
    def read(raw: str) -> tuple[T, ...]:
        values: list[T] = []
        faults: list[CellFault] = []
        for item in _items(raw):
            try:
                values.append(read_item(item))
            except WrongCell as error:
                faults.extend(_faults_of_item(error, item, read_item))
        if faults:
            raise WrongCell(faults)
        return tuple(dict.fromkeys(values))

    _LISTS[read] = read_item
    return read


def sorted_list(read_item: Reader[str]) -> Reader[tuple[str, ...]]:
    """A reader of a list whose order says nothing: it comes out sorted."""
    read = listed(read_item)

    @lru_cache(maxsize=4096)
    def in_order(raw: str) -> tuple[str, ...]:
        return tuple(sorted(read(raw)))

    _LISTS[in_order] = read_item
    return in_order


@lru_cache(maxsize=8192)
def day(raw: str) -> date:
    """A date: ISO, or day/month/year with the day first, always."""
    if match := _ISO.fullmatch(raw):
        year, month, day_of_month = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(raw):
        day_of_month, month, year = (int(part) for part in match.groups())
    else:
        raise wrong(
            shown(raw), "This is not a date.", "Write 2026-12-04 or 04/12/2026 (day first)."
        )
    try:
        found = date(year, month, day_of_month)
    except ValueError:
        fix = "Write a day that is in the calendar, such as 04/12/2026 (day first)."
        if month > 12 >= day_of_month and month <= 31:
            fix = f"Dates are day first, always. Did you mean {month:02}/{day_of_month:02}/{year}?"
        raise wrong(shown(raw), "There is no such day.", fix) from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise wrong(
            shown(raw), f"The year is not between {FIRST_YEAR} and {LAST_YEAR}.", "Check the year."
        )
    return found


def whole(least: int, most: int) -> Reader[int]:
    """A reader of a whole number from `least` to `most`."""

    def read(raw: str) -> int:
        if (
            _WHOLE.fullmatch(raw)
            and least <= (number := int(raw.split(".", maxsplit=1)[0])) <= most
        ):
            return number
        raise wrong(
            shown(raw),
            "This is not a whole number in range.",
            f"Write a whole number from {least} to {most}.",
        )

    _KINDS[read] = Kind("number", f"A whole number from {least} to {most}.")
    return read


def number(most: float) -> Reader[float]:
    """A reader of a number from 0 to `most`."""

    def read(raw: str) -> float:
        if _NUMBER.fullmatch(raw) and (found := float(raw)) <= most:
            return found
        fix = f"Write a number from 0 to {most:,.0f}, in figures alone, without units."
        raise wrong(shown(raw), "This is not a number in range.", fix)

    _KINDS[read] = Kind("number", f"A number from 0 to {most:,.0f}, without units.")
    return read


def _look_alikes(text: str) -> list[str]:
    """An outward half with the letters that are typed for figures put right, at each place."""
    swaps = {"S": "5", "O": "0", "I": "1", "L": "1", "B": "8", "Z": "2"}
    return [
        text[:at] + swaps[letter] + text[at + 1 :]
        for at, letter in enumerate(text)
        if at and letter in swaps
    ]


@lru_cache(maxsize=8192)
def postcode(raw: str) -> str:
    """The outward half of a postcode; the rest is dropped here and never kept."""
    half = outward(raw)
    if half in outcodes():
        return half
    # What follows the outward half could name a street or a door, so it isn't repeated.
    seen = half or shown(raw[:4] + "…" if len(raw) > 4 else raw)
    start = half or raw[:4].strip().upper()
    guess = next((f" Did you mean {c}?" for c in _look_alikes(start) if c in outcodes()), None)
    guess = guess or did_you_mean(start, outcodes())
    problem = "This is not an outward postcode in England."
    raise wrong(seen, problem, f"Write it like NW5 or NW5 2AB.{guess}")


@lru_cache(maxsize=2048)
def language(raw: str) -> str:
    """The ISO 639-3 code of a language written as a code or by its English name."""
    found = language_codes().get(raw.casefold())
    if meant := ambiguous_languages().get(raw.casefold()):
        fix = f"Write {either(f'{code} ({language_names()[code]})' for code in meant)}."
        raise wrong(shown(raw), "This means more than one language.", fix)
    if found is None:
        guess = did_you_mean(raw[:_SHOWN], language_codes())
        fix = f"Use an ISO 639 code or an English name.{guess}"
        raise wrong(shown(raw), "This language is not known.", fix)
    return found


def authority(raw: str) -> str:
    """The ONS code of an authority given as a code or by its name."""
    found = authority_codes().get(raw.casefold())
    if found is None:
        guess = did_you_mean(raw[:_SHOWN], authority_codes())
        fix = f"Use its ONS code (E09000007) or its name.{guess}"
        raise wrong(shown(raw), "This authority is not known.", fix)
    return found


_wanted = code((*FEATURES, *(skill for skill in SKILLS if skill not in FEATURES)))


def wanted(raw: str) -> str:
    """What a household must have: a feature, a carers' skill, or a language ('language:som')."""
    kind, colon, name = raw.partition(":")
    if colon and kind.strip().casefold() == "language":
        return f"language:{language(name.strip())}"
    return _wanted(raw)


def list_or_none(read_item: Reader[str]) -> Reader[tuple[str, ...]]:
    """A reader of a list whose order says nothing; 'none' says that there are none of them."""
    read_list = sorted_list(read_item)

    @lru_cache(maxsize=2048)
    def read(raw: str) -> tuple[str, ...]:
        items = _items(raw)
        if [item.casefold() for item in items] == ["none"]:
            return ()
        if any(item.casefold() == "none" for item in items):
            fix = "Keep what it names, or only none."
            raise wrong(shown(raw), "It says none and names some.", fix)
        return read_list(raw)

    item = kind_of(read_item)
    hint = f"A list, separated by semicolons; none says that there are none. {item.hint}"
    _KINDS[read] = Kind("list", hint, ("none", *item.codes))
    return read


features = list_or_none(code(FEATURES))


_area, _level = code(RISK_AREAS), code(RISK_LEVELS)


@lru_cache(maxsize=2048)
def risk_limits(raw: str) -> tuple[tuple[str, str], ...]:
    """The most that a household can manage in each area of risk, as (area, level)."""
    found: dict[str, str] = {}
    faults: list[CellFault] = []
    for item in _items(raw):
        area, colon, level = (part.strip() for part in item.partition(":"))
        try:
            if not colon:
                fix = "Write area:level, such as arson:none."
                raise wrong(shown(item), "This limit names no level.", fix)
            key, most = _area(area), _level(level)
            if found.setdefault(key, most) != most:
                raise wrong(shown(item), "This area has two limits.", "Keep one of them.")
        except WrongCell as error:
            faults.extend(error.faults)
    if faults:
        raise WrongCell(faults)
    return tuple(sorted(found.items()))


def arrangement_end(raw: str) -> date | str:
    """The day on which an arrangement is expected to end, or 'open' where nobody can say."""
    if raw.casefold() == "open":
        return "open"
    try:
        return day(raw)
    except WrongCell as error:
        ((value, problem, fix),) = error.faults
        raise wrong(value, problem, f"{fix} Or write open where nobody can say.") from None


_LANGUAGE = "A language as a two- or three-letter ISO 639 code, or its English name."
_POSTCODE_HINT = "A postcode or its outward half (NW5); only the outward half is kept."
_KINDS.update(
    {
        text: Kind("text", "An id or a short text."),
        note: Kind("text", "Free text; it is not shown anywhere."),
        yes_no: Kind("yes or no", "yes or no; blank is not known.", ("yes", "no")),
        day: Kind("date", "A date, such as 04/12/2026 (day first)."),
        arrangement_end: Kind("text", "A date, or open where nobody can say."),
        postcode: Kind("postcode", _POSTCODE_HINT),
        language: Kind("language", _LANGUAGE),
        authority: Kind("text", "An authority's ONS code or its name."),
        wanted: Kind("code", "A feature, a carers' skill, or language:som.", (*FEATURES, *SKILLS)),
        risk_limits: Kind("list", "A list of area:level, such as arson:none;violence:low."),
    }
)
