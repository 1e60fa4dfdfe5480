"""Check the tables against each other and the day, and gather them into clean input."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from matcher.codes import (
    DUTIES,
    DUTIES_OF_A_REQUEST,
    HAPPENINGS,
    LOCAL_DUTY,
    RELATIONSHIPS,
)
from matcher.errors import Fault, wrong_cell, wrong_heading
from matcher.geo import outcodes, outward
from matcher.intake import alike, plausible
from matcher.intake.accepting import Accepting
from matcher.intake.accepting import faults as accepting_faults
from matcher.intake.cells import shown
from matcher.intake.files import Findings, Sheet
from matcher.intake.inputs import Inputs, Recorded, fingerprint
from matcher.intake.placements import Pair, overtakes, runs, told_by
from matcher.intake.rows import (
    ASKED_ALONE,
    TABLES,
    Carer,
    Decision,
    Event,
    Household,
    KeepApart,
    Placement,
    Relationship,
    Request,
    RiskAssessment,
    columns_of,
    told_by_list,
)
from matcher.intake.settings import RoundSettings
from matcher.spellings import skeleton
from matcher.words import long_date

ADULT = 18
LONGEST_PREGNANCY, LONG_PAST = 42 * 7, 183  # days
KEYS = {"requests": "request_id", "households": "household_id", "carers": "carer_id"}
HAPPENED = {
    "requests": ("received_on",),
    "decisions": ("decided_on",),
    "risk_assessments": (
        "assessed_on",
        "child_social_worker_on",
        "supervising_social_worker_on",
        "safe_caring_on",
    ),
}
SAID_BY_EVENTS = {  # days that an event says where the column is blank
    "child_born_or_due_on": "child_born",
    "looked_after_since": "became_looked_after",
    "parent_looked_after_since": "parent_became_looked_after",
}
EVENTS = ("events", "steps")  # the second is the first under its old name
POINTERS = {
    "carers": {"household_id": "households"},
    "relationships": {"request_id": "requests", "household_id": "households"},
    "risk_assessments": {"request_id": "requests", "household_id": "households"},
    "decisions": {"request_id": "requests", "household_id": "households"},
    "keep_apart": {"request_id": "requests", "other_request_id": "requests"},
    "placements": {"household_id": "households"},  # the family may be gone
    **{name: {"request_id": "requests", "household_id": "households"} for name in EVENTS},
}


@dataclass(frozen=True)
class Table:
    """A table: its rows with their numbers, and every cell as it was found.

    A cell that could not be read is None in its row, whatever the column; the fault is known.
    """

    name: str
    rows: tuple[tuple[int, Any], ...]
    sheet: Sheet
    unread: dict[int, set[str]]

    def ids(self, column: str) -> set[str]:
        """Every id that a column holds, also in rows that have a fault elsewhere."""
        return {cell for _, cell in self.sheet.filled(column)}

    def read(self, column: str) -> list[tuple[int, str]]:
        """The cells of a column that could be read, with the numbers of their rows."""
        unread = {number for number, columns in self.unread.items() if column in columns}
        return [each for each in self.sheet.filled(column) if each[0] not in unread]

    def as_typed(self, fault: Fault) -> Fault:
        """A fault with the value of its cell as it stands in the file."""
        typed = self.sheet.cell(fault.row, fault.column)
        if not typed or fault.value is None:
            return fault
        return replace(fault, value=_shown_in(fault.column, typed))


def _shown_in(column: str | None, typed: str) -> str:
    if (column is not None and "postcode" in column) or column == "keep_away":
        return outward(typed) or shown(typed[:4])
    return shown(typed)


def gather(
    tables: dict[str, Table],
    as_of: date | None,
    settings: RoundSettings,
    findings: Findings,
    accepting: Accepting | None = None,
) -> Inputs | None:
    """The clean input, or None where something is wrong with it."""
    for table in tables.values():
        findings.faults.extend(_pointers(table, tables))
        check(table, as_of, findings)
        if table.name in EVENTS and accepting is not None:
            tables = {**tables, table.name: _accepted(table, findings, accepting)}
    if as_of is not None:
        for name, fault in _of_pairs(tables, as_of):
            findings.faults.append(tables[name].as_typed(fault))
        everything = (row for table in tables.values() for _, row in table.rows)
        findings.warnings.extend(plausible.quiet_round(everything, as_of, settings.source))
    if findings.faults or as_of is None:
        return None
    found = _inputs(tables, as_of, settings, findings)
    return None if findings.faults else found


def check(table: Table, as_of: date | None, findings: Findings) -> None:
    """Add what is wrong with a table by itself, and what is odd about it."""
    faults = [*_repeated(table), *_of_rows(table)]
    odd = [*_no_place(table), *_odd(table)]
    if as_of is not None:
        faults += _dated_ahead(table, as_of)
        faults += _events_ahead(table, as_of)
        if table.name == "requests":
            faults += _birthdays(table, as_of)
        odd += _overtaken(table, as_of)
        odd += plausible.unusual_days(_as_events(table.name), table.rows, as_of)
    odd += plausible.unusual_numbers(table.name, table.rows)
    if (column := KEYS.get(table.name)) is not None:
        same, near = alike.ids(table.name, column, table.read(column))
        faults, odd = faults + same, odd + near
    findings.faults.extend(table.as_typed(fault) for fault in faults)
    findings.warnings.extend(table.as_typed(fault) for fault in odd)
    findings.warnings.extend(_odd_ids(table))


def _as_events(name: str) -> str:
    """The name of a table today: steps are events."""
    return "events" if name in EVENTS else name


def _of_rows(table: Table) -> Iterator[Fault]:
    """What is wrong with one row alone."""
    for number, row in table.rows:
        if table.name == "requests":
            yield from _request(number, row, table.unread.get(number, set()))
        if table.name == "keep_apart":
            yield from _same_family(number, row)
        if table.name in EVENTS:
            yield from _event(table.name, number, row)
        if table.name == "placements":
            yield from _placement(number, row)


def _odd(table: Table) -> Iterator[Fault]:
    """What is odd about one row alone."""
    checks: dict[str, Callable[[int, Any], Iterator[Fault]]] = {
        "requests": _odd_request,
        "households": _odd_household,
        "carers": _odd_carer,
    }
    if table.name in checks:
        for number, row in table.rows:
            yield from checks[table.name](number, row)


def _repeated(table: Table) -> Iterator[Fault]:
    first: dict[str, int] = {}
    if (column := KEYS.get(table.name)) is None:
        return
    for number, name in table.sheet.filled(column):
        if first.setdefault(name, number) != number:
            problem = f"Row {first[name]} has the same {column}."
            fix = "Give each row its own, or remove one of them."
            yield wrong_cell(table.name, number, column, shown(name), problem, fix)


def _pointers(table: Table, tables: dict[str, Table]) -> Iterator[Fault]:
    """Ids that another table does not have; said once where that table's ids can't be read."""
    pointers = [
        (column, target, table.read(column))
        for column, target in POINTERS.get(table.name, {}).items()
    ]
    if table.name == "households":
        named = [(n, name) for n, row in table.rows for name in row.limit_exemption or ()]
        pointers.append(("limit_exemption", "requests", named))
    for column, target, found in pointers:
        if target in tables and KEYS[target] in tables[target].sheet.cells:
            known = tables[target].ids(KEYS[target])
            yield from _unknown(table.name, column, target, known, found)
    if table.name == "placements" and "requests" in tables:  # the family may be gone
        known = tables["requests"].ids("request_id")
        yield from alike.strangers(table.name, "request_id", table.read("request_id"), known)


def _plain_id(name: str) -> str:
    """An id without what people vary: case, spaces, signs, and zeros before a number."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", re.sub(r"[\W_]", "", skeleton(name)))


