"""Where the homes of a round fall short, and what would close the gap, for notebooks."""

from __future__ import annotations

from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING

from matcher import rounds
from matcher.codes import URGENCIES
from matcher.face.answers import gains
from matcher.face.frames import NUMBER, TEXT, WHOLE, YES_NO, Picture, Shown, frame, pictures
from matcher.face.wrong import wrong_argument
from matcher.solve.shortage import NotProven
from matcher.sufficiency import words
from matcher.sufficiency.figures import gap_figures
from matcher.sufficiency.pass_on import outside_record, outside_text
from matcher.sufficiency.remedies import (
    BUDGET,
    LimitInPlay,
    Portfolio,
    marginal_values,
    portfolios,
)
from matcher.sufficiency.remedies_words import bought, closing_record
from matcher.sufficiency.words import counts, gap_of, gap_tables, gap_text
from matcher.words import count, long_date

if TYPE_CHECKING:
    from pandas import DataFrame


class Gap(Shown):
    """Where the homes fall short of the families of a round: `Round.gap`.

    It says what single families need and counts below five: it stays in the service, but for
    `pass_on`. As text it is what `matcher sufficiency` prints of the gap for analysts.
    """

    def __init__(self, solved: rounds.SolvedRound, *, internal: bool = False) -> None:
        self._solved, self._internal = solved, internal

    @cached_property
    def _gap(self) -> words.Gap:
        return gap_of(self._solved)

    @cached_property
    def groups(self) -> DataFrame:
        """The families that share too few homes, most short first.

        Columns: `request_ids` and `household_ids`, all that any of them can use, with `;` between
        ids; `short`: how many of the families wait, whatever is chosen.
        """
        rows = (
            {
                "request_ids": ";".join(group.request_ids),
                "household_ids": ";".join(group.household_ids) or None,
                "short": group.short,
            }
            for group in self._gap.groups
        )
        return frame(rows, {"request_ids": TEXT, "household_ids": TEXT, "short": WHOLE})

    @cached_property
    def binding(self) -> DataFrame:
        """What binds: each rule that rules out some pair by itself, then the best pairs of rules.

        Columns: `rules`, one or two with `;` between them; `more` families who could be placed if
        these did not apply; `opened`: the pairs that fail these and no other. It shows where to
        look, and is no suggestion to break a rule.
        """
        rows = (
            {"rules": ";".join(one.rules), "more": one.more, "opened": one.opened}
            for one in (*self._gap.alone, *self._gap.pairs)
        )
        return frame(rows, {"rules": TEXT, "more": WHOLE, "opened": WHOLE})

    @cached_property
    def supply(self) -> DataFrame:
        """What families ask for against what the households have.

        Columns: `kind`: language, ethnicity, religion, area, skill or rooms; `code`; `name`;
        `demand`: the matched families who ask for it; `waiting`: those of them without a household;
        `supply`: the households that have it; `open`: those of them that meet every rule on the
        household alone; `eligible`: those that are eligible for one of the families at least.
        """
        columns = {"kind": TEXT, "code": TEXT, "name": TEXT}
        columns |= dict.fromkeys(("demand", "waiting", "supply", "open", "eligible"), WHOLE)
        return frame((asdict(row) for row in self._gap.supply), columns)

    @cached_property
    def idle(self) -> DataFrame:
        """The households that no matched family can use.

        Columns: `household_id`; `closed`: whether a rule on the household alone fails; `rules`
        behind it, with `;` between them.
        """
        rows = (
            {
                "household_id": one.household_id,
                "closed": one.closed,
                "rules": ";".join(one.rules) or None,
            }
            for one in self._gap.idle
        )
        return frame(rows, {"household_id": TEXT, "closed": YES_NO, "rules": TEXT})

    @cached_property
    def profiles(self) -> DataFrame:
        """One more household of each of some dozens of kinds that would better the round, best first.

        Columns: `profile` in words; `more`: how many more families are placed; `gains_<aim>` for
        each aim, fit in points, and missing where a hidden household has a part. Each row is the whole round solved anew; it says nothing of later.
        """
        names = self._solved.prepared.aims
        columns = {"profile": TEXT, "more": WHOLE}
        columns |= dict.fromkeys((f"gains_{name}" for name in names), NUMBER)
        rows = (
            {
                "profile": one.what,
                "more": sum(one.gains[: len(URGENCIES)]),
                **gains(names, one, internal=self._internal),
            }
            for one in marginal_values(self._solved)
        )
        return frame(rows, columns)

    def buy(self, budget: int = BUDGET) -> DataFrame:
        """What places most families for the money, from nothing to a budget in £, proven.

        Index `cost` in £. Columns: `placed` in all, and by urgency `today`, `within_5_days` and
        `more_than_5_days`; `buys` in words; `weeks` with carers that are planned more than now; and
        what these would cost more in a residential family centre, in £: `centre_costs_more`, with
        `centre_costs_more_low` and `centre_costs_more_high`. What a change costs is a setting of
        the policy.

        Raises `WrongInput` where a limit of the round is in play, or no best choice can be proven.
        """
        if budget < 0:
            raise wrong_argument("budget", budget, "It is below 0.", "Give whole pounds.")
        try:
            frontier = portfolios(self._solved, budget)
        except (LimitInPlay, NotProven) as why:
            problem = "A limit of the round is in play, or would be."
            if isinstance(why, NotProven):
                problem = "The solver could not prove what is best."
            fix = "Try single changes with what_if."
            raise wrong_argument("budget", None, problem, fix) from None
        steps = closing_record(self._solved, {}, (), frontier, budget)["frontier"]
        rows = (
            {
                "cost": step["cost"],
                "placed": sum(step["placed"].values()),
                **step["placed"],
                "buys": bought(step),
                "weeks": step["weeks"],
                "centre_costs_more": step["difference"]["middle"],
                "centre_costs_more_low": step["difference"]["low"],
                "centre_costs_more_high": step["difference"]["high"],
            }
            for step in steps
        )
        columns = dict.fromkeys(("cost", "placed", *URGENCIES), WHOLE)
        columns |= {"buys": TEXT, "weeks": NUMBER}
        more = ("centre_costs_more", "centre_costs_more_low", "centre_costs_more_high")
        return frame(rows, columns | dict.fromkeys(more, NUMBER), ["cost"])

    def pass_on(self, budget: int = BUDGET) -> str:
        """What may leave the service: no id, no count below five, and none that could be worked out.

        `budget`, in £, is for what closing the gap may cost; that part is left out where it can't
        be worked out.
        """
        try:
            frontier: list[Portfolio] | None = portfolios(self._solved, budget)
        except (LimitInPlay, NotProven):
            frontier = None
        return "\n".join(outside_text(outside_record(self._gap, frontier)))

    @cached_property
    def figures(self) -> dict[str, Picture]:
        """The figures of `matcher sufficiency` as PNG bytes by name, which a notebook shows."""
        return pictures(gap_figures(self._gap))

    def __str__(self) -> str:
        return "\n".join([*gap_text(self._gap), "", *gap_tables(self._gap)])

    def __repr__(self) -> str:
        matched, _, waiting = counts(self._gap)
        day = long_date(self._solved.prepared.inputs.as_of)
        groups = count(len(self._gap.groups), "group")
        return f"Gap of {day}: {waiting} of {matched} wait; {groups} share too few homes"

    def _chief(self) -> DataFrame:
        return self.groups
