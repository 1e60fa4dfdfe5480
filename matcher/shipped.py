"""The tables that ship with the product, read as text: languages, ethnicities, authorities."""

from __future__ import annotations

import csv
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


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
            if spelling and code not in found.setdefault(spelling.casefold(), []):
                found[spelling.casefold()].append(code)
    return found


def plain_name(authority: str) -> str:
    """An authority's name as people say it: 'Bristol', not 'Bristol, City of'."""
    return authority.removesuffix(", City of").removesuffix(", County of")


@cache
def authority_codes() -> dict[str, str]:
    """Every authority by its ONS code and by its name, folded, to the ONS code."""
    found: dict[str, str] = {}
    for row in shipped("authorities.csv"):
        for code, name in ((row["utla_code"], row["utla_name"]), (row["code"], row["name"])):
            for spelling in (code, name, plain_name(name)):
                found[spelling.casefold()] = code
        if row["former_code"]:
            found[row["former_code"].casefold()] = row["code"]
    return found