def _unknown(
    table: str, column: str, target: str, known: set[str], found: list[tuple[int, str]]
) -> Iterator[Fault]:
    unknown = [each for each in found if each[1] not in known]
    alike = {_plain_id(name): name for name in sorted(known)} if unknown else {}
    for number, name in unknown:
        # Only another way to write the same id is named: a near one is another family's.
        same = alike.get(_plain_id(name))
        fix = f"Did you mean {same}?" if same else f"Add it to {target}, or write the id meant."
        problem = f"{target} has no such id."
        yield wrong_cell(table, number, column, shown(name), problem, fix, same)


def _dated_ahead(table: Table, as_of: date) -> Iterator[Fault]:
    for column in HAPPENED.get(table.name, ()):
        for number, row in table.rows:
            day = getattr(row, column)
            if day is not None and day > as_of:
                problem = f"It has not happened yet on {as_of.isoformat()}."
                needed = columns_of(type(row))[column].required
                otherwise = "take the row out" if needed else "leave it blank"
                fix = f"Write the day on which it happened, or {otherwise}."
                yield wrong_cell(table.name, number, column, day.isoformat(), problem, fix)


def _events_ahead(table: Table, as_of: date) -> Iterator[Fault]:
    for number, row in table.rows if table.name in EVENTS else ():
        if row.on is not None and row.on > as_of and row.status != "planned":
            problem = f"It has not happened yet on {as_of.isoformat()}."
            fix = "Write the day on which it happened, or planned in status."
            yield wrong_cell(table.name, number, "on", row.on.isoformat(), problem, fix)


