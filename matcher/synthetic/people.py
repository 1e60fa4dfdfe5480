"""Ethnicity, religion and language that hang together: the census of each area, raked to its margins.

The census gives each question's shares by area, not the three together. Hand-written ties
(`ties.csv`) say which go together; raking (iterative proportional fitting) then bends the ties until
every margin is the census's. Outside London the census tables at hand have no language: language
there follows ethnicity and religion as in London.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from matcher.shipped import broad_groups, shipped
from matcher.synthetic.draws import Draw, Mask, Numbers, Places, Texts, only, pick, setting

OUTSIDE_LONDON = "outside London"
ENGLISH = "eng"


@dataclass(frozen=True)
class Census:
    """What residents answered: counts of each question by area, one row an area."""

    areas: tuple[str, ...]
    codes: dict[str, tuple[str, ...]]
    counts: dict[str, Numbers]


@cache
def census() -> Census:
    """The census of 2021 for the boroughs of London and the rest of England."""
    rows = shipped("census.csv")
    codes, counts = {}, {}
    for question in ("ethnicity", "religion", "language"):
        columns = [column for column in rows[0] if column.startswith(f"{question}:")]
        codes[question] = tuple(column.partition(":")[2] for column in columns)
        counts[question] = np.array([[float(row[c] or 0) for c in columns] for row in rows])
    return Census(tuple(row["area"] for row in rows), codes, counts)


def rake(table: Numbers, margins: list[Numbers]) -> Numbers:
    """A table of shares scaled, axis by axis, until the sums along each axis are its margin."""
    for _ in range(setting("people.most_rounds")):
        apart = 0.0
        for axis, margin in enumerate(margins):
            others = tuple(each for each in range(table.ndim) if each != axis)
            now = table.sum(axis=others)
            apart = max(apart, float(np.abs(now - margin).max()))
            scale = np.divide(margin, now, out=np.zeros_like(margin), where=now > 0)
            table = np.asarray(table * np.expand_dims(scale, others), float)
        if apart < setting("people.close_enough"):
            return table
    raise ArithmeticError("The ties contradict the census: raking does not settle.")


@cache
def _ties() -> Numbers:
    """How many times more often than by chance ethnicity, religion and language go together."""
    found = census()
    place = {q: {code: at for at, code in enumerate(codes)} for q, codes in found.codes.items()}
    least = setting("people.least_tie")
    shape = [len(codes) for codes in found.codes.values()]
    religion = np.full((shape[0], shape[1]), least)
    language = np.full((shape[0], shape[2]), least)
    faith = np.ones((shape[1], shape[2]))
    for row in shipped("ties.csv"):
        for share in row["shares"].split(";"):
            code, weight = share.split()
            if row["kind"] == "religion":
                religion[place["ethnicity"][row["of"]], place["religion"][code]] = float(weight)
            elif row["kind"] == "language":
                language[place["ethnicity"][code], place["language"][row["of"]]] = float(weight)
            else:
                faith[place["religion"][code], place["language"][row["of"]]] = float(weight)
    # Shares of a language's speakers become ties once the size of each group is taken out.
    london = found.counts["ethnicity"][[area != OUTSIDE_LONDON for area in found.areas]].sum(axis=0)
    language = language / london[:, None]
    together = religion[:, :, None] * language[:, None, :] * faith[None, :, :]
    ties: Numbers = together / together.sum()
    return ties


@cache
def residents(area: str) -> Numbers:
    """The share of an area's residents in each cell of ethnicity, religion and language."""
    found = census()
    at = found.areas.index(area)
    margins = [counts[at] / max(counts[at].sum(), 1.0) for counts in found.counts.values()]
    if area != OUTSIDE_LONDON:
        return rake(_ties(), margins)
    both = rake(_ties().sum(axis=2), margins[:2])
    boroughs = [each for each in found.areas if each != OUTSIDE_LONDON]
    sizes = [found.counts["ethnicity"][found.areas.index(each)].sum() for each in boroughs]
    london = sum(
        (size * residents(each) for size, each in zip(sizes, boroughs, strict=True)),
        np.zeros_like(_ties()),
    )
    within = london.sum(axis=2, keepdims=True)
    spoken = np.divide(london, within, out=np.zeros_like(london), where=within > 0)
    together = both[:, :, None] * spoken
    outside: Numbers = together / together.sum()
    return outside


