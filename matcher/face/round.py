"""A solved round for notebooks: who is proposed, who else, why, what it costs, and what if."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matcher import rounds
from matcher.codes import did_you_mean
from matcher.face.answers import Answers, gains, losses, of_aim
from matcher.face.frames import (
    DAY,
    MAYBE_WHOLE,
    NUMBER,
    TEXT,
    WHOLE,
    YES_NO,
    Picture,
    Shown,
    frame,
    pictures,
    series,
)
from matcher.face.gap import Gap
from matcher.face.whatif import WhatIf
from matcher.face.wrong import place_of, plainly, wrong_argument
from matcher.face.years import Years
from matcher.simulate.model import WEEKS
from matcher.whatif import KINDS, each, read_options, what_if
from matcher.whatif.firmness import SEED, firmness
from matcher.whatif.keep import Earlier
from matcher.whatif.next_rounds import next_rounds
from matcher.whatif.words import (
    firm_record,
    near_ties,
    next_record,
    turns,
    who_moves,
    without_it,
)
from matcher.words import long_date

if TYPE_CHECKING:
    from pandas import DataFrame, Series

MOVES = {"request_id": TEXT, "from": TEXT, "to": TEXT}


class Price(Shown):
    """What the whole round loses if one pair is forced and all else stays free: `Round.price`."""

    def __init__(
        self, pair: str, aims: Mapping[str, float | None], moves: list[Any], words: str
    ) -> None:
        self._pair, self._aims, self._moves, self._words = pair, aims, moves, words

    @cached_property
    def loses(self) -> Series:
        """What is lost, by `aim` in order of precedence: in points of fit, else as the aim counts.

        Once an earlier aim loses, a later one may gain: that is below 0. A loss of fit is missing
        where a hidden household is among those who move.
        """
        made = series((of_aim(name, value) for name, value in self._aims.items()), NUMBER)
        made.index = frame(({"aim": name} for name in self._aims), {"aim": TEXT}, ["aim"]).index
        return made.rename("loses")

    @cached_property
    def moves(self) -> DataFrame:
        """Who goes elsewhere: `request_id`, `from`, `to`; missing where it is no household."""
        return frame(self._moves, MOVES)

    def __repr__(self) -> str:
        return f"Price of {self._pair}: {self._words}"

    def _chief(self) -> DataFrame:
        return self.moves


class Round(Shown):
    """A solved round, from `Data.solve`: a proposal to people, who decide.

    A household is hidden if an address is withheld from a family for which it is proposed or
    ranked: nothing then says where it is. Its fit, its rank and the round's total of fit are
    without its distance and school, and what fit loses or gains is missing where it is among those
    who move. A round that was solved as `internal` shows all of it.
    """

    def __init__(
        self, solved: rounds.SolvedRound, before: Earlier | None = None, *, internal: bool = False
    ) -> None:
        self._solved = solved
        self._answers = Answers(solved, before, internal)

    @cached_property
    def proposals(self) -> DataFrame:
        """What came out for each open request.

        Index `request_id`. Columns: `state`, `open` or `placed`; `outcome`: `proposed`, `unplaced`,
        `placed`, or what screening holds it back for; `urgency`; `household_id`,
        `fit` (0 to 100), `rank` among the eligible ones and `starts_on` of the proposal, missing
        where there is none, `rank` also where people confirmed a pair that breaks a rule; `pinned`: people chose or confirmed it; `late_days` since the day from
        which it was needed, 0 where that is ahead, missing once a placement runs.
        """
        columns = {"request_id": TEXT, "state": TEXT, "outcome": TEXT, "urgency": TEXT}
        columns |= {"household_id": TEXT, "fit": NUMBER, "rank": MAYBE_WHOLE, "starts_on": DAY}
        columns |= {"pinned": YES_NO, "late_days": MAYBE_WHOLE}
        return frame(self._answers.proposals(), columns, ["request_id"])

    @cached_property
    def ranked(self) -> DataFrame:
        """The eligible households of each request, best first, as many as `top`.

        Index `request_id`, `household_id`. Columns: `rank`; `fit` (0 to 100); the points of each
        criterion by its name, which add up to the fit, missing where it doesn't apply, and those of
        `distance` and `school` where the household is hidden; and `loses_<aim>` for each aim: what
        the whole round would lose if this pair were forced, missing where it has no price. A loss
        of fit is in points, and missing where a hidden household is among those who move.
        """
        columns = {"request_id": TEXT, "household_id": TEXT, "rank": WHOLE, "fit": NUMBER}
        columns |= dict.fromkeys(self._answers.criteria, NUMBER)
        columns |= dict.fromkeys(losses(dict.fromkeys(self._answers.aims, 0)), NUMBER)
        return frame(self._answers.ranked(), columns, ["request_id", "household_id"])

    @cached_property
    def ineligible(self) -> DataFrame:
        """Why each other household is not eligible, the nearest misses first, as many as `top`.

        Index `request_id`, `household_id`, `rule`. Columns: `clause`; `reason`; `fix`: what would
        mend it; `who` can grant that; `known`: false where the rule fails as a fact isn't known.
        """
        index = ["request_id", "household_id", "rule"]
        columns = dict.fromkeys((*index, "clause", "reason", "fix", "who"), TEXT)
        return frame(self._answers.ineligible(), columns | {"known": YES_NO}, index)

    @cached_property
    def blocked(self) -> DataFrame:
        """What each rule rules out, over the open requests that are matched.

        Index `rule`. Columns: `clause`; `sentence`: the rule in words; `pairs` that it rules out;
        and `alone`: those that it alone rules out.
        """
        columns = {"rule": TEXT, "clause": TEXT, "sentence": TEXT, "pairs": WHOLE, "alone": WHOLE}
        return frame(self._answers.blocked(), columns, ["rule"])

    @cached_property
    def aims(self) -> DataFrame:
        """The aims, in order of precedence.

        Index `aim`. Columns: `value`, fit in points and without the distance and school of hidden
        households, all others as they are counted; `bound`: the best that could be; `optimal`:
        whether the value is proven to reach it.
        """
        columns = {"aim": TEXT, "value": NUMBER, "bound": NUMBER, "optimal": YES_NO}
        return frame(self._answers.objective(), columns, ["aim"])

    @cached_property
    def duties(self) -> DataFrame:
        """What somebody has to do, by clause.

        Columns: `request_id`; `household_id`, missing where it holds whatever the household;
        `duty`, its key; `clause`; `status`: `done`, `accepted`, `open`, `overdue`, `not_needed`;
        `due`, a day; `who`; `holds`: whether it holds back confirmation; `action`; `evidence`.
        """
        columns = dict.fromkeys(("request_id", "household_id", "duty", "clause", "status"), TEXT)
        columns |= {"due": DAY, "who": TEXT, "holds": YES_NO, "action": TEXT, "evidence": TEXT}
        return frame(self._answers.duties(), columns)

    @cached_property
    def households(self) -> DataFrame:
        """What becomes of each household.

        Index `household_id`. Columns: `outcome`, the first that fits: `proposed`, `occupied` where
        an arrangement runs, `closed` where a rule on the household alone fails, or `free`;
        `free_from`: the first day on which a family could start there, missing where nobody can
        say; `request_id` of its proposal; `appears_in`: for how many matched requests it is
        eligible.
        """
        columns = {"household_id": TEXT, "outcome": TEXT, "free_from": DAY}
        columns |= {"request_id": TEXT, "appears_in": WHOLE}
        return frame(self._answers.households(), columns, ["household_id"])

    def why(self, request_id: str, household_id: str | None = None) -> str:
        """Why a request, or one pair, came out as it did: a line an idea, each with its clause.

        Raises `WrongInput` where the round has no such request or household.
        """
        self._known(request_id, household_id)
        return self._answers.why(request_id, household_id)

    def price(self, request_id: str, household_id: str) -> Price | None:
        """What the whole round loses if this pair is forced and all else stays free.

        None where it has no price: the pair is not eligible or its request is not matched, people
        hold one side of it, or a limit of the round doesn't allow it.

        Raises `WrongInput` where the round has no such request or household.
        """
        self._known(request_id, household_id)
        found = self._answers.price(request_id, household_id)
        if found is None:
            return None
        price, words = found
        return Price(f"{request_id} → {household_id}", price.aims, list(price.moves), words)

    def _known(self, request_id: str, household_id: str | None) -> None:
        """Raises `WrongInput` where the round has no such request or household."""
        columns = self._solved.prepared.columns
        place_of("request", request_id, columns.request_ids)
        if household_id is not None:
            place_of("household", household_id, columns.household_ids)

    def what_if(
        self,
        *,
        weights: Mapping[str, float] | None = None,
        policy: Mapping[str, Any] | None = None,
        **changes: Any,
    ) -> WhatIf:
        """The whole round solved anew with something changed; this one stays as it is.

        `weights` are other weights of criteria, `policy` other settings. `changes` are those of
        `matcher whatif`, each with an id or a list of ids: `train` (a carer is trained and
        assessed), `second_carer`, `bedroom`, `open`, `close`, `without` (a request is withdrawn);
        with a pair such as `"R04:H33"`: `choose`, `rule_out`; `set`: a dict such as
        `{"H12.bedrooms": 2}`; and `household`: a dict of cells, or several.

        Raises `WrongInput` where there is no such change, id, criterion or setting.
        """
        prepared = self._solved.prepared
        options = {"weight": weights, "policy": policy, **changes}
        given = {key: value for key, value in options.items() if value is not None}
        with plainly():
            scenario = read_options(given, prepared.inputs, prepared.policy)
            return WhatIf(what_if(self._solved, scenario, internal=self._answers.internal))

    def every(self, change: str) -> DataFrame:
        """Every single change of a kind that would better the round, the best first.

        `change`: `train`, `second_carer`, `open`, `bedroom`, or `recruit`, one more household made
        for a family. Columns: `household_id`; `change` in words; `gains_<aim>` for each aim, fit in
        points, and missing where a hidden household has a part; `placed` and `moved`: the requests
        that would be placed, or go elsewhere, with `;` between them. Each row is the whole round
        solved anew.

        Raises `WrongInput` where there is no such kind.
        """
        kind = change.replace("-", "_")
        if kind not in KINDS:
            guess = did_you_mean(kind[:60], KINDS).strip() or f"Use {', '.join(KINDS)}."
            raise wrong_argument("change", change, "There is no such kind of change.", guess)
        names = self._answers.aims
        columns = {"household_id": TEXT, "change": TEXT}
        columns |= dict.fromkeys((f"gains_{name}" for name in names), NUMBER)
        columns |= {"placed": TEXT, "moved": TEXT}
        rows = (
            {
                "household_id": one.household_id,
                "change": one.what,
                **gains(names, one, internal=self._answers.internal),
                "placed": ";".join(one.placed) or None,
                "moved": ";".join(one.moved) or None,
            }
            for one in each(self._solved, kind)
        )
        return frame(rows, columns)

    def next_best(self, many: int = 5, differ: int = 1) -> DataFrame:
        """The best whole rounds after this one; fewer where there are no more.

        Each differs from this one, and from those before it, in at least `differ` families. Index
        `round`, from 2, as this one is the first. Columns: `loses_<aim>` for each aim, fit in
        points, and missing where a hidden household is among those who move; `moves`: who would go
        where, in words.

        Raises `WrongInput` where a number is below 1.
        """
        for name, number in {"many": many, "differ": differ}.items():
            if number < 1:
                raise wrong_argument(name, number, "It is below 1.", "Give a number from 1.")
        best = next_rounds(self._solved, many, differ)
        found = next_record(self._solved, best, differ, internal=self._answers.internal)
        rows = (
            {"round": place, **losses(one["losses"]), "moves": who_moves(one["moves"])}
            for place, one in enumerate(found["rounds"], 2)
        )
        columns = {"round": WHOLE}
        columns |= dict.fromkeys(losses(dict.fromkeys(self._answers.aims, 0)), NUMBER)
        return frame(rows, columns | {"moves": TEXT}, ["round"])

    def firmness(self, seed: int = SEED) -> DataFrame:
        """How firm each proposal is against the weights of the criteria: no forecast of anything.

        Index `request_id`. Columns: `household_id`; `share` (0 to 1) of `draws` in which it stays,
        when all weights are drawn anew at once; `changes_where` one weight alone, moved from 0 to
        twice what it is, first changes it, in words; `near_ties`: households that would cost the
        round a little fit and nothing else; `if_not_available`: who would then go where. The words
        are missing where there is nothing to say.
        """
        found = firm_record(
            self._solved, firmness(self._solved, seed), internal=self._answers.internal
        )
        rows = (
            {
                "request_id": one["request_id"],
                "household_id": one["household_id"],
                "share": one["stays"] / one["draws"],
                "draws": one["draws"],
                "changes_where": turns(one) or None,
                "near_ties": "; ".join(near_ties(one)) or None,
                "if_not_available": without_it(one) if one["if_not_available"] else None,
            }
            for one in found
        )
        columns = {"request_id": TEXT, "household_id": TEXT, "share": NUMBER, "draws": WHOLE}
        columns |= dict.fromkeys(("changes_where", "near_ties", "if_not_available"), TEXT)
        return frame(rows, columns, ["request_id"])

    def gap(self) -> Gap:
        """Where the homes fall short of the families of this round, and what would close the gap."""
        return Gap(self._solved, internal=self._answers.internal)

    def simulate(
        self,
        years: int = 4,
        seed: int = 1,
        weeks: int = WEEKS,
        per_week: float | None = None,
        settings: Mapping[str, float] | None = None,
    ) -> Years:
        """Years of weekly rounds, drawn from the families of this one, under several ways to choose.

        `seed` is that of the first year. `per_week` is how many families come, else as many as the
        data's own. `settings` are the service's own, such as `{"decline": 0.2}`.

        Raises `WrongInput` where no family passes screening, or a number or a setting is wrong.
        """
        return Years(self._solved.prepared, years, seed, weeks, per_week, settings or {})

    @cached_property
    def figures(self) -> dict[str, Picture]:
        """The figures of the report as PNG bytes by name, which a notebook shows as pictures.

        `fit_and_blocks`, `points`, `blocks` and `map`, those that the round has enough for; each
        has a `caption`, and in `alt` the words for who can't see it.
        """
        return pictures(self._answers.figures())

    def write(self, folder: str | PathLike[str]) -> Path:
        """Write the files of `matcher round` into a folder, whole or not at all; the folder.

        `round.json` hides nothing; the others hide what a report hides, also where the round was
        solved as `internal`. What people changed in the folder stays, and ours goes beside it.

        Raises `WrongInput` where nothing can be written there.
        """
        with plainly():
            self._answers.write(Path(folder))
        return Path(folder)

    def to_dict(self) -> dict[str, Any]:
        """round.json as a dict: it hides nothing, and proves itself."""
        return deepcopy(self._answers.document)

    def __repr__(self) -> str:
        counts = self._answers.counts
        held = counts.requests - counts.placed - counts.matchable
        placed = f", {counts.placed} placed" if counts.placed else ""
        outcomes = f"{counts.proposed} proposed, {counts.unplaced} wait, {held} not matched{placed}"
        return f"Round of {long_date(self._answers.as_of)}: {outcomes}; {self._answers.proof}"

    def _chief(self) -> DataFrame:
        return self.proposals
