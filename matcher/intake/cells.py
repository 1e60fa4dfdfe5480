"""Read one cell: text in, a clean value out, or every fault of the cell with its mend.

A blank cell never reaches these readers: blank means not known, and the row leaves it out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias, TypeVar

from matcher.codes import FEATURES, LOCAL_DUTY, RISK_AREAS, RISK_LEVELS, SKILLS
from matcher.geo import authority_names, districts_of, outcodes, outward
from matcher.shipped import (
    ambiguous_languages,
    authority_named,
    ethnicity_labels,
    language_codes,
    language_names,
    school_languages,
    successors,
)
from matcher.spellings import advice, plain, same_words, says_not_known, spelled

T = TypeVar("T")
Reader: TypeAlias = Callable[[str], T]

FIRST_YEAR, LAST_YEAR = 1950, 2100
_TIME = r"(?:(?:T|,? +)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?(?:Z|UTC|GMT|BST|[+-][0-9]{2}(?::?[0-9]{2})?|[AP]\.?M\.?))?)?"
_ISO = re.compile(rf"([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}}){_TIME}", re.IGNORECASE)
_DAY_FIRST = re.compile(rf"([0-9]{{1,2}})([/.])([0-9]{{1,2}})\2([0-9]{{4}}){_TIME}", re.IGNORECASE)
_DAY_MONTH_YEAR = re.compile(_DAY_FIRST.pattern.replace("[/.]", "[/.-]"), re.IGNORECASE)
_FIGURES = re.compile(
    r"-?([0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,15})(\.[0-9]{1,20})?(e[+-]?[0-9]{1,2})?"
)
_NOISE = 1e-6  # how far a computed number may be from the whole one that it is
_FULL_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][A-Z0-9]?)\s*[0-9][A-Z]{2}\b", re.IGNORECASE)
_YES_NO = {
    **dict.fromkeys(
        ("yes", "y", "true", "1", "1.0"), True
    ),  # 1.0: a column with blanks, as numbers
    **dict.fromkeys(("no", "n", "false", "0", "0.0"), False),
}
_SHOWN = 60
_LONGEST_TEXT = 200
_FAULTS_A_CELL = 20


class CellFault(NamedTuple):
    """One thing that is wrong with a cell: the text in question, what is wrong, how to mend it.

    `mend` is what the text should say, where only one thing can be meant.
    """

    value: str
    problem: str
    fix: str
    mend: str | None = None


class WrongCell(Exception):
    """A cell that can't be read, with everything that is wrong with it; a long list is cut."""

    def __init__(self, faults: Sequence[CellFault]) -> None:
        super().__init__(faults)
        more = len(faults) - _FAULTS_A_CELL
        if more > 0:
            problem = f"{more} more items of this cell are wrong."
            faults = [*faults[:_FAULTS_A_CELL], CellFault("…", problem, "Mend these first.")]
        self.faults = tuple(faults)


def wrong(value: str, problem: str, fix: str, mend: str | None = None) -> WrongCell:
    """The error of a cell with which one thing is wrong."""
    return WrongCell([CellFault(value, problem, fix, mend)])


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
    if says_not_known(value):
        return wrong(shown(value), "This says that it is not known.", "Leave it out.")
    use = f"Use {either(codes)}." if len(codes) <= _MOST_NAMED else "docs/tables.md lists them."
    told, meant = advice(value[:_SHOWN], codes)
    return wrong(shown(value), "This is not a code of the list.", f"{use}{told}", meant)


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


_TWICE = re.compile(r"(.+?)(?:\s+[-\u2013:]\s+(.+)|\s*\((.+)\))", re.DOTALL)


def said_twice(raw: str, known: Callable[[str], str | None]) -> str | None:
    """What a code with its label says, 'C1 - Interim care order': both parts, and the same; else None."""
    if len(raw) > _LONGEST_TEXT or not (match := _TWICE.fullmatch(raw)):
        return None
    first, second = (known(plain(part)) for part in (match[1], match[2] or match[3]))
    return first if first == second else None


def code(codes: Iterable[str], former: Mapping[str, str] | None = None) -> Reader[str]:
    """A reader of one code of a closed list; `former` are names of earlier releases for some."""
    codes = tuple(codes)
    known = {plain(name): c for name, c in (former or {}).items()}
    known |= spelled(codes, ethnicity_labels())

    def read(raw: str) -> str:
        found = known.get(raw) or known.get(plain(raw)) or said_twice(raw, known.get)
        if found is None:
            raise _unknown_code(raw, codes)
        return found

    _KINDS[read] = Kind("code", f"One of: {', '.join(codes)}.", codes)
    return read


def _bare(parts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))


_PARTED = re.compile(r"[,\r\n]")


