"""Check the tables against each other and the day, and gather them into clean input."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, cast

from matcher.codes import PAIR_GATES, RELATIONSHIPS
from matcher.errors import Fault, wrong_cell
from matcher.geo import outcodes, outward
from matcher.intake.cells import shown
from matcher.intake.files import Findings, Sheet
from matcher.intake.inputs import NOES, Inputs, Pair, fingerprint, is_pin
from matcher.intake.rows import (
    TABLES,
    Carer,
    Decision,
    Household,
    KeepApart,
    Relationship,
    Request,
    RiskAssessment,
    Step,
    columns_of,
)
from matcher.intake.settings import RoundSettings

ADULT = 18
LONGEST_PREGNANCY, LONG_PAST = 42 * 7, 183  # days
KEYS = {"requests": "request_id", "households": "household_id", "carers": "carer_id"}
HAPPENED = {
    "requests": ("received_on",),
    "decisions": ("decided_on",),
    "risk_assessments": (
        "child_social_worker_on",
        "supervising_social_worker_on",
        "safe_caring_on",
    ),
    "steps": ("on",),
}
POINTERS = {
    "carers": {"household_id": "households"},
    "relationships": {"request_id": "requests", "household_id": "households"},
    "risk_assessments": {"request_id": "requests", "household_id": "households"},
    "decisions": {"request_id": "requests", "household_id": "households"},
    "keep_apart": {"request_id": "requests", "other_request_id": "requests"},
    "steps": {"request_id": "requests", "household_id": "households"},
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
    tables: dict[str, Table], as_of: date | None, settings: RoundSettings, findings: Findings
) -> Inputs | None:
    """The clean input, or None where something is wrong with it."""
    for table in tables.values():
        findings.faults.extend(_pointers(table, tables))
        check(table, as_of, findings)
    if as_of is not None and "decisions" in tables:
        table = tables["decisions"]
        findings.faults.extend(table.as_typed(fault) for fault in _decisions(tables, as_of))
    if findings.faults or as_of is None:
        return None
    return _inputs(tables, as_of, settings, findings)


def check(table: Table, as_of: date | None, findings: Findings) -> None:
    """Add what is wrong with a table by itself, and what is odd about it."""
    faults = [*_repeated(table), *_of_rows(table)]
    odd = [*_no_place(table), *_odd(table)]
    if as_of is not None:
        faults += _dated_ahead(table, as_of)
        if table.name == "requests":
            faults += _birthdays(table, as_of)
        odd += _overtaken(table, as_of)
    findings.faults.extend(table.as_typed(fault) for fault in faults)
    findings.warnings.extend(table.as_typed(fault) for fault in odd)
    findings.warnings.extend(_odd_ids(table))


def _of_rows(table: Table) -> Iterator[Fault]:
    """What is wrong with one row alone."""
    for number, row in table.rows:
        if table.name == "requests":
            yield from _request(number, row, table.unread.get(number, set()))
        if table.name == "keep_apart":
            yield from _same_family(number, row)
        if table.name == "steps":
            yield from _step(number, row, table.unread.get(number, set()))


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


def _plain_id(name: str) -> str:
    """An id without what people vary: case, spaces, signs, and zeros before a number."""
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", re.sub(r"[\W_]", "", name).casefold())


def _unknown(
    table: str, column: str, target: str, known: set[str], found: list[tuple[int, str]]
) -> Iterator[Fault]:
    unknown = [each for each in found if each[1] not in known]
    alike = {_plain_id(name): name for name in sorted(known)} if unknown else {}
    for number, name in unknown:
        # Only another way to write the same id is named: a near one is another family's.
        same = alike.get(_plain_id(name))
        fix = f"Did you mean {same}?" if same else f"Add it to {target}, or write the id meant."
        yield wrong_cell(table, number, column, shown(name), f"{target} has no such id.", fix)


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
            "carers", number, "approved", "", problem, "Ask the fostering panel's minutes."
        )


def _same_family(number: int, row: KeepApart) -> Iterator[Fault]:
    if row.request_id is not None and row.request_id == row.other_request_id:
        problem, fix = "A family can't be kept apart from itself.", "Name two requests."
        yield wrong_cell(
            "keep_apart", number, "other_request_id", row.other_request_id, problem, fix
        )


def _step(number: int, row: Step, unread: set[str]) -> Iterator[Fault]:
    """What contradicts itself in a step: whose gate it is, who accepts, and until when."""
    if row.gate is not None and "household_id" not in unread:
        of_pair = row.gate in PAIR_GATES
        if of_pair and row.household_id is None:
            problem = "This gate belongs to one household: which one is not said."
            yield wrong_cell(
                "steps", number, "household_id", "", problem, "Write the household's id."
            )
        if not of_pair and row.household_id is not None:
            problem = "This gate holds whatever the household."
            fix = "Leave household_id blank."
            yield wrong_cell("steps", number, "household_id", row.household_id, problem, fix)
    if row.status == "accepted" and row.by is None and "by" not in unread:
        problem = "Somebody has to answer for what is accepted."
        yield wrong_cell(
            "steps", number, "by", "", problem, "Write the role, such as team manager."
        )
    if None not in (row.on, row.until) and row.until < row.on:  # type: ignore[operator]
        problem = f"It is before the day of the step, {row.on.isoformat()}."
        yield wrong_cell("steps", number, "until", str(row.until), problem, "Check both dates.")


def _open_ids(tables: dict[str, Table]) -> set[str]:
    rows = tables["requests"].rows if "requests" in tables else ()
    return {row.request_id for _, row in rows if row.status == "open"}


def _latest(tables: dict[str, Table]) -> dict[Pair, tuple[int, Decision]]:
    """The decision of each pair's latest day; of equal rows, the same one in any order."""
    by_pair: dict[Pair, list[tuple[int, Decision]]] = defaultdict(list)
    for number, row in tables["decisions"].rows if "decisions" in tables else ():
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
    return row.decision, row.started_on, row.ended_on


