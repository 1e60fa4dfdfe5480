"""Synthetic match rounds: tables of any size, drawn from public figures and stated judgement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from matcher.synthetic.draws import Draw, Texts
from matcher.synthetic.families import families
from matcher.synthetic.homes import carers, households
from matcher.synthetic.places import Area, area_of
from matcher.synthetic.ties import decisions, relationships, risk_assessments


@dataclass(frozen=True)
class Sample:
    """A synthetic round: what it was drawn from, and its tables by name, column by column."""

    name: str
    area: Area
    seed: int
    as_of: date
    tables: dict[str, dict[str, Texts]]

    def rows(self, table: str) -> int:
        """How many rows a table has."""
        return len(next(iter(self.tables[table].values())))


def sample(
    name: str, area: str | None, requests: int, households_wanted: int, seed: int, as_of: date
) -> Sample:
    """The synthetic round of a name, an area, two numbers, a seed and a day: always the same."""
    where = area_of(name, area)
    generator = np.random.Generator(np.random.PCG64(seed))
    asking, offering = Draw(generator, requests), Draw(generator, households_wanted)
    request_ids = _ids("R", requests)
    homes, register = households(offering, _ids("H", households_wanted), where, as_of, request_ids)
    adults = carers(offering, as_of, register)
    asked = families(asking, request_ids, where, as_of)
    ready = offering.facts["takes_families"] & (homes["status"] == "approved")
    tables = {
        "requests": asked,
        "households": homes,
        "carers": adults,
        "relationships": relationships(asking, asked, homes),
        "risk_assessments": risk_assessments(asking, as_of, asked, homes, ready),
        "decisions": decisions(asking, as_of, asked, homes, ready),
    }
    return Sample(name, where, seed, as_of, tables)


def _ids(letter: str, count: int) -> Texts:
    """Ids whose order as text is their order as numbers."""
    width = max(len(str(count)), 2)
    return np.array([f"{letter}{at:0{width}d}" for at in range(1, count + 1)], object)
