"""What a solved round says, as rows of plain values: all that the face reads of its inside.

Fit and points leave here as 0 to 100, ids as text, days as dates; no place in an array leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from math import isfinite
from pathlib import Path

import numpy as np

from matcher.calendar import diary
from matcher.explain import NOT_APPLICABLE, Explainer
from matcher.face.frames import Row
from matcher.policy.criteria import CRITERIA
from matcher.policy.gates import MET
from matcher.policy.rules import RULES
from matcher.record import Record, document, head, moves
from matcher.record import request as request_record
from matcher.report.figures import all_figures
from matcher.report.single import hide_place, pair_record, pair_text
from matcher.report.view import View
from matcher.report.writer import write_report
from matcher.rounds import Round
from matcher.show.figures import Drawn
from matcher.show.text import paragraph
from matcher.whatif.keep import Earlier

MATCHED = ("proposed", "unplaced")  # the outcomes of requests that take part
OPEN, OVERDUE, DONE = "open", "overdue", "done"


def of_aim(name: str, value: float) -> float:
    """The value of an aim as it leaves the house: fit in points, all others as they are counted."""
    return value / 100 if name == "fit" else float(value)


@dataclass(frozen=True)
class Answers:
    """A solved round, read. `internal` shows where a household is though an address is withheld."""

    solved: Round
    before: Earlier | None = None
    internal: bool = False

    @property
    def aims(self) -> tuple[str, ...]:
        """The names of the round's aims, in their order."""
        return self.solved.prepared.aims

    @property
    def criteria(self) -> tuple[str, ...]:
        """The names of the criteria, in their order."""
        return tuple(each.key for each in CRITERIA)

    @property
    def as_of(self) -> date:
        """The day of the round."""
        return self.solved.prepared.inputs.as_of

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many requests, of each outcome, and households there are, as round.json counts."""
        counts: dict[str, int] = head(self.solved)["counts"]
        return counts

    @cached_property
    def proof(self) -> str:
        """How far the optimum is proven, in a few words."""
        if not all(each["optimal"] for each in head(self.solved)["objective"]):
            return "the best found, not proven"
        no_duals = self.solved.solution.duals is None
        return "the optimum by the solver's word" if no_duals else "proven"

    @cached_property
    def document(self) -> Record:
        """round.json as a dict."""
        return document(self.solved)

    @cached_property
    def explainer(self) -> Explainer:
        """What makes sentences of the round."""
        return self._explainer(every_price=False)

    def _explainer(self, *, every_price: bool) -> Explainer:
        explainer = Explainer(self.solved, every_price=every_price)
        if self.internal:
            explainer.hidden = set()
        return explainer

    @cached_property
    def requests(self) -> list[Record]:
        """The records of the requests as a report may show them, or with all where internal."""
        if self.internal:
            rows = range(len(self.explainer.request_ids))
            return [request_record(self.explainer, row) for row in rows]
        found: list[Record] = self.document["requests"]
        return [
            {**each, "ranked": [self._shown(row, ranked) for ranked in each["ranked"]]}
            for row, each in enumerate(found)
        ]

    def _shown(self, row: int, ranked: Record) -> Record:
        criteria = [dict(each) for each in ranked["criteria"]]
        copy: Record = {**ranked, "criteria": criteria}
        hide_place(self.explainer, row, copy)
        return copy

    # Frames, row by row

    def proposals(self) -> Iterator[Row]:
        """One row a request, with its proposal where there is one."""
        for asked, each in zip(self.solved.prepared.inputs.requests, self.requests, strict=True):
            proposal = each["proposal"] or {"pinned": False}
            late = max((self.as_of - asked.needed_from).days, 0)
            yield {**each, "state": OPEN, **proposal, "late_days": late}

    def ranked(self) -> Iterator[Row]:
        """One row a ranked household of a request, with its points and what it would lose."""
        for request in self.requests:
            for each in request["ranked"]:
                cost = each["cost_to_round"]
                yield {
                    "request_id": request["request_id"],
                    "household_id": each["household_id"],
                    "rank": each["rank"],
                    "fit": each["fit"],
                    **{c["name"]: _points(c) for c in each["criteria"]},
                    **({} if cost is None else losses(cost["aims"])),
                }

    def ineligible(self) -> Iterator[Row]:
        """One row a rule that a household fails for a request."""
        for row, request_id in enumerate(self.explainer.request_ids):
            shown = self.explainer.shown(row)
            for household, bits in zip(*(each.tolist() for each in shown.near), strict=True):
                case = shown.case(household)
                for rule, failing in self.explainer.failing(case, bits):
                    yield {
                        "request_id": request_id,
                        "household_id": case.ids[1],
                        "rule": rule.key,
                        "clause": rule.clause,
                        "reason": failing.reason,
                        "fix": failing.fix,
                        "who": failing.who,
                        "known": failing.known,
                    }

    def blocked(self) -> Iterator[Row]:
        """One row a rule: the pairs of matched requests that it rules out."""
        keys = [rule.key for rule in RULES]
        pairs, alone = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
        for request in self.requests:
            for each in request["blocked_by"] if request["outcome"] in MATCHED else ():
                pairs[each["rule"]] += each["households"]
                alone[each["rule"]] += each["only"]
        for rule in RULES:
            yield {
                "rule": rule.key,
                "clause": rule.clause,
                "sentence": rule.sentence,
                "pairs": pairs[rule.key],
                "alone": alone[rule.key],
            }

    def objective(self) -> Iterator[Row]:
        """One row an aim, in order of precedence."""
        for each in head(self.solved)["objective"]:
            name = each["name"]
            yield {
                "aim": name,
                "value": of_aim(name, each["value"]),
                "bound": of_aim(name, each["bound"]),
                "optimal": each["optimal"],
            }

    def duties(self) -> Iterator[Row]:
        """One row a duty: what holds a confirmation, and what is due by a day."""
        for request in self.requests:
            name = request["request_id"]
            yield from (_duty(name, None, gate) for gate in request["gates"])
            for each in request["ranked"]:
                yield from (_duty(name, each["household_id"], gate) for gate in each["gates"])
        for entry in diary.of_round(self.explainer):
            yield {
                "request_id": entry.request_id,
                "household_id": entry.household_id,
                "duty": entry.task,
                "clause": entry.clause,
                "status": OVERDUE if entry.overdue else OPEN,
                "due": entry.date,
                "who": entry.who,
                "holds": False,
                "action": entry.what,
                "evidence": None,
            }

    def households(self) -> Iterator[Row]:
        """One row a household."""
        everyone = self.solved.prepared.everyone
        opens = np.broadcast_to(everyone.opens, everyone.shape[1]).tolist()
        for each, day in zip(self.document["households"], opens, strict=True):
            yield {**each, "free_from": self._free_from(day)}

    def _free_from(self, opens: float) -> date | None:
        """The first day of a household that is free; None where nobody can say."""
        if opens != opens:  # noqa: PLR0124  NaN is not itself
            return None
        return max(self.as_of, date.fromordinal(int(opens))) if isfinite(opens) else self.as_of

    # One request, one pair

    def why(self, row: int, household: int | None) -> str:
        """Why a request, or a pair, came out as it did."""
        if household is None:
            return "\n".join(paragraph(line, "") for line in self.explainer.lines(row))
        names = self.explainer.request_ids[row], self.explainer.household_ids[household]
        return "\n".join(pair_text(pair_record(self.solved, *names)))

    def price(self, row: int, household: int) -> tuple[dict[str, int], list[Record], str] | None:
        """What a pair costs the round by aim, who moves, and both in words; None without a price."""
        explainer = self._explainer(every_price=True)
        edge = self.solved.prepared.edge(row, household)
        price = None if edge is None else explainer.price(edge)
        if price is None:
            return None
        aims = dict(zip(self.aims, price.losses, strict=True))
        words = explainer.loss(price, row) if price.moves else "is the proposal"
        return aims, moves(self.solved.prepared, price), words

    # The whole of it

    def figures(self) -> Iterable[Drawn]:
        """The figures of the report."""
        view = View(self.solved, self.document, self.before)
        hidden = set[str]() if self.internal else view.hidden
        return all_figures(self.solved, self.document, hidden, large=view.large)

    def write(self, folder: Path) -> None:
        """Write the files of the round, as the command does."""
        write_report(View.of(self.solved, self.before), folder, lambda step: None)


def losses(aims: Row) -> dict[str, float]:
    """What is lost in each aim, under the names of a frame's columns."""
    return {f"loses_{name}": of_aim(name, value) for name, value in aims.items()}


def _points(criterion: Record) -> float | None:
    """The points of a criterion; None where it doesn't apply or may not be shown."""
    return None if criterion["grade"] == NOT_APPLICABLE else criterion["points"]


def _duty(request_id: str, household_id: str | None, gate: Row) -> Row:
    """A gate as a duty that holds confirmation."""
    return {
        "request_id": request_id,
        "household_id": household_id,
        "duty": gate["gate"],
        "clause": gate["clause"],
        "status": DONE if gate["status"] == MET else gate["status"],
        "due": gate["by"],
        "who": gate["who"],
        "holds": True,
        "action": gate["action"] or None,
        "evidence": gate["evidence"] or None,
    }