def _no_place(table: Table) -> Iterator[Fault]:
    """Postcodes that stand for no place, such as a PO box."""
    columns = ("postcode", "home_postcode", "school_postcode", "keep_away")
    for column in [c for c in columns if c in columns_of(TABLES[table.name])]:
        for number, row in table.rows:
            held: Any = getattr(row, column)
            for code in (held,) if isinstance(held, str) else held or ():
                if not outcodes()[code].geographic:
                    problem = "This postcode stands for no place (a PO box, say)."
                    fix = "Distances from it may be wrong: ask for where the home is."
                    # Where a household is may have to be withheld, so it isn't repeated.
                    value = None if table.name == "households" else code
                    yield wrong_cell(table.name, number, column, value, problem, fix)


def contradictions(row: Request) -> list[Fault]:
    """What contradicts itself in one request that stands in no table."""
    return list(_request(0, row, set()))


def _request(number: int, row: Request, unread: set[str]) -> Iterator[Fault]:
    """What contradicts itself in a request; a cell that can't be read is no contradiction."""

    def fault(column: str, value: object, problem: str, fix: str) -> Fault:
        return wrong_cell("requests", number, column, shown(str(value)), problem, fix)

    if row.parent_looked_after and (row.parent_age or 0) >= ADULT:
        yield fault(
            "parent_looked_after",
            "yes",
            f"The parent is {row.parent_age}; nobody is looked after from 18.",
            "Write no, or mend parent_age.",
        )
    if row.purpose == "assessment" and row.expected_weeks is None:
        problem = "An assessment must say how long it is expected to take."
        fix = "Write the number of weeks."
        if "expected_weeks" not in unread:
            yield fault("expected_weeks", "", problem, fix)
    starts_late = row.latest_start is not None and row.needed_from is not None
    if starts_late and row.latest_start < row.needed_from:  # type: ignore[operator]
        problem = f"It is before needed_from, {row.needed_from.isoformat()}."
        yield fault("latest_start", row.latest_start, problem, "Check both dates.")
    for column in ("min_miles", "max_miles"):
        unmeasured = row.home_postcode is None and "home_postcode" not in unread
        if getattr(row, column) is not None and unmeasured:
            problem = "There is no home_postcode to measure from."
            yield fault(column, getattr(row, column), problem, "Write home_postcode as well.")
    if None not in (row.min_miles, row.max_miles) and row.min_miles > row.max_miles:  # type: ignore[operator]
        problem = f"It is more than max_miles, {row.max_miles:g}."
        yield fault("min_miles", f"{row.min_miles:g}", problem, "Check both distances.")


def _odd_request(number: int, row: Request) -> Iterator[Fault]:
    def odd(column: str, value: str, problem: str, fix: str) -> Fault:
        return wrong_cell("requests", number, column, value, problem, fix)

    second = row.second_parent_looked_after
    if second and row.second_parent_age is None:
        problem = "No second parent comes: second_parent_age is blank."
        yield odd("second_parent_looked_after", "yes", problem, "It was not counted.")
    if second and row.second_parent_age is not None and row.second_parent_age >= ADULT:
        problem = f"The second parent is {row.second_parent_age}; nobody is looked after from 18."
        yield odd("second_parent_looked_after", "yes", problem, "It was counted: mend one of them.")


def _odd_household(number: int, row: Household) -> Iterator[Fault]:
    closes, opens = row.available_until, row.available_from
    if closes is not None and opens is not None and closes < opens:
        problem = "It is before available_from, so the household is never free."
        value = closes.isoformat()
        yield wrong_cell(
            "households", number, "available_until", value, problem, "Check both dates."
        )


def _overtaken(table: Table, as_of: date) -> Iterator[Fault]:
    """Dates that the day of the round makes odd."""
    if table.name == "requests":
        yield from _far_dates(table, as_of)
        yield from _other_ages(table, as_of)
    if table.name != "households":
        return
    for number, row in table.rows:
        until, reviewed = row.arrangement_until, row.reviewed_on
        if isinstance(until, date) and until < as_of:
            problem = "The day is past, but nobody wrote an end."
            fix = "It was counted as ending today: ask the supervising social worker."
            yield wrong_cell("households", number, "arrangement_until", str(until), problem, fix)
        if reviewed is not None and reviewed > as_of:
            problem = "The day has not come yet."
            yield wrong_cell(
                "households", number, "reviewed_on", str(reviewed), problem, "Check the date."
            )


def _birthdays(table: Table, as_of: date) -> Iterator[Fault]:
    """A looked-after parent whose day of birth makes an adult of them."""
    for number, row in table.rows:
        born, adult = row.parent_born_on, row.birthday(ADULT)
        if adult is not None and row.parent_looked_after and adult <= as_of:
            problem = "The parent is 18 or over by it; nobody is looked after from 18."
            fix = "Mend it, or write no in parent_looked_after."
            yield wrong_cell("requests", number, "parent_born_on", str(born), problem, fix)


