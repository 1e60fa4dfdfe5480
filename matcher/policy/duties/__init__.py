"""Duties: what anybody has to do by the policies and the law, each said once.

What stands before a confirmation, the list of things to do, the calendar and the drafts are views
of the records made here. Those of the request hold whatever the household. Those of a match stand
with the request, as the household does not matter to them, until something is recorded with one,
or the family's household starts on another day or is the parent's own carers'. Those of the pair
come with each ranked household, unless the request alone settles them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from matcher.policy.case import Case, CaseColumns, Reading, RequestCase
from matcher.policy.duties.deciding import DECIDING, handed_back
from matcher.policy.duties.eighteen import EIGHTEEN
from matcher.policy.duties.ending import ENDING
from matcher.policy.duties.form import (
    ACCEPTED,
    MATCH,
    OVERDUE,
    PAIR,
    PLACEMENT,
    REQUEST,
    UNKNOWN,
    AnyCase,
    Duty,
    DutyRecord,
    DutyWords,
    Standings,
)
from matcher.policy.duties.household import HOUSEHOLD
from matcher.policy.duties.local import as_duty
from matcher.policy.duties.returning import RETURNING
from matcher.policy.duties.reviews import REVIEWS, RUNNING_ON
from matcher.policy.duties.starting import STARTING
from matcher.policy.settings import Policy
from matcher.words import label, lower_first

__all__ = (
    "ACCEPTED",
    "DUTIES",
    "HANDED_BACK",
    "OVERDUE",
    "PLACEMENT",
    "REQUEST",
    "UNKNOWN",
    "Duty",
    "DutyRecord",
    "DutyWords",
    "Standings",
    "WithHouseholds",
    "before_confirmation",
    "by_law",
    "clauses",
    "depending",
    "in_force",
    "named",
    "of_match",
    "of_request",
    "open_list",
    "registered",
    "to_do",
    "together",
    "without_place",
    "words",
    "written",
)
DUTIES: tuple[Duty, ...] = (
    *DECIDING,
    *EIGHTEEN,
    *RETURNING,
    *RUNNING_ON,
    *HOUSEHOLD,
    *STARTING,
    *REVIEWS,
    *ENDING,
)
HANDED_BACK = handed_back.key
_BY_KEY = {duty.key: duty for duty in DUTIES}
_PLACE = {duty.key: place for place, duty in enumerate(DUTIES)}  # the council's own come last


def in_force(policy: Policy) -> tuple[Duty, ...]:
    """The duties that the policy asks for, in reading order: all but those that are switched off."""
    if not policy.duties_off and not policy.local_duties:
        return DUTIES
    return tuple(duty for duty in registered(policy) if duty.key not in policy.duties_off)


def registered(policy: Policy) -> tuple[Duty, ...]:
    """Every duty that a policy can ask for, in reading order: the written ones, then the council's own."""
    if not policy.local_duties:
        return DUTIES
    return (*DUTIES, *map(as_duty, policy.local_duties))


def written(key: str) -> Duty:
    """A duty of the product by its key; LookupError where there is none."""
    found = _BY_KEY.get(key) or next((duty for duty in DUTIES if duty.key == key), None)
    if found is None:
        raise LookupError("no duty has this key")
    return found


def named(key: str, policy: Policy) -> Duty:
    """A duty by its key, the product's or the council's own."""
    own = next((each for each in policy.local_duties if each.key == key), None)
    return written(key) if own is None else as_duty(own)


# Records of a request, of a pair, of both


def depending(case: RequestCase, home: Case | None = None) -> list[Duty]:
    """The duties that come with each household, as they depend on which it is.

    `home` is the household that the family is proposed or held for: where it starts otherwise than
    the request says, those of a match come with the household too.
    """
    matches_depend = case.recorded or (home is not None and _starts_otherwise(home))
    return [
        duty
        for duty in in_force(case.policy)
        if (duty.of == MATCH and matches_depend) or (duty.of == PAIR and not duty.for_all(case))
    ]


def of_request(
    case: RequestCase, apart: Iterable[Duty], known: Standings | None = None
) -> list[DutyRecord]:
    """The duties that hold whatever the household, in reading order, but for those of `apart`.

    `known` is what was worked out for other requests.
    """
    keys = {duty.key for duty in apart}
    every = in_force(case.policy)
    return [
        duty.record(case, known) for duty in every if duty.key not in keys and _there_is(duty, case)
    ]


def _there_is(duty: Duty, case: RequestCase, household: str | None = None) -> bool:
    """Whether there is such a duty of a family at all, and with a household, where one is named."""
    if duty.of != PLACEMENT:
        return True
    if case.home is None:
        return duty.after_return and case.with_parent_on is not None
    return household in (None, case.home.household_id)