def _over(kind: str) -> Numbers:
    """How many times a resident of each ethnicity counts among families, or among carers."""
    found = census()
    groups = np.array([broad_groups()[code] for code in found.codes["ethnicity"]])
    england = found.counts["ethnicity"].sum(axis=0) / found.counts["ethnicity"].sum()
    white = setting("people.white_carers")
    if kind == "families":
        shares = setting("people.looked_after")
        whole = sum(shares.values())
        wanted = {group: share / whole for group, share in shares.items()}
        sizes: dict[str, float] = {g: float(england[groups == g].sum()) for g in wanted}
        return np.array([wanted[group] / sizes[group] for group in groups], float)
    is_white = groups == "White"
    of_white = england[is_white].sum()
    over: Numbers = np.where(is_white, white / of_white, (1 - white) / (1 - of_white))
    return over


@cache
def shares(area: str, kind: str) -> Numbers:
    """The share of an area's 'families' or 'carers' in each cell of the three questions."""
    weighed = residents(area) * _over(kind)[:, None, None]
    total: Numbers = weighed / weighed.sum()
    return total


@dataclass(frozen=True)
class People:
    """One person a row: places in the census's lists of ethnicity, religion and language."""

    ethnicity: Texts
    religion: Texts
    language: Texts

    def at(self, places: Places) -> People:
        """The people at these places."""
        return People(self.ethnicity[places], self.religion[places], self.language[places])

    def where(self, rows: Mask, others: People) -> People:
        """These people on the rows, the others elsewhere."""
        return People(
            np.where(rows, self.ethnicity, others.ethnicity),
            np.where(rows, self.religion, others.religion),
            np.where(rows, self.language, others.language),
        )


def people(draw: Draw, areas: Texts, kind: str) -> People:
    """One person for each row, of the area where the row is."""
    uniform, codes = draw.uniform(), census().codes
    cells = np.zeros(draw.size, np.intp)
    whole = _ties().shape
    for area in sorted(set(areas.tolist())):
        rows = areas == area
        cells[rows] = pick(uniform[rows], shares(area, kind).ravel())
    found = np.unravel_index(cells, whole)
    return People(
        *(
            np.array(names, object)[places]
            for names, places in zip(codes.values(), found, strict=True)
        )
    )


def second_languages(draw: Draw, areas: Texts, kind: str, who: People) -> Texts:
    """Another language of some who answer English: of their own ethnicity and religion."""
    codes = census().codes
    draw.facts["not_white"] = np.array(
        [broad_groups()[code] != "White" for code in who.ethnicity], bool
    )
    speaks = draw.chance("people.second_language") & (who.language == ENGLISH)
    uniform, found = draw.uniform(), np.full(draw.size, "", object)
    names = np.array(codes["language"], object)
    groups: dict[tuple[str, str, str], list[int]] = {}
    for row in np.flatnonzero(speaks).tolist():
        groups.setdefault((areas[row], who.ethnicity[row], who.religion[row]), []).append(row)
    for (area, ethnicity, religion), rows in groups.items():
        at = codes["ethnicity"].index(ethnicity), codes["religion"].index(religion)
        spoken = shares(area, kind)[at] * (names != ENGLISH)
        if spoken.sum() > 0:
            found[rows] = names[pick(uniform[rows], spoken)]
    return found


def gaps(draw: Draw, who: People, languages: Texts) -> dict[str, Texts]:
    """The three columns as profiles have them, some cells blank."""
    return {
        "ethnicity": only(~draw.chance("people.ethnicity_blank"), who.ethnicity),
        "religion": only(~draw.chance("people.religion_blank"), who.religion),
        "languages": only(~draw.chance("people.languages_blank"), languages),
    }
