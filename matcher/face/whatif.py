"""What a change would do to a round, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from matcher.face.answers import of_aim
from matcher.face.frames import NUMBER, TEXT, YES_NO, Picture, Shown, frame, pictures
from matcher.whatif import Difference
from matcher.whatif.difference import Opened
from matcher.whatif.figures import figure
from matcher.whatif.words import whatif_text
from matcher.words import count

if TYPE_CHECKING:
    from pandas import DataFrame


class WhatIf(Shown):
    """A round with something changed beside the round as it is: `Round.what_if`.

    As text it is what `matcher whatif` prints.
    """

    def __init__(self, difference: Difference) -> None:
        self._difference = difference

    @cached_property
    def aims(self) -> DataFrame:
        """Each aim now and then.

        Index `aim`, in order of precedence. Columns: `now` and `then`, fit in points and without
        the distance and school of hidden households, all others as they are counted; `comparable`:
        false where the changed policy counts it in another way.
        """
        otherwise = self._difference.counted_otherwise
        rows = (
            {
                "aim": name,
                "now": of_aim(name, now),
                "then": of_aim(name, then),
                "comparable": name not in otherwise,
            }
            for name, (now, then) in self._difference.aims.items()
        )
        columns = {"aim": TEXT, "now": NUMBER, "then": NUMBER, "comparable": YES_NO}
        return frame(rows, columns, ["aim"])

    @cached_property
    def moves(self) -> DataFrame:
        """The families that end elsewhere: `request_id`, `from`, `to`.

        Missing where it is no household, or the family is not asked.
        """
        rows = (
            {"request_id": move.request_id, "from": move.left, "to": move.to}
            for move in self._difference.moves
        )
        return frame(rows, {"request_id": TEXT, "from": TEXT, "to": TEXT})

    @cached_property
    def opened(self) -> DataFrame:
        """The pairs that become eligible.

        Columns: `request_id`, `household_id`, and `rules` that the pair fails now, with `;` between
        them, missing where the household is new.
        """
        return _pairs(self._difference.opened)

    @cached_property
    def closed(self) -> DataFrame:
        """The pairs that are no longer eligible.

        Columns: `request_id`, `household_id`, and `rules` that the pair would fail, with `;`
        between them.
        """
        return _pairs(self._difference.shut)

    @cached_property
    def figures(self) -> dict[str, Picture]:
        """The figure of `matcher whatif` as PNG bytes by name, which a notebook shows."""
        return pictures([figure([self._difference])])

    def __str__(self) -> str:
        return "\n".join(whatif_text([self._difference]))

    def __repr__(self) -> str:
        now, then = self._difference.placed
        moved = count(len(self._difference.moves), "family")
        return f"What if: {self._difference.name}: {then} placed, now {now}; {moved} elsewhere"

    def _chief(self) -> DataFrame:
        return self.aims


def _pairs(pairs: Sequence[Opened]) -> DataFrame:
    rows = (
        {
            "request_id": pair.request_id,
            "household_id": pair.household_id,
            "rules": ";".join(pair.rules) or None,
        }
        for pair in pairs
    )
    return frame(rows, {"request_id": TEXT, "household_id": TEXT, "rules": TEXT})
