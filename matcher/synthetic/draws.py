"""Draws from the settings of samples: every one is a uniform number held against a table of shares.

Only `Generator.random` is used: its stream is the same for a seed on every machine, which numpy does
not promise of its other distributions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matcher.shipped import shipped_table

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]
Places = NDArray[np.intp]
Numbers = NDArray[np.float64]
Texts = NDArray[np.object_]

BLANK = "blank"  # the share of cells that are left blank
USUAL = "usual"  # the case that counts where no other holds


@dataclass(frozen=True)
class Setting:
    """One parameter of what is drawn: its value, and why it was chosen."""

    value: Any
    unit: str
    source: str
    why: str


@cache
def settings() -> dict[str, Setting]:
    """Every setting of samples by its dotted name, in the order of the file."""
    return {
        f"{group}.{name}": Setting(**found)
        for group, names in shipped_table("sample.toml").items()
        for name, found in names.items()
    }


def setting(name: str) -> Any:
    """The value of one setting."""
    return settings()[name].value


def names_in(group: str) -> list[str]:
    """The names of a group of settings, in the order of the file."""
    return [name.partition(".")[2] for name in settings() if name.startswith(f"{group}.")]


def pick(uniform: Numbers, weights: Any) -> Places:
    """The place that each uniform number falls on when weights lie end to end."""
    ends = np.cumsum(np.asarray(weights, float))
    # Rounding keeps the last bit of a sum, which may differ between machines, out of the draw.
    ends = np.round(ends / ends[-1], 12)
    return np.minimum(np.searchsorted(ends, uniform, side="right"), len(ends) - 1)


@dataclass
class Draw:
    """Draws for so many rows, each by a setting's name; `facts` are what cases may ask about."""

    generator: np.random.Generator
    size: int
    facts: dict[str, Mask] = field(default_factory=dict)

    def uniform(self) -> Numbers:
        """One number from 0 to 1 for each row."""
        return self.generator.random(self.size)

    def cases(self, name: str) -> list[tuple[Mask, Any]]:
        """The rows of each case of a setting, with its value; the last that holds counts."""
        value = setting(name)
        if not (isinstance(value, dict) and USUAL in value):
            value = {USUAL: value}
        which = np.zeros(self.size, int)
        for place, fact in enumerate(value):
            if fact != USUAL:
                which[self.facts[fact]] = place
        return [(which == place, each) for place, each in enumerate(value.values())]

    def chance(self, name: str) -> Mask:
        """Rows on which something happens."""
        uniform, found = self.uniform(), np.zeros(self.size, bool)
        for rows, chance in self.cases(name):
            found[rows] = uniform[rows] < chance
        return found

    def choice(self, name: str) -> Texts:
        """One of the codes that a setting weighs, for each row; '' for a blank."""
        uniform, found = self.uniform(), np.full(self.size, "", object)
        for rows, shares in self.cases(name):
            keys = np.array(["" if key == BLANK else key for key in shares], object)
            found[rows] = keys[pick(uniform[rows], list(shares.values()))]
        return found

    def whole(self, name: str) -> tuple[Whole, Mask]:
        """A whole number for each row, and whether it is known; '3..9' is any from 3 to 9."""
        chosen, within = self.choice(name), self.uniform()
        bounds: dict[str, tuple[int, int]] = {"": (0, 0)}
        for _, shares in self.cases(name):
            for key in shares:
                if key != BLANK:
                    low, _, high = key.partition("..")
                    bounds[key] = (int(low), int(high or low))
        least = np.array([bounds[key][0] for key in chosen], np.int64)
        most = np.array([bounds[key][1] for key in chosen], np.int64)
        span = most - least + 1
        return least + np.floor(within * span).astype(np.int64), chosen != ""

    def number(self, name: str) -> Whole:
        """A whole number for each row, of a setting without blanks."""
        return self.whole(name)[0]


def only(rows: Mask, text: Any) -> Texts:
    """The text on those rows, blank on all others."""
    return np.where(rows, text, "").astype(object)


def yes_no(rows: Mask) -> Texts:
    """'yes' on those rows, 'no' on all others."""
    return np.where(rows, "yes", "no").astype(object)


def written(numbers: Whole) -> Texts:
    """Whole numbers as text."""
    return numbers.astype(str).astype(object)


def days(as_of: date, offsets: Whole) -> Texts:
    """The days that lie so many days from the day of the round, in ISO."""
    unlike, back = np.unique(offsets, return_inverse=True)
    texts = [(as_of + timedelta(days=int(offset))).isoformat() for offset in unlike]
    return np.array(texts, object)[back] if texts else np.zeros(0, object)


def listed(members: dict[str, Mask], nothing: str = "") -> Texts:
    """The codes whose rows are marked, as one list a row; `nothing` where none is."""
    codes = tuple(members)
    if not codes or not len(members[codes[0]]):
        return np.zeros(0, object)
    bits = sum(members[code].astype(np.int64) << at for at, code in enumerate(codes))
    unlike, back = np.unique(np.asarray(bits), return_inverse=True)
    texts = [
        ";".join(code for at, code in enumerate(codes) if pattern >> at & 1) or nothing
        for pattern in unlike.tolist()
    ]
    return np.array(texts, object)[back]