def _far_dates(table: Table, as_of: date) -> Iterator[Fault]:
    """A birth that is too far ahead and a need that is long past: a year may be wrong."""
    for number, row in table.rows:
        born, needed = row.child_born_or_due_on, row.needed_from
        if born is not None and (born - as_of).days > LONGEST_PREGNANCY:
            problem = "Birth is planned for more than 42 weeks from now."
            yield wrong_cell(
                "requests", number, "child_born_or_due_on", str(born), problem, "Check the year."
            )
        if needed is not None and (as_of - needed).days > LONG_PAST:
            problem = "The family has been waiting for more than half a year."
            yield wrong_cell(
                "requests", number, "needed_from", str(needed), problem, "Check the year."
            )


def _other_ages(table: Table, as_of: date) -> Iterator[Fault]:
    """Days of birth that give another age than the one that is written."""
    for number, row in table.rows:
        if row.parent_born_on is None or row.parent_age is None:
            continue
        reached, next_one = row.birthday(row.parent_age), row.birthday(row.parent_age + 1)
        if not reached <= as_of < next_one:
            problem = f"It does not give the age in parent_age, {row.parent_age}, on this day."
            fix = "Rules go by parent_age: mend one of them."
            yield wrong_cell(
                "requests", number, "parent_born_on", str(row.parent_born_on), problem, fix
            )


def _odd_ids(table: Table) -> Iterator[Fault]:
    """Ids that look like a name or an address; they are not repeated here."""
    column = KEYS.get(table.name, "")
    for number, name in table.sheet.filled(column):
        if re.search(r"\s|,", name):
            problem = "An id with a space or a comma may be a name or an address."
            fix = "Use ids alone, never names or addresses."
            yield wrong_cell(table.name, number, column, None, problem, fix)


def _odd_carer(number: int, row: Carer) -> Iterator[Fault]:
    if row.approved is None:
        problem = "Whether this carer is approved is not known; the carer was not counted."
        yield wrong_cell(
            "carers", number, "approved", "", problem, "Look in the fostering panel's minutes."
        )


def _same_family(number: int, row: KeepApart) -> Iterator[Fault]:
    if row.request_id is not None and row.request_id == row.other_request_id:
        problem, fix = "A family can't be kept apart from itself.", "Name two requests."
        yield wrong_cell(
            "keep_apart", number, "other_request_id", row.other_request_id, problem, fix
        )


def _event(table: str, number: int, row: Event) -> Iterator[Fault]:
    """What contradicts itself in an event."""

    def fault(column: str, value: object, problem: str, fix: str) -> Fault:
        return wrong_cell(table, number, column, str(value), problem, fix)

    if row.status == "accepted" and row.event in HAPPENINGS:
        problem = "Only what has to be done can be accepted though it is open."
        yield fault("status", row.status, problem, "Write done, or planned.")
    if row.on is not None and row.until is not None and row.until < row.on:
        problem = f"It is before the day of the event, {row.on.isoformat()}."
        yield fault("until", row.until, problem, "Check both dates.")


def _accepted(table: Table, findings: Findings, accepting: Accepting) -> Table:
    """The table without what was accepted by somebody who may not; under its old name a warning."""
    under_old_name = table.name != "events"
    into = findings.warnings if under_old_name else findings.faults
    rows = []
    for number, row in table.rows:
        wrong = []
        unread = table.unread.get(number, set()) & {"by", "until"}
        own = row.event is not None and row.event.startswith(LOCAL_DUTY)
        accepts = row.status == "accepted" and row.on is not None and (own or row.event in DUTIES)
        if own and row.event not in accepting.by_duty:
            problem = "The policy has no duty of this key."
            fix = "Write the key of a [[local_duty]] of the policy, or of one of docs/policy.md."
            findings.faults.append(
                table.as_typed(wrong_cell(table.name, number, "event", row.event, problem, fix))
            )
            continue
        if accepts and not unread:
            wrong = list(accepting_faults(table.name, number, row, accepting))
            if under_old_name:
                wrong = [replace(each, fix=f"It counts as open. {each.fix}") for each in wrong]
        into.extend(table.as_typed(each) for each in wrong)
        rows += [] if wrong else [(number, row)]
    return replace(table, rows=tuple(rows))


