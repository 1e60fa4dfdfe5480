"""The tables that ship with the product, read as text: languages, ethnicities, authorities."""

from __future__ import annotations

import csv
import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from matcher.spellings import plain


def shipped(name: str) -> list[dict[str, str]]:
    """The rows of one of the product's own small tables, read as text."""
    text = (files("matcher") / "data" / name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def shipped_table(name: str) -> dict[str, Any]:
    """One of the product's own files of settings or words, as TOML nests it."""
    return tomllib.loads((files("matcher") / "data" / name).read_text("utf-8"))


@cache
def broad_groups() -> dict[str, str]:
    """The broad group of each DfE ethnicity code; REFU and NOBT have none, as nothing is known."""
    rows = shipped("ethnicity.csv")
    return {row["code"]: row["broad_group"] for row in rows if row["broad_group"] != "Unknown"}


@cache
def ethnicity_labels() -> dict[str, str]:
    """The DfE's own words for each ethnicity code."""
    return {row["code"]: row["label"] for row in shipped("ethnicity.csv")}


@cache
def language_names() -> dict[str, str]:
    """The plain English name of each ISO 639-3 code that the product knows."""
    return {row["iso639_3"]: row["name"] for row in shipped("languages.csv")}


@cache
def language_codes() -> dict[str, str]:
    """Every way to write a language (two or three letters, or a name), folded, to ISO 639-3.

    The few spellings that mean two languages ('ga' is Irish as a code, a language of Ghana as a
    name) are left out: see `ambiguous_languages`.
    """
    return {spelling: found[0] for spelling, found in _spellings().items() if len(found) == 1}


@cache
def ambiguous_languages() -> dict[str, list[str]]:
    """The spellings, folded, that mean more than one language, with the codes they could mean."""
    return {spelling: found for spelling, found in _spellings().items() if len(found) > 1}


@cache
def _spellings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in shipped("languages.csv"):
        code = row["iso639_3"]
        names = [row["name"], *row["other_names"].split(";")]
        for spelling in (code, row["iso639_1"], row["iso639_2b"], *names):
            for each in {spelling.casefold(), plain(spelling)} - {""}:
                if code not in found.setdefault(each, []):
                    found[each].append(code)
    for label, code in school_languages().values():
        if code:  # the DfE's own labels: 'Portuguese (Brazil)'
            found.setdefault(label.casefold(), [code])
    return found


@cache
def macrolanguages() -> dict[str, str]:
    """The group of each language that ISO 639-3 counts to one: Cantonese to Chinese, by code."""
    rows = shipped("languages.csv")
    return {row["iso639_3"]: row["macrolanguage"] for row in rows if row["macrolanguage"]}


def one_group(one: str, other: str) -> bool:
    """Whether one of two languages is the group to which ISO 639-3 counts the other: Chinese, Cantonese."""
    return macrolanguages().get(one) == other or macrolanguages().get(other) == one


@cache
def school_languages() -> dict[str, tuple[str, str]]:
    """The school census's codes that ISO 639 lacks or means otherwise: the label, and our code or ''."""
    rows = shipped("school_languages.csv")
    return {row["code"].casefold(): (row["label"], row["iso639_3"]) for row in rows}


def plain_name(authority: str) -> str:
    """An authority's name as people say it: 'Bristol', not 'Bristol, City of'."""
    return authority.removesuffix(", City of").removesuffix(", County of")


@cache
def authority_codes() -> dict[str, str]:
    """Every authority by its ONS codes, today's and former, and by its name, folded, to the ONS code."""
    found: dict[str, str] = {}
    for row in shipped("authorities.csv"):
        for code, name in ((row["utla_code"], row["utla_name"]), (row["code"], row["name"])):
            for spelling in (code, name, plain_name(name)):
                found[spelling.casefold()] = code
        if row["former_code"]:
            found[row["former_code"].casefold()] = row["code"]
    return found


_KIND_OF_COUNCIL = frozenset(
    ("the", "of", "borough", "royal", "metropolitan", "city", "county", "district", "unitary",
     "authority", "council", "corporation", "lb", "rb", "mb", "lbc", "mbc", "mdc", "cc", "dc", "bc", "ua")
)  # fmt: skip
_ALSO_CALLED = {
    "hull": "E06000010",
    "newcastle city": "E08000021",
    "newcastle city council": "E08000021",
    "shepway": "E07000112",
    "medway towns": "E06000035",
    "stoke": "E06000021",
    "brighton": "E06000043",
    "blackburn": "E06000008",
    "southend": "E06000033",
    "telford": "E06000020",
    "bcp": "E06000058",
    "bath and ne somerset": "E06000022",
    "banes": "E06000022",
    "london borough of kingston": "E09000021",
    "london borough of richmond": "E09000027",
    "london borough of barking": "E09000002",
    "hammersmith": "E09000013",
    "kensington": "E09000020",
    "windsor": "E06000040",
    "city of london": "E09000001",
    "corporation of london": "E09000001",
    "city of london corporation": "E09000001",
    "lb westminster": "E09000033",
}  # short names that are no part of the whole one, or need their kind to have one meaning


def _proper_name(name: str) -> tuple[str, ...]:
    """The words of an authority's name that aren't its kind: ('kensington', 'and', 'chelsea')."""
    said = re.findall(r"[a-z]+", re.sub(r"[.'\u2019]", "", plain(name)))
    if said[:2] == ["london", "borough"]:
        said = said[1:]
    proper = [word for word in said if word not in _KIND_OF_COUNCIL]
    while proper and proper[-1] == "and":  # 'City and District'
        proper.pop()
    return tuple(proper)


@cache
def _by_proper_name() -> dict[tuple[str, ...], str]:
    return {
        _proper_name(spelling): code
        for spelling, code in authority_codes().items()
        if not re.fullmatch("e[0-9]{8}", spelling) and spelling != "city of london"
    }


def authority_named(text: str) -> str | None:
    """The ONS code of an authority by any of its codes and names, as people write them; else None.

    The kind of a council may be left out, never turned round: 'Leicester County Council' is not the
    city's, and no name of a county is that of a city or borough.
    """
    known = authority_codes().get(text.casefold()) or _ALSO_CALLED.get(plain(text))
    if known:
        return known
    words = set(re.findall(r"[a-z]+", plain(text)))
    proper = _proper_name(text)
    found = _by_proper_name().get(proper) or _ALSO_CALLED.get(" ".join(proper))
    if found is None or not proper or proper == ("london",):
        return None
    if _several_followed(proper, words):
        return None
    is_county, in_london = found.startswith("E10"), found.startswith("E09")
    of_a_county = bool(words & {"county", "cc"}) and "city" not in words
    of_a_city = bool(words & {"city", "borough", "district", "metropolitan", "bc", "dc", "mbc"})
    a_county_too = _is_shire(proper)
    if of_a_county and not is_county and (found[:3] in ("E07", "E08", "E09") or a_county_too):
        return None
    if (of_a_city and is_county) or ({"london", "borough"} <= words and not in_london):
        return None
    return found


def _is_shire(proper: tuple[str, ...]) -> bool:
    """Whether a county, today's or a former one, is named after a town: Leicestershire, Bedfordshire."""
    shire = (*proper[:-1], f"{proper[-1]}shire") if proper else ()
    return shire in _by_proper_name() or shire in _former_by_proper_name()


def _several_followed(proper: tuple[str, ...], words: set[str]) -> bool:
    """Whether a county council of this name was split among several."""
    former = _former_by_proper_name().get(proper, [])
    return "county" in words and any(";" in row["successors"] for row in former)


@cache
def _former_by_proper_name() -> dict[tuple[str, ...], list[dict[str, str]]]:
    found: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in shipped("former_authorities.csv"):
        found.setdefault(_proper_name(row["name"]), []).append(row)
    return found


def successors(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The year in which an authority was abolished, by its code or name, and the codes of who followed."""
    rows = shipped("former_authorities.csv")
    by_code = [row for row in rows if row["code"] and row["code"].casefold() == text.casefold()]
    proper = _proper_name(text)
    found = by_code or _former_by_proper_name().get(proper, [])
    if not found or (not by_code and "county" in plain(text).split() and _is_shire(proper)):
        return None
    last = found[-1]
    return last["ended"], tuple(last["successors"].split(";"))
