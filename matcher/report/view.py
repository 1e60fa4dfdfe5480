"""What every output for people shows of a round, once: the page, the workbook and the figures.

Where a household is appears nowhere here if an address is withheld from some family for which it
is proposed or ranked: no postcode, authority, distance, and no points that rest on a distance.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from matcher.calendar import diary
from matcher.equity.groups import Difference, Envy, Group, differences, envies, groups
from matcher.explain import (
    AIM_WORDS,
    HELD,
    LIMITED,
    NOT_APPLICABLE,
    NOT_SHOWN,
    Explainer,
    aim_value,
    alerts,
)
from matcher.governance.policy_page import record as register
from matcher.policy import gates
from matcher.policy.agenda import Entry
from matcher.policy.criteria import CRITERIA, WHERE
from matcher.policy.declines import Refused, is_stale, of_households, oldest_fresh
from matcher.policy.family import family_facts, family_line
from matcher.policy.position import position
from matcher.record import (
    Record,
    document,
    each_request,
    head,
    ranked_record,
    tail,
    takes_record,
    tells_a_place,
)
from matcher.rounds import KEPT, NEAREST_TOLD, Round
from matcher.show.files import json_line, json_text
from matcher.whatif.firmness import firmness
from matcher.whatif.keep import Earlier, Keeping, keeping
from matcher.whatif.next_rounds import next_rounds
from matcher.whatif.openings import FEW_FAMILIES, single_changes
from matcher.whatif.words import firm_record, next_record
from matcher.words import and_list, count, label, ordinal, upper_first

NEXT_MONDAY = 7
TONES = {"proposed": "go", "unplaced": "wait"}
FEW_REQUESTS = FEW_FAMILIES  # more are not shown one by one, but in round.json alone
BEST_SHOWN = 5  # ranked households that the report of a large round keeps for each request


def is_proposed(request: Record, ranked: Record) -> bool:
    """Whether a ranked household is the one that is proposed."""
    proposal = request["proposal"]
    return proposal is not None and proposal["household_id"] == ranked["household_id"]


@dataclass(frozen=True)
class View:
    """A solved round as people read it."""

    solved: Round
    record: Record
    before: Earlier | None = None

    @classmethod
    def of(cls, solved: Round, before: Earlier | None = None) -> View:
        """The view of a solved round; a large one knows its requests once `json` is written.

        `before` is the earlier round that it keeps to.
        """
        if len(solved.prepared.inputs.requests) <= FEW_REQUESTS:
            return cls(solved, document(solved), before)
        return cls(solved, {**head(solved), "requests": [], **tail(solved)}, before)

    @cached_property
    def kept(self) -> Keeping | None:
        """What the round keeps of an earlier one; None where it keeps to none."""
        return None if self.before is None else keeping(self.explainer, self.before)

    @property
    def large(self) -> bool:
        """Whether the round has more requests than a report can show one by one."""
        return len(self.solved.prepared.inputs.requests) > FEW_REQUESTS

    def json(self, *, alone: bool = False) -> Iterator[bytes]:
        """round.json, piece by piece; `alone` where no report will be made.

        The requests of a large round are explained on the way, and only what the report shows of
        each is kept: all of them at once would take more room than everything else.
        """
        if self.large and not self.record["requests"]:
            yield from json_text({**self.record, "requests": self._explained(alone)})
        else:
            yield from json_text(self.record)

    def _explained(self, alone: bool) -> Iterator[bytes]:
        made = each_request(
            self.explainer, lambda each: (json_line(each), self._shown(each, alone))
        )
        for line, shown in made:
            self.record["requests"].append(shown)
            yield line

    def _shown(self, request: Record, alone: bool) -> Record:
        """What a report shows of a request in a large round; the terminal shows no ranks."""
        ranked = (
            []
            if alone
            else [
                each if is_proposed(request, each) else {**each, "gates": []}
                for at, each in enumerate(self.ranked(request))
                if at < BEST_SHOWN or is_proposed(request, each)
            ]
        )
        near = request["ineligible"][:NEAREST_TOLD] if request["outcome"] == "unplaced" else []
        return {**request, "ranked": ranked, "ineligible": near}

    @cached_property
    def explainer(self) -> Explainer:
        """What there is to say beyond the record."""
        return Explainer(self.solved)

    @cached_property
    def hidden(self) -> set[str]:
        """The households of which no output may say where they are."""
        return self.explainer.hidden

    @cached_property
    def as_of(self) -> date:
        """The day of the round."""
        return self.solved.prepared.inputs.as_of

    @cached_property
    def due(self) -> date:
        """The Monday after the round: by then what is open should be under way."""
        return self.as_of + timedelta(days=NEXT_MONDAY - self.as_of.weekday())

    @cached_property
    def calendar(self) -> list[Entry]:
        """Every dated task of the round."""
        return diary.of_round(self.explainer)

    @cached_property
    def alerts(self) -> list[str]:
        """What people must look at first."""
        return alerts(self.explainer)

    @property
    def warnings(self) -> list[str]:
        """What the data leave open."""
        return [fault.sentence() for fault in self.solved.prepared.inputs.warnings]

    @property
    def title(self) -> str:
        """The title of the round."""
        return self.record["round"]["title"] or "Match round"

    def ranked(self, request: Record) -> list[Record]:
        """The ranked households that round.json writes, and the proposed one in any case."""
        listed: list[Record] = request["ranked"]
        proposal = request["proposal"]
        if proposal is None or proposal["rank"] is None:
            return listed
        if any(is_proposed(request, each) for each in listed):
            return listed
        prepared = self.solved.prepared
        row = self._row(request)
        edge = prepared.edge(row, int(self.solved.household[row]))
        return listed if edge is None else [*listed, ranked_record(self.explainer, row, edge)]

    def outcome(self, request: Record) -> str:
        """What came out for one request, in a few words."""
        return {"proposed": "proposed", "unplaced": "waits"}.get(request["outcome"], "not matched")

    def short(self, request: Record) -> str:
        """Why, in one line."""
        if request["outcome"] == "unplaced":
            if not self.eligible(request):
                return "no eligible household"
            limited = self.explainer.waits_for(self._row(request)) == LIMITED
            return "held back by a limit" if limited else "needed for others"
        if request["outcome"] != "proposed":
            return HELD[request["outcome"]]
        proposal = request["proposal"]
        if proposal["pinned"]:
            return "held by people"
        pair = request["request_id"], proposal["household_id"]
        kind = self.solved.prepared.inputs.relationships.get(pair)
        known = f"{label(kind)}; " if kind else ""
        choices = self.eligible(request)
        if choices == 1:
            return f"{known}the only household"
        if proposal["rank"] == 1:
            return f"{known}ranks 1st of {choices:,}"
        return f"{known}ranks {ordinal(proposal['rank'])} of {choices:,}: see why"

    def eligible(self, request: Record) -> int:
        """How many households are eligible for a request."""
        return self.solved.prepared.choices(self._row(request))

    def _row(self, request: Record) -> int:
        return self._rows[request["request_id"]]

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.solved.prepared.columns.request_ids)}

    def facts(self, request: Record) -> str:
        """The request in one line, without anything that names a person or a place."""
        facts = family_facts(self.explainer.request_case(self._row(request)))
        return family_line(facts, request["regime"], request["urgency"])

    def position(self, request: Record) -> list[str]:
        """The legal position of a family, and when it will change."""
        return position(self.explainer.request_case(self._row(request))).lines

    def points(self, ranked: Record) -> list[float | str]:
        """The points of each criterion, '–' where it doesn't apply.

        None are shown where they would tell a place: the others and the fit would leave its points.
        """
        hide = tells_a_place(ranked, self.hidden)
        return [
            "–" if each["grade"] == NOT_APPLICABLE else NOT_SHOWN if hide else each["points"]
            for each in ranked["criteria"]
        ]

    def price(self, request: Record, ranked: Record) -> str:
        """What choosing this household would cost the round, in a few words."""
        cost = ranked["cost_to_round"]
        if cost is None:
            if request["outcome"] in HELD:
                return "for information only"
            return "no price: held by people, or a limit is in play"
        lost = [(name, value) for name, value in cost["aims"].items() if value]
        if not lost:
            return "costs the round nothing"
        name, value = lost[0]
        left = [m["request_id"] for m in cost["moves"] if m["to"] is None]
        if name == KEPT:
            return f"keeps {count(value, 'placement')} fewer of the earlier round"
        if left and name != "fit":
            return f"leaves {and_list(left)} unplaced"
        if name == "relationship":
            return f"loses {count(value, 'point')} of existing relationships"
        if name == "fit":
            return f"lowers the fit of the round by {value / 100:.2f}"
        return f"loses {value} in “{AIM_WORDS[name]}”"

    @cached_property
    def tasks(self) -> list[tuple[str, list[dict[str, str | None]]]]:
        """What has to be done, by who does it: gates of what is proposed, and next steps."""
        found: dict[str, list[dict[str, str | None]]] = defaultdict(list)
        for request in self.record["requests"]:
            for who, task in self._tasks_of(request):
                found[upper_first(who)].append(task)
        return [
            (who, sorted(tasks, key=lambda t: (str(t["by"]), str(t["request"]))))
            for who, tasks in sorted(found.items())
        ]

    def _tasks_of(self, request: Record) -> Iterator[tuple[str, dict[str, str | None]]]:
        name, proposal = request["request_id"], request["proposal"]
        if proposal is not None:
            still = [gate for gate in self.gates(request) if gate["status"] == gates.OPEN]
            for gate in still:
                yield (
                    str(gate["who"]),
                    {
                        "request": name,
                        "household": proposal["household_id"],
                        "by": gate["by"] or self.due.isoformat(),
                        "action": gate["action"],
                        "evidence": gate["evidence"],
                        "clause": gate["clause"],
                    },
                )
        elif request["outcome"] == "unplaced":
            yield from self.asking(request)
        else:
            findings = self.solved.prepared.findings[self._row(request)]
            holding = {f.next_step: f for f in findings if f.outcome == request["outcome"]}
            for finding in holding.values():
                yield (
                    "child's social worker",
                    {
                        "request": name,
                        "household": None,
                        "by": self.due.isoformat(),
                        "action": finding.next_step,
                        "evidence": finding.reason,
                        "clause": finding.clause,
                    },
                )

    def asking(self, request: Record) -> Iterator[tuple[str, dict[str, str | None]]]:
        """The single changes that would let a household take a family that waits."""
        held = {
            self.solved.prepared.columns.household_ids[home]
            for home in self.solved.prepared.pinned_households
        }
        near = [
            each
            for each in request["ineligible"]
            if len(each["failed"]) == 1
            and each["household_id"] not in held
            and each["failed"][0]["rule"] not in WHERE
        ]
        for each in near[:NEAREST_TOLD]:
            failed = each["failed"][0]
            yield (
                failed["who"],
                {
                    "request": request["request_id"],
                    "household": each["household_id"],
                    "by": self.due.isoformat(),
                    "action": failed["fix"],
                    "evidence": f"{failed['reason']} It is the only rule that fails.",
                    "clause": failed["clause"],
                },
            )

    def gates(self, request: Record) -> list[Record]:
        """The gates of a request, with those of its proposed household."""
        if request["proposal"] is None:
            return list(request["gates"])
        row = self._row(request)
        case = self.solved.prepared.pair(row, int(self.solved.household[row]))
        records = gates.of_pair(case, gates.depending(case.of_request))
        hide = case.ids[1] in self.hidden
        return [*request["gates"], *gates.schema_1(gates.words(records, hide=hide))]

    def takes(self, request: Record, household_id: str) -> list[Record]:
        """The least it would take to make a household eligible for a family, a record a change."""
        return takes_record(
            self.explainer, self._row(request), self.solved.prepared.household_at[household_id]
        )

    @cached_property
    def openings(self) -> list[Record]:
        """The single changes that would let most families be placed, best first."""
        return [
            {
                "household": each.household_id,
                "what": each.change.what,
                "who": each.change.who,
                "on": each.change.on,
                "families": and_list(each.request_ids),
                "placed": "not solved" if each.placed is None else f"{sum(each.placed):+}",
            }
            for each in single_changes(self.solved)
        ]

    @property
    def asks_on(self) -> bool:
        """Whether the report says what else could be: not where each answer takes a solver's while."""
        return not self.large and self.solved.prices is not None

    @cached_property
    def firm(self) -> dict[str, Record]:
        """How firm each proposal is that people do not hold, by request."""
        if not self.asks_on:
            return {}
        records = firm_record(self.solved, firmness(self.solved))
        return {record["request_id"]: record for record in records}

    @cached_property
    def next_rounds(self) -> list[Record]:
        """The five best whole rounds after the proposal."""
        if not self.asks_on:
            return []
        rounds: list[Record] = next_record(self.solved, next_rounds(self.solved), 1)["rounds"]
        return rounds

    @cached_property
    def groups(self) -> list[Group]:
        """The families by group, and what came of them."""
        return groups(self.solved)

    @cached_property
    def differences(self) -> list[Difference]:
        """Each group against all other families."""
        return differences(self.explainer, self.groups)

    @cached_property
    def envies(self) -> list[Envy]:
        """The pairs that both rank each other above what they got, with their price."""
        return envies(self.explainer)

    def contests(self) -> list[str]:
        """The sentences that name a contest, once each."""
        said = [
            line
            for request in self.record["requests"]
            for line in request["why"]
            if "can only be placed with" in line
        ]
        return list(dict.fromkeys(said))

    @cached_property
    def households(self) -> list[dict[str, Any]]:
        """Every household with how often it is listed, and whether its profile is stale."""
        oldest = oldest_fresh(self.as_of, self.solved.prepared.policy)
        rows = zip(self.solved.prepared.inputs.households, self.record["households"], strict=True)
        return [
            {
                "id": found["household_id"],
                "team": row.team,
                "outcome": found["outcome"],
                "request": found["request_id"],
                "appears": found["appears_in"],
                "reviewed_on": row.reviewed_on,
                "stale": is_stale(row, oldest),
                "closed": ", ".join(label(rule) for rule in found["closed_by"]),
            }
            for row, found in rows
        ]

    @cached_property
    def stale(self) -> set[str]:
        """The households whose profile is stale."""
        return {each["id"] for each in self.households if each["stale"]}

    @cached_property
    def refused(self) -> list[Refused]:
        """The households that a no was recorded of, those with most first."""
        return of_households(self.solved.prepared.inputs, self.solved.prepared.policy)

    def aims(self) -> list[dict[str, Any]]:
        """The aims with what was reached and what could be."""
        return [
            {
                "name": AIM_WORDS[aim["name"]],
                "value": aim_value(aim["name"], aim["value"]),
                "bound": aim_value(aim["name"], aim["bound"]),
                "optimal": aim["optimal"],
            }
            for aim in self.record["objective"]
        ]

    def proven(self) -> str:
        """Whether the round is the best there is, and who says so."""
        if not all(aim["optimal"] for aim in self.record["objective"]):
            return "This is the best round that was found; not every aim is proven."
        if "word" in self.record["certificate"]:
            return "No other round does better. A limit is in play: this is the solver's word."
        return (
            "No other round does better, aim by aim. The certificate in round.json proves it, and "
            "anyone can check it without the software that found the round."
        )

    def register(self) -> Record:
        """The policy in use."""
        return register(self.solved.prepared.policy)

    def criteria(self) -> list[str]:
        """The names of the criteria, in their order."""
        return [label(each.key) for each in CRITERIA]