def _placement(number: int, row: Placement) -> Iterator[Fault]:
    """What contradicts itself in a placement."""

    def fault(column: str, value: object, problem: str, fix: str) -> Fault:
        return wrong_cell("placements", number, column, str(value), problem, fix)

    started = row.started_on
    for column, day in (("ended_on", row.ended_on), ("planned_end_on", row.planned_end_on)):
        if started is not None and day is not None and day < started:
            problem = f"It is before started_on, {started.isoformat()}."
            yield fault(column, day, problem, "Check both dates.")
    if row.ended_because is not None and row.ended_on is None:
        problem = "It says why the placement ended, and no day on which it did."
        yield fault("ended_because", row.ended_because, problem, "Write ended_on as well.")


def _rows(tables: dict[str, Table], *names: str) -> list[tuple[int, Any]]:
    """The rows of some tables with their numbers; none of one that isn't there."""
    return [each for name in names if name in tables for each in tables[name].rows]


def _latest(tables: dict[str, Table]) -> dict[Pair, tuple[int, Decision]]:
    """The decision of each pair's latest day; of equal rows, the same one in any order."""
    by_pair: dict[Pair, list[tuple[int, Decision]]] = defaultdict(list)
    for number, row in _rows(tables, "decisions"):
        if None not in (row.request_id, row.household_id, row.decided_on, row.decision):
            by_pair[row.request_id, row.household_id].append((number, row))
    return {
        pair: min(
            (each for each in found if each[1].decided_on == max(d.decided_on for _, d in found)),
            key=lambda each: each[1].canonical(),
        )
        for pair, found in sorted(by_pair.items())
    }


def _says(row: Decision) -> tuple[object, ...]:
    """What a decision says of its pair; rows of one day that say otherwise are a fault."""
    return row.decision, row.started_on, row.ended_on, row.until


def _of_pairs(tables: dict[str, Table], as_of: date) -> Iterator[tuple[str, Fault]]:
    """What rows of one pair, or of one side, say against each other: the table, and the fault."""
    first_row: dict[tuple[object, ...], tuple[int, Any]]
    first_row = {}
    for number, row in _rows(tables, "decisions"):
        key = row.request_id, row.household_id, row.decided_on
        if None in (*key, row.decision):
            continue
        first_number, first = first_row.setdefault(key, (number, row))
        if _says(first) != _says(row):
            problem = f"Row {first_number} records something else for this pair on the same day."
            fix = "Keep the decision that counts."
            yield (
                "decisions",
                wrong_cell("decisions", number, "decision", row.decision, problem, fix),
            )
    first_row = {}
    for number, row in _rows(tables, "risk_assessments"):
        if row.assessed_on is None or row.outcome is None:
            continue
        key = row.request_id, row.household_id, row.assessed_on
        first_number, first = first_row.setdefault(key, (number, row))
        if first.outcome != row.outcome:
            problem = f"Row {first_number} has another outcome for this pair on the same day."
            fix = "Keep the one that counts, or mend the day."
            yield (
                "risk_assessments",
                wrong_cell("risk_assessments", number, "outcome", row.outcome, problem, fix),
            )
    for side, what in (("household_id", "household"), ("request_id", "family")):
        lives: dict[object, tuple[int, Placement]] = {}
        agreed: dict[object, list[tuple[int, Placement]]] = defaultdict(list)
        for number, row in _rows(tables, "placements"):
            name = getattr(row, side)
            if name is not None and row.started_on is not None and row.started_on > as_of:
                agreed[name].append((number, row))
            if name is None or row.started_on is None or not runs(row, as_of):
                continue
            first_number, first = lives.setdefault(name, (number, row))
            if first is not row:
                problem = f"Row {first_number} runs for this {what} on the same day."
                fix = "Write ended_on where one of them is over."
                yield "placements", wrong_cell("placements", number, side, name, problem, fix)
        for name, ahead in agreed.items():
            in_order = sorted(ahead, key=lambda each: (each[1].started_on or as_of, each[0]))
            for (first_number, first), (number, row) in itertools.pairwise(in_order):
                end = first.ended_on or first.planned_end_on
                if end is None or (row.started_on or as_of) < end:
                    problem = f"Row {first_number} is agreed for this {what}, and not over by then."
                    fix = "Keep one of them, or write when the first is planned to end."
                    fault = wrong_cell("placements", number, side, str(name), problem, fix)
                    yield "placements", fault
    for fault in _pins_of_one_day(tables, as_of):
        yield "decisions", fault


def _pins_of_one_day(tables: dict[str, Table], as_of: date) -> Iterator[Fault]:
    """Two pins on one side that were decided on one day: which stands, nobody can say.

    Of rows alone, so that no fault elsewhere hides it.
    """
    first_row: dict[tuple[object, ...], tuple[int, Decision]] = {}
    held = _still_pinned(tables, as_of)
    for side, other, what in (
        ("household_id", "request_id", "One household takes one family"),
        ("request_id", "household_id", "One family goes to one household"),
    ):
        for number, row, lives in held:
            key = side, getattr(row, side), row.decided_on, lives
            first_number, first = first_row.setdefault(key, (number, row))
            if first is not row:
                names = getattr(row, side), getattr(first, other)
                problem = "{} is already held for {} on this day".format(*names)
                fix = f"{what}: keep one of the two decisions."
                value = getattr(row, other)
                where = f"{problem} (row {first_number})."
                yield wrong_cell("decisions", number, other, value, where, fix)


