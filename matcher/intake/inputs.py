"""The clean input of a round: checked, sorted by id, and the same whatever the order of rows."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeAlias

from matcher.errors import Fault
from matcher.intake import placements
from matcher.intake.placements import Occupancy, Pair, SetAside, Told, runs
from matcher.intake.rows import (
    Carer,
    Decision,
    Event,
    Household,
    KeepApart,
    Placement,
    Request,
    RiskAssessment,
    Row,
)

STAYS = "If a move is asked for, write open in its status; matcher explain says how it stands."
BORN_BY_NOW = 21  # days after the day on which birth was expected
NOES = ("declined_by_carer", "declined_by_parent", "rule_out")
Recorded: TypeAlias = dict[str, tuple[Event, ...]]  # events by key, in order of their days


@dataclass(frozen=True)
class Inputs:
    """All open and placed requests and all households of one round, with what is recorded of them.

    `requests` are the open ones, which are matched; `placed` live somewhere; of those `closed` only
    their days count. A pair is (request_id,
    household_id). `decisions` are the latest of each pair, `placement_rows` the table's.
    `sha256` is taken over the cleaned, sorted tables.
    """

    as_of: date
    title: str
    authority: str | None
    requests: tuple[Request, ...]
    households: tuple[Household, ...]
    carers: dict[str, tuple[Carer, ...]]
    relationships: dict[Pair, str]
    risk_assessments: dict[Pair, tuple[RiskAssessment, ...]]
    decisions: dict[Pair, Decision]
    decision_rows: dict[Pair, int]
    decision_log: tuple[Decision, ...]  # every row: also of closed requests, also overtaken ones
    keep_apart: tuple[KeepApart, ...]
    events: dict[tuple[str, str | None], Recorded]
    warnings: tuple[Fault, ...]
    sha256: str
    placed: tuple[Request, ...] = ()
    closed: tuple[Request, ...] = ()
    placement_rows: tuple[Placement, ...] = ()
    features_as_read_before: frozenset[str] = field(default=frozenset())  # household_ids
    known_to_family: frozenset[Pair] = field(default=frozenset())  # whatever else they are
    not_standing: frozenset[Pair] = field(default=frozenset())  # choices that are set aside today
    vacated: frozenset[str] = field(
        default=frozenset()
    )  # households that a what-if takes to be free

    @cached_property
    def homes(self) -> dict[str, Household]:
        """Each household by its id."""
        return {row.household_id: row for row in self.households}

    @cached_property
    def families(self) -> tuple[Request, ...]:
        """The open and the placed requests, in order of their ids."""
        return tuple(sorted((*self.requests, *self.placed), key=lambda row: row.request_id))

    @cached_property
    def open_ids(self) -> frozenset[str]:
        """The ids of the open requests."""
        placed = {row.request_id for row in self.placed}
        return frozenset(row.request_id for row in self.requests) - placed

    # What happened

    def happened(self, request_id: str, event: str) -> date | None:
        """The first day on which something is recorded to have happened to a family."""
        events = self.events.get((request_id, None), {}).get(event, ())
        return min((each.on for each in events if each.status == "done"), default=None)

    def counts_as_born(self, request: Request) -> bool:
        """Whether the day on which birth was expected is past, and nobody recorded the birth."""
        born_or_due = request.child_born_or_due_on
        # Where the request came before the day, it was the day on which birth was expected.
        was_due = request.received_on < born_or_due
        asked = was_due or request.pre_birth_assessment in ("booked", "not_done")
        late = (self.as_of - born_or_due).days
        recorded = self.happened(request.request_id, "child_born")
        return 0 <= late <= BORN_BY_NOW and recorded is None and asked

    # Where families live

    @cached_property
    def _told(self) -> Told:
        """What `confirmed` decisions tell of where families live."""
        living = frozenset(pair[0] for pair in self.decisions) - self.open_ids
        return placements.told_by(
            self.decisions.values(), self.placement_rows, self.homes, living, self.as_of
        )

    @cached_property
    def placements(self) -> tuple[Placement, ...]:
        """Every placement, those that `confirmed` decisions tell of among them."""
        rows = (*self.placement_rows, *self._told.placements)
        return tuple(sorted(rows, key=lambda row: row.canonical()))

    @cached_property
    def lived(self) -> dict[Pair, list[Placement]]:
        """The placements of each pair that had one."""
        found = defaultdict[Pair, list[Placement]](list)
        for row in self.placements:
            found[row.request_id, row.household_id].append(row)
        return dict(found)

    @cached_property
    def running(self) -> dict[str, Placement]:
        """The placement that runs in each household on the day of the round."""
        return {p.household_id: p for p in self.placements if runs(p, self.as_of)}

    @cached_property
    def placement_of(self) -> dict[str, Placement]:
        """The placement of each family that runs on the day of the round."""
        return {p.request_id: p for p in self.running.values()}

    def placed_where(self, request_id: str) -> str | None:
        """Why a family that is placed is not matched, in a sentence; None of any other."""
        if request_id not in {row.request_id for row in self.placed}:
            return None
        home = self.home_of.get(request_id)
        where = "" if home is None else f" with {home.household_id}"
        return f"{request_id} is placed{where}, so it is not matched."

    @cached_property
    def _agreed(self) -> list[Placement]:
        """The placements that begin after the day of the round, the last to begin first."""
        ahead = [p for p in self.placements if placements.begins_later(p, self.as_of)]
        in_order = sorted(ahead, key=lambda p: (p.started_on, p.canonical()), reverse=True)
        return [p for p in in_order if not placements.has_ended(p, self.as_of)]

    @cached_property
    def agreed(self) -> dict[str, Placement]:
        """The placement of each family that begins after the day of the round, the first of them."""
        return {p.request_id: p for p in self._agreed}

    @cached_property
    def home_of(self) -> dict[str, Placement]:
        """Where each family lives, or is agreed to live where it is placed and lives nowhere yet."""
        placed = {row.request_id for row in self.placed}
        agreed = {name: row for name, row in self.agreed.items() if name in placed}
        return agreed | self.placement_of

    @cached_property
    def held(self) -> dict[str, str]:
        """The family of each household that is held for one that is not open, or after its next home."""
        pinned = {p.household_id for name, p in self.agreed.items() if name in self.open_ids}
        others = (p for p in self._agreed if p.household_id not in pinned)
        return self._told.next_homes | {p.household_id: p.request_id for p in others}

    @cached_property
    def occupancy(self) -> dict[str, Occupancy]:
        """What stands in the way of another family, by household; those free of it are left out."""
        here = defaultdict[str, list[Placement]](list)
        for row in self.placements:
            here[row.household_id].append(row)
        found = {
            row.household_id: placements.occupancy(row, here.get(row.household_id, ()), self.as_of)
            for row in self.households
            if row.arrangement_until is not None or row.household_id in here
            if row.household_id not in self.vacated
        }
        return {household: what for household, what in found.items() if what is not None}

    @cached_property
    def pairs_ended_early(self) -> list[Pair]:
        """Pairs whose placement ended for a reason that speaks against them."""
        early = (p for p in self.placements if placements.ended_early(p, self.as_of))
        return sorted({(p.request_id, p.household_id) for p in early})

    # The home in which a parent already lives

    @cached_property
    def current_carers(self) -> dict[str, list[Pair]]:
        """The pairs of each family with the current carers of a parent."""
        found = defaultdict[str, list[Pair]](list)
        for pair, kind in self.relationships.items():
            if kind == "current_carer":
                found[pair[0]].append(pair)
        return found

    @cached_property
    def _staying(self) -> dict[str, list[Pair]]:
        """The pairs of each open family that asks for Staying Put with its current carers."""
        declined = {
            pair for pair in self.pairs_ruled_out if self.decisions[pair].decision != "rule_out"
        }
        found = {
            row.request_id: [
                pair for pair in self.current_carers.get(row.request_id, ()) if pair not in declined
            ]
            for row in self.requests
            if row.may_stay_put
        }
        return {name: pairs for name, pairs in found.items() if pairs}

    @cached_property
    def stays_put(self) -> dict[str, str]:
        """The current carers' household of each open family that asks for Staying Put (PC-6.5c)."""
        return {name: pairs[0][1] for name, pairs in self._staying.items()}

    @cached_property
    def own_homes(self) -> dict[Pair, date | None]:
        """The pairs of a parent and the home that is kept for them, with the day of the need.

        The day is None for Staying Put, for which it is kept whatever the day (PC-4.2b, PC-6.5c).
        """
        no_longer = {*self.pairs_ruled_out, *self.pairs_too_high, *self.pairs_ended_early}
        elsewhere = {pair[0]: pair[1] for pair in self.pins if pair not in self.not_standing}
        kept = dict[Pair, date | None]()
        for row in self.requests:
            name = row.request_id
            if name in self._staying:
                kept |= dict.fromkeys(self._staying[name])
            elif row.a_parent_is_looked_after and row.resource_team_decision != "residential":
                for pair in self.current_carers.get(name, ()):
                    if pair not in no_longer and elsewhere.get(name, pair[1]) == pair[1]:
                        kept[pair] = row.needed_from
        return kept

    # What comes before fostering is decided on

    @cached_property
    def before_fostering(self) -> dict[str, tuple[str, ...]]:
        """The duties that come before fostering is decided on and are not done, by request (PC-3.1j).

        Of an assessment: the eight circumstances are not considered, the case is not risk assessed.
        """
        found = dict[str, tuple[str, ...]]()
        for row in self.families:
            of_it = self.events.get((row.request_id, None), {})
            assessed = any(e.status == "done" for e in of_it.get("case_risk_assessment", ()))
            open_ones = (
                *(["fostering_concerns"] if row.fostering_concerns is None else []),
                *([] if assessed else ["case_risk_assessment"]),
            )
            if row.purpose == "assessment" and open_ones:
                found[row.request_id] = open_ones
        return found

    @cached_property
    def provisional(self) -> dict[str, tuple[str, ...]]:
        """Those of the requests on whose fostering nobody has decided."""
        undecided = {r.request_id for r in self.families if r.resource_team_decision is None}
        return {name: keys for name, keys in self.before_fostering.items() if name in undecided}

    # What is recorded of pairs

    @cached_property
    def recorded(self) -> set[str]:
        """The requests of which something is recorded for a single household: an assessment, an event."""
        of_pairs = {request for request, household in self.events if household is not None}
        return of_pairs | {request for request, _ in self.risk_assessments}

    @cached_property
    def events_of(self) -> dict[str, Recorded]:
        """What is recorded of each family, with or without a household, by key."""
        found: dict[str, dict[str, tuple[Event, ...]]] = defaultdict(dict)
        for (request, _), events in self.events.items():
            for key, rows in events.items():
                both = (*found[request].get(key, ()), *rows)
                found[request][key] = tuple(sorted(both, key=lambda row: (row.on, row.canonical())))
        return dict(found)

    @cached_property
    def pairs_too_high(self) -> list[Pair]:
        """Pairs of which the joint risk assessment that decides says that the risk is too high."""
        found = self.risk_assessments.items()
        return [pair for pair, rows in found if deciding(rows).outcome == "too_high"]

    @cached_property
    def pairs_ruled_out(self) -> list[Pair]:
        """Pairs that people ruled out or declined, and for which that still counts."""
        return [
            pair
            for pair, row in self.decisions.items()
            if row.decision in NOES and row.counts(self.as_of)
        ]

    @cached_property
    def noes(self) -> tuple[Decision, ...]:
        """The noes of all requests that were the last word on a pair, by household."""
        found = (row for row in self.decisions.values() if row.decision in NOES)
        return tuple(
            sorted(found, key=lambda row: (row.household_id, row.decided_on, row.request_id))
        )

    @cached_property
    def pins(self) -> dict[Pair, Decision | Placement]:
        """Pairs of open requests that people chose, confirmed or agreed and that stand.

        A placement is one that is agreed and begins after the day of the round; several may be
        agreed for one household, one after the other.
        """
        return self._pins[0]

    @cached_property
    def pins_of(self) -> dict[str, list[Decision | Placement]]:
        """The same by request."""
        found = defaultdict[str, list[Decision | Placement]](list)
        for (request, _), pin in self.pins.items():
            found[request].append(pin)
        return dict(found)

    @cached_property
    def set_aside(self) -> tuple[SetAside, ...]:
        """The decisions that take nothing, as another one stands."""
        found = (*self._told.set_aside, *self._pins[1])
        return tuple(sorted(found, key=lambda each: each.decision.canonical()))

    @cached_property
    def _pins(self) -> tuple[dict[Pair, Decision | Placement], list[SetAside]]:
        claims: list[tuple[Pair, Decision | Placement]] = [
            ((row.request_id, row.household_id), row)
            for row in self.agreed.values()
            if row.request_id in self.open_ids
        ]
        wanted = [row for pair, row in self.decisions.items() if self.may_pin(pair, row)]
        later_first = sorted(
            wanted, key=lambda row: (row.decided_on, row.canonical()), reverse=True
        )
        for kind in ("confirmed", "choose"):
            of_kind = (row for row in later_first if row.decision == kind)
            claims += [((row.request_id, row.household_id), row) for row in of_kind]
        sides: dict[tuple[str, str], Pair] = {
            ("household", household): (request, household)
            for household, request in self.held.items()
        }
        stand: dict[Pair, Decision | Placement] = {}
        aside = []
        for pair, row in claims:
            mine = ("request", pair[0]), ("household", pair[1])
            held = next((sides[side] for side in mine if side in sides), None)
            if held is None or isinstance(row, Placement):
                stand[pair] = row
                sides |= dict.fromkeys(mine, pair)
            elif held != pair:
                aside.append(SetAside(row, held))
        return dict(sorted(stand.items())), aside

    def may_pin(self, pair: Pair, row: Decision) -> bool:
        """Whether a decision is one that pins an open request and isn't carried out yet."""
        if row.decision not in ("choose", "confirmed") or pair[0] not in self.open_ids:
            return False
        lived = self.lived.get(pair, [])
        if row.decision == "confirmed":
            return not lived and all(each.decision != row for each in self._told.set_aside)
        return not any(placements.overtakes(p, row, self.as_of) for p in lived)

    def approved_carers(self, household_id: str) -> tuple[Carer, ...]:
        """The approved carers of a household, trained or not; a blank approval isn't counted."""
        return self._approved.get(household_id, ())

    @cached_property
    def _approved(self) -> dict[str, tuple[Carer, ...]]:
        return {
            household: tuple(carer for carer in carers if carer.approved is True)
            for household, carers in self.carers.items()
        }


def is_confirmed(pin: Decision | Placement) -> bool:
    """Whether a pin is a fact, not a choice: a confirmed match or an agreed placement."""
    return isinstance(pin, Placement) or pin.decision == "confirmed"


def deciding(rows: tuple[RiskAssessment, ...]) -> RiskAssessment:
    """The joint risk assessment of a pair that decides: the latest; of undated ones, too high first."""
    return max(
        rows,
        key=lambda row: (row.assessed_on or date.min, row.outcome == "too_high", row.canonical()),
    )


def fingerprint(tables: Mapping[str, Iterable[Row]]) -> str:
    """The SHA-256 of cleaned tables, whatever the order of their rows."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        rows = sorted(row.canonical() for row in tables[name])
        digest.update(json.dumps([name, rows], ensure_ascii=False).encode())
    return digest.hexdigest()