def _decisions(tables: dict[str, Table], as_of: date) -> Iterator[Fault]:
    days: dict[tuple[object, ...], tuple[int, Decision]] = {}
    for number, row in tables["decisions"].rows:
        key = row.request_id, row.household_id, row.decided_on
        if None in (*key, row.decision):
            continue
        first_number, first = days.setdefault(key, (number, row))
        if _says(first) != _says(row):
            problem = f"Row {first_number} records something else for this pair on the same day."
            fix = "Keep the decision that counts."
            yield wrong_cell("decisions", number, "decision", row.decision, problem, fix)
    open_ids, latest = _open_ids(tables), _latest(tables)
    for side, other, column in ((0, 1, "household_id"), (1, 0, "request_id")):
        held: dict[str, tuple[int, str]] = {}
        for pair, (number, decision) in sorted(latest.items(), key=lambda i: i[1][0]):
            if not is_pin(decision, as_of) or pair[0] not in open_ids:
                continue
            first_number, first_other = held.setdefault(pair[side], (number, pair[other]))
            if first_other != pair[other]:
                problem = f"{pair[side]} is already held for {first_other} (row {first_number})."
                fix = "One household takes one family: keep one of the two decisions."
                yield wrong_cell("decisions", number, column, pair[other], problem, fix)


def _inputs(
    tables: dict[str, Table], as_of: date, settings: RoundSettings, findings: Findings
) -> Inputs:
    def rows(name: str) -> list[Any]:
        return [row for _, row in tables[name].rows] if name in tables else []

    open_ids = _open_ids(tables)
    requests = [row for row in rows("requests") if row.status == "open"]
    households = [_with_authority(row) for row in rows("households")]
    carers: dict[str, list[Carer]] = defaultdict(list)
    for carer in sorted(rows("carers"), key=lambda row: row.carer_id):
        carers[carer.household_id].append(carer)
    of_open = {
        name: [row for row in rows(name) if row.request_id in open_ids]
        for name in ("relationships", "risk_assessments", "decisions", "keep_apart", "steps")
    }
    of_open["keep_apart"] = [r for r in of_open["keep_apart"] if r.other_request_id in open_ids]
    relationships: dict[Pair, str] = {}
    for row in cast(list[Relationship], of_open["relationships"]):
        pair = row.request_id, row.household_id
        kinds = [row.kind, *([relationships[pair]] if pair in relationships else [])]
        relationships[pair] = min(kinds, key=list(RELATIONSHIPS).index)
    risks: dict[Pair, list[RiskAssessment]] = defaultdict(list)
    for risk in sorted(of_open["risk_assessments"], key=lambda row: row.canonical()):
        risks[risk.request_id, risk.household_id].append(risk)
    steps: dict[tuple[str, str | None], dict[str, Step]] = defaultdict(dict)
    # Of several steps of a gate the latest counts.
    for step in sorted(of_open["steps"], key=lambda row: (row.on, row.canonical())):
        steps[step.request_id, step.household_id][step.gate] = step
    of_all = _latest(tables)
    latest = {pair: found for pair, found in of_all.items() if pair[0] in open_ids}
    noes = [decision for _, decision in of_all.values() if decision.decision in NOES]
    return Inputs(
        as_of=as_of,
        title=settings.title,
        authority=settings.authority,
        requests=tuple(sorted(requests, key=lambda row: row.request_id)),
        households=tuple(sorted(households, key=lambda row: row.household_id)),
        carers={household: tuple(found) for household, found in sorted(carers.items())},
        relationships=dict(sorted(relationships.items())),
        risk_assessments={pair: tuple(found) for pair, found in sorted(risks.items())},
        decisions={pair: decision for pair, (_, decision) in latest.items()},
        decision_rows={pair: number for pair, (number, _) in latest.items()},
        decision_log=tuple(sorted(rows("decisions"), key=lambda row: row.canonical())),
        steps=dict(steps),
        keep_apart=tuple(sorted(of_open["keep_apart"], key=lambda row: row.canonical())),
        warnings=tuple(sorted(dict.fromkeys(findings.warnings), key=Fault.order)),
        sha256=fingerprint(
            {"requests": requests, "households": households, "carers": rows("carers"), **of_open}
        ),
        noes=tuple(
            sorted(noes, key=lambda row: (row.household_id, row.decided_on, row.request_id))
        ),
    )


def _with_authority(household: Household) -> Household:
    if household.local_authority is not None:
        return household
    derived = outcodes()[household.postcode].authority
    return replace(household, local_authority=derived)