def _still_pinned(tables: dict[str, Table], as_of: date) -> list[tuple[int, Decision, bool]]:
    """The decisions that pin something, by row, each with whether it tells where a family lives."""
    lived: dict[Pair, list[Placement]] = defaultdict(list)
    for _, placement in _rows(tables, "placements"):
        lived[placement.request_id, placement.household_id].append(placement)
    latest = {
        pair: (number, row)
        for pair, (number, row) in _latest(tables).items()
        if row.decision == "choose"
        or (row.decision == "confirmed" and pair not in lived and not _past(row.ended_on, as_of))
    }
    living = {pair[0] for pair, rows in lived.items() if any(runs(p, as_of) for p in rows)}
    living |= {pair[0] for pair, (_, row) in latest.items() if _past(row.started_on, as_of)}
    open_ids = {
        row.request_id
        for _, row in _rows(tables, "requests")
        if row.status == "open" or (row.status is None and row.request_id not in living)
    }
    found = []
    for pair, (number, row) in sorted(latest.items(), key=lambda each: each[1][0]):
        if row.decision == "confirmed":
            lives = _past(row.started_on, as_of) or pair[0] not in open_ids
            found.append((number, row, lives))
        elif pair[0] in open_ids:
            carried_out = any(overtakes(p, row, as_of) for p in lived.get(pair, ()))
            found += [] if carried_out else [(number, row, False)]
    return found


def _past(day: date | None, as_of: date) -> bool:
    return day is not None and day <= as_of


def _states(
    requests: list[Request],
    placements: list[Placement],
    decisions: dict[Pair, Decision],
    homes: dict[str, Household],
    as_of: date,
) -> dict[str, str]:
    """Whether each request is open, placed or closed; a blank is placed while a placement runs."""
    told = told_by(decisions.values(), placements, homes, frozenset(), as_of)
    living = {row.request_id for row in (*placements, *told.placements) if runs(row, as_of)}
    return {
        row.request_id: row.status or ("placed" if row.request_id in living else "open")
        for row in requests
    }


def _odd_states(inputs: Inputs, tables: dict[str, Table]) -> tuple[list[Fault], list[Fault]]:
    """Faults and warnings of states and dates that contradict what placements and events say."""
    faults, odd = [], []
    open_ids, placed = inputs.open_ids, {row.request_id for row in inputs.placed}
    told = {pair[0] for pair, row in inputs.decisions.items() if row.decision == "confirmed"}
    confirmed_ahead = told & {*inputs.home_of}
    for number, row in _rows(tables, "requests"):
        name = row.request_id
        if name in placed and name not in {*inputs.placement_of, *confirmed_ahead}:
            problem = "No placement of it runs, and none is confirmed."
            fix = "Add the placement to placements, or leave status blank."
            faults.append(wrong_cell("requests", number, "status", "placed", problem, fix))
        if name in open_ids and name in inputs.placement_of:
            home = inputs.placement_of[name].household_id
            problem = f"A placement of it runs, in {home}: a move was taken to be asked for."
            fix = "Leave status blank if the family stays, or write the day on which it ended."
            odd.append(wrong_cell("requests", number, "status", "open", problem, fix))
        odd += _said_twice(number, row, inputs) if name in open_ids | placed else []
    for number, row in _rows(tables, "households"):
        lives = inputs.running.get(row.household_id)
        if lives is None or row.arrangement_until in (None, lives.planned_end_on):
            continue
        problem = f"A placement of {lives.request_id} runs there, and its own end counts."
        fix = "Leave it blank, or write planned_end_on in placements."
        value = str(row.arrangement_until)
        odd.append(wrong_cell("households", number, "arrangement_until", value, problem, fix))
    for pair, decision in inputs.decisions.items():
        if decision.decision == "confirmed" and pair in inputs.lived:
            odd += _other_days(inputs.decision_rows[pair], decision, inputs.lived[pair])
        if decision.decision == "choose" and pair[0] in placed and pair not in inputs.lived:
            problem = f"{pair[0]} is placed, so this choice takes nothing."
            fix = "Write open in its status where a move is asked for."
            number = inputs.decision_rows[pair]
            odd.append(wrong_cell("decisions", number, "decision", "choose", problem, fix))
    return faults, odd