def items_of(raw: str, read_item: Reader[Any] | None = None) -> list[str]:
    """The values of a list in a cell: between semicolons, else commas or line breaks.

    A part that is one value by itself, though it holds a comma, stays whole.
    """
    found: list[str] = []
    for part in _bare(raw.split(";")):
        if not _PARTED.search(part):
            found.append(part)
            continue
        several = _bare(_PARTED.split(part))
        if len(several) > 1 and read_item is not None and _reads(read_item, part):
            several = [part]
        found += several
    return list(dict.fromkeys(found))


def _reads(read_item: Reader[Any], part: str) -> bool:
    try:
        read_item(part)
    except WrongCell:
        return False
    return read_item is not text  # any text reads, so a comma in it says nothing


def listed(read_item: Reader[T]) -> Reader[tuple[T, ...]]:
    """A reader of a list in one cell, separated by semicolons; its items once each, in order."""

    @lru_cache(maxsize=4096)
    def read(raw: str) -> tuple[T, ...]:
        values: list[T] = []
        faults: list[CellFault] = []
        for item in items_of(raw, read_item):
            try:
                values.append(read_item(item))
            except WrongCell as error:
                faults.extend(error.faults)
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


_LOCAL = re.compile(rf"{LOCAL_DUTY}[a-z0-9_]{{2,40}}")


def code_or_local(codes: Iterable[str], former: Mapping[str, str] | None = None) -> Reader[str]:
    """A reader of one code of a list, or of the key of a council's own duty, which its policy names."""
    listed_code = code(codes, former)

    def read(raw: str) -> str:
        folded = re.sub(r"[ -]+", "_", raw.strip().casefold())
        return folded if _LOCAL.fullmatch(folded) else listed_code(raw)

    _KINDS[read] = kind_of(listed_code)
    return read


@lru_cache(maxsize=8192)
def day(raw: str) -> date:
    """A date: ISO, or day, month and year with the day first, always; a time behind it is left out."""
    if match := _ISO.fullmatch(raw):
        year, month, day_of_month = (int(part) for part in match.groups())
    elif match := _DAY_FIRST.fullmatch(raw):
        day_of_month, month, year = (int(match[part]) for part in (1, 3, 4))
    else:
        problem, fix = "This is not a date.", "Write 2026-12-04 or 04/12/2026 (day first)."
        if re.fullmatch(r"[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2}", raw):
            problem = "The year has two figures."
        if re.fullmatch(r"[1-7][0-9]{4}(\.[0-9]+)?", raw):
            problem = "This is a number, not a date: Excel counts days so."
            fix = "Format the column as a date, or write 2026-12-04 or 04/12/2026."
        meant = _day_in_words(raw)
        fix = f"Write {meant}, or with the day first." if meant else fix
        raise wrong(shown(raw), problem, fix, meant)
    try:
        found = date(year, month, day_of_month)
    except ValueError:
        fix, meant = "Write a day that is in the calendar, such as 04/12/2026 (day first).", None
        if month > 12 >= day_of_month and month <= 31:
            fix = f"Dates are day first, always. Did you mean {month:02}/{day_of_month:02}/{year}?"
            meant = _iso(year, day_of_month, month)
        raise wrong(shown(raw), "There is no such day.", fix, meant) from None
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise wrong(
            shown(raw), f"The year is not between {FIRST_YEAR} and {LAST_YEAR}.", "Check the year."
        )
    return found


def _iso(year: int, month: int, day_of_month: int) -> str | None:
    try:
        return date(year, month, day_of_month).isoformat()
    except ValueError:
        return None


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

_DAY_IN_WORDS = re.compile(
    r"(?:[a-z]{3,9},? )?"  # Monday
    r"(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th)?[ -](?P<month>[a-z]{3,9})"
    r"|(?P<month_first>[a-z]{3,9}) (?P<day_second>[0-9]{1,2})(?:st|nd|rd|th)?)"
    rf",?[ -](?P<year>[0-9]{{4}}){_TIME.casefold()}"
)


def _day_in_words(raw: str) -> str | None:
    """The one day that is meant by '4 December 2026', 'Dec 4, 2026', '04-12-2026'; else None."""
    if match := re.fullmatch(rf"([0-9]{{1,2}})-([0-9]{{1,2}})-([0-9]{{4}}){_TIME}", raw):
        day_of_month, month, year = (int(part) for part in match.groups()[:3])
        return _iso(year, month, day_of_month) or _iso(year, day_of_month, month)
    if match := re.fullmatch(rf"([0-9]{{4}})([/.]?)([0-9]{{2}})\2([0-9]{{2}}){_TIME}", raw):
        return _iso(int(match[1]), int(match[3]), int(match[4]))
    said = _DAY_IN_WORDS.fullmatch(raw.casefold())
    if said is None or (said["month"] or said["month_first"])[:3] not in _MONTHS:
        return None
    month = _MONTHS.index((said["month"] or said["month_first"])[:3]) + 1
    return _iso(int(said["year"]), month, int(said["day"] or said["day_second"]))


