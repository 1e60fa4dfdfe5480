"""Outward postcodes, and the distance that the Department for Education measures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from matcher.shipped import shipped

_OUTWARD = r"[A-Z]{1,2}[0-9][A-Z0-9]?"
_POSTCODE = re.compile(rf"({_OUTWARD})([0-9][A-Z]{{2}})?")
METRES_PER_MILE = 1609.3  # the figure of the children looked after return (SSDA903)
SAME_AUTHORITY_SHARE = 0.95


@dataclass(frozen=True, slots=True)
class Outcode:
    """The centre of an outward postcode on the Ordnance Survey grid, in metres."""

    easting: int
    northing: int
    geographic: bool
    authority: str | None
    english: bool = True  # there are homes in England


@cache
def outcodes() -> dict[str, Outcode]:
    """Every outward postcode of Great Britain; its English authority where 95 % of it lies in one.

    Of one that crosses the border it is the centre of the homes in England.
    """
    england = {
        row["outcode"]: Outcode(
            int(row["easting"]),
            int(row["northing"]),
            row["non_geographic"] == "0",
            row["authority"] if float(row["share"]) >= SAME_AUTHORITY_SHARE else None,
        )
        for row in shipped("outcodes.csv")
    }
    beyond = {
        row["outcode"]: Outcode(
            int(row["easting"]), int(row["northing"]), True, None, row["authority"] != ""
        )
        for row in shipped("outcodes_beyond.csv")
    }
    return england | beyond


@cache
def main_authorities() -> dict[str, str]:
    """The ONS code of the English authority in which most homes of each outward postcode are."""
    rows = [*shipped("outcodes.csv"), *shipped("outcodes_beyond.csv")]
    return {row["outcode"]: row["authority"] for row in rows if row["authority"]}


@cache
def districts_of(area: str) -> tuple[str, ...]:
    """The outward postcodes that together make an area of a city that is none itself: W1, EC1, SW1.

    A district that was recoded, such as W1M, is answered for by those of its area.
    """
    match = re.fullmatch(r"([A-Z]{1,2}[0-9])[A-Z]?", area)
    if match is None:
        return ()
    parts = re.compile(rf"{match[1]}[A-Z]?")
    return tuple(
        code
        for code, place in sorted(outcodes().items())
        if place.geographic and parts.fullmatch(code)
    )


@cache
def authority_names() -> dict[str, str]:
    """The name of every district by its ONS code, as the ONS writes it."""
    return {row["code"]: row["name"] for row in shipped("authorities.csv")}


@cache
def regions() -> dict[str, str]:
    """The region in which most of each English outward postcode lies."""
    of_authority = {row["code"]: row["region"] for row in shipped("authorities.csv")}
    return {
        outcode: of_authority[authority]
        for outcode, authority in main_authorities().items()
        if authority in of_authority
    }


@cache
def children_services() -> dict[str, str]:
    """The authority that runs children's services (the county, or itself) of each authority."""
    rows = shipped("authorities.csv")
    above = {row["code"]: row["utla_code"] for row in rows}
    return above | {code: code for code in above.values()}


@cache
def _borders() -> frozenset[frozenset[str]]:
    """The pairs of children's services authorities that share a border."""
    above = children_services()
    rows = shipped("adjacency.csv")
    return frozenset(frozenset((above[row["code_a"]], above[row["code_b"]])) for row in rows)


def same_authority(one: str, other: str) -> bool:
    """Whether one authority runs children's services in both; ONS codes."""
    return children_services()[one] == children_services()[other]


def adjoin(one: str, other: str) -> bool:
    """Whether the children's services authorities of two ONS codes share a border.

    Source: ONS boundaries; some neighbours across the Thames are missing there.
    """
    above = children_services()
    return frozenset((above[one], above[other])) in _borders()


def outward(text: str) -> str | None:
    """The outward half of a postcode, or None where the text is not a postcode's shape."""
    compact = re.sub(r"\s", "", text).upper()
    match = _POSTCODE.fullmatch(compact)
    if match is None or (match[2] is None and compact != text.strip().upper()):
        return None  # 'N1 9' is a part of N1, not N19
    return match[1]


def miles(
    from_easting: NDArray[np.float64],
    from_northing: NDArray[np.float64],
    to_easting: NDArray[np.float64],
    to_northing: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Straight-line miles to one decimal between grid references in metres, by broadcasting.

    NaN where a place is not known. Source: DfE, children looked after return, distance.
    """
    metres = np.hypot(from_easting - to_easting, from_northing - to_northing)
    return np.floor(metres / METRES_PER_MILE * 10 + 0.5) / 10