def _other_days(number: int, row: Decision, lived: list[Placement]) -> Iterator[Fault]:
    """Days of a confirmed match that the placements of the pair say otherwise; theirs count."""
    for column in ("started_on", "ended_on"):
        said: date | None = getattr(row, column)
        known = [getattr(placement, column) for placement in lived]
        planned = [p.planned_end_on for p in lived] if column == "ended_on" else []
        if said is not None and said not in (*known, *planned):
            problem = "placements says otherwise of this family and household, and that counts."
            fix = "Mend one of them, or leave it blank here."
            yield wrong_cell("decisions", number, column, said.isoformat(), problem, fix)


def _said_twice(number: int, row: Request, inputs: Inputs) -> list[Fault]:
    """Days that a column and an event both say, and say differently; the column wins.

    Where a birth is recorded before the day of the column, that was the day on which it was expected.
    """
    odd = []
    for column, event in SAID_BY_EVENTS.items():
        known: date | None = getattr(row, column)
        if (day := inputs.happened(row.request_id, event)) and known not in (None, day):
            expected = known is not None and _was_expected(column, known, day)
            counted = (
                "that day was counted, and this one as the day on which birth was expected"
                if expected
                else "this day was counted"
            )
            problem = f"The event {event} says {day.isoformat()}; {counted}."
            odd.append(
                wrong_cell("requests", number, column, str(known), problem, "Mend one of them.")
            )
    if inputs.counts_as_born(row):
        problem = (
            f"The child was counted as born on {long_date(row.child_born_or_due_on)}. Is that so?"
        )
        fix = "If not, write the day that is now expected; if so, record child_born in events."
        value = row.child_born_or_due_on.isoformat()
        odd.append(wrong_cell("requests", number, "child_born_or_due_on", value, problem, fix))
    return odd


def _inputs(
    tables: dict[str, Table], as_of: date, settings: RoundSettings, findings: Findings
) -> Inputs:
    def rows(*names: str) -> list[Any]:
        return [row for _, row in _rows(tables, *names)]

    of_all = _latest(tables)
    decisions = {pair: row for pair, (_, row) in of_all.items()}
    households, as_read_before = _households(tables, findings)
    homes = {row.household_id: row for row in households}
    states = _states(rows("requests"), rows("placements"), decisions, homes, as_of)
    kept = {name for name, state in states.items() if state != "closed"}
    carers: dict[str, list[Carer]] = defaultdict(list)
    for carer in sorted(rows("carers"), key=lambda row: row.carer_id):
        carers[carer.household_id].append(carer)
    relationships: dict[Pair, str] = {}
    knows = set[Pair]()
    for row in cast(list[Relationship], rows("relationships")):
        pair = row.request_id, row.household_id
        if row.request_id in kept:
            knows |= {pair} if row.kind == "known_to_family" else set()
            kinds = [row.kind, *([relationships[pair]] if pair in relationships else [])]
            relationships[pair] = min(kinds, key=list(RELATIONSHIPS).index)
    risks: dict[Pair, list[RiskAssessment]] = defaultdict(list)
    for risk in sorted(rows("risk_assessments"), key=lambda row: row.canonical()):
        if risk.request_id in kept:
            risks[risk.request_id, risk.household_id].append(risk)
    events = _events(rows(*EVENTS), kept)
    requests = sorted(
        (
            replace(
                _with_events(row, events.get((row.request_id, None), {})),
                status=states[row.request_id],
            )
            for row in rows("requests")
            if row.request_id in kept
        ),
        key=lambda row: row.request_id,
    )
    closed = sorted(
        (row for row in rows("requests") if row.request_id not in kept),
        key=lambda row: row.request_id,
    )
    apart = [r for r in rows("keep_apart") if {r.request_id, r.other_request_id} <= kept]
    of_round: dict[str, list[Any]] = {
        "requests": [*requests, *closed],
        "households": households,
        "carers": rows("carers"),
        "keep_apart": apart,
        "placements": rows("placements"),
        "decisions": rows("decisions"),
        **{
            name: [row for row in rows(*tables_of) if row.request_id in kept]
            for name, tables_of in (
                ("relationships", ("relationships",)),
                ("risk_assessments", ("risk_assessments",)),
                ("events", EVENTS),
            )
        },
    }
    found = Inputs(
        as_of=as_of,
        title=settings.title,
        authority=settings.authority,
        requests=tuple(r for r in requests if states[r.request_id] == "open"),
        placed=tuple(r for r in requests if states[r.request_id] == "placed"),
        closed=tuple(closed),
        households=tuple(sorted(households, key=lambda row: row.household_id)),
        features_as_read_before=as_read_before,
        carers={household: tuple(found) for household, found in sorted(carers.items())},
        relationships=dict(sorted(relationships.items())),
        known_to_family=frozenset(knows),
        risk_assessments={pair: tuple(found) for pair, found in sorted(risks.items())},
        decisions=decisions,
        decision_rows={pair: number for pair, (number, _) in of_all.items()},
        decision_log=tuple(sorted(rows("decisions"), key=lambda row: row.canonical())),
        placement_rows=tuple(sorted(rows("placements"), key=lambda row: row.canonical())),
        events=events,
        keep_apart=tuple(sorted(apart, key=lambda row: row.canonical())),
        warnings=(),
        sha256=fingerprint(of_round),
    )
    findings.warnings.extend(_advice_without_answer(tables["requests"]))
    faults, odd = _odd_states(found, tables)
    findings.faults.extend(tables["requests"].as_typed(fault) for fault in faults)
    findings.warnings.extend(odd)
    warnings = tuple(sorted(dict.fromkeys(findings.warnings), key=Fault.order))
    return replace(found, warnings=warnings)