def could_be_month_first(raw: str) -> bool:
    """Whether a date between strokes, dots or hyphens is another day with the month first, or only a day so."""
    match = _DAY_MONTH_YEAR.fullmatch(raw)
    return match is not None and int(match[1]) <= 12 and match[1].zfill(2) != match[3].zfill(2)


def is_month_first(raw: str) -> bool:
    """Whether a date is none but with the month first: 11/16/2026."""
    match = _DAY_MONTH_YEAR.fullmatch(raw)
    return match is not None and int(match[1]) <= 12 < int(match[3]) <= 31


POUNDS = ("per week", "a week", "/week", "/wk", "pw", "p/w", "pounds", "weekly", "gbp")
YEARS = ("years old", "years", "year", "yrs", "yr", "y/o", "yo", "y")
ROOMS = ("rooms", "room", "bedrooms", "bedroom")
CHILDREN = ("children", "child")
BABIES = ("babies", "baby")
WEEKS = ("weeks", "week", "wks", "wk")
DISTANCE = ("miles", "mile", "mi")


def _figures(raw: str, units: Sequence[str]) -> float | None:
    """The number that a cell says, as spreadsheets compute and people write it; None where it is none."""
    bare = raw.casefold().strip()
    if units == POUNDS:
        bare = bare.removeprefix("\u00a3").strip()
    unit = max((unit for unit in units if bare.endswith(unit)), key=len, default="")
    bare = bare.removesuffix(unit).strip()
    return float(bare.replace(",", "")) if _FIGURES.fullmatch(bare) else None


def _such_as(units: Sequence[str]) -> str:
    return f", in {units[0]} or without a unit" if units and units != POUNDS else ""


def whole(least: int, most: int, units: Sequence[str] = ()) -> Reader[int]:
    """A reader of a whole number from `least` to `most`; what a computed one lacks to it is noise."""

    def read(raw: str) -> int:
        found = _figures(raw, units)
        near = round(found or 0)
        if found is not None and abs(found - near) <= _NOISE and least <= near <= most:
            return near
        fix = f"Write a whole number from {least} to {most}{_such_as(units)}."
        raise wrong(shown(raw), "This is not a whole number in range.", fix)

    _KINDS[read] = Kind("number", f"A whole number from {least} to {most}{_such_as(units)}.")
    return read


def number(most: float, units: Sequence[str] = ()) -> Reader[float]:
    """A reader of a number from 0 to `most`, rounded to hundredths: pence where it is money."""

    def read(raw: str) -> float:
        found = _figures(raw, units)
        if found is not None and 0 <= (rounded := round(found + 1e-9, 2)) <= most:
            return rounded
        fix = f"Write a number from 0 to {most:,.0f}{_such_as(units)}."
        raise wrong(shown(raw), "This is not a number in range.", fix)

    _KINDS[read] = Kind("number", f"A number from 0 to {most:,.0f}{_such_as(units)}.")
    return read


def _place(raw: str, *, english: bool = False, one: bool = True) -> str:
    half = outward(raw)
    place = outcodes().get(half or "")
    if half is not None and place is not None and (place.english or not english):
        return half
    # What follows the outward half could name a street or a door, so it isn't repeated.
    seen = half or shown(raw[:4] + "…" if len(raw) > 4 else raw)
    if half is not None and place is not None:
        problem = "This outward postcode has no homes in England."
        raise wrong(seen, problem, "Write it like NW5 or NW5 2AB.")
    if half is not None and (parts := districts_of(half)):
        area, all_of_them = half.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "; ".join(parts)
        problem = "This is not an outward postcode today."
        write = "the one that is meant" if one else "those that are meant, or all of them"
        meant = all_of_them if half == area and not one else None
        raise wrong(seen, problem, f"{area} is {all_of_them}: write {write}.", meant)
    problem = "This is not an outward postcode in England."
    if not english:
        problem = "This is not an outward postcode in England, Wales or Scotland."
    raise wrong(seen, problem, "Write it like NW5 or NW5 2AB.")


@lru_cache(maxsize=8192)
def postcode(raw: str) -> str:
    """The outward half of a postcode with homes in England; the rest is dropped here, never kept."""
    return _place(raw, english=True)


@lru_cache(maxsize=8192)
def place(raw: str) -> str:
    """The outward half of a postcode in Great Britain, for families; the rest is dropped here."""
    return _place(raw)


