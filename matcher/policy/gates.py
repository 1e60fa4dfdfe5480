"""Gates: what stands between a proposal and its confirmation, one by one.

Those of the request hold whatever the household; those of the pair come with each ranked one. One
of the pair that stands the same for every household is said once, with the request.
"""

from __future__ import annotations

from collections.abc import Iterable

from matcher.policy.case import Case, RequestCase
from matcher.policy.gate import (
    ACCEPTED,
    MET,
    NOT_NEEDED,
    OPEN,
    PLACE_WITHHELD,
    WITHHELD,
    DutyRecord,
    DutyWords,
    Gate,
)
from matcher.policy.pair_gates import PAIR_GATES
from matcher.policy.request_gates import REQUEST_GATES
from matcher.words import label, lower_first

__all__ = (
    "ACCEPTED",
    "MET",
    "NOT_NEEDED",
    "OPEN",
    "PAIR_GATES",
    "PLACE_WITHHELD",
    "REQUEST_GATES",
    "WITHHELD",
    "DutyRecord",
    "DutyWords",
    "Gate",
    "RequestCase",
)
GATES: tuple[Gate, ...] = (*REQUEST_GATES, *PAIR_GATES)
TELL_PLACE = tuple(gate.key for gate in PAIR_GATES if gate.tells_place)
_BY_KEY = {gate.key: gate for gate in GATES}


def of_request(case: RequestCase) -> list[DutyRecord]:
    """The gates that hold whatever the household, in reading order."""
    records = []
    for gate in GATES:
        facts = gate.facts_for_all(case)
        if facts is not None:
            records.append(gate.record(facts, case.step(gate.key), case.as_of, case.due))
    return records


def depending(case: RequestCase) -> list[Gate]:
    """The gates that depend on which household it is."""
    return [gate for gate in GATES if gate.facts_for_all(case) is None]


def of_pair(case: Case, gates: Iterable[Gate]) -> list[DutyRecord]:
    """Gates of `depending` for one household, in reading order."""
    start = case.day("start")
    return [
        gate.record(gate.facts_for_pair(case), case.step(gate.key), case.as_of, start)
        for gate in gates
    ]


def of_match(case: Case) -> list[DutyRecord]:
    """All gates between a pair and its confirmation: those of the request, then of the pair."""
    return [*of_request(case.of_request), *of_pair(case, depending(case.of_request))]


def words(records: Iterable[DutyRecord], *, hide: bool = False) -> list[DutyWords]:
    """Records in words; `hide` where nothing may say where the household is."""
    told = map(without_place, records) if hide else records
    return [_BY_KEY[record.duty].words(record) for record in told]


def without_place(record: DutyRecord) -> DutyRecord:
    """A record that doesn't say where the household is."""
    return _BY_KEY[record.duty].without_place(record)


def still_open(duties: Iterable[DutyWords]) -> list[DutyWords]:
    """The duties that are neither met nor accepted, and are needed."""
    return [duty for duty in duties if duty.status == OPEN]


def open_list(duties: Iterable[DutyWords]) -> str:
    """Open duties as a list; in brackets how far one is, where more than nothing is recorded."""
    return "; ".join(
        label(duty.duty)
        + ("" if duty.unrecorded else f" ({lower_first(duty.evidence).rstrip('.')})")
        for duty in duties
    )


def clauses(duties: Iterable[DutyWords | Gate]) -> str:
    """The clauses of some duties, each once."""
    each = (clause for duty in duties for clause in duty.clause.split(", "))
    return ", ".join(dict.fromkeys(each))
