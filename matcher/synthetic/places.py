"""Where a sample is set, and where its families and households live."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from matcher import geo
from matcher.codes import did_you_mean
from matcher.errors import WrongInput, wrong_option
from matcher.geo import miles, outcodes
from matcher.shipped import authority_codes, plain_name, shipped
from matcher.synthetic.draws import Draw, Numbers, Texts, pick, setting
from matcher.synthetic.people import OUTSIDE_LONDON, census

ENGLAND = "England"


@dataclass(frozen=True)
class Area:
    """Where a sample is set: its authorities, and their code where it is one authority's area."""

    name: str
    authorities: frozenset[str]
    code: str | None = None

    @property
    def adjoining(self) -> frozenset[str]:
        """The authorities that border the area of one; none for a region or the country."""
        if self.code is None:
            return frozenset()
        pairs = [(row["code_a"], row["code_b"]) for row in shipped("adjacency.csv")]
        beside = {b for a, b in pairs if a in self.authorities}
        beside |= {a for a, b in pairs if b in self.authorities}
        return frozenset(beside - self.authorities)


def _area(text: str) -> Area | None:
    rows, name = shipped("authorities.csv"), text.strip().casefold()
    code = authority_codes().get(name)
    if code is not None:
        own = [row for row in rows if code in (row["code"], row["utla_code"])]
        title = next(r["utla_name" if r["utla_code"] == code else "name"] for r in own)
        return Area(plain_name(title), frozenset(row["code"] for row in own), code)
    for region in sorted({row["region"] for row in rows}):
        if region.casefold() == name:
            return Area(region, frozenset(r["code"] for r in rows if r["region"] == region))
    if name == ENGLAND.casefold():
        return Area(ENGLAND, frozenset(row["code"] for row in rows))
    return None


def area_of(name: str, wanted: str | None) -> Area:
    """The area that the option names, else the one that the sample's name names, else England."""
    if wanted is None:
        found = _area(name) or _area(name.replace("-", " ").replace("_", " ")) or _area(ENGLAND)
    else:
        found = _area(wanted)
    if found is None:
        regions = {row["region"].casefold() for row in shipped("authorities.csv")}
        guess = did_you_mean((wanted or name)[:60], sorted({*authority_codes(), *regions}))
        fix = f"Name an authority, a region, london or england.{guess}"
        problem = "No authority or region has this name."
        raise WrongInput([wrong_option("--area", problem, fix, value=(wanted or name)[:60])])
    return found


@dataclass(frozen=True)
class Addresses:
    """Where people can live: parts of outward postcodes, by authority, with their live postcodes."""

    outcodes: Texts
    authorities: Texts
    postcodes: Numbers

    def inside(self, authorities: frozenset[str]) -> Addresses:
        """The addresses in these authorities."""
        rows = np.array([code in authorities for code in self.authorities], bool)
        return Addresses(self.outcodes[rows], self.authorities[rows], self.postcodes[rows])

    def near(self, others: Addresses) -> Addresses:
        """The addresses that lie around some of the others."""
        easting, northing = grid(self.outcodes)
        away = [
            miles(easting, northing, *place) for place in zip(*grid(others.outcodes), strict=True)
        ]
        rows = np.min(away, axis=0) <= setting("place.around_miles")
        return Addresses(self.outcodes[rows], self.authorities[rows], self.postcodes[rows])


@cache
def addresses() -> Addresses:
    """Every English address, counted by outward postcode and authority."""
    rows = shipped("addresses.csv")
    return Addresses(
        np.array([row["outcode"] for row in rows], object),
        np.array([row["authority"] for row in rows], object),
        np.array([float(row["postcodes"]) for row in rows]),
    )


def grid(codes: Texts) -> tuple[Numbers, Numbers]:
    """Eastings and northings of outward postcodes, in metres."""
    places = [outcodes()[code] for code in codes]
    return (
        np.array([place.easting for place in places], float),
        np.array([place.northing for place in places], float),
    )


@dataclass(frozen=True)
class Homes:
    """Where each row lives, and the area of the census that it lies in."""

    outcodes: Texts
    authorities: Texts

    @property
    def areas(self) -> Texts:
        """The census area of each home."""
        known = set(census().areas)
        found = [code if code in known else OUTSIDE_LONDON for code in self.authorities]
        return np.array(found, object)


def family_homes(draw: Draw, area: Area) -> Homes:
    """Homes of families: as addresses are spread over the area."""
    there = addresses().inside(area.authorities)
    at = pick(draw.uniform(), there.postcodes)
    return Homes(there.outcodes[at], there.authorities[at])


def household_homes(draw: Draw, area: Area) -> Homes:
    """Homes of households: in clusters, in the area of one authority and in those it borders."""
    own = addresses().inside(area.authorities)
    around = area.adjoining
    there = addresses().inside(area.authorities | around).near(own) if around else own
    crowding = -np.log(1 - draw.generator.random(len(there.postcodes)))
    weights = there.postcodes * crowding ** setting("place.clustering")
    inside = np.array([code in area.authorities for code in there.authorities], bool)
    if not inside.all():
        share = setting("place.in_area")
        weights = np.where(
            inside,
            share * weights / weights[inside].sum(),
            (1 - share) * weights / weights[~inside].sum(),
        )
    at = pick(draw.uniform(), weights)
    return Homes(there.outcodes[at], there.authorities[at])


def compass(homes: Homes) -> Texts:
    """The quarter of the map, seen from the middle of all homes, that each home lies in."""
    if not len(homes.outcodes):
        return homes.outcodes
    easting, northing = grid(homes.outcodes)
    east, north = easting - easting.mean(), northing - northing.mean()
    return np.where(
        np.abs(north) > np.abs(east),
        np.where(north > 0, "North", "South"),
        np.where(east > 0, "East", "West"),
    ).astype(object)


def beside(codes: Texts) -> Texts:
    """For each outward postcode, the other one whose centre is nearest."""
    every = np.array(sorted(set(addresses().outcodes)), object)
    unlike = sorted(set(codes.tolist()))
    easting, northing = grid(every)
    found = {}
    for code, east, north in zip(unlike, *grid(np.array(unlike, object)), strict=True):
        away = (easting - east) ** 2 + (northing - north) ** 2
        found[code] = every[int(np.argmin(np.where(every == code, away.max(), away)))]
    return np.array([found[code] for code in codes], object)


@cache
def authority_names() -> dict[str, str]:
    """The name of every district as people say it, by its code."""
    return {code: plain_name(name) for code, name in geo.authority_names().items()}