@lru_cache(maxsize=8192)
def place_of_several(raw: str) -> str:
    """A place of a list, in which the districts of an area of a city can stand for it."""
    return _place(raw, one=False)


@lru_cache(maxsize=2048)
def language(raw: str) -> str:
    """The ISO 639-3 code of a language written as a code or by its English name."""
    found = language_codes().get(raw.casefold()) or language_codes().get(plain(raw))
    if meant := ambiguous_languages().get(raw.casefold()):
        fix = f"Write {either(f'{code} ({language_names()[code]})' for code in meant)}."
        raise wrong(shown(raw), "This means more than one language.", fix)
    if found is None and says_not_known(raw):
        raise wrong(shown(raw), "This says that it is not known.", "Leave it out.")
    if found is None:
        raise wrong(shown(raw), "This language is not known.", *_language_meant(raw[:_SHOWN]))
    return found


def _language_meant(raw: str) -> tuple[str, str | None]:
    """What to write for a language that is none of the table, and the one that is meant, if it is one."""
    use = "Use an ISO 639 code or an English name."
    if told := school_languages().get(raw.casefold()):
        label, iso = told
        write = f" Write {iso} ({language_names()[iso]})." if iso else ""
        return f"{use} In the school census {raw.upper()} is {label}.{write}", iso or None
    meant = same_words(raw, _language_spellings())
    return (f"{use} Did you mean {meant}?" if meant else use), meant


@lru_cache(maxsize=1)
def _language_spellings() -> tuple[str, ...]:
    """The names of languages that may be named as a hint: no two- or three-letter code is one."""
    return tuple(name for name in language_codes() if len(name) > 3)


def authority(raw: str) -> str:
    """The ONS code of an authority given by any of its codes or names."""
    found = authority_named(raw[: 2 * _SHOWN]) or said_twice(raw, authority_named)
    if found is None:
        use = "Use its ONS code (E09000007) or its name."
        followed = successors(raw[: 2 * _SHOWN])
        if followed is None:
            raise wrong(shown(raw), "This authority is not known.", use)
        year, codes = followed
        names = either(f"{authority_names()[code]} ({code})" for code in codes)
        problem = f"This authority was replaced in {year}."
        fix = f"Write {names}, where the home is today."
        raise wrong(shown(raw), problem, fix, codes[0] if len(codes) == 1 else None)
    return found


_wanted = code((*FEATURES, *(skill for skill in SKILLS if skill not in FEATURES)))


def wanted(raw: str) -> str:
    """What a household must have: a feature, a carers' skill, or a language ('language:som')."""
    kind, colon, name = raw.partition(":")
    if colon and kind.strip().casefold() == "language":
        return f"language:{language(name.strip())}"
    return _wanted(raw)


def ids_among(known: Collection[str]) -> Reader[tuple[str, ...]]:
    """A reader of a list of ids, in which an id that is known is whole though it holds a comma."""

    def read(raw: str) -> str:
        if "," in raw and raw not in known:
            raise wrong(shown(raw), "No such id is known.", "Write the id meant.")
        return text(raw)

    return sorted_list(read)


def list_or_none(read_item: Reader[str]) -> Reader[tuple[str, ...]]:
    """A reader of a list whose order says nothing; 'none' says that there are none of them."""
    read_list = sorted_list(read_item)

    @lru_cache(maxsize=2048)
    def read(raw: str) -> tuple[str, ...]:
        items = items_of(raw)
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
    for item in items_of(raw):
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
        ((value, problem, fix, meant),) = error.faults
        raise wrong(value, problem, f"{fix} Or write open where nobody can say.", meant) from None


LANGUAGE_HINT = "A language as a two- or three-letter ISO 639 code, or its English name."
_POSTCODE_HINT = "A postcode or its outward half (NW5); only the outward half is kept."
_KINDS.update(
    {
        text: Kind("text", "An id or a short text."),
        note: Kind("text", "Free text; it is not shown anywhere."),
        yes_no: Kind("yes or no", "yes or no; blank is not known.", ("yes", "no")),
        day: Kind("date", "A date, such as 04/12/2026 (day first)."),
        arrangement_end: Kind("text", "A date, or open where nobody can say."),
        postcode: Kind("postcode", _POSTCODE_HINT),
        place: Kind("postcode", _POSTCODE_HINT),
        place_of_several: Kind("postcode", _POSTCODE_HINT),
        language: Kind("language", LANGUAGE_HINT),
        authority: Kind("text", "An authority's ONS code or its name."),
        wanted: Kind("code", "A feature, a carers' skill, or language:som.", (*FEATURES, *SKILLS)),
        risk_limits: Kind("list", "A list of area:level, such as arson:none;violence:low."),
    }
)