def _events(rows: list[Event], kept: set[str]) -> dict[tuple[str, str | None], Recorded]:
    """What happened, by family and household, then by key, in order of the days."""
    found: dict[tuple[str, str | None], dict[str, list[Event]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in sorted(rows, key=lambda row: (row.on, row.canonical())):
        if row.request_id in kept:
            of_pair = row.event not in (*HAPPENINGS, *DUTIES_OF_A_REQUEST)
            household = row.household_id if of_pair else None
            found[row.request_id, household][row.event].append(row)
    return {
        key: {event: tuple(each) for event, each in sorted(by_event.items())}
        for key, by_event in sorted(found.items(), key=lambda each: (each[0][0], each[0][1] or ""))
    }


def _with_events(row: Request, events: Recorded) -> Request:
    """A request whose blank days are those on which events say that it happened.

    A birth that is recorded before the day of the column is believed, also once that day is past.
    """
    told = dict[str, Any]()
    for column, event in SAID_BY_EVENTS.items():
        known: date | None = getattr(row, column)
        happened = [each.on for each in events.get(event, ()) if each.status == "done"]
        if happened and (known is None or _was_expected(column, known, min(happened))):
            told[column] = min(happened)
    return replace(row, **told) if told else row


def _was_expected(column: str, known: date, happened: date) -> bool:
    """Whether a column says when a birth was expected: an event records it before that day."""
    return column == "child_born_or_due_on" and happened < known


def _households(
    tables: dict[str, Table], findings: Findings
) -> tuple[list[Household], frozenset[str]]:
    """The households with what derives from other cells, and those read as before.

    In a table without a column for one of ASKED_ALONE, a list of features that names some says
    that what it leaves out isn't there.
    """
    table = tables["households"]
    columns = {column for column in ASKED_ALONE.values() if column not in table.sheet.cells}
    found, as_before = [], set[str]()
    for number, household in table.rows:
        row, features = _with_authority(household), household.features
        told = told_by_list(row, columns)
        as_before |= {row.household_id} if told and features else set()
        for feature, column in ASKED_ALONE.items():
            known = getattr(row, column)
            if features is None or known is None:
                continue
            if (known is False and feature in features) or (known is True and not features):
                problem = f"features says {feature if features else 'none'}."
                fix = "Mend the one that is not so."
                value = "yes" if known else "no"
                findings.faults.append(
                    wrong_cell("households", number, column, value, problem, fix)
                )
        found.append(replace(row, **told) if told else row)
    if as_before:
        many = "1 household" if len(as_before) == 1 else f"{len(as_before)} households"
        named = ", ".join(sorted(as_before)[:20]) + (", …" if len(as_before) > 20 else "")
        problem = (
            f"The list of {many} was read as saying that what it leaves out isn't there: {named}."
        )
        fix = "Ask the carers, and fill in smokes, dogs, cats and own_children."
        findings.warnings.append(wrong_heading("households", "features", problem, fix))
    found, odd = alike.one_team(found, table.sheet.heading)
    findings.warnings.extend(odd)
    return found, frozenset(as_before)


def _advice_without_answer(table: Table) -> Iterator[Fault]:
    """In a table that has no column for what the legal advice was, its day answers nothing."""
    dated = sorted(row.request_id for _, row in table.rows if row.legal_advice_on is not None)
    if dated and "legal_advice" not in table.sheet.cells:
        named = ", ".join(dated[:20]) + (", …" if len(dated) > 20 else "")
        problem = (
            "The table says on which day legal advice was given, not what it was, so it answers "
            f"nothing in screening: {named}."
        )
        yield wrong_heading("requests", "legal_advice", problem, "Add the column legal_advice.")


def _with_authority(household: Household) -> Household:
    if household.local_authority is not None:
        return household
    derived = outcodes()[household.postcode].authority
    return replace(household, local_authority=derived)