class WithHouseholds:
    """The duties of one request with one household after another.

    Most households are alike in most of them, so how one stands is worked out once for equal facts.
    """

    def __init__(
        self, case: RequestCase, home: Case | None = None, known: Standings | None = None
    ) -> None:
        self.apart = depending(case, home)
        self._case, self._alone = case, _starts(case)
        self._standings = known or Standings()
        keys = {duty.key for duty in self.apart}
        asked = in_force(case.policy)
        self._of_each = [duty for duty in asked if duty.key in keys]
        self._otherwise = [duty for duty in asked if duty.key in keys or duty.of == MATCH]
        self._known = dict[str, tuple[Reading | None, dict[object, DutyRecord]]]()

    def records(self, cases: Sequence[Case]) -> list[list[DutyRecord]]:
        """Duties of `depending` for each of some households.

        Where one starts on another day than the request's, or with the parent's own carers, those of
        a match once more.
        """
        found: list[list[DutyRecord]] = [[] for _ in cases]
        alike, otherwise = list[int](), list[int]()
        for at, case in enumerate(cases):
            is_alike = _starts(case) == self._alone
            if case.has_events:
                asked = self._of_each if is_alike else self._otherwise
                found[at] = [duty.record(case) for duty in asked]
            else:
                (alike if is_alike else otherwise).append(at)
        for asked, places in ((self._of_each, alike), (self._otherwise, otherwise)):
            some = CaseColumns([cases[at] for at in places])
            for duty in asked if places else ():
                for at, record in zip(places, self._column(duty, some), strict=True):
                    found[at].append(record)
        return found

    def _column(self, duty: Duty, cases: CaseColumns) -> Iterable[DutyRecord]:
        """One duty for each of some households, of which nothing is recorded."""
        if duty.key not in self._known:
            self._known[duty.key] = duty.reading(self._case), {}
        reading, records = self._known[duty.key]
        if reading is None:
            return map(duty.record, cases.cases)
        keys = [*zip(reading.rows(cases), cases.before_move, strict=True)]
        for case, key in zip(cases.cases, keys, strict=True):
            if key not in records:
                facts, standing = self._standings.of_pair(duty, reading, key[0])
                records[key] = duty.of_facts(case, facts, standing)
        return [records[key] for key in keys]


def _starts(case: AnyCase) -> tuple[date | None, bool, bool]:
    """When and how a family starts, or started."""
    return case.before_move, case.has_moved_in, case.with_own_carers


def _starts_otherwise(case: Case) -> bool:
    """Whether a family starts, or started, with a household otherwise than the request says."""
    return _starts(case) != _starts(case.of_request)


def together(whatever: Iterable[DutyRecord], own: Iterable[DutyRecord]) -> list[DutyRecord]:
    """The duties of a request with those of one household, which come before the request's."""
    found = {duty.duty: duty for duty in (*whatever, *own)}
    return sorted(found.values(), key=lambda duty: _PLACE.get(duty.duty, len(_PLACE)))


def of_match(case: Case) -> list[DutyRecord]:
    """All duties of a family with one household, in reading order."""
    request = case.of_request
    return [
        duty.record(request if duty.of in (REQUEST, PLACEMENT) else case)
        for duty in in_force(case.policy)
        if _there_is(duty, request, case.ids[1])
    ]


def by_law(case: RequestCase, known: Standings | None = None) -> list[DutyRecord]:
    """What recurs by the law or, where it applies, by the policy on placement with parents, and that assessment."""
    clauses = ("LAW-", "PWP-") if case.placed_with_parents else ("LAW-",)
    return [
        record
        for duty in in_force(case.policy)
        if (duty.recurs and duty.of in (REQUEST, PLACEMENT))
        or duty.key == "placement_with_parents_assessment"
        if duty.of == REQUEST or case.has_placement
        if (record := duty.record(case, known)).clause.startswith(clauses)
    ]


# Views of records


def words(records: Iterable[DutyRecord], policy: Policy, *, hide: bool = False) -> list[DutyWords]:
    """Records in words; `hide` where nothing may say where the household is."""
    told = [without_place(each, policy) for each in records] if hide else records
    return [named(record.duty, policy).words(record) for record in told]


def without_place(record: DutyRecord, policy: Policy) -> DutyRecord:
    """A record that doesn't say where the household is."""
    return named(record.duty, policy).without_place(record)


def to_do(duties: Iterable[DutyWords]) -> list[DutyWords]:
    """The duties that somebody still has to do, or to answer."""
    return [duty for duty in duties if duty.still]


def before_confirmation(duties: Iterable[DutyWords]) -> list[DutyWords]:
    """The duties that stand between a proposal and its confirmation."""
    return [duty for duty in duties if duty.before_confirmation]


def open_list(duties: Iterable[DutyWords]) -> str:
    """Open duties as a list; in brackets how far one is, where more than nothing is recorded."""
    return "; ".join(
        label(duty.duty)
        + ("" if duty.unrecorded else f" ({lower_first(duty.evidence).rstrip('.')})")
        for duty in duties
    )


def clauses(duties: Iterable[DutyWords]) -> str:
    """The clauses of some duties, each once."""
    each = (clause for duty in duties for clause in duty.clause.split(", "))
    return ", ".join(dict.fromkeys(each))
