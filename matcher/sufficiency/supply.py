"""What families ask for against what the households have: language, faith, place, skill, room."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from matcher.geo import authority_names, outcodes
from matcher.intake.inputs import Inputs
from matcher.intake.rows import Household, Request
from matcher.policy.settings import Policy
from matcher.rounds import SolvedRound
from matcher.shipped import broad_groups, language_names
from matcher.solve.problem import UNPLACED
from matcher.words import count, label

KINDS = ("language", "ethnicity", "religion", "area", "skill", "rooms")
Asked: TypeAlias = tuple[str, str]  # a kind and a code of it


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that families ask for, in counts of families and of households.

    `demand` families that can be matched ask for it, and `waiting` of them have no household.
    `supply` households have it, `open` of them meet every rule on the household alone, and
    `eligible` of them are eligible for at least one of the families that ask.
    """

    kind: str
    code: str
    name: str
    demand: int
    waiting: int
    supply: int
    open: int
    eligible: int


def supply(solved: SolvedRound) -> tuple[Row, ...]:
    """A row for each thing that some family asks for, by kind and then the most asked for first.

    The language is the parent's best where it is not English; the ethnicity a broad group; the area
    the authority, unless the address is withheld or not known; a skill is a need of the family;
    rooms are the bedrooms that the family needs, for which a household may have more.
    """
    prepared = solved.prepared
    inputs, policy = prepared.inputs, prepared.policy
    asked: dict[Asked, list[int]] = {}
    for row in prepared.matchable_rows:
        for each in _asks(inputs.requests[row], policy):
            asked.setdefault(each, []).append(row)
    held: dict[Asked, set[int]] = {}
    for at, household in enumerate(inputs.households):
        for each in set(_has(inputs, household)):
            held.setdefault(each, set()).add(at)
    is_open = set(np.flatnonzero(prepared.screened.closed == 0).tolist())
    found = []
    for (kind, code), some in asked.items():
        homes = held.get((kind, code), set())
        edges = [prepared.screened.household[prepared.screened.edges_of(row)] for row in some]
        eligible = {home for each in edges for home in each.tolist()}
        found.append(
            Row(
                kind,
                code,
                _name(kind, code),
                len(some),
                sum(bool(solved.household[row] == UNPLACED) for row in some),
                len(homes),
                len(homes & is_open),
                len(homes & eligible),
            )
        )
    return tuple(sorted(found, key=lambda row: (KINDS.index(row.kind), -row.demand, row.name)))


def _asks(request: Request, policy: Policy) -> Iterator[Asked]:
    if request.languages and request.languages[0] != "eng":
        yield "language", request.languages[0]
    if group := broad_groups().get(request.ethnicity or ""):
        yield "ethnicity", group
    if request.religion and request.religion not in ("none", "not_stated"):
        yield "religion", request.religion
    if request.home_postcode and not request.withhold_address:
        yield "area", _authority(request.home_postcode)
    for need in request.needs:
        yield "skill", need
    older = math.ceil(request.older_children / policy.number("older_children_per_room"))
    yield "rooms", str(1 + older)


def _authority(outcode: str) -> str:
    """The authority of an outward postcode; '' where less than 95 % of it lies in one."""
    found = outcodes().get(outcode)
    return found.authority or "" if found else ""


def _has(inputs: Inputs, household: Household) -> Iterator[Asked]:
    yield "area", household.local_authority or _authority(household.postcode)
    for number in range(1, (household.bedrooms or 0) + 1):
        yield "rooms", str(number)
    for carer in inputs.approved_carers(household.household_id):
        yield from (("language", each) for each in carer.languages or ())
        yield "ethnicity", broad_groups().get(carer.ethnicity or "", "")
        yield from (
            ("religion", each) for each in (carer.religion, *carer.supports_religions) if each
        )
        yield from (("skill", each) for each in carer.skills)


def _name(kind: str, code: str) -> str:
    if kind == "language":
        return language_names().get(code, code)
    if kind == "area":
        return authority_names().get(code, "not known")
    if kind == "rooms":
        return f"{count(int(code), 'bedroom')} or more"
    return label(code)
